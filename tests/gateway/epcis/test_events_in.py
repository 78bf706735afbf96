"""Events read: our own give back every row; those of others give what they say, and what has no place is said."""

from __future__ import annotations

import copy
import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forgecast.gateway.epcis.event import WITHHELD
from forgecast.gateway.epcis.foreign import Known
from forgecast.gateway.epcis.naming import Naming, event_id
from forgecast.gateway.epcis.read import ReadEvents, read_events, taken_rows
from forgecast.gateway.epcis.write import document
from forgecast.ground.dates import to_us
from forgecast.ground.errors import ImportRefusedError
from forgecast.ground.finding import Severity
from forgecast.plant.record import record
from tests.gateway.epcis.made_rows import BASE, GTIN, HOUR, ZONE, T, any_works, as_bytes, export, naming, works

NOW = 1_780_000_000_000_000
PO = "http://transaction.acme.example/po/12345678"


def read(content: object, *, base: str = BASE, products: dict[str, str] | None = None) -> ReadEvents:
    said = content if isinstance(content, bytes) else as_bytes(content)
    return read_events(said, "in.jsonld", Known(Naming(base), {GTIN: "BOSS"} if products is None else products))


def rows_in(got: ReadEvents) -> tuple[dict[str, list[dict[str, Any]]], list[str]]:
    """Return the rows by record after the gate every file goes through, and the findings there."""
    made: dict[str, list[dict[str, Any]]] = {}
    found = []
    for rows, findings in taken_rows(got, "in.jsonld", ZONE, NOW):
        empty = dict.fromkeys(field.name for field in record(rows.record).fields)
        made[rows.record] = [
            empty | {name: column[index] for name, column in rows.columns.items()} for index in range(len(rows))
        ]
        found += [f"{one.code} {one.place} {one.value}" for one in findings]
    return made, found


def by_key(name: str, rows: list[dict[str, Any]]) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {tuple(row[part] for part in record(name).key): row for row in rows}


def without_prices(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: None for name in WITHHELD if name in row}


# ---- our own ----


@given(any_works())
@settings(max_examples=30)
def test_every_row_comes_back_as_it_went_out(rows):
    gtins = {one["id"]: one["gtin"] for one in rows["product"] if one["gtin"]}
    made, left = document(export(rows, naming=naming(gtins=gtins), parents={}), T)
    got = read(made)
    back, found = rows_in(got)
    untold = {one.value for one in left}
    for name, some in rows.items():
        expected = {
            key: without_prices(row)
            for key, row in by_key(name, some).items()
            if name in ("product", "lot") or _is_told(name, row, rows, untold)
        }
        assert by_key(name, back.get(name, [])) == expected, (name, found)
    assert got.refused == 0


def _is_told(name: str, row: dict[str, Any], rows: dict[str, list[dict[str, Any]]], untold: set[str]) -> bool:
    """Whether an event tells of a row: it has a time, and what it belongs to is told of."""
    if name == "disposition":
        return bool(row["subject"] != "nonconformity")
    parents = {"charge_item": "heat", "heat_treatment_load": "heat_treatment", "shipment_item": "shipment"}
    if name in parents:
        return row[parents[name]] in {one["id"] for one in rows[parents[name]]}
    times = {"operation": ("started_at", "ended_at"), "treatment": ("started_at", "ended_at"),
             "mechanical_test": ("tested_at",)}.get(name)  # fmt: skip
    told = times is None or any(row[one] is not None for one in times)
    assert told or row["id"] in untold
    return told


@given(any_works())
@settings(max_examples=15)
def test_what_was_read_gives_the_same_events_again(rows):
    # An item of a shipment that is not on record has no event of its own, so it does not come back (`_is_told`); a
    # certificate of that shipment names its piece the first time only.
    shipments = {one["id"] for one in rows["shipment"]}
    rows = {**rows, "shipment_item": [one for one in rows["shipment_item"] if one["shipment"] in shipments]}
    gtins = {one["id"]: one["gtin"] for one in rows["product"] if one["gtin"]}
    first, _ = document(export(rows, naming=naming(gtins=gtins), parents={}), T)
    back, _ = rows_in(read(first))
    again, _ = document(export(back, naming=naming(gtins=gtins), parents={}), T)
    assert again["epcisBody"] == first["epcisBody"]


