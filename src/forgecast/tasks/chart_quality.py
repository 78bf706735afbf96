"""Chart a quantity: one control chart for each group, its limits, and the points that signal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.quality.attribute_charts import c_chart, np_chart, p_chart, u_chart
from forgecast.quality.chart_rules import NELSON, WESTERN_ELECTRIC, Rule
from forgecast.quality.multivariate_chart import t_squared_phase_one, t_squared_phase_two
from forgecast.quality.scrap import FloatArray, IntArray
from forgecast.quality.shewhart_chart import PATTERNS, ChartKind, ChartPair, ControlChart
from forgecast.quality.time_weighted_charts import cusum_chart, ewma_chart
from forgecast.quality.variable_charts import individuals_and_moving_range, mean_and_deviation, mean_and_range
from forgecast.tasks.quality_points import Points, counted_points, grouped_points, single_points
from forgecast.tasks.watched import Labels, Watched

ChartName: TypeAlias = Literal[
    "i-mr", "xbar-r", "xbar-s", "p", "np", "c", "u", "laney-p", "laney-u", "ewma", "cusum", "t2"
]
NAMES: tuple[ChartName, ...] = get_args(ChartName)
COUNTED: frozenset[ChartName] = frozenset({"p", "np", "c", "u", "laney-p", "laney-u"})

#: Where more of the points signal, single signals say little.
_MANY = 0.15

RULE_SETS: dict[str, tuple[Rule, ...]] = {
    "nelson": NELSON,
    "western-electric": WESTERN_ELECTRIC,
    "limits": NELSON[:1],
    "none": (),
}

PANELS: dict[str, Text] = {
    "mean": text("mean of the subgroup"),
    "range": text("range of the subgroup"),
    "deviation": text("standard deviation of the subgroup"),
    "individual": text("single value"),
    "moving_range": text("moving range of two"),
    "p": text("share of rejects"),
    "np": text("number of rejects"),
    "c": text("number of defects"),
    "u": text("defects a unit"),
    "ewma": text("weighted mean (EWMA)"),
    "cusum": text("sums of deviations above and below (CUSUM)"),
    "t2": text("T² of all values together"),
}


@dataclass(frozen=True, slots=True)
class ChartPlan:
    """How to chart.

    Parameters
    ----------
    kind : str or None
        One of `NAMES`; None takes single values, means where subgroups are asked for, Laney's p′ for results.
    subgroup : str
        A whole number of rows, or a label whose equal words make a subgroup; empty for none (a day for results).
    rules : str
        One of `RULE_SETS`, or names of rules with commas between.
    stage : str
        Label; limits are formed anew wherever it changes.
    baseline : int or None
        First points of each group from which centre and deviation of measured values are learnt; None means all.
        Limits learnt from all values of a shift are moved by it.
    weight, width : float
        Of the EWMA.
    allowance, limit : float
        Of the CUSUM [standard deviations of the point].
    """

    kind: ChartName | None = None
    subgroup: str = ""
    rules: str = "nelson"
    stage: str = ""
    baseline: int | None = None
    weight: float = 0.2
    width: float = 3.0
    allowance: float = 0.5
    limit: float = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """Points that one rule flags: its short sign, its words, their positions, and how many points a pattern takes."""

    sign: str
    title: Text
    at: IntArray
    reach: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One chart to be drawn.

    Parameters
    ----------
    kind : str
        A key of `PANELS`.
    unit : str
    values, centre, lower, upper : (n,) float64 array
        NaN where missing.
    second : (n,) float64 array or None
        A second line on the same axes: the lower sum of a CUSUM, drawn downwards.
    marks : tuple of Mark
        Rules that flag a point.
    """

    kind: str
    unit: str
    values: FloatArray
    centre: FloatArray
    lower: FloatArray
    upper: FloatArray
    marks: tuple[Mark, ...]
    second: FloatArray | None = None

    @property
    def flagged(self) -> IntArray:
        """Return the positions of all points that any rule flags, ascending."""
        found = [mark.at for mark in self.marks]
        return np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Signal:
    """A point that signals: its position, name and time, the panel, its value and the signs of the rules."""

    at: int
    name: str
    moment: str
    panel: str
    value: float
    rules: tuple[str, ...]
    detail: Text | None = None


