"""Where the links of a genealogy stand: the file and row of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text
from forgecast.plant.lineage import Relation
from forgecast.plant.trace import Link
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.records import StoredRow

#: Names in one question to the database.
_AT_ONCE: Final = 500
#: Links that stand in a row of their own: record, field of the parent, fields that may hold the child.
_ROWS: Final[Mapping[Relation, tuple[str, str, tuple[str, ...]]]] = {
    Relation.CHARGED: ("charge_item", "lot", ("heat",)),
    Relation.REMELTED: ("charge_item", "from_heat", ("heat",)),
    Relation.ADDED: ("treatment", "lot", ("ladle", "heat")),
    Relation.MOVED: ("batch_step", "from_piece", ("to_piece",)),
    Relation.TREATED: ("heat_treatment_load", "heat_treatment", ("piece",)),
    Relation.SHIPPED: ("shipment_item", "piece", ("shipment",)),
}


def chunks(names: Sequence[str]) -> Iterator[list[str]]:
    """Yield names in portions that one question may hold."""
    for at in range(0, len(names), _AT_ONCE):
        yield list(names[at : at + _AT_ONCE])


def subject_of(plant: PlantFolder, kind: str, name: str) -> tuple[str, str]:
    """Return the subject that is traced: for a sample what it was taken from, else the one asked for.

    Raises
    ------
    ForgecastError
        If there is no such sample, or it names nothing.
    """
    if kind != "sample":
        return kind, name
    rows = plant.records.read("sample", id=name)
    if not rows:
        raise ForgecastError(
            text("the plant has no sample named {name}", name=name),
            repair=text("`forgecast plant show` tells what the plant holds; names are compared letter by letter"),
        )
    for field in ("piece", "ladle", "heat"):
        value = rows[0][field]
        if value is not None:
            return field, str(value)
    raise ForgecastError(
        text("sample {name} names neither heat nor ladle nor piece", name=name),
        where=rows[0].place(),
        repair=text("record what the sample was taken from"),
    )


def rows_of(plant: PlantFolder, who: Iterable[tuple[str, str]]) -> dict[tuple[str, str], StoredRow]:
    """Return the row of each subject that has one."""
    by_kind: dict[str, list[str]] = {}
    for kind, name in who:
        by_kind.setdefault(kind, []).append(name)
    return {
        (kind, str(row["id"])): row
        for kind, names in by_kind.items()
        for some in chunks(names)
        for row in plant.records.read(kind, id=some)
    }


def sources_of(plant: PlantFolder, links: Sequence[Link], rows: Mapping[tuple[str, str], StoredRow]) -> tuple[str, ...]:
    """Return ``file:row`` of each link; of one that follows from times, the row of the child.

    Parameters
    ----------
    plant : PlantFolder
    links : sequence of Link
    rows : mapping of subject to StoredRow
        Of all children of the links.
    """
    asked: dict[Relation, set[str]] = {}
    for link in links:
        if link.relation in _ROWS:
            asked.setdefault(link.relation, set()).add(link.child[1])
    found: dict[tuple[Relation, str, str], str] = {}
    for relation, children in asked.items():
        name, parent, fields = _ROWS[relation]
        for field in fields:
            for some in chunks(sorted(children)):
                for row in plant.records.read(name, **{field: some}):
                    found.setdefault((relation, str(row[parent]), str(row[field])), row.place())
    return tuple(
        found.get((link.relation, link.parent[1], link.child[1]), "") or _own_row(link, rows) for link in links
    )


def _own_row(link: Link, rows: Mapping[tuple[str, str], StoredRow]) -> str:
    row = rows.get(link.child)
    return "" if row is None else row.place()
