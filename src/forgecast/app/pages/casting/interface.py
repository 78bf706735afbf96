"""The interface coefficient of a plate trial: a form, then the coefficient with its interval and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from forgecast.app.doors.casting.rules import IDENTIFY, IdentifyAsked
from forgecast.app.pages.address_form import AddressForm, asked_in
from forgecast.app.pages.casting.materials import sources_table
from forgecast.app.pages.casting.shared import alloy_choices, medium_choices, studio_style
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    asked,
    button,
    card,
    choice_field,
    error_box,
    facts,
    findings_table,
    heading,
    number,
    number_field,
    paragraph,
    section,
    table,
    text_field,
    upload_field,
)
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right


@page("casting", "casting/interface", text("Interface coefficient"), right=Right.ENGINEER, in_menu=True)
async def interface(visit: Visit) -> None:
    """Fill the page."""
    studio_style()
    heading(visit, text("Interface coefficient"), lead=text(
        "How well heat passes from metal to mould, from the thermocouples of a plate trial."))  # fmt: skip
    form = AddressForm(visit, "casting/interface")
    if visit.query.get("record"):
        form.put("record", visit.query["record"])

    with card(
        visit, note=text("A column is named by its place, as in “TC1 @ 5 mm [degC]”; time counts from the pour.")
    ):
        upload_field(visit, text("Table of temperatures (CSV, XLSX)"), accept=".csv,.xlsx,.tsv,.parquet",
                     kept=lambda upload, _name: form.put("record", upload))  # fmt: skip
        with ui.element("div").classes("fc-form-grid"):
            form.field("alloy", choice_field(visit, text("Alloy"), await alloy_choices(visit), search=True))
            moulds = await medium_choices(visit, moulds=True)
            form.field("mould", choice_field(visit, text("Mould"), moulds, search=True))
            form.field("half_mm", number_field(visit, text("Half the plate"), unit="mm", least=0))
            form.field("depth_mm", number_field(visit, text("Thickness of the mould"), unit="mm", least=0))
            form.field("pour_degC", number_field(visit, text("Metal at time 0"), unit="°C"))
            form.field("mould_at_degC", number_field(visit, text("Mould at time 0"), unit="°C"))
            form.field(
                "knots_degC", text_field(visit, text("Knots in °C"), hint=text("as in 450,550,650; empty: one value"))
            )
            form.field("knots_s", text_field(visit, text("or knots in s"), hint=text("as in 0,10,60")))
            form.field("place_error_mm", number_field(visit, text("Error of the places"), unit="mm", least=0))
            form.field(
                "confidence_percent", number_field(visit, text("Confidence"), unit="%", value=95, least=1, most=99.9)
            )
        button(visit, text("Identify"), form.send, kind="main")
    if not visit.query.get("record"):
        return
    try:
        question = asked_in(visit, IdentifyAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, IDENTIFY, question, lambda found: _identified(visit, found))


def _identified(visit: Visit, found: Mapping[str, Any]) -> None:
    unit = "W/(m2 K)"
    with section(visit, text("Coefficient")):
        table(
            visit,
            [text("Coefficient"), Heading(text("value"), unit, numeric=True), Heading(text("from"), unit, numeric=True),
             Heading(text("to"), unit, numeric=True), Heading(text("moves readings by"), "K", numeric=True)],
            [
                (one["name"], number(one["value"]), number(one["low"]), number(one["high"]),
                 number(one["sensitivity_K_per_tenth"]))
                for one in found["coefficients_W_per_m2_K"]
            ],
            caption=text("Coefficient"),
        )  # fmt: skip
        share = f"{100 * found['confidence']:g} %"
        meant = text("from, to: interval of {share} confidence; the last column: for a tenth more", share=share)
        paragraph(visit, meant, soft=True)
        facts(visit, [
            (text("Noise of the readings"), number(found["noise_K"], "K")),
            (text("Readings that follow one another agree by"), number(found["autocorrelation"])),
            (text("Rows used, of"), f"{found['used_rows']}, {found['rows']}"),
        ])  # fmt: skip
    if found["findings"]:
        findings_table(visit, found["findings"])
    with section(visit, text("Sources")):
        sources_table(visit, found["sources"])
