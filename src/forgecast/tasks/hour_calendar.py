"""Judged hours as a calendar: each day of a stack and pollutant with the state of each of its hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import HOUR_US, day_start_us
from forgecast.ground.texts import Text, text
from forgecast.rules.each_hour import HOUR_WORDS
from forgecast.rules.verdict import Word
from forgecast.tasks.judge_hours import JudgedHours, JudgedStack, pollutant_text


class HourState(StrEnum):
    """What an hour is in the calendar; the letter stands for it in a day's word."""

    MET = "m"
    OVER = "x"
    #: Due, and without a valid mean.
    NOT_VALID = "v"
    #: A valid mean, but which limit holds is not settled.
    OPEN = "o"
    AT_REST = "r"
    NO_LIMIT = "n"


STATE_TEXTS: dict[HourState, Text] = {
    HourState.MET: text("met"),
    HourState.OVER: text("not met"),
    HourState.NOT_VALID: text("not valid"),
    HourState.OPEN: text("limit not settled"),
    HourState.AT_REST: text("not running"),
    HourState.NO_LIMIT: text("no limit held"),
}


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day of a stack and pollutant.

    Parameters
    ----------
    day : date
    states : str
        One letter of `HourState` for each hour that begins on the day, in their order.
    worst : float or None
        Highest valid hourly mean, mg/m3.
    limit : float or None
        Strictest limit of the day's hours that certainly holds, mg/m3.
    """

    day: date
    states: str
    worst: float | None
    limit: float | None

    def count(self, state: HourState) -> int:
        """Return how many hours are in a state."""
        return self.states.count(state)

    def as_json(self) -> dict[str, object]:
        """Return the day as every JSON answer shows it."""
        return {
            "on": self.day.isoformat(),
            "states": self.states,
            "met_h": self.count(HourState.MET),
            "over_h": self.count(HourState.OVER),
            "not_valid_h": self.count(HourState.NOT_VALID),
            "open_h": self.count(HourState.OPEN),
            "at_rest_h": self.count(HourState.AT_REST),
            "worst_mg_m3": self.worst,
            "limit_mg_m3": self.limit,
        }


def states_of(judged: JudgedStack) -> NDArray[np.str_]:
    """Return the letter of `HourState` of each hour, (n,) array of one letter."""
    words = judged.words
    found = np.full(words.shape, str(HourState.OPEN), dtype="<U1")
    found[words == HOUR_WORDS.index(Word.MET)] = HourState.MET
    found[words == HOUR_WORDS.index(Word.NOT_MET)] = HourState.OVER
    unknown = words == HOUR_WORDS.index(Word.NOT_KNOWN)
    found[unknown & ~np.isfinite(judged.told.judged)] = HourState.NOT_VALID
    rest = words == HOUR_WORDS.index(Word.NOT_APPLICABLE)
    found[rest & judged.due] = HourState.NO_LIMIT
    found[rest & ~judged.due] = HourState.AT_REST
    return found


def calendar_of(judged: JudgedStack, start: date, end: date) -> tuple[CalendarDay, ...]:
    """Return the days of a judged stack, `end` exclusive."""
    letters = states_of(judged)
    first = int(judged.hours[0]) if judged.hours.size else 0
    found = []
    day = start
    while day < end:
        edges = [-(-day_start_us(one, judged.zone) // HOUR_US) - first for one in (day, day + timedelta(days=1))]
        part = slice(max(edges[0], 0), max(edges[1], 0))
        values, limits = judged.told.judged[part], judged.each.limit[part]
        values, limits = values[np.isfinite(values)], limits[np.isfinite(limits)]
        found.append(
            CalendarDay(
                day,
                "".join(letters[part]),
                float(values.max()) if values.size else None,
                float(limits.min()) if limits.size else None,
            )
        )
        day += timedelta(days=1)
    return tuple(found)


def calendars(judged: JudgedHours) -> list[dict[str, object]]:
    """Return the calendar of every stack, pollutant and requirement as JSON shows it."""
    return [
        {
            "stack": one.stack,
            "stack_name": one.stack_name,
            "pollutant": one.pollutant,
            "pollutant_name": pollutant_text(one.pollutant).as_json(),
            "requirement": one.requirement,
            "title": one.title.as_json(),
            "days": [day.as_json() for day in calendar_of(one, judged.period.start, judged.period.end)],
        }
        for one in judged.stacks
    ]
