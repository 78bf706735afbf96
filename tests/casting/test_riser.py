"""Risers: what the rules refuse, what governs, and what a proposal carries."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from forgecast.casting.chill import chill_gain, chilled_modulus
from forgecast.casting.constant import RuleError, own
from forgecast.casting.riser import (
    RULES,
    Fed,
    Form,
    RiserConstants,
    compare_rules,
    propose_riser,
    rectangular_neck,
    round_neck,
    shape_factor,
    shipped_constants,
)
from forgecast.ground.texts import text
from forgecast.metal.alloy import FAMILIES

PLATE = Fed(3125e-6, 1750e-4, shape_factor(0.25, 0.25, 0.05))
SIDE = Form("cylinder", "side", 1.0)


def test_the_largest_of_the_rules_that_were_read_governs():
    riser = propose_riser(PLATE, SIDE, shipped_constants("steel"))
    assert riser.governing == "volume"
    by_rule = {sizing.rule: sizing for sizing in riser.compared}
    assert tuple(by_rule) == RULES
    assert riser.diameter == max(s.diameter for s in riser.compared if s.usable)
    assert riser.sources
    assert all(source.confidence != "unverified" for source in riser.sources)


def test_a_remembered_rule_never_governs_unasked():
    """Caine's constants for grey iron, from memory, give by far the largest riser; it is shown and does not decide."""
    riser = propose_riser(PLATE, SIDE, shipped_constants("grey-iron"))
    caine = next(sizing for sizing in riser.compared if sizing.rule == "caine")
    assert caine.diameter > 1.5 * riser.diameter
    assert riser.governing != "caine"
    asked = propose_riser(PLATE, SIDE, shipped_constants("grey-iron"), rule="caine")
    assert asked.diameter == caine.diameter
    assert any("from memory" in note.say("en") for note in asked.notes)


def test_no_rule_on_record_is_said_and_an_own_constant_helps():
    copper = shipped_constants("copper")
    with pytest.raises(RuleError, match="copper alloy"):
        propose_riser(PLATE, SIDE, copper)
    ours = replace(copper, modulus_factor=own(1.25, text("modulus of the riser over that of the casting")))
    riser = propose_riser(PLATE, SIDE, ours)
    assert riser.governing == "modulus"
    assert riser.modulus == pytest.approx(1.25 * PLATE.modulus, rel=1e-12)
    assert riser.neck_diameter is None
    assert any("neck" in note.say("en") for note in riser.notes)


def test_stainless_steel_takes_the_rules_of_steel_and_says_so():
    stainless = propose_riser(PLATE, SIDE, shipped_constants("stainless"))
    assert stainless.diameter == propose_riser(PLATE, SIDE, shipped_constants("steel")).diameter
    assert any("stainless" in note.say("en") for note in stainless.notes)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_rule_has_an_answer_or_says_why_not(family):
    for sizing in compare_rules(PLATE, SIDE, shipped_constants(family)):
        assert (sizing.diameter is None) == (sizing.why_missing is not None)


def test_without_shape_the_shape_factor_rule_is_silent():
    (sizing,) = (s for s in compare_rules(Fed(1e-3, 0.1), SIDE, shipped_constants("steel")) if s.rule == "shape-factor")
    assert sizing.diameter is None
    with pytest.raises(RuleError, match="shape factor"):
        propose_riser(Fed(1e-3, 0.1), SIDE, shipped_constants("steel"), rule="shape-factor")


def test_a_riser_that_gives_less_than_it_shrinks_cannot_feed():
    what = text("share of the riser's metal that feeds")
    constants = replace(shipped_constants("aluminium"), efficiency=own(0.05, what))
    (sizing,) = (s for s in compare_rules(PLATE, SIDE, constants) if s.rule == "volume")
    assert sizing.diameter is None
    assert "0.065" in sizing.why_missing.say("en")


def test_a_sleeve_makes_the_riser_smaller_and_says_what_it_was_measured_on():
    plain = propose_riser(PLATE, SIDE, shipped_constants("steel"), rule="modulus")
    sleeved = propose_riser(PLATE, SIDE, shipped_constants("steel", "insulating"), rule="modulus")
    assert sleeved.diameter < plain.diameter
    assert sleeved.effective_modulus == pytest.approx(plain.modulus, rel=1e-12)
    assert any("178 mm" in note.say("zh") for note in sleeved.notes)


def test_the_answer_in_json_has_units_and_all_rules():
    riser = propose_riser(PLATE, SIDE, shipped_constants("grey-iron"))
    got = riser.as_json()
    assert (got["diameter_m"], got["volume_m3"]) == (riser.diameter, riser.volume)
    assert got["neck_diameter_m"] is None
    assert [c["rule"] for c in got["compared"]] == list(RULES)
    assert {c["rule"]: c["usable"] for c in got["compared"]}["caine"] is False
    json.dumps(got)


def test_a_neck_is_never_wider_than_its_riser():
    wide = replace(
        shipped_constants("steel"), neck_factor=own(3.0, text("modulus of the neck over that of the casting"))
    )
    riser = propose_riser(PLATE, SIDE, wide)
    assert riser.neck_diameter == riser.diameter
    assert any("wider" in note.say("en") for note in riser.notes)


def test_a_rectangular_neck_has_the_modulus_asked_for():
    short, long = rectangular_neck(0.02, 2.5)
    assert long == pytest.approx(2.5 * short)
    assert short * long / (2.0 * (short + long)) == pytest.approx(0.02)
    assert rectangular_neck(0.02)[0] == pytest.approx(round_neck(0.02))


@pytest.mark.parametrize(
    ("fed", "form", "says"),
    [
        (Fed(0.0, 0.1), SIDE, "volume"),
        (Fed(1e-3, -0.1), SIDE, "area"),
        (Fed(float("nan"), 0.1), SIDE, "volume"),
        (Fed(1e-3, 0.1), Form(height_ratio=0.0), "height_ratio"),
        (Fed(1e-3, 0.1), Form("domed", "side", 0.4), "dome"),
    ],
)
def test_what_is_no_volume_area_or_form_is_refused(fed, form, says):
    with pytest.raises(RuleError, match=says):
        propose_riser(fed, form, shipped_constants("steel"))


def test_unknown_words_are_refused_with_the_known_ones():
    with pytest.raises(RuleError) as caught:
        shipped_constants("steel", "woollen")  # type: ignore[arg-type]
    assert "exothermic" in caught.value.repair.say("en")
    with pytest.raises(RuleError) as caught:
        propose_riser(PLATE, SIDE, RiserConstants("steel"), rule="gut feeling")  # type: ignore[arg-type]
    assert "modulus" in caught.value.repair.say("en")
    with pytest.raises(RuleError, match="contact"):
        chill_gain("loose")  # type: ignore[arg-type]


def test_a_chill_cannot_touch_more_than_there_is():
    with pytest.raises(RuleError, match="touches"):
        chilled_modulus(Fed(1e-3, 0.1), 0.2, chill_gain("tight"))
    assert not chill_gain("tight").usable  # its gain is from memory
