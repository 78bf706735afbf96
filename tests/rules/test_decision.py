"""Decision rules: probability of conformity against tables of the normal distribution, and the word of each rule."""

from __future__ import annotations

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forgecast.ground.errors import BookError
from forgecast.rules.book import Comparison, Policy
from forgecast.rules.decision import DecisionRule, Uncertainty, acceptance_limit, probability_of_conformity
from forgecast.rules.evaluate import evaluate
from forgecast.rules.judging import outcomes
from tests.rules.making import base, book, hourly, sampled, whole

TWO = Uncertainty(absolute=2.0)


def judge(figure, rule=DecisionRule.SIMPLE, *, read=None):
    policy = Policy(minimum_coverage=0.75, decision=DecisionRule(rule))
    (verdict,) = evaluate(read or book(), base(figure), policy=policy)
    return verdict


@pytest.mark.parametrize(
    ("value", "caps", "expected"),
    # Table of the standard normal distribution: Φ(0) = 0.5, Φ(1) = 0.84134, Φ(1.96) = 0.97500, Φ(-2) = 0.02275.
    [(100, True, 0.5), (98, True, 0.84134), (96.08, True, 0.97500), (104, True, 0.02275), (104, False, 0.97725)],
)
def test_the_probability_is_that_of_the_normal_distribution(value, caps, expected):
    # 5e-6: the tables give five places.
    assert probability_of_conformity(value, 2.0, 100.0, caps=caps) == pytest.approx(expected, abs=5e-6)


def test_no_probability_without_an_uncertainty():
    with pytest.raises(ValueError, match="above zero"):
        probability_of_conformity(1.0, 0.0, 2.0, caps=True)


@pytest.mark.parametrize(
    ("rule", "words"),
    [  # limit 100, u = 2: the guard band is 4 wide
        ("simple_acceptance", {95: "met", 96: "met", 97: "met", 100: "met", 101: "not met", 105: "not met"}),
        ("shared_risk", {95: "met", 97: "met", 100: "met", 101: "not met", 105: "not met"}),
        ("guarded_acceptance", {95: "met", 96: "met", 97: "partly", 100: "partly", 101: "not met", 105: "not met"}),
        ("guarded_rejection", {95: "met", 100: "met", 101: "partly", 104: "partly", 105: "not met"}),
    ],
)
def test_the_word_of_each_rule(rule, words):
    for value, word in words.items():
        figure = replace(whole(float(value)), uncertainty=TWO)
        verdict = judge(figure, rule)
        assert verdict.word == word, value
        assert str(verdict.conformity.rule) == rule
        assert verdict.conformity.probability == pytest.approx(NormalDist().cdf((100 - value) / 2.0))
        sample = replace(sampled(("2024-05-06", float(value))), uncertainty=TWO)
        assert judge(sample, rule).word == word


@pytest.mark.parametrize(
    ("rule", "inside", "outside"),
    [
        ("simple_acceptance", "met", "not met"),
        ("shared_risk", "not known", "not known"),
        ("guarded_acceptance", "not known", "not met"),
        ("guarded_rejection", "met", "not known"),
    ],
)
def test_without_an_uncertainty_only_what_it_could_not_turn_is_told(rule, inside, outside):
    assert judge(whole(50.0), rule).word == inside
    verdict = judge(whole(101.0), rule)
    assert verdict.word == outside
    if outside == "not known":
        assert any("uncertainty" in str(m) for m in verdict.missing)


def test_the_rule_of_the_book_goes_before_the_plants_and_an_unknown_one_is_refused():
    strict = book(changed=[("comparison:", "decision: guarded_acceptance\n  comparison:")])
    figure = replace(whole(99.0), uncertainty=TWO)
    assert judge(figure, read=strict).word == "partly"
    assert judge(figure).word == "met"
    own = book(changed=[("figure: nox", "figure: nox\n    decision: simple_acceptance"), ("comparison:",
               "decision: guarded_acceptance\n  comparison:")])  # fmt: skip
    assert judge(figure, "guarded_acceptance", read=own).word == "met"
    with pytest.raises(BookError):
        book(changed=[("comparison:", "decision: coin_toss\n  comparison:")])


def test_the_tree_and_the_json_name_rule_uncertainty_and_acceptance_limit():
    verdict = judge(replace(whole(97.0), uncertainty=TWO), "guarded_acceptance")
    assert verdict.as_json()["conformity"] == {
        "rule": "guarded_acceptance",
        "standard_uncertainty": 2.0,
        "probability": pytest.approx(NormalDist().cdf(1.5)),
        "acceptance_limit": 96.0,
        "change": -1.0,
    }
    assert any("guarded acceptance" in str(node.what) for node in verdict.tree.children)
    assert judge(whole(97.0)).as_json()["conformity"]["rule"] == "simple_acceptance"


def test_hours_and_relative_uncertainty():
    figure = replace(hourly([90.0] * 23 + [97.0]), uncertainty=Uncertainty(relative=0.02))
    verdict = judge(figure, "guarded_acceptance")
    assert (verdict.word, verdict.hours_over) == ("partly", 0)
    assert verdict.conformity.uncertainty == pytest.approx(1.94)
    lax = replace(hourly([90.0] * 23 + [103.0]), uncertainty=Uncertainty(relative=0.02))
    assert judge(lax, "guarded_rejection").word == "partly"
    assert judge(lax, "guarded_rejection").exceedances == ()


@settings(max_examples=200, deadline=None)
@given(
    value=st.floats(0, 200),
    u=st.floats(1e-3, 50),
    limit=st.floats(1, 150),
    comparison=st.sampled_from(Comparison),
    rule=st.sampled_from(DecisionRule),
)
def test_rules_nest_and_forgetting_the_uncertainty_never_turns_a_word(value, u, limit, comparison, rule):
    """Guarded acceptance accepts least, guarded rejection rejects least; without u an outcome is the same or open."""
    values, known = np.array([value]), np.array([u])
    told = outcomes(values, known, comparison, limit, rule)
    simple = outcomes(values, None, comparison, limit, DecisionRule.SIMPLE)
    assert int(told.over[0]) + int(told.doubtful[0]) + int(told.open[0]) <= 1
    if rule is DecisionRule.GUARDED_REJECTION:
        assert told.over[0] <= simple.over[0]
    else:
        assert told.over[0] == simple.over[0]
    less = outcomes(values, None, comparison, limit, rule)
    if not less.open[0]:
        assert (less.over[0], less.doubtful[0]) == (told.over[0], told.doubtful[0])
    edge = acceptance_limit(rule, limit, u, caps=comparison.caps)
    clears = (edge - value) if comparison.caps else (value - edge)
    if rule is DecisionRule.GUARDED_ACCEPTANCE and abs(clears) > 1e-6 * limit:
        assert (clears > 0) == (not told.over[0] and not told.doubtful[0])


def test_a_stricter_limit_that_may_hold_is_not_cleared_without_an_uncertainty():
    """Whether 60 holds is not on record; 80 misses it, and an unknown uncertainty could still turn that."""
    read = book(changed=[("      - {value: 100}", "      - {value: 100}\n      - {value: 60, for: strict}")])
    (told,) = evaluate(
        read, base(whole(80.0)), policy=Policy(minimum_coverage=0.75, decision=DecisionRule.GUARDED_REJECTION)
    )
    assert told.word == "not known"
    (cleared,) = evaluate(
        read, base(whole(50.0)), policy=Policy(minimum_coverage=0.75, decision=DecisionRule.GUARDED_REJECTION)
    )
    assert cleared.word == "met"
