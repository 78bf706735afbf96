"""The work of the plant: what waits, what runs and how far it is, what is done, and what failed and why."""

from __future__ import annotations

from collections.abc import Sequence

import anyio.to_thread
from nicegui import ui

from forgecast.app.doors.shelf import doors
from forgecast.app.pages.admin.shared import at
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Content,
    Heading,
    Markup,
    buttons,
    card,
    chip,
    heading,
    job_progress,
    joined,
    link,
    moment,
    paragraph,
    said,
    table,
    tag,
)
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import Text, text
from forgecast.store.server.jobs import Job, State, jobs_of_plant
from forgecast.store.server.rights import Right

_MOST = 50
_STATES: dict[State, tuple[Text, str]] = {
    State.QUEUED: (text("queued"), "unknown"),
    State.RUNNING: (text("running"), "unknown"),
    State.DONE: (text("done"), "good"),
    State.FAILED: (text("failed"), "bad"),
    State.STOPPED: (text("stopped"), "warn"),
}


@page("admin", "admin", text("Work in progress"), in_menu=True)
async def work_in_progress(visit: Visit) -> None:
    """Fill the list of work."""
    heading(
        visit,
        text("Work in progress"),
        lead=text("What is being worked out for this plant now, and what was worked out last."),
    )
    rights = visit.asker().rights
    open_doors = [name for name, door in doors().items() if door.right in rights]
    after = visit.query.get("after", "")
    found, following = await anyio.to_thread.run_sync(
        lambda: jobs_of_plant(visit.house.store, visit.plant_id, limit=_MOST, after=after, doors=open_doors)
    )
    if not after:
        _under_way(visit, [one for one in found if not one.ended])
    _ended(visit, [one for one in found if one.ended])
    if following is not None:
        buttons([link(visit, text("Older"), visit.link("admin", after=following))])


def _under_way(visit: Visit, found: Sequence[Job]) -> None:
    account, manages = visit.asker().account_id, visit.may(Right.MANAGE)
    with card(visit, text("Under way")):
        if not found:
            paragraph(visit, text("Nothing waits, and nothing runs."), soft=True)
        for job in found:
            asked_by = text("asked by {name}", name=job.by)
            job_progress(
                visit,
                job.id,
                what=f"{_what(visit, job)} · {visit.say(asked_by)}",
                done=ui.navigate.reload,
                stoppable=job.account_id == account or manages,
            )


def _ended(visit: Visit, found: Sequence[Job]) -> None:
    with card(visit, text("Ended"), flush=True):
        table(
            visit,
            [text("What"), text("State"), text("By"), text("Begun"), Heading(text("Took"), "s", numeric=True)],
            [
                (
                    _what_came(visit, one),
                    chip(visit, *_STATES[one.state]),
                    one.by,
                    moment(at(one.begun_us or one.submitted_us), visit.zone),
                    None if one.begun_us is None or one.ended_us is None else (one.ended_us - one.begun_us) / 1e6,
                )
                for one in found
            ],
            caption=text("Ended"),
            empty=text("Nothing was worked out yet; figures and runs appear here."),
        )


def _what_came(visit: Visit, job: Job) -> Markup:
    lines: list[Content] = [tag("span", _what(visit, job), class_="fc-line")]
    if job.state is State.STOPPED and job.stop_asked_by:
        words = text("stopped by {name}", name=job.stop_asked_by)
        lines.append(tag("span", visit.say(words), class_="fc-line fc-soft"))
    if job.error is not None:
        error = job.error.get("error", job.error)
        lines += [
            tag("span", said(visit, error.get(key)), class_="fc-line fc-soft") for key in ("what", "repair")
        ]  # fmt: skip
    return joined(*lines)


def _what(visit: Visit, job: Job) -> str:
    door = doors().get(job.door)
    return job.door if door is None else visit.say(door.sentence)
