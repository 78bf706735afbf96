"""The plant's clock for many instants at once: local month, weekday and minute of the day, daylight saving included."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import DAY_US, HOUR_US, MINUTE_US, QUARTER_US, from_us


@dataclass(frozen=True, slots=True, eq=False)
class ClockReading:
    """What the plant's clock and calendar show at instants.

    Parameters
    ----------
    day : (n,) int64 array
        Days since 1970-01-01, local.
    month : (n,) int64 array
        Months since 1970-01, local.
    weekday : (n,) int64 array
        0 is Monday.
    minute : (n,) int64 array
        Of the day, by the clock on the wall: on the day of a change some come twice or not at all.
    """

    day: NDArray[np.int64]
    month: NDArray[np.int64]
    weekday: NDArray[np.int64]
    minute: NDArray[np.int64]

    @property
    def month_of_year(self) -> NDArray[np.int64]:
        """Return 1 to 12."""
        return np.asarray(self.month % 12 + 1)

    @property
    def hour(self) -> NDArray[np.int64]:
        """Return 0 to 23."""
        return np.asarray(self.minute // 60)


def plant_clock(times_us: NDArray[np.int64], zone: str) -> ClockReading:
    """Return what the clock of a zone shows at instants.

    Parameters
    ----------
    times_us : (n,) int64 array
        Microseconds UTC.
    zone : str
        IANA name.
    """
    times = np.asarray(times_us, dtype=np.int64)
    # Clocks are changed at quarter hours, so an offset holds throughout the quarter hour of an instant.
    days, of_day = np.unique(times // DAY_US, return_inverse=True)
    starts = np.array([_offset(int(day) * DAY_US, zone) for day in days], dtype=np.int64)
    ends = np.array([_offset(int(day + 1) * DAY_US, zone) for day in days], dtype=np.int64)
    offset = starts[of_day]
    changing = (starts != ends)[of_day]
    quarters, of_quarter = np.unique(times[changing] // QUARTER_US, return_inverse=True)
    offset[changing] = np.array([_offset(int(q) * QUARTER_US, zone) for q in quarters], dtype=np.int64)[of_quarter]
    local = times + offset
    day = local // DAY_US
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return ClockReading(day, month, (day + 3) % 7, (local - day * DAY_US) // MINUTE_US)


def _offset(t_us: int, zone: str) -> int:
    shift = from_us(t_us, zone).utcoffset()
    assert shift is not None  # noqa: S101  (an aware moment always has one)
    return shift // timedelta(microseconds=1)


def month_name(month: int) -> str:
    """Return months since 1970-01 as ``YYYY-MM``."""
    return f"{1970 + month // 12}-{month % 12 + 1:02d}"


def hours_of(times_us: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return hours since 1970-01-01T00:00Z."""
    return np.asarray(np.asarray(times_us, dtype=np.int64) // HOUR_US)
