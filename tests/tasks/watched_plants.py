"""A plant with a furnace whose cooling water is watched: records, readings, and batches for a live watch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from forgecast.plant.rows import Value
from forgecast.signals.batch import Batch, batch_of
from forgecast.store.plant_folder import PlantFolder
from tests.tasks.melt_plant import empty_plant, put

S = 1_000_000
#: 2026-03-02 00:00 UTC.
START = 1_772_409_600 * S

ALARM: dict[str, Value] = {
    "id": "EF1-WATER",
    "tag": "EF1.FLOW",
    "kind": "low",
    "limit": 20.0,
    "deadband": 2.0,
    "on_delay": 30.0,
    "priority": "critical",
    "hazard": "cooling_water",
    "equipment": "EF1",
    "response": "lower the power, open the emergency water",
    "response_time": 300.0,
}


def water_plant(folder: Path, alarms: Sequence[dict[str, Value]] = (ALARM,), settings: str = "") -> PlantFolder:
    """Return a new plant with a furnace, its series and alarms, open."""
    plant = empty_plant(folder)
    tags = [
        ("EF1.FLOW", "cooling_water_flow", "m³/h", 0.0, 60.0),
        ("EF1.LEAK", "leakage_current", "mA", 0.0, 500.0),
        ("EF1.LINING", "lining", "mm", 0.0, 200.0),
        ("EF1.POWER", "active_power", "kW", 0.0, 5000.0),
    ]
    put(
        plant,
        {
            "equipment": [{"id": "EF1", "kind": "induction_furnace"}],
            "tag": [
                {"id": name, "measures": measures, "unit": unit, "equipment": "EF1", "interval": 10.0, "low": low,
                 "high": high}
                for name, measures, unit, low, high in tags
            ],
            **({"alarm": list(alarms)} if alarms else {}),
        },
    )  # fmt: skip
    if settings:
        plant.close()
        path = folder / "plant.toml"
        path.write_text(path.read_text(encoding="utf-8") + settings, encoding="utf-8")
        plant = PlantFolder.open(folder)
    return plant


def flow_batch(seq: int, *pairs: tuple[float, float], tag: str = "EF1.FLOW") -> Batch:
    """Return a batch of readings from (second, value)."""
    return batch_of("test", seq, [(tag, START + round(second * S), value, 0) for second, value in pairs])


def store(plant: PlantFolder, *series: tuple[str, np.ndarray, np.ndarray]) -> None:
    """Put series of (tag, seconds, values) into the plant as sealed readings."""
    with plant.live(by="test") as live:
        for number, (tag, seconds, values) in enumerate(series, start=1):
            t = START + np.round(seconds * S).astype(np.int64)
            n = t.size
            live.take(
                Batch("made", number, (tag,), np.zeros(n, np.int32), t, values.astype(np.float64), np.zeros(n, np.int8))
            )
        live.seal()
