r"""The score of a plant: an interval, because what is not known may be worth nothing or all of its weight.

Each indicator is a `Reading`: which part of it is known, and what of that part is earned. With the weights
:math:`w_i` (they make 1 over the indicators that apply) the score is at least :math:`\sum w_i e_i`, at most
:math:`\sum w_i (e_i + 1 - k_i)`, and :math:`\sum w_i e_i / \sum w_i k_i` over what is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from forgecast.ground.texts import Text
from forgecast.rules.index.scheme import Direction, Indicator, Scheme

#: The index runs from 0 to this.
FULL = 100.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of one indicator.

    Parameters
    ----------
    known : float
        Share of the indicator that is known, 0 to 1.
    earned : float
        Share of it that is earned, 0 to `known`.
    shown : str
        The value as a reader wants to see it.
    why : Text or None
        Why it is not (wholly) known, or where it comes from.

    Raises
    ------
    ValueError
        If not ``0 <= earned <= known <= 1``.
    """

    known: float
    earned: float
    shown: str = ""
    why: Text | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.earned <= self.known <= 1.0:
            message = f"known {self.known}, earned {self.earned}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Interval:
    """Lowest and highest possible score, the score over what is known, and how much that is; 0 to 100."""

    low: float
    high: float
    value: float | None
    coverage: float

    def as_json(self) -> dict[str, object]:
        """Return the interval as every JSON answer shows it."""
        return {"low": self.low, "high": self.high, "value_over_known": self.value, "coverage": self.coverage}


@dataclass(frozen=True, slots=True)
class DirectionScore:
    """One direction with its interval, or None where none of its indicators applies."""

    direction: Direction
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Lever:
    """What one indicator could still add to the index.

    Parameters
    ----------
    indicator : Indicator
    by_doing : float
        Points that are lost on what is known.
    by_showing : float
        Points that are open because nothing is known: a record can earn them, or lose them.
    """

    indicator: Indicator
    by_doing: float
    by_showing: float


@dataclass(frozen=True, slots=True)
class Score:
    """The score of one plant."""

    total: Interval
    directions: tuple[DirectionScore, ...]
    levers: tuple[Lever, ...]


def score_of(scheme: Scheme, readings: Mapping[str, Reading], *, weights: Mapping[str, float] | None = None) -> Score:
    """Score a plant.

    Parameters
    ----------
    scheme : Scheme
    readings : mapping of str to Reading
        By indicator. An indicator that is not in it does not apply to the plant: its weight goes to the others of its
        direction, and that of a direction without any to the other directions.
    weights : mapping of str to float or None
        Other weights of the directions, none below zero.

    Raises
    ------
    ValueError
        If no indicator applies.
    """
    shares = effective_weights(scheme, frozenset(readings), weights=weights)
    if not shares:
        message = "no indicator applies"
        raise ValueError(message)
    directions = []
    for direction in scheme.directions:
        within = {one.id: shares[one.id] for one in scheme.of(direction.id) if one.id in shares}
        directions.append(DirectionScore(direction, _interval(within, readings) if within else None))
    levers = [
        Lever(
            one,
            FULL * shares[one.id] * (readings[one.id].known - readings[one.id].earned),
            FULL * shares[one.id] * (1.0 - readings[one.id].known),
        )
        for one in scheme.indicators
        if one.id in shares
    ]
    levers.sort(key=lambda lever: -(lever.by_doing + lever.by_showing))
    return Score(_interval(shares, readings), tuple(directions), tuple(levers))


def effective_weights(
    scheme: Scheme, applies: Iterable[str], *, weights: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Return the weight of each indicator that applies; they make 1 (empty where none applies or all weigh nothing)."""
    wanted = frozenset(applies)
    raw: dict[str, float] = {}
    for direction in scheme.directions:
        within = [one for one in scheme.of(direction.id) if one.id in wanted]
        share = direction.weight if weights is None else weights[direction.id]
        total = sum(one.weight for one in within)
        raw |= {one.id: share * one.weight / total for one in within}
    total = sum(raw.values())
    return {name: weight / total for name, weight in raw.items()} if total > 0 else {}


def _interval(shares: Mapping[str, float], readings: Mapping[str, Reading]) -> Interval:
    total = sum(shares.values())
    if total == 0.0:
        return Interval(0.0, FULL, None, 0.0)
    earned = sum(share * readings[name].earned for name, share in shares.items()) / total
    known = min(sum(share * readings[name].known for name, share in shares.items()) / total, 1.0)
    return Interval(FULL * earned, FULL * (earned + 1.0 - known), FULL * earned / known if known > 0 else None, known)
