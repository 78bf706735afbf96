"""How far a ranking hangs on the weights: rank intervals under random weights, and dominance under any weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class RankIntervals:
    """Ranks (1 is best) of each plant under random weights.

    Parameters
    ----------
    low, high : (n,) int64 array
        Best and worst rank within the central share asked for.
    median : (n,) float64 array
    first : (n,) float64 array
        Share of the draws in which the plant is first, alone or with others.
    """

    low: IntArray
    high: IntArray
    median: FloatArray
    first: FloatArray


def rank_intervals(
    scores: ArrayLike, *, concentration: ArrayLike, draws: int, seed: int, central: float = 0.9
) -> RankIntervals:
    """Rank plants under weights drawn from a Dirichlet distribution.

    Parameters
    ----------
    scores : (n, m) array_like
        Score of each plant in each direction; finite.
    concentration : (m,) array_like
        Of the distribution: all ones take every set of weights as equally likely; large ones stay near their shares.
    draws, seed : int
    central : float
        Share of the draws the interval holds.

    Raises
    ------
    ValueError
        If a score is not finite (a missing one has to be left out or bounded first) or the shapes do not fit.

    Notes
    -----
    Plants with equal scores share the better rank. Weights are Dirichlet(a): gamma variates over their sum
    (L. Devroye, Non-Uniform Random Variate Generation, Springer 1986, ch. XI.4).
    """
    matrix, alpha = np.asarray(scores, dtype=np.float64), np.asarray(concentration, dtype=np.float64)
    if matrix.ndim != 2 or alpha.shape != (matrix.shape[1],) or not np.isfinite(matrix).all():
        message = "scores have to be a finite (n, m) array and the concentration one of (m,)"
        raise ValueError(message)
    weights = np.random.default_rng(seed).dirichlet(alpha, size=draws)
    ranks = np.empty((draws, len(matrix)), dtype=np.int64)
    for number, weight in enumerate(weights):
        ranks[number] = ranks_of(matrix @ weight)
    tail = (1.0 - central) / 2.0
    low = np.quantile(ranks, tail, axis=0, method="lower")
    high = np.quantile(ranks, 1.0 - tail, axis=0, method="higher")
    return RankIntervals(
        low.astype(np.int64), high.astype(np.int64), np.median(ranks, axis=0), (ranks == 1).mean(axis=0)
    )


def ranks_of(values: ArrayLike) -> IntArray:
    """Return the rank of each value, 1 for the highest; equal values share the better rank."""
    array = np.asarray(values, dtype=np.float64)
    # What differs by rounding only is equal.
    falling = np.sort(-np.round(array, 9))
    return np.searchsorted(falling, -np.round(array, 9), side="left").astype(np.int64) + 1


def dominance(scores: ArrayLike) -> NDArray[np.bool_]:
    """Return whether plant i is at least as good as plant j in every direction and better in one.

    Parameters
    ----------
    scores : (n, m) array_like

    Returns
    -------
    (n, n) bool array
        Whoever dominates ranks no worse under any weights. A missing score (NaN) is comparable with nothing.
    """
    matrix = np.asarray(scores, dtype=np.float64)
    mine, other = matrix[:, None, :], matrix[None, :, :]
    return np.asarray((mine >= other).all(axis=2) & (mine > other).any(axis=2))


def surely_above(low: ArrayLike, high: ArrayLike) -> NDArray[np.bool_]:
    """Return whether the lowest possible score of plant i is over the highest possible one of plant j."""
    return np.asarray(low, dtype=np.float64)[:, None] > np.asarray(high, dtype=np.float64)[None, :]
