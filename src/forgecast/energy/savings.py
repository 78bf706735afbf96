"""Savings of a measure against a baseline: avoided energy with its interval, CUSUM, and when something changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from forgecast.energy.driver_model import DriverModel, Predicted, predict
from forgecast.energy.month import FloatArray
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text


@dataclass(frozen=True, slots=True, eq=False)
class Savings:
    """Avoided energy of the reporting period.

    Parameters
    ----------
    saved : float
        Σ (expected − measured) over the periods with both; negative where more was used.
    low, high : float
        Bounds of its confidence interval.
    share : float
        Of what was expected [1].
    significant : bool
        Whether the interval leaves no other sign.
    periods, left_out : int
    monthly : (n,) float64 array
        Expected less measured; NaN where not known.
    cusum : (n,) float64 array
        Running sum of it; a missing period adds nothing.
    cusum_half : (n,) float64 array
        Half width of the running sum's interval.
    expected : Predicted
    """

    saved: float
    low: float
    high: float
    share: float
    significant: bool
    periods: int
    left_out: int
    monthly: FloatArray
    cusum: FloatArray
    cusum_half: FloatArray
    expected: Predicted


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """Whether and where the mean of a series changed.

    Parameters
    ----------
    position : int
        First period after the change that is likeliest.
    before, after : float
        Mean on both sides.
    p : float
        Probability of so large a swing of the CUSUM where nothing changed.
    """

    position: int
    before: float
    after: float
    p: float


def savings(
    model: DriverModel, energy: ArrayLike, drivers: Mapping[str, ArrayLike], *, confidence: float = 0.95
) -> Savings:
    """Return the energy avoided in a reporting period (IPMVP's option C: the whole meter against an adjusted baseline).

    Parameters
    ----------
    model : DriverModel
        Of the time before the measure.
    energy : (n,) array
        Measured in the reporting period; NaN where not known.
    drivers : mapping of str to (n,) array
        Of the reporting period.
    confidence : float

    Raises
    ------
    ForgecastError
        If no period has energy and all drivers.

    Notes
    -----
    Equation: S = Σ (ŷ_i − y_i), its interval as in `driver_model.predict`: scatter of the periods, their correlation,
    and the doubt of the coefficients, which all periods share. The meter's own error is not in it: a constant one is
    in the baseline too and scales S by itself.
    """
    measured = np.asarray(energy, dtype=np.float64)
    known = {
        name: np.where(np.isfinite(measured), np.asarray(values, dtype=np.float64), np.nan)
        for name, values in drivers.items()
    }
    expected = predict(model, known, confidence=confidence)
    monthly = np.asarray(expected.value - measured)
    there = np.isfinite(monthly)
    if not there.any():
        raise ForgecastError(
            text("no period after the measure has energy and all drivers"),
            repair=text("take in the records since then, or wait until there are some"),
        )
    saved = float(monthly[there].sum())
    halves = []
    for end in range(1, measured.size + 1):
        part = {name: values[:end] for name, values in known.items()}
        halves.append(predict(model, part, confidence=confidence).total_half if there[:end].any() else 0.0)
    half = expected.total_half
    return Savings(
        saved=saved,
        low=saved - half,
        high=saved + half,
        share=saved / expected.total if expected.total != 0.0 else float("nan"),
        significant=abs(saved) > half,
        periods=int(there.sum()),
        left_out=int((~there).sum()),
        monthly=monthly,
        cusum=np.cumsum(np.where(there, monthly, 0.0)),
        cusum_half=np.array(halves),
        expected=expected,
    )


def change_point(
    series: ArrayLike, *, correlation: float = 0.0, draws: int = 2000, seed: int = 1
) -> ChangePoint | None:
    """Return where the mean of a series most likely changed, and how likely chance alone makes such a CUSUM.

    Parameters
    ----------
    series : (n,) array
        Residuals or savings in order of time; NaN is left out.
    correlation : float
        Of neighbours, under which chance is drawn.
    draws : int
        Of the Monte Carlo test; p is no finer than 1/(draws + 1).
    seed : int
        The same seed gives the same p.

    Returns
    -------
    ChangePoint or None
        None below four values, or where all are equal.

    Notes
    -----
    Equation: D = max_k |Σ_{i≤k} (x_i − x̄)| / √Σ (x_i − x̄)², compared with the D of normal series of the same length
    and correlation (E. S. Page, Biometrika 41 (1954) 100-115, doi:10.1093/biomet/41.1-2.100, for the cumulative sum).
    """
    values = np.asarray(series, dtype=np.float64)
    places = np.flatnonzero(np.isfinite(values))
    x = values[places]
    n = int(x.size)
    if n < 4 or float(np.ptp(x)) == 0.0:
        return None
    sums = np.cumsum(x - x.mean())
    at = int(np.argmax(np.abs(sums[:-1])))
    statistic = _swing(x[None, :])[0]
    noise = np.random.default_rng(seed).normal(size=(draws, n))
    for step in range(1, n):
        noise[:, step] = correlation * noise[:, step - 1] + np.sqrt(1.0 - correlation**2) * noise[:, step]
    p = (1 + int((_swing(noise) >= statistic).sum())) / (draws + 1)
    return ChangePoint(int(places[at + 1]), float(x[: at + 1].mean()), float(x[at + 1 :].mean()), p)


def _swing(rows: FloatArray) -> FloatArray:
    free = rows - rows.mean(axis=1, keepdims=True)
    return np.asarray(np.abs(np.cumsum(free, axis=1)).max(axis=1) / np.sqrt((free**2).sum(axis=1)))
