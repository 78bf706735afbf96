"""Charts of real data: any signal of 90,177 shots, and the documented changes of forged shafts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from forgecast.plant.record import record
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.chart_quality import ChartPlan, chart_quality
from forgecast.tasks.import_files import import_files
from forgecast.tasks.judge_capability import judge_capability
from forgecast.tasks.new_plant import new_plant
from forgecast.tasks.watched import Wanted
from forgecast.tasks.watched_records import watched_in_plant

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def cell(shared, tmp_path_factory):
    place = tmp_path_factory.mktemp("cell") / "plant"
    new_plant(place, name="Cell", zone_name="Asia/Seoul")
    with PlantFolder.open(place) as plant:
        import_files(plant, sorted((EXAMPLES / "plants" / "hpdc").glob("*.csv")))
        shots = shared / "data" / "hpdc-kamp" / "shots_labelled.csv.gz"
        import_files(plant, [shots], map_path=EXAMPLES / "maps" / "hpdc_kamp.toml")
        yield plant


@pytest.fixture(scope="module")
def shafts(shared, tmp_path_factory):
    place = tmp_path_factory.mktemp("shafts") / "plant"
    new_plant(place, name="Shafts", zone_name="Europe/London")
    with PlantFolder.open(place) as plant:
        sheet = shared / "data" / "forge-afrc-cmm" / "CMMData.xlsx"
        import_files(plant, [sheet], map_path=EXAMPLES / "maps" / "afrc_cmm.toml")
        yield plant


@pytest.mark.slow
@pytest.mark.real_data
def test_every_signal_of_the_shots_is_charted_by_die(cell):
    """README: 90,177 shots of seven moulds; half of the volumes are not measured (-1), other defects are few."""
    numbers = [field.name for field in record("shot").fields if field.is_number and field.name != "shot_mass"]
    watched = watched_in_plant(cell, Wanted(tuple(f"shot.{name}" for name in numbers), ("die",)))
    assert len(watched) == 90_177
    for column in watched.columns:
        made = chart_quality(replace(watched, columns=(column,)), ChartPlan(), by="die")
        assert len(made.groups) == 7, column.name
        points = sum(len(group.points) for group in made.groups)
        assert points == int((~np.isnan(column.values)).sum())
        if column.name == "shot.melt_volume_cm3":
            assert 0.45 < points / 90_177 < 0.55
        else:
            assert points > 89_900, column.name
        for group in made.groups:
            assert not np.isnan(group.panels[0].upper).any(), (column.name, group.group)


@pytest.mark.slow
@pytest.mark.real_data
def test_the_share_of_rejects_leaves_the_trial_shots_out(cell):
    """README: all 1,894 try shots are labelled reject, so the flag leaks the label."""
    watched = watched_in_plant(cell, Wanted(("shot.result",), ("day",)))
    assert len(watched) == 90_177 - 1_894
    made = chart_quality(watched, ChartPlan())
    assert made.kind == "laney-p"
    assert any("1894 trial shots" in str(note) for note in made.notes)


@pytest.mark.real_data
def test_the_documented_changes_of_the_shafts_are_found_with_the_defaults(shafts):
    """README: `42 dia @140` drifts from -0.03 to about -0.09 mm over 31 Oct and 1 Nov, jumps up after seq 63 and 81."""
    watched = watched_in_plant(shafts, Wanted(("measurement.42 dia @140",)))
    assert len(watched) == 87
    assert watched.columns[0].unit == "mm"
    (group,) = chart_quality(watched, ChartPlan()).groups
    single, moving = group.panels
    jumps = {int(at) + 1 for at in moving.flagged}
    assert {64, 82} <= jumps
    up = np.diff(single.values)
    assert up[62] > 0.0
    assert up[80] > 0.0
    # The drift takes the level below the centre line for good: a run on one side begins within the first two days.
    days = [group.points.moment(int(at))[:10] for at in single.marks[1].at]
    assert single.marks[1].sign == "2"
    assert days[0] in ("2017-10-31", "2017-11-01")
    run = single.values[single.marks[1].at[:9]]
    assert (run < single.centre[0]).all()


@pytest.mark.real_data
def test_capability_of_the_shafts_is_refused_with_the_limits_of_the_sheet(shafts):
    """No diameter is out of its tolerance, and yet nothing may be said of the capability: the process moves."""
    judged = judge_capability(watched_in_plant(shafts, Wanted(("measurement.42 dia @140",))), None)
    assert (judged.limits.lower, judged.limits.upper) == pytest.approx((41.6, 42.4))
    (group,) = judged.groups
    assert group.outside == 0
    assert group.found.cpk is None
    early = watched_in_plant(shafts, Wanted(("measurement.42 dia @140",), until=date(2017, 10, 31)))
    assert 0 < len(early) < 87
