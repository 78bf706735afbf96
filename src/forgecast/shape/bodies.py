"""Bodies of a surface: which way out is, which are cavities, and which overlap."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import text
from forgecast.shape.errors import ShapeError
from forgecast.shape.repair import Repair, Surface
from forgecast.shape.solid import Solid, joined, overlap, without

Floats = NDArray[np.float64]
Faces = NDArray[np.int64]


def turned_outward(surface: Surface, sheets: Faces, name: str) -> tuple[Surface, tuple[Repair, ...]]:
    """Turn bodies that are inside out, their cavities with them.

    Parameters
    ----------
    surface : Surface
        Closed, with neighbours agreeing.
    sheets : (m,) int64
        Which connected sheet each face belongs to.
    name : str

    Raises
    ------
    ShapeError
        If a body lies wholly in another one and faces outward like it: metal in metal, or a cavity wrongly turned.
    """
    triangles = surface.vertices[surface.faces]
    middle = surface.vertices[surface.faces.reshape(-1)].mean(axis=0)
    a, b, c = np.moveaxis(triangles - middle, 1, 0)
    volumes = np.bincount(sheets, weights=np.einsum("ij,ij->i", a, np.cross(b, c)) / 6.0)
    around = _containers(triangles, sheets, len(volumes))
    flip = np.zeros(len(volumes), dtype=bool)
    for body in np.argsort([len(a) for a in around]).tolist():
        outer = around[body]
        outward = len(outer) % 2 == 0
        if (volumes[body] > 0.0) == outward:
            # A cavity within a body that was inside out would be turned with it; this one is right already.
            continue
        if outer and not flip[outer].any():
            box = triangles[sheets == body].reshape(-1, 3)
            place = box.mean(axis=0) * 1e3
            raise ShapeError(
                text(
                    "a body around ({x}, {y}, {z}) mm lies inside another one and is turned as if it were metal in "
                    "metal",
                    x=round(float(place[0]), 3),
                    y=round(float(place[1]), 3),
                    z=round(float(place[2]), 3),
                ),
                where=name,
                repair=text("turn its faces inward if it is a cavity, or leave it out"),
            )
        flip[body] = True
    turn = flip[sheets]
    if not turn.any():
        return surface, ()
    what = text("{n} bodies or cavities were inside out and were turned", n=int(flip.sum()))
    record = surface.repair("turned-body", turn, what)
    faces = surface.faces.copy()
    faces[turn] = faces[turn][:, ::-1]
    return replace(surface, faces=faces), (record,)


def united(solid: Solid, sheets: Faces) -> tuple[Solid, tuple[Repair, ...], tuple[Finding, ...]]:
    """Return the solid with bodies that overlap made one, or as it is where none do.

    Parameters
    ----------
    solid : Solid
        With bodies outward and cavities inward.
    sheets : (m,) int64
    """
    count = int(sheets.max(initial=0)) + 1
    if count == 1:
        return solid, (), ()
    parts = [Solid(*_compact(solid, sheets == body), f"{solid.name} {body + 1}") for body in range(count)]
    volumes = [_volume(part) for part in parts]
    bodies = [part for part, volume in zip(parts, volumes, strict=True) if volume > 0.0]
    hollow = [part for part, volume in zip(parts, volumes, strict=True) if volume <= 0.0]
    try:
        crossing = _crossing(bodies)
        if not crossing:
            return solid, (), ()
        one = joined(*bodies, name=solid.name)
        if hollow:
            one = without(one, *(replace(part, faces=part.faces[:, ::-1].copy()) for part in hollow), name=solid.name)
    except ShapeError as error:
        finding = Finding(
            "overlap-not-checked",
            Severity.DOUBTFUL,
            Place(solid.name),
            "",
            text("whether its bodies overlap could not be found out: {what}", what=error.what),
            text("check that no two bodies share a volume; metal there would count twice"),
        )
        return solid, (), (finding,)
    places = tuple((float(x), float(y), float(z)) for x, y, z in (part.box.mean(axis=0) for part in crossing))
    what = text("{n} bodies that overlap were made one", n=len(crossing))
    record = Repair("united-bodies", (), places, what)
    return replace(one, name=solid.name, sha256=solid.sha256), (record,), ()


def _crossing(bodies: list[Solid]) -> list[Solid]:
    """Return the bodies that share a volume with another one."""
    boxes = np.array([body.box for body in bodies])
    found: set[int] = set()
    for i, body in enumerate(bodies):
        meets = (boxes[i + 1 :, 0] < boxes[i, 1]).all(axis=1) & (boxes[i + 1 :, 1] > boxes[i, 0]).all(axis=1)
        for j in (np.flatnonzero(meets) + i + 1).tolist():
            least = min(_volume(body), _volume(bodies[j]))
            if overlap(body, bodies[j]) > 1e-6 * least:
                found |= {i, j}
    return [bodies[i] for i in sorted(found)]


def _compact(solid: Solid, chosen: NDArray[np.bool_]) -> tuple[Floats, Faces]:
    used, faces = np.unique(solid.faces[chosen], return_inverse=True)
    return solid.vertices[used], faces.reshape(-1, 3).astype(np.int64)


def _volume(solid: Solid) -> float:
    a, b, c = np.moveaxis(solid.triangles - solid.box.mean(axis=0), 1, 0)
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


def _containers(triangles: Floats, sheets: Faces, count: int) -> list[list[int]]:
    """Return for each sheet the sheets that go round it."""
    low = np.full((count, 3), np.inf)
    high = np.full((count, 3), -np.inf)
    np.minimum.at(low, sheets, triangles.min(axis=1))
    np.maximum.at(high, sheets, triangles.max(axis=1))
    around: list[list[int]] = []
    for body in range(count):
        candidates = np.flatnonzero((low < low[body]).all(axis=1) & (high > high[body]).all(axis=1))
        point = triangles[np.argmax(sheets == body)].mean(axis=0)
        around.append([int(c) for c in candidates if abs(_winding(triangles[sheets == c], point)) > 0.5])
    return around


def _winding(triangles: Floats, point: Floats) -> float:
    """Return how often a surface goes round a point (Van Oosterom and Strackee 1983, doi:10.1109/TBME.1983.325207)."""
    a, b, c = np.moveaxis(triangles - point, 1, 0)
    la, lb, lc = (np.linalg.norm(v, axis=1) for v in (a, b, c))
    top = np.einsum("ij,ij->i", a, np.cross(b, c))
    below = (
        la * lb * lc
        + np.einsum("ij,ij->i", a, b) * lc
        + np.einsum("ij,ij->i", b, c) * la
        + np.einsum("ij,ij->i", c, a) * lb
    )
    return float(np.arctan2(top, below).sum() / (2.0 * np.pi))
