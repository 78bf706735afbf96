"""The bill by tariff, the load by kinds of hours, what shifting of melting would save, and where energy is lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import BaseModel, Field

from forgecast.app.doors.door import Call, Door, Way, Words
from forgecast.app.doors.energy.meters import DaysQuestion
from forgecast.app.doors.reported import FIRST_DAY, LAST_DAY, check_days
from forgecast.ground.dates import HOUR_US
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right
from forgecast.tasks.bill_energy import bill_energy
from forgecast.tasks.diagnose_energy import diagnose_energy
from forgecast.tasks.load_by_tariff import load_by_tariff
from forgecast.tasks.shift_melting import MOST_DAYS, DayPlan, shift_melting


class CostQuestion(DaysQuestion):
    """Of which meter, by which tariff."""

    meter: str = Field(default="", max_length=100)
    tariff: str = Field(default="", max_length=100)
    factor: list[str] = Field(
        default_factory=list, max_length=100, description="Adjustment by power factor in per cent, as in 0.89=0.5."
    )
    day_on: date | None = Field(default=None, ge=FIRST_DAY, le=LAST_DAY, description="Day shown in full.")


class BillTold(BaseModel):
    """What a month cost, in CNY; by kind of hours."""

    month: str
    energy_kWh: dict[str, float]
    energy_cost: dict[str, float]
    demand_kW: float | None
    demand_at: str | None
    billed_demand: float | None
    demand_cost: float | None
    power_factor: float | None
    factor_cost: float | None
    total: float | None
    missing_intervals: int
    unpriced_kWh: float
    reasons: list[Words]


class MachineAtPeak(BaseModel):
    """What a machine drew at the peak."""

    machine: str
    power_kW: float | None
    usual_kW: float | None
    heats: list[str]


class PeakTold(BaseModel):
    """The interval of the highest load."""

    at: str | None
    power_kW: float | None
    price_of_a_kW: float | None
    machines: list[MachineAtPeak]


class KindTold(BaseModel):
    """Energy and its cost in one kind of hours."""

    kind: str
    energy_kWh: float
    cost_CNY: float | None


class CostAnswer(BaseModel):
    """The bill and the load behind it."""

    meter: str
    tariff: str
    currency: str
    energy_price: float | None
    months: list[BillTold]
    peak: PeakTold
    kinds: dict[str, Words]
    by_kind: list[KindTold]
    day_on: str | None
    notes: list[Words]
    charts: dict[str, Any]


class ShiftQuestion(DaysQuestion):
    """Which days, and how far a heat may move."""

    since_on: date = Field(ge=FIRST_DAY, le=LAST_DAY)
    tariff: str = Field(default="", max_length=100)
    earlier_h: int = Field(default=4, ge=0, le=24)
    later_h: int = Field(default=0, ge=0, le=24)
    capacity_kW: float | None = Field(default=None, gt=0.0, le=1e7)
    hold_kW: float = Field(default=0.0, ge=0.0, le=1e6)
    carbon_tag: str = Field(default="", max_length=100)
    carbon_price_CNY_kg: float = Field(default=0.0, ge=0.0, le=1e4)


class HeatMoved(BaseModel):
    """A heat as it was and as planned; times by the plant's clock."""

    heat: str
    furnace: str
    hours: int
    power_kW: float
    was: str
    plan: str


class DayShifted(BaseModel):
    """One day's plan; costs in CNY."""

    day: str
    cost_before: float
    cost_after: float
    waiting_kWh: float
    peak_before_kW: float
    peak_after_kW: float
    carbon_before_kg: float | None
    carbon_after_kg: float | None
    heats: list[HeatMoved]


class ShiftTold(BaseModel):
    """What shifting would have saved, against a bound that no plan undercuts."""

    tariff: str
    currency: str
    zone: str
    cost_before: float
    cost_after: float
    saved: float
    bound: float
    most_possible: float
    proven: bool
    left_out: int
    days: list[DayShifted]
    notes: list[Words]
    charts: dict[str, Any]


class DiagnosisQuestion(DaysQuestion):
    """Which days, and at which price."""

    price_CNY_kWh: float | None = Field(default=None, ge=0.0, le=100.0)
    down_to_degC: float | None = Field(default=None, ge=-20.0, le=600.0)


class EstimateTold(BaseModel):
    """A number with its 95 % interval."""

    value: float | None
    low_95: float | None
    high_95: float | None
    n: int
    why_missing: Words | None


