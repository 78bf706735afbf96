"""One row a piece and one column a dimension: what the map says of it, and what comes out."""

from __future__ import annotations

from pathlib import Path

import pytest

from forgecast.gateway.file import Taken
from forgecast.gateway.read_map import MapError, map_from
from forgecast.ground.errors import ImportRefusedError
from tests.gateway.writing import at, mapped, taken, told, written

SHEET = """,,,bore (mm),length,flatness
,,,20,100,
,,,0.05,0.5,0.02
,,,-0.05,-0.2,
03/04/2025,08:10,P1,20.01,100.1,0.01
03/04/2025,08:20,P2,20.06,,0.015
03/04/2025,08:30,Master,20.00,100,0
03/04/2025,08:40,P3,19.99,a,0.03
"""
ENTRY: dict[str, object] = {
    "record": "measurement",
    "header_row": 1,
    "first_row": 5,
    "join": {"when": ["#1", "#2"]},
    "columns": {"#3": "piece", "when": "measured_at"},
    "constants": {"product": "ring"},
    "leave_out": {"#3": ["Master"]},
    "time": {"day_first": True},
}
WIDE: dict[str, object] = {
    "columns": ["bore*", "length", "flatness"],
    "nominal": 2,
    "upper": 3,
    "lower": 4,
    "limits": "deviation",
    "units": {"length": "mm"},
}


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    return written(tmp_path, "cmm.csv", SHEET)


def columns(result: Taken, record: str) -> dict[str, list[object]]:
    (rows,) = [rows for rows in result.rows if rows.record == record]
    return {name: list(values) for name, values in rows.columns.items()}


def test_each_number_becomes_a_measurement_and_each_column_a_characteristic(sheet: Path) -> None:
    result = taken(sheet, mapped(**ENTRY, wide=WIDE))
    found = columns(result, "measurement")
    assert list(zip(found["piece"], found["characteristic"], found["value"], strict=True)) == [
        ("P1", "bore", 20.01), ("P1", "length", 100.1), ("P1", "flatness", 0.01),
        ("P2", "bore", 20.06), ("P2", "flatness", 0.015),
        ("P3", "bore", 19.99), ("P3", "flatness", 0.03),
    ]  # fmt: skip
    # 3/4 is the third of April, and date and time stood in two columns
    assert found["measured_at"][0] == at("2025-04-03 08:10")
    assert set(found["product"]) == {"ring"}
    described = columns(result, "characteristic")
    assert described["name"] == ["bore", "length", "flatness"]
    assert described["unit"] == ["mm", "mm", None], "the header's, the map's, nobody's"
    assert described["nominal"] == [20, 100, None]
    assert described["upper"] == [20.05, 100.5, None], "a deviation from nothing is no limit"
    assert described["lower"] == [19.95, 99.8, None]
    assert result.rows[1].row_numbers.tolist() == [5, 5, 5, 6, 6, 8, 8]


def test_what_was_left_out_and_refused_is_told(sheet: Path) -> None:
    result = taken(sheet, mapped(**ENTRY, wide=WIDE))
    assert told(result, "rows-left-out") == [("note", "", 1, 7, 7)]
    assert told(result, "not-a-number") == [("refused", "length", 1, 8, 8)]
    assert {f.code for f in result.findings} == {"rows-left-out", "not-a-number"}


def test_limits_may_be_written_as_they_are(tmp_path: Path) -> None:
    path = written(tmp_path, "cmm.csv", "piece,measured_at,d\n,,10.2\n,,9.8\nP1,2025-04-03 08:10,10\n")
    wide = {"columns": ["d"], "upper": 2, "lower": 3}
    result = taken(path, mapped(record="measurement", header_row=1, constants={"product": "r"}, wide=wide))
    described = columns(result, "characteristic")
    assert (described["lower"], described["upper"], described["nominal"]) == ([9.8], [10.2], [None])
    assert len(columns(result, "measurement")["piece"]) == 1, "the rows of limits are no pieces"
    assert result.findings == ()


def test_limits_that_cross_are_no_limits(tmp_path: Path) -> None:
    path = written(tmp_path, "cmm.csv", "piece,measured_at,d\n,,10.2\n,,9.8\nP1,2025-04-03 08:10,10\n")
    wide = {"columns": ["d"], "upper": 3, "lower": 2}
    result = taken(path, mapped(record="measurement", header_row=1, constants={"product": "r"}, wide=wide))
    assert columns(result, "characteristic")["lower"] == [None]
    assert told(result, "limits-crossed") == [("refused", "d", 1, 2, 2)]


