"""Parents that a thing may have had where none is on record: from times, clocks and order, each with a probability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import scipy
from numpy.typing import NDArray

IntArray: TypeAlias = NDArray[np.int64]
FloatArray: TypeAlias = NDArray[np.float64]

#: Clock errors beyond so many standard uncertainties are left out: one in 16 000.
REACH = 4.0
#: A candidate less likely than this is not listed.
NEGLIGIBLE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class PossibleParents:
    """The parents each child may have.

    Parameters
    ----------
    start : (c + 1,) int64 array
        Where the candidates of each child begin.
    parent : (p,) int64 array
        Number of the parent, in the order in which the parents were given.
    probability : (p,) float64 array
        [1]; those of a child sum to one. A child without a candidate has none.
    broken : (c,) bool array
        Children that fit no parent any more once the order of their line is kept; the order begins anew there.
    """

    start: IntArray
    parent: IntArray
    probability: FloatArray
    broken: NDArray[np.bool_]


def possible_parents(
    time: IntArray,
    begin: IntArray,
    end: IntArray,
    *,
    clock: float,
    line: IntArray | None = None,
    fixed: IntArray | None = None,
    number: FloatArray | None = None,
    weight: FloatArray | None = None,
    child_group: IntArray | None = None,
    parent_group: IntArray | None = None,
) -> PossibleParents:
    """Return the parents that children may have, given when each parent could be drawn from.

    A candidate k fits a child at time t by the probability that the true difference of the clocks lets t fall into the
    parent's window, w = Phi((t - begin)/u) - Phi((t - end)/u), u being the standard uncertainty of the two clocks
    together. Without lines each child is taken by itself, P(k) = w_k / sum w. With lines the children of a line draw
    from the parents in the parents' order, k_1 <= k_2 <= ...; every such sequence has the weight of the product of its
    w, and P(k_i = k) is its sum over the sequences with k_i = k (forward and backward recursion, exact).

    Parameters
    ----------
    time : (c,) int64 array
        Instant of each child, microseconds UTC.
    begin, end : (p,) int64 array
        First and last instant at which each parent could be drawn from, ascending in `begin`.
    clock : float
        Standard uncertainty of the difference of the two clocks [s].
    line : (c,) int64 array, optional
        Number of the line of each child; negative: on no line, taken by itself.
    fixed : (c,) int64 array, optional
        Parent that is on record, negative where none is.
    number : (c,) float64 array, optional
        Position of each child among those of its parent, as it is on record; NaN where not. On a line a position one
        above that of the child before means the same parent, one that is not above it (or is 1) a later parent.
    weight : (p,) float64 array, optional
        How likely each parent is before its time is looked at, up to a factor.
    child_group, parent_group : (c,) and (p,) int64 arrays, optional
        A child of a group (heat, product) has only parents of the same; negative: any.

    Raises
    ------
    ValueError
        If `begin` does not ascend.

    References
    ----------
    Forward-backward recursion: L. R. Rabiner, Proc. IEEE 77 (1989) 257-286.
    """
    from forgecast.plant.kernels.monotone import backward, forward  # noqa: PLC0415  (numba takes half a second to load)
    from forgecast.plant.kernels.ready import ready  # noqa: PLC0415

    if np.any(np.diff(begin) < 0):
        message = "the parents do not ascend in their beginning"
        raise ValueError(message)
    count = time.size
    lines = np.full(count, -1, dtype=np.int64) if line is None else line
    order = np.lexsort((time, lines))
    first, start, fit = _fits(time[order], begin, end, clock, None if fixed is None else fixed[order])
    child = np.repeat(order, np.diff(start))
    parent = np.arange(fit.size) + np.repeat(first - start[:-1], np.diff(start))
    free = np.ones(fit.size, dtype=np.bool_) if fixed is None else fixed[child] < 0
    if weight is not None:
        fit[free] *= weight[parent[free]]
    if child_group is not None and parent_group is not None:
        asked, had = child_group[child], parent_group[parent]
        fit[free & (asked >= 0) & (had >= 0) & (asked != had)] = 0.0
    own = lines[order].copy()
    alone = own < 0
    own[alone] = -1 - np.arange(int(alone.sum()))  # each is a line of its own
    broken, found = np.zeros(count, dtype=np.bool_), np.zeros(fit.size)
    alpha = np.zeros(fit.size)
    step = _steps(np.full(count, np.nan) if number is None else number[order])
    ready(forward, fit.size)(own, first, start, step, fit, alpha, broken)
    ready(backward, fit.size)(own, first, start, step, fit, alpha, broken, found)
    return _in_order_given(order, first, start, found, broken)


def _steps(number: FloatArray) -> IntArray:
    """Return how the parent of each child follows that of the child before, from positions on record."""
    from forgecast.plant.kernels.monotone import ANY, NEW, SAME  # noqa: PLC0415  (numba takes half a second to load)

    step = np.full(number.size, ANY, dtype=np.int64)
    both = np.isfinite(number[1:]) & np.isfinite(number[:-1])
    step[1:][both & (number[1:] == number[:-1] + 1.0)] = SAME
    step[1:][(both & (number[1:] <= number[:-1])) | (number[1:] == 1.0)] = NEW
    return step


def _fits(
    time: IntArray, begin: IntArray, end: IntArray, clock: float, fixed: IntArray | None
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return first candidate, where the candidates begin, and how well each fits."""
    spread = clock * 1e6
    reach = int(REACH * spread)
    longest = int((end - begin).max(initial=0))
    first = np.searchsorted(begin, time - longest - reach, side="left")
    last = np.searchsorted(begin, time + reach, side="right")
    known = np.zeros(time.size, dtype=np.bool_) if fixed is None else fixed >= 0
    if fixed is not None:
        first, last = np.where(known, fixed, first), np.where(known, fixed + 1, last)
    start = np.concatenate([[0], np.cumsum(last - first)]).astype(np.int64)
    child = np.repeat(np.arange(time.size), last - first)
    parent = np.arange(start[-1]) - start[child] + first[child]
    after = (time[child] - begin[parent]).astype(np.float64)
    left = (end[parent] - time[child]).astype(np.float64)
    if spread > 0.0:
        fit = np.where(
            (after < -reach) | (left < -reach),
            0.0,
            scipy.special.ndtr(after / spread) - scipy.special.ndtr(-left / spread),
        )
    else:
        fit = ((after >= 0.0) & (left >= 0.0)).astype(np.float64)
    fit = np.maximum(fit, 0.0)
    fit[known[child]] = 1.0
    return first.astype(np.int64), start, fit


def _in_order_given(
    order: IntArray, first: IntArray, start: IntArray, found: FloatArray, broken: NDArray[np.bool_]
) -> PossibleParents:
    child = np.repeat(np.arange(order.size), np.diff(start))
    parent = np.arange(found.size) - start[child] + first[child]
    kept = found > NEGLIGIBLE
    child, parent, found = order[child[kept]], parent[kept], found[kept]
    again = np.lexsort((parent, child))
    child, parent, found = child[again], parent[again], found[again]
    total = np.bincount(child, found, minlength=order.size)
    begins = np.searchsorted(child, np.arange(order.size + 1))
    said = np.empty_like(broken)
    said[order] = broken
    return PossibleParents(begins.astype(np.int64), parent, found / total[child], said)
