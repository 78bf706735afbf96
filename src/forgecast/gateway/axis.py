"""A declared time axis: rows without time stamps are given the times that the map assumes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from forgecast.gateway.clock import read_stamps, wall_clock_to_us
from forgecast.gateway.mapping import AxisMap
from forgecast.gateway.table import Batch, RawTable, as_text
from forgecast.gateway.taking import Taking, header_index
from forgecast.ground.errors import ImportRefusedError
from forgecast.ground.finding import Severity
from forgecast.ground.texts import text


class RowAxis:
    """Counts rows from a declared start, anew wherever the value of a column changes.

    Parameters
    ----------
    axis : AxisMap
    table : RawTable
    taking : Taking
    """

    def __init__(self, axis: AxisMap, table: RawTable, taking: Taking) -> None:
        self._axis, self._table, self._taking = axis, table, taking
        place = f"{taking.map.place if taking.map else ''}.axis"
        self._by = header_index(table, axis.restart_by, place) if axis.restart_by else None
        self._stretch: str | None = None
        self._start, self._next = 0, 0
        self._count, self._first, self._last = 0, 0, 0
        self._seen: set[bytes] = set()

    def read(self, batch: Batch) -> NDArray[np.int64]:
        """Return the assumed time of each row, microseconds UTC; only starts are wall-clock, steps are real time."""
        n = batch.rows.size
        local = np.zeros(n, np.int64)
        if n == 0:
            return local
        if self._by is None:
            edges, words = np.array([0]), [""]
        else:
            cells = as_text(batch.columns[self._by]).cast(pa.string()).fill_null("")
            changed = np.ones(n, np.bool_)
            changed[1:] = pc.not_equal(cells[1:], cells[:-1]).to_numpy(zero_copy_only=False)
            edges = np.flatnonzero(changed)
            words = [cells[int(edge)].as_py() for edge in edges]
        for number, (edge, word) in enumerate(zip(edges.tolist(), words, strict=True)):
            end = n if number + 1 == edges.size else int(edges[number + 1])
            if self._stretch is None or word != self._stretch:
                self._stretch, self._start, self._next = word, self._start_of(word), 0
            local[edge:end] = self._start + (self._next + np.arange(end - edge)) * self._axis.step_us
            self._next += end - edge
        self._first = self._first or int(batch.rows[0])
        self._last = int(batch.rows[-1])
        self._count += n
        self._tell_twins(batch)
        return local

    def finish(self) -> None:
        """Note that the times are assumed."""
        if self._count:
            self._taking.log.add(
                "assumed-time",
                Severity.DOUBTFUL,
                text("the file has no time stamps; the map assumes them: {start}, one row every {step} s, without gaps",
                     start=self._axis.start, step=self._axis.step_us / 1e6),
                text("use the figures for their size, not for their dates; ask the source for its time stamps"),
                rows=np.array([self._first, self._last]),
                count=self._count,
            )  # fmt: skip

    def _start_of(self, word: str) -> int:
        start = (
            self._axis.start.replace("{" + self._axis.restart_by + "}", word)
            if self._by is not None
            else self._axis.start
        )
        stamps = read_stamps(pa.array([start], pa.string()), day_first=self._taking.time.day_first)
        if not stamps.valid[0]:
            raise ImportRefusedError(
                text("the start of the time axis, {start}, is no time", start=start),
                where=f"{self._table.name} ({self._taking.map.place if self._taking.map else ''}.axis.start)",
                repair=text('write it as "2025-01-01 00:00"; {{header}} stands for a cell of that column'),
            )
        zone = self._taking.time.zone or self._taking.zone
        return int(stamps.local[0] if stamps.absolute[0] else wall_clock_to_us(stamps.local, zone)[0])

    def _tell_twins(self, batch: Batch) -> None:
        """Note rows that say in every column what an earlier row said: without stamps nothing else shows them."""
        cells = [as_text(column).cast(pa.string()).fill_null("") for column in batch.columns]
        lines = pc.binary_join_element_wise(*cells, "\x1f").to_pylist()
        twins = []
        for number, line in enumerate(lines):
            digest = line.encode()
            if digest in self._seen:
                twins.append(number)
            self._seen.add(digest)
        self._taking.log.add(
            "duplicate-row",
            Severity.DOUBTFUL,
            text("the row is the same as an earlier one in every column; it was kept, as nothing tells its own time"),
            text("ask the source whether these rows were written twice"),
            rows=batch.rows[twins],
            value=lines[twins[0]].replace("\x1f", ", ") if twins else "",
        )
