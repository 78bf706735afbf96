"""Small files become one; answers, audit trail and readers in flight do not notice, whatever ends it."""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from forgecast.ground.dates import DAY_US, MINUTE_US, from_us
from forgecast.ground.errors import PlantError
from forgecast.signals.batch import batch_of
from forgecast.signals.reading import Readings
from forgecast.store import compaction, manifest
from forgecast.store.importing import Source
from forgecast.store.manifest import SeriesFile, Span
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.settings import PlantSettings
from forgecast.store.tables import table
from tests.store.killed_tidying import tidy

START = 1_735_689_600_000_000  # 2025-01-01T00:00Z
TAGS = ("T0", "T1", "T2", "T3")


def put(plant: PlantFolder, number: int, *pieces: Readings) -> None:
    with plant.importing(Source(f"{number}", f"{number}", f"{number}", 1)) as entry:
        entry.put_readings(list(pieces))


def some(tag: str, t: np.ndarray, seed: int) -> Readings:
    rng = np.random.default_rng(seed)
    flag = rng.choice(np.array([0, 0, 0, 1, 2], np.int8), t.size)
    return Readings(tag, t, np.round(rng.normal(50, 9, t.size), 1), flag)


def fill(plant: PlantFolder) -> None:
    """Five imports by day and one that lies among them, over two months."""
    for day in range(5):
        t = START + (28 + day) * DAY_US + np.arange(480) * 3 * MINUTE_US
        put(plant, day, *(some(tag, t, 10 * day + k) for k, tag in enumerate(TAGS[day % 2 :])))
    t = START + np.arange(28, 34) * DAY_US - MINUTE_US  # in the minutes between the days
    put(plant, 9, some("T1", t, 99))


def answers(plant: PlantFolder) -> object:
    hours = plant.telemetry.hourly(closing=("T0",))
    found = {}
    for tag in plant.telemetry.tags():
        one = plant.telemetry.series(tag)
        found[tag] = hashlib.sha256(one.t.tobytes() + one.value.tobytes() + one.flag.tobytes()).hexdigest()
    columns = [hours.tag, hours.hour, hours.n, hours.n_good, hours.min, hours.max, hours.first_t, hours.last_t]
    return found, hours.tags, [column.tobytes() for column in columns], np.round(hours.sum, 6).tolist()


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Path:
    folder: Path = tmp_path_factory.mktemp("compaction") / "plant"
    with PlantFolder.create(folder, PlantSettings("p", "p")) as plant:
        fill(plant)
    return folder


@pytest.fixture
def plant(filled, tmp_path):
    shutil.copytree(filled, tmp_path / "plant")
    with PlantFolder.open(tmp_path / "plant") as opened:
        yield opened


def test_two_months_of_many_files_become_two_files(plant):
    before, old = answers(plant), plant.telemetry.files("raw")
    assert len(old) > 4
    done = plant.telemetry.compact(by="王工")
    assert done.periods == ("2025-01", "2025-02")
    assert (done.before, done.after) == (len(old), 2)
    assert answers(plant) == before
    assert [file.period for file in plant.telemetry.files("raw")] == ["2025-01", "2025-02"]
    assert [file.path.replace("/raw-", "/hourly-") for file in plant.telemetry.files("raw")] == [
        file.path for file in plant.telemetry.files("hourly")
    ]
    assert plant.telemetry.compact(by="王工") == compaction.Compacted()


def test_each_period_is_a_link_of_the_trail(plant):
    head = plant.audit_head()
    plant.telemetry.compact(by="王工")
    t = table("audit_link")
    with plant._database.connect() as connection:
        links = connection.execute(sa.select(t.c.what, t.c.by).where(t.c.id > head.link).order_by(t.c.id)).all()
    assert [what for what, _ in links] == ["compaction: 2025-01: 4 files", "compaction: 2025-02: 3 files"]
    assert {by for _, by in links} == {"王工"}
    assert plant.verify().breaks == []


def test_readers_keep_their_files_for_the_grace_time(plant, monkeypatch):
    frame = plant.telemetry.scan()
    old = [plant.path / file.path for file in (*plant.telemetry.files("raw"), *plant.telemetry.files("hourly"))]
    rows = sum(file.rows for file in plant.telemetry.files("raw"))
    plant.telemetry.compact(by="王工")
    assert all(path.is_file() for path in old)
    assert len(frame.collect()) == rows
    monkeypatch.setattr(manifest, "GRACE_US", -MINUTE_US)
    plant.telemetry.compact(by="王工")
    assert not any(path.exists() for path in old)


def test_live_readings_of_days_become_the_file_of_their_month(tmp_path):
    with PlantFolder.create(tmp_path / "plant", PlantSettings("p", "p")) as plant:
        with plant.live() as sink:
            for day in range(3):
                at = START + day * DAY_US
                batch = batch_of("s", day + 1, [("a", at + k * MINUTE_US, float(k), 0) for k in range(9)])
                assert sink.take(batch)
        plant.seal()
        before = answers(plant)
        assert [file.period for file in plant.telemetry.files("raw")] == ["2025-01-01", "2025-01-02", "2025-01-03"]
        plant.telemetry.compact(by="王工")
        (file,) = plant.telemetry.files("raw")
        assert (file.period, file.rows, file.path.split("/")[1]) == ("2025-01", 27, "month=2025-01")
        assert answers(plant) == before


