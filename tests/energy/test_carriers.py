"""Carriers in coal equivalent and carbon: numbers by hand, and why a number is not given."""

from __future__ import annotations

from datetime import date

import pytest

from forgecast.energy.carrier import Conversion, coal_equivalent, electricity_carbon, fuel_carbon, total
from forgecast.energy.factor import Factor, Factors, shipped_factors
from forgecast.ground.dates import Validity
from forgecast.ground.tables import read_table
from forgecast.ground.texts import text

DAY = date(2026, 6, 30)


def own(kind, carrier, value, unit, **more):
    return Factor(kind, carrier, value, unit, text("own"), "fuel supplier's certificate", "2026", "primary", **more)


def test_coal_equivalent_by_hand():
    assert coal_equivalent("electricity", 1_000_000.0, "kWh", on=DAY).value == pytest.approx(122.9, rel=1e-12)
    assert coal_equivalent("coke", 100.0, "t", on=DAY).value == pytest.approx(97.14, rel=1e-12)
    assert coal_equivalent("natural_gas", 10_000.0, "m3", on=DAY).value == pytest.approx(13.3, rel=1e-12)
    # 0.03412 kgce/MJ and 0.1229 kgce/kWh are one equivalence: 3.6 MJ a kWh, to the digits given.
    heat = coal_equivalent("heat", 3.6, "GJ", on=DAY).value
    assert heat == pytest.approx(0.1229, rel=1e-3)


def test_the_same_amount_in_another_unit_is_the_same():
    tonnes = coal_equivalent("diesel", 2.0, "t", on=DAY).value
    assert coal_equivalent("diesel", 2000.0, "kg", on=DAY).value == pytest.approx(tonnes, rel=1e-12)
    assert electricity_carbon(1.0, "MWh", on=DAY).value == pytest.approx(
        electricity_carbon(1000.0, "kWh", on=DAY).value, rel=1e-12
    )


def test_fuel_carbon_by_hand():
    # 389.31 GJ/1e4 m3 x 0.01532 tC/GJ x 0.99 x 44/12 = 21.65 tCO2 per 1e4 m3.
    expected = 389.31 * 0.01532 * 0.99 * 44 / 12
    got = fuel_carbon("natural_gas", 10_000.0, "m3", on=DAY)
    assert got.value == pytest.approx(expected, rel=1e-12)
    assert [factor.kind for factor in got.factors] == ["net_calorific_value", "carbon_content", "oxidation"]
    assert fuel_carbon("diesel", 1.0, "t", on=DAY).value == pytest.approx(42.652 * 0.0202 * 0.98 * 44 / 12, rel=1e-12)


def test_an_unverified_factor_gives_a_reason_and_shows_itself():
    got = fuel_carbon("coke", 100.0, "t", on=DAY)
    assert got.value is None
    assert "was not read in its source" in str(got.why_missing)
    assert [f.kind for f in got.factors if not f.usable] == ["oxidation"]
    assert coal_equivalent("lpg", 1.0, "t", on=DAY).value is None


def test_no_factor_no_number():
    for got in (
        coal_equivalent("steam", 1.0, "t", on=DAY),
        coal_equivalent("electricity", 1.0, "kWh", on=DAY, basis="generation"),
        fuel_carbon("anthracite", 1.0, "t", on=DAY),
        fuel_carbon("unobtainium", 1.0, "t", on=DAY),
    ):
        assert got.value is None
        assert "no factor on record" in str(got.why_missing)


@pytest.mark.parametrize("quantity", [None, float("nan")])
def test_an_unknown_quantity_is_not_zero(quantity):
    for got in (
        coal_equivalent("electricity", quantity, "kWh", on=DAY),
        fuel_carbon("diesel", quantity, "t", on=DAY),
        electricity_carbon(quantity, "kWh", on=DAY),
    ):
        assert got.value is None
        assert "is not known" in str(got.why_missing)


def test_a_unit_of_another_kind_gives_no_number():
    got = coal_equivalent("natural_gas", 5.0, "t", on=DAY)
    assert got.value is None
    assert "on record in t" in str(got.why_missing)


def test_the_newest_announced_grid_factor_is_used_and_never_an_older_one():
    got = electricity_carbon(1000.0, "kWh", on=DAY)
    assert got.value == pytest.approx(0.5306, rel=1e-12)
    assert got.factors[0].data_year == 2023
    # Announced on 2025-12-31: usable that day, the day before the newest is the contested one of 2022.
    assert electricity_carbon(1000.0, "kWh", on=date(2025, 12, 31)).value is not None
    before = electricity_carbon(1000.0, "kWh", on=date(2025, 12, 30))
    assert before.value is None
    assert before.factors[0].data_year == 2022
    assert electricity_carbon(1000.0, "kWh", on=date(2020, 1, 1)).value is None


def test_a_region_without_a_value_in_the_data_year_is_not_answered_from_an_older_one():
    got = electricity_carbon(1000.0, "kWh", on=DAY, region="CN-HE")
    assert got.value is None
    assert "2023" in str(got.why_missing)
    asked = electricity_carbon(1000.0, "kWh", on=DAY, region="CN-HE", data_year=2022)
    assert asked.value == pytest.approx(0.7252, rel=1e-12)


