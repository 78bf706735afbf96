"""The plain pages: sign in and out, the first start, another password, the sign-in of another house."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, TypeVar
from urllib.parse import urlencode

import anyio
import anyio.to_thread
from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from forgecast.app.server import coming_in, oidc
from forgecast.app.server.access_settings import AccessSettings
from forgecast.app.server.house import House
from forgecast.app.server.identity import COOKIE, Visitor
from forgecast.app.server.origins import local_way
from forgecast.app.server.sign_in_paper import Field, Paper, drawn
from forgecast.app.server.start_key import fits_start_key
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, text, verbatim
from forgecast.store.server.passwords import SHORTEST

routes = APIRouter(include_in_schema=False)

LANGUAGE_COOKIE = "forgecast_language"
OIDC_COOKIE = "forgecast_oidc"
_YEAR_S = 365 * 86_400
_LIKE_A_SENTENCE = text("At least {shortest} characters; a sentence is easy to remember.", shortest=SHORTEST)
#: Passwords are looked at by few at a time, and beside the threads that answer everybody else.
_AT_THE_DOOR = anyio.CapacityLimiter(4)
_T = TypeVar("_T")

Given = Annotated[str, Form(max_length=4_000)]
Asked = Annotated[str, Query(max_length=4_000)]


@routes.get("/sign-in")
async def show_sign_in(request: Request, next: Asked = "/") -> Response:  # noqa: A002  (as the address says)
    """Show the form of signing in; whoever is signed in goes on."""
    if _visitor(request) is not None:
        return RedirectResponse(local_way(next), 303)
    return shown(request, _sign_in_paper(request, local_way(next)))


@routes.post("/sign-in")
async def sign_in(
    request: Request,
    name: Given = "",
    password: Given = "",
    next: Given = "/",  # noqa: A002  (as the field says)
) -> Response:
    """Sign in with name and password."""
    house, coming, way = _house(request), coming_of(request), local_way(next)
    try:
        secret = await _at_the_door(lambda: coming_in.sign_in(house.store, house.visitors, name, password, coming))
    except ForgecastError as error:
        return _told(request, _sign_in_paper(request, way, name=name[:64]), error)
    return _let_in(request, secret, way)


@routes.get("/sign-out")
async def show_sign_out(request: Request) -> Response:
    """Ask whether to sign out: an address alone, as in a foreign page's picture, signs nobody out."""
    visitor = _visitor(request)
    return RedirectResponse("/sign-in", 303) if visitor is None else shown(request, _sign_out_paper(visitor))


@routes.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """Close the session and go to the form of signing in."""
    house, coming, secret = _house(request), coming_of(request), request.cookies.get(COOKIE, "")
    if secret:
        await anyio.to_thread.run_sync(lambda: coming_in.sign_out(house.store, house.visitors, secret, coming))
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE, path="/")
    # What the browser has kept of pages and answers goes with it.
    answer.headers["clear-site-data"] = '"cache"'
    return answer


@routes.get("/start")
async def show_start(request: Request, key: Asked = "") -> Response:
    """Show the form of the first administrator."""
    house = _house(request)

    def fits() -> bool:
        with house.store.reading() as connection:
            return fits_start_key(connection, house.home, key)

    if await anyio.to_thread.run_sync(fits):
        return shown(request, _start_paper(key))
    return _told(request, _closed_paper(), coming_in.StartRefusedError())


@routes.post("/start")
async def start(
    request: Request, key: Given = "", name: Given = "", password: Given = "", again: Given = ""
) -> Response:
    """Make the first administrator and let him in."""
    house, coming = _house(request), coming_of(request)
    try:
        _check_again(password, again)
        secret = await _at_the_door(
            lambda: coming_in.start(
                house.store, house.visitors, house.home, key=key, name=name, password=password, coming=coming
            )
        )
    except coming_in.StartRefusedError as error:
        return _told(request, _closed_paper(), error)
    except ForgecastError as error:
        return _told(request, _start_paper(key, name=name[:64]), error)
    return _let_in(request, secret, "/")


@routes.get("/password")
async def show_password(request: Request) -> Response:
    """Show the form of another password."""
    return shown(request, _password_paper(_visitor(request)))


