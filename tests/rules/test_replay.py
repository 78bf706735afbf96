"""Replay: the same books and facts give the same verdicts byte for byte, and other books are refused."""

import math
from datetime import date

import numpy as np
import pytest

from forgecast.ground.errors import BookError
from forgecast.ground.texts import text
from forgecast.rules.evaluate import evaluate
from forgecast.rules.fact import Fact, FactBase, Figure, Origin, Subject
from forgecast.rules.overlay import with_overlay
from forgecast.rules.replay import recorded, replayed, verdicts_json
from forgecast.rules.shelf import packaged_books
from tests.rules.making import HERE, POLICY, base, book, facts, hourly, sampled, whole
from tests.rules.test_overlay import overlay


def rich():
    rng = np.random.default_rng(1)
    plain = base(hourly(rng.uniform(0, 110, 24)), sampled(("2024-05-06", 0.1 + 0.2)), whole(math.nan))
    site = Subject(
        "site", "works", "厂区", facts({"status": "new", "sector": "C3391", "built": date(2020, 2, 29), "n": 3})
    )
    missing = Figure("pm", None, "mg/m3", None, None, Origin(text("x {n}", n=1), "", (HERE,)), text("no oxygen"))
    more = Subject("stack", "S2", "二", {"height": Fact("height", 14.9, "m", HERE)}, {"pm": (missing,)})
    return FactBase(site, (*plain.subjects, more), plain.start, date(2024, 5, 8), frozenset({"stack"}))


def test_a_replay_is_byte_identical():
    books = (with_overlay(book(), overlay()), *packaged_books())
    first = verdicts_json(evaluate(books, rich(), policy=POLICY))
    record = recorded(books, rich(), POLICY)
    assert verdicts_json(replayed(record, books)) == first
    assert len(first) > 10_000
    assert recorded(books, rich(), POLICY) == record


@pytest.mark.parametrize("other", [book(), book(changed=[("value: 100", "value: 101")])])
def test_another_edition_or_overlay_is_refused(other):
    record = recorded([with_overlay(book(), overlay())], rich(), POLICY)
    with pytest.raises(BookError, match="stood on"):
        replayed(record, [other])
    with pytest.raises(BookError):
        replayed(record, [])
