"""Tell others what happened: an EPCIS 2.0 document of a plant, of one shipment, or of one piece and its origin."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from forgecast.gateway.epcis.export import CARRIED, EXPORTED, Correction, Export, Parent
from forgecast.gateway.epcis.naming import Naming
from forgecast.gateway.epcis.write import document
from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Finding
from forgecast.ground.texts import text
from forgecast.plant.identifier import GS1_STEM, checked_number
from forgecast.plant.lineage import Lineage
from forgecast.plant.record import record
from forgecast.plant.rows import Value
from forgecast.plant.trace import ancestors
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.records import StoredRow
from forgecast.tasks.lineage_of_plant import lineage_of_plant

#: Values asked for at once; a database takes some thousands in a statement.
_CHUNK = 1_000
#: Share of the time that finding the origins takes.
_TRACED = 0.6
#: Which fields of a record name which others: rows that go along with a piece that is told of.
_GO_ALONG: Mapping[str, tuple[str, ...]] = {
    "sample": ("heat", "ladle", "piece"),
    "melt_temperature": ("heat", "ladle"),
    "treatment": ("heat", "ladle"),
    "charge_item": ("heat",),
    "operation": ("piece",),
    "inspection": ("piece", "heat", "heat_treatment"),
    "mechanical_test": ("piece", "heat", "heat_treatment"),
}
_Rows = dict[str, list[StoredRow]]


@dataclass(frozen=True, slots=True)
class Exported:
    """A document that was made.

    Parameters
    ----------
    document : mapping
        EPCIS 2.0 JSON-LD.
    counts : mapping of str to int
        Events by kind.
    findings : tuple of Finding
        What could not be told.
    """

    document: Mapping[str, object]
    counts: Mapping[str, int]
    findings: tuple[Finding, ...]


def export_events(
    plant: PlantFolder,
    *,
    base: str = "",
    shipment: str | None = None,
    piece: str | None = None,
    bare: bool = False,
    stem: str = GS1_STEM,
    site: str = "",
    created: int | None = None,
    progress: Callable[[float], None] = lambda _share: None,
) -> Exported:
    """Return an EPCIS document.

    Parameters
    ----------
    plant : PlantFolder
    base : str
        Web address of the plant's own under which its numbers live; needed for all that has no GS1 key.
    shipment : str or None
        Only this shipment: its pieces, what they came of, what was found on them, its certificates.
    piece : str or None
        Only this piece or batch, and the same of it.
    bare : bool
        Whether our own fields are left out.
    stem : str
        Web address that Digital Links begin with.
    site : str
        Site whose GLN is given; needed only where several are recorded.
    created : int or None
        Microseconds UTC that stand as the time of making; the clock's where None.
    progress : callable
        Is told the share done, 0 to 1.

    Raises
    ------
    ForgecastError
        If there is no such shipment, piece or site.
    IdentifierError
        If something has no name outside the plant: no GTIN, no web address.
    """
    lineage = lineage_of_plant(plant)
    if shipment is None and piece is None:
        rows: _Rows = {name: list(plant.records.read(name)) for name in (*EXPORTED, *CARRIED)}
    else:
        rows = _chosen(plant, lineage, shipment, piece)
    gtins = {str(row["id"]): str(row["gtin"]) for row in rows["product"] if row["gtin"]}
    for row in rows["product"]:
        if row["gtin"]:
            checked_number(str(row["gtin"]), 14, "GTIN", row.place("gtin"))
    naming = Naming(base.strip(), _gln(plant, site), gtins, stem)
    told = Export(
        rows={name: [row.values for row in some] for name, some in rows.items()},
        naming=naming,
        zone=plant.settings.zone,
        parents=_parents(lineage, rows["piece"], progress),
        corrections=_corrections(plant, rows),
        bare=bare,
    )
    made, findings = document(told, time.time_ns() // 1_000 if created is None else created)
    progress(1.0)
    counts: dict[str, int] = {}
    for event in made["epcisBody"]["eventList"]:  # type: ignore[index]
        counts[event["type"]] = counts.get(event["type"], 0) + 1
    return Exported(made, counts, findings)


def _gln(plant: PlantFolder, site: str) -> str:
    sites = plant.records.read("site", **({"id": site} if site else {}))
    if site and not sites:
        raise ForgecastError(
            text("the record {record} has no row {number}", record="site", number=site),
            repair=text("`forgecast plant show` tells what the plant holds; names are compared letter by letter"),
        )
    known = {str(row["gln"]): row for row in sites if row["gln"]}
    if len(known) > 1:
        raise ForgecastError(
            text("the plant has sites with different GLN: {names}", names=", ".join(known)),
            repair=text("say which one with --site"),
        )
    for gln, row in known.items():
        return checked_number(gln, 13, "GLN", row.place("gln"))
    return ""


def _parents(
    lineage: Lineage, pieces: Sequence[StoredRow], progress: Callable[[float], None]
) -> dict[str, tuple[Parent, ...]]:
    """Return the heats each piece may be of, or the lots if it was forged; pieces of one origin are asked for once."""
    known: dict[tuple[Value, ...], tuple[Parent, ...]] = {}
    found: dict[str, tuple[Parent, ...]] = {}
    for done, row in enumerate(pieces):
        progress(_TRACED * done / len(pieces))
        origin = tuple(row[name] for name in ("ladle", "mould", "shot", "heat", "lot"))
        if any(origin[3:]) and not any(origin[:3]):
            continue  # its row names the heat or lot and nothing on the way: there is nothing to find out
        key = origin if any(origin) else (row["id"],)
        if key not in known:
            kin = ancestors(lineage, int(lineage.nodes("piece", str(row["id"]))[0]), through_returns=False)
            metal = [one for one in kin if one.kind == "heat"] or [one for one in kin if one.kind == "lot"]
            known[key] = tuple(
                sorted(
                    (Parent(one.kind, one.name, one.probability, one.share) for one in metal),
                    key=lambda parent: (-parent.probability * parent.share, parent.number),
                )
            )
        found[str(row["id"])] = known[key]
    return found


def _corrections(plant: PlantFolder, rows: _Rows) -> list[Correction]:
    made = []
    for name in EXPORTED:
        there = {tuple(row[part] for part in record(name).key) for row in rows.get(name, ())}
        made += [Correction(name, one.key, one.at, one.before) for one in plant.corrections(name) if one.key in there]
    return made


def _chosen(plant: PlantFolder, lineage: Lineage, shipment: str | None, piece: str | None) -> _Rows:
    """Return the rows that tell of a shipment or a piece: nothing of other customers' pieces is among them."""
    rows: _Rows = {}
    if shipment is not None:
        rows["shipment"] = _known(plant, "shipment", shipment)
        rows["shipment_item"] = list(plant.records.read("shipment_item", shipment=shipment))
        wanted = {str(row["piece"]) for row in rows["shipment_item"]}
    else:
        wanted = {str(_known(plant, "piece", str(piece))[0]["id"])}
        rows["shipment_item"] = list(plant.records.read("shipment_item", piece=str(piece)))
        rows["shipment"] = _where(plant, "shipment", "id", {str(row["shipment"]) for row in rows["shipment_item"]})
    rows["batch_step"] = _steps_into(plant, wanted)
    wanted |= {str(row["from_piece"]) for row in rows["batch_step"]}
    rows["piece"] = _where(plant, "piece", "id", wanted)
    names: dict[str, set[str]] = {"piece": wanted, "heat": set(), "ladle": set(), "mould": set(), "shot": set()}
    for parents in _origins(lineage, rows["piece"]):
        names.setdefault(parents[0], set()).add(parents[1])
    for name in ("heat", "ladle", "mould", "shot"):
        rows[name] = _where(plant, name, "id", names[name])
    rows["heat_treatment_load"] = _where(plant, "heat_treatment_load", "piece", wanted)
    names["heat_treatment"] = {str(row["heat_treatment"]) for row in rows["heat_treatment_load"]}
    rows["heat_treatment"] = _where(plant, "heat_treatment", "id", names["heat_treatment"])
    for name, fields in _GO_ALONG.items():
        rows[name] = _any(plant, name, {field: names[field] for field in fields})
    lots = names.get("lot", set()) | {str(row["lot"]) for row in rows["charge_item"] if row["lot"]}
    rows["lot"] = _where(plant, "lot", "id", lots)
    names["lot"] = lots
    rows["disposition"] = [
        row
        for subject, numbers in names.items()
        for row in _where(plant, "disposition", "subject_id", numbers)
        if row["subject"] == subject
    ]
    rows["certificate"] = _where(plant, "certificate", "shipment", {str(row["id"]) for row in rows["shipment"]})
    rows["product"] = _where(plant, "product", "id", {str(row["product"]) for row in rows["piece"]})
    return rows


