"""Measures and figures of a plan in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from forgecast.ground.texts import Language, Text, text, verbatim
from forgecast.planning.problem import Measure
from forgecast.tasks.plan_plant import PlanAnswer

#: Marks a number that is an estimate.
ABOUT: Final = "≈"
#: Short names of the indicators, for tables.
SHORT: Final[Mapping[str, Text]] = {
    "particulate": text("particulate"),
    "energy_per_tonne": text("energy"),
    "forging_energy": text("forging energy"),
    "co2": verbatim("CO2"),
    "water": text("water"),
    "waste_use": text("waste use"),
    "cnc": text("CNC share"),
    "digital": text("digital share"),
}


def measure_words(measure: Measure, language: Language) -> str:
    """Return a measure with the machine, stack or line it is for."""
    said = measure.title.say(language)
    return f"{said} · {measure.subject}" if measure.subject else said


def cost_words(measure: Measure, language: Language) -> str:
    """Return the price in 10⁴ CNY, marked where it is an estimate."""
    del language  # a number reads the same in both
    return f"{ABOUT if measure.estimate else ''}{measure.cost / 1e4:,.1f}"


def figure(value: float) -> str:
    """Return a figure with as many digits as tell something."""
    size = abs(value)
    digits = 0 if size >= 1000.0 else 1 if size >= 100.0 else 2
    return f"{value:,.{digits}f}".replace("-", "−")


def money(value: float) -> str:
    """Return CNY in 10⁴."""
    return f"{value / 1e4:,.1f}".replace("-", "−")


def verdict(answer: PlanAnswer) -> Text:
    """Return in a sentence whether the goals are reached, and what it costs."""
    seen = answer.plan.outcome
    paid, cost = sum(seen.paid), seen.cost
    count, years, rate = len(answer.plan.starts), answer.problem.horizon, round(100.0 * answer.problem.rate, 2)
    if answer.told is not None:
        return text(
            "Not all goals can be reached with the measures given: {kept} of {all} can. {count} measures for "
            "{paid} ×10⁴ CNY reach these.",
            kept=len(answer.told.kept),
            all=len(answer.goals),
            count=count,
            paid=money(paid),
        )
    if not answer.goals:
        return text("No goal could be planned. {count} measures pay for themselves.", count=count)
    if cost < 0.0:
        return text(
            "All {goals} goals are reached by {count} measures for {paid} ×10⁴ CNY, which earn {cost} ×10⁴ CNY net "
            "over {years} years at {rate} %.",
            goals=len(answer.goals),
            count=count,
            paid=money(paid),
            cost=money(abs(cost)),
            years=years,
            rate=rate,
        )
    return text(
        "All {goals} goals are reached by {count} measures for {paid} ×10⁴ CNY; the net cost is {cost} ×10⁴ CNY over "
        "{years} years at {rate} %.",
        goals=len(answer.goals),
        count=count,
        paid=money(paid),
        cost=money(abs(cost)),
        years=years,
        rate=rate,
    )
