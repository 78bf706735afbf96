"""What a route of identity needs: declared in its description (``x-right``) and held by a dependency."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict

from forgecast.app.api.identity import house_of, visitor_of
from forgecast.app.server.house import House
from forgecast.app.server.identity import Visitor
from forgecast.app.server.refusals import NotPermittedError, NotThereError, RefusedError
from forgecast.ground.dates import from_us
from forgecast.ground.texts import text
from forgecast.store.server.deeds import Doer
from forgecast.store.server.grants import Place
from forgecast.store.server.rights import Right

#: Needs no right: about the visitor himself, or only of what he sees.
OWN = "own"

TheHouse = Annotated[House, Depends(house_of)]
TheVisitor = Annotated[Visitor, Depends(visitor_of)]


class TokenWillNotDoError(RefusedError):
    """Only a person at a browser may do this, no program with a token."""

    code = "session-needed"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            text("a token may not do this"), repair=text("sign in with a browser: it changes how somebody comes in")
        )


class Form(BaseModel):
    """What is sent; an unknown name is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def needs(right: Right | str) -> dict[str, Any]:
    """Return how a route tells in its description what it needs."""
    return {"x-right": str(right)}


def in_enterprise(right: Right) -> Callable[..., Awaitable[Visitor]]:
    """Return a dependency that holds a right over the enterprise of the address; an unseen one is not there."""

    async def check(enterprise: str, visitor: TheVisitor) -> Visitor:
        if enterprise not in visitor.reach.enterprises:
            raise NotThereError(enterprise)
        if right not in visitor.reach.at(Place(enterprise_id=enterprise)):
            raise NotPermittedError(right, enterprise)
        return visitor

    return check


def in_plant(right: Right) -> Callable[..., Awaitable[Visitor]]:
    """Return a dependency that holds a right in the plant of the address; an unseen one is not there."""

    async def check(plant: str, visitor: TheVisitor) -> Visitor:
        if not visitor.rights(plant):
            raise NotThereError(plant)
        if right not in visitor.rights(plant):
            raise NotPermittedError(right, plant)
        return visitor

    return check


def on_server(right: Right) -> Callable[..., Awaitable[Visitor]]:
    """Return a dependency that holds a right over the whole server."""

    async def check(visitor: TheVisitor) -> Visitor:
        if right not in visitor.reach.server:
            raise NotPermittedError(right)
        return visitor

    return check


async def at_browser(visitor: TheVisitor) -> Visitor:
    """Refuse a token where somebody's way in is changed: a leaked one must not make itself others.

    Raises
    ------
    TokenWillNotDoError
    """
    if visitor.token:
        raise TokenWillNotDoError
    return visitor


def doer_of(request: Request, visitor: Visitor) -> Doer:
    """Return a visitor as the one who does something."""
    address = request.client.host if request.client is not None else ""
    return Doer(visitor.name, visitor.token, address, getattr(request.state, "request_id", ""))


def now_us() -> int:
    """Return the time, microseconds UTC."""
    return time.time_ns() // 1_000


def at(moment_us: int) -> str:
    """Return an instant as ISO 8601 text in UTC."""
    return from_us(moment_us).isoformat().replace("+00:00", "Z")


def at_or_none(moment_us: int | None) -> str | None:
    """Return an instant as text, where there is one."""
    return None if moment_us is None else at(moment_us)
