"""Why a piece is suspected: what each of its values adds to the probability, against good pieces of its mould."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forgecast.ground.texts import Text, text
from forgecast.quality.reject.conformal import ANSWER_WORDS, Answer
from forgecast.quality.reject.model import RejectModel
from forgecast.quality.reject.pieces import Feature, InspectedPieces
from forgecast.quality.scrap import FloatArray, IntArray

#: Good pieces a piece is held against, orders for each of them (an order and its reverse), and the fewest of a mould.
REFERENCES, ORDERS_EACH, FEWEST_OF_MOULD = 100, 2, 30
#: Ends of the usual range: of a hundred good pieces ninety lie between.
USUAL = (0.05, 0.95)
#: A push of less than this is not told [1].
LEAST_PUSH = 0.005


@dataclass(frozen=True, slots=True)
class Push:
    """What one value adds to the probability of reject.

    Parameters
    ----------
    feature : Feature
    value : float
        NaN where missing.
    low, high : float
        Usual range, of good pieces [unit of the feature]; NaN where none has a value.
    push : float
        Shapley value [1].
    """

    feature: Feature
    value: float
    low: float
    high: float
    push: float

    def sentence(self) -> Text:
        """Return the push in words."""
        value = text("missing")
        if np.isfinite(self.value) and self.feature.unit:
            value = text("{value:.5g} {unit}", value=self.value, unit=self.feature.unit)
        elif np.isfinite(self.value):
            value = text("{value:.5g}", value=self.value)
        return text(
            "{name}: {value}, usually {usual}; {points:+.1f} points",
            name=self.feature.title,
            value=value,
            usual=self.usual(),
            points=100.0 * self.push,
        )

    def usual(self) -> Text:
        """Return the usual range in words."""
        if np.isnan(self.low):
            return text("not known")
        if self.low == self.high:
            return text("{value:.5g}", value=self.low)
        return text("{low:.5g} to {high:.5g}", low=self.low, high=self.high)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a piece has its probability.

    Parameters
    ----------
    id, mould : str
    probability, expected : float
        Of the piece, and the mean of the good pieces it is held against [1]; the pushes add up to their difference.
    answer : Answer
    pushes : tuple of Push
        The strongest first.
    unlike : tuple of Feature
        Whose value lies outside all that was learnt from.
    references : int
        Good pieces it is held against.
    of_mould : bool
        Whether they are of its own mould; of all moulds where too few are.
    learnt_from : bool
        Whether the model has seen this piece with its result.
    """

    id: str
    mould: str
    probability: float
    expected: float
    answer: Answer
    pushes: tuple[Push, ...]
    unlike: tuple[Feature, ...]
    references: int
    of_mould: bool
    learnt_from: bool

    def sentences(self, most: int = 3) -> tuple[Text, ...]:
        """Return the strongest pushes in words."""
        return tuple(one.sentence() for one in self.pushes[:most] if abs(one.push) >= LEAST_PUSH)

    def as_json(self) -> dict[str, object]:
        """Return the explanation with its sentences."""
        return {
            "id": self.id,
            "mould": self.mould,
            "probability": self.probability,
            "expected": self.expected,
            "answer": ANSWER_WORDS[self.answer].as_json(),
            "outside_all_learnt": [feature.name for feature in self.unlike],
            "references": self.references,
            "references_of_mould": self.of_mould,
            "learnt_from": self.learnt_from,
            "pushes": [
                {
                    "feature": one.feature.name,
                    "unit": one.feature.unit,
                    "value": _or_null(one.value),
                    "usual_low": _or_null(one.low),
                    "usual_high": _or_null(one.high),
                    "push": one.push,
                    "sentence": one.sentence().as_json(),
                }
                for one in self.pushes
            ],
        }


