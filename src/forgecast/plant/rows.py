"""Rows of a record as they come out of a file, in the record's own fields and units, not yet stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

#: text and code: str; integer: int; flag: bool; date: date; month: ``YYYY-MM``; time: int, microseconds UTC;
#: quantities: float in the field's unit; None: missing.
Value: TypeAlias = "str | int | float | bool | date | None"


@dataclass(frozen=True, slots=True, eq=False)
class RecordRows:
    """Rows of one record, column by column.

    Parameters
    ----------
    record : str
        Name of the record.
    columns : mapping of field name to list of Value
        All of one length; a field the file does not have is absent.
    row_numbers : (n,) int64 array
        Row of each in its file, as a spreadsheet shows it.
    sheet : str
        Sheet of the workbook they stand in; empty for files without sheets.
    """

    record: str
    columns: Mapping[str, list[Value]]
    row_numbers: NDArray[np.int64]
    sheet: str = ""

    def __len__(self) -> int:
        return int(self.row_numbers.size)
