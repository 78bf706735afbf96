"""Reads the lives of subjects and the parentage of pieces out of a plant's records, many at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from forgecast.plant.lifecycle import Decision, Life, Parentage, Subject, live
from forgecast.store.tables import table

#: Values asked for in one statement.
_CHUNK = 1_000
Row: TypeAlias = Mapping[str, Any]


def rows_where(connection: Connection, record: str, column: str, values: Collection[Any]) -> Iterator[Row]:
    """Yield the rows of a record in which a field has one of several values."""
    t = table(record)
    asked = sorted({value for value in values if value is not None})
    for low in range(0, len(asked), _CHUNK):
        query = sa.select(t).where(t.c[column].in_(asked[low : low + _CHUNK]))
        yield from (dict(row) for row in connection.execute(query).mappings())


@dataclass(frozen=True, slots=True)
class Shipped:
    """A line of a shipment: its key, when it left, and how many pieces; None for all."""

    shipment: str
    piece: str
    at: int
    count: int | None


@dataclass(frozen=True, slots=True)
class Material:
    """What is known of subjects before their lives are told.

    Parameters
    ----------
    rows : mapping of str to Row
        By number.
    decisions : mapping of str to mapping of int to Decision
        By number, then by instant.
    shipped : mapping of str to mapping of str to Shipped
        Of pieces, by number and shipment.
    actions : mapping of str to list of Row
        Of nonconformities.
    steps_in, steps_out : mapping of str to list of Row
        Steps between batches, by where pieces went and where they came from.
    """

    kind: str
    rows: dict[str, Row]
    decisions: defaultdict[str, dict[int, Decision]] = field(default_factory=lambda: defaultdict(dict))
    shipped: defaultdict[str, dict[str, Shipped]] = field(default_factory=lambda: defaultdict(dict))
    actions: defaultdict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    steps_in: defaultdict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    steps_out: defaultdict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def subject(self, number: str) -> Subject | None:
        """Return a subject, None where it has no row."""
        row = self.rows.get(number)
        if row is None:
            return None
        return Subject(self.kind, number, row, self.held(number, None), tuple(self.actions.get(number, ())))

    def life(
        self, number: str, *, more: Sequence[Decision] = (), without: int | None = None, leaving: str = ""
    ) -> Life | None:
        """Return the life of a subject, None where it has no row.

        Parameters
        ----------
        number : str
        more : sequence of Decision
            Decisions that are not recorded yet.
        without : int or None
            Instant of a recorded decision to be left out.
        leaving : str
            A shipment to be left out.
        """
        subject = self.subject(number)
        if subject is None:
            return None
        decisions = [one for at, one in self.decisions.get(number, {}).items() if at != without]
        shipped = [one for shipment, one in self.shipments(number).items() if shipment != leaving]
        return live(subject, [*decisions, *more, *shipped])

    def shipments(self, number: str) -> dict[str, Decision]:
        """Return the shipments of a piece or batch; one of all pieces takes those that are left when its turn comes."""
        events: list[tuple[int, int, Shipped | None]] = [(one.at, 1, one) for one in self.shipped[number].values()]
        events += [(at, 0, None) for at, one in self.decisions[number].items() if one.decision == "return"]
        made, gone = {}, 0
        for at, _, line in sorted(events, key=lambda one: one[:2]):
            if line is None:
                gone = 0
                continue
            count = max(self.held(number, at) - gone, 0) if line.count is None else line.count
            gone += count
            made[line.shipment] = Decision(at, "ship", line.shipment, count)
        return made

    def held(self, number: str, at: int | None) -> int:
        """Return how many pieces a batch has at an instant, shipped ones included; 1 for a single piece.

        Those its row counts (or, where it counts none, those that came in), less those that went into other batches.
        """
        row = self.rows.get(number)
        came = [step for step in self.steps_in.get(number, ()) if at is None or step["at"] <= at]
        went = [step for step in self.steps_out.get(number, ()) if at is None or step["at"] <= at]
        own = None if row is None else row.get("count")
        if own is None:
            own = sum(int(step["count"]) for step in came) if came else 1
        return int(own) - sum(int(step["count"]) for step in went)


def material(connection: Connection, kind: str, numbers: Collection[str]) -> Material:
    """Read all that the lives of some subjects follow from."""
    made = Material(kind, {row["id"]: row for row in rows_where(connection, kind, "id", numbers)})
    for row in rows_where(connection, "disposition", "subject_id", numbers):
        if row["subject"] == kind:
            one = Decision(row["decided_at"], row["decision"] or "", row["decided_by"] or "")
            made.decisions[row["subject_id"]][one.at] = one
    if kind == "nonconformity":
        for row in rows_where(connection, "action", "nonconformity", numbers):
            made.actions[row["nonconformity"]].append(row)
    if kind == "piece":
        _add_moves(connection, numbers, made)
    return made


def _add_moves(connection: Connection, numbers: Collection[str], made: Material) -> None:
    for row in rows_where(connection, "batch_step", "to_piece", numbers):
        made.steps_in[row["to_piece"]].append(row)
    for row in rows_where(connection, "batch_step", "from_piece", numbers):
        made.steps_out[row["from_piece"]].append(row)
    lines = list(rows_where(connection, "shipment_item", "piece", numbers))
    left = left_at(connection, {line["shipment"] for line in lines})
    for line in lines:
        at = left.get(line["shipment"])
        if at is not None:
            made.shipped[line["piece"]][line["shipment"]] = Shipped(line["shipment"], line["piece"], at, line["count"])


def left_at(connection: Connection, shipments: Collection[str]) -> dict[str, int]:
    """Return when shipments left, by number; those without a row or a time are absent."""
    found = rows_where(connection, "shipment", "id", shipments)
    return {row["id"]: row["shipped_at"] for row in found if row["shipped_at"] is not None}


class Origins:
    """Where pieces come from, as far as decisions on it bind them; read once for many pieces.

    A piece whose own row says from which heat, ladle, mould or lot it is, is believed; one that says nothing has the
    origins of the batches it came out of.
    """

    def __init__(self, connection: Connection, pieces: Collection[str]) -> None:
        self._steps: defaultdict[str, list[Row]] = defaultdict(list)
        self._rows: dict[str, Row] = {}
        self._read_pieces(connection, set(pieces))
        self._loads: defaultdict[str, list[str]] = defaultdict(list)
        for row in rows_where(connection, "heat_treatment_load", "piece", self._rows):
            self._loads[row["piece"]].append(row["heat_treatment"])
        loads = {load for some in self._loads.values() for load in some}
        self._started = {row["id"]: row["started_at"] for row in rows_where(connection, "heat_treatment", "id", loads)}
        moulds = {row["mould"] for row in self._rows.values()}
        self._moulds = {row["id"]: row for row in rows_where(connection, "mould", "id", moulds)}
        ladles = {row["ladle"] for row in (*self._rows.values(), *self._moulds.values())}
        self._ladles = {row["id"]: row for row in rows_where(connection, "ladle", "id", ladles)}

    def _read_pieces(self, connection: Connection, asked: set[str]) -> None:
        seen: set[str] = set()
        while asked:
            seen |= asked
            self._rows |= {row["id"]: row for row in rows_where(connection, "piece", "id", asked)}
            found = list(rows_where(connection, "batch_step", "to_piece", asked))
            for row in found:
                self._steps[row["to_piece"]].append(row)
            asked = {row["from_piece"] for row in found} - seen

    def of(self, piece: str, at: int) -> Parentage:
        """Return the parentage of a piece as it was at an instant."""
        heats: dict[str, None] = {}
        lots: dict[str, None] = {}
        vessels: dict[tuple[str, str], None] = {}
        if not self._origin(piece, at, heats, lots, vessels, set()):
            # Pieces of unknown heat are among them: none can be named that answers for all.
            heats, lots = {}, {}
        loads: dict[tuple[str, str], None] = {}
        self._treated(piece, at, loads, set())
        return Parentage(tuple(heats), tuple(lots), (*vessels, *loads))

    def all_of(self, piece: str) -> set[tuple[str, str]]:
        """Return all that a piece may have come from at any time, as kinds and numbers."""
        found: set[tuple[str, str]] = set()
        seen, open_ = set[str](), [piece]
        while open_:
            one = open_.pop()
            if one in seen:
                continue
            seen.add(one)
            heats: dict[str, None] = {}
            lots: dict[str, None] = {}
            vessels: dict[tuple[str, str], None] = {}
            self._own(self._rows.get(one, {}), heats, lots, vessels)
            found |= {("heat", name) for name in heats} | {("lot", name) for name in lots} | vessels.keys()
            found |= {("heat_treatment", load) for load in self._loads.get(one, ())}
            open_ += [step["from_piece"] for step in self._steps.get(one, ())]
        return found

    def _origin(
        self,
        piece: str,
        at: int,
        heats: dict[str, None],
        lots: dict[str, None],
        vessels: dict[tuple[str, str], None],
        seen: set[str],
    ) -> bool:
        """Gather heats, lots, ladles and moulds; return whether every piece in it has a heat or a lot."""
        if piece in seen:
            return True
        seen.add(piece)
        if self._own(self._rows.get(piece, {}), heats, lots, vessels):
            return True
        before = [step for step in self._steps.get(piece, ()) if step["at"] <= at]
        known = [self._origin(step["from_piece"], step["at"], heats, lots, vessels, seen) for step in before]
        return bool(before) and all(known)

    def _own(
        self, row: Row, heats: dict[str, None], lots: dict[str, None], vessels: dict[tuple[str, str], None]
    ) -> bool:
        mould = self._moulds.get(row.get("mould") or "", {})
        ladle = row.get("ladle") or mould.get("ladle")
        heat = row.get("heat") or self._ladles.get(ladle or "", {}).get("heat") or mould.get("heat")
        for kind, number in (("ladle", ladle), ("mould", row.get("mould"))):
            if number:
                vessels[kind, number] = None
        if heat:
            heats[heat] = None
        if row.get("lot"):
            lots[row["lot"]] = None
        return bool(heat or row.get("lot"))

    def _treated(self, piece: str, at: int, loads: dict[tuple[str, str], None], seen: set[str]) -> None:
        """Gather the heat-treatment lots a piece was in, alone or in the batches it came out of, until an instant."""
        if piece in seen:
            return
        seen.add(piece)
        for load in self._loads.get(piece, ()):
            started = self._started.get(load)
            if started is None or started <= at:
                loads["heat_treatment", load] = None
        for step in self._steps.get(piece, ()):
            if step["at"] <= at:
                self._treated(step["from_piece"], step["at"], loads, seen)
