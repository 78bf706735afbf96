"""The turn of the quick cells: see `casting.quick`; arrays over cells as in `casting.kernels.heat`."""

from __future__ import annotations

import numpy as np
from numba import prange

from forgecast.casting.kernels.heat import F4, F8, I4, U1, gained, temperatures
from forgecast.ground.compiled import compiled


@compiled()
def hand_over(
    face: I4, upper_is_quick: U1, rim: I4, cell: I4, flow: F4, passed: F4, step: float, per_heat: F4, rim_rate: F4
) -> None:
    """Give quick cells what passed their faces to others: rising or falling evenly over the step, the sum being kept.

    Parameters
    ----------
    rim : (faces,) int32
        Which of `cell` is the quick cell of each face.
    cell : (cells,) int32
        Flat index of the quick cells that have such faces.
    flow, passed : (faces,) float32
        Heat passing to the upper cell at the start [W], and heat passed in the step [J].
    rim_rate : (cells, 2) float32
        Filled with the rate from outside at the start and at the end of the step [1/s].
    """
    rim_rate[:] = np.float32(0.0)
    flat = per_heat.ravel()
    for n in range(face.size):
        c = rim[n]
        sign = 1.0 if upper_is_quick[n] else -1.0
        rim_rate[c, 0] += sign * flow[n] * flat[cell[c]]
        rim_rate[c, 1] += sign * (2.0 * passed[n] / step - flow[n]) * flat[cell[c]]


@compiled()
def close_faces(face: I4, axis: U1, kept: F4, gx: F4, gy: F4, gz: F4) -> None:
    """Close the faces and keep their conductances for `open_faces`."""
    size = gx.shape[1]
    for n in range(face.size):
        k = face[n] // size
        i = face[n] - k * size
        if axis[n] == 0:
            kept[n] = gx[k, i]
            gx[k, i] = 0.0
        elif axis[n] == 1:
            kept[n] = gy[k, i]
            gy[k, i] = 0.0
        else:
            kept[n] = gz[k, i]
            gz[k, i] = 0.0


@compiled()
def open_faces(face: I4, axis: U1, kept: F4, gx: F4, gy: F4, gz: F4) -> None:
    """Put back the conductances that `close_faces` took away."""
    size = gx.shape[1]
    for n in range(face.size):
        k = face[n] // size
        i = face[n] - k * size
        if axis[n] == 0:
            gx[k, i] = kept[n]
        elif axis[n] == 1:
            gy[k, i] = kept[n]
        else:
            gz[k, i] = kept[n]


@compiled(parallel=True)
def quick_step(
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
    first: float,
    stages: F4,
    row: I4,
    run: I4,
    bar: I4,
    span: I4,
    quick: U1,
    cell: I4,
    rim_rate: F4,
    slab: I4,
    buffer: F4,
) -> None:
    """Carry out a whole super step of the quick cells alone, whose faces to others are closed.

    Parameters
    ----------
    rate : float32
        Whole rate at the start [1/s].
    first : float
        Length of stage 1 [s].
    stages : (s - 1, 6) float32
        As for `super_step`.
    row, run : int32
        Runs of quick cells, as for `super_step`.
    bar, span : (planes + 1,) and (spans, 2) int32
        Runs drawn together over short gaps, so that loops are long; cells in the gaps are left as they are.
    quick : uint8
        1 in quick cells.
    cell, rim_rate : (cells,) int32, (cells, 2) float32
        From `hand_over`.
    slab : (threads + 1,) int32
        Planes at which the work is divided.
    """
    size = u.shape[1]
    threads = buffer.shape[0]
    for k in prange(u.shape[0]):
        for n in range(row[k], row[k + 1]):
            for i in range(run[n, 0], run[n, 1]):
                d_odd[k, i] = np.float32(first) * rate[k, i]
                d_even[k, i] = np.float32(0.0)
    for s in range(stages.shape[0]):
        mu, nu, mt, gt, share = stages[s, 0], stages[s, 1], stages[s, 2], stages[s, 3], stages[s, 5]
        old = d_odd if s % 2 == 0 else d_even
        new = d_even if s % 2 == 0 else d_odd
        for t in prange(threads):
            for k in range(slab[t] - 1, slab[t + 1] + 1):
                for n in range(bar[k], bar[k + 1]):
                    o, e = span[n, 0], span[n, 1]
                    temperatures(u[k, o:e], old[k, o:e], medium[k, o:e], table, nodes, buffer[t, k % 3, o:e], e - o)
                m = k - 1
                if m < slab[t]:
                    continue
                below, here, above = buffer[t, (m - 1) % 3], buffer[t, m % 3], buffer[t, (m + 1) % 3]
                for n in range(bar[m], bar[m + 1]):
                    o, e = span[n, 0], span[n, 1]
                    tc, tw, te, ts, tn = here[o:e], here[o - 1 :], here[o + 1 :], here[o - nx :], here[o + nx :]
                    tb, ta = below[o:e], above[o:e]
                    x, xe, y, yn = gx[m, o:e], gx[m, o + 1 :], gy[m, o:e], gy[m, o + nx :]
                    z, zn = gz[m, o:e], gz[m + 1, o:e]
                    c, a, b, r, mine = per_heat[m, o:e], old[m, o:e], new[m, o:e], rate[m, o:e], quick[m, o:e]
                    for i in range(e - o):
                        heat = gained(i, tc, tw, te, ts, tn, tb, ta, x, xe, y, yn, z, zn)
                        value = mu * a[i] + nu * b[i] + mt * c[i] * heat + gt * r[i]
                        b[i] = value if mine[i] > 0 else b[i]
        for n in prange(cell.size):
            k = cell[n] // size
            new[k, cell[n] - k * size] += mt * (rim_rate[n, 0] + share * (rim_rate[n, 1] - rim_rate[n, 0]))


