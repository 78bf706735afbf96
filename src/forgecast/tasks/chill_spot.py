"""A chill at a hot spot that no riser reaches: sized by the rule of chills, laid against the nearest face."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forgecast.casting.chill import chill_gain, chill_mass, chilled_modulus
from forgecast.casting.placing import TOUCHING, crossings
from forgecast.casting.riser import Fed
from forgecast.metal.media import medium
from forgecast.metal.medium import Medium
from forgecast.shape.errors import ShapeError
from forgecast.shape.measure import measure
from forgecast.shape.solid import Point, Solid, box, overlap, without
from forgecast.tasks.mould_layout import Body, Pour

#: From below first: there no riser is ever in the way.
WAYS: tuple[Point, ...] = ((0.0, 0.0, -1.0), (1.0, 0.0, 0.0), (-1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, -1.0, 0.0))


def chill_thickness(fed: Fed, side: float, pour: Pour, name: str, rise: float) -> float:
    """Return how thick a square chill is that takes up the heat sand no longer has to [m].

    Parameters
    ----------
    fed : Fed
        The zone without chill.
    side : float
        Of the face that touches the casting [m].
    pour : Pour
    name : str
        Medium of the chill.
    rise : float
        By which the chill may warm [K].

    Notes
    -----
    The gain of a tight chill (`forgecast.casting.chill.chill_gain`) is from memory; what decides is the field.
    """
    contact = min(side * side, fed.area)
    chilled = chilled_modulus(fed, contact, chill_gain("tight"))
    metal, cold = pour.alloy.medium(), medium(name)
    density = pour.alloy.reference_density
    start = pour.mould_temperature
    mass = chill_mass(
        fed,
        chilled,
        density=density,
        heat=_heat(metal, pour.alloy.solidus, pour.temperature) / density,
        heat_capacity=_heat(cold, start, start + rise) / (cold.density * rise),
        temperature_rise=rise,
    )
    return mass / (cold.density * side * side)


def chill_at(
    casting: Solid,
    spot: Point,
    depth: float,
    thickness: float,
    name: str,
    others: list[Solid],
    flask: NDArray[np.float64] | None = None,
) -> Body | None:
    """Return a block against the nearest face below or beside a hot spot, or None where none fits.

    Parameters
    ----------
    spot : (x, y, z)
        [m].
    depth : float
        Of the spot below the surface [m]; the block's face is twice as wide.
    thickness : float
        [m].
    name : str
        Medium of the chill.
    others : list of Solid
        What it must not touch.
    flask : (2, 3) float64 or None
        Lowest and highest corner of the room for chills [m].
    """
    found = []
    for order, way in enumerate(WAYS):
        out = crossings(casting, spot, way)
        if len(out) == 1:
            found.append((round(float(out[0]), 6), order))
    for away, order in sorted(found):
        # From half way in, the casting taken out: the block then fits a curved face too.
        low, high = -depth * np.ones(3), depth * np.ones(3)
        axis = int(np.argmax(np.abs(WAYS[order])))
        ends = sorted((WAYS[order][axis] * (away - 0.5 * depth), WAYS[order][axis] * (away + thickness)))
        low[axis], high[axis] = ends
        size, corner = high - low, np.asarray(spot) + low
        block = box(
            (float(size[0]), float(size[1]), float(size[2])),
            at=(float(corner[0]), float(corner[1]), float(corner[2])),
            name="chill",
        )
        try:
            own = without(block, casting, name="chill")
        except ShapeError:
            continue
        small = TOUCHING * measure(own).volume
        inside = flask is None or not ((own.box[0] < flask[0]) | (own.box[1] > flask[1])).any()
        if inside and all(overlap(own, other) <= small for other in others):
            return Body("chill", own, medium(name).name)
    return None


def _heat(of: Medium, low: float, high: float) -> float:
    """Return the heat a volume takes up between two temperatures [J/m3]."""
    a, b = np.interp([low, high], of.temperature, of.enthalpy)
    return float(b - a)
