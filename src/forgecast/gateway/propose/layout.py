"""Where the headers of a messy sheet stand: under titles, in several rows, with a row of units or of limits below."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from forgecast.gateway.delimited import first_rows, open_bytes
from forgecast.gateway.file import open_tables
from forgecast.gateway.mapping import FileMap
from forgecast.gateway.propose.labels import is_unit, label, named_and_unit
from forgecast.gateway.propose.vocabulary import known_labels
from forgecast.gateway.table import RawTable
from forgecast.gateway.workbook import read_sheets

_SEARCHED = 15
_NUMBER = re.compile(r"[-+]?[\d.,:/\-年月日T ]+%?")


@dataclass(frozen=True, slots=True)
class Head:
    """The first rows of a table as they stand.

    Parameters
    ----------
    sheet : str
        Empty where the file has no sheets.
    rows : tuple of (int, tuple of str)
        Number and cells of each; blank cells are empty.
    """

    sheet: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands over a column.

    Parameters
    ----------
    index : int
    key : str
        How a map names the column: its header, or ``#3`` where that is blank or not the only one.
    name : str
        Header without its unit.
    group : str
        Header of the row above that spans several columns; empty where there is none.
    unit : str or None
        As header, row of units or group say; None where none does.
    """

    index: int
    key: str
    name: str
    group: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class Layout:
    """How a sheet is laid out.

    Parameters
    ----------
    sheet : str
    header_row, first_row : int
        Row of the headers and first row of values, as a spreadsheet shows them.
    headings : tuple of Heading
    titles : tuple of str
        What stands above the headers.
    limits : mapping of int to tuple of str
        Cells of the rows between headers and values that belong to no piece, by row: nominal values, limits.
    """

    sheet: str
    header_row: int
    first_row: int
    headings: tuple[Heading, ...]
    titles: tuple[str, ...]
    limits: Mapping[int, tuple[str, ...]]


def heads_of(path: Path) -> tuple[Head, ...]:
    """Return the first rows of every table of a file that holds something.

    Raises
    ------
    ImportRefusedError
        If the file is absent, damaged, or of a kind that is not read.
    """
    tables = open_tables(path, None, {})
    with open_bytes(path) as file:
        magic = file.read(4)
    if magic == b"PK\x03\x04":
        with open_bytes(path) as file:
            sheets = read_sheets(path.name, BytesIO(file.read()))
        named = {table.sheet for table in tables}
        return tuple(
            Head(name, tuple((n, tuple(c or "" for c in cells)) for n, cells in rows[:60] if any(cells)))
            for name, rows in sheets
            if name in named
        )
    if magic == b"PAR1":
        return (Head("", ((1, tables[0].header),)),)
    rows = tuple((n, tuple(c.strip() for c in cells)) for n, cells in enumerate(first_rows(path), start=1))
    return (Head("", tuple((n, cells) for n, cells in rows if any(cells))),)


def open_laid_out(path: Path, layout: Layout) -> RawTable:
    """Open the table of a layout with its headers where the layout says."""
    entry = FileMap("", "*", header_row=layout.header_row)
    (table,) = [one for one in open_tables(path, entry, {}) if one.sheet == layout.sheet]
    return table


def layout_of(head: Head) -> Layout:
    """Find the headers of a sheet."""
    rows = head.rows
    place = _header_place([cells for _, cells in rows[:_SEARCHED]])
    number, cells = rows[place]
    width = max(len(row) for _, row in rows[place:])
    header = _wide(cells, width)
    groups, above = _groups(rows, place, width)
    below, units = place + 1, ("",) * width
    if below < len(rows) and _is_unit_row(rows[below][1]):
        units, below = _wide(rows[below][1], width), below + 1
    limits: dict[int, tuple[str, ...]] = {}
    while below < len(rows) - 2 and len(limits) < 3 and _is_limit_row(rows, below, width):
        limits[rows[below][0]] = _wide(rows[below][1], width)
        below += 1
    first = rows[below][0] if below < len(rows) else number + 1
    titles = tuple(cell for _, row in rows[: place - len(above)] for cell in row if cell)
    return Layout(head.sheet, number, first, _headings(header, groups, units), titles, limits)


