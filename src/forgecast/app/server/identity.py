"""Who sends a request: looked up before anything else sees it; whoever is not known comes no further."""

from __future__ import annotations

from hmac import compare_digest
from typing import Protocol

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from forgecast.app.api.problem import answer
from forgecast.app.server.access_settings import AccessSettings
from forgecast.app.server.origins import ForeignPageError, is_foreign, sign_in_way
from forgecast.app.server.rates import Buckets
from forgecast.app.server.refusals import NotSignedInError, TooManyError
from forgecast.app.server.visitors import Visitor, Visitors
from forgecast.ground.errors import ForgecastError

__all__ = ["COOKIE", "CSRF_HEADER", "IdentityMiddleware", "Visitor", "Visitors", "is_public"]

#: Name of the session's cookie.
COOKIE = "forgecast_session"
#: Header in which a page sends its session's CSRF word.
CSRF_HEADER = "x-forgecast-csrf"
API = "/api/"
#: What is answered to everybody: signing in, what its pages are drawn with, and whether the server lives.
PUBLIC = ("/sign-in", "/sign-out", "/start", "/oidc", "/assets", "/health", "/favicon.ico", "/robots.txt")
_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})
#: The line over which open pages are served; a page of another site must not open one, nor poll.
_LIVE = "/_nicegui_ws"


class Keeper(Protocol):
    """What holds the visitors (the house)."""

    visitors: Visitors
    access: AccessSettings


def is_public(path: str) -> bool:
    """Tell whether an address is answered to everybody."""
    return any(path == one or path.startswith(f"{one}/") for one in PUBLIC)


class IdentityMiddleware:
    """Puts the visitor, or None, into ``request.state.visitor``, and turns away whoever may not go on.

    Parameters
    ----------
    app : ASGIApp
    house : Keeper
    """

    def __init__(self, app: ASGIApp, house: Keeper) -> None:
        self._app = app
        self._visitors = house.visitors
        self._access = house.access
        access = house.access
        self._accounts = Buckets(access.requests_per_s, access.burst)
        self._strangers = Buckets(access.stranger_requests_per_s, access.stranger_burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        secret, is_token = _secret(scope["path"], headers)
        try:
            visitor = await self._visitor(scope, secret, is_token=is_token)
            scope.setdefault("state", {})["visitor"] = visitor
            self._check(scope, headers, visitor)
        except ForgecastError as error:
            await _refuse(scope, receive, send, answer(error))
            return
        if visitor is None and not is_public(scope["path"]):
            refusal = _to_sign_in(scope)
            await _refuse(scope, receive, send, refusal)
        elif scope["type"] == "websocket" and visitor is not None:
            line = _Line(self._visitors, secret, receive, send)
            await self._app(scope, line.receive, line.send)
        else:
            await self._app(scope, receive, send)

    async def _visitor(self, scope: Scope, secret: str, *, is_token: bool) -> Visitor | None:
        known = self._visitors.known(secret) if secret else None
        if known is None and secret:
            look = self._visitors.of_token if is_token else self._visitors.of_session
            known = await anyio.to_thread.run_sync(look, secret)
        if known is not None:
            _pay(self._accounts, f"{known.account_id} {known.token}")
            return known
        # Paid by those only who are not known: strangers at the same address keep nobody out who is signed in.
        _pay(self._strangers, (scope.get("client") or ("", 0))[0])
        if is_token:
            raise NotSignedInError
        return None

    def _check(self, scope: Scope, headers: Headers, visitor: Visitor | None) -> None:
        is_api = scope["path"].startswith(API)
        if visitor is not None and visitor.token:
            return  # no browser sends a token by itself
        if is_api and visitor is None:
            raise NotSignedInError
        method = scope.get("method", "GET")
        if scope["type"] == "http" and method in _HARMLESS and not scope["path"].startswith(_LIVE):
            return
        if is_foreign(scope, headers, self._access.public_url):
            raise ForeignPageError
        if is_api and visitor is not None and not _same(headers.get(CSRF_HEADER, ""), visitor.csrf):
            raise ForeignPageError


class _Line:
    """A web socket that is cut when its visitor's session is closed."""

    def __init__(self, visitors: Visitors, secret: str, receive: Receive, send: Send) -> None:
        self._visitors = visitors
        self._secret = secret
        self._receive = receive
        self._send = send
        self._is_cut = False

    async def receive(self) -> Message:
        """Return what the browser sent, or that it is gone."""
        message = await self._receive()
        if message["type"] == "websocket.receive" and not await self._is_open():
            await self._cut()
            return {"type": "websocket.disconnect", "code": 1008}
        return message

    async def send(self, message: Message) -> None:
        """Send on, while the session is open."""
        if self._is_cut:
            return
        if message["type"] == "websocket.send" and not await self._is_open():
            await self._cut()
            return
        await self._send(message)

    async def _is_open(self) -> bool:
        if self._visitors.known(self._secret) is not None:
            return True
        return await anyio.to_thread.run_sync(self._visitors.of_session, self._secret) is not None

    async def _cut(self) -> None:
        if not self._is_cut:
            self._is_cut = True
            await self._send({"type": "websocket.close", "code": 1008, "reason": "signed out"})


def _secret(path: str, headers: Headers) -> tuple[str, bool]:
    """Return the secret that a request carries, and whether it is a token; tokens are for the API only."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    if path.startswith(API) and kind.lower() == "bearer":
        return token.strip(), True
    return cookie_parser(headers.get("cookie", "")).get(COOKIE, ""), False


def _pay(buckets: Buckets, who: str) -> None:
    wait_s = buckets.take(who)
    if wait_s > 0:
        raise TooManyError(wait_s)


def _same(given: str, kept: str) -> bool:
    return compare_digest(given.encode("utf-8"), kept.encode("utf-8"))


def _to_sign_in(scope: Scope) -> Response:
    if scope.get("method", "GET") in _HARMLESS:
        return RedirectResponse(sign_in_way(scope["path"], scope["query_string"].decode("latin-1")), 303)
    return answer(NotSignedInError())


async def _refuse(scope: Scope, receive: Receive, send: Send, refusal: Response) -> None:
    if scope["type"] == "websocket":
        # Closed before it is accepted: the server answers 403.
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    await refusal(scope, receive, send)
