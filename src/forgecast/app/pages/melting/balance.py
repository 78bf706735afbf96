"""Whether the metal of each month closes, and how magnesium fades in the ladles."""

from __future__ import annotations

import json
from typing import Any

from nicegui import ui

from forgecast.app.doors.melting.figures import BALANCE, FADE, AskedBalance, AskedFade
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    KeyFigure,
    asked,
    button,
    card,
    chart,
    chip,
    filter_bar,
    fold,
    heading,
    joined,
    key_figures,
    notice,
    number_field,
    put,
    table,
    tag,
    text_field,
)
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import text, verbatim

_LEAST_WEIGHT = 0.01


@page("melt", "melt/balance", text("Metal balance"), in_menu=True)
async def balance(visit: Visit) -> None:
    """Fill the page of the balance."""
    heading(
        visit,
        text("Metal balance"),
        lead=text(
            "What was charged against what it became, by alloy and month; what closes, and what most likely not."
        ),
    )
    scale = _number(visit.query.get("scale", ""))
    loss = _number(visit.query.get("loss", ""))
    with filter_bar():
        scales = number_field(visit, text("Scales are good to"), value=scale, unit="%", least=0.01, most=50)
        losses = number_field(visit, text("Slag and loss to"), value=loss, unit="%", least=0.01, most=99)

        def go() -> None:
            wanted = {"scale": scales.value, "loss": losses.value}
            query = {name: f"{value:g}" for name, value in wanted.items() if value is not None}
            ui.navigate.to(visit.link("melt/balance", **query))

        button(visit, text("Judge"), go)
    if scale is None:
        notice(visit, text("Nothing is judged yet: say how well masses are known."))
    doubts = [] if loss is None or scale is None else [f"loss={loss / 100.0:g}"]
    question = AskedBalance(scale=None if scale is None else scale / 100.0, doubts=doubts)
    await asked(visit, BALANCE, question, lambda told: _balance(visit, told))


def _number(written: str) -> float | None:
    try:
        found = float(written)
    except ValueError:
        return None
    return found if 0.0 < found < 100.0 else None


def _balance(visit: Visit, told: dict[str, Any]) -> None:
    titles = {one["stream"]: one["title"] for one in told["streams"]}
    lacking: dict[str, list[str]] = {}
    for one in told["alloys"]:
        lacking.setdefault(json.dumps(one["missing"], sort_keys=True), []).append(one["alloy"])
    for one in told["alloys"]:
        with card(visit, one["alloy"]):
            _alloy(visit, one, titles)
    for missing, alloys in lacking.items():
        if missing != "[]":
            with card(visit, text("What is missing for {alloys}", alloys=", ".join(alloys)), tone="warn", flush=True):
                _missing(visit, json.loads(missing), told["alloys"][0]["months"], titles)
    if told["notes"]:
        with fold(visit, text("Notes")):
            put(tag("ul", *(tag("li", visit.say(note)) for note in told["notes"]), class_="fc-list"))


def _alloy(visit: Visit, one: dict[str, Any], titles: dict[str, Any]) -> None:
    months = one["months"]
    judged = [month for month in months if month["closes"] is not None]
    open_months = [month["month"] for month in judged if month["closes"] is False]
    if judged:
        if open_months:
            notice(visit, text("Does not close: {months}", months=", ".join(open_months)), tone="bad")
        else:
            notice(visit, text("What is on record closes within what the scales allow."), tone="good")
    if any(month["residual_t"] is not None for month in months):
        drawn = {
            "x": [month["month"] for month in months],
            "series": [
                {
                    "name": text("Left over").as_json(),
                    "unit": "t",
                    "kind": "bar",
                    "values": [month["residual_t"] for month in months],
                },
                {
                    "name": text("Allowed, above").as_json(),
                    "unit": "t",
                    "kind": "line",
                    "tone": "warn",
                    "values": [month["tolerance_t"] for month in months],
                },
                {
                    "name": text("Allowed, below").as_json(),
                    "unit": "t",
                    "kind": "line",
                    "tone": "warn",
                    "values": [None if (t := month["tolerance_t"]) is None else -t for month in months],
                },
            ],
        }
        chart(visit, drawn, title=text("Left over, {alloy}", alloy=one["alloy"]), zoom=False, height=240)
    likely = [found for found in one["suspects"] if found["weight"] >= _LEAST_WEIGHT]
    if likely:
        put(tag("h3", visit.say(text("The likeliest causes; a ranking and no proof"))))
        put(tag("ul", *(tag("li", visit.say(found["words"])) for found in likely), class_="fc-list"))
    if not judged:
        put(tag("p", visit.say(text("No month can be judged: what is missing stands below.")), class_="fc-soft"))
    with fold(visit, text("Streams by month")):
        heads = [Heading(text("Month"))]
        heads += [Heading(titles[name], "t", numeric=True) for name in titles]
        rows = [(month["month"], *(month["streams_t"].get(name) for name in titles)) for month in months]
        table(visit, heads, rows)


