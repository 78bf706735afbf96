"""Plants with a made-up melt shop: masses that balance in every month, written row by row into the records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from forgecast.plant.rows import RecordRows, Value
from forgecast.store.importing import Source
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.new_plant import new_plant

ALLOY = "QT450-10"
#: Heats a month, and castings of one product a heat.
HEATS = 10
PART_KG = 20.0


def moment(month: int, day: int = 5, hour: int = 8, minute: int = 0, year: int = 2026) -> int:
    """Return an instant in microseconds UTC."""
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()) * 1_000_000


def put(plant: PlantFolder, records: Mapping[str, Sequence[Mapping[str, Value]]], name: str = "made_up.csv") -> None:
    """Put rows into a plant as if they came from one file."""
    with plant.importing(Source(name, name, f"{hash(name) & 0xFFFFFFFF:064x}", 1)) as entry:
        for record, rows in records.items():
            fields = dict.fromkeys(field for row in rows for field in row)
            columns = {field: [row.get(field) for row in rows] for field in fields}
            entry.put_rows(RecordRows(record, columns, np.arange(2, 2 + len(rows), dtype=np.int64)))


def empty_plant(folder: Path) -> PlantFolder:
    """Return a new plant, open."""
    new_plant(folder, name="made up", zone_name="Asia/Shanghai")
    return PlantFolder.open(folder)


def books(
    months: int = 6, *, seed: int = 0, noise: float = 0.0, unbooked: float = 0.0
) -> dict[str, list[dict[str, Value]]]:
    """Return the records of a melt shop whose metal balances.

    Parameters
    ----------
    months : int
    seed : int
    noise : float
        Standard deviation of each stream of a month as a share of it.
    unbooked : float
        Castings scrapped and remelted without a booking as scrap, as a share of the good ones.
    """
    rng = np.random.default_rng(seed)
    out: dict[str, list[dict[str, Value]]] = {name: [] for name in ("heat", "charge_item", "piece", "lot", "product")}
    out["product"].append({"id": "P1", "alloy": ALLOY, "route": "casting", "mass": PART_KG})
    for month in range(1, months + 1):
        said = {
            name: float(1.0 + noise * rng.normal()) for name in ("new", "back", "loss", "tap", "good", "gate", "bad")
        }
        for n in range(HEATS):
            heat = f"H{month:02d}{n:02d}"
            poured = float(rng.uniform(2900.0, 3100.0))
            loss = 0.03 * poured
            # Yield and scrap wander from month to month, so that causes do not look alike.
            gates = (0.30 + 0.03 * ((month * 7) % 5)) * poured
            bad, work = 0.04 * poured, 0.01 * poured
            good = poured - gates - bad - work
            hidden = unbooked * good
            back = (gates + bad) * (0.9 + 0.05 * (month % 3))
            new = poured + loss - back
            at = moment(month, 2 + n)
            out["heat"].append(
                {"id": heat, "tapped_at": at, "furnace": "F1", "alloy": ALLOY, "mass": poured * said["tap"],
                 "slag_mass": loss * said["loss"]}
            )  # fmt: skip
            charged = (("pig_iron", 0.4 * new, "new"), ("steel_scrap", 0.6 * new, "new"), ("returns", back, "back"))
            for number, (material, mass, who) in enumerate(charged, start=1):
                out["charge_item"].append(
                    {"heat": heat, "number": number, "material": material, "mass": mass * said[who]}
                )  # fmt: skip
            for result, mass, who in (("good", good - hidden, "good"), ("reject", bad, "bad"), (None, work, "")):
                out["piece"].append(
                    {"id": f"{heat}-{result or 'work'}", "product": "P1", "made_at": at, "heat": heat,
                     "mass": mass * said.get(who, 1.0), "count": max(round(mass / PART_KG), 1), "result": result}
                )  # fmt: skip
            out["lot"].append(
                {"id": f"R{heat}", "material": "returns", "alloy": ALLOY, "received_at": at,
                 "mass": gates * said["gate"]}
            )  # fmt: skip
    return out


def melt_plant(folder: Path, months: int = 6, *, seed: int = 0, noise: float = 0.0, unbooked: float = 0.0) -> Path:
    """Return the folder of a plant with such records."""
    with empty_plant(folder) as plant:
        put(plant, books(months, seed=seed, noise=noise, unbooked=unbooked))
    return folder
