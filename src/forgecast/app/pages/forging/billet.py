"""The billet alone: how long it is cut."""

from __future__ import annotations

from nicegui import ui

from forgecast.app.doors.forging.estimate import BILLET, BilletAsked
from forgecast.app.pages.address_form import AddressForm, asked_in
from forgecast.app.pages.casting.shared import studio_style
from forgecast.app.pages.forging.shared import numbers
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import KeyFigure, asked, button, card, error_box, heading, key_figures
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text


@page("forging", "forging/billet", text("Billet"), in_menu=True)
async def billet(visit: Visit) -> None:
    """Fill the page."""
    studio_style()
    heading(visit, text("Billet"), lead=text("How long a bar is cut, and what of it becomes the part."))
    form = AddressForm(visit, "forging/billet")
    with card(visit):
        with ui.element("div").classes("fc-form-grid"):
            numbers(visit, form, (
                ("part_cm3", text("Volume of the forging"), "cm³"), ("density_kg_per_m3", text("Density"), "kg/m³"),
                ("diameter_mm", text("Diameter of the bar"), "mm"), ("flash_percent", text("Flash, of the part"), "%"),
                ("clips_cm3", text("Clips and slugs"), "cm³"), ("scale_percent", text("Scale, of the billet"), "%"),
            ))  # fmt: skip
        button(visit, text("Work it out"), form.send, kind="main")
    if not visit.query.get("part_cm3"):
        return
    try:
        question = asked_in(visit, BilletAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, BILLET, question, lambda found: key_figures(visit, [
        KeyFigure(text("Length"), found["length_mm"], "mm", note=text(
            "{times} times its diameter", times=f"{found['slenderness']:.3g}")),
        KeyFigure(text("Mass cut"), found["mass_kg"], "kg"),
        KeyFigure(text("Of it flash and clips"), found["flash_kg"] + found["clips_kg"], "kg"),
        KeyFigure(text("Of it scale"), found["scale_kg"], "kg"),
        KeyFigure(text("Yield"), 100 * found["metal_yield"], "%"),
    ]))  # fmt: skip