def _origins(lineage: Lineage, pieces: Sequence[StoredRow]) -> set[tuple[str, str]]:
    """Return kind and number of everything the pieces may be of, without the pieces themselves."""
    asked: set[tuple[Value, ...]] = set()
    found: set[tuple[str, str]] = set()
    for row in pieces:
        origin = tuple(row[name] for name in ("heat", "lot", "ladle", "mould", "shot"))
        if any(origin) and origin in asked:
            continue
        asked.add(origin)
        for node in lineage.nodes("piece", str(row["id"])):
            kin = ancestors(lineage, int(node), through_returns=False)
            found |= {(one.kind, one.name) for one in kin if one.kind != "piece"}
    return found


def _steps_into(plant: PlantFolder, pieces: set[str]) -> list[StoredRow]:
    """Return the steps by which pieces came out of batches, and these out of others."""
    found: dict[str, StoredRow] = {}
    waiting, seen = set(pieces), set(pieces)
    while waiting:
        steps = _where(plant, "batch_step", "to_piece", waiting)
        found |= {str(row["id"]): row for row in steps}
        waiting = {str(row["from_piece"]) for row in steps} - seen
        seen |= waiting
    return list(found.values())


def _known(plant: PlantFolder, name: str, number: str) -> list[StoredRow]:
    rows = list(plant.records.read(name, id=number))
    if not rows:
        raise ForgecastError(
            text("the record {record} has no row {number}", record=name, number=number),
            repair=text("`forgecast plant show` tells what the plant holds; names are compared letter by letter"),
        )
    return rows


def _where(plant: PlantFolder, name: str, field: str, values: set[str]) -> list[StoredRow]:
    listed = sorted(values)
    made: list[StoredRow] = []
    for low in range(0, len(listed), _CHUNK):
        made += plant.records.read(name, **{field: listed[low : low + _CHUNK]})
    return made


def _any(plant: PlantFolder, name: str, wanted: Mapping[str, set[str]]) -> list[StoredRow]:
    key = record(name).key
    found: dict[tuple[Value, ...], StoredRow] = {}
    for field, values in wanted.items():
        found |= {tuple(row[part] for part in key): row for row in _where(plant, name, field, values)}
    return list(found.values())