@routes.post("/password")
async def password(request: Request, old: Given = "", new: Given = "", again: Given = "") -> Response:
    """Change the password; every other browser has to sign in again."""
    house, coming, visitor = _house(request), coming_of(request), _visitor(request)
    if visitor is None:
        return RedirectResponse("/sign-in", 303)
    try:
        _check_again(new, again)
        secret = await _at_the_door(
            lambda: coming_in.change_password(house.store, house.visitors, visitor.name, old, new, coming)
        )
    except ForgecastError as error:
        return _told(request, _password_paper(visitor), error)
    return _let_in(request, secret, "/")


@routes.get("/oidc/sign-in")
async def oidc_sign_in(request: Request, next: Asked = "/") -> Response:  # noqa: A002  (as the address says)
    """Send the browser to the other house."""
    other = _other_house(request)
    if other is None:
        return RedirectResponse("/sign-in", 303)
    carried = oidc.new_carried(local_way(next))
    try:
        way = await other.way_there(carried, _way_back(request))
    except ForgecastError as error:
        return _told(request, _sign_in_paper(request, carried.next), error)
    answer = RedirectResponse(way, 303)
    answer.set_cookie(
        OIDC_COOKIE,
        carried.packed(),
        max_age=oidc.CARRIED_S,
        path="/oidc",
        secure=_is_secure(request),
        httponly=True,
        samesite="lax",
    )
    return answer


@routes.get("/oidc/back")
async def oidc_back(request: Request, code: Asked = "", state: Asked = "", error: Asked = "") -> Response:
    """Let in for whom the other house vouches."""
    other = _other_house(request)
    if other is None:
        return RedirectResponse("/sign-in", 303)
    house, coming, way = _house(request), coming_of(request), "/"
    try:
        carried = oidc.unpacked(request.cookies.get(OIDC_COOKIE, ""))
        way = local_way(carried.next)
        if state != carried.state:
            raise oidc.OidcError(text("this sign-in was begun in another browser, or took too long"))
        if error or not code:
            raise oidc.OidcError(text("the other house did not let you in"))
        person = await other.person(carried, code, _way_back(request))
        makes = other.settings.makes_accounts
        secret = await anyio.to_thread.run_sync(
            lambda: coming_in.sign_in_vouched(house.store, house.visitors, person, coming, makes_accounts=makes)
        )
        answer = _let_in(request, secret, way)
    except ForgecastError as refusal:
        answer = _told(request, _sign_in_paper(request, way), refusal)
    # Used once, whatever came of it.
    answer.delete_cookie(OIDC_COOKIE, path="/oidc")
    return answer


def _sign_in_paper(request: Request, way: str, *, name: str = "") -> Paper:
    other = _access(request).oidc
    kept = (("next", way),) if way != "/" else ()
    return Paper(
        address="/sign-in",
        title=text("Sign in"),
        lead=text("Your plant's records, figures and verdicts."),
        fields=(
            Field("name", text("Name"), autocomplete="username", value=name),
            Field("password", text("Password"), "password", "current-password"),
            Field("next", None, value=way),
        ),
        button=text("Sign in"),
        way_on=None
        if other is None
        else (f"/oidc/sign-in?{urlencode(kept)}", text("Sign in with {name}", name=verbatim(other.name))),
        kept=kept,
    )


def _start_paper(key: str, *, name: str = "") -> Paper:
    return Paper(
        address="/start",
        title=text("First start"),
        lead=text("Make the account of the server's administrator. This link works once."),
        fields=(
            Field("key", None, value=key),
            Field("name", text("Name"), autocomplete="username", value=name),
            Field("password", text("Password"), "password", "new-password", hint=_LIKE_A_SENTENCE),
            Field("again", text("Password once more"), "password", "new-password"),
        ),
        button=text("Make the account"),
        kept=(("key", key),),
    )


def _closed_paper() -> Paper:
    return Paper(
        address="/start",
        title=text("First start"),
        lead=text("Here the account of the server's administrator is made."),
        way_on=("/sign-in", text("Sign in")),
    )


