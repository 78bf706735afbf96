"""What a freezing run takes: cells, memory and time, told before it is begun."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from forgecast.casting.layout import Side
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.shape.errors import ShapeError
from forgecast.shape.grid import Grid
from forgecast.shape.gridding import free_memory, uniform_grid
from forgecast.tasks.mould_layout import BYTES_PER_CELL, margins_around

#: Seconds for a cell and for each cell along one side: the work grows with the cells and with how often they are gone
#: over, which grows with their number along a side. Measured on two cores with four parts, three alloys and three
#: moulds, 80,000 to 700,000 cells: 3.3e-8 to 9.8e-8.
_QUICK, _SLOW = 3e-8, 1e-7
#: Drawing, writing and the page take about so long whatever the cells [s].
_WRITING: Final = (4.0, 20.0)
#: With fewer cells across a wall its times are not trusted.
_FEWEST: Final = 3.0
#: Cells across thin walls that a cell size is chosen for, and the most cells it may make.
_ACROSS: Final = 5.0
_MOST_CELLS: Final = 1e6


def chosen_cell(wall: float, sides: NDArray[np.float64]) -> float:
    """Return the cell size that is taken where nobody gives one [m]: a fifth of the walls, up to a million cells.

    Parameters
    ----------
    wall : float
        Below which a twentieth of the surface's walls lie [m].
    sides : (3,) float64
        Of the box with the mould around it [m].
    """
    return float(f"{max(wall / _ACROSS, float(np.prod(sides) / _MOST_CELLS) ** (1 / 3)):.2g}")


@dataclass(frozen=True, slots=True)
class Effort:
    """What a run is expected to take.

    Parameters
    ----------
    cell : float
        Edge of a cell [m].
    shape : (int, int, int)
        Cells along x, y and z.
    bytes : float
    free_bytes : int or None
        Memory that is free on this machine; None where it does not tell.
    seconds : (float, float)
        Between which the time will lie on two cores.
    across : float or None
        Cells across the wall that was given [1].
    notes : tuple of Text
    """

    cell: float
    shape: tuple[int, int, int]
    bytes: float
    free_bytes: int | None
    seconds: tuple[float, float]
    across: float | None
    notes: tuple[Text, ...]

    @property
    def cells(self) -> int:
        """Return the number of cells."""
        return int(np.prod(self.shape))

    def as_json(self) -> dict[str, object]:
        """Return the effort with units in the names."""
        return {
            "cell_mm": 1000.0 * self.cell,
            "shape": list(self.shape),
            "cells": self.cells,
            "memory_MB": round(self.bytes / 1e6, 1),
            "free_MB": None if self.free_bytes is None else round(self.free_bytes / 1e6, 1),
            "fits": None if self.free_bytes is None else self.bytes <= self.free_bytes,
            "time_from_s": round(self.seconds[0], 1),
            "time_to_s": round(self.seconds[1], 1),
            "cells_across_the_wall": self.across,
            "notes": [note.as_json() for note in self.notes],
        }


def effort_of(
    low: tuple[float, float, float],
    high: tuple[float, float, float],
    cell: float | None,
    margin: float,
    *,
    wall: float | None = None,
    symmetry: Collection[Side] = (),
) -> Effort:
    """Return what a run around a box takes.

    Parameters
    ----------
    low, high : (float, float, float)
        Corners of the box around part, risers and chills [m].
    cell : float or None
        [m]; None takes the one that a run would choose, for which the wall has to be known.
    margin : float
        [m].
    wall : float or None
        A thin wall of the part [m], to tell how many cells lie across it.
    symmetry : collection of side
        Sides at which the part ends in a plane of symmetry; there is no mould there.

    Raises
    ------
    ShapeError
        If the cell or the box has no size.
    ForgecastError
        If neither cell nor wall is given.
    """
    sides = np.array(high) - np.array(low)
    if not (sides > 0.0).all():
        raise ShapeError(
            text("the box has no size: its highest corner is not above its lowest"),
            where="high",
            repair=text("give the lowest and the highest corner of part, risers and chills"),
        )
    if cell is None:
        if wall is None:
            raise ForgecastError(
                text("neither the cell nor a wall is known"), where="cell", repair=text("give the edge of a cell")
            )
        cell = chosen_cell(wall, sides + 2 * margin)
    grid: Grid = uniform_grid(np.array([low, high]), cell, margins_around(margin, symmetry))
    nz, ny, nx = grid.shape
    cells = float(grid.cells)
    work = cells ** (4.0 / 3.0)
    across = None if wall is None else wall / cell
    notes = [text("time reckoned from runs on two cores; the first run after an installation takes a minute longer")]
    if across is not None and across < _FEWEST:
        notes.append(
            text(
                "fewer than {count} cells lie across thin walls: their times are rough; take smaller cells to decide "
                "by them",
                count=round(_FEWEST),
            )
        )
    return Effort(
        cell,
        (nx, ny, nz),
        cells * BYTES_PER_CELL,
        free_memory(),
        (_QUICK * work + _WRITING[0], _SLOW * work + _WRITING[1]),
        across,
        tuple(notes),
    )
