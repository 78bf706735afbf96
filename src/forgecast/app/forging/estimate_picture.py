"""The picture of an estimate: load over the way against what the machines permit, and the billet on its way to them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from forgecast.app.quality.canvas import ALARM, CALM, INK, LINE, SMALL, SOFT, WASH, canvas, dress, heading
from forgecast.forging.heating import Heated
from forgecast.ground.texts import Language, text
from forgecast.metal.flow_stress import ZERO_DEGC
from forgecast.tasks.estimate_forging import ForgingEstimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM, _GAP, _FIRST = 11.0, 4.6, 0.8, 1.75, 0.95, 0.6, 0.85, 4.0
#: Machines whose permitted force is drawn; more would hide each other.
_MACHINES = 4


def draw_estimate(answer: ForgingEstimate, path: Path, language: Language) -> None:
    """Draw temperatures of the billet beside the load over the way.

    Parameters
    ----------
    answer : ForgingEstimate
    path : Path
        Ends in .png or .svg.
    language : Language
    """
    with canvas(path, _WIDTH, _HEIGHT) as figure:
        tall = (_HEIGHT - _TOP - _BOTTOM) / _HEIGHT
        left = figure.add_axes((_LEFT / _WIDTH, _BOTTOM / _HEIGHT, _FIRST / _WIDTH, tall))
        start = _LEFT + _FIRST + _GAP
        right = figure.add_axes((start / _WIDTH, _BOTTOM / _HEIGHT, (_WIDTH - start - _RIGHT) / _WIDTH, tall))
        _draw_heat(left, answer, language)
        _draw_load(right, answer, language)
        under = text(
            "billet {diameter} × {length} mm, {mass} kg; load {force} MN, work {work} kJ",
            diameter=f"{1e3 * answer.billet.diameter:.4g}",
            length=f"{1e3 * answer.billet.length:.4g}",
            mass=f"{answer.billet.mass:.3g}",
            force=f"{answer.force / 1e6:.3g}",
            work=f"{answer.stroke.work / 1e3:.3g}",
        )
        title = text("Forging estimate: {name}", name=answer.case.title)
        heading(figure, title.say(language), under.say(language), left=_LEFT)


def _draw_heat(axes: Axes, answer: ForgingEstimate, language: Language) -> None:
    """Draw the way through the air, and before it the furnace, on a scale of its own for each."""
    cooled, heated, asked = answer.cooled, answer.heated, answer.case.heating
    start = asked.target - ZERO_DEGC
    x = np.concatenate([[0.0], cooled.time])
    for values, colour, name in (
        (cooled.centre, ALARM, text("at the centre of the billet")),
        (cooled.mean, LINE, text("on average")),
        (cooled.surface, CALM, text("at its surface")),
    ):
        axes.plot(x, np.concatenate([[start], values - ZERO_DEGC]), color=colour, linewidth=1.5,
                  label=name.say(language))  # fmt: skip
    dress(axes)
    axes.set_xlim(left=0.0)
    axes.set_xlabel(text("time in air [s]").say(language), fontsize=SMALL, color=SOFT)
    axes.set_ylabel(text("temperature [°C]").say(language), fontsize=SMALL, color=SOFT)
    axes.legend(loc="lower left", frameon=False, fontsize=SMALL, labelcolor=SOFT, handlelength=1.4)
    way = text("furnace") if isinstance(heated, Heated) else text("coil")
    title = text("from the {way} after {time} min, to the die", way=way, time=f"{heated.time / 60.0:.3g}")
    axes.set_title(title.say(language), fontsize=SMALL + 1, color=INK, loc="left", pad=4)


def _draw_load(axes: Axes, answer: ForgingEstimate, language: Language) -> None:
    way = answer.stroke
    gone = 1e3 * way.travel
    axes.fill_between(gone, way.force / 1e6, color=WASH, linewidth=0, zorder=1)
    axes.plot(gone, way.force / 1e6, color=LINE, linewidth=1.8, zorder=4, label=text("load").say(language))
    top = 1.15 * answer.force / 1e6
    drawn: list[float] = []
    for one in answer.machines:
        limits = np.array([one.candidate.machine.force_limit(float(x)) if not _beyond(one.candidate.stroke, float(x))
                           else math.nan for x in way.travel]) / 1e6  # fmt: skip
        if not np.isfinite(limits).any() or np.all(np.isinf(limits)) or len(drawn) == _MACHINES:
            continue
        colour = CALM if one.fits else SOFT if one.fits is None else ALARM
        axes.plot(gone, limits, color=colour, linewidth=1.0, dashes=(4, 2), zorder=3)
        # Names of machines of one force stand one above the other.
        lift = 9.0 * sum(abs(level - float(limits[-1])) < 0.03 * top for level in drawn)
        axes.annotate(one.candidate.name, (0.0, float(limits[-1])), xytext=(5, lift), textcoords="offset points",
                      fontsize=SMALL - 0.5, color=colour, va="center", annotation_clip=False)  # fmt: skip
        top = max(top, 1.1 * float(limits[-1]))
        drawn.append(float(limits[-1]))
    axes.set_xlim(float(gone[0]), 0.0)
    axes.set_ylim(0.0, top)
    dress(axes)
    axes.set_xlabel(text("way to go until the dies are closed [mm]").say(language), fontsize=SMALL, color=SOFT)
    axes.set_ylabel(text("force [MN]").say(language), fontsize=SMALL, color=SOFT)
    title = text("load; dashed: force the machines permit (green: fits, red: does not)")
    axes.set_title(title.say(language), fontsize=SMALL + 1, color=INK, loc="left", pad=4)


def _beyond(stroke: float, travel: float) -> bool:
    return math.isfinite(stroke) and travel > stroke
