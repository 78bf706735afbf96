"""The form of a run as it is filled in: its draft, the part it has, and the start."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import PurePath
from typing import Any, Final

from nicegui import background_tasks, ui
from pydantic import ValidationError

from forgecast.app.doors.casting.part import MEASURE, PREVIEW, MeasureAsked
from forgecast.app.doors.casting.risers import OPTIMISE, RISER, DesignAsked, OptimiseAsked
from forgecast.app.doors.casting.run import FREEZE, FreezeAsked
from forgecast.app.doors.door import Door, Question
from forgecast.app.pages.casting.measured import show_measured
from forgecast.app.pages.casting.rows import can_be_drawn, chills_asked, risers_asked
from forgecast.app.pages.casting.shared import UNITLESS, UNITS
from forgecast.app.pages.parts import Draft, asked, button, choice_field, error_box, job_progress, mesh_view, paragraph
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text

MODES: Final[dict[str, tuple[Text, Door[Any], type[Question]]]] = {
    "freeze": (text("Freeze as it is"), FREEZE, FreezeAsked),
    "riser": (text("Design risers"), RISER, DesignAsked),
    "optimise": (text("Search the best risers"), OPTIMISE, OptimiseAsked),
}


class NewRun:
    """The form of a run as it is filled in; what it holds lies in the draft.

    Parameters
    ----------
    visit : Visit
    kept : Draft
    mode : str
    """

    def __init__(self, visit: Visit, kept: Draft, mode: str) -> None:
        self.visit, self.kept, self.mode = visit, kept, mode
        self.measured: Mapping[str, Any] | None = None
        self._stays = ui.element("div").style("display: none")
        self.part_place = ui.element("div")
        self.preview_place = ui.element("div")
        self.on_measured: list[Callable[[], Awaitable[None]]] = []
        self._trouble = ui.element("div").props("aria-live=assertive")

    @property
    def values(self) -> dict[str, Any]:
        """Return what is filled in."""
        return self.kept.values

    async def take_part(self, upload_id: str, name: str) -> None:
        """Take a file that has come, and measure it."""
        # The unit of another file is no unit of this one.
        self.values.update({"part": upload_id, "part_name": name, "preview": "", "unit": ""})
        await self.kept.save()
        await self.show_part()

    async def take_unit(self, unit: str) -> None:
        """Take the unit of the file, and measure again."""
        if unit == self.values.get("unit", ""):
            return
        self.values.update({"unit": unit, "preview": ""})
        await self.kept.save()
        await self.show_part()

    async def show_part(self) -> None:
        """Place what the part measures and how it looks."""
        self.part_place.clear()
        self.preview_place.clear()
        part = self.values.get("part", "")
        if not part:
            with self.preview_place:
                paragraph(self.visit, text("The part is drawn here once it has come."), soft=True)
            return
        with self.part_place:
            if str(self.values.get("part_name", "")).lower().endswith(UNITLESS):
                unit = choice_field(
                    self.visit, text("Unit of the file"), UNITS, value=self.values.get("unit", ""),
                    hint=text("this kind of file does not know its unit; it is never guessed"),
                )  # fmt: skip
                unit.on_value_change(lambda event: self.take_unit(str(event.value or "")))
            question = MeasureAsked(part=part, unit=self.values.get("unit", ""), alloy=self.values.get("alloy") or "")
            await asked(self.visit, MEASURE, question, self._show_measured, what=text("measuring the part"))

    def _show_measured(self, found: Mapping[str, Any]) -> None:
        self.measured = found
        show_measured(self.visit, found)
        # What called this goes with the place that it filled; what takes longer is done by somebody who stays.
        background_tasks.create(self._go_on(), name="show what was measured", context=self._stays)

    async def _go_on(self) -> None:
        await self.tell_again()
        await self.show_preview()

    async def tell_again(self) -> None:
        """Tell anew what depends on the measured part."""
        for told in self.on_measured:
            await told()

    async def show_preview(self, *, anew: bool = False) -> None:
        """Place the part with its risers and chills in three dimensions."""
        visit = self.visit
        self.preview_place.clear()
        with self.preview_place:
            job = "" if anew else str(self.values.get("preview") or "")
            if not job:
                try:
                    answered = await visit.ask(PREVIEW, PREVIEW.asks.model_validate(self._drawn()))
                except (ForgecastError, ValidationError) as error:
                    error_box(visit, told_error(error))
                    return
                assert answered.job is not None  # noqa: S101  (a run is a job)
                job = answered.job.id
                self.values["preview"] = job
                await self.kept.save()

            def draw() -> None:
                with self.preview_place:
                    address = visit.file_address(job, "preview.mesh")
                    mesh_view(visit, address, title=text("The part as it will be frozen"), height=360)

            job_progress(visit, job, what=text("drawing the part"), done=draw)

    def _drawn(self) -> dict[str, Any]:
        """Return what is drawn: the part with every riser and chill that is wholly described; say what is not."""
        question = self.body_question()
        unfinished = 0
        for kind in ("risers", "chills"):
            whole = [one for one in question[kind] if can_be_drawn(kind, one)]
            unfinished += len(question[kind]) - len(whole)
            question[kind] = whole
        if unfinished:
            words = text("Risers and chills without place and size are not drawn yet: {n}.", n=str(unfinished))
            paragraph(self.visit, words, soft=True)
        return question

    def body_question(self) -> dict[str, Any]:
        """Return part, unit, risers and chills as a door is asked."""
        return {
            "part": self.values.get("part", ""),
            "unit": self.values.get("unit", ""),
            "risers": risers_asked(self.values.get("riser_rows", ())) if self.mode == "freeze" else [],
            "chills": chills_asked(self.values.get("chill_rows", ())),
        }

    async def start(self) -> None:
        """Ask for the run and go to its page."""
        visit = self.visit
        _, door, kind = MODES[self.mode]
        filled = {name: value for name, value in self.values.items() if value not in (None, "", [])}
        given = {name: filled[name] for name in kind.model_fields if name in filled}
        given.setdefault("title", PurePath(str(self.values.get("part_name") or "")).stem)
        if given.get("alloy_table"):  # it stands for the alloy, whatever was chosen before it came
            given["alloy"] = PurePath(str(self.values.get("alloy_table_name") or given["alloy_table"])).stem
        given.update(self.body_question())
        self._trouble.clear()
        try:
            answered = await visit.ask(door, kind.model_validate(given))
        except (ForgecastError, ValidationError) as error:
            with self._trouble:
                error_box(visit, told_error(error))
            return
        assert answered.job is not None  # noqa: S101  (a run is a job)
        ui.navigate.to(visit.link(f"casting/run/{answered.job.id}"))

    def place_start(self) -> None:
        """Place the button that starts the run, and what is wrong above it."""
        self._trouble.move(ui.context.slot.parent)
        button(self.visit, text("Start the run"), self.start, kind="main")


def told_error(error: ForgecastError | ValidationError) -> ForgecastError:
    """Return what is wrong with a form in our own words."""
    if isinstance(error, ForgecastError):
        return error
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    missing = first["type"] in {"missing", "string_too_short"}
    return ForgecastError(
        text("this field is needed") if missing else text("this does not fit here: {message}", message=first["msg"]),
        where=place,
        repair=text("fill it in and start again"),
    )
