"""Constants of control charts for normal samples (c4, d2, d3), computed for any sample size, not tabulated."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np
import scipy
from numpy.typing import ArrayLike

from forgecast.quality.scrap import FloatArray

#: Median moving range of two over standard deviation: sqrt(2) times the upper quartile of the normal distribution.
MEDIAN_RANGE_OF_TWO = math.sqrt(2.0) * NormalDist().inv_cdf(0.75)

#: Where the integrals over the range end: the range of 10^6 normal values passes 18 deviations once in 10^12 samples.
_WIDEST_RANGE = 18.0


def c4(size: ArrayLike) -> FloatArray:
    """Return the mean of the sample standard deviation over the true one.

    Parameters
    ----------
    size : (n,) array
        Values in a sample.

    Returns
    -------
    (n,) float64 array
        [1]; NaN for samples of fewer than two.

    Notes
    -----
    Equation: c4 = sqrt(2/(n-1)) Γ(n/2) / Γ((n-1)/2), from the chi distribution of s.
    """
    n = np.asarray(size, dtype=np.float64)
    some = np.where(n >= 2.0, n, 2.0)
    value = np.sqrt(2.0 / (some - 1.0)) * np.exp(
        scipy.special.gammaln(some / 2.0) - scipy.special.gammaln((some - 1.0) / 2.0)
    )
    return np.where(n >= 2.0, value, np.nan)


def d2(size: ArrayLike) -> FloatArray:
    """Return the mean of the sample range over the standard deviation, (n,) float64; NaN for fewer than two.

    Parameters
    ----------
    size : (n,) array of whole numbers
        Values in a sample.

    Notes
    -----
    Equation: d2 = ∫ (1 - F(r)) dr with F(r) = n ∫ φ(x) (Φ(x+r) - Φ(x))^(n-1) dx, the distribution of the range.
    L. H. C. Tippett, Biometrika 17 (1925) 364-387 (not read; derived and proved here).
    """
    return _by_size(size, 0)


def d3(size: ArrayLike) -> FloatArray:
    """Return the standard deviation of the sample range over that of a value, (n,) float64; NaN for fewer than two.

    Parameters
    ----------
    size : (n,) array of whole numbers
        Values in a sample.

    Notes
    -----
    Equation: d3² = 2 ∫ r (1 - F(r)) dr - d2²; F as in `d2`.
    """
    return _by_size(size, 1)


def d2_star(size: int, samples: int) -> float:
    """Return the constant that makes the mean range of few samples an estimate whose *square* is unbiased.

    Parameters
    ----------
    size : int
        Values in a sample.
    samples : int
        Samples whose ranges are averaged.

    Notes
    -----
    Equation: d2* = sqrt(d2² + d3²/g), because E[R̄²] = σ² (d2² + d3²/g). Used by gauge studies, where one range of
    the operators' means is all there is.
    """
    return float(np.sqrt(d2(size) ** 2 + d3(size) ** 2 / samples))


def _by_size(size: ArrayLike, which: int) -> FloatArray:
    n = np.asarray(size)
    sizes, inverse = np.unique(n, return_inverse=True)
    found = np.array([_range_moments(int(one))[which] if one >= 2 else np.nan for one in sizes], dtype=np.float64)
    return np.asarray(found[inverse].reshape(n.shape))


@lru_cache(maxsize=256)
def _range_moments(size: int) -> tuple[float, float]:
    nodes, weights = np.polynomial.legendre.leggauss(160)
    r = (nodes + 1.0) * _WIDEST_RANGE / 2.0
    # Equal steps integrate a smooth function that dies out at both ends to rounding.
    x = np.linspace(-_WIDEST_RANGE - 9.0, 9.0, 1401)
    density = np.exp(-0.5 * x**2) / np.sqrt(2.0 * np.pi)
    between = scipy.special.ndtr(x[None, :] + r[:, None]) - scipy.special.ndtr(x)[None, :]
    beyond = 1.0 - size * (density * between ** (size - 1)).sum(axis=1) * (x[1] - x[0])
    area = weights * _WIDEST_RANGE / 2.0
    mean = float((area * beyond).sum())
    square = 2.0 * float((area * r * beyond).sum())
    return mean, float(np.sqrt(square - mean**2))
