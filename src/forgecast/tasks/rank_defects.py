"""Rank defects: which take most pieces, what class they are of, and what has grown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from forgecast.ground.dates import day_start_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.quality.scrap import Pareto, pareto, pareto_change
from forgecast.tasks.defect_classes import DefectClass, class_of, classes
from forgecast.tasks.read_watched import read_watched
from forgecast.tasks.watched import Wanted, Watched

#: Records that name defects, and the field that says how many pieces have them.
COUNTED_IN = {"piece": "piece.result", "inspection": "inspection.count_bad", "nonconformity": "nonconformity.count"}


@dataclass(frozen=True, slots=True)
class RankedDefect:
    """One line of a ranking.

    Parameters
    ----------
    name : str
        Defect, or word of the field ranked by.
    known : DefectClass or None
        Its class, where defects or classes are ranked.
    count : int
        Pieces.
    share, cumulative : float
        Of the pieces with a name [1].
    before : float or None
        Share in the time before, where two are compared.
    """

    name: str
    known: DefectClass | None
    count: int
    share: float
    cumulative: float
    before: float | None

    def as_json(self) -> dict[str, object]:
        """Return the line."""
        return {
            "name": self.name,
            "class": None if self.known is None else self.known.code,
            "class_title": None if self.known is None else self.known.title.as_json(),
            "class_confidence": None if self.known is None else self.known.source.confidence,
            "count": self.count,
            "share": self.share,
            "cumulative": self.cumulative,
            "share_before": self.before,
        }


@dataclass(frozen=True, slots=True)
class RankedDefects:
    """Defects in the order in which they matter.

    Parameters
    ----------
    source : str
    by : str
    rows : tuple of RankedDefect
    unnamed : int
        Bad pieces without a name on record; they are in no share.
    chance : float or None
        Probability that chance alone makes both times differ so; None where nothing is compared.
    grew : tuple of str
        What grew most, most first, where chance does not explain it.
    synthetic : bool
    notes : tuple of Text
    """

    source: str
    by: str
    rows: tuple[RankedDefect, ...]
    unnamed: int
    chance: float | None
    grew: tuple[str, ...]
    synthetic: bool
    notes: tuple[Text, ...]

    @property
    def total(self) -> int:
        """Return the bad pieces with a name."""
        return sum(row.count for row in self.rows)

    def as_json(self) -> dict[str, object]:
        """Return the ranking with both languages inside."""
        return {
            "source": self.source,
            "by": self.by,
            "synthetic": self.synthetic,
            "total": self.total,
            "unnamed": self.unnamed,
            "rows": [row.as_json() for row in self.rows],
            "chance": self.chance,
            "grew": list(self.grew),
            "notes": [note.as_json() for note in self.notes],
        }


def rank_defects(
    source: Path,
    *,
    by: str = "defect",
    record: str = "piece",
    count: str = "",
    compare: date | None = None,
    wanted: Wanted | None = None,
    surprise: float = 0.05,
) -> RankedDefects:
    """Rank defects of a plant or a file by the pieces they take.

    Parameters
    ----------
    source : Path
        Plant folder, or a file with headers.
    by : str
        ``defect``, ``class``, or any field that bad pieces have: product, die, heat …
    record : str
        Record of a plant in which bad pieces are counted: a key of `COUNTED_IN`.
    count : str
        Column of a file that says how many pieces a row stands for; empty for one.
    compare : date or None
        Day that parts before from after; the ranking is that of after.
    wanted : Wanted or None
        Days and conditions.
    surprise : float
        Probability from which down a change is not put down to chance.

    Raises
    ------
    ForgecastError
        If no bad piece is on record, or the file has no time to compare by.
    """
    asked = wanted or Wanted(())
    watched = _bad_pieces(source, by, record, count, asked)
    names = _names(watched, "defect" if by == "class" else by, as_class=by == "class")
    pieces = watched.weights
    grew: tuple[str, ...] = ()
    before, chance, notes = None, None, watched.notes
    if compare is None:
        ranking = pareto(names, pieces=pieces)
    else:
        after = _after(watched, compare)
        ranking = pareto(names[after], pieces=pieces[after])
        before = pareto(names[~after], pieces=pieces[~after])
        chance, grown = pareto_change(before, ranking)
        grew = grown if chance < surprise else ()
        if (pieces > 1.0).any():
            notes = (*notes, text("pieces of one batch are taken as independent; if they fail together, chance is "
                                  "likelier than said"))  # fmt: skip
    return RankedDefects(
        source=watched.source,
        by=by,
        rows=_rows(ranking, before, by, in_file=not source.is_dir()),
        unnamed=ranking.unnamed,
        chance=chance,
        grew=grew,
        synthetic=watched.synthetic,
        notes=notes,
    )


def _bad_pieces(source: Path, by: str, record: str, count: str, wanted: Wanted) -> Watched:
    """Return one row for each row with bad pieces, its weight their number."""
    label = "defect" if by == "class" else by
    labels = tuple(dict.fromkeys((label, *wanted.labels)))
    if not source.is_dir():
        watched = read_watched(source, replace(wanted, fields=(count,) if count else (), labels=labels))
        if not count:
            return watched
        return _weighted(watched, watched.columns[0].values)
    if record not in COUNTED_IN:
        raise ForgecastError(
            text("bad pieces are not counted in the record {record}", record=record),
            repair=text("use one of: {names}", names=", ".join(COUNTED_IN)),
        )
    watched = read_watched(source, replace(wanted, fields=(COUNTED_IN[record],), labels=labels))
    values = watched.columns[0].values
    if record == "piece":
        return _weighted(watched, np.where(values == 1.0, watched.weights, 0.0))
    # A report of one piece may leave its number out.
    alone = np.where(np.isnan(values), 1.0, values) if record == "nonconformity" else values
    return _weighted(watched, alone)


def _weighted(watched: Watched, pieces: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Watched:
    bad = np.flatnonzero(pieces > 0.0)
    if not bad.size:
        raise ForgecastError(
            text("no bad piece is on record"),
            where=watched.source,
            repair=text("ask for other days, or record results of inspection and their defects"),
        )
    return replace(watched, weights=pieces).picked(bad)


def _names(watched: Watched, label: str, *, as_class: bool) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    words = ["" if word is None else str(word) for word in watched.labels[label]]
    if as_class:
        found = {word: class_of(word) for word in set(words)}
        words = ["" if not word else (one.code if (one := found[word]) is not None else word) for word in words]
    return np.array(words, dtype=str)


def _after(watched: Watched, day: date) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    if watched.times is None:
        raise ForgecastError(
            text("nothing says which column holds the time"),
            where=watched.source,
            repair=text("name the column with --time"),
        )
    after = watched.times >= day_start_us(day, watched.zone)
    if after.all() or not after.any():
        raise ForgecastError(
            text("all bad pieces lie on one side of {day}", day=str(day)),
            where=watched.source,
            repair=text("compare by a day in between"),
        )
    return np.asarray(after, dtype=np.bool_)


def _rows(ranking: Pareto, before: Pareto | None, by: str, *, in_file: bool) -> tuple[RankedDefect, ...]:
    shares: Sequence[float] = [] if before is None else before.share.tolist()
    was = {} if before is None else dict(zip(before.names, shares, strict=True))
    return tuple(
        RankedDefect(
            name=name,
            known=_known(name, by, in_file=in_file),
            count=int(count),
            share=float(share),
            cumulative=float(cumulative),
            before=None if before is None else was.get(name, 0.0),
        )
        for name, count, share, cumulative in zip(
            ranking.names, ranking.counts, ranking.share, ranking.cumulative, strict=True
        )
    )


def _known(name: str, by: str, *, in_file: bool) -> DefectClass | None:
    """Return the class of a name; a column of a file may hold defects under any header."""
    if by == "class":
        return classes().get(name)
    return class_of(name) if by == "defect" or in_file else None
