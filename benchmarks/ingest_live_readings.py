"""How many live readings a second are durable, against DuckDB's file, PostgreSQL COPY, SQLite and the bare disk.

Every store is given the same batches (200 tags, ten readings each a second) and answers when they are on the disk: our
log by fdatasync, DuckDB by its write-ahead log, PostgreSQL with fsync and synchronous commit on, SQLite in WAL mode
with ``synchronous=FULL``. Ours includes its seals: the clock stops when the last reading stands in a Parquet file.
The limit is what the disk does when records of the same size are appended to a file and forced one after the other, and
nothing else.
The peers take turns, several rounds of some seconds, in one run. No store has an index.

PostgreSQL: the server that FORGECAST_BENCH_POSTGRES names (a libpq address; it must run with fsync=on), otherwise one
of Debian's is started in a temporary folder with its own defaults, and stopped at the end. The server of `.ci/postgres`
does not wait for the disk and is refused.

Goals: 10,000 rows a batch at least 3x DuckDB and 8x PostgreSQL; 200 rows a batch at least 70 % of the disk's limit;
a log of two million readings opened in a second at most.

Run: ``python benchmarks/ingest_live_readings.py [seconds a turn] [rounds]``
"""

from __future__ import annotations

import getpass
import io
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import psutil
import psycopg
import pyarrow as pa

from forgecast.ground.dates import HOUR_US
from forgecast.signals.batch import Batch
from forgecast.store.live.record import record_of
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.settings import PlantSettings

TAGS = tuple(f"T{k:03d}" for k in range(200))
SIZES = (10_000, 200)
STEP_US = 100_000
DUCKDB, POSTGRES, DISK = 3.0, 8.0, 0.7


@dataclass(frozen=True, slots=True)
class Run:
    """One turn of one store: rows, seconds, CPU-seconds of all processes that worked for it, milliseconds a batch."""

    rows: int
    seconds: float
    cpu: float
    each_ms: np.ndarray

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds


