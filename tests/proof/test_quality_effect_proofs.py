"""Proofs of changes from before to after: by hand, and that their intervals cover what they say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from forgecast.ground.errors import ForgecastError
from forgecast.quality.before_after import change_of_mean, change_of_share


def test_a_change_of_shares_by_hand():
    """56 of 70 before and 48 of 80 after.

    Solution: Wilson's bounds of 0.8 are 0.69199 and 0.87703, those of 0.6 are 0.49043 and 0.70026 (z = 1.95996); so
    low = -0.2 - √(0.10957² + 0.07703²) and high = -0.2 + √(0.10026² + 0.10801²).
    """

    def wilson(k, n, z=1.959963984540054):
        p = k / n
        half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return (p + z * z / (2 * n) - half) / (1 + z * z / n), (p + z * z / (2 * n) + half) / (1 + z * z / n)

    (l1, u1), (l2, u2) = wilson(56, 70), wilson(48, 80)
    got = change_of_share((56, 70), (48, 80))
    assert got.low == pytest.approx(-0.2 - math.hypot(0.6 - l2, u1 - 0.8), rel=1e-12)
    assert got.high == pytest.approx(-0.2 + math.hypot(u2 - 0.6, 0.8 - l1), rel=1e-12)
    assert got.shown


def test_a_change_of_means_is_welchs():
    """Against SciPy's own test of Welch, which was written by others."""
    rng = np.random.default_rng(4)
    for shift in np.linspace(0.0, 1.5, 16):
        x, y = rng.normal(0.0, 1.0, 9), rng.normal(shift, 2.5, 21)
        got = change_of_mean(x, np.append(y, np.nan))
        test = stats.ttest_ind(y, x, equal_var=False)
        interval = test.confidence_interval(0.95)
        assert (got.low, got.high) == pytest.approx((interval.low, interval.high), rel=1e-9)


@pytest.mark.parametrize(("p1", "p2", "n1", "n2"), [(0.02, 0.005, 400, 300), (0.10, 0.10, 60, 80)])
def test_the_interval_of_a_share_covers_what_it_says(p1, p2, n1, n2):
    """Problem: how often does the 95 % interval hold the true change?

    Solution: 95 % of the time; discreteness and small shares take or give some two per cent, and 20,000 draws leave a
    standard error of 0.15 %.
    """
    rng = np.random.default_rng(11)
    k1, k2 = rng.binomial(n1, p1, 20_000), rng.binomial(n2, p2, 20_000)
    pairs, counts = np.unique(np.column_stack([k1, k2]), axis=0, return_counts=True)
    inside = 0
    for (a, b), times in zip(pairs, counts, strict=True):
        got = change_of_share((int(a), n1), (int(b), n2))
        inside += times * (got.low <= p2 - p1 <= got.high)
    assert 0.93 < inside / 20_000 < 0.975


def test_nothing_is_said_of_nothing():
    assert change_of_share((0, 0), (1, 10)) is None
    assert change_of_mean([1.0], [1.0, 2.0]) is None
    assert not change_of_mean([1.0, 1.0], [1.0, 1.0]).shown
    with pytest.raises(ForgecastError, match="more defective pieces"):
        change_of_share((3, 2), (1, 10))
