"""Quantities on the command line: a number with its unit; a number without one is refused, never guessed."""

from __future__ import annotations

import math
import re
from typing import Any

import click

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.ground.units import KINDS, to_si

_QUANTITY = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*")
_EXAMPLES = {
    "length": "4mm",
    "temperature": "700degC",
    "time_span": "10min",
    "mass": "12kg",
    "speed": "0.5m/s",
    "temperature_difference": "30K",
    "share": "3.5%",
    "density": "7850kg/m3",
    "specific_heat": "650J/(kg K)",
    "strain_rate": "10 1/s",
    "frequency": "12kHz",
}


class Quantity(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.3 on
    """A number with a unit of one kind, read as an SI float.

    Parameters
    ----------
    kind : str
        A name of `forgecast.ground.units.KINDS`.
    positive : bool
        Whether zero and less are refused.
    """

    def __init__(self, kind: str, *, positive: bool = True) -> None:
        self.kind = kind
        self.positive = positive
        self.name = kind

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return an example, which says more than a name: ``4mm``."""
        del param, ctx
        return _EXAMPLES[self.kind].upper() if self.kind == "share" else _EXAMPLES[self.kind]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401
        """Return the quantity in SI.

        Raises
        ------
        ForgecastError
            If it is no number, has no unit or one of another kind, or is not above zero where it has to be.
        """
        del ctx
        where = param.opts[-1] if param is not None and param.opts else ""
        return value if isinstance(value, float) else quantity(str(value), self.kind, where, positive=self.positive)


def quantity(words: str, kind: str, where: str, *, positive: bool = True) -> float:
    """Return a quantity written as a number and a unit (``4mm``, ``700 degC``) in SI.

    Parameters
    ----------
    words : str
    kind : str
        A name of `forgecast.ground.units.KINDS`.
    where : str
        Option or key it was given for, as errors name it.
    positive : bool
        Whether zero and less are refused.

    Raises
    ------
    ForgecastError
        As `Quantity.convert`; the repair shows how it is written.
    """
    example = _EXAMPLES[kind]
    found = _QUANTITY.fullmatch(words)
    if found is None:
        raise ForgecastError(
            text("{words} is no {kind}", words=words, kind=KINDS[kind].title),
            where=where,
            repair=text("write a number and its unit, such as {example}", example=example),
        )
    number, unit = found.groups()
    if not unit:
        raise ForgecastError(
            text("{words} has no unit, and units are not guessed", words=words),
            where=where,
            repair=text("write the unit behind the number, such as {example}", example=example),
        )
    value = float(to_si(float(number), kind, unit))
    if not math.isfinite(value) or (positive and value <= 0.0):
        raise ForgecastError(
            text("{words} is not above zero", words=words),
            where=where,
            repair=text("write a number and its unit, such as {example}", example=example),
        )
    return value


def triple(words: str, kind: str, where: str) -> tuple[float, float, float]:
    """Return three quantities of a kind, parted by commas (``10mm,0mm,45mm``), in SI.

    Raises
    ------
    ForgecastError
        If they are not three, or one of them is wrong.
    """
    parts = words.split(",")
    if len(parts) != 3:
        raise ForgecastError(
            text("{words} is no place", words=words),
            where=where,
            repair=text("write x, y and z with their units, such as 10mm,0mm,45mm"),
        )
    x, y, z = (quantity(part, kind, where, positive=False) for part in parts)
    return x, y, z
