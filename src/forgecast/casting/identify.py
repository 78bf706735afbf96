"""Parameters of a model from measured temperatures by least squares, with how well they are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, least_squares
from scipy.stats import norm, t

from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import Text, text

F8 = NDArray[np.float64]

#: Parameters -> temperatures at all times and thermocouples, (n, m) [K].
Model = Callable[[F8], F8]

#: Change of the logarithm of a free parameter, and of a known one in standard errors, by which slopes are formed; both
#: ways, so that curvature drops out.
STEP = (0.05, 0.5)
#: A slope is trusted where the change it is formed from is so many times the model's own noise.
ABOVE_NOISE = 10.0
#: A parameter whose standard error is more than this factor is called insensitive.
INSENSITIVE = 2.0


class IdentifyError(ForgecastError):
    """Parameters cannot be identified from what was measured."""

    code = "identify"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A parameter that is asked for.

    Parameters
    ----------
    name : str
    start : float
        Where the search starts; for one that is known already, its known value.
    low, high : float
        Bounds of the search.
    known_to : float or None
        Standard error it is known to beforehand (the place of a thermocouple, say), taken as normally distributed. None
        for a free parameter, which must be above zero: its logarithm is searched for.
    """

    name: str
    start: float
    low: float
    high: float
    known_to: float | None = None

    def to_value(self, x: float) -> float:
        """Return the parameter of a search variable: of a logarithm, or of a departure in standard errors."""
        return float(np.exp(x)) if self.known_to is None else self.start + self.known_to * x

    def to_search(self, value: float) -> float:
        """Return the search variable of a parameter."""
        return float(np.log(value)) if self.known_to is None else (value - self.start) / self.known_to


@dataclass(frozen=True, slots=True)
class Estimate:
    """A parameter with its interval.

    Parameters
    ----------
    name : str
    value, low, high : float
        Estimate and confidence interval; that of a free parameter is symmetric in the logarithm.
    standard_error : float
        Of the logarithm for a free parameter [1], else in the parameter's unit.
    sensitivity : float
        Root mean square change of all temperatures where a free parameter changes by a tenth, or another by one
        standard error of what was known before [K].
    free : bool
        Whether nothing was known of it before.
    """

    name: str
    value: float
    low: float
    high: float
    standard_error: float
    sensitivity: float
    free: bool


@dataclass(frozen=True, slots=True, eq=False)
class Identified:
    """Estimates and what they rest on.

    Parameters
    ----------
    estimates : tuple of Estimate
    confidence : float
        Of the intervals [1].
    correlation : (p, p) float64
        Of the search variables.
    condition : float
        Largest over smallest singular value of the sensitivities, what was known before included [1].
    noise : float
        Root mean square departure of the measured temperatures, degrees of freedom allowed for [K].
    autocorrelation : float
        Of departures that follow one another at a thermocouple [1].
    widened : float
        Factor on the intervals for that autocorrelation, sqrt((1 + r) / (1 - r)); 1 where it is not significant.
    model_noise : float
        Root mean square scatter of the model's own temperatures when a parameter moves a little [K].
    freedom : int
        Readings less free parameters.
    predicted : (n, m) float64
        Temperatures with the estimates [K].
    residual : (n, m) float64
        Measured less predicted [K]; NaN in gaps.
    evaluations : int
        Of the model.
    findings : tuple of Finding
        What limits the result.
    """

    estimates: tuple[Estimate, ...]
    confidence: float
    correlation: F8
    condition: float
    noise: float
    autocorrelation: float
    widened: float
    model_noise: float
    freedom: int
    predicted: F8
    residual: F8
    evaluations: int
    findings: tuple[Finding, ...]


