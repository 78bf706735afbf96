"""What the events of others say in the fields of our records; what has no place there is said, not dropped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from forgecast.gateway.epcis.naming import Naming
from forgecast.gateway.epcis.vocabulary import KILOGRAM, own_word, plain_word
from forgecast.ground.texts import Text, text
from forgecast.plant.identifier import IdentifierError, read_epc_urn, read_link

#: Read for every event, or of no weight for a record.
_ALWAYS: Final = frozenset(
    ("@context", "type", "isA", "id", "eventTime", "eventTimeZoneOffset", "eventID", "recordTime", "action", "bizStep",
     "disposition", "bizLocation")
)  # fmt: skip
_FOUND: Final = {"conformant": "good", "non_conformant": "reject"}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something of an event that went into no record."""

    code: str
    field: str
    value: str
    reason: Text
    repair: Text
    refused: bool = True


@dataclass(slots=True)
class Mapped:
    """What an event gives: rows of records, problems, and the fields that were read."""

    rows: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    read: set[str] = field(default_factory=set)

    def add(self, record: str, **fields: object) -> None:
        """Add a row of a record; a field that is not known is left out."""
        self.rows.append((record, {name: value for name, value in fields.items() if value is not None}))

    def refuse(self, code: str, name: str, value: object, reason: Text, repair: Text, *, refused: bool = True) -> None:
        """Add a problem."""
        self.problems.append(Problem(code, name, str(value)[:80], reason, repair, refused))


@dataclass(frozen=True, slots=True)
class Known:
    """What the plant knows already.

    Parameters
    ----------
    naming : Naming
        With the web address under which the document's own numbers live, where it is known.
    products : mapping of str to str
        Product by GTIN.
    """

    naming: Naming
    products: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Piece:
    id: str
    product: str | None
    count: int | None = None


def mapped(event: Mapping[str, Any], known: Known) -> Mapped:
    """Return what an event of others says in our records.

    Parameters
    ----------
    event : mapping
        An event without defects (`check.check_event`).
    known : Known
    """
    made = Mapped()
    kind, step = plain_word(event.get("type") or event.get("isA")), plain_word(event.get("bizStep"))
    rule = _rule(kind, str(event.get("action", "")), step, plain_word(event.get("disposition")))
    if rule is None:
        made.refuse(
            "event-not-taken", "", f"{kind} {step}".strip(),
            text("no record holds what a {kind} with the step {step} says", kind=kind, step=step or "—"),
            text("nothing to do if it is of no use here; the document keeps it"),
        )  # fmt: skip
        return made
    rule(event, known, made)
    left = [name for name in event if name not in made.read and name not in _ALWAYS]
    for name in left:
        made.refuse(
            "field-not-taken", name, "", text("`{field}` of the event went into no record", field=name),
            text("nothing to do if it is of no use here; the document keeps it"), refused=False,
        )  # fmt: skip
    return made


def _rule(
    kind: str, action: str, step: str, disposition: str
) -> Callable[[Mapping[str, Any], Known, Mapped], None] | None:
    if kind == "AggregationEvent" and action == "ADD":
        return _loaded if step == own_word("heat_treating") else _packed
    if kind == "ObjectEvent" and step == "inspecting" and disposition not in _FOUND:
        return None
    rules = {
        ("ObjectEvent", "ADD", "commissioning"): _commissioned,
        ("ObjectEvent", "ADD", "creating_class_instance"): _commissioned,
        ("ObjectEvent", "OBSERVE", "inspecting"): _inspected,
        ("ObjectEvent", "OBSERVE", "shipping"): _shipped,
    }
    whole = {"TransactionEvent": _transacted, "TransformationEvent": _transformed}
    return rules.get((kind, action, step)) or (whole.get(kind) if action in ("", "ADD") else None)


def _commissioned(event: Mapping[str, Any], known: Known, made: Mapped) -> None:
    for piece in _pieces(event, "epcList", "quantityList", known, made):
        made.add("piece", id=piece.id, product=piece.product, made_at=event["eventTime"], count=piece.count)


def _transformed(event: Mapping[str, Any], known: Known, made: Mapped) -> None:
    made.read |= {"transformationID", "readPoint"}
    melt = _melt_of(event, known)
    if melt is not None:
        _melted(event, known, made, melt)
        return
    source = _source_of(event, known, made)
    for piece in _pieces(event, "outputEPCList", "outputQuantityList", known, made):
        made.add("piece", id=piece.id, product=piece.product, made_at=event["eventTime"], count=piece.count, **source)


def _melt_of(event: Mapping[str, Any], known: Known) -> str | None:
    """Return the heat an event is the melting of: the one thing it makes is a heat under the plant's address."""
    outputs = _list(event, "outputQuantityList")
    if len(outputs) != 1 or event.get("outputEPCList"):
        return None
    own = known.naming.own_number(str(outputs[0].get("epcClass")))
    return own[1] if own is not None and own[0] == "heat" else None


