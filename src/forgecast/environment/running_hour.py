"""Hours that are still running: readings as they come (late, repeated, corrected), and where the hour is heading."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forgecast.environment.hour import HourlyPartials, hourly_partials
from forgecast.environment.missing import FloatArray
from forgecast.ground.dates import HOUR_US


@dataclass(slots=True)
class RunningHours:
    """Readings of many tags by hour; what comes last for an instant counts, whatever the order.

    Parameters
    ----------
    closing : collection of str
        Tags whose readings close an interval: one exactly on the hour belongs to the hour before.
    """

    closing: Collection[str] = ()
    _held: dict[str, dict[int, dict[int, tuple[float, bool]]]] = field(default_factory=dict)

    def copy(self) -> RunningHours:
        """Return the same readings, apart from what comes later."""
        held = {tag: {hour: dict(readings) for hour, readings in hours.items()} for tag, hours in self._held.items()}
        return RunningHours(self.closing, held)

    def hour_of(self, tag: str, t_us: int) -> int:
        """Return the hour a reading belongs to, hours since 1970-01-01T00:00Z."""
        return (t_us - 1 if tag in self.closing else t_us) // HOUR_US

    def take(self, tag: str, t_us: NDArray[np.int64], value: FloatArray, good: NDArray[np.bool_]) -> set[int]:
        """Take readings of a tag and return the hours they fall into.

        Parameters
        ----------
        tag : str
        t_us : (n,) int64 array
            Microseconds UTC, in any order, repeats allowed.
        value : (n,) float64 array
        good : (n,) bool array
            Whether the reading's flag lets it count.
        """
        hours = self._held.setdefault(tag, {})
        touched = set()
        for t, number, sound in zip(t_us.tolist(), value.tolist(), good.tolist(), strict=True):
            hour = self.hour_of(tag, t)
            hours.setdefault(hour, {})[t] = (number, sound)
            touched.add(hour)
        return touched

    def holds(self, tag: str, hour: int) -> bool:
        """Whether anything of an hour of a tag is held."""
        return hour in self._held.get(tag, {})

    def tags(self) -> tuple[str, ...]:
        """Return the tags of which anything is held."""
        return tuple(sorted(tag for tag, hours in self._held.items() if hours))

    def partials(self, tag: str) -> HourlyPartials:
        """Return counts and sums of the hours held of a tag."""
        readings = {t: one for hour in self._held.get(tag, {}).values() for t, one in hour.items()}
        times = np.array(sorted(readings), dtype=np.int64)
        values = np.array([readings[t][0] for t in times.tolist()], dtype=np.float64)
        good = np.array([readings[t][1] for t in times.tolist()], dtype=np.bool_)
        return hourly_partials(times, values, good, stamped="end" if tag in self.closing else "start")

    def mean_since(self, tag: str, hour: int, since_us: int) -> float | None:
        """Return the mean of the good readings of an hour from an instant on; None without any."""
        held = self._held.get(tag, {}).get(hour, {})
        values = [value for t, (value, good) in held.items() if good and t >= since_us]
        return sum(values) / len(values) if values else None

    def forget(self, before_hour: int) -> None:
        """Let go of the hours before one."""
        for hours in self._held.values():
            for hour in [hour for hour in hours if hour < before_hour]:
                del hours[hour]


@dataclass(frozen=True, slots=True)
class HourForecast:
    """Where a running hour is heading.

    Parameters
    ----------
    mean : float
        Mean of the hour so far.
    projected : float
        Mean the hour ends with if the rest of it is as the last minutes were.
    allowed : float
        Mean the rest of the hour may have so that the hour keeps the limit; below zero where nothing helps any more.
    elapsed : float
        Share of the hour that is over.
    threatens : bool
        Whether the projected mean is above the limit.
    """

    mean: float
    projected: float
    allowed: float
    elapsed: float
    threatens: bool

    @property
    def lost(self) -> bool:
        """Whether the limit can no longer be kept: even a rest at zero leaves the hour above it."""
        return self.allowed < 0.0


def forecast_hour(mean: float, recent: float, elapsed: float, limit: float) -> HourForecast:
    """Return where a running hour is heading.

    Parameters
    ----------
    mean : float
        Mean of the part that is over, in the state the law compares at.
    recent : float
        Mean of the last minutes, in the same state.
    elapsed : float
        Share of the hour that is over, above 0 and below 1.
    limit : float
        Of the 1-h mean.

    Notes
    -----
    Equations: projected = m·e + r·(1 − e); allowed = (limit − m·e)/(1 − e)

    A forecast and no verdict: it takes the rest of the hour to be as the last minutes were, and the oxygen content
    to stay as it has been.
    """
    if not 0.0 < elapsed < 1.0:
        message = "an hour that has not begun or is over has no forecast"
        raise ValueError(message)
    rest = 1.0 - elapsed
    projected = mean * elapsed + recent * rest
    return HourForecast(mean, projected, (limit - mean * elapsed) / rest, elapsed, projected > limit)
