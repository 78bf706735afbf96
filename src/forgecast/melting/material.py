"""What a charge is made of and must meet: materials, recoveries, limits of composition, the furnace."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.tables import read_table
from forgecast.ground.texts import Text, bilingual, text
from forgecast.melting.error import MeltingError

FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]

#: A recovery that holds for every kind of material that has none of its own.
ANY_KIND = "*"


@dataclass(frozen=True, slots=True)
class Content:
    """How much of an element a material holds.

    Parameters
    ----------
    mean : float
        Mass fraction [1].
    spread : float
        Standard deviation of the mass fraction of what is charged at one time [1]; the whole mass of the material in
        a charge is taken as one draw.
    """

    mean: float
    spread: float

    def __post_init__(self) -> None:
        if not (0.0 <= self.mean <= 1.0 and 0.0 <= self.spread < math.inf):
            raise MeltingError(
                text(
                    "a content of {mean} with a spread of {spread} is no mass fraction",
                    mean=self.mean,
                    spread=self.spread,
                ),
                repair=text("give the mass fraction between 0 and 1 (0.5 % is 0.005) and its standard deviation"),
            )


@dataclass(frozen=True, slots=True)
class Material:
    """One thing that may be charged.

    Parameters
    ----------
    name, kind : str
        The material, and the kind of material by which recoveries are found (``pig-iron``, ``returns``).
    contents : mapping of str to Content
        By element. An element that is not named is not known, which is another thing than zero.
    price : float
        For a kilogram [currency/kg]; negative where using it is paid for.
    metal_yield : float
        Mass of liquid metal from a unit of mass charged [1].
    most, least : float
        Stock or other upper bound, and what must be used [kg].
    piece_mass : float or None
        Mass of a piece or bundle that is charged whole [kg]; None where any mass can be weighed in.
    carbon : float or None
        Carbon dioxide of making and bringing a kilogram [kgCO2/kg]; None where not known.
    """

    name: str
    kind: str
    contents: Mapping[str, Content]
    price: float
    metal_yield: float
    most: float
    least: float = 0.0
    piece_mass: float | None = None
    carbon: float | None = None

    def __post_init__(self) -> None:
        sound = (
            math.isfinite(self.price)
            and 0.0 < self.metal_yield <= 1.0
            and 0.0 <= self.least <= self.most
            and (self.piece_mass is None or 0.0 < self.piece_mass < math.inf)
        )
        if not sound:
            raise MeltingError(
                text("the figures of the material {name} contradict each other or are no numbers", name=self.name),
                where=self.name,
                repair=text(
                    "give a price, a yield above 0 and up to 1, and 0 ≤ least ≤ most; a piece has a mass above 0"
                ),
            )


@dataclass(frozen=True, slots=True)
class Recovery:
    """The share of an element in a material that is found in the metal afterwards.

    Parameters
    ----------
    kind, element : str
        Kind of material (`ANY_KIND` for all others) and element.
    mean, spread : float
        Mean and standard deviation from heat to heat [1]; common to all materials of the kind in one heat.
    confidence : str
        ``primary``, ``secondary`` or ``unverified``; ``own`` for a plant's own number.
    source : Text or None
    """

    kind: str
    element: str
    mean: float
    spread: float
    confidence: str = "own"
    source: Text | None = None

    @property
    def usable(self) -> bool:
        """Return whether the number may decide a charge: it was read or measured, not remembered."""
        return self.confidence != "unverified" and math.isfinite(self.mean) and math.isfinite(self.spread)


@dataclass(frozen=True, slots=True)
class Recoveries:
    """A set of recoveries; the first that fits is used.

    A plant's own go before all others, one for every kind before a remembered one of the very kind too.
    """

    rows: tuple[Recovery, ...]

    def find(self, kind: str, element: str) -> Recovery | None:
        """Return the recovery of an element from a kind of material, or None where there is none on record."""
        for own in (True, False):
            for asked in (kind, ANY_KIND):
                for row in self.rows:
                    if (row.kind, row.element) == (asked, element) and (row.confidence == "own") is own:
                        return row
        return None

    def with_own(self, *own: Recovery) -> Recoveries:
        """Return a set in which a plant's own recoveries go before those given so far."""
        return Recoveries((*own, *self.rows))


