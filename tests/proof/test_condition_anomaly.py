"""Anomalies on Gaussian data: T² keeps its distribution, the held-out threshold its rate, shares name the cause."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from forgecast.ground.errors import ForgecastError
from forgecast.signals.condition.anomaly import METHODS, Method, find_anomalies, find_regimes, learn, t_squared_limit

MIXING = np.array([[1.0, 0.6, 0.0, 0.2], [0.0, 0.8, 0.5, 0.0], [0.0, 0.0, 0.9, 0.4], [0.0, 0.0, 0.0, 0.7]])


def rows(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, 4)) @ MIXING + np.array([10.0, -3.0, 200.0, 0.5])


def test_t_squared_of_new_gaussian_rows_passes_its_limit_as_often_as_it_says() -> None:
    beyond, judged = 0, 0
    for seed in range(60):
        model = learn(rows(80, seed))
        found = model.t_squared(rows(400, 1000 + seed))
        limit = t_squared_limit(model.variances.size, 80, 0.05)
        beyond, judged = beyond + int((found > limit).sum()), judged + found.size
    # 5 % of 24,000; rows judged by one model hang together, so the scatter of 60 models counts: about 0.4 %.
    assert beyond / judged == pytest.approx(0.05, abs=0.012)


def test_the_limit_of_very_many_rows_is_the_chi_square() -> None:
    # Of one component it is the prediction interval of Student: (1 + 1/n) t².
    student = stats.t(11).ppf(0.975)
    assert t_squared_limit(1, 12, 0.05) == pytest.approx((1.0 + 1.0 / 12.0) * student**2, rel=1e-10)
    assert t_squared_limit(3, 10**7, 0.01) == pytest.approx(stats.chi2(3).ppf(0.99), rel=1e-5)


def test_t_squared_of_the_rows_learnt_from_averages_to_the_components() -> None:
    # Σ T² over the rows learnt from is (n-1) k exactly.
    x = rows(200, 3)
    model = learn(x)
    assert model.t_squared(x).sum() == pytest.approx(199 * model.variances.size, rel=1e-10)
    # And what the components leave, Q, averages to the variance left.
    assert model.q(x).sum() == pytest.approx(199 * model.residual, rel=1e-10)


def test_the_robust_distance_is_mahalanobis_on_clean_rows_and_does_not_follow_outliers() -> None:
    x = rows(1000, 4)
    model = learn(x, "robust")
    true = np.linalg.inv(MIXING.T @ MIXING)
    away = x - np.array([10.0, -3.0, 200.0, 0.5])
    exact = np.einsum("ij,jk,ik->i", away, true, away)
    assert np.corrcoef(model.score(x), exact)[0, 1] > 0.98
    spoilt = x.copy()
    spoilt[:150] += 40.0
    assert np.median(learn(spoilt, "robust").score(spoilt[:150])) > 20.0 * np.median(learn(spoilt).score(spoilt[:150]))


@pytest.mark.parametrize("method", METHODS)
def test_the_held_out_threshold_keeps_the_rate_it_declares(method: Method) -> None:
    found = find_anomalies(rows(8000, 5), "abcd", method=method, false_alarm=0.02)
    assert found.judged_share is not None
    # 2 % of 2,400 judged by a threshold from 2,400 held out: standard deviation 0.4 %.
    assert found.judged_share == pytest.approx(0.02, abs=0.012)


@pytest.mark.parametrize("method", ["pca", "robust"])
def test_the_signal_that_jumps_is_named(method: Method) -> None:
    x = rows(4000, 6)
    x[3500:3510, 2] += 12.0
    found = find_anomalies(x, ["a", "b", "c", "d"], method=method, false_alarm=0.01)
    alarm = max(found.alarms, key=lambda one: one.excess)
    assert 3500 <= alarm.worst < 3510
    assert alarm.shares[0][0] == "c"
    assert sum(share for _, share in alarm.shares) == pytest.approx(1.0)


def test_a_forest_names_the_signal_that_jumps() -> None:
    x = rows(3000, 6)
    model = learn(x, "forest")
    odd = np.median(x, axis=0)
    odd[2] += 12.0
    # A forest weighs all signals alike, so one strange signal of four lifts its score less than the others' would.
    assert model.score(odd[None, :])[0] > np.quantile(model.score(x), 0.9)
    assert np.argmax(model.shares(odd)) == 2


def test_a_broken_correlation_shows_though_each_signal_is_within_its_range() -> None:
    rng = np.random.default_rng(7)
    a = rng.normal(size=3000)
    x = np.column_stack([a, a + 0.05 * rng.normal(size=3000), rng.normal(size=3000)])
    x[2900] = [1.5, -1.5, 0.0]
    found = find_anomalies(x, ["a", "b", "c"], false_alarm=0.001)
    assert any(one.first <= 2900 <= one.last for one in found.alarms)


def test_regimes_are_judged_by_themselves() -> None:
    rng = np.random.default_rng(8)
    load = rng.integers(0, 2, 6000)
    x = np.column_stack([20.0 + 60.0 * load + rng.normal(size=6000), 5.0 - 4.0 * load + 0.2 * rng.normal(size=6000)])
    x[5500] = [20.0, 1.0]  # each value is usual, but not in this regime
    names = find_regimes(x[:, :1])
    assert sorted(np.unique(names)) == [1, 2]
    assert ((names == 2) == (load == 1))[:5000].all()
    with_regimes = find_anomalies(x, ["load", "flow"], regimes=names.astype(str), false_alarm=0.001)
    assert any(one.first <= 5500 <= one.last for one in with_regimes.alarms)


def test_missing_values_have_no_score_and_unlearnable_regimes_are_told() -> None:
    x = rows(2000, 9)
    x[1900, 1] = np.nan
    words = np.array(["big"] * 1950 + ["small"] * 50)
    found = find_anomalies(x, "abcd", regimes=words)
    assert np.isnan(found.score[1900])
    assert np.isnan(found.score[1990])
    assert any("regime small" in str(note) for note in found.notes)
    with pytest.raises(ForgecastError, match="no regime"):
        find_anomalies(x[:30], "abcd")
