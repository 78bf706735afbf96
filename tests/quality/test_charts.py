"""Shewhart charts: what is missing stays missing, and what makes no sense is refused."""

from __future__ import annotations

import numpy as np
import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.quality.attribute_charts import c_chart, np_chart, p_chart, u_chart
from forgecast.quality.chart_rules import NELSON, find_signals
from forgecast.quality.variable_charts import individuals_and_moving_range, mean_and_deviation, mean_and_range

CALM = np.random.default_rng(1).normal(10.0, 1.0, 30)


def test_a_missing_value_has_no_point_no_range_and_breaks_runs():
    x = CALM.copy()
    x[10] = np.nan
    got = individuals_and_moving_range(x)
    assert np.isnan(got.location.values[10])
    assert np.flatnonzero(np.isnan(got.spread.values)).tolist() == [0, 10, 11]
    assert not got.location.outside[10]
    assert got.location.centre[0] == pytest.approx(np.nanmean(x), rel=1e-12)
    run = np.full(17, 0.1)
    run[8] = np.nan
    assert not find_signals(run, 0.0, 1.0).any.any()


def test_a_subgroup_of_one_has_a_mean_and_no_range_and_an_empty_one_neither():
    x = CALM.reshape(10, 3).copy()
    x[2, 1:] = np.nan
    x[5] = np.nan
    got = mean_and_range(x)
    assert np.flatnonzero(np.isnan(got.location.values)).tolist() == [5]
    assert np.flatnonzero(np.isnan(got.spread.values)).tolist() == [2, 5]
    assert got.location.upper[2] - got.location.centre[2] == pytest.approx(3 * got.deviation[0], rel=1e-12)
    assert np.isnan(got.location.upper[5])


def test_a_stage_with_few_points_has_no_limits_and_says_why():
    stage = [1] * 26 + [2] * 4
    got = individuals_and_moving_range(CALM, stage=stage)
    assert np.isnan(got.location.upper[26:]).all()
    assert np.isfinite(got.location.upper[:26]).all()
    assert [str(reason) for reason in got.location.why_missing] == ["stage 2 has 4 points; limits take 6"]
    assert not got.location.signals().any[26:].any()
    few = p_chart([1, 2], [10, 10])
    assert np.isnan(few.upper).all()
    assert len(few.why_missing) == 1


def test_known_parameters_need_no_points():
    got = individuals_and_moving_range([13.5, 10.0], mean=10.0, deviation=1.0)
    assert got.location.upper.tolist() == [13.0, 13.0]
    assert got.location.outside.tolist() == [True, False]
    assert p_chart([2], [4], share=0.5).upper.tolist() == [1.0]
    assert c_chart([30.0], mean=16.0).outside.tolist() == [True]
    groups = mean_and_deviation([[10.0, 10.0, 10.0, 10.0]], mean=10.0, deviation=1.0)
    assert groups.location.upper.tolist() == [11.5]


def test_no_pieces_no_share():
    got = p_chart([1, 0, 2, 1, 1, 2, 1], [10, 0, 10, 10, 10, 10, 10])
    assert np.isnan([got.values[1], got.upper[1], got.lower[1]]).all()
    assert np.isnan(np_chart([1, 0, 2, 1, 1, 2, 1], [10, 0, 10, 10, 10, 10, 10]).values[1])
    assert np.isnan(u_chart([1, 0, 2, 1, 1, 2, 1], [10, 0, 10, 10, 10, 10, 10]).values[1])
    unknown = c_chart([1, np.nan, 2, 3, 1, 2, 2])
    assert np.isnan(unknown.values[1])


def test_a_process_without_scatter_and_one_point_off():
    x = np.full(12, 4.0)
    assert not individuals_and_moving_range(x).location.signals(NELSON[:1]).any.any()
    clean = p_chart(np.zeros(8), np.full(8, 100.0), laney=True)
    assert (clean.lower == 0.0).all()
    assert (clean.upper == 0.0).all()
    off = find_signals([4.0, 5.0], 4.0, 0.0, rules=NELSON[:1])
    assert off.any.tolist() == [False, True]


def test_rules_that_do_not_hold_on_a_chart_are_refused():
    pair = individuals_and_moving_range(CALM)
    assert len(pair.location.rules) == 8
    assert [rule.name for rule in pair.spread.rules] == ["nelson-1"]
    with pytest.raises(ForgecastError, match="does not hold"):
        pair.spread.signals(NELSON[:2])
    shares = p_chart(np.full(8, 3), np.full(8, 100))
    assert len(shares.rules) == 4
    with pytest.raises(ForgecastError, match="2 of 3"):
        shares.signals(NELSON)


@pytest.mark.parametrize(
    "call",
    [
        lambda: p_chart([3], [2]),
        lambda: c_chart([-1.0]),
        lambda: mean_and_range(CALM),
        lambda: individuals_and_moving_range([1.0, np.inf]),
        lambda: individuals_and_moving_range(CALM, span=1),
        lambda: individuals_and_moving_range(CALM, span=3, estimate="median"),
    ],
)
def test_impossible_input_is_refused(call):
    with pytest.raises(ForgecastError) as caught:
        call()
    assert str(caught.value.repair)


def test_empty_charts_are_empty():
    assert individuals_and_moving_range([]).location.values.size == 0
    assert mean_and_range(np.zeros((0, 4))).location.values.size == 0
    assert find_signals([], 0.0, 1.0).any.size == 0


def test_longer_spans_and_every_rule_says_itself():
    got = individuals_and_moving_range(CALM, span=4)
    assert np.flatnonzero(np.isnan(got.spread.values)).tolist() == [0, 1, 2]
    assert got.spread.values[3] == pytest.approx(np.ptp(CALM[:4]), rel=1e-12)
    assert len({str(rule.title) for rule in NELSON}) == 8