def _file(period: str, rows: int, name: str) -> SeriesFile:
    return SeriesFile(name, "raw", period, {"a": Span(rows, 0, 1)}, rows, 1, "")


def test_what_is_due():
    day = from_us(START + 40 * DAY_US)
    assert f"{day:%Y-%m-%d}" == "2025-02-10"
    files = [
        _file("2025-01", 9, "a"),
        _file("2025-01-03", 9, "b"),
        _file("2025-01", compaction.LARGE_ROWS + 1, "z"),
        _file("2025-02-01", 9, "c"),
        _file("2025-02-02", 9, "d"),
        _file("2025-02-02", 9, "e"),
    ]
    # January is over for more than a week: its days go into it. Of February only the day with two files is due.
    assert _due(files, START + 40 * DAY_US) == [("2025-01", "ab"), ("2025-02-02", "de")]
    assert _due(files, START + 33 * DAY_US) == [("2025-02-02", "de")]
    # No set has more readings than a large file, and they stay in the order of time.
    small = [_file(f"2025-01-0{k}", 10, f"{k}") for k in range(1, 8)]
    assert _due(small, START + 40 * DAY_US, large_rows=30) == [("2025-01", "123"), ("2025-01", "456")]
    assert _due(small, START + 40 * DAY_US, large_rows=19) == []


def _due(files, now, **more):
    found = compaction.due(files, now, **more)
    return [(period, "".join(file.path for file in some)) for period, some in found]


def test_sets_are_put_together_until_none_is_due(plant):
    before, rows = answers(plant), [file.rows for file in plant.telemetry.files("raw")]
    done = compaction.compact(plant._database, plant.path, by="王工", large_rows=2 * max(rows))
    assert done.periods == ("2025-01", "2025-02")
    assert len(plant.telemetry.files("raw")) == len(rows) - done.before + done.after
    assert max(file.rows for file in plant.telemetry.files("raw")) <= 2 * max(rows)
    assert answers(plant) == before


def test_a_reading_that_the_manifest_does_not_count_stops_it(plant):
    t = table("series_file")
    with plant._database.begin() as connection:
        connection.execute(sa.update(t).where(t.c.level == "raw", t.c.period == "2025-01").values(rows=t.c.rows + 1))
    before = sorted(plant.path.rglob("*.parquet"))
    with pytest.raises(PlantError, match="manifest counts"):
        plant.telemetry.compact(by="王工")
    assert sorted(plant.path.rglob("*.parquet")) == before
    assert not list(plant.path.rglob("_part*"))


def killed(folder: Path, what: str, step: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.store.killed_tidying", str(folder), what, str(step)]
    root = Path(__file__).resolve().parents[2]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=600, check=False)


def kill_at(filled: Path, place: Path, what: str, count: int, seen_of) -> None:
    """Kill at some steps: what is seen is the state before or after each period, and a second call ends it."""
    total = int(_said(filled, place / "count", what).rsplit("steps ", 1)[1])
    assert total > 40
    steps = sorted(random.Random(4).sample(range(1, total + 1), count))
    shutil.copytree(filled, place / "whole")
    with PlantFolder.open(place / "whole") as whole:
        tidy(whole, what)
        right = seen_of(whole)
    for step in steps:
        folder = place / f"step{step}"
        shutil.copytree(filled, folder)
        assert killed(folder, what, step).returncode != 0, step
        with PlantFolder.open(folder) as plant:
            assert plant.verify().breaks == [], step
            tidy(plant, what)
            assert seen_of(plant) == right, step
            assert plant.verify().breaks == [], step
            t = table("series_file")
            with plant._database.connect() as connection:
                listed = set(connection.execute(sa.select(t.c.path)).scalars())
            on_disk = {path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet")}
            assert {file.path for file in plant.telemetry.files("raw")} <= on_disk
            put(plant, 77, some("T9", np.array([START]), 1))  # the next writer sweeps
            on_disk = {path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet")}
            assert len(on_disk - listed) == 2, step  # its own two files
        shutil.rmtree(folder)


def _said(filled: Path, folder: Path, what: str) -> str:
    shutil.copytree(filled, folder)
    done = killed(folder, what, 0)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _state(plant: PlantFolder) -> object:
    return answers(plant), [(file.period, file.rows) for file in plant.telemetry.files("raw")]


def test_killed_at_some_steps_it_loses_nothing(filled, tmp_path):
    kill_at(filled, tmp_path, "compact", 2, _state)


@pytest.mark.slow
def test_killed_at_forty_steps_it_loses_nothing(filled, tmp_path):
    kill_at(filled, tmp_path, "compact", 40, _state)


def test_the_progress_ends_at_one(plant):
    told: list[float] = []
    plant.telemetry.compact(by="王工", progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
