"""Whatever bytes a file holds: a `Taken` or a `ForgecastError`, never anything else, and never without a sentence."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forgecast.gateway.file import TagHint, Taken, take
from forgecast.gateway.mapping import FileMap, LongMap, SeriesColumn, TagMap
from forgecast.gateway.read_map import map_from
from forgecast.ground.errors import ForgecastError

NOW = 1_790_000_000_000_000
KNOWN = {"DA001-NOX": TagHint("mg/m3", 0.0, 1000.0)}
NAMES = ("heat.csv", "炉次.csv", "nothing.csv", "meter_reading.csv", "shot.tsv", "stack_test.csv")
MAPS = (
    None,
    FileMap("m", "*", series=(SeriesColumn("DA001-NOX", TagMap("X", unit="mg/m3", low=0, high=10)),)),
    FileMap("m", "*", long=LongMap("tag", "value", "flag")),
    map_from(
        {"file": [{"match": "*", "series": {"columns": {"a": {"tag": "A", "unit": "kg"}}},
                   "axis": {"start": "{year}-01-01", "step": "1h", "restart_by": "year"}}]}, "m"
    ).files[0],
)  # fmt: skip

WORDS = st.sampled_from(
    ["炉次号", "id", "出炉时间", "tapped_at", "furnace", "炉子编号", "出炉温度(℃)", "mass [kg]", "C%", "time", "tag",
     "t", "value", "flag", "DA001-NOX", "month", "用量", "meter", "year", "a", "", '"', "\u202e", "mass", "出炉量/t"]
)  # fmt: skip
CELLS = st.one_of(
    WORDS,
    st.sampled_from(
        ["2025-01-01 00:00", "31/12/2024 0:00", "1/2/2024", "0:00", "24:00", "-1", "1e308", "1e999", "-", "无", "NaN",
         "inf", "1,234.5", "１２", "14800", "9999999999999999999999", "2025-02-30", "20250101", "=1+1", "#N/A", "0x10",
         "1_000", "9999-12-31", "1900-01-01", "2024-01-01T00:00:00+99:99", "上午 12:00"]
    ),
    st.text(max_size=12),
    st.floats().map(repr),
)  # fmt: skip
TABLES = st.builds(
    lambda rows, delimiter, end: end.join(delimiter.join(row) for row in rows),
    st.lists(st.lists(CELLS, max_size=6), max_size=8),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"])
SITUATIONS = st.tuples(st.sampled_from(NAMES), st.sampled_from(MAPS))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def behaves(folder: Path, name: str, content: bytes, entry: FileMap | None) -> None:
    path = folder / name
    path.write_bytes(content)
    refusal: ForgecastError | None = None
    taken = Taken()
    try:
        taken = take(path, map=entry, zone="Asia/Shanghai", known_tags=KNOWN, now=NOW)
    except ForgecastError as error:
        refusal = error
    if refusal is not None:
        assert refusal.say("en").strip()
        assert refusal.as_json()["ok"] is False
        assert str(folder) not in refusal.say("en"), "an error names the file, not the folder"
    for rows in taken.rows:
        assert all(len(column) == len(rows) for column in rows.columns.values())
    for readings in taken.readings:
        assert (readings.t[1:] > readings.t[:-1]).all()
        assert not (readings.value != readings.value).any(), "a missing reading is absent"
    for finding in taken.findings:
        assert finding.as_json()["reason"]
        assert finding.count >= 1


@given(content=st.binary(max_size=400), situation=SITUATIONS)
@example(content=b"", situation=("heat.csv", None))
@example(content=b"\0" * 40, situation=("heat.csv", None))
@example(content=b"PK\x03\x04", situation=("heat.csv", None))
@example(content=b"PAR1PAR1", situation=("heat.csv", None))
@example(content=b"\x1f\x8b\x08", situation=("heat.csv", None))
@example(content=b"\xef\xbb\xbf", situation=("heat.csv", None))
@example(content=b"\xd0\xcf\x11\xe0", situation=("heat.csv", None))
@settings(max_examples=150)
def test_random_bytes(folder: Path, content: bytes, situation: tuple[str, FileMap | None]) -> None:
    behaves(folder, situation[0], content, situation[1])


@given(table=TABLES, encoding=ENCODINGS, packed=st.booleans(), cut=st.integers(0, 30), situation=SITUATIONS)
@example(table='id,"tapped_at\n1,2', encoding="utf-8", packed=False, cut=0, situation=("heat.csv", None))
@example(table="id,id,id\n1,2,3", encoding="utf-8", packed=False, cut=0, situation=("heat.csv", None))
@example(
    table="炉次号;出炉时间;炉子编号\n1;2025-01-01;A",
    encoding="gb18030",
    packed=True,
    cut=7,
    situation=("炉次.csv", None),
)
@settings(max_examples=250)
def test_tables_of_odd_cells(
    folder: Path, table: str, encoding: str, packed: bool, cut: int, situation: tuple[str, FileMap | None]
) -> None:
    content = table.encode(encoding, "replace")
    if packed:
        content = gzip.compress(content)
    behaves(folder, situation[0], content[: len(content) - cut] if cut < len(content) else content, situation[1])


@given(rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=6), situation=SITUATIONS)
@settings(max_examples=120)
def test_good_headers_over_odd_cells(
    folder: Path, rows: list[list[str]], situation: tuple[str, FileMap | None]
) -> None:
    """Headers that are right let the cells through to every reader of cells."""
    for header in ("id,tapped_at,furnace", "tag,time,value", "time,DA001-NOX,a", "meter,month,quantity", "year,a,t"):
        lines = [header, *(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)]
        behaves(folder, situation[0], "\n".join(lines).encode("utf-8", "replace"), situation[1])


def workbook_bytes() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["炉次号", "出炉时间", "炉子编号", "出炉温度(℃)"], ["H1", "2025-01-01 08:00", "F1", 1480]):
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def parquet_bytes() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"tag": ["A"] * 50, "t": list(range(50)), "value": [1.0] * 50}), buffer)
    return buffer.getvalue()


GOOD_FILES = {"炉次.xlsx": workbook_bytes(), "readings.parquet": parquet_bytes()}


@given(
    name=st.sampled_from(sorted(GOOD_FILES)),
    keep=st.floats(0, 1),
    flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=4),
)
@example(name="readings.parquet", keep=0.0, flips=[(0.02, 128)])
@settings(max_examples=250)
def test_damaged_workbooks_and_parquet(folder: Path, name: str, keep: float, flips: list[tuple[float, int]]) -> None:
    content = bytearray(GOOD_FILES[name])
    for place, byte in flips:
        content[min(int(place * len(content)), len(content) - 1)] = byte
    behaves(folder, name, bytes(content[: int(keep * len(content))] if not flips else content), None)


def test_the_undamaged_files_are_taken(folder: Path) -> None:
    """The files that the fuzzing damages are good ones to begin with."""
    for name, content in GOOD_FILES.items():
        path = folder / f"good-{name}"
        path.write_bytes(content)
        taken = take(path, zone="Asia/Shanghai", now=NOW)
        assert sum(len(rows) for rows in taken.rows) + sum(len(r) for r in taken.readings) > 0
