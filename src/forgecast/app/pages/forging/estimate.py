"""The estimate of a forging: one form, then load and work, the machines that can make it, billet, heat and energy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from nicegui import ui

from forgecast.app.doors.forging.estimate import ESTIMATE, EstimateAsked
from forgecast.app.pages.address_form import AddressForm, asked_in
from forgecast.app.pages.casting.materials import sources_table
from forgecast.app.pages.casting.shared import UNITS, degrees, studio_style
from forgecast.app.pages.forging.shared import numbers, place_metal, place_upload
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
    columns,
    error_box,
    facts,
    findings_table,
    fold,
    heading,
    key_figures,
    number,
    paragraph,
    section,
    table,
    text_field,
)
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text

FORMS: Final[dict[str, Words]] = {
    "closed-die": text("closed dies, round"), "closed-die-long": text("closed dies, long"),
    "upsetting": text("upsetting"), "ring": text("ring"), "plane-strain": text("flat bar in plane strain"),
}  # fmt: skip
#: Measures that each form asks.
_MEASURES: Final[dict[str, tuple[str, ...]]] = {
    "closed-die": ("cavity_mm",), "closed-die-long": ("cavity_mm", "length_mm"), "upsetting": ("height_mm",),
    "ring": ("height_mm", "outer_mm", "bore_mm"), "plane-strain": ("height_mm", "length_mm"),
}  # fmt: skip
_NAMES: Final[dict[str, Text]] = {
    "cavity_mm": text("Width of the cavity"), "length_mm": text("Length"), "height_mm": text("Height at the end"),
    "outer_mm": text("Outer diameter"), "bore_mm": text("Bore"),
}  # fmt: skip
_FITS: Final[dict[bool | None, tuple[Text, str]]] = {
    True: (text("fits"), "good"), False: (text("does not fit"), "bad"), None: (text("not known"), "unknown"),
}  # fmt: skip


@page("forging", "forging", text("Forging estimate"), in_menu=True)
async def estimate(visit: Visit) -> None:
    """Fill the page."""
    studio_style()
    heading(visit, text("Forging estimate"), lead=text(
        "Load and work of a forging, the machines that can make it, its billet, heating and energy."))  # fmt: skip
    form = AddressForm(visit, "forging")
    await _form(visit, form)
    if not visit.query.get("billet_mm"):
        return
    try:
        question = asked_in(visit, EstimateAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, ESTIMATE, question, lambda found: _estimated(visit, question, found), height=400)


async def _form(visit: Visit, form: AddressForm) -> None:
    with columns(2):
        with card(visit, text("1 · Part and billet")), ui.element("div").classes("fc-form-grid"):
            form.field("title", text_field(visit, text("Name")))
            numbers(visit, form, (
                ("part_cm3", text("Volume of the forging"), "cm³"), ("billet_mm", text("Diameter of the bar"), "mm"),
                ("flash_percent", text("Flash, of the part"), "%"), ("clips_cm3", text("Clips and slugs"), "cm³"),
                ("scale_percent", text("Scale, of the billet"), "%"),
            ))  # fmt: skip
            place_upload(visit, form, "part", text("or its solid (STL, STEP)"), ".stl,.step,.stp,.3mf")
            form.field("unit", choice_field(visit, text("Unit of the solid"), UNITS, value=""))
        with card(visit, text("2 · Metal")), ui.element("div").classes("fc-form-grid"):
            await place_metal(visit, form)
        with card(visit, text("3 · Dies")), ui.element("div").classes("fc-form-grid"):
            chosen = form.field("form", choice_field(visit, text("Form"), FORMS, value="closed-die"))
            numbers(
                visit, form, (("friction", text("Friction factor m"), ""), ("speed_mm_per_s", text("Speed"), "mm/s"))
            )
            for key, words in _NAMES.items():
                field = ui.element("div")
                with field:
                    numbers(visit, form, ((key, words, "mm"),))
                field.bind_visibility_from(chosen, "value", _asks(key))
            flash = ui.element("div").classes("fc-form-grid")
            with flash:
                numbers(visit, form, (
                    ("flash_thickness_mm", text("Flash, thickness"), "mm"),
                    ("flash_width_mm", text("Flash, width"), "mm"),
                    ("flash_temperature_degC", text("Flash, temperature"), "°C"),
                ))  # fmt: skip
            flash.bind_visibility_from(chosen, "value", lambda value: str(value).startswith("closed"))
        with card(visit, text("4 · Heating and the way to the die")), ui.element("div").classes("fc-form-grid"):
            ways: dict[str, Words] = {"induction": text("induction"), "furnace": text("furnace")}
            way = form.field("heating", choice_field(visit, text("Heated by"), ways, value="induction"))
            numbers(visit, form, (
                ("target_degC", text("Heated to"), "°C"), ("spread_K", text("Surface over centre"), "K"),
                ("efficiency_percent", text("Efficiency of heating"), "%"),
                ("transport_s", text("Way to the die"), "s"),
                ("air_convection_W_per_m2K", text("Convection in air"), "W/(m²·K)"),
                ("air_emissivity_percent", text("Emissivity in air"), "%"),
            ))  # fmt: skip
            furnace = ui.element("div").classes("fc-form-grid")
            with furnace:
                numbers(visit, form, (
                    ("furnace_degC", text("Furnace"), "°C"),
                    ("furnace_convection_W_per_m2K", text("Convection in the furnace"), "W/(m²·K)"),
                    ("furnace_emissivity_percent", text("Emissivity in the furnace"), "%"),
                ))  # fmt: skip
            furnace.bind_visibility_from(way, "value", lambda value: value == "furnace")
    with card(visit, text("5 · Machines and energy"), note=text("Without a table of machines none is chosen.")):
        place_upload(visit, form, "machines", text("Table of your machines"), hint=text(
            "name, kind, force, energy, speed, stroke …, with units in the headers"))  # fmt: skip
        with ui.element("div").classes("fc-form-grid"):
            numbers(visit, form, (
                ("pieces_per_min", text("Pieces wanted"), "1/min"),
                ("forming_efficiency_percent", text("Efficiency of forming"), "%"),
                ("heating_factor_kgCO2_per_kWh", text("Carbon dioxide of heating"), "kg/kWh"),
                ("forming_factor_kgCO2_per_kWh", text("Carbon dioxide of forming"), "kg/kWh"),
            ))  # fmt: skip
        button(visit, text("Estimate"), form.send, kind="main")


def _asks(key: str) -> Callable[[Any], bool]:
    """Return whether a form of dies asks for a measure."""
    return lambda form: key in _MEASURES[str(form)]


def _estimated(visit: Visit, question: EstimateAsked, found: Mapping[str, Any]) -> None:
    stroke, energy = found["stroke"], found["energy"]
    key_figures(visit, [
        KeyFigure(text("Greatest force"), stroke["force_N"] / 1e6, "MN"),
        KeyFigure(text("Work"), stroke["work_J"] / 1e3, "kJ"),
        KeyFigure(text("Billet"), found["billet"]["mass_kg"], "kg", note=text(
            "{length} mm long", length=f"{1000 * found['billet']['length_m']:.4g}")),
        KeyFigure(text("Yield"), 100 * found["billet"]["metal_yield"], "%"),
        KeyFigure(text("Carbon dioxide a piece"), energy["carbon_kg"], "kg"),
    ])  # fmt: skip
    with card(visit, text("Force over the way of the die")):
        chart(visit, visit.address(ESTIMATE, question), at="chart", title=text("Force over the way of the die"),
              zoom=False)  # fmt: skip
    _machines(visit, found["machines"])
    with section(visit, text("What it rests on")), columns(2):
        with card(visit, text("Billet and heat")):
            _heat(visit, found)
        with card(visit, text("Stroke")):
            facts(visit, [
                (text("Mean strain, strain at the end"),
                 f"{stroke['mean_strain']:.3g}, {stroke['final_strain']:.3g}"),
                (text("Strain rate at the end"), number(stroke["final_rate_per_s"], "1/s")),
                (text("Flow stress at the end"), number(stroke["final_flow_stress_Pa"] / 1e6, "MPa")),
                *_closed(found["closed_die"]),
                (text("To heat"), number(_kWh(energy["heating_J"]), "kWh")),
                (text("To form"), number(_kWh(energy["forming_J"]), "kWh")),
            ])  # fmt: skip
    for note in found["notes"]:
        paragraph(visit, note, soft=True)
    if found["findings"]:
        findings_table(visit, found["findings"])
    with fold(visit, text("All sources")):
        sources_table(visit, found["sources"])


def _machines(visit: Visit, machines: list[Mapping[str, Any]]) -> None:
    with section(visit, text("Which machine can make it?")):
        table(
            visit,
            [text("Machine"), text("Fits"), Heading(text("force used"), "%", numeric=True),
             Heading(text("energy used"), "%", numeric=True), Heading(text("blows"), numeric=True),
             Heading(text("pieces a minute"), numeric=True), text("Why")],
            [
                (
                    one["name"], chip(visit, *_FITS[one["fits"]]), number(_percent(one["force_used"])),
                    number(_percent(one["energy_used"])), one["blows"],
                    number(None if one["pieces_per_s"] is None else 60 * one["pieces_per_s"]),
                    "; ".join(visit.say(reason) for reason in one["reasons"]),
                )
                for one in machines
            ],
            caption=text("Which machine can make it?"),
            empty=text("No table of machines was given; send yours to see which one can make it."),
        )  # fmt: skip


def _heat(visit: Visit, found: Mapping[str, Any]) -> None:
    billet, heating, at = found["billet"], found["heating"], found["at_the_die"]
    facts(visit, [
        (text("Diameter × length"), f"{1000 * billet['diameter_m']:.4g} × {1000 * billet['length_m']:.4g} mm"),
        (text("Of it part"), number(billet["part_kg"], "kg")),
        (text("Of it flash and clips"), number(billet["flash_kg"] + billet["clips_kg"], "kg")),
        (text("Of it scale"), number(billet["scale_kg"], "kg")),
        (text("Time to heat"), number(heating["time_s"] / 60, "min")),
        (text("At the die: centre / mean / surface"),
         " / ".join(degrees(at[key]) for key in ("centre_K", "mean_K", "surface_K"))),
    ])  # fmt: skip


def _closed(die: Mapping[str, float] | None) -> list[tuple[Words, Any]]:
    if die is None:
        return []
    land = f"{1000 * die['flash_thickness_m']:.3g} × {1000 * die['flash_width_m']:.3g} mm"
    pressures = f"{die['mean_pressure_Pa'] / 1e6:.0f}, {die['highest_pressure_Pa'] / 1e6:.0f} MPa"
    return [(text("Flash land: thickness × width"), land), (text("Mean and highest pressure on the die"), pressures)]


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _kWh(joule: float | None) -> float | None:
    return None if joule is None else joule / 3.6e6
