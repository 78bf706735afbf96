"""Solids from CAD files: their unit, their repair, and what is doubtful about them."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray

from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import text, verbatim
from forgecast.shape.bodies import turned_outward, united
from forgecast.shape.errors import ShapeError
from forgecast.shape.measure import shells
from forgecast.shape.package3mf import read_3mf
from forgecast.shape.repair import (
    Hole,
    Repair,
    Surface,
    filled,
    merged,
    one_sided,
    welded,
    without_sheets,
    without_waste,
)
from forgecast.shape.solid import Solid
from forgecast.shape.step import ASSUMED_UNIT, read_step, step_unit
from forgecast.shape.units import LARGEST, SMALLEST, likelier, metres, named, plausible

Floats = NDArray[np.float64]
Faces = NDArray[np.int64]

#: Endings that can be read, and what reads them.
MESHES = {".stl": "stl", ".obj": "obj", ".ply": "ply"}
STEP = (".step", ".stp")
ENDINGS = (*MESHES, ".3mf", *STEP)

#: How many holes an error names.
_HOLES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class ReadSolid:
    """A solid as read, and all that was doubtful or done on the way.

    Parameters
    ----------
    solid : Solid
    findings : tuple of Finding
    repairs : tuple of Repair
    unit : float
        Unit of the file's numbers [m].
    unit_from_file : bool
        Whether the file itself names it; else the call did.
    bodies : int
        Connected surfaces, cavities among them.
    """

    solid: Solid
    findings: tuple[Finding, ...]
    repairs: tuple[Repair, ...]
    unit: float
    unit_from_file: bool
    bodies: int


def read_solid(
    path: Path | str,
    *,
    unit: str | None,
    largest_hole: float = 0.05,
    chord: float = 5e-5,
    angle: float = 0.2,
) -> ReadSolid:
    """Return the solid in a CAD file, in metres, repaired and closed.

    Parameters
    ----------
    path : Path or str
        STL (ASCII or binary), OBJ, PLY, 3MF or STEP, known by its ending.
    unit : str or None
        ``um``, ``mm``, ``cm``, ``m``, ``in`` or ``ft``; None where the file names its unit itself (3MF, STEP).
    largest_hole : float
        Holes up to this share of the box's diagonal are closed; larger ones are the maker's to judge.
    chord : float
        STEP only: farthest a triangle may stand off the true surface [m].
    angle : float
        STEP only: largest angle between neighbouring triangles [rad].

    Raises
    ------
    ShapeError
        If the file is missing, empty, damaged, of an unknown kind or without faces; if it names no unit and the call
        gives none, or both differ; if coordinates are no numbers; if the surface stays open, or encloses nothing.
    UnitError
        If the unit is unknown.
    """
    path = Path(path)
    asked = None if unit is None else metres(unit)
    data = _bytes(path)
    vertices, faces, in_file = _raw(path, data, chord, angle)
    _check_raw(path.name, vertices, faces)
    scale, findings = _unit(path.name, vertices[faces.reshape(-1)], in_file, asked)
    surface = Surface(vertices * scale, faces, np.arange(1, len(faces) + 1))
    solid, repairs, doubts = _closed(surface, path.name, hashlib.sha256(data).hexdigest(), largest_hole)
    bodies = int(shells(solid.faces, len(solid.vertices)).max()) + 1
    return ReadSolid(solid, (*findings, *doubts), repairs, scale, in_file is not None, bodies)


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise ShapeError(
            text("there is no such file: {file}", file=str(path)), where=path.name, repair=text("check folder and name")
        )
    if path.suffix.lower() not in ENDINGS:
        raise ShapeError(
            text("no reader knows the ending of this file"),
            where=path.name,
            repair=text("give one of {endings}", endings=verbatim(" ".join(ENDINGS))),
        )
    data = path.read_bytes()
    if not data.strip():
        raise ShapeError(text("the file is empty"), where=path.name, repair=text("export it again"))
    return data


def _raw(path: Path, data: bytes, chord: float, angle: float) -> tuple[Floats, Faces, float | None]:
    """Return corners in the file's unit, faces, and the unit if the file names one [m]."""
    ending = path.suffix.lower()
    if ending == ".3mf":
        return read_3mf(data, path.name)
    if ending in STEP:
        unit = step_unit(data)
        vertices, faces = read_step(path, chord=chord, angle=angle)
        # What comes is in metres already, by the file's unit or by the one assumed where it names none.
        return vertices / (unit or ASSUMED_UNIT), faces, unit
    vertices, faces = _mesh(path, data)
    return vertices, faces, None