@compiled(parallel=True)
def quick_error(
    u: F4,
    d: F4,
    rate: F4,
    free: F4,
    nx: int,
    medium: U1,
    table: F4,
    nodes: int,
    gx: F4,
    gy: F4,
    gz: F4,
    per_heat: F4,
    row: I4,
    run: I4,
    bar: I4,
    span: I4,
    cell: I4,
    rim_rate: F4,
    slab: I4,
    step: float,
    kelvin: F8,
    squares: F8,
    buffer: F4,
) -> None:
    """Form the error of the step of the quick cells, with the heat from outside as it was given.

    Parameters
    ----------
    d, rate, free : float32
        Increment of the step; whole rate at its start [1/s]; room, whatever it holds in quick cells.
    kelvin : (media,) float64
        Sensible heat in one unit of the coordinate [K].
    squares : (threads,) float64
        Filled with the sum of squared errors [K2].
    """
    size = u.shape[1]
    threads = buffer.shape[0]
    for k in prange(u.shape[0]):
        for n in range(row[k], row[k + 1]):
            free[k, run[n, 0] : run[n, 1]] = np.float32(0.0)
    for n in prange(cell.size):
        k = cell[n] // size
        free[k, cell[n] - k * size] = rim_rate[n, 1]
    for t in prange(threads):
        total = 0.0
        for k in range(slab[t] - 1, slab[t + 1] + 1):
            for n in range(bar[k], bar[k + 1]):
                o, e = span[n, 0], span[n, 1]
                temperatures(u[k, o:e], d[k, o:e], medium[k, o:e], table, nodes, buffer[t, k % 3, o:e], e - o)
            m = k - 1
            if m < slab[t]:
                continue
            below, here, above = buffer[t, (m - 1) % 3], buffer[t, m % 3], buffer[t, (m + 1) % 3]
            for n in range(row[m], row[m + 1]):
                o, e = run[n, 0], run[n, 1]
                tc, tw, te, ts, tn = here[o:e], here[o - 1 :], here[o + 1 :], here[o - nx :], here[o + nx :]
                x, xe, y, yn = gx[m, o:e], gx[m, o + 1 :], gy[m, o:e], gy[m, o + nx :]
                z, zn, tb, ta = gz[m, o:e], gz[m + 1, o:e], below[o:e], above[o:e]
                c, r, f, a, kind = per_heat[m, o:e], rate[m, o:e], free[m, o:e], d[m, o:e], medium[m, o:e]
                for i in range(e - o):
                    heat = gained(i, tc, tw, te, ts, tn, tb, ta, x, xe, y, yn, z, zn)
                    error = 0.4 * step * (r[i] + c[i] * heat + f[i]) - 0.8 * a[i]
                    error *= kelvin[kind[i]]
                    total += error * error
        squares[t] = total
