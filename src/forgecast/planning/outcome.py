"""What a set of measures brings, year by year: computed plainly, so that it checks the optimiser."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from forgecast.planning.problem import Effect, Measure, Problem, Stream


@dataclass(frozen=True, slots=True)
class Outcome:
    """A portfolio year by year.

    Parameters
    ----------
    years : tuple of int
    totals : tuple of mapping
        Totals by resource, one for each year.
    indicators : mapping of str to tuple of float
    paid : tuple of float
        At once, in each year, CNY.
    running : tuple of float
        Yearly costs and resources, against none of the measures, CNY; negative where it saves.
    cost : float
        Net present cost over the horizon, CNY; negative where the measures earn.
    broken : tuple of str
        What it breaks: ids of goals, ``budget YEAR``, ``MEASURE excludes MEASURE`` and so on; empty if sound.
    """

    years: tuple[int, ...]
    totals: tuple[Mapping[str, float], ...]
    indicators: Mapping[str, tuple[float, ...]]
    paid: tuple[float, ...]
    running: tuple[float, ...]
    cost: float
    broken: tuple[str, ...]


def stream_amounts(stream: Stream, effects: Iterable[Effect]) -> dict[str, float]:
    """Return what a stream's resources amount to under effects.

    v = (base · Π f_conversion + Σ a_conversion) · Π f_other + Σ a_other: two measures on one stream do not add up.
    """
    mine = [one for one in effects if one.stream == stream.id]
    found = {}
    for resource, base in stream.base.items():
        here = [one for one in mine if one.resource == resource]
        converted = base * math.prod(one.factor for one in here if one.converts)
        converted += sum(one.addition for one in here if one.converts)
        found[resource] = converted * math.prod(one.factor for one in here if not one.converts) + sum(
            one.addition for one in here if not one.converts
        )
    return found


def totals(problem: Problem, working: Iterable[Measure]) -> dict[str, float]:
    """Return the totals by resource over all streams while measures work."""
    effects = [effect for measure in working for effect in measure.effects]
    summed: dict[str, float] = {}
    for stream in problem.streams:
        for resource, amount in stream_amounts(stream, effects).items():
            summed[resource] = summed.get(resource, 0.0) + amount
    return summed


def outcome(problem: Problem, starts: Mapping[str, int]) -> Outcome:
    """Return what measures bring.

    Parameters
    ----------
    problem : Problem
    starts : mapping of str to int
        Measure to the first year it works in; a measure that is not named is not taken.
    """
    chosen = [problem.measure(name) for name in starts]
    years = tuple(problem.years)
    before = totals(problem, ())
    by_year = [totals(problem, [one for one in chosen if starts[one.id] <= year]) for year in years]
    running, cost = [], 0.0
    for year, amounts in zip(years, by_year, strict=True):
        spent = sum(one.yearly_cost for one in chosen if starts[one.id] <= year)
        spent += sum(price * (amounts.get(name, 0.0) - before.get(name, 0.0)) for name, price in problem.prices.items())
        running.append(spent)
        cost += problem.weight(year) * spent
    cost += sum(problem.start_cost(one, starts[one.id]) for one in chosen)
    paid = [sum(one.cost for one in chosen if starts[one.id] - one.delay == year) for year in years]
    values = {
        name: tuple(indicator.value(amounts) for amounts in by_year) for name, indicator in problem.indicators.items()
    }
    broken = (*_broken_goals(problem, values), *_broken_ties(problem, starts), *_broken_budget(problem, years, paid))
    return Outcome(years, tuple(by_year), values, tuple(paid), tuple(running), cost, broken)


def _broken_goals(problem: Problem, values: Mapping[str, tuple[float, ...]]) -> list[str]:
    return [
        goal.id
        for goal in problem.goals
        if any(
            goal.shortfall(value) > goal.tolerance
            for year, value in zip(problem.years, values[goal.indicator], strict=True)
            if year >= goal.year
        )
    ]


def _broken_ties(problem: Problem, starts: Mapping[str, int]) -> list[str]:
    found = []
    for name, year in starts.items():
        measure = problem.measure(name)
        if year not in problem.working_years(measure):
            found.append(f"{name} cannot work in {year}")
        found += [f"{name} excludes {other}" for other in measure.excludes if other in starts]
        found += [f"{name} requires {other}" for other in measure.requires if starts.get(other, math.inf) > year]
    return found


def _broken_budget(problem: Problem, years: tuple[int, ...], paid: list[float]) -> list[str]:
    return [
        f"budget {year}"
        for year, spent in zip(years, paid, strict=True)
        if spent > problem.budget_of(year) * (1.0 + 1e-9) + 1e-6
    ]


@dataclass(frozen=True, slots=True)
class Step:
    """What one measure adds to those before it, in the last year of the plan.

    Parameters
    ----------
    measure : str
    changes : mapping of str to float
        Indicator to its change.
    running : float
        Change of yearly costs, CNY a year; negative where it saves.
    """

    measure: str
    changes: Mapping[str, float]
    running: float


def steps(problem: Problem, starts: Mapping[str, int]) -> tuple[Step, ...]:
    """Return what each measure adds, in the order they start to work; the changes of all add up to the whole.

    What a measure brings depends on those before it where they meet in a stream, so its step is its own only in this
    order.
    """
    order = sorted(starts, key=lambda name: (starts[name], [one.id for one in problem.measures].index(name)))
    found = []
    before = totals(problem, ())
    for at, name in enumerate(order):
        after = totals(problem, [problem.measure(one) for one in order[: at + 1]])
        changes = {key: one.value(after) - one.value(before) for key, one in problem.indicators.items()}
        running = problem.measure(name).yearly_cost
        running += sum(p * (after.get(key, 0.0) - before.get(key, 0.0)) for key, p in problem.prices.items())
        found.append(Step(name, changes, running))
        before = after
    return tuple(found)
