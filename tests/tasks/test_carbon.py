"""Inventory, footprint and CBAM of a small plant, each reckoned by hand."""

import math

import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.carbon_inventory import carbon_inventory
from forgecast.tasks.cbam_good import cbam_product
from forgecast.tasks.footprint_product import footprint_product
from tests.tasks.carbon_plant import DECLARED, TABLES, carbon_plant

GRID = 0.5306
#: NCV · carbon · oxidation · 44/12 of natural gas, kg/m3.
GAS = 38.931 * 0.01532 * 0.99 * 44.0 / 12.0


@pytest.fixture
def plant(tmp_path):
    with PlantFolder.open(carbon_plant(tmp_path)) as opened:
        yield opened


def test_the_inventory_by_scope(plant):
    found = carbon_inventory(plant, year=2025)
    one, two, three = found.totals
    # Only May is on record: eleven months of each main meter are missing, so neither scope has a total.
    assert (one.total_kg, two.total_kg) == (None, None)
    assert one.known_kg == pytest.approx(500.0 * GAS, rel=1e-12)
    assert two.known_kg == pytest.approx(10_000.0 * GRID, rel=1e-12)
    assert three.total_kg == pytest.approx(20_000.0 * 2.0, rel=1e-12)
    assert (one.missing, two.missing, three.missing) == (11, 11, 0)


def test_a_restated_factor_is_told_with_what_it_replaces(tmp_path):
    more = TABLES["emission_factor"].replace("uncertainty_percent,source", "uncertainty_percent,restates,source")
    more = more.replace(",10,declared", ",10,,declared").replace(",,a book", ",,,a book")
    more += "F-PIG2,pig_iron,material,1.8,kgCO2e/kg,10,F-PIG,declared anew by the maker\n"
    with PlantFolder.open(carbon_plant(tmp_path, emission_factor=more)) as plant:
        found = carbon_inventory(plant, year=2025)
    assert found.totals[2].total_kg == pytest.approx(20_000.0 * 1.8, rel=1e-12)
    assert [(one.item, one.before.id, one.after.id) for one in found.restated] == [("pig_iron", "F-PIG", "F-PIG2")]


def test_the_footprint_by_hand(plant):
    found = footprint_product(plant, "P1", year=2025)
    per_kg = {(one.amount.stage, one.amount.item): one.emission for one in found.lines}
    # Half of what is poured is good: a heat of 2000 kg makes 1000 kg of castings.
    expected = {
        ("metal", "pig_iron:V1"): 1600.0 / 1000.0 * 2.0,
        ("auxiliary", "new_sand"): 1000.0 / 5000.0 * 0.02,
        ("melting", "electricity"): 1200.0 / 1000.0 * GRID,
        ("line", "electricity"): (8000.0 - 1200.0) / 5000.0 * GRID,
        ("plant", "electricity"): 2000.0 / 5000.0 * GRID,
        ("plant", "natural_gas"): 500.0 / 5000.0 * GAS,
    }
    assert per_kg == {key: pytest.approx(value, rel=1e-12) for key, value in expected.items()}
    assert found.total == pytest.approx(sum(expected.values()), rel=1e-12)
    assert found.per_piece == pytest.approx(20.0 * found.total, rel=1e-12)
    assert found.spread.low < found.total < found.spread.high


def test_all_energy_of_the_month_is_shared_out(tmp_path):
    # With one heat that is the whole production, the stages add up to what the meters show.
    whole = TABLES["heat"].replace("2000,1200", "10000,1200")
    with PlantFolder.open(carbon_plant(tmp_path, heat=whole)) as plant:
        found = footprint_product(plant, "P1", year=2025)
    power = math.fsum(one.amount.per_kg for one in found.lines if one.amount.item == "electricity")
    assert power * 5000.0 == pytest.approx(10_000.0, rel=1e-12)


def test_a_material_without_factor_leaves_the_total_unknown(tmp_path):
    with PlantFolder.open(carbon_plant(tmp_path, emission_factor="id,item,category,value,unit,source\n")) as plant:
        found = footprint_product(plant, "P1", year=2025)
    assert found.total is None
    assert found.per_piece is None
    assert {str(one.why_missing) for one in found.lines if one.emission is None} == {
        "there is no emission factor of pig_iron",
        "there is no emission factor of new_sand",
    }


def test_a_month_without_meter_reading_is_not_known(tmp_path):
    with PlantFolder.open(carbon_plant(tmp_path, meter_reading="meter,month,quantity\nE0,2025-05,10000\n")) as plant:
        found = footprint_product(plant, "P1", year=2025)
    assert found.total is None
    assert any("missing" in str(one.why_missing) for one in found.lines if one.amount.stage == "line")


def test_cbam_by_own_records(tmp_path):
    with PlantFolder.open(carbon_plant(tmp_path, embedded_emission=DECLARED)) as plant:
        found = cbam_product(plant, "P1", import_year=2026, price=80.0, year=2025)
    # Direct only: the gas; electricity does not count for iron. Pig iron as its supplier declares it.
    own, carried = 500.0 / 5000.0 * GAS, 1.6 * 1.5
    assert found.actual.total == pytest.approx(own + carried, rel=1e-12)
    free = 0.975 * (0.163 + 1.6 * 1.089)
    assert found.of("actual").net == pytest.approx(own + carried - free, rel=1e-9)
    assert found.of("default").net == pytest.approx(2.410 - 0.975 * 1.484, rel=1e-9)
    assert found.precursors[0].precursor.verified is True


def test_an_undeclared_precursor_costs_the_highest_default(plant):
    found = cbam_product(plant, "P1", import_year=2026, year=2025)
    (line,) = found.precursors
    assert line.precursor.see == pytest.approx(7.920 * 1.1, abs=1e-9)
    assert "Annex IV" in str(line.origin)


def test_cast_parts_are_outside_today_and_a_missing_code_is_told(plant):
    found = cbam_product(plant, "P3", import_year=2026, year=2025)
    assert found.owed == ()
    assert "2028" in str(found.notes[0])
    with pytest.raises(ForgecastError, match="CN code of P2"):
        cbam_product(plant, "P2", import_year=2026, year=2025)
    with pytest.raises(ForgecastError, match="not on record"):
        footprint_product(plant, "P9", year=2025)


def test_a_heat_of_another_product_is_refused(plant):
    with pytest.raises(ForgecastError, match="no piece of P1 is of heat H9"):
        footprint_product(plant, "P1", heats=["H9"], year=2025)
