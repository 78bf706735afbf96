"""One file in, everything it says out: record rows, readings, declared tags and findings.

Nothing is written and nothing is kept; whether a file is taken or not, the caller decides afterwards.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np

from forgecast.gateway.columnar import read_parquet
from forgecast.gateway.defects import FindingLog
from forgecast.gateway.delimited import open_bytes, read_delimited, refused
from forgecast.gateway.header import field_names, record_named, records_by_headers
from forgecast.gateway.mapping import FileMap, TagMap
from forgecast.gateway.record_rows import take_rows
from forgecast.gateway.series import (
    FLAG_NAMES,
    TAG_NAMES,
    TIME_NAMES,
    VALUE_NAMES,
    SeriesReader,
    TagHint,
    is_long,
    is_wide,
    joined,
)  # fmt: skip
from forgecast.gateway.shaping import shaped
from forgecast.gateway.table import RawTable
from forgecast.gateway.taking import Taking
from forgecast.gateway.time_column import now_us
from forgecast.gateway.wide_rows import take_wide
from forgecast.gateway.workbook import read_workbook
from forgecast.ground.errors import ImportRefusedError
from forgecast.ground.finding import Finding, Severity
from forgecast.ground.texts import text
from forgecast.plant.record import record, records
from forgecast.plant.rows import RecordRows, Value
from forgecast.signals.reading import Readings

_OLE = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
_PARQUET = b"PAR1"
_TAG_FIELDS = (
    "name", "measures", "unit", "stack", "meter", "equipment", "interval", "reading", "low", "high", "oxygen_corrected",
)  # fmt: skip
_SERIES = "series"


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """Everything one file says.

    Parameters
    ----------
    rows : tuple of RecordRows
        One for each sheet or file of records.
    readings : tuple of Readings
        By tag; time ascending and unique, microseconds UTC.
    tags : tuple of RecordRows
        Rows of the record `tag` that map or headers declare; their row numbers are 0, as they stand in no row.
    findings : tuple of Finding
        Refused ones first.
    """

    rows: tuple[RecordRows, ...] = ()
    readings: tuple[Readings, ...] = ()
    tags: tuple[RecordRows, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    table: RawTable
    record: str
    taking: Taking = field(repr=False)


def take(
    path: Path,
    *,
    map: FileMap | None = None,  # noqa: A002  (it is what everybody calls it)
    zone: str,
    progress: Callable[[float], None] | None = None,
    known_tags: Mapping[str, TagHint] | None = None,
    now: int | None = None,
) -> Taken:
    """Read a file.

    Parameters
    ----------
    path : Path
        CSV or another delimited text, XLSX or Parquet, packed with gzip or not.
    map : FileMap or None
        What the plant's map says about this file.
    zone : str
        Time zone of wall-clock stamps where the map names none.
    progress : callable or None
        Called with the share of the file that was read, 0 to 1.
    known_tags : mapping of tag to TagHint or None
        Tags the plant has: their units and plausible ranges.
    now : int or None
        Microseconds UTC that count as the present; the clock's where None.

    Raises
    ------
    ImportRefusedError
        If the file as a whole cannot be taken.
    """
    rows: list[RecordRows] = []
    tags: list[RecordRows] = []
    findings: tuple[Finding, ...] = ()
    parts: dict[str, list[Readings]] = {}
    for piece in take_pieces(path, map=map, zone=zone, progress=progress, known_tags=known_tags, now=now):
        rows += piece.rows
        tags += piece.tags
        findings += piece.findings
        for reading in piece.readings:
            parts.setdefault(reading.tag, []).append(reading)
    log = FindingLog(path.name)
    readings = tuple(joined(tag, parts.pop(tag), log) for tag in sorted(parts))
    order = {severity: rank for rank, severity in enumerate(Severity)}
    every = tuple(sorted((*findings, *log.findings()), key=lambda finding: order[finding.severity]))
    return Taken(tuple(rows), readings, tuple(tags), every)


def take_pieces(
    path: Path,
    *,
    map: FileMap | None = None,  # noqa: A002
    zone: str,
    progress: Callable[[float], None] | None = None,
    known_tags: Mapping[str, TagHint] | None = None,
    now: int | None = None,
) -> Iterator[Taken]:
    """Read a file too big for memory, piece by piece.

    Each piece carries readings sorted by tag and time; pieces may overlap in time, and a reading repeated in another
    piece is not seen here. The last piece carries the findings, the declared tags, and the rows of records. The error
    that refuses the file may come after some pieces, so nothing may be kept before the last.

    Parameters, errors
        As `take`.
    """
    known = {} if known_tags is None else known_tags
    jobs, findings = _jobs(path, map, zone, known, now_us() if now is None else now)
    rows: list[RecordRows] = []
    tags: list[TagMap] = []
    for number, job in enumerate(jobs):
        share = _share(progress, number, len(jobs))
        if job.record == _SERIES:
            reader = SeriesReader(job.table, job.taking, known)
            for readings, done in reader.pieces():
                share(done)
                if readings:
                    yield Taken(readings=tuple(readings))
            tags += reader.tags()
        elif job.taking.map is not None and job.taking.map.wide is not None:
            rows += take_wide(job.table, job.taking.map.wide, job.taking, share)
        else:
            rows.append(take_rows(job.table, record(job.record), job.taking, share))
        findings += job.taking.log.findings()
    yield Taken(tuple(rows), (), _tag_rows(tags), findings)


def _share(progress: Callable[[float], None] | None, number: int, count: int) -> Callable[[float], None]:
    def tell(done: float) -> None:
        if progress is not None:
            progress((number + done) / count)

    return tell


def _jobs(
    path: Path, entry: FileMap | None, zone: str, known: Mapping[str, TagHint], now: int
) -> tuple[list[_Job], tuple[Finding, ...]]:
    """Return each table of a file with what it feeds; sheets that feed nothing are findings."""
    tables = open_tables(path, entry, known)
    jobs, left_out, why = [], FindingLog(path.name), None
    for table in tables:
        if entry is not None and entry.sheet and not fnmatchcase(table.sheet, entry.sheet):
            continue
        taking = Taking(entry, zone, now, FindingLog(table.name))
        try:
            fed = _fed(path, table, entry, known, sheets=len(tables))
        except ImportRefusedError as error:
            if len(tables) == 1:
                raise
            why = error
            left_out.add(
                "sheet-left-out",
                Severity.DOUBTFUL,
                text("the sheet {sheet} names no record, and its headers fit none", sheet=table.sheet),
                text('name the sheet after its record, or write a map with sheet = "…"'),
                column=table.sheet,
                count=1,
            )
            continue
        jobs.append(_Job(shaped(table, entry), fed, taking))
    if not jobs:
        raise why or ImportRefusedError(
            text("no sheet is named {sheet}; there are: {sheets}", sheet=entry.sheet if entry else "",
                 sheets=", ".join(table.sheet for table in tables)[:400]),
            where=path.name,
            repair=text("correct `sheet` in the map"),
        )  # fmt: skip
    return jobs, left_out.findings()


def open_tables(path: Path, entry: FileMap | None, known: Mapping[str, TagHint]) -> list[RawTable]:
    """Open a file by what its first bytes say it is.

    Raises
    ------
    ImportRefusedError
        If it is absent, damaged, or of a kind that is not read.
    """
    try:
        with open_bytes(path) as file:
            magic = file.read(4)
            if magic[:4] == _OLE:
                raise ImportRefusedError(
                    text("the file is an old Excel workbook (.xls), or one locked with a password"),
                    where=path.name,
                    repair=text("save it as .xlsx without a password, or export the sheet as CSV"),
                )
            if magic == _ZIP:
                names = _likely_headers(path, entry, known)
                with _from_start(path) as source:
                    return read_workbook(path.name, source, names=names, header=entry.header_row if entry else None)
    except (OSError, EOFError, zlib.error) as broken:
        if not path.is_file():
            raise ImportRefusedError(
                text("there is no such file"), where=path.name, repair=text("check the path and the name")
            ) from None
        raise refused(path.name, str(broken)) from None
    if magic.lstrip()[:1] == b"{":
        raise ImportRefusedError(
            text("the file is JSON, not a table"),
            where=path.name,
            repair=text("take an EPCIS document in with `forgecast epcis import`; export anything else as CSV"),
        )
    if magic == _PARQUET:
        return [read_parquet(path.name, lambda: _from_start(path))]
    return [
        read_delimited(
            path,
            names=_likely_headers(path, entry, known),
            delimiter=entry.delimiter if entry else "",
            encoding=entry.encoding if entry else "",
            header=entry.header_row if entry else None,
        )
    ]


def record_fed(path: Path, entry: FileMap | None = None) -> str:
    """Return the record a file feeds, as its map, its name or its headers say; empty where that is not plain.

    A workbook is judged by its name alone: its sheets may feed several records.
    """
    if entry is not None and entry.record:
        return entry.record
    named = record_named(path.name.split(".")[0])
    if named is not None:
        return named
    try:
        with open_bytes(path) as file:
            if file.read(4) == _ZIP:
                return ""
        (table,) = open_tables(path, entry, {})
        return _fed(path, table, entry, {}, sheets=1)
    except (ImportRefusedError, OSError, EOFError, zlib.error):
        return ""  # whatever is wrong with it is said when it is taken


def _from_start(path: Path) -> BinaryIO:
    """Open for random access; a packed file is unpacked into memory."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    if not packed:
        return path.open("rb")
    try:
        with open_bytes(path) as source:
            return BytesIO(source.read())
    except (OSError, EOFError, zlib.error) as broken:
        raise refused(path.name, str(broken)) from None


