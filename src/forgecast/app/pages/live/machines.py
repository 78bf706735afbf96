"""Machines: all at a glance, how one spent its time, and its fault card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forgecast.app.doors.condition.machines import CARD, MACHINES, OEE, SIGNS, CardAsked, MachinesAsked, OeeAsked
from forgecast.app.doors.condition.machines import SignsAsked as KindsAsked
from forgecast.app.doors.signals.live import LATEST, LatestAsked
from forgecast.app.pages.address_form import AddressForm, asked_in
from forgecast.app.pages.page import page
from forgecast.app.pages.parts.asked import asked
from forgecast.app.pages.parts.chart import chart
from forgecast.app.pages.parts.fields import choice_field, day_field, text_field
from forgecast.app.pages.parts.figures import Heading, KeyFigure, key_figures, table
from forgecast.app.pages.parts.inline import chip, lines, link, moment, number
from forgecast.app.pages.parts.layout import buttons, card, columns, filter_bar, fold, heading, paragraph, section
from forgecast.app.pages.parts.markup import Markup, joined, put, tag
from forgecast.app.pages.parts.states import button, empty, error_box, notice
from forgecast.app.pages.parts.words import Words
from forgecast.app.pages.visit import Visit
from forgecast.app.report.numbers import local_hour
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text

_TONES = {"running": "good", "breakdown": "bad", "setup": "warn", "waiting": "warn", "idle": "warn", "": "unknown"}
_DAYS: dict[str, Text] = {"1": text("Day"), "7": text("Week"), "31": text("Month")}
_RATIOS: dict[str, Text] = {
    "availability": text("availability"), "effectiveness": text("effectiveness"), "quality": text("quality"),
    "oee": text("OEE"),
}  # fmt: skip


@page("live", "live/machines", text("Machines"), in_menu=True)
async def machines(visit: Visit) -> None:
    """Fill the page."""
    heading(visit, text("Machines"), lead=text("What each does, since when, and how it spent its last days."))
    days = visit.query.get("days", "7")
    chosen = MachinesAsked(days=int(days) if days in _DAYS else 7)
    from_tabs(visit, days)
    await asked(visit, MACHINES, chosen, lambda found: _machines(visit, found["machines"]), height=300)


def from_tabs(visit: Visit, days: str) -> None:
    """Place how many days the figures are of."""
    links = [
        tag("a", visit.say(words), href=visit.link("live/machines", days=key),
            aria_current="page" if key == (days if days in _DAYS else "7") else None)
        for key, words in _DAYS.items()
    ]  # fmt: skip
    put(joined(*links), tag_name="nav", classes="fc-tabs").props["aria-label"] = visit.say(text("Last days on record"))


def _machines(visit: Visit, found: list[Mapping[str, Any]]) -> None:
    if not found:
        empty(
            visit, text("No machine has states, pieces or readings on record."),
            do=text("Take in the records machine_state and machine_output, or readings of a machine's power."),
            links=[link(visit, text("Take in files"), visit.link("data"))],
        )  # fmt: skip
        return
    with card(visit, flush=True):
        table(
            visit,
            [text("Machine"), text("State"), *(Heading(words, "%", numeric=True) for words in _RATIOS.values()),
             text("Days")],
            [
                (
                    lines(link(visit, one["machine"], visit.link("live/machine", machine=one["machine"])),
                          one["name"] or visit.say(one["kind_words"])),
                    lines(chip(visit, one["state_words"], _TONES.get(one["state"], "plain")),
                          moment(one["state_since_at"], visit.zone) if one["state_since_at"] else None),
                    *(_ratio(one[name]) for name in _RATIOS),
                    f"{one['first_on']} … {one['last_on']}" if one["first_on"] else visit.say(one["why_missing"]),
                )
                for one in found
            ],
            caption=text("Machines and how they spent their last days"),
        )  # fmt: skip


def _ratio(one: Mapping[str, Any] | None) -> Markup:
    return number(None if one is None or one["value"] is None else 100.0 * one["value"])


@page("live", "live/machine", text("Machine"))
async def machine(visit: Visit) -> None:
    """Fill the page."""
    name = visit.query.get("machine", "")
    heading(visit, name or text("Machine"), lead=text("How it spent its time, and what its signals say."))
    form = AddressForm(visit, "live/machine", {"machine": name})
    with filter_bar():
        form.field("since_on", day_field(visit, text("From")))
        form.field("until_on", day_field(visit, text("To")))
        button(visit, text("Show"), form.send, kind="main")
    try:
        question = asked_in(visit, OeeAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, OEE, question, lambda found: _rated(visit, question, found), height=420)
    with section(visit, text("Signals of the machine")):
        series = (await visit.ask(LATEST, LatestAsked())).read()["series"]
        _tags(visit, [one["tag"] for one in series if one["equipment"] == name])
    buttons([link(visit, text("Fault card"), visit.link("live/fault", machine=name))])


def _rated(visit: Visit, question: OeeAsked, found: Mapping[str, Any]) -> None:
    address = visit.address(OEE, question)
    key_figures(visit, [_key(words, found[name]) for name, words in _RATIOS.items()])
    with columns(2):
        with card(visit, text("Where the time went"), note=text(
            "{start} to {end}", start=_hour(visit, found["start_at"]), end=_hour(visit, found["end_at"]))):  # fmt: skip
            chart(visit, address, at="charts.losses", title=text("Where the time went"), height=360, zoom=False)
        with card(visit, text("In hours"), flush=True):
            table(
                visit,
                [text("Loss"), Heading(text("time"), "h", numeric=True), Heading(text("share"), "%", numeric=True)],
                [(visit.say(one["words"]), number(one["lost_s"] / 3600.0), number(100.0 * one["share"]))
                 for one in found["losses"]],
            )  # fmt: skip
    if found["charts"]["states"] is not None:
        with card(visit, text("States day by day")):
            chart(visit, address, at="charts.states", title=text("States day by day"), zoom=False)
    for note in found["notes"]:
        paragraph(visit, note, soft=True)


def _key(words: Words, one: Mapping[str, Any]) -> KeyFigure:
    value = None if one["value"] is None else 100.0 * one["value"]
    note: Words = None
    if one["low"] is not None and one["high"] is not None and one["low"] != one["high"]:
        note = text("{low} to {high} % with what is not on record", low=f"{100.0 * one['low']:.1f}",
                    high=f"{100.0 * one['high']:.1f}")  # fmt: skip
    return KeyFigure(words, value, "%", note=note, tone="unknown" if value is None else "")


def _hour(visit: Visit, at: str) -> str:
    return local_hour(at.replace("Z", "+00:00"), visit.zone)


def _tags(visit: Visit, tags: list[str]) -> None:
    if not tags:
        paragraph(visit, text("No signal of this machine has readings."), soft=True)
        return
    buttons([link(visit, one, visit.link("live/signal", tag=one)) for one in tags])


@page("live", "live/fault", text("Fault cards"), in_menu=True)
async def fault(visit: Visit) -> None:
    """Fill the page."""
    heading(visit, text("Fault cards"), lead=text(
        "What was seen, what it may be, and the check that tells most for its time."))  # fmt: skip
    kinds = (await visit.ask(SIGNS, KindsAsked())).read()["kinds"]
    names = {one["kind"]: one["words"] for one in kinds}
    form = AddressForm(visit, "live/fault")
    signs: dict[str, Words] = {one["key"]: one["words"] for kind in kinds for one in kind["signs"]
                               if visit.query.get("kind", "") in {"", kind["kind"]}}  # fmt: skip
    with filter_bar():
        form.field("machine", text_field(visit, text("Machine of the plant"), hint=text(
            "its signals are searched for changes")))  # fmt: skip
        form.field("kind", choice_field(visit, text("or kind of machine"), {"": "—", **names}, value=""))
        form.field("signs", choice_field(visit, text("What was seen"), signs, many=True))
        form.field("absent", choice_field(visit, text("Looked for and not seen"), signs, many=True))
        form.field("since_on", day_field(visit, text("From")))
        button(visit, text("Write the card"), form.send, kind="main")
    if not visit.query.get("machine") and not visit.query.get("kind"):
        return
    try:
        question = asked_in(visit, CardAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, CARD, question, lambda found: _card(visit, found), height=300)


def _card(visit: Visit, found: Mapping[str, Any]) -> None:
    with columns(2):
        with card(visit, text("What to check first"), flush=True):
            table(
                visit, [text("Check"), Heading(text("takes"), "min", numeric=True)],
                [(f"{n}. {visit.say(one['words'])}", number(one["minutes"]))
                 for n, one in enumerate(found["checks"], start=1)],
            )  # fmt: skip
        with card(visit, text("What was seen")):
            for one in found["signs"]:
                tone = "bad" if one["seen"] else "plain"
                put(tag("p", chip(visit, text("seen") if one["seen"] else text("not seen"), tone), " ",
                        visit.say(one["words"])))  # fmt: skip
    with section(visit, text("What it may be")):
        for cause in found["causes"]:
            if cause["likely"] == "unlikely" and not cause["for"]:
                continue
            share = f"{100.0 * cause['share']:.0f} %"
            with card(visit, cause["words"], aside=joined(visit.say(cause["likely_words"]), " · ", share)):
                for mark, key in (("+", "for"), ("−", "against")):
                    for words in cause[key]:
                        put(tag("p", tag("b", mark), " ", visit.say(words), class_="fc-soft"))
    if not found["causes"]:
        notice(visit, text("No cause of the fault tree fits what was seen."))
    with fold(visit, text("Notes")):
        for note in found["notes"]:
            paragraph(visit, note, soft=True)
