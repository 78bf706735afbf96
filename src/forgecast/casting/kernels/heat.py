"""Heat between cells: the stages of a super step, and what has to be known before and after one.

The unknown is the heat content of a cell, as a coordinate ``u`` along the table of its medium (see
`casting.heat_table`): temperature is ``table[medium, u]``, linear between nodes. Arrays over cells carry one ghost
layer on each side and are handed over plane by plane, (nz + 2, (ny + 2) * (nx + 2)): one long loop over a plane runs
several times faster than many short ones over its rows, and what it does to ghosts comes to nothing, because no heat
moves them (`per_heat` is zero there). Neighbours are read through slices that begin where the loop begins: an index
that might be negative would keep the compiler from using vector instructions.
"""

from __future__ import annotations

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
def temperatures(u: F4, d: F4, medium: U1, table: F4, nodes: int, out: F4, n: int) -> None:
    """Fill in the temperatures of the first n cells [K]."""
    top = np.float32(nodes - 2)
    for i in range(n):
        v = u[i] + d[i]
        q = np.int32(min(max(v, np.float32(0.0)), top))
        b = np.uint64(np.uint32(q) + np.uint32(medium[i]) * np.uint32(nodes))
        t0 = table[b]
        out[i] = t0 + (v - np.float32(q)) * (table[b + np.uint64(1)] - t0)


@compiled(inline=True)
def gained(
    i: int, here: F4, west: F4, east: F4, south: F4, north: F4, below: F4, above: F4,
    g_west: F4, g_east: F4, g_south: F4, g_north: F4, g_below: F4, g_above: F4,
) -> Any:  # noqa: ANN401  (a number; the compiler knows)  # fmt: skip
    """Return the heat that cell i gains from its six neighbours [W]."""
    t = here[i]
    return (
        g_west[i] * (west[i] - t)
        + g_east[i] * (east[i] - t)
        + g_south[i] * (south[i] - t)
        + g_north[i] * (north[i] - t)
        + g_below[i] * (below[i] - t)
        + g_above[i] * (above[i] - t)
    )


@compiled(inline=True)
def at(u: float, medium: int, table: F4, nodes: int) -> Any:  # noqa: ANN401  (a number; the compiler knows)
    """Return a temperature, or another tabulated quantity, of one cell."""
    q = int(min(max(u, 0.0), nodes - 2.0))
    b = q + medium * nodes
    return table[b] + (u - q) * (table[b + 1] - table[b])


@compiled()
def _through(
    index: int, axis: int, nx: int, u: F4, d: F4, medium: U1, table: F4, nodes: int, gx: F4, gy: F4, gz: F4
) -> Any:  # noqa: ANN401
    """Return the heat flowing through a face to its upper cell [W]."""
    size = u.shape[1]
    k = index // size
    i = index - k * size
    if axis == 0:
        g, kl, il = gx[k, i], k, i - 1
    elif axis == 1:
        g, kl, il = gy[k, i], k, i - nx
    else:
        g, kl, il = gz[k, i], k - 1, i
    low = at(u[kl, il] + d[kl, il], medium[kl, il], table, nodes)
    return g * (low - at(u[k, i] + d[k, i], medium[k, i], table, nodes))


@compiled(inline=True)
def _to_surroundings(
    k: int, nz: int, nx: int, below: F4, here: F4, above: F4, gx: F4, gy: F4, gz: F4, gz_above: F4
) -> float:
    """Return the heat flowing out of plane k through the sides of the grid [W]."""
    size = here.size
    total = 0.0
    for left in range(nx, size - nx, nx):
        right = left + nx - 1
        total += gx[left + 1] * (here[left + 1] - here[left]) + gx[right] * (here[right - 1] - here[right])
    for i in range(nx + 1, 2 * nx - 1):
        total += gy[i] * (here[i] - here[i - nx])
    for i in range(size - nx + 1, size - 1):
        total += gy[i] * (here[i - nx] - here[i])
    if k == 1:
        for left in range(nx, size - nx, nx):
            for i in range(left + 1, left + nx - 1):
                total += gz[i] * (here[i] - below[i])
    if k == nz - 2:
        for left in range(nx, size - nx, nx):
            for i in range(left + 1, left + nx - 1):
                total += gz_above[i] * (here[i] - above[i])
    return total