@dataclass(frozen=True, slots=True, eq=False)
class GroupChart:
    """The chart of one group.

    Parameters
    ----------
    group : str
        Its word; empty where there is one group only.
    points : Points
    panels : tuple of Panel
        Where the process lies first, then how it scatters.
    stages : (n,) array of (str or None)
        Label of the stage of each point.
    deviation : (stages,) float64 array
        Standard deviation of a single value in each stage; empty where the chart has none.
    why_missing : tuple of Text
    details : mapping-like tuple of (int, Text)
        What is behind a point, such as the value that contributes most to a T².
    """

    group: str
    points: Points
    panels: tuple[Panel, ...]
    stages: Labels
    deviation: FloatArray
    why_missing: tuple[Text, ...] = ()
    details: tuple[tuple[int, Text], ...] = ()

    def signals(self) -> list[Signal]:
        """Return every point that signals, in order of time."""
        detail = dict(self.details)
        found = []
        for panel in self.panels:
            for at in panel.flagged:
                signs = tuple(mark.sign for mark in panel.marks if (mark.at == at).any())
                value = float(panel.values[at])
                if panel.second is not None and -panel.second[at] > value:
                    value = float(panel.second[at])
                found.append(
                    Signal(int(at), str(self.points.names[at]), self.points.moment(int(at)), panel.kind, value, signs,
                           detail.get(int(at)))
                )  # fmt: skip
        return sorted(found, key=lambda signal: signal.at)

    def as_json(self) -> dict[str, object]:
        """Return limits, signals and points."""
        return {
            "group": self.group,
            "points": len(self.points),
            "within_deviation": [_number(value) for value in self.deviation],
            "why_missing": [reason.as_json() for reason in self.why_missing],
            "panels": [
                {
                    "kind": panel.kind,
                    "title": PANELS[panel.kind].as_json(),
                    "unit": panel.unit,
                    "values": [_number(value) for value in panel.values],
                    "below": None if panel.second is None else [_number(value) for value in panel.second],
                    **{name: _lines(getattr(panel, name)) for name in ("centre", "lower", "upper")},
                    "signals_by_rule": {mark.sign: int(mark.at.size) for mark in panel.marks},
                }
                for panel in self.panels
            ],
            "signals": [
                {
                    "point": signal.at + 1,
                    "name": signal.name,
                    "at": signal.moment,
                    "panel": signal.panel,
                    "value": signal.value,
                    "rules": list(signal.rules),
                }
                for signal in self.signals()
            ],
        }


@dataclass(frozen=True, slots=True, eq=False)
class QualityChart:
    """Control charts of one quantity, one for each group.

    Parameters
    ----------
    title : Text
    unit : str
    source : str
    kind : str
    by : str
        Label of the groups; empty for one group.
    stage : str
    groups : tuple of GroupChart
    synthetic : bool
    notes : tuple of Text
    """

    title: Text
    unit: str
    source: str
    kind: ChartName
    by: str
    stage: str
    groups: tuple[GroupChart, ...]
    synthetic: bool
    notes: tuple[Text, ...]

    @property
    def stable(self) -> bool:
        """Whether no point of any chart signals."""
        return not any(panel.flagged.size for group in self.groups for panel in group.panels)

    def as_json(self) -> dict[str, object]:
        """Return the charts with both languages inside."""
        return {
            "title": self.title.as_json(),
            "unit": self.unit,
            "source": self.source,
            "kind": self.kind,
            "by": self.by,
            "synthetic": self.synthetic,
            "stable": self.stable,
            "groups": [group.as_json() for group in self.groups],
            "notes": [note.as_json() for note in self.notes],
        }


