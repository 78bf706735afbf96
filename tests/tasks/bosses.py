"""Castings with heavy places, in cells that a test has time for."""

from __future__ import annotations

from functools import cache

from forgecast.metal.alloy import alloy
from forgecast.shape.solid import Solid, box, cylinder, joined
from forgecast.tasks.freeze_part import Fineness
from forgecast.tasks.mould_layout import Pour

CELL = 0.010
FINENESS = Fineness(cell=CELL, margin=0.04, cores=1)
#: Middles of the two bosses [m].
MIDDLES = ((0.03, 0.03), (0.21, 0.03))


def pour(name: str = "WCB") -> Pour:
    """Return a pour 60 K above the liquidus into green sand."""
    metal = alloy(name)
    return Pour(metal, metal.liquidus + 60.0, "green-sand", 293.15, 293.15)


@cache
def boss() -> Solid:
    """Return a plate of 20 mm with a round boss of 60 mm, as high as wide."""
    return joined(
        box((0.16, 0.16, 0.02), name="plate"), cylinder(0.06, 0.06, at=(0.08, 0.08, 0.0), name="boss"), name="boss"
    )


@cache
def two_bosses(height: float = 0.05, length: float = 0.24) -> Solid:
    """Return a plate of 20 mm with a boss of 50 mm square at each end: one 50 mm high, the other of a height."""
    plate = box((length, 0.06, 0.02), name="plate")
    one = box((0.05, 0.05, 0.05), at=(0.005, 0.005, 0.0), name="one")
    other = box((0.05, 0.05, height), at=(length - 0.055, 0.005, 0.0), name="other")
    return joined(plate, one, other, name="two bosses")
