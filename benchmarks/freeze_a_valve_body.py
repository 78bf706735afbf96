"""How long a valve body of a million cells takes from the file to the pictures, and how much memory it needs.

The whole command `forgecast casting freeze`, as its user calls it: reading 56,710 triangles, cutting them into cells,
freezing cast steel in resin sand, judging, writing fields, surface, pictures and the page. The peer is the machine: the
limit asked for is three minutes on two cores, and the ratio to it is printed.

Needs the folder of real data ``shared`` beside the repository.

Run: ``python benchmarks/freeze_a_valve_body.py [cell in mm]``
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

PART = Path(__file__).resolve().parents[2] / "shared/data/casting-geometry/unverified-origin/valve_body.STL"
LIMIT_S = 180.0


def main() -> None:
    if not PART.is_file():
        print("skipped: the folder of real data is not there")
        return
    cell = sys.argv[1] if len(sys.argv) > 1 else "4.0"
    with tempfile.TemporaryDirectory() as out:
        call = [
            sys.executable, "-c", "from forgecast.app.cli.main import main; main()", "casting", "freeze", str(PART),
            "--unit", "mm", "--alloy", "WCB", "--mould", "resin-sand", "--pour", "1580degC", "--margin", "50mm",
            "--cell", f"{cell}mm", "--out", out, "--json",
        ]  # fmt: skip
        for which in ("first run", "second run"):
            begun = time.perf_counter()
            process = subprocess.Popen(call, stdout=subprocess.DEVNULL)
            peak = watched(process)
            wall = time.perf_counter() - begun
            told = json.loads((Path(out) / "summary.json").read_text(encoding="utf-8"))
            x, y, z = told["grid"]["cells"]
            spent = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in told["timings_s"].items())
            print(f"{which}: {x * y * z} cells, {wall:6.1f} s, {LIMIT_S / wall:4.1f} x faster than asked; "
                  f"peak {peak / (x * y * z):.0f} bytes a cell, program included ({spent})")  # fmt: skip


def watched(process: subprocess.Popen[bytes]) -> int:
    """Return the largest memory of the process until it ends [bytes]."""
    peak = 0
    watcher = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            peak = max(peak, watcher.memory_info().rss)
        except psutil.Error:
            break
        time.sleep(0.05)
    if process.wait() != 0:
        raise SystemExit(process.returncode)
    return peak


if __name__ == "__main__":
    main()