def _mesh(path: Path, data: bytes) -> tuple[Floats, Faces]:
    kind = MESHES[path.suffix.lower()]
    try:
        scene = trimesh.load_scene(io.BytesIO(data), file_type=kind, process=False, skip_materials=True)
        meshes = [m for m in scene.dump() if isinstance(m, trimesh.Trimesh)]
    except Exception as error:  # a damaged file makes the readers fail in any way there is
        raise ShapeError(
            text("the file is damaged or no {kind}: {error}", kind=kind.upper(), error=_brief(error)),
            where=path.name,
            repair=text("export it again"),
        ) from error
    counts = np.cumsum([0, *(len(m.vertices) for m in meshes)])
    vertices = [np.asarray(m.vertices, dtype=np.float64) for m in meshes]
    faces = [np.asarray(m.faces, dtype=np.int64) + start for m, start in zip(meshes, counts, strict=False)]
    return np.concatenate([np.empty((0, 3)), *vertices]), np.concatenate([np.empty((0, 3), dtype=np.int64), *faces])


def _brief(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]


def _check_raw(file: str, vertices: Floats, faces: Faces) -> None:
    again = text("export the solid again; a drawing, a sketch or a cloud of points has no faces")
    if len(faces) == 0:
        raise ShapeError(text("the file has no faces"), where=file, repair=again)
    wrong = (faces < 0).any(axis=1) | (faces >= len(vertices)).any(axis=1)
    if wrong.any():
        raise ShapeError(
            text("face {face} names a corner that is not there", face=int(np.argmax(wrong)) + 1),
            where=file,
            repair=text("export it again"),
        )
    broken = ~np.isfinite(vertices[faces]).all(axis=(1, 2))
    if broken.any():
        raise ShapeError(
            text(
                "{n} faces have corners that are no numbers, the first is face {face}",
                n=int(broken.sum()),
                face=int(np.argmax(broken)) + 1,
            ),
            where=file,
            repair=text("export it again"),
        )
    if not (np.ptp(vertices[faces.reshape(-1)], axis=0) > 0.0).all():
        raise ShapeError(text("the surface is flat: its box has no volume"), where=file, repair=text("export a solid"))


def _unit(file: str, corners: Floats, in_file: float | None, asked: float | None) -> tuple[float, tuple[Finding, ...]]:
    """Return the unit of a file [m] and what is doubtful about it."""
    size = np.ptp(corners, axis=0)
    longest = float(size.max())
    if in_file is None and asked is None:
        raise _no_unit(file, size)
    if in_file is not None and asked is not None and abs(in_file - asked) > 1e-9 * in_file:
        raise ShapeError(
            text(
                "the file says that it is in {in_file}, the call says {asked}",
                in_file=named(in_file),
                asked=named(asked),
            ),
            where=file,
            repair=text("leave the unit out of the call, or export the file in the right one"),
        )
    scale = in_file if in_file is not None else asked
    assert scale is not None  # noqa: S101  (one of both, see above)
    if plausible(longest * scale):
        return scale, ()
    better = likelier(longest)
    repair = (
        text("was {unit} meant? then it is {box}", unit=better, box=_box(size * metres(better)))
        if better is not None
        else text("check the unit")
    )
    doubt = Finding(
        "implausible-size",
        Severity.DOUBTFUL,
        Place(file),
        _box(size * scale),
        text(
            "a casting of {box} is doubtful: longest sides between {low_mm} mm and {high_m} m are plausible",
            box=_box(size * scale),
            low_mm=round(SMALLEST * 1e3),
            high_m=round(LARGEST),
        ),
        repair,
    )
    return scale, (doubt,)


