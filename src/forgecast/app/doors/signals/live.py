"""Doors of what is live: latest values, alarms and what is done to them, their journal, how collecting goes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field

from forgecast.app.cli.signals.show import FLAG_TEXTS
from forgecast.app.doors.door import Call, Door, NoQuestion, Question, Way, Words
from forgecast.app.doors.json_values import json_object
from forgecast.app.doors.reported import Paged, paged
from forgecast.app.doors.signals.boards import board_of
from forgecast.app.doors.values import ErrorTold, known, moment_at
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.signals.alarm.definition import KIND_TEXTS, PRIORITY_TEXTS, Alarm
from forgecast.signals.alarm.event import SHOWN_TEXTS, Event, Shown, What
from forgecast.store.server.rights import Right
from forgecast.tasks.act_on_alarm import act_on_alarm
from forgecast.tasks.alarm_journal import alarm_of, journal_of
from forgecast.tasks.check_instruments import check_instruments
from forgecast.tasks.collect_signals import read_status
from forgecast.tasks.keep_ledger import choice_text
from forgecast.tasks.latest_signals import LatestSignal
from forgecast.tasks.review_alarms import AlarmState

#: States in which an alarm waits for somebody or is active.
RINGING = (Shown.UNACKNOWLEDGED, Shown.RETURNED_UNACKNOWLEDGED, Shown.ACKNOWLEDGED)


class LatestAsked(Question):
    """Which series, and what the asker has seen already."""

    tags: list[str] = Field(default=[], max_length=1000, description="Without any, all of them.")
    since: int = Field(
        default=0, ge=0, description="`number` of the answer before: only what has changed since is told."
    )


class SignalTold(BaseModel):
    """The latest value of a series."""

    tag: str
    name: str
    unit: str
    at: str
    t_ms: int
    age_s: float
    value: float | None
    quality: Literal["good", "doubtful", "invalid"]
    quality_words: Words
    late: bool
    state: str
    alarms: dict[str, str]
    equipment: str


class LatestTold(BaseModel):
    """The latest values; `number` goes into `since` of the next question."""

    at: str
    number: int
    series: list[SignalTold]


class AlarmTold(BaseModel):
    """How an alarm stands."""

    alarm: str
    tag: str
    kind: str
    kind_words: Words
    limit: float | None
    priority: str
    priority_words: Words
    hazard: str
    hazard_words: Words
    equipment: str
    state: str
    state_words: Words
    raised_at: str | None
    returned_at: str | None
    acknowledged_at: str | None
    shelved_until_at: str | None
    value: float | None
    time_to_limit: dict[str, Any] | None


class AlarmsAsked(Question):
    """Which alarms."""

    everything: bool = Field(default=False, description="Those that are normal, too.")


class AlarmsTold(BaseModel):
    """Alarms, those that wait for somebody first."""

    at: str
    number: int
    total: int
    waiting: int
    active: int
    alarms: list[AlarmTold]


class ActAsked(Question):
    """What somebody does to an alarm."""

    alarm: str = Field(min_length=1, max_length=200)
    event: Literal["acknowledged", "shelved", "unshelved", "out_of_service", "in_service"]
    note: str = Field(default="", max_length=2000)
    shelve_s: float | None = Field(default=None, gt=0.0, le=7 * 86_400.0, description="For how long it is shelved.")


class EventTold(BaseModel):
    """An event of the journal."""

    alarm: str
    at: str
    event: str
    event_words: Words
    value: float | None
    until_at: str | None
    by: str
    note: str


class JournalAsked(Paged):
    """Whose events."""

    alarm: str = ""


class JournalTold(BaseModel):
    """The journal, newest first."""

    events: list[EventTold]
    next: str | None


class AlarmAsked(Question):
    """One alarm."""

    alarm: str = Field(min_length=1, max_length=200)


class AlarmCard(BaseModel):
    """An alarm as the master list has it, with what to do when it rings."""

    alarm: str
    tag: str
    kind: str
    limit: float | None
    deadband: float
    on_delay_s: float
    off_delay_s: float
    priority: str
    hazard: str
    equipment: str
    cause: str
    consequence: str
    response: str
    response_time_s: float | None


class CollectingTold(BaseModel):
    """How collecting goes, and what is connected; each with the reason where it cannot be told."""

    status: dict[str, Any] | None
    why_no_status: ErrorTold | None
    instruments: dict[str, Any] | None
    why_no_instruments: ErrorTold | None


def _latest(call: Call, asked: LatestAsked) -> Mapping[str, Any]:
    board = board_of(call.plant).look()
    wanted = set(asked.tags)
    series = [_signal(one) for one in board.since(asked.since) if not wanted or one.tag in wanted]
    return {"at": moment_at(board.at), "number": board.number, "series": series}


def _signal(one: LatestSignal) -> dict[str, Any]:
    words = FLAG_TEXTS[one.flag]
    return {
        "tag": one.tag, "name": one.name, "unit": one.unit, "at": moment_at(one.t), "t_ms": one.t // 1_000,
        "age_s": known(one.age), "value": known(one.value), "quality": words.say("en"),
        "quality_words": words.as_json(), "late": one.late, "state": _state(one),
        "alarms": {number: str(shown) for number, shown in one.alarms},
        "equipment": one.equipment,
    }  # fmt: skip


def _state(one: LatestSignal) -> str:
    """Return how a series stands in one word: an alarm that is active, one that waits, overdue, or none of these."""
    shown = {state for _, state in one.alarms}
    if Shown.UNACKNOWLEDGED in shown or Shown.ACKNOWLEDGED in shown:
        return "alarm"
    if Shown.RETURNED_UNACKNOWLEDGED in shown:
        return "waiting"
    return "late" if one.late else "normal"


def _alarms(call: Call, asked: AlarmsAsked) -> Mapping[str, Any]:
    board = board_of(call.plant).look()
    told = [one for one in board.alarms if asked.everything or one.shown is not Shown.NORMAL or one.warning is not None]
    waiting = (Shown.UNACKNOWLEDGED, Shown.RETURNED_UNACKNOWLEDGED)
    return {
        "at": moment_at(board.at), "number": board.number, "total": len(board.alarms),
        "waiting": sum(one.shown in waiting for one in board.alarms),
        "active": sum(one.shown in (Shown.UNACKNOWLEDGED, Shown.ACKNOWLEDGED) for one in board.alarms),
        "alarms": [_alarm(one) for one in told],
    }  # fmt: skip


def _alarm(one: AlarmState) -> dict[str, Any]:
    alarm, standing = one.alarm, one.standing
    return json_object(
        {
            "alarm": alarm.id, "tag": alarm.tag, "kind": str(alarm.kind), "kind_words": KIND_TEXTS[alarm.kind],
            "limit": alarm.limit, "priority": str(alarm.priority), "priority_words": PRIORITY_TEXTS[alarm.priority],
            "hazard": alarm.hazard, "hazard_words": choice_text("alarm", "hazard", alarm.hazard),
            "equipment": alarm.equipment, "state": str(one.shown), "state_words": SHOWN_TEXTS[one.shown],
            "raised_at": moment_at(standing.raised_at), "returned_at": moment_at(standing.returned_at),
            "acknowledged_at": moment_at(standing.acknowledged_at),
            "shelved_until_at": moment_at(standing.shelved_until), "value": standing.value,
            "time_to_limit": None if one.warning is None else one.warning.as_json(),
        }
    )  # fmt: skip


def _act(call: Call, asked: ActAsked) -> Mapping[str, Any]:
    event = act_on_alarm(
        call.plant, asked.alarm, What(asked.event), by=call.by, note=asked.note, shelve_s=asked.shelve_s
    )
    return _event(event)


def _event(event: Event) -> dict[str, Any]:
    return {
        "alarm": event.alarm, "at": moment_at(event.at), "event": str(event.what),
        "event_words": choice_text("alarm_event", "event", str(event.what)).as_json(), "value": event.value,
        "until_at": moment_at(event.until), "by": event.by, "note": event.note,
    }  # fmt: skip


def _journal(call: Call, asked: JournalAsked) -> Mapping[str, Any]:
    where = {"alarm": asked.alarm} if asked.alarm else {}
    events = sorted(journal_of(call.plant, **where), key=lambda event: (-event.at, event.alarm, event.number))
    told, following = paged(events, asked.after, asked.limit)
    return {"events": [_event(event) for event in told], "next": following}


def _alarm_card(call: Call, asked: AlarmAsked) -> Mapping[str, Any]:
    alarm: Alarm = alarm_of(call.plant, asked.alarm)
    row = call.plant.records.read("alarm", id=asked.alarm)[0]
    told = {
        "alarm": alarm.id, "tag": alarm.tag, "kind": str(alarm.kind), "limit": alarm.limit, "deadband": alarm.deadband,
        "on_delay_s": alarm.on_delay, "off_delay_s": alarm.off_delay, "priority": str(alarm.priority),
        "hazard": alarm.hazard, "equipment": alarm.equipment,
        **{name: str(row[name] or "") for name in ("cause", "consequence", "response")},
        "response_time_s": row["response_time"],
    }  # fmt: skip
    return json_object(told)


def _collecting(call: Call, _: NoQuestion) -> Mapping[str, Any]:
    made: dict[str, Any] = {"status": None, "why_no_status": None, "instruments": None, "why_no_instruments": None}
    try:
        made["status"] = read_status(call.plant.path).as_json()
    except ForgecastError as error:
        made["why_no_status"] = _why(call, error)
    try:
        made["instruments"] = check_instruments(call.plant).as_json()
    except ForgecastError as error:
        made["why_no_instruments"] = _why(call, error)
    status, wired = made["status"], made["instruments"]
    if status is not None:
        status["written_at"] = moment_at(status.pop("written_us"))
        status["gateways"] = [_gateway(one) for one in status["gateways"]]
    if wired is not None:
        for one in wired["gateways"]:
            one["place"] = _inside(call, one["place"])
            for point in one["points"]:
                point["place"] = _inside(call, point["place"])
    return json_object(made)


def _why(call: Call, error: ForgecastError) -> Any:  # noqa: ANN401  (JSON)
    """Return an error as JSON; where the plant's folder lies on the server is nobody's business."""
    told: Any = error.as_json()["error"]
    told["where"] = _inside(call, told["where"])
    told["repair"] = {language: _inside(call, words) for language, words in told["repair"].items()}
    return told


def _inside(call: Call, place: str) -> str:
    folder = str(call.plant.path)
    return place.replace(f"{folder}{os.sep}", "").replace(folder, call.plant.settings.id)


def _gateway(one: Mapping[str, Any]) -> dict[str, Any]:
    told = dict(one)
    for key in ("last_us", "stored_us"):
        if key in told:
            told[key.replace("_us", "_at")] = moment_at(told.pop(key)) or None
    return told


LATEST = Door(
    "signals", "latest",
    text("Show the latest value of each series, how old it is, and which of its alarms are not normal."),
    Right.SEE, Way.READ, LatestAsked, LatestTold, _latest,
)  # fmt: skip
ALARMS = Door(
    "signals", "alarms", text("Show which alarms are active or wait for somebody, and what is about to ring."),
    Right.SEE, Way.READ, AlarmsAsked, AlarmsTold, _alarms,
)  # fmt: skip
ALARM = Door(
    "signals", "alarm", text("Show one alarm of the master list, with what to do when it rings."),
    Right.SEE, Way.READ, AlarmAsked, AlarmCard, _alarm_card,
)  # fmt: skip
ACT = Door(
    "signals", "act-on-alarm", text("Acknowledge an alarm, shelve it for a while, or take it out of service."),
    Right.RECORD, Way.CHANGE, ActAsked, EventTold, _act,
)  # fmt: skip
JOURNAL = Door(
    "signals", "journal", text("Show what happened to alarms, newest first."),
    Right.SEE, Way.READ, JournalAsked, JournalTold, _journal,
)  # fmt: skip
COLLECTING = Door(
    "signals", "collecting", text("Show how collecting goes, and what instruments are connected."),
    Right.SEE, Way.READ, NoQuestion, CollectingTold, _collecting,
)  # fmt: skip
