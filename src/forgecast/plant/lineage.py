"""The genealogy of a plant as arrays: what became of what, with shares, probabilities and counts.

Two things are kept apart everywhere. A *share* says how much of a thing its parent is: a ladle with a heel holds 0.9 of
heat 17 and 0.1 of heat 16. A *probability* says how likely a parent is the one at all: this mould was poured from ladle
3 with probability 0.8, from ladle 4 with 0.2. A *count* says how many of a batch's pieces went where; which ones they
were is not known unless they are marked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from forgecast.ground.errors import ForgecastError
from forgecast.ground.finding import Finding
from forgecast.ground.texts import Text, text

IntArray: TypeAlias = NDArray[np.int64]
FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]

#: Kinds of subject, in the order in which metal and pieces move through a works; numbers of nodes follow it.
KINDS = ("lot", "heat", "ladle", "holding_fill", "mould", "shot", "heat_treatment", "piece", "shipment")
KIND_TITLES: Mapping[str, Text] = {
    "lot": text("lot of material"),
    "heat": text("heat (melt)"),
    "ladle": text("ladle filling"),
    "holding_fill": text("holding-furnace filling"),
    "mould": text("mould"),
    "shot": text("shot"),
    "heat_treatment": text("heat-treatment lot"),
    "piece": text("piece or batch"),
    "shipment": text("shipment"),
}


class Relation(IntEnum):
    """What a link says: how the child came of the parent."""

    CHARGED = 0
    REMELTED = 1
    LEFT_IN_FURNACE = 2
    ADDED = 3
    TAPPED = 4
    HEEL = 5
    FILLED = 6
    HELD = 7
    POURED = 8
    LADLED = 9
    CAST = 10
    FORGED = 11
    MOVED = 12
    KEPT = 13
    TREATED = 14
    SHIPPED = 15


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is taken for granted where the records are silent; shown with every answer.

    Parameters
    ----------
    clock : float
        Standard uncertainty of the difference of two clocks of the plant [s].
    longest_in_ladle : float
        How long metal may stay in a ladle whose emptying is not on record [s].
    before_pouring : float
        How long a ladle is treated and carried before the first mould can be poured from it [s].
    longest_tapping : float
        How long after its tapping time a heat may still fill ladles, or moulds where no ladles are kept [s].
    longest_in_stock : float
        How long a lot of bar may lie before it is forged [s].
    ordered : bool
        Whether the moulds of one line are poured from ladles in the order in which these were filled.
    """

    clock: float = 30.0
    longest_in_ladle: float = 1800.0
    before_pouring: float = 0.0
    longest_tapping: float = 3600.0
    longest_in_stock: float = 180.0 * 86400.0
    ordered: bool = True

    def told(self) -> tuple[Text, ...]:
        """Return the assumptions as sentences."""
        order = (
            text("Moulds of one line are poured from ladles in the order in which these were filled.")
            if self.ordered
            else text("Moulds may be poured from ladles in any order.")
        )
        carried = (
            (
                text(
                    "From filling a ladle to pouring from it it takes at least {seconds} s.",
                    seconds=self.before_pouring,
                ),
            )
            if self.before_pouring > 0.0
            else ()
        )
        return (
            text("Two clocks of the plant differ by {clock} s (standard uncertainty).", clock=self.clock),
            text(
                "A ladle whose emptying is not on record is empty after {minutes} min, or when it is filled again.",
                minutes=round(self.longest_in_ladle / 60.0, 1),
            ),
            *carried,
            text(
                "A heat fills ladles for at most {minutes} min, until its furnace taps the next.",
                minutes=round(self.longest_tapping / 60.0, 1),
            ),
            order,
            text("A heel that is not on record is none."),
            text("A lot of bar lies for at most {days} days.", days=round(self.longest_in_stock / 86400.0, 1)),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Links from children to the metal or bar they are made of, child by child.

    A child has slots; each slot is one part of it (its share) and has one or several possible parents, whose
    probabilities sum to one. Where a mass is not on record, the share lies between its bounds.

    Parameters
    ----------
    start : (n + 1,) int64 array
        Where the links of each node begin.
    parent, slot : (m,) int64 array
        Node of the parent; number of the slot within the child.
    probability : (m,) float64 array
    low, share, high : (m,) float64 array
        Share of the slot in the child [1]: bounds and best estimate.
    relation : (m,) int64 array
        A `Relation`.
    recorded : (m,) bool array
    """

    start: IntArray
    parent: IntArray
    slot: IntArray
    probability: FloatArray
    low: FloatArray
    share: FloatArray
    high: FloatArray
    relation: IntArray
    recorded: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Pieces that moved from one batch into another, or into a shipment; or that a furnace load took.

    Parameters
    ----------
    start : (n + 1,) int64 array
        Where the moves into each node begin.
    parent : (m,) int64 array
        Node they came out of; the heat-treatment lot for loads.
    count : (m,) int64 array
        Pieces.
    relation : (m,) int64 array
        MOVED, KEPT, SHIPPED or TREATED.
    """

    start: IntArray
    parent: IntArray
    count: IntArray
    relation: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Lineage:
    """The genealogy of a plant.

    Nodes are numbered so that parents come before children. A batch whose content changes has a node for each content.

    Parameters
    ----------
    names : mapping of kind to string array
        Numbers of the subjects of each kind; those of pieces row by row, the others node by node.
    starts : (len(KINDS) + 1,) int64 array
        Where the nodes of each kind begin.
    time : (n,) int64 array
        When it was made (for a later content of a batch: when that came about), microseconds UTC; -1 where not known.
    piece_row : (p,) int64 array
        Which of the names each piece node is of.
    own : (n,) int64 array
        Pieces that begin in this node; 0 for other kinds.
    total : (n,) int64 array
        Pieces in it altogether, before any left.
    left : (n,) int64 array
        Pieces that are there still, or were shipped (for a shipment: in it).
    fixed : (n,) bool array
        Nodes whose own origin is on record although their pieces came out of a batch: the record counts.
    links : Links
    moves, loads : Moves
    findings : tuple of Finding
        What contradicts itself.
    assumptions : Assumptions
    """

    names: Mapping[str, pa.StringArray]
    starts: IntArray
    time: IntArray
    piece_row: IntArray
    own: IntArray
    total: IntArray
    left: IntArray
    fixed: BoolArray
    links: Links
    moves: Moves
    loads: Moves
    findings: tuple[Finding, ...] = ()
    assumptions: Assumptions = field(default_factory=Assumptions)

    def __len__(self) -> int:
        return int(self.starts[-1])

    def span(self, kind: str) -> slice:
        """Return the nodes of a kind."""
        at = KINDS.index(kind)
        return slice(int(self.starts[at]), int(self.starts[at + 1]))

    def kind(self, node: int) -> str:
        """Return the kind of a node."""
        return KINDS[int(np.searchsorted(self.starts, node, side="right")) - 1]

    def name(self, node: int) -> str:
        """Return the number of the subject of a node."""
        kind = self.kind(node)
        at = node - self.span(kind).start
        return str(self.names[kind][int(self.piece_row[at]) if kind == "piece" else int(at)])

    def nodes(self, kind: str, name: str) -> IntArray:
        """Return the nodes of a subject, the newest content of a batch last.

        Raises
        ------
        ForgecastError
            If there is no such kind or subject.
        """
        if kind not in KINDS:
            raise ForgecastError(
                text("{kind} is no kind of subject that is traced", kind=kind),
                repair=text("use one of: {names}", names=", ".join(KINDS)),
            )
        row = int(pc.index(self.names[kind], pa.scalar(name)).as_py())
        if row < 0:
            raise ForgecastError(
                text("the plant has no {kind} named {name}", kind=KIND_TITLES[kind], name=name),
                repair=text("`forgecast plant show` tells what the plant holds; names are compared letter by letter"),
            )
        first = self.span(kind).start
        if kind != "piece":
            return np.array([first + row], dtype=np.int64)
        return np.asarray(first + np.flatnonzero(self.piece_row == row), dtype=np.int64)

    @property
    def pieces(self) -> int:
        """Return how many pieces the plant has made."""
        return int(self.own.sum())
