"""What is metered: choices for questions, key figures by month, and the tree of meters with its balance."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Literal

from pydantic import BaseModel, Field

from forgecast.app.doors.door import Call, Door, NoQuestion, Question, Way, Words
from forgecast.app.doors.reported import FIRST_DAY, LAST_DAY, PeriodTold, check_days, period_told
from forgecast.app.doors.values import FindingTold
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right
from forgecast.tasks.assessment import KeyFigure
from forgecast.tasks.balance_meters import balance_meters
from forgecast.tasks.energy_drivers import DRIVERS
from forgecast.tasks.energy_figures import carrier_text, energy_figures
from forgecast.tasks.energy_series import view_of
from forgecast.tasks.plant_view import PlantView, period_of


class DaysQuestion(Question):
    """Which days, both included; without them the twelve whole months up to the last record."""

    since_on: date | None = Field(default=None, ge=FIRST_DAY, le=LAST_DAY)
    until_on: date | None = Field(default=None, ge=FIRST_DAY, le=LAST_DAY)


class BalanceQuestion(DaysQuestion):
    """Which days, how long a period is, and of which carrier."""

    by: Literal["month", "day", "hour", "total"] = "month"
    carrier: str = Field(default="", max_length=60)


class MeterTold(BaseModel):
    """A meter on record."""

    id: str
    name: str
    carrier: str
    carrier_name: Words
    unit: str
    parent: str


class ChoicesAnswer(BaseModel):
    """What questions about energy can name."""

    first_on: str
    last_on: str
    meters: list[MeterTold]
    tariffs: list[str]
    measures: list[dict[str, Any]]
    drivers: dict[str, Words]


class FigureTold(BaseModel):
    """A key figure with its months."""

    id: str
    group: str
    title: Words
    value: float | None
    unit: str
    why_missing: Words | None
    slope_per_year: float | None
    basis: Words
    months: list[str]
    values: list[float | None]


class FactorUsed(BaseModel):
    """A factor that a figure rests on."""

    what: Words
    value: float
    unit: str
    source: Words
    edition: str
    confidence: str


class FiguresAnswer(BaseModel):
    """Key figures of energy and of carbon from energy."""

    period: PeriodTold
    figures: list[FigureTold]
    factors: list[FactorUsed]
    findings: list[FindingTold]
    charts: dict[str, Any]


class NodePeriod(BaseModel):
    """One period at a node, in the meter's unit."""

    period: str
    main: float | None
    submetered: float | None
    rest: float | None
    uncertainty_95: float | None
    low: float | None
    high: float | None
    state: str
    reason: Words | None


class NodeTold(BaseModel):
    """A meter that has submeters."""

    meter: str
    depth: int
    chart: str
    submeters: list[str]
    other_unit: list[str]
    periods: list[NodePeriod]


class HypothesisTold(BaseModel):
    """What would explain a rest that stands out; a ranking and no proof."""

    node: str
    period: str
    kind: str
    meters: list[str]
    factor: float | None
    rest_before: float | None
    rest_after: float | None
    usual_rest: float | None
    scatter: float | None
    weight: float | None
    words: Words


class CarrierTold(BaseModel):
    """The nodes of one carrier."""

    carrier: str
    carrier_name: Words
    unit: str
    nodes: list[NodeTold]
    hypotheses: list[HypothesisTold]
    swapped_pairs: list[dict[str, Any]]


class MeteredTold(BaseModel):
    """What one meter shows, period by period."""

    meter: str
    parent: str
    carrier: str
    unit: str
    quantity: list[float | None]


class BalanceAnswer(BaseModel):
    """The balance of all trees of meters."""

    periods: list[str]
    odd: int
    carriers: list[CarrierTold]
    meters: dict[str, str]
    metered: list[MeteredTold]
    notes: list[Words]
    charts: dict[str, Any]


