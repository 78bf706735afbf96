"""Change points: where the level of a signal changed, by how much, how surely, and how often that would be chance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

FloatArray: TypeAlias = NDArray[np.float64]

#: Standard deviation of a Gaussian over its median absolute deviation.
_MAD: Final = 1.4826
#: More values than this are averaged in equal groups first: the search takes their square.
MOST_VALUES: Final = 20_000


@dataclass(frozen=True, slots=True)
class Change:
    """A change of level.

    Parameters
    ----------
    at : int
        Index of the first value of the new level.
    low, high : int
        First and last index at which it may lie, with the confidence asked for.
    before, after : float
        Means of the two levels.
    size, size_low, size_high : float
        Their difference and its interval.
    probability : float
        Probability that chance alone gives so large a difference anywhere between the neighbouring changes
        (Bonferroni over the places); an upper bound.
    """

    at: int
    low: int
    high: int
    before: float
    after: float
    size: float
    size_low: float
    size_high: float
    probability: float


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """The changes of a signal and what they rest on.

    Parameters
    ----------
    changes : tuple of Change
    level : (n,) float64 array
        Mean of the stretch each value lies in.
    noise : float
        Standard deviation about the levels.
    memory : float
        Correlation of neighbouring values about their level [1].
    penalty : float
        By which a further change had to lower the sum of squares.
    false_per_search : float or None
        Changes found on average in the same signal without changes; None where it was not tested.
    """

    changes: tuple[Change, ...]
    level: FloatArray
    noise: float
    memory: float
    penalty: float
    false_per_search: float | None


def find_changes(
    values: ArrayLike, *, shortest: int = 10, strictness: float = 3.0, confidence: float = 0.95, trials: int = 20,
    seed: int = 0,
) -> Changes:  # fmt: skip
    """Return the changes of level of a signal.

    Parameters
    ----------
    values : (n,) array
        Evenly spaced or nearly so; no NaN.
    shortest : int
        Fewest values of a stretch.
    strictness : float
        Factor c of the penalty; 2 is Schwarz's, 3 or more is safer.
    confidence : float
        Of the intervals.
    trials : int
        Signals without changes on which the search is tested; 0 leaves the test out.
    seed : int
        Of those signals.

    Raises
    ------
    ForgecastError
        If there are too few values, too many, or one is missing.

    Notes
    -----
    PELT with a least-squares cost (R. Killick, P. Fearnhead and I. A. Eckley, J. Am. Stat. Assoc. 107 (2012)
    1590-1598, doi:10.1080/01621459.2012.737745; program ruptures) and the penalty c σ² (1+φ)/(1-φ) ln n: σ from the
    median of the absolute differences at first, then σ and the neighbour correlation φ from the residuals, once more.
    Sizes: difference of means with n (1-φ)/(1+φ) independent values. Places: all k whose residual sum of squares
    exceeds the least by no more than -2 ln(1-√γ) σ² (1+φ)/(1-φ) (B. E. Hansen, Econometrica 68 (2000) 575-603,
    doi:10.1111/1468-0262.00124). Back-test: the residuals in shuffled blocks, searched with the same penalty.
    """
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1 or x.size < 2 * shortest or not np.isfinite(x).all() or x.size > MOST_VALUES:
        raise ForgecastError(
            text("{n} values cannot be searched for changes: it takes {least} to {most}, none missing",
                 n=int(x.size), least=2 * shortest, most=MOST_VALUES),
            repair=text("give a longer stretch, or average it (--every)"),
        )  # fmt: skip
    noise, memory = _rough_noise(x), 0.0
    if noise == 0.0:
        noise = float(np.std(x)) * 1e-6 or 1e-12
    breaks: list[int] = []
    penalty = 0.0
    for _ in range(2):
        penalty = strictness * noise**2 * _inflation(memory) * math.log(x.size)
        breaks = _searched(x, shortest, penalty)
        level = _levels(x, breaks)
        rest = x - level
        freedom = x.size - len(breaks) - 1
        found = float(np.sqrt((rest**2).sum() / freedom))
        if found > 0.0:
            noise, memory = found, _memory(rest)
    level = _levels(x, breaks)
    spread = noise * math.sqrt(_inflation(memory))
    edges = [0, *breaks, x.size]
    changes = tuple(
        _told(x, edges[n - 1], edges[n], edges[n + 1], spread, shortest, confidence) for n in range(1, len(edges) - 1)
    )
    false = _back_test(x - level, shortest, penalty, trials, seed) if trials else None
    return Changes(changes, level, noise, memory, penalty, false)


def _rough_noise(x: FloatArray) -> float:
    return _MAD * float(np.median(np.abs(np.diff(x)))) / math.sqrt(2.0)


def _inflation(memory: float) -> float:
    return (1.0 + memory) / (1.0 - memory)


def _memory(rest: FloatArray) -> float:
    total = float(rest @ rest)
    # A mean taken out of short stretches hides some correlation; a negative one is taken as none.
    return min(max(float(rest[1:] @ rest[:-1]) / total, 0.0), 0.98) if total > 0.0 else 0.0


def _searched(x: FloatArray, shortest: int, penalty: float) -> list[int]:
    import ruptures  # type: ignore[import-untyped]  # noqa: PLC0415  (loads slowly)

    found = ruptures.KernelCPD(kernel="linear", min_size=shortest).fit(x[:, None]).predict(pen=penalty)
    return [int(at) for at in found[:-1]]


def _levels(x: FloatArray, breaks: list[int]) -> FloatArray:
    edges = [0, *breaks, x.size]
    made = np.empty_like(x)
    for first, last in pairwise(edges):
        made[first:last] = x[first:last].mean()
    return made


def _told(
    x: FloatArray, first: int, at: int, last: int, spread: float, shortest: int, confidence: float
) -> Change:  # fmt: skip
    from scipy import special  # noqa: PLC0415

    before, after = float(x[first:at].mean()), float(x[at:last].mean())
    error = spread * math.sqrt(1.0 / (at - first) + 1.0 / (last - at))
    size = after - before
    freedom = max(last - first - 2, 1)
    t = abs(size) / error if error > 0.0 else math.inf
    single = 2.0 * float(special.stdtr(freedom, -t))
    places = max(last - first - 2 * shortest + 1, 1)
    reach = float(special.stdtrit(freedom, 0.5 + confidence / 2.0)) * error
    low, high = _place(x[first:last], at - first, spread, confidence)
    return Change(
        at, first + low, first + high, before, after, size, size - reach, size + reach, min(1.0, places * single)
    )


def _place(x: FloatArray, at: int, spread: float, confidence: float) -> tuple[int, int]:
    """Return the first and last place whose sum of squares is nearly as small as that of the best."""
    n = x.size
    sums = np.cumsum(x - x.mean())[:-1]
    k = np.arange(1, n)
    gain = sums**2 * n / (k * (n - k))
    near = np.flatnonzero(gain >= gain[at - 1] + 2.0 * math.log(1.0 - math.sqrt(confidence)) * spread**2)
    return int(k[near.min()]), int(k[near.max()])


def _back_test(rest: FloatArray, shortest: int, penalty: float, trials: int, seed: int) -> float:
    """Return how many changes the search finds on average in residuals whose blocks are shuffled."""
    rng = np.random.default_rng(seed)
    block = max(shortest // 2, round(rest.size ** (1 / 3)))
    edges = range(0, rest.size, block)
    found = 0
    for _ in range(trials):
        order = rng.permutation(len(edges))
        shuffled = np.concatenate([rest[edges[n] : edges[n] + block] for n in order])
        found += len(_searched(shuffled, shortest, penalty))
    return found / trials
