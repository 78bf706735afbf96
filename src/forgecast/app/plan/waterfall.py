"""A plan as a waterfall: what each measure takes from an indicator, down to its goal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from forgecast.app.plan.words import figure as figure_words
from forgecast.app.plan.words import measure_words
from forgecast.app.quality.canvas import (
    ALARM,
    CALM,
    INK,
    LINE,
    RULE,
    SMALL,
    SOFT,
    TYPE,
    canvas,
    dress,
    heading,
    made_up,
)
from forgecast.ground.texts import Language, text
from forgecast.tasks.plan_plant import PlanAnswer

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROW, _TITLE, _ABOVE, _FOOT = 0.27, 0.36, 0.75, 0.42
_LEFT, _RIGHT, _WIDTH = 4.35, 0.6, 10.4
#: A change smaller than this share of the indicator is not drawn as a row of its own.
_LEAST = 1e-4


def shown(answer: PlanAnswer) -> list[str]:
    """Return the indicators with a goal that the plan changes, else all it changes."""
    changed = [
        name
        for name in answer.problem.indicators
        if any(abs(step.changes[name]) > _LEAST * abs(answer.before[name]) for step in answer.steps)
    ]
    asked = {goal.indicator for goal in answer.goals}
    return [name for name in changed if name in asked] or changed


def draw_waterfall(answer: PlanAnswer, path: Path, language: Language) -> None:
    """Draw one waterfall for each indicator the plan changes.

    Parameters
    ----------
    answer : PlanAnswer
    path : Path
    language : Language
    """
    names = shown(answer)
    rows = {name: _rows(answer, name, language) for name in names}
    panels = [_TITLE + _ROW * len(rows[name]) + _FOOT for name in names]
    height = _ABOVE + max(sum(panels), 0.8)
    with canvas(path, _WIDTH, height) as figure:
        top = height - _ABOVE
        for name, panel in zip(names, panels, strict=True):
            low = top - panel + _FOOT
            axes = figure.add_axes(
                (
                    _LEFT / _WIDTH,
                    low / height,
                    1 - (_LEFT + _RIGHT) / _WIDTH,
                    _ROW * len(rows[name]) / height,
                )
            )
            _panel(axes, answer, name, rows[name], language)
            indicator = answer.problem.indicators[name]
            figure.text(
                0.3 / _WIDTH, (top - 0.08) / height, f"{indicator.title.say(language)} [{indicator.unit}]",
                fontsize=TYPE + 0.5, color=INK, va="top",
            )  # fmt: skip
            top -= panel
        title = text("What each measure brings by {year}", year=answer.problem.last).say(language)
        under = text(
            "{plant}; steps in the order the measures start; dashed: the goal; axes may begin above zero",
            plant=answer.plant_name,
        ).say(language)
        heading(figure, title, under + made_up(language, synthetic=answer.synthetic), left=0.3)


def _rows(answer: PlanAnswer, name: str, language: Language) -> list[tuple[str, float, float, str]]:
    """Return name, left end, width and colour of each bar, from today's value to that of the plan."""
    value = answer.before[name]
    rows = [(text("today").say(language), 0.0, value, LINE)]
    rest = 0.0
    better = -1.0 if name not in ("waste_use", "cnc", "digital") else 1.0
    for step in answer.steps:
        change = step.changes[name]
        if abs(change) <= 5e-3 * abs(answer.before[name]):
            rest += change
            continue
        colour = CALM if change * better > 0.0 else ALARM
        rows.append((measure_words(answer.problem.measure(step.measure), language), value, change, colour))
        value += change
    if abs(rest) > _LEAST * abs(answer.before[name]):
        rows.append((text("smaller changes together").say(language), value, rest, SOFT))
        value += rest
    rows.append((text("with the plan").say(language), 0.0, value, LINE))
    return rows


def _panel(
    axes: Axes, answer: PlanAnswer, name: str, rows: list[tuple[str, float, float, str]], language: Language
) -> None:
    edges = [edge for _, left, width, _ in rows for edge in (left, left + width) if edge != 0.0]
    goals = [goal for goal in answer.goals if goal.indicator == name]
    low, high = min([*edges, *(g.bound for g in goals)]), max([*edges, *(g.bound for g in goals)])
    # The axis is cut where changes are small against the whole, and says so by not beginning at zero.
    start = 0.0 if low < 0.75 * high else low - 0.35 * (high - low)
    for at, (_, left, width, colour) in enumerate(rows):
        begin = max(left, start)
        axes.barh(at, left + width - begin, left=begin, height=0.6, color=colour, zorder=2)
        whole = left == 0.0
        words = figure_words(width) if whole else f"{'+' if width > 0 else ''}{figure_words(width)}"
        axes.annotate(
            words, (max(left, left + width), at), (3, 0), textcoords="offset points", va="center", fontsize=SMALL,
            color=SOFT, zorder=4, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        )  # fmt: skip
    for at in range(len(rows) - 1):
        end = rows[at][1] + rows[at][2]
        axes.plot([end, end], [at - 0.3, at + 1.3], color=RULE, linewidth=0.8, zorder=1)
    for goal in goals:
        axes.axvline(goal.bound, color=ALARM, linewidth=1.0, linestyle=(0, (4, 3)), zorder=3)
        words = text("goal {value}", value=figure_words(goal.bound)).say(language)
        axes.annotate(
            words, (goal.bound, 1.0), (0, 2), xycoords=("data", "axes fraction"), textcoords="offset points",
            ha="center", va="bottom", fontsize=SMALL, color=ALARM,
        )  # fmt: skip
    axes.set_yticks(range(len(rows)), [row[0] for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(start, high + 0.14 * (high - start))
    dress(axes, grid="x")
    axes.tick_params(axis="y", labelcolor=INK)
