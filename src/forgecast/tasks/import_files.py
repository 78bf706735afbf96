"""Take files into a plant: each wholly or not at all, and none twice."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from forgecast.gateway.file import record_fed, take_pieces
from forgecast.gateway.mapping import FileMap
from forgecast.gateway.read_map import read_map
from forgecast.gateway.series import TagHint
from forgecast.ground.errors import ForgecastError, ImportRefusedError, PlantError
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import text
from forgecast.plant.record import records
from forgecast.plant.rows import RecordRows
from forgecast.signals.reading import Readings
from forgecast.store.guard import GUARDED
from forgecast.store.importing import Import, Source
from forgecast.store.plant_folder import PlantFolder

#: What readings feed, beside the names of the records.
SERIES = "series"
#: Records whose rows are refused where the plant does not know, or forbids, what they say; each needs the one before.
_CHECKED = ("disposition", "shipment_item")
#: Shares of a file's time for hashing it and for reading it; the rest is writing.
_HASHED, _READ = 0.05, 0.8


@dataclass(frozen=True, slots=True)
class Fed:
    """What a file did to one record (or to `SERIES`): rows (or readings) that are new, changed, the same, refused."""

    name: str
    new: int
    changed: int
    same: int
    refused: int = 0


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file.

    Parameters
    ----------
    name : str
        File name without folders.
    already_in : bool
        Whether the same bytes were taken in before by the same map; then nothing was done.
    fed : tuple of Fed
        Empty where the file was refused as a whole, or is in already.
    findings : tuple of Finding
    refused : ForgecastError or None
        Why the file as a whole was refused.
    """

    name: str
    already_in: bool = False
    fed: tuple[Fed, ...] = ()
    findings: tuple[Finding, ...] = ()
    refused: ForgecastError | None = None

    def as_json(self) -> dict[str, object]:
        """Return the file's part of the JSON answer."""
        return {
            "name": self.name,
            "already_in": self.already_in,
            "refused": None if self.refused is None else self.refused.as_json()["error"],
            "fed": [
                {"name": f.name, "new": f.new, "changed": f.changed, "same": f.same, "refused": f.refused}
                for f in self.fed
            ],
            "findings": [finding.as_json() for finding in self.findings],
        }


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of the files, in the order in which they were taken."""

    files: tuple[FileReport, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return the findings of all files."""
        return tuple(finding for file in self.files for finding in file.findings)

    def as_json(self) -> dict[str, object]:
        """Return the JSON answer; `ok` is false if a file was refused."""
        return {"ok": all(file.refused is None for file in self.files), "files": [f.as_json() for f in self.files]}


class SomeRefusedError(ImportRefusedError):
    """Several files were given and some of them were refused; `report` says what became of each."""

    def __init__(self, report: ImportReport) -> None:
        refused = [(file.name, file.refused) for file in report.files if file.refused is not None]
        super().__init__(
            text(
                "{refused} of {count} files were refused; the others are in",
                refused=len(refused),
                count=len(report.files),
            ),
            repair=text("repair each as said below and import it again; what is in already is not taken twice"),
            findings=tuple(
                Finding(error.code, Severity.REFUSED, Place(error.where or name), "", error.what, error.repair)
                for name, error in refused
            ),
        )
        self.report = report


def import_files(
    plant: PlantFolder,
    paths: Sequence[Path],
    *,
    map_path: Path | None = None,
    progress: Callable[[float], None] | None = None,
    again: bool = False,
    by: str = "",
    sender: str = "",
    barred: Collection[str] = (),
) -> ImportReport:
    """Take files into a plant, each in a transaction of its own.

    A file that is refused leaves the plant as it was; the files after it are taken all the same.

    Parameters
    ----------
    plant : PlantFolder
    paths : sequence of Path
        CSV, XLSX or Parquet, packed with gzip or not. They are taken in this order, but decisions after what they are
        on, and what was shipped last: both are checked against what the plant knows by then.
    map_path : Path or None
        Map that explains headers, units and times.
    progress : callable or None
        Is told the share done of all files, 0 to 1.
    again : bool
        Whether to take a file whose bytes are in already once more (to put back what a later file has changed).
    by : str
        Who answers for it; without it the environment or the operating system says (`forgecast.store.who`).
    sender : str
        Where files come from that have no lasting place of their own: one of the same name from the same sender is its
        corrected version. Empty where their folder tells.
    barred : collection of str
        Records that whoever sends the files may not write to: a file with rows of one is refused as a whole.

    Returns
    -------
    ImportReport

    Raises
    ------
    ForgecastError
        If the map is wrong (nothing is taken), or the only file is refused.
    SomeRefusedError
        If some of several files were refused; it carries the report, and the others are in.
    PlantError
        If the plant is busy or the disk refuses; the files before are in.
    """
    chosen = _Map.read(map_path)
    paths = _in_order(paths, chosen)
    sizes = [max(_size(path), 1) for path in paths]
    reports: list[FileReport] = []
    for number, path in enumerate(paths):
        tell = _part(progress, sum(sizes[:number]) / sum(sizes), sizes[number] / sum(sizes))
        try:
            reports.append(_import_file(plant, path, chosen, tell, again=again, by=by, sender=sender, barred=barred))
        except PlantError:
            raise
        except ForgecastError as error:
            reports.append(FileReport(path.name, refused=error, findings=error.findings))
    report = ImportReport(tuple(reports))
    refused = [file.refused for file in reports if file.refused is not None]
    if refused and len(reports) == 1:
        raise refused[0]
    if refused:
        raise SomeRefusedError(report)
    return report


