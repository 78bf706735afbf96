"""The parts that events are built from: times with their offset, quantities, sensor readings, our own rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final, TypeAlias

from forgecast.gateway.epcis.vocabulary import CELSIUS, KILOGRAM, PREFIX, RECORD
from forgecast.ground.dates import from_us
from forgecast.plant.record import record
from forgecast.plant.rows import Value

Row: TypeAlias = "Mapping[str, Value]"
Event: TypeAlias = "dict[str, Any]"

#: What a plant does not tell others even in its own fields.
WITHHELD: Final = frozenset(("price_per_t",))


def moment(t: int, zone: str) -> str:
    """Return an instant in microseconds UTC as ISO 8601 with the offset of a zone."""
    return from_us(t, zone).isoformat()


def when(t: int, zone: str) -> dict[str, str]:
    """Return ``eventTime`` and ``eventTimeZoneOffset`` of an instant in microseconds UTC."""
    said = moment(t, zone)
    return {"eventTime": said, "eventTimeZoneOffset": said[-6:]}


def quantity(uri: str, amount: float | None, uom: str = "") -> dict[str, object]:
    """Return a quantity of a class; without ``quantity`` where it is not known, without ``uom`` for a count."""
    made: dict[str, object] = {"epcClass": uri}
    if amount is not None:
        made["quantity"] = int(amount) if float(amount).is_integer() else amount
        if uom:
            made["uom"] = uom
    return made


def kilograms(uri: str, mass: Value) -> dict[str, object]:
    """Return a quantity in kilograms, or of unknown amount where `mass` is not known."""
    return quantity(uri, float(mass) if isinstance(mass, int | float) else None, KILOGRAM)


def temperature(value: Value, t: int, zone: str) -> list[dict[str, object]]:
    """Return a reading of a temperature in degrees Celsius as a list of sensor elements; empty where not known."""
    if not isinstance(value, int | float):
        return []
    report = {"type": "Temperature", "value": value, "uom": CELSIUS}
    return [{"sensorMetadata": {"time": moment(t, zone)}, "sensorReport": [report]}]


def own_row(name: str, row: Row, zone: str) -> dict[str, object]:
    """Return a row of a record in our own namespace: its known fields, in the units of the record.

    Parameters
    ----------
    name : str
        Record.
    row : Row
    zone : str
        In which times are written.
    """
    made: dict[str, object] = {RECORD: name}
    for field in record(name).fields:
        value = row.get(field.name)
        if value is None or field.name in WITHHELD:
            continue
        if field.kind == "time" and isinstance(value, int):
            value = moment(value, zone)
        made[f"{PREFIX}:{field.name}"] = value.isoformat() if isinstance(value, date) else value
    return made


def filled(event: Mapping[str, object]) -> Event:
    """Return an event without the fields that hold nothing."""
    return {name: value for name, value in event.items() if value not in (None, "", [], {})}


def merged(parts: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    """Return quantities with those of one class added up; unknown and known ones of a class stay apart."""
    made: dict[tuple[object, object, bool], dict[str, object]] = {}
    for part in parts:
        key = (part["epcClass"], part.get("uom"), "quantity" in part)
        if key in made and "quantity" in part:
            total = float(str(made[key]["quantity"])) + float(str(part["quantity"]))
            made[key]["quantity"] = int(total) if total.is_integer() else total
        made.setdefault(key, dict(part))
    return list(made.values())
