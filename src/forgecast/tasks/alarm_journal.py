"""The alarms of a plant and their journal: read from the records, and written into them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.plant.rows import Value
from forgecast.signals.alarm.definition import Alarm, Kind, Priority
from forgecast.signals.alarm.event import Event, What
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.records import StoredRow
from forgecast.tasks.record_entry import record_entries

#: What only a person does to an alarm.
BY_PERSONS = (What.ACKNOWLEDGED, What.SHELVED, What.UNSHELVED, What.OUT_OF_SERVICE, What.IN_SERVICE)


def alarms_of(plant: PlantFolder) -> dict[str, Alarm]:
    """Return the alarms of a plant by their number."""
    return {str(row["id"]): _alarm(row) for row in plant.records.read("alarm")}


def alarm_of(plant: PlantFolder, number: str) -> Alarm:
    """Return one alarm.

    Raises
    ------
    ForgecastError
        If there is none of that number.
    """
    rows = plant.records.read("alarm", id=number)
    if not rows:
        raise ForgecastError(
            text("the plant has no alarm {number}", number=number),
            where=str(plant.path),
            repair=text(
                "record it with `forgecast plant record PLANT alarm id=… tag=… kind=high limit=… priority=high`"
            ),
        )
    return _alarm(rows[0])


def response_times(plant: PlantFolder) -> dict[str, float]:
    """Return by alarm the time there is to act, s, where it is declared."""
    return {
        str(row["id"]): float(row["response_time"])
        for row in plant.records.read("alarm")
        if isinstance(row["response_time"], int | float)
    }


def journal_of(plant: PlantFolder, **where: Value | Sequence[Value]) -> list[Event]:
    """Return the events of the journal, by alarm, time and number.

    Parameters
    ----------
    plant : PlantFolder
    **where : Value or sequence of Value
        By field of the record `alarm_event`.
    """
    return [_event(row) for row in plant.records.read("alarm_event", **where)]


def write_events(plant: PlantFolder, events: Iterable[Event], *, by: str) -> None:
    """Write events into the journal; one that is there already changes nothing.

    Raises
    ------
    EntryRefusedError, PlantError
        If it cannot be written; then none of them is.
    """
    rows: list[dict[str, Value]] = [
        {
            "alarm": event.alarm,
            "at": event.at,
            "number": event.number,
            "event": str(event.what),
            "value": event.value,
            "until": event.until,
            "by": event.by or None,
            "note": event.note or None,
        }
        for event in events
    ]
    if rows:
        record_entries(plant, "alarm_event", rows, by=by)


def _alarm(row: StoredRow) -> Alarm:
    return Alarm(
        id=str(row["id"]),
        tag=str(row["tag"]),
        kind=Kind(str(row["kind"])),
        limit=_number(row, "limit", float("nan")),
        priority=Priority(str(row["priority"])),
        deadband=_number(row, "deadband", 0.0),
        on_delay=_number(row, "on_delay", 0.0),
        off_delay=_number(row, "off_delay", 0.0),
        hazard=str(row["hazard"] or ""),
        equipment=str(row["equipment"] or ""),
        suppress_tag=str(row["suppress_tag"] or ""),
        suppress_below=_number(row, "suppress_below", float("nan")),
    )


def _number(row: StoredRow, name: str, absent: float) -> float:
    value = row[name]
    return float(value) if isinstance(value, int | float) else absent


def _event(row: StoredRow) -> Event:
    value, until = row["value"], row["until"]
    return Event(
        str(row["alarm"]),
        int(row["at"]),  # type: ignore[arg-type]  # a time is an int
        What(str(row["event"])),
        float(value) if isinstance(value, int | float) else None,
        until if isinstance(until, int) else None,
        str(row["by"] or ""),
        str(row["note"] or ""),
    )
