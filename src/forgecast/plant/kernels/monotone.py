"""Children in their order, parents in theirs: forward and backward over all assignments that never step back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.compiled import compiled

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
B1 = NDArray[np.bool_]


#: How the parent of a child follows that of the child before: the same or a later one, the same, a later one.
ANY, SAME, NEW = 0, 1, 2


@compiled()
def forward(sequence: I8, first: I8, start: I8, step: I8, weight: F8, alpha: F8, broken: B1) -> None:
    """Fill in the forward weights of each child, each child's summing to one.

    Parameters
    ----------
    sequence : (c,) int64 array
        Number of the line of each child; children of one line stand together, in order of time.
    first : (c,) int64 array
        Number of the first parent a child may have; the others follow it.
    start : (c + 1,) int64 array
        Where the candidates of each child begin in `weight`.
    step : (c,) int64 array
        `ANY`, `SAME` or `NEW`.
    weight : (p,) float64 array
        How well each candidate's time fits.
    alpha : (p,) float64 array, filled in
    broken : (c,) bool array, filled in
        Children that no parent fits any more after the child before; the order begins anew there.
    """
    for i in range(sequence.size):
        total = 0.0
        if i > 0 and sequence[i] == sequence[i - 1]:
            reached, j = 0.0, start[i - 1]
            ahead = first[i - 1] - start[i - 1]
            for k in range(start[i], start[i + 1]):
                parent = first[i] + k - start[i]
                if step[i] == SAME:
                    j = parent - ahead
                    reached = alpha[j] if start[i - 1] <= j < start[i] else 0.0
                else:
                    while j < start[i] and j + ahead <= parent - (step[i] == NEW):
                        reached += alpha[j]
                        j += 1
                alpha[k] = weight[k] * reached
                total += alpha[k]
            broken[i] = total <= 0.0 and start[i + 1] > start[i] and start[i] > start[i - 1]
        if total <= 0.0:
            for k in range(start[i], start[i + 1]):
                alpha[k] = weight[k]
                total += alpha[k]
        if total > 0.0:
            for k in range(start[i], start[i + 1]):
                alpha[k] /= total


@compiled()
def backward(sequence: I8, first: I8, start: I8, step: I8, weight: F8, alpha: F8, broken: B1, probability: F8) -> None:
    """Fill in the probability of each candidate, given the whole line; see `forward`."""
    beta = np.ones(weight.size)
    for i in range(sequence.size - 1, -1, -1):
        following = i + 1 < sequence.size and sequence[i + 1] == sequence[i] and not broken[i + 1]
        if following and start[i + 2] > start[i + 1]:
            later, j = 0.0, start[i + 2] - 1
            ahead = first[i + 1] - start[i + 1]
            for k in range(start[i + 1] - 1, start[i] - 1, -1):
                parent = first[i] + k - start[i]
                if step[i + 1] == SAME:
                    j = parent - ahead
                    later = weight[j] * beta[j] if start[i + 1] <= j < start[i + 2] else 0.0
                else:
                    while j >= start[i + 1] and j + ahead >= parent + (step[i + 1] == NEW):
                        later += weight[j] * beta[j]
                        j -= 1
                beta[k] = later
        total, greatest = 0.0, 0.0
        for k in range(start[i], start[i + 1]):
            probability[k] = alpha[k] * beta[k]
            total += probability[k]
            greatest = max(greatest, beta[k])
        for k in range(start[i], start[i + 1]):
            if total > 0.0:
                probability[k] /= total
            if greatest > 0.0:
                beta[k] /= greatest
