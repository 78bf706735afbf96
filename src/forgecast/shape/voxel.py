"""How much of a solid, and of its surface, lies in each cell of a grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.texts import text
from forgecast.shape.errors import ShapeError
from forgecast.shape.grid import Grid
from forgecast.shape.kernels.clip import cut_cells, running_sums, snapped
from forgecast.shape.solid import Solid

Fractions = NDArray[np.float32]

#: Corners nearer to a cell face than this share of the cell's width are taken to lie in it: single precision files
#: miss by so much.
_SNAP = 1e-5


def fractions(solid: Solid, grid: Grid) -> Fractions:
    """Return the volume fraction of a solid in each cell, exactly.

    Each triangle is cut along the cell faces; the pieces give the volume in each cell by the divergence theorem,
    ``f = (1/V) sum over pieces P of n_x ∫_P (x0 - x) dA`` with x0 the cell's upper face, and what ends below a cell
    counts for it wholly. There is no sampling: the sum over the cells is the solid's volume to rounding
    (float32 keeps 7 digits of each cell), for any orientation, for faces in cell faces and on stretched grids.

    Parameters
    ----------
    solid : Solid
        It may reach beyond the grid.
    grid : Grid

    Returns
    -------
    (nz, ny, nx) float32
        0 outside, 1 inside.

    Raises
    ------
    ShapeError
        If cells come out fuller than full or emptier than empty: parts of the surface overlap or face inward.
    """
    nz, ny, nx = grid.shape
    filled = np.zeros((nz, ny, nx + 1))
    cut_cells(_on_grid(solid, grid), solid.faces, grid.x, grid.y, grid.z, filled, np.empty((0, 0, 0)))
    running_sums(filled)
    worst = max(float(filled.max(initial=0.0)) - 1.0, -float(filled.min(initial=0.0)))
    if worst > 1e-6:
        raise ShapeError(
            text(
                "the surface of {name} overlaps itself or faces inward in places: a cell comes out {share} of its "
                "volume beyond full or empty",
                name=solid.name,
                share=round(worst, 6),
            ),
            repair=text("read it with read_solid, or unite its bodies with joined"),
        )
    share = np.empty(grid.shape, dtype=np.float32)
    np.clip(filled[:, :, :nx], 0.0, 1.0, out=share, casting="same_kind")
    return share


def surface_areas(solid: Solid, grid: Grid) -> Fractions:
    """Return the true surface area of a solid in each cell [m2], (nz, ny, nx) float32.

    The same cut as in `fractions`. A face that lies in a cell face counts for the cell on the solid's side; what lies
    outside the grid is left out.
    """
    area = np.zeros(grid.shape)
    cut_cells(_on_grid(solid, grid), solid.faces, grid.x, grid.y, grid.z, np.empty((0, 0, 0)), area)
    return area.astype(np.float32)


def _on_grid(solid: Solid, grid: Grid) -> NDArray[np.float64]:
    vertices = np.array(solid.vertices, dtype=np.float64, order="C")
    for axis, edges in enumerate((grid.x, grid.y, grid.z)):
        snapped(vertices, edges, axis, _SNAP)
    return vertices
