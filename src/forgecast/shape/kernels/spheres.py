"""Largest spheres inside a solid: where they lie over the cells, and how thick the wall is behind a point."""

from __future__ import annotations

import math

import numpy as np
from numba import prange
from numpy.typing import NDArray

from forgecast.ground.compiled import compiled
from forgecast.shape.kernels.tree import first_hit, nearest

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]


@compiled()
def _gradient(triangles: F8, boxes: F8, p: F8, bound: float, slack: float, stack: I8, found: F8, into: F8) -> float:
    """Write the direction away from the nearest point of the surface; return the distance (see `nearest`)."""
    if nearest(triangles, boxes, p, bound, slack, stack, found) < 0:
        # Only rounding can hide the point that the bound stands for; search without it.
        nearest(triangles, boxes, p, np.inf, slack, stack, found)
    for k in range(3):
        into[k] = (p[k] - found[k]) / max(found[3], 1e-300)
    return float(found[3])


@compiled()
def _is_ridge(depth: F8, k: int, j: int, i: int, x: F8, y: F8, z: F8) -> bool:
    """Tell whether no neighbour is deeper by nearly its distance: the surface is then nearest on several sides.

    Away from the ridges depth grows along its gradient by 1; one of 26 directions lies within 28 degrees of it.
    """
    nz, ny, nx = depth.shape
    here = depth[k, j, i]
    for kk in range(max(k - 1, 0), min(k + 2, nz)):
        for jj in range(max(j - 1, 0), min(j + 2, ny)):
            for ii in range(max(i - 1, 0), min(i + 2, nx)):
                there = depth[kk, jj, ii]
                if there > here:
                    step = math.sqrt((x[ii] - x[i]) ** 2 + (y[jj] - y[j]) ** 2 + (z[kk] - z[k]) ** 2)
                    if there - here > 0.85 * step:
                        return False
    return True


@compiled(parallel=True)
def lifted(triangles: F8, boxes: F8, x: F8, y: F8, z: F8, widths: tuple[F8, F8, F8], depth: F8) -> F8:
    """Return depths in which each ridge cell has the greatest depth found inside it, not that of its centre.

    A ridge runs between cell centres; without this, steps of the grid along it would look like hills and saddles.
    """
    nz, ny, nx = depth.shape
    out = depth.copy()
    for row in prange(nz * ny):
        k, j = row // ny, row % ny
        stack = np.empty(64, dtype=np.int64)
        p, trial, best_g, g, both, found = np.empty(3), np.empty(3), np.empty(3), np.empty(3), np.empty(3), np.empty(4)
        for i in range(nx):
            if not depth[k, j, i] > 0.0 or not _is_ridge(depth, k, j, i, x, y, z):
                continue
            p[0], p[1], p[2] = x[i], y[j], z[k]
            half = np.array([0.5 * widths[0][i], 0.5 * widths[1][j], 0.5 * widths[2][k]])
            size = max(half[0], half[1], half[2])
            slack = 2e-3 * size
            best = _gradient(triangles, boxes, p, depth[k, j, i] + slack, slack, stack, found, best_g)
            step = 0.5 * size
            while step > 0.1 * size:
                both[:] = best_g
                better = False
                # First straight away from the surface; if that passes the ridge, along the ridge.
                for _ in range(2):
                    norm = math.sqrt(both[0] ** 2 + both[1] ** 2 + both[2] ** 2)
                    if norm < 1e-6:
                        break
                    for c in range(3):
                        centre = x[i] if c == 0 else (y[j] if c == 1 else z[k])
                        trial[c] = min(max(p[c] + step * both[c] / norm, centre - half[c]), centre + half[c])
                    # No point is deeper than the way to it allows.
                    bound = best + step + slack
                    d = _gradient(triangles, boxes, trial, bound, slack, stack, found, g)
                    if d > best + slack:
                        best = d
                        p[:] = trial
                        best_g[:] = g
                        better = True
                        break
                    both += g
                if not better:
                    step *= 0.5
            out[k, j, i] = best
    return out


@compiled()
def _root(up: I8, i: int) -> int:
    while up[i] != i:
        up[i] = up[up[i]]
        i = up[i]
    return i


@compiled()
def peaks(order: I8, depth: F8, rise: float) -> tuple[I8, F8]:
    """Return the cells that are peaks of depth, and the depth of the saddle to a higher one (NaN: there is none).

    Parameters
    ----------
    order : (n,) int64
        Flat numbers of the inner cells, deepest first.
    depth : (nz, ny, nx) float64
    rise : float
        A peak less than this above its saddle is none [m].

    Notes
    -----
    The merge tree of the depth over 26 neighbours: cells are added from the deepest on; where two hills meet, the
    lower one ends.
    """
    nz, ny, nx = depth.shape
    flat = depth.reshape(-1)
    up = np.full(flat.size, -1, dtype=np.int64)
    found = np.empty(len(order), dtype=np.int64)
    saddle = np.empty(len(order))
    count = 0
    for c in order:
        k, j, i = c // (nx * ny), (c // nx) % ny, c % nx
        up[c] = c
        for kk in range(max(k - 1, 0), min(k + 2, nz)):
            for jj in range(max(j - 1, 0), min(j + 2, ny)):
                for ii in range(max(i - 1, 0), min(i + 2, nx)):
                    other = (kk * ny + jj) * nx + ii
                    if up[other] < 0 or other == c:
                        continue
                    a, b = _root(up, c), _root(up, other)
                    if a == b:
                        continue
                    # The root of a hill is its peak.
                    if flat[a] < flat[b]:
                        a, b = b, a
                    if flat[b] - flat[c] >= rise:
                        found[count] = b
                        saddle[count] = flat[c]
                        count += 1
                    up[b] = a
    for c in order:
        if up[c] == c:
            found[count] = c
            saddle[count] = np.nan
            count += 1
    return found[:count].copy(), saddle[:count].copy()


