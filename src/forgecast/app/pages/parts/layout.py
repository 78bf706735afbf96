"""How a page is divided: heading, sections, cards, columns, tabs with addresses, a bar of filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nicegui import ui
from nicegui.element import Element

from forgecast.app.pages.parts.inline import own_address
from forgecast.app.pages.parts.markup import Markup, joined, put, tag
from forgecast.app.pages.parts.words import Reader, Words, said
from forgecast.ground.texts import text


def heading(reader: Reader, title: Words, *, lead: Words = None, aside: Markup | None = None) -> None:
    """Place the page's one main heading (h1).

    Parameters
    ----------
    reader : Reader
    title : Words
    lead : Words
        One sentence below it: what the page is for.
    aside : Markup or None
        Stands at the right: a badge, a link.
    """
    first = tag("div", tag("h1", said(reader, title)), aside, class_="fc-heading-row")
    below = tag("p", said(reader, lead), class_="fc-lead") if said(reader, lead) else None
    put(joined(first, below), tag_name="header", classes="fc-heading")


def section(reader: Reader, title: Words, *, note: Words = None) -> Element:
    """Return a section with a heading (h2), to be filled with ``with``."""
    with ui.element("section").classes("fc-section") as element:
        put(
            joined(tag("h2", said(reader, title)), tag("p", said(reader, note), class_="fc-soft") if note else None),
            classes="fc-section-head",
        )
    return element


def card(
    reader: Reader,
    title: Words = None,
    *,
    note: Words = None,
    aside: Markup | None = None,
    tone: str = "",
    flush: bool = False,
) -> Element:
    """Return a card, to be filled with ``with``.

    Parameters
    ----------
    reader : Reader
    title : Words
        Its heading (h3); None for a card without one.
    note : Words
        Small sentence below the heading.
    aside : Markup or None
        Stands at the right of the heading: a badge, a link.
    tone : str
        ``good``, ``bad``, ``warn``, ``unknown`` or empty: colour of its left edge.
    flush : bool
        Whether the content fills the card to its edges, as a grid does.
    """
    classes = f"fc-card{' fc-flush' if flush else ''}{f' fc-edge tone-{tone}' if tone else ''}"
    with ui.element("div").classes(classes):
        if said(reader, title) or aside is not None:
            name = tag("h3", said(reader, title)) if said(reader, title) else None
            below = tag("p", said(reader, note), class_="fc-soft") if note else None
            head = joined(tag("div", name, below, class_="fc-card-title"), tag("div", aside, class_="fc-card-aside"))
            put(head, classes="fc-card-head")
        return ui.element("div").classes("fc-card-body")


def columns(wanted: int = 2) -> Element:
    """Return up to so many equal columns (1 on a phone), to be filled with ``with``."""
    return ui.element("div").classes(f"fc-columns fc-columns-{wanted}")


def row() -> Element:
    """Return things beside each other that wrap: buttons, fields."""
    return ui.element("div").classes("fc-row")


def fold(reader: Reader, title: Words, *, opened: bool = False) -> Element:
    """Return a part that is opened by a click, to be filled with ``with``."""
    element = ui.element("details").classes("fc-fold")
    if opened:
        element.props("open")
    with element:
        put(joined(said(reader, title)), tag_name="summary")
    return element


def paragraph(reader: Reader, words: Words, *, soft: bool = False) -> None:
    """Place a sentence."""
    put(joined(said(reader, words)), tag_name="p", classes="fc-soft" if soft else "fc-text")


def tabs(reader: Reader, choices: Mapping[str, Words], chosen: str, *, address: str = "", name: str = "tab") -> str:
    """Place tabs that are addresses (``?tab=..``), so that each can be linked to and the back button works.

    Parameters
    ----------
    reader : Reader
    choices : mapping of str to Words
        Key and name of each, in order.
    chosen : str
        Key out of the address; an unknown or empty one means the first.
    address : str
        What to keep of the address: path, or ``?a=b``; the tab is added.
    name : str
        Of the parameter.

    Returns
    -------
    str
        The key that is shown.
    """
    current = chosen if chosen in choices else next(iter(choices))
    glue = "&" if "?" in address else "?"
    links = [
        tag(
            "a",
            said(reader, words),
            href=own_address(f"{address}{glue}{name}={key}"),
            aria_current="page" if key == current else None,
        )
        for key, words in choices.items()
    ]
    bar = put(joined(*links), tag_name="nav", classes="fc-tabs")
    bar.props["aria-label"] = said(reader, text("Parts of this page"))
    return current


def filter_bar() -> Element:
    """Return the bar above a list where it is narrowed down, to be filled with fields."""
    return ui.element("div").classes("fc-filters").props("role=search")


def buttons(links: Sequence[Markup]) -> None:
    """Place links that look like buttons beside each other."""
    put(joined(*links), classes="fc-row")
