"""Stacks by the hour: today, a month as a calendar, one day, one hour with its readings."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import BaseModel, Field

from forgecast.app.doors.door import Call, Door, NoQuestion, Question, Way, Words
from forgecast.app.doors.reported import (
    FIRST_DAY,
    LAST_DAY,
    PeriodQuestion,
    PeriodTold,
    TableTold,
    days_asked,
    period_told,
)
from forgecast.app.doors.values import FindingTold, moment_at
from forgecast.ground.dates import HOUR_US, Period
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.rules.book import LAYER_TEXTS, Layer
from forgecast.store.server.rights import Right
from forgecast.tasks.hour_calendar import STATE_TEXTS, calendars, states_of
from forgecast.tasks.hour_readings import hour_readings
from forgecast.tasks.hour_tables import stretches_table, summary_table
from forgecast.tasks.judge_hours import HourVerdict, JudgedStack, judge_hours, pollutant_text
from forgecast.tasks.plant_view import PlantView, period_of
from forgecast.tasks.stack_figures import origin_of
from forgecast.tasks.stacks_today import stacks_today


class OverTold(BaseModel):
    """A limit that an hour is above."""

    layer: str
    limit: float
    clause: Words


class HourTold(BaseModel):
    """One hour of one pollutant of one stack; concentrations in mg/m3 of dry gas at the standard state."""

    stack: str
    pollutant: str
    requirement: str
    begins_at: str
    state: str = Field(description="m met, x not met, v not valid, o limit open, r not running, n no limit")
    word: str
    value_mg_m3: float | None = Field(description="At reference oxygen: what the law compares.")
    measured_mg_m3: float | None = Field(description="Before conversion to reference oxygen.")
    valid_share: float
    limit_mg_m3: float | None
    layer: str
    layer_name: Words | None
    clause: Words | None
    over: list[OverTold]
    why: Words


class AheadTold(BaseModel):
    """Where the running hour is heading; a forecast, no verdict."""

    begins_at: str
    limit_mg_m3: float
    mean_so_far_mg_m3: float
    projected_mg_m3: float
    allowed_for_the_rest_mg_m3: float
    elapsed_share: float
    threatens: bool
    lost: bool
    what: Words


class StackNow(BaseModel):
    """One pollutant of one stack today."""

    stack: str
    stack_name: str
    pollutant: str
    pollutant_name: Words
    requirement: str
    word: str
    states: str
    over_h: int
    not_valid_h: int
    last: HourTold | None
    ahead: AheadTold | None


class StacksNow(BaseModel):
    """All stacks today, or on the last day with readings."""

    on: str
    live: bool
    zone: str
    states: dict[str, Words]
    stacks: list[StackNow]
    silent: list[str]


class DayStates(BaseModel):
    """One day: a letter for each hour."""

    on: str
    states: str
    met_h: int
    over_h: int
    not_valid_h: int
    open_h: int
    at_rest_h: int
    worst_mg_m3: float | None
    limit_mg_m3: float | None


class StackCalendar(BaseModel):
    """The days of one pollutant of one stack under one requirement."""

    stack: str
    stack_name: str
    pollutant: str
    pollutant_name: Words
    requirement: str
    title: Words
    days: list[DayStates]


class HoursAnswer(BaseModel):
    """Hours of a stretch of days, as a calendar and as tables."""

    period: PeriodTold
    zone: str
    states: dict[str, Words]
    stacks: list[StackCalendar]
    compliance: TableTold
    exceedances: TableTold
    findings: list[FindingTold]


class HoursQuestion(PeriodQuestion):
    """Which days, and which stacks."""

    stack: list[str] = Field(default_factory=list, max_length=50, description="Only these; all without.")


class DayQuestion(Question):
    """A day of a stack."""

    day_on: date = Field(ge=FIRST_DAY, le=LAST_DAY)
    stack: str = Field(default="", max_length=100, description="All stacks without.")
    pollutant: str = Field(default="", max_length=40)


class ShownChart(BaseModel):
    """What a chart of the day shows, and the tags it was computed from."""

    chart: str
    stack: str
    stack_name: str
    pollutant: str
    pollutant_name: Words
    requirement: str
    title: Words
    origin: str


class DayAnswer(BaseModel):
    """Every hour of a day, and a chart for each pollutant of a stack."""

    day_on: str
    zone: str
    states: dict[str, Words]
    hours: list[HourTold]
    shown: list[ShownChart]
    charts: dict[str, Any]


class HourQuestion(Question):
    """An hour of a stack."""

    stack: str = Field(min_length=1, max_length=100)
    begins_at: datetime = Field(description="Beginning of the hour, with its offset.")


class TagTold(BaseModel):
    """One series of the stack in the hour; flags: 0 good, else why not."""

    tag: str
    measures: str
    unit: str
    described_in: str
    expected: float | None
    count: int
    good: int
    mean: float | None
    lowest: float | None
    highest: float | None
    times: list[int]
    values: list[float]
    flags: list[int]


class HourAnswer(BaseModel):
    """What an hour rests on."""

    stack: str
    begins_at: str
    zone: str
    hours: list[HourTold]
    series: list[TagTold]
    charts: dict[str, Any]


class ReachAnswer(BaseModel):
    """What can be asked about: stacks, pollutants, months on record."""

    first_on: str
    last_on: str
    month: str
    months: list[str]
    stacks: list[dict[str, Any]]
    pollutants: dict[str, Words]
    machines: list[dict[str, Any]]


def hour_told(one: HourVerdict, state: str) -> dict[str, Any]:
    """Return an hour as `HourTold`."""
    said: Mapping[str, Any] = one.as_json()
    return {
        **{key: said[key] for key in ("stack", "pollutant", "requirement", "word", "layer", "clause", "over", "why")},
        "begins_at": moment_at(one.hour * HOUR_US),
        "state": state,
        "value_mg_m3": one.value,
        "measured_mg_m3": one.measured,
        "valid_share": one.share,
        "limit_mg_m3": one.limit,
        "layer_name": LAYER_TEXTS[Layer(one.layer)].as_json() if one.layer else None,
    }


def _states() -> dict[str, Any]:
    return {str(state): words.as_json() for state, words in STATE_TEXTS.items()}


def _now(call: Call, _question: NoQuestion) -> dict[str, Any]:
    found = stacks_today(call.plant, now_us=time.time_ns() // 1_000)
    stacks = []
    for one in found.stacks:
        last = None
        if one.last is not None:
            index = one.last.hour - int(one.judged.hours[0])
            last = hour_told(one.last, str(states_of(one.judged)[index]))
        said: Mapping[str, Any] = one.as_json()
        kept = ("stack", "stack_name", "pollutant", "pollutant_name", "requirement", "word", "states", "over_h",
                "not_valid_h")  # fmt: skip
        stacks.append({**{key: said[key] for key in kept}, "last": last, "ahead": _ahead(one.ahead)})
    return {
        "on": found.day.isoformat(),
        "live": found.live,
        "zone": call.plant.settings.zone,
        "states": _states(),
        "stacks": stacks,
        "silent": list(found.silent),
    }


def _ahead(one: Any) -> dict[str, Any] | None:  # noqa: ANN401  (HourWarning or None)
    if one is None:
        return None
    return {
        "begins_at": moment_at(one.hour * HOUR_US),
        "limit_mg_m3": one.limit,
        "mean_so_far_mg_m3": one.forecast.mean,
        "projected_mg_m3": one.forecast.projected,
        "allowed_for_the_rest_mg_m3": one.forecast.allowed,
        "elapsed_share": one.forecast.elapsed,
        "threatens": one.forecast.threatens,
        "lost": one.forecast.lost,
        "what": one.what.as_json(),
    }


def _hours(call: Call, question: HoursQuestion) -> dict[str, Any]:
    period = days_asked(call.plant, question)
    judged = judge_hours(call.plant, period).of_stacks(question.stack)
    return {
        "period": period_told(period),
        "zone": judged.zone,
        "states": _states(),
        "stacks": calendars(judged),
        "compliance": summary_table(judged).as_json(),
        "exceedances": stretches_table(judged).as_json(),
        "findings": [one.as_json() for one in judged.findings],
    }


def _day(call: Call, question: DayQuestion) -> dict[str, Any]:
    period = Period(question.day_on, question.day_on + timedelta(days=1))
    judged = judge_hours(call.plant, period).of_stacks([question.stack] if question.stack else [])
    wanted = [one for one in judged.stacks if question.pollutant in ("", one.pollutant)]
    hours, charts, shown = [], {}, []
    for number, one in enumerate(wanted):
        letters = states_of(one)
        hours += [hour_told(one.at(n), str(letters[n])) for n in range(one.hours.size)]
        charts[f"c{number}"] = _chart(one)
        shown.append(
            {
                "chart": f"c{number}",
                "stack": one.stack,
                "stack_name": one.stack_name,
                "pollutant": one.pollutant,
                "pollutant_name": pollutant_text(one.pollutant).as_json(),
                "requirement": one.requirement,
                "title": one.title.as_json(),
                "origin": origin_of(one.told.origin),
            }
        )
    return {
        "day_on": question.day_on.isoformat(),
        "zone": judged.zone,
        "states": _states(),
        "hours": hours,
        "shown": shown,
        "charts": charts,
    }


def _chart(one: JudgedStack) -> dict[str, Any]:
    told = [one.at(n) for n in range(one.hours.size)]
    converted = text("judged, at reference oxygen")
    limits = [hour.limit for hour in told]
    return {
        "times": [hour.hour * HOUR_US // 1000 for hour in told],
        "series": [
            {"name": converted.as_json(), "unit": "mg/m3", "values": [hour.value for hour in told]},
            {"name": text("measured, dry gas").as_json(), "unit": "mg/m3", "values": [hour.measured for hour in told]},
            {"name": text("limit").as_json(), "unit": "mg/m3", "values": limits, "kind": "step", "tone": "bad"},
        ],
        "limits": [],
        "marks": [],
    }


def _hour(call: Call, question: HourQuestion) -> dict[str, Any]:
    if question.begins_at.tzinfo is None or not FIRST_DAY <= question.begins_at.date() <= LAST_DAY:
        raise ForgecastError(
            text("{given} is no instant", given=str(question.begins_at)),
            repair=text("write it like 2025-09-15T03:00:00Z"),
        )
    hour = int(question.begins_at.astimezone(UTC).timestamp()) // 3600
    series = hour_readings(call.plant, question.stack, hour)
    zone = call.plant.settings.zone
    day = question.begins_at.astimezone(UTC).date()
    judged = judge_hours(call.plant, Period(day - timedelta(days=1), day + timedelta(days=2)))
    hours = []
    for one in judged.stacks:
        index = hour - int(one.hours[0]) if one.hours.size else -1
        if one.stack == question.stack and 0 <= index < one.hours.size:
            hours.append(hour_told(one.at(index), str(states_of(one)[index])))
    told = [one.as_json() for one in series]
    return {
        "stack": question.stack,
        "begins_at": moment_at(hour * HOUR_US),
        "zone": zone,
        "hours": hours,
        "series": told,
        "charts": {f"c{number}": _readings_chart(one) for number, one in enumerate(told)},
    }


def _readings_chart(one: Mapping[str, Any]) -> dict[str, Any]:
    pairs = list(zip(one["values"], one["flags"], strict=True))
    unit = one["unit"]
    good = {"name": text("good readings").as_json(), "unit": unit, "kind": "line",
            "values": [value if flag == 0 else None for value, flag in pairs]}  # fmt: skip
    other = {"name": text("readings that do not count").as_json(), "unit": unit, "kind": "points", "tone": "warn",
             "values": [None if flag == 0 else value for value, flag in pairs]}  # fmt: skip
    series = [good, other] if any(flag for _, flag in pairs) else [good]
    return {"times": one["times"], "series": series, "limits": [], "marks": []}


def _reach(call: Call, _question: NoQuestion) -> dict[str, Any]:
    period, at = period_of(call.plant, None)
    view = PlantView(call.plant, period, at)
    months = set(period.months())
    spans = [view.spans[name] for name, row in view.tags.items() if row.text("stack")]
    first = min((view.day_of(span.t_lo) for span in spans), default=period.start)
    last = max((view.day_of(span.t_hi - 1) for span in spans), default=at)
    months |= set(Period(first, last + timedelta(days=1)).months())
    measured = {(row.text("stack"), row.text("measures")) for row in view.tags.values()}
    pollutants = sorted({measures for _, measures in measured if measures in _POLLUTANTS})
    return {
        "first_on": first.isoformat(),
        "last_on": last.isoformat(),
        "month": last.isoformat()[:7],
        "months": sorted(months, reverse=True),
        "stacks": [
            {"id": row.text("id"), "name": row.text("name"), "equipment": row.text("equipment")}
            for row in view.rows("stack")
        ],
        "pollutants": {code: pollutant_text(code).as_json() for code in pollutants},
        "machines": [{"id": row.text("id"), "name": row.text("name")} for row in view.rows("equipment")],
    }


_POLLUTANTS = ("pm", "so2", "nox", "pb", "benzene", "benzene_series", "nmhc", "tvoc")

DOORS: tuple[Door[Any], ...] = (
    Door("environment", "reach", text("Which stacks, pollutants and months are on record."), Right.SEE, Way.READ,
         NoQuestion, ReachAnswer, _reach, steady=True),
    Door("environment", "now", text("The stacks today, or on the last day with readings, against their limits."),
         Right.SEE, Way.READ, NoQuestion, StacksNow, _now, kept_s=5.0),
    Door("environment", "hours", text("Judge every hour of every stack of a stretch of days."), Right.SEE, Way.FIGURE,
         HoursQuestion, HoursAnswer, _hours),
    Door("environment", "day", text("Every hour of a day of a stack, with its limit and why."), Right.SEE, Way.READ,
         DayQuestion, DayAnswer, _day),
    Door("environment", "hour", text("The readings an hour of a stack rests on."), Right.SEE, Way.READ,
         HourQuestion, HourAnswer, _hour),
)  # fmt: skip
