"""Doors of the rules: what they answer is what the tasks say, in slices that stay small."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from forgecast.app.doors.rules import DOORS
from forgecast.app.doors.rules.kept import NotAssessedError
from forgecast.ground.errors import ForgecastError
from forgecast.rules.shelf import packaged_books
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.assess_plant import assess_plant
from forgecast.tasks.assessment import Assessment
from forgecast.tasks.fill_book import book_of_plant, open_entries
from tests.app.doors.calls import Asking

DOOR = {door.name: door for door in DOORS}


@pytest.fixture(scope="module")
def plant(sample_plant: Path) -> Iterator[PlantFolder]:
    with PlantFolder.open(sample_plant) as opened:
        yield opened


@pytest.fixture(scope="module")
def ask(plant: PlantFolder, tmp_path_factory: pytest.TempPathFactory) -> Asking:
    asking = Asking(plant, tmp_path_factory.mktemp("asked"))
    asking(DOOR["assessment"])
    return asking


@pytest.fixture(scope="module")
def assessment(plant: PlantFolder) -> Assessment:
    return assess_plant(plant)


def test_a_slice_of_what_was_never_worked_out_says_what_to_ask_first(plant: PlantFolder, tmp_path: Path):
    with pytest.raises(NotAssessedError) as raised:
        Asking(plant, tmp_path)(DOOR["summary"])
    assert raised.value.status == 409
    assert "rules/assessment" in raised.value.repair.say("en")


def test_the_summary_counts_the_verdicts_of_the_task(ask: Asking, assessment: Assessment):
    told = ask(DOOR["summary"])
    assert told["words"] == Counter(str(one.word) for one in assessment.verdicts)
    assert sum(sum(words.values()) for words in told["forces"].values()) == len(assessment.verdicts)
    assert {one["id"] for one in told["books"]} == {one.book for one in assessment.verdicts}
    assert told["at"] == assessment.at.isoformat()


def test_what_settles_most_by_itself_comes_first(ask: Asking, assessment: Assessment):
    entries = ask(DOOR["summary"])["settle"]
    first = entries[0]
    waiting = [v for v in assessment.verdicts if any(m.say("en") == first["record"]["en"] for m in v.missing)]
    assert first["waiting"] == len([v for v in waiting if str(v.word) == "not known"])
    named = [one["alone"] for one in entries if one["record"]]
    assert named == sorted(named, reverse=True)


def test_verdicts_come_page_by_page_each_once_and_the_worst_first(ask: Asking, assessment: Assessment):
    seen, after = [], ""
    while True:
        page = ask(DOOR["verdicts"], limit=300, after=after)
        seen += page["rows"]
        if page["next"] is None:
            break
        after = page["next"]
    assert Counter(one["id"] for one in seen) == Counter(one.id for one in assessment.verdicts)
    words = [one["word"] for one in seen]
    assert words == sorted(words, key=["not met", "partly", "not known", "met", "not applicable"].index)
    not_met = [one for one in seen if one["word"] == "not met"]
    forces = [one["force"] for one in not_met]
    assert forces == sorted(forces, key=["duty", "goal", "advice"].index)


def test_filters_leave_what_fits_all_of_them(ask: Asking, assessment: Assessment):
    told = ask(DOOR["verdicts"], word=["met", "not met"], book=["gb_39726_2020"], force=["duty"], limit=1000)
    wanted = {
        one.id
        for one in assessment.verdicts
        if str(one.word) in {"met", "not met"} and one.book == "gb_39726_2020" and str(one.force) == "duty"
    }
    assert wanted
    assert {one["id"] for one in told["rows"]} == wanted
    subject = next(iter(wanted)).rpartition("/")[2]
    assert {one["subject"]["id"] for one in ask(DOOR["verdicts"], subject=subject)["rows"]} == {subject}
    assert all("冲天炉" in one["title"]["zh"] for one in ask(DOOR["verdicts"], search="冲天炉颗粒物")["rows"])


def test_a_cursor_that_is_none_is_refused(ask: Asking):
    with pytest.raises(ForgecastError, match="no place in the list"):
        ask(DOOR["verdicts"], after="x1")


def test_one_verdict_has_the_tree_of_the_task(ask: Asking, assessment: Assessment):
    one = next(v for v in assessment.verdicts if str(v.word) == "met" and v.figure_name)
    told = ask(DOOR["verdict"], id=one.id)
    assert told["verdict"] == json.loads(json.dumps(one.as_json()))
    assert all(other["book"] == one.book and other["id"] != one.id for other in told["others"])
    with pytest.raises(ForgecastError, match="no verdict is named"):
        ask(DOOR["verdict"], id=f"{one.id}x")


def test_hours_over_a_limit_are_drawn_where_there_are_some(ask: Asking, assessment: Assessment):
    curve = next((c for c in assessment.curves if any(v.id == c.id for v in assessment.verdicts)), None)
    assert curve is not None, "the sample plant has a stack over its limit"
    told = ask(DOOR["curve"], id=curve.id)
    assert len(told["times"]) == len(told["series"][0]["values"]) == len(curve.values)
    assert told["times"][1] - told["times"][0] == 3_600_000
    assert told["limits"][0]["value"] == curve.limit
    quiet = next(v for v in assessment.verdicts if not v.hours_over)
    assert ask(DOOR["curve"], id=quiet.id)["series"] == []


def test_an_older_assessment_says_that_it_is_older(ask: Asking):
    ask.fresh = False
    try:
        assert ask(DOOR["summary"])["fresh"] is False
    finally:
        ask.fresh = True


def test_slices_are_small(ask: Asking):
    whole = len(json.dumps(ask(DOOR["assessment"])))
    for name, question in (("summary", {}), ("verdicts", {"limit": 100}), ("figures", {})):
        assert len(json.dumps(ask(DOOR[name], **question))) < whole / 10


def test_every_book_is_listed_with_its_numbers_and_sources(ask: Asking, plant: PlantFolder):
    rows = {one["id"]: one for one in ask(DOOR["books"])["books"]}
    for book in packaged_books():
        row = rows[book.id]
        assert row["requirements"] == len(book.requirements)
        assert row["open"] == len(open_entries(book_of_plant(plant, book.id)))
        numbers = sum(len(one.values) for one in book.requirements) + len(book.parameters)
        assert sum(row["known"].values()) == numbers
        assert row["sources"]
    assert not any(one["own"] for one in rows.values())


def test_a_book_tells_which_numbers_decide(ask: Asking):
    told = ask(DOOR["book"], book="gb_39726_2020")
    values = [value for one in told["requirements"] for value in one["values"]]
    assert {value["confidence"] for value in values} <= {"primary", "secondary", "unverified"}
    assert all(not value["decides"] for value in values if value["confidence"] == "unverified")
    with pytest.raises(ForgecastError, match="no rulebook named"):
        ask(DOOR["book"], book="no_such_book")


def test_what_is_read_in_ones_own_copy_decides_from_then_on(sample_plant: Path, tmp_path: Path):
    shutil.copytree(sample_plant, tmp_path / "plant")
    with PlantFolder.open(tmp_path / "plant") as plant:
        asking = Asking(plant, tmp_path / "asked")
        book = "permit_duties"
        entry = next(one for one in asking(DOOR["open"], book=book)["open"] if one["value"] is not None)
        given = {"book": book, "name": entry["name"], "clause": "7.1", "source": "printed copy, edition of 2020"}
        left = asking(DOOR["fill"], **given)["open"]
        assert entry["name"] not in {one["name"] for one in left}
        assert entry["name"] not in {one["name"] for one in asking(DOOR["open"], book=book)["open"]}
        with pytest.raises(ForgecastError, match="nothing named"):
            asking(DOOR["fill"], **given)


def test_clause_and_source_are_asked_for():
    with pytest.raises(ValueError, match="clause"):
        DOOR["fill"].asks(book="permit_duties", name="x", clause="", source="s")


def test_a_cupola_that_became_a_furnace_changes_its_verdicts(ask: Asking, assessment: Assessment):
    stack = next(
        v.subject_id for v in assessment.verdicts if v.requirement == "pm_cupola" and str(v.word) != "not applicable"
    )
    told = ask(DOOR["what-if"], supposed=[f"{stack}.furnace=induction_furnace"])
    changed = {one["id"]: one for one in told["changes"]}
    assert changed[f"gb_39726_2020/pm_cupola/{stack}"]["after"]["word"] == "not applicable"
    choices = ask(DOOR["what-if-choices"])["subjects"]
    fact = next(f for s in choices if s["id"] == stack for f in s["facts"] if f["field"] == "furnace")
    assert fact["value"] == "cupola"
    assert "induction_furnace" in {one["code"] for one in fact["choices"]}


def test_ways_to_pass_are_told_for_what_is_not_met_only(ask: Asking, assessment: Assessment):
    wrong = next(v for v in assessment.verdicts if str(v.word) == "not met" and v.figure_value is not None)
    right = next(v for v in assessment.verdicts if str(v.word) == "met")
    assert ask(DOOR["ways"], id=wrong.id)["ways"]["verdict"] == wrong.id
    assert ask(DOOR["ways"], id=right.id)["ways"] is None


def test_the_same_facts_give_the_same_bytes(ask: Asking, assessment: Assessment):
    told = ask(DOOR["replay"])
    assert told["same"]
    assert told["verdicts"] == len(assessment.verdicts)
    assert told["sha256"] == told["sha256_again"]


def test_two_days_are_compared(ask: Asking, assessment: Assessment):
    told = ask(DOOR["compare"], before="2025-06-30")
    assert told["before"]["at"] == "2025-06-30"
    assert told["after"]["at"] == assessment.at.isoformat()
    assert told["same"] + len(told["verdicts"]) >= len(assessment.verdicts)


@pytest.mark.parametrize(("name", "question", "begins"), [
    ("report", {"form": "html"}, b"<!"),
    ("oscal", {}, b"{"),
])  # fmt: skip
def test_files_to_take_along_are_left(ask: Asking, name: str, question: dict[str, str], begins: bytes):
    (made,) = ask(DOOR[name], **question)["files"]
    assert (ask.files / made).read_bytes().lstrip()[: len(begins)].lower() == begins.lower()