def shipped_recoveries() -> Recoveries:
    """Return the recoveries of the shipped table, most of which are unverified and so decide nothing.

    Notes
    -----
    Source: table ``element_recovery``, each row with its own. The spread is a quarter of the range a source gives.
    """
    table = read_table("element_recovery")
    rows = []
    for row in table:
        mean, spread = table.number(row, "value"), table.number(row, "spread")
        rows.append(
            Recovery(
                row["kind"],
                row["element"],
                math.nan if mean is None else mean,
                math.nan if spread is None else spread,
                row["confidence"],
                bilingual(row["source"], row["source_zh"]),
            )
        )
    return Recoveries(tuple(rows))


@dataclass(frozen=True, slots=True)
class Limit:
    """A window for an element, a weighted sum of elements (a carbon equivalent) or a ratio of two sums.

    Parameters
    ----------
    name : str
    weights : mapping of str to float
        Element and its factor; ``{"Cu": 1.0}`` for copper alone, ``{"C": 1.0, "Si": 1 / 3}`` for an equivalent.
    lowest, highest : float or None
        Bounds [1]; None where that side is free.
    per : mapping of str to float or None
        Weights of the denominator of a ratio, whose sum is positive; None for the mass of the metal.
    """

    name: str
    weights: Mapping[str, float]
    lowest: float | None = None
    highest: float | None = None
    per: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        low = -math.inf if self.lowest is None else self.lowest
        high = math.inf if self.highest is None else self.highest
        if not self.weights or not low <= high or (math.isinf(low) and math.isinf(high)):
            raise MeltingError(
                text("the limit {name} bounds nothing or has its bounds crossed", name=self.name),
                where=self.name,
                repair=text("name at least one element and give a lower bound, an upper one, or both in this order"),
            )

    @property
    def elements(self) -> tuple[str, ...]:
        """Return the elements the limit looks at."""
        return tuple(dict.fromkeys([*self.weights, *(self.per or {})]))


@dataclass(frozen=True, slots=True)
class ShareLimit:
    """Bounds for the share of some kinds of material in the mass charged (returns, say).

    Parameters
    ----------
    name : str
    kinds : frozenset of str
    lowest, highest : float
        [1].
    """

    name: str
    kinds: frozenset[str]
    lowest: float = 0.0
    highest: float = 1.0


@dataclass(frozen=True, slots=True)
class Furnace:
    """What the furnace takes.

    Parameters
    ----------
    liquid_least, liquid_most : float
        Bounds of the liquid metal after melting [kg].
    charge_most : float
        Most that can be charged [kg].
    """

    liquid_least: float
    liquid_most: float
    charge_most: float = math.inf

    def __post_init__(self) -> None:
        if not 0.0 < self.liquid_least <= self.liquid_most < math.inf or not self.charge_most > 0.0:
            raise MeltingError(
                text("the furnace's masses are no numbers above 0, or their bounds are crossed"),
                repair=text("give 0 < liquid_least ≤ liquid_most in kilograms"),
            )


@dataclass(frozen=True, slots=True)
class ChargeProblem:
    """All that a charge is chosen from and must meet.

    Parameters
    ----------
    materials : tuple of Material
    limits : tuple of Limit
    furnace : Furnace
    recoveries : Recoveries
    shares : tuple of ShareLimit
    confidence : float
        Probability with which every limit is to hold [1], at least 0.5; 0.5 asks only for the mean.
    joint : bool
        Whether the limits are to hold all together with the probability (Bonferroni's bound) and not each.
    carbon_price : float
        [currency/kgCO2].
    currency : str
    accept_unverified : bool
        Whether recoveries that were never read or measured may be used; the result then says so.
    """

    materials: tuple[Material, ...]
    limits: tuple[Limit, ...]
    furnace: Furnace
    recoveries: Recoveries
    shares: tuple[ShareLimit, ...] = ()
    confidence: float = 0.5
    joint: bool = False
    carbon_price: float = 0.0
    currency: str = "CNY"
    accept_unverified: bool = False
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(material.name for material in self.materials))
        if not self.materials or len(set(self.names)) < len(self.names):
            raise MeltingError(
                text("there is no material, or two have one name"),
                repair=text("give at least one material, and every one a name of its own"),
            )
        if not 0.5 <= self.confidence < 1.0:
            raise MeltingError(
                text("a confidence of {got} cannot be asked for", got=self.confidence),
                where="confidence",
                repair=text("give a probability from 0.5 (the mean alone) to below 1"),
            )
