"""Files come in: sent, tried with every finding before anything is taken, explained where need be, taken."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from forgecast.app.doors.plant.files import IMPORT, MAP, TRY, AboutFiles, AboutMap
from forgecast.app.pages.data.imports import fed_table
from forgecast.app.pages.data.mapping import Mapping
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Draft,
    button,
    buttons,
    card,
    draft,
    error_box,
    findings_table,
    heading,
    link,
    notice,
    paragraph,
    row,
    section,
    upload_field,
)
from forgecast.app.pages.runs import RunPlace
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right

_ENDINGS = ".csv,.txt,.tsv,.xlsx,.parquet,.gz"


@page("data", "data/import", text("Take files in"), right=Right.RECORD, in_menu=True)
async def bring_in(visit: Visit) -> None:
    """Fill the page on which files are taken in."""
    heading(
        visit,
        text("Take files in"),
        lead=text("Send files, see what is wrong with them, explain headers that are unknown, then take them in."),
    )
    await _Desk(visit, await draft(visit, "import")).place()


class _Desk:
    """The files on the desk, and what was found out about them."""

    def __init__(self, visit: Visit, kept: Draft) -> None:
        self._visit = visit
        self._draft = kept
        self._files: list[list[str]] = kept.values.setdefault("files", [])

    async def place(self) -> None:
        visit = self._visit
        with section(visit, text("1 · Send files")), card(visit):
            upload_field(
                visit,
                text("CSV, XLSX or Parquet, also gzipped"),
                accept=_ENDINGS,
                kept=self._kept,
                hint=text("One after the other; headers in English, Chinese or whatever they are."),
            )
            self._listed = ui.element("div").classes("fc-row")
            with row():
                self._try = button(visit, text("Look through them"), self._look, kind="main")
                self._clear = button(visit, text("Clear the desk"), self._drop, kind="quiet")
        self._second = section(visit, text("2 · What is in them"), note=text("Nothing has been taken in yet."))
        with self._second:
            self._tried = RunPlace(visit, self._show_tried, what=text("Looking through the files"), name="try")
        self._mapping = ui.element("div").classes("fc-asked")
        self._third = section(visit, text("3 · Result"))
        with self._third:
            self._done = RunPlace(visit, self._show_done, what=text("Taking the files in"), name="import")
        self._second.set_visibility(False)
        self._third.set_visibility(False)
        self._list()
        if visit.query.get("import"):
            self._third.set_visibility(await self._done.resume())
        elif visit.query.get("try") and self._files:
            self._second.set_visibility(await self._tried.resume())

    async def _kept(self, upload_id: str, name: str) -> None:
        self._files[:] = [one for one in self._files if one[1] != name]
        self._files.append([upload_id, name])
        self._draft.values["map"] = ""
        await self._draft.save()
        self._list()
        await self._look()

    def _list(self) -> None:
        self._listed.clear()
        with self._listed:
            for upload_id, name in self._files:
                with ui.element("span").classes("fc-chip tone-plain"):
                    ui.label(name)
                    remove = ui.button("×", color=None, on_click=lambda _, one=upload_id: self._remove(one))
                    label = text("Take {name} off the desk", name=name)
                    remove.props("flat dense").props["aria-label"] = self._visit.say(label)
        for one in (self._try, self._clear):
            one.set_visibility(bool(self._files))

    async def _remove(self, upload_id: str) -> None:
        self._files[:] = [one for one in self._files if one[0] != upload_id]
        await self._draft.save()
        self._list()

    async def _drop(self) -> None:
        self._files.clear()
        self._draft.values["map"] = ""
        await self._draft.save()
        ui.navigate.to(self._visit.link("data/import"))

    def _question(self) -> AboutFiles:
        return AboutFiles(uploads=[one[0] for one in self._files], map=str(self._draft.values.get("map") or ""))

    async def _look(self) -> None:
        if not self._files:
            return
        self._third.set_visibility(False)
        self._mapping.clear()
        self._second.set_visibility(True)
        await self._tried.start(TRY, self._question())

    def _show_tried(self, told: dict[str, Any], _job: str) -> None:
        visit = self._visit
        for one, (upload_id, _name) in zip(told["files"], self._files, strict=False):
            tone = "bad" if one["refused"] else "good" if not one["findings"] else "warn"
            with card(visit, one["name"], tone=tone):
                self._file(one)
                if one["refused"] is not None:
                    button(
                        visit, text("Explain its columns"), lambda upload=upload_id: self._explain(upload), kind="plain"
                    )
        ready = [one for one in told["files"] if one["refused"] is None and not one["already_in"]]
        if ready:
            words = (
                text("Take in this file")
                if len(told["files"]) == 1
                else text("Take in {count} files", count=len(ready))
            )
            with row():
                button(visit, words, self._take, kind="main")

    def _file(self, one: dict[str, Any]) -> None:
        visit = self._visit
        if one["already_in"]:
            notice(visit, text("This very file is in already; nothing will be done."))
            return
        if one["refused"] is not None:
            paragraph(visit, text("As it is, this file would be refused, and nothing of it taken in:"))
            error_box(visit, one["refused"])
        else:
            fed_table(visit, one["fed"])
        if one["findings"] or one["refused"] is None:
            findings_table(visit, one["findings"])

    async def _explain(self, upload_id: str) -> None:
        visit = self._visit
        self._mapping.clear()
        with self._mapping, section(visit, text("What do its columns mean?")):
            place = RunPlace(visit, lambda told, _job: mapping.show(told), what=text("Reading the columns"), name="map")
            mapping = Mapping(
                visit, lambda answered: place.start(MAP, AboutMap(upload=upload_id, **answered)), self._use
            )
            await place.start(MAP, AboutMap(upload=upload_id))

    async def _use(self, map_text: str) -> None:
        self._draft.values["map"] = map_text
        await self._draft.save()
        await self._look()

    async def _take(self) -> None:
        self._third.set_visibility(True)
        await self._done.start(IMPORT, self._question())

    async def _show_done(self, told: dict[str, Any], _job: str) -> None:
        visit = self._visit
        self._second.set_visibility(False)
        self._mapping.clear()
        if told["ok"]:
            notice(visit, text("Taken in."), tone="good")
        for one in told["files"]:
            with card(visit, one["name"], tone="bad" if one["refused"] else "good"):
                self._result(one)
        buttons(
            [
                link(visit, text("What was taken in"), visit.link("data/imports")),
                link(visit, text("What the plant holds"), visit.link("data")),
                link(visit, text("Take in more files"), visit.link("data/import")),
            ]
        )
        if told["ok"]:
            self._files.clear()
            self._draft.values["map"] = ""
            await self._draft.save()
            self._list()

    def _result(self, one: dict[str, Any]) -> None:
        visit = self._visit
        if one["refused"] is not None:
            paragraph(visit, text("This file was refused; nothing of it was taken in:"))
            error_box(visit, one["refused"])
        elif one["already_in"]:
            notice(visit, text("This very file was in already; nothing was done."))
        else:
            fed_table(visit, one["fed"])
        if one["findings"]:
            findings_table(visit, one["findings"])
