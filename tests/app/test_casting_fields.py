"""Fields written for ParaView are read back by VTK's own readers, value for value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from forgecast.app.casting.fields import write_fields, write_surface_fields
from forgecast.shape.grid import Grid

vtk = pytest.importorskip("vtk")
from vtk.util.numpy_support import vtk_to_numpy  # noqa: E402

UNIFORM = Grid(*(0.004 * np.arange(n + 1) - shift for n, shift in ((23, 0.01), (11, 0.02), (7, 0.0))))
STRETCHED = Grid(*(np.geomspace(0.001, 0.1, n + 1) for n in (23, 11, 7)))


def made_up(grid: Grid) -> dict[str, NDArray[Any]]:
    """Return fields with every kind of value: missing, huge, tiny, negative, and a name that XML would trip over."""
    noise = np.random.default_rng(1).normal(size=grid.shape).astype(np.float32)
    noise[0, 0, :3] = np.nan, np.float32(3e38), np.float32(1e-42)
    return {"solidification_time [s]": noise, 'a "<&>" [1]': -noise, "part": (noise > 0).astype(np.uint8)}


def read(path: Path) -> Any:
    readers = {
        ".vti": vtk.vtkXMLImageDataReader,
        ".vtr": vtk.vtkXMLRectilinearGridReader,
        ".vtp": vtk.vtkXMLPolyDataReader,
    }
    reader = readers[path.suffix]()
    reader.SetFileName(str(path))
    assert reader.CanReadFile(str(path))
    reader.Update()
    assert reader.GetErrorCode() == 0
    return reader.GetOutput()


def test_a_uniform_grid_is_an_image_with_equal_values(tmp_path: Path) -> None:
    arrays = made_up(UNIFORM)
    path = write_fields(tmp_path, UNIFORM, arrays)
    image = read(path)
    assert path.name == "fields.vti"
    assert image.GetDimensions() == (24, 12, 8)
    assert image.GetOrigin() == pytest.approx((-0.01, -0.02, 0.0), abs=1e-15)
    assert image.GetSpacing() == pytest.approx((0.004,) * 3, rel=1e-12)
    assert image.GetCellData().GetNumberOfArrays() == len(arrays)
    for name, array in arrays.items():
        found = vtk_to_numpy(image.GetCellData().GetArray(name))
        assert found.dtype == array.dtype
        assert found.tobytes() == array.tobytes()


def test_a_cell_lies_where_the_grid_says(tmp_path: Path) -> None:
    place = np.zeros(UNIFORM.shape, dtype=np.float32)
    place[5, 2, 17] = 1.0
    image = read(write_fields(tmp_path, UNIFORM, {"here [1]": place}))
    x, y, z = UNIFORM.centres
    cell = image.FindCell((x[17], y[2], z[5]), None, 0, 0.0, vtk.mutable(0), [0.0] * 3, [0.0] * 8)
    assert image.GetCellData().GetArray("here [1]").GetValue(cell) == 1.0


def test_a_stretched_grid_keeps_its_planes_and_values(tmp_path: Path) -> None:
    arrays = made_up(STRETCHED)
    path = write_fields(tmp_path, STRETCHED, arrays)
    found = read(path)
    assert path.name == "fields.vtr"
    for planes, edges in zip(
        (found.GetXCoordinates(), found.GetYCoordinates(), found.GetZCoordinates()),
        (STRETCHED.x, STRETCHED.y, STRETCHED.z),
        strict=True,
    ):
        assert np.array_equal(vtk_to_numpy(planes), edges)
    for name, array in arrays.items():
        assert vtk_to_numpy(found.GetCellData().GetArray(name)).tobytes() == array.tobytes()


@pytest.mark.parametrize("cells", [1 << 18, (1 << 18) + 1])
def test_more_than_one_block_is_put_together_again(tmp_path: Path, cells: int) -> None:
    """2^18 float32 fill a block of 1 MiB exactly; one more opens a second block."""
    line = Grid(np.linspace(0, 1, cells + 1) * cells, np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    values = np.random.default_rng(2).normal(size=line.shape).astype(np.float32)
    found = read(write_fields(tmp_path, line, {"noise [1]": values}))
    assert vtk_to_numpy(found.GetCellData().GetArray("noise [1]")).tobytes() == values.tobytes()


def test_a_surface_keeps_its_triangles_and_values(tmp_path: Path) -> None:
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=np.float64)
    faces = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]], dtype=np.int64)
    times = np.array([1.0, 2.0, np.nan, 4.0], dtype=np.float32)
    write_surface_fields(tmp_path / "surface.vtp", vertices, faces, {"solidification_time [s]": times})
    found = read(tmp_path / "surface.vtp")
    assert vtk_to_numpy(found.GetPoints().GetData()).tolist() == vertices.tolist()
    assert vtk_to_numpy(found.GetPolys().GetConnectivityArray()).reshape(-1, 3).tolist() == faces.tolist()
    assert vtk_to_numpy(found.GetPointData().GetArray(0)).tobytes() == times.tobytes()
