"""Puts rows into a record by their natural key: new ones in, changed ones over the old, equal ones left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from forgecast.ground.finding import Finding, Place, Severity, file_and_sheet
from forgecast.ground.texts import text
from forgecast.plant.record import Field, Record, record
from forgecast.plant.rows import RecordRows, Value
from forgecast.store.audit import Changed, Trail, packed_before
from forgecast.store.packing import plain, plain_column, row_hash
from forgecast.store.tables import PROVENANCE, table

Key: TypeAlias = "tuple[Value, ...]"
#: Keys looked up at once; SQLite takes 32 766 values in a statement.
_CHUNK = 1_000


@dataclass(slots=True)
class Upsert:
    """What putting rows in has done.

    Parameters
    ----------
    new, changed, same : int
        Rows by what they did; a row that a later one of the same file replaces counts as `same`.
    refused : int
        Rows that were left out before, because they are impossible moves.
    changed_rows : list of int
        Their rows in the file.
    kept_rows : int
        Changed rows that keep a value for which the file has no column.
    met : Counter of int
        By earlier import: how many of the rows it gave are given again here.
    new_keys, changed_keys : list of tuple
        Keys of the rows that were written.
    findings : list of Finding
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    refused: int = 0
    changed_rows: list[int] = field(default_factory=list)
    kept_rows: int = 0
    met: Counter[int] = field(default_factory=Counter)
    new_keys: list[Key] = field(default_factory=list)
    changed_keys: list[Key] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def put_rows(
    connection: Connection, trail: Trail, import_id: int, file: str, rows: RecordRows, *, only_known: bool = False
) -> Upsert:
    """Put the rows of a file into their record.

    A field for which the file has no column keeps the value it had: the file says nothing about it. An empty cell
    does say that the value is not known, and takes the old value away.

    Parameters
    ----------
    connection : Connection
        Of the one writer.
    trail : Trail
        Is told every row that is written.
    import_id : int
    file : str
        Name for findings.
    rows : RecordRows
    only_known : bool
        Whether an empty cell says nothing either (descriptions gathered from headers and maps).

    Returns
    -------
    Upsert
    """
    kind = record(rows.record)
    done = Upsert()
    file = file_and_sheet(file, rows.sheet)
    last = _last_of_each_key(kind, rows, file, done)
    keys = list(last)
    kept = [f for f in kind.fields if f.name not in rows.columns]
    asked = [f for f in kind.fields if only_known or f.name not in rows.columns]
    cells = _Cells(kind, rows, only_known=only_known)
    for low in range(0, len(keys), _CHUNK):
        chunk = keys[low : low + _CHUNK]
        there = rows_there(connection, kind, chunk, asked)
        inserts, updates = {}, {}
        for key in chunk:
            index = last[key]
            old = there.get(key)
            values = cells.of(index, old)
            hashed = row_hash(values)
            place = int(rows.row_numbers[index])
            origin = {"import_id": import_id, "source_sheet": rows.sheet, "source_row": place}
            row = {**values, **origin, "row_hash": hashed}
            if old is None:
                inserts[key] = row
                continue
            done.met[old["import_id"]] += 1
            if old["row_hash"] == hashed:
                done.same += 1
                continue
            updates[key] = row
            done.changed_rows.append(place)
            done.kept_rows += any(old[f.name] is not None for f in kept)
        _record(connection, trail, kind, inserts, updates)
        _write(connection, kind, inserts, updates)
        done.new_keys += inserts
        done.changed_keys += updates
    done.new, done.changed = len(done.new_keys), len(done.changed_keys)
    _tell(kind, file, kept, done)
    return done


def _last_of_each_key(kind: Record, rows: RecordRows, file: str, done: Upsert) -> dict[Key, int]:
    last: dict[Key, int] = {}
    repeated: list[int] = []
    for index, key in enumerate(keys_of(kind, rows)):
        if key in last:
            repeated.append(last[key])
        last[key] = index
    if repeated:
        done.same += len(repeated)
        numbers = sorted(int(rows.row_numbers[index]) for index in repeated)
        done.findings.append(
            Finding(
                "repeated-key",
                Severity.DOUBTFUL,
                Place(file, numbers[0], numbers[-1], ", ".join(kind.key)),
                ", ".join(str(rows.columns[name][repeated[0]]) for name in kind.key),
                text(
                    "{count} rows of {record} have the key of a later row of the same file; the last one was taken",
                    count=len(repeated),
                    record=kind.title,
                ),
                text("keep one row for each key, or give each its own number"),
                len(repeated),
            )
        )
    return last