def _missing(visit: Visit, missing: list[dict[str, Any]], months: list[dict[str, Any]], titles: dict[str, Any]) -> None:
    table(
        visit,
        [text("Stream"), text("Months"), text("The record that would settle it")],
        [
            (visit.say(titles[gap["stream"]]), _months(visit, gap["months"], months), visit.say(gap["record"]))
            for gap in missing
        ],
    )


def _months(visit: Visit, some: list[str], every: list[dict[str, Any]]) -> str:
    return visit.say(text("every month")) if len(some) == len(every) else ", ".join(some)


@page("melt", "melt/fading", text("Fading of magnesium"), in_menu=True)
async def fading(visit: Visit) -> None:
    """Fill the page of the fading."""
    heading(
        visit,
        text("Fading of magnesium"),
        lead=text("How fast it goes in your own ladles, and how long each could have waited."),
    )
    lowest, spread = _number(visit.query.get("lowest", "")), _number(visit.query.get("spread", ""))
    with filter_bar():
        element = text_field(visit, text("Element"), value=visit.query.get("element", "Mg"))
        low = number_field(visit, text("To be kept"), value=lowest, unit="%", least=0)
        doubt = number_field(
            visit,
            text("One sample is good to"),
            value=spread,
            unit="%",
            least=0,
            hint=text("standard deviation, where none is on record"),
        )

        def go() -> None:
            wanted = {"element": element.value or "Mg", "lowest": low.value, "spread": doubt.value}
            query = {name: str(value) for name, value in wanted.items() if value is not None}
            ui.navigate.to(visit.link("melt/fading", **query))

        button(visit, text("Show"), go)
    name = visit.query.get("element", "Mg")
    known = name if 0 < len(name) <= 2 and name.isalpha() else "Mg"
    question = AskedFade(element=known.capitalize(), lowest_percent=lowest, spread_percent=spread)
    await asked(visit, FADE, question, lambda told: _fade(visit, told))


def _fade(visit: Visit, told: dict[str, Any]) -> None:
    half, doubt = told["half_life_s"], told["half_life_uncertainty_s"]
    poor = told["fit_probability"] is not None and told["fit_probability"] < 0.01
    note = None if doubt is None else verbatim(f"± {doubt / 60:.1f} min")
    key_figures(
        visit,
        [
            KeyFigure(text("Half-life"), None if half is None else half / 60.0, "min", note=note),
            KeyFigure(text("Ladles that tell it"), len(told["ladles"])),
        ],
    )
    if poor:
        notice(visit, text("The samples scatter more than their uncertainty allows."), tone="warn")
    with card(visit, text("Ladles"), flush=True):
        heads = [
            Heading(text("Ladle")),
            Heading(text("At the treatment"), "%", numeric=True),
            Heading(text("Pour before"), "min", numeric=True),
            Heading(text("How")),
        ]
        rows = [
            (
                one["ladle"],
                joined(f"{100 * one['start']:.4f} ± {100 * one['start_uncertainty']:.4f}"),
                None if one["pour_before_s"] is None else one["pour_before_s"] / 60.0,
                chip(visit, text("no end seen"), "unknown") if one["pour_before_s"] is None else None,
            )
            for one in told["ladles"]
        ]
        table(visit, heads, rows)
