"""Sleeves that burn: cells that ignite at a temperature and give off their heat over a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forgecast.casting.heat_table import HeatTable, Surroundings
from forgecast.casting.layout import Layout

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]

#: A step is not longer than this share of the burning time.
STEPS_A_BURN = 12.0


class Burning:
    """The cells of exothermic media and how much heat each still holds.

    Parameters
    ----------
    layout : Layout
    per_heat : (nz + 2, ny + 2, nx + 2) float32
        Coordinate per unit of heat of each cell [1/J].
    """

    def __init__(self, layout: Layout, per_heat: F4) -> None:
        cells, left, power, point = [], [], [], []
        volume = layout.grid.volumes if layout.filling is None else layout.grid.volumes * layout.filling
        for index, one in enumerate(layout.media):
            if isinstance(one, Surroundings) or one.ignition is None:
                continue
            where = np.nonzero(layout.medium == index)
            ghosted = tuple(w + 1 for w in where)
            heat = one.ignition.heat * volume[where]
            cells.append(np.ravel_multi_index(ghosted, per_heat.shape))
            left.append(heat)
            power.append(heat / one.ignition.duration)
            point.append(np.full(len(heat), one.ignition.temperature))
        durations = [m.ignition.duration for m in layout.media if not isinstance(m, Surroundings) and m.ignition]
        self.longest_step = min(durations, default=np.inf) / STEPS_A_BURN
        self.cells = np.concatenate(cells) if cells else np.zeros(0, dtype=np.int64)
        self.left = np.concatenate(left) if left else np.zeros(0)
        self._power = np.concatenate(power) if power else np.zeros(0)
        self._point = np.concatenate(point) if point else np.zeros(0)
        self._per_heat = per_heat.ravel()[self.cells].astype(np.float64)
        self._medium = np.pad(layout.medium, 1).ravel()[self.cells].astype(np.int64)
        self.lit = np.zeros(len(self.cells), dtype=bool)
        self.released = 0.0

    def burn(self, u: F4, table: HeatTable, step: float) -> bool:
        """Add the heat of a step to the cells that burn; return whether any does.

        Parameters
        ----------
        u : (nz + 2, ny + 2, nx + 2) float32
            Changed.
        table : HeatTable
        step : float
            [s].
        """
        if not len(self.cells) or not (self.left > 0.0).any():
            return False
        flat = u.reshape(-1)
        here = flat[self.cells].astype(np.float64)
        node = np.clip(here.astype(np.int64), 0, table.nodes - 2)
        at = node + self._medium * table.nodes
        low, high = table.temperature[at], table.temperature[at + 1]
        self.lit |= low + (here - node) * (high - low) >= self._point
        heat = np.where(self.lit, np.minimum(self.left, self._power * step), 0.0)
        self.left -= heat
        self.released += float(heat.sum())
        flat[self.cells] = (here + heat * self._per_heat).astype(np.float32)
        return bool((heat > 0.0).any())
