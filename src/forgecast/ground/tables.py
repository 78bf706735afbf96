"""Sourced tables: CSV files of values, of which every row says where it comes from and how well it is known."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from forgecast.ground.errors import TableError
from forgecast.ground.texts import text

CONFIDENCES = ("primary", "secondary", "unverified")


@dataclass(frozen=True, slots=True)
class SourcedTable:
    """A table whose rows each carry a source, in both languages, and a confidence.

    Parameters
    ----------
    name : str
        File name without ending.
    columns : tuple of str
    rows : tuple of mapping
        Cells as text; an empty cell is an empty string and means *not known*.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]

    def __iter__(self) -> Iterator[Mapping[str, str]]:
        return iter(self.rows)

    def where(self, **cells: str) -> tuple[Mapping[str, str], ...]:
        """Return the rows whose named cells equal the values given."""
        return tuple(row for row in self.rows if all(row[name] == value for name, value in cells.items()))

    def number(self, row: Mapping[str, str], column: str) -> float | None:
        """Return a cell as a number, or None where it is empty.

        Raises
        ------
        TableError
            If the cell holds something else.
        """
        cell = row[column]
        if cell == "":
            return None
        try:
            number = float(cell)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise TableError(
                text("`{column}` is {cell}, which is no number", column=column, cell=cell),
                where=f"{self.name}.csv:{self.rows.index(row) + 2}",
                repair=text("write a plain decimal number, or leave the cell empty if the value is not known"),
            )
        return number


@lru_cache(maxsize=64)
def read_table(name: str) -> SourcedTable:
    """Read a shipped table by its name (``grid_emission_factor``).

    Raises
    ------
    TableError
        If there is no such table or a row breaks the rules of `parse_table`.
    """
    place = resources.files("forgecast") / "tables" / f"{name}.csv"
    if not place.is_file():
        raise TableError(
            text("there is no table named {name}", name=name),
            where="forgecast/tables",
            repair=text("use the name of one of the files in that folder, without .csv"),
        )
    return parse_table(name, place.read_text(encoding="utf-8"))


def parse_table(name: str, content: str) -> SourcedTable:
    """Read a table from CSV text and refuse it where a row lacks its source or its confidence.

    Raises
    ------
    TableError
        If one of the columns ``source``, ``source_zh`` and ``confidence`` is absent, a row leaves its source empty
        in either language, a confidence is not one of `CONFIDENCES`, a row has more or fewer cells than the header,
        or two columns share a name.
    """
    lines = list(csv.reader(io.StringIO(content.removeprefix("\ufeff"))))
    columns = tuple(lines[0]) if lines else ()
    if len(set(columns)) < len(columns):
        raise TableError(
            text("two columns of the table have one name"),
            where=f"{name}.csv:1",
            repair=text("give every column a name of its own"),
        )
    for needed in ("source", "source_zh", "confidence"):
        if needed not in columns:
            raise TableError(
                text("the table has no column `{column}`", column=needed),
                where=f"{name}.csv:1",
                repair=text("add the column and fill it for every row"),
            )
    rows = []
    for number, cells in enumerate(lines[1:], start=2):
        where = f"{name}.csv:{number}"
        if len(cells) != len(columns):
            raise TableError(
                text("the row has {got} cells and the header {want}", got=len(cells), want=len(columns)),
                where=where,
                repair=text("quote cells that contain a comma, and keep one cell a column"),
            )
        row = dict(zip(columns, (cell.strip() for cell in cells), strict=True))
        if not row["source"]:
            raise TableError(
                text("the row has no source"),
                where=where,
                repair=text("name the document, edition and clause the value was read in"),
            )
        if not row["source_zh"]:
            raise TableError(
                text("the row names its source in English only"),
                where=where,
                repair=text("write the source in Chinese into the column `source_zh`"),
            )
        if row["confidence"] not in CONFIDENCES:
            raise TableError(
                text("confidence is {got}", got=row["confidence"] or "—"),
                where=where,
                repair=text("write one of: {words}", words=", ".join(CONFIDENCES)),
            )
        rows.append(row)
    return SourcedTable(name, columns, tuple(rows))
