"""Whatever a file holds, a proposal or a `ForgecastError` comes of it, and its map is one that can be read."""

from __future__ import annotations

import tomllib
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forgecast.gateway.propose.propose import propose
from forgecast.gateway.propose.written_map import written_map
from forgecast.gateway.read_map import map_from
from forgecast.ground.errors import ForgecastError
from tests.gateway.test_fuzz_files import CELLS, ENCODINGS, NAMES, TABLES


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def readable(path: Path) -> None:
    """Propose a map for a file and read it back, and find the file in it."""
    try:
        tables = propose(path)
    except ForgecastError:
        return
    if any(table.record for table in tables):
        entries = map_from(tomllib.loads(written_map(tables)), "m").for_file(path.name)
        assert len(entries) == sum(bool(table.record) for table in tables)


@given(TABLES, ENCODINGS, st.sampled_from((*NAMES, "heat [2].csv", "a*b.csv", "炉次")))
@example("id,tapped_at\n\x00", "utf-8", "heat.csv")
@example("炉次号,炉次号,\n1,2,3\n", "gb18030", "炉次.csv")
@settings(max_examples=60)
def test_any_text(folder: Path, content: str, encoding: str, name: str) -> None:
    path = folder / name
    path.write_bytes(content.encode(encoding, "replace"))
    readable(path)


@given(st.lists(st.lists(CELLS, max_size=6), max_size=8), st.sampled_from(("Sheet[1]", "炉次", "a b")))
@settings(max_examples=25)
def test_any_sheet(folder: Path, rows: list[list[str]], title: str) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title.replace("[", "(").replace("]", ")")
    for row in rows:
        sheet.append([openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", cell) for cell in row])
    path = folder / "book.xlsx"
    book.save(path)
    readable(path)


def test_several_sheets_get_an_entry_each(folder: Path) -> None:
    book = openpyxl.Workbook()
    heats = book.active
    assert heats is not None
    heats.title = "炉次"
    heats.append(["三月熔炼记录"])
    heats.append(["炉次", "出铁时间", "炉子", "出铁量(t)"])
    for i in range(8):
        heats.append([f"3-{i:03d}", f"2025-03-01 08:{i:02d}", "1#", 1.2 + i / 10])
    notes = book.create_sheet("说明")
    notes.append(["本表由炉前填写"])
    waste = book.create_sheet("固废")
    waste.append(["月份", "固废名称", "处置方式", "产生量(t)"])
    for i in range(1, 7):
        waste.append([f"2025-{i:02d}", "废砂", "综合利用", 10.5 + i])
    path = folder / "年报2025.xlsx"
    book.save(path)
    tables = propose(path)
    assert [(t.sheet, t.record, t.header_row) for t in tables if t.record] == [
        ("炉次", "heat", 2),
        ("固废", "waste", 1),
    ]
    entries = map_from(tomllib.loads(written_map(tables)), "m").for_file("年报2026.xlsx")
    assert [(e.sheet, e.record) for e in entries] == [("炉次", "heat"), ("固废", "waste")]
