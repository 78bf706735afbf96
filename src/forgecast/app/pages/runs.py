"""A run on a page: started by a form, followed while it works, its answer shown; it is found again after a reload."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from inspect import isawaitable
from typing import Any

import anyio.to_thread
from nicegui import ui

from forgecast.app.doors.door import Door, Question
from forgecast.app.doors.shelf import door_of
from forgecast.app.jobs.places import answer_of
from forgecast.app.pages.parts import Words, button, error_box, job_progress, joined, notice, put, row, tag
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.server.jobs import State, job_of

#: Is given the answer (JSON values) and the id of the job, under which its files are found (`Visit.file_address`).
ShowRun = Callable[[Any, str], Awaitable[None] | None]


class RunPlace:
    """The place on a page where a run is followed and its answer shown.

    Parameters
    ----------
    visit : Visit
    show : callable
        Places the answer; may be ``async``.
    what : Words
        What is being done.
    name : str
        Of the parameter in the address that holds the run; a page with two runs needs two.
    stoppable : bool
    """

    def __init__(self, visit: Visit, show: ShowRun, *, what: Words, name: str = "job", stoppable: bool = True) -> None:
        self._visit = visit
        self._show = show
        self._what = what
        self._name = name
        self._stoppable = stoppable
        self.element = ui.element("div").classes("fc-asked")
        self.element.props["aria-live"] = "polite"

    async def start(self, door: Door[Any], question: Question) -> bool:
        """Start a run and follow it; what is wrong with the question is shown. Returns whether it was started."""
        try:
            answered = await self._visit.ask(door, question)
        except ForgecastError as error:
            self.refuse(error)
            return False
        if answered.job is None:
            return False
        wanted = json.dumps([self._name, answered.job.id])
        ui.run_javascript(
            f"const [n, v] = {wanted}, u = new URL(location); u.searchParams.set(n, v);"
            "history.replaceState(null, '', u)"
        )
        self._follow(answered.job.id)
        return True

    async def resume(self) -> bool:
        """Show the run that the address names, if it names one of this plant; returns whether it does."""
        job_id = self._visit.query.get(self._name, "")
        if not job_id:
            return False
        job = await anyio.to_thread.run_sync(lambda: job_of(self._visit.house.store, job_id))
        if job is None or job.plant_id != self._visit.plant_id or not self._visit.may(door_of(job.door).right):
            return False
        if job.state is State.DONE:
            await self._done(job_id)
        else:
            self._follow(job_id)
        return True

    def refuse(self, error: ForgecastError) -> None:
        """Show an error in place of the answer."""
        self.element.clear()
        with self.element:
            error_box(self._visit, error)

    def clear(self) -> None:
        """Show nothing."""
        self.element.clear()

    def _follow(self, job_id: str) -> None:
        async def done() -> None:
            await self._done(job_id)

        self.element.clear()
        with self.element:
            job_progress(self._visit, job_id, what=self._what, done=done, stoppable=self._stoppable)

    async def _done(self, job_id: str) -> None:
        job = await anyio.to_thread.run_sync(lambda: job_of(self._visit.house.store, job_id))
        self.element.clear()
        with self.element:
            if job is None:
                return
            try:
                content = await anyio.to_thread.run_sync(lambda: answer_of(self._visit.house.home, job).read_bytes())
            except FileNotFoundError:
                notice(self._visit, text("This result was cleared away; start it again."), tone="warn")
                return
            shown = self._show(json.loads(content), job_id)
            if isawaitable(shown):
                await shown


async def files_run(
    visit: Visit,
    door: Door[Any],
    question: Callable[[], Question],
    *,
    start: Words,
    what: Words,
    main: bool = False,
    name: str = "job",
) -> None:
    """Place a button that starts a run, and below it how far it is and its files.

    Parameters
    ----------
    visit : Visit
    door : Door
        A RUN whose answer has ``files``.
    question : callable
        Returns what is asked; may raise ForgecastError.
    start : Words
        On the button.
    what : Words
        What is being done.
    main : bool
        Whether the page is for this.
    name : str
        Of the parameter in the address that holds the run; a page with two needs two.
    """
    with row():
        press = button(visit, start, kind="main" if main else "plain")
    place = RunPlace(visit, lambda told, job: file_links(visit, job, told["files"]), what=what, name=name)

    async def go() -> None:
        try:
            asked_for = question()
        except ForgecastError as error:
            place.refuse(error)
            return
        await place.start(door, asked_for)

    press.on_click(go)
    await place.resume()


def file_links(visit: Visit, job_id: str, names: Sequence[str]) -> None:
    """Place links to the files of a run."""
    links = [
        tag(
            "a",
            text("Download {name}", name=name).say(visit.language),
            href=visit.file_address(job_id, name),
            download=name,
            class_="fc-button",
        )
        for name in names
    ]
    put(joined(*links), classes="fc-row")
