"""How long dies, linings and pumps last: survival with censored lives, honest intervals, and the age to replace at."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text

FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]

#: Failures below which no distribution is fitted.
_FEWEST: Final = 3
_SHAPES: Final = (0.05, 80.0)


@dataclass(frozen=True, slots=True)
class WeibullLife:
    """A Weibull distribution fitted to lives, of which some have not ended.

    Parameters
    ----------
    shape, scale : float
        β [1] and η, in the unit of the lives.
    shape_low, shape_high, scale_low, scale_high : float
        Profile-likelihood intervals.
    log_likelihood : float
    failures, censored : int
    """

    shape: float
    scale: float
    shape_low: float
    shape_high: float
    scale_low: float
    scale_high: float
    log_likelihood: float
    failures: int
    censored: int

    @property
    def mean(self) -> float:
        """Return the mean life."""
        return self.scale * math.gamma(1.0 + 1.0 / self.shape)

    def survival(self, age: ArrayLike) -> FloatArray:
        """Return the share that outlives an age [1]."""
        return np.asarray(np.exp(-((np.asarray(age, dtype=np.float64) / self.scale) ** self.shape)))

    def age_at(self, survival: float, *, given: float = 0.0) -> float:
        """Return the age that a share outlives, of those that are already `given` old."""
        return float(self.scale * ((given / self.scale) ** self.shape - math.log(survival)) ** (1.0 / self.shape))


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalCurve:
    """Kaplan and Meier's estimate.

    Parameters
    ----------
    age : (n,) float64 array
        Ages at which it steps, from 0.
    survival, low, high : (n,) float64 array
        [1], from each age on, with its interval.
    median : float or None
        None where half of them still live.
    """

    age: FloatArray
    survival: FloatArray
    low: FloatArray
    high: FloatArray
    median: float | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a covariate does to the hazard.

    Parameters
    ----------
    name : str
    ratio, low, high : float
        Hazard for one unit more over the hazard without it, and its interval [1].
    probability : float
        Of so large an effect by chance.
    """

    name: str
    ratio: float
    low: float
    high: float
    probability: float


@dataclass(frozen=True, slots=True)
class Remaining:
    """How much longer a unit of some age lasts.

    Parameters
    ----------
    age : float
    median, median_low, median_high : float
        Remaining life that half outlive, and its interval by bootstrap (what is not known of the distribution).
    low, high : float
        Between them the unit fails with the probability asked for (the scatter of lives and what is not known of it).
    """

    age: float
    median: float
    median_low: float
    median_high: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Replacement:
    """The age at which planned replacement costs least.

    Parameters
    ----------
    age : float or None
        None where waiting for the failure costs least.
    age_low, age_high : float or None
        Interval by bootstrap; None at the high end where it may be never.
    rate : float
        Cost for each unit of life at that age.
    rate_at_failure : float
        Cost for each unit of life if one waits.
    """

    age: float | None
    age_low: float | None
    age_high: float | None
    rate: float
    rate_at_failure: float


def checked_lives(lives: ArrayLike, failed: ArrayLike) -> tuple[FloatArray, BoolArray]:
    """Return lives and whether each ended in failure.

    Raises
    ------
    ForgecastError
        If a life is not above 0, or fewer than three ended in failure.
    """
    t, d = np.asarray(lives, dtype=np.float64), np.asarray(failed, dtype=np.bool_)
    if t.shape != d.shape or t.ndim != 1 or not (np.isfinite(t).all() and (t > 0.0).all()):
        raise ForgecastError(
            text("a life is missing or not above 0"), repair=text("give for each unit its life and whether it failed")
        )
    if int(d.sum()) < _FEWEST:
        raise ForgecastError(
            text("{n} failures are too few to tell a life", n=int(d.sum())),
            repair=text("wait for {n} failures; units that still live tell only that they do", n=_FEWEST),
        )
    return t, d