def test_an_event_that_was_changed_on_its_way_is_refused_and_the_others_are_taken():
    made, _ = document(export(), T + 20 * HOUR)
    events = made["epcisBody"]["eventList"]
    heat = next(e for e in events if e.get("bizStep") == "creating_class_instance")
    heat["outputQuantityList"][0]["quantity"] = 2500
    got = read(made)
    assert "heat" not in got.rows
    assert got.refused == 1
    assert {"changed-event", "event-refused"} <= {one.code for one in got.findings}
    assert len(got.rows["piece"]) == 3


def test_another_prefix_for_our_namespace_is_understood():
    made, _ = document(export(), T)
    said = json.dumps(made, ensure_ascii=False).replace('"forgecast:', '"f:').replace('{"forgecast":', '{"f":')
    assert "forgecast:rows" not in said
    got = read(said.encode())
    assert [one.code for one in got.findings if one.severity == Severity.REFUSED] == []
    assert rows_in(got) == rows_in(read(made))


def test_a_withdrawn_event_is_not_taken():
    made, _ = document(export(), T)
    events = made["epcisBody"]["eventList"]
    lot = next(e for e in events if e["forgecast:rows"] and e["forgecast:rows"][0]["forgecast:record"] == "lot")
    lot["errorDeclaration"] = {"declarationTime": lot["eventTime"], "reason": "did_not_occur"}
    got = read(made)
    assert "lot" not in got.rows
    assert "event-withdrawn" in {one.code for one in got.findings}


def test_what_a_site_says_of_itself_is_not_taken_from_others():
    made, _ = document(export({"lot": works()["lot"]}), T)
    event = made["epcisBody"]["eventList"][0]
    event["forgecast:rows"][0] = {"forgecast:record": "site", "forgecast:id": "S1", "forgecast:name": "x"}
    event["eventID"] = event_id(event)
    got = read(made)
    assert got.rows == {}
    assert [one.code for one in got.findings] == ["record-not-taken"]


# ---- of others ----


def event(kind: str = "ObjectEvent", **more: Any) -> dict[str, Any]:
    base = {
        "type": kind,
        "eventTime": "2025-04-03T20:33:31.116-06:00",
        "eventTimeZoneOffset": "-06:00",
        "eventID": "urn:uuid:1",
    }
    return base | more


def of_others(*events: dict[str, Any]) -> dict[str, Any]:
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2025-04-03T20:33:31Z",
        "epcisBody": {"eventList": list(events)},
    }


LINK = f"https://id.gs1.org/01/{GTIN}/21/2017"
URN = "urn:epc:id:sgtin:5412345.000001.2018"
LOT = f"https://id.gs1.org/01/{GTIN}/10/A7"


def test_pieces_by_link_and_by_urn_are_commissioned():
    quantities = [{"epcClass": LOT, "quantity": 30}]
    got = read(of_others(event(action="ADD", bizStep="commissioning", epcList=[LINK, URN], quantityList=quantities)))
    rows, _ = rows_in(got)
    at = to_us(datetime.fromisoformat("2025-04-03T20:33:31.116-06:00"))
    assert [(one["id"], one["product"], one["made_at"], one["count"]) for one in rows["piece"]] == [
        ("2017", "BOSS", at, None), ("2018", "BOSS", at, None), ("A7", "BOSS", at, 30),
    ]  # fmt: skip
    assert got.findings == []


def test_a_gtin_of_no_product_here_is_said_and_not_made_up():
    got = read(of_others(event(action="ADD", bizStep="commissioning", epcList=[LINK])), products={})
    assert got.rows == {}
    assert [(one.code, one.place.row, one.value) for one in got.findings] == [("unknown-gtin", 1, LINK)]
    assert got.refused == 1


