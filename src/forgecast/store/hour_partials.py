"""Hourly partials: what remains of an hour of readings so that means and coverage need no raw scan.

A reading that stands exactly on the hour belongs to the hour it begins if it is an instant, and to the hour before
if it closes an interval (a mean or a quantity). Which of the two a tag is may be told later than its readings come,
so the reading on the hour is kept apart (the *edge*) and joined when the partials are read.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import HOUR_US
from forgecast.signals.reading import GOOD

_Ints: TypeAlias = "NDArray[np.int64]"
_Floats: TypeAlias = "NDArray[np.float64]"


@dataclass(frozen=True, slots=True, eq=False)
class StoredPartials:
    """Partials as they are stored: one entry for each hour (of each tag) that has a reading.

    Parameters
    ----------
    tag : (n,) int64 array
        Number of the tag.
    hour : (n,) int64 array
        Hours since 1970-01-01T00:00Z.
    n, n_good : (n,) int64 array
        Readings strictly inside the hour, and the good ones among them.
    sum, min, max : (n,) float64 array
        Over the good readings inside; NaN (sum: 0) where there is none.
    first_t, last_t : (n,) int64 array
        First and last reading inside, microseconds UTC; -1 where there is none.
    edge_flag : (n,) int8 array
        Flag of the reading exactly on the hour; -1 where there is none.
    edge_value : (n,) float64 array
        Its value; 0 where there is none.
    """

    tag: _Ints
    hour: _Ints
    n: _Ints
    n_good: _Ints
    sum: _Floats
    min: _Floats
    max: _Floats
    first_t: _Ints
    last_t: _Ints
    edge_flag: NDArray[np.int8]
    edge_value: _Floats


@dataclass(frozen=True, slots=True, eq=False)
class HourlyPartials:
    """Hours of several tags, sorted by tag and hour, one entry for each hour that has a reading.

    Parameters
    ----------
    tags : tuple of str
        Names, ascending.
    tag : (n,) int64 array
        Index into `tags`.
    hour : (n,) int64 array
        Hours since 1970-01-01T00:00Z.
    n, n_good : (n,) int64 array
        Readings of the hour, and the good ones among them.
    sum, min, max : (n,) float64 array
        Over the good readings, in the tag's unit; min and max NaN, sum 0 where there is none.
    first_t, last_t : (n,) int64 array
        First and last reading of the hour, good or not, microseconds UTC.
    """

    tags: tuple[str, ...]
    tag: _Ints
    hour: _Ints
    n: _Ints
    n_good: _Ints
    sum: _Floats
    min: _Floats
    max: _Floats
    first_t: _Ints
    last_t: _Ints

    def __len__(self) -> int:
        return int(self.hour.size)

    @property
    def mean(self) -> _Floats:
        """Return the mean of each hour's good readings, NaN where there is none."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.n_good > 0, self.sum / self.n_good, np.nan)

    def of(self, name: str) -> HourlyPartials:
        """Return the hours of one tag; none of them if the tag is not among `tags`."""
        number = self.tags.index(name) if name in self.tags else len(self.tags)
        low, high = np.searchsorted(self.tag, [number, number + 1])
        return HourlyPartials(
            (name,),
            np.zeros(int(high - low), np.int64),
            *(getattr(self, field.name)[low:high] for field in fields(self)[2:]),
        )


def partials_of(number: int, t: _Ints, value: _Floats, flag: NDArray[np.int8]) -> StoredPartials:
    """Compute the partials of one tag's readings.

    Parameters
    ----------
    number : int
        Number of the tag.
    t : (n,) int64 array
        Microseconds UTC, strictly ascending, not before 1970.
    value : (n,) float64 array
    flag : (n,) int8 array

    Returns
    -------
    StoredPartials
    """
    hour = t // HOUR_US
    starts = np.flatnonzero(np.diff(hour, prepend=-1))
    if starts.size == 0:
        return _nothing()
    has_edge = t[starts] == hour[starts] * HOUR_US
    good = flag == GOOD
    inside = good.copy()
    inside[starts[has_edge]] = False
    ends = np.append(starts[1:], t.size) - 1
    n = ends - starts + 1 - has_edge
    n_good = np.add.reduceat(inside, starts, dtype=np.int64)
    any_good = n_good > 0
    return StoredPartials(
        tag=np.full(starts.size, number, np.int64),
        hour=hour[starts],
        n=n,
        n_good=n_good,
        sum=np.add.reduceat(np.where(inside, value, 0.0), starts),
        min=np.where(any_good, np.minimum.reduceat(np.where(inside, value, np.inf), starts), np.nan),
        max=np.where(any_good, np.maximum.reduceat(np.where(inside, value, -np.inf), starts), np.nan),
        first_t=np.where(n > 0, t[np.minimum(starts + has_edge, ends)], -1),
        last_t=np.where(n > 0, t[ends], -1),
        edge_flag=np.where(has_edge, flag[starts], -1).astype(np.int8),
        edge_value=np.where(has_edge, value[starts], 0.0),
    )


def joined(parts: Sequence[StoredPartials]) -> StoredPartials:
    """Return several stretches of partials one after the other, in new arrays."""
    if not parts:
        return _nothing()
    return StoredPartials(*(_column(parts, field.name) for field in fields(StoredPartials)))


def _column(parts: Sequence[StoredPartials], name: str) -> NDArray[Any]:
    return np.concatenate([getattr(part, name) for part in parts])


