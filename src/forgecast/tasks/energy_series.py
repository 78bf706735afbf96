"""Interval energy of a meter or machine on an even grid, and periods to add it up by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.energy.month import FloatArray
from forgecast.ground.dates import HOUR_US, Period, day_start_us, from_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.ground.units import convert
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.plant_view import PlantView, Row, period_of

By: TypeAlias = Literal["month", "day", "hour", "total"]


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """Energy of even intervals over a period.

    Parameters
    ----------
    tag : str
    starts_us : (n,) int64 array
        Starts, microseconds UTC, without a gap.
    energy_kWh : (n,) float64 array
        NaN where nothing good was read.
    interval : float
        Length [s].
    """

    tag: str
    starts_us: NDArray[np.int64]
    energy_kWh: FloatArray
    interval: float

    @property
    def power_kW(self) -> FloatArray:
        """Return the mean power of each interval."""
        return np.asarray(self.energy_kWh * 3600.0 / self.interval)

    @property
    def length_us(self) -> int:
        """Return the length of an interval in microseconds."""
        return round(self.interval * 1e6)


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Periods that follow one another: their names, and their edges in microseconds UTC."""

    names: tuple[str, ...]
    edges_us: NDArray[np.int64]


def view_of(folder: PlantFolder, since: date | None, until: date | None) -> PlantView:
    """Return a plant's view of the days asked for: without, the twelve whole months up to its last record.

    Raises
    ------
    ForgecastError
        If the plant is empty, or the days are the wrong way round.
    """
    if since is None or until is None:
        whole, _ = period_of(folder, until)
        since = whole.start if since is None else since
        until = whole.end - timedelta(days=1) if until is None else until
    return PlantView(folder, Period(since, until + timedelta(days=1)), until)


