"""Gating and cost: what is refused, what stays unknown, and what the checks say."""

from __future__ import annotations

import pytest

from forgecast.casting.constant import RuleError
from forgecast.casting.economics import Poured, Prices, economics
from forgecast.casting.gating import (
    GRAVITY,
    discharge_coefficient,
    effective_head,
    filter_area,
    find_ratio,
    gate_mould,
    height_above_gate,
    ratios,
)
from forgecast.casting.pouring import choose_time, given_time, pouring_times


def _gating(family="aluminium", ratio="1:2:4", **more):
    discharge, notes = discharge_coefficient(family, "green-sand")
    given = {
        "poured_mass": 10.0, "time": given_time(6.0), "density": 2400.0, "head": 0.25, "full_head": 0.3,
        "discharge": discharge, "ratio": find_ratio(family, ratio), "notes": notes,
    } | more  # fmt: skip
    return gate_mould(family, **given)


def test_the_same_metal_passes_sprue_choke_and_gates():
    got = _gating(basin_depth=0.05)
    flow = 10.0 / 2400.0 / 6.0
    assert got.flow == pytest.approx(flow)
    assert got.choke_velocity * got.areas.choke == pytest.approx(flow)
    assert got.gate_velocity * got.areas.ingate == pytest.approx(flow)
    assert got.areas.choke == min(got.areas.sprue, got.areas.runner, got.areas.ingate)
    assert got.areas.sprue_top > got.areas.sprue


def test_wide_gates_pass_the_velocity_check_and_narrow_ones_do_not():
    wide, narrow = _gating(ratio="1:4:8"), _gating(ratio="1:2:1")
    assert {c.code: c.passed for c in wide.checks} == {"gate-velocity": True, "fall": True, "ratio-system": True}
    assert {c.code: c.passed for c in narrow.checks}["gate-velocity"] is False
    assert narrow.quiet_ingate > narrow.areas.ingate
    again = _gating(ratio=f"1:4:{4.0 * narrow.quiet_ingate / narrow.areas.ingate / 4.0}")
    assert again.first_gate_velocity == pytest.approx(0.5)


def test_the_start_is_driven_by_the_whole_head():
    """Torricelli at the choke under the whole head, spread over the gates: mu sqrt(2gH) A_choke / A_gates."""
    got = _gating()
    whole = got.discharge * (2.0 * GRAVITY * 0.3) ** 0.5 * got.areas.choke / got.areas.ingate
    assert got.first_gate_velocity == pytest.approx(whole)


def test_gates_narrower_than_the_sprue_do_not_suit_aluminium():
    checks = {c.code: c.passed for c in _gating(ratio="1:0.75:0.5").checks}
    assert checks["ratio-system"] is False


def test_a_fall_into_the_mould_is_seen():
    assert {c.code: c.passed for c in _gating(fall=0.1).checks}["fall"] is False


def test_the_critical_velocity_of_aluminium_does_not_judge_iron():
    iron = _gating("grey-iron", "1.15:1.1:1", density=6900.0)
    assert {c.code: c.passed for c in iron.checks}["gate-velocity"] is None


def test_reynolds_number_needs_a_viscosity():
    assert _gating().reynolds is None
    one, four = _gating(viscosity=1.3e-3), _gating(viscosity=1.3e-3, gates=4)
    assert one.reynolds == pytest.approx(2.0 * four.reynolds)


def test_a_coefficient_of_another_mould_says_so():
    _, notes = discharge_coefficient("steel", "resin-sand")
    assert any("green sand" in note.say("en") for note in notes)
    assert discharge_coefficient("steel", "green-sand")[1] == ()
    with pytest.raises(RuleError, match="copper"):
        discharge_coefficient("copper", "green-sand")


def test_ratios_are_read_or_the_users_own():
    assert find_ratio("aluminium").name == "1:2:4"
    assert find_ratio("steel", "2:3:4").source is None
    assert find_ratio("steel", "2:3:1").system == "pressurised"
    assert find_ratio("aluminium", "1:2:1").system == "pressurised"
    for ratio in ratios("grey-iron"):
        # A row calls itself pressurised exactly where its gates are no wider than its sprue.
        assert (ratio.system == "pressurised") == (ratio.ingate <= ratio.sprue)
    for bad in ("1:2", "a:b:c", "1:2:0", "1:2:-1"):
        with pytest.raises(RuleError):
            find_ratio("steel", bad)


def test_heads_that_cannot_be_are_refused():
    with pytest.raises(RuleError, match="rises"):
        effective_head(0.2, 0.3, 0.25)
    with pytest.raises(RuleError, match="parting"):
        height_above_gate("parting", 0.2)
    with pytest.raises(RuleError, match="parting"):
        height_above_gate("parting", 0.2, 0.3)
    with pytest.raises(RuleError, match="basin"):
        _gating(basin_depth=0.3)


