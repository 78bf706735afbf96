"""How a hot round billet cools in air: conduction to its surface, convection and radiation from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import solve_banded

from forgecast.forging.error import ForgingError
from forgecast.ground.texts import text

FloatArray = NDArray[np.float64]
#: Stefan-Boltzmann constant, W/(m2 K4), exact by definition of the SI (2019) to the digits given.
STEFAN_BOLTZMANN = 5.670374419e-8


@dataclass(frozen=True, slots=True)
class Air:
    """What a billet loses heat to.

    Parameters
    ----------
    temperature : float
        K.
    convection : float
        W/(m2 K).
    emissivity : float
        0 to 1.
    """

    temperature: float
    convection: float
    emissivity: float


@dataclass(frozen=True, slots=True, eq=False)
class CooledBillet:
    """Temperatures of a billet over time.

    Parameters
    ----------
    time : (n,) array
        s.
    centre, surface, mean : (n,) array
        K; the mean is by mass.
    lost : (n,) array
        Heat lost by a metre of billet, J/m.
    """

    time: FloatArray
    centre: FloatArray
    surface: FloatArray
    mean: FloatArray
    lost: FloatArray


def cool_in_air(
    diameter: float,
    start: float,
    times: ArrayLike,
    air: Air,
    *,
    density: float,
    specific_heat: float,
    conductivity: float,
    rings: int = 80,
    step: float = 0.05,
) -> CooledBillet:
    """Cool a long round billet in air.

    Conduction in rings of equal width, implicit in time (second order: BDF2 after one Euler step); the surface
    temperature and the radiation at it are found together by Newton's iteration in every step.

    Parameters
    ----------
    diameter : float
        m.
    start : float
        Temperature throughout at the beginning, K.
    times : (n,) array_like
        Ascending, s.
    air : Air
    density, specific_heat, conductivity : float
        kg/m3, J/(kg K), W/(m K), constant.
    rings : int
    step : float
        Longest step of time, s.

    Raises
    ------
    ForgingError
        If a measure or property is not above 0, or the times do not ascend.

    Notes
    -----
    The ends of the billet are left out: a billet of length L and diameter D loses D/(2 L) more than this.
    """
    asked = np.atleast_1d(np.asarray(times, dtype=np.float64))
    if min(diameter, start, density, specific_heat, conductivity, step) <= 0.0 or rings < 3:
        raise ForgingError(
            text("a measure or a property of the billet is not above 0"),
            repair=text("give diameter, temperature in kelvin, density, specific heat and conductivity, all above 0"),
        )
    if np.any(asked < 0.0) or np.any(np.diff(asked) <= 0.0):
        raise ForgingError(
            text("the times do not ascend from 0"), repair=text("sort them, and leave repeated ones out")
        )
    billet = _Billet(diameter, density * specific_heat, conductivity, rings, air)
    now, old, t = np.full(rings, float(start)), None, 0.0
    told, lost = [], 0.0
    last = 0.0
    for at in asked:
        count = max(int(np.ceil((at - t) / step)), 1)
        width = (at - t) / count
        if old is not None and width != last:
            old = None  # two steps of one length are needed to look back
        for _ in range(count if at > t else 0):
            now, old = billet.step(now, old, width), now
        t, last = float(at), width
        lost = float(np.sum((start - now) * billet.capacity))
        told.append((now[0], billet.surface(now[-1]), float(np.average(now, weights=billet.capacity)), lost))
    centre, surface, mean, heat = np.array(told).T
    return CooledBillet(asked, centre, surface, mean, heat)


class _Billet:
    """Rings of a billet: their capacity and the conductances between them, for a metre of length."""

    def __init__(self, diameter: float, heat: float, conductivity: float, rings: int, air: Air) -> None:
        edge = np.linspace(0.0, 0.5 * diameter, rings + 1)
        self.capacity = np.pi * (edge[1:] ** 2 - edge[:-1] ** 2) * heat
        width = edge[1]
        self.between = 2.0 * np.pi * edge[1:-1] * conductivity / width
        self.skin = 2.0 * np.pi * edge[-1] * conductivity / (0.5 * width)
        self.area = 2.0 * np.pi * edge[-1]
        self.air = air

    def surface(self, outer: float) -> float:
        """Return the surface temperature at which conduction from the outer ring equals what the air takes."""
        air, at = self.air, outer
        for _ in range(50):
            flow = self.skin * (outer - at) - self.area * self._taken(at)
            slope = -self.skin - self.area * (air.convection + 4.0 * air.emissivity * STEFAN_BOLTZMANN * at**3)
            change = flow / slope
            at -= change
            if abs(change) < 1e-10 * outer:
                return float(at)
        raise _not_settled()

    def step(self, now: FloatArray, old: FloatArray | None, width: float) -> FloatArray:
        """Return the temperatures after a step."""
        first, second = (1.0, 0.0) if old is None else (1.5, 0.5)
        history = self.capacity * now / width
        if old is not None:
            history = self.capacity * (2.0 * now - second * old) / width
        bands = np.zeros((3, now.size))
        bands[1] = first * self.capacity / width
        bands[1, :-1] += self.between
        bands[1, 1:] += self.between
        bands[0, 1:] = bands[2, :-1] = -self.between
        made = now.copy()
        for _ in range(20):
            at = self.surface(made[-1])
            # The loss, straightened about the surface found last.
            film = self.air.convection + 4.0 * self.air.emissivity * STEFAN_BOLTZMANN * at**3
            through = 1.0 / (1.0 / self.skin + 1.0 / (self.area * film))
            flow = self.area * self._taken(at)
            matrix, right = bands.copy(), history.copy()
            matrix[1, -1] += through
            right[-1] += through * made[-1] - flow
            new = solve_banded((1, 1), matrix, right)
            if np.max(np.abs(new - made)) < 1e-9 * new.max():
                return np.asarray(new, dtype=np.float64)
            made = new
        raise _not_settled()

    def _taken(self, surface: float) -> float:
        air = self.air
        return air.convection * (surface - air.temperature) + air.emissivity * STEFAN_BOLTZMANN * (
            surface**4 - air.temperature**4
        )


def _not_settled() -> ForgingError:
    return ForgingError(
        text("the surface of the billet did not settle"), repair=text("check convection and emissivity of the air")
    )