def test_variants_are_kept_apart():
    average, fossil = (electricity_carbon(1.0, "MWh", on=DAY, variant=v).value for v in ("average", "fossil"))
    assert (average, fossil) == (pytest.approx(0.5306, rel=1e-12), pytest.approx(0.8273, rel=1e-12))
    assert electricity_carbon(1.0, "MWh", on=DAY, variant="excluding_market_non_fossil").value is None


def test_own_factors_go_first_until_they_expire():
    valid = Validity(date(2026, 1, 1), date(2027, 1, 1))
    factors = shipped_factors().with_own(
        own("oxidation", "coke", 0.9, "1", validity=valid),
        own("coal_equivalent", "coke", 1.0, "kgce/kg", variant="equivalent", validity=valid),
    )
    got = fuel_carbon("coke", 1.0, "t", on=DAY, factors=factors)
    assert got.value == pytest.approx(28.435 * 0.02942 * 0.9 * 44 / 12, rel=1e-12)
    assert coal_equivalent("coke", 1.0, "t", on=DAY, factors=factors).value == pytest.approx(1.0, rel=1e-12)
    assert fuel_carbon("coke", 1.0, "t", on=date(2027, 1, 1), factors=factors).value is None
    assert coal_equivalent("coke", 1.0, "t", on=date(2027, 1, 1), factors=factors).value == pytest.approx(0.9714)


def test_a_factor_out_of_its_dates_says_so():
    expired = own(
        "coal_equivalent", "peat", 0.5, "kgce/kg", variant="equivalent", validity=Validity(None, date(2020, 1, 1))
    )
    got = coal_equivalent("peat", 1.0, "t", on=DAY, factors=Factors((expired,)))
    assert got.value is None
    assert "does not hold on 2026-06-30" in str(got.why_missing)


def test_a_total_with_a_missing_part_is_missing_and_keeps_what_is_known():
    parts = [
        electricity_carbon(1000.0, "kWh", on=DAY),
        fuel_carbon("diesel", 1.0, "t", on=DAY),
        fuel_carbon("coke", 1.0, "t", on=DAY),
    ]
    got = total(parts, "tCO2")
    assert got.value is None
    assert got.known == pytest.approx(parts[0].value + parts[1].value, rel=1e-12)
    assert got.why_missing == (parts[2].why_missing,)
    whole = total(parts[:2], "tCO2")
    assert whole.value == whole.known
    assert len(whole.factors) == 4
    assert total([], "tCO2").value is None
    assert total([Conversion(0.0, "tCO2")], "tCO2").value == 0.0


def test_region_by_name():
    factors = shipped_factors()
    assert [factors.region_of(n) for n in ("广东省", "guangdong", "天津市", "全国")] == [
        "CN-GD",
        "CN-GD",
        "CN-TJ",
        "CN",
    ]
    assert factors.region_of("Zhejiang") is None


def test_a_factor_is_told_in_both_languages_and_a_share_without_a_unit():
    factors = shipped_factors()
    share, _ = factors.find("oxidation", "coke", on=date(2025, 6, 30))
    assert share is not None
    source = "Industry reporting guides of the NDRC, from memory; not read"
    assert share.describe().say("en") == f"oxidised share of carbon, coke: 0.93 ({source})"
    value, _ = factors.find("net_calorific_value", "coke", on=date(2025, 6, 30))
    assert value is not None
    said = value.describe().say("zh")
    assert said == "低位发热量（焦炭）：28.435 MJ/kg，来源：公开计算代码中的燃料参数表（所依据的国内核算指南未注明）"


def test_every_shipped_factor_is_whole_and_in_a_known_unit():
    units = {
        "coal_equivalent": {"kgce/kWh", "kgce/MJ", "kgce/kg", "kgce/m3", "kgce/t"},
        "net_calorific_value": {"MJ/kg", "MJ/m3"},
        "carbon_content": {"t C/GJ"},
        "oxidation": {"1"},
        "grid_emission": {"kgCO2/kWh"},
    }
    rows = shipped_factors().rows
    assert len(rows) == sum(
        len(read_table(name).rows) for name in ("energy_coal_equivalent", "fuel_carbon", "grid_emission_factor")
    )
    for factor in rows:
        assert factor.unit in units[factor.kind], factor
        assert factor.value > 0.0
        assert factor.source.say("zh") != factor.source.say("en")
        # The guide behind the fuel table is not named, so its edition is not known.
        assert bool(factor.edition) is (factor.kind in {"coal_equivalent", "grid_emission"})
        assert factor.title.say("zh") != factor.title.say("en")
        assert factor.note is None or factor.note.say("zh") != factor.note.say("en")
    keys = [(f.kind, f.carrier, f.region, f.variant, f.data_year) for f in rows]
    assert len(set(keys)) == len(keys)
    # What regulations call remembered or contested must never be usable.
    unverified = {(f.carrier, f.kind, f.data_year) for f in rows if not f.usable}
    assert {
        ("coke", "oxidation", None),
        ("electricity", "grid_emission", 2021),
        ("lng", "carbon_content", None),
    } <= unverified
