"""Rows of a table, written down one after the other."""

from __future__ import annotations

from forgecast.sample.table import Cell, Table

#: Cells of a flag.
YES, NO = True, False


class Rows:
    """Gathers the rows of one record.

    Parameters
    ----------
    record : str
    *fields : str
        The record's fields, in the order in which the cells of a row are given.
    """

    def __init__(self, record: str, *fields: str) -> None:
        self._record = record
        self._columns: dict[str, list[Cell]] = {name: [] for name in fields}

    def add(self, *cells: Cell) -> None:
        """Add a row; as many cells as there are fields."""
        for column, cell in zip(self._columns.values(), cells, strict=True):
            column.append(cell)

    def table(self, *, by: str = "") -> Table:
        """Return the rows gathered so far, in the order of a field where one is named."""
        table = Table(self._record, self._columns)
        if not by:
            return table
        keys = self._columns[by]
        return table.part(sorted(range(len(table)), key=lambda at: str(keys[at])))
