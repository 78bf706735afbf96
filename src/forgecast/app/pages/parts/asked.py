"""An answer of a door on a page: shown when it is there, told about while it is worked out, explained where refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from inspect import isawaitable
from typing import Any

from nicegui import ui
from nicegui.element import Element

from forgecast.app.doors.asking import Answered
from forgecast.app.doors.door import Door, Question
from forgecast.app.pages.parts.jobs import job_progress
from forgecast.app.pages.parts.states import error_box, notice
from forgecast.app.pages.parts.words import Words
from forgecast.app.pages.visit import Visit
from forgecast.app.report.numbers import local_hour
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

Show = Callable[[Any], Awaitable[None] | None]


async def asked(
    visit: Visit, door: Door[Any], question: Question, show: Show, *, what: Words = None, height: int = 120
) -> Element:
    """Ask a door and place its answer; a figure that is worked out shows how far it is, and then appears by itself.

    Parameters
    ----------
    visit : Visit
    door : Door
        READ or FIGURE.
    question : Question
    show : callable
        Is given the answer (JSON values) and places it; it may be ``async``.
    what : Words
        What is being worked out, as in "the verdicts of 2024"; the door's sentence where none is given.
    height : int
        As much as the answer will take [px].

    Returns
    -------
    Element
        Holds the answer; it is filled anew when the answer changes.
    """
    place = ui.element("div").classes("fc-asked").style(f"min-height: {height}px")
    place.props["aria-live"] = "polite"

    async def fill() -> None:
        try:
            answered = await visit.ask(door, question)
        except ForgecastError as error:
            place.clear()
            place.style("min-height: 0")
            with place:
                error_box(visit, error)
            return
        place.clear()
        with place:
            await _fill(visit, answered, show, what or door.sentence, fill)
        if answered.content is not None:
            place.style("min-height: 0")

    await fill()
    return place


async def _fill(
    visit: Visit, answered: Answered, show: Show, what: Words, again: Callable[[], Awaitable[None]]
) -> None:
    if answered.content is not None and not answered.fresh:
        at = datetime.fromtimestamp(answered.as_of_us / 1e6, UTC).isoformat()
        hour = local_hour(at, visit.zone)
        notice(
            visit, text("As of {hour}; the records have changed since, newer figures are being worked out.", hour=hour)
        )
    if answered.job is not None and (answered.content is None or not answered.fresh):
        job_progress(visit, answered.job.id, what=what, done=again, quiet=answered.content is not None)
    if answered.content is not None:
        shown = show(answered.read())
        if isawaitable(shown):
            await shown
