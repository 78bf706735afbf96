"""A stretch of one series to be looked at: an hour, a day, a week, a month or a year of it, with gaps and doubts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import DAY_US, HOUR_US, MINUTE_US, SECOND_US, from_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.signals.gate.gaps import GAP_INTERVALS
from forgecast.signals.reading import GOOD, INVALID, Readings
from forgecast.store.hour_partials import HourlyPartials
from forgecast.store.plant_folder import PlantFolder


class Span(StrEnum):
    """How much of a series is looked at."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


_LENGTH_US: Mapping[Span, int] = {
    Span.HOUR: HOUR_US,
    Span.DAY: DAY_US,
    Span.WEEK: 7 * DAY_US,
    Span.MONTH: 31 * DAY_US,
    Span.YEAR: 366 * DAY_US,
}
#: More single readings than this are put together.
_MOST_SINGLE = 1_500
#: Over this.
_STEP_US: Mapping[Span, int] = {Span.HOUR: 4 * SECOND_US, Span.DAY: 2 * MINUTE_US}


@dataclass(frozen=True, slots=True, eq=False)
class SignalStretch:
    """A stretch of a series.

    Parameters
    ----------
    tag : str
    unit : str
    span : Span
    start, end : int
        Microseconds UTC.
    step : int
        What each point stands for [us]; 0 for single readings.
    t : (n,) int64 array
        Instants; where readings stay away, one point without a value stands in the gap.
    mean, low, high : (n,) float64 array
        Of the good readings; NaN where there are none.
    doubtful, invalid : (m,) int64 array
        Instants of readings (of steps) that are not good.
    readings : int
    live : bool
        Whether the stretch ends now; else it ends with the last reading.
    """

    tag: str
    unit: str
    span: Span
    start: int
    end: int
    step: int
    t: NDArray[np.int64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    doubtful: NDArray[np.int64]
    invalid: NDArray[np.int64]
    readings: int
    live: bool


def stretch_of_signal(plant: PlantFolder, tag: str, span: Span, *, now: int, until: int | None = None) -> SignalStretch:
    """Return the last hour, day, week, month or year of a series.

    An hour and a day come from the readings; longer stretches from the hours that are kept with them, and for what is
    not sealed yet from the log.

    Parameters
    ----------
    plant : PlantFolder
    tag : str
    span : Span
    now : int
        Microseconds UTC.
    until : int or None
        End of the stretch; None means now, or the last reading where that is longer ago than the stretch.

    Raises
    ------
    ForgecastError
        If the series has no readings.
    """
    latest = plant.tail.latest([tag]).get(tag)
    if latest is None:
        raise ForgecastError(
            text("{tag} has no readings", tag=tag),
            where=tag,
            repair=text("`forgecast signals latest PLANT` lists the series that have readings"),
        )
    row = next(iter(plant.records.read("tag", id=tag)), None)
    unit = str(row["unit"] or "") if row is not None else ""
    interval = row["interval"] if row is not None else None
    length = _LENGTH_US[span]
    live = until is None and now - latest.t < min(length, DAY_US)
    end = until if until is not None else (now if live else latest.t + 1)
    start = end - length
    if span in {Span.HOUR, Span.DAY}:
        readings = _within(plant.tail.series(tag, start), end)
        step = 0 if len(readings) <= _MOST_SINGLE else _STEP_US[span]
        made = _single(readings, interval) if not step else _stepped(readings, step)
    else:
        step = DAY_US if span is Span.YEAR else HOUR_US
        closing = [tag] if row is not None and row["reading"] in {"mean", "quantity"} else []
        readings = _within(plant.tail.tail(tag, start), end)
        offset = from_us(end, plant.settings.zone).utcoffset()
        # Days are those of the plant; where its clocks change, they begin an hour off for half a year.
        shift = 0 if offset is None or span is not Span.YEAR else round(offset.total_seconds()) * SECOND_US
        made = _of_hours(plant.telemetry.hourly([tag], start, end, closing=closing), readings, step, shift)
    t, mean, low, high, doubtful, invalid, count = made
    return SignalStretch(tag, unit, span, start, end, step, t, mean, low, high, doubtful, invalid, count, live)


_Made = tuple[
    NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64],
    NDArray[np.int64], int,
]  # fmt: skip


