"""Wall thickness over the surface of a solid, and its geometric hot spots: where the largest inner spheres lie."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.texts import text
from forgecast.shape.errors import ShapeError
from forgecast.shape.grid import Grid
from forgecast.shape.kernels.spheres import climbed, lifted, peaks, plateau, walls
from forgecast.shape.kernels.tree import inner_distances, make_tree
from forgecast.shape.solid import Point, Solid
from forgecast.shape.voxel import fractions

Floats = NDArray[np.float64]

#: Depths within this share of a cell of the peak's are its plateau: the ridge of a prism, the middle of a plate.
_PLATEAU = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class WallMap:
    """Wall thickness at points spread over a surface.

    Parameters
    ----------
    points : (n, 3) float64
        [m]
    faces : (n,) int64
        The triangle each point lies on.
    areas : (n,) float64
        Surface each point stands for [m2].
    sphere : (n,) float64
        Diameter of the largest sphere inside the solid that touches the surface there [m]. It goes to zero towards a
        sharp outer edge, as every such sphere does.
    ray : (n,) float64
        Way straight into the solid to the surface opposite [m]; long where the ray runs along a wall.
    """

    points: Floats
    faces: NDArray[np.int64]
    areas: Floats
    sphere: Floats
    ray: Floats

    def share_below(self, thickness: float) -> float:
        """Return the share of the surface whose sphere is smaller than a thickness [m]."""
        return float(self.areas[self.sphere < thickness].sum() / self.areas.sum())

    def quantile(self, share: float) -> float:
        """Return the thickness (sphere) that a share of the surface stays below [m]."""
        order = np.argsort(self.sphere)
        reached = np.searchsorted(np.cumsum(self.areas[order]), share * self.areas.sum())
        return float(self.sphere[order[min(int(reached), len(order) - 1)]])


@dataclass(frozen=True, slots=True)
class HotSpot:
    """A place where the sphere that fits into the solid is larger than all around it.

    Parameters
    ----------
    centre : (x, y, z)
        [m]; the middle of the spot where equal spheres lie side by side.
    diameter : float
        Of the sphere [m].
    passage : float or None
        Largest sphere that can be rolled from here to a larger hot spot [m]; None for the largest of its body (of
        several equal ones, for one).
    extent : float
        Longest side of the region in which spheres of nearly that size lie side by side [m]; 0 for a point.
    """

    centre: Point
    diameter: float
    passage: float | None
    extent: float


def wall_map(solid: Solid, *, spacing: float | None = None, cut: float = 0.02) -> WallMap:
    """Return the wall thickness over the surface of a solid, by sphere and by ray.

    Parameters
    ----------
    solid : Solid
    spacing : float or None
        Longest way between two points on one triangle [m]; None: one point, its centroid, for each triangle.
    cut : float
        Share of its radius by which a sphere may cut the surface. Without it the facets of a round wall would end
        the sphere; the thickness is exact to about this share.

    Raises
    ------
    ShapeError
        If the spacing is not above zero.
    """
    if spacing is not None and not spacing > 0.0:
        raise ShapeError(text("the spacing is {value} m", value=spacing), repair=text("give a length above zero"))
    vectors = solid.vector_areas
    area = np.linalg.norm(vectors, axis=1)
    real = np.flatnonzero(area > 0.0)
    triangles = solid.triangles
    points, faces = _spread(triangles, real, spacing)
    normals = vectors[faces] / area[faces, None]
    counts = np.bincount(faces, minlength=len(area))
    (ordered, boxes), _ = make_tree(triangles)
    # A ray starts behind the rounding of its own triangle, far closer than any wall.
    start = 1e-9 * float(np.linalg.norm(np.ptp(solid.box, axis=0)))
    sphere, ray = walls(ordered, boxes, points, normals, start, cut)
    return WallMap(points, faces, area[faces] / counts[faces], sphere, ray)


def spacing_within(solid: Solid, wanted: float, most: int) -> float:
    """Return the spacing at which a wall map has at most so many points, or one for each triangle: wanted or wider.

    Long thin triangles, as they lie around holes, take points by the square of their length.

    Parameters
    ----------
    solid : Solid
    wanted : float
        [m].
    most : int
    """
    corners = solid.triangles
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    spacing = wanted
    while True:
        parts = np.maximum(np.ceil(longest / spacing), 1.0)
        if float((parts**2).sum()) <= max(most, len(parts)):
            return spacing
        spacing *= 1.25


def depths(solid: Solid, grid: Grid, inside: NDArray[np.float32] | None = None) -> Floats:
    """Return how deep each cell's centre lies below the surface [m], (nz, ny, nx); NaN outside the solid.

    The distance is that to the triangles themselves, exact to a thousandth of a cell: no step of the grid is in it.

    Parameters
    ----------
    solid : Solid
    grid : Grid
    inside : (nz, ny, nx) float32 or None
        Volume fractions, where they are known already; cells at least half full count.
    """
    part = fractions(solid, grid) if inside is None else inside
    (triangles, boxes), _ = make_tree(solid.triangles)
    return inner_distances(triangles, boxes, *grid.centres, part >= 0.5, 1e-3 * _finest(grid))


def hot_spots(
    solid: Solid, grid: Grid, *, inside: NDArray[np.float32] | None = None, rise: float | None = None
) -> tuple[HotSpot, ...]:
    """Return the geometric hot spots of a solid, the largest first.

    The depth below the surface is sampled at the cell centres, its peaks are found with the depth at which each is
    joined to a higher one, and each peak is climbed to its top between the cells. Sharp junctions of two walls t
    come out as the exact inscribed circles: L ``(4 - 2 sqrt 2) t``, T ``5/4 t``, X ``sqrt 2 t``.

    Parameters
    ----------
    solid : Solid
    grid : Grid
        Walls thinner than two cells may be missed.
    inside : (nz, ny, nx) float32 or None
        Volume fractions, where they are known already.
    rise : float or None
        A peak whose sphere's *radius* is less than this above that of its passage is none [m]; None: a quarter cell.
        With 0 the rounding of the grid shows as hot spots.

    Raises
    ------
    ShapeError
        If no cell is at least half full.
    """
    part = fractions(solid, grid) if inside is None else inside
    if not (part >= 0.5).any():
        raise ShapeError(
            text("no cell of the grid lies half or more inside {name}", name=solid.name),
            repair=text("take smaller cells, or a grid around the solid"),
        )
    cell = _finest(grid)
    (triangles, boxes), _ = make_tree(solid.triangles)
    centres = grid.centres
    depth = inner_distances(triangles, boxes, *centres, part >= 0.5, 1e-3 * cell)
    depth = lifted(triangles, boxes, *centres, grid.widths, depth)
    inner = np.flatnonzero(depth.reshape(-1) > 0.0)
    order = inner[np.argsort(-depth.reshape(-1)[inner], kind="stable")]
    found, passages = peaks(order, depth, 0.25 * cell if rise is None else rise)
    spots = []
    for peak, passage in zip(found.tolist(), passages.tolist(), strict=True):
        region = _positions(plateau(depth, peak, float(depth.reshape(-1)[peak]) - _PLATEAU * cell), grid)
        # The climb starts in the middle of the plateau: any of its spheres is as large, this one stands for all.
        start = region[np.argmin(np.linalg.norm(region - region.mean(axis=0), axis=1))]
        top = climbed(triangles, boxes, start, cell)
        length = float(np.ptp(region, axis=0).max())
        spots.append(
            HotSpot(
                centre=(float(top[0]), float(top[1]), float(top[2])),
                diameter=2.0 * float(top[3]),
                passage=None if math.isnan(passage) else 2.0 * passage,
                extent=length if length > 2.0 * cell else 0.0,
            )
        )
    return tuple(sorted(spots, key=lambda spot: -spot.diameter))


def _finest(grid: Grid) -> float:
    return float(min(w.min() for w in grid.widths))


def _positions(cells: NDArray[np.int64], grid: Grid) -> Floats:
    k, j, i = np.unravel_index(cells, grid.shape)
    x, y, z = grid.centres
    return np.column_stack([x[i], y[j], z[k]])


def _spread(triangles: Floats, real: NDArray[np.int64], spacing: float | None) -> tuple[Floats, NDArray[np.int64]]:
    """Return the centroids of equal parts of triangles, and the triangle of each."""
    t = triangles[real]
    if spacing is None:
        return t.mean(axis=1), real
    longest = np.linalg.norm(t - np.roll(t, 1, axis=1), axis=2).max(axis=1)
    parts = np.maximum(np.ceil(longest / spacing), 1).astype(np.int64)
    points, faces = [], []
    for n in np.unique(parts).tolist():
        chosen = parts == n
        weights = _part_centres(n)
        points.append(np.einsum("pc,tcx->tpx", weights, t[chosen]).reshape(-1, 3))
        faces.append(np.repeat(real[chosen], len(weights)))
    return np.concatenate(points), np.concatenate(faces)


def _part_centres(n: int) -> Floats:
    """Return the centroids of the n^2 equal parts of a triangle as shares of its corners, (n^2, 3)."""
    i, j = np.meshgrid(np.arange(n), np.arange(n), indexing="ij")
    upright = np.stack([i + 1 / 3, j + 1 / 3], axis=-1)[i + j < n]
    turned = np.stack([i + 2 / 3, j + 2 / 3], axis=-1)[i + j < n - 1]
    two = np.concatenate([upright, turned]) / n
    return np.column_stack([two, 1.0 - two.sum(axis=1)])
