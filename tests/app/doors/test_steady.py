"""A door that calls itself steady answers anew as soon as the plant has changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from forgecast.app.doors.answers import question_key
from forgecast.app.doors.asking import Asker, ask
from forgecast.app.doors.door import Door, NoQuestion, Question, Way
from forgecast.app.doors.shelf import door_of, doors
from forgecast.app.server.home import home_of, register_plant
from forgecast.app.server.house import House
from forgecast.store.server.rights import Right


@pytest.fixture
def house(sample_plant: Path, tmp_path: Path):
    folder = tmp_path / "plant"
    shutil.copytree(sample_plant, folder)
    with House(home_of(folder).path) as opened:
        register_plant(opened, folder)
        yield opened


ASKER = Asker(1, "tester", "en", frozenset(Right))


def read(house: House, name: str, question: Question | None = None) -> dict:
    return ask(house, ASKER, "sample", door_of(name), question or NoQuestion()).read()


def enter(house: House, name: str) -> None:
    door = door_of("plant/record")
    row = {"id": name, "name": "Made-up supplier"}
    ask(house, ASKER, "sample", door, door.asks(record="supplier", rows=[row]))


def test_only_reads_are_steady() -> None:
    steady = [door for door in doors().values() if door.steady]
    assert len(steady) > 5
    assert {door.way for door in steady} == {Way.READ}


def test_a_new_row_is_there_at_once(house: House) -> None:
    rows = door_of("plant/rows")
    question = rows.asks(record="supplier", limit=1000)
    before = read(house, "plant/rows", question)
    assert read(house, "plant/rows", question) == before
    enter(house, "NEW-1")
    after = read(house, "plant/rows", question)
    assert "NEW-1" not in json.dumps(before)
    assert "NEW-1" in json.dumps(after)


def counting(**given: object) -> Door:
    """Return a door that tells how often it was worked out."""
    calls = []

    def run(_call, _question):
        calls.append(1)
        return {"n": len(calls)}

    words = door_of("plant/rows").sentence
    return Door("plant", "counted", words, Right.SEE, Way.READ, NoQuestion, NoQuestion, run, **given)


def test_it_is_worked_out_once(house: House) -> None:
    door = counting(steady=True)
    answers = [ask(house, ASKER, "sample", door, NoQuestion()).read() for _ in range(3)]
    assert answers == [{"n": 1}] * 3
    enter(house, "NEW-2")
    assert ask(house, ASKER, "sample", door, NoQuestion()).read() == {"n": 2}


def test_a_door_of_its_own_mind_is_never_kept(house: House) -> None:
    door = counting()
    assert [ask(house, ASKER, "sample", door, NoQuestion()).read()["n"] for _ in range(3)] == [1, 2, 3]


def test_a_door_that_looks_at_the_clock_is_kept_for_its_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    now_us = 1_700_000_000_000_000
    monkeypatch.setattr("forgecast.app.doors.asking._now_us", lambda: now_us)
    door = counting(kept_s=5.0)

    def told() -> int:
        return ask(house, ASKER, "sample", door, NoQuestion()).read()["n"]

    assert told() == 1
    now_us += 5_000_000
    assert told() == 1
    now_us += 1
    assert told() == 2
    enter(house, "NEW-3")
    assert told() == 3, "another record is seen at once"
    now_us += 5_000_001
    with house.reads.renewing("sample", question_key(door, NoQuestion())):
        assert told() == 3, "while another works it out anew, the last answer is given"
    assert told() == 4


def test_a_grade_of_the_plants_own_is_there_at_once(house: House) -> None:
    grades = door_of("pieces/grades")
    before = json.dumps(read(house, "pieces/grades", grades.asks()))
    folder = house.plant("sample").path / "grades"
    folder.mkdir()
    row = "MADE-UP 1,House standard,C,3.1,3.6,%,made up for a test\n"
    (folder / "ours.csv").write_text("grade,standard,rule,lower,upper,unit,source\n" + row, encoding="utf-8")
    assert "MADE-UP 1" not in before
    assert "MADE-UP 1" in json.dumps(read(house, "pieces/grades", grades.asks()))
