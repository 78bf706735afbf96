"""Lives: likelihood, survival and the classical age replacement against closed forms and another program."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from forgecast.ground.errors import ForgecastError
from forgecast.signals.condition.life import (
    best_age,
    cost_rate,
    effects_on_life,
    fit_weibull,
    kaplan_meier,
    remaining_life,
    replacement_age,
)


def lives(n: int, shape: float, scale: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    end, seen = scale * rng.weibull(shape, n), rng.uniform(0.3 * scale, 1.6 * scale, n)
    return np.minimum(end, seen), end <= seen


def test_the_weibull_agrees_with_another_program() -> None:
    from lifelines import WeibullFitter

    t, d = lives(60, 2.2, 900.0, 5)
    mine, other = fit_weibull(t, d), WeibullFitter().fit(t, d)
    # lifelines stops its search at a gradient of about 1e-7.
    assert mine.shape == pytest.approx(other.rho_, rel=1e-5)
    assert mine.scale == pytest.approx(other.lambda_, rel=1e-5)
    assert mine.log_likelihood == pytest.approx(other.log_likelihood_, abs=1e-6)


def test_a_shape_of_one_gives_the_exponential_estimate() -> None:
    t, d = lives(4000, 1.0, 100.0, 1)
    found = fit_weibull(t, d)
    # Of an exponential the scale is the time lived over the failures; the fitted shape is one to its scatter.
    assert found.shape == pytest.approx(1.0, abs=3.0 * 0.78 / math.sqrt(d.sum()))
    assert found.scale == pytest.approx(t.sum() / d.sum(), rel=0.03)


def test_the_likelihood_interval_holds_the_truth_as_often_as_it_says() -> None:
    inside = 0
    for seed in range(200):
        found = fit_weibull(*lives(30, 2.0, 500.0, seed), confidence=0.9)
        inside += found.shape_low <= 2.0 <= found.shape_high
    # 180 of 200 expected; three standard deviations (13) either way.
    assert 167 <= inside <= 193


def test_kaplan_meier_without_censoring_is_the_share_that_lives() -> None:
    t = np.array([5.0, 1.0, 3.0, 2.0, 4.0])
    found = kaplan_meier(t, np.ones(5, dtype=bool))
    assert found.age.tolist() == [0, 1, 2, 3, 4, 5]
    assert found.survival == pytest.approx([1.0, 0.8, 0.6, 0.4, 0.2, 0.0], abs=1e-12)
    assert found.median == 3.0
    assert ((found.low <= found.survival + 1e-12) & (found.survival <= found.high + 1e-12)).all()


def test_cost_by_age_is_the_integral_it_stands_for() -> None:
    for shape, age in ((0.8, 40.0), (2.0, 90.0), (4.5, 130.0)):
        lived = integrate.quad(lambda t, b=shape: math.exp(-((t / 100.0) ** b)), 0.0, age, epsabs=1e-12)[0]
        survival = math.exp(-((age / 100.0) ** shape))
        assert cost_rate(shape, 100.0, age, 3.0, 20.0) == pytest.approx(
            (3.0 * survival + 20.0 * (1.0 - survival)) / lived, rel=1e-9
        )
    assert cost_rate(2.0, 100.0, math.inf, 3.0, 20.0) == pytest.approx(20.0 / (100.0 * math.sqrt(math.pi) / 2.0))


def test_the_best_age_of_a_rayleigh_life_solves_its_closed_form() -> None:
    # β = 2, η = 1: h(T) ∫R = 2T · (√π/2) erf T, so T√π erf T + e^{-T²} = c_f/(c_f - c_p).
    for failure in (2.0, 5.0, 40.0):
        t = best_age(2.0, 1.0, 1.0, failure)
        assert t * math.sqrt(math.pi) * math.erf(t) + math.exp(-t * t) == pytest.approx(
            failure / (failure - 1.0), rel=1e-9
        )
        assert best_age(2.0, 250.0, 1.0, failure) == pytest.approx(250.0 * t, rel=1e-9)
        grid = np.linspace(0.3 * t, 3.0 * t, 2001)
        best = grid[np.argmin([cost_rate(2.0, 1.0, float(a), 1.0, failure) for a in grid])]
        assert best == pytest.approx(t, abs=2.0 * (grid[1] - grid[0]))


def test_without_wear_or_without_a_dearer_failure_one_waits() -> None:
    assert best_age(1.0, 100.0, 1.0, 50.0) == math.inf
    assert best_age(0.7, 100.0, 1.0, 50.0) == math.inf
    assert best_age(3.0, 100.0, 2.0, 2.0) == math.inf
    with pytest.raises(ForgecastError, match="are none"):
        best_age(3.0, 100.0, 0.0, 2.0)


def test_an_exponential_life_does_not_age() -> None:
    t, d = lives(3000, 1.0, 100.0, 3)
    young, old = (remaining_life(t, d, age, draws=50) for age in (1.0, 120.0))
    # Median 100 ln 2 at every age; the fitted shape differs from 1 by some hundredths.
    assert young.median == pytest.approx(100.0 * math.log(2.0), rel=0.06)
    assert old.median == pytest.approx(young.median, rel=0.12)


def test_the_interval_of_what_is_left_holds_the_unit_as_often_as_it_says() -> None:
    inside = 0
    for seed in range(100):
        t, d = lives(40, 2.5, 800.0, 1000 + seed)
        found = remaining_life(t, d, 400.0, confidence=0.8, draws=60, seed=seed)
        u = np.random.default_rng(9000 + seed).uniform()
        true = 800.0 * ((400.0 / 800.0) ** 2.5 - math.log(u)) ** (1.0 / 2.5) - 400.0
        inside += found.low <= true <= found.high
    # 80 of 100 expected; three standard deviations (12).
    assert 68 <= inside <= 92


def test_the_interval_of_the_best_age_holds_the_true_one_mostly() -> None:
    true, inside = best_age(2.5, 800.0, 1.0, 8.0), 0
    for seed in range(40):
        found = replacement_age(*lives(60, 2.5, 800.0, 50 + seed), 1.0, 8.0, confidence=0.9, draws=80)
        inside += (found.age_low or 0.0) <= true <= (found.age_high or math.inf)
    # 36 of 40 expected; a percentile bootstrap is a little short.
    assert inside >= 30


def test_cox_finds_the_hazard_ratio_it_was_given() -> None:
    rng = np.random.default_rng(4)
    x = rng.integers(0, 2, 600).astype(float)
    t = rng.exponential(100.0 / np.exp(0.7 * x))
    (found,) = effects_on_life(t, np.ones(600, dtype=bool), {"hard": x})
    # Its standard error is about 2/√600 = 0.08 in the logarithm.
    assert math.log(found.ratio) == pytest.approx(0.7, abs=0.25)
    assert found.low < found.ratio < found.high
    assert found.probability < 1e-6
    with pytest.raises(ForgecastError, match="do not tell"):
        effects_on_life(t[:8], np.ones(8, dtype=bool), {"hard": x[:8]})


def test_too_few_failures_tell_no_life() -> None:
    with pytest.raises(ForgecastError, match="too few"):
        fit_weibull([1.0, 2.0, 3.0], [True, True, False])
    with pytest.raises(ForgecastError, match="not above 0"):
        fit_weibull([1.0, 0.0, 3.0], [True, True, True])


def test_the_profile_falls_by_half_a_chi_square_at_its_ends() -> None:
    t, d = lives(25, 2.0, 500.0, 8)
    found = fit_weibull(t, d, confidence=0.95)
    for shape in (found.shape_low, found.shape_high):
        scale = ((t**shape).sum() / d.sum()) ** (1.0 / shape)
        at = stats.weibull_min(shape, scale=scale)
        value = at.logpdf(t[d]).sum() + at.logsf(t[~d]).sum()
        assert found.log_likelihood - value == pytest.approx(stats.chi2(1).ppf(0.95) / 2.0, abs=1e-6)
