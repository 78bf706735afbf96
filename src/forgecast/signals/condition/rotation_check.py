"""Whether a vibration record turns at the speed it claims: the sampling rate that its shaft lines imply."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from forgecast.signals.condition.envelope_spectrum import Band, EnvelopeSpectrum, checked_signal, line_near, over_floor

#: Rates at which instruments usually sample [Hz].
USUAL_RATES: Final = (
    1000.0, 2000.0, 2560.0, 4000.0, 5000.0, 5120.0, 6400.0, 8000.0, 10000.0, 10240.0, 12000.0, 12800.0, 16000.0,
    20000.0, 20480.0, 24000.0, 25000.0, 25600.0, 32000.0, 40000.0, 44100.0, 48000.0, 50000.0, 51200.0, 64000.0,
    96000.0, 100000.0, 102400.0, 200000.0,
)  # fmt: skip
_HARMONICS: Final = (1.0, 2.0, 3.0)
#: A shaft has no lines here; a record read at a wrong rate has its true ones here.
_BETWEEN: Final = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 3 / 2)
#: Contrast [dB] from which shaft lines are there, and by which one rate must be clearer than another.
_CLEAR: Final = 10.0
_SLIP: Final = 0.005


@dataclass(frozen=True, slots=True)
class RateCheck:
    """What the shaft lines say of the sampling rate.

    Parameters
    ----------
    declared, implied : float
        [Hz]; the implied one has the clearest shaft lines.
    declared_contrast, implied_contrast : float
        Weakest line at one, two and three times the shaft speed over the strongest between them [dB].
    """

    declared: float
    implied: float
    declared_contrast: float
    implied_contrast: float

    @property
    def contradicts(self) -> bool:
        """Return whether another rate has clear shaft lines and the declared one has not."""
        return self.implied_contrast >= _CLEAR and self.implied_contrast - self.declared_contrast >= _CLEAR

    @property
    def confirmed(self) -> bool:
        """Return whether the declared rate has clear shaft lines and no other rate has clearer ones."""
        return self.declared_contrast >= _CLEAR and not self.contradicts


def check_rate(
    signal: ArrayLike, declared: float, shaft_hz: float, *, rates: Sequence[float] = USUAL_RATES
) -> RateCheck:
    """Return which sampling rate puts the lines of the shaft where its speed says.

    Parameters
    ----------
    signal : (n,) array
    declared : float
        Sampling rate that came with the record [Hz].
    shaft_hz : float
        Speed of the shaft while it was recorded [Hz].
    rates : sequence of float
        Other rates tried [Hz].

    Notes
    -----
    A record read at r times its rate has its lines at r times their frequency. For each rate the lines at 1, 2 and 3
    times the speed are looked for within 0.5 %, and those between them: lines at 4, 8 and 12 times the speed look like
    1, 2 and 3 at a quarter of the rate, but then the true 1, 2 and 3 stand between them. Where the record shows no
    shaft lines at all, nothing is implied.
    """
    values = checked_signal(signal, declared)
    windowed = (values - values.mean()) * np.hanning(values.size)
    ratio = over_floor(np.abs(np.fft.rfft(windowed))[1:] ** 2)

    # In cycles a value, so that one spectrum serves all rates.
    frequency = np.arange(1, ratio.size + 1, dtype=np.float64) / values.size
    spectrum = EnvelopeSpectrum(frequency, ratio, Band(0.0, 0.5, math.nan), 1.0)

    def contrast(rate: float) -> float:
        turning = [line_near(spectrum, order * shaft_hz / rate, slip=_SLIP) for order in _HARMONICS]
        between = [line_near(spectrum, order * shaft_hz / rate, slip=_SLIP) for order in _BETWEEN]
        if any(line is None for line in turning):
            return -math.inf
        noise = max((line.decibel for line in between if line is not None), default=0.0)
        return min(line.decibel for line in turning if line is not None) - max(noise, 0.0)

    told = contrast(declared)
    best, most = declared, told
    for rate in rates:
        found = contrast(rate)
        if found > most:
            best, most = rate, found
    return RateCheck(declared, best, told, most)
