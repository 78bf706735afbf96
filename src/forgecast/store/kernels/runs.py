"""Loops over a run: the readings of one tag in one row group, ascending in time."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.compiled import compiled

I1: TypeAlias = NDArray[np.int8]
I8: TypeAlias = NDArray[np.int64]
F8: TypeAlias = NDArray[np.float64]

_HOUR_US = 3_600_000_000


@compiled()
def hours_of(
    t: I8, value: F8, flag: I1, closing: int, hour: I8, n: I8, n_good: I8, total: F8, low: F8, high: F8, bounds: I8
) -> int:
    """Fill in the hours of a run and return how many there are.

    Parameters
    ----------
    t, value, flag : (readings,)
        Ascending in time.
    closing : int
        1 if a reading on the hour belongs to the hour before, else 0.
    hour, n, n_good, total, low, high : (at least the hours touched,)
        Filled; `low` and `high` are NaN where no reading is good.
    bounds : (same, 2)
        Filled with the first and the last instant.
    """
    size = t.size
    found = 0
    i = 0
    while i < size:
        h = (t[i] - closing) // _HOUR_US
        end = (h + 1) * _HOUR_US + closing
        # The end of the hour is sought in doubling, then in halving steps: the instants between are not looked at.
        last = i
        step = 1
        while last + step < size and t[last + step] < end:
            last += step
            step *= 2
        while step > 0:
            if last + step < size and t[last + step] < end:
                last += step
            step //= 2
        good = 0
        added = 0.0
        least = np.inf
        most = -np.inf
        for k in range(i, last + 1):
            if flag[k] == 0:
                v = value[k]
                good += 1
                added += v
                least = min(least, v)
                most = max(most, v)
        hour[found] = h
        n[found] = last + 1 - i
        n_good[found] = good
        total[found] = added
        low[found] = least if good > 0 else np.nan
        high[found] = most if good > 0 else np.nan
        bounds[found, 0] = t[i]
        bounds[found, 1] = t[last]
        found += 1
        i = last + 1
    return found


@compiled()
def gaps_of(t: I8, longer_than: int, before: I8) -> int:
    """Fill in the position of the last reading before each gap, and return how many gaps there are.

    Parameters
    ----------
    t : (readings,)
    longer_than : int
        Microseconds.
    before : (any,)
        Filled up to its size; a result above it asks for a larger one.
    """
    found = 0
    for i in range(t.size - 1):
        if t[i + 1] - t[i] > longer_than:
            if found < before.size:
                before[found] = i
            found += 1
    return found


@compiled()
def last_good(t: I8, value: F8, flag: I1, asked: I8, at: I8, seen: F8) -> None:
    """Give each question the last good reading of the run at or before it, if that is later than the one it has.

    Parameters
    ----------
    t, value, flag : (readings,)
    asked : (questions,)
        Ascending.
    at, seen : (questions,)
        Instant (-1 for none yet) and value of what was found before; overwritten where the run knows better.
    """
    size = t.size
    place = 0
    for q in range(asked.size):
        # From the place of the question before, in doubling steps.
        step = 1
        while place + step < size and t[place + step] <= asked[q]:
            place += step
            step *= 2
        while step > 0:
            if place + step < size and t[place + step] <= asked[q]:
                place += step
            step //= 2
        k = place
        if t[k] > asked[q]:
            continue
        while k >= 0 and flag[k] != 0:
            k -= 1
        if k >= 0 and t[k] > at[q]:
            at[q] = t[k]
            seen[q] = value[k]
