"""The form to enter or correct a row, made of the record's fields; what is typed is kept on the server meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import anyio.to_thread
from nicegui import ui

from forgecast.app.doors.door import Question
from forgecast.app.doors.plant.entry import RECORD, Entry
from forgecast.app.doors.plant.records import ROW, AboutRow
from forgecast.app.pages.data.records import header, row_link
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Draft,
    button,
    card,
    choice_field,
    columns,
    confirm,
    day_field,
    draft,
    empty,
    error_box,
    findings_table,
    fold,
    heading,
    link,
    notice,
    number_field,
    row,
    text_field,
    toast,
)
from forgecast.app.pages.visit import Visit
from forgecast.ground.dates import from_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.plant.record import Field, Record, records
from forgecast.store.server.rights import Right

#: So many numbers of things already on record are offered while one is typed.
_OFFERED = 300
#: Fields beyond the needed ones that stand open; the others are folded.
_OPEN = 8


@page("data", "data/enter/{record}", text("Enter a row"), right=Right.RECORD)
async def enter(visit: Visit) -> None:
    """Fill the form of a record."""
    kind = records().get(visit.names["record"])
    if kind is None or kind.name == "disposition":
        heading(visit, text("Enter a row"))
        empty(
            visit,
            text("Nothing of this kind is entered here."),
            do=text("Decisions are taken on the page of the heat or piece."),
            links=[link(visit, text("Data"), visit.link("data"))],
        )
        return
    key = [visit.query[f"key{place}"] for place in range(len(kind.key)) if f"key{place}" in visit.query]
    title = (
        text("Correct a row: {record}", record=kind.title) if key else text("Enter a row: {record}", record=kind.title)
    )
    heading(visit, title, lead=text("Fields with * are needed. What you type is kept, also if the page is reloaded."))
    before = await _before(visit, kind, key)
    form = _Form(visit, kind, await draft(visit, f"entry {kind.name} {' '.join(key)}".strip()), before)
    await form.place()


async def _before(visit: Visit, kind: Record, key: list[str]) -> Mapping[str, Any]:
    if len(key) != len(kind.key):
        return {}
    try:
        answered = await visit.ask(ROW, AboutRow(record=kind.name, key=key))
    except ForgecastError as error:
        error_box(visit, error)
        return {}
    values: Mapping[str, Any] = answered.read()["values"]
    return values


class _Form:
    """The fields of a record, and what they are to be sent as."""

    def __init__(self, visit: Visit, kind: Record, kept: Draft, before: Mapping[str, Any]) -> None:
        self._visit = visit
        self._kind = kind
        self._draft = kept
        self._before = {field.name: _shown(field, before.get(field.name), visit.zone) for field in kind.fields}
        self._fields: dict[str, Any] = {}

    async def place(self) -> None:
        visit, kind = self._visit, self._kind
        needed = [field for field in kind.fields if field.key or field.required]
        others = [field for field in kind.fields if field not in needed]
        offered = {field.name: await self._offered(field) for field in kind.fields if field.refers}
        with card(visit):
            with columns(3):
                for field in (*needed, *others[:_OPEN]):
                    self._place(field, offered.get(field.name, []))
            if others[_OPEN:]:
                with fold(visit, text("{count} more fields", count=len(others[_OPEN:]))), columns(3):
                    for field in others[_OPEN:]:
                        self._place(field, offered.get(field.name, []))
            if self._draft.values:
                notice(visit, text("This is what you had typed before."))
            self._result = ui.element("div").classes("fc-asked").props("aria-live=polite")
            with row():
                button(visit, text("Record"), self._send, kind="main")
                button(visit, text("Empty the form"), self._drop, kind="quiet")

    async def _offered(self, field: Field) -> list[str]:
        """Return numbers of what the field refers to, newest first."""
        if field.refers not in records() or len(records()[field.refers].key) != 1:
            return []
        kind = records()[field.refers]
        when = kind.clock.name if kind.clock else ""
        plant = self._visit.house.plant(self._visit.plant_id)
        page_of = await anyio.to_thread.run_sync(
            lambda: plant.browse(kind.name, sort=when, descending=bool(when), limit=_OFFERED)
        )
        return [str(one[kind.key[0]]) for one in page_of.rows]

    def _place(self, field: Field, offered: list[str]) -> None:
        made = _made(self._visit, field, offered)
        made.value = self._before[field.name]
        self._fields[field.name] = self._draft.keep(field.name, made)

    async def _send(self) -> None:
        visit, kind = self._visit, self._kind
        given = {name: one.value for name, one in self._fields.items() if one.value not in {None, ""}}
        gone = {name: None for name, was in self._before.items() if was not in {None, ""} and name not in given}
        lacking = [field for field in kind.fields if (field.key or field.required) and field.name not in given]
        for name, one in self._fields.items():
            one.error = visit.say(text("This is needed.")) if name in {field.name for field in lacking} else None
        if lacking:
            toast(visit, text("{count} fields that are needed are empty.", count=len(lacking)), tone="bad")
            return
        values = {name: _sent(kind.field(name), value) for name, value in given.items()}
        self._result.clear()
        try:
            question: Question = Entry(record=kind.name, rows=[{**values, **gone}])
            answered = await visit.ask(RECORD, question)
        except ForgecastError as error:
            self._refused(error)
            return
        done = answered.read()
        key = tuple(str(values[name]) for name in kind.key)
        await self._draft.forget()
        self._emptied()
        with self._result:
            said = (
                text("That was recorded already; nothing was changed.")
                if done["same"]
                else text("Recorded, as a new row.")
                if done["new"]
                else text("Recorded; what it held before is kept in its history.")
            )
            notice(visit, said, tone="good")
            link_to = row_link(visit, kind, key)
            with row():
                ui.link(visit.say(text("Look at the row")), link_to).classes("fc-link")
            if done["findings"]:
                findings_table(visit, done["findings"])

    def _refused(self, error: ForgecastError) -> None:
        visit = self._visit
        told = [(one.place.column, one.reason) for one in error.findings]
        if not told:
            told = [(error.where.rpartition(":")[2], error.what)]
        for column, reason in told:
            for name, one in self._fields.items():
                if column.split(" (")[0] == name:
                    one.error = visit.say(reason)
        with self._result:
            error_box(visit, error)
            if error.findings:
                findings_table(visit, [one.as_json() for one in error.findings])

    def _emptied(self) -> None:
        for one in self._fields.values():
            one.value = None
            one.error = None

    async def _drop(self) -> None:
        if await confirm(self._visit, text("Empty the form?"), yes=text("Empty it")):
            await self._draft.forget()
            ui.navigate.reload()


def _made(visit: Visit, field: Field, offered: list[str]) -> Any:  # noqa: ANN401  (every kind of field)
    needed = " *" if field.key or field.required else ""
    label = {language: f"{words}{needed}" for language, words in header(field).items()}
    hint = field.sentence
    if field.kind == "code":
        choices = {one.code: {"en": one.code.replace("_", " "), "zh": one.zh} for one in field.choices}
        return choice_field(visit, label, choices, hint=hint, search=len(choices) > 8).props("clearable")
    if field.kind == "flag":
        return choice_field(visit, label, {"true": text("yes"), "false": text("no")}, hint=hint).props("clearable")
    if field.is_number or field.kind == "integer":
        return number_field(
            visit, label, unit=field.unit, hint=hint, least=field.low, most=field.high,
            step=1 if field.kind == "integer" else None,
        )  # fmt: skip
    if field.kind == "date":
        return day_field(visit, label, hint=hint)
    made = text_field(visit, label, hint=hint)
    if field.kind == "time":
        made.props("type=datetime-local")
    elif field.kind == "month":
        made.props("type=month")
    elif offered and isinstance(made, ui.input):
        made.set_autocomplete(offered)
    return made


def _shown(field: Field, value: Any, zone: str) -> Any:  # noqa: ANN401  (JSON)
    """Return a value as its field in the form holds it."""
    if value is None:
        return None
    if field.kind == "flag":
        return "true" if value else "false"
    if field.kind == "time":
        from_utc = _micro(str(value))
        return from_us(from_utc, zone).strftime("%Y-%m-%dT%H:%M:%S")
    return value


def _micro(at: str) -> int:
    return int(datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp() * 1_000_000)


def _sent(field: Field, value: Any) -> Any:  # noqa: ANN401  (JSON)
    """Return a value as the door takes it: texts as a file has them, numbers in the field's own unit."""
    if field.kind == "integer":
        return int(value)
    if field.is_number:
        return float(value)
    return str(value).replace("T", " ") if field.kind == "time" else str(value)
