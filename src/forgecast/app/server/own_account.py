"""One's own ways in: tokens of one's programs and open sessions; every change leaves a deed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from forgecast.app.server.acting import Acting, now_us
from forgecast.app.server.refusals import NotPermittedError, NotThereError
from forgecast.app.server.visitors import Visitor
from forgecast.ground.dates import to_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.server import sessions, tokens
from forgecast.store.server.deeds import write_deed
from forgecast.store.server.rights import Right
from forgecast.store.server.sessions import Session
from forgecast.store.server.tokens import Token


def rights_to_give(visitor: Visitor, plant: str | None) -> frozenset[Right]:
    """Return the rights that a token may hold at most: his own in the plant, or anywhere."""
    if plant is not None:
        return visitor.rights(plant)
    reach = visitor.reach
    return frozenset[Right]().union(reach.server, *reach.plants.values(), *reach.enterprises.values())


def make_token(
    acting: Acting, *, name: str, rights: Iterable[Right], plant: str | None = None, until_at: datetime | None = None
) -> tuple[str, Token]:
    """Make a token with no more rights than he holds himself where it is for, and return its secret with it.

    Raises
    ------
    NotThereError, NotPermittedError, AccountError
    """
    visitor, wanted = acting.visitor, list(rights)
    if plant is not None and not visitor.rights(plant):
        raise NotThereError(plant)
    held = rights_to_give(visitor, plant)
    for right in wanted:
        if right not in held:
            raise NotPermittedError(right, plant or "")
    until_us = None if until_at is None else to_us(_moment(until_at))
    with acting.house.store.writing() as connection:
        secret, token = tokens.make_token(
            connection,
            visitor.account_id,
            name=name,
            rights=wanted,
            plant_id=plant,
            until_us=until_us,
            now_us=now_us(),
        )
        write_deed(
            connection,
            acting.doer,
            "token.make",
            f"{token.name} {token.begins_with}…",
            at_us=now_us(),
            plant_id=plant,
            enterprise_id=None if plant is None else visitor.reach.owner[plant],
        )
    return secret, token


def revoke_token(acting: Acting, token_id: int) -> None:
    """Let one of his tokens in no more.

    Raises
    ------
    UnknownError
    """
    account_id = acting.visitor.account_id
    with acting.house.store.writing() as connection:
        tokens.revoke(connection, account_id, token_id, now_us())
        write_deed(connection, acting.doer, "token.revoke", str(token_id), at_us=now_us())
    acting.house.visitors.forget(account_id)


def own_ways(acting: Acting) -> tuple[list[Session], list[Token]]:
    """Return his open sessions and his tokens."""
    visitor, limits = acting.visitor, acting.house.visitors.limits
    with acting.house.store.reading() as connection:
        opened = sessions.sessions(connection, visitor.account_id, now_us=now_us(), limits=limits)
        return opened, tokens.tokens(connection, visitor.account_id)


def close_session(acting: Acting, session: str) -> None:
    """Sign one of his browsers out.

    Raises
    ------
    UnknownError
    """
    account_id = acting.visitor.account_id
    with acting.house.store.writing() as connection:
        sessions.close_handle(connection, account_id, session)
        write_deed(connection, acting.doer, "session.close", session, at_us=now_us())
    acting.house.visitors.forget(account_id)


def _moment(given: datetime) -> datetime:
    if not 2000 <= given.year <= 9000:
        raise ForgecastError(
            text("this moment is out of reach"), where="until_at", repair=text("give a time within the next years")
        )
    return given
