"""Length units of CAD files, and which one a file without a unit is likelier to be in."""

from __future__ import annotations

from forgecast.ground.errors import UnitError
from forgecast.ground.texts import text, verbatim

#: Units a call may name [m].
LENGTHS = {"um": 1e-6, "mm": 1e-3, "cm": 1e-2, "m": 1.0, "in": 0.0254, "ft": 0.3048}

#: Longest sides of castings that are plausible [m].
SMALLEST, LARGEST = 0.005, 20.0


def metres(unit: str) -> float:
    """Return the length of a unit [m].

    Raises
    ------
    UnitError
        If it is none of `LENGTHS`.
    """
    if unit not in LENGTHS:
        raise UnitError(
            text("{unit} is no unit of length that a solid may come in", unit=unit),
            repair=text("give one of {units}", units=verbatim(", ".join(LENGTHS))),
        )
    return LENGTHS[unit]


def named(length: float) -> str:
    """Return the name of a unit by its length [m]; its millimetres where it has no name here."""
    for name, value in LENGTHS.items():
        if abs(value - length) < 1e-9 * value:
            return name
    return f"{length * 1e3:g} mm"


def plausible(longest: float) -> bool:
    """Tell whether a casting may have such a longest side [m]."""
    return SMALLEST <= longest <= LARGEST


def likelier(longest: float) -> str | None:
    """Return the unit, mm before m, in which a bare number is a plausible longest side; None if neither gives one.

    Between 5 and 20 both would do; millimetres are proposed, as CAD programs write them.
    """
    return next((unit for unit in ("mm", "m") if plausible(longest * LENGTHS[unit])), None)
