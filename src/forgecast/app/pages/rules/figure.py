"""One key figure: its value, its months, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forgecast.app.doors.rules.forms import AsOf, FigureAsked
from forgecast.app.doors.shelf import door_of
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    card,
    chart,
    columns,
    day,
    empty,
    facts,
    heading,
    joined,
    link,
    number,
    paragraph,
)
from forgecast.app.pages.rules.shown import assessed, read, verdict_table
from forgecast.app.pages.visit import Visit
from forgecast.app.report.words import GROUP_TEXTS
from forgecast.ground.texts import text


@page("rules", "rules/figure/{id}", text("Key figure"))
async def figure(visit: Visit) -> None:
    """Fill the page."""
    name = visit.names["id"]

    async def show() -> None:
        rows = (await read(visit, door_of("rules/verdicts"), figure=name))["rows"]
        known = {one["id"] for one in (await read(visit, door_of("rules/figures")))["rows"]}
        if name in known:
            _figure(visit, await read(visit, door_of("rules/trend"), id=name))
        else:
            heading(visit, text("Figure {name}", name=name), lead=text("read by the requirements below"))
        applying = [row for row in rows if row["word"] != "not applicable"]
        if applying:
            with card(visit, text("Verdicts that rest on it"), flush=True):
                verdict_table(visit, applying, caption=text("Verdicts that rest on it"))
        elif name not in known:
            empty(visit, text("No requirement that applies here reads this figure."),
                  links=[link(visit, text("Key figures"), visit.link("rules", tab="figures"))])  # fmt: skip

    await assessed(visit, AsOf(), show, height=480)


def _figure(visit: Visit, told: Mapping[str, Any]) -> None:
    one, period = told["figure"], told["period"]
    heading(visit, one["title"], lead=GROUP_TEXTS.get(one["group"], one["group"]))
    slope = one["slope_per_year"]
    with columns(2):
        with card(visit, text("For the judged twelve months")):
            facts(
                visit,
                [
                    (text("Value"), number(one["value"], one["unit"])),
                    (text("Change a year"), None if slope is None else number(slope, one["unit"])),
                    (text("Judged days"), joined(day(period["start"], visit), " – ", day(period["end"], visit))),
                ],
            )
            if one["why_missing"]:
                paragraph(visit, one["why_missing"])
        with card(visit, text("What it rests on")):
            paragraph(visit, one["basis"])
    if told["series"]:
        with card(visit, text("By month")):
            address = visit.address(door_of("rules/trend"), FigureAsked(id=one["id"]))
            chart(visit, address, title=one["title"], zone=visit.zone, height=320, zoom=False)
