"""Risers and chills as a list that grows and shrinks, each row with its place and size."""

from __future__ import annotations

from typing import Any, Final

from nicegui import ui

from forgecast.app.pages.casting.form import NewRun
from forgecast.app.pages.casting.rows import chills_in, risers_in
from forgecast.app.pages.casting.shared import ACCEPTED, medium_choices
from forgecast.app.pages.parts import Words, button, choice_field, number_field, paragraph, put, tag, upload_field
from forgecast.ground.texts import Text, text

_RISER: Final[tuple[tuple[str, Text], ...]] = (
    ("x", text("x of its foot")), ("y", text("y of its foot")), ("z", text("z of its foot")),
    ("diameter", text("diameter")), ("height", text("height")),
)  # fmt: skip
_CHILL: Final[tuple[tuple[str, Text], ...]] = (
    ("x", text("lowest x")), ("y", text("lowest y")), ("z", text("lowest z")),
    ("length", text("length, x")), ("width", text("width, y")), ("depth", text("height, z")),
)  # fmt: skip


class BodyList:
    """Risers and chills of a run; its rows lie in the draft as plain values.

    Parameters
    ----------
    form : NewRun
    """

    def __init__(self, form: NewRun) -> None:
        self._form = form
        self._place = ui.element("div").classes("fc-stack")
        values = form.values
        self._risers: list[dict[str, Any]] = values.setdefault("riser_rows", risers_in(values.get("risers")))
        self._chills: list[dict[str, Any]] = values.setdefault("chill_rows", chills_in(values.get("chills")))
        self._media: dict[str, Words] = {}

    async def place(self) -> None:
        """Place the rows."""
        visit = self._form.visit
        self._media = await medium_choices(visit, moulds=False)
        self._fill()

    def _fill(self) -> None:
        visit = self._form.visit
        self._place.clear()
        with self._place:
            if self._form.mode == "freeze":
                for number, one in enumerate(self._risers, start=1):
                    self._row(text("riser {number}", number=number), self._risers, one, _RISER)
            for number, one in enumerate(self._chills, start=1):
                self._row(text("chill {number}", number=number), self._chills, one, _CHILL)
            if not self._chills and not (self._form.mode == "freeze" and self._risers):
                paragraph(visit, text("None yet: the part is frozen by itself."), soft=True)
            with ui.element("div").classes("fc-row"):
                if self._form.mode == "freeze":
                    button(visit, text("Add a riser"), lambda: self._add(self._risers))
                button(visit, text("Add a chill"), lambda: self._add(self._chills))
                if self._risers or self._chills:
                    button(visit, text("Show them on the part"), lambda: self._form.show_preview(anew=True))

    def _row(self, name: Text, rows: list[dict[str, Any]], one: dict[str, Any], fields: tuple[tuple[str, Text], ...]
             ) -> None:  # fmt: skip
        visit = self._form.visit
        with ui.element("fieldset").classes("fc-body-row"):
            put(tag("span", visit.say(name)), tag_name="legend")
            if "file" in one:
                self._solid(one)
            else:
                for key, words in fields:
                    self._kept(one, key, number_field(visit, words, unit="mm", value=one.get(key)))
            if rows is self._chills:
                chills = {key: words for key, words in self._media.items() if "sleeve" not in key}
                self._kept(one, "medium", choice_field(visit, text("material"), chills, value=one.get("medium")))
            elif "file" not in one:
                sleeves: dict[str, Words] = {"": text("no sleeve")}
                sleeves |= {key: words for key, words in self._media.items() if "sleeve" in key}
                self._kept(one, "sleeve", choice_field(visit, text("sleeve"), sleeves, value=one.get("sleeve") or ""))
                self._kept(one, "thickness", number_field(visit, text("its thickness"), unit="mm",
                                                          value=one.get("thickness")))  # fmt: skip
            with ui.element("div").classes("fc-row fc-body-file"):
                turn = text("Give measures instead") if "file" in one else text("Take a solid from a file instead")
                button(visit, turn, lambda: self._turn(one), kind="quiet")
                button(visit, text("Remove"), lambda: self._remove(rows, one), kind="quiet")

    def _solid(self, one: dict[str, Any]) -> None:
        async def take(upload_id: str, name: str) -> None:
            one.update({"file": upload_id, "file_name": name})
            await self._form.kept.save()

        with ui.element("div").classes("fc-body-file"):
            hint = one.get("file_name") or one["file"] or text("in the unit of the part, where it stands on it")
            label = text("Solid (STL, STEP, 3MF, OBJ, PLY)")
            upload_field(self._form.visit, label, accept=ACCEPTED, kept=take, hint=hint)

    async def _turn(self, one: dict[str, Any]) -> None:
        """Ask for a file where measures were asked for, and the other way; what was measured stays."""
        if "file" in one:
            del one["file"]
            one.pop("file_name", None)
        else:
            one["file"] = ""
        self._fill()
        await self._form.kept.save()

    def _kept(self, one: dict[str, Any], key: str, field: Any) -> None:  # noqa: ANN401  (every kind of field)
        field.on_value_change(lambda event: one.update({key: event.value}))
        field.on("blur", self._form.kept.save)

    async def _add(self, rows: list[dict[str, Any]]) -> None:
        rows.append({})
        self._fill()
        await self._form.kept.save()

    async def _remove(self, rows: list[dict[str, Any]], one: dict[str, Any]) -> None:
        rows[:] = [other for other in rows if other is not one]
        self._fill()
        await self._form.kept.save()
