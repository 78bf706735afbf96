"""Capability of processes that are not normal, from percentiles of a fitted distribution or of the values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.quality.capability import UNKNOWN_GAUGE, Capability, Index, Limits, gauge_reasons, instability
from forgecast.quality.gauge_study import GaugeStudy
from forgecast.quality.scrap import FloatArray
from forgecast.quality.shewhart_chart import measured
from forgecast.quality.variable_charts import individuals_and_moving_range

Shape: TypeAlias = Literal["normal", "lognormal", "weibull", "gamma", "empirical"]

#: Probabilities below three deviations under the mean, the median, and three above, of a normal distribution.
TAIL = 0.5 * math.erfc(3.0 / math.sqrt(2.0))
_PROBABILITIES = (TAIL, 0.5, 1.0 - TAIL)

#: Values of one batch of resamples, which bounds the memory.
_BATCH = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Distributions fitted to the rows of a table by maximum likelihood.

    Parameters
    ----------
    shape : {'normal', 'lognormal', 'weibull', 'gamma'}
    first, second : (k, 1) float64 array
        Mean and deviation (of the logarithms), or shape and scale.
    """

    shape: Shape
    first: FloatArray
    second: FloatArray

    def quantiles(self, probabilities: ArrayLike) -> FloatArray:
        """Return the values below which the distributions lie with probabilities, (k, number of them) float64."""
        p = np.asarray(probabilities, dtype=np.float64)[None, :]
        match self.shape:
            case "normal":
                return np.asarray(self.first + self.second * scipy.special.ndtri(p))
            case "lognormal":
                return np.asarray(np.exp(self.first + self.second * scipy.special.ndtri(p)))
            case "weibull":
                return np.asarray(self.second * (-np.log1p(-p)) ** (1.0 / self.first))
            case _:
                return np.asarray(self.second * scipy.special.gammaincinv(self.first, p))

    def normal_scores(self, values: FloatArray) -> FloatArray:
        """Return what normal values would stand where these stand in the distribution of the first row."""
        a, b = float(self.first[0, 0]), float(self.second[0, 0])
        match self.shape:
            case "normal":
                return np.asarray((values - a) / b)
            case "lognormal":
                return np.asarray((np.log(values) - a) / b)
            case "weibull":
                hazard = (values / b) ** a
                # Each tail from its own side, or far values would all come out infinite.
                below, above = -scipy.special.expm1(-hazard), np.exp(-hazard)
            case _:
                below, above = scipy.special.gammainc(a, values / b), scipy.special.gammaincc(a, values / b)
        scores = np.where(below < 0.5, scipy.special.ndtri(below), -scipy.special.ndtri(above))
        return np.asarray(scores, dtype=np.float64)


def fit(rows: ArrayLike, shape: Shape) -> Fitted:
    """Fit a distribution to every row by maximum likelihood.

    Parameters
    ----------
    rows : (k, n) array
        Values without gaps; above zero unless the shape is normal.
    shape : {'normal', 'lognormal', 'weibull', 'gamma'}

    Raises
    ------
    ForgecastError
        If a value is not above zero where the shape asks for it, or there is no such shape.

    Notes
    -----
    Equations: Weibull: Σx^k ln x/Σx^k - 1/k = mean ln x, scale (mean x^k)^(1/k); gamma: ln k - ψ(k) = ln x̄ - mean ln x,
    scale x̄/k; both by Newton steps on all rows at once.
    """
    x = np.asarray(rows, dtype=np.float64)
    if shape == "empirical":
        raise ForgecastError(
            text("percentiles of the values themselves need no fit"),
            repair=text("choose normal, lognormal, weibull or gamma"),
        )
    if shape == "normal":
        return Fitted(shape, x.mean(axis=1, keepdims=True), x.std(axis=1, keepdims=True))
    if not (x > 0.0).all():
        raise ForgecastError(
            text("a {shape} distribution takes values above zero only", shape=shape),
            repair=text("choose another shape, or measure from the bound the values cannot pass"),
        )
    logs = np.log(x)
    middle = logs.mean(axis=1, keepdims=True)
    if shape == "lognormal":
        return Fitted(shape, middle, logs.std(axis=1, keepdims=True))
    return _fit_weibull(logs, middle) if shape == "weibull" else _fit_gamma(x, middle)


