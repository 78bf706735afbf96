"""The ring test: how the bore of an upset ring tells the friction of its dies."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar

from forgecast.forging.error import ForgingError
from forgecast.ground.texts import text

FloatArray = NDArray[np.float64]
#: Steps in the logarithm of the height; the bore changes by less than 1e-4 of itself with twice as many.
_STEP = 0.005


@dataclass(frozen=True, slots=True, eq=False)
class UpsetRing:
    """A ring on its way down.

    Parameters
    ----------
    reduction : (n,) array
        Of the height, 0 to below 1.
    bore, outer, height : (n,) array
        Diameters and height, m.
    pressure : (n,) array
        Mean pressure over flow stress, upper bound.
    """

    reduction: FloatArray
    bore: FloatArray
    outer: FloatArray
    height: FloatArray
    pressure: FloatArray

    def bore_decrease(self, reduction: ArrayLike) -> FloatArray:
        """Return the decrease of the bore as a share of its first value, at reductions of the height."""
        shares = 1.0 - self.bore / self.bore[0]
        return np.asarray(np.interp(np.asarray(reduction, dtype=np.float64), self.reduction, shares), dtype=np.float64)


def upset_ring(outer: float, bore: float, height: float, m: float, *, reduction: float = 0.6) -> UpsetRing:
    """Upset a ring between flat dies of friction factor m, without barrelling.

    The field v_r = (V/2h)(r - c/r) with the c of least power; c is the square of the neutral radius where it lies in
    the ring, and below 0 where the whole ring moves outwards. d(r^2)/dh = -(r^2 - c)/h.

    Parameters
    ----------
    outer, bore, height : float
        Diameters and height before, m.
    m : float
        Friction factor, 0 to 1.
    reduction : float
        How far, as a share of the height.

    Returns
    -------
    UpsetRing

    Raises
    ------
    ForgingError
        If a measure or the friction factor cannot be.

    Notes
    -----
    B. Avitzur, Metal Forming, 1968. Exact without friction. Real rings barrel: up to m = 0.5 and half the height the
    bore agrees with finite elements within a few per cent of its first value; towards sticking friction it does not.
    """
    if not 0.0 <= m <= 1.0 or not 0.0 < bore < outer or height <= 0.0 or not 0.0 < reduction < 1.0:
        raise ForgingError(
            text("a ring of {outer} m by {bore} m by {height} m with m = {m} cannot be upset", outer=outer, bore=bore,
                 height=height, m=m),
            repair=text("give outer diameter > bore > 0, height > 0, and a friction factor of 0 to 1"),
        )  # fmt: skip
    steps = max(math.ceil(-math.log(1.0 - reduction) / _STEP), 2)
    left = height * np.exp(np.linspace(0.0, math.log(1.0 - reduction), steps + 1))
    inner, outside = np.empty(steps + 1), np.empty(steps + 1)
    pressure = np.empty(steps + 1)
    inner[0], outside[0] = 0.5 * bore, 0.5 * outer
    for at in range(steps + 1):
        c, pressure[at] = _least_power(inner[at], outside[at], left[at], m)
        if at == steps:
            break
        middle_h = math.sqrt(left[at] * left[at + 1])
        middle = [_moved(r, c, middle_h / left[at]) for r in (inner[at], outside[at])]
        c, _ = _least_power(middle[0], middle[1], middle_h, m)
        inner[at + 1], outside[at + 1] = (_moved(r, c, left[at + 1] / left[at]) for r in (inner[at], outside[at]))
        if not inner[at + 1] > 0.0:
            inner[at + 1 :], outside[at + 1 :], pressure[at + 1 :] = 0.0, math.nan, math.nan
            break
    return UpsetRing(1.0 - left / height, 2.0 * inner, 2.0 * outside, left, pressure)


def friction_of_rings(
    outer: float, bore: float, height: float, reductions: ArrayLike, decreases: ArrayLike, *, tolerance: float = 1e-4
) -> tuple[float, float, float]:
    """Fit the friction factor to measured rings.

    Parameters
    ----------
    outer, bore, height : float
        Of the rings before, m.
    reductions, decreases : (n,) array_like
        Of height and bore, as shares of their first values; a bore that grew has a decrease below 0.
    tolerance : float
        How closely m is sought.

    Returns
    -------
    (float, float, float)
        Friction factor; half of its 95 % interval (NaN for one ring); root mean square of what is left, as a share of
        the bore.

    Raises
    ------
    ForgingError
        If no ring was measured, or a value cannot be.
    """
    at, measured = np.atleast_1d(reductions).astype(np.float64), np.atleast_1d(decreases).astype(np.float64)
    if at.size == 0 or at.shape != measured.shape or np.any((at <= 0.0) | (at >= 0.9)) or np.any(measured >= 1.0):
        raise ForgingError(
            text("the rings measured do not fit together, or a reduction lies outside 0 to 0.9"),
            repair=text("give one decrease of the bore for each reduction of the height, both as shares"),
        )

    def misfit(m: float) -> FloatArray:
        ring = upset_ring(outer, bore, height, m, reduction=float(at.max()) + 1e-9)
        return np.asarray(ring.bore_decrease(at) - measured, dtype=np.float64)

    found = minimize_scalar(
        lambda m: float(np.sum(misfit(m) ** 2)), bounds=(0.0, 1.0), method="bounded", options={"xatol": tolerance}
    )
    m = float(found.x)
    rest = misfit(m)
    step = 0.01 if m < 0.5 else -0.01
    slope = (misfit(m + step) - rest) / step
    halfwidth = math.nan
    if at.size > 1:
        from scipy.stats import t as student  # noqa: PLC0415  (only where there is an interval to tell)

        spread = math.sqrt(float(np.sum(rest**2)) / (at.size - 1))
        halfwidth = float(student.ppf(0.975, at.size - 1)) * spread / float(np.linalg.norm(slope))
    return m, halfwidth, float(np.sqrt(np.mean(rest**2)))


def _moved(radius: float, c: float, ratio: float) -> float:
    """Return a radius after the height went to `ratio` of itself: (r^2 - c) h stays."""
    square = c + (radius * radius - c) / ratio
    return math.sqrt(square) if square > 0.0 else 0.0


def _least_power(inner: float, outer: float, height: float, m: float) -> tuple[float, float]:
    """Return the c of least power and the mean pressure over flow stress."""
    area = outer * outer - inner * inner

    def pressure(c: float) -> float:
        work = _plastic(inner, outer, c)
        slide = _sliding(inner, outer, c)
        return 2.0 * (work + m / math.sqrt(3.0) * slide / height) / area

    # Beyond the outer radius all of the ring would move inwards; far below zero the field is a pure expansion.
    found = minimize_scalar(
        pressure, bounds=(-4.0 * outer * outer, outer * outer), method="bounded", options={"xatol": 1e-9 * area}
    )
    return float(found.x), float(found.fun)


def _plastic(inner: float, outer: float, c: float) -> float:
    """Return the integral of r sqrt(1 + c^2 / (3 r^4)) over the ring, in closed form with u = r^2."""
    k = abs(c) / math.sqrt(3.0)

    def primitive(u: float) -> float:
        root = math.hypot(u, k)
        return root if k == 0.0 else root - k * math.asinh(k / u)

    return 0.5 * (primitive(outer * outer) - primitive(inner * inner))


def _sliding(inner: float, outer: float, c: float) -> float:
    """Return the integral of |r - c/r| r over the ring: r^2 - c changes its sign at the neutral radius."""

    def primitive(r: float) -> float:
        return r**3 / 3.0 - c * r

    neutral = math.sqrt(c) if c > 0.0 else 0.0
    if not inner < neutral < outer:
        return abs(primitive(outer) - primitive(inner))
    return primitive(outer) - 2.0 * primitive(neutral) + primitive(inner)
