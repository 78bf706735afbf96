"""Recall pieces: which ones a heat, a lot, a load, a sample or a sensor event touched, where they are, how surely."""

from __future__ import annotations

import time as clock
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Finding
from forgecast.ground.texts import Text, text
from forgecast.plant.lineage import Assumptions, Lineage
from forgecast.plant.recall import Completeness, Narrowing, Recall, completeness, narrowing, recall
from forgecast.plant.trace import LEAST_SHARE, METAL, beginning, descent
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.exposed_subjects import Exposed, exposed_subjects
from forgecast.tasks.lineage_of_plant import lineage_of_plant
from forgecast.tasks.lineage_sources import rows_of, subject_of

#: Level at which the source of a recall stands, by its kind.
_LEVEL: Final[Mapping[str, str]] = {
    "lot": "lot",
    "heat": "heat",
    "ladle": "ladle",
    "holding_fill": "ladle",
    "mould": "mould",
    "shot": "mould",
    "heat_treatment": "heat_treatment",
    "piece": "",
    "shipment": "",
}
#: So many units are listed one by one unless more are asked for.
MOST_UNITS: Final = 2000
#: Dispositions after which a piece is not in stock any more.
_GONE: Final = ("scrap", "remelt")


@dataclass(frozen=True, slots=True)
class RecallUnit:
    """Pieces of a recall that no record tells apart.

    Parameters
    ----------
    piece, product, mark : str
        Number of piece or batch, its product, what its mark says.
    count : int
    low, probability, high : float
        That one of them is affected [1].
    least, most : int
        How many of them are.
    share : float
        Expected share of the source in one [1].
    in_set : bool
        Whether it belongs to the set that is enough.
    shipment, customer, order : str
        Empty where it has not left.
    shipped_at : int or None
        Microseconds UTC.
    disposition : str
        Latest decision on it (a code of the record `disposition`); empty where there is none.
    """

    piece: str
    product: str
    mark: str
    count: int
    low: float
    probability: float
    high: float
    least: int
    most: int
    share: float
    in_set: bool
    shipment: str
    customer: str
    order: str
    shipped_at: int | None
    disposition: str

    @property
    def where(self) -> str:
        """Return ``shipped``, ``gone`` (scrapped or remelted) or ``stock``."""
        if self.shipment:
            return "shipped"
        return "gone" if self.disposition in _GONE else "stock"

    def as_json(self) -> dict[str, object]:
        """Return it as every JSON answer shows it."""
        return {
            "piece": self.piece,
            "product": self.product,
            "mark": self.mark,
            "count": self.count,
            "probability": {"low": self.low, "best": self.probability, "high": self.high},
            "affected": {"least": self.least, "most": self.most},
            "share": self.share,
            "in_set": self.in_set,
            "where": self.where,
            "shipment": self.shipment,
            "customer": self.customer,
            "order": self.order,
            "shipped_at": self.shipped_at,
            "disposition": self.disposition,
        }


