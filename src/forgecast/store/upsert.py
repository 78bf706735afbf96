"""Puts rows into a record by their natural key: new ones in, changed ones over the old, equal ones left alone."""

from __future__ import annotations

import hashlib
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
from forgecast.store.tables import table

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
    changed_rows : list of int
        Their rows in the file.
    kept_rows : int
        Changed rows that keep a value for which the file has no column.
    met : Counter of int
        By earlier import: how many of the rows it gave are given again here.
    findings : list of Finding
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    changed_rows: list[int] = field(default_factory=list)
    kept_rows: int = 0
    met: Counter[int] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)


def put_rows(
    connection: Connection, import_id: int, file: str, rows: RecordRows, *, only_known: bool = False
) -> Upsert:
    """Put the rows of a file into their record.

    A field for which the file has no column keeps the value it had: the file says nothing about it. An empty cell
    does say that the value is not known, and takes the old value away.

    Parameters
    ----------
    connection : Connection
        Of the one writer.
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
    for low in range(0, len(keys), _CHUNK):
        chunk = keys[low : low + _CHUNK]
        there = _there(connection, kind, asked, chunk)
        inserts, updates = [], []
        for key in chunk:
            index = last[key]
            old = there.get(key)
            values = _values(kind, rows, index, {} if old is None else old, only_known=only_known)
            row_hash = _row_hash(kind.fields, values)
            place = int(rows.row_numbers[index])
            origin = {"import_id": import_id, "source_sheet": rows.sheet, "source_row": place}
            row = {**values, **origin, "row_hash": row_hash}
            if old is None:
                inserts.append(row)
                continue
            done.met[old["import_id"]] += 1
            if old["row_hash"] == row_hash:
                done.same += 1
                continue
            updates.append({f"key_{name}": value for name, value in zip(kind.key, key, strict=True)} | row)
            done.changed_rows.append(place)
            done.kept_rows += any(old[f.name] is not None for f in kept)
        _write(connection, kind, inserts, updates)
        done.new += len(inserts)
        done.changed += len(updates)
    _tell(kind, file, kept, done)
    return done


def _last_of_each_key(kind: Record, rows: RecordRows, file: str, done: Upsert) -> dict[Key, int]:
    by_name = {f.name: f for f in kind.fields}
    columns = [[_plain(by_name[name], value) for value in rows.columns[name]] for name in kind.key]
    last: dict[Key, int] = {}
    repeated: list[int] = []
    for index, key in enumerate(zip(*columns, strict=True)):
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


def _there(
    connection: Connection, kind: Record, kept: Sequence[Field], keys: Sequence[Key]
) -> dict[Key, Mapping[str, Any]]:
    t = table(kind.name)
    columns = [t.c[name] for name in kind.key]
    same_key = columns[0].in_([key[0] for key in keys]) if len(columns) == 1 else sa.tuple_(*columns).in_(keys)
    names = dict.fromkeys((*kind.key, "row_hash", "import_id", *(f.name for f in kept)))
    found = connection.execute(sa.select(*(t.c[name] for name in names)).where(same_key)).mappings()
    return {tuple(row[name] for name in kind.key): dict(row) for row in found}


def _values(
    kind: Record, rows: RecordRows, index: int, old: Mapping[str, Any], *, only_known: bool
) -> dict[str, Value]:
    told = {f.name: _plain(f, rows.columns[f.name][index]) for f in kind.fields if f.name in rows.columns}
    if only_known:
        told = {name: value for name, value in told.items() if value is not None}
    return {f.name: told[f.name] if f.name in told else old.get(f.name) for f in kind.fields}


def _plain(f: Field, value: Value) -> Value:
    """Return the value in the one form in which it is stored and hashed (5 and 5.0 are one mass)."""
    if value is None:
        return None
    if f.is_number:
        return float(value)  # type: ignore[arg-type]
    if f.kind in {"integer", "time"}:
        return int(value)  # type: ignore[arg-type]
    return bool(value) if f.kind == "flag" else value


def _row_hash(fields: Sequence[Field], values: Mapping[str, Value]) -> str:
    # By name, and without the fields that are not known: a field added later leaves the hash of an older row as it is.
    told = "\x1f".join(f"{f.name}={values[f.name]!r}" for f in fields if values[f.name] is not None)
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _write(
    connection: Connection, kind: Record, inserts: Sequence[dict[str, Any]], updates: Sequence[dict[str, Any]]
) -> None:
    t = table(kind.name)
    if inserts:
        connection.execute(sa.insert(t), inserts)
    if updates:
        same_key = [t.c[name] == sa.bindparam(f"key_{name}") for name in kind.key]
        rest = [column.name for column in t.columns if column.name not in kind.key]
        connection.execute(
            sa.update(t).where(*same_key).values({name: sa.bindparam(f"new_{name}") for name in rest}),
            [
                {f"key_{name}": row[f"key_{name}"] for name in kind.key} | {f"new_{name}": row[name] for name in rest}
                for row in updates
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
