"""Freezing in two and three dimensions: the corner of Rathjen and Jiji, plate, cylinder and sphere of one modulus."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from scipy.optimize import brentq

from forgecast.casting.heat_run import Accuracy, HeatRun
from forgecast.casting.heat_table import Surroundings
from forgecast.casting.layout import Layout, fill, skin
from forgecast.metal.medium import Medium
from forgecast.shape.grid import Grid
from tests.proof.melts import (
    PERFECT,
    ZERO,
    graded,
    inert,
    linear,
    mushy_medium,
    over,
    passages,
    residual,
    sharp,
    surface_within,
    within,
)
from tests.proof.similarity import Melt, neumann

UNIT = np.array([0.0, 1.0])


def test_corner_of_rathjen_and_jiji():
    """A quarter space with two cold walls: the front along the diagonal and far from the corner, in x / sqrt(4 a t).

    L. M. Rathjen, L. M. Jiji, J. Heat Transfer 93 (1971) 101: their curve y = (lam^m + C / (x^m - lam^m))^(1/m) with
    C = 0.159 and m = 5.02 meets the diagonal at 0.89562. Their fit is good to about half a hundredth, and so is the
    bound; a cell is 0.025 where the front is read, half a cell's freezing time 0.01 of a unit.
    """
    melt = Melt(1.0, 1.0, 1.0, 1.0, 1.0, 0.25, 0.0)
    lam = neumann(melt, -1.0, 0.3).lam
    assert lam == pytest.approx(0.7076615274, abs=1e-9)
    diagonal = brentq(lambda x: x - (lam**5.02 + 0.159 / (x**5.02 - lam**5.02)) ** (1.0 / 5.02), 0.75, 1.2)
    assert diagonal == pytest.approx(0.89562, abs=2e-5)
    x = graded(0.0, 1.0, 5.0, 0.025, 1.12)
    grid = Grid(x, x, UNIT)
    layout = Layout(
        grid,
        (sharp(melt, -1.2, 0.5), Surroundings("wall", -1.0)),
        np.zeros(grid.shape, np.uint8),
        np.ones(grid.shape, np.uint8),
        (0.3, -1.0),
        {(0, 1): PERFECT},
        {"x-": 1, "y-": 1},
    )
    run = HeatRun(layout, accuracy=Accuracy(0.003, feeding_fraction=0.5), cores=1)
    run.advance(0.31)
    when, c = passages(run)[1, 0], grid.centres[0]
    read = (c > 0.6) & (c < 0.75)
    assert (c / np.sqrt(4.0 * np.diag(when)))[read].mean() == pytest.approx(diagonal, abs=0.005)
    assert (c / np.sqrt(4.0 * when[:, -1]))[read].mean() == pytest.approx(lam, abs=0.005)
    # What is the same along x and along y stays so, to the rounding of single precision over 2000 stages.
    assert np.abs(run.temperature()[0] - run.temperature()[0].T).max() < 1e-4
    assert residual(run) < 1e-4


#: Modulus 10 mm in all: length to the skin [m], axes the shape is round in.
SHAPES = {"plate": (0.010, "x"), "cylinder": (0.020, "xy"), "sphere": (0.030, "xyz")}
#: Times the centre passes liquidus and solidus [s], by shape, alloy and interface coefficient (section 2.3).
RECORDED = {
    ("plate", "Al"): {math.inf: (11.269, 503.356), 1000.0: (16.342, 542.058), 300.0: (27.198, 631.156)},
    ("plate", "WCB"): {math.inf: (13.948, 294.596), 1000.0: (17.824, 324.564), 300.0: (26.485, 393.052)},
    ("cylinder", "Al"): {math.inf: (14.135, 331.167), 1000.0: (19.076, 366.967), 300.0: (29.650, 448.467)},
    ("cylinder", "WCB"): {math.inf: (26.477, 224.256), 1000.0: (30.299, 252.103), 300.0: (38.597, 315.182)},
    ("sphere", "Al"): {math.inf: (18.020, 292.571), 1000.0: (22.835, 327.305), 300.0: (33.295, 406.112)},
    ("sphere", "WCB"): {math.inf: (40.295, 219.833), 1000.0: (44.303, 246.754), 300.0: (52.778, 307.701)},
}


def alloy(name: str) -> tuple[Medium, float]:
    """Return a metal and its pouring temperature."""
    if name == "Al":
        ends = (555.0 + ZERO, 615.0 + ZERO)
        return mushy_medium(
            (160.0, 115.0, 70.0), 1000.0, 2540.0, 425e3, linear(*ends), ends, (15.0 + ZERO, 705.0 + ZERO), blended=True
        ), 700.0 + ZERO
    ends = (1412.0 + ZERO, 1502.0 + ZERO)
    return mushy_medium(
        (33.0, 33.0, 33.0), 750.0, 7300.0, 260e3, linear(*ends), ends, (15.0 + ZERO, 1585.0 + ZERO), blended=True
    ), 1580.0 + ZERO


@cache
def centre(shape: str, name: str, coefficient: float, dx: float, ratio: float, corrected: bool = True):
    """Freeze a shape in sand; return when its centre passed liquidus and solidus [s]."""
    radius, axes = SHAPES[shape]
    metal, poured = alloy(name)
    x = graded(0.0, radius + 4.0 * dx, radius + 0.11, dx, ratio)
    grid = Grid(x, x if "y" in axes else UNIT, x if "z" in axes else UNIT)
    share = within(grid, radius, axes)
    laid = fill(grid, [share])
    area = skin(grid, laid.medium == 0, surface_within(grid, radius, axes)) if axes != "x" else None
    layout = Layout(
        grid,
        (metal, inert("sand", 0.65, 1100.0, 1520.0, 15.0 + ZERO, poured + 5.0)),
        laid.medium,
        (laid.medium == 0).astype(np.uint8),
        (poured, 20.0 + ZERO),
        {(0, 1): over(coefficient)} if math.isfinite(coefficient) else {},
        filling=laid.filling,
        skin=area if corrected else None,
    )
    run = HeatRun(layout, accuracy=Accuracy(0.2), cores=1)
    run.advance(700.0, stop=lambda r: r.solidified)
    assert residual(run) < 1e-4
    when = passages(run)[:, 0, 0, 0]
    return float(when[0]), float(when[2])


CASES = [(name, h) for name in ("Al", "WCB") for h in (math.inf, 1000.0, 300.0)]


@pytest.mark.parametrize(("name", "coefficient"), CASES)
def test_plate(name, coefficient):
    """Solidus within 0.1 %, liquidus within 1.2 %.

    After the liquidus the centre cools by a tenth of a kelvin a second, so that 1 % of that time is 0.01 K, less than
    the kink's rounding by a node of the table (0.2 K).
    """
    liquidus, solidus = centre("plate", name, coefficient, 0.0005, 1.05)
    assert (liquidus, solidus) == (
        pytest.approx(RECORDED["plate", name][coefficient][0], rel=0.012),
        pytest.approx(RECORDED["plate", name][coefficient][1], rel=0.001),
    )


@pytest.mark.parametrize(("name", "coefficient"), CASES)
def test_cylinder(name, coefficient):
    """Forty cells for the radius: solidus within 0.5 %; liquidus within 4 %, when the sand is warm a few cells deep."""
    liquidus, solidus = centre("cylinder", name, coefficient, 0.0005, 1.08)
    assert liquidus == pytest.approx(RECORDED["cylinder", name][coefficient][0], rel=0.04)
    assert solidus == pytest.approx(RECORDED["cylinder", name][coefficient][1], rel=0.005)


@pytest.mark.parametrize(("name", "coefficient"), CASES)
def test_sphere(name, coefficient):
    """Twenty cells for the radius: solidus within 0.7 %, or 2 % in perfect contact; liquidus within 5 %.

    A perfect contact goes through the steps themselves, which stand half a cell out of the true surface in the mean of
    squares; a resisting one counts the true area. Early on the sand is warm only a cell or two deep.
    """
    liquidus, solidus = centre("sphere", name, coefficient, 0.0015, 1.15)
    assert liquidus == pytest.approx(RECORDED["sphere", name][coefficient][0], rel=0.05)
    within_share = 0.02 if math.isinf(coefficient) else 0.007
    assert solidus == pytest.approx(RECORDED["sphere", name][coefficient][1], rel=within_share)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "coefficient"), CASES)
def test_sphere_on_finer_cells(name, coefficient):
    """Thirty cells for the radius: the 2 % of perfect contact become 1.1 %."""
    _, solidus = centre("sphere", name, coefficient, 0.001, 1.15)
    within_share = 0.011 if math.isinf(coefficient) else 0.007
    assert solidus == pytest.approx(RECORDED["sphere", name][coefficient][1], rel=within_share)


@pytest.mark.parametrize("n", [7, 20, 33])
def test_steps_hold_the_volume_and_the_area_of_the_solid(n):
    """A ball of steps, even or graded cells: its volume, and the area its steps count for, are the solid's."""
    for x in (np.linspace(0.0, 1.3, n + 1), 1.3 * np.linspace(0.0, 1.0, n + 1) ** 0.8):
        grid = Grid(x, x, x)
        share = within(grid, 1.0)
        laid = fill(grid, [share])
        held = grid.volumes * laid.filling
        # Sums of single precision; what the sampling of the ball misses is no matter here.
        assert held[laid.medium == 0].sum() == pytest.approx((grid.volumes * share).sum(), rel=1e-5)
        assert held.sum() == pytest.approx(1.3**3, rel=1e-5)
        body, true = laid.medium == 0, surface_within(grid, 1.0)
        area = skin(grid, body, true)
        counted = 0.0
        for axis, face in enumerate(_faces(grid)):
            low, high = [slice(None)] * 3, [slice(None)] * 3
            low[axis], high[axis] = slice(None, -1), slice(1, None)
            step = body[tuple(low)] != body[tuple(high)]
            mean = 0.5 * (area[tuple(low)] + area[tuple(high)])  # as the list of interfaces takes it
            counted += float((step * face * mean).sum())
        # A corner of a cell that the surface just cuts may lie far from any step; its bit of area is left out.
        assert counted == pytest.approx(float(true.sum()), rel=1e-4)
        assert counted == pytest.approx(0.5 * math.pi, rel=1e-4)


