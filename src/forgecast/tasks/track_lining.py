"""Track the wear of a furnace lining over the heats of a plant or a file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.signals.condition.lining import LiningWear, wear_of_lining
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.condition_values import SignalsAsked, read_signals


@dataclass(frozen=True, slots=True, eq=False)
class LiningAnswer:
    """The wear of a lining.

    Parameters
    ----------
    source, furnace, indicator, unit : str
    names : (n,) array of str
        Heats.
    wear : LiningWear
    notes : tuple of Text
    """

    source: str
    furnace: str
    indicator: Text
    unit: str
    names: NDArray[np.object_]
    wear: LiningWear
    notes: tuple[Text, ...]

    def as_json(self) -> dict[str, object]:
        """Return the answer; what has no end is null and said so."""
        wear = self.wear
        return {
            "source": self.source,
            "furnace": self.furnace,
            "indicator": self.indicator.as_json(),
            "unit": self.unit,
            "campaigns": [
                {"first": str(self.names[one.first]), "last": str(self.names[one.last]), "heats": one.heats,
                 "level": one.level, "slope_per_heat": one.slope, "slope_low": one.slope_low,
                 "slope_high": one.slope_high}
                for one in wear.campaigns
            ],
            "relinings_found": wear.found_campaigns,
            "conditions": [
                {"name": name, "effect": value, "standard_error": error} for name, value, error in wear.effects
            ],
            "noise": wear.noise,
            "memory": wear.memory,
            "limit": wear.limit,
            "limit_from": None if wear.limit_from is None else wear.limit_from.as_json(),
            "heats_left": _known(wear.left),
            "heats_left_low": _known(wear.left_low),
            "heats_left_high": _known(wear.left_high),
            "may_never_reach_limit": wear.left_high is not None and math.isinf(wear.left_high),
            "notes": [one.as_json() for one in self.notes],
        }  # fmt: skip


def track_lining(
    source: Path, *, furnace: str = "", column: str = "", conditions: tuple[str, ...] = (), campaign: str = "",
    limit: float | None = None, confidence: float = 0.9, time: str = "",
) -> LiningAnswer:  # fmt: skip
    """Read heats and return the wear of a lining.

    Parameters
    ----------
    source : Path
        A plant, whose heats give energy per tonne, or a file.
    furnace : str
        Of a plant; may be empty where it has one only.
    column, conditions, campaign, time : str
        Of a file: indicator, what else moves it, name of the lining, time.
    limit : float or None
        In the unit of the indicator.
    confidence : float

    Raises
    ------
    ForgecastError
        If there are too few heats, or nothing says which furnace or column is meant.
    """
    if source.is_dir():
        with PlantFolder.open(source) as plant:
            return _of_heats(plant, furnace, limit, confidence)
    if not column:
        raise ForgecastError(
            text("nothing says which column tells the wear"), where=source.name,
            repair=text("name it with --column: energy per tonne, power at full voltage, leakage current …"),
        )  # fmt: skip
    watched = read_signals(source, SignalsAsked((column, *conditions), (campaign,) if campaign else (), time=time))
    told = {name: one.values for name, one in zip(conditions, watched.columns[1:], strict=True)}
    words = None if not campaign else [None if w is None else str(w) for w in watched.labels[campaign]]
    first = watched.columns[0]
    wear = wear_of_lining(first.values, conditions=told, campaigns=words, limit=limit, confidence=confidence)
    return LiningAnswer(watched.source, furnace, first.title, first.unit, watched.names, wear,
                        (*watched.notes, *wear.notes))  # fmt: skip


def _of_heats(plant: PlantFolder, furnace: str, limit: float | None, confidence: float) -> LiningAnswer:
    rows = plant.records.read("heat")
    furnaces = sorted({str(row["furnace"]) for row in rows})
    if not furnace and len(furnaces) != 1:
        raise ForgecastError(
            text("nothing says which furnace is meant") if furnaces else text("the plant has no heats on record"),
            where=str(plant.path),
            repair=text("name it with --furnace: {names}", names=", ".join(furnaces))
            if furnaces else text("take in the record heat with `forgecast plant import`"),
        )  # fmt: skip
    furnace = furnace or furnaces[0]
    mine = sorted(
        (row.values for row in rows if row["furnace"] == furnace), key=lambda row: float(str(row["tapped_at"]))
    )
    if not mine:
        raise ForgecastError(
            text("furnace {name} has no heats on record", name=furnace), where=str(plant.path),
            repair=text("name it with --furnace: {names}", names=", ".join(furnaces)),
        )  # fmt: skip

    def numbers(name: str) -> NDArray[np.float64]:
        return np.array([math.nan if row[name] is None else float(str(row[name])) for row in mine])

    charge = numbers("charge_mass")
    melted = np.where(np.isfinite(charge), charge, numbers("mass"))
    with np.errstate(divide="ignore", invalid="ignore"):
        indicator = numbers("energy_kWh") / (melted / 1000.0)
        hours = (numbers("tapped_at") - numbers("started_at")) / 3.6e9
    conditions: Mapping[str, NDArray[np.float64]] = {
        "tap_temperature_degC": numbers("tap_temperature_degC"), "charge_mass_kg": melted,
        "charge_to_tap_h": hours, "heel_mass_kg": numbers("heel_mass"),
    }  # fmt: skip
    # A condition that most heats lack would throw the heats away with it.
    there = np.isfinite(indicator)
    used = {name: one for name, one in conditions.items() if there.any() and np.isfinite(one[there]).mean() >= 0.8}
    dropped = [name for name in conditions if name not in used]
    linings = [None if row["lining"] is None else str(row["lining"]) for row in mine]
    ages = numbers("lining_heats")
    if not any(linings) and np.isfinite(ages).mean() >= 0.8:
        # A count of heats that falls begins a new lining.
        filled = np.where(np.isfinite(ages), ages, np.maximum.accumulate(np.nan_to_num(ages)))
        linings = [str(n) for n in np.cumsum(np.concatenate([[False], np.diff(filled) < 0]))]
    wear = wear_of_lining(indicator, conditions=used, campaigns=linings, limit=limit, confidence=confidence)
    notes = [*wear.notes,
             text("energy per tonne falls as a thinner wall couples better and rises as it loses more heat: know which "
                  "of the two your furnace shows")]  # fmt: skip
    if dropped:
        notes.append(text("conditions that most heats lack are not taken out: {names}", names=", ".join(dropped)))
    names = np.array([str(row["id"]) for row in mine], dtype=object)
    return LiningAnswer(
        plant.settings.name, furnace, text("energy per tonne charged"), "kWh/t", names, wear, tuple(notes)
    )


def _known(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
