"""Report tables as an Excel workbook: one sheet a table, heads and words in both languages, units, missing marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from forgecast.app.environment.cells import both_cell, head_both, said_both
from forgecast.environment.report_table import Cell, ReportTable
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_WIDEST, _NARROWEST = 60, 9
#: What a sheet's name must not hold.
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
#: A cell that starts so is read as a formula by a spreadsheet.
_FORMULA = ("=", "+", "@")


def write_workbook(path: Path, title: Text, first_page: Sequence[Text], tables: Sequence[ReportTable]) -> None:
    """Write tables into a workbook.

    Parameters
    ----------
    path : Path
        It must end with ``.xlsx``.
    title : Text
    first_page : sequence of Text
        Sentences of the first sheet.
    tables : sequence of ReportTable

    Raises
    ------
    ForgecastError
        If the ending is another one or the file cannot be written.
    """
    from openpyxl import Workbook  # noqa: PLC0415  (a plain answer never waits for it)
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415

    if path.suffix.lower() != ".xlsx":
        raise ForgecastError(
            text("a workbook is written as .xlsx"), where=str(path), repair=text("give a name that ends with .xlsx")
        )
    book = Workbook()
    cover = book.active
    assert cover is not None  # noqa: S101  (a new book has a sheet)
    cover.title = "0"
    cover.column_dimensions["A"].width = 110
    lines = [said_both(title), "", *(said_both(line) for line in first_page), ""]
    lines += [f"{_sheet_name(table)} · {said_both(table.title)} ({len(table.rows)})" for table in tables]
    for number, line in enumerate(lines, 1):
        cell = cover.cell(number, 1, _safe(line))
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        if number == 1:
            cell.font = Font(bold=True, size=14)
    for table in tables:
        _fill(book.create_sheet(_sheet_name(table)), table)
    # The same tables give the same book but for the clock, which says nothing about them.
    book.properties.created = book.properties.modified = datetime(2000, 1, 1)  # noqa: DTZ001  (openpyxl wants it bare)
    book.properties.creator = "Forgecast"
    try:
        book.save(path)
    except OSError as error:
        raise ForgecastError(
            text("the file cannot be written: {error}", error=error.strerror or str(error)),
            where=str(path),
            repair=text("close it where it is open, or choose another place"),
        ) from error


def _sheet_name(table: ReportTable) -> str:
    return _FORBIDDEN.sub("_", table.id)[:31]


def _fill(sheet: Worksheet, table: ReportTable) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    sheet.append([said_both(table.title)])
    sheet["A1"].font = Font(bold=True, size=13)
    for note in table.notes:
        sheet.append([_safe(said_both(note))])
        sheet.cell(sheet.max_row, 1).font = Font(italic=True, color="52606D")
    sheet.append([])
    top = len(table.notes) + 3
    for number, column in enumerate(table.columns, 1):
        top_cell = sheet.cell(top, number, head_both(column))
        top_cell.font = Font(bold=True)
        top_cell.fill = PatternFill("solid", start_color="F1EDE6")
        top_cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="right" if column.unit else "left")
    for down, row in enumerate(table.rows, top + 1):
        for across, value in enumerate(row, 1):
            _write(sheet, down, across, value)
    if not table.rows:
        sheet.cell(top + 1, 1, said_both(text("nothing on record"))).font = Font(italic=True, color="52606D")
    for number, column in enumerate(table.columns, 1):
        shown = [max((len(line) for line in head_both(column).split("\n")), default=0)]
        shown += [_length(row[number - 1]) for row in table.rows]
        sheet.column_dimensions[get_column_letter(number)].width = min(max(*shown, _NARROWEST) + 2, _WIDEST)
    sheet.freeze_panes = f"A{top + 1}"


def _write(sheet: Worksheet, down: int, across: int, value: Cell) -> None:
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415

    written = both_cell(value)
    cell = sheet.cell(down, across)
    words = _safe(written) if isinstance(written, str) else written
    cell.value = words
    if isinstance(written, float):
        size = abs(written)
        cell.number_format = "0.00E+00" if 0.0 < size < 1e-3 else "#,##0.0000" if size < 1.0 else "#,##0.00"
    if value is None:
        cell.font = Font(italic=True, color="B42318")
    cell.alignment = Alignment(vertical="top", wrap_text=isinstance(written, str) and len(written) > _WIDEST)


def _length(value: Cell) -> int:
    if isinstance(value, float):
        return 12
    words = str(both_cell(value))
    # A Chinese character is as wide as two letters.
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in words)


def _safe(words: str) -> str:
    """Return words that a spreadsheet never takes for a formula."""
    return f"'{words}" if words.startswith(_FORMULA) else words
