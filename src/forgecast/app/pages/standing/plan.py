"""The plan: goals, the cheapest measures that reach them, when and for how much, or the proof that none do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

from forgecast.app.doors.door import NoQuestion
from forgecast.app.doors.plan import PicturesAsked, PlanAsked
from forgecast.app.doors.shelf import door_of
from forgecast.app.pages.address_form import AddressForm, asked_in
from forgecast.app.pages.gaps import notes
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    KeyFigure,
    Markup,
    asked,
    button,
    buttons,
    card,
    chart,
    chip,
    choice_field,
    columns,
    error_box,
    fold,
    heading,
    joined,
    key_figures,
    lines,
    link,
    notice,
    number,
    number_field,
    paragraph,
    put,
    row,
    said,
    switch_field,
    table,
    tag,
    text_field,
)
from forgecast.app.pages.runs import files_run
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.tasks.plan_base import INDICATORS

WAN = 1e4
#: Effects of a measure that are named.
_EFFECTS = 3
_LEAST = 5e-3
_WAYS: dict[str, Text] = {"change": text("change from today, %"), "value": text("value to reach")}


@page("standing", "plan", text("Plan"), in_menu=True)
async def plan(visit: Visit) -> None:
    """Fill the page; goals and budget stand in its address."""
    heading(
        visit,
        text("Plan"),
        lead=text("The cheapest measures that reach the goals by their years, or the proof that none do."),
    )
    _form(visit)
    try:
        question = asked_in(visit, PlanAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(
        visit,
        door_of("plan/plan"),
        question,
        lambda told: _plan(visit, told, question),
        what=text("Measures are being chosen"),
        height=700,
    )
    with card(visit, text("To take along"), note=text("Gantt, waterfall and frontier as pictures, and all numbers")):
        await files_run(
            visit,
            door_of("plan/pictures"),
            lambda: PicturesAsked.model_validate(question.model_dump()),
            start=text("Draw the pictures"),
            what=text("The pictures are being drawn"),
        )
    with fold(visit, text("The library of measures: what is in the choice, and where its numbers are from")):
        await asked(visit, door_of("plan/measures"), NoQuestion(), lambda told: _library(visit, told))


def _form(visit: Visit) -> None:
    goals = [one.strip() for one in visit.query.get("goals", "").split(",") if one.strip()]
    form = AddressForm(visit, "plan")
    with card(visit, text("What is to be reached, and within what")):
        _goals_asked(visit, goals)
        with row():
            names = {name: title for name, (title, *_rest) in INDICATORS.items()}
            name = choice_field(visit, text("Goal for"), names, search=True)
            way = choice_field(visit, text("as"), dict(_WAYS), value="change")
            value = number_field(visit, text("Value of the goal"), hint=text("−30 for 30 % less"))
            year = number_field(visit, text("by the end of"), least=2000, most=2100, step=1)

            def add() -> None:
                if name.value is None or value.value is None:
                    return
                sign = f"{value.value:+g}%" if way.value == "change" else f"{value.value:g}"
                by = f"@{int(year.value)}" if year.value else ""
                _with_goals(visit, [*goals, f"{name.value}={sign}{by}"])

            button(visit, text("Add the goal"), add)
        with row():
            form.field(
                "budget",
                text_field(
                    visit,
                    text("Most to be paid in a year"),
                    placeholder="2000000",
                    hint=text("CNY; 2026=500000, 2027=300000 for each year"),
                ),
            )
            form.field("until", number_field(visit, text("Last year of the plan"), least=2000, most=2100, step=1))
            form.field("rate_percent", number_field(visit, text("Interest"), value=6.0, unit="%", least=0, most=50))
            form.field(
                "horizon_years",
                number_field(visit, text("Costs count over"), value=10, least=1, most=40, hint=text("in years")),
            )
            form.field("prices", text_field(visit, text("Own prices"), placeholder="natural_gas=3.2",
                                            hint=text("CNY for the unit of the meter")))  # fmt: skip
        with row():
            form.field("with_credits", switch_field(visit, text("count tax credits (you answer for the catalogue)")))
            form.field("pareto", switch_field(visit, text("also trace cost against what it brings")))
            button(visit, text("Plan"), form.send, kind="main")
    if goals:
        form.put("goals", ",".join(goals))


def _goals_asked(visit: Visit, goals: list[str]) -> None:
    if not goals:
        paragraph(
            visit, text("Without goals of your own, those on record count, else those of the two opinions."), soft=True
        )
        return
    for one in goals:
        with row():
            put(tag("strong", _goal_words(visit, one)))
            rest = [other for other in goals if other != one]
            button(visit, text("Take away"), lambda rest=rest: _with_goals(visit, rest), kind="quiet")


def _goal_words(visit: Visit, goal: str) -> str:
    name, _, rest = goal.partition("=")
    title = INDICATORS.get(name)
    return f"{said(visit, title[0]) if title else name}: {rest.replace('@', ' → ')}"


def _with_goals(visit: Visit, goals: Sequence[str]) -> None:
    kept = {key: words for key, words in visit.query.items() if key not in {"goals", "job"}}
    ui.navigate.to(visit.link("plan", **kept, **({"goals": ",".join(goals)} if goals else {})))


def _plan(visit: Visit, told: Mapping[str, Any], question: PlanAsked) -> None:
    notice(visit, told["sentence"], tone="good" if told["reached"] else "bad")
    paid, share = sum(told["paid_CNY"].values()), told["estimated_share_of_paid"]
    cost = told["net_present_cost_CNY"]
    key_figures(
        visit,
        [
            KeyFigure(text("measures"), str(len(told["measures"]))),
            KeyFigure(text("paid for measures"), _wan(paid), visit.say(text("10⁴ CNY"))),
            KeyFigure(
                text("net cost") if cost >= 0 else text("net gain"),
                _wan(abs(cost)),
                visit.say(text("10⁴ CNY")),
                note=text("over {years} years at {rate} %", years=told["horizon_years"],
                          rate=round(100 * told["rate"], 2)),
                tone="good" if cost < 0 else "",
            ),
            KeyFigure(
                text("of it estimates"),
                None if share is None else f"{100 * share:.0f} %",
                note=text("≈ is an engineering estimate, no quotation"),
                tone="warn" if share else "",
            ),
        ],
    )  # fmt: skip
    _budgets(visit, paid, question)
    _goals(visit, told)
    if told["cannot"] is not None:
        _cannot(visit, told)
    with card(visit, text("The plan: what is done when"), flush=True):
        if told["measures"]:
            chart(visit, told["charts"]["gantt"], title=text("The plan: what is done when"), zone=visit.zone,
                  height=90 + 26 * len(told["charts"]["gantt"]["tasks"]))  # fmt: skip
        _measures(visit, told)
    _charts(visit, told)
    if told["robustness"] is not None and told["robustness"]["solved"]:
        _robust(visit, told)
    with card(visit, text("What was supposed")):
        notes(visit, told["notes"])
        if told["left_out"]:
            with fold(visit, text("Measures that are not in the choice: {count}", count=len(told["left_out"]))):
                table(
                    visit,
                    [Heading(text("measure")), Heading(text("Why not"))],
                    [(lines(said(visit, one["title"]), one["subject"]), said(visit, one["why"]))
                     for one in told["left_out"]],
                    caption=text("Measures that are not in the choice"),
                )  # fmt: skip


def _wan(value: float) -> str:
    return f"{value / WAN:,.1f}"


def _budgets(visit: Visit, paid: float, question: PlanAsked) -> None:
    """Place ways to see the plan with less money at once."""
    if paid <= 0.0 or question.budget:
        if question.budget:
            kept = {key: words for key, words in visit.query.items() if key not in {"budget", "job"}}
            buttons([link(visit, text("without a budget"), visit.link("plan", **kept))])
        return
    kept = {key: words for key, words in visit.query.items() if key not in {"budget", "job"}}
    made = [
        link(
            visit,
            text("what if only {amount} ×10⁴ CNY a year", amount=f"{share * paid / WAN:,.0f}"),
            visit.link("plan", **kept, budget=f"{share * paid:.0f}"),
        )
        for share in (0.5, 0.25, 0.1)
    ]
    buttons(made)


def _goals(visit: Visit, told: Mapping[str, Any]) -> None:
    rows = []
    for one in told["goals"]:
        word = text("reached") if one["reached"] else text("not reached")
        rows.append(
            (
                lines(said(visit, one["title"]), said(visit, one["source"])),
                str(one["year"]),
                number(one["before"], one["unit"]),
                joined("≤ " if one["sense"] == "<=" else "≥ ", number(one["bound"], one["unit"])),
                number(one["planned"], one["unit"], against=one["bound"]),
                chip(visit, word, "good" if one["reached"] else "bad"),
            )
        )
    with card(visit, text("Goals"), flush=True):
        table(
            visit,
            [Heading(text("indicator")), Heading(text("by year"), numeric=True), Heading(text("today"), numeric=True),
             Heading(text("goal"), numeric=True), Heading(text("planned"), numeric=True), Heading(text("word"))],
            rows,
            caption=text("Goals"),
            empty=text("No goal could be planned."),
        )  # fmt: skip
    for one in told["not_known"]:
        notice(visit, text("not known: {title}; {why}", title=_text(one["title"]), why=_text(one["why"])))


def _text(words: Mapping[str, str]) -> Text:
    return Text("{en}", "{zh}", (("en", words["en"]), ("zh", words["zh"])))


def _cannot(visit: Visit, told: Mapping[str, Any]) -> None:
    cannot = told["cannot"]
    goals = {one["id"]: one for one in told["goals"]}
    items: list[Markup] = []
    within = text("within the budget") if told["budget_CNY"] is not None else text("at any price")
    for one in cannot["each_alone"]:
        if one["reachable"]:
            continue
        goal = goals[one["goal"]]
        words = text(
            "{title}: with all measures of the choice, {within}, {best} {unit} by {year} at best; the goal is "
            "{bound}. Proven: no set of them does better.",
            title=_text(goal["title"]), within=within, best=f"{one['best']:.4g}", unit=goal["unit"], year=goal["year"],
            bound=f"{one['bound']:.4g}",
        )  # fmt: skip
        items.append(tag("li", said(visit, words)))
    if len(cannot["conflict"]) > 1:
        names = "; ".join(said(visit, goals[name]["title"]) for name in cannot["conflict"])
        together = text("Not together: {names}. Each without one of the others can be.", names=names)
        items.append(tag("li", said(visit, together)))
    for one in cannot["given_up"]:
        words = text("given up: {title}; while the other goals are kept it comes to {best} at best",
                     title=_text(goals[one["goal"]]["title"]), best=f"{one['best']:.4g}")  # fmt: skip
        items.append(tag("li", said(visit, words)))
    if cannot["more_money_helps"]:
        items.append(tag("li", said(visit, text("With a larger budget all goals can be reached."))))
    with card(visit, text("Why not all goals"), tone="bad"):
        put(tag("ul", *items, class_="fc-list"))


def _measures(visit: Visit, told: Mapping[str, Any]) -> None:
    rows = [
        (
            lines(said(visit, one["title"]), one["subject"] or None, said(visit, one["how"])),
            str(one["paid_in"]),
            str(one["works_from"]),
            joined("≈ " if one["cost_is_estimate"] else "", _wan(one["cost_CNY"])),
            _wan(one["running_CNY_a_year"]),
            _effects(visit, told, one),
            tag("span", said(visit, one["cost_source"]), class_="fc-soft"),
        )
        for one in told["measures"]
    ]
    table(
        visit,
        [Heading(text("measure")), Heading(text("paid"), numeric=True), Heading(text("works"), numeric=True),
         Heading(text("price"), "10⁴ CNY", numeric=True), Heading(text("a year"), "10⁴ CNY", numeric=True),
         Heading(text("what it brings")), Heading(text("Price from"))],
        rows,
        caption=text("Measures"),
        empty=text("No measure is needed, and none in the choice pays for itself."),
    )  # fmt: skip


def _effects(visit: Visit, told: Mapping[str, Any], one: Mapping[str, Any]) -> Markup:
    shares = {
        name: change / abs(told["indicators"][name]["before"])
        for name, change in one["changes"].items()
        if told["indicators"][name]["before"] and abs(change) > _LEAST * abs(told["indicators"][name]["before"])
    }
    largest = sorted(shares, key=lambda name: -abs(shares[name]))[:_EFFECTS]
    lines_of = []
    for name in largest:
        title = said(visit, told["indicators"][name]["title"])
        lines_of.append(tag("span", f"{title} {100 * shares[name]:+.1f} %".replace("-", "−"), class_="fc-line"))
    return joined(*lines_of)


def _charts(visit: Visit, told: Mapping[str, Any]) -> None:
    charts, indicators = told["charts"], told["indicators"]
    with columns(2):
        for name, waterfall in charts["waterfalls"].items():
            title = text("{title}: what each measure brings", title=_text(indicators[name]["title"]))
            with card(visit, title):
                chart(visit, waterfall, title=title, height=120 + 28 * len(waterfall["steps"]))
        if any(told["paid_CNY"].values()):
            with card(visit, text("What is paid when")):
                chart(visit, charts["paid"], title=text("What is paid when"), height=280, kind="bar", zoom=False)
        for name, frontier in charts["frontiers"].items():
            title = text("Cost against {title}", title=_text(indicators[name]["title"]))
            with card(visit, title, note=text("no point is both dearer and worse than another")):
                chart(visit, frontier, title=title, height=280, zoom=False)


def _robust(visit: Visit, told: Mapping[str, Any]) -> None:
    robust = told["robustness"]
    spread = round(100 * robust["spread"])
    chosen = {one["id"] for one in told["measures"]}
    words = text("If estimated costs are off by ±{spread} % ({draws} draws): net cost {low} to {high} ×10⁴ CNY",
                 spread=spread, draws=robust["draws"], low=_wan(robust["cost_low_CNY"]),
                 high=_wan(robust["cost_high_CNY"]))  # fmt: skip
    with card(visit, text("How sure it is"), note=words):
        table(
            visit,
            [Heading(text("measure")), Heading(text("now")), Heading(text("is in"), numeric=True)],
            [
                (
                    said(visit, robust["titles"][name]),
                    said(visit, text("in the plan") if name in chosen else text("not in the plan")),
                    f"{100 * share:.0f} %",
                )
                for name, share in robust["stays"].items()
            ],
            caption=text("How sure it is"),
        )
        for goal in told["goals"]:
            holds = robust["goal_holds"].get(goal["id"], 1.0)
            if holds < 1.0:
                risky = text(
                    "{title}: if effects are off by ±{spread} %, this plan still reaches the goal in {share} % "
                    "of draws",
                    title=_text(goal["title"]),
                    spread=spread,
                    share=round(100 * holds),
                )
                notice(visit, risky, tone="warn")


def _library(visit: Visit, told: Mapping[str, Any]) -> None:
    for one in told["measures"]:
        price = f"{one['cost']:,.0f} {said(visit, one['cost_basis_words'])}"
        mark = "≈ " if one["confidence"] == "unverified" else ""
        with fold(visit, joined(said(visit, one["title"]), " · ", mark, price)):
            paragraph(visit, one["source"], soft=True)
            table(
                visit,
                [Heading(text("what its effect is computed from")), Heading(text("Value"), numeric=True),
                 Heading(text("Source"))],
                [(said(visit, p["title"]), number(p["value"], p["unit"]), tag("span", said(visit, p["source"]),
                                                                              class_="fc-soft"))
                 for p in one["parameters"]],
                caption=one["title"],
            )  # fmt: skip
