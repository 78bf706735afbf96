"""Clocks: times in the future, steps back, whole hours, whole days, and clocks that run off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import DAY_US, HOUR_US, MINUTE_US
from forgecast.signals.gate.doubt import Doubt, Reason

#: A clock may be off by this much, or by one interval, without a doubt.
TOLERANCE_US: Final = MINUTE_US
#: Readings that must agree before a clock is called off by whole hours, or running off.
_HELD: Final = 5
#: Zones differ by multiples of half an hour, by this much at most.
_HALF_HOUR, _ZONES = HOUR_US // 2, 14 * HOUR_US
#: A clock that runs off does not change its lateness by more than this share of the time passed.
_SLOWLY: Final = 0.1


def _kinds(off: NDArray[np.int64], tolerance: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where an offset is one of whole half hours, and where it is a day."""
    near = np.abs(off - np.round(off / _HALF_HOUR) * _HALF_HOUR) <= tolerance
    zone = near & (np.abs(off) >= _HALF_HOUR - tolerance) & (np.abs(off) <= _ZONES + tolerance)
    return zone, np.abs(np.abs(off) - DAY_US) <= tolerance


class Clock:
    """Watches the times that readings bear, in the order in which they come.

    Parameters
    ----------
    interval : int or None
        Usual time between readings, microseconds.
    delay : int
        Usual time between a reading and its arrival, microseconds.
    """

    def __init__(self, interval: int | None, delay: int = 0) -> None:
        self._interval = interval
        self._tolerance = min(max(TOLERANCE_US, interval or 0), 10 * MINUTE_US)
        self._delay = delay
        self._last_t: int | None = None
        self._last_off: int | None = None
        self._run: list[int] | None = None  # reason's index, start, end, count, offset
        self._back: tuple[int, int] | None = None

    def push(self, t: NDArray[np.int64], arrived: NDArray[np.int64] | None = None) -> Iterator[Doubt]:
        """Take times in, in the order of arrival; yield what is doubtful about them.

        Parameters
        ----------
        t : (n,) int64 array
            Times that the readings bear, microseconds UTC.
        arrived : (n,) int64 array or None
            When they came, by the plant's own clock. None where that is not known; then only steps back are seen.
        """
        if not t.size:
            return
        yield from self._steps(t)
        if arrived is not None:
            yield from self._offsets(t, arrived)
        self._last_t = int(t[-1])

    def finish(self) -> Iterator[Doubt]:
        """Yield the stretch that is still open."""
        yield from self._close()

    def _steps(self, t: NDArray[np.int64]) -> Iterator[Doubt]:
        """Yield a doubt for each reading that is older than the one before it."""
        before = np.concatenate(([t[0] if self._last_t is None else self._last_t], t[:-1]))
        step = t - before
        # What was due one interval later and came so much earlier was shifted by that much.
        off = step - (self._interval or 0)
        zone, day = _kinds(off, self._tolerance)
        for at in np.flatnonzero(step < 0):
            reason = Reason.DAY_SHIFT if day[at] else Reason.ZONE_SLIP if zone[at] else Reason.STEP_BACK
            sure = 0.7 if reason is Reason.STEP_BACK else 0.9
            instant = int(t[at])
            yield Doubt(instant, instant, reason, 1, sure, float(off[at]) / 1e6)

    def _offsets(self, t: NDArray[np.int64], arrived: NDArray[np.int64]) -> Iterator[Doubt]:
        """Yield stretches in which times and arrivals do not fit, a run at a time."""
        off = t - arrived + self._delay
        zone, day = _kinds(off, self._tolerance)
        previous = np.concatenate(([off[0] if self._last_off is None else self._last_off], off[:-1]))
        passed = np.abs(np.diff(np.concatenate(([t[0] if self._last_t is None else self._last_t], t))))
        slow = np.abs(off - previous) <= _SLOWLY * passed + 1.0
        # 0 in order, 1 future, 2 zone, 3 day, 4 running off
        kind = np.where(off > self._tolerance, 1, 0)
        kind = np.where((np.abs(off) > self._tolerance) & slow, 4, kind)
        kind = np.where(zone, 2, kind)
        kind = np.where(day, 3, kind)
        edges = np.flatnonzero(np.concatenate(([True], np.diff(kind) != 0)))
        for first, end in zip(edges, [*edges[1:], t.size], strict=True):
            label = int(kind[first])
            if self._run is None or self._run[0] != label:
                yield from self._close()
                self._run = [label, int(t[first]), int(t[first]), 0, int(off[first])] if label else None
            if self._run is not None:
                part = t[first:end]
                self._run[1] = min(self._run[1], int(part.min()))
                self._run[2] = max(self._run[2], int(part.max()))
                self._run[3] += int(end - first)
        self._last_off = int(off[-1])

    def _close(self) -> Iterator[Doubt]:
        if self._run is not None:
            label, start, end, count, off = self._run
            reason = (Reason.FUTURE, Reason.ZONE_SLIP, Reason.DAY_SHIFT, Reason.DRIFT)[label - 1]
            if label == 1 or count >= _HELD:
                yield Doubt(start, end, reason, count, 1.0 - 0.5 / count, off / 1e6)
            elif off > 0:
                yield Doubt(start, end, Reason.FUTURE, count, 0.5, off / 1e6)
        self._run = None
