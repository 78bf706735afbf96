"""Grids around a solid: uniform, or stretched outward and fine where it matters, and whether they fit in memory."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.texts import text
from forgecast.shape.errors import ShapeError
from forgecast.shape.grid import Grid

Floats = NDArray[np.float64]

#: A length that misses a whole number of cells by less than this share of a cell is taken as whole.
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Margins:
    """Room between the part's box and the end of the grid on each side [m]; 0 on a symmetry plane."""

    x_low: float
    x_high: float
    y_low: float
    y_high: float
    z_low: float
    z_high: float

    @staticmethod
    def equal(width: float) -> Margins:
        """Return the same margin on all sides."""
        return Margins(width, width, width, width, width, width)

    def along(self, axis: int) -> tuple[float, float]:
        """Return the lower and the upper margin along x (0), y (1) or z (2)."""
        return ((self.x_low, self.x_high), (self.y_low, self.y_high), (self.z_low, self.z_high))[axis]


def uniform_grid(box: Floats, cell: float, margins: Margins) -> Grid:
    """Return equal cubes around a box; cell faces pass through the box's lowest corner.

    The margins and the box are rounded up to whole cells.

    Parameters
    ----------
    box : (2, 3) float64
        Lowest and highest corner [m].
    cell : float
        Edge of a cell [m].
    margins : Margins

    Raises
    ------
    ShapeError
        If the cell or the box has no size.
    """
    _check(box, cell, margins)
    axes = []
    for axis in range(3):
        before, after = margins.along(axis)
        low, high = float(box[0, axis]), float(box[1, axis])
        under = _whole(before, cell)
        inside = max(_whole(high - low, cell), 1)
        axes.append(low + cell * np.arange(-under, inside + _whole(after, cell) + 1, dtype=np.float64))
    return Grid(*axes)


def stretched_grid(
    box: Floats,
    cell: float,
    margins: Margins,
    *,
    ratio: float = 1.2,
    coarsest: float | None = None,
    planes: tuple[Sequence[float], Sequence[float], Sequence[float]] = ((), (), ()),
    finest: float | None = None,
) -> Grid:
    """Return a grid that is fine in the part's box and grows outward.

    Inside the box the cells are at most `cell` wide; at the planes, and at nothing else, they are `finest` and grow
    from there by the ratio. Outside they grow by the ratio up to `coarsest`. Cell faces lie exactly at both ends of
    the box, at the planes and at the ends of the margins.

    Parameters
    ----------
    box : (2, 3) float64
        Lowest and highest corner [m].
    cell : float
        Widest cell inside the box [m].
    margins : Margins
    ratio : float
        Width of a cell to that of its inner neighbour; above 1, at most 2.
    coarsest : float or None
        Widest cell outside [m]; None: no bound but the ratio.
    planes : three sequences of float
        Positions along x, y and z [m] at which the cells are finest.
    finest : float or None
        Width at the planes [m]; None: `cell`.

    Raises
    ------
    ShapeError
        If a length is not above zero or the ratio is out of range.
    """
    _check(box, cell, margins)
    least = cell if finest is None else finest
    if not (0.0 < least <= cell) or not 1.0 < ratio <= 2.0 or (coarsest is not None and coarsest < cell):
        raise ShapeError(
            text(
                "a stretched grid cannot have the finest cell {finest} m, the cell {cell} m in the part, the coarsest "
                "{coarsest} m and the ratio {ratio}",
                finest=least,
                cell=cell,
                coarsest=coarsest,
                ratio=ratio,
            ),
            repair=text("give finest ≤ cell ≤ coarsest and a ratio above 1 and at most 2"),
        )
    axes = []
    for axis in range(3):
        # A margin that is no more than rounding is none.
        before, after = (m if m > _ROUNDING * cell else 0.0 for m in margins.along(axis))
        low, high = float(box[0, axis]), float(box[1, axis])
        inner = sorted({p for p in planes[axis] if low < p < high})
        at_plane = [least if p in planes[axis] else cell for p in (low, *inner, high)]
        stops = (low, *inner, high)
        pieces = [_outward(before, at_plane[0], ratio, coarsest)[::-1]]
        pieces += [
            _between(b - a, start, end, cell, ratio)
            for a, b, start, end in zip(stops, stops[1:], at_plane, at_plane[1:], strict=False)
        ]
        pieces.append(_outward(after, at_plane[-1], ratio, coarsest))
        axes.append(_edges(pieces, (low - before, *stops, high + after)))
    return Grid(*axes)


