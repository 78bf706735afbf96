"""A new run: the part, what is poured into what, risers and chills, what is allowed; and the start."""

from __future__ import annotations

from typing import Final

from nicegui import ui

from forgecast.app.pages.casting.bodies import BodyList
from forgecast.app.pages.casting.fields import place_effort, place_limits, place_metal, place_mode
from forgecast.app.pages.casting.form import MODES, NewRun
from forgecast.app.pages.casting.shared import ACCEPTED, run_of, studio_style
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Draft,
    card,
    draft,
    heading,
    paragraph,
    tabs,
    upload_field,
)
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right

_FORM: Final = "casting-run"


@page("casting", "casting/new", text("New casting run"), right=Right.ENGINEER)
async def new(visit: Visit) -> None:
    """Fill the page; a run given by ``like`` fills the form first."""
    studio_style()
    heading(visit, text("New run"), lead=text("What you fill in is kept until you start the run."))
    mode = tabs(visit, {key: words for key, (words, _, _) in MODES.items()}, visit.query.get("mode", ""), name="mode")
    kept = await draft(visit, _FORM)
    like = visit.query.get("like", "")
    if like and kept.values.get("like") != like:
        await _take_over(visit, kept, like)
    with ui.element("div").classes("fc-studio"):
        with ui.element("div").classes("fc-stack"):
            form = NewRun(visit, kept, mode)
            with card(visit, text("1 · The part"), note=text("A closed solid, z up, as it lies in the mould.")):
                upload_field(
                    visit, text("Solid (STL, STEP, 3MF, OBJ, PLY)"), accept=ACCEPTED, kept=form.take_part,
                    hint=kept.values.get("part_name"),
                )  # fmt: skip
                form.part_place.move(ui.context.slot.parent)
            with card(visit, text("2 · Metal and mould")):
                await place_metal(form)
        with ui.element("div").classes("fc-stack"):
            with card(visit, text("How it looks")):
                form.preview_place.move(ui.context.slot.parent)
            with card(visit, text("3 · Risers and chills") if mode == "freeze" else text("3 · Chills")):
                await BodyList(form).place()
            with card(visit, text("4 · Cells and time"), note=text("Finer cells, surer times, longer runs.")):
                await place_effort(form)
            with card(visit, text("5 · What is allowed")):
                place_limits(form)
                await place_mode(form)
            with card(visit):
                form.place_start()
                paragraph(visit, text("The run goes on when you leave the page; you find it again in the studio."),
                          soft=True)  # fmt: skip
    await form.show_part()


async def _take_over(visit: Visit, kept: Draft, job_id: str) -> None:
    """Fill the draft with what another run was asked."""
    try:
        run = await run_of(visit, job_id)
    except ForgecastError:
        return
    asked_then = {key: value for key, value in run.job.question.items() if value not in (None, "", [])}
    kept.values.clear()
    kept.values.update(asked_then)
    kept.values.update(
        {"like": job_id, "preview": "", "part_name": f"{run.title}.stl" if asked_then.get("unit") else ""}
    )
    await kept.save()
