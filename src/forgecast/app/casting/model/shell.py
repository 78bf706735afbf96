"""The surface of a body as the browser draws it: no finer than it can turn quickly, sharp where the body is sharp."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import manifold3d
import numpy as np
import trimesh
from numpy.typing import NDArray

Floats: TypeAlias = "NDArray[np.float64]"
Faces: TypeAlias = "NDArray[np.int64]"

#: Triangles of the surface that is turned, and of the one that is looked at closely.
QUICK, FINE = 25_000, 200_000
#: Faces that meet at more than this are an edge to the eye [rad].
_EDGE: Final = 0.5
#: A surface is simplified by at most this share of its diagonal at a time.
_FIRST, _LAST = 2e-4, 2e-2


@dataclass(frozen=True, slots=True)
class Shell:
    """Triangles whose corners are apart where the body has an edge, so that light falls on it as it should.

    Parameters
    ----------
    vertices : (n, 3) float64
        [m].
    faces : (m, 3) int64
    """

    vertices: Floats
    faces: Faces


def shell_of(vertices: Floats, faces: Faces, *, most: int, longest: float) -> Shell:
    """Return the surface of a closed body with at most so many triangles.

    Parameters
    ----------
    vertices : (n, 3) float64
        [m].
    faces : (m, 3) int64
    most : int
        Triangles; a finer surface is simplified, a coarser one refined.
    longest : float
        Edges longer than this are halved as long as `most` allows [m]: a plain face would have colours at its corners
        only.
    """
    if len(faces) > most:
        vertices, faces = _simplified(vertices, faces, most)
    vertices, faces = _refined(vertices, faces, most, longest)
    return Shell(*_parted(vertices, faces))


def _simplified(vertices: Floats, faces: Faces, most: int) -> tuple[Floats, Faces]:
    """Return fewer triangles within a tolerance that grows until they are few enough."""
    solid = manifold3d.Manifold(manifold3d.Mesh64(vertices, np.asarray(faces, dtype=np.uint64)))
    diagonal = float(np.linalg.norm(np.ptp(vertices, axis=0)))
    share = _FIRST
    while solid.num_tri() > most and share < _LAST:
        solid = solid.simplify(share * diagonal)
        share *= 1.6
    if solid.is_empty():  # what is no manifold is shown as it is
        return vertices, faces
    made = solid.to_mesh64()
    return np.asarray(made.vert_properties, dtype=np.float64)[:, :3], np.asarray(made.tri_verts, dtype=np.int64)


def _refined(vertices: Floats, faces: Faces, most: int, longest: float) -> tuple[Floats, Faces]:
    corners = vertices[faces]
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    while True:
        halvings = np.maximum(0.0, np.ceil(np.log2(np.maximum(sides, 1e-30) / longest)))
        if float((4.0**halvings).sum()) <= most or not halvings.any():
            break
        longest *= 1.25
    if not halvings.any():
        return vertices, faces
    subdivide: Any = trimesh.remesh.subdivide_to_size
    fine, made = subdivide(vertices, faces, longest, max_iter=60)
    # Corners that neighbours share were made twice.
    merged = trimesh.Trimesh(fine, made, process=False)
    merged.merge_vertices()
    return np.asarray(merged.vertices, dtype=np.float64), np.asarray(merged.faces, dtype=np.int64)


def _parted(vertices: Floats, faces: Faces) -> tuple[Floats, Faces]:
    """Give each smooth patch corners of its own."""
    mesh = trimesh.Trimesh(vertices, faces, process=False)
    parted: Any = trimesh.graph.smooth_shade(mesh, angle=_EDGE)
    return np.asarray(parted.vertices, dtype=np.float64), np.asarray(parted.faces, dtype=np.int64)
