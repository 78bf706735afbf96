"""Clocks: times in the future, steps back, whole hours, whole days, and clocks that run off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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
#: A clock that is off changes its offset by no more than this share of the time passed.
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
        self._run: _Run | None = None

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
        kind = np.where(off > self._tolerance, _AHEAD, np.where(off < -self._tolerance, _BEHIND, 0))
        kind = np.where(day, _DAY, np.where(zone, _ZONE, kind))
        edges = np.flatnonzero(np.concatenate(([True], np.diff(kind) != 0)))
        for first, end in zip(edges, [*edges[1:], t.size], strict=True):
            part = t[first:end]
            found = _Run(int(kind[first]), int(part.min()), int(part.max()), part.size, int(off[first]),
                         int(off[end - 1]))  # fmt: skip
            if self._run is not None and self._run.kind == found.kind:
                self._run = self._run.joined(found)
            else:
                yield from self._close()
                self._run = found

    def _close(self) -> Iterator[Doubt]:
        run, self._run = self._run, None
        if run is None or run.kind == 0:
            return
        # What was kept back while a line was down comes late too, but ever less so: that clock is right.
        steady = abs(run.last - run.first) <= _SLOWLY * (run.end - run.start) + self._tolerance // 2
        held = run.count >= _HELD and steady
        if held and run.kind in (_ZONE, _DAY):
            reason = Reason.ZONE_SLIP if run.kind == _ZONE else Reason.DAY_SHIFT
        elif held:
            reason = Reason.DRIFT
        elif run.first > 0:
            reason = Reason.FUTURE
        else:
            return
        yield Doubt(run.start, run.end, reason, run.count, 1.0 - 0.5 / run.count, run.first / 1e6)


_AHEAD, _BEHIND, _ZONE, _DAY = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class _Run:
    """Readings in a row whose clock is off in one way: first and last offset, microseconds."""

    kind: int
    start: int
    end: int
    count: int
    first: int
    last: int

    def joined(self, other: _Run) -> _Run:
        """Return this run and the one after it as one."""
        start, end = min(self.start, other.start), max(self.end, other.end)
        return _Run(self.kind, start, end, self.count + other.count, self.first, other.last)
