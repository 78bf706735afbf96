"""Proofs of EWMA, CUSUM and T² charts: their recursions step by step, published run lengths, exact distributions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forgecast.quality.multivariate_chart import t_squared_phase_one, t_squared_phase_two
from forgecast.quality.run_length import cusum_run_length, ewma_run_length, shewhart_run_length
from forgecast.quality.time_weighted_charts import cusum_chart, ewma_chart

POINTS = st.lists(st.one_of(st.none(), st.floats(-5.0, 5.0)), max_size=40)


def test_shewhart_run_lengths():
    """370.4 in control and 43.9 at one deviation: 1/(2 Φ(-3)), 1/(Φ(-2) + Φ(-4)) in terms of erfc."""
    assert shewhart_run_length() == pytest.approx(1.0 / math.erfc(3.0 / math.sqrt(2.0)), rel=1e-12)
    half = 0.5 * (math.erfc(2.0 / math.sqrt(2.0)) + math.erfc(4.0 / math.sqrt(2.0)))
    assert shewhart_run_length(shift=1.0) == pytest.approx(1.0 / half, rel=1e-12)


def test_ewma_run_lengths_as_published():
    """Two-sided EWMA with settled limits, as quoted in the manual of the R package spc (xewma.arl).

    Solution: S. V. Crowder (1987), Table 1, width 2; J. M. Lucas and M. S. Saccucci (1990), Table 3; SAS/QC manual
    1999: 11.154267016 for weight 0.25, width 3, shift 1.
    """
    assert ewma_run_length(weight=0.25, width=3.0, shift=1.0) == pytest.approx(11.154267016, abs=5e-10)
    shifts = [0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0]
    crowder = {
        0.5: [26.45, 20.12, 11.89, 7.29, 4.91, 2.80, 1.94, 1.26, 1.05],
        0.05: [127.53, 43.94, 18.97, 11.64, 8.38, 5.41, 4.04, 2.76, 2.15],
    }
    for weight, published in crowder.items():
        got = [ewma_run_length(weight=weight, width=2.0, shift=shift) for shift in shifts]
        # Half a last digit as printed, and a little: 1.945 stands there as 1.94.
        assert got == pytest.approx(published, abs=0.0055)
    lucas = {(0.5, 3.071): [500.0, 255.0, 88.8, 35.9, 17.5], (0.03, 2.437): [500.0, 76.7, 29.3, 17.6, 12.6]}
    for (weight, width), published in lucas.items():
        got = [ewma_run_length(weight=weight, width=width, shift=shift) for shift in shifts[:5]]
        # Three digits printed, from widths of four.
        assert got == pytest.approx(published, rel=4e-3)
    # A weight of 1 is a Shewhart chart.
    assert ewma_run_length(weight=1.0, width=3.0) == pytest.approx(shewhart_run_length(), rel=1e-9)


def test_cusum_run_lengths_as_published():
    """Tabular CUSUM, as quoted in the manual of the R package spc (xcusum.arl).

    Solution: J. M. Lucas and R. B. Crosier (1982), Table 1, without and with a headstart of half the limit; L. C. Vance
    (1986), Table 1, one-sided; SAS/QC manual 1999: 4.1500836225, with headstart 4.1061588131.
    """
    sas = {"allowance": 0.25, "limit": 8.0, "shift": 2.5}
    # With 24 to 120 nodes ours moves by less than 1e-9; the two agree to seven digits.
    assert cusum_run_length(**sas, two_sided=False) == pytest.approx(4.1500836225, abs=2e-7)
    assert cusum_run_length(**sas, two_sided=False, headstart=0.1) == pytest.approx(4.1061588131, abs=2e-7)
    shifts = [0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0]
    lucas = {
        0.0: [168.0, 74.2, 26.6, 13.3, 8.38, 4.75, 3.34, 2.62, 2.19, 1.71],
        2.0: [149.0, 62.7, 20.1, 8.97, 5.29, 2.86, 2.01, 1.59, 1.32, 1.07],
    }
    for headstart, published in lucas.items():
        got = [cusum_run_length(allowance=0.5, limit=4.0, shift=shift, headstart=headstart) for shift in shifts]
        # Half a last digit of three; the two agree to 0.5 %.
        assert got == pytest.approx(published, rel=5e-3, abs=0.0051)
    vance = {-0.25: 2071.51, 0.0: 124.66, 0.25: 36.71, 0.5: 20.37, 1.0: 10.75}
    for shift, published in vance.items():
        got = cusum_run_length(allowance=0.0, limit=10.0, shift=shift, two_sided=False)
        # Half a last digit as printed; the two agree on the longest to 3e-5.
        assert got == pytest.approx(published, rel=5e-5, abs=0.0051)


def runs(shift, count=1500, length=400):
    z = np.random.default_rng(1959).normal(shift, 1.0, (count, length))
    return z.ravel(), np.repeat(np.arange(count), length)


def first(signal, count=1500):
    by_run = signal.reshape(count, -1)
    assert by_run.any(axis=1).all()
    return by_run.argmax(axis=1) + 1.0


def test_charts_run_as_long_as_theory_says():
    """Run lengths of 1 500 simulated charts after a shift of 0.75; tolerance four standard errors.

    Solution: the integral equations, proved above against published numbers.
    """
    z, stage = runs(0.75)
    got = first(ewma_chart(z, mean=0.0, deviation=1.0, weight=0.1, width=2.7, settled=True, stage=stage).signal)
    wanted = ewma_run_length(weight=0.1, width=2.7, shift=0.75)
    assert got.mean() == pytest.approx(wanted, abs=4 * got.std() / math.sqrt(1500))
    got = first(cusum_chart(z, mean=0.0, deviation=1.0, headstart=2.0, stage=stage).signal)
    wanted = cusum_run_length(allowance=0.5, limit=4.0, shift=0.75, headstart=2.0)
    assert got.mean() == pytest.approx(wanted, abs=4 * got.std() / math.sqrt(1500))


@settings(max_examples=80, deadline=None)
@given(POINTS, st.floats(0.02, 1.0), st.lists(st.integers(0, 1), min_size=40, max_size=40))
def test_ewma_step_by_step(points, weight, labels):
    x = np.array([math.nan if p is None else 3.0 + 2.0 * p for p in points], dtype=float)
    sigma = np.where(np.arange(x.size) % 3 == 0, 2.0, 1.0)
    got = ewma_chart(x, mean=3.0, deviation=sigma, weight=weight, stage=labels[: x.size])
    z, variance = 3.0, 0.0
    for at, point in enumerate(x):
        if at and labels[at] != labels[at - 1]:
            z, variance = 3.0, 0.0
        if math.isnan(point):
            assert math.isnan(got.values[at])
            assert not got.signal[at]
            continue
        z = weight * point + (1.0 - weight) * z
        variance = weight**2 * sigma[at] ** 2 + (1.0 - weight) ** 2 * variance
        # Rounding of some forty steps.
        assert got.values[at] == pytest.approx(z, abs=1e-12)
        assert got.upper[at] - 3.0 == pytest.approx(3.0 * math.sqrt(variance), rel=1e-12)


@settings(max_examples=80, deadline=None)
@given(POINTS, st.floats(0.0, 1.0), st.floats(0.0, 2.0), st.lists(st.integers(0, 1), min_size=40, max_size=40))
def test_cusum_step_by_step(points, allowance, headstart, labels):
    x = np.array([math.nan if p is None else p for p in points], dtype=float)
    got = cusum_chart(
        x, mean=0.0, deviation=1.0, allowance=allowance, headstart=headstart, limit=3.0, stage=labels[: x.size]
    )
    above = below = headstart
    for at, point in enumerate(x):
        if at and labels[at] != labels[at - 1]:
            above = below = headstart
        if math.isnan(point):
            assert math.isnan(got.above[at])
            continue
        above, below = max(0.0, above + point - allowance), max(0.0, below - point - allowance)
        # Rounding of sums of some forty numbers up to 5.
        assert (got.above[at], got.below[at]) == pytest.approx((above, below), abs=1e-12)


def test_a_cusum_tells_when_the_shift_began():
    """Ten points 0.2 below the mean, then a shift to 2 above it: the sum is zero before and rises by 1.5 a point."""
    x = np.concatenate([np.full(10, -0.2), np.full(5, 2.0)])
    got = cusum_chart(x, mean=0.0, deviation=1.0)
    assert got.above[9:].tolist() == pytest.approx([0.0, 1.5, 3.0, 4.5, 6.0, 7.5])
    signal = int(np.flatnonzero(got.signal)[0])
    assert signal == 12
    assert signal - got.since_above[signal] + 1 == 10


def test_settled_limits_are_those_of_a_long_run():
    x = np.zeros(400)
    growing = ewma_chart(x, mean=0.0, deviation=2.0, weight=0.2)
    settled = ewma_chart(x, mean=0.0, deviation=2.0, weight=0.2, settled=True)
    assert growing.upper[0] == pytest.approx(3.0 * 2.0 * 0.2, rel=1e-12)
    assert growing.upper[-1] == pytest.approx(settled.upper[-1], rel=1e-12)
    assert settled.upper[0] == pytest.approx(3.0 * 2.0 * math.sqrt(0.2 / 1.8), rel=1e-12)


def mixed(rng, *shape):
    """Return normal values of three kinds that hang together and differ in scale."""
    return rng.normal(size=(*shape, 3)) @ np.array([[1.0, 0.8, 0.0], [0.0, 0.6, 200.0], [0.0, 0.0, 50.0]]) + 7.0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(6, 40))
def test_t_squared_of_phase_one_adds_up(seed, points):
    """Single observations: the T² of all points add up to (m-1) p, for Σ d'S⁻¹d = tr(S⁻¹ Σ dd').

    Their contributions are what T² loses without each value, found by leaving the column out.
    """
    x = mixed(np.random.default_rng(seed), points)
    got = t_squared_phase_one(x)
    # Rounding, through an inverse of a matrix of condition some hundred.
    assert got.values.sum() == pytest.approx(3.0 * (points - 1.0), rel=1e-9)
    for left_out in range(3):
        without = t_squared_phase_one(np.delete(x, left_out, axis=1)).values
        assert got.values - without == pytest.approx(got.contributions[:, left_out], rel=1e-6, abs=1e-9)


def test_t_squared_of_one_value_is_students_t():
    """One value, phase II: T² limit is (m+1)/m t², for x - x̄ has variance σ²(1 + 1/m).

    Solution: t(0.975, 9) = 2.262157 as tables print it (m = 10).
    """
    x = np.arange(10.0)[:, None]
    got = t_squared_phase_two([[30.0]], t_squared_phase_one(x).baseline, false_alarm=0.05)
    assert got.upper == pytest.approx(1.1 * 2.262157**2, rel=1e-6)
    assert got.values[0] == pytest.approx((30.0 - 4.5) ** 2 / np.var(x, ddof=1), rel=1e-12)


def test_false_alarms_of_t_squared():
    """Charts of 12 points of three values, phases I and II, single and in subgroups: each point signals with p = 0.05.

    Solution: the limits are exact quantiles. 2 000 charts; points of one chart hang together, so the tolerance is four
    standard errors of the mean over charts.
    """
    rng = np.random.default_rng(1947)
    for shape in ((12,), (12, 4)):
        one, two = [], []
        for _ in range(1000):
            learnt = t_squared_phase_one(mixed(rng, *shape), false_alarm=0.05)
            one.append(learnt.signal.mean())
            two.append(t_squared_phase_two(mixed(rng, *shape), learnt.baseline, false_alarm=0.05).signal.mean())
        for shares in (one, two):
            assert np.mean(shares) == pytest.approx(0.05, abs=4 * np.std(shares) / math.sqrt(1000))
