"""Calendar windows as INT64 bounds: days, months and shifts, worked out in Python so that no engine meets a zone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import HOUR_US, Period, ShiftCalendar, day_start_us, next_month, to_us, zone
from forgecast.ground.errors import PlantError
from forgecast.ground.texts import text
from forgecast.store.hour_partials import HourlyPartials


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Stretches of time that do not overlap, ascending.

    Parameters
    ----------
    names : tuple of str
        ``2025-03-30``, ``2025-03``, ``2025-03-30 night``.
    start, end : (n,) int64 array
        Microseconds UTC, end exclusive.
    """

    names: tuple[str, ...]
    start: NDArray[np.int64]
    end: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.names)

    @property
    def step_us(self) -> int:
        """Return the longest step that divides every bound: in steps of it, each instant lies in one window or none."""
        return math.gcd(*self.start.tolist(), *self.end.tolist())

    def steps(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return by step of `step_us` since 1970: the step, and the number of its window."""
        step = self.step_us
        counts = (self.end - self.start) // step
        number = np.repeat(np.arange(len(self), dtype=np.int64), counts)
        within = np.arange(number.size) - np.repeat(np.cumsum(counts) - counts, counts)
        return self.start[number] // step + within, number

    def of(self, t: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the number of the window of each instant, -1 outside all of them."""
        number = np.searchsorted(self.start, t, side="right") - 1
        inside = (number >= 0) & (t < self.end[np.maximum(number, 0)]) if len(self) else np.zeros(t.shape, bool)
        return np.where(inside, number, -1)


@dataclass(frozen=True, slots=True, eq=False)
class WindowPartials:
    """Calendar windows of several tags, by tag and window, one entry for each window that has a reading.

    Parameters
    ----------
    tags : tuple of str
        Names, ascending.
    tag, window : (n,) int64 array
        Index into `tags`, and into the windows asked.
    n, n_good : (n,) int64 array
        Readings of the window, and the good ones among them.
    sum, min, max : (n,) float64 array
        Over the good readings, in the tag's unit; min and max NaN, sum 0 where there is none.
    first_t, last_t : (n,) int64 array
        First and last reading, good or not, microseconds UTC.
    """

    tags: tuple[str, ...]
    tag: NDArray[np.int64]
    window: NDArray[np.int64]
    n: NDArray[np.int64]
    n_good: NDArray[np.int64]
    sum: NDArray[np.float64]
    min: NDArray[np.float64]
    max: NDArray[np.float64]
    first_t: NDArray[np.int64]
    last_t: NDArray[np.int64]

    def __len__(self) -> int:
        return int(self.window.size)

    @property
    def mean(self) -> NDArray[np.float64]:
        """Return the mean of each window's good readings, NaN where there is none."""
        return np.where(self.n_good > 0, self.sum / np.maximum(self.n_good, 1), np.nan)


def over_windows(hours: HourlyPartials, windows: Windows) -> WindowPartials:
    """Add hours up by calendar windows; hours outside all of them are left out.

    Raises
    ------
    PlantError
        If a window does not begin and end on a whole UTC hour: `forgecast.store.questions.by_window` asks the readings.
    """
    if len(windows) and windows.step_us % HOUR_US:
        raise PlantError(
            text("these windows do not begin and end on whole hours UTC"),
            where=windows.names[0],
            repair=text("ask the readings themselves: the hours cannot be cut"),
        )
    window = windows.of(hours.hour * HOUR_US)
    kept = np.flatnonzero(window >= 0)
    tag, window = hours.tag[kept], window[kept]
    first = np.flatnonzero((np.diff(tag, prepend=-1) != 0) | (np.diff(window, prepend=-1) != 0))
    ways = {"n": np.add, "n_good": np.add, "sum": np.add, "min": np.fmin, "max": np.fmax}
    ways |= {"first_t": np.minimum, "last_t": np.maximum}
    if first.size == 0:
        return WindowPartials(hours.tags, tag, window, *(getattr(hours, name)[kept] for name in ways))
    added = {name: way.reduceat(getattr(hours, name)[kept], first) for name, way in ways.items()}
    return WindowPartials(hours.tags, tag[first], window[first], **added)


def day_windows(period: Period, zone_name: str) -> Windows:
    """Return the local days of a period; a day of the change of clocks has 23 or 25 hours."""
    days = [period.start + timedelta(days=n) for n in range(period.days + 1)]
    return _adjoining([str(day) for day in days[:-1]], [day_start_us(day, zone_name) for day in days])


def month_windows(period: Period, zone_name: str) -> Windows:
    """Return the local months that a period touches, each whole."""
    months = period.months()
    starts = [date.fromisoformat(f"{month}-01") for month in months]
    starts.append(next_month(starts[-1]))
    return _adjoining(list(months), [day_start_us(day, zone_name) for day in starts])


def shift_windows(period: Period, calendar: ShiftCalendar) -> Windows:
    """Return the shifts that begin on the days of a period; each lasts until the next one begins."""
    place = zone(calendar.zone_name)
    names, bounds = [], []
    for n in range(period.days + 1):
        day = period.start + timedelta(days=n)
        for shift in calendar.shifts if n < period.days else calendar.shifts[:1]:
            names.append(f"{day} {shift.name}")
            bounds.append(to_us(datetime.combine(day, shift.start, tzinfo=place)))
    return _adjoining(names[:-1], bounds)


def _adjoining(names: list[str], bounds: list[int]) -> Windows:
    edges = np.array(bounds, dtype=np.int64)
    return Windows(tuple(names), edges[:-1], edges[1:])
