"""Edges of a triangulated surface: which are open, and the loops they form."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Faces = NDArray[np.int64]


def half_edges(faces: Faces) -> Faces:
    """Return the three directed edges of each face, (3 m, 2); those of face f stand at f, m + f and 2 m + f."""
    return np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])


def grouped(faces: Faces, count: int) -> tuple[Faces, Faces, Faces]:
    """Return half-edges sorted so that those of one undirected edge stand together.

    Returns
    -------
    (order, starts, sizes)
        `order` sorts the half-edges of `half_edges`; edge e takes `sizes[e]` of them from `starts[e]` on.
    """
    ends = np.sort(half_edges(faces), axis=1)
    key = ends[:, 0] * np.int64(count) + ends[:, 1]
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.concatenate([[True], np.diff(key[order]) > 0])) if len(key) else key
    sizes = np.diff(np.append(starts, len(key)))
    return order, starts, sizes


def odd_edges(faces: Faces, count: int) -> Faces:
    """Return the edges that an odd number of faces share, whatever the winding, (k, 2)."""
    order, starts, sizes = grouped(faces, count)
    edges: Faces = half_edges(faces)[order[starts[sizes % 2 == 1]]]
    return edges


def missing_edges(faces: Faces, count: int) -> Faces:
    """Return the directed edges that a closed surface would need besides those there are, (k, 2)."""
    order, starts, _ = grouped(faces, count)
    if len(order) == 0:
        return np.empty((0, 2), dtype=np.int64)
    pairs = half_edges(faces)[order]
    net = np.add.reduceat(np.where(pairs[:, 0] < pairs[:, 1], 1, -1), starts)
    low, high = pairs[starts].min(axis=1), pairs[starts].max(axis=1)
    wanted = [np.repeat(np.column_stack([high, low])[net > 0], net[net > 0], axis=0)]
    wanted.append(np.repeat(np.column_stack([low, high])[net < 0], -net[net < 0], axis=0))
    return np.concatenate(wanted)


def loops(directed: Faces) -> list[list[int]]:
    """Return the closed loops that directed edges form, each without a repeated corner.

    What a surface lacks leaves every corner as often as it comes to it, so every way comes back.
    """
    onward: dict[int, list[int]] = {}
    for a, b in directed.tolist():
        onward.setdefault(a, []).append(b)
    found: list[list[int]] = []
    for start in list(onward):
        while onward[start]:
            way, places = [start], {start: 0}
            while onward.get(way[-1]):
                step = onward[way[-1]].pop()
                if step in places:
                    cut = places[step]
                    found.append(way[cut:])
                    for corner in way[cut + 1 :]:
                        del places[corner]
                    del way[cut + 1 :]
                else:
                    places[step] = len(way)
                    way.append(step)
    return found
