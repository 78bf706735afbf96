"""Findings: defects in data, kept as values with their place, severity and repair."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from forgecast.ground.texts import Text


class Severity(StrEnum):
    """How much a finding matters; `refused` values never reach a figure."""

    REFUSED = "refused"
    DOUBTFUL = "doubtful"
    NOTE = "note"


def file_and_sheet(file: str, sheet: str) -> str:
    """Return how a place names a sheet of a workbook, ``file!sheet``; the file alone where it has no sheets."""
    return f"{file}!{sheet}" if sheet else file


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding sits: a file, and within it sheet, rows and column as its owner sees them.

    Parameters
    ----------
    file : str
        File name, with its sheet as in `file_and_sheet`; the name of a record or series where no file is meant.
    row : int or None
        Row as a spreadsheet shows it (the header is row 1); the first one where several are meant.
    last_row : int or None
        Last row where the finding covers a stretch.
    column : str
        Column header as written in the file.
    """

    file: str
    row: int | None = None
    last_row: int | None = None
    column: str = ""

    def __str__(self) -> str:
        parts = [self.file]
        if self.row is not None:
            rows = f"{self.row}" if self.last_row in (None, self.row) else f"{self.row}-{self.last_row}"
            parts.append(rows)
        if self.column:
            parts.append(self.column)
        return ":".join(parts)


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect in data: what was seen, where, why it is doubtful, and what to do.

    Parameters
    ----------
    code : str
        Stable kebab-case name of the kind of defect (``sentinel-value``, ``decimal-slip`` …).
    severity : Severity
    place : Place
    value : str
        The value as it stood in the data; empty where none is meant.
    reason, repair : Text
    count : int
        How many values or rows share this finding (one finding per kind and column, not per cell).
    """

    code: str
    severity: Severity
    place: Place
    value: str
    reason: Text
    repair: Text
    count: int = 1

    def as_json(self) -> dict[str, object]:
        """Return the finding as every JSON answer shows it."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "place": {
                "file": self.place.file,
                "row": self.place.row,
                "last_row": self.place.last_row,
                "column": self.place.column,
            },
            "value": self.value,
            "reason": self.reason.as_json(),
            "repair": self.repair.as_json(),
            "count": self.count,
        }
