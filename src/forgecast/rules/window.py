"""Window statistics: day means, rolling means, percentiles of hourly values, each with its own least number of hours.

A window counts only if enough of the hours due in it are valid; one that does not is missing, never zero. Hours due
are those the figure names; where it names none, every hour of the window.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import HOUR_US, day_start_us, local_day, next_month
from forgecast.ground.texts import Text, bilingual
from forgecast.rules.binding import Stretch
from forgecast.rules.book import Parameter, Span, Statistic, Window
from forgecast.rules.fact import HourlyFigure, WindowFigure

SPAN_TEXTS: dict[Span, Text] = {
    Span.DAY: bilingual("day", "日"),
    Span.MONTH: bilingual("month", "月"),
    Span.PERIOD: bilingual("period", "时段"),
    Span.ROLLING: bilingual("rolling window", "滑动窗口"),
}
Hours = NDArray[np.int64]


def windowed(figure: HourlyFigure, window: Window, numbers: Mapping[str, Parameter], stretch: Stretch) -> WindowFigure:
    """Return the statistic of the windows that lie wholly in a stretch.

    Parameters
    ----------
    figure : HourlyFigure
    window : Window
    numbers : mapping of str to Parameter
        The book's numbers, by name; those the window names must be verified.
    stretch : Stretch
        Days on which one limit holds; a window that is cut by its ends is not due (a month that begins before the
        limit is no month under it).
    """
    least = numbers[window.valid]
    first, last = (_hour(day, figure.zone) for day in (stretch.start, stretch.end))
    due = np.arange(first, last, dtype=np.int64) if figure.due is None else figure.due
    sound = np.isfinite(figure.values)
    hours, values = figure.hours[sound], figure.values[sound]
    days, found, expected = [], [], 0
    for begin, end in _windows(window, numbers, figure.zone, stretch):
        wanted = int(np.searchsorted(due, end) - np.searchsorted(due, begin))
        if wanted == 0:
            continue
        expected += 1
        low, high = np.searchsorted(hours, (begin, end))
        needed = least.value if least.unit == "h" else wanted * least.value / 100.0
        # One part in 10⁹: 75 % of 24 h is 18 h whatever the last bits say.
        if high == low or high - low < needed * (1.0 - 1e-9):
            continue
        days.append(local_day(begin * HOUR_US, figure.zone))
        found.append(_statistic(window, numbers, values[low:high]))
    return WindowFigure(
        figure.name,
        figure.unit,
        tuple(days),
        np.asarray(found, dtype=np.float64),
        expected,
        _what(window, numbers),
        figure.origin,
        figure.uncertainty,
    )


def _hour(day: date, zone: str) -> int:
    return -(-day_start_us(day, zone) // HOUR_US)


def _windows(
    window: Window, numbers: Mapping[str, Parameter], zone: str, stretch: Stretch
) -> Iterator[tuple[int, int]]:
    """Yield first hour and first hour after each window."""
    if window.over is Span.ROLLING:
        length = int(numbers[window.hours].value)
        first, last = _hour(stretch.start, zone), _hour(stretch.end, zone)
        yield from ((begin, begin + length) for begin in range(first, last - length + 1))
        return
    begin = stretch.start
    if window.over is Span.MONTH and begin.day > 1:
        begin = next_month(begin.replace(day=1))
    while begin < stretch.end:
        end = stretch.end
        if window.over is Span.DAY:
            end = begin + timedelta(days=1)
        elif window.over is Span.MONTH:
            end = next_month(begin)
        if end > stretch.end:
            return
        yield _hour(begin, zone), _hour(end, zone)
        begin = end


def _statistic(window: Window, numbers: Mapping[str, Parameter], values: NDArray[np.float64]) -> float:
    if window.statistic is Statistic.MEAN:
        return float(values.mean())
    # The smallest value that at least so many per cent of the hours do not exceed: no value is made up between two.
    return float(np.percentile(values, numbers[window.percent].value, method="inverted_cdf"))


def _what(window: Window, numbers: Mapping[str, Parameter]) -> Text:
    least = numbers[window.valid]
    said = f"{least.value:g} {least.unit}"
    over = SPAN_TEXTS[window.over]
    if window.over is Span.ROLLING:
        hours = numbers[window.hours]
        over = bilingual("{hours} h", "{hours} h滑动", hours=f"{hours.value:g}")
    if window.statistic is Statistic.MEAN:
        return bilingual(
            "mean of each {over} with {least} of valid hours or more",
            "每个{over}的均值（有效小时不少于{least}）",
            over=over, least=said,
        )  # fmt: skip
    return bilingual(
        "{percent} % percentile of each {over} with {least} of valid hours or more",
        "每个{over}的{percent}%分位数（有效小时不少于{least}）",
        percent=f"{numbers[window.percent].value:g}", over=over, least=said,
    )  # fmt: skip
