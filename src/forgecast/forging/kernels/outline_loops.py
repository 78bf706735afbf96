"""Loops over outlines: where one crosses itself, what lies inside, how far it is through, and grids of sizes."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.compiled import compiled

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@compiled()
def first_crossing(outline: FloatArray, found: FloatArray) -> bool:
    """Write (i, j, x, y) of the first two stretches i < j, no neighbours, that meet; return whether there are any."""
    n = outline.shape[0]
    for i in range(n):
        ax, ay = outline[i, 0], outline[i, 1]
        after = i + 1 if i + 1 < n else 0
        bx, by = outline[after, 0], outline[after, 1]
        low_x, high_x, low_y, high_y = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
        for j in range(i + 2, n if i > 0 else n - 1):
            next_j = j + 1 if j + 1 < n else 0
            cx, cy, dx, dy = outline[j, 0], outline[j, 1], outline[next_j, 0], outline[next_j, 1]
            if max(cx, dx) < low_x or min(cx, dx) > high_x or max(cy, dy) < low_y or min(cy, dy) > high_y:
                continue
            cross = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
            if cross == 0.0:
                continue
            s = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / cross
            t = ((cx - ax) * (by - ay) - (cy - ay) * (bx - ax)) / cross
            if 0.0 <= s <= 1.0 and 0.0 <= t <= 1.0:
                found[0], found[1] = i, j
                found[2], found[3] = ax + s * (bx - ax), ay + s * (by - ay)
                return True
    return False


@compiled()
def inside(points: FloatArray, outline: FloatArray, found: BoolArray) -> None:
    """Write which points lie inside: a ray to the right crosses the outline an odd number of times."""
    n = outline.shape[0]
    for k in range(points.shape[0]):
        x, y = points[k, 0], points[k, 1]
        odd = False
        j = n - 1
        for i in range(n):
            y1, y2 = outline[j, 1], outline[i, 1]
            if (y1 > y) != (y2 > y) and x < outline[j, 0] + (y - y1) / (y2 - y1) * (outline[i, 0] - outline[j, 0]):
                odd = not odd
            j = i
        found[k] = odd


@compiled()
def thickness(outline: FloatArray, axis: float, found: FloatArray) -> None:
    """Write how thick the metal is under the middle of each stretch: to the stretch opposite, if that faces it.

    Not a number where nothing faces it within 60 degrees, or the axis does (`axis`: the radius below which a stretch
    lies on it, m).
    """
    n = outline.shape[0]
    for i in range(n):
        after = i + 1 if i + 1 < n else 0
        ax, ay = outline[i, 0], outline[i, 1]
        ex, ey = outline[after, 0] - ax, outline[after, 1] - ay
        length = math.hypot(ex, ey)
        found[i] = math.nan
        if length == 0.0 or (ax <= axis and outline[after, 0] <= axis):
            continue
        nx, ny = -ey / length, ex / length
        px, py = ax + 0.5 * ex, ay + 0.5 * ey
        best, facing = math.inf, False
        for j in range(n):
            if j == i:
                continue
            next_j = j + 1 if j + 1 < n else 0
            cx, cy = outline[j, 0], outline[j, 1]
            fx, fy = outline[next_j, 0] - cx, outline[next_j, 1] - cy
            cross = nx * fy - ny * fx
            if cross == 0.0:
                continue
            way = ((cx - px) * fy - (cy - py) * fx) / cross
            t = ((cx - px) * ny - (cy - py) * nx) / cross
            if way > 1e-9 * length and 0.0 <= t <= 1.0 and way < best:
                best = way
                across = math.hypot(fx, fy)
                on_axis = cx <= axis and outline[next_j, 0] <= axis
                facing = not on_axis and (ex * fx + ey * fy) < -0.5 * length * across
        if facing:
            found[i] = best


@compiled()
def spread_sizes(
    places: FloatArray, sizes: FloatArray, grade: float, corner: FloatArray, step: float, grid: FloatArray
) -> None:
    """Lower a grid of sizes to the least of size + grade x distance over all places."""
    for i in range(grid.shape[0]):
        y = corner[1] + i * step
        for j in range(grid.shape[1]):
            x = corner[0] + j * step
            least = grid[i, j]
            for k in range(places.shape[0]):
                left = least - sizes[k]
                if left > 0.0:
                    dx, dy = x - places[k, 0], y - places[k, 1]
                    if grade * grade * (dx * dx + dy * dy) < left * left:
                        least = sizes[k] + grade * math.sqrt(dx * dx + dy * dy)
            grid[i, j] = least
