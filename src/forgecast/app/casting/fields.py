"""Fields over cells and over a surface as VTK XML files, which ParaView and VTK open."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray

from forgecast.shape.grid import Grid

Array: TypeAlias = "NDArray[Any]"

#: Bytes of one block before it is compressed: VTK's own choice lies in this region.
_BLOCK: Final = 1 << 20
#: The quickest level: the values of a run differ in their last bits, so harder work saves little.
_LEVEL: Final = 1
_TYPES: Final = {
    np.dtype(np.float32): "Float32",
    np.dtype(np.float64): "Float64",
    np.dtype(np.uint8): "UInt8",
    np.dtype(np.int64): "Int64",
}


@dataclass(frozen=True, slots=True)
class _Stored:
    """An array as it lies in the file: its element and its bytes."""

    element: str
    content: bytes


def write_fields(folder: Path, grid: Grid, arrays: Mapping[str, Array]) -> Path:
    """Write fields over cells: ``fields.vti`` on a uniform grid, ``fields.vtr`` on a stretched one.

    Parameters
    ----------
    folder : Path
    grid : Grid
    arrays : mapping of str to (nz, ny, nx) float32 or uint8
        Each named with its quantity and unit (``solidification_time [s]``); NaN where there is no value.

    Returns
    -------
    Path
        The file written; lengths in it are metres.
    """
    nz, ny, nx = grid.shape
    extent = quoteattr(f"0 {nx} 0 {ny} 0 {nz}")
    data = [("CellData", [_array(name, array.reshape(-1)) for name, array in arrays.items()])]
    if grid.is_uniform:
        spacing = [float(edges[-1] - edges[0]) / (len(edges) - 1) for edges in (grid.x, grid.y, grid.z)]
        origin = [float(edges[0]) for edges in (grid.x, grid.y, grid.z)]
        head = f"WholeExtent={extent} Origin={_row(origin)} Spacing={_row(spacing)}"
        path = folder / "fields.vti"
        _write(path, "ImageData", head, f"Extent={extent}", data)
        return path
    edges = [_array(name, array) for name, array in (("x [m]", grid.x), ("y [m]", grid.y), ("z [m]", grid.z))]
    path = folder / "fields.vtr"
    _write(path, "RectilinearGrid", f"WholeExtent={extent}", f"Extent={extent}", [*data, ("Coordinates", edges)])
    return path


def write_surface_fields(path: Path, vertices: Array, faces: Array, arrays: Mapping[str, Array]) -> None:
    """Write a surface of triangles with values at its vertices as VTK PolyData (``.vtp``).

    Parameters
    ----------
    path : Path
    vertices : (n, 3) float
        [m].
    faces : (m, 3) int
    arrays : mapping of str to (n,) float32
        Each named with its quantity and unit.
    """
    ends = np.arange(3, 3 * len(faces) + 3, 3, dtype=np.int64)
    corners = np.ascontiguousarray(faces, dtype=np.int64).reshape(-1)
    piece = f'NumberOfPoints="{len(vertices)}" NumberOfPolys="{len(faces)}"'
    _write(
        path, "PolyData", "", piece,
        [
            ("PointData", [_array(name, array) for name, array in arrays.items()]),
            ("Points", [_array("place [m]", np.asarray(vertices, dtype=np.float32).reshape(-1), components=3)]),
            ("Polys", [_array("connectivity", corners), _array("offsets", ends)]),
        ],
    )  # fmt: skip


def write_triangles(
    path: Path, points: Array, triangles: Array, at_points: Mapping[str, Array], at_cells: Mapping[str, Array]
) -> None:
    """Write a plane mesh of triangles as VTK UnstructuredGrid (``.vtu``).

    Parameters
    ----------
    path : Path
    points : (n, 2) float
        [m].
    triangles : (m, 3) int
    at_points : mapping of str to (n,) or (n, 2) float
        Each named with its quantity and unit; pairs are vectors in the plane.
    at_cells : mapping of str to (m,) float
    """
    count = len(triangles)
    corners = np.ascontiguousarray(triangles, dtype=np.int64).reshape(-1)
    _write(
        path, "UnstructuredGrid", "", f'NumberOfPoints="{len(points)}" NumberOfCells="{count}"',
        [
            ("PointData", [_plane(name, array) for name, array in at_points.items()]),
            ("CellData", [_plane(name, array) for name, array in at_cells.items()]),
            ("Points", [_plane("place [m]", points)]),
            ("Cells", [
                _array("connectivity", corners),
                _array("offsets", np.arange(3, 3 * count + 3, 3, dtype=np.int64)),
                _array("types", np.full(count, 5, dtype=np.uint8)),
            ]),
        ],
    )  # fmt: skip


def _plane(name: str, values: Array) -> _Stored:
    """Return values as they are stored; pairs get a third component of 0, which VTK wants of vectors."""
    values = np.asarray(values, dtype=np.float32)
    if values.ndim == 1:
        return _array(name, values)
    return _array(name, np.column_stack([values, np.zeros(len(values), dtype=np.float32)]), components=3)


def _row(values: list[float]) -> str:
    return quoteattr(" ".join(repr(value) for value in values))


def _array(name: str, values: Array, components: int = 1) -> _Stored:
    """Return an array in compressed blocks, headed by their number and sizes (VTK File Formats, XML, binary data)."""
    raw = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<")).reshape(-1).view(np.uint8).data
    blocks = [zlib.compress(raw[start : start + _BLOCK], _LEVEL) for start in range(0, len(raw), _BLOCK)]
    sizes = [len(blocks), _BLOCK, len(raw) % _BLOCK, *(len(block) for block in blocks)]
    kind = _TYPES[values.dtype]
    element = f'<DataArray type="{kind}" Name={quoteattr(name)} NumberOfComponents="{components}" format="appended"'
    return _Stored(element, np.array(sizes, dtype="<u8").tobytes() + b"".join(blocks))


def _write(path: Path, kind: str, whole: str, piece: str, groups: list[tuple[str, list[_Stored]]]) -> None:
    with path.open("wb") as file:
        for line in _head(kind, whole, piece, groups):
            file.write(line.encode() + b"\n")
        file.write(b"_")
        for _, arrays in groups:
            for array in arrays:
                file.write(array.content)
        file.write(b"\n</AppendedData>\n</VTKFile>\n")


def _head(kind: str, whole: str, piece: str, groups: list[tuple[str, list[_Stored]]]) -> Iterator[str]:
    yield '<?xml version="1.0"?>'
    settings = 'version="1.0" byte_order="LittleEndian" header_type="UInt64" compressor="vtkZLibDataCompressor"'
    yield f'<VTKFile type="{kind}" {settings}>'
    yield f"<{kind} {whole}>".replace(" >", ">")
    yield f"<Piece {piece}>"
    offset = 0
    for group, arrays in groups:
        yield f"<{group}>"
        for array in arrays:
            yield f'{array.element} offset="{offset}"/>'
            offset += len(array.content)
        yield f"</{group}>"
    yield "</Piece>"
    yield f"</{kind}>"
    yield '<AppendedData encoding="raw">'
