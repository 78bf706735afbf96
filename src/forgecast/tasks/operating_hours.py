"""How long machines ran: from operating tags, machine states or heats, by month, and where nothing tells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import HOUR_US
from forgecast.ground.texts import Text, text
from forgecast.tasks.plant_view import PlantView, Row

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class OperatingHours:
    """Hours a machine ran, by month of the period.

    Parameters
    ----------
    equipment : str
    monthly : (m,) float64 array
        Hours; NaN for a month nothing tells about.
    source : Text
    origin : str
        Tag or record.
    """

    equipment: str
    monthly: FloatArray
    source: Text
    origin: str

    @property
    def total(self) -> float:
        """Return the hours of the months that are told; NaN where none is."""
        return float(np.nansum(self.monthly)) if np.isfinite(self.monthly).any() else float("nan")


def operating_hours(view: PlantView) -> dict[str, OperatingHours]:
    """Return the running hours of every machine of which a tag, its states or its heats tell.

    Parameters
    ----------
    view : PlantView

    Returns
    -------
    dict of str to OperatingHours
        By equipment. An operating tag is believed before machine states, these before heats: heats tell the melting
        time only, from charging to tapping.
    """
    found: dict[str, OperatingHours] = {}
    for tag in view.tags.values():
        name = tag.text("equipment")
        if tag.text("measures") == "operating" and name and name not in found:
            told = _from_tag(view, tag)
            if told is not None:
                found[name] = told
    for record, started, ended, source in (
        ("machine_state", "started_at", "ended_at", text("machine states `running`")),
        ("heat", "started_at", "tapped_at", text("heats, from charging to tapping")),
    ):
        key = "equipment" if record == "machine_state" else "furnace"
        for name, rows in _by_machine(view.rows(record), key).items():
            if name not in found:
                monthly = _by_month(view, _stretches(view, rows, started, ended))
                if np.isfinite(monthly).any():
                    found[name] = OperatingHours(name, monthly, source, record)
    return found


def _from_tag(view: PlantView, tag: Row) -> OperatingHours | None:
    partials = view.partials(tag)
    ran = view.ran(tag)
    if partials is None or ran is None:
        return None
    first, end = view.hours
    told = np.zeros(end - first, dtype=np.bool_)
    inside = (partials.hours >= first) & (partials.hours < end) & (partials.good > 0)
    told[partials.hours[inside] - first] = True
    monthly = []
    for month in view.months:
        low, high = view.month_bounds_us(month)
        part = slice(max(low // HOUR_US - first, 0), max(-(-high // HOUR_US) - first, 0))
        monthly.append(float((ran & told)[part].sum()) if told[part].any() else np.nan)
    return OperatingHours(
        tag.text("equipment"), np.array(monthly), text("hours in which the tag showed it running"), tag.text("id")
    )


def _by_machine(rows: Iterable[Row], key: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.text(key):
            found.setdefault(row.text(key), []).append(row)
    return found


def _stretches(view: PlantView, rows: list[Row], started: str, ended: str) -> list[tuple[float, float]]:
    """Return running stretches, microseconds UTC; a state without an end lasts until the next one."""
    found = []
    ordered = sorted((row for row in rows if np.isfinite(row.number_of(started))), key=lambda r: r.number_of(started))
    for at, row in enumerate(ordered):
        if row.record == "machine_state" and row.text("state") != "running":
            continue
        end = row.number_of(ended)
        if not np.isfinite(end):
            end = ordered[at + 1].number_of(started) if at + 1 < len(ordered) else float(view.bounds_us[1])
        if end > row.number_of(started):
            found.append((row.number_of(started), end))
    return found


def _by_month(view: PlantView, stretches: list[tuple[float, float]]) -> FloatArray:
    monthly = []
    for month in view.months:
        low, high = view.month_bounds_us(month)
        low, high = max(low, view.bounds_us[0]), min(high, view.bounds_us[1])
        inside = [min(end, high) - max(start, low) for start, end in stretches if start < high and end > low]
        monthly.append(sum(inside) / HOUR_US if inside else np.nan)
    return np.array(monthly)