def stretches(view: PlantView, by: By) -> Stretch:
    """Return the months (whole ones), days or hours of a view's period, or the period itself."""
    start, end = view.bounds_us
    if by == "total":
        name = f"{view.period.start}/{view.period.end - timedelta(days=1)}"
        return Stretch((name,), np.array([start, end], dtype=np.int64))
    if by == "month":
        bounds = [(m, view.month_bounds_us(m)) for m in view.months]
        kept = [(m, bound) for m, bound in bounds if bound[0] >= start and bound[1] <= end]
        if not kept:
            raise ForgecastError(
                text(
                    "no whole month lies between {since} and {until}",
                    since=str(view.period.start),
                    until=str(view.period.end - timedelta(days=1)),
                ),
                repair=text("choose other days, or ask by day"),
            )
        edges = [bound[0] for _, bound in kept] + [kept[-1][1][1]]
        return Stretch(tuple(m for m, _ in kept), np.array(edges, dtype=np.int64))
    if by == "day":
        days = [view.period.start + timedelta(days=n) for n in range(view.period.days + 1)]
        edges_us = np.array([day_start_us(day, view.zone) for day in days], dtype=np.int64)
        return Stretch(tuple(day.isoformat() for day in days[:-1]), edges_us)
    first, last = -(-start // HOUR_US), end // HOUR_US
    edges_us = np.arange(first, last + 1, dtype=np.int64) * HOUR_US
    names = tuple(f"{from_us(int(t), view.zone):%Y-%m-%d %H:%M%z}" for t in edges_us[:-1])
    return Stretch(names, edges_us)


def meter_of(view: PlantView, asked: str, carrier: str = "electricity") -> Row:
    """Return a meter by its number, or the only main meter of a carrier.

    Raises
    ------
    ForgecastError
        If it is not on record, or several could be meant.
    """
    meters = view.by_id("meter")
    if asked:
        if asked in meters:
            return meters[asked]
        raise ForgecastError(
            text("there is no meter {meter}", meter=asked),
            where="--meter",
            repair=text("on record are: {names}", names=", ".join(sorted(meters)) or "–"),
        )
    mains = [row for row in meters.values() if row.text("carrier") == carrier and not row.text("parent")]
    if len(mains) == 1:
        return mains[0]
    raise ForgecastError(
        text("the plant has {count} main meters of electricity", count=len(mains)),
        where="meter",
        repair=text("name one with --meter, or take in the record of meters"),
    )


def meter_intervals(view: PlantView, meter: str, measures: str = "energy") -> Intervals | None:
    """Return a meter's interval energy (or reactive energy) over the view's period; None where it has no series."""
    return _first(view, "meter", meter, measures)


def machine_intervals(view: PlantView, equipment: str) -> Intervals | None:
    """Return a machine's interval energy, from its own tags or those of the meter that measures it alone."""
    own = _first(view, "equipment", equipment, "energy")
    if own is not None:
        return own
    for row in view.rows("meter"):
        if row.text("equipment") == equipment and row.text("carrier") == "electricity":
            return _first(view, "meter", row.text("id"), "energy")
    return None


def _first(view: PlantView, field: str, name: str, measures: str) -> Intervals | None:
    tags = [tag for tag in view.tags.values() if tag.text(field) == name and tag.number_of("interval") > 0]
    for tag in tags:
        if tag.text("measures") == measures and tag.text("reading") == "quantity" and tag.text("unit"):
            unit = tag.text("unit")
            return _even(view, tag, 1.0 if measures != "energy" else convert(1.0, "energy", unit, "kWh"))
    if measures != "energy":
        return None
    for tag in tags:
        if tag.text("measures") == "active_power" and tag.text("reading") == "mean" and tag.text("unit"):
            return _even(view, tag, convert(1.0, "power", tag.text("unit"), "kW") * tag.number_of("interval") / 3600.0)
    return None


def _even(view: PlantView, tag: Row, scale: float) -> Intervals:
    """Return a tag's values, stamped with their ends, on an even grid of starts over the view's period."""
    interval = tag.number_of("interval")
    length = round(interval * 1e6)
    start, end = view.bounds_us
    series = view.folder.telemetry.series(tag.text("id"), start + 1, end + 1)
    good = series.flag == 0
    starts, values = series.t[good] - length, series.value[good]
    # A stamp a hair beside the grid belongs to it; the grid itself begins where the meter's intervals do.
    phase = int(starts[0] % length) if starts.size else 0
    first = start + (phase - start) % length
    grid = np.arange(first, end - length + 1, length, dtype=np.int64)
    energy = np.full(grid.size, np.nan)
    at = (starts - first + length // 2) // length
    inside = (at >= 0) & (at < grid.size)
    energy[at[inside]] = values[inside] * scale
    return Intervals(tag.text("id"), grid, energy, interval)


def added_up(intervals: Intervals, edges_us: NDArray[np.int64]) -> FloatArray:
    """Return the energy of each period; NaN where an interval is missing: a part is no sum."""
    at = np.searchsorted(edges_us, intervals.starts_us, side="right") - 1
    count = edges_us.size - 1
    inside = (at >= 0) & (at < count) & (intervals.starts_us + intervals.length_us <= edges_us[-1])
    sums = np.bincount(at[inside], weights=intervals.energy_kWh[inside], minlength=count)
    there = np.bincount(at[inside], minlength=count)
    due = np.diff(edges_us) // intervals.length_us
    return np.asarray(np.where(there >= due, sums, np.nan))


def meter_sums(view: PlantView, meter: Row, stretch: Stretch, by: By) -> FloatArray:
    """Return what a meter shows in each period, in its own unit: monthly readings first, then its series."""
    found = np.full(len(stretch.names), np.nan)
    if by in ("month", "total"):
        found = _readings(view, meter, stretch, by)
    if np.isnan(found).any() and meter.text("unit") == "kWh":
        intervals = meter_intervals(view, meter.text("id"))
        if intervals is not None:
            found = np.where(np.isnan(found), added_up(intervals, stretch.edges_us), found)
    return found


def _readings(view: PlantView, meter: Row, stretch: Stretch, by: By) -> FloatArray:
    name = meter.text("id")
    read = {r.text("month"): r.number_of("quantity") for r in view.rows("meter_reading") if r.text("meter") == name}
    if by == "month":
        return np.array([read.get(month, np.nan) for month in stretch.names])
    start, end = view.bounds_us
    months = view.months
    whole = view.month_bounds_us(months[0])[0] == start and view.month_bounds_us(months[-1])[1] == end
    return np.array([sum(read.get(month, np.nan) for month in months) if whole else np.nan])
