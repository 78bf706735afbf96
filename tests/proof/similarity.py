"""Exact solutions of freezing in one dimension, and one in two, as functions of x / sqrt(t).

Carslaw and Jaeger, Conduction of heat in solids, 2nd ed. (1959), chapter XI, treat the one- and two-phase cases; all
constants here are found by solving the heat balances at the fronts anew, not taken from a table.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.optimize import brentq, fsolve
from scipy.special import erf, erfc

F8 = NDArray[np.float64]
ROOT_PI = math.sqrt(math.pi)


@dataclass(frozen=True)
class Melt:
    """A metal with one melting point: solid and liquid conductivity and specific heat, density, latent heat."""

    k_solid: float
    k_liquid: float
    c_solid: float
    c_liquid: float
    density: float
    latent: float
    melting: float

    @property
    def a_solid(self) -> float:
        return self.k_solid / (self.density * self.c_solid)

    @property
    def a_liquid(self) -> float:
        return self.k_liquid / (self.density * self.c_liquid)


@dataclass(frozen=True)
class Front:
    """A front at 2 lam sqrt(a t), and the temperature over x / sqrt(t)."""

    lam: float
    a: float
    wall: float
    heat: float
    profile: Callable[[F8], F8]

    def at(self, t: float) -> float:
        return 2.0 * self.lam * math.sqrt(self.a * t)

    def when(self, x: F8) -> F8:
        return x**2 / (4.0 * self.lam**2 * self.a)


def stefan(ste: float) -> float:
    """Return lam of lam exp(lam^2) erf(lam) = Ste / sqrt(pi)."""
    return float(brentq(lambda x: x * math.exp(x * x) * math.erf(x) - ste / ROOT_PI, 1e-9, 3.0, xtol=1e-14))


def _balance(lam: float, melt: Melt, wall: float, initial: float) -> float:
    """Return the heat arriving at the front less that leaving it, times sqrt(t)."""
    a_s, a_l = melt.a_solid, melt.a_liquid
    leaving = melt.k_solid * (melt.melting - wall) * math.exp(-lam * lam) / (math.sqrt(a_s) * ROOT_PI * math.erf(lam))
    z = lam * math.sqrt(a_s / a_l)
    arriving = melt.k_liquid * (initial - melt.melting) * math.exp(-z * z) / (math.sqrt(a_l) * ROOT_PI * math.erfc(z))
    return leaving - arriving - melt.density * melt.latent * lam * math.sqrt(a_s)


def neumann(melt: Melt, wall: float, initial: float) -> Front:
    """Solve for a wall kept at one temperature; `heat` is what has left through it over sqrt(t) [J/(m2 s^1/2)]."""
    lam = float(brentq(_balance, 1e-4, 2.0, args=(melt, wall, initial), xtol=1e-14))
    return _front(lam, melt, wall, initial)


def _front(lam: float, melt: Melt, wall: float, initial: float) -> Front:
    a_s, a_l = melt.a_solid, melt.a_liquid

    def profile(x: F8) -> F8:
        solid = wall + (melt.melting - wall) * erf(x / (2.0 * math.sqrt(a_s))) / math.erf(lam)
        far = math.erfc(lam * math.sqrt(a_s / a_l))
        liquid = initial - (initial - melt.melting) * erfc(x / (2.0 * math.sqrt(a_l))) / far
        return np.where(x < 2.0 * lam * math.sqrt(a_s), solid, liquid)

    flux = melt.k_solid * (melt.melting - wall) / (math.sqrt(a_s) * ROOT_PI * math.erf(lam))
    return Front(lam, a_s, wall, 2.0 * flux, profile)


def contact_temperature(b_left: float, left: float, b_right: float, right: float) -> float:
    """Return the temperature of the plane where two half spaces meet, from their effusivities."""
    return (b_left * left + b_right * right) / (b_left + b_right)


def schwarz(melt: Melt, initial: float, mould_effusivity: float, mould: float) -> Front:
    """Solve for a half space of mould instead of a wall; the wall temperature is part of the solution."""
    b_s = math.sqrt(melt.k_solid * melt.density * melt.c_solid)

    def wall(lam: float) -> float:
        return contact_temperature(mould_effusivity, mould, b_s / math.erf(lam), melt.melting)

    lam = float(brentq(lambda x: _balance(x, melt, wall(x), initial), 1e-4, 2.0, xtol=1e-14))
    return _front(lam, melt, wall(lam), initial)


@dataclass(frozen=True)
class Mush:
    """Two fronts at 2 lam sqrt(a t), and the mean heat lost over sqrt(t)."""

    lam: tuple[float, float]
    a: float
    heat: float
    fraction: Callable[[F8], F8] | None = None
    temperature: Callable[[F8], F8] | None = None

    def at(self, t: float) -> tuple[float, float]:
        return tuple(2.0 * x * math.sqrt(self.a * t) for x in self.lam)  # type: ignore[return-value]


def mushy(
    k: tuple[float, float, float], c: float, density: float, latent: float, eutectic: float,
    ends: tuple[float, float], held: tuple[float, float],
) -> Mush:  # fmt: skip
    """Solve for a solid fraction linear in temperature, a share of the latent heat released at the solidus."""
    ks, km, kl = k
    (solidus, liquidus), (wall, initial) = ends, held
    c_mush = c + (1.0 - eutectic) * latent / (liquidus - solidus)
    a_s, a_m, a_l = ks / (density * c), km / (density * c_mush), kl / (density * c)

    def gaps(x: F8) -> list[float]:
        one, two = x
        m1, m2, l2 = one * math.sqrt(a_s / a_m), two * math.sqrt(a_s / a_m), two * math.sqrt(a_s / a_l)
        slope_s = ks * (solidus - wall) * math.exp(-one * one) / (math.sqrt(a_s) * math.erf(one))
        mush = km * (liquidus - solidus) / (math.sqrt(a_m) * (math.erf(m2) - math.erf(m1)))
        slope_l = kl * (initial - liquidus) * math.exp(-l2 * l2) / (math.sqrt(a_l) * math.erfc(l2))
        released = eutectic * density * latent * one * math.sqrt(a_s) * ROOT_PI
        scale = ks * (solidus - wall) / math.sqrt(a_s)
        return [
            (slope_s - mush * math.exp(-m1 * m1) - released) / scale,
            (mush * math.exp(-m2 * m2) - slope_l) / scale,
        ]

    one, two = fsolve(gaps, [0.3, 0.45], xtol=1e-13)
    heat = 2.0 * ks * (solidus - wall) / (math.sqrt(a_s) * ROOT_PI * math.erf(one))
    return Mush((float(one), float(two)), a_s, heat)


def tien_geiger(
    k: tuple[float, float, float], c: float, density: float, latent: float, at_solidus: float,
    ends: tuple[float, float], held: tuple[float, float],
) -> Mush:  # fmt: skip
    """Solve for a solid fraction linear in position from `at_solidus` at one front to 0 at the other.

    Source: R. H. Tien, G. E. Geiger, J. Heat Transfer 89 (1967) 230, as restated in the anchors; the equation of the
    mush is T'' + 2 (a_s/a_m) eta T' + 2 a_s rho L f / (k_m (lam2 - lam1)) = ... integrated numerically here. With no
    superheat the liquid takes no part.
    """
    ks, km, kl = k
    (solidus, liquidus), (wall, initial) = ends, held
    a_s, a_m, a_l = ks / (density * c), km / (density * c), kl / (density * c)

    def through(one: float, two: float) -> tuple[F8, F8, float, float]:
        # From the solidus front outward: slope there by the balance of heat with what is released at the front.
        slope_s = ks * (solidus - wall) * 2.0 / ROOT_PI * math.exp(-one * one) / math.erf(one)
        released = (1.0 - at_solidus) * density * latent * 2.0 * one * a_s
        source = 2.0 * a_s * density * latent * at_solidus / (km * (two - one))

        def change(eta: float, y: F8) -> list[float]:
            return [y[1], -2.0 * (a_s / a_m) * eta * y[1] - source * eta]

        start = [solidus, (slope_s - released) / km]
        eta = np.linspace(one, two, 401)
        got = solve_ivp(change, (one, two), start, t_eval=eta, rtol=1e-11, atol=1e-11)
        return eta, got.y[0], float(got.y[0, -1]), float(got.y[1, -1])

    def gaps(x: F8) -> list[float]:
        one, two = x
        _, _, end, slope = through(one, two)
        z = two * math.sqrt(a_s / a_l)
        beyond = kl * (initial - liquidus) * 2.0 / ROOT_PI * math.sqrt(a_s / a_l) * math.exp(-z * z) / math.erfc(z)
        scale = ks * (solidus - wall)
        return [(end - liquidus) / (liquidus - solidus), (km * slope - beyond) / scale]

    one, two = (float(v) for v in fsolve(gaps, [0.4, 0.62 if initial > liquidus else 0.7], xtol=1e-12))
    eta, over, _, _ = through(one, two)
    heat = 2.0 * ks * (solidus - wall) / (math.sqrt(a_s) * ROOT_PI * math.erf(one))
    share = at_solidus * (two - eta) / (two - one)
    return Mush(
        (one, two), a_s, heat,
        fraction=lambda kelvin: np.interp(kelvin, over, share),
        temperature=lambda at: np.interp(at, eta, over),
    )  # fmt: skip
