"""What pages of Green share: report tables, the choice of days, strips of hours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from importlib import resources
from itertools import groupby
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.value_element import ValueElement

from forgecast.app.doors.door import Door, Question
from forgecast.app.pages.address_form import AddressForm
from forgecast.app.pages.parts import (
    Heading,
    Markup,
    Words,
    card,
    chip,
    choice_field,
    day_field,
    error_box,
    filter_bar,
    findings_table,
    joined,
    lines,
    link,
    number,
    paragraph,
    put,
    said,
    table,
    tag,
)
from forgecast.app.pages.parts.markup import Content
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text

#: Columns that tell where a number comes from: they stand behind the others, smaller.
_SOFT = ("origin", "clause")
#: Rows of a table that are shown at once; the rest is in the files.
MOST_ROWS = 200
#: Tones of the words that stand in cells of report tables.
_TONES = {
    "met": "good",
    "not met": "bad",
    "not known": "unknown",
    "NO": "bad",
    "yes": "good",
    "partly": "warn",
    "overdue": "bad",
    "done late": "warn",
    "done": "good",
}


def green_style() -> None:
    """Add the style of strips of hours and of the tree of meters to the page."""
    ui.add_css((resources.files("forgecast.app.pages.green") / "green.css").read_text(encoding="utf-8"))


def report_table(visit: Visit, told: Mapping[str, Any], *, empty: Words = None, hide: Sequence[str] = ()) -> None:
    """Place a table as answers tell it (`TableTold`): columns in which nothing stands are left out; notes below."""
    rows = told["rows"][:MOST_ROWS]
    shown = [
        column
        for column in told["columns"]
        if column["id"] not in hide and any(row[column["id"]] not in ("", None) for row in rows)
    ]
    shown.sort(key=lambda column: column["id"] in _SOFT)
    heads = [Heading(one["title"], one["unit"], numeric=_numeric(one, rows)) for one in shown]
    cells = [[cell(visit, row[one["id"]], soft=one["id"] in _SOFT) for one in shown] for row in rows]
    with ui.element("div").classes("fc-report"):
        table(visit, heads, cells, caption=told["title"], empty=empty or text("Nothing on record."))
    if len(told["rows"]) > MOST_ROWS:
        paragraph(
            visit, text("… and more: {left}; the workbook has all.", left=len(told["rows"]) - MOST_ROWS), soft=True
        )
    for note in told["notes"]:
        paragraph(visit, note, soft=True)


def _numeric(column: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> bool:
    return any(isinstance(row[column["id"]], int | float) and not isinstance(row[column["id"]], bool) for row in rows)


def cell(visit: Visit, value: object, *, soft: bool = False) -> Markup | str | float | None:
    """Return a cell of an answer's table as a page shows it."""
    if value is None:
        return None if soft else chip(visit, text("not known"), "unknown")
    if isinstance(value, Mapping):
        tone = _TONES.get(str(value.get("en")))
        return chip(visit, value, tone) if tone else tag("span", said(visit, value), class_="fc-soft" if soft else None)
    if isinstance(value, int | float):
        return number(float(value))
    return tag("span", str(value), class_="fc-soft") if soft else str(value)


def doubts(visit: Visit, findings: Sequence[Mapping[str, Any]]) -> None:
    """Place doubts about the data where there are any."""
    if findings:
        with card(visit, text("Doubts about the data"), tone="warn", flush=True):
            findings_table(visit, findings)


def month_names(months: Sequence[str]) -> dict[str, Words]:
    """Return months as the choices of a field."""
    return {month: month for month in months}


class DaysForm(AddressForm):
    """A form of days whose bar takes more fields (``with form.place``)."""

    def __init__(self, visit: Visit, path: str, kept: Mapping[str, str]) -> None:
        super().__init__(visit, path, kept)
        self.place = filter_bar()


