"""Where a request comes from: its host, the site of the page that sent it, and where it may be sent on to."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from forgecast.app.server.refusals import RefusedError
from forgecast.ground.texts import text

_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class ForeignPageError(RefusedError):
    """A page of another site, or one without the session's CSRF word, would change something."""

    code = "foreign-page"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            text("this request does not come from a page of this server"),
            repair=text("load the page again; a program sends a token instead of a cookie"),
        )


def host_of(headers: Headers) -> str:
    """Return the name by which the server was called, lower case, without the port."""
    return (urlsplit(f"//{headers.get('host', '')}").hostname or "").lower()


def is_allowed_host(host: str, allowed: tuple[str, ...]) -> bool:
    """Tell whether the server may be called by a name; any where none is named."""
    if not allowed:
        return True
    return any(host == one or (one.startswith("*.") and host.endswith(one[1:])) for one in allowed)


def is_foreign(scope: Scope, headers: Headers, public_url: str = "") -> bool:
    """Tell whether a page of another site sent a request; without an Origin it is no browser's page.

    Parameters
    ----------
    scope : Scope
        Of ASGI.
    headers : Headers
    public_url : str
        Address under which browsers reach the server, where that is known.
    """
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}
    own = {_site(f"{scope['scheme']}://{headers.get('host', '')}")}
    if public_url:
        own.add(_site(public_url))
    return _site(origin) not in own


def local_way(given: str) -> str:
    """Return an address of this server to go on to; the first page where what is given is none, or another site's."""
    plain = given.startswith("/") and not given.startswith(("//", "/\\"))
    if plain and given.isprintable() and "\\" not in given and not urlsplit(given).netloc:
        return given
    return "/"


def sign_in_way(path: str, query: str) -> str:
    """Return the address of signing in that leads back to where somebody wanted to go."""
    wanted = f"{path}?{query}" if query else path
    return "/sign-in" if wanted == "/" else f"/sign-in?next={quote(wanted, safe='/')}"


def _site(address: str) -> tuple[str, str, int | None] | None:
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    # Browsers send the page's scheme, and a web socket's begins with ws.
    scheme = parts.scheme.replace("ws", "http", 1)
    return (scheme, (parts.hostname or "").lower(), port) if parts.hostname else None
