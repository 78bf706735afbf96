"""The flow stress of a metal as every door tells it: its range, and numbers over temperature and rate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from forgecast.ground.texts import Text, text
from forgecast.metal.flow_metals import FlowMetal

ZERO: Final = 273.15
RATES: Final = (0.1, 1.0, 10.0)
#: Shown where the source names no range: steels, and the aluminium alloys whose form knows no strain.
_STEEL, _ALUMINIUM = (900.0, 1000.0, 1100.0, 1200.0), (400.0, 450.0, 500.0)
FORMS: Final[dict[str, Text]] = {
    "HenselSpittel": text("Hensel-Spittel"),
    "MaukGottschling": text("Mauk-Gottschling"),
    "SellarsTegart": text("Sellars-Tegart"),
    "FlowTable": text("table"),
}


def own_temperatures(metal: FlowMetal) -> list[float]:
    """Return four temperatures over the range a metal was measured in [K]; the usual ones where it is not known."""
    low, high = metal.validity.temperature
    if math.isfinite(low) and math.isfinite(high):
        return [low + share * (high - low) for share in (0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0)]
    shown = _ALUMINIUM if metal.name.startswith("aa") else _STEEL
    return [degC + ZERO for degC in shown]


def outside(metal: FlowMetal, strain: float, rate: float, kelvin: float) -> bool:
    """Return whether a point lies outside the range the coefficients were measured in."""
    return any(bool(one) for one in metal.validity.outside(strain, rate, kelvin).values())


def values_json(metal: FlowMetal, strain: float, kelvin: Sequence[float], rates: Sequence[float]
                ) -> list[dict[str, object]]:  # fmt: skip
    """Return the flow stress at a strain over temperatures [K] and rates [1/s]."""
    return [
        {
            "strain": strain,
            "rate_per_s": rate,
            "temperature_K": t,
            "stress_Pa": float(metal.law.stress(strain, rate, t)),
            "outside": outside(metal, strain, rate, t) if metal.validity.known else None,
        }
        for t in kelvin
        for rate in rates
    ]


def metal_json(metal: FlowMetal) -> dict[str, object]:
    """Return a metal with the range its coefficients were measured in, and their source."""

    def ends(pair: tuple[float, float]) -> list[float | None]:
        return [end if math.isfinite(end) else None for end in pair]

    valid = metal.validity
    return {
        "name": metal.name,
        "title": metal.title.as_json(),
        "form": type(metal.law).__name__,
        "validity": {
            "strain": ends(valid.strain),
            "rate_per_s": ends(valid.rate),
            "temperature_K": ends(valid.temperature),
        },
        "source": metal.source.as_json(),
    }
