"""Liquid pools: persistence, zones, bodies and what was still liquid at the end."""

from __future__ import annotations

import numpy as np
import pytest

from forgecast.casting.pools import JudgingError, pool_tree
from forgecast.shape.grid import Grid


def row(*times, part=None):
    """A row of cells 1 m wide along x with the given times."""
    grid = Grid(np.arange(len(times) + 1.0), np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    part = [1] * len(times) if part is None else part
    return grid, np.array(part, np.uint8).reshape(1, 1, -1), np.array(times, np.float32).reshape(1, 1, -1)


def test_a_row_of_cells_by_hand():
    """Peaks of 10 and 7 s with a saddle of 4 s between them."""
    tree = pool_tree(*row(2, 10, 6, 4, 7, 1))
    assert [(p.frozen_at, p.isolated_at, p.split_at, p.volume) for p in tree.pools] == [
        (10.0, 4.0, None, 2.0),
        (7.0, 4.0, None, 1.0),
        (10.0, None, 4.0, 6.0),
    ]
    assert [p.parent for p in tree.pools] == [2, 2, None]
    assert tree.pools[2].children == (0, 1)
    assert [p.outlasts for p in tree.pools] == [6.0, 3.0, None]
    # The saddle cell freezes towards the neighbour that lasts longer.
    assert tree.zone.ravel().tolist() == [0, 0, 0, 1, 1, 1]
    assert tree.pools[0].centre == (2.0, 0.5, 0.5)


def test_three_pools_that_meet_in_one_cell_have_one_parent():
    grid = Grid(np.arange(4.0), np.arange(3.0), np.array([0.0, 1.0]))
    part = np.array([[[1, 1, 1], [0, 1, 0]]], np.uint8)
    time = np.array([[[9, 1, 8], [0, 7, 0]]], np.float32)
    tree = pool_tree(grid, part, time)
    assert [p.frozen_at for p in tree.hot_spots] == [9.0, 8.0, 7.0]
    assert tree.pools[3].children == (0, 1, 2)
    assert len(tree.pools) == 4


@pytest.mark.parametrize(
    ("share", "time", "spots"),
    [(0.0, 0.0, [10.0, 9.0, 8.0]), (0.1, 0.0, [10.0, 9.0, 8.0]), (0.15, 0.0, [10.0, 9.0]), (0.0, 3.5, [10.0, 9.0]),
     (0.0, 4.5, [10.0]), (0.5, 0.0, [10.0])],
)  # fmt: skip
def test_what_outlasts_its_saddle_by_too_little_is_noise(share, time, spots):
    """The pool of 8 s outlasts its saddle (7 s) by 1 s or 12.5 %, that of 9 s its own (5 s) by 4 s or 44 %."""
    tree = pool_tree(*row(10, 5, 9, 7, 8), outlast_share=share, outlast_time=time)
    assert [p.frozen_at for p in tree.hot_spots] == spots
    # Cells of a pool that does not count go with the pool that took it over.
    ends = {3: [0, 0, 1, 1, 2], 2: [0, 0, 1, 1, 1], 1: [0, 0, 0, 0, 0]}[len(spots)]
    assert tree.zone.ravel().tolist() == ends


def test_noise_makes_no_hot_spots():
    grid = Grid(*(np.linspace(0.0, 1.0, 25),) * 3)
    x = grid.centres[0]
    smooth = 100.0 * (1.0 - (x - 0.5) ** 2)
    noise = np.random.default_rng(1).uniform(0.0, 1.0, grid.shape)
    field = (smooth[None, None, :] + noise).astype(np.float32)
    part = np.ones(grid.shape, np.uint8)
    assert len(pool_tree(grid, part, field, outlast_share=0.0).hot_spots) > 100
    assert len(pool_tree(grid, part, field, outlast_share=0.02).hot_spots) == 1


def test_separate_pieces_and_bodies():
    tree = pool_tree(*row(3, 5, 0, 9, 2, part=[1, 1, 0, 2, 1]))
    assert [(p.body, p.isolated_at, p.volume) for p in tree.pools] == [(2, None, 2.0), (1, None, 2.0)]
    assert tree.zone.ravel().tolist() == [1, 1, -1, 0, 0]
    assert tree.isolated_in_casting == ()
    cut_off = pool_tree(*row(9, 3, 5, 1, part=[2, 1, 1, 1]))
    assert [p.frozen_at for p in cut_off.isolated_in_casting] == [5.0]


def test_metal_still_liquid_at_the_end_outlasts_all():
    grid, part, time = row(4, np.nan, 2, 8, 1)
    tree = pool_tree(grid, part, time)
    assert tree.pools[0].frozen_at == np.inf
    assert tree.pools[0].place[0] == 1.5
    assert tree.pools[1].frozen_at == 8.0
    assert pool_tree(grid, part, np.full(grid.shape, np.nan, np.float32)).pools[0].volume == 5.0


def test_metal_volume_weighs_the_cells():
    grid, part, time = row(5, 4, 3)
    metal = np.array([0.5, 1.5, 1.0], np.float32).reshape(part.shape)
    (pool,) = pool_tree(grid, part, time, metal).pools
    assert pool.volume == 3.0
    assert pool.centre[0] == pytest.approx((0.25 + 2.25 + 2.5) / 3.0)


def test_no_metal_has_no_pools():
    grid, part, time = row(1, 2)
    tree = pool_tree(grid, 0 * part, time)
    assert tree.pools == ()
    assert (tree.zone == -1).all()


def test_fields_that_do_not_fit_are_refused():
    grid, part, time = row(1, 2)
    with pytest.raises(JudgingError, match="shape"):
        pool_tree(grid, part, time[..., :1])
    with pytest.raises(JudgingError, match="negative"):
        pool_tree(grid, part, time, outlast_share=-0.1)
