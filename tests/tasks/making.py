"""Small plants made from a few lines of CSV, through the same import a user's files take."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from forgecast.ground.dates import HOUR_US, day_start_us, month_start
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.assess_plant import assess_plant
from forgecast.tasks.assessment import Assessment, KeyFigure
from forgecast.tasks.import_files import import_files
from forgecast.tasks.new_plant import new_plant

ZONE = "Asia/Shanghai"
MONTHS = tuple(f"2025-{month:02d}" for month in range(1, 13))


def made_plant(folder: Path, tables: Mapping[str, str], series: Mapping[str, np.ndarray] | None = None) -> Path:
    """Make a plant from CSV texts by record, and hourly series from 2025-01-01 on by tag; NaN is a missing hour."""
    folder.mkdir(exist_ok=True)
    plant, files = folder / "plant", []
    for name, content in tables.items():
        path = folder / f"{name}.csv"
        path.write_text(content.strip() + "\n", encoding="utf-8")
        files.append(path)
    if series:
        files.append(_parquet(folder / "readings.parquet", series))
    new_plant(plant, name="Plant")
    with PlantFolder.open(plant) as opened:
        report = import_files(opened, files)
    assert [f.name for f in report.files if f.refused is not None] == []
    return plant


def _parquet(path: Path, series: Mapping[str, np.ndarray]) -> Path:
    start = day_start_us(month_start("2025-01"), ZONE)
    tag: list[str] = []
    t, value = [], []
    for name, values in series.items():
        there = np.flatnonzero(np.isfinite(values))
        tag += [name] * there.size
        t.append(start + (there + 1) * HOUR_US)  # an hour's mean is stamped with its end
        value.append(values[there])
    columns = {"tag": tag, "t": np.concatenate(t).astype(np.int64), "value": np.concatenate(value)}
    pq.write_table(pa.table(columns), path)
    return path


def assessed(plant: Path) -> Assessment:
    with PlantFolder.open(plant) as opened:
        return assess_plant(opened, at=month_start("2025-12").replace(day=31))


def figure(assessment: Assessment, name: str) -> KeyFigure:
    (found,) = [one for one in assessment.figures if one.id == name]
    return found


def words(assessment: Assessment) -> dict[str, str]:
    return {verdict.id: str(verdict.word) for verdict in assessment.verdicts}
