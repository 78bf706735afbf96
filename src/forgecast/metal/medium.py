"""A medium as the heat sees it: enthalpy and conductivity over temperature, whatever it is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.citation import Source
from forgecast.ground.texts import Text

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ignition:
    """Heat that a medium gives off by burning (an exothermic sleeve).

    Parameters
    ----------
    temperature : float
        Temperature at which a cell ignites [K].
    heat : float
        Heat released by a unit of volume [J/m3].
    duration : float
        Time over which it is released, evenly [s].
    """

    temperature: float
    heat: float
    duration: float


@dataclass(frozen=True, slots=True)
class Medium:
    """Enthalpy, conductivity and solid fraction over temperature, linear between knots.

    Parameters
    ----------
    name : str
        Name in the table it was read from (``a356``, ``green-sand``).
    title : Text
    temperature : (n,) float64
        Knots [K], never falling; two equal ones mark a change at one temperature.
    enthalpy : (n,) float64
        Heat content per volume of the cold geometry, latent heat included once [J/m3]; strictly rising.
    conductivity : (n,) float64
        [W/(m K)].
    solid_fraction : (n,) float64 or None
        Share of the metal that is solid [1]; None for what does not melt.
    density : float
        Mass per volume that `enthalpy` was formed with [kg/m3].
    ignition : Ignition or None
    sources : tuple of Source
    """

    name: str
    title: Text
    temperature: Floats
    enthalpy: Floats
    conductivity: Floats
    solid_fraction: Floats | None
    density: float
    ignition: Ignition | None = None
    sources: tuple[Source, ...] = ()
