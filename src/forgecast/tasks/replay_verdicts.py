"""Replay a plant's verdicts: note the facts they stand on, judge the note again, and compare byte for byte."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from forgecast.rules.replay import recorded, replayed, verdicts_json
from forgecast.rules.verdict import Verdict, Word
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.judge_plant import judge_plant
from forgecast.tasks.plant_view import PlantView, period_of

#: Name of the book `judge_plant` makes of permit limits beside the law.
PERMIT_BOOK = "permit"


@dataclass(frozen=True, slots=True)
class Replay:
    """How a replay came out.

    Parameters
    ----------
    at : date
    verdicts : int
    size : int
        Of the verdicts as canonical JSON [bytes].
    first, again : str
        SHA-256 of the verdicts as judged, and as judged again from the note of their facts.
    books : tuple of (str, str, str)
        Id, version and digest of the books.
    """

    at: date
    verdicts: int
    size: int
    first: str
    again: str
    books: tuple[tuple[str, str, str], ...]

    @property
    def same(self) -> bool:
        """Return whether every byte is the same."""
        return self.first == self.again

    def as_json(self) -> dict[str, object]:
        """Return the JSON answer."""
        return {
            "at": self.at.isoformat(),
            "verdicts": self.verdicts,
            "same": self.same,
            "bytes": self.size,
            "sha256": self.first,
            "sha256_again": self.again,
            "books": [{"id": name, "version": version, "digest": digest} for name, version, digest in self.books],
        }


def replay_verdicts(
    folder: PlantFolder, *, at: date | None = None, progress: Callable[[float], None] | None = None
) -> Replay:
    """Judge a plant, write down all its verdicts stand on, and judge what is written down.

    Parameters
    ----------
    folder : PlantFolder
    at : date or None
        As `forgecast.tasks.assess_plant.assess_plant`.
    progress : callable or None
        Told the fraction done.
    """
    tell = progress or (lambda _done: None)
    period, day = period_of(folder, at)
    judged = judge_plant(PlantView(folder, period, day), progress=lambda done: tell(0.5 * done))
    note = recorded(judged.books, judged.facts.base, judged.policy)
    tell(0.7)
    first = verdicts_json(judged.verdicts)
    again = verdicts_json(filter(_counts, replayed(note, judged.books)))
    tell(1.0)
    return Replay(
        day,
        len(judged.verdicts),
        len(first.encode("utf-8")),
        _digest(first),
        _digest(again),
        tuple((book.id, book.version, book.digest) for book in judged.books),
    )


def _counts(verdict: Verdict) -> bool:
    """Return whether a verdict counts: the permit's own book speaks only where it applies."""
    return verdict.book != PERMIT_BOOK or verdict.word is not Word.NOT_APPLICABLE


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8")).hexdigest()
