"""Grades: every row says what it stands on, doubts stand beside every pairing, and no unverified number decides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgecast.ground.errors import ForgecastError
from forgecast.ground.tables import read_table
from forgecast.metal.error import MaterialError
from forgecast.metal.grade import all_grades, find_grade, shipped_grades, without_doubt
from forgecast.metal.grade_own import read_grades, tables_of
from forgecast.metal.rule_formula import ELEMENTS, formula
from forgecast.plant.record import record

OWN = """grade,standard,rule,lower,upper,unit,source
ZG230-450,GB/T 11352,A,22,,%,"GB/T 11352-2009, table 2, own copy"
ZG230-450,GB/T 11352,C,,0.30,%,"GB/T 11352-2009, table 1, own copy"
House 1,works standard,CE_IIW,,0.45,%,"works standard 7, page 2"
"""


def test_every_row_can_be_read_and_an_unverified_one_never_decides():
    assert len(shipped_grades()) > 50
    for grade in shipped_grades():
        for one in grade.requirements:
            assert one.source.source.say("en")
            assert one.source.source.say("zh")
            if one.source.confidence == "unverified" or one.superseded:
                assert not one.decides
                said = without_doubt(one)
                assert said is not None
                assert "your own copy" in said.say("en")
            else:
                assert without_doubt(one) is None


def test_the_doubts_of_the_cross_walk_are_told_from_both_sides():
    iron, _ = find_grade("QT500-7")
    disputed = [one for one in iron.correspondences if one.fit == "disputed"]
    assert {one.grade for one in disputed} == {"70-50-05", "80-55-06", "65-45-12"}
    assert all("sources differ" in one.doubt.say("en") and "来源不一致" in one.doubt.say("zh") for one in disputed)
    other, _ = find_grade("ASTM A536 65-45-12")
    assert ("QT500-7", "disputed") in {(one.grade, one.fit) for one in other.correspondences}
    for row in read_table("grade_crosswalk"):
        assert row["doubt_en"]
        assert row["doubt_zh"]


@pytest.mark.parametrize(
    ("asked", "name", "standard", "state"),
    [
        ("qt450-10", "QT450-10", "GB/T 1348", ""),
        ("QT450–10", "QT450-10", "GB/T 1348", ""),
        ("GB/T 1348 QT450-10", "QT450-10", "GB/T 1348", ""),
        ("QT450-10 (GB/T 1348)", "QT450-10", "GB/T 1348", ""),
        ("ZL101-T6", "ZL101", "HB 962", "T6"),
        ("GB/T 17107 40Cr", "40Cr", "GB/T 17107", ""),
    ],
)
def test_a_grade_is_found_however_it_is_written(asked, name, standard, state):
    grade, its_state = find_grade(asked)
    assert (grade.name, grade.standard, its_state) == (name, standard, state)


def test_a_name_of_several_standards_is_refused_until_one_is_named():
    with pytest.raises(MaterialError) as caught:
        find_grade("40Cr")
    assert "GB/T 3077" in caught.value.repair.say("en")
    assert find_grade("40Cr", standard="GB/T 3077-2015")[0].standard == "GB/T 3077"
    with pytest.raises(MaterialError, match="no grade is called"):
        find_grade("QT450")


def test_ksi_become_megapascals():
    iron, _ = find_grade("60-40-18")
    # 1 ksi = 1000 lbf/in² = 6.894757 MPa; the facts give 414 MPa, rounded.
    assert iron.requirements[0].lower == pytest.approx(60 * 6.894757, rel=1e-6)


def test_sections_are_open_below_and_closed_above():
    bar, _ = find_grade("40Cr", standard="GB/T 17107")
    strengths = [one for one in bar.requirements if one.rule == "Rm"]
    assert [one.lower for one in strengths if one.covers(100.0)] == [735.0]
    assert [one.lower for one in strengths if one.covers(100.1)] == [685.0]
    assert all(one.covers(None) is None for one in strengths)


def test_a_table_of_ones_own_decides_and_replaces_the_shipped_word_on_a_rule(tmp_path):
    (tmp_path / "grades").mkdir()
    (tmp_path / "grades" / "mine.csv").write_text(OWN, encoding="utf-8")
    own = read_grades(tables_of(tmp_path))
    steel, _ = find_grade("ZG230-450", own)
    by_rule = {one.rule: one for one in steel.requirements}
    assert [one.rule for one in steel.requirements].count("A") == 1
    assert by_rule["A"].decides
    assert by_rule["A"].source.confidence == "own"
    assert "own copy" in by_rule["A"].source.source.say("zh")
    assert by_rule["C"].upper == 0.30
    assert not by_rule["Rm"].decides
    house, _ = find_grade("House 1", own)
    assert house.requirements[0].formula.written == "C+Mn/6+(Cr+Mo+V)/5+(Ni+Cu)/15"
    assert len(all_grades(own)) == len(shipped_grades()) + 1


def test_a_carbon_equivalent_nobody_verified_decides_nothing_even_in_ones_own_table(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(OWN.replace("CE_IIW", "CE_iron"), encoding="utf-8")
    house, _ = find_grade("House 1", read_grades([path]))
    assert not house.requirements[0].decides


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("source\n", "origin\n", "no column source"),
        (",unit,", ",unit,colour,", "nobody knows"),
        ("GB/T 11352,A,22,,%", "GB/T 11352,A,22,,", "unit"),
        ("GB/T 11352,A,22,,%", "GB/T 11352,A,about 22,,%", "no number"),
        ("GB/T 11352,A,22,,%", "GB/T 11352,A,,,%", "no limit"),
        ("GB/T 11352,A,22,,%", "GB/T 11352,A,22,12,%", "no limit"),
        ("GB/T 11352,A,22,,%", "GB/T 11352,Xx,22,,%", "neither an element"),
        ("GB/T 11352,A,22,,%", "GB/T 11352,A,22,%", "cells"),
        ('"GB/T 11352-2009, table 2, own copy"', "", "source"),
    ],
)
def test_a_wrong_table_is_refused_with_what_is_wrong(tmp_path, old, new, says):
    path = tmp_path / "own.csv"
    path.write_text(OWN.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ForgecastError) as caught:
        read_grades([path])
    assert says in caught.value.say("en")


def test_every_element_and_property_of_a_rule_has_a_field():
    fields = {field.name for field in record("sample").fields}
    assert {f"{element}_percent" for element in ELEMENTS} <= fields


@pytest.mark.parametrize(
    ("written", "kind"),
    [("C", "element"), ("Rp0.2", "property"), ("Cr+Mo", "sum"), ("Mn/S", "ratio"), ("remainder", "remainder"),
     ("C+Mn/6", "formula"), ("Rp0.2/Rm", "ratio"), ("100-Si-Mg", "formula")],
)  # fmt: skip
def test_a_formula_knows_what_it_is(written, kind):
    assert formula(written).kind == kind


@pytest.mark.parametrize(
    "written", ["", "C+", "(C", "C)", "C Mn", "C+Rm", "Xy", "2*3", "remainder+C", "C%", "Mn/6.5.1"]
)
def test_what_is_no_rule_is_refused(written):
    with pytest.raises(ForgecastError):
        formula(written)


@given(st.lists(st.floats(0.01, 5.0), min_size=4, max_size=4))
def test_a_formula_is_worth_what_python_says_and_its_slopes_are_those_of_differences(numbers):
    values = dict(zip(("C", "Mn", "Cr", "S"), numbers, strict=True))
    written = "2*C+Mn/6-(Cr-S)/5*C+Mn/S"
    value, slopes = formula(written).evaluate(values)
    assert value == pytest.approx(eval(written, {}, values))  # noqa: S307  (a formula of this test)
    for name, slope in slopes.items():
        step = 1e-6 * values[name]
        above = formula(written).evaluate({**values, name: values[name] + step})[0]
        below = formula(written).evaluate({**values, name: values[name] - step})[0]
        # Central differences: error of the order of the step squared, and rounding over the step.
        assert slope == pytest.approx((above - below) / (2 * step), rel=1e-4, abs=1e-4)
