"""Repair of a surface read from a file; each repair is told face by face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from forgecast.ground.texts import Text, text
from forgecast.shape.edges import grouped, half_edges, loops, missing_edges, odd_edges
from forgecast.shape.solid import Point

Floats = NDArray[np.float64]
Faces = NDArray[np.int64]
RepairKind: TypeAlias = Literal[
    "dropped-degenerate",
    "dropped-duplicate",
    "welded-corners",
    "turned-face",
    "filled-hole",
    "dropped-sheet",
    "turned-body",
    "united-bodies",
]

#: Corners on open edges are welded within these shares of the box's diagonal, the least that closes the surface.
WELDS = (1e-7, 1e-6, 1e-5, 1e-4)
#: A crack whose filling has less area than this share of the diagonal squared is no opening, however long.
_CRACK = 1e-6
#: A sheet with less volume than this share of its diagonal cubed encloses nothing.
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Repair:
    """One kind of repair, and all faces it was done to.

    Parameters
    ----------
    kind : RepairKind
    faces : tuple of int
        Faces as they stand in the file, counted from 1; those around it for a hole.
    places : tuple of (x, y, z)
        Middle of each face, in the same order; of the hole for a hole [m].
    what : Text
    """

    kind: RepairKind
    faces: tuple[int, ...]
    places: tuple[Point, ...]
    what: Text

    def as_json(self) -> dict[str, object]:
        """Return the repair as every JSON answer shows it."""
        return {
            "kind": self.kind,
            "faces": list(self.faces),
            "places_mm": [[round(c * 1e3, 6) for c in place] for place in self.places],
            "what": self.what.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Hole:
    """An opening left in a surface.

    Parameters
    ----------
    centre : (x, y, z)
        Mean of its corners [m].
    length : float
        Longest way across it [m].
    edges : int
    """

    centre: Point
    length: float
    edges: int


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A surface under repair: corners, faces, and which face of the file each one is (from 1; 0 for a filling)."""

    vertices: Floats
    faces: Faces
    numbers: Faces

    @property
    def diagonal(self) -> float:
        """Return the diagonal of its box."""
        return float(np.linalg.norm(np.ptp(self.vertices[self.faces.reshape(-1)], axis=0)))

    def kept(self, chosen: NDArray[np.bool_]) -> Surface:
        """Return the surface with the chosen faces only."""
        return Surface(self.vertices, self.faces[chosen], self.numbers[chosen])

    def repair(self, kind: RepairKind, which: NDArray[np.bool_], what: Text) -> Repair:
        """Return the record of a repair of some of its faces."""
        middles = self.vertices[self.faces[which]].mean(axis=1)
        return Repair(kind, tuple(self.numbers[which].tolist()), _points(middles), what)


def merged(surface: Surface) -> Surface:
    """Return the surface with corners of equal coordinates made one; formats without shared corners need it."""
    vertices, of = np.unique(surface.vertices, axis=0, return_inverse=True)
    return Surface(vertices, of.reshape(-1)[surface.faces], surface.numbers)


def without_waste(surface: Surface) -> tuple[Surface, tuple[Repair, ...]]:
    """Drop faces with two equal corners, and copies of a face.

    Faces whose three corners lie on a line stay: they close the gap between edges that meet out of step.
    """
    f = surface.faces
    flat = (f[:, 0] == f[:, 1]) | (f[:, 1] == f[:, 2]) | (f[:, 2] == f[:, 0])
    repairs = []
    if flat.any():
        what = text("{n} faces with two equal corners were dropped", n=int(flat.sum()))
        repairs.append(surface.repair("dropped-degenerate", flat, what))
        surface = surface.kept(~flat)
    copies = _copies(surface)
    if copies.any():
        what = text("{n} copies of faces were dropped", n=int(copies.sum()))
        repairs.append(surface.repair("dropped-duplicate", copies, what))
        surface = surface.kept(~copies)
    return surface, tuple(repairs)


