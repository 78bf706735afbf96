"""Order of the scheme in space and time where nothing freezes: separable and manufactured solutions.

Single precision bounds what can be seen: temperatures are kept to about 1e-4 K here, so grids are coarse on purpose.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from forgecast.casting.heat_run import Accuracy, HeatRun
from forgecast.casting.heat_table import Surroundings
from forgecast.casting.layout import SIDES, Layout
from forgecast.ground.texts import verbatim
from forgecast.metal.medium import Medium
from forgecast.shape.grid import Grid
from tests.proof.melts import PERFECT, inert, row


def uniform(n: int) -> np.ndarray:
    return np.linspace(0.0, 1.0, n + 1)


def stretched(n: int) -> np.ndarray:
    """Return faces whose widths vary threefold, smoothly."""
    s = np.linspace(0.0, 1.0, n + 1)
    return s + 0.5 * np.sin(2.0 * math.pi * s) / (2.0 * math.pi)


def mean_of_sine(faces: np.ndarray) -> np.ndarray:
    """Return the mean of sin(pi x) over each cell."""
    return -np.diff(np.cos(math.pi * faces)) / math.pi / np.diff(faces)


@pytest.mark.parametrize("faces", [uniform, stretched])
def test_decay_of_a_sine_is_of_second_order_in_space(faces: Callable[[int], np.ndarray]):
    """A cube with cold walls and T = 100 sin sin sin: decays as exp(-3 pi^2 t), in three dimensions.

    Compared at the centres. 1.9 instead of 2: the next term of the series at 8 cells across.
    """
    errors = []
    for n in (8, 16):
        x = faces(n)
        grid = Grid(x, x, x)
        layout = Layout(
            grid,
            (inert("block", 1.0, 1.0, 1.0, -5.0, 105.0), Surroundings("wall", 0.0)),
            np.zeros(grid.shape, np.uint8),
            np.zeros(grid.shape, np.uint8),
            (0.0, 0.0),
            {(0, 1): PERFECT},
            dict.fromkeys(SIDES, 1),
        )
        mean = mean_of_sine(x)
        start = 100.0 * mean[:, None, None] * mean[None, :, None] * mean[None, None, :]
        run = HeatRun(layout, accuracy=Accuracy(0.002), temperature=start.astype(np.float32), cores=1)
        run.advance(0.03)
        c = np.sin(math.pi * grid.centres[0])
        exact = 100.0 * math.exp(-3.0 * math.pi**2 * run.time) * c[:, None, None] * c[None, :, None] * c[None, None, :]
        errors.append(float(np.sqrt(((run.temperature() - exact) ** 2 * grid.volumes).sum())))
    assert math.log2(errors[0] / errors[1]) > 1.9


def steady_conductivity_error(faces: np.ndarray) -> float:
    """Return the error of a steady wall whose conductivity grows from 1 to 4 along with temperature.

    The integral of k over T is linear in x: T + 1.5 T^2 = 2.5 x for k = 1 + 3 T, walls at 0 and 1.
    """
    at = np.linspace(-0.05, 1.05, 221)
    medium = Medium("wall", verbatim("wall"), at, at + 0.05, 1.0 + 3.0 * at, None, 1.0)
    grid = row(faces)
    layout = Layout(
        grid,
        (medium, Surroundings("cold", 0.0), Surroundings("hot", 1.0)),
        np.zeros(grid.shape, np.uint8),
        np.zeros(grid.shape, np.uint8),
        (0.5, 0.0, 1.0),
        {(0, 1): PERFECT, (0, 2): PERFECT},
        {"x-": 1, "x+": 2},
    )
    x = grid.centres[0]
    exact = (-1.0 + np.sqrt(1.0 + 15.0 * x)) / 3.0
    run = HeatRun(layout, accuracy=Accuracy(1e-4), temperature=exact.astype(np.float32).reshape(grid.shape), cores=1)
    run.advance(3.0)
    return float(np.sqrt(((run.temperature()[0, 0] - exact) ** 2 * np.diff(faces)).sum()))


@pytest.mark.parametrize("faces", [uniform, stretched])
def test_conductivity_over_temperature_is_of_second_order_in_space(faces: Callable[[int], np.ndarray]):
    """A steady wall whose conductivity rises fourfold from side to side.

    1.9 instead of 2: at 20 cells the next term of the series is still felt at the cold wall, where the slope is steep.
    """
    errors = [steady_conductivity_error(faces(n)) for n in (20, 40, 80)]
    assert math.log2(errors[0] / errors[1]) > 1.9
    assert math.log2(errors[1] / errors[2]) > 1.9


def settled(steps: int, k_of: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return the temperatures of a row after so many equal steps."""
    # The table is wide so that no step reaches past the nodes the stability bound looks at, and none is made again.
    at = np.linspace(-3000.0, 3000.0, 601)
    medium = Medium("wall", verbatim("wall"), at, at + 3000.0, k_of(np.clip(at, 0.0, 100.0)), None, 1.0)
    grid = row(uniform(16))
    layout = Layout(grid, (medium,), np.zeros(grid.shape, np.uint8), np.zeros(grid.shape, np.uint8), (0.0,), {}, {})
    start = 50.0 + 50.0 * np.cos(math.pi * grid.centres[0])
    run = HeatRun(
        layout, accuracy=Accuracy(1e9, growth=1.0), temperature=start.astype(np.float32).reshape(grid.shape), cores=1
    )
    end = 0.1
    for n in range(1, steps + 1):
        run._step = end  # more than is left: one step
        run.advance(end * n / steps)
    assert run.steps == steps
    return run.temperature()[0, 0].astype(np.float64)


def order_in_time(k_of: Callable[[np.ndarray], np.ndarray], steps: int) -> float:
    """Return the order by which the answers of so many, twice and four times as many equal steps close up."""
    few, more, many = (settled(n, k_of) for n in (steps, 2 * steps, 4 * steps))
    return math.log2(np.abs(few - more).max() / np.abs(more - many).max())


def test_time_is_of_second_order():
    """Constant conductivity: super steps are of second order; 1.8 leaves room for the stiff parts of a few steps."""
    assert order_in_time(np.ones_like, 4) > 1.8


def test_time_is_of_first_order_at_least():
    """Conductivity over temperature is kept through a step: first order, reached from above; 0.95 for rounding."""
    assert order_in_time(lambda at: 1.0 + at / 50.0, 16) > 0.95
