"""What links of a genealogy are gathered in, and the sums that all of them need: shares, the one before, candidates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.finding import Finding, Place, Severity
from forgecast.ground.texts import Text, text
from forgecast.plant.lineage import Assumptions, Links, Relation
from forgecast.plant.lineage_names import Columns, Subjects, numbered
from forgecast.plant.possible_parents import PossibleParents

IntArray: TypeAlias = NDArray[np.int64]
FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]
Shares: TypeAlias = tuple[FloatArray, FloatArray, FloatArray]

#: What is taken as best estimate of a share that may be anything between nothing and all.
_ANY = (0.0, 0.5, 1.0)


@dataclass(slots=True)
class Weaver:
    """Gathers links while they are found; nodes are numbers over all kinds.

    Parameters
    ----------
    columns : mapping of record to columns
    subjects : Subjects
    assumptions : Assumptions
    first : mapping of kind to the node its subjects begin at
    """

    columns: Columns
    subjects: Subjects
    assumptions: Assumptions
    first: dict[str, int]
    parts: list[list[NDArray[np.generic]]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def add(
        self,
        child: IntArray,
        parent: IntArray,
        relation: Relation,
        *,
        share: Shares | None = None,
        probability: FloatArray | None = None,
        slot: IntArray | int | None = None,
        recorded: BoolArray | bool = True,
    ) -> None:
        """Take links in; nodes below zero are left out."""
        there = (child >= 0) & (parent >= 0)
        whole = np.ones(child.size)
        low, best, high = (whole, whole, whole) if share is None else share
        columns = (
            child,
            np.broadcast_to(np.asarray(int(relation) if slot is None else slot, dtype=np.int64), child.shape),
            parent,
            whole if probability is None else probability,
            low,
            best,
            high,
            np.full(child.size, int(relation)),
            np.broadcast_to(np.asarray(recorded), child.shape),
        )
        self.parts.append([one[there] for one in columns])

    def find(self, code: str, record: str, name: str, reason: Text, repair: Text, count: int) -> None:
        """Keep a contradiction."""
        self.findings.append(Finding(code, Severity.DOUBTFUL, Place(record), name, reason, repair, count))

    def node(self, kind: str, number: IntArray) -> IntArray:
        """Return nodes of numbers within a kind; -1 stays."""
        return np.where(number >= 0, number + self.first[kind], -1)

    def of(self, kind: str, name: str) -> IntArray:
        """Return the numbers a column of a kind's own record refers to, by subject; -1 where none."""
        return self.subjects.numbers(name, self.subjects.at_rows(kind, self.columns[kind][name], np.nan))

    def floats(self, kind: str, name: str) -> FloatArray:
        """Return a column of numbers of a kind's own record, by subject."""
        return np.asarray(self.subjects.at_rows(kind, self.columns[kind][name], np.nan), dtype=np.float64)

    def codes(self, kind: str, name: str) -> IntArray:
        """Return a number for each text of a column, by subject; -1 where none."""
        return numbered(self.subjects.at_rows(kind, self.columns[kind][name], np.nan))

    def links(self, nodes: int) -> Links:
        """Return all links, child by child."""
        kinds = (np.int64, np.int64, np.int64, np.float64, np.float64, np.float64, np.float64, np.int64, np.bool_)
        columns = [
            np.concatenate([np.asarray(part[i], dtype=kind) for part in self.parts] or [np.empty(0, dtype=kind)])
            for i, kind in enumerate(kinds)
        ]
        order = np.lexsort((columns[2], columns[1], columns[0]))
        child, slot, parent, probability, low, share, high, relation, recorded = (one[order] for one in columns)
        start = np.searchsorted(child, np.arange(nodes + 1)).astype(np.int64)
        return Links(start, parent, slot, probability, low, share, high, relation, recorded)


def previous(group: IntArray, there: BoolArray) -> IntArray:
    """Return the one before each in its group, in the order given; -1 for the first, and for those not there."""
    before = np.full(group.size, -1, dtype=np.int64)
    index = np.flatnonzero(there & (group >= 0))
    index = index[np.argsort(group[index], kind="stable")]
    same = group[index[1:]] == group[index[:-1]]
    before[index[1:][same]] = index[:-1][same]
    return before


def summed(index: IntArray, values: FloatArray, size: int) -> FloatArray:
    """Return the sum of the values of each index."""
    return np.bincount(index, values, minlength=size).astype(np.float64)


def part(of: FloatArray, whole: FloatArray) -> Shares:
    """Return the share of a mass in a whole, low, best and high; anything between 0 and 1 where one is not known."""
    known = np.isfinite(of) & np.isfinite(whole) & (whole > 0.0)
    ratio = np.divide(of, whole, out=np.zeros(of.shape), where=known)
    low, best, high = (np.where(known, np.clip(ratio, 0.0, 1.0), value) for value in _ANY)
    return low, best, high


def remainder(share: Shares, scale: FloatArray) -> Shares:
    """Return what shares leave over, times a scale."""
    low, best, high = share
    return (1.0 - high) * scale, (1.0 - best) * scale, (1.0 - low) * scale


def scaled(share: Shares, scale: FloatArray) -> Shares:
    """Return shares times a scale."""
    low, best, high = share
    return low * scale, best * scale, high * scale


def candidates(
    weaver: Weaver,
    child_kind: str,
    children: IntArray,
    parent_kind: str,
    found: PossibleParents,
    parents: IntArray,
    relation: Relation,
    *,
    share: Shares | None = None,
    known: BoolArray,
) -> BoolArray:
    """Take in the links that `possible_parents` found; return which children have one."""
    many = np.diff(found.start)
    child = np.repeat(children, many)
    index = np.repeat(np.arange(children.size), many)
    taken = None if share is None else (share[0][index], share[1][index], share[2][index])
    weaver.add(
        weaver.node(child_kind, child),
        weaver.node(parent_kind, parents[found.parent]),
        relation,
        share=taken,
        probability=found.probability,
        recorded=known[index],
    )
    if found.broken.any():
        first = int(children[int(np.flatnonzero(found.broken)[0])])
        weaver.find(
            "order-broken",
            child_kind,
            str(weaver.subjects.names[child_kind][first]),
            text(
                "{count} times the order of pouring does not go on from one to the next", count=int(found.broken.sum())
            ),
            text("compare the clocks, or trace with any order allowed"),
            int(found.broken.sum()),
        )
    return many > 0
