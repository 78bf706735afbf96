"""Reads a plant's records: rows with the place they came from, columns as arrays, imports and their findings."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.engine import Connection, Engine

from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Finding, Place, Severity, file_and_sheet
from forgecast.ground.texts import text, unpacked
from forgecast.plant.record import Field, record, records
from forgecast.plant.rows import Value
from forgecast.store.database import reading
from forgecast.store.tables import table


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row of a record and the place it was imported from.

    Parameters
    ----------
    values : mapping of field name to Value
        All fields of the record; None where not known.
    file : str
        Name of the imported file; with ``!sheet`` behind it for a sheet of a workbook.
    row : int
        Row in that file, as a spreadsheet shows it; 0 where it stands in the headers or the map of the file.
    """

    values: Mapping[str, Value]
    file: str
    row: int

    def __getitem__(self, name: str) -> Value:
        return self.values[name]

    def place(self, column: str = "") -> str:
        """Return ``file:row:column``, the form in which facts name their origin."""
        return str(Place(self.file, self.row or None, None, column))


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """A file that was taken in.

    Parameters
    ----------
    id : int
        Number of the import.
    name : str
        File name without folders.
    sha256 : str
        Of its bytes.
    map_sha256 : str
        Of the text of the map it was read with; empty where there was none.
    imported_at : int
        Microseconds UTC.
    fed : tuple of str
        Records it fed; ``series`` for readings.
    counts : mapping of str to int
        By the names of `forgecast.store.tables.COUNTS`.
    superseded_by : int or None
        A later import of the same path that covers all this one gave.
    """

    id: int
    name: str
    sha256: str
    map_sha256: str
    imported_at: int
    fed: tuple[str, ...]
    counts: Mapping[str, int]
    superseded_by: int | None


class Records:
    """The records of a plant; every call sees one state of them.

    Parameters
    ----------
    database : Engine
    where : str
        What to call the database in an error.
    """

    def __init__(self, database: Engine, where: str) -> None:
        self._database = database
        self._where = where

    def read(self, name: str, /, **where: Value | Sequence[Value]) -> tuple[StoredRow, ...]:
        """Return the rows of a record in the order of its key.

        Parameters
        ----------
        name : str
            Name of the record.
        **where : Value or sequence of Value
            By field: the value it must have, or one of several.

        Raises
        ------
        ForgecastError
            If there is no such record or field.
        """
        fields = _asked(name, tuple(where))[0]
        t, origin = table(name), table("import_file")
        query = (
            sa.select(
                *(t.c[field.name] for field in fields),
                origin.c.name.label("import_name"),
                t.c.source_sheet,
                t.c.source_row,
            )
            .join_from(t, origin, t.c.import_id == origin.c.id)
            .where(*_conditions(t, where))
            .order_by(*(t.c[key] for key in record(name).key))
        )
        names = [field.name for field in fields]
        with reading(self._database, self._where) as connection:
            return tuple(
                StoredRow(dict(zip(names, values, strict=True)), file_and_sheet(file, sheet), number)
                for *values, file, sheet, number in connection.execute(query)
            )

    def columns(
        self, name: str, fields: Sequence[str], /, **where: Value | Sequence[Value]
    ) -> dict[str, NDArray[np.generic]]:
        """Return fields of a record as arrays, in the order of its key: for records of many rows.

        Parameters
        ----------
        name : str
        fields : sequence of str
        **where
            As in `read`.

        Returns
        -------
        dict of str to (n,) array
            Quantities float64 with NaN where not known; `time` int64 microseconds UTC and `integer` int64 where all
            are known, else float64 with NaN; `flag`, `date`, text, `code` and `month` as objects with None.

        Raises
        ------
        ForgecastError
            If there is no such record or field.
        """
        asked = _asked(name, (*fields, *where))[1]
        t = table(name)
        query = (
            sa.select(*(t.c[field] for field in fields))
            .where(*_conditions(t, where))
            .order_by(*(t.c[key] for key in record(name).key))
        )
        with reading(self._database, self._where) as connection:
            rows = connection.execute(query).all()
        listed: list[tuple[Value, ...]] = list(zip(*rows, strict=True)) if rows else [()] * len(fields)
        return {field: _array(asked[field], values) for field, values in zip(fields, listed, strict=True)}

    def count(self, name: str) -> int:
        """Return how many rows a record has."""
        record(name)
        with reading(self._database, self._where) as connection:
            return int(connection.execute(sa.select(sa.func.count()).select_from(table(name))).scalar_one())

    def last(self, name: str, field: str) -> Value:
        """Return the greatest value of a field, None where no row has one.

        Raises
        ------
        ForgecastError
            If there is no such record or field.
        """
        return self.lasts([(name, field)])[0]

    def lasts(self, fields: Sequence[tuple[str, str]]) -> tuple[Value, ...]:
        """Return the greatest value of each of some fields, given as record and field, as of one moment.

        Raises
        ------
        ForgecastError
            If there is no such record or field.
        """
        for name, field in fields:
            _asked(name, (field,))
        with reading(self._database, self._where) as connection:
            greatest = (sa.select(sa.func.max(table(name).c[field])) for name, field in fields)
            return tuple(connection.execute(one).scalar_one() for one in greatest)

    def filled(self) -> frozenset[str]:
        """Return the names of the records that have a row."""
        with reading(self._database, self._where) as connection:
            return frozenset(
                name for name in records() if connection.execute(sa.select(table(name).c.import_id).limit(1)).first()
            )

    def imports(self) -> tuple[ImportedFile, ...]:
        """Return the files taken in, oldest first."""
        with reading(self._database, self._where) as connection:
            return tuple(imported_files(connection))

    def findings(self) -> tuple[Finding, ...]:
        """Return the findings of all imports, oldest first, without those of imports that a later one supersedes."""
        t, origin = table("finding"), table("import_file")
        query = (
            sa.select(t)
            .join_from(t, origin, t.c.import_id == origin.c.id)
            .where(origin.c.superseded_by.is_(None))
            .order_by(t.c.id)
        )
        with reading(self._database, self._where) as connection:
            return tuple(as_finding(row) for row in connection.execute(query).mappings())

    def dangling_references(self) -> tuple[Finding, ...]:
        """Return a finding for each field that names things the plant has no record of.

        They are looked for when a plant is assessed, not at the import: files may come in any order.
        """
        found: list[Finding] = []
        with reading(self._database, self._where) as connection:
            for kind in records().values():
                for field in kind.fields:
                    if field.refers:
                        found += _dangling(connection, kind.name, field)
        return tuple(found)


