"""The media of a run as tables over heat content, evenly spaced, so that a loop over cells only has to look up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.metal.medium import Medium

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]

#: Nodes of a table. 4096 put a node every 0.3 K of sensible heat of an aluminium alloy; one row stays in the cache.
NODES = 4096
#: How many nodes a cell may move in one step, for each of the envelopes of the slope kept ready.
REACHES = (16, 64, 256, NODES)
#: Conductivity that stands for none: surroundings have no resistance of their own [W/(m K)].
WELL_MIXED = 1e30


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Air or coolant that keeps its temperature whatever heat it takes up.

    Parameters
    ----------
    name : str
    temperature : float
        [K].
    """

    name: str
    temperature: float


@dataclass(frozen=True, slots=True)
class HeatTable:
    """Temperature and conductivity over a coordinate u, which counts nodes of equal heat content.

    Parameters
    ----------
    temperature, conductivity : (media * nodes,) float32
        [K], [W/(m K)].
    steepest : (reaches, media * nodes) float32
        Largest slope of the temperature within each of `REACHES` nodes [K].
    low : (media,) float64
        Heat content at u = 0 [J/m3].
    per_heat : (media,) float64
        Nodes per heat content [m3/J].
    kelvin : (media,) float64
        Typical step of temperature without change of phase [K]; the measure of errors.
    """

    temperature: F4
    conductivity: F4
    steepest: tuple[F4, ...]
    low: F8
    per_heat: F8
    kelvin: F8
    nodes: int = NODES

    def coordinate(self, medium: int, media: Sequence[Medium | Surroundings], temperature: F8) -> F8:
        """Return the coordinate of a temperature, the liquid end where a change of phase has only one [1]."""
        one = media[medium]
        if isinstance(one, Surroundings):
            return np.zeros_like(temperature)
        heat = np.interp(temperature, one.temperature, one.enthalpy)
        # Of two equal knots np.interp takes the last one, which is the liquid.
        return np.asarray((heat - self.low[medium]) * self.per_heat[medium], dtype=np.float64)


def heat_table(media: Sequence[Medium | Surroundings], *, nodes: int = NODES) -> HeatTable:
    """Tabulate media over their heat content.

    Parameters
    ----------
    media : sequence of Medium or Surroundings
        The row of a medium is its place here.
    """
    count = len(media)
    temperature = np.empty((count, nodes))
    conductivity = np.empty((count, nodes))
    low, per_heat, kelvin = np.zeros(count), np.zeros(count), np.ones(count)
    for row, one in enumerate(media):
        if isinstance(one, Surroundings):
            temperature[row] = one.temperature
            conductivity[row] = WELL_MIXED
            per_heat[row] = 1e-6
            continue
        heat = np.linspace(one.enthalpy[0], one.enthalpy[-1], nodes)
        temperature[row] = np.interp(heat, one.enthalpy, one.temperature)
        conductivity[row] = np.interp(heat, one.enthalpy, one.conductivity)
        low[row] = heat[0]
        per_heat[row] = (nodes - 1) / (heat[-1] - heat[0])
        rising = np.diff(temperature[row])
        # Freezing at one temperature may fill most of a table; it has no say in what sensible heat is.
        kelvin[row] = np.percentile(rising[rising > 0.0], 90)
    slope = np.diff(temperature, axis=1, append=0.0)
    slope[:, -1] = slope[:, -2]
    steepest = tuple(_envelope(slope, reach).astype(np.float32).ravel() for reach in REACHES)
    return HeatTable(
        temperature=temperature.astype(np.float32).ravel(),
        conductivity=conductivity.astype(np.float32).ravel(),
        steepest=steepest,
        low=low,
        per_heat=per_heat,
        kelvin=kelvin,
        nodes=nodes,
    )


def _envelope(slope: F8, reach: int) -> F8:
    """Return the largest slope within `reach` nodes on either side."""
    from scipy.ndimage import maximum_filter1d  # noqa: PLC0415  (loads slowly)

    wide = min(2 * reach + 1, 2 * slope.shape[1] - 1)
    return np.asarray(maximum_filter1d(slope, wide, axis=1, mode="nearest"), dtype=np.float64)
