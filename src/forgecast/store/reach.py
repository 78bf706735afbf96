"""Which shipped pieces a row has to do with: from heats, ladles, moulds and lots forward to shipments."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from forgecast.plant.lifecycle import BEGINS
from forgecast.plant.record import record
from forgecast.store.lives import rows_where
from forgecast.store.tables import table

#: From the narrowest to the widest: what a row is about, where it names several.
_NARROWEST = ("piece", "mould", "ladle", "heat_treatment", "heat", "lot")
_Key = Sequence[Any]
_CHUNK = 1_000


def any_shipped(connection: Connection) -> bool:
    """Whether anything was ever shipped."""
    return connection.execute(sa.select(table("shipment_item").c.piece).limit(1)).first() is not None


def subjects_of(connection: Connection, name: str, keys: Collection[_Key]) -> set[tuple[str, str]]:
    """Return what rows of a record are about, as kinds and numbers; shipments as kind ``shipment``.

    Parameters
    ----------
    connection : Connection
    name : str
        Record.
    keys : collection of keys
    """
    kind = record(name)
    if name in BEGINS and name != "nonconformity":
        return {(name, str(key[0])) for key in keys}
    if name == "disposition":
        found = {(str(key[0]), str(key[1])) for key in keys}
        reports = {("nonconformity", number) for kind, number in found if kind == "nonconformity"}
        return (found - reports) | subjects_of(connection, "nonconformity", [(number,) for _, number in reports])
    if name in {"shipment", "shipment_item"}:
        return {("shipment", str(key[0])) for key in keys}
    columns = {field.refers: field.name for field in kind.fields if field.refers in _NARROWEST}
    if name == "batch_step":
        columns = {"piece": "to_piece"}
    if not columns:
        return set()
    found = set()
    for row in _rows_by_key(connection, name, keys):
        about = next(((one, row[columns[one]]) for one in _NARROWEST if one in columns and row[columns[one]]), None)
        if about is not None:
            found.add((about[0], str(about[1])))
    return found


def _rows_by_key(connection: Connection, name: str, keys: Collection[_Key]) -> Iterable[Mapping[str, Any]]:
    kind, t = record(name), table(name)
    columns = [t.c[field] for field in kind.key]
    listed = list(keys)
    for low in range(0, len(listed), _CHUNK):
        chunk = listed[low : low + _CHUNK]
        same = columns[0].in_([k[0] for k in chunk]) if len(columns) == 1 else sa.tuple_(*columns).in_(chunk)
        yield from (dict(row) for row in connection.execute(sa.select(t).where(same)).mappings())


def shipped_with(connection: Connection, subjects: Collection[tuple[str, str]]) -> dict[str, set[str]]:
    """Return the lines of shipments that subjects have to do with: pieces, and by piece its shipments.

    Parameters
    ----------
    connection : Connection
    subjects : collection of (str, str)
        Kinds and numbers.
    """
    by_kind: dict[str, set[str]] = {}
    for kind, number in subjects:
        by_kind.setdefault(kind, set()).add(number)
    ladles = by_kind.get("ladle", set()) | _ids(connection, "ladle", "heat", by_kind.get("heat"))
    moulds = by_kind.get("mould", set())
    moulds |= _ids(connection, "mould", "heat", by_kind.get("heat")) | _ids(connection, "mould", "ladle", ladles)
    pieces = set(by_kind.get("piece", ()))
    for column, numbers in (("heat", by_kind.get("heat")), ("ladle", ladles), ("mould", moulds)):
        pieces |= _ids(connection, "piece", column, numbers)
    pieces |= _ids(connection, "piece", "lot", by_kind.get("lot"))
    loads = by_kind.get("heat_treatment", set())
    pieces |= {row["piece"] for row in rows_where(connection, "heat_treatment_load", "heat_treatment", loads)}
    new = pieces
    while new:
        new = {row["to_piece"] for row in rows_where(connection, "batch_step", "from_piece", new)} - pieces
        pieces |= new
    lines = list(rows_where(connection, "shipment_item", "piece", pieces))
    lines += rows_where(connection, "shipment_item", "shipment", by_kind.get("shipment", set()))
    found: dict[str, set[str]] = {}
    for line in lines:
        found.setdefault(line["piece"], set()).add(line["shipment"])
    return found


def _ids(connection: Connection, name: str, column: str, values: Collection[str] | None) -> set[str]:
    return {row["id"] for row in rows_where(connection, name, column, values or ())}
