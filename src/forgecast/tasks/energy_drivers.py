"""What drives a plant's energy, by month, day or hour: tonnes by line or route, heats, scrap, a tag's mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from forgecast.energy.month import FloatArray
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.tasks.energy_series import By, Stretch
from forgecast.tasks.monthly import production_by_month
from forgecast.tasks.plant_view import PlantView

#: Drivers by name and what they are; ``@`` takes a line or route, ``tag:`` a tag's number.
DRIVERS: Final[dict[str, Text]] = {
    "good_t": text("good castings and forgings [t]; good_t@LINE or good_t@casting for a part"),
    "metal_t": text("metal poured or heated [t]; @ as above"),
    "scrap_share": text("scrap over good and scrap mass [1]"),
    "heats": text("heats tapped"),
    "heat_t": text("metal tapped [t]; heat_t@FURNACE for one furnace"),
    "pieces": text("pieces made, from machine outputs"),
    "tag:NAME": text("mean of a tag, such as the temperature outdoors"),
}


def default_drivers(view: PlantView, by: By) -> tuple[str, ...]:
    """Return drivers a plant has on record: good mass by route in months, tapped metal in shorter periods."""
    if by in ("day", "hour"):
        return ("heat_t",)
    routes = sorted({row.text("route") for row in view.rows("production") if row.text("route")})
    return tuple(f"good_t@{route}" for route in routes) if len(routes) > 1 else ("good_t",)


def driver_values(view: PlantView, names: Sequence[str], stretch: Stretch, by: By) -> dict[str, FloatArray]:
    """Return each driver over the periods of a stretch, NaN where it is not on record.

    Raises
    ------
    ForgecastError
        If a driver is unknown, or is kept by month only and shorter periods are asked for.
    """
    return {name: _driver(view, name, stretch, by) for name in names}


def _driver(view: PlantView, name: str, stretch: Stretch, by: By) -> FloatArray:
    if name.startswith("tag:"):
        return _tag_means(view, name.removeprefix("tag:"), stretch)
    kind, _, part = name.partition("@")
    if kind in ("heats", "heat_t"):
        return _heats(view, stretch, part, mass=kind == "heat_t")
    if kind == "pieces":
        return _pieces(view, stretch, part)
    if kind not in ("good_t", "metal_t", "scrap_share"):
        raise ForgecastError(
            text("{name} is no driver", name=name),
            where="--driver",
            repair=text("write one of: {names}", names=", ".join(DRIVERS)),
        )
    if by != "month":
        raise ForgecastError(
            text("{name} is on record by month only", name=name),
            where="--driver",
            repair=text("ask by month, or use heats, heat_t, pieces or tag:NAME"),
        )
    found = _masses(view, kind, part)
    at = {month: n for n, month in enumerate(view.months)}
    return np.array([found[at[month]] for month in stretch.names])


def _masses(view: PlantView, kind: str, part: str) -> FloatArray:
    if kind == "scrap_share":
        good, scrap = (_of(view, field, part) for field in ("good_mass_t", "scrap_mass_t"))
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(scrap / (good + scrap))
    return _of(view, "good_mass_t" if kind == "good_t" else "metal_mass_t", part)


def _of(view: PlantView, field: str, part: str) -> FloatArray:
    if part in ("", "casting", "forging"):
        return production_by_month(view, field, route=part)
    found = np.full(len(view.months), np.nan)
    at = {month: n for n, month in enumerate(view.months)}
    lines = set()
    for row in view.rows("production"):
        lines.add(row.text("line"))
        if row.text("line") == part and row.text("month") in at:
            found[at[row.text("month")]] = row.number_of(field)
    if part not in lines:
        raise ForgecastError(
            text("no production is on record of {part}", part=part),
            where="--driver",
            repair=text("on record are: {names}", names=", ".join(sorted(lines)) or "–"),
        )
    return found


def _heats(view: PlantView, stretch: Stretch, furnace: str, *, mass: bool) -> FloatArray:
    rows = [row for row in view.rows("heat") if furnace in ("", row.text("furnace"))]
    times = np.array([row.number_of("tapped_at") for row in rows])
    values = np.array([row.number_of("mass") / 1000.0 if mass else 1.0 for row in rows])
    return _counted(times, values, stretch)


def _pieces(view: PlantView, stretch: Stretch, equipment: str) -> FloatArray:
    rows = [row for row in view.rows("machine_output") if equipment in ("", row.text("equipment"))]
    times = np.array([row.number_of("ended_at") - 1.0 for row in rows])
    return _counted(times, np.array([row.number_of("total") for row in rows]), stretch)


def _counted(times: FloatArray, values: FloatArray, stretch: Stretch) -> FloatArray:
    """Return sums by period: 0 between the first and the last row on record, NaN outside."""
    count = len(stretch.names)
    if times.size == 0:
        return np.full(count, np.nan)
    edges = stretch.edges_us
    at = np.searchsorted(edges, times, side="right") - 1
    inside = (at >= 0) & (at < count)
    sums = np.bincount(at[inside], weights=values[inside], minlength=count)
    known = (edges[1:] > times.min()) & (edges[:-1] <= times.max())
    return np.asarray(np.where(known, sums, np.nan))


def _tag_means(view: PlantView, name: str, stretch: Stretch) -> FloatArray:
    if name not in view.tags:
        raise ForgecastError(
            text("there is no tag {name} with readings", name=name),
            where="--driver",
            repair=text("`forgecast plant status` lists the series of a plant"),
        )
    first, last = int(stretch.edges_us[0]), int(stretch.edges_us[-1])
    series = view.folder.telemetry.series(name, first, last)
    good = series.flag == 0
    at = np.searchsorted(stretch.edges_us, series.t[good], side="right") - 1
    sums = np.bincount(at, weights=series.value[good], minlength=len(stretch.names))
    counts = np.bincount(at, minlength=len(stretch.names))
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(counts > 0, sums / counts, np.nan))
