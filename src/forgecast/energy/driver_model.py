"""Energy against several production drivers: least squares or Huber's regression, and what the fit is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.energy.month import FloatArray
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text

Method: TypeAlias = Literal["ols", "huber"]
#: Above this many periods the correlation of neighbours is taken as it is seen: its small-sample bias is then nothing.
_MANY = 600


@dataclass(frozen=True, slots=True)
class Coefficient:
    """What one driver (or the intercept, named ``base``) adds to the energy.

    Parameters
    ----------
    name : str
    value, error : float
        Estimate and standard error, in the energy's unit per unit of the driver.
    t, p : float
        Its test against zero.
    """

    name: str
    value: float
    error: float
    t: float
    p: float


@dataclass(frozen=True, slots=True, eq=False)
class DriverModel:
    """A baseline with several drivers.

    Parameters
    ----------
    coefficients : tuple of Coefficient
        Intercept first.
    r2, adjusted_r2, cv_rmse : float
        Shares of the variance explained, and √(RSS/(n − p)) over the mean energy [1].
    f, f_p : float
        Test of all drivers together.
    durbin_watson, correlation : float
        Statistic, and correlation of neighbouring residuals freed of its small-sample bias (not below 0).
    effective : float
        Number of independent periods that tell as much: n (1 − ρ)/(1 + ρ).
    sigma : float
        Standard deviation of a period about the model, for residuals so correlated.
    used : (m,) int64 array
        Positions of the periods used.
    left_out : int
    residuals, leverage, outlier_p : (m,) float64 array
        Of the periods used; `outlier_p` is Bonferroni's, of externally studentised residuals.
    condition : float
        Largest over smallest singular value of the design with columns of length 1.
    design : (m, p) float64 array
    lows, highs : mapping of str to float
        Range of each driver.
    method : Method
    """

    coefficients: tuple[Coefficient, ...]
    r2: float
    adjusted_r2: float
    cv_rmse: float
    f: float
    f_p: float
    durbin_watson: float
    correlation: float
    effective: float
    sigma: float
    used: NDArray[np.int64]
    left_out: int
    residuals: FloatArray
    leverage: FloatArray
    outlier_p: FloatArray
    condition: float
    design: FloatArray
    lows: Mapping[str, float]
    highs: Mapping[str, float]
    method: Method

    @property
    def n(self) -> int:
        """Return the number of periods used."""
        return int(self.used.size)

    @property
    def beta(self) -> FloatArray:
        """Return the coefficients, (p,)."""
        return np.array([one.value for one in self.coefficients])


@dataclass(frozen=True, slots=True, eq=False)
class Predicted:
    """Energy a model expects of each period, and of all together, with 95 % intervals (or another confidence).

    Parameters
    ----------
    value, low, high : (n,) float64 array
        NaN where a driver is missing.
    total, total_half : float
        Sum over the periods with all drivers, and half width of its interval.
    outside : tuple of Text
        Drivers that leave the range the model was fitted on, in words.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    total: float
    total_half: float
    outside: tuple[Text, ...]


def fit_drivers(
    energy: ArrayLike, drivers: Mapping[str, ArrayLike], *, method: Method = "ols", minimum: int = 6
) -> DriverModel:
    """Fit energy against drivers, period by period.

    Parameters
    ----------
    energy : (n,) array
        Of equal periods that follow one another; NaN where not known.
    drivers : mapping of str to (n,) array
    method : {"ols", "huber"}
        Least squares, or Huber's M-estimate (k = 1.345), which odd periods pull less.
    minimum : int
        Fewest periods; two more than coefficients in any case.

    Raises
    ------
    ForgecastError
        If too few periods have all, or a driver does not vary or follows from the others.

    Notes
    -----
    statsmodels' OLS and RLM. σ² = RSS / tr(M R) with M = I − X(XᵀX)⁻¹Xᵀ and R_ij = ρ^|i−j|, which is unbiased for
    residuals of that correlation; ρ solves E[Σ r_i r_{i+1}] / E[Σ r_i²] = tr(M L M R)/tr(M R) = the one seen, so that
    the fit's own pull on the residuals is taken out. A negative ρ is taken as 0: it would only narrow intervals.
    """
    y_all, names = np.asarray(energy, dtype=np.float64), list(drivers)
    columns = [np.asarray(drivers[name], dtype=np.float64) for name in names]
    there = np.isfinite(y_all)
    for column in columns:
        there &= np.isfinite(column)
    used = np.flatnonzero(there)
    needed = max(minimum, len(names) + 3)
    if used.size < needed:
        raise ForgecastError(
            text(
                "{n} periods have energy and all drivers; the baseline takes {needed}", n=int(used.size), needed=needed
            ),
            repair=text("take in more records, choose fewer drivers, or a longer stretch"),
        )
    design = np.column_stack([np.ones(used.size), *(column[used] for column in columns)])
    condition = _condition(design, names)
    return _fitted(y_all[used], design, names, used, int(y_all.size - used.size), condition, method)


