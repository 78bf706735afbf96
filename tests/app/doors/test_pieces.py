"""Doors of the pieces: whatever has a number is found, traced, recalled, certified, labelled and told to others."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from forgecast.app.doors.pieces import DOORS
from forgecast.ground.errors import ForgecastError
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.recall_pieces import recall_pieces
from forgecast.tasks.trace_piece import trace
from tests.app.doors.calls import Asking

DOOR = {door.name: door for door in DOORS}
SHIPMENT = "D25-004"


@pytest.fixture(scope="module")
def ask(sample_plant: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with PlantFolder.open(sample_plant) as plant:
        yield Asking(plant, tmp_path_factory.mktemp("asked"))


@pytest.fixture
def change(sample_plant: Path, tmp_path: Path) -> Iterator[Asking]:
    own = shutil.copytree(sample_plant, tmp_path / "plant")
    with PlantFolder.open(own) as plant:
        yield Asking(plant, tmp_path / "asked")


@pytest.mark.parametrize("kind", ["heat", "ladle", "mould", "piece", "lot", "shipment", "sample", "heat_treatment"])
def test_whatever_has_this_very_number_stands_first(ask: Asking, kind: str):
    number = str(ask.plant.records.read(kind)[-1]["id"])
    first = ask(DOOR["search"], words=f" {number.lower() if kind == 'lot' else number} ")["found"][0]
    assert (first["kind"], first["id"], first["exact"]) == (kind, number, True)


def test_an_order_leads_to_its_shipment(ask: Asking):
    shipment = ask.plant.records.read("shipment", id=SHIPMENT)[0]
    found = ask(DOOR["search"], words=str(shipment["order"]))["found"]
    assert ("shipment", SHIPMENT) in {(one["kind"], one["id"]) for one in found}


def test_a_wildcard_is_only_a_letter(ask: Asking):
    assert ask(DOOR["search"], words="V25%1")["found"] == []


def test_the_picture_shows_the_trace_of_the_task(ask: Asking):
    piece = str(ask.plant.records.read("piece")[-1]["id"])
    told = ask(DOOR["trace"], kind="piece", id=piece)
    other = trace(ask.plant, "piece", piece)
    assert {(one["kind"], one["id"]) for one in told["kin"]} == {(one.kind, one.name) for one in other.kin}
    drawn = told["picture"]
    assert {name for box in drawn["boxes"] for name in box["names"]} == {piece, *(one.name for one in other.kin)}
    assert [box["names"] for box in drawn["boxes"] if box["subject"]] == [[piece]]
    places = {(box["x"], box["y"]) for box in drawn["boxes"]}
    assert len(places) == len(drawn["boxes"]), "two boxes on one place hide each other"


def test_a_recall_counts_as_the_task_does(ask: Asking):
    heat = str(ask.plant.records.read("piece")[-1]["heat"])
    told = ask(DOOR["recall"], kind="heat", id=heat)
    other = recall_pieces(ask.plant, "heat", heat)
    assert told["pieces"]["possible"] == other.figures.possible > 0
    assert sum(place["pieces"] for place in told["where"].values()) == told["pieces"]["possible"]
    table = ask(DOOR["recall-table"], kind="heat", id=heat, form="csv")
    lines = (ask.files / table["file"]).read_text("utf-8-sig").splitlines()
    assert len(lines) == 1 + table["rows"] == 1 + len(told["units"])


def test_a_recall_begins_somewhere(ask: Asking):
    with pytest.raises(ForgecastError, match="begins at a subject"):
        ask(DOOR["recall"])


def test_a_certificate_is_signed_by_whoever_asks_and_stands_any_test(change: Asking):
    with pytest.raises(ForgecastError, match="no key"):
        change(DOOR["issue-certificate"], shipment=SHIPMENT, type="2.1")
    made = change(DOOR["make-key"])
    assert change(DOOR["key"])["key_id"] == made["key_id"]
    issued = change(DOOR["issue-certificate"], shipment=SHIPMENT, type="2.1")["issued"][0]
    assert change.plant.records.read("certificate", id=issued["number"])[0]["issued_by"] == "A. Tester"
    for name in (issued["pdf_file"], issued["jws_file"]):
        shutil.copy(change.files / name, change.folder / name)
    both = [issued["pdf_file"], issued["jws_file"]]
    assert change(DOOR["verify-certificate"], uploads=both)["unchanged"]
    pdf = bytearray((change.folder / issued["pdf_file"]).read_bytes())
    pdf[len(pdf) // 2] ^= 1
    (change.folder / issued["pdf_file"]).write_bytes(pdf)
    told = change(DOOR["verify-certificate"], uploads=both)
    assert not told["unchanged"]
    assert told["why_not"]["where"] == issued["pdf_file"]


def test_only_a_named_representative_signs_a_3_1(change: Asking):
    change(DOOR["make-key"])
    with pytest.raises(ForgecastError, match=r"A\. Tester is not named"):
        change(DOOR["issue-certificate"], shipment=SHIPMENT, type="3.1")
    assert change.plant.records.count("certificate") == 0


def test_a_key_is_never_written_over(change: Asking):
    change(DOOR["make-key"])
    with pytest.raises(ForgecastError):
        change(DOOR["make-key"])


def test_labels_carry_what_the_identifiers_say(ask: Asking):
    piece = str(ask.plant.records.read("piece")[-1]["id"])
    named = ask(DOOR["identifiers"], pieces=[piece])["pieces"]
    drawn = ask(DOOR["labels"], pieces=[piece], form="svg")
    assert drawn["pieces"] == named
    assert (ask.files / drawn["files"][0]).read_text("utf-8").startswith("<svg")
    sheet = ask(DOOR["labels"], pieces=[piece], form="pdf", symbol="datamatrix")
    assert (ask.files / sheet["files"][0]).read_bytes()[:4] == b"%PDF"


def test_events_of_a_piece_are_told_and_found_sound(ask: Asking):
    piece = str(ask.plant.records.read("shipment_item")[0]["piece"])
    told = ask(DOOR["export-events"], piece=piece, base="https://id.foundry.example")
    document = json.loads((ask.files / told["file"]).read_text("utf-8"))
    assert len(document["epcisBody"]["eventList"]) == sum(told["events"].values())
    shutil.copy(ask.files / told["file"], ask.folder / "events.jsonld")
    checked = ask(DOOR["check-events"], upload="events.jsonld")
    assert checked["sound"]
    assert checked["events"] == sum(told["events"].values())


def test_values_are_checked_against_a_grade(ask: Asking):
    told = ask(DOOR["grade-check"], name="QT500-7", values=["Rm=480±8", "A=8.4±0.6"])
    judged = {one["rule"]: one["word"] for one in told["judged"]}
    assert judged["Rm"] == "not met"
    assert told["word"] == "not met"
    with pytest.raises(ForgecastError, match="no value"):
        ask(DOOR["grade-check"], name="QT500-7", values=["Rm=strong"])
    with pytest.raises(ForgecastError, match="nothing to check"):
        ask(DOOR["grade-check"], name="QT500-7")


def test_a_grade_tells_every_rule_with_how_well_it_is_known(ask: Asking):
    told = ask(DOOR["grade"], name="QT500-7")
    line = next(one for one in ask(DOOR["grades"], standard="GB/T 1348")["grades"] if one["grade"] == "QT500-7")
    assert line["rules"] == len(told["requirements"])
    assert line["deciding"] == sum(one["decides"] for one in told["requirements"])
    assert all(one["known"]["zh"] for one in told["requirements"])
