"""Pictures of flow stress: measured against fitted for each condition, and a metal over strain, rate, temperature."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from forgecast.app.quality.canvas import ALARM, CALM, INK, LINE, SMALL, SOFT, canvas, dress, heading
from forgecast.ground.texts import Language, Text, text
from forgecast.metal.flow_metals import FlowMetal
from forgecast.metal.flow_stress import ZERO_DEGC
from forgecast.tasks.fit_flow_stress import Condition, FlowStressAnswer

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: From the coldest to the hottest.
_COLOURS: Final = (LINE, "#4f7ca3", CALM, "#c79a2b", ALARM, "#7a1f1f", SOFT, INK)
_PANEL, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM, _BETWEEN, _ROW = 3.1, 2.75, 0.75, 0.3, 0.95, 0.95, 0.42, 0.62
_ACROSS: Final = 3
_MPA: Final = 1e6


def draw_fit(answer: FlowStressAnswer, path: Path, language: Language) -> None:
    """Draw each condition, measured against fitted: a panel a rate, a colour a temperature.

    Parameters
    ----------
    answer : FlowStressAnswer
    path : Path
        Ends in .png or .svg.
    language : Language
    """
    rates = sorted({one.rate for one in answer.conditions})
    temperatures = sorted({one.temperature for one in answer.conditions})
    width, height = _size(len(rates))
    with canvas(path, width, height) as figure:
        top = max(float(stress.max()) for one in answer.conditions for _, stress in one.curves) / _MPA
        for number, rate in enumerate(rates):
            axes = _panel(figure, number, len(rates), width, height)
            for one in answer.conditions:
                if one.rate == rate:
                    _draw_condition(axes, one, _COLOURS[temperatures.index(one.temperature) % len(_COLOURS)])
            _finish(axes, rate, top, number, len(rates), language)
        under = text(
            "points: measured, lines: fitted ({form}); error {seen} % (root mean square)",
            form=_form(answer.form),
            seen=f"{100.0 * answer.fit.root_mean_square:.1f}",
        )
        title = text("Flow stress, measured and fitted: {name}", name=answer.name)
        heading(figure, title.say(language), under.say(language), left=_LEFT)
        _legend(figure, temperatures, width, height, language)


def draw_metal(
    metal: FlowMetal,
    temperatures: Sequence[float],
    rates: Sequence[float],
    strain: float,
    path: Path,
    language: Language,
) -> None:
    """Draw a metal's flow stress over the strain, a panel a rate, a colour a temperature; dashed outside its validity.

    Parameters
    ----------
    metal : FlowMetal
    temperatures, rates : sequence of float
        K, 1/s.
    strain : float
        As far as is drawn.
    path : Path
    language : Language
    """
    width, height = _size(len(rates))
    fine = np.linspace(0.0, strain, 121)[1:]
    curves = {
        (rate, t): np.asarray(metal.law.stress(fine, rate, t)) / _MPA for rate in rates for t in temperatures
    }  # fmt: skip
    top = max(float(values.max()) for values in curves.values())
    with canvas(path, width, height) as figure:
        for number, rate in enumerate(rates):
            axes = _panel(figure, number, len(rates), width, height)
            for place, t in enumerate(temperatures):
                colour = _COLOURS[place % len(_COLOURS)]
                outside = np.full(fine.size, not metal.validity.known)
                for there in metal.validity.outside(fine, rate, t).values():
                    outside |= there
                values = curves[(rate, t)]
                axes.plot(fine, np.where(outside, math.nan, values), color=colour, linewidth=1.4)
                axes.plot(fine, np.where(outside, values, math.nan), color=colour, linewidth=1.2, dashes=(3, 2))
            _finish(axes, rate, top, number, len(rates), language)
        below = (
            text("dashed: outside the range the coefficients were measured in")
            if metal.validity.known
            else text("dashed: the source does not say in which range the coefficients were measured")
        )
        title = text("Flow stress of {metal}", metal=metal.title)
        heading(figure, title.say(language), below.say(language), left=_LEFT)
        _legend(figure, temperatures, width, height, language)


def _form(name: str) -> Text:
    return text("Hensel-Spittel") if name == "hensel-spittel" else text("Sellars-Tegart")


def _size(panels: int) -> tuple[float, float]:
    across, rows = max(min(panels, _ACROSS), 2), math.ceil(panels / _ACROSS)
    return (
        _LEFT + across * _PANEL + (across - 1) * _BETWEEN + _RIGHT,
        _TOP + rows * _HEIGHT + (rows - 1) * _ROW + _BOTTOM,
    )


def _panel(figure: Figure, number: int, panels: int, width: float, height: float) -> Axes:
    column, row = number % _ACROSS, number // _ACROSS
    wide = _PANEL if panels > 1 else 2 * _PANEL + _BETWEEN
    left = _LEFT + column * (_PANEL + _BETWEEN)
    bottom = height - _TOP - (row + 1) * _HEIGHT - row * _ROW
    return figure.add_axes((left / width, bottom / height, wide / width, _HEIGHT / height))


def _draw_condition(axes: Axes, one: Condition, colour: str) -> None:
    for strain, stress in one.curves:
        step = max(strain.size // 60, 1)
        axes.plot(strain[::step], stress[::step] / _MPA, linestyle="none", marker="o", markersize=1.8, color=colour,
                  alpha=0.45, markeredgewidth=0)  # fmt: skip
    axes.plot(one.fitted[0], one.fitted[1] / _MPA, color=colour, linewidth=1.4)


def _finish(axes: Axes, rate: float, top: float, number: int, panels: int, language: Language) -> None:
    dress(axes)
    axes.set_ylim(0.0, 1.08 * top)
    axes.set_xlim(left=0.0)
    title = text("strain rate {rate} 1/s", rate=f"{rate:g}")
    axes.set_title(title.say(language), fontsize=SMALL + 1, color=INK, loc="left", pad=4)
    if number % _ACROSS == 0:
        axes.set_ylabel(text("flow stress [MPa]").say(language), fontsize=SMALL, color=SOFT)
    if number + _ACROSS >= panels:
        axes.set_xlabel(text("true strain [1]").say(language), fontsize=SMALL, color=SOFT)


def _legend(figure: Figure, temperatures: Sequence[float], width: float, height: float, language: Language) -> None:
    from matplotlib.lines import Line2D  # noqa: PLC0415

    del language
    handles = [
        Line2D([], [], color=_COLOURS[n % len(_COLOURS)], linewidth=1.8) for n in range(len(temperatures))
    ]  # fmt: skip
    names = [f"{t - ZERO_DEGC:.0f} °C" for t in temperatures]
    figure.legend(handles, names, loc="lower left", bbox_to_anchor=(_LEFT / width - 0.01, 0.06 / height),
                  ncols=min(len(names), 8), frameon=False, fontsize=SMALL, labelcolor=SOFT, handlelength=1.4,
                  columnspacing=1.4)  # fmt: skip