class _TriedError(Exception):
    """Ends the transaction of a trial, so that nothing of it stays."""


def try_file(
    plant: PlantFolder,
    path: Path,
    *,
    map_path: Path | None = None,
    progress: Callable[[float], None] | None = None,
    by: str = "",
) -> FileReport:
    """Tell what taking a file in would do, with every check of an import, and take nothing in.

    Readings of series are counted as new: whether they are there already is found only while they are written.

    Parameters
    ----------
    plant : PlantFolder
    path : Path
    map_path : Path or None
    progress : callable or None
        Is told the share done, 0 to 1.
    by : str

    Raises
    ------
    ForgecastError
        If the map is wrong.
    PlantError
        If the plant is busy.
    """
    chosen = _Map.read(map_path)
    tell = _part(progress, 0.0, 1.0)
    try:
        source, _ = _source(path, chosen, _part(progress, 0.0, _HASHED))
        if plant.imported_before(source.sha256, source.map_sha256) is not None:
            tell(1.0)
            return FileReport(path.name, already_in=True)
        fed: dict[str, tuple[int, int, int]] = {}
        with contextlib.suppress(_TriedError), plant.importing(source, by=by) as entry:
            counted = _Counted()
            fed = _take(plant, path, chosen, entry, _part(progress, _HASHED, 1 - _HASHED), counted)
            raise _TriedError
    except PlantError:
        raise
    except ForgecastError as error:
        return FileReport(path.name, refused=error, findings=error.findings)
    if counted.readings or not fed:
        fed[SERIES] = (counted.readings, 0, 0)
    tell(1.0)
    refused = [entry.counts["rows_refused"]] + [0] * (len(fed) - 1)
    made = tuple(Fed(name, *counts, n) for (name, counts), n in zip(fed.items(), refused, strict=True))
    return FileReport(path.name, fed=made, findings=tuple(entry.findings))


@dataclass(slots=True)
class _Counted:
    """How many readings were met."""

    readings: int = 0


def _in_order(paths: Sequence[Path], chosen: _Map) -> list[Path]:
    """Return the files in the order given, those last whose rows are checked against the others."""
    if len(paths) < 2:
        return list(paths)
    return sorted(paths, key=lambda path: _rank(record_fed(path, chosen.entries(path.name)[0])))


def _rank(record: str) -> int:
    return _CHECKED.index(record) + 1 if record in _CHECKED else 0


@dataclass(frozen=True, slots=True)
class _Map:
    """A map file, or none: which entries are for a file, and the hash that makes the same map known again."""

    path: Path | None
    sha256: str

    @staticmethod
    def read(path: Path | None) -> _Map:
        if path is None:
            return _Map(None, "")
        read_map(path)
        return _Map(path, hashlib.sha256(path.read_bytes()).hexdigest())

    def entries(self, name: str) -> tuple[FileMap | None, ...]:
        if self.path is None:
            return (None,)
        return read_map(self.path).for_file(name) or (None,)


def _import_file(
    plant: PlantFolder,
    path: Path,
    chosen: _Map,
    progress: Callable[[float], None],
    *,
    again: bool,
    by: str,
    sender: str,
    barred: Collection[str],
) -> FileReport:
    source, state = _source(path, chosen, _part(progress, 0.0, _HASHED), sender)
    if not again and plant.imported_before(source.sha256, source.map_sha256) is not None:
        progress(1.0)
        return FileReport(path.name, already_in=True)
    writing = _part(progress, _READ, 1 - _READ)
    with plant.importing(source, by=by, progress=writing) as entry:
        fed = _take(plant, path, chosen, entry, _part(progress, _HASHED, _READ - _HASHED))
        _bar(path, fed, barred)
        if _state(path) != state:
            raise ImportRefusedError(
                text("the file was changed while it was read"),
                where=path.name,
                repair=text("wait until the program that writes it has finished, and import it again"),
            )
    counts = entry.counts
    if SERIES in entry.fed or not fed:
        fed[SERIES] = (counts["readings_new"], counts["readings_changed"], counts["readings_same"])
    # A finding does not say which of several sheets' records it is of, so the first one carries the count.
    refused = [counts["rows_refused"]] + [0] * (len(fed) - 1)
    progress(1.0)
    made = tuple(
        Fed(name, new, changed, same, n) for (name, (new, changed, same)), n in zip(fed.items(), refused, strict=True)
    )
    return FileReport(path.name, fed=made, findings=tuple(entry.findings))


