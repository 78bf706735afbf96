"""The kept assessment: worked out once by a worker, read in slices by the doors that answer at once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from forgecast.app.doors.door import Call, Door, Way
from forgecast.app.doors.rules.forms import AsOf, AssessmentAnswer, Told
from forgecast.app.doors.rules.settle import settling
from forgecast.app.report.card import urgency
from forgecast.app.server.refusals import ConflictError
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right
from forgecast.tasks.assess_plant import WORD_ORDER, assess_plant
from forgecast.tasks.find_verdict import no_verdict

#: Assessments held in memory: of the few plants and days that are looked at together.
_HELD = 3


class NotAssessedError(ConflictError):
    """A slice is asked of an assessment that nobody has asked for yet."""

    code = "not-worked-out"

    def __init__(self) -> None:
        super().__init__(
            text("the plant has not been assessed as of this day"),
            repair=text("ask for `rules/assessment` first; the slices of it can be read from then on"),
        )


def _assess(call: Call, question: AsOf) -> Mapping[str, Any]:
    assessment = assess_plant(call.plant, at=question.at, progress=call.progress)
    told = assessment.as_json()
    # The most urgent first: whoever reads a slice need not sort it again.
    ordered = sorted(assessment.verdicts, key=lambda one: (WORD_ORDER.index(one.word), urgency(one)))
    return told | {"verdicts": [verdict.as_json() for verdict in ordered]}


ASSESSMENT = Door(
    area="rules",
    name="assessment",
    sentence=text("Judge the plant: every verdict with its tree, key figures, findings and sources."),
    right=Right.SEE,
    way=Way.FIGURE,
    asks=AsOf,
    answers=AssessmentAnswer,
    run=_assess,
)


@dataclass(frozen=True, slots=True)
class KeptAssessment:
    """A kept assessment and what is looked up in it often.

    Parameters
    ----------
    told : Told
        In the published form.
    by_id : mapping of str to Told
        Verdicts.
    titles : mapping of str to Told
        Titles of the books.
    searched : tuple of str
        Of each verdict in order: what a search looks through, in small letters.
    counted : Told
        How many verdicts of each word, by force and book too, subjects, and findings by severity.
    open : list of Told
        What would settle what is not known (`settling`).
    as_of_us : int
    fresh : bool
    """

    told: Told
    by_id: Mapping[str, Told]
    titles: Mapping[str, Told]
    searched: tuple[str, ...]
    counted: Told
    open: list[Told]
    as_of_us: int
    fresh: bool

    def verdict(self, name: str) -> Told:
        """Return a verdict by its full name.

        Raises
        ------
        ForgecastError
            If there is none; the nearest names are given.
        """
        found = self.by_id.get(name)
        if found is None:
            raise no_verdict(name, self.by_id)
        return found

    def head(self) -> Told:
        """Return what every slice says of itself."""
        worked_out = datetime.fromtimestamp(self.as_of_us / 1e6, UTC)
        return {
            "at": self.told["at"],
            "period": self.told["period"],
            "synthetic": self.told["plant"]["synthetic"],
            "as_of_at": f"{worked_out:%Y-%m-%dT%H:%M:%SZ}",
            "fresh": self.fresh,
        }


def kept_assessment(call: Call, question: AsOf) -> KeptAssessment:
    """Return the kept assessment of a plant as of a day; an older one says so.

    Raises
    ------
    NotAssessedError
        If there is none.
    """
    kept = call.kept(ASSESSMENT, AsOf(at=question.at))
    if kept is None:
        raise NotAssessedError
    return replace(_read(kept.path, kept.as_of_us), fresh=kept.fresh)


@lru_cache(maxsize=_HELD)
def _read(path: Path, as_of_us: int) -> KeptAssessment:
    told: Told = json.loads(path.read_bytes())
    by_id = {verdict["id"]: verdict for verdict in told["verdicts"]}
    titles = {one["id"]: one["what"] for one in told["citations"]}
    searched = tuple(
        " ".join((v["id"], v["subject"]["name"], v["title"]["en"], v["title"]["zh"], v["figure"]["name"])).lower()
        for v in told["verdicts"]
    )
    open_ = settling(told["verdicts"], titles)
    return KeptAssessment(told, by_id, titles, searched, _counted(told, titles), open_, as_of_us, fresh=True)


def _counted(told: Told, titles: Mapping[str, Told]) -> Told:
    forces: dict[str, Counter[str]] = {}
    books: dict[str, Counter[str]] = {}
    subjects: dict[tuple[str, str], Told] = {}
    for one in told["verdicts"]:
        forces.setdefault(one["force"], Counter())[one["word"]] += 1
        books.setdefault(one["book"], Counter())[one["word"]] += 1
        subjects.setdefault((one["subject"]["kind"], one["subject"]["id"]), one["subject"])
    return {
        "words": dict(Counter(one["word"] for one in told["verdicts"])),
        "forces": {name: dict(counts) for name, counts in forces.items()},
        "books": [{"id": name, "title": titles.get(name), "words": dict(c)} for name, c in sorted(books.items())],
        "subjects": [subjects[key] for key in sorted(subjects)],
        "findings": dict(Counter(one["severity"] for one in told["findings"])),
    }