def keys_of(kind: Record, rows: RecordRows) -> list[Key]:
    """Return the key of each row, in the form in which it is stored."""
    columns = [[plain(kind.field(name), value) for value in rows.columns[name]] for name in kind.key]
    return list(zip(*columns, strict=True))


def rows_there(
    connection: Connection,
    kind: Record,
    keys: Sequence[Key],
    fields: Sequence[Field] = (),
    more: Sequence[str] = ("row_hash", "import_id"),
) -> dict[Key, Mapping[str, Any]]:
    """Return those of some rows that are stored, by key: key, asked fields, and `more` columns."""
    t = table(kind.name)
    columns = [t.c[name] for name in kind.key]
    names = dict.fromkeys((*kind.key, *more, *(f.name for f in fields)))
    there: dict[Key, Mapping[str, Any]] = {}
    for low in range(0, len(keys), _CHUNK):
        chunk = keys[low : low + _CHUNK]
        same_key = columns[0].in_([key[0] for key in chunk]) if len(columns) == 1 else sa.tuple_(*columns).in_(chunk)
        found = connection.execute(sa.select(*(t.c[name] for name in names)).where(same_key)).mappings()
        there |= {tuple(row[name] for name in kind.key): dict(row) for row in found}
    return there


class _Cells:
    """The cells of the rows as they are stored, row by row."""

    def __init__(self, kind: Record, rows: RecordRows, *, only_known: bool) -> None:
        self._names = [f.name for f in kind.fields]
        self._absent = [name for name in self._names if name not in rows.columns]
        self._only_known = only_known
        nothing: list[Value] = [None] * len(rows)
        columns = (plain_column(f, rows.columns[f.name]) if f.name in rows.columns else nothing for f in kind.fields)
        self._rows = list(zip(*columns, strict=True))

    def of(self, index: int, old: Mapping[str, Any] | None) -> dict[str, Value]:
        """Return all values a row has then: what is not told is taken from what is stored."""
        values = dict(zip(self._names, self._rows[index], strict=True))
        if old is not None:
            kept = [name for name, value in values.items() if value is None] if self._only_known else self._absent
            for name in kept:
                values[name] = old[name]
        return values


def _record(
    connection: Connection,
    trail: Trail,
    kind: Record,
    inserts: Mapping[Key, Mapping[str, Any]],
    updates: Mapping[Key, Mapping[str, Any]],
) -> None:
    """Tell the trail what is about to be written, and what stood there."""
    before = {}
    if updates:
        there = rows_there(connection, kind, list(updates), kind.fields, PROVENANCE)
        before = {key: packed_before(kind, row) for key, row in there.items()}
    sheet = next((str(row["source_sheet"]) for row in (*inserts.values(), *updates.values())), "")
    trail.add(
        kind.name,
        sheet,
        [
            Changed(key, row["import_id"], row["source_row"], row["row_hash"], before.get(key))
            for key, row in (*inserts.items(), *updates.items())
        ],
    )


def _write(
    connection: Connection,
    kind: Record,
    inserts: Mapping[Key, Mapping[str, Any]],
    updates: Mapping[Key, Mapping[str, Any]],
) -> None:
    t = table(kind.name)
    if inserts:
        connection.execute(sa.insert(t), list(inserts.values()))
    if updates:
        same_key = [t.c[name] == sa.bindparam(f"key_{name}") for name in kind.key]
        rest = [column.name for column in t.columns if column.name not in kind.key]
        connection.execute(
            sa.update(t).where(*same_key).values({name: sa.bindparam(f"new_{name}") for name in rest}),
            [
                {f"key_{name}": value for name, value in zip(kind.key, key, strict=True)}
                | {f"new_{name}": row[name] for name in rest}
                for key, row in updates.items()
            ],
        )


def _tell(kind: Record, file: str, kept: Sequence[Field], done: Upsert) -> None:
    if not done.changed_rows:
        return
    count = len(done.changed_rows)
    # Row 0: it stands in no row of the file, but in its headers or its map.
    place = Place(file, min(done.changed_rows) or None, max(done.changed_rows) or None)
    reason = text(
        "{count} rows of {record} replace what an earlier file said under the same key",
        count=count,
        record=kind.title,
    )
    repair = text("nothing to do if this file is the corrected one; else import the right one again")
    done.findings.append(Finding("rows-changed", Severity.NOTE, place, "", reason, repair, count))
    if done.kept_rows:
        names = ", ".join(f.name for f in kept)
        reason = text(
            "this file has no column for {names}; {count} rows keep the values known before",
            names=names,
            count=done.kept_rows,
        )
        repair = text("nothing to do, unless those values are out of date; then add the columns")
        done.findings.append(Finding("values-kept", Severity.NOTE, place, "", reason, repair, done.kept_rows))
