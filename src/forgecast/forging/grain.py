"""Grain size after dynamic recrystallisation, where its coefficients are given: none are shipped.

Avrami's form (JMAK): X = 1 - exp(-ln 2 ((e - e_c)/e_half)^k) with e_c = a_c d^n_c Z^m_c, e_half = a_h d^n_h Z^m_h, and
new grains of d = a_d Z^m_d, where Z = rate exp(Q/(R T)) is the Zener-Hollomon parameter (C. M. Sellars, J. A. Whiteman,
Met. Sci. 13 (1979) 187).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.forging.error import ForgingError
from forgecast.ground.texts import text
from forgecast.metal.flow_stress import GAS_CONSTANT

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Recrystallisation:
    """Coefficients of a metal, from its own measurements or a paper; grain sizes in metres, Z in 1/s.

    Parameters
    ----------
    grain : float
        Before forming, m.
    activation : float
        Q, J/mol.
    critical, half : (a, n, m)
        Strain at which it begins, and further strain to half of it: a d^n Z^m.
    exponent : float
        k.
    new_grain : (a, m)
        a Z^m, m.
    """

    grain: float
    activation: float
    critical: tuple[float, float, float]
    half: tuple[float, float, float]
    exponent: float
    new_grain: tuple[float, float]

    def __post_init__(self) -> None:
        """Check what was given."""
        if min(self.grain, self.activation, self.critical[0], self.half[0], self.exponent, self.new_grain[0]) <= 0.0:
            raise ForgingError(
                text("a coefficient of the recrystallisation is not above 0"),
                repair=text("give grain sizes in metres, Q in J/mol and strains as numbers"),
            )

    def after(
        self, done: FloatArray, grain: FloatArray, strain: FloatArray, step: FloatArray, rate: FloatArray,
        temperature: FloatArray,
    ) -> tuple[FloatArray, FloatArray]:  # fmt: skip
        """Return the share recrystallised and the mean grain size (m) after a step.

        Parameters
        ----------
        done, grain : (n,) array
            Before the step.
        strain, step : (n,) array
            Before the step, and what it adds.
        rate, temperature : (n,) array
            1/s, K.

        Notes
        -----
        Rate and temperature change on the way: the share goes on from where the present ones would have reached it
        (additivity).
        """
        log_z = np.log(np.maximum(rate, 1e-12)) + self.activation / (GAS_CONSTANT * temperature)
        first = self.critical[0] * self.grain ** self.critical[1] * np.exp(self.critical[2] * log_z)
        half = self.half[0] * self.grain ** self.half[1] * np.exp(self.half[2] * log_z)
        reached = half * (-np.log1p(-np.minimum(done, 1.0 - 1e-12)) / math.log(2.0)) ** (1.0 / self.exponent)
        beyond = np.maximum(strain + step - first, 0.0)
        further = np.minimum(step, beyond)
        now = -np.expm1(-math.log(2.0) * ((reached + further) / half) ** self.exponent)
        now = np.clip(np.maximum(now, done), 0.0, 1.0)
        fresh = self.new_grain[0] * np.exp(self.new_grain[1] * log_z)
        share = np.divide(now - done, 1.0 - done, out=np.zeros_like(done), where=done < 1.0)
        return np.asarray(now, dtype=np.float64), np.asarray(grain + share * (fresh - grain), dtype=np.float64)