def _condition(design: FloatArray, names: list[str]) -> float:
    for name, column in zip(names, design[:, 1:].T, strict=True):
        if np.ptp(column) <= 1e-9 * float(np.abs(column).max()):
            raise ForgecastError(
                text("the driver {name} is the same in every period", name=name),
                repair=text("leave it out: nothing can be told apart by it"),
            )
    condition = float(np.linalg.cond(design / np.linalg.norm(design, axis=0)))
    if condition > 1e8:
        raise ForgecastError(
            text("the drivers {names} follow from one another", names=", ".join(names)),
            repair=text("leave one of them out"),
        )
    return condition


def _fitted(
    y: FloatArray,
    design: FloatArray,
    names: list[str],
    used: NDArray[np.int64],
    left_out: int,
    condition: float,
    method: Method,
) -> DriverModel:
    from statsmodels.regression.linear_model import OLS  # type: ignore[import-untyped]  # noqa: PLC0415  (slow)
    from statsmodels.robust.robust_linear_model import RLM  # type: ignore[import-untyped]  # noqa: PLC0415
    from statsmodels.stats.stattools import durbin_watson  # type: ignore[import-untyped]  # noqa: PLC0415

    least = OLS(y, design).fit()
    fit = least if method == "ols" else RLM(y, design).fit()
    residuals = np.asarray(y - design @ np.asarray(fit.params))
    n, p = design.shape
    inverse: FloatArray = np.asarray(np.linalg.inv(design.T @ design), dtype=np.float64)
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    squares, scatter = float(residuals @ residuals), float(((y - y.mean()) ** 2).sum())
    correlation = _correlation(residuals, used, design, inverse)
    sigma = float(np.sqrt(squares / _freedom(design, inverse, used, correlation)))
    rows = ("base", *names)
    estimates = zip(rows, fit.params, fit.bse, fit.tvalues, fit.pvalues, strict=True)
    mean = float(y.mean())
    r2 = 1.0 - squares / scatter if scatter > 0.0 else float("nan")
    return DriverModel(
        coefficients=tuple(Coefficient(name, *(float(v) for v in values)) for name, *values in estimates),
        r2=r2,
        adjusted_r2=1.0 - (1.0 - r2) * (n - 1) / (n - p),
        cv_rmse=float(np.sqrt(squares / (n - p))) / mean if mean != 0.0 else float("nan"),
        f=float(least.fvalue),
        f_p=float(least.f_pvalue),
        durbin_watson=float(durbin_watson(residuals)),
        correlation=correlation,
        effective=n * (1.0 - correlation) / (1.0 + correlation),
        sigma=sigma,
        used=used,
        left_out=left_out,
        residuals=residuals,
        leverage=leverage,
        outlier_p=_outliers(residuals, leverage, p),
        condition=condition,
        design=design,
        lows={name: float(column.min()) for name, column in zip(names, design[:, 1:].T, strict=True)},
        highs={name: float(column.max()) for name, column in zip(names, design[:, 1:].T, strict=True)},
        method=method,
    )


def _outliers(residuals: FloatArray, leverage: FloatArray, p: int) -> FloatArray:
    """Return Bonferroni's p of externally studentised residuals (R. D. Cook, S. Weisberg, 1982, 2.2.2)."""
    from scipy.special import stdtr  # noqa: PLC0415

    n = residuals.size
    squares = float(residuals @ residuals)
    free = np.clip(1.0 - leverage, 1e-12, None)
    left = np.maximum(squares - residuals**2 / free, 1e-300) / (n - p - 1)
    t = np.abs(residuals) / np.sqrt(left * free)
    return np.asarray(np.minimum(1.0, 2.0 * n * stdtr(n - p - 1, -t)))


