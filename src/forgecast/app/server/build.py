"""The web application put together: who asks, the API, the plain pages of signing in, and the pages of plants."""

from __future__ import annotations

import json
import re
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from forgecast import __version__
from forgecast.app.api import accounts, doors, jobs, problem, uploads
from forgecast.app.api.may import TheVisitor
from forgecast.app.server import front, health, security, sign_in
from forgecast.app.server.house import House
from forgecast.app.server.identity import IdentityMiddleware

API = "/api/v1"
#: How FastAPI calls a form whose name another module has as well.
_SAME_NAME = re.compile(r"__doors__(\w+?)__(?:\w+__)?(\w+)$")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def application(house: House, *, pages: bool = True) -> FastAPI:
    """Return the web application of an open server.

    Parameters
    ----------
    house : House
    pages : bool
        Whether the pages are part of it; one process can hold the pages of one application only.
    """
    app = FastAPI(
        title="Forgecast",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=_operation,
    )
    app.state.house = house
    problem.install(app)
    # The first ones are found soonest.
    doors.add_routes(app, API)
    app.include_router(health.routes)
    app.include_router(sign_in.routes)
    app.include_router(front.routes)
    api = APIRouter(prefix=API, responses=problem.responses())
    for routes in (accounts.routes, jobs.routes, uploads.routes):
        api.include_router(routes)
    app.include_router(api)
    _describe(app)
    _nowhere(app)
    if pages:
        from forgecast.app.pages.mount import mount  # noqa: PLC0415  (NiceGUI takes a second to load)

        mount(app, house)
    # The last one added is the first to see a request.
    app.add_middleware(IdentityMiddleware, house=house)
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    security.install(app, house)
    return app


def _operation(route: APIRoute) -> str:
    """Return what a generated client calls a route."""
    return "_".join([*(str(tag) for tag in route.tags[:1]), route.name])


def described(app: FastAPI) -> dict[str, Any]:
    """Return the description of the API (OpenAPI 3.1): its own routes only, with how one says who one is."""
    told = _named(app.openapi())
    told["paths"] = {path: told["paths"][path] for path in told["paths"] if path.startswith(API)}
    schemes = {
        "token": {"type": "http", "scheme": "bearer", "description": "An API token, fgc_…"},
        "session": {"type": "apiKey", "in": "cookie", "name": "forgecast_session"},
    }
    told.setdefault("components", {})["securitySchemes"] = schemes
    told["security"] = [{name: []} for name in schemes]
    return told


def _named(told: dict[str, Any]) -> dict[str, Any]:
    """Return a description in which forms of one name bear their area before it, not the way to their module."""
    words = json.dumps(told)
    forms = told.get("components", {}).get("schemas", {})
    found = {form: _SAME_NAME.search(form) for form in forms}
    new = {form: f"{match[1].title()}{match[2]}" for form, match in found.items() if match is not None}
    for form, name in new.items():
        words = words.replace(f'"{form}"', f'"{name}"').replace(f'/schemas/{form}"', f'/schemas/{name}"')
    named: dict[str, Any] = json.loads(words)
    for name in new.values():
        named["components"]["schemas"][name]["title"] = name
    return named


def _nowhere(app: FastAPI) -> None:
    """Answer whatever no route of the API knows; the pages would answer it with a page."""
    known = list(app.router.routes)

    async def nowhere(scope: Scope, _receive: Receive, _send: Send) -> None:
        asked = {**scope, "root_path": scope.get("app_root_path", "")}
        allowed = [
            method
            for method in _METHODS
            if any(route.matches({**asked, "method": method})[0] is Match.FULL for route in known)
        ]
        if allowed:
            raise HTTPException(405, headers={"Allow": ", ".join(allowed)})
        raise HTTPException(404)

    app.mount("/api", nowhere)


def _describe(app: FastAPI) -> None:
    @app.get(f"{API}/openapi.json", include_in_schema=False)
    def description(_visitor: TheVisitor) -> Response:
        return JSONResponse(described(app))
