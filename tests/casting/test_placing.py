"""Where risers can stand: rays, the modulus of a hot spot, tops, sides and what is in the way."""

from __future__ import annotations

import math

import numpy as np
import pytest

from forgecast.casting.placing import Measured, crossings, fed_zone, middle, side_standings, top_standing
from forgecast.shape.measure import measure
from forgecast.shape.solid import box, cylinder, joined, overlap

CUBE = box((0.08, 0.08, 0.08), name="cube")
#: A foot, a web and a shelf over the foot: from the foot's end no vertical neck reaches the top.
CHANNEL = joined(
    box((0.20, 0.06, 0.03), name="foot"),
    box((0.03, 0.06, 0.15), name="web"),
    box((0.20, 0.06, 0.03), at=(0.0, 0.0, 0.12), name="shelf"),
)
SIZE = Measured("cylinder", 0.06, 0.09, 0.04, 0.012)


def test_a_ray_meets_a_shared_edge_once():
    # The middle of a face of a box lies on the diagonal between its two triangles.
    assert crossings(CUBE, (0.04, 0.04, 0.01), (0.0, 0.0, 1.0)) == pytest.approx([0.07])
    assert crossings(CUBE, (0.04, 0.03, -0.01), (0.0, 0.0, 1.0)) == pytest.approx([0.01, 0.09])
    assert len(crossings(CUBE, (0.1, 0.04, 0.04), (1.0, 0.0, 0.0))) == 0
    slope = 1.0 / math.sqrt(2.0)
    assert crossings(CUBE, (0.04, 0.03, 0.04), (slope, slope, 0.0)) == pytest.approx([0.04 * math.sqrt(2.0)])


def test_the_modulus_of_a_hot_spot_is_exact_for_cube_plate_and_bar():
    plate, bar = box((0.4, 0.4, 0.02), name="plate"), box((0.4, 0.03, 0.03), name="bar")
    assert fed_zone(CUBE, (0.04, 0.04, 0.04), 0.04).modulus == pytest.approx(0.08 / 6, rel=1e-9)
    assert fed_zone(plate, (0.1, 0.2, 0.01), 0.01).modulus == pytest.approx(0.02 / 2, rel=1e-9)
    assert fed_zone(bar, (0.1, 0.015, 0.015), 0.015).modulus == pytest.approx(0.03 / 4, rel=1e-9)


def test_a_zone_of_known_volume_keeps_the_modulus_of_its_spot():
    plain = fed_zone(CUBE, (0.04, 0.04, 0.04), 0.04)
    zone = fed_zone(CUBE, (0.04, 0.04, 0.04), 0.04, 0.001)
    assert zone.volume == 0.001
    assert zone.modulus == pytest.approx(plain.modulus)


def test_the_middle_of_a_wall_is_found_from_anywhere_in_it():
    plate = box((0.4, 0.4, 0.02), name="plate")
    centre, half = middle(plate, (0.1, 0.2, 0.003))
    assert centre == pytest.approx((0.1, 0.2, 0.01))
    assert half == pytest.approx(0.01)
    assert middle(plate, (0.1, 0.2, 0.03)) is None


def test_a_top_riser_stands_on_its_neck_above_the_spot():
    standing = top_standing(CUBE, (0.04, 0.04, 0.04), SIZE)
    assert standing.position == "top"
    assert standing.foot == pytest.approx((0.04, 0.04, 0.08 + SIZE.neck_length))
    by_hand = np.pi / 4 * (0.06**2 * 0.09 + 0.04**2 * 0.012)
    assert measure(standing.metal).volume == pytest.approx(by_hand, rel=1e-9)
    assert overlap(standing.metal, CUBE) == pytest.approx(0.0, abs=1e-15)
    assert measure(standing.metal).bodies == 1


