"""Workbooks (XLSX): every sheet as a table of text, dates and percent formats kept as what they show."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import BinaryIO
from xml.etree.ElementTree import ParseError

import numpy as np
import pyarrow as pa

from forgecast.gateway.header import header_row
from forgecast.gateway.table import Batch, RawTable
from forgecast.ground.errors import ImportRefusedError
from forgecast.ground.finding import file_and_sheet
from forgecast.ground.texts import text

_MOST_CELLS = 40_000_000


def read_workbook(name: str, source: BinaryIO, *, names: tuple[str, ...], header: int | None = None) -> list[RawTable]:
    """Read all sheets of a workbook that hold something.

    Parameters
    ----------
    name : str
        File name for findings.
    source : binary file
    names : tuple of str
        Headers that may occur.
    header : int or None
        Row of the headers (1 for the first); found out for each sheet where None.

    Raises
    ------
    ImportRefusedError
        If the file is no readable workbook, or all of its sheets are blank.
    """
    sheets = read_sheets(name, source)
    tables = []
    for sheet, rows in sheets:
        filled = [(number, cells) for number, cells in rows if any(cell is not None for cell in cells)]
        if filled:
            tables.append(_table(name, sheet, filled, names, header))
    if not tables:
        raise ImportRefusedError(
            text("no sheet of the workbook holds anything"),
            where=name,
            repair=text("save the workbook again with its data, and the values instead of links to other files"),
        )
    return tables


def read_sheets(name: str, source: BinaryIO) -> list[tuple[str, list[tuple[int, list[str | None]]]]]:
    """Return each sheet's name and its rows as they stand, each with its number.

    Raises
    ------
    ImportRefusedError
        If the file is no readable workbook.
    """
    import openpyxl  # noqa: PLC0415  (a third of a second to load, for workbooks only)
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        book = openpyxl.load_workbook(io.BytesIO(source.read()), read_only=True, data_only=True)
        found = []
        for sheet in book.worksheets:
            rows, cells = [], 0
            for number, row in enumerate(sheet.iter_rows(), start=1):
                cells += len(row)
                if cells > _MOST_CELLS:
                    message = "too many cells"
                    raise ValueError(message)  # noqa: TRY301
                rows.append((number, [_shown(cell.value, cell) for cell in row]))
            found.append((sheet.title, rows))
        book.close()
    except (
        zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, AttributeError, IndexError, OSError,
        EOFError, ParseError, NotImplementedError, zipfile.LargeZipFile, OverflowError, RuntimeError, AssertionError,
        SyntaxError,
    ) as broken:  # fmt: skip
        raise ImportRefusedError(
            text("the workbook cannot be read: {why}", why=(str(broken) or type(broken).__name__)[:200]),
            where=name,
            repair=text("open it in your spreadsheet program and save it again as .xlsx, or export the sheet as CSV"),
        ) from None
    return found


def _shown(value: object, cell: object) -> str | None:
    """Return a cell as text that the readers of times and numbers understand."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float | int):
        percent = "%" in str(getattr(cell, "number_format", ""))
        number = round(float(value) * 100, 10) if percent else float(value)
        whole = number.is_integer() and abs(number) < 1e15
        return (str(int(number)) if whole else repr(number)) + "%" * percent
    if isinstance(value, date | time):  # a datetime is a date
        return str(_nearest_ms(value) if isinstance(value, datetime) else value)
    return str(value).strip() or None


def _nearest_ms(moment: datetime) -> datetime:
    """Undo the noise that a day counted as a floating number brings into the microseconds."""
    return (moment + timedelta(microseconds=500)).replace(microsecond=0) if _is_noise(moment) else moment


def _is_noise(moment: datetime) -> bool:
    return min(moment.microsecond, 1_000_000 - moment.microsecond) <= 500


def _table(
    name: str, sheet: str, rows: list[tuple[int, list[str | None]]], names: tuple[str, ...], header: int | None
) -> RawTable:
    top = [[cell or "" for cell in cells] for _, cells in rows[:15]]
    place = header_row(top, names)
    if header is not None:
        place = next((i for i, (number, _) in enumerate(rows) if number >= header), len(rows) - 1)
    headers = [(cell or "").strip() for cell in rows[place][1]]
    body = rows[place + 1 :]
    width = max((i + 1 for _, cells in body for i, cell in enumerate(cells) if cell is not None), default=0)
    while headers and headers[-1] == "" and len(headers) > width:
        headers.pop()
    headers += [""] * (width - len(headers))

    def batches() -> Iterator[tuple[Batch, float]]:
        columns = tuple(
            pa.array([cells[i] if i < len(cells) else None for _, cells in body], pa.string())
            for i in range(len(headers))
        )
        yield Batch(columns, np.array([number for number, _ in body], dtype=np.int64)), 1.0

    return RawTable(file_and_sheet(name, sheet), sheet, tuple(headers), batches)