def percentile_capability(
    values: ArrayLike,
    limits: Limits,
    *,
    shape: Shape,
    gauge: GaugeStudy | None = None,
    largest_gauge_share: float = 0.30,
    false_alarm: float = 0.01,
    confidence: float = 0.95,
    minimum_points: int = 50,
    resamples: int = 999,
    seed: int = 0,
) -> Capability:
    """Return Pp and Ppk from percentiles, refused where the process is unstable or the gauge sees mostly itself.

    Parameters
    ----------
    values : (n,) array
        In order of time; NaN where missing.
    limits, gauge, largest_gauge_share, false_alarm, confidence
        As in `capability`. Stability is judged on normal scores of the values.
    shape : {'normal', 'lognormal', 'weibull', 'gamma', 'empirical'}
        Known from the physics (roundness, porosity and times are bounded below), not the one that fits best by chance.
        ``empirical`` takes the percentiles of the values and so at least 741 of them.
    minimum_points : int
        Fewer values are refused.
    resamples, seed : int
        Of the bootstrap that gives the intervals.

    Raises
    ------
    ForgecastError
        If a value is infinite, or not above zero where the shape asks for it.

    Notes
    -----
    Equations: Pp = (U-L)/(Q99.865-Q0.135), Ppk = min((U-Q50)/(Q99.865-Q50), (Q50-L)/(Q50-Q0.135)), which for a normal
    distribution are the usual ones; the percentile method that ISO 22514-2 is known for (the standard itself was not
    read). Intervals: percentiles of both over resampled values, B. Efron, Annals of Statistics 7 (1979) 1-26,
    doi:10.1214/aos/1176344552.
    """
    x = measured(values, 1)
    there = x[~np.isnan(x)]
    n = there.size
    needed = max(minimum_points, int(np.ceil(1.0 / TAIL)) if shape == "empirical" else 2)
    if n < needed:
        few = text("{n} values are too few; capability takes {needed}", n=n, needed=needed)
        return Capability(float(there.mean()) if n else float("nan"), None, None, n, refused=(few,))
    mean, overall = float(there.mean()), float(there.std(ddof=1))
    caveats = () if gauge is not None else (UNKNOWN_GAUGE,)
    refused: list[Text] = gauge_reasons(gauge, overall, limits, largest_gauge_share)
    if overall > 0.0:
        scores = np.full(x.size, np.nan)
        scores[~np.isnan(x)] = _scores(there, shape)
        refused += instability(individuals_and_moving_range(scores, minimum_points=2), false_alarm=false_alarm)
    else:
        refused.append(text("the values do not scatter, or none stand together; there is no deviation"))
    if refused:
        return Capability(mean, None, overall, n, refused=tuple(refused), caveats=caveats)
    pp, ppk = _indices(_three(there[None, :], shape), limits)
    rng = np.random.default_rng(seed)
    batches = np.array_split(np.arange(resamples), int(np.ceil(resamples * n / _BATCH)))
    drawn = [_three(rng.choice(there, size=(batch.size, n)), shape) for batch in batches if batch.size]
    many = _indices(np.concatenate(drawn), limits)
    tails = [50.0 * (1.0 - confidence), 50.0 * (1.0 + confidence)]
    found = [
        None if one is None or all_ is None else Index(float(one[0]), *(float(v) for v in np.percentile(all_, tails)))
        for one, all_ in zip((pp, ppk), many, strict=True)
    ]
    return Capability(mean, None, overall, n, pp=found[0], ppk=found[1], caveats=caveats)


def _three(rows: FloatArray, shape: Shape) -> FloatArray:
    """Return the lower, middle and upper percentile of every row, (k, 3)."""
    if shape == "empirical":
        return np.asarray(np.quantile(rows, _PROBABILITIES, axis=1).T, dtype=np.float64)
    return fit(rows, shape).quantiles(_PROBABILITIES)


def _indices(three: FloatArray, limits: Limits) -> tuple[FloatArray | None, FloatArray]:
    low, middle, high = three.T
    rooms = [] if limits.upper is None else [(limits.upper - middle) / (high - middle)]
    rooms += [] if limits.lower is None else [(middle - limits.lower) / (middle - low)]
    potential = None if limits.width is None else limits.width / (high - low)
    return potential, np.min(rooms, axis=0)


def _scores(values: FloatArray, shape: Shape) -> FloatArray:
    if shape != "empirical":
        return fit(values[None, :], shape).normal_scores(values)
    # Equal values share the middle of their ranks.
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - 0.5 * counts
    return np.asarray(scipy.special.ndtri(ranks[inverse] / values.size))


def _fit_weibull(logs: FloatArray, middle: FloatArray) -> Fitted:
    # Powers of x over its largest value cannot overflow.
    top = logs.max(axis=1, keepdims=True)
    scaled = logs - top
    shape = 1.2 / np.maximum(logs.std(axis=1, keepdims=True), 1e-300)
    for _ in range(100):
        power = np.exp(shape * scaled)
        zero, one, two = ((power * scaled**degree).mean(axis=1, keepdims=True) for degree in (0, 1, 2))
        value = one / zero - 1.0 / shape - (middle - top)
        slope = two / zero - (one / zero) ** 2 + 1.0 / shape**2
        step = value / slope
        shape = np.where(step < shape, shape - step, shape / 2.0)
        if _settled(step, shape):
            break
    power = np.exp(shape * scaled)
    return Fitted("weibull", shape, np.exp(top) * power.mean(axis=1, keepdims=True) ** (1.0 / shape))


def _fit_gamma(x: FloatArray, middle: FloatArray) -> Fitted:
    mean = x.mean(axis=1, keepdims=True)
    gap = np.maximum(np.log(mean) - middle, 1e-300)
    shape = 0.5 / gap
    for _ in range(100):
        value = np.log(shape) - scipy.special.digamma(shape) - gap
        slope = 1.0 / shape - scipy.special.polygamma(1, shape)
        step = value / slope
        shape = np.where(step < shape, shape - step, shape / 2.0)
        if _settled(step, shape):
            break
    return Fitted("gamma", shape, mean / shape)


def _settled(step: FloatArray, shape: FloatArray) -> bool:
    settled: NDArray[np.bool_] = np.abs(step) <= 1e-12 * shape
    return bool(settled.all())
