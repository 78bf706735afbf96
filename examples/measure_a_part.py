"""Measure a part: its walls, its modulus and the place that freezes last, before any run is made.

Problem. A bracket is an L of two walls, 20 mm thick, with arms of 80 mm and sharp corners, 200 mm long. How thick are
its walls, what is its modulus, and how much thicker is it where the walls meet?

Equations. Modulus M = V/A. The hot spot of a junction is the largest circle that fits into it: for an L of walls t it
touches both outer sides and the inner corner, so its diameter is (4 - 2 sqrt 2) t = 1.171573 t.

Data. None is read; the solid is built here. A file is read by `forgecast.shape.read.read_solid`.

What is seen. The straight walls measure 20 mm and the corner 23.4 mm, as the formula says. A thicker place than its
walls freezes after them and has to be fed, chilled, or rounded away.

Reference. `forgecast.shape.wall`; proofs for L, T and X: tests/proof/test_shape_proofs.py.

Run: python examples/measure_a_part.py
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from forgecast.metal.alloy import alloy
from forgecast.shape.gridding import Margins, uniform_grid
from forgecast.shape.measure import Measures, measure
from forgecast.shape.solid import junction
from forgecast.shape.wall import HotSpot, hot_spots, wall_map

WALL, ARM, LENGTH = 0.020, 0.080, 0.200
CELL = 0.002
EXACT = (4.0 - 2.0 * math.sqrt(2.0)) * WALL
ROOM = 293.15


@dataclass(frozen=True)
class Measured:
    """What was measured; the wall is the median way straight through it [m]."""

    measures: Measures
    wall: float
    spots: tuple[HotSpot, ...]


def run() -> Measured:
    """Measure the bracket as if it were cast in A356."""
    bracket = junction("L", WALL, arm=ARM, height=LENGTH)
    through = wall_map(bracket, spacing=0.005).ray
    grid = uniform_grid(bracket.box, CELL, Margins.equal(CELL))
    density = float(alloy("A356").density.at(ROOM))
    return Measured(measure(bracket, density=density), float(np.median(through)), hot_spots(bracket, grid))


def main() -> None:
    """Print the figures beside what they have to be."""
    found = run()
    mass, (spot, *_) = found.measures.mass, found.spots
    table = Table("", "measured 测得", "exact 精确值")
    table.add_row("modulus 模数 mm", f"{1e3 * found.measures.modulus:.2f}", "")
    table.add_row("mass 质量 kg", "—" if mass is None else f"{mass:.2f}", "")
    table.add_row("wall 壁厚 mm", f"{1e3 * found.wall:.2f}", f"{1e3 * WALL:.2f}")
    table.add_row("hot spot 热节 mm", f"{1e3 * spot.diameter:.2f}", f"{1e3 * EXACT:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
