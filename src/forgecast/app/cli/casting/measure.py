"""`forgecast casting measure`: what a solid measures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from forgecast.app.cli.bilingual import BilingualCommand, json_option, language_of, language_option, option
from forgecast.app.cli.casting.part import part_argument, read_part, reading_json, show_reading, unit_option
from forgecast.app.cli.casting.show import show_figures, show_table
from forgecast.app.report.numbers import shown, shown_with_unit
from forgecast.ground.texts import Language, Text, text

if TYPE_CHECKING:
    from forgecast.metal.alloy import Alloy
    from forgecast.shape.measure import Measures
    from forgecast.shape.read import ReadSolid
    from forgecast.shape.wall import HotSpot, WallMap

#: At which a mass is stated [K].
_ROOM = 293.15
#: Cells along the longest side of the part, to look for thick places.
_CELLS = 80
#: Points along the longest side of the part at which walls are measured.
_POINTS = 100


@dataclass(frozen=True, slots=True)
class _Found:
    part: ReadSolid
    measures: Measures
    walls: WallMap
    spots: tuple[HotSpot, ...]
    alloy: Alloy | None


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
    from forgecast.metal.alloy import alloy as shipped_alloy  # noqa: PLC0415

    metal = None if alloy is None else shipped_alloy(alloy)
    found = _measured(read_part(part, unit), metal)
    if as_json:
        click.echo(json.dumps(_json(found), ensure_ascii=False, indent=1))
        return
    language = language_of(context)
    show_reading(found.part, language)
    _show(found, language)


def _measured(part: ReadSolid, metal: Alloy | None) -> _Found:
    from forgecast.shape.gridding import Margins, uniform_grid  # noqa: PLC0415
    from forgecast.shape.measure import measure as measured  # noqa: PLC0415
    from forgecast.shape.wall import hot_spots, wall_map  # noqa: PLC0415

    solid = part.solid
    density = None if metal is None else float(metal.density.at(_ROOM))
    longest = float((solid.box[1] - solid.box[0]).max())
    cell = longest / _CELLS
    grid = uniform_grid(solid.box, cell, Margins.equal(cell))
    return _Found(
        part,
        measured(solid, density=density),
        wall_map(solid, spacing=longest / _POINTS),
        hot_spots(solid, grid),
        metal,
    )


def _walls(walls: WallMap) -> dict[str, float]:
    """Return the way straight across below which 5, 50 and 95 % of the surface lie [m]: edges count little in it."""
    order = np.argsort(walls.ray)
    share = np.cumsum(walls.areas[order]) / walls.areas.sum()
    return {
        name: float(walls.ray[order][np.searchsorted(share, at)])
        for name, at in (("thin", 0.05), ("median", 0.5), ("thick", 0.95))
    }


def _json(found: _Found) -> dict[str, object]:
    measures = found.measures
    return {
        "ok": True,
        **reading_json(found.part),
        "volume_m3": measures.volume,
        "area_m2": measures.area,
        "box_m": list(measures.box),
        "lowest_m": list(measures.lowest),
        "centre_m": list(measures.centre),
        "modulus_m": measures.modulus,
        "bodies": measures.bodies,
        "cavities": measures.cavities,
        "faces": measures.faces,
        "alloy": None if found.alloy is None else found.alloy.name,
        "mass_kg": measures.mass,
        "walls_m": _walls(found.walls),
        "thick_places": [{"centre_m": list(spot.centre), "diameter_m": spot.diameter} for spot in found.spots],
    }


def _show(found: _Found, language: Language) -> None:
    measures, walls = found.measures, _walls(found.walls)
    rows: list[tuple[Text, str]] = [
        (text("Solid"), found.part.solid.name),
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
