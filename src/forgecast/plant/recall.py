"""Recall: which pieces may be affected, how surely, how many, where they are, and which set is enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import DAY_US
from forgecast.plant.lineage import KINDS, Lineage, Relation
from forgecast.plant.trace import LEAST_SHARE, Descent, descent

IntArray: TypeAlias = NDArray[np.int64]
FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]

#: Levels a lineage may be known to, with the kinds of subject of each.
LEVELS: dict[str, tuple[str, ...]] = {
    "mould": ("mould", "shot"),
    "ladle": ("ladle", "holding_fill"),
    "heat": ("heat",),
    "lot": ("lot",),
    "heat_treatment": ("heat_treatment",),
}


@dataclass(frozen=True, slots=True, eq=False)
class Recall:
    """What may be affected, unit by unit: what lies here of a batch, or what was shipped of it together.

    Pieces of one unit cannot be told apart by anything on record.

    Parameters
    ----------
    node : (u,) int64 array
        Content of the batch, or piece, the unit is of.
    shipment : (u,) int64 array
        Node of its shipment; -1 where it has not left.
    count : (u,) int64 array
        Pieces.
    probability : (3, u) float64 array
        That a piece of it is affected: low, best, high.
    least, most : (u,) int64 array
        How many of it are affected.
    any_affected : (3, u) float64 array
        That at least one of it is: low, best, high.
    share : (3, u) float64 array
        How much of a piece is of the source: least, expected, most.
    in_set : (u,) bool array
        Whether it belongs to the set that is enough.
    expected : (3,) float64 array
        Number of affected pieces: low, best, high.
    confidence, reached : float
        Asked for; and what the set reaches at least: the probability that no affected piece lies outside of it.
    untraced : int
        Pieces that began without anything on record at the level of the source and may have come of it; none of the
        figures holds for them.
    """

    node: IntArray
    shipment: IntArray
    count: IntArray
    probability: FloatArray
    least: IntArray
    most: IntArray
    any_affected: FloatArray
    share: FloatArray
    in_set: BoolArray
    expected: FloatArray
    confidence: float
    reached: float
    untraced: int

    @property
    def possible(self) -> int:
        """Return how many pieces may be affected."""
        return int(self.count.sum())

    @property
    def certain(self) -> int:
        """Return how many pieces are affected at least, whichever they are."""
        return int(self.least.sum())

    @property
    def enough(self) -> int:
        """Return how many pieces the set has that is enough."""
        return int(self.count[self.in_set].sum())


def recall(
    lineage: Lineage,
    source: FloatArray,
    *,
    level: str,
    metal: bool | None = None,
    confidence: float = 0.99,
    least_share: float = LEAST_SHARE,
    through_returns: bool = False,
    blind: bool = False,
) -> Recall:
    """Return the recall set of where a search begins.

    The bounds hold whatever depends on what; see `forgecast.plant.trace.descent`. The set that is enough leaves out the
    units least likely to hold an affected piece, as long as the sum of the upper bounds of what is left out stays
    below 1 - confidence: P(an affected piece outside) <= sum over units outside of P(any affected) (Boole). Among
    single pieces no smaller set has that bound; units of several pieces are left out by probability per piece.

    Parameters
    ----------
    lineage : Lineage
    source : (3, n) float64 array
        As in `forgecast.plant.trace.descent`.
    level : str
        One of `LEVELS`: where the source stands; what is unknown there is counted as untraced. Empty: nothing is.
    metal : bool, optional
        As in `forgecast.plant.trace.descent`; without it, whether the level is one of metal.
    confidence : float
        Probability with which no affected piece lies outside of the set, above 0 and up to 1.
    least_share, through_returns, blind
        As in `forgecast.plant.trace.descent`.
    """
    of_metal = level != "heat_treatment" if metal is None else metal
    found = descent(
        lineage, source, metal=of_metal, least_share=least_share, through_returns=through_returns, blind=blind
    )
    node, shipment, count = units(lineage, found)
    total = lineage.total[node]
    p_low, p, p_high = (found.probability[i, node] for i in range(3))
    low, high = p_low, p_high
    if not blind:
        low = np.maximum(total * p_low - (total - count), 0.0) / count
        high = np.minimum(total * p_high / count, 1.0)
    least = np.maximum(found.number[0, node] - (total - count), 0)
    most = np.minimum(found.number[1, node], count)
    together = _one_fate(lineage, node)
    any_low = np.maximum(low, least > 0)
    any_high = np.where(together, p_high, np.minimum(count * high, 1.0))
    any_high = np.where(most > 0, any_high, 0.0)
    independent = -np.expm1(count * np.log1p(-np.minimum(p, 1.0 - 1e-15)))
    any_best = np.clip(np.where(together, p, independent), any_low, any_high)
    in_set, reached = enough(any_high, count, confidence)
    return Recall(
        node=node,
        shipment=shipment,
        count=count,
        probability=np.stack([low, np.clip(p, low, high), high]),
        least=least,
        most=most,
        any_affected=np.stack([any_low, any_best, any_high]),
        share=found.share[:, node],
        in_set=in_set,
        expected=np.array([(count * low).sum(), (count * p).sum(), (count * high).sum()]),
        confidence=confidence,
        reached=reached,
        untraced=_untraced(lineage, level, source),
    )


def units(lineage: Lineage, found: Descent | None = None) -> tuple[IntArray, IntArray, IntArray]:
    """Return content, shipment (-1: none) and pieces of every unit, or of those that may be affected.

    Together the units hold every piece the plant has made, once.
    """
    piece = lineage.span("piece")
    here = piece.start + np.flatnonzero(lineage.left[piece] > 0)
    sent = np.flatnonzero(lineage.moves.relation == int(Relation.SHIPPED))
    into = np.searchsorted(lineage.moves.start, sent, side="right") - 1
    node = np.concatenate([here, lineage.moves.parent[sent]])
    shipment = np.concatenate([np.full(here.size, -1), into])
    count = np.concatenate([lineage.left[here], lineage.moves.count[sent]])
    if found is not None:
        there = found.probability[2, node] > 0.0
        node, shipment, count = node[there], shipment[there], count[there]
    return node.astype(np.int64), shipment.astype(np.int64), count.astype(np.int64)


def enough(any_high: FloatArray, count: IntArray, confidence: float) -> tuple[BoolArray, float]:
    """Return which units are in the smallest set, and the confidence it reaches.

    Parameters
    ----------
    any_high : (u,) float64 array
        Upper bound of the probability that a unit holds an affected piece.
    count : (u,) int64 array
        Pieces of each unit.
    confidence : float
    """
    order = np.lexsort((-count, any_high / count))
    outside = np.cumsum(any_high[order])
    # What the sum of many small numbers is off by must not decide.
    left = int(np.searchsorted(outside, (1.0 - confidence) * (1.0 + 1e-12), side="right"))
    in_set = np.ones(count.size, dtype=np.bool_)
    in_set[order[:left]] = False
    return in_set, 1.0 - float(outside[left - 1] if left else 0.0)


def _one_fate(lineage: Lineage, node: IntArray) -> BoolArray:
    """Return which contents came from one origin together, so that all their pieces are affected or none is."""
    moves, loads = lineage.moves.start, lineage.loads.start
    alone = (moves[node + 1] == moves[node]) & (loads[node + 1] == loads[node])
    return np.asarray(alone | (lineage.total[node] == 1))


def _untraced(lineage: Lineage, level: str, source: FloatArray) -> int:
    """Count the pieces about whose origin at a level nothing is on record, and that may have come of the source.

    A piece forged from a lot of bar has no heat of this plant, and one made a day or more before all sources did not
    come of them; the day allows for records that hold the date alone.
    """
    if level not in LEVELS:
        return 0
    from forgecast.plant.kernels.lineage_known import NONE  # noqa: PLC0415  (numba takes half a second to load)

    mark, _ = known(lineage, level)
    if level == "heat_treatment":
        node, _, count = units(lineage)
        return int(count[mark[node] == NONE].sum())
    links = lineage.links
    child = np.repeat(np.arange(len(lineage)), np.diff(links.start))
    settled = lineage.fixed.copy()
    settled[child[mark[links.parent] != NONE]] = True
    if level != "lot":
        settled[child[links.relation == int(Relation.FORGED)]] = True
    began = lineage.time[source[2] > 0.0]
    if began.size and began.min() >= 0:
        settled |= (lineage.time >= 0) & (lineage.time < began.min() - DAY_US)
    return int(lineage.own[~settled].sum())


def known(lineage: Lineage, level: str) -> tuple[FloatArray, FloatArray]:
    """Return the main ancestor of each node at a level (NaN: several possible, `NONE`: nobody), and how much is known.

    Parameters
    ----------
    lineage : Lineage
    level : str
        One of `LEVELS`.
    """
    from forgecast.plant.kernels.lineage_known import known_level  # noqa: PLC0415  (numba takes half a second to load)
    from forgecast.plant.kernels.ready import ready  # noqa: PLC0415

    first, last = KINDS.index(LEVELS[level][0]), KINDS.index(LEVELS[level][-1])
    mark, share = np.empty(len(lineage)), np.empty(len(lineage))
    links, moves, loads = lineage.links, lineage.moves, lineage.loads
    ready(known_level, len(lineage))(
        (int(lineage.starts[first]), int(lineage.starts[last + 1])),
        (links.start, links.parent, links.slot, links.low, links.high),
        (moves.start, moves.parent, moves.count),
        (loads.start, loads.parent, loads.count),
        (lineage.own, lineage.total, lineage.fixed),
        mark,
        share,
    )
    return mark, share


@dataclass(frozen=True, slots=True)
class Completeness:
    """How far back the lineage of pieces is known, at one level.

    Parameters
    ----------
    level : str
    known, possible, none : int
        Pieces whose main ancestor at the level is certain, most of their metal being traced to it; may have several, or
        is known for a part only; not on record.
    """

    level: str
    known: int
    possible: int
    none: int

    @property
    def score(self) -> float:
        """Return the share of pieces that is known [1]; NaN without pieces."""
        every = self.known + self.possible + self.none
        return self.known / every if every else float("nan")


#: What is traced to so much of its mass counts as traced: slag formers and the like have no lot.
WHOLE = 0.9


def completeness(lineage: Lineage) -> tuple[Completeness, ...]:
    """Return the completeness of the lineage of all pieces at every level."""
    from forgecast.plant.kernels.lineage_known import NONE  # noqa: PLC0415  (numba takes half a second to load)

    node, _, count = units(lineage)
    said = []
    for level in LEVELS:
        mark, share = known(lineage, level)
        none = mark[node] == NONE
        sure = ~none & ~np.isnan(mark[node]) & (share[node] >= WHOLE)
        numbers = (int(count[one].sum()) for one in (sure, ~none & ~sure, none))
        said.append(Completeness(level, *numbers))
    return tuple(said)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a record would settle.

    Parameters
    ----------
    kind, name : str
        The subject whose origin is not on record, and where most hangs on it.
    relation : Relation
        What link it lacks.
    subjects : int
        How many subjects lack the same.
    pieces : float
        Expected pieces whose doubt would go if all of them were on record: sum of n P (1 - P).
    """

    kind: str
    name: str
    relation: Relation
    subjects: int
    pieces: float


