"""The result of a run: whether the casting is sound and why, the body to turn and cut, hot spots, figures, files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from forgecast.app.doors.casting.run import FREEZE
from forgecast.app.pages.casting.designed import show_design
from forgecast.app.pages.casting.materials import sources_table
from forgecast.app.pages.casting.shared import RUNS, Shown, place_mm, run_of, studio_style, word_of
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    KeyFigure,
    MeshView,
    badge,
    buttons,
    card,
    columns,
    empty,
    error_box,
    facts,
    findings_table,
    fold,
    heading,
    job_progress,
    joined,
    key_figures,
    link,
    mesh_view,
    number,
    paragraph,
    picture,
    put,
    row,
    section,
    table,
    tag,
)
from forgecast.app.pages.visit import API, Visit
from forgecast.app.report.words import CONFIDENCE_TEXTS
from forgecast.app.server.refusals import NotThereError
from forgecast.ground.texts import Text, text
from forgecast.store.server.jobs import State
from forgecast.store.server.rights import Right

#: How far the camera stands from a hot spot it flies to [m].
_NEAR = 0.12
_MOST_SPOTS = 20
#: A share below this is shown with its power of ten.
_TINY = 1e-3
_KEYS = ("solid_after", "yield", "mass", "cavity_volume", "porosity_volume")
_PICTURES: dict[str, Text] = {
    "sections.png": text("three sections through the worst hot spot, coloured by solidification time"),
    "hot_spots.png": text("hot spots, looked through along three directions"),
    "porosity.png": text("cavities and porosity as an X-ray would show them"),
}
_FILES: dict[str, Text] = {
    "report.pdf": text("report to print"), "summary.json": text("all figures, for programs"),
    "fields.vti": text("fields over the cells, for ParaView"),
    "fields.vtr": text("fields over the cells, for ParaView"),
    "surface.glb": text("coloured surface, for any viewer"), "surface.vtp": text("surface with times, for ParaView"),
    "risers.stl": text("risers, for CAD"), "risers.json": text("the design of the risers, for programs"),
}  # fmt: skip


@page("casting", "casting/run/{job}", text("Casting run"), right=Right.ENGINEER)
async def run_page(visit: Visit) -> None:
    """Fill the page: progress while the run works, then its result."""
    studio_style()
    try:
        run = await run_of(visit, visit.names["job"])
    except NotThereError as error:
        error_box(visit, error)
        return
    place = ui.element("div").classes("fc-whole")

    async def fill() -> None:
        now = await run_of(visit, run.job.id)
        place.clear()
        with place:
            _fill(visit, now, fill)

    await fill()


def _fill(visit: Visit, run: Shown, again: Any) -> None:  # noqa: ANN401  (a callable of this page)
    kind = RUNS[run.job.door][1]
    if run.answer is None:
        heading(visit, run.title, lead=kind, aside=word_of(visit, run) if run.job.ended else None)
        if run.job.state is State.DONE:
            empty(visit, text("The files of this run were cleared away."),
                  links=[link(visit, text("Do it again"), visit.link("casting/new", like=run.job.id))])  # fmt: skip
            return
        with card(visit):
            job_progress(visit, run.job.id, what=kind, done=again, stoppable=visit.may(Right.ENGINEER))
            paragraph(visit, text("The run goes on when you leave the page; you find it again in the studio."),
                      soft=True)  # fmt: skip
        return
    answer = run.answer
    heading(visit, run.title, lead=answer["lead"] or kind, aside=badge(visit, str(answer["word"])))
    by_name = {one["name"]: one for one in answer["figures"]}
    key_figures(
        visit,
        [
            KeyFigure(by_name[key]["title"], by_name[key]["value"], by_name[key]["unit"], note=by_name[key]["note"],
                      why="#figures")
            for key in _KEYS if key in by_name
        ],
    )  # fmt: skip
    _actions(visit, run)
    _stage(visit, run)
    _judgements(visit, answer)
    if answer["design"] is not None:
        show_design(visit, answer["design"])
    _figures(visit, answer)
    _inputs(visit, answer)
    _pictures(visit, run)
    _files(visit, run)


def _actions(visit: Visit, run: Shown) -> None:
    mode = {FREEZE.id: "freeze"}.get(run.job.door, run.job.door.partition("/")[2])
    buttons(
        [
            tag("a", visit.say(text("Change and run again")), class_="fc-button plain",
                href=visit.link("casting/new", like=run.job.id, mode=mode)),
            tag("a", visit.say(text("Compare with …")), class_="fc-button plain",
                href=visit.link("casting/compare", runs=run.job.id)),
            tag("a", visit.say(text("Report (PDF)")), href=visit.file_address(run.job.id, "report.pdf"),
                class_="fc-button plain", target="_blank", rel="noopener"),
            tag("a", visit.say(text("All files (ZIP)")), class_="fc-button plain",
                href=f"{API}/plants/{visit.plant_id}/jobs/{run.job.id}/archive"),
        ]
    )  # fmt: skip


def _stage(visit: Visit, run: Shown) -> None:
    answer = run.answer
    assert answer is not None  # noqa: S101  (the page shows a result)
    with ui.element("div").classes("fc-stage"):
        with card(visit):
            view = model_view(visit, run)
        with card(visit, text("Hot spots"), note=text("where the metal freezes last; the latest first")):
            _spots(visit, answer, view)


def model_view(visit: Visit, run: Shown, *, height: int = 560, group: str = "") -> MeshView:
    """Return the body of a run, coloured and to be cut."""
    job = run.job.id
    return mesh_view(
        visit,
        visit.file_address(job, "model.mesh"),
        title=run.title,
        fine=visit.file_address(job, "model_fine.mesh"),
        inside=visit.file_address(job, "inside.mesh"),
        group=group,
        height=height,
    )


def _spots(visit: Visit, answer: Mapping[str, Any], view: MeshView) -> None:
    if not answer["hot_spots"]:
        paragraph(visit, text("No hot spot was found."))
        return
    with ui.element("ol").classes("fc-spots"):
        for spot in answer["hot_spots"][:_MOST_SPOTS]:
            _spot(visit, spot, view)


def _spot(visit: Visit, spot: Mapping[str, Any], view: MeshView) -> None:
    place = spot["place_m"]
    after = number(spot["solid_after_s"], "s")
    with ui.element("li"):
        name = text("hot spot {number}: show it", number=spot["number"])
        with ui.element("button").classes("fc-spot").props("type=button") as made:
            put(
                joined(
                    tag("strong", str(spot["number"])),
                    tag("span", visit.say(spot["body"]), " · ", after),
                    tag("span", place_mm(place), " mm", class_="fc-soft"),
                )
            )
        made.props["aria-label"] = visit.say(name)
        made.on("click", lambda: view.fly_to(place, _NEAR))


def _judgements(visit: Visit, answer: Mapping[str, Any]) -> None:
    with section(visit, text("Is the casting sound?")):
        table(
            visit,
            [text("Criterion"), text("Verdict"), text("Value"), text("Threshold"), text("Why"),
             text("Source (how well it is known)")],
            [
                (
                    visit.say(one["criterion"]), badge(visit, one["word"]), visit.say(one["value"]),
                    visit.say(one["threshold"]), visit.say(one["reason"]), _source(visit, one["source"]),
                )
                for one in answer["judgements"]
            ],
            caption=text("Is the casting sound?"),
            empty=text("Soundness was not judged in this run."),
        )  # fmt: skip


def _source(visit: Visit, source: Mapping[str, Any] | None) -> str | None:
    if source is None:
        return None
    return f"{visit.say(source['source'])} ({CONFIDENCE_TEXTS[source['confidence']].say(visit.language)})"


def _figures(visit: Visit, answer: Mapping[str, Any]) -> None:
    with section(visit, text("Figures and residuals")) as place:
        place.props["id"] = "figures"
        with columns(2):
            with card(visit, text("Figures")):
                facts(visit, [(one["title"], _figure(visit, one)) for one in answer["figures"]])
            with card(visit, text("What the run's own balances leave over")):
                facts(visit, [(one["title"], _figure(visit, one)) for one in answer["residuals"]])
                grid = answer["grid"]
                facts(visit, [(text("Cells"), " × ".join(str(n) for n in grid["cells"])),
                              (text("Edge of a cell"), number(1000 * grid["smallest_cell_m"], "mm"))])  # fmt: skip
        if answer["cavities"]:
            table(
                visit,
                [text("No."), text("Lies in"), text("x, y, z [mm]"), Heading(text("Volume"), "cm3", numeric=True)],
                [
                    (str(one["number"]), visit.say(one["body"]), place_mm(one["place_m"]),
                     number(1e6 * one["volume_m3"]))
                    for one in answer["cavities"][:20]
                ],
                caption=text("Shrinkage cavities"),
            )  # fmt: skip


def _figure(visit: Visit, one: Mapping[str, Any]) -> Any:  # noqa: ANN401  (markup)
    found = one["value"]
    if found is not None and one["unit"] == "1" and 0 < abs(found) < _TINY:
        value = tag("span", f"{found:.1e}".replace("-", "−"), class_="fc-number")
    else:
        value = number(found, "" if one["unit"] == "1" else one["unit"])
    return tag("span", value, tag("span", " ", visit.say(one["note"]), class_="fc-soft")) if one["note"] else value


def _inputs(visit: Visit, answer: Mapping[str, Any]) -> None:
    with section(visit, text("Inputs and what they rest on")):
        table(
            visit,
            [text("Input"), text("Value"), text("Source (how well it is known)")],
            [
                (visit.say(one["title"]), visit.say(one["value"]), _source(visit, one["source"])
                 or visit.say(text("assumed; nobody gave it") if one["assumed"] else text("given by the caller")))
                for one in answer["inputs"]
            ],
            caption=text("Inputs and what they rest on"),
        )  # fmt: skip
        for note in answer["notes"]:
            paragraph(visit, note, soft=True)
        if answer["findings"]:
            findings_table(visit, answer["findings"])
        with fold(visit, text("All sources")):
            sources_table(visit, answer["sources"])


def _pictures(visit: Visit, run: Shown) -> None:
    answer = run.answer
    assert answer is not None  # noqa: S101  (the page shows a result)
    with section(visit, text("Pictures")), columns(3):
        for name, said in _PICTURES.items():
            if name in answer["files"]:
                picture(visit, visit.file_address(run.job.id, name), alt=said, caption=said)


def _files(visit: Visit, run: Shown) -> None:
    answer = run.answer
    assert answer is not None  # noqa: S101  (the page shows a result)
    with section(visit, text("Files")), row():
        table(
            visit,
            [text("File"), text("What for")],
            [
                (
                    tag("a", name, href=visit.file_address(run.job.id, name), class_="fc-link", download=True),
                    visit.say(said),
                )
                for name, said in _FILES.items()
                if name in answer["files"]
            ],
            caption=text("Files"),
        )
