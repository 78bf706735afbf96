"""Flash lands: rules of the trade for thickness and width, and the load of closed dies by the slab method."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.forging.error import ForgingError
from forgecast.ground.citation import Source
from forgecast.ground.texts import text

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FlashLand:
    """A flash land.

    Parameters
    ----------
    thickness, width : float
        m.
    source : Source or None
        Of the rule; None for the user's own.
    """

    thickness: float
    width: float
    source: Source | None


@dataclass(frozen=True, slots=True, eq=False)
class ClosedDieLoad:
    """The load at the end of a closed-die stroke.

    Parameters
    ----------
    force : float
        N.
    mean, highest : float
        Pressure over cavity and land, and at the middle, Pa.
    place, pressure : (n,) array
        From the middle outwards, m; Pa.
    """

    force: float
    mean: float
    highest: float
    place: FloatArray
    pressure: FloatArray


def flash_rules(mass: float, projected_area: float) -> dict[str, FlashLand]:
    """Return what rules of the trade say of the flash land of a round forging of steel, all of them unverified.

    Neuberger and Möckel: s = 1.13 + 0.89 sqrt(Q) - 0.017 Q, b/s = 3 + 1.2 exp(-1.09 Q); Brukhanov and Rebelski:
    s = 0.015 sqrt(A), width by the first rule. s and b in mm, Q in kg, A in mm2.

    Parameters
    ----------
    mass : float
        Of the forging, kg.
    projected_area : float
        Without the land, m2.

    Raises
    ------
    ForgingError
        If mass or area is not above 0.

    Notes
    -----
    Recalled, not read: they are shown, and used only where the user asks for one by its name.
    """
    if min(mass, projected_area) <= 0.0:
        raise ForgingError(
            text("a flash land needs mass and projected area above 0"),
            repair=text("give the volume of the part and the diameter of its cavity"),
        )
    thick = 1.13 + 0.89 * math.sqrt(mass) - 0.017 * mass
    ratio = 3.0 + 1.2 * math.exp(-1.09 * mass)
    other = 0.015 * math.sqrt(projected_area * 1e6)
    return {
        "neuberger-moeckel": FlashLand(
            1e-3 * thick, 1e-3 * thick * ratio, _source("Neuberger, Möckel: s = 1.13 + 0.89 √Q − 0.017 Q")
        ),
        "brukhanov-rebelski": FlashLand(1e-3 * other, 1e-3 * other * ratio,
                                        _source("Brukhanov, Rebelski: s = 0.015 √A")),
    }  # fmt: skip


def _source(what: str) -> Source:
    said = text("{what}; recalled from textbooks on closed-die forging, the original was not read", what=what)
    return Source(text("flash land"), said, "unverified")


def round_die_load(
    radius: float, height: float, land: FlashLand, *, stress: float, flash_stress: float, m: float
) -> ClosedDieLoad:
    """Return the load of a round cavity with a flash land, closed.

    In the land p = sigma_f + 2 m sigma_f / (sqrt(3) s) (R + b - r); in the cavity the radial stress goes on from the
    land and p = sigma + 2 m sigma_f b / (sqrt(3) s) + 2 m sigma / (sqrt(3) H) (R - r).

    Parameters
    ----------
    radius : float
        Of the cavity, m.
    height : float
        Mean height of the cavity: its volume over its area, m.
    land : FlashLand
    stress, flash_stress : float
        Flow stress of cavity and land, Pa; the land is colder and quicker.
    m : float
        Friction factor.

    Raises
    ------
    ForgingError
        If a measure or stress is not above 0, or the friction factor lies outside 0 to 1.

    Notes
    -----
    Slab method, rings of metal between parallel walls with sigma_r = sigma_theta. A cavity with ribs needs more; the
    land's temperature decides most of it.
    """
    _checked(radius, height, land, stress, flash_stress, m)
    shear, flash_shear = (m * x / math.sqrt(3.0) for x in (stress, flash_stress))
    outer = radius + land.width
    at_edge = 2.0 * flash_shear * land.width / land.thickness
    cavity = math.pi * radius**2 * (stress + at_edge + 2.0 * shear * radius / (3.0 * height))
    ring = math.pi * (outer**2 - radius**2) * flash_stress
    ring += 2.0 * math.pi * 2.0 * flash_shear / land.thickness * (
        outer * (outer**2 - radius**2) / 2.0 - (outer**3 - radius**3) / 3.0
    )  # fmt: skip
    place, pressure = _profile(radius, height, land, stress, flash_stress, m)
    force = cavity + ring
    return ClosedDieLoad(force, force / (math.pi * outer**2), float(pressure[0]), place, pressure)


def long_die_load(
    width: float, height: float, land: FlashLand, *, length: float, stress: float, flash_stress: float, m: float
) -> ClosedDieLoad:
    """Return the load of a long cavity with a flash land on both sides, in plane strain.

    As `round_die_load`, with the yield stress 2/sqrt(3) sigma of plane strain and x for r.

    Parameters
    ----------
    width : float
        Of the cavity, m.
    height : float
        Its mean height, m.
    land : FlashLand
    length : float
        m; the ends are left out.
    stress, flash_stress : float
        Pa.
    m : float

    Raises
    ------
    ForgingError
        As `round_die_load`.
    """
    half = 0.5 * width
    _checked(half, height, land, min(stress, length), flash_stress, m)
    plane = 2.0 / math.sqrt(3.0)
    shear, flash_shear = (m * x / math.sqrt(3.0) for x in (stress, flash_stress))
    at_edge = 2.0 * flash_shear * land.width / land.thickness
    cavity = 2.0 * half * length * (plane * stress + at_edge + shear * half / height)
    lands = 2.0 * land.width * length * (plane * flash_stress + 0.5 * at_edge)
    place, pressure = _profile(half, height, land, plane * stress, plane * flash_stress, 0.5 * math.sqrt(3.0) * m)
    force = cavity + lands
    return ClosedDieLoad(force, force / (2.0 * (half + land.width) * length), float(pressure[0]), place, pressure)


def _profile(
    radius: float, height: float, land: FlashLand, stress: float, flash_stress: float, m: float
) -> tuple[FloatArray, FloatArray]:
    inside = np.linspace(0.0, radius, 40)
    beyond = np.linspace(radius, radius + land.width, 20)
    slope = 2.0 * m * flash_stress / (math.sqrt(3.0) * land.thickness)
    first = stress + slope * land.width + 2.0 * m * stress / (math.sqrt(3.0) * height) * (radius - inside)
    second = flash_stress + slope * (radius + land.width - beyond)
    return np.concatenate([inside, beyond]), np.concatenate([first, second])


def _checked(radius: float, height: float, land: FlashLand, stress: float, flash_stress: float, m: float) -> None:
    if min(radius, height, land.thickness, land.width, stress, flash_stress) <= 0.0 or not 0.0 <= m <= 1.0:
        raise ForgingError(
            text("a measure, a flow stress or the friction factor of the closed die cannot be"),
            repair=text("give measures and flow stresses above 0, and a friction factor of 0 to 1"),
        )