def _faces(grid: Grid) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the face areas across z, y and x."""
    dx, dy, dz = grid.widths
    return (
        dy[None, :, None] * dx[None, None, :],
        dz[:, None, None] * dx[None, None, :],
        dz[:, None, None] * dy[None, :, None],
    )


def test_steps_for_a_curve_need_the_true_area():
    """Where the interface resists, the steps of a curved skin conduct too much: 27 % more area of a cylinder.

    Shown by leaving the true area out: the error must then exceed 3 % where it is 0.5 % with it.
    """
    recorded = RECORDED["cylinder", "Al"][300.0][1]
    _, without = centre("cylinder", "Al", 300.0, 0.0005, 1.08, corrected=False)
    assert without < 0.97 * recorded


def test_one_constant_of_chvorinov_is_wrong_by_forty_percent():
    """Equal modulus, but a sphere freezes in 0.58 and a cylinder in 0.66 of a plate's time; t = B M^2 knows no shape.

    The plate lies between the closed forms with the interface at liquidus and at solidus,
    t = (pi / 4) (rho (L + c dT) / (b (T* - T0)))^2 M^2.
    """
    plate, cylinder, sphere = (
        centre(shape, "Al", math.inf, dx, ratio)[1]
        for shape, dx, ratio in (("plate", 0.0005, 1.05), ("cylinder", 0.0005, 1.08), ("sphere", 0.0015, 1.15))
    )
    heat = 2540.0 * (425e3 + 1000.0 * (700.0 - 555.0))
    b = math.sqrt(0.65 * 1520.0 * 1100.0)
    low, high = (math.pi / 4.0 * (heat / (b * (t - 20.0))) ** 2 * 0.01**2 for t in (615.0, 555.0))
    assert (low, high) == pytest.approx((427.88, 529.24), abs=0.01)
    assert low < plate < high
    # Both ratios carry the 2 % of the sphere and the 0.5 % of the cylinder.
    assert cylinder / plate == pytest.approx(0.658, rel=0.006)
    assert sphere / plate == pytest.approx(0.581, rel=0.021)
    assert sphere < 0.6 * plate
