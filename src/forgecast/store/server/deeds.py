"""Deeds: what people did through the server, kept for whoever audits it; rows are added, never changed."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from forgecast.store.server.tables import DEED

#: No more than this at a time.
MOST = 1000
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Doer:
    """Who does something, from where.

    Parameters
    ----------
    account : str
        Name; empty where nobody is known.
    by_token : str
        Name of the token; empty for a browser.
    address : str
    request_id : str
    """

    account: str
    by_token: str = ""
    address: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was done, or refused.

    Parameters
    ----------
    id : int
        Later ones have higher ids.
    at_us : int
    doer : Doer
    enterprise_id, plant_id : str or None
        Whose matter it is; neither for one of the server.
    action, subject, outcome : str
        Such as ``account.disable``, ``wang``, ``done``.
    """

    id: int
    at_us: int
    doer: Doer
    enterprise_id: str | None
    plant_id: str | None
    action: str
    subject: str
    outcome: str


def write_deed(
    connection: Connection,
    doer: Doer,
    action: str,
    subject: str,
    *,
    at_us: int,
    outcome: str = "done",
    enterprise_id: str | None = None,
    plant_id: str | None = None,
) -> None:
    """Write down what was done, in the transaction that does it: both are kept or neither."""
    connection.execute(
        sa.insert(DEED).values(
            at_us=at_us,
            account=doer.account,
            by_token=doer.by_token,
            address=doer.address,
            enterprise_id=enterprise_id,
            plant_id=plant_id,
            action=action,
            subject=subject[:_LONGEST],
            outcome=outcome[:_LONGEST],
            request_id=doer.request_id,
        )
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deeds are looked for; what is empty narrows nothing.

    Parameters
    ----------
    account : str
        Name, as it was kept.
    action : str
        As in ``account.disable``, or the first part of it, as in ``account``.
    outcome : str
        ``done`` or ``refused``.
    """

    account: str = ""
    action: str = ""
    outcome: str = ""


def deeds_of_enterprise(
    connection: Connection,
    enterprise_id: str,
    *,
    limit: int = 100,
    before: int | None = None,
    wanted: Wanted = Wanted(),
) -> list[Deed]:
    """Return the last deeds in an enterprise and its plants, the latest first.

    Parameters
    ----------
    connection : Connection
    enterprise_id : str
    limit : int
        At most `MOST`.
    before : int or None
        Only those with an id below: the last one's of the page before.
    wanted : Wanted
    """
    return _page(connection, DEED.c.enterprise_id == enterprise_id, limit, before, wanted)


def deeds_of_plant(
    connection: Connection, plant_id: str, *, limit: int = 100, before: int | None = None, wanted: Wanted = Wanted()
) -> list[Deed]:
    """Return the last deeds in a plant, as `deeds_of_enterprise`."""
    return _page(connection, DEED.c.plant_id == plant_id, limit, before, wanted)


def deeds_of_server(
    connection: Connection, *, limit: int = 100, before: int | None = None, wanted: Wanted = Wanted()
) -> list[Deed]:
    """Return the last deeds on the whole server, as `deeds_of_enterprise`."""
    return _page(connection, sa.true(), limit, before, wanted)


def _page(
    connection: Connection, which: sa.ColumnElement[bool], limit: int, before: int | None, wanted: Wanted
) -> list[Deed]:
    asked = sa.select(DEED).where(which).order_by(DEED.c.id.desc()).limit(max(1, min(limit, MOST)))
    if before is not None:
        asked = asked.where(DEED.c.id < before)
    if wanted.account:
        asked = asked.where(DEED.c.account == wanted.account)
    if wanted.action:
        below = DEED.c.action.startswith(f"{wanted.action}.", autoescape=True)
        asked = asked.where((DEED.c.action == wanted.action) | below)
    if wanted.outcome:
        asked = asked.where(DEED.c.outcome == wanted.outcome)
    return [_deed(row) for row in connection.execute(asked)]


def _deed(row: Row[tuple[object, ...]]) -> Deed:
    return Deed(
        id=int(row.id),
        at_us=row.at_us,
        doer=Doer(row.account, row.by_token, row.address, row.request_id),
        enterprise_id=row.enterprise_id,
        plant_id=row.plant_id,
        action=row.action,
        subject=row.subject,
        outcome=row.outcome,
    )
