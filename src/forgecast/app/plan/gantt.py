"""A plan as a Gantt picture: when each measure is paid, when it works, and what each year costs."""

from __future__ import annotations

from pathlib import Path

from forgecast.app.plan.words import cost_words, measure_words
from forgecast.app.quality.canvas import CALM, INK, LINE, RULE, SMALL, SOFT, TYPE, canvas, dress, heading, made_up
from forgecast.ground.texts import Language, text
from forgecast.tasks.plan_plant import PlanAnswer

#: Height of a row, and of what stands above and below the rows [in].
_ROW, _ABOVE, _BELOW = 0.27, 0.95, 0.85
_LEFT, _RIGHT, _WIDTH = 4.35, 1.25, 10.4


def draw_gantt(answer: PlanAnswer, path: Path, language: Language) -> None:
    """Draw when each measure is paid and works.

    Parameters
    ----------
    answer : PlanAnswer
    path : Path
        Ends in .svg or .png.
    language : Language
    """
    problem, seen = answer.problem, answer.plan.outcome
    rows = [(problem.measure(step.measure), answer.plan.starts[step.measure]) for step in answer.steps]
    height = _ABOVE + _BELOW + _ROW * max(len(rows), 1)
    first, last = problem.first, problem.last
    with canvas(path, _WIDTH, height) as figure:
        axes = figure.add_axes(
            (_LEFT / _WIDTH, _BELOW / height, 1 - (_LEFT + _RIGHT) / _WIDTH, 1 - (_ABOVE + _BELOW) / height)
        )
        for at, (measure, works) in enumerate(rows):
            if measure.delay:
                axes.barh(at, measure.delay, left=works - measure.delay, height=0.55, color=RULE, zorder=2)
            colour = CALM if answer.steps[at].running < 0.0 else LINE
            axes.barh(at, last + 1 - works, left=works, height=0.55, color=colour, zorder=2)
            axes.text(
                last + 1.03, at, cost_words(measure, language), va="center", fontsize=SMALL, color=INK, clip_on=False
            )
        axes.set_yticks(range(len(rows)), [measure_words(measure, language) for measure, _ in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(first, last + 1)
        dress(axes, grid="x")
        axes.tick_params(axis="y", labelcolor=INK)
        axes.set_xticks(range(first, last + 2), [""] * (last + 2 - first))
        for year, paid in zip(seen.years, seen.paid, strict=True):
            below = text("{amount} ×10⁴ CNY paid", amount=f"{paid / 1e4:,.0f}").say(language)
            axes.annotate(
                f"{year}\n{below}", (year + 0.5, 0), (0, -6), xycoords=("data", "axes fraction"),
                textcoords="offset points", ha="center", va="top", fontsize=SMALL, color=SOFT,
            )  # fmt: skip
        axes.text(
            last + 1.03, -0.85, text("10⁴ CNY").say(language), fontsize=SMALL, color=SOFT, va="center", clip_on=False
        )
        title = text("The plan: what is done when").say(language)
        under = text(
            "{plant}; grey: built, green: saves money, blue: costs money; ≈ is an estimate, no quotation",
            plant=answer.plant_name,
        ).say(language)
        heading(figure, title, under + made_up(language, synthetic=answer.synthetic), left=0.3)
        if not rows:
            axes.text(
                0.5, 0.5, text("no measure is needed").say(language), transform=axes.transAxes, ha="center",
                fontsize=TYPE, color=SOFT,
            )  # fmt: skip
