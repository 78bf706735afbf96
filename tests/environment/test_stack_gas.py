"""Conversions of stack gas: what is converted, what is missing and why."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgecast.environment.missing import MISSING_TEXTS, Missing
from forgecast.environment.stack import (
    HIGHEST_OXYGEN_PERCENT,
    standard_dry_flow,
    to_dry_gas,
    to_reference_oxygen,
    to_standard_state,
)
from forgecast.ground.errors import ForgecastError


def test_equation_one_by_hand():
    # Cold-blast cupola, reference 15 %: (21-15)/(21-18) = 2.  Gas furnace, 8 %: (21-8)/(21-8) = 1.
    assert to_reference_oxygen([20.0], [18.0], 15.0).values.tolist() == [40.0]
    assert to_reference_oxygen([390.0], [8.0], 8.0).values.tolist() == [390.0]
    # Oxygen below the reference converts downward: (21-8)/(21-5) = 0.8125.
    assert to_reference_oxygen([400.0], [5.0], 8.0).values.tolist() == [325.0]


def test_each_reason_is_told_and_gives_no_number():
    oxygen = [np.nan, -0.1, 0.0, HIGHEST_OXYGEN_PERCENT, 20.51, 20.9, 21.0, 22.0, 10.0, np.inf]
    values = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, np.nan, 1.0]
    got = to_reference_oxygen(values, oxygen, 8.0)
    near_air = Missing.OXYGEN_NEAR_AIR
    expected = [
        Missing.NO_OXYGEN,
        Missing.OXYGEN_IMPOSSIBLE,
        Missing.PRESENT,
        Missing.PRESENT,
        near_air,
        near_air,
        near_air,
        near_air,
        Missing.NO_VALUE,
        near_air,
    ]
    assert got.missing.tolist() == expected
    assert np.array_equal(np.isfinite(got.values), got.present)
    assert got.counts() == {
        Missing.NO_VALUE: 1,
        Missing.NO_OXYGEN: 1,
        Missing.OXYGEN_NEAR_AIR: 5,
        Missing.OXYGEN_IMPOSSIBLE: 1,
    }


@given(
    st.floats(0, 1e5),
    st.one_of(st.floats(-5, 30), st.floats(20.9999, 21.0001), st.just(float("nan"))),
    st.sampled_from([3.0, 8.0, 12.0, 15.0]),
)
def test_no_oxygen_content_ever_gives_an_infinite_or_negative_concentration(value, oxygen, reference):
    got = to_reference_oxygen([value], [oxygen], reference)
    assert got.missing[0] != Missing.PRESENT or (np.isfinite(got.values[0]) and got.values[0] >= 0.0)
    assert got.missing[0] == Missing.PRESENT or np.isnan(got.values[0])


@pytest.mark.parametrize("reference", [-1.0, 21.0, 25.0, float("nan")])
def test_an_impossible_reference_is_refused(reference):
    with pytest.raises(ForgecastError, match="oxygen content"):
        to_reference_oxygen([1.0], [10.0], reference)


def test_a_bound_at_the_pole_is_refused():
    with pytest.raises(ForgecastError, match="oxygen content"):
        to_reference_oxygen([1.0], [10.0], 8.0, highest_oxygen_percent=21.0)


def test_state_and_moisture_that_are_missing_or_impossible():
    state = to_standard_state(
        [1.0, 1.0, 1.0, 1.0, np.nan, 1.0],
        [300.0, np.nan, 0.0, 300.0, 300.0, 300.0],
        [1e5, 1e5, 1e5, -1.0, 1e5, np.nan],
    )
    assert state.missing.tolist() == [
        Missing.PRESENT,
        Missing.NO_STATE,
        Missing.STATE_IMPOSSIBLE,
        Missing.STATE_IMPOSSIBLE,
        Missing.NO_VALUE,
        Missing.NO_STATE,
    ]
    dry = to_dry_gas([1.0, 1.0, 1.0, 1.0, 1.0], [0.0, 0.6, 0.61, -0.01, np.nan])
    assert dry.missing.tolist() == [
        Missing.PRESENT,
        Missing.PRESENT,
        Missing.MOISTURE_IMPOSSIBLE,
        Missing.MOISTURE_IMPOSSIBLE,
        Missing.NO_MOISTURE,
    ]
    flow = standard_dry_flow([1.0, np.nan, 1.0, 1.0], [300.0, 300.0, 300.0, 0.0], 1e5, [0.1, 0.1, np.nan, 0.1])
    assert flow.missing.tolist() == [Missing.PRESENT, Missing.NO_FLOW, Missing.NO_MOISTURE, Missing.STATE_IMPOSSIBLE]


def test_every_reason_has_a_sentence():
    assert set(MISSING_TEXTS) == set(Missing)
    assert len({str(sentence) for sentence in MISSING_TEXTS.values()}) == len(Missing)
