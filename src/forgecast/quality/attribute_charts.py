"""Control charts of counts: shares and numbers of defective pieces, numbers of defects, and defects a unit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.quality.chart_rules import stage_numbers
from forgecast.quality.scrap import FloatArray, IntArray
from forgecast.quality.shewhart_chart import (
    WIDTH,
    ControlChart,
    enough,
    measured,
    ratio,
    stage_count,
    stage_mean,
    stage_sum,
)

#: Mean moving range of two over standard deviation for a normal distribution, d2 of samples of two.
RANGE_PER_DEVIATION = 2.0 / np.sqrt(np.pi)


def p_chart(
    defective: ArrayLike,
    inspected: ArrayLike,
    *,
    laney: bool = False,
    never_narrower: bool = False,
    stage: ArrayLike | None = None,
    share: float | None = None,
    minimum_points: int = 6,
) -> ControlChart:
    """Return a chart of shares of defective pieces.

    Parameters
    ----------
    defective, inspected : (n,) array
        Counts of each group in order of time; NaN where not on record. A group of none inspected has no share.
    laney : bool
        Limits that take in the usual scatter between groups (p′) instead of those of counting alone.
    never_narrower : bool
        Whether Laney's limits are kept from being narrower than those of counting.
    stage : (n,) array or None
        Any labels; limits are formed anew wherever the label changes.
    share : float or None
        Known share (phase II); None means that of each stage.
    minimum_points : int
        A stage with fewer groups gets no limits, unless the share is known and `laney` is off.

    Raises
    ------
    ForgecastError
        If a count is negative or infinite, or more pieces are defective than were inspected.

    Notes
    -----
    Equations: p̄ = Σk/Σn; limits p̄ ± 3 w √(p̄(1-p̄)/n) within 0 and 1; w = 1, or Laney's σ_z = mean|z_i - z_(i-1)|/1.128
    with z = (p-p̄)/√(p̄(1-p̄)/n), neighbours taken within a stage over groups without a share.
    D. B. Laney, Quality Engineering 14 (2002) 531-537, doi:10.1081/QEN-120003555.
    """
    k, n = _counts(defective, inspected)
    if (k > n).any():
        raise ForgecastError(
            text("a group has more defective pieces than inspected ones"),
            repair=text("check whether both counts are of the same pieces"),
        )
    number = stage_numbers(stage, n.size)
    missing = np.isnan(k) | np.isnan(n) | (n == 0.0)
    k, n = np.where(missing, np.nan, k), np.where(missing, np.nan, n)
    overall = ratio(stage_sum(k, number), stage_sum(n, number))
    if share is not None:
        overall = np.full(overall.shape, share)
    error = np.sqrt(np.maximum(overall * (1.0 - overall), 0.0))[number] * np.sqrt(ratio(1.0, n))
    chart = ControlChart("p", ratio(k, n), overall[number], error, error, error, number)
    needed = 0 if share is not None and not laney else minimum_points
    return _limited(chart, laney=laney, never_narrower=never_narrower, highest=1.0, minimum=needed)


def np_chart(
    defective: ArrayLike,
    inspected: ArrayLike,
    *,
    stage: ArrayLike | None = None,
    share: float | None = None,
    minimum_points: int = 6,
) -> ControlChart:
    """Return a chart of numbers of defective pieces.

    Parameters
    ----------
    defective, inspected, stage, share, minimum_points
        As in `p_chart`. Where groups differ in size, so do centre line and limits.

    Raises
    ------
    ForgecastError
        As `p_chart`.

    Notes
    -----
    Equations: those of `p_chart`, times n.
    """
    shares = p_chart(defective, inspected, stage=stage, share=share, minimum_points=minimum_points)
    k, n = _counts(defective, inspected)
    return replace(
        shares,
        kind="np",
        values=np.where(np.isnan(shares.values), np.nan, k),
        centre=shares.centre * n,
        lower=shares.lower * n,
        upper=shares.upper * n,
        deviation=shares.deviation * n,
    )


def c_chart(
    defects: ArrayLike,
    *,
    stage: ArrayLike | None = None,
    mean: float | None = None,
    minimum_points: int = 6,
) -> ControlChart:
    """Return a chart of numbers of defects in equal groups.

    Parameters
    ----------
    defects : (n,) array
        Counts in order of time; NaN where not on record.
    stage, minimum_points
        As in `p_chart`.
    mean : float or None
        Known mean number (phase II); None means that of each stage.

    Raises
    ------
    ForgecastError
        If a count is negative or infinite.

    Notes
    -----
    Equation: c̄ ± 3 √c̄, not below zero.
    """
    chart = u_chart(defects, np.ones(np.shape(defects)), stage=stage, rate=mean, minimum_points=minimum_points)
    return replace(chart, kind="c")


def u_chart(
    defects: ArrayLike,
    units: ArrayLike,
    *,
    laney: bool = False,
    never_narrower: bool = False,
    stage: ArrayLike | None = None,
    rate: float | None = None,
    minimum_points: int = 6,
) -> ControlChart:
    """Return a chart of defects a unit.

    Parameters
    ----------
    defects : (n,) array
        Counts in order of time; NaN where not on record.
    units : (n,) array
        Pieces, square metres, tonnes … looked at; a group of none has no rate.
    laney, never_narrower, stage, minimum_points
        As in `p_chart`; `laney` makes it a u′ chart.
    rate : float or None
        Known rate (phase II); None means that of each stage.

    Raises
    ------
    ForgecastError
        If a count is negative or infinite.

    Notes
    -----
    Equations: ū = Σc/Σa; limits ū ± 3 w √(ū/a), not below zero; w as in `p_chart`.
    """
    k, a = _counts(defects, units)
    number = stage_numbers(stage, a.size)
    missing = np.isnan(k) | np.isnan(a) | (a == 0.0)
    k, a = np.where(missing, np.nan, k), np.where(missing, np.nan, a)
    overall = ratio(stage_sum(k, number), stage_sum(a, number))
    if rate is not None:
        overall = np.full(overall.shape, rate)
    error = np.sqrt(overall)[number] * np.sqrt(ratio(1.0, a))
    chart = ControlChart("u", ratio(k, a), overall[number], error, error, error, number)
    needed = 0 if rate is not None and not laney else minimum_points
    return _limited(chart, laney=laney, never_narrower=never_narrower, highest=np.inf, minimum=needed)


def laney_widening(values: ArrayLike, centre: ArrayLike, deviation: ArrayLike, stage: IntArray) -> FloatArray:
    """Return how much wider than counting explains the points of each stage scatter, (stages,) float64.

    Parameters
    ----------
    values, centre, deviation : (n,) array
        Shares or rates, their centre line and the deviations counting gives; NaN where missing.
    stage : (n,) int64 array

    Notes
    -----
    Equation: σ_z of `p_chart`. NaN for a stage with fewer than two points; 1 where counting leaves no scatter.
    """
    v, c, d = (np.asarray(a, dtype=np.float64) for a in (values, centre, deviation))
    z = np.where(d == 0.0, 0.0, ratio(v - c, d))
    kept = np.flatnonzero(~np.isnan(z))
    steps = np.full(z.size, np.nan)
    same = stage[kept[1:]] == stage[kept[:-1]]
    steps[kept[1:]] = np.where(same, np.abs(np.diff(z[kept])), np.nan)
    widening = stage_mean(steps, stage) / RANGE_PER_DEVIATION
    counted = np.bincount(stage, weights=np.where(d > 0.0, 1.0, 0.0), minlength=widening.size)
    return np.where((counted == 0.0) & ~np.isnan(widening), 1.0, widening)


def _counts(counts: ArrayLike, groups: ArrayLike) -> tuple[FloatArray, FloatArray]:
    k, n = np.broadcast_arrays(measured(counts, 1), measured(groups, 1))
    if (k < 0.0).any() or (n < 0.0).any():
        raise ForgecastError(
            text("a count is negative"),
            repair=text("correct the count, or leave it empty if it is not known"),
        )
    return k, n


def _limited(chart: ControlChart, *, laney: bool, never_narrower: bool, highest: float, minimum: int) -> ControlChart:
    """Return a chart with its limits, from one that has its points, centre and the deviations of counting."""
    sound, reasons = enough(stage_count(chart.values, chart.stage), minimum)
    keep = sound[chart.stage] & ~np.isnan(chart.values)
    error = chart.deviation
    if laney:
        widening = laney_widening(chart.values, chart.centre, error, chart.stage)
        error = error * (np.maximum(widening, 1.0) if never_narrower else widening)[chart.stage]
    error = np.where(keep, error, np.nan)
    lower = np.where(keep, np.maximum(chart.centre - WIDTH * error, 0.0), np.nan)
    upper = np.where(keep, np.minimum(chart.centre + WIDTH * error, highest), np.nan)
    centre = np.where(sound[chart.stage], chart.centre, np.nan)
    return replace(chart, centre=centre, lower=lower, upper=upper, deviation=error, why_missing=reasons)
