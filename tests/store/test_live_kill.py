"""`kill -9` while live readings are taken and sealed: nothing that was answered is lost, nothing is doubled."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from forgecast.store.live.record import record_of
from forgecast.store.live.segment import read_segment, segments_of
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.settings import PlantSettings
from tests.store.killed_live import SOURCES, numbered
from tests.store.live_batches import points_of, sealed_points


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("empty") / "plant"
    PlantFolder.create(folder, PlantSettings("p", "p")).close()
    return folder


def _run(folder: Path, step: int, last: int, sealed_each: int, root: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.store.killed_live", str(folder), str(step), str(last), str(sealed_each)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)


def _answered(said: str) -> dict[str, int]:
    lines = [line.split() for line in said.splitlines() if line.startswith(("s1 ", "s2 "))]
    return {source: max((int(seq) for name, seq in lines if name == source), default=0) for source in SOURCES}


def _judge(folder: Path, said: str, last: int) -> None:
    """What is stored is all that was answered, and at most one batch of each source that was on its way."""
    answered = _answered(said)
    with PlantFolder.open(folder) as plant:
        with plant.live() as live:
            there = {source: live.last(source) for source in SOURCES}
        for source in SOURCES:
            assert answered[source] <= there[source] <= answered[source] + 1
        expected = points_of(*(numbered(seq, source) for source in SOURCES for seq in range(1, there[source] + 1)))
        seen = {}
        for tag in {tag for tag, _ in expected}:
            one = plant.tail.series(tag)
            seen |= {
                (tag, t): (v, f) for t, v, f in zip(one.t.tolist(), one.value.tolist(), one.flag.tolist(), strict=True)
            }
        assert seen == expected
        plant.seal()
        assert sealed_points(plant) == expected
        # Given again from the beginning, as a source does that was not answered.
        with plant.live() as live:
            for seq in range(1, last + 1):
                for source in SOURCES:
                    assert live.take(numbered(seq, source)) == (seq > there[source])
        plant.seal()
        assert sealed_points(plant) == points_of(
            *(numbered(seq, source) for source in SOURCES for seq in range(1, last + 1))
        )
        assert plant.telemetry.hourly().n.sum() == len(sealed_points(plant))
        assert plant.verify().breaks == []
        for source in SOURCES:
            assert not [path for path in segments_of(plant.path / "telemetry" / "live" / source) if path.stat().st_size]
        on_disk = {path.relative_to(plant.path).as_posix() for path in plant.path.rglob("*.parquet")}
        with plant._database.connect() as connection:
            assert on_disk == {row[0] for row in connection.exec_driver_sql("select path from series_file")}


def _steps(empty: Path, place: Path, last: int, sealed_each: int, root: Path) -> int:
    shutil.copytree(empty, place)
    with _run(place, 0, last, sealed_each, root) as child:
        said = child.communicate(timeout=600)[0]
    assert child.returncode == 0
    _judge(place, said, last)
    return int(said.rsplit("steps ", 1)[1])


def _die_at(
    step: int, empty: Path, place: Path, last: int, sealed_each: int, root: Path, *, torn: bool = False
) -> None:
    folder = place / f"step{step}"
    shutil.copytree(empty, folder)
    with _run(folder, step, last, sealed_each, root) as child:
        said = child.communicate(timeout=600)[0]
    assert child.returncode != 0, step
    if torn:
        _tear(folder, last)
    _judge(folder, said, last)
    shutil.rmtree(folder)


def _tear(folder: Path, last: int) -> None:
    """Write the beginning of a batch that is never finished, as a power cut leaves it."""
    for source in SOURCES:
        for path in segments_of(folder / "telemetry" / "live" / source)[-1:]:
            segment = read_segment(path)
            begun = b"".join(bytes(part) for part in record_of(numbered(last + 9, source), 5))
            with path.open("r+b") as file:
                file.seek(segment.end)
                file.write(begun[:100])


def _die_at_moments(count: int, seed: int, empty: Path, place: Path, last: int, root: Path) -> set[int]:
    timed = place / "timed"
    shutil.copytree(empty, timed)
    with _run(timed, 0, last, -1, root) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "begins\n"
        begun = time.perf_counter()
        child.communicate(timeout=600)
    lasts = time.perf_counter() - begun
    chooser, caught, seen, lines = random.Random(seed), 0, set(), len(SOURCES) * last
    for number in range(3 * count):
        folder = place / f"moment{number}"
        shutil.copytree(empty, folder)
        with _run(folder, 0, last, -1, root) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "begins\n"
            # By how far it is, and not by the clock: on a busy machine it is faster or slower than it was before.
            said = "".join(child.stdout.readline() for _ in range(chooser.randrange(lines)))
            time.sleep(chooser.uniform(0.0, 2.0) * lasts / lines)
            child.kill()
            said += child.communicate()[0]
        caught += child.returncode != 0
        seen.add(_answered(said)["s1"])
        _judge(folder, said, last)
        shutil.rmtree(folder)
        if caught == count:
            return seen
    pytest.fail("the child was hardly ever caught alive")


def test_killed_at_some_steps_nothing_is_lost_or_doubled(empty, tmp_path, root):
    total = _steps(empty, tmp_path / "count", 8, 4, root)
    assert total > 150
    for step in random.Random(1).sample(range(1, total + 1), 2):
        _die_at(step, empty, tmp_path, 8, 4, root)


def test_killed_at_some_moments_under_load_nothing_is_lost_or_doubled(empty, tmp_path, root):
    _die_at_moments(1, 2, empty, tmp_path, 60, root)


@pytest.mark.slow
def test_killed_at_every_step_of_taking_and_sealing(empty, tmp_path, root):
    total = _steps(empty, tmp_path / "count", 4, 2, root)
    assert total > 200
    for step in range(1, total + 1):
        _die_at(step, empty, tmp_path, 4, 2, root)


@pytest.mark.slow
def test_killed_at_fifty_steps_and_torn(empty, tmp_path, root):
    total = _steps(empty, tmp_path / "count", 4, 2, root)
    for step in random.Random(3).sample(range(1, total + 1), 50):
        _die_at(step, empty, tmp_path, 4, 2, root, torn=True)


@pytest.mark.slow
def test_killed_at_a_hundred_moments_under_load(empty, tmp_path, root):
    seen = _die_at_moments(100, 3, empty, tmp_path, 300, root)
    assert len(seen) > 40  # the moments fell all over the run


def test_an_end_torn_by_the_kill_is_no_loss(empty, tmp_path, root):
    folder = tmp_path / "plant"
    shutil.copytree(empty, folder)
    with _run(folder, 0, 10, 100, root) as child:
        said = child.communicate(timeout=600)[0]
    path = segments_of(folder / "telemetry" / "live" / "s1")[-1]
    content = path.read_bytes()
    last = read_segment(path).records[-1]
    for cut in (last.begin + 1, last.begin + 40, len(content) - 1):
        path.write_bytes(content[:cut])
        with PlantFolder.open(folder) as plant, plant.live() as live:
            assert live.last("s1") == 9
    _judge(folder, said.replace("s1 10\n", ""), 10)
