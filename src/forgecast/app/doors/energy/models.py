"""Baselines by what drives energy, and what a measure has saved against one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field

from forgecast.app.doors.door import Call, Door, Question, Way, Words
from forgecast.app.doors.energy.meters import DaysQuestion
from forgecast.app.doors.environment.ledger import RecordedAnswer, recorded
from forgecast.app.doors.reported import FIRST_DAY, LAST_DAY, check_days
from forgecast.ground.texts import Text, text
from forgecast.plant.rows import Value
from forgecast.store.server.rights import Right
from forgecast.tasks.fit_energy_baseline import fit_energy_baseline
from forgecast.tasks.prove_savings import prove_savings

_LENGTHS = Literal["month", "day", "hour"]


class BaselineQuestion(DaysQuestion):
    """Of which meter, by which drivers."""

    meter: str = Field(default="", max_length=100, description="Without it the only main meter of electricity.")
    driver: list[str] = Field(default_factory=list, max_length=8, description="good_t, metal_t, heat_t, tag:NAME …")
    by: _LENGTHS = "month"
    robust: bool = Field(default=False, description="Huber's regression, which odd periods pull less.")


class SavingsQuestion(DaysQuestion):
    """Of which measure."""

    measure: str = Field(min_length=1, max_length=100)
    driver: list[str] = Field(default_factory=list, max_length=8)
    by: _LENGTHS = "month"


class CriterionTold(BaseModel):
    """One test of a model with its bound."""

    name: str
    title: Words
    value: float | None
    bound: float
    comparison: str
    holds: bool | None
    decides: bool
    confidence: str
    source: Words


class ModelTold(BaseModel):
    """A regression of energy on what drives it."""

    method: str
    periods: int
    left_out: int
    coefficients: list[dict[str, Any]]
    r2: float | None
    adjusted_r2: float | None
    cv_rmse: float | None
    f: float | None
    f_p: float | None
    durbin_watson: float | None
    correlation: float | None
    effective_periods: float | None
    sigma: float | None
    condition: float | None
    adequate: bool | None
    criteria: list[CriterionTold]
    outliers: list[str]
    leveraged: list[str]
    notes: list[Words]


class BaselineAnswer(ModelTold):
    """A meter's baseline with its periods."""

    meter: str
    unit: str
    by: str
    drivers: list[str]
    curve: list[dict[str, Any]]
    charts: dict[str, Any]


class ReportingPeriod(BaseModel):
    """One period after the measure."""

    period: str
    expected: float | None
    measured: float | None
    saved: float | None
    cusum: float | None
    cusum_half_95: float | None


class SavingsAnswer(BaseModel):
    """What a measure has saved, with its interval."""

    measure: str
    name: str
    meter: str
    unit: str
    by: str
    saved: float
    low_95: float
    high_95: float
    share: float | None
    significant: bool
    periods: int
    left_out: int
    per_year: float
    expected_a_year: float | None
    baseline: ModelTold
    reporting: list[ReportingPeriod]
    change_point: dict[str, Any] | None
    static_factors: list[Words]
    outside_range: list[Words]
    charts: dict[str, Any]


class MeasureQuestion(Question):
    """An energy measure that was carried out."""

    id: str = Field(min_length=1, max_length=100)
    name: str = Field(min_length=1, max_length=400)
    meter: str = Field(min_length=1, max_length=100)
    begun_on: date = Field(ge=FIRST_DAY, le=LAST_DAY)
    done_on: date = Field(ge=FIRST_DAY, le=LAST_DAY)
    expected_saving_kWh: float | None = Field(default=None, ge=0.0, le=1e12)
    cost_CNY: float | None = Field(default=None, ge=0.0, le=1e12)
    note: str = Field(default="", max_length=2000)


def _baseline(call: Call, question: BaselineQuestion) -> dict[str, Any]:
    check_days(question.since_on, question.until_on)
    found = fit_energy_baseline(
        call.plant, meter=question.meter, drivers=question.driver, by=question.by, since=question.since_on,
        until=question.until_on, method="huber" if question.robust else "ols",
    )  # fmt: skip
    told: dict[str, Any] = found.as_json()
    return {**told, "charts": _baseline_charts(told)}


