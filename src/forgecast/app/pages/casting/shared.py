"""What pages of casting share: runs as they stand, choices of materials, places in millimetres."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

import anyio.to_thread
from nicegui import ui

from forgecast.app.doors.casting.materials import ALLOYS, MEDIA, Searched
from forgecast.app.doors.casting.risers import OPTIMISE, RISER
from forgecast.app.doors.casting.run import FREEZE
from forgecast.app.doors.door import Door
from forgecast.app.jobs.places import answer_of
from forgecast.app.pages.parts import Markup, Words, badge, chip, tag
from forgecast.app.pages.visit import Visit
from forgecast.app.report.numbers import shown
from forgecast.app.server.refusals import NotThereError
from forgecast.ground.texts import Text, text
from forgecast.store.server.jobs import Job, State, job_of, jobs_of_plant

#: Doors whose jobs are runs, by what they do.
RUNS: Final[dict[str, tuple[Door[Any], Text]]] = {
    FREEZE.id: (FREEZE, text("freezing run")),
    RISER.id: (RISER, text("riser design")),
    OPTIMISE.id: (OPTIMISE, text("riser search")),
}
STATES: Final[dict[State, tuple[Text, str]]] = {
    State.QUEUED: (text("waiting"), "unknown"),
    State.RUNNING: (text("at work"), "warn"),
    State.DONE: (text("done"), "good"),
    State.FAILED: (text("failed"), "bad"),
    State.STOPPED: (text("stopped"), "unknown"),
}
#: Endings of files that do not name their unit.
UNITLESS: Final = (".stl", ".obj", ".ply")
ACCEPTED: Final = ".stl,.step,.stp,.3mf,.obj,.ply"
UNITS: Final[dict[str, Words]] = {"": "—", "mm": "mm", "cm": "cm", "m": "m", "in": "in"}
#: Media into which metal is poured; the others stand in the mould.
_MOULDS: Final = ("sand", "shell", "die")


@dataclass(frozen=True, slots=True)
class Shown:
    """A run and its answer; None while it has none."""

    job: Job
    answer: Mapping[str, Any] | None

    @property
    def title(self) -> str:
        """Return what the run is called."""
        if self.answer is not None:
            return str(self.answer["part"])
        return str(self.job.question.get("title") or "") or self.job.id[:8]


async def run_of(visit: Visit, job_id: str) -> Shown:
    """Return a run of this plant.

    Raises
    ------
    NotThereError
        If there is none of that number that the visitor may see.
    """
    job = await anyio.to_thread.run_sync(lambda: job_of(visit.house.store, job_id))
    if job is None or job.plant_id != visit.plant_id or job.door not in RUNS or not visit.may(RUNS[job.door][0].right):
        raise NotThereError(job_id)
    return await anyio.to_thread.run_sync(lambda: _with_answer(visit, job))


async def runs_of(visit: Visit, *, limit: int, after: str = "") -> tuple[list[Shown], str | None]:
    """Return runs of this plant, the latest first, and where the next page begins."""

    def found() -> tuple[list[Shown], str | None]:
        jobs, following = jobs_of_plant(
            visit.house.store, visit.plant_id, limit=limit, after=after, doors=list(RUNS)
        )  # fmt: skip
        return [_with_answer(visit, job) for job in jobs], following

    return await anyio.to_thread.run_sync(found)


def state_chip(visit: Visit, job: Job) -> Markup:
    """Return how a job stands."""
    words, tone = STATES[job.state]
    return chip(visit, words, tone)


def word_of(visit: Visit, run: Shown) -> Markup:
    """Return the verdict of a run that is done, else how it stands."""
    return state_chip(visit, run.job) if run.answer is None else badge(visit, str(run.answer["word"]))


def place_mm(place_m: Sequence[float]) -> str:
    """Return a place in millimetres."""
    return ", ".join(f"{1000 * at:.1f}" for at in place_m).replace("-", "−")


def degrees(kelvin: float | None) -> str:
    """Return a temperature in degrees."""
    return "—" if kelvin is None else f"{shown(round(kelvin - 273.15, 1))} °C"


async def alloy_choices(visit: Visit) -> dict[str, Words]:
    """Return the alloys to choose from; other names stand in the label, so that typing one finds it."""
    answered = await visit.ask(ALLOYS, Searched())
    return {
        one["name"]: f"{visit.say(one['title'])} · {', '.join(one['synonyms'])}" for one in answered.read()["alloys"]
    }


async def medium_choices(visit: Visit, *, moulds: bool) -> dict[str, Words]:
    """Return moulds and dies, or what stands in a mould (chills, sleeves)."""
    answered = await visit.ask(MEDIA, Searched())
    return {
        one["name"]: f"{visit.say(one['title'])} · {one['name']}"
        for one in answered.read()["media"]
        if (one["kind"] in _MOULDS) == moulds
    }


def studio_style() -> None:
    """Give this page what only the studio needs."""
    ui.add_css((resources.files("forgecast.app.pages.casting") / "casting.css").read_text(encoding="utf-8"))


def thumbnail(visit: Visit, run: Shown) -> Markup:
    """Return the small picture of a run."""
    if run.answer is None or "picture.png" not in run.answer["files"]:
        return tag("span", class_="fc-thumb fc-thumb-none", aria_hidden="true")
    alt = visit.say(text("{part}, coloured by solidification time", part=run.title))
    return tag("img", src=visit.file_address(run.job.id, "picture.png"), alt=alt, class_="fc-thumb", loading="lazy")


def _with_answer(visit: Visit, job: Job) -> Shown:
    if job.state is not State.DONE:
        return Shown(job, None)
    try:
        return Shown(job, json.loads(answer_of(visit.house.home, job).read_bytes()))
    except FileNotFoundError:  # cleared away since
        return Shown(job, None)