def test_an_inspection_goes_in_with_what_it_does_not_say():
    papers = [{"type": "testres", "bizTransaction": "https://lab.example/report/77"}]
    got = read(of_others(event(action="OBSERVE", bizStep="inspecting", disposition="conformant", epcList=[LINK],
                               bizTransactionList=papers)))  # fmt: skip
    rows, _ = rows_in(got)
    (one,) = rows["inspection"]
    assert (one["id"], one["piece"], one["result"], one["kind"]) == ("https://lab.example/report/77", "2017", "good",
                                                                     "other")  # fmt: skip
    assert [f.code for f in got.findings] == ["kind-not-said"]


def test_a_shipment_goes_in_with_its_items_whichever_event_tells_of_them():
    papers = [
        {"type": "urn:epcglobal:cbv:btt:desadv", "bizTransaction": "urn:epcglobal:cbv:bt:0614141073467:1152"},
        {"type": "po", "bizTransaction": PO},
    ]
    parties = [{"type": "possessing_party", "destination": "https://id.gs1.org/417/0614141073467"}]
    shipped = event(action="OBSERVE", bizStep="urn:epcglobal:cbv:bizstep:shipping", epcList=[LINK],
                    bizTransactionList=papers, destinationList=parties)  # fmt: skip
    packed = event("AggregationEvent", eventID="urn:uuid:2", action="ADD", bizStep="packing", parentID="urn:x:pallet:1",
                   childEPCs=[URN], childQuantityList=[{"epcClass": LOT, "quantity": 3}],
                   bizTransactionList=papers)  # fmt: skip
    rows, _ = rows_in(read(of_others(shipped, packed)))
    (one,) = rows["shipment"]
    number = "urn:epcglobal:cbv:bt:0614141073467:1152"
    assert (one["id"], one["customer"], one["order"]) == (number, "https://id.gs1.org/417/0614141073467", PO)
    assert {(row["shipment"], row["piece"], row["count"]) for row in rows["shipment_item"]} == {
        (number, "2017", None), (number, "2018", None), (number, "A7", 3),
    }  # fmt: skip


def test_what_was_made_of_several_things_is_taken_without_a_choice():
    inputs = [{"epcClass": "urn:epc:class:lgtin:4012345.011111.4444", "quantity": 10, "uom": "KGM"},
              {"epcClass": "urn:epc:class:lgtin:0614141.077777.987", "quantity": 30}]  # fmt: skip
    one = read(of_others(event("TransformationEvent", inputQuantityList=inputs[:1], outputEPCList=[LINK])))
    two = read(of_others(event("TransformationEvent", inputQuantityList=inputs, outputEPCList=[LINK])))
    assert rows_in(one)[0]["piece"][0]["lot"] == "urn:epc:class:lgtin:4012345.011111.4444"
    assert rows_in(two)[0]["piece"][0]["lot"] is None
    assert [f.code for f in two.findings] == ["several-inputs"]


def test_numbers_of_others_are_never_taken_for_ours():
    made, _ = document(export({"piece": works()["piece"][:1]}, bare=True, naming=naming(gtins={}), parents={}), T)
    ours, _ = rows_in(read(made))
    theirs = read(made, base="")
    assert ours["piece"] == [], "a piece without a product is refused by the gate"
    assert [key[0] for key in theirs.rows["piece"]] == [f"{BASE}/piece/P1"]


def test_the_bare_document_of_a_works_gives_what_it_says():
    made, _ = document(export(bare=True), T + 20 * HOUR)
    got = read(made)
    rows, _ = rows_in(got)
    heat = rows["heat"][0]
    assert (heat["id"], heat["mass"], heat["furnace"]) == ("H1", 2000.0, "F1")
    pieces = {one["id"]: one for one in rows["piece"]}
    assert pieces["P1"]["heat"] == "H1"
    assert pieces["B1"]["count"] == 40
    assert {(one["heat_treatment"], one["piece"], one["count"]) for one in rows["heat_treatment_load"]} == {
        ("HT1", "P1", None), ("HT1", "B1", 39),
    }  # fmt: skip
    assert {one["piece"] for one in rows["shipment_item"]} == {"P1", "B1"}
    assert {one["result"] for one in rows["inspection"]} == {"good", "reject"}


