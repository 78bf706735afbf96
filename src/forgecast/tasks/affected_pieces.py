"""Pieces that come of suspect heats, moulds, shots or pieces, downstream by genealogy, and what was decided on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from forgecast.ground.errors import ForgecastError
from forgecast.plant.lineage import KINDS, Lineage
from forgecast.plant.trace import METAL, descent, sources
from forgecast.store.plant_folder import PlantFolder

#: Decisions that keep a thing from going on.
HELD = frozenset({"block", "contain", "rework", "scrap", "remelt", "return"})


@dataclass(frozen=True, slots=True)
class AffectedPiece:
    """A piece or batch that holds, or may hold, what is suspect.

    Parameters
    ----------
    name, product : str
    least, most : int
        Pieces in it that are affected, at least and at most.
    probability : float
        That a piece of it is affected [1].
    decision : str
        Last decision on it, else on what it came of; empty where nobody decided.
    shipments : tuple of str
        It went out with.
    """

    name: str
    product: str
    least: int
    most: int
    probability: float
    decision: str
    shipments: tuple[str, ...]

    @property
    def held(self) -> bool:
        """Whether it was kept from going on."""
        return self.decision in HELD

    def as_json(self) -> dict[str, object]:
        """Return the piece."""
        return {
            "piece": self.name,
            "product": self.product,
            "at_least": self.least,
            "at_most": self.most,
            "probability": self.probability,
            "decision": self.decision,
            "shipments": list(self.shipments),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """The last decision on each subject, by kind and number."""

    last: Mapping[tuple[str, str], str]
    shipped: Mapping[str, tuple[str, ...]]
    product: Mapping[str, str]

    @staticmethod
    def of(plant: PlantFolder) -> Decisions:
        """Read the decisions, shipments and products of a plant's pieces."""
        held = plant.records.columns("disposition", ["subject", "subject_id", "decided_at", "decision"])
        order = np.argsort(held["decided_at"].astype(np.int64), kind="stable")
        last = {(str(held["subject"][at]), str(held["subject_id"][at])): str(held["decision"][at]) for at in order}
        items = plant.records.columns("shipment_item", ["shipment", "piece"])
        shipped: defaultdict[str, list[str]] = defaultdict(list)
        for piece, shipment in zip(items["piece"], items["shipment"], strict=True):
            shipped[str(piece)].append(str(shipment))
        pieces = plant.records.columns("piece", ["id", "product"])
        product = {str(name): str(what or "") for name, what in zip(pieces["id"], pieces["product"], strict=True)}
        return Decisions(last, {name: tuple(out) for name, out in shipped.items()}, product)

    def on(self, kind: str, name: str, origins: Sequence[tuple[str, str]]) -> str:
        """Return the last decision on a subject, else one that holds any of its origins, else one that lets them go."""
        own = self.last.get((kind, name), "")
        if own:
            return own
        above = [self.last[origin] for origin in origins if origin in self.last]
        return next((word for word in above if word in HELD), above[0] if above else "")


def affected_pieces(
    lineage: Lineage, decisions: Decisions, suspects: Mapping[str, Sequence[str]]
) -> tuple[AffectedPiece, ...]:
    """Return the pieces that come of suspects, by what is likeliest affected.

    Parameters
    ----------
    lineage : Lineage
    decisions : Decisions
    suspects : mapping of kind to sequence of numbers
        Kinds are those of `forgecast.plant.lineage.KINDS`; a number without a row in the genealogy is passed over.
    """
    nodes: list[int] = []
    for kind, names in suspects.items():
        for name in names:
            try:
                nodes += [int(node) for node in lineage.nodes(kind, name)]
            except ForgecastError:
                continue  # a shot or heat from which no piece is on record has no place in the genealogy
    if not nodes:
        return ()
    metal = all(kind in METAL for kind in suspects)
    found = descent(lineage, sources(lineage, np.array(sorted(set(nodes)), dtype=np.int64)), metal=metal)
    span = lineage.span("piece")
    hit = span.start + np.flatnonzero(found.probability[2, span] > 0.0)
    origins = [(kind, name) for kind, names in suspects.items() for name in names]
    by_name: dict[str, AffectedPiece] = {}
    for node in hit:
        name = lineage.name(int(node))
        least, most = (int(number) for number in found.number[:, node])
        # Pieces that moved on are counted where they are now.
        if lineage.left[node] == 0 and most > 0 and lineage.own[node] != lineage.total[node]:
            continue
        before = by_name.get(name)
        by_name[name] = AffectedPiece(
            name=name,
            product=decisions.product.get(name, ""),
            least=least if before is None else max(before.least, least),
            most=most if before is None else max(before.most, most),
            probability=max(float(found.probability[1, node]), 0.0 if before is None else before.probability),
            decision=decisions.on("piece", name, origins),
            shipments=decisions.shipped.get(name, ()),
        )
    return tuple(sorted(by_name.values(), key=lambda piece: (-piece.probability, piece.name)))


def traced_kind(kind: str) -> bool:
    """Return whether a kind of record has a place in the genealogy."""
    return kind in KINDS
