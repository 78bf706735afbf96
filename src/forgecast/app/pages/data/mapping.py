"""What the columns of a file mean: a proposal with how sure it is, changed by a person, until a trial goes through."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from forgecast.app.pages.data.records import header
from forgecast.app.pages.parts import (
    button,
    card,
    chip,
    choice_field,
    error_box,
    findings_table,
    fold,
    joined,
    notice,
    number,
    paragraph,
    put,
    row,
    tag,
    text_field,
)
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import text
from forgecast.plant.record import records

_TONES = {"sure": "good", "likely": "warn", "unsure": "bad", "none": "plain"}
#: Left out, in the list of fields that a column may feed.
_NOTHING = ""

Again = Callable[[dict[str, Any]], Awaitable[Any]]


class Mapping:
    """The proposal for one file as a form.

    Parameters
    ----------
    visit : Visit
    again : callable
        Asks for the proposal anew with what a person has said: ``record``, ``columns``, ``units``, ``constants``.
    use : callable
        Is given the map once the person takes it.
    """

    def __init__(self, visit: Visit, again: Again, use: Callable[[str], Awaitable[None]]) -> None:
        self._visit = visit
        self._again = again
        self._use = use
        self._said: dict[str, Any] = {"record": "", "columns": {}, "units": {}, "constants": {}}

    def show(self, told: dict[str, Any]) -> None:
        """Place a proposal."""
        visit = self._visit
        for one in told["tables"]:
            with card(visit, one["sheet"] or told["file"]):
                self._table(one)
        if told["to_do"]:
            with card(visit, text("What only you can say"), tone="warn"):
                put(tag("ul", *(tag("li", visit.say(line)) for line in told["to_do"]), class_="fc-list"))
        self._trial(told["trial"])
        with row():
            button(visit, text("Try it with these answers"), self._ask, kind="plain")
            if told["map"] and told["trial"] is not None and told["trial"]["refused"] is None:
                button(visit, text("Use this and look through the file"), lambda: self._use(told["map"]), kind="main")

    def _table(self, one: dict[str, Any]) -> None:
        visit = self._visit
        names = {name: kind.title for name, kind in records().items()} | {"series": text("time series")}
        likely = {found["record"]: found["score"] for found in one["records"]}
        order = sorted(names, key=lambda name: -likely.get(name, 0.0))
        choice_field(
            visit,
            text("What the rows are"),
            {name: names[name] for name in order},
            value=one["record"] or None,
            search=True,
            on_change=lambda event: self._record_said(str(event.value or "")),
        )
        if one["record"] in records():
            self._columns(one)
            self._missing(one)

    async def _record_said(self, name: str) -> None:
        # Another record has other fields: what was said of columns no longer holds.
        self._said = {"record": name, "columns": {}, "units": {}, "constants": {}}
        await self._ask()

    def _columns(self, one: dict[str, Any]) -> None:
        visit = self._visit
        kind = records()[one["record"]]
        fields = {_NOTHING: text("left out")} | {field.name: header(field) for field in kind.fields}
        with ui.element("div").classes("fc-scroll"), ui.element("table").classes("fc-table"):
            heads = (text("Column"), text("Values"), text("Means"), text("Unit"), text("How sure"))
            with ui.element("thead"), ui.element("tr"):
                for head in heads:
                    put(joined(visit.say(head)), tag_name="th")
            with ui.element("tbody"):
                for column in one["columns"]:
                    with ui.element("tr"):
                        self._column(column, fields)

    def _column(self, column: dict[str, Any], fields: dict[str, Any]) -> None:
        visit, key = self._visit, str(column["column"])
        put(joined(tag("b", key)), tag_name="td")
        put(joined(tag("span", ", ".join(column["samples"][:4]), class_="fc-soft")), tag_name="td")
        with ui.element("td"):
            chosen = column["field"] if column["field"] in fields else _NOTHING
            if column["role"] in {"field", "nothing"}:
                field = choice_field(
                    visit, text("Means"), fields, value=chosen, search=True,
                    on_change=lambda event: self._column_said(key, str(event.value or "")),
                )  # fmt: skip
                field.props["aria-label"] = visit.say(text("What column {name} means", name=key))
            else:
                ui.label(column["field"] or column["role"])
        with ui.element("td"):
            if column["unit"] is None and column["units"]:
                choice_field(
                    visit, text("Unit"), {unit: unit for unit in column["units"]},
                    on_change=lambda event: self._said["units"].update({key: str(event.value)}),
                )  # fmt: skip
            else:
                ui.label(column["unit"] or "")
        with ui.element("td"):
            put(joined(chip(visit, column["sure"], _TONES[column["confidence"]])))
            if column["reasons"] or column["facts"]:
                with fold(visit, text("Why")):
                    said = [visit.say(line) for line in (*column["reasons"], *column["facts"])]
                    put(tag("ul", *(tag("li", line) for line in said), class_="fc-list"))

    def _column_said(self, key: str, field: str) -> None:
        if field:
            self._said["columns"][key] = field
        else:
            self._said["columns"].pop(key, None)

    def _missing(self, one: dict[str, Any]) -> None:
        visit = self._visit
        kind = records()[one["record"]]
        if not one["missing"]:
            return
        paragraph(visit, text("Every row needs these, and no column was found; give a value that holds for all rows:"))
        with row():
            for name in one["missing"]:
                text_field(
                    visit,
                    header(kind.field(name)),
                    hint=kind.field(name).sentence,
                    on_change=lambda event, field=name: self._said["constants"].update({field: str(event.value)}),
                )

    def _trial(self, trial: dict[str, Any] | None) -> None:
        visit = self._visit
        if trial is None:
            notice(visit, text("Say what the rows are; then the columns are looked at again."), tone="warn")
            return
        with card(visit, text("A trial with this map"), tone="bad" if trial["refused"] else "good"):
            if trial["refused"] is not None:
                error_box(visit, trial["refused"])
                return
            for name, count in trial["rows"].items():
                title = records()[name].title if name in records() else text("readings")
                put(joined(number(count), " ", visit.say(title)))
            if trial["findings"]:
                findings_table(visit, trial["findings"])

    async def _ask(self) -> None:
        given = {name: value for name, value in self._said["constants"].items() if value.strip()}
        await self._again({**self._said, "constants": given})