class WasteTold(BaseModel):
    """A place where energy goes that makes nothing."""

    kind: str
    kind_name: Words
    subject: str
    kWh_a_year: EstimateTold
    CNY_a_year: EstimateTold
    what: Words
    how: Words
    to_do: Words
    certainty: str
    certainty_name: Words


class DiagnosisAnswer(BaseModel):
    """Findings, the dearest first; they overlap and do not add up."""

    since: str
    until: str
    price_CNY_kWh: float | None
    findings: list[WasteTold]
    not_known: list[Words]
    charts: dict[str, Any]


#: Tones of kinds of hours on charts.
_TONES = {"sharp": "bad", "peak": "warn", "flat": "plain", "valley": "good", "deep_valley": "good"}


def _factors(given: list[str]) -> dict[float, float]:
    table = {}
    for one in given:
        factor, _, percent = one.partition("=")
        try:
            at, share = round(float(factor), 2), float(percent) / 100.0
        except ValueError:
            at, share = -1.0, 0.0
        if not (0.0 <= at <= 1.0 and -1.0 <= share <= 1.0):
            raise ForgecastError(
                text("{given} is no power factor and adjustment", given=one),
                where="factor",
                repair=text("write it as 0.89=0.5 (per cent), and a reduction as 0.95=-0.5"),
            )
        table[at] = share
    return table


def _cost(call: Call, question: CostQuestion) -> dict[str, Any]:
    check_days(question.since_on, question.until_on)
    found = bill_energy(
        call.plant, meter=question.meter, tariff=question.tariff, since=question.since_on, until=question.until_on,
        factor_table=_factors(question.factor) or None,
    )  # fmt: skip
    told: dict[str, Any] = found.as_json()
    load = load_by_tariff(found, question.day_on)
    kept = {key: load[key] for key in ("kinds", "by_kind", "day_on")}
    return {**told, **kept, "charts": _cost_charts(told, load)}


def _cost_charts(told: Mapping[str, Any], load: Mapping[str, Any]) -> dict[str, Any]:
    kinds = load["kinds"]
    unpriced = text("no price").as_json()
    mean_day = [
        {"name": kinds.get(one["kind"], unpriced), "unit": "kW", "values": one["kW"], "kind": "bar", "stack": "load",
         "tone": _TONES.get(one["kind"], "unknown")}
        for one in load["mean_day"]
    ]  # fmt: skip
    day = [
        {"name": words, "unit": "kW", "kind": "bar", "stack": "load", "tone": _TONES.get(kind, "unknown"),
         "values": [one["kW"] if one["kind"] == kind else None for one in load["day"]]}
        for kind, words in (*kinds.items(), ("", unpriced))
        if any(one["kind"] == kind for one in load["day"])
    ]  # fmt: skip
    months = [
        {"name": kinds[one["kind"]], "unit": "CNY", "kind": "bar", "stack": "bill", "tone": _TONES[one["kind"]],
         "values": [bill["energy_cost"].get(one["kind"]) for bill in told["months"]]}
        for one in load["by_kind"]
    ]  # fmt: skip
    demand = [bill["demand_cost"] for bill in told["months"]]
    if any(value is not None for value in demand):
        name = text("demand charge").as_json()
        months.append({"name": name, "unit": "CNY", "kind": "bar", "stack": "bill", "values": demand})
    week = load["week_kW"]
    duration = load["duration"]
    return {
        "mean_day": {"x": [f"{hour}:00" for hour in range(24)], "series": mean_day, "limits": [], "marks": []},
        "day": {"times": [one["t_ms"] for one in load["day"]], "series": day, "limits": [], "marks": []},
        "months": {"x": [bill["month"] for bill in told["months"]], "series": months, "limits": [], "marks": []},
        "week": {
            "x": [f"{hour}:00" for hour in range(24)],
            "y": [words.as_json() for words in _DAYS],
            "cells": [[hour, row, week[row][hour]] for row in range(7) for hour in range(24)],
            "name": text("mean power").as_json(),
            "unit": "kW",
        },
        "duration": {
            "x": duration["hours"],
            "x_name": text("hours in which at least this power is drawn").as_json(),
            "x_unit": "h",
            "series": [{"name": text("power").as_json(), "unit": "kW", "values": duration["kW"], "kind": "area"}],
            "limits": [],
            "marks": [],
        },
    }


_DAYS = (text("Mon"), text("Tue"), text("Wed"), text("Thu"), text("Fri"), text("Sat"), text("Sun"))


