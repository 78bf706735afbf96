"""Budgets and prices as a person writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

_BUDGET = re.compile(r"(?:(\d{4})=)?(\d+(?:\.\d+)?)(?:CNY)?")
_PRICE = re.compile(r"([a-z_]+)=(\d+(?:\.\d+)?)")


def read_budget(given: Sequence[str]) -> float | Mapping[int, float] | None:
    """Return a budget out of ``2000000`` (every year) or ``2026=500000`` (each year its own); None without any.

    Raises
    ------
    ForgecastError
        If one is neither.
    """
    found: dict[int, float] = {}
    for one in given:
        read = _BUDGET.fullmatch(one.strip())
        if read is None or (read[1] is None and len(given) > 1):
            raise ForgecastError(
                text("{given} is no budget", given=one),
                where="--budget",
                repair=text("write 2000000 for every year, or 2026=500000 for each year"),
            )
        if read[1] is None:
            return float(read[2])
        found[int(read[1])] = float(read[2])
    return found or None


def read_prices(given: Sequence[str]) -> dict[str, float]:
    """Return prices out of ``natural_gas=3.2``, CNY for the unit a meter counts in.

    Raises
    ------
    ForgecastError
        If one is none.
    """
    found = {}
    for one in given:
        read = _PRICE.fullmatch(one.strip())
        if read is None:
            raise ForgecastError(
                text("{given} is no price", given=one),
                where="--price",
                repair=text("write natural_gas=3.2, in CNY for the unit its meter counts in"),
            )
        found[read[1]] = float(read[2])
    return found
