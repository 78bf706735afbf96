"""The ring test: friction of dies from rings that were upset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from forgecast.app.doors.forging.ring import RING, RingAsked
from forgecast.app.pages.address_form import AddressForm, asked_in
from forgecast.app.pages.casting.shared import studio_style
from forgecast.app.pages.forging.shared import numbers, place_upload
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    KeyFigure,
    asked,
    button,
    card,
    chart,
    error_box,
    heading,
    key_figures,
    number,
    paragraph,
    table,
    text_field,
)
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text


@page("forging", "forging/ring-test", text("Ring test"), in_menu=True)
async def ring_test(visit: Visit) -> None:
    """Fill the page."""
    studio_style()
    heading(visit, text("Ring test"), lead=text("Upset a ring: its bore tells the friction between metal and die."))
    form = AddressForm(visit, "forging/ring-test")
    with card(visit):
        place_upload(visit, form, "rings", text("Table of rings after upsetting"), hint=text(
            "a row a ring: height and bore, with units in the headers"))  # fmt: skip
        with ui.element("div").classes("fc-form-grid"):
            numbers(visit, form, (("outer_mm", text("Outer diameter before"), "mm"),
                                  ("bore_mm", text("Bore before"), "mm"),
                                  ("height_mm", text("Height before"), "mm")))  # fmt: skip
            form.field("columns", text_field(visit, text("Columns the file does not tell"), hint=text(
                "as in bore=d_i [mm]")))  # fmt: skip
        button(visit, text("Find the friction"), form.send, kind="main")
    if not visit.query.get("rings"):
        return
    try:
        question = asked_in(visit, RingAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, RING, question, lambda found: _shown(visit, question, found), height=300)


def _shown(visit: Visit, question: RingAsked, found: Mapping[str, Any]) -> None:
    half = found["halfwidth_95"]
    note = (
        text("one ring has no interval") if half is None else text("± {half} with 95 % confidence", half=f"{half:.2g}")
    )
    key_figures(visit, [
        KeyFigure(text("Friction factor m"), found["friction_factor"], note=note),
        KeyFigure(text("Left over, of the bore"), 100 * found["root_mean_square_left"], "%"),
        KeyFigure(text("Rings"), float(len(found["rings"]))),
    ])  # fmt: skip
    with card(visit, text("Rings among the curves of friction")):
        chart(visit, visit.address(RING, question), at="chart", zoom=False, height=380,
              title=text("Decrease of the bore over reduction of the height"))  # fmt: skip
    table(
        visit,
        [Heading(text("Ring"), numeric=True), Heading(text("reduction of the height"), "%", numeric=True),
         Heading(text("decrease of the bore"), "%", numeric=True), Heading(text("fitted"), "%", numeric=True)],
        [
            (str(n), number(100 * one["reduction"]), number(100 * one["bore_decrease"]), number(100 * one["fitted"]))
            for n, one in enumerate(found["rings"], start=1)
        ],
        caption=text("Rings"),
    )  # fmt: skip
    for told in found["notes"]:
        paragraph(visit, told, soft=True)
