"""Proofs of the cyclic die: each states a problem whose periodic solution is known, and its solution."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm

from forgecast.casting.cycle import INSULATED, Exposed, Phase, cycle, die_cycle
from forgecast.casting.heat_run import Accuracy
from forgecast.casting.heat_table import Surroundings
from forgecast.casting.layout import Layout
from forgecast.ground.texts import verbatim
from forgecast.metal.contact import Contact
from forgecast.metal.medium import Medium
from forgecast.shape.grid import Grid

DENSITY, HEAT, CONDUCTIVITY = 7800.0, 480.0, 28.0
LENGTH = 0.02


def constant(coefficient):
    return Contact("constant", np.zeros(1), np.array([coefficient]))


def medium(name, density, heat, conductivity, fraction=None):
    knots = np.array([273.15, 1273.15])
    return Medium(
        name, verbatim(name), knots, density * heat * (knots - 273.15), np.full(2, conductivity), fraction, density
    )


STEEL = medium("steel", DENSITY, HEAT, CONDUCTIVITY)


def wall(cells, hot, spray, coolant, h, film):
    """One cell of gas, a die wall, one cell of a cooling channel; the gas is hot in one phase and cold in the other."""
    edges = np.concatenate([[-0.001], np.linspace(0.0, LENGTH, cells + 1), [LENGTH + 0.001]])
    grid = Grid(edges, np.array([0.0, 0.01]), np.array([0.0, 0.01]))
    media = (STEEL, Surroundings("gas", hot), Surroundings("spray", spray), Surroundings("channel", coolant))
    contacts = {(0, 1): constant(h), (0, 2): constant(h), (0, 3): constant(film)}
    layouts = []
    for first in (1, 2):
        which = np.zeros(grid.shape, dtype=np.uint8)
        which[..., 0], which[..., -1] = first, 3
        layouts.append(Layout(grid, media, which, np.zeros_like(which), (400.0, hot, spray, coolant), contacts))
    return layouts


def periodic_wall(x, *, hot, spray, coolant, h, film, t_hot, t_all, terms=4000):
    """Temperature of the wall at the start of a cycle, the gas temperature a square wave: one solution a harmonic.

    k T'' = rho c dT/dt;  k T'(0) = h (T - gas(t));  -k T'(L) = film (T - coolant).
    """
    share = t_hot / t_all
    mean_gas = share * hot + (1.0 - share) * spray
    flux = (mean_gas - coolant) / (1.0 / h + LENGTH / CONDUCTIVITY + 1.0 / film)
    total = mean_gas - flux / h - flux / CONDUCTIVITY * x
    for n in range(1, terms):
        w = 2.0 * np.pi * n / t_all
        gas = (hot - spray) * (1.0 - np.exp(-1j * w * t_hot)) / (1j * w * t_all)
        m = np.sqrt(1j * w * DENSITY * HEAT / CONDUCTIVITY)
        # Decaying from either end, so that nothing overflows: T = a exp(-m x) + b exp(-m (L - x)).
        end = np.exp(-m * LENGTH)
        km = CONDUCTIVITY * m
        matrix = np.array([[km + h, (h - km) * end], [(film - km) * end, km + film]])
        a, b = np.linalg.solve(matrix, np.array([h * gas, 0.0]))
        shape = a * np.exp(-m * x) + b * np.exp(-m * (LENGTH - x))
        total = total + 2.0 * np.real(shape)
    return total, flux


@pytest.mark.parametrize("memory", [0, 4])
def test_a_die_wall_under_a_square_wave(memory):
    """A steel wall, 20 mm, gas of 900 K for 8 s and of 320 K for 12 s over 2 kW/(m2 K), coolant of 350 K behind it.

    Solution: Fourier series in time with one complex exponential pair in space a harmonic; its mean is the steady
    wall under the mean gas temperature, so the heat a cycle to the channel is known in closed form.
    """
    hot, spray, coolant, h, film, t_hot, t_all = 900.0, 320.0, 350.0, 2000.0, 3000.0, 8.0, 20.0
    first, second = wall(40, hot, spray, coolant, h, film)
    phases = [Phase("hot", verbatim("hot"), t_hot, first), Phase("spray", verbatim("spray"), t_all - t_hot, second)]
    got = cycle(phases, tolerance=0.05, balance=1e-4, accuracy=Accuracy(tolerance=0.05), memory=memory)
    assert got.periodic
    assert got.freezing is None
    x = first.grid.centres[0][1:-1]
    expected, flux = periodic_wall(x, hot=hot, spray=spray, coolant=coolant, h=h, film=film, t_hot=t_hot, t_all=t_all)
    # Swings of 150 K at the face; a cell is 0.5 mm against a thermal depth of 7 mm: (0.5/7)^2/12 of them is 0.06 K.
    # 0.05 K are left by the tolerance of the cycle and 0.05 by that of the steps.
    assert got.temperature[0, 0, 1:-1] == pytest.approx(expected, abs=0.3)
    heat = flux * t_all * 1e-4
    last = got.cycles[-1]
    assert last.taken["channel"] == pytest.approx(heat, rel=1e-3)
    assert last.taken["gas"] + last.taken["spray"] == pytest.approx(-heat, rel=1e-3)
    # The grid's single precision.
    assert last.residual < 1e-4


def test_mixing_finds_the_state_that_plain_cycles_find():
    """A poorly cooled wall warms over scores of cycles; extrapolated starts reach the same state.

    The plain one ends when it stores less than 0.1 % of the heat; it is then short of the end by 0.1 % of its rise.
    """
    first, second = wall(10, 900.0, 320.0, 350.0, 2000.0, 100.0)
    phases = [Phase("hot", verbatim("hot"), 4.0, first), Phase("spray", verbatim("spray"), 2.0, second)]
    plain = cycle(phases, tolerance=0.02, balance=1e-3, memory=0)
    quick = cycle(phases, tolerance=0.02, balance=1e-3, memory=4)
    assert plain.periodic
    assert quick.periodic
    assert len(quick.cycles) < 0.5 * len(plain.cycles)
    assert quick.temperature[plain.die] == pytest.approx(plain.temperature[plain.die], abs=0.6)


def test_heat_of_the_metal_is_the_heat_of_the_sinks():
    """A plate of metal without change of phase is poured into a die with channel and spray, 40 s a cycle.

    Its solid fraction steps at 400 K, far below what it reaches. Solution: the same row of cells as linear equations,
    each phase a matrix exponential; the periodic state is the solution of one linear system. No time steps, no cycles.
    """
    pour, air, spray, coolant = 1100.0, 300.0, 330.0, 340.0
    metal = Medium("metal", verbatim("metal"), np.array([273.15, 400.0, 401.0, 1273.15]),
                   2.5e6 * (np.array([273.15, 400.0, 401.0, 1273.15]) - 273.15), np.full(4, 90.0),
                   np.array([1.0, 1.0, 0.0, 0.0]), 2500.0)  # fmt: skip
    width, n_metal, n_die = 0.001, 5, 25
    n = n_metal + n_die
    edges = np.arange(n + 2) * width
    grid = Grid(edges, np.array([0.0, 0.01]), np.array([0.0, 0.01]))
    which = np.ones(grid.shape, dtype=np.uint8)
    which[..., :n_metal], which[..., -1] = 0, 2
    part = (which == 0).astype(np.uint8)
    closed = Layout(
        grid, (metal, STEEL, Surroundings("channel", coolant)), which, part, (pour, 400.0, coolant),
        {(0, 1): constant(1500.0), (1, 2): constant(4000.0)},
    )  # fmt: skip
    phases = die_cycle(
        closed,
        dwell=10.0,
        opened=Exposed(Surroundings("air", air), constant(50.0), 12.0),
        spray=Exposed(Surroundings("mist", spray), constant(1200.0), 3.0),
        shut=Exposed(Surroundings("cavity", air), INSULATED, 15.0),
    )
    got = cycle(phases, tolerance=0.02, balance=2e-4, accuracy=Accuracy(tolerance=0.03))
    assert got.periodic

    def phase(face, face_temperature, time):
        """Return the map of a phase and its first cell; `face` [W/(m2 K)] is None where metal is in."""
        first = 0 if face is None else n_metal
        size = n - first
        matrix, load = np.zeros((size, size)), np.zeros(size)
        capacity = np.where(np.arange(first, n) < n_metal, 2.5e6, DENSITY * HEAT) * width

        def join(i, j, g):
            matrix[i, i] -= g
            matrix[j, j] -= g
            matrix[i, j] += g
            matrix[j, i] += g

        for i in range(first, n - 1):
            r = sum(0.5 * width / (90.0 if c < n_metal else CONDUCTIVITY) for c in (i, i + 1))
            join(i - first, i + 1 - first, 1.0 / (r + (1.0 / 1500.0 if i == n_metal - 1 else 0.0)))
        ends = [(size - 1, 4000.0, coolant)] + ([(0, face, face_temperature)] if face else [])
        for i, h, outside in ends:
            g = 1.0 / (0.5 * width / CONDUCTIVITY + 1.0 / h)
            matrix[i, i] -= g
            load[i] += g * outside
        matrix, load = matrix / capacity[:, None], load / capacity
        # One more unknown that stays 1 carries the loads.
        big = np.zeros((size + 1, size + 1))
        big[:size, :size], big[:size, size] = matrix, load
        return expm(big * time), first

    def go(die):
        metal_end = None
        for face, outside, time in ((None, 0.0, 10.0), (50.0, air, 12.0), (1200.0, spray, 3.0), (0.0, air, 15.0)):
            over, first = phase(face, outside, time)
            start = die if first else np.concatenate([np.full(n_metal, pour), die])
            end = (over @ np.append(start, 1.0))[:-1]
            if not first:
                metal_end = end[:n_metal]
            die = end[n_metal - first :]
        return die, metal_end

    zero = go(np.zeros(n_die))[0]
    turn = np.column_stack([go(one)[0] - zero for one in np.eye(n_die)])
    exact = np.linalg.solve(np.eye(n_die) - turn, zero)
    # Same cells, so only the errors of time steps (0.03 K each) and of the end of cycling (0.02 K) are left.
    assert got.temperature[0, 0, n_metal:n] == pytest.approx(exact, abs=0.3)
    heat = 2.5e6 * width * 1e-4 * float((pour - go(exact)[1]).sum())
    last = got.cycles[-1]
    assert last.brought == pytest.approx(heat, rel=1e-3)
    assert sum(last.taken.values()) == pytest.approx(heat, rel=1e-3)
    assert last.residual < 1e-4
    assert last.taken["cavity"] == 0.0
