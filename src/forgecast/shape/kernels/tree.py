"""A tree of boxes over triangles: the nearest point of a surface, and where a ray first meets it."""

from __future__ import annotations

import math

import numpy as np
from numba import prange
from numpy.typing import NDArray

from forgecast.ground.compiled import compiled

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
#: Triangles in tree order (m, 3, 3), and the boxes of the nodes (2 n, 6): low x, y, z, high x, y, z. Node 1 is the
#: root, node i has the children 2 i and 2 i + 1, and the leaf n + l holds the triangles from LEAF l on.
Tree = tuple[F8, F8]

LEAF = 4


def make_tree(triangles: F8) -> tuple[Tree, I8]:
    """Return the tree of a surface, and which triangle each one of the tree was.

    Triangles are sorted along a curve through space (Morton's), so that neighbours in the list are neighbours in
    space; the tree is then the plain halving of that list.
    """
    low = triangles.min(axis=(0, 1))
    span = np.ptp(triangles, axis=(0, 1)).max()
    scaled = ((triangles.mean(axis=1) - low) / (span if span > 0.0 else 1.0) * (2**20 - 1)).astype(np.int64)
    order = np.argsort(_spread(scaled[:, 0]) | _spread(scaled[:, 1]) << 1 | _spread(scaled[:, 2]) << 2, kind="stable")
    sorted_triangles = np.ascontiguousarray(triangles[order])
    leaves = 1
    while leaves * LEAF < len(triangles):
        leaves *= 2
    boxes = np.empty((2 * leaves, 6))
    boxes[:, :3], boxes[:, 3:] = np.inf, -np.inf
    starts = np.arange(0, len(triangles), LEAF)
    boxes[leaves : leaves + len(starts), :3] = np.minimum.reduceat(sorted_triangles.min(axis=1), starts, axis=0)
    boxes[leaves : leaves + len(starts), 3:] = np.maximum.reduceat(sorted_triangles.max(axis=1), starts, axis=0)
    level = leaves
    while level > 1:
        children = boxes[level : 2 * level].reshape(-1, 2, 6)
        level //= 2
        boxes[level : 2 * level, :3] = children[:, :, :3].min(axis=1)
        boxes[level : 2 * level, 3:] = children[:, :, 3:].max(axis=1)
    return (sorted_triangles, boxes), order


def _spread(bits: I8) -> I8:
    """Put two empty bits between the bits of numbers below 2^20."""
    bits = (bits | bits << 32) & 0x1F00000000FFFF
    bits = (bits | bits << 16) & 0x1F0000FF0000FF
    bits = (bits | bits << 8) & 0x100F00F00F00F00F
    bits = (bits | bits << 4) & 0x10C30C30C30C30C3
    return (bits | bits << 2) & 0x1249249249249249


@compiled()
def _on_triangle(t: F8, px: float, py: float, pz: float) -> tuple[float, float, float]:  # noqa: PLR0911
    """Return the point of a triangle nearest to p (Ericson, Real-Time Collision Detection, 2005, section 5.1.5)."""
    ax, ay, az = t[0, 0], t[0, 1], t[0, 2]
    abx, aby, abz = t[1, 0] - ax, t[1, 1] - ay, t[1, 2] - az
    acx, acy, acz = t[2, 0] - ax, t[2, 1] - ay, t[2, 2] - az
    apx, apy, apz = px - ax, py - ay, pz - az
    d1 = abx * apx + aby * apy + abz * apz
    d2 = acx * apx + acy * apy + acz * apz
    if d1 <= 0.0 and d2 <= 0.0:
        return ax, ay, az
    bpx, bpy, bpz = px - t[1, 0], py - t[1, 1], pz - t[1, 2]
    d3 = abx * bpx + aby * bpy + abz * bpz
    d4 = acx * bpx + acy * bpy + acz * bpz
    if d3 >= 0.0 and d4 <= d3:
        return t[1, 0], t[1, 1], t[1, 2]
    vc = d1 * d4 - d3 * d2
    if vc <= 0.0 and d1 >= 0.0 and d3 <= 0.0 and d1 > d3:
        v = d1 / (d1 - d3)
        return ax + v * abx, ay + v * aby, az + v * abz
    cpx, cpy, cpz = px - t[2, 0], py - t[2, 1], pz - t[2, 2]
    d5 = abx * cpx + aby * cpy + abz * cpz
    d6 = acx * cpx + acy * cpy + acz * cpz
    if d6 >= 0.0 and d5 <= d6:
        return t[2, 0], t[2, 1], t[2, 2]
    vb = d5 * d2 - d1 * d6
    if vb <= 0.0 and d2 >= 0.0 and d6 <= 0.0 and d2 > d6:
        w = d2 / (d2 - d6)
        return ax + w * acx, ay + w * acy, az + w * acz
    va = d3 * d6 - d5 * d4
    if va <= 0.0 and d4 - d3 >= 0.0 and d5 - d6 >= 0.0 and (d4 - d3) + (d5 - d6) > 0.0:
        w = (d4 - d3) / ((d4 - d3) + (d5 - d6))
        return (
            t[1, 0] + w * (t[2, 0] - t[1, 0]),
            t[1, 1] + w * (t[2, 1] - t[1, 1]),
            t[1, 2] + w * (t[2, 2] - t[1, 2]),
        )
    whole = va + vb + vc
    if whole == 0.0:
        return ax, ay, az
    v, w = vb / whole, vc / whole
    return ax + v * abx + w * acx, ay + v * aby + w * acy, az + v * abz + w * acz


