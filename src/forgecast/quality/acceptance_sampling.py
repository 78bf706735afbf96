"""Acceptance sampling by attributes: what a single plan lets through, and the smallest plan for two agreed risks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import scipy
from numpy.typing import ArrayLike

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.quality.scrap import FloatArray

#: Pieces are good or bad (binomial, or drawn from a lot of known size), or defects are counted (Poisson).
Counting: TypeAlias = Literal["binomial", "poisson", "lot"]

#: No plan with more pieces is looked for.
_LARGEST_SAMPLE = 10_000_000

#: A risk that is met exactly must not fail by rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class SinglePlan:
    """A single plan: of a sample, accept the lot where no more pieces are bad than the acceptance number.

    Parameters
    ----------
    sample : int
        n, at least 1.
    acceptance : int
        c, at least 0 and below n.
    lot : int or None
        Pieces in the lot; None means very many.

    Raises
    ------
    ForgecastError
        If the numbers make no plan.
    """

    sample: int
    acceptance: int
    lot: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.acceptance < self.sample or (self.lot is not None and self.lot < self.sample):
            raise ForgecastError(
                text(
                    "sample {n}, acceptance number {c} and lot {lot} make no plan",
                    n=self.sample,
                    c=self.acceptance,
                    lot=self.lot,
                ),
                repair=text("the acceptance number lies below the sample, and the sample is no larger than the lot"),
            )

    def acceptance_probability(self, share: ArrayLike, *, counting: Counting = "binomial") -> FloatArray:
        """Return how probably a lot is accepted: the operating characteristic.

        Parameters
        ----------
        share : (k,) array
            Bad pieces of all pieces, 0 to 1; defects a piece where they are counted (``poisson``).
        counting : {'binomial', 'poisson', 'lot'}
            ``lot`` draws without replacement from `lot` pieces, of which the nearest whole number is bad.

        Raises
        ------
        ForgecastError
            If ``lot`` is asked for and the plan has none.

        Notes
        -----
        Equations: Σ_(d≤c) C(n,d) p^d (1-p)^(n-d); Σ e^(-np) (np)^d/d!; Σ C(D,d) C(N-D,n-d)/C(N,n) with D = Np.
        """
        p = np.asarray(share, dtype=np.float64)
        if counting == "binomial":
            return np.asarray(scipy.special.bdtr(self.acceptance, self.sample, p), dtype=np.float64)
        if counting == "poisson":
            return np.asarray(scipy.special.pdtr(self.acceptance, self.sample * p), dtype=np.float64)
        if self.lot is None:
            raise ForgecastError(
                text("the plan names no lot to draw from"), repair=text("give the number of pieces in the lot")
            )
        return _from_lot(self.lot, np.rint(self.lot * p), self.sample, self.acceptance)

    def outgoing_share(self, share: ArrayLike, *, counting: Counting = "binomial") -> FloatArray:
        """Return the mean share of bad pieces after inspection (AOQ), where refused lots are sorted.

        Parameters
        ----------
        share, counting
            As in `acceptance_probability`.

        Notes
        -----
        Equation: p P_a (N-n)/N, and p P_a for very many pieces; every bad piece found is replaced by a good one.
        """
        left = 1.0 if self.lot is None else 1.0 - self.sample / self.lot
        p = np.asarray(share, dtype=np.float64)
        return np.asarray(p * self.acceptance_probability(p, counting=counting) * left)

    def worst_outgoing_share(self, *, counting: Literal["binomial", "poisson"] = "binomial") -> tuple[float, float]:
        """Return the highest mean share of bad pieces after inspection (AOQL), and the incoming share it comes from.

        Parameters
        ----------
        counting : {'binomial', 'poisson'}
        """
        low, high = 0.0, 1.0 if counting == "binomial" else (self.acceptance + 12.0) / self.sample
        # The curve has one top; each round keeps the two cells beside it.
        for _ in range(12):
            p = np.linspace(low, high, 101)
            top = int(np.argmax(self.outgoing_share(p, counting=counting)))
            low, high = float(p[max(top - 1, 0)]), float(p[min(top + 1, 100)])
        worst = (low + high) / 2.0
        return float(self.outgoing_share(worst, counting=counting)), worst

    def mean_inspected(self, share: ArrayLike, *, counting: Counting = "binomial") -> FloatArray:
        """Return how many pieces of a lot are looked at on average (ATI), refused lots sorted.

        Parameters
        ----------
        share, counting
            As in `acceptance_probability`.

        Raises
        ------
        ForgecastError
            If the plan has no lot.

        Notes
        -----
        Equation: n + (1 - P_a)(N - n).
        """
        if self.lot is None:
            raise ForgecastError(
                text("the plan names no lot to draw from"), repair=text("give the number of pieces in the lot")
            )
        accepted = self.acceptance_probability(share, counting=counting)
        return np.asarray(self.sample + (1.0 - accepted) * (self.lot - self.sample))

    def risks(self, good: float, bad: float, *, counting: Counting = "binomial") -> tuple[float, float]:
        """Return the producer's risk, that good lots are refused, and the consumer's, that bad ones are accepted.

        Parameters
        ----------
        good, bad : float
            Shares at which either is asked.
        counting : {'binomial', 'poisson', 'lot'}
        """
        accepted = self.acceptance_probability([good, bad], counting=counting)
        return float(1.0 - accepted[0]), float(accepted[1])


def smallest_plan(
    good: float,
    bad: float,
    *,
    producers_risk: float = 0.05,
    consumers_risk: float = 0.10,
    counting: Counting = "binomial",
    lot: int | None = None,
) -> SinglePlan:
    """Return the single plan with the smallest sample that keeps both risks.

    Parameters
    ----------
    good : float
        Share of bad pieces at which lots are to be accepted with probability 1 - `producers_risk` at least.
    bad : float
        Share at which they are to be accepted with probability `consumers_risk` at most; above `good`.
    producers_risk, consumers_risk : float
        Between 0 and 1.
    counting : {'binomial', 'poisson', 'lot'}
    lot : int or None
        Pieces in the lot, needed for ``lot``. Where a plan has a lot it is never larger than it.

    Raises
    ------
    ForgecastError
        If the shares do not ascend, a risk is not between 0 and 1, or no plan within the lot keeps both risks.

    Notes
    -----
    With c rising, the smallest n that keeps the consumer's risk rises too, so the first c at which this n keeps the
    producer's risk gives the smallest sample. Good and bad as shares of a `lot` are rounded to whole pieces.
    """
    too_bad = counting != "poisson" and bad > 1.0
    if not 0.0 <= good < bad or too_bad or not 0.0 < producers_risk < 1.0 or not 0.0 < consumers_risk < 1.0:
        raise ForgecastError(
            text("shares {good} and {bad} or the risks are impossible", good=good, bad=bad),
            repair=text("the first share lies below the second, and both risks between 0 and 1"),
        )
    largest = _LARGEST_SAMPLE if lot is None else lot
    sample = 1
    for acceptance in range(largest):
        found = _smallest_sample(acceptance, sample, largest, bad, consumers_risk, counting, lot)
        if found is None:
            break
        sample = found
        plan = SinglePlan(sample, acceptance, lot)
        if plan.risks(good, bad, counting=counting)[0] <= producers_risk + _ROUNDING:
            return plan
    raise ForgecastError(
        text("no plan of at most {n} pieces keeps both risks", n=largest),
        repair=text("let the two shares lie farther apart, allow higher risks, or inspect every piece"),
    )


def _smallest_sample(
    acceptance: int, low: int, largest: int, bad: float, risk: float, counting: Counting, lot: int | None
) -> int | None:
    """Return the smallest sample that keeps the consumer's risk, or None where there is none."""

    def kept(sample: int) -> bool:
        plan = SinglePlan(sample, acceptance, lot)
        return float(plan.acceptance_probability(bad, counting=counting)) <= risk + _ROUNDING

    low = max(low, acceptance + 1)
    if low > largest:
        return None
    high = low
    while not kept(high):
        if high == largest:
            return None
        low, high = high + 1, min(2 * high, largest)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if kept(middle) else (middle + 1, high)
    return high


def _from_lot(lot: int, bad: FloatArray, sample: int, acceptance: int) -> FloatArray:
    """Return the probability of at most `acceptance` bad pieces in a sample without replacement."""
    found = np.arange(acceptance + 1.0)
    d = np.asarray(bad, dtype=np.float64)[..., None]
    possible = (found <= d) & (sample - found <= lot - d)
    k = np.where(possible, found, np.maximum(0.0, sample - (lot - d)))
    logs = _choose(d, k) + _choose(lot - d, sample - k) - _choose(np.float64(lot), np.float64(sample))
    return np.asarray(np.minimum(np.where(possible, np.exp(logs), 0.0).sum(axis=-1), 1.0), dtype=np.float64)


def _choose(n: FloatArray | np.float64, k: FloatArray | np.float64) -> FloatArray:
    value = scipy.special.gammaln(n + 1.0) - scipy.special.gammaln(k + 1.0) - scipy.special.gammaln(n - k + 1.0)
    return np.asarray(value, dtype=np.float64)
