"""What stands in an inspection document by EN 10204: contents only, whatever form they are written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from forgecast.ground.texts import Text, text
from forgecast.metal.grade import Grade
from forgecast.quality.conformity import Judged
from forgecast.quality.release import DecisionRule, Measured

#: Types of EN 10204:2004 that a manufacturer issues alone.
TYPES: Final = ("2.1", "2.2", "3.1")
TYPE_TEXTS: Final[dict[str, Text]] = {
    "2.1": text("Declaration of compliance with the order"),
    "2.2": text("Test report"),
    "3.1": text("Inspection certificate"),
}
#: What the signature under each type declares.
STATEMENTS: Final[dict[str, Text]] = {
    "2.1": text(
        "We declare that the products supplied are in compliance with the requirements of the order. Declaration of "
        "compliance with the order 2.1 by EN 10204:2004; it gives no test results."
    ),
    "2.2": text(
        "We declare that the products supplied are in compliance with the requirements of the order. Test report 2.2 "
        "by EN 10204:2004; the results are of non-specific inspection: they are not of the products supplied."
    ),
    "3.1": text(
        "We declare that the products supplied are in compliance with the requirements of the order, and give the "
        "results of tests of the very heats and lots supplied. Inspection certificate 3.1 by EN 10204:2004, validated "
        "by the manufacturer's authorised inspection representative, independent of the manufacturing department."
    ),
}


@dataclass(frozen=True, slots=True)
class Party:
    """A company with its address.

    Parameters
    ----------
    name : str
    street : tuple of str
        One to three lines.
    zip_code, city : str
    country : str
        Two letters by ISO 3166-1.
    email : str
        Empty where none is told.
    """

    name: str
    street: tuple[str, ...]
    zip_code: str
    city: str
    country: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who validates the document.

    Parameters
    ----------
    name : str
    title : str
        Position; empty where none is told (types 2.1 and 2.2 only).
    """

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Item:
    """A piece, or a batch of like pieces, that was shipped.

    Parameters
    ----------
    piece : str
    count : int
    marking : str
        What stands on it; empty where it is not marked.
    mass : float or None
        Of the item [kg].
    sources : tuple of str
        Every heat (or lot of bar) it may have come from; more than one where the records do not tell them apart.
    heat_treatments : tuple of str
        Furnace loads it went through, in order.
    place : str
        Where its record stands.
    deduced : bool
        Whether no record names the heat, so that times and order of pouring had to tell.
    """

    piece: str
    count: int
    marking: str
    mass: float | None
    sources: tuple[str, ...]
    heat_treatments: tuple[str, ...]
    place: str
    deduced: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """The composition that stands for a heat, a lot or a piece.

    Parameters
    ----------
    source : str
        Heat or lot it stands for.
    sample : str
        Number of the sample; empty where the heat's own record gives the composition.
    stage : str
        Word of the record `sample`: ``final``, ``ladle``, ``product``; ``lot`` or ``heat`` for those records' own.
    instrument : str
    shares : mapping of str to Measured
        By element [%].
    origin : str
        Number, and where its record stands.
    """

    source: str
    sample: str
    stage: str
    instrument: str
    shares: Mapping[str, Measured]
    origin: str


@dataclass(frozen=True, slots=True, eq=False)
class MechanicalTest:
    """A mechanical test.

    Parameters
    ----------
    id, source : str
        Number, and heat, lot or piece it stands for.
    heat_treatment : str
    specimen : str
        Word of the record; empty where not told.
    standard, laboratory : str
    tested_at : int
        Microseconds UTC.
    temperature : float or None
        Of an impact test [°C].
    values : mapping of str to Measured
        By property (`forgecast.metal.rule_formula.PROPERTIES`).
    origin : str
        Number, and where its record stands.
    """

    id: str
    source: str
    heat_treatment: str
    specimen: str
    standard: str
    laboratory: str
    tested_at: int
    temperature: float | None
    values: Mapping[str, Measured]
    origin: str


@dataclass(frozen=True, slots=True)
class Inspected:
    """An inspection other than a mechanical test.

    Parameters
    ----------
    id : str
    kind : str
        Word of the record: ``visual``, ``radiographic`` …
    subject : str
        Piece, heat or heat-treatment lot.
    standard, result : str
    count, count_bad : int or None
    inspected_at : int
        Microseconds UTC.
    place : str
    """

    id: str
    kind: str
    subject: str
    standard: str
    result: str
    count: int | None
    count_bad: int | None
    inspected_at: int
    place: str


@dataclass(frozen=True, slots=True)
class HeatTreatment:
    """A furnace load that items went through.

    Parameters
    ----------
    id, process, medium : str
        Words of the record; empty where not told.
    temperature : float or None
        Set [°C].
    soak_time : float or None
        Asked for [s].
    started_at : int
        Microseconds UTC.
    place : str
    """

    id: str
    process: str
    medium: str
    temperature: float | None
    soak_time: float | None
    started_at: int
    place: str


@dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """The contents of one inspection document: one product of one shipment.

    Parameters
    ----------
    number, type : str
    shipment : str
    order, order_item, standard : str
        As the shipment names them; empty where it does not.
    product, product_name, route : str
    grade : Grade or None
        None for a declaration of a product without a grade.
    state : str
        Condition of the material; empty where not told.
    section_mm : float or None
    works, customer : Party
    originator : str
        Department that issues it.
    mark : bytes
        Manufacturer's mark as PNG; empty where there is none.
    signer : Signer
    issued_at : int
        Microseconds UTC.
    zone : str
        IANA time zone of the works.
    items : tuple of Item
    analyses : tuple of Analysis
    tests : tuple of MechanicalTest
    inspections : tuple of Inspected
    heat_treatments : tuple of HeatTreatment
    judged : tuple of (str, tuple of Judged)
        Verdicts by heat, lot or piece.
    rule : DecisionRule
    concessions : tuple of str
        Decisions by which something was accepted that did not conform.
    synthetic : bool
        Whether the plant's records are made up; every form of the document says so.
    plant : str
        Identifier of the plant.
    audit_head : str
        Last link of the plant's audit trail when it was issued: its number and hash; empty where there is none.
    """

    number: str
    type: str
    shipment: str
    order: str
    order_item: str
    standard: str
    product: str
    product_name: str
    route: str
    grade: Grade | None
    state: str
    section_mm: float | None
    works: Party
    customer: Party
    originator: str
    mark: bytes
    signer: Signer
    issued_at: int
    zone: str
    items: tuple[Item, ...]
    analyses: tuple[Analysis, ...]
    tests: tuple[MechanicalTest, ...]
    inspections: tuple[Inspected, ...]
    heat_treatments: tuple[HeatTreatment, ...]
    judged: tuple[tuple[str, tuple[Judged, ...]], ...]
    rule: DecisionRule
    concessions: tuple[str, ...] = ()
    synthetic: bool = False
    plant: str = ""
    audit_head: str = ""

    @property
    def count(self) -> int:
        """Return how many pieces it is for."""
        return sum(item.count for item in self.items)

    @property
    def mass(self) -> float | None:
        """Return the mass of all pieces [kg], None where one of them is not known."""
        masses = [item.mass for item in self.items]
        known = [mass for mass in masses if mass is not None]
        return sum(known) if len(known) == len(masses) else None

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the heats and lots of all pieces, each once."""
        return tuple(dict.fromkeys(source for item in self.items for source in item.sources))
