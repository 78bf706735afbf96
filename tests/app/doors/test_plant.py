"""Doors of the plant's records: browsed, entered, decided, tried before they are taken in."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from forgecast.app.doors.plant import DOORS
from forgecast.ground.dates import day_start_us
from forgecast.ground.errors import ForgecastError
from forgecast.plant.record import records
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.subject_status import subject_status
from tests.app.doors.calls import Asking

DOOR = {door.name: door for door in DOORS}
MESSY = (
    "炉次号,出炉时间,炉子编号,出炉质量(kg),出炉温度(℃)\n"
    "H-9001,2025-12-31 20:10,IF-1,1900,1490\n"
    "H-9002,2025-12-31 21:10,IF-1,1910,14900\n"
    "H-9003,,IF-1,1910,1480\n"
)
UNKNOWN = (
    "Melt No;Datum Abstich;Anlage;Gew kg;T °C\n"
    "H-9101;2025-12-31 20:10;IF-1;1900;1490\n"
    "H-9102;2025-12-31 21:15;IF-2;1888;1502\n"
)


@pytest.fixture(scope="module")
def ask(sample_plant: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with PlantFolder.open(sample_plant) as plant:
        yield Asking(plant, tmp_path_factory.mktemp("asked"))


@pytest.fixture
def change(sample_plant: Path, tmp_path: Path) -> Iterator[Asking]:
    """Return what asks the doors of a plant of its own, which may be changed."""
    own = shutil.copytree(sample_plant, tmp_path / "plant")
    with PlantFolder.open(own) as plant:
        yield Asking(plant, tmp_path / "asked")


def given(asking: Asking, name: str, content: str) -> str:
    (asking.folder / name).write_text(content, encoding="utf-8")
    return name


def test_the_overview_counts_what_the_plant_holds(ask: Asking):
    told = ask(DOOR["overview"])
    assert {one["record"]: one["rows"] for one in told["records"]} == {
        name: ask.plant.records.count(name) for name in records()
    }
    assert told["files"] == len(ask.plant.records.imports())
    assert sum(told["findings"].values()) == sum(one.count for one in ask.plant.records.findings())


def test_rows_answer_conditions_in_the_order_asked_for(ask: Asking):
    told = ask(DOOR["rows"], record="heat", where=["furnace=IF-2", "tapped_at>=2025-12-01"], sort="-mass", limit=1000)
    start = day_start_us(date(2025, 12, 1), ask.plant.settings.zone)
    expected = [row for row in ask.plant.records.read("heat", furnace="IF-2") if int(row["tapped_at"] or 0) >= start]
    assert told["total"] == len(expected) > 10
    masses = [row["values"]["mass"] for row in told["rows"]]
    assert masses == sorted(masses, reverse=True)


def test_pages_of_rows_join_to_the_whole(ask: Asking):
    first = ask(DOOR["rows"], record="lot", limit=20)
    seen, after = [row["key"] for row in first["rows"]], first["next"]
    while after is not None:
        page = ask(DOOR["rows"], record="lot", limit=20, after=after)
        seen += [row["key"] for row in page["rows"]]
        after = page["next"]
    assert seen == [[str(row["id"])] for row in ask.plant.records.read("lot")]


def test_a_missing_value_can_be_asked_for(ask: Asking):
    told = ask(DOOR["rows"], record="piece", where=["mould="], limit=1)
    assert told["total"] == sum(row["mould"] is None for row in ask.plant.records.read("piece"))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"record": "heat", "where": ["colour=red"]}, "no field colour"),
        ({"record": "heat", "where": ["mass"]}, "no condition"),
        ({"record": "heat", "where": ["mass>=heavy"]}, "no value of `mass`"),
        ({"record": "heat", "sort": "weight"}, "no field weight"),
        ({"record": "steam"}, "no record named steam"),
        ({"record": "heat", "after": "x"}, "no place to go on from"),
    ],
)
def test_what_cannot_be_asked_is_said(ask: Asking, fields: dict[str, object], words: str):
    with pytest.raises(ForgecastError) as raised:
        ask(DOOR["rows"], **fields)
    assert words in raised.value.what.say("en")
    assert raised.value.repair.say("en")


def test_a_row_tells_every_change_it_went_through(change: Asking):
    heat = str(change.plant.records.read("heat")[0]["id"])
    change(DOOR["record"], record="heat", rows=[{"id": heat, "pigged_mass (kg)": "120"}])
    told = change(DOOR["row"], record="heat", key=[heat])
    assert told["values"]["pigged_mass"] == 120.0
    last = told["versions"][-1]
    assert (last["by"], last["changed"]) == ("A. Tester", {"pigged_mass": {"before": None, "after": 120.0}})


def test_a_row_whose_key_is_a_time_is_found_by_the_key_it_was_listed_with(ask: Asking):
    row = ask(DOOR["rows"], record="melt_temperature", limit=1)["rows"][0]
    assert ask(DOOR["row"], record="melt_temperature", key=row["key"])["values"] == row["values"]


def test_an_entry_that_is_refused_changes_nothing(change: Asking):
    before = change.plant.audit_head()
    with pytest.raises(ForgecastError) as raised:
        change(DOOR["record"], record="heat", rows=[
            {"id": "H-1", "tapped_at": "2025-12-31 10:00", "furnace": "IF-1"},
            {"id": "H-2", "tapped_at": "2025-12-31 11:00", "furnace": "IF-1", "tap_temperature_degC": 14900},
        ])  # fmt: skip
    assert "14900" in raised.value.what.say("en")
    assert change.plant.audit_head() == before


def test_a_decision_needs_its_own_door(change: Asking):
    row = {"subject": "heat", "subject_id": "I25-06837", "decided_at": "2025-12-31 20:00", "decision": "release",
           "decided_by": "somebody else"}  # fmt: skip
    with pytest.raises(ForgecastError, match="not recorded as a row"):
        change(DOOR["record"], record="disposition", rows=[row])
    with pytest.raises(ValidationError):
        DOOR["hold"].asks(subject="heat", ids=["I25-06837"], decision="release")
    assert DOOR["decide"].right == "release"


def test_a_heat_is_blocked_and_released_by_whoever_is_signed_in(change: Asking):
    heat = str(change.plant.records.read("heat")[-1]["id"])
    change(DOOR["hold"], subject="heat", ids=[heat], decision="block", reason="slag")
    blocked = change(DOOR["status"], subject="heat", id=heat)
    assert blocked["state"]["code"] == "blocked"
    assert blocked["steps"][-1]["by"] == "A. Tester"
    change(DOOR["decide"], subject="heat", ids=[heat], decision="release")
    assert subject_status(change.plant, "heat", heat).life.at() == "released"


def test_an_impossible_decision_is_refused_in_the_words_of_the_guard(change: Asking):
    heat = str(change.plant.records.read("heat")[-1]["id"])
    change(DOOR["hold"], subject="heat", ids=[heat], decision="scrap")
    with pytest.raises(ForgecastError) as raised:
        change(DOOR["decide"], subject="heat", ids=[heat], decision="release")
    assert "scrapped" in raised.value.what.say("en")
    assert "报废" in raised.value.what.say("zh")


def test_a_file_is_tried_with_all_its_findings_and_nothing_is_taken_in(change: Asking):
    before = change.plant.audit_head()
    name = given(change, "heats.csv", MESSY)
    tried = change(DOOR["try"], uploads=[name])["files"][0]
    assert change.plant.audit_head() == before
    assert change.plant.records.read("heat", id="H-9001") == ()
    done = change(DOOR["import"], uploads=[name])["files"][0]
    assert tried["fed"] == done["fed"] == [{"name": "heat", "new": 2, "changed": 0, "same": 0, "refused": 2}]
    assert [one["code"] for one in tried["findings"]] == [one["code"] for one in done["findings"]]
    hot = change.plant.records.read("heat", id="H-9002")[0]
    assert hot["tap_temperature_degC"] is None, "14900 °C is no temperature of iron and must not reach a figure"


def test_a_file_without_a_known_header_is_refused_and_says_why(change: Asking):
    told = change(DOOR["import"], uploads=[given(change, "log.csv", UNKNOWN)])
    assert told["ok"] is False
    assert told["files"][0]["refused"]["what"]["zh"]
    assert change.plant.records.read("heat", id="H-9101") == ()


def test_a_proposed_map_takes_the_file_in_once_its_open_questions_are_answered(change: Asking):
    name = given(change, "log.csv", UNKNOWN)
    answered = {"columns": {"Melt No": "id", "Datum Abstich": "tapped_at", "Anlage": "furnace", "Gew kg": "mass"}}
    made = change(DOOR["map"], upload=name, record="heat", **answered)
    assert {column["field"] for column in made["tables"][0]["columns"] if column["taken"]} >= {"id", "furnace"}
    assert made["trial"]["rows"] == {"heat": 2}
    done = change(DOOR["import"], uploads=[name], map=made["map"])
    assert done["ok"]
    assert change.plant.records.read("heat", id="H-9102")[0]["mass"] == 1888.0


def test_a_corrected_upload_supersedes_the_one_before(change: Asking):
    change(DOOR["import"], uploads=[given(change, "heats.csv", MESSY)])
    better = MESSY.replace("14900", "1500").replace("H-9003,,", "H-9003,2025-12-31 22:00,")
    change(
        DOOR["import"],
        uploads=[given(change, "heats.csv", better)],
    )
    newest, before = change(DOOR["imports"], limit=2)["imports"]
    assert before["superseded_by"] == newest["id"]
    assert newest["by"] == "A. Tester"
    assert change(DOOR["findings"], id=before["id"])["total"] == 2
    assert change(DOOR["findings"], id=newest["id"], severity="refused")["total"] == 0


def test_the_trail_is_whole_until_somebody_writes_past_it(change: Asking):

    assert change(DOOR["verify"])["whole"]
    with sqlite3.connect(change.plant.path / "records.sqlite") as raw:
        raw.execute("UPDATE heat SET mass = mass + 1 WHERE id = (SELECT min(id) FROM heat)")
    told = change(DOOR["verify"])
    assert not told["whole"]
    assert told["breaks"][0]["record"] == "heat"


def test_gaps_and_loose_ends_are_told(ask: Asking):
    told = ask(DOOR["quality"])
    assert {one["code"] for one in told["findings"]} >= {"stuck-sensor"}
    assert told["first_on"] < told["last_on"]


@pytest.mark.parametrize(
    "fields",
    [
        {"record": "charge_item", "where": [f"number={'9' * 30}"]},
        {"record": "heat", "where": ["tapped_at>=9999-12-31"]},
        {"record": "heat", "after": "9" * 30},
    ],
)
def test_numbers_and_days_beyond_any_plant_are_refused_and_break_nothing(ask: Asking, fields: dict[str, object]):
    with pytest.raises(ForgecastError):
        ask(DOOR["rows"], **fields)
