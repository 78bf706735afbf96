"""Gaps: readings that are missing between two that are there, by single readings and by hours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from forgecast.signals.gate.doubt import Doubt, Reason

#: A distance between readings is a gap from this many intervals on: what comes late by half an interval is no gap.
GAP_INTERVALS: Final = 1.5


def gap_limit(interval: int | None) -> int | None:
    """Return the distance between readings above which some are missing, microseconds."""
    return None if interval is None else round(GAP_INTERVALS * interval)


class Gaps:
    """Finds gaps between readings, whatever the batches they come in."""

    def __init__(self, interval: int | None) -> None:
        self._interval, self._limit = interval, gap_limit(interval)
        self._last: int | None = None

    def push(self, t: NDArray[np.int64]) -> Iterator[Doubt]:
        """Take the instants of readings in, ascending; yield the gaps among them."""
        if self._limit is None or self._interval is None or not t.size:
            return
        before = np.concatenate(([t[0] if self._last is None else self._last], t[:-1]))
        for at in np.flatnonzero(t - before > self._limit):
            apart = int(t[at] - before[at])
            missing = max(round(apart / self._interval) - 1, 1)
            sure = 1.0 - 0.5 * self._interval / apart
            yield Doubt(int(before[at]), int(t[at]), Reason.GAP, missing, sure, apart / 1e6)
        self._last = int(t[-1])


def empty_hours(hours: NDArray[np.int64], interval: float) -> NDArray[np.int64] | None:
    """Return how many hours without readings follow each hour that has some; None where that is as it should be.

    Parameters
    ----------
    hours : (n,) int64 array
        Hours since 1970-01-01T00:00Z that have readings, ascending.
    interval : float
        Declared time between readings, s; NaN where it is not declared.

    Returns
    -------
    (n - 1,) int64 array or None
    """
    jumps = np.diff(hours) - 1
    if not (jumps > 0).any():
        return None
    # A tag that answers less often than once an hour has no gap in every empty hour.
    if interval > 3600 and jumps.max() < 2 * interval / 3600:
        return None
    return jumps
