"""Spikes: single readings far off those on both sides, told robustly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from forgecast.signals.gate.doubt import Doubt, Reason
from forgecast.signals.gate.profile import NEIGHBOURS, Profile

#: How many robust standard deviations a reading must stand off.
_SIGMAS: Final = 6.0
#: A median absolute deviation times this is the standard deviation of a normal distribution.
_MAD: Final = 1.4826
#: Neighbours on a side further off than this many intervals tell nothing about a reading.
_REACH: Final = 10
#: Fewer neighbours than this on one side do not show a spike.
_LEAST: Final = 2


class Spikes:
    """Finds spikes by comparing each reading with up to five on either side (Hampel's identifier on both sides).

    A reading is a spike where it stands off the median of those before *and* of those after it, to the same side, by
    more than six robust standard deviations of them all and by more than what is usual for the series. The edge of a
    square wave has one side on its level, so it is none; a series of states is not looked at.

    Source: F. R. Hampel, J. Am. Stat. Assoc. 69 (1974) 383, doi:10.1080/01621459.1974.10482962 (median and median
    absolute deviation as estimates); the two-sided form is ours.
    """

    def __init__(self, profile: Profile) -> None:
        self._floor = profile.spike_floor
        self._reach = None if profile.interval is None else _REACH * profile.interval
        self._t = np.empty(0, np.int64)
        self._v = np.empty(0, np.float64)
        self._decided = 0

    def push(self, t: NDArray[np.int64], value: NDArray[np.float64]) -> Iterator[Doubt]:
        """Take good readings in, ascending in time; yield the spikes that the readings after them have shown."""
        if not np.isfinite(self._floor):
            return
        self._t, self._v = np.concatenate((self._t, t)), np.concatenate((self._v, value))
        end = max(self._t.size - NEIGHBOURS, self._decided)
        yield from self._among(self._decided, end)
        drop = max(end - NEIGHBOURS, 0)
        self._t, self._v, self._decided = self._t[drop:], self._v[drop:], end - drop

    def finish(self) -> Iterator[Doubt]:
        """Yield the spikes among the last readings."""
        yield from self._among(self._decided, self._t.size)
        self._decided = self._t.size

    def _among(self, first: int, end: int) -> Iterator[Doubt]:
        for at in self._candidates(first, end):
            off = self._off(at)
            if off is not None:
                instant = int(self._t[at])
                yield Doubt(instant, instant, Reason.SPIKE, 1, 1.0 - 0.5 * self._floor / abs(off), off)

    def _candidates(self, first: int, end: int) -> list[int]:
        """Return the readings that stand off enough neighbours on both sides, to one side: no other can be a spike."""
        if end <= first:
            return []
        here = self._v[first:end]
        beyond = np.zeros((2, 2, end - first), np.int64)  # above or below, before or after
        seen = np.zeros((2, end - first), np.int64)
        for shift in (*range(-NEIGHBOURS, 0), *range(1, NEIGHBOURS + 1)):
            at = np.arange(first, end) + shift
            inside = (at >= 0) & (at < self._v.size)
            at = np.clip(at, 0, self._v.size - 1)
            if self._reach is not None:
                inside &= np.abs(self._t[at] - self._t[first:end]) <= self._reach
            off = here - self._v[at]
            side = int(shift > 0)
            beyond[0, side] += inside & (off > self._floor)
            beyond[1, side] += inside & (off < -self._floor)
            seen[side] += inside
        # A median lies beyond only where half of its side does.
        enough = (2 * beyond >= seen) & (beyond > 0)
        return [first + int(at) for at in np.flatnonzero((enough[:, 0] & enough[:, 1]).any(axis=0))]

    def _off(self, at: int) -> float | None:
        """Return how far a reading stands off both its sides, None where it does not."""
        low, high = max(at - NEIGHBOURS, 0), at + NEIGHBOURS + 1
        before_t, after_t = self._t[low:at], self._t[at + 1 : high]
        before, after = self._v[low:at], self._v[at + 1 : high]
        if self._reach is not None:
            before = before[self._t[at] - before_t <= self._reach]
            after = after[after_t - self._t[at] <= self._reach]
        if min(before.size, after.size) < _LEAST:
            return None
        offs = [float(self._v[at] - np.median(side)) for side in (before, after)]
        around = np.concatenate((before, after))
        spread = _MAD * float(np.median(np.abs(around - np.median(around))))
        least = min(offs, key=abs)
        if offs[0] * offs[1] <= 0.0 or abs(least) <= max(_SIGMAS * spread, self._floor):
            return None
        return least
