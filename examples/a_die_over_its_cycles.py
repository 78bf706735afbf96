"""Cycle a die: how hot it becomes when it is filled again and again, and what longer spraying changes.

Problem. A wall of AlSi9Cu3, 5 mm thick, is cast in a die of H13 that water cools 60 mm behind the wall. A cycle: 10 s
closed, 6 s open, 3 s of spray, 5 s closed and empty. How hot is the die once every cycle is like the last, how many
cycles does it warm up for, is the casting solid when the die opens, and what does spraying for 6 s change?

Equations. Heat in metal and die by finite volumes. The periodic state is the start x that a cycle G gives back,
x = G(x); it is found by Anderson's mixing or, as the real die does it, by one cycle after another.

Data. None is read; alloy and die come with Forgecast. The coefficients to metal, water, air and spray, all times and
the cold die of 100 degC at the start are assumptions of the example.

What is seen. The die takes tens of cycles to warm up, mixing needs a few, and both end in the same state. In it the
casting is still mushy when the die opens, which one shot in a cold die would never tell. Spray for 6 s and it is solid.

Reference. `forgecast.tasks.cycle_die`; proofs by matrix exponentials: tests/proof/test_cycle_proofs.py.

Run: python examples/a_die_over_its_cycles.py
"""

from __future__ import annotations

import numpy as np
from rich.console import Console
from rich.table import Table

from forgecast.casting.cycle import INSULATED, Exposed
from forgecast.casting.heat_table import Surroundings
from forgecast.casting.layout import Layout
from forgecast.metal.alloy import alloy
from forgecast.metal.contact import Contact
from forgecast.metal.media import medium
from forgecast.shape.grid import Grid
from forgecast.tasks.cycle_die import DieCycled, cycle_die

HALF_WALL, DIE, CELL = 0.0025, 0.060, 0.0005
POURED, COLD, WATER, AIR = 923.15, 373.15, 303.15, 298.15
CASES = {"3 s": (3.0, False), "3 s 升温": (3.0, True), "6 s": (6.0, False)}


def constant(coefficient: float) -> Contact:
    """Return a contact of one coefficient [W/(m2 K)]."""
    return Contact("constant", np.zeros(1), np.array([coefficient]))


def die() -> Layout:
    """Return half a wall, the die and its water as a row of cells; the wall's middle is a plane of symmetry."""
    x = np.append(np.linspace(-HALF_WALL, DIE, round((HALF_WALL + DIE) / CELL) + 1), DIE + CELL)
    grid = Grid(x, np.array([0.0, 0.1]), np.array([0.0, 0.1]))
    here = grid.centres[0]
    which = np.where(here < 0.0, 0, np.where(here < DIE, 1, 2)).astype(np.uint8).reshape(grid.shape)
    media = (alloy("AlSi9Cu3").medium(), medium("h13"), Surroundings("water", WATER))
    contacts = {(0, 1): constant(3000.0), (1, 2): constant(1000.0)}
    return Layout(grid, media, which, (which == 0).astype(np.uint8), (POURED, COLD, WATER), contacts)


def run(spray: float = 3.0, warming_up: bool = False) -> DieCycled:  # noqa: FBT001, FBT002
    """Cycle the die with so many seconds of spray."""
    opened = Exposed(Surroundings("air", AIR), constant(30.0), 6.0)
    sprayed = Exposed(Surroundings("spray", AIR), constant(1000.0), spray)
    shut = Exposed(Surroundings("cavity", AIR), INSULATED, 5.0)
    return cycle_die(die(), dwell=10.0, opened=opened, spray=sprayed, shut=shut, tolerance=0.2, warming_up=warming_up)


def main() -> None:
    """Print the state that the die comes to, and after how many cycles."""
    table = Table("spray 喷涂", "cycles 循环", "die 模温 °C", "water 水 kJ", "spray 喷涂 kJ", "solid 凝固 %")
    for name, case in CASES.items():
        got = run(*case)
        last, count = got.cycled.cycles[-1], len(got.cycled.cycles)
        heats = (f"{last.taken[sink] / 1e3:.1f}" for sink in ("water", "spray"))
        table.add_row(name, str(count), f"{last.mean - 273.15:.0f}", *heats, f"{100 * got.solid_at_opening:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