def test_a_neck_reaches_down_to_a_round_surface_and_takes_nothing_of_it():
    ball = cylinder(0.1, 0.2, name="bar")
    turned = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])
    lying = type(ball)(ball.vertices @ turned.T, ball.faces, "bar")
    standing = top_standing(lying, (0.1, 0.0, 0.0), SIZE)
    touching = box((0.3, 0.3, 0.0505), at=(0.0, -0.15, 0.0), name="below the crown")
    # The neck goes on below the crown, to where the bar's surface is at its rim.
    assert standing.metal.box[0, 2] < 0.05 - 0.002
    assert overlap(standing.metal, touching) > 0.0
    assert overlap(standing.metal, lying) == pytest.approx(0.0, abs=1e-12)


def test_a_domed_riser_has_its_volume():
    size = Measured("domed", 0.06, 0.09, 0.06, 0.0)
    standing = top_standing(CUBE, (0.04, 0.04, 0.04), size)
    by_hand = np.pi / 4 * 0.06**2 * 0.06 + np.pi / 12 * 0.06**3
    assert measure(standing.metal).volume == pytest.approx(by_hand, rel=2e-3)
    assert standing.metal.box[1, 2] == pytest.approx(0.08 + 0.09, abs=1e-4)


def test_under_a_shelf_there_is_no_top_and_the_side_is_taken():
    spot = (0.15, 0.03, 0.015)
    assert top_standing(CHANNEL, spot, SIZE) is None
    assert top_standing(CHANNEL, (0.15, 0.03, 0.135), SIZE) is not None
    first = next(side_standings(CHANNEL, spot, SIZE, 0.03))
    assert first.position == "side"
    # The nearest face is 30 mm away along y.
    assert abs(first.foot[1] - 0.03) == pytest.approx(0.03 + SIZE.neck_length + 0.03)
    assert first.foot[0] == pytest.approx(0.15)
    assert overlap(first.metal, CHANNEL) == pytest.approx(0.0, abs=1e-12)
    assert measure(first.metal).bodies == 1


def test_a_neck_does_not_bridge_a_narrow_gap():
    foot = box((0.2, 0.06, 0.03), name="foot")
    web = box((0.03, 0.06, 0.05), name="web")
    low_shelf = joined(foot, web, box((0.2, 0.06, 0.015), at=(0.0, 0.0, 0.035), name="shelf"))
    assert top_standing(low_shelf, (0.15, 0.03, 0.015), SIZE) is None
    assert top_standing(low_shelf, (0.15, 0.03, 0.042), SIZE) is not None


def test_a_side_riser_stands_above_what_it_feeds():
    spot, top = (0.04, 0.04, 0.02), 0.08
    standing = next(side_standings(CUBE, spot, SIZE, top))
    assert standing.metal.box[1, 2] >= top + 0.5 * SIZE.height - 1e-9


def test_what_is_in_the_way_and_what_sticks_out_of_the_flask_is_no_place():
    spot = (0.04, 0.04, 0.04)
    free = top_standing(CUBE, spot, SIZE)
    above = box((0.02, 0.02, 0.02), at=(0.03, 0.03, 0.12), name="core")
    beside = box((0.02, 0.02, 0.02), at=(0.08, 0.03, 0.12), name="core")
    assert top_standing(CUBE, spot, SIZE, [above]) is None
    assert top_standing(CUBE, spot, SIZE, [beside]) is not None
    just = np.array([[-0.1, -0.1, -0.1], [0.2, 0.2, free.metal.box[1, 2] + 1e-6]])
    assert top_standing(CUBE, spot, SIZE, (), just) is not None
    just[1, 2] -= 1e-3
    assert top_standing(CUBE, spot, SIZE, (), just) is None


def test_sides_come_the_nearest_first_and_leave_out_what_is_taken():
    spot = (0.03, 0.04, 0.04)
    free = list(side_standings(CUBE, spot, SIZE, 0.08))
    away = [math.dist(one.foot[:2], spot[:2]) for one in free]
    assert away == pytest.approx(sorted(away), abs=1e-9)
    assert free[0].foot[0] < 0.0
    taken = next(side_standings(CUBE, spot, SIZE, 0.08, [free[0].metal]))
    assert overlap(taken.metal, free[0].metal) == pytest.approx(0.0, abs=1e-12)
    assert taken.foot != free[0].foot
