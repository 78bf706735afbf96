"""Many processes write to one plant at once: nothing is lost, nothing double, nobody is turned away or starves."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from forgecast.ground.errors import PlantError
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.tables import table

CHILD = Path(__file__).with_name("many_writers.py")


def _write(plant: PlantFolder, writers: int, count: int) -> list[dict[str, int]]:
    children = []
    for number in range(writers):
        how = "entries" if number % 2 else "imports"
        command = [sys.executable, str(CHILD), str(plant.path), str(number), str(count), how]
        children.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
    said = []
    for child in children:
        out, error = child.communicate(timeout=900)
        assert child.returncode == 0, error
        said.append(json.loads(out))
    return said


def _judge(plant: PlantFolder, writers: int, count: int, said: list[dict[str, int]]) -> None:
    rows = {row["id"]: row["name"] for row in plant.records.read("supplier")}
    wanted = {f"W{n}-{i}": f"{n}/{i}" for n in range(writers) for i in range(count)} | {"everybody": "same"}
    assert rows == wanted
    found = plant.verify()
    assert found.breaks == []
    # Every row was written once: the trail has one change for each and nobody's was written over.
    assert found.changes == len(wanted)
    assert found.links == 1 + sum(one["writes"] for one in said)
    with plant._database.connect() as connection:
        by = {row[0] for row in connection.execute(sa.select(table("audit_link").c.by).distinct())}
    assert {name for name in by if name.startswith("writer ")} == {f"writer {n}" for n in range(writers)}
    # Whoever stands in line lets those go first who were there before, each once. The line of PostgreSQL is its own: a
    # few more may come in between the look at the head and standing there. A writer that starves sees hundreds pass.
    most = writers if plant._database.dialect.name == "sqlite" else 3 * writers
    assert max(one["worst"] for one in said) < most


def test_a_thousand_records_by_three_processes(new_plant):
    plant = new_plant()
    _judge(plant, 3, 334, _write(plant, 3, 334))


@pytest.mark.slow
def test_a_hundred_thousand_records_by_eight_processes(new_plant):
    plant = new_plant()
    begun = time.monotonic()
    said = _write(plant, 8, 12_500)
    sys.stdout.write(f"{time.monotonic() - begun:.1f} s, {said}\n")
    _judge(plant, 8, 12_500, said)


def test_who_waits_in_vain_is_told_who_holds_the_plant(new_plant):
    plant = new_plant()
    holds = PlantFolder.open(plant.path, busy_timeout_s=0.3)
    with holds, plant.entering(by="王工"):
        with pytest.raises(PlantError) as caught, holds.entering(by="Anna"):
            pass
        assert "王工 (entry, process " in caught.value.say("en")
    with plant.entering(by="Anna"):
        pass
