"""Fronts of freezing in one dimension against similarity solutions: Stefan, Neumann, Schwarz, mushy, Tien and Geiger.

On a fixed grid a metal that freezes at one temperature is right at the front to the first order only: the cell the
front is in has one temperature and one conductivity, those of a mixture. The error of a front is therefore counted in
cells. Where properties do not jump there it is far smaller; away from the front the scheme is of second order
(`test_freezing_order.py`).
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from forgecast.casting.heat_run import Accuracy, HeatRun
from forgecast.casting.layout import Layout
from tests.proof.melts import (
    ZERO,
    graded,
    half_space,
    inert,
    linear,
    mushy_medium,
    passages,
    residual,
    row,
    sharp,
)
from tests.proof.similarity import Melt, contact_temperature, mushy, neumann, schwarz, stefan, tien_geiger

WATER = Melt(2.22, 0.556, 1762.0, 4226.0, 1000.0, 338e3, ZERO)
ALUMINIUM = Melt(211.0, 91.0, 1181.0, 1086.0, 2545.0, 398e3, 660.3 + ZERO)
STEEL = Melt(32.0, 32.0, 690.0, 800.0, 7200.0, 270e3, 1500.0 + ZERO)

#: Wall and initial temperature; recorded constant, front at 10 s [mm], its flux, temperatures at 0.5, 1.5, 2 s.
NEUMANN = {
    "water": (WATER, -10.0, 10.0, 0.1436458253, 1.019757, 21919.7362, (-4.974230, 3.472282, 6.060166)),
    "aluminium": (ALUMINIUM, 400.0, 720.0, 0.5104031659, 27.046791, 2208340.38, (538.523231, 696.707918, 712.834866)),
    "steel": (STEEL, 1200.0, 1560.0, 0.4968979737, 7.975932, 1303393.387, (1359.152816, 1525.759397, 1542.611519)),
}
SAND = (0.65, 1100.0, 1520.0, 20.0)
H13 = (29.0, 600.0, 7650.0, 200.0)
COPPER = (380.0, 390.0, 8900.0, 20.0)
#: Melt, its initial temperature, mould; recorded constant, interface temperature, front at 100 s [mm].
SCHWARZ = {
    "aluminium-sand": (ALUMINIUM, 660.3, SAND, 0.0441973961, 658.981676, 7.406262),
    "aluminium-die": (ALUMINIUM, 720.0, H13, 0.2164719259, 614.616719, 36.274711),
    "aluminium-copper": (ALUMINIUM, 720.0, COPPER, 0.5284682099, 378.471116, 88.556664),
    "steel-sand": (STEEL, 1560.0, SAND, 0.0727798029, 1490.035933, 3.694240),
    "steel-copper": (STEEL, 1560.0, COPPER, 0.8102275543, 489.106350, 41.126448),
}
#: Conductivities of solid, mush, liquid; the share of the latent heat released at the solidus and what is recorded.
MUSHY = {0.0: (0.3052290335, 0.4640251414, 1669064.6405), 0.5: (0.3092310703, 0.5021278374, 1648781.0418)}
TIEN_GEIGER = {700.0: (0.4023062311, 0.6210697642), 646.0: (0.4291793053, 0.7084361092)}


def effusivity(mould: tuple[float, ...]) -> float:
    return math.sqrt(mould[0] * mould[1] * mould[2])


def test_similarity_solutions_have_the_recorded_digits():
    """The solutions the other proofs rest on, solved anew, against the digits on record (to their last one)."""
    recorded = {0.01: 0.0705932766, 0.1: 0.2200162727, 0.5: 0.4647859206, 1.0: 0.6200626333, 2.85: 0.8992461346}
    for ste, lam in recorded.items():
        assert stefan(ste) == pytest.approx(lam, abs=1e-10)
    for melt, wall, initial, lam, at_10, flux, temperatures in NEUMANN.values():
        got = neumann(melt, wall + ZERO, initial + ZERO)
        assert got.lam == pytest.approx(lam, abs=1e-10)
        assert got.at(10.0) * 1e3 == pytest.approx(at_10, abs=1e-6)
        assert got.heat / (2.0 * math.sqrt(10.0)) == pytest.approx(flux, rel=1e-8)
        at = np.array([0.5, 1.5, 2.0]) * got.at(1.0)
        assert got.profile(at) - ZERO == pytest.approx(temperatures, abs=1e-6)
    for melt, initial, mould, lam, interface, at_100 in SCHWARZ.values():
        got = schwarz(melt, initial + ZERO, effusivity(mould), mould[3] + ZERO)
        assert (got.lam, got.wall - ZERO) == pytest.approx((lam, interface), abs=1e-6)
        assert got.at(100.0) * 1e3 == pytest.approx(at_100, abs=1e-6)
    for eutectic, (one, two, flux) in MUSHY.items():
        mush = mushy((160.0, 115.0, 70.0), 1000.0, 2540.0, 425e3, eutectic, (555.0, 615.0), (400.0, 700.0))
        assert mush.lam == pytest.approx((one, two), abs=1e-10)
        assert mush.heat / (2.0 * math.sqrt(10.0)) == pytest.approx(flux, rel=1e-9)
    for initial, lam in TIEN_GEIGER.items():
        mush = tien_geiger((197.0, 140.0, 83.0), 1088.0, 2723.0, 395e3, 0.95, (548.0, 646.0), (300.0, initial))
        assert mush.lam == pytest.approx(lam, abs=1e-9)


def offsets(run: HeatRun, lam: float, a: float, reach: float, which: int = 1) -> np.ndarray:
    """Return where the front was less where it should have been, when each cell was half frozen [m]."""
    x = run.layout.grid.centres[0]
    inside = (x > 0.0) & (x < reach) & (run.layout.part[0, 0] > 0)
    when = passages(run)[which, 0, 0][inside]
    assert not np.isnan(when).any()
    return x[inside] - 2.0 * lam * np.sqrt(a * when)


@pytest.mark.parametrize("ste", [0.1, 0.5, 2.85])
def test_one_phase_stefan(ste):
    """Liquid at its melting point: the front is within 0.2 cells, and within 0.1 from the fifth cell on.

    The cell the front is in keeps its temperature while the front crosses it, so that the resistance of a cell stands
    for one that grows from half a cell to one and a half: (ln 3 - 1) = 0.1 cells on the mean.
    """
    melt = Melt(1.0, 1.0, 1.0, 1.0, 1.0, 1.0 / ste, 1.0)
    end = (0.5 / stefan(ste)) ** 2 * 1.2
    # The table is wider than the temperatures met, lest the latent heat take nearly all of its nodes.
    run = half_space(sharp(melt, -2.0, 3.0), graded(0.0, 1.2, 3.0, 0.02, 1.1), 1.0, 0.0, 1e-3)
    run.advance(end)
    gap = offsets(run, stefan(ste), 1.0, 1.0)
    assert np.abs(gap).max() < 0.2 * 0.02
    assert np.abs(gap[4:]).max() < 0.1 * 0.02
    assert residual(run) < 1e-4


def neumann_run(name: str, cells: int, tolerance: float = 5e-4) -> tuple[HeatRun, object, float]:
    """Run until the front has come a length that is cut into so many cells, and 20 % farther in time."""
    melt, wall, initial, *_ = NEUMANN[name]
    exact = neumann(melt, wall + ZERO, initial + ZERO)
    end = 10.0
    s = exact.at(end)
    far = s + 8.0 * math.sqrt(max(melt.a_liquid, melt.a_solid) * end)
    medium = sharp(melt, wall + ZERO - 1.0, initial + ZERO + 1.0)
    run = half_space(
        medium, graded(0.0, 1.2 * s, far, s / cells, 1.1), initial + ZERO, wall + ZERO, tolerance * (initial - wall)
    )
    run.advance(end)
    return run, exact, s


@pytest.mark.parametrize("name", list(NEUMANN))
def test_two_phase_neumann(name):
    """Front within a cell and, past the first ten, within half a cell; heat lost and temperatures likewise.

    The half cell is what the mixture's conductivity costs: a face between a solid cell and one that holds the front
    has the resistance of a half-liquid half cell, though the front's path is solid. Fourfold for water and ice:
    (ln 4 / 3 * 4 - 1) / 2 = 0.42 cells.
    """
    run, exact, s = neumann_run(name, 50)
    dx = s / 50
    gap = offsets(run, exact.lam, exact.a, s - dx)
    assert np.abs(gap).max() < dx
    assert np.abs(gap[10:]).max() < 0.55 * dx
    lost = exact.heat * math.sqrt(run.time)
    melt, wall, initial, *_ = NEUMANN[name]
    of_half_a_cell = 0.5 * dx * melt.density * (melt.latent + melt.c_liquid * (initial - wall))
    assert abs(run._through_sides - lost) < of_half_a_cell
    assert abs(run._through_sides / lost - 1.0) < 0.01
    x = run.layout.grid.centres[0]
    got = run.temperature()[0, 0]
    away = np.abs(x - s) > 2.0 * dx
    steepest = (melt.melting - wall - ZERO) / s
    assert np.abs(got - exact.profile(x / math.sqrt(run.time)))[away].max() < 0.7 * dx * steepest * 1.2
    assert residual(run) < 1e-4


def test_front_is_of_first_order():
    """Half the cell, half the error of the front, where the conductivity jumps there (water and ice: fourfold)."""
    errors = []
    for cells in (25, 50):
        run, exact, s = neumann_run("water", cells)
        errors.append(float(np.abs(offsets(run, exact.lam, exact.a, s * 0.98)).mean()))
    # 1 - 0.1: whole cells come and go at the ends of the stretch the mean is taken over.
    assert math.log2(errors[0] / errors[1]) > 0.9


def schwarz_run(melt: Melt, initial: float, mould: tuple[float, ...], s: float, end: float) -> HeatRun:
    """Run metal on the right, mould on the left, touching at x = 0."""
    k, c, density, cold = mould
    dx = s / 40.0
    reach = 8.0 * math.sqrt(k / (c * density) * end)
    first = min(dx, reach / 100.0)
    left = graded(0.0, 10.0 * first, reach, first, 1.1)
    right = graded(0.0, 1.2 * s, 1.2 * s + 8.0 * math.sqrt(melt.a_solid * end), dx, 1.1)
    grid = row(np.concatenate([-left[:0:-1], right]))
    metal = (grid.centres[0] > 0.0)[None, None, :].astype(np.uint8)
    media = (
        sharp(melt, cold + ZERO, initial + ZERO + 5.0),
        inert("mould", k, c, density, cold + ZERO - 1.0, initial + ZERO + 5.0),
    )
    layout = Layout(grid, media, 1 - metal, metal, (initial + ZERO, cold + ZERO))
    run = HeatRun(layout, accuracy=Accuracy(0.2, feeding_fraction=0.5), cores=1)
    run.advance(end)
    return run


@pytest.mark.parametrize("name", list(SCHWARZ))
def test_metal_against_mould(name):
    """Two half spaces in perfect contact, Schwarz: front within a cell, interface within what a cell's freezing shifts.

    The interface temperature is taken from the half cells on either side, as the scheme itself sees it.
    """
    melt, initial, mould, *_ = SCHWARZ[name]
    exact = schwarz(melt, initial + ZERO, effusivity(mould), mould[3] + ZERO)
    end = 100.0
    s = exact.at(end)
    run = schwarz_run(melt, initial, mould, s, end)
    dx = s / 40.0
    assert np.abs(offsets(run, exact.lam, exact.a, s - dx)).max() < dx
    grid, got = run.layout.grid, run.temperature()[0, 0]
    at = int(np.flatnonzero(grid.centres[0] > 0.0)[0])
    left, right = mould[0] / grid.widths[0][at - 1], melt.k_solid / grid.widths[0][at]
    interface = (left * got[at - 1] + right * got[at]) / (left + right)
    assert abs(interface - exact.wall) < 0.02 * (melt.melting - exact.wall) + 0.2
    assert residual(run) < 1e-4


def test_superheat_keeps_aluminium_liquid_on_sand():
    """Perfect contact with sand and 60 K of superheat: the interface stays above the melting point for ever."""
    exact = contact_temperature(
        effusivity(SAND), SAND[3], math.sqrt(ALUMINIUM.k_liquid * ALUMINIUM.c_liquid * ALUMINIUM.density), 720.0
    )
    assert exact == pytest.approx(676.8238, abs=1e-4)
    run = schwarz_run(ALUMINIUM, 720.0, SAND, 0.008, 100.0)
    assert np.isnan(passages(run)).all()
    got = run.temperature()[0, 0][run.layout.part[0, 0] > 0]
    # The coldest cell lies a tenth of a millimetre from the interface; a slope of b (T - T0) / (k sqrt(pi t)) to it.
    assert got.min() - ZERO == pytest.approx(exact, abs=0.3)
    assert got.min() - ZERO > ALUMINIUM.melting - ZERO


@pytest.mark.parametrize("eutectic", list(MUSHY))
def test_mushy_zone(eutectic):
    """Solid fraction linear in temperature, all heat over the range or half of it at the solidus: both fronts.

    Cells are 0.3 mm, front at 15 mm. The jump of conductivity or heat at the solidus costs up to half a cell there,
    next to the wall where slopes are steepest; the liquidus front is a kink only, and right to a quarter cell.
    """
    k, solidus, liquidus, wall, initial = (160.0, 115.0, 70.0), 555.0 + ZERO, 615.0 + ZERO, 400.0 + ZERO, 700.0 + ZERO
    exact = mushy(k, 1000.0, 2540.0, 425e3, eutectic, (solidus, liquidus), (wall, initial))
    fraction = linear(solidus, liquidus, 1.0 - eutectic)
    medium = mushy_medium(k, 1000.0, 2540.0, 425e3, fraction, (solidus, liquidus), (wall - 1.0, initial + 1.0))
    check_mush(medium, exact, wall, initial)


@pytest.mark.parametrize("initial_degC", list(TIEN_GEIGER))
def test_tien_geiger(initial_degC):
    """Solid fraction linear in position: by the similarity solution a function of temperature."""
    k, solidus, liquidus, wall = (197.0, 140.0, 83.0), 548.0 + ZERO, 646.0 + ZERO, 300.0 + ZERO
    initial = initial_degC + ZERO
    exact = tien_geiger(k, 1088.0, 2723.0, 395e3, 0.95, (solidus, liquidus), (wall, initial))
    medium = mushy_medium(k, 1088.0, 2723.0, 395e3, exact.fraction, (solidus, liquidus), (wall - 1.0, 701.0 + ZERO))
    check_mush(medium, exact, wall, initial)


def check_mush(medium, exact, wall, initial):
    end = 10.0
    one, two = exact.at(end)
    dx = one / 50.0
    far = two + 8.0 * math.sqrt(exact.a * end)
    run = half_space(medium, graded(0.0, 1.15 * two, far, dx, 1.1), initial, wall, 0.05)
    run.advance(end)
    at_solidus = offsets(run, exact.lam[0], exact.a, one - dx, which=2)
    assert np.abs(at_solidus).max() < 0.5 * dx
    if initial > medium.temperature[-2]:
        at_liquidus = offsets(run, exact.lam[1], exact.a, two - dx, which=0)
        assert np.abs(at_liquidus).max() < 0.25 * dx
    assert run._through_sides == pytest.approx(exact.heat * math.sqrt(run.time), rel=2e-3)
    assert residual(run) < 1e-4
