"""Values of cells at points of a surface, weighted once for all fields and times."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.shape.grid import Grid

Floats: TypeAlias = "NDArray[np.float64]"
F4: TypeAlias = "NDArray[np.float32]"

#: Cells around a point whose values are averaged: those of a skin are steps, and one alone would speckle it.
_NEAR = 8


class Sampler:
    """Takes fields from cells to points: the mean of the nearest cells, weighted by the inverse square of distance.

    Parameters
    ----------
    grid : Grid
    chosen : (nz, ny, nx) bool
        Cells that count.
    points : (n, 3) float64
        [m].
    """

    def __init__(self, grid: Grid, chosen: NDArray[np.bool_], points: Floats) -> None:
        from scipy.spatial import cKDTree  # noqa: PLC0415  (loads slowly)

        self._cells = np.nonzero(chosen)
        k, j, i = self._cells
        x, y, z = grid.centres
        tree = cKDTree(np.column_stack((x[i], y[j], z[k])))
        far, near = tree.query(points, k=min(_NEAR, len(k)))
        self._near = near.reshape(len(points), -1)
        self._weight = 1.0 / np.maximum(far.reshape(len(points), -1), 1e-12) ** 2

    def at_points(self, field: NDArray[np.floating]) -> F4:
        """Return a field at the points; NaN where the nearest cell has no value.

        Parameters
        ----------
        field : (nz, ny, nx) float
        """
        found = np.asarray(field[self._cells], dtype=np.float64)[self._near]
        weight = np.where(np.isnan(found), 0.0, self._weight)
        mean = (weight * np.nan_to_num(found)).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-300)
        return np.where(np.isnan(found[:, 0]), np.nan, mean).astype(np.float32)
