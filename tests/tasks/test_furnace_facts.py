"""What the rulebooks of furnaces, of normative conditions and of the industry read of a plant's records."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.tasks.making import assessed, made_plant, words

SITE = "id,name,sector,air_zone,key_region\nA,Forge,C3393,two,no"
EQUIPMENT = "id,name,kind,fuel,in_use_from\nH1,Furnace,heating_furnace,{fuel},{since}"
STACK = "id,name,process,equipment,height\nD1,Furnace,forging_heating,H1,20"
TAG = """id,measures,unit,stack,interval (s),reading,basis,oxygen_corrected
D1.pm,pm,mg/m3,D1,3600,mean,dry_standard,{done}"""
TEST = "id,stack,sampled_at,pollutant,concentration_mg_m3,oxygen_percent (%)\nT1,D1,2025-06-01 09:00,pm,250,9"
HOURS = 365 * 24


def forge(folder: Path, *, since: str = "2010-01-01", fuel: str = "natural_gas", done: str = "yes") -> dict[str, str]:
    tables = {
        "site": SITE,
        "equipment": EQUIPMENT.format(since=since, fuel=fuel),
        "stack": STACK,
        "tag": TAG.format(done=done),
    }
    return words(assessed(made_plant(folder, tables, {"D1.pm": np.full(HOURS, 250.0)})))


def test_a_stack_takes_day_and_fuel_from_the_machine_it_names(tmp_path: Path) -> None:
    """250 mg/m3 is above 200 of zone II for a furnace of 2010; Table 1, for older ones, was not read."""
    assert forge(tmp_path / "new")["gb_9078_1996/dust_heating/D1"] == "not met"
    old = forge(tmp_path / "old", since="1996-12-31")
    assert old["gb_9078_1996/dust_heating/D1"] == "not applicable"
    assert old["gb_9078_1996/dust_older_furnace/D1"] == "not known"
    assert forge(tmp_path / "gas")["gb_9078_1996/so2/D1"] == "not applicable"
    assert forge(tmp_path / "coal", fuel="coal")["gb_9078_1996/so2/D1"] == "not known"


def test_a_value_not_yet_converted_is_not_judged_and_no_fault_of_the_data(tmp_path: Path) -> None:
    tables = {"site": SITE, "equipment": EQUIPMENT.format(since="2010-01-01", fuel="natural_gas"), "stack": STACK}
    plant = made_plant(
        tmp_path, {**tables, "tag": TAG.format(done="no"), "stack_test": TEST}, {"D1.pm": np.full(HOURS, 9.0)}
    )
    assessment = assessed(plant)
    (found,) = [v for v in assessment.verdicts if v.id == "gb_9078_1996/dust_heating/D1"]
    assert found.word == "not known"
    assert any("excess of air" in str(missing) for missing in found.missing)
    assert [f.code for f in assessment.findings if f.code.endswith("not-usable")] == []


@pytest.mark.parametrize(("kind", "expected"), [("cupola", "not known"), ("induction_furnace", "met")])
def test_whether_a_cupola_is_in_use_is_read_from_the_list_of_machines(tmp_path: Path, kind: str, expected: str) -> None:
    site = "id,name,sector\nA,Foundry,C3391"
    equipment = f"id,name,kind,in_use_until\nF1,Furnace,{kind},\nF2,Old cupola,cupola,2020-01-01"
    found = words(assessed(made_plant(tmp_path, {"site": site, "equipment": equipment})))
    assert found["performance_grading_2020/table_cupola/A"] == expected


def test_output_and_revenue_of_the_newest_year_are_compared_with_what_a_reader_enters(tmp_path: Path) -> None:
    site = "id,name,sector\nA,Foundry,C3391"
    years = "year,indicator,value\n2023,revenue,9000\n2024,revenue,5000\n2024,casting_output,8000"
    plant = made_plant(tmp_path, {"site": site, "year_figure": years})
    (plant / "books").mkdir()
    (plant / "books" / "own.yaml").write_text(
        "overlay: {book: cfa_0310021, layer: national, title: {en: own copy, zh: 自有文本}, version: '1', clause: '1',"
        " source: invented, confidence: primary}\n"
        "limits:\n  - {requirement: scale_revenue, value: 7000}\n  - {requirement: scale_output, value: 8000}\n",
        encoding="utf-8",
    )
    found = words(assessed(plant))
    assert found["cfa_0310021/scale_revenue/A"] == "not met"
    assert found["cfa_0310021/scale_output/A"] == "met"


def test_goals_of_the_industry_do_not_apply_to_a_plant(tmp_path: Path) -> None:
    found = words(assessed(made_plant(tmp_path, {"site": "id,name,sector\nA,Foundry,C3391"})))
    goals = {name: word for name, word in found.items() if name.endswith("/*") and name.startswith("opinion_goals/")}
    assert len(goals) == 5
    assert set(goals.values()) == {"not applicable"}
