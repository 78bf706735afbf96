"""A view of the cells and the solids on a fine raster: a section, or a look through along an axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.app.casting.outcome import Body, Field, Floats, Outcome
from forgecast.shape.grid import Grid

Mask: TypeAlias = "NDArray[np.bool_]"
Axis = Literal["x", "y", "z"]

#: Place of an axis in a triple of coordinates, and its axis in an array over cells.
COLUMN: Final[dict[str, int]] = {"x": 0, "y": 1, "z": 2}
_ARRAY_AXIS: Final[dict[str, int]] = {"x": 2, "y": 1, "z": 0}
#: Raster points along the longer side of a view.
_POINTS: Final = 640


@dataclass(frozen=True, slots=True)
class View:
    """A direction to look in: what runs to the right, what runs up, and what is looked along."""

    across: Axis
    up: Axis
    along: Axis


#: Front, side and plan, as on a drawing.
VIEWS: Final = (View("x", "z", "y"), View("y", "z", "x"), View("x", "y", "z"))


@dataclass(frozen=True, slots=True)
class Raster:
    """Points of a view, in metres: `u` to the right, `v` up; arrays over them have the shape (len(v), len(u))."""

    view: View
    u: Floats
    v: Floats

    @property
    def extent_mm(self) -> tuple[float, float, float, float]:
        """Return left, right, bottom and top as pictures are placed [mm]."""
        du, dv = (self.u[1] - self.u[0]) / 2, (self.v[1] - self.v[0]) / 2
        return (
            1000 * float(self.u[0] - du),
            1000 * float(self.u[-1] + du),
            1000 * float(self.v[0] - dv),
            1000 * float(self.v[-1] + dv),
        )


def raster_of(outcome: Outcome, view: View) -> Raster:
    """Return the raster that holds all bodies with a little room around them."""
    corners = np.concatenate([body.vertices for body in outcome.bodies])
    low, high = corners.min(axis=0), corners.max(axis=0)
    room = 0.03 * float((high - low).max())
    step = float((high - low).max() + 2 * room) / _POINTS
    u, v = (
        np.arange(low[COLUMN[axis]] - room, high[COLUMN[axis]] + room + step, step) for axis in (view.across, view.up)
    )
    return Raster(view, u, v)


def layer(grid: Grid, values: Field, view: View, place: float) -> Field:
    """Return the cells that a plane across `view.along` goes through: rows up, columns to the right."""
    edges: Floats = getattr(grid, view.along)
    index = int(np.clip(np.searchsorted(edges, place, side="right") - 1, 0, len(edges) - 2))
    taken: Field = np.take(values, index, axis=_ARRAY_AXIS[view.along])
    return taken


def look_through(values: Field, view: View, how: Literal["max", "sum"]) -> Field:
    """Return the greatest value, or the sum, along the line of sight; NaN where the line meets no value."""
    axis = _ARRAY_AXIS[view.along]
    known = np.isfinite(values)
    if how == "sum":
        seen = np.where(known, values, 0.0).sum(axis=axis, dtype=np.float64)
    else:
        seen = np.where(known, values, -np.inf).max(axis=axis)
    return np.where(known.any(axis=axis), seen, np.nan)


def along_sight(grid: Grid, values: Field, view: View) -> Field:
    """Return the length that a share of every cell takes up along the line of sight [m]."""
    widths = np.diff(getattr(grid, view.along))
    shape = [1, 1, 1]
    shape[_ARRAY_AXIS[view.along]] = -1
    return look_through(values * widths.reshape(shape), view, "sum")


def on_raster(grid: Grid, cells: Field, raster: Raster, *, smooth: bool = True) -> Field:
    """Return a layer of cells on a raster, carried a little beyond its rim so that it fills the true outline.

    Parameters
    ----------
    grid : Grid
    cells : (rows, columns) array
        NaN where there is no value.
    raster : Raster
    smooth : bool
        Linear between cell centres; otherwise each point has the value of the cell it lies in.
    """
    from scipy import ndimage  # noqa: PLC0415  (only pictures need it)

    known = np.isfinite(cells)
    if not known.any():
        return np.full((len(raster.v), len(raster.u)), np.nan)
    nearest = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
    filled = np.asarray(cells, dtype=np.float64)[tuple(nearest)]
    at_u, at_v = (
        _position(getattr(grid, axis), points)
        for axis, points in ((raster.view.across, raster.u), (raster.view.up, raster.v))
    )
    where = np.meshgrid(at_v, at_u, indexing="ij")
    drawn: Field = ndimage.map_coordinates(filled, where, order=1 if smooth else 0, mode="nearest")
    return drawn


def _position(edges: Floats, points: Floats) -> Floats:
    """Return points as fractions of cell numbers, 0 being the centre of the first cell."""
    centres = 0.5 * (edges[:-1] + edges[1:])
    return np.interp(points, centres, np.arange(len(centres)))


def outline(body: Body, view: View, place: float) -> Floats:
    """Return the strokes of a body's surface in a plane, (n, 2 ends, 2) along (across, up) [m]."""
    import trimesh  # noqa: PLC0415

    normal = np.zeros(3)
    normal[COLUMN[view.along]] = 1.0
    # A plane that lies in a face of the solid cuts nothing cleanly, so it is moved by a millionth of the size.
    nudge = 1e-6 * float(np.ptp(body.vertices, axis=0).max())
    mesh = trimesh.Trimesh(body.vertices, body.faces, process=False)
    mesh_plane: Any = trimesh.intersections.mesh_plane
    strokes = mesh_plane(mesh, normal, normal * (place + nudge))
    return np.asarray(strokes, dtype=np.float64).reshape(-1, 2, 3)[:, :, [COLUMN[view.across], COLUMN[view.up]]]


def inside(strokes: Floats, raster: Raster) -> Mask:
    """Return the raster points inside closed outlines: a line of sight crosses the rim an odd number of times."""
    mask = np.zeros((len(raster.v), len(raster.u)), dtype=np.bool_)
    (u0, v0), (u1, v1) = strokes[:, 0].T, strokes[:, 1].T
    for row, v in enumerate(raster.v):
        met = (v0 <= v) != (v1 <= v)
        crossed = u0[met] + (v - v0[met]) * (u1[met] - u0[met]) / (v1[met] - v0[met])
        mask[row] = np.searchsorted(np.sort(crossed), raster.u) % 2 == 1
    return mask


def shadow(body: Body, raster: Raster) -> Mask:
    """Return the raster points that a body covers when looked through."""
    from PIL import Image, ImageDraw  # noqa: PLC0415

    image = Image.new("1", (len(raster.u), len(raster.v)))
    pen = ImageDraw.Draw(image)
    start = np.array([raster.u[0], raster.v[0]])
    step = np.array([raster.u[1] - raster.u[0], raster.v[1] - raster.v[0]])
    flat = (body.vertices[:, [COLUMN[raster.view.across], COLUMN[raster.view.up]]] - start) / step
    for triangle in flat[body.faces].reshape(-1, 6).tolist():
        pen.polygon(triangle, fill=1)
    return np.array(image, dtype=np.bool_)
