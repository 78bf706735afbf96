"""Drafts: what somebody has typed into a form and not sent yet, so that a restart takes nothing from him."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.server.database import ServerStore
from forgecast.store.server.jobs import now_us
from forgecast.store.server.tables import DRAFT

#: A form has not more than this to say [bytes of JSON].
LARGEST_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed, as JSON, and when it was saved."""

    content: Mapping[str, Any]
    saved_us: int


def save(store: ServerStore, account_id: int, plant_id: str, form: str, content: Mapping[str, Any]) -> None:
    """Save the draft of a form in place of the one before.

    Raises
    ------
    ForgecastError
        If it is larger than a form can be.
    """
    packed = json.dumps(dict(content), ensure_ascii=False, allow_nan=False)
    if len(packed.encode("utf-8")) > LARGEST_BYTES:
        raise ForgecastError(
            text("this is too much for a form: {size} kB", size=len(packed.encode("utf-8")) // 1024),
            where=form,
            repair=text("give it as a file instead"),
        )
    with store.writing() as connection:
        insert = postgresql.insert if store.on_postgres else sqlite.insert
        values = {"content": packed, "saved_us": now_us(connection)}
        made = insert(DRAFT).values(account_id=account_id, plant_id=plant_id, form=form, **values)
        connection.execute(made.on_conflict_do_update(index_elements=["account_id", "plant_id", "form"], set_=values))


def load(store: ServerStore, account_id: int, plant_id: str, form: str) -> Draft | None:
    """Return the draft of a form, None where there is none."""
    with store.reading() as connection:
        row = connection.execute(sa.select(DRAFT.c.content, DRAFT.c.saved_us).where(_the(account_id, plant_id, form)))
        found = row.first()
    return None if found is None else Draft(json.loads(found[0]), int(found[1]))


def drop(store: ServerStore, account_id: int, plant_id: str, form: str) -> None:
    """Drop the draft of a form, after it was sent."""
    with store.writing() as connection:
        connection.execute(sa.delete(DRAFT).where(_the(account_id, plant_id, form)))


def forget_old(store: ServerStore, *, saved_before_us: int) -> int:
    """Drop drafts that nobody has touched for long; returns how many."""
    with store.writing() as connection:
        return connection.execute(sa.delete(DRAFT).where(DRAFT.c.saved_us < saved_before_us)).rowcount


def _the(account_id: int, plant_id: str, form: str) -> sa.ColumnElement[bool]:
    return sa.and_(DRAFT.c.account_id == account_id, DRAFT.c.plant_id == plant_id, DRAFT.c.form == form)
