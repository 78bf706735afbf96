"""A stack's series become verdicts: reference oxygen, gas state, running hours, and what is missing stays missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from forgecast.rules.verdict import Verdict
from forgecast.tasks.assessment import Assessment
from tests.tasks.making import assessed, made_plant, words

HOURS = 31 * 24  # the furnace works in March, so many hours after the year began:
BEFORE, YEAR = 59 * 24, 365 * 24
NOX, OXYGEN = 150.0, 12.0
SITE = "id,name,sector,enterprise_status\nA,Works,C3391,existing"
STACK = "id,name,process,furnace,hot_blast,vents_to_stack_alone,height\nDA1,Cupola,melting,cupola,no,yes,20"
TAGS = """id,measures,unit,stack,interval (s),reading,basis
S.nox,nox,mg/m3,DA1,3600,mean,{basis}
S.o2,oxygen,%,DA1,3600,mean,
S.on,operating,,DA1,3600,mean,
"""


def tables(basis: str = "dry_standard", **other: str) -> dict[str, str]:
    return {"site": SITE, "stack": STACK, "tag": TAGS.format(basis=basis)} | other


def year_of(nox: float = NOX, oxygen: float = OXYGEN, running: int = HOURS) -> dict[str, np.ndarray]:
    on = np.zeros(HOURS)
    on[:running] = 1.0
    return {"S.nox": np.full(HOURS, nox), "S.o2": np.full(HOURS, oxygen), "S.on": on}


def padded(series: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return a year of which only March is told, but for the operating tag, which shows rest in the other months."""
    year = {}
    for tag, values in series.items():
        year[tag] = np.full(YEAR, 0.0 if tag == "S.on" else np.nan)
        year[tag][BEFORE : BEFORE + HOURS] = values
    return year


def verdict(assessment: Assessment, name: str) -> Verdict:
    (found,) = [one for one in assessment.verdicts if one.id == name]
    return found


def test_a_cold_blast_cupola_is_judged_at_15_percent_oxygen(tmp_path: Path) -> None:
    """Equation (1) of GB 39726-2020: ρ · (21 − 15) / (21 − O)."""
    assessment = assessed(made_plant(tmp_path, tables(), padded(year_of())))
    found = verdict(assessment, "gb_39726_2020/nox_cupola/DA1")
    assert found.figure_value == pytest.approx(NOX * (21 - 15) / (21 - OXYGEN), rel=1e-12)
    assert found.word == "met"
    # At 18.5 % oxygen the same measured value is 360 mg/m3 and above the limit of 300.
    diluted = assessed(made_plant(tmp_path / "b", tables(), padded(year_of(oxygen=18.5))))
    found = verdict(diluted, "gb_39726_2020/nox_cupola/DA1")
    assert found.figure_value == pytest.approx(NOX * 6 / 2.5, rel=1e-12)
    assert (found.word, found.hours_over) == ("not met", HOURS)


def test_without_oxygen_or_basis_nothing_is_judged(tmp_path: Path) -> None:
    name = "gb_39726_2020/nox_cupola/DA1"
    no_oxygen = {tag: values for tag, values in year_of().items() if tag != "S.o2"}
    assessment = assessed(made_plant(tmp_path / "a", tables(), padded(no_oxygen)))
    assert words(assessment)[name] == "not known"
    assert any(f.code == "series-not-usable" and "oxygen" in str(f.reason) for f in assessment.findings)
    assert any("oxygen" in str(missing) for missing in verdict(assessment, name).missing)
    assessment = assessed(made_plant(tmp_path / "b", tables(basis=""), padded(year_of())))
    assert words(assessment)[name] == "not known"
    assert any(f.code == "series-not-usable" and f.place.column == "basis" for f in assessment.findings)


