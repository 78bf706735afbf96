"""The audit trail: each transaction appends a link that says who changed which rows, chained by hashes.

A new row costs only its hash: its values stand in the row itself, or in the `before` of the change that replaced it.
A link's hash covers all its changes, the series files as they are after it, and the hash of the link before it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from forgecast.plant.record import Record, records
from forgecast.plant.rows import Value
from forgecast.store.packing import packed_key, packed_row, packed_text, packed_words, row_hash
from forgecast.store.tables import table

#: What the first link is of: rows that were there before the trail, taken in as they were found.
OPENING = "opening"
#: What stands before the first link.
NO_LINK = "0" * 64
_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of the trail: its number and its hash."""

    link: int
    hash: str


@dataclass(frozen=True, slots=True)
class Changed:
    """One row as it was written.

    Parameters
    ----------
    key : tuple of Value
    import_id : int
    row : int
        Row of the file it came from; 0 for headers and maps.
    row_hash : str
        Of its values now.
    before : str or None
        What it held (`packing.packed_row`); None for a new row.
    """

    key: tuple[Value, ...]
    import_id: int
    row: int
    row_hash: str
    before: str | None = None


class Trail:
    """The link of one open transaction; `seal` appends it, right before the commit.

    Parameters
    ----------
    connection : Connection
        Of the one writer.
    by : str
        Who answers for the changes; never empty.
    what : str
        Name of the file, or what else is the occasion.
    import_id : int or None
    file_sha256 : str
        Of the file's bytes; empty where there is no file.
    """

    def __init__(
        self, connection: Connection, *, by: str, what: str, import_id: int | None = None, file_sha256: str = ""
    ) -> None:
        self._connection = connection
        self._by, self._what, self._import_id, self._file_sha256 = by, what, import_id, file_sha256
        self._before = head(connection)
        self._sha = hashlib.sha256()
        self.link = self._before.link + 1
        self.count = 0

    def add(self, record: str, sheet: str, changes: Sequence[Changed]) -> None:
        """Append changes of rows of a record that come from one sheet."""
        if not changes:
            return
        packed_sheet, lines, rows = packed_text(sheet), [], []
        for number, change in enumerate(changes, start=self.count + 1):
            key = packed_key(change.key)
            lines.append(change_line(number, record, key, packed_sheet, change))
            rows.append(
                {
                    "link": self.link,
                    "number": number,
                    "record": record,
                    "key": key,
                    "import_id": change.import_id,
                    "sheet": sheet,
                    "row": change.row,
                    "row_hash": change.row_hash,
                    "before": change.before,
                }
            )
        self.count += len(changes)
        self._sha.update("".join(lines).encode("utf-8", "surrogatepass"))
        self._connection.execute(sa.insert(table("audit_change")), rows)

    def seal(self) -> Head:
        """Append the link."""
        link = {
            "id": self.link,
            "at": time.time_ns() // 1_000,
            "by": self._by,
            "what": self._what,
            "import_id": self._import_id,
            "file_sha256": self._file_sha256,
            "changes": self.count,
            "changes_sha256": self._sha.hexdigest(),
            "series_sha256": series_digest(self._connection),
            "before": self._before.hash,
        }
        sealed = link_hash(link)
        self._connection.execute(sa.insert(table("audit_link")), [{**link, "hash": sealed}])
        return Head(self.link, sealed)


def head(connection: Connection) -> Head:
    """Return the last link; number 0 where the trail is not opened yet."""
    t = table("audit_link")
    found = connection.execute(sa.select(t.c.id, t.c.hash).order_by(t.c.id.desc()).limit(1)).first()
    return Head(0, NO_LINK) if found is None else Head(int(found[0]), str(found[1]))


def change_line(number: int, record: str, key: str, packed_sheet: str, change: Changed) -> str:
    """Return a change as the text that enters the hash of its link; two different changes never give the same."""
    was = "-" if change.before is None else change.before
    place = f"{change.import_id}\x1f{packed_sheet}\x1f{change.row}"
    return f"{number}\x1f{record}\x1f{key}\x1f{place}\x1f{change.row_hash}\x1f{was}\x1e"


def link_hash(link: Mapping[str, Any]) -> str:
    """Return the hash of a link, over all it says and the hash of the link before it."""
    told = packed_words(
        [
            link["id"],
            link["at"],
            packed_text(link["by"]),
            packed_text(link["what"]),
            "-" if link["import_id"] is None else link["import_id"],
            link["file_sha256"],
            link["changes"],
            link["changes_sha256"],
            link["series_sha256"],
            link["before"],
        ]
    )
    return hashlib.sha256(told).hexdigest()


def series_digest(connection: Connection) -> str:
    """Return the hash of the manifest: paths and SHA-256 of the files that make up the series now."""
    t = table("series_file")
    found = connection.execute(sa.select(t.c.path, t.c.sha256).where(t.c.retired_at.is_(None))).all()
    digest = hashlib.sha256()
    for path, sha256 in sorted((str(path), str(sha256)) for path, sha256 in found):
        digest.update(packed_words([packed_text(path), sha256]))
    return digest.hexdigest()


def open_trail(connection: Connection, by: str) -> None:
    """Open the trail with the rows that are there, if it is not opened yet.

    What such a row held before is not known, nor who wrote it; from here on nothing is lost.
    """
    if head(connection).link:
        return
    trail = Trail(connection, by=by, what=OPENING)
    for kind in records().values():
        _take_in(connection, trail, kind)
    trail.seal()


def _take_in(connection: Connection, trail: Trail, kind: Record) -> None:
    t = table(kind.name)
    found = connection.execute(sa.select(t).order_by(*(t.c[name] for name in kind.key))).mappings().all()
    stale = []
    by_sheet: dict[str, list[Changed]] = {}
    for row in found:
        values = {field.name: row[field.name] for field in kind.fields}
        key = tuple(values[name] for name in kind.key)
        hashed = row_hash(values)
        if hashed != row["row_hash"]:  # (hashed by an older version of the record)
            stale.append({f"key_{name}": values[name] for name in kind.key} | {"hashed": hashed})
        changed = Changed(key, row["import_id"], row["source_row"], hashed)
        by_sheet.setdefault(row["source_sheet"], []).append(changed)
    for sheet, changes in by_sheet.items():
        for low in range(0, len(changes), _CHUNK):
            trail.add(kind.name, sheet, changes[low : low + _CHUNK])
    if stale:
        same_key = [t.c[name] == sa.bindparam(f"key_{name}") for name in kind.key]
        connection.execute(sa.update(t).where(*same_key).values(row_hash=sa.bindparam("hashed")), stale)


def packed_before(kind: Record, row: Mapping[str, Any]) -> str:
    """Return what a stored row holds, as the trail keeps it when another takes its place."""
    values = {field.name: row[field.name] for field in kind.fields}
    return packed_row(values, row["import_id"], row["source_sheet"], row["source_row"])
