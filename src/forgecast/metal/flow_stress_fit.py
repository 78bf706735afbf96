"""Coefficients of flow stress fitted to measured curves, with what is left over and how sure each one is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

from forgecast.ground.texts import Text, text
from forgecast.metal.error import MaterialError
from forgecast.metal.flow_stress import GAS_CONSTANT, ZERO_DEGC, HenselSpittel, SellarsTegart

FloatArray = NDArray[np.float64]
#: Terms of Hensel and Spittel that are fitted where nothing else is asked: the Freiberg form.
FREIBERG = ("m1", "m2", "m4", "m5", "m7", "m8")
#: Condition number of the scaled columns above which a set of terms cannot be told apart by these curves.
_CONDITION_MOST = 1e8


@dataclass(frozen=True, slots=True, eq=False)
class FittedFlow:
    """Coefficients, their uncertainty, and how the fit does on curves it has not seen.

    Parameters
    ----------
    law : HenselSpittel or SellarsTegart
    names : tuple of str
        Coefficients that were fitted, the logarithm of the factor first.
    values : (n,) array
    halfwidths : (n,) array
        Half of the 95 % interval of each. The conditions count as the independent observations, not the points of
        their curves, which follow one another closely.
    residuals : (m,) array
        log(measured / fitted), one for each point.
    root_mean_square : float
        Of the residuals; about the relative error.
    unseen : float
        Root mean square on conditions left out in turn; NaN where there are too few conditions.
    conditions : int
        Curves of different temperature and rate.
    """

    law: HenselSpittel | SellarsTegart
    names: tuple[str, ...]
    values: FloatArray
    halfwidths: FloatArray
    residuals: FloatArray
    root_mean_square: float
    unseen: float
    conditions: int


def fit_hensel_spittel(
    strain: ArrayLike,
    rate: ArrayLike,
    temperature: ArrayLike,
    stress: ArrayLike,
    *,
    terms: Sequence[str] = FREIBERG,
    strain_shift: float = 0.1,
    rate_shift: float = 0.1,
) -> FittedFlow:
    """Fit Hensel and Spittel's form, which is linear in its logarithm, by least squares.

    Each condition (temperature and rate) has the same weight, however many points its curve has.

    Parameters
    ----------
    strain, rate, temperature, stress : (m,) array_like
        1, 1/s, K, Pa; stress above 0.
    terms : sequence of str
        Of ``m1`` to ``m9``.
    strain_shift, rate_shift : float
        The convention, kept with the coefficients.

    Raises
    ------
    MaterialError
        If there are too few conditions, a value cannot be (stress or shifted strain not above 0), a term is unknown, or
        the curves cannot tell the terms apart.
    """
    e, r, t, s = _checked(strain, rate, temperature, stress)
    _known(terms)
    if np.any(e + strain_shift <= 0.0) or np.any(r + rate_shift <= 0.0):
        raise _cannot_be(text("a strain or rate is not above 0 after its shift"))
    columns = _columns(e + strain_shift, r + rate_shift, t - ZERO_DEGC, terms)
    group = _conditions(r, t)
    weight = 1.0 / np.sqrt(np.bincount(group)[group])
    values, covariance, residuals = _least_squares(columns, np.log(s), weight, group, terms)
    law = _law(values, terms, strain_shift, rate_shift)
    count = int(group.max()) + 1
    unseen = _unseen(columns, np.log(s), weight, group) if count > len(terms) + 1 else float("nan")
    reach = float(stats.t.ppf(0.975, max(count - len(terms) - 1, 1)))
    return FittedFlow(
        law,
        ("ln A", *terms),
        values,
        reach * np.sqrt(np.diag(covariance)),
        residuals,
        float(np.sqrt(np.average(residuals**2, weights=weight**2))),
        unseen,
        count,
    )


def fit_sellars_tegart(rate: ArrayLike, temperature: ArrayLike, stress: ArrayLike) -> FittedFlow:
    """Fit Sellars and Tegart's form to steady or peak stresses, one for each condition.

    Parameters
    ----------
    rate, temperature, stress : (m,) array_like
        1/s, K, Pa.

    Raises
    ------
    MaterialError
        If there are fewer than six stresses, or they lie at one rate or one temperature only.
    """
    _, r, t, s = _checked(np.zeros_like(np.asarray(rate, dtype=np.float64)), rate, temperature, stress)
    if s.size < 6 or np.unique(r).size < 2 or np.unique(t).size < 2:
        raise MaterialError(
            text("{count} stresses cannot give the four coefficients of Sellars and Tegart", count=s.size),
            repair=text("measure at least six conditions over two rates and two temperatures"),
        )

    def law(p: FloatArray) -> SellarsTegart:
        return SellarsTegart(alpha=float(np.exp(p[0])), n=float(np.exp(p[1])), activation=float(p[2]) * 1e5,
                             log_A=float(p[3]))  # fmt: skip

    def misfit(p: FloatArray) -> FloatArray:
        # A step into coefficients whose stress overflows is not taken by the search, so it need not be told.
        with np.errstate(over="ignore"):
            return np.asarray(np.log(law(p).stress(0.0, r, t)) - np.log(s), dtype=np.float64)

    middle = -np.log(np.median(s))
    bounds = (middle - 7.0, np.log(0.5), 0.1, -np.inf), (middle + 4.0, np.log(50.0), 20.0, np.inf)
    found = min(
        (
            optimize.least_squares(misfit, (middle - np.log(scale), np.log(n), q, q * 1e5 / GAS_CONSTANT
                                            / np.median(t)), x_scale="jac", max_nfev=400, bounds=bounds)
            for scale in (0.5, 1.5)
            for n in (4.0, 7.0)
            for q in (1.5, 4.0)
        ),
        key=lambda one: one.cost,
    )  # fmt: skip
    free = max(s.size - 4, 1)
    covariance = np.linalg.pinv(found.jac.T @ found.jac) * 2.0 * found.cost / free
    reach = float(stats.t.ppf(0.975, free))
    # Both logarithms are told as such: an interval of a logarithm is a factor either way.
    return FittedFlow(
        law(found.x),
        ("ln alpha (1/Pa)", "ln n", "Q / (100 kJ/mol)", "ln A"),
        found.x,
        reach * np.sqrt(np.diag(covariance)),
        -found.fun,
        float(np.sqrt(np.mean(found.fun**2))),
        float("nan"),
        s.size,
    )


def _checked(*arrays: ArrayLike) -> tuple[FloatArray, ...]:
    made = tuple(np.asarray(x, dtype=np.float64).ravel() for x in arrays)
    if len({x.size for x in made}) != 1 or made[0].size == 0:
        raise _cannot_be(text("strain, rate, temperature and stress do not have one length"))
    if not all(np.all(np.isfinite(x)) for x in made) or np.any(made[3] <= 0.0) or np.any(made[1] <= 0.0):
        raise _cannot_be(text("a value is missing, or a stress or rate is not above 0"))
    return made


def _cannot_be(what: Text) -> MaterialError:
    return MaterialError(what, repair=text("leave such rows out, or correct them"))


def _known(terms: Sequence[str]) -> None:
    known = tuple(f"m{number}" for number in range(1, 10))
    for term in terms:
        if term not in known:
            raise MaterialError(
                text("{term} is no term of Hensel and Spittel", term=term),
                repair=text("use some of: {names}", names=", ".join(known)),
            )


def _columns(e: FloatArray, r: FloatArray, t: FloatArray, terms: Sequence[str]) -> FloatArray:
    every = {
        "m1": t,
        "m2": np.log(e),
        "m3": np.log(r),
        "m4": 1.0 / e,
        "m5": t * np.log1p(e),
        "m6": np.log1p(e),
        "m7": e,
        "m8": t * np.log(r),
        "m9": np.log(np.maximum(t, np.finfo(float).tiny)),
    }
    return np.column_stack([np.ones_like(e), *(every[term] for term in terms)])


def _conditions(r: FloatArray, t: FloatArray) -> NDArray[np.int64]:
    _, group = np.unique(np.column_stack([t, r]), axis=0, return_inverse=True)
    return np.asarray(group, dtype=np.int64).ravel()


def _least_squares(
    columns: FloatArray, target: FloatArray, weight: FloatArray, group: NDArray[np.int64], terms: Sequence[str]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return coefficients, their covariance with whole conditions as observations, and residuals."""
    scale = np.abs(columns).max(axis=0)
    scaled = columns / scale * weight[:, None]
    count = int(group.max()) + 1
    if count <= columns.shape[1] - 1 or np.linalg.cond(scaled) > _CONDITION_MOST:
        raise MaterialError(
            text(
                "{count} conditions cannot tell the terms {terms} apart",
                count=count,
                terms=", ".join(("A", *terms)),
            ),
            repair=text("measure at more temperatures and rates, or fit fewer terms"),
        )
    values, *_ = np.linalg.lstsq(scaled, target * weight, rcond=None)
    residuals = target - columns / scale @ values
    # Points of one curve err together, so the scatter is taken between curves (cluster-robust sandwich).
    bread = np.linalg.inv(scaled.T @ scaled)
    scores = np.zeros((count, columns.shape[1]))
    np.add.at(scores, group, scaled * (residuals * weight)[:, None])
    grow = count / max(count - columns.shape[1], 1)
    covariance = grow * bread @ (scores.T @ scores) @ bread
    return values / scale, covariance / np.outer(scale, scale), residuals


def _unseen(columns: FloatArray, target: FloatArray, weight: FloatArray, group: NDArray[np.int64]) -> float:
    squares = []
    for out in range(int(group.max()) + 1):
        kept = group != out
        values, *_ = np.linalg.lstsq(columns[kept] * weight[kept, None], target[kept] * weight[kept], rcond=None)
        squares.append(float(np.mean((target[~kept] - columns[~kept] @ values) ** 2)))
    return float(np.sqrt(np.mean(squares)))


def _law(values: FloatArray, terms: Sequence[str], strain_shift: float, rate_shift: float) -> HenselSpittel:
    named = {term: float(value) for term, value in zip(terms, values[1:], strict=True)}
    return HenselSpittel(float(np.exp(values[0])), strain_shift=strain_shift, rate_shift=rate_shift, **named)
