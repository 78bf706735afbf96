"""Sealing: readings of the log become files of the series, each once, and only what overlaps is rewritten."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np
import pyarrow.parquet as pq
import pytest

from forgecast.ground.dates import DAY_US, HOUR_US, MINUTE_US
from forgecast.ground.errors import PlantError
from forgecast.signals.batch import Batch
from forgecast.store.live import sealing
from forgecast.store.live.segment import segments_of
from forgecast.store.series_files import FILES_A_PERIOD
from tests.store.live_batches import T, batch, points_of, sealed_points, second


def _logs(plant, source: str = "furnace-1") -> list[str]:
    return [path.name for path in segments_of(plant.path / "telemetry" / "live" / source) if path.stat().st_size]


def _raw(plant) -> dict[str, int]:
    return {file.path: file.rows for file in plant.telemetry.files("raw")}


def _give(plant, *batches: Batch):
    with plant.live() as live:
        for one in batches:
            live.take(one)
    return plant.seal()


def test_sealed_readings_are_series_by_plant_and_day(plant):
    sealed = _give(
        plant,
        batch(1, ("b", T, 1.0), ("a", T + DAY_US, 2.0, 2), ("a", T + 5, 3.0)),
        batch(2, ("a", T - 1, 4.0)),
    )
    assert (sealed.new, sealed.changed, sealed.same, sealed.sources) == (4, 0, 0, {"furnace-1": (1, 2)})
    assert sealed_points(plant) == {
        ("b", T): (1.0, 0),
        ("a", T + DAY_US): (2.0, 2),
        ("a", T + 5): (3.0, 0),
        ("a", T - 1): (4.0, 0),
    }
    folders = {path.rpartition("/")[0]: rows for path, rows in _raw(plant).items()}
    place = "telemetry/plant=p1/date="
    assert folders == {f"{place}2024-12-31": 1, f"{place}2025-01-01": 2, f"{place}2025-01-02": 1}
    assert {file.period for file in plant.telemetry.files("raw")} == {"2024-12-31", "2025-01-01", "2025-01-02"}
    hours = plant.telemetry.hourly(["a"])
    assert (hours.n.tolist(), hours.n_good.tolist()) == ([1, 1, 1], [1, 1, 0])
    assert _logs(plant) == []
    assert plant.verify().whole


def test_a_days_seals_are_one_line_among_the_imports_and_a_link_each(plant):
    _give(plant, second(1), second(2))
    _give(plant, second(3))
    (line,) = plant.records.imports()
    assert line.name.startswith("live 20")
    assert line.fed == ("series",)
    assert line.counts["readings_new"] == 45
    with plant._database.connect() as connection:
        links = connection.exec_driver_sql("select what from audit_link order by id").scalars().all()
    assert links == ["opening", "live: furnace-1 1-2", "live: furnace-1 3-3"]


def test_nothing_to_seal_leaves_no_trace(plant):
    new = plant.audit_head()
    assert plant.seal().rows == 0
    with plant.live() as live:
        live.last("furnace-1")
    assert plant.seal().rows == 0
    assert plant.audit_head() == new
    _give(plant, second(1))
    head = plant.audit_head()
    assert plant.seal().rows == 0
    assert plant.audit_head() == head


def test_of_repeats_the_last_one_counts_within_a_batch_and_between_batches(plant):
    sealed = _give(
        plant, batch(1, ("a", T, 1.0), ("a", T + 1, 2.0), ("a", T, 3.0)), batch(2, ("a", T + 1, 2.0), ("a", T, 9.0))
    )
    assert sealed_points(plant) == {("a", T): (9.0, 0), ("a", T + 1): (2.0, 0)}
    assert (sealed.new, sealed.changed, sealed.same) == (2, 2, 1)
    assert sorted(finding.code for finding in plant.records.findings()) == ["conflicting-reading", "repeated-reading"]


def test_what_is_late_rewrites_only_the_file_it_falls_into(plant):
    for k in range(4):
        _give(plant, batch(k + 1, *(("a", T + (60 * k + m) * MINUTE_US, float(m)) for m in range(0, 60, 2))))
    before = _raw(plant)
    late = batch(9, ("a", T + 61 * MINUTE_US, 7.0), ("a", T + 500 * MINUTE_US, 8.0), ("b", T + 61 * MINUTE_US, 5.0))
    sealed = _give(plant, late)
    after = _raw(plant)
    gone, come = set(before) - set(after), {path: rows for path, rows in after.items() if path not in before}
    assert len(gone) == 1  # only the second hour is written again, with its late reading
    assert sorted(come.values()) == [2, 31]
    assert (sealed.new, sealed.changed) == (3, 0)
    assert sealed_points(plant)["a", T + 61 * MINUTE_US] == (7.0, 0)
    assert len(sealed_points(plant)) == 123
    assert plant.telemetry.hourly(["a"]).n.tolist() == [30, 31, 30, 30, 1]


def test_a_corrected_reading_replaces_the_one_that_is_sealed(plant):
    _give(plant, batch(1, ("a", T, 1.0), ("a", T + 2, 2.0)))
    sealed = _give(plant, batch(2, ("a", T + 2, 5.0, 1), ("a", T, 1.0)))
    assert (sealed.new, sealed.changed, sealed.same) == (0, 1, 1)
    assert sealed_points(plant) == {("a", T): (1.0, 0), ("a", T + 2): (5.0, 1)}


def test_live_and_imported_readings_of_one_tag_stand_once(plant, put, readings):
    put(plant, readings("a", *((T + k * HOUR_US, float(k)) for k in range(48))), readings("b", (T, 1.0)))
    sealed = _give(plant, batch(1, ("a", T + 30 * HOUR_US, 99.0), ("a", T + 50 * HOUR_US, 1.0), ("b", T + 7, 2.0)))
    assert (sealed.new, sealed.changed) == (2, 1)
    found = sealed_points(plant)
    assert found["a", T + 30 * HOUR_US] == (99.0, 0)
    assert len(found) == 51
    # What met the imported month stays in its month; the rest lies by day.
    assert {file.period: file.rows for file in plant.telemetry.files("raw")} == {
        "2025-01": 49,
        "2025-01-01": 1,
        "2025-01-03": 1,
    }
    entry = put(plant, readings("a", (T + 40 * HOUR_US, 40.0), (T + 50 * HOUR_US, 2.0), (T + 60 * HOUR_US, 3.0)))
    assert [entry.counts[f"readings_{name}"] for name in ("new", "changed", "same")] == [1, 1, 1]
    assert sealed_points(plant)["a", T + 50 * HOUR_US] == (2.0, 0)
    assert len(sealed_points(plant)) == 52
    assert plant.verify().whole


def test_an_import_that_meets_days_only_leaves_them_days(plant, put, readings):
    _give(plant, batch(1, *(("a", T + k * HOUR_US, 0.0) for k in range(48))))
    put(plant, readings("a", *((T + k * HOUR_US, 1.0) for k in range(-3, 50))))
    rows = {file.period: file.rows for file in plant.telemetry.files("raw")}
    assert rows == {"2024-12": 3, "2025-01-01": 24, "2025-01-02": 24, "2025-01": 2}
    assert {value for value, _ in sealed_points(plant).values()} == {1.0}


def test_many_small_seals_of_a_day_are_merged_and_the_large_file_is_left(plant):
    large = [("a", T + k, 0.0) for k in range(2_000)]
    _give(plant, batch(1, *large))
    (first,) = _raw(plant)
    for seq in range(2, FILES_A_PERIOD + 3):
        _give(plant, batch(seq, ("a", T + seq * MINUTE_US, float(seq))))
    assert first in _raw(plant)
    assert len(_raw(plant)) <= 3
    assert len(sealed_points(plant)) == 2_000 + FILES_A_PERIOD + 1
    assert plant.telemetry.hourly().n.sum() == 2_000 + FILES_A_PERIOD + 1


def test_the_thread_seals_when_enough_has_come(plant):
    with plant.live(seal_rows=100) as live:
        for seq in range(1, 31):
            live.take(second(seq))
        _until(lambda: len(sealed_points(plant)) >= 400)
        assert live.trouble is None
    plant.seal()
    assert sealed_points(plant) == points_of(*(second(seq) for seq in range(1, 31)))


def test_the_thread_seals_when_enough_time_has_passed(plant):
    with plant.live(seal_after_s=0.01) as live:
        live.take(second(1))
        _until(lambda: len(sealed_points(plant)) == 15)
        live.take(second(2))
        _until(lambda: len(sealed_points(plant)) == 30)


def _until(holds) -> None:
    end = time.monotonic() + 300
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


_WRITER = """
import sys
from pathlib import Path
from forgecast.store.plant_folder import PlantFolder
from tests.store.live_batches import second
with PlantFolder.open(Path(sys.argv[1])) as plant, plant.live(seals=False) as live:
    live.take(second(1, sys.argv[2]))
    live.take(second(2, sys.argv[2]))
    print("taken", flush=True)
    sys.stdin.readline()
    live.take(second(3, sys.argv[2]))
    print("taken", flush=True)
    sys.stdin.readline()
