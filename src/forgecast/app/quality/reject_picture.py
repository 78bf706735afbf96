"""A picture of a reject model: how well on which pieces, whether it keeps its promise, for how long, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from forgecast.app.quality.canvas import (
    ALARM,
    CALM,
    INK,
    LINE,
    RULE,
    SMALL,
    SOFT,
    TYPE,
    canvas,
    dress,
    heading,
    made_up,
)
from forgecast.app.report.numbers import count
from forgecast.ground.texts import Language, Text, text
from forgecast.plant.record import record

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from forgecast.quality.reject.score import Estimate
    from forgecast.tasks.learn_rejects import Judged, RejectStudy

#: Room on the sheet [inch].
_WIDTH, _LEFT, _RIGHT, _TOP, _BETWEEN, _BOTTOM = 9.6, 1.95, 0.3, 1.05, 0.95, 0.62
_ROW, _LOW, _GUTTER = 0.27, 2.15, 0.35
#: Judgements and reasons drawn.
MOST: Final = 14
_REASONS: Final = 8


def draw_rejects(study: RejectStudy, path: Path, language: Language) -> None:
    """Draw a study: scores and coverage by what was judged, the later days, and the reasons.

    Parameters
    ----------
    study : RejectStudy
    path : Path
        Ends in .svg or .png.
    language : {'en', 'zh'}
    """
    shown = _drawn(study.judged)
    tall = _ROW * (len(shown) + 0.6)
    height = _TOP + tall + _BETWEEN + _LOW + _BOTTOM
    wide = (_WIDTH - _LEFT - _RIGHT - _GUTTER) / 2
    beside = _LEFT + wide + _GUTTER
    upper = (_BOTTOM + _LOW + _BETWEEN) / height
    with canvas(path, _WIDTH, height) as figure:
        scores = figure.add_axes((_LEFT / _WIDTH, upper, wide / _WIDTH, tall / height))
        _draw_scores(scores, shown, language)
        covered = figure.add_axes((beside / _WIDTH, upper, wide / _WIDTH, tall / height))
        _draw_coverage(covered, shown, study.confidence, language)
        days = figure.add_axes((0.75 / _WIDTH, _BOTTOM / height, (_LEFT + wide - 0.75) / _WIDTH, _LOW / height))
        _draw_days(days, study, language)
        named = beside + 1.55
        reasons = figure.add_axes((named / _WIDTH, _BOTTOM / height, (_WIDTH - _RIGHT - named) / _WIDTH, _LOW / height))
        _draw_reasons(reasons, study, language)
        taken = study.taken
        kind = record(taken.record)
        title = text("Rejects learnt: {record}, by {by}", record=kind.title, by=kind.field(taken.by).header)
        below = text(
            "{pieces} pieces, {rejects} rejects; without {trials} trial shots · bars: 95 % intervals over days",
            pieces=count(len(taken.pieces) - taken.trials),
            rejects=count(taken.rejects),
            trials=count(taken.trials),
        )
        under = below.say(language) + made_up(language, synthetic=taken.synthetic)
        heading(figure, title.say(language), under, left=0.3)


def _drawn(judged: Sequence[Judged]) -> list[Judged]:
    """Return what is drawn: all of it, or the most telling where there are too many moulds."""
    if len(judged) <= MOST:
        return list(judged)
    moulds = sorted((one for one in judged if one.kind == "unseen_mould"), key=lambda one: -one.scores.rejects)
    kept = {id(one) for one in moulds[: MOST - sum(one.kind != "unseen_mould" for one in judged)]}
    return [one for one in judged if one.kind != "unseen_mould" or id(one) in kept]


def _name(one: Judged) -> Text:
    moulds = ", ".join(one.moulds[:2]) + ("…" if len(one.moulds) > 2 else "")
    match one.kind:
        case "later":
            return text("later days")
        case "new_mould":
            return text("{moulds}: new", moulds=moulds)
        case "unseen_mould":
            return text("{moulds}: never seen", moulds=moulds)
        case _:
            return text("by lot (flatters)")


def _draw_scores(axes: Axes, shown: Sequence[Judged], language: Language) -> None:
    dress(axes, grid="x")
    for place, one in enumerate(reversed(shown)):
        colour = SOFT if one.flatters else LINE
        _bar(axes, one.scores.precision, place, colour, hollow=one.flatters)
        axes.plot([100.0 * one.scores.seen.value], [place], marker="|", markersize=9, color=ALARM, zorder=4)
    axes.set(xlim=(-2.0, 102.0), ylim=(-0.7, len(shown) - 0.3))
    axes.set_yticks(range(len(shown)), [_name(one).say(language) for one in reversed(shown)])
    axes.tick_params(axis="y", labelsize=TYPE, labelcolor=INK, pad=6)
    axes.set_xlabel(text("average precision [%]; red: by lot").say(language), color=SOFT, size=TYPE)


def _draw_coverage(axes: Axes, shown: Sequence[Judged], confidence: float, language: Language) -> None:
    dress(axes, grid="x")
    axes.axvline(100.0 * confidence, color=INK, linewidth=0.9, dashes=(4, 3), zorder=1)
    for place, one in enumerate(reversed(shown)):
        _bar(axes, one.scores.good_covered, place + 0.15, CALM, hollow=one.flatters)
        _bar(axes, one.scores.reject_covered, place - 0.15, ALARM, hollow=one.flatters)
    axes.set(xlim=(-2.0, 102.0), ylim=(-0.7, len(shown) - 0.3))
    axes.set_yticks([])
    label = text("true result among the possible ones [%]; dashed: promised").say(language)
    axes.set_xlabel(label, color=SOFT, size=TYPE)
    for name, colour, at in ((text("good pieces"), CALM, 0.0), (text("rejects"), ALARM, 0.28)):
        axes.annotate(
            "● " + name.say(language), xy=(at, 1.0), xytext=(0, 5), xycoords="axes fraction",
            textcoords="offset points", color=colour, fontsize=SMALL,
        )  # fmt: skip


def _bar(axes: Axes, estimate: Estimate, place: float, colour: str, *, hollow: bool) -> None:
    if not np.isfinite(estimate.value):
        return
    if np.isfinite(estimate.low):
        axes.plot([100.0 * estimate.low, 100.0 * estimate.high], [place, place], color=colour, linewidth=1.4, zorder=2)
    axes.plot(
        [100.0 * estimate.value], [place], marker="o", markersize=4.5, color=colour, zorder=3,
        markerfacecolor="white" if hollow else colour,
    )  # fmt: skip


def _draw_days(axes: Axes, study: RejectStudy, language: Language) -> None:
    watch = study.watch
    dress(axes)
    axes.set_title(text("The days after learning").say(language), loc="left", fontsize=TYPE, color=INK, pad=16)
    if not watch.days.size:
        axes.text(0.5, 0.5, text("no day with enough pieces").say(language), transform=axes.transAxes, ha="center",
                  color=SOFT, fontsize=TYPE)  # fmt: skip
        return
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    good = np.where(watch.results[:, 0] > 0, watch.results[:, 0], 1)
    lines = (
        (text("good covered"), watch.covered[:, 0] / good, CALM),
        (text("abstained"), watch.cannot_tell / watch.pieces, LINE),
        (text("outside all learnt"), watch.outside / watch.pieces, ALARM),
    )
    axes.axhline(100.0 * watch.confidence, color=INK, linewidth=0.9, dashes=(4, 3), zorder=1)
    for at, (name, share, colour) in enumerate(lines):
        axes.plot(watch.days, 100.0 * share, color=colour, linewidth=1.3, marker="o", markersize=2.6, zorder=3)
        axes.annotate(
            "● " + name.say(language), xy=(0.27 * at, 1.0), xytext=(0, 4), xycoords="axes fraction",
            textcoords="offset points", color=colour, fontsize=SMALL,
        )  # fmt: skip
    axes.set(xlim=(watch.days[0] - 0.5, watch.days[-1] + 0.5), ylim=(-3.0, 103.0))
    axes.set_ylabel(text("share of the pieces [%]").say(language), color=SOFT, size=TYPE)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True, min_n_ticks=1))
    axes.xaxis.set_major_formatter(lambda day, _: date.fromordinal(max(int(day), 1)).isoformat())


def _draw_reasons(axes: Axes, study: RejectStudy, language: Language) -> None:
    dress(axes, grid="x")
    told = [one for one in study.reasons[:_REASONS] if one.push > 0.0]
    place = np.arange(len(told), 0, -1)
    axes.barh(place, [100.0 * one.push for one in told], height=0.6, color=LINE, zorder=2)
    axes.set_yticks(place, [one.feature.title.say(language) for one in told])
    axes.tick_params(axis="y", labelsize=SMALL, labelcolor=INK, pad=5)
    axes.axvline(0.0, color=RULE, linewidth=0.9)
    axes.set_ylim(0.3, max(len(told), 1) + 0.7)
    axes.set_xlabel(text("push [points]").say(language), color=SOFT, size=TYPE)
    title = text("What makes the most suspect later pieces suspect").say(language)
    axes.set_title(title, loc="right", fontsize=TYPE, color=INK, pad=6)
