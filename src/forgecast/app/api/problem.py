"""The one error shape of the API, and how every exception becomes it."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from forgecast.app.doors.door import Words
from forgecast.app.server.refusals import RefusedError, TooManyError
from forgecast.ground.errors import ForgecastError, PlantError
from forgecast.ground.texts import Text, text, verbatim

_LOG = logging.getLogger("forgecast.api")
#: Statuses that any route may answer with, for the description of the API.
REFUSALS = (400, 401, 403, 404, 409, 422, 429, 500, 503)

_STATUSES = {"not-there": 404, "conflict": 409, "not-permitted": 403}


class Trouble(BaseModel):
    """What is wrong, where, and the repair."""

    code: str
    what: Words
    where: str
    repair: Words
    findings: list[dict[str, Any]]


class Problem(BaseModel):
    """An answer that is an error."""

    ok: bool
    error: Trouble


def responses() -> dict[int | str, dict[str, Any]]:
    """Return the description of the error answers, for a router.

    It names the form instead of holding it: a form of its own for each status of each route takes seconds to build.
    """
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in REFUSALS}


def status_of(error: ForgecastError) -> int:
    """Return the HTTP status of an error."""
    if isinstance(error, RefusedError):
        return error.status
    if error.code in _STATUSES:
        return _STATUSES[error.code]
    # Busy, damaged or missing: not the fault of what was sent.
    return 503 if isinstance(error, PlantError) else 422


def answer(error: ForgecastError) -> JSONResponse:
    """Return an error as an answer."""
    headers = {"Retry-After": str(max(1, round(error.wait_s)))} if isinstance(error, TooManyError) else None
    return JSONResponse(error.as_json(), status_of(error), headers=headers)


def install(app: FastAPI) -> None:
    """Let an application answer every error in the one shape."""

    @app.exception_handler(ForgecastError)
    async def ours(_request: Request, error: ForgecastError) -> Response:
        return answer(error)

    @app.exception_handler(RequestValidationError)
    async def unfit(_request: Request, error: RequestValidationError) -> Response:
        return answer(_unfit(error))

    @app.exception_handler(HTTPException)
    async def plain(request: Request, error: HTTPException) -> Response:
        made = answer(_plain(request, error))
        made.headers.update(error.headers or {})
        made.status_code = error.status_code
        return made

    @app.exception_handler(Exception)
    async def defect(request: Request, error: Exception) -> Response:
        request_id = getattr(request.state, "request_id", "")
        _LOG.error("a defect at %s (request %s)", request.url.path, request_id, exc_info=error)
        return JSONResponse(_defect(request_id).as_json(), 500)


def _unfit(error: RequestValidationError) -> ForgecastError:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    told = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()]
    return ForgecastError(
        text("the request does not fit: {message}", message="; ".join(told[:5])),
        where=place,
        repair=text("see the form of this request in the description of the API"),
    )


def _plain(request: Request, error: HTTPException) -> ForgecastError:
    what: Text = text("there is nothing at this address")
    repair = text("check the address and the method")
    if error.status_code == 405:
        what = text("this address does not know the method {method}", method=request.method)
    elif error.status_code != 404:
        what = verbatim(str(error.detail))
    return ForgecastError(what, where=request.url.path, repair=repair)


def _defect(request_id: str) -> ForgecastError:
    made = ForgecastError(
        text("this is a defect of Forgecast, not of your data; nothing was changed by it"),
        where=request_id,
        repair=text("report it with the number shown here; the server's log has the rest"),
    )
    made.code = "defect"
    return made
