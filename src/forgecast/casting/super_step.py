"""Coefficients of the Runge-Kutta-Legendre super steps of second order (RKL2).

A super step of s stages costs s evaluations of the heat flow and is stable over about s^2 / 4 explicit steps, so the
work for a given time grows with the square root of the stiffness instead of the stiffness itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

F8 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stages:
    """Coefficients of a super step on increments d = y - y(start), with F the rate and F0 the rate at the start.

    d(1) = first * step * F0;
    d(j) = mu d(j-1) + nu d(j-2) + mu~ step F(y0 + d(j-1)) + gamma~ step F0, for j = 2 .. s.

    Parameters
    ----------
    first : float
    rows : (s - 1, 6) float64
        mu, nu, mu~, gamma~ of the stages 2 .. s; the time of each over that of the one before; and the time of the one
        before over the step.
    """

    first: float
    rows: F8


@lru_cache(maxsize=1024)
def stages(count: int) -> Stages:
    """Return the coefficients for a number of stages, two or more.

    Source: Meyer, Balsara, Aslam, A stabilized Runge-Kutta-Legendre method for explicit super-time-stepping of
    parabolic and mixed equations, J. Comput. Phys. 257 (2014) 594-626, doi:10.1016/j.jcp.2013.08.021, eqs. 16 and 17.
    """
    j = np.arange(count + 1, dtype=np.float64)
    b = np.full(count + 1, 1.0 / 3.0)
    b[2:] = (j[2:] ** 2 + j[2:] - 2.0) / (2.0 * j[2:] * (j[2:] + 1.0))
    a = 1.0 - b
    w = 4.0 / (count**2 + count - 2.0)
    rows = np.zeros((count - 1, 6))
    before, now = 0.0, b[1] * w
    for n in range(2, count + 1):
        mu = (2.0 * n - 1.0) / n * b[n] / b[n - 1]
        nu = -(n - 1.0) / n * b[n] / b[n - 2]
        mt, gt = mu * w, -a[n - 1] * mu * w
        then = mu * now + nu * before + mt + gt
        rows[n - 2] = mu, nu, mt, gt, then / now, now
        before, now = now, then
    return Stages(first=b[1] * w, rows=rows)


def stages_needed(step: float, stiffness: float) -> int:
    """Return how many stages make a step stable.

    Parameters
    ----------
    step : float
        Length of the step [s].
    stiffness : float
        Bound of the fastest rate of decay [1/s].
    """
    needed = 2.0 * step * stiffness * 1.02 + 2.0
    return max(3, math.ceil(0.5 * (math.sqrt(1.0 + 4.0 * needed) - 1.0)))


def longest_step(count: int, stiffness: float) -> float:
    """Return the longest stable step of so many stages [s]."""
    return (count * count + count - 2.0) / (2.0 * 1.02 * stiffness)
