"""What several doors of casting answer alike."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from forgecast.app.doors.door import Words
from forgecast.app.doors.values import FindingTold


class SourceTold(BaseModel):
    """Where a value comes from and how well it is known."""

    what: Words
    source: Words
    confidence: str
    valid: str
    licence: str


class RepairTold(BaseModel):
    """What was repaired in a file."""

    kind: str
    faces: list[int]
    places_mm: list[list[float]]
    what: Words


class PartTold(BaseModel):
    """A part as it was read from its file."""

    name: str
    sha256: str
    unit_m: float
    unit_from_file: bool


class ReadPartTold(BaseModel):
    """A part as read, what was repaired, and what is doubtful about it."""

    part: PartTold
    repairs: list[RepairTold]
    findings: list[FindingTold]


class FigureTold(BaseModel):
    """A figure with its unit; null where it is not known, with the reason."""

    name: str
    title: Words
    value: float | None
    unit: str
    note: Words | None


class JudgementTold(BaseModel):
    """Whether the casting is sound by one criterion."""

    criterion: Words
    word: str
    value: Words
    threshold: Words
    reason: Words
    source: SourceTold | None


class SpotTold(BaseModel):
    """A place where the metal freezes last."""

    number: int
    place_m: list[float]
    solid_after_s: float | None
    body: Words


class CavityTold(BaseModel):
    """A void that shrinkage leaves."""

    number: int
    place_m: list[float]
    volume_m3: float
    body: Words


class InputTold(BaseModel):
    """An input of the run and what it stands on."""

    name: str
    title: Words
    value: Words
    source: SourceTold | None
    assumed: bool


class CellsTold(BaseModel):
    """The cells of a run."""

    cells: list[int]
    low_m: list[float]
    high_m: list[float]
    smallest_cell_m: float


class FrozenTold(BaseModel):
    """A frozen casting: whether it is sound, why, and what the run has left."""

    part: str
    made: str
    lead: Words | None
    word: str
    hashes: dict[str, str]
    inputs: list[InputTold]
    grid: CellsTold
    figures: list[FigureTold]
    residuals: list[FigureTold]
    hot_spots: list[SpotTold]
    cavities: list[CavityTold]
    judgements: list[JudgementTold]
    notes: list[Words]
    findings: list[FindingTold]
    sources: list[SourceTold]
    timings_s: dict[str, float]
    files: list[str]
    design: dict[str, Any] | None
