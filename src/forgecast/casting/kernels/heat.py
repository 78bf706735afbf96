"""Heat between cells: the stages of a super step, and what has to be known before and after one.

The unknown is the heat content of a cell, as a coordinate ``u`` along the table of its medium (see
`casting.heat_table`): temperature is ``table[medium, u]``, linear between nodes. All arrays over cells carry one ghost
layer on each side, so that a loop over the inside needs no special case at a wall.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import prange
from numpy.typing import NDArray

from forgecast.ground.compiled import compiled

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]
U1 = NDArray[np.uint8]
I4 = NDArray[np.int32]


@compiled(inline=True)
def _temperatures(u: F4, d: F4, medium: U1, table: F4, nodes: int, out: F4, n: int) -> None:
    top = np.float32(nodes - 2)
    for i in range(n):
        v = u[i] + d[i]
        q = np.int32(min(max(v, np.float32(0.0)), top))
        b = np.uint64(np.uint32(q) + np.uint32(medium[i]) * np.uint32(nodes))
        t0 = table[b]
        out[i] = t0 + (v - np.float32(q)) * (table[b + np.uint64(1)] - t0)


@compiled(inline=True)
def _to_surroundings(
    k: int, nz: int, below: F4, here: F4, above: F4, gx: F4, gy: F4, gz: F4, gz_above: F4, ny: int, nx: int
) -> float:
    """Return the heat flowing out of plane k through the sides of the grid [W]."""
    total = 0.0
    for j in range(1, ny - 1):
        total += gx[j, 1] * (here[j, 1] - here[j, 0]) + gx[j, nx - 1] * (here[j, nx - 2] - here[j, nx - 1])
    for i in range(1, nx - 1):
        total += gy[1, i] * (here[1, i] - here[0, i]) + gy[ny - 1, i] * (here[ny - 2, i] - here[ny - 1, i])
    if k == 1:
        for j in range(1, ny - 1):
            for i in range(1, nx - 1):
                total += gz[j, i] * (here[j, i] - below[j, i])
    if k == nz - 2:
        for j in range(1, ny - 1):
            for i in range(1, nx - 1):
                total += gz_above[j, i] * (here[j, i] - above[j, i])
    return total


@compiled(parallel=True)
def super_step(
    u: F4,
    d_odd: F4,
    d_even: F4,
    rate: F4,
    medium: U1,
    table: F4,
    nodes: int,
    gx: F4,
    gy: F4,
    gz: F4,
    per_heat: F4,
    stages: F4,
    lost: F8,
    buffer: F4,
) -> None:
    """Carry out the stages 2 .. s of a Runge-Kutta-Legendre super step on the increments d = u(stage) - u(start).

    Parameters
    ----------
    u, d_odd, d_even, rate, per_heat : (nz + 2, ny + 2, nx + 2) float32
        Start value; increments of the odd stages (holding stage 1 on entry) and of the even ones (zero on entry);
        rate at the start [1/s]; coordinate per unit of heat [1/J]. The last stage is left in one of the increments.
    medium : uint8
        Row of `table`.
    table : (media * nodes,) float32
        Temperature over the coordinate [K].
    gx, gy, gz : float32
        Conductance of the face towards the lower neighbour [W/K].
    stages : (s - 1, 4) float32
        Coefficients mu, nu, mu~ tau and gamma~ tau of each stage.
    lost : (s - 1, threads) float64
        Filled with the heat flowing out of the sides, taken at the state before each stage [W].
    buffer : (threads, 3, ny + 2, nx + 2) float32
        Room for the temperatures of three planes.
    """
    nz, ny, nx = u.shape
    threads = buffer.shape[0]
    for s in range(stages.shape[0]):
        mu, nu, mt, gt = stages[s, 0], stages[s, 1], stages[s, 2], stages[s, 3]
        old = d_odd if s % 2 == 0 else d_even
        new = d_even if s % 2 == 0 else d_odd
        for t in prange(threads):
            first = 1 + (nz - 2) * t // threads
            end = 1 + (nz - 2) * (t + 1) // threads
            out = 0.0
            for k in range(first - 1, first + 1):
                for j in range(ny):
                    _temperatures(u[k, j], old[k, j], medium[k, j], table, nodes, buffer[t, k % 3, j], nx)
            for k in range(first, end):
                for j in range(ny):
                    _temperatures(
                        u[k + 1, j], old[k + 1, j], medium[k + 1, j], table, nodes, buffer[t, (k + 1) % 3, j], nx
                    )
                below, here, above = buffer[t, (k - 1) % 3], buffer[t, k % 3], buffer[t, (k + 1) % 3]
                for j in range(1, ny - 1):
                    tb, tc, ta, ts, tn = below[j], here[j], above[j], here[j - 1], here[j + 1]
                    x, y, yn, z, zn = gx[k, j], gy[k, j], gy[k, j + 1], gz[k, j], gz[k + 1, j]
                    c, a, b, r = per_heat[k, j], old[k, j], new[k, j], rate[k, j]
                    for i in range(1, nx - 1):
                        h = tc[i]
                        heat = (
                            x[i] * (tc[i - 1] - h)
                            + x[i + 1] * (tc[i + 1] - h)
                            + y[i] * (ts[i] - h)
                            + yn[i] * (tn[i] - h)
                            + z[i] * (tb[i] - h)
                            + zn[i] * (ta[i] - h)
                        )
                        b[i] = mu * a[i] + nu * b[i] + mt * c[i] * heat + gt * r[i]
                out += _to_surroundings(k, nz, below, here, above, gx[k], gy[k], gz[k], gz[k + 1], ny, nx)
            lost[s, t] = out


@compiled(parallel=True)
def rates(
    u: F4,
    d: F4,
    rate_before: F4,
    rate: F4,
    medium: U1,
    table: F4,
    steepest: F4,
    nodes: int,
    gx: F4,
    gy: F4,
    gz: F4,
    per_heat: F4,
    per_medium: F8,
    step: float,
    sums: F8,
    zero: F4,
    buffer: F4,
) -> None:
    """Form the rate of every cell, the error of the step that led here, and the stiffness of what comes.

    Parameters
    ----------
    u, d, rate_before : float32
        State; increment of the step just made and the rate at its start.
    rate : float32
        Filled with the rate at `u` [1/s].
    steepest : (media * nodes,) float32
        Largest slope of the temperature near each node [K].
    per_medium : (media, 3) float64
        Kelvin of sensible heat in one unit of the coordinate; class of the medium (0 surroundings, 1 mould, 2 metal);
        unused.
    step : float
        Length of the step just made [s]; 0 where there was none.
    sums : (threads, 7) float64
        Filled with: squared error and number of cells of class 1 and of class 2 [K2], stiffness [1/s], largest
        |d|, heat flowing out of the sides [W].
    zero : (nx + 2,) float32
        Zeros.
    buffer : (threads, 3, ny + 2, nx + 2) float32
    """
    nz, ny, nx = u.shape
    threads = buffer.shape[0]
    for t in prange(threads):
        first = 1 + (nz - 2) * t // threads
        end = 1 + (nz - 2) * (t + 1) // threads
        e1, n1, e2, n2, stiff, largest, out = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for k in range(first - 1, first + 1):
            for j in range(ny):
                _temperatures(u[k, j], zero, medium[k, j], table, nodes, buffer[t, k % 3, j], nx)
        for k in range(first, end):
            for j in range(ny):
                _temperatures(u[k + 1, j], zero, medium[k + 1, j], table, nodes, buffer[t, (k + 1) % 3, j], nx)
            below, here, above = buffer[t, (k - 1) % 3], buffer[t, k % 3], buffer[t, (k + 1) % 3]
            for j in range(1, ny - 1):
                tb, tc, ta, ts, tn = below[j], here[j], above[j], here[j - 1], here[j + 1]
                x, y, yn, z, zn = gx[k, j], gy[k, j], gy[k, j + 1], gz[k, j], gz[k + 1, j]
                c, r, m, v = per_heat[k, j], rate[k, j], medium[k, j], u[k, j]
                before, made = rate_before[k, j], d[k, j]
                for i in range(1, nx - 1):
                    h = tc[i]
                    heat = (
                        x[i] * (tc[i - 1] - h)
                        + x[i + 1] * (tc[i + 1] - h)
                        + y[i] * (ts[i] - h)
                        + yn[i] * (tn[i] - h)
                        + z[i] * (tb[i] - h)
                        + zn[i] * (ta[i] - h)
                    )
                    r[i] = c[i] * heat
                for i in range(1, nx - 1):
                    kind = per_medium[m[i], 1]
                    if kind == 0.0:
                        continue
                    node = int(min(max(v[i], np.float32(0.0)), np.float32(nodes - 2)))
                    slope = steepest[node + m[i] * nodes]
                    stiff = max(stiff, c[i] * slope * (x[i] + x[i + 1] + y[i] + yn[i] + z[i] + zn[i]))
                    error = (-0.8 * made[i] + 0.4 * step * (before[i] + r[i])) * per_medium[m[i], 0]
                    largest = max(largest, abs(made[i]))
                    if kind == 2.0:
                        e2 += error * error
                        n2 += 1.0
                    else:
                        e1 += error * error
                        n1 += 1.0
            out += _to_surroundings(k, nz, below, here, above, gx[k], gy[k], gz[k], gz[k + 1], ny, nx)
        sums[t, 0], sums[t, 1], sums[t, 2], sums[t, 3] = e1, n1, e2, n2
        sums[t, 4], sums[t, 5], sums[t, 6] = 2.0 * stiff, largest, out


@compiled(inline=True)
def _half_resistances(u: F4, medium: U1, table: F4, nodes: int, out: F4, n: int) -> None:
    top = np.float32(nodes - 2)
    for i in range(n):
        v = u[i]
        q = np.int32(min(max(v, np.float32(0.0)), top))
        b = np.uint64(np.uint32(q) + np.uint32(medium[i]) * np.uint32(nodes))
        r0 = table[b]
        f = min(max(v - np.float32(q), np.float32(0.0)), np.float32(1.0))
        out[i] = np.float32(0.5) / (r0 + f * (table[b + np.uint64(1)] - r0))


@compiled(parallel=True)
def conductances(
    u: F4, medium: U1, conductivity: F4, nodes: int, dx: F4, dy: F4, dz: F4, gx: F4, gy: F4, gz: F4, buffer: F4
) -> None:
    """Form the conductance of every face between cells in perfect contact: two half cells in series.

    Parameters
    ----------
    conductivity : (media * nodes,) float32
        [W/(m K)] over the coordinate.
    dx, dy, dz : (n + 2,) float32
        Cell widths, those of the ghost cells included [m].
    gx, gy, gz : float32
        Filled [W/K].
    """
    nz, ny, nx = u.shape
    threads = buffer.shape[0]
    for t in prange(threads):
        first = 1 + (nz - 2) * t // threads
        end = 1 + (nz - 2) * (t + 1) // threads
        if t == threads - 1:
            end = nz
        for j in range(ny):
            _half_resistances(
                u[first - 1, j], medium[first - 1, j], conductivity, nodes, buffer[t, (first - 1) % 3, j], nx
            )
        for k in range(first, end):
            for j in range(ny):
                _half_resistances(u[k, j], medium[k, j], conductivity, nodes, buffer[t, k % 3, j], nx)
            below, here = buffer[t, (k - 1) % 3], buffer[t, k % 3]
            for j in range(1, ny):
                rb, rc, rs = below[j], here[j], here[j - 1]
                x, y, z = gx[k, j], gy[k, j], gz[k, j]
                yz, zk, zb, yj, ys = dy[j] * dz[k], dz[k], dz[k - 1], dy[j], dy[j - 1]
                for i in range(1, nx):
                    x[i] = yz / (dx[i] * rc[i] + dx[i - 1] * rc[i - 1])
                    y[i] = dx[i] * zk / (yj * rc[i] + ys * rs[i])
                    z[i] = dx[i] * yj / (zk * rc[i] + zb * rb[i])


@compiled(parallel=True)
def interfaces(
    u: F4,
    medium: U1,
    table: F4,
    conductivity: F4,
    nodes: int,
    dx: F4,
    dy: F4,
    dz: F4,
    cell: I4,
    axis: U1,
    pair: U1,
    area: F4,
    coefficient: F4,
    lowest: float,
    per_kelvin: float,
    emissivity: F4,
    gx: F4,
    gy: F4,
    gz: F4,
) -> None:
    """Put the resistance of each interface between its two half cells.

    Parameters
    ----------
    cell, axis, pair, area : (faces,)
        Flat index of the upper cell; 0, 1, 2 for x, y, z; row of `coefficient`; true area over face area [1].
    coefficient : (pairs, columns) float32
        Interface coefficient over the hotter side's temperature, column 0 at `lowest` [W/(m2 K)]; negative: insulated.
    emissivity : (pairs,) float32
        Effective emissivity across the interface [1].
    """
    sigma = 5.670374419e-8
    nz, ny, nx = u.shape
    columns = coefficient.shape[1]
    for f in prange(cell.size):
        index = cell[f]
        k = index // (ny * nx)
        j = (index // nx) % ny
        i = index % nx
        a = axis[f]
        kl, jl, il = k - (a == 2), j - (a == 1), i - (a == 0)
        if a == 0:
            face, wide, wide_low = dy[j] * dz[k], dx[i], dx[il]
        elif a == 1:
            face, wide, wide_low = dx[i] * dz[k], dy[j], dy[jl]
        else:
            face, wide, wide_low = dx[i] * dy[j], dz[k], dz[kl]
        t, r = _state(u[k, j, i], medium[k, j, i], table, conductivity, nodes, wide)
        t_low, r_low = _state(u[kl, jl, il], medium[kl, jl, il], table, conductivity, nodes, wide_low)
        p = pair[f]
        at = (max(t, t_low) - lowest) * per_kelvin
        at = min(max(at, 0.0), columns - 1.001)
        q = int(at)
        h = coefficient[p, q] + (at - q) * (coefficient[p, q + 1] - coefficient[p, q])
        g = 0.0
        if h >= 0.0:
            s, s_low = t, t_low
            for _ in range(3 if emissivity[p] > 0.0 else 1):
                total = (h + emissivity[p] * sigma * (s * s + s_low * s_low) * (s + s_low)) * area[f]
                if total <= 0.0:
                    g = 0.0
                    break
                g = 1.0 / (r + r_low + 1.0 / total)
                # Radiation counts the temperatures of the two surfaces, which lie half a cell away.
                flux = g * (t - t_low)
                s, s_low = t - flux * r, t_low + flux * r_low
            g *= face
        if a == 0:
            gx[k, j, i] = g
        elif a == 1:
            gy[k, j, i] = g
        else:
            gz[k, j, i] = g


@compiled(inline=True)
def _state(u: float, medium: int, table: F4, conductivity: F4, nodes: int, width: float) -> Any:  # noqa: ANN401  (a pair of numbers; the compiler knows)
    q = int(min(max(u, 0.0), nodes - 2.0))
    f = u - q
    b = q + medium * nodes
    t = table[b] + f * (table[b + 1] - table[b])
    conducted = conductivity[b] + min(max(f, 0.0), 1.0) * (conductivity[b + 1] - conductivity[b])
    return t, 0.5 * width / conducted


@compiled(inline=True)
def _at(u: float, medium: int, table: F4, nodes: int) -> float:
    q = int(min(max(u, 0.0), nodes - 2.0))
    b = q + medium * nodes
    return table[b] + (u - q) * (table[b + 1] - table[b])


@compiled()
def _slope(
    u: F4, medium: U1, table: F4, nodes: int, metal: U1, k: int, j: int, i: int, axis: int, centre: F4, here: float
) -> float:
    """Return the square of the temperature gradient along one axis, taken within the metal [K2/m2]."""
    dk, dj, di = (axis == 2) * 1, (axis == 1) * 1, (axis == 0) * 1
    place = k if axis == 2 else (j if axis == 1 else i)
    low, high, near, far = here, here, centre[place], centre[place]
    if metal[k - dk, j - dj, i - di]:
        low = _at(u[k - dk, j - dj, i - di], medium[k - dk, j - dj, i - di], table, nodes)
        near = centre[place - 1]
    if metal[k + dk, j + dj, i + di]:
        high = _at(u[k + dk, j + dj, i + di], medium[k + dk, j + dj, i + di], table, nodes)
        far = centre[place + 1]
    if far <= near:
        return 0.0
    return ((high - low) / (far - near)) ** 2


@compiled(parallel=True)
def note(
    u: F4,
    d: F4,
    rate: F4,
    medium: U1,
    table: F4,
    nodes: int,
    metal_here: U1,
    centre: tuple[F4, F4, F4],
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
    centre : three (n + 2,) float32
        Cell centres along x, y, z [m].
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
    _, ny, nx = u.shape
    count = thresholds.shape[1]
    x, y, z = centre
    for c in prange(metal.size):
        index = metal[c]
        k = index // (ny * nx)
        j = (index // nx) % ny
        i = index % nx
        m = medium[k, j, i]
        now = u[k, j, i]
        before = now - d[k, j, i]
        for n in range(count):
            level = thresholds[m, n]
            if now >= level or before < level:
                continue
            # The rate at the start makes the way through the step a parabola.
            first = rate[k, j, i] * step
            bend = (now - before) - first
            drop = level - before
            root = first * first + 4.0 * bend * drop
            share = drop / (now - before)
            if root > 0.0:
                turned = 2.0 * drop / (first - math.sqrt(root)) if first <= 0.0 else share
                if 0.0 <= turned <= 1.0:
                    share = turned
            if n < count - 1:
                if math.isnan(passed[n, c]):
                    passed[n, c] = start + share * step
            elif math.isnan(cooling[c]):
                t_now = _at(now, m, table, nodes)
                cooling[c] = (_at(before, m, table, nodes) - t_now) / step
                g = 0.0
                g += _slope(u, medium, table, nodes, metal_here, k, j, i, 0, x, t_now)
                g += _slope(u, medium, table, nodes, metal_here, k, j, i, 1, y, t_now)
                g += _slope(u, medium, table, nodes, metal_here, k, j, i, 2, z, t_now)
                gradient[c] = math.sqrt(g)
