"""Trees of meters: depth, missing readings with bounds, loops, units; and whose fault explains a rest."""

from __future__ import annotations

import numpy as np
import pytest

from forgecast.energy.meter_fault import meter_faults, swapped_pairs
from forgecast.energy.meter_tree import balance_tree, tree_order
from forgecast.ground.errors import ForgecastError

NAN = np.nan
PERIODS = tuple(f"2025-{month:02d}" for month in range(1, 13))
TREE = {"M": "", "A": "M", "B": "M", "A1": "A", "A2": "A", "A11": "A1"}


def test_a_tree_of_any_depth_is_walked_from_the_top():
    assert tree_order(TREE) == (("M", 0), ("A", 1), ("A1", 2), ("A11", 3), ("A2", 2), ("B", 1))
    # The order of the records does not matter to the depth.
    assert dict(tree_order(dict(reversed(TREE.items())))) == dict(tree_order(TREE))


def test_circles_and_unknown_parents_are_refused():
    with pytest.raises(ForgecastError, match="circle: A > B > C > A"):
        tree_order({"M": "", "A": "B", "B": "C", "C": "A"})
    with pytest.raises(ForgecastError, match="circle: A > A"):
        tree_order({"A": "A"})
    with pytest.raises(ForgecastError, match="X is the parent of A"):
        tree_order({"A": "X"})


def test_each_node_has_its_rest_and_its_uncertainty():
    read = {"M": [100.0], "A": [60.0], "B": [30.0], "A1": [25.0], "A2": [36.0], "A11": [20.0]}
    classes = dict.fromkeys(TREE, 0.01)
    nodes = {node.meter: node for node in balance_tree(TREE, read, accuracy=classes)}
    assert list(nodes) == ["M", "A", "A1"]
    assert nodes["M"].rest[0] == pytest.approx(10.0)
    assert nodes["M"].uncertainty[0] == pytest.approx(0.01 * np.sqrt(100.0**2 + 60.0**2 + 30.0**2))
    assert (nodes["M"].states, nodes["A1"].states) == (("rest",), ("rest",))
    # 61 of 60: one too many, and all classes together allow 0.74.
    assert nodes["A"].states == ("negative",)
    wide = {node.meter: node for node in balance_tree(TREE, read, accuracy=dict.fromkeys(TREE, 0.02))}
    assert wide["A"].states == ("rest",)


def test_a_missing_reading_is_no_zero_and_leaves_bounds():
    parents = {"M": "", "A": "M", "B": "M"}
    read = {"M": [100.0, NAN, 100.0], "A": [60.0, 60.0, 60.0], "B": [NAN, 30.0, 30.0]}
    (node,) = balance_tree(parents, read, accuracy={"M": 0.01, "A": 0.01})
    assert node.states == ("not_known", "not_known", "unjudged")
    assert np.isnan(node.rest[:2]).all()
    assert (node.low[0], node.high[0]) == (0.0, 40.0)  # what B and the rest share
    assert node.low[1] == 0.0
    assert np.isnan(node.high[1])
    assert "not read: B" in str(node.reasons[0])
    assert "the meter itself" in str(node.reasons[1])
    assert "B" in str(node.reasons[2])
    # A meter that showed nothing needs no class.
    (still,) = balance_tree(parents, {"M": [50.0], "A": [50.0], "B": [0.0]}, accuracy={"M": 0.01, "A": 0.01})
    assert still.states == ("rest",)


def test_a_submeter_in_another_unit_is_no_part_of_the_balance():
    (node,) = balance_tree({"M": "", "A": "M", "air": "M"}, {"M": [10.0], "A": [6.0], "air": [1e5]},
                           units={"M": "kWh", "A": "kWh", "air": "m3"})  # fmt: skip
    assert (node.children, node.other_unit, node.rest[0]) == (("A",), ("air",), 4.0)


def _plant(seed: int = 2) -> dict[str, np.ndarray]:
    """Return twelve months of a main meter and three below it, with 2 % unmetered."""
    rng = np.random.default_rng(seed)
    parts = {"A": rng.normal(50_000, 1500, 12), "B": rng.normal(20_000, 600, 12), "C": rng.normal(8_000, 250, 12)}
    return {"M": sum(parts.values()) / (0.98 + rng.normal(0, 0.001, 12)), **parts}


PARENTS = {"M": "", "A": "M", "B": "M", "C": "M"}


def _best(read: dict[str, np.ndarray]) -> list[tuple[str, str, tuple[str, ...]]]:
    (node,) = balance_tree(PARENTS, read)
    best: dict[str, tuple[str, str, tuple[str, ...]]] = {}
    for one in meter_faults(node, read, PERIODS):
        best.setdefault(one.period, (one.period, one.kind, one.meters))
    return list(best.values())


@pytest.mark.parametrize(
    ("meter", "shown", "kind"),
    [
        ("A", 2 / 3, "phase_missing"),
        ("B", 1 / 3, "two_phases_missing"),
        ("B", 0.1, "factor_too_small"),
        ("C", 10.0, "factor_too_large"),
        ("A", 0.5, "ratio_half"),
        ("C", 2.0, "ratio_double"),
    ],
)
def test_the_fault_that_was_made_is_the_first_hypothesis(meter, shown, kind):
    read = _plant()
    assert _best(read) == []
    read[meter][7] *= shown
    assert _best(read) == [("2025-08", kind, (meter,))]


def test_a_meter_swapped_with_the_one_above_is_found():
    read = _plant()
    read["M"][4], read["A"][4] = read["A"][4], read["M"][4]
    assert _best(read) == [("2025-05", "swapped", ("M", "A"))]


def test_a_month_booked_in_the_next_one_is_found():
    """Two neighbouring months whose readings of one meter stand in each other's place."""
    read = _plant()
    # Work differs by a third between the two months, as around a holiday.
    for name in read:
        read[name][5] *= 0.6
    read["A"][[5, 6]] = read["A"][[6, 5]]
    found = _best(read)
    assert ("2025-06", "shifted", ("A",)) in found


def test_two_submeters_swapped_leave_the_balance_and_are_found_by_their_histories():
    read = _plant()
    read["A"][3], read["B"][3] = read["B"][3], read["A"][3]
    (node,) = balance_tree(PARENTS, read)
    assert meter_faults(node, read, PERIODS) == ()
    ((one, two, period, _),) = swapped_pairs({k: read[k] for k in "ABC"}, PERIODS)
    assert (one, two, period) == ("A", "B", "2025-04")


def test_too_few_periods_tell_nothing():
    read = {name: values[:4] for name, values in _plant().items()}
    read["A"][1] *= 2 / 3
    (node,) = balance_tree(PARENTS, read)
    assert meter_faults(node, read, PERIODS[:4]) == ()
