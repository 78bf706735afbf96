"""Compare two assessments: what became met, not met or known, which figures moved, which books changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.rules.verdict import Word
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.assess_plant import assess_plant
from forgecast.tasks.assessment import JSON_VERSION

#: An assessment in its published JSON form (`docs/reference/json.md`).
Told = Mapping[str, Any]
#: A sentence as JSON holds it: ``{"en": …, "zh": …}``.
Said = Mapping[str, str]

#: Kinds of change in the order in which they matter.
BECAME = ("not_met", "partly", "not_known", "met", "not_applicable", "appeared", "gone", "limit")
_KINDS = {
    Word.NOT_MET: "not_met",
    Word.PARTLY: "partly",
    Word.NOT_KNOWN: "not_known",
    Word.MET: "met",
    Word.NOT_APPLICABLE: "not_applicable",
}
#: Relative difference below which two figures are the same: the last bits of sums taken in another order.
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class WordChange:
    """A verdict whose word or limit is another one.

    Parameters
    ----------
    id : str
    kind : str
        One of `BECAME`.
    title : Said
    before, after : str
        Words; empty where there was no such verdict.
    limit_before, limit_after : str
        With comparison, unit and layer; empty where there was none.
    """

    id: str
    kind: str
    title: Said
    before: str
    after: str
    limit_before: str
    limit_after: str


@dataclass(frozen=True, slots=True)
class FigureMove:
    """A figure of both assessments that is another number, or is known in one only."""

    id: str
    title: Said
    unit: str
    before: float | None
    after: float | None

    @property
    def relative(self) -> float | None:
        """Return the change as a share of the first value; None where that cannot be told."""
        if self.before is None or self.after is None or self.before == 0.0:
            return None
        return self.after / self.before - 1.0


@dataclass(frozen=True, slots=True)
class BookChange:
    """A book that both stand on in another edition or content, or that only one stands on."""

    id: str
    title: Said
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Side:
    """Which assessment one side is."""

    plant: str
    name: str
    at: str
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Compared:
    """What two assessments differ in.

    Parameters
    ----------
    before, after : Side
    same : int
        Verdicts that are alike in both.
    verdicts : tuple of WordChange
        The worst first.
    figures : tuple of FigureMove
        The largest relative change first.
    books : tuple of BookChange
    """

    before: Side
    after: Side
    same: int
    verdicts: tuple[WordChange, ...]
    figures: tuple[FigureMove, ...]
    books: tuple[BookChange, ...]

    def as_json(self) -> dict[str, object]:
        """Return it as the command line shows it."""
        return {
            "ok": True,
            "before": _side_json(self.before),
            "after": _side_json(self.after),
            "same": self.same,
            "verdicts": [
                {
                    "id": c.id, "became": c.kind, "title": dict(c.title), "before": c.before, "after": c.after,
                    "limit_before": c.limit_before, "limit_after": c.limit_after,
                }
                for c in self.verdicts
            ],
            "figures": [
                {
                    "id": f.id, "title": dict(f.title), "unit": f.unit, "before": f.before, "after": f.after,
                    "relative": f.relative,
                }
                for f in self.figures
            ],
            "books": [
                {"id": b.id, "title": dict(b.title), "before": b.before, "after": b.after} for b in self.books
            ],
        }  # fmt: skip


def _side_json(side: Side) -> dict[str, object]:
    return {
        "plant": {"id": side.plant, "name": side.name},
        "at": side.at,
        "period": {"start": side.start, "end": side.end},
    }


def assessment_of(source: str, *, progress: Callable[[float], None] | None = None) -> Told:
    """Return an assessment from a JSON file that `forgecast assess --json` wrote, or by assessing a plant folder.

    Parameters
    ----------
    source : str
        File or folder; ``my-plant@2025-12-31`` judges the plant as of that day.
    progress : callable or None

    Raises
    ------
    ForgecastError
        If there is no such file or folder, the file is no assessment, or it has a form this program does not know.
    """
    path, at = Path(source), None
    if not path.exists():
        place, sign, day = source.rpartition("@")
        try:
            path, at = (Path(place), date.fromisoformat(day)) if sign else (path, None)
        except ValueError:
            raise ForgecastError(
                text("{value} is no date", value=day), repair=text("write PLANT@YYYY-MM-DD, as in my-plant@2025-12-31")
            ) from None
    if path.is_dir():
        with PlantFolder.open(path) as folder:
            return assess_plant(folder, at=at, progress=progress).as_json()
    if not path.is_file():
        raise ForgecastError(
            text("there is neither a file nor a folder {path}", path=str(path)),
            repair=text(
                "give a plant folder, PLANT@YYYY-MM-DD, or a file written with `forgecast assess PLANT --json`"
            ),
        )
    return _read(path)


def _read(path: Path) -> Told:
    try:
        told = json.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError):
        told = None
    if not isinstance(told, dict) or not {"json_version", "verdicts", "figures", "citations"} <= set(told):
        raise ForgecastError(
            text("the file is no assessment"),
            where=str(path),
            repair=text("write one with `forgecast assess PLANT --json > FILE`"),
        )
    if told["json_version"] != JSON_VERSION:
        raise ForgecastError(
            text("the file is of form {found}; this Forgecast knows {known}", found=str(told["json_version"]),
                 known=JSON_VERSION),
            where=str(path),
            repair=text("assess the plant again with this version"),
        )  # fmt: skip
    return told


def compare_assessments(before: Told, after: Told) -> Compared:
    """Return what two assessments differ in; they may be of one plant on two days, or of two plants.

    Parameters
    ----------
    before, after : mapping
        In the published JSON form.
    """
    old, new = ({verdict["id"]: verdict for verdict in told["verdicts"]} for told in (before, after))
    names = [*new, *(name for name in old if name not in new)]
    changes = [change for name in names if (change := _change(name, old.get(name), new.get(name))) is not None]
    changes.sort(key=lambda change: BECAME.index(change.kind))
    return Compared(
        _side(before),
        _side(after),
        len(names) - len(changes),
        tuple(changes),
        tuple(_moves(before["figures"], after["figures"])),
        tuple(_books(before, after)),
    )


def _side(told: Told) -> Side:
    return Side(told["plant"]["id"], told["plant"]["name"], told["at"], told["period"]["start"], told["period"]["end"])


def _change(name: str, old: Told | None, new: Told | None) -> WordChange | None:
    before, after = ("" if one is None else one["word"] for one in (old, new))
    limits = [_limit(one) for one in (old, new)]
    if before == after and limits[0] == limits[1]:
        return None
    if not before or not after:
        kind = "appeared" if after else "gone"
    else:
        kind = _KINDS[Word(after)] if before != after else "limit"
    said = (new or old or {})["title"]
    return WordChange(name, kind, said, before, after, *limits)


def _limit(verdict: Told | None) -> str:
    limit = None if verdict is None else verdict["limit"]
    if limit is None or limit["value"] is None:
        return ""
    return f"{limit['comparison']} {limit['value']:g} {limit['unit']} ({limit['layer']})"


def _moves(before: Sequence[Told], after: Sequence[Told]) -> list[FigureMove]:
    old = {(figure["id"], figure["unit"]): figure for figure in before}
    found = []
    for figure in after:
        other = old.get((figure["id"], figure["unit"]))
        if other is None:
            continue
        a, b = other["value"], figure["value"]
        if a == b or (a is not None and b is not None and abs(b - a) <= _SAME * max(abs(a), abs(b))):
            continue
        found.append(FigureMove(figure["id"], figure["title"], figure["unit"], a, b))
    # A figure that came or went is the largest of changes.
    return sorted(found, key=lambda move: -abs(move.relative) if move.relative is not None else float("-inf"))


def _books(before: Told, after: Told) -> list[BookChange]:
    old, new = (_cited(told) for told in (before, after))
    found = []
    for name in dict.fromkeys([*old, *new]):
        sides = [one.get(name) for one in (old, new)]
        words = [
            "" if side is None else f"{side['edition']} · {side['source']['en'].rpartition(' · ')[2]}" for side in sides
        ]
        if words[0] != words[1]:
            found.append(BookChange(name, (sides[1] or sides[0] or {})["what"], *words))
    return found


def _cited(told: Told) -> dict[str, Told]:
    """Return the citations that are rulebooks: those that carry the digest of their rules."""
    return {one["id"]: one for one in told["citations"] if "SHA-256" in one["source"]["en"]}
