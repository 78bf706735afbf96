"""Readings into files and out again: whatever the order and overlap of what comes, the series are the same."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forgecast.ground.dates import DAY_US, HOUR_US, MINUTE_US
from forgecast.ground.errors import ImportRefusedError, PlantError
from forgecast.signals.reading import Readings
from forgecast.store import importing as importing_module
from forgecast.store import manifest
from forgecast.store.importing import Source
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.settings import PlantSettings

JANUARY = 1_735_689_600_000_000  # 2025-01-01T00:00Z
FEBRUARY = JANUARY + 31 * DAY_US
COUNTS = ("readings_new", "readings_changed", "readings_same")


def _counts(entry):
    return tuple(entry.counts[name] for name in COUNTS)


def _points(series: Readings):
    return list(zip(series.t.tolist(), series.value.tolist(), series.flag.tolist(), strict=True))


def test_readings_come_back_by_tag_and_stretch(plant, put, readings):
    put(plant, readings("b", (JANUARY, 1.5), (FEBRUARY - 1, 2.5, 2), (FEBRUARY, 3.5)), readings("a", (FEBRUARY, 9.0)))
    assert plant.telemetry.tags() == ("a", "b")
    assert _points(plant.telemetry.series("b")) == [(JANUARY, 1.5, 0), (FEBRUARY - 1, 2.5, 2), (FEBRUARY, 3.5, 0)]
    assert _points(plant.telemetry.series("b", JANUARY + 1, FEBRUARY)) == [(FEBRUARY - 1, 2.5, 2)]
    assert len(plant.telemetry.series("c")) == 0
    span = plant.telemetry.spans()["b"]
    assert (span.rows, span.t_lo, span.t_hi) == (3, JANUARY, FEBRUARY)
    assert {file.period for file in plant.telemetry.files("raw")} == {"2025-01", "2025-02"}


def test_each_file_on_the_manifest_is_what_it_says(plant, put, readings):
    put(plant, readings("a", *((JANUARY + i * MINUTE_US, float(i)) for i in range(500))), readings("ä", (JANUARY, 1.0)))
    for level in ("raw", "hourly"):
        for file in plant.telemetry.files(level):
            content = (plant.path / file.path).read_bytes()
            assert hashlib.sha256(content).hexdigest() == file.sha256
            assert len(content) == file.bytes
            table = pq.read_table(plant.path / file.path, partitioning=None)
            assert table.num_rows == file.rows
            assert table.schema.field("tag").type == "string"
            key = [table.column("tag").to_pylist(), table.column("t" if level == "raw" else "hour").to_pylist()]
            assert list(zip(*key, strict=True)) == sorted(zip(*key, strict=True))


def test_the_same_value_again_is_kept_once_and_another_value_replaces(plant, put, readings):
    put(plant, readings("a", (JANUARY, 1.0), (JANUARY + 1, 2.0)))
    entry = put(plant, readings("a", (JANUARY + 1, 2.0), (JANUARY + 2, 3.0)), name="more.csv")
    assert _counts(entry) == (1, 0, 1)
    assert [(f.code, f.count) for f in entry.findings] == [("repeated-reading", 1)]
    entry = put(plant, readings("a", (JANUARY + 1, 5.0), (JANUARY + 2, 3.0, 2)), name="other.csv")
    assert _counts(entry) == (0, 2, 0)
    assert [(f.code, f.count, f.place.column) for f in entry.findings] == [("conflicting-reading", 2, "a")]
    assert entry.findings[0].value == "2025-01-01T08:00:00.000001+08:00"
    assert _points(plant.telemetry.series("a")) == [(JANUARY, 1.0, 0), (JANUARY + 1, 5.0, 0), (JANUARY + 2, 3.0, 2)]
    assert plant.telemetry.hourly().sum.tolist() == [6.0]  # the flagged one is not good


def test_what_is_wholly_there_already_writes_no_file(plant, put, readings):
    points = tuple((JANUARY + i, float(i)) for i in range(10))
    put(plant, readings("a", *points))
    before = plant.telemetry.files("raw")
    assert _counts(put(plant, readings("a", *points[3:7]))) == (0, 0, 4)
    assert plant.telemetry.files("raw") == before
    assert len(list(plant.path.rglob("*.parquet"))) == 2


def test_a_later_stretch_gets_its_own_file_and_rewrites_nothing(plant, put, readings):
    put(plant, readings("a", (JANUARY, 1.0)))
    first = plant.telemetry.files("raw")[0]
    put(plant, readings("a", (JANUARY + DAY_US, 2.0)))
    put(plant, readings("b", (JANUARY, 3.0)))
    assert first in plant.telemetry.files("raw")
    assert len(plant.telemetry.files("raw")) == 3


def test_many_small_imports_of_a_month_are_merged(plant, put, readings):
    for day in range(30):
        put(plant, readings("a", (JANUARY + day * DAY_US, float(day))))
    assert len(plant.telemetry.files("raw")) < 10
    assert plant.telemetry.series("a").value.tolist() == [float(day) for day in range(30)]
    assert plant.telemetry.hourly().sum.tolist() == [float(day) for day in range(30)]


def test_an_hour_split_over_two_imports_is_one_hour(plant, put, readings):
    put(plant, readings("a", (JANUARY, 1.0), (JANUARY + 10 * MINUTE_US, 2.0)))
    put(plant, readings("a", (JANUARY + 20 * MINUTE_US, 6.0), (JANUARY + HOUR_US, 10.0)))
    opening = plant.telemetry.hourly()
    assert (opening.n.tolist(), opening.mean.tolist()) == ([3, 1], [3.0, 10.0])
    closing = plant.telemetry.hourly(closing={"a"})
    assert (closing.hour - JANUARY // HOUR_US).tolist() == [-1, 0]
    assert (closing.n.tolist(), closing.max.tolist()) == ([1, 3], [1.0, 10.0])
    month = plant.telemetry.hourly(["a"], JANUARY, JANUARY + HOUR_US, closing={"a"})
    assert (month.n.tolist(), month.last_t.tolist()) == ([3], [JANUARY + HOUR_US])


def test_the_edge_that_closes_a_month_is_read_from_the_next_one(plant, put, readings):
    put(plant, readings("a", (FEBRUARY - 15 * MINUTE_US, 1.0), (FEBRUARY, 2.0)))
    assert plant.telemetry.hourly(["a"], JANUARY, FEBRUARY, closing={"a"}).sum.tolist() == [3.0]
    assert plant.telemetry.hourly(["a"], JANUARY, FEBRUARY).sum.tolist() == [1.0]


def test_replaced_files_stay_for_their_readers_and_go_later(plant, put, readings, monkeypatch):
    put(plant, readings("a", (JANUARY, 1.0)))
    old = [plant.path / file.path for level in ("raw", "hourly") for file in plant.telemetry.files(level)]
    put(plant, readings("a", (JANUARY, 2.0)))
    assert all(path.is_file() for path in old)
    now = importing_module.time.time_ns()
    monkeypatch.setattr(importing_module.time, "time_ns", lambda: now + 1_000 * (manifest.GRACE_US + 1))
    put(plant, readings("a", (JANUARY + 1, 3.0)))
    assert not any(path.exists() for path in old)
    assert plant.telemetry.series("a").value.tolist() == [2.0, 3.0]


def test_a_file_that_windows_will_not_remove_goes_another_time(plant, put, readings, monkeypatch):
    put(plant, readings("a", (JANUARY, 1.0)))
    put(plant, readings("a", (JANUARY, 2.0)))
    now = importing_module.time.time_ns()
    monkeypatch.setattr(importing_module.time, "time_ns", lambda: now + 1_000 * (manifest.GRACE_US + 1))
    with monkeypatch.context() as held:
        held.setattr("pathlib.Path.unlink", lambda *_args, **_more: (_ for _ in ()).throw(PermissionError()))
        put(plant, readings("a", (JANUARY + 1, 3.0)))
    before = len(list(plant.path.rglob("*.parquet")))
    put(plant, readings("a", (JANUARY + 2, 4.0)))
    # One import adds two files, and the two replaced ones go.
    assert len(list(plant.path.rglob("*.parquet"))) == before
    assert plant.telemetry.series("a").value.tolist() == [2.0, 3.0, 4.0]


def test_what_a_broken_import_left_is_swept_by_the_next(plant, put, readings):
    put(plant, readings("a", (JANUARY, 1.0)))
    place = plant.path / "telemetry" / "month=2025-01"
    for name in ("_part-raw-left.parquet", "raw-left.parquet"):
        (place / name).write_bytes(b"half")
    (plant.path / "telemetry" / "_9.spool").write_bytes(b"half")
    assert plant.telemetry.series("a").value.tolist() == [1.0]
    put(plant, readings("a", (JANUARY + 1, 2.0)))
    assert not list(place.glob("*left.parquet"))
    assert not list(plant.path.rglob("*.spool"))


def test_a_missing_file_is_named(plant, put, readings):
    put(plant, readings("a", (JANUARY, 1.0)))
    path = plant.path / plant.telemetry.files("raw")[0].path
    path.unlink()
    for ask in (lambda: plant.telemetry.series("a"), plant.telemetry.scan):
        with pytest.raises(PlantError, match="missing") as caught:
            ask()
        assert caught.value.where == str(path)


def test_readings_before_1970_refuse_the_file(plant, put, readings):
    with pytest.raises(ImportRefusedError, match="before 1970"):
        put(plant, readings("a", (JANUARY, 1.0)), readings("b", (-1, 1.0)))
    assert plant.telemetry.tags() == ()
    assert plant.records.imports() == ()
    assert not list(plant.path.rglob("*.parquet"))


def test_a_block_of_the_file_is_not_kept_in_memory(plant):
    t = np.arange(JANUARY, JANUARY + 1_000)
    block = Readings("a", t, np.zeros(1_000), np.zeros(1_000, np.int8))
    with plant.importing(Source("x", "x", "0", 1)) as entry:
        entry.put_readings([block])
        t += 5_000  # the gateway may use its block again
    assert plant.telemetry.series("a").t[0] == JANUARY


PIECES = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.dictionaries(
            st.integers(-40, 40).map(lambda step: FEBRUARY + step * 20 * MINUTE_US), st.integers(0, 3), min_size=1,
            max_size=30,
        ),
    ),
    min_size=1,
    max_size=6,
)  # fmt: skip


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(imports=st.lists(PIECES, min_size=1, max_size=4), rows_in_memory=st.sampled_from([1, 7, 1_000]))
def test_any_sequence_of_imports_equals_writing_into_a_dict(tmp_path_factory, imports, rows_in_memory):
    folder = tmp_path_factory.mktemp("plant") / "p"
    truth: dict[str, dict[int, float]] = {}
    with PlantFolder.create(folder, PlantSettings("p", "p")) as plant:
        for number, pieces in enumerate(imports):
            size_before = sum(map(len, truth.values()))
            source = Source(f"{number}.csv", "", str(number), 1)
            with plant.importing(source, rows_in_memory=rows_in_memory) as entry:
                for tag, points in pieces:
                    t = np.array(sorted(points), dtype=np.int64)
                    value = np.array([points[x] for x in sorted(points)], dtype=np.float64)
                    entry.put_readings([Readings(tag, t, value, np.zeros(t.size, np.int8))])
                    truth.setdefault(tag, {}).update(dict(zip(t.tolist(), value.tolist(), strict=True)))
            new, changed, same = _counts(entry)
            assert new == sum(map(len, truth.values())) - size_before
            assert new + changed + same == sum(len(points) for _, points in pieces)
        for tag, points in truth.items():
            assert [(t, v) for t, v, _ in _points(plant.telemetry.series(tag))] == sorted(points.items())
        hours = plant.telemetry.hourly()
        assert hours.n.sum() == sum(map(len, truth.values()))
        assert hours.sum.sum() == sum(sum(points.values()) for points in truth.values())