def live(form: AddressForm, name: str, element: ValueElement[Any]) -> None:
    """Take a field into a form of the address that is sent as soon as the field changes."""
    form.field(name, element)
    # Only now: giving the field its value out of the address is no change of somebody's.
    element.on_value_change(form.send)


def days_form(visit: Visit, path: str, kept: Mapping[str, str], months: Sequence[str], *, month: str) -> DaysForm:
    """Place the choice of days: a month, or from one day to another; more fields may follow in the ``with`` block."""
    form = DaysForm(visit, path, kept)
    with form.place:
        chosen = "" if visit.query.get("since_on") or visit.query.get("year") else visit.query.get("month", month)
        shown = dict(month_names([*months, *([chosen] if chosen and chosen not in months else [])]))
        live(form, "month", choice_field(visit, text("Month"), shown, value=chosen or None))
        live(form, "year", choice_field(visit, text("or year"), month_names(years_of(months))))
    return form


def years_of(months: Sequence[str]) -> list[str]:
    """Return the years of months, the newest first."""
    return sorted({month[:4] for month in months}, reverse=True)


def since_until(visit: Visit, form: AddressForm) -> None:
    """Place the fields of a first and a last day."""
    form.field("since_on", day_field(visit, text("First day"), value=visit.query.get("since_on", "")))
    form.field("until_on", day_field(visit, text("Last day"), value=visit.query.get("until_on", "")))


def strip(visit: Visit, states: str, names: Mapping[str, Words], *, to: str = "") -> Markup:
    """Return the hours of a day as a strip, consecutive equal ones as one piece; a link where an address is given."""
    pieces, told, at = [], [], 0
    for letter, run in groupby(states):
        length = len(list(run))
        pieces.append(tag("i", class_=letter, style=f"flex:{length}"))
        told.append(f"{at}:00–{at + length}:00 {said(visit, names.get(letter, letter))}")
        at += length
    label = ", ".join(told)
    if to:
        return tag("a", *pieces, href=to, class_="fc-strip", title=label, aria_label=label)
    return tag("span", *pieces, class_="fc-strip", title=label, role="img", aria_label=label)


def hours_legend(visit: Visit, names: Mapping[str, Words], shown: str) -> None:
    """Place what the pieces of strips mean, those that occur."""
    items = [
        tag("li", tag("span", class_=f"fc-key-swatch {letter}", aria_hidden="true"), said(visit, words))
        for letter, words in names.items()
        if letter in shown
    ]
    put(joined(*items), tag_name="ul", classes="fc-legend")


def stacked(*content: Content) -> Markup:
    """Return contents below each other as one thing, so that a cell keeps them together on a phone."""
    return tag("span", lines(*content))


def day_address(visit: Visit, on: str, stack: str, pollutant: str) -> str:
    """Return the address of a day of a stack."""
    return visit.link("green/day", day_on=on, stack=stack, pollutant=pollutant)


def hour_address(visit: Visit, stack: str, begins_at: str) -> str:
    """Return the address of an hour of a stack."""
    return visit.link("green/hour", stack=stack, begins_at=begins_at)


def shifted(on: str, days: int) -> str:
    """Return a day some days later."""
    return (date.fromisoformat(on) + timedelta(days=days)).isoformat()


async def changed(visit: Visit, door: Door[Any], question: Callable[[], Question], place: Any) -> bool:  # noqa: ANN401
    """Ask a door that records something; where it refuses, say so at a place, and return whether it was recorded."""
    from pydantic import ValidationError  # noqa: PLC0415  (only where somebody records)

    place.clear()
    try:
        await visit.ask(door, question())
    except ForgecastError as error:
        with place:
            error_box(visit, error)
        return False
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        wrong = ForgecastError(
            text("this field cannot be taken: {message}", message=str(first["msg"])),
            where=field,
            repair=text("change the field and send again"),
        )
        with place:
            error_box(visit, wrong)
        return False
    return True


def to_page(visit: Visit, words: Text, path: str, **query: str) -> Markup:
    """Return a link to another page of the plant."""
    return link(visit, words, visit.link(path, **query))
