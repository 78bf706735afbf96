"""Points of a control chart out of watched rows: single values, subgroups, and counts of a day or a lot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.quality.scrap import FloatArray, IntArray
from forgecast.tasks.watched import CALENDAR, Labels, Watched

#: Values of a table of subgroups; a label with a few huge groups would fill the memory.
_MOST_CELLS = 50_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points of a chart and the rows behind them.

    Parameters
    ----------
    names : (n,) array of str
    first, last : (n,) int64 array
        Rows of the first and the last value of each point.
    of_row : (rows,) int64 array
        Point of each row; -1 for rows behind none.
    times : (rows,) int64 array or None
    zone : str
    """

    names: Labels
    first: IntArray
    last: IntArray
    of_row: IntArray
    rows: Watched

    def __len__(self) -> int:
        return int(self.names.size)

    def moment(self, at: int) -> str:
        """Return the local time of a point: of its last value."""
        return self.rows.moment(int(self.last[at]))

    def times(self) -> IntArray | None:
        """Return the instant of each point, that of its last value."""
        return None if self.rows.times is None else self.rows.times[self.last]

    def labels(self, rows: Watched, name: str) -> Labels:
        """Return the label of each point, that of its first row; None throughout without a name."""
        if not name:
            return np.full(len(self), None, dtype=object)
        return rows.labels[name][self.first]


def single_points(rows: Watched) -> tuple[Points, FloatArray]:
    """Return one point for each row that has a value."""
    values = rows.columns[0].values
    there = np.flatnonzero(~np.isnan(np.column_stack([column.values for column in rows.columns])).all(axis=1))
    of_row = np.full(values.size, -1, dtype=np.int64)
    of_row[there] = np.arange(there.size)
    return Points(rows.names[there], there, there, of_row, rows), values[there]


def grouped_points(rows: Watched, subgroup: str, stage: str) -> tuple[Points, FloatArray]:
    """Return subgroups in order of their first value, and their values, (n, m) with NaN where one is smaller.

    Raises
    ------
    ForgecastError
        If a number of rows is below two, or a label makes groups too large for the memory.
    """
    values = rows.columns[0].values
    there = np.flatnonzero(~np.isnan(values))
    group, names = _groups(rows, there, subgroup, stage)
    kept = group >= 0
    there, group = there[kept], group[kept]
    count = int(group.max(initial=-1)) + 1
    order = np.argsort(group, kind="stable")
    sizes = np.bincount(group, minlength=count)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64) if count else np.zeros(0, dtype=np.int64)
    widest = int(sizes.max(initial=1))
    if count * widest > _MOST_CELLS:
        raise ForgecastError(
            text("the largest subgroup has {n} values, and there are {count} subgroups", n=widest, count=count),
            repair=text("choose smaller subgroups"),
        )
    matrix = np.full((count, widest), np.nan)
    place = np.arange(there.size) - np.repeat(starts, sizes)
    matrix[group[order], place] = values[there[order]]
    first, last = there[order][starts], there[order][starts + sizes - 1]
    of_row = np.full(values.size, -1, dtype=np.int64)
    of_row[there] = group
    shown = names if names is not None else _spans(rows, first, last)
    return Points(shown, first, last, of_row, rows), matrix


