"""Live readings do not depend on where the manifest is."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from forgecast.ground.errors import PlantError
from forgecast.store.live.segment import segments_of
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.tables import table
from tests.store.live_batches import T, batch, points_of, sealed_points, second


def test_what_is_taken_is_sealed_once_and_known_again(new_plant):
    plant = new_plant()
    given = [second(seq, source) for seq in (1, 2, 5) for source in ("s1", "s2")]
    late = batch(6, ("s1.T0", T + 6_000_000, 9.0), ("new", T, 1.0), source="s1")
    with plant.live() as live:
        for one in given:
            assert live.take(one)
        assert live.seal().sources == {"s1": (1, 5), "s2": (1, 5)}
        assert live.take(late)
        assert not live.take(given[0])
    assert sealed_points(plant) == points_of(*given)
    with plant.live() as live:
        assert (live.last("s1"), live.last("s2"), live.last("s3")) == (6, 5, 0)
        assert live.seal().sources == {"s1": (6, 6)}
    assert sealed_points(plant) == points_of(*given, late)
    assert plant.tail.latest()["new"].sealed
    t = table("live_source")
    with plant._database.connect() as connection:
        assert connection.execute(sa.select(t.c.source, t.c.sealed).order_by(t.c.source)).all() == [
            ("s1", 6),
            ("s2", 5),
        ]
    assert plant.verify().whole
    assert [entry.counts["readings_new"] for entry in plant.records.imports()] == [len(points_of(*given, late))]


def test_a_transaction_that_breaks_leaves_the_log(new_plant, monkeypatch):
    plant = new_plant()
    with plant.live() as live:
        live.take(second(1))
        with monkeypatch.context() as broken:

            def refuse(*_given, **_more):
                raise OSError(5, "Input/output error")

            broken.setattr("forgecast.store.live.sealing._move_on", refuse)
            with pytest.raises(PlantError, match="Input/output error"):
                live.seal()
        assert sealed_points(plant) == {}
        assert plant.records.imports() == ()
    assert [path for path in segments_of(plant.path / "telemetry" / "live" / "furnace-1") if path.stat().st_size]
    with PlantFolder.open(plant.path) as other:
        assert other.seal().new == 15
    assert sealed_points(plant) == points_of(second(1))