@compiled(parallel=True)
def begin(
    d_odd: F4,
    d_even: F4,
    rate: F4,
    first: float,
    pace: float,
    row: I4,
    run: I4,
    u: F4,
    nx: int,
    medium: U1,
    table: F4,
    nodes: int,
    gx: F4,
    gy: F4,
    gz: F4,
    face: I4,
    axis: U1,
    flow: F4,
    passed_odd: F4,
    passed_even: F4,
) -> None:
    """Fill in stage 1 of a super step: the rate over `first` seconds, for quick cells `pace` of their last increment.

    Parameters
    ----------
    d_odd : float32
        The last increment on entry, stage 1 on return.
    d_even : float32
        Zero on return.
    row, run : int32
        As for `super_step`; so are `face`, `axis`, `flow` and both `passed`, which are filled in.
    """
    short, last = np.float32(first), np.float32(pace)
    for k in prange(d_odd.shape[0]):
        start = 0
        for n in range(row[k], row[k + 1]):
            between, own = d_odd[k, start : run[n, 0]], d_odd[k, run[n, 0] : run[n, 1]]
            r = rate[k, start : run[n, 0]]
            for i in range(between.size):
                between[i] = short * r[i]
            for i in range(own.size):
                own[i] *= last
            start = run[n, 1]
        rest, r = d_odd[k, start:], rate[k, start:]
        for i in range(rest.size):
            rest[i] = short * r[i]
        d_even[k, :] = np.float32(0.0)
    for n in prange(face.size):
        q = _through(face[n], axis[n], nx, u, d_even, medium, table, nodes, gx, gy, gz)
        flow[n] = q
        passed_odd[n] = first * q
        passed_even[n] = 0.0


