"""Questions to a genealogy: what is this made of, and what became of that, with shares and probabilities."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from forgecast.plant.lineage import KINDS, Lineage, Links, Moves, Relation

__all__ = ["Descent", "Kin", "Lineage", "Link", "ancestors", "descendants", "descent", "links_among"]

IntArray: TypeAlias = NDArray[np.int64]
FloatArray: TypeAlias = NDArray[np.float64]

#: Shares below count as nothing: a piece that holds less than 1 % of a heat is not said to hold it.
LEAST_SHARE = 0.01
#: A lot is a small part of a charge by nature; any of it counts.
LEAST_OF_LOT = 1e-9
#: So many ancestors of a kind are looked at one by one, the latest; and so many descendants.
MOST_OF_KIND, MOST_DESCENDANTS = 300, 8000
_Table = TypeVar("_Table", Links, Moves)
METAL = ("lot", "heat", "ladle", "holding_fill", "mould", "shot")


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a genealogy.

    Parameters
    ----------
    parent, child : (str, str)
        Kind and number of the subject.
    relation : Relation
    share : float or None
        Part of the child that is of this parent [1]; None where a mass is not on record (then between `share_low` and
        `share_high`).
    share_low, share_high : float
    probability : float
        That this parent is the one [1]; for moves the chance that a piece of the child, picked blindly, is of it.
    count : int or None
        Pieces that moved.
    recorded : bool
        Whether a record says so; else it follows from times and order.
    source : str
        ``file:row`` of the record; empty where a task has not looked it up, or there is none.
    """

    parent: tuple[str, str]
    child: tuple[str, str]
    relation: Relation
    share: float | None
    share_low: float
    share_high: float
    probability: float
    count: int | None
    recorded: bool
    source: str = ""


@dataclass(frozen=True, slots=True)
class Kin:
    """A subject that is an ancestor (or a descendant) of another one.

    Parameters
    ----------
    kind, name : str
    time : int or None
        Microseconds UTC.
    probability, low, high : float
        That it is one [1], with bounds that hold whatever depends on what.
    share, share_low, share_high : float
        How much of the child is of it [1]: expected, least and most.
    pieces : int
        Pieces in it, for batches and shipments.
    """

    kind: str
    name: str
    time: int | None
    probability: float
    low: float
    high: float
    share: float
    share_low: float
    share_high: float
    pieces: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Descent:
    """What a search over all descendants found, node by node.

    Parameters
    ----------
    probability : (3, n) float64 array
        That a piece (or thing) of each node is affected: low, best, high.
    share : (3, n) float64 array
        How much of it is of where the search began: low, expected, high.
    number : (2, n) int64 array
        Pieces of each node that are affected: at least, at most.
    first : int
        Node at which the search began; those before are not affected.
    """

    probability: FloatArray
    share: FloatArray
    number: IntArray
    first: int


def descent(
    lineage: Lineage,
    source: FloatArray,
    *,
    metal: bool,
    least_share: float = LEAST_SHARE,
    through_returns: bool = False,
    blind: bool = False,
) -> Descent:
    """Return how every node descends from where the search begins.

    From parents to children, once: of the links of a slot one holds, P(slot) = sum over its parents of q P(parent) as
    best estimate. What the choice of the parent and the parent's own state have to do with each other is not known,
    so the bounds are those of Frechet, max(0, q + P - 1) and min(q, P). A child is affected as soon as the share that
    it holds reaches `least_share`: surely, if its least share does; not, if its greatest does not; between, its slots
    count by 1 - prod(1 - P) as best estimate, max P and min(1, sum P) as bounds. Batches: see
    `forgecast.plant.kernels.lineage_sweep.of_batch`.

    Parameters
    ----------
    lineage : Lineage
    source : (3, n) float64 array
        Probability, low, best and high, with which each node is where the search begins.
    metal : bool
        Whether what is looked for comes with the metal (a heat, a mould), or happened to pieces (a furnace load): where
        a piece out of a mixed batch has its origin on record, the origin decides on metal, the batch on what happened.
    least_share : float
        Share from which on a thing counts as affected, above 0.
    through_returns : bool
        Whether metal is followed through returns into the heats that remelted them.
    blind : bool
        Whether pieces are taken as drawn from mixed batches at random; else the bounds allow any hand.

    References
    ----------
    M. Frechet's bounds on joint probabilities, as in L. Rueschendorf, Mathematical Risk Analysis, Springer 2013.
    """
    from forgecast.plant.kernels.lineage_sweep import sweep  # noqa: PLC0415  (numba takes half a second to load)
    from forgecast.plant.kernels.ready import ready  # noqa: PLC0415

    n = len(lineage)
    probability, share = np.zeros((3, n)), np.zeros((3, n))
    number = np.zeros((2, n), dtype=np.int64)
    begun = np.flatnonzero(source[2] > 0.0)
    first = int(begun[0]) if begun.size else n
    links, moves, loads = lineage.links, lineage.moves, lineage.loads
    followed = np.ones(links.parent.size, dtype=np.bool_)
    if not through_returns:
        followed = links.relation != int(Relation.REMELTED)
    shares = np.stack([links.low, links.share, links.high])
    ready(sweep, n - first + links.parent.size)(
        first,
        (
            links.start,
            links.parent,
            links.slot,
            links.probability,
            shares,
            followed,
        ),
        (moves.start, moves.parent, moves.count),
        (loads.start, loads.parent, loads.count),
        (lineage.own, lineage.total, lineage.fixed),
        source,
        (float(least_share), bool(blind), bool(metal)),
        probability,
        share,
        number,
    )
    return Descent(probability, share, number, first)


