"""What a person does to an alarm: acknowledge it, shelve it for a while, take it out of service."""

from __future__ import annotations

import time
from collections.abc import Callable

from forgecast.ground.dates import DAY_US
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.signals.alarm.event import SHOWN_TEXTS, Event, Standing, What, standing_of
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.alarm_journal import alarm_of, journal_of, write_events

#: Longest shelving: what is to be quiet for longer is out of service, and somebody has to decide that.
LONGEST_US = 7 * DAY_US


def act_on_alarm(
    plant: PlantFolder,
    number: str,
    what: What,
    *,
    by: str,
    note: str = "",
    shelve_s: float | None = None,
    now: Callable[[], int] = lambda: time.time_ns() // 1_000,
) -> Event:
    """Write into the journal what a person does to an alarm.

    Parameters
    ----------
    plant : PlantFolder
    number : str
        The alarm.
    what : What
        `ACKNOWLEDGED`, `SHELVED`, `UNSHELVED`, `OUT_OF_SERVICE` or `IN_SERVICE`.
    by : str
        Who.
    note : str
        Why.
    shelve_s : float or None
        For how long it is shelved, s.
    now : callable
        Microseconds UTC.

    Returns
    -------
    Event

    Raises
    ------
    ForgecastError
        If there is no such alarm, nobody answers for it, or it makes no sense as the alarm stands.
    """
    alarm_of(plant, number)
    at = now()
    standing = standing_of(journal_of(plant, alarm=number))
    if not by.strip():
        raise ForgecastError(text("nobody answers for it"), where=number, repair=text("say who you are with --by NAME"))
    until = None
    if what is What.SHELVED:
        until = at + round((shelve_s or 0.0) * 1e6)
        if not 0 < until - at <= LONGEST_US:
            raise ForgecastError(
                text("an alarm is shelved for a limited time, up to 7 days"),
                where=number,
                repair=text("give a time such as 2h, or take it out of service with a reason"),
            )
    if what is What.OUT_OF_SERVICE and not note.strip():
        raise ForgecastError(
            text("an alarm is taken out of service for a reason"), where=number, repair=text("give it with --note")
        )
    if not _fits(standing, what, at):
        raise ForgecastError(
            text("the alarm {number} is {state}", number=number, state=SHOWN_TEXTS[standing.shown(at)]),
            where=number,
            repair=text("nothing is to be done; `forgecast signals alarms PLANT` shows which alarms wait for somebody"),
        )
    event = Event(number, at, what, None, until, by, note)
    write_events(plant, [event], by=by)
    return event


def _fits(standing: Standing, what: What, at: int) -> bool:
    return {
        What.ACKNOWLEDGED: not standing.acknowledged,
        What.SHELVED: True,
        What.UNSHELVED: standing.shelved(at),
        What.OUT_OF_SERVICE: not standing.out_of_service,
        What.IN_SERVICE: standing.out_of_service,
    }[what]
