"""Mean pressures of plane-strain forging over twice the shear yield stress: platens, punch, extrusion."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.forging.error import ForgingError
from forgecast.ground.texts import text

FloatArray = NDArray[np.float64]
#: A smooth flat punch on a half-space: p/2k = 1 + pi/2 exactly (L. Prandtl 1920, R. Hill 1950).
FLAT_PUNCH = 1.0 + 0.5 * math.pi
#: Frictionless plane-strain extrusion or piercing of 50 %: p/2k = (1 + pi/2)/2 exactly (R. Hill 1948).
HALF_EXTRUSION = 0.5 * FLAT_PUNCH


def platens_shear(width: ArrayLike, height: ArrayLike, m: float) -> FloatArray:
    """Return p/2k between platens for friction of constant shear stress m k.

    p/2k = 1 + m w / (4 h), slab solution. Sticking friction: see `platens_sticking`.

    Parameters
    ----------
    width, height : array_like
        m.
    m : float
        Friction factor, 0 to 1.

    Raises
    ------
    ForgingError
        If the friction factor lies outside 0 to 1, or a measure is not above 0.
    """
    if not 0.0 <= m <= 1.0:
        raise ForgingError(
            text("the friction factor is {m}", m=m), repair=text("give 0 (none) to 1 (the metal shears at the die)")
        )
    return np.asarray(1.0 + 0.25 * m * _slenderness(width, height), dtype=np.float64)


def platens_sticking(width: ArrayLike, height: ArrayLike) -> FloatArray:
    """Return p/2k between platens to which the metal sticks.

    p/2k = 3/4 + w / (4 h).

    Parameters
    ----------
    width, height : array_like
        m.

    Raises
    ------
    ForgingError
        If a measure is not above 0, or the piece is not wider than high.

    Notes
    -----
    L. Prandtl, ZAMM 3 (1923) 401; for w/h of about 3.6 and more within a per cent of the slip-line field.
    """
    slenderness = _slenderness(width, height)
    if np.any(slenderness < 1.0):
        raise ForgingError(
            text("the piece is higher than wide"), repair=text("this solution is for w/h of 1 and more; upset it first")
        )
    return np.asarray(0.75 + 0.25 * slenderness, dtype=np.float64)


def platens_coulomb(width: ArrayLike, height: ArrayLike, mu: float) -> FloatArray:
    """Return p/2k between platens for Coulomb friction.

    p/2k = (exp(a) - 1) / a with a = mu w / h.

    Parameters
    ----------
    width, height : array_like
        m.
    mu : float
        Coefficient of friction, 0 to 1/sqrt(3).

    Raises
    ------
    ForgingError
        If the coefficient or a measure cannot be.
    """
    if not 0.0 <= mu <= 1.0 / math.sqrt(3.0):
        raise ForgingError(
            text("the coefficient of friction is {mu}", mu=mu),
            repair=text("give 0 to 0.577: more than the metal's own shear stress cannot be passed on"),
        )
    a = mu * _slenderness(width, height)
    safe = np.where(a < 1e-8, 1.0, a)
    return np.asarray(np.where(a < 1e-8, 1.0 + 0.5 * a, np.expm1(safe) / safe), dtype=np.float64)


def _slenderness(width: ArrayLike, height: ArrayLike) -> FloatArray:
    w, h = np.asarray(width, dtype=np.float64), np.asarray(height, dtype=np.float64)
    if np.any(w <= 0.0) or np.any(h <= 0.0):
        raise ForgingError(
            text("a width or height is not above 0"), repair=text("give the measures of the piece in metres, above 0")
        )
    return np.asarray(w / h, dtype=np.float64)
