"""What drives a meter's energy, and what an energy measure has saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forgecast.app.doors.energy.models import BaselineQuestion, SavingsQuestion
from forgecast.app.doors.shelf import door_of
from forgecast.app.pages.address_form import AddressForm, asked_in
from forgecast.app.pages.gaps import notes
from forgecast.app.pages.green.forms import measure_form
from forgecast.app.pages.green.shared import live, since_until, stacked
from forgecast.app.pages.parts import (
    Heading,
    KeyFigure,
    Words,
    asked,
    button,
    card,
    chart,
    chip,
    choice_field,
    columns,
    empty,
    filter_bar,
    fold,
    key_figures,
    notice,
    paragraph,
    row,
    said,
    switch_field,
    table,
    tag,
    text_field,
)
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right

_PATH = "green/energy"
_LENGTHS = {"month": text("a month"), "day": text("a day"), "hour": text("an hour")}
_HOLDS = {True: (text("yes"), "good"), False: (text("no"), "bad"), None: (text("not known"), "unknown")}


def _named_meters(choices: Mapping[str, Any]) -> dict[str, Words]:
    return {one["id"]: f"{one['id']} · {one['name']}" for one in choices["meters"]}


async def baseline(visit: Visit, choices: Mapping[str, Any]) -> None:
    """Fill the part about what drives energy."""
    form = AddressForm(visit, _PATH, {"tab": "baseline"})
    with filter_bar():
        form.field(
            "meter",
            choice_field(
                visit,
                text("Meter"),
                _named_meters(choices),
                search=True,
                hint=text("empty: the main meter"),
            ),
        )
        form.field("by", choice_field(visit, text("Periods of"), _LENGTHS, value="month"))
        form.field(
            "driver",
            text_field(
                visit,
                text("Drivers"),
                placeholder=text("by themselves"),
                hint=text("such as good_t, heat_t, tag:NAME"),
            ),
        )
        since_until(visit, form)
        form.field("robust", switch_field(visit, text("Odd periods pull less")))
        button(visit, text("Fit"), form.send, kind="main")
    with fold(visit, text("Which drivers there are")):
        rows = [(name, said(visit, words)) for name, words in choices["drivers"].items()]
        table(visit, [text("Driver"), text("What it is")], rows, caption=text("Drivers"))
    question = asked_in(visit, BaselineQuestion)
    await asked(visit, door_of("energy/baseline"), question, lambda told: _fitted(visit, told, question), height=700)


def _fitted(visit: Visit, told: Mapping[str, Any], question: BaselineQuestion) -> None:
    verdicts = {
        True: (text("The baseline is adequate."), "good"),
        False: (text("The baseline is not adequate: what it expects is not to be relied on."), "bad"),
        None: (text("Whether the baseline is adequate is not known."), "unknown"),
    }
    words, tone = verdicts[told["adequate"]]
    notice(visit, words, tone=tone)
    cv = None if told["cv_rmse"] is None else 100.0 * told["cv_rmse"]
    key_figures(
        visit,
        [
            KeyFigure(text("Explained (R²)"), told["r2"]),
            KeyFigure(text("Scatter, CV(RMSE)"), cv, "%"),
            KeyFigure(text("Periods"), told["periods"], note=text("left out: {count}", count=told["left_out"])),
            KeyFigure(text("Drivers"), ", ".join(told["drivers"])),
        ],
    )
    source = visit.address(door_of("energy/baseline"), question)
    title = text("{meter}: measured and expected", meter=told["meter"])
    with card(visit, title):
        chart(visit, source, title=title, at="charts.against", height=280)
    with columns(2):
        with card(visit, text("What is left over")):
            chart(visit, source, title=text("What is left over"), at="charts.left_over", height=220)
        with card(visit, text("Its running sum (CUSUM)"), note=text("a bend shows when something changed")):
            chart(visit, source, title=text("Its running sum (CUSUM)"), at="charts.cusum", height=220)
    model_cards(visit, told)


def model_cards(visit: Visit, told: Mapping[str, Any]) -> None:
    """Place the coefficients of a model and the tests it passed or not."""
    with columns(2):
        with card(visit, text("What a unit of each driver adds"), flush=True):
            heads: list[Heading | Words] = [
                text("Driver"),
                Heading(text("Adds"), numeric=True),
                Heading(text("± std. error"), numeric=True),
                Heading("t", numeric=True),
                Heading("p", numeric=True),
            ]
            rows = [
                (one["name"], one["value"], one["standard_error"], one["t"], _few(one["p"]))
                for one in told["coefficients"]
            ]
            table(visit, heads, rows, caption=text("What a unit of each driver adds"))
        with card(visit, text("Tests of the model"), flush=True):
            tests: list[Heading | Words] = [
                text("Test"),
                Heading(text("Value"), numeric=True),
                Heading(text("Bound"), numeric=True),
                text("Holds"),
                text("Source"),
            ]
            body = []
            for one in told["criteria"]:
                words, tone = _HOLDS[one["holds"]]
                sign = "≥" if one["comparison"] == "at_least" else "≤"
                shown = stacked(chip(visit, words, tone), None if one["decides"] else said(visit, text("shown only")))
                body.append(
                    (
                        said(visit, one["title"]),
                        _few(one["value"]),
                        f"{sign} {one['bound']:g}",
                        shown,
                        tag("span", said(visit, one["source"]), class_="fc-soft"),
                    )
                )
            table(visit, tests, body, caption=text("Tests of the model"))
    if told["outliers"]:
        paragraph(visit, text("Far from the model: {names}", names=", ".join(told["outliers"][:12])), soft=True)
    if told["leveraged"]:
        paragraph(visit, text("Pull it most: {names}", names=", ".join(told["leveraged"][:12])), soft=True)
    notes(visit, told["notes"])


def _few(value: float | None) -> str | None:
    """Return a number of a test to three digits: a probability may be very small."""
    return None if value is None else f"{value:.3g}"


async def savings(visit: Visit, choices: Mapping[str, Any]) -> None:
    """Fill the part about what measures have saved."""
    measures = choices["measures"]
    if visit.may(Right.ENVIRONMENT):
        with row():
            button(
                visit,
                text("Enter a measure"),
                lambda: measure_form(visit, choices),
                kind="plain" if measures else "main",
            )
    if not measures:
        empty(
            visit,
            text("No energy measure is on record."),
            do=text("Enter what was done, at which meter and when; the saving is then proven against the time before."),
        )
        return
    form = AddressForm(visit, _PATH, {"tab": "savings"})
    names = {one["id"]: f"{one['id']} · {one['name']}" for one in measures}
    with filter_bar():
        live(form, "measure", choice_field(visit, text("Measure"), names, value=measures[0]["id"]))
        live(form, "by", choice_field(visit, text("Periods of"), _LENGTHS, value="month"))
    given = {} if visit.query.get("measure") else {"measure": measures[0]["id"]}
    question = asked_in(visit, SavingsQuestion, **given)
    await asked(visit, door_of("energy/savings"), question, lambda told: _saved(visit, told, question), height=700)


def _saved(visit: Visit, told: Mapping[str, Any], question: SavingsQuestion) -> None:
    unit = told["unit"]
    if not told["significant"]:
        notice(visit, text("No saving is proven: the interval holds zero."), tone="warn")
    elif told["saved"] < 0.0:
        notice(visit, text("More was used than the baseline expects."), tone="bad")
    else:
        notice(visit, text("The saving is proven with 95 %."), tone="good")
    between = text("95 %: {low} to {high}", low=f"{told['low_95']:,.0f}", high=f"{told['high_95']:,.0f}")
    key_figures(
        visit,
        [
            KeyFigure(
                text("Saved"), told["saved"], unit, note=between, tone="good" if told["significant"] else "unknown"
            ),
            KeyFigure(text("Of what was expected"), None if told["share"] is None else 100.0 * told["share"], "%"),
            KeyFigure(text("In a year"), told["per_year"], unit),
            KeyFigure(text("Expected by the record"), told["expected_a_year"], "kWh"),
            KeyFigure(text("Periods reported"), told["periods"]),
        ],
    )
    source = visit.address(door_of("energy/savings"), question)
    with columns(2):
        with card(visit, text("Measured against the baseline")):
            chart(visit, source, title=text("Measured against the baseline"), at="charts.against", height=260)
        with card(visit, text("Saved since the measure")):
            chart(visit, source, title=text("Saved since the measure"), at="charts.cusum", height=260)
    if told["static_factors"] or told["outside_range"]:
        with card(visit, text("What else changed, for which nothing is adjusted"), tone="warn"):
            notes(visit, [*told["static_factors"], *told["outside_range"]])
    with fold(visit, text("The baseline it is measured against")):
        model_cards(visit, told["baseline"])
