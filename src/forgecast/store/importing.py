"""One file's import as one transaction: rows, readings and findings are all in, or none of them is."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from forgecast.ground.dates import from_us
from forgecast.ground.errors import ImportRefusedError
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import text
from forgecast.plant.rows import RecordRows
from forgecast.signals.reading import Readings
from forgecast.store.audit import Trail, open_trail
from forgecast.store.database import writing
from forgecast.store.guard import REFUSED_MOVE, shaken, sift
from forgecast.store.manifest import list_files, live_files, retire_files, sweep
from forgecast.store.records import insert_findings
from forgecast.store.series_files import SeriesChange, SeriesWriter
from forgecast.store.spool import ROWS_IN_MEMORY
from forgecast.store.tables import COUNTS, table
from forgecast.store.upsert import Key, Upsert, put_rows


@dataclass(frozen=True, slots=True)
class Source:
    """The file an import is of.

    Parameters
    ----------
    name : str
        File name without folders.
    path : str
        Where it was, so that its corrected version is known to be the same file.
    sha256 : str
        Of its bytes.
    bytes : int
    map_sha256 : str
        Of the text of the map it is read with; empty where there is none.
    """

    name: str
    path: str
    sha256: str
    bytes: int
    map_sha256: str = ""


class Import:
    """The open transaction of one file; made by `PlantFolder.importing`."""

    def __init__(
        self, connection: Connection, folder: Path, source: Source, *, by: str, zone: str, rows_in_memory: int
    ) -> None:
        self.source = source
        self.counts = dict.fromkeys(COUNTS, 0)
        self.findings: list[Finding] = []
        self.fed: dict[str, None] = {}
        self._connection = connection
        self._zone = zone
        self._met: Counter[int] = Counter()
        self._touched: dict[str, tuple[list[Key], list[Key]]] = {}
        now = time.time_ns() // 1_000
        sweep(connection, folder, now)
        open_trail(connection, by)
        self.id = self._begin(now)
        self._trail = Trail(connection, by=by, what=source.name, import_id=self.id, file_sha256=source.sha256)
        self._now = now
        self._writer = SeriesWriter(folder, f"{self.id:06d}-{now}", live_files(connection), rows_in_memory)
        self._has_readings = False

    def put_rows(self, rows: RecordRows, *, only_known: bool = False) -> Upsert:
        """Put rows of a record in; with `only_known` an empty cell says nothing, as a column that is absent.

        Decisions and shipments that are impossible by what is recorded so far stay out (`forgecast.store.guard`): give
        them after everything they rest on.
        """
        sifted = sift(self._connection, self.source.name, rows)
        rows = sifted.rows
        done = put_rows(self._connection, self._trail, self.id, self.source.name, rows, only_known=only_known)
        done.refused, done.findings = sifted.refused, sifted.findings + done.findings
        self.fed[rows.record] = None
        new, changed = self._touched.setdefault(rows.record, ([], []))
        new += done.new_keys
        changed += done.changed_keys
        self.counts["rows_refused"] += done.refused
        self.counts["rows_new"] += done.new
        self.counts["rows_changed"] += done.changed
        self.counts["rows_same"] += done.same
        self._met += done.met
        self.findings += done.findings
        return done

    def put_readings(self, pieces: Iterable[Readings]) -> None:
        """Put readings in, piece by piece; each piece ascending in time, the pieces in any order.

        Raises
        ------
        ImportRefusedError
            If a reading lies before 1970.
        """
        for piece in pieces:
            if len(piece) == 0:
                continue
            if int(piece.t[0]) < 0:
                raise ImportRefusedError(
                    text("the tag {tag} has readings from before 1970", tag=piece.tag),
                    where=self.source.name,
                    repair=text("check the clock of the recorder and the date column, or leave these rows out"),
                )
            self._has_readings = True
            self._writer.add(piece)

    def put_findings(self, findings: Sequence[Finding], *, rows_refused: int = 0) -> None:
        """Keep findings, and how many rows were refused."""
        self.findings += findings
        self.counts["rows_refused"] += rows_refused

    def finish(self, progress: Callable[[float], None]) -> None:
        """Write the series files and all that the transaction is to hold; the commit comes right after."""
        change = self._writer.seal(progress)
        if self._has_readings:
            self.fed["series"] = None
        self.counts["readings_new"] += change.new
        self.counts["readings_changed"] += change.changed
        self.counts["readings_same"] += change.same
        list_files(self._connection, self.id, change.files)
        retire_files(self._connection, change.retired, self._now)
        self.findings += series_findings(self.source.name, change, self._zone)
        self.findings += shaken(self._connection, self.source.name, self._touched)
        insert_findings(self._connection, self.id, self.findings)
        t = table("import_file")
        told = {"fed": ",".join(self.fed), **self.counts}
        self._connection.execute(sa.update(t).where(t.c.id == self.id).values(told))
        self._supersede()
        self._trail.seal()

    def abandon(self) -> None:
        """Remove the files written so far."""
        self._writer.abandon()

    def _begin(self, now: int) -> int:
        source = self.source
        row = {
            "name": source.name,
            "path": source.path,
            "sha256": source.sha256,
            "bytes": source.bytes,
            "map_sha256": source.map_sha256,
            "imported_at": now,
            "fed": "",
            **self.counts,
        }
        made = self._connection.execute(sa.insert(table("import_file")).values(row)).inserted_primary_key
        assert made is not None  # noqa: S101  (one row with a counter was inserted)
        return int(made[0])

    def _supersede(self) -> None:
        """Mark earlier imports of this path that this one covers: their findings are settled or said again."""
        t = table("import_file")
        same_path = sa.select(t).where(t.c.path == self.source.path, t.c.id < self.id, t.c.superseded_by.is_(None))
        for old in self._connection.execute(same_path).mappings().all():
            if self._covers(old):
                self._connection.execute(sa.update(t).where(t.c.id == old["id"]).values(superseded_by=self.id))

    def _covers(self, old: sa.RowMapping) -> bool:
        if old["sha256"] == self.source.sha256:
            return True
        # A row that this file changed carries this import's id by now; so it is counted by what was met.
        remaining = old["rows_new"] + old["rows_changed"] - self._met[old["id"]]
        given = old["readings_new"] + old["readings_changed"] + old["readings_same"]
        again = self.counts["readings_same"] + self.counts["readings_changed"]
        return bool(remaining <= 0 and again >= given)


@contextmanager
def importing(
    database: Engine,
    folder: Path,
    source: Source,
    *,
    by: str,
    zone: str,
    progress: Callable[[float], None] = lambda _share: None,
    rows_in_memory: int = ROWS_IN_MEMORY,
) -> Iterator[Import]:
    """Open the transaction of one file's import; it is committed when the block ends without an error.

    The order is what makes it safe: Parquet parts are written and forced to the disk, given their names, their
    folders forced; then one database transaction lists them together with rows and findings. Its commit is the moment
    at which the file is in. Before it, nothing refers to the new files; after it, everything they need is on the disk.
    """
    with writing(database, str(folder), by=by, what=source.name) as connection:
        entry = Import(connection, folder, source, by=by, zone=zone, rows_in_memory=rows_in_memory)
        try:
            yield entry
            entry.finish(progress)
        except BaseException:
            entry.abandon()
            raise


def imported_before(connection: Connection, sha256: str, map_sha256: str) -> int | None:
    """Return the import that took in the same bytes by the same map, if there is one.

    One of which moves were refused does not count: once what they lack is recorded, the same file is to be given
    again.
    """
    t, finding = table("import_file"), table("finding")
    refused = sa.select(finding.c.id).where(finding.c.import_id == t.c.id, finding.c.code == REFUSED_MOVE).exists()
    query = sa.select(sa.func.max(t.c.id)).where(t.c.sha256 == sha256, t.c.map_sha256 == map_sha256, ~refused)
    found = connection.execute(query).scalar_one()
    return None if found is None else int(found)


def series_findings(file: str, change: SeriesChange, zone: str) -> list[Finding]:
    """Return what was there already, and what took the place of another value."""
    found = []
    if change.same:
        found.append(
            Finding(
                "repeated-reading",
                Severity.NOTE,
                Place(file),
                "",
                text("{count} readings were there already with the same value; they are kept once", count=change.same),
                text("nothing to do"),
                change.same,
            )
        )
    for tag, (count, first) in sorted(change.changed_tags.items()):
        found.append(
            Finding(
                "conflicting-reading",
                Severity.DOUBTFUL,
                Place(file, column=tag),
                from_us(first, zone).isoformat(),
                text(
                    "{tag}: {count} instants had another value before; the one that came last is kept",
                    tag=tag,
                    count=count,
                ),
                text("find out which source is right, and import that file last"),
                count,
            )
        )
    return found