class _Problem:
    """Weighted residuals and their slopes over the search variables."""

    def __init__(self, model: Model, measured: F8, unknowns: Sequence[Unknown]) -> None:
        self.unknowns, self.measured = tuple(unknowns), measured
        self.seen = np.isfinite(measured)
        self.known = np.array([u.known_to is not None for u in unknowns])
        self.step = np.where(self.known, STEP[1], STEP[0])
        self.start = np.array([u.to_search(u.start) for u in unknowns])
        self.bounds = (
            np.array([u.to_search(u.low) for u in unknowns]),
            np.array([u.to_search(u.high) for u in unknowns]),
        )
        self.spread = 1.0
        self.evaluations = 0
        self._model = model

    def temperatures(self, x: F8) -> F8:
        values = np.array([u.to_value(float(one)) for u, one in zip(self.unknowns, x, strict=True)])
        got = np.asarray(self._model(values), dtype=np.float64)
        self.evaluations += 1
        if got.shape != self.measured.shape or not np.isfinite(got[self.seen]).all():
            raise IdentifyError(
                text("the model gives no temperature for some of the readings, at {values}", values=str(values)),
                repair=text("let it return one temperature a time and thermocouple, for all parameters in bounds"),
            )
        return got

    def residuals(self, x: F8) -> F8:
        departure = (self.temperatures(x) - self.measured)[self.seen] / self.spread
        return np.concatenate([departure, x[self.known]])

    def slopes(self, x: F8) -> F8:
        """Return the slopes of the residuals by central differences."""
        columns = []
        for n, step in enumerate(self.step):
            up, down = x.copy(), x.copy()
            up[n], down[n] = x[n] + step, x[n] - step
            columns.append((self.temperatures(up) - self.temperatures(down))[self.seen] / (2.0 * step * self.spread))
        return np.vstack([np.column_stack(columns), np.eye(len(x))[self.known]])

    def solve(self, x: F8) -> OptimizeResult:
        inside = np.clip(x, self.bounds[0] + 1e-9, self.bounds[1] - 1e-9)
        return least_squares(
            self.residuals, inside, jac=self.slopes, bounds=self.bounds, xtol=1e-4, ftol=1e-8, gtol=1e-10, max_nfev=60
        )


def identify(
    model: Model, measured: F8, unknowns: Sequence[Unknown], *, confidence: float = 0.95, where: str = ""
) -> Identified:
    r"""Find the parameters that make a model's temperatures fit the measured ones best.

    Parameters
    ----------
    model : callable
        Takes (p,) parameters, in the order of `unknowns`; returns (n, m) temperatures [K].
    measured : (n, m) float64
        [K]; NaN where there is no reading.
    unknowns : sequence of Unknown
    confidence : float
        Of the intervals [1].
    where : str
        Name of the record, for errors and findings.

    Raises
    ------
    IdentifyError
        If there are fewer readings than parameters, a start lies outside its bounds, or the model gives no number.

    Notes
    -----
    Minimises :math:`\sum (T-T_m)^2/s^2 + \sum ((p-p_0)/\sigma_p)^2`, the second sum over what is known beforehand, by
    scipy's trust region on Gauss-Newton steps. `s` is the spread of the residuals, found along with the parameters. The
    covariance is :math:`(J^T J)^{-1}` at the solution; intervals use Student's t. Where residuals that follow one
    another at a thermocouple are correlated (first-order, coefficient r), `s` is raised by
    :math:`\sqrt{(1+r)/(1-r)}`, the factor for the mean of such a series: right for sensitivities that change slowly
    from row to row, as they do. Systematic errors of the model other than the ones among `unknowns` (material data,
    initial temperatures, a clock that does not start with the pour) are in none of the intervals.
    """
    _check(measured, unknowns, where)
    problem = _Problem(model, measured, unknowns)
    model_noise = _model_noise(problem)
    x = problem.start
    for _ in range(6):
        solved = problem.solve(x)
        x = solved.x
        scatter = _scatter(problem, measured - problem.temperatures(x), model_noise)
        settled = abs(np.log(scatter.spread / problem.spread)) < 0.05
        problem.spread = scatter.spread
        if settled or not problem.known.any():
            break
    fit = _told(problem, x, scatter, confidence)
    return replace(fit, findings=_findings(problem, x, fit, where, converged=solved.status > 0))


def _check(measured: F8, unknowns: Sequence[Unknown], where: str) -> None:
    free = sum(u.known_to is None for u in unknowns)
    readings = int(np.isfinite(measured).sum())
    if not free or readings <= free:
        raise IdentifyError(
            text("{readings} readings for {parameters} free parameters", readings=readings, parameters=free),
            where=where,
            repair=text("give more readings than parameters, or fewer knots"),
        )
    for u in unknowns:
        if not (u.low < u.high and u.low <= u.start <= u.high) or (u.known_to is None and u.low <= 0.0):
            raise IdentifyError(
                text("{name} starts at {start}, with bounds {low} and {high}", name=u.name, start=u.start, low=u.low,
                     high=u.high),
                where=where,
                repair=text("let the start lie within the bounds, those of a free parameter above zero"),
            )  # fmt: skip


