"""Figures beside their names: a row of key figures, a list of facts, a small table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from forgecast.app.pages.parts.inline import link, number
from forgecast.app.pages.parts.markup import Content, Markup, joined, put, tag
from forgecast.app.pages.parts.words import Reader, Words, said
from forgecast.app.report.numbers import pretty_unit
from forgecast.ground.texts import text


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One of the figures at the top of a page.

    Parameters
    ----------
    name : Words
    value : float, Markup, str or None
        None is shown as a dash.
    unit : str
    note : Words
        What it is compared with, or why it is not known.
    tone : str
        ``good``, ``bad``, ``warn``, ``unknown`` or empty.
    trend : float or None
        Change against the time before, in the same unit; shown with an arrow.
    better : str
        ``up`` or ``down``: which way is good; empty where neither is.
    why : str
        Address of what it rests on; the name becomes a link.
    """

    name: Words
    value: float | Markup | str | None
    unit: str = ""
    note: Words = None
    tone: str = ""
    trend: float | None = None
    better: str = ""
    why: str = ""


def key_figures(reader: Reader, figures: Sequence[KeyFigure]) -> None:
    """Place a row of key figures."""
    put(joined(*(_key_figure(reader, figure) for figure in figures)), tag_name="dl", classes="fc-keys")


def facts(reader: Reader, pairs: Iterable[tuple[Words, Content]], *, wide: bool = False) -> None:
    """Place a list of names and values.

    Parameters
    ----------
    reader : Reader
    pairs : iterable of (Words, Markup or str or number or None)
        None is shown as a dash.
    wide : bool
        Whether each pair takes a line of its own, for long values.
    """
    put(facts_markup(reader, pairs), tag_name="dl", classes="fc-facts fc-wide" if wide else "fc-facts")


def facts_markup(reader: Reader, pairs: Iterable[tuple[Words, Content]]) -> Markup:
    """Return the inside of a list of names and values."""
    rows = (
        tag("div", tag("dt", said(reader, name)), tag("dd", "—" if value is None or value == "" else value))
        for name, value in pairs
    )
    return joined(*rows)


@dataclass(frozen=True, slots=True)
class Heading:
    """Heading of a column.

    Parameters
    ----------
    name : Words
    unit : str
    numeric : bool
        Whether it is set to the right.
    """

    name: Words
    unit: str = ""
    numeric: bool = False


def table(
    reader: Reader,
    headings: Sequence[Heading | Words],
    rows: Iterable[Sequence[Content]],
    *,
    caption: Words = None,
    empty: Words = None,
) -> None:
    """Place a table of up to a few hundred rows; for more, use `grid`.

    Parameters
    ----------
    reader : Reader
    headings : sequence of Heading or Words
    rows : iterable of sequence of Markup, str, number or None
        None is shown as a dash.
    caption : Words
        What the table shows; for those who cannot see its surroundings.
    empty : Words
        Said instead where there are no rows.
    """
    columns = [h if isinstance(h, Heading) else Heading(h) for h in headings]
    names = [said(reader, column.name) for column in columns]
    body = [
        tag("tr", *(_cell(column, name, cell) for column, name, cell in zip(columns, names, row, strict=True)))
        for row in rows
    ]
    if not body:
        put(joined(said(reader, empty or text("Nothing here yet."))), tag_name="p", classes="fc-nothing")
        return
    head = tag("tr", *(_head(column, name) for column, name in zip(columns, names, strict=True)))
    title = tag("caption", said(reader, caption), class_="fc-unseen") if caption else None
    whole = tag("table", title, tag("thead", head), tag("tbody", *body), class_="fc-table")
    put(whole, classes="fc-scroll").props["tabindex"] = "0"


def _head(column: Heading, name: str) -> Markup:
    return tag("th", name, _unit(column.unit), scope="col", class_="fc-right" if column.numeric else None)


def _cell(column: Heading, name: str, cell: Content) -> Markup:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        cell = number(cell)
    content = "—" if cell is None or cell == "" else cell
    # In one element: on a phone a cell is a grid of name and content, and lines of content belong together.
    return tag("td", tag("div", content), data_label=name, class_="fc-right" if column.numeric else None)


def _key_figure(reader: Reader, figure: KeyFigure) -> Markup:
    name: Content = said(reader, figure.name)
    if figure.why:
        name = link(reader, figure.name, figure.why)
    value = figure.value
    shown: Content = joined(value, _unit(figure.unit)) if isinstance(value, str) else number(value, figure.unit)
    note = tag("dd", said(reader, figure.note), class_="fc-key-note") if said(reader, figure.note) else None
    return tag(
        "div",
        tag("dt", name),
        tag("dd", shown, class_="fc-key-value"),
        _trend(reader, figure),
        note,
        class_=f"fc-key tone-{figure.tone}" if figure.tone else "fc-key",
    )


def _unit(unit: str) -> Markup | None:
    return tag("span", pretty_unit(unit), class_="fc-unit") if unit else None


def _trend(reader: Reader, figure: KeyFigure) -> Markup | None:
    if figure.trend is None:
        return None
    rising = figure.trend > 0
    arrow = "→" if figure.trend == 0 else ("▲" if rising else "▼")
    tone = "plain"
    if figure.better and figure.trend:
        tone = "good" if rising == (figure.better == "up") else "bad"
    words = text("rising") if rising else text("falling")
    meant = tag("span", said(reader, words if figure.trend else text("unchanged")), class_="fc-unseen")
    change = number(abs(figure.trend), figure.unit)
    return tag("dd", tag("span", arrow, aria_hidden="true"), meant, " ", change, class_=f"fc-trend tone-{tone}")
