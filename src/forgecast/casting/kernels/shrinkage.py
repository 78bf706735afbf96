"""Shrinkage drawn from the highest connected liquid: loops over time levels, pools and layers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.compiled import compiled

F8 = NDArray[np.float64]
I4 = NDArray[np.int32]
I8 = NDArray[np.int64]
B1 = NDArray[np.bool_]


@compiled()
def forward_neighbours(cells: I8, position: I4, shape: I8) -> I4:
    """Return the metal neighbours of each cell across its +x, +y and +z face.

    Parameters
    ----------
    cells : (n,) int64
        Flat indices of the metal cells.
    position : (grid cells,) int32
        Place of each cell in `cells`, -1 outside the metal.
    shape : (3,) int64

    Returns
    -------
    (n, 3) int32
        Places in `cells`, -1 where there is none.
    """
    nz, ny, nx = shape[0], shape[1], shape[2]
    neighbours = np.full((len(cells), 3), -1, np.int32)
    for i in range(len(cells)):
        c = cells[i]
        if c % nx < nx - 1:
            neighbours[i, 0] = position[c + 1]
        if (c // nx) % ny < ny - 1:
            neighbours[i, 1] = position[c + nx]
        if c // (nx * ny) < nz - 1:
            neighbours[i, 2] = position[c + nx * ny]
    return neighbours


@compiled()
def _root(up: I4, i: int) -> int:
    while up[i] != i:
        up[i] = up[up[i]]
        i = up[i]
    return i


@compiled()
def _find_pools(active: I4, liquid: B1, neighbours: I4, up: I4) -> None:
    for i in active:
        up[i] = i
    for i in active:
        a = _root(up, i)
        for side in range(3):
            j = neighbours[i, side]
            if j >= 0 and liquid[j]:
                b = _root(up, j)
                if a < b:
                    up[b] = a
                elif b < a:
                    up[a] = b
                    a = b
    for i in active:
        up[i] = _root(up, i)


@compiled()
def _density(t: float, liquidus: float, feeding: float, at_liquidus: float, at_feeding: float) -> float:
    """Return the density of the metal of a cell over its density when poured, linear in time between events."""
    if t >= feeding:
        return at_feeding
    if t >= liquidus:
        if not math.isfinite(feeding):
            return at_liquidus
        return at_liquidus + (at_feeding - at_liquidus) * (t - liquidus) / (feeding - liquidus)
    if not math.isfinite(liquidus):
        return 1.0
    return 1.0 + (at_liquidus - 1.0) * t / liquidus


@compiled()
def drain(
    layer: I4,
    neighbours: I4,
    volume: F8,
    liquidus: F8,
    feeding: F8,
    at_liquidus: float,
    at_feeding: F8,
    levels: F8,
    void: F8,
    density: F8,
) -> float:
    """Let the metal contract from level to level and draw what is missing from the top of each pool.

    At every level the liquid cells are joined into pools across faces. Each keeps its cells full: what their
    contraction lacks is taken, as mass, from the pool's highest layer, evenly over that layer, then the next.

    Parameters
    ----------
    layer : (n,) int32
        Layer of each cell, rising in the order in which liquid is drawn.
    neighbours : (n, 3) int32
    volume : (n,) float64
        Metal in each cell when poured [m3].
    liquidus, feeding : (n,) float64
        When each cell reached its liquidus, and ceased to feed [s]; infinite where it did not.
    at_liquidus : float
        Density there over density when poured [1].
    at_feeding : (n,) float64
        Density when feeding ceased over density when poured [1].
    levels : (m,) float64
        Times, rising [s].
    void : (n,) float64
        Empty volume of each cell [m3], zero at first; written.
    density : (n,) float64
        Density of the metal in each cell over density when poured, one at first; written.

    Returns
    -------
    float
        Mass that the expansion of pools pushed out, over density when poured [m3].
    """
    n = len(volume)
    active = np.arange(n).astype(np.int32)
    liquid = np.ones(n, np.bool_)
    up = np.empty(n, np.int32)
    need = np.zeros(n)
    have = np.zeros(n)
    pushed_out = 0.0
    for t in levels:
        if len(active) == 0:
            break
        _find_pools(active, liquid, neighbours, up)
        for i in active:
            now = _density(t, liquidus[i], feeding[i], at_liquidus, at_feeding[i])
            need[up[i]] += (volume[i] - void[i]) * (now - density[i])
            density[i] = now
        waiting = 0
        for i in active:
            if up[i] == i:
                if need[i] < 0.0:
                    pushed_out -= need[i]
                    need[i] = 0.0
                elif need[i] > 0.0:
                    waiting += 1
        _draw(active, layer, up, volume, void, density, need, have, waiting)
        left = 0
        for i in active:
            need[i] = 0.0
            if feeding[i] > t and void[i] < volume[i] * (1.0 - 1e-12):
                active[left] = i
                left += 1
            else:
                liquid[i] = False
        active = active[:left]
    return pushed_out


@compiled()
def _draw(active: I4, layer: I4, up: I4, volume: F8, void: F8, density: F8, need: F8, have: F8, waiting: int) -> None:
    start = 0
    while start < len(active) and waiting > 0:
        end = start
        while end < len(active) and layer[active[end]] == layer[active[start]]:
            i = active[end]
            if need[up[i]] > 0.0:
                have[up[i]] += (volume[i] - void[i]) * density[i]
            end += 1
        for k in range(start, end):
            i = active[k]
            pool = up[i]
            if have[pool] > 0.0:
                void[i] += (volume[i] - void[i]) * min(1.0, need[pool] / have[pool])
        for k in range(start, end):
            pool = up[active[k]]
            if have[pool] > 0.0:
                if have[pool] < need[pool]:
                    need[pool] -= have[pool]
                else:
                    need[pool] = 0.0
                    waiting -= 1
                have[pool] = 0.0
        start = end
