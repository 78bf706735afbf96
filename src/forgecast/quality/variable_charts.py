"""Control charts of measured values: means with ranges or deviations, and single values with moving ranges."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.quality.chart_constants import MEDIAN_RANGE_OF_TWO, c4, d2, d3
from forgecast.quality.chart_rules import stage_numbers
from forgecast.quality.scrap import FloatArray, IntArray
from forgecast.quality.shewhart_chart import (
    WIDTH,
    ChartPair,
    ControlChart,
    enough,
    measured,
    ratio,
    stage_count,
    stage_mean,
    stage_sum,
    stages_of,
)

#: How the deviation within subgroups is estimated.
Within: TypeAlias = Literal["range", "deviation", "pooled"]


def mean_and_range(
    groups: ArrayLike,
    *,
    stage: ArrayLike | None = None,
    mean: float | None = None,
    deviation: float | None = None,
    minimum_points: int = 6,
) -> ChartPair:
    """Return charts of subgroup means and ranges.

    Parameters
    ----------
    groups : (n, m) array
        One subgroup a row in order of time; NaN where a value is missing, so subgroups may differ in size.
    stage : (n,) array or None
        Any labels; limits are formed anew wherever the label changes.
    mean, deviation : float or None
        Known mean and standard deviation of a single value (phase II); None means estimated from each stage.
    minimum_points : int
        A stage with fewer subgroups of two or more values gets no limits, unless both are known.

    Raises
    ------
    ForgecastError
        If `groups` has not two dimensions or holds an infinite value.

    Notes
    -----
    Equations: σ = Σ f R/d2 / Σ f with f = d2²/d3² of each subgroup (R̄/d2 where all have one size); limits of means
    x̿ ± 3 σ/√n with x̿ the mean of all values; of ranges d2 σ ± 3 d3 σ, not below zero. Subgroups of one value have
    a mean but no range.
    """
    return _pair(groups, "range", "range", stage, (mean, deviation), minimum_points)


def mean_and_deviation(
    groups: ArrayLike,
    *,
    within: Within = "pooled",
    stage: ArrayLike | None = None,
    mean: float | None = None,
    deviation: float | None = None,
    minimum_points: int = 6,
) -> ChartPair:
    """Return charts of subgroup means and standard deviations.

    Parameters
    ----------
    groups, stage, mean, deviation, minimum_points
        As in `mean_and_range`.
    within : {'range', 'deviation', 'pooled'}
        Estimate of σ: from ranges, from the mean of the subgroups' deviations, or from their pooled variance.

    Raises
    ------
    ForgecastError
        As `mean_and_range`.

    Notes
    -----
    Equations: ``deviation``: σ = Σ h s/c4 / Σ h with h = c4²/(1-c4²); ``pooled``: σ = sp/c4(ν+1), sp² = Σ(n-1)s²/ν,
    ν = Σ(n-1). Limits of deviations: c4 σ ± 3 σ √(1-c4²), not below zero. Weights as Minitab documents them: the
    best linear unbiased ones, since Var(s/c4) = σ²(1-c4²)/c4².
    """
    return _pair(groups, "deviation", within, stage, (mean, deviation), minimum_points)


def individuals_and_moving_range(
    values: ArrayLike,
    *,
    span: int = 2,
    estimate: Literal["mean", "median"] = "mean",
    stage: ArrayLike | None = None,
    mean: float | None = None,
    deviation: float | None = None,
    minimum_points: int = 6,
) -> ChartPair:
    """Return charts of single values and of their moving ranges.

    Parameters
    ----------
    values : (n,) array
        In order of time; NaN where missing.
    span : int
        Values in a moving range, at least 2. None reaches across a missing value or into another stage.
    estimate : {'mean', 'median'}
        Whether σ comes from the mean or the median of the moving ranges (of two only).
    stage, mean, deviation
        As in `mean_and_range`.
    minimum_points : int
        A stage with fewer values, or none of whose values stand together, gets no limits.

    Raises
    ------
    ForgecastError
        If the span is below 2, a median is asked of a longer one, or a value is infinite.

    Notes
    -----
    Equations: σ = mean(MR)/d2(w), or median(MR)/0.954 with w = 2; limits x̄ ± 3σ, and d2 σ ± 3 d3 σ, not below zero.
    """
    x = measured(values, 1)
    if span < 2 or (estimate == "median" and span != 2):
        raise ForgecastError(
            text("moving ranges of {span} values give no such estimate", span=span),
            repair=text("use a span of 2 or more, and of 2 for the median"),
        )
    number = stage_numbers(stage, x.size)
    ranges = _moving_ranges(x, span, number)
    if estimate == "mean":
        sigma = stage_mean(ranges, number) / d2(span)
    else:
        sigma = _stage_median(ranges, number) / MEDIAN_RANGE_OF_TWO
    if deviation is not None:
        sigma = np.full(sigma.shape, deviation)
    middle = stage_mean(x, number) if mean is None else np.full(sigma.shape, mean)
    sound, reasons = enough(stage_count(x, number), 0 if None not in (mean, deviation) else minimum_points)
    sigma, middle = np.where(sound, sigma, np.nan), np.where(sound, middle, np.nan)
    each = sigma[number]
    centre = np.where(np.isnan(each), np.nan, middle[number])
    location = ControlChart(
        "individual", x, centre, centre - WIDTH * each, centre + WIDTH * each, each, number, reasons
    )
    factor = np.full(x.size, float(d2(span)))
    spread = _spread_chart("moving_range", ranges, each, factor, np.full(x.size, float(d3(span))), location)
    freedom = _moving_range_freedom(stage_count(ranges, number), span)
    return ChartPair(location, spread, sigma, freedom)


def _pair(
    groups: ArrayLike,
    plotted: Literal["range", "deviation"],
    within: Within,
    stage: ArrayLike | None,
    known: tuple[float | None, float | None],
    minimum_points: int,
) -> ChartPair:
    x = measured(groups, 2)
    there = ~np.isnan(x)
    n = there.sum(axis=1).astype(np.float64)
    number = stage_numbers(stage, n.size)
    total = np.where(there, x, 0.0).sum(axis=1)
    means = ratio(total, n)
    several = n >= 2.0
    ranges = np.where(
        several,
        np.where(there, x, -np.inf).max(axis=1, initial=-np.inf)
        - np.where(there, x, np.inf).min(axis=1, initial=np.inf),
        np.nan,
    )
    squares = np.where(there, (x - means[:, None]) ** 2, 0.0).sum(axis=1)
    deviations = np.sqrt(ratio(squares, np.where(several, n - 1.0, np.nan)))
    sigma, freedom = _within(within, ranges, deviations, n, number)
    if known[1] is not None:
        sigma = np.full(sigma.shape, known[1])
    middle = ratio(stage_sum(total, number), stage_sum(n, number))
    if known[0] is not None:
        middle = np.full(sigma.shape, known[0])
    sound, reasons = enough(stage_count(ranges, number), 0 if None not in known else minimum_points)
    sigma, middle = np.where(sound, sigma, np.nan), np.where(sound, middle, np.nan)
    each = sigma[number]
    error = each * np.sqrt(ratio(1.0, n))
    centre = middle[number]
    location = ControlChart(
        "mean", means, centre, centre - WIDTH * error, centre + WIDTH * error, error, number, reasons
    )
    if plotted == "range":
        spread = _spread_chart("range", ranges, each, d2(n), d3(n), location)
    else:
        bias = c4(n)
        spread = _spread_chart("deviation", deviations, each, bias, np.sqrt(1.0 - bias**2), location)
    return ChartPair(location, spread, sigma, freedom)


def _within(
    within: Within, ranges: FloatArray, deviations: FloatArray, n: FloatArray, number: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return σ of each stage and the degrees of freedom of the estimate."""
    if within == "pooled":
        ours = np.where(np.isnan(deviations), 0.0, n - 1.0)
        freedom = stage_sum(ours, number)
        variance = ratio(stage_sum(np.where(np.isnan(deviations), 0.0, ours * deviations**2), number), freedom)
        return np.sqrt(variance) / c4(freedom + 1.0), freedom
    mean, spread = (d2(n), d3(n)) if within == "range" else (c4(n), np.sqrt(1.0 - c4(n) ** 2))
    statistic = ranges if within == "range" else deviations
    weight = (mean / spread) ** 2
    sigma = ratio(stage_sum(weight * statistic / mean, number), stage_sum(weight, number))
    # An estimate with relative variance v is worth a chi with about 1/(2v) degrees of freedom; here v = 1/Σweight.
    return sigma, stage_sum(weight, number) / 2.0


