"""Masses with their bounds, sand that closes or not, and reductions, each against a hand calculation."""

from __future__ import annotations

import csv
import gzip
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgecast.environment.mass_estimate import FILLS, estimate_mass, project_year
from forgecast.environment.reduction import measured_reduction
from forgecast.environment.sand_balance import SandFlows, balance_sand
from forgecast.ground.errors import ForgecastError

NAN = math.nan


def test_uncovered_hours_are_bounded_and_filled_only_when_asked():
    rates = np.array([1.0, NAN, 3.0, NAN, NAN])
    due = np.array([True, True, True, True, False])
    got = estimate_mass(rates, due)
    assert (got.covered, got.mass, got.low, got.high) == (4.0, 4.0, 4.0, 10.0)
    assert (got.covered_hours, got.missing_hours, got.rest_hours, got.whole) == (2, 2, 1, False)
    assert estimate_mass(rates, due, fill="mean").mass == 8.0
    assert estimate_mass(rates, due, fill="highest").mass == 10.0
    assert estimate_mass(rates, due, highest_kg_h=5.0).high == 14.0
    with pytest.raises(ForgecastError, match="no way guess"):
        estimate_mass(rates, due, fill="guess")  # type: ignore[arg-type]


def test_nothing_measured_is_no_mass_and_not_zero():
    got = estimate_mass([NAN, NAN])
    assert (got.mass, got.low, got.high, got.missing_hours) == (None, None, None, 2)
    bounded = estimate_mass([NAN, NAN], highest_kg_h=2.0)
    assert (bounded.mass, bounded.low, bounded.high) == (None, 0.0, 4.0)


@given(st.lists(st.one_of(st.floats(0.0, 50.0), st.just(NAN)), min_size=1, max_size=60))
def test_every_way_to_fill_lies_within_the_bounds(rates):
    for fill in FILLS:
        got = estimate_mass(rates, fill=fill)
        if got.mass is not None:
            # The sum of filled hours is one product, rounded once.
            assert got.low <= got.mass * (1 + 1e-12)
            assert got.mass <= got.high * (1 + 1e-12)


def test_a_steady_plant_is_projected_exactly_and_a_scattered_one_covers_what_comes():
    steady = project_year(np.full(100, 2.0), 265)
    assert (steady.expected, steady.low, steady.high) == pytest.approx((730.0, 730.0, 730.0))
    assert project_year(np.full(27, 2.0), 265) is None
    draw = np.random.default_rng(1)
    inside = 0
    for _ in range(400):
        year = draw.gamma(2.0, 3.0, 365)
        got = project_year(year[:150], 215)
        inside += got.low <= year.sum() <= got.high
    # 95 % of 400 is 380 with a standard deviation of 4.4: batch means may cover more, never so much less.
    assert inside >= 367


def test_days_without_a_value_are_projected_with_the_days_to_come():
    days = np.concatenate((np.full(30, 3.0), [NAN, NAN]))
    got = project_year(days, 10)
    assert (got.expected, got.days_left) == (pytest.approx(30 * 3.0 + 12 * 3.0), 12)


@pytest.mark.real_data
def test_a_projection_on_a_real_stack_holds_as_often_as_its_page_says(shared):
    """Five years of a gas turbine, in order but without time stamps: 24 values are taken for a day."""
    path = shared / "data" / "cems-gas-turbine" / "gas_turbine_co_nox_2011_2015.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    held = []
    for pollutant in ("NOX", "CO"):
        for year in range(2011, 2016):
            values = np.array([float(row[pollutant]) for row in rows if row["year"] == str(year)])
            days = values[: values.size // 24 * 24].reshape(-1, 24).sum(axis=1)
            n = days.size
            for known in (n // 4, n // 2, 2 * n // 3, 3 * n // 4):
                got = project_year(days[:known], n - known)
                assert got is not None
                held.append(got.low <= days.sum() <= got.high)
    assert (sum(held), len(held)) == (29, 40)


FLOWS = SandFlows(opening=100.0, closing=60.0, bought=500.0, additions=0.0, dumped=440.0, dust=80.0, reclaimed=1760.0)


def test_sand_that_closes_by_hand():
    got = balance_sand(FLOWS, relative_uncertainty=0.01)
    assert got.used == 540.0
    assert got.left_over == pytest.approx(20.0)
    # 2 · 1 % · √(100² + 500² + 60² + 440² + 80²) = 2 · 0.01 · 683.0…
    assert got.uncertainty == pytest.approx(0.02 * math.sqrt(100**2 + 500**2 + 60**2 + 440**2 + 80**2))
    assert got.reuse_rate == pytest.approx(1760.0 / 2200.0)
    assert got.closes is False  # 20 t over, 13.7 t explained
    assert balance_sand(FLOWS, relative_uncertainty=0.02).closes is True


def test_additions_explain_what_leaves_beyond_the_sand_that_came():
    more = SandFlows(0.0, 0.0, 500.0, 100.0, 560.0, 0.0, 0.0)
    assert balance_sand(more, relative_uncertainty=0.001).closes is True
    assert balance_sand(SandFlows(0.0, 0.0, 500.0, 10.0, 560.0, 0.0, 0.0), relative_uncertainty=0.001).closes is False


def test_a_missing_mass_leaves_the_balance_open():
    got = balance_sand(SandFlows(NAN, 60.0, 500.0, NAN, 440.0, 80.0, NAN), relative_uncertainty=0.01)
    assert got.closes is None
    assert math.isnan(got.left_over)
    assert math.isnan(got.reuse_rate)
    with pytest.raises(ForgecastError, match="cannot tell"):
        balance_sand(FLOWS, relative_uncertainty=0.0)


def test_a_reduction_by_hand():
    got = measured_reduction([10.0, 12.0, 8.0], [5.0, 5.0])
    assert got.share == pytest.approx(0.5)
    # u(d̄) = 0; u(b̄) = 2/√3; u(r) = d̄/b̄² · u(b̄) = 0.05 · 1.1547; t of one degree of freedom, 95 %: 12.706
    assert got.low == pytest.approx(0.5 - 12.7062 * 0.05 * 2 / math.sqrt(3), rel=1e-4)
    assert got.high == 1.0
    assert got.kept(0.3) is None
    assert got.kept(1.3) is False


def test_a_stop_is_whole_whatever_the_days_before_were():
    got = measured_reduction([10.0, 2.0], [0.0, 0.0])
    assert (got.share, got.low, got.kept(1.0)) == (1.0, 1.0, True)
    assert measured_reduction([], [0.0]).kept(0.3) is None
    assert measured_reduction([0.0, 0.0], [0.0]).kept(0.3) is None
    assert math.isnan(measured_reduction([10.0], [5.0]).low)
