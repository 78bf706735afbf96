"""The made-up plant at work: what its cupola stack, a furnace and the press show at any instant, troubles included.

Nothing depends on the order in which instants are asked for, so several instruments may ask at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from forgecast.ground.dates import MINUTE_US

#: Value and flag (0 good, 1 doubtful, 2 invalid) by the name an instrument gives to what it measures.
Shown: TypeAlias = "Mapping[str, tuple[float, int]]"

#: From switching on to tapping, and from tapping to switching on again.
MELTING_US, TAPPING_US = 50 * MINUTE_US, 10 * MINUTE_US
#: Time between two blows of the press, and how long one lasts.
BLOW_US, STROKE_US = 20_000_000, 600_000
_AIR_OXYGEN, _REFERENCE_OXYGEN = 21.0, 12.0


@dataclass(frozen=True, slots=True)
class LiveScript:
    """What goes wrong, and when; instants in microseconds UTC.

    Parameters
    ----------
    begin : int
        First instant of the play; the furnace is switched on then.
    torn_bags : int
        From here on the cupola's filter bags are torn: dust rises above what 12 % oxygen allows.
    mended_bags : int
        Here they are changed.
    weak_water : int
        From here on the cooling water of furnace IF-1 dwindles, a third in half an hour.
    mended_water : int
        Here the pump is changed over.
    seed : int
    """

    begin: int
    torn_bags: int
    mended_bags: int
    weak_water: int
    mended_water: int
    seed: int = 7


def script_of(begin_us: int, *, seed: int = 7) -> LiveScript:
    """Return the play of three hours: torn bags through the second hour, weak water from minute 100 to 135."""
    torn, mended, weak, changed_over = (begin_us + minutes * MINUTE_US for minutes in (58, 122, 100, 135))
    return LiveScript(begin_us, torn, mended, weak, changed_over, seed)


def stack_shows(script: LiveScript, t: int) -> Shown:
    """Return what the analysers of stack DA001 (hot-blast cupola) show as means of the minute that ends at an instant.

    Returns
    -------
    mapping
        ``pm``, ``so2``, ``nox`` in mg/m3 (dry, 273.15 K), ``o2`` in %, ``temperature`` in °C, ``pressure`` in Pa,
        ``moisture`` in %, ``flow`` in m3/h (dry, 273.15 K); ``running`` 1.
    """
    chance = _chance(script, "stack", t)
    torn = script.torn_bags <= t < script.mended_bags
    oxygen = 12.0 + 0.5 * math.sin(t / (37.0 * MINUTE_US)) + chance.normal(0.0, 0.15) + (3.2 if torn else 0.0)
    # What the stack would have at the reference oxygen is thinned by false air before it is measured.
    thinned = (_AIR_OXYGEN - oxygen) / (_AIR_OXYGEN - _REFERENCE_OXYGEN)
    dust = 17.0 + 1.5 * math.sin(t / (23.0 * MINUTE_US)) + chance.normal(0.0, 0.9) + (27.0 if torn else 0.0)
    return {
        "pm": (_shown(dust * thinned, 2), 0),
        "so2": (_shown((95.0 + chance.normal(0.0, 5.0)) * thinned, 1), 0),
        "nox": (_shown((140.0 + chance.normal(0.0, 7.0)) * thinned, 1), 0),
        "o2": (_shown(oxygen, 2), 0),
        "temperature": (_shown(118.0 + chance.normal(0.0, 1.5), 1), 0),
        "pressure": (round(-245.0 + chance.normal(0.0, 6.0), 1), 0),
        "moisture": (_shown(5.4 + chance.normal(0.0, 0.1), 2), 0),
        "flow": (_shown(14200.0 + chance.normal(0.0, 150.0), 0), 0),
        "running": (1.0, 0),
    }


def furnace_shows(script: LiveScript, t: int) -> Shown:
    """Return what induction furnace IF-1 shows at an instant.

    Returns
    -------
    mapping
        ``power`` in kW, ``coolant_flow`` in m3/h, ``coolant_temperature`` in °C, ``leakage_current`` in mA,
        ``melt_temperature`` in °C (marked doubtful before the charge is liquid, when the probe looks at scrap).
    """
    chance = _chance(script, "furnace", t)
    phase = (t - script.begin) % (MELTING_US + TAPPING_US)
    on = phase < MELTING_US
    share = min(phase / MELTING_US, 1.0)
    power = (1380.0 * (1.0 - 0.12 * share) if on else 6.0) + chance.normal(0.0, 4.0 if on else 0.4)
    flow = 18.0 * (1.0 - _weakness(script, t)) + chance.normal(0.0, 0.12)
    # The water takes up about a quarter of the power; its heat capacity is 1.163 kWh/(m3 K).
    warmed = 0.25 * power / (1.163 * max(flow, 0.5))
    melt = 25.0 + 1475.0 * share if on else 1500.0 - 4.0 * (phase - MELTING_US) / MINUTE_US
    return {
        "power": (_shown(power, 2), 0),
        "coolant_flow": (_shown(flow, 2), 0),
        "coolant_temperature": (_shown(26.0 + warmed + chance.normal(0.0, 0.4), 1), 0),
        "leakage_current": (_shown(38.0 + 6.0 * share + chance.normal(0.0, 1.2), 1), 0),
        "melt_temperature": (_shown(melt + chance.normal(0.0, 2.5), 1), 0 if melt > 1150.0 else 1),
    }


def press_shows(script: LiveScript, t: int) -> Shown:
    """Return what the hot-forging press FP-1 shows at an instant.

    Returns
    -------
    mapping
        ``force`` in kN (a half wave during a blow), ``peak_force`` in kN of the blow last ended, ``blows`` counted,
        ``hydraulic_pressure`` in MPa.
    """
    number, into = divmod(t - script.begin, BLOW_US)
    peak, last = _peak(script, number), _peak(script, number - 1)
    force = peak * math.sin(math.pi * into / STROKE_US) if 0 <= into < STROKE_US else 0.0
    ended = into >= STROKE_US
    return {
        "force": (_shown(force, 0), 0),
        "peak_force": (_shown(peak if ended else last, 0), 0),
        "blows": (float(max(number + int(ended), 0)), 0),
        "hydraulic_pressure": (_shown(18.4 * (force / 16_000.0) + 1.2, 2), 0),
    }


def _peak(script: LiveScript, number: int) -> float:
    return 11_800.0 + _chance(script, "press", number).normal(0.0, 160.0)


def _weakness(script: LiveScript, t: int) -> float:
    if not script.weak_water <= t < script.mended_water:
        return 0.0
    return min(0.35 * (t - script.weak_water) / (30 * MINUTE_US), 0.5)


def _chance(script: LiveScript, what: str, t: int) -> np.random.Generator:
    return np.random.default_rng([script.seed, *what.encode("ascii"), max(t, 0)])


def _shown(value: float, decimals: int) -> float:
    """Return what a display with so many digits shows; an instrument does not show less than nothing."""
    return round(max(float(value), 0.0), decimals)
