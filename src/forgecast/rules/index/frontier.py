"""Efficiency against the frontier of the best plants (data envelopment analysis, solved by HiGHS)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

FloatArray: TypeAlias = NDArray[np.float64]
Returns: TypeAlias = Literal["constant", "variable"]


@dataclass(frozen=True, slots=True, eq=False)
class Frontier:
    """Efficiency of each plant.

    Parameters
    ----------
    efficiency : (n,) float64 array
        In (0, 1]: by which factor all inputs could shrink while the outputs stay; 1 on the frontier.
    peers : (n, n) float64 array
        Weight of plant j in the composite plant that plant i is compared with.
    returns : str
    """

    efficiency: FloatArray
    peers: FloatArray
    returns: Returns


def frontier(
    inputs: ArrayLike, outputs: ArrayLike, *, returns: Returns = "variable", of: Sequence[int] | None = None
) -> Frontier:
    r"""Return the radial input efficiency of plants.

    Parameters
    ----------
    inputs : (n, p) array_like
        What is used (energy, metal, water), above zero.
    outputs : (n, q) array_like
        What is made; not below zero, and one of a plant's above zero.
    returns : str
        ``constant`` returns to scale (CCR) or ``variable`` (BCC), where a small plant is compared with small ones.

    of : sequence of int or None
        Only these plants are asked for; the others are still compared with, their own efficiency is NaN.

    Raises
    ------
    ValueError
        If an input is not above zero, an output below zero, or something is not finite.

    Notes
    -----
    For plant 0: :math:`\min \theta` subject to :math:`\sum \lambda_j x_j \le \theta x_0`,
    :math:`\sum \lambda_j y_j \ge y_0`, :math:`\lambda \ge 0`, and for BCC :math:`\sum \lambda_j = 1`
    (A. Charnes, W. W. Cooper, E. Rhodes, Eur. J. Oper. Res. 2 (1978) 429, doi:10.1016/0377-2217(78)90138-8;
    R. D. Banker, A. Charnes, W. W. Cooper, Manage. Sci. 30 (1984) 1078, doi:10.1287/mnsc.30.9.1078).
    Slacks are not looked for: a plant of efficiency 1 may still have too much of one input.
    """
    x, y = np.asarray(inputs, dtype=np.float64), np.asarray(outputs, dtype=np.float64)
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y) or not (np.isfinite(x).all() and np.isfinite(y).all()):
        message = "inputs and outputs have to be finite arrays of one row for each plant"
        raise ValueError(message)
    if (x <= 0).any() or (y < 0).any() or (y.sum(axis=1) <= 0).any():
        message = "inputs have to be above zero, outputs not below, and one output of each plant above zero"
        raise ValueError(message)
    count = len(x)
    # Units are brought to a like size, so that no tolerance of the solver hides a small one.
    x, y = x / x.max(axis=0), y / np.maximum(y.max(axis=0), np.finfo(float).tiny)
    efficiency, peers = np.full(count, np.nan), np.full((count, count), np.nan)
    cost = np.r_[1.0, np.zeros(count)]
    equal = (np.r_[0.0, np.ones(count)][None, :], np.ones(1)) if returns == "variable" else (None, None)
    for plant in range(count) if of is None else of:
        above = np.vstack([np.c_[-x[plant][:, None], x.T], np.c_[np.zeros((y.shape[1], 1)), -y.T]])
        bound = np.r_[np.zeros(x.shape[1]), -y[plant]]
        solved = scipy.optimize.linprog(cost, A_ub=above, b_ub=bound, A_eq=equal[0], b_eq=equal[1], method="highs")
        if solved.x is None:
            message = f"the frontier of plant {plant} was not found: {solved.message}"
            raise ArithmeticError(message)
        efficiency[plant], peers[plant] = min(float(solved.x[0]), 1.0), solved.x[1:]
    return Frontier(efficiency, peers, returns)


def normalised_use(used: ArrayLike, mix: ArrayLike, reference: ArrayLike) -> FloatArray:
    """Return what each plant uses over what its product mix would use at the reference intensity of each class.

    Parameters
    ----------
    used : (n,) array_like
        Use of a plant (kgce).
    mix : (n, k) array_like
        Tonnes of each class (iron casting, steel casting, aluminium casting, forging …).
    reference : (k,) array_like
        Reference intensity of a class (kgce/t), such as the median of the plants that make only it.

    Returns
    -------
    (n,) float64 array
        1 is as the mix leads to expect, below is better; NaN where the mix is empty or a class made has no reference.
    """
    tonnes, per = np.asarray(mix, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    expected = np.where(tonnes > 0, tonnes * per, 0.0).sum(axis=1)
    return np.where(expected > 0, np.asarray(used, dtype=np.float64) / np.where(expected > 0, expected, 1.0), np.nan)
