"""Evidence: what the plant's own records show of a question, what it claims, and how the two agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from forgecast.ground.dates import Period
from forgecast.ground.tables import read_table
from forgecast.ground.texts import Text, bilingual, text, verbatim
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks import evidence_of_quality, evidence_of_works
from forgecast.tasks.evidence_shown import Shown
from forgecast.tasks.plant_view import PlantView, period_of

#: Claims and what is shown agree within this much of the whole.
AGREES_WITHIN = 0.1
#: The book a claim names when it answers a question of evidence itself.
OWN_BOOK = "evidence"

GATHERERS: Mapping[str, Callable[[PlantView], Shown]] = {**evidence_of_quality.GATHERERS, **evidence_of_works.GATHERERS}


class Agreement(StrEnum):
    """How a claim and the records agree."""

    AGREES = "agrees"
    CLAIMED_HIGHER = "claimed higher than shown"
    SHOWN_HIGHER = "shown higher than claimed"
    ONLY_SHOWN = "only shown"
    ONLY_CLAIMED = "only claimed"
    NOT_SHOWN = "not shown"
    NOT_KNOWN = "not known"


AGREEMENT_TEXTS: dict[Agreement, Text] = {
    Agreement.AGREES: bilingual("agrees", "一致"),
    Agreement.CLAIMED_HIGHER: bilingual("claimed higher than shown", "申报高于佐证"),
    Agreement.SHOWN_HIGHER: bilingual("shown higher than claimed", "佐证高于申报"),
    Agreement.ONLY_SHOWN: bilingual("shown, not claimed", "有佐证，未申报"),
    Agreement.ONLY_CLAIMED: bilingual("claimed, not shown", "仅申报，无佐证"),
    Agreement.NOT_SHOWN: bilingual("not shown, not claimed", "无佐证，未申报"),
    Agreement.NOT_KNOWN: bilingual("not known", "无法判定"),
}


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody says of a question: degree 0 to 1, when, who, and the row."""

    degree: float
    answered_on: date | None
    answered_by: str
    evidence: str
    place: str

    def as_json(self) -> dict[str, object]:
        """Return the claim as every JSON answer shows it."""
        return {
            "degree": self.degree,
            "answered_on": None if self.answered_on is None else self.answered_on.isoformat(),
            "answered_by": self.answered_by,
            "evidence": self.evidence,
            "place": self.place,
        }


@dataclass(frozen=True, slots=True)
class Evidence:
    """One question with what is shown and what is claimed.

    Parameters
    ----------
    id : str
    title : Text
    shown : Shown
    fresh_days : int or None
        How old the newest row may be to count as present use; None where age does not matter.
    age_days : int or None
        Age of the newest row on the day judged.
    claim : Claim or None
    agreement : Agreement
    proof : Text
        What would prove it.
    """

    id: str
    title: Text
    shown: Shown
    fresh_days: int | None
    age_days: int | None
    claim: Claim | None
    agreement: Agreement
    proof: Text

    @property
    def fresh(self) -> bool | None:
        """Return whether the newest row is young enough; None where there is no row or age does not matter."""
        return None if self.fresh_days is None or self.age_days is None else self.age_days <= self.fresh_days

    @property
    def degree(self) -> float | None:
        """Return how far the records show it, 0 to 1: rows that are too old show nothing of today; None: not known."""
        if self.shown.degree is None:
            return None
        return 0.0 if self.fresh is False else self.shown.degree

    def as_json(self) -> dict[str, object]:
        """Return the evidence as every JSON answer shows it."""
        return {
            "id": self.id,
            "title": self.title.as_json(),
            "looked_at": self.shown.looked_at.as_json(),
            "figure": self.shown.figure.as_json(),
            "degree_shown": self.degree,
            "newest": None if self.shown.newest is None else self.shown.newest.isoformat(),
            "age_days": self.age_days,
            "fresh_days": self.fresh_days,
            "fresh": self.fresh,
            "rows": list(self.shown.rows),
            "row_count": self.shown.row_count,
            "claim": None if self.claim is None else self.claim.as_json(),
            "agreement": str(self.agreement),
            "would_prove_it": self.proof.as_json(),
        }