def settled(stored: Sequence[StoredPartials], tags: tuple[str, ...], closing: Collection[str]) -> HourlyPartials:
    """Give each edge reading to the hour it belongs to.

    Parameters
    ----------
    stored : sequence of StoredPartials
        In any order; one hour of a tag may come in several entries (its readings lie in several files).
    tags : tuple of str
        Names by number, ascending.
    closing : collection of str
        Tags whose readings close an interval: the reading on the hour belongs to the hour before.

    Returns
    -------
    HourlyPartials
    """
    one = _merged(stored)
    has_edge = one.edge_flag >= 0
    closes = has_edge & np.array([name in closing for name in tags], dtype=bool)[one.tag] if tags else has_edge
    edge = _Edges(has_edge & ~closes, one.edge_flag == GOOD, one.edge_value, one.hour * HOUR_US)
    lone = np.flatnonzero(closes)
    if lone.size:
        follows = (np.diff(one.tag, prepend=-1) == 0) & (np.diff(one.hour, prepend=0) == 1)
        edge = edge.with_the_next(closes & follows)
        lone = np.flatnonzero(closes & ~follows)
    columns = _with_edges(one, edge)
    if lone.size:
        alone = _edges_alone(one, lone)
        columns = {name: np.concatenate([array, alone[name]]) for name, array in columns.items()}
        order = np.lexsort((columns["hour"], columns["tag"]))
        columns = {name: array[order] for name, array in columns.items()}
    keep = columns["n"] > 0
    return HourlyPartials(tags, **(columns if keep.all() else {name: array[keep] for name, array in columns.items()}))


@dataclass(frozen=True, slots=True, eq=False)
class _Edges:
    """The reading on the hour that each entry takes: its own, or the one that begins the next hour."""

    taken: NDArray[np.bool_]
    good: NDArray[np.bool_]
    value: _Floats
    t: _Ints

    def with_the_next(self, given: NDArray[np.bool_]) -> _Edges:
        # An entry takes one at most: a tag's readings all close an interval, or none does.
        before = np.flatnonzero(given) - 1
        taken, good, value, t = self.taken.copy(), self.good.copy(), self.value.copy(), self.t.copy()
        taken[before] = True
        good[before], value[before], t[before] = self.good[before + 1], self.value[before + 1], self.t[before + 1]
        return _Edges(taken, good, value, t)


def _with_edges(one: StoredPartials, edge: _Edges) -> dict[str, NDArray[Any]]:
    """Add the edges, into the arrays themselves: they have just been made, and new ones would take as long again."""
    counts = edge.taken & edge.good
    seen = np.where(counts, edge.value, np.nan)
    first = edge.taken & ((one.n == 0) | (edge.t < one.first_t))
    np.add(one.n, edge.taken, out=one.n)
    np.add(one.n_good, counts, out=one.n_good)
    np.add(one.sum, edge.value, out=one.sum, where=counts)
    np.fmin(one.min, seen, out=one.min)
    np.fmax(one.max, seen, out=one.max)
    np.copyto(one.first_t, edge.t, where=first)
    np.maximum(one.last_t, edge.t, out=one.last_t, where=edge.taken)
    return {field.name: getattr(one, field.name) for field in fields(HourlyPartials)[1:]}


def _edges_alone(one: StoredPartials, lone: _Ints) -> dict[str, NDArray[np.float64]]:
    good = one.edge_flag[lone] == GOOD
    value, t = one.edge_value[lone], one.hour[lone] * HOUR_US
    seen = np.where(good, value, np.nan)
    return {
        "tag": one.tag[lone],
        "hour": one.hour[lone] - 1,
        "n": np.ones(lone.size, np.int64),
        "n_good": good.astype(np.int64),
        "sum": np.where(good, value, 0.0),
        "min": seen,
        "max": seen.copy(),
        "first_t": t,
        "last_t": t.copy(),
    }


def _merged(stored: Sequence[StoredPartials]) -> StoredPartials:
    """Sort by tag and hour, and add up the entries of one hour, into new arrays."""
    if not stored:
        return _nothing()
    # One number for both sorts several times faster than two columns; hours since 1970 need 20 bits.
    place = (_column(stored, "tag") << 32) + _column(stored, "hour")
    if (np.diff(place) > 0).all():
        return joined(stored)
    order = np.argsort(place, kind="stable")
    place = place[order]
    s = StoredPartials(*(_column(stored, field.name)[order] for field in fields(StoredPartials)))
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    if starts.size == s.tag.size:
        return s
    first = np.where(s.first_t < 0, np.iinfo(np.int64).max, s.first_t)
    added = {name: np.add.reduceat(getattr(s, name), starts) for name in ("n", "n_good", "sum", "edge_value")}
    made = StoredPartials(
        tag=s.tag[starts],
        hour=s.hour[starts],
        **added,
        min=np.fmin.reduceat(s.min, starts),
        max=np.fmax.reduceat(s.max, starts),
        first_t=np.minimum.reduceat(first, starts),
        last_t=np.maximum.reduceat(s.last_t, starts),
        edge_flag=np.maximum.reduceat(s.edge_flag, starts),
    )
    return replace(made, first_t=np.where(made.n > 0, made.first_t, -1))


def _nothing() -> StoredPartials:
    ints, floats = np.empty(0, np.int64), np.empty(0, np.float64)
    return StoredPartials(ints, ints, ints, ints, floats, floats, floats, ints, ints, np.empty(0, np.int8), floats)
