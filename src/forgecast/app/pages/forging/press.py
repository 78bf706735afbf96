"""The press run: a form, then the stroke in pictures over its steps, load and fill, and what the dies bear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from nicegui import ui

from forgecast.app.doors.forging.press import PRESS, PressAsked
from forgecast.app.pages.address_form import AddressForm, asked_in
from forgecast.app.pages.casting.materials import sources_table
from forgecast.app.pages.casting.shared import UNITS, degrees, studio_style
from forgecast.app.pages.forging.shared import numbers, place_metal, place_upload
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    Heading,
    KeyFigure,
    Words,
    button,
    card,
    chart,
    choice_field,
    columns,
    facts,
    findings_table,
    fold,
    heading,
    joined,
    key_figures,
    notice,
    number,
    paragraph,
    put,
    section,
    table,
    tag,
    text_field,
)
from forgecast.app.pages.runs import RunPlace
from forgecast.app.pages.visit import Visit
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.store.server.rights import Right

_FIELDS: Final[dict[str, Text]] = {
    "temperature": text("temperature"), "strain": text("effective strain"), "damage": text("damage"),
}  # fmt: skip
_SHAPES: Final[dict[str, Words]] = {"round": text("round"), "long": text("long, in plane strain")}
_ENDED: Final[dict[str, str]] = {"closed": "good"}
_PROFILE: Final = ".csv,.dxf,.svg"


@page("forging", "forging/press", text("Press run"), right=Right.ENGINEER, in_menu=True)
async def press(visit: Visit) -> None:
    """Fill the page."""
    studio_style()
    heading(visit, text("Press run"), lead=text("The stroke in finite elements: how the billet fills its dies."))
    form = AddressForm(visit, "forging/press")
    await _form(visit, form)
    run = RunPlace(visit, lambda found, job: _pressed(visit, found, job), what=text("press run"))
    if await run.resume():
        return
    if visit.query.get("lower") and visit.query.get("billet_mm"):
        try:
            question = asked_in(visit, PressAsked)
        except ForgecastError as error:
            run.refuse(error)
            return
        with run.element:
            paragraph(visit, text("All is filled in."))
            button(visit, text("Start the stroke"), lambda: run.start(PRESS, question), kind="main")


async def _form(visit: Visit, form: AddressForm) -> None:
    with fold(visit, text("Case"), opened=not visit.query.get("job")):
        with columns(2):
            with card(visit, text("1 · Dies"), note=text("Profiles drawn closed, from the axis to beyond the flash.")):
                place_upload(visit, form, "lower", text("Lower die (CSV, DXF, SVG)"), _PROFILE)
                place_upload(visit, form, "upper", text("Upper die (CSV, DXF, SVG)"), _PROFILE)
                with ui.element("div").classes("fc-form-grid"):
                    form.field("unit", choice_field(visit, text("Unit of the profiles"), UNITS, value=""))
                    form.field("form", choice_field(visit, text("Form"), _SHAPES, value="round"))
                    numbers(visit, form, (("friction", text("Friction factor m"), ""),
                                          ("flash_from_mm", text("Flash begins at radius"), "mm")))  # fmt: skip
            with card(visit, text("2 · Billet and metal")), ui.element("div").classes("fc-form-grid"):
                form.field("title", text_field(visit, text("Name")))
                numbers(visit, form, (
                    ("billet_mm", text("Diameter"), "mm"), ("height_mm", text("Height"), "mm"),
                    ("billet_degC", text("Temperature"), "°C"), ("side_mm", text("Side of triangles"), "mm"),
                ))  # fmt: skip
                await place_metal(visit, form)
        with columns(2):
            with card(visit, text("3 · Machine")):
                place_upload(visit, form, "machines", text("Table of your machines"))
                with ui.element("div").classes("fc-form-grid"):
                    form.field("machine", text_field(visit, text("Machine"), hint=text("its name in the table")))
            with card(visit, text("4 · Heat"), note=text("Left empty, everything keeps its temperature.")):  # noqa: SIM117
                with ui.element("div").classes("fc-form-grid"):
                    numbers(visit, form, (
                        ("die_degC", text("Dies"), "°C"), ("work_to_heat_percent", text("Work that becomes heat"), "%"),
                        ("contact_W_per_m2K", text("Contact with the dies"), "W/(m²·K)"),
                        ("air_degC", text("Air"), "°C"), ("air_convection_W_per_m2K", text("Convection"), "W/(m²·K)"),
                        ("air_emissivity_percent", text("Emissivity"), "%"),
                        ("die_density_kg_per_m3", text("Dies: density"), "kg/m³"),
                        ("die_specific_heat_J_per_kgK", text("Dies: specific heat"), "J/(kg·K)"),
                        ("die_conductivity_W_per_mK", text("Dies: conductivity"), "W/(m·K)"),
                    ))  # fmt: skip
        button(visit, text("Check the case"), form.send)


def _pressed(visit: Visit, found: Mapping[str, Any], job: str) -> None:
    tone = _ENDED.get(found["ended"], "warn")
    notice(visit, found["why"], tone=tone)
    fill = found["fill"]
    key_figures(visit, [
        KeyFigure(text("Greatest force"), found["force_high_N"] / 1e6, "MN", note=found["machine"]["name"]),
        KeyFigure(text("Work"), found["work_J"] / 1e3, "kJ"),
        KeyFigure(text("Cavity touched"), None if fill is None else 100 * fill, "%"),
        KeyFigure(text("Flash, width"), 1000 * found["flash_width_m"], "mm"),
        KeyFigure(text("Folds"), float(len(found["folds"])), tone="bad" if found["folds"] else "good"),
    ])  # fmt: skip
    with section(visit, text("The stroke, step by step")), card(visit):
        _steps(visit, found["pictures"], job)
    with card(visit, text("Force and fill over the way")):
        chart(visit, found["chart"], title=text("Force and fill over the way"), zoom=False)
    with section(visit, text("What it rests on")), columns(2):
        with card(visit, text("Metal")):
            facts(visit, [
                (text("Temperature, from to"),
                 f"{degrees(found['temperature_low_K'])} … {degrees(found['temperature_high_K'])}"),
                (text("Highest strain"), number(found["strain_high"])),
                (text("Highest rate"), number(found["rate_high_per_s"], "1/s")),
                (text("Change of volume in the run"), number(100 * found["volume_change"], "%")),
                (text("Steps, triangles, meshes anew"),
                 f"{found['steps']}, {found['triangles']}, {found['remeshings']}"),
            ])  # fmt: skip
        with card(visit, text("Dies")):
            table(
                visit,
                [text("Die"), Heading(text("highest pressure"), "MPa", numeric=True),
                 Heading(text("hottest"), "degC", numeric=True)],
                [
                    (visit.say(name), number((one["pressure_high_Pa"] or 0.0) / 1e6),
                     degrees(one["temperature_high_K"]).removesuffix(" °C"))
                    for name, one in zip((text("lower"), text("upper")), found["dies"], strict=True)
                ],
                caption=text("Dies"),
            )  # fmt: skip
    for told in found["notes"]:
        paragraph(visit, told, soft=True)
    if found["findings"]:
        findings_table(visit, found["findings"])
    with fold(visit, text("All sources")):
        sources_table(visit, found["sources"])
    links = [
        tag("a", name, href=visit.file_address(job, name), class_="fc-link", download=True) for name in found["files"]
    ]
    with section(visit, text("Files")):
        put(joined(*(joined(one, " ") for one in links)))


def _steps(visit: Visit, pictures: Mapping[str, list[Mapping[str, Any]]], job: str) -> None:
    """Place the pictures of a field, one at a time, moved through by a slider."""
    keys = list(pictures)
    if not keys:
        paragraph(visit, text("No picture was drawn."))
        return
    with ui.element("div").classes("fc-row"):
        field = choice_field(visit, text("Coloured by"), {key: _FIELDS[key] for key in keys}, value=keys[0])
        put(tag("span", visit.say(text("Step")), class_="fc-soft"))
        slider = ui.slider(min=0, max=len(pictures[keys[0]]) - 1, value=len(pictures[keys[0]]) - 1, step=1)
        slider.classes("fc-step-slider").props["aria-label"] = visit.say(text("Step"))
    place = ui.element("div").props("aria-live=polite")

    def show() -> None:
        one = pictures[str(field.value)][int(slider.value)]
        place.clear()
        said = text("{field}, {left} mm before the dies are closed", field=_FIELDS[str(field.value)],
                    left=f"{one['left_mm']:.2f}")  # fmt: skip
        with place:
            image = tag("img", src=visit.file_address(job, str(one["file"])), alt=visit.say(said), class_="fc-step")
            put(joined(image, tag("p", visit.say(said), class_="fc-soft")), classes="fc-picture fc-paper")

    field.on_value_change(show)
    slider.on_value_change(show)
    show()
