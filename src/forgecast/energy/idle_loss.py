"""What furnaces and plants take while nothing is made: holding power, loss between heats, base and off-shift load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.energy.month import FloatArray
from forgecast.ground.texts import Text, text

_HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % interval, or why there is none."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    why_missing: Text | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """What a furnace takes to hold.

    Parameters
    ----------
    power_kW : Estimate
        Mean power while it holds.
    melting_kW : float or None
        Mean power while it melts.
    hours : float
        Hours held in the stretch.
    share : float or None
        Of all its energy [1].
    """

    power_kW: Estimate
    melting_kW: float | None
    hours: float
    share: float | None


def share_within(starts_us: NDArray[np.int64], length_us: int, stretches: Sequence[tuple[int, int]]) -> FloatArray:
    """Return what share of each interval lies within stretches that do not overlap, (n,) [1].

    Parameters
    ----------
    starts_us : (n,) int64 array
    length_us : int
    stretches : sequence of (start, end)
        Microseconds UTC; those that overlap are joined.
    """
    starts = np.asarray(starts_us, dtype=np.int64)
    share = np.zeros(starts.size)
    for first, end in joined(stretches):
        low, high = np.searchsorted(starts, [first - length_us + 1, end])
        part = starts[low:high]
        share[low:high] += (np.minimum(part + length_us, end) - np.maximum(part, first)) / length_us
    return share


def joined(stretches: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return stretches in order, with those that touch or overlap made one."""
    found: list[tuple[int, int]] = []
    for first, end in sorted(stretches):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif end > first:
            found.append((first, end))
    return found


def holding(
    starts_us: NDArray[np.int64],
    power_kW: ArrayLike,
    *,
    length_us: int,
    melting: Sequence[tuple[int, int]],
    held: Sequence[tuple[int, int]],
) -> Holding:
    """Return holding and melting power from a power series and what the furnace did when.

    Parameters
    ----------
    starts_us : (n,) int64 array
        Starts of the intervals, ascending.
    power_kW : (n,) array
        Mean power of each; NaN where not there.
    length_us : int
    melting, held : sequence of (start, end)
        From heats and machine states.

    Notes
    -----
    Regression of power on state: P = P_m s_m + P_h s_h with the shares of the interval melted and held, intervals with
    neither left out (the furnace was off). statsmodels' OLS without intercept; the interval by Newey and West's
    covariance over an hour of lags, since neighbouring intervals are alike.
    """
    power = np.asarray(power_kW, dtype=np.float64)
    shares = np.column_stack([share_within(starts_us, length_us, one) for one in (melting, held)])
    there = np.isfinite(power) & (shares.sum(axis=1) > 0.0)
    hours = float(shares[np.isfinite(power), 1].sum()) * length_us / _HOUR_US
    design, y = shares[there], power[there]
    pure = int((design[:, 1] > 0.5).sum())
    if pure < 8:
        why = text("the furnace held in {n} intervals only", n=pure)
        return Holding(Estimate(None, None, None, pure, why), None, hours, None)
    from statsmodels.regression.linear_model import OLS  # type: ignore[import-untyped]  # noqa: PLC0415  (slow)

    both = bool((design[:, 0] > 0.0).any())
    design = design if both else design[:, 1:]
    lags = max(1, round(_HOUR_US / length_us))
    fit = OLS(y, design).fit(cov_type="HAC", cov_kwds={"maxlags": lags}, use_t=True)
    low, high = (float(v) for v in fit.conf_int()[-1])
    value = float(fit.params[-1])
    if value < 0.0:
        why = text("its power while it holds comes out below zero: the times of heats and of its power do not fit")
        return Holding(Estimate(None, None, None, pure, why), float(fit.params[0]) if both else None, hours, None)
    energy = float(power[np.isfinite(power)].sum()) * length_us / _HOUR_US
    share = value * hours / energy if energy > 0.0 else None
    return Holding(Estimate(value, low, high, pure), float(fit.params[0]) if both else None, hours, share)


