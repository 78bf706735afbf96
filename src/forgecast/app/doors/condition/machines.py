"""Doors of machines: all at a glance, how one spent its time, and its fault card."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, Field

from forgecast.app.doors.door import Call, Door, Question, Way, Words
from forgecast.app.doors.json_values import json_object
from forgecast.app.doors.quality.asked import Days, source_of
from forgecast.app.doors.values import moment_at
from forgecast.ground.dates import day_start_us, local_day
from forgecast.ground.texts import text
from forgecast.signals.condition.effectiveness import LOSS_TEXTS, Loss
from forgecast.signals.condition.fault_card import fault_tree
from forgecast.signals.condition.machine_time import NOT_KNOWN
from forgecast.store.server.rights import Right
from forgecast.tasks.explain_fault import explain_fault, kind_text, sign_text
from forgecast.tasks.keep_ledger import choice_text
from forgecast.tasks.machines_at_a_glance import MachineNow, machines_at_a_glance
from forgecast.tasks.rate_machine import MachineRating, rate_machine

#: Longer stretches are not drawn day by day.
_MOST_DAYS = 400
_LOSS_TONES = {Loss.NOT_PLANNED: "plain", Loss.NOT_KNOWN: "unknown", Loss.BREAKDOWN: "bad", Loss.DEFECTS: "bad"}
_TONES = {"running": "good", "breakdown": "bad", "setup": "warn", "waiting": "warn", "idle": "warn"}


class MachinesAsked(Question):
    """How many days the figures are of."""

    days: int = Field(default=7, ge=1, le=366, description="Up to the last day on record.")


class Ratio(BaseModel):
    """A share of time with its bounds where records are missing."""

    value: float | None
    low: float | None
    high: float | None


class MachineTold(BaseModel):
    """One machine."""

    machine: str
    name: str
    kind_words: Words
    state: str
    state_words: Words
    state_since_at: str | None
    first_on: str | None
    last_on: str | None
    availability: Ratio | None
    effectiveness: Ratio | None
    quality: Ratio | None
    oee: Ratio | None
    why_missing: Words | None
    tags: list[str]


class MachinesTold(BaseModel):
    """All machines."""

    machines: list[MachineTold]


class OeeAsked(Days):
    """One machine, or an uploaded power."""

    machine: str = ""
    upload: str = Field(default="", description="A file with a power instead of the plant.")
    power: str = Field(default="", description="Tag or header of the power that tells states.")
    time: str = Field(default="", description="Column of the upload that holds the time.")
    running_from: float | None = Field(default=None, description="Power from which the machine runs.")
    off_below: float | None = Field(default=None, description="Power below which it is off.")


class OeeTold(BaseModel):
    """How a machine spent its time."""

    source: str
    machine: str
    start_at: str
    end_at: str
    planned_busy_time_s: float
    actual_production_time_s: float
    not_known_s: float
    produced: int | None
    good: int | None
    availability: Ratio
    effectiveness: Ratio
    quality: Ratio
    oee: Ratio
    losses: list[dict[str, Any]]
    power_thresholds: dict[str, Any] | None
    charts: dict[str, Any]
    notes: list[Words]


class SignsAsked(Question):
    """Of which kind of machine."""

    kind: str = Field(default="", max_length=100)


class SignsTold(BaseModel):
    """What can be seen of kinds of machines."""

    kinds: list[dict[str, Any]]


class CardAsked(Days):
    """A machine of the plant, or a kind of machine and what somebody saw."""

    machine: str = Field(default="", max_length=200)
    kind: str = Field(default="", max_length=100)
    signs: list[str] = Field(default=[], max_length=60, description="What was seen (leakage_current:up).")
    absent: list[str] = Field(default=[], max_length=60, description="What was looked for and not seen.")


class CardTold(BaseModel):
    """What was seen, what it may be, and what to check first."""

    source: str
    machine: str
    kind: str
    kind_words: Words
    signs: list[dict[str, Any]]
    unexplained: list[str]
    causes: list[dict[str, Any]]
    checks: list[dict[str, Any]]
    notes: list[Words]


def _machines(call: Call, asked: MachinesAsked) -> Mapping[str, Any]:
    found = machines_at_a_glance(call.plant, days=asked.days, progress=call.progress)
    return {"machines": [_machine(one) for one in found]}


def _machine(one: MachineNow) -> dict[str, Any]:
    rating = one.effectiveness
    ratios = {
        name: None if rating is None else _ratio(getattr(rating, name))
        for name in ("availability", "effectiveness", "quality", "oee")
    }
    return json_object(
        {
            "machine": one.id, "name": one.name, "kind_words": one.kind, "state": one.state,
            "state_words": _state_words(one.state), "state_since_at": moment_at(one.since), "first_on": one.first_day,
            "last_on": one.last_day, **ratios, "why_missing": one.why_missing, "tags": one.tags,
        }
    )  # fmt: skip


def _state_words(state: str) -> Any:  # noqa: ANN401  (a text)
    return choice_text("machine_state", "state", state) if state else text("not on record")


def _ratio(one: Any) -> dict[str, float | None]:  # noqa: ANN401  (a ratio of the sciences)
    return {"value": one.value, "low": one.low, "high": one.high}


def _oee(call: Call, asked: OeeAsked) -> Mapping[str, Any]:
    rating = rate_machine(
        source_of(call, asked.upload), asked.machine, since=asked.since_on, until=asked.until_on, power=asked.power,
        time=asked.time, running_from=asked.running_from, off_below=asked.off_below,
    )  # fmt: skip
    found = rating.effectiveness
    told = json_object(rating.as_json())
    for gone in ("from", "until", "losses_s"):
        told.pop(gone)
    told["start_at"], told["end_at"] = moment_at(found.start), moment_at(found.end)
    whole = (found.end - found.start) / 1e6
    told["losses"] = [
        {"loss": str(loss), "words": LOSS_TEXTS[loss].as_json(), "lost_s": seconds, "share": seconds / whole}
        for loss, seconds in found.losses.items() if seconds != 0.0
    ]  # fmt: skip
    told["charts"] = json_object({"losses": _waterfall(rating), "states": _states(rating)})
    return told


def _waterfall(rating: MachineRating) -> dict[str, Any]:
    """Return the whole time, what goes off it, and what is left: good pieces at the ideal cycle."""
    found = rating.effectiveness
    steps: list[dict[str, Any]] = [
        {"name": text("all the time"), "value": (found.end - found.start) / 3.6e9, "total": True}
    ]
    steps += [
        {"name": LOSS_TEXTS[loss], "value": -seconds / 3600.0, "tone": _LOSS_TONES.get(loss, "warn")}
        for loss, seconds in found.losses.items() if loss is not Loss.GOOD and seconds != 0.0
    ]  # fmt: skip
    good = found.losses.get(Loss.GOOD, 0.0) / 3600.0
    steps.append({"name": LOSS_TEXTS[Loss.GOOD], "value": good, "total": True, "tone": "good"})
    return {"steps": steps, "unit": "h"}


def _states(rating: MachineRating) -> dict[str, Any] | None:
    """Return the hours of each state day by day; None for longer than is drawn."""
    found, zone = rating.effectiveness, rating.zone
    day, last = local_day(found.start, zone), local_day(found.end - 1, zone)
    if (last - day).days >= _MOST_DAYS:
        return None
    days = [day + timedelta(days=n) for n in range((last - day).days + 1)]
    bounds = [day_start_us(one, zone) for one in (*days, last + timedelta(days=1))]
    hours: dict[str, list[float]] = {}
    for one in rating.states:
        row = hours.setdefault(one.state, [0.0] * len(days))
        for n, (begin, end) in enumerate(itertools.pairwise(bounds)):
            row[n] += max(min(one.end, end) - max(one.start, begin), 0) / 3.6e9
    return {
        "x": [one.isoformat() for one in days],
        "series": [
            {"name": _state_words("" if state == NOT_KNOWN else state), "unit": "h", "values": row, "kind": "bar",
             "stack": "day", "tone": _TONES.get(state, "plain")}
            for state, row in hours.items()
        ],
    }  # fmt: skip


def _signs(_: Call, asked: SignsAsked) -> Mapping[str, Any]:
    kinds: dict[str, set[str]] = {}
    for row in fault_tree():
        if row.kind == "sign" and asked.kind in {"", row.machine}:
            kinds.setdefault(row.machine, set()).add(row.key)
    return json_object(
        {
            "kinds": [
                {"kind": kind, "words": kind_text(kind),
                 "signs": [{"key": key, "words": sign_text(key)} for key in sorted(keys)]}
                for kind, keys in sorted(kinds.items())
            ]
        }
    )  # fmt: skip


def _card(call: Call, asked: CardAsked) -> Mapping[str, Any]:
    answer = explain_fault(
        call.plant.path if asked.machine else None, machine=asked.machine, kind=asked.kind, signs=asked.signs,
        absent=asked.absent, since=asked.since_on, until=asked.until_on,
    )  # fmt: skip
    return json_object({**answer.as_json(), "kind_words": kind_text(answer.card.kind)})


MACHINES = Door(
    "condition", "machines", text("Show all machines: what each does, since when, and how it spent its last days."),
    Right.SEE, Way.FIGURE, MachinesAsked, MachinesTold, _machines,
)  # fmt: skip
OEE = Door(
    "condition", "oee",
    text("Say how a machine spent its time: availability, effectiveness, quality, OEE, and the losses between."),
    Right.SEE, Way.FIGURE, OeeAsked, OeeTold, _oee,
)  # fmt: skip
SIGNS = Door(
    "condition", "signs", text("List what can be seen of a kind of machine, for its fault card."),
    Right.SEE, Way.READ, SignsAsked, SignsTold, _signs,
)  # fmt: skip
CARD = Door(
    "condition", "card",
    text("Write the fault card of a machine: what was seen, what it may be, and the check that tells most."),
    Right.SEE, Way.FIGURE, CardAsked, CardTold, _card,
)  # fmt: skip
