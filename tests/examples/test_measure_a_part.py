"""The bracket measures what its drawing says."""

from __future__ import annotations

import pytest

from examples import measure_a_part


def test_walls_modulus_and_corner_are_exact() -> None:
    found = measure_a_part.run()
    wall, arm, length = measure_a_part.WALL, measure_a_part.ARM, measure_a_part.LENGTH
    section = wall * wall + 2 * wall * arm
    # Six sides of the L: two of wall + arm outside, two of arm inside, two ends.
    outline = 2 * (wall + arm) + 2 * arm + 2 * wall
    assert found.measures.modulus == pytest.approx(section * length / (outline * length + 2 * section), rel=1e-9)
    # the sphere of `wall_map` may cut 2 %, the ray is exact
    assert found.wall == pytest.approx(wall, rel=1e-6)
    # one cell is promised, between the cells it is far nearer: a twentieth of one
    assert found.spots[0].diameter == pytest.approx(1.171573 * wall, abs=measure_a_part.CELL / 20)
