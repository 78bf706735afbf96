"""What a solid measures: volume, area, box, centre of mass, modulus, bodies and holes through it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from forgecast.ground.texts import text
from forgecast.shape.errors import ShapeError
from forgecast.shape.solid import Point, Solid


@dataclass(frozen=True, slots=True)
class Measures:
    """Figures of a solid.

    Parameters
    ----------
    volume : float
        [m3]
    area : float
        Of its whole surface, cavities included [m2].
    box : (3,) float
        Length along x, y and z [m].
    lowest : (3,) float
        Lowest corner of the box [m].
    centre : (3,) float
        Centre of mass at uniform density [m].
    modulus : float
        Volume over area [m].
    bodies : int
        Bodies that do not touch; a cavity is no body.
    cavities : int
        Closed hollows inside bodies.
    euler : int
        Euler number of the surface, V - E + F: 2 for each body or cavity, less 2 for each hole through it.
    faces : int
    mass : float or None
        [kg], where a density was given.
    """

    volume: float
    area: float
    box: Point
    lowest: Point
    centre: Point
    modulus: float
    bodies: int
    cavities: int
    euler: int
    faces: int
    mass: float | None = None


def measure(solid: Solid, *, density: float | None = None) -> Measures:
    """Return the figures of a solid.

    Volume and centre by the divergence theorem over the triangles, ``V = 1/6 sum a . (b x c)`` about the middle of the
    box, which keeps the digits of a part far from the origin; area as the sum of the triangles.

    Parameters
    ----------
    solid : Solid
    density : float or None
        [kg/m3]

    Raises
    ------
    ShapeError
        If the density is not above zero, or the surface encloses no volume.
    """
    if density is not None and not (math.isfinite(density) and density > 0.0):
        raise ShapeError(text("the density is {value} kg/m3", value=density), repair=text("give a density above zero"))
    box = solid.box
    middle = box.mean(axis=0)
    a, b, c = np.moveaxis(solid.triangles - middle, 1, 0)
    shares = np.einsum("ij,ij->i", a, np.cross(b, c)) / 6.0
    volume = float(shares.sum())
    if not volume > 0.0:
        raise ShapeError(
            text("{name} encloses no volume", name=solid.name), repair=text("read it with read_solid, which turns it")
        )
    centre = middle + (shares[:, None] * (a + b + c) / 4.0).sum(axis=0) / volume
    area = float(np.linalg.norm(solid.vector_areas, axis=1).sum())
    labels = shells(solid.faces, len(solid.vertices))
    volumes = np.bincount(labels, weights=shares)
    hollow = int(np.count_nonzero(volumes < 0.0))
    return Measures(
        volume=volume,
        area=area,
        box=_point(box[1] - box[0]),
        lowest=_point(box[0]),
        centre=_point(centre),
        modulus=volume / area,
        bodies=len(volumes) - hollow,
        cavities=hollow,
        euler=_euler(solid.faces),
        faces=len(solid.faces),
        mass=None if density is None else volume * density,
    )


def shells(faces: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return for each face the number of the connected surface it belongs to, (m,) from 0; faces connect at edges.

    Two bodies that touch in a corner only stay two.
    """
    m = len(faces)
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    owner = np.tile(np.arange(m), 3)
    key = edges[:, 0] * np.int64(count) + edges[:, 1]
    order = np.argsort(key, kind="stable")
    same = key[order][1:] == key[order][:-1]
    first, second = owner[order][:-1][same], owner[order][1:][same]
    graph = coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(m, m))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _euler(faces: NDArray[np.int64]) -> int:
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    return len(np.unique(faces)) - len(np.unique(edges, axis=0)) + len(faces)


def _point(values: NDArray[np.float64]) -> Point:
    return float(values[0]), float(values[1]), float(values[2])
