"""A door that calls itself steady answers anew as soon as the plant has changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

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


def test_it_is_worked_out_once(house: House) -> None:
    calls = []

    def run(_call, _question):
        calls.append(1)
        return {"n": len(calls)}

    door = Door(
        "plant",
        "counted",
        door_of("plant/rows").sentence,
        Right.SEE,
        Way.READ,
        NoQuestion,
        NoQuestion,
        run,
        steady=True,
    )
    answers = [ask(house, ASKER, "sample", door, NoQuestion()).read() for _ in range(3)]
    assert answers == [{"n": 1}] * 3
    enter(house, "NEW-2")
    assert ask(house, ASKER, "sample", door, NoQuestion()).read() == {"n": 2}


def test_a_door_of_its_own_mind_is_never_kept(house: House) -> None:
    calls = []

    def run(_call, _question):
        calls.append(1)
        return {"n": len(calls)}

    door: Door = Door("plant", "mind", door_of("plant/rows").sentence, Right.SEE, Way.READ, NoQuestion, NoQuestion, run)
    assert [ask(house, ASKER, "sample", door, NoQuestion()).read()["n"] for _ in range(3)] == [1, 2, 3]