def test_gas_at_its_actual_state_is_brought_to_dry_gas_at_the_standard_state(tmp_path: Path) -> None:
    """Ideal gas: ρ_n = ρ · T/273.15 K · 101.325 kPa/p / (1 − X_w)."""
    more = "S.t,gas_temperature,°C,DA1,3600,mean,\nS.p,gas_pressure,kPa,DA1,3600,mean,\nS.w,moisture,%,DA1,3600,mean,\n"
    series = year_of() | {"S.t": np.full(HOURS, 120.0), "S.p": np.full(HOURS, 99.0), "S.w": np.full(HOURS, 8.0)}
    plant = made_plant(tmp_path, tables("wet_actual", tag=TAGS.format(basis="wet_actual") + more), padded(series))
    expected = NOX * (120 + 273.15) / 273.15 * 101.325 / 99.0 / (1 - 0.08) * (21 - 15) / (21 - OXYGEN)
    found = verdict(assessed(plant), "gb_39726_2020/nox_cupola/DA1")
    assert found.figure_value == pytest.approx(expected, rel=1e-12)


def test_only_hours_in_which_the_furnace_ran_are_due_and_judged(tmp_path: Path) -> None:
    running = 200
    series = year_of(running=running)
    series["S.nox"][running:] = 9000.0
    found = verdict(assessed(made_plant(tmp_path, tables(), padded(series))), "gb_39726_2020/nox_cupola/DA1")
    assert (found.word, found.hours_valid, found.hours_expected) == ("met", running, running)


def test_too_few_valid_hours_make_partly_and_an_exceedance_still_not_met(tmp_path: Path) -> None:
    series = year_of()
    series["S.nox"][: HOURS // 2] = np.nan
    found = verdict(assessed(made_plant(tmp_path / "a", tables(), padded(series))), "gb_39726_2020/nox_cupola/DA1")
    assert (found.word, found.hours_valid, found.hours_expected) == ("partly", HOURS - HOURS // 2, HOURS)
    series["S.nox"][-1] = 1000.0
    found = verdict(assessed(made_plant(tmp_path / "b", tables(), padded(series))), "gb_39726_2020/nox_cupola/DA1")
    assert (found.word, found.hours_over) == ("not met", 1)


def test_a_permit_below_the_law_binds_while_it_holds_and_names_itself(tmp_path: Path) -> None:
    permit = "id,site,kind,valid_from,valid_until\nP1,A,key,2024-01-01,2025-12-31"
    limit = "permit,stack,pollutant,limit_mg_m3 (mg/m3)\nP1,DA1,nox,90"
    found = verdict(
        assessed(made_plant(tmp_path, tables(permit=permit, permit_limit=limit), padded(year_of()))),
        "gb_39726_2020/nox_cupola/DA1",
    )
    assert found.word == "not met"
    assert found.limit is not None
    assert (found.limit.layer, found.limit.value) == ("permit", 90.0)


def test_a_permit_limit_that_no_law_knows_is_judged_all_the_same(tmp_path: Path) -> None:
    heads = "id,name,process,furnace,metal,vents_to_stack_alone,height,lead_alloy"
    stack = f"{heads}\nDA1,Melt,melting,induction_furnace,ferrous,yes,20,no"
    permit = "id,site,kind,valid_from,valid_until\nP1,A,key,2024-01-01,2025-12-31"
    limit = "permit,stack,pollutant,limit_mg_m3 (mg/m3)\nP1,DA1,nox,90"
    assessment = assessed(
        made_plant(tmp_path, tables(stack=stack, permit=permit, permit_limit=limit), padded(year_of()))
    )
    assert words(assessment)["permit/nox/DA1"] == "not met"


def test_an_unknown_furnace_kind_is_what_the_verdict_asks_for(tmp_path: Path) -> None:
    stack = STACK.replace("cupola,no,yes", "cupola,,yes")
    found = verdict(
        assessed(made_plant(tmp_path, tables(stack=stack), padded(year_of()))), "gb_39726_2020/nox_cupola/DA1"
    )
    assert found.word == "not known"
    assert any("hot_blast" in str(missing) for missing in found.missing)


def test_an_hour_in_which_the_operating_tag_is_silent_is_judged_and_due(tmp_path: Path) -> None:
    series = year_of(running=200)
    series["S.on"][300:310] = np.nan
    series["S.nox"][305] = 1000.0
    found = verdict(assessed(made_plant(tmp_path, tables(), padded(series))), "gb_39726_2020/nox_cupola/DA1")
    assert (found.word, found.hours_over, found.hours_expected) == ("not met", 1, 210)
