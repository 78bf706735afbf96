"""Incidents as the alarms tell them; instruments and gateways; and how complete the readings are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from forgecast.app.cli.signals.show import span
from forgecast.app.doors.door import NoQuestion
from forgecast.app.doors.signals.live import COLLECTING
from forgecast.app.doors.signals.past import GATE, INCIDENTS, RECORD_INCIDENTS, GateAsked
from forgecast.app.pages.address_form import AddressForm, asked_in
from forgecast.app.pages.page import page
from forgecast.app.pages.parts.asked import asked
from forgecast.app.pages.parts.fields import day_field
from forgecast.app.pages.parts.figures import Heading, table
from forgecast.app.pages.parts.inline import chip, lines, link, moment, number
from forgecast.app.pages.parts.layout import card, filter_bar, fold, heading, paragraph, section
from forgecast.app.pages.parts.states import button, empty, error_box, notice, toast
from forgecast.app.pages.parts.verdicts import findings_table
from forgecast.app.pages.visit import Visit
from forgecast.app.report.numbers import count
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.store.server.rights import Right

_AGAIN_S = 5.0


@page("live", "live/incidents", text("Incidents"), in_menu=True)
async def incidents(visit: Visit) -> None:
    """Fill the page."""
    lead = text("When each began, was noticed, handled and over; what is about to become one; what nobody watches.")
    heading(visit, text("Incidents"), lead=lead)
    await asked(visit, INCIDENTS, NoQuestion(), lambda found: _incidents(visit, found), height=200)


def _incidents(visit: Visit, found: Mapping[str, Any]) -> None:
    for one in found["precursors"]:
        tags = ", ".join(signal["tag"] for signal in one["signals"])
        told = text("Precursor of {hazard} at {machine}: {tags} move towards danger together",
                    hazard=visit.say(one["hazard_words"]), machine=one["equipment"], tags=tags)  # fmt: skip
        notice(visit, told, tone="bad")
    if not found["incidents"]:
        empty(visit, text("No alarm of a safety hazard has rung."))
    else:
        with card(visit, text("As the alarms tell them"), flush=True):
            table(
                visit,
                [text("Began"), text("Hazard"), text("Machine"), text("noticed"), text("handled"), text("over"),
                 text("Evaluation")],
                [
                    (
                        lines(moment(one["began_at"], visit.zone), one["id"]), visit.say(one["hazard_words"]),
                        one["equipment"] or one["alarm"], moment(one["noticed_at"], visit.zone),
                        lines(moment(one["handled_at"], visit.zone), one["handled_by"]),
                        moment(one["ended_at"], visit.zone),
                        lines(*(visit.say(words) for words in one["evaluation"])) if one["evaluation"] else None,
                    )
                    for one in found["incidents"][:100]
                ],
                caption=text("Incidents as the alarms tell them"),
            )  # fmt: skip
        if found["not_recorded"] and visit.may(Right.RECORD):
            button(visit, text("Put {n} on record", n=found["not_recorded"]), lambda: _record(visit), kind="main")
            paragraph(visit, text("Cause and prevention are added to the record afterwards."), soft=True)
    if found["unwatched"]:
        with section(visit, text("Nobody is alarmed by these signals")), card(visit, flush=True):
            table(
                visit, [text("Signal"), text("Hazard"), text("danger lies"), text("Why"), text("Alarm")],
                [
                    (link(visit, one["tag"], visit.link("live/signal", tag=one["tag"])), visit.say(one["hazard_words"]),
                     visit.say(text("above") if one["upwards"] else text("below")), visit.say(one["why"]),
                     link(visit, text("Try an alarm"), visit.link("live/try", tag=one["tag"],
                                                                  kind="high" if one["upwards"] else "low")))
                    for one in found["unwatched"]
                ],
            )  # fmt: skip


async def _record(visit: Visit) -> None:
    try:
        done = (await visit.ask(RECORD_INCIDENTS, NoQuestion())).read()
    except ForgecastError as error:
        error_box(visit, error)
        return
    toast(visit, text("New incidents recorded: {count}", count=done["new"]))
    ui.navigate.reload()


@page("live", "live/instruments", text("Instruments"), in_menu=True)
async def instruments(visit: Visit) -> None:
    """Fill the page."""
    heading(visit, text("Instruments"), lead=text("What is connected, how collecting goes, and what is wrong."))
    place = ui.element("div").classes("fc-asked")
    before: list[bytes | None] = [None]

    async def look() -> None:
        answered = await visit.ask(COLLECTING, NoQuestion())
        if answered.content == before[0]:
            return
        before[0] = answered.content
        place.clear()
        with place:
            _collecting(visit, answered.read())

    await look()
    ui.timer(_AGAIN_S, look, immediate=False)


def _collecting(visit: Visit, found: Mapping[str, Any]) -> None:
    status, wired = found["status"], found["instruments"]
    if status is None:
        empty(visit, found["why_no_status"]["what"], do=text(
            "Collecting runs beside this server: start it on the machine that reaches the instruments."))  # fmt: skip
    else:
        running = status["running"]
        word = chip(visit, text("running") if running else text("ended"), "good" if running else "unknown")
        with card(visit, text("Gateways"), aside=word, flush=True):
            table(
                visit,
                [text("Gateway"), text("protocol"), text("State"), Heading(text("readings"), numeric=True),
                 text("last reading"), Heading(text("breaks"), numeric=True), Heading(text("findings"), numeric=True)],
                [
                    (one["name"], one["kind"], _state(visit, one, running=running), count(int(one.get("rows", 0))),
                     moment(one.get("last_at"), visit.zone),
                     count(int(one.get("reconnects", 0)) + int(one.get("restarts", 0))),
                     count(int(one.get("findings", 0))))
                    for one in status["gateways"]
                ],
            )  # fmt: skip
        if status["trouble"]:
            notice(visit, status["trouble"], tone="bad")
        if status["findings"]:
            with card(visit, text("Findings while collecting"), flush=True):
                findings_table(visit, status["findings"])
    if wired is None:
        error_box(visit, found["why_no_instruments"])
        return
    word = chip(visit, text("all values will be taken") if wired["ok"] else text("some values will not be taken"),
                "good" if wired["ok"] else "bad")  # fmt: skip
    with card(visit, text("Connected"), aside=word, flush=True):
        table(
            visit, [text("Gateway"), text("protocol"), text("Signals"), text("Place")],
            [
                (one["name"], one["kind"], ", ".join(point["tag"] for point in one["points"]) or "*", one["place"])
                for one in wired["gateways"]
            ],
        )  # fmt: skip
    if wired["findings"]:
        with card(visit, text("Units and signals that do not go together"), flush=True):
            findings_table(visit, wired["findings"])


def _state(visit: Visit, one: Mapping[str, Any], *, running: bool) -> Any:  # noqa: ANN401  (markup)
    said: tuple[Text, str]
    if not running:
        said = text("ended"), "unknown"
    elif not one.get("running"):
        said = text("restarts"), "bad"
    else:
        said = (text("connected"), "good") if one.get("connected") else (text("no contact"), "warn")
    return chip(visit, *said)


@page("live", "live/readings", text("Readings"), in_menu=True)
async def readings(visit: Visit) -> None:
    """Fill the page."""
    heading(visit, text("Readings"), lead=text("How complete each signal is, and what is doubtful in it."))
    form = AddressForm(visit, "live/readings", {"tags": visit.query["tags"]} if visit.query.get("tags") else {})
    with filter_bar():
        form.field("since_on", day_field(visit, text("From")))
        form.field("until_on", day_field(visit, text("To")))
        button(visit, text("Check"), form.send, kind="main")
    try:
        question = asked_in(visit, GateAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, GATE, question, lambda found: _gate(visit, found["series"]), height=300)


def _gate(visit: Visit, found: list[Mapping[str, Any]]) -> None:
    with card(visit, flush=True):
        table(
            visit,
            [text("Signal"), text("from"), Heading(text("there"), "%", numeric=True),
             Heading(text("good"), "%", numeric=True), Heading(text("longest gap"), numeric=True),
             Heading(text("doubts"), numeric=True), text("Certificate")],
            [
                (
                    link(visit, one["tag"], visit.link("live/signal", tag=one["tag"], span="month")),
                    moment(one["start_at"], visit.zone), _share(one["present_share"]), _share(one["good_share"]),
                    span(one["longest_gap_s"], visit.language), count(one["doubts_count"]),
                    chip(visit, text("complete and good"), "good") if one["complete"]
                    else chip(visit, text("not complete"), "warn"),
                )
                for one in found
            ],
            empty=text("No signal has readings yet."),
        )  # fmt: skip
    if len(found) == 1 and found[0]["doubts"]:
        with fold(visit, text("What is doubtful"), opened=True):
            table(
                visit,
                [text("What"), text("from"), text("to"), Heading(text("readings"), numeric=True),
                 Heading(text("sure"), "%", numeric=True)],
                [
                    (lines(visit.say(one["words"]), one["note"]), moment(one["start_at"], visit.zone),
                     moment(one["end_at"], visit.zone), count(one["readings"]), number(100.0 * one["confidence"]))
                    for one in found[0]["doubts"]
                ],
            )  # fmt: skip


def _share(share: float | None) -> Any:  # noqa: ANN401  (markup)
    return number(None if share is None else 100.0 * share)
