"""Learning a recovery from past heats, and the fading of magnesium from samples of a ladle."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

from forgecast.ground.texts import text
from forgecast.melting.error import MeltingError
from forgecast.melting.material import FloatArray, Recovery

#: A heat whose residual lies beyond this many standard deviations is named as not fitting.
ODD = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class LearntRecovery:
    """A recovery of an element from a kind of addition, learnt from heats.

    Parameters
    ----------
    mean, uncertainty : float
        Of the mean recovery [1].
    scatter : float
        Standard deviation from heat to heat [1].
    next_spread : float
        Standard deviation of the recovery of the next heat, both together [1].
    heats : int
        Heats used.
    left_out : int
        Heats without one of the numbers.
    odd : tuple of int
        Positions of heats whose residual exceeds `ODD` standard deviations; they are used all the same.
    """

    mean: float
    uncertainty: float
    scatter: float
    next_spread: float
    heats: int
    left_out: int
    odd: tuple[int, ...]

    def as_recovery(self, kind: str, element: str) -> Recovery:
        """Return the recovery for the next charge or correction."""
        return Recovery(kind, element, self.mean, self.next_spread, "own")


def learn_recovery(
    added: ArrayLike, gained: ArrayLike, noise: ArrayLike, *, prior: Recovery | None = None
) -> LearntRecovery:
    """Return the recovery that past additions show.

    Parameters
    ----------
    added : (n,) array
        Mass of the element in what was added [kg].
    gained : (n,) array
        Mass of the element gained by the bath: after less before, from two samples and the bath's mass [kg].
    noise : (n,) array
        Standard deviation of the gain, from the spectrometer and the bath's mass [kg].
    prior : Recovery or None
        What is believed beforehand; None for nothing. An unverified one is no belief and is left aside.

    Raises
    ------
    MeltingError
        If fewer than two heats have all numbers and there is no prior, or an addition or a noise is not above 0.

    Notes
    -----
    Model: g = r a + e with e ~ N(0, noise2) and r ~ N(m, s2) from heat to heat. For given s the mean is the weighted
    one with the weights 1 / (s2 + (noise / a)2), joined with the prior by its own weight; s maximises the restricted
    likelihood. (Random-effects mean; the conjugate normal posterior for known s.) Uncertainties hold for a known s.
    """
    a, g, u = (np.asarray(v, dtype=np.float64).ravel() for v in (added, gained, noise))
    there = np.isfinite(a) & np.isfinite(g) & np.isfinite(u)
    if np.any((a[there] <= 0.0) | (u[there] <= 0.0)):
        raise MeltingError(
            text("an addition or its uncertainty is not above 0"),
            repair=text("leave heats without an addition out; take the uncertainty from the spectrometer"),
        )
    used = int(there.sum())
    belief = prior if prior is not None and prior.usable and prior.spread > 0.0 else None
    if used < 2 and belief is None:
        raise MeltingError(
            text("{heats} heats tell nothing of a recovery and its scatter", heats=used),
            repair=text("give at least two heats, or a recovery that was read or measured"),
        )
    ratio, error = g[there] / a[there], u[there] / a[there]
    scatter = _scatter(ratio, error) if used >= 2 else 0.0
    if used < 2 and belief is not None:
        scatter = belief.spread  # one heat tells no scatter: the believed one is kept
    weight = 1.0 / (scatter**2 + error**2)
    total, summed = float(weight.sum()), float(weight @ ratio)
    if belief is not None:
        total, summed = total + belief.spread**-2, summed + belief.mean * belief.spread**-2
    mean, uncertainty = summed / total, total**-0.5
    standard = (ratio - mean) * np.sqrt(weight)
    odd = np.flatnonzero(there)[np.abs(standard) > ODD]
    return LearntRecovery(
        mean,
        uncertainty,
        scatter,
        math.hypot(uncertainty, scatter),
        used,
        int((~there).sum()),
        tuple(int(i) for i in odd),
    )


def _scatter(ratio: FloatArray, error: FloatArray) -> float:
    """Return the scatter that maximises the restricted likelihood; 0 where the noise explains all."""

    def unlikely(scatter: float) -> float:
        variance = scatter**2 + error**2
        weight = 1.0 / variance
        mean = float(weight @ ratio) / float(weight.sum())
        return float(np.log(variance).sum() + math.log(weight.sum()) + (weight * (ratio - mean) ** 2).sum())

    widest = max(float(np.ptp(ratio)), 1e-12)
    found = scipy.optimize.minimize_scalar(
        unlikely, bounds=(0.0, widest), method="bounded", options={"xatol": 1e-6 * widest}
    )
    return 0.0 if unlikely(0.0) <= float(found.fun) else float(found.x)


@dataclass(frozen=True, slots=True, eq=False)
class Fade:
    """The exponential fading of an element on holding.

    Parameters
    ----------
    rate, rate_uncertainty : float
        Rate k and its standard deviation [1/s].
    starts, start_uncertainties : (ladles,) float64 array
        Content of each ladle at its time 0 [1].
    ladles : tuple of str
    covariance : (1 + ladles, 1 + ladles) float64 array
        Of the rate and the starts.
    fit : float
        Probability of a fit as bad as this or worse by the stated uncertainties alone; small: not exponential, or the
        uncertainties are stated too small. NaN where nothing is left to judge by.
    """

    rate: float
    rate_uncertainty: float
    starts: FloatArray
    start_uncertainties: FloatArray
    ladles: tuple[str, ...]
    covariance: FloatArray
    fit: float

    def content(self, ladle: str, time: float) -> tuple[float, float]:
        """Return content and standard deviation [1] of a ladle after a time [s]."""
        at = self.ladles.index(ladle)
        value = float(self.starts[at]) * math.exp(-self.rate * time)
        slope = np.zeros(1 + len(self.ladles))
        slope[0], slope[1 + at] = -time * value, math.exp(-self.rate * time)
        return value, math.sqrt(float(slope @ self.covariance @ slope))

    def kept(self, time: float) -> tuple[float, float]:
        """Return the share kept after a time and its standard deviation [1]: a recovery for the bath."""
        share = math.exp(-self.rate * time)
        return share, share * time * self.rate_uncertainty

    def pour_before(self, ladle: str, lowest: float, *, confidence: float = 0.95) -> float:
        """Return the time up to which a ladle holds at least a content with a probability [s].

        Parameters
        ----------
        ladle : str
        lowest : float
            Least content [1].
        confidence : float

        Returns
        -------
        float
            0 where it does not hold even at the start; infinity where the rate may be zero or less.
        """
        z = float(scipy.special.ndtri(confidence))

        def margin(time: float) -> float:
            value, spread = self.content(ladle, time)
            return value - z * spread - lowest

        if margin(0.0) < 0.0:
            return 0.0
        if self.rate <= 0.0:
            return math.inf
        low, high = 0.0, 1.0 / self.rate
        while margin(high) >= 0.0:
            low, high = high, 2.0 * high
            if high > 1e3 / self.rate:
                return math.inf
        for _ in range(60):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if margin(middle) >= 0.0 else (low, middle)
        return low


def fit_fade(times: ArrayLike, contents: ArrayLike, uncertainties: ArrayLike, ladles: Sequence[str]) -> Fade:
    """Return one rate of fading for ladles of one kind, each with its own start.

    Parameters
    ----------
    times : (n,) array
        Since the treatment [s].
    contents, uncertainties : (n,) array
        Mass fraction of magnesium of each sample and its standard deviation [1].
    ladles : (n,) sequence of str

    Raises
    ------
    MeltingError
        If a number is missing or not above 0, or no ladle has two samples at different times.

    Notes
    -----
    Equation: w(t) = w0 exp(−k t), fitted to the contents themselves by weighted least squares (their logarithms would
    be biased at low contents). The measured content is the total one, dissolved and as inclusions; slag separation
    makes the start of the curve steeper than an exponential, which `Fade.fit` shows.
    """
    t, w, u = (np.asarray(v, dtype=np.float64).ravel() for v in (times, contents, uncertainties))
    sound = t.size == len(ladles) and np.all(np.isfinite(t) & np.isfinite(w) & np.isfinite(u)) and np.all(w > 0.0)
    names = tuple(dict.fromkeys(ladles))
    which = np.array([names.index(name) for name in ladles], dtype=np.int64)
    if not sound or np.any(u <= 0.0) or all(np.ptp(t[which == i]) == 0.0 for i in range(len(names))):
        raise MeltingError(
            text("these samples tell no rate of fading"),
            repair=text("give times, contents above 0 and their uncertainties, and two times of at least one ladle"),
        )
    first = np.array([np.log(w[which == i]).mean() for i in range(len(names))])
    centred = t - np.array([t[which == i].mean() for i in range(len(names))])[which]
    slope = -float(centred @ np.log(w)) / float(centred @ centred)
    starts = np.exp(first + slope * np.array([t[which == i].mean() for i in range(len(names))]))
    scale = max(float(np.ptp(t)), 1.0)

    def off(p: FloatArray) -> FloatArray:
        return np.asarray((np.exp(p[1:][which] - p[0] * t / scale) - w) / u)

    found = scipy.optimize.least_squares(
        off, np.concatenate([[slope * scale], np.log(starts)]), method="lm", xtol=1e-12, ftol=1e-12
    )
    inner = np.linalg.inv(found.jac.T @ found.jac)
    starts = np.exp(found.x[1:])
    unit = np.concatenate([[1.0 / scale], starts])
    covariance = inner * np.outer(unit, unit)
    free = t.size - len(found.x)
    fit = float(scipy.special.gammaincc(free / 2.0, float(found.cost))) if free > 0 else math.nan
    deviation = np.sqrt(np.diag(covariance))
    return Fade(float(found.x[0]) / scale, float(deviation[0]), starts, deviation[1:], names, covariance, fit)
