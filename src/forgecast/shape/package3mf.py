"""3MF packages: a zip of XML that names its unit, its objects and where each of them stands."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.texts import text
from forgecast.shape.errors import ShapeError

Floats = NDArray[np.float64]
Faces = NDArray[np.int64]
_CORE = "{http://schemas.microsoft.com/3dmanufacturing/core/2015/02}"
_PRODUCTION = "{http://schemas.microsoft.com/3dmanufacturing/production/2015/06}"
#: 3MF Core Specification 1.3.0, section 3.4 "Model"; millimetres where the attribute is missing.
_UNITS = {
    "micron": 1e-6, "millimeter": 1e-3, "centimeter": 1e-2, "inch": 0.0254, "foot": 0.3048, "meter": 1.0,
}  # fmt: skip
#: A model larger than this is refused before it is unpacked [bytes].
_LARGEST = 2**31


def read_3mf(data: bytes, file: str) -> tuple[Floats, Faces, float]:
    """Return corners in the package's unit, faces, and that unit [m].

    Parameters
    ----------
    data : bytes
    file : str
        Name for messages.

    Raises
    ------
    ShapeError
        If the package is damaged or names an unknown unit.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            models = {
                "/" + info.filename: ET.fromstring(package.read(info))  # noqa: S314  (expat bounds entities)
                for info in package.infolist()
                if info.filename.lower().endswith(".model") and info.file_size < _LARGEST
            }
        root_name = next((n for n in models if n.lower() == "/3d/3dmodel.model"), next(iter(models)))
        unit = models[root_name].get("unit", "millimeter")
        if unit not in _UNITS:
            raise ShapeError(
                text("the file names the unit {unit}, which 3MF does not know", unit=unit),
                where=file,
                repair=text("export it again in millimetres"),
            )
        items = [
            _placed(models, item.get(f"{_PRODUCTION}path", root_name), item.attrib["objectid"], _matrix(item), 0)
            for item in models[root_name].iterfind(f"{_CORE}build/{_CORE}item")
        ]
        vertices, faces, count = [np.empty((0, 3))], [np.empty((0, 3), dtype=np.int64)], 0
        for mesh_vertices, mesh_faces in (mesh for item in items for mesh in item):
            vertices.append(mesh_vertices)
            faces.append(mesh_faces + count)
            count += len(mesh_vertices)
    except (zipfile.BadZipFile, ET.ParseError, KeyError, ValueError, StopIteration, EOFError) as error:
        raise ShapeError(
            text("the file is no sound 3MF package: {error}", error=f"{type(error).__name__}: {error}"),
            where=file,
            repair=text("export it again"),
        ) from error
    return np.concatenate(vertices), np.concatenate(faces), _UNITS[unit]


def _placed(
    models: dict[str, ET.Element], path: str, number: str, matrix: Floats, depth: int
) -> Iterator[tuple[Floats, Faces]]:
    """Yield the meshes of an object and of its components, moved to where they stand."""
    found = next(
        (o for o in models[path].iterfind(f"{_CORE}resources/{_CORE}object") if o.get("id") == number),
        None,
    )
    if found is None or depth > 32:
        missing = f"object {number}"
        raise KeyError(missing)
    mesh = found.find(f"{_CORE}mesh")
    if mesh is not None:
        vertices = np.array(
            [[float(v.attrib[a]) for a in "xyz"] for v in mesh.iterfind(f"{_CORE}vertices/{_CORE}vertex")]
        ).reshape(-1, 3)
        corners = ("v1", "v2", "v3")
        faces = np.array(
            [[int(t.attrib[c]) for c in corners] for t in mesh.iterfind(f"{_CORE}triangles/{_CORE}triangle")],
            dtype=np.int64,
        ).reshape(-1, 3)
        if np.linalg.det(matrix[:3]) < 0.0:
            # A mirrored placement turns the faces over.
            faces = faces[:, ::-1]
        yield vertices @ matrix[:3] + matrix[3], faces
    for part in found.iterfind(f"{_CORE}components/{_CORE}component"):
        inner = _matrix(part)
        joined = np.vstack([inner[:3] @ matrix[:3], inner[3] @ matrix[:3] + matrix[3]])
        yield from _placed(models, part.get(f"{_PRODUCTION}path", path), part.attrib["objectid"], joined, depth + 1)


def _matrix(element: ET.Element) -> Floats:
    """Return a placement as (4, 3): three rows to multiply a row of coordinates with, and a shift."""
    given = element.get("transform")
    if given is None:
        return np.vstack([np.eye(3), np.zeros(3)])
    return np.array([float(n) for n in given.split()]).reshape(4, 3)
