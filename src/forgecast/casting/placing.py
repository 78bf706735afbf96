"""Where a riser can stand on a casting: its solid with a neck, on top above a hot spot or at the nearest side."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.casting.riser import Fed, Position, Shape
from forgecast.shape.errors import ShapeError
from forgecast.shape.measure import measure
from forgecast.shape.solid import Point, Solid, box, cylinder, joined, moved, overlap, sphere, without

Floats = NDArray[np.float64]

#: Directions in which a side is looked for.
DIRECTIONS = 16
#: Half edge of the box around a hot spot whose metal gives the modulus there, over the radius of the sphere inside.
#: From 1 on it is exact for a cube, a long bar and a plate along the axes; the rest allows for turned ones.
AROUND = 1.25
#: A neck on top may be at most so many times as long as wide: a longer one freezes as a bar of its own.
LONGEST_NECK = 1.0
#: Share of its own volume that a riser may have in common with another body: rounding of facets that touch.
TOUCHING = 1e-6


@dataclass(frozen=True, slots=True)
class Measured:
    """A riser by its lengths.

    Parameters
    ----------
    shape : {"cylinder", "domed"}
    diameter, height : float
        [m]; the height of a domed one counts to the top of its dome.
    neck_diameter, neck_length : float
        [m]; a neck as wide as the riser or of no length is none.
    sleeve_thickness : float or None
        [m]; None without a sleeve.
    """

    shape: Shape
    diameter: float
    height: float
    neck_diameter: float
    neck_length: float
    sleeve_thickness: float | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A riser in its place.

    Parameters
    ----------
    position : {"top", "side"}
    foot : (x, y, z)
        Centre of the lower face of its cylinder [m].
    metal : Solid
        Riser and neck, the casting taken out.
    sleeve : Solid or None
    height : float
        Of the cylinder, dome included [m].
    """

    position: Position
    foot: Point
    metal: Solid
    sleeve: Solid | None
    height: float


def fed_zone(casting: Solid, place: Point, depth: float, volume: float | None = None, *, slack: float = 0.0) -> Fed:
    """Return what has to be fed at a hot spot.

    The modulus is that of the metal in a box around the spot, half an edge `AROUND` times the depth and the slack: its
    volume over its own surface, where the box cuts through metal nothing cools. The volume is the whole zone's
    where it is known; the area is then the one that keeps the modulus.

    Parameters
    ----------
    casting : Solid
    place : (x, y, z)
        [m].
    depth : float
        Of the spot below the surface, the radius of the sphere inside [m].
    volume : float or None
        Metal that freezes towards the spot [m3].
    slack : float
        By how much the place may miss the middle of the metal [m].
    """
    half = AROUND * depth + slack
    low = tuple(p - half for p in place)
    around = box((2.0 * half,) * 3, at=(low[0], low[1], low[2]), name="around")
    try:
        inside = without(around, without(around, casting, name="outside"), name="inside")
    except ShapeError:
        # Nothing of the box is outside the casting, or nothing inside: the whole casting stands for the zone.
        inside = casting
    areas = np.linalg.norm(inside.vector_areas, axis=1)
    triangles = inside.triangles
    cut = np.zeros(len(areas), dtype=bool)
    if inside is not casting:
        for axis in range(3):
            for plane in (low[axis], low[axis] + 2.0 * half):
                cut |= (np.abs(triangles[:, :, axis] - plane) < 1e-6 * half).all(axis=1)
    own = measure(inside).volume
    area = float(areas[~cut].sum())
    all_of_it = measure(casting)
    modulus = max(own / area, all_of_it.modulus) if area > 0.0 else all_of_it.modulus
    zone = max(own, volume) if volume is not None else own
    return Fed(zone, zone / modulus)


def middle(solid: Solid, place: Point) -> tuple[Point, float] | None:
    """Return the middle of the thinnest chord along the axes through a place, and half its length [m].

    Exact in a plate or bar along the axes; None outside the solid.
    """
    chords = []
    for axis in range(3):
        way = np.eye(3)[axis]
        ahead = crossings(solid, place, (way[0], way[1], way[2]))
        behind = crossings(solid, place, (-way[0], -way[1], -way[2]))
        if len(ahead) % 2 == 0 or len(behind) % 2 == 0:
            return None
        chords.append((float(ahead[0] + behind[0]), axis, float(ahead[0] - behind[0])))
    length, axis, off = min(chords)
    centre = list(place)
    centre[axis] += 0.5 * off
    return (centre[0], centre[1], centre[2]), 0.5 * length


def top_standing(
    casting: Solid, spot: Point, size: Measured, others: Sequence[Solid] = (), flask: Floats | None = None
) -> Standing | None:
    """Return a riser on top of the casting above a hot spot, or None where it cannot stand there.

    A vertical neck must reach the spot: nothing but metal between it and the surface above. The riser's foot clears
    all of the casting below it.

    Parameters
    ----------
    casting : Solid
        As it lies in the mould, z up.
    spot : (x, y, z)
        [m].
    size : Measured
    others : sequence of Solid
        What the riser must not touch: other risers, chills, cores.
    flask : (2, 3) float64 or None
        Lowest and highest corner of the room for metal [m].
    """
    over = crossings(casting, spot, (0.0, 0.0, 1.0))
    if len(over) != 1:
        return None
    surface = spot[2] + float(over[0])
    width = min(size.neck_diameter, size.diameter)
    met = _tops(casting, spot, width)
    near = met[met >= surface - 0.5 * width]
    bottom = float(near.min()) if len(near) else surface
    highest = max(float(np.nanmax(_tops(casting, spot, size.diameter), initial=surface)), surface)
    length = size.neck_length if width < size.diameter else 0.0
    base = highest + length
    if base - surface > max(LONGEST_NECK * width, length):
        return None
    foot = (spot[0], spot[1], base)
    metal = _upright(size, foot, size.height)
    if base > bottom:
        # The neck reaches into the riser, so that both are one body whatever the rounding.
        neck = cylinder(width, base - bottom + 0.1 * size.height, at=(spot[0], spot[1], bottom), name="neck")
        metal = joined(metal, neck)
    return _placed(casting, "top", foot, metal, size, height=size.height, others=others, flask=flask)


