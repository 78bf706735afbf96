"""`forgecast label` and `forgecast identifier`: the identifiers of pieces, and symbols that carry them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from forgecast.app.cli.bilingual import (
    BilingualCommand,
    argument,
    json_option,
    language_of,
    language_option,
    option,
)
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forgecast.app.label.draw import Label
    from forgecast.tasks.label_pieces import Content, NamedPiece

_plant = argument("folder", metavar="PLANT", type=click.Path(path_type=Path), help=text("Folder of the plant."))
_pieces = argument("pieces", metavar="PIECE…", nargs=-1, help=text("Numbers of pieces or batches."))
_shipment = option("--shipment", help=text("All pieces of this shipment."))
_stem = option("--stem", default="", metavar="ADDRESS", help=text(
    "Address of your resolver; without it https://id.gs1.org."))  # fmt: skip
_site = option("--site", default="", help=text("Site whose prefix is used, where several are recorded."))
_FORMS = (".svg", ".png", ".pdf")


@click.command(
    cls=BilingualCommand,
    name="label",
    sentence=text(
        "Draw labels of pieces: a QR code with the GS1 Digital Link, or a GS1 DataMatrix, beside the words a person "
        "reads. Without a GTIN the symbol carries the industrial-internet identifier; nothing is made up."
    ),
    examples=(
        ("forgecast label my-plant P-17 --kind qr --out p17.svg", text("one label, 15 mm wide")),
        (
            "forgecast label my-plant --shipment D-201 --kind datamatrix --size 10 --out labels.pdf",
            text("sheets of A4 with a label for each piece"),
        ),
        ("forgecast label my-plant P-17 P-18 --kind qr --out labels.png", text("labels.P-17.png and labels.P-18.png")),
    ),
)
@_plant
@_pieces
@_shipment
@option("--kind", type=click.Choice(["qr", "datamatrix"]), required=True, help=text("Symbol to draw."))
@option("--size", type=float, default=15.0, show_default=True, help=text(
    "Width of the symbol [mm], without its quiet zone."))  # fmt: skip
@option("--content", type=click.Choice(["gs1", "industrial"]), help=text(
    "Identifier it carries; without it the GS1 one, else the industrial one."))  # fmt: skip
@option("--ppi", type=click.IntRange(100, 2400), default=600, show_default=True, help=text(
    "Least resolution of a PNG [pixels an inch]."))  # fmt: skip
@_stem
@_site
@option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help=text(
    "File to write: .svg or .png (one for each piece), .pdf (sheets)."))  # fmt: skip
@json_option
@language_option
@click.pass_context
def label(
    context: click.Context,
    *,
    folder: Path,
    pieces: tuple[str, ...],
    shipment: str | None,
    kind: Literal["qr", "datamatrix"],
    size: float,
    content: Content | None,
    ppi: int,
    stem: str,
    site: str,
    out: Path,
    as_json: bool,
) -> int:
    """Draw labels."""
    from forgecast.app.label.draw import checked_size, made_label, module_mm  # noqa: PLC0415

    language = language_of(context)
    if out.suffix.lower() not in _FORMS:
        raise ForgecastError(
            text("a label cannot be written as {suffix}", suffix=out.suffix or "—"),
            where=str(out),
            repair=text("give the file a name that ends in .svg, .png or .pdf"),
        )
    checked_size(size)
    named = _named(folder, pieces, shipment, stem, site)
    labels = [made_label(piece, kind, content) for piece in named]
    files = _write(labels, out, size, ppi, language)
    module = min(module_mm(one, size) for one in labels)
    if as_json:
        told = {
            "ok": True,
            "files": [str(file) for file in files],
            "module_mm": round(module, 4),
            "labels": [{"piece": one.piece.id, "content": one.symbol.content, "gs1": one.symbol.gs1} for one in labels],
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return 0
    for file in files:
        click.echo(str(file))
    said = text("Labels: {count}; one module is {module} mm wide.", count=len(labels), module=f"{module:.2f}")
    click.echo(said.say(language))
    return 0


@click.command(
    cls=BilingualCommand,
    name="identifier",
    sentence=text(
        "Show the identifiers of pieces: GS1 Digital Link, element strings, industrial-internet identifier; and what "
        "the records lack for them."
    ),
    examples=(
        ("forgecast identifier my-plant P-17", text("one piece")),
        (
            "forgecast identifier my-plant --shipment D-201 --json",
            text("all pieces of a shipment, for another program"),
        ),
    ),
)
@_plant
@_pieces
@_shipment
@_stem
@_site
@json_option
@language_option
@click.pass_context
def identifier(
    context: click.Context,
    *,
    folder: Path,
    pieces: tuple[str, ...],
    shipment: str | None,
    stem: str,
    site: str,
    as_json: bool,
) -> int:
    """Show identifiers."""
    language = language_of(context)
    named = _named(folder, pieces, shipment, stem, site)
    if as_json:
        click.echo(json.dumps({"ok": True, "pieces": [one.as_json() for one in named]}, ensure_ascii=False, indent=1))
        return 0
    for number, piece in enumerate(named):
        if number:
            click.echo()
        _show(piece, language)
    return 0


def _named(folder: Path, pieces: Sequence[str], shipment: str | None, stem: str, site: str) -> tuple[NamedPiece, ...]:
    from forgecast.plant.identifier import GS1_STEM  # noqa: PLC0415
    from forgecast.store.plant_folder import PlantFolder  # noqa: PLC0415
    from forgecast.tasks.label_pieces import name_pieces  # noqa: PLC0415

    if not pieces and shipment is None:
        raise ForgecastError(
            text("no piece is named"),
            where="PIECE",
            repair=text("name one or more pieces, or a shipment with --shipment"),
        )
    with PlantFolder.open(folder) as opened:
        return name_pieces(opened, pieces, shipment=shipment, stem=stem or GS1_STEM, site=site)


def _show(piece: NamedPiece, language: Language) -> None:
    from rich.cells import cell_len  # noqa: PLC0415

    from forgecast.plant.identifier import element_string  # noqa: PLC0415

    product = piece.product if piece.product_name is None else f"{piece.product} {piece.product_name}"
    rows = [
        (text("piece"), piece.id),
        (text("product"), product),
        (text("heat"), piece.heat),
        (text("lot"), piece.lot),
        (text("pieces"), None if piece.count in (None, 1) else str(piece.count)),
        (text("GS1 Digital Link"), piece.link),
        (text("GS1 element strings"), element_string(piece.elements) if piece.elements else None),
        (text("industrial-internet identifier"), piece.industrial),
    ]
    said = [(name.say(language), value) for name, value in rows if value is not None]
    wide = max(cell_len(name) for name, _ in said)
    for name, value in said:
        # An address is never broken into lines: it is there to be copied.
        click.echo(f"{name}{' ' * (wide - cell_len(name))}  {value}")
    for error in piece.lacking:
        click.echo(f"× {error.say(language)}")


def _write(labels: Sequence[Label], out: Path, size: float, ppi: int, language: Language) -> list[Path]:
    from forgecast.app.label.draw import label_png, label_sheets, label_svg  # noqa: PLC0415
    from forgecast.app.report.write import write_whole  # noqa: PLC0415

    if not out.parent.is_dir():
        raise ForgecastError(
            text("the folder of the file does not exist"),
            where=str(out.parent),
            repair=text("make the folder, or name a file in a folder that exists"),
        )
    if out.suffix.lower() == ".pdf":
        write_whole(out, label_sheets(labels, size, language, datetime.now(UTC)))
        return [out]
    files = _files(labels, out)
    for one, file in zip(labels, files, strict=True):
        svg = out.suffix.lower() == ".svg"
        write_whole(file, label_svg(one, size, language) if svg else label_png(one, size, language, ppi))
    return files


def _files(labels: Sequence[Label], out: Path) -> list[Path]:
    """Return a file for each label; a number with characters that no file may have gets others instead."""
    if len(labels) == 1:
        return [out]
    made: dict[Path, None] = {}
    for one in labels:
        plain = re.sub(r"[^\w.-]+", "_", one.piece.id)
        file, number = out.with_name(f"{out.stem}.{plain}{out.suffix}"), 1
        while file in made:
            number += 1
            file = out.with_name(f"{out.stem}.{plain}.{number}{out.suffix}")
        made[file] = None
    return list(made)
