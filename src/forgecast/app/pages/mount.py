"""Puts the declared pages under their addresses; called last, for NiceGUI answers whatever no route before it did."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from nicegui import ui
from starlette.responses import RedirectResponse, Response

from forgecast.app.api.identity import asker_in
from forgecast.app.api.may import doer_of
from forgecast.app.doors.asking import Asker
from forgecast.app.pages.built import clear_queued
from forgecast.app.pages.frame import answer_strays, framed, not_there
from forgecast.app.pages.left import LeftPages
from forgecast.app.pages.look.served import add_look
from forgecast.app.pages.page import PAGES, Page
from forgecast.app.pages.signatures import tell_signatures
from forgecast.app.pages.visit import Visit
from forgecast.app.server.acting import Acting
from forgecast.app.server.house import House
from forgecast.app.server.identity import Visitor
from forgecast.app.server.refusals import NotSignedInError
from forgecast.ground.errors import ForgecastError

#: How long a page waits for its visitor to come back after his network was gone [s].
RECONNECT_S = 45.0
#: How long a page may take to be built; on a busy machine it is late, and not refused. After a minute NiceGUI
#: forgets a page that has no line [s].
BUILT_WITHIN_S = 50.0


def mount(app: FastAPI, house: House) -> None:
    """Add all pages to an application; nothing may be added to it afterwards."""
    add_look(app)
    answer_strays()
    LeftPages().watch()
    tell_signatures()
    declare()
    for one in PAGES:
        ui.page(f"/{{plant}}/{one.path}", title="Forgecast", response_timeout=BUILT_WITHIN_S)(_opened(house, one))
    ui.run_with(app, mount_path="/", reconnect_timeout=RECONNECT_S, show_welcome_message=False, tailwind=False)


def declare() -> None:
    """Load all pages, in the order of the navigation: each declares itself (`page`)."""
    from forgecast.app.pages import home  # noqa: F401, I001, PLC0415  (in the order of the navigation)
    from forgecast.app.pages import casting  # noqa: F401, PLC0415
    from forgecast.app.pages import forging  # noqa: F401, PLC0415
    from forgecast.app.pages import melting  # noqa: F401, PLC0415
    from forgecast.app.pages import pieces  # noqa: F401, PLC0415
    from forgecast.app.pages import quality  # noqa: F401, PLC0415
    from forgecast.app.pages import live  # noqa: F401, PLC0415
    from forgecast.app.pages import green  # noqa: F401, PLC0415
    from forgecast.app.pages import rules  # noqa: F401, PLC0415
    from forgecast.app.pages import standing  # noqa: F401, PLC0415
    from forgecast.app.pages import data  # noqa: F401, PLC0415
    from forgecast.app.pages import admin  # noqa: F401, PLC0415


def _opened(house: House, one: Page) -> Callable[..., Awaitable[Response | None]]:
    async def opened(plant: str, request: Request) -> Response | None:
        visitor: Visitor | None = request.state.visitor
        if visitor is None:
            return RedirectResponse("/sign-in")
        try:
            visit = _visit(house, visitor, plant, request)
            if one.right not in visit.asker().rights:
                return not_there(request, visitor)
        except ForgecastError:
            return not_there(request, visitor)
        with framed(visit, visitor, one, request):
            await one.fill(visit)
        await clear_queued(ui.context.client)
        return None

    return opened


def _visit(house: House, visitor: Visitor, plant: str, request: Request) -> Visit:
    secret = request.cookies.get("forgecast_session", "")

    def now() -> Visitor:
        # Asked anew at every step: a session may be closed, or a role taken away, while the page is open.
        found = house.visitors.of_session(secret)
        if found is None:
            raise NotSignedInError
        return found

    def asker() -> Asker:
        return asker_in(house, now(), plant)

    def acting() -> Acting:
        found = now()
        return Acting(house, found, doer_of(request, found))

    if not asker().rights:
        raise NotSignedInError
    settings = house.plant(plant).settings
    names = {name: str(value) for name, value in request.path_params.items() if name != "plant"}
    return Visit(
        house=house,
        plant_id=plant,
        plant_name=settings.name,
        synthetic=settings.synthetic,
        zone=settings.zone,
        language=visitor.language,
        asker=asker,
        names=names,
        query=dict(request.query_params),
        acting=acting,
    )
