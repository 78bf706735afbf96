"""The picture of a ring test: calibration curves with the measured rings on them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from forgecast.app.quality.canvas import ALARM, INK, LINE, SMALL, SOFT, canvas, dress, heading
from forgecast.forging.ring import upset_ring
from forgecast.ground.texts import Language, text
from forgecast.tasks.fit_rings import RingAnswer

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 8.2, 5.4, 0.8, 1.0, 0.9, 0.65


def draw_rings(answer: RingAnswer, path: Path, language: Language) -> None:
    """Draw calibration curves, the fitted one with its interval, and the measured rings.

    Parameters
    ----------
    answer : RingAnswer
    path : Path
        Ends in .png or .svg.
    language : Language
    """
    with canvas(path, _WIDTH, _HEIGHT) as figure:
        wide, tall = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
        axes = figure.add_axes((_LEFT / _WIDTH, _BOTTOM / _HEIGHT, wide / _WIDTH, tall / _HEIGHT))
        end = 100.0 * float(answer.curves[0][1][-1])
        for m, reduction, decrease in answer.curves:
            axes.plot(100.0 * reduction, 100.0 * decrease, color=SOFT, linewidth=0.8, zorder=2)
            axes.annotate(f"m = {m:g}", (end, 100.0 * float(decrease[-1])), xytext=(5, 0), textcoords="offset points",
                          fontsize=SMALL, color=SOFT, va="center")  # fmt: skip
        _draw_fitted(axes, answer, end / 100.0, language)
        axes.plot(100.0 * answer.reduction, 100.0 * answer.decrease, linestyle="none", marker="o", markersize=5.5,
                  markerfacecolor="white", markeredgecolor=ALARM, markeredgewidth=1.4, zorder=5,
                  label=text("measured rings").say(language))  # fmt: skip
        axes.axhline(0.0, color=INK, linewidth=0.6, zorder=1)
        axes.set_xlim(0.0, end)
        axes.set_xlabel(text("reduction of the height [%]").say(language), fontsize=SMALL, color=SOFT)
        axes.set_ylabel(text("decrease of the bore [%]").say(language), fontsize=SMALL, color=SOFT)
        dress(axes)
        axes.legend(loc="upper left", frameon=False, fontsize=SMALL, labelcolor=SOFT)
        size = "{:.4g} × {:.4g} × {:.4g} mm".format(*(1e3 * x for x in (answer.outer, answer.bore, answer.height)))
        under = text("ring {size} (outer, bore, height); upper bound, barrelling is not in the curves", size=size)
        title = text("Ring test: {name}, {friction}", name=answer.name, friction=friction_said(answer))
        heading(figure, title.say(language), under.say(language), left=_LEFT)


def friction_said(answer: RingAnswer) -> str:
    """Return the friction factor with half of its interval."""
    if math.isnan(answer.halfwidth):
        return f"m = {answer.m:.3f}"
    return f"m = {answer.m:.3f} ± {answer.halfwidth:.3f} (95 %)"


def _draw_fitted(axes: Axes, answer: RingAnswer, end: float, language: Language) -> None:
    made = upset_ring(answer.outer, answer.bore, answer.height, answer.m, reduction=end)
    axes.plot(100.0 * made.reduction, 100.0 * (1.0 - made.bore / made.bore[0]), color=LINE, linewidth=1.8, zorder=4,
              label=text("fitted").say(language))  # fmt: skip
    if math.isnan(answer.halfwidth):
        return
    low, high = (min(max(answer.m + side * answer.halfwidth, 0.0), 1.0) for side in (-1, 1))
    rings = [upset_ring(answer.outer, answer.bore, answer.height, m, reduction=end) for m in (low, high)]
    axes.fill_between(
        100.0 * made.reduction,
        100.0 * rings[0].bore_decrease(made.reduction),
        100.0 * rings[1].bore_decrease(made.reduction),
        color=LINE,
        alpha=0.16,
        linewidth=0,
        zorder=3,
        label=text("95 % interval of the friction factor").say(language),
    )