@compiled(parallel=True)
def super_step(
    u: F4,
    d_odd: F4,
    d_even: F4,
    rate: F4,
    nx: int,
    medium: U1,
    table: F4,
    nodes: int,
    gx: F4,
    gy: F4,
    gz: F4,
    per_heat: F4,
    stages: F4,
    row: I4,
    run: I4,
    face: I4,
    axis: U1,
    flow: F4,
    passed_odd: F4,
    passed_even: F4,
    lost: F8,
    buffer: F4,
) -> None:
    """Carry out the stages 2 .. s of a Runge-Kutta-Legendre super step on the increments d = u(stage) - u(start).

    Cells of the given runs, the quick ones, are carried along at a given pace instead; what passes the faces between
    them and the others is summed up, so that the quick cells can be given the same heat afterwards.

    Parameters
    ----------
    u, d_odd, d_even, rate, per_heat : (planes, cells) float32
        Start value; increments of the odd stages (holding stage 1 on entry) and of the even ones (zero on entry);
        rate at the start [1/s]; coordinate per unit of heat [1/J]. The last stage is left in one of the increments.
    nx : int
        Cells in a row, ghosts counted.
    medium : uint8
        Row of `table`.
    table : (media * nodes,) float32
        Temperature over the coordinate [K].
    gx, gy, gz : float32
        Conductance of the face towards the lower neighbour [W/K].
    stages : (s - 1, 6) float32
        Coefficients mu, nu, mu~ tau and gamma~ tau of each stage, the ratio of its time to that of the one before, and
        that time over the step.
    row, run : (planes + 1,) and (runs, 2) int32
        Runs of quick cells, from and up to, within their plane; those of plane k are row[k] .. row[k + 1].
    face, axis, flow : (faces,)
        Flat index of the upper cell and axis of each face between a quick cell and another; heat passing to the upper
        cell at the start [W].
    passed_odd, passed_even : (faces,) float32
        Heat passed by the odd stages (holding stage 1 on entry) and the even ones (zero on entry) [J].
    lost : (s - 1, threads) float64
        Filled with the heat flowing out of the sides, taken at the state before each stage [W].
    buffer : (threads, 3, cells) float32
        Room for the temperatures of three planes.
    """
    nz, size = u.shape
    threads = buffer.shape[0]
    for s in range(stages.shape[0]):
        mu, nu, mt, gt, pace = stages[s, 0], stages[s, 1], stages[s, 2], stages[s, 3], stages[s, 4]
        old = d_odd if s % 2 == 0 else d_even
        new = d_even if s % 2 == 0 else d_odd
        if face.size > 0:
            passed_old = passed_odd if s % 2 == 0 else passed_even
            passed_new = passed_even if s % 2 == 0 else passed_odd
            for n in prange(face.size):
                q = _through(face[n], axis[n], nx, u, old, medium, table, nodes, gx, gy, gz)
                passed_new[n] = mu * passed_old[n] + nu * passed_new[n] + mt * q + gt * flow[n]
        for t in prange(threads):
            first = 1 + (nz - 2) * t // threads
            end = 1 + (nz - 2) * (t + 1) // threads
            out = 0.0
            for k in range(first - 1, first + 1):
                temperatures(u[k], old[k], medium[k], table, nodes, buffer[t, k % 3], size)
            for k in range(first, end):
                temperatures(u[k + 1], old[k + 1], medium[k + 1], table, nodes, buffer[t, (k + 1) % 3], size)
                below, here, above = buffer[t, (k - 1) % 3], buffer[t, k % 3], buffer[t, (k + 1) % 3]
                n = size - 2 * nx - 2
                tc, tw, te, ts, tn = here[nx + 1 :], here[nx:], here[nx + 2 :], here[1:], here[2 * nx + 1 :]
                tb, ta = below[nx + 1 :], above[nx + 1 :]
                x, xe, y, yn = gx[k, nx + 1 :], gx[k, nx + 2 :], gy[k, nx + 1 :], gy[k, 2 * nx + 1 :]
                z, zn = gz[k, nx + 1 :], gz[k + 1, nx + 1 :]
                c, a, b, r = per_heat[k, nx + 1 :], old[k, nx + 1 :], new[k, nx + 1 :], rate[k, nx + 1 :]
                for i in range(n):
                    heat = gained(i, tc, tw, te, ts, tn, tb, ta, x, xe, y, yn, z, zn)
                    b[i] = mu * a[i] + nu * b[i] + mt * c[i] * heat + gt * r[i]
                for n in range(row[k], row[k + 1]):
                    for i in range(run[n, 0], run[n, 1]):
                        new[k, i] = pace * old[k, i]
                out += _to_surroundings(k, nz, nx, below, here, above, gx[k], gy[k], gz[k], gz[k + 1])
            lost[s, t] = out


