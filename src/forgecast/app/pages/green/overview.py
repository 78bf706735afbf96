"""Green at a glance: stacks against their limits, duties due, energy and carbon per tonne, and what is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from forgecast.app.doors.door import NoQuestion
from forgecast.app.doors.energy.meters import DaysQuestion
from forgecast.app.doors.environment.ledger import LedgerQuestion
from forgecast.app.doors.reported import PeriodQuestion
from forgecast.app.doors.shelf import door_of
from forgecast.app.pages.gaps import gap_list
from forgecast.app.pages.green.shared import (
    day_address,
    green_style,
    hour_address,
    hours_legend,
    stacked,
    strip,
    to_page,
)
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    KeyFigure,
    Markup,
    Words,
    asked,
    badge,
    card,
    chart,
    chip,
    columns,
    empty,
    heading,
    key_figures,
    link,
    number,
    paragraph,
    said,
    table,
    tag,
)
from forgecast.app.pages.visit import Visit
from forgecast.app.report.numbers import long_day
from forgecast.ground.texts import text

DUTY_TONES = {"overdue": "bad", "due": "warn", "day not known": "unknown", "done late": "warn", "done": "good"}
_MOST_DUTIES, _MOST_EVENTS = 7, 6


@page("green", "green", text("Green"), in_menu=True)
async def green(visit: Visit) -> None:
    """Fill the page: what needs somebody now stands first."""
    green_style()
    heading(
        visit,
        text("Environment, energy, carbon"),
        lead=text("Stacks against their limits, duties that are due, what a tonne takes, and what is not known."),
    )
    await asked(visit, door_of("environment/now"), NoQuestion(), lambda told: _stacks(visit, told), height=300)
    with columns(2):
        with card(
            visit,
            text("Hours above a limit"),
            aside=to_page(visit, text("All of them"), "green/stacks", tab="exceedances"),
        ):
            await asked(
                visit,
                door_of("environment/exceedances"),
                PeriodQuestion(),
                lambda told: _events(visit, told),
                height=160,
            )
        with card(visit, text("Duties"), aside=to_page(visit, text("Permit calendar"), "green/ledger", tab="duties")):
            await asked(visit, door_of("environment/duties"), NoQuestion(), lambda told: _duties(visit, told))
    await asked(visit, door_of("energy/figures"), DaysQuestion(), lambda told: _figures(visit, told), height=420)
    with card(
        visit,
        text("What is not known"),
        note=text("of the last twelve whole months, and the record that would settle it"),
        aside=to_page(visit, text("Ledger"), "green/ledger"),
        tone="unknown",
    ):
        await asked(
            visit,
            door_of("environment/ledger"),
            LedgerQuestion(limit=1),
            lambda told: gap_list(visit, told["gaps"]),
            height=160,
        )


def _stacks(visit: Visit, told: Mapping[str, Any]) -> None:
    if not told["stacks"]:
        empty(
            visit,
            text("No stack has a series that can be judged hour by hour."),
            do=text("Describe the tags of its monitor and take its readings in."),
            links=(to_page(visit, text("Take in files"), "data"),),
        )
        return
    day = long_day_of(visit, told["on"])
    title = text("Stacks today, {day}", day=day) if told["live"] else text("Stacks on {day}", day=day)
    note = None if told["live"] else text("the last day with readings; nothing is being collected now")
    with card(visit, title, note=note, aside=to_page(visit, text("By the hour"), "green/stacks"), flush=True):
        heads: list[Heading | Words] = [
            text("Stack"),
            text("Pollutant"),
            Heading(text("Last hour"), "mg/m3", numeric=True),
            Heading(text("Limit"), "mg/m3", numeric=True),
            text("Hours of the day"),
            text("Verdict"),
        ]
        table(visit, heads, [_stack(visit, told, one) for one in told["stacks"]], caption=title)
    shown = "".join(one["states"] for one in told["stacks"])
    hours_legend(visit, told["states"], shown)
    if told["silent"]:
        paragraph(visit, text("Without hourly readings: {stacks}", stacks=", ".join(told["silent"])), soft=True)


def _stack(visit: Visit, told: Mapping[str, Any], one: Mapping[str, Any]) -> Sequence[Markup | str | None]:
    last = one["last"]
    value: Markup | None = None
    limit: Markup | None = None
    if last is not None:
        shown = number(last["value_mg_m3"], against=last["limit_mg_m3"])
        why = said(visit, told["states"][last["state"]]) if last["value_mg_m3"] is None else ""
        value = stacked(
            tag("a", shown, href=hour_address(visit, one["stack"], last["begins_at"]), class_="fc-link"), why
        )
        limit = stacked(number(last["limit_mg_m3"]), said(visit, last["layer_name"]))
    day = day_address(visit, told["on"], one["stack"], one["pollutant"])
    word = badge(visit, one["word"])
    ahead = one["ahead"]
    if ahead is not None and (ahead["threatens"] or ahead["lost"]):
        word = stacked(word, chip(visit, ahead["what"], "warn"))
    elif one["over_h"]:
        word = stacked(word, said(visit, text("{hours} hours above", hours=one["over_h"])))
    return [
        stacked(link(visit, one["stack"], day), one["stack_name"]),
        said(visit, one["pollutant_name"]),
        value,
        limit,
        strip(visit, one["states"], told["states"], to=day),
        word,
    ]


def long_day_of(visit: Visit, on: str) -> str:
    """Return a day as a sentence says it."""
    from datetime import date  # noqa: PLC0415  (one conversion)

    return long_day(date.fromisoformat(on), visit.language)


def _events(visit: Visit, told: Mapping[str, Any]) -> None:
    if not told["events"]:
        paragraph(visit, text("No valid hour of the last twelve whole months was above a limit."))
        return
    open_ = told["unexplained"]
    key_figures(
        visit,
        [
            KeyFigure(text("Hours above a limit"), told["hours"], "h", tone="bad"),
            KeyFigure(
                text("Without a cause"),
                open_,
                tone="warn" if open_ else "good",
                note=text("of {count} stretches", count=len(told["events"])),
                why=visit.link("green/stacks", tab="exceedances"),
            ),
        ],
    )
    heads: list[Heading | Words] = [
        text("Day"),
        text("Stack"),
        Heading(text("Hours"), "h", numeric=True),
        Heading(text("Worst"), "mg/m3", numeric=True),
        Heading(text("Limit"), "mg/m3", numeric=True),
    ]
    rows = [
        (
            link(visit, one["begins_on"], day_address(visit, one["begins_on"], one["stack"], one["pollutant"])),
            f"{one['stack']} · {said(visit, one['pollutant_name'])}",
            one["hours"],
            number(one["worst_mg_m3"], against=one["limit_mg_m3"]),
            one["limit_mg_m3"],
        )
        for one in reversed(told["events"][-_MOST_EVENTS:])
    ]
    table(visit, heads, rows, caption=text("Hours above a limit"))


def _duties(visit: Visit, told: Mapping[str, Any]) -> None:
    pressing = [one for one in told["duties"] if one["state"] in ("overdue", "due", "day not known")]
    if not told["duties"]:
        empty(
            visit,
            text("No duty of a permit can be told."),
            do=text("Enter the discharge permit with its class and days."),
            links=(to_page(visit, text("Enter records"), "data"),),
        )
        return
    rows = [
        (
            chip(visit, one["state_name"], DUTY_TONES.get(one["state"], "plain")),
            stacked(said(visit, one["title"]), f"{one['holder']} · {one['span_from_on']} – {one['span_until_on']}"),
            one["due_on"],
        )
        for one in pressing[:_MOST_DUTIES]
    ]
    table(
        visit,
        [text("State"), text("Duty"), text("Last day")],
        rows,
        caption=text("Duties"),
        empty=text("Nothing is due."),
    )
    if len(pressing) > _MOST_DUTIES:
        paragraph(visit, text("… and {count} more", count=len(pressing) - _MOST_DUTIES), soft=True)


_SHOWN = (
    ("specific_energy", "green/energy"),
    ("electricity_per_tonne", "green/energy"),
    ("carbon_per_tonne", "green/carbon"),
    ("carbon_tco2", "green/carbon"),
)


def _figures(visit: Visit, told: Mapping[str, Any]) -> None:
    found = {one["id"]: one for one in told["figures"]}
    figures = [
        KeyFigure(
            one["title"],
            one["value"],
            one["unit"],
            note=one["why_missing"] or text("in a year, by the trend of the months"),
            tone="unknown" if one["value"] is None else "",
            trend=one["slope_per_year"] if one["value"] is not None else None,
            better="down",
            why=visit.link(to),
        )
        for name, to in _SHOWN
        if (one := found.get(name)) is not None
    ]
    if not figures:
        empty(
            visit,
            text("No energy is on record."),
            do=text("Enter the meters and take their readings in."),
            links=(to_page(visit, text("Take in files"), "data"),),
        )
        return
    key_figures(visit, figures)
    with columns(2):
        drawn = [(name, to) for name, to in _SHOWN if any(found[name]["values"] if name in found else ())]
        for name, to in drawn[:2]:
            one = found.get(name)
            if one is not None:
                with card(visit, one["title"], note=one["basis"], aside=to_page(visit, text("Why"), to)):
                    source = visit.address(door_of("energy/figures"), DaysQuestion())
                    chart(visit, source, title=one["title"], at=f"charts.{name}", height=220, kind="bar")
