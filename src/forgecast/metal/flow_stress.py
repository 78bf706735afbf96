"""Flow stress of a metal over strain, strain rate and temperature, in the forms met in the field.

The convention of a form (what is added to strain and rate, in which unit the temperature enters) is part of its
coefficients: the same numbers under another convention are another metal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
ZERO_DEGC = 273.15
#: Gas constant, J/(mol K); exact by definition of the SI (2019).
GAS_CONSTANT = 8.31446261815324


class FlowStress(Protocol):
    """Stress at which a metal flows under one-dimensional tension or compression."""

    def stress(self, strain: ArrayLike, rate: ArrayLike, temperature: ArrayLike) -> FloatArray:
        """Return the flow stress, Pa, at strain (1), strain rate (1/s) and temperature (K); they broadcast."""
        ...

    def rate_slope(self, strain: ArrayLike, rate: ArrayLike, temperature: ArrayLike) -> FloatArray:
        """Return how the stress rises with the strain rate, Pa s."""
        ...


@dataclass(frozen=True, slots=True)
class HenselSpittel:
    """Flow stress by Hensel and Spittel.

    With e = strain + strain_shift, r = rate + rate_shift and T in °C:
    sigma = A exp(m1 T) e^m2 r^m3 exp(m4/e) (1+e)^(m5 T) (1+e)^m6 exp(m7 e) r^(m8 T) T^m9.

    Parameters
    ----------
    A : float
        Factor, Pa.
    m1 ... m9 : float
    strain_shift, rate_shift : float
        Added to the strain and to the rate (1/s): the convention of the source.

    Notes
    -----
    A. Hensel, T. Spittel, Kraft- und Arbeitsbedarf bildsamer Formgebungsverfahren, Leipzig 1978. Smooth softening only:
    the peak of dynamic recrystallisation cannot be followed.
    """

    A: float
    m1: float = 0.0
    m2: float = 0.0
    m3: float = 0.0
    m4: float = 0.0
    m5: float = 0.0
    m6: float = 0.0
    m7: float = 0.0
    m8: float = 0.0
    m9: float = 0.0
    strain_shift: float = 0.0
    rate_shift: float = 0.0

    def stress(self, strain: ArrayLike, rate: ArrayLike, temperature: ArrayLike) -> FloatArray:
        """Return the flow stress, Pa."""
        e = np.asarray(strain, dtype=np.float64) + self.strain_shift
        r = np.asarray(rate, dtype=np.float64) + self.rate_shift
        t = np.asarray(temperature, dtype=np.float64) - ZERO_DEGC
        # In logarithms: with coefficients such as A = 1e-26 and m9 = 11 the factors alone overflow.
        log = (
            math.log(self.A)
            + self.m1 * t
            + self.m2 * np.log(e)
            + (self.m3 + self.m8 * t) * np.log(r)
            + (self.m5 * t + self.m6) * np.log1p(e)
            + self.m7 * e
        )
        if self.m4 != 0.0:
            log = log + self.m4 / e
        if self.m9 != 0.0:
            log = log + self.m9 * np.log(t)
        return np.asarray(np.exp(log), dtype=np.float64)

    def rate_slope(self, strain: ArrayLike, rate: ArrayLike, temperature: ArrayLike) -> FloatArray:
        """Return how the stress rises with the strain rate, Pa s."""
        r = np.asarray(rate, dtype=np.float64) + self.rate_shift
        t = np.asarray(temperature, dtype=np.float64) - ZERO_DEGC
        return np.asarray(self.stress(strain, rate, temperature) * (self.m3 + self.m8 * t) / r, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class MaukGottschling:
    """Flow stress by Mauk and Gottschling.

    With e = strain + strain_shift, r = rate + rate_shift and T in °C:
    sigma = k exp(m1 T) r^(m2 + m5 T) e^m3 exp(m4 e).

    Parameters
    ----------
    k : float
        Factor, Pa.
    m1 ... m5 : float
    strain_shift, rate_shift : float
        Added to the strain and to the rate (1/s).
    """

    k: float
    m1: float
    m2: float
    m3: float
    m4: float
    m5: float
    strain_shift: float = 0.0
    rate_shift: float = 0.0

    def stress(self, strain: ArrayLike, rate: ArrayLike, temperature: ArrayLike) -> FloatArray:
        """Return the flow stress, Pa."""
        e = np.asarray(strain, dtype=np.float64) + self.strain_shift
        r = np.asarray(rate, dtype=np.float64) + self.rate_shift
        t = np.asarray(temperature, dtype=np.float64) - ZERO_DEGC
        log = self.m1 * t + (self.m2 + self.m5 * t) * np.log(r) + self.m3 * np.log(e) + self.m4 * e
        return np.asarray(self.k * np.exp(log), dtype=np.float64)

    def rate_slope(self, strain: ArrayLike, rate: ArrayLike, temperature: ArrayLike) -> FloatArray:
        """Return how the stress rises with the strain rate, Pa s."""
        r = np.asarray(rate, dtype=np.float64) + self.rate_shift
        t = np.asarray(temperature, dtype=np.float64) - ZERO_DEGC
        return np.asarray(self.stress(strain, rate, temperature) * (self.m2 + self.m5 * t) / r, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class SellarsTegart:
    """Steady flow stress by Sellars and Tegart; it knows no strain.

    sigma = (1/alpha) asinh((Z/A)^(1/n)) with the Zener-Hollomon parameter Z = rate exp(Q / (R T)).

    Parameters
    ----------
    alpha : float
        1/Pa.
    n : float
    activation : float
        Q, J/mol.
    log_A : float
        Natural logarithm of A in 1/s.

    Notes
    -----
    C. M. Sellars, W. J. McG. Tegart, Mem. Sci. Rev. Met. 63 (1966) 731.
    """

    alpha: float
    n: float
    activation: float
    log_A: float

    def stress(self, strain: ArrayLike, rate: ArrayLike, temperature: ArrayLike) -> FloatArray:
        """Return the flow stress, Pa; the strain only gives its shape."""
        x = self._root(strain, rate, temperature)
        return np.asarray(np.arcsinh(x) / self.alpha, dtype=np.float64)

    def rate_slope(self, strain: ArrayLike, rate: ArrayLike, temperature: ArrayLike) -> FloatArray:
        """Return how the stress rises with the strain rate, Pa s."""
        x = self._root(strain, rate, temperature)
        r = np.asarray(rate, dtype=np.float64)
        # Towards rate zero the slope grows without bound for n > 1; whoever calls at rate zero gets that answer.
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = x / (self.n * r * self.alpha * np.hypot(1.0, x))
        return np.asarray(slope, dtype=np.float64)

    def _root(self, strain: ArrayLike, rate: ArrayLike, temperature: ArrayLike) -> FloatArray:
        r, t = np.asarray(rate, dtype=np.float64), np.asarray(temperature, dtype=np.float64)
        with np.errstate(divide="ignore"):
            log_z = np.log(r) + self.activation / (GAS_CONSTANT * t) - self.log_A
        return np.asarray(np.exp(log_z / self.n) + 0.0 * np.asarray(strain), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class FlowTable:
    """Flow stress between measured values: linear in strain and temperature, linear in its logarithm over log rate.

    Parameters
    ----------
    strain : (n,) array
        Ascending.
    rate : (m,) array
        1/s, ascending, above 0.
    temperature : (k,) array
        K, ascending.
    values : (n, m, k) array
        Pa, above 0.

    Notes
    -----
    Beyond the ends of an axis the nearest value holds; `Validity.outside` tells where that was.
    """

    strain: FloatArray
    rate: FloatArray
    temperature: FloatArray
    values: FloatArray

    def stress(self, strain: ArrayLike, rate: ArrayLike, temperature: ArrayLike) -> FloatArray:
        """Return the flow stress, Pa."""
        return self._between(strain, rate, temperature)[0]

    def rate_slope(self, strain: ArrayLike, rate: ArrayLike, temperature: ArrayLike) -> FloatArray:
        """Return how the stress rises with the strain rate, Pa s; 0 beyond the ends."""
        return self._between(strain, rate, temperature)[1]

    def _between(self, strain: ArrayLike, rate: ArrayLike, temperature: ArrayLike) -> tuple[FloatArray, FloatArray]:
        e, r, t = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (strain, rate, temperature)))
        low_e, part_e = _cell(self.strain, e)
        log_rate = np.log(self.rate)
        with np.errstate(divide="ignore"):
            asked = np.log(r)
        low_r, part_r = _cell(log_rate, asked)
        low_t, part_t = _cell(self.temperature, t)
        high_e, high_r, high_t = (_next(x, low) for x, low in ((self.strain, low_e), (self.rate, low_r),
                                                               (self.temperature, low_t)))  # fmt: skip
        ends = []
        for at in (low_r, high_r):
            cold = (1 - part_e) * self.values[low_e, at, low_t] + part_e * self.values[high_e, at, low_t]
            hot = (1 - part_e) * self.values[low_e, at, high_t] + part_e * self.values[high_e, at, high_t]
            ends.append(np.log((1 - part_t) * cold + part_t * hot))
        stress = np.exp((1 - part_r) * ends[0] + part_r * ends[1])
        width = np.where(high_r > low_r, log_rate[high_r] - log_rate[low_r], 1.0)
        inside = (asked >= log_rate[0]) & (asked <= log_rate[-1])
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = np.where(inside, stress * (ends[1] - ends[0]) / (width * r), 0.0)
        return np.asarray(stress, dtype=np.float64), np.asarray(slope, dtype=np.float64)


def _cell(axis: FloatArray, at: FloatArray) -> tuple[NDArray[np.intp], FloatArray]:
    """Return the lower knot of the cell of each value and its part of the way through it, 0 to 1."""
    if axis.size == 1:
        return np.zeros(at.shape, dtype=np.intp), np.zeros(at.shape)
    low = np.clip(np.searchsorted(axis, at, side="right") - 1, 0, axis.size - 2)
    return low, np.clip((at - axis[low]) / (axis[low + 1] - axis[low]), 0.0, 1.0)


def _next(axis: FloatArray, low: NDArray[np.intp]) -> NDArray[np.intp]:
    return np.minimum(low + 1, axis.size - 1)


@dataclass(frozen=True, slots=True)
class Validity:
    """Where coefficients were measured: strain (1), strain rate (1/s), temperature (K); NaN where the source says none.

    Parameters
    ----------
    strain, rate, temperature : (float, float)
        Lowest and highest value.
    """

    strain: tuple[float, float]
    rate: tuple[float, float]
    temperature: tuple[float, float]

    @property
    def known(self) -> bool:
        """Whether the source says all of it."""
        return not any(math.isnan(end) for ends in (self.strain, self.rate, self.temperature) for end in ends)

    def outside(self, strain: ArrayLike, rate: ArrayLike, temperature: ArrayLike) -> dict[str, NDArray[np.bool_]]:
        """Return, by quantity, where a state lies outside; an end that is not known excludes nothing.

        Parameters
        ----------
        strain, rate, temperature : array_like
            1, 1/s, K.

        Returns
        -------
        dict of str to bool array
            Keys ``strain``, ``rate`` and ``temperature``.
        """
        asked = {
            "strain": (strain, self.strain),
            "rate": (rate, self.rate),
            "temperature": (temperature, self.temperature),
        }
        found = {}
        for name, (values, (low, high)) in asked.items():
            x = np.asarray(values, dtype=np.float64)
            found[name] = np.asarray((x < low) | (x > high))  # comparisons with NaN are false
        return found
