"""Proofs of release: propagation against draws, probabilities against closed forms and draws."""

from __future__ import annotations

import numpy as np
import pytest

from forgecast.metal.rule_formula import formula
from forgecast.quality.release import Decision, DecisionRule, Measured, decide, probability_of_conformity, propagated

DRAWS = 400_000

#: A low-alloy steel; uncertainties as a spectrometer has them.
STEEL = {
    "C": Measured(0.22, 0.005),
    "Mn": Measured(1.10, 0.012),
    "Cr": Measured(0.35, 0.006),
    "Mo": Measured(0.12, 0.004),
    "V": Measured(0.05, 0.002),
    "Ni": Measured(0.30, 0.006),
    "Cu": Measured(0.15, 0.004),
    "S": Measured(0.020, 0.001),
}


@pytest.mark.parametrize(
    ("rule", "mean_within", "spread_within"),
    [
        # Linear rules: only the draws scatter (mean by u/√n, spread by u/√2n: 4 of them).
        ("Cr+Mo+Ni", 4 / DRAWS**0.5, 4 / (2 * DRAWS) ** 0.5),
        ("C+Mn/6+(Cr+Mo+V)/5+(Ni+Cu)/15", 4 / DRAWS**0.5, 4 / (2 * DRAWS) ** 0.5),
        ("100-C-Mn-Cr", 4 / DRAWS**0.5, 4 / (2 * DRAWS) ** 0.5),
        # A ratio whose denominator is known to 5 %: the second order adds 0.05² to its mean (0.05 u(ratio)), and about
        # 3/2 · 0.05² … 4 · 0.05² to its spread.
        ("Mn/S", 0.07, 0.02),
    ],
)
def test_propagation_agrees_with_draws(rule, mean_within, spread_within):
    """Problem: value and u of a rule from independent normal elements. Solution: their draws, put through the rule."""
    rng = np.random.default_rng(20240229)
    drawn = {name: rng.normal(one.value, one.standard_uncertainty, DRAWS) for name, one in STEEL.items()}
    values = eval(rule, {}, drawn)  # noqa: S307  (a rule of this test)
    got = propagated(formula(rule), STEEL)
    assert got.standard_uncertainty is not None
    assert abs(values.mean() - got.value) < mean_within * got.standard_uncertainty
    assert values.std() == pytest.approx(got.standard_uncertainty, rel=spread_within)


def test_shared_errors_widen_a_sum_beyond_what_is_told():
    """Problem: what the assumption of zero covariance costs. Solution: u of a sum of n equal, fully shared errors is
    √n times as large; the assumption is stated for this reason."""
    got = propagated(formula("Cr+Mo+Ni+Cu"), {name: Measured(0.1, 0.01) for name in ("Cr", "Mo", "Ni", "Cu")})
    assert got.standard_uncertainty == pytest.approx(0.02)
    shared = np.random.default_rng(1).normal(0.0, 0.01, 100_000)
    # The spread of 100 000 draws is known to 0.22 %; four of that.
    assert (4 * shared).std() == pytest.approx(2 * got.standard_uncertainty, rel=0.01)


@pytest.mark.parametrize(
    ("value", "lower", "upper", "due"),
    [
        # Normal distribution, tabled: Φ(0) = 1/2, Φ(1) = 0.841345, Φ(1.959964) = 0.975, Φ(2) = 0.977250.
        (10.0, None, 10.0, 0.5),
        (9.0, None, 10.0, 0.841345),
        (11.0, None, 10.0, 0.158655),
        (10.0 - 1.959964, None, 10.0, 0.975),
        (12.0, 10.0, None, 0.977250),
        (10.0, 9.0, 11.0, 0.682689),
        (10.0, 8.0, 12.0, 0.954500),
    ],
)
def test_the_probability_of_conformity_is_that_of_the_normal_distribution(value, lower, upper, due):
    # The tabled values have six digits.
    assert probability_of_conformity(Measured(value, 1.0), lower, upper) == pytest.approx(due, abs=1e-6)


def test_guard_bands_keep_the_risks_they_promise():
    """Problem: true values spread over the limit, each measured with error u. Solution: of those passed with a guard
    band of 2 u, no more than 2.3 % may lie outside the limit wherever the true value is; of those failed, likewise."""
    rng = np.random.default_rng(7)
    u, limit = 0.01, 0.30
    for true in (0.3001, 0.305, 0.31):
        passed = np.mean([decide(Measured(y, u), None, limit) is Decision.PASS for y in rng.normal(true, u, 20_000)])
        # 2.275 % at the limit itself; draws scatter by 0.1 %.
        assert passed < 0.0275
    for true in (0.2999, 0.295):
        failed = np.mean([decide(Measured(y, u), None, limit) is Decision.FAIL for y in rng.normal(true, u, 20_000)])
        assert failed < 0.0275
    simple = np.mean(
        [
            decide(Measured(y, u), None, limit, rule=DecisionRule.SIMPLE) is Decision.PASS
            for y in rng.normal(0.3001, u, 20_000)
        ]
    )
    # Simple acceptance shares the risk: about half of what lies just outside is passed (0.496, scatter 0.0035).
    assert simple == pytest.approx(0.496, abs=0.015)