def test_each_pouring_time_takes_the_mass_it_was_made_for():
    """Grey iron: the class rule counts all metal poured, the fluidity rule the casting only."""
    few = {t.rule: t for t in pouring_times("grey-iron", casting_mass=80, poured_mass=100, wall=0.015, fluidity=0.7)}
    more = {t.rule: t for t in pouring_times("grey-iron", casting_mass=80, poured_mass=120, wall=0.015, fluidity=0.7)}
    assert more["wall-class"].seconds > few["wall-class"].seconds
    assert more["fluidity"].seconds == few["fluidity"].seconds


def test_a_rule_without_its_input_is_missing():
    times = {t.rule: t for t in pouring_times("grey-iron", casting_mass=80, poured_mass=100, wall=0.015)}
    assert times["fluidity"].seconds is None
    assert "fluidity" in times["fluidity"].why_missing.say("en")


def test_a_remembered_pouring_time_is_shown_and_not_chosen():
    times = pouring_times("steel", casting_mass=80, poured_mass=100, wall=0.015)
    assert choose_time(times, "steel").rule == "mass-power"
    assert choose_time(times, "steel", "logarithm").notes
    with pytest.raises(RuleError, match="copper"):
        choose_time(pouring_times("copper", casting_mass=8, poured_mass=10, wall=0.01), "copper")
    with pytest.raises(RuleError, match="poured"):
        pouring_times("steel", casting_mass=80, poured_mass=70, wall=0.015)


def test_only_remembered_times_are_no_choice():
    remembered = [t for t in pouring_times("steel", casting_mass=80, poured_mass=100, wall=0.015) if not t.usable]
    assert [t.rule for t in remembered] == ["logarithm"]
    with pytest.raises(RuleError, match="cast steel"):
        choose_time(tuple(remembered), "steel")


def test_a_class_of_walls_begins_where_the_one_before_ends():
    """Rows of CastCalc: 10 to below 20 mm 1.36, 20 to below 40 mm 1.66, each times sqrt(100 kg)."""
    below, at = (pouring_times("grey-iron", casting_mass=80, poured_mass=100, wall=wall)[0] for wall in (0.0199, 0.020))
    assert (below.seconds, at.seconds) == (pytest.approx(13.6), pytest.approx(16.6))


def test_missing_prices_stay_missing():
    got = economics(Poured(50.0, 30.0, 20.0), Prices(melt_energy_kWh_per_t=600.0, melt_loss=0.02))
    assert got.casting_yield == pytest.approx(0.5)
    assert got.melt_energy == pytest.approx(0.1 / 0.98 * 600.0 * 3.6e6)
    assert (got.carbon_dioxide, got.energy_cost, got.metal_cost, got.cost) == (None, None, None, None)
    assert set(got.missing) == {"emission_factor", "energy_price", "metal_price", "return_value", "aids_cost"}
    unknown = economics(Poured(50.0, 30.0), Prices(melt_energy_kWh_per_t=600.0, melt_loss=0.02))
    assert unknown.casting_yield is None
    assert unknown.melt_energy is None
    assert "gating_mass" in unknown.missing


def test_the_parts_of_the_cost_add_up_over_the_castings_of_a_mould():
    prices = Prices(600.0, 0.5, 0.8, 4.0, 2.5, 0.0, 12.0)
    one, four = economics(Poured(50.0, 30.0, 20.0), prices), economics(Poured(200.0, 120.0, 80.0, castings=4), prices)
    # 100 kg at 4, 50 kg of returns at 2.5; 60 kWh at 0.8 and 0.5 kg each; sleeves 12, or 3 where four share them.
    assert one.metal_cost == pytest.approx(275.0)
    assert one.energy_cost == pytest.approx(48.0)
    assert one.carbon_dioxide == pytest.approx(30.0)
    assert one.cost == pytest.approx(335.0)
    assert four.cost == pytest.approx(326.0)
    assert one.missing == ()


@pytest.mark.parametrize(
    ("mould", "prices", "says"),
    [
        (Poured(0.0, 1.0), Prices(), "casting_mass"),
        (Poured(1.0, -1.0), Prices(), "riser_mass"),
        (Poured(1.0, 1.0, float("nan")), Prices(), "gating_mass"),
        (Poured(1.0, 1.0), Prices(energy_price=-1.0), "energy_price"),
        (Poured(1.0, 1.0), Prices(melt_loss=3.0), "melt loss"),
    ],
)
def test_masses_and_prices_that_cannot_be_are_refused(mould, prices, says):
    with pytest.raises(RuleError, match=says):
        economics(mould, prices)


def test_a_filter_is_as_large_as_its_maker_says():
    """12 kg through a filter that passes 4 kg/cm2: 3 cm2."""
    assert filter_area(12.0, 4e4) == pytest.approx(3e-4)
    with pytest.raises(RuleError, match="capacity"):
        filter_area(12.0, 0.0)
