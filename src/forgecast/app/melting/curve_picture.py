"""The picture of a cooling curve: temperature with its arrests above, rate with noise and bias below."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from forgecast.app.quality.canvas import ALARM, CALM, INK, LINE, RULE, SMALL, SOFT, canvas, dress, heading
from forgecast.app.report.numbers import shown
from forgecast.ground.texts import Language, Text, text
from forgecast.melting.cooling_curve import CurveFeatures, Point
from forgecast.tasks.read_cooling_curve import CurveAnswer

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH, _HEIGHT = 9.8, 6.4
_LEFT, _RIGHT, _TOP, _BOTTOM, _BETWEEN, _BELOW = 0.78, 0.3, 0.86, 0.86, 0.34, 1.75
_ZERO: Final = 273.15
#: Rates beyond this share of the curve's own are those of filling and are cut off [%].
_CUT: Final = 0.5


def marks_of(features: CurveFeatures) -> list[tuple[str, Text, Point]]:
    """Return the marked points of a curve with the sign and the words of each."""
    found: list[tuple[str, Text, Point]] = []
    if features.liquidus is not None:
        found.append(("TL", text("liquidus"), features.liquidus.high))
    if features.eutectic is not None:
        found.append(("TElow", text("lowest before recalescence"), features.eutectic.low))
        found.append(("TEhigh", text("highest after recalescence"), features.eutectic.high))
    if features.end is not None:
        found.append(("TS", text("end of freezing"), features.end))
    return found


def draw_curve(answer: CurveAnswer, path: Path, language: Language) -> None:
    """Draw a cooling curve and its rate with the marked features.

    Parameters
    ----------
    answer : CurveAnswer
    path : Path
        Ends in .png or .svg.
    language : Language
    """
    with canvas(path, _WIDTH, _HEIGHT) as figure:
        wide = (_WIDTH - _LEFT - _RIGHT) / _WIDTH
        tall = _HEIGHT - _TOP - _BOTTOM - _BETWEEN - _BELOW
        above = figure.add_axes((_LEFT / _WIDTH, (_BOTTOM + _BELOW + _BETWEEN) / _HEIGHT, wide, tall / _HEIGHT))
        below = figure.add_axes((_LEFT / _WIDTH, _BOTTOM / _HEIGHT, wide, _BELOW / _HEIGHT), sharex=above)
        _draw_temperature(above, answer, language)
        _draw_rate(below, answer, language)
        under = text(
            "smoothed over {window} s; noise of the readings {noise} K, of a temperature read off {left} K",
            window=shown(answer.window),
            noise=shown(answer.features.smoothed.noise),
            left=shown(answer.features.temperature_uncertainty),
        )
        title = text("Cooling curve: {name}", name=answer.record.name)
        heading(figure, title.say(language), under.say(language), left=_LEFT)


def _draw_temperature(axes: Axes, answer: CurveAnswer, language: Language) -> None:
    record, curve = answer.record, answer.features.smoothed
    axes.plot(record.time, record.temperature - _ZERO, color=RULE, linewidth=2.2, zorder=2,
              label=text("readings").say(language))  # fmt: skip
    axes.plot(curve.time, curve.temperature - _ZERO, color=LINE, linewidth=1.1, zorder=3,
              label=text("smoothed").say(language))  # fmt: skip
    marks = marks_of(answer.features)
    low, high = float(np.min(curve.temperature)) - _ZERO, float(np.max(curve.temperature)) - _ZERO
    for sign, _, point in marks:
        degC = point.temperature - _ZERO
        axes.plot([point.time], [degC], marker="o", markersize=5, markerfacecolor="white", markeredgecolor=ALARM,
                  markeredgewidth=1.3, zorder=5)  # fmt: skip
        up = sign != "TElow"
        axes.annotate(
            f"{sign} {degC:.1f} °C", xy=(point.time, degC), xytext=(6, 9 if up else -11), textcoords="offset points",
            fontsize=SMALL, color=INK, ha="left", va="bottom" if up else "top", zorder=6,
        )  # fmt: skip
    axes.set_ylim(low - 0.08 * (high - low), high + 0.1 * (high - low))
    axes.set_ylabel(text("temperature [°C]").say(language), fontsize=SMALL, color=SOFT)
    dress(axes)
    axes.tick_params(labelbottom=False)
    axes.legend(loc="upper right", frameon=False, fontsize=SMALL, labelcolor=SOFT, handlelength=1.6)


def _draw_rate(axes: Axes, answer: CurveAnswer, language: Language) -> None:
    curve = answer.features.smoothed
    axes.axhline(0.0, color=SOFT, linewidth=0.7, zorder=1)
    inner = slice(curve.half, curve.time.size - curve.half)
    time, rate, bias = curve.time[inner], curve.rate[inner], curve.rate_bias[inner]
    axes.fill_between(time, rate, rate - bias, color=ALARM, alpha=0.3, linewidth=0, zorder=2,
                      label=text("what smoothing adds (bias)").say(language))  # fmt: skip
    axes.plot(time, rate, color=LINE, linewidth=0.9, zorder=3, label=text("rate").say(language))
    if answer.fraction is not None:
        axes.plot(answer.fraction.time, answer.fraction.baseline, color=CALM, linewidth=1.0, dashes=(4, 2), zorder=3,
                  label=text("rate without latent heat").say(language))  # fmt: skip
    for _, _, point in marks_of(answer.features):
        axes.axvline(point.time, color=ALARM, linewidth=0.6, dashes=(3, 2), zorder=1)
    after = rate[time >= answer.features.peak.time]
    bounds = np.percentile(after if after.size else rate, [_CUT, 100.0 - _CUT / 5.0])
    room = 0.12 * float(bounds[1] - bounds[0])
    axes.set_ylim(float(bounds[0]) - room, float(bounds[1]) + room)
    axes.set_ylabel(text("rate [K/s]").say(language), fontsize=SMALL, color=SOFT)
    axes.set_xlabel(text("time [s]").say(language), fontsize=SMALL, color=SOFT)
    dress(axes)
    axes.legend(loc="upper left", bbox_to_anchor=(-0.01, -0.28), ncols=3, frameon=False, fontsize=SMALL,
                labelcolor=SOFT, handlelength=1.6, borderaxespad=0.0)  # fmt: skip
