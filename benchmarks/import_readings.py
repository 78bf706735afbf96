"""How long ten million readings take into a plant, against the bare read of the same file by pyarrow.

Goal: under 60 s on two cores, through the same task that the command line calls. Each form of file is read bare (the
peer) and then imported, in the same run and each in a process of its own; the ratio says what reading times, judging
values, sorting, partials, compressing and forcing to the disk cost on top of parsing.

Run: ``python benchmarks/import_readings.py [millions of readings]``
"""

from __future__ import annotations

import json
import multiprocessing
import multiprocessing.connection
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.import_files import import_files
from forgecast.tasks.new_plant import new_plant

TAGS = 200
Figures = dict[str, float]
GOAL_S = 60.0


def main() -> None:
    millions = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    rows = int(millions * 1e6 / TAGS)
    worst = 0.0
    with tempfile.TemporaryDirectory(prefix="readings-") as place:
        for form, write in (("wide csv", wide_csv), ("long csv", long_csv), ("long parquet", long_parquet)):
            folder = Path(place) / form.replace(" ", "-")
            folder.mkdir()
            # Written apart, too: a child's peak of memory begins with what its parent had.
            apart(write, folder, rows)
            file = next(folder.glob("readings.*"))
            bare = apart(read_bare, file)
            ours = apart(import_one, file)
            count = int(ours["readings"])
            worst = max(worst, ours["seconds"])
            print(
                f"{form:13s} {file.stat().st_size / 1e6:7.1f} MB  {count / 1e6:5.2f} M readings"
                f"  import {ours['seconds']:6.2f} s = {count / ours['seconds'] / 1e6:5.2f} M/s"
                f"  peak {ours['peak_mb']:5.0f} MB  stored {ours['stored'] / count:4.2f} B/reading"
                f"  bare read {bare['seconds']:5.2f} s  ratio {ours['seconds'] / bare['seconds']:5.1f}"
            )
    print(f"goal: each under {GOAL_S:.0f} s; slowest {worst:.1f} s: {'met' if worst < GOAL_S else 'NOT MET'}")


def axis(rows: int) -> np.ndarray:
    return np.datetime64("2025-01-01T00:00:00") + np.arange(rows) * np.timedelta64(60, "s")


def values(rows: int, tag: int) -> np.ndarray:
    """Return what an instrument shows: a slow walk, quantised to a tenth."""
    rng = np.random.default_rng(tag)
    return np.round(100 + np.cumsum(rng.normal(0, 0.2, rows)), 1)


def wide_csv(folder: Path, rows: int) -> Figures:
    columns = {"time": pa.array(np.datetime_as_string(axis(rows), unit="s"))}
    columns |= {f"T{k:03d}": pa.array(values(rows, k)) for k in range(TAGS)}
    pyarrow.csv.write_csv(pa.table(columns), folder / "readings.csv")
    return {}


def long_table(rows: int) -> pa.Table:
    t = np.datetime_as_string(axis(rows), unit="s")
    names = [f"T{k:03d}" for k in range(TAGS)]
    return pa.table(
        {
            "tag": pa.array(np.repeat(names, rows)),
            "time": pa.array(np.tile(t, TAGS)),
            "value": pa.array(np.concatenate([values(rows, k) for k in range(TAGS)])),
        }
    )


def long_csv(folder: Path, rows: int) -> Figures:
    pyarrow.csv.write_csv(long_table(rows), folder / "readings.csv")
    return {}


def long_parquet(folder: Path, rows: int) -> Figures:
    table = long_table(rows)
    stamps = pa.array(np.tile(axis(rows).astype("datetime64[us]"), TAGS))
    table = table.set_column(1, "time", stamps).sort_by([("time", "ascending")])  # as a recorder writes: by time
    pyarrow.parquet.write_table(table, folder / "readings.parquet")
    return {}


def read_bare(file: Path) -> Figures:
    begun = time.perf_counter()
    table = pyarrow.csv.read_csv(file) if file.suffix == ".csv" else pyarrow.parquet.read_table(file)
    return {"seconds": time.perf_counter() - begun, "rows": table.num_rows}


def import_one(file: Path) -> Figures:
    folder = file.parent / "plant"
    new_plant(folder, name="benchmark")
    tags = file.parent / "tag.csv"
    tags.write_text("id,measures,unit\n" + "".join(f"T{k:03d},temperature,degC\n" for k in range(TAGS)), "utf-8")
    with PlantFolder.open(folder) as plant:
        import_files(plant, [tags])
        begun = time.perf_counter()
        report = import_files(plant, [file], progress=lambda _share: None)
        seconds = time.perf_counter() - begun
        stored = sum(one.bytes for one in plant.telemetry.files("raw"))
    return {"seconds": seconds, "readings": sum(fed.new for one in report.files for fed in one.fed), "stored": stored}


def apart(work: Callable[..., Figures], *given: Path | int) -> Figures:
    """Do the work in a process of its own, so that its peak of memory is its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=answer, args=(theirs, work, *given))
    process.start()
    theirs.close()
    said: Figures = json.loads(ours.recv_bytes())
    process.join()
    return said


def answer(pipe: multiprocessing.connection.Connection, work: Callable[..., Figures], *given: Path | int) -> None:
    said = work(*given)
    memory = psutil.Process().memory_info()
    # Windows keeps the peak itself; Linux tells it in /proc.
    peak = getattr(memory, "peak_wset", 0)
    if Path("/proc/self/status").exists():
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
        peak = 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    said["peak_mb"] = peak / 1e6
    pipe.send_bytes(json.dumps(said).encode())


if __name__ == "__main__":
    main()
