"""The flow solver of a forming run against exact pressures, upper bounds and the balance of power.

Problem. A rigid-plastic metal (flow stress constant) flows at one instant. Solutions: frictionless upsetting is uniform
with p = sigma0; with friction p lies between 1 and any upper bound; a smooth flat punch on a half-space gives
p/2k = 1 + pi/2; frictionless plane-strain extrusion of 50 % gives (1 + pi/2)/2 (R. Hill, The Mathematical Theory of
Plasticity, 1950). The rigid state is stood in for by creep below a floor of the rate.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import brentq

from forgecast.forging.error import ForgingError
from forgecast.forging.flow_solver import Edges, Flow, FlowSolver
from forgecast.forging.plane_strain import FLAT_PUNCH, HALF_EXTRUSION, platens_coulomb
from forgecast.forging.upsetting import bulging_pressure, shear_friction_pressure

STRESS = 100e6


def perfectly_plastic(effective: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.full_like(effective, STRESS), np.zeros_like(effective)


def grid(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return points and triangles of a grid, the diagonals alternating."""
    across, up = np.meshgrid(x, y)
    nx, found = x.size - 1, []
    for j in range(y.size - 1):
        for i in range(nx):
            a = j * (nx + 1) + i
            b, c, d = a + 1, a + nx + 1, a + nx + 2
            found += [(a, b, c), (b, d, c)] if (i + j) % 2 else [(a, b, d), (a, d, c)]
    return np.column_stack([across.ravel(), up.ravel()]), np.array(found)


def graded(length: float, count: int, finest: float) -> np.ndarray:
    """Return 0 to `length` in steps that grow geometrically from `finest`."""
    grow = brentq(lambda q: finest * (q**count - 1) / (q - 1) - length, 1.0000001, 3.0)
    return finest * (grow ** np.arange(count + 1) - 1) / (grow - 1)


def level(points: np.ndarray) -> dict[str, np.ndarray]:
    """Return free edges whose normal is the vertical and whose tangent the horizontal."""
    n = points.shape[0]
    return {
        "frame": np.tile(np.eye(2)[::-1], (n, 1, 1)),
        "given": np.zeros((n, 2), dtype=bool),
        "value": np.zeros((n, 2)),
        "friction": np.zeros(n),
    }


def upset(radius: float, height: float, m: float, nr: int = 12) -> tuple[float, Flow]:
    """Return p/sigma0 of a cylinder and its flow; half of it is meshed."""
    nz = max(round(nr * 0.5 * height / radius), 6)
    across = np.linspace(0, radius, nr + 1)
    points, triangles = grid(across, np.linspace(0, height / 2, nz + 1))
    edges = level(points)
    top, axis = np.isclose(points[:, 1], height / 2), points[:, 0] == 0
    edges["given"][top | (points[:, 1] == 0), 0] = True
    edges["given"][axis, 1] = True
    edges["value"][top, 0] = -0.5
    share = np.zeros(nr + 1)
    width, inner, outer = np.diff(across), across[:-1], across[1:]
    share[:-1] += width * (2 * inner + outer) / 6
    share[1:] += width * (inner + 2 * outer) / 6
    edges["friction"][top] = m * share
    solver = FlowSolver(points, triangles, axisymmetric=True, rate_floor=1e-3 / height, slip_speed=1e-3)
    flow = solver.solve(perfectly_plastic, Edges(**edges))
    return -2 * math.pi * flow.reaction[top, 0].sum() / (math.pi * radius**2) / STRESS, flow


def test_frictionless_upsetting_is_uniform_and_exact() -> None:
    pressure, flow = upset(0.01, 0.03, 0.0)
    # The floor of the rate lifts the stress by its square: 1e-6 / 2.
    assert pressure == pytest.approx(1.0, abs=2e-6)
    assert flow.rates[..., 1] == pytest.approx(np.full_like(flow.rates[..., 1], -1 / 0.03), rel=1e-6)
    assert flow.effective == pytest.approx(np.full_like(flow.effective, 1 / 0.03), rel=2e-6)
    assert flow.pressure == pytest.approx(np.full_like(flow.pressure, STRESS / 3), rel=1e-5)


