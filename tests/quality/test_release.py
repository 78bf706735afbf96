"""Release: what is proven passes or fails, what is not stays open, and what is missing is never filled in."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgecast.ground.errors import ForgecastError
from forgecast.metal.grade import find_grade
from forgecast.metal.grade_own import read_grades
from forgecast.metal.rule_formula import formula
from forgecast.quality.conformity import Evidence, judge_grade, overall
from forgecast.quality.release import (
    Decision,
    DecisionRule,
    Measured,
    decide,
    probability_of_conformity,
    propagated,
)

PASS, FAIL, OPEN = Decision.PASS, Decision.FAIL, Decision.INDETERMINATE
SIMPLE, ACCEPT, REJECT, BOTH = DecisionRule


@pytest.mark.parametrize(
    ("value", "simple", "accept", "reject", "both"),
    [
        (0.20, PASS, PASS, PASS, PASS),
        (0.28, PASS, PASS, PASS, PASS),
        (0.29, PASS, OPEN, PASS, OPEN),
        (0.30, PASS, OPEN, PASS, OPEN),
        (0.31, FAIL, FAIL, OPEN, OPEN),
        (0.33, FAIL, FAIL, FAIL, FAIL),
    ],
)
def test_the_guard_band_is_on_the_side_that_the_rule_says(value, simple, accept, reject, both):
    # U = 0.02 for k = 2 below an upper limit of 0.30; 0.28 is the last value inside by U.
    measured = Measured(value, 0.01)
    for rule, due in ((SIMPLE, simple), (ACCEPT, accept), (REJECT, reject), (BOTH, both)):
        assert decide(measured, None, 0.30 + 1e-12, rule=rule) is due


def test_without_an_uncertainty_only_simple_acceptance_decides():
    assert decide(Measured(0.1), None, 0.3, rule=SIMPLE) is PASS
    assert all(decide(Measured(0.1), None, 0.3, rule=rule) is None for rule in (ACCEPT, REJECT, BOTH))
    assert decide(Measured(math.nan, 0.1), None, 0.3, rule=SIMPLE) is None


def test_a_negative_uncertainty_is_refused():
    with pytest.raises(ForgecastError):
        decide(Measured(1.0, -0.1), None, 2.0)
    with pytest.raises(ForgecastError):
        decide(Measured(1.0, 0.1), None, 2.0, guard=-1.0)


numbers = st.floats(-100, 100)


@given(numbers, st.floats(0, 10), numbers, st.floats(0, 50), st.sampled_from(list(DecisionRule)))
def test_no_guarded_rule_contradicts_the_value_and_mirror_images_agree(value, u, lower, width, rule):
    upper = lower + width
    got = decide(Measured(value, u), lower, upper, rule=rule)
    inside = lower <= value <= upper
    assert got is not (FAIL if inside else PASS)
    assert decide(Measured(-value, u), -upper, -lower, rule=rule) is got
    both = decide(Measured(value, u), lower, upper, rule=BOTH)
    if both is not OPEN:
        assert got is both


@given(numbers, st.floats(0.01, 10), numbers, st.floats(0, 50))
def test_what_is_passed_with_a_guard_band_conforms_almost_surely(value, u, lower, width):
    measured = Measured(value, u)
    probability = probability_of_conformity(measured, lower, lower + width)
    assert probability is not None
    assert 0.0 <= probability <= 1.0
    if decide(measured, lower, lower + width) is PASS:
        # Two standard uncertainties on either side leave 2.3 % outside each limit at most.
        assert probability >= 0.954
    if decide(measured, lower, lower + width) is FAIL:
        assert probability <= 0.023


def evidence(**values: float) -> Evidence:
    return Evidence("S1", {name: Measured(value, 0.005) for name, value in values.items()}, mechanical=False)


def grade(tmp_path, *rules: str):
    path = tmp_path / "own.csv"
    lines = [f"G,works standard,{rule},page 1" for rule in rules]
    path.write_text("grade,standard,rule,lower,upper,unit,source\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return find_grade("G", read_grades([path]))[0]


def test_elements_sums_ratios_equivalents_and_the_remainder_are_judged(tmp_path):
    asked = grade(
        tmp_path, "C,0.2,0.3,%", "Cr+Mo,,0.5,%", "Mn/S,20,,1", "CE_IIW,,0.6,%", "remainder,97,,%", "100-C-Mn,98,,%"
    )
    sample = evidence(C=0.25, Mn=1.0, S=0.02, Cr=0.2, Mo=0.1, V=0.01, Ni=0.1, Cu=0.1)
    judged = {one.requirement.rule: one for one in judge_grade(asked, [sample])}
    assert judged["C"].word == "met"
    assert judged["Cr+Mo"].measured.value == pytest.approx(0.3)
    assert judged["Mn/S"].measured.value == pytest.approx(50.0)
    assert judged["CE_IIW"].measured.value == pytest.approx(0.25 + 1 / 6 + 0.31 / 5 + 0.2 / 15)
    assert judged["remainder"].measured.value == pytest.approx(100 - 1.78)
    assert judged["100-C-Mn"].measured.value == pytest.approx(98.75)
    assert overall(list(judged.values())) == "met"


def test_an_element_nobody_measured_leaves_the_rule_open(tmp_path):
    asked = grade(tmp_path, "Cr+Mo,,0.5,%", "C,,0.3,%")
    judged = judge_grade(asked, [evidence(Cr=0.1, C=0.1)])
    assert judged[0].word == "not known"
    assert "Mo" in judged[0].reason.say("en")
    assert judged[0].measured is None
    assert overall(judged) == "not known"
    assert overall(judge_grade(asked, [evidence(Cr=0.1, C=0.4, Mo=0.1)])) == "not met"
    assert overall(()) == "not known"
    nothing = judge_grade(asked, [])
    assert {one.word for one in nothing} == {"not known"}


def test_a_missing_uncertainty_is_named_and_simple_acceptance_offered(tmp_path):
    asked = grade(tmp_path, "Cr+Mo,,0.5,%")
    sample = Evidence("S1", {"Cr": Measured(0.1, 0.01), "Mo": Measured(0.1)}, mechanical=False)
    (open_one,) = judge_grade(asked, [sample])
    assert open_one.word == "not known"
    assert "uncertainty of Mo" in open_one.reason.say("en")
    (simple,) = judge_grade(asked, [sample], rule=SIMPLE)
    assert simple.word == "met"


def test_a_zero_denominator_decides_nothing(tmp_path):
    (one,) = judge_grade(grade(tmp_path, "Mn/S,20,,1"), [evidence(Mn=1.0, S=0.0)], rule=SIMPLE)
    assert one.word == "not known"


def test_an_unverified_number_decides_nothing_whatever_the_value():
    steel, _ = find_grade("ZG310-570")
    weak = Evidence("T1", {"Rm": Measured(100.0, 1.0), "A": Measured(1.0, 0.1)}, mechanical=True, any_specimen=True)
    judged = judge_grade(steel, [weak])
    assert {one.word for one in judged} == {"not known"}
    assert overall(judged) == "not known"


def test_hardness_for_guidance_is_shown_and_decides_nothing():
    iron, _ = find_grade("QT450-10")
    values = {"Rm": 500.0, "Rp0.2": 340.0, "A": 14.0, "HBW": 250.0}
    test = Evidence("T1", {k: Measured(v, 1.0) for k, v in values.items()}, mechanical=True, specimen="separately_cast")
    judged = judge_grade(iron, [test])
    assert {one.requirement.rule: one.word for one in judged}["HBW"] == "not met"
    assert overall(judged) == "met"


def test_every_test_has_to_meet_the_rule_and_only_those_on_the_right_specimen_count():
    iron, _ = find_grade("QT450-10")
    good = {"Rm": Measured(500.0, 1.0), "Rp0.2": Measured(340.0, 1.0), "A": Measured(14.0, 0.1)}
    bar = Evidence("T1", good, mechanical=True, specimen="separately_cast")
    assert overall(judge_grade(iron, [bar])) == "met"
    body = Evidence("T2", {**good, "Rm": Measured(300.0, 1.0)}, mechanical=True, specimen="from_casting")
    assert overall(judge_grade(iron, [bar, body])) == "met"
    assert overall(judge_grade(iron, [body])) == "not known"
    unknown = Evidence("T3", good, mechanical=True)
    (strength, *_) = judge_grade(iron, [unknown])
    assert "another specimen" in strength.reason.say("en")
    second = Evidence("T4", {**good, "A": Measured(8.0, 0.1)}, mechanical=True, specimen="separately_cast")
    assert overall(judge_grade(iron, [bar, second])) == "not met"


def test_an_impact_test_counts_at_its_temperature_only():
    iron, _ = find_grade("EN-GJS-400-18-LT")
    for temperature, due in ((-20.0, "met"), (-19.0, "met"), (0.0, "not known"), (None, "not known")):
        test = Evidence("T1", {"KV": Measured(14.0, 0.5)}, mechanical=True, temperature=temperature)
        words = {one.requirement.rule: one.word for one in judge_grade(iron, [test])}
        assert words["KV"] == due


def test_section_and_state_have_to_be_told_where_they_matter():
    steel, _ = find_grade("40Cr", standard="GB/T 17107")
    test = Evidence("T1", {"Rm": Measured(700.0, 1.0)}, mechanical=True, any_specimen=True)

    def word(**told: object) -> set[str]:
        return {one.word for one in judge_grade(steel, [test], **told) if one.requirement.rule == "Rm"}

    state = "quenched and tempered"
    assert word() == {"not known"}
    assert word(section_mm=80.0) == {"not known"}
    assert word(state=state) == {"not known"}
    assert word(section_mm=80.0, state=state) == {"not met"}
    assert word(section_mm=200.0, state=state) == {"met"}
    assert word(section_mm=900.0, state=state) == {"not known"}


def test_the_remainder_needs_the_uncertainty_of_every_element():
    rest = formula("remainder")
    assert propagated(rest, {"Si": Measured(7.0, 0.3), "Mg": Measured(0.3, 0.4)}).standard_uncertainty == 0.5
    assert propagated(rest, {"Si": Measured(7.0, 0.3), "Mg": Measured(0.3)}).standard_uncertainty is None
