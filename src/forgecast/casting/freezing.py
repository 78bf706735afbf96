"""What a run leaves: when and how every cell of metal froze."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.metal.medium import Medium
from forgecast.shape.grid import Grid

F4 = NDArray[np.float32]
U1 = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class HeatAudit:
    """Where the heat of a run went; all counted from its start.

    Parameters
    ----------
    at_start, at_end : float
        Heat content of all cells, above that of their tables' lower ends [J].
    through_sides : float
        Heat that left through the sides of the grid [J].
    released : float
        Heat released by burning sleeves [J].
    moved : float
        Heat the metal has given off; the measure of the residual [J].
    """

    at_start: float
    at_end: float
    through_sides: float
    released: float
    moved: float

    @property
    def residual(self) -> float:
        """Return the heat not accounted for over the heat moved [1]."""
        gap = self.at_end - self.at_start + self.through_sides - self.released
        return abs(gap) / self.moved if self.moved > 0.0 else abs(gap)


@dataclass(frozen=True, slots=True)
class Effort:
    """What a run took.

    Parameters
    ----------
    steps, rejected, stages, quick_stages : int
        Steps made; steps made again shorter; evaluations of the heat flow in all cells, and in the quick ones alone.
    wall_s : float
        Time the run took [s].
    finished : bool
        False where it was stopped before its end.
    """

    steps: int
    rejected: int
    stages: int
    quick_stages: int
    wall_s: float
    finished: bool


@dataclass(frozen=True, slots=True)
class Freezing:
    """When and how every cell of metal froze; arrays are (nz, ny, nx), NaN outside metal and where not reached.

    Parameters
    ----------
    grid : Grid
    part : uint8
        Body of metal: 0 none, 1 the casting, 2 and up risers and other metal.
    metal_volume : float32
        Volume of metal a cell holds [m3].
    time_liquidus, time_feeding, time_solidus : float32
        When the cell fell through liquidus, the solid fraction at which feeding stops, and solidus [s].
    cooling_rate, gradient : float32
        At solidus + 10 % of the freezing range [K/s], [K/m].
    temperature : float32
        At the end, in all media [K].
    medium : uint8
        Index of the medium of each cell.
    alloy : Medium
    pour_temperature : float
        [K].
    end_time : float
        [s].
    audit : HeatAudit
    effort : Effort
    """

    grid: Grid
    part: U1
    metal_volume: F4
    time_liquidus: F4
    time_feeding: F4
    time_solidus: F4
    cooling_rate: F4
    gradient: F4
    temperature: F4
    medium: U1
    alloy: Medium
    pour_temperature: float
    end_time: float
    audit: HeatAudit
    effort: Effort
