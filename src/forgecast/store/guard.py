"""Refuses impossible moves inside the one writer's transaction, and says where a correction shakes the past.

Two records are guarded: `disposition` (decisions) and `shipment_item` (what leaves). Everything else goes in as it
comes; but where it changes what a shipped piece rests on, that is a finding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sqlalchemy.engine import Connection

from forgecast.ground.finding import Finding, Place, Severity, file_and_sheet
from forgecast.ground.texts import Text, text
from forgecast.plant.lifecycle import (
    BEGINS,
    Decision,
    Life,
    Obstacle,
    Shipping,
    decision_title,
    moves,
    obstacles,
    refused,
    states,
    subject_title,
)
from forgecast.plant.record import record
from forgecast.plant.rows import RecordRows
from forgecast.store.lives import Material, Origins, Shipped, left_at, material, rows_where
from forgecast.store.reach import any_shipped, shipped_with, subjects_of

#: Records whose rows are judged before they go in, in the order in which they have to come.
GUARDED = ("disposition", "shipment_item")
#: Code of the findings of refused rows: a file that has one is not settled, and may be given again as it is.
REFUSED_MOVE = "impossible-move"
#: Records of which a new row, and not only a changed one, can shake a shipment that was right before.
_NEW_MATTERS = frozenset({"disposition", "nonconformity", "batch_step", "heat_treatment_load"})
_SHOWN = 5

Touched = Mapping[str, tuple[Sequence[tuple[Any, ...]], Sequence[tuple[Any, ...]]]]


@dataclass(slots=True)
class Sifted:
    """Rows that may go in, and the findings of those that may not.

    Parameters
    ----------
    rows : RecordRows
    refused : int
        How many rows were left out.
    findings : list of Finding
    """

    rows: RecordRows
    refused: int = 0
    findings: list[Finding] = field(default_factory=list)


def sift(connection: Connection, file: str, rows: RecordRows) -> Sifted:
    """Return the rows of a guarded record that are possible moves; rows of other records as they are.

    Rows are judged in order of time, each after those before it; rows that say again what is recorded stay.

    Parameters
    ----------
    connection : Connection
        Of the one writer: nothing can change between judging and writing.
    file : str
        Name for findings.
    rows : RecordRows
    """
    if rows.record not in GUARDED or len(rows) == 0:
        return Sifted(rows)
    judged = _judged_decisions(connection, rows) if rows.record == "disposition" else _judged_items(connection, rows)
    bad = sorted(index for index, found in judged.items() if found)
    if not bad:
        return Sifted(rows)
    keep = np.ones(len(rows), np.bool_)
    keep[bad] = False
    index = np.flatnonzero(keep).tolist()
    columns = {name: [column[i] for i in index] for name, column in rows.columns.items()}
    kept = replace(rows, columns=columns, row_numbers=rows.row_numbers[keep])
    return Sifted(kept, len(bad), _refusals(file_and_sheet(file, rows.sheet), rows, {i: judged[i] for i in bad}))


def _column(rows: RecordRows, name: str) -> Sequence[Any]:
    return rows.columns.get(name) or [None] * len(rows)


def _judged_decisions(connection: Connection, rows: RecordRows) -> dict[int, tuple[Obstacle, ...]]:
    kinds, numbers, ats = _column(rows, "subject"), _column(rows, "subject_id"), _column(rows, "decided_at")
    decisions, people = _column(rows, "decision"), _column(rows, "decided_by")
    asked: dict[str, set[str]] = {}
    for kind, number in zip(kinds, numbers, strict=True):
        asked.setdefault(kind, set()).add(number)
    known = {kind: material(connection, kind, some) for kind, some in asked.items()}
    judged: dict[int, tuple[Obstacle, ...]] = {}
    for i in sorted(range(len(rows)), key=lambda i: (ats[i], i)):
        of_kind = known[kinds[i]]
        stored = of_kind.decisions.get(numbers[i], {}).get(ats[i])
        if stored is not None and decisions[i] in {None, stored.decision}:
            continue
        decision = Decision(ats[i], decisions[i] or "", people[i] or "")
        life = of_kind.life(numbers[i], without=ats[i])
        judged[i] = _no_subject(kinds[i], numbers[i]) if life is None else _against(life, decision)
        if not judged[i]:
            of_kind.decisions[numbers[i]][ats[i]] = decision
    return judged


def _no_subject(kind: str, number: str) -> tuple[Obstacle, ...]:
    return (
        Obstacle(
            text("the record {record} has no row for {id}", record=subject_title(kind), id=number),
            text("import the row of {id} into `{record}` first, or correct the number", id=number, record=kind),
        ),
    )


def _against(life: Life, decision: Decision) -> tuple[Obstacle, ...]:
    found = refused(life, decision)
    allowed = moves().get((life.subject.kind, life.at(decision.at)), {})
    repair = text("correct the decision or its time; nothing can be decided on it any more")
    if decision.decision in allowed or not allowed:
        if allowed:
            repair = text("record what is missing first, or correct the time of the decision")
    else:
        repair = text(
            "record the decision between first, or correct this one; possible is: {decisions}",
            decisions=", ".join(allowed),
        )
    return tuple(Obstacle(reason, repair) for reason in found)


def _judged_items(connection: Connection, rows: RecordRows) -> dict[int, tuple[Obstacle, ...]]:
    shipments, pieces, counts = _column(rows, "shipment"), _column(rows, "piece"), _column(rows, "count")
    left = left_at(connection, set(shipments))
    case = _Case(connection, set(pieces))
    judged: dict[int, tuple[Obstacle, ...]] = {}
    for i in sorted(range(len(rows)), key=lambda i: (left.get(shipments[i], 0), i)):
        stored = case.pieces.shipped.get(pieces[i], {}).get(shipments[i])
        if stored is not None and ("count" not in rows.columns or stored.count == counts[i]):
            continue
        at = left.get(shipments[i])
        if at is None:
            judged[i] = (
                Obstacle(
                    text("the shipment {id} is not recorded, so nobody knows when it left", id=shipments[i]),
                    text("import its row into `shipment` first"),
                ),
            )
            continue
        case.pieces.shipped[pieces[i]][shipments[i]] = line = Shipped(shipments[i], pieces[i], at, counts[i])
        judged[i] = case.against(line)
        if judged[i]:
            del case.pieces.shipped[pieces[i]][shipments[i]]
            if stored is not None:
                case.pieces.shipped[pieces[i]][shipments[i]] = stored
    return judged


class _Case:
    """All that has to be known of some pieces to judge whether they may leave."""

    def __init__(self, connection: Connection, pieces: set[str]) -> None:
        self.pieces = material(connection, "piece", pieces)
        self._origins = Origins(connection, pieces)
        self._connection = connection
        self._parents: dict[str, Material] = {}
        self._lives: dict[tuple[str, str], Life | None] = {}
        self._faults: dict[tuple[str, str], list[Life]] = {}
        self._read_parents(pieces)

    def _read_parents(self, pieces: set[str]) -> None:
        asked: dict[str, set[str]] = {"heat": set(), "lot": set(), "heat_treatment": set()}
        for piece in pieces:
            for kind, number in self._origins.all_of(piece):
                asked.setdefault(kind, set()).add(number)
        self._parents = {kind: material(self._connection, kind, some) for kind, some in asked.items()}
        faults: set[str] = set()
        for column, numbers in {**asked, "piece": pieces}.items():
            if column in {"piece", "heat", "lot", "heat_treatment"}:
                faults |= {row["id"] for row in rows_where(self._connection, "nonconformity", column, numbers)}
        self._read_faults(material(self._connection, "nonconformity", faults))

    def _read_faults(self, faults: Material) -> None:
        for number, row in faults.rows.items():
            kinds = ("piece", "heat_treatment", "heat", "lot")
            narrowest = next(((kind, row[kind]) for kind in kinds if row[kind]), None)
            life = faults.life(number)
            if life is not None and narrowest is not None:
                self._faults.setdefault(narrowest, []).append(life)

    def _parent(self, kind: str, number: str) -> Life | None:
        if (kind, number) not in self._lives:
            self._lives[kind, number] = self._parents[kind].life(number)
        return self._lives[kind, number]

    def against(self, line: Shipped) -> tuple[Obstacle, ...]:
        """Return what stands against a line of a shipment that is among those of its piece."""
        piece = self.pieces.life(line.piece, leaving=line.shipment)
        if piece is None:
            return _no_subject("piece", line.piece)
        parentage = self._origins.of(line.piece, line.at)
        origins = [("heat", one) for one in parentage.heats] + [("lot", one) for one in parentage.lots]
        found = {one: self._parent(*one) for one in (*origins, *parentage.others)}
        lives = {one: life for one, life in found.items() if life is not None}
        faults = [fault for one in (("piece", line.piece), *lives) for fault in self._faults.get(one, ())]
        held = self.pieces.held(line.piece, line.at)
        counts = {shipment: one.count for shipment, one in self.pieces.shipments(line.piece).items()}
        # Where this line leaves none to one that takes "all", it is one too many as well.
        count = counts[line.shipment] if min(counts.values()) > 0 else 0
        return obstacles(Shipping(piece, line.at, count, held, parentage, lives, tuple(faults)))


def _refusals(file: str, rows: RecordRows, judged: Mapping[int, tuple[Obstacle, ...]]) -> list[Finding]:
    """Return one finding for each reason; rows that share it are counted together."""
    name = "piece" if rows.record == "shipment_item" else "subject_id"
    groups: dict[tuple[str, str], tuple[Obstacle, list[int]]] = {}
    for index, found in judged.items():
        for one in found:
            groups.setdefault((str(one.reason), str(one.repair)), (one, []))[1].append(index)
    findings = []
    for one, members in groups.values():
        numbers = sorted(int(rows.row_numbers[i]) for i in members)
        value = str(rows.columns[name][members[0]])
        place = Place(file, numbers[0] or None, numbers[-1] or None, name)
        findings.append(Finding(REFUSED_MOVE, Severity.REFUSED, place, value, one.reason, one.repair, len(members)))
    return findings


def shaken(connection: Connection, file: str, touched: Touched) -> list[Finding]:
    """Return what rows that have gone in do to decisions and shipments that were recorded before.

    Parameters
    ----------
    connection : Connection
    file : str
        Name for findings.
    touched : mapping of record to (new keys, changed keys)
    """
    if not any(new or changed for new, changed in touched.values()):
        return []
    found = _shaken_decisions(connection, file, touched)
    if not any_shipped(connection):
        return found
    doubted: dict[str, set[str]] = {}
    for name, (new, changed) in touched.items():
        if changed and name != "shipment_item":
            under = shipped_with(connection, subjects_of(connection, name, changed))
            _add(doubted, under)
            if under and name not in GUARDED:
                found.append(_changed_under(file, name, len(changed), sorted(under)))
        if new and name in _NEW_MATTERS:
            _add(doubted, shipped_with(connection, subjects_of(connection, name, new)))
    just_judged = {tuple(key) for key in (*touched.get("shipment_item", ((), ()))[0],)}
    return found + _shaken_shipments(connection, file, doubted, just_judged)


def _add(to: dict[str, set[str]], more: Mapping[str, set[str]]) -> None:
    for piece, shipments in more.items():
        to.setdefault(piece, set()).update(shipments)


def _changed_under(file: str, name: str, count: int, pieces: Sequence[str]) -> Finding:
    return Finding(
        "changed-after-shipment",
        Severity.DOUBTFUL,
        Place(file),
        _listed(pieces),
        text(
            "{count} rows of {record} were changed, among them some under pieces that are shipped: {pieces}",
            count=count,
            record=record(name).title,
            pieces=_listed(pieces),
        ),
        text("check whether the certificates still say the truth; `forgecast plant history` shows what was changed"),
        len(pieces),
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")


def _shaken_decisions(connection: Connection, file: str, touched: Touched) -> list[Finding]:
    asked: dict[tuple[str, str], int] = {}
    new, changed = touched.get("disposition", ((), ()))
    for kind, number, at in (*new, *changed):
        asked[kind, number] = min(at, asked.get((kind, number), at))
    for kind in BEGINS:
        asked |= {(kind, str(key[0])): 0 for key in touched.get(kind, ((), ()))[1]}
    found = []
    for kind in BEGINS:
        known = material(connection, kind, {number for one, number in asked if one == kind})
        for number in sorted(known.decisions):
            life = known.life(number)
            late = [] if life is None else [s for s in life.steps if s.refusal and s.decision.at >= asked[kind, number]]
            found += [_shaken_decision(file, number, s.refusal[0], decision_title(s.decision.decision)) for s in late]
    return found


def _shaken_decision(file: str, number: str, why: Text, decision: Text) -> Finding:
    return Finding(
        "decision-now-impossible",
        Severity.DOUBTFUL,
        Place(file),
        number,
        text("a decision that is recorded ({decision}) no longer counts: {why}", decision=decision, why=why),
        text("find out which is right, and record a decision anew"),
    )


def _shaken_shipments(
    connection: Connection, file: str, doubted: Mapping[str, set[str]], just_judged: set[tuple[Any, ...]]
) -> list[Finding]:
    if not doubted:
        return []
    case = _Case(connection, set(doubted))
    groups: dict[tuple[str, str], tuple[Obstacle, list[str]]] = {}
    for piece, shipments in sorted(doubted.items()):
        for line in case.pieces.shipped.get(piece, {}).values():
            if line.shipment in shipments and (line.shipment, piece) not in just_judged:
                for one in case.against(line):
                    groups.setdefault((str(one.reason), str(one.repair)), (one, []))[1].append(piece)
    return [
        Finding(
            "shipment-now-doubtful",
            Severity.DOUBTFUL,
            Place(file),
            _listed(pieces),
            text("shipped already, but by what is recorded now it should not have been: {why}", why=one.reason),
            text("warn the customer if it is so; otherwise correct the record"),
            len(pieces),
        )
        for one, pieces in groups.values()
    ]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a subject stands: its life, what may be decided next, and what stands against shipping it.

    Parameters
    ----------
    life : Life
    next : tuple of (str, Text or None)
        Decisions that its state allows, and what each still lacks; None where nothing.
    shipping : tuple of Obstacle or None
        Of a piece that is not shipped as a whole: what stands against shipping it now; None for other subjects.
    """

    life: Life
    next: tuple[tuple[str, Text | None], ...]
    shipping: tuple[Obstacle, ...] | None

    @property
    def state(self) -> Text:
        """The word for its state."""
        return states()[self.life.at()]


def standing(connection: Connection, kind: str, number: str, now: int) -> Standing | None:
    """Return how a subject stands, None where it has no row."""
    life = material(connection, kind, {number}).life(number)
    if life is None:
        return None
    allowed = moves().get((kind, life.at()), {})
    then = tuple((one, next(iter(refused(life, Decision(now, one))), None)) for one in allowed)
    against = None
    if kind == "piece" and life.at() not in {"shipped", "recalled"}:
        case, line = _Case(connection, {number}), Shipped("", number, now, None)
        case.pieces.shipped[number][""] = line
        against = case.against(line)
    return Standing(life, then, against)
