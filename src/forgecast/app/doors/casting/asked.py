"""What is asked of a casting run, and how it becomes what the tasks take."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field as Asked

from forgecast.app.casting.asked_bodies import AskedChill, AskedRiser
from forgecast.app.doors.door import Call, Question

if TYPE_CHECKING:
    from forgecast.app.casting.asked import Asked as AskedMould
    from forgecast.shape.read import ReadSolid

ZERO_DEGC = 273.15
Millimetres = tuple[float, float, float]
Side = Literal["x-", "x+", "y-", "y+", "z-", "z+"]

_UNIT = Asked(
    default="", max_length=10, description="Of a file that names none (STL, OBJ, PLY): mm, cm, m, in; never guessed."
)  # fmt: skip
_UPLOAD = Asked(min_length=1, max_length=80, description="Id of an upload of this plant: STL, OBJ, PLY, 3MF or STEP.")


class PartAsked(Question):
    """A part out of an uploaded file, z up, as it lies in the mould."""

    part: str = _UPLOAD
    unit: str = _UNIT


class RiserAsked(Question):
    """An upright cylinder of metal, or a solid out of an uploaded file."""

    at_mm: Millimetres | None = Asked(default=None, description="Centre of its foot.")
    diameter_mm: float | None = Asked(default=None, gt=0.0)
    height_mm: float | None = Asked(default=None, gt=0.0)
    sleeve: str = Asked(default="", max_length=80, description="Medium of the sleeve around it; empty for none.")
    sleeve_mm: float | None = Asked(default=None, gt=0.0, description="Thickness of the sleeve.")
    file: str = Asked(default="", max_length=80, description="Upload that holds the solid instead.")


class ChillAsked(Question):
    """A block of a chill's material, or a solid out of an uploaded file."""

    medium: str = Asked(min_length=1, max_length=80)
    at_mm: Millimetres | None = Asked(default=None, description="Its lowest corner.")
    size_mm: Millimetres | None = None
    file: str = Asked(default="", max_length=80, description="Upload that holds the solid instead.")


class BodiesAsked(PartAsked):
    """A part with its risers and chills."""

    risers: list[RiserAsked] = Asked(default=[], max_length=40)
    chills: list[ChillAsked] = Asked(default=[], max_length=40)


class PouredAsked(BodiesAsked):
    """A part, what is poured, and into what."""

    title: str = Asked(default="", max_length=120, description="Name of the run; empty for that of the file.")
    alloy: str = Asked(min_length=1, max_length=100, description="Any of its names.")
    alloy_table: str = Asked(default="", max_length=80, description="Upload of a table of your own (CSV, TOML).")
    mould: str = Asked(min_length=1, max_length=100)
    pour_degC: float = Asked(gt=-273.15, le=4000.0, description="Of the metal when the mould is full.")
    cell_mm: float | None = Asked(default=None, gt=0.0, description="Edge of a cell; none takes a fifth of the walls.")
    margin_mm: float | None = Asked(default=None, gt=0.0, description="Mould around the part; none assumes 60 mm.")
    mould_at_degC: float | None = Asked(default=None, gt=-273.15, description="At the start; none assumes 20 °C.")
    ambient_degC: float | None = Asked(default=None, gt=-273.15, description="Of the air; none assumes 20 °C.")
    largest_cavity_mm: float | None = Asked(default=None, gt=0.0, description="Largest cavity that is allowed.")
    porosity_percent: float | None = Asked(default=None, gt=0.0, le=100.0, description="Highest that is allowed.")


def part_of(call: Call, question: PartAsked) -> ReadSolid:
    """Return the part of a question.

    Raises
    ------
    ForgecastError
        If the file cannot be read, names no unit and none is given, or is no closed solid.
    """
    from forgecast.shape.read import read_solid  # noqa: PLC0415  (geometry libraries load in the worker only)

    return read_solid(call.upload(question.part), unit=question.unit.strip() or None)


def title_of(call: Call, question: PouredAsked) -> str:
    """Return the name of a run."""
    return question.title.strip() or call.upload(question.part).stem


def mould_of(call: Call, question: PouredAsked, *, estimate: bool = False, symmetry: tuple[Side, ...] = ()
             ) -> AskedMould:  # fmt: skip
    """Return alloy, mould and fineness as the tasks take them."""
    from forgecast.app.casting.asked import Asked as AskedMould  # noqa: PLC0415

    return AskedMould(
        alloy=str(call.upload(question.alloy_table)) if question.alloy_table else question.alloy,
        mould=question.mould,
        pour=question.pour_degC + ZERO_DEGC,
        mould_at=_kelvin(question.mould_at_degC),
        ambient=_kelvin(question.ambient_degC),
        cell=metres(question.cell_mm),
        margin=metres(question.margin_mm),
        estimate=estimate,
        symmetry=symmetry,
    )


def risers_of(call: Call, question: BodiesAsked) -> list[AskedRiser]:
    """Return the risers of a question, each complete.

    Raises
    ------
    ForgecastError
        If one lacks a measure.
    """
    return [
        AskedRiser(
            at=_place(one.at_mm),
            diameter=metres(one.diameter_mm),
            height=metres(one.height_mm),
            sleeve=one.sleeve or None,
            thickness=metres(one.sleeve_mm),
            file=_file(call, one.file),
        ).complete(number)
        for number, one in enumerate(question.risers, start=1)
    ]


def chills_of(call: Call, question: BodiesAsked) -> list[AskedChill]:
    """Return the chills of a question, each complete.

    Raises
    ------
    ForgecastError
        If one lacks a measure.
    """
    return [
        AskedChill(
            medium=one.medium, at=_place(one.at_mm), size=_place(one.size_mm), file=_file(call, one.file)
        ).complete(number)
        for number, one in enumerate(question.chills, start=1)
    ]


def metres(millimetres: float | None) -> float | None:
    """Return a length in metres."""
    return None if millimetres is None else millimetres / 1000.0


def _kelvin(degC: float | None) -> float | None:
    return None if degC is None else degC + ZERO_DEGC


def _place(millimetres: Millimetres | None) -> Millimetres | None:
    if millimetres is None:
        return None
    x, y, z = millimetres
    return x / 1000.0, y / 1000.0, z / 1000.0


def _file(call: Call, upload: str) -> Path | None:
    return call.upload(upload) if upload else None
