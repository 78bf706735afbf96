"""Criteria of soundness cell by cell: freezing time, front speed, the Niyama values and the pores they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.casting.constant import Constant, source_of
from forgecast.casting.pools import JudgingError
from forgecast.ground.tables import read_table
from forgecast.ground.texts import Text, bilingual, text

Floats = NDArray[np.float64]

#: What a unit of the Niyama value is in K^0.5 s^0.5/m.
NIYAMA_UNITS: Mapping[str, float] = {
    "K^0.5 s^0.5/m": 1.0,
    "K^0.5 s^0.5/mm": 1000.0,
    "K^0.5 min^0.5/cm": 60.0**0.5 * 100.0,
}

#: Where each criterion does not apply.
LIMITS: Mapping[str, tuple[Text, ...]] = {
    "freezing_time": (text("cells that had not reached their solidus when the run ended have no value"),),
    "front_speed": (
        text(
            "where several fronts meet (a hot spot, a centre line) the gradient vanishes and the speed has no meaning"
        ),
    ),
    "niyama": (
        text("graphitic irons: their expansion feeds, which the criterion does not know"),
        text("pools that were cut off: their cavity is macroscopic and the criterion may look sound there"),
        text("alloys with a very short freezing range: they shrink as one cavity, not between dendrites"),
        text("cells next to a chill or a die: the gradient on the grid is an average over the first cell"),
        text("gas porosity: pores that gas opens form at any value"),
        text("a threshold holds for the alloy, the judging temperature and the X-ray level it was fitted to"),
    ),
    "dimensionless_niyama": (
        text("graphitic irons: their expansion feeds, which the criterion does not know"),
        text("pools that were cut off: no pressure drives liquid into them, so pores are larger than predicted"),
        text("alloys that freeze at one temperature: their freezing range is zero"),
        text("flow is taken along one direction against a steady front, and dissolved gas is left out"),
    ),
}


def freezing_time(time_liquidus: ArrayLike, time_solidus: ArrayLike) -> Floats:
    """Return the local freezing time t_S - t_L [s].

    Parameters
    ----------
    time_liquidus, time_solidus : (…,) float
        When a cell passed its liquidus and its solidus [s]; NaN where it did not.
    """
    return np.asarray(time_solidus, np.float64) - np.asarray(time_liquidus, np.float64)


def front_speed(gradient: ArrayLike, cooling_rate: ArrayLike) -> Floats:
    """Return the speed of the isotherm R = T' / G [m/s]; NaN where the gradient is zero.

    Parameters
    ----------
    gradient : (…,) float
        [K/m].
    cooling_rate : (…,) float
        Positive while cooling [K/s].
    """
    return _divided(np.asarray(cooling_rate, np.float64), np.asarray(gradient, np.float64))


def niyama(gradient: ArrayLike, cooling_rate: ArrayLike) -> Floats:
    """Return the Niyama value G / sqrt(T') [K^0.5 s^0.5/m]; NaN where the cell does not cool.

    Parameters
    ----------
    gradient, cooling_rate : (…,) float
        At one judging temperature late in freezing [K/m], [K/s].

    Notes
    -----
    E. Niyama, T. Uchida, M. Morikawa, S. Saito, AFS Int. Cast Metals J. 7 (1982) 52. Where it does not apply: `LIMITS`.
    """
    rate = np.asarray(cooling_rate, np.float64)
    return _divided(np.asarray(gradient, np.float64), np.sqrt(np.where(rate > 0.0, rate, np.nan)))


def dimensionless_niyama(
    gradient: ArrayLike,
    cooling_rate: ArrayLike,
    arm_spacing: ArrayLike,
    *,
    pressure_drop: float,
    viscosity: float,
    contraction: float,
    freezing_range: float,
) -> Floats:
    """Return the dimensionless Niyama value G l sqrt(dP) / sqrt(mu b dT T') [1].

    Parameters
    ----------
    gradient, cooling_rate : (…,) float
        [K/m], [K/s].
    arm_spacing : (…,) float
        Spacing of the secondary dendrite arms l [m].
    pressure_drop : float
        Pressure of the melt less the one at which a pore opens, dP [Pa].
    viscosity : float
        Of the liquid, mu [Pa s].
    contraction : float
        b = (density solid - liquid) / density liquid [1].
    freezing_range : float
        dT = liquidus - solidus [K].

    Raises
    ------
    JudgingError
        If one of the four figures is not above zero: a metal that does not contract needs no feeding.

    Notes
    -----
    K. D. Carlson, C. Beckermann, Metall. Mater. Trans. A 40 (2009) 163, doi:10.1007/s11661-008-9715-y.
    """
    figures = {
        "pressure_drop": pressure_drop,
        "viscosity": viscosity,
        "contraction": contraction,
        "freezing_range": freezing_range,
    }
    for name, figure in figures.items():
        if not (np.isfinite(figure) and figure > 0.0):
            raise JudgingError(
                text("{name} is {value}; it has to be above zero", name=name, value=float(figure)),
                where=f"dimensionless_niyama: {name}",
                repair=text("give it in SI units, or leave this criterion out for this metal"),
            )
    scale = np.sqrt(pressure_drop / (viscosity * contraction * freezing_range))
    return np.asarray(niyama(gradient, cooling_rate) * np.asarray(arm_spacing, np.float64) * scale)


@dataclass(frozen=True, slots=True)
class PoreCurve:
    """Pore volume over the dimensionless Niyama value, for one alloy's course of the solid fraction.

    Parameters
    ----------
    niyama : (n,) float64
        Dimensionless values, rising [1].
    liquid : (n,) float64
        Liquid fraction left when the pressure has dropped by dP, falling [1].
    contraction : float
        b = (density solid - liquid) / density liquid [1].
    """

    niyama: Floats
    liquid: Floats
    contraction: float

    def critical_liquid(self, niyama_star: ArrayLike) -> Floats:
        """Return the liquid fraction at which flow ceases [1]; 0 where it never does, NaN where the value is NaN."""
        value = np.asarray(niyama_star, np.float64)
        # 1/liquid is near proportional to the value squared: straight between the knots.
        inverse = np.interp(value, self.niyama, 1.0 / self.liquid)
        return np.where(np.isnan(value), np.nan, np.where(value > self.niyama[-1], 0.0, 1.0 / inverse))

    def pore_fraction(self, niyama_star: ArrayLike) -> Floats:
        """Return the share of the volume that is pores [1]: b/(1+b) times the liquid that flow no longer fed."""
        return self.contraction / (1.0 + self.contraction) * self.critical_liquid(niyama_star)


def pore_curve(
    temperature: ArrayLike, solid_fraction: ArrayLike, contraction: float, *, knots: int = 2000, least: float = 1e-4
) -> PoreCurve:
    """Return pore volume over the dimensionless Niyama value, from the pressure drop in the mushy zone.

    Parameters
    ----------
    temperature : (n,) float
        Rising [K]; two equal ones mark freezing at one temperature.
    solid_fraction : (n,) float
        Volume share of solid there, falling, linear between [1].
    contraction : float
        b = (density solid - liquid) / density liquid [1].
    knots : int
        Liquid fractions at which the integral is formed, evenly spaced in their logarithm.
    least : float
        Smallest liquid fraction followed [1]; pores of less than b times that are none.

    Raises
    ------
    JudgingError
        If the curve does not fall from solid to liquid over a freezing range, or the contraction is not above zero.

    Notes
    -----
    In a mushy zone of one direction that moves at R the liquid that freezes is replaced through the zone: mass gives a
    superficial velocity -b R g. Darcy's law with K = l^2 g^3 / (180 (1-g)^2) (Kozeny and Carman) and dx = dT/G makes
    the pressure drop from the liquidus (theta = 1) to theta = (T - T_S)/dT

        dP = mu b T' dT / (G^2 l^2) * I,    I = 180 * integral from theta to 1 of (1-g)^2 / g^2,

    so the drop reaches the one at which pores open where I = Ny*^2. The liquid g left there shrinks unfed and leaves
    pores of b/(1+b) g. Between knots of the curve g is linear in theta and the integral has the closed form
    (-1/g - 2 ln g + g) / slope; what freezes at one temperature costs no pressure in this form. The 180 and the form
    of I agree with public code that implements the paper; the paper's text beyond its abstract was not read.

    K. D. Carlson, C. Beckermann, Metall. Mater. Trans. A 40 (2009) 163, doi:10.1007/s11661-008-9715-y.
    """
    theta, liquid = _freezing_range(temperature, solid_fraction, contraction)
    # From the liquidus down: knots of the curve and evenly spaced ones between them.
    theta, liquid = theta[::-1], liquid[::-1]
    wanted = np.geomspace(1.0, least, knots)
    parts_theta, parts_liquid = [theta[:1]], [liquid[:1]]
    for k in range(len(theta) - 1):
        high, low = liquid[k], max(liquid[k + 1], least)
        if high <= least:
            break
        inside = wanted[(wanted < high) & (wanted > low)]
        stops = np.append(inside, low)
        share = (high - stops) / (high - liquid[k + 1]) if high > liquid[k + 1] else np.ones(len(stops))
        parts_liquid.append(stops)
        parts_theta.append(theta[k] + share * (theta[k + 1] - theta[k]))
    theta, liquid = np.concatenate(parts_theta), np.concatenate(parts_liquid)
    width, change = -np.diff(theta), -np.diff(liquid)
    antiderivative = -1.0 / liquid - 2.0 * np.log(liquid) + liquid
    middle = 0.5 * (liquid[1:] + liquid[:-1])
    # The difference of the closed form loses its digits over a vanishing change; there the middle is exact enough.
    small = change < 1e-6 * middle
    steep = np.divide(-np.diff(antiderivative), change, out=np.zeros(len(change)), where=~small)
    mean = np.where(small, ((1.0 - middle) / middle) ** 2, steep)
    integral = 180.0 * np.concatenate(([0.0], np.cumsum(width * mean)))
    return PoreCurve(np.sqrt(np.maximum.accumulate(integral)), liquid, float(contraction))


def fed_share(pore_fraction: ArrayLike, late_contraction: float) -> Floats:
    """Return the share of a cell's late contraction that flow between dendrites feeds [1]; NaN where not known.

    Parameters
    ----------
    pore_fraction : (…,) float
        Pores from `PoreCurve` [1].
    late_contraction : float
        Share of the volume lost after mass feeding stops [1].

    Notes
    -----
    What `forgecast.casting.shrinkage.shrinkage` takes as `late_feeding`: the pores left are then those predicted here.
    """
    pores = np.asarray(pore_fraction, np.float64)
    if late_contraction <= 0.0:
        return np.asarray(np.where(np.isnan(pores), np.nan, 1.0))
    return np.asarray(1.0 - np.clip(pores / late_contraction, 0.0, 1.0))


def niyama_thresholds(family: str | None = None) -> tuple[Constant, ...]:
    """Return the thresholds on record with their sources, in K^0.5 s^0.5/m.

    Parameters
    ----------
    family : str or None
        ``steel``, ``stainless`` …; None for all.

    Raises
    ------
    TableError
        If the shipped table breaks its rules.
    """
    table = read_table("niyama_threshold")
    found = []
    for row in table:
        value = table.number(row, "value")
        if value is not None and family in (None, row["family"]):
            found.append(Constant(value * NIYAMA_UNITS[row["unit"]], source_of(row, bilingual(row["en"], row["zh"]))))
    return tuple(found)


def _freezing_range(temperature: ArrayLike, solid_fraction: ArrayLike, contraction: float) -> tuple[Floats, Floats]:
    """Return the reduced temperature from solidus (0) to liquidus (1) and the liquid fraction there."""
    t = np.asarray(temperature, np.float64)
    liquid = 1.0 - np.asarray(solid_fraction, np.float64)
    fits = t.shape == liquid.shape and t.ndim == 1 and len(t) > 1
    if not (fits and (np.diff(t) >= 0.0).all() and (np.diff(liquid) >= 0.0).all() and 0.0 < contraction < 1.0):
        raise JudgingError(
            text("the course of the solid fraction does not fall over rising temperatures, or nothing contracts"),
            where="pore_curve",
            repair=text("give temperatures from solidus to liquidus, solid fractions from 1 to 0, and the contraction"),
        )
    # One knot fully solid and one fully liquid bound the range.
    low = max(0, int(np.searchsorted(liquid, 0.0, side="right")) - 1)
    high = min(len(t) - 1, int(np.searchsorted(liquid, 1.0, side="left")))
    if t[high] <= t[low]:
        raise JudgingError(
            text("the alloy freezes at one temperature; this criterion needs a freezing range"),
            where="pore_curve",
            repair=text("judge it by the pools that are cut off"),
        )
    t, liquid = t[low : high + 1], liquid[low : high + 1]
    return (t - t[0]) / (t[-1] - t[0]), liquid


def _divided(above: Floats, below: Floats) -> Floats:
    shape = np.broadcast_shapes(above.shape, below.shape)
    return np.asarray(np.divide(above, below, out=np.full(shape, np.nan), where=np.broadcast_to(below != 0.0, shape)))
