"""What a part measures, as the studio shows it: size first, then what is wrong with the file, then thick places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forgecast.app.pages.casting.shared import place_mm
from forgecast.app.pages.parts import Heading, facts, findings_table, fold, notice, number, table
from forgecast.app.pages.visit import Visit
from forgecast.app.report.numbers import shown
from forgecast.ground.texts import text


def show_measured(visit: Visit, found: Mapping[str, Any]) -> None:
    """Place the measures of a part."""
    walls = found["walls_m"]
    rows = [
        (text("Box"), " × ".join(shown(1000 * side) for side in found["box_m"]) + " mm"),
        (text("Volume"), number(1e6 * found["volume_m3"], "cm3")),
        (text("Surface"), number(1e4 * found["area_m2"], "cm2")),
        (text("Modulus"), number(1000 * found["modulus_m"], "mm")),
        (text("Walls: thin, usual, thick"),
         " · ".join(shown(1000 * walls[key]) for key in ("thin", "median", "thick")) + " mm"),
        (text("Bodies, closed hollows"), f"{found['bodies']}, {found['cavities']}"),
    ]  # fmt: skip
    if found["mass_kg"] is not None:
        rows.insert(2, (text("Mass"), number(found["mass_kg"], "kg")))
    facts(visit, rows)
    for repair in found["repairs"]:
        notice(visit, repair["what"], tone="warn")
    if found["findings"]:
        findings_table(visit, found["findings"])
    else:
        notice(visit, text("The surface is closed and its size is plausible."), tone="good")
    if found["thick_places"]:
        with fold(visit, text("Thick places, which freeze last")):
            table(
                visit,
                [text("No."), text("x, y, z [mm]"), Heading(text("sphere that fits"), "mm", numeric=True)],
                [
                    (str(n), place_mm(one["centre_m"]), number(1000 * one["diameter_m"]))
                    for n, one in enumerate(found["thick_places"], start=1)
                ],
            )
