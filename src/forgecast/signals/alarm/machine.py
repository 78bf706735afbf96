"""The state machine of an alarm: readings in, events out, the same whether they come singly or all at once.

A value holds until the next reading. So a delay that ends between two readings ends at its own instant; one that ends
at the very instant of a reading is decided by that reading.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import SECOND_US
from forgecast.signals.alarm.definition import Alarm, Kind
from forgecast.signals.alarm.event import Event, Standing, What, standing_of
from forgecast.signals.reading import DOUBTFUL, GOOD, INVALID


@dataclass(frozen=True, slots=True)
class Watching:
    """An alarm under way: how it stands, and what the readings since have begun.

    Parameters
    ----------
    standing : Standing
    t : int or None
        Instant of the last reading, or of what time alone has brought since, microseconds UTC.
    pending : int or None
        Since when a raise, or a return where it is active, waits for its delay.
    pending_value : float or None
        Value with which that began.
    last_t : int or None
        Instant of the last good reading.
    last_value : float
        And its value; NaN before the first.
    """

    standing: Standing = field(default_factory=Standing)
    t: int | None = None
    pending: int | None = None
    pending_value: float | None = None
    last_t: int | None = None
    last_value: float = float("nan")


#: What a reading says: it would raise, it would return, or neither (within the deadband).
_RAISES, _BETWEEN, _RETURNS = 1, 0, -1


def see(alarm: Alarm, watching: Watching, t: int, value: float, flag: int = GOOD) -> tuple[Watching, list[Event]]:
    """Take one reading of the alarm's series in.

    Only a good reading returns an alarm. A doubtful one raises it where a safety hazard is watched, for there the
    safe side is to ring; elsewhere it is not heard, and so much the sooner the alarm on staying away rings.

    Parameters
    ----------
    alarm : Alarm
    watching : Watching
    t : int
        Microseconds UTC; a reading not after the last one changes nothing.
    value : float
    flag : int

    Returns
    -------
    Watching, list of Event
    """
    if watching.t is not None and t <= watching.t:
        return watching, []
    watching, events = advance(alarm, watching, t)
    watching = replace(watching, t=t)
    usable = flag == GOOD or (flag == DOUBTFUL and bool(alarm.hazard) and alarm.kind is not Kind.STALE)
    if not usable:
        return watching, events
    says = _says(alarm, watching, t, value)
    watching = replace(watching, last_t=t, last_value=value)
    if flag != GOOD and says is not _RAISES:
        return watching, events
    watching, more = _judge(alarm, watching, t, value, says)
    return watching, events + more


def advance(alarm: Alarm, watching: Watching, to: int) -> tuple[Watching, list[Event]]:
    """Let time pass without a reading: delays and shelvings end, readings are found to stay away.

    Parameters
    ----------
    alarm : Alarm
    watching : Watching
    to : int
        Microseconds UTC; what would happen at this very instant is left to whatever comes then.
    """
    events: list[Event] = []
    while (step := _due(alarm, watching, to)) is not None:
        watching, event = step
        events.append(event)
    standing = watching.standing
    until = standing.shelved_until
    if until is not None and until < to and standing.shelved(until - 1):
        event = Event(alarm.id, until, What.UNSHELVED)
        watching = told(watching, event)
        events.append(event)
    # Readings from before what has happened cannot undo it; later ones may still come, were they kept back for long.
    turned = [event.at for event in events if event.what is not What.UNSHELVED]
    if turned:
        watching = replace(watching, t=max(turned) if watching.t is None else max(*turned, watching.t))
    return watching, _by_time(events)


def _due(alarm: Alarm, watching: Watching, to: int) -> tuple[Watching, Event] | None:
    """Return the next raise or return that time alone brings before an instant, None where there is none."""
    active, pending = watching.standing.active, watching.pending
    if alarm.kind is Kind.STALE and watching.last_t is not None:
        silent = watching.last_t + round(alarm.limit * SECOND_US)
        if silent < to and not active and pending is None:
            watching = replace(watching, pending=silent, pending_value=None)
        elif silent < to and active and pending is not None and silent <= pending + alarm.off_delay_us:
            watching = replace(watching, pending=None)  # silent again before the return counted
    delay = alarm.off_delay_us if active else alarm.on_delay_us
    if watching.pending is None or watching.pending + delay >= to:
        return None
    return _turn(alarm, watching, watching.pending + delay)


def suppress(alarm: Alarm, watching: Watching, t: int, value: float, flag: int = GOOD) -> tuple[Watching, list[Event]]:
    """Take one reading of the series in that says whether the alarm is suppressed by design."""
    if flag != GOOD:
        return watching, []
    last = max(watching.standing.suppressed_at or t - 1, watching.standing.unsuppressed_at or t - 1)
    if t <= last:
        return watching, []
    below = value < alarm.suppress_below
    if below == watching.standing.suppressed:
        return watching, []
    event = Event(alarm.id, t, What.SUPPRESSED if below else What.UNSUPPRESSED, value)
    return replace(watching, standing=watching.standing.after(event)), [event]


def told(watching: Watching, event: Event) -> Watching:
    """Return the watching after what a person has done to the alarm."""
    return replace(watching, standing=watching.standing.after(event))


def _by_time(events: list[Event]) -> list[Event]:
    return sorted(events, key=lambda event: (event.at, event.number))


def _says(alarm: Alarm, watching: Watching, t: int, value: float) -> int:
    if alarm.kind is Kind.STALE:
        return _RETURNS
    if alarm.kind is Kind.RATE:
        if watching.last_t is None:
            return _BETWEEN
        value = abs(value - watching.last_value) / ((t - watching.last_t) / SECOND_US)
    return int(_says_all(alarm, np.array([value]))[0])


def _says_all(alarm: Alarm, value: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return what values say to an alarm that has a limit for them."""
    beyond, limit = (-value, -alarm.limit) if alarm.downwards else (value, alarm.limit)
    says = np.where(beyond > limit, _RAISES, _BETWEEN)
    return np.where(beyond <= limit - alarm.deadband, _RETURNS, says).astype(np.int8)


