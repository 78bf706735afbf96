"""How the alarms of a plant stand, and whether its alarm system can be lived with."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from forgecast.ground.dates import DAY_US, SECOND_US
from forgecast.signals.alarm.definition import PRIORITIES, Alarm
from forgecast.signals.alarm.event import Event, Shown, Standing, What, standing_of
from forgecast.signals.alarm.review import Review, review
from forgecast.signals.safety.early_warning import TimeToLimit, time_to_limit
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.alarm_journal import alarms_of, journal_of

#: A trend is told from the last readings of this stretch.
TREND_US = 2 * 3600 * SECOND_US


def _now_us() -> int:
    return time.time_ns() // 1_000


@dataclass(frozen=True, slots=True)
class AlarmState:
    """How one alarm stands.

    Parameters
    ----------
    alarm : Alarm
    standing : Standing
    shown : Shown
    warning : TimeToLimit or None
        How long until its limit is reached, where a safety hazard is watched, the alarm is not active, and the
        readings move there.
    """

    alarm: Alarm
    standing: Standing
    shown: Shown
    warning: TimeToLimit | None

    def as_json(self) -> dict[str, object]:
        """Return the JSON answer."""
        return {
            "alarm": self.alarm.id,
            "tag": self.alarm.tag,
            "kind": str(self.alarm.kind),
            "limit": self.alarm.limit,
            "priority": str(self.alarm.priority),
            "hazard": self.alarm.hazard,
            "state": str(self.shown),
            "raised_us": self.standing.raised_at,
            "returned_us": self.standing.returned_at,
            "acknowledged_us": self.standing.acknowledged_at,
            "shelved_until_us": self.standing.shelved_until,
            "value": self.standing.value,
            "time_to_limit": None if self.warning is None else self.warning.as_json(),
        }


def alarm_states(plant: PlantFolder, *, now: Callable[[], int] = _now_us) -> tuple[AlarmState, ...]:
    """Return how all alarms stand: those that wait for somebody first, by priority.

    Parameters
    ----------
    plant : PlantFolder
    now : callable
        Microseconds UTC.
    """
    at = now()
    journal: dict[str, list[Event]] = {}
    for event in journal_of(plant):
        journal.setdefault(event.alarm, []).append(event)
    alarms = alarms_of(plant)
    standings = {number: standing_of(journal.get(number, ())) for number in alarms}
    return alarms_as_they_stand(alarms.values(), standings, at, plant)


def alarms_as_they_stand(
    alarms: Iterable[Alarm], standings: Mapping[str, Standing], at: int, plant: PlantFolder | None
) -> tuple[AlarmState, ...]:
    """Return how alarms stand from what was read already: those that wait for somebody first, by priority.

    Parameters
    ----------
    alarms : iterable of Alarm
    standings : mapping of str to Standing
        By alarm.
    at : int
        Microseconds UTC.
    plant : PlantFolder or None
        Whose readings tell how long until a limit is reached; None leaves that out.
    """
    found = []
    for alarm in alarms:
        standing = standings[alarm.id]
        warned = plant is not None and alarm.hazard and not standing.active and not standing.masked(at)
        warning = _warning(plant, alarm, at) if warned and plant is not None else None
        found.append(AlarmState(alarm, standing, standing.shown(at), warning))
    order = list(_WAITING)
    return tuple(
        sorted(found, key=lambda one: (order.index(one.shown), -PRIORITIES.index(one.alarm.priority), one.alarm.id))
    )


_WAITING = (
    Shown.UNACKNOWLEDGED,
    Shown.RETURNED_UNACKNOWLEDGED,
    Shown.ACKNOWLEDGED,
    Shown.SHELVED,
    Shown.SUPPRESSED,
    Shown.OUT_OF_SERVICE,
    Shown.NORMAL,
)


def _warning(plant: PlantFolder, alarm: Alarm, at: int) -> TimeToLimit | None:
    """Return how long until the limit of a level alarm is reached."""
    if str(alarm.kind) in ("rate", "stale"):
        return None
    readings = plant.tail.series(alarm.tag, at - TREND_US)
    return time_to_limit(readings.t, readings.value, readings.flag, alarm.limit, upwards=not alarm.downwards)


def review_alarms(
    plant: PlantFolder, days: float = 30.0, *, operators: int = 1, now: Callable[[], int] = _now_us
) -> Review:
    """Measure the alarms of the last days.

    Parameters
    ----------
    plant : PlantFolder
    days : float
        Up to the last alarm that was raised or returned, or to now where none ever was.
    operators : int
        People who share the alarms.
    now : callable
        Microseconds UTC.
    """
    journal = journal_of(plant)
    turned = (event.at for event in journal if event.what in (What.RAISED, What.RETURNED))
    end = max(turned, default=now()) + 1
    return review(journal, alarms_of(plant), end - round(days * DAY_US), end, operators=operators)
