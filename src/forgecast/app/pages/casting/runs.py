"""The studio's first page: runs with their pictures, and where a new one begins."""

from __future__ import annotations

from nicegui import ui

from forgecast.app.pages.casting.shared import RUNS, Shown, runs_of, studio_style, thumbnail, word_of
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    button,
    buttons,
    empty,
    heading,
    link,
    moment,
    number,
    put,
    tag,
    toast,
)
from forgecast.app.pages.visit import Visit
from forgecast.app.report.numbers import shown_with_unit
from forgecast.ground.dates import from_us
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right

_PAGE = 24
#: As many runs stand beside each other legibly.
_MOST_COMPARED = 3


@page("casting", "casting", text("Casting studio"), right=Right.ENGINEER, in_menu=True)
async def studio(visit: Visit) -> None:
    """Fill the page."""
    studio_style()
    heading(
        visit,
        text("Casting studio"),
        lead=text("How a part freezes, where it shrinks, and which risers make it sound, before the first mould."),
        aside=tag("a", visit.say(text("New run")), href=visit.link("casting/new"), class_="fc-button main"),
    )
    runs, following = await runs_of(visit, limit=_PAGE, after=visit.query.get("after", ""))
    if not runs:
        empty(
            visit,
            text("No part has been frozen yet."),
            do=text("Send the solid of a part (STL or STEP), choose alloy and mould, and start the run."),
            links=[link(visit, text("New run"), visit.link("casting/new"))],
        )
        return
    picked: dict[str, bool] = {}

    def compare() -> None:
        chosen = [key for key, is_on in picked.items() if is_on]
        if not 2 <= len(chosen) <= _MOST_COMPARED:
            toast(visit, text("Mark two or three runs that are done."), tone="warn")
            return
        ui.navigate.to(visit.link("casting/compare", runs=",".join(chosen)))

    with ui.element("div").classes("fc-row"):
        button(visit, text("Compare marked runs"), compare)
    with ui.element("div").classes("fc-runs"):
        for run in runs:
            _card(visit, run, picked)
    if following is not None:
        buttons([link(visit, text("Earlier runs"), visit.link("casting", after=following))])


def _card(visit: Visit, run: Shown, picked: dict[str, bool]) -> None:
    answer = run.answer
    kind = visit.say(RUNS[run.job.door][1])
    when = moment(from_us(run.job.submitted_us).isoformat().replace("+00:00", "Z"), visit.zone)
    facts = []
    if answer is not None:
        by_name = {one["name"]: one for one in answer["figures"]}
        inputs = {one["name"]: one for one in answer["inputs"]}
        facts = [
            tag("span", visit.say(inputs["alloy"]["value"]), " · ", visit.say(inputs["mould"]["value"])),
            tag(
                "span",
                visit.say(text("yield")), " ", number(by_name["yield"]["value"], "%"), " · ",
                visit.say(text("solid after")), " ",
                shown_with_unit(by_name["solid_after"]["value"], "s"),
            ),
        ]  # fmt: skip
    with ui.element("div").classes("fc-card fc-run"), ui.element("div").classes("fc-card-body"):
        put(
            tag(
                "a",
                thumbnail(visit, run),
                tag("strong", run.title),
                tag("span", word_of(visit, run)),
                *facts,
                tag("span", kind, " · ", when, " · ", run.job.by, class_="fc-soft"),
                href=visit.link(f"casting/run/{run.job.id}"),
                class_="fc-run-link",
            )
        )
        if answer is not None:
            mark = ui.checkbox(visit.say(text("compare")))
            mark.props["aria-label"] = visit.say(text("compare {run}", run=run.title))
            mark.on_value_change(lambda event, key=run.job.id: picked.update({key: bool(event.value)}))
