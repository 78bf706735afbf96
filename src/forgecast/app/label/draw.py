"""Draw labels: one as SVG or PNG of a given size, many as sheets in a PDF."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources

from forgecast import __version__
from forgecast.app.label.symbol import Symbol, SymbolKind, data_matrix, qr_code
from forgecast.app.report import fonts
from forgecast.app.report.typeset import compiled, drawn
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, text
from forgecast.plant.identifier import element_string
from forgecast.tasks.label_pieces import Content, NamedPiece

#: Pixels an inch that a PNG has at least; thermal printers have 203, 300 or 600.
DEFAULT_PPI = 600
_MM_PER_INCH = 25.4
_SMALLEST_MM, _LARGEST_MM = 3.0, 150.0
#: Width of A4 within the margins of the sheets.
_SHEET_MM = 194.0
#: Longest line beside the symbol, in characters; an identifier is broken into lines of this length.
_LINE = 26


@dataclass(frozen=True, slots=True)
class Label:
    """A label: its symbol and the words beside it.

    Parameters
    ----------
    piece : NamedPiece
    symbol : Symbol
    """

    piece: NamedPiece
    symbol: Symbol


def made_label(piece: NamedPiece, kind: SymbolKind, content: Content | None = None) -> Label:
    """Return the label of a piece.

    A QR code carries the Digital Link, a DataMatrix the GS1 element strings; without a GTIN either carries the
    industrial-internet identifier.

    Parameters
    ----------
    piece : NamedPiece
    kind : "qr" or "datamatrix"
    content : "gs1", "industrial" or None
        Which identifier; the first it has where None.

    Raises
    ------
    ForgecastError
        If the piece has no such identifier, or it does not fit into a symbol.
    """
    if piece.best(content) == "industrial":
        said = str(piece.industrial)
        return Label(piece, qr_code(said) if kind == "qr" else data_matrix(said))
    return Label(piece, qr_code(str(piece.link)) if kind == "qr" else data_matrix(piece.elements))


def module_mm(label: Label, size_mm: float) -> float:
    """Return the width of one module where the symbol without its quiet zone is `size_mm` wide."""
    return size_mm / float(label.symbol.dark.shape[1])


def label_svg(label: Label, size_mm: float, language: Language) -> bytes:
    """Return a label as SVG, its symbol `size_mm` wide without the quiet zone.

    Raises
    ------
    ForgecastError
        If the size is none a symbol can have, or a typeface is not installed.
    """
    return drawn(_template(), _data([label], size_mm, language, sheet=False), "svg")


def label_png(label: Label, size_mm: float, language: Language, ppi: float = DEFAULT_PPI) -> bytes:
    """Return a label as PNG of at least `ppi` pixels an inch.

    A module is a whole number of pixels wide, so that its edges are sharp; the resolution is raised for it.

    Raises
    ------
    ForgecastError
        As `label_svg`.
    """
    module = module_mm(label, checked_size(size_mm)) / _MM_PER_INCH
    pixels = math.ceil(round(module * ppi, 6))
    return drawn(_template(), _data([label], size_mm, language, sheet=False), "png", pixels / module)


def label_sheets(labels: Sequence[Label], size_mm: float, language: Language, made: datetime) -> bytes:
    """Return labels as a PDF of A4 sheets.

    Raises
    ------
    ForgecastError
        As `label_svg`.
    """
    return compiled(_template(), _data(labels, size_mm, language, sheet=True), made.replace(microsecond=0))


def checked_size(size_mm: float) -> float:
    """Return a width of a symbol if it can be printed.

    Raises
    ------
    ForgecastError
        If it is under 3 mm or above 150 mm.
    """
    if not _SMALLEST_MM <= size_mm <= _LARGEST_MM:
        raise ForgecastError(
            text("a symbol of {size} mm cannot be drawn", size=f"{size_mm:g}"),
            where="--size",
            repair=text("give a width from {low} to {high} mm", low=f"{_SMALLEST_MM:g}", high=f"{_LARGEST_MM:g}"),
        )
    return size_mm


def _template() -> bytes:
    return (resources.files("forgecast.app.label") / "label.typ").read_bytes()


def _data(labels: Sequence[Label], size_mm: float, language: Language, *, sheet: bool) -> dict[str, object]:
    checked_size(size_mm)
    # Every symbol has the size asked for without its quiet zone; the widest one with it sets the column.
    symbol_mm = max(_with_quiet(label, size_mm) for label in labels)
    text_pt = min(max(size_mm * 0.38, 4.5), 9.0)
    shown = [_shown(label, language) | {"symbol_mm": round(_with_quiet(label, size_mm), 4)} for label in labels]
    lines = max(len(str(one["piece"])) * 1.25 for one in shown)
    longest = max([lines, *(_width(one) for one in shown)])
    rows = max(1.6 + 1.5 * _rows(one) for one in shown)
    # An em is a typeface's size, 0.3528 mm a point; a letter is half of it wide.
    label_mm = symbol_mm + 1.4 + longest * text_pt * 0.3528 * 0.56
    if sheet and label_mm > _SHEET_MM:
        raise ForgecastError(
            text("a label {width} mm wide does not fit on a sheet of A4", width=round(label_mm)),
            where="--size",
            repair=text("give a smaller width, or write the labels as SVG or PNG"),
        )
    return {
        "language": language,
        "sheet": sheet,
        "version": __version__,
        "document_title": text("Labels of {count} pieces", count=len(labels)).say(language)
        if sheet
        else fonts.legible(labels[0].piece.id),
        "text_pt": text_pt,
        "symbol_mm": round(symbol_mm, 4),
        "label_mm": round(label_mm, 3),
        "height_mm": round(max(symbol_mm, rows * text_pt * 0.3528), 3),
        "labels": shown,
    }


def _with_quiet(label: Label, size_mm: float) -> float:
    return module_mm(label, size_mm) * float(label.symbol.dark.shape[1] + 2 * label.symbol.quiet)


def _shown(label: Label, language: Language) -> dict[str, object]:
    piece = label.piece
    named = [
        (text("product"), piece.product if piece.product_name is None else f"{piece.product} {piece.product_name}"),
        (text("heat"), piece.heat),
        (text("lot"), piece.lot if piece.heat is None else None),
        (text("pieces"), None if piece.count is None or piece.count == 1 else str(piece.count)),
    ]
    said = element_string(piece.elements) if label.symbol.content != piece.industrial else label.symbol.content
    return {
        "piece": fonts.legible(piece.id),
        "lines": [
            {"name": name.say(language), "value": fonts.legible(value)} for name, value in named if value is not None
        ],
        "long": [fonts.legible(part) for part in broken(said)],
        "svg": label.symbol.svg(),
        "alt": text("{kind} of {content}", kind=_KINDS[label.symbol.kind], content=label.symbol.content).say(language),
    }


_KINDS = {"qr": text("QR code"), "datamatrix": text("DataMatrix")}


def broken(said: str) -> list[str]:
    """Break an identifier into lines, before an application identifier where it has them."""
    parts = [f"({part}" for part in said.split("(")[1:]] if said.startswith("(") else [said]
    lines = [""]
    for part in parts:
        if lines[-1] and len(lines[-1]) + len(part) > _LINE:
            lines.append("")
        lines[-1] += part
    return [line[low : low + _LINE] for line in lines for low in range(0, len(line), _LINE)]


def _width(one: dict[str, object]) -> float:
    lines, long = one["lines"], one["long"]
    assert isinstance(lines, list)  # noqa: S101
    assert isinstance(long, list)  # noqa: S101
    names = max((_em(line["name"]) * 0.86 for line in lines), default=0.0)
    values = max((_em(line["value"]) for line in lines), default=0.0)
    return max(names + values + 1.5, *(_em(line) * 0.86 for line in long))


def _rows(one: dict[str, object]) -> int:
    lines, long = one["lines"], one["long"]
    assert isinstance(lines, list)  # noqa: S101
    assert isinstance(long, list)  # noqa: S101
    return len(lines) + len(long)


def _em(words: str) -> float:
    """Return the width of a text in letters; a Chinese character is nearly two of them wide."""
    return sum(1.75 if ord(one) > 0x2E7F else 1.0 for one in words)
