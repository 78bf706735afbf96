"""Stacks by the hour: a month as a calendar, stretches above a limit, masses against the permit, telegrams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

from forgecast.app.doors.door import NoQuestion
from forgecast.app.doors.environment.flows import MassQuestion
from forgecast.app.doors.environment.hours import HoursQuestion
from forgecast.app.doors.environment.ledger import EnterQuestion
from forgecast.app.doors.environment.report import TelegramQuestion, WorkbookQuestion
from forgecast.app.doors.reported import PeriodQuestion
from forgecast.app.doors.shelf import door_of
from forgecast.app.pages.address_form import asked_in
from forgecast.app.pages.gaps import gap_list
from forgecast.app.pages.green.explaining import explain
from forgecast.app.pages.green.shared import (
    changed,
    day_address,
    days_form,
    doubts,
    green_style,
    hour_address,
    hours_legend,
    live,
    report_table,
    stacked,
    strip,
)
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    Markup,
    Words,
    asked,
    button,
    card,
    chart,
    chip,
    choice_field,
    confirm,
    empty,
    error_box,
    facts,
    findings_table,
    heading,
    joined,
    key_figures,
    link,
    moment,
    number,
    paragraph,
    put,
    row,
    said,
    table,
    tabs,
    tag,
    toast,
    upload_field,
)
from forgecast.app.pages.parts.figures import KeyFigure
from forgecast.app.pages.runs import RunPlace, files_run
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right

_PATH = "green/stacks"
_TABS = {
    "calendar": text("Calendar"),
    "exceedances": text("Above a limit"),
    "mass": text("Masses"),
    "telegrams": text("Telegrams"),
}


@page("green", _PATH, text("Stacks by the hour"), in_menu=True)
async def stacks(visit: Visit) -> None:
    """Fill the page with the part that its address names."""
    green_style()
    heading(
        visit,
        text("Stacks by the hour"),
        lead=text("Every hourly mean of every stack, judged by the law, the local limits and the permit."),
    )
    tab = tabs(visit, _TABS, visit.query.get("tab", ""), address=visit.link(_PATH))
    try:
        reach = (await visit.ask(door_of("environment/reach"), NoQuestion())).read()
        if tab == "telegrams":
            await _telegrams(visit)
        elif tab == "mass":
            await _mass(visit, reach)
        elif tab == "exceedances":
            await _exceedances(visit, reach)
        else:
            await _calendar(visit, reach)
    except ForgecastError as error:
        error_box(visit, error)


def _kept(visit: Visit, tab: str) -> dict[str, str]:
    return {"tab": tab, **({"stack": visit.query["stack"]} if visit.query.get("stack") else {})}


async def _calendar(visit: Visit, reach: Mapping[str, Any]) -> None:
    form = days_form(visit, _PATH, {"tab": "calendar"}, reach["months"], month=reach["month"])
    with form.place:
        names = {one["id"]: f"{one['id']} · {one['name']}" for one in reach["stacks"]}
        live(form, "stack", choice_field(visit, text("Stack"), names))
    question = asked_in(visit, HoursQuestion, **({} if _days_given(visit) else {"month": reach["month"]}))
    await asked(visit, door_of("environment/hours"), question, lambda told: _calendars(visit, told), height=620)
    await _workbook(visit, "hours", question)


def _days_given(visit: Visit) -> bool:
    return any(visit.query.get(name) for name in ("month", "quarter", "year", "since_on"))


def _calendars(visit: Visit, told: Mapping[str, Any]) -> None:
    if not told["stacks"]:
        empty(
            visit,
            text("No stack has a series that can be judged."),
            do=text("Describe its tags, take its readings in, and come back."),
            links=(link(visit, text("Take in files"), visit.link("data")),),
        )
        return
    with card(visit, text("Against the limits"), flush=True):
        report_table(visit, told["compliance"], hide=("origin", "share", "p95"))
    shown = "".join(day["states"] for one in told["stacks"] for day in one["days"])
    hours_legend(visit, told["states"], shown)
    with ui.element("div").classes("fc-columns"):
        for one in told["stacks"]:
            title = text("{stack}: {pollutant}", stack=one["stack"], pollutant=said(visit, one["pollutant_name"]))
            with card(visit, title, note=one["stack_name"]):
                put(_calendar_table(visit, told, one), classes="fc-scroll")
    doubts(visit, told["findings"])


def _calendar_table(visit: Visit, told: Mapping[str, Any], one: Mapping[str, Any]) -> Markup:
    scale = tag(
        "span", *(tag("span", f"{hour}:00") for hour in (0, 6, 12, 18)), tag("span", "24:00"), class_="fc-scale"
    )
    head = tag(
        "tr",
        tag("th", said(visit, text("Day")), scope="col"),
        tag("th", scale, scope="col", class_="wide", aria_label=said(visit, text("Hours"))),
        tag("th", said(visit, text("worst")), " ", tag("span", "mg/m³", class_="fc-unit"), scope="col", class_="num"),
        tag("th", said(visit, text("above the limit")), scope="col", class_="num"),
    )
    body = [_calendar_day(visit, told, one, day) for day in one["days"]]
    return tag("table", tag("thead", head), tag("tbody", *body), class_="fc-hours")


def _calendar_day(visit: Visit, told: Mapping[str, Any], one: Mapping[str, Any], day: Mapping[str, Any]) -> Markup:
    to = day_address(visit, day["on"], one["stack"], one["pollutant"])
    over = day["over_h"]
    return tag(
        "tr",
        tag("td", link(visit, day["on"][5:], to)),
        tag("td", strip(visit, day["states"], told["states"], to=to), class_="wide"),
        tag("td", number(day["worst_mg_m3"], against=day["limit_mg_m3"]), class_="num"),
        tag("td", tag("b", f"{over} h") if over else "", class_="num"),
    )


async def _workbook(visit: Visit, of: str, question: PeriodQuestion) -> None:
    given = {name: value for name, value in question.model_dump(exclude_none=True).items() if value not in ("", [])}
    await files_run(
        visit,
        door_of("environment/workbook"),
        lambda: WorkbookQuestion.model_validate({**given, "of": of}),
        start=text("Save as workbook (XLSX)"),
        what=text("Writing the workbook"),
    )


async def _exceedances(visit: Visit, reach: Mapping[str, Any]) -> None:
    days_form(visit, _PATH, {"tab": "exceedances"}, reach["months"], month="")
    question = asked_in(visit, PeriodQuestion)
    holder: dict[str, Any] = {}

    def show(told: Mapping[str, Any]) -> None:
        _events(visit, told, question, holder)

    await asked(visit, door_of("environment/exceedances"), question, show, height=400)


def _events(visit: Visit, told: Mapping[str, Any], question: PeriodQuestion, holder: dict[str, Any]) -> None:
    if not told["events"]:
        empty(
            visit,
            text("No valid hour was above a limit."),
            do=text("Hours that are not valid are not counted as kept: see the calendar."),
            links=(link(visit, text("Calendar"), visit.link(_PATH)),),
        )
        return
    key_figures(
        visit,
        [
            KeyFigure(text("Hours above a limit"), told["hours"], "h", tone="bad"),
            KeyFigure(text("Stretches"), len(told["events"])),
            KeyFigure(
                text("Without a cause"),
                told["unexplained"],
                tone="warn" if told["unexplained"] else "good",
                note=text("say why and what was done; the ledger keeps it"),
            ),
        ],
    )
    heads: list[Heading | Words] = [
        text("From"),
        text("Stack"),
        Heading(text("Hours"), "h", numeric=True),
        Heading(text("Worst"), "mg/m3", numeric=True),
        Heading(text("Limit"), "mg/m3", numeric=True),
        text("Cause and response"),
        text("Reported on"),
    ]
    with card(visit, text("Stretches above a limit"), flush=True):
        table(
            visit, heads, [_event(visit, told, one) for one in told["events"]], caption=text("Stretches above a limit")
        )
    if not visit.may(Right.ENVIRONMENT):
        paragraph(visit, text("Whoever answers for the environment can say why."), soft=True)
        return
    open_ones = [one for one in told["events"] if not one["cause"]]
    with row():
        if open_ones:
            button(visit, text("Say why"), lambda: explain(visit, open_ones), kind="main")
        button(visit, text("Enter all hours in the ledger"), lambda: _enter(visit, question), kind="plain")
    holder["events"] = told["events"]


def _event(visit: Visit, told: Mapping[str, Any], one: Mapping[str, Any]) -> Sequence[Markup | str | float | None]:
    begins = tag(
        "a",
        moment(one["begins_at"], told["zone"]),
        class_="fc-link",
        href=day_address(visit, one["begins_on"], one["stack"], one["pollutant"]),
    )
    why = one["cause"] or chip(visit, text("no cause yet"), "warn")
    worst = tag(
        "a",
        number(one["worst_mg_m3"], against=one["limit_mg_m3"]),
        class_="fc-link",
        href=hour_address(visit, one["stack"], one["worst_at"]),
    )
    return [
        begins,
        stacked(one["stack"], said(visit, one["pollutant_name"])),
        one["hours"],
        worst,
        stacked(number(one["limit_mg_m3"]), f"{said(visit, one['layer_name'])} · {said(visit, one['clause'])}"),
        stacked(why, one["response"]),
        one["reported_on"] or None,
    ]


async def _enter(visit: Visit, question: PeriodQuestion) -> None:
    sure = await confirm(
        visit,
        text("Enter these hours in the permit ledger?"),
        yes=text("Enter them"),
        detail=text("Each hour is entered once; entries are never deleted, only judged anew."),
    )
    if not sure:
        return
    place = ui.element("div")
    given = question.model_dump(exclude_none=True)
    if await changed(visit, door_of("environment/enter-exceedances"), lambda: EnterQuestion(**given), place):
        toast(visit, text("Entered in the ledger."))


async def _mass(visit: Visit, reach: Mapping[str, Any]) -> None:
    form = days_form(visit, _PATH, {"tab": "mass"}, reach["months"], month="")
    fills = {"none": text("not at all"), "mean": text("by the mean"), "highest": text("by the highest")}
    with form.place:
        live(form, "fill", choice_field(visit, text("Fill missing hours"), fills, value="none"))
    question = asked_in(visit, MassQuestion)
    await asked(visit, door_of("environment/mass"), question, lambda told: _masses(visit, told, question), height=520)


def _masses(visit: Visit, told: Mapping[str, Any], question: MassQuestion) -> None:
    if not told["totals"]:
        empty(visit, text("No mass can be told."), do=text("A test with its flow, or a flow tag, is needed."))
        gap_list(visit, told["gaps"])
        return
    with card(
        visit,
        text("Mass emitted against the permit"),
        note=text("solid: known; hatched: what the hours without a value could add; red: permitted in the year"),
    ):
        put(joined(*(_mass_row(visit, one) for one in told["totals"])))
    source = visit.address(door_of("environment/mass"), question)
    with card(visit, text("By month")):
        chart(visit, source, title=text("Mass emitted by month"), at="charts.months", kind="bar", height=260)
    for one in told["tables"]:
        with card(visit, one["title"], flush=True):
            report_table(visit, one)
    with card(visit, text("What is not known"), tone="unknown"):
        gap_list(visit, told["gaps"])


def _mass_row(visit: Visit, one: Mapping[str, Any]) -> Markup:
    most = max(one["high_t"] or 0.0, one["permitted_t"] or 0.0, one["mass_t"] or 0.0) or 1.0

    def percent(value: float | None) -> str:
        return f"{100.0 * (value or 0.0) / most:.2f}%"

    parts = [tag("span", class_="sure", style=f"width:{percent(one['mass_t'])}")]
    if one["high_t"] is not None and one["high_t"] > (one["mass_t"] or 0.0):
        width = percent(one["high_t"] - (one["mass_t"] or 0.0))
        parts.append(tag("span", class_="open", style=f"left:{percent(one['mass_t'])};width:{width}"))
    if one["permitted_t"] is not None:
        parts.append(tag("span", class_="permit", style=f"left:calc({percent(one['permitted_t'])} - 1px)"))
    permitted = text("permitted") if one["permitted_t"] is not None else text("no permitted mass on record")
    words = [number(one["mass_t"], "t")]
    if one["high_t"] is None:
        words.append(tag("span", " ", chip(visit, text("upper bound open"), "unknown")))
    elif one["high_t"] > (one["mass_t"] or 0.0):
        words.append(tag("span", " … ", number(one["high_t"], "t")))
    soft = tag(
        "span",
        said(visit, permitted),
        " ",
        number(one["permitted_t"], "t") if one["permitted_t"] else None,
        class_="fc-line fc-soft",
    )
    bar = tag("span", *parts, class_="fc-bounds", role="img", aria_label=said(visit, one["pollutant_name"]))
    return tag("div", tag("b", said(visit, one["pollutant_name"])), bar, tag("span", *words, soft), class_="fc-mass")


async def _telegrams(visit: Visit) -> None:
    field = card(
        visit,
        text("Check telegrams of HJ 212"),
        note=text("a file with the bytes as the data logger sent them; the password in them is not shown"),
    )
    place = RunPlace(visit, lambda told, _job: _checked(visit, told), what=text("Reading telegrams"))

    async def kept(upload_id: str, _name: str) -> None:
        await place.start(door_of("environment/telegrams"), TelegramQuestion(upload_id=upload_id))

    with field:
        if visit.may(Right.RECORD):
            upload_field(visit, text("Captured stream"), accept=".txt,.log,.bin,.dat,.hj212", kept=kept)
        else:
            paragraph(visit, text("Your role here may not send files."), soft=True)
    await place.resume()


def _checked(visit: Visit, told: Mapping[str, Any]) -> None:
    if not told["telegrams"] and not told["rejected"]:
        empty(visit, text("There is no telegram in it: none begins with ##. Is it the right file?"))
        return
    with card(visit, text("What is in it"), tone="good" if told["sound"] else "warn"):
        facts(
            visit,
            [
                (text("Telegrams"), told["telegrams"]),
                (text("Rejected"), told["rejected"]),
                (text("Bytes outside of telegrams"), told["stray_bytes"]),
                (text("Bytes"), told["bytes"]),
            ],
        )
    with card(visit, text("In what it deviates from the standard"), flush=True):
        findings_table(visit, told["findings"])
    with card(visit, text("Codes"), flush=True):
        heads: list[Heading | Words] = [
            text("Device"),
            text("Command"),
            text("Code"),
            text("What it is"),
            Heading(text("Telegrams"), numeric=True),
            Heading(text("Good"), numeric=True),
        ]
        rows = [
            (one["mn"], one["command"], one["code"], said(visit, one["name"]), one["telegrams"], one["good"])
            for one in told["codes"]
        ]
        table(visit, heads, rows, caption=text("Codes"))
