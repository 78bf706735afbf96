"""Scores of a reject model that rare rejects cannot flatter, each with an interval over whole days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forgecast.quality.reject.conformal import Answer, Possible
from forgecast.quality.reject.pieces import BoolArray, block_numbers
from forgecast.quality.scrap import FloatArray, IntArray

#: Resamples of an interval, its confidence, and the share of all pieces that can be inspected.
RESAMPLES, INTERVAL, BUDGET = 500, 0.95, 0.05
#: Weights of one batch of resamples.
_BATCH = 2_000_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A score with its interval; NaN where it is not defined.

    Parameters
    ----------
    value, low, high : float
        [1].
    """

    value: float
    low: float
    high: float

    def as_json(self) -> dict[str, float | None]:
        """Return the score; null where it is not defined."""
        return {name: _or_null(getattr(self, name)) for name in ("value", "low", "high")}


@dataclass(frozen=True, slots=True)
class Scores:
    """How a model did on pieces that it did not learn from.

    Parameters
    ----------
    pieces, rejects, days : int
    precision : Estimate
        Average precision: mean share of rejects among the pieces inspected, the most suspect first, as ever more
        rejects are found. By lot it is the share of rejects.
    found : Estimate
        Share of the rejects found when the most suspect `budget` of all pieces are inspected.
    brier, base_brier : Estimate
        Mean square of probability less result, of the model and of one who always says the share of rejects learnt.
    skill : Estimate
        1 − brier / base_brier: below zero the probabilities are worse than no model.
    said, seen : Estimate
        Mean probability, and share of rejects.
    good_covered, reject_covered : Estimate
        Share of the good pieces, and of the rejects, whose result was among the possible ones.
    cannot_tell, like_nothing_seen : Estimate
        Shares of all pieces with these answers.
    budget : float
        [1].
    """

    pieces: int
    rejects: int
    days: int
    precision: Estimate
    found: Estimate
    brier: Estimate
    base_brier: Estimate
    skill: Estimate
    said: Estimate
    seen: Estimate
    good_covered: Estimate
    reject_covered: Estimate
    cannot_tell: Estimate
    like_nothing_seen: Estimate
    budget: float

    def as_json(self) -> dict[str, object]:
        """Return the scores."""
        estimates = {
            name: getattr(self, name).as_json()
            for name in self.__dataclass_fields__
            if isinstance(getattr(self, name), Estimate)
        }
        return {"pieces": self.pieces, "rejects": self.rejects, "days": self.days, "budget": self.budget, **estimates}


def ranked(
    probability: FloatArray, rejected: BoolArray, weights: FloatArray, budget: float
) -> tuple[FloatArray, FloatArray]:
    """Return the average precision and the share of rejects found within a budget, for each row of weights.

    Parameters
    ----------
    probability : (n,) float64 array
    rejected : (n,) bool array
    weights : (b, n) float64 array
        How many times each piece counts.
    budget : float
        Share of all pieces that is inspected, the most suspect first [1]; of equal ones some by lot.

    Returns
    -------
    precision, found : (b,) float64 array
        NaN where no reject counts.

    Notes
    -----
    Equation: Σ (Rₖ − Rₖ₋₁) Pₖ over distinct probabilities, falling, with precision P and recall R. Pieces of equal
    probability enter together. For rare rejects it tells more than the area under the ROC curve: T. Saito and
    M. Rehmsmeier, PLoS ONE 10 (2015) e0118432, doi:10.1371/journal.pone.0118432.
    """
    order = np.argsort(-probability, kind="stable")
    ordered = probability[order]
    last = np.append(np.flatnonzero(np.diff(ordered)), ordered.size - 1)
    weighed = weights[:, order]
    hits, inspected = np.cumsum(weighed * rejected[order], axis=1)[:, last], np.cumsum(weighed, axis=1)[:, last]
    found = np.empty(len(weights))
    for row, (bad, every) in enumerate(zip(hits, inspected, strict=True)):
        found[row] = np.interp(budget * every[-1], np.append(0.0, every), np.append(0.0, bad))
    with np.errstate(invalid="ignore", divide="ignore"):
        recall = hits / hits[:, -1:]
        precision = np.where(inspected > 0.0, hits / inspected, 0.0)
        steps = np.diff(recall, axis=1, prepend=0.0) * precision
        return np.asarray(steps.sum(axis=1)), np.asarray(found / hits[:, -1])


