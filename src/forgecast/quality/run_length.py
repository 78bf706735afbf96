"""Average run lengths: how many points a chart takes to signal, in control and after a shift."""

from __future__ import annotations

import numpy as np
from scipy import special

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.quality.scrap import FloatArray

_ROOT_TWO_PI = float(np.sqrt(2.0 * np.pi))


def shewhart_run_length(*, shift: float = 0.0, width: float = 3.0) -> float:
    """Return the average run length of a chart with two limits and no other rule.

    Parameters
    ----------
    shift : float
        Of the mean [standard deviations of the point].
    width : float
        Half the width of the limits [standard deviations of the point].

    Notes
    -----
    Equation: 1 / (Φ(-w-δ) + Φ(-w+δ)).
    """
    return float(1.0 / (special.ndtr(-width - shift) + special.ndtr(-width + shift)))


def ewma_run_length(*, weight: float, width: float, shift: float = 0.0, nodes: int = 80) -> float:
    """Return the average run length of an EWMA chart with settled limits that starts at its centre line.

    Parameters
    ----------
    weight, width
        As in `ewma_chart`.
    shift : float
        Of the mean from the first point on [standard deviations of the point].
    nodes : int
        Of the quadrature.

    Raises
    ------
    ForgecastError
        If the weight is not above 0 and at most 1.

    Notes
    -----
    Equation: L(u) = 1 + 1/λ ∫ L(y) φ((y-(1-λ)u)/λ - δ) dy over ±w√(λ/(2-λ)), solved with Gauss-Legendre nodes; L(0).
    S. V. Crowder, Technometrics 29 (1987) 401-407. Deviations known, points normal and independent.
    """
    if not 0.0 < weight <= 1.0:
        raise ForgecastError(
            text("the weight {weight} is not above 0 and at most 1", weight=weight),
            repair=text("use 0.05 to 0.4 for small shifts; 1 gives a Shewhart chart"),
        )
    limit = width * np.sqrt(weight / (2.0 - weight))
    at, area = np.polynomial.legendre.leggauss(nodes)
    y, area = at * limit, area * limit

    def passed_on(u: FloatArray) -> FloatArray:
        z = (y[None, :] - (1.0 - weight) * u[:, None]) / weight - shift
        return np.asarray(area * np.exp(-0.5 * z**2) / (_ROOT_TWO_PI * weight))

    lengths = np.linalg.solve(np.eye(nodes) - passed_on(y), np.ones(nodes))
    return float(1.0 + (passed_on(np.zeros(1)) @ lengths)[0])


def cusum_run_length(
    *,
    allowance: float,
    limit: float,
    shift: float = 0.0,
    headstart: float = 0.0,
    two_sided: bool = True,
    nodes: int = 80,
) -> float:
    """Return the average run length of a tabular CUSUM.

    Parameters
    ----------
    allowance, limit, headstart
        As in `cusum_chart`.
    shift : float
        Of the mean from the first point on [standard deviations of the point].
    two_sided : bool
        Whether both sums are watched, or the upper one only.
    nodes : int
        Of the quadrature.

    Notes
    -----
    Equations: L(s) = 1 + L(0) Φ(k-s-δ) + ∫_0^h L(y) φ(y+k-s-δ) dy, Gauss-Legendre nodes: A. L. Goel and S. M. Wu,
    Technometrics 13 (1971) 221-230. Both sides:
    (L+(s) L-(0) + L-(s) L+(0) - L+(0) L-(0)) / (L+(0) + L-(0)): J. M. Lucas and R. B. Crosier, Technometrics 24 (1982)
    199-205. Deviations known, points normal and independent.
    """
    up_from_zero, up = _one_side(allowance, limit, shift, headstart, nodes)
    if not two_sided:
        return up
    down_from_zero, down = _one_side(allowance, limit, -shift, headstart, nodes)
    mixed = up * down_from_zero + down * up_from_zero - up_from_zero * down_from_zero
    return mixed / (up_from_zero + down_from_zero)


def _one_side(allowance: float, limit: float, shift: float, start: float, nodes: int) -> tuple[float, float]:
    """Return the average run length of one sum from zero and from its headstart."""
    at, area = np.polynomial.legendre.leggauss(nodes)
    y, area = (at + 1.0) * limit / 2.0, area * limit / 2.0
    # The first node is zero itself, which holds the probability of falling back to it.
    places = np.concatenate([[0.0], y])

    def passed_on(s: FloatArray) -> FloatArray:
        z = y[None, :] + allowance - s[:, None] - shift
        density = area * np.exp(-0.5 * z**2) / _ROOT_TWO_PI
        return np.column_stack([special.ndtr(allowance - s - shift), density])

    lengths = np.linalg.solve(np.eye(nodes + 1) - passed_on(places), np.ones(nodes + 1))
    return float(lengths[0]), float(1.0 + (passed_on(np.array([start])) @ lengths)[0])
