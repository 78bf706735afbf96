"""Capability drawn: how the values lie within their limits, one histogram for each group."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from forgecast.app.quality.canvas import ALARM, INK, LINE, SMALL, SOFT, TYPE, canvas, dress, heading, made_up
from forgecast.app.quality.digits import digits_for, fixed
from forgecast.app.report.numbers import ABSENT, count, pretty_unit
from forgecast.ground.texts import Language, text
from forgecast.tasks.judge_capability import JudgedCapability, JudgedGroup

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_GROUPS: Final = 8
_WIDTH, _LEFT, _RIGHT, _TOP, _BOTTOM, _GAP = 8.4, 0.62, 2.1, 1.12, 0.62, 0.72


def draw_capability(judged: JudgedCapability, path: Path, language: Language) -> None:
    """Draw the histograms of all groups over one axis, with limits and target."""
    groups = judged.groups[:MOST_GROUPS]
    tall = 2.4 if len(groups) == 1 else 1.15
    height = _TOP + tall * len(groups) + _GAP * (len(groups) - 1) + _BOTTOM
    with canvas(path, _WIDTH, height) as figure:
        left = height - _TOP
        for group in groups:
            box = (_LEFT / _WIDTH, (left - tall) / height, (_WIDTH - _LEFT - _RIGHT) / _WIDTH, tall / height)
            axes = figure.add_axes(box)
            _draw_group(axes, group, judged, language)
            left -= tall + _GAP
        unit = pretty_unit(judged.unit)
        axes.set_xlabel(f"{judged.title.say(language)}{f' [{unit}]' if unit else ''}", color=SOFT, size=TYPE)
        axes.xaxis.labelpad = 4.0
        title = text("{title}: values within their limits", title=judged.title.say(language)).say(language)
        under = f"{judged.source}{made_up(language, synthetic=judged.synthetic)}"
        heading(figure, title, under, left=_LEFT)


def _draw_group(axes: Axes, group: JudgedGroup, judged: JudgedCapability, language: Language) -> None:
    dress(axes)
    name = text("values: {n}", n=count(group.values.size)).say(language)
    axes.set_title(
        f"{judged.by} {group.group} · {name}" if group.group else name, fontsize=TYPE, color=INK, loc="left", pad=17
    )
    limits = judged.limits
    marks = [value for value in (limits.lower, limits.upper) if value is not None]
    together = np.concatenate([*(one.values for one in judged.groups[:MOST_GROUPS]), np.array(marks)])
    low, high = float(np.nanmin(together)), float(np.nanmax(together))
    room = 0.04 * (high - low) or 1.0
    bins = int(np.clip(np.sqrt(max(group.values.size, 1)), 8, 60))
    axes.hist(group.values, bins=bins, color=LINE, alpha=0.75, zorder=2)
    axes.set_xlim(low - room, high + room)
    for value, limit in ((limits.lower, text("lower limit")), (limits.upper, text("upper limit"))):
        if value is not None:
            axes.axvline(value, color=ALARM, linewidth=1.2, linestyle="--", zorder=3)
            axes.annotate(
                limit.say(language), xy=(value, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 2),
                textcoords="offset points", ha="center", va="bottom", fontsize=SMALL, color=ALARM,
            )  # fmt: skip
    if limits.target is not None:
        axes.axvline(limits.target, color=SOFT, linewidth=1.0, linestyle=":", zorder=3)
    digits = digits_for((high - low) / 6.0)
    axes.xaxis.set_major_formatter(lambda value, _: fixed(value, digits))
    axes.annotate(
        "\n".join(_beside(group, language)), xy=(1.0, 1.0), xycoords="axes fraction", xytext=(10, 0),
        textcoords="offset points", va="top", fontsize=SMALL, color=ALARM if group.found.refused else INK,
        annotation_clip=False, linespacing=1.5,
    )  # fmt: skip


def _beside(group: JudgedGroup, language: Language) -> list[str]:
    found = group.found
    outside = text("outside: {n}", n=count(group.outside)).say(language)
    if found.refused:
        return [text("no index: refused").say(language), outside]
    lines = []
    for name in ("cp", "cpk", "pp", "ppk", "cpm"):
        index = getattr(found, name)
        if index is not None:
            lines.append(f"{name.capitalize()} {index.value:.2f}  ({index.low:.2f} – {index.high:.2f})")
    return [*(lines or [ABSENT]), outside]
