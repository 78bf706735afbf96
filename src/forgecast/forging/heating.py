"""How long a billet heats in a furnace or a coil, how uneven it is then, and what burns to scale."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import cumulative_trapezoid, quad

from forgecast.forging.billet_cooling import STEFAN_BOLTZMANN, Air, CooledBillet, cool_in_air
from forgecast.forging.error import ForgingError
from forgecast.ground.texts import text
from forgecast.metal.flow_stress import GAS_CONSTANT

FloatArray = NDArray[np.float64]
#: Times told of a heating; the time found lies between two of them, on a line.
_TIMES = 240
#: Steps of the heat equation over the whole time.
_STEPS = 1200


@dataclass(frozen=True, slots=True)
class Metal:
    """What a billet is made of, as heat sees it: kg/m3, J/(kg K), W/(m K); constant."""

    density: float
    specific_heat: float
    conductivity: float


@dataclass(frozen=True, slots=True, eq=False)
class Heated:
    """A billet heated until it is hot and even enough.

    Parameters
    ----------
    time : float
        s.
    lumped : float
        Time by the mean temperature alone, without conduction, s.
    biot : float
        Of the surface at the end: below about 0.1 the billet is even.
    curve : CooledBillet
        Temperatures up to that time.
    """

    time: float
    lumped: float
    biot: float
    curve: CooledBillet


def lumped_time(start: float, end: float, furnace: Air, metal: Metal, volume_over_surface: float) -> float:
    """Return how long an even body heats.

    t = rho c (V/A) times the integral of dT / (h (Tf - T) + eps sigma (Tf^4 - T^4)).

    Parameters
    ----------
    start, end : float
        K.
    furnace : Air
        Its temperature above `end`.
    metal : Metal
    volume_over_surface : float
        m; D/4 for a long round billet.

    Raises
    ------
    ForgingError
        If the furnace is not hotter than the end.
    """
    _hotter(start, end, furnace)

    def inverse(t: float) -> float:
        radiation = furnace.emissivity * STEFAN_BOLTZMANN * (furnace.temperature**4 - t**4)
        return 1.0 / (furnace.convection * (furnace.temperature - t) + radiation)

    whole, _ = quad(inverse, start, end, epsrel=1e-10)
    return float(metal.density * metal.specific_heat * volume_over_surface * whole)


def heat_in_furnace(
    diameter: float, start: float, target: float, furnace: Air, metal: Metal, *, spread: float
) -> Heated:
    """Heat a long round billet until its mean is at the target and its surface no more than a spread above its centre.

    Conduction to rings as in `cool_in_air`, which knows no difference between warming and cooling.

    Parameters
    ----------
    diameter : float
        m.
    start, target : float
        K.
    furnace : Air
    metal : Metal
    spread : float
        Greatest difference between surface and centre, K.

    Raises
    ------
    ForgingError
        If the furnace is not hotter than the target, or a measure is not above 0.
    """
    _hotter(start, target, furnace)
    if not spread > 0.0:
        raise ForgingError(
            text("surface and centre may differ by {spread} K", spread=spread),
            repair=text("give a spread above 0: an even billet takes for ever"),
        )
    lumped = lumped_time(start, target, furnace, metal, 0.25 * diameter)
    reach = 1.6 * lumped + 0.5 * diameter**2 * metal.density * metal.specific_heat / metal.conductivity
    for _ in range(6):
        times = np.linspace(0.0, reach, _TIMES + 1)[1:]
        curve = cool_in_air(
            diameter, start, times, furnace, density=metal.density, specific_heat=metal.specific_heat,
            conductivity=metal.conductivity, step=reach / _STEPS,
        )  # fmt: skip
        good = (curve.mean >= target) & (curve.surface - curve.centre <= spread)
        if good.any():
            at = int(np.argmax(good))
            time = _crossing(curve, at, target, spread)
            kept = CooledBillet(*(np.asarray(getattr(curve, name)[: at + 1])
                                  for name in ("time", "centre", "surface", "mean", "lost")))  # fmt: skip
            film = furnace.convection + 4.0 * furnace.emissivity * STEFAN_BOLTZMANN * target**3
            return Heated(time, lumped, film * 0.25 * diameter / metal.conductivity, kept)
        reach *= 2.0
    raise ForgingError(
        text("the billet does not become even enough"),
        repair=text("allow a greater spread, or set the furnace further above the target"),
    )


def _crossing(curve: CooledBillet, at: int, target: float, spread: float) -> float:
    """Return when the later of both conditions is met, between two told times."""
    before = at - 1
    if before < 0:
        return float(curve.time[0])
    shares = [0.0]
    for values, limit in ((curve.mean, target), (curve.centre - curve.surface, -spread)):
        if values[before] < limit:
            shares.append(float((limit - values[before]) / (values[at] - values[before])))
    return float(curve.time[before] + max(shares) * (curve.time[at] - curve.time[before]))


def uneven_under_flux(flux: float, diameter: float, conductivity: float) -> float:
    """Return how much hotter the surface of a round billet is than its centre under a steady flux, K.

    q R / (2 k): the parabola that a long round bar keeps once the flux has lasted for about R^2/(4 a).

    Parameters
    ----------
    flux : float
        Heat into the surface, W/m2.
    diameter, conductivity : float
        m, W/(m K).

    Notes
    -----
    H. S. Carslaw, J. C. Jaeger, Conduction of Heat in Solids, 2nd edition, 1959, chapter 7. A coil heats a skin and not
    the surface itself: this is a little too uneven for it.
    """
    return flux * 0.25 * diameter / conductivity


@dataclass(frozen=True, slots=True)
class Induction:
    """A billet heated in a coil.

    Parameters
    ----------
    heat : float
        Into one billet, J.
    drawn : float
        From the net for one billet, J.
    time : float
        Over which a billet is heated, s.
    power : float
        Drawn for that billet, W.
    uneven : float
        Surface over centre at the end of heating, K.
    """

    heat: float
    drawn: float
    time: float
    power: float
    uneven: float


def heat_by_induction(
    diameter: float, mass: float, start: float, target: float, metal: Metal, *, efficiency: float, spread: float
) -> Induction:
    """Return the shortest time in a coil that leaves a round billet even enough, and the power it takes.

    t = rho c R^2 (T - T0) / (4 k spread): the flux m c (T - T0) / (A t) with q R / (2 k) = spread.

    Parameters
    ----------
    diameter, mass : float
        m, kg.
    start, target : float
        K.
    metal : Metal
    efficiency : float
        Heat in the billet over energy from the net, above 0 and up to 1.
    spread : float
        Greatest difference between surface and centre at the end, K.

    Raises
    ------
    ForgingError
        If the efficiency or the spread cannot be, or the target is not above the start.
    """
    if not 0.0 < efficiency <= 1.0 or not spread > 0.0 or not target > start or min(diameter, mass) <= 0.0:
        raise ForgingError(
            text("a coil of efficiency {share} cannot heat this billet", share=efficiency),
            repair=text("give an efficiency above 0 and up to 1, a spread above 0, and a target above the start"),
        )
    rise = target - start
    heat = mass * metal.specific_heat * rise
    time = metal.density * metal.specific_heat * (0.5 * diameter) ** 2 * rise / (4.0 * metal.conductivity * spread)
    flux = 0.25 * diameter * metal.density * metal.specific_heat * rise / time
    return Induction(heat, heat / efficiency, time, heat / efficiency / time,
                     uneven_under_flux(flux, diameter, metal.conductivity))  # fmt: skip


def scaled_mass(times: ArrayLike, temperatures: ArrayLike, factor: float, activation: float) -> float:
    """Return the metal that a square metre of surface loses to scale, kg/m2.

    w^2 = integral of k0 exp(-Q / (R T)) dt: parabolic growth, its constant following the temperature.

    Parameters
    ----------
    times, temperatures : (n,) array_like
        Ascending, s; of the surface, K.
    factor : float
        k0 for the mass of metal lost, kg2/(m4 s).
    activation : float
        Q, J/mol.

    Raises
    ------
    ForgingError
        If the factor or the activation is not above 0.

    Notes
    -----
    C. Wagner's law of a compact layer; scale that falls off or lifts grows quicker. The constant belongs to a steel and
    an atmosphere, so none is shipped.
    """
    if not factor > 0.0 or activation < 0.0:
        raise ForgingError(
            text("the constant of scale growth is {factor} kg2/(m4 s)", factor=factor),
            repair=text("give a factor above 0 and an activation not below 0, both from tests of your steel"),
        )
    t, kelvin = np.asarray(times, dtype=np.float64), np.asarray(temperatures, dtype=np.float64)
    growth = factor * np.exp(-activation / (GAS_CONSTANT * kelvin))
    return math.sqrt(float(cumulative_trapezoid(growth, t)[-1]))


def _hotter(start: float, end: float, furnace: Air) -> None:
    if not start < end < furnace.temperature:
        raise ForgingError(
            text("a furnace of {furnace} K cannot heat from {start} K to {end} K", furnace=furnace.temperature,
                 start=start, end=end),
            repair=text("set the furnace above the target, and the target above the start"),
        )  # fmt: skip
