"""Series that stand still: the one rule for single readings, and for hours that only partials tell of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from forgecast.signals.gate.doubt import Doubt, Reason
from forgecast.signals.gate.profile import Profile
from forgecast.signals.gate.runs import stretches

#: Seen through hourly partials alone, a series that shows one value for this long is taken for stuck.
STUCK_HOURS: Final = 24
#: Quantities for which standing still is nothing odd.
MAY_STAND_STILL: Final = ("operating", "level", "count", "energy_counter", "lining")


class Still:
    """Finds stretches in which a measurement shows one value for longer than it ever does.

    Zero is no such value, for a machine at rest uses nothing; nor is one on which the series rests time and again.
    A gap ends a stretch, for nobody knows what lay in it.
    """

    def __init__(self, profile: Profile, gap: int | None) -> None:
        self._limit, self._gap = profile.still, gap
        self._rests = frozenset((0.0, *profile.rests))
        self._start = self._end = self._count = 0
        self._value = float("nan")

    def push(self, t: NDArray[np.int64], value: NDArray[np.float64]) -> Iterator[Doubt]:
        """Take good readings in, ascending in time; yield the stretches that have ended."""
        if self._limit is None or not t.size:
            return
        before_t = np.concatenate(([self._end if self._count else t[0]], t[:-1]))
        before = np.concatenate(([self._value], value[:-1]))
        new = value != before
        if self._gap is not None:
            new |= t - before_t > self._gap
        starts = np.flatnonzero(new)
        before_first = int(starts[0]) if starts.size else t.size
        if before_first:  # the stretch that was open goes on
            self._end, self._count = int(t[before_first - 1]), self._count + before_first
        if not starts.size:
            return
        yield from self.finish()
        ends = np.append(starts[1:], t.size)
        long = t[ends - 1] - t[starts] >= self._limit
        long[-1] = True  # it stays open, however short it is as yet
        for first, end in zip(starts[long].tolist(), ends[long].tolist(), strict=True):
            yield from self.finish()
            self._start, self._end = int(t[first]), int(t[end - 1])
            self._count, self._value = end - first, float(value[first])

    def finish(self) -> Iterator[Doubt]:
        """Yield the stretch that is still open, if it has lasted long enough."""
        lasted = self._end - self._start
        if self._limit is not None and self._count and self._value not in self._rests and lasted >= self._limit:
            sure = 1.0 - 0.5 * self._limit / lasted
            yield Doubt(self._start, self._end, Reason.STILL, self._count, sure, self._value)
        self._count = 0


def still_hours(
    hours: NDArray[np.int64],
    good: NDArray[np.int64],
    lowest: NDArray[np.float64],
    highest: NDArray[np.float64],
) -> Iterator[tuple[int, int]]:
    """Yield first and last index of each stretch of a day or more in which a series shows one value other than zero.

    Parameters
    ----------
    hours : (n,) int64 array
        Hours since 1970-01-01T00:00Z that have readings, ascending.
    good : (n,) int64 array
        Good readings of each.
    lowest, highest : (n,) float64 array
        Of the good readings.
    """
    still = (good > 0) & (lowest == highest) & (lowest != 0.0)
    same = still[1:] & still[:-1] & (lowest[1:] == lowest[:-1]) & (np.diff(hours) == 1)
    for first, last in stretches(same):
        if last + 1 - first + 1 >= STUCK_HOURS:
            yield first, last + 1
