"""Heats of a day or more: when each furnace melted what, with the last sample; and how the days before went."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from nicegui import ui

from forgecast.app.doors.melting.log import DAYS, HEATS, AboutHeats, Days
from forgecast.app.pages.melting.timeline import timeline
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Column,
    KeyFigure,
    asked,
    button,
    buttons,
    card,
    chart,
    choice_field,
    day_field,
    empty,
    filter_bar,
    grid,
    heading,
    key_figures,
    link,
    tag,
    text_field,
)
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import text
from forgecast.plant.record import record

_ELEMENTS = ("C", "Si", "Mn", "P", "S", "Mg", "Cu")
_DAYS = 30


@page("melt", "melt", text("Heats"), in_menu=True)
async def heats(visit: Visit) -> None:
    """Fill the page of the heats."""
    heading(visit, text("Heats"), lead=text("What the furnaces melted, heat by heat; newest first."))
    question = AboutHeats(
        from_on=_day(visit.query.get("from", "")),
        to_on=_day(visit.query.get("to", "")),
        furnace=visit.query.get("furnace", ""),
        alloy=visit.query.get("alloy", ""),
        words=visit.query.get("words", ""),
        limit=500,
    )
    await asked(visit, HEATS, question, lambda told: _heats(visit, question, told))
    await asked(visit, DAYS, Days(days=_DAYS), lambda told: _days(visit, told))


def _day(written: str) -> date | None:
    try:
        found = date.fromisoformat(written)
    except ValueError:
        return None
    return found if 1971 <= found.year <= 2199 else None


def _heats(visit: Visit, question: AboutHeats, told: dict[str, Any]) -> None:
    _filters(visit, question, told)
    if told["from_on"] is None:
        empty(
            visit,
            text("No heat is on record yet."),
            do=text("Take in the furnace book, or enter a heat by hand."),
            links=[
                link(visit, text("Take files in"), visit.link("data/import")),
                link(visit, text("Enter a heat"), visit.link("data/enter/heat")),
            ],
        )
        return
    _steps(visit, question, told)
    rows = told["heats"]
    masses = [one["mass_kg"] for one in rows]
    whole = sum(masses) / 1000.0 if rows and None not in masses and told["next"] is None else None
    held = sum(one["decision"] in {"block", "contain", "scrap", "remelt"} for one in rows)
    key_figures(
        visit,
        [
            KeyFigure(text("Heats"), told["total"]),
            KeyFigure(text("Metal tapped"), whole, "t"),
            KeyFigure(text("Held back"), held, tone="bad" if held else "good"),
            KeyFigure(text("Without a sample of their own"), sum(not one["samples"] for one in rows)),
        ],
    )
    if told["from_on"] == told["to_on"] and rows:
        with card(visit, text("Furnaces over the day")):
            timeline(visit, rows)
    with card(visit, text("Heats"), flush=True):
        grid(
            visit,
            rows,
            [
                Column("id", text("Heat"), link=visit.link("melt/heat") + "?id={id}", width=120),
                Column("tapped_at", text("Tapped"), kind="moment", width=160),
                Column("furnace", text("Furnace"), width=110),
                Column("alloy", text("Alloy"), width=120),
                Column("mass_kg", text("Mass"), kind="number", unit="kg", width=110),
                Column("tap_temperature_degC", text("Tapped at"), kind="number", unit="°C", width=130),
                *(
                    Column(f"contents_percent.{one}", one, kind="number", unit="%", width=95)
                    for one in _ELEMENTS
                    if any(one in row["contents_percent"] for row in rows)
                ),
                Column("energy_kWh_per_t", text("Energy"), kind="number", unit="kWh/t", width=130),
                Column("decided", text("Last decision"), width=130),
            ],
            title=text("Heats"),
            zone=visit.zone,
            height=560,
            empty=text("No heat on these days."),
        )


def _filters(visit: Visit, question: AboutHeats, told: dict[str, Any]) -> None:
    with filter_bar():
        first = day_field(visit, text("From"), value=told["from_on"] or "")
        last = day_field(visit, text("To"), value=told["to_on"] or "")
        every: dict[str, Any] = {"": text("all")}
        furnace = choice_field(
            visit, text("Furnace"), every | {one: one for one in told["furnaces"]}, value=question.furnace
        )
        alloy = choice_field(visit, text("Alloy"), every | {one: one for one in told["alloys"]}, value=question.alloy)
        words = text_field(visit, text("Number of the heat"), value=question.words)

        def go() -> None:
            wanted = {
                "from": first.value,
                "to": last.value,
                "furnace": furnace.value,
                "alloy": alloy.value,
                "words": (words.value or "").strip(),
            }
            ui.navigate.to(visit.link("melt", **{name: str(value) for name, value in wanted.items() if value}))

        words.on("keydown.enter", go)
        button(visit, text("Show"), go)


def _steps(visit: Visit, question: AboutHeats, told: dict[str, Any]) -> None:
    first, last = date.fromisoformat(told["from_on"]), date.fromisoformat(told["to_on"])
    if question.words:
        return
    length = last - first + timedelta(days=1)
    links = []
    for words, shift in ((text("Earlier"), -length), (text("Later"), length)):
        query = {"from": (first + shift).isoformat(), "to": (last + shift).isoformat()}
        query |= {name: value for name, value in (("furnace", question.furnace), ("alloy", question.alloy)) if value}
        links.append(tag("a", visit.say(words), href=visit.link("melt", **query), class_="fc-button quiet"))
    week = {"from": (last - timedelta(days=6)).isoformat(), "to": last.isoformat()}
    links.append(tag("a", visit.say(text("Seven days")), href=visit.link("melt", **week), class_="fc-button quiet"))
    links.append(tag("a", visit.say(text("Last day on record")), href=visit.link("melt"), class_="fc-button quiet"))
    buttons(links)


def _days(visit: Visit, told: dict[str, Any]) -> None:
    days = told["days"]
    if not days:
        return
    name = record("heat").title.as_json()
    drawn = {
        "x": [one["day_on"][5:] for one in days],
        "series": [
            {"name": name, "unit": "", "kind": "bar", "values": [one["heats"] for one in days]},
            {
                "name": text("Metal tapped").as_json(),
                "unit": "t",
                "kind": "line",
                "values": [None if one["mass_kg"] is None else one["mass_kg"] / 1000.0 for one in days],
            },
        ],
    }
    with card(visit, text("The days before"), note=text("Heats and metal of {count} days.", count=len(days))):
        chart(visit, drawn, title=text("The days before"), from_zero=True, zoom=False, height=260)
