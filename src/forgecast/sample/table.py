"""Rows of the made-up plant's records, the plant's master data, and the record headers they are written under."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib import resources
from typing import TypeAlias

#: What a cell holds; a `datetime` is plant-local wall-clock time.
Cell: TypeAlias = "str | int | float | bool | date | datetime | None"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one record, column by column.

    Parameters
    ----------
    record : str
        Name of the record.
    columns : dict of str to list of Cell
        By field name, all of one length, in the record's own units.
    """

    record: str
    columns: dict[str, list[Cell]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def part(self, index: Sequence[int]) -> Table:
        """Return some of the rows."""
        return Table(self.record, {name: [cells[i] for i in index] for name, cells in self.columns.items()})


@dataclass(frozen=True, slots=True)
class Header:
    """What a record's description says about one field, as far as a file's header needs it."""

    name: str
    zh: str
    kind: str
    unit: str
    choices: dict[str, str]


@lru_cache(maxsize=64)
def headers(record: str) -> dict[str, Header]:
    """Return the fields of a record by name, read from `records/*.csv`."""
    place = resources.files("forgecast") / "records" / f"{record}.csv"
    rows = csv.DictReader(io.StringIO(place.read_text(encoding="utf-8")))
    return {
        row["name"]: Header(
            row["name"],
            row["zh_name"],
            row["kind"],
            row["unit"],
            {code: zh for code, _, zh in (one.partition("=") for one in row["one_of"].split("|") if one)},
        )
        for row in rows
    }


@lru_cache(maxsize=64)
def master_rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a file of `master/`, cells as text."""
    place = resources.files("forgecast") / "sample" / "master" / f"{name}.csv"
    return tuple(csv.DictReader(io.StringIO(place.read_text(encoding="utf-8"))))


def master_table(record: str, rows: Sequence[dict[str, str]] | None = None) -> Table:
    """Return a record of the master data; cells get the kinds of the record's fields, empty ones are missing."""
    rows = master_rows(record) if rows is None else rows
    fields = headers(record)
    return Table(record, {name: [_cell(row[name], fields[name]) for row in rows] for name in rows[0] if name in fields})


def _cell(written: str, header: Header) -> Cell:
    if written == "":
        return None
    if header.kind == "flag":
        return written == "yes"
    if header.kind == "date":
        return date.fromisoformat(written)
    if header.kind == "time":
        return datetime.fromisoformat(written)
    if header.kind in {"text", "code", "month"}:
        return written
    return int(written) if header.kind == "integer" else float(written)
