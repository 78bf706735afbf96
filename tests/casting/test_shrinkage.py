"""Shrinkage: where liquid is drawn from, what is refused, and runs that were stopped early."""

from __future__ import annotations

import numpy as np
import pytest

from forgecast.casting.pools import JudgingError
from forgecast.casting.shrinkage import Contraction, shrinkage
from forgecast.shape.grid import Grid

N = 12


def block(body=None):
    grid = Grid(*(np.linspace(0.0, 0.12, N + 1),) * 3)
    part = np.ones(grid.shape, np.uint8) if body is None else body
    return grid, part, grid.volumes.astype(np.float32)


def at(value):
    return np.full((N, N, N), value, np.float32)


@pytest.mark.parametrize(
    ("gravity", "top"),
    [((0, 0, -1), np.s_[-1]), ((0, 0, 9.81), np.s_[0]), ((0, -2, 0), np.s_[:, -1]), ((1, 0, 0), np.s_[:, :, 0])],
)
def test_liquid_is_drawn_from_the_top_whatever_is_up(gravity, top):
    got = shrinkage(*block(), at(1), at(2), at(2), Contraction(0.0, 0.05, 1.0), gravity=gravity)
    assert got.macro[top] == pytest.approx(0.05 * N, rel=1e-6)
    assert got.macro.sum() == pytest.approx(0.05 * N**3, rel=1e-6)
    # 5 % of twelve layers is 0.6 of the top one; a cell fills from its top.
    assert got.bodies[0].deepest_void == pytest.approx(0.6 * 0.01, rel=1e-6)
    assert got.bodies[0].height == pytest.approx(0.12)
    assert len(got.cavities) == 1
    assert got.cavities[0].volume == pytest.approx(0.05 * 0.12**3)
    assert got.cavities[0].diameter == pytest.approx((6.0 * 0.05 * 0.12**3 / np.pi) ** (1 / 3))


def test_a_slanted_gravity_drains_the_highest_corner():
    got = shrinkage(*block(), at(1), at(2), at(2), Contraction(0.0, 0.01, 1.0), gravity=(-1, -1, -1))
    x, y, z = got.cavities[0].place
    assert min(x, y, z) > 0.1
    assert got.macro[-1, -1, -1] == 1.0


def test_an_open_riser_is_drawn_before_a_higher_closed_top():
    """A low riser beside a high casting: open to the air it sinks, closed it does not as long as the top is higher."""
    part = np.ones((N, N, N), np.uint8)
    part[6:, :6] = 0
    part[:6, :6] = 2
    given = (*block(part), at(1), at(2), at(2), Contraction(0.0, 0.03, 1.0))
    casting, riser = shrinkage(*given).bodies
    assert (casting.macro > 0.0, riser.macro) == (True, 0.0)
    casting, riser = shrinkage(*given, drain_first=part == 2).bodies
    assert (casting.macro, riser.macro > 0.0) == (0.0, True)


def test_late_contraction_stays_in_place_unless_flow_between_dendrites_feeds_it():
    given = (*block(), at(1), at(2), at(3), Contraction(0.0, 0.05, 0.6))
    dispersed = shrinkage(*given)
    assert dispersed.micro[0] == pytest.approx(1.0 - 0.95 / 0.97, rel=1e-5)
    fed = shrinkage(*given, late_feeding=1.0)
    assert fed.micro.max() == 0.0
    assert fed.voids == pytest.approx(dispersed.voids, rel=1e-12)
    half = shrinkage(*given, late_feeding=np.where(np.arange(N) < 6, 1.0, 0.0)[None, None, :] * at(1))
    assert half.micro[0, 0, 0] == 0.0
    assert half.micro[0, 0, -1] == pytest.approx(dispersed.micro[0, 0, -1])


def test_cells_without_times_are_still_liquid():
    """Half of the metal never froze: its contraction so far counts, and the end must be given."""
    late = at(4.0)
    late[:6] = np.nan
    given = (*block(), at(2), late, late, Contraction(0.02, 0.05, 1.0))
    with pytest.raises(JudgingError, match="still liquid"):
        shrinkage(*given)
    got = shrinkage(*given, end_time=5.0)
    assert not got.complete
    assert abs(got.residual) < 1e-9
    # By mass: all lost 2 % of liquid, the upper half 5 % more.
    assert got.voids == pytest.approx(0.12**3 * (1.0 - 0.98 * (0.5 + 0.5 * 0.95)), rel=0.02)
    assert shrinkage(*block(), at(2), at(4), at(4), Contraction(0.02, 0.05, 1.0)).complete


def test_expansion_of_graphite_lowers_what_its_pool_lacks():
    plain = shrinkage(*block(), at(1), at(2), at(2), Contraction(0.01, 0.04, 1.0))
    rigid = shrinkage(*block(), at(1), at(2), at(2), Contraction(0.01, 0.04, 1.0, graphite=0.03))
    yields = shrinkage(*block(), at(1), at(2), at(2), Contraction(0.01, 0.04, 1.0, graphite=0.03, rigidity=0.5))
    assert plain.voids > yields.voids > rigid.voids > 0.0
    assert rigid.voids == pytest.approx(0.12**3 * (1.0 - 0.99 * 0.99), rel=1e-6)
    swells = shrinkage(*block(), at(1), at(2), at(2), Contraction(0.01, 0.04, 1.0, graphite=0.06))
    # The pool's void from liquid contraction stays: nothing is refilled, the swelling is pushed out.
    assert swells.voids == pytest.approx(0.12**3 * 0.01, rel=1e-6)
    assert swells.pushed_out > 0.0


def test_fewer_levels_change_the_place_and_not_the_sum():
    rng = np.random.default_rng(3)
    times = rng.uniform(1.0, 2.0, (N, N, N)).astype(np.float32)
    given = (*block(), 0.5 * times, times, times, Contraction(0.01, 0.05, 1.0))
    voids = [shrinkage(*given, levels=levels).voids for levels in (3, 30, 300)]
    assert voids == pytest.approx([voids[0]] * 3, rel=1e-12)


@pytest.mark.parametrize("wrong", [{"liquid": 3.0}, {"feeding_fraction": -0.1}, {"solidification": np.nan}])
def test_shares_that_are_none_are_refused(wrong):
    right = {"liquid": 0.01, "solidification": 0.03, "feeding_fraction": 0.7}
    with pytest.raises(JudgingError, match=next(iter(wrong))):
        Contraction(**(right | wrong))


def test_inputs_that_do_not_fit_are_refused():
    grid, part, metal = block()
    contraction = Contraction(0.01, 0.03, 0.7)
    with pytest.raises(JudgingError, match="shape"):
        shrinkage(grid, part, metal, at(1), at(2)[:3], at(3), contraction)
    with pytest.raises(JudgingError, match="gravity"):
        shrinkage(grid, part, metal, at(1), at(2), at(3), contraction, gravity=(0, 0, 0))
    with pytest.raises(JudgingError, match="no metal"):
        shrinkage(grid, 0 * part, metal, at(1), at(2), at(3), contraction)
