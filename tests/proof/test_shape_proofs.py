"""Proofs of measuring and cutting solids: each states a problem whose solution is known, and its solution."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from forgecast.shape.grid import Grid
from forgecast.shape.gridding import Margins, stretched_grid, uniform_grid
from forgecast.shape.measure import measure
from forgecast.shape.read import read_solid
from forgecast.shape.solid import box, cylinder, junction, moved, prism, sphere
from forgecast.shape.voxel import fractions, surface_areas
from forgecast.shape.wall import depths, hot_spots, wall_map

SOLIDS = ("ring.stl", "bearing_block.stl", "wedge.stl", "unverified-origin/valve_body.STL")


def turned(seed):
    return Rotation.random(random_state=seed).as_matrix() if seed else None


def cells_across(solid, n):
    """A grid of cubes, n across the longest side of the solid's box, one cell of room all around."""
    cell = float(np.ptp(solid.box, axis=0).max()) / n
    return uniform_grid(solid.box, cell, Margins.equal(cell))


# --- hot spots -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("per_wall", [4, 10])
@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(
    ("kind", "exact"), [("L", 4.0 - 2.0 * math.sqrt(2.0)), ("T", 1.25), ("X", math.sqrt(2.0))]
)  # fmt: skip
def test_a_junction_of_two_walls_has_its_inscribed_circle(kind, exact, seed, per_wall):
    """Walls t meet with sharp corners; how large is the largest sphere in the junction?

    Solution, walls along the axes about (0, 0), circle of radius r about (a, b):
    X: it touches the four inner corners (+-t/2, +-t/2), so r = t/sqrt 2.
    T: it touches the far side y = -t/2 and the two inner corners (+-t/2, t/2): r = b + t/2 and
    r^2 = t^2/4 + (t/2 - b)^2, so r = 5/8 t.
    L: on the diagonal, a = b; it touches the outer sides, r = a + t/2, and the inner corner (t/2, t/2),
    r = sqrt 2 (t/2 - a), so r = (2 - sqrt 2) t.
    The claim is one cell. Tolerance 1e-3 t, for any orientation and any place of the grid: the peak is climbed to
    1e-4 of a cell against the triangles themselves, so no part of a cell may be left in it.
    """
    wall = 0.02
    solid = junction(kind, wall, arm=3.0 * wall, height=3.0 * wall)
    solid = moved(solid, (0.0013, -0.0007, 0.0021), turn=turned(seed)) if seed else solid
    grid = uniform_grid(solid.box, wall / per_wall, Margins.equal(wall))
    spots = hot_spots(solid, grid)
    assert len(spots) == 1
    assert spots[0].diameter == pytest.approx(exact * wall, abs=1e-3 * wall)
    assert 1e-3 * wall < wall / per_wall  # the claim of the issue is the weaker one


@pytest.mark.parametrize("seed", [0, 3])
def test_two_junctions_on_one_wall_are_two_hot_spots_with_the_wall_between(seed):
    """Two walls stand on a third one, 8 t apart: two T junctions, and between them spheres of the plain wall.

    Solution: two hot spots of diameter 1.25 t; rolling from one to the other passes the plain wall, diameter t. The
    passage is found between cells, to a fifth of a cell's width.
    """
    t = 0.02
    far, h = 4.0 * t, 0.5 * t
    outline = [(-8 * t, -h), (8 * t, -h), (8 * t, h), (far + h, h), (far + h, 3 * t), (far - h, 3 * t), (far - h, h)]
    outline += [(-far + h, h), (-far + h, 3 * t), (-far - h, 3 * t), (-far - h, h), (-8 * t, h)]
    solid = moved(prism(outline, 3 * t, name="TT"), turn=turned(seed))
    cell = t / 8
    spots = hot_spots(solid, uniform_grid(solid.box, cell, Margins.equal(cell)))
    assert len(spots) == 2
    assert [s.diameter for s in spots] == pytest.approx([1.25 * t] * 2, abs=1e-3 * t)
    (passage,) = (spot.passage for spot in spots if spot.passage is not None)
    assert passage == pytest.approx(t, abs=0.2 * cell)
    assert np.linalg.norm(np.subtract(spots[0].centre, spots[1].centre)) == pytest.approx(2 * far, abs=3 * t)


