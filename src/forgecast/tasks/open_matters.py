"""What is open at a plant at this minute: alarms that stand, material that is held, series that stopped coming."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from forgecast.ground.dates import DAY_US, from_us
from forgecast.ground.texts import Text
from forgecast.plant.lifecycle import decision_title, states, subject_title
from forgecast.signals.alarm.definition import PRIORITIES, PRIORITY_TEXTS, Alarm
from forgecast.signals.alarm.event import SHOWN_TEXTS, Event, Shown, standing_of
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.records import StoredRow
from forgecast.tasks.alarm_journal import alarms_of, journal_of
from forgecast.tasks.latest_signals import LatestSignal, latest_signals

#: Decisions that keep a material where it is until somebody decides again.
HOLDING = {"block": "blocked", "rework": "rework"}
#: Alarm states that ask somebody to do something.
_ASKING = (Shown.UNACKNOWLEDGED, Shown.ACKNOWLEDGED, Shown.RETURNED_UNACKNOWLEDGED)
#: A plant whose newest reading is older than this is not being collected.
COLLECTED_US = DAY_US


@dataclass(frozen=True, slots=True)
class StandingAlarm:
    """An alarm that asks somebody to do something."""

    alarm: Alarm
    shown: Shown
    since: int | None


@dataclass(frozen=True, slots=True)
class HeldMaterial:
    """A heat, piece … that must not go on.

    Parameters
    ----------
    kind, id : str
    state : str
        ``blocked`` or ``rework``.
    since : int
        Microseconds UTC.
    by, reason : str
    place : str
        ``file:row`` of the decision.
    """

    kind: str
    id: str
    state: str
    since: int
    by: str
    reason: str
    place: str


@dataclass(frozen=True, slots=True)
class OpenMatters:
    """What is open at one minute.

    Parameters
    ----------
    now : int
        Microseconds UTC.
    zone : str
    alarms : tuple of StandingAlarm
        The most urgent first.
    held : tuple of HeldMaterial
        The newest first.
    late : tuple of LatestSignal
        Series whose next reading is overdue while others still come; the longest first.
    series : int
        How many there are.
    newest : int or None
        When the newest reading is of.
    """

    now: int
    zone: str
    alarms: tuple[StandingAlarm, ...]
    held: tuple[HeldMaterial, ...]
    late: tuple[LatestSignal, ...]
    series: int
    newest: int | None

    @property
    def collected(self) -> bool:
        """Return whether readings are coming at all."""
        return self.newest is not None and self.now - self.newest < COLLECTED_US

    def as_json(self) -> dict[str, object]:
        """Return the JSON answer."""
        return {
            "now_at": _instant(self.now),
            "alarms": [
                {
                    "id": one.alarm.id,
                    "tag": one.alarm.tag,
                    "equipment": one.alarm.equipment,
                    "priority": str(one.alarm.priority),
                    "priority_words": PRIORITY_TEXTS[one.alarm.priority].as_json(),
                    "state": str(one.shown),
                    "state_words": SHOWN_TEXTS[one.shown].as_json(),
                    "since_at": _instant(one.since),
                }
                for one in self.alarms
            ],
            "held": [
                {
                    "kind": one.kind,
                    "kind_words": subject_title(one.kind).as_json(),
                    "id": one.id,
                    "state": one.state,
                    "state_words": _state(one.state).as_json(),
                    "since_at": _instant(one.since),
                    "by": one.by,
                    "reason": one.reason,
                    "place": one.place,
                }
                for one in self.held
            ],
            "data": {
                "series": self.series,
                "collected": self.collected,
                "newest_at": _instant(self.newest),
                "late": [
                    {"tag": one.tag, "name": one.name, "last_at": _instant(one.t), "age_s": one.age}
                    for one in self.late
                ],
            },
        }


def _state(name: str) -> Text:
    return states().get(name) or decision_title(name)


def _instant(at: int | None) -> str | None:
    return None if at is None else f"{from_us(at, 'UTC'):%Y-%m-%dT%H:%M:%SZ}"


def open_matters(plant: PlantFolder, *, now: Callable[[], int] = lambda: time.time_ns() // 1_000) -> OpenMatters:
    """Return what is open at a plant now.

    Parameters
    ----------
    plant : PlantFolder
    now : callable
        Microseconds UTC.

    Notes
    -----
    Where nothing has come for a day, the plant is not being collected: then no single series is called late.
    """
    at = now()
    signals = latest_signals(plant, now=lambda: at)
    newest = max((one.t for one in signals), default=None)
    collected = newest is not None and at - newest < COLLECTED_US
    late = sorted((one for one in signals if one.late and collected), key=lambda one: -one.age)
    return OpenMatters(
        at, plant.settings.zone, tuple(_alarms(plant, at)), tuple(_held(plant)), tuple(late), len(signals), newest
    )


def _alarms(plant: PlantFolder, at: int) -> list[StandingAlarm]:
    events: dict[str, list[Event]] = {}
    for event in journal_of(plant):
        events.setdefault(event.alarm, []).append(event)
    found = []
    for number, alarm in alarms_of(plant).items():
        standing = standing_of(events.get(number, ()))
        shown = standing.shown(at)
        if shown in _ASKING:
            found.append(StandingAlarm(alarm, shown, standing.raised_at))
    return sorted(
        found, key=lambda one: (_ASKING.index(one.shown), -PRIORITIES.index(one.alarm.priority), one.alarm.id)
    )


def _held(plant: PlantFolder) -> Iterable[HeldMaterial]:
    last: dict[tuple[str, str], HeldMaterial | None] = {}
    rows = sorted(plant.records.read("disposition"), key=_decided)
    for row in rows:
        kind, number, decision = str(row["subject"]), str(row["subject_id"]), str(row["decision"])
        state = HOLDING.get(decision)
        last[kind, number] = (
            None
            if state is None
            else HeldMaterial(
                kind,
                number,
                state,
                _decided(row),
                str(row["decided_by"] or ""),
                str(row["reason"] or ""),
                row.place(),
            )
        )
    return sorted((one for one in last.values() if one is not None), key=lambda one: -one.since)


def _decided(row: StoredRow) -> int:
    at = row["decided_at"]
    return at if isinstance(at, int) else 0
