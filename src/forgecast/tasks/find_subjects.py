"""Find what somebody has a number of: a heat, a ladle, a mould, a piece, a lot, a shipment, whatever kind it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forgecast.ground.texts import Text, text
from forgecast.plant.lineage import KIND_TITLES
from forgecast.plant.record import record
from forgecast.plant.rows import Value
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.records import StoredRow

#: Records that are looked through, in the order in which finds are shown, and what is told of a find beside its number.
LOOKED_THROUGH: Mapping[str, tuple[str, ...]] = {
    "piece": ("product", "mark", "heat", "made_at"),
    "heat": ("alloy", "furnace", "tapped_at"),
    "ladle": ("heat", "vessel", "filled_at"),
    "mould": ("product", "heat", "poured_at"),
    "shot": ("product", "machine", "shot_at"),
    "lot": ("material", "name", "supplier", "received_at"),
    "shipment": ("customer", "order", "shipped_at"),
    "heat_treatment": ("furnace", "process", "started_at"),
    "sample": ("heat", "stage", "taken_at"),
    "certificate": ("shipment", "type", "issued_at"),
    "nonconformity": ("subject", "subject_id", "raised_at"),
}
_TITLES: Mapping[str, Text] = {
    **KIND_TITLES,
    "sample": text("sample"),
    "certificate": text("certificate"),
    "nonconformity": text("nonconformity"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """Something whose number, name or mark holds the words asked for.

    Parameters
    ----------
    kind : str
        Name of its record.
    id : str
    about : mapping of field to Value
        What is told of it beside its number.
    exact : bool
        Whether its number is just what was asked for.
    """

    kind: str
    id: str
    about: Mapping[str, Value]
    exact: bool

    @property
    def title(self) -> Text:
        """Return what kind of thing it is."""
        return _TITLES[self.kind]


def find_subjects(plant: PlantFolder, words: str, *, each: int = 8) -> tuple[tuple[Found, ...], dict[str, int]]:
    """Return what answers to words, those with this very number first, and how many there are of each kind in all.

    Parameters
    ----------
    plant : PlantFolder
    words : str
        A number, or a part of it, a mark, an order, a customer.
    each : int
        Finds of one kind at most.
    """
    wanted = words.strip()
    if not wanted:
        return (), {}
    exact: list[Found] = []
    others: list[Found] = []
    totals: dict[str, int] = {}
    for name in LOOKED_THROUGH:
        page = plant.browse(name, words=wanted, limit=each)
        if page.total == 0:
            continue
        totals[name] = page.total
        rows = {str(row["id"]): row for row in (*plant.records.read(name, id=wanted), *page.rows)}
        for number, row in list(rows.items())[:each]:
            one = _found(name, number, row, exact=number.casefold() == wanted.casefold())
            (exact if one.exact else others).append(one)
    return (*exact, *others), totals


def _found(name: str, number: str, row: StoredRow, *, exact: bool) -> Found:
    known = {field.name for field in record(name).fields}
    about = {field: row[field] for field in LOOKED_THROUGH[name] if field in known and row[field] is not None}
    return Found(name, number, about, exact)
