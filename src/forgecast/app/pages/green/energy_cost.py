"""The electricity bill by tariff and its load, shifting of melting as a plan, and where energy is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forgecast.app.doors.energy.cost import CostQuestion, DiagnosisQuestion, ShiftQuestion
from forgecast.app.doors.shelf import door_of
from forgecast.app.pages.address_form import AddressForm, asked_in
from forgecast.app.pages.gaps import notes
from forgecast.app.pages.green.shared import since_until
from forgecast.app.pages.parts import (
    Heading,
    KeyFigure,
    Markup,
    Words,
    asked,
    button,
    card,
    chart,
    chip,
    choice_field,
    columns,
    day_field,
    empty,
    facts,
    filter_bar,
    fold,
    joined,
    key_figures,
    notice,
    number,
    number_field,
    paragraph,
    said,
    table,
    tag,
)
from forgecast.app.pages.visit import Visit
from forgecast.app.report.numbers import local_hour
from forgecast.ground.texts import text

_PATH = "green/energy"
_CERTAIN_TONES = {"measured": "good", "estimated": "plain", "hint": "unknown"}


async def bill(visit: Visit, choices: Mapping[str, Any]) -> None:
    """Fill the part about the bill."""
    form = AddressForm(visit, _PATH, {"tab": "bill"})
    meters: dict[str, Words] = {
        one["id"]: f"{one['id']} · {one['name']}" for one in choices["meters"] if one["carrier"] == "electricity"
    }
    with filter_bar():
        form.field("meter", choice_field(visit, text("Meter"), meters, hint=text("empty: the main meter")))
        if len(choices["tariffs"]) > 1:
            form.field("tariff", choice_field(visit, text("Tariff"), {one: one for one in choices["tariffs"]}))
        since_until(visit, form)
        form.field("day_on", day_field(visit, text("Day in full"), hint=text("empty: that of the peak")))
        button(visit, text("Show"), form.send, kind="main")
    question = asked_in(visit, CostQuestion)
    await asked(visit, door_of("energy/cost"), question, lambda told: _bill(visit, told, question), height=800)


def _bill(visit: Visit, told: Mapping[str, Any], question: CostQuestion) -> None:
    peak = told["peak"]
    known = [one["total"] for one in told["months"] if one["total"] is not None]
    at = local_hour(peak["at"], visit.zone) if peak["at"] else ""
    key_figures(
        visit,
        [
            KeyFigure(
                text("Months billed in full"),
                f"{len(known)} / {len(told['months'])}",
                tone="" if known else "unknown",
                note=None if known else next((why for one in told["months"] for why in one["reasons"]), None),
            ),
            KeyFigure(text("Mean price of energy"), told["energy_price"], "CNY/kWh"),
            KeyFigure(text("Peak"), peak["power_kW"], "kW", note=at or None),
            KeyFigure(text("A kW of demand costs"), peak["price_of_a_kW"], "CNY", note=text("a month")),
        ],
    )
    source = visit.address(door_of("energy/cost"), question)
    with columns(2):
        with card(visit, text("Bill by month"), note=text("energy by kind of hours, and the demand charge")):
            chart(visit, source, title=text("Bill by month"), at="charts.months", kind="bar", height=280)
        with card(visit, text("The mean day by kind of hours")):
            chart(
                visit,
                source,
                title=text("The mean day by kind of hours"),
                at="charts.mean_day",
                kind="bar",
                height=280,
                from_zero=True,
            )
        with card(visit, text("{day} in full", day=told["day_on"] or "—")):
            chart(
                visit,
                source,
                title=text("A day in full"),
                at="charts.day",
                zone=visit.zone,
                kind="bar",
                height=260,
                zoom=False,
            )
        _peak(visit, peak, at)
        with card(visit, text("Mean power of each hour of the week")):
            chart(visit, source, title=text("Mean power of each hour of the week"), at="charts.week", height=260)
        with card(visit, text("Load duration")):
            chart(visit, source, title=text("Load duration"), at="charts.duration", height=260, from_zero=True)
    _months(visit, told)
    reasons = list({said(visit, why): why for one in told["months"] for why in one["reasons"]}.values())
    notes(visit, [*reasons[:8], *told["notes"]])


def _peak(visit: Visit, peak: Mapping[str, Any], at: str) -> None:
    with card(visit, text("What made the peak"), note=at or None, flush=True):
        heads: list[Heading | Words] = [
            text("Machine"),
            Heading(text("Then"), "kW", numeric=True),
            Heading(text("Usually"), "kW", numeric=True),
            text("Heats"),
        ]
        rows = [(one["machine"], one["power_kW"], one["usual_kW"], ", ".join(one["heats"])) for one in peak["machines"]]
        table(
            visit,
            heads,
            rows,
            caption=text("What made the peak"),
            empty=text("No machine has a power series of its own."),
        )


def _months(visit: Visit, told: Mapping[str, Any]) -> None:
    kinds = [one["kind"] for one in told["by_kind"]]
    heads: list[Heading | Words] = [
        text("Month"),
        *(Heading(told["kinds"][kind], "kWh", numeric=True) for kind in kinds),
        Heading(text("Demand"), "kW", numeric=True),
        Heading(text("Demand charge"), "CNY", numeric=True),
        Heading(text("Power factor"), numeric=True),
        Heading(text("Bill"), "CNY", numeric=True),
    ]
    rows = [
        (
            one["month"],
            *(one["energy_kWh"].get(kind) for kind in kinds),
            one["demand_kW"],
            one["demand_cost"],
            one["power_factor"],
            one["total"],
        )
        for one in told["months"]
    ]
    with card(
        visit,
        text("Months"),
        note=text("Meter {meter}, tariff {tariff}", meter=told["meter"], tariff=told["tariff"]),
        flush=True,
    ):
        table(visit, heads, rows, caption=text("Months"))


async def shift(visit: Visit, choices: Mapping[str, Any]) -> None:
    """Fill the part about moving heats to cheaper hours."""
    form = AddressForm(visit, _PATH, {"tab": "shift"})
    with filter_bar():
        form.field("since_on", day_field(visit, text("Day"), value=visit.query.get("since_on", choices["last_on"])))
        form.field("until_on", day_field(visit, text("to"), hint=text("empty: that day only")))
        form.field("earlier_h", number_field(visit, text("Earlier by at most"), value=4, unit="h", least=0, most=24))
        form.field("later_h", number_field(visit, text("Later by at most"), value=0, unit="h", least=0, most=24))
        form.field(
            "hold_kW",
            number_field(
                visit,
                text("Holding takes"),
                unit="kW",
                least=0,
                hint=text("of a furnace that waits"),
            ),
        )
        form.field(
            "capacity_kW",
            number_field(
                visit, text("Furnaces together at most"), unit="kW", least=1, hint=text("empty: the highest of the day")
            ),
        )
        button(visit, text("Plan"), form.send, kind="main")
    if not visit.query.get("since_on"):
        empty(
            visit,
            text("Choose a day on which was melted."),
            do=text("Heats of that day are moved within the hours you allow, never beyond what the furnaces can draw."),
        )
        return
    question = asked_in(visit, ShiftQuestion)
    await asked(visit, door_of("energy/shift"), question, lambda told: _plan(visit, told, question), height=700)


def _plan(visit: Visit, told: Mapping[str, Any], question: ShiftQuestion) -> None:
    proven = text("proven to be the cheapest") if told["proven"] else text("not proven to be the cheapest")
    key_figures(
        visit,
        [
            KeyFigure(text("Cost as it was"), told["cost_before"], "CNY"),
            KeyFigure(text("Cost as planned"), told["cost_after"], "CNY", note=proven),
            KeyFigure(
                text("Saved"),
                told["saved"],
                "CNY",
                tone="good" if told["saved"] > 0 else "",
                note=text("in {days} days", days=len(told["days"])),
            ),
            KeyFigure(text("No plan saves more than"), told["most_possible"], "CNY"),
        ],
    )
    source = visit.address(door_of("energy/shift"), question)
    for day in told["days"][:7]:
        with card(visit, day["day"], note=text("{count} heats", count=len(day["heats"]))):
            with columns(2):
                for key, words in (("was", text("As it was")), ("plan", text("Planned"))):
                    put_chart(visit, source, f"charts.{day['day']}.{key}", words, 50 + 20 * len(day["heats"]))
            chart(
                visit,
                source,
                title=text("Power and price"),
                at=f"charts.{day['day']}.load",
                zone=visit.zone,
                height=240,
                kind="step",
                zoom=False,
            )
            with fold(visit, text("Heats")):
                _heats(visit, day)
    if len(told["days"]) > 7:
        heads: list[Heading | Words] = [
            text("Day"),
            Heading(text("Before"), "CNY", numeric=True),
            Heading(text("After"), "CNY", numeric=True),
        ]
        rows = [(one["day"], one["cost_before"], one["cost_after"]) for one in told["days"]]
        with card(visit, text("All days"), flush=True):
            table(visit, heads, rows, caption=text("All days"))
    notes(visit, told["notes"])


def put_chart(visit: Visit, source: str, at: str, words: Words, height: int) -> None:
    """Place a Gantt chart with its name above it."""
    from nicegui import ui  # noqa: PLC0415  (one element)

    with ui.element("div"):
        paragraph(visit, words, soft=True)
        chart(visit, source, title=words, at=at, zone=visit.zone, height=height, zoom=False)


def _heats(visit: Visit, day: Mapping[str, Any]) -> None:
    heads: list[Heading | Words] = [
        text("Heat"),
        text("Furnace"),
        Heading(text("Hours"), "h", numeric=True),
        Heading(text("Power"), "kW", numeric=True),
        text("Was"),
        text("Planned"),
    ]
    rows = [
        (
            one["heat"],
            one["furnace"],
            one["hours"],
            one["power_kW"],
            one["was"][11:],
            tag("b", one["plan"][11:]) if one["plan"] != one["was"] else one["plan"][11:],
        )
        for one in day["heats"]
    ]
    table(visit, heads, rows, caption=text("Heats"))


async def losses(visit: Visit) -> None:
    """Fill the part about where energy goes that makes nothing."""
    form = AddressForm(visit, _PATH, {"tab": "losses"})
    with filter_bar():
        form.field(
            "price_CNY_kWh",
            number_field(
                visit,
                text("Price of a kWh"),
                unit="CNY",
                least=0,
                step=0.01,
                hint=text("empty: by the tariff on record"),
            ),
        )
        form.field(
            "down_to_degC",
            number_field(
                visit, text("Waste heat usable down to"), unit="°C", hint=text("empty: waste heat is not told")
            ),
        )
        since_until(visit, form)
        button(visit, text("Look"), form.send, kind="main")
    question = asked_in(visit, DiagnosisQuestion)
    await asked(visit, door_of("energy/diagnosis"), question, lambda told: _losses(visit, told, question), height=700)


def _losses(visit: Visit, told: Mapping[str, Any], question: DiagnosisQuestion) -> None:
    price = (
        text("{price} CNY a kWh", price=f"{told['price_CNY_kWh']:.3f}")
        if told["price_CNY_kWh"] is not None
        else text("no price known")
    )
    said_of = text(
        "{since} to {until}, {price}; a year each, 95 % intervals; findings overlap and do not add up",
        since=told["since"],
        until=told["until"],
        price=price,
    )
    paragraph(visit, said_of, soft=True)
    if not told["findings"]:
        notice(visit, text("Nothing was found; what is missing is listed below."), tone="unknown")
    else:
        source = visit.address(door_of("energy/diagnosis"), question)
        with card(visit, text("Money lost a year")):
            chart(visit, source, title=text("Money lost a year"), at="charts.money", kind="bar", height=220)
    for place, one in enumerate(told["findings"], 1):
        title = text("{n}. {kind}, {subject}", n=place, kind=said(visit, one["kind_name"]), subject=one["subject"])
        certain = chip(visit, one["certainty_name"], _CERTAIN_TONES.get(one["certainty"], "plain"))
        with card(visit, title, aside=certain):
            facts(
                visit,
                [
                    (text("Energy a year"), _spread(visit, one["kWh_a_year"], "kWh")),
                    (text("Money a year"), _spread(visit, one["CNY_a_year"], "CNY")),
                ],
            )
            facts(
                visit,
                [
                    (text("What"), said(visit, one["what"])),
                    (text("Found by"), said(visit, one["how"])),
                    (text("To do"), said(visit, one["to_do"])),
                ],
                wide=True,
            )
    if told["not_known"]:
        with card(visit, text("Not known, and what would settle it"), tone="unknown"):
            notes(visit, told["not_known"])


def _spread(visit: Visit, one: Mapping[str, Any], unit: str) -> Markup | str | None:
    if one["value"] is None:
        why = said(visit, one["why_missing"])
        return joined(chip(visit, text("not known"), "unknown"), " ", tag("span", why, class_="fc-soft"))
    shown = number(one["value"], unit)
    if one["low_95"] is None or one["high_95"] is None or one["low_95"] == one["high_95"]:
        return shown
    return joined(
        shown, " ", tag("span", "(", number(one["low_95"]), " … ", number(one["high_95"]), ")", class_="fc-soft")
    )
