"""Searches in signals: changes of level, stretches like no other, what is strange together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forgecast.app.doors.condition.searches import (
    ANOMALY,
    CHANGES,
    DISCORDS,
    AnomalyAsked,
    ChangesAsked,
    DiscordsAsked,
)
from forgecast.app.doors.signals.live import LATEST, LatestAsked
from forgecast.app.pages.address_form import AddressForm, asked_in
from forgecast.app.pages.page import page
from forgecast.app.pages.parts.asked import asked
from forgecast.app.pages.parts.chart import chart
from forgecast.app.pages.parts.fields import choice_field, day_field, number_field
from forgecast.app.pages.parts.figures import Heading, table
from forgecast.app.pages.parts.inline import chip, lines, number
from forgecast.app.pages.parts.layout import card, filter_bar, heading, paragraph
from forgecast.app.pages.parts.markup import joined, put, tag
from forgecast.app.pages.parts.states import button, error_box, notice
from forgecast.app.pages.parts.words import Words
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text

_EVERY: dict[str, Words] = {
    "": text("as they are"), "60": text("minutes"), "600": text("ten minutes"), "3600": text("hours"),
    "86400": text("days"),
}  # fmt: skip
_SEASONS: dict[str, Words] = {"": text("none"), "day": text("of a day"), "week": text("of a week")}
_METHODS: dict[str, Words] = {
    "pca": text("principal components"), "robust": text("robust covariance"), "forest": text("isolation forest"),
}  # fmt: skip
_PAGES: dict[str, Text] = {
    "live/changes": text("Changes of level"), "live/discords": text("Stretches like no other"),
    "live/anomalies": text("Strange together"),
}  # fmt: skip


async def _signals(visit: Visit) -> dict[str, Words]:
    series = (await visit.ask(LATEST, LatestAsked())).read()["series"]
    names: dict[str, Words] = {one["tag"]: f"{one['tag']} {one['name']}".strip() for one in series}
    asked_for = visit.query.get("signal", "")
    return names | ({asked_for: asked_for} if asked_for and asked_for not in names else {})


def _ways(visit: Visit, here: str) -> None:
    links = [
        tag("a", visit.say(words), href=visit.link(path), aria_current="page" if path == here else None)
        for path, words in _PAGES.items()
    ]
    put(joined(*links), tag_name="nav", classes="fc-tabs").props["aria-label"] = visit.say(text("Ways to search"))


@page("live", "live/changes", text("Search in signals"), in_menu=True)
async def changes(visit: Visit) -> None:
    """Fill the page."""
    heading(visit, text("Search in signals"), lead=text(
        "When the level changed and by how much; how many such changes chance alone would give."))  # fmt: skip
    _ways(visit, "live/changes")
    form = AddressForm(visit, "live/changes")
    with filter_bar():
        form.field("signal", choice_field(visit, text("Signal"), await _signals(visit), search=True))
        form.field("every_s", choice_field(visit, text("Means over"), _EVERY, value="3600"))
        form.field("season", choice_field(visit, text("Usual course taken out"), _SEASONS, value=""))
        form.field("since_on", day_field(visit, text("From")))
        form.field("until_on", day_field(visit, text("To")))
        button(visit, text("Search"), form.send, kind="main")
    if not visit.query.get("signal"):
        return
    try:
        question = asked_in(visit, ChangesAsked, every_s=3600.0)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, CHANGES, question, lambda found: _changes(visit, question, found), height=420)


def _changes(visit: Visit, question: ChangesAsked, found: Mapping[str, Any]) -> None:
    title = text("{n} changes in {values} values", n=len(found["changes"]), values=found["values"])
    with card(visit, title):
        chart(visit, visit.address(CHANGES, question), at="chart", title=found["signal"], zone=visit.zone, height=360)
        table(
            visit,
            [text("changed at"), Heading(text("before"), found["unit"], numeric=True),
             Heading(text("after"), found["unit"], numeric=True), Heading(text("by"), found["unit"], numeric=True),
             Heading(text("chance at most"), numeric=True)],
            [
                (lines(one["at"], f"{one['from']} … {one['until']}"), number(one["before"]), number(one["after"]),
                 lines(number(one["size"]), joined(number(one["size_low"]), " … ", number(one["size_high"]))),
                 f"{one['probability']:.1e}")
                for one in found["changes"]
            ],
            empty=text("No change of level."),
        )  # fmt: skip
    if found["false_changes_per_search"] is not None:
        paragraph(visit, text("back-test: the same signal without changes gives {n} changes a search",
                              n=f"{found['false_changes_per_search']:.2g}"), soft=True)  # fmt: skip
    for note in found["notes"]:
        paragraph(visit, note, soft=True)


@page("live", "live/discords", text("Stretches like no other"))
async def discords(visit: Visit) -> None:
    """Fill the page."""
    heading(
        visit, text("Search in signals"), lead=text("Stretches of a signal that resemble no other, with a back-test.")
    )
    _ways(visit, "live/discords")
    form = AddressForm(visit, "live/discords")
    with filter_bar():
        form.field("signal", choice_field(visit, text("Signal"), await _signals(visit), search=True))
        form.field("every_s", choice_field(visit, text("Means over"), _EVERY, value="3600"))
        form.field("span_s", number_field(visit, text("Length of a stretch"), value=86400, unit="s", least=60))
        form.field("since_on", day_field(visit, text("From")))
        form.field("until_on", day_field(visit, text("To")))
        button(visit, text("Search"), form.send, kind="main")
    if not visit.query.get("signal"):
        return
    try:
        question = asked_in(visit, DiscordsAsked, every_s=3600.0, span_s=86400.0)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, DISCORDS, question, lambda found: _discords(visit, question, found), height=420)


def _discords(visit: Visit, question: DiscordsAsked, found: Mapping[str, Any]) -> None:
    threshold = found["threshold"]
    with card(visit, found["signal"]):
        chart(visit, visit.address(DISCORDS, question), at="chart", title=found["signal"], zone=visit.zone, height=360)
        table(
            visit,
            [text("from"), text("to"), Heading(text("distance"), numeric=True), text("most like"), text("threshold")],
            [
                (one["from"], one["until"], number(one["distance"]), one["nearest"],
                 chip(visit, text("beyond it"), "bad") if threshold is not None and one["distance"] > threshold
                 else chip(visit, text("within it"), "plain"))
                for one in found["discords"]
            ],
        )  # fmt: skip
    said = text("back-test: {n} alarms in the second half with the threshold of the first", n=found["alarms"])
    paragraph(visit, said, soft=True)
    for note in found["notes"]:
        paragraph(visit, note, soft=True)


@page("live", "live/anomalies", text("Strange together"))
async def anomalies(visit: Visit) -> None:
    """Fill the page."""
    heading(visit, text("Search in signals"), lead=text(
        "When several signals together are strange, and which of them makes them so."))  # fmt: skip
    _ways(visit, "live/anomalies")
    names = await _signals(visit)
    form = AddressForm(visit, "live/anomalies")
    with filter_bar():
        form.field("signals", choice_field(visit, text("Signals, two or more"), names, many=True))
        form.field("every_s", choice_field(visit, text("Means over"), _EVERY, value="3600"))
        form.field("method", choice_field(visit, text("Method"), _METHODS, value="pca"))
        form.field("since_on", day_field(visit, text("From")))
        form.field("until_on", day_field(visit, text("To")))
        button(visit, text("Search"), form.send, kind="main")
    if not visit.query.get("signals"):
        return
    try:
        question = asked_in(visit, AnomalyAsked, every_s=3600.0)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, ANOMALY, question, lambda found: _anomalies(visit, question, found), height=420)


def _anomalies(visit: Visit, question: AnomalyAsked, found: Mapping[str, Any]) -> None:
    alarms = found["alarms"]
    if not alarms:
        notice(visit, text("No alarm in the judged rows."), tone="good")
    title = text("{n} strange stretches", n=len(alarms))
    with card(visit, title, note=text("sound rows alone would give {n} a month",
                                      n=_plain(found["expected_false_alarms_per_month"]))):  # fmt: skip
        chart(visit, visit.address(ANOMALY, question), at="chart", title=title, zone=visit.zone, height=340, log_y=True)
        table(
            visit,
            [text("from"), text("to"), Heading(text("over the threshold"), numeric=True), text("which signals")],
            [
                (one["from"], one["until"], number(one["excess"]),
                 ", ".join(f"{part['signal']} {100.0 * part['share']:.0f} %" for part in one["signals"][:3]))
                for one in sorted(alarms, key=lambda one: -one["excess"])[:40]
            ],
        )  # fmt: skip
    for note in found["notes"]:
        paragraph(visit, note, soft=True)


def _plain(value: float | None) -> str:
    return "—" if value is None else f"{value:.2g}"