def free_memory() -> int | None:
    """Return the bytes of memory that are free, or None where the system does not tell."""
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def check_memory(grid: Grid, bytes_per_cell: float, *, free: int | None) -> int:
    """Return how many bytes a grid needs, or refuse it where they are not there.

    Parameters
    ----------
    grid : Grid
    bytes_per_cell : float
        What the work to be done keeps for each cell.
    free : int or None
        Bytes that may be used, as `free_memory` tells; None: not known, nothing is refused.

    Raises
    ------
    ShapeError
        If more is needed than is free; it says how much, and proposes a cell size that takes nine tenths of it.
    """
    needed = math.ceil(grid.cells * bytes_per_cell)
    if free is None or needed <= free:
        return needed
    mean = float(np.prod([np.ptp(e) / (len(e) - 1) for e in (grid.x, grid.y, grid.z)])) ** (1.0 / 3.0)
    proposed = _round_up_mm(mean * (needed / max(0.9 * free, 1.0)) ** (1.0 / 3.0))
    raise ShapeError(
        text(
            "{cells} cells need {needed} GB of memory, and {free} GB are free",
            cells=grid.cells,
            needed=round(needed / 1e9, 1),
            free=round(free / 1e9, 1),
        ),
        repair=text("take cells of {cell_mm} mm or more, or smaller margins", cell_mm=proposed),
    )


def _round_up_mm(length: float) -> float:
    """Return a length in mm, rounded up to two digits."""
    step = 10.0 ** (math.floor(math.log10(length * 1e3)) - 1)
    return round(math.ceil(length * 1e3 / step - _ROUNDING) * step, 9)


def _check(box: Floats, cell: float, margins: Margins) -> None:
    size = np.asarray(box)[1] - np.asarray(box)[0]
    if not (math.isfinite(cell) and cell > 0.0 and np.isfinite(size).all() and (size > 0.0).all()):
        raise ShapeError(
            text(
                "there is no grid of {cell} m cells around a box of {x} x {y} x {z} m",
                cell=cell,
                x=float(size[0]),
                y=float(size[1]),
                z=float(size[2]),
            ),
            repair=text("give a cell size above zero and a solid with a volume"),
        )
    for axis in range(3):
        for margin in margins.along(axis):
            if not (math.isfinite(margin) and margin >= 0.0):
                raise ShapeError(
                    text("a margin around the part is {value} m", value=margin),
                    repair=text("give margins of zero or more"),
                )


def _whole(length: float, cell: float) -> int:
    return math.ceil(length / cell - _ROUNDING)


def _outward(length: float, first: float, ratio: float, coarsest: float | None) -> list[float]:
    """Return widths that grow from the part outward and fill a length."""
    widths: list[float] = []
    total, width = 0.0, first
    while total < length * (1.0 - _ROUNDING):
        width = width * ratio if coarsest is None else min(width * ratio, coarsest)
        widths.append(width)
        total += width
    # Shrunk to fit, but for a last cell that is hardly needed: that one is left out and the others are drawn out.
    if len(widths) > 1 and total - length > 0.5 * widths[-1]:
        total -= widths.pop()
    return [w * length / total for w in widths]


def _between(length: float, start: float, end: float, cell: float, ratio: float) -> list[float]:
    """Return widths from `start` to `end`, growing by the ratio up to `cell` in the middle."""
    left, right = [start], [end]
    total = start + end
    if total >= length:
        n = max(_whole(length, min(start, end)), 1)
        return [length / n] * n
    while total < length * (1.0 - _ROUNDING):
        side = left if left[-1] <= right[-1] else right
        side.append(min(side[-1] * ratio, cell))
        total += side[-1]
    return [w * length / total for w in (*left, *right[::-1])]


def _edges(pieces: Sequence[Sequence[float]], stops: Sequence[float]) -> Floats:
    """Return cell faces that meet every stop exactly."""
    edges = [stops[0]]
    for widths, start, stop in zip(pieces, stops, stops[1:], strict=False):
        if not widths:
            continue
        edges.extend((start + np.cumsum(widths[:-1])).tolist())
        edges.append(stop)
    return np.asarray(edges, dtype=np.float64)
