"""Proofs of the balance of metal: closure, least squares by hand, false alarms, and causes planted in the books."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forgecast.melting.metal_balance import CAUSES, NODES, STREAMS, metal_balance
from tests.melting.books import MONTHS, doubts, measured, truth


@given(
    st.lists(st.floats(1.0, 1e4), min_size=10, max_size=10),
    st.lists(st.floats(0.01, 50.0), min_size=10, max_size=10),
    st.sets(st.sampled_from(sorted(STREAMS)), max_size=4),
)
@settings(max_examples=80, deadline=None)
def test_reconciled_streams_close_every_balance_whose_streams_are_there(masses, spreads, unmeasured):
    """Whatever the books say, the reconciled ones close; the missing stay missing."""
    books = {n: [np.nan if n in unmeasured else m] for n, m in zip(STREAMS, masses, strict=True)}
    found = metal_balance(("m",), books, dict(zip(STREAMS, spreads, strict=True)))
    x = dict(zip(found.streams, found.reconciled[:, 0], strict=True))
    for node in NODES.values():
        if not unmeasured & set(node):
            assert sum(s * x[n] for n, s in node.items()) == pytest.approx(0.0, abs=1e-6 * max(masses))
    for name in STREAMS:
        assert np.isnan(x[name]) == (name in unmeasured)


@given(st.floats(0.1, 10.0), st.integers(0, 20))
@settings(max_examples=30, deadline=None)
def test_the_unit_of_mass_does_not_matter(scale, seed):
    """Tonnes or kilograms: same adjustments, same probability, same weights."""
    true = truth(seed)
    books, spread = measured(true, doubts(true), seed), doubts(true)
    books["scrap"] = books["scrap"] - 0.03 * true["good"]
    one = metal_balance(MONTHS, books, spread)
    other = metal_balance(MONTHS, {n: scale * v for n, v in books.items()}, {n: scale * v for n, v in spread.items()})
    assert other.adjustment == pytest.approx(one.adjustment, rel=1e-6, abs=1e-8)
    assert other.global_probability == pytest.approx(one.global_probability, rel=1e-6, abs=1e-12)


def test_true_books_are_left_as_they_are():
    true = truth()
    found = metal_balance(MONTHS, true, doubts(true))
    for name, row in zip(found.streams, found.reconciled, strict=True):
        assert row == pytest.approx(true[name], abs=1e-9)
    assert found.global_probability == pytest.approx(1.0)


def test_one_balance_is_shared_out_by_variance():
    """new + returns − loss − poured = r: each stream moves by r u2 / Σ u2, by Lagrange's multiplier on paper."""
    books = {"new_metal": [60.0], "returns_charged": [45.0], "loss": [3.0], "poured": [100.0]}
    spread = {"new_metal": 1.0, "returns_charged": 2.0, "loss": 0.5, "poured": 1.5}
    found = metal_balance(("m",), books, spread)
    total = sum(u * u for u in spread.values())
    x = dict(zip(found.streams, found.reconciled[:, 0], strict=True))
    for name, sign in NODES["melting"].items():
        assert x[name] == pytest.approx(books[name][0] - sign * 2.0 * spread[name] ** 2 / total, rel=1e-12)
    # one balance: every adjustment is the same number of its own standard deviations
    assert np.abs(found.adjustment[:, 0]) == pytest.approx(2.0 / total**0.5, rel=1e-9)


def test_false_alarms_come_as_often_as_they_may():
    """300 years of faultless books: closure, tests and the global probability keep their 5 %."""
    closed, alarmed, probabilities = [], 0, []
    for seed in range(300):
        true = truth(seed)
        found = metal_balance(MONTHS, measured(true, doubts(true), seed), doubts(true))
        closed += [c.closes for c in found.closures]
        alarmed += bool(found.suspicious)
        probabilities.append(found.global_probability)
    assert np.mean(closed) == pytest.approx(0.95, abs=0.011)  # three standard errors of 3,600 months
    assert alarmed / 300 <= 0.05 + 0.038  # Šidák's bound, three standard errors
    assert np.mean(probabilities) == pytest.approx(0.5, abs=0.05)  # three standard errors of a uniform mean
    assert np.std(probabilities) == pytest.approx(12**-0.5, abs=0.03)


@pytest.mark.parametrize("cause", CAUSES, ids=lambda c: c.name)
def test_a_planted_cause_is_ranked_first(cause):
    """Each cause planted in 30 years of books (4 % of its driver, or 8 t a month): found first, with its true size."""
    first, sizes, told = 0, [], []
    for seed in range(30):
        true = truth(seed)
        spread = doubts(true)
        books = measured(true, spread, seed)
        by = 0.04 * true[cause.driver] if cause.driver else np.full(12, 8.0)
        for name, share in cause.truth.items():
            books[name] = books[name] - share * by
        found = metal_balance(MONTHS, books, spread)
        assert found.global_probability < 0.05
        mine = next(s for s in found.suspects if s.cause.name == cause.name)
        first += found.suspects[0].cause.name == cause.name
        sizes.append((mine.size - by.sum()) / mine.size_uncertainty)
        told.append(mine.weight)
    # the driver itself is measured with the fault in it, so its size may be off by its own 4 %
    assert first >= 27
    assert np.mean(told) > 0.7
    assert abs(np.mean(sizes)) < 3.0


def test_a_cause_that_can_only_be_positive_does_not_explain_its_opposite():
    """More scrap booked than there was: no remelt was hidden, and none is suspected."""
    true = truth()
    books = measured(true, doubts(true))
    books["scrap"] = books["scrap"] + 0.04 * true["good"]
    found = metal_balance(MONTHS, books, doubts(true))
    assert found.suspects
    assert "unreported-remelt" not in {s.cause.name for s in found.suspects}
    assert all(s.size > 0.0 for s in found.suspects if s.cause.sign == 1)
