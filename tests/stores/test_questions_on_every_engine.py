"""The questions of `store/questions.py`: one test body, equal answers of DuckDB, Polars, Spark and plain loops.

Counts, keys, instants and single values are compared to the bit. Means of up to some thousand doubles, summed in
another order, differ by less than 1e-12 of the largest value.
"""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
import pytest

from forgecast.environment.stack import to_reference_oxygen
from forgecast.ground.dates import DAY_US, HOUR_US, MINUTE_US, Period, Shift, ShiftCalendar, from_us
from forgecast.ground.errors import PlantError
from forgecast.signals.reading import GOOD, Readings
from forgecast.store import questions
from forgecast.store.engines import spark_session
from forgecast.store.importing import Source
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.settings import PlantSettings
from forgecast.store.windows import day_windows, month_windows, shift_windows
from tests.ports import free_port
from tests.processes import kill_family

START = 1_743_120_000_000_000  # 2025-03-28T00:00Z: March runs out, and Europe's clocks change on the 30th
TAGS = ("S1-NOx", "S1-O2", "炉温", "a'b\"c")
SPARK = Path(__file__).resolve().parents[2] / ".ci" / "spark"


class Cluster:
    """A Spark master and two workers on the loopback address, started as `.ci/spark` documents it."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.environment = {
            **os.environ,
            "FORGECAST_SPARK_DATA": str(place),
            "FORGECAST_SPARK_PORT": str(free_port()),
            "PYSPARK_PYTHON": sys.executable,
        }
        started = subprocess.run([SPARK, "start"], env=self.environment, capture_output=True, text=True, check=False)
        assert started.returncode == 0, started.stderr
        self.master = started.stdout.split()[-1]

    def kill_worker(self, number: int) -> None:
        """End a worker and all it started at once, without a word to anybody, as a power cut would."""
        kill_family(self._pid(number))

    @contextmanager
    def holding(self, number: int) -> Iterator[None]:
        """Hold what a worker has started still within the block: it takes tasks and does none of them."""
        import psutil

        executors = psutil.Process(self._pid(number)).children(recursive=True)
        assert executors
        for one in executors:
            one.suspend()
        try:
            yield
        finally:
            for one in executors:
                one.resume()

    def _pid(self, number: int) -> int:
        return int((self.place / f"worker-{number}.pid").read_text())

    def stop(self) -> None:
        subprocess.run([SPARK, "stop"], env=self.environment, check=True)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    pytest.importorskip("pyspark", reason="Spark is not installed: pip install forgecast[spark]")
    if os.name == "nt" or shutil.which("java") is None:
        pytest.skip("there is no Java here, which Spark needs: `.ci/spark install` on Debian")
    made = Cluster(tmp_path_factory.mktemp("spark") / "cluster")
    yield made
    spark_session(made.master).stop()
    made.stop()


@pytest.fixture(params=["duckdb", "polars", pytest.param("spark", marks=pytest.mark.slow)])
def asked_of(request) -> dict[str, str]:
    """What `scan` is to be told: the engine, and of Spark the master."""
    if request.param == "spark":
        return {"engine": "spark", "master": request.getfixturevalue("cluster").master}
    return {"engine": request.param}


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("questions") / "a plant {1} [*]"  # Spark would read this as a pattern
    rng = np.random.default_rng(5)
    with PlantFolder.create(folder, PlantSettings("p", "p")) as made:
        for part in range(2):
            with made.importing(Source(f"{part}", f"{part}", f"{part}", 1)) as entry:
                for tag in TAGS[part:]:
                    # Overlapping imports, gaps, flags, readings exactly on the hour, values that stand still.
                    t = START + part * 3 * DAY_US + np.flatnonzero(rng.random(5 * 1440) > 0.05) * MINUTE_US
                    t = t[(t // HOUR_US) % 17 != 5]
                    value = np.round(rng.normal(12, 2, t.size), 1)
                    if tag == "S1-O2":
                        value = np.where(rng.random(t.size) < 0.02, 20.9, value)
                    for low in range(100, t.size - 60, 700):
                        value[low : low + 55] = value[low]
                    flag = rng.choice(np.array([0, 0, 0, 0, 0, 1, 2], np.int8), t.size)
                    entry.put_readings([Readings(tag, t, value, flag)])
        yield made


def _points(plant):
    for tag in plant.telemetry.tags():
        series = plant.telemetry.series(tag)
        yield from zip([tag] * len(series), series.t.tolist(), series.value.tolist(), series.flag.tolist(), strict=True)


def _rows(frame, *names):
    collected = frame.collect()
    return list(zip(*(collected[name].to_list() for name in names), strict=True))


def _summed(plant, key_of):
    """Sum by plain loops: n, n_good, mean, min, max by key."""
    groups: dict[tuple[str, int], list[tuple[float, int]]] = {}
    for tag, t, value, flag in _points(plant):
        key = key_of(tag, t)
        if key is not None:
            groups.setdefault((tag, key), []).append((value, flag))
    found = []
    for key, points in sorted(groups.items()):
        good = [value for value, flag in points if flag == GOOD]
        mean = math.fsum(good) / len(good) if good else None
        found.append((*key, len(points), len(good), mean, min(good, default=None), max(good, default=None)))
    return found


def _compare(frame, key, expected):
    rows = _rows(frame, "tag", key, "n", "n_good", "mean", "min", "max", "share")
    assert [(*row[:4], row[5], row[6]) for row in rows] == [(*row[:4], row[5], row[6]) for row in expected]
    for row, right in zip(rows, expected, strict=True):
        assert row[4] == (None if right[4] is None else pytest.approx(right[4], rel=1e-12))
        assert row[7] == row[3] / row[2]


def test_hours_with_their_validity(plant, asked_of):
    closing = ("S1-O2", "炉温")
    frame = questions.hourly(plant.telemetry.scan(**asked_of), closing=closing)
    _compare(frame, "hour", _summed(plant, lambda tag, t: (t - (tag in closing)) // HOUR_US))


@pytest.mark.parametrize(
    ("windows", "name"),
    [
        (day_windows(Period(date(2025, 3, 29), date(2025, 4, 3)), "Europe/Berlin"), "%Y-%m-%d"),
        (month_windows(Period(date(2025, 3, 29), date(2025, 4, 3)), "Asia/Kathmandu"), "%Y-%m"),
    ],
    ids=["a day of 23 hours", "an offset of 5:45"],
)
def test_calendar_windows(plant, asked_of, windows, name):
    zone = "Europe/Berlin" if "d" in name else "Asia/Kathmandu"
    number = {named: index for index, named in enumerate(windows.names)}
    frame = questions.by_window(plant.telemetry.scan(**asked_of), windows)
    expected = _summed(plant, lambda _tag, t: number.get(f"{from_us(t, zone):{name}}"))
    _compare(frame, "window", expected)
    assert {row[1] for row in expected} == set(range(len(windows)))


def test_shifts_of_uneven_length(plant, asked_of):
    calendar = ShiftCalendar(tuple(Shift(*s) for s in (("早", _clock(7, 50)), ("晚", _clock(19, 20)))), "Europe/Berlin")
    windows = shift_windows(Period(date(2025, 3, 29), date(2025, 4, 2)), calendar)
    number = {named: index for index, named in enumerate(windows.names)}

    def key_of(_tag, t):
        day, shift = calendar.shift_of(t)
        return number.get(f"{day} {shift}")

    _compare(questions.by_window(plant.telemetry.scan(**asked_of), windows), "window", _summed(plant, key_of))


def _clock(hour, minute):
    from datetime import time as clock

    return clock(hour, minute)


def test_worst_hours_after_conversion(plant, asked_of):
    share, reference = 0.45, 8.0
    oxygen = {t: value for tag, t, value, flag in _points(plant) if tag == "S1-O2" and flag == GOOD}
    hours: dict[int, list[tuple[float, float] | None]] = {}
    for tag, t, value, flag in _points(plant):
        if tag == "S1-NOx":
            pair = (value, oxygen[t]) if flag == GOOD and t in oxygen else None
            hours.setdefault(t // HOUR_US, []).append(pair)
    right = []
    for hour, pairs in hours.items():
        good = [pair for pair in pairs if pair is not None]
        if good and len(good) >= share * len(pairs):
            means = [math.fsum(side) / len(good) for side in zip(*good, strict=True)]
            value = float(to_reference_oxygen(np.array(means[:1]), means[1], reference).values[0])
            if not math.isnan(value):
                right.append((value, hour, len(pairs), len(good)))
    right.sort(reverse=True)
    assert 10 < len(right) < len(hours)
    frame = questions.worst_hours(
        plant.telemetry.scan(**asked_of), "S1-NOx", "S1-O2", reference, least_share=share, count=10
    )
    rows = _rows(frame, "value", "hour", "n", "n_good")
    assert [row[1:] for row in rows] == [row[1:] for row in right[:10]]
    np.testing.assert_allclose([row[0] for row in rows], [row[0] for row in right[:10]], rtol=1e-12)


def test_an_hour_of_ambient_air_has_no_converted_value(tmp_path, asked_of):
    with PlantFolder.create(tmp_path / "plant", PlantSettings("p", "p")) as made:
        t = START + np.arange(120) * MINUTE_US
        flag = np.zeros(t.size, np.int8)
        oxygen = np.where(np.arange(120) < 60, 20.8, 11.0)
        with made.importing(Source("a", "a", "a", 1)) as entry:
            entry.put_readings([Readings("c", t, np.full(t.size, 100.0), flag), Readings("o", t, oxygen, flag)])
        frame = questions.worst_hours(made.telemetry.scan(**asked_of), "c", "o", 11.0, least_share=0.75)
        assert _rows(frame, "hour", "value") == [(START // HOUR_US + 1, 100.0)]


def test_as_of_takes_the_last_good_reading(plant, asked_of):
    rng = np.random.default_rng(6)
    known = list(_points(plant))
    tags, t = [], []
    for _ in range(500):
        tag, instant, *_ = known[rng.integers(len(known))]
        tags.append(tag if rng.random() > 0.02 else "no such tag")
        # Before everything, exactly at a reading, right before it, between readings; some of them twice.
        t.append(int(rng.choice([START - 5, instant, instant - 1, instant + 17 * 1_000_000])))
    tags, t = tags + tags[:20], t + t[:20]
    good = {tag: [(x[1], x[2]) for x in group if x[3] == GOOD] for tag, group in groupby(known, key=lambda x: x[0])}
    expected = []
    for tag, instant in zip(tags, t, strict=True):
        before = [reading for reading in good.get(tag, []) if reading[0] <= instant]
        expected.append((tag, instant, *(before[-1] if before else (None, None))))
    frame = questions.as_of(plant.telemetry.scan(**asked_of), tags, np.array(t))
    rows = _rows(frame, "number", "tag", "t", "at", "value")
    assert [row[0] for row in rows] == list(range(len(t)))
    assert [row[1:] for row in rows] == expected
    assert sum(row[2] is None for row in expected) > 10


def test_gaps(plant, asked_of):
    expected = []
    for tag, group in groupby(_points(plant), key=lambda x: x[0]):
        t = [x[1] for x in group]
        expected += [(tag, a, b) for a, b in pairwise(t) if b - a > 3 * MINUTE_US]
    assert _rows(questions.gaps(plant.telemetry.scan(**asked_of), 3 * MINUTE_US), "tag", "start", "end") == expected
    assert len(expected) > 20


def test_flat_lines(plant, asked_of):
    expected = []
    for tag, group in groupby(_points(plant), key=lambda x: x[0]):
        runs: list[list[tuple[int, float]]] = []
        for _, t, value, _ in group:
            if runs and value == runs[-1][-1][1] and t - runs[-1][-1][0] <= 10 * MINUTE_US:
                runs[-1].append((t, value))
            else:
                runs.append([(t, value)])
        expected += [
            (tag, run[0][0], run[-1][0], len(run), run[0][1])
            for run in runs
            if run[-1][0] - run[0][0] >= 20 * MINUTE_US and len(run) > 1
        ]
    frame = questions.flat_lines(plant.telemetry.scan(**asked_of), 20 * MINUTE_US, longest_gap_us=10 * MINUTE_US)
    assert _rows(frame, "tag", "start", "end", "n", "value") == expected
    assert len(expected) > 20


def test_of_nothing_nothing_is_found(plant, asked_of):
    frame = plant.telemetry.scan([], **asked_of)
    assert _rows(questions.hourly(frame), "tag") == []
    assert _rows(questions.gaps(frame, 1), "tag") == []
    assert _rows(questions.as_of(frame, ["x"], np.array([START])), "tag", "at") == [("x", None)]


def _wait_until(condition):
    until = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.slow
def test_a_worker_killed_in_mid_query_changes_no_answer(cluster, tmp_path):
    """Kill a worker with its executor while the stages of the question run; what it had done is done again."""
    session = spark_session(cluster.master)
    with PlantFolder.create(tmp_path / "plant", PlantSettings("p", "p")) as made:
        t = START + np.arange(400_000) * 1_000_000
        rng = np.random.default_rng(7)
        for number in range(6):
            with made.importing(Source(f"{number}", f"{number}", f"{number}", 1)) as entry:
                value = np.round(rng.normal(50, 9, t.size), 1)
                flag = rng.choice(np.array([0, 0, 0, 1], np.int8), t.size)
                entry.put_readings([Readings(f"T{number}", t, value, flag)])
        names = ("tag", "hour", "n", "n_good", "min", "max")
        expected = _rows(questions.hourly(made.telemetry.scan()), *names)
        answer = []
        frame = questions.hourly(made.telemetry.scan(engine="spark", master=cluster.master))
        asking = threading.Thread(target=lambda: answer.append(_rows(frame, *names)))
        tracker = session.sparkContext.statusTracker()
        memory = session.sparkContext._jsc.sc().getExecutorMemoryStatus
        _wait_until(lambda: memory().size() == 1 + 2)  # the driver and an executor on each worker

        def has_done_a_part() -> bool:
            stages = [tracker.getStageInfo(number) for number in tracker.getActiveStageIds()]
            return any(stage is not None and stage.numCompletedTasks > 0 for stage in stages)

        # The part of the second worker waits for it, so the answer does not come before the first one is killed.
        with cluster.holding(2):
            asking.start()
            _wait_until(has_done_a_part)
            cluster.kill_worker(1)
            assert asking.is_alive()
        asking.join(timeout=900)
        _wait_until(lambda: memory().size() == 1 + 1)
    assert answer == [expected]
    assert len(expected) == 6 * 112


@pytest.mark.slow
def test_spark_needs_no_cluster(plant):
    """Without a master Spark works on two threads of this machine; in a process of its own, as there is one session."""
    pytest.importorskip("pyspark", reason="Spark is not installed: pip install forgecast[spark]")
    if shutil.which("java") is None:
        pytest.skip("there is no Java here, which Spark needs: `.ci/spark install` on Debian")
    asked = (
        "import sys; from pathlib import Path; from forgecast.store.plant_folder import PlantFolder\n"
        "from forgecast.store import questions\n"
        "with PlantFolder.open(Path(sys.argv[1])) as plant:\n"
        "    found = questions.gaps(plant.telemetry.scan(engine='spark'), 180_000_000).collect()\n"
        "print(found['start'].to_list())"
    )
    done = subprocess.run([sys.executable, "-c", asked, plant.path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    expected = plant.telemetry.gaps(3 * MINUTE_US)
    assert done.stdout.splitlines()[-1] == str(expected.start.tolist())
    assert len(expected) > 20


@pytest.mark.slow
def test_a_second_master_in_one_process_is_refused(plant, cluster):
    spark_session(cluster.master)
    with pytest.raises(PlantError, match="Spark works for"):
        plant.telemetry.scan(engine="spark", master="local[2]")
