"""The permit ledger, exceedances with what is said of them, and the duties of permits; and what people fill in."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from forgecast.app.doors.door import Call, Door, NoQuestion, Question, Way, Words
from forgecast.app.doors.reported import (
    FIRST_DAY,
    LAST_DAY,
    GapTold,
    Paged,
    PeriodQuestion,
    PeriodTold,
    TableTold,
    days_asked,
    gaps_told,
    paged,
    period_told,
)
from forgecast.app.doors.values import FindingTold, moment_at
from forgecast.ground.dates import HOUR_US, local_day
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.plant.rows import Value
from forgecast.rules.book import LAYER_TEXTS, Layer
from forgecast.rules.verdict import CONFIDENCE_TEXTS
from forgecast.store.server.rights import Right
from forgecast.tasks.explain_exceedance import explain_exceedance
from forgecast.tasks.judge_hours import Entered, enter_exceedances, judge_hours, pollutant_text
from forgecast.tasks.keep_ledger import SECTIONS, LedgerLine, keep_ledger
from forgecast.tasks.permit_calendar import STATE_TEXTS, DutyState, permit_calendar
from forgecast.tasks.record_entry import record_entries
from forgecast.tasks.report_execution import exceedance_events

Section = Literal["basic", "production", "control", "monitoring", "abnormal", "other"]
Pollutant = Literal["", "pm", "so2", "nox", "pb", "benzene", "benzene_series", "nmhc", "tvoc"]


class LineTold(BaseModel):
    """One line of the ledger; began and ended are days, months or times by the plant's clock."""

    section: str
    began: str
    ended: str
    subject: str
    what: Words
    value: float | None
    limit: float | None
    unit: str
    clause: Words
    cause: str
    response: str
    reported: str
    automatic: bool
    origin: str
    lacking: bool = Field(description="Whether a person has still to say why.")


class LedgerQuestion(PeriodQuestion, Paged):
    """Which days and which section."""

    section: Section | None = None


class LedgerAnswer(BaseModel):
    """Lines of the ledger, those that lack something first; gaps; how far back it is kept."""

    period: PeriodTold
    sections: dict[str, Words]
    counts: dict[str, int]
    lacking: int
    rows: list[LineTold]
    next: str | None
    gaps: list[GapTold]
    kept: TableTold


class EventTold(BaseModel):
    """Hours over a limit that follow one another."""

    stack: str
    pollutant: str
    pollutant_name: Words
    begins_at: str
    begins_on: str
    ends_at: str
    hours: int
    worst_at: str
    worst_mg_m3: float | None
    limit_mg_m3: float | None
    layer_name: Words | None
    clause: Words | None
    requirement: str
    cause: str
    response: str
    reported_on: str
    draft: Words = Field(description="What the ledger would say of it.")


class EventsAnswer(BaseModel):
    """Exceedances of a stretch of days."""

    period: PeriodTold
    zone: str
    hours: int
    unexplained: int
    events: list[EventTold]


class DutyTold(BaseModel):
    """One duty for one span of days."""

    duty: str
    title: Words
    holder: str
    span_from_on: str
    span_until_on: str
    due_on: str | None
    done_on: str | None
    state: str
    state_name: Words
    confidence: str
    confidence_name: Words
    source: Words
    evidence: str


class DutiesAnswer(BaseModel):
    """The permit calendar."""

    at_on: str
    overdue: int
    due: int
    open: int
    duties: list[DutyTold]
    gaps: list[GapTold]


class RecordedAnswer(BaseModel):
    """What was recorded; rows, the link of the audit trail, and what is doubtful."""

    ok: bool
    new: int
    changed: int
    same: int
    link: int
    head: str
    findings: list[FindingTold]
    entries: list[str] = Field(default_factory=list)


class EnterQuestion(PeriodQuestion):
    """Of which days."""


class EnteredAnswer(BaseModel):
    """Ledger entries made from readings."""

    new: list[str]
    anew: list[str]
    same: int


class ExplainQuestion(Question):
    """Why a stretch of hours was over a limit, and what was done."""

    stack: str = Field(min_length=1, max_length=100)
    pollutant: str = Field(min_length=1, max_length=40)
    begins_at: datetime
    ends_at: datetime
    cause: str = Field(min_length=1, max_length=2000)
    response: str = Field(default="", max_length=2000)
    reported_on: date | None = Field(default=None, ge=FIRST_DAY, le=LAST_DAY)


class EntryQuestion(Question):
    """A ledger entry by hand; without a number it gets one."""

    id: str = Field(default="", max_length=100)
    section: Section
    began_at: datetime
    ended_at: datetime | None = None
    stack: str = Field(default="", max_length=100)
    equipment: str = Field(default="", max_length=100)
    pollutant: Pollutant = ""
    value: float | None = None
    limit: float | None = None
    unit: str = Field(default="", max_length=40)
    clause: str = Field(default="", max_length=400)
    what: str = Field(min_length=1, max_length=2000)
    cause: str = Field(default="", max_length=2000)
    response: str = Field(default="", max_length=2000)
    reported_on: date | None = Field(default=None, ge=FIRST_DAY, le=LAST_DAY)


