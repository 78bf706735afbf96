"""Rows and readings that come twice, and stamps out of order.

Where two rows have one key, or two readings of a tag one time: if they say the same, one is kept and it is noted. If
they differ, nobody can say which one holds, so all of them are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from forgecast.gateway.defects import FindingLog
from forgecast.ground.finding import Severity
from forgecast.ground.texts import text
from forgecast.plant.record import Record
from forgecast.plant.rows import RecordRows

#: Up to this share of rows, repeated or unsorted stamps of records are worth a note; above, they are how the record is
#: kept (several pollutants of one sample, a batch of pieces, newest first).
_ODD_SHARE = 0.1


def drop_repeated_keys(
    rows: RecordRows, record: Record, headers: Mapping[str, str], log: FindingLog
) -> NDArray[np.bool_]:
    """Return which rows stay when each key may come once."""
    keep = np.ones(len(rows), np.bool_)
    if len(rows) < 2:
        return keep
    combined = np.zeros(len(rows), np.int64)
    for name in record.key:
        coded = pa.array([str(value) for value in rows.columns[name]], pa.string()).dictionary_encode()
        combined = combined * len(coded.dictionary) + coded.indices.to_numpy()
        combined = np.unique(combined, return_inverse=True)[1].astype(np.int64)
    order = np.argsort(combined, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(combined[order]) != 0])
    sizes = np.diff(np.r_[starts, order.size])
    same, differ = [], []
    for start, size in zip(starts[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
        group = order[start : start + size].tolist()
        contents = {tuple(column[i] for column in rows.columns.values()) for i in group}
        if len(contents) == 1:
            same += group[1:]
        else:
            differ += group
    keep[same + differ] = False
    column = ", ".join(headers.get(name, name) for name in record.key)
    _tell_keys(log, column, rows, sorted(same), sorted(differ), record)
    return keep


def _tell_keys(
    log: FindingLog, column: str, rows: RecordRows, same: list[int], differ: list[int], record: Record
) -> None:
    for found, severity, reason, repair in (
        (
            same, Severity.NOTE, text("the row says the same as an earlier one with this key; it was taken once"),
            text("nothing to do; the export wrote it twice"),
        ),
        (
            differ, Severity.REFUSED, text("rows with the same key say different things; none of them was taken"),
            text("keep the row that holds, or give each its own number, and import the file again"),
        ),
    ):  # fmt: skip
        if found:
            value = ", ".join(str(rows.columns[name][found[0]]) for name in record.key)
            log.add("duplicate-key", severity, reason, repair, column=column, rows=rows.row_numbers[found], value=value)


def tell_odd_times(rows: RecordRows, record: Record, headers: Mapping[str, str], log: FindingLog) -> None:
    """Note stamps of a record that repeat or step back, where that is rare enough to be a surprise."""
    field = next((f for f in record.fields if f.kind == "time" and f.required and not f.key), None)
    if field is None or len(rows) < 2:
        return
    t = np.array(rows.columns[field.name], dtype=np.int64)
    first = np.zeros(t.size, np.bool_)
    first[np.unique(t, return_index=True)[1]] = True
    back = np.r_[False, np.diff(t) < 0]
    column = headers.get(field.name, field.name)
    if 0 < (~first).sum() <= _ODD_SHARE * t.size:
        log.add(
            "duplicate-time",
            Severity.NOTE,
            text("the time is that of an earlier row; both were taken, as their keys differ"),
            text("nothing to do if several machines write into one file; otherwise look for rows written twice"),
            column=column,
            rows=rows.row_numbers[~first],
        )
    if 0 < back.sum() <= _ODD_SHARE * t.size:
        log.add(
            "unsorted-time",
            Severity.NOTE,
            text("the time is earlier than that of the row before"),
            text("nothing to do; look at the computer's clock if the rows were written as they happened"),
            column=column,
            rows=rows.row_numbers[back],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Arranged:
    """Readings in order of time, each time once.

    Parameters
    ----------
    keep : (m,) int64 array
        Indices of the readings kept, in order of time.
    same : (k,) int64 array
        Indices of readings that repeat an earlier one.
    differ : (l,) int64 array
        Indices of readings refused because others of the same time differ.
    """

    keep: NDArray[np.int64]
    same: NDArray[np.int64]
    differ: NDArray[np.int64]


def arranged(t: NDArray[np.int64], value: NDArray[np.float64]) -> Arranged | None:
    """Put readings of one tag in order of time; None where they are already, each time once."""
    if t.size < 2 or bool((t[1:] > t[:-1]).all()):
        return None
    order = np.argsort(t, kind="stable")
    ts, vs = t[order], value[order]
    again = np.r_[False, ts[1:] == ts[:-1]]
    group = np.cumsum(~again) - 1
    unequal = np.zeros(int(group[-1]) + 1, np.bool_)
    unequal[group[np.flatnonzero(again & np.r_[False, vs[1:] != vs[:-1]])]] = True
    differ = unequal[group]
    return Arranged(order[~again & ~differ], order[again & ~differ], order[differ])


def tell_repeats(
    log: FindingLog, column: str, rows: NDArray[np.int64], found: Arranged, values: NDArray[np.float64]
) -> None:
    """Tell readings of one tag that came twice."""
    if found.same.size:
        log.add(
            "duplicate-time",
            Severity.NOTE,
            text("the reading was written twice for this time; it was taken once"),
            text("nothing to do; the export wrote it twice"),
            column=column,
            rows=rows[found.same],
            value=f"{values[found.same[0]]:.10g}",
        )
    if found.differ.size:
        log.add(
            "duplicate-time",
            Severity.REFUSED,
            text("readings of the same time differ; none of them was taken"),
            text("keep the reading that holds; look at summer time and at two instruments under one name"),
            column=column,
            rows=rows[found.differ],
            value=f"{values[found.differ[0]]:.10g}",
        )
