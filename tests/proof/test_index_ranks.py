"""Proofs of ranks: whoever dominates ranks no worse, shares of first place in closed form, and ties."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forgecast.rules.index.ranks import dominance, rank_intervals, ranks_of, surely_above

matrices = arrays(np.float64, st.tuples(st.integers(2, 7), st.integers(1, 4)), elements=st.integers(0, 100).map(float))


@given(matrices)
def test_whoever_dominates_ranks_no_worse_under_any_weights(scores: np.ndarray) -> None:
    found = rank_intervals(scores, concentration=np.ones(scores.shape[1]), draws=40, seed=1, central=1.0)
    better = dominance(scores)
    for i, j in zip(*np.nonzero(better), strict=True):
        assert found.low[i] <= found.low[j]
        assert found.high[i] <= found.high[j]
    assert not (better & better.T).any()


def test_two_plants_that_swap_directions_lead_half_the_weights_each() -> None:
    # w1 > w2 has probability 1/2 under Dirichlet(1, 1); 20000 draws scatter by 0.0035.
    found = rank_intervals([[90.0, 10.0], [10.0, 90.0]], concentration=[1.0, 1.0], draws=20_000, seed=3)
    assert abs(found.first[0] - 0.5) < 5 * 0.0035
    assert (found.low.tolist(), found.high.tolist()) == ([1, 1], [2, 2])


def test_a_weight_beyond_three_quarters_has_probability_one_quarter() -> None:
    # Plant 1 leads if 100 w1 > 75, and w1 is uniform on (0, 1).
    found = rank_intervals([[100.0, 0.0], [75.0, 75.0]], concentration=[1.0, 1.0], draws=20_000, seed=4)
    assert abs(found.first[0] - 0.25) < 5 * 0.0031


def test_equal_plants_share_the_better_rank() -> None:
    assert ranks_of([3.0, 5.0, 5.0, 1.0]).tolist() == [3, 1, 1, 4]


def test_no_worse_everywhere_and_better_once_dominates_and_equal_plants_do_not() -> None:
    assert dominance([[2.0, 1.0], [1.0, 1.0], [2.0, 1.0]]).tolist() == [
        [False, True, False],
        [False, False, False],
        [False, True, False],
    ]


def test_a_missing_score_is_comparable_with_nothing() -> None:
    assert not dominance([[np.nan, 1.0], [0.0, 0.0]]).any()


def test_intervals_that_overlap_are_in_no_order() -> None:
    assert surely_above([50.0, 10.0, 0.0], [60.0, 49.0, 55.0]).tolist() == [
        [False, True, False],
        [False, False, False],
        [False, False, False],
    ]
