"""Small plans: made from few numbers, and solved by trying every choice."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from forgecast.ground.texts import verbatim
from forgecast.planning.outcome import Outcome, outcome
from forgecast.planning.problem import Effect, Goal, Indicator, Measure, Problem, Stream

PM = Indicator("pm", verbatim("particulate"), "t", {"pm": 1.0})
ENERGY = Indicator("energy", verbatim("energy"), "tce", {"kWh": 0.000123, "coke": 0.97})
INDICATORS: Mapping[str, Indicator] = {"pm": PM, "energy": ENERGY}


def measure(name: str, *effects: Effect, cost: float = 100.0, **more: object) -> Measure:
    settings: dict[str, object] = {"lifetime": 10.0, "source": verbatim("test"), "how": verbatim("test")} | more
    return Measure(name, name, verbatim(name), "", cost, effects=effects, **settings)  # type: ignore[arg-type]


def goal(indicator: str, bound: float, year: int = 2027, sense: str = "<=", name: str = "") -> Goal:
    return Goal(name or f"{indicator}-{year}", indicator, year, bound, sense, verbatim("test"))  # type: ignore[arg-type]


def problem(
    measures: tuple[Measure, ...], goals: tuple[Goal, ...], streams: tuple[Stream, ...] | None = None, **more: object
) -> Problem:
    settings: dict[str, object] = {
        "prices": {},
        "first": 2026,
        "last": 2027,
        "rate": 0.08,
        "horizon": 10,
        "indicators": INDICATORS,
    } | more
    streams = (Stream("s", {"pm": 10.0}),) if streams is None else streams
    return Problem(streams, measures, goals=goals, **settings)  # type: ignore[arg-type]


def by_trying(asked: Problem) -> tuple[float, Mapping[str, int], Outcome] | None:
    """Return cost, starts and outcome of the cheapest sound choice, out of all of them."""
    choices = [[None, *asked.working_years(one)] for one in asked.measures]
    best = None
    for years in itertools.product(*choices):
        starts = {one.id: year for one, year in zip(asked.measures, years, strict=True) if year is not None}
        seen = outcome(asked, starts)
        if not seen.broken and (best is None or seen.cost < best[0]):
            best = seen.cost, starts, seen
    return best