def _no_unit(file: str, size: Floats) -> ShapeError:
    as_mm, as_m = _box(size * 1e-3), _box(size)
    better = likelier(float(size.max()))
    what = text(
        "the file names no unit: its box is {as_mm} if it is in millimetres, {as_m} if in metres",
        as_mm=as_mm,
        as_m=as_m,
    )
    repair = (
        text("give the unit; {unit} is likelier", unit=better)
        if better is not None
        else text("give the unit; neither mm nor m gives the size of a casting")
    )
    finding = Finding("unit-missing", Severity.REFUSED, Place(file), "", what, repair)
    return ShapeError(what, where=file, repair=repair, findings=(finding,))


def _box(size: Floats) -> str:
    """Return a box in mm, or in m where that is shorter."""
    factor, unit = (1e3, "mm") if size.max() < 10.0 else (1.0, "m")
    return " x ".join(f"{s * factor:.4g}" for s in size) + f" {unit}"


def _closed(
    surface: Surface, file: str, sha256: str, largest_hole: float
) -> tuple[Solid, tuple[Repair, ...], tuple[Finding, ...]]:
    """Return a surface repaired to a closed solid, or refuse it with the places of its holes."""
    surface, waste = without_waste(merged(surface))
    surface, welds = welded(surface)
    if len(surface.faces) == 0:
        raise ShapeError(
            text("the surface encloses nothing: its faces cancel out"), where=file, repair=text("export a solid")
        )
    surface, _, turned, two_sided = one_sided(surface)
    if not two_sided:
        raise ShapeError(
            text("the surface has no inside and outside, like a Moebius strip"),
            where=file,
            repair=text("repair it in the CAD program"),
        )
    surface, fillings, holes = filled(surface, largest_hole * surface.diagonal)
    if holes:
        raise _open(file, holes)
    surface, sheets, _, _ = one_sided(surface)
    if not _each_closed(surface, sheets):
        # Sheets that meet at edges of four faces close only together.
        sheets = shells(surface.faces, len(surface.vertices))
    surface, sheets, stray = without_sheets(surface, sheets)
    surface, outward = turned_outward(surface, sheets, file)
    used, faces = np.unique(surface.faces, return_inverse=True)
    solid = Solid(surface.vertices[used], faces.reshape(-1, 3).astype(np.int64), file, sha256)
    box = np.ptp(solid.box, axis=0)
    a, b, c = np.moveaxis(solid.triangles - solid.box.mean(axis=0), 1, 0)
    if not np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0 > 1e-9 * np.prod(box):
        raise ShapeError(
            text("the surface encloses no volume"),
            where=file,
            repair=text("export a solid, not a sheet"),
        )
    solid, unions, doubts = united(solid, sheets)
    return solid, (*waste, *welds, *turned, *fillings, *stray, *outward, *unions), doubts


def _each_closed(surface: Surface, sheets: Faces) -> bool:
    """Tell whether every sheet is closed by itself: then its vector areas cancel out."""
    a, b, c = (surface.vertices[surface.faces[:, k]] for k in range(3))
    area = 0.5 * np.cross(b - a, c - a)
    left = np.column_stack([np.bincount(sheets, weights=area[:, k]) for k in range(3)])
    return bool((np.linalg.norm(left, axis=1) <= 1e-9 * np.linalg.norm(area, axis=1).sum()).all())


def _open(file: str, holes: tuple[Hole, ...]) -> ShapeError:
    findings = tuple(
        Finding(
            "hole",
            Severity.REFUSED,
            Place(file),
            _place(hole),
            text(
                "a hole {length_mm} mm long with {edges} edges around {place}",
                length_mm=_mm(hole.length),
                edges=hole.edges,
                place=_place(hole),
            ),
            text("close it in the CAD program"),
        )
        for hole in holes
    )
    shown = "; ".join(f"{_place(hole)}: {_mm(hole.length)} mm" for hole in holes[:_HOLES_SHOWN])
    return ShapeError(
        text("the surface is not closed: {n} holes at {places}", n=len(holes), places=verbatim(shown)),
        where=file,
        repair=text("close them in the CAD program, or export a solid instead of surfaces"),
        findings=findings,
    )


def _place(hole: Hole) -> str:
    return "({}) mm".format(", ".join(f"{_mm(c):g}" for c in hole.centre))


def _mm(length: float) -> float:
    return round(length * 1e3, 3)
