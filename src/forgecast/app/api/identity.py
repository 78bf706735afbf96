"""Who sends a request, and what he may do in the plant it is about.

These are coroutines though they wait for nothing: FastAPI sends a plain function to a thread, which costs more than
what they do.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from forgecast.app.doors.asking import Asker
from forgecast.app.server.house import House
from forgecast.app.server.identity import Visitor
from forgecast.app.server.refusals import NotSignedInError, NotThereError


async def house_of(request: Request) -> House:
    """Return the open server."""
    house: House = request.app.state.house
    return house


async def visitor_of(request: Request) -> Visitor:
    """Return who sends a request.

    Raises
    ------
    NotSignedInError
    """
    visitor: Visitor | None = request.state.visitor
    if visitor is None:
        raise NotSignedInError
    return visitor


async def asker_of(
    plant: str, visitor: Annotated[Visitor, Depends(visitor_of)], house: Annotated[House, Depends(house_of)]
) -> Asker:
    """Return who asks a plant.

    Raises
    ------
    NotSignedInError
    NotThereError
        If he may not see the plant.
    """
    asker = asker_in(house, visitor, plant)
    if not asker.rights:
        raise NotThereError(plant)
    return asker


def asker_in(house: House, visitor: Visitor, plant: str) -> Asker:
    """Return a visitor as far as one plant is concerned; without rights where he may not see it."""
    rights = house.visitors.rights(visitor, plant)
    return Asker(visitor.account_id, visitor.by, visitor.language, rights)
