"""A curve against its limit as SVG: axes with units, the limit named, gaps left open, every exceedance marked."""

from __future__ import annotations

import re
import threading
import unicodedata
from datetime import datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from forgecast.app.report.numbers import ABSENT, count, month_name, pretty_text, pretty_unit, shown, shown_limit
from forgecast.app.report.numbers import shown_limit_with_unit as limit_with_unit
from forgecast.app.report.plot_fonts import set_font
from forgecast.app.report.thin import over, thin
from forgecast.app.report.words import label
from forgecast.ground.texts import Language, text
from forgecast.tasks.assessment import Curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, SOFT, LINE, GRID = "#1f2933", "#52606d", "#2f4b66", "#e4e1da"
LIMIT, GAP = "#c2410c", "#ece9e2"

_WIDTH_IN, _HEIGHT_IN, _TYPE_PT = 7.0, 1.9, 7.5
#: Gaps shorter than this share of the axis stay open in the line but get no band of their own.
_GAP_SHARE = 0.008
#: Room beside the chart for the name of the limit, in small letters.
_LABEL_WIDTH = 15.0
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_PATH = re.compile(r' d="([^"]*)"')
_LOCK = threading.Lock()
#: Dollar signs in a name are dollar signs, and equal charts get equal names inside.
_SETTINGS: Final[Any] = {
    "svg.fonttype": "path",
    "svg.hashsalt": "forgecast",
    "path.simplify": True,
    "text.parse_math": False,
    "text.usetex": False,
}


def curve_svg(curve: Curve, language: Language, zone: str, *, upper: bool = True) -> str:
    """Return a curve as one SVG element; the same curve gives the same bytes.

    Parameters
    ----------
    curve : Curve
    language : Language
    zone : str
        Named on the time axis.
    upper : bool
        Whether the limit bounds from above.
    """
    import matplotlib as mpl  # noqa: PLC0415  (a plain assessment never waits for it)
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    # Settings of matplotlib belong to the whole process, so charts are drawn one after another.
    with _LOCK, mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(_WIDTH_IN, _HEIGHT_IN))
        FigureCanvasSVG(figure)
        axes = figure.add_axes((0.062, 0.245, 0.808, 0.6))
        _draw(axes, curve, language, upper=upper)
        _dress(axes, curve, language, zone)
        drawn = StringIO()
        figure.savefig(drawn, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _slimmed(drawn.getvalue())


def curve_alt(curve: Curve, language: Language, *, upper: bool = True) -> str:
    """Return the curve in a sentence, for readers who cannot see it."""
    values = _array(curve)
    valid = values[np.isfinite(values)]
    if not valid.size:
        return text("{title}: no valid value", title=curve.title.say(language)).say(language)
    extreme = float(valid.max() if upper else valid.min())
    return text(
        "{title}, {first} to {last}: extreme value {extreme} {unit}, limit {limit}; values over the limit: {over}; "
        "without a valid value: {gaps}",
        title=pretty_text(curve.title.say(language)),
        first=curve.t[0],
        last=curve.t[-1],
        extreme=shown(extreme, curve.limit),
        unit=pretty_unit(curve.unit),
        limit=ABSENT if curve.limit is None else shown_limit(curve.limit),
        over=count(int(over(values, curve.limit, upper=upper).sum())),
        gaps=count(int(values.size - valid.size)),
    ).say(language)


def _array(curve: Curve) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in curve.values], dtype=np.float64)


def _times(curve: Curve) -> NDArray[np.datetime64]:
    """Return wall-clock times; the offset of a zone is left out, the axis is local."""
    return np.array([_moment(t) for t in curve.t], dtype="datetime64[s]")


def _moment(t: str) -> datetime:
    return datetime.fromisoformat(f"{t}-01" if len(t) == len("YYYY-MM") else t).replace(tzinfo=None)


