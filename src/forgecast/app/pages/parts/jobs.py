"""How far a job is: share, what is being done, how long it will take, a button to stop it; it outlives a reload."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from inspect import isawaitable

import anyio.to_thread
from nicegui import background_tasks, ui
from nicegui.element import Element

from forgecast.app.pages.parts.markup import joined, put, tag
from forgecast.app.pages.parts.states import button, error_box, notice
from forgecast.app.pages.parts.words import Words, said
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import Text, text
from forgecast.store.server.jobs import Job, State, ask_to_stop, job_of

Done = Callable[[], Awaitable[None] | None]

#: Before so much is done, and so long has passed [s], no remaining time is told: it would be a guess.
_LEAST_SHARE, _LEAST_SECONDS = 0.05, 3.0
#: Seconds until the first look at a job, which may have ended already, and between two.
_FIRST_LOOK, _LOOK = 0.1, 0.5


def job_progress(
    visit: Visit, job_id: str, *, what: Words, done: Done | None = None, stoppable: bool = False, quiet: bool = False
) -> Element:
    """Place how far a job is; where it failed, its error.

    Parameters
    ----------
    visit : Visit
    job_id : str
        Keep it in the address (``?job=``), so that it is found again after a reload.
    what : Words
        What the job does.
    done : callable or None
        Is called once, when the job is done; it may be ``async`` and may fill the page anew.
    stoppable : bool
        Whether a button asks the job to stop.
    quiet : bool
        Whether only a thin line is shown, because an older answer stands below.
    """
    place = ui.element("div").classes("fc-job fc-quiet" if quiet else "fc-job")
    with place:
        live = put(tag("p", said(visit, what)))
        bar = ui.element("div").classes("fc-bar")
        bar.props.update({"role": "progressbar", "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": 0})
        bar.props["aria-label"] = said(visit, what)
        with bar:
            filled = ui.element("i")
        row = ui.element("div").classes("fc-row")
    if stoppable:
        with row:
            button(visit, text("Stop"), lambda: _stop(visit, job_id), kind="quiet")

    async def look() -> None:
        timer.interval = _LOOK
        job = await anyio.to_thread.run_sync(lambda: job_of(visit.house.store, job_id))
        if job is None or job.ended:
            timer.deactivate()
            await _ended(visit, place, job, done)
            return
        live.content = str(
            joined(tag("p", said(visit, what)), tag("p", _line(visit, job), class_="fc-soft", aria_live="polite"))
        )
        bar.props["aria-valuenow"] = round(100 * job.share)
        filled.style(f"width: {100 * job.share:.1f}%")

    # Not at once: NiceGUI sends a page as soon as one of its clocks goes, though half of it may still be missing.
    timer = ui.timer(_FIRST_LOOK, look, immediate=False)
    return place


def remaining(job: Job, now_us: int) -> int | None:
    """Return how many seconds a job will still take, by what it has done so far; None while that would be a guess."""
    if job.begun_us is None or job.state is not State.RUNNING:
        return None
    passed = (now_us - job.begun_us) / 1e6
    if job.share < _LEAST_SHARE or passed < _LEAST_SECONDS:
        return None
    return round(passed * (1 - job.share) / job.share)


def long_enough(seconds: int) -> Text:
    """Return a stretch of time as a person says it."""
    if seconds < 90:
        return text("about {n} s left", n=max(1, seconds))
    if seconds < 5400:
        return text("about {n} min left", n=round(seconds / 60))
    return text("about {n} h left", n=round(seconds / 3600, 1))


def _line(visit: Visit, job: Job) -> str:
    if job.state is State.QUEUED:
        return said(visit, text("waiting for its turn"))
    left = remaining(job, time.time_ns() // 1_000)
    if job.stop_asked_by:
        return said(visit, text("being stopped …"))
    parts = [
        f"{100 * job.share:.0f}%",
        said(visit, job.said),
        said(visit, long_enough(left)) if left is not None else "",
    ]
    return " · ".join(part for part in parts if part)


async def _stop(visit: Visit, job_id: str) -> None:
    by = visit.asker().by
    await anyio.to_thread.run_sync(lambda: ask_to_stop(visit.house.store, job_id, by))


async def _ended(visit: Visit, place: Element, job: Job | None, done: Done | None) -> None:
    place.clear()
    with place:
        if job is None:
            notice(visit, text("This job is no longer known; start it again."), tone="warn")
        elif job.state is State.FAILED and job.error is not None:
            error_box(visit, job.error)
        elif job.state is State.STOPPED:
            notice(visit, text("Stopped; nothing was kept."), tone="warn")
    if job is not None and job.state is State.DONE:
        place.set_visibility(False)
        if done is not None:
            # Not within the timer's own turn: what fills the page anew deletes the timer, and its turn with it.
            background_tasks.create(_told(done), name="a job on a page is done", context=ui.context.client)


async def _told(done: Done) -> None:
    waited = done()
    if isawaitable(waited):
        await waited
