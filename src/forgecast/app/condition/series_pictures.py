"""Pictures over time: how a machine spent its hours, changes of level, discords, anomalies."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from forgecast.app.quality.canvas import (
    ALARM,
    CALM,
    INK,
    LINE,
    RULE,
    SMALL,
    SOFT,
    WASH,
    canvas,
    dress,
    heading,
    made_up,
)
from forgecast.app.report.numbers import count, shown
from forgecast.ground.dates import from_us
from forgecast.ground.texts import Language, text
from forgecast.signals.condition.effectiveness import LOSS_TEXTS, Loss, Ratio
from forgecast.tasks.watched import Watched

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from forgecast.tasks.find_anomalies import FoundAnomalies
    from forgecast.tasks.find_changes import FoundChanges
    from forgecast.tasks.find_discords import FoundDiscords
    from forgecast.tasks.rate_machine import MachineRating

_WIDTH: Final = 9.8
#: A change that chance gives more often than this is drawn broken.
_CHANCE: Final = 0.05
#: Points drawn of a long signal: its lowest and highest value in each of half as many stretches.
_DRAWN: Final = 4000
_STATE_COLOURS: Final = {
    "running": CALM, "idle": "#d9a441", "setup": "#8fa3b8", "breakdown": ALARM, "maintenance": "#b9a6c9",
    "waiting_material": "#e2b98f", "waiting_order": RULE, "off": RULE, "not_known": "white",
}  # fmt: skip
_LOSS_COLOURS: Final = {
    Loss.NOT_PLANNED: RULE, Loss.NOT_KNOWN: "white", Loss.BREAKDOWN: ALARM, Loss.SETUP: "#8fa3b8",
    Loss.IDLE: "#d9a441", Loss.WAITING: "#e2b98f", Loss.UNCOUNTED: WASH, Loss.SPEED: "#b58b3b",
    Loss.DEFECTS: "#8c2f0f", Loss.GOOD: CALM,
}  # fmt: skip


def draw_rating(rating: MachineRating, path: Path, language: Language) -> None:
    """Draw where the time went, the four ratios with their bounds, and the states over the period.

    Parameters
    ----------
    rating : MachineRating
    path : Path
        Ends in .svg or .png.
    language : {'en', 'zh'}
    """
    found = rating.effectiveness
    with canvas(path, _WIDTH, 5.4) as figure:
        losses = figure.add_axes((0.34, 0.40, 0.63, 0.43))
        hours = [(loss, found.losses[loss] / 3600.0) for loss in Loss if abs(found.losses[loss]) > 0.0]
        for row, (loss, value) in enumerate(hours):
            losses.barh(row, value, height=0.66, color=_LOSS_COLOURS[loss], edgecolor=SOFT, linewidth=0.5, zorder=2)
            losses.text(max(value, 0.0), row, f"  {shown(value)}", va="center", fontsize=SMALL, color=INK)
        losses.set_yticks(range(len(hours)), [LOSS_TEXTS[loss].say(language) for loss, _ in hours])
        losses.set_ylim(len(hours) - 0.4, -0.6)
        losses.set_xlim(right=1.12 * max((value for _, value in hours), default=1.0))
        losses.set_xlabel(text("time [h]").say(language), fontsize=SMALL, color=SOFT)
        dress(losses, grid="x")
        band = figure.add_axes((0.05, 0.10, 0.92, 0.10))
        origin = found.start
        for one in rating.states:
            band.barh(0, one.seconds / 3600.0, left=(one.start - origin) / 3.6e9, height=1.0,
                      color=_STATE_COLOURS.get(one.state, WASH), linewidth=0)  # fmt: skip
        band.set_xlim(0.0, (found.end - origin) / 3.6e9)
        band.set_yticks([])
        dress(band, grid="x")
        since = text("hours since {start}", start=rating.moment(origin))
        band.set_xlabel(since.say(language), fontsize=SMALL, color=SOFT)
        figure.text(
            0.05, 0.215, text("states; white is not known").say(language), fontsize=SMALL, color=INK, va="bottom"
        )
        ratios = (
            (text("availability"), found.availability), (text("effectiveness"), found.effectiveness),
            (text("quality"), found.quality), (text("OEE"), found.oee),
        )  # fmt: skip
        said = "    ".join(f"{name.say(language)} {_percent(ratio)}" for name, ratio in ratios)
        heading(figure, text("Machine {machine}", machine=rating.machine).say(language), said, left=0.3)


def draw_changes(answer: FoundChanges, path: Path, language: Language) -> None:
    """Draw a signal, its levels, and where they changed with the interval of each place."""
    watched, found = answer.watched, answer.found
    with canvas(path, _WIDTH, 4.4) as figure:
        axes = figure.add_axes((0.08, 0.17, 0.89, 0.62))
        x = _axis(watched, answer.rows)
        _draw_signal(axes, x, answer.values, text("values").say(language))
        axes.plot(x, found.level, color=INK, linewidth=1.4, zorder=4, label=text("mean of the stretch").say(language))
        sure = [one for one in found.changes if one.probability <= _CHANCE]
        for one in found.changes:
            if one in sure:
                label = text("change, and where it may lie").say(language) if one is sure[0] else None
                axes.axvspan(x[one.low], x[min(one.high, x.size - 1)], color=ALARM, alpha=0.22, linewidth=0, zorder=1)
                axes.axvline(x[one.at], color=ALARM, linewidth=1.0, zorder=3, label=label)
            else:
                axes.axvline(x[one.at], color=SOFT, linewidth=0.9, dashes=(3, 2), zorder=3)
        _label(axes, watched, language, season=bool(answer.season))
        dress(axes)
        axes.legend(
            loc="upper left", bbox_to_anchor=(0.0, 1.12), ncols=3, frameon=False, fontsize=SMALL, labelcolor=SOFT
        )
        under = text(
            "{n} changes; {false} found on average in the same signal without changes",
            n=len(found.changes), false="—" if found.false_per_search is None else f"{found.false_per_search:.2g}",
        )  # fmt: skip
        _head(figure, watched, text("Changes of level").say(language), under.say(language), language)


def draw_discords(answer: FoundDiscords, path: Path, language: Language) -> None:
    """Draw a signal with its discords above, and its matrix profile with the threshold below."""
    watched, found = answer.watched, answer.found
    values = watched.columns[0].values
    with canvas(path, _WIDTH, 5.4) as figure:
        above = figure.add_axes((0.08, 0.44, 0.89, 0.39))
        below = figure.add_axes((0.08, 0.13, 0.89, 0.25), sharex=above)
        x = _axis(watched, np.arange(values.size, dtype=np.int64))
        _draw_signal(above, x, values, text("values").say(language))
        for n, one in enumerate(found.discords):
            part = slice(one.at, one.at + found.window)
            label = text("discord").say(language) if n == 0 else None
            above.plot(x[part], values[part], color=ALARM, linewidth=1.3, zorder=4, label=label)
        dress(above)
        above.tick_params(labelbottom=False)
        column = watched.columns[0]
        above.set_ylabel(_named(column.title.say(language), column.unit), fontsize=SMALL, color=SOFT)
        above.legend(loc="upper right", frameon=False, fontsize=SMALL, labelcolor=SOFT)
        below.plot(x[: found.profile.size], found.profile, color=LINE, linewidth=0.8, zorder=3)
        if math.isfinite(found.threshold):
            below.axhline(found.threshold, color=ALARM, linewidth=0.9, dashes=(4, 2), zorder=2)
        half = x[found.profile.size // 2]
        below.axvline(half, color=RULE, linewidth=1.0, zorder=1)
        below.set_ylabel(text("distance [1]").say(language), fontsize=SMALL, color=SOFT)
        _time_axis(below, watched, language)
        dress(below)
        under = text(
            "stretches of {m} values; threshold learnt left of the line, {alarms} alarms right of it", m=found.window,
            alarms=found.alarms,
        )  # fmt: skip
        _head(figure, watched, text("Discords").say(language), under.say(language), language)


def draw_anomalies(answer: FoundAnomalies, path: Path, language: Language) -> None:
    """Draw the score of all rows over time, and which signals made the strongest alarms."""
    from matplotlib.ticker import FuncFormatter  # noqa: PLC0415  (loads slowly)

    watched, found = answer.watched, answer.found
    with canvas(path, _WIDTH, 5.6) as figure:
        above = figure.add_axes((0.08, 0.50, 0.89, 0.33))
        x = _axis(watched, np.arange(found.score.size, dtype=np.int64))
        colours = ((0, RULE, text("learnt from")), (1, "#8fa3b8", text("set the threshold")), (2, LINE, text("judged")))
        for part, colour, words in colours:
            mine = np.flatnonzero((found.part == part) & np.isfinite(found.score))
            mine = mine[:: max(mine.size // _DRAWN, 1)] if mine.size > _DRAWN else mine
            above.plot(x[mine], np.maximum(found.score[mine], 1e-3), linestyle="none", marker=".", markersize=2.2,
                       color=colour, zorder=2, label=words.say(language))  # fmt: skip
        worst = [one.worst for one in found.alarms]
        above.plot(x[worst], found.score[worst], linestyle="none", marker="o", markersize=3, color=ALARM, zorder=4,
                   label=text("alarm").say(language))  # fmt: skip
        above.axhline(1.0, color=ALARM, linewidth=0.9, zorder=3)
        above.set_yscale("log")
        above.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        above.set_ylabel(text("score over threshold [1]").say(language), fontsize=SMALL, color=SOFT)
        _time_axis(above, watched, language)
        dress(above)
        above.legend(loc="upper left", bbox_to_anchor=(0.0, 1.14), ncols=4, frameon=False, fontsize=SMALL,
                     labelcolor=SOFT, markerscale=2.0)  # fmt: skip
        _draw_shares(figure.add_axes((0.30, 0.08, 0.67, 0.25)), answer, language)
        expected = answer.false_per_month
        under = text(
            "{alarms} alarms in {rows} judged rows; sound rows alone would give {expected} a month",
            alarms=len(found.alarms), rows=count(int((found.part == 2).sum())),
            expected="—" if expected is None else f"{expected:.2g}",
        )  # fmt: skip
        _head(figure, watched, text("Anomalies").say(language), under.say(language), language)


def _draw_shares(axes: Axes, answer: FoundAnomalies, language: Language) -> None:
    worst = answer.worst(6)
    names = list(dict.fromkeys(name for one in worst for name, _ in one.shares[:3]))[:8]
    palette = ("#2f4b66", "#c2410c", "#3f7d58", "#d9a441", "#8fa3b8", "#8c2f0f", "#b9a6c9", "#52606d")
    for row, one in enumerate(worst):
        left = 0.0
        for name, share in one.shares:
            colour = palette[names.index(name)] if name in names else WASH
            axes.barh(row, 100.0 * share, left=left, height=0.66, color=colour, linewidth=0, zorder=2)
            left += 100.0 * share
    titles = {column.name: column.title.say(language) for column in answer.watched.columns}
    for name, colour in zip(names, palette, strict=False):
        axes.barh(0, 0.0, color=colour, label=titles.get(name, name))
    said = [f"{answer.place(one.worst)}  ({shown(one.excess)}×)" for one in worst]
    axes.set_yticks(range(len(worst)), said)
    axes.set_ylim(max(len(worst), 1) - 0.4, -0.6)
    axes.set_xlim(0.0, 100.0)
    axes.set_xlabel(text("share of the score of the strongest alarms [%]").say(language), fontsize=SMALL, color=SOFT)
    dress(axes, grid="x")
    if names:
        axes.legend(loc="lower left", bbox_to_anchor=(0.0, 0.98), ncols=4, frameon=False, fontsize=SMALL - 0.5,
                    labelcolor=SOFT, handlelength=1.0)  # fmt: skip


def _percent(ratio: Ratio) -> str:
    value = "—" if ratio.value is None else f"{100.0 * ratio.value:.1f} %"
    if ratio.low is None or ratio.high is None or ratio.high - ratio.low < 5e-4:
        return value
    return f"{value} ({100.0 * ratio.low:.1f}…{100.0 * ratio.high:.1f} %)"


def _axis(watched: Watched, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return days of the local clock (as matplotlib counts them), or the number of the row."""
    if watched.times is None:
        return rows.astype(np.float64)
    from matplotlib.dates import date2num  # noqa: PLC0415  (loads slowly)

    if not rows.size:
        return np.zeros(0)
    first = from_us(int(watched.times[rows[0]]), watched.zone)
    start = datetime(first.year, first.month, first.day, first.hour, first.minute, first.second)  # noqa: DTZ001
    day = float(date2num(start))  # type: ignore[no-untyped-call]
    return np.asarray(day + (watched.times[rows] - watched.times[rows[0]]) / 86_400e6)