@dataclass(frozen=True, slots=True, eq=False)
class RecallAnswer:
    """What a recall found.

    Parameters
    ----------
    sources : tuple of Exposed
        Where it begins: the subject asked for, or all that was in the machine.
    figures : Recall
        Numbers over all units.
    units : tuple of RecallUnit
        The likeliest first.
    not_listed : int
        Units beyond those listed.
    where : mapping of str to (int, float)
        Pieces and expected affected ones that are ``shipped``, in ``stock`` or ``gone`` (scrapped or remelted).
    customers : mapping of str to (int, float)
        The same by the customer who has them, the most first.
    completeness : tuple of Completeness
        How far back the lineage of all pieces of the plant is known.
    narrowing : tuple of Narrowing
        Which missing records leave most in doubt.
    findings : tuple of Finding
    assumptions : tuple of Text
    seconds : float
        What it took to answer.
    """

    sources: tuple[Exposed, ...]
    figures: Recall
    units: tuple[RecallUnit, ...]
    not_listed: int
    where: Mapping[str, tuple[int, float]]
    customers: Mapping[str, tuple[int, float]]
    completeness: tuple[Completeness, ...]
    narrowing: tuple[Narrowing, ...]
    findings: tuple[Finding, ...]
    assumptions: tuple[Text, ...]
    seconds: float

    def pieces(self, where: str) -> tuple[int, float]:
        """Return pieces and expected affected ones that are ``shipped``, in ``stock`` or ``gone``."""
        return self.where.get(where, (0, 0.0))

    def as_json(self) -> dict[str, object]:
        """Return the recall as JSON."""
        figures = self.figures
        low, best, high = (float(value) for value in figures.expected)
        return {
            "ok": True,
            "sources": [
                {
                    "kind": one.kind,
                    "id": one.name,
                    "probability": {"low": one.low, "best": one.probability, "high": one.high},
                    "source": one.source,
                }
                for one in self.sources
            ],
            "pieces": {
                "possible": figures.possible,
                "certain": figures.certain,
                "expected": {"low": low, "best": best, "high": high},
                "set": figures.enough,
                "confidence": figures.confidence,
                "reached": figures.reached,
                "untraced": figures.untraced,
            },
            "where": {
                name: {"pieces": count, "expected": expected}
                for name, (count, expected) in ((name, self.pieces(name)) for name in ("shipped", "stock", "gone"))
            },
            "customers": {
                name: {"pieces": count, "expected": expected} for name, (count, expected) in self.customers.items()
            },
            "units": [one.as_json() for one in self.units],
            "not_listed": self.not_listed,
            "completeness": {
                one.level: {"known": one.known, "possible": one.possible, "none": one.none} for one in self.completeness
            },
            "narrowing": [
                {
                    "kind": one.kind,
                    "id": one.name,
                    "relation": one.relation.name.lower(),
                    "subjects": one.subjects,
                    "pieces": one.pieces,
                }
                for one in self.narrowing
            ],
            "findings": [one.as_json() for one in self.findings],
            "assumptions": [one.as_json() for one in self.assumptions],
            "seconds": self.seconds,
        }


def recall_pieces(
    plant: PlantFolder,
    kind: str = "",
    name: str = "",
    *,
    equipment: str = "",
    since: int | None = None,
    until: int | None = None,
    confidence: float = 0.99,
    least_share: float = LEAST_SHARE,
    through_returns: bool = False,
    blind: bool = False,
    most_units: int | None = MOST_UNITS,
    assumptions: Assumptions | None = None,
    lineage: Lineage | None = None,
) -> RecallAnswer:
    """Return the pieces that a subject, or a machine during a stretch of time, may have touched.

    Parameters
    ----------
    plant : PlantFolder
    kind, name : str
        Subject, as in `forgecast.tasks.trace_piece.trace`; a sample stands for what it was taken from.
    equipment : str
        Instead of a subject: machine, ladle, line or tag, as in `exposed_subjects`.
    since, until : int, optional
        Stretch of time, microseconds UTC.
    confidence : float
        Probability with which no affected piece lies outside of the set that is enough.
    least_share : float
        Share of the source from which on a piece counts as affected.
    through_returns : bool
        Whether metal is followed through returns into later heats.
    blind : bool
        Whether pieces were drawn from mixed batches at random; else the bounds allow any hand.
    most_units : int or None
        So many units are listed one by one; None: all. The numbers are always those of all.
    assumptions : Assumptions, optional
    lineage : Lineage, optional
        The plant's genealogy, where it has been read already.

    Raises
    ------
    ForgecastError
        If there is no such subject or machine, or confidence or share lie outside 0 to 1.
    """
    begun = clock.perf_counter()
    _check(confidence, least_share, equipment, since, until)
    taken = assumptions if assumptions is not None else Assumptions()
    whole = lineage if lineage is not None else lineage_of_plant(plant, taken)
    if equipment:
        assert since is not None  # noqa: S101  (checked above)
        assert until is not None  # noqa: S101
        sources = exposed_subjects(plant, equipment, since, until, taken.clock)
    else:
        kind, name = subject_of(plant, kind, name)
        whole.nodes(kind, name)
        row = rows_of(plant, [(kind, name)]).get((kind, name))
        sources = (Exposed(kind, name, 1.0, 1.0, 1.0, -1, row.place() if row is not None else ""),)
    source, level = _beginning(whole, sources)
    metal = any(one.kind in METAL for one in sources)
    figures = recall(
        whole,
        source,
        level=level,
        metal=metal,
        confidence=confidence,
        least_share=least_share,
        through_returns=through_returns,
        blind=blind,
    )
    found = descent(whole, source, metal=metal, least_share=least_share, through_returns=through_returns, blind=blind)
    decided = _dispositions(plant)
    where, customers = _whereabouts(plant, whole, figures, decided)
    listed = figures.node.size if most_units is None else min(most_units, figures.node.size)
    return RecallAnswer(
        sources=sources,
        figures=figures,
        units=_units(plant, whole, figures, decided, listed),
        not_listed=figures.node.size - listed,
        where=where,
        customers=customers,
        completeness=completeness(whole),
        narrowing=narrowing(whole, found),
        findings=whole.findings,
        assumptions=(*whole.assumptions.told(), *_told(least_share, through_returns=through_returns, blind=blind)),
        seconds=clock.perf_counter() - begun,
    )


