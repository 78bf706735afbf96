"""One question, every engine: written once in narwhals over INT64 time, answered alike by DuckDB and Polars."""

from __future__ import annotations

from pathlib import Path

import narwhals as nw
import numpy as np
import pytest

from forgecast.ground.dates import DAY_US, HOUR_US, MINUTE_US
from forgecast.signals.reading import GOOD, Readings
from forgecast.store.engines import EngineName
from forgecast.store.importing import Source
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.settings import PlantSettings

START = 1_735_689_600_000_000 + 25 * DAY_US  # the series reach from January into February
TAGS = ("S1-NOx", "S1-O2", "炉温", "a'b\"c")


@pytest.fixture(params=["duckdb", "polars"])
def engine(request) -> EngineName:
    return request.param


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("stores") / "plant"
    rng = np.random.default_rng(39726)
    with PlantFolder.create(folder, PlantSettings("p", "p")) as made:
        # Two imports that overlap, with gaps and flags, so that every month has more than one file.
        for part in range(2):
            with made.importing(Source(f"{part}", f"{part}", f"{part}", 1)) as entry:
                for tag in TAGS[part:]:
                    t = START + part * 7 * DAY_US + np.flatnonzero(rng.random(10 * 1440) > 0.05) * MINUTE_US
                    value = np.round(rng.normal(100, 20, t.size), 1)
                    flag = rng.choice(np.array([0, 0, 0, 0, 1, 2], np.int8), t.size)
                    entry.put_readings([Readings(tag, t, value, flag)])
        yield made


def _by_tag_and_hour(frame):
    return (
        frame.filter(nw.col("flag") == GOOD)
        .with_columns(hour=nw.col("t") // HOUR_US)
        .group_by("tag", "hour")
        .agg(
            nw.col("value").sum().alias("sum"),
            nw.col("value").min().alias("min"),
            nw.col("value").max().alias("max"),
            nw.len().alias("n"),
        )
        .sort("tag", "hour")
        .collect()
    )


def test_hours_asked_of_the_raw_files_equal_the_stored_partials(plant, engine):
    asked = _by_tag_and_hour(plant.telemetry.scan(engine=engine))
    hours = plant.telemetry.hourly()
    seen = hours.n_good > 0
    assert asked["tag"].to_list() == [hours.tags[i] for i in hours.tag[seen]]
    assert asked["hour"].to_list() == hours.hour[seen].tolist()
    assert asked["n"].to_list() == hours.n_good[seen].tolist()
    assert asked["min"].to_list() == hours.min[seen].tolist()
    assert asked["max"].to_list() == hours.max[seen].tolist()
    # Sums of 60 doubles of about 100 in another order differ by a few units in the last place (1e-14 of 6000).
    np.testing.assert_allclose(asked["sum"].to_numpy(), hours.sum[seen], rtol=1e-12)


def test_a_scan_holds_just_what_was_asked_for(plant, engine):
    tags, start, end = TAGS[1:3], START + 3 * DAY_US, START + 12 * DAY_US
    frame = plant.telemetry.scan(tags, start, end, engine=engine).sort("tag", "t").collect()
    expected = [plant.telemetry.series(tag, start, end) for tag in tags]
    assert frame["t"].to_list() == [t for series in expected for t in series.t.tolist()]
    assert frame["value"].to_list() == [v for series in expected for v in series.value.tolist()]
    assert frame["flag"].to_list() == [f for series in expected for f in series.flag.tolist()]
    assert set(frame["tag"].to_list()) == set(tags)
    assert len(frame) > 10_000


def test_gaps_found_by_the_engine_are_those_of_the_arrays(plant, engine):
    frame = (
        plant.telemetry.scan(engine=engine)
        .with_columns(before=nw.col("t").shift(1).over("tag", order_by="t"))
        .filter(nw.col("t") - nw.col("before") > 3 * MINUTE_US)
        .select("tag", "t")
        .sort("tag", "t")
        .collect()
    )
    found = []
    for tag in plant.telemetry.tags():
        t = plant.telemetry.series(tag).t
        found += [(tag, int(x)) for x in t[1:][np.diff(t) > 3 * MINUTE_US]]
    assert list(zip(frame["tag"].to_list(), frame["t"].to_list(), strict=True)) == found
    assert found


def test_columns_are_of_one_kind_on_every_engine(plant, engine):
    schema = plant.telemetry.scan(engine=engine).collect_schema()
    assert dict(schema) == {"tag": nw.String(), "t": nw.Int64(), "value": nw.Float64(), "flag": nw.Int8()}


@pytest.mark.parametrize("tags", [["no such tag"], []])
def test_nothing_asked_nothing_found(plant, engine, tags):
    frame = plant.telemetry.scan(tags, engine=engine)
    assert frame.collect_schema().names() == ["tag", "t", "value", "flag"]
    assert len(frame.collect()) == 0


def test_no_engine_reaches_for_the_network(plant):
    relation = plant.telemetry.scan().to_native()
    settings = relation.query("s", "select name, value from duckdb_settings() where name like 'auto%extensions'")
    assert dict(settings.fetchall()) == {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
