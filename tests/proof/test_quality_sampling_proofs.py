"""Proofs of acceptance sampling: exact counting, exhaustive search for the smallest plan, and its limits."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forgecast.quality.acceptance_sampling import SinglePlan, smallest_plan
from forgecast.quality.scrap import pareto, pareto_change


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.data())
def test_acceptance_by_counting(sample, data):
    """Binomial and hypergeometric sums in exact fractions."""
    acceptance = data.draw(st.integers(0, sample - 1))
    lot = data.draw(st.integers(sample, 120))
    bad = data.draw(st.integers(0, lot))
    plan = SinglePlan(sample, acceptance, lot)
    p = Fraction(bad, lot)
    drawn = range(acceptance + 1)
    binomial = sum(math.comb(sample, d) * p**d * (1 - p) ** (sample - d) for d in drawn)
    ways = sum(math.comb(bad, d) * math.comb(lot - bad, sample - d) for d in drawn)
    # Rounding of the incomplete beta function, and of differences of logarithms of factorials.
    assert float(plan.acceptance_probability(float(p))) == pytest.approx(float(binomial), rel=1e-10, abs=1e-14)
    exact = float(Fraction(ways, math.comb(lot, sample)))
    assert float(plan.acceptance_probability(float(p), counting="lot")) == pytest.approx(exact, rel=1e-10, abs=1e-14)


def test_poisson_by_hand():
    """Ten pieces with 0.1 defects each, one allowed: e⁻¹ (1 + 1)."""
    got = SinglePlan(10, 1).acceptance_probability(0.1, counting="poisson")
    assert float(got) == pytest.approx(2.0 / math.e, rel=1e-14)


@pytest.mark.parametrize("counting", ["binomial", "poisson", "lot"])
@pytest.mark.parametrize(("good", "bad"), [(0.01, 0.1), (0.02, 0.08), (0.0, 0.05), (0.05, 0.3)])
def test_no_smaller_plan_keeps_both_risks(counting, good, bad):
    """Every plan with a smaller sample, whatever its acceptance number, breaks a risk; the one found keeps both."""
    lot = 400 if counting == "lot" else None
    got = smallest_plan(good, bad, counting=counting, lot=lot)

    def keeps(n, c):
        producers, consumers = SinglePlan(n, c, lot).risks(good, bad, counting=counting)
        return producers <= 0.05 + 1e-9 and consumers <= 0.10 + 1e-9

    assert keeps(got.sample, got.acceptance)
    assert not any(keeps(n, c) for n in range(1, got.sample) for c in range(min(n, got.acceptance + 8)))


def test_outgoing_quality():
    """Acceptance number 0: AOQ = p (1-p)^n has its top at p = 1/(n+1), worth (n/(n+1))^n/(n+1).

    For a lot both are less by the share looked at; sorting of refused lots makes ATI = n + (1-P_a)(N-n).
    """
    worst, share = SinglePlan(13, 0).worst_outgoing_share()
    assert worst == pytest.approx((13.0 / 14.0) ** 13 / 14.0, rel=1e-12)
    # A flat top is found to the root of what its height is.
    assert share == pytest.approx(1.0 / 14.0, rel=1e-5)
    plan = SinglePlan(13, 0, 130)
    assert plan.worst_outgoing_share()[0] == pytest.approx(0.9 * worst, rel=1e-12)
    accepted = 0.95**13
    assert float(plan.mean_inspected(0.05)) == pytest.approx(13 + (1 - accepted) * 117, rel=1e-12)
    assert float(plan.outgoing_share(0.05)) == pytest.approx(0.05 * accepted * 0.9, rel=1e-12)
    # Poisson, n = 20, c = 1: with m = np the top of m e^-m (1+m) lies at m² - m - 1 = 0, the golden ratio.
    golden = (1.0 + math.sqrt(5.0)) / 2.0
    worst, share = SinglePlan(20, 1).worst_outgoing_share(counting="poisson")
    assert share == pytest.approx(golden / 20.0, rel=1e-5)
    assert worst == pytest.approx(golden * (1 + golden) * math.exp(-golden) / 20.0, rel=1e-12)


def test_two_orders_of_causes_by_hand():
    """30 and 10 before, 20 and 20 after: every expectation is 25 or 15, χ² = 2·25/25 + 2·25/15 = 16/3, one degree.

    Solution: P = erfc(√(χ²/2)).
    """
    before = pareto(["porosity", "cold shut"], pieces=[30, 10])
    after = pareto(["porosity", "cold shut"], pieces=[20, 20])
    probability, grown = pareto_change(before, after)
    assert probability == pytest.approx(math.erfc(math.sqrt(16.0 / 6.0)), rel=1e-10)
    assert grown == ("cold shut",)


def test_equal_orders_seldom_differ():
    """Twice the same causes at random: 5 % of the probabilities lie below 0.05; four standard errors of 2 000."""
    rng = np.random.default_rng(1900)
    names = ["a", "b", "c", "d"]
    low = 0
    for _ in range(2000):
        one, other = (pareto(names, pieces=rng.multinomial(300, [0.4, 0.3, 0.2, 0.1])) for _ in range(2))
        low += pareto_change(one, other)[0] < 0.05
    assert low / 2000 == pytest.approx(0.05, abs=4 * math.sqrt(0.05 * 0.95 / 2000))
