"""Doors of control charts: what can be charted, a chart, what was done about its points, and what is out of control."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, Field

from forgecast.app.doors.door import Call, Door, NoQuestion, Question, Way, Words
from forgecast.app.doors.json_values import json_object, milliseconds
from forgecast.app.doors.quality.asked import Rows, Titled, watched_of
from forgecast.app.doors.values import moment_at
from forgecast.ground.texts import Text, text, verbatim
from forgecast.store.server.rights import Right
from forgecast.tasks.chart_quality import PANELS, ChartPlan, GroupChart, Panel, QualityChart, chart_quality
from forgecast.tasks.out_of_control import LATEST, OutOfControl, out_of_control
from forgecast.tasks.quality_points import needed_labels
from forgecast.tasks.react_to_point import Reaction, react_to_point, reactions_to
from forgecast.tasks.watchable_quantities import Watchable, title_of_named, watchable_quantities

ChartKind = Literal["i-mr", "xbar-r", "xbar-s", "p", "np", "c", "u", "laney-p", "laney-u", "ewma", "cusum", "t2"]


class ChoiceTold(BaseModel):
    """A quantity that can be charted."""

    field: str
    record: Words
    title: Words
    unit: str
    values: int
    is_result: bool
    labels: list[str]
    by: str
    limited: bool


class Choices(BaseModel):
    """What can be charted."""

    quantities: list[ChoiceTold]


class ChartAsked(Rows):
    """A chart of one quantity."""

    field: str = Field(max_length=200, description="record.field, measurement.NAME, or a header of the upload.")
    kind: ChartKind | None = Field(default=None, description="Without it what fits the values.")
    by: str = Field(default="", description="A chart of its own for each word of this field: die, furnace, shift …")
    group: str = Field(default="", description="Group whose points are told; without it the one with most signals.")
    subgroup: str = Field(default="", description="A number of rows, or a field whose equal words belong together.")
    of: str = Field(default="", description="Pieces inspected, where a column of the upload holds counts of bad ones.")
    stage: str = Field(default="", description="New limits wherever this field changes.")
    rules: str = Field(default="nelson", description="nelson, western-electric, limits, none, or names with commas.")
    baseline: int | None = Field(default=None, ge=2, le=1_000_000, description="Learn from so many first points.")


class GroupTold(BaseModel):
    """A group and how it stands; limits are those of its last point."""

    group: str
    points: int
    signals: int
    lower: float | None
    centre: float | None
    upper: float | None
    why_missing: list[Words]


class RuleTold(BaseModel):
    """A rule that points of the shown group break."""

    panel: Words
    sign: str
    title: Words
    points: int


class SignalTold(BaseModel):
    """A point that signals."""

    point: int
    name: str
    at: str | None
    panel: Words
    value: float | None
    rules: list[str]
    detail: Words | None


class ReactionTold(BaseModel):
    """What was done about a point."""

    id: str
    field: str
    group: str
    point: str
    kind: str
    note: str
    by: str
    done_at: str | None
    nonconformity: str


class ChartTold(Titled):
    """A control chart: all groups, and the points of one of them as charts to be drawn."""

    field: str
    kind: str
    kind_words: Words
    by: str
    stable: bool
    groups: list[GroupTold]
    group: str
    rules: list[RuleTold]
    signals: list[SignalTold]
    reactions: list[ReactionTold]
    charts: dict[str, dict[str, Any]]


class ReactionsAsked(Question):
    """Whose points."""

    field: str = Field(default="", description="Only of charts of this field.")


class Reactions(BaseModel):
    """What was done about points of charts, the latest first."""

    reactions: list[ReactionTold]


class ReactAsked(Question):
    """What was done about a point."""

    field: str = Field(min_length=1, max_length=200)
    point: str = Field(min_length=1, max_length=200, description="Name of the point, as the chart tells it.")
    group: str = Field(default="", max_length=200)
    kind: Literal["containment", "correction", "corrective", "preventive"] = "correction"
    note: str = Field(min_length=1, max_length=2000, description="What was found and done.")
    nonconformity: str = Field(default="", description="Report it belongs to.")


class OutTold(BaseModel):
    """A chart whose last points signal."""

    field: str
    record: Words
    title: Words
    unit: str
    kind: str
    by: str
    group: str
    signals: int
    points: int
    rules: list[str]
    rule_words: list[Words]
    last: str
    last_at: str | None
    value: float | None
    centre: float | None
    lower: float | None
    upper: float | None
    restless: bool


class ControlTold(BaseModel):
    """What is out of control now."""

    latest_points: int
    charts: int
    quantities: int
    out_of_control: list[OutTold]
    notes: list[Words]


def _choice(one: Watchable) -> dict[str, Any]:
    made: dict[str, Any] = json_object(
        {"field": one.field, "record": one.record, "title": one.title, "unit": one.unit, "values": one.values,
         "is_result": one.is_result, "labels": one.labels, "by": one.by, "limited": one.limited}
    )  # fmt: skip
    return made


#: By plant: its trail's head when it was asked, and what could be charted then.
_CHOICES: dict[str, tuple[str, dict[str, Any]]] = {}


def _choices(call: Call, _: NoQuestion) -> Mapping[str, Any]:
    place, head = str(call.plant.path), call.plant.audit_head().hash
    kept = _CHOICES.get(place)
    if kept is None or kept[0] != head:
        kept = _CHOICES[place] = (head, {"quantities": [_choice(one) for one in watchable_quantities(call.plant)]})
    return kept[1]


def _chart(call: Call, asked: ChartAsked) -> Mapping[str, Any]:
    from forgecast.app.quality.control_chart import KINDS  # noqa: PLC0415  (matplotlib loads in the worker only)

    made = _charted(call, asked)
    shown = _shown(made, asked.group)
    reactions = [one for one in reactions_to(call.plant, asked.field) if one.group in {"", shown.group}]
    first = made.groups[0].points.rows
    return json_object(
        {
            "title": title_of_named(asked.field) or made.title, "unit": made.unit, "source": made.source,
            "synthetic": made.synthetic, "notes": made.notes, "field": asked.field, "kind": made.kind,
            "kind_words": KINDS[made.kind], "by": made.by, "stable": made.stable, "group": shown.group,
            "groups": [_group(group) for group in made.groups],
            "rules": [
                {"panel": PANELS[panel.kind], "sign": mark.sign, "title": mark.title, "points": int(mark.at.size)}
                for panel in shown.panels for mark in panel.marks if mark.at.size
            ],
            "signals": _signals(shown),
            "reactions": [_reaction(one) for one in reactions],
            "charts": {
                name: _panel_chart(shown, panel, first.times is not None, reactions)
                for name, panel in zip(("location", "spread"), shown.panels, strict=False)
            },
        }
    )  # fmt: skip


def _charted(call: Call, asked: ChartAsked) -> QualityChart:
    plan = ChartPlan(asked.kind, asked.subgroup, asked.rules, asked.stage, asked.baseline)
    fields = tuple(part.strip() for part in asked.field.split(",")) if asked.kind == "t2" else (asked.field,)
    labels = (asked.by, asked.stage, *needed_labels(asked.subgroup, result=asked.field.endswith(".result")))
    watched = watched_of(call, asked, (*fields, *filter(None, [asked.of])), labels)
    return chart_quality(watched, plan, by=asked.by, of=asked.of)


def _shown(made: QualityChart, group: str) -> GroupChart:
    named = next((one for one in made.groups if one.group == group), None)
    return named or max(made.groups, key=lambda one: one.panels[0].flagged.size)


def _group(group: GroupChart) -> dict[str, Any]:
    panel = group.panels[0]
    return {
        "group": group.group, "points": len(group.points), "signals": len({one.at for one in group.signals()}),
        **{name: _last(getattr(panel, name)) for name in ("lower", "centre", "upper")},
        "why_missing": group.why_missing,
    }  # fmt: skip


def _last(line: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float | None:
    known = line[np.isfinite(line)]
    return float(known[-1]) if known.size else None


def _signals(group: GroupChart) -> list[dict[str, Any]]:
    times = group.points.times()
    return [
        {"point": one.at + 1, "name": one.name, "at": None if times is None else moment_at(int(times[one.at])),
         "panel": PANELS[one.panel], "value": one.value, "rules": one.rules, "detail": one.detail}
        for one in group.signals()
    ]  # fmt: skip


def _reaction(one: Reaction) -> dict[str, Any]:
    told = asdict(one)
    told["done_at"] = moment_at(told.pop("at"))
    return told


def _panel_chart(group: GroupChart, panel: Panel, timed: bool, reactions: list[Reaction]) -> dict[str, Any]:  # noqa: FBT001
    """Return a panel as the chart part draws it: over time where each point has a later one, else point by point."""
    times = group.points.times() if timed else None
    over_time = times is not None and times.size > 0 and bool((np.diff(times) > 0).all())
    at = milliseconds(times) if over_time and times is not None else list(range(1, len(group.points) + 1))
    noted: dict[str, list[Reaction]] = {}
    for one in reactions:
        noted.setdefault(one.point, []).append(one)
    series = [{"name": PANELS[panel.kind], "unit": panel.unit, "values": panel.values, "kind": "line"}]
    if panel.second is not None:
        series.append({"name": text("sum below"), "unit": panel.unit, "values": panel.second, "kind": "line"})
    limits = []
    for name, words, kind in (
        ("upper", text("upper limit"), "upper"), ("centre", text("centre"), "target"),
        ("lower", text("lower limit"), "lower"),
    ):  # fmt: skip
        line = getattr(panel, name)
        known = line[np.isfinite(line)]
        if known.size and (known == known[0]).all():
            limits.append({"name": words, "value": float(known[0]), "kind": kind})
        elif known.size:
            series.append({"name": words, "unit": panel.unit, "values": line, "kind": "step",
                           "tone": "plain" if kind == "target" else "bad"})  # fmt: skip
    signs: dict[int, list[str]] = {}
    for mark in panel.marks:
        for place in mark.at.tolist():
            signs.setdefault(int(place), []).append(mark.sign)
    marks = [
        _mark(at[place], float(panel.values[place]), str(group.points.names[place]), signs.get(place, []),
              noted.get(str(group.points.names[place]), []))
        for place in sorted({*signs, *_places(group, noted)})
    ]  # fmt: skip
    along = {"times": at} if over_time else {"x": at, "x_name": text("point")}
    return {**along, "series": series, "limits": limits, "marks": marks}


def _places(group: GroupChart, noted: Mapping[str, list[Reaction]]) -> list[int]:
    if not noted:
        return []
    return [place for place, name in enumerate(group.points.names.tolist()) if str(name) in noted]


def _mark(at: int, value: float, name: str, signs: list[str], reactions: list[Reaction]) -> dict[str, Any]:
    note: Text = verbatim("; ".join(f"{one.note} ({one.by})" for one in reactions))
    if signs:
        note = text("{name}: rule {signs}", name=name, signs=", ".join(signs))
        if reactions:
            note = text("{name}: rule {signs}; {note}", name=name, signs=", ".join(signs),
                        note="; ".join(f"{one.note} ({one.by})" for one in reactions))  # fmt: skip
    return {"at": at, "value": value, "name": name, "note": note, "tone": "good" if reactions else "bad"}


def _read_reactions(call: Call, asked: ReactionsAsked) -> Mapping[str, Any]:
    return {"reactions": [_reaction(one) for one in reactions_to(call.plant, asked.field)]}


def _react(call: Call, asked: ReactAsked) -> Mapping[str, Any]:
    made = react_to_point(
        call.plant, asked.field, asked.point, asked.note, by=call.by, group=asked.group, kind=asked.kind,
        nonconformity=asked.nonconformity,
    )  # fmt: skip
    return _reaction(made)


def _control(call: Call, _: NoQuestion) -> Mapping[str, Any]:
    found = out_of_control(call.plant, progress=call.progress)
    return json_object(
        {"latest_points": LATEST, "charts": found.charts, "quantities": found.quantities, "notes": found.notes,
         "out_of_control": [_out(one) for one in found.found]}
    )  # fmt: skip


def _out(one: OutOfControl) -> dict[str, Any]:
    quantity = one.quantity
    return {
        "field": quantity.field, "record": quantity.record, "title": quantity.title, "unit": quantity.unit,
        "kind": one.kind, "by": quantity.by, "group": one.group, "signals": one.signals, "points": one.points,
        "rules": [sign for sign, _ in one.rules], "rule_words": [words for _, words in one.rules], "last": one.last,
        "last_at": moment_at(one.at), "value": one.value, "centre": one.centre, "lower": one.lower,
        "upper": one.upper, "restless": one.restless,
    }  # fmt: skip


CHOICES = Door(
    "quality", "choices", text("Say which quantities of the plant can be put on a control chart."),
    Right.SEE, Way.READ, NoQuestion, Choices, _choices,
)  # fmt: skip
CHART = Door(
    "quality", "chart",
    text("Put a quantity on a control chart: limits from the values themselves, and every point that chance alone "
         "seldom makes, with the rule it breaks."),
    Right.SEE, Way.FIGURE, ChartAsked, ChartTold, _chart,
)  # fmt: skip
REACTIONS = Door(
    "quality", "reactions", text("Say what was done about points of control charts."),
    Right.SEE, Way.READ, ReactionsAsked, Reactions, _read_reactions,
)  # fmt: skip
REACT = Door(
    "quality", "react", text("Put on record what was done about a point of a control chart."),
    Right.RECORD, Way.CHANGE, ReactAsked, ReactionTold, _react,
)  # fmt: skip
CONTROL = Door(
    "quality", "out-of-control", text("Chart every quantity and say which are out of control now."),
    Right.SEE, Way.FIGURE, NoQuestion, ControlTold, _control,
)  # fmt: skip
