"""Whether an alarm system can be lived with: floods, bad actors, chattering and standing alarms, priorities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import MINUTE_US, SECOND_US
from forgecast.ground.tables import read_table
from forgecast.signals.alarm.definition import PRIORITIES, Alarm, Priority
from forgecast.signals.alarm.event import Event, Standing, What


@dataclass(frozen=True, slots=True)
class Ring:
    """One time that an alarm rang and somebody could hear it.

    Parameters
    ----------
    alarm : str
    at : int
        When it began, microseconds UTC.
    returned_at, acknowledged_at : int or None
        When it ended and when somebody acknowledged it; None where that has not happened.
    """

    alarm: str
    at: int
    returned_at: int | None
    acknowledged_at: int | None


@dataclass(frozen=True, slots=True)
class Flood:
    """A stretch in which more rang than a person can handle.

    Parameters
    ----------
    start, end : int
        Microseconds UTC.
    count : int
        Rings in it.
    peak : int
        Most rings in one window of it.
    first : str
        Alarm that began it.
    """

    start: int
    end: int
    count: int
    peak: int
    first: str


@dataclass(frozen=True, slots=True)
class Target:
    """A figure that alarm systems are measured by.

    Parameters
    ----------
    name : str
    value : float
    unit, en, zh, source, source_zh, confidence : str
        A target that is not known from a text that cites the standard is `unverified`: it is shown and judges nothing.
    """

    name: str
    value: float
    unit: str
    en: str
    zh: str
    source: str
    source_zh: str
    confidence: str


@lru_cache(maxsize=1)
def targets() -> Mapping[str, Target]:
    """Return the figures of the table `alarm_target`, by name."""
    return {
        row["name"]: Target(row["name"], float(row["value"]), row["unit"], row["en"], row["zh"], row["source"],
                            row["source_zh"], row["confidence"])
        for row in read_table("alarm_target")
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Review:
    """How the alarms of a stretch have behaved.

    Parameters
    ----------
    start, end : int
        The stretch, microseconds UTC.
    operators : int
        People who share the alarms.
    rings : tuple of Ring
        By time; what rang while it was shelved, suppressed or out of service is not among them.
    masked : int
        How many those were.
    floods : tuple of Flood
    most : tuple of (str, int)
        Alarms that rang most often, and how often.
    chattering : tuple of (str, int)
        Alarms that rang again and again within a minute, and in how many rings.
    fleeting : tuple of (str, int)
        Alarms that returned before anybody could act, and how often.
    standing : tuple of (str, float)
        Alarms that have been active for longer than a day at the end, and for how many seconds.
    priorities : mapping of Priority to float
        Share of the rings.
    """

    start: int
    end: int
    operators: int
    rings: tuple[Ring, ...]
    masked: int
    floods: tuple[Flood, ...]
    most: tuple[tuple[str, int], ...]
    chattering: tuple[tuple[str, int], ...]
    fleeting: tuple[tuple[str, int], ...]
    standing: tuple[tuple[str, float], ...]
    priorities: Mapping[Priority, float]

    @property
    def per_ten_minutes(self) -> float:
        """Return rings per operator and ten minutes, on average."""
        return len(self.rings) * 10 * MINUTE_US / max(self.end - self.start, 1) / self.operators

    @property
    def in_flood(self) -> float:
        """Return the share of the time that was flooded."""
        return sum(flood.end - flood.start for flood in self.floods) / max(self.end - self.start, 1)

    @property
    def most_share(self) -> float:
        """Return the share of all rings that the most frequent alarms have."""
        return sum(count for _, count in self.most) / max(len(self.rings), 1)


def rings_of(events: Iterable[Event]) -> tuple[tuple[Ring, ...], tuple[int, ...]]:
    """Return the rings in a journal, by time, and when an alarm was raised that was masked.

    Parameters
    ----------
    events : iterable of Event
        Of any alarms, in any order.
    """
    by_alarm: dict[str, list[Event]] = {}
    for event in events:
        by_alarm.setdefault(event.alarm, []).append(event)
    rings: list[Ring] = []
    masked: list[int] = []
    for alarm, own in by_alarm.items():
        own.sort(key=lambda event: (event.at, event.number))
        returns = np.array([event.at for event in own if event.what is What.RETURNED], np.int64)
        heard = np.array([event.at for event in own if event.what is What.ACKNOWLEDGED], np.int64)
        standing, heard_it = Standing(), True
        for event in own:
            standing = standing.after(event)
            if event.what is What.RAISED:
                heard_it = not standing.masked(event.at)
                if not heard_it:
                    masked.append(event.at)
            # What was hidden rings once it is hidden no more, if it still holds.
            unhidden = event.what in _UNHIDES and not heard_it and standing.active and not standing.masked(event.at)
            if (event.what is What.RAISED and heard_it) or unhidden:
                heard_it = True
                rings.append(Ring(alarm, event.at, _next(returns, event.at), _next(heard, event.at)))
    return tuple(sorted(rings, key=lambda ring: (ring.at, ring.alarm))), tuple(masked)


_UNHIDES = frozenset((What.UNSHELVED, What.UNSUPPRESSED, What.IN_SERVICE))


def _next(times: NDArray[np.int64], after: int) -> int | None:
    at = int(np.searchsorted(times, after))
    return int(times[at]) if at < times.size else None


def floods_of(rings: Sequence[Ring], *, operators: int = 1) -> tuple[Flood, ...]:
    """Return the floods: stretches that begin once a window holds too many rings, and end once it holds few.

    Parameters
    ----------
    rings : sequence of Ring
        By time.
    operators : int
        The counts are for each of them.

    Returns
    -------
    tuple of Flood
    """
    known = targets()
    window = round(known["flood_window"].value * SECOND_US)
    begins, ends = known["flood_begins"].value * operators, known["flood_ends"].value * operators
    moves = sorted([(ring.at, 1, ring.alarm) for ring in rings] + [(ring.at + window, 0, ring.alarm) for ring in rings])
    floods: list[Flood] = []
    now = count = peak = start = 0
    first = ""
    recent: list[tuple[int, str]] = []
    flooded = False
    for number, (at, comes, alarm) in enumerate(moves):
        if comes:
            now += 1
            recent.append((at, alarm))
            if flooded:
                count, peak = count + 1, max(peak, now)
            elif now >= begins:
                # It began with the first ring of the window that is full now.
                start, first = recent[-now]
                flooded, count, peak = True, now, now
        else:
            now -= 1
        # What leaves and comes at one instant is counted together: a ring that takes another's place ends no flood.
        is_last = number + 1 == len(moves) or moves[number + 1][0] != at
        if flooded and is_last and now < ends:
            floods.append(Flood(start, at, count, peak, first))
            flooded = False
    return tuple(floods)


def review(
    events: Iterable[Event], alarms: Mapping[str, Alarm], start: int, end: int, *, operators: int = 1, top: int = 10
) -> Review:
    """Measure a stretch of the journal.

    Parameters
    ----------
    events : iterable of Event
    alarms : mapping of str to Alarm
        By id; gives the priorities.
    start, end : int
        Microseconds UTC.
    operators : int
        People who share the alarms.
    top : int
        How many of the most frequent are named.

    Returns
    -------
    Review
    """
    known_events = [event for event in events if event.at < end]
    rings, masked_times = rings_of(known_events)
    masked = sum(start <= at for at in masked_times)
    within = tuple(ring for ring in rings if start <= ring.at)
    counts = Counter(ring.alarm for ring in within)
    known = [alarms[ring.alarm].priority for ring in within if ring.alarm in alarms]
    standing = [
        (ring.alarm, (end - ring.at) / SECOND_US)
        for ring in rings
        if (ring.returned_at is None or ring.returned_at >= end)
        and end - ring.at > targets()["standing"].value * SECOND_US
    ]
    return Review(
        start,
        end,
        operators,
        within,
        masked,
        floods_of(within, operators=operators),
        tuple(counts.most_common(top)),
        chattering(within),
        _fleeting(within),
        tuple(sorted(standing, key=lambda one: -one[1])),
        {priority: known.count(priority) / len(known) for priority in PRIORITIES} if known else {},
    )


def chattering(rings: Sequence[Ring]) -> tuple[tuple[str, int], ...]:
    """Return the alarms that rang several times within a short window, and how many of their rings did so.

    Parameters
    ----------
    rings : sequence of Ring
        By time. How many, and in which window, says the table `alarm_target`.
    """
    known = targets()
    times, window = round(known["chatter_rings"].value), round(known["chatter_window"].value * SECOND_US)
    found = {}
    for alarm in dict.fromkeys(ring.alarm for ring in rings):
        at = np.array([ring.at for ring in rings if ring.alarm == alarm], np.int64)
        if at.size < times:
            continue
        close = at[times - 1 :] - at[: at.size - times + 1] <= window
        part = np.zeros(at.size, np.bool_)
        for shift in range(times):
            part[shift : shift + close.size] |= close
        if part.any():
            found[alarm] = int(part.sum())
    return tuple(sorted(found.items(), key=lambda one: -one[1]))


def _fleeting(rings: Sequence[Ring]) -> tuple[tuple[str, int], ...]:
    short = targets()["fleeting"].value * SECOND_US
    counts = Counter(
        ring.alarm for ring in rings if ring.returned_at is not None and ring.returned_at - ring.at <= short
    )
    return tuple(counts.most_common())
