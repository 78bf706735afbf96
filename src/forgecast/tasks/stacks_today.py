"""The stacks now and today: the last finished hour, the running one and the counts of the day, against the limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from forgecast.environment.running_hour import RunningHours
from forgecast.ground.dates import HOUR_US, Period, day_start_us, local_day
from forgecast.rules.book import LAYER_TEXTS, Layer
from forgecast.rules.each_hour import HOUR_WORDS
from forgecast.rules.verdict import Word
from forgecast.signals.reading import GOOD
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.hour_calendar import HourState, states_of
from forgecast.tasks.judge_hours import HourVerdict, JudgedStack, judge_hours, pollutant_text
from forgecast.tasks.judge_live_hours import FORECAST_FROM, HourWarning, LiveView, look_ahead
from forgecast.tasks.plant_view import PlantView, period_of


@dataclass(frozen=True, slots=True)
class StackToday:
    """One stack and pollutant today.

    Parameters
    ----------
    judged : JudgedStack
    last : HourVerdict or None
        The last finished hour with a word; None where none is.
    states : str
        One letter of `HourState` for each finished hour of the day.
    ahead : HourWarning or None
        Where the running hour is heading; None where too little of it is known.
    """

    judged: JudgedStack
    last: HourVerdict | None
    states: str
    ahead: HourWarning | None

    @property
    def word(self) -> Word:
        """Return the word of the day so far: not met with one hour over."""
        if HourState.OVER in self.states:
            return Word.NOT_MET
        if HourState.MET in self.states:
            return Word.MET
        rest = self.states and set(self.states) <= {HourState.AT_REST, HourState.NO_LIMIT}
        return Word.NOT_APPLICABLE if rest else Word.NOT_KNOWN

    def as_json(self) -> dict[str, object]:
        """Return it as every JSON answer shows it."""
        last = self.last
        return {
            "stack": self.judged.stack,
            "stack_name": self.judged.stack_name,
            "pollutant": self.judged.pollutant,
            "pollutant_name": pollutant_text(self.judged.pollutant).as_json(),
            "requirement": self.judged.requirement,
            "word": str(self.word),
            "states": self.states,
            "over_h": self.states.count(HourState.OVER),
            "not_valid_h": self.states.count(HourState.NOT_VALID),
            "last": None if last is None else last.as_json(),
            "layer_name": None if last is None or not last.layer else LAYER_TEXTS[Layer(last.layer)].as_json(),
            "ahead": None if self.ahead is None else self.ahead.as_json(),
        }


@dataclass(frozen=True, slots=True)
class StacksToday:
    """All stacks on one day.

    Parameters
    ----------
    day : date
    live : bool
        Whether the day is today; else it is the last one with readings.
    stacks : tuple of StackToday
    silent : tuple of str
        Stacks on record without any series that could be judged.
    """

    day: date
    live: bool
    stacks: tuple[StackToday, ...]
    silent: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Return the JSON answer."""
        return {
            "on": self.day.isoformat(),
            "live": self.live,
            "stacks": [one.as_json() for one in self.stacks],
            "silent": list(self.silent),
        }


def stacks_today(folder: PlantFolder, *, now_us: int) -> StacksToday:
    """Return how the stacks stand today, or on the last day with readings of a stack.

    Parameters
    ----------
    folder : PlantFolder
    now_us : int
        Microseconds UTC.

    Raises
    ------
    ForgecastError
        If the plant holds nothing that has a date.
    """
    zone = folder.settings.zone
    today = local_day(now_us, zone)
    running = _heard(folder, day_start_us(today, zone))
    live = bool(running.tags())
    day = today if live else _last_day(folder)
    period = Period(day, day + timedelta(days=1))
    view: PlantView = LiveView(folder, period, day, running) if live else PlantView(folder, period, day)
    judged = judge_hours(folder, period, view=view)
    hour = now_us // HOUR_US
    ahead = _ahead(folder, period, running, now_us) if live else {}
    stacks = tuple(
        _one(one, hour if live else int(one.hours[-1]) + 1, ahead.get((one.stack, one.pollutant, one.requirement)))
        for one in judged.stacks
    )
    seen = {one.stack for one in judged.stacks}
    silent = tuple(row.text("id") for row in view.rows("stack") if row.text("id") not in seen)
    return StacksToday(day, live, stacks, silent)


def _heard(folder: PlantFolder, since_us: int) -> RunningHours:
    """Return the live readings of all stacks since an instant."""
    rows = folder.records.read("tag")
    running = RunningHours({str(row["id"]) for row in rows if row["reading"] in ("mean", "quantity")})
    wanted = [str(row["id"]) for row in rows if row["stack"] or row["measures"] == "operating"]
    for tag, known in folder.tail.several(wanted, since_us).items():
        if len(known):
            running.take(tag, known.t, known.value, known.flag == GOOD)
    return running


def _last_day(folder: PlantFolder) -> date:
    spans = folder.telemetry.spans()
    ends = [
        spans[str(row["id"])].t_hi for row in folder.records.read("tag") if row["stack"] and str(row["id"]) in spans
    ]
    return local_day(max(ends) - 1, folder.settings.zone) if ends else period_of(folder, None)[1]


def _ahead(
    folder: PlantFolder, period: Period, running: RunningHours, now_us: int
) -> dict[tuple[str, str, str], HourWarning]:
    hour = now_us // HOUR_US
    elapsed = (now_us - hour * HOUR_US) / HOUR_US
    if elapsed < FORECAST_FROM:
        return {}
    view = LiveView(folder, period, period.start, running, least_share=1e-6)
    found = {}
    for judged in judge_hours(folder, period, view=view).stacks:
        one = look_ahead(view, running, judged, hour, now_us, elapsed)
        if one is not None:
            found[judged.stack, judged.pollutant, judged.requirement] = one
    return found


def _one(judged: JudgedStack, before: int, ahead: HourWarning | None) -> StackToday:
    done = int(np.searchsorted(judged.hours, before))
    words = judged.words[:done]
    told = np.flatnonzero(words != HOUR_WORDS.index(Word.NOT_APPLICABLE))
    index = int(told[-1]) if told.size else done - 1
    return StackToday(judged, judged.at(index) if done else None, "".join(states_of(judged)[:done]), ahead)
