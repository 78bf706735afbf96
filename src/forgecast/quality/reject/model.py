"""A reject model as a value: trees boosted on early pieces, calibrated on later ones, and what it was learnt from."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.quality.reject.conformal import Possible, possible
from forgecast.quality.reject.pieces import BoolArray, Feature, InspectedPieces
from forgecast.quality.scrap import FloatArray, IntArray

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

#: A value is like those learnt from up to this share of their range beyond its ends.
MARGIN = 0.05
#: Fewest rejects, and fewest good pieces, worth learning from.
FEWEST = 20


@dataclass(frozen=True, slots=True)
class Boosting:
    """How trees are boosted; chosen once, not by the scores.

    Early stopping is left out on purpose: it draws its own validation pieces by lot, neighbours of those learnt from.

    Parameters
    ----------
    trees : int
    rate : float
        Share of each tree that is added [1].
    leaves : int
        Most leaves of a tree.
    fewest_in_leaf : int
        Pieces.
    seed : int
    """

    trees: int = 200
    rate: float = 0.06
    leaves: int = 31
    fewest_in_leaf: int = 20
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class RejectModel:
    """What was learnt, from what, and the calibration pieces that its answers stand on.

    It is not kept in a file: learning takes seconds, and a file of fitted trees can only be read back by running code
    out of it. Equal data and seed give an equal model; `sha256` says which data.

    Parameters
    ----------
    estimator : HistGradientBoostingClassifier
    features : tuple of Feature
    low, high : (d,) float64 array
        Least and greatest value that is like those learnt from: theirs, widened by `MARGIN`; NaN where none was known.
    may_miss : (d,) bool array
        Whether the value was missing for some piece learnt from.
    good, reject : (m,) float64 array
        Strangeness of the calibration pieces of each class to their own class, ascending.
    base_rate : float
        Share of rejects among the pieces learnt from [1].
    pieces, rejects : int
        Learnt from.
    first, last : int
        When the first and the last of them were made, microseconds UTC.
    calibrated_to : int
        When the last calibration piece was made, microseconds UTC.
    sha256 : str
        Of the values and results learnt from.
    boosting : Boosting
    """

    estimator: HistGradientBoostingClassifier
    features: tuple[Feature, ...]
    low: FloatArray
    high: FloatArray
    may_miss: BoolArray
    good: FloatArray
    reject: FloatArray
    base_rate: float
    pieces: int
    rejects: int
    first: int
    last: int
    calibrated_to: int
    sha256: str
    boosting: Boosting

    def probability(self, values: FloatArray) -> FloatArray:
        """Return the model's probability of reject, (n,) float64; missing values stay missing.

        Parameters
        ----------
        values : (n, d) float64 array
            In the order of `features`.
        """
        return _probability(self.estimator, values[:, np.isfinite(self.low)])

    def unlike(self, values: FloatArray) -> BoolArray:
        """Return which values lie outside all that was learnt from, or miss where none missed, (n, d) bool."""
        return _unlike(values, self.low, self.high, self.may_miss)

    def judge(self, values: FloatArray, confidence: float) -> tuple[FloatArray, Possible]:
        """Return for pieces the probability of reject, and the results possible at a confidence.

        Parameters
        ----------
        values : (n, d) float64 array
        confidence : float
            For each class, between 0 and 1.
        """
        probability, unlike = self.probability(values), self.unlike(values)
        strange = _strangeness(probability, unlike)
        return probability, Possible(
            good=possible(strange[:, 0], self.good, confidence),
            reject=possible(strange[:, 1], self.reject, confidence),
            unlike=np.asarray(unlike.any(axis=1)),
        )


def learn(pieces: InspectedPieces, learnt: IntArray, calibrated: IntArray, boosting: Boosting) -> RejectModel:
    """Learn a model from some of the pieces and calibrate its answers on others.

    Parameters
    ----------
    pieces : InspectedPieces
        Without trial shots.
    learnt, calibrated : (k,) int64 array
        Rows of the pieces.
    boosting : Boosting

    Raises
    ------
    ForgecastError
        If there are trial shots among the pieces, or too few rejects or good pieces to learn from.

    Notes
    -----
    Strangeness of a piece to a class: one less the model's probability of the class, plus the number of its values
    outside all that was learnt from. So a piece that no class resembles fits none of them, and the coverage holds as
    for any other measure (`forgecast.quality.reject.conformal.possible`).
    """
    if pieces.trial.any():
        raise ForgecastError(
            text("{count} trial shots are among the pieces to learn from", count=int(pieces.trial.sum())),
            repair=text("leave them out: they were never meant to be good"),
        )
    values, rejected = pieces.values[learnt], pieces.rejected[learnt]
    _enough(rejected)
    missing: BoolArray = np.isnan(values)
    may_miss: BoolArray = np.asarray(missing.any(axis=0))
    low = np.where(missing, np.inf, values).min(axis=0)
    high = np.where(missing, -np.inf, values).max(axis=0)
    # A feature never known to the pieces learnt from teaches the trees nothing, and they cannot take it.
    known = np.isfinite(low)
    if not known.any():
        raise ForgecastError(
            text("no field is left to learn from"),
            repair=text("take in what was measured on the pieces; `forgecast plant fields` lists the fields"),
        )
    low, high = np.where(known, low, np.nan), np.where(known, high, np.nan)
    low, high = low - MARGIN * (high - low), high + MARGIN * (high - low)
    estimator = _fitted(values[:, known], rejected, boosting)
    held = pieces.values[calibrated]
    strange = _strangeness(_probability(estimator, held[:, known]), _unlike(held, low, high, may_miss))
    bad = pieces.rejected[calibrated]
    return RejectModel(
        estimator=estimator,
        features=pieces.features,
        low=low,
        high=high,
        may_miss=may_miss,
        good=np.sort(strange[~bad, 0]),
        reject=np.sort(strange[bad, 1]),
        base_rate=float(rejected.mean()),
        pieces=rejected.size,
        rejects=int(rejected.sum()),
        first=int(pieces.time[learnt].min()),
        last=int(pieces.time[learnt].max()),
        calibrated_to=int(pieces.time[calibrated].max()),
        sha256=pieces.rows(learnt).sha256(),
        boosting=boosting,
    )


def _enough(rejected: BoolArray) -> None:
    bad, good = int(rejected.sum()), int((~rejected).sum())
    if min(bad, good) < FEWEST:
        raise ForgecastError(
            text("{bad} rejects and {good} good pieces are too few to learn from", bad=bad, good=good),
            repair=text("take in more pieces with results, at least {least} of either", least=FEWEST),
        )


def _fitted(values: FloatArray, rejected: BoolArray, boosting: Boosting) -> HistGradientBoostingClassifier:
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415  (loads slowly)

    with _one_thread():
        return HistGradientBoostingClassifier(
            learning_rate=boosting.rate,
            max_iter=boosting.trees,
            max_leaf_nodes=boosting.leaves,
            min_samples_leaf=boosting.fewest_in_leaf,
            early_stopping=False,
            random_state=boosting.seed,
        ).fit(values, rejected)


def _probability(estimator: HistGradientBoostingClassifier, values: FloatArray) -> FloatArray:
    if not len(values):
        return np.empty(0)
    with _one_thread():
        return np.asarray(estimator.predict_proba(values)[:, 1], dtype=np.float64)


def _one_thread() -> AbstractContextManager[object]:
    """Keep the trees to one thread: theirs spin while they wait, and two on a busy machine take longer than one."""
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    limits: AbstractContextManager[object] = threadpool_limits(1, user_api="openmp")
    return limits


def _unlike(values: FloatArray, low: FloatArray, high: FloatArray, may_miss: BoolArray) -> BoolArray:
    # A feature that was never known makes any value of it unlike: comparisons with NaN are false.
    within = (values >= low) & (values <= high)
    return np.asarray(np.where(np.isnan(values), ~may_miss, ~within), dtype=np.bool_)


def _strangeness(probability: FloatArray, unlike: BoolArray) -> FloatArray:
    outside = unlike.sum(axis=1)
    return np.column_stack((probability + outside, 1.0 - probability + outside))