@dataclass(frozen=True, slots=True)
class EvidenceAnswer:
    """All evidence of a plant on one day."""

    plant: str
    at: date
    items: tuple[Evidence, ...]

    def as_json(self) -> dict[str, object]:
        """Return the JSON answer."""
        return {
            "ok": True,
            "plant": self.plant,
            "at": self.at.isoformat(),
            "evidence": [item.as_json() for item in self.items],
        }


def evidence_of_plant(folder: PlantFolder, *, at: date | None = None) -> EvidenceAnswer:
    """Look through a plant's records for all questions of evidence.

    Parameters
    ----------
    folder : PlantFolder
    at : date or None
        None means the day of the plant's last record or reading.

    Raises
    ------
    ForgecastError
        If the plant holds nothing with a date.
    """
    view = evidence_view(folder, at)
    return EvidenceAnswer(folder.settings.name, view.at, gathered_evidence(view))


def evidence_view(folder: PlantFolder, at: date | None) -> PlantView:
    """Return the twelve months up to and with the day: what is in use today stands in the month that is not over.

    Raises
    ------
    ForgecastError
        As `evidence_of_plant`.
    """
    _, day = period_of(folder, at)
    month = day.year * 12 + day.month - 12  # that of eleven months before
    return PlantView(folder, Period(date(month // 12, month % 12 + 1, 1), day + timedelta(days=1)), day)


def gathered_evidence(view: PlantView) -> tuple[Evidence, ...]:
    """Return the evidence of each question, as of the day of the view."""
    table = read_table("evidence_question")
    claims = _claims(view)
    found = []
    for row in table:
        shown = GATHERERS[row["id"]](view) if row["id"] in GATHERERS else _not_derivable()
        fresh = table.number(row, "fresh_days")
        age = None if shown.newest is None else max((view.at - shown.newest).days, 0)
        names = (f"{OWN_BOOK}/{row['id']}", *filter(None, row["claims"].split(";")))
        claim = next((claims[name] for name in names if name in claims), None)
        stale = fresh is not None and age is not None and age > fresh
        found.append(
            Evidence(
                row["id"],
                bilingual(row["en"], row["zh"]),
                shown,
                None if fresh is None else int(fresh),
                age,
                claim,
                reconciled(0.0 if stale and shown.degree is not None else shown.degree, claim),
                bilingual(row["proof_en"], row["proof_zh"]),
            )
        )
    return tuple(found)


def reconciled(shown: float | None, claim: Claim | None) -> Agreement:
    """Return how a degree shown and a claim agree."""
    if shown is None:
        return Agreement.NOT_KNOWN if claim is None else Agreement.ONLY_CLAIMED
    if claim is None:
        return Agreement.ONLY_SHOWN if shown > 0 else Agreement.NOT_SHOWN
    if abs(claim.degree - shown) <= AGREES_WITHIN + 1e-9:
        return Agreement.AGREES
    return Agreement.CLAIMED_HIGHER if claim.degree > shown else Agreement.SHOWN_HIGHER


def _not_derivable() -> Shown:
    return Shown(None, text("no record can show it"), verbatim("—"), None)


def _claims(view: PlantView) -> dict[str, Claim]:
    """Return the newest claim of each ``book/requirement`` given by the day judged."""
    found: dict[str, Claim] = {}
    for row in view.rows("claim"):
        day = row.day("answered_on")
        if day is not None and day > view.at:
            continue
        name = f"{row.text('book')}/{row.text('requirement')}"
        before = found.get(name)
        if before is None or (before.answered_on or date.min) <= (day or date.min):
            found[name] = Claim(row.number_of("degree"), day, row.text("answered_by"), row.text("evidence"), row.place)
    return found
