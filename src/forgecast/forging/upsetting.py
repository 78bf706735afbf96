"""Mean pressure of upsetting a cylinder between flat dies: slab solution and upper bounds."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar

from forgecast.forging.error import ForgingError
from forgecast.ground.texts import text

FloatArray = NDArray[np.float64]


def shear_friction_pressure(radius: ArrayLike, height: ArrayLike, m: float) -> FloatArray:
    """Return mean pressure over flow stress for friction of constant shear stress m k.

    p / sigma0 = 1 + 2 m R / (3 sqrt(3) h); the slab solution and the upper bound without bulging are the same.

    Parameters
    ----------
    radius, height : array_like
        m.
    m : float
        Friction factor, 0 to 1.

    Raises
    ------
    ForgingError
        If the friction factor lies outside 0 to 1, or a measure is not above 0.

    Notes
    -----
    B. Avitzur, Metal Forming: Processes and Analysis, McGraw-Hill 1968. Rigid-perfectly-plastic metal.
    """
    slenderness = _checked(radius, height, m)
    return np.asarray(1.0 + 2.0 * m * slenderness / (3.0 * math.sqrt(3.0)), dtype=np.float64)


def coulomb_friction_pressure(radius: ArrayLike, height: ArrayLike, mu: float) -> FloatArray:
    """Return mean pressure over flow stress for Coulomb friction.

    p / sigma0 = 2 (exp(a) - 1 - a) / a^2 with a = 2 mu R / h.

    Parameters
    ----------
    radius, height : array_like
        m.
    mu : float
        Coefficient of friction, not below 0.

    Raises
    ------
    ForgingError
        If the coefficient lies outside 0 to 1/sqrt(3) (more than the metal's own shear stress), or a measure is not
        above 0.

    Notes
    -----
    Slab solution; sliding everywhere, so it overstates wide flat pieces, where the metal sticks in the middle.
    """
    if not 0.0 <= mu <= 1.0 / math.sqrt(3.0):
        raise ForgingError(
            text("the coefficient of friction is {mu}", mu=mu),
            repair=text("give 0 to 0.577: more than the metal's own shear stress cannot be passed on"),
        )
    a = 2.0 * mu * _checked(radius, height, 0.0)
    # Series below: the closed form loses all its digits there.
    small = np.abs(a) < 1e-3
    safe = np.where(small, 1.0, a)
    closed = 2.0 * (np.expm1(safe) - safe) / safe**2
    return np.asarray(np.where(small, 1.0 + a / 3.0 + a * a / 12.0, closed), dtype=np.float64)


def bulging_pressure(radius: float, height: float, m: float) -> tuple[float, float]:
    """Return the least mean pressure over flow stress of an exponentially bulging field, and its bulge.

    p / sigma0 = 2/(3 q^2) ((1 + q^2)^(3/2) - 1) + m 2/(3 sqrt(3)) (R/h) b / (exp(b) - 1), q = b R / (sqrt(3) h),
    least over b >= 0.

    Parameters
    ----------
    radius, height : float
        m.
    m : float
        Friction factor, 0 to 1.

    Returns
    -------
    (float, float)
        Pressure over flow stress, and b: 0 for no bulge.

    Raises
    ------
    ForgingError
        As `shear_friction_pressure`.

    Notes
    -----
    An upper bound: the field is v_z = -V (1 - exp(-b z')) / (1 - exp(-b)) with z' from 0 at mid height to 1 at the die.
    The true pressure of rigid-perfectly-plastic metal lies between 1 and this.
    """
    slenderness = float(_checked(radius, height, m))

    def bound(b: float) -> float:
        q = b * slenderness / math.sqrt(3.0)
        inner = 1.0 + 0.25 * q * q if q < 1e-3 else 2.0 / (3.0 * q * q) * ((1.0 + q * q) ** 1.5 - 1.0)
        slide = 1.0 - 0.5 * b if b < 1e-6 else b / math.expm1(b)
        return inner + 2.0 * m / (3.0 * math.sqrt(3.0)) * slenderness * slide

    found = minimize_scalar(bound, bounds=(0.0, 10.0), method="bounded", options={"xatol": 1e-10})
    best = (float(found.fun), float(found.x))
    return min(best, (bound(0.0), 0.0))


def _checked(radius: ArrayLike, height: ArrayLike, m: float) -> FloatArray:
    r, h = np.asarray(radius, dtype=np.float64), np.asarray(height, dtype=np.float64)
    if not 0.0 <= m <= 1.0:
        raise ForgingError(
            text("the friction factor is {m}", m=m), repair=text("give 0 (none) to 1 (the metal shears at the die)")
        )
    if np.any(r <= 0.0) or np.any(h <= 0.0):
        raise ForgingError(
            text("a radius or height is not above 0"), repair=text("give the measures of the piece in metres, above 0")
        )
    return np.asarray(r / h, dtype=np.float64)
