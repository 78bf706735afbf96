"""Proofs of the frontier: one input and one output in closed form, two inputs by hand, and what must never happen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forgecast.rules.index.frontier import frontier, normalised_use

#: Of the simplex: HiGHS holds its constraints to 1e-7.
SOLVED = 1e-6
columns = arrays(np.float64, st.integers(2, 7), elements=st.floats(0.5, 50.0))


@given(st.integers(2, 8), st.integers(0, 10_000))
def test_with_one_input_and_one_output_ccr_is_the_ratio_to_the_best(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(1, 50, count), rng.uniform(1, 50, count)
    found = frontier(x[:, None], y[:, None], returns="constant").efficiency
    np.testing.assert_allclose(found, (y / x) / (y / x).max(), atol=SOLVED)


def test_two_inputs_one_output_by_hand() -> None:
    # Isoquant through A (2, 8), B (4, 4) and C (8, 2); D (6, 6) is cut by the ray at (4, 4); E (10, 5) by the line
    # from B to C (x + 2 y = 12) at 12/20; F (2, 10) lies beside A, by the free disposal of the second input.
    inputs = [[2.0, 8.0], [4.0, 4.0], [8.0, 2.0], [6.0, 6.0], [10.0, 5.0], [2.0, 10.0]]
    found = frontier(inputs, np.ones((6, 1)), returns="constant").efficiency
    np.testing.assert_allclose(found, [1.0, 1.0, 1.0, 2 / 3, 0.6, 1.0], atol=SOLVED)


def test_variable_returns_by_hand() -> None:
    # Frontier through A (2, 1), B (3, 4), C (6, 6). D (4, 3): output 3 costs 2 + (3 - 1)/3 = 8/3 on the line AB.
    x, y = np.array([[2.0], [3.0], [6.0], [4.0]]), np.array([[1.0], [4.0], [6.0], [3.0]])
    np.testing.assert_allclose(frontier(x, y, returns="variable").efficiency, [1, 1, 1, 2 / 3], atol=SOLVED)
    np.testing.assert_allclose(frontier(x, y, returns="constant").efficiency, [3 / 8, 1.0, 3 / 4, 9 / 16], atol=SOLVED)


@given(st.integers(3, 7), st.integers(0, 10_000))
def test_bounds_units_and_a_further_plant(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(1, 50, (count, 2)), rng.uniform(1, 50, (count, 2))
    variable, constant = (frontier(x, y, returns=r).efficiency for r in ("variable", "constant"))
    assert (constant <= variable + SOLVED).all()
    assert ((constant > 0) & (variable <= 1)).all()
    assert variable.max() == pytest.approx(1.0, abs=SOLVED)
    # Units say nothing.
    np.testing.assert_allclose(frontier(x * [1e6, 1e-3], y * 1e3, returns="variable").efficiency, variable, atol=SOLVED)
    # One more plant to be compared with never makes one look better.
    fewer = frontier(x[:-1], y[:-1], returns="variable").efficiency
    assert (variable[:-1] <= fewer + SOLVED).all()


def test_only_those_asked_for_are_solved_and_get_the_same() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.uniform(1, 9, (6, 2)), rng.uniform(1, 9, (6, 1))
    some, every = frontier(x, y, of=(2,)), frontier(x, y)
    assert some.efficiency[2] == pytest.approx(every.efficiency[2], abs=SOLVED)
    assert np.isnan(np.delete(some.efficiency, 2)).all()
    # The composite plant uses no more than the shrunken inputs and makes no less.
    weights = some.peers[2]
    assert (weights @ x <= some.efficiency[2] * x[2] + SOLVED * 9).all()
    assert (weights @ y >= y[2] - SOLVED * 9).all()


@pytest.mark.parametrize(
    ("x", "y"), [([[0.0]], [[1.0]]), ([[1.0]], [[-1.0]]), ([[1.0]], [[0.0]]), ([[np.nan]], [[1.0]])]
)
def test_what_has_no_frontier_is_refused(x: list[list[float]], y: list[list[float]]) -> None:
    with pytest.raises(ValueError, match=r"inputs"):
        frontier(x, y)


def test_a_plant_that_only_changes_its_mix_looks_neither_better_nor_worse() -> None:
    reference = np.array([250.0, 400.0])
    mix = np.array([[100.0, 0.0], [50.0, 50.0], [0.0, 100.0], [0.0, 0.0]])
    used = 0.9 * mix @ reference
    np.testing.assert_allclose(normalised_use(used, mix, reference)[:3], 0.9)
    assert np.isnan(normalised_use(used, mix, reference)[3])
    # A class without a reference leaves the use of those that make it unknown.
    assert np.isnan(normalised_use(used, mix, [250.0, np.nan])[[1, 2]]).all()
