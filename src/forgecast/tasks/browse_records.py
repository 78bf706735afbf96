"""Browse a plant's records: rows that answer written conditions, in pages; and what each record holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, cast

from forgecast.gateway.header import nearest
from forgecast.ground.dates import day_start_us, to_us, zone
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.plant.record import Field, Record, record
from forgecast.plant.rows import Value
from forgecast.store.browse import Condition, Sign
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.records import StoredRow

_CONDITION: Final = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*(!=|<=|>=|=|~)\s*(.*?)\s*", re.DOTALL)
#: Longest whole number that every database keeps, and the years that a plant can speak of.
_DIGITS, _YEARS = 15, (1900, 2200)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Browsed:
    """Some rows of a record.

    Parameters
    ----------
    record : Record
    rows : tuple of StoredRow
    total : int
        Rows that answer the conditions in all.
    next : str
        Where to go on (`after`); empty at the end.
    """

    record: Record
    rows: tuple[StoredRow, ...]
    total: int
    next: str


def browse_records(
    plant: PlantFolder,
    name: str,
    where: Sequence[str] = (),
    *,
    words: str = "",
    sort: str = "",
    after: str = "",
    limit: int = 100,
) -> Browsed:
    """Return some rows of a record.

    Parameters
    ----------
    plant : PlantFolder
    name : str
        Record.
    where : sequence of str
        Conditions that all have to hold: a field, one of ``= != <= >= ~``, a value in the field's own unit; ``~`` asks
        for words within it, an empty value for one that is missing. Times are plant-local days or instants.
    words : str
        Words that one of the text fields has to hold.
    sort : str
        Field to order by, a minus before it for descending; empty for the key.
    after : str
        `next` of the page before; empty for the first.
    limit : int

    Raises
    ------
    ForgecastError
        If there is no such record or field, or a condition cannot be read.
    """
    kind = record(name)
    conditions = [one for written in where for one in _conditions(kind, written, plant.settings.zone)]
    descending, by = sort.startswith("-"), sort.removeprefix("-")
    if by:
        _field(kind, by)
    if after and not (after.isdecimal() and len(after) <= _DIGITS):
        raise ForgecastError(
            text("{value} is no place to go on from", value=after), repair=text("give `next` of the page before")
        )
    skip = int(after or 0)
    found = plant.browse(
        name, conditions, words=words.strip(), sort=by, descending=descending, skip=skip, limit=limit
    )  # fmt: skip
    end = skip + len(found.rows)
    return Browsed(kind, found.rows, found.total, str(end) if end < found.total else "")


def _field(kind: Record, name: str) -> Field:
    for field in kind.fields:
        if field.name == name:
            return field
    names = [field.name for field in kind.fields]
    raise ForgecastError(
        text("the record {record} has no field {name}", record=kind.name, name=name),
        repair=text("use one of: {names}", names=", ".join(nearest(name, names) or names)),
    )


def _conditions(kind: Record, written: str, zone_name: str) -> list[Condition]:
    found = _CONDITION.fullmatch(written)
    if found is None:
        raise ForgecastError(
            text("{written} is no condition", written=written),
            repair=text("write a field, one of = != <= >= ~ and a value, such as furnace=IF-2 or mass>=900"),
        )
    field, sign, value = _field(kind, found[1]), cast("Sign", found[2]), found[3]
    if sign == "~":
        return [Condition(field.name, sign, value)]
    if value == "" and sign in {"=", "!="}:
        return [Condition(field.name, sign, None)]
    if field.kind == "time":
        return _of_time(field, sign, value, zone_name)
    return [Condition(field.name, sign, _value(field, value))]


def _of_time(field: Field, sign: Sign, value: str, zone_name: str) -> list[Condition]:
    """Return what a time is asked to be; a day alone means the whole of it."""
    try:
        moment = datetime.fromisoformat(value)
        if not _YEARS[0] <= moment.year <= _YEARS[1]:
            raise _wrong(field, value, "2025-03-04")
    except ValueError:
        raise _wrong(field, value, "2025-03-04") from None
    if not _DAY.fullmatch(value):
        at = to_us(moment if moment.tzinfo is not None else moment.replace(tzinfo=zone(zone_name)))
        return [Condition(field.name, sign, at)]
    start = day_start_us(moment.date(), zone_name)
    end = day_start_us(moment.date() + timedelta(days=1), zone_name) - 1
    if sign == "=":
        return [Condition(field.name, ">=", start), Condition(field.name, "<=", end)]
    if sign == "!=":
        raise ForgecastError(
            text("`{field}` cannot be asked to lie outside of a day", field=field.name),
            repair=text("use >= and <= with days"),
        )
    return [Condition(field.name, sign, end if sign == "<=" else start)]


def _value(field: Field, value: str) -> Value:
    """Return a written value as the field keeps it."""
    try:
        if field.is_number:
            return float(value)
        if field.kind == "integer" and len(value) <= _DIGITS:
            return int(value)
        if field.kind == "date":
            return date.fromisoformat(value)
        if field.kind == "flag":
            return {"true": True, "false": False}[value.lower()]
        if field.kind == "integer":
            raise _wrong(field, value, "12")
    except (ValueError, KeyError):
        raise _wrong(field, value, _EXAMPLES.get(field.kind, "12.5")) from None
    return value


_EXAMPLES: Final = {"integer": "12", "date": "2025-03-04", "flag": "true"}


def _wrong(field: Field, value: str, example: str) -> ForgecastError:
    return ForgecastError(
        text("{value} is no value of `{field}`", value=value, field=field.name),
        repair=text("write it as {example}", example=example),
    )
