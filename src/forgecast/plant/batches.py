"""Batches of like pieces: what moved from which into which, in order of time, without losing or making a piece."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

IntArray: TypeAlias = NDArray[np.int64]

#: Kinds of event in a batch; at one instant steps come before furnace loads, and these before shipments.
OUT, IN, LOAD = 0, 1, 2
#: Count of a load or a shipment that takes all there is.
ALL = -1


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """What happened to batches.

    Parameters
    ----------
    time : (e,) int64 array
        Microseconds UTC.
    source, target : (e,) int64 array
        Row of the batch pieces came out of, and what they went into: a row for steps, a number of one's own else.
    count : (e,) int64 array
        Pieces; `ALL` for all that are there.
    """

    time: IntArray
    source: IntArray
    target: IntArray
    count: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Batches:
    """Contents of batches, and what moved between them.

    A batch has a new content as soon as something goes in (or a furnace takes it) after something went out: pieces that
    left before know nothing of it. Contents are numbered so that none is before those its pieces came from.

    Parameters
    ----------
    row, state : (p,) int64 array
        Batch and number of each content.
    opened : (p,) int64 array
        When the content came about, microseconds UTC; -1 for the first of a batch.
    total : (p,) int64 array
        Pieces in a content before any left it.
    own : (p,) int64 array
        Those of them that began there.
    remaining : (p,) int64 array
        Those that never left.
    move_from, move_to, move_count : (m,) int64 array
        Moves between contents, by their numbers.
    kept : (m,) bool array
        Moves that are none: pieces that stayed in their batch when its content changed.
    load_into, load_of, load_count : (l,) int64 array
        Content a furnace load took, number of the load, pieces.
    ship_from, ship_to, ship_count : (s,) int64 array
        Content pieces were shipped from, number of the shipment, pieces.
    short : (b,) int64 array
        Pieces that left each batch although it never had them; they count as begun there.
    """

    row: IntArray
    state: IntArray
    opened: IntArray
    total: IntArray
    own: IntArray
    remaining: IntArray
    move_from: IntArray
    move_to: IntArray
    move_count: IntArray
    kept: NDArray[np.bool_]
    load_into: IntArray
    load_of: IntArray
    load_count: IntArray
    ship_from: IntArray
    ship_to: IntArray
    ship_count: IntArray
    short: IntArray


def batches(own: IntArray, steps: Events, loads: Events, shipped: Events) -> Batches:
    """Return the contents of batches after all that happened to them.

    Parameters
    ----------
    own : (b,) int64 array
        Pieces that began in each batch.
    steps, loads, shipped : Events
        Between batches, into furnace loads, into shipments.
    """
    table = _table(steps, loads, shipped)
    short = _resolve_all(own, table)
    state, states = _states(own.size, table)
    begins = np.concatenate([[0], np.cumsum(states)])
    content = begins[table.batch] + state
    row = np.repeat(np.arange(own.size), states)
    number = np.arange(row.size) - begins[row]
    came = np.bincount(content[table.kind == IN], table.count[table.kind == IN], minlength=row.size).astype(np.int64)
    went = np.bincount(content[table.kind == OUT], table.count[table.kind == OUT], minlength=row.size).astype(np.int64)
    began = np.where(number == 0, (own + short)[row], 0)
    change = came + began - went
    balance = np.cumsum(change)
    before_row = np.concatenate([[0], balance])[begins[row]]
    remaining = balance - before_row
    total = remaining + went
    last_in = np.full(row.size, -1, dtype=np.int64)
    opening = table.kind != OUT
    np.maximum.at(last_in, content[opening], table.order[opening])
    opened = np.full(row.size, -1, dtype=np.int64)
    # Backwards, so that the first event of a content is the one that stays.
    later = np.flatnonzero(opening & (state > 0))[::-1]
    opened[content[later]] = table.time[later]
    return _numbered(table, content, _Contents(row, number, total, began, remaining, last_in, opened), short)


@dataclass(slots=True, eq=False)
class _Table:
    """All events of all batches, batch by batch, in order of time; `count` is filled in as it becomes known."""

    batch: IntArray
    order: IntArray
    kind: IntArray
    what: IntArray  # 0 step, 1 load, 2 shipment
    index: IntArray
    count: IntArray
    target: IntArray
    time: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class _Contents:
    """Contents of batches, batch by batch; `last_in` is the place of the last event that went into each."""

    row: IntArray
    state: IntArray
    total: IntArray
    own: IntArray
    remaining: IntArray
    last_in: IntArray
    opened: IntArray


def _table(steps: Events, loads: Events, shipped: Events) -> _Table:
    sizes = (steps.time.size, loads.time.size, shipped.time.size)
    what = np.repeat([0, 1, 2], sizes)
    time = np.concatenate([steps.time, loads.time, shipped.time])
    index = np.concatenate([np.arange(size) for size in sizes])
    rank = np.empty(time.size, dtype=np.int64)
    rank[np.lexsort((index, what, time))] = np.arange(time.size)
    n = steps.time.size
    batch = np.concatenate([steps.source, loads.source, shipped.source, steps.target])
    kind = np.concatenate([np.repeat([OUT, LOAD, OUT], sizes), np.full(n, IN)])
    order = np.concatenate([rank, rank[:n]])
    what, index = np.concatenate([what, np.zeros(n, dtype=np.int64)]), np.concatenate([index, np.arange(n)])
    count = np.concatenate([steps.count, loads.count, shipped.count, steps.count])
    target = np.concatenate([steps.target, loads.target, shipped.target, steps.target])
    by = np.lexsort((order, batch))
    when = np.concatenate([time, steps.time])
    columns = (batch, order, kind, what, index, count, target, when)
    return _Table(*(np.asarray(one[by], dtype=np.int64) for one in columns))


def _resolve_all(own: IntArray, table: _Table) -> IntArray:
    """Give counts to those that took all, and return how many pieces each batch lacks."""
    sign = np.where(table.kind == IN, 1, np.where(table.kind == OUT, -1, 0))
    every = table.count == ALL
    begins = np.searchsorted(table.batch, np.arange(own.size))
    # Several shipments of "all" of one batch: the first takes all, the next what has come in since. Each pass settles
    # the first that is open in every batch.
    while True:
        known = np.where(every & (table.count == ALL), 0, table.count) * sign
        running = np.concatenate([[0], np.cumsum(known)])
        there = running[:-1] - running[begins[table.batch]] + own[table.batch]
        open_ = np.flatnonzero(table.count == ALL)
        if open_.size == 0:
            break
        _, first = np.unique(table.batch[open_], return_index=True)
        table.count[open_[first]] = np.maximum(there[open_[first]], 0)
    after = there + known
    short = np.zeros(own.size, dtype=np.int64)
    np.maximum.at(short, table.batch, -after)
    return np.maximum(short, 0)


def _states(count: int, table: _Table) -> tuple[IntArray, IntArray]:
    """Return the state each event belongs to, and how many states each batch has."""
    same = np.zeros(table.batch.size, dtype=np.bool_)
    same[1:] = table.batch[1:] == table.batch[:-1]
    before = np.full(table.batch.size, -1)
    before[1:] = table.kind[:-1]
    new = same & (
        ((table.kind == IN) & ((before == OUT) | (before == LOAD))) | ((table.kind == LOAD) & (before == OUT))
    )
    running = np.cumsum(new)
    begins = np.searchsorted(table.batch, np.arange(count))
    base = np.concatenate([running, [running[-1] if running.size else 0]])[np.minimum(begins, running.size)]
    state = running - base[table.batch]
    states = np.ones(count, dtype=np.int64)
    np.maximum.at(states, table.batch, state + 1)
    return state.astype(np.int64), states


def _numbered(table: _Table, content: IntArray, held: _Contents, short: IntArray) -> Batches:
    """Return contents and moves under the numbers that put parents first."""
    order = np.argsort(held.last_in, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    row, remaining = held.row, held.remaining
    out, into = (table.kind == OUT) & (table.what == 0), table.kind == IN
    steps = int(out.sum())
    source, target, moved = (np.empty(steps, dtype=np.int64) for _ in range(3))
    source[table.index[out]] = content[out]
    target[table.index[into]] = content[into]
    moved[table.index[into]] = table.count[into]
    stays = np.flatnonzero(np.append(row[1:] == row[:-1], [False]) & (remaining > 0))
    # Pieces that stayed belong to the next content, so they did not remain in this one.
    still = remaining.copy()
    still[stays] = 0
    load, ship = table.kind == LOAD, (table.kind == OUT) & (table.what == 2)
    return Batches(
        row=row[order],
        state=held.state[order],
        opened=held.opened[order],
        total=held.total[order],
        own=held.own[order],
        remaining=still[order],
        move_from=place[np.concatenate([source, stays])],
        move_to=place[np.concatenate([target, stays + 1])],
        move_count=np.concatenate([moved, remaining[stays]]),
        kept=np.repeat([False, True], [steps, stays.size]),
        load_into=place[content[load]],
        load_of=table.target[load],
        load_count=np.minimum(table.count[load], held.total[content[load]]),
        ship_from=place[content[ship]],
        ship_to=table.target[ship],
        ship_count=table.count[ship],
        short=short,
    )
