"""Dendrite arm spacing from freezing time or cooling rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.casting.constant import source_of
from forgecast.casting.pools import JudgingError
from forgecast.ground.citation import Source
from forgecast.ground.tables import read_table
from forgecast.ground.texts import bilingual, text

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ArmSpacing:
    """A law for the spacing of secondary dendrite arms, l = k x^n.

    Parameters
    ----------
    over : {"freezing_time", "cooling_rate"}
        What x is: the local freezing time [s] or the cooling rate [K/s].
    coefficient : float
        Spacing where x is one [m].
    exponent : float
        Above zero over time, below zero over rate [1].
    low, high : float
        Range of x in which it was found; NaN where none is known.
    source : Source
    """

    over: Literal["freezing_time", "cooling_rate"]
    coefficient: float
    exponent: float
    low: float
    high: float
    source: Source

    def __post_init__(self) -> None:
        rising = self.exponent > 0.0
        if not self.coefficient > 0.0 or rising != (self.over == "freezing_time"):
            raise JudgingError(
                text("the law of the arm spacing would let slower freezing make finer dendrites, or none at all"),
                where="ArmSpacing",
                repair=text("give a coefficient above zero and an exponent above zero over time, below over rate"),
            )

    def spacing(self, x: ArrayLike) -> Floats:
        """Return the spacing [m], in and out of the law's range; NaN where x is NaN or not above zero."""
        value = np.asarray(x, np.float64)
        return np.asarray(self.coefficient * np.where(value > 0.0, value, np.nan) ** self.exponent)

    def inside(self, x: ArrayLike) -> NDArray[np.bool_]:
        """Tell where x lies in the range that the law was found in; nowhere if none is known."""
        value = np.asarray(x, np.float64)
        return np.asarray((value >= self.low) & (value <= self.high))

    @property
    def usable(self) -> bool:
        """Tell whether its numbers may decide anything: they were read, not remembered."""
        return self.source.confidence != "unverified"


def arm_spacing_law(name: str) -> ArmSpacing:
    """Return a law on record.

    Parameters
    ----------
    name : str
        ``alsi7mg``, ``al45cu`` …

    Raises
    ------
    JudgingError
        If there is none of that name, or its coefficient is not on record.
    """
    table = read_table("arm_spacing")
    names = [row["name"] for row in table if row["value"]]
    if name not in names:
        raise JudgingError(
            text("no law of the arm spacing with its numbers is on record for {name}", name=name),
            where="arm_spacing.csv",
            repair=text("use one of {names}, or give the law from your own copy of its source", names=", ".join(names)),
        )
    row = table.where(name=name)[0]
    numbers = {column: table.number(row, column) for column in ("value", "exponent", "low", "high")}
    known = {column: np.nan if number is None else number for column, number in numbers.items()}
    return ArmSpacing(
        over=cast("Literal['freezing_time', 'cooling_rate']", row["over"]),
        coefficient=known["value"] * 1e-6,
        exponent=known["exponent"],
        low=known["low"],
        high=known["high"],
        source=source_of(row, bilingual(row["en"], row["zh"])),
    )
