"""The live page: what rings, what is about to, and the latest value of every signal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from forgecast.app.doors.signals.live import ALARMS, LATEST, AlarmsAsked, LatestAsked
from forgecast.app.pages.live.acting import alarm_list
from forgecast.app.pages.live.table import LiveTable, live_table
from forgecast.app.pages.page import page
from forgecast.app.pages.parts.figures import KeyFigure, key_figures
from forgecast.app.pages.parts.inline import link
from forgecast.app.pages.parts.layout import card, heading, section
from forgecast.app.pages.parts.states import empty, error_box, notice
from forgecast.app.pages.visit import Visit
from forgecast.app.report.numbers import count
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

#: Seconds between two looks of one viewer; the store itself is looked at once a second for all of them.
EVERY_S = 2.0


@page("live", "live", text("Live"), in_menu=True)
async def live(visit: Visit) -> None:
    """Fill the page."""
    heading(visit, text("Live"), lead=text("What rings now, what is about to, and the latest value of every signal."))
    await _Viewer(visit).fill()


class _Viewer:
    """One viewer's page, and what he has seen already."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._number = 0
        self._late: dict[str, bool] = {}
        self._table: LiveTable | None = None
        self._shown: tuple[Any, ...] = ()

    async def fill(self) -> None:
        """Place everything, and look again every two seconds."""
        self._figures = ui.element("div")
        with section(self._visit, text("Alarms")):
            self._alarms = ui.element("div").classes("fc-asked")
            self._alarms.props.update({"role": "log", "aria-live": "assertive",
                                       "aria-label": self._visit.say(text("Alarms"))})  # fmt: skip
        with section(self._visit, text("Signals")):
            self._signals = ui.element("div")
        await self._look(first=True)
        self._timer = ui.timer(EVERY_S, self._look, immediate=False)

    async def _look(self, *, first: bool = False) -> None:
        try:
            latest = (await self._visit.ask(LATEST, LatestAsked(since=self._number))).read()
            if not first and latest["number"] == self._number:
                return
            alarms = (await self._visit.ask(ALARMS, AlarmsAsked())).read()
        except ForgecastError as error:
            self._stop(error, first=first)
            return
        self._number = latest["number"]
        self._late |= {one["tag"]: one["late"] for one in latest["series"]}
        self._show_figures(alarms)
        self._show_alarms(alarms)
        self._show_signals(latest)

    def _stop(self, error: ForgecastError, *, first: bool) -> None:
        if not first:
            self._timer.deactivate()
        with self._figures:
            error_box(self._visit, error)

    def _show_figures(self, alarms: Mapping[str, Any]) -> None:
        visit, late = self._visit, sum(self._late.values())
        self._figures.clear()
        with self._figures:
            key_figures(visit, [
                KeyFigure(text("Alarms that wait for somebody"), count(alarms["waiting"]),
                          tone="bad" if alarms["waiting"] else "good", why=visit.link("live/alarms")),
                KeyFigure(text("Active alarms"), count(alarms["active"]), tone="warn" if alarms["active"] else "good",
                          note=text("of {n} on the list", n=count(alarms["total"]))),
                KeyFigure(text("Signals"), count(len(self._late))),
                KeyFigure(text("Overdue signals"), count(late), tone="unknown" if late else "good",
                          why=visit.link("live/instruments")),
            ])  # fmt: skip

    def _show_alarms(self, alarms: Mapping[str, Any]) -> None:
        visit = self._visit
        shown = (alarms["alarms"], alarms["total"])
        if shown == self._shown:
            return  # with every reading a button would be another one, under the hand of who is about to press it
        self._shown = shown
        self._alarms.clear()
        with self._alarms:
            if alarms["alarms"]:
                alarm_list(visit, alarms["alarms"], self._look)
            elif alarms["total"]:
                notice(visit, text("All {count} alarms are normal.", count=alarms["total"]), tone="good")
            else:
                empty(
                    visit, text("No alarm is on record."),
                    do=text("Try one on the past first: how often would it have rung, and for what?"),
                    links=[link(visit, text("Try an alarm"), visit.link("live/try"))],
                )  # fmt: skip

    def _show_signals(self, latest: Mapping[str, Any]) -> None:
        if self._table is not None and latest["series"]:
            self._table.take(latest["series"])
            return
        if self._table is None:
            self._signals.clear()
            with self._signals:
                if latest["series"]:
                    with card(self._visit, flush=True):
                        self._table = live_table(self._visit, latest["series"])
                else:
                    empty(
                        self._visit, text("No signal has readings yet."),
                        do=text("Take readings in from a file, or connect instruments and start collecting."),
                        links=[link(self._visit, text("Instruments"), self._visit.link("live/instruments"))],
                    )  # fmt: skip
