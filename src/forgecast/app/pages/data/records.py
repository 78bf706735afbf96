"""Rows of a record with where each came from, its fields, and one row with every change it went through."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from forgecast.app.doors.plant.records import FIELDS, ROW, ROWS, AboutRecord, AboutRow, AboutRows
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Column,
    Grid,
    asked,
    buttons,
    card,
    chip,
    facts,
    filter_bar,
    grid,
    heading,
    joined,
    link,
    moment,
    number,
    table,
    tabs,
    tag,
    text_field,
)
from forgecast.app.pages.parts.markup import Content
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import text
from forgecast.plant.lifecycle import BEGINS
from forgecast.plant.record import Field, Record, record, records
from forgecast.store.server.rights import Right

#: So many rows are fetched into a list; more are found by its search.
_MOST = 3000
#: Columns of a list that are shown; the row's own page has all.
_COLUMNS = 9


@page("data", "data/records/{record}", text("A record"))
async def rows(visit: Visit) -> None:
    """Fill the rows, or the fields, of a record."""
    kind = records().get(visit.names["record"])
    if kind is None:
        heading(visit, text("A record"))
        return
    heading(visit, kind.title, aside=chip(visit, kind.name))
    if visit.may(Right.RECORD) and kind.name != "disposition":
        to = visit.link(f"data/enter/{kind.name}")
        buttons([tag("a", visit.say(text("Enter a row")), href=to, class_="fc-button")])
    parts = {"rows": text("Rows"), "fields": text("Fields")}
    own = visit.link(f"data/records/{kind.name}")
    if tabs(visit, parts, visit.query.get("tab", ""), address=own) == "rows":
        _list(visit, kind)
    else:
        await asked(visit, FIELDS, AboutRecord(record=kind.name), lambda told: _fields(visit, told))


def _list(visit: Visit, kind: Record) -> None:
    when = next((field.name for field in kind.fields if field.kind in {"time", "date"}), "")
    sort = f"-{when}" if when else ""
    shown: list[Grid] = []

    def search(words: str) -> None:
        question = AboutRows(record=kind.name, words=words.strip(), sort=sort, limit=200)
        shown[0].fetch_again(visit.address(ROWS, question))

    with filter_bar():
        field = text_field(visit, text("Search in all rows"), placeholder=text("number, name, word …"))
        field.props("debounce=400 clearable")
        field.on_value_change(lambda event: search(str(event.value or "")))
    with card(visit, flush=True):
        shown.append(
            grid(
                visit,
                visit.address(ROWS, AboutRows(record=kind.name, sort=sort, limit=200)),
                _columns(visit, kind),
                title=kind.title,
                zone=visit.zone,
                height=620,
                most=_MOST,
                empty=text("No rows yet: take in a file of this record, or enter one by hand."),
            )
        )


def _columns(visit: Visit, kind: Record) -> list[Column]:
    fields = [field for field in kind.fields if field.key or field.required]
    fields += [field for field in kind.fields if field not in fields]
    to = row_link(visit, kind, tuple(f"{{key.{place}}}" for place in range(len(kind.key))))
    made = [_column(field, to if place == 0 else "") for place, field in enumerate(fields[:_COLUMNS])]
    return [*made, Column("file", text("Out of file")), Column("row", text("Row there"), kind="number", width=110)]


def _column(field: Field, to: str) -> Column:
    names = {one.code: {"en": one.code.replace("_", " "), "zh": one.zh} for one in field.choices}
    kind = "text"
    if field.is_number or field.kind == "integer":
        kind = "number"
    elif field.kind == "time":
        kind = "moment"
    elif field.kind == "flag":
        kind = "flag"
    width = {"moment": 165, "number": 150, "flag": 110}.get(kind, 150)
    return Column(f"values.{field.name}", header(field), kind, field.unit, to, width, names or None)  # type: ignore[arg-type]


def header(field: Field) -> dict[str, str]:
    """Return the name of a field as a person reads it: without the unit that its English name carries."""
    english = field.name.removesuffix("_percent").removesuffix("_degC").removesuffix(f"_{field.unit}")
    english = english.removesuffix("_at").removesuffix("_id")
    plain = english if len(english) <= 2 else english.replace("_", " ")
    return {"en": plain[:1].upper() + plain[1:], "zh": field.header.say("zh")}


def row_link(visit: Visit, kind: Record, key: tuple[str, ...]) -> str:
    """Return the address of the page of a row; braces in the key are left for a list to fill in."""
    parts = "&".join(f"key{place}={value}" for place, value in enumerate(key))
    return visit.link(f"data/row/{kind.name}") + f"?{parts}"


def _fields(visit: Visit, told: dict[str, Any]) -> None:
    with card(visit, flush=True):
        table(
            visit,
            [text("Field"), text("Header in files"), text("Unit"), text("Needed"), text("Meaning")],
            [
                (
                    one["name"],
                    one["header"]["zh"],
                    one["unit"],
                    visit.say(text("key") if one["key"] else text("yes") if one["required"] else text("no")),
                    joined(visit.say(one["sentence"]), _choices(one["choices"])),
                )
                for one in told["fields"]
            ],
        )


def _choices(choices: list[dict[str, Any]]) -> Content:
    if not choices:
        return None
    return tag("span", " ", ", ".join(f"{one['code']} {one['title']['zh']}" for one in choices), class_="fc-soft")


@page("data", "data/row/{record}", text("A row"))
async def row(visit: Visit) -> None:
    """Fill the page of one row."""
    kind = records().get(visit.names["record"])
    if kind is None:
        heading(visit, text("A row"))
        return
    key = [visit.query.get(f"key{place}", "") for place in range(len(kind.key))]
    shown = " · ".join(key)
    heading(visit, text("{record} {key}", record=kind.title, key=shown))
    links = [link(visit, text("All rows"), visit.link(f"data/records/{kind.name}"))]
    if kind.name in BEGINS and len(key) == 1:
        links.append(
            link(visit, text("Origin, life and decisions"), visit.link("pieces/of", kind=kind.name, id=key[0]))
        )
    if kind.name == "heat":
        links.append(link(visit, text("The heat"), visit.link("melt/heat", id=key[0])))
    if visit.may(Right.RECORD) and kind.name != "disposition":
        query = {f"key{place}": value for place, value in enumerate(key)}
        links.append(link(visit, text("Correct this row"), visit.link(f"data/enter/{kind.name}", **query)))
    buttons(links)
    await asked(visit, ROW, AboutRow(record=kind.name, key=key), lambda told: _row(visit, kind, told))


def _row(visit: Visit, kind: Record, told: dict[str, Any]) -> None:
    with card(visit, text("What it says")):
        known = [(header(field), said_value(visit, field, told["values"][field.name])) for field in kind.fields
                 if told["values"][field.name] is not None]  # fmt: skip
        facts(visit, known)
        missing = [visit.say(header(field)) for field in kind.fields if told["values"][field.name] is None]
        if missing:
            ui.label(visit.say(text("Not on record: {fields}", fields=", ".join(missing)))).classes("fc-soft")
    with card(visit, text("Every change it went through"), flush=True):
        table(
            visit,
            [text("When"), text("Who"), text("Out of"), text("Field"), text("Before"), text("After")],
            list(_changes(visit, kind, told["versions"])),
        )


def _changes(visit: Visit, kind: Record, versions: list[dict[str, Any]]) -> list[tuple[Content, ...]]:
    by_name = {field.name: field for field in kind.fields}
    listed: list[tuple[Content, ...]] = []
    for version in reversed(versions):
        who = visit.say(text("before the trail began")) if version["before_the_trail"] else version["by"]
        place = f"{version['file']}:{version['row']}" if version["row"] else version["file"]
        head: tuple[Content, ...] = (moment(version["changed_at"], visit.zone), who, place)
        if version is versions[0]:
            count = text("{count} values", count=len(version["changed"]))
            listed.append((*head, visit.say(text("First written")), tag("span"), visit.say(count)))
            continue
        for name, change in version["changed"].items():
            field = by_name.get(name)
            cells = (said_value(visit, field, change[side]) for side in ("before", "after"))
            listed.append((*head, visit.say(header(field)) if field else name, *cells))
            head = (tag("span"),) * 3
    return listed


def said_value(visit: Visit, field: Field | None, value: Any) -> Content:  # noqa: ANN401, PLR0911  (JSON; one way out for each kind of field)
    """Return a value of a field as a person reads it."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return visit.say(text("yes") if value else text("no"))
    if field is None:
        return str(value)
    if field.kind == "time":
        return moment(str(value), visit.zone)
    if field.kind == "code":
        zh = next((one.zh for one in field.choices if one.code == value), str(value))
        return zh if visit.language == "zh" else str(value).replace("_", " ")
    if isinstance(value, int | float):
        return number(value, field.unit)
    if field.refers and field.refers in records() and len(record(field.refers).key) == 1:
        return link(visit, str(value), row_link(visit, record(field.refers), (str(value),)))
    return str(value)