def _spread_chart(
    kind: Literal["range", "deviation", "moving_range"],
    points: FloatArray,
    sigma: FloatArray,
    mean: FloatArray,
    spread: FloatArray,
    location: ControlChart,
) -> ControlChart:
    centre, error = mean * sigma, spread * sigma
    lower = np.where(np.isnan(error), np.nan, np.maximum(centre - WIDTH * error, 0.0))
    return ControlChart(
        kind, points, centre, lower, centre + WIDTH * error, error, location.stage, location.why_missing
    )


def _moving_ranges(x: FloatArray, span: int, number: IntArray) -> FloatArray:
    ranges = np.full(x.size, np.nan)
    if x.size < span:
        return ranges
    windows = np.lib.stride_tricks.sliding_window_view(x, span)
    found = windows.max(axis=1) - windows.min(axis=1)
    ranges[span - 1 :] = np.where(number[span - 1 :] == number[: x.size - span + 1], found, np.nan)
    return ranges


def _stage_median(values: FloatArray, number: IntArray) -> FloatArray:
    found = np.full(stages_of(number), np.nan)
    for at in range(found.size):
        ours = values[(number == at) & ~np.isnan(values)]
        found[at] = np.median(ours) if ours.size else np.nan
    return found


def _moving_range_freedom(count: FloatArray, span: int) -> FloatArray:
    """Return the degrees of freedom of a mean of moving ranges, matched by its variance; NaN for spans beyond 2.

    Neighbouring ranges of two share a value: differences correlate by -1/2, and for |D1|, |D2| of a bivariate normal
    pair with correlation ρ and variance 2, E = (4/π)(√(1-ρ²) + ρ asin ρ).
    """
    if span != 2:
        return np.full(count.shape, np.nan)
    mean = 2.0 / np.sqrt(np.pi)
    alone = 2.0 - mean**2
    shared = 4.0 / np.pi * (np.sqrt(0.75) + 0.5 * np.arcsin(0.5)) - mean**2
    k = np.where(count > 0.0, count, np.nan)
    variance = (alone + 2.0 * (k - 1.0) / k * shared) / k
    return np.asarray(mean**2 / (2.0 * variance))
