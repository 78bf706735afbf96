"""The gating of a part: what is taken where something is not known, and that it is said."""

from __future__ import annotations

import pytest

from examples import gate_a_plate
from forgecast.casting.constant import RuleError
from forgecast.metal.error import MaterialError
from forgecast.shape.solid import box
from forgecast.tasks.design_gating import design_gating, part_in_mould

PLATE = box((0.2, 0.01, 0.1), name="plate")


def _design(alloy="A356", above_gates=None, **more):
    given = {"pour_temperature": 993.15, "head": 0.25, "gate": "bottom", "mould": "green-sand"} | more
    return design_gating(part_in_mould(PLATE, above_gates), alloy, **given)


def test_what_was_assumed_is_said_and_what_was_given_is_not():
    bare, full = _design(), _design(poured_mass=1.0, wall=0.01)
    assert len(bare.gating.notes) == 2
    assert full.gating.notes == ()
    assert bare.poured_mass == bare.casting_mass
    assert bare.wall == pytest.approx(2.0 * 0.0002 / 0.046)
    assert (full.poured_mass, full.wall) == (1.0, 0.01)


def test_own_numbers_go_before_the_rules():
    own = _design(pouring_time=3.0, discharge=0.6, ratio="1:3:5")
    assert own.gating.time.seconds == 3.0
    assert own.gating.discharge == 0.6
    assert own.gating.areas.ingate == pytest.approx(5.0 * own.gating.areas.choke)
    assert own.gating.flow == pytest.approx(own.poured_mass / own.density / 3.0)


def test_gates_at_the_top_let_the_metal_fall():
    checks = {c.code: c.passed for c in _design(gate="top").gating.checks}
    assert checks["fall"] is False
    # 10 mm below the parting: less than the 12.7 mm that are harmless.
    assert {c.code: c.passed for c in _design(gate="parting", above_gates=0.09).gating.checks}["fall"] is True


def test_a_bronze_has_no_rules_and_takes_the_users_numbers():
    with pytest.raises(RuleError, match="pouring time"):
        _design(alloy="CuSn10", pour_temperature=1423.15)
    own = _design(alloy="CuSn10", pour_temperature=1423.15, pouring_time=4.0, discharge=0.5)
    assert {c.code: c.passed for c in own.gating.checks}["gate-velocity"] is None


def test_an_unknown_alloy_is_refused():
    with pytest.raises(MaterialError):
        _design(alloy="unobtainium")


def test_the_answer_has_units_in_its_names():
    got = _design(basin_depth=0.05).as_json()
    assert got["sprue_top_area_m2"] == pytest.approx(got["sprue_foot_area_m2"] * 5.0**0.5)
    assert got["pouring_times_s"] == {"mass-power": got["pouring_time_s"]}


def test_the_example_sees_what_it_says():
    designs = gate_a_plate.run()
    velocity = {ratio: design.gating.first_gate_velocity for ratio, design in designs.items()}
    assert velocity["1:2:1"] == pytest.approx(1.0, abs=0.05)
    assert velocity["1:2:4"] < velocity["1:2:2"] <= 0.5 < velocity["1:2:1"]
    falls = [c.passed for d in gate_a_plate.run("top").values() for c in d.gating.checks if c.code == "fall"]
    assert falls == [False] * 3
