"""Events out of a plant's rows: what was made of what, what it was packed into, what was found and where it went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from forgecast.gateway.epcis.event import (
    Event,
    Row,
    filled,
    kilograms,
    merged,
    moment,
    own_row,
    quantity,
    temperature,
    when,
)
from forgecast.gateway.epcis.export import EXPORTED, Correction, Export, Parent
from forgecast.gateway.epcis.naming import event_id
from forgecast.gateway.epcis.vocabulary import (
    CONTEXT,
    POSSIBLE,
    PREFIX,
    PROBABILITY,
    ROWS,
    SCHEMA_VERSION,
    SHARE,
    own_word,
)
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import text
from forgecast.plant.identifier import is_batch
from forgecast.plant.record import record
from forgecast.plant.rows import Value

#: A probability from here on is one: it is a sum of rounded numbers.
_SURE: Final = 1.0 - 1e-9
_FOUND: Final = {"good": "conformant", "reject": "non_conformant", "rework": "non_conformant"}
_WORKED: Final = {"welding": "repairing", "packing": "packing"}
_DECIDED: Final = {"release": "available", "concession": "available", "block": "unavailable", "contain": "unavailable"}


def document(export: Export, created: int) -> tuple[dict[str, object], tuple[Finding, ...]]:
    """Return an EPCIS 2.0 document, and findings on what could not be told.

    Parameters
    ----------
    export : Export
    created : int
        When the document is made, microseconds UTC.

    Returns
    -------
    dict
        JSON-LD; the events in order of time.
    tuple of Finding

    Raises
    ------
    IdentifierError
        If something has no name outside the plant.
    """
    writer = _Writer(export)
    events = writer.events()
    made: dict[str, object] = {
        "@context": CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": SCHEMA_VERSION,
        "creationDate": moment(created, export.zone),
    }
    products = [] if export.bare else writer.products()
    if products:
        words = [{"type": "urn:epcglobal:epcis:vtype:EPCClass", "vocabularyElementList": products}]
        made["epcisHeader"] = {"epcisMasterData": {"vocabularyList": words}}
    made["epcisBody"] = {"eventList": events}
    return made, tuple(writer.findings)


class _Writer:
    """Writes the events of one export."""

    def __init__(self, export: Export) -> None:
        self.export, self.naming, self.zone = export, export.naming, export.zone
        self.findings: list[Finding] = []
        self._place = self.naming.location()
        self._uris: dict[str, str] = {}
        self._pieces = {str(row["id"]): row for row in export.rows.get("piece", ())}
        self._by: dict[str, dict[str, list[Row]]] = {
            record_name: _grouped(export.rows.get(record_name, ()), key)
            for record_name, key in (
                ("charge_item", "heat"),
                ("heat_treatment_load", "heat_treatment"),
                ("shipment_item", "shipment"),
            )
        }
        self._of: dict[str, Callable[[Row], Iterator[Event]]] = {
            "lot": self._lot, "heat": self._heat, "sample": self._sample, "melt_temperature": self._melt_temperature,
            "ladle": self._ladle, "treatment": self._treatment, "mould": self._mould, "shot": self._shot,
            "piece": self._piece, "batch_step": self._batch_step, "operation": self._operation,
            "heat_treatment": self._heat_treatment, "inspection": self._inspection,
            "mechanical_test": self._mechanical_test, "disposition": self._disposition, "shipment": self._shipment,
            "certificate": self._certificate,
        }  # fmt: skip

    def events(self) -> list[Event]:
        corrected = defaultdict(list)
        for one in self.export.corrections:
            corrected[one.record, one.key].append(one)
        made: list[tuple[tuple[float, int, int, str, bool], Event]] = []
        for rank, name in enumerate(EXPORTED):
            key = record(name).key
            for row in self.export.rows.get(name, ()):
                now = [_identified(event) for event in self._of[name](row)]
                told = list(enumerate(now))
                for one in corrected.get((name, tuple(row[part] for part in key)), ()):
                    told += enumerate(self._withdrawn(name, one, now))
                # At one time things happen in the order of the works: packed, then shipped.
                made += [
                    ((_instant(event), rank, at, event["eventID"], "errorDeclaration" in event), event)
                    for at, event in told
                ]
        return [event for _, event in sorted(made, key=lambda one: one[0])]

    def _withdrawn(self, name: str, correction: Correction, now: Sequence[Event]) -> Iterator[Event]:
        """Yield the events as they were told before a correction, declared to be in error."""
        row = {one.name: None for one in record(name).fields} | dict(correction.before)
        valid = {event["eventID"] for event in now}
        for event in self._of[name](row):
            told = _identified(event)
            if told["eventID"] in valid:
                continue
            told["errorDeclaration"] = {
                "declarationTime": moment(correction.at, self.zone),
                "reason": "incorrect_data",
                "correctiveEventIDs": sorted(valid),
            }
            yield told

    def products(self) -> list[dict[str, object]]:
        made: list[dict[str, object]] = []
        for row in self.export.rows.get("product", ()):
            told = own_row("product", row, self.zone)
            attributes: list[dict[str, object]] = [{"id": name, "attribute": value} for name, value in told.items()]
            made.append({"id": self.naming.product(str(row["id"])), "attributes": attributes})
        return made

    # ---- what an event is of ----

    def _own(self, name: str, row: Row, more: Mapping[str, Sequence[Row]] | None = None) -> dict[str, object]:
        if self.export.bare:
            return {}
        told = [own_row(name, row, self.zone)]
        told += [own_row(other, one, self.zone) for other, rows in (more or {}).items() for one in rows]
        return {ROWS: told}

    def _told_elsewhere(self) -> dict[str, object]:
        """Return what marks an event whose rows stand in another one of the same document."""
        return {} if self.export.bare else {ROWS: []}

    def _subject(self, numbers: Mapping[str, Value], count: Value = None, suffix: str = "") -> dict[str, list[object]]:
        """Return EPC list and quantity list of pieces, heats and lots named by their numbers.

        A batch stands in the quantity list with how many of it are meant; metal stands there without an amount.
        """
        epcs: list[object] = []
        amounts: list[object] = []
        for name, number in numbers.items():
            if number is None:
                continue
            if name != "piece":
                amounts.append(quantity(self.naming.thing(name, number), None))
                continue
            row = self._pieces.get(str(number), {"id": str(number)})
            uri = self._uri(row)
            if is_batch(row):
                meant = count if count is not None else row.get("count")
                amounts.append(quantity(uri, float(str(meant))))
            else:
                epcs.append(uri)
        first, second = _LISTS[suffix]
        return {first: epcs, second: amounts}

    def _observed(self, name: str, row: Row, t: Value, step: str, **more: object) -> Iterator[Event]:
        """Yield an ObjectEvent OBSERVE; none, but a finding, where the row has no time."""
        if not isinstance(t, int):
            self._tell_no_time(name, row)
            return
        event = {
            "type": "ObjectEvent",
            **when(t, self.zone),
            "action": "OBSERVE",
            "bizStep": step,
            **self._here(),
            **more,
        }
        made = filled(event) | self._own(name, row)
        if "epcList" not in made and "quantityList" not in made:
            made["epcList"] = []
        yield made

    def _here(self) -> dict[str, object]:
        return {} if self._place is None else {"bizLocation": {"id": self._place}}

    def _at(self, record_name: str, number: Value) -> dict[str, str] | None:
        return None if number is None else {"id": self.naming.thing(record_name, number)}

    def _tell_no_time(self, name: str, row: Row) -> None:
        number = ", ".join(str(row[part]) for part in record(name).key)
        self.findings.append(
            Finding(
                "no-event-time",
                Severity.NOTE,
                Place(name),
                number,
                text("{record} {number} has no time, and an event needs one; it is not told", record=record(name).title,
                     number=number),
                text("record when it happened"),
            )
        )  # fmt: skip

    # ---- metal ----

    def _lot(self, row: Row) -> Iterator[Event]:
        uri = self.naming.thing("lot", row["id"])
        amount = kilograms(uri, row["mass"])
        papers = self._paper("cert", "supplier_certificate", row["certificate"])
        event = {
            "type": "ObjectEvent",
            **when(_time(row["received_at"]), self.zone),
            "action": "ADD",
            "bizStep": "commissioning",
            "disposition": "active",
            **self._here(),
            "quantityList": [amount],
            "bizTransactionList": papers,
            "sourceList": self._party("source", "supplier", row["supplier"]),
        }
        yield filled(event) | self._own("lot", row)

    def _heat(self, row: Row) -> Iterator[Event]:
        t = _time(row["tapped_at"])
        items = self._by["charge_item"].get(str(row["id"]), [])
        event = {
            "type": "TransformationEvent",
            **when(t, self.zone),
            "transformationID": self.naming.thing("melting", row["id"]),
            "bizStep": "creating_class_instance",
            "readPoint": self._at("equipment", row["furnace"]),
            **self._here(),
            "inputQuantityList": merged(self._charged(item) for item in items),
            "outputQuantityList": [kilograms(self.naming.thing("heat", row["id"]), row["mass"])],
            "sensorElementList": temperature(row["tap_temperature_degC"], t, self.zone),
        }
        yield filled(event) | self._own("heat", row, {"charge_item": items})

    def _charged(self, item: Row) -> dict[str, object]:
        named = (("lot", item["lot"]), ("heat", item["from_heat"]), ("material", item["material"]))
        name, number = next((name, number) for name, number in named if number is not None)
        return kilograms(self.naming.thing(name, number), item["mass"])

    def _sample(self, row: Row) -> Iterator[Event]:
        of = self._subject({"heat": row["heat"], "ladle": row["ladle"], "piece": row["piece"]})
        yield from self._observed("sample", row, row["taken_at"], "sampling", **of)

    def _melt_temperature(self, row: Row) -> Iterator[Event]:
        t = _time(row["measured_at"])
        yield from self._observed(
            "melt_temperature",
            row,
            t,
            "sensor_reporting",
            **self._subject({"heat": row["heat"], "ladle": row["ladle"]}),
            readPoint=self._at("place", row["place"]),
            sensorElementList=temperature(row["temperature_degC"], t, self.zone),
        )

    def _ladle(self, row: Row) -> Iterator[Event]:
        t = _time(row["filled_at"])
        amounts = [kilograms(self.naming.thing("ladle", row["id"]), row["mass"])]
        if row["heat"] is not None:
            amounts.append(quantity(self.naming.thing("heat", row["heat"]), None))
        yield from self._observed(
            "ladle", row, t, own_word("filling"), quantityList=amounts,
            sensorElementList=temperature(row["temperature_degC"], t, self.zone),
        )  # fmt: skip

    def _treatment(self, row: Row) -> Iterator[Event]:
        of = self._subject({"heat": row["heat"], "ladle": row["ladle"]})
        t = row["started_at"] if row["started_at"] is not None else row["ended_at"]
        yield from self._observed(
            "treatment", row, t, own_word(str(row["kind"])), **of,
            sensorElementList=temperature(row["temperature_degC"], t, self.zone) if isinstance(t, int) else [],
        )  # fmt: skip

    def _mould(self, row: Row) -> Iterator[Event]:
        t = _time(row["poured_at"])
        amounts = [
            quantity(self.naming.thing(name, row[name]), None) for name in ("ladle", "heat") if row[name] is not None
        ]
        yield from self._observed(
            "mould", row, t, own_word("pouring"), epcList=[self.naming.thing("mould", row["id"])],
            quantityList=amounts, readPoint=self._at("line", row["line"]),
            sensorElementList=temperature(row["pour_temperature_degC"], t, self.zone),
        )  # fmt: skip

    def _shot(self, row: Row) -> Iterator[Event]:
        yield from self._observed(
            "shot", row, row["shot_at"], own_word("casting"), epcList=[self.naming.thing("shot", row["id"])],
            readPoint=self._at("equipment", row["machine"]),
        )  # fmt: skip

    # ---- pieces ----

    def _piece(self, row: Row) -> Iterator[Event]:
        parents = self._parents(row)
        uncertain = len(parents) > 1 or any(parent.probability < _SURE for parent in parents)
        batch = is_batch(row)
        uri = self._uri(row)
        shares = [kilograms(self.naming.thing(p.record, p.number), None if uncertain else row["mass"]) for p in parents]
        made = [quantity(uri, float(str(row["count"])))] if batch else []
        event = {
            "type": "TransformationEvent" if parents else "ObjectEvent",
            **when(_time(row["made_at"]), self.zone),
            "action": None if parents else "ADD",
            "bizStep": "commissioning",
            "disposition": "active",
            **self._here(),
            "inputQuantityList": shares,
            "outputEPCList" if parents else "epcList": [] if batch else [uri],
            "outputQuantityList" if parents else "quantityList": made,
        }
        told = filled(event) | self._own("piece", row)
        if uncertain and not self.export.bare:
            told[POSSIBLE] = [
                {
                    f"{PREFIX}:epcClass": self.naming.thing(p.record, p.number),
                    PROBABILITY: round(p.probability, 6),
                    SHARE: round(p.share, 6),
                }
                for p in parents
            ]
        yield told

    def _parents(self, row: Row) -> list[Parent]:
        """Return what a piece was made of: what the genealogy holds possible, else what its row names."""
        traced = list(self.export.parents.get(str(row["id"]), ()))
        return traced or [Parent(name, str(row[name]), 1.0) for name in ("heat", "lot") if row[name] is not None]

    def _batch_step(self, row: Row) -> Iterator[Event]:
        event = {
            "type": "TransformationEvent",
            **when(_time(row["at"]), self.zone),
            "transformationID": self.naming.thing("batch_step", row["id"]),
            "bizStep": own_word(str(row["kind"])),
            **self._here(),
            **self._subject({"piece": row["from_piece"]}, row["count"], "input"),
            **self._subject({"piece": row["to_piece"]}, row["count"], "output"),
        }
        yield filled(event) | self._own("batch_step", row)

    def _operation(self, row: Row) -> Iterator[Event]:
        kind = str(row["kind"])
        t = row["started_at"] if row["started_at"] is not None else row["ended_at"]
        yield from self._observed(
            "operation", row, t, _WORKED.get(kind, own_word(kind)),
            **self._subject({"piece": row["piece"]}, row["count_in"] or None),
            readPoint=self._at("equipment", row["machine"]),
        )  # fmt: skip

    def _heat_treatment(self, row: Row) -> Iterator[Event]:
        loads = self._by["heat_treatment_load"].get(str(row["id"]), [])
        furnace = self._at("equipment", row["furnace"])
        step = own_word("heat_treating")
        uri = self.naming.thing("heat_treatment", row["id"])
        if not loads:
            yield from self._observed("heat_treatment", row, row["started_at"], step, epcList=[uri], readPoint=furnace)
            return
        event = {
            "type": "AggregationEvent",
            **when(_time(row["started_at"]), self.zone),
            "action": "ADD",
            "parentID": uri,
            **self._children(loads),
            "bizStep": step,
            "readPoint": furnace,
            **self._here(),
        }
        yield filled(event) | self._own("heat_treatment", row, {"heat_treatment_load": loads})
        if isinstance(row["ended_at"], int):
            yield filled(event) | when(row["ended_at"], self.zone) | {"action": "DELETE"} | self._told_elsewhere()

    def _children(self, rows: Sequence[Row]) -> dict[str, object]:
        epcs, amounts = self._listed(rows)
        return {"childEPCs": epcs, "childQuantityList": amounts}

    def _listed(self, rows: Sequence[Row]) -> tuple[list[object], list[object]]:
        epcs: list[object] = []
        amounts: list[object] = []
        for row in rows:
            one = self._subject({"piece": row["piece"]}, row["count"])
            epcs += one["epcList"]
            amounts += one["quantityList"]
        return epcs, amounts

    # ---- what was found and decided ----

    def _inspection(self, row: Row) -> Iterator[Event]:
        of = self._subject(
            {"heat": row["heat"], "heat_treatment": row["heat_treatment"], "piece": row["piece"]}, row["count"]
        )
        yield from self._observed(
            "inspection", row, row["inspected_at"], "inspecting", disposition=_FOUND[str(row["result"])], **of,
            bizTransactionList=self._paper("testres", "inspection", row["id"]),
        )  # fmt: skip

    def _mechanical_test(self, row: Row) -> Iterator[Event]:
        t = row["tested_at"]
        if not isinstance(t, int):
            self._tell_no_time("mechanical_test", row)
            return
        of = self._subject({"heat": row["heat"], "heat_treatment": row["heat_treatment"], "piece": row["piece"]})
        papers = self._paper("testres", "mechanical_test", row["id"])
        yield self._transaction("mechanical_test", row, t, papers, of, "inspecting")

    def _disposition(self, row: Row) -> Iterator[Event]:
        subject = str(row["subject"])
        if subject == "nonconformity":
            return  # a report is no thing that moves; it stays in the plant
        decision = str(row["decision"])
        step = "holding" if decision in ("block", "contain") else own_word(decision)
        yield from self._observed(
            "disposition", row, row["decided_at"], step,
            disposition=_DECIDED.get(decision, own_word(decision)), **self._subject({subject: row["subject_id"]}),
        )  # fmt: skip

    # ---- what left ----

    def _shipment(self, row: Row) -> Iterator[Event]:
        items = self._by["shipment_item"].get(str(row["id"]), [])
        t = _time(row["shipped_at"])
        papers = self._paper("desadv", "shipment", row["id"]) + self._paper("po", "order", row["order"])
        epcs, amounts = self._listed(items)
        if items:
            event = {
                "type": "AggregationEvent",
                **when(t, self.zone),
                "action": "ADD",
                "parentID": self.naming.thing("shipment", row["id"]),
                "childEPCs": epcs,
                "childQuantityList": amounts,
                "bizStep": "packing",
                **self._here(),
                "bizTransactionList": papers,
            }
            yield filled(event) | self._told_elsewhere()
            of = {"epcList": epcs, "quantityList": amounts}
            yield self._transaction(None, row, t, papers, of, "shipping")
        event = {
            "type": "ObjectEvent",
            **when(t, self.zone),
            "action": "OBSERVE",
            "bizStep": "shipping",
            "disposition": "in_transit",
            **self._here(),
            "epcList": [self.naming.thing("shipment", row["id"]), *epcs],
            "quantityList": amounts,
            "bizTransactionList": papers,
            "destinationList": self._party("destination", "customer", row["customer"]),
        }
        yield filled(event) | self._own("shipment", row, {"shipment_item": items})

    def _certificate(self, row: Row) -> Iterator[Event]:
        items = self._by["shipment_item"].get(str(row["shipment"]), [])
        epcs, amounts = self._listed(items)
        papers = self._paper("cert", "certificate", row["id"]) + self._paper("desadv", "shipment", row["shipment"])
        of = {"epcList": epcs, "quantityList": amounts}
        yield self._transaction("certificate", row, _time(row["issued_at"]), papers, of, "")

    def _transaction(
        self, name: str | None, row: Row, t: int, papers: list[object], of: Mapping[str, list[object]], step: str
    ) -> Event:
        event = {
            "type": "TransactionEvent",
            **when(t, self.zone),
            "action": "ADD",
            "bizTransactionList": papers,
            "bizStep": step,
            **self._here(),
            **of,
        }
        made = filled(event) | (self._own(name, row) if name else self._told_elsewhere())
        if "epcList" not in made and "quantityList" not in made:
            made["epcList"] = []
        return made

    def _uri(self, row: Row) -> str:
        number = str(row["id"])
        if number not in self._uris:
            self._uris[number] = self.naming.piece(row)
        return self._uris[number]

    def _paper(self, kind: str, record_name: str, number: Value) -> list[object]:
        return [] if number is None else [{"type": kind, "bizTransaction": self.naming.thing(record_name, number)}]

    def _party(self, field_name: str, record_name: str, number: Value) -> list[object]:
        if number is None:
            return []
        return [{"type": "possessing_party", field_name: self.naming.thing(record_name, number)}]


#: EPC list and quantity list of each kind of mention.
_LISTS: Final = {
    "": ("epcList", "quantityList"),
    "input": ("inputEPCList", "inputQuantityList"),
    "output": ("outputEPCList", "outputQuantityList"),
}


def _grouped(rows: Sequence[Row], key: str) -> dict[str, list[Row]]:
    made: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        made[str(row[key])].append(row)
    return made


def _identified(event: Event) -> Event:
    return {**event, "eventID": event_id(event)}


def _instant(event: Event) -> float:
    return datetime.fromisoformat(event["eventTime"]).timestamp()


def _time(value: Value) -> int:
    assert isinstance(value, int)  # noqa: S101  (the store keeps no row without a required field)
    return value