def _bar(path: Path, fed: Collection[str], barred: Collection[str]) -> None:
    for name in fed:
        if name in barred and name in records():
            raise ImportRefusedError(
                text("your role here may not write to the record {record}", record=records()[name].title),
                where=path.name,
                repair=text("have it taken in by somebody who may release, or leave those rows out"),
            )


def _take(
    plant: PlantFolder,
    path: Path,
    chosen: _Map,
    entry: Import,
    progress: Callable[[float], None],
    counted: _Counted | None = None,
) -> dict[str, tuple[int, int, int]]:
    """Put everything a file says into its open transaction; return new, changed and same rows by record."""
    known = {str(row["id"]): row.values for row in plant.records.read("tag")}
    hints = {
        name: TagHint(str(row["unit"] or ""), _number(row["low"]), _number(row["high"])) for name, row in known.items()
    }
    described, seen = set(known), set[str]()
    fed: dict[str, tuple[int, int, int]] = {}
    guarded: list[RecordRows] = []
    entries = chosen.entries(path.name)
    if chosen.path is not None and entries == (None,):
        entry.put_findings([_no_entry(path.name, chosen.path.name)])
    for number, file_map in enumerate(entries):
        tell = _part(progress, number / len(entries), 1 / len(entries))
        for piece in take_pieces(path, map=file_map, zone=plant.settings.zone, progress=tell, known_tags=hints):
            entry.put_readings(_noted(piece.readings, seen, counted))
            for rows in piece.rows:
                if rows.record in GUARDED:
                    guarded.append(rows)
                else:
                    _put(entry, rows, fed)
            for rows in piece.tags:
                # What headers and map say about tags is kept beside what the record `tag` says; it is no row of it.
                entry.put_rows(rows, only_known=True)
            for rows in (*piece.rows, *piece.tags):
                described |= _tags_of(rows)
            refused = sum(f.count for f in piece.findings if f.severity == Severity.REFUSED)
            entry.put_findings(piece.findings, rows_refused=refused)
    # Decisions and shipments rest on the other sheets of a workbook, wherever they stand in it.
    for rows in sorted(guarded, key=lambda some: GUARDED.index(some.record)):
        _put(entry, rows, fed)
    unknown = sorted(seen - described)
    if unknown:
        entry.put_findings([_undescribed(path.name, unknown)])
    return fed


def _put(entry: Import, rows: RecordRows, fed: dict[str, tuple[int, int, int]]) -> None:
    done = entry.put_rows(rows)
    new, changed, same = fed.get(rows.record, (0, 0, 0))
    fed[rows.record] = (new + done.new, changed + done.changed, same + done.same)


def _noted(readings: Sequence[Readings], seen: set[str], counted: _Counted | None) -> Iterator[Readings]:
    for reading in readings:
        seen.add(reading.tag)
        if counted is not None:
            counted.readings += len(reading)
        yield reading


def _tags_of(rows: RecordRows) -> set[str]:
    return {str(value) for value in rows.columns["id"]} if rows.record == "tag" else set()


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _undescribed(name: str, tags: Sequence[str]) -> Finding:
    shown = ", ".join(tags[:5]) + (" …" if len(tags) > 5 else "")
    return Finding(
        "undescribed-tag",
        Severity.NOTE,
        Place(name),
        shown,
        text("{count} tags are in no row of the record `tag`: {tags}", count=len(tags), tags=shown),
        text("import a tag.csv that says what each measures, in which unit, and where; until then no rule uses them"),
        len(tags),
    )


def _no_entry(name: str, map_name: str) -> Finding:
    return Finding(
        "no-map-entry",
        Severity.NOTE,
        Place(name),
        "",
        text("no entry of {map} matches the name of this file; it was read without a map", map=map_name),
        text("add an entry whose `match` fits the name, if the map is meant for it"),
    )


def _source(
    path: Path, chosen: _Map, progress: Callable[[float], None], sender: str = ""
) -> tuple[Source, tuple[int, int]]:
    digest, done = hashlib.sha256(), 0
    try:
        state = _state(path)
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
                done += len(block)
                progress(min(done / max(state[0], 1), 1.0))
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        raise ImportRefusedError(
            text("there is no such file") if missing else text("the file cannot be read: {why}", why=_why(path, error)),
            where=str(path),
            repair=text("check the path and the name; close the program that holds the file open"),
        ) from None
    place = f"{sender}:{path.name}" if sender else str(path.absolute())
    return Source(path.name, place, digest.hexdigest(), done, chosen.sha256), state


def _why(path: Path, error: OSError) -> str:
    return os.strerror(errno.EISDIR) if path.is_dir() else error.strerror or str(error)


def _state(path: Path) -> tuple[int, int]:
    state = path.stat()
    return state.st_size, state.st_mtime_ns


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _part(progress: Callable[[float], None] | None, start: float, share: float) -> Callable[[float], None]:
    def tell(done: float) -> None:
        if progress is not None:
            progress(start + share * done)

    return tell
