"""Time series out of files: wide and long, with flags, units and a declared axis."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from forgecast.gateway.file import TagHint, take_pieces
from forgecast.ground.dates import MINUTE_US
from forgecast.ground.errors import ImportRefusedError
from forgecast.signals.reading import DOUBTFUL, GOOD, INVALID
from tests.gateway.writing import NOW, at, mapped, taken, told, written

KNOWN = {"DA001-NOX": TagHint("mg/m3", 0.0, 1000.0), "DA001-O2": TagHint("%", 0.0, 21.0)}
T = [at(f"2025-03-01 {hour:02d}:00") for hour in range(4)]


def test_known_tags_as_columns(tmp_path: Path) -> None:
    content = """时间,DA001-NOX,DA001-O2(%),note
2025-03-01 00:00,80,9.1,x
2025-03-01 01:00,,9.2,
2025-03-01 02:00,5000,9.3,
"""
    result = taken(written(tmp_path, "cems.csv", content), known=KNOWN)
    nox, oxygen = result.readings
    assert (nox.tag, nox.t.tolist(), nox.value.tolist()) == ("DA001-NOX", T[:1], [80.0])
    assert (oxygen.tag, oxygen.t.tolist(), oxygen.value.tolist()) == ("DA001-O2", T[:3], [9.1, 9.2, 9.3])
    assert told(result, "unknown-column") == [("note", "note", 1, None, None)]
    # two others are too few to say where the column lies, so the plausible range itself is the measure: 500 is in it
    assert told(result, "decimal-slip") == [("refused", "DA001-NOX", 1, 4, 4)]


def test_a_unit_that_contradicts_the_plant(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="kept in mg/m3"):
        taken(written(tmp_path, "c.csv", "time,DA001-NOX [ppm]\n2025-03-01 00:00,8\n"), known=KNOWN)


def test_one_row_a_reading(tmp_path: Path) -> None:
    content = """tag,time,value,flag
DA001-O2,2025-03-01 00:00,9.1,0
DA001-NOX,2025-03-01 00:00,80,2
DA001-NOX,2025-03-01 02:00,82,0
DA001-NOX,2025-03-01 01:00,81,1
DA001-O2,2025-03-01 01:00,-1,0
NEW,2025-03-01 01:00,5,7
,2025-03-01 01:00,5,0
"""
    result = taken(written(tmp_path, "readings.csv", content), known=KNOWN)
    nox, oxygen, new = result.readings
    assert (nox.t.tolist(), nox.value.tolist()) == (T[:3], [80.0, 81.0, 82.0])
    assert nox.flag.tolist() == [INVALID, DOUBTFUL, GOOD]
    assert oxygen.value.tolist() == [9.1]
    assert (new.tag, new.flag.tolist()) == ("NEW", [DOUBTFUL]), "a flag that nobody explained"
    assert told(result, "unsorted-time") == [("note", "time", 1, 5, 5)]
    assert told(result, "sentinel-value") == [("refused", "DA001-O2", 1, 6, 6)]
    assert told(result, "unknown-tag") == [("doubtful", "NEW", 1, 7, 7)]
    assert told(result, "unknown-code") == [("doubtful", "flag", 1, 7, 7)]
    assert told(result, "missing-required") == [("refused", "tag", 1, 8, 8)]


def test_long_form_by_map_with_names_and_flags(tmp_path: Path) -> None:
    entry = mapped(
        long={"tag": "点名", "value": "读数", "flag": "标识",
              "tags": {"1#氮氧化物": {"tag": "DA001-NOX", "measures": "nox", "unit": "mg/m3", "stack": "DA001"}}},
        time={"column": "时刻"}, flags={"N": "good", "M": "invalid"}, missing={"读数": [-8]},
    )  # fmt: skip
    content = """点名,时刻,读数,标识
1#氮氧化物,2025-03-01 00:00,80,N
1#氮氧化物,2025-03-01 01:00,81,M
1#氮氧化物,2025-03-01 02:00,-8,N
"""
    result = taken(written(tmp_path, "x.csv", content, "gb18030"), entry)
    (nox,) = result.readings
    assert (nox.tag, nox.value.tolist(), nox.flag.tolist()) == ("DA001-NOX", [80.0, 81.0], [GOOD, INVALID])
    assert told(result, "sentinel-value") == [("note", "DA001-NOX", 1, 4, 4)]
    (tags,) = result.tags
    assert tags.columns == {"id": ["DA001-NOX"], "measures": ["nox"], "unit": ["mg/m3"], "stack": ["DA001"]}


def test_readings_written_twice(tmp_path: Path) -> None:
    """The same twice is one; two that differ are none."""
    content = """time,DA001-NOX,DA001-O2
