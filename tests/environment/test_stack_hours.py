"""Hours of a stack: validity, reasons, stretches over a limit and manual samples."""

from __future__ import annotations

import numpy as np
import pytest

from forgecast.environment.hour import (
    hourly_means,
    hourly_partials,
    joined,
    usual_count,
)
from forgecast.environment.missing import Missing
from forgecast.ground.dates import HOUR_US, MINUTE_US
from forgecast.ground.errors import ForgecastError


def minutes(*counts: int) -> np.ndarray:
    """Return minute stamps that fill the first `count` minutes of each hour in turn."""
    return np.concatenate([h * HOUR_US + np.arange(n, dtype=np.int64) * MINUTE_US for h, n in enumerate(counts)])


def test_an_hour_is_valid_from_exactly_the_least_share():
    times = minutes(60, 45, 44, 1, 0, 60)
    means = hourly_means(
        hourly_partials(times, np.ones(times.size)), expected_per_hour=60, minimum_share=0.75, first_hour=-1, end_hour=7
    )
    assert means.hours.tolist() == list(range(-1, 7))
    few, none = Missing.TOO_FEW_SAMPLES, Missing.NO_SAMPLE
    assert means.means.missing.tolist() == [none, 0, 0, few, few, none, 0, none]
    assert means.valid_hours.tolist() == [0, 1, 5]
    assert means.share.tolist() == [0.0, 1.0, 0.75, 44 / 60, 1 / 60, 0.0, 1.0, 0.0]


def test_flagged_and_missing_samples_do_not_count_and_do_not_colour_the_mean():
    times = minutes(4, 2)
    values = np.array([10.0, 1e6, np.nan, 20.0, 5.0, 7.0])
    good = np.array([True, False, True, True, False, False])
    partials = hourly_partials(times, values, good)
    assert partials.count.tolist() == [4, 2]
    assert partials.good.tolist() == [2, 0]
    assert (partials.lowest[0], partials.highest[0]) == (10.0, 20.0)
    assert np.isnan(partials.lowest[1])
    assert np.isnan(partials.highest[1])
    means = hourly_means(partials, expected_per_hour=4, minimum_share=0.5)
    assert means.means.values[0] == 15.0
    assert means.means.missing.tolist() == [Missing.PRESENT, Missing.NO_GOOD_SAMPLE]


def test_a_stamp_at_the_end_speaks_for_the_time_before_it():
    times = np.array([HOUR_US, 2 * HOUR_US], dtype=np.int64)
    assert hourly_partials(times, [1.0, 2.0], stamped="end").hours.tolist() == [0, 1]
    assert hourly_partials(times, [1.0, 2.0], stamped="start").hours.tolist() == [1, 2]


def test_times_before_1970_fall_into_their_own_hour():
    assert hourly_partials(np.array([-1], dtype=np.int64), [1.0]).hours.tolist() == [-1]


@pytest.mark.parametrize("times", [[2, 1], [1, 1]])
def test_times_out_of_order_or_doubled_are_refused(times):
    with pytest.raises(ForgecastError, match="not strictly ascending"):
        hourly_partials(np.array(times, dtype=np.int64), [1.0, 2.0])


def test_no_samples_at_all():
    empty = hourly_partials(np.empty(0, dtype=np.int64), [])
    assert usual_count(empty) is None
    assert hourly_means(empty, expected_per_hour=60, minimum_share=0.75).hours.size == 0
    gap = hourly_means(empty, expected_per_hour=60, minimum_share=0.75, first_hour=3, end_hour=5)
    assert gap.means.missing.tolist() == [Missing.NO_SAMPLE, Missing.NO_SAMPLE]
    assert joined().hours.size == 0


def test_the_usual_count_is_that_of_most_hours():
    times = minutes(30, 60, 60, 59)
    assert usual_count(hourly_partials(times, np.ones(times.size))) == 60


@pytest.mark.parametrize(("expected", "share"), [(0, 0.75), (60, 0.0), (60, 1.1), (float("nan"), 0.5)])
def test_a_rule_that_cannot_decide_is_refused(expected, share):
    partials = hourly_partials(minutes(1), [1.0])
    with pytest.raises(ForgecastError, match="cannot decide"):
        hourly_means(partials, expected_per_hour=expected, minimum_share=share)
