"""The die comes to one state on both ways, heat is kept, and longer spraying makes it colder."""

from __future__ import annotations

import pytest

from examples import a_die_over_its_cycles as example


def test_mixing_ends_where_the_warming_die_ends_in_fewer_cycles() -> None:
    quick, slow = example.run(), example.run(warming_up=True)
    assert quick.cycled.periodic
    assert slow.cycled.periodic
    assert 3 * len(quick.cycled.cycles) < len(slow.cycled.cycles)
    # A die that still stores 0.5 % of the heat is short of its end by about 0.5 % of its rise, here 0.9 K.
    rise = slow.cycled.cycles[-1].mean - slow.cycled.cycles[0].mean
    assert quick.cycled.cycles[-1].mean == pytest.approx(slow.cycled.cycles[-1].mean, abs=0.01 * rise)


def test_spraying_for_longer_cools_the_die_and_lets_the_casting_freeze() -> None:
    little, much = example.run(3.0), example.run(6.0)
    before, after = little.cycled.cycles[-1], much.cycled.cycles[-1]
    for last in (before, after):
        # the balance that was asked for, 0.5 %
        assert sum(last.taken.values()) == pytest.approx(last.brought, rel=0.006)
        assert last.residual < 1e-4
    assert after.mean < before.mean - 10.0
    assert after.taken["spray"] > before.taken["spray"]
    assert after.taken["water"] < before.taken["water"]
    assert [finding.code for finding in little.findings] == ["not-solid-at-opening"]
    assert much.solid_at_opening == 1.0
