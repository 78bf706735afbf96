"""All machines of a plant at a glance: what each does, since when, and how it spent its last days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from forgecast.ground.dates import local_day
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text
from forgecast.plant.record import record
from forgecast.signals.condition.effectiveness import Effectiveness
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.keep_ledger import choice_text
from forgecast.tasks.rate_machine import rate_machine

#: Days that the figures are of, up to the last day on record.
DAYS = 7


@dataclass(frozen=True, slots=True)
class MachineNow:
    """One machine.

    Parameters
    ----------
    id, name : str
    kind : Text
    state : str
        Word of the record `machine_state`; empty where none is on record.
    since : int or None
        When that state began, microseconds UTC.
    first_day, last_day : date or None
        Days the figures are of; None where it cannot be rated.
    effectiveness : Effectiveness or None
    why_missing : Text or None
    tags : tuple of str
        Its series that have readings.
    """

    id: str
    name: str
    kind: Text
    state: str
    since: int | None
    first_day: date | None
    last_day: date | None
    effectiveness: Effectiveness | None
    why_missing: Text | None
    tags: tuple[str, ...]


def machines_at_a_glance(
    plant: PlantFolder, *, days: int = DAYS, progress: Callable[[float], None] = lambda _share: None
) -> tuple[MachineNow, ...]:
    """Return the machines of which states, pieces or readings are on record, by their number.

    Parameters
    ----------
    plant : PlantFolder
    days : int
        Up to the last day on record.
    progress : callable
        Is told the share done, 0 to 1.
    """
    last: dict[str, tuple[int, str]] = {}
    for row in plant.records.read("machine_state"):
        name, began = str(row["equipment"]), int(str(row["started_at"]))
        if name not in last or began > last[name][0]:
            last[name] = (began, str(row["state"]))
    counted = {str(row["equipment"]) for row in plant.records.read("machine_output")}
    read = set(plant.telemetry.tags())
    tags: dict[str, list[str]] = {}
    for row in plant.records.read("tag"):
        if row["equipment"] and str(row["id"]) in read:
            tags.setdefault(str(row["equipment"]), []).append(str(row["id"]))
    known = {str(row["id"]): row for row in plant.records.read("equipment")}
    names = sorted({*last, *counted, *tags})
    found = []
    for n, name in enumerate(names):
        progress(n / len(names))
        entered = known.get(name)
        began, state = last.get(name, (0, ""))
        first_day, last_day, rating, why = _rated(plant, name, days)
        found.append(
            MachineNow(
                name, str(entered["name"] or "") if entered is not None else "",
                choice_text("equipment", "kind", str(entered["kind"])) if entered is not None
                else record("equipment").title,
                state, began if state else None, first_day, last_day, rating, why, tuple(tags.get(name, ())),
            )
        )  # fmt: skip
    return tuple(found)


def _rated(
    plant: PlantFolder, machine: str, days: int
) -> tuple[date | None, date | None, Effectiveness | None, Text | None]:
    try:
        whole = rate_machine(plant.path, machine).effectiveness
        last = local_day(whole.end - 1, plant.settings.zone)
        first = last - timedelta(days=days - 1)
        return first, last, rate_machine(plant.path, machine, since=first, until=last).effectiveness, None
    except ForgecastError as error:
        return None, None, None, error.what