@pytest.mark.parametrize("seed", [0, 5, 6])
def test_a_plate_has_one_hot_spot_in_its_middle(seed):
    """In a plate every sphere of its thickness is as large as the next: one spot, in the middle, as long as the plate.

    Solution: diameter = thickness; the region of equal spheres ends half a thickness from each edge, so it measures
    0.18 x 0.10 m. Its extent is that of its box along the axes, a whole number of cells. Turned, it comes out between
    the shorter side and the diagonal.
    """
    turn = turned(seed) if seed else np.eye(3)
    plate = moved(box((0.2, 0.12, 0.02), at=(-0.1, -0.06, -0.01)), (0.01, 0.02, 0.03), turn=turn)
    cell = 0.004
    (spot,) = hot_spots(plate, uniform_grid(plate.box, cell, Margins.equal(cell)))
    assert spot.diameter == pytest.approx(0.02, rel=1e-3)
    assert spot.centre == pytest.approx((0.01, 0.02, 0.03), abs=2 * cell)
    if not seed:
        assert spot.extent == pytest.approx(0.18, abs=2 * cell)
    assert 0.1 - 2 * cell < spot.extent < np.hypot(0.18, 0.1) + 2 * cell


def test_depth_in_a_box_and_a_sphere():
    """Depth below the surface at a point: in a box the least distance to a side, in a sphere R - r."""
    solid = box((0.11, 0.07, 0.05))
    grid = cells_across(solid, 30)
    x, y, z = grid.centres
    exact = np.minimum.reduce(np.broadcast_arrays(
        *(np.minimum(c, s - c).reshape(shape) for c, s, shape in (
            (x, 0.11, (1, 1, -1)), (y, 0.07, (1, -1, 1)), (z, 0.05, (-1, 1, 1))))
    ))  # fmt: skip
    depth = depths(solid, grid)
    inside = np.isfinite(depth)
    np.testing.assert_array_equal(inside, exact > 0.0)
    # The search may stop a thousandth of a cell short.
    np.testing.assert_allclose(depth[inside], exact[inside], atol=1e-3 * grid.widths[0][0])

    ball = sphere(0.1, sections=256)
    grid = cells_across(ball, 24)
    x, y, z = np.meshgrid(*grid.centres, indexing="ij")
    r = np.sqrt(x**2 + y**2 + z**2).transpose(2, 1, 0)
    depth = depths(ball, grid)
    deep = r < 0.04
    # The facets stand off the sphere by (pi/256)^2 R, about 1e-4 R, at most twice that with its equal volume.
    np.testing.assert_allclose(depth[deep], 0.05 - r[deep], atol=3e-4 * 0.05 + 1e-3 * grid.widths[0][0])


# --- walls -----------------------------------------------------------------------------------------------------------


def test_wall_thickness_of_plate_cylinder_and_wedge():
    """The sphere that touches the surface from inside, at points with known answers.

    Plate t, at its faces' middle: t by sphere and by ray. Cylinder D, high: D on its side; a point up to pi/96 of the
    radius beside the middle of its facet has its sphere as much off the axis, so 4 % are allowed. Wedge of angle
    alpha, at the way s from its edge: the sphere touches both sides at s, its diameter is 2 s tan(alpha/2); the ray
    goes s tan(alpha).
    """
    plate = wall_map(box((0.3, 0.3, 0.02)))
    flat = plate.areas > 0.01
    np.testing.assert_allclose(plate.sphere[flat], 0.02, rtol=1e-6)
    np.testing.assert_allclose(plate.ray[flat], 0.02, rtol=1e-6)

    bar = wall_map(cylinder(0.04, 1.0), spacing=0.05)
    middle = (np.abs(bar.points[:, 2] - 0.5) < 0.4) & (np.hypot(bar.points[:, 0], bar.points[:, 1]) > 0.019)
    assert middle.sum() > 500
    np.testing.assert_allclose(bar.sphere[middle], 0.04, rtol=0.04)
    np.testing.assert_allclose(bar.ray[middle], 0.04, rtol=0.005)

    alpha = math.radians(20.0)
    length = 0.4
    wedge = prism([(0.0, 0.0), (length, 0.0), (length, length * math.tan(alpha))], 2.0, name="wedge")
    seen = wall_map(wedge, spacing=0.02)
    base = (seen.points[:, 1] == 0.0) & (seen.points[:, 0] < 0.25) & (np.abs(seen.points[:, 2] - 1.0) < 0.5)
    assert base.sum() > 500
    s = seen.points[base, 0]
    np.testing.assert_allclose(seen.ray[base], s * math.tan(alpha), rtol=1e-9)
    # The sphere may cut the slanted side by 2 % of its radius, which leaves it at most a few per cent too large.
    np.testing.assert_allclose(seen.sphere[base], 2.0 * s * math.tan(alpha / 2.0), rtol=0.03)
    exact = wall_map(wedge, spacing=0.02, cut=1e-7)
    np.testing.assert_allclose(exact.sphere[base], 2.0 * s * math.tan(alpha / 2.0), rtol=1e-4)


