"""How fast questions over raw readings are answered, against the engines that a programmer would have taken.

The readings are made up (200 tags, every second, quantised, with gaps, faults and calibrations; every tenth tag is
stamped when it arrives) and stored by the store's own writer. Each question is asked in a process of its own, ours and
the peers' in turn, and timed in CPU-seconds after a small warm-up; the answers are compared. Peers read the same files:
DuckDB by SQL written by hand for it, and Polars through the narwhals form. PostgreSQL (a table of some ten million
rows, covering index, everything warm) takes part where FORGECAST_TEST_POSTGRES names a server; what its own process
needs is counted.

Goals: hours with validity at least 1.5 times DuckDB and 10 times PostgreSQL, from partials in 1/100 of the raw time;
gaps at least 5 times the window functions; as-of of 50,000 heats at least twice DuckDB's ASOF; 1 GB resident at most.

Run: ``python benchmarks/ask_a_hundred_million_readings.py [millions of readings]``; 10 unless told otherwise, 100 for
the figures of the README, 1000 for the memory (some minutes and 2 GB of disk).
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import psutil
import pyarrow as pa
import sqlalchemy as sa

from forgecast.ground.dates import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from forgecast.signals.reading import Readings
from forgecast.store import questions
from forgecast.store.database import engine, sqlite_url, writing
from forgecast.store.durable import DurableFile
from forgecast.store.importing import Source
from forgecast.store.manifest import list_files
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.series_files import LEVELS, SeriesOutput, listed, tag_runs
from forgecast.store.settings import PlantSettings
from import_readings import apart

TAGS = 200
START = 1_767_225_600_000_000
SECONDS = 86_400
GAP = 5 * MINUTE_US
HEATS = 50_000
ROUNDS = 2
SERVER_TAGS = 20  # of six days: ten million rows

HOURS_SQL = """
select tag, t // 3600000000 as hour, count(*) as n, count(*) filter (where flag = 0) as n_good,
  avg(value) filter (where flag = 0) as mean, min(value) filter (where flag = 0) as low,
  max(value) filter (where flag = 0) as high
from readings group by all"""
GAPS_SQL = """
select tag, before, t from
  (select tag, t, lag(t) over (partition by tag order by t) as before from readings)
