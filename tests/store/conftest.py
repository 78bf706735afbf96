from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from forgecast.plant.rows import RecordRows, Value
from forgecast.signals.reading import Readings
from forgecast.store.importing import Import, Source
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.settings import PlantSettings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    PlantFolder.create(tmp_path / "plant", PlantSettings("p1", "一号厂")).close()
    return tmp_path / "plant"


@pytest.fixture
def plant(folder: Path):
    with PlantFolder.open(folder) as opened:
        yield opened


@pytest.fixture
def put() -> Callable[..., Import]:
    """Put rows and readings into a plant as the import of a file of its own."""
    numbers = count()

    def put_in(plant: PlantFolder, *things: RecordRows | Readings, name: str = "", path: str = "", **more) -> Import:
        number = next(numbers)
        name = name or f"file{number}.csv"
        with plant.importing(Source(name, path or name, f"{number:064d}", 1), **more) as entry:
            for thing in things:
                if isinstance(thing, RecordRows):
                    entry.put_rows(thing)
                else:
                    entry.put_readings([thing])
        return entry

    return put_in


@pytest.fixture
def heats() -> Callable[..., RecordRows]:
    """Build rows of the record `heat`: one dict a row; the first stands in row 2 of its file."""

    def build(*rows: dict[str, Value]) -> RecordRows:
        names = dict.fromkeys(name for row in rows for name in row)
        columns = {name: [row.get(name) for row in rows] for name in names}
        return RecordRows("heat", columns, np.arange(2, 2 + len(rows), dtype=np.int64))

    return build


@pytest.fixture
def readings() -> Callable[..., Readings]:
    """Build readings of a tag from pairs of instant and value, or (instant, value, flag)."""

    def build(tag: str, *points: tuple[float, ...]) -> Readings:
        t = np.array([point[0] for point in points], dtype=np.int64)
        value = np.array([point[1] for point in points], dtype=np.float64)
        flag = np.array([point[2] if len(point) > 2 else 0 for point in points], dtype=np.int8)
        return Readings(tag, t, value, flag)

    return build
