"""Emission factors: dated, sourced, of a region or supplier; which one holds, and what a new one changes.

A factor that is unverified, out of date or of another region is an answer too: the caller gets the reason, not a
number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypeAlias

from forgecast.ground.dates import Validity
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text

Category: TypeAlias = Literal[
    "fuel", "electricity", "heat", "material", "process", "transport", "waste", "service", "refrigerant"
]
Confidence: TypeAlias = Literal["own", "primary", "secondary", "unverified"]
#: How an amount of purchased electricity may be counted, or what a factor spans.
Basis: TypeAlias = Literal["", "direct", "location", "market", "residual", "life_cycle"]


class FactorError(ForgecastError):
    """Emission factors that contradict one another, or a number that cannot be one."""


@dataclass(frozen=True, slots=True)
class EmissionFactor:
    """One emission factor.

    Parameters
    ----------
    id : str
    item : str
        What it is of: a carrier or material code, or a name of the plant's own.
    category : Category
    value : float
        kg CO2e per `per`.
    per : str
        Unit of the activity: ``kWh``, ``kg``, ``m3``, ``t km`` …
    basis : Basis
        Empty where it does not matter.
    region : str
        ``CN``, ``CN-east``, ``CN-GD`` … (a region is inside another whose code begins it); empty: everywhere.
    supplier : str
        Of whose product it is; empty: general.
    relative_uncertainty : float or None
        Half width of the 95 % interval, relative; None where nobody has said it.
    validity : Validity
    restates : str
        The factor it replaces for the same days; empty where it replaces none.
    source : Text
    confidence : Confidence
        ``own`` is the plant's, entered with its source; an ``unverified`` one never decides.
    """

    id: str
    item: str
    category: Category
    value: float
    per: str
    source: Text
    confidence: Confidence
    basis: Basis = ""
    region: str = ""
    supplier: str = ""
    relative_uncertainty: float | None = None
    validity: Validity = field(default_factory=Validity)
    restates: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """The factor that holds for an activity, or why there is none.

    Parameters
    ----------
    factor : EmissionFactor or None
    why_missing : Text or None
    passed_over : tuple of EmissionFactor
        Those of the same item and day that were not used: less specific, restated, or unverified.
    """

    factor: EmissionFactor | None
    why_missing: Text | None
    passed_over: tuple[EmissionFactor, ...]


@dataclass(frozen=True, slots=True)
class Restated:
    """An activity whose factor another set of factors changes."""

    item: str
    before: EmissionFactor | None
    after: EmissionFactor | None


class EmissionFactors:
    """A set of factors, asked by item and day.

    Parameters
    ----------
    factors : iterable of EmissionFactor
    why_none : mapping of str to Text, optional
        Why an item has no factor, where that is known.

    Raises
    ------
    FactorError
        If two have one number, a value is not finite, or one restates what is not there or itself in a circle.
    """

    def __init__(self, factors: Iterable[EmissionFactor], why_none: Mapping[str, Text] | None = None) -> None:
        self._why_none = dict(why_none or {})
        self._by_id: dict[str, EmissionFactor] = {}
        for one in factors:
            if one.id in self._by_id:
                raise _wrong(one, text("stands twice among the emission factors"), text("give each its own number"))
            if not math.isfinite(one.value):
                raise _wrong(one, text("has no finite value"), text("correct its value"))
            self._by_id[one.id] = one
        for one in self._by_id.values():
            self._check_restates(one)

    def __iter__(self) -> Iterator[EmissionFactor]:
        return iter(self._by_id.values())

    def find(
        self, item: str, category: Category, *, on: date, region: str = "", supplier: str = "", basis: Basis = ""
    ) -> Choice:
        """Return the factor of an item on a day.

        A supplier's own comes before a general one, a narrower region before a wider one, a restating one before the
        one it replaces, and of two alike the one that began later. Between two that still tie nothing is chosen.

        Parameters
        ----------
        item : str
        category : Category
        on : date
        region : str
            Where the activity was, ``CN-GD``.
        supplier : str
        basis : Basis
            Only factors of this basis; empty takes any, as long as all that remain agree on one.

        Returns
        -------
        Choice
        """
        named = [one for one in self._by_id.values() if one.item == item and one.category == category]
        fitting = [one for one in named if _fits(one, on, region, supplier, basis)]
        usable = [one for one in fitting if one.confidence != "unverified"]
        replaced = {one.restates for one in usable if one.restates}
        usable = [one for one in usable if one.id not in replaced]
        passed = tuple(fitting)
        if not usable:
            return Choice(None, self._why(item, named, fitting, on), passed)
        best = max(_rank(one) for one in usable)
        first = [one for one in usable if _rank(one) == best]
        if len(first) > 1:
            names = ", ".join(sorted(one.id for one in first))
            return Choice(None, text("several emission factors hold alike: {names}", names=names), passed)
        return Choice(first[0], None, tuple(one for one in fitting if one is not first[0]))

    def _why(self, item: str, named: Sequence[EmissionFactor], fitting: Sequence[EmissionFactor], on: date) -> Text:
        if fitting:
            return text("the only emission factor of {item} is unverified", item=item)
        if named:
            return text("no emission factor of {item} holds there on {day}", item=item, day=on.isoformat())
        return self._why_none.get(item, no_factor(item))

    def _check_restates(self, one: EmissionFactor) -> None:
        seen, at = {one.id}, one
        while at.restates:
            if at.restates not in self._by_id:
                raise _wrong(at, text("replaces a factor that is not there"), text("name the factor it replaces"))
            at = self._by_id[at.restates]
            if at.id in seen:
                raise _wrong(one, text("replaces itself in a circle"), text("name the older factor only"))
            seen.add(at.id)


def no_factor(item: str) -> Text:
    """Return that an item has no emission factor at all."""
    return text("there is no emission factor of {item}", item=item)


def restated(before: Sequence[tuple[str, Choice]], after: Sequence[tuple[str, Choice]]) -> tuple[Restated, ...]:
    """Return the activities whose factor differs between two sets of factors, in their order.

    Parameters
    ----------
    before, after : sequence of (item, Choice)
        The same activities, asked of both sets.

    Raises
    ------
    ValueError
        If the activities are not the same.
    """
    return tuple(
        Restated(item, old.factor, new.factor)
        for (item, old), (same, new) in zip(before, after, strict=True)
        if _same_item(item, same) and _number(old) != _number(new)
    )


def _same_item(item: str, same: str) -> bool:
    if item != same:
        message = f"{item} is compared with {same}"
        raise ValueError(message)
    return True


def _number(choice: Choice) -> tuple[float, str] | None:
    return None if choice.factor is None else (choice.factor.value, choice.factor.per)


def _fits(one: EmissionFactor, on: date, region: str, supplier: str, basis: Basis) -> bool:
    inside = not one.region or region == one.region or region.startswith(f"{one.region}-")
    whose = not one.supplier or one.supplier == supplier
    return inside and whose and (not basis or one.basis == basis) and on in one.validity


def _rank(one: EmissionFactor) -> tuple[bool, int, bool, date]:
    return bool(one.supplier), len(one.region), one.confidence == "own", one.validity.start or date.min


def _wrong(one: EmissionFactor, what: Text, repair: Text) -> FactorError:
    return FactorError(
        text("the emission factor {id} {what}", id=one.id, what=what), where="emission_factor", repair=repair
    )
