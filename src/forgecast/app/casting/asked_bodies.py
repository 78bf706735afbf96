"""Risers and chills as a caller asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text


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

    def complete(self, number: int) -> Self:
        """Return it if it says enough.

        Raises
        ------
        ForgecastError
            If a measure is missing, or stands beside a file.
        """
        name = text("riser {number}", number=number)
        given = {
            text("place"): self.at, text("diameter"): self.diameter, text("height"): self.height,
        }  # fmt: skip
        _check(name, given, from_file=self.file is not None)
        sleeve = {text("sleeve"): self.sleeve, text("thickness of the sleeve"): self.thickness}
        if any(value is not None for value in sleeve.values()):
            _check(name, sleeve, from_file=self.file is not None)
        return self


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

    def complete(self, number: int) -> Self:
        """Return it if it says enough.

        Raises
        ------
        ForgecastError
            If a measure is missing or not above zero, or stands beside a file.
        """
        name = text("chill {number}", number=number)
        given = {text("place"): self.at, text("size"): self.size}
        _check(name, given, from_file=self.file is not None)
        if self.size is not None and min(self.size) <= 0.0:
            raise ForgecastError(
                text("{name}: a side is not above zero", name=name),
                repair=text("give its length along x, y and z"),
            )
        return self


def _check(name: Text, given: Mapping[Text, object], *, from_file: bool) -> None:
    if from_file:
        there = [what for what, value in given.items() if value is not None]
        if there:
            raise ForgecastError(
                text("{name}: the {what} cannot stand beside a file", name=name, what=there[0]),
                repair=text("give measures or a file"),
            )
        return
    missing = [what for what, value in given.items() if value is None]
    if missing:
        raise ForgecastError(
            text("{name}: the {what} is missing", name=name, what=missing[0]), repair=text("give it, or a file of it")
        )