def test_nothing_is_lost_silently():
    """Each event of others gives a row or a refused finding at its place, and each field left out is a note."""
    made, _ = document(export(bare=True), T + 20 * HOUR)
    events = made["epcisBody"]["eventList"]
    for number, one in enumerate(events, start=1):
        alone = copy.deepcopy(made)
        alone["epcisBody"]["eventList"] = [one]
        got = read(alone)
        refused = [f for f in got.findings if f.severity == Severity.REFUSED]
        assert got.rows or refused, number
    got = read(of_others(event(action="ADD", bizStep="commissioning", epcList=[LINK], ilmd={"x:y": 1},
                               **{"example:myField": "z"})))  # fmt: skip
    notes = {(f.code, f.place.column) for f in got.findings}
    assert notes == {("field-not-taken", "ilmd"), ("field-not-taken", "example:myField")}


def test_master_data_of_others_are_said():
    made = of_others()
    made["epcisHeader"] = {
        "epcisMasterData": {"vocabularyList": [{"type": "urn:epcglobal:epcis:vtype:Location",
                                                "vocabularyElementList": [{"id": "urn:epc:id:sgln:0037000.00729.0"}]}]}
    }  # fmt: skip
    assert [(f.code, f.value) for f in read(made).findings] == [
        ("master-data-not-taken", "urn:epc:id:sgln:0037000.00729.0")
    ]


def test_two_events_that_differ_on_one_row_are_said():
    first = event(action="ADD", bizStep="commissioning", epcList=[LINK])
    second = event(eventID="urn:uuid:2", action="ADD", bizStep="commissioning", epcList=[LINK]) | {
        "eventTime": "2025-04-04T20:33:31.116-06:00"
    }
    got = read(of_others(first, second))
    assert [(f.code, f.place.row, f.place.column) for f in got.findings] == [("events-differ", 2, "piece.made_at")]


def test_the_answer_to_a_query_and_a_lone_event_are_read():
    one = event(action="ADD", bizStep="commissioning", epcList=[LINK])
    answer = {
        "@context": [], "type": "EPCISQueryDocument", "schemaVersion": "2.0", "creationDate": "2025-04-03T20:33:31Z",
        "epcisBody": {"queryResults": {"queryName": "q", "resultsBody": {"eventList": [one]}}},
    }  # fmt: skip
    for content in (answer, {"@context": [], **one}):
        assert list(read(content).rows) == ["piece"]


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{", b'{"type": "EPCISDocument"}', b'{"type": "Other", "epcisBody": {"eventList": []}}', b"\xff\xfe",
     b'{"type": "EPCISDocument", "type": "EPCISDocument", "epcisBody": {"eventList": []}}',
     b'{"type": "EPCISDocument", "epcisBody": {"eventList": [NaN]}}', b"[" * 100_000],
)  # fmt: skip
def test_what_is_no_document_is_refused(content):
    with pytest.raises(ImportRefusedError) as caught:
        read(content)
    assert caught.value.where == "in.jsonld"


_words = st.text(max_size=8) | st.sampled_from(["ADD", LINK, LOT, "commissioning", "2025-04-03T20:33:31Z", "+08:00"])
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _words,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(_words, below, max_size=3),
    max_leaves=8,
)
_fields = st.dictionaries(
    st.sampled_from(["type", "action", "epcList", "quantityList", "bizStep", "disposition", "eventTime", "eventID",
                     "eventTimeZoneOffset", "bizTransactionList", "sensorElementList", "errorDeclaration", "ilmd",
                     "forgecast:rows", "parentID", "childEPCs", "destinationList", "readPoint",
                     "persistentDisposition"]), _json)  # fmt: skip


@given(_fields, st.sampled_from(["ObjectEvent", "AggregationEvent", "TransformationEvent", "TransactionEvent"]), _json)
@settings(max_examples=300)
def test_no_event_however_broken_brings_the_reader_down(fields, kind, header):
    made = of_others(event(kind, action="ADD") | fields)
    made["epcisHeader"] = header
    got = read(made)
    list(taken_rows(got, "in.jsonld", ZONE, NOW))
    assert got.rows or got.findings
