"""Doors of the plan: the cheapest measures that reach the goals, the library they are chosen from, and the pictures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from forgecast.app.doors.door import Call, Door, NoQuestion, Question, Way, Words
from forgecast.app.doors.reported import FIRST_DAY, LAST_DAY
from forgecast.app.plan.asked import read_budget, read_prices
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right

Told = dict[str, Any]


class PlanAsked(Question):
    """What a plan has to reach, and within what."""

    goals: list[str] = Field(
        default=[],
        max_length=20,
        description="particulate=-30% or cnc=80, with @2027 for its year; none: those on record.",
    )
    budget: list[str] = Field(default=[], max_length=40, description="2000000 for every year, or 2026=500000 for each.")
    until: int | None = Field(default=None, ge=2000, le=2100, description="Last year of the plan.")
    rate_percent: float = Field(default=6.0, ge=0, le=50, description="Rate of interest a year.")
    horizon_years: int = Field(default=10, ge=1, le=40, description="Years over which costs count.")
    prices: list[str] = Field(
        default=[], max_length=40, description="natural_gas=3.2, in CNY for the unit of its meter."
    )
    with_credits: bool = Field(
        default=False, description="Count tax credits; you answer for the machines being listed."
    )
    pareto: bool = Field(default=False, description="Also trace cost against particulate, energy and carbon dioxide.")
    draws: int = Field(default=40, ge=0, le=400, description="How often estimates are drawn anew.")
    at: date | None = Field(default=None, ge=FIRST_DAY, le=LAST_DAY)


class PlanAnswered(BaseModel):
    """A plan, with what its charts draw."""

    model_config = ConfigDict(extra="forbid")

    plant: Told
    period: Told
    years: list[int]
    rate: float
    horizon_years: int
    budget_CNY: dict[str, float | None] | None
    with_credits: bool
    prices_CNY: dict[str, float]
    reached: bool
    goals: list[Told]
    not_known: list[Told]
    net_present_cost_CNY: float
    paid_CNY: dict[str, float]
    running_CNY_a_year: dict[str, float]
    estimated_share_of_paid: float | None
    indicators: dict[str, Told]
    measures: list[Told]
    cannot: Told | None
    robustness: Told | None
    frontiers: dict[str, list[Told]]
    choice: list[str]
    left_out: list[Told]
    notes: list[Words]
    sentence: Words
    charts: Told


class LibraryAnswer(BaseModel):
    """The library of measures."""

    model_config = ConfigDict(extra="forbid")

    measures: list[Told]


class PicturesAsked(PlanAsked):
    """A plan as pictures."""


class FilesAnswer(BaseModel):
    """Files a run has left."""

    model_config = ConfigDict(extra="forbid")

    files: list[str]


def _answer(call: Call, asked: PlanAsked, share: float) -> Any:  # noqa: ANN401  (a PlanAnswer; loads when asked)
    from forgecast.tasks.plan_plant import plan_plant  # noqa: PLC0415  (the solver loads only in the worker)

    return plan_plant(
        call.plant,
        goals=asked.goals,
        budget=read_budget(asked.budget),
        until=asked.until,
        rate=asked.rate_percent / 100.0,
        horizon=asked.horizon_years,
        own_prices=read_prices(asked.prices),
        with_credits=asked.with_credits,
        pareto=asked.pareto,
        draws=asked.draws,
        at=asked.at,
        progress=lambda done: call.progress(share * done),
    )


def _plan(call: Call, asked: PlanAsked) -> Mapping[str, Any]:
    from forgecast.app.plan.charts import measure_title, plan_charts  # noqa: PLC0415  (as above)
    from forgecast.app.plan.words import verdict  # noqa: PLC0415

    answer = _answer(call, asked, 1.0)
    told: Told = answer.as_json()
    names = {one.id: measure_title(one).as_json() for one in answer.problem.measures}
    if told["robustness"] is not None:
        told["robustness"]["titles"] = {name: names[name] for name in told["robustness"]["stays"]}
    titles = {name: one.title.as_json() for name, one in answer.problem.indicators.items()}
    for goal in told["goals"]:
        goal["title"] = titles[goal["indicator"]]
    return told | {"sentence": verdict(answer).as_json(), "charts": plan_charts(answer)}


def _measures(_call: Call, _asked: NoQuestion) -> Mapping[str, Any]:
    from forgecast.app.plan.library_json import library_json  # noqa: PLC0415

    return library_json()


def _pictures(call: Call, asked: PicturesAsked) -> Mapping[str, Any]:
    from forgecast.app.plan.write import write_plan  # noqa: PLC0415  (matplotlib loads only in the worker)

    assert call.folder is not None  # noqa: S101  (a run has one)
    made = write_plan(_answer(call, asked, 0.9), call.folder, call.language, "svg")
    return {"files": [path.name for path in made]}


DOORS: tuple[Door[Any], ...] = (
    Door("plan", "plan", text("The cheapest measures that reach the goals by their years, or the proof that none do."),
         Right.SEE, Way.FIGURE, PlanAsked, PlanAnswered, _plan),
    Door("plan", "measures", text("The library of measures, each number with source and confidence."), Right.SEE,
         Way.READ, NoQuestion, LibraryAnswer, _measures, steady=True),
    Door("plan", "pictures", text("A plan as pictures and a summary, to take along."), Right.SEE, Way.RUN,
         PicturesAsked, FilesAnswer, _pictures),
)  # fmt: skip
