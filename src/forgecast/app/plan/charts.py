"""A plan as charts of data: when what is done, what each measure brings, what is paid, what more would cost."""

from __future__ import annotations

from typing import Any

from forgecast.app.plan.words import ABOUT
from forgecast.ground.texts import Text, bilingual, text
from forgecast.planning.problem import Measure
from forgecast.tasks.plan_plant import PlanAnswer

#: Changes below this share of an indicator are drawn together.
_LEAST = 5e-3
#: Changes below this share of it are none.
_NONE = 1e-4
#: Indicators of which more is better.
_RISING = ("waste_use", "cnc", "digital")
WAN = 1e4


def plan_charts(answer: PlanAnswer) -> dict[str, Any]:
    """Return ``gantt``, ``waterfalls`` by indicator, ``paid`` by year and ``frontiers`` by indicator."""
    return {
        "gantt": _gantt(answer),
        "waterfalls": {name: _waterfall(answer, name) for name in _changed(answer)},
        "paid": _paid(answer),
        "frontiers": {name: _frontier(answer, name) for name, points in answer.frontiers.items() if points},
    }


def _name(measure: Measure) -> dict[str, object]:
    return measure_title(measure).as_json()


def measure_title(measure: Measure) -> Text:
    """Return a measure with the machine, stack or line it is for."""
    if not measure.subject:
        return measure.title
    return bilingual("{title} · {subject}", "{title} · {subject}", title=measure.title, subject=measure.subject)


def _gantt(answer: PlanAnswer) -> dict[str, Any]:
    last = answer.problem.last
    tasks = []
    for step in answer.steps:
        measure, works = answer.problem.measure(step.measure), answer.plan.starts[step.measure]
        price = f"{ABOUT if measure.estimate else ''}{measure.cost / WAN:,.1f}"
        note = text("{price} ×10⁴ CNY", price=price).as_json()
        if measure.delay:
            built = text("{title}: built", title=measure_title(measure)).as_json()
            tasks.append(_bar(built, works - measure.delay, works - 1, "plain", note))
        tasks.append(_bar(_name(measure), works, last, "good" if step.running < 0.0 else "warn", note))
    return {"tasks": tasks}


def _bar(name: object, first: int, last: int, tone: str, note: object) -> dict[str, Any]:
    return {
        "name": name,
        "start_at": f"{first}-01-01T00:00:00Z",
        "end_at": f"{last}-12-31T23:59:59Z",
        "tone": tone,
        "note": note,
    }


def _changed(answer: PlanAnswer) -> list[str]:
    changed = [
        name
        for name in answer.problem.indicators
        if any(abs(step.changes[name]) > _NONE * abs(answer.before[name]) for step in answer.steps)
    ]
    asked = {goal.indicator for goal in answer.goals}
    return [name for name in changed if name in asked] or changed


def _waterfall(answer: PlanAnswer, name: str) -> dict[str, Any]:
    before = answer.before[name]
    better = 1.0 if name in _RISING else -1.0
    steps: list[dict[str, Any]] = [{"name": text("today").as_json(), "value": before, "total": True}]
    rest, value = 0.0, before
    for step in answer.steps:
        change = step.changes[name]
        value += change
        if abs(change) <= _LEAST * abs(before):
            rest += change
            continue
        tone = "good" if change * better > 0.0 else "bad"
        steps.append({"name": _name(answer.problem.measure(step.measure)), "value": change, "tone": tone})
    if abs(rest) > _NONE * abs(before):
        steps.append({"name": text("smaller changes together").as_json(), "value": rest, "tone": "plain"})
    steps.append({"name": text("with the plan").as_json(), "value": value, "total": True})
    goals = [
        {"name": text("goal {value}", value=str(goal.year)).as_json(), "value": goal.bound, "kind": "target"}
        for goal in answer.goals
        if goal.indicator == name
    ]
    return {"steps": steps, "unit": answer.problem.indicators[name].unit, "limits": goals}


def _paid(answer: PlanAnswer) -> dict[str, Any]:
    seen = answer.plan.outcome
    return {
        "x": [str(year) for year in seen.years],
        "series": [
            {"name": text("paid for measures").as_json(), "unit": "10⁴ CNY", "values": [p / WAN for p in seen.paid],
             "kind": "bar", "tone": "warn"},
            {"name": text("running costs of the year").as_json(), "unit": "10⁴ CNY",
             "values": [r / WAN for r in seen.running], "kind": "bar", "tone": "plain"},
        ],
    }  # fmt: skip


def _frontier(answer: PlanAnswer, name: str) -> dict[str, Any]:
    indicator, points = answer.problem.indicators[name], answer.frontiers[name]
    ordered = sorted(points, key=lambda one: one.cost)
    return {
        "x": [one.cost / WAN for one in ordered],
        "x_name": text("net cost").as_json(),
        "x_unit": "10⁴ CNY",
        "series": [
            {
                "name": indicator.title.as_json(),
                "unit": indicator.unit,
                "values": [one.value for one in ordered],
                "kind": "line",
            }
        ],
    }