where t - before > 300000000"""
AS_OF_SQL = """
select number, r.t as at, r.value from heats h
asof left join (select tag, t, value from readings where flag = 0 and tag in (select distinct tag from heats)) r
on h.tag = r.tag and h.t >= r.t"""


def main() -> None:
    millions = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    days = max(1, min(6, round(millions * 1e6 / (TAGS * SECONDS))))
    copies = max(1, round(millions / 100))
    with tempfile.TemporaryDirectory(prefix="questions-") as place:
        folder = Path(place) / "plant"
        made = apart(make, folder, days)
        if copies > 1:
            made |= apart(copy, folder, copies)
        rows = int(made["rows"])
        print(
            f"{rows / 1e6:.1f} M readings of {copies * TAGS} tags, {days} days, in {int(made['files'])} files:"
            f" {made['bytes'] / rows:.2f} bytes a reading, written in {made['seconds']:.0f} s"
        )
        if copies > 1:
            memory(folder, rows)
            return
        hours = compare("hours with validity", rows, folder, our_hours, duckdb_hours, polars_hours, goal=1.5)
        partials = min(apart(our_partials, folder)["cpu"] for _ in range(ROUNDS))
        print(f"{'':22s} from partials {partials:.4f} CPU-s, {partials / hours[0]:.4f} of ours from raw (goal 0.01),")
        print(f"{'':22s} {partials / hours[1]:.4f} of DuckDB's")
        compare("gaps over 5 minutes", rows, folder, our_gaps, duckdb_gaps, polars_gaps, goal=5.0)
        compare("as-of of 50,000 heats", rows, folder, our_as_of, duckdb_as_of, polars_as_of, goal=2.0)
        server(folder)


def compare(name: str, rows: int, folder: Path, *forms: Callable[[Path], dict[str, float]], goal: float) -> list[float]:
    """Ask in turn; print the least CPU-seconds of each, and how often ours goes into the best of the peers."""
    said = [[apart(form, folder) for form in forms] for _ in range(ROUNDS)]
    for one in said:
        for answer in one[1:]:
            for key in ("count", "check"):
                np.testing.assert_allclose(answer[key], one[0][key], rtol=1e-12, err_msg=f"{name}: answers differ")
    least = [min(one[k]["cpu"] for one in said) for k in range(len(forms))]
    peak = [max(one[k]["peak_mb"] for one in said) for k in range(len(forms))]
    for label, cpu, mb in zip(("ours", "DuckDB", "Polars"), least, peak, strict=True):
        print(
            f"{name:22s} {label:8s} {cpu:7.2f} CPU-s {rows / cpu / 1e6:5.0f} M readings a CPU-s {mb:5.0f} MB at most"
            f"  {cpu / least[0]:5.1f} x ours"
        )
        name = ""
    ratios = [cpu / least[0] for cpu in least[1:]]
    print(f"{'':22s} goal {goal} x: {'met' if ratios[0] >= goal else 'NOT MET'}")
    return least


def memory(folder: Path, rows: int) -> None:
    """Print how much memory our answers need at most."""
    for name, form in (("hours with validity", our_hours), ("gaps over 5 minutes", our_gaps)):
        said = apart(form, folder)
        verdict = "met" if said["peak_mb"] <= 1024 else "NOT MET"
        print(
            f"{name:22s} {rows / 1e6:.0f} M readings  {said['cpu']:.1f} CPU-s  {said['seconds']:.1f} s"
            f"  peak {said['peak_mb']:.0f} MB (goal 1,024): {verdict}"
        )


def readings(tag: int, day: int) -> Readings:
    """Return a day of what an instrument shows: quantised to a tenth, with gaps, faults and a calibration."""
    rng = np.random.default_rng(1000 * tag + day % 6)
    t = START + day * DAY_US + np.arange(SECONDS) * SECOND_US
    if tag % 10 == 0:
        t += rng.integers(0, 4_000, SECONDS)
    swing = 40 * np.sin(np.arange(SECONDS) / 9000 + tag)
    value = np.round(100 + swing + np.cumsum(rng.normal(0, 0.05, SECONDS)) + rng.normal(0, 0.3, SECONDS), 1)
    flag = np.zeros(SECONDS, np.int8)
    begun = int(rng.integers(0, SECONDS - 900))
    flag[begun : begun + 900] = 2
    keep = np.ones(SECONDS, dtype=bool)
    for low in rng.integers(0, SECONDS, 6):
        flag[low : low + 60] = 1
        keep[low + 1000 : low + 1000 + int(rng.exponential(300))] = False
    return Readings(f"T{tag:03d}", t[keep], value[keep], flag[keep])


def make(folder: Path, days: int) -> dict[str, float]:
    begun = time.perf_counter()
    with PlantFolder.create(folder, PlantSettings("benchmark", "benchmark")) as plant:
        for day in range(days):
            with plant.importing(Source(f"{day}", f"{day}", f"{day}", 1)) as entry:
                entry.put_readings(readings(tag, day) for tag in range(TAGS))
        files = plant.telemetry.files("raw")
    sums = {"rows": sum(file.rows for file in files), "bytes": sum(file.bytes for file in files), "files": len(files)}
    return sums | {"seconds": time.perf_counter() - begun}


def copy(folder: Path, copies: int) -> dict[str, float]:
    """Write the same readings again under other names, a file for each, as the store's writer does it."""
    with PlantFolder.open(folder) as plant:
        sources = plant.telemetry.files("raw")
    made = []
    for source in sources:
        place = (folder / source.path).parent
        for number in range(1, copies):
            raw, hourly = (DurableFile(place / f"{level}-{number}-{source.sha256[:8]}.parquet") for level in LEVELS)
            output = SeriesOutput(raw, hourly)
            for tag, segments in tag_runs(folder / source.path):
                output.add(f"{number}-{tag}", *segments[0])
            output.close()
            for level, file in zip(LEVELS, (raw, hourly), strict=True):
                file.publish()
                made.append(listed(folder, file, level, source.period, output))
    database = engine(sqlite_url(folder / "records.sqlite"))
    with writing(database, str(folder), by="benchmark", what="copies") as connection:
        list_files(connection, 1, made)
    database.dispose()
    every = [*sources, *(file for file in made if file.level == "raw")]
    sums = {"rows": sum(file.rows for file in every), "bytes": sum(file.bytes for file in every)}
    return sums | {"files": float(len(every))}


