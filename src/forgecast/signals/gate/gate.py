"""The gate itself: all tests over a series, in one piece or batch by batch with the same answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.signals.gate.clock import Clock
from forgecast.signals.gate.doubt import Doubt, Reason
from forgecast.signals.gate.gaps import Gaps, gap_limit
from forgecast.signals.gate.profile import Profile
from forgecast.signals.gate.runs import Run, Runs
from forgecast.signals.gate.spikes import Spikes
from forgecast.signals.gate.still import Still
from forgecast.signals.gate.unit_slip import UnitSlips
from forgecast.signals.reading import INVALID


@dataclass(frozen=True, slots=True)
class Bounds:
    """Plausible bounds that the plant has declared for a series; infinite where it has not.

    Parameters
    ----------
    low, high : float
        In the unit of the series.
    """

    low: float = float("-inf")
    high: float = float("inf")


class Gate:
    """Tests the readings of one series as they come.

    Readings that the source marked invalid are no gap, and are not tested. A reading that is older than one before
    it goes to the clock's test alone.

    Parameters
    ----------
    profile : Profile
        What is usual, learned from earlier readings (or from these, by `check`'s caller).
    bounds : Bounds
    delay : int
        Usual time between a reading and its arrival, microseconds.
    """

    def __init__(self, profile: Profile, bounds: Bounds | None = None, *, delay: int = 0) -> None:
        self._bounds = bounds or Bounds()
        self._gaps = Gaps(profile.interval)
        self._outside = Runs()
        self._still = Still(profile, gap_limit(profile.interval))
        self._spikes = Spikes(profile)
        self._slips = UnitSlips(profile)
        self._clock = Clock(profile.interval, delay)
        self._newest: int | None = None

    def push(
        self,
        t: NDArray[np.int64],
        value: NDArray[np.float64],
        flag: NDArray[np.int8],
        arrived: NDArray[np.int64] | None = None,
    ) -> list[Doubt]:
        """Take readings in, in the order in which they came; return the doubts that have become certain.

        Parameters
        ----------
        t : (n,) int64 array
            Microseconds UTC.
        value : (n,) float64 array
        flag : (n,) int8 array
        arrived : (n,) int64 array or None
            When they came, microseconds UTC by the plant's clock; None where not known.
        """
        found = list(self._clock.push(t, arrived))
        forward = self._forward(t)
        t, value, flag = t[forward], value[forward], flag[forward]
        found += self._gaps.push(t)
        used = flag != INVALID
        found += self._series(t[used], value[used])
        return found

    def finish(self) -> list[Doubt]:
        """Return the doubts that are still open, as far as they have come."""
        return [
            *self._clock.finish(),
            *_out_of_bounds(self._outside.finish()),
            *self._still.finish(),
            *self._spikes.finish(),
            *self._slips.finish(),
        ]

    def _series(self, t: NDArray[np.int64], value: NDArray[np.float64]) -> Iterator[Doubt]:
        outside = (value < self._bounds.low) | (value > self._bounds.high)
        beyond = np.maximum(value - self._bounds.high, self._bounds.low - value)
        yield from _out_of_bounds(self._outside.push(t, outside, beyond))
        yield from self._still.push(t, value)
        yield from self._spikes.push(t, value)
        yield from self._slips.push(t, value)

    def _forward(self, t: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which readings are newer than all before them."""
        if not t.size:
            return np.zeros(0, np.bool_)
        lowest = np.iinfo(np.int64).min if self._newest is None else self._newest
        before = np.maximum.accumulate(np.concatenate(([lowest], t)))
        self._newest = int(before[-1])
        return np.asarray(t > before[:-1], np.bool_)


def _out_of_bounds(runs: Iterator[Run]) -> Iterator[Doubt]:
    for run in runs:
        yield Doubt(run.start, run.end, Reason.BOUNDS, run.count, 1.0, run.size)


def check(
    t: NDArray[np.int64],
    value: NDArray[np.float64],
    flag: NDArray[np.int8],
    profile: Profile,
    bounds: Bounds | None = None,
    *,
    arrived: NDArray[np.int64] | None = None,
    delay: int = 0,
) -> tuple[Doubt, ...]:
    """Return what is doubtful in a series, by its beginning.

    Parameters
    ----------
    t, value, flag : (n,) arrays
        As `Gate.push` takes them.
    profile : Profile
    bounds : Bounds or None
    arrived : (n,) int64 array or None
    delay : int

    Returns
    -------
    tuple of Doubt
        What `Gate` says of the same readings in batches, whatever the batches.
    """
    gate = Gate(profile, bounds, delay=delay)
    return in_order([*gate.push(t, value, flag, arrived), *gate.finish()])


def in_order(doubts: list[Doubt]) -> tuple[Doubt, ...]:
    """Return doubts by their beginning, their end and their reason."""
    return tuple(sorted(doubts, key=lambda one: (one.start, one.end, one.reason)))
