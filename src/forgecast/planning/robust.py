"""How a plan stands if its estimates are off: what stays in it, what it costs, and which goals still hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from forgecast.planning.outcome import outcome
from forgecast.planning.portfolio import Model, Portfolio
from forgecast.planning.problem import Effect, Measure, Problem


@dataclass(frozen=True, slots=True)
class Robustness:
    """A plan under drawn errors of its estimates.

    Parameters
    ----------
    draws : int
    spread : float
        Errors are drawn evenly from −spread to +spread, as a share.
    solved : int
        Draws of costs in which the goals could be kept.
    stays : mapping of str to float
        Measure to the share of draws in whose optimum it is; all measures that appear in any.
    cost_low, cost_high : float
        5th and 95th percentile of the optimum's cost, CNY.
    holds : mapping of str to float
        Goal to the share of draws of effects in which the plan as it stands still keeps it.
    """

    draws: int
    spread: float
    solved: int
    stays: Mapping[str, float]
    cost_low: float
    cost_high: float
    holds: Mapping[str, float]


def robustness(
    problem: Problem, plan: Portfolio, *, spread: float = 0.3, draws: int = 100, seed: int = 0
) -> Robustness:
    """Return how a plan stands if the costs of its estimates, and the size of all effects, are off.

    Parameters
    ----------
    problem : Problem
    plan : Portfolio
        The optimum of `problem`.
    spread : float
    draws : int
    seed : int

    Notes
    -----
    Costs: each measure whose cost is an estimate gets its own factor 1 + u, u even in ±spread, and the plan is made
    anew. Effects: the change each measure brings gets its own 1 + u, and the plan as it stands is evaluated.
    """
    random = np.random.default_rng(seed)
    counts: dict[str, int] = {}
    costs = []
    for _ in range(draws):
        factors = random.uniform(1.0 - spread, 1.0 + spread, len(problem.measures))
        drawn = tuple(
            _dearer(one, float(factor)) if one.estimate else one
            for one, factor in zip(problem.measures, factors, strict=True)
        )
        found = Model(replace(problem, measures=drawn)).solve()
        if found is None:
            continue
        costs.append(found.outcome.cost)
        for name in found.starts:
            counts[name] = counts.get(name, 0) + 1
    kept = {goal.id: 0 for goal in problem.goals}
    for _ in range(draws):
        factors = random.uniform(1.0 - spread, 1.0 + spread, len(problem.measures))
        drawn = tuple(_stronger(one, float(f)) for one, f in zip(problem.measures, factors, strict=True))
        broken = outcome(replace(problem, measures=drawn), plan.starts).broken
        for name in kept:
            kept[name] += name not in broken
    low, high = np.percentile(costs, [5.0, 95.0]) if costs else (float("nan"), float("nan"))
    stays = {name: count / len(costs) for name, count in sorted(counts.items(), key=lambda one: -one[1])}
    holds = {name: count / draws for name, count in kept.items()}
    return Robustness(draws, spread, len(costs), stays, float(low), float(high), holds)


def _dearer(measure: Measure, factor: float) -> Measure:
    return replace(measure, cost=measure.cost * factor, yearly_cost=measure.yearly_cost * factor)


def _stronger(measure: Measure, factor: float) -> Measure:
    return replace(measure, effects=tuple(_scaled(one, factor) for one in measure.effects))


def _scaled(effect: Effect, factor: float) -> Effect:
    """Return an effect whose change is larger by a factor; no more than all can be taken away.

    A conversion replaces the process whatever happens, so only what it adds is drawn.
    """
    if effect.converts:
        return replace(effect, addition=effect.addition * factor)
    left = max(1.0 - (1.0 - effect.factor) * factor, 0.0)
    return replace(effect, factor=left, addition=effect.addition * factor)