def _judge(alarm: Alarm, watching: Watching, t: int, value: float, says: int) -> tuple[Watching, list[Event]]:
    active = watching.standing.active
    if says == (_RETURNS if active else _RAISES):
        if watching.pending is None:
            watching = replace(watching, pending=t, pending_value=value)
    else:
        watching = replace(watching, pending=None, pending_value=None)
    if watching.pending is None:
        return watching, []
    delay = alarm.off_delay_us if active else alarm.on_delay_us
    if watching.pending + delay > t:
        return watching, []
    watching, event = _turn(alarm, watching, watching.pending + delay)
    return watching, [event]


def _turn(alarm: Alarm, watching: Watching, at: int) -> tuple[Watching, Event]:
    """Raise the alarm, or return it where it is active."""
    what = What.RETURNED if watching.standing.active else What.RAISED
    event = Event(alarm.id, at, what, watching.pending_value)
    standing = watching.standing.after(event)
    return replace(watching, standing=standing, pending=None, pending_value=None), event


def watch(
    alarm: Alarm,
    t: NDArray[np.int64],
    value: NDArray[np.float64],
    flag: NDArray[np.int8],
    watching: Watching | None = None,
    *,
    until: int | None = None,
) -> tuple[Watching, list[Event]]:
    """Take many readings in at once: what `see` says of each in turn, in a fraction of the time.

    Parameters
    ----------
    alarm : Alarm
    t, value, flag : (n,) arrays
        Ascending in time.
    watching : Watching or None
        Where it begins.
    until : int or None
        Let time pass until then after the last reading.
    """
    watching = watching or Watching()
    if alarm.kind is Kind.STALE:
        watching, events = _watch_silence(alarm, t, value, flag, watching)
        return _until(alarm, watching, events, until)
    events = []
    for at in _matters(alarm, t, value, flag):
        watching, more = see(alarm, watching, int(t[at]), float(value[at]), int(flag[at]))
        events += more
    return _until(alarm, watching, events, until)


def _until(alarm: Alarm, watching: Watching, events: list[Event], until: int | None) -> tuple[Watching, list[Event]]:
    if until is None:
        return watching, events
    watching, more = advance(alarm, watching, until)
    return watching, events + more


def _watch_silence(
    alarm: Alarm, t: NDArray[np.int64], value: NDArray[np.float64], flag: NDArray[np.int8], watching: Watching
) -> tuple[Watching, list[Event]]:
    """Take many readings in that must not stay away: only the first after a silence changes anything."""
    events: list[Event] = []
    new = t > (np.iinfo(np.int64).min if watching.t is None else watching.t)
    used = new & (flag == GOOD)
    good, value = t[used], value[used]
    edges = np.flatnonzero(np.diff(good) > round(alarm.limit * SECOND_US)) + 1
    for first, end in zip([0, *edges], [*edges, good.size], strict=True) if good.size else ():
        watching, more = see(alarm, watching, int(good[first]), float(value[first]))
        last = int(good[end - 1])
        watching = replace(watching, t=last, last_t=last)
        events += more
    if new.any() and int(t[-1]) > int(good[-1] if good.size else t[-1] - 1):
        watching, more = see(alarm, watching, int(t[-1]), 0.0, INVALID)
        events += more
    return watching, events


def _matters(
    alarm: Alarm, t: NDArray[np.int64], value: NDArray[np.float64], flag: NDArray[np.int8]
) -> NDArray[np.intp]:
    """Return the readings that can change anything: those that do not say what the one before them said."""
    if not t.size:
        return np.empty(0, np.intp)
    if alarm.kind is Kind.RATE:
        return np.arange(t.size)
    says = _says_all(alarm, value).astype(np.int64) * 4 + flag
    changed = np.flatnonzero(np.concatenate(([True], np.diff(says) != 0)))
    return np.unique(np.concatenate((changed, [t.size - 1])))


def resume(
    alarm: Alarm,
    journal: list[Event],
    t: NDArray[np.int64],
    value: NDArray[np.float64],
    flag: NDArray[np.int8],
) -> tuple[Watching, list[Event]]:
    """Take an alarm up again after a stop, from its journal and the stored readings.

    Parameters
    ----------
    alarm : Alarm
    journal : list of Event
        Its events, in any order.
    t, value, flag : (n,) arrays
        Readings that reach back further than the alarm's delays (and its limit, where readings stay away).

    Returns
    -------
    Watching, list of Event
        Where it stands, and what happened while nobody watched (its keys are those it would have had).
    """
    standing = standing_of(journal)
    turned = max((at for at in (standing.raised_at, standing.returned_at) if at is not None), default=None)
    first = 0 if turned is None else int(np.searchsorted(t, turned, side="right"))
    before = np.flatnonzero(flag[:first] == GOOD)
    last = int(before[-1]) if before.size else None
    watching = Watching(
        standing,
        turned,
        last_t=None if last is None else int(t[last]),
        last_value=float("nan") if last is None else float(value[last]),
    )
    return watch(alarm, t[first:], value[first:], flag[first:], watching)