def _correlated(columns: FloatArray, steps: NDArray[np.int64], rho: float) -> FloatArray:
    """Return R @ columns for R_ij = ρ^|step_i − step_j|, by one pass forwards and one backwards."""
    forward, backward = columns.copy(), columns.copy()
    decay = rho ** np.diff(steps).astype(np.float64)
    for at in range(1, steps.size):
        forward[at] += decay[at - 1] * forward[at - 1]
    for at in range(steps.size - 2, -1, -1):
        backward[at] += decay[at] * backward[at + 1]
    return np.asarray(forward + backward - columns)


def _freedom(design: FloatArray, inverse: FloatArray, steps: NDArray[np.int64], rho: float) -> float:
    """Return tr(M R), the expected residual sum of squares over σ²."""
    return float(design.shape[0] - np.trace(inverse @ (design.T @ _correlated(design, steps, rho))))


def _correlation(residuals: FloatArray, steps: NDArray[np.int64], design: FloatArray, inverse: FloatArray) -> float:
    beside = np.diff(steps) == 1
    squares = float(residuals @ residuals)
    if squares <= 0.0 or not beside.any():
        return 0.0
    seen = float((residuals[1:] * residuals[:-1])[beside].sum()) / squares
    n = residuals.size
    if n > _MANY:
        return float(np.clip(seen, 0.0, 0.99))
    left = np.eye(n) - design @ inverse @ design.T
    neighbours = np.zeros((n, n))
    at = np.flatnonzero(beside)
    neighbours[at, at + 1] = 1.0
    inner = left @ neighbours @ left
    gaps = np.abs(steps[:, None] - steps[None, :]).astype(np.float64)

    def expected(rho: float) -> float:
        r = np.where(gaps == 0.0, 1.0, rho**gaps)
        return float(np.sum(inner.T * r) / np.sum(left * r))

    low, high = 0.0, 0.95
    if expected(low) >= seen:
        return low
    if expected(high) <= seen:
        return high
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if expected(middle) < seen else (low, middle)
    return 0.5 * (low + high)


def predict(model: DriverModel, drivers: Mapping[str, ArrayLike], *, confidence: float = 0.95) -> Predicted:
    """Return what a model expects of other periods of the same length, one after the other.

    Parameters
    ----------
    model : DriverModel
    drivers : mapping of str to (n,) array
        The same ones; NaN where not known.
    confidence : float
        Two-sided, between 0 and 1.

    Notes
    -----
    Variance of the sum over the periods with rows x_i: σ² (Σ_ij ρ^|i−j| + aᵀ (XᵀX)⁻¹ XᵀRX (XᵀX)⁻¹ a), a = Σ x_i; a
    single period likewise. t has as many degrees of freedom as effective periods less coefficients (at least 1). The
    correlation between the last period fitted and the first one predicted is left out: a measure takes time between.
    """
    from scipy.special import stdtrit  # noqa: PLC0415

    names = [one.name for one in model.coefficients[1:]]
    columns = [np.asarray(drivers[name], dtype=np.float64) for name in names]
    count = columns[0].size if columns else 0
    rows = np.column_stack([np.ones(count), *columns])
    there: NDArray[np.bool_] = np.asarray(np.isfinite(rows).all(axis=1))
    covariance = parameter_covariance(model)
    value = rows @ model.beta
    p = len(model.coefficients)
    t = float(stdtrit(max(model.effective - p, 1.0), 0.5 + confidence / 2.0))
    known = np.where(there[:, None], rows, 0.0)
    single = t * np.sqrt(model.sigma**2 + np.einsum("ij,jk,ik->i", known, covariance, known))
    single = np.where(there, single, np.nan)
    steps = np.flatnonzero(there)
    summed = known.sum(axis=0)
    noise = float(_correlated(np.ones((steps.size, 1)), steps, model.correlation).sum()) if steps.size else 0.0
    half = t * float(np.sqrt(model.sigma**2 * noise + summed @ covariance @ summed))
    outside = []
    for name, column in zip(names, columns, strict=True):
        beyond = np.asarray((column < model.lows[name]) | (column > model.highs[name]))
        if beyond.any():
            outside.append(
                text("{name} leaves the baseline's range in {count} periods", name=name, count=int(beyond.sum()))
            )
    return Predicted(value, value - single, value + single, float(np.nansum(value[there])), half, tuple(outside))


def parameter_covariance(model: DriverModel) -> FloatArray:
    """Return the covariance of the coefficients under the residuals' correlation, (p, p)."""
    inverse = np.linalg.inv(model.design.T @ model.design)
    spread = model.design.T @ _correlated(model.design, model.used, model.correlation)
    return np.asarray(model.sigma**2 * inverse @ spread @ inverse)
