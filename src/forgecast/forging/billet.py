"""The billet of a forging: what of it becomes part, flash, clip and scale, and how long it is cut."""

from __future__ import annotations

import math
from dataclasses import dataclass

from forgecast.forging.error import ForgingError
from forgecast.ground.texts import text


@dataclass(frozen=True, slots=True)
class Billet:
    """A round billet and what becomes of its metal.

    Parameters
    ----------
    part, flash, clips, scale : float
        Volumes, m3.
    density : float
        kg/m3.
    diameter, length : float
        m.
    """

    part: float
    flash: float
    clips: float
    scale: float
    density: float
    diameter: float
    length: float

    @property
    def volume(self) -> float:
        """Return the volume cut, m3."""
        return self.part + self.flash + self.clips + self.scale

    @property
    def mass(self) -> float:
        """Return the mass cut, kg."""
        return self.density * self.volume

    @property
    def heated(self) -> float:
        """Return the volume left after scaling, which comes under the press, m3."""
        return self.volume - self.scale

    @property
    def slenderness(self) -> float:
        """Return length over diameter."""
        return self.length / self.diameter

    @property
    def metal_yield(self) -> float:
        """Return the part's share of the metal cut."""
        return self.part / self.volume


def cut_billet(
    part: float, density: float, diameter: float, *, flash: float = 0.0, clips: float = 0.0, scale_share: float = 0.0
) -> Billet:
    """Return the round billet of a part.

    V = (V_part + V_flash + V_clips) / (1 - scale), L = 4 V / (pi D^2).

    Parameters
    ----------
    part : float
        Volume of the forging, m3.
    density : float
        kg/m3.
    diameter : float
        Of the bar, m.
    flash, clips : float
        Volumes of flash and of tongholds, pierced slugs and the like, m3.
    scale_share : float
        Share of the billet that burns to scale, 0 to below 1.

    Raises
    ------
    ForgingError
        If a measure is not above 0, or a share or volume below 0.
    """
    if min(part, density, diameter) <= 0.0 or min(flash, clips) < 0.0 or not 0.0 <= scale_share < 1.0:
        raise ForgingError(
            text("a billet of these volumes cannot be cut"),
            repair=text("give part, density and diameter above 0, flash and clips not below 0, scale of 0 to below 1"),
        )
    whole = (part + flash + clips) / (1.0 - scale_share)
    length = 4.0 * whole / (math.pi * diameter**2)
    return Billet(part, flash, clips, scale_share * whole, density, diameter, length)
