"""The commands of carbon: exit codes, both languages, JSON, and the sheet for the importer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.app.test_casting_cli import called
from tests.tasks.carbon_plant import DECLARED, carbon_plant


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(carbon_plant(tmp_path_factory.mktemp("carbon"), embedded_emission=DECLARED))


def test_a_code_alone(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "carbon", "cbam", "7326 19 90", "--year", "2026", "--price", "80")
    assert code == 0
    for words in ("covered by CBAM today", "3.384", "1.796", "143.7", "1 is assumed"):
        assert words in out
    code, out, _ = called(capsys, "carbon", "cbam", "73259910", "--lang", "zh")
    assert code == 0
    assert "2028" in out
    assert "拟" in out


def test_what_is_no_code_and_what_is_missing(capsys: pytest.CaptureFixture[str], plant: str) -> None:
    for arguments in (["pipe"], [], ["--product", "P1"], ["--plant", plant, "--product", "P2"]):
        code, _, err = called(capsys, "carbon", "cbam", *arguments)
        assert code == 2
        assert "→" in err


def test_a_product_with_its_sheet(capsys: pytest.CaptureFixture[str], plant: str, tmp_path: Path) -> None:
    sheet = tmp_path / "importer.xlsx"
    code, out, _ = called(
        capsys, "carbon", "cbam", "--plant", plant, "--product", "P1", "--year", "2026", "--records", "2025",
        "--sheet", str(sheet), "--json",
    )  # fmt: skip
    assert code == 0
    answer = json.loads(out)
    assert answer["precursors"][0]["direct_tCO2e_per_t"] == 1.5
    rows = {row[0]: row[1] for row in load_workbook(sheet).active.iter_rows(values_only=True) if row[0]}
    said = next(value for name, value in rows.items() if name.startswith("specific embedded emissions, actual"))
    assert said == pytest.approx(answer["actual_tCO2e_per_t"])
    assert all("/" in name for name in rows if name.startswith(("direct", "default", "CN", "Good")))
    code, _, err = called(capsys, "carbon", "cbam", "73030010", "--sheet", str(tmp_path / "sheet.pdf"))
    assert code == 2
    assert ".xlsx" in err


def test_the_inventory_says_what_is_missing(capsys: pytest.CaptureFixture[str], plant: str) -> None:
    code, out, _ = called(capsys, "carbon", "inventory", plant, "--year", "2025", "--strict")
    assert code == 1
    assert "not counted as nothing" in out
    code, out, _ = called(capsys, "carbon", "inventory", plant, "--year", "2025", "--json")
    assert code == 0
    assert [one["scope"] for one in json.loads(out)["totals"]] == [1, 2, 3]


def test_the_footprint_of_a_product(capsys: pytest.CaptureFixture[str], plant: str) -> None:
    code, out, _ = called(capsys, "carbon", "product", plant, "P1", "--year", "2025", "--lang", "zh")
    assert code == 0
    for words in ("生铁", "新砂", "自有回炉料", "kg CO2e/kg"):
        assert words in out
    code, out, _ = called(capsys, "carbon", "product", plant, "P1", "--year", "2025", "--json")
    answer = json.loads(out)
    assert answer["total_kgCO2e_per_kg"] == pytest.approx(sum(one["kgCO2e_per_kg"] for one in answer["lines"]))


def test_factors_and_the_way_to_enter_one(capsys: pytest.CaptureFixture[str], plant: str) -> None:
    code, out, _ = called(capsys, "carbon", "factors", plant, "--on", "2026-01-15", "--json")
    assert code == 0
    by_id = {one["id"]: one for one in json.loads(out)["factors"]}
    assert by_id["energy/electricity"]["value"] == pytest.approx(0.5306)
    assert by_id["declared/D1"]["confidence"] == "own"
    code, out, _ = called(capsys, "carbon", "factors", plant)
    assert "own" in out


def test_figures_of_a_made_up_plant_say_so(
    capsys: pytest.CaptureFixture[str], plant: str, sample_plant: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "importer.xlsx"
    asked = (
        "carbon",
        "cbam",
        "--plant",
        str(sample_plant),
        "--product",
        "F-301",
        "--year",
        "2026",
        "--sheet",
        str(sheet),
    )
    code, out, _ = called(capsys, *asked)
    assert code == 0
    cells = [str(row[0]) for row in load_workbook(sheet).active.iter_rows(values_only=True)]
    assert "made-up data" in out
    assert any("made-up data" in cell and "虚构" in cell for cell in cells)
    _, out, _ = called(capsys, "carbon", "inventory", plant, "--year", "2025")
    assert "made-up data" not in out
