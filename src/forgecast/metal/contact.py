"""Heat transfer across the interface of two media, over the temperature of the metal there or over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.citation import Source

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Contact:
    """Interface coefficient of a pair of media, linear between knots and constant beyond them.

    Parameters
    ----------
    over : {"constant", "temperature", "time"}
        What `at` counts: nothing, the hotter side's temperature at the interface [K], or time since the pour [s].
    at : (n,) float64
        Knots, rising; one knot (of any value) where it is constant.
    coefficient : (n,) float64
        [W/(m2 K)]; ``inf`` is perfect contact.
    emissivity : float
        Effective emissivity of the gap [1]; radiation across it is added to `coefficient`. 0 for none.
    sources : tuple of Source
    """

    over: Literal["constant", "temperature", "time"]
    at: Floats
    coefficient: Floats
    emissivity: float = 0.0
    sources: tuple[Source, ...] = ()
