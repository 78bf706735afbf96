"""What the least-cost charge costs in time, against plain HiGHS on the bare linear program.

60 materials, 15 elements, every limit near to binding. *Bare* is the program's matrix handed to HiGHS through
`scipy.optimize.linprog`: means only, no checks, no words. *Mean* is the same optimum by `cheapest_charge`; *95 %* keeps
every limit with that probability, a cone for each; *pieces* has a third of the materials in whole bundles of 25 kg,
within 0.1 % of the cheapest.

Processor seconds, the best of several rounds: what the machine does beside it then matters least.

Run: ``python benchmarks/mix_a_charge.py``
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from scipy.optimize import linprog

from forgecast.melting.charge_mix import cheapest_charge
from forgecast.melting.material import ChargeProblem, Content, Furnace, Limit, Material, Recoveries, Recovery
from forgecast.melting.mix_model import build

MATERIALS, ELEMENTS = 60, 15


def charge(confidence: float, pieces: int = 0) -> ChargeProblem:
    """Return the made-up charge."""
    rng = np.random.default_rng(1)
    names = [f"E{i}" for i in range(ELEMENTS)]
    held = rng.uniform(0.0, 0.02, (MATERIALS, ELEMENTS))
    price = 2 + 60 * held[:, :3].sum(1) + rng.uniform(0, 1, MATERIALS) - 20 * held[:, 10:].sum(1)
    materials = tuple(
        Material(
            f"m{i}",
            f"k{i % 5}",
            {e: Content(held[i, j], 0.05 * held[i, j]) for j, e in enumerate(names)},
            price[i],
            0.97,
            rng.uniform(200, 2000),
            piece_mass=25.0 if i < pieces else None,
        )
        for i in range(MATERIALS)
    )
    recoveries = Recoveries(tuple(Recovery("*", e, 0.95, 0.01) for e in names))
    limits = tuple(Limit(e, {e: 1.0}, 0.0095 if j < 3 else None, 0.0105) for j, e in enumerate(names))
    furnace = Furnace(3000.0, 3050.0 if pieces else 3000.0)
    return ChargeProblem(materials, limits, furnace, recoveries, confidence=confidence)


def best(task: Callable[[], object], rounds: int = 5) -> float:
    """Return the least processor seconds of several rounds."""
    found = []
    for _ in range(rounds):
        begun = time.process_time()
        task()
        found.append(time.process_time() - begun)
    return min(found)


def main() -> None:
    program = build(charge(0.5)).program
    rows = np.vstack([program.rows, *(cone.row for cone in program.cones)])
    right = np.concatenate([program.bounds, np.zeros(len(program.cones))])
    sides = np.column_stack([program.lower, program.upper])

    def bare() -> float:
        return float(linprog(program.cost, A_ub=rows, b_ub=right, bounds=sides, method="highs").fun)

    base = best(bare, 20)
    print(f"{'':>10} {'seconds':>9} {'ratio':>7} {'programs':>9} {'cost/t':>9}")
    print(f"{'bare':>10} {base:9.4f} {1:7.1f} {1:9d} {1000 * bare() / 3000.0:9.2f}")
    for name, problem in (
        ("mean", charge(0.5)),
        ("95 %", charge(0.95)),
        ("99 %", charge(0.99)),
        ("pieces", charge(0.95, MATERIALS // 3)),
    ):
        rounds = 2 if name == "pieces" else 5
        mix = cheapest_charge(problem)
        seconds = best(lambda p=problem: cheapest_charge(p), rounds)  # type: ignore[misc]
        print(f"{name:>10} {seconds:9.4f} {seconds / base:7.1f} {mix.rounds:9d} {mix.cost_per_tonne:9.2f}")


if __name__ == "__main__":
    main()
