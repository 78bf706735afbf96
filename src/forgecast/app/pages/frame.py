"""What stands around every page: navigation, plant, language, light or dark, who is signed in."""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import quote

import anyio.to_thread
from fastapi import Request
from nicegui import app as pages
from nicegui import ui
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from forgecast.app.pages.look.icons import MARK, icon
from forgecast.app.pages.look.served import LOOK, frame_script, theme
from forgecast.app.pages.page import PAGES, Page
from forgecast.app.pages.parts.markup import Markup, joined, put, tag
from forgecast.app.pages.parts.states import error_box, tell_failures
from forgecast.app.pages.visit import Visit
from forgecast.app.server.identity import Visitor
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, Text, text
from forgecast.store.server.accounts import change_choices
from forgecast.store.server.plants import plants
from forgecast.store.server.rights import Right

#: Areas of the navigation in order, their names, and whether a line sets them off from those above.
AREAS: dict[str, tuple[Text, bool]] = {
    "home": (text("Home"), False),
    "casting": (text("Casting"), True),
    "forging": (text("Forging"), False),
    "melt": (text("Melt"), False),
    "pieces": (text("Pieces"), False),
    "quality": (text("Quality"), False),
    "live": (text("Live"), False),
    "green": (text("Green"), True),
    "rules": (text("Rules"), False),
    "standing": (text("Standing"), False),
    "data": (text("Data"), True),
    "admin": (text("Admin"), False),
}
_LOG = logging.getLogger(__name__)
_QUASAR = {"en": "en-US", "zh": "zh-CN"}
_HTML_LANG = {"en": "en", "zh": "zh-CN"}
_OTHER: dict[Language, Language] = {"en": "zh", "zh": "en"}
#: What the switch of languages says: the name of the other one, in itself.
_NAMES: dict[Language, str] = {"en": "English", "zh": "中文"}
_DARK = {"dark": True, "light": False}


@contextmanager
def framed(visit: Visit, visitor: Visitor, one: Page, _request: Request) -> Generator[None]:
    """Place the frame; what is placed in the ``with`` block stands inside it.

    Parameters
    ----------
    visit : Visit
    visitor : Visitor
    one : Page
        The page that is filled.
    _request : Request
    """
    dress(visit.language, visitor.theme, f"{visit.say(one.title)} · {visit.plant_name}", csrf=visitor.csrf)
    tell_failures(visit)
    put(tag("a", visit.say(text("Skip to content")), href="#content", class_="fc-skip"))
    with ui.element("div").classes("fc-frame"):
        put(
            tag("button", class_="fc-shade", data_fc="shade", tabindex="-1", aria_label=visit.say(text("Close menu"))),
            classes="fc-shade-place",
        )
        put(_side(visit, one), tag_name="aside", classes="fc-side").props["id"] = "menu"
        with ui.element("div").classes("fc-main"):
            with ui.element("header").classes("fc-top"):
                _top(visit, visitor)
            if visit.synthetic:
                made_up = text("Made-up plant: every record here is synthetic.")
                put(joined(visit.say(made_up)), tag_name="p", classes="fc-banner")
            with ui.element("main").classes("fc-content") as content:
                content.props["id"] = "content"
                content.props["tabindex"] = "-1"
                # NiceGUI sends a page before it is whole where one of its clocks goes; who listens to it is told.
                content.props["aria-busy"] = "true"
                try:
                    yield
                except ForgecastError as error:
                    error_box(visit, error)
                content.props.pop("aria-busy", None)


def not_there(request: Request, visitor: Visitor) -> Response:
    """Return the page of an address where nothing is, or nothing that this visitor may see: both look the same."""
    said = text("There is no such page, or you may not see it.")
    return _gate(request, visitor, 404, text("Not there"), said)


def answer_strays() -> None:
    """Let addresses where no page is, and pages that fail, be answered in our own words."""

    async def no_page(request: Request, exception: Exception) -> Response:
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        if visitor is None or request.url.path.startswith("/_nicegui"):
            return PlainTextResponse("404", status_code=404)
        del exception
        return not_there(request, visitor)

    async def failed(request: Request, exception: Exception) -> Response:
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        if visitor is None:
            raise exception
        _LOG.error("page %s failed", request.url.path, exc_info=exception)
        said = text("This page has failed; the log of the server says why. Nothing was changed.")
        return _gate(request, visitor, 500, text("Something went wrong"), said)

    pages.add_exception_handler(404, no_page)
    pages.add_exception_handler(Exception, failed)


def _gate(request: Request, visitor: Visitor, status: int, heading: Text, said: Text) -> Response:
    language = visitor.language
    card = tag(
        "div",
        tag("p", MARK, "Forgecast", class_="fc-brand"),
        tag("h1", heading.say(language)),
        tag("p", said.say(language)),
        tag("p", request.url.path, class_="fc-place"),
        tag("p", tag("a", text("To the start").say(language), href="/")),
        class_="fc-gate-card",
    )
    width = tag("meta", name="viewport", content="width=device-width, initial-scale=1")
    title = tag("title", f"{heading.say(language)} · Forgecast")
    head = tag("head", Markup('<meta charset="utf-8">'), width, title, _head(visitor.csrf))
    body = tag("body", tag("main", card, class_="fc-gate"))
    page = tag("html", head, body, lang=_HTML_LANG[language], data_wanted=visitor.theme)
    return HTMLResponse("<!doctype html>" + page, status_code=status)


