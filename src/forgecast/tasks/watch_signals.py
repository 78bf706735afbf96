"""Watch live readings: alarms are raised and returned as batches come, journalled, and told to whom they concern."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import DAY_US, SECOND_US
from forgecast.ground.errors import ForgecastError
from forgecast.signals.alarm.definition import Alarm, Kind
from forgecast.signals.alarm.event import Event, What
from forgecast.signals.alarm.machine import Watching, advance, resume, suppress, told, watch
from forgecast.signals.batch import Batch
from forgecast.signals.gate.gate import Bounds
from forgecast.signals.reading import DOUBTFUL, GOOD
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.alarm_journal import BY_PERSONS, alarms_of, journal_of, write_events
from forgecast.tasks.tell_alarm import Teller

#: Readings may come so much later than their time before the clock alone lets delays end [s].
GRACE_S: Final = 30.0
#: A journal that could not be written is tried again after this time [s].
_AGAIN_S: Final = 2.0
#: An alarm that has a journal is taken up from its last event, were it so long ago.
_FARTHEST_US: Final = 14 * DAY_US
#: So often it is looked what persons have done to alarms, and which delays are over [s].
_LISTENS_S: Final = 5.0
#: Name under which the journal is written.
BY: Final = "watch"


def _now_us() -> int:
    return time.time_ns() // 1_000


@contextmanager
def watched_signals(plant: PlantFolder) -> Iterator[Callable[[Batch], None]]:
    """Watch a plant and tell of its alarms; yield what is to be given each batch once it is stored."""
    with Teller(plant) as teller, SignalWatch(plant, teller=teller) as watch:
        yield watch.take


class SignalWatch:
    """Watches the alarms of a plant; use it in a ``with`` block, and give it each batch once that is stored.

    `take` and `tick` only reckon: the journal is written, and messages are put into the outbox, by a thread of its
    own, so that neither a busy plant nor a mail server holds readings up. What was not written when the process dies
    is found again at the next start, from the stored readings: the same events under the same keys.

    Parameters
    ----------
    plant : PlantFolder
    teller : Teller or None
        Tells of alarms; None: the journal alone.
    now : callable
        Clock of this machine, microseconds UTC.
    grace_s : float
        How much later than their time readings may come.

    Attributes
    ----------
    trouble : ForgecastError or None
        Why the journal could not be written at the last attempt; it is tried again.
    """

    def __init__(
        self,
        plant: PlantFolder,
        *,
        teller: Teller | None = None,
        now: Callable[[], int] = _now_us,
        grace_s: float = GRACE_S,
    ) -> None:
        self.trouble: ForgecastError | None = None
        self._plant, self._teller, self._now = plant, teller, now
        self._grace = round(grace_s * SECOND_US)
        self._lock = threading.Lock()
        self._watching: dict[str, Watching] = {}
        self._alarms: dict[str, Alarm] = {}
        self._bounds: dict[str, Bounds] = {}
        self._unwritten: list[Event] = []
        self._wake, self._ends = threading.Event(), threading.Event()
        self._written = threading.Condition()
        self._take_up()
        self._writer = threading.Thread(target=self._write_on, name="alarm journal", daemon=True)
        self._writer.start()

    @property
    def standings(self) -> dict[str, Watching]:
        """Return how each alarm stands now."""
        with self._lock:
            return dict(self._watching)

    def take(self, batch: Batch) -> None:
        """Watch the readings of a stored batch."""
        events: list[Event] = []
        with self._lock:
            for number, tag in enumerate(batch.tags):
                own = np.flatnonzero(batch.tag == number)
                own = own[np.argsort(batch.t[own], kind="stable")]
                if own.size:
                    events += self._readings(tag, batch.t[own], batch.value[own], batch.flag[own])
        self._hand_over(events)

    def tick(self, now: int | None = None) -> None:
        """Let time pass: delays and shelvings end, and readings that stay away are found; done by itself, too.

        Parameters
        ----------
        now : int or None
            Microseconds UTC; None asks the clock. Nothing is concluded about the last `grace_s` seconds.
        """
        to = (self._now() if now is None else now) - self._grace
        events: list[Event] = []
        with self._lock:
            for number, alarm in self._alarms.items():
                self._watching[number], more = advance(alarm, self._watching[number], to)
                events += more
        self._hand_over(events)

    def flush(self, timeout_s: float = 30.0) -> bool:
        """Wait until the journal holds all that has happened; return whether it does."""
        self._wake.set()
        with self._written:
            return self._written.wait_for(lambda: not self._unwritten, timeout_s)

    def close(self) -> None:
        """Write what is still to be written, and stop."""
        self.flush(5.0)
        self._ends.set()
        self._wake.set()
        self._writer.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take_up(self) -> None:
        """Take all alarms up from their journal and the stored readings.

        Nothing is taken meanwhile: what was taken before is stored, so it is among the stored readings.
        """
        with self._lock:
            events = self._taken_up()
        self._hand_over(events)

    def _taken_up(self) -> list[Event]:
        alarms = alarms_of(self._plant)
        journals: dict[str, list[Event]] = {number: [] for number in alarms}
        for event in journal_of(self._plant):
            journals.setdefault(event.alarm, []).append(event)
        tags = {str(row["id"]): row for row in self._plant.records.read("tag")}
        bounds = {name: _bounds(row["low"], row["high"]) for name, row in tags.items()}
        events: list[Event] = []
        watching: dict[str, Watching] = {}
        for number, alarm in alarms.items():
            readings = self._plant.tail.series(alarm.tag, _since(alarm, journals[number], self._now()))
            flag = _held(bounds.get(alarm.tag), readings.value, readings.flag)
            watching[number], missed = resume(alarm, journals[number], readings.t, readings.value, flag)
            events += missed
        self._alarms, self._watching, self._bounds = alarms, watching, bounds
        return events

    def _readings(
        self, tag: str, t: NDArray[np.int64], value: NDArray[np.float64], flag: NDArray[np.int8]
    ) -> list[Event]:
        flag = _held(self._bounds.get(tag), value, flag)
        events: list[Event] = []
        for number, alarm in self._alarms.items():
            if alarm.suppress_tag == tag:
                for at in range(t.size):
                    self._watching[number], more = suppress(
                        alarm, self._watching[number], int(t[at]), float(value[at]), int(flag[at])
                    )
                    events += more
            if alarm.tag == tag:
                self._watching[number], more = watch(alarm, t, value, flag, self._watching[number])
                events += more
        return events

    def _hand_over(self, events: list[Event]) -> None:
        if events:
            with self._written:
                self._unwritten += events
            self._wake.set()

    def _write_on(self) -> None:
        while not self._ends.is_set():
            self._wake.wait(_LISTENS_S)
            self._wake.clear()
            self.tick()
            with self._written:
                events = list(self._unwritten)
            if not self._write(events):
                self._ends.wait(_AGAIN_S)
                self._wake.set()

    def _write(self, events: list[Event]) -> bool:
        try:
            write_events(self._plant, events, by=BY)
            self._hear_persons()
            if not events:
                self._look_for_new_alarms()
            if self._teller is not None:
                self._teller.tell([event for event in events if self._is_heard(event)])
        except ForgecastError as error:
            self.trouble = error
            return False
        self.trouble = None
        with self._written:
            del self._unwritten[: len(events)]
            self._written.notify_all()
        return True

    def _hear_persons(self) -> None:
        """Take in what persons have done to alarms meanwhile, by whatever door."""
        done = journal_of(self._plant, event=[str(what) for what in BY_PERSONS])
        with self._lock:
            for event in done:
                if event.alarm in self._watching:
                    self._watching[event.alarm] = told(self._watching[event.alarm], event)

    def _look_for_new_alarms(self) -> None:
        """Take the alarms up anew where one was recorded or changed; all that has happened is in the journal then."""
        # As text, for a limit that is not set is unlike itself.
        if repr(alarms_of(self._plant)) != repr(self._alarms):
            self._take_up()

    def _is_heard(self, event: Event) -> bool:
        """Return whether somebody is to be told of an event: it was raised, or is hidden no more, and holds."""
        with self._lock:
            watching = self._watching.get(event.alarm)
        if watching is None or watching.standing.masked(event.at):
            return False
        standing = watching.standing
        comes_out = event.what in (What.UNSHELVED, What.UNSUPPRESSED) and standing.active and not standing.acknowledged
        return event.what is What.RAISED or comes_out


def _bounds(low: object, high: object) -> Bounds:
    return Bounds(
        float(low) if isinstance(low, int | float) else float("-inf"),
        float(high) if isinstance(high, int | float) else float("inf"),
    )


def _held(bounds: Bounds | None, value: NDArray[np.float64], flag: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return flags in which good readings outside their plausible bounds have become doubtful."""
    if bounds is None:
        return flag
    outside = ((value < bounds.low) | (value > bounds.high)) & (flag == GOOD)
    return np.where(outside, np.int8(DOUBTFUL), flag)


def _since(alarm: Alarm, journal: list[Event], now: int) -> int:
    """Return from when on readings may matter to an alarm: for a day and its delays, and since it last turned."""
    silent = round(alarm.limit * SECOND_US) if alarm.kind is Kind.STALE else 0
    since = now - DAY_US - 2 * (alarm.on_delay_us + alarm.off_delay_us + silent)
    turned = [event.at for event in journal if event.what in (What.RAISED, What.RETURNED)]
    return since if not turned else min(since, max(max(turned) - DAY_US, now - _FARTHEST_US))
