"""`forgecast casting measure`: what a solid measures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.casting.part import part_argument, read_part, reading_json, show_reading, unit_option
from forgecast.app.cli.casting.show import show_figures, show_table
from forgecast.app.report.numbers import shown, shown_with_unit
from forgecast.ground.texts import Language, Text, text

if TYPE_CHECKING:
    from forgecast.shape.wall import HotSpot
    from forgecast.tasks.measure_part import MeasuredPart


@click.command(
    cls=BilingualCommand,
    name="measure",
    sentence=text(
        "Measure a solid: volume, area, box, modulus, walls, and the thick places that freeze last; what is wrong with "
        "its file is listed with what was repaired."
    ),
    examples=(
        ("forgecast casting measure bracket.stl --unit mm", text("an STL file does not know its unit, so say it")),
        ("forgecast casting measure lid.step --alloy HT250", text("a STEP file knows; with an alloy, the mass too")),
        ("forgecast casting measure bracket.stl --unit mm --json", text("for another program")),
    ),
)
@part_argument
@unit_option
@option("--alloy", help=text("Alloy by any of its names (`forgecast casting alloys`); with it the mass is given."))
@json_option
@language_option
@click.pass_context
def measure(context: click.Context, part: Path, unit: str | None, alloy: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Measure a solid and show it."""
    from forgecast.metal.alloy import alloy as shipped_alloy  # noqa: PLC0415  (geometry libraries load slowly)
    from forgecast.tasks.measure_part import measure_part  # noqa: PLC0415

    metal = None if alloy is None else shipped_alloy(alloy)
    read = read_part(part, unit)
    found = measure_part(read.solid, metal)
    if as_json:
        told = {"ok": True, **reading_json(read), **found.as_json()}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    language = language_of(context)
    show_reading(read, language)
    _show(read.solid.name, found, language)


def _show(name: str, found: MeasuredPart, language: Language) -> None:
    measures, walls = found.measures, found.wall_shares
    rows: list[tuple[Text, str]] = [
        (text("Solid"), name),
        (text("Volume"), shown_with_unit(1e6 * measures.volume, "cm3")),
        (text("Surface"), shown_with_unit(1e4 * measures.area, "cm2")),
        (text("Box"), " × ".join(shown(1000 * side) for side in measures.box) + "\u00a0mm"),
        (text("Modulus"), shown_with_unit(1000 * measures.modulus, "mm")),
        (text("Bodies, closed hollows"), f"{measures.bodies}, {measures.cavities}"),
        (
            text("Walls: 5, 50, 95 % of the surface are thinner than"),
            ", ".join(shown(1000 * wall) for wall in walls.values()) + "\u00a0mm",
        ),
    ]
    if found.alloy is not None:
        rows.insert(2, (text("Mass in {alloy}", alloy=found.alloy.title), shown_with_unit(measures.mass, "kg")))
    show_figures(rows, language)
    if found.spots:
        click.echo()
        heads = (text("Thick place"), text("x, y, z [mm]"), text("sphere that fits [mm]"))
        spots = enumerate(found.spots, start=1)
        show_table(heads, ((str(n), _place(spot), shown(1000 * spot.diameter)) for n, spot in spots), language)


def _place(spot: HotSpot) -> str:
    return ", ".join(f"{1000 * part:.1f}" for part in spot.centre).replace("-", "−")
