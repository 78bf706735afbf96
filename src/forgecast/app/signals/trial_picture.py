"""The picture of an alarm tried on the past: the series, its limit and deadband, and when it would have rung."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from forgecast.app.quality.canvas import ALARM, CALM, INK, LINE, RULE, SMALL, SOFT, canvas, dress, heading, made_up
from forgecast.app.report.numbers import pretty_unit
from forgecast.ground.dates import DAY_US, zone
from forgecast.ground.texts import Language, text
from forgecast.signals.alarm.definition import KIND_TEXTS, Kind
from forgecast.signals.reading import GOOD
from forgecast.tasks.replay_alarm import Replay

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 9.8, 4.6, 0.78, 1.0, 0.86, 0.8
#: A stretch is drawn in so many columns, each from its lowest to its highest value.
_COLUMNS: Final = 900


def draw_trial(replay: Replay, path: Path, language: Language, zone_name: str, *, synthetic: bool = False) -> None:
    """Draw an alarm tried on the past.

    Parameters
    ----------
    replay : Replay
    path : Path
        Ends in .svg or .png.
    language : Language
    zone_name : str
        IANA time zone of the axis.
    synthetic : bool
        Whether the plant is made up.
    """
    trial = replay.trial
    with canvas(path, _WIDTH, _HEIGHT) as figure:
        wide, tall = (_WIDTH - _LEFT - _RIGHT) / _WIDTH, (_HEIGHT - _TOP - _BOTTOM) / _HEIGHT
        axes = figure.add_axes((_LEFT / _WIDTH, _BOTTOM / _HEIGHT, wide, tall))
        _draw_series(axes, replay, language)
        _draw_limit(axes, replay, language)
        _draw_rings(axes, replay, language)
        dress(axes)
        unit = pretty_unit(replay.unit)
        axes.set_ylabel(f"{trial.alarm.tag} [{unit}]" if unit else trial.alarm.tag, fontsize=SMALL, color=SOFT)
        _date_axis(axes, zone_name)
        axes.set_xlabel(text("time ({zone})", zone=zone_name).say(language), fontsize=SMALL, color=SOFT)
        axes.legend(loc="upper left", bbox_to_anchor=(-0.01, -0.15), ncols=5, frameon=False, fontsize=SMALL,
                    labelcolor=SOFT, handlelength=1.6, borderaxespad=0.0)  # fmt: skip
        under = text(
            "rings: {count} in {days} days, {rate} a day; {share} % of the time in alarm",
            count=len(trial.rings),
            days=f"{trial.days:.3g}",
            rate=f"{trial.per_day:.2g}",
            share=f"{100.0 * trial.active_share:.2g}",
        ).say(language)
        title = text("Alarm tried on the past: {tag} {kind}", tag=trial.alarm.tag, kind=KIND_TEXTS[trial.alarm.kind])
        heading(figure, title.say(language), under + made_up(language, synthetic=synthetic), left=_LEFT)


def _draw_series(axes: Axes, replay: Replay, language: Language) -> None:
    good = replay.readings.flag == GOOD
    x, low, high = _columns(replay.readings.t[good], replay.readings.value[good])
    when = _when(x)
    label = text("readings").say(language)
    if (high > low).any():
        axes.fill_between(when, low, high, color=LINE, linewidth=0.5, edgecolor=LINE, alpha=0.85, zorder=3, label=label)
    else:
        axes.plot(when, low, color=LINE, linewidth=0.9, zorder=3, label=label)
    axes.set_xlim(when[0], when[-1])
    room = 0.06 * float(np.nanmax(high) - np.nanmin(low) or 1.0)
    limit = replay.trial.alarm.limit if _has_level(replay) else float(np.nanmax(high))
    axes.set_ylim(min(float(np.nanmin(low)), limit) - room, max(float(np.nanmax(high)), limit) + room)


def _has_level(replay: Replay) -> bool:
    return replay.trial.alarm.kind not in (Kind.RATE, Kind.STALE)


def _draw_limit(axes: Axes, replay: Replay, language: Language) -> None:
    alarm = replay.trial.alarm
    if not _has_level(replay):
        return
    axes.axhline(alarm.limit, color=ALARM, linewidth=1.1, zorder=4, label=text("limit").say(language))
    axes.annotate(f" {alarm.limit:g}", xy=(1.0, alarm.limit), xycoords=("axes fraction", "data"), fontsize=SMALL,
                  color=ALARM, va="center")  # fmt: skip
    if alarm.deadband > 0.0:
        back = alarm.limit + alarm.deadband * (1.0 if alarm.downwards else -1.0)
        axes.axhspan(min(back, alarm.limit), max(back, alarm.limit), color=RULE, alpha=0.6, linewidth=0, zorder=1,
                     label=text("deadband").say(language))  # fmt: skip


def _draw_rings(axes: Axes, replay: Replay, language: Language) -> None:
    trial = replay.trial
    label: str | None = text("in alarm").say(language)
    for ring in trial.rings:
        start, end = _when(np.array([ring.at, ring.returned_at or trial.end]))
        axes.axvspan(start, end, color=ALARM, alpha=0.18, linewidth=0.4, zorder=2, label=label)
        label = None
    label = text("incident on record").say(language)
    for one in trial.noticed:
        colour = CALM if one.ring is not None else INK
        axes.axvline(_when(np.array([one.known.start]))[0], color=colour, linewidth=1.2, dashes=(4, 2),
                     zorder=5, label=label)  # fmt: skip
        label = None


def _columns(
    t: NDArray[np.int64], value: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return instants with the lowest and highest value of each column; every reading where they are few."""
    if t.size <= 2 * _COLUMNS:
        return t, value, value
    column = np.minimum((t - t[0]) * _COLUMNS // (t[-1] - t[0]), _COLUMNS - 1)
    edges = np.flatnonzero(np.diff(column, prepend=-1))
    low, high = np.minimum.reduceat(value, edges), np.maximum.reduceat(value, edges)
    # Where columns stay empty nothing is known, and nothing is drawn.
    gaps = np.flatnonzero(np.diff(column[edges]) > 2) + 1
    x = np.insert(t[edges], gaps, t[edges[gaps]] - 1)
    return x, np.insert(low, gaps, np.nan), np.insert(high, gaps, np.nan)


def _when(t: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return instants as matplotlib's date axis counts them: days since 1970, UTC."""
    return t / DAY_US


def _date_axis(axes: Axes, zone_name: str) -> None:
    from matplotlib.dates import AutoDateLocator, DateFormatter  # noqa: PLC0415

    place = zone(zone_name)
    locator = AutoDateLocator(tz=place, minticks=4, maxticks=9)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    low, high = axes.get_xlim()
    form = "%H:%M:%S" if high - low < 0.02 else "%m-%d %H:%M" if high - low < 7.0 else "%Y-%m-%d"
    axes.xaxis.set_major_formatter(DateFormatter(form, tz=place))  # type: ignore[no-untyped-call]