def _shift(call: Call, question: ShiftQuestion) -> dict[str, Any]:
    until = question.until_on or question.since_on
    if until < question.since_on or (until - question.since_on).days >= MOST_DAYS:
        raise ForgecastError(
            text("{since} to {until} is no stretch of days that can be asked for",
                 since=str(question.since_on), until=str(until)),
            where="until_on",
            repair=text("a plan is made for at most {days} days", days=MOST_DAYS),
        )  # fmt: skip
    found = shift_melting(
        call.plant, since=question.since_on, until=until, tariff=question.tariff, earlier_h=question.earlier_h,
        later_h=question.later_h, capacity_kW=question.capacity_kW, hold_kW=question.hold_kW,
        carbon_tag=question.carbon_tag, carbon_price=question.carbon_price_CNY_kg,
    )  # fmt: skip
    told: dict[str, Any] = found.as_json()
    charts = {one.day: _plan_charts(one) for one in found.days}
    return {**told, "zone": found.zone, "most_possible": found.before - found.bound, "charts": charts}


def _plan_charts(day: DayPlan) -> dict[str, Any]:
    was: list[dict[str, Any]] = []
    planned: list[dict[str, Any]] = []
    for run, start in zip(day.runs, day.starts_us, strict=True):
        before = day.first_us + run.start * HOUR_US
        moved = before != start
        for tasks, begins, tone in ((was, before, "plain"), (planned, start, "good" if moved else "plain")):
            tasks.append(
                {
                    "name": f"{run.furnace} · {run.name}",
                    "start_at": _iso(begins),
                    "end_at": _iso(begins + run.slots * HOUR_US),
                    "tone": tone,
                    "note": f"{run.power_kW:.0f} kW",
                }
            )
    slots = day.price.size
    times = [(day.first_us + n * HOUR_US) // 1000 for n in range(slots)]
    load = [[0.0] * slots, [0.0] * slots]
    for run, start in zip(day.runs, day.plan.starts, strict=True):
        for n in range(run.slots):
            load[0][run.start + n] += run.power_kW
            load[1][int(start) + n] += run.power_kW
    price = {"name": text("price").as_json(), "unit": "CNY/kWh", "kind": "step", "tone": "warn",
             "values": [float(one) for one in day.price]}  # fmt: skip
    loads = [
        {"name": words.as_json(), "unit": "kW", "kind": "step", "values": values, "tone": tone}
        for words, values, tone in ((text("as it was"), load[0], "plain"), (text("planned"), load[1], "good"))
    ]
    return {
        "was": {"tasks": was},
        "plan": {"tasks": planned},
        "load": {"times": times, "series": [*loads, price], "limits": [], "marks": []},
    }


def _iso(t_us: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=t_us)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _diagnosis(call: Call, question: DiagnosisQuestion) -> dict[str, Any]:
    from forgecast.app.energy.plan_picture import KIND_NAMES  # noqa: PLC0415  (draws; only workers need it)

    check_days(question.since_on, question.until_on)
    found = diagnose_energy(
        call.plant, since=question.since_on, until=question.until_on, price=question.price_CNY_kWh,
        down_to_degC=question.down_to_degC,
    )  # fmt: skip
    told: dict[str, Any] = found.as_json()
    for one in told["findings"]:
        one["kind_name"] = KIND_NAMES[one["kind"]].as_json()
        one["certainty_name"] = _CERTAIN[one["certainty"]].as_json()
    priced = [one for one in told["findings"] if one["CNY_a_year"]["value"]]
    chart = {
        "x": [
            {tongue: f"{one['kind_name'][tongue]} · {one['subject']}" for tongue in ("en", "zh")} for one in priced
        ],
        "series": [
            {"name": text("lost a year").as_json(), "unit": "CNY", "kind": "bar", "tone": "warn",
             "values": [one["CNY_a_year"]["value"] for one in priced]}
        ],
        "limits": [],
        "marks": [],
    }  # fmt: skip
    return {**told, "charts": {"money": chart}}


_CERTAIN = {"measured": text("measured"), "estimated": text("estimated"), "hint": text("a hint")}


DOORS: tuple[Door[Any], ...] = (
    Door("energy", "cost", text("The electricity bill by tariff, and what made the peak."), Right.SEE, Way.FIGURE,
         CostQuestion, CostAnswer, _cost),
    Door("energy", "shift", text("What moving heats to cheaper hours would have saved, and the plan."), Right.SEE,
         Way.FIGURE, ShiftQuestion, ShiftTold, _shift),
    Door("energy", "diagnosis", text("Where energy goes that makes nothing, with money and what to do."), Right.SEE,
         Way.FIGURE, DiagnosisQuestion, DiagnosisAnswer, _diagnosis),
)  # fmt: skip
