"""Partials against the definition, reading by reading."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgecast.ground.dates import HOUR_US
from forgecast.signals.reading import GOOD
from forgecast.store.hour_partials import partials_of, settled

# Half of the instants stand exactly on an hour: that is where the two conventions part.
INSTANTS = st.one_of(
    st.integers(1, 8).map(lambda hour: hour * HOUR_US),
    st.integers(HOUR_US, 8 * HOUR_US),
)
POINTS = st.dictionaries(INSTANTS, st.tuples(st.integers(-50, 50).map(float), st.integers(0, 2)), max_size=40)


def _by_definition(tags, closing):
    hours = defaultdict(list)
    for tag, points in tags.items():
        for t, (value, flag) in points.items():
            hour = (t - 1) // HOUR_US if tag in closing else t // HOUR_US
            hours[tag, hour].append((t, value, flag))
    made = []
    for (tag, hour), found in sorted(hours.items()):
        good = [value for _, value, flag in found if flag == GOOD]
        instants = [t for t, _, _ in found]
        made.append(
            (tag, hour, len(found), len(good), sum(good, 0.0), min(good, default=math.nan), max(good, default=math.nan),
             min(instants), max(instants))
        )  # fmt: skip
    return made


def _stored(number, points):
    t = np.array(sorted(points), dtype=np.int64)
    value = np.array([points[x][0] for x in sorted(points)], dtype=np.float64)
    flag = np.array([points[x][1] for x in sorted(points)], dtype=np.int8)
    return partials_of(number, t, value, flag)


@given(a=POINTS, b=POINTS, closing=st.sets(st.sampled_from("ab")), parts=st.integers(1, 4))
def test_hours_equal_the_definition(a, b, closing, parts):
    # The readings of an hour may lie in several files: dealt out in turn, every hour is split.
    stored = [
        _stored(number, {t: points[t] for t in sorted(points)[part::parts]})
        for number, points in enumerate((a, b))
        for part in range(parts)
    ]
    found = settled(stored[::-1], ("a", "b"), closing)
    rows = list(
        zip(
            [found.tags[i] for i in found.tag], found.hour.tolist(), found.n.tolist(), found.n_good.tolist(),
            found.sum.tolist(), found.min.tolist(), found.max.tolist(), found.first_t.tolist(), found.last_t.tolist(),
            strict=True,
        )
    )  # fmt: skip
    expected = _by_definition({"a": a, "b": b}, closing)
    # The values are small whole numbers, so sums are exact in any order; NaN is compared as text.
    assert [tuple(map(str, row)) for row in rows] == [tuple(map(str, row)) for row in expected]


def test_midnight_belongs_to_yesterday_for_what_closes_an_interval():
    day = 24 * HOUR_US
    stored = _stored(0, {day: (7.0, GOOD)})
    assert settled([stored], ("kWh",), ()).hour.tolist() == [24]
    assert settled([stored], ("kWh",), {"kWh"}).hour.tolist() == [23]


def test_the_hours_of_one_tag():
    stored = [_stored(0, {HOUR_US: (1.0, 0)}), _stored(1, {HOUR_US: (2.0, 0), 2 * HOUR_US: (4.0, 0)})]
    found = settled(stored, ("a", "b"), ())
    assert found.of("b").mean.tolist() == [2.0, 4.0]
    assert found.of("a").sum.tolist() == [1.0]
    assert len(found.of("c")) == 0


def test_what_is_stored_stays_as_it_was():
    """The edge is added to new arrays, also where one part comes in order already."""
    stored = _stored(0, {HOUR_US: (1.0, 0), HOUR_US + 5: (4.0, 0)})
    for _ in range(2):
        assert settled([stored], ("a",), ()).sum.tolist() == [5.0]


def test_an_hour_without_a_good_reading_has_no_mean():
    found = settled([_stored(0, {HOUR_US + 1: (1.0, 2), HOUR_US + 2: (1.0, 1)})], ("a",), ())
    assert (found.n.tolist(), found.n_good.tolist()) == ([2], [0])
    assert np.isnan(found.mean).all()


@pytest.mark.parametrize("closing", [(), ("a",)])
def test_no_readings_no_hours(closing):
    assert len(settled((), (), closing)) == 0
