"""How small the triangles of a piece must be: at small radii of the dies and in narrow gaps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from forgecast.forging.die import Die
from forgecast.forging.kernels.outline_loops import spread_sizes, thickness
from forgecast.forging.mesher import SizeField, TriangleMesh, inside_outline

FloatArray = NDArray[np.float64]

#: Stretches of the outline over the thickness of the metal, so that at least four triangles lie across although they
#: grow inwards; and stretches over the radius of a die's edge.
ACROSS, OVER_RADIUS = 6.0, 2.0
#: Growth of the size with the distance.
_GRADE = 0.25


def refined_size(
    outline: FloatArray, tools: tuple[Die, ...], size: SizeField, *, finest: float, axis: float = 1e-9
) -> SizeField:
    """Return a field of sizes no greater than `size`, less where a die is sharp or the metal thin.

    Parameters
    ----------
    outline : (k, 2) array
        m.
    tools : tuple of Die
    size : callable
        Greatest size, m.
    finest : float
        Least size as a share of the greatest.
    axis : float
        Radius below which a stretch of the outline lies on the axis, m.
    """
    outline = _divided(outline, size)
    middle = 0.5 * (outline + np.roll(outline, -1, axis=0))
    through = np.empty(len(outline))
    thickness(outline, axis, through)
    thin = np.isfinite(through)
    places, wanted = [middle[thin]], [through[thin] / ACROSS]
    tree = cKDTree(outline)
    for tool in tools:
        at, radius = die_radii(tool.profile)
        near = tree.query(at)[0] < 3.0 * size(at)
        places.append(at[near])
        wanted.append(radius[near] / OVER_RADIUS)
    where, sizes = np.concatenate(places), np.concatenate(wanted)
    if len(where) == 0:
        return size
    most = size(where)
    kept = sizes < most
    where, sizes = where[kept], np.maximum(sizes, finest * most)[kept]
    if len(where) == 0:
        return size
    order = np.argsort(sizes)
    where, sizes = np.ascontiguousarray(where[order]), sizes[order]
    step = max(float(sizes.min()), float(np.ptp(outline, axis=0).max()) / 400.0)
    corner = outline.min(axis=0) - step
    count = np.ceil((outline.max(axis=0) + step - corner) / step).astype(np.int64) + 1
    grid = np.full((int(count[1]), int(count[0])), np.inf)
    x, y = np.meshgrid(corner[0] + step * np.arange(count[0]), corner[1] + step * np.arange(count[1]))
    grid[:] = size(np.column_stack([x.ravel(), y.ravel()])).reshape(grid.shape)
    spread_sizes(where, sizes, _GRADE, corner, step, grid)

    def field(points: FloatArray) -> FloatArray:
        part = np.clip((points - corner) / step, 0.0, count - 1.001)
        low = part.astype(np.int64)
        part = part - low
        j, i = low[:, 0], low[:, 1]
        left = grid[i, j] * (1.0 - part[:, 1]) + grid[i + 1, j] * part[:, 1]
        right = grid[i, j + 1] * (1.0 - part[:, 1]) + grid[i + 1, j + 1] * part[:, 1]
        return np.asarray(left * (1.0 - part[:, 0]) + right * part[:, 0], dtype=np.float64)

    return field


def _divided(outline: FloatArray, size: SizeField) -> FloatArray:
    """Return the outline with its stretches no longer than a fifth of the size asked for."""
    after = np.roll(outline, -1, axis=0)
    count = np.ceil(5.0 * np.linalg.norm(after - outline, axis=1) / size(0.5 * (outline + after))).astype(np.int64)
    count = np.maximum(count, 1)
    at = np.repeat(np.arange(len(outline)), count)
    part = (np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)) / count[at]
    return np.ascontiguousarray(outline[at] + part[:, None] * (after - outline)[at])


def die_radii(profile: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the inner points of a profile and the radius it has there, m: half the stretches at it over the turn."""
    ways = np.diff(profile, axis=0)
    length = np.linalg.norm(ways, axis=1)
    a, b = ways[:-1], ways[1:]
    turn = np.abs(np.arctan2(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], np.sum(a * b, axis=1)))
    shorter = np.minimum(length[:-1], length[1:])
    with np.errstate(divide="ignore"):
        radius = np.where(turn > 1e-6, shorter / turn, np.inf)
    # An edge drawn sharp has no radius of its own: only the least size can follow it.
    return profile[1:-1], np.where(turn > np.radians(30.0), 0.0, radius)


def too_coarse(mesh: TriangleMesh, tools: tuple[Die, ...], size: SizeField, finest: float) -> bool:
    """Tell whether thin metal has fewer triangles across than it should, or a die's edge cuts deep into a triangle."""
    outline = np.ascontiguousarray(mesh.points[: mesh.outline])
    way = np.roll(outline, -1, axis=0) - outline
    length = np.linalg.norm(way, axis=1)
    through = np.empty(len(outline))
    thickness(outline, 1e-9, through)
    wanted = np.maximum(through / (0.75 * ACROSS), 1.3 * finest * size(outline))
    if np.any(length > wanted):
        return True
    for tool in tools:
        cut = tool.profile[inside_outline(tool.profile, outline)]
        if len(cut) == 0:
            continue
        off = cut[:, None, :] - outline[None, :, :]
        part = np.clip(np.sum(off * way, axis=2) / np.maximum(length**2, 1e-300), 0.0, 1.0)
        apart = np.linalg.norm(off - part[..., None] * way, axis=2)
        nearest = np.argmin(apart, axis=1)
        if np.any(apart[np.arange(len(cut)), nearest] > 0.15 * length[nearest]):
            return True
    return False
