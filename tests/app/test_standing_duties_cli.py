"""`forgecast standing duties` and `incentives`: what they show, in both languages, as JSON, and their exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.app.test_casting_cli import called
from tests.tasks.enterprise_plant import enterprise_plant
from tests.tasks.making import made_plant


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(enterprise_plant(tmp_path_factory.mktemp("standing")))


def test_duties(plant: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "standing", "duties", plant, "--at", "2026-06-30")
    flat = " ".join(out.split())
    assert code == 0
    assert "2 overdue, 6 due within a year, 4 done." in flat
    assert "overdue 2026-01-15 Quarterly" in flat
    code, out, _ = called(capsys, "standing", "duties", plant, "--at", "2026-06-30", "--strict", "--json")
    answer = json.loads(out)
    assert (code, answer["counts"]["overdue"]) == (1, 2)
    assert answer["table"]["rows"][0]["duty_id"] == "quarterly_report"


def test_duties_of_a_plant_without_permit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bare = str(made_plant(tmp_path, {"site": "id,name\nS,Works"}))
    code, out, _ = called(capsys, "standing", "duties", bare, "--at", "2026-06-30", "--strict")
    assert code == 0
    assert "no discharge permit is on record" in " ".join(out.split())


def test_incentives(plant: str, capsys: pytest.CaptureFixture[str]) -> None:
    call = ("standing", "incentives", plant, "--at", "2026-06-30", "--loan", "8000000", "--loan-rate", "0.0345")
    code, out, _ = called(capsys, *call)
    assert code == 0
    assert "436,000 to 456,000 yuan" in " ".join(out.split())
    _, out, _ = called(capsys, *call, "--json")
    assert json.loads(out)["total"]["low"] == pytest.approx(436_000.0)
    code, _, err = called(capsys, *call[:-1], "3.45")
    assert (code, "0.0345" in err) == (2, True)


@pytest.mark.parametrize("command", ["duties", "incentives"])
def test_help_teaches_with_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "standing", command, "--help")
    assert code == 0
    assert f"forgecast standing {command} my-plant" in out