# --- measures --------------------------------------------------------------------------------------------------------


def test_sphere_cube_and_cylinder_of_one_height_have_one_modulus():
    """V/A = D/6 for a sphere, a cube and a cylinder with H = D; facets of equal volume miss the area by under 0.2 %."""
    assert measure(box((0.06, 0.06, 0.06))).modulus == pytest.approx(0.01, rel=1e-12)
    assert measure(cylinder(0.06, 0.06)).modulus == pytest.approx(0.01, rel=2e-3)
    assert measure(sphere(0.06)).modulus == pytest.approx(0.01, rel=2e-3)


def test_figures_of_a_pyramid_far_from_the_origin():
    """A tetrahedron with legs a, b, c: V = abc/6, centre at a quarter of each leg; far away the digits must last."""
    a, b, c, far = 0.3, 0.2, 0.1, 1000.0
    flat = prism([(0.0, 0.0), (a, 0.0), (0.0, b)], c, name="pyramid")
    corners = np.array([(0.0, 0.0, 0.0), (a, 0.0, 0.0), (0.0, b, 0.0), (0.0, 0.0, c)]) + far
    solid = type(flat)(corners, np.array([(0, 2, 1), (0, 1, 3), (1, 2, 3), (2, 0, 3)]), "pyramid")
    got = measure(solid, density=7800.0)
    # Coordinates of 1000 m keep 1e-13 m, that is 1e-12 of the legs.
    assert got.volume == pytest.approx(a * b * c / 6.0, rel=1e-10)
    assert got.mass == pytest.approx(7800.0 * a * b * c / 6.0, rel=1e-10)
    assert np.subtract(got.centre, far) == pytest.approx((a / 4, b / 4, c / 4), rel=1e-9)
    slant = 0.5 * math.sqrt((a * b) ** 2 + (b * c) ** 2 + (c * a) ** 2)
    assert got.area == pytest.approx(0.5 * (a * b + b * c + c * a) + slant, rel=1e-10)


# --- cells -----------------------------------------------------------------------------------------------------------


def rising(draw_widths, start):
    return start + np.concatenate([[0.0], np.cumsum(draw_widths)])


widths = st.lists(st.floats(0.002, 0.02), min_size=3, max_size=12)
lengths = st.floats(0.001, 0.09)


@given(widths, widths, widths, st.tuples(lengths, lengths, lengths), st.tuples(*[st.floats(-0.03, 0.05)] * 3))
@settings(max_examples=60)
def test_a_box_fills_cells_by_the_product_of_its_overlaps(wx, wy, wz, size, at):
    """A box along the axes: each cell's fraction is the product of three overlaps, wherever box and grid end.

    Its surface in the cells inside the grid follows too: each side is an overlap times an overlap.
    """
    grid = Grid(rising(wx, 0.0), rising(wy, 0.0), rising(wz, 0.0))
    solid = box(size, at=at)
    shares = [
        np.clip(np.minimum(e[1:], low + length) - np.maximum(e[:-1], low), 0.0, None) / np.diff(e)
        for e, low, length in zip((grid.x, grid.y, grid.z), at, size, strict=True)
    ]
    exact = shares[2][:, None, None] * shares[1][None, :, None] * shares[0][None, None, :]
    # Single precision, and corners moved onto cell faces by up to 1e-5 of a cell.
    np.testing.assert_allclose(fractions(solid, grid), exact, atol=5e-5)


@given(st.integers(1, 10_000), st.floats(-0.8, 0.8))
@settings(max_examples=40)
def test_a_slanted_plane_cuts_cells_by_the_formula_of_the_cut_cube(seed, offset):
    """A half space n . p <= d in cells of unit size: the volume below the plane in each cell is known in closed form.

    Solution (inclusion and exclusion over the corners c of the cell, n > 0, a = d - n . corner):
    V = sum over c in {0,1}^3 of (-1)^|c| max(a - n . c, 0)^3 / (6 n1 n2 n3).
    Scardovelli and Zaleski 2000, doi:10.1006/jcph.2000.6567. The area in the cell is its derivative by d, for |n| = 1.
    """
    turn = Rotation.random(random_state=seed).as_matrix()
    n = turn[:, 2]
    if np.abs(n).min() < 0.05:
        return  # the formula divides by the product of the components
    half = 40.0
    solid = moved(box((2 * half, 2 * half, half), at=(-half, -half, offset - half)), turn=turn)
    edges = np.arange(-3.0, 4.0)
    grid = Grid(edges, edges, edges)
    corner = np.stack(np.meshgrid(edges[:-1], edges[:-1], edges[:-1], indexing="ij"), axis=-1).transpose(2, 1, 0, 3)
    flipped = np.where(n < 0.0, 1.0, 0.0)
    a = offset - (corner + flipped) @ n
    m = np.abs(n)
    volume, area = np.zeros(a.shape), np.zeros(a.shape)
    for c in itertools.product((0, 1), repeat=3):
        depth = np.clip(a - np.dot(c, m), 0.0, None)
        volume += (-1) ** sum(c) * depth**3 / (6.0 * m.prod())
        area += (-1) ** sum(c) * depth**2 / (2.0 * m.prod())
    np.testing.assert_allclose(fractions(solid, grid), volume, atol=1e-4)
    np.testing.assert_allclose(surface_areas(solid, grid), area, atol=1e-3)