@compiled()
def plateau(depth: F8, peak: int, level: float) -> I8:
    """Return the cells joined to a peak that are at least as deep as a level."""
    nz, ny, nx = depth.shape
    flat = depth.reshape(-1)
    seen = np.zeros(flat.size, dtype=np.bool_)
    cells = np.empty(flat.size, dtype=np.int64)
    cells[0] = peak
    seen[peak] = True
    count, done = 1, 0
    while done < count:
        c = cells[done]
        done += 1
        k, j, i = c // (nx * ny), (c // nx) % ny, c % nx
        for kk in range(max(k - 1, 0), min(k + 2, nz)):
            for jj in range(max(j - 1, 0), min(j + 2, ny)):
                for ii in range(max(i - 1, 0), min(i + 2, nx)):
                    other = (kk * ny + jj) * nx + ii
                    if not seen[other] and flat[other] >= level:
                        seen[other] = True
                        cells[count] = other
                        count += 1
    return cells[:count].copy()


@compiled()
def climbed(triangles: F8, boxes: F8, start: F8, cell: float) -> F8:
    """Return the centre and radius (4,) of the largest inner sphere reached by climbing from a point.

    Each round tries directions spread over the sphere, turned from round to round, and takes the best; where none
    is better the step shrinks, down to a ten-thousandth of a cell.
    """
    stack = np.empty(64, dtype=np.int64)
    found, trial, best = np.empty(4), np.empty(3), np.empty(3)
    p = start.copy()
    nearest(triangles, boxes, p, np.inf, 1e-5 * cell, stack, found)
    here = found[3]
    step, turn = 0.5 * cell, 0.0
    golden = math.pi * (3.0 - math.sqrt(5.0))
    tries = 32
    while step > 1e-4 * cell:
        top = here
        for n in range(tries):
            up = 1.0 - (2.0 * n + 1.0) / tries
            flat = math.sqrt(1.0 - up * up)
            trial[0] = p[0] + step * flat * math.cos(golden * n + turn)
            trial[1] = p[1] + step * flat * math.sin(golden * n + turn)
            trial[2] = p[2] + step * up
            nearest(triangles, boxes, trial, np.inf, 1e-5 * cell, stack, found)
            if found[3] > top:
                top = found[3]
                best[:] = trial
        # A gain far below the step is the drift along a plateau, not a climb.
        if top - here > 1e-3 * step:
            p[:] = best
            here = top
        else:
            step *= 0.6
        turn += 1.0
    return np.array([p[0], p[1], p[2], here])


@compiled(parallel=True)
def walls(triangles: F8, boxes: F8, points: F8, normals: F8, start: float, cut: float) -> tuple[F8, F8]:
    """Return the diameters of the spheres that touch the surface from inside at points, and the lengths of rays.

    Parameters
    ----------
    points, normals : (n, 3) float64
        On the surface; unit, outward.
    start : float
        How far behind the surface a ray begins to look [m].
    cut : float
        Share of its radius by which a sphere may cut the surface: facets of a round wall are not its end.

    Notes
    -----
    The shrinking ball: a sphere through the point and the end of the ray shrinks to the surface point nearest to its
    centre until there is none inside (Ma, Bae, Choi 2012, doi:10.1007/s00371-011-0594-7).
    """
    n = len(points)
    sphere, ray = np.empty(n), np.empty(n)
    for i in prange(n):
        stack = np.empty(64, dtype=np.int64)
        found, c = np.empty(4), np.empty(3)
        p, outward = points[i], normals[i]
        ray[i] = first_hit(triangles, boxes, p, -outward, start, stack)
        radius = 0.5 * ray[i]
        for _ in range(30):
            if not math.isfinite(radius):
                break
            for k in range(3):
                c[k] = p[k] - radius * outward[k]
            nearest(triangles, boxes, c, np.inf, 0.0, stack, found)
            if found[3] >= radius * (1.0 - cut):
                break
            across, square = 0.0, 0.0
            for k in range(3):
                across += outward[k] * (p[k] - found[k])
                square += (p[k] - found[k]) ** 2
            if across <= 0.0:
                break
            smaller = square / (2.0 * across)
            if smaller >= radius:
                break
            radius = smaller
        sphere[i] = 2.0 * radius
    return sphere, ray
