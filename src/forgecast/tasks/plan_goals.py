"""The goals of a plan: as asked for, else from the record `plan_goal`, else those of the two opinions."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from forgecast.ground.texts import Text, text, verbatim
from forgecast.planning.problem import Goal, PlanError, Sense
from forgecast.rules.book import Book, Comparison
from forgecast.rules.shelf import packaged_folders, read_book
from forgecast.tasks.plan_base import INDICATORS, PlanBase, year_value

#: Indicators of which more is better.
RISING: Final = ("waste_use", "cnc", "digital")
#: Requirement of the book to the indicator, the base year of a change, and the route it is asked of.
OPINION: Final[Mapping[str, tuple[str, int | None, str]]] = {
    "pm_emission_change": ("particulate", 2020, "casting"),
    "forging_energy_change": ("forging_energy", 2020, "forging"),
    "water_per_value_added_change": ("water", 2023, ""),
    "solid_waste_use_share": ("waste_use", None, ""),
    "cnc_share": ("cnc", None, ""),
    "digital_rd_share": ("digital", None, ""),
}
#: What “above 70 %” asks beyond 70 %.
_ABOVE: Final = 1e-3
_FORM = re.compile(r"([a-z_0-9]+)=([-+−]?\d+(?:\.\d+)?)(%?)(?:@(\d{4}))?")


@dataclass(frozen=True, slots=True)
class Unknown:
    """A goal that was asked for and cannot be planned, and what would settle it."""

    goal: str
    title: Text
    why: Text


@dataclass(frozen=True, slots=True)
class Asked:
    """A goal before it is set against the plant.

    Parameters
    ----------
    indicator : str
    value : float
        A value, or a change in per cent.
    change : bool
    base_year : int or None
        Year a change counts from; None is the judged period.
    year : int or None
        None is the last year of the plan.
    strict : bool
        Whether the value itself is not enough.
    source : Text
    """

    indicator: str
    value: float
    change: bool
    base_year: int | None
    year: int | None
    strict: bool
    source: Text


def parse_goal(given: str) -> Asked:
    """Return a goal written ``particulate=-30%``, ``cnc=80`` or ``water=-13%@2027``.

    Raises
    ------
    PlanError
        If it is not written so, or names no indicator.
    """
    found = _FORM.fullmatch(given.strip())
    if found is None or found[1] not in INDICATORS:
        raise PlanError(
            text("{given} is no goal", given=given),
            where="--goal",
            repair=text(
                "write NAME=-30% for a change from today, or NAME=80 for a value, with @2027 for the year; NAME is one "
                "of {names}",
                names=", ".join(INDICATORS),
            ),
        )
    share = found[1] in RISING and not found[2].startswith(("-", "−", "+"))
    value = float(found[2].replace("−", "-"))
    # A share that is to rise is itself in per cent: cnc=80% and cnc=80 are one.
    change = found[3] == "%" and not share
    year = int(found[4]) if found[4] else None
    return Asked(found[1], value, change=change, base_year=None, year=year, strict=False, source=text("asked for"))


def plan_goals(
    base: PlanBase, asked: Sequence[Asked], *, first: int, last: int
) -> tuple[tuple[Goal, ...], tuple[Unknown, ...]]:
    """Return the goals of a plan, and those that cannot be planned.

    Parameters
    ----------
    base : PlanBase
    asked : sequence of Asked
        They take the place of a recorded goal on the same indicator, and that of a goal of the opinions.
    first, last : int
        Years of the plan; a goal that was due before is to be reached by the last.
    """
    wanted = {one.indicator: [one] for one in _opinion(base)}
    for source in (_recorded(base), asked):
        fresh: dict[str, list[Asked]] = {}
        for one in source:
            fresh.setdefault(one.indicator, []).append(one)
        wanted |= fresh
    made = [_goal(base, one, first, last) for name in INDICATORS for one in wanted.get(name, [])]
    goals: list[Goal] = []
    for found in made:
        if isinstance(found, Goal):
            same = sum(1 for goal in goals if (goal.indicator, goal.year) == (found.indicator, found.year))
            goals.append(replace(found, id=f"{found.id}-{same + 1}") if same else found)
    return tuple(goals), tuple(found for found in made if isinstance(found, Unknown))


def _goal(base: PlanBase, asked: Asked, first: int, last: int) -> Goal | Unknown:
    name, title = asked.indicator, INDICATORS[asked.indicator][0]
    if name not in base.indicators:
        why = base.unknown.get(name, text("the plant has no such thing on record"))
        return Unknown(name, title, why)
    year = last if asked.year is None or not first <= asked.year <= last else asked.year
    bound, rising = asked.value, name in RISING
    if asked.change:
        start = _today(base)[name] if asked.base_year is None else _of_year(base, name, asked.base_year)
        if start is None or not math.isfinite(start):
            why = text("its value in {year} is not on record: record `year_figure`", year=asked.base_year)
            return Unknown(name, title, why)
        bound = start * (1.0 + asked.value / 100.0)
    if asked.strict:
        bound += _ABOVE if rising else -_ABOVE
    sense: Sense = ">=" if rising else "<="
    return Goal(f"{name}-{year}", name, year, bound, sense, asked.source)


def _today(base: PlanBase) -> dict[str, float]:
    totals: dict[str, float] = {}
    for stream in base.streams.values():
        for resource, amount in stream.base.items():
            totals[resource] = totals.get(resource, 0.0) + amount
    return {name: one.value(totals) for name, one in base.indicators.items()}


def _of_year(base: PlanBase, name: str, year: int) -> float | None:
    """Return an indicator of a past year from the yearly figures; None where they do not tell."""
    if year == base.view.period.start.year:
        return _today(base)[name]
    if name == "water":
        volume, added = (year_value(base.view, one, year) for one in ("water_volume", "industrial_value_added"))
        return volume / added if volume is not None and added else None
    told = {"particulate": "pm_emission", "forging_energy": "forging_energy", "digital": "digital_rd_share"}
    return year_value(base.view, told[name], year) if name in told else None


def _recorded(base: PlanBase) -> Iterable[Asked]:
    for row in base.view.rows("plan_goal"):
        name = row.text("indicator")
        change, value, year = row.number_of("change_percent"), row.number_of("value"), row.number_of("base_year")
        if name not in INDICATORS or math.isnan(change) == math.isnan(value):
            raise PlanError(
                text("goal {goal} names no indicator, or not just one of a change and a value", goal=row.text("id")),
                where=row.place,
                repair=text("use one of {names}, and either change_percent or value", names=", ".join(INDICATORS)),
            )
        yield Asked(
            name,
            value if math.isnan(change) else change,
            change=not math.isnan(change),
            base_year=None if math.isnan(year) else int(year),
            year=int(row.number_of("year")),
            strict=False,
            source=verbatim(f"{row.text('source') or row.text('id')} ({row.place})"),
        )


@cache
def _opinion_book() -> Book:
    return read_book(next(folder for folder in packaged_folders() if folder.name == "opinion_goals"))


def _opinion(base: PlanBase) -> Iterable[Asked]:
    """Return the goals of the opinions that are asked of what the plant makes."""
    for id_, (name, base_year, route) in OPINION.items():
        if route and not base.lines(route):
            continue
        requirement = _opinion_book().requirement(id_)
        newest = [one for one in requirement.values if one.value is not None and one.decides]
        if not newest:
            continue
        value = newest[-1]
        yield Asked(
            name,
            float(value.value or 0.0),
            change=base_year is not None,
            base_year=base_year,
            year=None if requirement.due is None else requirement.due.year,
            strict=requirement.comparison in (Comparison.ABOVE, Comparison.BELOW),
            source=value.source,
        )
