"""Enthalpy over temperature: specific heat integrated and latent heat released, each exactly once."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.texts import text
from forgecast.metal.curve import Curve, degC
from forgecast.metal.error import MaterialError

Floats = NDArray[np.float64]

#: A specific heat above this multiple of its values at both edges of the freezing range holds latent heat: the specific
#: heats of solid and liquid metals differ by less than a half.
SPIKE = 1.8

# Gauss-Legendre points and weights on (0, 1): three of them integrate the product of linear pieces exactly.
_POINTS = np.array([0.5 - math.sqrt(0.15), 0.5, 0.5 + math.sqrt(0.15)])
_WEIGHTS = np.array([5.0, 8.0, 5.0]) / 18.0


def mixed(
    curve: Curve, fraction: Curve, solidus: float, liquidus: float, temperature: Floats, *, upper: bool
) -> Floats:
    """Return a property over the freezing range too: its rows there, or solid and liquid mixed by the solid fraction.

    A table that has rows strictly between solidus and liquidus is followed. One that has none would be drawn as a
    straight line from the last solid row to the first liquid one, though most of the change may happen at the eutectic;
    there the value is ``fs * solid + (1 - fs) * liquid`` with both ends held constant.

    Parameters
    ----------
    curve, fraction : Curve
        The property, and the solid fraction.
    solidus, liquidus : float
        [K].
    temperature : (n,) float64
        [K].
    upper : bool
        Which side of a jump is meant.
    """
    t = curve.temperature
    inside = (t > solidus) & (t < liquidus)
    if inside.any() or t[-1] <= solidus or t[0] >= liquidus:
        return curve.sided(temperature, upper=upper)
    cold, hot = t <= solidus, t >= liquidus
    solid = Curve(t[cold], curve.value[cold]).sided(temperature, upper=upper)
    liquid = Curve(t[hot], curve.value[hot]).sided(temperature, upper=upper)
    share = fraction.sided(temperature, upper=upper)
    got: Floats = share * solid + (1.0 - share) * liquid
    return got


def refuse_latent(specific_heat: Curve, solidus: float, liquidus: float) -> None:
    """Refuse a specific heat that holds latent heat already: adding it again would count it twice.

    Raises
    ------
    MaterialError
        If between solidus and liquidus it exceeds `SPIKE` times the larger of its values at both edges.
    """
    peak, at, edge = _spike(specific_heat, solidus, liquidus)
    if peak > SPIKE * edge:
        raise MaterialError(
            text(
                "the specific heat reaches {peak} J/(kg K) at {at} °C and is at most {edge} at the edges of the "
                "freezing range: it holds latent heat, which would be counted twice",
                peak=round(peak, 1),
                at=degC(at),
                edge=round(edge, 1),
            ),
            where=specific_heat.where,
            repair=text(
                "split it with forgecast.metal.enthalpy.without_latent, and give latent heat and solid fraction apart"
            ),
        )


def without_latent(specific_heat: Curve, solidus: float, liquidus: float) -> tuple[Curve, float]:
    """Split an apparent specific heat into its base and the latent heat in it.

    Parameters
    ----------
    specific_heat : Curve
        [J/(kg K)], latent heat in it as a peak over the freezing range.
    solidus, liquidus : float
        [K].

    Returns
    -------
    base : Curve
        The same without its peak: a straight line from the last row at or below the peak's foot to the first above it.
    latent : float
        Area of the peak over that line [J/kg]; the integral of `specific_heat` is that of `base` plus it.

    Raises
    ------
    MaterialError
        If there is no peak over the freezing range, or the table ends within it.

    Notes
    -----
    The feet of the peak are the nearest rows outside the freezing range that lie under `SPIKE` times the specific heat
    beyond it, so the ramp that a linear table draws up to its first high row belongs to the peak.
    """
    t, v = specific_heat.temperature, specific_heat.value
    peak, _, edge = _spike(specific_heat, solidus, liquidus)
    low = np.flatnonzero((t <= solidus) & (v <= SPIKE * edge))
    high = np.flatnonzero((t >= liquidus) & (v <= SPIKE * edge))
    if peak <= SPIKE * edge or not low.size or not high.size:
        raise MaterialError(
            text(
                "the specific heat holds no peak of latent heat between {low} and {high} °C that the table encloses",
                low=degC(solidus),
                high=degC(liquidus),
            ),
            where=specific_heat.where,
            repair=text("use it as it is, or give rows on both sides of the freezing range"),
        )
    first, last = int(low[-1]), int(high[0])
    base = Curve(
        np.concatenate([t[: first + 1], t[last:]]), np.concatenate([v[: first + 1], v[last:]]), specific_heat.where
    )
    area = float(np.trapezoid(v[first : last + 1], t[first : last + 1]))
    under = float((v[first] + v[last]) / 2.0 * (t[last] - t[first]))
    return base, area - under


def _spike(specific_heat: Curve, solidus: float, liquidus: float) -> tuple[float, float, float]:
    """Return the highest value in the freezing range, where it stands, and the larger one beyond the range's edges."""
    t, v = specific_heat.temperature, specific_heat.value
    # The lowest row within 200 K of either edge, or the nearest row where there is none: the peak's foot may reach past
    # the edge, and a coarse table draws a ramp up to its first high row.
    cold, hot = (t <= solidus) & (t >= solidus - 200.0), (t >= liquidus) & (t <= liquidus + 200.0)
    solid = v[cold].min() if cold.any() else specific_heat.sided(solidus - 200.0, upper=False)
    liquid = v[hot].min() if hot.any() else specific_heat.sided(t[t >= liquidus].min(initial=t[-1]), upper=True)
    edge = float(max(solid, liquid))
    near = np.flatnonzero((t > solidus - 20.0) & (t < liquidus + 20.0))
    if not near.size:
        return edge, solidus, edge
    top = near[int(np.argmax(v[near]))]
    return float(v[top]), float(t[top]), edge


