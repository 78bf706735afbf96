"""A day of a stack hour by hour, and an hour with the readings it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forgecast.app.doors.environment.hours import DayQuestion, HourQuestion
from forgecast.app.doors.shelf import door_of
from forgecast.app.pages.address_form import asked_in
from forgecast.app.pages.green.overview import long_day_of
from forgecast.app.pages.green.shared import (
    day_address,
    green_style,
    hour_address,
    hours_legend,
    shifted,
    stacked,
    strip,
)
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    Markup,
    Words,
    asked,
    badge,
    buttons,
    card,
    chart,
    columns,
    empty,
    error_box,
    facts,
    heading,
    link,
    number,
    paragraph,
    put,
    said,
    table,
    tag,
)
from forgecast.app.pages.visit import Visit
from forgecast.app.report.numbers import local_hour
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text


@page("green", "green/day", text("A day of a stack"))
async def day(visit: Visit) -> None:
    """Fill the page with the day that its address names."""
    green_style()
    try:
        question = asked_in(visit, DayQuestion)
    except ForgecastError as error:
        heading(visit, text("A day of a stack"))
        error_box(visit, error)
        return
    on = question.day_on.isoformat()
    title = text("{stack}, {day}", stack=question.stack or "—", day=long_day_of(visit, on))
    heading(visit, title, lead=text("Every hour with what was measured, what is compared, the limit and why."))
    near = [day_address(visit, shifted(on, days), question.stack, question.pollutant) for days in (-1, 1)]
    buttons(
        [
            link(visit, text("← the day before"), near[0]),
            link(visit, text("the day after →"), near[1]),
            link(visit, text("the month"), visit.link("green/stacks", month=on[:7])),
            *(
                [link(visit, text("all pollutants"), day_address(visit, on, question.stack, ""))]
                if question.pollutant
                else []
            ),
        ]
    )
    await asked(visit, door_of("environment/day"), question, lambda told: _day(visit, told, question), height=600)


def _day(visit: Visit, told: Mapping[str, Any], question: DayQuestion) -> None:
    if not told["hours"]:
        empty(
            visit,
            text("No limit was judged here on this day."),
            do=text("Choose another day, or see whether the stack's tags are described."),
            links=(link(visit, text("Stacks by the hour"), visit.link("green/stacks")),),
        )
        return
    hours_legend(visit, told["states"], "".join(one["state"] for one in told["hours"]))
    source = visit.address(door_of("environment/day"), question)
    for one in told["shown"]:
        mine = [h for h in told["hours"] if all(h[k] == one[k] for k in ("stack", "pollutant", "requirement"))]
        title = one["title"]
        with card(visit, title, note=text("from {tags}", tags=one["origin"])):
            put(strip(visit, "".join(h["state"] for h in mine), told["states"]))
            chart(visit, source, title=title, at=f"charts.{one['chart']}", zone=visit.zone, height=260, from_zero=True)
            _hours(visit, told, mine)


def _hours(visit: Visit, told: Mapping[str, Any], hours: list[Mapping[str, Any]]) -> None:
    heads: list[Heading | Words] = [
        text("Hour"),
        text("Verdict"),
        Heading(text("Measured, dry"), "mg/m3", numeric=True),
        Heading(text("At reference oxygen"), "mg/m3", numeric=True),
        Heading(text("Limit"), "mg/m3", numeric=True),
        Heading(text("Good readings"), "%", numeric=True),
        text("Why"),
    ]
    rows = [
        (
            tag(
                "a",
                _clock(one["begins_at"], told["zone"])[11:],
                class_="fc-link",
                href=hour_address(visit, one["stack"], one["begins_at"]),
            ),
            _word(visit, told, one),
            number(one["measured_mg_m3"]),
            number(one["value_mg_m3"], against=one["limit_mg_m3"]),
            number(one["limit_mg_m3"]),
            100.0 * one["valid_share"],
            stacked(said(visit, one["why"]), _bound(visit, one) if one["over"] else None),
        )
        for one in hours
    ]
    table(visit, heads, rows, caption=text("Hours of the day"))


def _word(visit: Visit, told: Mapping[str, Any], one: Mapping[str, Any]) -> Markup:
    return stacked(
        badge(visit, one["word"]), said(visit, told["states"][one["state"]]) if one["state"] in "vro" else None
    )


def _bound(visit: Visit, one: Mapping[str, Any]) -> str:
    return f"{said(visit, one['layer_name'])} · {said(visit, one['clause'])}"


@page("green", "green/hour", text("An hour of a stack"))
async def hour(visit: Visit) -> None:
    """Fill the page with the hour that its address names."""
    green_style()
    try:
        question = asked_in(visit, HourQuestion)
    except ForgecastError as error:
        heading(visit, text("An hour of a stack"))
        error_box(visit, error)
        return
    heading(
        visit,
        text("{stack}: one hour and its readings", stack=question.stack),
        lead=text("What the hourly mean was computed from, reading by reading."),
    )
    await asked(visit, door_of("environment/hour"), question, lambda told: _hour(visit, told, question), height=600)


def _hour(visit: Visit, told: Mapping[str, Any], question: HourQuestion) -> None:
    paragraph(visit, text("The hour begins at {hour}.", hour=_clock(told["begins_at"], told["zone"])))
    with columns(3):
        for one in told["hours"]:
            with card(visit, text("{pollutant}", pollutant=one["pollutant"].upper()), aside=badge(visit, one["word"])):
                facts(
                    visit,
                    [
                        (text("Mean of the good readings, dry gas"), number(one["measured_mg_m3"], "mg/m3")),
                        (text("At reference oxygen"), number(one["value_mg_m3"], "mg/m3", against=one["limit_mg_m3"])),
                        (text("Limit"), number(one["limit_mg_m3"], "mg/m3")),
                        (text("Binding"), _bound(visit, one) if one["clause"] else None),
                        (text("Good readings"), number(100.0 * one["valid_share"], "%")),
                        (text("Why"), said(visit, one["why"])),
                        (text("Requirement"), link(visit, one["requirement"], visit.link("rules"))),
                    ],
                )
    heads: list[Heading | Words] = [
        text("Series"),
        text("Measures"),
        Heading(text("Due"), numeric=True),
        Heading(text("There"), numeric=True),
        Heading(text("Good"), numeric=True),
        Heading(text("Mean"), numeric=True),
        Heading(text("Lowest"), numeric=True),
        Heading(text("Highest"), numeric=True),
        text("Described in"),
    ]
    rows = [
        (
            one["tag"],
            one["measures"].replace("_", " "),
            one["expected"],
            one["count"],
            one["good"],
            number(one["mean"], one["unit"]),
            number(one["lowest"], one["unit"]),
            number(one["highest"], one["unit"]),
            tag("span", one["described_in"], class_="fc-place"),
        )
        for one in told["series"]
    ]
    with card(visit, text("Series of the stack"), flush=True):
        table(visit, heads, rows, caption=text("Series of the stack"))
    source = visit.address(door_of("environment/hour"), question)
    with columns(2):
        for n, one in enumerate(told["series"]):
            if one["count"]:
                with card(visit, one["tag"]):
                    chart(visit, source, title=one["tag"], at=f"charts.c{n}", zone=visit.zone, height=180, zoom=False)


def _clock(at: str, zone: str) -> str:
    return local_hour(at.replace("Z", "+00:00"), zone)
