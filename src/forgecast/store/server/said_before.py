"""Requests that named themselves (idempotency keys), so that sending one again changes nothing twice.

What is guaranteed: under one key a request is begun at most once. Its row is on the disk before anything changes. The
answer is entered after the change was committed, which is in another database; where the server dies between the two
(or within the change), nobody can know from here whether the change was made. It is never tried again by itself then:
asking again says that the outcome is not known, and what the plant's trail holds since. Only a request of which nothing
can have been committed (it was refused as a whole) is forgotten, so that it may be tried again under its key.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from forgecast.store.server.database import ServerStore
from forgecast.store.server.jobs import now_us
from forgecast.store.server.presence import is_gone
from forgecast.store.server.tables import SAID_BEFORE


class Standing(StrEnum):
    """How a request stands under its key."""

    #: Nobody has used the key: carry the request out, then `answered` or `forget`.
    NEW = "new"
    #: It was carried out; its answer is at hand.
    ANSWERED = "answered"
    #: The key was used for another request.
    OTHER = "other"
    #: A process is at it.
    IN_FLIGHT = "in flight"
    #: The process that was at it has ended without an answer, or failed half way.
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Said:
    """What is known of a request.

    Parameters
    ----------
    standing : Standing
    status : int or None
        HTTP status of the answer, where it was answered.
    body : str or None
        JSON of the answer.
    mark : str
        What `begin` was told when the request was begun.
    begun_us : int
    """

    standing: Standing
    status: int | None
    body: str | None
    mark: str
    begun_us: int


def begin(
    store: ServerStore, home: Path, *, account_id: int, key: str, request_hash: str, presence: str, mark: str = ""
) -> Said:
    """Begin a request under its key, if nobody has.

    Parameters
    ----------
    store : ServerStore
    home : Path
    account_id : int
        Keys of one account do not meet those of another.
    key : str
    request_hash : str
        Equal for equal requests.
    presence : str
        Name of this process (`Presence`).
    mark : str
        Where the plant's trail stood before; it is told again where the outcome is not known.
    """
    with store.writing() as connection:
        now = now_us(connection)
        insert = postgresql.insert if store.on_postgres else sqlite.insert
        new = insert(SAID_BEFORE).values(
            account_id=account_id,
            request_key=key,
            request_hash=request_hash,
            body=json.dumps({"presence": presence, "mark": mark}),
            at_us=now,
        )
        # Not by the count of rows: the driver of PostgreSQL does not tell it here.
        if connection.execute(new.on_conflict_do_nothing().returning(SAID_BEFORE.c.at_us)).first() is not None:
            return Said(Standing.NEW, None, None, mark, now)
        row = connection.execute(sa.select(SAID_BEFORE).where(_the(account_id, key))).mappings().first()
    if row is None:  # forgotten this very moment; whoever asks again finds it free
        return Said(Standing.IN_FLIGHT, None, None, mark, now)
    if row["request_hash"] != request_hash:
        return Said(Standing.OTHER, None, None, "", row["at_us"])
    if row["status"] is not None:
        return Said(Standing.ANSWERED, row["status"], row["body"], "", row["at_us"])
    told = json.loads(row["body"])
    lost = not told["presence"] or is_gone(home, told["presence"])
    return Said(Standing.NOT_KNOWN if lost else Standing.IN_FLIGHT, None, None, told["mark"], row["at_us"])


def answered(store: ServerStore, account_id: int, key: str, *, status: int, body: str) -> None:
    """Enter the answer of a request that was carried out."""
    with store.writing() as connection:
        connection.execute(sa.update(SAID_BEFORE).where(_the(account_id, key)).values(status=status, body=body))


def lost(store: ServerStore, account_id: int, key: str, *, mark: str) -> None:
    """Enter that a request failed in a way that leaves open whether it changed anything."""
    with store.writing() as connection:
        body = json.dumps({"presence": "", "mark": mark})
        connection.execute(sa.update(SAID_BEFORE).where(_the(account_id, key)).values(body=body))


def forget(store: ServerStore, account_id: int, key: str) -> None:
    """Free the key of a request that was refused as a whole: nothing was changed."""
    with store.writing() as connection:
        connection.execute(sa.delete(SAID_BEFORE).where(_the(account_id, key), SAID_BEFORE.c.status.is_(None)))


def forget_old(store: ServerStore, *, before_us: int) -> int:
    """Delete what was said long ago; returns how much."""
    with store.writing() as connection:
        return connection.execute(sa.delete(SAID_BEFORE).where(SAID_BEFORE.c.at_us < before_us)).rowcount


def _the(account_id: int, key: str) -> sa.ColumnElement[bool]:
    return sa.and_(SAID_BEFORE.c.account_id == account_id, SAID_BEFORE.c.request_key == key)
