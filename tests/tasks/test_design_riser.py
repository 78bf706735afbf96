"""Risers designed in a loop: sound where they can be, a reason where not, and books that agree with the solids."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from forgecast.casting.constant import RuleError, own
from forgecast.casting.economics import Prices
from forgecast.casting.feeding import feeding_distance, risers_round
from forgecast.casting.soundness import Limits
from forgecast.ground.texts import text
from forgecast.shape.measure import measure
from forgecast.shape.solid import box, cylinder, overlap, without
from forgecast.tasks.design_riser import RiserDesign, design_riser
from forgecast.tasks.freeze_part import freeze_part
from forgecast.tasks.riser_round import Bounds, RiserChoice
from tests.tasks.bosses import CELL, FINENESS, MIDDLES, boss, pour, two_bosses


@cache
def _designed(refine: int = 3) -> RiserDesign:
    return design_riser(boss(), pour(), FINENESS, bounds=Bounds(refine=refine))


@cache
def _two() -> RiserDesign:
    return design_riser(two_bosses(), pour(), FINENESS, bounds=Bounds(refine=0))


def _largest_cavity(bodies, casting):
    frozen = freeze_part(casting, bodies, pour(), FINENESS)
    inside = [c.diameter for c in frozen.shrinkage.cavities if c.body == 1]
    return max(inside, default=0.0), frozen


def test_a_boss_is_unsound_bare_and_sound_with_its_riser():
    bare, _ = _largest_cavity((), boss())
    design = _designed()
    fed, frozen = _largest_cavity(design.bodies, boss())
    assert bare > 3 * CELL
    assert design.sound
    assert design.why_not is None
    assert fed <= 0.5 * CELL
    assert frozen.pools.isolated_in_casting == ()
    # What the casting lacked is now drawn from the riser, and its pipe ends above the casting.
    pipe = next(b for b in frozen.shrinkage.bodies if b.body == 2)
    assert pipe.deepest_void is not None
    assert pipe.deepest_void <= 0.9 * pipe.height


def test_an_answer_is_confirmed_in_finer_cells_or_a_larger_one_is_taken():
    fine = 0.006
    design = design_riser(boss(), pour(), FINENESS, bounds=Bounds(confirm_cell=fine))
    searched = [one for one in design.rounds if "cells of" not in one.change.say("en")]
    confirmed = design.rounds[len(searched) :]
    assert confirmed
    assert design.sound
    assert design.chosen == len(design.rounds) - 1
    # What was tried in finer cells are sound answers of the search, the leanest first, up to the one that holds.
    sound = sorted((one for one in searched if one.sound), key=lambda one: -one.casting_yield)
    assert [one.feeders for one in confirmed] == [one.feeders for one in sound[: len(confirmed)]]
    assert [one.sound for one in confirmed] == [False] * (len(confirmed) - 1) + [True]
    # It is sound there when frozen anew, too.
    frozen = freeze_part(boss(), design.bodies, pour(), replace(FINENESS, cell=fine))
    assert max((c.diameter for c in frozen.shrinkage.cavities if c.body == 1), default=0.0) <= 0.5 * fine


def test_cells_to_confirm_in_have_to_be_finer():
    with pytest.raises(RuleError, match="not finer"):
        design_riser(boss(), pour(), FINENESS, bounds=Bounds(confirm_cell=CELL))


def test_the_riser_stands_on_the_boss_and_takes_nothing_of_it():
    (riser,) = _designed().feeders
    assert riser.standing.position == "top"
    assert riser.standing.foot[:2] == pytest.approx((0.08, 0.08), abs=1e-3)
    assert riser.standing.foot[2] >= 0.06
    assert overlap(riser.standing.metal, boss()) == pytest.approx(0.0, abs=1e-12)


def test_yield_and_masses_are_those_of_the_solids():
    design = _designed()
    casting = measure(boss()).volume
    metal = sum(measure(b.solid).volume for b in design.bodies if b.kind == "riser")
    density = float(pour().alloy.density.at(293.15))
    assert design.casting_yield == pytest.approx(casting / (casting + metal), rel=1e-9)
    assert design.riser_mass == pytest.approx(density * metal, rel=1e-9)
    # A true cylinder on a true neck of one cell, by the lengths it is said to have.
    (riser,) = design.feeders
    length = riser.standing.foot[2] - 0.06
    by_hand = np.pi / 4 * (riser.diameter**2 * riser.standing.height + riser.neck_diameter**2 * length)
    assert metal == pytest.approx(by_hand, rel=1e-6)


def test_every_round_says_what_was_changed_and_the_smallest_sound_one_is_the_answer():
    design = _designed()
    assert [one.number for one in design.rounds] == list(range(len(design.rounds)))
    assert not design.rounds[0].sound
    assert design.rounds[0].feeders == ()
    assert "modulus rule" in design.rounds[1].why.say("en")
    sound = [one for one in design.rounds if one.sound]
    assert design.casting_yield == max(one.casting_yield for one in sound)
    assert all(bool(one.troubles) != one.sound for one in design.rounds)


def test_a_sound_riser_shrinks_as_far_as_it_stays_sound():
    by_rule, refined = _designed(0), _designed(3)
    assert by_rule.sound
    assert refined.sound
    assert refined.casting_yield > by_rule.casting_yield
    smaller = [one for one in refined.rounds if not one.sound and one.feeders]
    # The bisection went on until a smaller one failed, so it did not stop early.
    assert smaller
    assert all(one.casting_yield > refined.casting_yield for one in smaller)


def test_a_riser_that_is_too_small_grows_until_the_casting_is_sound():
    design = design_riser(
        boss(), pour(), FINENESS, choice=RiserChoice(factor=0.7), bounds=Bounds(refine=0, most_rounds=8)
    )
    factors = [one.feeders[0].factor for one in design.rounds[1:]]
    assert design.sound
    assert not design.rounds[1].sound
    assert factors == sorted(factors)
    assert factors[-1] > 0.7


def test_two_hot_spots_get_a_riser_each():
    design = _two()
    assert design.sound
    # Both at once, for both were seen in the bare casting.
    assert len(design.rounds) == 2
    feet = sorted(one.standing.foot[:2] for one in design.feeders)
    assert len(feet) == 2
    for foot, middle in zip(feet, MIDDLES, strict=True):
        assert foot == pytest.approx(middle, abs=1e-3)
    one, other = (feeder.standing.metal for feeder in design.feeders)
    assert overlap(one, other) == 0.0


def test_a_ring_gets_risers_by_the_feeding_distance_not_one_for_each_ripple_of_its_grid():
    ring = without(
        cylinder(0.24, 0.03, at=(0.12, 0.12, 0.0), name="ring"),
        cylinder(0.16, 0.05, at=(0.12, 0.12, -0.01), name="hole"),
    )
    design = design_riser(ring, pour(), FINENESS, bounds=Bounds(most_risers=8, refine=0))
    risers = design.rounds[1].feeders
    between = feeding_distance("plate", 0.03, "riser", family="steel")
    assert design.sound
    assert len(risers) == risers_round(0.2 * math.pi, risers[0].diameter, between).count
    assert len(design.bare.pools.hot_spots) > len(risers)


def test_one_riser_for_two_bosses_cannot_be_and_it_is_said_why():
    design = design_riser(two_bosses(), pour(), FINENESS, bounds=Bounds(most_risers=1, refine=0))
    assert not design.sound
    assert design.why_not is not None
    assert "risers allowed: 1" in design.why_not.say("en")
    # The other boss lies beyond twice the wall from the riser's edge, so no larger riser is tried.
    assert len(design.rounds) == 2
    far = [t.place for t in design.rounds[-1].troubles if t.place is not None]
    assert far
    # All that is wrong is at the other boss.
    (riser,) = design.feeders
    assert all(abs(place[0] - riser.spot[0]) > 0.1 for place in far)


def test_a_larger_riser_is_tried_within_its_reach_and_given_up_when_it_does_not_help():
    near = two_bosses(length=0.18)
    design = design_riser(near, pour(), FINENESS, bounds=Bounds(most_risers=1, refine=0, largest=4.0))
    assert not design.sound
    diameters = [one.feeders[0].diameter for one in design.rounds[1:]]
    assert diameters[1] > diameters[0]
    # With a step of 15 % there would be ten rounds up to four times the rule's diameter.
    assert len(design.rounds) < 8


def test_a_flask_without_room_is_no_place_for_a_riser():
    low, high = boss().box
    design = design_riser(boss(), pour(), FINENESS, bounds=Bounds(flask=np.array([low, high])))
    assert not design.sound
    assert design.feeders == ()
    assert design.why_not is not None
    assert "no riser finds a place" in design.why_not.say("en")
    assert len(design.rounds) == 1


def test_under_a_low_flask_the_riser_goes_to_the_side():
    cube = box((0.06, 0.06, 0.06), name="cube")
    room = np.array([[-0.3, -0.3, -0.3], [0.3, 0.3, 0.12]])
    choice = RiserChoice(height_ratio=1.0)
    design = design_riser(cube, pour(), FINENESS, choice=choice, bounds=Bounds(flask=room, refine=0))
    (riser,) = design.feeders
    assert design.sound
    assert riser.standing.position == "side"
    assert riser.standing.metal.box[1, 2] <= 0.12
    assert overlap(riser.standing.metal, cube) == pytest.approx(0.0, abs=1e-12)
    # Without the flask it stands on top.
    free = design_riser(cube, pour(), FINENESS, choice=choice, bounds=Bounds(refine=0))
    assert free.feeders[0].standing.position == "top"


def test_a_chill_takes_the_place_of_a_riser():
    casting = two_bosses(0.030)
    bounds = Bounds(most_risers=1, refine=0)
    without = design_riser(casting, pour(), FINENESS, bounds=bounds)
    chilled = design_riser(
        casting, pour(), FINENESS, choice=RiserChoice(chill="iron-chill", chill_rise=400.0), bounds=bounds
    )
    assert not without.sound
    assert chilled.sound
    (block,) = [body.solid for body in chilled.bodies if body.kind == "chill"]
    assert overlap(block, casting) == pytest.approx(0.0, abs=1e-12)
    # Under the boss that has no riser.
    assert block.box[1, 2] <= 1e-9
    assert 0.185 <= 0.5 * block.box[:, 0].sum() <= 0.235


def test_a_chill_alone_is_tried_where_no_riser_has_room():
    low, high = boss().box
    room = np.array([[low[0], low[1], -0.1], high])
    choice = RiserChoice(chill="iron-chill", chill_rise=400.0)
    design = design_riser(boss(), pour(), FINENESS, choice=choice, bounds=Bounds(flask=room))
    assert not design.sound
    assert design.feeders == ()
    assert [body.kind for body in design.bodies] == ["chill"]
    assert design.why_not is not None
    # A chill brings no metal, so the cavity stays; but it is not where it was.
    assert "no riser finds a place" in design.why_not.say("en")


def test_the_pipe_leaves_the_reserve_it_was_told_to_leave():
    cube = box((0.08, 0.08, 0.08), name="cube")

    def depth(design):
        (riser,) = [b for b in design.frozen.shrinkage.bodies if b.body == 2]
        return riser.deepest_void / riser.height

    little, much = (design_riser(cube, pour(), FINENESS, bounds=Bounds(pipe_reserve=r)) for r in (0.1, 0.4))
    assert little.sound
    assert much.sound
    assert depth(much) <= 0.6 < depth(little)
    assert much.casting_yield < little.casting_yield


def test_a_riser_may_be_kept_from_giving_more_than_is_allowed():
    choice = RiserChoice(sleeve="insulating", sleeve_thickness=0.015)
    free = design_riser(boss(), pour(), FINENESS, choice=choice)
    bound = design_riser(boss(), pour(), FINENESS, choice=choice, bounds=Bounds(most_drained=0.3))

    def share(design):
        (riser,) = [b for b in design.frozen.shrinkage.bodies if b.body == 2]
        return riser.macro / riser.volume

    assert bound.sound
    # 0.3 is what the rule counts on with this sleeve.
    assert share(bound) <= 0.3 < share(free)
    assert bound.casting_yield < free.casting_yield
    said = " ".join(note.say("en") for note in free.notes)
    assert f"riser 1 gives {round(100 * share(free))} % of its metal" in said
    assert "of its metal" not in " ".join(note.say("en") for note in bound.notes)


def test_only_the_limits_that_were_given_are_judged():
    generous = Limits(cavity=own(1.0, text("largest cavity allowed")))
    design = design_riser(boss(), pour(), FINENESS, generous)
    assert design.sound
    assert design.bodies == ()
    assert design.casting_yield == 1.0


def test_porosity_that_no_riser_changes_ends_the_loop():
    # Steel that contracts by some per cent keeps a share of that where its last third freezes, whatever the riser.
    strict = Limits(microporosity=own(1e-3, text("highest microporosity allowed")))
    design = design_riser(boss(), pour(), FINENESS, strict)
    assert not design.sound
    assert design.why_not is not None
    assert "larger risers do not change it" in design.why_not.say("en")
    assert len(design.rounds) <= 4


def test_a_sleeve_goes_round_the_riser_and_saves_metal():
    choice = RiserChoice(sleeve="insulating", sleeve_thickness=0.015)
    design = design_riser(boss(), pour(), FINENESS, choice=choice, bounds=Bounds(refine=0))
    (riser,) = design.feeders
    assert design.sound
    assert riser.standing.sleeve is not None
    assert {body.kind: body.medium for body in design.bodies} == {"riser": "", "sleeve": "insulating-sleeve"}
    outer, height = riser.diameter + 0.03, riser.standing.height
    ring = np.pi / 4 * (outer**2 - riser.diameter**2) * height
    assert measure(riser.standing.sleeve).volume == pytest.approx(ring, rel=1e-6)
    assert riser.volume < _designed(0).feeders[0].volume


def test_what_has_no_price_has_no_cost():
    plain = _designed()
    assert plain.economics.cost is None
    assert plain.economics.casting_yield is None
    assert "gating_mass" in plain.economics.missing
    prices = Prices(melt_energy_kWh_per_t=600.0, melt_loss=0.0)
    known = design_riser(
        boss(),
        pour(),
        FINENESS,
        Limits(cavity=own(1.0, text("largest cavity allowed"))),
        prices=prices,
        gating_mass=1.0,
    )
    assert known.economics.melt_energy == pytest.approx((known.casting_mass + 1.0) * 0.6 * 3.6e6)


def test_a_stop_leaves_what_is_there():
    rounds = []
    design = design_riser(boss(), pour(), FINENESS, tell=rounds.append, stop=lambda: len(rounds) >= 1)
    assert not design.sound
    assert design.why_not is not None
    assert "stopped" in design.why_not.say("en")
    assert tuple(rounds) == design.rounds
    assert len(rounds) == 2


@pytest.mark.parametrize(
    ("name", "choice"),
    [
        ("WCB", RiserChoice(sleeve="insulating")),
        ("WCB", RiserChoice(sleeve_thickness=0.01)),
        ("WCB", RiserChoice(chill="iron-chill")),
        ("WCB", RiserChoice(factor=0.0)),
        ("CuSn10", RiserChoice()),
    ],
)
def test_wrong_wishes_are_refused_before_anything_is_frozen(name, choice):
    def never(_done):
        pytest.fail("something was frozen")

    with pytest.raises(RuleError):
        design_riser(boss(), pour(name), FINENESS, choice=choice, progress=never)


def test_the_answer_as_json_has_its_units_and_its_argument():
    told = json.loads(json.dumps(_designed().as_json()))
    assert told["sound"] is True
    assert told["casting_yield"] == _designed().casting_yield
    assert [one["round"] for one in told["rounds"]] == list(range(len(told["rounds"])))
    assert {"en", "zh"} <= set(told["rounds"][1]["why"])
    (riser,) = told["risers"]
    assert riser["diameter_m"] == pytest.approx(_designed().feeders[0].diameter)
    assert told["rounds"][0]["troubles"][0]["place_m"]


def test_the_error_estimate_is_left_out_of_the_loop():
    design = design_riser(
        boss(), pour(), replace(FINENESS, estimate=True), Limits(cavity=own(1.0, text("largest cavity allowed")))
    )
    assert design.frozen.error is None
