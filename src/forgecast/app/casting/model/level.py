"""The surface on which a field over cells has a value: surface nets, a corner in each cell that the surface crosses."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.shape.grid import Grid

Floats: TypeAlias = "NDArray[np.float64]"
Faces: TypeAlias = "NDArray[np.int64]"

#: Corners of a cube as (k, j, i), and its twelve edges between two of them.
_CORNERS = np.array([(k, j, i) for k in (0, 1) for j in (0, 1) for i in (0, 1)])
_EDGES = [(a, b) for a in range(8) for b in range(a + 1, 8) if np.abs(_CORNERS[a] - _CORNERS[b]).sum() == 1]


def level_surface(grid: Grid, field: NDArray[np.floating], level: float) -> tuple[Floats, Faces]:
    """Return the closed surface around all that lies above a value.

    Source: Gibson, Constrained elastic surface nets, MERL TR99-24 (1999), without the relaxation: the corner of a cube
    is the mean of the places where the field crosses the value on the cube's edges.

    Parameters
    ----------
    grid : Grid
    field : (nz, ny, nx) float
        At the centres of cells; NaN counts as below.
    level : float

    Returns
    -------
    ((n, 3) float64, (m, 3) int64)
        Corners [m] and triangles, turning left seen from outside; both empty where nothing lies above.
    """
    above = np.nan_to_num(np.asarray(field, dtype=np.float64), nan=-np.inf)
    low = np.minimum(level - 1.0, np.where(np.isfinite(above), above, level).min() - 1.0)
    values = np.pad(np.where(np.isfinite(above), above, low), 1, constant_values=low) - level
    # Only where something lies above can the surface run.
    box = _box(values > 0.0)
    if box is None:
        return np.empty((0, 3)), np.empty((0, 3), dtype=np.int64)
    values = values[box]
    corners, number = _corners(values)
    faces = _faces(values, number)
    places = [_place(edges, corners[:, 2 - axis] + box[2 - axis].start) for axis, edges in enumerate(
        (grid.x, grid.y, grid.z))]  # fmt: skip
    return np.column_stack(places), faces


def _box(inside: NDArray[np.bool_]) -> tuple[slice, slice, slice] | None:
    if not inside.any():
        return None
    spans = []
    for axis in range(3):
        hit = np.flatnonzero(inside.any(axis=tuple(other for other in range(3) if other != axis)))
        spans.append(slice(max(int(hit[0]) - 1, 0), int(hit[-1]) + 2))
    return spans[0], spans[1], spans[2]


def _corners(values: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Return the corner of each cube that is crossed (in numbers of centres), and the number of each cube's corner."""
    size = tuple(n - 1 for n in values.shape)
    at = [values[k : k + size[0], j : j + size[1], i : i + size[2]] for k, j, i in _CORNERS]
    total, count = np.zeros((*size, 3)), np.zeros(size)
    for a, b in _EDGES:
        crossed = (at[a] > 0.0) != (at[b] > 0.0)
        gap = np.where(crossed, at[a] - at[b], 1.0)
        share = np.where(crossed, at[a] / gap, 0.0)
        place = _CORNERS[a] + share[..., None] * (_CORNERS[b] - _CORNERS[a])
        total += np.where(crossed[..., None], place, 0.0)
        count += crossed
    there = count > 0
    number = np.full(size, -1, dtype=np.int64)
    number[there] = np.arange(int(there.sum()))
    places: Floats = total[there] / count[there][:, None] + np.argwhere(there)
    return places, number


def _faces(values: Floats, number: NDArray[np.int64]) -> Faces:
    """Return two triangles for each edge between two centres that is crossed."""
    made = []
    for axis in range(3):
        first, second = (axis + 1) % 3, (axis + 2) % 3
        here = np.moveaxis(values, (axis, first, second), (0, 1, 2))
        cubes = np.moveaxis(number, (axis, first, second), (0, 1, 2))
        a, b = here[:-1, 1:-1, 1:-1] > 0.0, here[1:, 1:-1, 1:-1] > 0.0
        crossed = a != b
        quad = np.stack(
            [cubes[:, :-1, :-1], cubes[:, 1:, :-1], cubes[:, 1:, 1:], cubes[:, :-1, 1:]], axis=-1
        )[crossed]  # fmt: skip
        # The arrays run z, y, x, so a cycle of their axes turns the other way round than one of x, y, z.
        outward = a[crossed]
        quad = np.where(outward[:, None], quad[:, ::-1], quad)
        made += [quad[:, [0, 1, 2]], quad[:, [0, 2, 3]]]
    return np.concatenate(made)


def _place(edges: Floats, at: Floats) -> Floats:
    """Return places of padded numbers of centres; the centre padded on stands one cell outside."""
    centres = 0.5 * (edges[:-1] + edges[1:])
    padded = np.concatenate([[2 * edges[0] - centres[0]], centres, [2 * edges[-1] - centres[-1]]])
    found: Floats = np.interp(at, np.arange(len(padded)), padded)
    return found
