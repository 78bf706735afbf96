"""The genealogy of a plant out of the columns of its records."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import text
from forgecast.plant.batches import ALL, Batches, Events, batches
from forgecast.plant.lineage import KINDS, Assumptions, Lineage, Links, Moves, Relation
from forgecast.plant.lineage_links import weave
from forgecast.plant.lineage_names import Columns, Subjects, instants, subjects
from forgecast.plant.lineage_weaver import Weaver

IntArray: TypeAlias = NDArray[np.int64]
FloatArray: TypeAlias = NDArray[np.float64]

_ORIGINS = ("mould", "shot", "ladle", "heat", "lot")
#: Instants for what has none on record: before all steps, after all of them.
_FIRST, _LAST = -1, np.iinfo(np.int64).max // 4


def lineage(columns: Columns, assumptions: Assumptions | None = None) -> Lineage:
    """Return the genealogy of a plant.

    Parameters
    ----------
    columns : mapping of record to mapping of field to (n,) array
        As `forgecast.plant.lineage_names.COLUMNS` names them; texts as objects with None, numbers as floats with NaN or
        as integers, in the order of the records' keys.
    assumptions : Assumptions, optional

    Notes
    -----
    A row of `piece` stands for its `count` pieces. Where batches went into it, its count holds those; what they leave
    over began in it. Where it names an origin and its count is just what went in, the origin is believed for all.
    """
    taken = assumptions if assumptions is not None else Assumptions()
    who = subjects(columns)
    own, fixed = _own(columns, who)
    found = _batches(columns, who, own)
    weaver = weave(columns, who, taken, own)
    return _assembled(who, weaver, found, fixed, taken)


def _own(columns: Columns, who: Subjects) -> tuple[IntArray, NDArray[np.bool_]]:
    """Return the pieces that begin in each row, and where an origin on record stands for pieces that came in."""
    rows, size = columns["piece"], len(who.names["piece"])
    at = who.of_row["piece"]
    count = np.full(size, 0, dtype=np.int64)
    given = np.asarray(rows["count"], dtype=np.float64)
    count[at] = np.where(np.isfinite(given), np.nan_to_num(given), 1.0).astype(np.int64)
    origin = np.zeros(size, dtype=np.bool_)
    for name in _ORIGINS:
        origin[at] |= who.numbers(name, rows[name]) >= 0
    steps = columns["batch_step"]
    target = who.numbers("piece", steps["to_piece"])
    came = np.bincount(target, np.asarray(steps["count"], dtype=np.float64), minlength=size).astype(np.int64)
    collected = (came == count) | ~origin
    return np.where(collected, np.maximum(count - came, 0), count), origin & (came == count) & (count > 0)


def _batches(columns: Columns, who: Subjects, own: IntArray) -> Batches:
    steps, loads, items = (columns[name] for name in ("batch_step", "heat_treatment_load", "shipment_item"))
    treated = who.numbers("heat_treatment", loads["heat_treatment"])
    shipped = who.numbers("shipment", items["shipment"])
    treated_at = np.where(who.time["heat_treatment"][treated] >= 0, who.time["heat_treatment"][treated], _LAST - 1)
    shipped_at = np.where(who.time["shipment"][shipped] >= 0, who.time["shipment"][shipped], _LAST)
    at = instants(steps["at"])
    return batches(
        own,
        Events(
            np.where(at >= 0, at, _FIRST),
            who.numbers("piece", steps["from_piece"]),
            who.numbers("piece", steps["to_piece"]),
            _counts(steps["count"]),
        ),
        Events(treated_at, who.numbers("piece", loads["piece"]), treated, _counts(loads["count"])),
        Events(shipped_at, who.numbers("piece", items["piece"]), shipped, _counts(items["count"])),
    )


def _counts(values: NDArray[np.generic]) -> IntArray:
    floats = np.asarray(values, dtype=np.float64)
    return np.where(np.isfinite(floats), np.nan_to_num(floats), ALL).astype(np.int64)


def _assembled(
    who: Subjects, weaver: Weaver, found: Batches, fixed: NDArray[np.bool_], assumptions: Assumptions
) -> Lineage:
    sizes = [found.row.size if kind == "piece" else len(who.names[kind]) for kind in KINDS]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    nodes, pieces = int(starts[-1]), slice(int(starts[KINDS.index("piece")]), int(starts[KINDS.index("piece") + 1]))
    own, total, left = (np.zeros(nodes, dtype=np.int64) for _ in range(3))
    own[pieces], total[pieces], left[pieces] = found.own, found.total, found.remaining
    into = found.ship_to + starts[KINDS.index("shipment")]
    np.add.at(total, into, found.ship_count)
    left[pieces.stop :] = total[pieces.stop :]
    begins = np.zeros(who.time["piece"].size, dtype=np.int64)
    first = found.state == 0
    begins[found.row[first]] = np.flatnonzero(first) + pieces.start
    stands = np.zeros(nodes, dtype=np.bool_)
    stands[begins[fixed]] = True
    made = np.where(found.opened >= 0, found.opened, who.time["piece"][found.row])
    time = np.concatenate([made if kind == "piece" else who.time[kind] for kind in KINDS])
    return Lineage(
        names=dict(who.names),
        starts=starts,
        time=time,
        piece_row=found.row,
        own=own,
        total=total,
        left=left,
        fixed=stands,
        links=_relinked(weaver, begins, nodes),
        moves=_moves(
            np.concatenate([found.move_to + pieces.start, into]),
            np.concatenate([found.move_from, found.ship_from]) + pieces.start,
            np.concatenate([found.move_count, found.ship_count]),
            np.concatenate(
                [
                    np.where(found.kept, int(Relation.KEPT), int(Relation.MOVED)),
                    np.full(found.ship_to.size, int(Relation.SHIPPED)),
                ]
            ),
            nodes,
        ),
        loads=_moves(
            found.load_into + pieces.start,
            found.load_of + starts[KINDS.index("heat_treatment")],
            found.load_count,
            np.full(found.load_of.size, int(Relation.TREATED)),
            nodes,
        ),
        findings=(*weaver.findings, *_short(who, found)),
        assumptions=assumptions,
    )


def _relinked(weaver: Weaver, begins: IntArray, nodes: int) -> Links:
    """Return the links with batches by the node of their first content; no link begins at a piece."""
    base = weaver.first["piece"]
    for part in weaver.parts:
        child = np.asarray(part[0], dtype=np.int64)
        piece = child >= base
        child[piece] = begins[child[piece] - base]
        part[0] = child
    return weaver.links(nodes)


def _moves(child: IntArray, parent: IntArray, count: IntArray, relation: IntArray, nodes: int) -> Moves:
    there = count > 0
    child, parent, count, relation = child[there], parent[there], count[there], relation[there]
    order = np.lexsort((parent, child))
    child = child[order]
    start = np.searchsorted(child, np.arange(nodes + 1)).astype(np.int64)
    return Moves(start, parent[order], count[order], relation[order])


def _short(who: Subjects, found: Batches) -> tuple[Finding, ...]:
    lacking = np.flatnonzero(found.short > 0)
    if lacking.size == 0:
        return ()
    first = int(lacking[0])
    return (
        Finding(
            "more-out-than-in",
            Severity.DOUBTFUL,
            Place("batch_step"),
            str(who.names["piece"][first]),
            text(
                "{pieces} more pieces left {count} batches than these ever held",
                pieces=int(found.short.sum()),
                count=int(lacking.size),
            ),
            text("correct the counts, or record where the pieces came from; they count as begun there"),
            int(lacking.size),
        ),
    )
