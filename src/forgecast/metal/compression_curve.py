"""Raw hot-compression curves corrected for friction and for the heat of their own work."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import cumulative_trapezoid

from forgecast.ground.texts import text
from forgecast.metal.error import MaterialError
from forgecast.metal.flow_stress import FlowStress

FloatArray = NDArray[np.float64]


def without_friction(strain: ArrayLike, pressure: ArrayLike, *, diameter: float, height: float, m: float) -> FloatArray:
    """Return the flow stress under a mean pressure, the friction of the platens taken off.

    sigma = p / (1 + 2 m R / (3 sqrt(3) h)) with R = R0 exp(strain/2) and h = h0 exp(-strain).

    Parameters
    ----------
    strain : (n,) array_like
        True strain of compression, not below 0.
    pressure : (n,) array_like
        Force over the current area of a cylinder of constant volume, Pa.
    diameter, height : float
        Of the specimen before, m.
    m : float
        Friction factor of the platens, 0 to 1.

    Returns
    -------
    (n,) array
        Pa.

    Raises
    ------
    MaterialError
        If the friction factor lies outside 0 to 1 or a measure is not above 0.

    Notes
    -----
    Avitzur's parallel upper bound (B. Avitzur, Metal Forming, 1968); no barrelling. It overstates the friction, so the
    flow stress found is a lower estimate.
    """
    if not 0.0 <= m <= 1.0 or diameter <= 0.0 or height <= 0.0:
        raise MaterialError(
            text("friction factor {m}, diameter {diameter} m, height {height} m cannot be", m=m, diameter=diameter,
                 height=height),
            repair=text("give a friction factor of 0 to 1, and measures above 0"),
        )  # fmt: skip
    e, p = np.asarray(strain, dtype=np.float64), np.asarray(pressure, dtype=np.float64)
    radius, left = 0.5 * diameter * np.exp(0.5 * e), height * np.exp(-e)
    return np.asarray(p / (1.0 + 2.0 * m * radius / (3.0 * math.sqrt(3.0) * left)), dtype=np.float64)


def self_heating(
    strain: ArrayLike, stress: ArrayLike, *, density: float, specific_heat: float, work_to_heat: float, kept: float
) -> FloatArray:
    """Return how much warmer a specimen has become by its own work.

    dT = beta eta / (rho c) times the integral of sigma over the strain.

    Parameters
    ----------
    strain : (n,) array_like
        Ascending from the start of the curve.
    stress : (n,) array_like
        Pa.
    density, specific_heat : float
        kg/m3 and J/(kg K), at the test temperature.
    work_to_heat : float
        beta, share of plastic work that becomes heat, about 0.9.
    kept : float
        eta, share of that heat still in the specimen: 1 for a quick test (adiabatic), 0 for a slow one.

    Returns
    -------
    (n,) array
        K.

    Raises
    ------
    MaterialError
        If a share lies outside 0 to 1 or a property is not above 0.
    """
    if not (0.0 <= work_to_heat <= 1.0 and 0.0 <= kept <= 1.0 and density > 0.0 and specific_heat > 0.0):
        raise MaterialError(
            text("the shares of heat are {beta} and {kept}", beta=work_to_heat, kept=kept),
            repair=text("give shares of 0 to 1, and density and specific heat above 0"),
        )
    work = cumulative_trapezoid(np.asarray(stress, dtype=np.float64), np.asarray(strain, dtype=np.float64), initial=0.0)
    return np.asarray(work_to_heat * kept / (density * specific_heat) * work, dtype=np.float64)


def at_nominal_temperature(
    law: FlowStress, strain: ArrayLike, rate: ArrayLike, nominal: ArrayLike, warmer: ArrayLike, stress: ArrayLike
) -> FloatArray:
    """Return the stress the specimen would have shown had it kept its nominal temperature.

    The law gives only the ratio between the two temperatures, so it may be a first fit to the raw curves; fitting again
    to what comes out, twice or three times, settles.

    Parameters
    ----------
    law : FlowStress
    strain, rate, nominal, warmer, stress : array_like
        1, 1/s, K, K by which the specimen was warmer, Pa.
    """
    t = np.asarray(nominal, dtype=np.float64)
    ratio = law.stress(strain, rate, t) / law.stress(strain, rate, t + np.asarray(warmer, dtype=np.float64))
    return np.asarray(np.asarray(stress, dtype=np.float64) * ratio, dtype=np.float64)