def _choices(call: Call, _question: NoQuestion) -> dict[str, Any]:
    period, at = period_of(call.plant, None)
    view = PlantView(call.plant, period, at)
    return {
        "first_on": period.start.isoformat(),
        "last_on": (period.end - timedelta(days=1)).isoformat(),
        "meters": [
            {
                "id": row.text("id"),
                "name": row.text("name"),
                "carrier": row.text("carrier"),
                "carrier_name": carrier_text(row.text("carrier")).as_json(),
                "unit": row.text("unit"),
                "parent": row.text("parent"),
            }
            for row in view.rows("meter")
        ],
        "tariffs": sorted({row.text("id") for row in view.rows("tariff")}),
        "measures": [
            {
                "id": row.text("id"),
                "name": row.text("name"),
                "meter": row.text("meter"),
                "begun_on": None if (begun := row.day("begun_on")) is None else begun.isoformat(),
                "done_on": None if (done := row.day("done_on")) is None else done.isoformat(),
            }
            for row in view.rows("energy_measure")
        ],
        "drivers": {name: words.as_json() for name, words in DRIVERS.items()},
    }


def _figures(call: Call, question: DaysQuestion) -> dict[str, Any]:
    check_days(question.since_on, question.until_on)
    view = view_of(call.plant, question.since_on, question.until_on)
    found = energy_figures(view)
    told = [figure_told(one) for one in found.figures]
    return {
        "period": period_told(view.period),
        "figures": told,
        "factors": [
            {
                "what": one.title.as_json(),
                "value": one.value,
                "unit": one.unit,
                "source": one.source.as_json(),
                "edition": one.edition,
                "confidence": one.confidence,
            }
            for one in found.factors
        ],
        "findings": [one.as_json() for one in found.findings],
        "charts": {one["id"]: _trend(one) for one in told if one["months"]},
    }


def figure_told(one: KeyFigure) -> dict[str, Any]:
    """Return a key figure as `FigureTold`."""
    return {
        "id": one.id,
        "group": one.group,
        "title": one.title.as_json(),
        "value": one.value,
        "unit": one.unit,
        "why_missing": None if one.why_missing is None else one.why_missing.as_json(),
        "slope_per_year": one.slope_per_year,
        "basis": one.basis.as_json(),
        "months": [point.month for point in one.trend],
        "values": [point.value for point in one.trend],
    }


def _trend(one: Mapping[str, Any]) -> dict[str, Any]:
    series = [{"name": one["title"], "unit": one["unit"], "values": one["values"], "kind": "bar"}]
    return {"x": one["months"], "series": series, "limits": [], "marks": []}


def _balance(call: Call, question: BalanceQuestion) -> dict[str, Any]:
    check_days(question.since_on, question.until_on)
    found = balance_meters(
        call.plant, since=question.since_on, until=question.until_on, by=question.by, carrier=question.carrier
    )
    told: dict[str, Any] = found.as_json()
    for tree in told["carriers"]:
        tree["carrier_name"] = carrier_text(tree["carrier"]).as_json()
    charts: dict[str, Any] = {}
    for tree in told["carriers"]:
        for node in tree["nodes"]:
            node["chart"] = f"c{len(charts)}"
            charts[node["chart"]] = _rests(told["periods"], tree["unit"], node)
    return {**told, "odd": found.unbalanced, "charts": charts}


def _rests(periods: list[str], unit: str, node: Mapping[str, Any]) -> dict[str, Any]:
    def of(name: str) -> list[Any]:
        return [one[name] for one in node["periods"]]

    series = [
        {"name": text("unmetered rest").as_json(), "unit": unit, "values": of("rest"), "kind": "bar"},
        {"name": text("at least, 95 %").as_json(), "unit": unit, "values": of("low"), "tone": "plain"},
        {"name": text("at most, 95 %").as_json(), "unit": unit, "values": of("high"), "tone": "plain"},
    ]
    return {"x": periods, "series": series, "limits": [], "marks": []}


DOORS: tuple[Door[Any], ...] = (
    Door("energy", "choices", text("Meters, tariffs, measures and drivers that questions about energy can name."),
         Right.SEE, Way.READ, NoQuestion, ChoicesAnswer, _choices, steady=True),
    Door("energy", "figures", text("Energy and its carbon by month and per tonne of good product."), Right.SEE,
         Way.FIGURE, DaysQuestion, FiguresAnswer, _figures),
    Door("energy", "balance", text("Balance the tree of meters: the unmetered rest and what would explain an odd one."),
         Right.SEE, Way.FIGURE, BalanceQuestion, BalanceAnswer, _balance),
)  # fmt: skip