class ProofQuestion(Question):
    """That a duty was done."""

    duty: str = Field(min_length=1, max_length=100)
    period_from_on: date = Field(ge=FIRST_DAY, le=LAST_DAY)
    period_until_on: date = Field(ge=FIRST_DAY, le=LAST_DAY)
    done_on: date = Field(ge=FIRST_DAY, le=LAST_DAY)
    stack: str = Field(default="", max_length=100)
    evidence: str = Field(default="", max_length=400)


def instant_us(given: datetime, where: str) -> int:
    """Return an instant in microseconds UTC.

    Raises
    ------
    ForgecastError
        If it does not say its offset, or lies where no plant's clock does.
    """
    if given.tzinfo is None or not FIRST_DAY <= given.date() <= LAST_DAY:
        raise ForgecastError(
            text("{given} is no instant", given=str(given)),
            where=where,
            repair=text("write it like 2025-09-15T03:00:00Z"),
        )
    return int(given.astimezone(UTC).timestamp()) * 1_000_000


def _line(one: LedgerLine) -> dict[str, Any]:
    clause = one.clause if isinstance(one.clause, Text) else None
    return {
        "section": one.section,
        "began": one.began,
        "ended": one.ended,
        "subject": one.subject,
        "what": one.what.as_json(),
        "value": _finite(one.value),
        "limit": _finite(one.limit),
        "unit": one.unit,
        "clause": {"en": str(one.clause), "zh": str(one.clause)} if clause is None else clause.as_json(),
        "cause": one.cause,
        "response": one.response,
        "reported": one.reported,
        "automatic": one.automatic,
        "origin": one.origin,
        "lacking": one.hour is not None and not one.cause,
    }


def _finite(value: float | None) -> float | None:
    return None if value is None or value != value or abs(value) == float("inf") else value  # noqa: PLR0124  (NaN)


def _ledger(call: Call, question: LedgerQuestion) -> dict[str, Any]:
    period = days_asked(call.plant, question)
    kept = keep_ledger(call.plant, period)
    lines = [_line(one) for one in kept.lines]
    wanted = [one for one in lines if question.section in (None, one["section"])]
    wanted.sort(key=lambda one: not one["lacking"])
    rows, following = paged(wanted, question.after, question.limit)
    return {
        "period": period_told(period),
        "sections": {name: words.as_json() for name, words in SECTIONS.items()},
        "counts": {name: sum(one["section"] == name for one in lines) for name in SECTIONS},
        "lacking": sum(one["lacking"] for one in lines),
        "rows": rows,
        "next": following,
        "gaps": gaps_told(kept.gaps),
        "kept": kept.kept.as_json(),
    }


def _exceedances(call: Call, question: PeriodQuestion) -> dict[str, Any]:
    period = days_asked(call.plant, question)
    judged = judge_hours(call.plant, period)
    events = exceedance_events(judged, keep_ledger(call.plant, period, judged=judged))
    return {
        "period": period_told(period),
        "zone": judged.zone,
        "hours": sum(one.hours for one in events),
        "unexplained": sum(not one.cause for one in events),
        "events": [
            {
                "stack": one.stack,
                "pollutant": one.pollutant,
                "pollutant_name": pollutant_text(one.pollutant).as_json(),
                "begins_at": moment_at(one.first * HOUR_US),
                "begins_on": local_day(one.first * HOUR_US, judged.zone).isoformat(),
                "ends_at": moment_at(one.end * HOUR_US),
                "hours": one.hours,
                "worst_at": moment_at(one.worst.hour * HOUR_US),
                "worst_mg_m3": one.worst.value,
                "limit_mg_m3": one.worst.limit,
                "layer_name": LAYER_TEXTS[Layer(one.worst.layer)].as_json() if one.worst.layer else None,
                "clause": None if one.worst.clause is None else one.worst.clause.as_json(),
                "requirement": one.worst.requirement,
                "cause": one.cause,
                "response": one.response,
                "reported_on": one.reported,
                "draft": text(
                    "{pollutant} at {stack}: {hours} hours above {limit} mg/m3, the worst {worst} mg/m3",
                    pollutant=pollutant_text(one.pollutant),
                    stack=one.stack,
                    hours=one.hours,
                    limit=f"{one.worst.limit:g}",
                    worst=f"{one.worst.value:.4g}",
                ).as_json(),
            }
            for one in events
        ],
    }