def _likely_headers(path: Path, entry: FileMap | None, known: Mapping[str, TagHint]) -> tuple[str, ...]:
    """Return headers that help to find the header row."""
    names = [*known, *TIME_NAMES, *TAG_NAMES, *VALUE_NAMES, *FLAG_NAMES]
    if entry is not None:
        names += [c.header for c in entry.columns] + [c.header for c in entry.series]
        names += [entry.time.column, *entry.ignore] + ([entry.long.tag, entry.long.value] if entry.long else [])
    named = entry.record if entry is not None and entry.record else record_named(path.name)
    chosen = [record(named)] if named else list(records().values())
    return tuple(filter(None, names)) + tuple(name for kind in chosen for name in field_names(kind))


def _fed(path: Path, table: RawTable, entry: FileMap | None, known: Mapping[str, TagHint], *, sheets: int) -> str:
    """Return the record a table feeds, or `_SERIES`."""
    if entry is not None:
        return entry.record or _SERIES
    if is_long(table.header) or is_wide(table.header, known):
        return _SERIES
    named = record_named(table.sheet) if table.sheet else None
    if named is None and sheets == 1:
        named = record_named(path.name.split(".")[0])
    if named is not None:
        return named
    scored = records_by_headers([header for header in table.header if header])
    fitting = [row for row in scored if not row[2]]
    if fitting and fitting[0][1] >= 2 and (len(fitting) == 1 or fitting[0][1] > fitting[1][1]):
        return fitting[0][0]
    near = "; ".join(
        f"{name} ({known_count}" + (f", − {', '.join(absent[:3])}" if absent else "") + ")"
        for name, known_count, absent in sorted(scored, key=lambda row: (-row[1], len(row[2])))[:3]
    )
    raise ImportRefusedError(
        text(
            "neither name nor headers say which record the file holds; the headers are: {headers}; nearest: {near}",
            headers=", ".join(h for h in table.header if h)[:400] or "—", near=near or "—",
        ),
        where=table.name,
        repair=text("name the file after its record (heat.csv, 炉次.xlsx), or write a map and give it with --map"),
    )  # fmt: skip


def _tag_rows(tags: list[TagMap]) -> tuple[RecordRows, ...]:
    if not tags:
        return ()
    once = {tag.id: tag for tag in tags}
    ordered = [once[name] for name in sorted(once)]
    columns: dict[str, list[Value]] = {"id": [tag.id for tag in ordered]}
    for name in _TAG_FIELDS:
        cells: list[Value] = [getattr(tag, name) if getattr(tag, name) != "" else None for tag in ordered]
        if any(cell is not None for cell in cells):
            columns[name] = cells
    return (RecordRows("tag", columns, np.zeros(len(ordered), np.int64)),)
