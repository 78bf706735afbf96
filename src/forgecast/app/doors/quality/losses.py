"""Doors of losses: scrap with its worth, defects ranked, failure modes, containment, and the reject model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field

from forgecast.app.doors.door import Call, Door, Way, Words
from forgecast.app.doors.json_values import json_object
from forgecast.app.doors.quality.asked import Days, Rows, conditions, source_of
from forgecast.app.doors.quality.charts import ChartKind
from forgecast.app.doors.reported import FIRST_DAY, LAST_DAY
from forgecast.app.doors.values import moment_at
from forgecast.ground.texts import text
from forgecast.quality.reject.pieces import Feature
from forgecast.store.server.rights import Right
from forgecast.tasks.chart_quality import ChartPlan
from forgecast.tasks.compare_failure_modes import compare_failure_modes
from forgecast.tasks.contain_signal import contain_signal
from forgecast.tasks.learn_rejects import learn_rejects
from forgecast.tasks.rank_defects import rank_defects
from forgecast.tasks.scrap_losses import ScrapLosses, scrap_losses
from forgecast.tasks.watched import Wanted


class LossesAsked(Days):
    """By what losses are told apart."""

    by: str = Field(
        default="product", min_length=1, max_length=100, description="product, defect, furnace, die, machine, shift …"
    )


class LossesTold(BaseModel):
    """Scrap and rework with the worth of their metal, and first-pass yield by month."""

    by: str
    losses: list[dict[str, Any]]
    months: list[dict[str, Any]]
    inspected: int
    scrapped: int
    reworked: int
    worth_CNY: float | None
    unpriced: int
    notes: list[Words]
    charts: dict[str, Any]


class ParetoAsked(Rows):
    """What to rank."""

    by: str = Field(default="defect", min_length=1, max_length=100)
    record: Literal["piece", "inspection", "nonconformity"] = "piece"
    count: str = Field(default="", description="Column of an upload with the pieces of each row.")
    compare_on: date | None = Field(
        default=None, ge=FIRST_DAY, le=LAST_DAY, description="Day that parts before from after."
    )


class ParetoTold(BaseModel):
    """Defects in the order in which they matter."""

    source: str
    by: str
    synthetic: bool
    total: int
    unnamed: int
    rows: list[dict[str, Any]]
    chance: float | None
    grew: list[str]
    notes: list[Words]


class ModesTold(BaseModel):
    """Failure modes beside what occurred."""

    plant: str
    synthetic: bool
    disagreeing: int
    failure_modes: list[dict[str, Any]]
    defects_without_failure_mode: list[dict[str, Any]]
    scale: dict[str, Any]


class ContainAsked(Days):
    """Whose signals are followed."""

    field: str = Field(max_length=200)
    kind: ChartKind | None = None
    by: str = ""
    subgroup: str = ""
    stage: str = ""
    rules: str = "limits"
    baseline: int | None = Field(default=None, ge=2, le=1_000_000)
    done_on: date | None = Field(
        default=None, ge=FIRST_DAY, le=LAST_DAY, description="Day on which something was done."
    )
    most: int = Field(default=20, ge=1, le=200)
    where: list[str] = Field(default=[])


class ContainTold(BaseModel):
    """Stretches out of control, the pieces they touch, and whether what was done had an effect."""

    contained: bool | None
    suspects: list[dict[str, Any]]
    not_followed: int
    notes: list[Words]


class RejectsAsked(Days):
    """What is learnt."""

    record: str = Field(default="shot", max_length=100)
    by: str | None = Field(default=None, max_length=100)
    confidence: float = Field(default=0.9, ge=0.5, lt=1.0)
    budget: float = Field(default=0.05, gt=0.0, le=1.0, description="Share of all pieces that can be inspected.")
    without: list[str] = Field(default=[], description="Fields known only after the verdict.")
    keep: list[str] = Field(default=[])
    explain: list[str] = Field(default=[], max_length=20, description="Pieces to explain.")


class RejectsTold(BaseModel):
    """What leads to rejects, and how well that is known."""

    record: str
    by: str
    synthetic: bool
    pieces: int
    rejects: int
    confidence: float
    features: list[str]
    feature_titles: dict[str, Words]
    left_out: list[dict[str, Any]]
    judged: list[dict[str, Any]]
    watch: dict[str, Any]
    reasons: list[dict[str, Any]]
    explanations: list[dict[str, Any]]
    waiting: list[dict[str, Any]]
    model: dict[str, Any]
    notes: list[Words]


def _losses(call: Call, asked: LossesAsked) -> Mapping[str, Any]:
    found = scrap_losses(call.plant, asked.by, since=asked.since_on, until=asked.until_on)
    return json_object({**found.as_json(), "charts": _charts(found)})


def _charts(found: ScrapLosses) -> dict[str, Any]:
    names = [one.name or text("not on record") for one in found.losses]
    months = found.months
    return {
        "losses": {
            "x": names,
            "series": [
                {"name": text("scrapped pieces"), "unit": "", "kind": "bar", "stack": "lost",
                 "values": [one.scrapped for one in found.losses]},
                {"name": text("reworked pieces"), "unit": "", "kind": "bar", "stack": "lost",
                 "values": [one.reworked for one in found.losses]},
                {"name": text("together"), "unit": "%", "kind": "line",
                 "values": [100.0 * one.cumulative for one in found.losses]},
            ],
        },
        "yield": {
            "x": [one.month for one in months],
            "series": [
                {"name": text("first-pass yield"), "unit": "%", "values": [100.0 * one.share for one in months]},
                {"name": text("95 % interval, low"), "unit": "%", "values": [100.0 * one.low for one in months],
                 "tone": "plain"},
                {"name": text("95 % interval, high"), "unit": "%", "values": [100.0 * one.high for one in months],
                 "tone": "plain"},
            ],
        },
    }  # fmt: skip


def _pareto(call: Call, asked: ParetoAsked) -> Mapping[str, Any]:
    wanted = Wanted((), (), conditions(asked.where), asked.since_on, asked.until_on, asked.time)
    ranked = rank_defects(
        source_of(call, asked.upload), by=asked.by, record=asked.record, count=asked.count, compare=asked.compare_on,
        wanted=wanted,
    )  # fmt: skip
    return json_object(ranked.as_json())


def _modes(call: Call, asked: Days) -> Mapping[str, Any]:
    return json_object(compare_failure_modes(call.plant, since=asked.since_on, until=asked.until_on).as_json())


def _contain(call: Call, asked: ContainAsked) -> Mapping[str, Any]:
    plan = ChartPlan(asked.kind, asked.subgroup, asked.rules, asked.stage, asked.baseline)
    wanted = Wanted((asked.field,), (), conditions(asked.where), asked.since_on, asked.until_on)
    found = contain_signal(call.plant, wanted, plan, by=asked.by, done=asked.done_on, most=asked.most)
    made: dict[str, Any] = json_object(found.as_json())
    del made["chart"]
    for suspect, source in zip(made["suspects"], found.suspects, strict=True):
        for effect, done in zip(suspect["effects"], source.effects, strict=True):
            effect["done_at"] = moment_at(done.done)
    return made


def _rejects(call: Call, asked: RejectsAsked) -> Mapping[str, Any]:
    study = learn_rejects(
        call.plant, asked.record, by=asked.by or None, confidence=asked.confidence, budget=asked.budget,
        without=asked.without, keep=asked.keep, asked=asked.explain, progress=call.progress,
    )  # fmt: skip
    made: dict[str, Any] = json_object(study.as_json())
    made.pop("ok")
    titled: list[Feature] = [*study.model.features, *(one.feature for one in study.left_out)]
    made["feature_titles"] = {one.name: one.title.as_json() for one in titled}
    return made


LOSSES = Door(
    "quality", "losses",
    text("Say what scrap and rework take by part, defect or machine, what their metal is worth, and the first-pass "
         "yield by month."),
    Right.SEE, Way.FIGURE, LossesAsked, LossesTold, _losses,
)  # fmt: skip
PARETO = Door(
    "quality", "pareto", text("Rank defects by the pieces they take, and say what has grown."),
    Right.SEE, Way.FIGURE, ParetoAsked, ParetoTold, _pareto,
)  # fmt: skip
FMEA = Door(
    "quality", "fmea", text("See the failure modes of the plant beside what really occurred."),
    Right.SEE, Way.FIGURE, Days, ModesTold, _modes,
)  # fmt: skip
CONTAIN = Door(
    "quality", "contain",
    text("Follow signals of a chart to the pieces they touch: are they held, and did what was done have an effect?"),
    Right.SEE, Way.FIGURE, ContainAsked, ContainTold, _contain,
)  # fmt: skip
REJECTS = Door(
    "quality", "rejects",
    text("Learn which pieces will be rejected from what was measured on them, and say honestly how well."),
    Right.SEE, Way.FIGURE, RejectsAsked, RejectsTold, _rejects,
)  # fmt: skip