def timed(ask: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    cpu, wall = time.process_time(), time.perf_counter()
    answer = ask()
    return answer, {"cpu": time.process_time() - cpu, "seconds": time.perf_counter() - wall}


def heats(days: int) -> tuple[list[str], np.ndarray]:
    rng = np.random.default_rng(3)
    t = START + rng.integers(0, days * DAY_US, HEATS)
    return [f"T{k:03d}" for k in rng.integers(0, TAGS // 5, HEATS)], t


def of_hours(n: Any, n_good: Any, mean: Any) -> dict[str, float]:  # noqa: ANN401
    return {"count": float(np.sum(n)) + float(np.sum(n_good)), "check": float(np.nansum(np.asarray(mean, dtype=float)))}


def our_hours(folder: Path) -> dict[str, float]:
    with PlantFolder.open(folder) as plant:
        plant.telemetry.hourly_from_raw(["T000"], None, START + HOUR_US)
        hours, used = timed(plant.telemetry.hourly_from_raw)
    return used | of_hours(hours.n, hours.n_good, hours.mean)


def our_partials(folder: Path) -> dict[str, float]:
    with PlantFolder.open(folder) as plant:
        plant.telemetry.hourly(["T000"])
        hours, used = timed(plant.telemetry.hourly)
    return used | of_hours(hours.n, hours.n_good, hours.mean)


def our_gaps(folder: Path) -> dict[str, float]:
    with PlantFolder.open(folder) as plant:
        plant.telemetry.gaps(GAP, ["T000"], None, START + HOUR_US)
        gaps, used = timed(lambda: plant.telemetry.gaps(GAP))
    return used | {"count": len(gaps), "check": float(np.sum(gaps.end - gaps.start))}


def our_as_of(folder: Path) -> dict[str, float]:
    with PlantFolder.open(folder) as plant:
        tags, t = heats(days_of(plant))
        plant.telemetry.as_of(["T000"], np.array([START + HOUR_US]))
        found, used = timed(lambda: plant.telemetry.as_of(tags, t))
    return used | {"count": float(np.sum(found.at[found.at >= 0] - START)), "check": float(np.nansum(found.value))}


def days_of(plant: PlantFolder) -> int:
    return -(-(max(span.t_hi for span in plant.telemetry.spans().values()) - START) // DAY_US)


def connected(folder: Path) -> tuple[duckdb.DuckDBPyConnection, int]:
    with PlantFolder.open(folder) as plant:
        files = [str(folder / file.path) for file in plant.telemetry.files("raw")]
        days = days_of(plant)
    connection = duckdb.connect(":memory:")
    connection.execute("set enable_progress_bar = false")
    listed = ", ".join(f"'{file}'" for file in files)
    connection.execute(f"create view readings as from read_parquet([{listed}], hive_partitioning=false)")
    connection.execute("select count(*) from readings where t < 0").fetchall()
    return connection, days


def duckdb_hours(folder: Path) -> dict[str, float]:
    table, used = timed(lambda: connected(folder)[0].sql(HOURS_SQL).to_arrow_table())
    return used | of_hours(table["n"].to_numpy(), table["n_good"].to_numpy(), table["mean"].to_numpy())


def duckdb_gaps(folder: Path) -> dict[str, float]:
    table, used = timed(lambda: connected(folder)[0].sql(GAPS_SQL).to_arrow_table())
    return used | {"count": table.num_rows, "check": float(np.sum(table["t"].to_numpy() - table["before"].to_numpy()))}


def duckdb_as_of(folder: Path) -> dict[str, float]:
    connection, days = connected(folder)
    tags, t = heats(days)
    connection.register("heats", pa.table({"number": np.arange(HEATS), "tag": tags, "t": t}))
    table, used = timed(lambda: connection.sql(AS_OF_SQL).to_arrow_table())
    at = table["at"].drop_null().to_numpy()
    return used | {"count": float(np.sum(at - START)), "check": float(np.sum(table["value"].drop_null().to_numpy()))}


def polars_hours(folder: Path) -> dict[str, float]:
    with PlantFolder.open(folder) as plant:
        frame = questions.hourly(plant.telemetry.scan(engine="polars"))
        table, used = timed(frame.collect)
    return used | of_hours(table["n"].to_numpy(), table["n_good"].to_numpy(), table["mean"].to_numpy())


def polars_gaps(folder: Path) -> dict[str, float]:
    with PlantFolder.open(folder) as plant:
        table, used = timed(questions.gaps(plant.telemetry.scan(engine="polars"), GAP).collect)
    return used | {"count": len(table), "check": float(np.sum((table["end"] - table["start"]).to_numpy()))}


def polars_as_of(folder: Path) -> dict[str, float]:
    with PlantFolder.open(folder) as plant:
        tags, t = heats(days_of(plant))
        frame = questions.as_of(plant.telemetry.scan(engine="polars"), tags, t)
        table, used = timed(frame.collect)
    at, value = table["at"].drop_nulls().to_numpy(), table["value"].drop_nulls().to_numpy()
    return used | {"count": float(np.sum(at - START)), "check": float(np.sum(value))}


def server(folder: Path) -> None:
    """Ask PostgreSQL for the hours of twenty tags, and ourselves for the same."""
    url = os.environ.get("FORGECAST_TEST_POSTGRES", "")
    if not url:
        print("PostgreSQL: not asked, FORGECAST_TEST_POSTGRES names no server")
        return
    names = [f"T{k:03d}" for k in range(SERVER_TAGS)]
    postgres = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with postgres.connect() as connection, PlantFolder.open(folder) as plant:
        connection.exec_driver_sql("drop table if exists benchmark_readings")
        connection.exec_driver_sql(
            "create table benchmark_readings (tag text, t bigint, value double precision, flag smallint)"
        )
        raw = connection.connection.driver_connection
        rows = 0
        with raw.cursor() as cursor, cursor.copy("copy benchmark_readings from stdin") as copy:
            for name in names:
                one = plant.telemetry.series(name)
                rows += len(one)
                for t, value, flag in zip(one.t.tolist(), one.value.tolist(), one.flag.tolist(), strict=True):
                    copy.write_row((name, t, value, flag))
        connection.exec_driver_sql(
            "create index benchmark_readings_key on benchmark_readings (tag, t) include (value, flag)"
        )
        connection.exec_driver_sql("vacuum analyze benchmark_readings")
        connection.exec_driver_sql("set max_parallel_workers_per_gather = 0")
        asked = HOURS_SQL.replace("//", "/").replace("group by all", "group by 1, 2")
        asked = asked.replace("from readings", "from benchmark_readings")
        backend = psutil.Process(int(connection.exec_driver_sql("select pg_backend_pid()").scalar_one()))
        best = [float("inf"), float("inf")]
        plant.telemetry.hourly_from_raw(["T000"])
        for _ in range(1 + ROUNDS):  # the first one warms the server
            before = backend.cpu_times()
            found = connection.exec_driver_sql(asked).all()
            after = backend.cpu_times()
            best[1] = min(best[1], after.user + after.system - before.user - before.system)
            hours, used = timed(lambda: plant.telemetry.hourly_from_raw(names))
            best[0] = min(best[0], used["cpu"])
        np.testing.assert_equal([len(hours), hours.n.sum()], [len(found), sum(row[2] for row in found)])
        connection.exec_driver_sql("drop table benchmark_readings")
    postgres.dispose()
    ratio = best[1] / best[0]
    print(
        f"hours of {rows / 1e6:.1f} M  ours {best[0]:.2f} CPU-s, PostgreSQL {best[1]:.2f} CPU-s (its process, warm):"
        f" {ratio:.0f} x, goal 10 x: {'met' if ratio >= 10 else 'NOT MET'}"
    )


if __name__ == "__main__":
    main()