def _wide(cells: tuple[str, ...], width: int) -> tuple[str, ...]:
    return (*(" ".join(cell.split()) for cell in cells), *[""] * (width - len(cells)))[:width]


def _header_place(rows: list[tuple[str, ...]]) -> int:
    """Return which of the first rows holds the headers: most names known, then most words, none of them twice."""
    widest = max(sum(bool(cell) for cell in cells) for cells in rows)
    best, best_score = 0, -1.0
    for place, cells in enumerate(rows):
        filled = [cell for cell in cells if cell.strip()]
        wordy = [cell for cell in filled if not _NUMBER.fullmatch(cell) and len(cell) <= 60]
        if not wordy or _is_unit_row(cells):
            continue
        known = sum(label(named_and_unit(cell)[0]).whole in known_labels() for cell in filled)
        repeats = len(filled) - len(set(filled))
        # A title fills one cell; a row of values holds numbers and repeats itself further down.
        fullness = len(filled) / max(widest, 1)
        score = (
            3.0 * known + 2.0 * len(wordy) - 2.0 * (len(filled) - len(wordy)) - repeats + 4.0 * fullness - 0.5 * place
        )
        if len(filled) == 1 and widest > 2:
            score -= 10.0
        if score > best_score:
            best, best_score = place, score
    return best


def _groups(
    rows: tuple[tuple[int, tuple[str, ...]], ...], place: int, width: int
) -> tuple[list[str], list[tuple[str, ...]]]:
    """Return the header over each column's header where the row above spans columns, and the rows taken for that."""
    nothing: list[str] = [""] * width
    if place == 0:
        return nothing, []
    above, header = _wide(rows[place - 1][1], width), _wide(rows[place][1], width)
    filled = [i for i, cell in enumerate(above) if cell]
    if not filled or filled == [0] or (len(filled) == 1 and width > 3 and filled[0] < 2):
        return nothing, []
    groups, current = [], ""
    for i in range(width):
        current = above[i] or (current if header[i] else "")
        groups.append(current)
    return groups, [above]


def _is_unit_row(cells: tuple[str, ...]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    return len(filled) >= 2 and all(is_unit(cell) for cell in filled)


def _is_limit_row(rows: tuple[tuple[int, tuple[str, ...]], ...], place: int, width: int) -> bool:
    """Whether a row below the headers belongs to no piece: its first cell is blank, those below are not."""
    cells = _wide(rows[place][1], width)
    numeric = sum(bool(re.fullmatch(r"[-+]?\d*\.?\d+(e[-+]?\d+)?", cell, re.IGNORECASE)) for cell in cells)
    lead = [i for i in range(min(3, width)) if not cells[i]]
    later = [_wide(row, width) for _, row in rows[place + 3 :][:10]]
    return (
        numeric >= 3
        and bool(lead)
        and not cells[0]
        and bool(later)
        and sum(bool(row[0]) for row in later) >= 0.8 * len(later)
    )


def _headings(header: tuple[str, ...], groups: list[str], units: tuple[str, ...]) -> tuple[Heading, ...]:
    made = []
    for index, cell in enumerate(header):
        # Where two rows of headers are merged downwards, the upper one holds the words.
        shown = cell or groups[index]
        name, unit = named_and_unit(shown)
        group, of_group = named_and_unit(groups[index]) if cell else ("", None)
        unique = bool(cell) and header.count(cell) == 1 and not re.fullmatch(r"#\d+", cell)
        found = unit or (units[index].strip("()[]（） ") if units[index] else None) or of_group
        made.append(Heading(index, cell if unique else f"#{index + 1}", name, group, found))
    return tuple(made)
