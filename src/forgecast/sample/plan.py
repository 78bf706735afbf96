"""The plan of a made-up year: working days, what runs when, where the planted troubles lie, how many readings."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import DAY_US, HOUR_US, MINUTE_US, day_start_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

#: Intervals a series may have, minutes: all divide an hour.
INTERVALS_MIN = (1, 2, 5, 10, 15, 30)
#: Tags that are written at every scale, and all tags of scale 1.
ESSENTIAL_TAGS, ALL_TAGS = 40, 200
#: Interval of the electricity company's own file, whatever the scale.
QUARTER_US = 15 * MINUTE_US
#: Output of each month of the year against the mean: the spring festival and the national holiday weigh on two.
MONTH_FACTORS = (0.88, 0.84, 1.06, 1.07, 1.03, 1.02, 0.98, 0.95, 1.04, 0.97, 1.08, 1.05)
#: What runs from which to which local hour of a working day.
WINDOWS = {
    "cupola": (7.0, 17.0),
    "cold_cupola": (7.0, 17.0),
    "induction": (5.0, 19.0),
    "forge": (8.0, 20.0),
    "day": (6.0, 22.0),
    "ht": (0.0, 24.0),
}


@dataclass(frozen=True, slots=True)
class Size:
    """How much series data is written: tags, and minutes between their readings."""

    tags: int
    interval_min: int

    @property
    def interval_us(self) -> int:
        """Return microseconds between readings."""
        return self.interval_min * MINUTE_US

    def readings(self, days: int) -> int:
        """Return how many readings of these tags so many days hold."""
        return self.tags * (days * 1440 // self.interval_min)


def size_of(scale: float, days: int = 365) -> Size:
    """Return tags and interval for a scale: the finest interval at which the essential tags fit, then more tags.

    Parameters
    ----------
    scale : float
        Share of 200 tags at one minute; above 0 and up to 1.
    days : int
        Days of the year.

    Raises
    ------
    ForgecastError
        If the scale is not above 0 and at most 1.
    """
    if not 0.0 < scale <= 1.0:
        raise ForgecastError(
            text("the scale is {scale}", scale=scale),
            where="--scale",
            repair=text("give a number above 0 and at most 1; 1 means 200 tags at one minute for a year"),
        )
    budget = scale * Size(ALL_TAGS, 1).readings(days)
    for minutes in INTERVALS_MIN:
        tags = int(budget * (1 + 1e-9)) // Size(1, minutes).readings(days)
        if tags >= ESSENTIAL_TAGS:
            return Size(min(tags, ALL_TAGS), minutes)
    return Size(ESSENTIAL_TAGS, INTERVALS_MIN[-1])


def reading_count(scale: float, year: int = 2025) -> int:
    """Return how many readings the monthly series files hold at a scale, without writing them."""
    days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    return size_of(scale, days).readings(days)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, plant-local days, end exclusive."""

    start: date
    end: date

    def bounds(self, zone: str) -> tuple[int, int]:
        """Return the first instant and the first one after, microseconds UTC."""
        return day_start_us(self.start, zone), day_start_us(self.end, zone)


