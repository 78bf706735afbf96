"""What a plan is made of: streams of a plant, measures that change them, indicators, goals, prices and years."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text

Sense = Literal["<=", ">="]


class PlanError(ForgecastError):
    """A plan cannot be asked for as given."""

    code = "plan"


@dataclass(frozen=True, slots=True)
class Stream:
    """Amounts that belong together in a plant, by resource, each in its own unit a year (a meter, a stack, the sand).

    Parameters
    ----------
    id : str
    base : mapping of str to float
        Resource to amount of a year before any measure.
    """

    id: str
    base: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a measure does to one resource of one stream.

    Parameters
    ----------
    stream, resource : str
    factor : float
        What is left of the amount, as a share [1].
    addition : float
        What comes to it, in the unit of the resource a year.
    converts : bool
        Whether it replaces the process: conversions go first, and the factors of other measures bear on what they add.
    """

    stream: str
    resource: str
    factor: float = 1.0
    addition: float = 0.0
    converts: bool = False

    @property
    def multiplies(self) -> bool:
        """Return whether it bears on others: all but a plain addition."""
        return self.converts or self.factor != 1.0


@dataclass(frozen=True, slots=True)
class Credit:
    """A share of the price that comes back for machines paid in some years [1].

    Parameters
    ----------
    share : float
    first, last : int or None
        Years it holds in; None is open.
    """

    share: float
    first: int | None = None
    last: int | None = None

    def of(self, year: int) -> float:
        """Return the share in a year."""
        holds = (self.first is None or year >= self.first) and (self.last is None or year <= self.last)
        return self.share if holds else 0.0


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing the plant may do, once.

    Parameters
    ----------
    id, kind : str
    title : Text
    subject : str
        Machine, stack or line it is for.
    cost : float
        Paid at once, CNY.
    yearly_cost : float
        CNY a year, besides the resources it changes.
    lifetime : float
        Years.
    delay : int
        Whole years from payment to the first year it works in.
    effects : tuple of Effect
    earliest : int or None
        First year it can work in.
    excludes, requires : frozenset of str
        Ids of measures that cannot stand beside it, or must work before or with it.
    estimate : bool
        Whether its cost is an estimate and no quotation.
    credits : tuple of Credit
    source : Text
        Where its cost is from.
    how : Text
        How its effect was computed.
    """

    id: str
    kind: str
    title: Text
    subject: str
    cost: float
    lifetime: float
    effects: tuple[Effect, ...]
    source: Text
    how: Text
    yearly_cost: float = 0.0
    delay: int = 0
    earliest: int | None = None
    excludes: frozenset[str] = frozenset()
    requires: frozenset[str] = frozenset()
    estimate: bool = True
    credits: tuple[Credit, ...] = ()

    def net_cost(self, year: int) -> float:
        """Return what is paid in a year less what comes back by credits, CNY."""
        return self.cost * (1.0 - min(sum(one.of(year) for one in self.credits), 1.0))


@dataclass(frozen=True, slots=True)
class Indicator:
    """A figure that goals are set on: a constant and a weight for each resource's total over all streams."""

    id: str
    title: Text
    unit: str
    weights: Mapping[str, float]
    constant: float = 0.0

    def value(self, totals: Mapping[str, float]) -> float:
        """Return the figure for totals by resource."""
        return self.constant + sum(weight * totals.get(name, 0.0) for name, weight in self.weights.items())


@dataclass(frozen=True, slots=True)
class Goal:
    """A value of an indicator that has to be kept from a year on.

    Parameters
    ----------
    id : str
    indicator : str
    year : int
    bound : float
        In the unit of the indicator.
    sense : str
        ``<=`` or ``>=``.
    source : Text
    """

    id: str
    indicator: str
    year: int
    bound: float
    sense: Sense
    source: Text

    def shortfall(self, value: float) -> float:
        """Return by how much a value misses it; 0 or less where it is reached."""
        return value - self.bound if self.sense == "<=" else self.bound - value

    @property
    def tolerance(self) -> float:
        """Return what counts as reached: the solver keeps rows to 1e-7 of their size."""
        return 1e-6 * max(abs(self.bound), 1.0)


