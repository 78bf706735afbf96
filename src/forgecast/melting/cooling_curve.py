"""Thermal analysis: arrests, undercooling and recalescence of a cooling curve, and its solid fraction."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

from forgecast.ground.texts import Text, text
from forgecast.melting.error import MeltingError
from forgecast.melting.material import FloatArray
from forgecast.melting.smoothing import Smoothed, smooth_rate

#: A peak of the rate counts where it stands out by this many standard deviations of the rate's noise.
STANDS_OUT = 6.0
#: And by this share of the cooling rate of the liquid, so that a curve without noise has no more peaks than another.
STANDS_OUT_SHARE = 0.05
#: Share of the largest arrest's area below which a later arrest is a minor phase and not the eutectic.
LARGE = 1.0 / 3.0


@dataclass(frozen=True, slots=True)
class Point:
    """A place on a curve.

    Parameters
    ----------
    time : float
        [s]
    temperature, rate : float
        [K], [K/s]
    rate_bias : float
        What smoothing adds to the rate there [K/s].
    """

    time: float
    temperature: float
    rate: float
    rate_bias: float


@dataclass(frozen=True, slots=True)
class Arrest:
    """A stretch on which latent heat holds the cooling up.

    Parameters
    ----------
    start : Point
        Where the rate is lowest before it rises: nucleation.
    low, high : Point
        Lowest point before and highest after recalescence; both the corner where cooling slows down if the
        temperature does not rise.
    fastest : Point
        Where the rate is highest: fastest recalescence or slowest cooling.
    """

    start: Point
    low: Point
    high: Point
    fastest: Point

    @property
    def recalescence(self) -> float:
        """Return the rise of temperature after the lowest point [K]."""
        return self.high.temperature - self.low.temperature

    @property
    def recalescence_time(self) -> float:
        """Return how long the temperature rises [s]."""
        return self.high.time - self.low.time


@dataclass(frozen=True, slots=True, eq=False)
class CurveFeatures:
    """What a cooling curve shows.

    Parameters
    ----------
    peak : Point
        Hottest point after filling.
    liquidus : Arrest or None
        First arrest; its ``high.temperature`` is TL. None where the alloy freezes in one arrest.
    eutectic : Arrest or None
        Last large arrest: ``low`` is TElow, ``high`` TEhigh.
    end : Point or None
        Dip of the rate where freezing ends: TS.
    temperature_uncertainty : float
        Standard deviation of a temperature read from the smoothed curve [K]; the thermocouple's own is not in it.
    smoothed : Smoothed
    missing : tuple of Text
        Why a feature is not there.
    """

    peak: Point
    liquidus: Arrest | None
    eutectic: Arrest | None
    end: Point | None
    temperature_uncertainty: float
    smoothed: Smoothed
    missing: tuple[Text, ...]


def curve_features(time: ArrayLike, temperature: ArrayLike, *, window: float = 5.0) -> CurveFeatures:
    """Return the arrests of a cooling curve.

    Parameters
    ----------
    time : (n,) array
        [s]
    temperature : (n,) array
        [K]
    window : float
        Width of smoothing [s]; arrests much shorter than it are flattened (`forgecast.melting.smoothing.rate_gain`).

    Raises
    ------
    MeltingError
        If the curve cannot be smoothed with the window.

    Notes
    -----
    An arrest is a peak of dT/dt that stands out of the noise (`STANDS_OUT`). The eutectic is the last arrest that has
    at least `LARGE` of the area of the largest (later ones are minor phases); the liquidus is the first one before it.
    TElow and TEhigh are the extremes of the temperature on both sides of the eutectic's peak where dT/dt is positive
    there. The end of freezing is the deepest dip after the eutectic. A sharp extremum is flattened by the window.
    """
    curve = smooth_rate(time, temperature, window=window)
    inside = slice(curve.half, curve.time.size - curve.half)
    first = inside.start + int(np.argmax(curve.temperature[inside]))
    rate = curve.rate[first : inside.stop]
    cooling = -float(np.percentile(rate, 2))
    prominence = max(STANDS_OUT * curve.rate_noise, STANDS_OUT_SHARE * cooling)
    peaks, _ = scipy.signal.find_peaks(rate, prominence=prominence)
    dips, _ = scipy.signal.find_peaks(-rate, prominence=prominence)
    missing: list[Text] = []
    arrests = [_arrest(curve, first, rate, int(p), dips) for p in peaks]
    if not arrests:
        missing.append(text("the curve shows no arrest above its noise"))
        return CurveFeatures(
            _point(curve, first), None, None, None, curve.temperature_noise, curve, tuple(missing)
        )  # fmt: skip
    areas = np.array([_area(rate, int(p), dips) for p in peaks])
    main = int(np.flatnonzero(areas >= LARGE * areas.max())[-1])
    liquidus = arrests[0] if main > 0 else None
    if liquidus is None:
        missing.append(text("the curve shows one arrest only: no liquidus apart from the eutectic"))
    after = dips[dips > peaks[main]]
    end = _point(curve, first + int(after[np.argmin(rate[after])])) if after.size else None
    if end is None:
        missing.append(text("the curve ends before the end of freezing shows"))
    return CurveFeatures(
        _point(curve, first), liquidus, arrests[main], end, curve.temperature_noise, curve, tuple(missing)
    )


def _area(rate: FloatArray, peak: int, dips: np.ndarray) -> float:
    """Return the area of a peak over the line between the dips beside it: a measure of its latent heat."""
    before, after = dips[dips < peak], dips[dips > peak]
    start, stop = int(before[-1]) if before.size else 0, int(after[0]) if after.size else rate.size - 1
    part = rate[start : stop + 1]
    return float(np.sum(part - np.linspace(part[0], part[-1], part.size)))


def _arrest(curve: Smoothed, first: int, rate: FloatArray, peak: int, dips: np.ndarray) -> Arrest:
    before, after = dips[dips < peak], dips[dips > peak]
    start = int(before[-1]) if before.size else 0
    stop = int(after[0]) if after.size else rate.size - 1
    top = _point(curve, first + peak)
    nucleation = _point(curve, first + start)
    if rate[peak] <= 2.0 * curve.rate_noise:
        corner = _corner(curve, first + start, first + peak)
        return Arrest(nucleation, corner, corner, top)
    heights = curve.temperature[first : first + rate.size]
    low = start + int(np.argmin(heights[start : peak + 1]))
    high = peak + int(np.argmax(heights[peak : stop + 1]))
    return Arrest(nucleation, _point(curve, first + low), _point(curve, first + high), top)


def _corner(curve: Smoothed, start: int, peak: int) -> Point:
    """Return where cooling slows down: the middle of the step of the rate, on the straight line of the slow part.

    The peak itself lies up to half a window late, and later the more noise there is; the middle of a step does not move
    under a symmetric window.
    """
    inner = np.arange(max(start, curve.half), min(peak, curve.time.size - 1 - curve.half) + 1)
    at = int(inner[np.argmax(curve.rate[inner + curve.half] - curve.rate[inner - curve.half])])
    free = at + curve.half  # the first place whose window does not hold the corner
    slow = float(curve.rate[free])
    temperature = float(curve.temperature[free]) - slow * curve.half * curve.step
    return Point(float(curve.time[at]), temperature, slow, float(curve.rate_bias[free]))


def _point(curve: Smoothed, at: int) -> Point:
    return Point(float(curve.time[at]), float(curve.temperature[at]), float(curve.rate[at]), float(curve.rate_bias[at]))


@dataclass(frozen=True, slots=True, eq=False)
class SolidFraction:
    """The solid fraction over time by Newton's baseline.

    Parameters
    ----------
    time, fraction : (n,) float64 array
        [s], [1]; from the start to the end of freezing.
    baseline : (n,) float64 array
        Rate the sample would have without latent heat [K/s].
    latent_over_capacity : float
        Latent heat over the liquid's heat capacity L / c [K].
    liquid_rate, solid_rate : float
        Cooling constants h A / (m c) of the liquid and of the solid [1/s].
    """

    time: FloatArray
    fraction: FloatArray
    baseline: FloatArray
    latent_over_capacity: float
    liquid_rate: float
    solid_rate: float


def newtonian_fraction(
    curve: Smoothed, *, start: float, end: float, surroundings: float, margin: float = 0.0
) -> SolidFraction:
    """Return the solid fraction between the start and the end of freezing.

    Parameters
    ----------
    curve : Smoothed
    start, end : float
        Times between which the sample freezes [s]; the curve before and after is single-phase.
    surroundings : float
        Temperature that the sample cools towards [K]; of a sand cup that heats up, the one that fits.
    margin : float
        Time left out beside both [s], at least half a window of smoothing.

    Raises
    ------
    MeltingError
        If one of the single-phase stretches holds fewer than five samples, or the sample is not above its surroundings.

    Notes
    -----
    m c dT/dt = −h A (T − T∞) + m L dfs/dt with c = (1 − fs) c_l + fs c_s. With k = h A / (m c), found on the liquid and
    the solid stretch, dfs/dt ∝ (dT/dt) / k + T − T∞ and 1/k is linear in fs: integrated and scaled to end at 1, again
    until it settles. Validity: one temperature in the sample, a steady h, surroundings of steady temperature.
    """
    keep = max(margin, 0.5 * curve.step)
    inner = np.zeros(curve.time.size, dtype=bool)
    inner[curve.half : curve.time.size - curve.half] = True
    hottest = float(curve.time[int(np.argmax(np.where(inner, curve.temperature, -np.inf)))])
    liquid = inner & (curve.time < start - keep) & (curve.time > hottest)
    solid = inner & (curve.time > end + keep)
    if liquid.sum() < 5 or solid.sum() < 5:
        raise MeltingError(
            text("too little of the curve is wholly liquid or wholly solid"),
            repair=text("record from the hottest point until well after freezing, or smooth over a shorter window"),
        )
    above = curve.temperature - surroundings
    if np.any(above[liquid | solid] <= 0.0):
        raise MeltingError(
            text("the sample is not hotter than its surroundings"),
            repair=text("give the surroundings' temperature in kelvin"),
        )
    k_liquid, k_solid = (
        -float(above[part] @ curve.rate[part]) / float(above[part] @ above[part]) for part in (liquid, solid)
    )
    during = (curve.time >= start) & (curve.time <= end)
    time, rate, over = curve.time[during], curve.rate[during], above[during]
    fraction = np.linspace(0.0, 1.0, time.size)
    total = math.nan
    for _ in range(50):
        inverse = (1.0 - fraction) / k_liquid + fraction / k_solid
        heat = rate * inverse + over
        summed = np.concatenate([[0.0], np.cumsum(0.5 * (heat[1:] + heat[:-1]) * np.diff(time))])
        total = float(summed[-1])
        settled = np.max(np.abs(summed / total - fraction)) < 1e-10
        fraction = summed / total
        if settled:
            break
    baseline = -over / ((1.0 - fraction) / k_liquid + fraction / k_solid)
    return SolidFraction(time, fraction, baseline, k_liquid * total, k_liquid, k_solid)
