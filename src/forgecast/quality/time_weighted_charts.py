"""Control charts that remember: EWMA and tabular CUSUM of plotted points whose mean and deviation are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.quality.chart_rules import BoolArray, run_lengths, stage_numbers
from forgecast.quality.scrap import FloatArray, IntArray
from forgecast.quality.shewhart_chart import measured, stages_of


@dataclass(frozen=True, slots=True, eq=False)
class EwmaChart:
    """A chart of exponentially weighted means.

    Parameters
    ----------
    values, centre, lower, upper : (n,) float64 array
        The weighted mean at each point, its centre line and limits; NaN where the point is missing.
    signal : (n,) bool array
    """

    values: FloatArray
    centre: FloatArray
    lower: FloatArray
    upper: FloatArray
    signal: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class CusumChart:
    """A tabular CUSUM.

    Parameters
    ----------
    above, below : (n,) float64 array
        Sums of what lies above and below the mean by more than the allowance, both at least 0
        [standard deviations of the point]; NaN where the point is missing.
    limit : float
        Decision interval [standard deviations of the point].
    signal : (n,) bool array
    since_above, since_below : (n,) int64 array
        Points for which each sum has been above zero without a break. Where a sum signals, the shift is likely to have
        begun that many points ago.
    """

    above: FloatArray
    below: FloatArray
    limit: float
    signal: BoolArray
    since_above: IntArray
    since_below: IntArray


def ewma_chart(
    values: ArrayLike,
    *,
    mean: ArrayLike,
    deviation: ArrayLike,
    weight: float = 0.2,
    width: float = 3.0,
    settled: bool = False,
    stage: ArrayLike | None = None,
) -> EwmaChart:
    """Return an EWMA chart.

    Parameters
    ----------
    values : (n,) array
        Points in order of time (single values or means of subgroups); NaN where missing.
    mean, deviation : (n,) array or float
        Mean and standard deviation of the *points*, as centre line and deviation of a Shewhart chart give them.
    weight : float
        Of the newest point, λ, above 0 and at most 1.
    width : float
        Half the width of the limits in standard deviations of the weighted mean.
    settled : bool
        Whether the limits are those of a long run from the first point on.
    stage : (n,) array or None
        Any labels; wherever the label changes the weighted mean starts anew at the centre line.

    Raises
    ------
    ForgecastError
        If the weight is not above 0 and at most 1, or a value is infinite.

    Notes
    -----
    Equations: z_i = λ x_i + (1-λ) z_(i-1), z_0 = μ; Var z_i = λ² σ_i² + (1-λ)² Var z_(i-1), which is
    σ² λ/(2-λ) (1-(1-λ)^2i) where all points have one deviation, and tends to σ² λ/(2-λ). A missing point leaves
    both as they are. S. W. Roberts, Technometrics 1 (1959) 239-250, doi:10.1080/00401706.1959.10489860.
    """
    if not 0.0 < weight <= 1.0:
        raise ForgecastError(
            text("the weight {weight} is not above 0 and at most 1", weight=weight),
            repair=text("use 0.05 to 0.4 for small shifts; 1 gives a Shewhart chart"),
        )
    x, mu, sigma, number = _points(values, mean, deviation, stage)
    known = np.flatnonzero(~np.isnan((x - mu) * sigma))
    off, variance = np.full(x.size, np.nan), np.full(x.size, np.nan)
    for ours in _by_stage(known, number):
        off[ours] = _smoothed(weight * (x - mu)[ours], 1.0 - weight)
        variance[ours] = _smoothed((weight * sigma[ours]) ** 2, (1.0 - weight) ** 2)
    if settled:
        variance = np.where(np.isnan(off), np.nan, sigma**2 * weight / (2.0 - weight))
    half = width * np.sqrt(variance)
    centre = np.where(np.isnan(off), np.nan, mu)
    return EwmaChart(mu + off, centre, centre - half, centre + half, np.asarray(np.abs(off) > half))


def cusum_chart(
    values: ArrayLike,
    *,
    mean: ArrayLike,
    deviation: ArrayLike,
    allowance: float = 0.5,
    limit: float = 4.0,
    headstart: float = 0.0,
    stage: ArrayLike | None = None,
) -> CusumChart:
    """Return a two-sided tabular CUSUM.

    Parameters
    ----------
    values, mean, deviation, stage
        As in `ewma_chart`; in every stage the sums start anew.
    allowance : float
        k, half the shift to be found [standard deviations of the point].
    limit : float
        h, decision interval [standard deviations of the point].
    headstart : float
        Value from which both sums start; half the limit finds a process that is off from the beginning sooner.

    Raises
    ------
    ForgecastError
        If allowance or headstart is negative, the limit is not above the headstart, or a value is infinite.

    Notes
    -----
    Equations: C+_i = max(0, C+_(i-1) + z_i - k), C-_i = max(0, C-_(i-1) - z_i - k), z = (x-μ)/σ; signal beyond h.
    The recursion is S_i - min(-C_0, min_(j≤i) S_j) with S the plain cumulative sum. The sums go on after a signal; a
    missing point leaves them as they are. E. S. Page, Biometrika 41 (1954) 100-115, doi:10.1093/biomet/41.1-2.100.
    """
    if allowance < 0.0 or headstart < 0.0 or limit <= headstart:
        raise ForgecastError(
            text("allowance {k}, headstart {start} and limit {h} make no CUSUM", k=allowance, start=headstart, h=limit),
            repair=text("give an allowance and a headstart of at least 0 and a limit above the headstart"),
        )
    x, mu, sigma, number = _points(values, mean, deviation, stage)
    usable = np.where(sigma > 0.0, sigma, np.nan)
    z = (x - mu) / usable
    known = np.flatnonzero(~np.isnan(z))
    above, below = np.full(x.size, np.nan), np.full(x.size, np.nan)
    since_above, since_below = np.zeros(x.size, dtype=np.int64), np.zeros(x.size, dtype=np.int64)
    for ours in _by_stage(known, number):
        start = np.zeros(ours.size, dtype=np.int64)
        for sums, since, signed in ((above, since_above, z[ours]), (below, since_below, -z[ours])):
            total = np.cumsum(signed - allowance)
            sums[ours] = total - np.minimum(-headstart, np.minimum.accumulate(total))
            since[ours] = run_lengths(sums[ours] > 0.0, start)
    return CusumChart(above, below, limit, np.asarray((above > limit) | (below > limit)), since_above, since_below)


def _points(
    values: ArrayLike, mean: ArrayLike, deviation: ArrayLike, stage: ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray, IntArray]:
    x = measured(values, 1)
    mu, sigma = (np.broadcast_to(np.asarray(a, dtype=np.float64), x.shape) for a in (mean, deviation))
    return x, mu, sigma, stage_numbers(stage, x.size)


def _by_stage(known: IntArray, number: IntArray) -> list[IntArray]:
    """Return the positions of the points that are there, stage by stage; stages without one left out."""
    cuts = np.searchsorted(number[known], np.arange(1, stages_of(number)))
    return [ours for ours in np.split(known, cuts) if ours.size]


def _smoothed(steps: FloatArray, kept: float) -> FloatArray:
    """Return y_i = steps_i + kept y_(i-1) from y_0 = 0 before the first."""
    from scipy.signal import lfilter  # noqa: PLC0415  (loads slowly)

    return np.asarray(lfilter([1.0], [1.0, -kept], steps), dtype=np.float64)
