"""Discords: the stretches of a signal that resemble no other, by the matrix profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]

#: Up to this many stretches the profile comes out of plain products of blocks; beyond, the time stumpy takes to compile
#: its loops (half a minute) is won back.
_BLOCKED: Final = 15_000
_ROWS: Final = 512
#: More values than this would take hours.
MOST_VALUES: Final = 200_000


@dataclass(frozen=True, slots=True)
class Discord:
    """A stretch unlike all others.

    Parameters
    ----------
    at : int
        Index of its first value.
    nearest : int
        First value of the stretch most like it.
    distance : float
        Between the two, each brought to mean 0 and deviation 1 [1]; 0 alike, √(2m) unrelated, 2√m opposite.
    """

    at: int
    nearest: int
    distance: float


@dataclass(frozen=True, slots=True, eq=False)
class Discords:
    """The discords of a signal, and how often a threshold between them and the rest would have been passed.

    Parameters
    ----------
    discords : tuple of Discord
        Farthest first; none overlaps another.
    profile : (n-m+1,) float64 array
        Distance of each stretch to its nearest other; NaN where the stretch is constant or has a missing value.
    window : int
        m, values in a stretch.
    constant, missing : int
        Stretches left out because they do not vary, or lack a value.
    threshold : float
        Distance that the stretches of the first half pass with the false-alarm rate asked for.
    alarms : int
        Separate excursions beyond it in the second half.
    tested : int
        Stretches of the second half.
    """

    discords: tuple[Discord, ...]
    profile: FloatArray
    window: int
    constant: int
    missing: int
    threshold: float
    alarms: int
    tested: int


def find_discords(
    values: ArrayLike, window: int, *, count: int = 3, flat: float = 0.02, false_alarm: float = 0.01
) -> Discords:
    """Return the stretches of a signal that resemble no other.

    Parameters
    ----------
    values : (n,) array
        Evenly spaced; NaN where missing.
    window : int
        Values in a stretch: one cycle, one day …
    count : int
        Most discords.
    flat : float
        A stretch whose deviation is below this share of the signal's (median of all stretches) is constant: brought to
        deviation 1 it would be noise only.
    false_alarm : float
        Share of the stretches of the first half that may pass the threshold.

    Raises
    ------
    ForgecastError
        If the signal is not four stretches long, or nothing of it varies.

    Notes
    -----
    Matrix profile with an exclusion zone of half a stretch: C.-C. M. Yeh et al., IEEE ICDM 2016, 1317-1322,
    doi:10.1109/ICDM.2016.0179; long signals by the program stumpy. Discords are taken farthest first, none closer than
    a stretch to another. Back-test: the threshold is learnt in the first half and tried on the second.
    """
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1 or window < 4 or x.size < 4 * window or x.size > MOST_VALUES:
        raise ForgecastError(
            text("{n} values cannot be searched for discords of {m}", n=int(x.size), m=window),
            repair=text("give four stretches or more, of 4 values or more, up to {most} values", most=MOST_VALUES),
        )
    usable, constant, missing = _usable(x, window, flat)
    if usable.sum() < 2:
        raise ForgecastError(
            text("no stretch of the signal varies"),
            repair=text("choose a signal or a period in which something happens"),
        )
    profile, nearest = matrix_profile(x, window, usable)
    left = np.where(np.isfinite(profile), profile, -np.inf)
    found: list[Discord] = []
    while len(found) < count and np.isfinite(left).any():
        at = int(np.argmax(left))
        found.append(Discord(at, int(nearest[at]), float(profile[at])))
        left[max(at - window + 1, 0) : at + window] = -np.inf
    threshold, alarms, tested = _back_test(profile, window, false_alarm)
    return Discords(tuple(found), profile, window, constant, missing, threshold, alarms, tested)


def matrix_profile(x: FloatArray, window: int, usable: BoolArray) -> tuple[FloatArray, NDArray[np.int64]]:
    """Return the distance of each usable stretch to its nearest usable one beyond half a stretch, and where that is.

    Parameters
    ----------
    x : (n,) float64 array
    window : int
    usable : (n-window+1,) bool array

    Returns
    -------
    (n-window+1,) float64 array
        NaN where a stretch is not usable or has no other.
    (n-window+1,) int64 array
        -1 there.

    Notes
    -----
    Equation: d² = 2m (1-ρ), ρ the correlation of the two stretches.
    """
    if usable.size > _BLOCKED:
        return _by_stumpy(x, window, usable)
    profile = np.full(usable.size, np.nan)
    nearest = np.full(usable.size, -1, dtype=np.int64)
    there = np.flatnonzero(usable)
    stretches = np.lib.stride_tricks.sliding_window_view(x, window)[there]
    unit = stretches - stretches.mean(axis=1, keepdims=True)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    zone = -(-window // 2)
    for first in range(0, there.size, _ROWS):
        rows = slice(first, first + _ROWS)
        likeness = unit[rows] @ unit.T
        likeness[np.abs(there[rows][:, None] - there[None, :]) <= zone] = -np.inf
        best = np.argmax(likeness, axis=1)
        top = likeness[np.arange(best.size), best]
        known = np.isfinite(top)
        place = there[rows]
        profile[place[known]] = np.sqrt(np.maximum(2.0 * window * (1.0 - top[known]), 0.0))
        nearest[place[known]] = there[best[known]]
    return profile, nearest


def _by_stumpy(x: FloatArray, window: int, usable: BoolArray) -> tuple[FloatArray, NDArray[np.int64]]:
    import stumpy  # type: ignore[import-untyped]  # noqa: PLC0415  (loads slowly)

    # A missing value makes stumpy leave a stretch out; so does one put in the place of a constant stretch.
    gone = x.copy()
    gone[~_touched(usable, window, x.size)] = np.nan
    found = stumpy.stump(gone, window)
    distance, where = np.asarray(found[:, 0], dtype=np.float64), np.asarray(found[:, 1], dtype=np.int64)
    known = usable & np.isfinite(distance)
    return np.where(known, distance, np.nan), np.where(known, where, -1)


def _touched(usable: BoolArray, window: int, n: int) -> BoolArray:
    """Return which values lie in a usable stretch."""
    steps = np.zeros(n + 1, dtype=np.int64)
    at = np.flatnonzero(usable)
    np.add.at(steps, at, 1)
    np.add.at(steps, at + window, -1)
    return np.cumsum(steps[:-1]) > 0


def _usable(x: FloatArray, window: int, flat: float) -> tuple[BoolArray, int, int]:
    stretches = np.lib.stride_tricks.sliding_window_view(x, window)
    whole = np.isfinite(x)
    sums = np.concatenate([[0], np.cumsum(~whole)])
    missing = (sums[window:] - sums[:-window]) > 0
    spread = np.full(missing.size, np.nan)
    for first in range(0, missing.size, 65536):
        rows = slice(first, first + 65536)
        spread[rows] = stretches[rows].std(axis=1)
    typical = float(np.nanmedian(spread[~missing])) if (~missing).any() else 0.0
    top = float(np.nanmax(np.where(missing, np.nan, spread))) if (~missing).any() else 0.0
    # Where most stretches are constant, the median tells nothing; then the most lively one is the measure.
    measure = typical if typical > flat * top else top
    constant = ~missing & ~(spread > flat * measure)
    return ~missing & ~constant, int(constant.sum()), int(missing.sum())


def _back_test(profile: FloatArray, window: int, false_alarm: float) -> tuple[float, int, int]:
    half = profile.size // 2
    known = profile[:half][np.isfinite(profile[:half])]
    if not known.size:
        return float("nan"), 0, 0
    threshold = float(np.quantile(known, 1.0 - false_alarm))
    after = profile[half:]
    beyond = np.flatnonzero(np.nan_to_num(after, nan=-1.0) > threshold)
    # One excursion is one alarm, however many stretches overlap it.
    alarms = 0 if not beyond.size else 1 + int((np.diff(beyond) > window).sum())
    return threshold, alarms, int(np.isfinite(after).sum())