def fit_weibull(lives: ArrayLike, failed: ArrayLike, *, confidence: float = 0.95) -> WeibullLife:
    """Return the Weibull distribution of greatest likelihood with profile-likelihood intervals.

    Parameters
    ----------
    lives : (n,) array
        Any unit; what has not ended counts as long as it has lasted.
    failed : (n,) bool array
    confidence : float

    Raises
    ------
    ForgecastError
        If a life is not above 0, or fewer than three ended in failure.

    Notes
    -----
    Equations: β solves Σ t^β ln t / Σ t^β - 1/β = mean of ln t over the failures; η^β = Σ t^β / d. Intervals: all
    parameters whose profile log-likelihood is no more than χ²(1)/2 below the greatest. W. Q. Meeker and L. A. Escobar,
    *Statistical Methods for Reliability Data*, Wiley 1998, chapter 8. Lives must be independent and of one kind.
    """
    t, d = checked_lives(lives, failed)
    unit = float(np.exp(np.log(t).mean()))
    shape = _shape(t / unit, d)
    scale = unit * _scale(t / unit, d, shape)
    most = _likelihood(t / unit, d, shape, scale / unit)
    drop = most - _half_chi(confidence)
    shapes = _ends(lambda b: _likelihood(t / unit, d, b, _scale(t / unit, d, b)), shape, drop, 1.0)
    scales = _ends(lambda e: _profile_of_scale(t / unit, d, e), scale / unit, drop, 1.0)
    return WeibullLife(shape, scale, *shapes, unit * scales[0], unit * scales[1],
                       most - math.log(unit) * int(d.sum()), int(d.sum()), int((~d).sum()))  # fmt: skip


def kaplan_meier(lives: ArrayLike, failed: ArrayLike, *, confidence: float = 0.95) -> SurvivalCurve:
    """Return the survival without any distribution assumed.

    Parameters
    ----------
    lives : (n,) array
    failed : (n,) bool array
    confidence : float

    Raises
    ------
    ForgecastError
        As `fit_weibull`.

    Notes
    -----
    E. L. Kaplan and P. Meier, J. Am. Stat. Assoc. 53 (1958) 457-481, doi:10.1080/01621459.1958.10501452; interval on
    the scale ln(-ln S) after Greenwood; program lifelines.
    """
    from lifelines import KaplanMeierFitter  # type: ignore[import-untyped]  # noqa: PLC0415  (loads slowly)

    t, d = checked_lives(lives, failed)
    fitted = KaplanMeierFitter(alpha=1.0 - confidence).fit(t, d)
    table = fitted.survival_function_
    bounds = fitted.confidence_interval_.to_numpy(dtype=np.float64)
    median = float(fitted.median_survival_time_)
    return SurvivalCurve(
        table.index.to_numpy(dtype=np.float64), table.iloc[:, 0].to_numpy(dtype=np.float64), bounds[:, 0], bounds[:, 1],
        median if math.isfinite(median) else None,
    )  # fmt: skip


def effects_on_life(
    lives: ArrayLike, failed: ArrayLike, covariates: Mapping[str, ArrayLike], *, confidence: float = 0.95
) -> tuple[Effect, ...]:
    """Return what covariates do to the hazard (Cox's proportional hazards).

    Parameters
    ----------
    lives : (n,) array
    failed : (n,) bool array
    covariates : mapping of str to (n,) array
    confidence : float

    Raises
    ------
    ForgecastError
        If there are fewer than ten failures for each covariate, or one does not vary.

    Notes
    -----
    D. R. Cox, J. R. Stat. Soc. B 34 (1972) 187-202, doi:10.1111/j.2517-6161.1972.tb00899.x; program lifelines.
    """
    import pandas as pd  # type: ignore[import-untyped]  # noqa: PLC0415  (lifelines speaks in its tables)
    from lifelines import CoxPHFitter  # noqa: PLC0415

    t, d = checked_lives(lives, failed)
    told = {name: np.asarray(one, dtype=np.float64) for name, one in covariates.items()}
    still = [name for name, one in told.items() if not np.isfinite(one).all() or np.std(one) == 0.0]
    if still or int(d.sum()) < 10 * len(told):
        raise ForgecastError(
            text("{n} failures do not tell the effect of {names}", n=int(d.sum()), names=", ".join(still or told)),
            repair=text("give ten failures for each covariate; none missing, each varying"),
        )
    frame = pd.DataFrame({"life": t, "failed": d.astype(np.float64), **{f"x {k}": v for k, v in told.items()}})
    fitted = CoxPHFitter(alpha=1.0 - confidence).fit(frame, "life", "failed")
    summary = fitted.summary
    bounds = np.exp(fitted.confidence_intervals_.to_numpy(dtype=np.float64))
    return tuple(
        Effect(name, float(summary.loc[f"x {name}", "exp(coef)"]), float(bounds[n, 0]), float(bounds[n, 1]),
               float(summary.loc[f"x {name}", "p"]))
        for n, name in enumerate(told)
    )  # fmt: skip


