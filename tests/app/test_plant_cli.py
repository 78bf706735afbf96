"""`forgecast plant record`, `status`, `history`, `verify`: what a person sees, in both languages, and exit codes."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from forgecast.app.cli.main import main
from forgecast.tasks.new_plant import new_plant

HEAT = ("id=H1", "tapped_at=2025-01-02 10:00", "furnace=F1", "alloy=QT450-10", "mass=900kg")
PIECE = ("id=A", "product=P1", "made_at=2025-01-02 11:00", "heat=H1", "count=4")


def called(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Return exit code, standard output and standard error of a call."""
    with pytest.raises(SystemExit) as left:
        main(words)
    said = capsys.readouterr()
    assert isinstance(left.value.code, int)
    return left.value.code, said.out, said.err


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", "140")
    new_plant(tmp_path / "plant", name="Plant")
    return str(tmp_path / "plant")


@pytest.fixture
def record(capsys, folder):
    def call(name: str, *words: str, code: int = 0) -> str:
        got, out, error = called(capsys, "plant", "record", folder, name, *words)
        assert got == code, error
        return out + error

    return call


def test_a_row_is_recorded_changed_and_said_again(record, capsys, folder):
    assert "as a new row" in record("heat", *HEAT, "--by", "王工")
    assert "what it held before is kept" in record("heat", "id=H1", "mass=950kg", "--by", "Anna")
    assert "recorded already" in record("heat", "id=H1", "mass=0.95t")
    _, out, _ = called(capsys, "plant", "history", folder, "heat", "H1")
    lines = out.splitlines()
    assert "王工" in lines[1]
    assert "entry:王工:2" in lines[1]
    (changed,) = [line.split() for line in lines if "Anna" in line]
    assert changed[-5:] == ["mass", "900", "kg", "950", "kg"]
    _, out, _ = called(capsys, "plant", "history", folder, "heat", "H1", "--json")
    versions = json.loads(out)["versions"]
    assert [one["by"] for one in versions] == ["王工", "Anna"]
    assert versions[1]["changed"] == {"mass": {"before": 900.0, "after": 950.0}}


def test_a_refused_row_says_the_repair_and_changes_nothing(record, capsys, folder):
    assert "write the unit behind it: mass=900kg" in record("heat", "id=H1", "mass=900", code=2)
    claim = ("book=b", "requirement=r", "answered_on=2026-01-02", "answered_by=Q")
    assert "write it in per cent: degree=50%" in record("claim", *claim, "degree=1", code=2)
    assert "`tapped_at` of Heat is needed" in record("heat", "id=H1", code=2)
    code, out, _ = called(capsys, "plant", "record", folder, "heat", "id=H1", "--json")
    told = json.loads(out)
    assert (code, told["ok"], told["error"]["code"]) == (2, False, "entry-refused")
    assert "This plant holds nothing yet" in called(capsys, "plant", "show", folder)[1]


def test_status_leads_to_the_shipment(record, capsys, folder):
    record("heat", *HEAT)
    record("piece", *PIECE)
    record("shipment", "id=S1", "customer=C", "shipped_at=2025-01-05 10:00")
    _, out, _ = called(capsys, "plant", "status", folder, "piece", "A")
    assert "piece A is recorded." in out
    assert "It may not be shipped:" in out
    assert "heat H1 is not released" in out
    assert "heat H1 is not released" in record("shipment_item", "shipment=S1", "piece=A", code=2)
    release = ("subject=heat", "subject_id=H1", "decided_at=2025-01-03 10:00", "decision=release", "decided_by=QA")
    record("disposition", *release)
    assert "It may be shipped." in called(capsys, "plant", "status", folder, "piece", "A")[1]
    record("shipment_item", "shipment=S1", "piece=A")
    _, out, _ = called(capsys, "plant", "status", folder, "piece", "A", "--lang", "zh")
    assert "已发运" in out
    _, out, _ = called(capsys, "plant", "status", folder, "heat", "H1", "--json")
    told = json.loads(out)
    assert told["state"] == {"code": "released", "en": "released", "zh": "已放行"}
    assert [step["decision"] for step in told["steps"]] == ["release"]
    assert {one["decision"] for one in told["next"]} >= {"block", "scrap"}
    assert told["shipping"] is None


def test_verify_says_whole_with_its_head_and_broken_with_the_place(record, capsys, folder):
    record("heat", *HEAT)
    code, out, _ = called(capsys, "plant", "verify", folder, "--json")
    head = json.loads(out)["head"]
    assert (code, json.loads(out)["whole"]) == (0, True)
    code, out, _ = called(capsys, "plant", "verify", folder)
    assert code == 0
    assert "The trail is whole." in out
    assert f"Head: {head}" in out
    assert "Note the head outside this plant" in out
    assert "Note the head" not in called(capsys, "plant", "verify", folder, "--head", head[:20])[1]
    with closing(sqlite3.connect(Path(folder) / "records.sqlite", isolation_level=None)) as database:
        database.execute("update heat set mass=1 where id='H1'")
    code, out, _ = called(capsys, "plant", "verify", folder)
    assert code == 1
    assert "The trail is broken in 1 places:" in out
    assert out.splitlines()[3].split()[:3] == ["2", "heat", "H1"]
    assert called(capsys, "plant", "verify", folder, "--head", "0" * 64, "--json")[0] == 1
    assert called(capsys, "plant", "verify", folder, "--head", "12")[0] == 2


def test_who_imports_is_named(capsys, folder, tmp_path):
    file = tmp_path / "supplier.csv"
    file.write_text("id,name\nS1,Steel\n", encoding="utf-8")
    assert called(capsys, "plant", "import", folder, str(file), "--by", "王工")[0] == 0
    _, out, _ = called(capsys, "plant", "history", folder, "supplier", "S1")
    assert "王工" in out
    assert "supplier.csv:2" in out


@pytest.mark.parametrize("name", ["record", "status", "history", "verify"])
def test_the_help_teaches_with_examples(capsys, name):
    code, out, _ = called(capsys, "plant", name, "--help")
    assert code == 0
    assert f"forgecast plant {name} my-plant" in out
