"""Measure friction with rings whose friction is known: what the fit finds, and how sure it is.

Problem. Six rings of 36 x 18 x 12 mm are upset by 10 to 50 %. Their bores are read to 0.05 mm. How well is the friction
factor m of the dies found, and is the interval told as wide as the scatter of many such tests?

Equations. v_r = (V/2h)(r - c/r), c of least power (Avitzur's upper bound): at low friction the bore grows, at high
friction it shrinks, and about m = 0.2 it hardly changes at first.

Data. None is read; the rings are made up from the same curves, with errors of reading added.

What is seen. The factor is found without bias at every friction, and 95 % intervals hold it about 95 times in 100. High
friction is told less sharply: from m = 0.4 on the curves crowd.

Reference. `forgecast.forging.ring`; B. Avitzur, Metal Forming, 1968. Barrelling is not in the curves.
Run: python examples/a_ring_tells_friction.py [--out folder]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from forgecast.app.forging.write import write_rings
from forgecast.forging.ring import upset_ring
from forgecast.gateway.measured_table import MeasuredTable
from forgecast.ground.texts import preferred_language
from forgecast.tasks.fit_rings import RingAnswer, fit_rings

OUTER, BORE, HEIGHT, ERROR = 0.036, 0.018, 0.012, 5e-5  # [m]
REDUCTIONS = np.array([0.10, 0.18, 0.26, 0.34, 0.42, 0.50])


def rings(m: float, seed: int) -> MeasuredTable:
    """Return rings of a friction factor as a table would hold them, bores read with an error."""
    made = upset_ring(OUTER, BORE, HEIGHT, m, reduction=0.51)
    bores = BORE * (1.0 - made.bore_decrease(REDUCTIONS))
    read = bores + np.random.default_rng(seed).normal(0.0, ERROR, bores.size)
    numbers = {"height": HEIGHT * (1.0 - REDUCTIONS), "bore": read}
    return MeasuredTable("rings with known friction", numbers, {}, {}, np.arange(2, 2 + bores.size))


def run(m: float, seed: int = 1) -> RingAnswer:
    """Return what six rings tell of a friction factor."""
    return fit_rings(rings(m, seed), OUTER, BORE, HEIGHT)


def main() -> None:
    """Print truth and findings for four friction factors."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    out = parser.parse_args().out
    table = Table("m: truth 真值", "found 拟合值", "± 95 %", "left over 残差 %")
    for m in (0.05, 0.15, 0.3, 0.6):
        found = run(m)
        table.add_row(f"{m:g}", f"{found.m:.3f}", f"{found.halfwidth:.3f}", f"{100.0 * found.left:.2f}")
    Console().print(table)
    if out:
        Console().print(*write_rings(run(0.3), out, preferred_language()))


if __name__ == "__main__":
    main()
