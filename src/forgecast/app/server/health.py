"""Whether the server lives and can work: asked by whoever starts it again, or sends it visitors."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from forgecast import __version__
from forgecast.app.api.identity import house_of
from forgecast.app.server.house import House
from forgecast.ground.errors import ForgecastError
from forgecast.store.server.jobs import count_of_states

routes = APIRouter(prefix="/health", tags=["health"])


class Health(BaseModel):
    """What a healthy server says."""

    ok: bool
    version: str


@routes.get("/live", response_model=Health)
async def live() -> Health:
    """Say that the process lives."""
    return Health(ok=True, version=__version__)


@routes.get("/ready", response_model=Health, responses={503: {"model": Health}})
def ready(house: Annotated[House, Depends(house_of)]) -> Response:
    """Say whether the database answers."""
    try:
        count_of_states(house.store)
    except ForgecastError:
        return JSONResponse(Health(ok=False, version=__version__).model_dump(), 503)
    return JSONResponse(Health(ok=True, version=__version__).model_dump())
