"""How long `forgecast assess` takes over a year of a plant, against DuckDB's hourly means of the same raw readings.

Goal: at full scale (200 tags at one minute, 105 million readings) under 15 s and 2 GB; at the demo's scale under 3 s.
The whole process is measured as a user starts it: interpreter, imports, hours, figures, verdicts and the summary on the
screen. The peer is a process of its own in the same run: DuckDB, reading the plant's raw Parquet files and forming the
hourly mean of every tag, and nothing else. Forgecast keeps the hours that were formed at import, so it need not read
the raw files again: a ratio below one is what those hours save; above one, what an assessment costs beyond them.

On a busy machine the clock tells less than the processor: medians of both stand there.

Run: ``python benchmarks/assess_a_year.py [--scale 1] [--times 5]``. Scale 1 needs 1 GB of disk and some minutes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from forgecast.sample.write import DEMO_SCALE
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.make_sample_plant import make_sample_plant

ASSESS = "from forgecast.app.cli.main import main; main()"
DUCKDB = """
import sys, duckdb
found = duckdb.sql(f'''
    SELECT tag, (t - 1) // 3600000000 AS hour, avg(value) FILTER (flag = 0) AS mean, count(*) AS n
    FROM read_parquet('{sys.argv[1]}/month=*/raw-*.parquet', hive_partitioning = false) GROUP BY ALL
''').fetchnumpy()
print(len(found['mean']))
"""


@dataclass(frozen=True)
class Cost:
    """What a process took: wall clock, processor time, peak of resident memory."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=0.1, help="share of 105 million readings")
    parser.add_argument("--times", type=int, default=5, help="how often each process is run")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="year-") as place:
        begun = time.perf_counter()
        plant = make_sample_plant(Path(place) / "sample", scale=given.scale).plant
        made = time.perf_counter() - begun
        with PlantFolder.open(plant) as opened:
            raw = opened.telemetry.files("raw")
            readings, stored = sum(file.rows for file in raw), sum(file.bytes for file in raw)
        print(f"scale {given.scale:g}: {readings / 1e6:.2f} M readings, {stored / 1e6:.0f} MB as Parquet; "
              f"written and imported in {made:.0f} s; {os.cpu_count()} cores")  # fmt: skip
        # One of each in turn, so that a busy minute falls on both.
        pairs = [
            (watched("-c", ASSESS, "assess", str(plant)), watched("-c", DUCKDB, str(plant / "telemetry")))
            for _ in range(given.times)
        ]
    ours, peer = (median([pair[side] for pair in pairs]) for side in (0, 1))
    for name, cost in (("forgecast assess", ours), ("duckdb, hourly means", peer)):
        print(f"{name:21s} wall {cost.wall_s:6.2f} s  cpu {cost.cpu_s:6.2f} s  peak {cost.peak_mb:6.0f} MB")
    print(f"ratio to the peer     wall {ours.wall_s / peer.wall_s:6.2f}    cpu {ours.cpu_s / peer.cpu_s:6.2f}    "
          f"peak {ours.peak_mb / peer.peak_mb:6.2f}")  # fmt: skip
    goal_s = 3.0 if given.scale <= DEMO_SCALE else 15.0
    kept = ours.wall_s < goal_s and ours.peak_mb < 2000
    print(f"goal: under {goal_s:g} s and 2000 MB: {'met' if kept else 'NOT MET'}")


def watched(*words: str) -> Cost:
    """Run Python with these words and return what it took, looking at it every hundredth of a second."""
    begun = time.perf_counter()
    environment = os.environ | {"FORGECAST_LANG": "en", "COLUMNS": "100"}
    process = psutil.Popen([sys.executable, *words], env=environment, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL)  # fmt: skip
    peak, cpu = 0, 0.0
    while process.poll() is None:
        try:
            peak = max(peak, process.memory_info().rss)
            cpu = sum(process.cpu_times()[:2])
        except psutil.Error:
            break
        time.sleep(0.01)
    if process.wait() != 0:
        sys.exit(f"{words[:2]} left with {process.returncode}")
    return Cost(time.perf_counter() - begun, cpu, peak / 1e6)


def median(costs: list[Cost]) -> Cost:
    return Cost(*(statistics.median(getattr(cost, name) for cost in costs) for name in ("wall_s", "cpu_s", "peak_mb")))


if __name__ == "__main__":
    main()