def chart_quality(watched: Watched, plan: ChartPlan, *, by: str = "", of: str = "") -> QualityChart:
    """Chart a quantity, one chart for each group.

    Parameters
    ----------
    watched : Watched
        With the labels of `by`, `plan.subgroup` and `plan.stage`; several columns for T² only, and a second one, named
        by `of`, for charts of counts.
    plan : ChartPlan
    by : str
        Label; each of its words gets a chart of its own.
    of : str
        Column of the pieces (or units) inspected, for counts that are in the file already.

    Raises
    ------
    ForgecastError
        If the kind does not fit the values, a rule is not known, or a group is too small for T².
    """
    kind = plan.kind or _usual(watched, plan, of)
    _check(watched, kind, of, plan)
    rules = rules_named(plan.rules)
    groups = watched.groups(by) if by else [("", watched)]
    charts = tuple(_group(name, rows, kind, plan, rules, of) for name, rows in groups)
    first = watched.columns[0]
    title = first.title if kind != "t2" else text("{n} values together", n=len(watched.columns))
    notes = list(watched.notes)
    if by and (left := len(watched) - sum(len(rows) for _, rows in groups)):
        notes.append(text("{n} rows have no {name} and are left out", n=left, name=by))
    points = sum(len(chart.points) for chart in charts)
    if points >= 1000 and any(rule.pattern == "beyond" for rule in rules) and kind not in ("ewma", "cusum", "t2"):
        notes.append(
            text(
                "of {points} points of a stable process the limits alone flag about {expected} by chance",
                points=points,
                expected=round(0.0027 * points),
            )
        )
    flagged = sum(chart.panels[0].flagged.size for chart in charts)
    if points >= 100 and flagged > _MANY * points:
        notes.append(
            text(
                "{percent} % of the points signal: the level moves, or neighbours are alike. Look for what moves it, "
                "part the chart by --by or --stage, or chart means of subgroups that take the usual movement in "
                "(--subgroup day with --kind i-mr)",
                percent=round(100.0 * flagged / points),
            )
        )
    unit = "" if kind in ("cusum", "t2") else first.unit
    return QualityChart(title, unit, watched.source, kind, by, plan.stage, charts, watched.synthetic, tuple(notes))


def rules_named(names: str) -> tuple[Rule, ...]:
    """Return rules by the name of their set, or by their own names.

    Raises
    ------
    ForgecastError
        If a name is not known.
    """
    if names in RULE_SETS:
        return RULE_SETS[names]
    known = {rule.name: rule for rule in (*NELSON, *WESTERN_ELECTRIC)}
    asked = [name.strip() for name in names.split(",")]
    for name in asked:
        if name not in known:
            raise ForgecastError(
                text("there is no rule named {name}", name=name),
                repair=text("use one of: {names}", names=", ".join((*RULE_SETS, *known))),
            )
    return tuple(known[name] for name in asked)


def _usual(watched: Watched, plan: ChartPlan, of: str) -> ChartName:
    if watched.columns[0].is_result or of:
        return "laney-p"
    return "xbar-s" if plan.subgroup else "i-mr"


def _check(watched: Watched, kind: ChartName, of: str, plan: ChartPlan) -> None:
    first = watched.columns[0]
    if plan.baseline is not None and (plan.stage or kind in COUNTED):
        raise ForgecastError(
            text("limits are learnt from the first points of measured values only, and not where stages part them"),
            repair=text("leave out --baseline, or --stage"),
        )
    if first.is_result and kind not in COUNTED:
        raise ForgecastError(
            text("results of inspection are counted, not measured"),
            where=first.name,
            repair=text("use --kind p, laney-p, np or u"),
        )
    if len(watched.columns) > 1 + bool(of) and kind != "t2":
        raise ForgecastError(
            text("{n} quantities cannot share one chart of this kind", n=len(watched.columns)),
            repair=text("chart them one by one, or all together with --kind t2"),
        )
    if kind == "t2" and len(watched.columns) < 2:
        raise ForgecastError(
            text("T² watches several quantities together"),
            repair=text("give two or more fields with commas between"),
        )