class SampleYear:
    """A year of the made-up plant: its days, and the stretches in which the planted troubles lie.

    Parameters
    ----------
    year : int
    zone : str
        IANA zone of the plant.
    seed : int
    """

    def __init__(self, year: int, zone: str, seed: int) -> None:
        self.year, self.zone, self.seed = year, zone, seed
        first = date(year, 1, 1)
        self.days = tuple(first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days))
        self.starts: NDArray[np.int64] = np.array(
            [day_start_us(day, zone) for day in (*self.days, date(year + 1, 1, 1))], dtype=np.int64
        )
        over = _weekday_from(date(year, 9, 12), 0)
        self.over_limit = Span(over, over + timedelta(days=6))
        self.meter_gap = Span(date(year, 5, 14), date(year, 5, 19))
        self.stuck = Span(date(year, 7, 7), date(year, 7, 12))
        self.analyser_fault = Span(date(year, 3, 10), date(year, 7, 25))
        self.unbalanced_month = f"{year}-08"
        self.sand_lost_month = f"{year}-10"
        #: First month in which the compressors feed fewer leaks.
        self.leaks_mended = f"{year}-07"
        repeated = _weekday_from(date(year, 10, 20), 0)
        self.repeated = (datetime.combine(repeated, time(6, 15)), datetime.combine(repeated, time(9, 0)))
        traced = _weekday_from(date(year, 11, 10), 0)
        self.traced = Span(traced, traced + timedelta(days=12))
        #: Afternoon of the traced weeks on which nobody wrote down which ladle filled which mould.
        self.unrecorded = traced + timedelta(days=8)
        #: A Sunday on which the sand plant's filter was looked after.
        self.filter_care = _weekday_from(date(year, 6, 8), 6)
        warned = _weekday_from(date(year, 12, 15), 2)
        #: Begin and end of the heavy-pollution warning: two whole working days lie between.
        self.warning = (
            datetime.combine(warned, time(18)),
            datetime.combine(warned + timedelta(days=2), time(18)),
        )
        self.warned_days = frozenset(warned + timedelta(days=n) for n in (1, 2))
        broken = datetime.combine(self.workday(11, 19), time(13, 10))
        #: When machines stood still within their shift: begin, end, state, reason.
        self.halts: dict[str, tuple[tuple[datetime, datetime, str, str], ...]] = {
            "FP-1": ((broken, broken + timedelta(minutes=95), "breakdown", "顶料缸漏油 / ejector cylinder leaks oil"),),
            "SB-1": tuple(
                (
                    datetime.combine(warned + timedelta(days=number), time(hour)),
                    datetime.combine(warned + timedelta(days=number), time(22)),
                    "off",
                    "橙色预警限产 / load cut in the orange warning",
                )
                for number, hour in ((0, 19), (1, 10), (2, 10))
            ),
        }
        self.cold_days = frozenset(
            _weekday_from(date(year, month, 3), 1) + timedelta(days=n) for month in (3, 6, 9, 12) for n in range(3)
        )

    def rng(self, *words: object) -> np.random.Generator:
        """Return the random numbers of one purpose; they depend on the seed and the words only."""
        return np.random.default_rng([self.seed, self.year, *(zlib.crc32(str(word).encode()) for word in words)])

    def works(self, day: date) -> bool:
        """Whether the plant works on a day: Monday to Saturday, but not on the made-up plant's holidays."""
        holiday = (
            date(self.year, 1, 28) <= day <= date(self.year, 2, 4)
            or date(self.year, 5, 1) <= day <= date(self.year, 5, 3)
            or date(self.year, 10, 1) <= day <= date(self.year, 10, 6)
            or day == date(self.year, 1, 1)
        )
        return day.weekday() < 6 and not holiday

    def runs(self, what: str, day: date) -> bool:
        """Whether something of `WINDOWS` runs on a day."""
        if not self.works(day):
            return False
        if what in {"cupola", "cold_cupola"} and day in self.warned_days:
            return False
        if what in {"cupola", "cold_cupola"}:
            return (day in self.cold_days) == (what == "cold_cupola")
        return True

    def workday(self, month: int, from_day: int) -> date:
        """Return the first working day of a month from a day on."""
        day = date(self.year, month, from_day)
        while not self.works(day):
            day += timedelta(days=1)
        return day

    def months(self) -> tuple[str, ...]:
        """Return the months as ``YYYY-MM``."""
        return tuple(f"{self.year}-{month:02d}" for month in range(1, 13))

    def month_bounds(self, month: int) -> tuple[int, int]:
        """Return the first instant of a month (1 to 12) and the first one after, microseconds UTC."""
        after = date(self.year + 1, 1, 1) if month == 12 else date(self.year, month + 1, 1)
        return Span(date(self.year, month, 1), after).bounds(self.zone)

    def instant(self, local: datetime) -> int:
        """Return a plant-local time of the year as microseconds UTC, counted from its local midnight."""
        return day_start_us(local.date(), self.zone) + (local - datetime.combine(local.date(), time(0))) // timedelta(
            microseconds=1
        )

    def activity(
        self, what: str, at: NDArray[np.int64], *, before_h: float = 0.0, after_h: float = 0.0
    ) -> NDArray[np.bool_]:
        """Return whether something runs.

        Parameters
        ----------
        what : str
            A name of `WINDOWS`, or ``always``.
        at : (n,) int64 array
            Microseconds UTC within the year.
        before_h, after_h : float
            Hours by which the window is widened at its start and its end.
        """
        if what == "always":
            return np.ones(at.shape, dtype=np.bool_)
        day = np.clip(np.searchsorted(self.starts, at, side="right") - 1, 0, len(self.days) - 1)
        on = np.array([self.runs(what, one) for one in self.days], dtype=np.bool_)
        begin, end = WINDOWS[what]
        within = at - self.starts[day]
        length = DAY_US if what == "ht" else int((end + after_h) * HOUR_US)
        running: NDArray[np.bool_] = on[day] & (within >= int((begin - before_h) * HOUR_US)) & (within < length)
        return running


def _weekday_from(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.weekday()) % 7)