def orders(features: int, count: int, *, seed: int = 0) -> IntArray:
    """Return orders in which values are put in, each followed by its reverse, which steadies the mean.

    Parameters
    ----------
    features : int
    count : int
        Even.
    seed : int

    Returns
    -------
    (count, features) int64 array
    """
    drawn = np.random.default_rng(seed).permuted(np.tile(np.arange(features), (count // 2, 1)), axis=1)
    both = np.empty((2 * (count // 2), features), dtype=np.int64)
    both[0::2], both[1::2] = drawn, drawn[:, ::-1]
    return both


def shapley(
    probability: Callable[[FloatArray], FloatArray], piece: FloatArray, reference: FloatArray, order: IntArray
) -> FloatArray:
    """Return what each value of a piece adds to a function, against reference pieces.

    Parameters
    ----------
    probability : callable
        (n, d) float64 to (n,) float64.
    piece : (d,) float64 array
        NaN where missing.
    reference : (r, d) float64 array
    order : (p, d) int64 array
        Orders in which the values of the piece replace those of a reference piece; p a multiple of r, each reference
        piece then stands in equally many.

    Returns
    -------
    (d,) float64 array
        Their sum is f(piece) − mean f(reference), exactly but for rounding.

    Raises
    ------
    ValueError
        If p is no multiple of r.

    Notes
    -----
    Equation: φⱼ = mean over orders π and references r of f(r with the values of π up to j) − f(r with those before j):
    with all orders and references the Shapley value of v(S) = mean f(piece on S, reference elsewhere); with some of
    them an unbiased estimate. E. Štrumbelj and I. Kononenko, Knowledge and Information Systems 41 (2014) 647-665,
    doi:10.1007/s10115-013-0679-x. Values that move together in the plant are moved apart here; a push says what the
    model makes of a value, not what causes rejects.
    """
    walks, features = order.shape
    if walks % len(reference):
        msg = f"{walks} orders are no multiple of {len(reference)} reference pieces"
        raise ValueError(msg)
    step = np.empty((walks, features), dtype=np.int64)
    np.put_along_axis(step, order, np.arange(features)[None, :], axis=1)  # when each value comes in
    start = np.repeat(reference, walks // len(reference), axis=0)
    taken = step[:, None, :] < np.arange(features + 1)[None, :, None]
    mixed = np.where(taken, piece[None, None, :], start[:, None, :])
    at = probability(mixed.reshape(-1, features)).reshape(walks, features + 1)
    gained = np.diff(at, axis=1)
    return np.asarray(np.take_along_axis(gained, step, axis=1).mean(axis=0))


def explain(
    model: RejectModel,
    learnt: InspectedPieces,
    piece: tuple[str, str, FloatArray],
    *,
    confidence: float,
    seed: int = 0,
) -> Explanation:
    """Explain one piece against good pieces of its mould that were learnt from.

    Parameters
    ----------
    model : RejectModel
    learnt : InspectedPieces
        Those the model learnt from, with its features.
    piece : tuple of (str, str, (d,) float64 array)
        Its number, its mould and its values.
    confidence : float
        Of the answer, between 0 and 1.
    seed : int
    """
    name, mould, value = piece
    itself = learnt.ids == name
    good = ~learnt.rejected & ~itself
    own = good & (learnt.mould == mould)
    of_mould = int(own.sum()) >= FEWEST_OF_MOULD
    held = np.flatnonzero(own if of_mould else good)
    drawn = np.random.default_rng(seed).choice(held, size=min(REFERENCES, held.size), replace=False)
    reference = learnt.values[np.sort(drawn)]
    order = orders(value.size, ORDERS_EACH * len(reference), seed=seed)
    pushes = shapley(model.probability, value, reference, order)
    low, high = _usual(learnt.values[held])
    told = [
        Push(feature, float(value[at]), float(low[at]), float(high[at]), float(pushes[at]))
        for at, feature in enumerate(model.features)
    ]
    unlike = model.unlike(value[None, :])[0]
    probability, possible = model.judge(value[None, :], confidence)
    return Explanation(
        id=name,
        mould=mould,
        probability=float(probability[0]),
        expected=float(model.probability(reference).mean()),
        answer=Answer(int(possible.answer[0])),
        pushes=tuple(sorted(told, key=lambda push: -abs(push.push))),
        unlike=tuple(feature for at, feature in enumerate(model.features) if unlike[at]),
        references=len(reference),
        of_mould=of_mould,
        learnt_from=bool(itself.any()),
    )


def _usual(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    low, high = np.full(values.shape[1], np.nan), np.full(values.shape[1], np.nan)
    for at in range(values.shape[1]):
        known = values[np.isfinite(values[:, at]), at]
        if known.size:
            low[at], high[at] = np.quantile(known, USUAL)
    return low, high


def _or_null(value: float) -> float | None:
    return value if np.isfinite(value) else None