def imported_files(connection: Connection) -> Iterator[ImportedFile]:
    """Yield the files taken in, oldest first."""
    t = table("import_file")
    for row in connection.execute(sa.select(t).order_by(t.c.id)).mappings():
        yield ImportedFile(
            row["id"],
            row["name"],
            row["sha256"],
            row["map_sha256"],
            row["imported_at"],
            tuple(filter(None, row["fed"].split(","))),
            {name: row[name] for name in row if name.startswith(("rows_", "readings_"))},
            row["superseded_by"],
        )


def insert_findings(connection: Connection, import_id: int, findings: Sequence[Finding]) -> None:
    """Keep findings with the import they belong to."""
    if findings:
        connection.execute(
            sa.insert(table("finding")),
            [
                {
                    "import_id": import_id,
                    "code": finding.code,
                    "severity": str(finding.severity),
                    "file": finding.place.file,
                    "first_row": finding.place.row,
                    "last_row": finding.place.last_row,
                    "column_name": finding.place.column,
                    "value": finding.value,
                    "reason": json.dumps(finding.reason.packed(), ensure_ascii=False),
                    "repair": json.dumps(finding.repair.packed(), ensure_ascii=False),
                    "count": finding.count,
                }
                for finding in findings
            ],
        )


def as_finding(row: sa.RowMapping) -> Finding:
    """Return a kept finding as a value."""
    return Finding(
        row["code"],
        Severity(row["severity"]),
        Place(row["file"], row["first_row"], row["last_row"], row["column_name"]),
        row["value"],
        unpacked(json.loads(row["reason"])),
        unpacked(json.loads(row["repair"])),
        row["count"],
    )


def _asked(name: str, names: Sequence[str]) -> tuple[tuple[Field, ...], dict[str, Field]]:
    kind = record(name)
    by_name = {field.name: field for field in kind.fields}
    for asked in names:
        if asked not in by_name:
            raise ForgecastError(
                text("the record {record} has no field {name}", record=name, name=asked),
                repair=text("use one of: {names}", names=", ".join(by_name)),
            )
    return kind.fields, by_name


def _conditions(t: sa.Table, where: Mapping[str, Value | Sequence[Value]]) -> list[sa.ColumnElement[bool]]:
    made: list[sa.ColumnElement[bool]] = []
    for name, value in where.items():
        if value is None or isinstance(value, str | int | float | bool | date):
            made.append(t.c[name].is_(None) if value is None else t.c[name] == value)
        else:
            made.append(t.c[name].in_(value))
    return made


def _array(field: Field, values: Sequence[Value]) -> NDArray[np.generic]:
    if field.is_number or (field.kind in {"time", "integer"} and None in values):
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    if field.kind in {"time", "integer"}:
        return np.array(values, dtype=np.int64)
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


def _dangling(connection: Connection, name: str, field: Field) -> Iterator[Finding]:
    t, origin, meant = table(name), table("import_file"), table(field.refers).alias("meant")
    key = record(field.refers).key[0]
    known = sa.select(sa.literal(1)).where(meant.c[key] == t.c[field.name]).correlate(t).exists()
    rows = connection.execute(
        sa.select(t.c[field.name], origin.c.name, t.c.source_sheet, t.c.source_row)
        .join_from(t, origin, t.c.import_id == origin.c.id)
        .where(t.c[field.name].is_not(None), ~known)
        .order_by(origin.c.id, t.c.source_sheet, t.c.source_row)
    )
    seen: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for value, file, sheet, row in rows:
        seen[file_and_sheet(file, sheet), value].append(row)
    for (file, value), places in seen.items():
        yield Finding(
            "dangling-reference",
            Severity.DOUBTFUL,
            Place(file, places[0], places[-1], field.name),
            value,
            text(
                "`{field}` names {value}, and the record {refers} has no such row",
                field=field.header,
                value=value,
                refers=record(field.refers).title,
            ),
            text(
                "import a row for {value} into {refers}, or correct the name",
                value=value,
                refers=record(field.refers).title,
            ),
            len(places),
        )
