"""Capability and gauge studies: when nothing may be said, and why."""

from __future__ import annotations

import numpy as np
import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.quality.capability import Limits, capability
from forgecast.quality.chart_rules import NELSON
from forgecast.quality.gauge_study import gauge_anova, gauge_range
from forgecast.quality.percentile_capability import fit, percentile_capability

STABLE = np.random.default_rng(11).normal(10.0, 1.0, 200)
LIMITS = Limits(5.0, 15.0)


def study(scatter):
    rng = np.random.default_rng(3)
    return gauge_anova(rng.normal(10.0, 1.0, (10, 1, 1)) + scatter * rng.normal(size=(10, 3, 3)))


def reasons(got):
    return [str(reason) for reason in got.refused]


def test_a_stable_process_with_a_fit_gauge_is_judged_without_caveat():
    got = capability(STABLE, LIMITS, gauge=study(0.1))
    assert got.refused == ()
    assert got.caveats == ()
    assert got.cpk.low < got.cpk.value < got.cpk.high
    assert capability(STABLE, LIMITS).caveats != ()


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda x: np.where(np.arange(200) == 77, 20.0, x), "farther from the centre line"),
        (lambda x: x + np.where(np.arange(200) < 100, 0.0, 1.5), "the level of the process moves"),
        (lambda x: x + 0.02 * np.arange(200), "the level of the process moves"),
    ],
)
def test_an_unstable_process_has_no_capability(harm, words):
    for got in (
        capability(harm(STABLE), LIMITS),
        capability(harm(STABLE).reshape(40, 5), LIMITS),
        percentile_capability(harm(STABLE), LIMITS, shape="normal"),
    ):
        assert (got.cp, got.cpk, got.pp, got.ppk, got.cpm) == (None,) * 5
        # A value far out in a subgroup shows in the scatter of the subgroup first.
        assert any(words in reason or "scatter more than chance" in reason for reason in reasons(got))


def test_a_subgroup_that_scatters_more_is_found():
    x = STABLE.reshape(40, 5).copy()
    x[7] = [4.0, 16.0, 10.0, 5.0, 15.0]
    assert "1 subgroups or moving ranges scatter more" in " ".join(reasons(capability(x, LIMITS)))


def test_rules_may_be_asked_for_besides():
    x = np.random.default_rng(5).normal(10.0, 1.0, 2000)
    assert capability(x, LIMITS).refused == ()
    assert "points signal" in " ".join(reasons(capability(x, LIMITS, rules=NELSON[:1])))


def test_a_gauge_that_sees_mostly_itself_has_no_say():
    wide = Limits(-50.0, 70.0)
    got = capability(STABLE, wide, gauge=study(0.5))
    assert reasons(got) == [
        f"the gauge makes {100 * np.sqrt(study(0.5).gauge) / STABLE.std(ddof=1):.1f} % of the deviation seen"
    ]
    narrow = capability(STABLE, Limits(9.5, 10.5), gauge=study(0.1))
    assert "of the tolerance" in " ".join(reasons(narrow))
    coarse = gauge_anova(np.tile(np.arange(10.0)[:, None, None], (1, 3, 3)))
    assert "too coarsely" in " ".join(reasons(capability(STABLE, LIMITS, gauge=coarse)))
    assert "too coarsely" in " ".join(reasons(percentile_capability(STABLE, LIMITS, shape="gamma", gauge=coarse)))
    assert (coarse.share, coarse.categories, coarse.share_of_tolerance(1.0)) == (None, None, None)


def test_few_values_none_and_no_scatter():
    assert "too few" in reasons(capability(STABLE[:10], LIMITS))[0]
    assert np.isnan(capability([np.nan], LIMITS).mean)
    assert "do not scatter" in " ".join(reasons(capability(np.full(30, 10.0), LIMITS)))
    assert "do not scatter" in " ".join(reasons(percentile_capability(np.full(60, 10.0), LIMITS, shape="weibull")))
    assert "capability takes 741" in reasons(percentile_capability(STABLE, LIMITS, shape="empirical"))[0]


def test_missing_values_are_left_out():
    x = STABLE.copy()
    x[::10] = np.nan
    got = capability(x, LIMITS)
    assert got.points == 180
    assert got.pp.value == pytest.approx(10.0 / (6.0 * np.nanstd(x, ddof=1)), rel=1e-12)
    assert percentile_capability(x, LIMITS, shape="lognormal", resamples=50).points == 180


def test_few_large_subgroups_are_enough():
    got = capability(STABLE.reshape(4, 50), LIMITS)
    assert got.refused == ()
    assert got.cp is not None


def test_one_limit_gives_one_sided_indices_only():
    got = capability(STABLE, Limits(upper=13.0))
    assert (got.cp, got.pp, got.cpm) == (None, None, None)
    assert got.cpk.value == pytest.approx((13.0 - STABLE.mean()) / (3.0 * got.within), rel=1e-12)
    assert percentile_capability(STABLE, Limits(lower=5.0), shape="gamma", resamples=50).pp is None


@pytest.mark.parametrize(
    "call",
    [
        Limits,
        lambda: Limits(2.0, 1.0),
        lambda: Limits(1.0, 2.0, 3.0),
        lambda: Limits(1.0, np.inf),
        lambda: gauge_anova(np.zeros((10, 1, 3))),
        lambda: gauge_range(np.full((3, 3, 3), np.nan)),
        lambda: fit([[1.0, -1.0]], "weibull"),
        lambda: fit([[1.0, 2.0]], "empirical"),
    ],
)
def test_impossible_input_is_refused(call):
    with pytest.raises(ForgecastError) as caught:
        call()
    assert str(caught.value.repair)
