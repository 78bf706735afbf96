"""`forgecast plant map`: proposes, asks, writes, and never writes over anything; `forgecast quality tolerance`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from forgecast.app.cli.main import cli
from forgecast.app.cli.plant_map import map_
from forgecast.gateway.read_map import read_map
from tests.app.test_cli import called
from tests.tasks.making import made_plant

MESSY = Path(__file__).parents[1] / "gateway" / "messy"
ASSAYS = MESSY / "光谱仪导出.csv"
HEATS = MESSY / "熔炼记录2025-03.csv"


def answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: Path, answers: str, *words: str) -> str:
    """Return what a person sees who gives these answers, one a line."""
    monkeypatch.setattr("forgecast.app.cli.plant_map.somebody_answers", lambda: True)
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(map_, [str(file), "--out", "out.toml", *words], input=answers, standalone_mode=False)
    assert result.exception is None, result.output
    return result.output


def test_it_proposes_writes_and_says_what_an_import_would_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = called(capsys, "plant", "map", str(HEATS), "--yes")
    assert code == 0
    assert "record heat" in out
    assert "A trial import takes in 18 rows of `heat`." in out
    assert "Refused: 0 rows, and 0 single values." in out
    assert read_map(tmp_path / "熔炼记录2025-03.toml").files[0].record == "heat"
    code, _, error = called(capsys, "plant", "map", str(HEATS), "--yes")
    assert code == 2, "a map that is there is not written over"
    assert "not written over" in error


def test_nobody_is_asked_where_nobody_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = called(capsys, "plant", "map", str(ASSAYS))
    assert code == 0
    assert 'no unit is told for C, Si, Mn, P, S; plausible are %. Say it with --unit "C=UNIT"' in " ".join(out.split())
    assert (tmp_path / "光谱仪导出.toml").is_file()


def test_json_writes_nothing_unless_told_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = called(capsys, "plant", "map", str(HEATS), "--json")
    answer = json.loads(out)
    assert (code, answer["ok"], answer["tables"][0]["record"]) == (0, True, "heat")
    assert answer["trial"]["rows"] == {"heat": 18}
    assert answer["trial"]["refused"] is None
    assert list(tmp_path.iterdir()) == []
    called(capsys, "plant", "map", str(HEATS), "--json", "--out", "m.toml")
    assert (tmp_path / "m.toml").read_text(encoding="utf-8") == answer["map"]


def test_what_the_table_does_not_tell_is_told_on_the_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["plant", "map", str(MESSY / "cmm flange.csv"), "--yes", "--set", "product=flange", "--unit", "Bore dia=mm"]
    code, out, _ = called(capsys, *words, "--out", "cmm.toml")
    assert code == 0
    assert "takes in 5 rows of `characteristic`" in out
    assert "takes in 90 rows of `measurement`" in out
    (entry,) = read_map(tmp_path / "cmm.toml").files
    assert entry.wide is not None
    assert (entry.wide.nominal, entry.wide.upper, entry.wide.lower, entry.wide.deviation) == (2, 3, 4, True)
    assert dict(entry.wide.units) == {"Bore dia": "mm"}
    for wrong, word in (
        (("--set", "product"), "no pair"),
        (("--unit", "Bore=mm"), "no column"),
        (("--record", "x"), "x"),
    ):
        code, _, error = called(capsys, *words[:3], *wrong, "--out", "other.toml")
        assert code == 2
        assert word in error


def test_a_person_is_asked_only_what_is_not_sure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = answered(tmp_path, monkeypatch, ASSAYS, "\n" + "%\n" * 8)
    assert "C: in which unit? Plausible are %" in out
    assert "Map written" in out
    assert "Refused: 0 rows, and 0 single values." in out
    (entry,) = read_map(tmp_path / "out.toml").files
    assert {c.field: c.unit for c in entry.columns}["C_percent"] == "%"


def test_a_wrong_answer_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = answered(tmp_path, monkeypatch, ASSAYS, "\nkg\n%\n" + "\n" * 7)
    assert "kg is no unit of share" in out
    (entry,) = read_map(tmp_path / "out.toml").files
    assert [c.field for c in entry.columns if c.unit] == ["C_percent"], "Enter leaves a unit open"


def test_another_field_may_be_chosen_and_a_column_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = tmp_path / "heat.csv"
    rows = "".join(f"H{i},2025-03-01 08:0{i},F1,{900 + i},{i}\n" for i in range(8))
    book.write_text(f"id,tapped_at,furnace,heel weight (kg),lining use\n{rows}", encoding="utf-8")
    # r: look at each; id, tapped_at, furnace as proposed; then another field; then skip
    out = answered(tmp_path, monkeypatch, book, "r\n\n\n\nslag_mass\ns\n")
    assert "slag" not in out.split("Map written")[0].split("heel weight (kg)")[0]
    (entry,) = read_map(tmp_path / "out.toml").files
    assert {c.header: c.field for c in entry.columns} == {
        "id": "id", "tapped_at": "tapped_at", "furnace": "furnace", "heel weight (kg)": "slag_mass",
    }  # fmt: skip
    assert entry.ignore == ("lining use",)


def test_a_column_that_nothing_speaks_for_may_be_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads = MESSY / "HT loads.csv"
    # the sure ones; id; the cycle is the process; set temperature; soak time
    out = answered(tmp_path, monkeypatch, loads, "\n\nprocess\n\n\n")
    assert "Not found yet: process" in out
    assert "takes in 18 rows of `heat_treatment`" in out
    assert "Refused: 0 rows, and 0 single values." in out


def test_whoever_leaves_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = answered(tmp_path, monkeypatch, ASSAYS, "\n%\nq\n" + "\n" * 20)
    assert "Nothing was written." in out
    assert not (tmp_path / "out.toml").exists()
    out = answered(tmp_path, monkeypatch, ASSAYS, "\n")  # the input ends
    assert "Nothing was written." in out
    assert not (tmp_path / "out.toml").exists()


def test_words_and_constants_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = tmp_path / "pieces.csv"
    rows = "".join(f"P{i},2025-03-01 08:0{i},{i % 2}\n" for i in range(8))
    book.write_text(f"piece no,cast date,result\n{rows}", encoding="utf-8")
    out = answered(tmp_path, monkeypatch, book, "\n\ngood\nwhat\nNG\npump\n", "--record", "piece")
    assert "what is not one of the words of `result`" in out
    (entry,) = read_map(tmp_path / "out.toml").files
    assert dict(entry.values["result"]) == {"0": "good", "1": "reject"}
    assert dict(entry.constants) == {"product": "pump"}
    assert "takes in 8 rows of `piece`" in out


def test_a_file_like_nothing_says_what_to_do_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "poem.csv"
    path.write_text("alpha,beta\nroses,red\nviolets,blue\n", encoding="utf-8")
    code, out, _ = called(capsys, "plant", "map", str(path), "--out", str(tmp_path / "m.toml"))
    assert code == 0
    assert "no record is like it" in out
    assert "--record" in out
    assert not (tmp_path / "m.toml").exists()


def test_the_commands_are_found_and_teach() -> None:
    for words in (["plant", "map"], ["quality", "tolerance"]):
        for language in ("en", "zh"):
            shown = CliRunner().invoke(cli, [*words, "--help", "--lang", language])
            assert shown.exit_code == 0
            assert f"forgecast {' '.join(words)}" in shown.output


@pytest.fixture
def rings(tmp_path: Path) -> Path:
    return made_plant(
        tmp_path / "made",
        {
            "characteristic": "product,name,unit,nominal,lower,upper\nring,bore,mm,50,49.9,50.1\n",
            "measurement": "piece,characteristic,measured_at,product,value\n"
            "P1,bore,2025-03-01 08:00,ring,50.05\nP2,bore,2025-03-01 08:10,ring,50.25\n",
        },
    )


def test_values_out_of_tolerance_are_listed(rings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "quality", "tolerance", str(rings))
    assert code == 0
    assert "Values out of their limits: 1" in out
    line = next(line for line in out.splitlines() if "P2" in line)
    assert line.split()[:5] == ["bore", "P2", "50.25", "50.1", "0.15"]
    assert "simple acceptance" in out
    code, out, _ = called(capsys, "quality", "tolerance", str(rings), "--strict", "--json")
    assert code == 1
    answer = json.loads(out)
    assert [one["piece"] for one in answer["outliers"]] == ["P2"]
    assert answer["outliers"][0]["measured_at"] == "2025-03-01T08:10:00+08:00"
    assert answer["dimensions"][0]["not_met"] == 1


def test_an_unknown_product_is_an_error(rings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, error = called(capsys, "quality", "tolerance", str(rings), "--product", "disc")
    assert code == 2
    assert "ring" in error
