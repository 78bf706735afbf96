"""The wall map and hot spots on parts, and where they are refused."""

from __future__ import annotations

import numpy as np
import pytest

from forgecast.shape.errors import ShapeError
from forgecast.shape.grid import Grid
from forgecast.shape.gridding import Margins, uniform_grid
from forgecast.shape.kernels.tree import make_tree, nearest
from forgecast.shape.read import read_solid
from forgecast.shape.solid import box, cylinder, joined, moved, sphere
from forgecast.shape.voxel import fractions
from forgecast.shape.wall import hot_spots, wall_map


def test_the_tree_finds_the_nearest_point_of_all_triangles():
    """Against the plain search over points spread over every triangle: never farther, and on the surface."""
    solid = joined(sphere(0.1, sections=24), cylinder(0.03, 0.2))
    (triangles, boxes), order = make_tree(solid.triangles)
    np.testing.assert_array_equal(triangles, solid.triangles[order])
    share = np.random.default_rng(0).dirichlet((1.0, 1.0, 1.0), 200)
    spread = np.einsum("pc,tcx->tpx", share, triangles).reshape(-1, 3)
    stack, found = np.empty(64, dtype=np.int64), np.empty(4)
    for p in np.random.default_rng(1).uniform(-0.15, 0.25, (50, 3)):
        which = nearest(triangles, boxes, p, np.inf, 0.0, stack, found)
        plain = np.linalg.norm(spread - p, axis=1).min()
        assert found[3] <= plain
        assert found[3] == pytest.approx(plain, rel=0.05, abs=1e-3)
        a, b, c = triangles[which]
        out = np.cross(b - a, c - a)
        assert abs(np.dot(found[:3] - a, out)) < 1e-12
        assert np.linalg.norm(found[:3] - p) == pytest.approx(found[3], rel=1e-12)


def test_every_body_has_a_hot_spot_and_bosses_stand_out():
    plate = box((0.3, 0.1, 0.01))
    bosses = [cylinder(0.03, 0.03, at=(x, 0.05, 0.0)) for x in (0.06, 0.24)]
    part = joined(plate, *bosses)
    other = moved(sphere(0.04), (0.5, 0.05, 0.02))
    both = type(part)(
        np.concatenate([part.vertices, other.vertices]),
        np.concatenate([part.faces, other.faces + len(part.vertices)]),
        "both",
    )
    spots = hot_spots(both, uniform_grid(both.box, 0.0025, Margins.equal(0.0025)))
    assert [s.passage is None for s in spots].count(True) == 2
    assert len(spots) == 3
    assert spots[0].diameter == pytest.approx(0.04, rel=1e-3)
    assert sorted(s.centre[0] for s in spots) == pytest.approx([0.06, 0.24, 0.5], abs=0.002)
    # Between the bosses lies the plate.
    assert [s.passage for s in spots if s.passage] == pytest.approx([0.01], abs=0.001)


def test_fractions_known_already_are_used():
    solid = box((0.1, 0.1, 0.1))
    grid = uniform_grid(solid.box, 0.01, Margins.equal(0.01))
    inside = fractions(solid, grid)
    inside[:, :, inside.shape[2] // 2 :] = 0.0
    (spot,) = hot_spots(solid, grid, inside=inside)
    assert spot.centre[0] < 0.06


def test_the_map_shares_out_the_surface():
    seen = wall_map(box((0.3, 0.2, 0.01)), spacing=0.01)
    assert seen.areas.sum() == pytest.approx(2 * (0.06 + 0.003 + 0.002), rel=1e-12)
    assert seen.quantile(0.5) == pytest.approx(0.01, rel=1e-6)
    # Spheres shrink within half a thickness of the edges, and on the narrow sides.
    assert 0.05 < seen.share_below(0.0099) < 0.25
    assert seen.share_below(1.0) == pytest.approx(1.0)


def test_what_cannot_be_is_refused():
    solid = box((0.1, 0.1, 0.1))
    far = np.linspace(5.0, 6.0, 4)
    with pytest.raises(ShapeError, match="no cell of the grid"):
        hot_spots(solid, Grid(far, far, far))
    with pytest.raises(ShapeError, match="spacing"):
        wall_map(solid, spacing=0.0)


@pytest.mark.real_data
def test_the_bearing_block_has_a_hot_spot_in_each_boss(shared):
    """The block is symmetric about x = 0: what is hot on the left is hot on the right."""
    solid = read_solid(shared / "data" / "casting-geometry" / "bearing_block.stl", unit="mm").solid
    spots = hot_spots(solid, uniform_grid(solid.box, 0.005, Margins.equal(0.005)))
    big = [s for s in spots if s.diameter > 0.9 * spots[0].diameter]
    assert len(big) == 4
    assert sorted(round(s.centre[0], 2) for s in big) == [-0.1, -0.1, 0.1, 0.1]
    # The peaks are climbed to a ten-thousandth of a cell.
    assert np.ptp([s.diameter for s in big]) < 1e-5