def _draw(axes: Axes, curve: Curve, language: Language, *, upper: bool) -> None:
    values, times = _array(curve), _times(curve)
    broken = over(values, curve.limit, upper=upper)
    kept = thin(values, broken)
    step = np.median(np.diff(times)) if times.size > 1 else np.timedelta64(3600, "s")
    if len(curve.t[0]) == len("YYYY-MM") if curve.t else False:
        colours = [LIMIT if is_over else LINE for is_over in broken]
        axes.bar(times, np.nan_to_num(values), width=np.timedelta64(20, "D"), color=colours, zorder=2,
                 label=label("series_axis", language))  # fmt: skip
    else:
        axes.plot(times[kept], values[kept], color=LINE, linewidth=0.7, zorder=2, label=label("series_axis", language))
    if curve.limit is not None:
        _mark_exceedances(axes, times, values, broken, curve.limit, label("over_axis", language))
        axes.axhline(curve.limit, color=LIMIT, linewidth=1.1, dashes=(4, 2), zorder=3)
    _mark_gaps(axes, times, values, step, label("gap_axis", language))
    finite = values[np.isfinite(values)]
    top = max([*finite[finite.size and finite.argmax() :][:1], curve.limit or 0.0, 0.0])
    bottom = min([0.0, *finite[finite.size and finite.argmin() :][:1]])
    axes.set_ylim(bottom * 1.1, (top or 1.0) * 1.12)
    if times.size:
        axes.set_xlim(times[0] - step / 2, times[-1] + step / 2)


def _mark_exceedances(
    axes: Axes,
    times: NDArray[np.datetime64],
    values: NDArray[np.float64],
    broken: NDArray[np.bool_],
    limit: float,
    name: str,
) -> None:
    """Draw each value over the limit as a stroke from the limit to it: one path, however many there are."""
    where = np.flatnonzero(broken)
    if not where.size:
        return
    x = np.repeat(times[where], 3)
    y = np.column_stack((np.full(where.size, limit), values[where], np.full(where.size, np.nan))).ravel()
    axes.plot(x, y, color=LIMIT, linewidth=1.1, solid_capstyle="butt", zorder=4, label=name)


def _mark_gaps(
    axes: Axes, times: NDArray[np.datetime64], values: NDArray[np.float64], step: np.timedelta64, name: str
) -> None:
    missing = ~np.isfinite(values)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], missing, [False])).astype(np.int8)))
    said = ""
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start >= max(1.0, _GAP_SHARE * values.size):
            left, right = times[start] - step / 2, times[end - 1] + step / 2
            axes.axvspan(left, right, color=GAP, linewidth=0, zorder=1, label="" if said else name)
            said = name


def _dress(axes: Axes, curve: Curve, language: Language, zone: str) -> None:
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(SOFT)
    axes.grid(visible=True, axis="y", color=GRID, linewidth=0.6, zorder=0)
    axes.set_axisbelow(True)
    axes.tick_params(axis="both", length=0, colors=SOFT, labelsize=_TYPE_PT, pad=4)
    axes.tick_params(axis="x", length=3)
    if curve.t:
        _time_ticks(axes, _moment(curve.t[0]), _moment(curve.t[-1]), language)
    unit = pretty_unit(curve.unit)
    title = f"{label('value_axis', language)} [{unit}]" if unit else label("value_axis", language)
    axes.annotate(title, xy=(0.0, 1.0), xycoords="axes fraction", xytext=(-27, 8), textcoords="offset points",
                  ha="left", va="bottom", color=SOFT, annotation_clip=False)  # fmt: skip
    zone_label = text("Time ({zone})", zone=zone).say(language)
    axes.annotate(zone_label, xy=(1.0, 0.0), xycoords="axes fraction", xytext=(0, -19), textcoords="offset points",
                  ha="right", va="top", color=SOFT, annotation_clip=False)  # fmt: skip
    if curve.limit is not None:
        number, name = limit_with_unit(curve.limit, curve.unit, ""), ""
        if curve.limit_title is not None:
            name = pretty_text(curve.limit_title.say(language))
        if number.split("\u00a0", maxsplit=1)[0] not in name:
            name = f"{number} {name}".strip()
        axes.annotate(
            _folded(name), xy=(1.0, curve.limit), xycoords=("axes fraction", "data"), xytext=(4, 0),
            textcoords="offset points", va="center", color=LIMIT, annotation_clip=False,
        )  # fmt: skip
    axes.yaxis.set_major_formatter(lambda value, _: shown(round(value, 12)))
    legend = axes.legend(
        loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, frameon=False, fontsize=_TYPE_PT, labelcolor=SOFT,
        handlelength=1.4, columnspacing=1.6, borderaxespad=0.2,
    )  # fmt: skip
    for one in (*axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels(), *legend.get_texts()):
        set_font(one, _TYPE_PT)


