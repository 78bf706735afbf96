"""The ledger keeps itself, the report carries its gaps on the first page, and figures agree with one another."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from forgecast.ground.dates import Period
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.balance_sand import balance_sand_of
from forgecast.tasks.check_waste import check_waste, known_wastes
from forgecast.tasks.estimate_emissions import estimate_emissions
from forgecast.tasks.judge_hours import enter_exceedances, judge_hours
from forgecast.tasks.keep_ledger import SECTIONS, keep_ledger
from forgecast.tasks.record_entry import record_entries
from forgecast.tasks.report_execution import report_execution, report_title
from tests.tasks.making import made_plant
from tests.tasks.small_plants import plant_of

SEPTEMBER = Period(date(2025, 9, 1), date(2025, 10, 1))
QUARTER = Period(date(2025, 7, 1), date(2025, 10, 1))
JANUARY = Period(date(2025, 1, 1), date(2025, 2, 1))
FEBRUARY = Period(date(2025, 1, 1), date(2025, 3, 1))


def table(tables, name):
    (found,) = [one for one in tables if one.id == name]
    return found


def cells(tables, name, *columns):
    one = table(tables, name)
    at = [[c.id for c in one.columns].index(column) for column in columns]
    return [tuple(row[n] for n in at) for row in one.rows]


def test_the_over_limit_week_stands_in_the_ledger_hour_by_hour(sample_plant: Path) -> None:
    with PlantFolder.open(sample_plant) as plant:
        ledger = keep_ledger(plant, SEPTEMBER)
    abnormal = ledger.section("abnormal")
    assert {line.began[:10] for line in abnormal} == {f"2025-09-{day}" for day in range(15, 21)}
    assert all(line.subject == "DA001" and line.limit == 30.0 and line.value > 30.0 for line in abnormal)
    assert any("DC-3 ran" in str(gap.what) and gap.record == "control_run" for gap in ledger.gaps)
    assert any("cause and response" in str(gap.what) and "2025-09-17" in str(gap.what) for gap in ledger.gaps)
    assert set(SECTIONS) < {one.id for one in ledger.tables()}
    (kept,) = [row for row in ledger.kept.rows if row[0] == "production"]
    assert [str(cell) for cell in kept[2:4]] == ["not yet: 0.7 years"] * 2


def test_what_a_person_enters_is_merged_and_closes_its_gap(sample_plant: Path, tmp_path: Path) -> None:
    shutil.copytree(sample_plant, tmp_path / "plant")
    with PlantFolder.open(tmp_path / "plant") as plant:
        enter_exceedances(plant, judge_hours(plant, SEPTEMBER), by="test")
        before = keep_ledger(plant, SEPTEMBER)
        record_entries(
            plant,
            "ledger_entry",
            [
                {
                    "id": "E1", "section": "abnormal", "began_at": "2025-09-15 07:00", "ended_at": "2025-09-20 18:00",
                    "stack": "DA001", "pollutant": "pm", "what": "torn bags", "cause": "torn filter bags",
                    "response": "bags changed", "reported_on": "2025-09-16",
                }
            ],
            by="test",
        )  # fmt: skip
        record_entries(
            plant,
            "control_run",
            [
                {
                    "equipment": "DC-3",
                    "started_at": "2025-09-01 00:00",
                    "ended_at": "2025-09-15 00:00",
                    "state": "running",
                },
                {
                    "equipment": "DC-3",
                    "started_at": "2025-09-15 00:00",
                    "ended_at": "2025-09-21 00:00",
                    "state": "fault",
                },
            ],
            by="test",
        )
        after = keep_ledger(plant, SEPTEMBER)
        report = report_execution(plant, SEPTEMBER, relative_uncertainty=0.01)
    derived = [line for line in after.section("abnormal") if line.hour is not None]
    assert len(derived) == len([line for line in before.section("abnormal") if line.hour is not None])
    assert {(line.cause, line.response, line.reported) for line in derived} == {
        ("torn filter bags", "bags changed", "2025-09-16")
    }
    assert not any("exceedance" in str(gap.what) for gap in after.gaps)
    assert any("why DC-3 stood still" in str(gap.what) for gap in after.gaps)
    ((unit, running, fault, availability),) = [
        row for row in cells(report.tables, "control", "unit", "running", "fault", "availability") if row[0] == "DC-3"
    ]
    assert (unit, running, fault) == ("DC-3", 14 * 24.0, 6 * 24.0)
    assert availability == pytest.approx(70.0)
    ((cause, hours),) = cells(report.tables, "causes", "cause", "hours")
    assert (cause, hours) == ("torn filter bags", len(derived))


def test_a_report_says_its_gaps_first_and_its_figures_agree(sample_plant: Path) -> None:
    with PlantFolder.open(sample_plant) as plant:
        report = report_execution(plant, QUARTER, relative_uncertainty=0.01)
        judged = judge_hours(plant, QUARTER)
    assert str(report.first_page[0]) == (
        f"This report has {len(report.gaps)} gaps. They are listed at its end with the record that settles each."
    )
    assert str(report_title(report)) == "Execution report on the discharge permit, 2025, quarter 3"
    over = len(judged.exceedances())
    assert sum(hours for (hours,) in cells(report.tables, "exceedances", "hours")) == over
    assert sum(n for (n,) in cells(report.tables, "compliance", "over")) == over
    for one, row in zip(judged.stacks, cells(report.tables, "compliance", "valid", "mean", "p95"), strict=True):
        values = one.told.judged[np.isfinite(one.told.judged)]
        assert row == (values.size, pytest.approx(values.mean()), pytest.approx(np.quantile(values, 0.95)))
    months = cells(report.tables, "mass_months", "stack", "pollutant", "2025-07", "2025-08", "2025-09")
    whole = {
        (s, str(p)): m for s, p, m in cells(report.tables, "mass_stacks", "stack", "pollutant", "mass") if m is not None
    }
    for stack, pollutant, *by_month in months:
        # Months and the quarter add the same hours up, in another order.
        assert sum(x for x in by_month if x is not None) == pytest.approx(whole[stack, str(pollutant)], rel=1e-12)
    assert all(
        "origin" in [c.id for c in one.columns]
        for one in report.tables
        if one.id not in ("mass", "mass_months", "sand_months", "gaps", "exceedances")
    )
    assert {one.id for one in report.disclosed().tables} <= {one.id for one in report.tables}


NOX, FLOW = 150.0, 20_000.0


def flowing(folder: Path, hours: int = 48, **more: str) -> Path:
    """Make a plant of one stack with a flow of 20 000 m3/h: 150 mg/m3 make 3 kg an hour."""
    tables = {
        "site": "id,name,sector,enterprise_status\nA,Works,C3391,existing",
        "stack": "id,name,process,furnace,hot_blast,vents_to_stack_alone,height,equipment\n"
        "DA1,Cupola,melting,cupola,no,yes,20,CU\nDA2,Blast,cleaning,,,yes,20,SB",
        "tag": "id,measures,unit,stack,interval (s),reading,basis\n"
        "S.nox,nox,mg/m3,DA1,3600,mean,dry_standard\nS.o2,oxygen,%,DA1,3600,mean,\n"
        "S.flow,gas_flow,m3/h,DA1,3600,mean,dry_standard",
    } | more
    series = {"S.nox": np.full(hours, NOX), "S.o2": np.full(hours, 12.0), "S.flow": np.full(hours, FLOW)}
    series["S.nox"][5] = np.nan
    return made_plant(folder, tables, series)


def test_mass_by_flow_is_concentration_times_flow_times_hours(tmp_path: Path) -> None:
    two_days = Period(date(2025, 1, 1), date(2025, 1, 3))
    with PlantFolder.open(flowing(tmp_path)) as plant:
        plain = estimate_emissions(plant, two_days)
        filled = estimate_emissions(plant, two_days, fill="mean")
    (one,) = [m for m in plain.masses if m.method == "flow"]
    assert one.whole.mass == pytest.approx(47 * 3.0)
    assert (one.whole.low, one.whole.high, one.whole.missing_hours) == (pytest.approx(141.0), pytest.approx(144.0), 1)
    (one,) = [m for m in filled.masses if m.method == "flow"]
    assert one.whole.mass == pytest.approx(48 * 3.0)
    assert any("1 operating hours without a value" in str(gap.what) for gap in plain.gaps)


TESTS = """id,stack,sampled_at,pollutant,concentration_mg_m3,flow_m3_h
T1,DA2,2025-01-01 10:00,pm,10,10000
T2,DA2,2025-01-02 10:00,pm,20,10000"""
STATES = """equipment,started_at,ended_at,state
SB,2025-01-01 08:00,2025-01-01 16:00,running
SB,2025-01-01 16:00,2025-01-02 08:00,off
SB,2025-01-02 08:00,2025-01-02 20:00,running"""


def test_mass_by_tests_needs_the_hours_and_says_so(tmp_path: Path) -> None:
    two_days = Period(date(2025, 1, 1), date(2025, 1, 3))
    with PlantFolder.open(flowing(tmp_path / "a", stack_test=TESTS)) as plant:
        without = estimate_emissions(plant, two_days)
    (pm,) = [m for m in without.masses if m.pollutant == "pm"]
    assert (pm.method, pm.whole.mass, pm.whole.low, pm.whole.high) == ("none", None, 0.0, pytest.approx(0.2 * 48))
    assert any(gap.record == "machine_state / tag operating" and "SB" in str(gap.what) for gap in without.gaps)
    with PlantFolder.open(flowing(tmp_path / "b", stack_test=TESTS, machine_state=STATES)) as plant:
        told = estimate_emissions(plant, two_days)
    (pm,) = [m for m in told.masses if m.pollutant == "pm"]
    # 0.1 and 0.2 kg/h over 8 + 12 hours
    assert (pm.method, pm.whole.mass) == ("tests", pytest.approx(0.15 * 20))
    assert (pm.whole.low, pm.whole.high) == (pytest.approx(2.0), pytest.approx(4.0))


def test_the_permit_total_and_a_projection_stand_beside_the_mass(tmp_path: Path) -> None:
    more = {
        "permit": "id,site,kind,valid_from\nP1,A,key,2024-01-01",
        "permit_total": "permit,pollutant,year,mass_t\nP1,nox,2025,30",
    }
    first = Period(date(2025, 1, 1), date(2025, 1, 31))
    with PlantFolder.open(flowing(tmp_path, hours=30 * 24, **more)) as plant:
        found = estimate_emissions(plant, first)
    (nox,) = [t for t in found.totals if t.pollutant == "nox"]
    assert nox.permitted == 30_000.0
    assert nox.projection is not None
    # 3 kg an hour every hour of the year; the missing hour is scaled away, and every day is alike.
    assert nox.projection.expected == pytest.approx(3.0 * 8760, rel=1e-9)
    assert nox.projection.high == pytest.approx(3.0 * 8760, rel=1e-6)


SAND = {
    "material": "month,material,direction,mass_t\n2025-01,new_sand,bought,300\n2025-02,new_sand,bought,200\n"
    "2025-01,bentonite,used,5\n",
    "stock": "month,material,mass_t\n2024-12,new_sand,100\n2025-02,new_sand,60\n",
    "waste": "month,kind,fate,mass_t\n2025-01,waste_sand,landfilled,260\n2025-02,waste_sand,reused,{last}\n"
    "2025-01,waste_sand,reclaimed,800\n2025-02,waste_sand,reclaimed,900\n"
    "2025-01,dust,reused,40\n2025-02,dust,reused,40\n",
}


def test_sand_closes_from_stock_to_stock_and_a_lost_lorry_is_found(tmp_path: Path) -> None:
    good = SAND | {"waste": SAND["waste"].format(last=200)}
    with PlantFolder.open(plant_of(tmp_path, good)) as plant:
        answer = balance_sand_of(plant, FEBRUARY, relative_uncertainty=0.01)
    assert answer.balance.used == 100 + 500 - 60
    assert answer.balance.left_over == pytest.approx(0.0)
    assert (answer.balance.closes, answer.findings) == (True, ())
    assert answer.balance.reuse_rate == pytest.approx(1700 / (1700 + 460))
    (tmp_path / "b").mkdir()
    bad = SAND | {"waste": SAND["waste"].format(last=100)}
    with PlantFolder.open(plant_of(tmp_path / "b", bad)) as plant:
        answer = balance_sand_of(plant, FEBRUARY, relative_uncertainty=0.01)
    assert [f.code for f in answer.findings] == ["sand-does-not-balance"]
    assert answer.balance.left_over == pytest.approx(100.0)


def test_sand_with_a_month_missing_is_not_known(tmp_path: Path) -> None:
    some = SAND | {"waste": "month,kind,fate,mass_t\n2025-01,waste_sand,landfilled,260\n"}
    with PlantFolder.open(plant_of(tmp_path, some)) as plant:
        answer = balance_sand_of(plant, FEBRUARY, relative_uncertainty=0.01)
    assert answer.balance.closes is None
    assert {gap.record for gap in answer.gaps} == {"waste"}


WASTE = {
    "waste": "month,kind,fate,hazardous_code,mass_t\n2025-01,spent_oil,hazardous_transfer,900-218-08,2\n"
    "2025-01,emulsion,hazardous_transfer,900-006-90,1\n",
    "waste_transfer": "id,shipped_at,kind,hazardous_code,mass_t,receiver,receiver_licence,received_at,received_mass_t\n"
    "M1,2025-01-10 10:00,spent_oil,900-218-08,1.5,R,L1,2025-01-11 10:00,1.3\n"
    "M2,2025-01-20 10:00,spent_oil,900-218-08,1.0,R,,,\n",
}


def test_transfers_are_held_against_what_was_made_and_received(tmp_path: Path) -> None:
    with PlantFolder.open(plant_of(tmp_path, WASTE)) as plant:
        answer = check_waste(plant, JANUARY)
    codes = sorted(f.code for f in answer.findings)
    assert codes == [
        "hazardous-code-not-known",
        "more-sent-than-made",
        "receiver-without-licence",
        "transfer-mass-differs",
    ]
    (oil,) = [line for line in answer.lines if line.code == "900-218-08"]
    assert (oil.made, oil.sent, oil.transfers) == (2.0, 2.5, 2)
    assert any("manifest M2" in str(gap.what) for gap in answer.gaps)
    assert any("900-006-90" in str(gap.what) for gap in answer.gaps)
    assert known_wastes()["900-218-08"].hazard == "T,I"


def test_waste_long_in_store_is_told_and_judged_by_nobody(tmp_path: Path) -> None:
    old = WASTE | {
        "waste": "month,kind,fate,hazardous_code,mass_t\n2024-01,emulsion,stored,900-006-09,1\n",
    }
    with PlantFolder.open(plant_of(tmp_path, old)) as plant:
        answer = check_waste(plant, Period(date(2025, 3, 1), date(2025, 4, 1)))
    assert answer.findings == ()  # nothing of that code in the period
    with PlantFolder.open(tmp_path / "plant") as plant:
        answer = check_waste(plant, Period(date(2024, 1, 1), date(2025, 4, 1)))
    (long,) = [f for f in answer.findings if f.code == "long-in-store"]
    assert (str(long.severity), long.value) == ("note", "456 d")
