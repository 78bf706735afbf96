"""Readings go by rule; what stays says so, hours answer as before, and nothing goes without a rule."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from forgecast.ground.dates import DAY_US, HOUR_US, MINUTE_US
from forgecast.ground.errors import PlantError
from forgecast.signals.batch import batch_of
from forgecast.signals.reading import GOOD
from forgecast.store import retention
from forgecast.store.manifest import SeriesFile, Span
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.settings import KeepRule, PlantSettings, read_settings, written_settings
from forgecast.store.tables import table
from tests.store.killed_tidying import RULES
from tests.store.test_compaction import START, fill, kill_at, put, some

MEANS, HOURS = KeepRule(("T0", "T1"), 30, 15), KeepRule(("T2",), 30)


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Path:
    folder: Path = tmp_path_factory.mktemp("retention") / "plant"
    with PlantFolder.create(folder, PlantSettings("p", "p")) as plant:
        fill(plant)
    return folder


@pytest.fixture
def plant(filled, tmp_path):
    shutil.copytree(filled, tmp_path / "plant")
    with PlantFolder.open(tmp_path / "plant") as opened:
        yield opened


def _hours(plant: PlantFolder) -> object:
    hours = plant.telemetry.hourly(closing=("T0",))
    columns = [hours.tag, hours.hour, hours.n, hours.n_good, hours.min, hours.max, hours.first_t, hours.last_t]
    return hours.tags, [column.tobytes() for column in columns], np.round(hours.sum, 6).tolist()


def test_without_a_rule_everything_is_kept(plant):
    before = plant.telemetry.spans()
    assert plant.telemetry.due(()) == ()
    assert plant.telemetry.let_go((), by="王工") == ()
    assert plant.telemetry.let_go([KeepRule(("nobody*",), 1)], by="王工") == ()
    assert plant.telemetry.spans() == before
    assert plant.telemetry.reduced() == ()


def test_readings_go_and_their_hours_stay(plant):
    hours, spans, kept = _hours(plant), plant.telemetry.spans(), plant.telemetry.series("T3")
    due = plant.telemetry.due([MEANS, HOURS])
    assert plant.telemetry.spans() == spans  # asking changes nothing
    gone = plant.telemetry.let_go([MEANS, HOURS], by="王工")
    assert gone == due
    assert sum(stretch.rows for stretch in gone) == sum(spans[tag].rows for tag in ("T0", "T1", "T2"))
    assert plant.telemetry.tags() == ("T3",)
    assert plant.telemetry.series("T3").value.tolist() == kept.value.tolist()
    assert set(plant.telemetry.scan().collect()["tag"].to_list()) == {"T3"}
    assert len(plant.telemetry.series("T0")) == 0
    assert _hours(plant) == hours
    told = {(one.tag, one.period): one for one in plant.telemetry.reduced()}
    assert set(told) == {(tag, month) for tag in ("T0", "T1", "T2") for month in ("2025-01", "2025-02")}
    assert sum(one.span.rows for one in told.values()) == sum(spans[tag].rows for tag in ("T0", "T1", "T2"))
    assert {one.tag for one in told.values() if one.has_means} == {"T0", "T1"}
    assert plant.telemetry.let_go([MEANS, HOURS], by="王工") == ()


def test_the_trail_says_what_went(plant):
    head = plant.audit_head()
    plant.telemetry.let_go([HOURS], by="王工")
    t = table("audit_link")
    with plant._database.connect() as connection:
        links = connection.execute(sa.select(t.c.what, t.c.by).where(t.c.id > head.link).order_by(t.c.id)).all()
    assert links == [
        ("retention: 2025-01: 1440 readings of 1 tags", "王工"),
        ("retention: 2025-02: 960 readings of 1 tags", "王工"),
    ]
    assert plant.verify().breaks == []


@pytest.mark.parametrize("closing", [(), ("T0",)])
def test_means_over_some_minutes_stay(plant, closing):
    one = plant.telemetry.series("T0")
    plant.telemetry.let_go([MEANS], by="王工", closing=closing)
    means = plant.telemetry.means(["T0"])
    window = (one.t - len(closing)) // (15 * MINUTE_US)
    assert means.start.tolist() == (np.unique(window) * 15 * MINUTE_US).tolist()
    assert set(means.tag) == {"T0"}
    assert set(means.minutes) == {15}
    for k, number in enumerate(np.unique(window)):
        here = window == number
        good = one.value[here & (one.flag == GOOD)]
        assert (means.n[k], means.n_good[k]) == (here.sum(), good.size)
        if good.size:
            # Five values of about 50, summed in another order.
            assert means.mean[k] == pytest.approx(good.mean(), rel=1e-13)
            assert (means.min[k], means.max[k]) == (good.min(), good.max())
        else:
            assert np.isnan([means.mean[k], means.min[k], means.max[k]]).all()
    part = plant.telemetry.means(["T0"], START + 30 * DAY_US, START + 30 * DAY_US + HOUR_US)
    assert part.start.tolist() == [START + 30 * DAY_US + k * 15 * MINUTE_US for k in range(4)]


def test_what_comes_late_is_not_counted_twice(plant):
    """A file is given again after its readings have gone: the hours keep their figures, and the readings go again."""
    before = _hours(plant)
    again = plant.telemetry.series("T2")
    plant.telemetry.let_go([HOURS], by="王工")
    put(plant, 50, again, some("T2", START + 200 * DAY_US + np.arange(9) * MINUTE_US, 1))
    hours = plant.telemetry.hourly(None, None, START + 100 * DAY_US, closing=("T0",))
    assert (hours.tags, hours.n.tobytes()) == (before[0], before[1][2])
    gone = plant.telemetry.let_go([HOURS], by="王工")
    assert [(one.period, one.late) for one in gone] == [("2025-01", ("T2",)), ("2025-02", ("T2",)), ("2025-07", ())]
    hours = plant.telemetry.hourly(None, None, START + 100 * DAY_US, closing=("T0",))
    assert hours.n.tobytes() == before[1][2]
    assert plant.verify().breaks == []


def test_a_month_that_comes_after_one_of_its_days_has_gone(tmp_path):
    """Only what is late is left out: the other days of the month keep their hours."""
    with PlantFolder.create(tmp_path / "plant", PlantSettings("p", "p")) as plant:
        with plant.live() as sink:
            assert sink.take(batch_of("s", 1, [("a", START + k * MINUTE_US, 1.0, 0) for k in range(30)]))
        plant.seal()
        rule = KeepRule(("a",), 30, 30)
        assert [one.period for one in plant.telemetry.let_go([rule], by="王工")] == ["2025-01-01"]
        put(plant, 1, some("a", START + np.arange(2 * 1440) * MINUTE_US, 1))
        gone = plant.telemetry.let_go([rule], by="王工")
        assert [(one.period, one.rows, one.late) for one in gone] == [("2025-01", 2880, ("a",))]
        hours = plant.telemetry.hourly()
        assert hours.n.tolist() == [30] + [60] * 24
        assert plant.telemetry.means().n.tolist() == [30] * 49


def test_days_go_one_by_one():
    day = SeriesFile("d", "raw", "2025-01-03", {"a": Span(5, 0, 1), "b": Span(3, 0, 1)}, 8, 1, "")
    month = SeriesFile("m", "raw", "2025-01", {"b": Span(7, 0, 1)}, 7, 1, "")
    rules = [KeepRule(("a",), 10), KeepRule(("*",), 20)]
    end = START + 3 * DAY_US
    assert retention.due([day, month], rules, end + 10 * DAY_US - 1) == ()
    (one,) = retention.due([day, month], rules, end + 10 * DAY_US)
    assert (one.period, dict(one.rules), one.rows) == ("2025-01-03", {"a": rules[0]}, 5)
    # The tag b has a file of the whole month, so it goes with the month, all of it.
    two = retention.due([day, month], rules, START + 51 * DAY_US)
    assert [(s.period, set(s.rules), s.rows) for s in two] == [("2025-01", {"b"}, 10), ("2025-01-03", {"a"}, 5)]


def test_killed_at_some_steps_it_does_all_or_nothing(filled, tmp_path):
    kill_at(filled, tmp_path, "let_go", 2, _state)


@pytest.mark.slow
def test_killed_at_forty_steps_it_does_all_or_nothing(filled, tmp_path):
    kill_at(filled, tmp_path, "let_go", 40, _state)


def _state(plant: PlantFolder) -> object:
    assert RULES
    means = plant.telemetry.means()
    return _hours(plant), plant.telemetry.spans(), means.start.tolist(), means.mean.tobytes(), plant.telemetry.reduced()


KEEP = '\n[[telemetry.keep]]\ntags = ["VIB-*", "P?"]\nraw_days = 40\nmeans_minutes = 5\n'


def _read(tmp_path, addition):
    text = written_settings(PlantSettings("p", "p"))
    (tmp_path / "plant.toml").write_text(text + addition, encoding="utf-8")
    return read_settings(tmp_path)


def test_rules_are_read_from_plant_toml(tmp_path):
    assert _read(tmp_path, "").keep == ()
    (rule,) = _read(tmp_path, KEEP).keep
    assert rule == KeepRule(("VIB-*", "P?"), 40, 5)
    assert [rule.covers(tag) for tag in ("VIB-1", "vib-1", "P1", "P12")] == [True, False, True, False]
    assert _read(tmp_path, '\n[[telemetry.keep]]\ntags = "x"\nraw_days = 1\n').keep == (KeepRule(("x",), 1),)


def test_rules_are_written_as_they_are_read(tmp_path):
    settings = PlantSettings("p", "p", keep=(KeepRule(('a"b', "*"), 7), KeepRule(("c",), 9, 60)))
    (tmp_path / "plant.toml").write_text(written_settings(settings), encoding="utf-8")
    assert read_settings(tmp_path) == settings


@pytest.mark.parametrize(
    "wrong",
    [
        "\n[telemetry]\nkeep = 5\n",
        '\n[[telemetry.keep]]\ntags = "x"\n',
        '\n[[telemetry.keep]]\ntags = "x"\nraw_days = 9\nfor_ever = true\n',
        "\n[[telemetry.keep]]\ntags = []\nraw_days = 9\n",
        '\n[[telemetry.keep]]\ntags = "x"\nraw_days = 0\n',
        '\n[[telemetry.keep]]\ntags = "x"\nraw_days = true\n',
        '\n[[telemetry.keep]]\ntags = "x"\nraw_days = 9\nmeans_minutes = 7\n',
    ],
)
def test_a_wrong_rule_is_refused_with_its_line(tmp_path, wrong):
    with pytest.raises(PlantError) as refused:
        _read(tmp_path, wrong)
    assert re.fullmatch(r".*plant\.toml:\d+", refused.value.where)