def _copies(surface: Surface) -> NDArray[np.bool_]:
    """Tell which faces to drop where several share their three corners: all but one, or all if none is needed."""
    corners = np.sort(surface.faces, axis=1)
    _, first, group, counts = np.unique(corners, axis=0, return_index=True, return_inverse=True, return_counts=True)
    group = group.reshape(-1)
    drop = np.ones(len(corners), dtype=bool)
    drop[first] = False
    if not drop.any():
        return drop
    # Partitions between closed sides are not needed: a patch of copied faces of whose edges each is shared by an even
    # number of single faces. A patch without any single face beside it is a whole body given twice.
    single = counts[group] == 1
    order, starts, sizes = grouped(surface.faces, len(surface.vertices))
    flat = np.empty(len(order), dtype=np.int64)
    flat[order] = np.repeat(np.arange(len(starts)), sizes)
    edge = flat.reshape(3, -1)
    singles = np.bincount(edge[:, single].reshape(-1), minlength=len(starts))
    many = np.flatnonzero(~single)
    inner = singles[edge[:, many]] == 0
    nodes = np.concatenate([np.tile(many, 3)[inner.reshape(-1)], many])
    joints = np.concatenate([edge[:, many][inner] + len(corners), group[many] + len(corners) + len(starts)])
    total = len(corners) + len(starts) + len(counts)
    graph = coo_array((np.ones(len(nodes), dtype=np.int8), (nodes, joints)), shape=(total, total))
    patch = connected_components(graph, directed=False)[1]
    odd = (singles[edge[:, many]] % 2 == 1).any(axis=0)
    beside = (singles[edge[:, many]] > 0).any(axis=0)
    needed = np.bincount(patch[many], weights=odd, minlength=total) > 0
    alone = np.bincount(patch[many], weights=beside, minlength=total) == 0
    drop[many] |= ~(needed | alone)[patch[many]]
    return drop


def welded(surface: Surface) -> tuple[Surface, tuple[Repair, ...]]:
    """Join corners on open edges that lie nearly in one place, within the least distance that closes the surface."""
    best = surface
    repairs: tuple[Repair, ...] = ()
    left = len(odd_edges(surface.faces, len(surface.vertices)))
    diagonal = surface.diagonal
    for share in WELDS:
        if left == 0:
            break
        trial, records = _welded(surface, share * diagonal)
        remain = len(odd_edges(trial.faces, len(trial.vertices)))
        if remain < left:
            best, repairs, left = trial, records, remain
    return best, repairs


def _welded(surface: Surface, reach: float) -> tuple[Surface, tuple[Repair, ...]]:
    rim = np.unique(odd_edges(surface.faces, len(surface.vertices)))
    pairs = cKDTree(surface.vertices[rim]).query_pairs(reach, output_type="ndarray")
    graph = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(len(rim), len(rim)))
    cluster = connected_components(graph, directed=False)[1]
    _, leader = np.unique(cluster, return_index=True)
    goal = np.arange(len(surface.vertices))
    goal[rim] = rim[leader[cluster]]
    gap = float(np.linalg.norm(surface.vertices - surface.vertices[goal], axis=1).max(initial=0.0))
    moved = (goal != np.arange(len(goal)))[surface.faces].any(axis=1)
    joined = Surface(surface.vertices, goal[surface.faces], surface.numbers)
    joined, waste = without_waste(joined)
    if not moved.any():
        return joined, waste
    what = text(
        "corners up to {gap_mm} mm apart were joined on the open edges of {n} faces",
        gap_mm=float(f"{gap * 1e3:.3g}"),
        n=int(moved.sum()),
    )
    return joined, (surface.repair("welded-corners", moved, what), *waste)


def one_sided(surface: Surface) -> tuple[Surface, NDArray[np.int64], tuple[Repair, ...], bool]:
    """Turn faces so that neighbours agree which side is out; of two ways, the one that turns fewer faces.

    Returns
    -------
    (surface, sheets, repairs, two_sided)
        `sheets` numbers the connected sheet of each face; `two_sided` is False if a sheet is like a Moebius strip and
        cannot be turned so.
    """
    m = len(surface.faces)
    order, starts, sizes = grouped(surface.faces, len(surface.vertices))
    pair = starts[sizes == 2]
    a, b = order[pair], order[pair + 1]
    edges = half_edges(surface.faces)
    clash = edges[a, 0] == edges[b, 0]
    f, g = a % m, b % m
    # Each face twice, as it is and turned (m further on); an edge joins the states that agree.
    rows = np.concatenate([f, f + m])
    columns = np.concatenate([np.where(clash, g + m, g), np.where(clash, g, g + m)])
    graph = coo_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(2 * m, 2 * m))
    label = connected_components(graph, directed=False)[1].astype(np.int64)
    as_is, turned = label[:m], label[m:]
    sheets = np.unique(np.minimum(as_is, turned), return_inverse=True)[1].reshape(-1)
    side = as_is > turned
    majority = 2 * np.bincount(sheets, weights=side) > np.bincount(sheets)
    turn = side != majority[sheets]
    repairs: tuple[Repair, ...] = ()
    if turn.any():
        what = text("{n} faces were turned to agree with their neighbours", n=int(turn.sum()))
        repairs = (surface.repair("turned-face", turn, what),)
    faces = surface.faces.copy()
    faces[turn] = faces[turn][:, ::-1]
    done = Surface(surface.vertices, faces, surface.numbers)
    return done, sheets, repairs, not bool((as_is == turned).any())


