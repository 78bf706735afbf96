"""Proofs of the percentiles among peers: no cell of fewer than five, none that its neighbours tell, no single value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgecast.rules.index.peers import LEAST_PEERS, hidden_groups, peer_cells, position


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 12), min_size=1), st.integers(0, 99))
def test_no_small_group_is_shown_and_none_can_be_worked_out(counts: dict[str, int], seed: int) -> None:
    groups = [name for name, count in counts.items() for _ in range(count)]
    values = np.random.default_rng(seed).uniform(0, 100, len(groups))
    cells = peer_cells(groups, values)
    hidden = [cell.group for cell in cells if cell.suppressed]
    assert all(counts[cell.group] >= LEAST_PEERS for cell in cells if not cell.suppressed)
    # With the total known, what is hidden together must be told apart by nothing: never one group alone.
    assert len(hidden) != 1 or len(counts) == 1
    own = {round(float(value), 9) for value in values}
    assert all(round(q, 9) not in own for cell in cells for q in cell.quantiles)


def test_a_quantile_is_the_mean_of_the_five_around_it() -> None:
    (cell,) = peer_cells(["a"] * 9, np.arange(9.0), shares=(0.25, 0.5, 0.75))
    assert cell.quantiles == (2.0, 4.0, 6.0)


def test_one_small_group_takes_the_next_with_it() -> None:
    assert hidden_groups({"a": 3, "b": 5, "c": 9}) == {"a", "b"}
    assert hidden_groups({"a": 3, "b": 2, "c": 9}) == {"a", "b"}
    assert hidden_groups({"b": 5, "c": 9}) == frozenset()


def test_fewer_than_five_are_never_asked_for_nor_extremes_shown() -> None:
    with pytest.raises(ValueError, match="never shown"):
        peer_cells(["a"] * 9, np.arange(9.0), least=4)
    with pytest.raises(ValueError, match="extreme"):
        peer_cells(["a"] * 9, np.arange(9.0), shares=(0.05,))


def test_a_position_counts_equals_half_and_needs_five() -> None:
    assert position([1.0, 2.0, 3.0, 3.0, 4.0, np.nan], 3.0) == pytest.approx(0.6)
    assert position([1.0, 2.0, 3.0, 4.0], 3.0) is None
