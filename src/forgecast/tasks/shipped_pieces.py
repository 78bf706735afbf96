"""What a shipment holds: its pieces, every heat each may have come from, and what speaks against shipping them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import Text, bilingual, text, verbatim
from forgecast.plant.record import record
from forgecast.quality.certificate import HeatTreatment, Inspected, Item
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.records import StoredRow
from forgecast.tasks.release_evidence import number, word

#: Last decisions under which nothing may be certified.
_STOPPING: Final = frozenset({"block", "contain", "scrap", "remelt", "return", "rework"})
#: Decisions that settle a nonconformity.
_SETTLING: Final = frozenset({"close", "concession", "release"})


@dataclass(slots=True)
class Source:
    """Where an item's metal may have come from, and what was done to it on the way.

    Parameters
    ----------
    heats, ladles, lots, moulds, treatments : dict of str to None
        Ordered sets of numbers.
    deduced : bool
        Whether times and order had to tell, because no record names the heat.
    """

    heats: dict[str, None] = field(default_factory=dict)
    ladles: dict[str, None] = field(default_factory=dict)
    lots: dict[str, None] = field(default_factory=dict)
    moulds: dict[str, None] = field(default_factory=dict)
    treatments: dict[str, None] = field(default_factory=dict)
    deduced: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Shipped:
    """The pieces of one product in a shipment.

    Parameters
    ----------
    shipment : StoredRow
    product : str
    product_row : StoredRow or None
    items : tuple of Item
    sources : mapping of str to Source
        By piece.
    inspections : tuple of Inspected
    heat_treatments : tuple of HeatTreatment
    against : tuple of Finding
        What forbids any certificate.
    concessions : tuple of str
    conceded : frozenset of str
        Numbers of pieces, heats, lots and loads accepted by concession.
    """

    shipment: StoredRow
    product: str
    product_row: StoredRow | None
    items: tuple[Item, ...]
    sources: Mapping[str, Source]
    inspections: tuple[Inspected, ...]
    heat_treatments: tuple[HeatTreatment, ...]
    against: tuple[Finding, ...]
    concessions: tuple[str, ...]
    conceded: frozenset[str]


def shipped_pieces(plant: PlantFolder, shipment: str) -> tuple[Shipped, ...]:
    """Return what a shipment holds, product by product.

    Parameters
    ----------
    plant : PlantFolder
    shipment : str

    Raises
    ------
    ForgecastError
        If there is no such shipment, it is empty, or a piece of it is not on record.
    """
    rows = plant.records.read("shipment", id=shipment)
    if not rows:
        last = plant.records.last("shipment", "id")
        raise ForgecastError(
            text("there is no shipment {shipment} on record", shipment=shipment),
            where=str(plant.path),
            repair=text("import the record shipment, or name one that is on record ({last})", last=word(last)),
        )
    items = plant.records.read("shipment_item", shipment=shipment)
    pieces = {word(row["id"]): row for row in plant.records.read("piece", id=[word(i["piece"]) for i in items])}
    missing = [word(item["piece"]) for item in items if word(item["piece"]) not in pieces]
    if missing or not items:
        raise ForgecastError(
            text("the pieces {pieces} are not on record", pieces=", ".join(missing))
            if missing
            else text("the shipment {shipment} holds nothing", shipment=shipment),
            where=rows[0].place(),
            repair=text("import the records piece and shipment_item for it"),
        )
    products = dict.fromkeys(word(row["product"]) for row in pieces.values())
    return tuple(_of_product(plant, rows[0], product, items, pieces) for product in products)


def _of_product(
    plant: PlantFolder,
    shipment: StoredRow,
    product: str,
    items: Sequence[StoredRow],
    pieces: Mapping[str, StoredRow],
) -> Shipped:
    mine = [item for item in items if word(pieces[word(item["piece"])]["product"]) == product]
    sources = {word(item["piece"]): source_of(plant, word(item["piece"])) for item in mine}
    loads = {load for source in sources.values() for load in source.treatments}
    listed = tuple(_item(item, pieces[word(item["piece"])], sources[word(item["piece"])]) for item in mine)
    treatments = tuple(_treatment(row) for row in plant.records.read("heat_treatment", id=sorted(loads)) if loads)
    inspections = tuple(_inspections(plant, sources))
    against, concessions = _decisions(plant, sources)
    against += [
        _finding(
            row.place("result"),
            text("piece {piece} was found {result}", piece=word(row["id"]), result=_choice("piece", "result", row)),
            text("take it out of the shipment, or record the inspection after its rework"),
        )
        for piece, row in pieces.items()
        if piece in sources and row["result"] in {"reject", "rework"}
    ]
    (product_row, *_) = (*plant.records.read("product", id=product), None)
    return Shipped(
        shipment, product, product_row, listed, sources, inspections,
        tuple(sorted(treatments, key=lambda one: one.started_at)), tuple(against),
        tuple(concessions.values()), frozenset(concessions),
    )  # fmt: skip


def source_of(plant: PlantFolder, piece: str) -> Source:
    """Return every heat, ladle and lot a piece may have come from.

    Its own fields and the steps between batches say it; where those of a piece name none, the genealogy of the whole
    plant does (`forgecast.tasks.trace_piece`): which ladle a mould may have been poured from, which heats were in a
    holding furnace.

    Parameters
    ----------
    plant : PlantFolder
    piece : str

    Returns
    -------
    Source
        Several heats where batches were mixed or the records do not tell them apart; none where nothing leads to one.
    """
    walk = _Walk(plant)
    walk.up(piece, None)
    for name in walk.opened:
        _traced(plant, name, walk.found)
    return walk.found


def _traced(plant: PlantFolder, piece: str, found: Source) -> None:
    """Add the heats nearest to a piece in the genealogy: those it was cast from, not those whose returns are in it."""
    from forgecast.tasks.trace_piece import trace  # noqa: PLC0415  (loads slowly; most pieces name their heat)

    parents: dict[tuple[str, str], list[tuple[tuple[str, str], bool]]] = {}
    for link in trace(plant, "piece", piece, through_returns=False).links:
        parents.setdefault(link.child, []).append((link.parent, link.recorded))
    waiting, seen = [("piece", piece)], set()
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        kind, name = node
        if kind == "heat":
            found.heats[name] = None
            continue
        if kind == "ladle":
            found.ladles[name] = None
        for parent, recorded in parents.get(node, []):
            found.deduced |= not recorded
            waiting.append(parent)


def heats_of(plant: PlantFolder, rows: Sequence[StoredRow]) -> tuple[str, ...]:
    """Return the heats that rows of the record `piece` lead to by their own fields, each once."""
    walk = _Walk(plant)
    for row in rows:
        walk.direct(row)
    return tuple(walk.found.heats)


class _Walk:
    """Goes from pieces to their heats, by their own fields and the steps between batches."""

    def __init__(self, plant: PlantFolder) -> None:
        self.plant = plant
        self.found = Source()
        self.opened: list[str] = []
        self._seen: set[str] = set()
        self._known: dict[tuple[str, str], StoredRow | None] = {}

    def up(self, piece: str, before: int | None) -> None:
        """Take in what a piece came from, as far as it was there before a time."""
        if piece in self._seen:
            return
        self._seen.add(piece)
        read = self.plant.records.read
        named = [self.direct(row) for row in read("piece", id=piece)]
        for load in read("heat_treatment_load", piece=piece):
            for treatment in read("heat_treatment", id=word(load["heat_treatment"])):
                started = treatment["started_at"]
                # A load that a batch went through after this piece had left it says nothing of the piece.
                if before is None or (isinstance(started, int) and started < before):
                    self.found.treatments[word(treatment["id"])] = None
        steps = read("batch_step", to_piece=piece)
        if not any(named) and not steps:
            self.opened.append(piece)
        for step in steps:
            at = step["at"]
            if step["kind"] != "consume" and isinstance(at, int) and (before is None or at <= before):
                self.up(word(step["from_piece"]), at)

    def direct(self, row: StoredRow) -> bool:
        """Take in what a piece's own row names; tell whether that leads to a heat or a lot."""
        if row["lot"]:
            self.found.lots[word(row["lot"])] = None
        ladle, heat = word(row["ladle"]), word(row["heat"])
        if row["mould"]:
            self.found.moulds[word(row["mould"])] = None
            mould = self._row("mould", word(row["mould"]))
            if mould is not None:
                ladle, heat = ladle or word(mould["ladle"]), heat or word(mould["heat"])
        if ladle:
            self.found.ladles[ladle] = None
            filling = self._row("ladle", ladle)
            heat = heat or ("" if filling is None else word(filling["heat"]))
        if heat:
            self.found.heats[heat] = None
        return bool(heat or row["lot"])

    def _row(self, name: str, key: str) -> StoredRow | None:
        if (name, key) not in self._known:
            (self._known[name, key], *_) = (*self.plant.records.read(name, id=key), None)
        return self._known[name, key]


