"""The inventory of a site: activities by scope, each with the factor that holds, and sums that say what they lack."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from forgecast.environment.carbon.chance import Spread, spread_of_sum
from forgecast.environment.carbon.factor import Category, Choice, EmissionFactor
from forgecast.ground.errors import UnitError
from forgecast.ground.texts import Text, text
from forgecast.ground.units import convert

Scope: TypeAlias = Literal[1, 2, 3]

#: Scope 1 is what the site itself gives off, 2 bought energy, 3 what happens elsewhere for it (GHG Protocol).
SCOPE_OF: dict[Category, Scope] = {
    "fuel": 1,
    "process": 1,
    "refrigerant": 1,
    "electricity": 2,
    "heat": 2,
    "material": 3,
    "transport": 3,
    "waste": 3,
    "service": 3,
}


@dataclass(frozen=True, slots=True)
class Activity:
    """An amount of something used, bought or given away in a month.

    Parameters
    ----------
    item : str
    category : Category
    month : str
        ``YYYY-MM``.
    quantity : float
    unit : str
    relative_uncertainty : float or None
        Half width of the 95 % interval, relative.
    origin : str
        File and row.
    """

    item: str
    category: Category
    month: str
    quantity: float
    unit: str
    relative_uncertainty: float | None = None
    origin: str = ""

    @property
    def scope(self) -> Scope:
        """Return the scope it falls in."""
        return SCOPE_OF[self.category]


@dataclass(frozen=True, slots=True)
class Line:
    """An activity, the factor used, and its emissions.

    Parameters
    ----------
    activity : Activity
    factor : EmissionFactor or None
    amount : float or None
        The quantity in the factor's unit.
    emission_kg : float or None
        kg CO2e.
    why_missing : Text or None
    """

    activity: Activity
    factor: EmissionFactor | None
    amount: float | None
    emission_kg: float | None
    why_missing: Text | None


@dataclass(frozen=True, slots=True)
class ScopeTotal:
    """The emissions of a scope.

    Parameters
    ----------
    scope : int
    known_kg : float
        Sum of the lines that could be counted, kg CO2e.
    lines, missing : int
        All lines, and those that could not be counted: with any missing, the sum is no total.
    spread : Spread or None
        Of the known sum; None where nothing is known.
    """

    scope: Scope
    known_kg: float
    lines: int
    missing: int
    spread: Spread | None

    @property
    def total_kg(self) -> float | None:
        """Return the emissions, None where a line is missing or there are no lines at all."""
        return self.known_kg if self.lines and not self.missing else None


def counted(activities: Iterable[Activity], choose: Callable[[Activity], Choice]) -> tuple[Line, ...]:
    """Return each activity with its factor and emissions.

    Parameters
    ----------
    activities : iterable of Activity
    choose : callable
        Gives the factor of an activity (`EmissionFactors.find` with day, region and supplier filled in).
    """
    return tuple(_line(one, choose(one)) for one in activities)


def scope_totals(lines: Sequence[Line], *, draws: int = 20_000, seed: int = 0) -> tuple[ScopeTotal, ...]:
    """Return the sums of scopes 1, 2 and 3 with their spread.

    Parameters
    ----------
    lines : sequence of Line
    draws, seed : int
        Of the Monte Carlo draw.
    """
    return tuple(
        _total(scope, [one for one in lines if one.activity.scope == scope], draws, seed) for scope in (1, 2, 3)
    )


def _line(activity: Activity, choice: Choice) -> Line:
    factor = choice.factor
    if factor is None:
        return Line(activity, None, None, None, choice.why_missing)
    if not math.isfinite(activity.quantity):
        return Line(activity, factor, None, None, text("the quantity of {item} is missing", item=activity.item))
    amount = _amount(activity.quantity, activity.unit, factor.per)
    if amount is None:
        why = text(
            "{item} is recorded in {unit}, its emission factor is for {per}",
            item=activity.item,
            unit=activity.unit,
            per=factor.per,
        )
        return Line(activity, factor, None, None, why)
    return Line(activity, factor, amount, amount * factor.value, None)


def _amount(quantity: float, unit: str, per: str) -> float | None:
    """Return a quantity in another unit of the same kind, None where the two measure different things."""
    if unit == per:
        return quantity
    for kind in ("mass", "energy", "volume"):
        try:
            return convert(quantity, kind, unit, per)
        except UnitError:
            continue
    return None


def spread_of_lines(lines: Sequence[Line], *, draws: int = 20_000, seed: int = 0) -> Spread | None:
    """Return the spread of the lines that could be counted, each factor drawn once for all lines that use it.

    Parameters
    ----------
    lines : sequence of Line
    draws, seed : int
        Of the Monte Carlo draw.

    Returns
    -------
    Spread or None
        None where no line could be counted.
    """
    known = [(line, line.factor, line.amount) for line in lines if line.factor is not None and line.amount is not None]
    if not known:
        return None
    factors = {factor.id: factor for _, factor, _ in known}
    number = {name: index for index, name in enumerate(factors)}
    return spread_of_sum(
        [amount for *_, amount in known],
        [factor.value for factor in factors.values()],
        [_stated(line.activity.relative_uncertainty) for line, *_ in known],
        [_stated(factor.relative_uncertainty) for factor in factors.values()],
        factor_of=[number[factor.id] for _, factor, _ in known],
        draws=draws,
        seed=seed,
    )


def _total(scope: Scope, lines: list[Line], draws: int, seed: int) -> ScopeTotal:
    spread = spread_of_lines(lines, draws=draws, seed=seed)
    missing = sum(line.emission_kg is None for line in lines)
    return ScopeTotal(scope, 0.0 if spread is None else spread.value, len(lines), missing, spread)


def _stated(half_width: float | None) -> float:
    return math.nan if half_width is None else half_width
