"""What less particulate, energy or carbon dioxide costs: the frontier of a plan."""

from __future__ import annotations

from pathlib import Path

from forgecast.app.plan.words import figure as figure_words
from forgecast.app.quality.canvas import ALARM, INK, LINE, SMALL, SOFT, canvas, dress, heading, made_up
from forgecast.ground.texts import Language, text
from forgecast.tasks.plan_plant import PlanAnswer


def draw_frontier(answer: PlanAnswer, path: Path, language: Language) -> None:
    """Draw net present cost against each figure it was traded for; every point keeps the goals.

    Parameters
    ----------
    answer : PlanAnswer
    path : Path
    language : Language
    """
    names = [name for name, points in answer.frontiers.items() if points]
    with canvas(path, 10.4, 3.9) as figure:
        for at, name in enumerate(names):
            wide = 0.9 / len(names)
            axes = figure.add_axes((0.075 + at * wide, 0.17, wide - 0.075, 0.6))
            points = answer.frontiers[name]
            x, y = [p.value for p in points], [p.cost / 1e4 for p in points]
            axes.step(x, y, where="pre", color=LINE, linewidth=1.0, alpha=0.5)
            axes.plot(x, y, "o", color=LINE, markersize=4.5)
            axes.plot(x[:1], y[:1], "o", color=ALARM, markersize=6)
            indicator = answer.problem.indicators[name]
            axes.set_xlabel(f"{indicator.title.say(language)} [{indicator.unit}]", fontsize=SMALL, color=INK)
            if at == 0:
                axes.set_ylabel(text("net present cost [10⁴ CNY]").say(language), fontsize=SMALL, color=SOFT)
            before = text("today {value}", value=figure_words(answer.before[name])).say(language)
            axes.set_title(before, fontsize=SMALL, color=SOFT, loc="right")
            axes.margins(0.08)
            axes.locator_params(axis="x", nbins=4)
            dress(axes, grid="both")
        title = text("What more would cost").say(language)
        under = text(
            "{plant}; every point keeps the goals, none is dearer and worse than another; red: the plan",
            plant=answer.plant_name,
        ).say(language)
        heading(figure, title, under + made_up(language, synthetic=answer.synthetic), left=0.3)
