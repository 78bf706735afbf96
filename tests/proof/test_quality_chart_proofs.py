"""Proofs of Shewhart charts: constants against closed forms, limits against published examples and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forgecast.quality.attribute_charts import c_chart, np_chart, p_chart, u_chart
from forgecast.quality.chart_constants import MEDIAN_RANGE_OF_TWO, c4, d2, d2_star, d3
from forgecast.quality.variable_charts import (
    individuals_and_moving_range,
    mean_and_deviation,
    mean_and_range,
)

#: D. C. Montgomery, Introduction to Statistical Quality Control, piston rings (phase I), inside diameter less 74 mm,
#: in thousandths; as the R package qcc ships it.
PISTON_RINGS = """
30 2 19 -8 8; -5 -8 1 11 4; -12 24 21 5 2; 2 -4 -7 15 9; -8 7 15 -11 14; 9 -6 -3 -15 -7; -5 6 -6 0 5; -15 3 -7 15 -12;
8 -5 9 5 4; -2 0 -10 7 -5; -6 -2 -6 -5 -10; 4 0 7 0 -4; -17 2 -2 -3 12; 6 -33 -6 0 -16; 12 14 -2 -1 7; 0 -16 5 -2 -4;
-6 12 -14 5 7; 6 10 18 3 0; -16 2 3 5 -3; 0 10 13 20 3; -12 1 9 5 -4; 4 -1 -10 6 9; 10 -11 -10 9 14; 15 8 -7 0 10;
-18 -16 -5 17 13
"""
RINGS = 74.0 + np.array([[float(cell) for cell in row.split()] for row in PISTON_RINGS.split(";")]) / 1000.0


def test_constants_against_closed_forms():
    """d2 and d3 of small samples and c4 in closed form.

    Solution: d2 = 2/√π, 3/√π, (6/√π)(1/2 + asin(1/3)/π), (10/√π)(1/4 + 3 asin(1/3)/2π) for n = 2 to 5; E[R²] = 2 and
    2 + 3√3/π for n = 2, 3; c4(2) = √(2/π), c4(3) = √π/2. The median of |N(0,2)| is √2 Φ⁻¹(3/4).
    """
    root, third = math.sqrt(math.pi), math.asin(1.0 / 3.0) / math.pi
    wanted = [2 / root, 3 / root, 6 / root * (0.5 + third), 10 / root * (0.25 + 1.5 * third)]
    # Rounding of sums over some thousand nodes.
    assert d2([2, 3, 4, 5]) == pytest.approx(wanted, rel=1e-12)
    squares = np.array([2.0, 2.0 + 3.0 * math.sqrt(3.0) / math.pi])
    assert d3([2, 3]) == pytest.approx(np.sqrt(squares - np.array(wanted[:2]) ** 2), rel=1e-11)
    assert c4([2, 3]) == pytest.approx([math.sqrt(2.0 / math.pi), root / 2.0], rel=1e-14)
    assert math.erf(MEDIAN_RANGE_OF_TWO / 2.0) == pytest.approx(0.5, rel=1e-14)
    assert np.isnan([d2(1), d3(0), c4(1)]).all()


@pytest.mark.parametrize("size", [4, 10, 25, 200])
def test_moments_of_the_range_by_simulation(size):
    """Means and deviations of 20 000 simulated ranges; tolerance five standard errors (of the mean, and of √m2)."""
    ranges = np.ptp(np.random.default_rng(size).normal(size=(20_000, size)), axis=1)
    error = ranges.std() / math.sqrt(20_000)
    assert float(d2(size)) == pytest.approx(ranges.mean(), abs=5 * error)
    assert float(d3(size)) == pytest.approx(ranges.std(), abs=5 * error)


def test_the_square_of_a_mean_range_over_d2_star_is_unbiased():
    """E[(R̄/d2*)²] = σ²: one range of three, as a gauge study has it; five standard errors of 40 000."""
    ranges = np.ptp(np.random.default_rng(3).normal(size=(40_000, 3)), axis=1)
    squares = (ranges / d2_star(3, 1)) ** 2
    assert squares.mean() == pytest.approx(1.0, abs=5 * squares.std() / 200.0)


def test_piston_rings():
    """Montgomery's piston rings, limits as qcc prints them.

    Solution: centre 74.00118, limits 73.98805 and 74.0143; ranges 0.02276 with upper limit 0.04812, lower 0.
    """
    got = mean_and_range(RINGS)
    # Half a last digit as printed, of the limits and of the constants they were printed from.
    assert got.location.centre[0] == pytest.approx(74.00118, abs=5e-6)
    assert got.location.lower[0] == pytest.approx(73.98805, abs=1e-5)
    assert got.location.upper[0] == pytest.approx(74.0143, abs=5e-5)
    assert got.spread.centre[0] == pytest.approx(0.02276, abs=5e-6)
    assert got.spread.upper[0] == pytest.approx(0.04812, abs=1e-5)
    assert got.spread.lower[0] == 0.0
    assert not got.location.signals().any.any()


def test_flow_rates():
    """Ten flow rates of NIST/SEMATECH's e-Handbook 6.3.2.2.

    Solution: centre 50.81, limits 45.8159 and 55.8041; mean moving range 1.8778 with upper limit 6.1349 (printed
    with 1.128 and with 3.267, whose rounding alone is worth 0.0009).
    """
    got = individuals_and_moving_range([49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1])
    assert got.location.centre[0] == pytest.approx(50.81, abs=1e-9)
    assert (got.location.lower[0], got.location.upper[0]) == pytest.approx((45.8159, 55.8041), abs=2e-3)
    assert got.spread.centre[0] == pytest.approx(1.8778, abs=5e-5)
    assert got.spread.upper[0] == pytest.approx(6.1349, abs=1.2e-3)


def test_orange_juice_cans():
    """Montgomery's orange juice, 30 samples of 50 cans: 0.2313 with limits 0.0524 and 0.4102; samples 15 and 23 out."""
    cans = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
    share = p_chart(cans, np.full(30, 50))
    # Half a last digit as printed.
    lines = (share.centre[0], share.lower[0], share.upper[0])
    assert lines == pytest.approx((0.2313, 0.0524, 0.4102), abs=6e-5)
    assert (np.flatnonzero(share.outside) + 1).tolist() == [15, 23]
    number = np_chart(cans, np.full(30, 50))
    assert number.upper[0] == pytest.approx(50 * share.upper[0], rel=1e-12)
    assert number.outside.tolist() == share.outside.tolist()


