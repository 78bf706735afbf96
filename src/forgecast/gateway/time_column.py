"""A column of time stamps: read, settled as to day and month, moved to UTC, its defects told."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from forgecast.gateway.clock import COUNTS, DayOrder, read_stamps, wall_clock_to_us
from forgecast.gateway.defects import FindingLog
from forgecast.gateway.mapping import TimeMap
from forgecast.gateway.number import is_no_value, read_numbers
from forgecast.ground.dates import DAY_US
from forgecast.ground.errors import ImportRefusedError
from forgecast.ground.finding import Severity
from forgecast.ground.texts import Text, text

#: The years 1900 to 2199: nothing a plant records lies outside.
_EARLIEST, _LATEST = -25_567 * DAY_US, 84_000 * DAY_US


@dataclass(frozen=True, slots=True, eq=False)
class Clocked:
    """Time stamps read from a column.

    Parameters
    ----------
    local : (n,) int64 array
        Wall-clock microseconds of the column's zone; UTC where `absolute`.
    valid, absolute, has_clock : (n,) bool arrays
    """

    local: NDArray[np.int64]
    valid: NDArray[np.bool_]
    absolute: NDArray[np.bool_]
    has_clock: NDArray[np.bool_]


def now_us() -> int:
    """Return this instant, microseconds UTC."""
    return time.time_ns() // 1000


class TimeColumn:
    """Reads one column of time stamps, in pieces or at once.

    Parameters
    ----------
    header : str
    how : TimeMap
        What the map says about the file's time.
    zone : str
        Zone of wall-clock stamps.
    log : FindingLog
    now : int
        Microseconds UTC; a stamp more than a day later cannot be.
    survey : callable
        Returns the order of day and month of the whole column; called only where a stamp leaves it open.
    """

    def __init__(
        self, header: str, how: TimeMap, zone: str, log: FindingLog, now: int, survey: Callable[[], DayOrder]
    ) -> None:
        self.header, self.how, self.zone = header, how, how.zone or zone
        self._log, self._now, self._survey = log, now, survey
        self._day_first = how.day_first
        self._styles: Counter[str] = Counter()
        self._padding: Counter[tuple[str, bool]] = Counter()

    def read(self, column: pa.Array, rows: NDArray[np.int64]) -> Clocked:
        """Read some stamps; what cannot be read is a finding, unless it only says that there is no value."""
        kind = column.type
        if pa.types.is_dictionary(kind):
            column, kind = column.cast(pa.string()), pa.string()
        if pa.types.is_timestamp(kind):
            return self._typed(column)
        if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)) or self.how.format in COUNTS:
            return self._counted(column, rows)
        stamps = read_stamps(column, day_first=self._day_first, form=self.how.format)
        if stamps.order.stamps and self._day_first is None:
            self._settle()
            stamps = read_stamps(column, day_first=self._day_first, form=self.how.format)
        self._styles.update(stamps.styles)
        self._padding.update(stamps.padding)
        bad = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False) & ~stamps.valid)
        if bad.size:
            self._refuse(column, rows, bad)
        return Clocked(stamps.local, stamps.valid, stamps.absolute, stamps.has_clock)

    def utc(self, clocked: Clocked, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return instants in microseconds UTC and which of them are good; those in the future are refused."""
        at = np.flatnonzero(clocked.valid)
        t, good = np.zeros(clocked.local.size, np.int64), np.zeros(clocked.local.size, np.bool_)
        t[at], good[at] = self.utc_of(clocked.local[at], clocked.absolute[at], rows[at])
        return t, good

    def utc_of(
        self, local: NDArray[np.int64], absolute: NDArray[np.bool_], rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """As `utc`, for stamps that are all valid."""
        wall = ~absolute
        if wall.all():
            t = wall_clock_to_us(local, self.zone)
        else:
            t = local.copy()
            t[wall] = wall_clock_to_us(local[wall], self.zone)
        late = t > self._now + DAY_US
        if late.any():
            self._log.add(
                "future-time",
                Severity.REFUSED,
                text("the time lies in the future"),
                text("correct the date; look at the clock of the source and at the order of day and month"),
                column=self.header,
                rows=rows[late],
                value=str(np.datetime64(int(local[late][0]), "us").astype("datetime64[s]")),
            )
        return t, ~late

    def finish(self) -> None:
        """Tell what only the whole column shows: several ways of writing."""
        if len(self._styles) > 1:
            few = sum(self._styles.values()) - max(self._styles.values())
            self._mixed(
                Severity.DOUBTFUL, few, text("the column writes its dates in {count} ways", count=len(self._styles))
            )
        for part, why in (
            ("day", text("days below ten are written both with a zero before them and without")),
            ("hour", text("hours below ten are written both with a zero before them and without")),
        ):
            padded, bare = self._padding[part, True], self._padding[part, False]
            if padded and bare:
                self._mixed(Severity.NOTE, min(padded, bare), why)

    def _mixed(self, severity: Severity, count: int, why: Text) -> None:
        self._log.add(
            "mixed-date-formats",
            severity,
            why,
            text("all were read; let the source write them one way, or give `format` in the map"),
            column=self.header,
            count=count,
        )

    def _settle(self) -> None:
        order = self._survey()
        if order.first_over_12 and order.second_over_12:
            raise ImportRefusedError(
                text("the column has dates with the day first and dates with the month first"),
                where=f"{self._log.file}: {self.header}",
                repair=text("correct them in the source, or split the file; then say `day_first` in the map"),
            )
        if not order.first_over_12 and not order.second_over_12 and order.differ:
            raise ImportRefusedError(
                text("the dates leave open which part is the day and which the month: none is above 12"),
                where=f"{self._log.file}: {self.header}",
                repair=text("say it in the map: [file.time] with day_first = true or false"),
            )
        self._day_first = not order.second_over_12
        self._log.add(
            "day-first-date",
            Severity.NOTE,
            text("the dates are written with the day first")
            if self._day_first
            else text("the dates are written with the month first"),
            text("nothing to do: a part above 12 in the column settles it; `day_first` in the map says it outright"),
            column=self.header,
            count=order.stamps,
        )

    def _typed(self, column: pa.Array) -> Clocked:
        valid = column.is_valid().to_numpy(zero_copy_only=False)
        local = column.cast(pa.timestamp("us")).cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
        absolute = np.full(len(column), column.type.tz is not None)
        local = local.astype(np.int64)
        return Clocked(local, valid & (local > _EARLIEST) & (local < _LATEST), absolute, np.ones(len(column), np.bool_))

    def _counted(self, column: pa.Array, rows: NDArray[np.int64]) -> Clocked:
        if self.how.format not in COUNTS:
            raise ImportRefusedError(
                text("the time column holds plain numbers, and nothing says what they count"),
                where=f"{self._log.file}: {self.header}",
                repair=text("say it in the map: [file.time] with format = one of: {counts}", counts=", ".join(COUNTS)),
            )
        step, origin = COUNTS[self.how.format]
        if pa.types.is_integer(column.type):
            valid = column.is_valid().to_numpy(zero_copy_only=False)
            count = column.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
            sane = np.abs(count) < 2**62 // step
            local, valid = np.where(sane, count, 0) * step + origin, valid & sane
        else:
            numbers = read_numbers(column)
            with np.errstate(invalid="ignore"):
                sane = np.abs(numbers.value) < 2.0**62 / step
            local = np.rint(np.where(sane, numbers.value, 0.0) * step).astype(np.int64) + origin
            valid = sane
            bad = np.flatnonzero(numbers.wrong)
            if bad.size:
                self._refuse(column, rows, bad)
        valid = valid & (local > _EARLIEST) & (local < _LATEST)
        absolute = np.full(len(column), self.how.format != "excel_day")
        return Clocked(local, valid, absolute, np.ones(len(column), np.bool_))

    def _refuse(self, column: pa.Array, rows: NDArray[np.int64], bad: NDArray[np.int64]) -> None:
        coded = column.take(pa.array(bad)).cast(pa.string()).dictionary_encode()
        words = coded.dictionary.to_pylist()
        silent = np.array([is_no_value(word) for word in words], np.bool_)[coded.indices.to_numpy()]
        wrong = bad[~silent]
        if wrong.size:
            self._log.add(
                "not-a-time",
                Severity.REFUSED,
                text("this is no date or time that can be read"),
                text("write it as 2025-03-31 14:05, or give `format` in the map"),
                column=self.header,
                rows=rows[wrong],
                value=str(column[int(wrong[0])].as_py()),
            )
