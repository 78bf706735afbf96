"""Cycles of a die: phases that do not fit are refused, what is extrapolated is exact for linear cycles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forgecast.casting.cycle import INSULATED, CycleError, Exposed, Phase, _Mixing, cycle, die_cycle
from forgecast.casting.heat_table import Surroundings
from forgecast.casting.layout import Layout
from forgecast.ground.texts import verbatim
from forgecast.metal.alloy import alloy
from forgecast.metal.contact import Contact
from forgecast.metal.media import medium
from forgecast.shape.grid import Grid
from forgecast.tasks.cycle_die import cycle_die

KELVIN = 273.15


def constant(coefficient):
    return Contact("constant", np.zeros(1), np.array([coefficient]))


@pytest.fixture
def closed():
    """Half a 3 mm wall of A356 in a 15 mm die with a channel's cell behind it."""
    edges = np.concatenate([np.linspace(-0.0015, 0.0, 4), np.linspace(0.001, 0.015, 15), [0.016]])
    grid = Grid(edges, np.array([0.0, 0.01]), np.array([0.0, 0.01]))
    which = np.ones(grid.shape, dtype=np.uint8)
    which[..., :3], which[..., -1] = 0, 2
    media = (alloy("A356").medium(), medium("h13"), Surroundings("channel", 30.0 + KELVIN))
    start = (690.0 + KELVIN, 150.0 + KELVIN, 30.0 + KELVIN)
    contacts = {(0, 1): constant(2000.0), (1, 2): constant(3000.0)}
    return Layout(grid, media, which, (which == 0).astype(np.uint8), start, contacts)


AIR = Exposed(Surroundings("air", 25.0 + KELVIN), constant(30.0), 8.0)
SPRAY = Exposed(Surroundings("spray", 25.0 + KELVIN), constant(1000.0), 2.0)


def test_a_die_comes_to_its_periodic_state(closed):
    got = cycle_die(closed, dwell=10.0, opened=AIR, spray=SPRAY)
    assert got.cycled.periodic
    assert got.cycle_time == 20.0
    assert got.solid_at_opening == 1.0
    assert got.findings == ()
    last = got.cycled.cycles[-1]
    assert set(last.taken) == {"channel", "air", "spray", "sides"}
    assert last.brought == pytest.approx(sum(last.taken.values()), rel=0.006)  # the balance asked for, and a little
    assert last.residual < 1e-4
    freezing = got.cycled.freezing
    assert np.isfinite(freezing.time_solidus[freezing.part > 0]).all()
    assert freezing.time_solidus[0, 0, 0] > freezing.time_solidus[0, 0, 2]  # the wall's middle is last
    assert got.as_json()["cycles"][-1]["brought_J"] == last.brought
    assert got.sources


def test_a_die_opened_too_soon_says_so(closed):
    got = cycle_die(closed, dwell=0.2, opened=AIR, most_cycles=1)
    assert {finding.code for finding in got.findings} == {"not-periodic", "not-solid-at-opening"}
    assert got.solid_at_opening < 1.0


def test_a_warming_die_warms_ever_more_slowly(closed):
    """Without extrapolation each cycle starts as the last one ended, and a die that starts cold only gets hotter."""
    cold = replace(closed, start=(closed.start[0], 30.0 + KELVIN, 30.0 + KELVIN))
    got = cycle_die(cold, dwell=10.0, opened=AIR, spray=SPRAY, most_cycles=4, warming_up=True, tolerance=0.0)
    rises = np.diff([figures.mean for figures in got.cycled.cycles])
    assert (rises > 0.0).all()
    assert (np.diff(rises) < 0.0).all()
    steel, volume = cold.media[1], cold.grid.volumes[got.cycled.die].sum()
    stored = got.cycled.cycles[0].stored / volume
    mean = got.cycled.cycles[1].mean
    # The specific heat of the steel changes by a few per cent over the temperatures in the wall.
    assert np.interp(mean, steel.temperature, steel.enthalpy) - np.interp(
        cold.start[1], steel.temperature, steel.enthalpy
    ) == pytest.approx(stored, rel=0.05)


def test_the_next_cycle_starts_where_the_last_one_ended(closed):
    """The die's temperature is carried over as it is; only the metal is new."""
    phases = die_cycle(closed, dwell=2.0, opened=AIR)
    first = cycle(phases, most_cycles=1, memory=0, tolerance=0.0)
    both = cycle(phases, most_cycles=2, memory=0, tolerance=0.0)
    metal = closed.part > 0
    assert np.abs(both.temperature[metal] - closed.start[0]).max() < 1e-3
    assert both.cycles[0] == first.cycles[0]
    assert np.abs(both.temperature - first.temperature)[both.die].max() == pytest.approx(first.cycles[0].change)


def test_mixing_solves_a_linear_cycle():
    """x -> M x + c with three unknowns: three directions remembered span them, so the fourth start is the solution."""
    rng = np.random.default_rng(7)
    matrix = np.diag([0.98, 0.9, 0.5]) + 0.02 * rng.normal(size=(3, 3))
    load = np.array([10.0, 20.0, 30.0])
    mixing = _Mixing(4, np.ones(3), (-1e6, 1e6))
    x = np.zeros(3)
    for _ in range(5):
        x = mixing.next(x, matrix @ x + load)
    # The least squares drop what is below a millionth of the largest.
    assert x == pytest.approx(np.linalg.solve(np.eye(3) - matrix, load), rel=1e-4)


def test_phases_that_do_not_fit_are_refused(closed):
    empty = replace(closed, part=np.zeros_like(closed.part))
    with pytest.raises(CycleError, match="no cell of the die holds metal"):
        die_cycle(empty, dwell=5.0, opened=AIR)
    with pytest.raises(CycleError, match="takes no time"):
        cycle_die(closed, dwell=0.0, opened=AIR)
    with pytest.raises(CycleError, match="no cycle is asked for"):
        cycle_die(closed, dwell=1.0, opened=AIR, most_cycles=0)
    poured, opened = die_cycle(closed, dwell=5.0, opened=AIR)
    with pytest.raises(CycleError, match="3 cells hold a medium that was not there before"):
        cycle([replace(poured, renewed=()), opened])
    with pytest.raises(CycleError, match="another grid or other media"):
        cycle([poured, Phase("other", verbatim("other"), 1.0, closed)])
    with pytest.raises(CycleError, match="stays from cycle to cycle"):
        cycle([replace(poured, renewed=(0, 1))])


def test_an_insulated_cavity_takes_nothing(closed):
    shut = Exposed(Surroundings("cavity", 25.0 + KELVIN), INSULATED, 5.0)
    got = cycle_die(closed, dwell=10.0, opened=AIR, shut=shut, most_cycles=1)
    assert got.cycled.cycles[0].taken["cavity"] == 0.0
    assert got.cycled.cycles[0].taken["air"] > 0.0
