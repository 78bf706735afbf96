"""When cells of metal pass liquidus, solidus and what lies between; arrays as in `casting.kernels.heat`."""

from __future__ import annotations

import math

from numba import prange

from forgecast.casting.kernels.heat import F4, I4, U1, at
from forgecast.ground.compiled import compiled


@compiled(parallel=True)
def note(
    u: F4,
    d: F4,
    rate: F4,
    nx: int,
    medium: U1,
    table: F4,
    nodes: int,
    metal_here: U1,
    x: F4,
    y: F4,
    z: F4,
    start: float,
    step: float,
    metal: I4,
    thresholds: F4,
    passed: F4,
    cooling: F4,
    gradient: F4,
) -> None:
    """Note when metal cells fell through a threshold during the step just made.

    Parameters
    ----------
    u, d, rate : float32
        State at the end, increment of the step and rate at its start [1/s].
    metal_here : uint8
        1 in cells of metal, 0 elsewhere.
    x, y, z : (n + 2,) float32
        Cell centres [m].
    start, step : float
        Time at the start of the step and its length [s].
    metal : (cells,) int32
        Flat index of the cells of metal, ghosts counted.
    thresholds : (media, t) float32
        Coordinates at which a time is noted (falling through); the last one is where cooling rate and gradient are.
    passed : (t - 1, cells) float32
        Filled with the times [s] where NaN.
    cooling, gradient : (cells,) float32
        Filled where NaN [K/s, K/m].
    """
    size = u.shape[1]
    count = thresholds.shape[1]
    for c in prange(metal.size):
        k = metal[c] // size
        p = metal[c] - k * size
        m = medium[k, p]
        now = u[k, p]
        before = now - d[k, p]
        for n in range(count):
            level = thresholds[m, n]
            if now >= level or before < level:
                continue
            # The rate at the start makes the way through the step a parabola.
            first = rate[k, p] * step
            bend = (now - before) - first
            drop = level - before
            root = first * first + 4.0 * bend * drop
            share = drop / (now - before)
            if root > 0.0 and first <= 0.0 and first - math.sqrt(root) < 0.0:
                turned = 2.0 * drop / (first - math.sqrt(root))
                if 0.0 <= turned <= 1.0:
                    share = turned
            if n < count - 1:
                if math.isnan(passed[n, c]):
                    passed[n, c] = start + share * step
            elif math.isnan(cooling[c]):
                t_now = at(now, m, table, nodes)
                cooling[c] = (at(before, m, table, nodes) - t_now) / step
                g = _slope(u, medium, table, nodes, metal_here, k, p, 0, 1, x, p % nx, t_now)
                g += _slope(u, medium, table, nodes, metal_here, k, p, 0, nx, y, p // nx, t_now)
                g += _slope(u, medium, table, nodes, metal_here, k, p, 1, 0, z, k, t_now)
                gradient[c] = math.sqrt(g)


@compiled()
def _slope(
    u: F4,
    medium: U1,
    table: F4,
    nodes: int,
    metal: U1,
    k: int,
    p: int,
    up: int,
    on: int,
    centre: F4,
    place: int,
    here: float,
) -> float:
    """Return the square of the temperature gradient along one axis, taken within the metal [K2/m2]."""
    low, high, near, far = here, here, centre[place], centre[place]
    if metal[k - up, p - on]:
        low = at(u[k - up, p - on], medium[k - up, p - on], table, nodes)
        near = centre[place - 1]
    if metal[k + up, p + on]:
        high = at(u[k + up, p + on], medium[k + up, p + on], table, nodes)
        far = centre[place + 1]
    if far <= near:
        return 0.0
    return float(((high - low) / (far - near)) ** 2)
