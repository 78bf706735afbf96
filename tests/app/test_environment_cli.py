"""The commands of the environment: exit codes, both languages, JSON, and the files they write."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest

from forgecast.app.cli.environment.stretch import stretch_of
from forgecast.app.environment.workbook import write_workbook
from forgecast.environment.report_table import Column, ReportTable
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import bilingual, verbatim
from tests.app.test_casting_cli import called
from tests.tasks.melt_plant import empty_plant


def said(out: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(out)
    return found


def test_hours_shows_the_week_and_strict_says_no(sample_plant: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "environment", "hours", str(sample_plant), "--month", "2025-09", "--strict")
    assert code == 1
    flat = " ".join(out.split())
    assert "2025-09-15 09:00 2025-09-15 17:00 8" in flat
    assert "not met" in flat
    code, out, _ = called(capsys, "environment", "hours", str(sample_plant), "--month", "2025-08", "--strict")
    assert (code, "No valid hour was above a limit." in out) == (0, True)
    code, out, _ = called(capsys, "environment", "hours", str(sample_plant), "--month", "2025-09", "--json")
    answer = said(out)
    assert answer["ok"]
    assert {one["stack"] for one in answer["over"]} == {"DA001"}
    assert answer["over"][0]["over"][0]["layer"] == "national"


def test_hours_enters_once(sample_plant: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(sample_plant, tmp_path / "plant")
    call = (
        "environment",
        "hours",
        str(tmp_path / "plant"),
        "--since",
        "2025-09-15",
        "--until",
        "2025-09-15",
        "--enter",
    )
    first = said(called(capsys, *call, "--json")[1])["entered"]
    second = said(called(capsys, *call, "--json")[1])["entered"]
    assert (len(first["new"]), second["new"], second["same"]) == (9, [], 9)


def test_wrong_calls_leave_with_two_and_a_repair(sample_plant: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plant = str(sample_plant)
    for words, says in (
        (("hours", plant, "--stack", "DA999"), "DA001"),
        (("hours", plant, "--month", "September"), "write it like 2025-09-15"),
        (("hours", plant, "--quarter", "2025Q5"), "2025Q3"),
        (("hours", plant, "--month", "2025-09", "--year", "2025"), "give one of"),
        (("hours", plant, "--since", "2025-09-01"), "give both"),
        (("report", plant, "--quarter", "2025Q3", "--scale", "1%", "--out", "report.docx"), ".pdf or .xlsx"),
        (("report", plant, "--quarter", "2025Q3"), "is missing"),
        (("mass", plant, "--out", "no/such/folder/mass.xlsx", "--year", "2025"), "make it"),
        (("emergency", plant, "--at", "tomorrow"), "2025-12-10 09:00"),
    ):
        code, _, err = called(capsys, "environment", *words)
        assert code == 2, words
        assert says in err, words


def test_the_report_as_pdf_and_workbook(sample_plant: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pdf, book = tmp_path / "report.pdf", tmp_path / "report.xlsx"
    code, out, _ = called(
        capsys, "environment", "report", str(sample_plant), "--quarter", "2025Q3", "--scale", "1%",
        "--out", str(pdf), "--out", str(book), "--strict",
    )  # fmt: skip
    assert code == 1  # it has gaps
    assert "59 hours were above a limit" in out or "hours were above a limit" in out
    document = pypdfium2.PdfDocument(pdf)
    first = document[0].get_textpage().get_text_range()
    assert "Gaps: " in first
    assert "This report has" in first
    assert len(document) > 3
    sheets = openpyxl.load_workbook(book)
    assert {"permit", "mass", "compliance", "exceedances", "control", "gaps"} <= set(sheets.sheetnames)
    sheet = sheets["exceedances"]
    rows = [row for row in sheet.iter_rows(values_only=True) if row[0] == "DA001"]
    assert sum(row[4] for row in rows) == 59
    assert "not known" in str(rows[0][8])
    heads = next(row for row in sheet.iter_rows(values_only=True) if str(row[0]).startswith("stack"))
    assert "mg/m³" in str(heads[5])
    code, out, _ = called(capsys, "environment", "report", str(sample_plant), "--quarter", "2025Q3", "--scale", "1%",
                          "--disclosure", "--json")  # fmt: skip
    names = {table["id"] for table in said(out)["tables"]}
    assert "exceedances" in names
    assert "sand" not in names


def test_the_same_report_is_the_same_file(
    sample_plant: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = []
    for name in ("a.pdf", "b.pdf"):
        called(capsys, "environment", "report", str(sample_plant), "--month", "2025-09", "--scale", "1%",
               "--out", str(tmp_path / name), "--lang", "zh")  # fmt: skip
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]


@pytest.mark.parametrize("command", ["ledger", "mass", "waste", "emergency"])
def test_every_command_answers_in_json_and_in_chinese(
    command: str, sample_plant: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"{command}.xlsx"
    code, out, _ = called(
        capsys, "environment", command, str(sample_plant), "--quarter", "2025Q3", "--json", "--out", str(path)
    )
    answer = said(out)
    assert code == 0
    assert all({"id", "title", "columns", "rows"} <= set(table) for table in answer["tables"])
    assert all(set(gap["what"]) == {"en", "zh"} for gap in answer["gaps"])
    assert len(openpyxl.load_workbook(path).sheetnames) == len(answer["tables"]) + 1
    code, out, _ = called(capsys, "environment", command, str(sample_plant), "--quarter", "2025Q3", "--lang", "zh")
    assert code == 0
    assert any("\u4e00" <= letter <= "\u9fff" for letter in out)


def test_sand_that_does_not_close_is_a_no(sample_plant: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(
        capsys, "environment", "sand", str(sample_plant), "--year", "2025", "--scale", "1%", "--strict"
    )
    assert code == 0
    assert "does it close? yes" in " ".join(out.split())


def test_an_empty_plant_is_told_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty_plant(tmp_path / "plant").close()
    plant = str(tmp_path / "plant")
    code, out, _ = called(capsys, "environment", "hours", plant, "--month", "2025-09")
    assert (code, "Describe its tags" in " ".join(out.split())) == (0, True)
    code, out, _ = called(capsys, "environment", "ledger", plant, "--month", "2025-09")
    assert (code, "the discharge permit → permit" in " ".join(out.split())) == (0, True)
    code, out, _ = called(capsys, "environment", "report", plant, "--month", "2025-09", "--scale", "1%")
    assert (code, "No stack has a series" in out) == (0, True)
    code, out, _ = called(capsys, "environment", "emergency", plant, "--month", "2025-09")
    assert (code, "No warning on record" in " ".join(out.split())) == (0, True)


def test_a_workbook_never_holds_a_formula_of_a_user(tmp_path: Path) -> None:
    columns = (Column("a", bilingual("name", "名称")), Column("b", bilingual("mass", "质量"), "t"))
    table = ReportTable("one", verbatim("One"), columns, (("=1+1", 2.0), ("plain", None)))
    write_workbook(tmp_path / "x.xlsx", verbatim("T"), (), (table,))
    rows = list(openpyxl.load_workbook(tmp_path / "x.xlsx")["one"].iter_rows(min_row=3, values_only=True))
    assert rows[0] == ("name\n名称", "mass\n质量\n[t]")
    assert rows[1] == ("'=1+1", 2.0)
    assert str(rows[2][1]).startswith("not known")
    with pytest.raises(ForgecastError, match="xlsx"):
        write_workbook(tmp_path / "x.csv", verbatim("T"), (), (table,))


def test_quarters_and_years_are_whole() -> None:
    def asked(**given: str) -> tuple[str, str]:
        words = dict.fromkeys(("month", "quarter", "year", "since", "until")) | given
        period = stretch_of(None, **words)  # type: ignore[arg-type]
        return period.start.isoformat(), period.end.isoformat()

    assert asked(quarter="2025Q4") == ("2025-10-01", "2026-01-01")
    assert asked(quarter="2025q1") == ("2025-01-01", "2025-04-01")
    assert asked(year="2024") == ("2024-01-01", "2025-01-01")
    assert asked(month="2025-12") == ("2025-12-01", "2026-01-01")
    assert asked(since="2025-09-15", until="2025-09-15") == ("2025-09-15", "2025-09-16")
