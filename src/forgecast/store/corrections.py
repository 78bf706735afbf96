"""Which rows of a record were corrected, and what they said before: read from the audit trail in one go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from forgecast.plant.record import record
from forgecast.plant.rows import Value
from forgecast.store.packing import unpacked_key, unpacked_row
from forgecast.store.tables import table


@dataclass(frozen=True, slots=True)
class Corrected:
    """A row that was replaced.

    Parameters
    ----------
    key : tuple of Value
        Values of its key fields.
    at : int
        When it was replaced, microseconds UTC.
    before : mapping of str to Value
        What it held, without the fields that were not known.
    """

    key: tuple[Value, ...]
    at: int
    before: Mapping[str, Value]


def corrections(connection: Connection, name: str) -> tuple[Corrected, ...]:
    """Return the rows of a record that were replaced, oldest change first.

    Raises
    ------
    ForgecastError
        If there is no such record.
    """
    record(name)
    change, link = table("audit_change"), table("audit_link")
    query = (
        sa.select(change.c.key, link.c.at, change.c.before)
        .join_from(change, link, change.c.link == link.c.id)
        .where(change.c.record == name, change.c.before.is_not(None))
        .order_by(change.c.link, change.c.number)
    )
    return tuple(
        Corrected(unpacked_key(key), at, unpacked_row(before)[0]) for key, at, before in connection.execute(query)
    )