def test_a_product_may_stand_in_a_column_and_without_one_there_are_no_limits(tmp_path: Path) -> None:
    content = "piece,product,measured_at,d\nP1,A,2025-04-03 08:10,10\nP2,B,2025-04-03 08:20,11\n"
    wide = {"columns": ["d"]}
    result = taken(written(tmp_path, "a.csv", content), mapped(record="measurement", header_row=1, wide=wide))
    assert columns(result, "characteristic")["product"] == ["A", "B"]
    bare = "piece,measured_at,d\nP1,2025-04-03 08:10,10\n"
    result = taken(written(tmp_path, "b.csv", bare), mapped(record="measurement", header_row=1, wide=wide))
    assert [rows.record for rows in result.rows] == ["measurement"]


def test_a_half_of_a_date_is_no_date(tmp_path: Path) -> None:
    content = "day,clock,piece,d\n2025-04-03,08:10,P1,10\n2025-04-03,,P2,11\n2025-04-04 00:00:00,09:00,P3,12\n"
    entry = mapped(
        record="measurement", header_row=1, join={"when": ["day", "clock"]}, columns={"when": "measured_at"},
        wide={"columns": ["d"]},
    )  # fmt: skip
    result = taken(written(tmp_path, "a.csv", content), entry)
    found = columns(result, "measurement")
    assert found["piece"] == ["P1", "P3"]
    assert found["measured_at"] == [at("2025-04-03 08:10"), at("2025-04-04 09:00")]
    assert [f.code for f in result.findings] == ["missing-required"]


def test_columns_are_named_by_their_place_where_headers_repeat_or_lack(tmp_path: Path) -> None:
    content = "炉号,温度,温度,\nH1,1450,1400,F1\n"
    entry = mapped(
        record="heat", header_row=1,
        columns={
            "#2": {"field": "tap_temperature_degC", "unit": "°C"},
            "#3": {"field": "pour_temperature_degC", "unit": "°C"},
            "#4": "furnace",
        },
        constants={"tapped_at": "2025-04-03 08:00"},
    )  # fmt: skip
    result = taken(written(tmp_path, "book.csv", content), entry)
    found = columns(result, "heat")
    assert (found["tap_temperature_degC"], found["pour_temperature_degC"], found["furnace"]) == ([1450], [1400], ["F1"])


def test_the_pieces_come_from_the_same_sheet_by_an_entry_of_their_own(sheet: Path) -> None:
    pieces = {
        "match": "*", "record": "piece", "header_row": 1, "first_row": 5, "join": ENTRY["join"],
        "columns": {"#3": "id", "when": "made_at"}, "constants": {"product": "ring"},
        "leave_out": {"#3": ["Master"]}, "time": {"day_first": True},
    }  # fmt: skip
    entries = map_from({"file": [{"match": "*", **ENTRY, "wide": WIDE}, pieces]}, "m").for_file(sheet.name)
    assert [entry.record for entry in entries] == ["measurement", "piece"]
    found = columns(taken(sheet, entries[1]), "piece")
    assert found["id"] == ["P1", "P2", "P3"], "rows of limits and the master are no pieces"
    assert found["made_at"][2] == at("2025-04-03 08:40")


def test_patterns_that_fit_nothing_and_rows_that_are_not_there(sheet: Path) -> None:
    with pytest.raises(ImportRefusedError, match="no header fits"):
        taken(sheet, mapped(**ENTRY, wide={"columns": ["diameter*"]}))
    with pytest.raises(ImportRefusedError, match="no row 40"):
        taken(sheet, mapped(**ENTRY, wide={**WIDE, "upper": 40}))


@pytest.mark.parametrize(
    ("change", "place", "word"),
    [
        ({"record": "heat"}, "wide", "record `measurement` only"),
        ({"wide": {**WIDE, "columns": []}}, "wide.columns", "which columns"),
        ({"wide": {**WIDE, "nominal": 1}}, "wide.nominal", "below the headers"),
        ({"wide": {**WIDE, "limits": "relative"}}, "wide.limits", "not one of its words"),
        ({"wide": {"columns": ["d"], "upper": 3, "limits": "deviation"}}, "wide.limits", "row of the nominal"),
        ({"wide": {**WIDE, "units": {"d": "milimeters!"}}}, "wide.units.d", "not known"),
        ({"wide": {**WIDE, "top": 3}}, "wide.top", "means nothing"),
        ({"join": {"when": ["#1"]}}, "join.when", "at least two"),
        ({"first_row": 1.5}, "first_row", "row number"),
    ],
)
def test_a_wrong_entry_says_where_and_what(change: dict[str, object], place: str, word: str) -> None:
    entry = {key: value for key, value in ENTRY.items() if not (change.get("record") and key == "columns")}
    with pytest.raises(MapError) as caught:
        map_from({"file": [{"match": "*", **entry, "wide": WIDE, **change, "constants": {}}]}, "m")
    assert caught.value.where == f"m: file[1].{place}"
    assert word in caught.value.say("en")
