"""The tables of the index: complete, in both languages, and refused where they say nothing."""

from __future__ import annotations

import pytest

from forgecast.ground.errors import TableError
from forgecast.ground.tables import parse_table, read_table
from forgecast.rules.index.benchmark import benchmark_of
from forgecast.rules.index.scheme import benchmark_rule, scheme_from, shipped_scheme
from forgecast.rules.shelf import packaged_folders

DIRECTIONS = "id,weight,en,zh,source,source_zh,confidence\na,1,A,A,s,s,unverified\n"
HEAD = "id,direction,kind,of,weight,worst,best,unit,en,zh,source,source_zh,confidence\n"


def test_the_shipped_index_has_seven_directions_and_weights_that_make_one() -> None:
    scheme = shipped_scheme()
    assert len(scheme.directions) == 7
    assert sum(one.weight for one in scheme.directions) == pytest.approx(1.0)
    for direction in scheme.directions:
        assert sum(one.weight for one in scheme.of(direction.id)) == pytest.approx(1.0)
    assert len({one.id for one in scheme.indicators}) == len(scheme.indicators)


def test_nothing_of_ours_pretends_to_be_law_and_all_is_in_both_languages() -> None:
    scheme = shipped_scheme()
    for one in (*scheme.directions, *scheme.indicators, *benchmark_rule()):
        assert one.confidence == "unverified"
        assert "own" in one.source.say("en")
        assert any("一" <= sign <= "鿿" for sign in one.title.say("zh"))


def test_every_book_and_every_question_named_exists() -> None:
    books = {folder.name for folder in packaged_folders()}
    questions = {row["id"] for row in read_table("evidence_question")}
    for one in shipped_scheme().indicators:
        if one.kind == "verdicts":
            assert set(one.of.split(";")) <= books, one.id
        if one.kind == "evidence":
            assert one.of in questions


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("x,b,figure,x,1,0,1,,X,X,s,s,unverified", "direction or the kind"),
        ("x,a,guess,x,1,0,1,,X,X,s,s,unverified", "direction or the kind"),
        ("x,a,figure,x,1,,1,,X,X,s,s,unverified", "without a band"),
        ("x,a,figure,x,1,2,2,,X,X,s,s,unverified", "without a band"),
        ("x,a,evidence,x,0,,,,X,X,s,s,unverified", "not above zero"),
        ("x,a,evidence,x,,,,,X,X,s,s,unverified", "is empty"),
    ],
)
def test_a_row_that_says_nothing_is_refused(row: str, reason: str) -> None:
    with pytest.raises(TableError, match=reason):
        scheme_from(parse_table("d", DIRECTIONS), parse_table("i", HEAD + row + "\n"))


def test_a_direction_without_indicator_is_refused() -> None:
    with pytest.raises(TableError, match="no indicator"):
        scheme_from(parse_table("d", DIRECTIONS), parse_table("i", HEAD))


def test_a_benchmark_keeps_every_condition_and_what_is_not_known_selects_nobody() -> None:
    rule = benchmark_rule()
    kept: dict[str, float | None] = {one.id: one.least for one in rule}
    assert benchmark_of(rule, kept).selected is True
    for one in rule:
        below = benchmark_of(rule, kept | {one.id: one.least - 0.001})
        assert (below.selected, [c.id for c in below.failed]) == (False, [one.id])
        unknown = benchmark_of(rule, kept | {one.id: None})
        assert (unknown.selected, [c.id for c in unknown.open]) == (None, [one.id])
