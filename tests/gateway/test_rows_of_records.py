"""Cells of records: what is taken, what is refused, and what is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from forgecast.gateway.file import Taken
from forgecast.gateway.mapping import FileMap
from forgecast.ground.errors import ImportRefusedError
from forgecast.plant.record import record
from tests.gateway.writing import at, mapped, taken, told, written


def heats(folder: Path, header: str, rows: list[str], entry: FileMap | None = None) -> Taken:
    """Take heats H1, H2 … of furnace F1, each an hour later, with one more column."""
    body = [f"H{i},2025-03-{1 + i // 24:02d} {i % 24:02d}:00,F1,{cell}" for i, cell in enumerate(rows, start=1)]
    return taken(written(folder, "heat.csv", "\n".join([f"id,tapped_at,furnace,{header}", *body])), entry)


TEMPERATURES = [str(1440 + i) for i in range(30)]


@pytest.mark.parametrize(
    ("cell", "code", "severity"),
    [
        ("14800", "decimal-slip", "refused"),
        ("148.0", "decimal-slip", "refused"),
        ("14.8", "decimal-slip", "refused"),
        ("1900", "out-of-range", "refused"),
        ("-300", "out-of-range", "refused"),
        ("-1", "sentinel-value", "refused"),
        ("9999", "sentinel-value", "refused"),
        ("65535", "sentinel-value", "refused"),
        ("—", "sentinel-value", "note"),
        ("未检", "sentinel-value", "note"),
        ("N/A", "sentinel-value", "note"),
        ("hot", "not-a-number", "refused"),
        ("1e999", "not-a-number", "refused"),
        ("inf", "not-a-number", "refused"),
        ('"1480,5"', "not-a-number", "refused"),
    ],
)
def test_a_doubtful_cell_is_missing_and_told(tmp_path: Path, cell: str, code: str, severity: str) -> None:
    result = heats(tmp_path, "出炉温度(℃)", [*TEMPERATURES, cell])
    assert result.rows[0].columns["tap_temperature_degC"] == [*map(float, TEMPERATURES), None]
    assert told(result, code) == [(severity, "出炉温度(℃)", 1, 32, 32)]
    assert len(result.findings) == 1


@pytest.mark.parametrize("cell", ["1480", " 1480 ", '"1,480"', "１４８０", "1.48e3", "1480."])
def test_ways_to_write_a_number(tmp_path: Path, cell: str) -> None:
    assert heats(tmp_path, "出炉温度(℃)", [cell]).rows[0].columns["tap_temperature_degC"] == [1480.0]


def test_a_slip_says_what_the_value_would_be(tmp_path: Path) -> None:
    (finding,) = heats(tmp_path, "出炉温度(℃)", [*TEMPERATURES, "14500"]).findings
    assert "1450 would be: was a decimal point lost?" in finding.reason.say("en")
    assert "380 to 1850" in finding.reason.say("en")


def test_a_value_that_no_slip_explains_is_out_of_range(tmp_path: Path) -> None:
    """3000 / 10 = 300 is below the range; 12000 / 10 = 1200 is within it but far from this column's 1440 to 1469."""
    result = heats(tmp_path, "出炉温度(℃)", [*TEMPERATURES, "3000", "12000"])
    assert told(result, "out-of-range") == [("refused", "出炉温度(℃)", 2, 32, 33)]
    assert told(result, "decimal-slip") == []


def test_both_ends_of_the_plausible_range_are_plausible(tmp_path: Path) -> None:
    field = record("heat").field("tap_temperature_degC")
    assert field.low is not None
    assert field.high is not None
    cells = [str(field.low), str(field.high), str(field.low - 0.5), str(field.high + 0.5)]
    result = heats(tmp_path, "出炉温度(℃)", cells)
    assert result.rows[0].columns["tap_temperature_degC"] == [field.low, field.high, None, None]


def test_one_finding_for_a_kind_and_column_however_many_cells(tmp_path: Path) -> None:
    result = heats(tmp_path, "出炉温度(℃)", [*TEMPERATURES, *["-1"] * 500])
    assert told(result, "sentinel-value") == [("refused", "出炉温度(℃)", 500, 32, 531)]


