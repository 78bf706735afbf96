"""The problem of the OpenFOAM comparison: an AlSi7-like cube of 100 mm in a box of sand of 200 mm, by any grid.

Imported by the other benchmarks of freezing. Run alone it freezes the cube in uniform and stretched grids and prints
the error of the centre's solidus time against the converged value, and what it took.

Run: ``python benchmarks/aluminium_cube.py``
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.casting.heat_run import Accuracy, HeatRun
from forgecast.casting.heat_table import Surroundings
from forgecast.casting.layout import SIDES, Layout
from forgecast.ground.texts import verbatim
from forgecast.metal.contact import Contact
from forgecast.metal.medium import Medium
from forgecast.shape.grid import Grid

ZERO = 273.15
END_S = 1200.0
SOLIDUS_DEGC = 555.0
#: Of the centre, from graded grids of 32^3 to 64^3 cells an octant and Richardson's extrapolation [s].
CONVERGED_S, CONVERGED_WITHIN_S = 1039.5, 0.4


def metal() -> Medium:
    """Return the alloy: solid fraction linear between 555 and 615 °C."""
    degc = np.concatenate([[0.0], np.linspace(555.0, 615.0, 61), [900.0]])
    liquid = np.clip((degc - 555.0) / 60.0, 0.0, 1.0)
    heat = 2540.0 * (1000.0 * degc + 425e3 * liquid)
    return Medium("alsi7", verbatim("AlSi7"), degc + ZERO, heat, 160.0 - 90.0 * liquid, 1.0 - liquid, 2540.0)


def sand() -> Medium:
    """Return the sand."""
    degc = np.array([0.0, 900.0])
    return Medium("sand", verbatim("sand"), degc + ZERO, 1520.0 * 1100.0 * degc, np.full(2, 0.65), None, 1520.0)


def cube(edges: NDArray[np.float64]) -> Layout:
    """Return the cube in its box, cut at the same planes along x, y and z."""
    grid = Grid(edges, edges, edges)
    centre = grid.centres[0]
    inside = (centre > 0.05) & (centre < 0.15)
    here = inside[:, None, None] & inside[None, :, None] & inside[None, None, :]

    def constant(h: float) -> Contact:
        return Contact("constant", np.zeros(1), np.array([h]))

    return Layout(
        grid,
        (metal(), sand(), Surroundings("air", 20.0 + ZERO)),
        np.where(here, 0, 1).astype(np.uint8),
        here.astype(np.uint8),
        (700.0 + ZERO, 20.0 + ZERO, 20.0 + ZERO),
        {(0, 1): constant(1000.0), (1, 2): constant(10.0)},
        dict.fromkeys(SIDES, 2),
    )


def uniform(cells: int) -> NDArray[np.float64]:
    """Return the planes of equal cells."""
    return np.linspace(0.0, 0.2, cells + 1)


def stretched(in_sand: int, sand_ratio: float, in_half: int, metal_ratio: float) -> NDArray[np.float64]:
    """Return planes that draw together at the faces of the cube, on both sides of them."""

    def side(cells: int, ratio: float) -> NDArray[np.float64]:
        widths = ratio ** np.arange(cells)
        return np.concatenate([[0.0], np.cumsum(widths * 0.05 / widths.sum())])

    left = np.concatenate([0.05 - side(in_sand, sand_ratio)[::-1], 0.05 + side(in_half, metal_ratio)[1:]])
    return np.concatenate([left, 0.2 - left[::-1][1:]])


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a run took, how many cells it had, and how far the centre's solidus time is off."""

    cells: int
    wall_s: float
    centre_s: float
    steps: int
    stages: int
    quick_stages: int

    @property
    def error(self) -> float:
        """Return the error of the centre's solidus time over its value [1]."""
        return self.centre_s / CONVERGED_S - 1.0


def frozen(layout: Layout, tolerance: float, *, cores: int | None = None, multirate: bool = True) -> Frozen:
    """Freeze the cube for 1200 s; the time includes laying out, not compiling."""
    begun = time.perf_counter()
    run = HeatRun(layout, accuracy=Accuracy(tolerance=tolerance, multirate=multirate, most_stages=300), cores=cores)
    run.advance(END_S)
    wall = time.perf_counter() - begun
    solidus = run.passages()[2]
    middle = [np.argsort(np.abs(c - 0.1), kind="stable")[: 2 if len(c) % 2 == 0 else 1] for c in layout.grid.centres]
    centre = float(solidus[np.ix_(middle[2], middle[1], middle[0])].mean())
    return Frozen(layout.grid.cells, wall, centre, run.steps, run.evaluations, run.quick_evaluations)


def main() -> None:
    frozen(cube(uniform(12)), 2.0)  # compiles
    frozen(cube(uniform(40)), 2.0)
    print(f"{'grid':>22} {'cells':>8} {'tolerance':>9} {'seconds':>8} {'steps':>6} {'stages':>13} {'error':>8}")
    cases = [(f"uniform {n}", uniform(n), t) for n in (24, 48, 76, 80) for t in (5.0, 2.0)]
    cases += [
        (f"stretched {c}", stretched(*c), 2.0) for c in ((8, 1.4, 6, 1.6), (10, 1.3, 8, 1.4), (12, 1.25, 9, 1.35))
    ]
    for name, edges, tolerance in cases:
        one = frozen(cube(edges), tolerance)
        stages = f"{one.stages} + {one.quick_stages}"
        took = f"{one.wall_s:8.3f} {one.steps:6d} {stages:>13}"
        print(f"{name:>22} {one.cells:8d} {tolerance:9.1f} {took} {one.error:+8.2%}")


if __name__ == "__main__":
    main()
