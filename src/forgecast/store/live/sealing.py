"""Seals the live log: closed segments become series files, on the manifest in one transaction, and go.

Whoever seals holds the plant as an import does. It reads what is closed and not sealed yet by the manifest, writes the
files, and commits; only then the segments are deleted. Before the commit the log is the truth, after it the manifest.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.engine import Connection, Engine

from forgecast.ground.dates import from_us
from forgecast.ground.finding import Finding
from forgecast.signals.reading import Readings
from forgecast.store.audit import Trail, open_trail
from forgecast.store.database import boundary, reading, writing
from forgecast.store.importing import series_findings
from forgecast.store.live.record import Record, columns_of
from forgecast.store.live.segment import (
    LIVE,
    Segment,
    ask_to_close,
    asked_to_close,
    closed_as_asked,
    looked_at,
    mend,
    read_segment,
    segments_of,
    set_aside,
)
from forgecast.store.live.trouble import GROWING, ReadingClocks, clock_set_back, damaged, is_odd, noted
from forgecast.store.manifest import SeriesFile, list_files, live_files, retire_files, sweep
from forgecast.store.periods import by_day
from forgecast.store.records import insert_findings
from forgecast.store.series_files import SeriesChange, SeriesWriter
from forgecast.store.tables import COUNTS, table

#: Readings that one seal takes; a longer log is sealed in several. A seal needs some 80 bytes of memory for each.
ROWS_A_SEAL = 4_000_000
#: How long a writer is waited for that was asked to close its segment.
_ANSWERS_S = 5.0


@dataclass(frozen=True, slots=True)
class LivePlant:
    """What the live log has to know of its plant.

    Parameters
    ----------
    database : Engine
    folder : Path
        The plant's.
    id, zone : str
    by : str
        Who answers for what is sealed.
    """

    database: Engine
    folder: Path
    id: str
    zone: str
    by: str

    @property
    def logs(self) -> Path:
        """Return the folder of the logs; one folder for each source."""
        return self.folder / LIVE

    def sealed(self, source: str) -> int:
        """Return the highest number of a source that is sealed, 0 before the first."""
        t = table("live_source")
        with reading(self.database, str(self.folder)) as connection:
            return int(connection.execute(sa.select(t.c.sealed).where(t.c.source == source)).scalar() or 0)


@dataclass(slots=True)
class Sealed:
    """What was sealed.

    Parameters
    ----------
    new, changed, same : int
        Readings that are new, that replace another value at their instant, and that were there already.
    sources : dict of str to (int, int)
        First and last number of the batches, by source.
    files : list of SeriesFile
        New files.
    findings : list of Finding
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    sources: dict[str, tuple[int, int]] = field(default_factory=dict)
    files: list[SeriesFile] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Return how many readings were sealed."""
        return self.new + self.changed + self.same

    def add(self, other: Sealed) -> None:
        """Take in what was sealed afterwards."""
        self.new, self.changed, self.same = self.new + other.new, self.changed + other.changed, self.same + other.same
        for source, (low, high) in other.sources.items():
            self.sources[source] = (self.sources.get(source, (low, high))[0], high)
        self.files = other.files if not self.files else self.files + other.files
        self.findings += other.findings


@dataclass(slots=True)
class _Closed:
    """Closed segments of a source, and what of them is not sealed yet."""

    folder: Path
    segments: list[Segment] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def span(self) -> tuple[int, int]:
        numbers = [one.seq for one in self.records if one.note is None]
        return (numbers[0], numbers[-1]) if numbers else (0, 0)


def seal(plant: LivePlant, *, ask: bool = True, rows_a_seal: int = ROWS_A_SEAL) -> Sealed:
    """Seal all that is closed; processes that write a log are asked to close their segment first.

    Parameters
    ----------
    plant : LivePlant
    ask : bool
        Whether other processes are asked, and waited for some seconds.
    rows_a_seal : int
        From so many readings on the next segment is left to another transaction.

    Raises
    ------
    PlantError
        If another writer holds the plant, or the disk refuses; then the readings stay in the log.
    """
    done = Sealed()
    with boundary(str(plant.logs)):
        if ask:
            _ask(plant.logs)
        while any(_closed(folder, mended=False) for folder in _sources(plant.logs)):
            sealed, left = _seal_some(plant, rows_a_seal)
            done.add(sealed)
            if not left:
                break
    return done


def _sources(logs: Path) -> list[Path]:
    return sorted(path for path in logs.iterdir() if path.is_dir()) if logs.is_dir() else []


def _ask(logs: Path) -> None:
    asked = []
    for folder in _sources(logs):
        with looked_at(folder) as held:
            if not held and any(path.stat().st_size for path in segments_of(folder)[-1:]):
                ask_to_close(folder)
                asked.append(folder)
    until = time.monotonic() + _ANSWERS_S
    while any(asked_to_close(folder) for folder in asked) and time.monotonic() < until:
        time.sleep(0.01)
    for folder in asked:
        closed_as_asked(folder)


def _closed(folder: Path, *, mended: bool) -> list[tuple[Path, dict[str, Any] | None]]:
    """Return the segments that nobody writes any more and that hold something, each with what was cut off its end."""
    with looked_at(folder) as held:
        paths = segments_of(folder)
        torn = None
        if held and paths and mended:
            torn = mend(paths[-1])[1]
        elif not held:
            paths = paths[:-1]
        return [(path, torn if path == paths[-1] else None) for path in paths if torn or path.stat().st_size]


def _gather(logs: Path, sealed: Mapping[str, int], rows: int) -> tuple[list[_Closed], bool]:
    """Read closed segments, up to a number of rows; tell whether some are left."""
    found, left = [], False
    for folder in _sources(logs):
        of_source = _Closed(folder)
        for path, torn in _closed(folder, mended=True):
            if rows <= 0:
                left = True
                break
            segment = read_segment(path)
            of_source.segments.append(segment)
            if torn is not None:
                of_source.findings.append(noted(torn, folder.name))
            fresh = [one for one in segment.records if one.seq > sealed.get(folder.name, 0)]
            of_source.findings += [noted(one.note, folder.name) for one in fresh if one.note is not None]
            if segment.lost + segment.torn and (fresh or not segment.records):
                of_source.findings.append(damaged(segment))
            of_source.records += [one for one in fresh if one.note is None]
            rows -= sum(one.rows for one in fresh)
        if of_source.segments or of_source.findings:
            found.append(of_source)
    return found, left


def _seal_some(plant: LivePlant, rows_a_seal: int) -> tuple[Sealed, bool]:
    done = Sealed()
    with writing(plant.database, str(plant.folder), by=plant.by, what="live") as connection:
        t = table("live_source")
        numbers = {str(row[0]): int(row[1]) for row in connection.execute(sa.select(t.c.source, t.c.sealed))}
        closed, left = _gather(plant.logs, numbers, rows_a_seal)
        # Only now does nobody else write files: one that is not on the manifest belongs to nobody.
        sweep(connection, plant.folder, time.time_ns() // 1_000)
        if any(one.records or one.findings for one in closed):
            done = _put_in(connection, plant, closed)
        else:
            connection.rollback()
    for one in closed:
        for segment in one.segments:
            set_aside(segment)
    return done, left


def _put_in(connection: Connection, plant: LivePlant, closed: list[_Closed]) -> Sealed:
    open_trail(connection, plant.by)
    now = time.time_ns() // 1_000
    name = f"live {from_us(now):%Y-%m-%d}"
    id_ = _import_of(connection, name, now)
    sources = {one.folder.name: one.span for one in closed if one.records}
    told = ", ".join(f"{source} {low}-{high}" for source, (low, high) in sources.items())
    trail = Trail(connection, by=plant.by, what=f"live: {told}" if told else "live", import_id=id_)
    live = live_files(connection)
    writer = SeriesWriter(plant.folder, f"live{trail.link:06d}-{now}", live, layout=by_day(plant.id))
    try:
        findings = [finding for one in closed for finding in one.findings]
        findings += _add(writer, closed, live, plant.zone)
        change = writer.seal()
        list_files(connection, id_, change.files)
        retire_files(connection, change.retired, now)
        findings += series_findings(name, change, plant.zone)
        _keep_findings(connection, id_, findings)
        _count(connection, id_, change, closed, now)
        _move_on(connection, sources, now)
        trail.seal()
    except BaseException:
        writer.abandon()
        raise
    return Sealed(change.new, change.changed, change.same, sources, change.files, findings)


def _add(writer: SeriesWriter, closed: list[_Closed], live: tuple[SeriesFile, ...], zone: str) -> list[Finding]:
    """Hand the records to the writer, tag by tag; return what is odd about their clocks."""
    records = [(one.folder.name, record) for one in closed for record in one.records]
    findings = clock_set_back(records, zone)
    if not sum(record.rows for _, record in records):
        return findings
    numbers: dict[str, int] = {}
    known: dict[tuple[str, ...], NDArray[Any]] = {}
    columns, odd = [], False
    for _, record in records:
        got = columns_of(record)
        if got.tags not in known:
            of_record = [numbers.setdefault(tag, len(numbers)) for tag in got.tags]
            known[got.tags] = np.array(of_record, np.uint16 if len(numbers) <= 1 << 16 else np.int32)
        columns.append((known[got.tags][got.tag], got.t, got.value, got.flag))
        odd = odd or is_odd(got.t, record.arrived)
    tag, t, value, flag = (np.concatenate(column) for column in zip(*columns, strict=True))
    # A radix sort where the numbers are short; stable, so that of repeats the last one stays last.
    order = np.argsort(tag, kind="stable")
    ends = np.cumsum(np.bincount(tag, minlength=len(numbers)))
    t, value, flag = t[order], value[order], flag[order] if flag.any() else flag
    arrived = None
    if odd:
        arrived = np.repeat([record.arrived for _, record in records], [record.rows for _, record in records])[order]
    clocks = ReadingClocks()
    for number, (name, end) in enumerate(zip(numbers, ends.tolist(), strict=True)):
        here = slice(int(ends[number - 1]) if number else 0, end)
        come = Readings(name, t[here], value[here], flag[here])
        if arrived is not None and len(come):
            before = max((f.contents[name].t_hi for f in live if name in f.contents), default=0)
            clocks.look_at(come, arrived[here], before)
        writer.add(_ascending(come))
    return findings + clocks.findings(", ".join(dict.fromkeys(source for source, _ in records)), zone)


def _ascending(come: Readings) -> Readings:
    if (come.t[1:] >= come.t[:-1]).all():
        return come
    order = np.argsort(come.t, kind="stable")
    return Readings(come.tag, come.t[order], come.value[order], come.flag[order])


def _import_of(connection: Connection, name: str, now: int) -> int:
    """Return the number under which all that is sealed on one day is listed among the files."""
    t = table("import_file")
    found = connection.execute(sa.select(t.c.id).where(t.c.path == name, t.c.sha256 == "")).scalar()
    if found is not None:
        return int(found)
    row: dict[str, Any] = dict.fromkeys(COUNTS, 0)
    row |= {"name": name, "path": name, "sha256": "", "map_sha256": "", "bytes": 0, "fed": "series", "imported_at": now}
    made = connection.execute(sa.insert(t).values(row)).inserted_primary_key
    assert made is not None  # noqa: S101  (one row with a counter was inserted)
    return int(made[0])


def _keep_findings(connection: Connection, id_: int, findings: list[Finding]) -> None:
    """Keep findings; a clock that stays wrong for the day is one finding that grows, not one for each seal."""
    t, new = table("finding"), []
    for one in findings:
        same = (t.c.import_id == id_, t.c.code == one.code, t.c.file == one.place.file)
        if one.code not in GROWING or not (
            connection.execute(sa.update(t).where(*same).values(count=t.c.count + one.count)).rowcount
        ):
            new.append(one)
    insert_findings(connection, id_, new)


def _count(connection: Connection, id_: int, change: SeriesChange, closed: list[_Closed], now: int) -> None:
    t = table("import_file")
    told = {
        "imported_at": now,
        "bytes": t.c.bytes + sum(segment.size for one in closed for segment in one.segments),
        "readings_new": t.c.readings_new + change.new,
        "readings_changed": t.c.readings_changed + change.changed,
        "readings_same": t.c.readings_same + change.same,
    }
    connection.execute(sa.update(t).where(t.c.id == id_).values(told))


def _move_on(connection: Connection, sources: Mapping[str, tuple[int, int]], now: int) -> None:
    t = table("live_source")
    for source, (_, high) in sources.items():
        told = {"sealed": high, "sealed_at": now}
        if connection.execute(sa.update(t).where(t.c.source == source).values(told)).rowcount == 0:
            connection.execute(sa.insert(t).values({"source": source, **told}))
