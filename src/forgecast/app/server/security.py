"""What surrounds every answer: allowed hosts, sizes, the number of the request, and headers that browsers obey."""

from __future__ import annotations

import re
import uuid

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from forgecast.app.api.problem import answer
from forgecast.app.server.access_settings import AccessSettings
from forgecast.app.server.identity import Keeper
from forgecast.app.server.origins import host_of, is_allowed_host
from forgecast.app.server.refusals import RefusedError
from forgecast.app.server.sign_in_paper import PLAIN_PAGES
from forgecast.ground.texts import text

#: NiceGUI builds its components with `eval` and inline scripts and styles; nothing comes from another host.
PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
#: The plain pages need no script at all.
PLAIN_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_HSTS = "max-age=31536000"
#: Where files are sent to; they are streamed to the disk, so they may be large.
_UPLOADS = re.compile(r"/api/v1/plants/[^/]+/uploads(/.*)?|/_nicegui/client/.*")
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_MIB = 1 << 20


class TooLargeError(RefusedError):
    """A request's body is larger than is taken."""

    code = "too-large"
    status = 413

    def __init__(self, most: int) -> None:
        super().__init__(
            text("the request is larger than {most} MiB", most=round(most / _MIB, 3)),
            repair=text("send less at a time, or ask the administrator of the server to raise the limit"),
        )


class WrongHostError(RefusedError):
    """The server is called by a name that is not its own."""

    code = "wrong-host"
    status = 421

    def __init__(self, host: str) -> None:
        super().__init__(
            text("this server is not called {host}", host=host[:80]),
            repair=text("use its own address, or add the name to access.hosts in server.toml"),
        )


def install(app: FastAPI, house: Keeper) -> None:
    """Surround an application; called last, so that it sees a request first."""
    app.add_middleware(SecurityMiddleware, access=house.access)


class SecurityMiddleware:
    """Checks host and size, numbers the request and writes the headers (see the module).

    Parameters
    ----------
    app : ASGIApp
    access : AccessSettings
    """

    def __init__(self, app: ASGIApp, access: AccessSettings) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = headers.get("x-request-id", "")
        if not _REQUEST_ID.fullmatch(request_id):
            request_id = uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        refusal = self._refusal(scope, headers)
        if scope["type"] == "websocket":
            if refusal is None:
                await self._app(scope, receive, send)
                return
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        told = _told(scope, send, request_id)
        if refusal is not None:
            await answer(refusal)(scope, receive, told)
            return
        await self._app(scope, _measured(receive, self._most(scope["path"])), told)

    def _refusal(self, scope: Scope, headers: Headers) -> RefusedError | None:
        host = host_of(headers)
        if not is_allowed_host(host, self._access.hosts):
            return WrongHostError(host)
        length = headers.get("content-length", "")
        most = self._most(scope["path"])
        return TooLargeError(most) if length.isdecimal() and int(length) > most else None

    def _most(self, path: str) -> int:
        is_upload = _UPLOADS.fullmatch(path) is not None
        return round((self._access.largest_upload_MiB if is_upload else self._access.largest_body_MiB) * _MIB)


def _measured(receive: Receive, most: int) -> Receive:
    # A body may come without its length, or longer than it said.
    received = 0

    async def measured() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise HTTPException(413, str(TooLargeError(most)))
        return message

    return measured


def _told(scope: Scope, send: Send, request_id: str) -> Send:
    path = scope["path"]

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("content-security-policy", PLAIN_POLICY if path in PLAIN_PAGES else PAGE_POLICY)
            headers["x-request-id"] = request_id
            if scope["scheme"] == "https":
                headers.setdefault("strict-transport-security", _HSTS)
            if path.startswith("/api/"):
                headers.setdefault("cache-control", "no-store")
        await send(message)

    return told
