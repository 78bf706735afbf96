"""Metal yield: mass of good castings or forgings over the metal that went in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from forgecast.ground.texts import Text, text
from forgecast.quality.scrap import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class MetalYield:
    """A mass share by month and for the months together, or why there is none.

    Parameters
    ----------
    monthly : (n,) float64 array
        [1]; NaN where a mass is missing, nothing went in, or more came out than went in.
    overall : float or None
        Sum over sum of the months that have a value [1].
    months, left_out : int
        Months in `overall`, and those without one or both masses.
    contradictory : tuple of int
        Positions of months in which more came out than went in; they are in no figure.
    why_missing : Text or None
    """

    monthly: FloatArray
    overall: float | None
    months: int
    left_out: int
    contradictory: tuple[int, ...]
    why_missing: Text | None = None


def metal_yield(good_mass: ArrayLike, metal_mass: ArrayLike) -> MetalYield:
    """Return the share of the poured (or heated) metal that left as good product.

    Parameters
    ----------
    good_mass : (n,) array
        Mass of good castings or forgings of each month (kg or t); NaN where not on record.
    metal_mass : (n,) array
        Mass of metal poured, or of billets heated, in the same unit; NaN where not on record.

    Notes
    -----
    Equation: Y = m_good / m_metal.
    """
    return mass_share(good_mass, metal_mass)


def scrap_mass_share(scrap_mass: ArrayLike, good_mass: ArrayLike) -> MetalYield:
    """Return the scrapped share of the finished mass, gates and risers left out.

    Parameters
    ----------
    scrap_mass, good_mass : (n,) array
        Mass of scrapped and of good castings or forgings of each month (kg or t); NaN where not on record.

    Notes
    -----
    Equation: S = m_scrap / (m_scrap + m_good).
    """
    scrap = np.asarray(scrap_mass, dtype=np.float64)
    return mass_share(scrap, scrap + np.asarray(good_mass, dtype=np.float64))


def mass_share(part: ArrayLike, whole: ArrayLike) -> MetalYield:
    """Return a part of a mass as share of the whole, by month and together.

    Parameters
    ----------
    part, whole : (n,) array
        Masses in one unit; NaN where not on record.
    """
    parts, wholes = np.broadcast_arrays(np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64))
    there = np.isfinite(parts) & np.isfinite(wholes)
    contradictory = there & ((parts > wholes) | (parts < 0.0))
    sound = there & ~contradictory & (wholes > 0.0)
    monthly = np.where(sound, parts / np.where(sound, wholes, 1.0), np.nan)
    positions = tuple(int(at) for at in np.flatnonzero(contradictory))
    left_out = int((~there).sum())
    if not sound.any():
        reason = (
            text("in every month on record more came out than went in; check the masses")
            if positions
            else text("no month has both masses on record")
        )
        return MetalYield(monthly, None, 0, left_out, positions, reason)
    overall = float(parts[sound].sum() / wholes[sound].sum())
    return MetalYield(monthly, overall, int(sound.sum()), left_out, positions)
