"""Measure a part: volume, surface, box, modulus, walls, and the thick places that freeze last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forgecast.metal.alloy import Alloy
from forgecast.shape.gridding import Margins, uniform_grid
from forgecast.shape.measure import Measures, measure
from forgecast.shape.solid import Solid
from forgecast.shape.wall import HotSpot, WallMap, hot_spots, spacing_within, wall_map

#: At which a mass is stated [K].
_ROOM = 293.15
#: Cells along the longest side of the part, to look for thick places.
_CELLS = 80
#: Points along the longest side of the part at which walls are measured, and the most there may be.
_POINTS, _MOST_POINTS = 100, 100_000


@dataclass(frozen=True, slots=True)
class MeasuredPart:
    """What a solid measures.

    Parameters
    ----------
    measures : Measures
    walls : WallMap
    spots : tuple of HotSpot
        Thick places, the thickest first.
    alloy : Alloy or None
        With it the mass is known.
    """

    measures: Measures
    walls: WallMap
    spots: tuple[HotSpot, ...]
    alloy: Alloy | None

    @property
    def wall_shares(self) -> dict[str, float]:
        """Return the way straight across below which 5, 50 and 95 % of the surface lie [m]: edges count little in it.

        Keys are ``thin``, ``median`` and ``thick``.
        """
        order = np.argsort(self.walls.ray)
        share = np.cumsum(self.walls.areas[order]) / self.walls.areas.sum()
        return {
            name: float(self.walls.ray[order][np.searchsorted(share, at)])
            for name, at in (("thin", 0.05), ("median", 0.5), ("thick", 0.95))
        }

    def as_json(self) -> dict[str, object]:
        """Return the measures with units in the names."""
        measures = self.measures
        return {
            "volume_m3": measures.volume,
            "area_m2": measures.area,
            "box_m": list(measures.box),
            "lowest_m": list(measures.lowest),
            "centre_m": list(measures.centre),
            "modulus_m": measures.modulus,
            "bodies": measures.bodies,
            "cavities": measures.cavities,
            "faces": measures.faces,
            "alloy": None if self.alloy is None else self.alloy.name,
            "mass_kg": measures.mass,
            "walls_m": self.wall_shares,
            "thick_places": [{"centre_m": list(spot.centre), "diameter_m": spot.diameter} for spot in self.spots],
        }


def measure_part(solid: Solid, alloy: Alloy | None = None) -> MeasuredPart:
    """Measure a solid; with an alloy its mass is stated as well.

    Raises
    ------
    ShapeError
        If the solid encloses no volume.
    """
    density = None if alloy is None else float(alloy.density.at(_ROOM))
    longest = float((solid.box[1] - solid.box[0]).max())
    cell = longest / _CELLS
    grid = uniform_grid(solid.box, cell, Margins.equal(cell))
    return MeasuredPart(
        measure(solid, density=density),
        wall_map(solid, spacing=spacing_within(solid, longest / _POINTS, _MOST_POINTS)),
        hot_spots(solid, grid),
        alloy,
    )