def side_standings(
    casting: Solid,
    spot: Point,
    size: Measured,
    top: float,
    others: Sequence[Solid] = (),
    flask: Floats | None = None,
) -> Iterator[Standing]:
    """Yield risers beside the casting, the nearest to a hot spot first.

    The neck lies level at the spot's height and enters the riser at its foot. Metal is drawn from the highest liquid,
    so the riser stands at least half its height above what it feeds.

    Parameters
    ----------
    top : float
        Highest point of what is to be fed [m].

    Other parameters as in `top_standing`.
    """
    width = min(size.neck_diameter, size.diameter)
    bottom = spot[2] - 0.5 * width
    height = max(size.height, top - bottom + 0.5 * size.height)
    found = []
    for n in range(DIRECTIONS):
        angle = 2.0 * math.pi * n / DIRECTIONS
        way = (math.cos(angle), math.sin(angle), 0.0)
        out = crossings(casting, spot, way)
        if len(out) == 1:
            found.append((round(float(out[0]), 6), n, angle))
    for out_at, _, angle in sorted(found):
        reach = out_at + size.neck_length + 0.5 * size.diameter
        foot = (spot[0] + reach * math.cos(angle), spot[1] + reach * math.sin(angle), bottom)
        body = _upright(size, foot, height)
        if overlap(body, casting) > TOUCHING * measure(body).volume:
            continue
        neck = _level(width, reach, angle, spot)
        metal = joined(body, neck)
        standing = _placed(casting, "side", foot, metal, size, height=height, others=others, flask=flask)
        if standing is not None:
            yield standing


def crossings(solid: Solid, start: Point, way: Point) -> Floats:
    """Return at which distances a ray crosses the surface [m], rising; a shared edge counts once.

    Parameters
    ----------
    start : (x, y, z)
        [m].
    way : (x, y, z)
        Direction of length one.
    """
    a, b, c = np.moveaxis(solid.triangles, 1, 0)
    direction = np.asarray(way)
    e1, e2 = b - a, c - a
    p = np.cross(direction, e2)
    det = np.einsum("ij,ij->i", e1, p)
    scale = np.linalg.norm(e1, axis=1) * np.linalg.norm(e2, axis=1)
    ok = np.abs(det) > 1e-12 * scale
    inverse = np.divide(1.0, det, out=np.zeros_like(det), where=ok)
    s = np.asarray(start) - a
    u = np.einsum("ij,ij->i", s, p) * inverse
    q = np.cross(s, e1)
    v = np.einsum("j,ij->i", direction, q) * inverse
    t = np.einsum("ij,ij->i", e2, q) * inverse
    hit = ok & (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1.0 + 1e-9) & (t > 1e-9)
    return np.unique(np.round(t[hit], 9))


def _tops(casting: Solid, at: Point, diameter: float) -> Floats:
    """Return the heights of the casting's upper surface under a disc [m]; NaN where there is no casting below."""
    above = float(casting.box[1, 2]) + 1e-3 * diameter + 1e-3
    found = []
    for share, count in ((0.0, 1), (0.5, 8), (0.98, 16)):
        for n in range(count):
            angle = 2.0 * math.pi * (n + 0.25) / count
            x, y = at[0] + 0.5 * share * diameter * math.cos(angle), at[1] + 0.5 * share * diameter * math.sin(angle)
            down = crossings(casting, (x, y, above), (0.0, 0.0, -1.0))
            found.append(above - float(down[0]) if len(down) else math.nan)
    return np.array(found)


def _upright(size: Measured, foot: Point, height: float) -> Solid:
    if size.shape == "cylinder":
        return cylinder(size.diameter, height, at=foot, name="riser")
    straight = height - 0.5 * size.diameter
    dome = sphere(size.diameter, at=(foot[0], foot[1], foot[2] + straight), name="dome")
    # A dome alone would sink below its foot; the lower half is inside the cylinder.
    return joined(cylinder(size.diameter, straight, at=foot, name="riser"), dome, name="riser")


def _level(diameter: float, length: float, angle: float, start: Point) -> Solid:
    """Return a cylinder that lies level."""
    lying = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])
    c, s = math.cos(angle), math.sin(angle)
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]) @ lying
    return moved(cylinder(diameter, length, name="neck"), start, turn=turn)


def _placed(
    casting: Solid,
    position: Position,
    foot: Point,
    metal: Solid,
    size: Measured,
    *,
    height: float,
    others: Sequence[Solid],
    flask: Floats | None,
) -> Standing | None:
    try:
        own = without(metal, casting, name="riser")
    except ShapeError:
        return None
    sleeve = None
    if size.sleeve_thickness is not None:
        wide = cylinder(size.diameter + 2.0 * size.sleeve_thickness, height, at=foot, name="sleeve")
        sleeve = without(wide, metal, casting, name="sleeve")
    taken = [own] if sleeve is None else [own, sleeve]
    if flask is not None:
        for solid in taken:
            if (solid.box[0] < flask[0] - 1e-9).any() or (solid.box[1] > flask[1] + 1e-9).any():
                return None
    if any(overlap(solid, other) > TOUCHING * measure(solid).volume for solid in taken for other in others):
        return None
    return Standing(position, foot, own, sleeve, height)