def counted_points(
    rows: Watched, subgroup: str, stage: str, *, of: str, equal: bool
) -> tuple[Points, FloatArray, FloatArray]:
    """Return points with their counts of bad ones and of all, in order of time.

    Parameters
    ----------
    rows : Watched
    subgroup, stage : str
        As in `ChartPlan`; results without a subgroup are counted by the day.
    of : str
        Column of the pieces inspected, where the first column holds counts already.
    equal : bool
        Whether all groups are alike, so that nothing need be said of their size.

    Raises
    ------
    ForgecastError
        If nothing says how many pieces were inspected.
    """
    bad = rows.columns[0]
    if bad.is_result:
        whole = rows.weights
        counts = bad.values * whole
        subgroup = subgroup or "day"
    elif of:
        whole = rows.columns[1].values
        counts = bad.values
    elif equal or (subgroup and np.isin(bad.values[~np.isnan(bad.values)], (0.0, 1.0)).all()):
        counts, whole = bad.values, np.ones(len(rows))
    else:
        raise ForgecastError(
            text("nothing says how many pieces were inspected"),
            where=bad.name,
            repair=text(
                "name the column of the pieces inspected with --of, or use --kind c where all groups are equal"
            ),
        )
    there = np.flatnonzero(~np.isnan(counts) & ~np.isnan(whole))
    if not subgroup:
        of_row = np.full(counts.size, -1, dtype=np.int64)
        of_row[there] = np.arange(there.size)
        return Points(rows.names[there], there, there, of_row, rows), counts[there], whole[there]
    group, names = _groups(rows, there, subgroup, stage)
    there, group = there[group >= 0], group[group >= 0]
    n = int(group.max(initial=-1)) + 1
    first, last = np.full(n, counts.size, dtype=np.int64), np.zeros(n, dtype=np.int64)
    np.minimum.at(first, group, there)
    np.maximum.at(last, group, there)
    of_row = np.full(counts.size, -1, dtype=np.int64)
    of_row[there] = group
    shown = names if names is not None else _spans(rows, first, last)
    sums = (np.bincount(group, weights=part[there], minlength=n) for part in (counts, whole))
    return Points(shown, first, last, of_row, rows), *sums  # type: ignore[return-value]


def _groups(rows: Watched, there: IntArray, subgroup: str, stage: str) -> tuple[IntArray, Labels | None]:
    """Return the subgroup of each row that is there, -1 for none, numbered by their first row, and their names."""
    stages = np.zeros(there.size, dtype=np.int64)
    if stage:
        words = np.array(["" if w is None else str(w) for w in rows.labels[stage][there]], dtype=object)
        stages = np.concatenate([[0], np.cumsum(words[1:] != words[:-1])]).astype(np.int64) if words.size else stages
    if subgroup.isdigit():
        size = int(subgroup)
        if size < 2:
            raise ForgecastError(
                text("a subgroup of {n} is none", n=size), repair=text("give 2 or more, or use --kind i-mr")
            )
        # Subgroups begin anew with every stage, so that none lies in two.
        begin = np.searchsorted(stages, np.arange(int(stages.max(initial=0)) + 1))
        within = (np.arange(there.size) - begin[stages]) // size
        _, number = np.unique(stages * (there.size + 1) + within, return_inverse=True)
        return number.astype(np.int64), None
    words = rows.labels[subgroup][there]
    known = np.array([word is not None for word in words], dtype=np.bool_)
    said = np.array(["" if word is None else str(word) for word in words], dtype=str)
    keyed = np.char.add(np.char.add(stages.astype(str), "\x00"), said) if stage else said
    found, begins, number = np.unique(keyed[known], return_index=True, return_inverse=True)
    order = np.argsort(begins, kind="stable")
    rank = np.empty(found.size, dtype=np.int64)
    rank[order] = np.arange(found.size)
    group = np.full(there.size, -1, dtype=np.int64)
    group[known] = rank[number]
    names = np.array([said[known][at] for at in begins[order]], dtype=object)
    return group, names


def _spans(rows: Watched, first: IntArray, last: IntArray) -> Labels:
    return np.array(
        [
            str(rows.names[a]) if a == b else f"{rows.names[a]} … {rows.names[b]}"
            for a, b in zip(first, last, strict=True)
        ],
        dtype=object,
    )


def needed_labels(subgroup: str, *, result: bool) -> tuple[str, ...]:
    """Return the labels that a subgroup takes: none for a number of rows, the day for results without one."""
    if not subgroup:
        return (CALENDAR[0],) if result else ()
    return () if subgroup.isdigit() else (subgroup,)
