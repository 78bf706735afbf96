"""Doors that search signals: changes of level, stretches that resemble no other, and what is strange together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from forgecast.app.doors.door import Call, Door, Way, Words
from forgecast.app.doors.json_values import json_object, milliseconds
from forgecast.app.doors.quality.asked import Rows, conditions, source_of
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right
from forgecast.tasks.condition_values import SignalsAsked, read_signals
from forgecast.tasks.find_anomalies import find_anomalies
from forgecast.tasks.find_changes import find_changes
from forgecast.tasks.find_discords import find_discords
from forgecast.tasks.watched import Watched


class SignalAsked(Rows):
    """One signal: a tag, record.field, or a header of the upload."""

    signal: str = Field(min_length=1, max_length=200)
    every_s: float | None = Field(default=None, gt=0.0, le=31_622_400.0, description="Average over this span first.")


class ChangesAsked(SignalAsked):
    """How to search for changes."""

    season: Literal["", "day", "week"] = Field(default="", description="Take out the usual course of a day or a week.")
    shortest: int = Field(default=10, ge=2, le=100_000, description="Fewest values of a level.")
    strictness: float = Field(default=3.0, ge=0.1, le=100.0)


class ChangesTold(BaseModel):
    """Where the level of a signal changed."""

    source: str
    signal: str
    unit: str
    values: int
    season: str | None
    noise: float | None
    memory: float | None
    penalty: float | None
    false_changes_per_search: float | None
    false_changes_per_month: float | None
    changes: list[dict[str, Any]]
    chart: dict[str, Any]
    notes: list[Words]


class DiscordsAsked(SignalAsked):
    """How long a stretch is."""

    span_s: float | None = Field(default=None, gt=0.0, le=31_622_400.0, description="Length of a stretch as a time.")
    window: int | None = Field(default=None, ge=4, le=100_000, description="Length as a number of values.")
    count: int = Field(default=3, ge=1, le=50)
    false_alarm: float = Field(default=0.01, gt=0.0, lt=1.0)


class DiscordsTold(BaseModel):
    """Stretches that resemble no other."""

    source: str
    signal: str
    window: int
    constant_stretches: int
    stretches_with_missing_values: int
    threshold: float | None
    alarms: int
    alarms_per_month: float | None
    discords: list[dict[str, Any]]
    chart: dict[str, Any]
    notes: list[Words]


class AnomalyAsked(Rows):
    """Signals that are judged together."""

    signals: list[str] = Field(min_length=1, max_length=40)
    regime: str = Field(default="", description="Field whose word is the regime of a row.")
    find_regimes: list[str] = Field(default=[], max_length=10, description="Signals by which regimes are found.")
    good: str = Field(default="", description="Field that is good, 0 or empty on sound rows.")
    method: Literal["pca", "robust", "forest"] = "pca"
    false_alarm: float = Field(default=0.001, gt=0.0, lt=1.0)
    consecutive: int = Field(default=1, ge=1, le=1_000)
    every_s: float | None = Field(default=None, gt=0.0, le=31_622_400.0)


class AnomalyTold(BaseModel):
    """When signals together are strange, and which of them."""

    source: str
    signals: list[str]
    method: str
    regimes: str | None
    false_alarm: float
    thresholds: list[dict[str, Any]]
    learnt_rows: int
    judged_rows: int
    judged_share_beyond: float | None
    alarms_per_month: float | None
    expected_false_alarms_per_month: float | None
    alarms: list[dict[str, Any]]
    chart: dict[str, Any]
    notes: list[Words]


def _asked(asked: Rows, names: tuple[str, ...], every: float | None, labels: tuple[str, ...] = ()) -> SignalsAsked:
    return SignalsAsked(names, labels, conditions(asked.where), asked.since_on, asked.until_on, asked.time, every)


def _along(watched: Watched, rows: NDArray[np.int64]) -> dict[str, Any]:
    if watched.times is None:
        return {"x": (rows + 1).tolist(), "x_name": text("value")}
    return {"times": milliseconds(watched.times[rows])}


def _at(watched: Watched, row: int) -> int:
    return row + 1 if watched.times is None else int(watched.times[row]) // 1_000


def _changes(call: Call, asked: ChangesAsked) -> Mapping[str, Any]:
    watched = read_signals(source_of(call, asked.upload), _asked(asked, (asked.signal,), asked.every_s))
    answer = find_changes(watched, shortest=asked.shortest, strictness=asked.strictness, season=asked.season)
    column, found = watched.columns[0], answer.found
    marks = [
        {"at": _at(watched, int(answer.rows[min(one.at, answer.rows.size - 1)])), "value": one.after,
         "name": text("{before} to {after}", before=f"{one.before:.4g}", after=f"{one.after:.4g}"), "tone": "bad"}
        for one in found.changes
    ]  # fmt: skip
    chart = {
        **_along(watched, answer.rows),
        "series": [
            {"name": column.title, "unit": column.unit, "values": answer.values, "kind": "line", "tone": "plain"},
            {"name": text("mean of the stretch"), "unit": column.unit, "values": found.level, "kind": "step"},
        ],
        "marks": marks,
    }  # fmt: skip
    return json_object({**answer.as_json(), "chart": chart})


def _discords(call: Call, asked: DiscordsAsked) -> Mapping[str, Any]:
    watched = read_signals(source_of(call, asked.upload), _asked(asked, (asked.signal,), asked.every_s))
    answer = find_discords(
        watched, window=asked.window, span=asked.span_s, count=asked.count, false_alarm=asked.false_alarm
    )
    column, found = watched.columns[0], answer.found
    series = [{"name": column.title, "unit": column.unit, "values": column.values, "kind": "line", "tone": "plain"}]
    for n, one in enumerate(found.discords, start=1):
        part = np.full(column.values.size, np.nan)
        part[one.at : one.at + found.window] = column.values[one.at : one.at + found.window]
        series.append({"name": text("stretch {n}", n=n), "unit": column.unit, "values": part, "kind": "line",
                       "tone": "bad"})  # fmt: skip
    chart = {**_along(watched, np.arange(column.values.size, dtype=np.int64)), "series": series}
    return json_object({**answer.as_json(), "chart": chart})


def _anomaly(call: Call, asked: AnomalyAsked) -> Mapping[str, Any]:
    if asked.regime and asked.find_regimes:
        raise ForgecastError(
            text("regimes are either named by a field or found"),
            where="regime",
            repair=text("give a field, or signals to find them by, not both"),
        )
    names = (*asked.signals, *(one for one in asked.find_regimes if one not in asked.signals))
    labels = tuple(filter(None, (asked.regime, asked.good)))
    watched = read_signals(source_of(call, asked.upload), _asked(asked, names, asked.every_s, labels))
    answer = find_anomalies(
        watched, regime=asked.regime, regime_signals=[names.index(one) for one in asked.find_regimes],
        method=asked.method, false_alarm=asked.false_alarm, consecutive=asked.consecutive, good=asked.good,
    )  # fmt: skip
    found = answer.found
    rows = np.arange(found.score.size, dtype=np.int64)
    marks = [
        {"at": _at(answer.watched, one.worst), "value": float(found.score[one.worst]), "tone": "bad",
         "name": ", ".join(name for name, _ in one.shares[:2])}
        for one in answer.worst(200)
    ]  # fmt: skip
    parts = ((0, text("learnt from")), (1, text("threshold set on")), (2, text("judged")))
    chart = {
        **_along(answer.watched, rows),
        "series": [
            {"name": words, "unit": "1", "values": np.where(found.part == part, found.score, np.nan), "kind": "points",
             **({} if part == 2 else {"tone": "plain"})}
            for part, words in parts
        ],
        "limits": [{"name": text("threshold"), "value": 1.0, "kind": "upper"}],
        "marks": marks,
    }  # fmt: skip
    return json_object({**answer.as_json(), "chart": chart})


CHANGES = Door(
    "condition", "changes",
    text("Find where the level of a signal changed: when, by how much, and how many such changes chance would give."),
    Right.SEE, Way.FIGURE, ChangesAsked, ChangesTold, _changes,
)  # fmt: skip
DISCORDS = Door(
    "condition", "discords", text("Find the stretches of a signal that resemble no other, with a back-test."),
    Right.SEE, Way.FIGURE, DiscordsAsked, DiscordsTold, _discords,
)  # fmt: skip
ANOMALY = Door(
    "condition", "anomaly", text("Find when several signals together are strange, and which of them makes them so."),
    Right.SEE, Way.FIGURE, AnomalyAsked, AnomalyTold, _anomaly,
)  # fmt: skip
