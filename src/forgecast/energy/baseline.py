"""Baselines: monthly energy against production by least squares, and specific energy per tonne."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.energy.month import FloatArray
from forgecast.ground.texts import Text, text


@dataclass(frozen=True, slots=True)
class Baseline:
    """A line through monthly energy over production, or why there is none.

    Parameters
    ----------
    base : float or None
        Energy of a month without production (intercept), in the energy's unit.
    per_tonne : float or None
        Energy of each further tonne (slope).
    base_error, per_tonne_error : float or None
        Standard errors of the two.
    residual_error : float or None
        Standard deviation of a month about the line.
    r2 : float or None
        Share of the variance explained; None where the energy does not vary.
    months : int
        Months used.
    left_out : int
        Months without production or energy on record.
    mean_production, spread : float
        Mean production [t] and Σ (x − x̄)² [t²] of the months used: what the band needs.
    why_missing : Text or None
    """

    base: float | None
    per_tonne: float | None
    base_error: float | None
    per_tonne_error: float | None
    residual_error: float | None
    r2: float | None
    months: int
    left_out: int
    mean_production: float
    spread: float
    why_missing: Text | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """Energy that a baseline expects, with the band in which a single month lies.

    Parameters
    ----------
    value, low, high : (n,) float64 array
        NaN where the baseline or the production is missing.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class SpecificEnergy:
    """Energy per tonne by month and for the months together.

    Parameters
    ----------
    monthly : (n,) float64 array
        NaN where energy or production is missing or production is zero.
    overall : float or None
        Sum of energy over sum of production of the months with both.
    months : int
        Months in `overall`.
    left_out : int
        Months without energy or production on record.
    why_missing : Text or None
    """

    monthly: FloatArray
    overall: float | None
    months: int
    left_out: int
    why_missing: Text | None = None


def fit_baseline(production_t: ArrayLike, energy: ArrayLike, *, minimum_months: int = 6) -> Baseline:
    """Fit monthly energy against production by least squares.

    Parameters
    ----------
    production_t : (n,) array
        Good production of each month [t]; NaN where not on record.
    energy : (n,) array
        Energy of each month (kWh, tce …); NaN where not on record.
    minimum_months : int
        Fewer months with both give no baseline; at least 3 (below, there is no residual). The default of six
        keeps one odd month from setting the line.

    Returns
    -------
    Baseline

    Notes
    -----
    scipy's linregress: y = a + b x; b = Σ(x−x̄)(y−ȳ)/Σ(x−x̄)²; a = ȳ − b x̄; s² = Σ r²/(n−2);
    se(b) = s/√Σ(x−x̄)²; se(a) = s √(1/n + x̄²/Σ(x−x̄)²); R² = 1 − Σ r²/Σ(y−ȳ)².
    """
    x_all, y_all = np.asarray(production_t, dtype=np.float64), np.asarray(energy, dtype=np.float64)
    there = np.isfinite(x_all) & np.isfinite(y_all)
    x, y = x_all[there], y_all[there]
    n, left_out = int(x.size), int(x_all.size - x.size)
    needed = max(minimum_months, 3)
    if n < needed:
        reason = text("{n} months have both energy and production; a baseline takes {needed}", n=n, needed=needed)
        return _no_baseline(n, left_out, reason)
    dx = x - x.mean()
    spread = float(dx @ dx)
    # Equal production up to rounding has no slope: the spread is compared with the rounding of the mean.
    if spread <= n * (1e-9 * float(np.abs(x).max())) ** 2:
        return _no_baseline(n, left_out, text("production is the same in every month, so nothing can be told apart"))
    from scipy.stats import linregress  # noqa: PLC0415  (loads slowly)

    line = linregress(x, y)
    residuals = (y - y.mean()) - line.slope * dx
    squares, variation = float(residuals @ residuals), float(((y - y.mean()) ** 2).sum())
    mean = float(x.mean())
    return Baseline(
        base=float(line.intercept),
        per_tonne=float(line.slope),
        base_error=float(line.intercept_stderr),
        per_tonne_error=float(line.stderr),
        residual_error=sqrt(squares / (n - 2)),
        r2=1.0 - squares / variation if variation > 0.0 else None,
        months=n,
        left_out=left_out,
        mean_production=mean,
        spread=spread,
    )


def expected_energy(baseline: Baseline, production_t: ArrayLike, *, confidence: float = 0.95) -> Expected:
    """Return the energy a baseline expects of given productions, with the band of a single new month.

    Parameters
    ----------
    baseline : Baseline
    production_t : (n,) array
    confidence : float
        Two-sided, between 0 and 1.

    Notes
    -----
    Equation: ŷ ± t(n−2) · s · √(1 + 1/n + (x − x̄)²/Σ(x−x̄)²), the prediction interval of least squares.
    """
    from scipy.special import stdtrit  # noqa: PLC0415  (heavy libraries load only when needed)

    x = np.asarray(production_t, dtype=np.float64)
    if baseline.base is None or baseline.per_tonne is None or baseline.residual_error is None:
        nothing = np.full(x.shape, np.nan)
        return Expected(nothing, nothing, nothing)
    value = baseline.base + baseline.per_tonne * x
    half = (
        float(stdtrit(baseline.months - 2, 0.5 + confidence / 2.0))
        * baseline.residual_error
        * np.sqrt(1.0 + 1.0 / baseline.months + (x - baseline.mean_production) ** 2 / baseline.spread)
    )
    return Expected(np.asarray(value), np.asarray(value - half), np.asarray(value + half))


def outside_band(expected: Expected, energy: ArrayLike) -> NDArray[np.bool_]:
    """Return the months whose energy lies outside the band of a baseline, (n,) bool; missing ones do not."""
    used = np.asarray(energy, dtype=np.float64)
    return np.asarray((used < expected.low) | (used > expected.high))


def specific_energy(energy: ArrayLike, production_t: ArrayLike) -> SpecificEnergy:
    """Return energy per tonne of good production.

    Parameters
    ----------
    energy : (n,) array
        Energy of each month (kWh, kgce …); NaN where not on record.
    production_t : (n,) array
        Good production of each month [t]; NaN where not on record, zero where the plant stood still.

    Notes
    -----
    Equation: e = Σ E / Σ m over the months with both; a month that stood still keeps its energy in the sum.
    """
    used, made = np.asarray(energy, dtype=np.float64), np.asarray(production_t, dtype=np.float64)
    there = np.isfinite(used) & np.isfinite(made)
    produced = there & (made > 0.0)
    monthly = np.where(produced, used / np.where(produced, made, 1.0), np.nan)
    months, left_out = int(there.sum()), int((~there).sum())
    if months == 0:
        return SpecificEnergy(monthly, None, 0, left_out, text("no month has both energy and production on record"))
    tonnes = float(made[there].sum())
    if not tonnes > 0.0:
        return SpecificEnergy(monthly, None, months, left_out, text("nothing was produced in the period"))
    return SpecificEnergy(monthly, float(used[there].sum()) / tonnes, months, left_out)


def _no_baseline(months: int, left_out: int, why: Text) -> Baseline:
    return Baseline(None, None, None, None, None, None, months, left_out, float("nan"), float("nan"), why)
