"""Grades of the user's own: CSV tables with the columns of the shipped one, entered from their copy of a standard.

Needed are ``grade``, ``standard``, ``rule``, ``lower``, ``upper``, ``unit`` and ``source``; the other columns of
``tables/grade.csv`` may be there. The confidence of every row is *own*: its numbers decide, and its source is told.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from forgecast.ground.tables import read_table
from forgecast.ground.texts import text
from forgecast.metal.error import MaterialError
from forgecast.metal.grade import OWN, Grade, gather

#: Folder of a plant that its grade tables lie in.
FOLDER: Final = "grades"
_NEEDED: Final = ("grade", "standard", "rule", "lower", "upper", "unit", "source")


def read_grades(paths: Iterable[Path]) -> tuple[Grade, ...]:
    """Read grade tables of the user's own.

    Parameters
    ----------
    paths : iterable of Path
        CSV files in UTF-8. A grade may be spread over several.

    Raises
    ------
    MaterialError
        If a file cannot be read, lacks a column, has one nobody knows, or a row lacks its grade, standard, rule or
        source, or a number cannot be read.
    """
    rows = [pair for path in paths for pair in _rows(path)]
    return gather(rows)


def tables_of(plant: Path) -> tuple[Path, ...]:
    """Return the grade tables that lie in a plant folder, by name."""
    return tuple(sorted((plant / FOLDER).glob("*.csv")))


def _rows(path: Path) -> list[tuple[dict[str, str], str]]:
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise MaterialError(
            text("the table cannot be read: {reason}", reason=getattr(error, "strerror", None) or str(error)),
            where=str(path),
            repair=text("give a CSV file in UTF-8"),
        ) from error
    reader = csv.DictReader(io.StringIO(content))
    columns = reader.fieldnames or ()
    known = read_table("grade").columns
    missing = [column for column in _NEEDED if column not in columns]
    strange = [column for column in columns if column not in known]
    if missing or strange:
        raise MaterialError(
            text("the table has no column {columns}", columns=", ".join(missing))
            if missing
            else text("nobody knows the column {columns}", columns=", ".join(strange)),
            where=f"{path}:1",
            repair=text("its columns are: {columns}", columns=", ".join(_NEEDED)),
        )
    made = []
    for row in reader:
        where = f"{path}:{reader.line_num}"
        if None in row or None in row.values():
            raise MaterialError(
                text("the row has more or fewer cells than the header"),
                where=where,
                repair=text("quote cells that contain a comma, and keep one cell a column"),
            )
        cells = {column: (row.get(column) or "").strip() for column in known}
        empty = [column for column in ("grade", "standard", "rule", "unit", "source") if not cells[column]]
        if empty:
            raise MaterialError(
                text("the row does not say its {columns}", columns=", ".join(empty)),
                where=where,
                repair=text("fill every cell of these columns; the source names document, edition and clause"),
            )
        cells["confidence"] = OWN
        cells["source_zh"] = cells["source_zh"] or cells["source"]
        cells["note_zh"] = cells["note_zh"] or cells["note_en"]
        made.append((cells, where))
    return made
