"""How near the loops of freezing come to the limit of the machine's memory, and how much memory a cell takes.

The limit is STREAM's triad, measured in the same run with arrays of single precision. A stage of a super step has to
read eight and write one number a cell, 37 bytes with the index of the medium; at the triad's bandwidth that is the
fastest it can be. What the whole run reaches, everything counted, is shown beside it.

Memory is what is resident while a run of a million cells steps, less what the interpreter holds with all it needs
loaded and compiled.

Run: ``python benchmarks/freeze_near_the_memory_limit.py [cells a side]``
"""

from __future__ import annotations

import dataclasses
import gc
import sys
import time

import numpy as np
import psutil
from numba import prange

from aluminium_cube import cube, frozen, uniform
from forgecast.casting.heat_run import Accuracy, HeatRun
from forgecast.ground.compiled import compiled

#: A stage reads start value, two increments, rate, coordinate per heat, three conductances; writes an increment.
BYTES_A_STAGE = 9 * 4 + 1
ROUNDS = 5


@compiled(parallel=True)
def triad(a: np.ndarray, b: np.ndarray, c: np.ndarray, factor: float) -> None:
    for i in prange(a.size):
        a[i] = b[i] + factor * c[i]


def main() -> None:
    side = int(sys.argv[1]) if len(sys.argv) > 1 else 160
    frozen(cube(uniform(40)), 2.0)  # compiles
    bandwidth = stream()
    layout = cube(uniform(side))
    run = HeatRun(layout, accuracy=Accuracy(tolerance=5.0, multirate=False, most_stages=300))
    run.advance(1.0)
    stages, begun = run.evaluations, time.perf_counter()
    run.advance(60.0)
    wall = time.perf_counter() - begun
    stages = run.evaluations - stages
    moved = stages * layout.grid.cells * BYTES_A_STAGE / wall
    print(f"STREAM triad                          {bandwidth / 1e9:8.1f} GB/s")
    print(f"stages of {layout.grid.cells} cells, whole run   {moved / 1e9:8.1f} GB/s  {moved / bandwidth:6.0%} of it")
    del run, layout
    gc.collect()
    resident()


def stream() -> float:
    """Return the bandwidth of the triad over arrays far larger than any cache [bytes/s]."""
    size = 24_000_000
    a, b, c = (np.ones(size, dtype=np.float32) for _ in range(3))
    triad(a, b, c, np.float32(2.0))
    best = np.inf
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        triad(a, b, c, np.float32(2.0))
        best = min(best, time.perf_counter() - begun)
    return 12.0 * size / best


def resident() -> None:
    """Print the memory of a run of a million cells."""
    process = psutil.Process()
    gc.collect()
    before = process.memory_info().rss
    layout = cube(uniform(100))
    # As a part of any shape has them: true volumes and true areas of its skin.
    whole = np.ones(layout.grid.shape, dtype=np.float32)
    layout = dataclasses.replace(layout, filling=whole, skin=whole.astype(np.float16))
    run = HeatRun(layout, accuracy=Accuracy(tolerance=5.0))
    gc.collect()
    seen: list[int] = []
    run.advance(30.0, watch=lambda _run: seen.append(process.memory_info().rss))
    while_stepping = (max(seen) - before) / layout.grid.cells
    print(f"resident while stepping               {while_stepping:8.1f} bytes a cell")


if __name__ == "__main__":
    main()
