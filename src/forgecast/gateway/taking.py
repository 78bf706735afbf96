"""What stays the same while one table of a file is taken in."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from forgecast.gateway.defects import FindingLog
from forgecast.gateway.header import folded, nearest
from forgecast.gateway.mapping import FileMap, TimeMap
from forgecast.gateway.table import RawTable, as_text
from forgecast.ground.errors import ImportRefusedError
from forgecast.ground.finding import Severity
from forgecast.ground.texts import text

_POSITION = re.compile(r"#([0-9]{1,5})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Taking:
    """What stays the same while one table is taken in: its map, zone, clock and log."""

    map: FileMap | None
    zone: str
    now: int
    log: FindingLog

    @property
    def time(self) -> TimeMap:
        """Return how the file writes time."""
        return TimeMap(label="instant") if self.map is None else self.map.time

    @property
    def decimal(self) -> str:
        """Return the decimal mark."""
        return "." if self.map is None else self.map.decimal

    def missing(self, header: str) -> tuple[str | float, ...]:
        """Return what the map declares to mean "no value" in a column."""
        if self.map is None:
            return ()
        return (*self.map.missing.get(header, ()), *self.map.missing.get("*", ()))


def wanted_by_map(
    table: RawTable, columns: tuple[pa.Array, ...], rows: NDArray[np.int64], taking: Taking
) -> NDArray[np.bool_]:
    """Return which rows the map's `where` asks for and its `leave_out` leaves.

    Raises
    ------
    ImportRefusedError
        If one of them names a header that the file does not have.
    """
    keep = np.ones(rows.size, np.bool_)
    if taking.map is None:
        return keep
    for header, words in taking.map.where.items():
        keep &= _holds(table, columns, header, words, f"{taking.map.place}.where")
    unwanted = np.zeros(rows.size, np.bool_)
    for header, words in taking.map.leave_out.items():
        unwanted |= _holds(table, columns, header, words, f"{taking.map.place}.leave_out")
    taking.log.add(
        "rows-left-out",
        Severity.NOTE,
        text("rows that the map's `leave_out` names were left out"),
        text("nothing to do; remove the word from `leave_out` in the map if they are wanted"),
        rows=rows[keep & unwanted],
    )
    taking.log.add(
        "rows-left-out",
        Severity.NOTE,
        text("rows that the map's `where` does not ask for were left out"),
        text("nothing to do; widen `where` in the map if they are wanted"),
        rows=rows[~keep],
    )
    return keep & ~unwanted


def _holds(
    table: RawTable, columns: tuple[pa.Array, ...], header: str, words: tuple[str, ...], place: str
) -> NDArray[np.bool_]:
    cells = pc.utf8_trim_whitespace(as_text(columns[header_index(table, header, place)]).cast(pa.string()))
    held: NDArray[np.bool_] = pc.is_in(cells, pa.array(list(words), pa.string())).to_numpy(zero_copy_only=False)
    return held


def header_index(table: RawTable, header: str, place: str) -> int:
    """Return the column of a header; ``#3`` is the third column, whatever stands over it.

    Raises
    ------
    ImportRefusedError
        If there is none, or more than one; the nearest ones are named.
    """
    exact = [i for i, name in enumerate(table.header) if name == header]
    found = exact or [i for i, name in enumerate(table.header) if folded(name) == folded(header)]
    if len(found) == 1:
        return found[0]
    counted = _POSITION.fullmatch(header)
    if not found and counted is not None and 0 < int(counted[1]) <= len(table.header):
        return int(counted[1]) - 1
    close = nearest(header, [name for name in table.header if name]) or tuple(n for n in table.header if n)
    raise ImportRefusedError(
        text("{count} columns are headed {header}, which the map names", count=len(found), header=header),
        where=f"{table.name} ({place})" if place else table.name,
        repair=text("name one of the file's headers: {headers}", headers=", ".join(close)[:400]),
    )
