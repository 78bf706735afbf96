"""The radar of the index: by direction what is sure, what is open, and the value over what is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from forgecast.app.quality.canvas import ALARM, CALM, INK, LINE, RULE, SMALL, SOFT, TYPE, canvas, heading, made_up
from forgecast.ground.texts import Language, text
from forgecast.rules.index.score import FULL
from forgecast.tasks.score_plant import PlantScore, scheme_note

_WIDTH, _HEIGHT = 8.8, 7.6
_OPEN: Final = "#dfe6ee"


def draw_radar(answer: PlantScore, path: Path, language: Language) -> None:
    """Draw the seven directions of a plant.

    Parameters
    ----------
    answer : PlantScore
    path : Path
        Ends in .png or .svg.
    language : Language
    """
    told = [one for one in answer.score.directions if one.interval is not None]
    angles = np.linspace(0.0, 2.0 * np.pi, len(told), endpoint=False)
    closed = np.r_[angles, angles[:1]]
    low, high = (
        np.array([getattr(one.interval, name) for one in told + told[:1]], dtype=np.float64) for name in ("low", "high")
    )
    with canvas(path, _WIDTH, _HEIGHT) as figure:
        axes: Any = figure.add_axes((0.19, 0.175, 0.62, 0.66), projection="polar")
        axes.set_theta_zero_location("N")
        axes.set_theta_direction(-1)
        axes.set_ylim(0.0, FULL)
        axes.fill(closed, high, color=_OPEN, zorder=1, label=text("open: nothing is known yet").say(language))
        axes.plot(closed, high, color=LINE, linewidth=0.7, linestyle=(0, (4, 3)), zorder=2)
        axes.fill(closed, low, color=CALM, alpha=0.55, zorder=3, label=text("sure: shown by records").say(language))
        axes.plot(closed, low, color=CALM, linewidth=1.2, zorder=4)
        known = [(a, one.interval.value) for a, one in zip(angles, told, strict=True) if one.interval is not None
                 and one.interval.value is not None]  # fmt: skip
        axes.plot([a for a, _ in known], [v for _, v in known], linestyle="none", marker="o", markersize=5.5,
                  markerfacecolor="white", markeredgecolor=ALARM, markeredgewidth=1.4, zorder=5, clip_on=False,
                  label=text("over what is known").say(language))  # fmt: skip
        _label(axes, angles, told, language)
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=3, frameon=False, fontsize=SMALL,
                    labelcolor=INK)  # fmt: skip
        total = answer.score.total
        value = "—" if total.value is None else f"{total.value:.0f}"
        under = text(
            "{low} to {high} of 100 points; {value} over what is known ({coverage} %); as of {at}",
            low=f"{total.low:.0f}",
            high=f"{total.high:.0f}",
            value=value,
            coverage=f"{100 * total.coverage:.0f}",
            at=answer.at.isoformat(),
        )
        title = text("Development index: {name}", name=answer.plant).say(language)
        heading(figure, title + made_up(language, synthetic=answer.synthetic), under.say(language), left=0.3)
        first, _, second = scheme_note().say(language).partition("。" if language == "zh" else ". ")
        note = f"{first}{'。' if language == 'zh' else '.'}\n{second}"
        figure.text(0.3 / _WIDTH, 0.12 / _HEIGHT, note, fontsize=SMALL, color=SOFT, va="bottom")


def _label(axes: Any, angles: np.ndarray[Any, Any], told: list[Any], language: Language) -> None:  # noqa: ANN401
    """Write the directions with their intervals around, and the rings with their points."""
    axes.set_xticks(angles)
    axes.set_xticklabels([""] * len(told))
    for angle, one in zip(angles, told, strict=True):
        side = np.sin(angle)
        align = "center" if abs(side) < 0.2 else "left" if side > 0 else "right"
        said = f"{one.direction.title.say(language)}\n{one.interval.low:.0f}–{one.interval.high:.0f}"
        axes.text(angle, FULL * 1.12, said, ha=align, va="center", fontsize=TYPE, color=INK, linespacing=1.15)
    rings = (25, 50, 75, 100)
    axes.set_yticks(rings)
    axes.set_yticklabels([str(ring) for ring in rings], fontsize=SMALL, color=SOFT)
    axes.set_rlabel_position(np.degrees(angles[1]) / 2 if len(angles) > 1 else 20.0)
    axes.grid(visible=True, color=RULE, linewidth=0.7)
    axes.spines["polar"].set_color(RULE)
