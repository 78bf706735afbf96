"""The example of a made-up heat sees what it says."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from examples import where_a_heat_went as example
from forgecast.app.genealogy.picture import trace_svg
from forgecast.ground.texts import LANGUAGES
from forgecast.plant.lineage import Relation

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory):
    return example.run(tmp_path_factory.mktemp("heat_17") / "plant")


def test_a_heel_makes_the_answer_depend_on_how_little_counts(seen):
    _, answers = seen
    one, five = (answers[share].figures for share in example.LEAST_SHARES)
    assert one.expected[1] > five.expected[1]
    # Heat 17 has 18 of the 54 moulds of two pieces; which ones is in doubt only where ladles change.
    assert five.expected[1] == pytest.approx(36.0, abs=1.5)
    assert five.certain <= 36 <= five.possible


def test_where_ladles_change_a_mould_is_of_either_with_a_probability(seen):
    traced, _ = seen
    poured = [one for one in traced.links if one.relation is Relation.POURED]
    assert any(0.1 < one.probability < 0.9 and not one.recorded for one in poured)
    assert all(one.probability == 1.0 for one in poured if one.recorded)


def test_the_tumblers_leave_more_in_doubt_than_the_missing_ladle_numbers(seen):
    _, answers = seen
    for answer in answers.values():
        assert [one.relation for one in answer.narrowing][:2] == [Relation.MOVED, Relation.POURED]


def test_both_customers_are_called(seen):
    _, answers = seen
    for answer in answers.values():
        assert len(answer.customers) == 2


def test_the_picture_is_well_formed_and_says_what_is_asked(seen):
    traced, _ = seen
    for language in LANGUAGES:
        words = "".join(ET.fromstring(trace_svg(traced, language)).itertext())  # noqa: S314  (our own text)
        assert "17-3" in words
        assert "D-902" in words


def test_it_is_short_and_both_pages_list_it():
    assert len((ROOT / "examples" / "where_a_heat_went.py").read_text(encoding="utf-8").splitlines()) < 80
    for page in ("README.md", "README.zh.md"):
        assert "](where_a_heat_went.py)" in (ROOT / "examples" / page).read_text(encoding="utf-8")