def narrowing(lineage: Lineage, found: Descent) -> tuple[Narrowing, ...]:
    """Return which missing records leave most in doubt in a recall, the worst first.

    For a slot with several possible parents, P is the probability that the right one is affected; if every parent is,
    or none, nothing hangs on it. n is the expected number of pieces that came of the child.
    """
    from forgecast.plant.kernels.lineage_known import pieces_below  # noqa: PLC0415  (numba takes half a second to load)
    from forgecast.plant.kernels.ready import ready  # noqa: PLC0415

    links = lineage.links
    child = np.repeat(np.arange(len(lineage)), np.diff(links.start))
    below = lineage.own.astype(np.float64)
    below[lineage.fixed] = lineage.total[lineage.fixed]
    first = lineage.span("piece").start
    pieces = child >= first
    below[:first] = 0.0
    np.add.at(below, links.parent[pieces], links.probability[pieces] * below[child[pieces]])
    ready(pieces_below, links.parent.size)(first - 1, (links.start, links.parent, links.probability), below)
    part = links.probability * found.probability[1, links.parent]
    slot = np.concatenate([[0], np.cumsum((np.diff(child) != 0) | (np.diff(links.slot) != 0))]) if child.size else child
    chance = np.bincount(slot, part)
    open_ = np.bincount(slot, ~links.recorded) > 0
    begins = np.searchsorted(slot, np.arange(chance.size))
    gain = np.where(open_, below[child[begins]] * chance * (1.0 - np.minimum(chance, 1.0)), 0.0) if child.size else part
    said = []
    for relation in Relation:
        mine = np.flatnonzero((links.relation[begins] == int(relation)) & (gain > 1e-9)) if child.size else child
        said += _worst(lineage, relation, child[begins[mine]], gain[mine]) if mine.size else []
    mixed = np.flatnonzero(np.diff(lineage.moves.start) > 0)
    mixed = mixed[(mixed >= first) & (mixed < lineage.span("piece").stop)]
    p = found.probability[1, mixed]
    doubt = lineage.total[mixed] * p * (1.0 - p) * (lineage.total[mixed] > 1)
    said += _worst(lineage, Relation.MOVED, mixed[doubt > 1e-9], doubt[doubt > 1e-9])
    return tuple(sorted(said, key=lambda one: -one.pieces))


def _worst(lineage: Lineage, relation: Relation, nodes: IntArray, gain: FloatArray) -> list[Narrowing]:
    """Return what one relation leaves in doubt, for each kind of child."""
    said = []
    kinds = np.searchsorted(lineage.starts, nodes, side="right") - 1
    for at in np.unique(kinds):
        here = kinds == at
        node = int(nodes[here][int(np.argmax(gain[here]))])
        said.append(Narrowing(KINDS[at], lineage.name(node), relation, int(here.sum()), float(gain[here].sum())))
    return said