@dataclass(frozen=True, slots=True)
class Problem:
    """A plan asked for.

    Parameters
    ----------
    streams : tuple of Stream
    measures : tuple of Measure
    indicators : mapping of str to Indicator
    goals : tuple of Goal
    prices : mapping of str to float
        CNY for a unit of a resource; a resource without a price costs nothing.
    first, last : int
        Years of the plan.
    rate : float
        Of interest a year [1].
    horizon : int
        Years from `first` over which costs and savings count; the state of the last plan year stays.
    budget : float or mapping of int to float or None
        Most that may be paid in a year, CNY; None is no limit.
    """

    streams: tuple[Stream, ...]
    measures: tuple[Measure, ...]
    indicators: Mapping[str, Indicator]
    goals: tuple[Goal, ...]
    prices: Mapping[str, float]
    first: int
    last: int
    rate: float
    horizon: int
    budget: float | Mapping[int, float] | None = None

    def __post_init__(self) -> None:
        check(self)

    @property
    def years(self) -> range:
        """Return the years of the plan."""
        return range(self.first, self.last + 1)

    def budget_of(self, year: int) -> float:
        """Return what may be paid in a year; infinite without a limit. A year a mapping does not name has none."""
        if self.budget is None:
            return math.inf
        return self.budget if isinstance(self.budget, int | float) else self.budget.get(year, 0.0)

    def measure(self, name: str) -> Measure:
        """Return a measure by its id."""
        return next(one for one in self.measures if one.id == name)

    def working_years(self, measure: Measure) -> list[int]:
        """Return the years a measure may first work in: paid within the plan, and not before it can."""
        start = max(self.first + measure.delay, measure.earliest or self.first)
        return list(range(start, self.last + 1))

    def weight(self, year: int) -> float:
        """Return what a CNY of every year from this plan year on weighs, the last plan year standing for the rest."""
        if year < self.last:
            return self.discount(year)
        return sum(self.discount(one) for one in range(self.last, self.first + self.horizon))

    def discount(self, year: int) -> float:
        """Return what a CNY of a year is worth in the first year."""
        return float((1.0 + self.rate) ** -(year - self.first))

    def capital_share(self, measure: Measure, year: int) -> float:
        """Return what part of a measure's price falls into the horizon if it first works in a year.

        A(n)/A(L) with A(n) = (1 − (1 + r)^−n)/r: the annuity over its life L, for the n years it works within the
        horizon. A measure that outlives the horizon keeps its worth; one that does not is bought again.
        """
        years = self.first + self.horizon - year
        return annuity(self.rate, years) / annuity(self.rate, measure.lifetime)

    def start_cost(self, measure: Measure, year: int) -> float:
        """Return the present value of the capital of a measure that first works in a year, CNY."""
        paid = year - measure.delay
        return measure.net_cost(paid) * self.discount(paid) * self.capital_share(measure, year)


def annuity(rate: float, years: float) -> float:
    """Return the present value of 1 a year over some years, (1 − (1 + r)^−n)/r; n for a rate of zero."""
    return years if rate == 0.0 else (1.0 - (1.0 + rate) ** -years) / rate


def check(problem: Problem) -> None:
    """Refuse a plan that makes no sense.

    Raises
    ------
    PlanError
        If years are out of order, two parts share an id, an effect names an unknown stream or resource, a measure has
        no life, or a goal stands on an unknown indicator or outside the years.
    """
    if not problem.first <= problem.last < problem.first + problem.horizon:
        raise PlanError(
            text(
                "a plan from {first} to {last} does not fit a horizon of {horizon} years",
                first=problem.first,
                last=problem.last,
                horizon=problem.horizon,
            ),
            repair=text("let the last year come after the first, and the horizon reach beyond both"),
        )
    if problem.rate <= -1.0 or not math.isfinite(problem.rate):
        raise PlanError(
            text("{rate} is no rate of interest", rate=problem.rate), repair=text("give it as a share, such as 6%")
        )
    _unique("stream", (one.id for one in problem.streams))
    _unique("measure", (one.id for one in problem.measures))
    _unique("goal", (one.id for one in problem.goals))
    known = {(stream.id, resource) for stream in problem.streams for resource in stream.base}
    for measure in problem.measures:
        for effect in measure.effects:
            if (effect.stream, effect.resource) not in known:
                raise PlanError(
                    text(
                        "measure {measure} changes {resource} of {stream}, which the plant does not have",
                        measure=measure.id,
                        resource=effect.resource,
                        stream=effect.stream,
                    ),
                    repair=text("name a stream and a resource that stand in the plan"),
                )
        if not measure.lifetime > 0.0 or not measure.cost >= 0.0:
            raise PlanError(
                text("measure {measure} has no lifetime or no cost", measure=measure.id),
                repair=text("give years above zero and a cost of zero or more"),
            )
    for goal in problem.goals:
        if goal.indicator not in problem.indicators or not problem.first <= goal.year <= problem.last:
            raise PlanError(
                text("goal {goal} stands outside the plan", goal=goal.id),
                repair=text(
                    "set it on one of {names}, for a year from {first} to {last}",
                    names=", ".join(problem.indicators),
                    first=problem.first,
                    last=problem.last,
                ),
            )


def _unique(what: str, names: Iterable[str]) -> None:
    seen = set()
    for name in names:
        if name in seen:
            raise PlanError(
                text("two parts of the plan ({what}) are called {name}", what=what, name=name),
                repair=text("give each a name of its own"),
            )
        seen.add(name)