def _melted(event: Mapping[str, Any], known: Known, made: Mapped, heat: str) -> None:
    made.read |= {"outputQuantityList", "inputQuantityList"}
    furnace = known.naming.own_number(str(_dict(event.get("readPoint")).get("id")))
    made.add(
        "heat",
        id=heat,
        tapped_at=event["eventTime"],
        furnace=None if furnace is None else furnace[1],
        mass=_kilograms(_list(event, "outputQuantityList")[0]),
    )
    for number, part in enumerate(_list(event, "inputQuantityList"), start=1):
        own = known.naming.own_number(str(part.get("epcClass")))
        if own is None or own[0] != "material":
            made.refuse(
                "input-not-taken", "inputQuantityList", part.get("epcClass"),
                text("what kind of material was charged is not said"),
                text("import the charge make-up as charge_item.csv"),
            )  # fmt: skip
            continue
        made.add("charge_item", heat=heat, number=number, material=own[1], mass=_kilograms(part))


def _source_of(event: Mapping[str, Any], known: Known, made: Mapped) -> dict[str, object]:
    """Return the heat or lot that outputs came of, if the event leaves no choice."""
    classes = {str(part.get("epcClass")) for part in _list(event, "inputQuantityList")}
    epcs = {str(uri) for uri in event.get("inputEPCList", [])}
    made.read |= {"inputQuantityList", "inputEPCList"}
    both = sorted(classes | epcs)
    if not both:
        return {}
    if len(both) > 1:
        made.refuse(
            "several-inputs", "inputQuantityList", ", ".join(both),
            text("the event has {count} inputs and does not say which output came of which", count=len(both)),
            text("record the heat or lot of each piece in piece.csv"),
        )  # fmt: skip
        return {}
    own = known.naming.own_number(both[0])
    if own is not None and own[0] in ("heat", "lot"):
        return {own[0]: own[1]}
    elements = _elements(both[0])
    if own is None and "01" in elements and "10" in elements:
        return {"lot": both[0]}
    made.refuse(
        "input-not-taken", "inputQuantityList", both[0],
        text("whether the input is a heat, a lot or something else is not said"),
        text("record the heat or lot of each piece in piece.csv"),
    )  # fmt: skip
    return {}


def _inspected(event: Mapping[str, Any], known: Known, made: Mapped) -> None:
    result = _FOUND[plain_word(event.get("disposition"))]
    report = _paper(event, "testres", known) or _paper(event, "testprd", known)
    made.read.add("bizTransactionList")
    pieces = _pieces(event, "epcList", "quantityList", known, made)
    for number, piece in enumerate(pieces):
        name = report or str(event.get("eventID") or "")
        if not name:
            made.refuse(
                "no-number", "eventID", piece.id, text("the inspection has no number"),
                text("ask the sender for events with an eventID, or a bizTransaction of the type testres"),
            )  # fmt: skip
            continue
        made.add(
            "inspection", id=name if len(pieces) == 1 else f"{name}#{number + 1}", piece=piece.id,
            inspected_at=event["eventTime"], kind="other", result=result, count=piece.count,
        )  # fmt: skip
        made.refuse(
            "kind-not-said", "bizStep", name,
            text("what kind of inspection it was is not said; it was recorded as `other`"),
            text("correct the kind in inspection.csv if you know it"), refused=False,
        )  # fmt: skip


def _shipped(event: Mapping[str, Any], known: Known, made: Mapped) -> None:
    made.read |= {"bizTransactionList", "destinationList"}
    shipment = _shipment_of(event, known) or str(event.get("eventID") or "")
    parties = {plain_word(one.get("type")): one.get("destination") for one in _list(event, "destinationList")}
    customer = parties.get("possessing_party") or parties.get("owning_party")
    if not shipment or customer is None:
        made.refuse(
            "no-customer", "destinationList", shipment,
            text("the shipment has no number or does not say who receives it"),
            text("ask the sender for a destination of the type possessing_party, or record the shipment in "
                 "shipment.csv"),
        )  # fmt: skip
    else:
        made.add(
            "shipment", id=shipment, customer=_number(str(customer), known), shipped_at=event["eventTime"],
            order=_paper(event, "po", known), destination=_number(parties.get("location"), known),
        )  # fmt: skip
    own = [str(uri) for uri in event.get("epcList", []) if _record_of(str(uri), known) == "shipment"]
    _items(event, ("epcList", "quantityList"), shipment, known, made, leave=own)


def _packed(event: Mapping[str, Any], known: Known, made: Mapped) -> None:
    made.read |= {"bizTransactionList", "parentID"}
    shipment = _shipment_of(event, known)
    if not shipment:
        made.refuse(
            "no-shipment", "parentID", event.get("parentID"),
            text("which shipment the things are packed for is not said"),
            text("ask the sender for a bizTransaction of the type desadv, or record them in shipment_item.csv"),
        )  # fmt: skip
        made.read |= {"childEPCs", "childQuantityList"}
        return
    _items(event, ("childEPCs", "childQuantityList"), shipment, known, made)


