"""Pictures of parts that wear: a bearing's envelope spectrum, a lining's trend, force curves, lives."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from forgecast.app.quality.canvas import ALARM, CALM, INK, LINE, RULE, SMALL, SOFT, WASH, canvas, dress, heading
from forgecast.app.report.numbers import shown
from forgecast.ground.texts import Language, Text, text
from forgecast.signals.condition.bearing import STATE_TEXTS
from forgecast.signals.condition.life import best_age, cost_rate
from forgecast.signals.condition.press_signature import FEATURES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from forgecast.tasks.diagnose_bearing import BearingAnswer
    from forgecast.tasks.estimate_life import LifeAnswer
    from forgecast.tasks.judge_press import PressAnswer
    from forgecast.tasks.track_lining import LiningAnswer

_WIDTH: Final = 9.8
PART_TEXTS: Final[dict[str, Text]] = {
    "outer_race": text("outer race"),
    "inner_race": text("inner race"),
    "rolling_element": text("rolling element"),
    "cage": text("cage"),
}
_PART_COLOURS: Final = {"outer_race": ALARM, "inner_race": "#2f4b66", "rolling_element": CALM, "cage": "#d9a441"}


def draw_bearing(answer: BearingAnswer, path: Path, language: Language) -> None:
    """Draw the envelope spectrum with the fault lines, and in how many bands each part's lines stand out.

    Parameters
    ----------
    answer : BearingAnswer
    path : Path
        Ends in .svg or .png.
    language : {'en', 'zh'}
    """
    found = answer.verdict
    with canvas(path, _WIDTH, 4.8) as figure:
        axes = figure.add_axes((0.07, 0.14, 0.62, 0.62))
        decibel = 10.0 * np.log10(np.maximum(found.spectrum.ratio, 1e-2))
        axes.plot(found.spectrum.frequency, decibel, color=LINE, linewidth=0.6, zorder=3)
        for part in found.parts:
            for n, line in enumerate(part.lines):
                label = PART_TEXTS[part.part].say(language) if n == 0 else None
                axes.axvline(line.wanted, color=_PART_COLOURS[part.part], linewidth=1.0, dashes=(3, 2), zorder=2,
                             label=label)  # fmt: skip
        axes.axvline(found.shaft_hz, color=RULE, linewidth=1.2, zorder=1, label=text("shaft").say(language))
        axes.set_xlabel(text("frequency of the envelope [Hz]").say(language), fontsize=SMALL, color=SOFT)
        axes.set_ylabel(text("power over the floor [dB]").say(language), fontsize=SMALL, color=SOFT)
        axes.set_ylim(-12.0, max(float(decibel.max()) + 4.0, 15.0))
        dress(axes)
        axes.legend(
            loc="upper left", bbox_to_anchor=(0.0, 1.13), ncols=5, frameon=False, fontsize=SMALL, labelcolor=SOFT
        )
        bars = figure.add_axes((0.84, 0.14, 0.14, 0.62))
        for row, part in enumerate(found.parts):
            bars.barh(row, 100.0 * part.breadth, height=0.6, color=_PART_COLOURS[part.part], zorder=2)
            bars.text(100.0 * part.breadth, row, f" {100.0 * part.breadth:.0f}", va="center", fontsize=SMALL, color=INK)
        bars.set_yticks(range(len(found.parts)), [PART_TEXTS[part.part].say(language) for part in found.parts])
        bars.set_ylim(len(found.parts) - 0.4, -0.6)
        bars.set_xlim(0.0, 118.0)
        bars.set_xlabel(text("bands with its lines [%]").say(language), fontsize=SMALL, color=SOFT)
        dress(bars, grid="x")
        under = text(
            "shaft {speed} Hz, band {low} to {high} Hz (kurtosis {kurtosis}); sampling rate {rate} Hz {checked}",
            speed=shown(found.shaft_hz), low=shown(found.spectrum.band.low), high=shown(found.spectrum.band.high),
            kurtosis=shown(found.spectrum.band.kurtosis), rate=f"{found.rate.declared:.0f}",
            checked=_checked(answer),
        )  # fmt: skip
        title = text("Bearing: {state}", state=STATE_TEXTS[found.state])
        heading(figure, f"{title.say(language)} · {answer.source}", under.say(language), left=0.3)


def _checked(answer: BearingAnswer) -> Text:
    rate = answer.verdict.rate
    if rate.contradicts:
        return text("contradicted: the shaft lines imply {implied} Hz", implied=f"{rate.implied:.0f}")
    return text("confirmed by the shaft lines") if rate.confirmed else text("not confirmed: no clear shaft lines")


def draw_lining(answer: LiningAnswer, path: Path, language: Language) -> None:
    """Draw the corrected indicator by heats, the trend of each campaign, and the limit."""
    wear = answer.wear
    with canvas(path, _WIDTH, 4.4) as figure:
        axes = figure.add_axes((0.08, 0.14, 0.89, 0.64))
        order = np.arange(wear.corrected.size)
        axes.plot(order, wear.corrected, linestyle="none", marker=".", markersize=3, color="#8fa3b8", zorder=2,
                  label=text("heat, conditions taken out").say(language))  # fmt: skip
        for n, one in enumerate(wear.campaigns):
            heats = np.arange(one.heats)
            axes.plot(one.first + heats, one.level + one.slope * heats, color=INK, linewidth=1.5, zorder=3,
                      label=text("trend of a campaign").say(language) if n == 0 else None)  # fmt: skip
            if n:
                axes.axvline(one.first - 0.5, color=RULE, linewidth=1.2, zorder=1,
                             label=text("relining").say(language) if n == 1 else None)  # fmt: skip
        if wear.limit is not None:
            axes.axhline(wear.limit, color=ALARM, linewidth=1.0, zorder=2, label=text("limit").say(language))
            if wear.left is not None and math.isfinite(wear.left):
                end = wear.campaigns[-1].last
                low, high = wear.left_low or 0.0, wear.left_high if wear.left_high is not None else math.inf
                axes.plot([end, end + wear.left], [_now(answer), wear.limit], color=INK, linewidth=1.0, dashes=(3, 2))
                if math.isfinite(high):
                    axes.plot([end + low, end + high], [wear.limit] * 2, color=ALARM, linewidth=3.0, zorder=4,
                              label=text("where it may be reached").say(language))  # fmt: skip
        axes.set_xlabel(text("heat").say(language), fontsize=SMALL, color=SOFT)
        title = answer.indicator.say(language)
        axes.set_ylabel(f"{title} [{answer.unit}]" if answer.unit else title, fontsize=SMALL, color=SOFT)
        dress(axes)
        axes.legend(
            loc="upper left", bbox_to_anchor=(0.0, 1.11), ncols=5, frameon=False, fontsize=SMALL, labelcolor=SOFT
        )
        name = f"{answer.source} {answer.furnace}".strip()
        heading(
            figure, text("Lining wear: {name}", name=name).say(language), heats_left(answer).say(language), left=0.3
        )


def _now(answer: LiningAnswer) -> float:
    running = answer.wear.campaigns[-1]
    return running.level + running.slope * (running.heats - 1)


def heats_left(answer: LiningAnswer) -> Text:
    """Return the heats left in words."""
    wear = answer.wear
    if wear.left is None or wear.left_low is None or wear.left_high is None:
        return text("no limit is known, so no remaining life is told")
    if math.isinf(wear.left):
        return text("at the present trend the limit is never reached")
    high = text("never") if math.isinf(wear.left_high) else text("{n}", n=f"{wear.left_high:.0f}")
    return text("{middle} heats left to the limit ({low} to {high})", middle=f"{wear.left:.0f}",
                low=f"{wear.left_low:.0f}", high=high)  # fmt: skip


def draw_press(answer: PressAnswer, path: Path, language: Language) -> None:
    """Draw the curves within their envelope, and the features over the blows."""
    found = answer.signature
    with canvas(path, _WIDTH, 5.0) as figure:
        axes = figure.add_axes((0.08, 0.13, 0.44, 0.65))
        scale = (1e3, "mm") if answer.blows[0].by_way else (1e3, "ms")
        strange = {one.blow for one in found.strange}
        axes.fill_between(found.axis * scale[0], found.low / 1e3, found.high / 1e3, color=WASH, linewidth=0, zorder=1,
                          label=text("envelope of good blows").say(language))  # fmt: skip
        for n, blow in enumerate(answer.blows[-300:], start=max(len(answer.blows) - 300, 0)):
            odd = n in strange
            axes.plot((blow.axis - blow.axis[0]) * scale[0], blow.force / 1e3, color=ALARM if odd else "#8fa3b8",
                      linewidth=0.9 if odd else 0.4, alpha=0.9 if odd else 0.35, zorder=4 if odd else 2)  # fmt: skip
        axes.plot([], [], color=ALARM, label=text("strange blow").say(language))
        axes.plot(found.axis * scale[0], found.middle / 1e3, color=INK, linewidth=1.3, zorder=5,
                  label=text("median of good blows").say(language))  # fmt: skip
        way = text("way [mm]") if answer.blows[0].by_way else text("time [ms]")
        axes.set_xlabel(way.say(language), fontsize=SMALL, color=SOFT)
        axes.set_ylabel(text("force [kN]").say(language), fontsize=SMALL, color=SOFT)
        dress(axes)
        axes.legend(
            loc="upper left", bbox_to_anchor=(0.0, 1.12), ncols=3, frameon=False, fontsize=SMALL, labelcolor=SOFT
        )
        drifts = {one.feature for one in found.drifts}
        for row, (name, values) in enumerate(found.features.items()):
            height = 0.65 / len(found.features)
            small = figure.add_axes((0.70, 0.13 + 0.65 - (row + 1) * height + 0.02, 0.27, height - 0.03))
            _draw_feature(small, values, drifting=name in drifts, strange=sorted(strange))
            small.set_ylabel(
                FEATURES[name][0].say(language), rotation=0, ha="right", va="center", fontsize=SMALL, color=INK
            )
            small.tick_params(labelleft=False, labelbottom=row == len(found.features) - 1)
            if row == len(found.features) - 1:
                small.set_xlabel(text("blow").say(language), fontsize=SMALL, color=SOFT)
        under = text(
            "envelope holds {share} % of good blows ({tested} % in the test); red: strange blows and drifting features",
            share=f"{100.0 * found.coverage:.0f}",
            tested=f"{100.0 * found.tested:.0f}" if math.isfinite(found.tested) else "—",
        )  # fmt: skip
        heading(figure, text("Force curves: {name}", name=answer.source).say(language), under.say(language), left=0.3)


def _draw_feature(axes: Axes, values: np.ndarray, *, drifting: bool, strange: list[int]) -> None:  # type: ignore[type-arg,unused-ignore]
    order = np.arange(values.size)
    axes.plot(order, values, color=ALARM if drifting else "#8fa3b8", linewidth=0.7, zorder=2)
    axes.plot(order[strange], values[strange], linestyle="none", marker="o", markersize=2.4, color=ALARM, zorder=3)
    dress(axes)


def draw_life(answer: LifeAnswer, path: Path, language: Language) -> None:
    """Draw survival with its interval and the fitted distribution, and the cost of replacing at each age."""
    found, curve, best = answer.weibull, answer.curve, answer.replacement
    with canvas(path, _WIDTH, 4.4) as figure:
        axes = figure.add_axes((0.08, 0.15, 0.40 if best else 0.89, 0.62))
        top = 1.15 * float(answer.lives.max())
        age = np.append(curve.age, top)
        axes.fill_between(age, np.append(curve.low, curve.low[-1]), np.append(curve.high, curve.high[-1]), step="post",
                          color=WASH, linewidth=0, zorder=1, label=text("interval").say(language))  # fmt: skip
        axes.step(age, np.append(curve.survival, curve.survival[-1]), where="post", color="#8fa3b8", linewidth=1.3,
                  zorder=3, label=text("Kaplan-Meier").say(language))  # fmt: skip
        ages = np.linspace(top / 400.0, top, 400)
        axes.plot(ages, found.survival(ages), color=INK, linewidth=1.4, zorder=4, label=text("Weibull").say(language))
        alive = answer.lives[~answer.failed]
        axes.plot(alive, np.full(alive.size, 0.015), linestyle="none", marker="|", markersize=6, color=CALM, zorder=4,
                  label=text("not failed").say(language))  # fmt: skip
        unit = f" [{answer.unit}]" if answer.unit else ""
        axes.set_xlabel(text("age").say(language) + unit, fontsize=SMALL, color=SOFT)
        axes.set_ylabel(text("share that outlives it [1]").say(language), fontsize=SMALL, color=SOFT)
        axes.set_ylim(0.0, 1.02)
        axes.set_xlim(0.0, top)
        dress(axes)
        axes.legend(
            loc="upper left", bbox_to_anchor=(0.0, 1.12), ncols=4, frameon=False, fontsize=SMALL, labelcolor=SOFT
        )
        if best is not None:
            _draw_cost(figure.add_axes((0.60, 0.15, 0.37, 0.62)), answer, ages, unit, language)
        under = text(
            "{failures} failures, {censored} not failed; shape {shape} ({low} to {high}), scale {scale}",
            failures=found.failures, censored=found.censored, shape=shown(found.shape), low=shown(found.shape_low),
            high=shown(found.shape_high), scale=shown(found.scale),
        )  # fmt: skip
        heading(figure, text("Life: {name}", name=answer.source).say(language), under.say(language), left=0.3)


def _draw_cost(axes: Axes, answer: LifeAnswer, ages: np.ndarray, unit: str, language: Language) -> None:  # type: ignore[type-arg,unused-ignore]
    found, best = answer.weibull, answer.replacement
    assert best is not None  # noqa: S101  (drawn only then)
    planned, failure = answer.costs or (1.0, 1.0)
    low = ages[ages > 0.05 * found.scale]
    rates = [cost_rate(found.shape, found.scale, float(age), planned, failure) for age in low]
    axes.plot(low, rates, color=LINE, linewidth=1.3, zorder=3, label=text("replaced at this age").say(language))
    axes.axhline(best.rate_at_failure, color=ALARM, linewidth=0.9, dashes=(4, 2), zorder=2,
                 label=text("only at failure").say(language))  # fmt: skip
    at = best_age(found.shape, found.scale, planned, failure)
    if math.isfinite(at):
        axes.plot([at], [best.rate], marker="o", markersize=5, color=CALM, zorder=5,
                  label=text("least cost").say(language))  # fmt: skip
        if best.age_low is not None:
            axes.axvspan(best.age_low, best.age_high or float(low[-1]), color=CALM, alpha=0.15, linewidth=0, zorder=1)
    axes.set_ylim(0.0, 3.0 * best.rate_at_failure)
    axes.set_xlabel(text("age").say(language) + unit, fontsize=SMALL, color=SOFT)
    axes.set_ylabel(text("cost a unit of life").say(language), fontsize=SMALL, color=SOFT)
    dress(axes)
    axes.legend(loc="upper left", bbox_to_anchor=(0.0, 1.12), ncols=3, frameon=False, fontsize=SMALL, labelcolor=SOFT)
