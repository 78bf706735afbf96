"""Trying an alarm on the past before it is switched on: how often it would have rung, for what, and at what cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import DAY_US, SECOND_US
from forgecast.signals.alarm.definition import Alarm
from forgecast.signals.alarm.event import Event
from forgecast.signals.alarm.machine import Watching, suppress, watch
from forgecast.signals.alarm.review import Ring, chattering, floods_of, rings_of
from forgecast.signals.gate.doubt import Doubt, Reason
from forgecast.signals.reading import GOOD, Readings


@dataclass(frozen=True, slots=True)
class Known:
    """Something that is known to have happened, which the alarm should have told.

    Parameters
    ----------
    name : str
    start, end : int
        Microseconds UTC.
    """

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Noticed:
    """Whether the alarm would have told of something known.

    Parameters
    ----------
    known : Known
    ring : Ring or None
        The first ring that belongs to it.
    """

    known: Known
    ring: Ring | None

    @property
    def lead(self) -> float | None:
        """Return how long before its beginning it would have rung, s; negative after it, None where never."""
        return None if self.ring is None else (self.known.start - self.ring.at) / SECOND_US


@dataclass(frozen=True, slots=True)
class Trial:
    """What an alarm would have done.

    Parameters
    ----------
    alarm : Alarm
    start, end : int
        Stretch tried, microseconds UTC.
    readings : int
        Good readings in it.
    rings : tuple of Ring
        Times it would have rung.
    hidden : int
        Times it would have been raised while it was suppressed by design.
    active : float
        Time in alarm, s.
    doubtful : tuple of Ring
        Rings that began within a stretch the quality gate doubts: the sensor rang, not the process.
    chattering : int
        Rings that came again and again within a minute.
    floods : int
        Floods that this alarm alone would have made.
    noticed : tuple of Noticed
        One for each thing known to have happened.
    """

    alarm: Alarm
    start: int
    end: int
    readings: int
    rings: tuple[Ring, ...]
    hidden: int
    active: float
    doubtful: tuple[Ring, ...]
    chattering: int
    floods: int
    noticed: tuple[Noticed, ...]

    @property
    def days(self) -> float:
        """Return the length of the stretch in days."""
        return (self.end - self.start) / DAY_US

    @property
    def per_day(self) -> float:
        """Return rings a day."""
        return len(self.rings) / self.days

    @property
    def active_share(self) -> float:
        """Return the share of the time in alarm."""
        return self.active * SECOND_US / (self.end - self.start)

    @property
    def lengths(self) -> NDArray[np.float64]:
        """Return how long each ring lasted, s; one that had not returned lasts until the end."""
        return np.array([((ring.returned_at or self.end) - ring.at) / SECOND_US for ring in self.rings])

    @property
    def false_rings(self) -> tuple[Ring, ...] | None:
        """Return the rings that belong to nothing known, None where nothing is known to have happened."""
        if not self.noticed:
            return None
        spans = [(one.known, one.ring) for one in self.noticed]
        early = {ring.at for _, ring in spans if ring is not None}
        return tuple(
            ring
            for ring in self.rings
            if ring.at not in early and not any(known.start <= ring.at <= known.end for known, _ in spans)
        )

    def attention(self, per_ring: float) -> float:
        """Return how much of a person's time the false rings would have taken, s; of all rings where none is known.

        Parameters
        ----------
        per_ring : float
            Time that one ring takes a person, s.
        """
        false = self.false_rings
        return per_ring * len(self.rings if false is None else false)


def try_alarm(
    alarm: Alarm,
    readings: Readings,
    *,
    suppressing: Readings | None = None,
    doubts: Sequence[Doubt] = (),
    known: Sequence[Known] = (),
    early: float = 0.0,
    until: int | None = None,
) -> Trial:
    """Lead an alarm through readings of the past, by the very machine that watches live ones.

    Parameters
    ----------
    alarm : Alarm
    readings : Readings
        Of its series, at least two.
    suppressing : Readings or None
        Of the series that suppresses it.
    doubts : sequence of Doubt
        What the quality gate says of the readings.
    known : sequence of Known
        What is known to have happened.
    early : float
        A ring up to so long before something known belongs to it, s.
    until : int or None
        End of the stretch, microseconds UTC; without it the last reading.

    Returns
    -------
    Trial
    """
    start, end = int(readings.t[0]), int(readings.t[-1]) if until is None else until
    _, events = watch(alarm, readings.t, readings.value, readings.flag, until=end + 1)
    events += _suppressions(alarm, suppressing)
    rings, hidden = rings_of(events)
    return Trial(
        alarm,
        start,
        end,
        int((readings.flag == GOOD).sum()),
        rings,
        len(hidden),
        sum(((ring.returned_at or end) - ring.at) / SECOND_US for ring in rings),
        tuple(ring for ring in rings if any(_within(ring, doubt, alarm) for doubt in doubts)),
        sum(count for _, count in chattering(rings)),
        len(floods_of(rings)),
        tuple(_noticed(one, rings, round(early * SECOND_US)) for one in known),
    )


def _suppressions(alarm: Alarm, suppressing: Readings | None) -> list[Event]:
    events: list[Event] = []
    if suppressing is None or not len(suppressing):
        return events
    below = suppressing.value < alarm.suppress_below
    watching = Watching()
    # Only readings that differ from the one before can change anything.
    for at in np.flatnonzero(
        np.concatenate(([True], np.diff(below))) | (suppressing.flag != GOOD) | _after_bad(suppressing)
    ):
        watching, more = suppress(
            alarm, watching, int(suppressing.t[at]), float(suppressing.value[at]), int(suppressing.flag[at])
        )
        events += more
    return events


def _after_bad(readings: Readings) -> NDArray[np.bool_]:
    return np.concatenate(([False], readings.flag[:-1] != GOOD))


def _within(ring: Ring, doubt: Doubt, alarm: Alarm) -> bool:
    """Return whether what raised the alarm began in a doubtful stretch."""
    began = ring.at - alarm.on_delay_us
    return doubt.reason is not Reason.GAP and doubt.start <= began <= doubt.end


def _noticed(known: Known, rings: Sequence[Ring], early: int) -> Noticed:
    """Return the first ring that belongs to something known: it lasted into it, began in it, or shortly before."""
    for ring in rings:
        lasts = ring.returned_at is None or ring.returned_at >= known.start
        if ring.at <= known.end and (ring.at >= known.start - early or (ring.at < known.start and lasts)):
            return Noticed(known, ring)
    return Noticed(known, None)


@dataclass(frozen=True, slots=True)
class Setting:
    """One way to set the alarm, and what it would have done."""

    alarm: Alarm
    trial: Trial


def try_settings(
    alarm: Alarm,
    readings: Readings,
    *,
    limits: Sequence[float] = (),
    deadbands: Sequence[float] = (),
    on_delays: Sequence[float] = (),
    suppressing: Readings | None = None,
    doubts: Sequence[Doubt] = (),
    known: Sequence[Known] = (),
    early: float = 0.0,
) -> tuple[Setting, ...]:
    """Try an alarm with each combination of limits, deadbands and delays; what is not given stays as it is.

    Parameters
    ----------
    alarm, readings, suppressing, doubts, known, early
        As in `try_alarm`.
    limits, deadbands, on_delays : sequence of float

    Returns
    -------
    tuple of Setting
    """
    found = []
    for limit in limits or (alarm.limit,):
        for deadband in deadbands or (alarm.deadband,):
            for on_delay in on_delays or (alarm.on_delay,):
                set_so = replace(alarm, limit=limit, deadband=deadband, on_delay=on_delay)
                trial = try_alarm(set_so, readings, suppressing=suppressing, doubts=doubts, known=known, early=early)
                found.append(Setting(set_so, trial))
    return tuple(found)


def calmest(settings: Sequence[Setting], asked: Alarm | None = None) -> Setting | None:
    """Return the setting with the fewest rings among those that miss nothing which any of them notices.

    Parameters
    ----------
    settings : sequence of Setting
    asked : Alarm or None
        Of several that are equally calm this one is taken: a change that gains nothing is no advice.

    Returns
    -------
    Setting or None
        None where nothing is known to have happened: the calmest alarm is one that never rings, and that is no advice.
    """
    able = [(sum(one.ring is not None for one in setting.trial.noticed), setting) for setting in settings]
    most = max((count for count, _ in able), default=0)
    if most == 0:
        return None
    return min(
        (setting for count, setting in able if count == most),
        key=lambda setting: (len(setting.trial.rings), setting.alarm != asked),
    )
