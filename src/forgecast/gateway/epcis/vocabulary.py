"""The words of EPCIS 2.0 and its core business vocabulary (CBV 2.0), and our own namespace beside them.

Source: GS1's EPCIS JSON schema (gs1/EPCIS, 2b888be), read; a test compares these lists with the schema.
"""

from __future__ import annotations

import re
from typing import Final

#: Context that gives the words of EPCIS their meaning.
GS1_CONTEXT: Final = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
#: Our own namespace, for what EPCIS has no words for; an unregistered URN, so that no web address is claimed.
NAMESPACE: Final = "urn:x-forgecast:epcis:"
PREFIX: Final = "forgecast"
CONTEXT: Final[list[object]] = [GS1_CONTEXT, {PREFIX: NAMESPACE}]
SCHEMA_VERSION: Final = "2.0"
#: Rows of our records behind an event, all fields that EPCIS has no place for included.
ROWS: Final = f"{PREFIX}:rows"
RECORD: Final = f"{PREFIX}:record"
#: Candidates of an uncertain or mixed origin, each with its probability and its share of the piece.
POSSIBLE: Final = f"{PREFIX}:possibleInputs"
PROBABILITY: Final = f"{PREFIX}:probability"
SHARE: Final = f"{PREFIX}:share"

EVENT_TYPES: Final = ("ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent")
ACTIONS: Final = ("OBSERVE", "ADD", "DELETE")
OFFSET: Final = re.compile(r"[+-]((0[0-9]|1[0-3]):([0-5][0-9])|14:00)")
UOM: Final = re.compile(r"[A-Z0-9]{2,3}")
#: Units of UN/ECE Recommendation 20 that are written here.
KILOGRAM: Final = "KGM"
CELSIUS: Final = "CEL"


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


BIZ_STEPS: Final = _words(
    """accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting
    decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting
    installing killing loading other packing picking receiving removing repackaging repairing replacing reserving
    retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing transporting
    unloading unpacking void_shipping"""
)
DISPOSITIONS: Final = _words(
    """active available completeness_inferred completeness_verified conformant container_closed container_open damaged
    destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class mismatch_instance
    mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed recalled
    reserved retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable unknown"""
)
TRANSACTIONS: Final = _words("bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt")
PARTIES: Final = frozenset(("owning_party", "possessing_party", "location"))
ERROR_REASONS: Final = frozenset(("did_not_occur", "incorrect_data"))

_COMMON: Final = (
    "@context type eventTime recordTime eventTimeZoneOffset eventID certificationInfo errorDeclaration bizStep "
    "disposition persistentDisposition readPoint bizLocation bizTransactionList sourceList destinationList "
    "sensorElementList"
)
#: Fields of each kind of event; whatever else stands in one must be an extension with a prefix.
FIELDS: Final[dict[str, frozenset[str]]] = {
    "ObjectEvent": _words(f"{_COMMON} action epcList quantityList ilmd"),
    "AggregationEvent": _words(f"{_COMMON} action parentID childEPCs childQuantityList"),
    "AssociationEvent": _words(f"{_COMMON} action parentID childEPCs childQuantityList"),
    "TransactionEvent": _words(f"{_COMMON} action parentID epcList quantityList"),
    "TransformationEvent": frozenset(
        f"{_COMMON} inputEPCList inputQuantityList outputEPCList outputQuantityList transformationID ilmd".split()
    ),
}
#: Namespaces in which nobody but GS1 may coin words.
_GS1_WORDS: Final = re.compile(
    r"(?:urn:epcglobal:cbv:(?:bizstep|disp|btt|sdt|er):|https?://(?:ns|ref)\.gs1\.org/cbv/(?:[A-Za-z]+-)?"
    r"|cbv:(?:[A-Za-z]+-)?)(.+)"
)


def plain_word(word: object) -> str:
    """Return a word of the vocabulary without the address before it: ``shipping`` for all its spellings."""
    if not isinstance(word, str):
        return ""
    found = _GS1_WORDS.fullmatch(word)
    return found[1] if found else word


def own_word(name: str) -> str:
    """Return a word of our own vocabulary as a URI, for steps that CBV has no word for."""
    return f"{NAMESPACE}{name}"


def is_uri(value: object) -> bool:
    """Whether a value is a URI: a scheme, and no blanks or characters that would have to be encoded."""
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+", value) is not None
