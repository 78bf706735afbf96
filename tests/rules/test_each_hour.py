"""Each hour alone: the word of an hour is what the engine says of a figure that holds this hour and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from forgecast.ground.dates import HOUR_US, day_start_us
from forgecast.ground.texts import verbatim
from forgecast.rules.book import Policy
from forgecast.rules.each_hour import HOUR_WORDS, judge_each_hour
from forgecast.rules.evaluate import judge
from forgecast.rules.fact import Fact, FactBase, HourlyFigure, Origin, Subject
from forgecast.rules.overlay import PermitLimit, overlay_from, permit_overlay, with_overlay
from forgecast.rules.shelf import packaged_books

ZONE = "Asia/Shanghai"
START, END, CHANGE = date(2025, 3, 1), date(2025, 3, 5), date(2025, 3, 3)
POLICY = Policy(minimum_coverage=0.75)


def facts(**values: object) -> dict[str, Fact]:
    return {name: Fact(name, value, "", Origin(verbatim("made"))) for name, value in values.items()}  # type: ignore[arg-type]


CUPOLA = facts(process="melting", furnace="cupola", hot_blast=False, metal="ferrous", lead_alloy=False,
               vents_to_stack_alone=True)  # fmt: skip
SITE = Subject("site", "S", "S", facts(sector="C3391", enterprise_status="existing", makes_pig_iron=False,
                                       annex_a_applies=False, key_region=False, lead_casting=False))  # fmt: skip


def the_book(limit: float | None = None):
    (book,) = [book for book in packaged_books() if book.id == "gb_39726_2020"]
    if limit is None:
        return book
    one = PermitLimit("X", "pm", limit, "mg/m3", CHANGE, None, "PERMIT", "permit_limit.csv:2")
    return with_overlay(book, permit_overlay(book, [one], version="1"))


def hours_and_values() -> tuple[np.ndarray, np.ndarray]:
    first = day_start_us(START, ZONE) // HOUR_US
    hours = np.arange(first, first + 96, dtype=np.int64)
    values = np.random.default_rng(3).uniform(10.0, 60.0, hours.size)
    values[::7] = 40.0  # exactly at a limit
    values[::11] = np.nan
    return hours, values


@pytest.mark.parametrize(("limit", "stack"), [(None, CUPOLA), (20.0, CUPOLA), (80.0, CUPOLA), (20.0, {})])
def test_the_word_of_an_hour_is_that_of_the_engine_for_this_hour_alone(limit, stack):
    book = the_book(limit)
    hours, values = hours_and_values()
    requirement = book.requirement("pm_cupola")
    if not stack:  # facts are missing: whether it applies cannot be told
        stack = facts(process="melting")
    subject = Subject("stack", "X", "X", stack)
    base = FactBase(SITE, (subject,), START, END, frozenset({"stack"}))
    got = judge_each_hour(book, requirement, subject, base, POLICY, hours, values, ZONE)
    assert got is not None
    for at in range(hours.size):
        day = date(2025, 3, 1 + at // 24)
        alone = replace(base, start=day, end=date(2025, 3, 2 + at // 24))
        sound = np.isfinite(values[at : at + 1])
        figure = HourlyFigure("pm", "mg/m3", hours[at : at + 1][sound], values[at : at + 1][sound], 1, ZONE,
                              Origin(verbatim("made")))  # fmt: skip
        one = replace(subject, figures={"pm": (figure,)})
        verdict = judge(book, requirement, one, alone, POLICY)
        assert str(HOUR_WORDS[got.word[at]]) == str(verdict.word), (at, values[at])
        if verdict.limit is not None and verdict.word in ("met", "not met"):
            assert got.limit[at] == verdict.limit.value


def test_the_permit_binds_from_its_first_local_day_and_both_layers_are_told():
    hours, values = hours_and_values()
    book = the_book(20.0)
    subject = Subject("stack", "X", "X", CUPOLA)
    base = FactBase(SITE, (subject,), START, END, frozenset({"stack"}))
    got = judge_each_hour(book, book.requirement("pm_cupola"), subject, base, POLICY, hours, values, ZONE)
    assert got.limit[:48].tolist() == [40.0] * 48
    assert got.limit[48:].tolist() == [20.0] * 48
    assert {(one.layer, one.value) for one in got.layers} == {("national", 40.0), ("permit", 20.0)}


def test_what_does_not_apply_has_no_hours():
    hours, values = hours_and_values()
    book = the_book()
    subject = Subject("stack", "X", "X", facts(process="coating"))
    base = FactBase(SITE, (subject,), START, END, frozenset({"stack"}))
    assert judge_each_hour(book, book.requirement("pm_cupola"), subject, base, POLICY, hours, values, ZONE) is None


CITY = """
overlay: {book: gb_39726_2020, layer: city, title: {en: A city, zh: 某市}, version: "1"}
limits:
  - {requirement: pm_cupola, value: 20, unit: mg/m3, from: "2021-01-01", for: "height > 30", clause: "1",
     source: an invented city standard, confidence: primary}
"""


def test_a_limit_that_may_hold_leaves_only_the_hours_open_that_it_would_decide():
    book = with_overlay(the_book(), overlay_from(CITY, name="city.yaml"))
    hours, _ = hours_and_values()
    values = np.tile([15.0, 30.0, 45.0], 32)
    subject = Subject("stack", "X", "X", CUPOLA)  # nobody has written down how high it is
    base = FactBase(SITE, (subject,), START, END, frozenset({"stack"}))
    got = judge_each_hour(book, book.requirement("pm_cupola"), subject, base, POLICY, hours, values, ZONE)
    assert [str(HOUR_WORDS[word]) for word in got.word[:3]] == ["met", "not known", "not met"]