def _model_noise(problem: _Problem) -> float:
    """Return the scatter of the model about a parabola when all free parameters move a little together [K]."""
    at = np.linspace(-0.5, 0.5, 5)
    moved = [problem.start + s * np.where(problem.known, 0.0, problem.step) for s in at]
    rows = np.array([problem.temperatures(x)[problem.seen] for x in moved])
    powers = np.vander(at, 3)
    off = rows - powers @ np.linalg.lstsq(powers, rows, rcond=None)[0]
    return float(np.sqrt((off**2).sum() / (2.0 * off.shape[1])))


def autocorrelation(residual: F8) -> float:
    """Return the correlation of residuals that follow one another in a column, all columns together [1].

    Parameters
    ----------
    residual : (n, m) float64
        NaN in gaps; a pair across a gap does not count.
    """
    pairs = residual[1:] * residual[:-1]
    both = np.isfinite(pairs)
    squares = 0.5 * (residual[1:] ** 2 + residual[:-1] ** 2)
    total = float(squares[both].sum())
    return 0.0 if total == 0.0 else float(np.clip(pairs[both].sum() / total, -0.99, 0.99))


@dataclass(frozen=True, slots=True, eq=False)
class _Scatter:
    """Of the residuals: see `Identified`; `spread` weighs them."""

    residual: F8
    freedom: int
    noise: float
    autocorrelation: float
    widened: float
    model_noise: float

    @property
    def spread(self) -> float:
        # A record without noise would make the weights infinite; the model itself is no better than its own noise.
        return max(self.noise * self.widened, self.model_noise, 1e-6)


def _scatter(problem: _Problem, residual: F8, model_noise: float) -> _Scatter:
    freedom = int(problem.seen.sum() - (~problem.known).sum())
    r = autocorrelation(residual)
    significant = r > 2.0 / np.sqrt(problem.seen.sum())
    return _Scatter(
        residual=residual,
        freedom=freedom,
        noise=float(np.sqrt(np.nansum(residual**2) / freedom)),
        autocorrelation=r,
        widened=float(np.sqrt((1.0 + r) / (1.0 - r))) if significant else 1.0,
        model_noise=model_noise,
    )


def _told(problem: _Problem, x: F8, scatter: _Scatter, confidence: float) -> Identified:
    slopes = problem.slopes(x)
    _, singular, rows = np.linalg.svd(slopes, full_matrices=False)
    floor = max(singular[0] * 1e-12, 1e-300)
    covariance = (rows.T / np.maximum(singular, floor) ** 2) @ rows
    error = np.sqrt(np.diag(covariance))
    reach = float(t.ppf(0.5 + 0.5 * confidence, scatter.freedom)) * error
    felt = np.sqrt((slopes[: int(problem.seen.sum())] ** 2).mean(axis=0)) * problem.spread
    estimates = tuple(
        Estimate(
            name=u.name,
            value=u.to_value(float(x[n])),
            low=u.to_value(float(np.clip(x[n] - reach[n], -700.0, 700.0))),
            high=u.to_value(float(np.clip(x[n] + reach[n], -700.0, 700.0))),
            standard_error=float(error[n]) * (u.known_to or 1.0),
            sensitivity=float(felt[n]) * (0.1 if u.known_to is None else 1.0),
            free=u.known_to is None,
        )
        for n, u in enumerate(problem.unknowns)
    )
    return Identified(
        estimates=estimates,
        confidence=confidence,
        correlation=covariance / np.outer(error, error),
        condition=float(singular[0] / max(singular[-1], 1e-300)),
        noise=scatter.noise,
        autocorrelation=scatter.autocorrelation,
        widened=scatter.widened,
        model_noise=scatter.model_noise,
        freedom=scatter.freedom,
        predicted=problem.temperatures(x),
        residual=scatter.residual,
        evaluations=problem.evaluations,
        findings=(),
    )


