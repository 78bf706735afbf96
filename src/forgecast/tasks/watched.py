"""Values somebody watches, one row a piece, shot or measurement, in order of time, with their labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import from_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.quality.scrap import FloatArray, IntArray

#: Words, None where not known.
Labels: TypeAlias = NDArray[np.object_]

#: Labels that follow from the time of a row, in the zone of the plant.
CALENDAR = ("day", "week", "month")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to read.

    Parameters
    ----------
    fields : tuple of str
        Columns of a file, or ``record.field`` of a plant; ``measurement.NAME`` for a characteristic.
    labels : tuple of str
        Fields or columns that name what a row belongs to: die, mould, heat, day …; empty words are left out.
    where : tuple of (str, str)
        Rows whose label has this word, or has not where a ``!`` stands before it; all of them must hold.
    since, until : date or None
        First and last local day, both included.
    time : str
        Column of a file that holds the time; the records of a plant know theirs.
    """

    fields: tuple[str, ...]
    labels: tuple[str, ...] = ()
    where: tuple[tuple[str, str], ...] = ()
    since: date | None = None
    until: date | None = None
    time: str = ""

    @property
    def all_labels(self) -> tuple[str, ...]:
        """Return every label that is needed, once."""
        return tuple(dict.fromkeys(filter(None, (*self.labels, *(name for name, _ in self.where)))))


@dataclass(frozen=True, slots=True)
class Specified:
    """Limits that a record states for a characteristic, in the unit of its values."""

    lower: float | None
    upper: float | None
    nominal: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One watched quantity.

    Parameters
    ----------
    name : str
        As it was asked for.
    title : Text
    unit : str
        Empty where it has none or none is stated.
    values : (n,) float64 array
        NaN where missing; 1 for a reject and 0 for a good piece where `is_result`.
    is_result : bool
        Whether the values are results of inspection.
    specified : Specified or None
    """

    name: str
    title: Text
    unit: str
    values: FloatArray
    is_result: bool = False
    specified: Specified | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """Rows to be watched, in order of time.

    Parameters
    ----------
    source : str
        Name of the plant or of the file.
    columns : tuple of Column
    labels : mapping of str to (n,) array of (str or None)
    names : (n,) array of str
        What each row is called: its key, or its row in the file.
    times : (n,) int64 array or None
        Microseconds UTC; None where the rows have no time and stand in the order of the file.
    zone : str
        In which times are shown.
    weights : (n,) float64 array
        Pieces each row stands for.
    record : str
        Record of the rows; empty for a file.
    synthetic : bool
        Whether the plant is made up.
    notes : tuple of Text
    """

    source: str
    columns: tuple[Column, ...]
    labels: Mapping[str, Labels]
    names: Labels
    times: IntArray | None
    zone: str
    weights: FloatArray
    record: str = ""
    synthetic: bool = False
    notes: tuple[Text, ...] = ()

    def __len__(self) -> int:
        return int(self.names.size)

    def picked(self, rows: IntArray | NDArray[np.bool_]) -> Watched:
        """Return some of the rows."""
        return replace(
            self,
            columns=tuple(replace(column, values=column.values[rows]) for column in self.columns),
            labels={name: words[rows] for name, words in self.labels.items()},
            names=self.names[rows],
            times=None if self.times is None else self.times[rows],
            weights=self.weights[rows],
        )

    def moment(self, row: int) -> str:
        """Return the local time of a row, to the second; empty where it has none."""
        if self.times is None:
            return ""
        return from_us(int(self.times[row]), self.zone).strftime("%Y-%m-%d %H:%M:%S")

    def groups(self, label: str) -> list[tuple[str, Watched]]:
        """Return the rows by a label, in natural order of its words; rows without one are left out."""
        words = self.labels[label]
        found = sorted({str(word) for word in words if word is not None}, key=natural)
        text_of = np.array(["" if word is None else str(word) for word in words], dtype=object)
        return [(word, self.picked(np.flatnonzero(text_of == word))) for word in found]


def natural(word: str) -> tuple[tuple[int, float, str], ...]:
    """Return what orders words as people do: numbers by their size."""
    try:
        return ((0, float(word), ""),)
    except ValueError:
        return ((1, 0.0, word),)


def kept(watched: Watched, wanted: Wanted) -> Watched:
    """Return the rows whose labels have the words asked for.

    Raises
    ------
    ForgecastError
        If none has; the words there are, are listed.
    """
    for name, word in wanted.where:
        words = watched.labels[name]
        no, plain = word.startswith("!"), word.removeprefix("!")
        rows = np.array([found is not None and (str(found) == plain) is not no for found in words], dtype=np.bool_)
        if not rows.any():
            there = sorted({str(found) for found in words if found is not None}, key=natural)
            raise ForgecastError(
                text("no row has {name} = {word}", name=name, word=word),
                where=watched.source,
                repair=text("there are: {words}", words=", ".join(there[:20]) or "—"),
            )
        watched = watched.picked(rows)
    return watched


def calendar_labels(times: IntArray, zone: str, name: str) -> Labels:
    """Return the local day, ISO week or month of each instant."""
    forms = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}
    # Many rows share an hour, and the offset of a zone changes at quarter hours only.
    quarters, inverse = np.unique(times // 900_000_000, return_inverse=True)
    said = np.array([from_us(int(q) * 900_000_000, zone).strftime(forms[name]) for q in quarters], dtype=object)
    return said[inverse] if said.size else np.zeros(0, dtype=object)
