"""What an alarm watches and how: its limit, its delays, how much haste it needs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from forgecast.ground.dates import SECOND_US
from forgecast.ground.texts import Text, text


class Kind(StrEnum):
    """What raises an alarm."""

    HIGH_HIGH = "high_high"
    HIGH = "high"
    LOW = "low"
    LOW_LOW = "low_low"
    RATE = "rate"
    STALE = "stale"


class Priority(StrEnum):
    """How much haste an alarm needs."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


#: Priorities from the one that can wait to the one that cannot.
PRIORITIES = tuple(Priority)

PRIORITY_TEXTS: dict[Priority, Text] = {
    Priority.LOW: text("low priority"),
    Priority.MEDIUM: text("medium priority"),
    Priority.HIGH: text("high priority"),
    Priority.CRITICAL: text("critical"),
}
KIND_TEXTS: dict[Kind, Text] = {
    Kind.HIGH_HIGH: text("much too high"),
    Kind.HIGH: text("too high"),
    Kind.LOW: text("too low"),
    Kind.LOW_LOW: text("much too low"),
    Kind.RATE: text("changes too fast"),
    Kind.STALE: text("readings stay away"),
}


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm on one series.

    Parameters
    ----------
    id, tag : str
    kind : Kind
    limit : float
        In the unit of the series; of a rate that unit per second, of readings that stay away seconds.
    priority : Priority
    deadband : float
        How far the value must come back before it has returned, in the unit of the limit.
    on_delay, off_delay : float
        How long the condition, or its return, must last before it counts, s.
    hazard : str
        Safety hazard it warns of; empty for an alarm of the process.
    equipment : str
    suppress_tag : str
        Series that says when the alarm is suppressed by design; empty where there is none.
    suppress_below : float
        It is suppressed while that series is below this; NaN where there is none.
    """

    id: str
    tag: str
    kind: Kind
    limit: float
    priority: Priority = Priority.MEDIUM
    deadband: float = 0.0
    on_delay: float = 0.0
    off_delay: float = 0.0
    hazard: str = ""
    equipment: str = ""
    suppress_tag: str = ""
    suppress_below: float = float("nan")

    @property
    def on_delay_us(self) -> int:
        """Return the delay before it is raised, microseconds."""
        return round(self.on_delay * SECOND_US)

    @property
    def off_delay_us(self) -> int:
        """Return the delay before it has returned, microseconds."""
        return round(self.off_delay * SECOND_US)

    @property
    def downwards(self) -> bool:
        """Return whether it rings below its limit."""
        return self.kind in (Kind.LOW, Kind.LOW_LOW)