def _findings(problem: _Problem, x: F8, fit: Identified, where: str, *, converged: bool) -> tuple[Finding, ...]:
    found: list[Finding] = []

    def add(code: str, column: str, value: str, reason: Text, repair: Text) -> None:
        found.append(Finding(code, Severity.DOUBTFUL, Place(where, column=column), value, reason, repair))

    more = text("measure closer to the interface, use fewer knots, or put them where the interface has been")
    for n, estimate in enumerate(fit.estimates):
        if not estimate.free:
            continue
        change = estimate.sensitivity / 0.1 * 2.0 * problem.step[n]
        if estimate.standard_error > np.log(INSENSITIVE) or change < ABOVE_NOISE * fit.model_noise:
            why = text("the temperatures hardly depend on it: its value is not known from this record")
            add("insensitive-parameter", estimate.name, f"{estimate.sensitivity:.3g} K", why, more)
        if min(x[n] - problem.bounds[0][n], problem.bounds[1][n] - x[n]) < 1e-3:
            why = text("the best value lies at the bound of the search")
            repair = text("widen the bounds, or look whether the record can tell it at all")
            add("at-bound", estimate.name, f"{estimate.value:.6g}", why, repair)
    for a, b in np.argwhere(np.triu(np.abs(fit.correlation), 1) > 0.98):
        why = text("only a combination of it and {other} is known", other=fit.estimates[b].name)
        add("not-separable", fit.estimates[a].name, f"{fit.correlation[a, b]:.3f}", why, more)
    if fit.autocorrelation > 0.3:
        why = text(
            "departures follow one another: the model lacks something, or the logger smooths; intervals were widened "
            "by {factor}",
            factor=round(fit.widened, 2),
        )
        repair = text("check material data, initial temperatures, places, and that time counts from the pour")
        add("correlated-residuals", "", f"{fit.autocorrelation:.2f}", why, repair)
    if not converged:
        why = text("the search ended before it had settled")
        add("not-converged", "", "", why, text("start nearer to the answer, or use fewer knots"))
    return tuple(found)


def profile_interval(
    model: Model, measured: F8, unknowns: Sequence[Unknown], fit: Identified, index: int = 0
) -> tuple[float | None, float | None]:
    r"""Return the interval of one parameter by profile likelihood: a check of the interval from the slopes.

    At its ends the least sum of squares over all other parameters is :math:`z^2` above the minimum, `z` the normal
    quantile; the spread is that of `fit`, autocorrelation included. Where the model is linear in the parameter over the
    interval, it is the interval of `fit`.

    Parameters
    ----------
    model, measured, unknowns
        As in `identify`.
    fit : Identified
    index : int
        Which parameter.

    Returns
    -------
    low, high : float or None
        None where the end does not lie within the bounds: the record does not tell the parameter on that side.
    """
    problem = _Problem(model, measured, unknowns)
    problem.spread = max(fit.noise * fit.widened, fit.model_noise, 1e-6)
    best = np.array([u.to_search(e.value) for u, e in zip(unknowns, fit.estimates, strict=True)])
    least = float((problem.residuals(best) ** 2).sum())
    other = np.arange(len(best)) != index
    wanted = float(norm.ppf(0.5 + 0.5 * fit.confidence))
    known_to = unknowns[index].known_to or 1.0

    def rise(at: float) -> float:
        """Return the square root of the rise of the sum, the others fitted anew."""

        def full(rest: F8) -> F8:
            x = best.copy()
            x[index], x[other] = at, rest
            return x

        if not other.any():
            return float(np.sqrt(max((problem.residuals(full(np.zeros(0))) ** 2).sum() - least, 0.0)))
        low, high = problem.bounds[0][other], problem.bounds[1][other]
        got = least_squares(
            lambda rest: problem.residuals(full(rest)),
            np.clip(best[other], low + 1e-9, high - 1e-9),
            jac=lambda rest: problem.slopes(full(rest))[:, other],
            bounds=(low, high),
            xtol=1e-4, ftol=1e-7, max_nfev=20,
        )  # fmt: skip
        return float(np.sqrt(max(2.0 * got.cost - least, 0.0)))

    ends: list[float | None] = []
    for sign in (-1.0, 1.0):
        away = wanted * fit.estimates[index].standard_error / known_to
        end = None
        for _ in range(8):
            at = float(best[index] + sign * away)
            if not problem.bounds[0][index] <= at <= problem.bounds[1][index]:
                break
            got = rise(at)
            if abs(got - wanted) < 0.02 * wanted:
                end = unknowns[index].to_value(at)
                break
            away *= float(np.clip(wanted / max(got, 1e-9), 0.25, 4.0))
        ends.append(end)
    return ends[0], ends[1]