def _time_ticks(axes: Axes, left: datetime, right: datetime, language: Language) -> None:
    """Set ticks where a person would: months in a year, days in a month, hours in a day."""
    span = right - left
    ticks: list[datetime] = []
    if span > timedelta(days=62):
        months = (left.year * 12 + left.month - 1, right.year * 12 + right.month)
        stride = 1 if months[1] - months[0] <= 14 else 3 if months[1] - months[0] <= 40 else 12
        ticks = [datetime(m // 12, m % 12 + 1, 1) for m in range(*months) if m % 12 % stride == 0]  # noqa: DTZ001
    elif span > timedelta(days=2):
        stride = max(1, round(span.days / 10))
        first = left.replace(hour=0, minute=0, second=0, microsecond=0)
        ticks = [first + timedelta(days=d) for d in range(0, span.days + 2, stride)]
    else:
        first = left.replace(minute=0, second=0, microsecond=0)
        ticks = [first + timedelta(hours=h) for h in range(0, 50, 4)]
    ticks = [tick for tick in ticks if left <= tick <= right]
    axes.set_xticks(ticks, [_tick(tick, i == 0, span, language) for i, tick in enumerate(ticks)])  # type: ignore[arg-type]


def _tick(tick: datetime, is_first: bool, span: timedelta, language: Language) -> str:  # noqa: FBT001
    if span > timedelta(days=62):
        name = month_name(tick.month, language)
        return f"{name}\n{tick.year}" if is_first or tick.month == 1 else name
    if span > timedelta(days=2):
        return f"{tick:%m-%d}\n{tick.year}" if is_first else f"{tick:%m-%d}"
    return f"{tick:%H:%M}\n{tick:%Y-%m-%d}" if is_first else f"{tick:%H:%M}"


def _folded(name: str) -> str:
    """Break a long limit label into lines that fit beside the chart, at blanks and hyphens where there are any."""
    lines = [""]
    for piece in re.findall(r"[^ -]+[ -]?|[ -]", name.replace("\u00a0", " ")):
        if lines[-1] and _width(lines[-1] + piece.rstrip()) > _LABEL_WIDTH:
            lines.append("")
        lines[-1] += piece
        while _width(lines[-1].rstrip()) > _LABEL_WIDTH:
            cut = next(i for i in range(len(lines[-1]), 0, -1) if i == 1 or _width(lines[-1][:i]) <= _LABEL_WIDTH)
            lines[-1:] = [lines[-1][:cut], lines[-1][cut:]]
    return "\n".join(line.strip() for line in lines)


def _width(sentence: str) -> float:
    """Return a width in small letters: a capital is a third wider, a Chinese character twice as wide."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in sentence)
    return len(sentence) + wide + sum(character.isupper() for character in sentence) / 3


def _slimmed(svg: str) -> str:
    """Return the SVG element alone, its paths with two decimals: half the size, no difference to the eye."""
    body = svg[svg.index("<svg") :]

    def short(path: re.Match[str]) -> str:
        return f' d="{_LONG_NUMBER.sub(lambda m: f"{float(m[0]):.2f}", path[1])}"'

    return _PATH.sub(short, body)
