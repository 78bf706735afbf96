"""Tables of a report: columns with units, cells that may be missing, and gaps with the record that settles them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from forgecast.ground.texts import Text

#: What stands in a cell; None says that it is not known.
Cell: TypeAlias = "Text | str | float | int | date | None"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its stable name, its head, and the unit of its numbers (empty where they have none)."""

    id: str
    title: Text
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something a report lacks: what, which record would settle it, and who has it.

    Parameters
    ----------
    what : Text
    record : str
        Record (and field) to enter.
    who : Text
        Who in a plant usually knows it.
    """

    what: Text
    record: str
    who: Text

    def as_json(self) -> dict[str, object]:
        """Return the gap as every JSON answer shows it."""
        return {"what": self.what.as_json(), "record": self.record, "who": self.who.as_json()}


@dataclass(frozen=True, slots=True)
class ReportTable:
    """One table of a report.

    Parameters
    ----------
    id : str
        Stable name; also that of the sheet.
    title : Text
    columns : tuple of Column
    rows : tuple of tuple of Cell
        As many cells as columns; a number is in the unit of its column.
    notes : tuple of Text
        What a reader has to know.
    """

    id: str
    title: Text
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Text, ...] = ()

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            message = f"a row of {self.id} has not as many cells as there are columns"
            raise ValueError(message)

    def as_json(self) -> dict[str, object]:
        """Return the table as every JSON answer shows it; each row by the names of its columns."""
        return {
            "id": self.id,
            "title": self.title.as_json(),
            "columns": [{"id": c.id, "title": c.title.as_json(), "unit": c.unit} for c in self.columns],
            "rows": [{c.id: _plain(cell) for c, cell in zip(self.columns, row, strict=True)} for row in self.rows],
            "notes": [note.as_json() for note in self.notes],
        }


def known(number: float | None) -> float | None:
    """Return a number for a cell: None where it is not finite."""
    return None if number is None or not math.isfinite(number) else float(number)


def _plain(cell: Cell) -> object:
    if isinstance(cell, Text):
        return cell.as_json()
    return cell.isoformat() if isinstance(cell, date) else cell
