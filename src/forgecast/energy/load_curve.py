"""Load curves: peak, load factor, base load, load duration and power factor from interval energy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.energy.month import FloatArray, check_ascending
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class LoadFigures:
    """What a load curve amounts to; every number is None where no interval is there.

    Parameters
    ----------
    energy_kWh : float or None
        Energy of the intervals that are there.
    peak_kW : float or None
        Highest mean power of an interval.
    peak_start_us : int or None
        Start of the first interval at the peak, microseconds UTC.
    mean_kW : float or None
    load_factor : float or None
        Mean over peak power [1]; None also where the peak is not above zero.
    base_kW : float or None
        Power that is reached or exceeded nearly all the time (see `load_figures`).
    intervals, missing_intervals : int
        Intervals there, and those missing between the first and the last.
    why_missing : Text or None
    """

    energy_kWh: float | None
    peak_kW: float | None
    peak_start_us: int | None
    mean_kW: float | None
    load_factor: float | None
    base_kW: float | None
    intervals: int
    missing_intervals: int
    why_missing: Text | None = None


def load_figures(
    times_us: NDArray[np.int64],
    energy_kWh: ArrayLike,
    *,
    interval: float,
    stamped: Literal["start", "end"] = "end",
    base_share: float = 0.05,
) -> LoadFigures:
    """Return peak, load factor and base load of a load curve.

    Parameters
    ----------
    times_us : (n,) int64 array
        Microseconds UTC, strictly ascending.
    energy_kWh : (n,) array
        Energy of each interval, kWh; NaN is not there.
    interval : float
        Length of an interval [s].
    stamped : {"start", "end"}
        Whether an interval carries the time of its start or of its end, as energy meters write it.
    base_share : float
        The base load is the power undercut in this share of the intervals (default 0.05: holidays and outages
        do not set it, a weekend does).

    Raises
    ------
    ForgecastError
        If the times are not strictly ascending or the interval is not above zero.

    Notes
    -----
    Equations: P = E · 3600 s/h / interval; load factor = mean(P) / max(P).
    """
    times = np.asarray(times_us, dtype=np.int64)
    check_ascending(times)
    power = interval_power(energy_kWh, interval)
    there = np.isfinite(power)
    if not there.any():
        return LoadFigures(None, None, None, None, None, None, 0, 0, text("the load curve has no values"))
    kept, kept_times = power[there], times[there]
    length_us = round(interval * 1e6)
    due = round((int(kept_times[-1]) - int(kept_times[0])) / length_us) + 1
    at = int(np.argmax(kept))
    peak, mean = float(kept[at]), float(kept.mean())
    return LoadFigures(
        energy_kWh=float(kept.sum()) * interval / HOUR_S,
        peak_kW=peak,
        peak_start_us=int(kept_times[at]) - (length_us if stamped == "end" else 0),
        mean_kW=mean,
        load_factor=mean / peak if peak > 0.0 else None,
        base_kW=float(np.quantile(kept, base_share)),
        intervals=int(kept.size),
        missing_intervals=max(due - int(kept.size), 0),
    )


def interval_power(energy_kWh: ArrayLike, interval: float) -> FloatArray:
    """Return the mean power of intervals, kW.

    Parameters
    ----------
    energy_kWh : (n,) array
    interval : float
        Length of an interval [s].

    Raises
    ------
    ForgecastError
        If the interval is not above zero.
    """
    if not interval > 0.0:
        raise ForgecastError(
            text("an interval of {interval} s has no mean power", interval=interval),
            repair=text("give the interval of the meter in seconds, such as 900"),
        )
    return np.asarray(np.asarray(energy_kWh, dtype=np.float64) * (HOUR_S / interval))


def power_factor(active: ArrayLike, reactive: ArrayLike) -> FloatArray:
    """Return the power factor of active and reactive power, or of their energies over the same time.

    Parameters
    ----------
    active : (n,) array
        kW or kWh.
    reactive : (n,) array
        kvar or kvarh. With a month's energies the result is the mean power factor that tariffs are charged
        by.

    Returns
    -------
    (n,) float64 array
        [1]; NaN without any load, where it has no meaning.

    Notes
    -----
    Equation: cos φ = P / √(P² + Q²).
    """
    drawn, swung = np.broadcast_arrays(np.asarray(active, dtype=np.float64), np.asarray(reactive, dtype=np.float64))
    apparent = np.hypot(drawn, swung)
    loaded = apparent > 0.0
    return np.asarray(np.where(loaded, drawn / np.where(loaded, apparent, 1.0), np.nan))


def power_factor_contradictions(
    active: ArrayLike, reactive: ArrayLike, recorded_percent: ArrayLike, *, tolerance_percent: float = 0.005
) -> NDArray[np.int64]:
    """Return where a recorded power factor contradicts the recorded powers.

    Parameters
    ----------
    active, reactive : (n,) array
        As in `power_factor`.
    recorded_percent : (n,) array
        Power factor as the meter recorded it, percent.
    tolerance_percent : float
        Largest difference that agrees; the default is the rounding of a value with two decimals.

    Returns
    -------
    (m,) int64 array
        Positions; rows without load or without a value are not among them, there is nothing to compare.
    """
    difference = np.abs(
        100.0 * power_factor(active, reactive) - np.asarray(recorded_percent, dtype=np.float64)
    )  # A value rounded at exactly half a last digit may come out a hair beyond it in binary.
    return np.flatnonzero(difference > tolerance_percent * (1.0 + 1e-9))
