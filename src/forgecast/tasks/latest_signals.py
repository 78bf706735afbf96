"""The latest value of each series of a plant, with its age and what its alarms say."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from forgecast.ground.dates import SECOND_US
from forgecast.signals.alarm.definition import Alarm
from forgecast.signals.alarm.event import Event, Shown, Standing, standing_of
from forgecast.signals.gate.gaps import GAP_INTERVALS
from forgecast.store.live.tail import Latest
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.records import StoredRow
from forgecast.tasks.alarm_journal import alarms_of, journal_of


@dataclass(frozen=True, slots=True)
class LatestSignal:
    """The latest value of a series.

    Parameters
    ----------
    tag, name, unit : str
    t : int
        Microseconds UTC.
    age : float
        Seconds since then; negative where the reading bears a time to come.
    value : float
    flag : int
    late : bool
        Whether the next reading is overdue by its declared interval.
    alarms : tuple of (str, Shown)
        Its alarms that are not normal.
    equipment : str
        Machine it belongs to; empty where it names none.
    """

    tag: str
    name: str
    unit: str
    t: int
    age: float
    value: float
    flag: int
    late: bool
    alarms: tuple[tuple[str, Shown], ...]
    equipment: str = ""

    def as_json(self) -> dict[str, object]:
        """Return the JSON answer."""
        return {
            "tag": self.tag,
            "name": self.name,
            "unit": self.unit,
            "t_us": self.t,
            "age_s": self.age,
            "value": self.value,
            "flag": self.flag,
            "late": self.late,
            "alarms": {number: str(shown) for number, shown in self.alarms},
        }


def latest_signals(
    plant: PlantFolder, tags: Sequence[str] = (), *, now: Callable[[], int] = lambda: time.time_ns() // 1_000
) -> tuple[LatestSignal, ...]:
    """Return the latest value of each series, by name.

    Parameters
    ----------
    plant : PlantFolder
    tags : sequence of str
        None means all.
    now : callable
        Microseconds UTC.
    """
    at = now()
    described = {str(row["id"]): row for row in plant.records.read("tag")}
    journal: dict[str, list[Event]] = {}
    for event in journal_of(plant):
        journal.setdefault(event.alarm, []).append(event)
    alarms = alarms_of(plant)
    standings = {number: standing_of(journal.get(number, ())) for number in alarms}
    return signals_as_they_stand(plant.tail.latest(list(tags) or None), described, alarms.values(), standings, at)


def signals_as_they_stand(
    latest: Mapping[str, Latest],
    described: Mapping[str, StoredRow],
    alarms: Iterable[Alarm],
    standings: Mapping[str, Standing],
    at: int,
) -> tuple[LatestSignal, ...]:
    """Return the latest value of each series from what was read already.

    Parameters
    ----------
    latest : mapping of str to Latest
        By series.
    described : mapping of str to StoredRow
        Rows of the record `tag`.
    alarms : iterable of Alarm
    standings : mapping of str to Standing
        By alarm.
    at : int
        Microseconds UTC.
    """
    states: dict[str, list[tuple[str, Shown]]] = {}
    for alarm in alarms:
        shown = standings[alarm.id].shown(at)
        if shown is not Shown.NORMAL:
            states.setdefault(alarm.tag, []).append((alarm.id, shown))
    found = []
    for tag, last in latest.items():
        row = described.get(tag)
        interval = row["interval"] if row is not None else None
        age = (at - last.t) / SECOND_US
        found.append(
            LatestSignal(
                tag,
                str(row["name"] or "") if row is not None else "",
                str(row["unit"] or "") if row is not None else "",
                last.t,
                age,
                last.value,
                last.flag,
                isinstance(interval, int | float) and age > GAP_INTERVALS * interval,
                tuple(states.get(tag, ())),
                str(row["equipment"] or "") if row is not None else "",
            )
        )
    return tuple(found)
