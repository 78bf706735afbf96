"""Measures every request, answers whoever may ask for the figures of the server, and writes a line where that is on."""

from __future__ import annotations

import time
from hmac import compare_digest
from ipaddress import ip_address

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from forgecast.app.server.build import API
from forgecast.app.server.house import House
from forgecast.app.server.log_lines import ACCESS_LOG
from forgecast.app.server.metrics import Metrics

PATH = "/metrics"
#: Headers by which a proxy says for whom it asks; what comes through one is not of this machine.
_PASSED_ON = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
_NONE = "other"


class Measured:
    """Surrounds the whole application.

    Parameters
    ----------
    app : ASGIApp
    house : House
    """

    def __init__(self, app: ASGIApp, house: House) -> None:
        self._app = app
        self._token = house.running.metrics_token
        self._metrics = Metrics(house)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, and measure it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"] == PATH:
            await (await self._figures(scope))(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, told)
        finally:
            seconds = time.perf_counter() - begun
            route = _route(scope)
            self._metrics.asked(scope["method"], route, status, seconds)
            if ACCESS_LOG.isEnabledFor(20):
                _write(scope, route, status, seconds)

    async def _figures(self, scope: Scope) -> PlainTextResponse:
        if not may_read(scope, self._token):
            return PlainTextResponse("not for you\n", 403)
        told = await anyio.to_thread.run_sync(self._metrics.told)
        return PlainTextResponse(told, media_type="text/plain; version=0.0.4; charset=utf-8")


def may_read(scope: Scope, token: str) -> bool:
    """Tell whether a request may read the figures: it carries the token, or comes from this machine and no proxy."""
    headers = Headers(scope=scope)
    kind, _, given = headers.get("authorization", "").partition(" ")
    if token and kind.lower() == "bearer" and compare_digest(given.strip().encode(), token.encode()):
        return True
    if any(name in headers for name in _PASSED_ON):
        return False
    try:
        return ip_address((scope.get("client") or ("", 0))[0]).is_loopback
    except ValueError:
        return False


def _route(scope: Scope) -> str:
    """Return the template of the address, which holds no name of a plant or person."""
    path = getattr(scope.get("route"), "path", None)
    if isinstance(path, str) and path.startswith("/"):
        # A route of a router within a router knows the end of its address only.
        inner = scope["path"].startswith(f"{API}/") and not path.startswith(API)
        return f"{API}{path}" if inner else path
    return next((f"/{first}" for first in ("_nicegui", "assets") if scope["path"].startswith(f"/{first}/")), _NONE)


def _write(scope: Scope, route: str, status: int, seconds: float) -> None:
    state = scope.get("state", {})
    visitor = state.get("visitor")
    ms = round(1_000 * seconds, 1)
    told = {
        "request_id": state.get("request_id", ""),
        "method": scope["method"],
        "route": route,
        "status": status,
        "ms": ms,
        "account_id": None if visitor is None else visitor.account_id,
    }
    ACCESS_LOG.info("%s %s %s %s ms %s", scope["method"], route, status, ms, told["request_id"], extra=told)