def _draw_signal(axes: Axes, x: NDArray[np.float64], values: NDArray[np.float64], label: str) -> None:
    if values.size > _DRAWN:
        step = -(-values.size // (_DRAWN // 2))
        whole = values.size // step * step
        with np.errstate(all="ignore"):
            parts = values[:whole].reshape(-1, step)
            there = np.isfinite(parts).any(axis=1)
            parts = parts[there]
            low, high = np.nanmin(parts, axis=1), np.nanmax(parts, axis=1)
        axes.fill_between(x[:whole:step][there], low, high, color="#8fa3b8", linewidth=0.4, zorder=2, label=label)
        return
    axes.plot(x, values, color="#8fa3b8", linewidth=0.8, zorder=2, label=label)


def _time_axis(axes: Axes, watched: Watched, language: Language) -> None:
    if watched.times is None:
        axes.set_xlabel(text("row").say(language), fontsize=SMALL, color=SOFT)
        return
    from matplotlib.dates import AutoDateLocator, DateFormatter  # noqa: PLC0415

    low, high = axes.get_xlim()
    form = "%Y-%m-%d" if high - low > 5.0 else "%m-%d %H:%M"
    axes.xaxis.set_major_locator(AutoDateLocator(minticks=3, maxticks=8))  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(DateFormatter(form))  # type: ignore[no-untyped-call]
    axes.set_xlabel(text("local time").say(language), fontsize=SMALL, color=SOFT)


def _label(axes: Axes, watched: Watched, language: Language, *, season: bool) -> None:
    column = watched.columns[0]
    words = _named(column.title.say(language), column.unit)
    if season:
        words = text("{name}, season taken out", name=words).say(language)
    axes.set_ylabel(words, fontsize=SMALL, color=SOFT)
    _time_axis(axes, watched, language)


def _named(title: str, unit: str) -> str:
    return f"{title} [{unit}]" if unit else title


def _head(figure, watched: Watched, title: str, under: str, language: Language) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001  (a figure of matplotlib)
    heading(figure, f"{title}: {watched.source}", under + made_up(language, synthetic=watched.synthetic), left=0.3)
