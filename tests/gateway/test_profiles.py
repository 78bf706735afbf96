"""Profiles of dies out of CSV, DXF and SVG: shapes known beforehand, units told or refused, crossings found."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from forgecast.gateway.case_file import CaseError
from forgecast.gateway.profile import crossing, read_profile


def svg(tmp_path: Path, words: str, more: str = "") -> Path:
    path = tmp_path / "a.svg"
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg"><path d="{words}" {more}/></svg>', encoding="utf-8")
    return path


def dxf(tmp_path: Path, *entities: tuple[object, ...], unit: int = 0) -> Path:
    words: list[object] = [
        0,
        "SECTION",
        2,
        "HEADER",
        9,
        "$INSUNITS",
        70,
        unit,
        0,
        "ENDSEC",
        0,
        "SECTION",
        2,
        "ENTITIES",
    ]
    for one in entities:
        words += one
    path = tmp_path / "a.dxf"
    path.write_text("\n".join(map(str, [*words, 0, "ENDSEC", 0, "EOF"])) + "\n", encoding="utf-8")
    return path


def line(a: tuple[float, float], b: tuple[float, float]) -> tuple[object, ...]:
    return (0, "LINE", 8, "0", 10, a[0], 20, a[1], 11, b[0], 21, b[1])


def test_lines_of_an_svg_are_read_either_way(tmp_path: Path) -> None:
    want = np.array([(0, 0), (10, 0), (10, -4), (25, -4), (30, -9)]) / 1000.0  # y points down in SVG
    for words in ("M0 0H10V4H25L30 9", "m0,0 h10 v4 h15 l5,5", "M 0 0 10 0 10 4 25 4 30 9"):
        assert read_profile(svg(tmp_path, words), "mm") == pytest.approx(want, abs=1e-12)


@pytest.mark.parametrize(
    ("words", "side"),
    [("M10 0 A5 5 0 0 1 15 5", (10.0, -5.0)), ("M10 0 A5 5 0 0 0 15 5", (15.0, 0.0)),
     ("M10 0 a 5 5 0 1 1 5 5", (15.0, 0.0))],
)  # fmt: skip
def test_arcs_of_an_svg_lie_on_their_circle(tmp_path: Path, words: str, side: tuple[float, float]) -> None:
    points = 1000.0 * read_profile(svg(tmp_path, words), "mm")
    assert np.hypot(*(points - np.array(side)).T) == pytest.approx(5.0, abs=1e-9)
    assert points[-1] == pytest.approx((15.0, -5.0))
    # A quarter, and three quarters with the large-arc flag: chords of 5 degrees are 3e-4 shorter.
    whole = 0.25 if " 1 1 " not in words else 0.75
    assert np.hypot(*np.diff(points, axis=0).T).sum() == pytest.approx(whole * 10 * math.pi, rel=5e-4)


def test_a_curve_of_an_svg_meets_its_own_middle(tmp_path: Path) -> None:
    points = 1000.0 * read_profile(svg(tmp_path, "M0 0 C0 10 20 10 20 0"), "mm")
    assert points[len(points) // 2] == pytest.approx((10.0, -7.5))  # (p0 + 3 p1 + 3 p2 + p3) / 8


def test_pieces_of_a_dxf_are_joined_in_whatever_order(tmp_path: Path) -> None:
    arc = (0, "ARC", 8, "0", 10, 10, 20, 5, 40, 5, 50, 270, 51, 360)
    path = dxf(tmp_path, line((15, 5), (15, 9)), arc, line((10, 0), (0, 0)), unit=4)
    points = 1000.0 * read_profile(path)
    if points[0, 0] > points[-1, 0]:
        points = points[::-1]
    assert points[0] == pytest.approx((0.0, 0.0))
    assert points[-1] == pytest.approx((15.0, 9.0))
    assert np.hypot(*np.diff(points, axis=0).T).sum() == pytest.approx(10 + 2.5 * math.pi + 4, rel=5e-4)
    assert crossing(points) is None


def test_a_bulge_of_a_polyline_is_an_arc(tmp_path: Path) -> None:
    half = (0, "LWPOLYLINE", 8, "0", 90, 3, 70, 0, 10, 0, 20, 0, 42, 1, 10, 10, 20, 0, 10, 20, 20, 0)
    points = 1000.0 * read_profile(dxf(tmp_path, half), "mm")
    arc = points[points[:, 0] <= 10.0 + 1e-9]
    assert np.hypot(*(arc - np.array((5.0, 0.0))).T) == pytest.approx(5.0, abs=1e-9)
    assert arc[:, 1].min() == pytest.approx(-5.0, abs=0.01)  # bulge 1: a half circle to the right of the way
    assert points[-1] == pytest.approx((20.0, 0.0))


def test_units_are_told_once_and_agree(tmp_path: Path) -> None:
    inch = dxf(tmp_path, line((0, 0), (1, 0)), unit=1)
    assert read_profile(inch)[-1, 0] == pytest.approx(0.0254)
    with pytest.raises(CaseError, match="the file is in in and the case says mm"):
        read_profile(inch, "mm")
    with pytest.raises(CaseError, match="does not say its unit"):
        read_profile(dxf(tmp_path, line((0, 0), (1, 0))))
    with pytest.raises(CaseError, match="does not say its unit"):
        read_profile(svg(tmp_path, "M0 0 L1 1"))
    table = tmp_path / "a.csv"
    table.write_text("r [mm],z [mm]\n0,0\n10,5\n", encoding="utf-8")
    assert read_profile(table)[-1] == pytest.approx((0.01, 0.005))
    table.write_text("r,z\n0,0\n10,5\n", encoding="utf-8")
    assert read_profile(table, "cm")[-1] == pytest.approx((0.1, 0.05))
    with pytest.raises(CaseError, match="unit"):
        read_profile(table)


@pytest.mark.parametrize(
    ("words", "more", "says"),
    [
        ("M0 0 L10 10 L10 0 L0 10", "", "crosses itself at 5 mm, -5 mm"),
        ("M0 0 Q1 1 2 2", "", "not understood at Q"),
        ("M0 0 L1", "", "not understood"),
        ("M0 0 L1 1", 'transform="scale(2)"', "transformed"),
        ("M0 0 L1 1 M5 5 L6 6", "", "2 paths"),
        ("M0 0", "", "fewer than two points"),
    ],
)
def test_what_cannot_be_a_profile_is_refused(tmp_path: Path, words: str, more: str, says: str) -> None:
    with pytest.raises(CaseError, match=says):
        read_profile(svg(tmp_path, words, more), "mm")


def test_an_svg_with_a_document_type_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    path.write_text('<!DOCTYPE svg [<!ENTITY a "b">]><svg><path d="M0 0 L1 1"/></svg>', encoding="utf-8")
    with pytest.raises(CaseError):
        read_profile(path, "mm")


def test_a_drawing_in_pieces_that_do_not_meet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="1 of its pieces touch nothing"):
        read_profile(dxf(tmp_path, line((0, 0), (1, 0)), line((5, 0), (6, 0))), "mm")
    with pytest.raises(CaseError, match="missing or no number"):
        read_profile(dxf(tmp_path, (0, "LINE", 8, "0", 10, "a", 20, 0, 11, 1, 21, 1)), "mm")