def loss_between_heats(energy_kWh: ArrayLike, mass_t: ArrayLike, gap_h: ArrayLike, *, longest_h: float) -> Estimate:
    """Return what each hour of waiting before a heat costs that heat, kWh/h.

    Parameters
    ----------
    energy_kWh, mass_t, gap_h : (n,) array
        Of each heat: electricity, mass tapped, hours since the heat before was tapped.
    longest_h : float
        Heats after a longer wait are left out: the furnace was cold then, and a line no longer holds.

    Notes
    -----
    Regression E = e m + c g + b: the loss through lid and lining while the furnace waits is made up by the next heat.
    """
    from forgecast.energy.driver_model import fit_drivers, parameter_covariance  # noqa: PLC0415

    energy, mass, gap = (np.asarray(one, dtype=np.float64) for one in (energy_kWh, mass_t, gap_h))
    kept = np.where((gap >= 0.0) & (gap <= longest_h), energy, np.nan)
    n = int((np.isfinite(kept) & np.isfinite(mass) & np.isfinite(gap)).sum())
    if n < 20 or not np.ptp(gap[np.isfinite(kept)]) > 0.25:
        return Estimate(None, None, None, n, text("{n} heats have energy, mass and the wait before them", n=n))
    drivers = {"gap": gap}
    if np.ptp(mass[np.isfinite(kept) & np.isfinite(mass)]) > 0.0:
        drivers["mass"] = mass
    model = fit_drivers(kept, drivers)
    from scipy.special import stdtrit  # noqa: PLC0415

    value = model.coefficients[1].value
    error = float(np.sqrt(parameter_covariance(model)[1, 1]))
    half = float(stdtrit(max(model.effective - len(model.coefficients), 1.0), 0.975)) * error
    return Estimate(value, value - half, value + half, n)


def mean_of_blocks(values: ArrayLike, blocks: NDArray[np.int64]) -> Estimate:
    """Return the mean of a series with a 95 % interval from the means of blocks (days), which are nearly independent.

    Parameters
    ----------
    values : (n,) array
        NaN is left out.
    blocks : (n,) int64 array
        Block of each value.

    Notes
    -----
    Ratio estimate over blocks: m = Σ s_b / Σ n_b, variance Σ (s_b − m n_b)² B/(B − 1) / (Σ n_b)², t with B − 1.
    W. G. Cochran, Sampling Techniques, 3rd ed. 1977, 2.11.
    """
    from scipy.special import stdtrit  # noqa: PLC0415

    numbers = np.asarray(values, dtype=np.float64)
    there = np.isfinite(numbers)
    _, at = np.unique(blocks[there], return_inverse=True)
    sums, counts = np.bincount(at, weights=numbers[there]), np.bincount(at)
    n = int(counts.size)
    if n < 5:
        return Estimate(None, None, None, n, text("only {n} days have such hours", n=n))
    mean = float(sums.sum() / counts.sum())
    spread = np.sqrt(float(((sums - mean * counts) ** 2).sum()) * n / (n - 1)) / float(counts.sum())
    half = float(stdtrit(n - 1, 0.975)) * float(spread)
    return Estimate(mean, mean - half, mean + half, n)


#: Molar heat capacity of an ideal gas of two atoms over the molar volume at 273.15 K and 101.325 kPa, kJ/(m³ K).
GAS_HEAT = 3.5 * 8.314462618 / 22.41396954


def gas_heat_kW(flow_m3_h: ArrayLike, temperature_degC: ArrayLike, down_to_degC: float) -> FloatArray:
    """Return the sensible heat of dry offgas above a temperature, kW.

    Parameters
    ----------
    flow_m3_h : (n,) array
        At 273.15 K and 101.325 kPa, dry.
    temperature_degC : (n,) array
    down_to_degC : float
        Temperature to which the heat is taken (above the dew point of acids, say).

    Notes
    -----
    Equation: Q = V cp (T − T0), cp = 7/2 R / V_m, that of nitrogen and oxygen as ideal gases: it is a lower bound, as
    water vapour, carbon dioxide and higher temperatures hold more; burnable gas is not counted.
    """
    flow, temperature = np.asarray(flow_m3_h, dtype=np.float64), np.asarray(temperature_degC, dtype=np.float64)
    return np.asarray(flow * GAS_HEAT * np.maximum(temperature - down_to_degC, 0.0) / 3600.0)
