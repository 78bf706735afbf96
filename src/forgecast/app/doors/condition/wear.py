"""Doors of wear: bearings, linings, force curves, and how long parts last."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import BaseModel, Field

from forgecast.app.doors.door import Call, Door, Question, Way, Words
from forgecast.app.doors.json_values import json_object
from forgecast.app.doors.quality.asked import conditions, source_of
from forgecast.ground.texts import text
from forgecast.signals.condition.press_signature import FEATURES
from forgecast.store.server.rights import Right
from forgecast.tasks.diagnose_bearing import Geometry, diagnose_bearing
from forgecast.tasks.estimate_life import LifeAnswer, estimate_life
from forgecast.tasks.judge_press import PressAnswer, judge_press
from forgecast.tasks.track_lining import LiningAnswer, track_lining

_POINTS = 200
_SPECTRUM = 4_000


class BearingAsked(Question):
    """A record of vibration and the bearing it is of."""

    upload: str = Field(min_length=1, description="CSV, XLSX or Parquet with headers.")
    signal: str = Field(min_length=1, max_length=200, description="Header of the vibration.")
    rpm: float = Field(gt=0.0, le=1e6, description="Speed of the shaft [1/min].")
    rate_hz: float | None = Field(
        default=None, gt=0.0, le=1e9, description="Sampling rate; without it read off the time."
    )
    bearing: str = Field(default="", description="Designation, as in 6205.")
    balls: int | None = Field(default=None, ge=3, le=1_000)
    ball_mm: float | None = Field(default=None, gt=0.0, le=10_000.0)
    pitch_mm: float | None = Field(default=None, gt=0.0, le=100_000.0)
    angle_deg: float = Field(default=0.0, ge=0.0, le=89.0)
    time: str = ""
    where: list[str] = Field(default=[])


class BearingTold(BaseModel):
    """The state of a bearing, with its evidence."""

    source: str
    signal: str
    values: int
    state: str
    state_words: Words
    reasons: list[Words]
    shaft_hz: float
    rate_hz: dict[str, Any]
    band_hz: list[float | None]
    band_kurtosis: float | None
    root_mean_square: float | None
    kurtosis: float | None
    parts: list[dict[str, Any]]
    chart: dict[str, Any]
    notes: list[Words]


class LiningAsked(Question):
    """A furnace of the plant, or an uploaded table of heats."""

    furnace: str = ""
    upload: str = ""
    column: str = Field(default="", description="Indicator of the upload, one row a heat.")
    conditions: list[str] = Field(default=[], description="Columns that move the indicator and are to be taken out.")
    campaign: str = ""
    time: str = ""
    limit: float | None = Field(default=None, description="Value of the indicator at which the lining is done.")
    confidence: float = Field(default=0.9, gt=0.0, lt=1.0)


class LiningTold(BaseModel):
    """The wear of a lining and the heats left."""

    source: str
    furnace: str
    indicator: Words
    unit: str
    campaigns: list[dict[str, Any]]
    relinings_found: bool
    conditions: list[dict[str, Any]]
    noise: float | None
    memory: float | None
    limit: float | None
    limit_from: Words | None
    heats_left: float | None
    heats_left_low: float | None
    heats_left_high: float | None
    may_never_reach_limit: bool
    heats_left_words: Words
    chart: dict[str, Any]
    notes: list[Words]


class PressAsked(Question):
    """An uploaded table of force curves, one row a value of a curve."""

    upload: str = Field(min_length=1)
    blow: str = Field(min_length=1, max_length=200, description="Column that names the blow.")
    axis: str = Field(min_length=1, max_length=200, description="Way or time, its unit in brackets.")
    force: str = Field(min_length=1, max_length=200, description="Force, its unit in brackets.")
    good: str = Field(default="", description="Column that is good or 1 on good blows.")
    coverage: float = Field(default=0.95, gt=0.0, lt=1.0)


class PressTold(BaseModel):
    """Force curves against the envelope of good ones."""

    source: str
    by_way: bool
    blows: list[dict[str, Any]]
    envelope: dict[str, Any]
    drifts: list[dict[str, Any]]
    strange: list[dict[str, Any]]
    feature_words: dict[str, Words]
    chart: dict[str, Any]
    notes: list[Words]


class LifeAsked(Question):
    """Lives in an uploaded table, or linings of a furnace of the plant."""

    upload: str = ""
    duration: str = Field(default="", description="Column of lives: hours, shots, heats.")
    failed: str = Field(default="", description="Column that is 1 for a failure.")
    covariates: list[str] = Field(default=[], max_length=20)
    age: float | None = Field(default=None, ge=0.0, le=1e15)
    planned_cost: float | None = Field(default=None, gt=0.0, le=1e15)
    failure_cost: float | None = Field(default=None, gt=0.0, le=1e15)
    furnace: str = ""
    confidence: float = Field(default=0.9, gt=0.0, lt=1.0)


class LifeTold(BaseModel):
    """How long parts last, what is left of one, and when to replace it."""

    source: str
    unit: str
    failures: int
    censored: int
    shape: float | None
    shape_low: float | None
    shape_high: float | None
    scale: float | None
    scale_low: float | None
    scale_high: float | None
    mean_life: float | None
    median_life: float | None
    effects: list[dict[str, Any]]
    remaining: dict[str, Any] | None
    replacement: dict[str, Any] | None
    chart: dict[str, Any]
    notes: list[Words]


def _bearing(call: Call, asked: BearingAsked) -> Mapping[str, Any]:
    from forgecast.app.condition.part_pictures import PART_TEXTS  # noqa: PLC0415  (matplotlib loads in the worker only)

    mm = 1e-3
    geometry = Geometry(
        asked.bearing, asked.balls, None if asked.ball_mm is None else asked.ball_mm * mm,
        None if asked.pitch_mm is None else asked.pitch_mm * mm, math.radians(asked.angle_deg),
    )  # fmt: skip
    answer = diagnose_bearing(
        call.upload(asked.upload), asked.signal, geometry, rpm=asked.rpm, rate=asked.rate_hz, time=asked.time,
        where=conditions(asked.where),
    )  # fmt: skip
    told = json_object(answer.as_json())
    for old in ("shaft_Hz", "rate_Hz", "band_Hz"):
        told[old.lower()] = told.pop(old)
    for part in told["parts"]:
        part["frequency_hz"] = part.pop("frequency_Hz")
        part["words"] = PART_TEXTS[part["part"]].as_json()
    found = answer.verdict
    some = slice(0, None, max(found.spectrum.frequency.size // _SPECTRUM, 1))
    told["chart"] = json_object(
        {
            "x": found.spectrum.frequency[some], "x_name": text("frequency of the envelope"), "x_unit": "Hz",
            "series": [{"name": text("power over the floor"), "unit": "dB",
                        "values": 10.0 * np.log10(np.maximum(found.spectrum.ratio[some], 1e-2))}],
            "marks": [
                {"at": line.wanted, "value": line.decibel, "name": PART_TEXTS[part.part], "tone": "bad"}
                for part in found.parts for line in part.lines
            ],
        }
    )  # fmt: skip
    return told


def _lining(call: Call, asked: LiningAsked) -> Mapping[str, Any]:
    from forgecast.app.condition.part_pictures import heats_left  # noqa: PLC0415  (matplotlib loads in the worker only)

    answer = track_lining(
        source_of(call, asked.upload), furnace=asked.furnace, column=asked.column, conditions=tuple(asked.conditions),
        campaign=asked.campaign, limit=asked.limit, confidence=asked.confidence, time=asked.time,
    )  # fmt: skip
    return json_object({**answer.as_json(), "heats_left_words": heats_left(answer), "chart": _lining_chart(answer)})


def _lining_chart(answer: LiningAnswer) -> dict[str, Any]:
    wear = answer.wear
    trend = np.full(wear.corrected.size, np.nan)
    for one in wear.campaigns:
        heats = np.arange(one.heats)
        trend[one.first : one.first + one.heats] = one.level + one.slope * heats
    limits = [] if wear.limit is None else [{"name": text("limit"), "value": wear.limit, "kind": "upper"}]
    return {
        "x": list(range(1, wear.corrected.size + 1)), "x_name": text("heat"),
        "series": [
            {"name": text("heat, conditions taken out"), "unit": answer.unit, "values": wear.corrected,
             "kind": "points", "tone": "plain"},
            {"name": text("trend of a campaign"), "unit": answer.unit, "values": trend, "kind": "line"},
        ],
        "limits": limits,
        "marks": [
            {"at": one.first + 1, "value": one.level, "name": text("relining"), "tone": "good"}
            for one in wear.campaigns[1:]
        ],
    }  # fmt: skip


def _press(call: Call, asked: PressAsked) -> Mapping[str, Any]:
    answer = judge_press(
        call.upload(asked.upload), blow=asked.blow, force=asked.force, axis=asked.axis, good=asked.good,
        coverage=asked.coverage,
    )  # fmt: skip
    words = {name: one[0] for name, one in FEATURES.items()}
    return json_object({**answer.as_json(), "feature_words": words, "chart": _press_chart(answer)})


def _press_chart(answer: PressAnswer) -> dict[str, Any]:
    found = answer.signature
    axis = found.axis * 1e3
    series = [
        {"name": text("median of good blows"), "unit": "kN", "values": found.middle / 1e3, "kind": "line"},
        {"name": text("envelope of good blows, low"), "unit": "kN", "values": found.low / 1e3, "kind": "line",
         "tone": "plain"},
        {"name": text("envelope of good blows, high"), "unit": "kN", "values": found.high / 1e3, "kind": "line",
         "tone": "plain"},
    ]  # fmt: skip
    for one in found.strange[:8]:
        blow = answer.blows[one.blow]
        values = np.interp(found.axis, blow.axis - blow.axis[0], blow.force, left=np.nan, right=np.nan)
        series.append({"name": text("blow {name}", name=blow.name), "unit": "kN", "values": values / 1e3,
                       "kind": "line", "tone": "bad"})  # fmt: skip
    by_way = answer.blows[0].by_way
    return {"x": axis, "x_name": text("way") if by_way else text("time"), "x_unit": "mm" if by_way else "ms",
            "series": series}  # fmt: skip


def _life(call: Call, asked: LifeAsked) -> Mapping[str, Any]:
    answer = estimate_life(
        source_of(call, asked.upload), duration=asked.duration, failed=asked.failed,
        covariates=tuple(asked.covariates), age=asked.age, planned=asked.planned_cost, failure=asked.failure_cost,
        furnace=asked.furnace, confidence=asked.confidence,
    )  # fmt: skip
    return json_object({**answer.as_json(), "chart": _life_chart(answer)})


def _life_chart(answer: LifeAnswer) -> dict[str, Any]:
    curve = answer.curve
    ages = np.linspace(0.0, 1.15 * float(answer.lives.max()), _POINTS)
    place = np.searchsorted(curve.age, ages, side="right") - 1

    def at(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.where(place < 0, 1.0, values[np.maximum(place, 0)])

    return {
        "x": ages, "x_name": text("age"), "x_unit": answer.unit,
        "series": [
            {"name": text("Kaplan-Meier"), "unit": "%", "values": 100.0 * at(curve.survival), "kind": "step"},
            {"name": text("interval, low"), "unit": "%", "values": 100.0 * at(curve.low), "kind": "step",
             "tone": "plain"},
            {"name": text("interval, high"), "unit": "%", "values": 100.0 * at(curve.high), "kind": "step",
             "tone": "plain"},
            {"name": text("Weibull"), "unit": "%", "values": 100.0 * answer.weibull.survival(np.maximum(ages, 1e-9)),
             "kind": "line"},
        ],
    }  # fmt: skip


BEARING = Door(
    "condition", "bearing", text("Judge a rolling bearing from an uploaded record of its vibration."),
    Right.SEE, Way.FIGURE, BearingAsked, BearingTold, _bearing,
)  # fmt: skip
LINING = Door(
    "condition", "lining", text("Follow the wear of a furnace lining, and say how many heats are left."),
    Right.SEE, Way.FIGURE, LiningAsked, LiningTold, _lining,
)  # fmt: skip
PRESS = Door(
    "condition", "press", text("Judge force curves of a press or hammer against the envelope of good blows."),
    Right.SEE, Way.FIGURE, PressAsked, PressTold, _press,
)  # fmt: skip
LIFE = Door(
    "condition", "life", text("Say how long parts last, what is left of one, and when to replace it."),
    Right.SEE, Way.FIGURE, LifeAsked, LifeTold, _life,
)  # fmt: skip