def _loaded(event: Mapping[str, Any], known: Known, made: Mapped) -> None:
    load = known.naming.own_number(str(event.get("parentID")))
    made.read |= {"parentID", "readPoint"}
    for piece in _pieces(event, "childEPCs", "childQuantityList", known, made):
        made.add(
            "heat_treatment_load", heat_treatment=load[1] if load else event.get("parentID"), piece=piece.id,
            count=piece.count,
        )  # fmt: skip


def _transacted(event: Mapping[str, Any], known: Known, made: Mapped) -> None:
    made.read |= {"bizTransactionList", "parentID"}
    shipment = _paper(event, "desadv", known)
    if not shipment:
        made.refuse(
            "paper-not-taken", "bizTransactionList",
            ", ".join(str(one.get("bizTransaction")) for one in _list(event, "bizTransactionList")),
            text("no record holds such a paper by its number alone"),
            text("record the certificate or test itself; its number is in the document"),
        )  # fmt: skip
        made.read |= {"epcList", "quantityList"}
        return
    _items(event, ("epcList", "quantityList"), shipment, known, made)


def _items(
    event: Mapping[str, Any], fields: tuple[str, str], shipment: str, known: Known, made: Mapped,
    leave: Sequence[str] = (),
) -> None:  # fmt: skip
    told = {**event, fields[0]: [uri for uri in event.get(fields[0], []) if uri not in leave]}
    for piece in _pieces(told, *fields, known, made):
        if shipment:
            made.add("shipment_item", shipment=shipment, piece=piece.id, count=piece.count)


def _shipment_of(event: Mapping[str, Any], known: Known) -> str | None:
    """Return the number of a shipment: of its dispatch advice, else of the parent if that is one of ours."""
    advice = _paper(event, "desadv", known) or _paper(event, "bol", known)
    own = known.naming.own_number(str(event.get("parentID")))
    return advice or (own[1] if own is not None and own[0] == "shipment" else None)


def _pieces(event: Mapping[str, Any], epcs: str, quantities: str, known: Known, made: Mapped) -> list[_Piece]:
    """Return the pieces and batches an event lists; what is none is a problem."""
    made.read |= {epcs, quantities}
    found = []
    for uri in event.get(epcs, []):
        piece = _piece(str(uri), "21", None, known, made, epcs)
        if piece is not None:
            found.append(piece)
    for part in _list(event, quantities):
        uri, amount = str(part.get("epcClass")), part.get("quantity")
        if part.get("uom") is not None or not isinstance(amount, int | float) or amount < 1 or amount != int(amount):
            made.refuse(
                "quantity-not-taken", quantities, uri,
                text("a quantity that is no count of pieces goes into no record of pieces"),
                text("record it as a lot of material in lot.csv"),
            )  # fmt: skip
            continue
        piece = _piece(uri, "10", int(amount), known, made, quantities)
        if piece is not None:
            found.append(piece)
    return found


def _piece(uri: str, ai: str, count: int | None, known: Known, made: Mapped, name: str) -> _Piece | None:
    own = known.naming.own_number(uri)
    if own is not None and own[0] == "piece":
        return _Piece(own[1], None, count)
    elements = _elements(uri)
    gtin, number = elements.get("01"), elements.get(ai)
    if gtin is None or number is None:
        if own is None and gtin is None and ai == "21":
            return _Piece(uri, None, count)
        made.refuse(
            "no-piece", name, uri, text("this is neither a piece nor a batch of pieces by its name"),
            text("pieces are named by GTIN and serial, batches by GTIN and lot"),
        )  # fmt: skip
        return None
    product = known.products.get(gtin)
    if product is None:
        made.refuse(
            "unknown-gtin", name, uri, text("no product of the plant has the GTIN {gtin}", gtin=gtin),
            text("import a product.csv with this gtin first, then the document again"),
        )  # fmt: skip
        return None
    return _Piece(number, product, count)


def _elements(uri: str) -> dict[str, str]:
    try:
        if uri.startswith("urn:epc:"):
            return read_epc_urn(uri)[0]
        return read_link(uri) if uri.startswith("http") else {}
    except IdentifierError:
        return {}


def _paper(event: Mapping[str, Any], kind: str, known: Known) -> str | None:
    for one in _list(event, "bizTransactionList"):
        if plain_word(one.get("type")) == kind:
            return _number(one.get("bizTransaction"), known)
    return None


def _number(uri: object, known: Known) -> str | None:
    """Return our own number of a URI under our own address, else the URI itself: numbers of others are not ours."""
    if uri is None:
        return None
    own = known.naming.own_number(str(uri))
    return own[1] if own is not None else str(uri)


def _record_of(uri: str, known: Known) -> str | None:
    own = known.naming.own_number(uri)
    return None if own is None else own[0]


def _kilograms(part: Mapping[str, Any]) -> object:
    return part.get("quantity") if part.get("uom") == KILOGRAM else None


def _list(event: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return [one for one in event.get(name, []) if isinstance(one, dict)]


def _dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
