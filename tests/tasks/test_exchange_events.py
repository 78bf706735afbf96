"""Exchange between plants: what one tells the other holds, through the gate every file goes through."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from forgecast.gateway.epcis.check import check_document
from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Severity
from forgecast.plant.identifier import IdentifierError
from forgecast.plant.record import records
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.export_events import export_events
from forgecast.tasks.import_events import import_events
from forgecast.tasks.import_files import import_files
from forgecast.tasks.label_pieces import name_pieces
from tests.gateway.epcis.gs1_schema import breaches
from tests.tasks.making import made_plant

BASE = "https://id.foundry.example"
GTIN = "05412345000013"
CREATED = 1_770_000_000_000_000
SITE = "id,name,gs1_prefix,gln,identifier_prefix\nS1,Foundry,5412345,0614141073467,88.118.20"
TABLES = {
    "site": SITE,
    "product": f"id,name,gtin,mass (kg)\nBOSS,轴承座,{GTIN},12.5\nRING,ring,,3",
    "lot": "id,material,received_at,mass (kg),price_per_t (元)\nL1,steel_scrap,2025-03-01 08:00,5000,2600",
    "charge_item": "heat,number,material,lot,mass (kg)\nH1,1,steel_scrap,L1,1500\nH2,1,steel_scrap,L1,1500",
    "heat": (
        "id,tapped_at,furnace,mass (kg),tap_temperature_degC (°C)\n"
        "H1,2025-03-03 08:00,F1,1400,1610\nH2,2025-03-03 08:06,F2,1400,1605"
    ),
    "ladle": "id,vessel,heat,filled_at,mass (kg)\nK1,A,H1,2025-03-03 08:05,900\nK2,B,H2,2025-03-03 08:08,900",
    "mould": "id,line,poured_at\nM1,L,2025-03-03 08:15",
    "piece": (
        "id,product,made_at,heat,ladle,mould,count,mass (kg)\n"
        "P1,BOSS,2025-03-03 08:10,H1,K1,,,12.4\nP2,BOSS,2025-03-03 08:12,H1,K1,,,12.4\n"
        "B1,BOSS,2025-03-03 08:15,,,M1,4,\nR1,RING,2025-03-03 09:10,H2,K2,,,3"
    ),
    "heat_treatment": (
        "id,process,started_at,ended_at\nHT1,normalising,2025-03-04 08:00,2025-03-04 14:00"
    ),
    "heat_treatment_load": "heat_treatment,piece,count\nHT1,P1,\nHT1,R1,",
    "inspection": (
        "id,piece,inspected_at,kind,result\nI1,P1,2025-03-05 08:00,ultrasonic,good\nI2,R1,2025-03-05 08:00,visual,good"
    ),
    "disposition": (
        "subject,subject_id,decided_at,decision,decided_by\nlot,L1,2025-03-01 09:00,release,QA\n"
        "heat,H1,2025-03-03 12:00,release,QA\nheat_treatment,HT1,2025-03-05 09:00,release,QA\n"
        "piece,P1,2025-03-05 10:00,release,QA"
    ),
    "shipment": "id,customer,shipped_at,order\nD1,ACME,2025-03-06 10:00,PO7",
    "shipment_item": "shipment,piece,count\nD1,P1,",
}  # fmt: skip


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_plant(tmp_path_factory.mktemp("works") / "works", TABLES)


@pytest.fixture
def opened(plant: Path) -> Iterator[PlantFolder]:
    with PlantFolder.open(plant) as there:
        yield there


def empty(folder: Path, **more: str) -> PlantFolder:
    """Return a plant that knows its site only (as the other side does), open."""
    return PlantFolder.open(made_plant(folder, {"site": SITE, **more}))


def events(plant: PlantFolder, **more: Any) -> list[dict[str, Any]]:
    return export_events(plant, **{"base": BASE, "created": CREATED} | more).document["epcisBody"]["eventList"]  # type: ignore[index,no-any-return]


def written(plant: PlantFolder, path: Path, **more: Any) -> Path:
    made = export_events(plant, **{"base": BASE, "created": CREATED} | more).document
    path.write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
    return path


def told_of(told: list[dict[str, Any]], record: str) -> set[str]:
    return {
        row.get("forgecast:id") or row.get("forgecast:piece")
        for event in told
        for row in event.get("forgecast:rows", [])
        if row["forgecast:record"] == record
    }


def test_an_empty_plant_that_reads_the_document_tells_the_same_events(opened, tmp_path):
    path = written(opened, tmp_path / "all.jsonld")
    assert breaches(json.loads(path.read_bytes())) == []
    assert check_document(path.read_bytes(), path.name) == ()
    with empty(tmp_path / "other") as other:
        report = import_events(other, path, base=BASE)
        assert [one for one in report.findings if one.severity != Severity.NOTE] == []
        assert events(other) == events(opened)
        for name in records():
            mine = [row.values for row in opened.records.read(name)]
            theirs = [row.values for row in other.records.read(name)]
            assert theirs == [row | ({"price_per_t": None} if name == "lot" else {}) for row in mine], name


def test_a_document_is_not_taken_in_twice(opened, tmp_path):
    path = written(opened, tmp_path / "all.jsonld")
    with empty(tmp_path / "other") as other:
        first = import_events(other, path, base=BASE)
        second = import_events(other, path, base=BASE)
        third = import_events(other, path, base=BASE, again=True)
    assert sum(one.new for one in first.fed) > 20
    assert second.already_in
    assert sum(one.new + one.changed for one in third.fed) == 0
    assert first.fed[0].name == "product"


def test_a_batch_between_two_heats_is_told_with_both(opened):
    (batch,) = [e for e in events(opened) if told_of([e], "piece") == {"B1"}]
    possible = {one["forgecast:epcClass"]: one["forgecast:probability"] for one in batch["forgecast:possibleInputs"]}
    assert set(possible) == {f"{BASE}/heat/H1", f"{BASE}/heat/H2"}
    assert sum(possible.values()) == pytest.approx(1.0, abs=2e-6), "rounded to six digits each"
    assert {one["epcClass"] for one in batch["inputQuantityList"]} == set(possible)


def test_the_document_of_a_shipment_has_nothing_of_other_pieces(opened):
    told = events(opened, shipment="D1")
    assert told_of(told, "piece") == {"P1"}
    assert told_of(told, "shipment") == {"D1"}
    assert told_of(told, "heat") == {"H1"}
    assert told_of(told, "lot") == {"L1"}
    assert told_of(told, "heat_treatment_load") == {"P1"}
    assert told_of(told, "inspection") == {"I1"}
    words = json.dumps(told)
    assert "R1" not in words
    assert "H2" not in words
    assert "2600" not in words


def test_the_document_of_a_piece_goes_back_to_its_lot(opened):
    told = events(opened, piece="R1")
    assert told_of(told, "piece") == {"R1"}
    assert told_of(told, "heat") == {"H2"}
    assert told_of(told, "lot") == {"L1"}


def test_a_corrected_heat_is_told_with_what_was_in_error(tmp_path):
    folder = made_plant(tmp_path / "works", TABLES)
    path = tmp_path / "heat.csv"
    path.write_text("id,tapped_at,furnace,mass (kg)\nH1,2025-03-03 08:00,F1,1380\n", encoding="utf-8")
    with PlantFolder.open(folder) as opened:
        before = {e["eventID"] for e in events(opened)}
        import_files(opened, [path])
        after = events(opened)
        assert breaches(export_events(opened, base=BASE, created=CREATED).document) == []
    (wrong,) = [e for e in after if "errorDeclaration" in e]
    assert wrong["eventID"] in before
    assert wrong["outputQuantityList"][0]["quantity"] == 1400
    (right,) = [e for e in after if e["eventID"] in wrong["errorDeclaration"]["correctiveEventIDs"]]
    assert right["outputQuantityList"][0]["quantity"] == 1380
    # the other side takes the corrected one and says that one was withdrawn
    whole = {"@context": [], "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2025-04-01T00:00:00Z",
             "epcisBody": {"eventList": after}}  # fmt: skip
    given = tmp_path / "corrected.jsonld"
    given.write_text(json.dumps(whole), encoding="utf-8")
    with empty(tmp_path / "other", product=TABLES["product"]) as other:
        report = import_events(other, given, base=BASE)
        assert "event-withdrawn" in {one.code for one in report.findings}
        assert [row["mass"] for row in other.records.read("heat", id="H1")] == [1380.0]


def test_a_shipment_before_its_release_is_refused_at_the_same_gate(opened, tmp_path):
    kept = [
        event
        for event in events(opened)
        if not any(row["forgecast:record"] == "disposition" for row in event.get("forgecast:rows", []))
    ]
    path = tmp_path / "early.jsonld"
    whole = {"@context": [], "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2025-04-01T00:00:00Z",
             "epcisBody": {"eventList": kept}}  # fmt: skip
    path.write_text(json.dumps(whole), encoding="utf-8")
    with empty(tmp_path / "other", product=TABLES["product"]) as other:
        report = import_events(other, path, base=BASE)
        assert other.records.count("piece") == 4
        assert other.records.count("shipment_item") == 0
    assert "impossible-move" in {one.code for one in report.findings}


def test_what_is_not_said_takes_nothing_away(tmp_path):
    """One event names a heat and the other does not: the heat the plant knows of that piece stays."""
    folder = made_plant(tmp_path / "works", TABLES)
    common = {"eventTime": "2025-03-03T08:10:00+08:00", "eventTimeZoneOffset": "+08:00", "bizStep": "commissioning"}
    named = common | {
        "type": "TransformationEvent", "eventID": "urn:uuid:1", "inputQuantityList": [{"epcClass": f"{BASE}/heat/H1"}],
        "outputEPCList": [f"https://id.gs1.org/01/{GTIN}/21/P9"],
    }  # fmt: skip
    silent = common | {
        "type": "ObjectEvent", "eventID": "urn:uuid:2", "action": "ADD",
        "epcList": [f"https://id.gs1.org/01/{GTIN}/21/P1"],
    }  # fmt: skip
    whole = {"@context": [], "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2025-04-01T00:00:00Z",
             "epcisBody": {"eventList": [named, silent]}}  # fmt: skip
    path = tmp_path / "pieces.jsonld"
    path.write_text(json.dumps(whole), encoding="utf-8")
    with PlantFolder.open(folder) as opened:
        report = import_events(opened, path, base=BASE)
        assert [(one.name, one.new, one.changed, one.same) for one in report.fed] == [("piece", 1, 0, 1)]
        known = {row["id"]: row for row in opened.records.read("piece")}
    assert (known["P1"]["heat"], known["P1"]["mass"]) == ("H1", 12.4)
    assert known["P9"]["heat"] == "H1"


@pytest.mark.parametrize("more", [{"shipment": "D9"}, {"piece": "P9"}, {"site": "S9"}])
def test_what_the_plant_has_not_got_is_an_error(opened, more):
    with pytest.raises(ForgecastError, match="has no row"):
        export_events(opened, base=BASE, **more)


def test_without_an_address_nothing_is_made_up(opened):
    with pytest.raises(IdentifierError, match="no name outside the plant"):
        export_events(opened)


# ---- identifiers of pieces ----


def test_pieces_are_named_as_far_as_the_records_allow(opened):
    boss, ring, batch = name_pieces(opened, ["P1", "R1", "B1"])
    assert boss.link == f"https://id.gs1.org/01/{GTIN}/10/H1/21/P1"
    assert boss.industrial == "88.118.20/P1"
    assert boss.lacking == ()
    assert batch.link == f"https://id.gs1.org/01/{GTIN}/10/B1"
    assert ring.link is None
    assert ring.industrial == "88.118.20/R1"
    (why,) = ring.lacking
    assert why.where == "product.csv:3:gtin"
    assert ring.best(None) == "industrial"


def test_a_shipments_pieces_are_named_once_each(opened):
    assert [one.id for one in name_pieces(opened, ["P2", "P1"], shipment="D1")] == ["P2", "P1"]


def test_without_a_prefix_there_is_no_industrial_identifier(tmp_path):
    folder = made_plant(tmp_path / "bare", {"piece": "id,product,made_at\nP1,BOSS,2025-03-03"})
    with PlantFolder.open(folder) as opened:
        (piece,) = name_pieces(opened, ["P1"])
        assert piece.link is None
        assert piece.industrial is None
        assert len(piece.lacking) == 2
        with pytest.raises(IdentifierError, match="no GTIN"):
            piece.best(None)
        with pytest.raises(IdentifierError, match="industrial internet"):
            piece.best("industrial")


def test_a_site_is_asked_for_where_prefixes_differ(tmp_path):
    site = "id,name,identifier_prefix\nS1,one,88.118.20\nS2,two,88.118.21"
    folder = made_plant(tmp_path / "two", {"site": site, "piece": "id,product,made_at\nP1,BOSS,2025-03-03"})
    with PlantFolder.open(folder) as opened:
        with pytest.raises(ForgecastError, match="different prefixes"):
            name_pieces(opened, ["P1"])
        (piece,) = name_pieces(opened, ["P1"], site="S2")
    assert piece.industrial == "88.118.21/P1"


def test_the_nearest_pieces_are_named_where_there_is_none(opened):
    with pytest.raises(ForgecastError) as caught:
        name_pieces(opened, ["P7"])
    assert "P1" in str(caught.value.repair)
