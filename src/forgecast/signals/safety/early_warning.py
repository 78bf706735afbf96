"""Early warning: how long until a trend reaches a limit, with an interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy
from numpy.typing import NDArray

from forgecast.ground.dates import SECOND_US
from forgecast.signals.reading import GOOD

#: A trend is told from the medians of so many blocks: short-lived swings do not speak.
_BLOCKS: Final = 60
#: Fewer readings than this show no trend.
LEAST: Final = 12


@dataclass(frozen=True, slots=True)
class TimeToLimit:
    """How a series moves towards its limit.

    Parameters
    ----------
    level : float
        Where it is now by the trend, in the unit of the series.
    slope : float
        Change per second towards the limit, positive.
    expected : float
        Time until the limit is reached, s; 0 where it is beyond already.
    earliest, latest : float
        Interval of that time at the confidence asked for, s; `latest` may be infinite.
    confidence : float
    readings : int
    """

    level: float
    slope: float
    expected: float
    earliest: float
    latest: float
    confidence: float
    readings: int

    def as_json(self) -> dict[str, object]:
        """Return it as every JSON answer shows it."""
        return {
            "level": self.level,
            "slope_per_s": self.slope,
            "expected_s": self.expected,
            "earliest_s": self.earliest,
            "latest_s": None if np.isinf(self.latest) else self.latest,
            "confidence": self.confidence,
            "readings": self.readings,
        }


def time_to_limit(
    t: NDArray[np.int64],
    value: NDArray[np.float64],
    flag: NDArray[np.int8],
    limit: float,
    *,
    upwards: bool,
    confidence: float = 0.9,
) -> TimeToLimit | None:
    """Return how long it takes until the trend of a stretch reaches a limit.

    The slope is the median of all slopes between block medians (Theil and Sen), its interval that of Sen, which rests
    on Kendall's rank correlation; level and time follow from them as if the trend went on in a straight line.

    Parameters
    ----------
    t : (n,) int64 array
        Microseconds UTC, ascending: the stretch whose trend is meant.
    value : (n,) float64 array
    flag : (n,) int8 array
        Only good readings count.
    limit : float
        In the unit of the series.
    upwards : bool
        Whether danger lies above the limit.
    confidence : float
        Of the interval, 0 to 1; it holds where deviations of the block medians from the trend are independent.

    Returns
    -------
    TimeToLimit or None
        None where too few readings are there, or where the interval of the slope does not exclude standing still.

    Notes
    -----
    P. K. Sen, J. Am. Stat. Assoc. 63 (1968) 1379, doi:10.1080/01621459.1968.10480934.
    """
    good = flag == GOOD
    t, value = t[good], value[good]
    if t.size < LEAST:
        return None
    sign = 1.0 if upwards else -1.0
    x, y = _blocks((t - t[-1]) / SECOND_US, sign * value)
    slope, _, low, high = (float(one) for one in scipy.stats.theilslopes(y, x, alpha=confidence))
    level = float(np.median(y - slope * x))
    left = sign * limit - level
    if left <= 0.0:
        return TimeToLimit(sign * level, max(slope, 0.0), 0.0, 0.0, 0.0, confidence, int(t.size))
    if low <= 0.0:
        return None
    # A steeper slope leaves less time from a level that the steeper line itself has.
    earliest = max(sign * limit - float(np.median(y - high * x)), 0.0) / high
    latest = max(sign * limit - float(np.median(y - low * x)), 0.0) / low
    return TimeToLimit(sign * level, slope, left / slope, earliest, latest, confidence, int(t.size))


def moves(t: NDArray[np.int64], value: NDArray[np.float64], flag: NDArray[np.int8], *, upwards: bool) -> bool:
    """Return whether a series moves in a direction, beyond doubt at 95 % on that side."""
    good = flag == GOOD
    if int(good.sum()) < LEAST:
        return False
    sign = 1.0 if upwards else -1.0
    x, y = _blocks((t[good] - t[good][-1]) / SECOND_US, sign * value[good])
    return float(scipy.stats.theilslopes(y, x, alpha=0.9)[2]) > 0.0


def _blocks(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the medians of blocks of equal counts; the readings themselves where they are few."""
    if x.size <= _BLOCKS:
        return x, y
    parts = np.array_split(np.arange(x.size), _BLOCKS)
    return np.array([np.median(x[part]) for part in parts]), np.array([np.median(y[part]) for part in parts])