def _group(name: str, rows: Watched, kind: ChartName, plan: ChartPlan, rules: tuple[Rule, ...], of: str) -> GroupChart:
    if kind in COUNTED:
        return _counted(name, rows, kind, plan, rules, of)
    if kind == "t2":
        return _together(name, rows, plan)
    points, pair = _measured(rows, kind, plan)
    stages = points.labels(rows, plan.stage)
    unit = rows.columns[0].unit
    if kind in ("ewma", "cusum"):
        panel = _remembering(pair, kind, plan, unit)
        return GroupChart(name, points, (panel,), stages, pair.deviation, pair.location.why_missing)
    panels = tuple(_panel(chart, unit, rules) for chart in (pair.location, pair.spread))
    return GroupChart(name, points, panels, stages, pair.deviation, pair.location.why_missing)


def _measured(rows: Watched, kind: ChartName, plan: ChartPlan) -> tuple[Points, ChartPair]:
    if plan.subgroup or kind in ("xbar-r", "xbar-s"):
        points, matrix = grouped_points(rows, plan.subgroup or "5", plan.stage)
        stages = points.labels(rows, plan.stage) if plan.stage else None
        if kind == "i-mr":
            means = _row_means(matrix)
            if plan.baseline is not None:
                return points, _known(means, plan.baseline)
            return points, individuals_and_moving_range(means, stage=_stage(stages))
        chart = mean_and_range if kind == "xbar-r" else mean_and_deviation
        if plan.baseline is None or kind in ("ewma", "cusum"):
            return points, chart(matrix, stage=_stage(stages))
        first = chart(matrix[: plan.baseline], minimum_points=2)
        return points, chart(matrix, mean=_overall(matrix[: plan.baseline]), deviation=float(first.deviation[0]))
    points, values = single_points(rows)
    stages = points.labels(rows, plan.stage) if plan.stage else None
    if plan.baseline is None or kind in ("ewma", "cusum"):
        return points, individuals_and_moving_range(values, stage=_stage(stages))
    return points, _known(values, plan.baseline)


def _known(values: FloatArray, baseline: int) -> ChartPair:
    """Return a chart of single values whose limits the first of them have taught."""
    first = individuals_and_moving_range(values[:baseline], minimum_points=2)
    return individuals_and_moving_range(values, mean=_overall(values[:baseline]), deviation=float(first.deviation[0]))


def _overall(values: FloatArray) -> float:
    there = values[~np.isnan(values)]
    return float(there.mean()) if there.size else float("nan")


