"""EWMA, CUSUM and T² charts: what is missing, what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.quality.multivariate_chart import t_squared_phase_one, t_squared_phase_two
from forgecast.quality.run_length import ewma_run_length
from forgecast.quality.time_weighted_charts import cusum_chart, ewma_chart

PAIRS = np.random.default_rng(5).normal(size=(20, 2))


def test_points_without_limits_get_no_sum():
    """A stage whose chart has no deviation (too few points) has NaN deviation."""
    sigma = np.array([1.0, 1.0, np.nan, 1.0])
    assert np.flatnonzero(np.isnan(ewma_chart(np.ones(4), mean=0.0, deviation=sigma).values)).tolist() == [2]
    got = cusum_chart(np.ones(4), mean=0.0, deviation=sigma)
    assert np.flatnonzero(np.isnan(got.above)).tolist() == [2]
    assert got.above[3] == pytest.approx(1.5)
    assert ewma_chart([], mean=0.0, deviation=1.0).values.size == 0


def test_a_point_with_a_missing_value_has_no_t_squared_and_teaches_nothing():
    x = PAIRS.copy()
    x[3, 1] = np.nan
    got = t_squared_phase_one(x)
    assert np.flatnonzero(np.isnan(got.values)).tolist() == [3]
    assert not got.signal[3]
    assert got.baseline.points == 19
    whole = t_squared_phase_one(np.delete(x, 3, axis=0))
    assert np.delete(got.values, 3) == pytest.approx(whole.values, rel=1e-12)


def test_a_pair_no_single_chart_would_flag_stands_out():
    rng = np.random.default_rng(6)
    x = rng.normal(size=60)
    both = np.column_stack([x, x + 0.1 * rng.normal(size=60)])
    learnt = t_squared_phase_one(both)
    new = t_squared_phase_two([[1.5, -1.5], [1.5, 1.5]], learnt.baseline)
    assert new.signal.tolist() == [True, False]


@pytest.mark.parametrize(
    "call",
    [
        lambda: ewma_chart([1.0], mean=0.0, deviation=1.0, weight=0.0),
        lambda: ewma_run_length(weight=1.5, width=3.0),
        lambda: cusum_chart([1.0], mean=0.0, deviation=1.0, limit=1.0, headstart=2.0),
        lambda: t_squared_phase_one(PAIRS[:3]),
        lambda: t_squared_phase_one(np.column_stack([PAIRS, PAIRS.sum(axis=1)])),
        lambda: t_squared_phase_one(np.column_stack([PAIRS[:, 0], np.ones(20)])),
        lambda: t_squared_phase_two(np.ones((3, 3)), t_squared_phase_one(PAIRS).baseline),
    ],
)
def test_impossible_input_is_refused(call):
    with pytest.raises(ForgecastError) as caught:
        call()
    assert str(caught.value.repair)