@pytest.mark.parametrize(
    ("header", "cell", "value"),
    [
        ("出炉温度(℃)", "1480", 1480.0),
        ("出炉温度（°F）", "2696", 1480.0),
        ("tap_temperature_degC", "1480", 1480.0),
        ("Tap Temperature degC", "1480", 1480.0),
        ("tap temperature [K]", "1753.15", 1480.0),
        ("出铁温度/℃", "1480", 1480.0),
    ],
)
def test_units_in_headers(tmp_path: Path, header: str, cell: str, value: float) -> None:
    result = heats(tmp_path, header, [cell])
    # 1e-9 relative: the conversion is two floating operations
    assert result.rows[0].columns["tap_temperature_degC"] == pytest.approx([value], rel=1e-9)


@pytest.mark.parametrize("header", ["出炉温度", "出铁温度", "tap temperature", "mass", "出炉质量", "C", "出炉温度(kg)"])
def test_a_unit_is_never_guessed(tmp_path: Path, header: str) -> None:
    result = heats(tmp_path, header, ["1480"])
    assert told(result, "unit-missing") == [("refused", header, 1, None, None)]
    assert not {"tap_temperature_degC", "mass", "C_percent"} & set(result.rows[0].columns)


def test_a_required_quantity_without_a_unit_refuses_the_file(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="in which unit") as caught:
        taken(written(tmp_path, "water.csv", "月份,来源,水量\n2025-03,自来水,12\n"))
    assert "水量 [m3]" in caught.value.say("zh")


def test_the_unit_may_stand_in_the_map(tmp_path: Path) -> None:
    entry = mapped(record="heat", columns={"出炉质量": {"field": "mass", "unit": "t"}})
    assert heats(tmp_path, "出炉质量", ["1.2"], entry).rows[0].columns["mass"] == [1200.0]


def test_a_required_column_that_is_absent(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError) as caught:
        taken(written(tmp_path, "heat.csv", "id,tapped_att,furnace\nH1,2025-03-01,F1\n"))
    assert "tapped_at" in str(caught.value.what)
    assert "tapped_att" in caught.value.repair.say("en"), "the nearest header is named"


def test_two_columns_for_one_field(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="both feed `id`"):
        taken(written(tmp_path, "heat.csv", "id,炉次号,tapped_at,furnace\nH1,H1,2025-03-01,F1\n"))


def test_an_unknown_column_is_noted(tmp_path: Path) -> None:
    result = heats(tmp_path, "出炉温渡", ["x"])
    assert told(result, "unknown-column") == [("note", "出炉温渡", 1, None, None)]
    assert "出炉温度" in result.findings[0].repair.say("en")


def test_a_row_without_what_it_needs_is_refused(tmp_path: Path) -> None:
    content = "id,tapped_at,furnace\nH1,2025-03-01,F1\n,2025-03-01,F1\nH3,soon,F1\nH4,2025-03-02,\n"
    result = taken(written(tmp_path, "heat.csv", content))
    assert result.rows[0].columns["id"] == ["H1"]
    assert told(result, "missing-required") == [
        ("refused", "id", 1, 3, 3), ("refused", "tapped_at", 1, 4, 4), ("refused", "furnace", 1, 5, 5),
    ]  # fmt: skip
    assert told(result, "not-a-time") == [("refused", "tapped_at", 1, 4, 4)]


def test_repeated_keys(tmp_path: Path) -> None:
    content = """id,tapped_at,furnace
H1,2025-03-01 08:00,F1
H2,2025-03-01 09:00,F1
H1,2025-03-01 08:00,F1
H2,2025-03-01 09:00,F2
"""
    result = taken(written(tmp_path, "heat.csv", content))
    assert result.rows[0].columns["id"] == ["H1"], "the same twice is once; two that differ are none"
    assert told(result, "duplicate-key") == [("refused", "id", 2, 3, 5), ("note", "id", 1, 4, 4)]


@pytest.mark.parametrize(
    ("cell", "code"), [("合格", "good"), ("GOOD", "good"), (" reject ", "reject"), ("返修", "rework")]
)
def test_words_of_a_code(tmp_path: Path, cell: str, code: str) -> None:
    rows = taken(written(tmp_path, "piece.csv", f"件号,产品编号,生产时间,判定\nP1,A,2025-03-01,{cell}\n")).rows[0]
    assert rows.columns["result"] == [code]


def test_an_unknown_word_names_the_nearest(tmp_path: Path) -> None:
    content = "id,shot_at,die,result\nP1,2025-03-01,D1,gud\nP2,2025-03-01,D1,good\n"
    result = taken(written(tmp_path, "shot.csv", content))
    assert result.rows[0].columns["result"] == [None, "good"]
    assert told(result, "unknown-code") == [("refused", "result", 1, 2, 2)]


