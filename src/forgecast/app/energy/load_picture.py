"""Pictures of a load: how long which power lasts, and the mean power of each hour of the week."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from forgecast.app.quality.canvas import (
    ALARM,
    INK,
    LINE,
    SMALL,
    SOFT,
    canvas,
    dress,
    heading,
    made_up,
)
from forgecast.energy.plant_clock import plant_clock
from forgecast.energy.tariff import KIND_TEXTS
from forgecast.ground.texts import Language, Text, text, verbatim
from forgecast.tasks.bill_energy import Cost

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _HEIGHT = 9.8, 7.4
_DAYS: Final[tuple[Text, ...]] = (
    text("Mon"),
    text("Tue"),
    text("Wed"),
    text("Thu"),
    text("Fri"),
    text("Sat"),
    text("Sun"),
)
_COLOURS: Final = {
    "sharp": "#8c2d04",
    "peak": "#d97706",
    "flat": "#b8c4cf",
    "valley": "#5b8fb9",
    "deep_valley": "#2f4b66",
}


def draw_load(cost: Cost, path: Path, language: Language, *, synthetic: bool = False) -> None:
    """Draw the load-duration curve, the heat map of the week, and what each kind of hours used and cost.

    Parameters
    ----------
    cost : Cost
    path : Path
        Ends in .png or .svg.
    language : Language
    synthetic : bool
        Whether the plant is made up: then the picture says so.
    """
    with canvas(path, _WIDTH, _HEIGHT) as figure:
        _duration(figure.add_axes((0.08, 0.585, 0.50, 0.28)), cost, language)
        _kinds(figure.add_axes((0.67, 0.585, 0.30, 0.28)), cost, language)
        _week(figure, cost, language)
        title = text("Load of meter {meter}", meter=cost.meter)
        under = text(
            "peak {kW} kW; means of {minutes} minutes; tariff {tariff}",
            kW=f"{cost.peak_kW:,.0f}" if cost.peak_kW is not None else "–",
            minutes=round(cost.intervals.interval / 60.0),
            tariff=cost.tariff,
        )
        heading(figure, title.say(language), under.say(language) + made_up(language, synthetic=synthetic), left=0.3)


def _titled(axes: Axes, words: Text, language: Language) -> None:
    axes.set_title(words.say(language), fontsize=8.5, color=INK, loc="left", pad=6)


def _duration(axes: Axes, cost: Cost, language: Language) -> None:
    power = cost.intervals.power_kW
    power = np.sort(power[np.isfinite(power)])[::-1]
    hours = (np.arange(power.size) + 0.5) * cost.intervals.interval / 3600.0
    axes.fill_between(hours, power, step="mid", color=LINE, alpha=0.18, linewidth=0)
    axes.step(hours, power, where="mid", color=LINE, linewidth=1.2)
    axes.set_xlim(0.0, float(hours[-1]) if hours.size else 1.0)
    axes.set_ylim(0.0, 1.05 * float(power[0]) if power.size else 1.0)
    axes.set_xlabel(text("hours in which at least this power is drawn [h]").say(language), fontsize=SMALL, color=SOFT)
    axes.set_ylabel(text("power [kW]").say(language), fontsize=SMALL, color=SOFT)
    dress(axes)
    _titled(axes, text("Load duration"), language)


def _kinds(axes: Axes, cost: Cost, language: Language) -> None:
    kinds = [kind for kind in _COLOURS if any(kind in one.energy_kWh for one in cost.bills)]
    used = [sum(one.energy_kWh.get(kind, 0.0) for one in cost.bills) for kind in kinds]
    paid = [sum(one.energy_cost.get(kind, 0.0) for one in cost.bills) for kind in kinds]
    places = np.arange(len(kinds), 0, -1)
    whole = sum(used) or 1.0
    axes.barh(places, [100.0 * one / whole for one in used], color=[_COLOURS[kind] for kind in kinds], height=0.6)
    for place, share, money in zip(places, used, paid, strict=True):
        axes.annotate(
            f"{money:,.0f} CNY",
            xy=(100.0 * share / whole, place),
            xytext=(4, 0),
            va="center",
            textcoords="offset points",
            fontsize=SMALL,
            color=SOFT,
            annotation_clip=False,
        )
    axes.set_yticks(places, [KIND_TEXTS[kind].say(language) for kind in kinds])
    axes.set_xlim(0.0, 130.0 * max(used, default=1.0) / whole)
    axes.set_xlabel(text("share of the energy [%]").say(language), fontsize=SMALL, color=SOFT)
    dress(axes, grid="x")
    _titled(axes, text("Energy and its cost by kind of hours"), language)


def _week(figure: Figure, cost: Cost, language: Language) -> None:
    axes = figure.add_axes((0.08, 0.10, 0.80, 0.35))
    clock = plant_clock(cost.intervals.starts_us, cost.zone)
    power = cost.intervals.power_kW
    there = np.isfinite(power)
    at = clock.weekday[there] * 24 + clock.hour[there]
    counts = np.bincount(at, minlength=168)
    with np.errstate(invalid="ignore"):
        mean = (np.bincount(at, weights=power[there], minlength=168) / counts).reshape(7, 24)
    drawn = axes.imshow(mean, aspect="auto", cmap="YlOrBr", vmin=0.0, interpolation="nearest")
    axes.set_yticks(range(7), [day.say(language) for day in _DAYS])
    axes.set_xticks(range(0, 24, 3), [f"{hour}:00" for hour in range(0, 24, 3)])
    axes.set_xlabel(text("hour of the plant's clock").say(language), fontsize=SMALL, color=SOFT)
    axes.tick_params(length=0, colors=SOFT, labelsize=SMALL)
    for side in axes.spines.values():
        side.set_visible(False)
    if cost.peak_at_us is not None:
        top = plant_clock(np.array([cost.peak_at_us]), cost.zone)
        ring = ([int(top.hour[0])], [int(top.weekday[0])])
        for colour, width in (("white", 3.4), (ALARM, 1.6)):
            axes.plot(*ring, marker="o", markersize=11, mfc="none", mec=colour, mew=width)
    bar = figure.colorbar(drawn, cax=figure.add_axes((0.90, 0.10, 0.014, 0.35)))
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0, colors=SOFT, labelsize=SMALL)
    bar.ax.set_title(verbatim("kW").say(language), fontsize=SMALL, color=SOFT)
    _titled(axes, text("Mean power of each hour of the week; the ring marks the hour of the peak"), language)