def _sign_out_paper(visitor: Visitor) -> Paper:
    return Paper(
        address="/sign-out",
        title=text("Sign out"),
        lead=text("You are signed in as {name}.", name=verbatim(visitor.shown_name)),
        button=text("Sign out"),
        way_on=("/", text("To the start")),
    )


def _password_paper(visitor: Visitor | None) -> Paper:
    whose = visitor.shown_name if visitor is not None else ""
    return Paper(
        address="/password",
        title=text("Change the password"),
        lead=text("For {name}. Every other browser has to sign in again.", name=verbatim(whose)),
        fields=(
            Field("old", text("Password until now"), "password", "current-password"),
            Field("new", text("New password"), "password", "new-password", hint=_LIKE_A_SENTENCE),
            Field("again", text("New password once more"), "password", "new-password"),
        ),
        button=text("Change the password"),
        way_on=("/", text("To the start")),
    )


def shown(request: Request, paper: Paper, status: int = 200) -> Response:
    """Return a plain page in the visitor's language and theme; the choice of another language is kept."""
    language, visitor = _language(request), _visitor(request)
    answer = drawn(paper, language, theme=visitor.theme if visitor is not None else "auto", status=status)
    if request.query_params.get("lang") in {"en", "zh"}:
        answer.set_cookie(
            LANGUAGE_COOKIE, language, max_age=_YEAR_S, secure=_is_secure(request), httponly=True, samesite="lax"
        )
    return answer


def _told(request: Request, paper: Paper, error: ForgecastError) -> Response:
    answer = shown(request, replace(paper, told=error.what, repair=error.repair), getattr(error, "status", 422))
    wait_s = getattr(error, "wait_s", None)
    if wait_s is not None:
        answer.headers["retry-after"] = str(wait_s)
    return answer


def _let_in(request: Request, secret: str, way: str) -> Response:
    answer = RedirectResponse(way, 303)
    keep_session(answer, request, secret)
    return answer


def keep_session(answer: Response, request: Request, secret: str) -> None:
    """Let the browser keep a session's secret, where no script can read it."""
    longest_s = round(_access(request).longest_hours * 3_600)
    answer.set_cookie(
        COOKIE, secret, max_age=longest_s, path="/", secure=_is_secure(request), httponly=True, samesite="lax"
    )


async def _at_the_door(work: Callable[[], _T]) -> _T:
    return await anyio.to_thread.run_sync(work, limiter=_AT_THE_DOOR)


def _check_again(password: str, again: str) -> None:
    if password != again:
        raise ForgecastError(text("the two passwords differ"), where="again", repair=text("type them once more"))


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house


def _access(request: Request) -> AccessSettings:
    return _house(request).access


def _visitor(request: Request) -> Visitor | None:
    visitor: Visitor | None = request.state.visitor
    return visitor


def _other_house(request: Request) -> oidc.OtherHouse | None:
    settings = _access(request).oidc
    if settings is None:
        return None
    found: oidc.OtherHouse | None = getattr(request.app.state, "other_house", None)
    if found is None:
        found = request.app.state.other_house = oidc.OtherHouse(settings)
    return found


def coming_of(request: Request) -> coming_in.Coming:
    """Return from where a request comes."""
    return coming_in.Coming(
        address=request.client.host if request.client is not None else "",
        agent=request.headers.get("user-agent", ""),
        request_id=getattr(request.state, "request_id", ""),
        language=_language(request),
    )


def _language(request: Request) -> Language:
    visitor = _visitor(request)
    asked: Sequence[str] = (
        request.query_params.get("lang", ""),
        visitor.language if visitor is not None else "",
        request.cookies.get(LANGUAGE_COOKIE, ""),
    )
    for one in asked:
        if one in {"en", "zh"}:
            return "zh" if one == "zh" else "en"
    first = request.headers.get("accept-language", "").split(",")[0].strip().lower()
    return "zh" if first.startswith("zh") else "en"


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https" or _access(request).public_url.startswith("https://")


def _way_back(request: Request) -> str:
    base = _access(request).public_url or str(request.base_url).rstrip("/")
    return f"{base}/oidc/back"
