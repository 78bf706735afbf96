"""Grids around a solid: where their faces lie, how they grow, and when they are refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgecast.shape.errors import ShapeError
from forgecast.shape.grid import Grid
from forgecast.shape.gridding import Margins, check_memory, free_memory, stretched_grid, uniform_grid

BOX = np.array([[0.01, 0.02, 0.03], [0.11, 0.08, 0.05]])


def test_a_uniform_grid_starts_at_the_box_and_covers_box_and_margins():
    grid = uniform_grid(BOX, 0.004, Margins(0.0, 0.01, 0.02, 0.02, 0.03, 0.001))
    assert grid.is_uniform
    assert grid.x[0] == BOX[0, 0]  # no margin: a symmetry plane, in a cell face
    for edges, low in zip((grid.x, grid.y, grid.z), BOX[0], strict=True):
        assert np.abs(edges - low).min() == 0.0
    assert grid.x[-1] >= 0.12 - 1e-12
    assert grid.y[0] == pytest.approx(0.0, abs=1e-12)  # 20 mm are five whole cells
    assert grid.z[0] == pytest.approx(0.03 - 0.032)  # 30 mm are seven and a half
    assert grid.shape == (8 + 5 + 1, 5 + 15 + 5, 25 + 3)


def test_whole_numbers_of_cells_stay_whole():
    """0.3 / 0.1 is 2.9999999999999996 and 0.7 / 0.1 is 6.999999999999999: no cell more, none less."""
    grid = uniform_grid(np.array([[0.0] * 3, [0.3, 0.7, 0.6]]), 0.1, Margins.equal(0.0))
    assert grid.shape == (6, 7, 3)


@given(
    st.floats(0.001, 0.02),
    st.floats(0.0, 0.3),
    st.floats(1.01, 2.0),
    st.one_of(st.none(), st.floats(0.02, 0.1)),
    st.lists(st.floats(0.011, 0.109), max_size=3),
    st.floats(0.1, 1.0),
)
def test_a_stretched_grid_meets_its_stops_and_keeps_its_widths(cell, margin, ratio, coarsest, planes, share):
    grid = stretched_grid(
        BOX,
        cell,
        Margins.equal(margin),
        ratio=ratio,
        coarsest=coarsest,
        planes=(planes, (), ()),
        finest=share * cell,
    )
    for axis, edges in enumerate((grid.x, grid.y, grid.z)):
        widths = np.diff(edges)
        low, high = BOX[:, axis]
        assert widths.min() > 0.0
        stops = [low, high, *(planes if axis == 0 else ())]
        assert all(np.abs(edges - stop).min() == 0.0 for stop in stops)
        assert (edges[0], edges[-1]) == pytest.approx((low - margin, high + margin), abs=1e-6 * cell)
        within = widths[(edges[:-1] >= low) & (edges[1:] <= high)]
        assert within.max() <= cell * (1.0 + 1e-9)
        for outside in (widths[edges[1:] <= low][::-1], widths[edges[:-1] >= high]):
            if len(outside) > 2:
                growth = outside[1:] / outside[:-1]
                assert growth.max() <= ratio * (1.0 + 1e-6)
                assert growth.min() >= 1.0 - 1e-6
            if coarsest is not None and len(outside):
                assert outside.max() <= 1.5 * coarsest


def test_cells_are_finest_at_a_plane_and_grow_from_there():
    grid = stretched_grid(BOX, 0.01, Margins.equal(0.0), ratio=1.5, planes=((0.06,), (), ()), finest=0.001)
    at = int(np.argmin(np.abs(grid.x - 0.06)))
    widths = np.diff(grid.x)
    assert widths[at] < 0.0011
    assert widths[at - 1] < 0.0011
    assert (np.diff(widths[at:]) > -1e-12).all()
    assert (np.diff(widths[:at]) < 1e-12).all()
    assert len(widths) < 25  # 100 cells of 1 mm would be the plain way


@pytest.mark.parametrize("wrong", [{"ratio": 1.0}, {"ratio": 3.0}, {"finest": 0.02}, {"coarsest": 0.001}])
def test_a_stretched_grid_that_cannot_be_is_refused(wrong):
    with pytest.raises(ShapeError, match="stretched grid cannot"):
        stretched_grid(BOX, 0.01, Margins.equal(0.1), **wrong)


@pytest.mark.parametrize("cell", [0.0, -1.0, float("nan")])
def test_a_cell_without_size_is_refused(cell):
    with pytest.raises(ShapeError, match="no grid of"):
        uniform_grid(BOX, cell, Margins.equal(0.1))
    with pytest.raises(ShapeError, match="no grid of"):
        uniform_grid(np.zeros((2, 3)), 0.01, Margins.equal(0.1))


@pytest.mark.parametrize("margin", [-0.01, float("inf"), float("nan")])
def test_a_margin_that_cannot_be_is_refused(margin):
    for build in (uniform_grid, stretched_grid):
        with pytest.raises(ShapeError, match="a margin around the part"):
            build(BOX, 0.01, Margins(0.0, 0.0, 0.0, margin, 0.0, 0.0))


def test_a_grid_larger_than_memory_is_refused_with_a_cell_size_that_fits():
    edges = np.linspace(0.0, 1.0, 201)
    grid = Grid(edges, edges, edges)  # 8 million cells of 5 mm
    assert check_memory(grid, 60.0, free=500_000_000) == 480_000_000
    with pytest.raises(ShapeError, match=r"8000000 cells need 0.5 GB of memory, and 0.1 GB are free") as caught:
        check_memory(grid, 60.0, free=60_000_000)
    # An eighth of the memory asks for twice the cell, and nine tenths of what is free for 3.6 % more: 10.4 mm.
    assert "cells of 11.0 mm" in str(caught.value.repair)
    assert check_memory(grid, 60.0, free=None) == 480_000_000


def test_free_memory_is_plausible_where_it_is_known():
    free = free_memory()
    assert free is None or 1_000_000 < free < 1e15
