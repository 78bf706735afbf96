"""One signal over the last hour, day, week, month or year, with its limits, gaps and what rang."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from forgecast.app.doors.signals.live import LATEST, LatestAsked
from forgecast.app.doors.signals.past import SERIES, SeriesAsked
from forgecast.app.pages.address_form import asked_in
from forgecast.app.pages.page import page
from forgecast.app.pages.parts.asked import asked
from forgecast.app.pages.parts.chart import chart
from forgecast.app.pages.parts.figures import facts
from forgecast.app.pages.parts.inline import link, moment, number
from forgecast.app.pages.parts.layout import buttons, card, heading, tabs
from forgecast.app.pages.parts.states import error_box, notice
from forgecast.app.pages.visit import Visit
from forgecast.app.report.numbers import count
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text

_SPANS: dict[str, Text] = {
    "hour": text("Hour"), "day": text("Day"), "week": text("Week"), "month": text("Month"), "year": text("Year"),
}  # fmt: skip
#: Seconds after which a chart that ends now is drawn anew.
_AGAIN_S = {"hour": 5.0, "day": 60.0}


@page("live", "live/signal", text("Signal"))
async def signal(visit: Visit) -> None:
    """Fill the page."""
    try:
        question = asked_in(visit, SeriesAsked)
    except ForgecastError as error:
        heading(visit, text("Signal"))
        error_box(visit, error)
        return
    latest = (await visit.ask(LATEST, LatestAsked(tags=[question.tag]))).read()["series"]
    heading(visit, question.tag, lead=latest[0]["name"] if latest else None)
    span = tabs(visit, _SPANS, question.span, address=visit.link("live/signal", tag=question.tag), name="span")
    chosen = SeriesAsked.model_validate({"tag": question.tag, "span": span})
    await asked(visit, SERIES, chosen, lambda found: _series(visit, chosen, found), height=440)
    buttons([
        link(visit, text("Try an alarm on it"), visit.link("live/try", tag=question.tag)),
        link(visit, text("Find changes of its level"), visit.link("live/changes", signal=question.tag)),
        link(visit, text("How complete it is"), visit.link("live/readings", tags=question.tag)),
    ])  # fmt: skip


def _series(visit: Visit, question: SeriesAsked, found: Mapping[str, Any]) -> None:
    if not found["live"]:
        notice(visit, text("Nothing comes any more; shown is the stretch up to the last reading."))
    with card(visit):
        drawn = chart(
            visit, visit.address(SERIES, question), at="chart", title=found["tag"], zone=visit.zone, height=400
        )
        if found["live"] and question.span in _AGAIN_S:
            ui.timer(_AGAIN_S[question.span], drawn.fetch_again, immediate=False)
        facts(visit, [
            (text("from"), moment(found["start_at"], visit.zone)), (text("to"), moment(found["end_at"], visit.zone)),
            (text("readings"), count(found["readings"])),
            (text("a point stands for"), number(found["step_s"], "s") if found["step_s"] else
             visit.say(text("one reading"))),
            (text("doubtful"), count(found["doubtful"])), (text("invalid"), count(found["invalid"])),
        ])  # fmt: skip
