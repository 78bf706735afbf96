"""Events of alarms: what the journal holds, and the state that follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from forgecast.ground.texts import Text, text


class What(StrEnum):
    """What can happen to an alarm, in the words of the record `alarm_event`."""

    RETURNED = "returned"
    RAISED = "raised"
    SUPPRESSED = "suppressed"
    UNSUPPRESSED = "unsuppressed"
    UNSHELVED = "unshelved"
    ACKNOWLEDGED = "acknowledged"
    SHELVED = "shelved"
    OUT_OF_SERVICE = "out_of_service"
    IN_SERVICE = "in_service"
    NOTIFIED = "notified"
    NOT_NOTIFIED = "not_notified"


_NUMBERS = {what: number for number, what in enumerate(What)}


class Shown(StrEnum):
    """How an alarm stands: the states of ISA-18.2."""

    NORMAL = "normal"
    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED_UNACKNOWLEDGED = "returned-unacknowledged"
    SHELVED = "shelved"
    SUPPRESSED = "suppressed"
    OUT_OF_SERVICE = "out-of-service"


SHOWN_TEXTS: dict[Shown, Text] = {
    Shown.NORMAL: text("normal"),
    Shown.UNACKNOWLEDGED: text("active, not acknowledged"),
    Shown.ACKNOWLEDGED: text("active, acknowledged"),
    Shown.RETURNED_UNACKNOWLEDGED: text("returned, not acknowledged"),
    Shown.SHELVED: text("shelved"),
    Shown.SUPPRESSED: text("suppressed by design"),
    Shown.OUT_OF_SERVICE: text("out of service"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """One event of one alarm.

    Parameters
    ----------
    alarm : str
    at : int
        Microseconds UTC.
    what : What
    value : float or None
        Value of the series at that instant, where the series caused it.
    until : int or None
        Until when it is shelved.
    by, note : str
    """

    alarm: str
    at: int
    what: What
    value: float | None = None
    until: int | None = None
    by: str = ""
    note: str = ""

    @property
    def number(self) -> int:
        """Return its place among the events of one alarm at one instant; one kind of event happens once there.

        So the same event has the same key whenever it is found: what is told twice is kept once.
        """
        return _NUMBERS[self.what]


@dataclass(frozen=True, slots=True)
class Standing:
    """How an alarm stands, as its journal tells it. The order in which events are told does not matter.

    Parameters
    ----------
    raised_at, returned_at, acknowledged_at : int or None
        Last instant of each.
    shelved_at, shelved_until, unshelved_at : int or None
    suppressed_at, unsuppressed_at, out_at, in_at : int or None
    value : float or None
        Value at the last raise.
    """

    raised_at: int | None = None
    returned_at: int | None = None
    acknowledged_at: int | None = None
    shelved_at: int | None = None
    shelved_until: int | None = None
    unshelved_at: int | None = None
    suppressed_at: int | None = None
    unsuppressed_at: int | None = None
    out_at: int | None = None
    in_at: int | None = None
    value: float | None = None

    @property
    def active(self) -> bool:
        """Return whether the condition holds."""
        return _later(self.raised_at, self.returned_at)

    @property
    def acknowledged(self) -> bool:
        """Return whether somebody has seen the last raise."""
        return self.raised_at is None or not _later(self.raised_at, self.acknowledged_at)

    @property
    def suppressed(self) -> bool:
        """Return whether it is suppressed by design."""
        return _later(self.suppressed_at, self.unsuppressed_at)

    @property
    def out_of_service(self) -> bool:
        """Return whether it was taken out of service."""
        return _later(self.out_at, self.in_at)

    def shelved(self, at: int) -> bool:
        """Return whether it is shelved at an instant."""
        until = self.shelved_until
        return until is not None and _later(self.shelved_at, self.unshelved_at) and at < until

    def masked(self, at: int) -> bool:
        """Return whether nobody is to be bothered with it."""
        return self.out_of_service or self.suppressed or self.shelved(at)

    def shown(self, at: int) -> Shown:
        """Return the state at an instant."""
        if self.out_of_service:
            return Shown.OUT_OF_SERVICE
        if self.suppressed:
            return Shown.SUPPRESSED
        if self.shelved(at):
            return Shown.SHELVED
        if self.active:
            return Shown.ACKNOWLEDGED if self.acknowledged else Shown.UNACKNOWLEDGED
        return Shown.NORMAL if self.acknowledged else Shown.RETURNED_UNACKNOWLEDGED

    def after(self, event: Event) -> Standing:
        """Return how it stands once an event is known."""
        name = _TIMES.get(event.what)
        if name is None or not _later(event.at, getattr(self, name)):
            return self
        found = replace(self, **{name: event.at})
        if event.what is What.SHELVED:
            return replace(found, shelved_until=event.until)
        return replace(found, value=event.value) if event.what is What.RAISED else found


_TIMES = {
    What.RAISED: "raised_at",
    What.RETURNED: "returned_at",
    What.ACKNOWLEDGED: "acknowledged_at",
    What.SHELVED: "shelved_at",
    What.UNSHELVED: "unshelved_at",
    What.SUPPRESSED: "suppressed_at",
    What.UNSUPPRESSED: "unsuppressed_at",
    What.OUT_OF_SERVICE: "out_at",
    What.IN_SERVICE: "in_at",
}


def _later(one: int | None, other: int | None) -> bool:
    return one is not None and (other is None or one > other)


def standing_of(events: Iterable[Event]) -> Standing:
    """Return how an alarm stands after the events of its journal, in any order."""
    found = Standing()
    for event in events:
        found = found.after(event)
    return found