def _item(item: StoredRow, piece: StoredRow, source: Source) -> Item:
    held = piece["count"] if isinstance(piece["count"], int) else 1
    count = item["count"] if isinstance(item["count"], int) else held
    mass = number(piece["mass"])
    mark = word(piece["mark"]) or (word(piece["id"]) if piece["marked"] else "")
    return Item(
        word(piece["id"]),
        count,
        mark,
        None if mass is None else mass * count / held,
        tuple(source.heats) or tuple(source.lots),
        tuple(source.treatments),
        piece.place(),
        source.deduced,
    )


def _treatment(row: StoredRow) -> HeatTreatment:
    started = row["started_at"]
    assert isinstance(started, int)  # noqa: S101  (a required time)
    return HeatTreatment(
        word(row["id"]),
        word(row["process"]),
        word(row["medium"]),
        number(row["set_temperature_degC"]),
        number(row["soak_time"]),
        started,
        row.place(),
    )


def _inspections(plant: PlantFolder, sources: Mapping[str, Source]) -> Iterator[Inspected]:
    by = {"piece": list(sources), "heat": _all(sources, "heats"), "heat_treatment": _all(sources, "treatments")}
    seen = set()
    for name, numbers in by.items():
        for row in plant.records.read("inspection", **{name: numbers}) if numbers else ():
            if row["id"] in seen:
                continue
            seen.add(row["id"])
            at, count, bad = row["inspected_at"], row["count"], row["count_bad"]
            yield Inspected(
                word(row["id"]),
                word(row["kind"]),
                word(row[name]),
                word(row["standard"]),
                word(row["result"]),
                count if isinstance(count, int) else None,
                bad if isinstance(bad, int) else None,
                at if isinstance(at, int) else 0,
                row.place(),
            )