def _duties(call: Call, _question: NoQuestion) -> dict[str, Any]:
    found = permit_calendar(call.plant)
    return {
        "at_on": found.at.isoformat(),
        "overdue": found.count(DutyState.OVERDUE),
        "due": found.count(DutyState.DUE),
        "open": found.count(DutyState.OPEN),
        "duties": [
            {
                "duty": one.duty,
                "title": one.title.as_json(),
                "holder": one.holder,
                "span_from_on": one.span.first.isoformat(),
                "span_until_on": one.span.last.isoformat(),
                "due_on": None if one.due is None else one.due.isoformat(),
                "done_on": None if one.done_on is None else one.done_on.isoformat(),
                "state": str(one.state),
                "state_name": STATE_TEXTS[one.state].as_json(),
                "confidence": str(one.confidence),
                "confidence_name": CONFIDENCE_TEXTS[one.confidence].as_json(),
                "source": one.source.as_json(),
                "evidence": one.evidence,
            }
            for one in found.duties
        ],
        "gaps": gaps_told(found.gaps),
    }


def _enter(call: Call, question: EnterQuestion) -> dict[str, Any]:
    judged = judge_hours(call.plant, days_asked(call.plant, question))
    done: Entered = enter_exceedances(call.plant, judged, by=call.by)
    return {"new": list(done.new), "anew": list(done.anew), "same": done.same}


def _explain(call: Call, question: ExplainQuestion) -> dict[str, Any]:
    first = instant_us(question.begins_at, "begins_at") // HOUR_US
    end = -(-instant_us(question.ends_at, "ends_at") // HOUR_US)
    done = explain_exceedance(
        call.plant, stack=question.stack, pollutant=question.pollutant, first=first, end=end, cause=question.cause,
        response=question.response, reported_on=question.reported_on, by=call.by,
    )  # fmt: skip
    return {**done.recorded.as_json(), "entries": list(done.entries)}


def _entry(call: Call, question: EntryQuestion) -> dict[str, Any]:
    name = question.id or f"HAND-{question.began_at:%Y%m%d}-{uuid.uuid4().hex[:8]}"
    row: dict[str, Value] = {
        "id": name,
        "section": question.section,
        "began_at": instant_us(question.began_at, "began_at"),
        "what": question.what,
        "automatic": False,
    }
    if question.ended_at is not None:
        row["ended_at"] = instant_us(question.ended_at, "ended_at")
    if question.reported_on is not None:
        row["reported_on"] = question.reported_on.isoformat()
    for field in ("stack", "equipment", "pollutant", "unit", "clause", "cause", "response", "value", "limit"):
        given: Value = getattr(question, field)
        if given not in ("", None):
            row[field] = given
    return recorded(call, "ledger_entry", [row], (name,))


def _prove(call: Call, question: ProofQuestion) -> dict[str, Any]:
    row: dict[str, Value] = {
        "duty": question.duty,
        "period_from": question.period_from_on.isoformat(),
        "period_until": question.period_until_on.isoformat(),
        "done_on": question.done_on.isoformat(),
    }
    row |= {key: given for key, given in (("stack", question.stack), ("evidence", question.evidence)) if given}
    return recorded(call, "duty_proof", [row])


def recorded(call: Call, name: str, rows: Sequence[dict[str, Value]], entries: Sequence[str] = ()) -> dict[str, Any]:
    """Record rows for whoever calls, and return `RecordedAnswer`."""
    return {**record_entries(call.plant, name, rows, by=call.by).as_json(), "entries": list(entries)}


DOORS: tuple[Door[Any], ...] = (
    Door("environment", "ledger", text("The permit ledger, with what it lacks and who has it."), Right.SEE,
         Way.FIGURE, LedgerQuestion, LedgerAnswer, _ledger),
    Door("environment", "exceedances", text("Stretches of hours over a limit, with cause and response."), Right.SEE,
         Way.FIGURE, PeriodQuestion, EventsAnswer, _exceedances),
    Door("environment", "duties", text("The duties of permits and titles: due, done, overdue."), Right.SEE, Way.READ,
         NoQuestion, DutiesAnswer, _duties, steady=True),
    Door("environment", "enter-exceedances", text("Write hours over a limit into the ledger, each once."),
         Right.ENVIRONMENT, Way.CHANGE, EnterQuestion, EnteredAnswer, _enter),
    Door("environment", "explain-exceedance", text("Say why hours were over a limit and what was done."),
         Right.ENVIRONMENT, Way.CHANGE, ExplainQuestion, RecordedAnswer, _explain),
    Door("environment", "record-entry", text("Write an entry into the ledger by hand."), Right.ENVIRONMENT,
         Way.CHANGE, EntryQuestion, RecordedAnswer, _entry),
    Door("environment", "prove-duty", text("Say that a duty was done, and where the proof is kept."),
         Right.ENVIRONMENT, Way.CHANGE, ProofQuestion, RecordedAnswer, _prove),
)  # fmt: skip
