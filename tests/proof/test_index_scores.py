"""Proofs of the index: closed forms, bounds that hold whatever the gaps are, and that better never scores lower."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgecast.ground.tables import parse_table
from forgecast.rules.index.scheme import Scheme, scheme_from, shipped_scheme
from forgecast.rules.index.score import Reading, effective_weights, score_of

SCHEME = shipped_scheme()
NAMES = [one.id for one in SCHEME.indicators]
#: Sums of about forty products in double precision.
ROUNDING = 1e-9


def small_scheme() -> Scheme:
    """Return two directions: one of weight 3 with indicators of weights 1 and 3, one of weight 1 with one indicator."""
    tail = "s,s,unverified"
    directions = parse_table("d", f"id,weight,en,zh,source,source_zh,confidence\na,3,A,A,{tail}\nb,1,B,B,{tail}\n")
    head = "id,direction,kind,of,weight,worst,best,unit,en,zh,source,source_zh,confidence"
    rows = (f"x,a,figure,x,1,10,0,,X,X,{tail}", f"y,a,evidence,y,3,,,,Y,Y,{tail}", f"z,b,verdicts,z,7,,,,Z,Z,{tail}")
    return scheme_from(directions, parse_table("i", "\n".join((head, *rows))))


readings = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda p: Reading(max(p), min(p)))
plants = st.dictionaries(st.sampled_from(NAMES), readings, min_size=1)


def test_a_score_worked_out_by_hand() -> None:
    scheme = small_scheme()
    told = {"x": Reading(1.0, 0.5), "y": Reading(0.5, 0.25), "z": Reading(0.0, 0.0)}
    # Weights 3/4*1/4, 3/4*3/4, 1/4: earned 3/32 + 9/64 = 15/64, known 3/16 + 9/32 = 15/32.
    total = score_of(scheme, told).total
    assert total.low == pytest.approx(100 * 15 / 64)
    assert total.high == pytest.approx(100 * (15 / 64 + 1 - 15 / 32))
    assert total.value == pytest.approx(50.0)
    assert total.coverage == pytest.approx(15 / 32)


def test_what_does_not_apply_gives_its_weight_to_the_others() -> None:
    scheme = small_scheme()
    assert effective_weights(scheme, {"x", "z"}) == pytest.approx({"x": 0.75, "z": 0.25})
    assert effective_weights(scheme, {"z"}) == pytest.approx({"z": 1.0})
    assert effective_weights(scheme, ()) == {}
    score = score_of(scheme, {"x": Reading(1.0, 1.0)})
    assert (score.total.low, score.total.high) == (100.0, 100.0)
    assert score.directions[1].interval is None


def test_a_band_is_a_straight_line_between_its_ends() -> None:
    x = small_scheme().indicators[0]
    assert [x.earned(value) for value in (12.0, 10.0, 7.5, 0.0, -3.0)] == pytest.approx([0.0, 0.0, 0.25, 1.0, 1.0])
    with pytest.raises(ValueError, match="no band"):
        x.earned(float("nan"))


@given(plants)
def test_all_known_is_one_number_and_nothing_known_is_everything(told: dict[str, Reading]) -> None:
    whole = score_of(SCHEME, {name: Reading(1.0, one.earned) for name, one in told.items()}).total
    assert whole.low == pytest.approx(whole.high, abs=ROUNDING)
    assert whole.value == pytest.approx(whole.low, abs=ROUNDING)
    blank = score_of(SCHEME, {name: Reading(0.0, 0.0) for name in told}).total
    assert blank.value is None
    assert (blank.low, blank.high) == (0.0, pytest.approx(100.0))


@given(plants, st.data())
def test_whatever_the_gaps_turn_out_to_be_lies_in_the_interval(told: dict[str, Reading], data: st.DataObject) -> None:
    before = score_of(SCHEME, told).total
    filled = {
        name: Reading(1.0, min(one.earned + (1.0 - one.known) * data.draw(st.floats(0, 1)), 1.0))
        for name, one in told.items()
    }
    after = score_of(SCHEME, filled).total
    assert before.low - ROUNDING <= after.low <= before.high + ROUNDING
    assert before.low - ROUNDING <= (before.value if before.value is not None else 0.0) <= before.high + ROUNDING


@given(plants, st.data())
def test_a_better_indicator_never_lowers_any_end(told: dict[str, Reading], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(told)))
    one = told[name]
    better = told | {name: Reading(one.known, one.earned + data.draw(st.floats(0, 1)) * (one.known - one.earned))}
    weights = {d.id: data.draw(st.floats(0.01, 1)) for d in SCHEME.directions}
    before, after = (score_of(SCHEME, some, weights=weights).total for some in (told, better))
    assert after.low >= before.low - ROUNDING
    assert after.high >= before.high - ROUNDING
    if before.value is not None and after.value is not None:
        assert after.value >= before.value - ROUNDING


@given(plants)
def test_the_levers_add_up_to_what_is_missing_to_all(told: dict[str, Reading]) -> None:
    score = score_of(SCHEME, told)
    missing = sum(lever.by_doing + lever.by_showing for lever in score.levers)
    assert missing == pytest.approx(100.0 - score.total.low, abs=1e-7)
    assert sum(lever.by_showing for lever in score.levers) == pytest.approx(
        score.total.high - score.total.low, abs=1e-7
    )


@given(
    st.sampled_from([one for one in SCHEME.indicators if one.kind == "figure"]), st.floats(-50, 150), st.floats(0, 9)
)
def test_on_every_shipped_band_better_earns_no_less(indicator, value, step) -> None:
    assert indicator.worst is not None
    assert indicator.best is not None
    towards = np.sign(indicator.best - indicator.worst)
    assert indicator.earned(value + towards * step) >= indicator.earned(value)


def test_a_reading_that_earns_more_than_is_known_is_refused() -> None:
    with pytest.raises(ValueError, match="known"):
        Reading(0.4, 0.5)
