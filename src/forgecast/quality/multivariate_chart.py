"""Hotelling's T²: several measured values watched together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.quality.chart_rules import BoolArray
from forgecast.quality.scrap import FloatArray
from forgecast.quality.shewhart_chart import measured


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """What phase I learnt.

    Parameters
    ----------
    mean : (p,) float64 array
    covariance : (p, p) float64 array
        Of a single observation (within subgroups where there are any).
    points : int
        Observations or subgroups it was learnt from.
    size : int
        Observations in a subgroup; 1 where there are none.
    """

    mean: FloatArray
    covariance: FloatArray
    points: int
    size: int


@dataclass(frozen=True, slots=True, eq=False)
class TSquaredChart:
    """A T² chart.

    Parameters
    ----------
    values : (n,) float64 array
        T² of each point; NaN where a value of it is missing.
    upper : float
    signal : (n,) bool array
    contributions : (n, p) float64 array
        By how much T² would be less without each value (never negative): where to look first.
    baseline : Baseline
    """

    values: FloatArray
    upper: float
    signal: BoolArray
    contributions: FloatArray
    baseline: Baseline


def t_squared_phase_one(observations: ArrayLike, *, false_alarm: float = 0.0027) -> TSquaredChart:
    """Return the T² chart of the points it is learnt from.

    Parameters
    ----------
    observations : (n, p) or (n, m, p) array
        Single observations, or subgroups of m, of p values; NaN where missing. A point with a missing value teaches
        nothing and has no T².
    false_alarm : float
        Probability that one point in control lies beyond the limit, between 0 and 1.

    Raises
    ------
    ForgecastError
        If there are too few whole points for the number of values, or values depend on each other linearly.

    Notes
    -----
    Equations: T² = n (x̄-x̿)' S⁻¹ (x̄-x̿). Single observations: S the sample covariance, limit
    (m-1)²/m B(1-α; p/2, (m-p-1)/2): N. D. Tracy, J. C. Young and R. L. Mason, Journal of Quality Technology 24 (1992)
    88-95, doi:10.1080/00224065.1992.12015232. Subgroups of n: S the mean of their covariances, limit
    p(m-1)(n-1)/(mn-m-p+1) F(1-α; p, mn-m-p+1).
    """
    x = _stacked(observations)
    whole = ~np.isnan(x).any(axis=(1, 2))
    m, n, p = int(whole.sum()), x.shape[1], x.shape[2]
    freedom = m - p - 1 if n == 1 else m * n - m - p + 1
    if freedom < 1 or m < 2:
        raise ForgecastError(
            text("{points} whole points are too few for T² of {values} values", points=m, values=p),
            repair=text("give more points, or watch fewer values together"),
        )
    means = x[whole].mean(axis=1)
    centre = means.mean(axis=0)
    if n == 1:
        spread = (means - centre).T @ (means - centre) / (m - 1.0)
        upper = (m - 1.0) ** 2 / m * float(scipy.special.betaincinv(p / 2.0, freedom / 2.0, 1.0 - false_alarm))
    else:
        within = x[whole] - means[:, None, :]
        spread = np.einsum("gij,gik->jk", within, within) / (m * (n - 1.0))
        quantile = float(scipy.special.fdtri(p, freedom, 1.0 - false_alarm))
        upper = p * (m - 1.0) * (n - 1.0) / freedom * quantile
    return _chart(x, Baseline(centre, spread, m, n), upper)


def t_squared_phase_two(observations: ArrayLike, baseline: Baseline, *, false_alarm: float = 0.0027) -> TSquaredChart:
    """Return the T² chart of new points against what phase I learnt.

    Parameters
    ----------
    observations : (n, p) or (n, m, p) array
        As in phase I: subgroups of the same size, the same values in the same order.
    baseline : Baseline
    false_alarm : float
        As in `t_squared_phase_one`.

    Raises
    ------
    ForgecastError
        If number of values or size of subgroups differ from phase I.

    Notes
    -----
    Equations: limit p(m+1)(m-1)/(m(m-p)) F(1-α; p, m-p) for single observations; p(m+1)(n-1)/(mn-m-p+1)
    F(1-α; p, mn-m-p+1) for subgroups. Source as for phase I.
    """
    x = _stacked(observations)
    m, n, p = baseline.points, baseline.size, baseline.mean.size
    if x.shape[1:] != (n, p):
        raise ForgecastError(
            text("the new points have {got} values, those of phase I {want}", got=str(x.shape[1:]), want=str((n, p))),
            repair=text("give the same values, in subgroups of the same size"),
        )
    if n == 1:
        upper = p * (m + 1.0) * (m - 1.0) / (m * (m - p)) * float(scipy.special.fdtri(p, m - p, 1.0 - false_alarm))
    else:
        freedom = m * n - m - p + 1
        upper = p * (m + 1.0) * (n - 1.0) / freedom * float(scipy.special.fdtri(p, freedom, 1.0 - false_alarm))
    return _chart(x, baseline, upper)


def _stacked(observations: ArrayLike) -> FloatArray:
    """Return observations as (points, size of subgroup, values)."""
    dimensions = np.ndim(observations)
    found = measured(observations, 3 if dimensions == 3 else 2)
    return found if dimensions == 3 else found[:, None, :]


def _chart(x: FloatArray, baseline: Baseline, upper: float) -> TSquaredChart:
    scale = np.sqrt(np.diag(baseline.covariance))
    # Correlations, not covariances: whether values depend on each other must not hang on their units.
    correlation = baseline.covariance / np.outer(scale, scale) if (scale > 0.0).all() else np.zeros((1, 1))
    if np.linalg.matrix_rank(correlation, hermitian=True) < scale.size:
        raise ForgecastError(
            text("the values depend on each other linearly, or one does not vary; T² cannot be formed"),
            repair=text("leave out values that follow from the others, such as a sum of them"),
        )
    inverse = np.linalg.inv(correlation)
    away = np.sqrt(baseline.size) * (x.mean(axis=1) - baseline.mean) / scale
    pulled = away @ inverse
    values = (pulled * away).sum(axis=1)
    # Leaving value j out lowers d' R⁻¹ d by (R⁻¹d)_j² / (R⁻¹)_jj.
    contributions = pulled**2 / np.diag(inverse)
    return TSquaredChart(values, upper, np.asarray(values > upper), contributions, baseline)
