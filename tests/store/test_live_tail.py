"""The tail: what was taken is seen by another process at once, sealed or not."""

from __future__ import annotations

import numpy as np

from forgecast.store.live.segment import read_segment, segments_of
from forgecast.store.live.tail import Latest
from forgecast.store.plant_folder import PlantFolder
from tests.store.live_batches import T, batch, second


def _points(series):
    return list(zip(series.t.tolist(), series.value.tolist(), series.flag.tolist(), strict=True))


def test_the_latest_of_each_tag_is_seen_before_and_after_the_seal(plant):
    with plant.live() as live, PlantFolder.open(plant.path) as other:
        assert other.tail.latest() == {}
        live.take(batch(1, ("b", T + 5, 1.0), ("a", T, 2.0, 1)))
        assert other.tail.latest() == {"a": Latest("a", T, 2.0, 1, False), "b": Latest("b", T + 5, 1.0, 0, False)}
        live.take(batch(2, ("b", T + 3, 7.0), ("a", T, 3.0)))
        assert other.tail.latest(["a", "c"]) == {"a": Latest("a", T, 3.0, 0, False)}
        assert other.tail.latest(["b"])["b"].value == 1.0
        live.seal()
        assert other.tail.latest() == {"a": Latest("a", T, 3.0, 0, True), "b": Latest("b", T + 5, 1.0, 0, True)}
        live.take(batch(3, ("a", T + 9, 4.0), ("b", T, 0.0)))
        assert other.tail.latest() == {"a": Latest("a", T + 9, 4.0, 0, False), "b": Latest("b", T + 5, 1.0, 0, True)}


def test_the_tail_holds_what_is_not_sealed(plant):
    with plant.live() as live, PlantFolder.open(plant.path) as other:
        live.take(batch(1, ("a", T + 2, 1.0), ("b", T, 1.0)))
        live.seal()
        assert _points(other.tail.tail("a")) == []
        live.take(batch(2, ("a", T + 7, 5.0), ("a", T + 4, 2.0)))
        live.take(batch(3, ("a", T + 4, 3.0, 2)))
        assert _points(other.tail.tail("a")) == [(T + 4, 3.0, 2), (T + 7, 5.0, 0)]
        assert _points(other.tail.tail("a", T + 5)) == [(T + 7, 5.0, 0)]
        assert _points(other.tail.tail("b")) == []
        assert _points(other.tail.series("a")) == [(T + 2, 1.0, 0), (T + 4, 3.0, 2), (T + 7, 5.0, 0)]
        live.take(batch(4, ("a", T + 2, 9.0)))
        assert _points(other.tail.series("a", T + 1))[0] == (T + 2, 9.0, 0)


def test_a_record_on_its_way_is_not_seen_and_one_taken_back_goes(plant):
    with plant.live() as live:
        live.take(second(1))
        live.take(second(2))
        (path,) = segments_of(plant.path / "telemetry" / "live" / "furnace-1")
        whole = path.read_bytes()[: read_segment(path).end]
        half = len(whole) // 2
        with PlantFolder.open(plant.path) as other, path.open("r+b", buffering=0) as file:
            file.seek(len(whole))
            file.write(whole[: half - 20])
            assert other.tail.latest()["furnace-1.T0"].value == 2.0
            file.write(whole[half - 20 : half])
            assert len(other.tail.tail("furnace-1.T0")) == 10
            assert len(other.tail._read[path].records) == 3
            file.truncate(half)
            assert other.tail.latest()["furnace-1.T0"].value == 1.0
            assert len(other.tail.tail("furnace-1.T0")) == 5


def test_reading_while_another_thread_writes_and_seals_never_loses_anything(plant):
    """Whatever the moment, the series as it is seen only grows, and ends complete."""
    count, n = 0, 300
    with plant.live(seal_rows=200) as live, PlantFolder.open(plant.path) as other:
        for seq in range(1, n + 1):
            live.take(batch(seq, *(("a", T + seq * 10 + k, float(seq)) for k in range(5))))
            if seq % 7 == 0:
                seen = other.tail.series("a")
                assert seen.t.size == 5 * seq
                assert np.unique(seen.t).size == seen.t.size
                assert other.tail.latest()["a"].value == float(seq)
                count += 1
    assert count > 40