def _row_means(matrix: FloatArray) -> FloatArray:
    there = ~np.isnan(matrix)
    count = there.sum(axis=1)
    return np.where(count > 0, np.where(there, matrix, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)


def _stage(labels: Labels | None) -> Labels | None:
    return None if labels is None else np.array(["" if word is None else str(word) for word in labels], dtype=object)


def _remembering(pair: ChartPair, kind: ChartName, plan: ChartPlan, unit: str) -> Panel:
    """Return the panel of a chart with memory; centre and deviation are learnt from all points or the first ones."""
    location = pair.location
    centre, deviation = location.centre, location.deviation
    if plan.baseline is not None:
        # What the first points teach holds for all of them, whatever their stage.
        learnt = individuals_and_moving_range(location.values[: plan.baseline], minimum_points=2)
        centre = np.full(centre.shape, np.nanmean(location.values[: plan.baseline]))
        deviation = np.full(deviation.shape, learnt.deviation[0])
    if kind == "ewma":
        chart = ewma_chart(
            location.values, mean=centre, deviation=deviation, weight=plan.weight, width=plan.width,
            stage=location.stage,
        )  # fmt: skip
        mark = Mark("EWMA", text("the weighted mean lies beyond its limits"), _where(chart.signal))
        return Panel("ewma", unit, chart.values, chart.centre, chart.lower, chart.upper, (mark,))
    sums = cusum_chart(
        location.values, mean=centre, deviation=deviation, allowance=plan.allowance, limit=plan.limit,
        stage=location.stage,
    )  # fmt: skip
    limit = np.where(np.isnan(sums.above), np.nan, sums.limit)
    mark = Mark("CUSUM", text("a sum lies beyond the decision interval"), _where(sums.signal))
    return Panel("cusum", "σ", sums.above, 0.0 * limit, -limit, limit, (mark,), second=-sums.below)


def _together(name: str, rows: Watched, plan: ChartPlan) -> GroupChart:
    points, _ = single_points(rows)
    table = np.column_stack([column.values[points.first] for column in rows.columns])
    if plan.baseline is None:
        chart = t_squared_phase_one(table)
    else:
        chart = t_squared_phase_two(table, t_squared_phase_one(table[: plan.baseline]).baseline)
    limit = np.where(np.isnan(chart.values), np.nan, chart.upper)
    mark = Mark("T²", text("T² lies beyond its limit"), _where(chart.signal))
    details = tuple(
        (int(at), text("most of it is {name}", name=rows.columns[int(np.argmax(chart.contributions[at]))].title))
        for at in np.flatnonzero(chart.signal)
    )
    nothing = np.full(limit.shape, np.nan)
    panel = Panel("t2", "", chart.values, nothing, nothing, limit, (mark,))
    return GroupChart(name, points, (panel,), points.labels(rows, plan.stage), np.zeros(0), details=details)


def _counted(
    name: str, rows: Watched, kind: ChartName, plan: ChartPlan, rules: tuple[Rule, ...], of: str
) -> GroupChart:
    points, counts, whole = counted_points(rows, plan.subgroup, plan.stage, of=of, equal=kind == "c")
    stages = points.labels(rows, plan.stage)
    stage = _stage(stages) if plan.stage else None
    match kind:
        case "p" | "laney-p":
            chart = p_chart(counts, whole, laney=kind == "laney-p", never_narrower=True, stage=stage)
        case "np":
            chart = np_chart(counts, whole, stage=stage)
        case "c":
            chart = c_chart(counts, stage=stage)
        case _:
            chart = u_chart(counts, whole, laney=kind == "laney-u", never_narrower=True, stage=stage)
    panel = _panel(chart, "", rules)
    return GroupChart(name, points, (panel,), stages, np.zeros(0), chart.why_missing)


def _panel(chart: ControlChart, unit: str, rules: tuple[Rule, ...]) -> Panel:
    fitting = tuple(rule for rule in rules if rule.pattern in PATTERNS[chart.kind])
    signals = chart.signals(fitting)
    marks = [
        Mark(_sign(rule), rule.title, _where(flags), rule.of)
        for rule, flags in zip(fitting, signals.flagged, strict=True)
    ]
    beyond = chart.outside
    # Limits that are cut at zero or at one flag what the rule of three deviations does not see, never the other way.
    if marks and fitting[0].pattern == "beyond" and not marks[0].at.size and beyond.any():
        marks[0] = Mark(marks[0].sign, marks[0].title, _where(beyond))
    return Panel(_kind(chart.kind), unit, chart.values, chart.centre, chart.lower, chart.upper, tuple(marks))


def _kind(kind: ChartKind) -> str:
    return str(kind)


def _sign(rule: Rule) -> str:
    family, _, number = rule.name.rpartition("-")
    return number if family == "nelson" else f"W{number}"


def _where(flags: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> IntArray:
    return np.flatnonzero(flags).astype(np.int64)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _lines(values: FloatArray) -> float | list[float | None] | None:
    """Return a line that is the same at every point as one number."""
    known = values[~np.isnan(values)]
    if not known.size:
        return None
    if known.size == values.size and (known == known[0]).all():
        return float(known[0])
    return [_number(value) for value in values]
