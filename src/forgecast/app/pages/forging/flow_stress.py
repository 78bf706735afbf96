"""Flow stress: a metal over strain, temperature and rate; and coefficients fitted to curves of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from forgecast.app.doors.forging.flow_stress import FIT, FLOW, FitAsked, FlowAsked
from forgecast.app.pages.address_form import AddressForm, asked_in
from forgecast.app.pages.casting.materials import sources_table
from forgecast.app.pages.casting.shared import degrees, studio_style
from forgecast.app.pages.forging.shared import metal_choices, numbers, place_upload
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    KeyFigure,
    Words,
    asked,
    button,
    card,
    chart,
    chip,
    choice_field,
    error_box,
    filter_bar,
    fold,
    heading,
    key_figures,
    notice,
    number,
    number_field,
    paragraph,
    picture,
    section,
    table,
    tabs,
    tag,
    text_field,
)
from forgecast.app.pages.runs import RunPlace
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right

_FORMS: dict[str, Words] = {"hensel-spittel": "Hensel-Spittel", "sellars-tegart": "Sellars-Tegart"}


@page("forging", "forging/flow-stress", text("Flow stress"), in_menu=True)
async def flow_stress(visit: Visit) -> None:
    """Fill the page."""
    studio_style()
    heading(visit, text("Flow stress"), lead=text("How hard a metal resists forming, hot."))
    ways: dict[str, Words] = {"metal": text("Known metals")}
    if visit.may(Right.ENGINEER):
        ways["fit"] = text("Fit your own curves")
    tab = tabs(visit, ways, visit.query.get("tab", ""))
    if tab == "fit":
        await _fit(visit)
        return
    form = AddressForm(visit, "forging/flow-stress")
    with filter_bar():
        form.field("metal", choice_field(visit, text("Metal"), await metal_choices(visit), search=True))
        form.field("strain", number_field(visit, text("True strain"), value=0.3, least=0))
        form.field("at_degC", text_field(visit, text("Temperatures in °C"), placeholder=text("as in 1050, 1150")))
        form.field("rate_per_s", text_field(visit, text("Rates in 1/s"), placeholder=text("as in 1, 10")))
        button(visit, text("Show"), form.send, kind="main")
    if not visit.query.get("metal"):
        paragraph(visit, text("Choose a metal to see its curves."), soft=True)
        return
    try:
        question = asked_in(visit, FlowAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, FLOW, question, lambda found: _shown(visit, question, found))


def _shown(visit: Visit, question: FlowAsked, found: Mapping[str, Any]) -> None:
    with card(visit, found["title"], note=text("flow stress over true strain")):
        chart(visit, visit.address(FLOW, question), at="chart", title=found["title"], zoom=False, height=380)
    rates = list(dict.fromkeys(one["rate_per_s"] for one in found["values"]))
    temperatures = list(dict.fromkeys(one["temperature_K"] for one in found["values"]))
    at = {(one["temperature_K"], one["rate_per_s"]): one for one in found["values"]}
    with section(visit, text("At strain {strain}", strain=f"{question.strain:g}")):
        table(
            visit,
            [text("Temperature"), *(Heading(text("at {rate} 1/s", rate=f"{rate:g}"), "MPa", numeric=True)
                                    for rate in rates)],
            [
                (degrees(kelvin), *(_cell(visit, at[kelvin, rate]) for rate in rates))
                for kelvin in temperatures
            ],
            caption=text("Flow stress"),
        )  # fmt: skip
    if all(one["outside"] is None for one in found["values"]):
        notice(visit, text("The source does not say in which range its coefficients were measured."), tone="warn")
    sources_table(visit, [found["source"]])


def _cell(visit: Visit, one: Mapping[str, Any]) -> Any:  # noqa: ANN401  (markup)
    value = number(one["stress_Pa"] / 1e6)
    return tag("span", value, " ", chip(visit, text("outside"), "warn")) if one["outside"] else value


async def _fit(visit: Visit) -> None:
    form = AddressForm(visit, "forging/flow-stress", {"tab": "fit"})

    with card(visit, note=text("Hot-compression curves: a row a point, with temperature, rate, strain and stress.")):
        place_upload(visit, form, "curves", text("Table of curves"))
        with ui.element("div").classes("fc-form-grid"):
            form.field("form", choice_field(visit, text("Form"), _FORMS, value="hensel-spittel"))
            form.field("terms", text_field(visit, text("Terms"), placeholder="m1, m2, m4, m5, m7, m8"))
            numbers(visit, form, (("strain_from", text("From strain"), ""), ("strain_to", text("To strain"), "")))
            form.field("columns", text_field(visit, text("Columns the file does not tell"), hint=text(
                "as in stress=s [MPa]")))  # fmt: skip
        with fold(visit, text("Raw curves: friction and self-heating taken off")):  # noqa: SIM117
            with ui.element("div").classes("fc-form-grid"):
                numbers(visit, form, (
                    ("friction", text("Friction factor of the platens"), ""),
                    ("diameter_mm", text("Diameter of the specimen"), "mm"),
                    ("height_mm", text("Height of the specimen"), "mm"),
                    ("density_kg_per_m3", text("Density"), "kg/m³"),
                    ("specific_heat_J_per_kgK", text("Specific heat"), "J/(kg·K)"),
                    ("work_to_heat_percent", text("Work that becomes heat"), "%"),
                    ("heat_kept_percent", text("Heat still in the specimen"), "%"),
                ))  # fmt: skip
        button(visit, text("Check the case"), form.send)
    run = RunPlace(visit, lambda found, job: _fitted(visit, found, job), what=text("fitting"))
    if await run.resume() or not visit.query.get("curves"):
        return
    try:
        question = asked_in(visit, FitAsked)
    except ForgecastError as error:
        run.refuse(error)
        return
    with run.element:
        button(visit, text("Fit the curves"), lambda: run.start(FIT, question), kind="main")


def _fitted(visit: Visit, found: Mapping[str, Any], job: str) -> None:
    rms, unseen = found["root_mean_square"], found["unseen_root_mean_square"]
    key_figures(visit, [
        KeyFigure(text("Error"), None if rms is None else 100 * rms, "%"),
        KeyFigure(text("On conditions it has not seen"), None if unseen is None else 100 * unseen, "%"),
        KeyFigure(text("Points fitted"), float(found["points"])),
    ])  # fmt: skip
    picture(visit, visit.file_address(job, "flow_stress.png"), alt=text("measured curves and the fit"))
    table(
        visit,
        [text("Coefficient"), Heading(text("value"), numeric=True), Heading(text("± 95 %"), numeric=True)],
        [
            (one["name"], f"{one['value']:.6g}", "—" if one["halfwidth_95"] is None else f"{one['halfwidth_95']:.2g}")
            for one in found["fitted"]
        ],
        caption=text("Coefficients"),
    )
    table(
        visit,
        [text("Temperature"), Heading(text("rate"), "1/s", numeric=True), Heading(text("error"), "%", numeric=True),
         Heading(text("bias"), "%", numeric=True), Heading(text("self-heating"), "K", numeric=True)],
        [
            (degrees(one["temperature_K"]), number(one["rate_per_s"]), number(100 * one["root_mean_square"]),
             number(100 * one["bias"]), number(one["self_heating_K"]))
            for one in found["conditions"]
        ],
        caption=text("How the fit does at each condition"),
    )  # fmt: skip
    for told in found["notes"]:
        paragraph(visit, told, soft=True)
    paragraph(visit, text("The coefficients as a file, for estimates and press runs:"))
    ui.link("flow_stress.toml", visit.file_address(job, "flow_stress.toml"))
