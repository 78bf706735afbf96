"""Energy and carbon figures from meter readings: sums, factors of the plant's own, and months that are missing."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from forgecast.energy.factor import FactorKind
from forgecast.plant.record import record
from tests.tasks.making import MONTHS, assessed, figure, made_plant

METERS = "id,carrier,unit,parent\nE,electricity,kWh,\nC,coke,t,\nE1,electricity,kWh,E"
TONNES, KWH, COKE = 1000.0, 500_000.0, 120.0


def readings(*, lacking: str = "", sub: float = 480_000.0) -> str:
    rows = ["meter,month,quantity"]
    for month in MONTHS:
        rows += [f"E,{month},{KWH}", f"E1,{month},{sub}"]
        if month != lacking:
            rows.append(f"C,{month},{COKE}")
    return "\n".join(rows)


def production() -> str:
    rows = ["month,line,route,good_mass_t (t),metal_mass_t (t)"]
    return "\n".join([*rows, *(f"{month},L,casting,{TONNES},1600" for month in MONTHS)])


def plant(folder: Path, **other: str) -> Path:
    return made_plant(folder, {"meter": METERS, "meter_reading": readings(), "production": production()} | other)


def test_coal_equivalent_is_the_sum_over_carriers_and_over_good_mass(tmp_path: Path) -> None:
    """0.1229 kgce/kWh and 0.9714 kgce/kg, GB/T 2589."""
    assessment = assessed(plant(tmp_path))
    tce = 12 * (KWH * 0.1229 + COKE * 1000 * 0.9714) / 1000
    assert figure(assessment, "energy_tce").value == pytest.approx(tce, rel=1e-12)
    assert figure(assessment, "specific_energy").value == pytest.approx(1000 * tce / (12 * TONNES), rel=1e-12)


def test_carbon_of_coke_is_not_known_until_the_plant_enters_what_it_has_read(tmp_path: Path) -> None:
    open_ = figure(assessed(plant(tmp_path / "a")), "carbon_tco2")
    assert open_.value is None
    assert open_.why_missing is not None
    factor = "kind,carrier,value,unit,source\noxidation,coke,0.93,1,Own guide 3.2"
    assessment = assessed(plant(tmp_path / "b", factor=factor))
    # E = FC · NCV · CC · OF · 44/12; grid 0.5306 kgCO2/kWh.
    coke = COKE * 1000 * 28.435 * 0.02942 * 0.93 * 44 / 12 / 1000
    assert figure(assessment, "carbon_tco2").value == pytest.approx(12 * (coke + KWH * 0.5306 / 1000), rel=1e-12)
    assert any("Own guide 3.2" in str(citation.source) for citation in assessment.citations)


def test_a_grid_factor_of_the_plants_own_goes_before_the_shipped_one(tmp_path: Path) -> None:
    factor = "kind,carrier,value,unit,source\noxidation,coke,0.93,1,X\ngrid_emission,electricity,0.1,kgCO2/kWh,Y"
    assessment = assessed(plant(tmp_path, factor=factor))
    coke = COKE * 1000 * 28.435 * 0.02942 * 0.93 * 44 / 12 / 1000
    assert figure(assessment, "carbon_tco2").value == pytest.approx(12 * (coke + KWH * 0.1 / 1000), rel=1e-12)


def test_the_record_of_own_factors_knows_the_kinds_of_the_science_and_no_other() -> None:
    assert {choice.code for choice in record("factor").field("kind").choices} == set(get_args(FactorKind))


def test_a_month_without_a_reading_leaves_the_year_missing_and_is_named(tmp_path: Path) -> None:
    assessment = assessed(plant(tmp_path, meter_reading=readings(lacking="2025-05")))
    coke = figure(assessment, "use_coke")
    assert coke.value is None
    assert coke.why_missing is not None
    assert "2025-05" in str(coke.why_missing)
    assert [point.month for point in coke.trend if point.value is None] == ["2025-05"]
    assert figure(assessment, "use_electricity").value == 12 * KWH


def test_submeters_that_do_not_add_up_are_found_month_by_month(tmp_path: Path) -> None:
    sound = assessed(plant(tmp_path / "a"))
    assert [f for f in sound.findings if f.code == "meters-do-not-balance"] == []
    torn = assessed(plant(tmp_path / "b", meter_reading=readings(sub=400_000.0)))
    assert len([f for f in torn.findings if f.code == "meters-do-not-balance"]) == len(MONTHS)


def test_yield_is_good_over_poured_mass(tmp_path: Path) -> None:
    assert figure(assessed(plant(tmp_path)), "yield_casting").value == pytest.approx(100 * 1000 / 1600, rel=1e-12)


def test_a_line_without_a_month_between_others_leaves_that_month_missing_everywhere(tmp_path: Path) -> None:
    two = production() + "\n" + "\n".join(f"{month},M,casting,100,200" for month in MONTHS if month != "2025-06")
    assessment = assessed(plant(tmp_path, production=two))
    assert [f.count for f in assessment.findings if f.code == "production-gap"] == [1]
    for name in ("good_casting", "yield_casting", "specific_energy"):
        assert [p.month for p in figure(assessment, name).trend if p.value is None] == ["2025-06"], name
    assert figure(assessment, "good_casting").value is None
