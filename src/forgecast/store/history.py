"""All versions of a row, from the audit trail: who, when, from which file, and what it held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from forgecast.ground.finding import Place, file_and_sheet
from forgecast.plant.record import record
from forgecast.plant.rows import Value
from forgecast.store.audit import OPENING
from forgecast.store.packing import packed_key, plain, unpacked_row
from forgecast.store.tables import table


@dataclass(frozen=True, slots=True)
class Version:
    """What a row held after one change.

    Parameters
    ----------
    link : int
        Number of the link in the audit trail.
    at : int
        When it was written, microseconds UTC.
    by : str
        Who answers for it.
    opening : bool
        Whether the row was there before the trail: then `at` and `by` are of its opening.
    file : str
        File (and sheet) it came from.
    row : int
        Row there; 0 for headers and maps.
    values : mapping of str to Value
        Without the fields that are not known.
    """

    link: int
    at: int
    by: str
    opening: bool
    file: str
    row: int
    values: Mapping[str, Value]

    def place(self) -> str:
        """Return ``file:row``."""
        return str(Place(self.file, self.row or None))

    def changed(self, before: Version | None) -> dict[str, tuple[Value, Value]]:
        """Return by field what it held before and what it holds, where both differ."""
        was: Mapping[str, Value] = {} if before is None else before.values
        names = dict.fromkeys((*self.values, *was))
        return {n: (was.get(n), self.values.get(n)) for n in names if was.get(n) != self.values.get(n)}


def history(connection: Connection, name: str, key: Sequence[Value]) -> tuple[Version, ...]:
    """Return the versions of a row, oldest first; empty where there is no such row.

    Parameters
    ----------
    connection : Connection
    name : str
        Record.
    key : sequence of Value
        Values of its key fields.

    Raises
    ------
    ForgecastError
        If there is no such record.
    """
    kind = record(name)
    values = tuple(plain(kind.field(field), value) for field, value in zip(kind.key, key, strict=True))
    change, link, file = table("audit_change"), table("audit_link"), table("import_file")
    query = (
        sa.select(change, link.c.at, link.c.by, link.c.what, file.c.name.label("file"))
        .join_from(change, link, change.c.link == link.c.id)
        .outerjoin(file, change.c.import_id == file.c.id)
        .where(change.c.record == name, change.c.key == packed_key(values))
        .order_by(change.c.link, change.c.number)
    )
    changes = [dict(row) for row in connection.execute(query).mappings()]
    if not changes:
        return ()
    held = [unpacked_row(after["before"])[0] for after in changes[1:]]
    t = table(name)
    same = [t.c[field] == value for field, value in zip(kind.key, values, strict=True)]
    now = connection.execute(sa.select(t).where(*same)).mappings().first()
    if now is not None:
        held.append({f.name: now[f.name] for f in kind.fields if now[f.name] is not None})
    return tuple(_version(one, values) for one, values in zip(changes, held, strict=False))


def _version(change: Mapping[str, Any], values: Mapping[str, Value]) -> Version:
    return Version(
        change["link"],
        change["at"],
        change["by"],
        change["what"] == OPENING,
        file_and_sheet(change["file"] or "?", change["sheet"]),
        change["row"],
        values,
    )