#: Heights and radii (mm) of the facts' table, and slender to flat pieces of its second one.
PIECES = [(30, 10.0), (24, 11.1803), (18, 12.9099), (15, 14.1421), (12, 15.8114), (10, 20.0), (10, 30.0), (10, 50.0)]


@pytest.mark.parametrize("m", [0.1, 0.3, 0.5, 1.0])
@pytest.mark.parametrize(("height", "radius"), PIECES)
def test_upsetting_pressure_lies_between_one_and_the_upper_bound(height: float, radius: float, m: float) -> None:
    pressure, flow = upset(radius / 1000, height / 1000, m)
    bound = bulging_pressure(radius, height, m)[0]
    assert 1.0 <= pressure <= bound <= float(shear_friction_pressure(radius, height, m))
    # Power of the dies = power of deformation + power of friction; what the floor and the bubbles take is the rest.
    assert flow.external == pytest.approx(flow.plastic + flow.sliding, rel=0.01)


def test_wide_pieces_come_near_the_bound_from_below() -> None:
    pressure, _ = upset(0.05, 0.01, 0.5, nr=24)
    # The bulging field is a rough one for a wide piece: finite elements lie up to 6 % below it, never above.
    assert 0.94 * bulging_pressure(5.0, 1.0, 0.5)[0] < pressure <= bulging_pressure(5.0, 1.0, 0.5)[0]


def _platens(mu: float | None, m: float, width: float = 8.0) -> tuple[Flow, np.ndarray]:
    """Return the flow of a strip w = 8 h between platens (a quarter is meshed), and which nodes the platen touches."""
    points, triangles = grid(np.linspace(0, width / 2, 65), np.linspace(0, 0.5, 9))
    edges = level(points)
    top = np.isclose(points[:, 1], 0.5)
    edges["given"][top | (points[:, 1] == 0), 0] = True
    edges["given"][points[:, 0] == 0, 1] = True
    edges["frame"][top, 0] = (0.0, -1.0)  # into the metal: its normal force is above 0
    edges["value"][top, 0] = 0.5
    share = np.full(65, width / 128)
    share[[0, -1]] /= 2
    edges["friction"][top] = m * share
    if mu is not None:
        edges["coulomb"] = np.where(top, mu, np.inf)
    solver = FlowSolver(points, triangles, axisymmetric=False, rate_floor=1e-3, slip_speed=1e-3)
    return solver.solve(perfectly_plastic, Edges(**edges), most=200), top


@pytest.mark.parametrize("mu", [0.05, 0.1])
def test_coulomb_friction_is_the_coefficient_times_the_pressure_and_near_the_slab_solution(mu: float) -> None:
    flow, top = _platens(mu, 1.0)
    normal, tangent = np.abs(flow.reaction[top]).T
    moving = np.flatnonzero(np.abs(flow.velocity[top, 0]) > 0.05)  # fifty slip speeds: the arctangent is at 0.987
    assert tangent[moving] == pytest.approx(mu * normal[moving], rel=0.013)
    assert flow.external == pytest.approx(flow.plastic + flow.sliding, rel=0.01)
    pressure = normal.sum() / 4.0 / (2 * STRESS / math.sqrt(3))
    # The slab solution leaves the shear in the strip out; for w = 8 h finite elements lie within a few per cent of it.
    assert pressure == pytest.approx(float(platens_coulomb(8.0, 1.0, mu)), rel=0.05)


def test_coulomb_friction_never_passes_what_the_friction_factor_allows() -> None:
    without, top = _platens(None, 0.2)
    capped, _ = _platens(0.5, 0.2)
    assert capped.reaction[top] == pytest.approx(without.reaction[top], rel=1e-3, abs=1e-3 * STRESS)


