"""Feeding distances: how many risers, where, and what the rules do not say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgecast.casting.constant import RuleError
from forgecast.casting.feeding import (
    compare_distances,
    feeding_distance,
    feeding_path,
    risers_along,
    risers_round,
)


def _distances(thickness, left="mould", right="mould", rule="handbook"):
    return [feeding_distance("plate", thickness, end, family="steel", rule=rule) for end in (left, right, "riser")]


@given(st.floats(0.01, 0.1), st.floats(0.01, 10.0), st.floats(0.02, 0.3))
def test_every_point_is_fed_and_one_riser_less_would_not_do(thickness, length, diameter):
    """By the definition of the distances: no point lies further from a riser's edge than they allow."""
    left, right, between = _distances(thickness, right="chill")
    got = risers_along(length, diameter, left, right, between)
    tiny = 1e-9 * length
    assert got.centres[0] - 0.5 * diameter <= left.length + tiny
    assert length - got.centres[-1] - 0.5 * diameter <= right.length + tiny
    gaps = np.diff(got.centres) - diameter
    assert (gaps <= between.length + tiny).all()
    assert got.reach >= length - tiny
    if got.count > 1:
        fewer = left.length + right.length + (got.count - 1) * diameter + (got.count - 2) * between.length
        assert fewer < length


@given(st.floats(0.01, 0.1), st.floats(0.1, 10.0), st.floats(0.02, 0.3))
def test_a_ring_is_fed_all_round(thickness, circumference, diameter):
    between = _distances(thickness)[2]
    got = risers_round(circumference, diameter, between)
    assert circumference / got.count - diameter <= between.length * (1 + 1e-9)
    assert got.count == 1 or (got.count - 1) * (diameter + between.length) < circumference


def test_a_length_that_is_just_reached_takes_no_further_riser():
    left, right, between = _distances(0.05)
    for count in range(1, 40):
        length = left.length + right.length + count * 0.1 + (count - 1) * between.length
        assert risers_along(length, 0.1, left, right, between).count == count


def test_a_rule_that_does_not_speak_of_bars_is_missing_not_zero():
    found = {d.rule: d for d in compare_distances("bar", 0.05, "mould", family="steel")}
    assert found["handbook"].length is None
    assert found["handbook"].why_missing
    assert not found["bishop-pellini"].usable  # from memory
    assert any("from memory" in note.say("en") for note in found["bishop-pellini"].notes)
    with pytest.raises(RuleError, match="says nothing"):
        risers_along(1.0, 0.1, found["handbook"], found["handbook"], found["handbook"])


def test_other_alloys_get_a_note():
    (aluminium, *_) = compare_distances("plate", 0.02, "mould", family="aluminium")
    assert any("aluminium" in note.say("en") for note in aluminium.notes)
    assert feeding_distance("plate", 0.02, "mould", family="steel").notes == ()


@pytest.mark.parametrize("thickness", [0.0, -0.01, float("nan"), float("inf")])
def test_a_thickness_that_is_none_is_refused(thickness):
    with pytest.raises(RuleError, match="thickness"):
        feeding_distance("plate", thickness, "mould", family="steel")


def test_a_path_feeds_where_moduli_rise_by_the_step():
    steps = feeding_path((0.010, 0.011, 0.0110, 0.0121))
    assert [step.feeds for step in steps] == [True, False, True]
    assert steps[1].ratio == pytest.approx(1.0)
    assert feeding_path((0.01,)) == ()
