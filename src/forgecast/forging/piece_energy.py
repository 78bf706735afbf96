"""Energy and carbon dioxide of one forging: what is drawn to heat and to form it, by the plant's own factors."""

from __future__ import annotations

import math
from dataclasses import dataclass

from forgecast.forging.error import ForgingError
from forgecast.ground.texts import text


@dataclass(frozen=True, slots=True)
class PieceEnergy:
    """What one piece draws.

    Parameters
    ----------
    heating, forming : float
        J; NaN where an efficiency is not known.
    carbon : float
        kg of CO2; NaN where a factor or an energy is not known.
    """

    heating: float
    forming: float
    carbon: float

    @property
    def total(self) -> float:
        """Return both, J."""
        return self.heating + self.forming


def piece_energy(
    heat: float,
    work: float,
    *,
    heating_efficiency: float = math.nan,
    forming_efficiency: float = math.nan,
    heating_factor: float = math.nan,
    forming_factor: float = math.nan,
) -> PieceEnergy:
    """Return energy drawn and carbon dioxide of a piece.

    E = Q / eta_heating + W / eta_forming; CO2 = sum of each energy and its factor. What is not known stays NaN.

    Parameters
    ----------
    heat : float
        In the billet, m c (T - T0), J.
    work : float
        Of the stroke, J.
    heating_efficiency, forming_efficiency : float
        Useful over drawn, above 0 and up to 1, measured over a time with its pauses.
    heating_factor, forming_factor : float
        CO2 for the energy drawn, kg/J.

    Raises
    ------
    ForgingError
        If an efficiency lies outside above 0 to 1, or a factor is below 0.
    """
    for share in (heating_efficiency, forming_efficiency):
        if not math.isnan(share) and not 0.0 < share <= 1.0:
            raise ForgingError(
                text("an efficiency of {share} cannot be", share=share), repair=text("give a share above 0 and up to 1")
            )
    if heating_factor < 0.0 or forming_factor < 0.0:
        raise ForgingError(
            text("a factor of carbon dioxide is below 0"),
            repair=text("give the factor of your supplier, or leave it out"),
        )
    heating, forming = heat / heating_efficiency, work / forming_efficiency
    return PieceEnergy(heating, forming, heating * heating_factor + forming * forming_factor)
