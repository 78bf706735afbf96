"""Energy: the tree of meters, what drives it, what measures saved, the bill, shifting of melting, where it is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from forgecast.app.doors.door import NoQuestion
from forgecast.app.doors.energy.meters import BalanceQuestion, DaysQuestion
from forgecast.app.doors.shelf import door_of
from forgecast.app.pages.address_form import AddressForm, asked_in
from forgecast.app.pages.gaps import notes
from forgecast.app.pages.green import energy_cost, energy_models
from forgecast.app.pages.green.shared import green_style, live, since_until, to_page
from forgecast.app.pages.page import page
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
    empty,
    error_box,
    filter_bar,
    fold,
    heading,
    joined,
    key_figures,
    number,
    paragraph,
    put,
    said,
    table,
    tabs,
    tag,
)
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

PATH = "green/energy"
_TABS = {
    "meters": text("Meters"),
    "baseline": text("What drives it"),
    "savings": text("Savings"),
    "bill": text("Bill and load"),
    "shift": text("Shift melting"),
    "losses": text("Losses"),
}
_STATES = {
    "rest": (text("balanced"), "good"),
    "negative": (text("below zero"), "bad"),
    "unjudged": (text("not judged"), "unknown"),
    "not_known": (text("not known"), "unknown"),
}


@page("green", PATH, text("Energy"), in_menu=True)
async def energy(visit: Visit) -> None:
    """Fill the page with the part that its address names."""
    green_style()
    heading(visit, text("Energy"), lead=text("Where it goes, what drives it, what it costs, and what can be saved."))
    tab = tabs(visit, _TABS, visit.query.get("tab", ""), address=visit.link(PATH))
    try:
        choices = (await visit.ask(door_of("energy/choices"), NoQuestion())).read()
        if not choices["meters"]:
            empty(
                visit,
                text("No meter is on record."),
                do=text(
                    "Enter the meters with what they measure and which meter stands above each, then their readings."
                ),
                links=(to_page(visit, text("Take in files"), "data"),),
            )
        elif tab == "meters":
            await _meters(visit, choices)
        elif tab == "baseline":
            await energy_models.baseline(visit, choices)
        elif tab == "savings":
            await energy_models.savings(visit, choices)
        elif tab == "bill":
            await energy_cost.bill(visit, choices)
        elif tab == "shift":
            await energy_cost.shift(visit, choices)
        else:
            await energy_cost.losses(visit)
    except ForgecastError as error:
        error_box(visit, error)


async def _meters(visit: Visit, choices: Mapping[str, Any]) -> None:
    form = AddressForm(visit, PATH, {"tab": "meters"})
    carriers = {one["carrier"]: one["carrier_name"] for one in choices["meters"]}
    lengths = {"total": text("all together"), "month": text("by month"), "day": text("by day")}
    with filter_bar():
        live(form, "by", choice_field(visit, text("Periods"), lengths, value="month"))
        live(form, "carrier", choice_field(visit, text("Carrier"), carriers))
        since_until(visit, form)
        button(visit, text("Show"), form.send, kind="plain")
    question = asked_in(visit, BalanceQuestion)
    days = DaysQuestion(since_on=question.since_on, until_on=question.until_on)
    await asked(visit, door_of("energy/figures"), days, lambda told: _figures(visit, told, days), height=130)
    whole = question.model_copy(update={"by": "total"})
    await asked(visit, door_of("energy/balance"), whole, lambda told: _tree(visit, told, choices), height=320)
    if question.by != "total":
        await asked(visit, door_of("energy/balance"), question, lambda told: _rests(visit, told, question), height=320)


def _figures(visit: Visit, told: Mapping[str, Any], days: DaysQuestion) -> None:
    shown = [one for one in told["figures"] if one["group"] == "energy" and one["unit"] != "1"]
    key_figures(
        visit,
        [
            KeyFigure(
                one["title"],
                one["value"],
                one["unit"],
                note=one["why_missing"],
                tone="unknown" if one["value"] is None else "",
                trend=one["slope_per_year"] if one["value"] is not None else None,
                better="down",
            )
            for one in shown[:8]
        ],
    )
    with fold(visit, text("Months, and the factors they rest on")):
        source = visit.address(door_of("energy/figures"), days)
        with columns(2):
            for one in shown[:8]:
                if one["id"] in told["charts"]:
                    with card(visit, one["title"], note=one["basis"]):
                        chart(visit, source, title=one["title"], at=f"charts.{one['id']}", height=200, kind="bar")
        heads: list[Heading | Words] = [text("Factor"), Heading(text("Value"), numeric=True), text("Source")]
        rows = [
            (said(visit, one["what"]), number(one["value"], one["unit"]), said(visit, one["source"]))
            for one in told["factors"]
        ]
        with card(visit, text("Factors"), flush=True):
            table(visit, heads, rows, caption=text("Factors"))


def _tree(visit: Visit, told: Mapping[str, Any], choices: Mapping[str, Any]) -> None:
    names = {one["id"]: one for one in choices["meters"]}
    for tree in told["carriers"]:
        nodes = {node["meter"]: node for node in tree["nodes"]}
        mine = [one for one in told["metered"] if one["carrier"] == tree["carrier"]]
        children: dict[str, list[Mapping[str, Any]]] = {}
        for one in mine:
            children.setdefault(one["parent"] if one["parent"] in {m["meter"] for m in mine} else "", []).append(one)
        most = max((one["quantity"][0] or 0.0 for one in children.get("", [])), default=0.0)
        title = text("{carrier}: where it goes", carrier=said(visit, tree["carrier_name"]))
        with card(visit, title, note=text("each bar against the main meters; hatched: not metered below")):
            rows = [_branch(visit, one, children, nodes, names, most) for one in children.get("", [])]
            put(tag("ul", *rows, class_="fc-meters"))


def _branch(
    visit: Visit,
    one: Mapping[str, Any],
    children: Mapping[str, Sequence[Mapping[str, Any]]],
    nodes: Mapping[str, Mapping[str, Any]],
    names: Mapping[str, Mapping[str, Any]],
    most: float,
) -> Markup:
    below = [_branch(visit, child, children, nodes, names, most) for child in children.get(one["meter"], [])]
    node = nodes.get(one["meter"])
    if node is not None:
        period = node["periods"][0]
        words, tone = _STATES[period["state"]]
        label = joined(said(visit, text("not metered below")), " ", chip(visit, words, tone))
        below.append(tag("li", _bar(label, period["rest"], one["unit"], most, rest=True)))
    name = names.get(one["meter"], {}).get("name", "")
    label = joined(tag("b", one["meter"]), " ", tag("span", name, class_="fc-soft"))
    inner = tag("ul", *below) if below else None
    return tag("li", _bar(label, one["quantity"][0], one["unit"], most), inner)


def _bar(label: Markup, value: float | None, unit: str, most: float, *, rest: bool = False) -> Markup:
    width = 100.0 * min(max((value or 0.0) / most, 0.0), 1.0) if most else 0.0
    share = tag("span", tag("i", class_="rest" if rest else None, style=f"width:{width:.2f}%"), class_="fc-share")
    return tag("div", tag("span", label), share, tag("span", number(value, unit), class_="amount"), class_="fc-meter")


def _rests(visit: Visit, told: Mapping[str, Any], question: BalanceQuestion) -> None:
    odd = {(one["node"], one["period"]) for tree in told["carriers"] for one in tree["hypotheses"]}
    source = visit.address(door_of("energy/balance"), question)
    with columns(2):
        for tree in told["carriers"]:
            for node in tree["nodes"]:
                title = text("{meter}: what is not metered below", meter=node["meter"])
                loud = sorted(period for meter, period in odd if meter == node["meter"])
                note = text("stands out in {periods}", periods=", ".join(loud)) if loud else text("no rest stands out")
                with card(visit, title, note=note, tone="warn" if loud else ""):
                    chart(visit, source, title=title, at=f"charts.{node['chart']}", height=230)
                    _unknown(visit, node)
    hypotheses = [(tree, one) for tree in told["carriers"] for one in tree["hypotheses"]]
    if hypotheses:
        with card(visit, text("What would explain it"), note=text("a ranking and no proof"), flush=True):
            heads: list[Heading | Words] = [
                text("Period"),
                text("Meter"),
                text("Hypothesis"),
                Heading(text("Rest"), numeric=True),
                Heading(text("Then"), numeric=True),
                Heading(text("Usual"), numeric=True),
                Heading(text("Weight"), "%", numeric=True),
            ]
            rows = [
                (
                    one["period"],
                    one["node"],
                    said(visit, one["words"]),
                    number(one["rest_before"], tree["unit"]),
                    number(one["rest_after"], tree["unit"]),
                    number(one["usual_rest"], tree["unit"]),
                    None if one["weight"] is None else f"{100.0 * one['weight']:.0f}",
                )
                for tree, one in hypotheses
            ]
            table(visit, heads, rows, caption=text("What would explain it"))
    notes(visit, told["notes"])


def _unknown(visit: Visit, node: Mapping[str, Any]) -> None:
    lacking = [one for one in node["periods"] if one["state"] == "not_known" and one["reason"]]
    for one in lacking[:4]:
        paragraph(visit, text("{period}: {why}", period=one["period"], why=said(visit, one["reason"])), soft=True)