def remaining_life(
    lives: ArrayLike, failed: ArrayLike, age: float, *, confidence: float = 0.9, draws: int = 400, seed: int = 0
) -> Remaining:
    """Return how much longer a unit lasts that is already some age old.

    Parameters
    ----------
    lives : (n,) array
    failed : (n,) bool array
    age : float
        Not below 0.
    confidence : float
    draws : int
        Resamples of the lives (bootstrap).
    seed : int

    Raises
    ------
    ForgecastError
        As `fit_weibull`; or if the age is below 0.

    Notes
    -----
    Equation: R(a+t)/R(a) = p. The interval of the life is that of a draw from a drawn distribution, so it holds both
    the scatter of lives and what a few of them cannot tell.
    """
    t, d = checked_lives(lives, failed)
    if not age >= 0.0:
        raise ForgecastError(text("an age below 0 is none"), repair=text("give the age of the unit"))
    fitted = fit_weibull(t, d)
    rng = np.random.default_rng(seed)
    medians, ends = [], []
    for shape, scale in _resampled(t, d, draws, rng):
        drawn = WeibullLife(shape, scale, shape, shape, scale, scale, 0.0, 0, 0)
        medians.append(drawn.age_at(0.5, given=age) - age)
        ends += [drawn.age_at(float(u), given=age) - age for u in rng.uniform(size=5)]
    tail = 0.5 - confidence / 2.0
    low, high = np.quantile(medians, [tail, 1.0 - tail])
    first, last = np.quantile(ends, [tail, 1.0 - tail])
    return Remaining(age, fitted.age_at(0.5, given=age) - age, float(low), float(high), float(first), float(last))


def cost_rate(shape: float, scale: float, age: float, planned: float, failure: float) -> float:
    """Return the cost for each unit of life if a unit is replaced at an age, or at its failure before.

    Parameters
    ----------
    shape, scale : float
    age : float
        Infinity waits for the failure.
    planned, failure : float
        Cost of a planned replacement and of one after a failure.

    Notes
    -----
    Equation: C(T) = (c_p R(T) + c_f F(T)) / ∫₀ᵀ R dt; ∫₀ᵀ R dt = η/β γ(1/β, (T/η)^β). R. E. Barlow and F. Proschan,
    *Mathematical Theory of Reliability*, Wiley 1965, chapter 4.
    """
    from scipy import special  # noqa: PLC0415

    mean = scale * math.gamma(1.0 + 1.0 / shape)
    if math.isinf(age):
        return failure / mean
    z = (age / scale) ** shape
    lived = mean * float(special.gammainc(1.0 / shape, z))
    survival = math.exp(-z)
    return float((planned * survival + failure * (1.0 - survival)) / lived)


def best_age(shape: float, scale: float, planned: float, failure: float) -> float:
    """Return the age of least cost; infinity where waiting for the failure costs least.

    Parameters
    ----------
    shape, scale, planned, failure : float
        As in `cost_rate`.

    Raises
    ------
    ForgecastError
        If a cost is not above 0.

    Notes
    -----
    Equation: h(T) ∫₀ᵀ R dt + R(T) = c_f/(c_f - c_p), h the hazard; it has one solution where β > 1 and c_f > c_p.
    Source as `cost_rate`.
    """
    from scipy import optimize, special  # noqa: PLC0415

    if not (planned > 0.0 and failure > 0.0):
        raise ForgecastError(
            text("costs of {planned} and {failure} are none", planned=planned, failure=failure),
            repair=text("give both costs above 0, in one currency"),
        )
    if shape <= 1.0 or failure <= planned:
        return math.inf
    mean = math.gamma(1.0 + 1.0 / shape)
    aim = failure / (failure - planned)

    def excess(log_age: float) -> float:
        u = math.exp(log_age)
        z = u**shape
        lived = mean * float(special.gammainc(1.0 / shape, z))
        return float(shape * u ** (shape - 1.0) * lived + math.exp(-z) - aim)

    high = 1.0
    while excess(high) < 0.0:
        high += 1.0
        if high > 60.0:
            return math.inf
    low = -1.0
    while excess(low) > 0.0:
        low -= 5.0
    return scale * math.exp(float(optimize.brentq(excess, low, high, xtol=1e-12)))


