"""The fields of a new run: metal and mould, cells, what is allowed, and what designs and searches ask beside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from nicegui import ui

from forgecast.app.casting.boxes import box_with
from forgecast.app.doors.casting.materials import ALLOYS, Searched
from forgecast.app.doors.casting.part import EFFORT, EffortAsked
from forgecast.app.pages.casting.form import NewRun
from forgecast.app.pages.casting.shared import alloy_choices, degrees, medium_choices
from forgecast.app.pages.parts import (
    Words,
    button,
    choice_field,
    error_box,
    facts,
    fold,
    notice,
    number,
    number_field,
    paragraph,
    switch_field,
    text_field,
    upload_field,
)
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text

_SLEEVES: Final[dict[str, Words]] = {
    "none": text("none"), "insulating": text("insulating"), "exothermic": text("exothermic"),
}  # fmt: skip
_POSITIONS: Final[dict[str, Words]] = {
    "auto": text("top where a neck reaches, else side"), "top": text("top"), "side": text("side"),
}  # fmt: skip
_SIDES: Final[dict[str, Words]] = {
    "x-": text("its lowest x"), "x+": text("its highest x"), "y-": text("its lowest y"),
    "y+": text("its highest y"), "z-": text("its bottom"), "z+": text("its top"),
}  # fmt: skip
_MARGIN: Final = 60.0


async def place_metal(form: NewRun) -> None:
    """Place alloy, mould, temperature, and what else the mould is told by."""
    visit, kept = form.visit, form.kept
    grid = ui.element("div").classes("fc-form-grid")
    with grid:
        metals = await alloy_choices(visit)
        alloy = kept.keep("alloy", choice_field(visit, text("Alloy"), metals, search=True))
        moulds = await medium_choices(visit, moulds=True)
        kept.keep("mould", choice_field(visit, text("Mould"), moulds, search=True))
        kept.keep("pour_degC", number_field(visit, text("Pouring temperature"), unit="°C",
                                            hint=text("of the metal when the mould is full")))  # fmt: skip
        kept.keep("title", text_field(visit, text("Name of the run"), placeholder=form.values.get("part_name")))
    told = ui.element("div").props("aria-live=polite")

    async def tell() -> None:
        told.clear()
        if form.values.get("alloy_table"):
            with told:
                name = form.values.get("alloy_table_name") or form.values["alloy_table"]
                paragraph(visit, text("The alloy is the one of your own table {name}.", name=name), soft=True)
                button(visit, text("Take the one of the list"), lambda: take_table("", ""), kind="quiet")
            return
        if not alloy.value:
            return
        found = (await visit.ask(ALLOYS, Searched(find=str(alloy.value)))).read()["alloys"]
        chosen = next((one for one in found if one["name"] == alloy.value), None)
        if chosen is not None:
            with told:
                paragraph(
                    visit,
                    text("freezes between {liquidus} and {solidus}", liquidus=degrees(chosen["liquidus_K"]),
                         solidus=degrees(chosen["solidus_K"])),
                    soft=True,
                )  # fmt: skip

    async def take_table(upload_id: str, name: str) -> None:
        form.values.update({"alloy_table": upload_id, "alloy_table_name": name})
        await kept.save()
        await tell()

    alloy.on_value_change(tell)
    await tell()
    with fold(visit, text("Your own table of the alloy")):
        columns = "property, temperature_degC, value, unit, source, family"
        paragraph(
            visit,
            text("A CSV file with the columns {columns}, a value each row; or a TOML file.", columns=columns),
            soft=True,
        )
        upload_field(visit, text("Table (CSV, TOML)"), accept=".csv,.toml", kept=take_table)
    with fold(visit, text("Temperatures and mould box")), ui.element("div").classes("fc-form-grid"):
        kept.keep("mould_at_degC", number_field(visit, text("Mould at the start"), unit="°C",
                                                hint=text("20 °C where nobody says")))  # fmt: skip
        kept.keep("ambient_degC", number_field(visit, text("Air around"), unit="°C",
                                               hint=text("20 °C where nobody says")))  # fmt: skip
        margin = number_field(visit, text("Mould around the part"), unit="mm", least=0,
                              hint=text("60 mm where nobody says"))  # fmt: skip
        kept.keep("margin_mm", margin).on_value_change(form.tell_again)


async def place_effort(form: NewRun) -> None:
    """Place the cell size and what a run would take with it."""
    visit, kept = form.visit, form.kept
    with ui.element("div").classes("fc-form-grid"):
        cell = kept.keep("cell_mm", number_field(visit, text("Edge of a cell"), unit="mm", least=0,
                                                 hint=text("empty: a fifth of the thin walls")))  # fmt: skip
    place = ui.element("div").props("aria-live=polite")

    async def tell() -> None:
        place.clear()
        with place:
            measured = form.measured
            if measured is None:
                paragraph(visit, text("How many cells there are is told once the part is here."), soft=True)
                return
            low, high = box_with(measured, form.body_question())
            margin = form.values.get("margin_mm") or _MARGIN
            cut = form.values.get("symmetry") or [] if form.mode == "freeze" else []
            try:
                asked = EffortAsked(low_mm=low, high_mm=high, cell_mm=cell.value or None, margin_mm=margin,
                                    wall_mm=1000 * measured["walls_m"]["thin"],
                                    symmetry=cut)  # fmt: skip
                found = (await visit.ask(EFFORT, asked)).read()
            except ForgecastError as error:
                error_box(visit, error)
                return
            _show_effort(form, found)

    cell.on_value_change(tell)
    form.on_measured.append(tell)
    await tell()


def _show_effort(form: NewRun, found: Mapping[str, Any]) -> None:
    visit = form.visit
    x, y, z = found["shape"]
    facts(visit, [
        (text("Cells"), f"{found['cells']:,} ({x} × {y} × {z})"),
        (text("Edge of a cell"), number(found["cell_mm"], "mm")),
        (text("Memory"), number(found["memory_MB"], "MB")),
        (text("Time"), time_span(found["time_from_s"], found["time_to_s"]).say(visit.language)),
        (text("Cells across thin walls"), number(found["cells_across_the_wall"])),
    ])  # fmt: skip
    if found["fits"] is False:
        notice(visit, text("This needs more memory than is free; take larger cells."), tone="bad")
    for note in found["notes"]:
        paragraph(visit, note, soft=True)


def time_span(low: float, high: float) -> Text:
    """Return a stretch of time between two ends."""
    if high < 120.0:
        return text("{low} to {high} s", low=round(low), high=round(high))
    return text("{low} to {high} min", low=f"{low / 60.0:.1g}", high=f"{high / 60.0:.2g}")


def place_limits(form: NewRun) -> None:
    """Place what the casting has to keep to."""
    visit, kept = form.visit, form.kept
    with ui.element("div").classes("fc-form-grid"):
        kept.keep("largest_cavity_mm", number_field(visit, text("Largest cavity"), unit="mm", least=0))
        kept.keep("porosity_percent", number_field(visit, text("Highest microporosity"), unit="%", least=0, most=100))
        if form.mode == "freeze":
            kept.keep("niyama", number_field(visit, text("Lowest Niyama value"), unit="K½ s½/mm", least=0,
                                             hint=text("empty: the one on record")))  # fmt: skip
    paragraph(visit, text("What is left empty is judged by what is on record, or not at all; nothing is guessed."),
              soft=True)  # fmt: skip


async def place_mode(form: NewRun) -> None:
    """Place what only this kind of run is asked."""
    visit, kept = form.visit, form.kept
    if form.mode == "freeze":
        with fold(visit, text("More settings")), ui.element("div").classes("fc-form-grid"):
            kept.keep("until_s", number_field(visit, text("End at this time"), unit="s", least=0))
            kept.keep("estimate", switch_field(visit, text("Tell the error of the times (two coarser runs beside)")))
            cut = text("where its other half was cut off")
            symmetry = choice_field(visit, text("Ends in a plane of symmetry at"), _SIDES, many=True, hint=cut)
            kept.keep("symmetry", symmetry).on_value_change(form.tell_again)
        return
    with ui.element("div").classes("fc-form-grid"):
        kept.keep("sleeve", choice_field(visit, text("Sleeve"), _SLEEVES, value="none"))
        kept.keep("sleeve_mm", number_field(visit, text("Thickness of the sleeve"), unit="mm", least=0))
        kept.keep("most_drained_percent", number_field(visit, text("Most metal a riser may give"), unit="%", least=0,
                                                       most=100, hint=text("empty: what the field shows")))  # fmt: skip
        if form.mode == "riser":
            kept.keep("position", choice_field(visit, text("Where risers stand"), _POSITIONS, value="auto"))
            kept.keep("most_risers", number_field(visit, text("Most risers"), value=4, least=1, most=20, step=1))
            kept.keep("most_rounds", number_field(visit, text("Most freezings"), value=12, least=1, most=60, step=1))
            kept.keep("confirm_cell_mm", number_field(visit, text("Confirm in cells of"), unit="mm", least=0))
        else:
            kept.keep("trials", number_field(visit, text("Sets of risers to try"), value=30, least=1, most=500, step=1))
    if form.mode == "optimise":
        _place_prices(form)


def _place_prices(form: NewRun) -> None:
    visit, kept = form.visit, form.kept
    with fold(visit, text("Prices and energy")):
        paragraph(visit, text("What is not given is no goal: without prices the highest yield wins."), soft=True)
        with ui.element("div").classes("fc-form-grid"):
            for key, words, unit in (
                ("gating_kg", text("Sprue, runners and gates"), "kg"),
                ("melt_loss_percent", text("Melt loss"), "%"),
                ("melt_energy_kWh_per_t", text("Energy to melt a tonne"), "kWh"),
                ("co2_factor_kg_per_kWh", text("Carbon dioxide of a kilowatt-hour"), "kg"),
                ("energy_price_per_kWh", text("Price of a kilowatt-hour"), ""),
                ("metal_price_per_kg", text("Price of a kilogram of charge"), ""),
                ("return_value_per_kg", text("Worth of a kilogram of returns"), ""),
                ("sleeve_price", text("Price of a sleeve"), ""),
                ("aids_cost", text("Chills and filters of a mould"), ""),
            ):
                kept.keep(key, number_field(visit, words, unit=unit, least=0))
