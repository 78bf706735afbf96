"""Alarms on a page: how each stands, and the buttons with which somebody acts on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from nicegui import ui

from forgecast.app.cli.signals.show import span
from forgecast.app.doors.signals.live import ACT, ActAsked
from forgecast.app.pages.parts.fields import choice_field, text_field
from forgecast.app.pages.parts.inline import chip, link, moment, number
from forgecast.app.pages.parts.layout import card, row
from forgecast.app.pages.parts.markup import Content, joined, put, tag
from forgecast.app.pages.parts.states import button, dialog, error_box, notice, toast
from forgecast.app.pages.parts.words import Words
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.store.server.rights import Right

TONES = {
    "unacknowledged": "bad", "acknowledged": "warn", "returned-unacknowledged": "warn", "shelved": "unknown",
    "suppressed": "unknown", "out-of-service": "unknown", "normal": "good",
}  # fmt: skip
_DONE: dict[str, Text] = {
    "acknowledged": text("Acknowledged."),
    "shelved": text("Shelved."),
    "unshelved": text("No longer shelved."),
    "out_of_service": text("Taken out of service."),
    "in_service": text("Back in service."),
}
_ASKS: dict[str, Text] = {
    "acknowledged": text("Acknowledge {alarm}", alarm="{alarm}"),
    "shelved": text("Shelve {alarm}", alarm="{alarm}"),
    "unshelved": text("End the shelving of {alarm}", alarm="{alarm}"),
    "out_of_service": text("Take {alarm} out of service", alarm="{alarm}"),
    "in_service": text("Put {alarm} back into service", alarm="{alarm}"),
}
_BUTTONS: dict[str, Text] = {
    "acknowledged": text("Acknowledge"),
    "shelved": text("Shelve"),
    "unshelved": text("Unshelve"),
    "out_of_service": text("Out of service"),
    "in_service": text("Back in service"),
}
_TIMES: dict[str, Words] = {
    "1800": text("30 min"), "3600": text("1 h"), "7200": text("2 h"), "28800": text("8 h"), "86400": text("1 day"),
    "604800": text("7 days"),
}  # fmt: skip
Again = Callable[[], Awaitable[None]]


def alarm_list(visit: Visit, alarms: Sequence[Mapping[str, Any]], again: Again) -> None:
    """Place alarms below each other, each with what may be done to it.

    Parameters
    ----------
    visit : Visit
    alarms : sequence of mapping
        As ``signals/alarms`` tells them.
    again : callable
        Is called after somebody has acted.
    """
    for one in alarms:
        with card(visit, tone=TONES[one["state"]]):
            put(_about(visit, one)).props["data-alarm"] = one["alarm"]
            with row():
                _buttons(visit, one, again)


def _about(visit: Visit, one: Mapping[str, Any]) -> Any:  # noqa: ANN401  (markup)
    first: list[Content] = [
        tag("strong", link(visit, one["alarm"], visit.link("live/alarm", alarm=one["alarm"]))), " ",
        chip(visit, one["state_words"], TONES[one["state"]]), " ",
        chip(visit, one["priority_words"], "bad" if one["priority"] in {"critical", "high"} else "plain"),
    ]  # fmt: skip
    second: list[Content] = [
        link(visit, one["tag"], visit.link("live/signal", tag=one["tag"])), " ", visit.say(one["kind_words"]), " (",
        number(one["limit"]), ")",
    ]  # fmt: skip
    if one["raised_at"]:
        second += [" · ", visit.say(text("raised")), " ", moment(one["raised_at"], visit.zone)]
    if one["value"] is not None:
        second += [" · ", visit.say(text("value")), " ", number(one["value"])]
    if one["hazard"]:
        second += [" · ", visit.say(one["hazard_words"])]
    if one["state"] == "shelved":
        second += [" · ", visit.say(text("shelved until")), " ", moment(one["shelved_until_at"], visit.zone)]
    lines = [tag("p", *first), tag("p", *second, class_="fc-soft")]
    warning = one["time_to_limit"]
    if warning is not None:
        said = text("Reaches its limit in {expected} by its trend ({earliest} to {latest})",
                    expected=span(warning["expected_s"], visit.language),
                    earliest=span(warning["earliest_s"], visit.language),
                    latest=span(warning["latest_s"], visit.language))  # fmt: skip
        lines.append(tag("p", chip(visit, said, "warn")))
    return joined(*lines)


def _buttons(visit: Visit, one: Mapping[str, Any], again: Again) -> None:
    if not visit.may(Right.RECORD):
        return
    state = one["state"]
    offered = []
    if state in {"unacknowledged", "returned-unacknowledged"}:
        offered.append("acknowledged")
    if state == "shelved":
        offered.append("unshelved")
    elif state == "out-of-service":
        offered.append("in_service")
    else:
        offered += ["shelved", "out_of_service"]
    for n, what in enumerate(offered):
        main = what == "acknowledged" and n == 0
        made = button(visit, _BUTTONS[what], partial(_ask, visit, one["alarm"], what, again),
                      kind="main" if main else "quiet")  # fmt: skip
        made.props["aria-label"] = _named(visit, what, one["alarm"])


def _named(visit: Visit, what: str, alarm: str) -> str:
    return visit.say(_ASKS[what]).replace("{alarm}", alarm)


async def _ask(visit: Visit, alarm: str, what: str, again: Again) -> None:
    with dialog(visit, _named(visit, what, alarm)) as opened:
        time = None
        if what == "shelved":
            time = choice_field(visit, text("For how long"), _TIMES, value="3600")
        needed = what == "out_of_service"
        note = text_field(visit, text("Reason") if needed else text("Comment"), long=True)
        wrong = ui.element("div")
        with ui.element("div").classes("fc-row fc-row-end"):
            button(visit, text("Cancel"), opened.close, kind="quiet")

            async def act() -> None:
                wrong.clear()
                said = str(note.value or "").strip()
                if needed and not said:
                    with wrong:
                        notice(visit, text("An alarm is taken out of service for a reason: give it."), tone="bad")
                    return
                seconds = None if time is None else float(str(time.value))
                try:
                    await visit.ask(ACT, ActAsked(alarm=alarm, event=what, note=said, shelve_s=seconds))  # type: ignore[arg-type]
                except ForgecastError as error:
                    with wrong:
                        error_box(visit, error)
                    return
                opened.close()
                toast(visit, _DONE[what])
                await again()

            button(visit, _BUTTONS[what], act, kind="main")
    opened.open()
