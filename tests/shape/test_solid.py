"""Solids built, joined, cut and moved."""

from __future__ import annotations

import math

import numpy as np
import pytest

from forgecast.shape.edges import missing_edges
from forgecast.shape.errors import ShapeError
from forgecast.shape.grid import Grid
from forgecast.shape.measure import measure
from forgecast.shape.solid import Solid, box, cylinder, joined, junction, moved, overlap, prism, sphere, without
from forgecast.shape.voxel import fractions


@pytest.mark.parametrize(
    ("solid", "volume"),
    [
        (box((0.1, 0.2, 0.3), at=(1.0, 2.0, 3.0)), 0.006),
        (cylinder(0.1, 0.2), math.pi * 0.01 / 4 * 0.2),
        (cylinder(0.1, 0.2, sections=12), math.pi * 0.01 / 4 * 0.2),
        (cylinder(0.1, 0.2, top_diameter=0.06), math.pi * 0.2 / 12 * (0.01 + 0.0036 + 0.006)),
        (sphere(0.1), math.pi / 6 * 1e-3),
        (junction("L", 0.01, arm=0.03, height=0.05), 0.05 * (0.01**2 + 2 * 0.01 * 0.03)),
        (junction("T", 0.01, arm=0.03, height=0.05), 0.05 * (0.01**2 + 3 * 0.01 * 0.03)),
        (junction("X", 0.01, arm=0.03, height=0.05), 0.05 * (0.01**2 + 4 * 0.01 * 0.03)),
        (prism([(0.0, 0.0), (0.0, 1.0), (1.0, 0.0)], 2.0, name="turned the other way"), 1.0),
    ],
)
def test_what_is_built_is_closed_and_has_the_volume_of_the_true_body(solid, volume):
    """Facets are set so that the volume is that of the circle, the cone and the sphere."""
    assert len(missing_edges(solid.faces, len(solid.vertices))) == 0
    assert measure(solid).volume == pytest.approx(volume, rel=1e-12)
    assert (measure(solid).euler, measure(solid).bodies) == (2, 1)


def test_a_riser_on_a_casting_and_a_hole_through_both():
    casting, riser = box((0.2, 0.2, 0.05)), cylinder(0.08, 0.12, at=(0.1, 0.1, 0.04))
    both = joined(casting, riser)
    # The riser stands 10 mm in the casting.
    assert measure(both).volume == pytest.approx(0.002 + math.pi * 0.0016 * 0.11, rel=1e-9)
    assert overlap(casting, riser) == pytest.approx(math.pi * 0.0016 * 0.01, rel=1e-9)
    assert overlap(casting, moved(riser, (0.0, 0.0, 1.0))) == 0.0
    bored = without(both, cylinder(0.02, 1.0, at=(0.1, 0.1, -0.5)))
    assert measure(bored).euler == 0
    assert measure(bored).volume == pytest.approx(measure(both).volume - math.pi * 1e-4 * 0.16, rel=1e-9)


def test_moving_keeps_volume_and_puts_points_where_they_belong():
    quarter = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    got = moved(box((0.1, 0.2, 0.3)), (1.0, 0.0, 0.0), turn=quarter)
    np.testing.assert_allclose(got.box, [[0.8, 0.0, 0.0], [1.0, 0.1, 0.3]], atol=1e-15)
    assert got.sha256 != box((0.1, 0.2, 0.3)).sha256


def test_what_cannot_be_is_refused():
    with pytest.raises(ShapeError, match="diameter is 0"):
        cylinder(0.0, 1.0)
    with pytest.raises(ShapeError, match="height is nan"):
        prism([(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)], math.nan, name="prism")
    with pytest.raises(ShapeError, match="encloses no area"):
        prism([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)], 1.0, name="prism")
    with pytest.raises(ShapeError, match="nothing is left"):
        without(box((0.1, 0.1, 0.1)), box((1.0, 1.0, 1.0), at=(-0.5, -0.5, -0.5)))
    open_box = box((0.1, 0.1, 0.1))
    with pytest.raises(ShapeError, match="no clean boundary"):
        joined(Solid(open_box.vertices, open_box.faces[1:], "open"), open_box)
    with pytest.raises(ShapeError, match="density"):
        measure(open_box, density=0.0)
    with pytest.raises(ShapeError, match="no volume"):
        measure(Solid(open_box.vertices, open_box.faces[:, ::-1].copy(), "inside out"))


def test_bodies_that_overlap_or_face_inward_are_no_fractions():
    one = box((0.4, 0.4, 0.4), at=(0.1, 0.1, 0.1))
    edges = np.linspace(0.0, 1.0, 11)
    twice = Solid(np.concatenate([one.vertices, one.vertices]), np.concatenate([one.faces, one.faces + 8]), "twice")
    for wrong in (twice, Solid(one.vertices, one.faces[:, ::-1].copy(), "inside out")):
        with pytest.raises(ShapeError, match="overlaps itself or faces inward"):
            fractions(wrong, Grid(edges, edges, edges))


def test_a_cavity_is_told_from_a_body():
    outer, hollow = box((0.5, 0.5, 0.5)), box((0.1, 0.1, 0.1), at=(0.2, 0.2, 0.2))
    got = measure(without(outer, hollow))
    assert (got.bodies, got.cavities, got.euler) == (1, 1, 4)
    assert got.volume == pytest.approx(0.124, rel=1e-12)
    assert got.centre == pytest.approx((0.25, 0.25, 0.25), abs=1e-12)
