"""Rows of risers and chills: asked of a door and taken back from a run, measures and files alike."""

from __future__ import annotations

from forgecast.app.pages.casting.rows import can_be_drawn, chills_asked, chills_in, risers_asked, risers_in

RISERS = [
    {"x": 1.0, "y": 2.0, "z": 3.0, "diameter": 20.0, "height": 30.0, "sleeve": "sleeve-a", "thickness": 5.0},
    {"x": 0.0, "y": 0.0, "z": 0.0, "diameter": 20.0, "height": 30.0, "sleeve": "", "thickness": None},
    {"file": "upload-1"},
]
CHILLS = [
    {"x": 1.0, "y": 2.0, "z": 3.0, "length": 4.0, "width": 5.0, "depth": 6.0, "medium": "graphite"},
    {"medium": "graphite", "file": "upload-2"},
]


def test_what_was_asked_fills_the_rows_again():
    assert risers_in(risers_asked(RISERS)) == RISERS
    assert chills_in(chills_asked(CHILLS)) == CHILLS


def test_a_file_hides_the_measures_that_were_given_before_it():
    (asked,) = risers_asked([RISERS[0] | {"file": "upload-1", "file_name": "riser.stl"}])
    assert asked == {"file": "upload-1"}


def test_only_what_is_wholly_described_is_drawn():
    risers = risers_asked([*RISERS, {"file": ""}, {"x": 1.0, "diameter": 20.0}])
    assert [can_be_drawn("risers", one) for one in risers] == [True, True, True, False, False]
    chills = chills_asked([*CHILLS, {"file": "upload-3"}, {"medium": "graphite"}])
    assert [can_be_drawn("chills", one) for one in chills] == [True, True, False, False]
