"""How long 90,000 die-casting shots take into a plant, against a bare read and a bare insert of the same file.

Goal: under 20 s on two cores, through the same task that the command line calls. The peer unpacks and parses the file
with pyarrow and puts its rows as they are into one SQLite table in one transaction: no units, no plausible ranges, no
keys, no times, no findings, no history. Both run several times in the same run, in turns, and the medians are compared;
the ratio says what all that costs.

Run: ``python benchmarks/import_shots.py [file] [runs]``. Without the real file beside the repository a table of the
same shape is made up.
"""

from __future__ import annotations

import gzip
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.import_files import import_files
from forgecast.tasks.new_plant import new_plant

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "data" / "hpdc-kamp" / "shots_labelled.csv.gz"
MAP = ROOT / "examples" / "maps" / "hpdc_kamp.toml"
GOAL_S = 20.0


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="shots-") as place:
        folder = Path(place)
        file = Path(sys.argv[1]) if len(sys.argv) > 1 else REAL
        made_up = not file.is_file()
        if made_up:
            file = made_up_shots(folder / "shots_labelled.csv.gz")
        runs = int(sys.argv[2]) if len(sys.argv) > 2 else 3
        ours, bare = [], []
        for run in range(runs):
            bare.append(timed(lambda run=run: read_and_insert(file, folder / f"bare{run}.db")))
            ours.append(timed(lambda run=run: into_a_plant(file, folder / f"plant{run}")))
        rows = into_rows(folder / "plant0")
    print(f"{'made-up' if made_up else 'real'} file, {rows:,} shots, {runs} runs in turns")
    for name, taken in (("import into a plant", ours), ("bare read and insert", bare)):
        clock, work = (statistics.median(one) for one in zip(*taken, strict=True))
        slowest = max(one for one, _ in taken)
        print(f"{name:22s} {clock:6.2f} s (slowest {slowest:.2f}), of the processor {work:6.2f} s")
    ratios = [statistics.median(a[k] / b[k] for a, b in zip(ours, bare, strict=True)) for k in (0, 1)]
    print(f"ratio {ratios[0]:.1f} by the clock, {ratios[1]:.1f} by the processor")
    worst = max(one for one, _ in ours)
    print(f"goal: under {GOAL_S:.0f} s: {'met' if worst < GOAL_S else 'NOT MET'}")


def timed(call: Callable[[], None]) -> tuple[float, float]:
    """Return seconds by the clock, and seconds of the processor, which a busy machine stretches less."""
    begun, worked = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - begun, time.process_time() - worked


def into_a_plant(file: Path, folder: Path) -> None:
    new_plant(folder, name="Shots", zone_name="Asia/Seoul")
    with PlantFolder.open(folder) as plant:
        import_files(plant, [file], map_path=MAP)


def into_rows(folder: Path) -> int:
    with PlantFolder.open(folder) as plant:
        return plant.records.count("shot")


def read_and_insert(file: Path, database: Path) -> None:
    """The peer: parse, and put every row as it is into one table, forced to the disk."""
    with gzip.open(file, "rb") as source:
        table = pyarrow.csv.read_csv(source)
    names = ", ".join(f'"{name}"' for name in table.column_names)
    marks = ", ".join("?" * len(table.column_names))
    rows = zip(*(column.cast(pa.string()).to_pylist() for column in table.columns), strict=True)
    connection = sqlite3.connect(database)
    with connection:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"CREATE TABLE shot ({names})")
        connection.executemany(f"INSERT INTO shot VALUES ({marks})", rows)  # noqa: S608
    connection.close()


def made_up_shots(path: Path, rows: int = 90_000) -> Path:
    """Write a table of the real one's shape: its headers, kinds and sizes, no value of it."""
    rng = np.random.default_rng(1)
    start = np.datetime64("2019-01-02T16:45:00")
    stamps = np.datetime_as_string(start + np.cumsum(rng.integers(20, 140, rows)).astype("timedelta64[s]"), unit="s")
    columns: dict[str, object] = {
        "id": np.arange(rows),
        "registration_time": np.char.replace(stamps, "T", " "),
        "mold_code": rng.choice([8412, 8573, 8600, 8722, 8917], rows),
        "count": rng.integers(1, 330, rows),
        "working": rng.choice(["run", "stop"], rows),
        "tryshot_signal": rng.choice(["A", "D"], rows, p=[0.98, 0.02]),
        "molten_temp": np.round(rng.normal(720, 8, rows), 1),
        "molten_volume": np.where(rng.random(rows) < 0.5, -1, rng.integers(30, 150, rows)),
    }
    for name, mean, spread in (
        ("facility_operation_cycleTime", 120, 4), ("production_cycletime", 122, 6), ("low_section_speed", 110, 2),
        ("high_section_speed", 112, 2), ("cast_pressure", 325, 8), ("biscuit_thickness", 50, 4),
        ("upper_mold_temp1", 190, 20), ("upper_mold_temp2", 160, 20), ("lower_mold_temp1", 200, 20),
        ("lower_mold_temp2", 195, 20), ("sleeve_temperature", 450, 30), ("physical_strength", 702, 4),
        ("Coolant_temperature", 32, 2), ("EMS_operation_time", 20, 2),
    ):  # fmt: skip
        columns[name] = np.round(rng.normal(mean, spread, rows), 1)
    columns["passorfail"] = rng.choice([0, 1], rows, p=[0.96, 0.04])
    columns["part"] = rng.choice(["a", "b"], rows)
    with gzip.open(path, "wb") as target:
        pyarrow.csv.write_csv(pa.table({name: pa.array(values) for name, values in columns.items()}), target)
    return path


if __name__ == "__main__":
    main()
