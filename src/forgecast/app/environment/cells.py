"""Cells of report tables as a reader sees them: words in one language or both, numbers short, missing said."""

from __future__ import annotations

from datetime import date

from forgecast.app.report.numbers import pretty_text, pretty_unit, shown
from forgecast.environment.report_table import Cell, Column
from forgecast.ground.texts import Language, Text, text

NOT_KNOWN = text("not known")


def said_cell(cell: Cell, language: Language) -> str:
    """Return a cell in one language; a missing one says that it is not known."""
    if cell is None:
        return NOT_KNOWN.say(language)
    if isinstance(cell, Text):
        return pretty_text(cell.say(language))
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float | int):
        return shown(float(cell))
    return pretty_text(cell)


def both_cell(cell: Cell) -> str | float | int | date:
    """Return a cell for a workbook: numbers and days as such, words in both languages."""
    if cell is None:
        return said_both(NOT_KNOWN)
    if isinstance(cell, Text):
        return said_both(cell)
    return cell


def said_both(said: Text) -> str:
    """Return a sentence in both languages; once where they are the same."""
    en, zh = (pretty_text(said.say(language)) for language in ("en", "zh"))
    return en if en == zh else f"{en} / {zh}"


def head(column: Column, language: Language) -> str:
    """Return the head of a column with its unit in brackets."""
    unit = pretty_unit(column.unit)
    return column.title.say(language) + (f" [{unit}]" if unit else "")


def head_both(column: Column) -> str:
    """Return the head of a column in both languages, one under the other, with its unit."""
    en, zh = column.title.say("en"), column.title.say("zh")
    words = en if en == zh else f"{en}\n{zh}"
    unit = pretty_unit(column.unit)
    return words + (f"\n[{unit}]" if unit else "")


def is_number(column: Column, cells: list[Cell]) -> bool:
    """Return whether a column holds numbers."""
    return bool(column.unit) or any(isinstance(cell, float | int) for cell in cells)
