"""The inside of the metal for sections: fields on a coarse raster, one byte a place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.app.casting.mesh_buffer import Quantity, Volume
from forgecast.shape.grid import Grid

Field: TypeAlias = "NDArray[np.floating]"

#: Places along the longest side; a section of more is no sharper on a screen.
_MOST: Final = 128


def inside_of(grid: Grid, metal: NDArray[np.bool_], fields: Mapping[str, Field], quantities: Mapping[str, Quantity]
              ) -> Volume:  # fmt: skip
    """Return the fields in the box of the metal as bytes.

    Parameters
    ----------
    grid : Grid
    metal : (nz, ny, nx) bool
    fields : mapping of str to (nz, ny, nx) float
        By quantity; NaN inside the metal is shown as the low end.
    quantities : mapping of str to Quantity
        Whose ends the bytes 1 and 255 stand for.
    """
    edges = (grid.z, grid.y, grid.x)
    spans = []
    for axis in range(3):
        hit = np.flatnonzero(metal.any(axis=tuple(other for other in range(3) if other != axis)))
        spans.append((float(edges[axis][hit[0]]), float(edges[axis][hit[-1] + 1])))
    step = max(high - low for low, high in spans) / _MOST
    finest = float(min(widths.min() for widths in grid.widths))
    step = max(step, finest)
    index = []
    for (low, high), edge in zip(spans, edges, strict=True):
        count = max(1, round((high - low) / step))
        at = low + (np.arange(count) + 0.5) * (high - low) / count
        index.append(np.clip(np.searchsorted(edge, at, side="right") - 1, 0, len(edge) - 2))
    taken = np.ix_(*index)
    there = metal[taken]
    values = {}
    for key, field in fields.items():
        one = quantities[key]
        share = (np.nan_to_num(np.asarray(field[taken], dtype=np.float64), nan=one.low) - one.low) / (
            one.high - one.low
        )
        values[key] = np.where(there, 1 + np.round(254 * np.clip(share, 0.0, 1.0)), 0).astype(np.uint8)
    (zl, zh), (yl, yh), (xl, xh) = spans
    return Volume((len(index[2]), len(index[1]), len(index[0])), (xl, yl, zl), (xh, yh, zh), values)