def test_wafer_defects():
    """25 wafers of NIST/SEMATECH's e-Handbook 6.3.3.1: 400 defects, so 16 ± 3·4: limits 4 and 28; wafer 24 is out."""
    counts = [16, 14, 28, 16, 12, 20, 10, 12, 10, 17, 19, 17, 14, 16, 15, 13, 14, 16, 11, 20, 11, 19, 16, 31, 13]
    got = c_chart(counts)
    assert (got.centre[0], got.lower[0], got.upper[0]) == (16.0, 4.0, 28.0)
    assert np.flatnonzero(got.outside).tolist() == [23]
    # The same wafers counted by area of four: rates a quarter, limits of the same counts.
    rate = u_chart(counts, np.full(25, 4.0))
    assert (rate.centre[0], rate.lower[0], rate.upper[0]) == (4.0, 1.0, 7.0)


def test_laney_takes_in_the_scatter_that_counting_leaves_out():
    """Shares p_i = p ± a in turn, n pieces each, an even number of groups.

    Solution: |z_i - z_(i-1)| = 2a/σ for every step, so w = (2a/σ)/(2/√π) and the limits are p ± 3 a √π, whatever n.
    Poisson rates in the same way.
    """
    sign = np.resize([1.0, -1.0], 40)
    for n in (400.0, 1e6):
        share = p_chart(n * (0.1 + 0.01 * sign), np.full(40, n), laney=True)
        assert share.upper - 0.1 == pytest.approx(np.full(40, 0.03 * math.sqrt(math.pi)), rel=1e-9)
        rate = u_chart(n * (0.1 + 0.01 * sign), np.full(40, n), laney=True)
        assert 0.1 - rate.lower == pytest.approx(np.full(40, 0.03 * math.sqrt(math.pi)), rel=1e-9)
    calm = p_chart(np.full(8, 100), np.full(8, 1000), laney=True, never_narrower=True)
    assert calm.upper[0] == pytest.approx(0.1 + 3 * math.sqrt(0.09 / 1000), rel=1e-12)


SIZES = st.lists(st.integers(2, 7), min_size=6, max_size=20)


