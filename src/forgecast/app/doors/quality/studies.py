"""Doors of studies: capability, gauges, where scatter arises, dimensions, sampling plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, Field

from forgecast.app.doors.door import Call, Door, Question, Way, Words
from forgecast.app.doors.json_values import json_object
from forgecast.app.doors.quality.asked import Index, Rows, Titled, watched_of
from forgecast.app.doors.reported import Paged, paged
from forgecast.app.doors.values import moment_at
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.quality.capability import Limits
from forgecast.store.server.rights import Right
from forgecast.tasks.check_dimensions import check_dimensions
from forgecast.tasks.judge_capability import JudgedCapability, JudgedGroup, judge_capability
from forgecast.tasks.plan_sampling import plan_sampling
from forgecast.tasks.quality_points import needed_labels
from forgecast.tasks.split_scatter import split_scatter
from forgecast.tasks.study_gauge import StudyColumns, study_gauge
from forgecast.tasks.watchable_quantities import title_of_named

_FEWEST_BARS, _MOST_BARS = 8, 60


class CapabilityAsked(Rows):
    """How a quantity keeps its limits."""

    field: str = Field(max_length=200)
    lower: float | None = Field(default=None, description="In the unit of the values; without limits those on record.")
    upper: float | None = None
    target: float | None = None
    by: str = ""
    subgroup: str = ""
    gauge: str = Field(default="", description="Upload of a gauge study.")
    shape: Literal["normal", "lognormal", "weibull", "gamma", "empirical"] | None = None


class CapabilityGroup(BaseModel):
    """Indices of one group, or why none may be told."""

    group: str
    shape: str
    points: int
    outside: int
    mean: float | None
    within_deviation: float | None
    overall_deviation: float | None
    cp: Index | None
    cpk: Index | None
    pp: Index | None
    ppk: Index | None
    cpm: Index | None
    skewness: float | None
    excess_kurtosis: float | None
    refused: list[Words]
    caveats: list[Words]
    histogram: dict[str, Any]


class CapabilityTold(Titled):
    """Capability by groups, each with its histogram."""

    by: str
    lower: float | None
    upper: float | None
    target: float | None
    groups: list[CapabilityGroup]


class GaugeAsked(Question):
    """An uploaded gauge study."""

    upload: str = Field(min_length=1, description="CSV or XLSX, one reading a row.")
    part: str = ""
    operator: str = ""
    value: str = ""
    tolerance: float | None = Field(
        default=None, gt=0.0, description="Width of the tolerance, in the unit of the readings."
    )


class GaugeTold(BaseModel):
    """A gauge study, by analysis of variance and by ranges."""

    title: Words
    unit: str
    source: str
    parts: int
    operators: int
    trials: int
    tolerance: float | None
    anova: dict[str, Any]
    range: dict[str, Any]


class ScatterAsked(Rows):
    """Levels that lie in one another."""

    field: str = Field(max_length=200)
    within: list[str] = Field(min_length=1, max_length=6, description="From the coarsest to the finest.")
    method: Literal["reml", "anova"] = "reml"


class Level(BaseModel):
    """How much scatter arises at a level."""

    level: str
    variance: float
    deviation: float
    share: float | None
    degrees_of_freedom: int
    groups: int | None


class ScatterTold(Titled):
    """Where scatter arises."""

    method: str
    values: int
    left_out: int
    mean: float
    levels: list[Level]
    in_words: Words


class ToleranceAsked(Paged):
    """Which product."""

    product: str = ""


class Outlying(BaseModel):
    """A value that does not meet its limits, or lies too near to tell."""

    product: str
    characteristic: str
    piece: str
    measured_at: str
    sequence: int | None
    value: float
    limit: float
    beyond: float
    word: str
    place: str


class ToleranceTold(BaseModel):
    """Dimensions and the values that are out."""

    dimensions: list[dict[str, Any]]
    outliers: list[Outlying]
    next: str | None
    notes: list[Words]


class SamplingAsked(Question):
    """Two agreed risks."""

    good_share: float = Field(gt=0.0, lt=1.0, description="Share of bad pieces that is to be accepted (AQL).")
    bad_share: float = Field(gt=0.0, lt=1.0, description="Share of bad pieces that is to be refused (LTPD).")
    producers_risk: float = Field(default=0.05, gt=0.0, lt=1.0)
    consumers_risk: float = Field(default=0.10, gt=0.0, lt=1.0)
    lot: int | None = Field(default=None, ge=2, le=1_000_000, description="Pieces in the lot; without it very many.")
    counting: Literal["binomial", "poisson", "lot"] | None = None
    sample: int | None = Field(default=None, ge=1, le=1_000_000, description="Of a plan to be judged.")
    acceptance: int | None = Field(default=None, ge=0, le=1_000_000, description="Of a plan to be judged.")


class SamplingTold(BaseModel):
    """A single sampling plan and what it lets through."""

    sample: int
    acceptance: int
    lot: int | None
    counting: str
    good_share: float
    bad_share: float
    producers_risk: float
    consumers_risk: float
    worst_outgoing_share: float | None
    worst_outgoing_at: float | None
    chart: dict[str, Any]
    notes: list[Words]


def _capability(call: Call, asked: CapabilityAsked) -> Mapping[str, Any]:
    some = any(one is not None for one in (asked.lower, asked.upper, asked.target))
    given = Limits(asked.lower, asked.upper, asked.target) if some else None
    study = study_gauge(call.upload(asked.gauge)).anova if asked.gauge else None
    labels = (asked.by, *needed_labels(asked.subgroup, result=False))
    watched = watched_of(call, asked, (asked.field,), labels)
    judged = judge_capability(watched, given, by=asked.by, subgroup=asked.subgroup, gauge=study, shape=asked.shape)
    title = title_of_named(asked.field) or judged.title
    made: dict[str, Any] = json_object({**judged.as_json(), "title": title})
    for told, group in zip(made["groups"], judged.groups, strict=True):
        told["histogram"] = json_object(_histogram(judged, group, title))
    return made


def _histogram(judged: JudgedCapability, group: JudgedGroup, title: Text) -> dict[str, Any]:
    """Return the bars of a group with its limits, as the chart part draws them."""
    values, limits = group.values, judged.limits
    low, high = float(values.min(initial=np.inf)), float(values.max(initial=-np.inf))
    for limit in (limits.lower, limits.upper):
        if limit is not None:
            low, high = min(low, limit), max(high, limit)
    room = 0.04 * (high - low) or 1.0
    bars = int(np.clip(np.sqrt(max(values.size, 1)), _FEWEST_BARS, _MOST_BARS))
    counts, edges = np.histogram(values, bins=bars, range=(low - room, high + room))
    told = [
        {"name": name, "at": value, "tone": tone}
        for name, value, tone in (
            (text("lower limit"), limits.lower, "bad"), (text("upper limit"), limits.upper, "bad"),
            (text("target"), limits.target, "plain"),
        ) if value is not None
    ]  # fmt: skip
    return {
        "x": 0.5 * (edges[:-1] + edges[1:]), "x_name": title, "x_unit": judged.unit,
        "series": [{"name": text("values"), "unit": "", "values": counts, "kind": "bar"}],
        "marks": told,
    }  # fmt: skip


def _gauge(call: Call, asked: GaugeAsked) -> Mapping[str, Any]:
    columns = StudyColumns(asked.part, asked.operator, asked.value)
    return json_object(study_gauge(call.upload(asked.upload), columns, tolerance=asked.tolerance).as_json())


def _scatter(call: Call, asked: ScatterAsked) -> Mapping[str, Any]:
    levels = tuple(level.strip() for level in asked.within if level.strip())
    watched = watched_of(call, asked, (asked.field,), levels)
    split = split_scatter(watched, levels, method=asked.method)
    return json_object(split.as_json())


def _tolerance(call: Call, asked: ToleranceAsked) -> Mapping[str, Any]:
    made = check_dimensions(call.plant, product=asked.product)
    outliers, following = paged(list(made.outliers), asked.after, asked.limit)
    told = [{**one.as_json(made.zone), "measured_at": moment_at(one.measured_at)} for one in outliers]
    whole = made.as_json()
    return json_object(
        {"dimensions": whole["dimensions"], "outliers": told, "next": following, "notes": whole["notes"]}
    )


def _sampling(_: Call, asked: SamplingAsked) -> Mapping[str, Any]:
    if (asked.sample is None) != (asked.acceptance is None):
        raise ForgecastError(
            text("a plan has a sample and an acceptance number"),
            where="sample, acceptance",
            repair=text("give both, or neither to have the smallest plan found"),
        )
    given = None if asked.sample is None or asked.acceptance is None else (asked.sample, asked.acceptance)
    planned = plan_sampling(
        asked.good_share, asked.bad_share, producers_risk=asked.producers_risk, consumers_risk=asked.consumers_risk,
        lot=asked.lot, counting=asked.counting, given=given,
    )  # fmt: skip
    made: dict[str, Any] = json_object(planned.as_json())
    del made["curve"]
    made["chart"] = json_object(
        {
            "x": 100.0 * planned.share, "x_name": text("share of bad pieces in the lot"), "x_unit": "%",
            "series": [
                {"name": text("probability of acceptance"), "unit": "%", "values": 100.0 * planned.accepted},
                {"name": text("bad pieces passed on"), "unit": "%", "values": 100.0 * planned.outgoing},
            ],
            "marks": [
                {"at": 100.0 * share, "value": 100.0 * accepted, "name": name, "tone": tone}
                for share, accepted, name, tone in (
                    (planned.good, 1.0 - planned.producers_risk, text("good lots"), "good"),
                    (planned.bad, planned.consumers_risk, text("bad lots"), "bad"),
                )
            ],
        }
    )  # fmt: skip
    return made


CAPABILITY = Door(
    "quality", "capability",
    text("Judge how a process keeps its limits, with intervals; refused, with reasons, where that may not be said."),
    Right.SEE, Way.FIGURE, CapabilityAsked, CapabilityTold, _capability,
)  # fmt: skip
GAUGE = Door(
    "quality", "gauge", text("Study a gauge from an uploaded table of readings."),
    Right.SEE, Way.FIGURE, GaugeAsked, GaugeTold, _gauge,
)  # fmt: skip
SCATTER = Door(
    "quality", "scatter", text("Split the scatter of a quantity by levels that lie in one another."),
    Right.SEE, Way.FIGURE, ScatterAsked, ScatterTold, _scatter,
)  # fmt: skip
TOLERANCE = Door(
    "quality", "tolerance", text("List the measured dimensions that are out of their limits, or too near to tell."),
    Right.SEE, Way.FIGURE, ToleranceAsked, ToleranceTold, _tolerance,
)  # fmt: skip
SAMPLING = Door(
    "quality", "sampling", text("Find the smallest sampling plan for two agreed risks, or judge one you have."),
    Right.SEE, Way.READ, SamplingAsked, SamplingTold, _sampling,
)  # fmt: skip