def _check(confidence: float, least_share: float, equipment: str, since: int | None, until: int | None) -> None:
    if not 0.0 < confidence <= 1.0:
        raise ForgecastError(
            text("a confidence of {value} is none", value=confidence),
            where="--confidence",
            repair=text("give a number above 0 and up to 1, such as 0.99"),
        )
    if not 0.0 < least_share <= 1.0:
        raise ForgecastError(
            text("a least share of {value} is none", value=least_share),
            where="--least-share",
            repair=text("give a number above 0 and up to 1, such as 0.01"),
        )
    if equipment and (since is None or until is None):
        raise ForgecastError(
            text("a machine is recalled for a stretch of time, and its ends are missing"),
            where="--since, --until",
            repair=text("give both ends of the stretch"),
        )


def _told(least_share: float, *, through_returns: bool, blind: bool) -> tuple[Text, ...]:
    return (
        text(
            "A piece that holds less than {share} % of the source is not counted as affected.",
            share=round(100 * least_share, 6),
        ),
        text("Metal is followed through returns into later heats.")
        if through_returns
        else text("Metal is not followed through returns: a heat that remelted it has an analysis of its own."),
        text("Pieces were drawn from mixed batches at random.")
        if blind
        else text(
            "The bounds allow that pieces were drawn from mixed batches in any way; the best estimate, at random."
        ),
    )


def _beginning(lineage: Lineage, sources: tuple[Exposed, ...]) -> tuple[np.ndarray, str]:
    """Return where the search begins, and the level its sources stand at."""
    begun = np.zeros((3, len(lineage)))
    for one in sources:
        nodes = lineage.nodes(one.kind, one.name)
        if one.kind == "piece" and one.at >= 0:
            # The content that was there at that instant; where pieces had left it, whether before is not looked up.
            opened = nodes[(lineage.time[nodes] <= one.at)]
            nodes = opened[-1:] if opened.size else nodes[:1]
        each = beginning(lineage, one.kind, nodes)
        begun[1] = np.maximum(begun[1], each[1] * one.probability)
        begun[2] = np.maximum(begun[2], each[2] * one.high)
        whole = one.kind != "piece" or one.at < 0 or bool(np.all(lineage.left[nodes] == lineage.total[nodes]))
        if whole:
            begun[0] = np.maximum(begun[0], each[0] * one.low)
    kinds = [one.kind for one in sources]
    level = _LEVEL[kinds[0]] if kinds and len(set(kinds)) == 1 else ""
    return begun, level


