"""How far goals can be reached: each alone, which ones conflict, and the most that can be kept together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

from forgecast.planning.portfolio import Least, Model, Portfolio, Within, agreed
from forgecast.planning.problem import Goal, Problem


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one goal can be reached with the measures given, all other goals left aside.

    Parameters
    ----------
    goal : Goal
    best : float
        The best value in the goal's year; a proven optimum of the programme, so no set of the measures does better.
    now : float
        Value without any measure.
    reachable : bool
    """

    goal: Goal
    best: float
    now: float
    reachable: bool


@dataclass(frozen=True, slots=True)
class Compromise:
    """What to do where not all goals can be kept.

    Parameters
    ----------
    reaches : tuple of Reach
        One for each goal.
    conflict : tuple of Goal
        A smallest set of goals that cannot be kept together: leave out any one of it and the rest can.
    budget_binds : bool
        Whether all goals could be kept with more money.
    kept : tuple of Goal
        A largest set that can be kept together; the cheapest such set.
    best_given_up : tuple of Reach
        For each goal given up, the best value while those in `kept` are kept.
    portfolio : Portfolio
        The cheapest that keeps `kept`.
    """

    reaches: tuple[Reach, ...]
    conflict: tuple[Goal, ...]
    budget_binds: bool
    kept: tuple[Goal, ...]
    best_given_up: tuple[Reach, ...]
    portfolio: Portfolio


def reaches(model: Model, goals: tuple[Goal, ...] | None = None, kept: tuple[Goal, ...] = ()) -> tuple[Reach, ...]:
    """Return how far each goal can be reached while others are kept.

    Parameters
    ----------
    model : Model
    goals : tuple of Goal or None
        None means all of the problem.
    kept : tuple of Goal
    """
    problem = model.problem
    found = []
    now = nothing(problem)
    for goal in problem.goals if goals is None else goals:
        best = model.solve(goals=kept, least=Least(goal.indicator, goal.year, goal.sense))
        if best is None:  # only where `kept` cannot be kept
            continue
        value = best.outcome.indicators[goal.indicator][goal.year - problem.first]
        alone = model.solve(goals=(*kept, goal))
        found.append(Reach(goal, value, now[goal.indicator], alone is not None))
    return tuple(found)


def nothing(problem: Problem) -> dict[str, float]:
    """Return every indicator without any measure."""
    totals: dict[str, float] = {}
    for stream in problem.streams:
        for name, amount in stream.base.items():
            totals[name] = totals.get(name, 0.0) + amount
    return {name: indicator.value(totals) for name, indicator in problem.indicators.items()}


def conflict(model: Model) -> tuple[Goal, ...]:
    """Return an irreducible set of goals that cannot be kept together, by leaving out one after another.

    Empty where all can be kept. The set is proven: the whole of it has no solution, and every part of it with one goal
    less has.
    """
    held = list(model.problem.goals)
    if model.solve(goals=held) is not None:
        return ()
    for goal in tuple(held):
        rest = [one for one in held if one is not goal]
        if model.solve(goals=rest) is None:
            held = rest
    return tuple(held)


def compromise(problem: Problem) -> Compromise | None:
    """Return the most that can be kept; None where all goals can.

    Goals are given up one after another only as far as needed: of all sets of goals, from the largest down, the
    cheapest that has a solution. With g goals that is 2^g programmes at most, and g is small.
    """
    model = Model(problem)
    if model.solve() is not None:
        return None
    best: tuple[tuple[Goal, ...], Portfolio] | None = None
    for size in range(len(problem.goals) - 1, -1, -1):
        for kept in combinations(problem.goals, size):
            found = model.solve(goals=kept)
            if found is not None and (best is None or found.outcome.cost < best[1].outcome.cost):
                best = kept, found
        if best is not None:
            break
    assert best is not None  # noqa: S101  (doing nothing keeps no goal and breaks nothing)
    kept = best[0]
    given_up = tuple(goal for goal in problem.goals if goal not in kept)
    sound = agreed(Model(replace(problem, goals=kept)).solve())
    assert sound is not None  # noqa: S101  (the same rows have just been solved)
    return Compromise(
        reaches=reaches(model),
        conflict=conflict(model),
        budget_binds=model.solve(budget=False) is not None,
        kept=kept,
        best_given_up=reaches(model, given_up, kept),
        portfolio=sound,
    )


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a frontier: cost and the figure traded against it, in the last year of the plan."""

    cost: float
    value: float
    portfolio: Portfolio


def frontier(problem: Problem, indicator: str, *, points: int = 8, sense: str = "<=") -> tuple[Point, ...]:
    """Return portfolios of which none is both dearer and worse than another (epsilon-constraint).

    Parameters
    ----------
    problem : Problem
        Its goals are kept by every point.
    indicator : str
        Traded against cost, in the last year of the plan.
    points : int
        Levels between the cheapest and the best, ends included; equal portfolios appear once.
    sense : str
        ``<=``: less is better.
    """
    model, year = Model(problem), problem.last
    at = year - problem.first
    cheap = agreed(model.solve())
    best = agreed(model.solve(least=Least(indicator, year, sense)))
    if cheap is None or best is None:
        return ()
    worst, edge = (one.outcome.indicators[indicator][at] for one in (cheap, best))
    slack = 1e-7 * max(abs(edge), abs(worst), 1.0)
    found: dict[tuple[tuple[str, int], ...], Point] = {}
    for step in range(points):
        level = worst + (edge - worst) * step / max(points - 1, 1)
        bound = level + slack if sense == "<=" else level - slack
        one = model.solve(within=(Within(indicator, year, bound, sense),))
        if one is None:
            continue
        # At equal cost the better figure, so that no point is dominated.
        again = model.solve(
            least=Least(indicator, year, sense),
            within=(Within(indicator, year, bound, sense),),
            most_cost=one.outcome.cost + 1.0,
        )
        one = agreed(again or one) or one
        key = tuple(sorted(one.starts.items()))
        found[key] = Point(one.outcome.cost, one.outcome.indicators[indicator][at], one)
    return tuple(_undominated(sorted(found.values(), key=lambda p: p.cost), sense))


def _undominated(points: list[Point], sense: str) -> list[Point]:
    kept: list[Point] = []
    for point in points:
        better = [p for p in kept if (p.value <= point.value if sense == "<=" else p.value >= point.value)]
        if not better:
            kept.append(point)
    return kept
