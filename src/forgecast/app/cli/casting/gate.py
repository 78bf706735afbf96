"""`forgecast casting gate`: choke, sprue, runners and gates of a part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.casting.part import part_argument, read_part, reading_json, show_reading, unit_option
from forgecast.app.cli.casting.show import show_figures, show_notes, show_sources
from forgecast.app.cli.quantity import Quantity
from forgecast.app.report.numbers import shown_with_unit
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.casting.gating import Gate
    from forgecast.tasks.design_gating import GatingDesign

_MM2 = 1e6


@click.command(
    cls=BilingualCommand,
    name="gate",
    sentence=text(
        "Design the gating of a part: pouring time, choke, sprue, runners and gates, and whether the metal enters "
        "quietly."
    ),
    examples=(
        (
            "forgecast casting gate bracket.stl --unit mm --alloy A356 --pour 720degC --head 200mm --gate bottom",
            text("gates at the bottom, the basin 200 mm above them"),
        ),
        (
            "forgecast casting gate lid.step --alloy HT250 --pour 1380degC --head 250mm --gate parting --above 60mm",
            text("gates at the parting, 60 mm of the part above it"),
        ),
    ),
)
@part_argument
@unit_option
@option("--alloy", required=True, help=text("Alloy by any of its names (`forgecast casting alloys`)."))
@option("--pour", type=Quantity("temperature"), required=True, help=text("Pouring temperature."))
@option("--head", type=Quantity("length"), required=True, help=text("Level in the basin above the gates."))
@option(
    "--gate",
    "where",
    type=click.Choice(("top", "bottom", "parting")),
    required=True,
    help=text("Where the gates meet the part as it lies in the mould."),
)
@option("--above", type=Quantity("length"), help=text("Height of the part above gates at the parting."))
@option("--mould", default="green-sand", show_default=True, help=text("Material of the mould."))
@option("--ratio", default="", help=text("Areas of sprue:runner:gates, such as 1:2:4; else the usual one."))
@option("--time", "seconds", type=Quantity("time_span"), help=text("Pouring time; without it, by a rule on record."))
@option("--poured", type=Quantity("mass"), help=text("All metal poured: casting, risers and gating."))
@option("--wall", type=Quantity("length"), help=text("Prevailing wall thickness."))
@option("--basin", type=Quantity("length"), help=text("Depth of metal in the basin above the top of the sprue."))
@option("--gates", type=click.IntRange(1), default=1, show_default=True, help=text("Number of gates."))
@json_option
@language_option
@click.pass_context
def gate(
    context: click.Context,
    *,
    part: Path,
    unit: str | None,
    alloy: str,
    pour: float,
    head: float,
    where: Gate,
    above: float | None,
    mould: str,
    ratio: str,
    seconds: float | None,
    poured: float | None,
    wall: float | None,
    basin: float | None,
    gates: int,
    as_json: bool,
) -> None:
    """Design the gating of a part and show it."""
    from forgecast.tasks.design_gating import design_gating, part_in_mould  # noqa: PLC0415

    read = read_part(part, unit)
    design = design_gating(
        part_in_mould(read.solid, above),
        alloy,
        pour_temperature=pour,
        head=head,
        gate=where,
        mould=mould,
        ratio=ratio,
        pouring_time=seconds,
        poured_mass=poured,
        wall=wall,
        basin_depth=basin,
        gates=gates,
    )
    if as_json:
        click.echo(json.dumps({"ok": True, **design.as_json(), **reading_json(read)}, ensure_ascii=False, indent=1))
        return
    language = language_of(context)
    show_reading(read, language)
    _show(design, language)


def _show(design: GatingDesign, language: Language) -> None:
    gating, areas = design.gating, design.gating.areas
    speeds = f"{shown_with_unit(gating.gate_velocity, 'm/s')} / {shown_with_unit(gating.first_gate_velocity, 'm/s')}"
    rows = [
        (text("Mass of the casting"), shown_with_unit(design.casting_mass, "kg")),
        (text("Metal poured"), shown_with_unit(design.poured_mass, "kg")),
        (text("Wall thickness"), shown_with_unit(1000 * design.wall, "mm")),
        (text("Pouring time"), shown_with_unit(gating.time.seconds, "s")),
        (text("Effective head"), shown_with_unit(1000 * gating.head, "mm")),
        (text("Sprue : runners : gates"), gating.ratio.name),
        (text("Choke"), shown_with_unit(_MM2 * areas.choke, "mm2")),
        (text("Sprue, at its foot"), shown_with_unit(_MM2 * areas.sprue, "mm2")),
        (text("Runners, together"), shown_with_unit(_MM2 * areas.runner, "mm2")),
        (text("Gates, together"), shown_with_unit(_MM2 * areas.ingate, "mm2")),
        (text("Speed in the gates, mean / at the start"), speeds),
    ]
    if areas.sprue_top is not None:
        rows.insert(8, (text("Sprue, at its top"), shown_with_unit(_MM2 * areas.sprue_top, "mm2")))
    show_figures(rows, language)
    click.echo()
    signs = {True: "✓", False: "×", None: "?"}
    for check in gating.checks:
        click.echo(f"{signs[check.passed]} {check.says.say(language)}")
    show_notes(gating.notes, language)
    show_sources(gating.sources, language)
