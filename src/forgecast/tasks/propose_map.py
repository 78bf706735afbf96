"""Propose a map for a messy table, and try what an import with it would do, without a plant."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from forgecast.gateway.file import take_pieces
from forgecast.gateway.propose.decide import column_headed, with_constant, with_field, with_unit
from forgecast.gateway.propose.proposal import ColumnProposal, Role, TableProposal
from forgecast.gateway.propose.propose import propose
from forgecast.gateway.propose.written_map import written_map
from forgecast.gateway.read_map import map_from
from forgecast.ground.dates import CHINA
from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Finding, Severity
from forgecast.ground.texts import Text, text
from forgecast.plant.record import record

SERIES = "series"
#: Findings that refuse a whole row and not one cell of it.
_OF_ROWS = frozenset(("missing-required", "duplicate-key", "ragged-row"))


@dataclass(frozen=True, slots=True)
class Trial:
    """What an import with a map would do.

    Parameters
    ----------
    rows : mapping of str to int
        Rows by record, readings under ``series``, that would go in.
    refused : int
        Rows that would not.
    cells : int
        Single values that would be refused; their rows go in without them.
    findings : tuple of Finding
    error : ForgecastError or None
        Why the file as a whole would be refused.
    """

    rows: Mapping[str, int] = field(default_factory=dict)
    refused: int = 0
    cells: int = 0
    findings: tuple[Finding, ...] = ()
    error: ForgecastError | None = None

    def as_json(self) -> dict[str, object]:
        """Return the trial as the JSON answer shows it."""
        return {
            "rows": dict(self.rows),
            "rows_refused": self.refused,
            "cells_refused": self.cells,
            "findings": [finding.as_json() for finding in self.findings],
            "refused": None if self.error is None else self.error.as_json()["error"],
        }


@dataclass(frozen=True, slots=True)
class MapProposal:
    """What is proposed for a file.

    Show: each of `tables` with its record and columns; what `to_do` says; the trial; `map_text`, or where it stands.
    """

    tables: tuple[TableProposal, ...]

    @property
    def map_text(self) -> str:
        """Return the map file; empty where nothing is proposed."""
        return written_map(self.tables) if any(table.record for table in self.tables) else ""

    @property
    def to_do(self) -> tuple[Text, ...]:
        """Return what a person still has to say."""
        return tuple(line for table in self.tables for line in _to_do(table))

    def as_json(self) -> dict[str, object]:
        """Return the proposal as the JSON answer shows it."""
        return {
            "tables": [_table_json(table) for table in self.tables],
            "to_do": [line.as_json() for line in self.to_do],
            "map": self.map_text,
        }


def propose_map(
    path: Path,
    *,
    record_name: str = "",
    constants: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
) -> MapProposal:
    """Propose what the tables of a file mean.

    Parameters
    ----------
    path : Path
        CSV or another delimited text, XLSX or Parquet, packed with gzip or not.
    record_name : str
        Record the file is known to hold; the likeliest where empty.
    constants : mapping of field to str
        Values that hold for every row.
    units : mapping of header to str
        Units that the table does not tell.
    columns : mapping of header to str
        Fields that columns are known to feed.

    Raises
    ------
    ForgecastError
        If the file cannot be read, there is no such record, or a constant or unit does not fit.
    """
    if record_name:
        record(record_name)
    tables = []
    for table in propose(path, only=record_name):
        made = table
        if made.record:
            for header, field_name in (columns or {}).items():
                made = with_field(made, column_headed(made, header, "--column").index, field_name)
            for name, value in (constants or {}).items():
                made = with_constant(made, name, value)
            for header, unit in (units or {}).items():
                made = with_unit(made, column_headed(made, header, "--unit").index, unit)
        tables.append(made)
    return MapProposal(tuple(tables))


def try_map(path: Path, map_text: str, *, progress: Callable[[float], None] | None = None) -> Trial:
    """Read a file with a map as an import would, and keep nothing.

    Raises
    ------
    ForgecastError
        If the map itself is wrong.
    """
    entries = map_from(tomllib.loads(map_text), "map").for_file(path.name)
    rows: dict[str, int] = {}
    findings: list[Finding] = []
    try:
        for entry in entries:
            for piece in take_pieces(path, map=entry, zone=CHINA, progress=progress):
                for taken in piece.rows:
                    rows[taken.record] = rows.get(taken.record, 0) + len(taken)
                if piece.readings:
                    rows[SERIES] = rows.get(SERIES, 0) + sum(len(readings) for readings in piece.readings)
                findings += piece.findings
    except ForgecastError as error:
        return Trial(error=error)
    refused = [finding for finding in findings if finding.severity == Severity.REFUSED]
    of_rows = sum(finding.count for finding in refused if finding.code in _OF_ROWS)
    cells = sum(finding.count for finding in refused if finding.code not in _OF_ROWS)
    return Trial(rows, of_rows, cells, tuple(findings))


def _to_do(table: TableProposal) -> list[Text]:
    where = table.sheet or table.file
    if not table.record:
        return [
            text(
                "{table}: no record is like it. Name one with --record (`forgecast plant fields` lists them), or write "
                "a map by hand",
                table=where,
            )
        ]
    lines = [
        text(
            "{table}: every row needs `{field}`, and no column was found for it; give it with --set {field}=VALUE",
            table=where,
            field=name,
        )
        for name in table.missing
    ]
    lines += _open_units(table)
    lines += [line for column in table.columns for line in _column_to_do(column)]
    if table.day_open:
        lines.append(text("{table}: nothing in the dates shows which part is the day; say it in the map", table=where))
    if table.wide is not None and table.wide.unread:
        lines.append(text("{table}: say in the map which rows hold nominal values and limits", table=where))
    return lines


def _open_units(table: TableProposal) -> list[Text]:
    """Return one line for the columns that may be in the same units."""
    grouped: dict[str, list[str]] = {}
    for column in table.columns:
        if column.chosen is not None and column.unit_open:
            grouped.setdefault(" / ".join(column.chosen.units), []).append(column.key)
    lines = [
        text('no unit is told for {columns}; plausible are {units}. Say it with --unit "{first}=UNIT"',
             columns=", ".join(keys), units=units, first=keys[0])
        for units, keys in grouped.items()
    ]  # fmt: skip
    bare = [c.key for c in table.columns if c.role in {Role.TAG, Role.DIMENSION} and c.unit is None]
    if bare:
        lines.append(
            text('no unit is told for {columns}. Say it with --unit "{first}=UNIT"',
                 columns=", ".join(bare), first=bare[0])
        )  # fmt: skip
    return lines


def _column_to_do(column: ColumnProposal) -> list[Text]:
    lines = []
    if column.open_words:
        words = ", ".join(column.open_words[:8])
        lines.append(text("{column}: say in the map what these mean: {words}", column=column.key, words=words))
    if column.names_things and column.odd:
        words = ", ".join(column.odd)
        lines.append(
            text(
                "{column}: {words} look unlike the others; if their rows are no pieces, see `leave_out` in the map",
                column=column.key,
                words=words,
            )
        )
    if column.role is Role.FIELD and not column.is_taken and not (column.unit_open or column.words_open):
        assert column.chosen is not None  # noqa: S101  (a column that feeds a field has one)
        lines.append(text('{column}: perhaps `{field}`; if so, say --column "{column}={field}"',
                          column=column.key, field=column.chosen.field))  # fmt: skip
    return lines


def _table_json(table: TableProposal) -> dict[str, object]:
    return {
        "sheet": table.sheet,
        "header_row": table.header_row,
        "first_row": table.first_row,
        "record": table.record,
        "records": [{"record": name, "score": score} for name, score in table.ranked],
        "missing": list(table.missing),
        "constants": dict(table.constants),
        "day_first": table.day_first,
        "columns": [_column_json(column) for column in table.columns],
    }


def _column_json(column: ColumnProposal) -> dict[str, object]:
    chosen = column.chosen
    return {
        "column": column.key,
        "samples": list(column.samples),
        "role": str(column.role),
        "field": None if chosen is None else chosen.field,
        "confidence": str(column.confidence),
        "score": None if chosen is None else round(chosen.score, 3),
        "unit": column.unit,
        "units": [] if chosen is None or column.unit is not None else list(chosen.units),
        "taken": column.is_taken or column.role in {Role.DIMENSION, Role.TAG, Role.TIME},
        "reasons": [] if chosen is None else [reason.as_json() for reason in chosen.reasons],
        "facts": [fact.as_json() for fact in column.facts],
        "otherwise": [{"field": one.field, "score": round(one.score, 3)} for one in column.others[:3]],
        "missing_values": [{"value": value, "count": count} for value, count in column.stand_ins],
        "values": dict(column.translation),
        "open_values": list(column.open_words[:50]),
        "made_of": list(column.parts),
    }