@compiled()
def _to_box(b: F8, px: float, py: float, pz: float) -> float:
    """Return the square of the distance from p to a box."""
    dx = max(b[0] - px, px - b[3], 0.0)
    dy = max(b[1] - py, py - b[4], 0.0)
    dz = max(b[2] - pz, pz - b[5], 0.0)
    return float(dx * dx + dy * dy + dz * dz)


@compiled()
def nearest(triangles: F8, boxes: F8, p: F8, bound: float, slack: float, stack: I8, found: F8) -> int:
    """Write the nearest point of the surface, and its distance, into `found` (4,); return its triangle.

    Parameters
    ----------
    triangles, boxes : Tree
    p : (3,) float64
    bound : float
        A distance within which there is a point of the surface; inf if none is known.
    slack : float
        Error allowed in the distance [m]; it cuts short the search about points with many equally near triangles.
    stack : (64,) int64
    """
    leaves = len(boxes) // 2
    px, py, pz = p[0], p[1], p[2]
    best = (bound * (1.0 + 1e-9) + 1e-300) ** 2
    keep = best
    which = -1
    stack[0] = 1
    top = 1
    while top > 0:
        top -= 1
        node = stack[top]
        if _to_box(boxes[node], px, py, pz) >= keep:
            continue
        if node >= leaves:
            first = (node - leaves) * LEAF
            for i in range(first, min(first + LEAF, len(triangles))):
                qx, qy, qz = _on_triangle(triangles[i], px, py, pz)
                d = (px - qx) ** 2 + (py - qy) ** 2 + (pz - qz) ** 2
                if d < best:
                    best, which = d, i
                    found[0], found[1], found[2] = qx, qy, qz
                    short = max(math.sqrt(best) - slack, 0.0)
                    keep = short * short
        else:
            left, right = 2 * node, 2 * node + 1
            if _to_box(boxes[left], px, py, pz) > _to_box(boxes[right], px, py, pz):
                left, right = right, left
            stack[top] = right
            stack[top + 1] = left
            top += 2
    found[3] = math.sqrt(best)
    return which


@compiled()
def first_hit(triangles: F8, boxes: F8, origin: F8, along: F8, start: float, stack: I8) -> float:
    """Return how far a ray runs from `start` on before it meets the surface; inf if it never does."""
    leaves = len(boxes) // 2
    best = np.inf
    stack[0] = 1
    top = 1
    while top > 0:
        top -= 1
        node = stack[top]
        enter, leave = start, best
        for k in range(3):
            low, high = boxes[node, k] - origin[k], boxes[node, 3 + k] - origin[k]
            if along[k] == 0.0:
                if low > 0.0 or high < 0.0:
                    leave = -np.inf
            else:
                a, b = low / along[k], high / along[k]
                enter = max(enter, min(a, b))
                leave = min(leave, max(a, b))
        # Some slack for rounding: a box may be flat.
        if enter > leave + 1e-12 * abs(enter):
            continue
        if node < leaves:
            stack[top] = 2 * node
            stack[top + 1] = 2 * node + 1
            top += 2
            continue
        first = (node - leaves) * LEAF
        for i in range(first, min(first + LEAF, len(triangles))):
            hit = _ray_triangle(triangles[i], origin, along)
            if start < hit < best:
                best = hit
    return best


@compiled()
def _ray_triangle(t: F8, o: F8, d: F8) -> float:
    """Return where a ray meets a triangle (Moeller and Trumbore 1997), edges included; inf if it does not."""
    e1x, e1y, e1z = t[1, 0] - t[0, 0], t[1, 1] - t[0, 1], t[1, 2] - t[0, 2]
    e2x, e2y, e2z = t[2, 0] - t[0, 0], t[2, 1] - t[0, 1], t[2, 2] - t[0, 2]
    px, py, pz = d[1] * e2z - d[2] * e2y, d[2] * e2x - d[0] * e2z, d[0] * e2y - d[1] * e2x
    det = e1x * px + e1y * py + e1z * pz
    if det == 0.0:
        return np.inf
    sx, sy, sz = o[0] - t[0, 0], o[1] - t[0, 1], o[2] - t[0, 2]
    u = (sx * px + sy * py + sz * pz) / det
    qx, qy, qz = sy * e1z - sz * e1y, sz * e1x - sx * e1z, sx * e1y - sy * e1x
    v = (d[0] * qx + d[1] * qy + d[2] * qz) / det
    if u < -1e-9 or v < -1e-9 or u + v > 1.0 + 1e-9:
        return np.inf
    return float((e2x * qx + e2y * qy + e2z * qz) / det)


@compiled(parallel=True)
def inner_distances(triangles: F8, boxes: F8, x: F8, y: F8, z: F8, inside: NDArray[np.bool_], slack: float) -> F8:
    """Return the distance from each inner cell's centre to the surface, (nz, ny, nx); NaN elsewhere.

    Parameters
    ----------
    x, y, z : (n,) float64
        Cell centres.
    inside : (nz, ny, nx) bool
    slack : float
        Error allowed [m].
    """
    nz, ny, nx = inside.shape
    out = np.full((nz, ny, nx), np.nan)
    for row in prange(nz * ny):
        k, j = row // ny, row % ny
        stack = np.empty(64, dtype=np.int64)
        p, found = np.empty(3), np.empty(4)
        bound = np.inf
        for i in range(nx):
            if not inside[k, j, i]:
                bound = np.inf
                continue
            p[0], p[1], p[2] = x[i], y[j], z[k]
            if i > 0:
                bound += x[i] - x[i - 1]
            nearest(triangles, boxes, p, bound, slack, stack, found)
            bound = found[3]
            out[k, j, i] = bound
    return out
