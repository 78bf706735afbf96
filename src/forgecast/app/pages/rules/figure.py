"""One key figure: its value, its months, and what it rests on."""

from __future__ import annotations

from forgecast.app.doors.rules.forms import AsOf, FigureAsked
from forgecast.app.doors.shelf import door_of
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import card, chart, columns, day, facts, heading, joined, number, paragraph, said
from forgecast.app.pages.rules.shown import assessed, read, verdict_table
from forgecast.app.pages.visit import Visit
from forgecast.app.report.words import GROUP_TEXTS
from forgecast.ground.texts import text


@page("rules", "rules/figure/{id}", text("Key figure"))
async def figure(visit: Visit) -> None:
    """Fill the page."""
    name = visit.names["id"]

    async def show() -> None:
        told = await read(visit, door_of("rules/trend"), id=name)
        one = told["figure"]
        heading(visit, one["title"], lead=GROUP_TEXTS.get(one["group"], one["group"]))
        period = told["period"]
        with columns(2):
            with card(visit, text("For the judged twelve months")):
                facts(
                    visit,
                    [
                        (text("Value"), number(one["value"], one["unit"])),
                        (text("Change a year"), None if one["slope_per_year"] is None
                         else number(one["slope_per_year"], one["unit"])),
                        (text("Judged days"), joined(day(period["start"], visit), " – ", day(period["end"], visit))),
                    ],
                )  # fmt: skip
                if one["why_missing"]:
                    paragraph(visit, one["why_missing"])
            with card(visit, text("What it rests on")):
                paragraph(visit, one["basis"])
        if told["series"]:
            with card(visit, text("By month")):
                address = visit.address(door_of("rules/trend"), FigureAsked(id=name))
                chart(visit, address, title=said(visit, one["title"]), zone=visit.zone, height=320, zoom=False)
        rows = (await read(visit, door_of("rules/verdicts"), figure=name))["rows"]
        applying = [row for row in rows if row["word"] != "not applicable"]
        if applying:
            with card(visit, text("Verdicts that rest on it"), flush=True):
                verdict_table(visit, applying, caption=text("Verdicts that rest on it"))

    await assessed(visit, AsOf(), show, height=480)