2025-03-01 00:00,80,9
2025-03-01 00:00,80,10
2025-03-01 01:00,81,11
"""
    result = taken(written(tmp_path, "cems.csv", content), known=KNOWN)
    assert [r.value.tolist() for r in result.readings] == [[80.0, 81.0], [11.0]]
    assert told(result, "duplicate-time") == [("refused", "DA001-O2", 2, 2, 3), ("note", "DA001-NOX", 1, 3, 3)]


def test_a_telling_number_without_a_range_is_doubtful(tmp_path: Path) -> None:
    entry = mapped(series={"columns": {"p": {"tag": "P", "unit": "kPa"}}}, time={"column": "time"})
    result = taken(written(tmp_path, "p.csv", "time,p\n2025-03-01 00:00,65535\n2025-03-01 01:00,3\n"), entry)
    assert result.readings[0].flag.tolist() == [DOUBTFUL, GOOD]
    assert told(result, "sentinel-value") == [("doubtful", "p", 1, 2, 2)]


def test_a_series_without_a_unit_is_left_out(tmp_path: Path) -> None:
    entry = mapped(series={"columns": {"p": {"tag": "P", "measures": "pressure"}}}, time={"column": "time"})
    result = taken(written(tmp_path, "p.csv", "time,p\n2025-03-01 00:00,5\n"), entry)
    assert result.readings == ()
    assert told(result, "unit-missing") == [("refused", "p", 1, None, None)]
    columns = {"p": {"tag": "P", "measures": "pressure", "unit": "kPa"}}
    entry = mapped(series={"columns": columns}, time={"column": "time"})
    result = taken(written(tmp_path, "p.csv", "time,p\n2025-03-01 00:00,5\n"), entry)
    assert len(result.readings[0]) == 1


def test_a_declared_axis_counts_real_hours(tmp_path: Path) -> None:
    """Rows are an hour apart in real time, also over a change to summer time; each year begins anew."""
    entry = mapped(
        series={"columns": {"v": {"tag": "V", "unit": "kg"}}},
        axis={"start": "{year}-03-28 00:00", "step": "12h", "restart_by": "year"},
        time={"zone": "Europe/Berlin"},
    )
    content = "year,v\n" + "2021,1\n2021,2\n2021,3\n2021,3\n2022,9"
    result = taken(written(tmp_path, "v.csv", content), entry)
    t = result.readings[0].t
    assert np.diff(t)[:3].tolist() == [12 * 60 * MINUTE_US] * 3
    assert str(np.datetime64(int(t[4]), "us")) == "2022-03-27T22:00:00.000000"
    assert told(result, "assumed-time") == [("doubtful", "", 5, 2, 6)]
    assert told(result, "duplicate-row") == [("doubtful", "", 1, 5, 5)]
    assert len(t) == 5, "the row that repeats another is kept: nothing tells its time"


def parquet(folder: Path, tags: int, rows: int) -> Path:
    path = folder / "readings.parquet"
    t = np.arange(rows, dtype=np.int64) * MINUTE_US + T[0]
    table = pa.table(
        {
            "tag": pa.array(np.repeat([f"T{i}" for i in range(tags)], rows).tolist()),
            "t": np.tile(t, tags),
            "value": np.tile(np.arange(rows, dtype=float), tags),
        }
    )
    pq.write_table(table, path, row_group_size=1000)
    return path


def test_our_own_parquet(tmp_path: Path) -> None:
    result = taken(parquet(tmp_path, 3, 2500), known={f"T{i}": TagHint("kg") for i in range(3)})
    assert [r.tag for r in result.readings] == ["T0", "T1", "T2"]
    assert all(r.t[0] == T[0] and len(r) == 2500 and r.value[-1] == 2499 for r in result.readings)
    assert result.findings == ()


def test_pieces_join_to_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading in small pieces gives the same readings and counts as reading at once."""
    content = ["tag,time,value"]
    for i in range(3000):
        minute = i if i % 97 else i - 5
        content.append(f"T{i % 2},2025-03-01 {minute // 60 % 24:02d}:{minute % 60:02d}:{i // 1440:02d},{i % 50}")
    path = written(tmp_path, "r.csv", "\n".join(content))
    known = {"T0": TagHint("kg", 0, 48), "T1": TagHint("kg", 0, 100)}
    whole = taken(path, known=known)
    monkeypatch.setattr("forgecast.gateway.delimited._BLOCK", 1500)
    small = taken(path, known=known)
    assert sum(1 for _ in take_pieces(path, zone="Asia/Shanghai", known_tags=known, now=NOW)) > 20
    for a, b in zip(whole.readings, small.readings, strict=True):
        assert (a.tag, a.t.tolist(), a.value.tolist()) == (b.tag, b.t.tolist(), b.value.tolist())
    for code in ("out-of-range", "unsorted-time"):
        assert told(whole, code) == told(small, code)


def test_the_file_that_is_long_in_time_reports_its_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forgecast.gateway.columnar._MOST_ROWS", 500)
    shares: list[float] = []
    for _ in take_pieces(parquet(tmp_path, 2, 2000), zone="UTC", progress=shares.append, now=NOW):
        pass
    assert shares == sorted(shares)
    assert shares[0] < 0.2
    assert shares[-1] == 1.0
