"""Hours of a stack: 1-h means from samples or from per-hour sums, and their validity.

An hour is a count of hours since 1970-01-01T00:00Z. China keeps whole-hour offsets, so a UTC hour is a clock
hour there; in a zone with half-hour offset the hours are those of UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.environment.missing import FloatArray, Missing, StackValues, answered
from forgecast.ground.dates import HOUR_US
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text


@dataclass(frozen=True, slots=True, eq=False)
class HourlyPartials:
    """Per-hour counts and sums of one series: all an hourly mean needs, whoever added them up.

    Parameters
    ----------
    hours : (n,) int64 array
        Hours since 1970-01-01T00:00Z, strictly ascending; hours without a sample are absent.
    count : (n,) int64 array
        Samples in the hour, good or not.
    good : (n,) int64 array
        Samples that are valid: flagged good and not missing.
    total : (n,) float64 array
        Sum of the good values; 0 where there is none.
    lowest, highest : (n,) float64 array
        Extremes of the good values; NaN where there is none.
    """

    hours: NDArray[np.int64]
    count: NDArray[np.int64]
    good: NDArray[np.int64]
    total: FloatArray
    lowest: FloatArray
    highest: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class HourlyMeans:
    """1-h means over an unbroken row of hours; an hour without a valid mean is missing for a stated reason.

    Parameters
    ----------
    hours : (n,) int64 array
        Every hour of the stretch, hours since 1970-01-01T00:00Z.
    means : StackValues
        (n,) values; NaN and a reason where the hour has no valid mean.
    share : (n,) float64 array
        Good samples as share of those expected, at most 1.
    """

    hours: NDArray[np.int64]
    means: StackValues
    share: FloatArray

    @property
    def valid_hours(self) -> NDArray[np.int64]:
        """Return the hours with a valid mean, (m,) int64."""
        return self.hours[self.means.present]

    @property
    def valid_values(self) -> FloatArray:
        """Return the valid means, (m,) float64, in the order of `valid_hours`."""
        return self.means.values[self.means.present]


def hourly_partials(
    times_us: NDArray[np.int64],
    values: ArrayLike,
    good: NDArray[np.bool_] | None = None,
    *,
    stamped: Literal["start", "end"] = "start",
) -> HourlyPartials:
    """Add up samples by hour.

    Parameters
    ----------
    times_us : (n,) int64 array
        Microseconds UTC, strictly ascending.
    values : (n,) array
        NaN is never good.
    good : (n,) bool array or None
        Whether the sample's flag lets it count; None where the series has no flags.
    stamped : {"start", "end"}
        Whether a sample stamped 10:00 speaks for the time after or before 10:00.

    Raises
    ------
    ForgecastError
        If the times are not strictly ascending (a doubled sample would count twice towards validity).
    """
    times = np.asarray(times_us, dtype=np.int64)
    numbers = np.asarray(values, dtype=np.float64)
    if times.size == 0:
        nothing = np.empty(0, dtype=np.int64)
        return HourlyPartials(nothing, nothing, nothing, np.empty(0), np.empty(0), np.empty(0))
    if np.any(np.diff(times) <= 0):
        raise ForgecastError(
            text("the times of the series are not strictly ascending"),
            where=f"sample {int(np.argmax(np.diff(times) <= 0)) + 1}",
            repair=text("sort the series by time and keep one sample per time"),
        )
    counts_as_good = np.isfinite(numbers) if good is None else np.isfinite(numbers) & good
    hour = (times - 1 if stamped == "end" else times) // HOUR_US
    starts = np.flatnonzero(np.concatenate(([True], hour[1:] != hour[:-1])))
    n_good = np.add.reduceat(counts_as_good.astype(np.int64), starts)
    lowest = np.minimum.reduceat(np.where(counts_as_good, numbers, np.inf), starts)
    highest = np.maximum.reduceat(np.where(counts_as_good, numbers, -np.inf), starts)
    return HourlyPartials(
        hours=hour[starts],
        count=np.diff(np.append(starts, times.size)).astype(np.int64),
        good=n_good,
        total=np.add.reduceat(np.where(counts_as_good, numbers, 0.0), starts),
        lowest=np.where(n_good > 0, lowest, np.nan),
        highest=np.where(n_good > 0, highest, np.nan),
    )


def joined(*parts: HourlyPartials) -> HourlyPartials:
    """Join partials of one series added up apart (one file each); an hour in several is added together.

    Parameters
    ----------
    parts : HourlyPartials
        They must not hold the same sample twice.
    """
    hours = np.concatenate([part.hours for part in parts]) if parts else np.empty(0, dtype=np.int64)
    if hours.size == 0:
        return hourly_partials(hours, np.empty(0))
    order = np.argsort(hours, kind="stable")
    ordered = hours[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    return HourlyPartials(
        hours=ordered[starts],
        count=np.add.reduceat(np.concatenate([part.count for part in parts])[order], starts),
        good=np.add.reduceat(np.concatenate([part.good for part in parts])[order], starts),
        total=np.add.reduceat(np.concatenate([part.total for part in parts])[order], starts),
        lowest=np.fmin.reduceat(np.concatenate([part.lowest for part in parts])[order], starts),
        highest=np.fmax.reduceat(np.concatenate([part.highest for part in parts])[order], starts),
    )


def usual_count(partials: HourlyPartials) -> int | None:
    """Return the number of samples most hours have (the larger one in a tie), or None without any hour.

    This is an observation: where the logging interval is on record, count from that instead.
    """
    if partials.hours.size == 0:
        return None
    counts, occurrences = np.unique(partials.count, return_counts=True)
    return int(counts[np.flatnonzero(occurrences == occurrences.max())[-1]])


def hourly_means(
    partials: HourlyPartials,
    *,
    expected_per_hour: float,
    minimum_share: float,
    first_hour: int | None = None,
    end_hour: int | None = None,
) -> HourlyMeans:
    """Return the 1-h means of every hour of a stretch, valid where enough good samples were there.

    Parameters
    ----------
    partials : HourlyPartials
    expected_per_hour : float
        Samples a full hour has (60 for minute values, 1 for a series of hourly values).
    minimum_share : float
        Least share of the expected samples that must be good, above 0 and up to 1. No default: it is the
        monitoring rule's number, not ours.
    first_hour, end_hour : int or None
        The stretch, end exclusive; None means from the first to the last hour with samples. Hours in it
        without any sample are missing, hours outside it are left out.

    Raises
    ------
    ForgecastError
        If the expected count is not above zero or the share not within (0, 1].
    """
    if not expected_per_hour > 0.0 or not 0.0 < minimum_share <= 1.0:
        raise ForgecastError(
            text(
                "{expected} samples an hour with a least share of {share} cannot decide on validity",
                expected=expected_per_hour,
                share=minimum_share,
            ),
            repair=text("give a sample count above 0 and a share above 0 and up to 1"),
        )
    bounds = (int(partials.hours[0]), int(partials.hours[-1]) + 1) if partials.hours.size else (0, 0)
    first = bounds[0] if first_hour is None else first_hour
    end = bounds[1] if end_hour is None else end_hour
    hours = np.arange(first, end, dtype=np.int64)
    inside = (partials.hours >= first) & (partials.hours < end)
    at = partials.hours[inside] - first
    count, good, total = (np.zeros(hours.size) for _ in range(3))
    count[at], good[at], total[at] = partials.count[inside], partials.good[inside], partials.total[inside]
    share = np.minimum(good / expected_per_hour, 1.0)
    means = answered(
        total / np.where(good > 0, good, 1.0),
        (count == 0, Missing.NO_SAMPLE),
        (good == 0, Missing.NO_GOOD_SAMPLE),
        # A share such as 0.75 of 60 must not fail on rounding, hence the slack of a millionth of a sample.
        (good < minimum_share * expected_per_hour - 1e-6, Missing.TOO_FEW_SAMPLES),
    )
    return HourlyMeans(hours, means, share)