def dress(language: Language, wanted: str, title: str, *, csrf: str = "") -> None:
    """Give the page that is being built its language, title and look.

    Parameters
    ----------
    language : Language
    wanted : str
        Theme: ``light``, ``dark`` or ``auto``.
    title : str
    csrf : str
        What the page's own requests send beside the cookie.
    """
    client = ui.context.client
    # The page is one for all its visitors, so what is each visitor's own is set on a copy.
    client.page = copy.copy(client.page)
    client.page.language = _QUASAR[language]  # type: ignore[assignment]
    client.page.dark = _DARK.get(wanted)
    ui.page_title(f"{title} · Forgecast")
    ui.add_head_html(f"<script>document.documentElement.dataset.wanted={json.dumps(wanted)}</script>{_head(csrf)}")


def _head(csrf: str) -> Markup:
    return joined(
        tag("link", rel="stylesheet", href=theme()[1]),
        tag("link", rel="icon", href=f"{LOOK}/mark.svg", type="image/svg+xml"),
        tag("meta", name="forgecast-csrf", content=csrf),
        tag("script", src=frame_script()[1]),
    )


def _side(visit: Visit, one: Page) -> Markup:
    rows: list[Markup] = []
    for area, (name, apart) in AREAS.items():
        listed = [page for page in PAGES if page.area == area and page.in_menu and visit.may(page.right)]
        if not listed:
            continue
        listed.sort(key=lambda page: "/" in page.path)  # the area's own page is its entry
        here = area == one.area
        first = tag(
            "a",
            icon(area),
            tag("span", visit.say(name)),
            href=visit.link(listed[0].path),
            aria_current="page" if here and one.path == listed[0].path else ("true" if here else None),
        )
        rows.append(tag("li", first, class_="apart" if apart and rows else None))
        if here and len(listed) > 1:
            rows.extend(_sub(visit, page, one) for page in listed[1:])
    return joined(
        tag("a", MARK, tag("span", "Forgecast"), href="/", class_="fc-brand"),
        tag("nav", tag("ul", *rows), class_="fc-nav", aria_label=visit.say(text("Main menu"))),
        tag("p", tag("a", visit.say(text("Change the password")), href="/password"), class_="fc-side-foot"),
    )


def _sub(visit: Visit, page: Page, one: Page) -> Markup:
    current = "page" if page.path == one.path else None
    return tag("li", tag("a", visit.say(page.title), href=visit.link(page.path), aria_current=current), class_="sub")


def _top(visit: Visit, visitor: Visitor) -> None:
    menu = text("Menu")
    put(
        tag(
            "button",
            icon("menu"),
            class_="fc-tool fc-menu-button",
            data_fc="menu",
            aria_label=visit.say(menu),
            aria_expanded="false",
            aria_controls="menu",
        )
    )
    put(_plants(visit, visitor), classes="fc-plant")
    with ui.element("div").classes("fc-top-end"):
        account = visit.say(text("My account"))
        put(
            tag(
                "a",
                icon("admin"),
                tag("span", visitor.shown_name, class_="fc-who"),
                href=visit.link("account"),
                class_="fc-tool fc-me",
                title=account,
                aria_label=f"{account}: {visitor.shown_name}",
            )
        )
        other = _OTHER[visit.language]
        switch = _tool(joined(_NAMES[other]), visit.say(text("Language")))
        switch.props["lang"] = _HTML_LANG[other]
        switch.props["aria-label"] = _NAMES[other]
        switch.on("click", lambda: _choose_language(visit, visitor, other))
        dark = _tool(icon("dark"), visit.say(text("Light or dark")))
        dark.on("click", lambda event: _choose_theme(visit, visitor, str(event.args)), js_handler=_THEME_NOW)
        leave = visit.say(text("Sign out"))
        put(
            tag(
                "form",
                tag("input", type="hidden", name="csrf", value=visitor.csrf),
                tag("button", icon("out"), tag("span", leave, class_="fc-long"), class_="fc-tool", aria_label=leave),
                method="post",
                action="/sign-out",
            )
        )


#: Tells which theme is to be shown next, judged by what is shown now.
_THEME_NOW = "() => emit(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark')"


def _tool(content: Markup, title: str) -> ui.html:
    made = put(content, tag_name="button", classes="fc-tool")
    made.props.update({"title": title, "aria-label": title, "type": "button"})
    return made


def _plants(visit: Visit, visitor: Visitor) -> Markup:
    with visit.house.store.reading() as connection:
        seen = [plant for plant in plants(connection) if Right.SEE in visitor.rights(plant.id)]
    if len(seen) < 2:
        return tag("span", visit.plant_name)
    options = [
        tag("option", plant.name, value=f"/{quote(plant.id)}/", selected=plant.id == visit.plant_id) for plant in seen
    ]
    return tag("select", *options, class_="fc-select", data_fc="plant", aria_label=visit.say(text("Plant")))


async def _choose_language(visit: Visit, visitor: Visitor, language: Language) -> None:
    await anyio.to_thread.run_sync(lambda: _keep(visit, visitor, language=language))
    ui.run_javascript(f"forgecast.keep('language', {json.dumps(language)}); location.reload()")


async def _choose_theme(visit: Visit, visitor: Visitor, wanted: str) -> None:
    if wanted not in _DARK:
        return
    await anyio.to_thread.run_sync(lambda: _keep(visit, visitor, wanted=wanted))
    ui.run_javascript(f"forgecast.keep('theme', {json.dumps(wanted)}); forgecast.theme({json.dumps(wanted)})")


def _keep(visit: Visit, visitor: Visitor, *, language: Language | None = None, wanted: str | None = None) -> None:
    with visit.house.store.writing() as connection:
        change_choices(connection, visitor.account_id, language=language, theme=wanted)
    visit.house.visitors.forget(visitor.account_id)
