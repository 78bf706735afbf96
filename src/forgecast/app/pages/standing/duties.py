"""Duties of permits and titles: what is overdue, what is due, on a time line and as a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forgecast.app.doors.shelf import door_of
from forgecast.app.doors.standing.forms import AsOf
from forgecast.app.pages.gaps import gap_list
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    KeyFigure,
    asked,
    card,
    chart,
    chip,
    day,
    heading,
    joined,
    key_figures,
    lines,
    link,
    put,
    said,
    table,
    tag,
)
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import text
from forgecast.tasks.permit_calendar import BOOK, STATE_TEXTS, DutyState

_TONES = {"overdue": "bad", "due": "warn", "done": "good", "done late": "good", "day not known": "unknown"}


@page("standing", "standing/duties", text("Duties"), in_menu=True)
async def duties(visit: Visit) -> None:
    """Fill the page."""
    heading(
        visit,
        text("Duties"),
        lead=text("What permits and titles ask when. A duty is done once its proof is on record."),
    )
    await asked(visit, door_of("standing/duties"), AsOf(), lambda told: _duties(visit, told), height=500)


def _duties(visit: Visit, told: Mapping[str, Any]) -> None:
    key_figures(
        visit,
        [
            KeyFigure(STATE_TEXTS[state], str(told["counts"][str(state)]), tone=_TONES[str(state)])
            for state in (DutyState.OVERDUE, DutyState.DUE, DutyState.OPEN, DutyState.DONE)
        ],
    )
    if told["timeline"]["tasks"]:
        with card(visit, text("On the calendar")):
            height = 90 + 26 * len(told["timeline"]["tasks"])
            chart(visit, told["timeline"], title=text("Duties on the calendar"), zone=visit.zone, height=height)
    enter = link(visit, text("Enter a proof"), visit.link("data/records/duty_proof"))
    with card(visit, told["table"]["title"], aside=enter, flush=True):
        table(
            visit,
            [Heading(text("State")), Heading(text("Last day")), Heading(text("Duty")), Heading(text("For the days")),
             Heading(text("Done on")), Heading(text("Source"))],
            [
                (
                    chip(visit, row["state"], _TONES.get(row["state"]["en"], "plain")),
                    lines(day(row["due"], visit), said(visit, row["confidence"])),
                    lines(said(visit, row["duty"]), row["holder"]),
                    row["span"],
                    day(row["done_on"], visit) if row["done_on"] else None,
                    lines(said(visit, row["origin"]), joined(row["evidence"]) if row["evidence"] else None),
                )
                for row in told["table"]["rows"]
            ],
            caption=told["table"]["title"],
            empty=text("No duty is on record."),
        )  # fmt: skip
    if told["table"]["notes"]:
        to_fill = link(visit, text("Enter open numbers from your own copy"), visit.link(f"rules/fill/{BOOK}"))
        words = text("A last day that is not verified is told from memory and decides no verdict.")
        put(tag("p", said(visit, words), " ", to_fill, class_="fc-soft"))
    gap_list(visit, told["gaps"])
