"""How much sooner Forgecast freezes an aluminium cube in sand than OpenFOAM does, on both cores and at what error.

The peer is written for this problem on OpenFOAM's own libraries: one matrix for metal and sand, exact bookkeeping of
enthalpy, PCG with DIC, implicit Euler, 600 steps of 2 s. The stock solver chtMultiRegionFoam is the other peer; it is
run for its first 60 steps and its time scaled to all 600 (``--full`` runs all). Ours and theirs take turns.

Claims: on the same 76^3 cells, at an error of the centre's solidus time no larger than the peer's, the ratio of times
to both peers; and the ratio of the times to an error of 1 %, each on the coarsest uniform grid that reaches it.

Needs: Debian's packages ``openfoam``, ``g++`` and ``bc``, and the folder ``shared/bench/openfoam`` beside the
repository, which holds the peers.

Run: ``python benchmarks/freeze_against_openfoam.py [--full]``
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from aluminium_cube import CONVERGED_S, SOLIDUS_DEGC, Frozen, cube, frozen, uniform

PEERS = Path(__file__).resolve().parents[2] / "shared" / "bench" / "openfoam"
CELLS, CORES, ROUNDS = 76, 2, 3
#: Loose enough to be quick, tight enough to stay below the peer's error, most of which is the grid's.
TOLERANCE = 20.0


def main() -> None:
    missing = [
        name for name in ("blockMesh", "chtMultiRegionFoam", "g++", "bc", "mpirun") if shutil.which(name) is None
    ]
    if missing or not PEERS.is_dir():
        what = f"{', '.join(missing)} not installed" if missing else "the folder of the peers is not there"
        print(f"skipped: {what} (apt-get install openfoam g++ bc; shared/bench/openfoam beside the repository)")
        return
    full = "--full" in sys.argv
    with tempfile.TemporaryDirectory() as work:
        os.environ["WORK"] = work
        frozen(cube(uniform(12)), TOLERANCE)  # compiles, for few cells and for many
        frozen(cube(uniform(40)), TOLERANCE)
        same = [ours(uniform(CELLS))]
        lean_s, lean_error = lean(CELLS)
        same.append(ours(uniform(CELLS)))
        stock_s = stock(CELLS, full=full)
        same.append(ours(uniform(CELLS)))
        show(f"Forgecast, {CELLS}^3 cells, median of {ROUNDS}", median(same), same[0].error)
        show(f"lean OpenFOAM, {CELLS}^3 cells", lean_s, lean_error, median(same))
        print(f"{'stock chtMultiRegionFoam' + ('' if full else ' (60 of 600 steps, scaled)'):<52} {stock_s:9.2f} s"
              f"{'':10} {stock_s / median(same):7.0f} x")  # fmt: skip
        coarsest, peer_s, peer_error = CELLS, lean_s, lean_error
        while abs(peer_error) > 0.01:
            coarsest += 4
            peer_s, peer_error = lean(coarsest)
        best = [ours(OURS_TO_ONE, 2.0) for _ in range(ROUNDS)]
        show(f"Forgecast to 1 %: {best[0].cells} cells", median(best), best[0].error)
        show(f"lean OpenFOAM to 1 %: {coarsest}^3 cells", peer_s, peer_error, median(best))


#: The coarsest even grid that stays within 1 %.
OURS_TO_ONE = uniform(40)


def ours(edges: np.ndarray, tolerance: float = TOLERANCE) -> Frozen:
    return frozen(cube(edges), tolerance, cores=CORES)


def median(runs: list[Frozen]) -> float:
    return statistics.median(run.wall_s for run in runs)


def show(what: str, wall_s: float, error: float, against: float | None = None) -> None:
    ratio = "" if against is None else f"{wall_s / against:7.0f} x"
    print(f"{what:<52} {wall_s:9.2f} s  {error:+7.2%}  {ratio}")


def lean(cells: int) -> tuple[float, float]:
    """Return the seconds of the peer and the error of its centre's solidus time."""
    out = peer(str(cells), str(CORES), "single")
    seconds = float(re.search(r"wall_s ([\d.]+)", out)[1])
    case = Path(re.search(r"case (\S+)", out)[1])
    table = np.genfromtxt(case / "probes.csv", delimiter=",", names=True)
    below = int(np.argmax(table["centre"] < SOLIDUS_DEGC))
    high, low = table["centre"][below - 1 : below + 1]
    before, after = table["time"][below - 1 : below + 1]
    passed = before + (high - SOLIDUS_DEGC) / (high - low) * (after - before)
    return seconds, passed / CONVERGED_S - 1.0


def stock(cells: int, *, full: bool) -> float:
    """Return the seconds that 600 steps of the stock solver take."""
    end = 1200 if full else 120
    out = peer(str(cells), str(CORES), "cht", "--alloy", "pureal", "--end", str(end))
    return float(re.search(r"TOTAL_WALL_s ([\d.]+)", out)[1]) * 1200 / end


def peer(*arguments: str) -> str:
    return subprocess.run(
        ["bash", str(PEERS / "run.sh"), *arguments], capture_output=True, text=True, check=True
    ).stdout


if __name__ == "__main__":
    main()