def test_a_smooth_flat_punch_takes_prandtls_pressure() -> None:
    half = graded(1.0, 16, 1 / 32)
    x = np.concatenate([1 - half[::-1], 1 + graded(5.0, 32, 1 / 32)[1:]])
    points, triangles = grid(x, -graded(5.0, 32, 1 / 32)[::-1])
    edges = level(points)
    punch = (points[:, 1] == 0) & (points[:, 0] <= 1 + 1e-12)
    edges["given"][punch, 0] = True
    edges["value"][punch, 0] = -1.0
    edges["given"][np.isclose(points[:, 1], -5) | np.isclose(points[:, 0], 6)] = True
    edges["given"][np.isclose(points[:, 0], 0), 1] = True
    solver = FlowSolver(points, triangles, axisymmetric=False, rate_floor=1e-3, slip_speed=1e-3)
    flow = solver.solve(perfectly_plastic, Edges(**edges))
    found = -flow.reaction[punch, 0].sum() / (2 * STRESS / math.sqrt(3))
    assert FLAT_PUNCH < found < 1.03 * FLAT_PUNCH  # from above: velocities of a mesh are an upper bound
    assert flow.external == pytest.approx(flow.plastic, rel=0.01)


def test_smooth_extrusion_to_half_takes_hills_pressure() -> None:
    half = graded(0.5, 16, 1 / 64)
    x = np.concatenate([0.5 - half[::-1], 0.5 + half[1:]])
    y = np.concatenate([-graded(0.8, 32, 1 / 64)[::-1], graded(1.5, 32, 1 / 64)[1:]])
    points, triangles = grid(x, y)
    middle = points[triangles].mean(axis=1)
    triangles = triangles[~((middle[:, 0] > 0.5) & (middle[:, 1] < 0))]
    used = np.unique(triangles)
    points, triangles = points[used], np.searchsorted(used, triangles)
    edges = level(points)
    ram, bottom = np.isclose(points[:, 1], 1.5), np.isclose(points[:, 1], 0)
    channel = np.isclose(points[:, 0], 0.5) & (points[:, 1] < 1e-12)
    edges["given"][ram, 0] = True
    edges["value"][ram, 0] = -1.0
    edges["given"][bottom & (points[:, 0] > 0.5 + 1e-12), 0] = True
    # The node at the sharp edge of the die has turned it: it slides down the channel.
    edges["given"][np.isclose(points[:, 0], 0) | np.isclose(points[:, 0], 1) | channel, 1] = True
    solver = FlowSolver(points, triangles, axisymmetric=False, rate_floor=1e-3, slip_speed=1e-3)
    flow = solver.solve(perfectly_plastic, Edges(**edges), most=120)
    found = -flow.reaction[ram, 0].sum() / (2 * STRESS / math.sqrt(3))
    assert found == pytest.approx(HALF_EXTRUSION, rel=0.03)
    # Volume: what the ram pushes in leaves below, but for what the node that turns the edge draws along the last edge.
    out = np.isclose(points[:, 1], points[:, 1].min())
    at, speed = points[out, 0], flow.velocity[out, 1]
    leaving = -np.sum(np.diff(at) * (speed[1:] + speed[:-1]) / 2)
    turned = flow.velocity[bottom & np.isclose(points[:, 0], 0.5), 1]
    assert leaving - 0.5 * (1 / 64) * float(turned[0]) == pytest.approx(1.0, rel=1e-6)


def _viscous(power: float) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    return lambda e: (STRESS * e**power, STRESS * power * e ** (power - 1))


@pytest.mark.parametrize("power", [0.05, 0.2, 1.0])
def test_a_rate_sensitive_cylinder_takes_the_power_of_its_rate(power: float) -> None:
    points, triangles = grid(np.linspace(0, 0.01, 7), np.linspace(0, 0.015, 10))
    edges = level(points)
    top = np.isclose(points[:, 1], 0.015)
    edges["given"][top | (points[:, 1] == 0), 0] = True
    edges["given"][points[:, 0] == 0, 1] = True
    edges["value"][top, 0] = -0.03
    flow = FlowSolver(points, triangles, axisymmetric=True, rate_floor=1e-4, slip_speed=1e-4).solve(
        _viscous(power), Edges(**edges)
    )
    force = -flow.reaction[top, 0].sum() / (0.5 * 0.01**2)
    assert force == pytest.approx(STRESS * 2.0**power, rel=1e-6)  # rate 0.03 / 0.015 = 2 per second


def test_turned_triangles_are_refused() -> None:
    points, triangles = grid(np.linspace(0, 1, 3), np.linspace(0, 1, 3))
    with pytest.raises(ForgingError, match="turned over"):
        FlowSolver(points, triangles[:, ::-1], axisymmetric=False, rate_floor=1e-3, slip_speed=1e-3)