"""


def test_another_process_seals_what_two_writers_take(plant, root, monkeypatch):
    monkeypatch.setattr(sealing, "_ANSWERS_S", 300.0)  # the writers are there and answer, however busy the machine is
    children = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(plant.path), source],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=root,
        )
        for source in ("s1", "s2")
    ]
    try:
        for child in children:
            assert child.stdout.readline() == "taken\n"
        sealed = plant.seal()  # both writers are alive: they are asked to close their segments
        assert sealed.sources == {"s1": (1, 2), "s2": (1, 2)}
        for child in children:
            child.stdin.write("\n")
            child.stdin.flush()
            assert child.stdout.readline() == "taken\n"
        assert plant.seal().sources == {"s1": (3, 3), "s2": (3, 3)}
    finally:
        for child in children:
            child.communicate("\n", timeout=300)
    assert sealed_points(plant) == points_of(*(second(seq, source) for source in ("s1", "s2") for seq in (1, 2, 3)))


def test_what_is_still_written_is_not_sealed_by_others(plant):
    with plant.live() as live:
        live.take(second(1))
        assert sealing.seal(plant._live_plant("Anna"), ask=False).rows == 0
        assert live.take(second(2))
        assert live.seal().rows == 30
        live.take(second(3))
    assert sealing.seal(plant._live_plant("Anna"), ask=False).rows == 15  # nobody writes any more
    assert sealed_points(plant) == points_of(*(second(seq) for seq in (1, 2, 3)))


def test_a_long_log_is_sealed_in_several_transactions(plant):
    with plant.live(seal_rows=30, seals=False) as live:
        for seq in range(1, 21):
            live.take(second(seq))
    sealed = sealing.seal(plant._live_plant("Anna"), rows_a_seal=50)
    assert (sealed.new, sealed.sources) == (300, {"furnace-1": (1, 20)})
    assert plant.audit_head().link > 4
    assert sealed_points(plant) == points_of(*(second(seq) for seq in range(1, 21)))


def test_a_seal_that_the_disk_refuses_leaves_the_readings_in_the_log(plant, monkeypatch):
    with plant.live() as live:
        live.take(second(1))
        with monkeypatch.context() as broken:

            def refuse(*_given, **_more):
                raise OSError(28, "No space left on device")

            broken.setattr("forgecast.store.series_files.DurableFile.publish", refuse)
            with pytest.raises(PlantError, match="full"):
                live.seal()
            assert not list(plant.path.rglob("*.parquet"))
            live.take(second(2))  # ingest goes on
        assert live.seal().new == 30
    assert sealed_points(plant) == points_of(second(1), second(2))


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), ZeroDivisionError("a defect of ours")])
def test_trouble_of_the_thread_is_told_and_passes(plant, monkeypatch, error):
    monkeypatch.setattr("forgecast.store.live.sink._AGAIN_S", 0.05)
    with plant.live(seal_rows=10) as live:
        with monkeypatch.context() as broken:

            def refuse(*_given, **_more):
                raise error

            broken.setattr("forgecast.store.series_files.DurableFile.publish", refuse)
            live.take(second(1))
            _until(lambda: live.trouble is not None)
            assert str(error.args[-1]) in str(live.trouble)
        _until(lambda: len(sealed_points(plant)) == 15)
        _until(lambda: live.trouble is None)


def test_a_crash_between_commit_and_deletion_doubles_nothing(plant, monkeypatch):
    with plant.live() as live:
        live.take(second(1))
    with monkeypatch.context() as broken:
        broken.setattr("forgecast.store.live.sealing.set_aside", lambda _segment: None)
        plant.seal()
    assert _logs(plant)
    with plant.live() as live:
        assert live.last("furnace-1") == 1
        assert not live.take(second(1))
        assert live.take(second(2))
    assert plant.seal().sources == {"furnace-1": (2, 2)}
    assert _logs(plant) == []
    assert sealed_points(plant) == points_of(second(1), second(2))


def test_a_segment_that_windows_will_not_delete_goes_another_time(plant, monkeypatch):
    with plant.live() as live:
        live.take(second(1))
    with monkeypatch.context() as held:
        held.setattr("forgecast.store.live.segment.remove_file", lambda _path: False)
        plant.seal()
    assert plant.seal().rows == 0
    assert _logs(plant) == []


def test_clocks_that_jump_are_stored_with_one_finding_a_day(plant, monkeypatch):
    now = [T + 10 * DAY_US + 6 * HOUR_US]
    monkeypatch.setattr("forgecast.store.live.log.time.time_ns", lambda: now[0] * 1_000)
    good = batch(1, ("a", now[0], 1.0), ("b", now[0], 1.0))
    ahead = batch(2, ("a", now[0] + 3 * HOUR_US, 2.0), ("a", now[0] + 1, 2.0), ("b", now[0] + HOUR_US, 2.0))
    behind = batch(3, ("a", now[0] - 2 * DAY_US, 3.0), ("b", now[0] - HOUR_US, 3.0))
    monkeypatch.setattr("forgecast.store.live.sealing.time.time_ns", lambda: now[0] * 1_000)
    _give(plant, good, ahead, behind)
    now[0] -= 60_000_000
    _give(plant, batch(4, ("a", now[0] + DAY_US, 1.0)), batch(5, ("a", now[0] + 2, 4.0)))
    found = {finding.code: finding for finding in plant.records.findings()}
    assert {code: finding.count for code, finding in found.items()} == {"reading-ahead": 3, "reading-far-behind": 1}
    assert "of a, b lie ahead" in str(found["reading-ahead"].reason)
    assert "10800 s" in str(found["reading-ahead"].reason)
    assert found["reading-far-behind"].value.startswith("2025-01-09")
    with plant.live() as live:
        live.take(batch(6, ("a", now[0], 5.0)))
        now[0] -= 3_600_000_000
        live.take(batch(7, ("a", now[0], 5.0)))
    plant.seal()
    assert "clock-set-back" in {finding.code for finding in plant.records.findings()}
    assert len(sealed_points(plant)) == 11


def test_ten_thousand_seconds_of_many_tags_come_back_sorted(plant):
    rng = np.random.default_rng(4)
    tags = tuple(f"T{k}" for k in range(300))
    n = 60_000
    t = T + rng.permutation(n).astype(np.int64) * 1_000
    one = Batch("s", 1, tags, rng.integers(0, 300, n).astype(np.int32), t, rng.normal(size=n), np.zeros(n, np.int8))
    _give(plant, one)
    assert sealed_points(plant) == points_of(one)
    for file in plant.telemetry.files("raw"):
        table = pq.read_table(plant.path / file.path, partitioning=None)
        rows = list(zip(table.column("tag").to_pylist(), table.column("t").to_pylist(), strict=True))
        assert rows == sorted(rows)
