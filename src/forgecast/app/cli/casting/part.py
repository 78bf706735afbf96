"""The argument PART: a solid read from a file, measured, with what was repaired."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forgecast.app.cli.bilingual import argument, option
from forgecast.app.cli.casting.show import show_findings
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from forgecast.shape.read import ReadSolid

part_argument = argument(
    "part",
    type=click.Path(path_type=Path),
    help=text("The solid: STL, OBJ, PLY, 3MF or STEP; z is up, as it lies in the mould."),
)

unit_option = option(
    "--unit",
    help=text("Unit of a file that does not name its own (STL, OBJ, PLY): mm, cm, m, in …; it is never guessed."),
)


def read_part(path: Path, unit: str | None) -> ReadSolid:
    """Read the solid.

    Raises
    ------
    ForgecastError
        If the file cannot be read, names no unit and none is given, or is no closed solid.
    """
    from forgecast.shape.read import read_solid  # noqa: PLC0415  (geometry libraries load only when needed)

    return read_solid(path, unit=unit)


def show_reading(read: ReadSolid, language: Language) -> None:
    """Print what was repaired, and what is doubtful, on standard error: it is no part of the answer."""
    for repair in read.repairs:
        click.echo(f"· {repair.what.say(language)}", err=True)
    show_findings(read.findings, language)


def reading_json(read: ReadSolid) -> dict[str, object]:
    """Return what was read, repaired and doubted, as every JSON answer about a part shows it."""
    return {
        "part": {
            "name": read.solid.name,
            "sha256": read.solid.sha256,
            "unit_m": read.unit,
            "unit_from_file": read.unit_from_file,
        },
        "repairs": [repair.as_json() for repair in read.repairs],
        "findings": [finding.as_json() for finding in read.findings],
    }