def _whereabouts(
    plant: PlantFolder, lineage: Lineage, figures: Recall, decided: Mapping[str, str]
) -> tuple[dict[str, tuple[int, float]], dict[str, tuple[int, float]]]:
    """Return pieces and expected affected ones by where they are, and by customer."""
    expected = figures.count * figures.probability[1]
    rows = lineage.piece_row[figures.node - lineage.span("piece").start]
    gone = [name for name, decision in decided.items() if decision in _GONE]
    out = np.zeros(len(lineage.names["piece"]), dtype=np.bool_)
    if gone:
        out = np.asarray(
            pc.is_in(lineage.names["piece"], value_set=pa.array(gone, pa.string())).to_numpy(zero_copy_only=False)
        )
    sent = figures.shipment >= 0
    masks = {"shipped": sent, "gone": ~sent & out[rows], "stock": ~sent & ~out[rows]}
    where = {name: (int(figures.count[one].sum()), float(expected[one].sum())) for name, one in masks.items()}
    names = {str(row["id"]): str(row["customer"] or "") for row in plant.records.read("shipment")}
    found: dict[str, tuple[int, float]] = {}
    nodes, index = np.unique(figures.shipment[sent], return_inverse=True)
    pieces = np.bincount(index, figures.count[sent], minlength=nodes.size)
    likely = np.bincount(index, expected[sent], minlength=nodes.size)
    for node, many, much in zip(nodes, pieces, likely, strict=True):
        who = names.get(lineage.name(int(node)), "")
        count, sum_ = found.get(who, (0, 0.0))
        found[who] = count + int(many), sum_ + float(much)
    return where, dict(sorted(found.items(), key=lambda item: -item[1][1]))


def _units(
    plant: PlantFolder, lineage: Lineage, figures: Recall, decided: Mapping[str, str], listed: int
) -> tuple[RecallUnit, ...]:
    if figures.node.size == 0:
        return ()
    rows = plant.records.columns("piece", ["id", "product", "mark"])
    shipments = {str(row["id"]): row for row in plant.records.read("shipment")} if (figures.shipment >= 0).any() else {}
    first = lineage.span("piece").start
    order = np.lexsort((figures.node, -figures.probability[2], -figures.probability[1], ~figures.in_set))
    said = []
    for at in order[:listed]:
        number = int(lineage.piece_row[figures.node[at] - first])
        name = str(lineage.names["piece"][number])
        known = number < rows["id"].size and rows["id"][number] == name
        shipment = lineage.name(int(figures.shipment[at])) if figures.shipment[at] >= 0 else ""
        sent = shipments.get(shipment)
        when = None if sent is None else sent["shipped_at"]
        low, best, high = (float(value) for value in figures.probability[:, at])
        said.append(
            RecallUnit(
                piece=name,
                product=str(rows["product"][number] or "") if known else "",
                mark=str(rows["mark"][number] or "") if known else "",
                count=int(figures.count[at]),
                low=low,
                probability=best,
                high=high,
                least=int(figures.least[at]),
                most=int(figures.most[at]),
                share=float(figures.share[1, at]),
                in_set=bool(figures.in_set[at]),
                shipment=shipment,
                customer=str(sent["customer"] or "") if sent is not None else "",
                order=str(sent["order"] or "") if sent is not None else "",
                shipped_at=when if isinstance(when, int) else None,
                disposition=decided.get(name, ""),
            )
        )
    return tuple(said)


def _dispositions(plant: PlantFolder) -> dict[str, str]:
    """Return the latest decision on each piece."""
    rows = sorted(
        plant.records.read("disposition", subject="piece"),
        key=lambda row: row["decided_at"] if isinstance(row["decided_at"], int) else 0,
    )
    return {str(row["subject_id"]): str(row["decision"]) for row in rows}
