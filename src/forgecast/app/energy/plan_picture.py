"""Pictures of a melting plan against prices, of a diagnosis, and of the rests of a meter tree."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from forgecast.app.quality.bars import Bar, draw_bars
from forgecast.app.quality.canvas import (
    ALARM,
    CALM,
    INK,
    LINE,
    RULE,
    SMALL,
    SOFT,
    canvas,
    dress,
    heading,
    made_up,
)
from forgecast.ground.dates import HOUR_US, from_us
from forgecast.ground.texts import Language, Text, text
from forgecast.tasks.balance_meters import MeterBalance
from forgecast.tasks.diagnose_energy import Diagnosis
from forgecast.tasks.shift_melting import ShiftAnswer

KIND_NAMES: Final[dict[str, Text]] = {
    "holding": text("holding"),
    "waiting": text("waiting between heats"),
    "off_hours_load": text("load outside work"),
    "compressed_air": text("compressed air"),
    "fixed_energy": text("energy without production"),
    "peak": text("peak load"),
    "power_factor": text("power factor"),
    "unbalanced_meter": text("meter that does not balance"),
    "waste_heat": text("waste heat"),
}


def draw_plan(answer: ShiftAnswer, path: Path, language: Language, *, synthetic: bool = False) -> None:
    """Draw the first day's heats as they were and as planned, over the price of each hour.

    Parameters
    ----------
    answer : ShiftAnswer
    path : Path
    language : Language
    synthetic : bool
        Whether the plant is made up: then the picture says so.
    """
    day = answer.days[0]
    furnaces = list(dict.fromkeys(run.furnace for run in day.runs))
    height = 2.6 + 0.5 * len(furnaces)
    with canvas(path, 9.8, height) as figure:
        axes = figure.add_axes((0.10, 0.44, 0.87, 0.56 - 0.66 / height))
        below = figure.add_axes((0.10, 0.17, 0.87, 0.22), sharex=axes)
        for run, start in zip(day.runs, day.plan.starts, strict=True):
            row = furnaces.index(run.furnace)
            for begun, side, colour in ((run.start, 0.2, RULE), (start, -0.2, LINE)):
                axes.barh(
                    row + side, run.slots, left=begun, height=0.34, color=colour, edgecolor="white", linewidth=0.8
                )
        axes.set_yticks(range(len(furnaces)), furnaces)
        axes.tick_params(labelbottom=False)
        below.step(np.arange(day.price.size + 1), [*day.price, day.price[-1]], where="post", color=ALARM, linewidth=1.3)
        below.set_ylim(bottom=0.0)
        below.set_ylabel(text("price [CNY/kWh]").say(language), fontsize=SMALL, color=SOFT)
        last = max(max(run.start, start) + run.slots for run, start in zip(day.runs, day.plan.starts, strict=True))
        ticks = range(0, min(last + 2, day.price.size) + 1, 3)
        below.set_xticks(ticks, [f"{from_us(day.first_us + n * HOUR_US, answer.zone):%H:%M}" for n in ticks])
        below.set_xlim(0, min(last + 2, day.price.size))
        for one in (axes, below):
            dress(one, grid="x")
        axes.tick_params(axis="y", labelcolor=INK)
        title = text("When to melt: {day}", day=day.day)
        under = text(
            "light: as it was, dark: plan; {before} becomes {after} CNY",
            before=f"{day.plan.cost_before:,.0f}",
            after=f"{day.plan.cost_after:,.0f}",
        )
        heading(figure, title.say(language), under.say(language) + made_up(language, synthetic=synthetic), left=0.3)


def draw_diagnosis(found: Diagnosis, path: Path, language: Language, *, synthetic: bool = False) -> None:
    """Draw the findings that have a number, by what they cost, or by kWh where no price is known.

    Parameters
    ----------
    found : Diagnosis
    path : Path
    language : Language
    synthetic : bool
        Whether the plant is made up: then the picture says so.
    """
    money = any(one.money.value for one in found.wastes)
    bars = []
    for one in found.wastes:
        size = one.money if money else one.energy
        if not size.value or size.low is None or size.high is None:
            continue
        name = f"{KIND_NAMES[one.kind].say(language)} {one.subject}"
        low, high = f"{size.low:,.0f}", f"{size.high:,.0f}"
        said = f"{size.value:,.0f}" + (f"  ({low} … {high})" if low != high else "")
        bars.append(Bar(name, size.value, said))
    axis = text("CNY a year, with the 95 % interval") if money else text("kWh a year, with the 95 % interval")
    under = text(
        "{since} to {until}; findings overlap and do not add up", since=str(found.since), until=str(found.until)
    )
    below = under.say(language) + made_up(language, synthetic=synthetic)
    draw_bars(bars, path, text("Where energy goes").say(language), below, axis.say(language))


def draw_rests(balance: MeterBalance, path: Path, language: Language, *, synthetic: bool = False) -> None:
    """Draw the unmetered rest of each node, period by period, as share of its meter.

    Parameters
    ----------
    balance : MeterBalance
    path : Path
    language : Language
    synthetic : bool
        Whether the plant is made up: then the picture says so.
    """
    nodes = [node for tree in balance.trees for node in tree.nodes]
    odd = {(h.node, h.period) for tree in balance.trees for h in tree.hypotheses}
    height = 1.3 + 1.15 * len(nodes)
    with canvas(path, 9.8, height) as figure:
        for n, node in enumerate(nodes):
            axes = figure.add_axes((0.13, (0.42 + 1.15 * (len(nodes) - 1 - n)) / height, 0.84, 0.8 / height))
            with np.errstate(divide="ignore", invalid="ignore"):
                share = 100.0 * node.rest / node.main
                half = 100.0 * node.uncertainty / node.main
            at = np.arange(share.size)
            loud = [
                node.states[k] == "negative" or (node.meter, period) in odd for k, period in enumerate(balance.periods)
            ]
            axes.bar(at, share, color=[ALARM if one else CALM for one in loud], width=0.7, zorder=2)
            known = np.isfinite(half)
            axes.errorbar(at[known], share[known], yerr=half[known], fmt="none", ecolor=INK, elinewidth=0.9, capsize=2)
            axes.axhline(0.0, color=SOFT, linewidth=0.7)
            axes.set_ylabel(f"{node.meter}\n[%]", fontsize=SMALL, color=SOFT)
            dress(axes)
            step = max(1, -(-len(balance.periods) // 13))
            labels = [balance.periods[k] for k in range(0, len(balance.periods), step)]
            axes.set_xticks(range(0, len(balance.periods), step), labels if n == len(nodes) - 1 else [])
        title, under = (
            text("Unmetered rest of each meter"),
            text("share of the meter; bars in red stand out or are below zero"),
        )
        heading(figure, title.say(language), under.say(language) + made_up(language, synthetic=synthetic), left=0.3)
