"""How far a sum of amounts times factors is known: drawn by Monte Carlo, each factor once for all that use it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Standard normal quantile of 97.5 %.
_Z = 1.959963984540054
#: Above this relative standard deviation a normal law would give too many negative draws (0.05 % at 0.3).
_NORMAL_UP_TO = 0.3


@dataclass(frozen=True, slots=True)
class Spread:
    """A sum and how far it is known.

    Parameters
    ----------
    value : float
        The sum of the stated values.
    low, high : float
        Bounds of the interval.
    confidence : float
        Of the interval, 0 to 1.
    shares : (k,) float array
        How much of the variance each of the terms' factors and amounts brings, 0 to 1, together 1; all 0 where
        nothing is uncertain.
    unstated : tuple of int
        Terms of which nobody has said how far they are known; they were taken as exact, so the interval is too narrow.
    """

    value: float
    low: float
    high: float
    confidence: float
    shares: NDArray[np.float64]
    unstated: tuple[int, ...]


def spread_of_sum(
    amounts: ArrayLike,
    factors: ArrayLike,
    amount_uncertainty: ArrayLike,
    factor_uncertainty: ArrayLike,
    *,
    factor_of: ArrayLike | None = None,
    draws: int = 20_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Spread:
    r"""Return the spread of :math:`\sum_i a_i f_{j(i)}`.

    Parameters
    ----------
    amounts : (k,) array_like
        Amounts :math:`a_i`.
    factors : (m,) array_like
        Factors :math:`f_j` by unit of their amounts.
    amount_uncertainty : (k,) array_like
        Half width of the 95 % interval, relative; NaN where nobody has said it.
    factor_uncertainty : (m,) array_like
        The same of the factors.
    factor_of : (k,) array_like of int, optional
        Which factor belongs to which amount; without it the i-th to the i-th.
    draws : int
    confidence : float
        0 to 1, exclusive.
    seed : int

    Returns
    -------
    Spread

    Raises
    ------
    ValueError
        If shapes do not fit, a number is not finite, an uncertainty is negative, or the confidence is out of range.

    Notes
    -----
    Up to a relative standard deviation of 0.3 a quantity is drawn from a normal law, above it from a log-normal law of
    the same mean and variance. Amounts are drawn independently, a factor once for all amounts that use it. JCGM
    101:2008 describes the method; shares are first-order ones, squared correlations brought to the sum 1.
    """
    a, f = np.asarray(amounts, np.float64), np.asarray(factors, np.float64)
    ua, uf = np.asarray(amount_uncertainty, np.float64), np.asarray(factor_uncertainty, np.float64)
    of = np.arange(a.size) if factor_of is None else np.asarray(factor_of, np.int64)
    _check(a, f, ua, uf, of, confidence)
    generator = np.random.default_rng(seed)
    drawn_f = _drawn(f, uf, draws, generator)
    total = np.zeros(draws)
    weight = np.zeros(a.size)
    terms = np.empty((a.size, draws))
    for i in range(a.size):
        terms[i] = _drawn(a[i : i + 1], ua[i : i + 1], draws, generator)[0] * drawn_f[of[i]]
        total += terms[i]
    scatter = total - total.mean()
    if np.abs(scatter).max() > 1e-12 * max(abs(float(total.mean())), 1e-300):
        # The covariances of the terms with the sum add up to its variance, whatever they share.
        weight = (terms - terms.mean(axis=1, keepdims=True)) @ scatter / (scatter @ scatter)
    low, high = np.quantile(total, [(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0])
    unstated = np.flatnonzero(np.isnan(ua) | np.isnan(uf[of]))
    return Spread(float(a @ f[of]), float(low), float(high), confidence, weight, tuple(int(i) for i in unstated))


def _drawn(
    value: NDArray[np.float64], half_width: NDArray[np.float64], draws: int, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Return (n, draws) draws around the values."""
    relative = np.nan_to_num(half_width, nan=0.0)[:, None] / _Z
    standard = generator.standard_normal((value.size, draws))
    inner = np.sqrt(np.log1p(relative**2))
    stretched = np.where(
        relative <= _NORMAL_UP_TO, 1.0 + relative * standard, np.exp(inner * standard - inner**2 / 2.0)
    )
    drawn: NDArray[np.float64] = value[:, None] * stretched
    return drawn


def _check(
    a: NDArray[np.float64],
    f: NDArray[np.float64],
    ua: NDArray[np.float64],
    uf: NDArray[np.float64],
    of: NDArray[np.int64],
    confidence: float,
) -> None:
    if a.ndim != 1 or a.shape != ua.shape or f.shape != uf.shape or of.shape != a.shape or a.size == 0:
        message = "amounts, factors and their uncertainties do not fit together"
        raise ValueError(message)
    if not (np.isfinite(a).all() and np.isfinite(f).all()) or (ua < 0.0).any() or (uf < 0.0).any():
        message = "amounts and factors must be finite, uncertainties not negative"
        raise ValueError(message)
    if of.min() < 0 or of.max() >= f.size or not (0.0 < confidence < 1.0) or not math.isfinite(confidence):
        message = "an amount names a factor that is not there, or the confidence is out of range"
        raise ValueError(message)
