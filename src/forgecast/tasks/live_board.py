"""The live board of a plant: latest values and alarms, read once a second however many look at it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from forgecast.ground.dates import SECOND_US
from forgecast.signals.alarm.definition import Alarm
from forgecast.signals.alarm.event import Event, Shown, Standing, standing_of
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.records import StoredRow
from forgecast.tasks.alarm_journal import alarms_of, journal_of
from forgecast.tasks.latest_signals import LatestSignal, signals_as_they_stand
from forgecast.tasks.review_alarms import AlarmState, alarms_as_they_stand

#: The store is looked at no more often than this.
LOOK_US = SECOND_US
#: Trends towards a limit are worked out no more often than this.
WARN_US = 15 * SECOND_US


@dataclass(frozen=True, slots=True)
class Board:
    """What the board shows.

    Parameters
    ----------
    at : int
        When the store was looked at, microseconds UTC.
    number : int
        Grows by one with every look that saw a change.
    series : tuple of LatestSignal
    changed : dict of str to int
        By series: number of the look that saw its last change.
    alarms : tuple of AlarmState
        All of them: those that wait for somebody first.
    """

    at: int
    number: int
    series: tuple[LatestSignal, ...]
    changed: dict[str, int]
    alarms: tuple[AlarmState, ...]

    def since(self, number: int) -> tuple[LatestSignal, ...]:
        """Return the series that have changed after a look; of a board that has begun anew, all."""
        if number > self.number:
            return self.series
        return tuple(one for one in self.series if self.changed[one.tag] > number)


class LiveBoard:
    """Keeps what the board shows between looks; several threads may ask at once.

    Of a look within a second of the last one nothing is read. Records are read again only where the audit trail has
    grown, so a look costs the end of the live log and one row.

    Parameters
    ----------
    plant : PlantFolder
        Open; it stays so.
    now : callable
        Microseconds UTC.
    """

    def __init__(self, plant: PlantFolder, *, now: Callable[[], int] = lambda: time.time_ns() // 1_000) -> None:
        self.plant = plant
        self._now = now
        self._lock = threading.Lock()
        self._head = ""
        self._alarms: dict[str, Alarm] = {}
        self._standings: dict[str, Standing] = {}
        self._described: dict[str, StoredRow] = {}
        self._board = Board(-LOOK_US, 0, (), {}, ())
        self._warned = -WARN_US
        self._warnings: dict[str, AlarmState] = {}
        #: How often the store was looked at; for the proof that viewers share one look.
        self.looks = 0

    def look(self) -> Board:
        """Return the board as it stands: readings at most a second old, records as they are."""
        with self._lock:
            at, head = self._now(), self.plant.audit_head().hash
            if at - self._board.at >= LOOK_US or head != self._head:
                self._board = self._looked(at, head)
            return self._board

    def _looked(self, at: int, head: str) -> Board:
        self.looks += 1
        if head != self._head:
            self._read_records()
            self._head = head
        series = signals_as_they_stand(
            self.plant.tail.latest(), self._described, self._alarms.values(), self._standings, at
        )
        alarms = self._alarm_states(at)
        before = self._board
        old = {one.tag: _seen(one) for one in before.series}
        moved = {one.tag for one in series if old.get(one.tag) != _seen(one)}
        same = not moved and len(old) == len(series) and _states(alarms) == _states(before.alarms)
        number = before.number if same else before.number + 1
        changed = {one.tag: number if one.tag in moved else before.changed[one.tag] for one in series}
        return Board(at, number, series, changed, alarms)

    def _read_records(self) -> None:
        self._alarms = alarms_of(self.plant)
        self._described = {str(row["id"]): row for row in self.plant.records.read("tag")}
        journal: dict[str, list[Event]] = {}
        for event in journal_of(self.plant):
            journal.setdefault(event.alarm, []).append(event)
        self._standings = {number: standing_of(journal.get(number, ())) for number in self._alarms}
        self._warned = -WARN_US

    def _alarm_states(self, at: int) -> tuple[AlarmState, ...]:
        warn = at - self._warned >= WARN_US
        states = alarms_as_they_stand(self._alarms.values(), self._standings, at, self.plant if warn else None)
        if warn:
            self._warned, self._warnings = at, {one.alarm.id: one for one in states if one.warning is not None}
            return states
        return tuple(
            one if (kept := self._warnings.get(one.alarm.id)) is None or one.shown is not Shown.NORMAL
            else AlarmState(one.alarm, one.standing, one.shown, kept.warning)
            for one in states
        )  # fmt: skip


def _seen(one: LatestSignal) -> tuple[object, ...]:
    return one.t, one.value, one.flag, one.late, one.alarms


def _states(alarms: tuple[AlarmState, ...]) -> list[tuple[str, Shown, Standing]]:
    return [(one.alarm.id, one.shown, one.standing) for one in alarms]
