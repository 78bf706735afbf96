"""Tramp elements over the generations of returns: how they build up, and where they settle."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from forgecast.ground.texts import Text, text
from forgecast.melting.charge_mix import ChargeMix, cheapest_charge
from forgecast.melting.error import MeltingError
from forgecast.melting.material import ChargeProblem, Content, FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class BuildUp:
    """An element in the metal, generation after generation of its own returns.

    Parameters
    ----------
    contents : (generations + 1,) float64 array
        Mass fraction after each generation, the start first [1].
    steady : float
        Where it settles [1]; infinity where it does not.
    steady_spread : float
        Standard deviation there from charge to charge [1].
    kept : float
        Share of the element that comes back with the returns [1].
    generations_to_settle : float
        Generations after which 95 % of the way is gone.
    """

    contents: FloatArray
    steady: float
    steady_spread: float
    kept: float
    generations_to_settle: float


def build_up(
    start: float,
    fresh: float,
    fresh_spread: float,
    *,
    returns_share: float,
    recovery: float,
    generations: int,
) -> BuildUp:
    """Return how an element builds up where a fixed share of the metal is always the plant's own returns.

    Parameters
    ----------
    start : float
        Content of the first returns [1].
    fresh, fresh_spread : float
        Mass of the element that the other materials bring into a unit of metal, and its standard deviation [1].
    returns_share : float
        Mass of returns charged for a unit of liquid metal [1].
    recovery : float
        Share of the element that survives a remelting [1].
    generations : int

    Raises
    ------
    MeltingError
        If a share is no number from 0 on, or there is no generation.

    Notes
    -----
    Equation: w(n+1) = f + q w(n), q = s r; w(n) = w* + (w(0) − w*) q^n, w* = f / (1 − q); with independent f the
    variance settles at Var(f) / (1 − q2). Where the metal melts away but the element does not, q may reach 1.
    """
    kept = returns_share * recovery
    sound = all(math.isfinite(v) and v >= 0.0 for v in (start, fresh, fresh_spread, returns_share, recovery))
    if not sound or generations < 1:
        raise MeltingError(
            text("a build-up needs contents and shares from 0 on and at least one generation"),
            repair=text("give mass fractions, not per cent"),
        )
    powers = np.power(kept, np.arange(generations + 1, dtype=np.float64))
    if kept < 1.0:
        steady = fresh / (1.0 - kept)
        contents = steady + (start - steady) * powers
        spread = fresh_spread / math.sqrt(1.0 - kept**2)
        settle = 0.0 if kept == 0.0 else math.log(0.05) / math.log(kept)
    else:
        steady, spread, settle = math.inf, math.inf, math.inf
        steps = np.arange(generations + 1, dtype=np.float64) if kept == 1.0 else (powers - 1.0) / (kept - 1.0)
        contents = start * powers + fresh * steps
    return BuildUp(contents, steady, spread, kept, settle)


@dataclass(frozen=True, slots=True, eq=False)
class Generations:
    """The cheapest charge of each generation, whose metal becomes the returns of the next.

    Parameters
    ----------
    mixes : tuple of ChargeMix
    contents : tuple of mapping of str to float
        Of the metal of each generation [1].
    settled : bool
        Whether the last two generations agree.
    words : Text
    """

    mixes: tuple[ChargeMix, ...]
    contents: tuple[Mapping[str, float], ...]
    settled: bool
    words: Text


def charge_over_generations(
    problem: ChargeProblem, returns: str, *, most: int = 60, agreement: float = 1e-4
) -> Generations:
    """Return the cheapest charges when the returns are the plant's own metal, until mix and metal settle.

    Parameters
    ----------
    problem : ChargeProblem
    returns : str
        Name of the material that is the plant's own returns; its contents are those of the first generation.
    most : int
        Generations at most.
    agreement : float
        Share by which two generations' contents may differ where they are taken as settled [1].

    Raises
    ------
    MeltingError
        If there is no such material.

    Notes
    -----
    Where the buyer of today's cheapest charge pays later is seen here: a charge that is cheapest with clean returns may
    have no solution once its own metal has come back. The spread of the returns follows the metal's own.
    """
    if returns not in problem.names:
        raise MeltingError(
            text("there is no material named {name}", name=returns),
            repair=text("use the name of one of the materials: {names}", names=", ".join(problem.names)),
        )
    at = problem.names.index(returns)
    mixes: list[ChargeMix] = []
    contents: list[Mapping[str, float]] = []
    for generation in range(1, most + 1):
        mix = cheapest_charge(problem)
        mixes.append(mix)
        if not mix.feasible:
            words = text("from generation {number} on there is no charge: the returns are too rich", number=generation)
            return Generations(tuple(mixes), tuple(contents), settled=False, words=words)
        contents.append(mix.contents)
        if generation > 1 and _agree(contents[-2], contents[-1], agreement):
            words = text(
                "settled after {number} generations at {cost} {currency}/t",
                number=generation,
                cost=f"{mix.cost_per_tonne:.5g}",
                currency=problem.currency,
            )
            return Generations(tuple(mixes), tuple(contents), settled=True, words=words)
        own = dict(problem.materials[at].contents)
        own.update({e: Content(max(mix.contents[e], 0.0), mix.spreads[e]) for e in mix.contents})
        materials = list(problem.materials)
        materials[at] = replace(materials[at], contents=own)
        problem = replace(problem, materials=tuple(materials))
    words = text("not settled after {number} generations", number=most)
    return Generations(tuple(mixes), tuple(contents), settled=False, words=words)


def _agree(before: Mapping[str, float], after: Mapping[str, float], agreement: float) -> bool:
    return all(abs(after[e] - before[e]) <= agreement * max(abs(after[e]), 1e-6) for e in after)
