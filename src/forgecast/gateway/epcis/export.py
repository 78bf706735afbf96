"""What is to be told of a plant in events, and how: rows, names, origins, corrections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from forgecast.gateway.epcis.event import Row
from forgecast.gateway.epcis.naming import Naming
from forgecast.plant.rows import Value

Rows: TypeAlias = "Mapping[str, Sequence[Row]]"

#: Records that become events, in the order in which things happen to metal.
EXPORTED: Final = (
    "lot", "heat", "sample", "melt_temperature", "ladle", "treatment", "mould", "shot", "piece", "batch_step",
    "operation", "heat_treatment", "inspection", "mechanical_test", "disposition", "shipment", "certificate",
)  # fmt: skip
#: Records whose rows go along with the events of others.
CARRIED: Final = ("charge_item", "heat_treatment_load", "shipment_item", "product")


@dataclass(frozen=True, slots=True)
class Parent:
    """What a piece may have been made of.

    Parameters
    ----------
    record : str
        ``heat`` or ``lot``.
    number : str
    probability : float
        That it is the one, 0 to 1.
    share : float
        How much of the piece is of it, 0 to 1: less than 1 where a ladle or furnace held other metal too, or where
        something was added.
    """

    record: str
    number: str
    probability: float
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Correction:
    """A row that was corrected: when, and what it said before."""

    record: str
    key: tuple[Value, ...]
    at: int
    before: Row


@dataclass(slots=True)
class Export:
    """What is to be told, and how.

    Parameters
    ----------
    rows : mapping of record to rows
    naming : Naming
    zone : str
        Zone of the plant's clocks.
    parents : mapping of str to sequence of Parent
        By piece: what the genealogy holds possible; a piece that is not in it is of what its row names.
    corrections : sequence of Correction
    bare : bool
        Whether our own fields are left out, so that nothing but EPCIS's own words goes out.
    """

    rows: Rows
    naming: Naming
    zone: str
    parents: Mapping[str, Sequence[Parent]] = field(default_factory=dict)
    corrections: Sequence[Correction] = ()
    bare: bool = False
