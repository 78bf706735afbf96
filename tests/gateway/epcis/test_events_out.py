"""Events written: GS1's own schema passes every kind of them, and they say what the rows say."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings

from forgecast.gateway.epcis import vocabulary
from forgecast.gateway.epcis.check import check_document
from forgecast.gateway.epcis.export import EXPORTED, Correction, Parent
from forgecast.gateway.epcis.write import document
from forgecast.plant.identifier import IdentifierError
from tests.gateway.epcis.gs1_schema import breaches, gs1_schema
from tests.gateway.epcis.made_rows import BASE, GTIN, HOUR, PARENTS, T, any_works, as_bytes, export, naming, row, works

P1 = f"https://id.gs1.org/01/{GTIN}/21/P1"
B1 = f"https://id.gs1.org/01/{GTIN}/10/B1"


def told(**more: Any) -> list[dict[str, Any]]:
    made, _ = document(export(**more), T + 20 * HOUR)
    return made["epcisBody"]["eventList"]  # type: ignore[index,no-any-return]


def of(record_name: str, events: list[dict[str, Any]], number: str = "") -> list[dict[str, Any]]:
    """Return the events that carry a row of a record."""
    return [
        event
        for event in events
        for one in event.get("forgecast:rows", [])
        if one["forgecast:record"] == record_name and (not number or one.get("forgecast:id") == number)
    ]


@pytest.mark.parametrize("bare", [False, True])
def test_gs1s_schema_passes_every_kind_of_event(bare):
    made, findings = document(export(bare=bare), T + 20 * HOUR)
    kinds = {event["type"] for event in made["epcisBody"]["eventList"]}
    assert kinds == {"ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent"}
    assert findings == ()
    assert breaches(made) == []
    assert check_document(as_bytes(made), "made.jsonld") == ()


def test_every_record_that_is_told_of_has_an_event():
    events = told()
    assert [name for name in EXPORTED if not of(name, events)] == []


@given(any_works())
@settings(max_examples=10)
def test_gs1s_schema_passes_whatever_the_rows_say(rows):
    made, _ = document(export(rows, naming=naming(gtins=_gtins(rows)), parents={}), T)
    assert breaches(made) == []
    assert check_document(as_bytes(made), "made.jsonld") == ()


def _gtins(rows: dict[str, list[dict[str, Any]]]) -> dict[str, str]:
    return {one["id"]: one["gtin"] for one in rows["product"] if one["gtin"]}


_BROKEN = [
    ("no time", lambda e: e.pop("eventTime")),
    ("a time without an offset", lambda e: e.update(eventTime="2025-03-03T19:06:40")),
    ("an offset that cannot be", lambda e: e.update(eventTimeZoneOffset="+15:00")),
    ("a step nobody knows", lambda e: e.update(bizStep="melting")),
    ("a step coined in GS1's namespace", lambda e: e.update(bizStep="urn:epcglobal:cbv:bizstep:melting")),
    ("a disposition nobody knows", lambda e: e.update(disposition="good")),
    ("a field without a prefix", lambda e: e.update(furnace="F1")),
    ("an EPC that is no URI", lambda e: e.update(epcList=["P 1"])),
    ("an action nobody knows", lambda e: e.update(action="CREATE")),
    ("a unit in small letters", lambda e: e.update(quantityList=[{"epcClass": B1, "quantity": 3, "uom": "kg"}])),
    ("a quantity that is a word", lambda e: e.update(quantityList=[{"epcClass": B1, "quantity": "three"}])),
    ("a paper of a type nobody knows", lambda e: e.update(bizTransactionList=[{"type": "x", "bizTransaction": P1}])),
    ("a correction without a time", lambda e: e.update(errorDeclaration={"reason": "incorrect_data"})),
    ("a reading without a type", lambda e: e.update(sensorElementList=[{"sensorReport": [{"value": 3}]}])),
    ("no type", lambda e: e.pop("type")),
]


@pytest.mark.parametrize(("what", "break_it"), _BROKEN, ids=[what for what, _ in _BROKEN])
def test_a_broken_event_fails_gs1s_schema_and_our_check(what, break_it):
    made, _ = document(export(bare=True), T + 20 * HOUR)
    whole = copy.deepcopy(made)
    (inspected,) = [
        event
        for event in whole["epcisBody"]["eventList"]
        if event.get("bizStep") == "inspecting" and event.get("epcList") == [P1]
    ]
    break_it(inspected)
    assert breaches(whole) != [], what
    number = whole["epcisBody"]["eventList"].index(inspected) + 1
    places = {finding.place.row for finding in check_document(as_bytes(whole), "broken.jsonld")}
    assert places == {number}, what


@pytest.mark.parametrize(
    ("kind", "leave_out"),
    [
        ("AggregationEvent", ("childEPCs", "childQuantityList")),
        ("TransactionEvent", ("bizTransactionList",)),
        ("TransactionEvent", ("epcList", "quantityList")),
        ("TransformationEvent", ("transformationID", "inputEPCList", "inputQuantityList")),
        ("ObjectEvent", ("epcList", "quantityList")),
    ],
)
def test_an_event_that_does_not_say_what_it_is_of_fails(kind, leave_out):
    made, _ = document(export(bare=True), T + 20 * HOUR)
    event = next(
        e for e in made["epcisBody"]["eventList"] if e["type"] == kind and "sensorElementList" not in e
        and e.get("action") != "DELETE"
    )  # fmt: skip
    for name in leave_out:
        event.pop(name, None)
    assert breaches(made) != []
    assert check_document(as_bytes(made), "broken.jsonld") != ()


def test_our_words_are_those_of_gs1s_schema():
    words = gs1_schema()["definitions"]

    def listed(name: str) -> set[str]:
        return {word for part in words[name]["anyOf"] for word in part.get("enum", [])}

    assert listed("bizStep") == vocabulary.BIZ_STEPS
    assert listed("disposition") == vocabulary.DISPOSITIONS
    assert listed("bizTransaction-type") == vocabulary.TRANSACTIONS
    assert listed("source-dest-type") == vocabulary.PARTIES
    assert listed("error-reason") == vocabulary.ERROR_REASONS
    assert set(words["action"]["enum"]) == set(vocabulary.ACTIONS)
    for kind in vocabulary.EVENT_TYPES:
        names = {
            word
            for part in words[kind]["allOf"]
            for choice in part.get("propertyNames", {}).get("anyOf", [])
            for word in choice.get("enum", [])
        }
        common = {w for part in words["common-event-properties"]["anyOf"] for w in part.get("enum", [])}
        assert names | common <= vocabulary.FIELDS[kind], kind


# ---- what they say ----


def test_a_charge_becomes_a_heat_with_its_kilograms():
    (heat,) = [
        e for e in told() if e["type"] == "TransformationEvent" and e.get("bizStep") == "creating_class_instance"
    ]
    assert heat["inputQuantityList"] == [
        {"epcClass": f"{BASE}/lot/L1", "quantity": 1500, "uom": "KGM"},
        {"epcClass": f"{BASE}/heat/H0", "quantity": 500.5, "uom": "KGM"},
        {"epcClass": f"{BASE}/material/ferrosilicon", "quantity": 12, "uom": "KGM"},
    ]
    assert heat["outputQuantityList"] == [{"epcClass": f"{BASE}/heat/H1", "quantity": 2000, "uom": "KGM"}]
    (report,) = heat["sensorElementList"][0]["sensorReport"]
    assert report == {"type": "Temperature", "value": 1610.0, "uom": "CEL"}
    assert heat["eventTime"].endswith("+08:00")
    assert heat["eventTimeZoneOffset"] == "+08:00"


def test_a_heat_becomes_a_piece_and_a_piece_of_no_known_heat_is_commissioned():
    events = told()
    (made,) = of("piece", events, "P1")
    assert made["type"] == "TransformationEvent"
    assert made["inputQuantityList"] == [{"epcClass": f"{BASE}/heat/H1", "quantity": 12.4, "uom": "KGM"}]
    assert made["outputEPCList"] == [P1]
    assert "forgecast:possibleInputs" not in made
    (alone,) = of("piece", events, "P2")
    assert (alone["type"], alone["action"], alone["bizStep"]) == ("ObjectEvent", "ADD", "commissioning")


def test_an_uncertain_origin_stays_uncertain():
    (batch,) = of("piece", told(), "B1")
    assert batch["outputQuantityList"] == [{"epcClass": B1, "quantity": 40}]
    # Every candidate is an input, so that a recall misses none; none with an amount, for that is not known.
    assert batch["inputQuantityList"] == [{"epcClass": f"{BASE}/heat/H1"}, {"epcClass": f"{BASE}/heat/H2"}]
    assert [
        (one["forgecast:epcClass"][-2:], one["forgecast:probability"], one["forgecast:share"])
        for one in batch["forgecast:possibleInputs"]
    ] == [("H1", 0.9, 0.88), ("H2", 0.1, 0.1)]


def test_a_furnace_load_is_put_together_and_taken_apart():
    loads = [e for e in told() if e["type"] == "AggregationEvent" and e["parentID"].endswith("HT1")]
    assert [e["action"] for e in loads] == ["ADD", "DELETE"]
    assert loads[0]["childEPCs"] == [P1]
    assert loads[0]["childQuantityList"] == [{"epcClass": B1, "quantity": 39}]


def test_inspections_say_what_was_found_on_how_many():
    good, bad = [e for e in told() if e.get("bizStep") == "inspecting" and e["type"] == "ObjectEvent"]
    assert {good["disposition"], bad["disposition"]} == {"conformant", "non_conformant"}
    of_batch = good if "quantityList" in good else bad
    assert of_batch["disposition"] == "non_conformant"
    assert of_batch["quantityList"] == [{"epcClass": B1, "quantity": 39}]


def test_a_shipment_is_packed_papered_and_shipped():
    events = [e for e in told() if "bizTransactionList" in e]
    papers = {one["type"] for e in events for one in e["bizTransactionList"]}
    assert papers == {"po", "desadv", "cert", "testres"}
    (shipped,) = of("shipment", events, "S1")
    assert shipped["disposition"] == "in_transit"
    assert shipped["epcList"] == [f"{BASE}/shipment/S1", P1]
    assert shipped["quantityList"] == [{"epcClass": B1, "quantity": 38}]
    assert shipped["destinationList"] == [{"type": "possessing_party", "destination": f"{BASE}/customer/ACME"}]


def test_prices_are_not_told():
    assert "2600" not in json.dumps(told())


def test_a_bare_document_has_no_words_of_ours_but_steps():
    events = told(bare=True)
    assert not [name for event in events for name in event if name.startswith("forgecast")]


def test_the_same_rows_give_the_same_events():
    assert told() == told()
    other = works()
    other["heat"][0]["mass"] = 2001.0
    changed = {e["eventID"] for e in told(rows=other)} ^ {e["eventID"] for e in told()}
    assert len(changed) == 2


def test_a_correction_is_declared_with_the_event_that_corrects_it():
    rows = works()
    before = {name: value for name, value in rows["heat"][0].items() if value is not None} | {"mass": 1900.0}
    events = told(rows=rows, corrections=[Correction("heat", ("H1",), T + 12 * HOUR, before)])
    (wrong,) = [e for e in events if "errorDeclaration" in e]
    assert wrong["outputQuantityList"][0]["quantity"] == 1900
    (right,) = [e for e in of("heat", events) if "errorDeclaration" not in e]
    assert wrong["errorDeclaration"]["correctiveEventIDs"] == [right["eventID"]]
    assert wrong["errorDeclaration"]["reason"] == "incorrect_data"
    first = works()
    first["heat"][0]["mass"] = 1900.0
    assert wrong["eventID"] in {e["eventID"] for e in told(rows=first)}, "as it was told before the correction"
    made, _ = document(export(rows, corrections=[Correction("heat", ("H1",), T + 12 * HOUR, before)]), T)
    assert breaches(made) == []


def test_what_has_no_time_is_not_told_but_said():
    rows = {"mechanical_test": [row("mechanical_test", id="M9", heat="H1", Rm_MPa=500.0)]}
    made, findings = document(export(rows), T)
    assert made["epcisBody"]["eventList"] == []
    assert [(one.code, one.value) for one in findings] == [("no-event-time", "M9")]


@pytest.mark.parametrize(
    "more", [{"base": ""}, {"base": "", "gtins": {}}, {"gln": "0614141073468"}, {"gtins": {"BOSS": "05412345000014"}}]
)
def test_a_name_that_the_plant_has_not_got_is_not_made_up(more):
    with pytest.raises(IdentifierError):
        document(export(naming=naming(**more)), T)


def test_with_gtins_and_no_address_a_piece_can_still_be_told():
    rows = {"piece": [row("piece", id="P1", product="BOSS", made_at=T)], "product": works()["product"]}
    made, _ = document(export(rows, naming=naming(base=""), parents={}), T)
    assert made["epcisBody"]["eventList"][0]["epcList"] == [P1]


def test_a_piece_number_that_gs1_does_not_allow_lives_under_the_plants_address():
    rows = {"piece": [row("piece", id="铸件 1", product="BOSS", made_at=T)]}
    (event,) = told(rows=rows, parents={})
    assert event["epcList"] == [f"{BASE}/piece/%E9%93%B8%E4%BB%B6%201"]


def test_a_mixed_ladle_gives_shares_not_amounts():
    rows = {"piece": [row("piece", id="P1", product="BOSS", made_at=T, heat="H1", mass=10.0)]}
    parents = {"P1": (Parent("heat", "H1", 1.0, 0.9), Parent("heat", "H0", 1.0, 0.1))}
    (event,) = told(rows=rows, parents=parents)
    assert [one.get("quantity") for one in event["inputQuantityList"]] == [None, None]
    assert [one["forgecast:share"] for one in event["forgecast:possibleInputs"]] == [0.9, 0.1]
    assert PARENTS