def _of(rows: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    return [row[name] for row in rows]


def _series(
    rows: Sequence[Mapping[str, Any]], unit: str, *shown: tuple[str, Text, str, str | None]
) -> list[dict[str, Any]]:
    return [
        {"name": words.as_json(), "unit": unit, "values": _of(rows, name), "kind": kind, "tone": tone}
        for name, words, kind, tone in shown
    ]  # fmt: skip


def _chart(rows: Sequence[Mapping[str, Any]], series: list[dict[str, Any]], marks: list[Any]) -> dict[str, Any]:
    return {"x": _of(rows, "period"), "series": series, "limits": [], "marks": marks}


def _baseline_charts(told: Mapping[str, Any]) -> dict[str, Any]:
    rows, unit = told["curve"], told["unit"]
    against = _series(
        rows, unit, ("measured", text("measured"), "line", None), ("expected", text("expected"), "line", "plain"),
        ("low_95", text("at least, 95 %"), "line", "unknown"), ("high_95", text("at most, 95 %"), "line", "unknown"),
    )  # fmt: skip
    by_period = {row["period"]: row["left_over"] for row in rows}
    marks = [
        {"at": name, "value": by_period.get(name), "name": text("far from the model").as_json(), "tone": "warn"}
        for name in told["outliers"]
    ]
    return {
        "against": _chart(rows, against, []),
        "left_over": _chart(rows, _series(rows, unit, ("left_over", text("left over"), "bar", None)), marks),
        "cusum": _chart(rows, _series(rows, unit, ("cusum", text("running sum (CUSUM)"), "line", None)), []),
    }


def _savings(call: Call, question: SavingsQuestion) -> dict[str, Any]:
    check_days(question.since_on, question.until_on)
    found = prove_savings(
        call.plant, question.measure, drivers=question.driver, by=question.by, since=question.since_on,
        until=question.until_on,
    )  # fmt: skip
    told: dict[str, Any] = found.as_json()
    return {**told, "charts": _savings_charts(told)}


def _savings_charts(told: Mapping[str, Any]) -> dict[str, Any]:
    rows, unit = told["reporting"], told["unit"]
    bands = []
    for row in rows:
        there = row["cusum"] is not None and row["cusum_half_95"] is not None
        bands.append(
            {
                "period": row["period"],
                "cusum": row["cusum"],
                "low": row["cusum"] - row["cusum_half_95"] if there else None,
                "high": row["cusum"] + row["cusum_half_95"] if there else None,
            }
        )
    change = told["change_point"]
    marks = [] if change is None else [{"at": change["period"], "name": text("savings changed").as_json()}]
    against = _series(
        rows, unit, ("measured", text("measured"), "line", None), ("expected", text("expected"), "line", "plain")
    )  # fmt: skip
    summed = _series(
        bands, unit, ("cusum", text("saved since the measure (CUSUM)"), "line", "good"),
        ("low", text("at least, 95 %"), "line", "unknown"), ("high", text("at most, 95 %"), "line", "unknown"),
    )  # fmt: skip
    return {"against": _chart(rows, against, []), "cusum": _chart(bands, summed, marks)}


def _record(call: Call, question: MeasureQuestion) -> dict[str, Any]:
    row: dict[str, Value] = {
        "id": question.id,
        "name": question.name,
        "meter": question.meter,
        "begun_on": question.begun_on.isoformat(),
        "done_on": question.done_on.isoformat(),
    }
    if question.expected_saving_kWh is not None:
        row["expected_saving_kWh"] = question.expected_saving_kWh
    if question.cost_CNY is not None:
        row["cost"] = question.cost_CNY
    if question.note:
        row["note"] = question.note
    return recorded(call, "energy_measure", [row], (question.id,))


DOORS: tuple[Door[Any], ...] = (
    Door("energy", "baseline", text("Fit a meter's energy against what drives it, with tests of the model."),
         Right.SEE, Way.FIGURE, BaselineQuestion, BaselineAnswer, _baseline),
    Door("energy", "savings", text("Prove what an energy measure has saved, with its interval."), Right.SEE,
         Way.FIGURE, SavingsQuestion, SavingsAnswer, _savings),
    Door("energy", "record-measure", text("Enter an energy measure that was carried out."), Right.ENVIRONMENT,
         Way.CHANGE, MeasureQuestion, RecordedAnswer, _record),
)  # fmt: skip
