"""The envelope spectrum of a vibration: a band chosen by its kurtosis, its envelope, and the lines that stand out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

FloatArray: TypeAlias = NDArray[np.float64]

#: Fewest values an envelope is taken of.
_FEWEST: Final = 1024
#: Bins whose median tells the floor of a line among them.
_FLOOR_BINS: Final = 100
#: The median of an exponential distribution over its mean.
_MEDIAN_OF_MEAN: Final = math.log(2.0)


@dataclass(frozen=True, slots=True)
class Band:
    """A band of frequencies.

    Parameters
    ----------
    low, high : float
        Edges [Hz].
    kurtosis : float
        Spectral kurtosis in it: 0 for stationary Gaussian noise, -1 for a pure tone, high for impulses.
    """

    low: float
    high: float
    kurtosis: float


@dataclass(frozen=True, slots=True, eq=False)
class EnvelopeSpectrum:
    """Spectrum of the squared envelope of a signal in a band.

    Parameters
    ----------
    frequency : (n,) float64 array
        [Hz], without zero.
    ratio : (n,) float64 array
        Power of each bin over the floor around it [1]; of noise it is distributed exponentially with mean 1.
    band : Band
    rate : float
        Sampling rate of the signal [Hz].
    """

    frequency: FloatArray
    ratio: FloatArray
    band: Band
    rate: float

    @property
    def resolution(self) -> float:
        """Return the distance of two bins [Hz]."""
        return float(self.frequency[0])


@dataclass(frozen=True, slots=True)
class Line:
    """The highest bin near a frequency that is looked for.

    Parameters
    ----------
    wanted, found : float
        [Hz].
    ratio : float
        Its power over the floor [1].
    probability : float
        Probability that noise alone reaches this ratio somewhere in the stretch searched.
    """

    wanted: float
    found: float
    ratio: float
    probability: float

    @property
    def decibel(self) -> float:
        """Return how far the line stands over the floor [dB]."""
        return 10.0 * math.log10(max(self.ratio, 1e-12))


def whitened(signal: ArrayLike) -> FloatArray:
    """Return a signal whose every frequency has the same amplitude and keeps its phase.

    Strong lines of shaft and gears no longer drown the impulses of a bearing.

    Parameters
    ----------
    signal : (n,) array

    Notes
    -----
    Equation: x_w = F⁻¹(X/|X|) (cepstrum pre-whitening). P. Borghesani, P. Pennacchi, R. B. Randall, N. Sawalhi and
    R. Ricci, Mechanical Systems and Signal Processing 36 (2013) 370-384, doi:10.1016/j.ymssp.2012.11.001.
    """
    values = np.asarray(signal, dtype=np.float64)
    spectrum = np.fft.rfft(values - values.mean())
    size = np.abs(spectrum)
    made: FloatArray = np.fft.irfft(np.divide(spectrum, size, out=np.zeros_like(spectrum), where=size > 0), values.size)
    return made


def kurtogram(signal: ArrayLike, rate: float, *, finest: float, levels: int = 6) -> tuple[Band, ...]:
    """Return bands of halved and thirded widths with their spectral kurtosis, the highest first.

    Parameters
    ----------
    signal : (n,) array
    rate : float
        Sampling rate [Hz].
    finest : float
        Narrowest band [Hz]; it has to hold several harmonics of the fault looked for.
    levels : int
        Most halvings.

    Notes
    -----
    Equation: K = ⟨|y|⁴⟩/⟨|y|²⟩² - 2 of the complex envelope y of each band, cut out of the spectrum with straight
    edges. J. Antoni, Mechanical Systems and Signal Processing 21 (2007) 108-124, doi:10.1016/j.ymssp.2005.12.002.
    """
    values = checked_signal(signal, rate)
    spectrum = np.fft.rfft(values - values.mean())
    half, found = rate / 2.0, []
    for level in range(1, levels + 1):
        for parts in (2**level, 3 * 2 ** (level - 1)):
            width = half / parts
            if width < finest:
                continue
            for at in range(parts):
                low, high = at * width, (at + 1) * width
                envelope = _complex_envelope(spectrum, values.size, rate, low, high)
                power = np.abs(envelope) ** 2
                mean = float(power.mean())
                if mean > 0.0:
                    found.append(Band(low, high, float((power**2).mean()) / mean**2 - 2.0))
    return tuple(sorted(found, key=lambda band: -band.kurtosis))


def envelope_spectrum(signal: ArrayLike, rate: float, band: Band, *, highest: float) -> EnvelopeSpectrum:
    """Return the spectrum of the squared envelope of a signal in a band.

    Parameters
    ----------
    signal : (n,) array
    rate : float
        Sampling rate [Hz].
    band : Band
    highest : float
        Highest frequency kept [Hz]; no more than the width of the band says anything.

    Raises
    ------
    ForgecastError
        If the signal is too short, not finite, or the rate is not above 0.

    Notes
    -----
    Equation: |F(|y|²)|² over its floor, y the analytic signal (Hilbert) of the band. R. B. Randall and J. Antoni,
    Mechanical Systems and Signal Processing 25 (2011) 485-520, doi:10.1016/j.ymssp.2010.07.017.
    """
    values = checked_signal(signal, rate)
    envelope = _complex_envelope(np.fft.rfft(values - values.mean()), values.size, rate, band.low, band.high)
    squared = np.abs(envelope) ** 2
    windowed = (squared - squared.mean()) * np.hanning(squared.size)
    power = np.abs(np.fft.rfft(windowed)) ** 2
    frequency = np.arange(power.size, dtype=np.float64) * (rate / values.size)
    kept = (frequency > 0.0) & (frequency <= min(highest, band.high - band.low))
    return EnvelopeSpectrum(frequency[kept], over_floor(power[kept]), band, rate)


def line_near(spectrum: EnvelopeSpectrum, wanted: float, *, slip: float = 0.01) -> Line | None:
    """Return the highest bin within a share of a frequency; None beyond the spectrum.

    Parameters
    ----------
    spectrum : EnvelopeSpectrum
    wanted : float
        [Hz].
    slip : float
        Share by which rolling elements may slip or the speed be off [1].
    """
    step = spectrum.resolution
    reach = max(slip * wanted, 1.5 * step)
    low, high = np.searchsorted(spectrum.frequency, (wanted - reach - 0.5 * step, wanted + reach + 0.5 * step))
    if high <= low or wanted + reach > spectrum.frequency[-1]:
        return None
    at = int(low) + int(np.argmax(spectrum.ratio[low:high]))
    ratio = float(spectrum.ratio[at])
    # Of n exponential bins the highest exceeds r with 1 - (1 - e^-r)^n.
    probability = -math.expm1((int(high) - int(low)) * math.log1p(-math.exp(-ratio))) if ratio > 0.0 else 1.0
    return Line(wanted, float(spectrum.frequency[at]), ratio, probability)


def checked_signal(signal: ArrayLike, rate: float) -> FloatArray:
    """Return a record as numbers, refused where it is no vibration signal.

    Raises
    ------
    ForgecastError
        If it is too short, not finite, or the rate is not above 0.
    """
    values = np.asarray(signal, dtype=np.float64)
    if values.ndim != 1 or values.size < _FEWEST or not np.isfinite(values).all() or not rate > 0.0:
        raise ForgecastError(
            text("{n} values are no vibration signal: it takes {fewest}, all finite, and a rate above 0",
                 n=int(values.size), fewest=_FEWEST),
            repair=text("give one unbroken record of some seconds with its sampling rate"),
        )  # fmt: skip
    return values


def _complex_envelope(
    spectrum: NDArray[np.complex128], n: int, rate: float, low: float, high: float
) -> NDArray[np.complex128]:
    """Return the complex envelope of a band, sampled at the band's width: only its bins are transformed back."""
    first, last = round(low * n / rate), round(high * n / rate)
    bins = spectrum[max(first, 1) : max(last, first + 2)]
    made: NDArray[np.complex128] = np.fft.ifft(bins)
    return made


def over_floor(power: FloatArray) -> FloatArray:
    """Return power over the mean noise around it, told by medians of neighbouring bins: lines do not lift them.

    Parameters
    ----------
    power : (n,) float64 array
        Ascending in frequency.
    """
    blocks = max(round(power.size / _FLOOR_BINS), 1)
    edges = np.linspace(0, power.size, blocks + 1).astype(np.int64)
    middles = np.array([float(np.median(power[a:b])) for a, b in pairwise(edges)])
    floor = np.interp(np.arange(power.size), (edges[:-1] + edges[1:] - 1) / 2.0, middles) / _MEDIAN_OF_MEAN
    made: FloatArray = np.divide(power, floor, out=np.zeros_like(power), where=floor > 0.0)
    return made
