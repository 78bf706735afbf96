"""Energy of a plant whose truth is known: balance, baseline, savings, bill, plan, diagnosis; and a real year."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from examples import what_a_year_costs
from forgecast.energy.load_curve import power_factor_contradictions
from forgecast.ground.errors import ForgecastError
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.balance_meters import balance_meters
from forgecast.tasks.bill_energy import bill_energy
from forgecast.tasks.diagnose_energy import diagnose_energy
from forgecast.tasks.energy_series import meter_intervals, view_of
from forgecast.tasks.fit_energy_baseline import fit_energy_baseline
from forgecast.tasks.prove_savings import prove_savings
from forgecast.tasks.shift_melting import shift_melting
from tests.tasks import energy_plant as truth
from tests.tasks.energy_plant import energy_plant

FIRST, LAST = date(2025, 6, 1), date(2025, 6, truth.DAYS)


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory):
    with PlantFolder.open(energy_plant(tmp_path_factory.mktemp("energy"))) as opened:
        yield opened


def test_the_month_of_two_phases_is_found_and_the_unread_one_has_bounds(plant):
    balance = balance_meters(plant, until=date(2025, 12, 31))
    (tree,) = balance.trees
    (node,) = tree.nodes
    best = tree.hypotheses[0]
    assert (best.period, best.kind, best.meters) == ("2025-09", "phase_missing", ("E-MELT",))
    assert best.weight > 0.9
    # 3 % of the main meter were made the rest.
    assert best.rest_after == pytest.approx(0.03 * node.main[8], rel=0.01)
    at = balance.periods.index("2025-11")
    assert node.states[at] == "not_known"
    assert node.high[at] == pytest.approx(0.4 * node.main[at], rel=1e-3)
    assert {state for n, state in enumerate(node.states) if n != at} == {"rest"}
    assert balance.unbalanced == 1


def test_the_baseline_finds_what_the_plant_was_made_with(plant):
    got = fit_energy_baseline(plant, since=date(2024, 1, 1), until=date(2024, 12, 31))
    base, slope = got.model.coefficients
    assert (got.drivers, slope.name) == (("good_t",), "good_t")
    # Four standard errors: one in ten thousand plants would fail.
    assert base.value == pytest.approx(truth.BASE_KWH, abs=4 * base.error)
    assert slope.value == pytest.approx(truth.PER_TONNE, abs=4 * slope.error)
    assert got.worth.adequate is True
    days = fit_energy_baseline(plant, since=FIRST, until=LAST, by="hour", drivers=["heat_t", "tag:CP-1.kW"])
    assert days.model.n > 300
    with pytest.raises(ForgecastError, match="by month only"):
        fit_energy_baseline(plant, since=FIRST, until=LAST, by="day", drivers=["good_t"])
    with pytest.raises(ForgecastError, match="is no driver"):
        fit_energy_baseline(plant, drivers=["weather"])


def test_the_saving_that_was_made_lies_in_the_interval(plant):
    got = prove_savings(plant, "M1", until=date(2025, 12, 31))
    made = truth.SAVED_PER_TONNE * truth.production()[13:].sum()
    assert got.saved.low < made < got.saved.high
    assert got.saved.significant
    assert got.baseline.periods == tuple(truth.months()[:12])
    assert got.periods == tuple(truth.months()[13:])
    assert [str(one) for one in got.static] == ["CP-1 was put to use on 2025-03-01"]
    with pytest.raises(ForgecastError, match="no energy measure M9"):
        prove_savings(plant, "M9")


def test_the_bill_is_that_of_every_quarter_hour(plant):
    got = bill_energy(plant, since=FIRST, until=LAST)
    power, _, _ = truth.quarters()
    hour = np.arange(power.size) % 96 // 4
    price = np.where(hour < 8, 0.3, np.where((hour < 12) | ((hour >= 17) & (hour < 21)), 1.0, 0.6))
    (month,) = got.bills
    assert sum(month.energy_cost.values()) == pytest.approx(float((power / 4 * price).sum()), rel=1e-9)
    assert month.demand_cost == pytest.approx(truth.DEMAND_PRICE * power.max())
    assert month.power_factor == pytest.approx(1 / np.hypot(1, 0.5), rel=1e-6)  # kvarh were half the kWh
    assert month.total is None
    assert got.shares[0].machine == "IF-1"
    assert got.shares[0].heats == ("H000",)
    told = bill_energy(plant, since=FIRST, until=LAST, factor_table={0.89: 0.005})
    whole = sum(month.energy_cost.values()) + month.demand_cost
    assert told.bills[0].total == pytest.approx(1.005 * whole)


def test_melting_moves_to_the_valley_as_far_as_it_may(plant):
    got = shift_melting(plant, since=date(2025, 6, 3), earlier_h=1)
    (day,) = got.days
    # Only the heat of 8 h has a cheaper hour within one: 1.0 becomes 0.3 for 1200 kWh. The others would change nothing.
    assert got.before - got.after == pytest.approx(1200 * 0.7)
    assert got.bound == pytest.approx(got.after)
    assert day.plan.starts[0] == 7
    # At noon it is dearer an hour earlier; later is not allowed by default.
    assert day.plan.starts[2:] == (12, 15)
    held = shift_melting(plant, since=date(2025, 6, 3), earlier_h=1, hold_kW=1000.0)
    # It would wait from 8 to 9 h at 1000 kW for 1.0: dearer than what is saved.
    assert held.before == pytest.approx(held.after)
    with pytest.raises(ForgecastError, match="no heat of these days"):
        shift_melting(plant, since=date(2025, 7, 3))
    with pytest.raises(ForgecastError, match="too many"):
        shift_melting(plant, since=date(2025, 6, 1), until=date(2025, 7, 30))


def test_the_diagnosis_finds_what_was_made(plant):
    got = diagnose_energy(plant, since=FIRST, until=LAST)
    by_kind = {one.kind: one for one in got.wastes}
    # The furnace holds 4 hours a day (8 to 16 h less four heats), every day.
    assert by_kind["holding"].energy.value == pytest.approx(truth.HOLDING_KW * 4 * 365, rel=0.01)
    # Outside work (17 to 7 h) the plant draws 60 kW and the compressor 30 kW.
    assert by_kind["off_hours_load"].energy.value == pytest.approx(90.0 * 14 * 365, rel=0.01)
    assert by_kind["compressed_air"].energy.value == pytest.approx(30.0 * 14 * 365, rel=0.01)
    money = [one.money.value or 0.0 for one in got.wastes]
    assert money == sorted(money, reverse=True)
    assert got.price == pytest.approx(bill_energy(plant, since=FIRST, until=LAST).energy_price)
    assert by_kind["holding"].money.value == pytest.approx(by_kind["holding"].energy.value * got.price)
    unknown = " ".join(str(one) for one in got.not_known)
    assert "gas flow and temperature" in unknown


@pytest.mark.real_data
def test_a_real_year_is_whole_consistent_and_billed(shared: Path, tmp_path: Path):
    """README of steel-energy-15min: 35,040 quarters, highest 157.18 kWh, cos phi within 0.005 of the recorded one."""
    cost, drift = what_a_year_costs.run(shared / "data", tmp_path / "plant")
    energy = cost.intervals.energy_kWh
    assert energy.size == 35_040
    assert np.isfinite(energy).all()  # the 0:00 rows were moved: else 364 would be missing and as many doubled
    assert cost.peak_kW == pytest.approx(4 * 157.18)
    assert sum(sum(one.energy_kWh.values()) for one in cost.bills) == pytest.approx(float(energy.sum()))
    priced = sum(sum(one.energy_cost.values()) for one in cost.bills)
    assert priced == pytest.approx(float((energy * cost.prices.price).sum()))
    # No table of adjustment is given and 0.9 is required: no month may have a total.
    assert {one.total for one in cost.bills} == {None}
    assert drift.periods == 275
    with PlantFolder.open(tmp_path / "plant") as opened:
        view = view_of(opened, date(2018, 1, 1), date(2018, 12, 31))
        reactive = meter_intervals(view, "M-MAIN", "reactive_energy_lagging")
        recorded = view.folder.telemetry.series("PF-LAG")
    assert reactive is not None
    assert power_factor_contradictions(energy, reactive.energy_kWh, recorded.value, tolerance_percent=0.005).size == 0