def sources(lineage: Lineage, nodes: IntArray) -> FloatArray:
    """Return the search's beginning at nodes that are surely it, (3, n)."""
    begun = np.zeros((3, len(lineage)))
    begun[:, nodes] = 1.0
    return begun


def beginning(lineage: Lineage, kind: str, nodes: IntArray) -> FloatArray:
    """Return where a search forward from a subject begins, (3, n).

    A lot is a small part of what it was charged into, so the search begins with whatever took any of it: a heat counts
    wholly, and from there on metal is diluted.
    """
    if kind != "lot":
        return sources(lineage, nodes)
    begun = sources(lineage, nodes)
    links = lineage.links
    child = np.repeat(np.arange(len(lineage)), np.diff(links.start))
    there = np.isin(links.parent, nodes)
    sure = links.probability[there]
    np.maximum.at(begun[0], child[there], np.where(sure > 1.0 - 1e-9, 1.0, sure))
    np.maximum.at(begun[1], child[there], sure)
    np.maximum.at(begun[2], child[there], sure)
    return begun


def descendants(
    lineage: Lineage, kind: str, nodes: IntArray, *, least_share: float = LEAST_SHARE, through_returns: bool = True
) -> tuple[IntArray, tuple[Kin, ...]]:
    """Return the nodes of everything that may have come of a subject, and each subject among them with its figures."""
    metal = kind in METAL
    found = descent(
        lineage, beginning(lineage, kind, nodes), metal=metal, least_share=least_share, through_returns=through_returns
    )
    share = found.share
    if kind == "lot":
        whole = descent(
            lineage,
            sources(lineage, nodes),
            metal=True,
            least_share=LEAST_OF_LOT,
            through_returns=through_returns,
        )
        share = whole.share
    reached = np.setdiff1d(np.flatnonzero(found.probability[2] > 0.0), nodes)
    kin: dict[tuple[str, str], Kin] = {}
    for node in reached[:MOST_DESCENDANTS]:
        who, time = _who(lineage, int(node)), int(lineage.time[node])
        low, best, high = (float(v) for v in found.probability[:, node])
        s_low, s_best, s_high = (float(v) for v in share[:, node])
        pieces = int(lineage.total[node])
        kin[who] = Kin(*who, time if time >= 0 else None, best, low, high, s_best, s_low, s_high, pieces)
    return reached, tuple(kin.values())


def ancestor_nodes(lineage: Lineage, node: int, least_share: float = LEAST_SHARE) -> IntArray:
    """Return a node and its possible ancestors, ascending, without those that can hold less than a share of it.

    The share falls along a chain of heels or fillings, so a chain is left where its product does.
    """
    links = lineage.links
    reach = {node: 1.0}
    waiting: list[int] = [-node]
    found: list[int] = []
    while waiting:
        at = -heapq.heappop(waiting)
        if found and found[-1] == at:
            continue
        found.append(at)
        for k in range(int(links.start[at]), int(links.start[at + 1])):
            parent = int(links.parent[k])
            charged = links.relation[k] in (Relation.CHARGED, Relation.ADDED)
            share = reach[at] * (1.0 if charged else float(links.high[k]))
            if share >= least_share and share > reach.get(parent, 0.0):
                if parent not in reach:
                    heapq.heappush(waiting, -parent)
                reach[parent] = share
        for moves in (lineage.moves, lineage.loads):
            for parent in moves.parent[moves.start[at] : moves.start[at + 1]]:
                if int(parent) not in reach:
                    heapq.heappush(waiting, -int(parent))
                reach[int(parent)] = max(reach[at], reach.get(int(parent), 0.0))
    return np.array(sorted(found), dtype=np.int64)


