"""Doors of a part before it is frozen: what it measures, how it looks with risers and chills, what a run would take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel
from pydantic import Field as Asked

from forgecast.app.doors.casting.asked import (
    BodiesAsked,
    Millimetres,
    PartAsked,
    Side,
    chills_of,
    metres,
    part_of,
    risers_of,
)
from forgecast.app.doors.casting.told import PartTold, ReadPartTold, RepairTold
from forgecast.app.doors.door import Call, Door, Question, Way, Words
from forgecast.app.doors.values import FindingTold
from forgecast.ground.texts import text
from forgecast.store.server.rights import Right


class MeasureAsked(PartAsked):
    """A part to be measured."""

    alloy: str = Asked(default="", max_length=100, description="With it the mass is told.")


class ThickPlace(BaseModel):
    """Where the sphere that fits is larger than all around."""

    centre_m: list[float]
    diameter_m: float


class MeasuredTold(ReadPartTold):
    """What a part measures."""

    volume_m3: float
    area_m2: float
    box_m: list[float]
    lowest_m: list[float]
    centre_m: list[float]
    modulus_m: float
    bodies: int
    cavities: int
    faces: int
    alloy: str | None
    mass_kg: float | None
    walls_m: dict[str, float]
    thick_places: list[ThickPlace]


class BodyTold(BaseModel):
    """A body of the preview."""

    kind: str
    name: Words
    low_m: list[float]
    high_m: list[float]


class PreviewTold(BaseModel):
    """A part with its risers and chills as it will be frozen."""

    part: PartTold
    repairs: list[RepairTold]
    findings: list[FindingTold]
    bodies: list[BodyTold]
    files: list[str]


#: A hundred metres from the origin at most: nothing larger is cast [mm].
Coordinate: TypeAlias = Annotated[float, Asked(ge=-1e5, le=1e5)]


class EffortAsked(Question):
    """A box and how finely it is cut."""

    low_mm: list[Coordinate] = Asked(
        min_length=3, max_length=3, description="Lowest corner of part, risers and chills."
    )
    high_mm: list[Coordinate] = Asked(min_length=3, max_length=3, description="Highest corner.")
    cell_mm: float | None = Asked(default=None, ge=0.05, le=1e4, description="None takes what a run would choose.")
    margin_mm: float = Asked(default=60.0, gt=0.0, le=1e4)
    wall_mm: float | None = Asked(default=None, ge=0.05, le=1e5, description="A thin wall of the part.")
    symmetry: list[Side] = Asked(default=[], description="Sides at which the part ends in a plane of symmetry.")


class EffortTold(BaseModel):
    """What a run is expected to take."""

    cell_mm: float
    shape: list[int]
    cells: int
    memory_MB: float
    free_MB: float | None
    fits: bool | None
    time_from_s: float
    time_to_s: float
    cells_across_the_wall: float | None
    notes: list[Words]


def _measure(call: Call, question: MeasureAsked) -> Mapping[str, Any]:
    from forgecast.app.cli.casting.part import reading_json  # noqa: PLC0415  (geometry loads in the worker only)
    from forgecast.metal.alloy import alloy  # noqa: PLC0415
    from forgecast.tasks.measure_part import measure_part  # noqa: PLC0415

    read = part_of(call, question)
    return {
        **reading_json(read),
        **measure_part(read.solid, alloy(question.alloy) if question.alloy else None).as_json(),
    }


def _preview(call: Call, question: BodiesAsked) -> Mapping[str, Any]:
    from forgecast.app.casting.asked import bodies_of  # noqa: PLC0415  (as above)
    from forgecast.app.casting.model.write import write_preview  # noqa: PLC0415
    from forgecast.app.cli.casting.part import reading_json  # noqa: PLC0415

    assert call.folder is not None  # noqa: S101  (a run has one)
    read = part_of(call, question)
    call.progress(0.4, text("reading the part"))
    others = bodies_of(risers_of(call, question), chills_of(call, question), question.unit.strip() or None)
    shown, files = write_preview(read.solid, others, call.folder)
    return {
        **reading_json(read),
        "bodies": [
            {
                "kind": one.kind,
                "name": one.name.as_json(),
                "low_m": one.vertices[one.faces.reshape(-1)].min(axis=0).tolist(),
                "high_m": one.vertices[one.faces.reshape(-1)].max(axis=0).tolist(),
            }
            for one in shown
        ],
        "files": [path.name for path in files],
    }


def _effort(_call: Call, question: EffortAsked) -> Mapping[str, Any]:
    from forgecast.app.casting.effort import effort_of  # noqa: PLC0415  (loads slowly)

    low, high = _metres(question.low_mm), _metres(question.high_mm)
    wall = None if question.wall_mm is None else question.wall_mm / 1000.0
    cell, margin = metres(question.cell_mm), question.margin_mm / 1000.0
    return effort_of(low, high, cell, margin, wall=wall, symmetry=question.symmetry).as_json()


def _metres(millimetres: list[float]) -> Millimetres:
    x, y, z = (one / 1000.0 for one in millimetres)
    return x, y, z


MEASURE = Door(
    "casting", "measure",
    text("What a part measures: volume, surface, modulus, walls, thick places, and what is wrong with its file."),
    Right.SEE, Way.FIGURE, MeasureAsked, MeasuredTold, _measure,
)  # fmt: skip
PREVIEW = Door(
    "casting", "preview",
    text("A part with its risers and chills in three dimensions, before it is frozen."),
    Right.ENGINEER, Way.RUN, BodiesAsked, PreviewTold, _preview,
)  # fmt: skip
EFFORT = Door(
    "casting", "effort",
    text("How many cells, how much memory and about how long a run would take."),
    Right.SEE, Way.READ, EffortAsked, EffortTold, _effort,
)  # fmt: skip
PART_DOORS: tuple[Door[Any], ...] = (MEASURE, PREVIEW, EFFORT)
