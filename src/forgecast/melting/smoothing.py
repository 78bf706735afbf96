"""Rates of a sampled curve by local polynomials, with the noise they keep and the bias they add."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

from forgecast.ground.texts import text
from forgecast.melting.error import MeltingError
from forgecast.melting.material import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Smoothed:
    """A curve on equal time steps with its smoothed value and rate.

    Parameters
    ----------
    time : (n,) float64 array
        [s]
    temperature, rate : (n,) float64 array
        Smoothed temperature [K] and its rate [K/s].
    rate_bias : (n,) float64 array
        Estimate of what smoothing itself adds to the rate [K/s]; NaN within half a window of the ends.
    noise : float
        Standard deviation of the readings [K], from the curve itself.
    rate_noise, temperature_noise : float
        Standard deviation that noise leaves in the rate [K/s] and in the smoothed temperature [K].
    half : int
        Samples on either side that a value looks at.
    """

    time: FloatArray
    temperature: FloatArray
    rate: FloatArray
    rate_bias: FloatArray
    noise: float
    rate_noise: float
    temperature_noise: float
    half: int

    @property
    def step(self) -> float:
        """Return the time between samples [s]."""
        return float(self.time[1] - self.time[0])


def smooth_rate(time: ArrayLike, temperature: ArrayLike, *, window: float) -> Smoothed:
    """Return a curve's smoothed temperature and rate and how far smoothing bends them.

    Parameters
    ----------
    time : (n,) array
        Strictly rising [s].
    temperature : (n,) array
        [K]
    window : float
        Whole width of the local polynomial [s]; wider is calmer and flatter.

    Raises
    ------
    MeltingError
        If the curve is shorter than three windows, the window holds fewer than nine samples, or a number is missing.

    Notes
    -----
    A quadratic is fitted to 2m + 1 equal steps h around each sample (Savitzky and Golay); its slope is
    Σ k T_k / (h Σ k2), which on a smooth curve is wrong by T''' h2 β(m) / 6 with β(m) = (3 m2 + 3 m − 1) / 5, to the
    next order. The same with a window of half the width gives a second value, and the difference of both the bias: it
    is exact on cubics. The bias is shown and not taken off, for its own noise is larger than the rate's.
    Readings on unequal steps are put on equal ones of their median by straight lines.
    """
    t, raw = np.asarray(time, dtype=np.float64), np.asarray(temperature, dtype=np.float64)
    if t.ndim != 1 or t.shape != raw.shape or t.size < 9 or not np.all(np.isfinite(t) & np.isfinite(raw)):
        raise MeltingError(
            text("a cooling curve needs times and temperatures of one length, all of them numbers"),
            repair=text("leave missing readings out; the curve is joined over short gaps"),
        )
    if np.any(np.diff(t) <= 0.0):
        raise MeltingError(text("the times of the curve do not rise"), repair=text("sort the readings by their time"))
    step = float(np.median(np.diff(t)))
    even = t[0] + step * np.arange(int((t[-1] - t[0]) / step * (1.0 + 1e-12)) + 1)
    values = np.interp(even, t, raw)
    half = round(0.5 * window / step)
    narrow = half // 2
    if narrow < 2 or even.size < 6 * half:
        raise MeltingError(
            text(
                "a window of {window} s does not suit {count} readings every {step} s",
                window=window,
                count=t.size,
                step=step,
            ),
            where="window",
            repair=text("take a window of at least nine readings and at most a third of the curve"),
        )
    width = 2 * half + 1
    level = np.asarray(scipy.signal.savgol_filter(values, width, 2), dtype=np.float64)
    rate = np.asarray(scipy.signal.savgol_filter(values, width, 2, deriv=1, delta=step), dtype=np.float64)
    narrower = np.asarray(scipy.signal.savgol_filter(values, 2 * narrow + 1, 2, deriv=1, delta=step), dtype=np.float64)
    wide_beta, narrow_beta = _beta(half), _beta(narrow)
    bias = (rate - narrower) * wide_beta / (wide_beta - narrow_beta)
    bias[:half] = bias[-half:] = np.nan
    noise = _noise(values)
    squares = half * (half + 1) * (2 * half + 1) / 3.0
    return Smoothed(
        time=even,
        temperature=level,
        rate=rate,
        rate_bias=bias,
        noise=noise,
        rate_noise=noise / (step * math.sqrt(squares)),
        temperature_noise=noise * math.sqrt(_centre_weight(half)),
        half=half,
    )


def rate_gain(half: int, step: float, period: float) -> float:
    """Return the share of the rate of a sine wave that the smoothed rate keeps [1].

    Parameters
    ----------
    half : int
        Samples on either side.
    step, period : float
        [s]

    Notes
    -----
    Equation: G = Σ k sin(k ω h) / (ω h Σ k2), ω = 2π / period. A recalescence shorter than the window is flattened so.
    """
    k = np.arange(1, half + 1, dtype=np.float64)
    turn = 2.0 * math.pi * step / period
    return float((k * np.sin(k * turn)).sum() / (turn * (k * k).sum()))


def _beta(half: int) -> float:
    return (3.0 * half * half + 3.0 * half - 1.0) / 5.0


def _centre_weight(half: int) -> float:
    """Return the weight of a quadratic's centre, which is the share of the variance it keeps."""
    return 3.0 * (3.0 * half * half + 3.0 * half - 1.0) / ((2.0 * half - 1.0) * (2.0 * half + 1.0) * (2.0 * half + 3.0))


def _noise(values: FloatArray) -> float:
    """Return the noise of readings from their fourth differences, whose variance is 70 times that of white noise."""
    fourth = np.diff(values, 4)
    return 1.4826 * float(np.median(np.abs(fourth))) / math.sqrt(70.0)
