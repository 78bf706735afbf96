"""Calendar windows as INT64 bounds: days, months and shifts, worked out in Python so that no engine meets a zone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import Period, ShiftCalendar, day_start_us, next_month, to_us, zone


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
