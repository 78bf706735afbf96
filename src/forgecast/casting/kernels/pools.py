"""The merge tree of a time field: liquid pools, found by adding cells from the last to freeze to the first."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.compiled import compiled

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]
I4 = NDArray[np.int32]
I8 = NDArray[np.int64]
U1 = NDArray[np.uint8]
B1 = NDArray[np.bool_]
Axes = tuple[F8, F8, F8]


@compiled()
def _find(up: I4, i: int) -> int:
    while up[i] != i:
        up[i] = up[up[i]]
        i = up[i]
    return i


@compiled()
def _side(c: int, side: int, nz: int, ny: int, nx: int) -> int:
    """Return the neighbour of a cell across one of six sides (-x, +x, -y, +y, -z, +z), or -1 at the grid's end."""
    if side < 2:
        x = c % nx
        if side == 0:
            return c - 1 if x > 0 else -1
        return c + 1 if x < nx - 1 else -1
    if side < 4:
        y = (c // nx) % ny
        if side == 2:
            return c - nx if y > 0 else -1
        return c + nx if y < ny - 1 else -1
    z = c // (nx * ny)
    if side == 4:
        return c - nx * ny if z > 0 else -1
    return c + nx * ny if z < nz - 1 else -1


@compiled()
def _open_area(bits: int, c: int, ny: int, nx: int, dx: F8, dy: F8, dz: F8) -> float:
    """Return the length of the sum of a cell's open faces: a slope of steps then has nearly its true area."""
    x, y, z = c % nx, (c // nx) % ny, c // (nx * ny)
    ax = dy[y] * dz[z] * ((bits & 1) + ((bits >> 1) & 1))
    ay = dx[x] * dz[z] * (((bits >> 2) & 1) + ((bits >> 3) & 1))
    az = dx[x] * dy[y] * (((bits >> 4) & 1) + ((bits >> 5) & 1))
    return math.sqrt(ax * ax + ay * ay + az * az)


@compiled()
def count_leaves(order: I8, rank: I4, shape: I8) -> int:
    """Return how many cells no neighbour outlasts.

    Parameters
    ----------
    order : (n,) int64
        Flat indices of the metal cells, the last to freeze first.
    rank : (cells,) int32
        Place of each cell in `order`; -1 outside the metal.
    shape : (3,) int64
    """
    nz, ny, nx = shape[0], shape[1], shape[2]
    leaves = 0
    for k in range(len(order)):
        alone = True
        for side in range(6):
            other = _side(order[k], side, nz, ny, nx)
            if other >= 0 and 0 <= rank[other] < k:
                alone = False
                break
        if alone:
            leaves += 1
    return leaves


@compiled()
def merge_tree(
    order: I8,
    rank: I4,
    times: F8,
    volume: F8,
    centres: Axes,
    widths: Axes,
    shape: I8,
    leaves: int,
    outlast_share: float,
    outlast_time: float,
) -> tuple[I4, I4, I4, I4, F8, F8, F8, B1]:
    """Return the merge tree of a time field over metal cells, and the leaf of every cell.

    Parameters
    ----------
    order, rank, shape, leaves
        As in `count_leaves`, and its result.
    times : (n,) float64
        Time of each cell of `order` [s], never rising.
    volume : (cells,) float64
        Metal in each cell [m3].
    centres, widths : tuple of three (n_axis,) float64
        Of the cells along x, y, z [m].
    outlast_share, outlast_time : float
        A pool counts if it outlasts its saddle by this share of its own time [1] and by this time [s].

    Returns
    -------
    label : (cells,) int32
        Leaf of each cell, -1 outside the metal.
    alias : (leaves,) int32
        Leaf that takes over the cells of one that does not count; -1 for one that does.
    parent : (nodes,) int32
        -1 for a node that nothing joins.
    first : (nodes,) int32
        Place in `order` of a node's last cell to freeze.
    split : (nodes,) float64
        Time at which a node splits into its children [s]; NaN for leaves.
    isolated : (nodes,) float64
        Time at which it was cut off from its parent [s]; NaN where it never was.
    figures : (nodes, 5) float64
        Volume [m3], area [m2] and volume times place [m4] when it was cut off, or of all of it.
    kept : (nodes,) bool
        Whether the node is one of the tree.
    """
    ny, nx = shape[1], shape[2]
    xs, ys, zs = centres
    cells = len(rank)
    label = np.full(cells, -1, np.int32)
    bits = np.zeros(cells, np.uint8)
    up = np.arange(leaves).astype(np.int32)
    alias = np.full(leaves, -1, np.int32)
    peak = np.zeros(leaves, np.int32)  # of the component at its root: place in `order` of its last cell to freeze
    node = np.arange(leaves).astype(np.int32)  # of the component at its root
    held = np.zeros((leaves, 5))  # of the component at its root
    parent = np.full(2 * leaves, -1, np.int32)
    first = np.full(2 * leaves, -1, np.int32)
    split = np.full(2 * leaves, np.nan)
    isolated = np.full(2 * leaves, np.nan)
    figures = np.zeros((2 * leaves, 5))
    kept = np.zeros(2 * leaves, np.bool_)
    made, nodes = 0, leaves
    roots = np.empty(6, np.int32)
    best = np.empty(6, np.int32)  # smallest rank among the neighbours in each component
    for k in range(len(order)):
        c = order[k]
        t = times[k]
        near, steepest, area = _look_around(c, label, bits, up, rank, roots, best, shape, widths)
        if near == 0:
            home = made
            made += 1
            peak[home], first[home] = k, k
            label[c] = home
        else:
            label[c] = label[order[steepest]]
            elder = _eldest(near, roots, peak)
            home = roots[elder]
            joined = False
            for j in range(near):
                root = roots[j]
                if j == elder:
                    continue
                last = times[peak[root]]
                if last > t and last - t >= max(outlast_time, outlast_share * last):
                    if not joined:
                        # In the order of time, here a pool splits; the elder part is one of its children.
                        _cut_off(node[home], nodes, t, held[home], parent, isolated, figures, kept)
                        joined = True
                        split[nodes], first[nodes] = t, peak[home]
                    _cut_off(node[root], nodes, t, held[root], parent, isolated, figures, kept)
                else:
                    # A pool of several hot spots outlasts every later saddle, so this one is a single leaf.
                    alias[node[root]] = label[order[best[elder]]]
                up[root] = home
            for j in range(near):
                if j != elder:
                    held[home] += held[roots[j]]
            if joined:
                node[home] = nodes
                nodes += 1
        v = volume[c]
        held[home, 0] += v
        held[home, 1] += area
        held[home, 2] += v * xs[c % nx]
        held[home, 3] += v * ys[(c // nx) % ny]
        held[home, 4] += v * zs[c // (nx * ny)]
    for i in range(made):
        if up[i] == i:
            kept[node[i]] = True
            figures[node[i]] = held[i]
    return label, alias, parent[:nodes], first[:nodes], split[:nodes], isolated[:nodes], figures[:nodes], kept[:nodes]


@compiled()
def _look_around(
    c: int, label: I4, bits: U1, up: I4, rank: I4, roots: I4, best: I4, shape: I8, widths: Axes
) -> tuple[int, int, float]:
    """Write the components next to a cell and their latest cells; return how many, the latest, and the added area."""
    nz, ny, nx = shape[0], shape[1], shape[2]
    dx, dy, dz = widths
    near = 0
    steepest = len(rank)
    area = 0.0
    mine = 0
    for side in range(6):
        other = _side(c, side, nz, ny, nx)
        if other < 0 or label[other] < 0:
            mine |= 1 << side
            continue
        before = _open_area(bits[other], other, ny, nx, dx, dy, dz)
        bits[other] &= 63 ^ (1 << (side ^ 1))
        area += _open_area(bits[other], other, ny, nx, dx, dy, dz) - before
        steepest = min(steepest, rank[other])
        root = _find(up, label[other])
        seen = False
        for j in range(near):
            if roots[j] == root:
                best[j] = min(best[j], rank[other])
                seen = True
        if not seen:
            roots[near], best[near] = root, rank[other]
            near += 1
    bits[c] = mine
    return near, steepest, area + _open_area(mine, c, ny, nx, dx, dy, dz)


@compiled()
def _eldest(near: int, roots: I4, peak: I4) -> int:
    elder = 0
    for j in range(1, near):
        if peak[roots[j]] < peak[roots[elder]]:
            elder = j
    return elder


@compiled()
def _cut_off(child: int, pool: int, t: float, held: F8, parent: I4, isolated: F8, figures: F8, kept: B1) -> None:
    parent[child] = pool
    isolated[child] = t
    figures[child] = held
    kept[child] = True


@compiled()
def relabel(label: I4, alias: I4, index: I4) -> None:
    """Replace leaves by the numbers of the pools that stand for them, in place.

    Parameters
    ----------
    label : (cells,) int32
    alias, index : (leaves,) int32
        As `merge_tree` gives it, and the number of each leaf that counts.
    """
    for leaf in range(len(alias)):
        end = leaf
        while alias[end] >= 0:
            end = alias[end]
        at = leaf
        while alias[at] >= 0:
            alias[at], at = end, alias[at]
    for c in range(len(label)):
        if label[c] >= 0:
            leaf = label[c]
            label[c] = index[alias[leaf] if alias[leaf] >= 0 else leaf]
