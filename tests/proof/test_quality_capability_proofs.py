"""Proofs of capability and gauge studies: published studies, closed forms, and intervals that cover what they say."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forgecast.quality.capability import Limits, capability, chi_square_quantile, instability
from forgecast.quality.chart_constants import d2, d2_star
from forgecast.quality.gauge_study import gauge_anova, gauge_range
from forgecast.quality.percentile_capability import Fitted, fit, percentile_capability
from forgecast.quality.variable_charts import individuals_and_moving_range, mean_and_deviation

#: AIAG, Measurement Systems Analysis, 4th edition: 10 parts a line, three trials of operators A, B and C; read in
#: public repositories that quote it with Minitab's results.
AIAG = """
.29 .41 .64 .08 .25 .07 .04 -.11 -.15; -.56 -.68 -.58 -.47 -1.22 -.68 -1.38 -1.13 -.96;
1.34 1.17 1.27 1.19 .94 1.34 .88 1.09 .67; .47 .50 .64 .01 1.03 .20 .14 .20 .11;
-.80 -.92 -.84 -.56 -1.20 -1.28 -1.46 -1.07 -1.45; .02 -.11 -.21 -.20 .22 .06 -.29 -.67 -.49;
.59 .75 .66 .47 .55 .83 .02 .01 .21; -.31 -.20 -.17 -.63 .08 -.34 -.46 -.56 -.49;
2.26 1.99 2.01 1.80 2.12 2.19 1.77 1.45 1.87; -1.36 -1.25 -1.31 -1.68 -1.62 -1.50 -1.49 -1.77 -2.16
"""
READINGS = np.array([[float(cell) for cell in row.split()] for row in AIAG.split(";")]).reshape(10, 3, 3)


def test_the_reference_gauge_study():
    """AIAG's reference study by analysis of variance.

    Solution: EV 0.199933, AV 0.226838, GRR 0.302373, PV 1.042327, TV 1.085; 27.86 %, four categories; interaction
    F = 0.434, p = 0.974, so it is pooled. With it: sums of squares 88.3619, 3.1673, 0.3590, 2.7589.
    """
    got = gauge_anova(READINGS)
    # Half a last digit as printed; GRR was printed from its rounded parts.
    assert math.sqrt(got.repeatability) == pytest.approx(0.199933, abs=5e-7)
    assert math.sqrt(got.reproducibility) == pytest.approx(0.226838, abs=5e-7)
    assert math.sqrt(got.gauge) == pytest.approx(0.302373, abs=2e-6)
    assert math.sqrt(got.parts) == pytest.approx(1.042327, abs=5e-7)
    assert math.sqrt(got.total) == pytest.approx(1.085, abs=5e-4)
    assert got.share == pytest.approx(0.2786, abs=5e-5)
    assert got.categories == 4
    assert got.pooled
    assert got.interaction_p == pytest.approx(0.974, abs=5e-4)
    never = gauge_anova(READINGS, pool_above=1.0)
    assert never.negative == ("interaction",)
    assert never.repeatability == pytest.approx(2.7589 / 60.0, abs=1e-6)
    assert never.parts == pytest.approx((88.3619 / 9.0 - 0.3590 / 18.0) / 9.0, abs=1e-5)
    assert never.operators == pytest.approx((3.1673 / 2.0 - 0.3590 / 18.0) / 30.0, abs=1e-5)


def test_the_constants_of_the_printed_form():
    """The form of the average-and-range method prints K1 = 0.5908 (3 trials), K2 = 0.5231 (3), K3 = 0.3146 (10)."""
    # Half a last digit as printed.
    assert 1.0 / float(d2(3)) == pytest.approx(0.5908, abs=5e-5)
    assert 1.0 / d2_star(3, 1) == pytest.approx(0.5231, abs=5e-5)
    assert 1.0 / d2_star(10, 1) == pytest.approx(0.3146, abs=5e-5)


def test_the_reference_gauge_study_by_hand():
    """The same study by ranges, with the constants of the printed form."""
    got = gauge_range(READINGS)
    spread = np.ptp(READINGS, axis=2).mean() * 0.5908
    between = (np.ptp(READINGS.mean(axis=(0, 2))) * 0.5231) ** 2 - spread**2 / 30.0
    # The constants' rounding.
    assert math.sqrt(got.repeatability) == pytest.approx(spread, rel=1e-4)
    assert math.sqrt(got.operators) == pytest.approx(math.sqrt(between), rel=1e-3)
    assert math.sqrt(got.parts) == pytest.approx(np.ptp(READINGS.mean(axis=(1, 2))) * 0.3146, rel=2e-4)


@pytest.mark.parametrize("method", [partial(gauge_anova, pool_above=1.0), gauge_range], ids=["anova", "range"])
def test_gauge_variances_are_unbiased(method):
    """Simulated studies, 8 parts, 4 operators, 3 trials, variances 9, 4, 0 and 1: means within five standard errors.

    Kept above zero, estimates would be biased where a variance is small; here none comes near it.
    """
    rng = np.random.default_rng(27)
    found = []
    for _ in range(1500):
        readings = 3.0 * rng.normal(size=(8, 1, 1)) + 2.0 * rng.normal(size=(1, 4, 1)) + rng.normal(size=(8, 4, 3))
        got = method(readings)
        found.append([got.repeatability, got.operators, got.parts])
    wanted = np.array([1.0, 4.0, 9.0])
    # Ranges: E[R̄²] exceeds its square by what d2 leaves out, 0.9 % for 32 ranges.
    slack = 5 * np.std(found, axis=0) / math.sqrt(1500) + 0.01 * wanted
    assert (np.abs(np.mean(found, axis=0) - wanted) < slack).all()


def test_variances_of_an_interaction():
    """With an interaction of variance 4 it is told apart: simulated, means within five standard errors."""
    rng = np.random.default_rng(28)
    found = []
    for _ in range(1500):
        readings = 3.0 * rng.normal(size=(8, 1, 1)) + 2.0 * rng.normal(size=(8, 4, 1)) + rng.normal(size=(8, 4, 3))
        got = gauge_anova(readings)
        assert not got.pooled
        found.append([got.repeatability, got.interaction])
    slack = 5 * np.std(found, axis=0) / math.sqrt(1500)
    assert (np.abs(np.mean(found, axis=0) - [1.0, 4.0]) < slack).all()


def test_indices_by_hand():
    """Values 0 and 2 in turn, fifty of each: mean 1, s² = 100/99, every moving range 2, limits -5 and 6, target 0.5.

    Solution: σ = 2/(2/√π) = √π; Cp = 11/6√π, Cpk = 5/3√π; Pp = 11/6s; τ² = 50 (0.25 + 2.25)/99, Cpm = 5.5/3τ.
    """
    x = np.resize([0.0, 2.0], 100)
    # Such a regular process is not random; only sums are of interest here.
    got = capability(x, Limits(-5.0, 6.0, 0.5), false_alarm=1e-300)
    root = math.sqrt(math.pi)
    assert got.cp.value == pytest.approx(11.0 / (6.0 * root), rel=1e-12)
    assert got.cpk.value == pytest.approx(5.0 / (3.0 * root), rel=1e-12)
    assert got.pp.value == pytest.approx(11.0 / 6.0 / math.sqrt(100.0 / 99.0), rel=1e-12)
    assert got.ppk.value == pytest.approx(5.0 / 3.0 / math.sqrt(100.0 / 99.0), rel=1e-12)
    assert got.cpm.value == pytest.approx(5.5 / 3.0 / math.sqrt(125.0 / 99.0), rel=1e-12)
    # χ²(0.025; 99) = 73.361 and χ²(0.975; 99) = 128.422 as tables print them.
    assert got.pp.low / got.pp.value == pytest.approx(math.sqrt(73.361 / 99.0), rel=1e-5)
    assert got.pp.high / got.pp.value == pytest.approx(math.sqrt(128.422 / 99.0), rel=1e-5)
    half = 1.959964 * math.sqrt(1.0 / 900.0 + got.ppk.value**2 / 198.0)
    assert got.ppk.high - got.ppk.value == pytest.approx(half, rel=1e-6)


def test_chi_square_of_two_degrees_of_freedom():
    """χ² of two degrees of freedom is exponential: its quantile is -2 ln(1-p)."""
    assert chi_square_quantile(0.9, 2.0) == pytest.approx(-2.0 * math.log(0.1), rel=1e-12)


def test_intervals_cover_what_they_say():
    """95 % intervals of 1 500 samples of 60 stable values cover the true index in 95 %: normal, limits ±4, target -1.

    Solution: Cp = Pp = 4/3, Cpk = Ppk = 3.75/3 at mean 0.25, Cpm = 3/3√(1 + 1.25²). Tolerance four standard errors
    of a share, 2.3 %; the approximate ones are allowed 1 % besides.
    """
    rng = np.random.default_rng(1990)
    truth = {"cp": 4.0 / 3.0, "pp": 4.0 / 3.0, "cpk": 1.25, "ppk": 1.25, "cpm": 1.0 / math.sqrt(2.5625)}
    inside = dict.fromkeys(truth, 0)
    for _ in range(1500):
        got = capability(rng.normal(0.25, 1.0, (12, 5)), Limits(-4.0, 4.0, -1.0), false_alarm=1e-300)
        for name, value in truth.items():
            index = getattr(got, name)
            inside[name] += index.low <= value <= index.high
    for name, count in inside.items():
        assert count / 1500 == pytest.approx(0.95, abs=0.0225 + 0.01 * (name not in ("cp", "pp"))), name


@pytest.mark.parametrize("points", [25, 200])
@pytest.mark.parametrize("single", [True, False])
def test_a_stable_process_is_seldom_called_unstable(single, points):
    """1 000 stable processes of 25 and 200 points: 5 % may be called unstable, as asked for; within 4 errors, 2.8 %."""
    rng = np.random.default_rng(1931)
    called = 0
    for _ in range(1000):
        pair = (
            individuals_and_moving_range(rng.normal(size=points))
            if single
            else mean_and_deviation(rng.normal(size=(points, 4)))
        )
        called += bool(instability(pair, false_alarm=0.05))
    assert called / 1000 == pytest.approx(0.05, abs=0.028)


@pytest.mark.parametrize("shape", ["normal", "lognormal", "weibull", "gamma"])
def test_fits_satisfy_their_likelihood_equations(shape):
    """At the maximum, small changes of either parameter lower the likelihood, computed from its density by hand."""
    x = np.random.default_rng(4).gamma(3.0, 2.0, 400)
    got = fit(x[None, :], shape)
    a, b = float(got.first[0, 0]), float(got.second[0, 0])

    def likelihood(a, b):
        logs = np.log(x)
        return {
            "normal": lambda: -((x - a) ** 2) / (2 * b**2) - math.log(b),
            "lognormal": lambda: -((logs - a) ** 2) / (2 * b**2) - math.log(b) - logs,
            "weibull": lambda: math.log(a / b) + (a - 1) * (logs - math.log(b)) - (x / b) ** a,
            "gamma": lambda: (a - 1) * logs - x / b - math.lgamma(a) - a * math.log(b),
        }[shape]().sum()

    best = likelihood(a, b)
    for factor in (0.999, 1.001):
        assert likelihood(a * factor, b) < best
        assert likelihood(a, b * factor) < best


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["normal", "lognormal", "weibull", "gamma"]), st.floats(0.3, 20.0), st.floats(0.01, 100.0))
def test_normal_scores_undo_quantiles(shape, first, scale):
    """Φ(score(Q(p))) = p for probabilities far out on both sides."""
    sample = scale * np.random.default_rng(3).gamma(first, 1.0, (1, 50)) + 1e-9
    got = fit(sample, shape)
    scores = np.array([-4.0, -1.0, 0.0, 1.5, 4.0])
    probabilities = [0.5 * math.erfc(-z / math.sqrt(2.0)) for z in scores]
    # 1 - p holds four digits of the upper tail at four deviations.
    assert got.normal_scores(got.quantiles(probabilities)[0]) == pytest.approx(scores, abs=1e-6)


def test_far_values_have_finite_scores():
    """An exponential value passed with probability 1e-20 scores 9.2623, as a normal one with that upper tail.

    Solution: erfc(z/√2)/2 = 1e-20 at the score z; Weibull and gamma of shape 1 are both exponential.
    """
    exponential = Fitted("weibull", np.ones((1, 1)), np.full((1, 1), 5.0))
    gamma = Fitted("gamma", np.ones((1, 1)), np.full((1, 1), 5.0))
    far = np.array([5.0 * 20.0 * math.log(10.0)])
    for shape in (exponential, gamma):
        score = float(shape.normal_scores(far)[0])
        assert 0.5 * math.erfc(score / math.sqrt(2.0)) == pytest.approx(1e-20, rel=1e-9, abs=0.0)


def test_percentiles_of_a_normal_process_are_the_usual_indices():
    """With a normal shape Pp and Ppk are those of deviations (of divisor n)."""
    x = np.random.default_rng(12).normal(10.0, 1.0, 200)
    limits = Limits(6.0, 13.0)
    by_percentile = percentile_capability(x, limits, shape="normal", resamples=200)
    usual = capability(x, limits)
    factor = math.sqrt(200.0 / 199.0)
    assert by_percentile.pp.value == pytest.approx(usual.pp.value * factor, rel=1e-9)
    assert by_percentile.ppk.value == pytest.approx(usual.ppk.value * factor, rel=1e-9)
    # The bootstrap's interval is that of χ² but for the scatter of 200 resamples: a sixth of its width.
    assert by_percentile.pp.low == pytest.approx(usual.pp.low, abs=(usual.pp.high - usual.pp.low) / 6.0)


def test_percentile_capability_of_known_distributions():
    """Limits at the true percentiles Q0.135 and Q99.865 give Pp = Ppk = 1; 4 000 values.

    Tolerance the width of the interval, four of its standard errors.
    """
    rng = np.random.default_rng(2022)
    samples = {
        "lognormal": (np.exp(rng.normal(0.0, 0.5, 4000)), (math.exp(-1.5), math.exp(1.5))),
        "weibull": (rng.weibull(1.5, 4000), ((1.3508e-3) ** (1 / 1.5), (6.60773) ** (1 / 1.5))),
        "empirical": (rng.normal(size=4000), (-3.0, 3.0)),
    }
    for shape, (x, bounds) in samples.items():
        got = percentile_capability(x, Limits(*bounds), shape=shape, resamples=200)
        for index in (got.pp, got.ppk):
            assert index.value == pytest.approx(1.0, abs=(index.high - index.low)), shape
            assert index.low < index.value < index.high
        # Each limit alone: the one side is not measured by the other's tail.
        for one in (Limits(lower=bounds[0]), Limits(upper=bounds[1])):
            got = percentile_capability(x, one, shape=shape, resamples=200).ppk
            assert got.value == pytest.approx(1.0, abs=(got.high - got.low)), shape
