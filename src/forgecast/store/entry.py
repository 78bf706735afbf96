"""Entries without a file: rows that a person or a program gives directly, all of them in one transaction or none."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import text
from forgecast.plant.record import record
from forgecast.plant.rows import RecordRows
from forgecast.store.audit import Head, Trail, head, open_trail
from forgecast.store.database import writing
from forgecast.store.guard import shaken, sift
from forgecast.store.records import insert_findings
from forgecast.store.tables import COUNTS, table
from forgecast.store.upsert import Key, Upsert, keys_of, put_rows, rows_there

#: What the trail calls an entry, and how the entries of a person are called among the files.
ENTRY = "entry"


class EntryRefusedError(ForgecastError):
    """An entry cannot be taken in; nothing of it was."""

    code = "entry-refused"

    def __init__(self, findings: Sequence[Finding]) -> None:
        first = findings[0]
        all_of_them = tuple(findings) if len(findings) > 1 else ()
        super().__init__(first.reason, where=str(first.place), repair=first.repair, findings=all_of_them)


class Entry:
    """The open transaction of an entry; made by `PlantFolder.entering`.

    Attributes
    ----------
    findings : list of Finding
        What is doubtful; anything that is refused raises.
    head : Head
        Last link of the audit trail; after the block, that of this entry.
    """

    def __init__(self, connection: Connection, *, by: str) -> None:
        self.findings: list[Finding] = []
        self._connection = connection
        self._name = f"{ENTRY}:{by}"
        open_trail(connection, by)
        self.head: Head = head(connection)
        self._id = self._file()
        self._trail = Trail(connection, by=by, what=ENTRY, import_id=self._id)
        self._touched: dict[str, tuple[list[Key], list[Key]]] = {}

    def put_rows(self, rows: RecordRows) -> Upsert:
        """Put rows of a record in; a field for which there is no column keeps its value.

        Raises
        ------
        EntryRefusedError
            If a new row lacks what its record needs, or a decision or a shipment is impossible.
        """
        rows = replace(rows, sheet="", row_numbers=np.zeros(len(rows), dtype=np.int64))
        refused = _lacking(self._connection, rows) or sift(self._connection, rows.record, rows).findings
        if refused:
            raise EntryRefusedError(refused)
        # In place of a row of a file, the link of the trail says where it comes from.
        rows = replace(rows, row_numbers=np.full(len(rows), self._trail.link, dtype=np.int64))
        done = put_rows(self._connection, self._trail, self._id, self._name, rows)
        new, changed = self._touched.setdefault(rows.record, ([], []))
        new += done.new_keys
        changed += done.changed_keys
        self.findings += [finding for finding in done.findings if finding.severity is not Severity.NOTE]
        self._count(rows.record, done)
        return done

    def finish(self) -> bool:
        """Append the link of the trail; return False if nothing was changed, so that nothing is to be kept."""
        if self._trail.count == 0:
            return False
        found = shaken(self._connection, self._name, self._touched)
        insert_findings(self._connection, self._id, found)
        self.findings += found
        self.head = self._trail.seal()
        return True

    def _file(self) -> int:
        """Return the number under which all entries of this person are listed among the files."""
        t = table("import_file")
        found = self._connection.execute(sa.select(t.c.id).where(t.c.path == self._name, t.c.sha256 == "")).scalar()
        if found is not None:
            return int(found)
        row: dict[str, Any] = dict.fromkeys(COUNTS, 0)
        row |= {"name": self._name, "path": self._name, "sha256": "", "map_sha256": "", "bytes": 0, "fed": ""}
        row["imported_at"] = time.time_ns() // 1_000
        made = self._connection.execute(sa.insert(t).values(row)).inserted_primary_key
        assert made is not None  # noqa: S101  (one row with a counter was inserted)
        return int(made[0])

    def _count(self, name: str, done: Upsert) -> None:
        t = table("import_file")
        fed = self._connection.execute(sa.select(t.c.fed).where(t.c.id == self._id)).scalar_one()
        told = dict.fromkeys((*filter(None, fed.split(",")), name))
        self._connection.execute(
            sa.update(t)
            .where(t.c.id == self._id)
            .values(
                fed=",".join(told),
                imported_at=time.time_ns() // 1_000,
                rows_new=t.c.rows_new + done.new,
                rows_changed=t.c.rows_changed + done.changed,
                rows_same=t.c.rows_same + done.same,
            )
        )


@contextmanager
def entering(database: Engine, folder: Path, *, by: str) -> Iterator[Entry]:
    """Open the transaction of an entry; it is committed when the block ends without an error.

    An entry that says only what is recorded already leaves no trace.
    """
    with writing(database, str(folder), by=by, what=ENTRY) as connection:
        entry = Entry(connection, by=by)
        yield entry
        if not entry.finish():
            connection.rollback()


def _lacking(connection: Connection, rows: RecordRows) -> list[Finding]:
    """Return a finding for each required field that a new row would not have, or a stored one would lose."""
    kind = record(rows.record)
    required = [field for field in kind.fields if field.required and not field.key]
    keys = keys_of(kind, rows)
    there = rows_there(connection, kind, keys)
    found = []
    for index, key in enumerate(keys):
        for field in required:
            column = rows.columns.get(field.name)
            value = None if column is None else column[index]
            if value is None and (column is not None or key not in there):
                found.append(
                    Finding(
                        "missing-required",
                        Severity.REFUSED,
                        Place(rows.record, column=field.name),
                        ", ".join(map(str, key)),
                        text("`{field}` of {record} is needed and is not given", field=field.name, record=kind.title),
                        text("give it as {field}=…", field=field.name),
                    )
                )
    return found