def part_of(lineage: Lineage, nodes: IntArray) -> Lineage:
    """Return the genealogy of some nodes alone (ascending), with the links among them."""
    number = np.full(len(lineage), -1, dtype=np.int64)
    number[nodes] = np.arange(nodes.size)
    starts = np.searchsorted(nodes, lineage.starts).astype(np.int64)
    names = {}
    rows = np.empty(0, dtype=np.int64)
    for at, kind in enumerate(KINDS):
        mine = nodes[starts[at] : starts[at + 1]] - int(lineage.starts[at])
        if kind == "piece":
            rows = lineage.piece_row[mine]
            names[kind] = lineage.names[kind]
        else:
            names[kind] = lineage.names[kind].take(mine)
    return Lineage(
        names=names,
        starts=starts,
        time=lineage.time[nodes],
        piece_row=rows,
        own=lineage.own[nodes],
        total=lineage.total[nodes],
        left=lineage.left[nodes],
        fixed=lineage.fixed[nodes],
        links=_picked(lineage.links, nodes, number),
        moves=_picked(lineage.moves, nodes, number),
        loads=_picked(lineage.loads, nodes, number),
        findings=lineage.findings,
        assumptions=lineage.assumptions,
    )


def _picked(one: _Table, nodes: IntArray, number: IntArray) -> _Table:
    """Return links or moves into some nodes, from those among them."""
    many = one.start[nodes + 1] - one.start[nodes]
    child = np.repeat(np.arange(nodes.size), many)
    index = np.arange(child.size) - np.repeat(np.cumsum(many) - many, many) + np.repeat(one.start[nodes], many)
    there = number[one.parent[index]] >= 0
    child, index = child[there], index[there]
    columns = {name: getattr(one, name)[index] for name in one.__slots__ if name not in ("start", "parent")}
    start = np.searchsorted(child, np.arange(nodes.size + 1)).astype(np.int64)
    return type(one)(start=start, parent=number[one.parent[index]], **columns)


def ancestors(
    lineage: Lineage, node: int, *, least_share: float = LEAST_SHARE, through_returns: bool = True
) -> tuple[Kin, ...]:
    """Return everything a node may have come from, each with probability and share, in the order of the works.

    Each ancestor's figures are those of a search forward from it, so both directions tell the same. Of more than
    `MOST_OF_KIND` ancestors of a kind the latest are told; the figures of all others are not touched by that.
    """
    nodes = ancestor_nodes(lineage, node, least_share)
    small = part_of(lineage, nodes)
    target, own = nodes.size - 1, lineage.name(node)
    found: list[Kin] = []
    seen: set[tuple[str, str]] = {(lineage.kind(node), own)}
    told: Counter[str] = Counter()
    for at in range(target - 1, -1, -1):
        kind, name = small.kind(at), small.name(at)
        if (kind, name) in seen or told[kind] >= MOST_OF_KIND:
            continue
        seen.add((kind, name))
        told[kind] += 1
        begun = small.nodes(kind, name) if kind == "piece" else np.array([at], dtype=np.int64)
        least = LEAST_OF_LOT if kind == "lot" else least_share
        metal = kind in METAL
        one = descent(small, sources(small, begun), metal=metal, least_share=least, through_returns=through_returns)
        low, best, high = (float(v) for v in one.probability[:, target])
        s_low, s_best, s_high = (float(v) for v in one.share[:, target])
        if high > 0.0:
            time = int(small.time[at])
            pieces = int(small.total[at])
            found.append(Kin(kind, name, time if time >= 0 else None, best, low, high, s_best, s_low, s_high, pieces))
    order = {kind: place for place, kind in enumerate(KINDS)}
    return tuple(sorted(found, key=lambda kin: (order[kin.kind], kin.time or 0, kin.name)))


def links_among(lineage: Lineage, nodes: Sequence[int] | IntArray) -> tuple[Link, ...]:
    """Return the links among some nodes, from the first kinds on; what only stayed in its batch is left out."""
    there = {int(node) for node in nodes}
    said: list[Link] = []
    for child in sorted(there):
        links = lineage.links
        for k in range(int(links.start[child]), int(links.start[child + 1])):
            parent = int(links.parent[k])
            if parent in there:
                low, high = float(links.low[k]), float(links.high[k])
                said.append(
                    Link(
                        _who(lineage, parent),
                        _who(lineage, child),
                        Relation(int(links.relation[k])),
                        float(links.share[k]) if high - low < 1e-9 else None,
                        low,
                        high,
                        float(links.probability[k]),
                        None,
                        bool(links.recorded[k]),
                    )
                )
        for moves in (lineage.moves, lineage.loads):
            for k in range(int(moves.start[child]), int(moves.start[child + 1])):
                parent, relation = int(moves.parent[k]), Relation(int(moves.relation[k]))
                if parent in there and relation is not Relation.KEPT:
                    count = int(moves.count[k])
                    chance = count / max(int(lineage.total[child]), 1)
                    said.append(
                        Link(
                            _who(lineage, parent),
                            _who(lineage, child),
                            relation,
                            1.0,
                            1.0,
                            1.0,
                            chance,
                            count,
                            recorded=True,
                        )
                    )
    return tuple(said)


def _who(lineage: Lineage, node: int) -> tuple[str, str]:
    return lineage.kind(node), lineage.name(node)
