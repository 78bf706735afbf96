"""What is usual for a series: learned from its history, so that the gate judges new readings by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import HOUR_US, SECOND_US
from forgecast.signals.reading import GOOD

#: Neighbours on each side that a reading is compared with.
NEIGHBOURS: Final = 5
#: A series of no more distinct values is one of states (on, off), not a measurement.
_STATES: Final = 8
#: Below this many readings nothing is learned.
_LEAST: Final = 50
#: Share of deviations that are taken for usual, and how far beyond them a spike begins.
_USUAL, _BEYOND = 0.99, 3.0
#: A measurement is doubted only once it has stood this many times longer than it usually does, and this long at least.
_STILL_TIMES, _STILL_LEAST_US = 5.0, HOUR_US
#: A value on which the series has stood so often for so long is one it rests on: a stuck sensor does not repeat itself.
_RESTS: Final = 3
#: Share of all values that make up the core of the usual range, on each side.
_CORE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Profile:
    """What is usual for a series; a field that could not be learned switches its test off.

    Parameters
    ----------
    interval : int or None
        Time between readings, microseconds.
    spike_floor : float
        Deviation from its neighbours below which no reading is a spike; infinite where spikes are not looked for.
    still : int or None
        How long a value may stand before it is doubted, microseconds; None where it may stand for ever.
    low, high : float
        Usual range of the values.
    middle : float
        Their median.
    states : bool
        Whether the series shows a few states and no measurement.
    rests : tuple of float
        Values on which the series rests time and again (a power factor of 100 % at night): they are no stuck sensor.
    """

    interval: int | None
    spike_floor: float
    still: int | None
    low: float
    high: float
    middle: float
    states: bool
    rests: tuple[float, ...] = ()


def learn_profile(
    t: NDArray[np.int64],
    value: NDArray[np.float64],
    flag: NDArray[np.int8],
    *,
    interval: float | None = None,
    may_stand_still: bool = False,
) -> Profile:
    """Learn what is usual from the good readings of a stretch.

    The figures bear some faults within the stretch: the interval is a median; deviations are cut at their 99th
    per cent; the range starts from the middle 90 % of values and reaches outwards only where values follow closely.

    Parameters
    ----------
    t : (n,) int64 array
        Microseconds UTC, ascending.
    value : (n,) float64 array
    flag : (n,) int8 array
    interval : float or None
        Declared time between readings, s; without it the usual one is taken.
    may_stand_still : bool
        Whether the quantity may rest on one value (an operating state, a counter, a level).

    Returns
    -------
    Profile
    """
    good = flag == GOOD
    t, value = t[good], value[good]
    usual = _interval(t) if interval is None else round(interval * SECOND_US)
    if value.size < _LEAST:
        return Profile(usual, float("inf"), None, float("-inf"), float("inf"), float("nan"), states=False)
    states = _few(value)
    low, high = (float("-inf"), float("inf")) if states else _range(value)
    floor = float("inf") if states else _spike_floor(value)
    still, rests = (None, ()) if states or may_stand_still else _still(t, value, usual)
    return Profile(usual, floor, still, low, high, float(np.median(value)), states, rests)


def _interval(t: NDArray[np.int64]) -> int | None:
    return round(float(np.median(np.diff(t)))) if t.size > 1 else None


def _few(value: NDArray[np.float64]) -> bool:
    return np.unique(value).size <= _STATES


def _range(value: NDArray[np.float64]) -> tuple[float, float]:
    """Return the range of the values, from their core outwards to the first wide empty stretch."""
    ordered = np.sort(value)
    first, last = int(_CORE * ordered.size), int((1.0 - _CORE) * (ordered.size - 1))
    width = ordered[last] - ordered[first]
    wide = np.diff(ordered) > max(0.25 * width, abs(1e-9 * float(ordered[last])))
    below, above = np.flatnonzero(wide[:first]), np.flatnonzero(wide[last:])
    low = ordered[below[-1] + 1] if below.size else ordered[0]
    high = ordered[last + above[0]] if above.size else ordered[-1]
    room = 0.25 * float(high - low)
    # A positive quantity that is never near zero keeps its sign; the room is a share of it then.
    return (float(low) - min(room, 0.5 * float(low)) if low > 0.0 else float(low) - room), float(high) + room


def _spike_floor(value: NDArray[np.float64]) -> float:
    """Return how far a reading must stand off its neighbours before it may be a spike."""
    if value.size <= 2 * NEIGHBOURS:
        return float("inf")
    both = np.lib.stride_tricks.sliding_window_view(value, 2 * NEIGHBOURS + 1)
    off = np.abs(value[NEIGHBOURS:-NEIGHBOURS] - np.median(both, axis=1))
    usual = float(np.quantile(off, _USUAL))
    if usual > 0.0:
        return _BEYOND * usual
    steps = np.abs(np.diff(value))
    return _BEYOND * float(np.min(steps[steps > 0.0])) if (steps > 0.0).any() else float("inf")


def _still(t: NDArray[np.int64], value: NDArray[np.float64], interval: int | None) -> tuple[int, tuple[float, ...]]:
    """Return how long a value may stand, and on which values the series rests time and again.

    The time is several times what is usual for this series and its steps.
    """
    edges = np.flatnonzero(np.concatenate(([True], np.diff(value) != 0.0)))
    ends = np.concatenate((edges[1:] - 1, [value.size - 1]))
    moving = value[edges] != 0.0
    lasted = (t[ends] - t[edges])[moving]
    usual = float(np.quantile(lasted, _USUAL)) if lasted.size else 0.0
    limit = round(max(_STILL_LEAST_US, _STILL_TIMES * usual, 20.0 * (interval or 0)))
    long, times = np.unique(value[edges][t[ends] - t[edges] >= limit], return_counts=True)
    return limit, tuple(map(float, long[times >= _RESTS]))
