"""What leaves a plant by stack and by lorry, what goes round, and what stops at a heavy-pollution warning."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from forgecast.app.doors.door import Call, Door, Question, Way, Words
from forgecast.app.doors.environment.ledger import RecordedAnswer, instant_us, recorded
from forgecast.app.doors.reported import (
    GapTold,
    PeriodQuestion,
    PeriodTold,
    TableTold,
    days_asked,
    gaps_told,
    period_told,
    tables_told,
)
from forgecast.app.doors.values import FindingTold, known, moment_at
from forgecast.environment.mass_estimate import Fill
from forgecast.ground.texts import text
from forgecast.plant.rows import Value
from forgecast.store.server.rights import Right
from forgecast.tasks.balance_sand import balance_sand_of
from forgecast.tasks.check_waste import check_waste
from forgecast.tasks.estimate_emissions import METHOD_TEXTS, Emissions, estimate_emissions
from forgecast.tasks.follow_emergency_plan import EmergencyAnswer, WarningFollowed, follow_emergency_plan
from forgecast.tasks.judge_hours import pollutant_text
from forgecast.tasks.keep_ledger import choice_text


class MassQuestion(PeriodQuestion):
    """Which days, and how hours without a value are filled."""

    fill: Fill = "none"


class TablesAnswer(BaseModel):
    """Tables of a period, what they lack, and doubts about the data."""

    period: PeriodTold
    tables: list[TableTold]
    gaps: list[GapTold]
    findings: list[FindingTold]
    charts: dict[str, Any]


class TotalTold(BaseModel):
    """Mass of a pollutant against the permit, in t."""

    pollutant: str
    pollutant_name: Words
    mass_t: float | None
    low_t: float
    high_t: float | None
    permitted_t: float | None
    permit: str
    year: int
    projected_t: float | None
    projected_low_t: float | None
    projected_high_t: float | None
    unknown: list[str]


class MassAnswer(TablesAnswer):
    """Mass emitted."""

    totals: list[TotalTold]
    methods: dict[str, Words]


class SandQuestion(PeriodQuestion):
    """Which days, and how well masses are known."""

    scale_share: float = Field(gt=0.0, le=0.5, description="Standard deviation of every mass as a share: 0.01 is 1 %.")


class EmergencyQuestion(PeriodQuestion):
    """Which days, and to which instant a warning that holds is looked at."""

    now_at: datetime | None = Field(default=None, description="Without it, the end of the days or now.")


class MeasureTold(BaseModel):
    """One measure of the plan during a warning; shares of 1."""

    machine: str
    action: str
    action_name: Words
    measure: str
    required_share: float | None
    reduction_share: float | None
    low_share: float | None
    high_share: float | None
    done: bool | None
    evidence: str
    why: Words | None


class WarningTold(BaseModel):
    """A warning and what was done."""

    level: str
    level_name: Words
    begun_at: str
    ended_at: str | None
    source: str
    measures: list[MeasureTold]


class EmergencyTold(BaseModel):
    """Warnings of a period, the one in force, and the plan."""

    period: PeriodTold
    zone: str
    in_force: WarningTold | None
    warnings: list[WarningTold]
    tables: list[TableTold]
    gaps: list[GapTold]


class WarningQuestion(Question):
    """A heavy-pollution warning, as it was announced; again with its end once it is lifted."""

    level: Literal["yellow", "orange", "red"]
    from_at: datetime
    until_at: datetime | None = None
    source: str = Field(default="", max_length=400)


def _mass(call: Call, question: MassQuestion) -> dict[str, Any]:
    period = days_asked(call.plant, question)
    found = estimate_emissions(call.plant, period, fill=question.fill)
    return {
        "period": period_told(period),
        "tables": tables_told(found.tables()),
        "gaps": gaps_told(found.gaps),
        "findings": [],
        "totals": _totals(found),
        "methods": {name: words.as_json() for name, words in METHOD_TEXTS.items()},
        "charts": {"months": _months_chart(found)},
    }


def _tonnes(kg: float | None) -> float | None:
    return None if kg is None else known(kg / 1000.0)


def _totals(found: Emissions) -> list[dict[str, Any]]:
    told = []
    for one in found.totals:
        year = one.projection
        told.append(
            {
                "pollutant": one.pollutant,
                "pollutant_name": pollutant_text(one.pollutant).as_json(),
                "mass_t": _tonnes(one.mass),
                "low_t": one.low / 1000.0,
                "high_t": _tonnes(one.high),
                "permitted_t": _tonnes(one.permitted),
                "permit": one.permit,
                "year": one.year,
                "projected_t": None if year is None else _tonnes(year.expected),
                "projected_low_t": None if year is None else _tonnes(year.low),
                "projected_high_t": None if year is None else _tonnes(year.high),
                "unknown": list(one.unknown),
            }
        )
    return told


def _months_chart(found: Emissions) -> dict[str, Any]:
    names = list(dict.fromkeys(one.pollutant for one in found.masses))
    series = []
    for pollutant in names:
        mine = [one for one in found.masses if one.pollutant == pollutant]
        values: list[float | None] = []
        for at in range(len(found.months)):
            masses = [one.monthly[at].mass for one in mine]
            there = [mass for mass in masses if mass is not None]
            values.append(sum(there) / 1000.0 if there else None)
        if any(value is not None for value in values):
            series.append({"name": pollutant_text(pollutant).as_json(), "unit": "t", "kind": "bar", "values": values})
    return {"x": list(found.months), "series": series, "limits": [], "marks": []}


def _sand(call: Call, question: SandQuestion) -> dict[str, Any]:
    period = days_asked(call.plant, question)
    found = balance_sand_of(call.plant, period, relative_uncertainty=question.scale_share)
    return {
        "period": period_told(period),
        "tables": tables_told(found.tables()),
        "gaps": gaps_told(found.gaps),
        "findings": [one.as_json() for one in found.findings],
        "charts": {},
    }


def _waste(call: Call, question: PeriodQuestion) -> dict[str, Any]:
    period = days_asked(call.plant, question)
    found = check_waste(call.plant, period)
    return {
        "period": period_told(period),
        "tables": tables_told(found.tables()),
        "gaps": gaps_told(found.gaps),
        "findings": [one.as_json() for one in found.findings],
        "charts": {},
    }


def followed(call: Call, question: EmergencyQuestion) -> EmergencyAnswer:
    """Return the emergency plan as it is asked for."""
    period = days_asked(call.plant, question)
    end = period.bounds_us(call.plant.settings.zone)[1]
    now = min(end, time.time_ns() // 1_000) if question.now_at is None else instant_us(question.now_at, "now_at")
    return follow_emergency_plan(call.plant, period, now_us=now)


def _emergency(call: Call, question: EmergencyQuestion) -> dict[str, Any]:
    found = followed(call, question)
    holding = found.in_force
    return {
        "period": period_told(found.period),
        "zone": found.zone,
        "in_force": None if holding is None else _warning(holding),
        "warnings": [_warning(one) for one in found.warnings],
        "tables": tables_told(found.tables()),
        "gaps": gaps_told(found.gaps),
    }


def _warning(one: WarningFollowed) -> dict[str, Any]:
    measures = []
    for done in one.measures:
        action, cut = done.measure.text("action"), done.reduction
        measures.append(
            {
                "machine": done.measure.text("equipment"),
                "action": action,
                "action_name": choice_text("emergency_measure", "action", action).as_json(),
                "measure": done.measure.text("measure"),
                "required_share": known(done.required),
                "reduction_share": None if cut is None else known(cut.share),
                "low_share": None if cut is None else known(cut.low),
                "high_share": None if cut is None else known(cut.high),
                "done": done.done,
                "evidence": done.evidence,
                "why": None if done.why is None else done.why.as_json(),
            }
        )
    return {
        "level": one.level,
        "level_name": choice_text("pollution_warning", "level", one.level).as_json(),
        "begun_at": moment_at(one.begun_us),
        "ended_at": moment_at(one.ended_us),
        "source": one.source,
        "measures": measures,
    }


def _record_warning(call: Call, question: WarningQuestion) -> dict[str, Any]:
    row: dict[str, Value] = {"level": question.level, "from_time": instant_us(question.from_at, "from_at")}
    if question.until_at is not None:
        row["until_time"] = instant_us(question.until_at, "until_at")
    if question.source:
        row["source"] = question.source
    return recorded(call, "pollution_warning", [row])


DOORS: tuple[Door[Any], ...] = (
    Door("environment", "mass", text("Mass emitted by stack and pollutant with bounds, against the permit."),
         Right.SEE, Way.FIGURE, MassQuestion, MassAnswer, _mass),
    Door("environment", "sand", text("Balance new sand in against waste sand, dust and stock."), Right.SEE,
         Way.FIGURE, SandQuestion, TablesAnswer, _sand),
    Door("environment", "waste", text("Waste by kind and fate, hazardous waste by code, and its transfers."),
         Right.SEE, Way.FIGURE, PeriodQuestion, TablesAnswer, _waste),
    Door("environment", "emergency", text("What a heavy-pollution warning asks of each machine, and how far it fell."),
         Right.SEE, Way.FIGURE, EmergencyQuestion, EmergencyTold, _emergency),
    Door("environment", "record-warning", text("Enter a heavy-pollution warning, or that it was lifted."),
         Right.ENVIRONMENT, Way.CHANGE, WarningQuestion, RecordedAnswer, _record_warning),
)  # fmt: skip