def merged_knots(*curves: Curve, low: float, high: float, also: tuple[float, ...] = ()) -> Floats:
    """Return all temperatures within [low, high] at which one of the curves bends, each once, rising."""
    everything = np.concatenate([[low, high], np.asarray(also, dtype=np.float64), *(c.temperature for c in curves)])
    kept: Floats = np.unique(everything[(everything >= low) & (everything <= high)])
    # Knots closer than a millikelvin are one: the difference of two tables' rounding, not a bend.
    apart = np.concatenate([[True], np.diff(kept) > 1e-3])
    got: Floats = kept[apart]
    return got


def enthalpy(
    specific_heat: Curve,
    *,
    density: float,
    fraction: Curve | None = None,
    latent: float = 0.0,
    solidus: float = math.nan,
    liquidus: float = math.nan,
    also: tuple[float, ...] = (),
    tolerance: float = 1e-5,
) -> tuple[Floats, Floats]:
    r"""Return knots of temperature and enthalpy per volume that a straight line between them follows.

    .. math:: H(T) = \rho\,\Big(\int_{T_0}^{T} c_p\,dT + L\,(1 - f_s(T))\Big)

    Parameters
    ----------
    specific_heat : Curve
        [J/(kg K)], without latent heat.
    density : float
        Reference density [kg/m3]: one for all temperatures, so that a cell keeps its mass.
    fraction : Curve or None
        Solid fraction [1]; None for what does not melt.
    latent : float
        [J/kg].
    solidus, liquidus : float
        [K], where there is a solid fraction.
    also : tuple of float
        Further temperatures that must be knots [K] (bends of the conductivity).
    tolerance : float
        Largest departure of the straight lines from the integral, as a share of the whole rise of enthalpy.

    Returns
    -------
    temperature : (n,) float64
        [K]; equal ones mark a jump of the solid fraction.
    enthalpy : (n,) float64
        [J/m3], 0 at the first knot.

    Raises
    ------
    MaterialError
        If the specific heat holds latent heat already.
    """
    if fraction is not None and latent > 0.0:
        refuse_latent(specific_heat, solidus, liquidus)
    bends = (specific_heat,) if fraction is None else (specific_heat, fraction)
    edges = () if fraction is None else (solidus, liquidus)
    knots = merged_knots(*bends, low=specific_heat.low, high=specific_heat.high, also=(*edges, *also))

    def heat(temperature: Floats) -> Floats:
        if fraction is None:
            return specific_heat.sided(temperature, upper=True)
        return mixed(specific_heat, fraction, solidus, liquidus, temperature, upper=True)

    rise = latent + float(_cumulated(heat, knots)[-1])
    # Between two knots the integral is a polynomial; its sagitta falls with the square of the pieces.
    pieces: list[Floats] = []
    for a, b in pairwise(knots):
        c = heat(np.array([a, 0.5 * (a + b), math.nextafter(b, a)]))
        bend = max(abs(c[1] - c[0]), abs(c[2] - c[1]), abs(c[2] - c[0])) * (b - a) / 8.0
        count = max(1, math.ceil(math.sqrt(bend / (tolerance * rise))))
        pieces.append(np.linspace(a, b, count + 1)[:-1])
    fine = np.concatenate([*pieces, knots[-1:]])
    sensible = _cumulated(heat, fine)
    if fraction is None:
        return fine, density * sensible
    below, above = fraction.sided(fine, upper=False), fraction.sided(fine, upper=True)
    jump = below - above > 1e-12
    # A jump is written as two knots at one temperature.
    repeat = np.where(jump, 2, 1)
    temperature = np.repeat(fine, repeat)
    share = np.repeat(above, repeat)
    share[np.cumsum(repeat)[jump] - 2] = below[jump]
    return temperature, density * (np.repeat(sensible, repeat) + latent * (1.0 - share))


def _cumulated(heat: Callable[[Floats], Floats], knots: Floats) -> Floats:
    """Return the integral of the specific heat from the first knot to each [J/kg]."""
    step = np.diff(knots)
    values = heat(knots[:-1, None] + step[:, None] * _POINTS)
    return np.concatenate([[0.0], np.cumsum(step * (values @ _WEIGHTS))])
