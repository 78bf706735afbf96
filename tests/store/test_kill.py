"""`kill -9` in the middle of an import or an entry: each is wholly in or out, its link of the audit trail too."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from forgecast.plant.record import records
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.settings import PlantSettings
from forgecast.store.tables import table
from forgecast.tasks.import_files import import_files
from tests.store.killed_import import take

CHILD = Path(__file__).with_name("killed_import.py")
START = np.datetime64("2025-01-20T00:00")


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> list[Path]:
    """Files of records and series that overlap, so that rows are changed and months merged and replaced."""
    folder = tmp_path_factory.mktemp("files")
    rng = np.random.default_rng(9)
    made = []

    def heats(name: str, numbers: range, mass: float) -> None:
        lines = [f"H{i},2025-01-{1 + i % 28:02d} 10:{i % 60:02d},F1,QT450-10,{mass + i % 100}" for i in numbers]
        path = folder / name
        path.write_text("id,tapped_at,furnace,alloy,mass (kg)\n" + "\n".join(lines) + "\n", encoding="utf-8")
        made.append(path)

    def readings(name: str, day: int, days: int) -> None:
        t = START + np.timedelta64(day, "D") + np.arange(days * 1440) * np.timedelta64(1, "m")
        columns = {"time": pa.array(np.datetime_as_string(t, unit="s"))}
        columns |= {f"T{k}": pa.array(np.round(rng.normal(800, 9, t.size), 1)) for k in range(4)}
        path = folder / name
        pq.write_table(pa.table(columns), path)
        made.append(path)

    tags = folder / "tag.csv"
    tags.write_text("id,measures,unit\n" + "".join(f"T{k},temperature,degC\n" for k in range(4)), encoding="utf-8")
    made.append(tags)
    heats("heat.csv", range(800), 900.0)
    readings("january.parquet", 0, 10)
    heats("heat_corrected.csv", range(400, 1200), 1000.0)
    entry = folder / "entry.json"
    entry.write_text(
        json.dumps([{"id": f"H{i}", "mass (kg)": f"{500 + i}"} for i in range(0, 900, 3)]), encoding="utf-8"
    )
    made.append(entry)
    readings("overlap.parquet", 5, 20)
    readings("again.parquet", 2, 6)
    return made


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("empty") / "plant"
    PlantFolder.create(folder, PlantSettings("p", "p")).close()
    return folder


@pytest.fixture(scope="module")
def states(empty, files, tmp_path_factory) -> list[object]:
    """What the plant holds after none, one, two … of the files, undisturbed."""
    folder = tmp_path_factory.mktemp("undisturbed") / "plant"
    shutil.copytree(empty, folder)
    found = []
    with PlantFolder.open(folder) as plant:
        found.append(_state(plant))
        for file in files:
            take(plant, file)
            found.append(_state(plant))
    return found


def _state(plant: PlantFolder) -> object:
    """Everything a reader can see, without instants of import and names of Parquet files."""
    series = {}
    for tag in plant.telemetry.tags():
        one = plant.telemetry.series(tag)
        series[tag] = hashlib.sha256(one.t.tobytes() + one.value.tobytes() + one.flag.tobytes()).hexdigest()
    hours = plant.telemetry.hourly()
    return (
        {name: [(r.values, r.file, r.row) for r in plant.records.read(name)] for name in records()},
        [(i.name, i.fed, dict(i.counts), i.superseded_by) for i in plant.records.imports()],
        plant.records.findings(),
        series,
        _trail(plant),
        (hours.tags, hours.n.tolist(), hours.n_good.tolist()),
    )


def _trail(plant: PlantFolder) -> object:
    """Every change of every link, with what was there before; imports by their number, which is that of a state."""
    link, change = table("audit_link"), table("audit_change")
    with plant._database.connect() as connection:
        links = connection.execute(sa.select(link.c.id, link.c.what, link.c.changes).order_by(link.c.id)).all()
        changes = connection.execute(sa.select(change).order_by(change.c.link, change.c.number)).all()
    return [tuple(one) for one in links], [tuple(one) for one in changes]


def _check_files(plant: PlantFolder) -> None:
    # The chain is whole, and every row is what its last change left: no link without its rows, no row without its link.
    assert plant.verify().breaks == []
    for level in ("raw", "hourly"):
        for file in plant.telemetry.files(level):
            content = (plant.path / file.path).read_bytes()
            assert hashlib.sha256(content).hexdigest() == file.sha256
            assert pq.read_metadata(plant.path / file.path).num_rows == file.rows


def _run(folder: Path, step: int, files: list[Path]) -> subprocess.Popen[str]:
    command = [sys.executable, str(CHILD), str(folder), str(step), *map(str, files)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _begins(child: subprocess.Popen[str]) -> None:
    """Wait until the child has started Python and opened the plant: the moments shall fall into the imports."""
    assert child.stdout is not None
    assert child.stdout.readline() == "begins\n"


def _judge(folder: Path, said: str, files: list[Path], states: list[object]) -> int:
    answered = said.count("in ")
    with PlantFolder.open(folder) as plant:
        state = _state(plant)
        # Never less than was answered, never more than the one file that was on its way.
        assert state in states[answered : answered + 2]
        there = states.index(state)
        _check_files(plant)
        for file in files:
            take(plant, file)
        assert _state(plant) == states[-1]
        _check_files(plant)
        on_disk = {p.relative_to(plant.path).as_posix() for p in plant.path.rglob("*.parquet")}
        live = {file.path for level in ("raw", "hourly") for file in plant.telemetry.files(level)}
        with plant._database.connect() as connection:
            retired = {row[0] for row in connection.exec_driver_sql("select path from series_file")}
        assert live <= on_disk
        if there < len(files):
            assert on_disk <= retired | live  # the second import has swept what the killed one left
    return there


def _steps(empty: Path, files: list[Path], place: Path) -> int:
    shutil.copytree(empty, place)
    with _run(place, 0, files) as child:
        said = child.communicate(timeout=600)[0]
    assert child.returncode == 0
    return int(said.rsplit("steps ", 1)[1])


def _kill_at_steps(
    count: int, seed: int, empty: Path, files: list[Path], states: list[object], place: Path
) -> set[int]:
    total = _steps(empty, files, place / "count")
    assert total > 100
    chosen = random.Random(seed).sample(range(1, total + 1), count)
    seen = set()
    for step in chosen:
        folder = place / f"step{step}"
        shutil.copytree(empty, folder)
        with _run(folder, step, files) as child:
            said = child.communicate(timeout=600)[0]
        assert child.returncode != 0, step
        seen.add(_judge(folder, said, files, states))
        shutil.rmtree(folder)
    return seen


def test_an_import_killed_at_some_steps_is_wholly_in_or_out(empty, files, states, tmp_path):
    assert len(_kill_at_steps(4, 1, empty, files, states, tmp_path)) > 1


def test_an_import_killed_at_some_moments_is_wholly_in_or_out(empty, files, states, tmp_path):
    _kill_at_moments(4, 2, empty, files, states, tmp_path)


@pytest.mark.slow
def test_an_import_killed_at_fifty_moments_is_wholly_in_or_out(empty, files, states, tmp_path):
    seen = _kill_at_moments(50, 3, empty, files, states, tmp_path)
    assert len(seen) >= 4  # the moments fell into several of the files


@pytest.mark.slow
@pytest.mark.parametrize("last", [4, 5], ids=["entry", "import"])
def test_what_is_killed_around_every_commit_is_wholly_in_or_out(empty, files, states, tmp_path, last):
    """Every step, from first to last, of an entry that corrects files, and of an import that replaces earlier ones."""
    prepared = tmp_path / "prepared"
    shutil.copytree(empty, prepared)
    with PlantFolder.open(prepared) as plant:
        for file in files[:3]:
            take(plant, file)
    before = _steps(prepared, files[3:last], tmp_path / "one")
    total = _steps(prepared, files[3 : last + 1], tmp_path / "two")
    assert total > before + 20
    for step in range(before, total + 1):
        folder = tmp_path / f"step{step}"
        shutil.copytree(prepared, folder)
        with _run(folder, step, files[3 : last + 1]) as child:
            said = child.communicate(timeout=600)[0]
        assert child.returncode != 0
        _judge(folder, "in in in " + said, files, states)
        shutil.rmtree(folder)


def _kill_at_moments(
    count: int, seed: int, empty: Path, files: list[Path], states: list[object], place: Path
) -> set[int]:
    timed = place / "timed"
    shutil.copytree(empty, timed)
    with _run(timed, 0, files) as child:
        _begins(child)
        begun = time.perf_counter()
        child.communicate(timeout=600)
    lasts = time.perf_counter() - begun
    chooser = random.Random(seed)
    seen, killed = set(), 0
    for number in range(3 * count):
        folder = place / f"moment{number}"
        shutil.copytree(empty, folder)
        with _run(folder, 0, files) as child:
            _begins(child)
            # By how far it is, and not by the clock alone: on a busy machine it is faster or slower than it was before.
            assert child.stdout is not None
            said = "".join(child.stdout.readline() for _ in range(chooser.randrange(len(files))))
            time.sleep(chooser.uniform(0.0, 2.0) * lasts / len(files))
            child.kill()
            said += child.communicate()[0]
        killed += child.returncode != 0
        seen.add(_judge(folder, said, files, states))
        shutil.rmtree(folder)
        if killed == count:
            return seen
    pytest.fail("the child was hardly ever caught alive")


def test_a_second_import_of_everything_changes_nothing(empty, files, states, tmp_path):
    shutil.copytree(empty, tmp_path / "plant")
    with PlantFolder.open(tmp_path / "plant") as plant:
        for file in files:
            take(plant, file)
        assert _state(plant) == states[-1]
        report = import_files(plant, [file for file in files if file.suffix != ".json"])
        assert all(file.already_in for file in report.files)
        take(plant, next(file for file in files if file.suffix == ".json"))
        assert _state(plant) == states[-1]
