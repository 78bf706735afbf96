"""How long the forming run of a gear blank takes, where the time goes, and how it grows with the triangles.

C45 at 1200 °C between dies of 250 °C on a hydraulic press of 100 mm/s: from the round billet to the filled cavity with
flash, heat and motion coupled. Two limits are asked for: five minutes on two cores, and at most 2.6 times the time of a
step for twice the triangles. The peer of the linear solver is SuperLU (minimum degree, symmetric mode) on the same
equations. Times are of the processor, so that other programs on the machine do not count.

Run: ``python benchmarks/forge_a_gear_blank.py [side of triangles in mm]``
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Self

import numpy as np
from scipy.sparse.linalg import splu

from forgecast.forging.billet_cooling import Air
from forgecast.forging.die import Die
from forgecast.forging.die_heat import DieMetal, die_face
from forgecast.forging.flow_equations import FlowEquations
from forgecast.forging.forming import Settings
from forgecast.forging.heat import Thermal
from forgecast.forging.machine import HydraulicPress, Machine
from forgecast.forging.pressing import Pressing, Run, press
from forgecast.metal.flow_metals import flow_metal

DIES = Path(__file__).resolve().parents[1] / "examples" / "dies"
LIMIT_S, LIMIT_GROWTH = 300.0, 2.6
RADIUS, HEIGHT, CLOSING, CAVITY = 0.025, 0.0323, 0.024, 0.036


def gear_blank(side: float, *, closing: float | None = None, machine: Machine | None = None) -> Pressing:
    """Return the stroke: the billet stands on the web of the lower die, the upper die above it."""
    lower, upper = (
        np.loadtxt(DIES / f"gear_blank_{name}.csv", delimiter=",", skiprows=1) / 1000.0 for name in ("lower", "upper")
    )
    foot = float(lower[lower[:, 0] < RADIUS, 1].max())
    billet = np.array([(0.0, foot), (RADIUS, foot), (RADIUS, foot + HEIGHT), (0.0, foot + HEIGHT)])
    tools = Die("lower die", lower, 0.3), Die("upper die", upper + np.array([0.0, CLOSING]), 0.3)
    lift = foot + HEIGHT - float(tools[1].profile[tools[1].profile[:, 0] < RADIUS, 1].min())
    tools = tools[0], tools[1].moved(lift)
    steel, c45 = DieMetal(7800.0, 550.0, 28.0), flow_metal("c45")
    return Pressing(
        outline=billet, lower=tools[0], upper=tools[1], closing=closing or CLOSING + lift, metal=c45.law,
        validity=c45.validity, temperature=1473.15,
        settings=Settings(axisymmetric=True, size=lambda at: np.full(len(at), side)),
        machine=machine or HydraulicPress(0.1, 1e8),
        thermal=Thermal(7500.0, 690.0, 29.0, 0.9, 10_000.0, Air(293.15, 10.0, 0.8)),
        die_faces=(die_face(tools[0].profile, 523.15, steel, spacing=0.002),
                   die_face(tools[1].profile, 523.15, steel, spacing=0.002)), flash_from=CAVITY,
    )  # fmt: skip


class Clock:
    """Adds up the processor's time in the linear solver, and compares it with SuperLU now and then."""

    def __init__(self) -> None:
        self.spent, self.calls, self.ratios = 0.0, 0, []
        self._factor, self._step = FlowEquations.factor, FlowEquations.step

    def __enter__(self) -> Self:
        def factor(equations: FlowEquations, *given: np.ndarray) -> None:
            begun = time.process_time()
            self._factor(equations, *given)
            took = time.process_time() - begun
            self.spent, self.calls = self.spent + took, self.calls + 1
            if self.calls % 200 == 0:
                matrix = equations.assembled()
                begun = time.process_time()
                splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.001, options={"SymmetricMode": True})
                self.ratios.append((time.process_time() - begun) / took)

        def step(equations: FlowEquations, force: np.ndarray) -> np.ndarray:
            begun = time.process_time()
            found = self._step(equations, force)
            self.spent += time.process_time() - begun
            return found

        FlowEquations.factor, FlowEquations.step = factor, step
        return self

    def __exit__(self, *_: object) -> None:
        FlowEquations.factor, FlowEquations.step = self._factor, self._step


def main() -> None:
    side = float(sys.argv[1]) / 1000.0 if len(sys.argv) > 1 else 0.0007
    press(gear_blank(0.003, closing=0.001))  # compiles what is not yet on disk
    with Clock() as clock:
        begun, wall = time.process_time(), time.perf_counter()
        run = press(gear_blank(side))
        took, wall = time.process_time() - begun, time.perf_counter() - wall
    tell(run, took, wall, clock)
    grown()


def tell(run: Run, took: float, wall: float, clock: Clock) -> None:
    s = run.series
    print(run.why)
    print(
        f"{len(s.time)} steps, {s.triangles.min():.0f}-{s.triangles.max():.0f} triangles, {s.remeshings[-1]:.0f} "
        f"meshes; {took:.0f} s of the processor ({wall:.0f} s on the clock), {LIMIT_S / took:.1f} x faster than asked"
    )
    print(
        f"{s.triangles.sum() / took:,.0f} triangles x steps a second; linear solver {100 * clock.spent / took:.0f} % "
        f"of the time, {np.median(clock.ratios):.1f} x faster than SuperLU"
    )
    print(
        f"load {s.force.max() / 1e6:.2f} MN, work {s.work[-1] / 1e3:.2f} kJ, flash {1e6 * s.flash_volume[-1]:.2f} cm3; "
        f"volume within {np.abs(s.volume / s.volume[0] - 1).max():.1e}, {100 * s.mended[-1] / s.volume[0]:.2f} % put "
        f"back in all; power in and out within {np.abs((s.plastic + s.sliding) / s.external - 1).max():.1e}"
    )
    for finding in run.findings:
        print(f"- {finding.reason}")


def grown() -> None:
    """Print how the time of a step grows: the same first millimetre with twice the triangles.

    The mean step of each run counts, of the fastest of three rounds: other programs fill the caches too.
    """
    sides = [0.0008, 0.0008 / 2**0.5, 0.0004]
    found: dict[float, tuple[float, float]] = {}
    for side in sides * 3:
        s = press(gear_blank(side, closing=0.001)).series
        step = float(s.seconds[-1] - s.seconds[0]) / (len(s.seconds) - 1)
        found[side] = float(s.triangles[0]), min(step, found.get(side, (0.0, np.inf))[1])
    for side, before in zip(sides, [None, *sides[:-1]], strict=True):
        count, step = found[side]
        told = "" if before is None else (
            f": {step / found[before][1]:.2f} x for {count / found[before][0]:.2f} x the triangles, "
            f"asked for {LIMIT_GROWTH} x for twice"
        )  # fmt: skip
        print(f"{count:.0f} triangles: {1000 * step:.0f} ms a step{told}")
    (few, quick), (many, slow) = found[sides[0]], found[sides[-1]]
    doublings = np.log2(many / few)
    print(f"over the whole range {(slow / quick) ** (1 / doublings):.2f} x for twice the triangles")


if __name__ == "__main__":
    main()