@pytest.mark.parametrize("within", ["range", "deviation", "pooled"])
def test_estimates_from_unequal_subgroups_are_unbiased(within):
    """σ = 1 from subgroups of 2 to 7 values: each estimate is unbiased; five standard errors of 12 000 stages.

    Its degrees of freedom ν say how it scatters: the deviation of σ̂ is about √(1/(2ν)).
    """
    stages, sizes = 12_000, np.array([2, 3, 4, 5, 6, 7])
    x = np.random.default_rng(7).normal(size=(stages * 6, 7))
    x[np.arange(7)[None, :] >= np.tile(sizes, stages)[:, None]] = np.nan
    stage = np.repeat(np.arange(stages), 6)
    got = mean_and_range(x, stage=stage) if within == "range" else mean_and_deviation(x, stage=stage, within=within)
    sigma = got.deviation
    assert sigma.mean() == pytest.approx(1.0, abs=5 * sigma.std() / math.sqrt(stages))
    # The chi with ν degrees of freedom scatters by √(1/2ν) only to first order in 1/ν: 5 %, and 1.3 % of sampling.
    assert sigma.std() == pytest.approx(1.0 / math.sqrt(2.0 * got.degrees_of_freedom[0]), rel=0.07)


def test_moving_ranges_are_worth_three_fifths_of_the_values():
    """σ from 60 moving ranges, 4 000 times: unbiased, and its scatter is that of the stated degrees of freedom.

    Solution: the variance of a mean of moving ranges in closed form gives ν near 0.605 n. Tolerance as above.
    """
    x = np.random.default_rng(61).normal(size=4000 * 61)
    got = individuals_and_moving_range(x, stage=np.repeat(np.arange(4000), 61))
    assert got.deviation.mean() == pytest.approx(1.0, abs=5 * got.deviation.std() / math.sqrt(4000))
    assert got.deviation.std() == pytest.approx(1.0 / math.sqrt(2.0 * got.degrees_of_freedom[0]), rel=0.05)
    assert got.degrees_of_freedom[0] / 60.0 == pytest.approx(0.605, abs=0.01)
    median = individuals_and_moving_range(x, stage=np.repeat(np.arange(4000), 61), estimate="median")
    # A median of sixty is biased by some half per cent.
    assert median.deviation.mean() == pytest.approx(1.0, abs=0.02)


@settings(max_examples=60, deadline=None)
@given(SIZES, st.integers(0, 2**32 - 1), st.floats(-1e3, 1e3), st.floats(0.1, 1e3))
def test_a_change_of_unit_changes_no_signal_and_scales_the_limits(sizes, seed, offset, scale):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(len(sizes), 7))
    x[np.arange(7)[None, :] >= np.array(sizes)[:, None]] = np.nan
    one, other = mean_and_deviation(x), mean_and_deviation(offset + scale * x)
    # Rounding of offset plus a value some thousandths of it.
    assert other.location.upper == pytest.approx(offset + scale * one.location.upper, rel=1e-9, abs=1e-9)
    assert other.spread.lower == pytest.approx(scale * one.spread.lower, rel=1e-8, abs=1e-8)
    assert other.location.outside.tolist() == one.location.outside.tolist()


def test_limits_of_a_stage_are_those_of_its_points_alone():
    """Each stage of a chart equals the chart of that stage alone, signals included."""
    x = np.random.default_rng(8).normal(size=(40, 4))
    x[25:] = 5.0 + 3.0 * x[25:]
    stage = ["old"] * 25 + ["new"] * 15
    both, old, new = mean_and_range(x, stage=stage), mean_and_range(x[:25]), mean_and_range(x[25:])
    for name in ("centre", "lower", "upper", "deviation"):
        alone = np.concatenate([getattr(old.location, name), getattr(new.location, name)])
        assert getattr(both.location, name) == pytest.approx(alone, rel=1e-12)
    singles = individuals_and_moving_range(x[:, 0], stage=stage)
    alone = np.concatenate([individuals_and_moving_range(part).location.upper for part in (x[:25, 0], x[25:, 0])])
    assert singles.location.upper == pytest.approx(alone, rel=1e-12)
    scrap, pieces = np.rint(60.0 + 10.0 * x[:, 0]).clip(0.0), np.full(40, 1000.0)
    shares = p_chart(scrap, pieces, laney=True, stage=stage)
    alone = np.concatenate([p_chart(scrap[p], pieces[p], laney=True).upper for p in (slice(25), slice(25, None))])
    assert shares.upper == pytest.approx(alone, rel=1e-12)
    flagged = np.concatenate([old.location.signals().flagged, new.location.signals().flagged], axis=1)
    assert (both.location.signals().flagged == flagged).all()
