"""The picture of a charge: what is melted beside what the means alone would take, and where the metal lies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from forgecast.app.quality.canvas import ALARM, INK, LINE, RULE, SMALL, SOFT, WASH, canvas, dress, heading
from forgecast.ground.texts import Language, text
from forgecast.melting.charge_mix import Kept
from forgecast.melting.mix_model import quantile
from forgecast.tasks.mix_charge import ChargeAnswer

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH: Final = 10.4
#: Room [inch]: left of the masses, their width, between the halves, the limits' width; above and below.
_LEFT, _MASSES, _BETWEEN, _LIMITS = 1.75, 3.3, 1.2, 3.7
_TOP, _BOTTOM, _ROW = 1.02, 0.86, 0.27
#: Materials below this share of the charge in both mixes are not drawn [1].
_LEAST: Final = 1e-6
#: Longer names are cut.
_NAME: Final = 26


@dataclass(frozen=True, slots=True)
class _Window:
    """A limit with both its sides, as it is drawn."""

    name: str
    low: float | None
    high: float | None
    expected: float
    spread: float
    binds: bool
    ratio: bool


def draw_charge(answer: ChargeAnswer, path: Path, language: Language) -> None:
    """Draw masses on the left, contents within their limits on the right.

    Parameters
    ----------
    answer : ChargeAnswer
        With a solution.
    path : Path
        Ends in .png or .svg.
    language : Language
    """
    used = _used(answer)
    windows = _windows(answer)
    tall = _ROW * max(len(used), len(windows), 3)
    height = _TOP + tall + _BOTTOM
    with canvas(path, _WIDTH, height) as figure:
        box = (_LEFT / _WIDTH, _BOTTOM / height, _MASSES / _WIDTH, tall / height)
        _draw_masses(figure.add_axes(box), answer, used, language)
        start = (_LEFT + _MASSES + _BETWEEN) / _WIDTH
        _draw_limits(
            figure.add_axes((start, _BOTTOM / height, _LIMITS / _WIDTH, tall / height)), answer, windows, language
        )
        title = text("Charge: {title}", title=answer.title)
        heading(figure, title.say(language), _under(answer, language), left=0.3)
        for at, words in ((_LEFT, text("masses")), (_LEFT + _MASSES + _BETWEEN, text("contents within their limits"))):
            figure.text(at / _WIDTH, 1 - 0.78 / height, words.say(language), fontsize=SMALL + 1, color=INK, va="top")


def _under(answer: ChargeAnswer, language: Language) -> str:
    problem, mix = answer.problem, answer.mix
    share = f"{100.0 * problem.confidence:.4g} %"
    said = text(
        "{cost} {currency}/t of metal, {mass} kg; each bound with {share}; by the means alone {mean} {currency}/t",
        cost=f"{mix.cost_per_tonne:,.1f}",
        currency=problem.currency,
        mass=f"{mix.liquid_mass:,.0f}",
        share=share,
        mean=f"{answer.mean.cost_per_tonne:,.1f}",
    )
    if problem.confidence == 0.5:
        said = text(
            "{cost} {currency}/t of metal, {mass} kg; limits kept by the means alone",
            cost=f"{mix.cost_per_tonne:,.1f}",
            currency=problem.currency,
            mass=f"{mix.liquid_mass:,.0f}",
        )
    return said.say(language)


def _used(answer: ChargeAnswer) -> list[int]:
    least = _LEAST * float(np.sum(answer.mix.masses))
    most = np.maximum(answer.mix.masses, np.nan_to_num(answer.mean.masses))
    return [int(n) for n in np.argsort(-most, kind="stable") if most[n] > least]


def _draw_masses(axes: Axes, answer: ChargeAnswer, used: list[int], language: Language) -> None:
    mix, mean = answer.mix.masses[used], answer.mean.masses[used]
    rows = np.arange(len(used))
    this = text("this charge").say(language)
    axes.barh(rows, mix, height=0.62, color=LINE, zorder=2, label=this)
    most = float(max(np.nanmax(mix), np.nanmax(mean)))
    if answer.problem.confidence > 0.5:
        alone = text("cheapest by the means alone").say(language)
        axes.plot(mean, rows, linestyle="none", marker="|", markersize=11, markeredgewidth=1.6, color=ALARM, zorder=3,
                  label=alone)  # fmt: skip
    for row, mass in enumerate(mix):
        end = max(mass, mean[row] if abs(mean[row] - mass) < 0.14 * most and mean[row] > mass else mass)
        axes.text(end + 0.025 * most, row, f"{mass:,.1f}", va="center", fontsize=SMALL, color=INK)
    axes.set_yticks(rows, [_cut(answer.problem.names[n]) for n in used])
    axes.set_ylim(max(len(used), 3) - 0.4, -0.6)
    axes.set_xlim(0.0, 1.16 * most)
    axes.set_xlabel(text("mass charged [kg]").say(language), fontsize=SMALL, color=SOFT)
    dress(axes, grid="x")
    axes.legend(loc="upper left", bbox_to_anchor=(-0.02, -0.42 / (_ROW * max(len(used), 3))), ncols=2, frameon=False,
                fontsize=SMALL, labelcolor=SOFT, handlelength=1.2, borderaxespad=0.0)  # fmt: skip


def _cut(name: str) -> str:
    return name if len(name) <= _NAME else name[: _NAME - 1] + "…"


def _windows(answer: ChargeAnswer) -> list[_Window]:
    kept: dict[str, dict[str, Kept]] = {}
    for one in answer.mix.kept:
        kept.setdefault(one.name, {})[one.side] = one
    ratios = {limit.name for limit in answer.problem.limits if limit.per is not None}
    found = []
    for name, sides in kept.items():
        any_side = next(iter(sides.values()))
        low, high = sides.get("lowest"), sides.get("highest")
        found.append(
            _Window(
                name,
                None if low is None else low.bound,
                None if high is None else high.bound,
                any_side.expected,
                any_side.spread if answer.spreads_told else math.nan,
                any(one.binds for one in sides.values()),
                name in ratios,
            )
        )
    return found


def _draw_limits(axes: Axes, answer: ChargeAnswer, windows: list[_Window], language: Language) -> None:
    """Draw every limit on a scale of its own: its window is the grey band, whatever its numbers."""
    problem = answer.problem
    z = quantile(problem.confidence, len(answer.mix.kept) if problem.joint else 1)
    for row, one in enumerate(windows):
        low, high = _ends(one, z)
        axes.barh(row, 1.0, height=0.62, color=WASH, edgecolor=RULE, linewidth=0.6, zorder=1)
        at, width = (one.expected - low) / (high - low), z * one.spread / (high - low)
        colour = ALARM if one.binds else LINE
        if math.isfinite(width) and width > 0.0:
            axes.plot([max(at - width, -0.1), min(at + width, 1.1)], [row, row], color=colour, linewidth=1.6, zorder=3)
        axes.plot([at], [row], marker="o", markersize=4.5, color=colour, zorder=4)
        axes.text(-0.03, row, _number(one.low, one, "0"), ha="right", va="center", fontsize=SMALL, color=SOFT)
        axes.text(1.03, row, _number(one.high, one, "→"), ha="left", va="center", fontsize=SMALL, color=SOFT)
        axes.text(1.6, row, _number(one.expected, one, ""), ha="right", va="center", fontsize=SMALL, color=colour)
    axes.set_yticks(range(len(windows)), [_cut(one.name) for one in windows])
    axes.set_ylim(max(len(windows), 3) - 0.4, -0.6)
    axes.set_xlim(-0.22, 1.62)
    axes.text(1.6, -0.75, text("expected").say(language), ha="right", va="bottom", fontsize=SMALL, color=SOFT)
    axes.set_xticks([])
    dress(axes, grid="x")
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="y", pad=6)
    _explain(axes, answer, len(windows), language)


def _explain(axes: Axes, answer: ChargeAnswer, rows: int, language: Language) -> None:
    from matplotlib.lines import Line2D  # noqa: PLC0415

    marks = [(LINE, text("expected")), (ALARM, text("binds"))]
    if answer.spreads_told and answer.problem.confidence > 0.5:
        share = f"{100.0 * answer.problem.confidence:.4g} %"
        marks[0] = (LINE, text("expected, and as far as {share} on either side reaches", share=share))
    handles = [Line2D([], [], color=colour, marker="o", markersize=4, linewidth=1.4) for colour, _ in marks]
    axes.legend(handles, [words.say(language) for _, words in marks], loc="upper left",
                bbox_to_anchor=(-0.02, -0.1 / (_ROW * max(rows, 3))), ncols=1, frameon=False, fontsize=SMALL,
                labelcolor=SOFT, handlelength=1.4, borderaxespad=0.0)  # fmt: skip


def _ends(one: _Window, z: float) -> tuple[float, float]:
    """Return the values at the left and the right end of a limit's band."""
    if one.low is not None and one.high is not None and one.high > one.low:
        return one.low, one.high
    if one.low is None and one.high is not None and one.high > 0.0:
        return 0.0, one.high
    start = one.low if one.low is not None else one.expected
    reach = max(2.0 * (one.expected - start), 3.0 * z * (0.0 if math.isnan(one.spread) else one.spread), 1e-9)
    return (start, start + reach) if one.high is None else (one.high - reach, one.high)


def _number(value: float | None, one: _Window, free: str) -> str:
    if value is None:
        return free
    return f"{value:.3g}" if one.ratio else f"{100.0 * value:.3g} %"
