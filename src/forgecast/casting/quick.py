"""Quick cells: those of media that carry heat so much faster that they need many more stages than the rest.

Metal carries heat a hundred times faster than sand. Stepping all cells together makes the sand, which is most of them,
pay for the metal. So a step takes two turns: first the slow cells, with the quick ones carried along at their last
pace, while what passes between both is summed up; then the quick cells alone, given exactly that heat.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.casting.heat_table import HeatTable, Surroundings
from forgecast.casting.layout import Layout

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]
U1 = NDArray[np.uint8]
I4 = NDArray[np.int32]

#: Two groups of media are stepped apart where their diffusivities lie so many times apart ...
GAP = 4.0
#: ... and the slow one holds at least this share of the cells.
SLOW_SHARE = 0.3
#: Gaps between runs of up to so many cells are run over.
BRIDGED = 80


@dataclass(frozen=True, slots=True)
class QuickCells:
    """Where quick cells lie, and the faces between them and the others; ghosts are counted.

    Parameters
    ----------
    row, run : int32
        Runs along x: those of plane k are ``run[row[k] : row[k + 1]]``, each from and up to, counted within the plane.
    bar, span : int32
        The same, drawn together over short gaps.
    here : (nz + 2, (ny + 2) * (nx + 2)) uint8
        1 in quick cells.
    face : (faces,) int32
        Flat index of the upper cell of each face to another cell.
    axis, upper_is_quick : (faces,) uint8
    rim : (faces,) int32
        Which of `cell` is the quick cell of the face.
    cell : (cells,) int32
        Flat index of the quick cells that have such a face.
    slab : (threads + 1,) int32
        Planes at which the work is divided evenly.
    """

    row: I4
    run: I4
    bar: I4
    span: I4
    here: U1
    face: I4
    axis: U1
    upper_is_quick: U1
    rim: I4
    cell: I4
    slab: I4

    @property
    def some(self) -> bool:
        """Tell whether there are any."""
        return len(self.run) > 0


def quick_media(layout: Layout, table: HeatTable) -> NDArray[np.bool_]:
    """Return which media are quick; none where stepping apart brings nothing."""
    none = np.zeros(len(layout.media), dtype=bool)
    cells = np.bincount(layout.medium.ravel(), minlength=len(layout.media))
    solid = [n for n, m in enumerate(layout.media) if not isinstance(m, Surroundings) and cells[n] > 0]
    speed = {n: _diffusivity(table, n) for n in solid}
    order = sorted(solid, key=lambda n: speed[n])
    best = none
    for place in range(1, len(order)):
        below, above = order[place - 1], order[place]
        slow = sum(int(cells[n]) for n in order[:place])
        if speed[above] >= GAP * speed[below] and slow >= SLOW_SHARE * sum(int(cells[n]) for n in solid):
            best = none.copy()
            best[order[place:]] = True
            break
    return best


def _diffusivity(table: HeatTable, medium: int) -> float:
    """Return the largest conductivity over the smallest heat capacity of a medium [m2/s]."""
    rows = slice(medium * table.nodes, (medium + 1) * table.nodes)
    slope = float(table.kelvin[medium]) * float(table.per_heat[medium])
    return float(table.conductivity[rows].max()) * slope


def quick_cells(medium: U1, quick: NDArray[np.bool_], threads: int) -> QuickCells:
    """Find the runs and faces of quick cells.

    Parameters
    ----------
    medium : (nz + 2, ny + 2, nx + 2) uint8
        Media with their ghosts.
    quick : (media,) bool
    threads : int
        How many share the work.
    """
    nz, ny, nx = medium.shape
    here = np.zeros(medium.shape, dtype=np.int8)
    here[1:-1, 1:-1, 1:-1] = quick[medium[1:-1, 1:-1, 1:-1]]
    edge = np.diff(here.reshape(nz, ny * nx), axis=1)
    planes, starts = np.nonzero(edge == 1)
    _, ends = np.nonzero(edge == -1)
    run = np.column_stack([starts + 1, ends + 1]).astype(np.int32).reshape(-1, 2)
    row = _counted(planes, nz)
    # A loop over the cells of a short gap costs less than starting another loop.
    new = np.ones(len(run), dtype=bool)
    new[1:] = (planes[1:] != planes[:-1]) | (run[1:, 0] - run[:-1, 1] > BRIDGED)
    span = np.column_stack([run[new, 0], run[np.roll(new, -1), 1]]).reshape(-1, 2)
    bar = _counted(planes[new], nz)
    faces, axes, upper, inner = [], [], [], []
    step = (ny * nx, nx, 1)
    for axis in range(3):
        high = [slice(None)] * 3
        low = [slice(None)] * 3
        high[axis], low[axis] = slice(1, None), slice(None, -1)
        places = list(np.nonzero(here[tuple(high)] != here[tuple(low)]))
        places[axis] = places[axis] + 1
        face = np.ravel_multi_index(tuple(places), medium.shape).astype(np.int32)
        is_upper = here.ravel()[face] > 0
        faces.append(face)
        axes.append(np.full(len(face), 2 - axis, dtype=np.uint8))
        upper.append(is_upper.astype(np.uint8))
        inner.append(np.where(is_upper, face, face - step[axis]).astype(np.int32))
    cell, rim = np.unique(np.concatenate(inner), return_inverse=True)
    load = np.concatenate([[0.0], np.cumsum(here.sum(axis=(1, 2), dtype=np.int64))])
    slab = np.searchsorted(load, np.linspace(0.0, load[-1], threads + 1)).astype(np.int32)
    slab[0], slab[-1] = 1, nz - 1
    return QuickCells(
        row=row,
        run=run,
        bar=bar,
        span=np.ascontiguousarray(span, dtype=np.int32),
        here=here.astype(np.uint8).reshape(nz, ny * nx),
        face=np.concatenate(faces),
        axis=np.concatenate(axes),
        upper_is_quick=np.concatenate(upper),
        rim=rim.astype(np.int32),
        cell=cell,
        slab=np.clip(slab, 1, nz - 1),
    )


def no_quick_cells(planes: int) -> QuickCells:
    """Return the lists of a run in which all cells are stepped together."""
    none, bytes_none = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.uint8)
    rows, runs = np.zeros(planes + 1, dtype=np.int32), np.zeros((0, 2), dtype=np.int32)
    return QuickCells(
        row=rows,
        run=runs,
        bar=rows,
        span=runs,
        here=np.zeros((0, 0), dtype=np.uint8),
        face=none,
        axis=bytes_none,
        upper_is_quick=bytes_none,
        rim=none,
        cell=none,
        slab=none,
    )


def _counted(plane: NDArray[np.intp], planes: int) -> I4:
    """Return where the entries of each plane begin, and the end."""
    return np.concatenate([[0], np.cumsum(np.bincount(plane, minlength=planes))]).astype(np.int32)
