"""Monthly sums, balances and load curves of meters."""

from __future__ import annotations

import numpy as np
import pytest

from forgecast.energy.balance import month_balance
from forgecast.energy.load_curve import load_figures, power_factor, power_factor_contradictions
from forgecast.energy.month import sums_by_period
from forgecast.ground.errors import ForgecastError

QUARTER_US = 900 * 1_000_000


def test_an_interval_stamped_at_its_end_belongs_to_the_period_it_was_used_in():
    edges = np.array([0, 4, 8], dtype=np.int64) * QUARTER_US
    times = np.arange(1, 9, dtype=np.int64) * QUARTER_US
    by_end = sums_by_period(times, np.arange(1.0, 9.0), edges, interval_us=QUARTER_US)
    assert by_end.total.tolist() == [10.0, 26.0]
    assert by_end.expected.tolist() == [4, 4]
    by_start = sums_by_period(times, np.arange(1.0, 9.0), edges, interval_us=QUARTER_US, stamped="start")
    assert by_start.covered.tolist() == [3, 4]
    assert by_start.known.tolist() == [6.0, 22.0]
    assert np.isnan(by_start.total[0])


def test_a_gap_leaves_the_month_without_a_total_and_is_never_scaled_up():
    edges = np.array([0, 4, 8, 12], dtype=np.int64) * QUARTER_US
    times = np.arange(1, 9, dtype=np.int64) * QUARTER_US
    values = np.array([1.0, np.nan, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    got = sums_by_period(times, values, edges, interval_us=QUARTER_US)
    assert np.isnan(got.total[[0, 2]]).all()
    assert got.known.tolist() == [3.0, 4.0, 0.0]
    assert got.covered.tolist() == [3, 4, 0]
    assert sums_by_period(times, values, edges, interval_us=QUARTER_US, minimum_share=0.75).total[0] == 3.0


def test_sums_refuse_disorder_and_nonsense():
    edges = np.array([0, 10], dtype=np.int64)
    with pytest.raises(ForgecastError, match="not strictly ascending"):
        sums_by_period(np.array([2, 1], dtype=np.int64), [1.0, 1.0], edges, interval_us=1)
    with pytest.raises(ForgecastError, match="cannot be added up"):
        sums_by_period(np.array([1], dtype=np.int64), [1.0], edges, interval_us=0)


def test_balance_finds_the_month_that_does_not_balance_and_no_other():
    months = [f"2025-{m:02d}" for m in range(1, 6)]
    got = month_balance(
        months,
        [100.0, 100.0, 100.0, np.nan, 100.0],
        {"melting": [60.0, 60.0, 75.0, 60.0, np.nan], "moulding": [35.0, 20.0, 30.0, 35.0, 30.0]},
    )
    assert got.balanced == (True, False, False, None, None)
    assert got.unbalanced_months == ("2025-02", "2025-03")
    assert got.rest_share[:3].tolist() == [0.05, 0.2, -0.05]
    assert "20.0 % of the main meter is not accounted for" in str(got.reasons[1])
    assert "5.0 % more than the main meter" in str(got.reasons[2])
    assert str(got.reasons[3]) == "the main meter was not read"
    assert str(got.reasons[4]) == "not read: melting"
    assert np.isnan(got.rest[3:]).all()


def test_balance_bounds_are_arguments_and_inclusive():
    loose = month_balance(["2025-01"], [100.0], {"a": [75.0]}, highest_rest_share=0.25)
    assert loose.balanced == (True,)
    assert month_balance(["2025-01"], [100.0], {"a": [75.0]}, highest_rest_share=0.2499).balanced == (False,)


def test_balance_without_submeters_or_without_consumption_is_not_known():
    assert month_balance(["2025-01"], [100.0], {}).balanced == (None,)
    assert month_balance(["2025-01"], [0.0], {"a": [0.0]}).balanced == (None,)


def test_load_figures_by_hand():
    times = np.array([1, 2, 3, 5], dtype=np.int64) * QUARTER_US  # the fourth quarter is missing
    got = load_figures(times, [10.0, 50.0, 20.0, 20.0], interval=900.0)
    assert (got.energy_kWh, got.peak_kW, got.mean_kW, got.load_factor) == (100.0, 200.0, 100.0, 0.5)
    assert got.peak_start_us == QUARTER_US  # the interval stamped 0:30 began at 0:15
    assert (got.intervals, got.missing_intervals) == (4, 1)
    assert (
        load_figures(times, [10.0, 50.0, 20.0, 20.0], interval=900.0, stamped="start").peak_start_us == 2 * QUARTER_US
    )


def test_a_load_curve_without_values_or_load():
    nothing = load_figures(np.array([1], dtype=np.int64), [np.nan], interval=900.0)
    assert nothing.peak_kW is None
    assert nothing.why_missing is not None
    idle = load_figures(np.array([1, 2], dtype=np.int64) * QUARTER_US, [0.0, 0.0], interval=900.0)
    assert (idle.peak_kW, idle.load_factor) == (0.0, None)
    with pytest.raises(ForgecastError, match="no mean power"):
        load_figures(np.array([1], dtype=np.int64), [1.0], interval=0.0)


def test_power_factor_by_hand_and_without_load():
    got = power_factor([3.0, 0.0, 5.0], [4.0, 0.0, 0.0])
    assert got[[0, 2]].tolist() == [0.6, 1.0]
    assert np.isnan(got[1])
    found = power_factor_contradictions([3.0, 3.0, 0.0, 3.0], [4.0, 4.0, 0.0, 4.0], [60.004, 60.02, 0.0, np.nan])
    assert found.tolist() == [1]
