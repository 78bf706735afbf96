"""The gating of a part: a form, then areas, pouring time, checks and where each rule comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from nicegui import ui

from forgecast.app.doors.casting.rules import GATE, GateAsked
from forgecast.app.pages.address_form import AddressForm, asked_in
from forgecast.app.pages.casting.materials import sources_table
from forgecast.app.pages.casting.shared import (
    ACCEPTED,
    UNITS,
    alloy_choices,
    medium_choices,
    studio_style,
)
from forgecast.app.pages.page import page
from forgecast.app.pages.parts import (
    KeyFigure,
    Words,
    asked,
    button,
    card,
    chip,
    choice_field,
    error_box,
    facts,
    findings_table,
    fold,
    heading,
    key_figures,
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
from forgecast.ground.texts import Text, text
from forgecast.store.server.rights import Right

_PLACES: Final[dict[str, Words]] = {
    "top": text("top"), "bottom": text("bottom"), "parting": text("parting line"),
}  # fmt: skip
_PASSED: Final[dict[bool | None, tuple[Text, str]]] = {
    True: (text("as it should be"), "good"), False: (text("not as it should be"), "bad"),
    None: (text("not decided"), "unknown"),
}  # fmt: skip


@page("casting", "casting/gate", text("Gating"), right=Right.ENGINEER, in_menu=True)
async def gate(visit: Visit) -> None:
    """Fill the page."""
    studio_style()
    heading(visit, text("Gating"), lead=text("Pouring time, choke, sprue, runners and gates of a part."))
    form = AddressForm(visit, "casting/gate")
    if visit.query.get("part"):
        form.put("part", visit.query["part"])
        form.put("part_name", visit.query.get("part_name", ""))

    def kept(upload_id: str, name: str) -> None:
        form.put("part", upload_id)
        form.put("part_name", name)

    with card(visit):
        upload_field(visit, text("Solid (STL, STEP, 3MF, OBJ, PLY)"), accept=ACCEPTED, kept=kept,
                     hint=visit.query.get("part_name") or None)  # fmt: skip
        with ui.element("div").classes("fc-form-grid"):
            form.field("unit", choice_field(visit, text("Unit of the file"), UNITS, value="",
                                            hint=text("STL, OBJ and PLY do not know theirs")))  # fmt: skip
            form.field("alloy", choice_field(visit, text("Alloy"), await alloy_choices(visit), search=True))
            form.field("mould", choice_field(visit, text("Mould"), await medium_choices(visit, moulds=True),
                                             value="green-sand", search=True))  # fmt: skip
            form.field("pour_degC", number_field(visit, text("Pouring temperature"), unit="°C"))
            form.field("head_mm", number_field(visit, text("Level in the basin above the gates"), unit="mm", least=0))
            form.field("gate", choice_field(visit, text("Gates meet the part at its"), _PLACES, value="bottom"))
            form.field("above_mm", number_field(visit, text("Part above gates at the parting"), unit="mm", least=0))
            form.field("gates", number_field(visit, text("Number of gates"), value=1, least=1, step=1))
        with fold(visit, text("More settings")), ui.element("div").classes("fc-form-grid"):
            form.field("ratio", text_field(visit, text("Sprue : runners : gates"), placeholder=text("as in 1:2:4")))
            form.field("time_s", number_field(visit, text("Pouring time"), unit="s", least=0,
                                              hint=text("empty: by a rule on record")))  # fmt: skip
            form.field("poured_kg", number_field(visit, text("All metal poured"), unit="kg", least=0))
            form.field("wall_mm", number_field(visit, text("Prevailing wall"), unit="mm", least=0))
            form.field("basin_mm", number_field(visit, text("Metal above the top of the sprue"), unit="mm", least=0))
        button(visit, text("Work out the gating"), form.send, kind="main")
    if not visit.query.get("part") or not visit.query.get("alloy"):
        return
    try:
        question = asked_in(visit, GateAsked)
    except ForgecastError as error:
        error_box(visit, error)
        return
    await asked(visit, GATE, question, lambda found: _gated(visit, found))


def _gated(visit: Visit, found: Mapping[str, Any]) -> None:
    key_figures(visit, [
        KeyFigure(text("Pouring time"), found["pouring_time_s"], "s", note=found["pouring_time_rule"]),
        KeyFigure(text("Choke"), 1e6 * found["choke_area_m2"], "mm2"),
        KeyFigure(text("Gates, together"), 1e6 * found["ingate_area_m2"], "mm2"),
        KeyFigure(text("Speed in the gates"), found["gate_velocity_m_per_s"], "m/s",
                  note=text("at the start {speed} m/s", speed=f"{found['first_gate_velocity_m_per_s']:.2f}")),
    ])  # fmt: skip
    with section(visit, text("Does the metal enter quietly?")):
        table(
            visit,
            [text("Check"), text("What was found")],
            [(chip(visit, *_PASSED[one["passed"]]), visit.say(one["says"])) for one in found["checks"]],
            caption=text("Does the metal enter quietly?"),
        )
    with section(visit, text("Areas and figures")), card(visit):
        top = found["sprue_top_area_m2"]
        facts(visit, [
            (text("Mass of the casting"), number(found["casting_mass_kg"], "kg")),
            (text("Metal poured"), number(found["poured_mass_kg"], "kg")),
            (text("Wall thickness"), number(1000 * found["wall_m"], "mm")),
            (text("Effective head"), number(1000 * found["effective_head_m"], "mm")),
            (text("Sprue : runners : gates"), found["ratio"]),
            (text("Sprue, at its top"), number(None if top is None else 1e6 * top, "mm2")),
            (text("Sprue, at its foot"), number(1e6 * found["sprue_foot_area_m2"], "mm2")),
            (text("Runners, together"), number(1e6 * found["runner_area_m2"], "mm2")),
            (text("Discharge coefficient"), number(found["discharge_coefficient"])),
        ])  # fmt: skip
    for note in found["notes"]:
        paragraph(visit, note, soft=True)
    if found["findings"]:
        findings_table(visit, found["findings"])
    with section(visit, text("Sources")):
        sources_table(visit, found["sources"])
