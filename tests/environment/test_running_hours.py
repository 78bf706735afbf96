"""Hours as they run: whatever the order readings come in, they add up to the same; and where an hour is heading."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgecast.environment.hour import hourly_partials
from forgecast.environment.running_hour import RunningHours, forecast_hour
from forgecast.ground.dates import HOUR_US, MINUTE_US

READINGS = st.lists(
    st.tuples(
        st.integers(0, 180),  # minute within three hours; repeats are corrections
        st.floats(0.0, 500.0, allow_nan=False),
        st.booleans(),
    ),
    min_size=1,
    max_size=120,
)


@given(READINGS, st.booleans(), st.integers(1, 17))
def test_readings_as_they_come_add_up_as_if_they_had_come_in_order(readings, closing, batch):
    running = RunningHours({"x"} if closing else set())
    touched = set()
    for at in range(0, len(readings), batch):
        part = readings[at : at + batch]
        touched |= running.take(
            "x",
            np.array([minute * MINUTE_US for minute, _, _ in part], dtype=np.int64),
            np.array([value for _, value, _ in part]),
            np.array([good for _, _, good in part]),
        )
    last = {minute: (value, good) for minute, value, good in readings}
    minutes = sorted(last)
    whole = hourly_partials(
        np.array(minutes, dtype=np.int64) * MINUTE_US,
        np.array([last[minute][0] for minute in minutes]),
        np.array([last[minute][1] for minute in minutes]),
        stamped="end" if closing else "start",
    )
    got = running.partials("x")
    for name in ("hours", "count", "good", "total", "lowest", "highest"):
        np.testing.assert_array_equal(getattr(got, name), getattr(whole, name))
    assert touched == set(whole.hours.tolist())


def test_forgotten_hours_are_gone_and_the_rest_is_kept():
    running = RunningHours()
    running.take("x", np.array([0, HOUR_US], np.int64), np.array([1.0, 2.0]), np.array([True, True]))
    running.forget(1)
    assert not running.holds("x", 0)
    assert running.partials("x").total.tolist() == [2.0]


@given(st.floats(0.0, 100.0), st.floats(0.0, 100.0), st.floats(0.05, 0.95), st.floats(1.0, 100.0))
def test_a_rest_at_the_allowed_mean_ends_exactly_at_the_limit(mean, recent, elapsed, limit):
    got = forecast_hour(mean, recent, elapsed, limit)
    # Rounding of one subtraction and one division, blown up by 1/(1 − elapsed) ≤ 20.
    assert mean * elapsed + got.allowed * (1.0 - elapsed) == pytest.approx(limit, rel=1e-12, abs=1e-10)
    assert got.threatens == (mean * elapsed + recent * (1.0 - elapsed) > limit)
    assert got.lost == (mean * elapsed > limit) or got.allowed == pytest.approx(0.0, abs=1e-9)


def test_half_an_hour_at_twice_the_limit_is_lost_by_a_hair_more():
    assert forecast_hour(60.0, 0.0, 0.5, 30.0).allowed == 0.0
    assert forecast_hour(60.1, 0.0, 0.5, 30.0).lost
    with pytest.raises(ValueError, match="forecast"):
        forecast_hour(1.0, 1.0, 1.0, 30.0)
