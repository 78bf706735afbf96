"""Key figures as a reader sees them, with a small line of their months."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from forgecast.app.report.numbers import ABSENT, pretty_text, shown, shown_with_unit
from forgecast.app.report.words import GROUP_TEXTS, named
from forgecast.ground.texts import Language, text
from forgecast.tasks.assessment import KeyFigure

#: A trend below this share of the figure in a year is called level.
_LEVEL = 0.005
_BLOCKS = "▁▂▃▄▅▆▇█"
_GROUPS = tuple(GROUP_TEXTS)


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A key figure ready to be typeset; `trend` keeps its numbers for drawing."""

    id: str
    title: str
    value: str
    why_missing: str
    arrow: str
    change: str
    basis: str
    trend: tuple[float | None, ...]
    first_month: str
    last_month: str
    span: str
    alt: str


@dataclass(frozen=True, slots=True)
class FigureGroup:
    """Key figures of one group."""

    title: str
    rows: tuple[FigureRow, ...]


def figure_groups(figures: Sequence[KeyFigure], language: Language) -> tuple[FigureGroup, ...]:
    """Return key figures by group, groups in their usual order."""

    def rank(figure: KeyFigure) -> tuple[int, str]:
        known = figure.group in _GROUPS
        return (_GROUPS.index(figure.group) if known else len(_GROUPS), figure.group)

    ordered = sorted(figures, key=rank)
    return tuple(
        FigureGroup(named(GROUP_TEXTS, group, language), tuple(_row(figure, language) for figure in members))
        for group, members in groupby(ordered, key=lambda figure: figure.group)
    )


def spark(values: Sequence[float | None]) -> str:
    """Return months as block characters from the least to the greatest; a dot where a month has no value."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    if not known:
        return ""
    least, span = min(known), max(known) - min(known)

    def block(value: float | None) -> str:
        if value is None or not math.isfinite(value):
            return "·"
        return _BLOCKS[3] if span == 0.0 else _BLOCKS[min(7, int(8 * (value - least) / span))]

    return "".join(block(value) for value in values)


def _row(figure: KeyFigure, language: Language) -> FigureRow:
    arrow, change = _change(figure, language)
    values = tuple(point.value for point in figure.trend)
    known = [value for value in values if value is not None]
    span = "" if not known else f"{shown(min(known))} – {shown_with_unit(max(known), figure.unit)}"
    title = pretty_text(figure.title.say(language))
    return FigureRow(
        id=figure.id,
        title=title,
        value=shown_with_unit(figure.value, figure.unit),
        why_missing="" if figure.why_missing is None else pretty_text(figure.why_missing.say(language)),
        arrow=arrow,
        change=change,
        basis=pretty_text(figure.basis.say(language)),
        trend=values if known else (),
        first_month=figure.trend[0].month if known else "",
        last_month=figure.trend[-1].month if known else "",
        span=span,
        alt=_alt(title, figure, span, len(known), language),
    )


def _change(figure: KeyFigure, language: Language) -> tuple[str, str]:
    """Return an arrow and the change in a year; no colour, since more is good for one figure and bad for another."""
    slope = figure.slope_per_year
    if slope is None or not math.isfinite(slope):
        return "", ABSENT
    known = [abs(point.value) for point in figure.trend if point.value is not None]
    size = abs(figure.value) if figure.value else (sum(known) / len(known) if known else 0.0)
    if abs(slope) <= _LEVEL * size:
        return "→", text("level").say(language)
    sign = "+" if slope > 0.0 else ""
    return ("↗" if slope > 0.0 else "↘"), sign + shown_with_unit(slope, figure.unit)


def _alt(title: str, figure: KeyFigure, span: str, known: int, language: Language) -> str:
    if not known:
        return title
    return text(
        "{title}: {known} of {all} months have a value, from {first} to {last}, range {span}",
        title=title,
        known=known,
        all=len(figure.trend),
        first=figure.trend[0].month,
        last=figure.trend[-1].month,
        span=span,
    ).say(language)


def spark_svg(values: Sequence[float | None], *, width: float = 120.0, height: float = 30.0) -> str:
    """Return months as a line of SVG; it breaks where a month has no value, and its last value has a dot."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    if not known:
        return ""
    least, span = min(known), max(known) - min(known)
    pad = 4.0

    def at(place: int, value: float) -> str:
        x = pad + (width - 2 * pad) * (place / max(1, len(values) - 1))
        y = height / 2 if span == 0.0 else height - pad - (height - 2 * pad) * (value - least) / span
        return f"{x:.1f},{y:.1f}"

    runs: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None or not math.isfinite(value):
            runs.append([])
        else:
            runs[-1].append(at(place, value))
    lines = "".join(
        f'<polyline points="{" ".join(run)}" fill="none" stroke="#2f4b66" stroke-width="1.4" '
        'stroke-linejoin="round" stroke-linecap="round"/>'
        for run in runs
        if len(run) > 1
    )
    dots = [(run[0], 1.4) for run in runs if len(run) == 1]
    last = next(place for place in range(len(values) - 1, -1, -1) if values[place] is not None)
    dots.append((at(last, values[last] or 0.0), 2.4))
    circles = "".join(
        '<circle cx="{}" cy="{}" r="{}" fill="#2f4b66"/>'.format(*point.split(","), radius) for point, radius in dots
    )
    base = (
        f'<line x1="{pad}" y1="{height - 0.5:.1f}" x2="{width - pad}" y2="{height - 0.5:.1f}" stroke="#d8d4cb" '
        'stroke-width="0.8"/>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}">{base}{lines}{circles}</svg>'
    )
