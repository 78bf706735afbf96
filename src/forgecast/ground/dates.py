"""Dates: instants in UTC microseconds, plant-local calendar, periods, validity and shifts.

Inside Forgecast an instant is an INT64 count of microseconds since 1970-01-01T00:00Z. Zones are met only here,
in Python, never in a query engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
QUARTER_US = 15 * MINUTE_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
CHINA = "Asia/Shanghai"


def zone(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name.

    Raises
    ------
    ForgecastError
        If there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ForgecastError(
            text("there is no time zone named {name}", name=name),
            repair=text("use an IANA name such as Asia/Shanghai or Europe/Berlin"),
        ) from None


def to_us(moment: datetime) -> int:
    """Return an aware moment as microseconds UTC.

    Raises
    ------
    ValueError
        If the moment has no zone.
    """
    if moment.tzinfo is None:
        message = "a moment without a zone has no place on the time line"
        raise ValueError(message)
    return (moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def from_us(t: int, zone_name: str = "UTC") -> datetime:
    """Return microseconds UTC as an aware moment in a zone."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(t))).astimezone(zone(zone_name))


def day_start_us(day: date, zone_name: str) -> int:
    """Return the first instant of a local day, microseconds UTC."""
    return to_us(datetime.combine(day, time(0), tzinfo=zone(zone_name)))


def local_day(t: int, zone_name: str) -> date:
    """Return the local calendar day of an instant in microseconds UTC."""
    return from_us(t, zone_name).date()


def local_to_us(local: NDArray[np.int64], zone_name: str) -> NDArray[np.int64]:
    """Turn wall-clock readings into instants.

    Parameters
    ----------
    local : (n,) int64 array
        Wall-clock time as microseconds since 1970-01-01T00:00 read as if it were UTC.
    zone_name : str
        IANA zone of the clock.

    Returns
    -------
    (n,) int64 array
        Microseconds UTC. Where a wall-clock time occurs twice (end of summer time) the first one is meant; one that
        does not exist (start of summer time) is read with the offset before the change.
    """
    if local.size == 0:
        return local.copy()
    place = zone(zone_name)
    # A day that begins and ends with one offset has it throughout; only the few others are asked by the quarter hour,
    # since clocks are changed at quarter hours.
    days, of_day = np.unique(local // DAY_US, return_inverse=True)
    start = np.array([_offset_us(int(day) * DAY_US, place) for day in days], dtype=np.int64)
    end = np.array([_offset_us(int(day + 1) * DAY_US, place) for day in days], dtype=np.int64)
    offset = start[of_day]
    changing = (start != end)[of_day]
    quarters, of_quarter = np.unique(local[changing] // QUARTER_US, return_inverse=True)
    asked = np.array([_offset_us(int(quarter) * QUARTER_US, place) for quarter in quarters], dtype=np.int64)
    offset[changing] = asked[of_quarter]
    shifted: NDArray[np.int64] = local - offset
    return shifted


def _offset_us(local: int, place: ZoneInfo) -> int:
    wall_clock = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=local)).replace(tzinfo=place)
    offset = wall_clock.utcoffset()
    assert offset is not None  # noqa: S101  (a ZoneInfo always has one)
    return offset // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A stretch of local days, end exclusive."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ForgecastError(
                text(
                    "the period ends on {end}, not after its start {start}",
                    end=str(self.end),
                    start=str(self.start),
                ),
                repair=text("give an end after the start; the end day itself is not part of the period"),
            )

    @property
    def days(self) -> int:
        """Return the number of days."""
        return (self.end - self.start).days

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def bounds_us(self, zone_name: str) -> tuple[int, int]:
        """Return first instant and first instant after, microseconds UTC."""
        return day_start_us(self.start, zone_name), day_start_us(self.end, zone_name)

    def months(self) -> tuple[str, ...]:
        """Return the months touched, as ``YYYY-MM``."""
        found = []
        day = self.start.replace(day=1)
        while day < self.end:
            found.append(day.isoformat()[:7])  # `%Y` gives a year before 1000 fewer digits on some systems
            day = next_month(day)
        return tuple(found)

    @staticmethod
    def twelve_months_to(end: date) -> Period:
        """Return the twelve whole months before the month of `end` (its own month if `end` is its last day)."""
        last = next_month(end) if (end + timedelta(days=1)).day == 1 else end.replace(day=1)
        return Period(last.replace(year=last.year - 1), last)


def next_month(day: date) -> date:
    """Return the first day of the month after."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def month_start(month: str) -> date:
    """Return the first day of a month written ``YYYY-MM``."""
    return date.fromisoformat(f"{month}-01")


@dataclass(frozen=True, slots=True)
class Validity:
    """From which day (inclusive) until which day (exclusive) something holds; None means open."""

    start: date | None = None
    end: date | None = None

    def __contains__(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift by its name and local start; it lasts until the next one starts."""

    name: str
    start: time


@dataclass(frozen=True, slots=True)
class ShiftCalendar:
    """The shifts of a plant day, in order of their start.

    A shift that runs over midnight belongs to the day it started on, as shift books keep it.
    """

    shifts: tuple[Shift, ...]
    zone_name: str = CHINA

    def __post_init__(self) -> None:
        starts = [shift.start for shift in self.shifts]
        if not starts or starts != sorted(set(starts)):
            raise ForgecastError(
                text("the shifts are not in order of their start, or two start at once"),
                where="plant.toml:shifts",
                repair=text("list each shift once, by start time, beginning with the first after midnight"),
            )

    def shift_of(self, t: int) -> tuple[date, str]:
        """Return the shift day and the shift's name of an instant in microseconds UTC."""
        local = from_us(t, self.zone_name)
        begun = [shift for shift in self.shifts if shift.start <= local.time()]
        if begun:
            return local.date(), begun[-1].name
        return local.date() - timedelta(days=1), self.shifts[-1].name