def test_constants_translations_and_a_filter_of_the_map(tmp_path: Path) -> None:
    entry = mapped(
        record="stack_test",
        columns={"no": "id", "time": "sampled_at", "nox": {"field": "concentration_mg_m3", "unit": "mg/m3"}},
        constants={"stack": "DA001", "pollutant": "nox"},
        where={"kind": ["manual"]},
        missing={"nox": ["<3", -5]},
    )
    content = "no,time,nox,kind\n1,2025-03-01,80,manual\n2,2025-03-02,90,auto\n3,2025-03-03,-5,manual\n"
    result = taken(written(tmp_path, "lab.csv", content), entry)
    assert result.rows[0].columns["id"] == ["1"]
    assert result.rows[0].columns["stack"] == ["DA001"]
    assert result.rows[0].columns["pollutant"] == ["nox"]
    assert told(result, "rows-left-out") == [("note", "", 1, 3, 3)]
    assert told(result, "sentinel-value") == [("note", "nox", 1, 4, 4)]
    assert told(result, "unknown-column") == []


def test_months_dates_and_flags(tmp_path: Path) -> None:
    content = "月份,仪表编号,用量\n2025年3月,M1,5\n202504,M1,6\n2025-05-31,M1,7\n2027-01,M1,8\n"
    result = taken(written(tmp_path, "meter_reading.csv", content))
    assert result.rows[0].columns["month"] == ["2025-03", "2025-04", "2025-05"]
    assert told(result, "future-time") == [("refused", "月份", 1, 5, 5)]
    content = "id,site,kind,valid_until\nP,S,key,2031/12/31\n"
    permit = taken(written(tmp_path, "permit.csv", content)).rows[0]
    assert str(permit.columns["valid_until"][0]) == "2031-12-31", "a permit may end in the future"
    content = "id,name,重点区域\nA,x,是\nB,x,N\nC,x,maybe\n"
    result = taken(written(tmp_path, "site.csv", content))
    assert result.rows[0].columns["key_region"] == [True, False, None]
    assert told(result, "unknown-code") == [("refused", "重点区域", 1, 4, 4)]


def test_few_repeated_or_unsorted_stamps_are_noted(tmp_path: Path) -> None:
    stamps = [f"2025-03-01 {i // 60:02d}:{i % 60:02d}" for i in range(40)]
    stamps[20] = stamps[19]
    stamps[30] = "2025-02-28 00:00"
    content = "id,tapped_at,furnace\n" + "\n".join(f"H{i},{t},F1" for i, t in enumerate(stamps))
    result = taken(written(tmp_path, "heat.csv", content))
    assert len(result.rows[0]) == 40
    assert told(result, "duplicate-time") == [("note", "tapped_at", 1, 22, 22)]
    assert told(result, "unsorted-time") == [("note", "tapped_at", 1, 32, 32)]


def test_headers_without_rows(tmp_path: Path) -> None:
    result = taken(written(tmp_path, "heat.csv", "id,tapped_at,furnace\n"))
    assert len(result.rows[0]) == 0
    assert told(result, "no-rows") == [("doubtful", "", 1, None, None)]


def test_our_own_template_headers_are_taken(tmp_path: Path) -> None:
    """Every record can be fed from a sheet headed as we head it ourselves, in either language."""
    from forgecast.gateway.header import field_of, template_header
    from forgecast.plant.record import records

    assert tmp_path
    for kind in records().values():
        for field in kind.fields:
            for zh in (True, False):
                header = template_header(field, zh=zh)
                found = field_of(kind, header)
                assert found is not None, (kind.name, header)
                assert found[0].name == field.name, (kind.name, header)
                if field.is_number and field.unit:
                    assert found[1] is not None, (kind.name, header)


def test_time_of_the_plant_or_of_the_stamp(tmp_path: Path) -> None:
    content = "id,tapped_at,furnace\nA,2025-03-01 08:00,F\nB,2025-03-01T00:00:00Z,F\nC,2025-03-01T01:00:00+01:00,F\n"
    rows = taken(written(tmp_path, "heat.csv", content)).rows[0]
    assert rows.columns["tapped_at"] == [at("2025-03-01 08:00")] * 3
