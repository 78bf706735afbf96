"""What a casting run says, as its pictures, its summary and its page show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.citation import Source
from forgecast.ground.finding import Finding
from forgecast.ground.texts import Text
from forgecast.shape.grid import Grid

Floats: TypeAlias = "NDArray[np.float64]"
Field: TypeAlias = "NDArray[Any]"
Place: TypeAlias = tuple[float, float, float]

#: What a body is to the picture: metal is coloured, a chill is hatched, a sleeve is only outlined.
BodyKind = Literal["casting", "riser", "chill", "sleeve", "core"]


@dataclass(frozen=True, slots=True)
class Body:
    """A solid of the run with its triangles.

    Parameters
    ----------
    kind : str
    name : Text
    vertices : (n, 3) float64
        [m].
    faces : (m, 3) int64
    """

    kind: BodyKind
    name: Text
    vertices: Floats
    faces: NDArray[np.int64]

    @property
    def is_metal(self) -> bool:
        """Whether it is poured."""
        return self.kind in ("casting", "riser")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its unit; None where it is not known.

    Parameters
    ----------
    name : str
        Key in the summary.
    title : Text
    value : float or None
        In `unit`.
    unit : str
    note : Text or None
        Why it is not known, or what it rests on.
    """

    name: str
    title: Text
    value: float | None
    unit: str
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """An input of the run and what it stands on.

    Parameters
    ----------
    name : str
    title, value : Text
    source : Source or None
        None where the caller gave the value, or nobody did.
    assumed : bool
        Whether nobody gave it.
    """

    name: str
    title: Text
    value: Text
    source: Source | None = None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Spot:
    """A place where the metal freezes last, numbered from the latest.

    Parameters
    ----------
    number : int
    place : (float, float, float)
        x, y, z [m].
    time : float
        When it is solid [s]; NaN if it was still liquid at the end.
    body : Text
        What it lies in.
    """

    number: int
    place: Place
    time: float
    body: Text


@dataclass(frozen=True, slots=True)
class Cavity:
    """A void that shrinkage leaves.

    Parameters
    ----------
    number : int
    place : (float, float, float)
        Its centre of volume, x, y, z [m].
    volume : float
        [m3].
    body : Text
        What it lies in.
    """

    number: int
    place: Place
    volume: float
    body: Text


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether the casting is sound by one criterion.

    Parameters
    ----------
    criterion : Text
    word : {"met", "not met", "not known", "not applicable"}
        As in every verdict of Forgecast.
    value, threshold : Text
        Each with its unit.
    reason : Text
        Why, or why it does not apply.
    source : Source or None
        Of the threshold.
    """

    criterion: Text
    word: Literal["met", "not met", "not known", "not applicable"]
    value: Text
    threshold: Text
    reason: Text
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that a run leaves, ready to be shown.

    Parameters
    ----------
    title : str
        Name of the part, as its owner wrote it.
    made : datetime
        When it was run.
    grid : Grid
    part : (nz, ny, nx) uint8
        0 = not metal, 1 = casting, 2 and above = other metal.
    time_solidus : (nz, ny, nx) float32
        [s]; NaN outside the metal and where it was still liquid.
    void : (nz, ny, nx) float32 or None
        Share of the cell that shrinkage leaves empty [1]; None where it was not judged.
    porosity : (nz, ny, nx) float32 or None
        Share of the cell that microporosity takes [1]; NaN where the criterion does not apply.
    fields : mapping of str to (nz, ny, nx) array
        What else goes into the field file, named with quantity and unit.
    bodies : tuple of Body
    settings : tuple of Setting
    figures : tuple of Figure
    residuals : tuple of Figure
        What the run's own balances leave over (energy, mass).
    spots : tuple of Spot
    cavities : tuple of Cavity
    judgements : tuple of Judgement
    notes : tuple of Text
        What a reader has to know: criteria that do not apply, a run that was stopped.
    findings : tuple of Finding
        Defects of the input.
    sources : tuple of Source
    hashes : mapping of str to str
        SHA-256 of the part file and of all settings.
    timings : mapping of str to float
        Seconds that each step took.
    """

    title: str
    made: datetime
    grid: Grid
    part: NDArray[np.uint8]
    time_solidus: Field
    bodies: tuple[Body, ...]
    settings: tuple[Setting, ...]
    figures: tuple[Figure, ...]
    void: Field | None = None
    porosity: Field | None = None
    fields: Mapping[str, Field] = field(default_factory=dict)
    residuals: tuple[Figure, ...] = ()
    spots: tuple[Spot, ...] = ()
    cavities: tuple[Cavity, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    notes: tuple[Text, ...] = ()
    findings: tuple[Finding, ...] = ()
    sources: tuple[Source, ...] = ()
    hashes: Mapping[str, str] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict)

    @property
    def centre(self) -> Place:
        """Return the place that sections go through: the worst hot spot of the casting, else its middle."""
        if self.spots:
            return self.spots[0].place
        corners = np.concatenate([body.vertices for body in self.bodies if body.is_metal])
        x, y, z = (corners.min(axis=0) + corners.max(axis=0)) / 2
        return float(x), float(y), float(z)