class Feed:
    """Batches without end: time goes on, and values are a slow walk that repeats after two million readings."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        rng = np.random.default_rng(rows)
        steps = rows // len(TAGS)
        count = max(1, 2_000_000 // rows)
        walk = 100 + np.cumsum(rng.normal(0, 0.2, (count * steps, len(TAGS))), axis=0)
        self._values = np.round(walk, 1).reshape(count, rows)
        self._tag = np.tile(np.arange(len(TAGS), dtype=np.int32), steps)
        self._t = np.repeat(np.arange(steps, dtype=np.int64), len(TAGS)) * STEP_US
        self._flag = np.zeros(rows, np.int8)
        self._begin = time.time_ns() // 1_000 - 20 * HOUR_US
        self._step = steps * STEP_US
        self.seq = 0

    def next(self) -> Batch:
        """Return the next batch."""
        self.seq += 1
        t = self._t + self._begin + self.seq * self._step
        return Batch("s1", self.seq, TAGS, self._tag, t, self._values[self.seq % len(self._values)], self._flag)


class Log:
    """Our own store."""

    name = "forgecast log"

    def __init__(self, place: Path) -> None:
        self._plant = PlantFolder.create(place / "plant", PlantSettings("p1", "benchmark"))
        self._live = self._plant.live(by="benchmark")
        self._taken = 0

    def take(self, batch: Batch) -> None:
        """Take a batch in, durably."""
        self._live.take(batch)
        self._taken += len(batch)

    def finish(self) -> None:
        """Seal what is left."""
        self._live.seal()

    def close(self) -> None:
        """Let go of everything."""
        self._live.close()
        stored = sum(span.rows for span in self._plant.telemetry.spans().values())
        if stored != self._taken:
            raise AssertionError((stored, self._taken))
        self._plant.close()


class DuckDB:
    """DuckDB's own file."""

    name = "DuckDB"

    def __init__(self, place: Path) -> None:
        self._connection = duckdb.connect(str(place / "readings.duckdb"))
        self._connection.execute("create table readings(tag varchar, t bigint, value double, flag tinyint)")
        self._names = np.array(TAGS)

    def take(self, batch: Batch) -> None:
        """Take a batch in, durably."""
        names = pa.DictionaryArray.from_arrays(pa.array(batch.tag), pa.array(batch.tags))
        table = pa.table({"tag": names, "t": batch.t, "value": batch.value, "flag": batch.flag})
        self._connection.register("come", table)
        self._connection.execute("insert into readings select * from come")
        self._connection.unregister("come")

    def finish(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Let go of everything."""
        self._connection.close()


class SQLite:
    """SQLite, WAL mode, forced at each commit."""

    name = "SQLite"

    def __init__(self, place: Path) -> None:
        self._connection = sqlite3.connect(place / "readings.sqlite", isolation_level=None)
        self._connection.execute("pragma journal_mode=wal")
        self._connection.execute("pragma synchronous=full")
        self._connection.execute("create table readings(tag text, t integer, value real, flag integer)")

    def take(self, batch: Batch) -> None:
        """Take a batch in, durably."""
        names = [batch.tags[k] for k in batch.tag.tolist()]
        rows = zip(names, batch.t.tolist(), batch.value.tolist(), batch.flag.tolist(), strict=True)
        self._connection.execute("begin immediate")
        self._connection.executemany("insert into readings values (?, ?, ?, ?)", rows)
        self._connection.execute("commit")

    def finish(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Let go of everything."""
        self._connection.close()


class Postgres:
    """PostgreSQL, one COPY and one commit a batch."""

    name = "PostgreSQL COPY"
    address = ""

    def __init__(self, _place: Path) -> None:
        self._connection = psycopg.connect(self.address, autocommit=True)
        said = {
            name: self._connection.execute(f"show {name}").fetchone()[0] for name in ("fsync", "synchronous_commit")
        }
        if set(said.values()) != {"on"}:
            message = f"this server does not wait for the disk: {said}"
            raise SystemExit(message)
        self._connection.execute("drop table if exists readings")
        self._connection.execute("create table readings(tag text, t bigint, value double precision, flag smallint)")

    def take(self, batch: Batch) -> None:
        """Take a batch in, durably."""
        names = [batch.tags[k] for k in batch.tag.tolist()]
        rows = zip(names, batch.t.tolist(), batch.value.tolist(), batch.flag.tolist(), strict=True)
        text = io.StringIO()
        text.writelines(f"{tag}\t{t}\t{value}\t{flag}\n" for tag, t, value, flag in rows)
        with self._connection.cursor() as cursor, cursor.copy("copy readings from stdin") as copy:
            copy.write(text.getvalue())

    def finish(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Let go of everything."""
        self._connection.execute("drop table readings")
        self._connection.close()


def turn(
    make: Callable[[Path], Log | DuckDB | SQLite | Postgres], feed: Feed, seconds: float, server: int | None
) -> Run:
    with tempfile.TemporaryDirectory(prefix="ingest-") as place:
        store = make(Path(place))
        each, rows, waited = [], 0, 0.0
        cpu = time.process_time() + server_cpu(server)
        begun = time.perf_counter()
        while time.perf_counter() - begun - waited < seconds:
            made = time.perf_counter()
            batch = feed.next()
            before = time.perf_counter()
            waited += before - made  # making the batch is not the store's work
            store.take(batch)
            each.append(time.perf_counter() - before)
            rows += len(batch)
        store.finish()
        lasted = time.perf_counter() - begun - waited
        cpu = time.process_time() + server_cpu(server) - cpu
        store.close()
    return Run(rows, lasted, cpu, np.array(each) * 1e3)


def server_cpu(postmaster: int | None) -> float:
    if postmaster is None:
        return 0.0
    used = 0.0
    for process in (parent := psutil.Process(postmaster), *parent.children()):
        times = process.cpu_times()
        used += times.user + times.system
    return used


def disk_limit(feed: Feed, seconds: float) -> Run:
    """Append and force records of the same size, and do nothing else."""
    record = b"".join(bytes(part) for part in record_of(feed.next(), 0))
    with tempfile.TemporaryDirectory(prefix="ingest-") as place:
        each = []
        force = getattr(os, "fdatasync", os.fsync)
        with (Path(place) / "limit").open("ab", buffering=0) as file:
            cpu, begun = time.process_time(), time.perf_counter()
            while time.perf_counter() - begun < seconds:
                before = time.perf_counter()
                file.write(record)
                force(file.fileno())
                each.append(time.perf_counter() - before)
            lasted = time.perf_counter() - begun
    return Run(len(each) * feed.rows, lasted, time.process_time() - cpu, np.array(each) * 1e3)


def restart() -> None:
    """Open a log of two million readings again, against reading the same bytes."""
    with (
        tempfile.TemporaryDirectory(prefix="ingest-") as place,
        PlantFolder.create(Path(place) / "plant", PlantSettings("p1", "benchmark")) as plant,
    ):
        feed = Feed(10_000)
        with plant.live(seals=False, seal_rows=10**9) as live:
            for _ in range(200):
                live.take(feed.next())
        (path,) = (plant.path / "telemetry" / "live" / "s1").glob("*.tlm")
        begun = time.perf_counter()
        size = len(path.read_bytes())
        bare = time.perf_counter() - begun
        begun = time.perf_counter()
        with plant.live(seals=False) as live:
            live.last("s1")
            opened = time.perf_counter() - begun
        begun = time.perf_counter()
        plant.tail.latest()
        seen = time.perf_counter() - begun
    print(
        f"restart with 2 M readings ({size / 1e6:.0f} MB) in the log: {opened:.3f} s, {opened / bare:.0f} x the bare"
        f" read ({bare:.3f} s); a reader sees their latest after {seen:.3f} s  goal 1 s: {met(opened <= 1.0)}"
    )


def met(holds: object) -> str:
    return "met" if holds else "NOT MET"


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 4.0
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    print(f"load {os.getloadavg()[0]:.1f} before, {os.cpu_count()} cores")
    with postgres() as (address, postmaster):
        Postgres.address = address
        for size in SIZES:
            compare(Feed(size), seconds, rounds, postmaster)
    restart()
    print(f"load {os.getloadavg()[0]:.1f} after")


def compare(feed: Feed, seconds: float, rounds: int, postmaster: int | None) -> None:
    runs: dict[str, list[Run]] = {}
    for _ in range(rounds):
        runs.setdefault("disk limit", []).append(disk_limit(feed, seconds / 4))
        for make in (Log, DuckDB, SQLite, Postgres):
            server = postmaster if make is Postgres else None
            runs.setdefault(make.name, []).append(turn(make, Feed(feed.rows), seconds, server))
    rates = {name: statistics.median(run.rate for run in some) for name, some in runs.items()}
    print(f"\n{feed.rows} rows a batch; median [least - most] of {rounds} rounds")
    for name, some in runs.items():
        each = np.concatenate([run.each_ms for run in some])
        spread = f"{min(run.rate for run in some):11,.0f} - {max(run.rate for run in some):11,.0f}"
        cpu = sum(run.rows for run in some) / max(sum(run.cpu for run in some), 1e-9)
        print(
            f"{name:16s} {rates[name]:11,.0f} rows/s [{spread}]  {cpu:11,.0f} rows/CPU-s"
            f"  p50 {np.median(each):7.3f} ms  p99 {np.percentile(each, 99):7.3f} ms"
        )
    ours = rates[Log.name]
    ratios = {name: ours / rate for name, rate in rates.items() if name != Log.name}
    print("ours over: " + ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items()))
    if feed.rows == SIZES[0]:
        print(f"goal {DUCKDB:.0f} x DuckDB: {met(ratios[DuckDB.name] >= DUCKDB)}", end="; ")
        print(f"goal {POSTGRES:.0f} x PostgreSQL: {met(ratios[Postgres.name] >= POSTGRES)}")
    else:
        print(f"goal {DISK:.0%} of the disk's limit: {met(ratios['disk limit'] >= DISK)}")


@contextmanager
def postgres() -> Iterator[tuple[str, int | None]]:
    named = os.environ.get("FORGECAST_BENCH_POSTGRES", "")
    if named:
        yield named, None
        return
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        message = "PostgreSQL is not installed; name a server in FORGECAST_BENCH_POSTGRES"
        raise SystemExit(message)
    programs = found[-1]
    root = getpass.getuser() == "root"  # the server refuses to run as root
    as_server = ["runuser", "-u", "postgres", "--"] if root else []
    # Not under a folder that only we may enter; on the same disk as the others' files.
    place = Path(tempfile.mkdtemp(prefix="ingest-postgres-"))
    if root:
        shutil.chown(place, "postgres")
    data = place / "data"
    options = "-c listen_addresses='' -c max_wal_size=8GB"
    try:
        command = [
            *as_server,
            str(programs / "initdb"),
            "-D",
            str(data),
            "-U",
            "bench",
            "-A",
            "trust",
            "--locale=C",
            "-E",
            "UTF8",
        ]
        subprocess.run(command, check=True, capture_output=True)
        start = [*as_server, str(programs / "pg_ctl"), "-D", str(data), "-w", "-l", str(place / "log")]
        subprocess.run([*start, "-o", f"{options} -k {place}", "start"], check=True, capture_output=True)
        try:
            number = int((data / "postmaster.pid").read_text("utf-8").split()[0])
            yield f"host={place} user=bench dbname=postgres", number
        finally:
            subprocess.run([*start, "-m", "fast", "stop"], check=True, capture_output=True)
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
