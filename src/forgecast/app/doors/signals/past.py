"""Doors of the past of signals: one series, the gate, alarms tried and reviewed, incidents; and an alarm recorded."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, Field

from forgecast.app.doors.door import Call, Door, NoQuestion, Question, Way
from forgecast.app.doors.json_values import json_object, milliseconds
from forgecast.app.doors.quality.asked import Days
from forgecast.app.doors.values import moment_at
from forgecast.ground.dates import DAY_US, day_start_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.plant.rows import Value
from forgecast.signals.alarm.definition import KIND_TEXTS, PRIORITY_TEXTS, Alarm, Kind
from forgecast.signals.alarm.event import What
from forgecast.signals.alarm.review import Review, targets
from forgecast.signals.alarm.trial import Trial
from forgecast.signals.gate.doubt import REASON_TEXTS, Reason
from forgecast.signals.reading import GOOD
from forgecast.signals.safety.incident import Draft
from forgecast.store.server.rights import Right
from forgecast.tasks.alarm_journal import alarms_of, journal_of
from forgecast.tasks.draft_incidents import drafts_of, precursors_of, record_incidents, unwatched_hazards
from forgecast.tasks.gate_signals import Gated, gate_signals
from forgecast.tasks.keep_ledger import choice_text
from forgecast.tasks.record_entry import record_entries
from forgecast.tasks.replay_alarm import Replay, on_machine_of, replay_alarm
from forgecast.tasks.review_alarms import review_alarms
from forgecast.tasks.stretch_of_signal import SignalStretch, Span, stretch_of_signal

#: Columns in which a tried stretch is drawn, each from its lowest to its highest value.
_COLUMNS = 900
_MOST_DOUBTS = 200


class SeriesAsked(Question):
    """One series, and how much of it."""

    tag: str = Field(min_length=1, max_length=200)
    span: Literal["hour", "day", "week", "month", "year"] = "day"


class SeriesTold(BaseModel):
    """A stretch of a series as a chart, with limits of its alarms and what rang."""

    tag: str
    unit: str
    span: str
    start_at: str
    end_at: str
    step_s: float
    readings: int
    live: bool
    doubtful: int
    invalid: int
    chart: dict[str, Any]


class GateAsked(Days):
    """Which series."""

    tags: list[str] = Field(default=[], max_length=1000)


class GateTold(BaseModel):
    """What is doubtful in series, and how complete they are."""

    series: list[dict[str, Any]]


class ReviewAsked(Question):
    """How far back."""

    days: float = Field(default=30.0, gt=0.0, le=3_660.0, description="Up to the last event.")
    operators: int = Field(default=1, ge=1, le=1_000, description="People who share the alarms.")


class ReviewTold(BaseModel):
    """How the alarms behaved, with what ISA-18.2 asks for."""

    start_at: str
    end_at: str
    operators: int
    rings: int
    masked: int
    per_ten_minutes: float
    in_flood_share: float
    most_share: float
    most: list[dict[str, Any]]
    chattering: list[dict[str, Any]]
    fleeting: list[dict[str, Any]]
    standing: list[dict[str, Any]]
    floods: list[dict[str, Any]]
    priorities: list[dict[str, Any]]
    targets: dict[str, float]
    sources: list[dict[str, Any]]
    chart: dict[str, Any]


class TryAsked(Question):
    """An alarm to be tried on the past: one on record, or a series with a limit; given settings take its place."""

    tag: str = Field(min_length=1, max_length=200, description="A series, or the number of an alarm on record.")
    kind: Literal["high", "low", "rate", "stale"] | None = None
    limit: float | None = Field(default=None, ge=-1e12, le=1e12, description="In the unit of the series; s for stale.")
    deadband: float | None = Field(default=None, ge=0.0, le=1e12)
    on_delay_s: float | None = Field(default=None, ge=0.0, le=86_400.0)
    off_delay_s: float | None = Field(default=None, ge=0.0, le=86_400.0)
    days: float | None = Field(default=None, gt=0.0, le=3_660.0, description="How far back from the last reading.")
    per_ring_s: float | None = Field(
        default=None, gt=0.0, le=86_400.0, description="Time that one ring takes a person."
    )


class TryTold(BaseModel):
    """What the alarm would have done, and how other settings would have done."""

    tag: str
    unit: str
    kind: str
    limit: float
    deadband: float
    on_delay_s: float
    off_delay_s: float
    start_at: str
    end_at: str
    readings: int
    rings: int
    rings_per_day: float
    active_share: float
    median_length_s: float | None
    hidden: int
    on_doubtful_readings: int
    chattering: int
    floods: int
    false_rings: int | None
    attention_s: float | None
    noticed: list[dict[str, Any]]
    other_settings: list[dict[str, Any]]
    calmest: dict[str, Any] | None
    chart: dict[str, Any]


class IncidentsTold(BaseModel):
    """Incidents as the alarms tell them, what is about to become one, and hazards nobody watches."""

    incidents: list[dict[str, Any]]
    precursors: list[dict[str, Any]]
    unwatched: list[dict[str, Any]]
    not_recorded: int


class RecordedTold(BaseModel):
    """How many were new."""

    new: int


class DefineAsked(Question):
    """An alarm for the master list."""

    alarm: str = Field(min_length=1, max_length=100, description="Number of the alarm; one that is there is changed.")
    tag: str = Field(min_length=1, max_length=200)
    kind: Literal["high_high", "high", "low", "low_low", "rate", "stale"]
    limit: float = Field(ge=-1e12, le=1e12)
    priority: Literal["low", "medium", "high", "critical"]
    deadband: float | None = Field(default=None, ge=0.0, le=1e12)
    on_delay_s: float | None = Field(default=None, ge=0.0, le=86_400.0)
    off_delay_s: float | None = Field(default=None, ge=0.0, le=86_400.0)
    response: str = Field(default="", max_length=2000, description="What the operator is to do.")


def _series(call: Call, asked: SeriesAsked) -> Mapping[str, Any]:
    found = stretch_of_signal(call.plant, asked.tag, Span(asked.span), now=time.time_ns() // 1_000)
    return json_object(
        {
            "tag": found.tag, "unit": found.unit, "span": str(found.span), "start_at": moment_at(found.start),
            "end_at": moment_at(found.end), "step_s": found.step / 1e6, "readings": found.readings,
            "live": found.live, "doubtful": int(found.doubtful.size), "invalid": int(found.invalid.size),
            "chart": _series_chart(call, found),
        }
    )  # fmt: skip


def _series_chart(call: Call, found: SignalStretch) -> dict[str, Any]:
    name = found.tag
    series: list[dict[str, Any]] = [{"name": name, "unit": found.unit, "values": found.mean, "kind": "line"}]
    if found.step:
        series[0]["name"] = text("mean")
        series += [
            {"name": words, "unit": found.unit, "values": values, "kind": "line", "tone": "plain"}
            for words, values in ((text("lowest"), found.low), (text("highest"), found.high))
        ]
    at = {int(t): float(value) for t, value in zip(found.t, found.mean, strict=True)}
    for words, when, tone in (
        (text("doubtful"), found.doubtful, "warn"), (text("invalid"), found.invalid, "bad"),
    ):  # fmt: skip
        if when.size:
            values = [at.get(int(t)) for t in when]
            series.append({"name": words, "unit": found.unit, "x": milliseconds(when), "values": _held(values, found),
                           "kind": "points", "tone": tone})  # fmt: skip
    alarms = [one for one in alarms_of(call.plant).values() if one.tag == found.tag]
    limits = [
        {"name": text("{alarm}: {kind}", alarm=one.id, kind=KIND_TEXTS[one.kind]), "value": one.limit,
         "kind": "lower" if one.downwards else "upper"}
        for one in alarms if one.kind not in (Kind.RATE, Kind.STALE)
    ]  # fmt: skip
    events = [
        event for one in alarms for event in journal_of(call.plant, alarm=one.id)
        if event.what is What.RAISED and found.start <= event.at < found.end
    ]  # fmt: skip
    marks = [
        {"at": event.at // 1_000, "value": event.value, "name": event.alarm, "tone": "bad",
         "note": text("{alarm} rang", alarm=event.alarm)}
        for event in events if event.value is not None
    ]  # fmt: skip
    return {"times": milliseconds(found.t), "series": series, "limits": limits, "marks": marks}


def _held(values: list[float | None], found: SignalStretch) -> list[float | None]:
    """Return where bad readings are drawn: at their value, else at the foot of the chart."""
    known = found.low[np.isfinite(found.low)]
    foot = float(known.min()) if known.size else None
    return [value if value is not None and np.isfinite(value) else foot for value in values]


def _gate(call: Call, asked: GateAsked) -> Mapping[str, Any]:
    zone = call.plant.settings.zone
    start = None if asked.since_on is None else day_start_us(asked.since_on, zone)
    end = None if asked.until_on is None else day_start_us(asked.until_on, zone) + DAY_US
    found = gate_signals(call.plant, asked.tags, start, end, progress=call.progress)
    return {"series": [_gated(one) for one in found]}


def _gated(one: Gated) -> dict[str, Any]:
    told = json_object(one.as_json())
    paper = one.certificate
    for key in ("start_us", "end_us"):
        told[key.replace("_us", "_at")] = moment_at(told.pop(key))
    told["missing"] = [[moment_at(a), moment_at(b)] for a, b in told.pop("missing_us")[:_MOST_DOUBTS]]
    told["doubts_count"] = sum(doubt.reason is not Reason.GAP for doubt in paper.doubts)
    told["doubts"] = [
        {"reason": str(doubt.reason), "words": REASON_TEXTS[doubt.reason].as_json(), "start_at": moment_at(doubt.start),
         "end_at": moment_at(doubt.end), "readings": doubt.count, "confidence": doubt.confidence, "note": doubt.note}
        for doubt in sorted(paper.doubts, key=lambda doubt: -doubt.confidence)[:_MOST_DOUBTS]
    ]  # fmt: skip
    return json_object(told)


def _review(call: Call, asked: ReviewAsked) -> Mapping[str, Any]:
    found = review_alarms(call.plant, asked.days, operators=asked.operators)
    return json_object(_reviewed(found))


def _reviewed(found: Review) -> dict[str, Any]:
    known = targets()
    counted = {
        name: [{"alarm": alarm, "count": n} for alarm, n in getattr(found, name)]
        for name in ("most", "chattering", "fleeting")
    }
    sources = {(one.source, one.source_zh, one.confidence) for one in known.values()}
    days: dict[int, int] = {}
    for ring in found.rings:
        days[ring.at // DAY_US] = days.get(ring.at // DAY_US, 0) + 1
    span = range(found.start // DAY_US, found.end // DAY_US + 1) if found.rings else range(0)
    return {
        "start_at": moment_at(found.start), "end_at": moment_at(found.end), "operators": found.operators,
        "rings": len(found.rings), "masked": found.masked, "per_ten_minutes": found.per_ten_minutes,
        "in_flood_share": found.in_flood, "most_share": found.most_share, **counted,
        "standing": [{"alarm": alarm, "active_s": seconds} for alarm, seconds in found.standing],
        "floods": [
            {"start_at": moment_at(one.start), "end_at": moment_at(one.end), "rings": one.count, "peak": one.peak,
             "first": one.first}
            for one in found.floods
        ],
        "priorities": [
            {"priority": str(priority), "words": PRIORITY_TEXTS[priority], "share": share}
            for priority, share in found.priorities.items()
        ],
        "targets": {name: one.value for name, one in known.items()},
        "sources": [
            {"source": {"en": en, "zh": zh}, "confidence": confidence}
            for en, zh, confidence in sorted(sources)
        ],
        "chart": {
            "times": [day * DAY_US // 1_000 for day in span],
            "series": [{"name": text("rings a day"), "unit": "", "values": [days.get(day, 0) for day in span],
                        "kind": "bar"}],
        },
    }  # fmt: skip


def _tried(call: Call, asked: TryAsked) -> Alarm:
    known = alarms_of(call.plant)
    alarm = known.get(asked.tag)
    if asked.limit is None and asked.kind is None:
        if alarm is None:
            raise ForgecastError(
                text("{tag} is no alarm on record, and no limit is given", tag=asked.tag),
                where="limit",
                repair=text("give a kind and a limit, or name an alarm on record"),
            )
    elif asked.limit is None or asked.kind is None:
        raise ForgecastError(
            text("an alarm has a kind and a limit"), where="kind, limit", repair=text("give both of them")
        )
    elif alarm is not None:
        alarm = replace(alarm, kind=Kind(asked.kind), limit=asked.limit)
    else:
        alarm = on_machine_of(call.plant, Alarm(asked.tag, asked.tag, Kind(asked.kind), asked.limit))
    return replace(
        alarm,
        deadband=alarm.deadband if asked.deadband is None else asked.deadband,
        on_delay=alarm.on_delay if asked.on_delay_s is None else asked.on_delay_s,
        off_delay=alarm.off_delay if asked.off_delay_s is None else asked.off_delay_s,
    )


def _try(call: Call, asked: TryAsked) -> Mapping[str, Any]:
    found = replay_alarm(call.plant, _tried(call, asked), days=asked.days)
    told = json_object(found.as_json(asked.per_ring_s))
    trial = found.trial
    told.pop("noticed_count")
    told.pop("rang")
    told["start_at"], told["end_at"] = moment_at(told.pop("start_us")), moment_at(told.pop("end_us"))
    told["median_length_s"] = float(np.median(trial.lengths)) if trial.lengths.size else None
    told["chart"] = json_object(_trial_chart(found))
    return told


def _trial_chart(found: Replay) -> dict[str, Any]:
    trial: Trial = found.trial
    good = found.readings.flag == GOOD
    t, value = found.readings.t[good], found.readings.value[good]
    at, low, high = _columns(t, value)
    series = [{"name": text("highest"), "unit": found.unit, "values": high, "kind": "line"}]
    if (high > low).any():
        series.append({"name": text("lowest"), "unit": found.unit, "values": low, "kind": "line", "tone": "plain"})
    level = trial.alarm.kind not in (Kind.RATE, Kind.STALE)
    limits = [{"name": KIND_TEXTS[trial.alarm.kind], "value": trial.alarm.limit,
               "kind": "lower" if trial.alarm.downwards else "upper"}] if level else []  # fmt: skip
    marks = []
    for ring in trial.rings[:_MOST_DOUBTS]:
        place = min(int(np.searchsorted(t, ring.at)), max(t.size - 1, 0))
        if t.size:
            marks.append({"at": ring.at // 1_000, "value": float(value[place]), "name": text("ring"), "tone": "bad"})
    return {"times": milliseconds(at), "series": series, "limits": limits, "marks": marks}


def _columns(
    t: np.ndarray[tuple[int], np.dtype[np.int64]], value: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> tuple[
    np.ndarray[tuple[int], np.dtype[np.int64]],
    np.ndarray[tuple[int], np.dtype[np.float64]],
    np.ndarray[tuple[int], np.dtype[np.float64]],
]:
    """Return a long series as lowest and highest values of equal numbers of readings."""
    if t.size <= _COLUMNS:
        return t, value, value
    starts = np.linspace(0, t.size, _COLUMNS, endpoint=False).astype(np.int64)
    return t[starts], np.minimum.reduceat(value, starts), np.maximum.reduceat(value, starts)


def _incidents(call: Call, _: NoQuestion) -> Mapping[str, Any]:
    drafts = drafts_of(call.plant)
    there = {str(row["id"]) for row in call.plant.records.read("incident")}
    return json_object(
        {
            "incidents": [_incident(one, recorded=one.id in there) for one in reversed(drafts)],
            "precursors": [
                {"hazard": one.hazard, "hazard_words": choice_text("alarm", "hazard", one.hazard),
                 "equipment": one.equipment,
                 "signals": [{"tag": tag, "why": signal.why} for tag, signal in one.signals]}
                for one in precursors_of(call.plant, time.time_ns() // 1_000)
            ],
            "unwatched": [
                {"tag": tag, "hazard": signal.hazard, "hazard_words": choice_text("alarm", "hazard", signal.hazard),
                 "upwards": signal.upwards, "why": signal.why}
                for tag, signal in unwatched_hazards(call.plant)
            ],
            "not_recorded": sum(one.id not in there for one in drafts),
        }
    )  # fmt: skip


def _incident(one: Draft, *, recorded: bool) -> dict[str, Any]:
    return {
        "id": one.id, "hazard": one.hazard, "hazard_words": choice_text("alarm", "hazard", one.hazard),
        "equipment": one.equipment, "alarm": one.alarm, "began_at": moment_at(one.began_at),
        "noticed_at": moment_at(one.noticed_at), "handled_at": moment_at(one.handled_at),
        "handled_by": one.handled_by, "ended_at": moment_at(one.ended_at), "rings": len(one.rings),
        "evaluation": one.evaluation, "recorded": recorded,
    }  # fmt: skip


def _record(call: Call, _: NoQuestion) -> Mapping[str, Any]:
    return {"new": record_incidents(call.plant, drafts_of(call.plant), call.language, by=call.by)}


def _define(call: Call, asked: DefineAsked) -> Mapping[str, Any]:
    if not call.plant.records.read("tag", id=asked.tag):
        raise ForgecastError(
            text("the plant has no series {tag}", tag=asked.tag),
            where="tag",
            repair=text("record the series first, or choose one of the list"),
        )
    row: dict[str, Value] = {
        "id": asked.alarm, "tag": asked.tag, "kind": asked.kind, "limit": asked.limit, "priority": asked.priority,
    }  # fmt: skip
    given = {"deadband": asked.deadband, "on_delay": asked.on_delay_s, "off_delay": asked.off_delay_s}
    row |= {name: value for name, value in given.items() if value is not None}
    if asked.response:
        row["response"] = asked.response
    done = record_entries(call.plant, "alarm", [row], by=call.by)
    return {"new": done.new}


SERIES = Door(
    "signals", "series",
    text("Show the last hour, day, week, month or year of a series, with gaps and what is not good."),
    Right.SEE, Way.READ, SeriesAsked, SeriesTold, _series,
)  # fmt: skip
GATE = Door(
    "signals", "gate", text("Say what is doubtful in series, and certify how complete they are."),
    Right.SEE, Way.FIGURE, GateAsked, GateTold, _gate,
)  # fmt: skip
REVIEW = Door(
    "signals", "alarm-review",
    text("Measure the alarm system: floods, the most frequent, chattering and standing alarms, priorities."),
    Right.SEE, Way.FIGURE, ReviewAsked, ReviewTold, _review,
)  # fmt: skip
TRY = Door(
    "signals", "try-alarm", text("Try an alarm on the past before it is switched on."),
    Right.SEE, Way.FIGURE, TryAsked, TryTold, _try,
)  # fmt: skip
INCIDENTS = Door(
    "signals", "incidents",
    text("Show safety incidents as the alarms tell them, what is about to become one, and what nobody watches."),
    Right.SEE, Way.READ, NoQuestion, IncidentsTold, _incidents,
)  # fmt: skip
RECORD_INCIDENTS = Door(
    "signals", "record-incidents", text("Write incidents that the alarms tell of into the records."),
    Right.RECORD, Way.CHANGE, NoQuestion, RecordedTold, _record,
)  # fmt: skip
DEFINE = Door(
    "signals", "define-alarm", text("Put an alarm on the master list, or change its settings."),
    Right.ENGINEER, Way.CHANGE, DefineAsked, RecordedTold, _define,
)  # fmt: skip
