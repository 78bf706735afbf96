"""Doors that record by hand: rows, decisions, and how a subject stands; the checks are those of an import."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel
from pydantic import Field as Asked

from forgecast.app.doors.door import Call, Door, Question, Way, Words
from forgecast.app.doors.values import FindingTold, moment_at
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.plant.lifecycle import decision_title, states
from forgecast.store.guard import Standing
from forgecast.store.server.rights import Right
from forgecast.tasks.record_entry import Recorded, record_entries
from forgecast.tasks.subject_status import subject_status

Subject = Literal["lot", "heat", "ladle", "mould", "piece", "heat_treatment", "nonconformity"]
#: Decisions by which somebody answers for a material; the others hold it back, or move a nonconformity on.
_LETS_GO = ("release", "concession")
Freeing = Literal["release", "concession"]
Holding = Literal[
    "block", "rework", "scrap", "remelt", "return", "contain", "analyse", "act", "verify", "close", "reopen"
]  # fmt: skip
_DECISIONS = "disposition"
_MOST_ROWS = 1000


class Entry(Question):
    """Rows of one record to be recorded."""

    record: str
    rows: list[dict[str, str | float | int | bool | None]] = Asked(
        min_length=1,
        max_length=_MOST_ROWS,
        description=(
            "By field; a text is read as a cell of a file (`mass (kg)` as a name says its unit), a number is in the "
            "field's own unit, null says that a value is not known; a field that is absent keeps what it has."
        ),
    )


class RecordedTold(BaseModel):
    """What entries did."""

    new: int
    changed: int
    same: int
    link: int
    head: str
    findings: list[FindingTold]


def _recorded(done: Recorded) -> dict[str, Any]:
    told = done.as_json()
    del told["ok"]
    return told


def _record(call: Call, question: Entry) -> Mapping[str, Any]:
    if question.record == _DECISIONS:
        raise ForgecastError(
            text("a decision is not recorded as a row here"),
            where=question.record,
            repair=text("use plant/decide to release, plant/hold for any other decision"),
        )
    return _recorded(record_entries(call.plant, question.record, question.rows, by=call.by))


class Decided(Question):
    """A decision on one or several subjects."""

    subject: Subject
    ids: list[str] = Asked(min_length=1, max_length=_MOST_ROWS, description="Their numbers.")
    reason: str = Asked(default="", max_length=2000)
    document: str = Asked(default="", max_length=200, description="Report or certificate it rests on.")
    decided_at: str = Asked(
        default="",
        description="ISO 8601, or plant-local date and time; empty: now.",
        max_length=40,
    )


class Release(Decided):
    """A decision that lets material go."""

    decision: Freeing


class Hold(Decided):
    """A decision that keeps material back, or moves a nonconformity on."""

    decision: Holding


def _decide(call: Call, question: Release | Hold) -> Mapping[str, Any]:
    at: str | int = question.decided_at or time.time_ns() // 1_000
    rows: Sequence[Mapping[str, str | int | None]] = [
        {
            "subject": question.subject,
            "subject_id": one,
            "decided_at": at,
            "decision": question.decision,
            "decided_by": call.by,
            "reason": question.reason or None,
            "document": question.document or None,
        }
        for one in dict.fromkeys(question.ids)
    ]
    return _recorded(record_entries(call.plant, _DECISIONS, rows, by=call.by))


class AboutSubject(Question):
    """Which subject of decisions."""

    subject: Subject
    id: str


class StateTold(BaseModel):
    """A state of a life cycle."""

    code: str
    en: str
    zh: str


class StepTold(BaseModel):
    """A decision in the life of a subject, and what it did."""

    decided_at: str | None
    decision: str
    title: Words
    by: str
    count: int
    before: StateTold
    after: StateTold
    refused: list[Words]


class MayFollow(BaseModel):
    """A decision that the state allows, and what it still lacks."""

    decision: str
    title: Words
    missing: Words | None


class ObstacleTold(BaseModel):
    """What stands against shipping."""

    reason: Words
    repair: Words


class StandingTold(BaseModel):
    """How a subject stands, how it came there, what may be decided next."""

    subject: str
    id: str
    title: Words
    state: StateTold
    steps: list[StepTold]
    next: list[MayFollow]
    shipping: list[ObstacleTold] | None


def _status(call: Call, question: AboutSubject) -> Mapping[str, Any]:
    return standing_told(subject_status(call.plant, question.subject, question.id))


def standing_told(found: Standing) -> dict[str, Any]:
    """Return how a subject stands as answers tell it."""
    subject = found.life.subject
    return {
        "subject": subject.kind,
        "id": subject.id,
        "title": subject.title.as_json(),
        "state": {"code": found.life.at(), **found.state.as_json()},
        "steps": [
            {
                "decided_at": moment_at(step.decision.at),
                "decision": step.decision.decision,
                "title": _title(step.decision.decision),
                "by": step.decision.by,
                "count": step.decision.count,
                "before": _state(step.before),
                "after": _state(step.after),
                "refused": [why.as_json() for why in step.refusal],
            }
            for step in found.life.steps
        ],
        "next": [
            {"decision": one, "title": _title(one), "missing": None if lacking is None else lacking.as_json()}
            for one, lacking in found.next
        ],
        "shipping": None
        if found.shipping is None
        else [{"reason": one.reason.as_json(), "repair": one.repair.as_json()} for one in found.shipping],
    }


def _title(decision: str) -> dict[str, Any]:
    return (text("shipped") if decision == "ship" else decision_title(decision)).as_json()


def _state(code: str) -> dict[str, Any]:
    return {"code": code, **states()[code].as_json()}


RECORD = Door("plant", "record", text("Record rows by hand, with the checks of an import; all of them or none."),
              Right.RECORD, Way.CHANGE, Entry, RecordedTold, _record)  # fmt: skip
DECIDE = Door("plant", "decide", text("Release heats, pieces … or let them go by concession."),
              Right.RELEASE, Way.CHANGE, Release, RecordedTold, _decide)  # fmt: skip
HOLD = Door("plant", "hold", text("Block, scrap, remelt, return, rework; or move a nonconformity on."),
            Right.RECORD, Way.CHANGE, Hold, RecordedTold, _decide)  # fmt: skip
STATUS = Door("plant", "status", text("How a heat, a piece … stands, and what may be decided on it next."),
              Right.SEE, Way.READ, AboutSubject, StandingTold, _status)  # fmt: skip

ENTRY_DOORS: tuple[Door[Any], ...] = (RECORD, DECIDE, HOLD, STATUS)
