"""Solids: closed surfaces of triangles, built, moved, joined and cut from one another."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import manifold3d
import numpy as np
from numpy.typing import NDArray

from forgecast.ground.texts import Text, text
from forgecast.shape.errors import ShapeError

Floats = NDArray[np.float64]
Faces = NDArray[np.int64]
Point: TypeAlias = tuple[float, float, float]
Junction: TypeAlias = Literal["L", "T", "X"]

_LENGTHS: dict[str, Text] = {
    "length": text("length"),
    "width": text("width"),
    "height": text("height"),
    "diameter": text("diameter"),
    "top_diameter": text("diameter at the top"),
    "wall": text("thickness of the wall"),
    "arm": text("length of the arm"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Solid:
    """A body, or several, bounded by a closed surface of triangles whose corners turn left seen from outside.

    Parameters
    ----------
    vertices : (n, 3) float64
        Corners [m].
    faces : (m, 3) int64
        Three corners for each triangle.
    name : str
    sha256 : str
        Of the file it was read from; of its own corners and faces where it was built.
    """

    vertices: Floats
    faces: Faces
    name: str = ""
    sha256: str = ""

    @property
    def box(self) -> Floats:
        """Return the lowest and the highest corner of its box, (2, 3) [m]."""
        used = self.vertices[self.faces.reshape(-1)]
        return np.array([used.min(axis=0), used.max(axis=0)])

    @property
    def triangles(self) -> Floats:
        """Return the corners of each triangle, (m, 3, 3) [m]."""
        return self.vertices[self.faces]

    @property
    def vector_areas(self) -> Floats:
        """Return area times outward normal of each triangle, (m, 3) [m2]."""
        a, b, c = (self.vertices[self.faces[:, k]] for k in range(3))
        return 0.5 * np.cross(b - a, c - a)


def built(vertices: Floats, faces: Faces, name: str) -> Solid:
    """Return a solid that comes from no file; its hash is that of its corners and faces."""
    vertices = np.array(vertices, dtype=np.float64, order="C")
    faces = np.array(faces, dtype=np.int64, order="C")
    return Solid(vertices, faces, name, hashlib.sha256(vertices.tobytes() + faces.tobytes()).hexdigest())


def prism(outline: Sequence[tuple[float, float]], height: float, *, at: Point = (0.0, 0.0, 0.0), name: str) -> Solid:
    """Return a prism standing upright on an outline.

    Parameters
    ----------
    outline : sequence of (x, y)
        Corners in either sense of turning, without crossing [m].
    height : float
        Along z [m].
    at : (x, y, z)
        Where the outline's (0, 0) stands [m].

    Raises
    ------
    ShapeError
        If height or outline enclose no volume.
    """
    ring = np.asarray(outline, dtype=np.float64)
    _positive(name, height=height)
    x, y = ring[:, 0], ring[:, 1]
    turning = 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
    if turning < 0.0:
        ring = ring[::-1]
    n = len(ring)
    lid = manifold3d.triangulate([ring])
    if turning == 0.0 or len(lid) == 0:
        raise ShapeError(text("the outline of {name} encloses no area", name=name), repair=text("correct its corners"))
    low = np.column_stack([ring, np.zeros(n)])
    high = np.column_stack([ring, np.full(n, height)])
    here = np.arange(n)
    after = np.roll(here, -1)
    sides = np.concatenate([
        np.column_stack([here, after, after + n]), np.column_stack([here, after + n, here + n])
    ])  # fmt: skip
    faces = np.concatenate([np.asarray(lid, dtype=np.int64)[:, ::-1], np.asarray(lid, dtype=np.int64) + n, sides])
    return built(np.concatenate([low, high]) + np.asarray(at), faces, name)


def box(size: Point, *, at: Point = (0.0, 0.0, 0.0), name: str = "box") -> Solid:
    """Return a box with its lowest corner at a point; all lengths in m."""
    _positive(name, length=size[0], width=size[1], height=size[2])
    length, width, height = size
    return prism([(0.0, 0.0), (length, 0.0), (length, width), (0.0, width)], height, at=at, name=name)


def cylinder(
    diameter: float,
    height: float,
    *,
    at: Point = (0.0, 0.0, 0.0),
    top_diameter: float | None = None,
    sections: int = 96,
    name: str = "cylinder",
) -> Solid:
    """Return an upright cylinder, or a cone's frustum, of facets.

    Parameters
    ----------
    diameter, height : float
        Of the true cylinder [m].
    at : (x, y, z)
        Centre of its lower face [m].
    top_diameter : float or None
        Diameter of its upper face [m] where that differs.
    sections : int
        Facets around. The polygon has the area of the circle, so the volume is that of the true body; its corners
        stand out by pi^2 / (3 sections^2) of the radius (0.04 % for 96).
    """
    top = diameter if top_diameter is None else top_diameter
    _positive(name, diameter=diameter, height=height, top_diameter=top)
    angle = 2.0 * np.pi * np.arange(sections) / sections
    unit = np.column_stack([np.cos(angle), np.sin(angle)]) * _equal_area(sections)
    solid = prism([tuple(p) for p in 0.5 * diameter * unit], height, name=name)
    vertices = solid.vertices.copy()
    vertices[sections:, :2] *= top / diameter
    return built(vertices + np.asarray(at), solid.faces, name)


def sphere(diameter: float, *, at: Point = (0.0, 0.0, 0.0), sections: int = 96, name: str = "sphere") -> Solid:
    """Return a sphere of facets around a centre, with the volume of the true sphere.

    Parameters
    ----------
    diameter : float
        Of the true sphere [m].
    at : (x, y, z)
        Centre [m].
    sections : int
        Facets around its equator; a multiple of 4.
    """
    _positive(name, diameter=diameter)
    ball = manifold3d.Manifold.sphere(1.0, sections)
    made = _from_manifold(ball, name)
    grown = made.vertices * (4.0 / 3.0 * math.pi / ball.volume()) ** (1.0 / 3.0)
    return built(0.5 * diameter * grown + np.asarray(at), made.faces, name)


def junction(kind: Junction, wall: float, *, arm: float, height: float, at: Point = (0.0, 0.0, 0.0)) -> Solid:
    """Return two walls of equal thickness that meet at right angles with sharp corners, standing upright.

    Parameters
    ----------
    kind : {"L", "T", "X"}
        A corner, a wall on a wall, or two walls crossing.
    wall : float
        Thickness of both walls [m].
    arm : float
        Length of each arm beyond the square the walls share [m].
    height : float
        Along z [m].
    at : (x, y, z)
        Lowest point of the axis of the shared square [m].
    """
    _positive(kind, wall=wall, arm=arm, height=height)
    h, far = 0.5 * wall, 0.5 * wall + arm
    outlines: dict[str, list[tuple[float, float]]] = {
        "L": [(-h, -h), (far, -h), (far, h), (h, h), (h, far), (-h, far)],
        "T": [(-far, -h), (far, -h), (far, h), (h, h), (h, far), (-h, far), (-h, h), (-far, h)],
        "X": [
            (-far, -h), (-h, -h), (-h, -far), (h, -far), (h, -h), (far, -h),
            (far, h), (h, h), (h, far), (-h, far), (-h, h), (-far, h),
        ],
    }  # fmt: skip
    return prism(outlines[kind], height, at=at, name=kind)


def moved(solid: Solid, by: Point = (0.0, 0.0, 0.0), *, turn: Floats | None = None, name: str | None = None) -> Solid:
    """Return a solid turned about the origin and then shifted.

    Parameters
    ----------
    by : (x, y, z)
        Shift [m].
    turn : (3, 3) float64 or None
        Rotation matrix.
    """
    vertices = solid.vertices if turn is None else solid.vertices @ np.asarray(turn).T
    done = built(vertices + np.asarray(by), solid.faces, solid.name if name is None else name)
    return replace(done, sha256=solid.sha256) if turn is None and by == (0.0, 0.0, 0.0) else done


def joined(*solids: Solid, name: str | None = None) -> Solid:
    """Return the union of solids as one surface.

    Raises
    ------
    ShapeError
        If one of them is no closed surface.
    """
    union = manifold3d.Manifold.batch_boolean([_manifold(s) for s in solids], manifold3d.OpType.Add)
    return _from_manifold(union, "+".join(s.name for s in solids) if name is None else name)


def without(solid: Solid, *taken: Solid, name: str | None = None) -> Solid:
    """Return what is left of a solid when others are taken out of it.

    Raises
    ------
    ShapeError
        If one of them is no closed surface, or nothing is left.
    """
    parts = [_manifold(s) for s in (solid, *taken)]
    left = manifold3d.Manifold.batch_boolean(parts, manifold3d.OpType.Subtract)
    if left.is_empty():
        raise ShapeError(
            text("nothing is left of {name}: what is taken away covers it wholly", name=solid.name),
            repair=text("check the places and the unit of both"),
        )
    return _from_manifold(left, solid.name if name is None else name)


def overlap(solid: Solid, other: Solid) -> float:
    """Return the volume two solids share [m3]; 0 where they only touch."""
    parts = [_manifold(solid), _manifold(other)]
    return float(manifold3d.Manifold.batch_boolean(parts, manifold3d.OpType.Intersect).volume())


def _equal_area(sections: int) -> float:
    angle = 2.0 * math.pi / sections
    return math.sqrt(angle / math.sin(angle))


def _positive(name: str, **lengths: float) -> None:
    for what, value in lengths.items():
        if not (math.isfinite(value) and value > 0.0):
            raise ShapeError(
                text("{name}: {what} is {value} m", name=name, what=_LENGTHS[what], value=value),
                repair=text("give a length above zero"),
            )


def _manifold(solid: Solid) -> manifold3d.Manifold:
    mesh = manifold3d.Mesh64(
        # Copies: manifold3d refuses arrays that may not be written to.
        np.array(solid.vertices, dtype=np.float64, order="C"),
        np.array(solid.faces, dtype=np.uint64, order="C"),
    )
    made = manifold3d.Manifold(mesh)
    if made.status() != manifold3d.Error.NoError:
        raise ShapeError(
            text(
                "{name} cannot be joined or cut: its surface is no clean boundary of a body ({status})",
                name=solid.name,
                status=made.status().name,
            ),
            repair=text("repair it in the CAD program: each edge must belong to exactly two faces"),
        )
    return made


def _from_manifold(made: manifold3d.Manifold, name: str) -> Solid:
    mesh = made.to_mesh64()
    return built(np.asarray(mesh.vert_properties)[:, :3], np.asarray(mesh.tri_verts, dtype=np.int64), name)
