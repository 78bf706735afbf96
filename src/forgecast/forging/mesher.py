"""Triangles inside a closed outline: Delaunay's, with points that push one another to the size asked for.

The points are found as by P.-O. Persson and G. Strang, A Simple Mesh Generator in MATLAB, SIAM Review 46 (2004) 329:
edges are springs, Delaunay's triangulation says which points are neighbours; the outline's own points stay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay, cKDTree

from forgecast.forging.error import ForgingError
from forgecast.forging.kernels.outline_loops import first_crossing, inside
from forgecast.ground.texts import text

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
#: Size of triangles (m) at points (n, 2).
SizeField = Callable[[FloatArray], FloatArray]

#: Turning of the outline at a point above which the point is a corner and stays, rad.
_CORNER = np.radians(25.0)
_ROUNDS = 40
#: Springs are pressed by this much, so that they fill the outline (Persson's 1.2).
_PRESSED = 1.2


@dataclass(frozen=True, slots=True, eq=False)
class TriangleMesh:
    """Triangles and their outline.

    Parameters
    ----------
    points : (n, 2) array
        Radius (or x) and height, m; those of the outline first, in its order.
    triangles : (m, 3) array
        Corners counter-clockwise.
    outline : int
        How many points the outline has.
    """

    points: FloatArray
    triangles: IntArray
    outline: int

    def areas(self) -> FloatArray:
        """Return the area of each triangle, m2."""
        return _areas(self.points, self.triangles)

    def quality(self) -> FloatArray:
        """Return the shape of each triangle: 4 sqrt(3) area over the sum of its squared sides; 1 is equilateral."""
        corners = self.points[self.triangles]
        sides = corners - np.roll(corners, 1, axis=1)
        return np.asarray(4.0 * np.sqrt(3.0) * self.areas() / np.sum(sides**2, axis=(1, 2)), dtype=np.float64)


def fill_outline(outline: FloatArray, size: SizeField, *, seed: int = 1) -> TriangleMesh:
    """Fill a closed outline with triangles.

    Parameters
    ----------
    outline : (k, 2) array
        Counter-clockwise, not closed by repeating its first point, m.
    size : callable
        Length of sides asked for, m.
    seed : int
        Of the first scatter of points.

    Raises
    ------
    ForgingError
        If the outline crosses itself, runs clockwise, or cannot be kept by the triangles.
    """
    check_outline(outline)
    edge = resample_outline(outline, size)
    for _ in range(6):
        inner = _scattered(edge, size, np.random.default_rng(seed))
        points, triangles = _settled(edge, inner, size)
        missing = _missing_edges(triangles, len(edge))
        if missing.size == 0:
            # Neighbours next to one another in memory: loops over the triangles find their points in the cache.
            return TriangleMesh(points, triangles[np.argsort(triangles.max(axis=1))], len(edge))
        # A stretch of the outline that Delaunay does not keep is halved: shorter ones are.
        halves = 0.5 * (edge[missing] + edge[(missing + 1) % len(edge)])
        edge = np.insert(edge, missing + 1, halves, axis=0)
    raise ForgingError(
        text("the outline cannot be filled with triangles of this size"),
        repair=text("ask for smaller triangles where the outline is narrow"),
    )


def check_outline(outline: FloatArray) -> None:
    """Refuse an outline that no piece can have.

    Raises
    ------
    ForgingError
        If it has fewer than three points, runs clockwise, or crosses itself; the place is named.
    """
    found = np.empty(4)
    if len(outline) > 3 and first_crossing(np.ascontiguousarray(outline, dtype=np.float64), found):
        raise ForgingError(
            text("the outline crosses itself near {x} m, {y} m", x=f"{found[2]:.5g}", y=f"{found[3]:.5g}"),
            repair=text("draw it once around the piece, without loops"),
        )
    if len(outline) < 3 or signed_area(outline) <= 0.0:
        raise ForgingError(
            text("the outline has fewer than three points, or runs clockwise"),
            repair=text("give its points counter-clockwise: up along the outside, the axis on the left"),
        )


def signed_area(outline: FloatArray) -> float:
    """Return the area within an outline, m2; below 0 if it runs clockwise."""
    after = np.roll(outline, -1, axis=0)
    return float(0.5 * np.sum(outline[:, 0] * after[:, 1] - after[:, 0] * outline[:, 1]))


def resample_outline(outline: FloatArray, size: SizeField) -> FloatArray:
    """Return an outline with its corners kept and the stretches between them divided to the size asked for."""
    before, after = outline - np.roll(outline, 1, axis=0), np.roll(outline, -1, axis=0) - outline
    turn = np.arctan2(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0], np.sum(before * after, axis=1))
    corners = np.flatnonzero(np.abs(turn) > _CORNER)
    if corners.size < 2:
        corners = np.array([0, len(outline) // 2])
    pieces = []
    for first, last in zip(corners, np.roll(corners, -1), strict=True):
        stop = last if last > first else last + len(outline)
        stretch = outline[np.arange(first, stop + 1) % len(outline)]
        pieces.append(_divided(stretch, size)[:-1])
    return np.concatenate(pieces)


def _divided(stretch: FloatArray, size: SizeField) -> FloatArray:
    """Return a stretch from corner to corner in steps of the size asked for, found along it."""
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(stretch, axis=0), axis=1))])
    fine = np.linspace(0.0, along[-1], max(8 * len(stretch), 200))
    at = np.column_stack([np.interp(fine, along, stretch[:, k]) for k in (0, 1)])
    steps = np.concatenate([[0.0], np.cumsum(np.diff(fine) / (0.5 * (size(at)[1:] + size(at)[:-1])))])
    count = max(round(float(steps[-1])), 1)
    places = np.interp(np.linspace(0.0, steps[-1], count + 1), steps, fine)
    made = np.column_stack([np.interp(places, along, stretch[:, k]) for k in (0, 1)])
    made[0], made[-1] = stretch[0], stretch[-1]
    return made


def inside_outline(points: FloatArray, outline: FloatArray) -> BoolArray:
    """Return which points lie inside an outline (a ray to the right crosses it an odd number of times)."""
    found = np.zeros(len(points), dtype=bool)
    inside(np.ascontiguousarray(points), np.ascontiguousarray(outline), found)
    return found


def stretches(mesh: TriangleMesh) -> FloatArray:
    """Return, for each point of the outline, the shorter of its two stretches, m."""
    outline = mesh.points[: mesh.outline]
    length = np.linalg.norm(np.roll(outline, -1, axis=0) - outline, axis=1)
    return np.asarray(np.minimum(length, np.roll(length, 1)), dtype=np.float64)


def _scattered(edge: FloatArray, size: SizeField, draw: np.random.Generator) -> FloatArray:
    """Return first inner points: a lattice of the smallest size, thinned to the size asked for."""
    low, high = edge.min(axis=0), edge.max(axis=0)
    step = float(size(edge).min())
    rows = np.arange(low[1] + 0.5 * step, high[1], step * np.sqrt(0.75))
    lattice = [
        np.column_stack([np.arange(low[0] + (0.5 + 0.5 * (k % 2)) * step, high[0], step), np.full(1, y).repeat(
            np.arange(low[0] + (0.5 + 0.5 * (k % 2)) * step, high[0], step).size)])
        for k, y in enumerate(rows)
    ]  # fmt: skip
    points = np.concatenate(lattice) if lattice else np.empty((0, 2))
    points = points[draw.random(len(points)) < (step / size(points)) ** 2] if len(points) else points
    points = points[inside_outline(points, edge)]
    if len(points) == 0:
        return points
    distance, _ = cKDTree(edge).query(points)
    return np.asarray(points[distance > 0.6 * size(points)], dtype=np.float64)


def _settled(edge: FloatArray, inner: FloatArray, size: SizeField) -> tuple[FloatArray, IntArray]:
    points, fixed = np.concatenate([edge, inner]), len(edge)
    triangles = _kept(points, edge)
    told = points.copy()
    for number in range(_ROUNDS):
        if number == 0 or np.max(np.linalg.norm(points - told, axis=1), initial=0.0) > 0.1 * float(size(edge).min()):
            triangles, told = _kept(points, edge), points.copy()
        sides = np.unique(np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]),
                                  axis=1), axis=0)  # fmt: skip
        bar = points[sides[:, 0]] - points[sides[:, 1]]
        length = np.linalg.norm(bar, axis=1)
        wanted = size(0.5 * (points[sides[:, 0]] + points[sides[:, 1]]))
        wanted = wanted * _PRESSED * np.sqrt(np.sum(length**2) / np.sum(wanted**2))
        push = (np.maximum(wanted - length, 0.0) / np.maximum(length, 1e-300))[:, None] * bar
        force = np.zeros_like(points)
        for k, sign in ((0, 1.0), (1, -1.0)):
            for axis in (0, 1):
                force[:, axis] += sign * np.bincount(sides[:, k], weights=push[:, axis], minlength=len(points))
        moved = points.copy()
        moved[fixed:] += 0.2 * force[fixed:]
        stay = inside_outline(moved[fixed:], edge)
        points[fixed:][stay] = moved[fixed:][stay]
    return _thinned(points, edge, size)


def _thinned(points: FloatArray, edge: FloatArray, size: SizeField) -> tuple[FloatArray, IntArray]:
    """Take out inner points that came too close to the outline or to one another, and triangulate."""
    fixed = len(edge)
    distance, _ = cKDTree(edge).query(points[fixed:])
    inner = points[fixed:][distance > 0.5 * size(points[fixed:])] if len(points) > fixed else points[fixed:]
    points = np.concatenate([edge, inner])
    triangles = _kept(points, edge)
    for _ in range(3):  # every inner point to the middle of its neighbours: evens out what the springs left
        sides = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
        sides = np.concatenate([sides, sides[:, ::-1]])
        count = np.bincount(sides[:, 0], minlength=len(points))
        middle = np.column_stack([
            np.bincount(sides[:, 0], weights=points[sides[:, 1], axis], minlength=len(points)) for axis in (0, 1)
        ]) / np.maximum(count, 1)[:, None]  # fmt: skip
        moved = np.concatenate([edge, middle[fixed:]])
        triangles_moved = _kept(moved, edge)
        if (
            TriangleMesh(moved, triangles_moved, fixed).quality().min()
            < TriangleMesh(points, triangles, fixed).quality().min()
        ):
            break
        points, triangles = moved, triangles_moved
    return points, triangles


def _kept(points: FloatArray, edge: FloatArray) -> IntArray:
    """Return Delaunay's triangles that lie inside the outline, counter-clockwise."""
    triangles = Delaunay(points).simplices.astype(np.int64)
    areas = _areas(points, triangles)
    triangles[areas < 0.0] = triangles[areas < 0.0][:, ::-1]
    corners = points[triangles]
    longest = np.max(np.sum((corners - np.roll(corners, 1, axis=1)) ** 2, axis=2), axis=1)
    flat = np.abs(areas) < 1e-6 * longest
    kept = inside_outline(corners.mean(axis=1), edge) & ~flat
    return np.ascontiguousarray(triangles[kept])


def _areas(points: FloatArray, triangles: IntArray) -> FloatArray:
    a, b, c = (points[triangles[:, k]] for k in range(3))
    return np.asarray(
        0.5 * ((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])), dtype=np.float64
    )


def _missing_edges(triangles: IntArray, count: int) -> IntArray:
    """Return the stretches of the outline, by their first point, that are the side of no triangle."""
    sides = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    there = {(int(a), int(b)) for a, b in sides if a < count and b < count}
    return np.array([k for k in range(count) if (k, (k + 1) % count) not in there], dtype=np.int64)
