"""The permit ledger, the permit calendar, the execution report, waste and sand, and heavy-pollution warnings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forgecast.app.doors.door import NoQuestion
from forgecast.app.doors.environment.flows import EmergencyQuestion, SandQuestion
from forgecast.app.doors.environment.ledger import LedgerQuestion
from forgecast.app.doors.environment.report import FilesQuestion, ReportQuestion
from forgecast.app.doors.reported import PeriodQuestion
from forgecast.app.doors.shelf import door_of
from forgecast.app.pages.address_form import asked_in
from forgecast.app.pages.gaps import gap_list
from forgecast.app.pages.green.forms import entry_form, proof_form, warning_form
from forgecast.app.pages.green.overview import DUTY_TONES
from forgecast.app.pages.green.shared import days_form, doubts, green_style, live, report_table, stacked, to_page
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Column,
    Heading,
    Markup,
    Words,
    asked,
    button,
    card,
    chip,
    choice_field,
    columns,
    empty,
    error_box,
    fold,
    grid,
    heading,
    joined,
    moment,
    notice,
    number,
    number_field,
    paragraph,
    put,
    row,
    said,
    switch_field,
    table,
    tabs,
    tag,
)
from forgecast.app.pages.runs import files_run
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right

_PATH = "green/ledger"
_TABS = {
    "ledger": text("Ledger"),
    "duties": text("Permit calendar"),
    "report": text("Execution report"),
    "waste": text("Waste and sand"),
    "warnings": text("Pollution warnings"),
}


@page("green", _PATH, text("Ledger and reports"), in_menu=True)
async def ledger(visit: Visit) -> None:
    """Fill the page with the part that its address names."""
    green_style()
    heading(
        visit,
        text("Ledger and reports"),
        lead=text("What the discharge permit asks to be kept and reported, drawn from the plant's own records."),
    )
    tab = tabs(visit, _TABS, visit.query.get("tab", ""), address=visit.link(_PATH))
    try:
        reach = (await visit.ask(door_of("environment/reach"), NoQuestion())).read()
        if tab == "duties":
            await asked(
                visit, door_of("environment/duties"), NoQuestion(), lambda told: _duties(visit, told), height=500
            )
        elif tab == "report":
            await _report(visit, reach)
        elif tab == "waste":
            await _waste(visit, reach)
        elif tab == "warnings":
            await _warnings(visit, reach)
        else:
            await _ledger(visit, reach)
    except ForgecastError as error:
        error_box(visit, error)


async def _ledger(visit: Visit, reach: Mapping[str, Any]) -> None:
    form = days_form(visit, _PATH, {"tab": "ledger"}, reach["months"], month=reach["month"])
    given = any(visit.query.get(name) for name in ("month", "year", "since_on", "quarter"))
    question = asked_in(visit, LedgerQuestion, **({} if given else {"month": reach["month"]}))
    names = {
        "basic": text("basic information"),
        "production": text("production facilities"),
        "control": text("pollution-control facilities"),
        "monitoring": text("monitoring"),
        "abnormal": text("abnormal conditions"),
        "other": text("other environmental management"),
    }
    with form.place:
        live(form, "section", choice_field(visit, text("Section"), names))
    await asked(visit, door_of("environment/ledger"), question, lambda told: _lines(visit, told, question, reach))


def _lines(visit: Visit, told: Mapping[str, Any], question: LedgerQuestion, reach: Mapping[str, Any]) -> None:
    if told["lacking"]:
        notice(
            visit,
            text("{count} hours above a limit have no cause yet; they stand first.", count=told["lacking"]),
            tone="warn",
        )
    with row():
        if visit.may(Right.ENVIRONMENT):
            button(visit, text("New entry"), lambda: entry_form(visit, reach), kind="main")
        put(to_page(visit, text("Say why hours were above a limit"), "green/stacks", tab="exceedances"))
    with card(visit, text("What is not known"), tone="unknown" if told["gaps"] else "good"):
        gap_list(visit, told["gaps"], most=5)
    shown = [
        Column("section", text("Section"), names=told["sections"], width=150),
        Column("began", text("From"), width=140),
        Column("subject", text("Subject"), width=130),
        Column("what", text("What"), width=300),
        Column("value", text("Value"), kind="number", width=100),
        Column("limit", text("Limit"), kind="number", width=90),
        Column("unit", text("Unit"), width=80),
        Column("cause", text("Cause"), width=160),
        Column("response", text("Response"), width=160),
        Column("reported", text("Reported on"), width=120),
        Column("automatic", text("Drawn by itself"), kind="flag", width=110),
        Column("origin", text("Origin"), width=180),
    ]
    title = text("Permit ledger")
    counts = " · ".join(f"{said(visit, told['sections'][name])} {count}" for name, count in told["counts"].items())
    with card(visit, title, note=counts, flush=True):
        source = visit.address(door_of("environment/ledger"), question.model_copy(update={"limit": 1000}))
        grid(visit, source, shown, title=title, zone=visit.zone, empty=text("Nothing on record in these days."))
    with fold(visit, text("How far back it is kept")):
        report_table(visit, told["kept"])


def _duties(visit: Visit, told: Mapping[str, Any]) -> None:
    if not told["duties"]:
        empty(visit, text("No duty of a permit can be told."), do=text("Enter the discharge permit with its class."))
        gap_list(visit, told["gaps"])
        return
    if visit.may(Right.ENVIRONMENT):
        with row():
            button(visit, text("Enter a proof"), lambda: proof_form(visit, told["duties"]), kind="main")
    heads: list[Heading | Words] = [
        text("State"),
        text("Last day"),
        text("Duty"),
        text("Permit, title or stack"),
        text("For the days"),
        text("Done on"),
        text("The last day is"),
        text("Source"),
    ]
    rows = [
        (
            chip(visit, one["state_name"], DUTY_TONES.get(one["state"], "plain")),
            one["due_on"],
            said(visit, one["title"]),
            one["holder"],
            f"{one['span_from_on']} – {one['span_until_on']}",
            stacked(one["done_on"], one["evidence"]) if one["done_on"] else None,
            chip(visit, one["confidence_name"], "unknown" if one["confidence"] == "unverified" else "plain"),
            tag("span", said(visit, one["source"]), class_="fc-soft"),
        )
        for one in told["duties"]
    ]
    with card(visit, text("Duties as of {day}", day=told["at_on"]), flush=True):
        table(visit, heads, rows, caption=text("Permit calendar"))
    if any(one["confidence"] == "unverified" for one in told["duties"]):
        paragraph(
            visit, text("A last day that is not verified decides nothing; enter it from your own copy."), soft=True
        )
        put(to_page(visit, text("Rulebooks"), "rules"))
    if told["gaps"]:
        with card(visit, text("What is not known"), tone="unknown"):
            gap_list(visit, told["gaps"])


async def _report(visit: Visit, reach: Mapping[str, Any]) -> None:
    form = days_form(visit, _PATH, {"tab": "report"}, reach["months"], month="")
    quarters = {
        f"{year}Q{n}": f"{year} Q{n}"
        for year in sorted({m[:4] for m in reach["months"]}, reverse=True)
        for n in (4, 3, 2, 1)
    }
    fills = {"none": text("not at all"), "mean": text("by the mean"), "highest": text("by the highest")}
    with form.place:
        live(form, "quarter", choice_field(visit, text("or quarter"), quarters))
        scale = number_field(
            visit,
            text("How well masses are known"),
            unit="%",
            least=0.01,
            most=50.0,
            hint=text("one standard deviation; 1 for scales good to 1 %"),
        )
        form.field("scale", scale)
        form.field("fill", choice_field(visit, text("Fill missing hours"), fills, value="none"))
        form.field("disclosure", switch_field(visit, text("Only what is disclosed")))
        button(visit, text("Look at it"), form.send, kind="main")
    if not visit.query.get("scale"):
        empty(
            visit,
            text("The report balances sand and waste, so it needs to know how good your scales are."),
            do=text("Choose the days, say how well masses are known, and look at it."),
        )
        return
    question = _report_question(visit, ReportQuestion)
    await files_run(
        visit,
        door_of("environment/execution-report"),
        lambda: _report_question(visit, FilesQuestion),
        start=text("Write the report (PDF and XLSX)"),
        what=text("Writing the execution report"),
        main=True,
    )
    await asked(visit, door_of("environment/report-preview"), question, lambda told: _preview(visit, told), height=700)


def _report_question(visit: Visit, kind: type[Any]) -> Any:  # noqa: ANN401  (of the kind that is given)
    try:
        share = float(visit.query.get("scale", "")) / 100.0
    except ValueError:
        share = 0.0
    return asked_in(visit, kind, scale_share=share)


def _preview(visit: Visit, told: Mapping[str, Any]) -> None:
    with card(visit, told["title"], note=f"{told['period']['since_on']} – {told['period']['until_on']}"):
        put(joined(*(tag("p", said(visit, line)) for line in told["first_page"])))
    with card(visit, text("Gaps"), tone="unknown" if told["gaps"] else "good"):
        gap_list(visit, told["gaps"])
    for one in told["tables"]:
        if one["id"] in ("gaps", "findings"):
            continue
        with card(visit, one["title"], flush=True):
            report_table(visit, one)
    doubts(visit, told["findings"])


async def _waste(visit: Visit, reach: Mapping[str, Any]) -> None:
    form = days_form(visit, _PATH, {"tab": "waste"}, reach["months"], month="")
    with form.place:
        scale = number_field(
            visit,
            text("How well masses are known"),
            unit="%",
            least=0.01,
            most=50.0,
            hint=text("needed for the sand balance"),
        )
        form.field("scale", scale)
        button(visit, text("Balance"), form.send, kind="plain")
    question = asked_in(visit, PeriodQuestion)
    await asked(visit, door_of("environment/waste"), question, lambda told: _tables(visit, told), height=400)
    if visit.query.get("scale"):
        sand = _report_question(visit, SandQuestion)
        await asked(visit, door_of("environment/sand"), sand, lambda told: _tables(visit, told), height=300)
    else:
        empty(
            visit,
            text("The sand balance waits for one number."),
            do=text("Say above how well masses are known, and press Balance."),
        )


def _tables(visit: Visit, told: Mapping[str, Any]) -> None:
    for one in told["tables"]:
        with card(visit, one["title"], flush=True):
            report_table(visit, one)
    doubts(visit, told["findings"])
    if told["gaps"]:
        with card(visit, text("What is not known"), tone="unknown"):
            gap_list(visit, told["gaps"])


async def _warnings(visit: Visit, reach: Mapping[str, Any]) -> None:
    days_form(visit, _PATH, {"tab": "warnings"}, reach["months"], month="")
    if visit.may(Right.ENVIRONMENT):
        with row():
            button(visit, text("Enter a warning"), lambda: warning_form(visit), kind="main")
    question = asked_in(visit, EmergencyQuestion)
    await asked(visit, door_of("environment/emergency"), question, lambda told: _emergency(visit, told), height=500)


def _emergency(visit: Visit, told: Mapping[str, Any]) -> None:
    holding = told["in_force"]
    if holding is not None:
        stops = ", ".join(one["machine"] for one in holding["measures"] if one["action"] == "stop")
        notice(
            visit,
            text(
                "A {level} warning is in force. Must stop: {machines}.",
                level=said(visit, holding["level_name"]),
                machines=stops or "—",
            ),
            tone="bad",
        )
    if not told["warnings"]:
        empty(
            visit,
            text("No warning is on record in these days."),
            do=text("Enter one as it was announced; what must stop is then listed, and measured."),
        )
    for one in told["warnings"]:
        until = moment(one["ended_at"], told["zone"]) if one["ended_at"] else said(visit, text("in force"))
        note = tag("span", moment(one["begun_at"], told["zone"]), " – ", until)
        title = text("{level} warning", level=said(visit, one["level_name"]))
        with card(visit, title, note=one["source"], aside=note, flush=True):
            table(
                visit,
                _MEASURE_HEADS,
                [_measure(visit, done) for done in one["measures"]],
                caption=title,
                empty=text("The plan asks nothing at this level."),
            )
    with columns(1):
        for one in told["tables"]:
            if one["id"] == "plan":
                with card(visit, one["title"], flush=True):
                    report_table(visit, one)
    if told["gaps"]:
        with card(visit, text("What is not known"), tone="unknown"):
            gap_list(visit, told["gaps"])


_MEASURE_HEADS: list[Heading | Words] = [
    text("State"),
    text("Machine"),
    text("Action"),
    text("Measure"),
    Heading(text("Required"), "%", numeric=True),
    Heading(text("Measured reduction"), "%", numeric=True),
    text("Why"),
]
_DONE = {True: (text("done"), "good"), False: (text("not done"), "bad"), None: (text("not known"), "unknown")}


def _measure(visit: Visit, one: Mapping[str, Any]) -> tuple[Markup | str | None, ...]:
    words, tone = _DONE[one["done"]]
    cut = number(_percent(one["reduction_share"]))
    if one["low_share"] is not None and one["high_share"] is not None:
        between = tag("span", number(_percent(one["low_share"])), " … ", number(_percent(one["high_share"])))
        cut = stacked(cut, between)
    return (
        chip(visit, words, tone),
        one["machine"],
        said(visit, one["action_name"]),
        one["measure"],
        number(_percent(one["required_share"])),
        cut,
        stacked(said(visit, one["why"]) or "—", one["evidence"]),
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100.0 * share
