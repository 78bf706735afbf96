"""A property over temperature: linear between knots, known between its ends and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.ground.texts import text
from forgecast.metal.error import MaterialError

Floats = NDArray[np.float64]

ZERO_DEGC = 273.15


@dataclass(frozen=True, slots=True)
class Curve:
    """Values over temperature, linear between knots.

    Parameters
    ----------
    temperature : (n,) float64
        Knots [K], never falling; two equal ones mark a jump.
    value : (n,) float64
        In SI units.
    where : str
        File or table the knots stand in, for errors.

    Raises
    ------
    MaterialError
        If there is no knot, a number is not finite, the lengths differ, or the temperatures fall.
    """

    temperature: Floats
    value: Floats
    where: str = ""

    def __post_init__(self) -> None:
        t, v = self.temperature, self.value
        if t.ndim != 1 or t.size == 0 or t.shape != v.shape or not (np.isfinite(t).all() and np.isfinite(v).all()):
            raise MaterialError(
                text("the curve needs as many temperatures as values, all of them numbers, and at least one"),
                where=self.where,
                repair=text("give each row a temperature and a value"),
            )
        if (np.diff(t) < 0.0).any():
            raise MaterialError(
                text("the temperatures of the curve fall"),
                where=self.where,
                repair=text("sort its rows by temperature"),
            )

    @property
    def low(self) -> float:
        """Return the lowest temperature known [K]."""
        return float(self.temperature[0])

    @property
    def high(self) -> float:
        """Return the highest temperature known [K]."""
        return float(self.temperature[-1])

    def at(self, temperature: ArrayLike) -> Floats:
        """Return the values at temperatures [K]; at a jump, its upper side.

        Raises
        ------
        MaterialError
            If a temperature lies outside the knots: nothing is extrapolated.
        """
        asked = np.asarray(temperature, dtype=np.float64)
        if asked.size and (asked.min() < self.low or asked.max() > self.high):
            raise MaterialError(
                text(
                    "the table covers {low} to {high} °C, and {asked_low} to {asked_high} °C is asked for",
                    low=degC(self.low),
                    high=degC(self.high),
                    asked_low=degC(float(asked.min())),
                    asked_high=degC(float(asked.max())),
                ),
                where=self.where,
                repair=text("add rows up to that temperature; nothing is extrapolated"),
            )
        return self.sided(asked, upper=True)

    def sided(self, temperature: ArrayLike, *, upper: bool) -> Floats:
        """Return the values just above (`upper`) or just below temperatures [K]; constant beyond the ends."""
        asked = np.asarray(temperature, dtype=np.float64)
        t, v = self.temperature, self.value
        if t.size == 1:
            return np.full(asked.shape, v[0])
        right = np.clip(np.searchsorted(t, asked, side="right" if upper else "left"), 1, t.size - 1)
        left = right - 1
        span = t[right] - t[left]
        share = np.where(span > 0.0, (asked - t[left]) / np.where(span > 0.0, span, 1.0), 1.0 if upper else 0.0)
        inner = v[left] + np.clip(share, 0.0, 1.0) * (v[right] - v[left])
        # Beyond an end that is a jump, its outer side.
        got: Floats = np.where(asked < t[0], v[0], np.where(asked > t[-1], v[-1], inner))
        return got


def degC(kelvin: float) -> str:
    """Return a temperature [K] as a reader of foundry tables knows it, in degC with at most two decimals."""
    return f"{kelvin - ZERO_DEGC:.2f}".rstrip("0").rstrip(".")