@compiled(parallel=True)
def rates(
    u: F4,
    d: F4,
    rate_before: F4,
    rate: F4,
    nx: int,
    medium: U1,
    table: F4,
    steepest: F4,
    nodes: int,
    gx: F4,
    gy: F4,
    gz: F4,
    per_heat: F4,
    error_scale: F4,
    kind: U1,
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
    error_scale : (media, 2) float32
        Kelvin of sensible heat in one unit of the coordinate, for media that count as mould and as metal; zero where
        the medium does not count.
    kind : (media,) uint8
        0 surroundings, 1 slow, 2 quick.
    step : float
        Length of the step just made [s]; 0 where there was none.
    sums : (threads, 6) float64
        Filled with the squared error of mould and of metal [K2], stiffness of the slow and of the quick [1/s], largest
        |d|, heat flowing out of the sides [W].
    zero : (cells,) float32
        Zeros.
    """
    nz, size = u.shape
    threads = buffer.shape[0]
    part, whole = np.float32(0.4 * step), np.float32(0.8)
    for t in prange(threads):
        first = 1 + (nz - 2) * t // threads
        end = 1 + (nz - 2) * (t + 1) // threads
        mould, metal, out = 0.0, 0.0, 0.0
        slow: Any = np.float32(0.0)
        quick: Any = np.float32(0.0)
        largest: Any = np.float32(0.0)
        for k in range(first - 1, first + 1):
            temperatures(u[k], zero, medium[k], table, nodes, buffer[t, k % 3], size)
        for k in range(first, end):
            temperatures(u[k + 1], zero, medium[k + 1], table, nodes, buffer[t, (k + 1) % 3], size)
            below, here, above = buffer[t, (k - 1) % 3], buffer[t, k % 3], buffer[t, (k + 1) % 3]
            n = size - 2 * nx - 2
            tc, tw, te, ts, tn = here[nx + 1 :], here[nx:], here[nx + 2 :], here[1:], here[2 * nx + 1 :]
            tb, ta = below[nx + 1 :], above[nx + 1 :]
            x, xe, y, yn = gx[k, nx + 1 :], gx[k, nx + 2 :], gy[k, nx + 1 :], gy[k, 2 * nx + 1 :]
            z, zn = gz[k, nx + 1 :], gz[k + 1, nx + 1 :]
            c, r, m, v = per_heat[k, nx + 1 :], rate[k, nx + 1 :], medium[k, nx + 1 :], u[k, nx + 1 :]
            before, made = rate_before[k, nx + 1 :], d[k, nx + 1 :]
            for i in range(n):
                heat = gained(i, tc, tw, te, ts, tn, tb, ta, x, xe, y, yn, z, zn)
                r[i] = c[i] * heat
            in_mould: Any = np.float32(0.0)
            in_metal: Any = np.float32(0.0)
            for i in range(n):
                q = np.uint64(np.int32(min(max(v[i], np.float32(0.0)), np.float32(nodes - 2))))
                decay = steepest[q + np.uint64(m[i]) * np.uint64(nodes)] * c[i]
                decay *= x[i] + xe[i] + y[i] + yn[i] + z[i] + zn[i]
                error = part * (before[i] + r[i]) - whole * made[i]
                error *= error
                what = kind[m[i]]
                quick = max(quick, decay if what == 2 else np.float32(0.0))
                slow = max(slow, decay if what == 1 else np.float32(0.0))
                largest = max(largest, abs(made[i]) if what > 0 else np.float32(0.0))
                in_mould += error * error_scale[m[i], 0]
                in_metal += error * error_scale[m[i], 1]
            mould += in_mould
            metal += in_metal
            out += _to_surroundings(k, nz, nx, below, here, above, gx[k], gy[k], gz[k], gz[k + 1])
        sums[t, 0], sums[t, 1] = mould, metal
        sums[t, 2], sums[t, 3], sums[t, 4], sums[t, 5] = 2.0 * slow, 2.0 * quick, largest, out


@compiled(inline=True)
def _half_resistances(u: F4, medium: U1, conductivity: F4, nodes: int, out: F4) -> None:
    top = np.float32(nodes - 2)
    for i in range(u.size):
        v = u[i]
        q = np.int32(min(max(v, np.float32(0.0)), top))
        b = np.uint64(np.uint32(q) + np.uint32(medium[i]) * np.uint32(nodes))
        k0 = conductivity[b]
        f = min(max(v - np.float32(q), np.float32(0.0)), np.float32(1.0))
        out[i] = np.float32(0.5) / (k0 + f * (conductivity[b + np.uint64(1)] - k0))


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
    nz = u.shape[0]
    nx, ny = dx.size, dy.size
    threads = buffer.shape[0]
    for t in prange(threads):
        first = 1 + (nz - 2) * t // threads
        end = 1 + (nz - 2) * (t + 1) // threads
        if t == threads - 1:
            end = nz
        _half_resistances(u[first - 1], medium[first - 1], conductivity, nodes, buffer[t, (first - 1) % 3])
        for k in range(first, end):
            _half_resistances(u[k], medium[k], conductivity, nodes, buffer[t, k % 3])
            below, here = buffer[t, (k - 1) % 3], buffer[t, k % 3]
            zk, zb = dz[k], dz[k - 1]
            for j in range(1, ny):
                yj, ys = dy[j], dy[j - 1]
                o = j * nx + 1
                x, y, z = gx[k, o : o + nx - 1], gy[k, o : o + nx - 1], gz[k, o : o + nx - 1]
                rc, rw, rs, rb = (
                    here[o : o + nx - 1],
                    here[o - 1 : o + nx - 2],
                    here[o - nx : o - 1],
                    below[o : o + nx - 1],
                )
                wide, wide_west = dx[1:], dx[: nx - 1]
                for i in range(nx - 1):
                    x[i] = yj * zk / (wide[i] * rc[i] + wide_west[i] * rw[i])
                    y[i] = wide[i] * zk / (yj * rc[i] + ys * rs[i])
                    z[i] = wide[i] * yj / (zk * rc[i] + zb * rb[i])


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
    gain: F4,
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
    gain : (faces,) float32
        By how much the half cell at an edge carries more [1]: of the upper cell, or if negative of the lower one.
    coefficient : (pairs, columns) float32
        Interface coefficient over the hotter side's temperature, column 0 at `lowest` [W/(m2 K)]; negative: closed.
    emissivity : (pairs,) float32
        Effective emissivity across the interface [1].
    """
    sigma = 5.670374419e-8
    size = u.shape[1]
    nx = dx.size
    columns = coefficient.shape[1]
    for f in prange(cell.size):
        k = cell[f] // size
        p = cell[f] - k * size
        j, i = p // nx, p % nx
        a = axis[f]
        kl, jl, il = k - (a == 2), j - (a == 1), i - (a == 0)
        pl = jl * nx + il
        if a == 0:
            face, wide, wide_low = dy[j] * dz[k], dx[i], dx[il]
        elif a == 1:
            face, wide, wide_low = dx[i] * dz[k], dy[j], dy[jl]
        else:
            face, wide, wide_low = dx[i] * dy[j], dz[k], dz[kl]
        t, r = _state(u[k, p], medium[k, p], table, conductivity, nodes, wide)
        t_low, r_low = _state(u[kl, pl], medium[kl, pl], table, conductivity, nodes, wide_low)
        if gain[f] > 0.0:
            r /= gain[f]
        else:
            r_low /= -gain[f]
        which = pair[f]
        place = min(max((max(t, t_low) - lowest) * per_kelvin, 0.0), columns - 1.001)
        q = int(place)
        h = coefficient[which, q] + (place - q) * (coefficient[which, q + 1] - coefficient[which, q])
        g = 0.0
        if h >= 0.0:
            s, s_low = t, t_low
            for _ in range(3 if emissivity[which] > 0.0 else 1):
                total = (h + emissivity[which] * sigma * (s * s + s_low * s_low) * (s + s_low)) * area[f]
                if total <= 0.0:
                    g = 0.0
                    break
                g = 1.0 / (r + r_low + 1.0 / total)
                # Radiation counts the temperatures of the two surfaces, which lie half a cell away.
                flux = g * (t - t_low)
                s, s_low = t - flux * r, t_low + flux * r_low
            g *= face
        if a == 0:
            gx[k, p] = g
        elif a == 1:
            gy[k, p] = g
        else:
            gz[k, p] = g


@compiled(inline=True)
def _state(u: float, medium: int, table: F4, conductivity: F4, nodes: int, width: float) -> Any:  # noqa: ANN401  (a pair of numbers; the compiler knows)
    q = int(min(max(u, 0.0), nodes - 2.0))
    f = u - q
    b = q + medium * nodes
    t = table[b] + f * (table[b + 1] - table[b])
    conducted = conductivity[b] + min(max(f, 0.0), 1.0) * (conductivity[b + 1] - conductivity[b])
    return t, 0.5 * width / conducted