@pytest.mark.real_data
@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("name", SOLIDS)
def test_cells_hold_the_volume_and_the_surface_of_real_parts(shared, name, seed):
    """40 cells across a real part in any orientation: their volume and surface are the part's.

    The claims are 0.2 % and 0.5 %. The cut is exact, so that float32 and the moving of corners onto cell faces
    (1e-5 of a cell) are all that is left: 1e-6.
    """
    path = shared / "data" / "casting-geometry" / name
    if not path.is_file():
        pytest.skip(f"{name} does not lie in the shared folder")
    solid = moved(read_solid(path, unit="mm").solid, turn=turned(seed))
    true = measure(solid)
    for grid in (cells_across(solid, 40), cells_across(solid, 41)):
        assert float((fractions(solid, grid) * grid.volumes).sum()) == pytest.approx(true.volume, rel=1e-6)
        assert float(surface_areas(solid, grid).sum()) == pytest.approx(true.area, rel=1e-6)


@pytest.mark.parametrize("seed", [0, 4])
@pytest.mark.parametrize("solid", [sphere(0.1), cylinder(0.08, 0.12), junction("T", 0.02, arm=0.05, height=0.06)])
def test_stretched_cells_hold_the_volume_and_the_surface(solid, seed):
    """The same on a grid that grows outward and is fine at three planes through the solid."""
    solid = moved(solid, turn=turned(seed))
    middle = solid.box.mean(axis=0)
    grid = stretched_grid(
        solid.box, 0.004, Margins.equal(0.05), ratio=1.3, planes=tuple((c,) for c in middle), finest=0.001
    )
    true = measure(solid)
    assert float((fractions(solid, grid) * grid.volumes).sum()) == pytest.approx(true.volume, rel=1e-6)
    assert float(surface_areas(solid, grid).sum()) == pytest.approx(true.area, rel=1e-6)


@pytest.mark.parametrize("kept", [np.float64, np.float32])
def test_faces_in_cell_faces_belong_to_the_cell_inside(kept):
    """A box that ends in cell faces, to the digits of its file, fills whole cells, and its surface lies in them."""
    solid = box((0.3, 0.2, 0.1), at=(0.1, 0.1, 0.1))
    solid = replace(solid, vertices=solid.vertices.astype(kept).astype(np.float64))
    edges = np.arange(7) * 0.1  # 0.30000000000000004 and its like are there on purpose
    grid = Grid(edges, edges, edges)
    filled = fractions(solid, grid)
    assert sorted(np.unique(filled)) == [0.0, 1.0]
    area = surface_areas(solid, grid)
    assert area[filled == 0.0].sum() == 0.0
    assert area.sum() == pytest.approx(2 * (0.06 + 0.03 + 0.02), rel=1e-6)
    corner = area[1, 1, 1]
    # The layer is one cell high: the corner cell has both lids and two sides.
    assert corner == pytest.approx(4 * 0.01, rel=1e-6)


def test_a_solid_that_reaches_out_of_the_grid_on_every_side_fills_it():
    """Symmetry planes cut the part: what lies in the grid counts, wherever the surface is."""
    solid = sphere(2.0)
    edges = np.linspace(-0.4, 0.4, 9)
    assert (fractions(solid, Grid(edges, edges, edges)) == 1.0).all()
    quarter = Grid(np.linspace(0.0, 1.2, 31), np.linspace(0.0, 1.2, 31), np.linspace(-1.2, 1.2, 61))
    held = float((fractions(solid, quarter) * quarter.volumes).sum())
    # The facets of the sphere are symmetric to the planes, so that a quarter is a quarter.
    assert held == pytest.approx(np.pi / 3.0, rel=1e-6)