def _within(readings: Readings, end: int) -> Readings:
    last = int(np.searchsorted(readings.t, end))
    return Readings(readings.tag, readings.t[:last], readings.value[:last], readings.flag[:last])


def _single(readings: Readings, interval: object) -> _Made:
    """Return readings one by one, with an empty point in every gap."""
    t, value, flag = readings.t, readings.value, readings.flag
    shown = np.where(flag == INVALID, np.nan, value)
    usual = float(interval) * SECOND_US if isinstance(interval, int | float) else 0.0
    if not usual and t.size > 2:
        usual = float(np.median(np.diff(t)))
    gaps = np.flatnonzero(np.diff(t) > GAP_INTERVALS * usual) if usual else np.zeros(0, np.int64)
    between = (t[gaps] + t[gaps + 1]) // 2
    times = np.insert(t, gaps + 1, between)
    values = np.insert(shown, gaps + 1, np.nan)
    return times, values, values, values, t[(flag != GOOD) & (flag != INVALID)], t[flag == INVALID], int(t.size)


def _stepped(readings: Readings, step: int) -> _Made:
    """Return means, lowest and highest good values over equal steps; a step without one is empty."""
    t, value, flag = readings.t, readings.value, readings.flag
    if not t.size:
        nothing, no_times = np.zeros(0), np.zeros(0, np.int64)
        return no_times, nothing, nothing, nothing, no_times, no_times, 0
    first = int(t[0] // step)
    place = t // step - first
    n = int(place[-1]) + 1
    good = flag == GOOD
    count = np.bincount(place[good], minlength=n)
    total = np.bincount(place[good], weights=value[good], minlength=n)
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(low, place[good], value[good])
    np.maximum.at(high, place[good], value[good])
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(count > 0, total / count, np.nan)
    low, high = np.where(count > 0, low, np.nan), np.where(count > 0, high, np.nan)
    times = (first + np.arange(n)) * step
    bad = np.unique(place[flag == INVALID])
    doubtful = np.unique(place[(flag != GOOD) & (flag != INVALID)])
    return times, mean, low, high, times[doubtful], times[bad], int(t.size)


def _of_hours(hours: HourlyPartials, tail: Readings, step: int, shift: int) -> _Made:
    """Return steps of whole hours or days out of the hours kept, and out of what is not sealed yet."""
    hour, n, n_good = hours.hour, hours.n, hours.n_good
    total, low, high = hours.sum, hours.min, hours.max
    if len(tail):
        # An hour that is sealed in part and goes on in the log is put together from both.
        fresh = _stepped(tail, HOUR_US)
        good = np.bincount(((tail.t // HOUR_US) - fresh[0][0] // HOUR_US)[tail.flag == GOOD], minlength=fresh[0].size)
        whole = np.bincount((tail.t // HOUR_US) - fresh[0][0] // HOUR_US, minlength=fresh[0].size)
        hour = np.concatenate([hour, fresh[0] // HOUR_US])
        n, n_good = np.concatenate([n, whole]), np.concatenate([n_good, good])
        total = np.concatenate([total, np.where(good > 0, fresh[1] * good, 0.0)])
        low, high = np.concatenate([low, fresh[2]]), np.concatenate([high, fresh[3]])
    if not hour.size:
        return _stepped(tail, HOUR_US)
    begins = (hour * HOUR_US + shift) // step
    first = int(begins.min())
    place = begins - first
    size = int(place.max()) + 1
    good = np.bincount(place, weights=n_good, minlength=size)
    there = np.bincount(place, weights=n, minlength=size)
    sums = np.bincount(place, weights=np.nan_to_num(total), minlength=size)
    lowest, highest = np.full(size, np.inf), np.full(size, -np.inf)
    np.fmin.at(lowest, place, low)
    np.fmax.at(highest, place, high)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(good > 0, sums / good, np.nan)
    times = (first + np.arange(size)) * step - shift
    lowest, highest = np.where(good > 0, lowest, np.nan), np.where(good > 0, highest, np.nan)
    some_bad = times[(there > good)]
    none_good = times[(there > 0) & (good == 0)]
    return times, mean, lowest, highest, np.setdiff1d(some_bad, none_good), none_good, int(there.sum())
