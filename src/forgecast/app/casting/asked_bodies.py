"""Risers and chills as a caller asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class AskedRiser:
    """An upright cylinder of metal, or a solid in a file.

    Parameters
    ----------
    at : (float, float, float) or None
        Centre of its lower face [m].
    diameter, height : float or None
        [m].
    sleeve : str or None
        Medium of the sleeve around it.
    thickness : float or None
        Of the sleeve [m].
    file : Path or None
        The solid, in the unit of the part.
    """

    at: tuple[float, float, float] | None = None
    diameter: float | None = None
    height: float | None = None
    sleeve: str | None = None
    thickness: float | None = None
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class AskedChill:
    """A block of a chill's material, or a solid in a file.

    Parameters
    ----------
    medium : str
    at : (float, float, float) or None
        Its lowest corner [m].
    size : (float, float, float) or None
        Along x, y and z [m].
    file : Path or None
        The solid, in the unit of the part.
    """

    medium: str
    at: tuple[float, float, float] | None = None
    size: tuple[float, float, float] | None = None
    file: Path | None = None