def replacement_age(
    lives: ArrayLike, failed: ArrayLike, planned: float, failure: float, *, confidence: float = 0.9, draws: int = 400,
    seed: int = 0,
) -> Replacement:  # fmt: skip
    """Return the age at which planned replacement costs least, with its interval.

    Parameters
    ----------
    lives : (n,) array
    failed : (n,) bool array
    planned, failure : float
        Costs in one currency.
    confidence : float
    draws, seed : int
        Of the bootstrap.

    Raises
    ------
    ForgecastError
        As `fit_weibull` and `best_age`.
    """
    t, d = checked_lives(lives, failed)
    fitted = fit_weibull(t, d)
    age = best_age(fitted.shape, fitted.scale, planned, failure)
    drawn = [best_age(shape, scale, planned, failure) for shape, scale in
             _resampled(t, d, draws, np.random.default_rng(seed))]  # fmt: skip
    tail = 0.5 - confidence / 2.0
    low, high = np.quantile(drawn, [tail, 1.0 - tail], method="nearest")
    return Replacement(
        age if math.isfinite(age) else None, float(low) if math.isfinite(low) else None,
        float(high) if math.isfinite(high) else None,
        cost_rate(fitted.shape, fitted.scale, age, planned, failure),
        cost_rate(fitted.shape, fitted.scale, math.inf, planned, failure),
    )  # fmt: skip


def doubts_of_life(fitted: WeibullLife) -> tuple[Text, ...]:
    """Return what a reader has to know of a fitted life."""
    found = []
    if fitted.failures < 10:
        found.append(text("{n} failures tell little: look at the intervals, not at the values", n=fitted.failures))
    if fitted.shape_low <= 1.0 <= fitted.shape_high:
        found.append(text("the hazard may rise or fall with age: it is not shown that older units fail more often"))
    if fitted.censored > 4 * fitted.failures:
        found.append(text("most units still live; beyond the oldest failure the curve is extrapolation"))
    return tuple(found)


def _shape(t: FloatArray, d: BoolArray) -> float:
    from scipy import optimize  # noqa: PLC0415

    logs = np.log(t)
    aim = float(logs[d].mean())
    top = float(logs.max())

    def excess(shape: float) -> float:
        weights = np.exp(shape * (logs - top))
        return float(weights @ logs / weights.sum()) - 1.0 / shape - aim

    if excess(_SHAPES[1]) <= 0.0:
        return _SHAPES[1]  # all failures at one age
    return float(optimize.brentq(excess, *_SHAPES, xtol=1e-10))


def _scale(t: FloatArray, d: BoolArray, shape: float) -> float:
    logs = shape * np.log(t)
    top = float(logs.max())
    total = top + math.log(float(np.exp(logs - top).sum()))
    return math.exp((total - math.log(int(d.sum()))) / shape)


def _likelihood(t: FloatArray, d: BoolArray, shape: float, scale: float) -> float:
    z = np.log(t / scale)
    with np.errstate(over="ignore"):
        lived = float(np.exp(shape * z).sum())
    return float(d.sum()) * math.log(shape / scale) + (shape - 1.0) * float(z[d].sum()) - lived


def _profile_of_scale(t: FloatArray, d: BoolArray, scale: float) -> float:
    from scipy import optimize  # noqa: PLC0415

    found = optimize.minimize_scalar(
        lambda log_shape: -_likelihood(t, d, math.exp(log_shape), scale),
        bounds=(math.log(_SHAPES[0]), math.log(_SHAPES[1])), method="bounded", options={"xatol": 1e-8},
    )  # fmt: skip
    return -float(found.fun)


def _ends(profile, best: float, drop: float, reach: float) -> tuple[float, float]:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Return the values below and above the best at which a profile has fallen to `drop`."""
    from scipy import optimize  # noqa: PLC0415

    found = []
    for side in (-1.0, 1.0):
        step = 0.1 * reach
        while profile(best * math.exp(side * step)) > drop and step < 12.0:
            step *= 1.5
        if step >= 12.0:
            found.append(0.0 if side < 0 else math.inf)
            continue
        at = optimize.brentq(lambda s, side=side: profile(best * math.exp(side * s)) - drop, 0.0, step, xtol=1e-10)
        found.append(best * math.exp(side * float(at)))
    return found[0], found[1]


def _half_chi(confidence: float) -> float:
    from statistics import NormalDist  # noqa: PLC0415

    return float(NormalDist().inv_cdf(0.5 + confidence / 2.0) ** 2 / 2.0)


def _resampled(t: FloatArray, d: BoolArray, draws: int, rng: np.random.Generator) -> list[tuple[float, float]]:
    made: list[tuple[float, float]] = []
    while len(made) < draws:
        rows = rng.integers(t.size, size=t.size)
        # A resample without failures, or with all of them at one age, has no distribution.
        if np.unique(t[rows][d[rows]]).size < 2:
            continue
        unit = float(np.exp(np.log(t[rows]).mean()))
        shape = _shape(t[rows] / unit, d[rows])
        made.append((shape, unit * _scale(t[rows] / unit, d[rows], shape)))
    return made
