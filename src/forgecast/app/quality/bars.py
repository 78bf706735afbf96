"""Bars: where scatter arises, what a gauge makes of it, which defects matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from forgecast.app.quality.canvas import ALARM, INK, LINE, SMALL, SOFT, TYPE, canvas, dress, heading
from forgecast.app.report.numbers import count
from forgecast.ground.texts import Language, text

_WIDTH, _LEFT, _RIGHT, _TOP, _BAR = 8.4, 2.5, 1.9, 0.86, 0.36
MOST_BARS: Final = 16


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: its name, its length, what stands behind it, and a lighter length before it for comparison."""

    name: str
    length: float
    said: str
    before: float | None = None
    loud: bool = False


def draw_bars(bars: Sequence[Bar], path: Path, title: str, under: str, axis: str) -> None:
    """Draw horizontal bars, the first one on top; the lighter ones are what was before.

    Parameters
    ----------
    bars : sequence of Bar
        More than `MOST_BARS` are cut.
    path : Path
    title, under, axis : str
        Heading, the line under it, and what the lengths are, with its unit.
    """
    shown = list(bars[:MOST_BARS])
    tall = _BAR * max(len(shown), 1)
    height = _TOP + tall + 0.66
    with canvas(path, _WIDTH, height) as figure:
        axes = figure.add_axes((_LEFT / _WIDTH, 0.62 / height, (_WIDTH - _LEFT - _RIGHT) / _WIDTH, tall / height))
        dress(axes, grid="x")
        y = np.arange(len(shown), 0, -1)
        pairs = any(bar.before is not None for bar in shown)
        thick = 0.36 if pairs else 0.62
        axes.barh(
            y + (0.19 if pairs else 0.0), [bar.length for bar in shown], height=thick, zorder=2,
            color=[ALARM if bar.loud else LINE for bar in shown],
        )  # fmt: skip
        if pairs:
            axes.barh(y - 0.19, [bar.before or 0.0 for bar in shown], height=thick, color="#b8c4cf", zorder=2)
        top = max([*(bar.length for bar in shown), *(bar.before or 0.0 for bar in shown)], default=1.0) or 1.0
        axes.set_xlim(0.0, 1.02 * top)
        axes.set_ylim(0.4, len(shown) + 0.6)
        axes.set_yticks(y, [bar.name for bar in shown])
        axes.tick_params(axis="y", labelsize=TYPE, labelcolor=INK, pad=6)
        for place, bar in zip(y, shown, strict=True):
            axes.annotate(
                bar.said, xy=(max(bar.length, bar.before or 0.0), place), xytext=(5, 0), textcoords="offset points",
                va="center", fontsize=SMALL, color=SOFT, annotation_clip=False,
            )  # fmt: skip
        axes.set_xlabel(axis, color=SOFT, size=TYPE)
        heading(figure, title, under, left=0.3)


def left_out(bars: Sequence[Bar], language: Language) -> str:
    """Return a sentence on bars that are not drawn, or an empty string."""
    if len(bars) <= MOST_BARS:
        return ""
    return " · " + text("{n} more are not drawn", n=count(len(bars) - MOST_BARS)).say(language)
