"""`forgecast standing grade` says which grade at best, what keeps from a better one, and what is open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.app.test_casting_cli import called
from tests.tasks.making import made_plant
from tests.tasks.test_performance_grade import EQUIPMENT, PROCESS, SITE


def plant(folder: Path, furnace: str) -> str:
    tables = {
        "site": SITE.format(sector="C3391"),
        "equipment": EQUIPMENT.format(kind=furnace),
        "process": PROCESS.format(automation="mechanised"),
        "measure": "id,state\nhpw-capture,no",
    }
    return str(made_plant(folder, tables))


def test_the_grade_and_what_keeps_from_a_better_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ("standing", "grade", plant(tmp_path, "induction_furnace"), "--at", "2025-12-31")
    code, out, _ = called(capsys, *call)
    flat = " ".join(out.split())
    assert code == 0
    assert "At best grade B; whether it is reached is not known." in flat
    assert "Grade A: green sand on horizontal or vertical automatic lines — Green sand" in flat
    assert "Grade A: secondary capture of dust" in flat
    assert "rules fill performance_grading_2020" in flat
    code, out, _ = called(capsys, *call, "--json")
    answer = json.loads(out)
    assert (code, answer["at_best"], answer["certain"]) == (0, "B", False)
    assert [one["reach"] for one in answer["grades"]] == ["out of reach", "not known", "not known"]
    assert {v["id"].split("/")[1] for v in answer["grades"][0]["hindering"]} == {"a_green_sand", "a_dust_capture"}


def test_with_a_cupola_it_says_that_no_grade_can_be_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "standing", "grade", plant(tmp_path, "cupola"), "--at", "2025-12-31")
    assert code == 0
    assert "No grade can be told" in " ".join(out.split())
    assert "What keeps" not in out
