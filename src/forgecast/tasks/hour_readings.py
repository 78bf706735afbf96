"""What an hour of a stack rests on: every series of the stack in that hour, with its readings and their flags."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from forgecast.ground.dates import HOUR_US, Period, from_us, local_day
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.signals.reading import GOOD, Readings
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.plant_view import PlantView, Row

#: Most readings of a series in an hour that are told one by one; more are thinned out evenly.
MOST = 720


@dataclass(frozen=True, slots=True, eq=False)
class TagHour:
    """One series of a stack in one hour.

    Parameters
    ----------
    tag, measures, unit, file : str
        The file the series came from; empty for live readings.
    expected : float or None
        Readings due in an hour; None where nothing tells.
    readings : Readings
    """

    tag: str
    measures: str
    unit: str
    file: str
    expected: float | None
    readings: Readings

    def as_json(self) -> dict[str, object]:
        """Return the series as every JSON answer shows it."""
        good = self.readings.flag == GOOD
        value = self.readings.value[good]
        step = max(1, math.ceil(len(self.readings) / MOST))
        return {
            "tag": self.tag,
            "measures": self.measures,
            "unit": self.unit,
            "described_in": self.file,
            "expected": self.expected,
            "count": len(self.readings),
            "good": int(good.sum()),
            "mean": float(value.mean()) if value.size else None,
            "lowest": float(value.min()) if value.size else None,
            "highest": float(value.max()) if value.size else None,
            "times": (self.readings.t[::step] // 1000).tolist(),
            "values": [float(one) for one in self.readings.value[::step]],
            "flags": [int(one) for one in self.readings.flag[::step]],
        }


def hour_readings(folder: PlantFolder, stack: str, hour: int) -> tuple[TagHour, ...]:
    """Return the series of a stack in one hour.

    Parameters
    ----------
    folder : PlantFolder
    stack : str
    hour : int
        Hours since 1970-01-01T00:00Z.

    Raises
    ------
    ForgecastError
        If the stack is not on record.
    """
    day = local_day(hour * HOUR_US, folder.settings.zone)
    view = PlantView(folder, Period(day, day + timedelta(days=1)), day)
    if stack not in view.by_id("stack"):
        raise ForgecastError(
            text("there is no stack {stack}", stack=stack),
            repair=text("use one of: {names}", names=", ".join(view.by_id("stack")) or "—"),
        )
    tags = [row for row in view.by_id("tag").values() if row.text("stack") == stack]
    return tuple(_one(view, tag, hour) for tag in tags)


def _one(view: PlantView, tag: Row, hour: int) -> TagHour:
    # A reading that closes its interval and is stamped exactly on the hour belongs to the hour before.
    shift = 1 if tag.text("reading") in ("mean", "quantity") else 0
    low, high = hour * HOUR_US + shift, (hour + 1) * HOUR_US + shift
    stored = view.folder.telemetry.series(tag.text("id"), low, high)
    if not len(stored):
        live = view.folder.tail.series(tag.text("id"), low)
        inside = live.t < high
        stored = Readings(live.tag, live.t[inside], live.value[inside], live.flag[inside])
    finite = np.isfinite(stored.value)
    stored = Readings(stored.tag, stored.t[finite], stored.value[finite], stored.flag[finite])
    interval = tag.number_of("interval")
    expected = 3600.0 / interval if interval > 0 else None
    return TagHour(tag.text("id"), tag.text("measures"), tag.text("unit"), tag.place, expected, stored)


def local_hour(folder: PlantFolder, hour: int) -> str:
    """Return the beginning of an hour by the plant's clock."""
    return f"{from_us(hour * HOUR_US, folder.settings.zone):%Y-%m-%d %H:%M}"
