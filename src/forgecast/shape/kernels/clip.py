"""Triangles cut along the faces of cells: what each cell holds of a solid, and of its surface."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.compiled import compiled

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]

#: A triangle cut by six planes has at most nine corners.
_CORNERS = 12


@compiled()
def snapped(vertices: F8, edges: F8, axis: int, share: float) -> None:
    """Move coordinates that miss a cell face by less than a share of a cell's width onto it, in place.

    Both triangles at an edge see the same moved vertex, so a closed surface stays closed.
    """
    n = len(edges) - 1
    for v in range(len(vertices)):
        x = vertices[v, axis]
        i = min(max(np.searchsorted(edges, x), 1), n)
        # x lies between edges i-1 and i, or outside the grid
        near = i - 1 if abs(x - edges[i - 1]) < abs(x - edges[i]) else i
        if abs(x - edges[near]) < share * (edges[i] - edges[i - 1]):
            vertices[v, axis] = edges[near]


@compiled()
def _slab(polygon: F8, count: int, axis: int, low: float, high: float, spare: F8, out: F8) -> int:
    """Cut a convex polygon to low <= coordinate <= high; return the number of corners left."""
    kept = 0
    for i in range(count):
        a, b = polygon[i], polygon[(i + 1) % count]
        if a[axis] >= low:
            spare[kept] = a
            kept += 1
        if (a[axis] < low < b[axis]) or (b[axis] < low < a[axis]):
            share = (low - a[axis]) / (b[axis] - a[axis])
            for k in range(3):
                spare[kept, k] = a[k] + share * (b[k] - a[k])
            spare[kept, axis] = low
            kept += 1
    last = 0
    for i in range(kept):
        a, b = spare[i], spare[(i + 1) % kept]
        if a[axis] <= high:
            out[last] = a
            last += 1
        if (a[axis] < high < b[axis]) or (b[axis] < high < a[axis]):
            share = (high - a[axis]) / (b[axis] - a[axis])
            for k in range(3):
                out[last, k] = a[k] + share * (b[k] - a[k])
            out[last, axis] = high
            last += 1
    return last


@compiled()
def _range(polygon: F8, count: int, axis: int, edges: F8, behind: float) -> tuple[int, int]:
    """Return the first and last slab a polygon lies in; one that lies in a cell face belongs to the side `behind`."""
    low = high = polygon[0, axis]
    for i in range(1, count):
        low = min(low, polygon[i, axis])
        high = max(high, polygon[i, axis])
    first = np.searchsorted(edges, low, side="right") - 1
    last = np.searchsorted(edges, high, side="left") - 1
    if last < first:
        # The whole polygon lies in one cell face: `first` is the slab above it, `last` the one below.
        first = last = first if behind > 0.0 else last
    return first, last


@compiled()
def _area(polygon: F8, count: int, into: F8) -> None:
    """Write the vector area (0..2) and the mean x weighted by area along x (3) of a polygon."""
    into[:] = 0.0
    o = polygon[0]
    for i in range(1, count - 1):
        a, b = polygon[i], polygon[i + 1]
        ax, ay, az = a[0] - o[0], a[1] - o[1], a[2] - o[2]
        bx, by, bz = b[0] - o[0], b[1] - o[1], b[2] - o[2]
        nx = 0.5 * (ay * bz - az * by)
        into[0] += nx
        into[1] += 0.5 * (az * bx - ax * bz)
        into[2] += 0.5 * (ax * by - ay * bx)
        into[3] += nx * (o[0] + a[0] + b[0]) / 3.0


@compiled()
def cut_cells(vertices: F8, faces: I8, x: F8, y: F8, z: F8, filled: F8, area: F8) -> None:
    """Add each triangle's share of filling and area to the cells.

    Parameters
    ----------
    vertices : (n, 3) float64
    faces : (m, 3) int64
        Of a closed surface whose faces turn outward.
    x, y, z : (n + 1,) float64
        Cell faces.
    filled : (nz, ny, nx + 1) float64
        Gains, along x, the *steps* of the filling: its running sum along x is the volume fraction. Empty: not wanted.
    area : (nz, ny, nx) float64
        Gains the surface area in each cell; a face lying in a cell face counts for the cell inside the solid.
        Empty: not wanted.

    Notes
    -----
    A piece P of the surface within a cell, whose vector area has the component A along x (positive outward), ends the
    solid for all points beyond it: the cell loses the prism between P and its upper face, ``A (x1 - mean x of P)``,
    and every cell beyond loses the whole prism ``A dx``. Summed over a closed surface this is the volume of the
    solid in each cell, exactly (the divergence theorem for the field (x, 0, 0) cell by cell).
    """
    nx, ny, nz = len(x) - 1, len(y) - 1, len(z) - 1
    want_fill, want_area = filled.size > 0, area.size > 0
    whole, layer, bar, piece, spare = (
        np.empty((_CORNERS, 3)),
        np.empty((_CORNERS, 3)),
        np.empty((_CORNERS, 3)),
        np.empty((_CORNERS, 3)),
        np.empty((_CORNERS, 3)),
    )
    sums = np.empty(4)
    for f in range(len(faces)):
        for c in range(3):
            whole[c] = vertices[faces[f, c]]
        _area(whole, 3, sums)
        normal_x, normal_y, normal_z = sums[0], sums[1], sums[2]
        if normal_x == 0.0 and not want_area:
            continue
        k0, k1 = _range(whole, 3, 2, z, -normal_z)
        for k in range(max(k0, 0), min(k1, nz - 1) + 1):
            in_layer = _slab(whole, 3, 2, z[k], z[k + 1], spare, layer)
            if in_layer < 3:
                continue
            j0, j1 = _range(layer, in_layer, 1, y, -normal_y)
            for j in range(max(j0, 0), min(j1, ny - 1) + 1):
                in_bar = _slab(layer, in_layer, 1, y[j], y[j + 1], spare, bar)
                if in_bar < 3:
                    continue
                i0, i1 = _range(bar, in_bar, 0, x, -normal_x)
                if want_fill and i0 < 0 and normal_x != 0.0:
                    # Before the first cell: the piece ends the solid for the whole bar.
                    count = _slab(bar, in_bar, 0, -np.inf, x[0], spare, piece)
                    if count > 2:
                        _area(piece, count, sums)
                        filled[k, j, 0] -= sums[0] / ((y[j + 1] - y[j]) * (z[k + 1] - z[k]))
                for i in range(max(i0, 0), min(i1, nx - 1) + 1):
                    count = _slab(bar, in_bar, 0, x[i], x[i + 1], spare, piece)
                    if count < 3:
                        continue
                    _area(piece, count, sums)
                    if want_area:
                        area[k, j, i] += math.sqrt(sums[0] ** 2 + sums[1] ** 2 + sums[2] ** 2)
                    if want_fill and normal_x != 0.0:
                        ends = sums[0] / ((y[j + 1] - y[j]) * (z[k + 1] - z[k]))
                        here = (sums[0] * x[i + 1] - sums[3]) / (
                            (x[i + 1] - x[i]) * (y[j + 1] - y[j]) * (z[k + 1] - z[k])
                        )
                        filled[k, j, i] -= here
                        filled[k, j, i + 1] -= ends - here


@compiled()
def running_sums(filled: F8) -> None:
    """Turn the steps of the filling along x into the filling, in place; rounding next to 0 and 1 is taken off."""
    nz, ny, nx = filled.shape
    for k in range(nz):
        for j in range(ny):
            total = 0.0
            for i in range(nx):
                total += filled[k, j, i]
                value = total
                if abs(value) < 1e-9:
                    value = 0.0
                elif abs(value - 1.0) < 1e-9:
                    value = 1.0
                filled[k, j, i] = value
