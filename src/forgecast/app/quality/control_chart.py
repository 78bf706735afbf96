"""Control charts drawn: points, centre line and limits, stages, and every point that signals with its rule's number."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from forgecast.app.quality.canvas import ALARM, INK, LINE, RULE, SMALL, SOFT, TYPE, canvas, dress, heading, made_up
from forgecast.app.quality.digits import digits_of, fixed
from forgecast.app.report.numbers import count, pretty_unit
from forgecast.app.report.thin import thin
from forgecast.ground.dates import from_us
from forgecast.ground.texts import Language, Text, text
from forgecast.quality.scrap import FloatArray, IntArray
from forgecast.tasks.chart_quality import PANELS, GroupChart, Panel, QualityChart

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: More groups than these are told in the heading but not drawn.
MOST_GROUPS: Final = 12
#: Up to so many points each is a dot; more make a line only.
_DOTS: Final = 160
#: More signs beside signals would cover each other.
_MOST_SIGNS: Final = 45
_WIDTH, _LEFT, _RIGHT, _TOP, _BOTTOM = 9.8, 0.78, 1.16, 0.86, 0.52
_LOCATION, _SPREAD, _SMALL_PANEL, _GAP, _LEGEND_LINE = 2.5, 1.35, 1.15, 0.62, 0.17

KINDS: dict[str, Text] = {
    "i-mr": text("single values and moving ranges (I-MR)"),
    "xbar-r": text("means and ranges (X̄-R)"),
    "xbar-s": text("means and standard deviations (X̄-s)"),
    "p": text("share of rejects (p)"),
    "np": text("number of rejects (np)"),
    "c": text("number of defects (c)"),
    "u": text("defects a unit (u)"),
    "laney-p": text("share of rejects, limits widened after Laney (p′)"),
    "laney-u": text("defects a unit, limits widened after Laney (u′)"),
    "ewma": text("weighted mean (EWMA)"),
    "cusum": text("cumulative sums (CUSUM)"),
    "t2": text("several values together (T²)"),
}


def draw_control_chart(chart: QualityChart, path: Path, language: Language) -> None:
    """Draw all groups of a chart into one picture.

    Parameters
    ----------
    chart : QualityChart
        One group is drawn with both its charts, several with the first one of each.
    path : Path
        Ends in .svg or .png.
    language : Language
    """
    groups = chart.groups[:MOST_GROUPS]
    alone = len(groups) == 1
    drawn = [(group, panel) for group in groups for panel in (group.panels if alone else group.panels[:1])]
    heights = [(_LOCATION if n == 0 else _SPREAD) if alone else _SMALL_PANEL for n in range(len(drawn))]
    legend = _legend_lines(drawn, language)
    below = _BOTTOM + _LEGEND_LINE * len(legend) + (0.12 if legend else 0.0)
    height = _TOP + sum(heights) + _GAP * (len(drawn) - 1) + below
    with canvas(path, _WIDTH, height) as figure:
        left = height - _TOP
        for (group, panel), tall in zip(drawn, heights, strict=True):
            box = (_LEFT / _WIDTH, (left - tall) / height, (_WIDTH - _LEFT - _RIGHT) / _WIDTH, tall / height)
            axes = figure.add_axes(box)
            _draw_panel(axes, panel, group, language, name=_panel_name(panel, group, chart, language))
            left -= tall + _GAP
        for n, line in enumerate(legend):
            figure.text(
                _LEFT / _WIDTH, (below - _BOTTOM - 0.02 - _LEGEND_LINE * n) / height, line, fontsize=SMALL,
                color=SOFT, va="top",
            )  # fmt: skip
        unit = pretty_unit(chart.unit)
        title = chart.title.say(language) + (f" [{unit}]" if unit else "")
        heading(figure, f"{title}: {KINDS[chart.kind].say(language)}", _under(chart, language), left=_LEFT)


def _under(chart: QualityChart, language: Language) -> str:
    points = sum(len(group.points) for group in chart.groups)
    told = text("{source} · {points} points", source=chart.source, points=count(points)).say(language)
    moments = [group.points.moment(at) for group in chart.groups if len(group.points) for at in (0, -1)]
    if any(moments):
        first, last = min(moments)[:10], max(moments)[:10]
        told += f" · {first}" if first == last else f" · {first} – {last}"
    if len(chart.groups) > MOST_GROUPS:
        left = text("{n} more groups are not drawn", n=len(chart.groups) - MOST_GROUPS)
        told += f" · {left.say(language)}"
    return told + made_up(language, synthetic=chart.synthetic)


def _panel_name(panel: Panel, group: GroupChart, chart: QualityChart, language: Language) -> str:
    name = PANELS[panel.kind].say(language)
    unit = pretty_unit(panel.unit)
    if group.group:
        return f"{chart.by} {group.group}"
    return f"{name} [{unit}]" if unit else name


def _draw_panel(axes: Axes, panel: Panel, group: GroupChart, language: Language, *, name: str) -> None:
    n = panel.values.size
    dress(axes)
    axes.set_title(name, fontsize=TYPE, color=INK, loc="left", pad=5)
    flagged = panel.flagged
    x = np.arange(1, n + 1)
    keep = np.zeros(n, dtype=np.bool_)
    keep[_few(panel.values, flagged)] = True
    for line in (panel.values, *(() if panel.second is None else (panel.second,))):
        at = thin(line, keep)
        dots = {"marker": "o", "markersize": 2.6} if n <= _DOTS else {}
        axes.plot(x[at], line[at], color=LINE, linewidth=0.8, alpha=1.0 if dots else 0.6, zorder=3, **dots)  # type: ignore[arg-type]
    for line, style in ((panel.centre, "-"), (panel.lower, "--"), (panel.upper, "--")):
        _draw_line(axes, line, SOFT if style == "-" else ALARM, style)
    _draw_flags(axes, panel, x)
    _draw_stages(axes, group, n)
    axes.set_xlim(0.5, n + 0.5 if n else 1.5)
    _frame(axes, panel)
    _limits_beside(axes, panel, language)
    _ticks(axes, group, n)
    digits = digits_of((panel.values, panel.lower, panel.upper))
    axes.yaxis.set_major_formatter(lambda value, _: fixed(value, digits))
    if not n or np.isnan(panel.values).all():
        said = group.why_missing[0].say(language) if group.why_missing else text("no value").say(language)
        axes.text(0.5, 0.5, said, transform=axes.transAxes, ha="center", color=SOFT, fontsize=TYPE)


def _few(values: FloatArray, flagged: IntArray) -> IntArray:
    """Return the flagged points to be drawn: all, or the farthest of each stretch where there are too many to see."""
    if flagged.size <= 900:
        return flagged
    return flagged[thin(values[flagged], np.zeros(flagged.size, dtype=np.bool_))]


def _draw_line(axes: Axes, line: FloatArray, colour: str, style: str) -> None:
    known = np.flatnonzero(~np.isnan(line))
    if not known.size:
        return
    # A line is drawn as stairs: each point has its own limits, and between points there is nothing.
    change = np.flatnonzero((np.diff(known) > 1) | (np.diff(line[known]) != 0.0))
    starts = np.concatenate([[0], change + 1])
    ends = np.concatenate([change, [known.size - 1]])
    x = np.column_stack([known[starts] + 0.5, known[ends] + 1.5]).astype(np.float64)
    y = np.column_stack([line[known[starts]], line[known[starts]]])
    axes.plot(x.ravel(), y.ravel(), color=colour, linewidth=0.9, linestyle=style, zorder=3.5)


def _draw_flags(axes: Axes, panel: Panel, x: IntArray) -> None:
    flagged = panel.flagged
    if not flagged.size:
        return
    # Many points that signal would cover the chart itself.
    size = 3.6 if flagged.size <= 200 else 2.2
    for line in (panel.values, *(() if panel.second is None else (panel.second,))):
        beyond = flagged if panel.second is None else flagged[np.abs(line[flagged]) > panel.upper[flagged]]
        drawn = _few(line, beyond)
        axes.plot(x[drawn], line[drawn], linestyle="none", marker="o", markersize=size, color=ALARM, zorder=4)
    from matplotlib.patheffects import withStroke  # noqa: PLC0415

    for at, sign in _signs(panel):
        up = panel.values[at] >= panel.centre[at] if not np.isnan(panel.centre[at]) else True
        axes.annotate(
            sign, xy=(x[at], panel.values[at]), xytext=(0, 4 if up else -4), textcoords="offset points", ha="center",
            va="bottom" if up else "top", fontsize=SMALL - 1, color=ALARM, zorder=5, annotation_clip=False,
            path_effects=[withStroke(linewidth=1.6, foreground="white")],
        )  # fmt: skip


def _signs(panel: Panel) -> list[tuple[int, str]]:
    """Return the signs to write: where a rule begins to flag, not at each of its points, and none too close."""
    begins: dict[int, list[str]] = {}
    for mark in panel.marks:
        fresh = mark.at[np.concatenate([[True], np.diff(mark.at) > 1])] if mark.at.size else mark.at
        for at in fresh:
            begins.setdefault(int(at), []).append(mark.sign)
    room = panel.values.size / _MOST_SIGNS
    kept: list[tuple[int, str]] = []
    for at in sorted(begins):
        if panel.second is None and (not kept or at - kept[-1][0] > room):
            kept.append((at, ",".join(begins[at])))
    return kept


def _draw_stages(axes: Axes, group: GroupChart, n: int) -> None:
    stages = group.stages
    if not n or stages[0] is None:
        return
    begins = [0, *(at for at in range(1, n) if stages[at] != stages[at - 1])]
    for begin in begins:
        if begin:
            axes.axvline(begin + 0.5, color=RULE, linewidth=1.0, zorder=1)
        if len(begins) <= 12:
            axes.annotate(
                str(stages[begin]), xy=(begin + 0.5, 1.0), xycoords=("data", "axes fraction"), xytext=(3, -2),
                textcoords="offset points", va="top", fontsize=SMALL - 0.5, color=SOFT,
            )  # fmt: skip


def _limits_beside(axes: Axes, panel: Panel, language: Language) -> None:
    """Write the last limits beside the panel, moved apart where they lie too close to be read."""
    digits = digits_of((panel.values, panel.lower, panel.upper))
    said: list[tuple[float, str, str]] = []
    names = ((panel.lower, text("lower limit")), (panel.centre, text("centre")), (panel.upper, text("upper limit")))
    for line, name in names:
        known = line[~np.isnan(line)]
        if not known.size or (line is panel.lower and known[-1] == 0.0 and panel.kind not in ("mean", "individual")):
            continue
        colour = SOFT if line is panel.centre else ALARM
        said.append((float(known[-1]), f"{name.say(language)} {fixed(float(known[-1]), digits)}", colour))
    low, high = axes.get_ylim()
    height = axes.get_window_extent().height / axes.figure.dpi * 72.0
    places = [(value - low) / (high - low) * height for value, _, _ in said]
    apart = SMALL + 1.5
    moved = [max(place, places[0] + n * apart) for n, place in enumerate(places)]
    # Those pushed up come back down by half, so that the middle one stays near its line.
    shift = max((new - old for new, old in zip(moved, places, strict=True)), default=0.0) / 2.0
    for (value, words, colour), place, new in zip(said, places, moved, strict=True):
        axes.annotate(
            words, xy=(1.0, value), xycoords=("axes fraction", "data"), xytext=(4, new - place - shift),
            textcoords="offset points", va="center", fontsize=SMALL - 0.5, color=colour, annotation_clip=False,
        )  # fmt: skip


def _frame(axes: Axes, panel: Panel) -> None:
    """Leave room above and below for signs, whatever the points do."""
    lines = [panel.values, panel.lower, panel.upper, *(() if panel.second is None else (panel.second,))]
    found = np.concatenate([line[np.isfinite(line)] for line in lines])
    if not found.size:
        return
    low, high = float(found.min()), float(found.max())
    room = 0.12 * (high - low) or 0.1 * abs(high) or 1.0
    axes.set_ylim(low - room, high + room)


def _ticks(axes: Axes, group: GroupChart, n: int) -> None:
    """Number the points, and write the day or the hour below where they have a time."""
    if not n:
        axes.set_xticks([])
        return
    at = np.unique(np.linspace(0, n - 1, min(8, n)).astype(np.int64))
    times = group.points.times()
    labels = []
    for place in at:
        said = count(int(place) + 1)
        if times is not None:
            zone = group.points.rows.zone
            within_day = int(times[-1] - times[0]) < 2 * 86_400_000_000
            said += "\n" + from_us(int(times[place]), zone).strftime("%H:%M" if within_day else "%Y-%m-%d")
        labels.append(said)
    axes.set_xticks(at + 1, labels)


def _legend_lines(drawn: list[tuple[GroupChart, Panel]], language: Language) -> list[str]:
    """Return a line for each rule that flags something: its sign, its words and how often."""
    counted: dict[str, tuple[Text, int]] = {}
    for _, panel in drawn:
        for mark in panel.marks:
            if mark.at.size:
                before = counted.get(mark.sign, (mark.title, 0))[1]
                counted[mark.sign] = (mark.title, before + int(mark.at.size))
    if not counted:
        return [text("No point signals.").say(language)]
    return [
        text("{sign}: {rule} (points: {n})", sign=sign, rule=title, n=count(n)).say(language)
        for sign, (title, n) in sorted(counted.items())
    ]
