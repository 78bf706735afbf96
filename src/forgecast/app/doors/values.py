"""Values of records as answers carry them: times as ISO 8601 UTC, days as ISO days, numbers that are none as null."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from forgecast.app.doors.door import Words
from forgecast.plant.record import Field as RecordField
from forgecast.plant.record import Record
from forgecast.plant.rows import Value
from forgecast.store.records import StoredRow


class FindingPlace(BaseModel):
    """Where a finding sits."""

    file: str
    row: int | None
    last_row: int | None
    column: str


class FindingTold(BaseModel):
    """One defect in data: where, what was seen, why it is doubtful, what to do."""

    code: str
    severity: str
    place: FindingPlace
    value: str
    reason: Words
    repair: Words
    count: int


class ErrorTold(BaseModel):
    """Why something was refused."""

    code: str
    what: Words
    where: str
    repair: Words
    findings: list[FindingTold]


#: A day that a plant can speak of; calendars end beyond.
PlantDay = Annotated[date, Field(ge=date(1970, 1, 2), le=date(2200, 1, 1))]


def moment_at(at: object) -> str | None:
    """Return an instant in microseconds UTC as ISO 8601, with a fraction only where it has one; None for none."""
    if not isinstance(at, int) or isinstance(at, bool):
        return None
    whole = datetime.fromtimestamp(at // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{at % 1_000_000:06d}Z" if at % 1_000_000 else f"{whole}Z"


def known(value: object) -> float | None:
    """Return a number; None where it is missing, NaN or infinite."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def plain_value(field: RecordField | None, value: Value) -> str | float | int | bool | None:
    """Return a value of a field as JSON holds it."""
    if field is not None and field.kind == "time":
        return moment_at(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return known(value)
    return value


def plain_values(kind: Record, values: Mapping[str, Value]) -> dict[str, str | float | int | bool | None]:
    """Return the values of a row by field."""
    return {field.name: plain_value(field, values.get(field.name)) for field in kind.fields}


def row_key(kind: Record, row: StoredRow) -> list[str]:
    """Return the key of a row as text, as `plant/row` is asked for it."""
    return [str(plain_value(kind.field(name), row[name])) for name in kind.key]


def told(values: Sequence[StoredRow], kind: Record) -> list[dict[str, object]]:
    """Return rows with their keys and the places they came from."""
    return [
        {"key": row_key(kind, row), "values": plain_values(kind, row.values), "file": row.file, "row": row.row or None}
        for row in values
    ]
