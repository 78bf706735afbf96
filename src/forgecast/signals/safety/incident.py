"""Incidents drafted from alarms: began, noticed, handled, ended, and whether it was seen early."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from forgecast.ground.dates import MINUTE_US, SECOND_US
from forgecast.ground.texts import Text, text
from forgecast.signals.alarm.definition import PRIORITIES, Alarm, Kind
from forgecast.signals.alarm.event import Event, What
from forgecast.signals.alarm.review import Ring, rings_of
from forgecast.signals.lasting import lasting

#: Rings of one hazard on one machine that are no further apart belong to one incident.
APART_US = 30 * MINUTE_US


@dataclass(frozen=True, slots=True)
class Draft:
    """An incident as the alarms tell it; what only people know is left open.

    Parameters
    ----------
    id, hazard, equipment : str
    alarm : str
        The one that noticed it first.
    began_at : int
        First sign in the records, microseconds UTC.
    noticed_at : int
        First ring that somebody could hear.
    handled_at : int or None
        First acknowledgement.
    handled_by : str
    ended_at : int or None
        When the last of its alarms returned; None while one is active.
    rings : tuple of Ring
    evaluation : tuple of Text
        What the times say.
    """

    id: str
    hazard: str
    equipment: str
    alarm: str
    began_at: int
    noticed_at: int
    handled_at: int | None
    handled_by: str
    ended_at: int | None
    rings: tuple[Ring, ...]
    evaluation: tuple[Text, ...]


def draft_incidents(
    events: Iterable[Event], alarms: Mapping[str, Alarm], response_times: Mapping[str, float]
) -> tuple[Draft, ...]:
    """Return the incidents in a journal, by their beginning.

    Parameters
    ----------
    events : iterable of Event
    alarms : mapping of str to Alarm
        By id; those without a hazard are of the process and make no incident.
    response_times : mapping of str to float
        By alarm: the time there is to act, s; absent where it is not declared.
    """
    known = [event for event in events if event.alarm in alarms and alarms[event.alarm].hazard]
    rings, _ = rings_of(known)
    groups: dict[tuple[str, str], list[list[Ring]]] = {}
    for ring in rings:
        alarm = alarms[ring.alarm]
        own = groups.setdefault((alarm.hazard, alarm.equipment or alarm.tag), [])
        if own and ring.at <= _end(own[-1], ring.at) + APART_US:
            own[-1].append(ring)
        else:
            own.append([ring])
    drafts = [
        _draft(hazard, group, alarms, known, response_times)
        for (hazard, _), listed in groups.items()
        for group in listed
    ]
    return tuple(sorted(drafts, key=lambda draft: (draft.began_at, draft.id)))


def _end(rings: Sequence[Ring], now: int) -> int:
    return max(now if ring.returned_at is None else ring.returned_at for ring in rings)


def _draft(
    hazard: str,
    rings: Sequence[Ring],
    alarms: Mapping[str, Alarm],
    events: Sequence[Event],
    response_times: Mapping[str, float],
) -> Draft:
    first = rings[0]
    alarm = alarms[first.alarm]
    heard = [ring.acknowledged_at for ring in rings if ring.acknowledged_at is not None]
    handled = min(heard, default=None)
    ended = None if any(ring.returned_at is None for ring in rings) else _end(rings, first.at)
    names = {ring.alarm for ring in rings}
    by = next((e.by for e in events if e.alarm in names and e.what is What.ACKNOWLEDGED and e.at == handled), "")
    began = first.at - alarm.on_delay_us
    return Draft(
        f"I-{first.alarm}-{first.at // SECOND_US}",
        hazard,
        alarm.equipment,
        first.alarm,
        began,
        first.at,
        handled,
        by,
        ended,
        tuple(rings),
        tuple(_evaluation(rings, alarms, handled, ended, response_times)),
    )


def _evaluation(
    rings: Sequence[Ring],
    alarms: Mapping[str, Alarm],
    handled: int | None,
    ended: int | None,
    response_times: Mapping[str, float],
) -> Iterable[Text]:
    """Yield what the times say: seen early, answered in time, over."""
    first = rings[0]
    gravest = max(rings, key=lambda ring: _gravity(alarms[ring.alarm]))
    if _gravity(alarms[gravest.alarm]) > _gravity(alarms[first.alarm]):
        yield text(
            "seen early: {first} rang {ahead} before {gravest}",
            first=first.alarm,
            ahead=lasting((gravest.at - first.at) / SECOND_US),
            gravest=gravest.alarm,
        )
    elif _gravity(alarms[first.alarm])[0]:
        yield text("not seen early: {alarm}, the last limit, was the first to ring", alarm=first.alarm)
    if handled is None:
        yield text("nobody has acknowledged it")
    else:
        took = (handled - first.at) / SECOND_US
        allowed = response_times.get(first.alarm)
        if allowed is None:
            yield text("acknowledged after {time}; no response time is declared", time=lasting(took))
        elif took <= allowed:
            yield text("acknowledged after {time}, within the {allowed} allowed", time=lasting(took),
                       allowed=lasting(allowed))  # fmt: skip
        else:
            yield text("acknowledged after {time}, later than the {allowed} allowed", time=lasting(took),
                       allowed=lasting(allowed))  # fmt: skip
    if ended is None:
        yield text("it is still going on")


def _gravity(alarm: Alarm) -> tuple[bool, int]:
    """Return how grave an alarm is: a second limit above a first one, then its priority."""
    return alarm.kind in (Kind.HIGH_HIGH, Kind.LOW_LOW), PRIORITIES.index(alarm.priority)