def _all(sources: Mapping[str, Source], what: str) -> list[str]:
    return list(dict.fromkeys(name for source in sources.values() for name in getattr(source, what)))


def _decisions(plant: PlantFolder, sources: Mapping[str, Source]) -> tuple[list[Finding], dict[str, str]]:
    """Return what the last decisions and open nonconformities say against the pieces, and the concessions."""
    subjects = {
        "piece": list(sources),
        "heat": _all(sources, "heats"),
        "ladle": _all(sources, "ladles"),
        "lot": _all(sources, "lots"),
        "mould": _all(sources, "moulds"),
        "heat_treatment": _all(sources, "treatments"),
    }
    against: list[Finding] = []
    concessions: dict[str, str] = {}
    for kind, numbers in subjects.items():
        decided = plant.records.read("disposition", subject=kind, subject_id=numbers) if numbers else ()
        last = {word(row["subject_id"]): row for row in sorted(decided, key=lambda row: int(str(row["decided_at"])))}
        for name, row in last.items():
            if row["decision"] in _STOPPING:
                against.append(
                    _finding(
                        row.place("decision"),
                        text(
                            "the last decision on {kind} {name} is {decision}",
                            kind=record(kind).title,
                            name=name,
                            decision=_choice("disposition", "decision", row),
                        ),
                        text("take what comes from it out of the shipment, or record its release"),
                    )
                )
            if row["decision"] == "concession":
                concessions[name] = f"{kind} {name}: {word(row['reason'])} ({word(row['decided_by'])})"
    for kind in ("piece", "heat", "heat_treatment", "lot"):
        against += _open(plant, kind, subjects[kind])
    return against, concessions


def _open(plant: PlantFolder, kind: str, numbers: list[str]) -> Iterator[Finding]:
    for row in plant.records.read("nonconformity", **{kind: numbers}) if numbers else ():
        decided = plant.records.read("disposition", subject="nonconformity", subject_id=word(row["id"]))
        last = max(decided, key=lambda one: int(str(one["decided_at"])), default=None)
        if last is None or last["decision"] not in _SETTLING:
            yield _finding(
                row.place(),
                text(
                    "nonconformity {id} of {kind} {name} is open",
                    id=word(row["id"]),
                    kind=record(kind).title,
                    name=word(row[kind]),
                ),
                text("close it, or record the concession"),
            )


def _choice(name: str, field_name: str, row: StoredRow) -> Text:
    code = word(row[field_name])
    for choice in record(name).field(field_name).choices:
        if choice.code == code:
            return bilingual(choice.code, choice.zh)
    return verbatim(code)


def _finding(place: str, reason: Text, repair: Text) -> Finding:
    return Finding("not-to-be-certified", Severity.REFUSED, Place(place), "", reason, repair)
