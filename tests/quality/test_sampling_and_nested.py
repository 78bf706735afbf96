"""Acceptance sampling, orders of causes and nested variance: edges and refusals."""

from __future__ import annotations

import numpy as np
import pytest

from forgecast.ground.errors import ForgecastError
from forgecast.quality.acceptance_sampling import SinglePlan, smallest_plan
from forgecast.quality.nested_variance import nested_variance
from forgecast.quality.scrap import pareto, pareto_change

HEATS = [("heat", ["A", "A", "B", "B"])]


def test_the_vital_few():
    got = pareto(["a", "b", "c", "d"], pieces=[50, 30, 15, 5])
    assert got.vital() == ("a", "b")
    assert got.vital(0.81) == ("a", "b", "c")
    assert got.vital(1.0) == ("a", "b", "c", "d")
    assert pareto([""]).vital() == ()


def test_a_cause_that_comes_up_and_one_that_is_gone():
    probability, grown = pareto_change(pareto(["a", "b"], pieces=[20, 20]), pareto(["a", "c"], pieces=[20, 20]))
    assert probability < 1e-6
    assert grown == ("c",)
    assert pareto_change(pareto(["a"]), pareto(["a"])) == (1.0, ())
    assert pareto_change(pareto([""]), pareto(["a", "b"])) == (1.0, ())
    assert pareto_change(pareto(["a", "x"], pieces=[5, 0]), pareto(["a"], pieces=[9])) == (1.0, ())


def test_all_or_none_bad():
    plan = SinglePlan(20, 2, 100)
    for counting in ("binomial", "lot"):
        assert plan.acceptance_probability([0.0, 1.0], counting=counting).tolist() == [1.0, 0.0]
    assert SinglePlan(100, 3, 100).acceptance_probability([0.03, 0.04], counting="lot").tolist() == [1.0, 0.0]


def test_a_lot_too_small_to_tell_is_refused():
    with pytest.raises(ForgecastError, match="keeps both risks"):
        smallest_plan(0.02, 0.025, counting="lot", lot=100)
    assert smallest_plan(0.0, 0.01, counting="lot", lot=100).sample == 90


def test_what_is_missing_is_left_out_of_the_groups():
    got = nested_variance(
        [1.0, 2.0, np.nan, 4.0, 5.0, 9.0, 9.0],
        [("heat", ["A", "A", "A", "B", "B", "", None])],
        method="anova",
    )
    assert got.values == 4
    assert got.variances == pytest.approx([4.25, 0.5])


def test_a_component_below_zero_is_told():
    got = nested_variance([0.0, 2.0, 0.1, 2.1], HEATS, method="anova")
    assert got.negative == ("heat",)
    assert got.variances[0] == 0.0
    assert nested_variance([0.0, 2.0, 0.1, 2.1], HEATS).variances[0] == 0.0
    still = nested_variance([3.0, 3.0, 3.0, 3.0], HEATS)
    assert np.isnan(still.shares).all()


def test_equal_labels_in_different_heats_are_different_moulds():
    x = np.arange(8.0)
    once = nested_variance(x, [("heat", list("AAAABBBB")), ("mould", list("11221122"))])
    apart = nested_variance(x, [("heat", list("AAAABBBB")), ("mould", list("11223344"))])
    assert once.groups.tolist() == apart.groups.tolist() == [2, 4]


@pytest.mark.parametrize(
    "call",
    [
        lambda: SinglePlan(5, 5),
        lambda: SinglePlan(5, 0, 4),
        lambda: SinglePlan(5, 0).acceptance_probability(0.1, counting="lot"),
        lambda: SinglePlan(5, 0).mean_inspected(0.1),
        lambda: smallest_plan(0.1, 0.05),
        lambda: nested_variance([1.0, 2.0], []),
        lambda: nested_variance([1.0, 2.0], [("heat", ["A"])]),
        lambda: nested_variance([1.0, 2.0], [("heat", ["A", "B"])]),
        lambda: nested_variance([1.0, 2.0], [("heat", ["A", "A"])]),
        lambda: nested_variance([1.0, 2.0, 3.0, 4.0], [*HEATS, ("ladle", ["1", "1", "1", "1"])]),
        lambda: nested_variance([], [("heat", [])]),
    ],
)
def test_impossible_input_is_refused(call):
    with pytest.raises(ForgecastError) as caught:
        call()
    assert str(caught.value.repair)
