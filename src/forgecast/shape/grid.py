"""A Cartesian grid of cells, uniform or stretched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells between planes; arrays over them have the shape (nz, ny, nx), x running fastest.

    Parameters
    ----------
    x, y, z : (n + 1,) float64
        Positions of the cell faces along each axis [m], rising.
    """

    x: Floats
    y: Floats
    z: Floats

    @property
    def shape(self) -> tuple[int, int, int]:
        """Return the number of cells along (z, y, x)."""
        return len(self.z) - 1, len(self.y) - 1, len(self.x) - 1

    @property
    def cells(self) -> int:
        """Return the number of cells."""
        return int(np.prod(self.shape))

    @property
    def centres(self) -> tuple[Floats, Floats, Floats]:
        """Return the cell centres along (x, y, z) [m]."""
        return tuple(0.5 * (e[:-1] + e[1:]) for e in (self.x, self.y, self.z))  # type: ignore[return-value]

    @property
    def widths(self) -> tuple[Floats, Floats, Floats]:
        """Return the cell widths along (x, y, z) [m]."""
        return np.diff(self.x), np.diff(self.y), np.diff(self.z)

    @property
    def volumes(self) -> Floats:
        """Return the cell volumes, (nz, ny, nx) [m3]."""
        dx, dy, dz = self.widths
        return dz[:, None, None] * dy[None, :, None] * dx[None, None, :]

    @property
    def is_uniform(self) -> bool:
        """Tell whether all cells are equal cubes (to a millionth)."""
        all_widths = np.concatenate(self.widths)
        return bool(np.ptp(all_widths) < 1e-6 * all_widths.mean())
