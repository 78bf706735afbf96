"""Runs beside each other: bodies under one camera, verdicts, figures with differences, and what was changed."""

from __future__ import annotations

from nicegui import ui

from forgecast.app.casting.compare import compared_figures, compared_inputs, compared_judgements
from forgecast.app.pages.casting.result import model_view
from forgecast.app.pages.casting.shared import Shown, run_of, runs_of, studio_style
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Content,
    Heading,
    badge,
    button,
    card,
    choice_field,
    columns,
    empty,
    heading,
    link,
    number,
    row,
    section,
    table,
    tag,
)
from forgecast.app.pages.visit import Visit
from forgecast.app.server.refusals import NotThereError
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right

_MOST = 3
#: Runs to choose from.
_LISTED = 100


@page("casting", "casting/compare", text("Compare casting runs"), right=Right.ENGINEER)
async def compare(visit: Visit) -> None:
    """Fill the page."""
    studio_style()
    heading(visit, text("Compare runs"), lead=text("Turn one body and all turn; differences count from the first run."))
    wanted = [one for one in visit.query.get("runs", "").split(",") if one][:_MOST]
    runs: list[Shown] = []
    for job_id in wanted:
        try:
            run = await run_of(visit, job_id)
        except NotThereError:
            continue
        if run.answer is not None:
            runs.append(run)
    await _choose(visit, runs)
    if len(runs) < 2:
        return
    with columns(len(runs)):
        for run in runs:
            with card(visit, run.title, aside=badge(visit, str((run.answer or {})["word"]))):
                model_view(visit, run, height=380, group="casting-compare")
    answers = [run.answer for run in runs if run.answer is not None]
    titles = _told_apart([run.title for run in runs])
    with section(visit, text("Verdicts")):
        table(
            visit,
            [text("Criterion"), *titles],
            [
                (visit.say(one["title"]), *(_verdict(visit, value) for value in one["values"]))
                for one in compared_judgements(answers)
            ],
            caption=text("Verdicts"),
        )
    with section(visit, text("Figures")):
        table(
            visit,
            [text("Figure"), *(Heading(title, numeric=True) for title in titles)],
            [
                (visit.say(one["title"]), *(
                    _value(value, change, one["unit"], first=place == 0)
                    for place, (value, change) in enumerate(zip(one["values"], one["differences"], strict=True))
                ))
                for one in compared_figures(answers)
            ],
            caption=text("Figures"),
        )  # fmt: skip
    with section(visit, text("What was asked differently")):
        table(
            visit,
            [text("Input"), *titles],
            [
                (visit.say(one["title"]), *("—" if value is None else visit.say(value) for value in one["values"]))
                for one in compared_inputs(answers)
            ],
            caption=text("What was asked differently"),
            empty=text("Nothing: the runs were asked the same."),
        )


async def _choose(visit: Visit, chosen: list[Shown]) -> None:
    found, _ = await runs_of(visit, limit=_LISTED)
    done = {
        run.job.id: f"{number_}. {run.title}" for number_, run in enumerate(found, start=1) if run.answer is not None
    }
    if len(done) < 2:
        empty(visit, text("There are no two finished runs yet."),
              do=text("Start a variant of a run with other risers."),
              links=[link(visit, text("To the studio"), visit.link("casting"))])  # fmt: skip
        return
    fields = []
    with card(visit), row():
        for place in range(_MOST):
            value = chosen[place].job.id if place < len(chosen) else None
            label = text("Run {number}", number=place + 1)
            fields.append(choice_field(visit, label, done, value=value, search=True).classes("fc-field-wide"))

        def show() -> None:
            keys = list(dict.fromkeys(str(field.value) for field in fields if field.value))
            ui.navigate.to(visit.link("casting/compare", runs=",".join(keys)))

        button(visit, text("Compare"), show, kind="main")


def _told_apart(titles: list[str]) -> list[str]:
    """Return titles that differ: equal ones get their place."""
    return [f"{n}. {title}" for n, title in enumerate(titles, start=1)] if len(set(titles)) < len(titles) else titles


def _verdict(visit: Visit, value: dict[str, object] | None) -> Content:
    if value is None:
        return None
    return tag("span", badge(visit, str(value["word"])), " ", visit.say(value["value"]))  # type: ignore[arg-type]


def _value(value: float | None, change: float | None, unit: str, *, first: bool) -> Content:
    shown = number(value, "" if unit == "1" else unit)
    if first or change is None:
        return shown
    sign = "+" if change > 0 else "−" if change < 0 else "±"
    return tag("span", shown, " ", tag("span", sign, number(abs(change)), class_="fc-soft"))