def score(
    probability: FloatArray,
    rejected: BoolArray,
    possible: Possible,
    block: IntArray,
    *,
    base_rate: float,
    budget: float = BUDGET,
    seed: int = 0,
) -> Scores:
    """Score a model on pieces that it did not learn from.

    Parameters
    ----------
    probability : (n,) float64 array
        Of reject.
    rejected : (n,) bool array
    possible : Possible
    block : (n,) int64 array
        Time block of each piece.
    base_rate : float
        Share of rejects among the pieces learnt from [1].
    budget : float
        Share of all pieces that can be inspected [1].
    seed : int

    Notes
    -----
    Intervals are percentiles over resamples of whole blocks, since pieces of one day rise and fall together and count
    for less than their number: H. R. Künsch, Annals of Statistics 17 (1989) 1217-1241, doi:10.1214/aos/1176347265.
    Days that hang together make them too narrow still. With one block there is no interval.
    """
    at = block_numbers(block)
    days = int(at.max()) + 1 if at.size else 0
    drawn = np.random.default_rng(seed).multinomial(days, np.full(days, 1.0 / days), RESAMPLES) if days > 1 else None
    answer, covered = possible.answer, possible.covers(rejected)
    truth = rejected.astype(np.float64)
    error, base_error = (probability - truth) ** 2, np.square(base_rate - truth, dtype=np.float64)

    def mean(values: FloatArray | BoolArray, among: BoolArray | None = None) -> Estimate:
        # Sums by day stand for the pieces: weights are the same within a day.
        some = np.ones(at.size) if among is None else among.astype(np.float64)
        top, below = (_by_day(at, part, days) for part in (values * some, some))
        return _ratio(top, below, drawn)

    by_day = [_by_day(at, part, days) for part in (error, base_error)]
    precision, found = _ranked_with_intervals(probability, rejected, at, drawn, budget)
    shortfall = _ratio(by_day[0], by_day[1], drawn)
    return Scores(
        pieces=at.size,
        rejects=int(rejected.sum()),
        days=days,
        precision=precision,
        found=found,
        brier=mean(error),
        base_brier=mean(base_error),
        skill=Estimate(1.0 - shortfall.value, 1.0 - shortfall.high, 1.0 - shortfall.low),
        said=mean(probability),
        seen=mean(rejected),
        good_covered=mean(covered, ~rejected),
        reject_covered=mean(covered, rejected),
        cannot_tell=mean(answer == Answer.CANNOT_TELL),
        like_nothing_seen=mean(answer == Answer.LIKE_NOTHING_SEEN),
        budget=budget,
    )


def _ranked_with_intervals(
    probability: FloatArray, rejected: BoolArray, at: IntArray, drawn: IntArray | None, budget: float
) -> tuple[Estimate, Estimate]:
    values = [float(one[0]) for one in ranked(probability, rejected, np.ones((1, at.size)), budget)]
    if drawn is None or not rejected.any():
        return Estimate(values[0], np.nan, np.nan), Estimate(values[1], np.nan, np.nan)
    # A batch of resamples at a time bounds the memory.
    batches = np.array_split(drawn, max(1, RESAMPLES * at.size // _BATCH))
    parts = [ranked(probability, rejected, counts[:, at].astype(np.float64), budget) for counts in batches]
    precision, found = (_between(np.concatenate(one)) for one in zip(*parts, strict=True))
    return Estimate(values[0], *precision), Estimate(values[1], *found)


def _by_day(at: IntArray, values: FloatArray, days: int) -> FloatArray:
    return np.bincount(at, weights=values, minlength=days).astype(np.float64)


def _between(spread: FloatArray) -> tuple[float, float]:
    known = spread[np.isfinite(spread)]
    low, high = np.quantile(known, [(1.0 - INTERVAL) / 2.0, (1.0 + INTERVAL) / 2.0])
    return float(low), float(high)


def share_over_days(top: FloatArray, below: FloatArray, *, seed: int = 0) -> Estimate:
    """Return a share with its interval, from counts by day.

    Parameters
    ----------
    top, below : (b,) float64 array
        Pieces of each day that count, and all of it.
    seed : int
    """
    days = below.size
    drawn = np.random.default_rng(seed).multinomial(days, np.full(days, 1.0 / days), RESAMPLES) if days > 1 else None
    return _ratio(top, below, drawn)


def _ratio(top: FloatArray, below: FloatArray, drawn: IntArray | None) -> Estimate:
    """Return the ratio of two sums by day with its interval."""
    if not below.sum() > 0.0:
        return Estimate(np.nan, np.nan, np.nan)
    value = float(top.sum() / below.sum())
    if drawn is None:
        return Estimate(value, np.nan, np.nan)
    sums = drawn @ below
    return Estimate(value, *_between((drawn @ top)[sums > 0.0] / sums[sums > 0.0]))


def _or_null(value: float) -> float | None:
    return value if np.isfinite(value) else None
