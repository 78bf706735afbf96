"""Interval energy added up by month, with what is covered and what is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

FloatArray: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PeriodSums:
    """Sums of a quantity over periods that follow one another.

    Parameters
    ----------
    total : (m,) float64 array
        Sum of the period; NaN where too few intervals are there. Never scaled up.
    known : (m,) float64 array
        Sum of what is there; 0 where nothing is.
    covered, expected : (m,) int64 array
        Intervals there and due.
    """

    total: FloatArray
    known: FloatArray
    covered: NDArray[np.int64]
    expected: NDArray[np.int64]


def sums_by_period(
    times_us: NDArray[np.int64],
    values: ArrayLike,
    edges_us: NDArray[np.int64],
    *,
    interval_us: int,
    minimum_share: float = 1.0,
    stamped: Literal["start", "end"] = "end",
) -> PeriodSums:
    """Add up interval quantities (kWh a quarter of an hour, say) by period.

    Parameters
    ----------
    times_us : (n,) int64 array
        Microseconds UTC, strictly ascending.
    values : (n,) array
        Quantity of each interval; NaN is not there.
    edges_us : (m + 1,) int64 array
        Starts of the periods and the end of the last one, ascending: local month starts from `ground.dates`.
    interval_us : int
        Length of an interval in microseconds.
    minimum_share : float
        Least share of the due intervals for a total, above 0 and up to 1. The default wants every one.
    stamped : {"start", "end"}
        Whether an interval carries the time of its start or of its end, as energy meters write it.

    Raises
    ------
    ForgecastError
        If the times are not strictly ascending or the interval is not above zero.
    """
    times = np.asarray(times_us, dtype=np.int64)
    numbers = np.asarray(values, dtype=np.float64)
    edges = np.asarray(edges_us, dtype=np.int64)
    check_ascending(times)
    if interval_us <= 0 or not 0.0 < minimum_share <= 1.0:
        raise ForgecastError(
            text(
                "an interval of {interval} μs with a least share of {share} cannot be added up",
                interval=interval_us,
                share=minimum_share,
            ),
            repair=text("give an interval above 0 and a share above 0 and up to 1"),
        )
    starts = times - interval_us if stamped == "end" else times
    there = np.isfinite(numbers)
    at = np.searchsorted(edges, starts[there], side="right") - 1
    inside = (at >= 0) & (at < edges.size - 1)
    periods = max(edges.size - 1, 0)
    covered = np.bincount(at[inside], minlength=periods).astype(np.int64)
    known = np.bincount(at[inside], weights=numbers[there][inside], minlength=periods).astype(np.float64)
    expected = (np.diff(edges) // interval_us).astype(np.int64)
    enough = (covered > 0) & (covered >= minimum_share * expected - 1e-6)
    return PeriodSums(np.where(enough, known, np.nan), known, covered, expected)


def check_ascending(times: NDArray[np.int64]) -> None:
    """Refuse times that are not strictly ascending.

    Raises
    ------
    ForgecastError
    """
    if np.any(np.diff(times) <= 0):
        raise ForgecastError(
            text("the times of the series are not strictly ascending"),
            where=f"sample {int(np.argmax(np.diff(times) <= 0)) + 1}",
            repair=text("sort the series by time and keep one sample per time"),
        )
