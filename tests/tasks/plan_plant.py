"""A made-up plant small enough to plan by hand: a cupola, a compressor, two stacks, coke, water and sand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from forgecast.plant.rows import Value
from forgecast.store.plant_folder import PlantFolder
from tests.tasks.melt_plant import empty_plant, moment, put

MONTHS = tuple(f"2025-{month:02d}" for month in range(1, 13))

#: By meter: carrier, unit, parent, line, equipment, purpose, quantity of a month.
METERS: Mapping[str, tuple[str, str, str, str, str, str, float]] = {
    "E-MAIN": ("electricity", "kWh", "", "", "", "", 100_000.0),
    "E-COMP": ("electricity", "kWh", "E-MAIN", "AUX", "", "compressed_air", 20_000.0),
    "E-LIGHT": ("electricity", "kWh", "E-MAIN", "AUX", "", "lighting", 10_000.0),
    "K-CUP": ("coke", "t", "", "CL", "CU-1", "", 20.0),
}


def records() -> dict[str, list[dict[str, Value]]]:
    """Return the records of 2025: 100 t of castings a month from 160 t of metal."""
    return {
        "site": [{"id": "S1", "name": "made up", "province": "江苏", "sector": "C3391"}],
        "equipment": [
            {"id": "CU-1", "name": "cupola", "line": "CL", "kind": "cupola", "fuel": "coke", "melting_rate_t_h": 2.0,
             "key_process": True, "numerically_controlled": True},
            {"id": "ML-1", "name": "moulding", "line": "CL", "kind": "moulding_line", "key_process": True,
             "numerically_controlled": False},
            {"id": "CP-1", "name": "compressor", "line": "AUX", "kind": "compressor", "rated_power_kW": 100.0},
        ],
        "meter": [
            {"id": name, "name": name, "carrier": carrier, "unit": unit, "parent": parent or None,
             "line": line or None, "equipment": equipment or None, "purpose": purpose or None}
            for name, (carrier, unit, parent, line, equipment, purpose, _) in METERS.items()
        ],
        "meter_reading": [
            {"meter": name, "month": month, "quantity": row[6]} for name, row in METERS.items() for month in MONTHS
        ],
        "production": [
            {"month": month, "line": "CL", "route": "casting", "good_mass_t": 100.0, "metal_mass_t": 160.0,
             "scrap_mass_t": 4.0}
            for month in MONTHS
        ],
        "stack": [
            {"id": "DA1", "name": "cupola stack", "site": "S1", "process": "melting", "equipment": "CU-1",
             "furnace": "cupola"},
            {"id": "DA2", "name": "sand stack", "site": "S1", "process": "sand_preparation", "equipment": "ML-1"},
        ],
        "stack_test": [
            {"id": "T1", "stack": "DA1", "sampled_at": moment(3, year=2025), "pollutant": "pm",
             "concentration_mg_m3": 30.0, "flow_m3_h": 10_000.0},
            {"id": "T2", "stack": "DA2", "sampled_at": moment(3, year=2025), "pollutant": "pm",
             "concentration_mg_m3": 10.0, "flow_m3_h": 10_000.0},
        ],
        "waste": [
            {"month": month, "kind": "waste_sand", "fate": fate, "mass_t": mass}
            for month in MONTHS
            for fate, mass in (("landfilled", 30.0), ("reclaimed", 70.0))
        ],
        "year_figure": [
            {"year": 2020, "indicator": "pm_emission", "value": 5.0},
            {"year": 2025, "indicator": "pm_emission", "value": 4.0},
            {"year": 2025, "indicator": "industrial_value_added", "value": 500.0},
            {"year": 2025, "indicator": "water_volume", "value": 3000.0},
        ],
    }  # fmt: skip


def plan_plant_folder(folder: Path, more: Mapping[str, Sequence[Mapping[str, Value]]] | None = None,
                      without: Sequence[str] = ()) -> Path:  # fmt: skip
    """Return the folder of such a plant, with further records and without some."""
    kept = {name: rows for name, rows in records().items() if name not in without}
    with empty_plant(folder) as plant:
        put(plant, kept)
        if more:
            put(plant, more, "more.csv")
    return folder


def opened(folder: Path) -> PlantFolder:
    """Return the plant, open."""
    return PlantFolder.open(folder)


DAY = date(2025, 12, 31)
