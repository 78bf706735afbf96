"""The balance of metal: what is not measured stays unknown, what does not close is told with its causes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from forgecast.melting.error import MeltingError
from forgecast.melting.metal_balance import metal_balance
from tests.melting.books import MONTHS, doubts, measured, truth


def test_books_without_a_fault_close_and_name_nobody():
    true = truth()
    found = metal_balance(MONTHS, measured(true, doubts(true)), doubts(true))
    assert sum(c.closes is True for c in found.closures) >= 10
    assert found.suspects == ()
    assert found.chance == 1.0
    assert found.suspicious == ()


def test_a_missing_stream_makes_its_month_unknown_and_is_not_zero():
    true = truth()
    books = measured(true, doubts(true))
    books["scrap"][3] = np.nan
    found = metal_balance(MONTHS, books, doubts(true))
    assert found.closures[3].closes is None
    assert "scrapped castings is missing" in found.closures[3].words.say("en")
    assert math.isnan(found.reconciled[found.streams.index("scrap"), 3])
    assert found.closures[4].closes is not None


def test_without_the_weight_poured_melting_and_casting_are_one_balance():
    true = truth()
    books = measured(true, doubts(true))
    books["poured"][:] = np.nan
    found = metal_balance(MONTHS, books, doubts(true))
    x = dict(zip(found.streams, found.reconciled, strict=True))
    left = x["new_metal"] + x["returns_charged"] - x["loss"] - x["good"] - x["returns"] - x["scrap"] - x["stock_change"]
    assert left == pytest.approx(np.zeros(12), abs=1e-8)
    assert np.all(np.isnan(found.adjustment[found.streams.index("poured")]))


def test_a_single_slip_is_found_with_its_stream_and_month():
    true = truth()
    books = measured(true, doubts(true))
    books["new_metal"][5] += 40.0
    found = metal_balance(MONTHS, books, doubts(true))
    assert {month for _, month in found.suspicious} == {MONTHS[5]}
    assert ("new_metal", MONTHS[5]) in found.suspicious
    assert found.closures[5].closes is False
    assert "does not close" in found.closures[5].words.say("en")


def test_months_without_a_balance_are_named():
    books = {"good": np.array([10.0, 11.0])}
    found = metal_balance(("2026-01", "2026-02"), books, {"good": 0.1})
    assert math.isnan(found.global_probability)
    assert "2026-01, 2026-02" in found.notes[0].say("en")
    assert [c.closes for c in found.closures] == [None, None]


def test_causes_that_look_alike_are_said_to():
    """With returns in a fixed proportion to good castings nothing tells a wrong scale from an unbooked remelt."""
    true = truth()
    ratio = 0.6
    true["returns"] = ratio * true["good"]
    true["poured"] = true["good"] + true["returns"] + true["scrap"] + true["stock_change"]
    true["returns_charged"] = true["returns"] + true["scrap"] - true["yard_change"] - true["sold"]
    true["new_metal"] = true["poured"] + true["loss"] - true["returns_charged"]
    spread = doubts(true)
    books = measured(true, spread)
    books["scrap"] = books["scrap"] - 0.04 * true["good"]
    found = metal_balance(MONTHS, books, spread)
    assert {s.cause.name for s in found.suspects[:2]} == {"unreported-remelt", "returns-weight"}
    assert any("cannot tell" in n.say("en") for n in found.notes)


@pytest.mark.parametrize(
    ("masses", "uncertainties", "says"),
    [
        ({"goods": [1.0]}, {"goods": 0.1}, "not one of"),
        ({"good": [1.0]}, {}, "has no uncertainty"),
        ({"good": [1.0, 2.0]}, {"good": 0.1}, "another number of months"),
        ({"good": [1.0]}, {"good": -0.1}, "missing or negative"),
        ({"good": [1.0]}, {"good": math.nan}, "missing or negative"),
    ],
)
def test_books_that_cannot_be_read_are_refused(masses, uncertainties, says):
    with pytest.raises(MeltingError, match=says):
        metal_balance(("2026-01",), masses, uncertainties)
