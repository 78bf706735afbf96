"""Trend of monthly figures: the median slope of all pairs of months (Theil and Sen) and its confidence.

Least squares would let one month (a furnace reline, a holiday) tilt the line; the median of pairwise slopes
stands up to nearly 30 % of wild months and needs no distribution.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt
from statistics import NormalDist
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from forgecast.energy.month import FloatArray
from forgecast.ground.dates import month_start
from forgecast.ground.texts import Text, text

Direction: TypeAlias = Literal["rising", "falling", "unclear"]


@dataclass(frozen=True, slots=True)
class Trend:
    """Slope of a monthly figure, or why there is none.

    Parameters
    ----------
    slope_per_year : float or None
        Change in a year, in the figure's unit.
    low_per_year, high_per_year : float or None
        Confidence bounds of the slope; None where the months are too few to bound it.
    direction : {"rising", "falling", "unclear"}
        Rising or falling only where the bounds leave no other sign.
    months : int
        Months with a value.
    why_missing : Text or None
    """

    slope_per_year: float | None
    low_per_year: float | None
    high_per_year: float | None
    direction: Direction
    months: int
    why_missing: Text | None = None


def monthly_trend(
    months: Sequence[str], values: ArrayLike, *, minimum_months: int = 4, confidence: float = 0.95
) -> Trend:
    """Return the trend of a monthly figure.

    Parameters
    ----------
    months : (n,) sequence of str
        ``YYYY-MM``, in any order, each once.
    values : (n,) array
        NaN where a month has no value; it is left out and its place in time is kept.
    minimum_months : int
        Fewer months with a value give no trend.
    confidence : float
        Two-sided, between 0 and 1.

    Notes
    -----
    Equations: b = median of (y_j − y_i)/(t_j − t_i), i < j; bounds are the ordered slopes of rank (N − C)/2
    and (N + C)/2 + 1 with N pairs and C = z √(n (n−1) (2n+5) / 18), rounded outward; ties in y are taken off
    the variance. P. K. Sen, J. Am. Stat. Assoc. 63 (1968) 1379-1389, doi:10.1080/01621459.1968.10480934. The
    normal approximation holds from about ten months; below, the bounds are rough.
    """
    figures = np.asarray(values, dtype=np.float64)
    starts = [month_start(month) for month in months]
    when = np.array([12 * start.year + start.month for start in starts], dtype=np.float64)
    there = np.isfinite(figures)
    y, t = figures[there], when[there]
    n = int(y.size)
    needed = max(minimum_months, 2)
    if n < needed:
        return Trend(
            None, None, None, "unclear", n, text("{n} months have a value; a trend takes {needed}", n=n, needed=needed)
        )
    first, second = np.triu_indices(n, k=1)
    slopes = np.sort((y[second] - y[first]) / (t[second] - t[first])) * 12.0
    low, high = _bounds(slopes, y, confidence)
    direction: Direction = "unclear"
    if low is not None and low > 0.0:
        direction = "rising"
    elif high is not None and high < 0.0:
        direction = "falling"
    return Trend(float(np.median(slopes)), low, high, direction, n)


def _bounds(slopes: FloatArray, y: FloatArray, confidence: float) -> tuple[float | None, float | None]:
    n, pairs = y.size, slopes.size
    ties = np.unique(y, return_counts=True)[1].astype(np.float64)
    variance = (n * (n - 1) * (2 * n + 5) - float((ties * (ties - 1) * (2 * ties + 5)).sum())) / 18.0
    reach = NormalDist().inv_cdf(0.5 + confidence / 2.0) * sqrt(max(variance, 0.0))
    below, above = floor((pairs - reach) / 2.0), ceil((pairs + reach) / 2.0) + 1
    if below < 1 or above > pairs:
        return None, None
    return float(slopes[below - 1]), float(slopes[above - 1])
