"""What is wrong with an EPCIS document, with the place of each defect: the schema's rules, and what no schema sees."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from forgecast.gateway.epcis.naming import event_id
from forgecast.gateway.epcis.vocabulary import (
    ACTIONS,
    BIZ_STEPS,
    DISPOSITIONS,
    ERROR_REASONS,
    EVENT_TYPES,
    FIELDS,
    OFFSET,
    PARTIES,
    ROWS,
    TRANSACTIONS,
    UOM,
    is_uri,
    plain_word,
)
from forgecast.ground.errors import ImportRefusedError
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import Text, text
from forgecast.plant.identifier import APPLICATIONS, IdentifierError, read_epc_urn, read_link

_QUANTITIES: Final = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_EPCS: Final = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
_LISTS: Final = (*_QUANTITIES, *_EPCS, "bizTransactionList", "sourceList", "destinationList", "sensorElementList")


def parsed(content: bytes, name: str) -> dict[str, Any]:
    """Return a JSON document.

    Raises
    ------
    ImportRefusedError
        If it is no JSON object, or says a field twice.
    """
    try:
        made = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ImportRefusedError(
            text("the file is no JSON document: {why}", why=str(error)[:200]),
            where=name,
            repair=text("export it anew as EPCIS 2.0 JSON-LD, in UTF-8"),
        ) from None
    if not isinstance(made, dict):
        raise ImportRefusedError(
            text("the file holds no EPCIS document"),
            where=name,
            repair=text("export it anew as EPCIS 2.0 JSON-LD: an EPCISDocument with its eventList"),
        )
    return made


def events_in(document: Mapping[str, Any], name: str) -> list[Any]:
    """Return the events of an EPCISDocument, of an answer to a query, or the one event the document is.

    Raises
    ------
    ImportRefusedError
        If it is none of them.
    """
    kind = plain_word(document.get("type") or document.get("isA"))
    if kind in EVENT_TYPES:
        return [document]
    at: Any = document.get("epcisBody")
    if kind == "EPCISQueryDocument":
        for step in ("queryResults", "resultsBody"):
            at = at.get(step) if isinstance(at, dict) else None
    events = at.get("eventList") if isinstance(at, dict) else None
    if kind not in ("EPCISDocument", "EPCISQueryDocument") or not isinstance(events, list):
        raise ImportRefusedError(
            text("the file holds no EPCIS document"),
            where=name,
            repair=text("export it anew as EPCIS 2.0 JSON-LD: an EPCISDocument with its eventList"),
        )
    return events


def check_document(content: bytes, name: str) -> tuple[Finding, ...]:
    """Return what is wrong with an EPCIS document; empty where nothing is.

    Parameters
    ----------
    content : bytes
    name : str
        Name of the file, for places: ``file:event:field``.

    Raises
    ------
    ImportRefusedError
        If it is no EPCIS document at all.
    """
    document = parsed(content, name)
    events = events_in(document, name)
    check = _Check(name)
    if document not in events:
        check.document(document)
    seen: dict[str, int] = {}
    for number, event in enumerate(events, start=1):
        check.event(number, event)
        said = event.get("eventID") if isinstance(event, dict) else None
        if isinstance(said, str) and "errorDeclaration" not in event and seen.setdefault(said, number) != number:
            check.tell(
                "repeated-event",
                number,
                "eventID",
                said,
                text("another event has the same eventID"),
                text("give each event its own, or leave one of them out"),
                Severity.DOUBTFUL,
            )
    return tuple(check.findings)


def check_event(number: int, event: object, name: str) -> tuple[Finding, ...]:
    """Return what is wrong with one event of a document."""
    check = _Check(name)
    check.event(number, event)
    return tuple(check.findings)


class _Check:
    def __init__(self, name: str) -> None:
        self.name = name
        self.findings: list[Finding] = []

    def tell(
        self,
        code: str,
        number: int | None,
        field: str,
        value: object,
        reason: Text,
        repair: Text,
        severity: Severity = Severity.REFUSED,
    ) -> None:
        shown = "" if value is None else str(value)[:80]
        self.findings.append(Finding(code, severity, Place(self.name, number, None, field), shown, reason, repair))

    def document(self, document: Mapping[str, Any]) -> None:
        for field in ("@context", "schemaVersion", "creationDate"):
            if field not in document:
                self._missing(None, field)
        version = document.get("schemaVersion")
        if version is not None and not str(version).startswith("2"):
            self.tell(
                "other-version",
                None,
                "schemaVersion",
                version,
                text("the document is not of EPCIS 2"),
                text("ask for EPCIS 2.0 JSON-LD"),
            )
        if "creationDate" in document:
            self._time(None, "creationDate", document["creationDate"])

    def event(self, number: int, event: object) -> None:
        if not isinstance(event, dict):
            self.tell("no-event", number, "", event, text("an event must be an object"), _SEE_STANDARD)
            return
        kind = plain_word(event.get("type") or event.get("isA"))
        if kind not in EVENT_TYPES:
            self.tell(
                "unknown-event-type",
                number,
                "type",
                kind,
                text("the kind of event is not known"),
                text("use one of: {names}", names=", ".join(EVENT_TYPES)),
            )
            return
        self._times(number, event)
        self._words(number, event, kind)
        for field in _LISTS:
            if field in event and not isinstance(event[field], list):
                self.tell("no-list", number, field, event[field], text("a list is wanted"), _SEE_STANDARD)
                return
        self._what(number, event, kind)
        self._quantities(number, event)
        self._identifiers(number, event)
        self._papers(number, event)
        self._sensors(number, event)
        self._error(number, event)
        if "ilmd" in event and kind == "ObjectEvent" and event.get("action") != "ADD":
            self.tell(
                "ilmd-not-allowed",
                number,
                "ilmd",
                None,
                text("master data of an instance or lot come with the action ADD only"),
                _SEE_STANDARD,
            )
        if ROWS in event and event.get("eventID") != event_id(event):
            self.tell(
                "changed-event",
                number,
                "eventID",
                event.get("eventID"),
                text("the event was changed after Forgecast wrote it: its identifier does not fit its content"),
                text("ask the sender for the document as it was exported"),
            )

    def _missing(self, number: int | None, field: str) -> None:
        self.tell("missing-field", number, field, None, text("`{field}` is missing", field=field), _SEE_STANDARD)

    def _time(self, number: int | None, field: str, value: object) -> datetime | None:
        try:
            made = datetime.fromisoformat(str(value)) if isinstance(value, str) and "T" in value else None
        except ValueError:
            made = None
        if made is None or made.tzinfo is None:
            self.tell(
                "no-time",
                number,
                field,
                value,
                text("this is no time with an offset from UTC"),
                text("write it as {example}", example="2025-03-03T19:06:40+08:00"),
            )
            return None
        return made

    def _times(self, number: int, event: Mapping[str, Any]) -> None:
        for field in ("eventTime", "eventTimeZoneOffset"):
            if field not in event:
                self._missing(number, field)
        at = self._time(number, "eventTime", event["eventTime"]) if "eventTime" in event else None
        if "recordTime" in event:
            self._time(number, "recordTime", event["recordTime"])
        offset = event.get("eventTimeZoneOffset")
        if offset is None:
            return
        if not isinstance(offset, str) or not OFFSET.fullmatch(offset):
            self.tell(
                "wrong-offset",
                number,
                "eventTimeZoneOffset",
                offset,
                text("this is no offset from UTC"),
                text("write it as {example}", example="+08:00"),
            )
        elif at is not None and at.utcoffset() not in (timedelta(0), _offset(offset)):
            self.tell(
                "other-offset",
                number,
                "eventTimeZoneOffset",
                offset,
                text("the time has another offset than the field that states it"),
                text("find out which one is right; the instant itself is that of eventTime"),
                Severity.DOUBTFUL,
            )

    def _words(self, number: int, event: Mapping[str, Any], kind: str) -> None:
        if kind != "TransformationEvent":
            if "action" not in event:
                self._missing(number, "action")
            elif event["action"] not in ACTIONS:
                self._word(number, "action", event["action"], ACTIONS)
        for field, known in (("bizStep", BIZ_STEPS), ("disposition", DISPOSITIONS)):
            if field in event:
                self._vocabulary(number, field, event[field], known)
        for part, listed in _mapping(event.get("persistentDisposition")).items():
            for one in listed if isinstance(listed, list) else [listed]:
                self._vocabulary(number, f"persistentDisposition.{part}", one, DISPOSITIONS)
        for field in event:
            if field not in FIELDS[kind] and field not in ("isA", "id") and not is_uri(field):
                self.tell(
                    "unknown-field",
                    number,
                    field,
                    None,
                    text("a {kind} has no field `{field}`", kind=kind, field=field),
                    text("fields of one's own carry a prefix of a namespace of one's own"),
                )

    def _vocabulary(self, number: int, field: str, word: object, known: Iterable[str]) -> None:
        plain = plain_word(word)
        if plain not in known and (not is_uri(word) or plain != word):
            self._word(number, field, word, known)

    def _word(self, number: int, field: str, word: object, known: Iterable[str]) -> None:
        self.tell(
            "unknown-word",
            number,
            field,
            word,
            text("{value} is none of the words of `{field}`", value=str(word)[:60], field=field),
            text("use one of: {names}", names=", ".join(sorted(known))),
        )

    def _what(self, number: int, event: Mapping[str, Any], kind: str) -> None:
        """Check that an event says what it is of (ID-13 of the fact sheet: what each kind of event needs)."""

        def has(*fields: str) -> bool:
            return any(event.get(field) for field in fields)

        if kind == "ObjectEvent":
            good = "epcList" in event or has("quantityList") or (has("sensorElementList") and has("readPoint"))
        elif kind in ("AggregationEvent", "AssociationEvent"):
            good = has("childEPCs", "childQuantityList") or event.get("action") == "DELETE"
            if "parentID" not in event and kind == "AssociationEvent":
                self._missing(number, "parentID")
        elif kind == "TransactionEvent":
            good = "epcList" in event or has("quantityList") or event.get("action") == "DELETE"
            if not has("bizTransactionList"):
                self._missing(number, "bizTransactionList")
        else:
            sides = (has("inputEPCList", "inputQuantityList"), has("outputEPCList", "outputQuantityList"))
            good = all(sides) or (any(sides) and has("transformationID"))
        if not good:
            self.tell(
                "no-object",
                number,
                "",
                kind,
                text("the event does not say what it is of"),
                text("list the pieces or quantities concerned"),
            )

    def _quantities(self, number: int, event: Mapping[str, Any]) -> None:
        for field in _QUANTITIES:
            for index, part in enumerate(event.get(field, [])):
                place = f"{field}[{index}]"
                if not isinstance(part, dict) or "epcClass" not in part:
                    self._missing(number, f"{place}.epcClass")
                    continue
                amount, uom = part.get("quantity"), part.get("uom")
                if amount is not None and not _is_amount(amount):
                    self.tell(
                        "no-quantity",
                        number,
                        f"{place}.quantity",
                        amount,
                        text("a quantity must be a number, zero or more"),
                        text("correct the number"),
                    )
                if uom is not None and not (isinstance(uom, str) and UOM.fullmatch(uom)):
                    self.tell(
                        "no-uom",
                        number,
                        f"{place}.uom",
                        uom,
                        text("a unit is two or three capitals or digits of UN/ECE Recommendation 20"),
                        text("write KGM for kilograms"),
                    )

    def _identifiers(self, number: int, event: Mapping[str, Any]) -> None:
        named = [(f"{field}[{i}]", one) for field in _EPCS for i, one in enumerate(event.get(field, []))]
        named += [
            (f"{field}[{i}].epcClass", one["epcClass"])
            for field in _QUANTITIES
            for i, one in enumerate(event.get(field, []))
            if isinstance(one, dict) and "epcClass" in one
        ]
        named += [(field, event[field]) for field in ("parentID", "transformationID", "eventID") if field in event]
        named += [
            (f"{field}.id", _mapping(event[field]).get("id"))
            for field in ("readPoint", "bizLocation")
            if field in event
        ]
        for field, uri in named:
            if not is_uri(uri):
                self.tell(
                    "no-uri",
                    number,
                    field,
                    uri,
                    text("this is no URI"),
                    text("name things by GS1 Digital Link, EPC URN or an address of your own"),
                )
                continue
            problem = _key_problem(str(uri))
            if problem is not None:
                self.tell("wrong-key", number, field, uri, problem.what, problem.repair)

    def _papers(self, number: int, event: Mapping[str, Any]) -> None:
        for field, part_name, known in (
            ("bizTransactionList", "bizTransaction", TRANSACTIONS),
            ("sourceList", "source", PARTIES),
            ("destinationList", "destination", PARTIES),
        ):
            for index, part in enumerate(event.get(field, [])):
                told = _mapping(part)
                if not is_uri(told.get(part_name)):
                    self.tell(
                        "no-uri",
                        number,
                        f"{field}[{index}].{part_name}",
                        told.get(part_name),
                        text("this is no URI"),
                        text("name things by GS1 Digital Link, EPC URN or an address of your own"),
                    )
                if "type" in told:
                    self._vocabulary(number, f"{field}[{index}].type", told["type"], known)
                elif field != "bizTransactionList":
                    self._missing(number, f"{field}[{index}].type")

    def _sensors(self, number: int, event: Mapping[str, Any]) -> None:
        for index, element in enumerate(event.get("sensorElementList", [])):
            reports = _mapping(element).get("sensorReport")
            if not isinstance(reports, list) or not reports:
                self._missing(number, f"sensorElementList[{index}].sensorReport")
                continue
            for at, report in enumerate(reports):
                told, place = _mapping(report), f"sensorElementList[{index}].sensorReport[{at}]"
                if "type" not in told:
                    self._missing(number, f"{place}.type")
                if "value" in told and not _is_amount(told["value"], negative=True):
                    self.tell(
                        "no-quantity",
                        number,
                        f"{place}.value",
                        told["value"],
                        text("a value must be a number"),
                        text("correct the number"),
                    )

    def _error(self, number: int, event: Mapping[str, Any]) -> None:
        if "errorDeclaration" not in event:
            return
        told = _mapping(event["errorDeclaration"])
        if "declarationTime" not in told:
            self._missing(number, "errorDeclaration.declarationTime")
        else:
            self._time(number, "errorDeclaration.declarationTime", told["declarationTime"])
        if "reason" in told:
            self._vocabulary(number, "errorDeclaration.reason", told["reason"], ERROR_REASONS)


_SEE_STANDARD: Final = text("see the EPCIS 2.0 standard; the sender's system has to be corrected")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_amount(value: object, *, negative: bool = False) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and (negative or value >= 0)


def _key_problem(uri: str) -> IdentifierError | None:
    """Return what is wrong with a GS1 key, None where nothing is or the URI is none of GS1's."""
    reader: Callable[[str], object] | None = None
    if uri.startswith(("urn:epc:id:sgtin:", "urn:epc:class:lgtin:", "urn:epc:id:sscc:", "urn:epc:id:sgln:")):
        reader = read_epc_urn
    elif uri.startswith(("https://id.gs1.org/", "http://id.gs1.org/")) and uri.split("/")[3] in APPLICATIONS:
        reader = read_link
    if reader is None:
        return None
    try:
        reader(uri)
    except IdentifierError as error:
        return error
    return None


def _offset(said: str) -> timedelta:
    made = timedelta(hours=int(said[1:3]), minutes=int(said[4:6]))
    return -made if said[0] == "-" else made


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            message = f"{name} stands twice in one object"
            raise ValueError(message)
        made[name] = value
    return made


def _no_number(word: str) -> float:
    message = f"{word} is no number of JSON"
    raise ValueError(message)
