r"""Solid fraction of a dilute binary alloy in closed form, and as the curve that an alloy's table takes.

With a straight liquidus that falls from the melting point :math:`T_m` of the pure metal to the liquidus :math:`T_L`,
and a partition coefficient :math:`k < 1`:

* lever: :math:`f_s = \frac{1}{1-k}\,\frac{T_L - T}{T_m - T}` (diffusion in the solid complete),
* Scheil and Gulliver: :math:`f_s = 1 - \left(\frac{T_m - T}{T_m - T_L}\right)^{1/(k-1)}` (none),
* linear: :math:`f_s = \frac{T_L - T}{T_L - T_S}` (where nothing else is known).

What is liquid still at the eutectic temperature freezes there.

Sources: G. H. Gulliver, J. Inst. Metals 9 (1913) 120; E. Scheil, Z. Metallkunde 34 (1942) 70 (both recalled, not read).
The formulas are tested against the balance of solute that they solve.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.ground.texts import text
from forgecast.metal.curve import Curve
from forgecast.metal.error import MaterialError

Floats = NDArray[np.float64]


def lever_fraction(temperature: ArrayLike, *, melting: float, liquidus: float, partition: float) -> Floats:
    """Return the solid fraction [1] in equilibrium, within [0, 1].

    Parameters
    ----------
    temperature : array_like
        [K].
    melting, liquidus : float
        Melting point of the pure base and liquidus of the alloy [K].
    partition : float
        Share of the solute that the solid takes up, between 0 and 1 [1].

    Raises
    ------
    MaterialError
        If the liquidus is not below the melting point, or the partition coefficient not within (0, 1).
    """
    _check(melting, liquidus, partition)
    t = np.minimum(np.asarray(temperature, dtype=np.float64), liquidus)
    got: Floats = np.clip((liquidus - t) / (melting - t) / (1.0 - partition), 0.0, 1.0)
    return got


def scheil_fraction(temperature: ArrayLike, *, melting: float, liquidus: float, partition: float) -> Floats:
    """Return the solid fraction [1] without diffusion in the solid; parameters and errors as in `lever_fraction`."""
    _check(melting, liquidus, partition)
    t = np.minimum(np.asarray(temperature, dtype=np.float64), liquidus)
    got: Floats = 1.0 - ((melting - t) / (melting - liquidus)) ** (1.0 / (partition - 1.0))
    return got


def fraction_curve(
    model: Literal["lever", "scheil", "linear"],
    *,
    liquidus: float,
    end: float,
    melting: float = float("nan"),
    partition: float = float("nan"),
    knots: int = 65,
) -> Curve:
    """Return the solid fraction as a curve from the end of freezing to the liquidus.

    Parameters
    ----------
    model : {"lever", "scheil", "linear"}
    liquidus : float
        [K].
    end : float
        Solidus or eutectic temperature [K]: what is liquid there freezes there, as a jump of the curve.
    melting, partition : float
        As in `lever_fraction`; not used by ``linear``.
    knots : int
        How many.

    Raises
    ------
    MaterialError
        If the end is not below the liquidus, and as in `lever_fraction`.
    """
    if not end < liquidus:
        raise MaterialError(
            text(
                "freezing cannot end at {end} K, at or above the liquidus of {liquidus} K", end=end, liquidus=liquidus
            ),
            where="solidification",
            repair=text("give the solidus or eutectic temperature"),
        )
    # Closer knots near the liquidus, where both formulas bend most.
    t = liquidus - (liquidus - end) * np.linspace(1.0, 0.0, knots) ** 2
    if model == "linear":
        share: Floats = (liquidus - t) / (liquidus - end)
    elif model == "lever":
        share = lever_fraction(t, melting=melting, liquidus=liquidus, partition=partition)
    else:
        share = scheil_fraction(t, melting=melting, liquidus=liquidus, partition=partition)
    share[-1] = 0.0
    if share[0] < 1.0:
        t, share = np.concatenate([[end], t]), np.concatenate([[1.0], share])
    return Curve(t, share, "solidification")


def _check(melting: float, liquidus: float, partition: float) -> None:
    if not (liquidus < melting and 0.0 < partition < 1.0):
        raise MaterialError(
            text(
                "a liquidus of {liquidus} K, a melting point of {melting} K and a partition coefficient of {partition} "
                "do not make a falling liquidus",
                liquidus=liquidus,
                melting=melting,
                partition=partition,
            ),
            where="solidification",
            repair=text("the liquidus lies below the melting point, and the partition coefficient between 0 and 1"),
        )
