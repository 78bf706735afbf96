"""One heat book, written in every form that plants send, says the same."""

from __future__ import annotations

import gzip
from datetime import datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from forgecast.gateway.file import Taken
from forgecast.ground.errors import ImportRefusedError
from tests.gateway.writing import at, mapped, taken, told, written

HEADER = ["炉次号", "出炉时间", "炉子编号", "出炉温度(℃)", "出炉量/t", "C（%）"]
ROWS = [
    ["H1", "2025-03-01 08:05", "F1", "1480", "1.2", "3.65"],
    ["H2", "2025-03-01 09:10", "F1", "1475.5", "1.15", "3.7"],
]


def lines(delimiter: str, end: str = "\n") -> str:
    return end.join(delimiter.join(row) for row in [HEADER, *ROWS]) + end


def is_the_heat_book(result: Taken) -> None:
    (rows,) = result.rows
    assert rows.record == "heat"
    assert rows.columns["id"] == ["H1", "H2"]
    assert rows.columns["tapped_at"] == [at("2025-03-01 08:05"), at("2025-03-01 09:10")]
    assert rows.columns["tap_temperature_degC"] == [1480.0, 1475.5]
    assert rows.columns["mass"] == [1200.0, 1150.0], "tonnes become kilograms"
    assert rows.columns["C_percent"] == [3.65, 3.7]
    assert [f for f in result.findings if f.severity != "note"] == []


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_text(tmp_path: Path, delimiter: str, encoding: str, end: str) -> None:
    result = taken(written(tmp_path, "heats_2025.csv", lines(delimiter, end), encoding))
    is_the_heat_book(result)
    assert result.rows[0].sheet == ""
    assert result.rows[0].row_numbers.tolist() == [2, 3]


def test_packed_text(tmp_path: Path) -> None:
    path = tmp_path / "炉次.csv.gz"
    path.write_bytes(gzip.compress(lines(",").encode("gb18030"), mtime=0))
    is_the_heat_book(taken(path))


def test_workbook_with_a_title_row_and_a_second_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "炉次"
    sheet.append(["2025年熔炼记录"])
    sheet.append(HEADER)
    for row in ROWS:
        sheet.append([row[0], datetime.fromisoformat(row[1]), row[2], float(row[3]), float(row[4]), float(row[5])])
    water = book.create_sheet("water")
    water.append(["month", "source", "volume_m3"])
    water.append([datetime.fromisoformat("2025-03-01"), "自来水", 1234])
    book.create_sheet("notes").append(["ask Mr Li"])
    book.save(tmp_path / "plant.xlsx")
    result = taken(tmp_path / "plant.xlsx")
    assert result.rows[0].row_numbers.tolist() == [3, 4]
    assert [rows.sheet for rows in result.rows] == ["炉次", "water"]
    assert result.rows[1].columns == {"month": ["2025-03"], "source": ["mains"], "volume_m3": [1234.0]}
    assert told(result, "sheet-left-out") == [("doubtful", "notes", 1, None, None)]
    is_the_heat_book(Taken(result.rows[:1], findings=()))


def test_a_percent_format_is_read_as_it_is_shown(tmp_path: Path) -> None:
    """A cell that shows 3.65 % holds 0.0365; the share is 3.65 %."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER)
    sheet.append(["H1", datetime.fromisoformat("2025-03-01 08:05"), "F1", 1480, 1.2, 0.0365])
    sheet.cell(2, 6).number_format = "0.00%"
    book.save(tmp_path / "heat.xlsx")
    assert taken(tmp_path / "heat.xlsx").rows[0].columns["C_percent"] == [3.65]


def test_parquet(tmp_path: Path) -> None:
    columns = [[row[i] for row in ROWS] for i in range(6)]
    table = pa.table(
        {
            HEADER[0]: columns[0],
            HEADER[1]: pa.array([datetime.fromisoformat(c) for c in columns[1]], pa.timestamp("ms")),
            HEADER[2]: pa.array(columns[2]).dictionary_encode(),
            **{HEADER[i]: [float(c) for c in columns[i]] for i in (3, 4, 5)},
        }
    )
    pq.write_table(table, tmp_path / "heat.parquet")
    is_the_heat_book(taken(tmp_path / "heat.parquet"))


def test_headers_alone_name_the_record(tmp_path: Path) -> None:
    is_the_heat_book(taken(written(tmp_path, "export_0815.csv", lines(","))))


def test_headers_that_name_no_record_are_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError) as caught:
        taken(written(tmp_path, "export.csv", "炉次号,foo\n1,2\n"))
    said = caught.value.say("en")
    assert "炉次号, foo" in said
    assert "heat" in said
    assert "--map" in said


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"id,tapped_at\n\0\0\0", "zero bytes"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"),
        (b"PK\x03\x04 broken", "workbook"),
        (b"PAR1 broken PAR1", "cannot be read to its end"),
        (gzip.compress(b"id,tapped_at\n" * 400, mtime=0)[:-30], "cannot be read to its end"),
        (b"id,tapped_at\n\xff\xff\xff\xff,1\n", "neither UTF-8 nor GB18030"),
        (b"\n\n\n", "blank"),
    ],
)
def test_files_that_cannot_be_read_say_why(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "heat.csv"
    path.write_bytes(content)
    with pytest.raises(ImportRefusedError) as caught:
        taken(path)
    assert word in caught.value.say("en")
    assert caught.value.where.startswith("heat.csv")


def test_an_absent_file(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="no such file"):
        taken(tmp_path / "heat.csv")


def test_ragged_rows_are_refused_and_the_rows_behind_keep_their_numbers(tmp_path: Path) -> None:
    content = """id,tapped_at,furnace
H1,2025-03-01 08:00,F1

H2,2025-03-01 09:00
H3,2025-03-01 10:00,F1,x
H4,2025-03-01 11:00,F1
"""
    result = taken(written(tmp_path, "heat.csv", content))
    assert result.rows[0].columns["id"] == ["H1", "H4"]
    assert result.rows[0].row_numbers.tolist() == [2, 6]
    assert told(result, "ragged-row") == [("refused", "", 2, 4, 5)]


def test_quoted_line_breaks_count_as_one_row(tmp_path: Path) -> None:
    header = '"炉次\n号",tapped_at,furnace,"出炉温度\n(℃)"\n'
    content = header + 'H1,2025-03-01 08:00,"F\n1",1480\nx\nH2,2025-03-01 09:00,F1,9999\n'
    result = taken(written(tmp_path, "heat.csv", content))
    rows = result.rows[0]
    assert rows.row_numbers.tolist() == [2, 4]
    assert told(result, "ragged-row") == [("refused", "", 1, 3, 3)]
    assert told(result, "sentinel-value") == [("refused", "出炉温度\n(℃)", 1, 4, 4)]
    assert rows.columns["tap_temperature_degC"] == [1480.0, None]


def test_the_map_may_say_how_the_text_is_written(tmp_path: Path) -> None:
    entry = mapped(record="heat", encoding="latin-1", delimiter=";", decimal=",", header_row=2)
    content = "caf\xe9\nid;tapped_at;furnace;tap_temperature_degC\nH1;2025-03-01;F1;1.480,5\n"
    assert taken(written(tmp_path, "x.txt", content, "latin-1"), entry).rows[0].columns["tap_temperature_degC"] == [
        1480.5
    ]