def filled(surface: Surface, largest: float) -> tuple[Surface, tuple[Repair, ...], tuple[Hole, ...]]:
    """Close holes no longer than a length, and cracks without area; return what stays open.

    A hole of three edges gets the one triangle that fits; a larger one a fan around the mean of its corners.

    Parameters
    ----------
    surface : Surface
        With one side out.
    largest : float
        Longest hole to fill [m].
    """
    vertices, faces, numbers = [surface.vertices], [surface.faces], [surface.numbers]
    count, diagonal = len(surface.vertices), surface.diagonal
    open_loops = loops(missing_edges(surface.faces, count))
    beside = _beside(surface, open_loops)
    repairs, holes = [], []
    for loop, around in zip(open_loops, beside, strict=True):
        rim = surface.vertices[loop]
        centre = rim.mean(axis=0)
        length = _length(rim)
        area = 0.5 * np.linalg.norm(np.cross(rim - centre, np.roll(rim, -1, axis=0) - centre), axis=1).sum()
        if length > largest and area > _CRACK * diagonal**2:
            holes.append(Hole(_points(centre[None])[0], length, len(loop)))
            continue
        if len(loop) == 3:
            new = np.array([loop], dtype=np.int64)
        else:
            hub = np.full(len(loop), count, dtype=np.int64)
            new = np.column_stack([loop, np.roll(loop, -1), hub])
            vertices.append(centre[None])
            count += 1
        what = text(
            "a hole with {edges} edges, {length_mm} mm long, was closed",
            edges=len(loop),
            length_mm=float(f"{length * 1e3:.4g}"),
        )
        repairs.append(Repair("filled-hole", tuple(surface.numbers[around].tolist()), _points(centre[None]), what))
        faces.append(new)
        numbers.append(np.zeros(len(new), dtype=np.int64))
    done = Surface(np.concatenate(vertices), np.concatenate(faces), np.concatenate(numbers))
    return done, tuple(repairs), tuple(sorted(holes, key=lambda hole: -hole.length))


def without_sheets(surface: Surface, sheets: Faces) -> tuple[Surface, Faces, tuple[Repair, ...]]:
    """Drop closed sheets that enclose nothing: a stray face with its filling, a sheet given from both sides."""
    triangles = surface.vertices[surface.faces]
    count = int(sheets.max()) + 1
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    np.minimum.at(low, sheets, triangles.min(axis=1))
    np.maximum.at(high, sheets, triangles.max(axis=1))
    a, b, c = np.moveaxis(triangles - low[sheets][:, None], 1, 0)
    volume = np.abs(np.bincount(sheets, weights=np.einsum("ij,ij->i", a, np.cross(b, c)) / 6.0))
    waste = (volume <= _NOTHING * np.linalg.norm(high - low, axis=1) ** 3)[sheets]
    if not waste.any() or waste.all():
        return surface, sheets, ()
    what = text("{n} faces of sheets that enclose nothing were dropped", n=int(waste.sum()))
    return surface.kept(~waste), sheets[~waste], (surface.repair("dropped-sheet", waste, what),)


def _beside(surface: Surface, open_loops: list[list[int]]) -> list[NDArray[np.int64]]:
    """Return for each loop the faces that have an edge in it."""
    loop_of = np.full(len(surface.vertices), -1, dtype=np.int64)
    for number, loop in enumerate(open_loops):
        loop_of[loop] = number
    corners = np.sort(loop_of[surface.faces], axis=1)
    # Two corners of three in one loop: the middle one of the sorted three is one of them.
    touches = (corners[:, 1] >= 0) & ((corners[:, 0] == corners[:, 1]) | (corners[:, 1] == corners[:, 2]))
    faces = np.flatnonzero(touches)
    order = faces[np.argsort(corners[faces, 1], kind="stable")]
    bounds = np.searchsorted(corners[order, 1], np.arange(len(open_loops) + 1))
    return [order[bounds[i] : bounds[i + 1]] for i in range(len(open_loops))]


def _length(rim: Floats) -> float:
    """Return the longest way across a loop; the diagonal of its box where it has too many corners to pair them."""
    if len(rim) > 1000:
        return float(np.linalg.norm(np.ptp(rim, axis=0)))
    return float(np.linalg.norm(rim[:, None] - rim[None, :], axis=2).max())


def _points(values: Floats) -> tuple[Point, ...]:
    return tuple((float(x), float(y), float(z)) for x, y, z in values)
