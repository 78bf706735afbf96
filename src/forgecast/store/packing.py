"""Rows as text: the hash of their values, their key and what they held, as the audit trail keeps them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from forgecast.plant.record import Field
from forgecast.plant.rows import Value

_PACK = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def plain(field: Field, value: Value) -> Value:
    """Return a value in the one form in which it is stored and hashed (5 and 5.0 are one mass)."""
    if value is None:
        return None
    if field.is_number:
        return float(value) + 0.0  # type: ignore[arg-type]  # (a database forgets the sign of zero)
    if field.kind in {"integer", "time"}:
        return int(value)  # type: ignore[arg-type]
    return bool(value) if field.kind == "flag" else value


def plain_column(field: Field, values: Sequence[Value]) -> Sequence[Value]:
    """Return a column as `plain` returns each of its values."""
    if field.is_number:
        return [None if value is None else float(value) + 0.0 for value in values]  # type: ignore[arg-type]
    return [plain(field, value) for value in values] if field.kind in {"integer", "time", "flag"} else values


def row_hash(values: Mapping[str, Value]) -> str:
    """Return the hash of a row's values, in the order of the record's fields.

    By name, and without the fields that are not known: a field added later leaves the hash of an older row as it is.
    """
    told = "\x1f".join([f"{name}={value!r}" for name, value in values.items() if value is not None])
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def packed_key(key: Iterable[Value]) -> str:
    """Return a key as JSON; a day by ISO 8601."""
    return _PACK([value.isoformat() if isinstance(value, date) else value for value in key])


def unpacked_key(packed: str) -> tuple[Value, ...]:
    """Return what `packed_key` was given; a day stays text."""
    return tuple(json.loads(packed))


def packed_row(values: Mapping[str, Value], import_id: int, sheet: str, row: int) -> str:
    """Return a row with its place as JSON, without the fields that are not known."""
    told = {
        name: {"date": value.isoformat()} if isinstance(value, date) else value
        for name, value in values.items()
        if value is not None
    }
    return _PACK({"import_id": import_id, "sheet": sheet, "row": row, "values": told})


def unpacked_row(packed: str) -> tuple[dict[str, Value], int, str, int]:
    """Return values, import, sheet and row that `packed_row` was given."""
    read = json.loads(packed)
    values = {
        name: date.fromisoformat(value["date"]) if isinstance(value, dict) else value
        for name, value in read["values"].items()
    }
    return values, int(read["import_id"]), str(read["sheet"]), int(read["row"])


def packed_text(word: str) -> str:
    """Return a text as JSON, so that nothing in it can be taken for what stands beside it."""
    return _PACK(word)


def packed_words(words: Sequence[str | int]) -> bytes:
    """Return words as bytes to be hashed; two different lists never give the same."""
    return "\x1f".join(str(word) for word in words).encode("utf-8", "surrogatepass") + b"\x1e"
