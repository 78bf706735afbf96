"""Alarms: how all of them stand, what happened, whether the system can be lived with, and one tried on the past."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from forgecast.app.cli.signals.show import span
from forgecast.app.doors.signals.live import (
    ALARM,
    ALARMS,
    JOURNAL,
    LATEST,
    AlarmAsked,
    AlarmsAsked,
    JournalAsked,
    LatestAsked,
)
from forgecast.app.doors.signals.past import DEFINE, REVIEW, TRY, DefineAsked, ReviewAsked, TryAsked
from forgecast.app.pages.address_form import AddressForm, asked_in
from forgecast.app.pages.live.acting import alarm_list
from forgecast.app.pages.page import page
from forgecast.app.pages.parts.asked import asked
from forgecast.app.pages.parts.chart import chart
from forgecast.app.pages.parts.fields import choice_field, number_field, text_field
from forgecast.app.pages.parts.figures import Heading, KeyFigure, facts, key_figures, table
from forgecast.app.pages.parts.grid import Column, grid
from forgecast.app.pages.parts.inline import chip, link, moment, number
from forgecast.app.pages.parts.layout import card, columns, filter_bar, fold, heading, paragraph, row, section, tabs
from forgecast.app.pages.parts.states import button, empty, error_box, notice, toast
from forgecast.app.pages.parts.words import Words
from forgecast.app.pages.visit import Visit
from forgecast.app.report.numbers import count
from forgecast.app.report.words import CONFIDENCE_TEXTS
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.signals.alarm.definition import KIND_TEXTS, PRIORITY_TEXTS, Kind, Priority
from forgecast.store.server.rights import Right

_TABS: dict[str, Text] = {"now": text("Now"), "journal": text("Journal"), "review": text("Review")}
_KINDS: dict[str, Words] = {str(kind): KIND_TEXTS[kind] for kind in (Kind.HIGH, Kind.LOW, Kind.RATE, Kind.STALE)}
_PRIORITIES: dict[str, Words] = {str(one): PRIORITY_TEXTS[one] for one in Priority}


@page("live", "live/alarms", text("Alarms"), in_menu=True)
async def alarms(visit: Visit) -> None:
    """Fill the page."""
    lead = text("How all alarms stand, what happened, and whether the alarm system can be lived with.")
    heading(visit, text("Alarms"), lead=lead, aside=link(visit, text("Try an alarm"), visit.link("live/try")))
    tab = tabs(visit, _TABS, visit.query.get("tab", "now"))
    if tab == "journal":
        _journal(visit, "")
    elif tab == "review":
        await _review(visit)
    else:
        await _now(visit)


async def _now(visit: Visit) -> None:
    place = ui.element("div").classes("fc-asked")

    async def again() -> None:
        found = (await visit.ask(ALARMS, AlarmsAsked(everything=True))).read()
        place.clear()
        with place:
            ringing = [one for one in found["alarms"] if one["state"] != "normal"]
            calm = [one for one in found["alarms"] if one["state"] == "normal"]
            if not found["alarms"]:
                empty(
                    visit, text("No alarm is on record."),
                    do=text("Try one on the past first: how often would it have rung, and for what?"),
                    links=[link(visit, text("Try an alarm"), visit.link("live/try"))],
                )  # fmt: skip
            if ringing:
                alarm_list(visit, ringing, again)
            elif calm:
                notice(visit, text("All {count} alarms are normal.", count=len(calm)), tone="good")
            if calm:
                with fold(visit, text("{n} normal alarms", n=len(calm)), opened=not ringing):
                    alarm_list(visit, calm, again)

    await again()


def _journal(visit: Visit, alarm: str) -> None:
    with card(visit, flush=True):
        grid(
            visit, visit.address(JOURNAL, JournalAsked(alarm=alarm)),
            [Column("at", text("Time"), "moment"),
             Column("alarm", text("Alarm"), link=visit.link("live/alarm") + "?alarm={alarm}"),
             Column("event_words", text("Event")), Column("value", text("value"), "number"),
             Column("until_at", text("until"), "moment"), Column("by", text("by")), Column("note", text("Note"))],
            title=text("Journal of alarms"), rows="events", zone=visit.zone,
            empty=text("The journal is empty: no alarm has rung yet."),
        )  # fmt: skip


async def _review(visit: Visit) -> None:
    form = AddressForm(visit, "live/alarms", {"tab": "review"})
    with filter_bar():
        form.field("days", number_field(visit, text("Days up to the last event"), value=30, least=1, step=1))
        form.field("operators", number_field(visit, text("People who share the alarms"), value=1, least=1, step=1))
        button(visit, text("Measure"), form.send, kind="main")
    try:
        question = asked_in(visit, ReviewAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, REVIEW, question, lambda found: _reviewed(visit, question, found), height=400)


def _reviewed(visit: Visit, question: ReviewAsked, found: Mapping[str, Any]) -> None:
    if not found["rings"]:
        notice(visit, text("Nothing has rung in this time."))
        return
    aim = found["targets"]
    key_figures(visit, [
        KeyFigure(text("Rings"), count(found["rings"]), note=text("{n} more while hidden", n=count(found["masked"]))),
        KeyFigure(text("Rings in 10 min for each person"), found["per_ten_minutes"],
                  note=text("at most {n}", n=f"{aim['per_window']:g}"),
                  tone="good" if found["per_ten_minutes"] <= aim["per_window"] else "bad"),
        KeyFigure(text("Time in flood"), 100.0 * found["in_flood_share"], "%",
                  note=text("below {n} %", n=f"{100.0 * aim['in_flood']:g}"),
                  tone="good" if found["in_flood_share"] < aim["in_flood"] else "bad"),
        KeyFigure(text("Share of the ten most frequent"), 100.0 * found["most_share"], "%",
                  note=text("at most {n} %", n=f"{100.0 * aim['most_share']:g}"),
                  tone="good" if found["most_share"] <= aim["most_share"] else "bad"),
    ])  # fmt: skip
    with card(visit, text("Rings a day")):
        chart(visit, visit.address(REVIEW, question), at="chart", title=text("Rings a day"), zone=visit.zone,
              height=220, kind="bar")  # fmt: skip
    with columns(2):
        _counted(visit, text("Top ten"), text("rings"), found["most"])
        _counted(visit, text("Chattering: rings in quick succession"), text("rings"), found["chattering"])
        _counted(visit, text("Fleeting: gone before anybody could act"), text("rings"), found["fleeting"])
        with card(visit, text("Standing for more than a day"), flush=True):
            table(visit, [text("Alarm"), Heading(text("active for"), numeric=True)],
                  [(_alarm_link(visit, one["alarm"]), span(one["active_s"], visit.language))
                   for one in found["standing"]],
                  empty=text("None."))  # fmt: skip
    with card(visit, text("Floods"), flush=True):
        table(
            visit,
            [text("from"), text("to"), Heading(text("rings"), numeric=True),
             Heading(text("most in 10 min"), numeric=True), text("began with")],
            [
                (moment(one["start_at"], visit.zone), moment(one["end_at"], visit.zone), one["rings"], one["peak"],
                 _alarm_link(visit, one["first"]))
                for one in found["floods"]
            ],
            empty=text("No flood in this time."),
        )  # fmt: skip
    for one in found["sources"]:
        known = CONFIDENCE_TEXTS[one["confidence"]]
        paragraph(visit, text("{source} ({known})", source=visit.say(one["source"]), known=known), soft=True)


def _counted(visit: Visit, title: Words, what: Words, rows: list[Mapping[str, Any]]) -> None:
    with card(visit, title, flush=True):
        table(visit, [text("Alarm"), Heading(what, numeric=True)],
              [(_alarm_link(visit, one["alarm"]), one["count"]) for one in rows], empty=text("None."))  # fmt: skip


def _alarm_link(visit: Visit, alarm: str) -> Any:  # noqa: ANN401  (markup)
    return link(visit, alarm, visit.link("live/alarm", alarm=alarm))


@page("live", "live/alarm", text("Alarm"))
async def alarm(visit: Visit) -> None:
    """Fill the page."""
    number_of = visit.query.get("alarm", "")
    heading(visit, number_of or text("Alarm"), lead=text("What to do when it rings, and what it has done so far."))
    try:
        question = asked_in(visit, AlarmAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    place = ui.element("div").classes("fc-asked")

    async def again() -> None:
        every = (await visit.ask(ALARMS, AlarmsAsked(everything=True))).read()["alarms"]
        place.clear()
        with place:
            alarm_list(visit, [one for one in every if one["alarm"] == number_of], again)

    await again()
    await asked(visit, ALARM, question, lambda found: _card(visit, found))
    with section(visit, text("Journal")):
        _journal(visit, number_of)


def _card(visit: Visit, found: Mapping[str, Any]) -> None:
    with card(visit, text("Master list"), aside=link(visit, text("Try it on the past"),
                                                     visit.link("live/try", tag=found["alarm"]))):  # fmt: skip
        facts(visit, [
            (text("Response"), found["response"]), (text("Cause"), found["cause"]),
            (text("Consequence"), found["consequence"]),
            (text("Time to act"), span(found["response_time_s"], visit.language)),
            (text("Signal"), link(visit, found["tag"], visit.link("live/signal", tag=found["tag"]))),
            (text("Limit"), number(found["limit"])), (text("Deadband"), number(found["deadband"])),
            (text("On delay"), span(found["on_delay_s"], visit.language)),
            (text("Off delay"), span(found["off_delay_s"], visit.language)), (text("Machine"), found["equipment"]),
        ], wide=True)  # fmt: skip


@page("live", "live/try", text("Try an alarm"), in_menu=True)
async def try_alarm(visit: Visit) -> None:
    """Fill the page."""
    heading(visit, text("Try an alarm"), lead=text(
        "How it would have rung in the past, before it is switched on: for what, and at what cost."))  # fmt: skip
    every = (await visit.ask(ALARMS, AlarmsAsked(everything=True))).read()["alarms"]
    series = (await visit.ask(LATEST, LatestAsked())).read()["series"]
    if not series:
        empty(visit, text("No signal has readings yet."), do=text(
            "Take readings in from a file, or connect instruments and start collecting."))  # fmt: skip
        return
    form = AddressForm(visit, "live/try")
    names: dict[str, Words] = {one["alarm"]: f"⚠ {one['alarm']}" for one in every}
    names |= {one["tag"]: f"{one['tag']} {one['name']}".strip() for one in series}
    with filter_bar():
        form.field("tag", choice_field(visit, text("Signal, or alarm on record"), names, search=True))
        form.field("kind", choice_field(visit, text("Rings when"), {"": text("as on record"), **_KINDS}, value=""))
        form.field("limit", number_field(visit, text("Limit"), hint=text("in the unit of the signal")))
        form.field("deadband", number_field(visit, text("Deadband"), least=0))
        form.field("on_delay_s", number_field(visit, text("On delay"), unit="s", least=0))
        form.field("off_delay_s", number_field(visit, text("Off delay"), unit="s", least=0))
        form.field("days", number_field(visit, text("Days back"), least=1, hint=text("empty: all")))
        form.field("per_ring_s", number_field(visit, text("Time one ring takes"), unit="s", least=1))
        button(visit, text("Try"), form.send, kind="main")
    if not visit.query.get("tag"):
        return
    known = {one["alarm"] for one in every}
    if visit.query["tag"] not in known and not visit.query.get("limit"):
        notice(visit, text("Choose when it rings, and its limit."))
        return
    try:
        question = asked_in(visit, TryAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, TRY, question, lambda found: _tried(visit, question, found), height=420)


def _tried(visit: Visit, question: TryAsked, found: Mapping[str, Any]) -> None:
    key_figures(visit, [
        KeyFigure(text("Rings"), count(found["rings"]), note=text("{n} a day", n=f"{found['rings_per_day']:.3g}")),
        KeyFigure(text("Time in alarm"), 100.0 * found["active_share"], "%"),
        KeyFigure(text("False rings"), None if found["false_rings"] is None else count(found["false_rings"]),
                  note=text("no incident on record to compare with") if found["false_rings"] is None else None),
        KeyFigure(text("Rings in quick succession"), count(found["chattering"]),
                  tone="warn" if found["chattering"] else ""),
    ])  # fmt: skip
    if not found["rings"]:
        notice(visit, text("It would never have rung."))
    with card(visit, found["tag"]):
        chart(visit, visit.address(TRY, question), at="chart", title=found["tag"], zone=visit.zone, height=360)
        facts(visit, [
            (text("Stretch tried"), moment(found["start_at"], visit.zone)),
            (text("to"), moment(found["end_at"], visit.zone)),
            (text("Median length of a ring"), span(found["median_length_s"], visit.language)),
            (text("Rings on doubtful readings"), count(found["on_doubtful_readings"])),
            (text("Floods by this alarm alone"), count(found["floods"])),
            (text("Hidden by design"), count(found["hidden"])),
            (text("Time they would have cost a person"), span(found["attention_s"], visit.language)),
        ])  # fmt: skip
    if found["noticed"]:
        with card(visit, text("Incidents on record"), flush=True):
            table(visit, [text("Incident"), text("Would have been"), Heading(text("ahead by"), numeric=True)], [
                (one["incident"], chip(visit, text("noticed") if one["noticed"] else text("missed"),
                                       "good" if one["noticed"] else "bad"), span(one["lead_s"], visit.language))
                for one in found["noticed"]
            ])  # fmt: skip
    if len(found["other_settings"]) > 1:
        with card(visit, text("Other settings"), flush=True):
            _others(visit, found)
    if visit.may(Right.ENGINEER):
        _switch_on(visit, found)


def _others(visit: Visit, found: Mapping[str, Any]) -> None:
    unit = found["unit"]
    same = ("kind", "limit", "deadband", "on_delay_s", "off_delay_s")
    calmest = found["calmest"]
    rows = []
    for one in found["other_settings"]:
        mark = None
        if all(one[key] == found[key] for key in same):
            mark = chip(visit, text("as asked"))
        elif calmest is not None and all(one[key] == calmest[key] for key in same):
            mark = chip(visit, text("calmest that misses nothing"), "good")
        rows.append((number(one["limit"]), number(one["deadband"]), span(one["on_delay_s"], visit.language),
                     count(one["rings"]), number(100.0 * one["active_share"]), mark))  # fmt: skip
    table(
        visit,
        [Heading(text("Limit"), unit, numeric=True), Heading(text("Deadband"), unit, numeric=True),
         Heading(text("On delay"), numeric=True), Heading(text("Rings"), numeric=True),
         Heading(text("in alarm"), "%", numeric=True), text("Note")],
        rows,
    )  # fmt: skip


def _switch_on(visit: Visit, found: Mapping[str, Any]) -> None:
    """Place the form that puts the tried settings on the master list."""
    wanted = visit.query["tag"]
    with fold(visit, text("Put it on the master list")), card(visit):
        with row():
            name = text_field(visit, text("Number of the alarm"), value=wanted if wanted != found["tag"] else "")
            priority = choice_field(visit, text("Priority"), _PRIORITIES, value="medium")
        response = text_field(visit, text("What the operator is to do"), long=True)
        wrong = ui.element("div")

        async def keep() -> None:
            wrong.clear()
            said = str(name.value or "").strip()
            if not said:
                with wrong:
                    notice(visit, text("Give the alarm a number."), tone="bad")
                return
            try:
                await visit.ask(DEFINE, DefineAsked(
                    alarm=said, tag=found["tag"], kind=found["kind"], limit=found["limit"], priority=priority.value,
                    deadband=found["deadband"], on_delay_s=found["on_delay_s"], off_delay_s=found["off_delay_s"],
                    response=str(response.value or "").strip(),
                ))  # fmt: skip
            except ForgecastError as error:
                with wrong:
                    error_box(visit, error)
                return
            toast(visit, text("{alarm} is on the master list.", alarm=said))
            ui.navigate.to(visit.link("live/alarm", alarm=said))

        button(visit, text("Put on record"), keep, kind="main")
