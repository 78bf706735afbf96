"""Hours judged one by one are the hours of an assessment; exceedances enter the ledger once and are judged anew."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from forgecast.ground.dates import HOUR_US, Period, from_us
from forgecast.rules.verdict import Word
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.assess_plant import assess_plant
from forgecast.tasks.import_files import import_files
from forgecast.tasks.judge_hours import enter_exceedances, judge_hours, merged_hours
from forgecast.tasks.record_entry import record_entries
from tests.tasks.making import _parquet, made_plant
from tests.tasks.test_assessed_stacks import tables, year_of

YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))
MARCH = Period(date(2025, 3, 1), date(2025, 4, 1))
JANUARY = Period(date(2025, 1, 1), date(2025, 2, 1))


def test_the_over_limit_week_of_the_sample_is_hour_by_hour_what_its_assessment_says(sample_plant: Path) -> None:
    with PlantFolder.open(sample_plant) as plant:
        judged = judge_hours(plant, YEAR)
        assessment = assess_plant(plant, at=date(2025, 12, 31))
    verdicts = {v.id: v for v in assessment.verdicts if v.subject_kind == "stack" and v.hours_valid}
    seen = set()
    for one in judged.stacks:
        verdict = verdicts[f"{one.requirement}/{one.stack}"]
        seen.add(verdict.id)
        assert int(one.over.sum()) == verdict.hours_over
        assert int(np.isfinite(one.told.judged).sum()) == verdict.hours_valid
        runs = merged_hours(one.hours[one.over].tolist())
        assert [(f"{from_us(a * HOUR_US):%Y-%m-%dT%H:%MZ}", b - a) for a, b in runs] == [
            (stretch.start, stretch.hours) for stretch in verdict.exceedances
        ]
    assert seen == set(verdicts)
    days = {from_us(one.hour * HOUR_US, "Asia/Shanghai").date() for one in judged.exceedances()}
    assert days == {date(2025, 9, day) for day in range(15, 21)}
    assert {one.stack for one in judged.exceedances()} == {"DA001"}


def test_a_day_alone_is_judged_as_within_its_year(sample_plant: Path) -> None:
    with PlantFolder.open(sample_plant) as plant:
        year = judge_hours(plant, YEAR).exceedances()
        day = judge_hours(plant, Period(date(2025, 9, 16), date(2025, 9, 17))).exceedances()
    within = [one for one in year if date(2025, 9, 16) == from_us(one.hour * HOUR_US, "Asia/Shanghai").date()]
    assert [(one.hour, one.value, one.limit, one.layer) for one in day] == [
        (one.hour, one.value, one.limit, one.layer) for one in within
    ]
    assert len(day) == 10
    assert {(layer.layer, layer.value) for layer in day[0].over} == {("national", 40.0), ("permit", 30.0)}


def test_every_exceedance_is_entered_once_with_value_limit_and_clause(sample_plant: Path, tmp_path: Path) -> None:
    shutil.copytree(sample_plant, tmp_path / "plant")
    with PlantFolder.open(tmp_path / "plant") as plant:
        judged = judge_hours(plant, Period(date(2025, 9, 1), date(2025, 10, 1)))
        first = enter_exceedances(plant, judged, by="test")
        again = enter_exceedances(plant, judged, by="test")
        rows = plant.records.read("ledger_entry")
    over = judged.exceedances()
    assert (len(first.new), first.anew) == (len(over), ())
    assert (again.new, again.anew, again.same) == ((), (), len(over))
    assert len(rows) == len(over) > 50
    row = rows[0]
    assert (row["section"], row["automatic"], row["stack"], row["pollutant"]) == ("abnormal", True, "DA001", "pm")
    assert (row["value"], row["limit"]) == pytest.approx((over[0].value, 30.0), rel=1e-12)
    assert "SAMPLE-PERMIT-001" in str(row["clause"])


def a_plant(folder: Path, nox: float) -> Path:
    series = year_of(nox=nox)
    return made_plant(folder, tables(), {tag: values[:48] for tag, values in series.items()})


def test_corrected_data_judge_an_hour_anew_and_nothing_is_deleted(tmp_path: Path) -> None:
    # 500 mg/m3 at 12 % oxygen are 333 at 15 %: above 300. Corrected to 420 they are 280 and keep it.
    folder = a_plant(tmp_path, 500.0)
    two_days = Period(date(2025, 1, 1), date(2025, 1, 3))
    with PlantFolder.open(folder) as plant:
        first = enter_exceedances(plant, judge_hours(plant, two_days), by="test")
        record_entries(plant, "ledger_entry", [{"id": first.new[0], "cause": "filter"}], by="test")
        corrected = np.full(48, np.nan)
        corrected[:2], corrected[2] = 420.0, 600.0
        import_files(plant, [_parquet(tmp_path / "corrected.parquet", {"S.nox": corrected})])
        second = enter_exceedances(plant, judge_hours(plant, two_days), by="test")
        rows = {str(row["id"]): row for row in plant.records.read("ledger_entry")}
    assert (len(first.new), second.new, len(second.anew), second.same) == (48, (), 3, 45)
    assert len(rows) == 48
    kept, risen = rows[first.new[0]], rows[first.new[2]]
    assert kept["value"] == pytest.approx(420.0 * 6 / 9)
    assert "no longer above the limit" in str(kept["what"])
    assert kept["cause"] == "filter"
    assert risen["value"] == pytest.approx(400.0)
    assert "before: 333.3" in str(risen["what"])


def test_only_hours_that_are_finished_are_entered(tmp_path: Path) -> None:
    with PlantFolder.open(a_plant(tmp_path, 500.0)) as plant:
        judged = judge_hours(plant, Period(date(2025, 1, 1), date(2025, 1, 3)))
        hour = judged.exceedances()[5].hour
        entered = enter_exceedances(plant, judged, only={hour})
    assert entered.new == (f"HOUR-DA1-nox-{from_us(hour * HOUR_US):%Y%m%dT%H}Z",)


def test_an_hour_without_oxygen_is_not_known_and_says_so(tmp_path: Path) -> None:
    series = {tag: values[:24].copy() for tag, values in year_of().items()}
    series["S.o2"][3] = np.nan
    series["S.on"][4] = 0.0
    with PlantFolder.open(made_plant(tmp_path, tables(), series)) as plant:
        (judged,) = judge_hours(plant, Period(date(2025, 1, 1), date(2025, 1, 2))).stacks
    three, four = judged.at(3), judged.at(4)
    assert (three.word, str(three.why)) == (
        Word.NOT_KNOWN,
        "the oxygen content was not measured, and this stack's value needs it",
    )
    assert (four.word, str(four.why)) == (Word.NOT_APPLICABLE, "the stack stood still")
    assert judged.count(Word.MET) == 22
    assert json.dumps(three.as_json())


def test_a_permit_limit_the_law_does_not_know_is_judged_too(tmp_path: Path) -> None:
    more = {
        "permit": "id,site,kind,valid_from\nP1,A,key,2024-01-01",
        "permit_limit": "permit,stack,pollutant,limit_mg_m3\nP1,DA2,nox,100",
    }
    base = tables()
    base["stack"] += "\nDA2,Forge,forging_heating,other,no,yes,20"
    base["tag"] = base["tag"].replace("DA1", "DA2")
    series = {tag: values[:24] for tag, values in year_of().items()}
    with PlantFolder.open(made_plant(tmp_path, base | more, series)) as plant:
        judged = judge_hours(plant, Period(date(2025, 1, 1), date(2025, 1, 2)))
    # No book settles a reference oxygen for it, so its value is not settled; nor does an unverified number of the law
    # take the place of the permit's: the permit still asks.
    by_requirement = {one.requirement: one for one in judged.stacks}
    assert by_requirement["permit/nox"].count(Word.NOT_KNOWN) == 24
    assert "not settled to which oxygen" in str(by_requirement["permit/nox"].at(0).why)


def test_an_hour_over_two_limits_is_entered_with_the_stricter_one(tmp_path: Path) -> None:
    with PlantFolder.open(a_plant(tmp_path, 500.0)) as plant:
        judged = judge_hours(plant, Period(date(2025, 1, 1), date(2025, 1, 3)))
    (one,) = judged.stacks
    stricter = replace(one, each=replace(one.each, limit=one.each.limit / 2.0))
    for order in ((one, stricter), (stricter, one)):
        over = replace(judged, stacks=order).exceedances()
        assert [hour.limit for hour in over] == [150.0] * 48
