"""A reject model learns from what was known before the verdict, from nothing else, and says where that ends."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import verbatim
from forgecast.quality.reject.conformal import Answer, Possible, fewest_for, possible
from forgecast.quality.reject.drift import watch
from forgecast.quality.reject.explain import explain
from forgecast.quality.reject.leak import constants, leaks, running_numbers
from forgecast.quality.reject.model import Boosting, RejectModel, learn
from forgecast.quality.reject.pieces import Feature, InspectedPieces
from forgecast.quality.reject.score import Scores, score
from forgecast.quality.reject.split import Split, split_at_random, split_by_time
from tests.quality.shots import honest, made_shots, with_feature

QUICK = Boosting(trees=40, rate=0.15)


@pytest.fixture(scope="module")
def shots() -> InspectedPieces:
    return made_shots()


@pytest.fixture(scope="module")
def by_time(shots: InspectedPieces) -> tuple[InspectedPieces, Split, RejectModel]:
    pieces = honest(shots)
    split = split_by_time(pieces)
    return pieces, split, learn(pieces, split.learn, split.calibrate, QUICK)


def names(found: tuple) -> list[str]:
    return [one.feature.name for one in found]


def scored(pieces: InspectedPieces, split: Split) -> Scores:
    model = learn(pieces, split.learn, split.calibrate, QUICK)
    tested = pieces.rows(split.test)
    probability, answers = model.judge(tested.values, 0.9)
    return score(probability, tested.rejected, answers, tested.block, base_rate=model.base_rate)


def test_the_flag_of_trial_shots_leaks_and_the_cause_of_rejects_does_not(shots: InspectedPieces) -> None:
    (found,) = leaks(shots)
    assert found.feature.name == "trial"
    assert found.precision == 1.0
    assert found.share == pytest.approx(np.mean(shots.trial[shots.rejected]), abs=0.02)  # bins need ten pieces a half
    assert leaks(shots.without(["trial"])) == ()


@pytest.mark.parametrize("leak", ["word", "reading", "written down or not"])
def test_whatever_is_written_after_the_verdict_leaks(shots: InspectedPieces, leak: str) -> None:
    pieces = honest(shots)
    rng = np.random.default_rng(1)
    told = pieces.rejected & (rng.random(len(pieces)) < 0.9)  # nine of ten rejects are entered
    if leak == "word":
        feature, values = Feature("in_scrap_bin", verbatim("x"), is_word=True), told.astype(float)
    elif leak == "reading":
        feature, values = Feature("scrap_mass", verbatim("x"), "kg"), np.where(told, rng.uniform(2, 3, told.size), 0.0)
    else:
        feature, values = Feature("rework_time", verbatim("x"), "s"), np.where(told, np.nan, 0.0)
    assert names(leaks(with_feature(pieces, feature, values))) == [feature.name]


def test_a_few_bad_days_make_no_leak_of_their_date(shots: InspectedPieces) -> None:
    """Each day has its own value, and on every fifth all is rejected: true of the days seen, of no other day."""
    bad = shots.block % 5 == 0
    pieces = replace(shots, rejected=shots.rejected | bad, trial=shots.trial & False).without(["trial"])
    assert np.mean(bad[pieces.rejected]) > 0.6
    assert leaks(with_feature(pieces, Feature("shift", verbatim("x"), is_word=True), shots.block.astype(float))) == ()


def test_running_numbers_and_constants_are_no_features(shots: InspectedPieces) -> None:
    assert names(running_numbers(shots)) == ["number"]
    nothing = with_feature(shots, Feature("unused", verbatim("x")), np.full(len(shots), np.nan))
    same = with_feature(nothing, Feature("same", verbatim("x")), np.full(len(shots), 7.0))
    assert names(constants(same)) == ["unused", "same"]
    # A trial flag is the same for every piece once the trials are gone.
    assert names(constants(shots.without_trials())) == ["trial"]


def test_trial_shots_are_refused(shots: InspectedPieces) -> None:
    rows = np.arange(len(shots))
    with pytest.raises(ForgecastError, match="trial shots"):
        learn(shots, rows, rows, QUICK)


def test_few_rejects_are_refused(shots: InspectedPieces) -> None:
    pieces = honest(shots)
    rows = np.flatnonzero(~pieces.rejected)
    with pytest.raises(ForgecastError, match="too few"):
        learn(pieces, rows, rows, QUICK)


def test_the_cause_is_learnt_and_missing_values_stay_missing(by_time) -> None:
    pieces, split, model = by_time
    assert np.isnan(pieces.values[:, 2]).any()
    tested = pieces.rows(split.test)
    probability, _ = model.judge(tested.values, 0.9)
    # By construction low pressure makes nine of ten rejects; 0.5 lies far from both kinds.
    low = tested.values[:, 0] < 290.0
    assert probability[low].mean() > 0.5
    assert probability[~low].mean() < 0.1
    assert model.may_miss.tolist() == [False, False, True]


def test_a_missing_value_is_no_zero(shots: InspectedPieces) -> None:
    """Pieces are bad where the value is missing and good where it is about zero."""
    pieces = honest(shots)
    rng = np.random.default_rng(7)
    gone = rng.random(len(pieces)) < 0.2
    told = replace(pieces, rejected=gone).without(pieces.names)
    one = with_feature(told, Feature("gap", verbatim("x")), np.where(gone, np.nan, rng.normal(0.0, 1.0, len(pieces))))
    split = split_by_time(one)
    model = learn(one, split.learn, split.calibrate, QUICK)
    missing, zero = model.probability(np.array([[np.nan], [0.0]]))
    assert missing > 0.9
    assert zero < 0.1


def test_equal_data_give_an_equal_model_and_another_value_another_hash(by_time) -> None:
    pieces, split, model = by_time
    again = learn(pieces, split.learn, split.calibrate, QUICK)
    tested = pieces.values[split.test]
    assert np.array_equal(model.probability(tested), again.probability(tested))
    assert again.sha256 == model.sha256
    values = pieces.values.copy()
    values[split.learn[0], 0] += 1.0
    assert learn(replace(pieces, values=values), split.learn, split.calibrate, QUICK).sha256 != model.sha256


def test_a_value_never_seen_is_like_nothing_seen(by_time) -> None:
    pieces, split, model = by_time
    one = pieces.values[split.test[~pieces.rejected[split.test]][0]]
    far, gone = one.copy(), one.copy()
    far[1], gone[0] = 900.0, np.nan  # a temperature beyond all; a pressure that was never missing
    _, answers = model.judge(np.stack([one, far, gone]), 0.9)
    assert answers.answer.tolist()[1:] == [Answer.LIKE_NOTHING_SEEN, Answer.LIKE_NOTHING_SEEN]
    assert answers.unlike.tolist() == [False, True, True]


def test_a_feature_first_known_later_teaches_nothing_and_is_like_nothing_seen(shots: InspectedPieces) -> None:
    pieces = honest(shots)
    split = split_by_time(pieces)
    later = np.full(len(pieces), np.nan)
    later[split.test] = 1.0
    sensor = with_feature(pieces, Feature("new_sensor", verbatim("x")), later)
    model = learn(sensor, split.learn, split.calibrate, QUICK)
    without = learn(pieces, split.learn, split.calibrate, QUICK)
    tested = split.test
    assert np.array_equal(model.probability(sensor.values[tested]), without.probability(pieces.values[tested]))
    assert model.unlike(sensor.values[tested])[:, -1].all()
    assert not model.unlike(sensor.values[split.calibrate])[:, -1].any()


def test_the_four_answers() -> None:
    good, reject = np.array([1, 0, 1, 0, 0], dtype=bool), np.array([0, 1, 1, 0, 0], dtype=bool)
    answers = Possible(good, reject, unlike=np.array([0, 0, 1, 0, 1], dtype=bool))
    assert answers.answer.tolist() == [
        Answer.GOOD, Answer.REJECT, Answer.CANNOT_TELL, Answer.CANNOT_TELL, Answer.LIKE_NOTHING_SEEN,
    ]  # fmt: skip
    assert answers.covers(np.array([False, True, True, True, False])).tolist() == [True, True, True, False, False]


@pytest.mark.parametrize(("confidence", "fewest"), [(0.9, 9), (0.95, 19), (0.99, 99), (0.5, 1)])
def test_few_calibration_pieces_exclude_nothing(confidence: float, fewest: int) -> None:
    assert fewest_for(confidence) == fewest
    strange = np.array([10.0])
    assert possible(strange, np.zeros(fewest - 1), confidence).all()
    assert not possible(strange, np.zeros(fewest), confidence).any()


def test_a_confidence_is_a_share() -> None:
    with pytest.raises(ForgecastError, match="not between 0 and 1"):
        possible(np.zeros(1), np.zeros(9), 90.0)


def test_a_split_by_lot_flatters_where_days_hang_together() -> None:
    """Days with rejects of their own: by lot their neighbours give them away, and no later day repeats them."""
    pieces = honest(made_shots(days=60, share=0.0, day_scatter=0.9, seed=3))
    by_lot, later = scored(pieces, split_at_random(pieces)), scored(pieces, split_by_time(pieces))
    assert by_lot.precision.low > later.precision.high
    assert by_lot.reject_covered.value == pytest.approx(
        0.9, abs=0.08
    )  # three deviations: √(0.09/275 + 0.09/150) = 0.03
    assert later.reject_covered.high < 0.9


def test_scores_without_rejects_or_days_are_not_defined() -> None:
    none = np.zeros(5, dtype=bool)
    answers = Possible(~none, none, none)
    got = score(np.full(5, 0.1), none, answers, np.full(5, FIRST), base_rate=0.1)
    assert np.isnan([got.precision.value, got.found.value, got.reject_covered.value]).all()
    assert np.isnan(got.brier.low)
    assert got.brier.value == pytest.approx(0.01)
    assert json.loads(json.dumps(got.as_json(), allow_nan=False))["precision"]["value"] is None


FIRST = 737_000


def test_a_watch_objects_when_production_moves_and_is_silent_before(by_time) -> None:
    pieces, split, model = by_time
    calm = watch(model, pieces, split.learn, split.calibrate, split.test, 0.9)
    assert calm.objections() == ()
    values = pieces.values.copy()
    values[split.test, 1] += 300.0  # the thermocouple is another one
    moved = replace(pieces, values=values)
    seen = watch(model, moved, split.learn, split.calibrate, split.test, 0.9)
    said = " ".join(str(one) for one in seen.objections())
    assert "are covered" in said
    assert "it abstains on 100 %" in said
    assert "100 % of the pieces have a value outside" in said
    assert "temperature" in said
    assert seen.most_moved(1)[0][0].name == "temperature"
    assert seen.moved.all()
    assert (seen.outside == seen.pieces).all()


def test_a_slow_shift_within_the_range_moves_the_days() -> None:
    """All days on the mould of the hottest die: no value is new, yet the days are not those learnt from."""
    pieces = honest(made_shots(moulds=1, days=60))
    split = split_by_time(pieces)
    model = learn(pieces, split.learn, split.calibrate, QUICK)
    values = pieces.values.copy()
    values[split.test, 1] = 200.0 + np.abs(values[split.test, 1] - 200.0)
    seen = watch(model, replace(pieces, values=values), split.learn, split.calibrate, split.test, 0.9)
    assert seen.moved.mean() > 0.9
    assert any("values have moved" in str(one) for one in seen.objections())


def test_an_explanation_names_the_cause_in_words(by_time) -> None:
    pieces, split, model = by_time
    learnt = pieces.rows(split.learn)
    row = split.test[np.argmax(model.probability(pieces.values[split.test]))]
    told = explain(model, learnt, (str(pieces.ids[row]), str(pieces.mould[row]), pieces.values[row]), confidence=0.9)
    assert told.pushes[0].feature.name == "pressure"
    assert told.of_mould
    assert not told.learnt_from
    assert told.answer == Answer.REJECT
    assert sum(one.push for one in told.pushes) == pytest.approx(told.probability - told.expected, abs=1e-12)
    words = str(told.sentences()[0])
    assert words.startswith("pressure: ")
    assert f"{pieces.values[row, 0]:.5g}" in words
    assert "usually 3" in words  # good shots of the mould lie at 330 ± 8
    assert "+" in words
    stranger = explain(model, learnt, ("x", "a die nobody has seen", pieces.values[row]), confidence=0.9)
    assert not stranger.of_mould


def test_a_missing_value_is_said_to_be_missing(by_time) -> None:
    pieces, split, model = by_time
    row = split.test[np.isnan(pieces.values[split.test, 2])][0]
    told = explain(model, pieces.rows(split.learn), ("x", str(pieces.mould[row]), pieces.values[row]), confidence=0.9)
    (push,) = [one for one in told.pushes if one.feature.name == "volume"]
    assert str(push.sentence()).startswith("volume: missing, usually ")
    json.dumps(told.as_json(), allow_nan=False)
