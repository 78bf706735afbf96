"""What a recall over a million pieces costs in time, against the same question as a recursive query of SQLite.

A made-up year: 5,000 heats of five ladle fillings each, ten moulds to a filling, four pieces to a mould, a
heat-treatment load for every 500 pieces, every tenth piece in a tumbler with nineteen others. *recall* is the whole
answer: probabilities with bounds, numbers, the set that is enough. *reach* is what plain SQL can say: which pieces
descend from the heat at all, without share or probability. Both begin with the data in memory.

Two recalls: a heat in the middle of the year, which touches its own pieces and by the heels of the ladles a few of the
next; and the furnace over the whole year, which touches all million.

Processor seconds, the best of several rounds. The genealogy is built once from the columns of the records; with a
plant it is kept beside these until they change. Memory: the greatest size of the process over that of its arrays.

Run: ``python benchmarks/trace_a_million_pieces.py``
"""

from __future__ import annotations

import resource
import sqlite3
import time
from collections.abc import Callable

import numpy as np

from forgecast.plant.lineage import Lineage
from forgecast.plant.lineage_build import lineage
from forgecast.plant.lineage_names import COLUMNS
from forgecast.plant.recall import recall
from forgecast.plant.record import record
from forgecast.plant.trace import ancestors, sources

HEATS, LADLES, MOULDS, PIECES = 5_000, 5, 10, 4
MINUTE = 60_000_000
T0 = 1_700_000_000_000_000


def _empty(name: str) -> dict[str, np.ndarray]:
    texts = {f for f in COLUMNS[name] if not _numeric(name, f)}
    return {f: np.empty(0, dtype=object if f in texts else np.float64) for f in COLUMNS[name]}


def _numeric(name: str, field: str) -> bool:
    found = record(name).field(field)
    return found.is_number or found.kind in ("time", "integer")


def _names(letter: str, count: int) -> np.ndarray:
    return np.array([f"{letter}{i:07d}" for i in range(count)], dtype=object)


def year(heats: int = HEATS) -> dict[str, dict[str, np.ndarray]]:
    """Return the columns of the made-up year."""
    ladles = heats * LADLES
    moulds, pieces = ladles * MOULDS, ladles * MOULDS * PIECES
    made = {name: _empty(name) for name in COLUMNS}
    heat, ladle, mould = _names("H", heats), _names("L", ladles), _names("M", moulds)
    tapped = T0 + np.arange(heats) * 60 * MINUTE
    filled = np.repeat(tapped, LADLES) + np.tile(np.arange(LADLES), heats) * 10 * MINUTE
    poured = np.repeat(filled, MOULDS) + np.tile(np.arange(MOULDS), ladles) * MINUTE // 2

    def put(name: str, **columns: np.ndarray) -> None:
        size = next(iter(columns.values())).size
        for field in COLUMNS[name]:
            blank = np.full(size, np.nan) if _numeric(name, field) else np.full(size, None, dtype=object)
            made[name][field] = columns.get(field, blank)

    put("heat", id=heat, tapped_at=tapped, furnace=np.full(heats, "F", dtype=object), mass=np.full(heats, 5000.0))
    put(
        "ladle", id=ladle, heat=np.repeat(heat, LADLES), filled_at=filled, mass=np.full(ladles, 950.0),
        heel_mass=np.full(ladles, 50.0), vessel=np.full(ladles, "V", dtype=object),
    )  # fmt: skip
    poured_from = np.repeat(ladle, MOULDS)
    poured_from[::20] = None  # one mould in twenty has no ladle on record
    put("mould", id=mould, poured_at=poured, ladle=poured_from, line=np.full(moulds, "1", dtype=object))
    piece = _names("P", pieces)
    cast = np.repeat(mould, PIECES)
    put("piece", id=piece, mould=cast, count=np.full(pieces, np.nan))
    mixed = np.arange(9, pieces, 10)
    tumbler = _names("T", mixed.size // 20 + 1)
    made["piece"] = {
        field: np.concatenate([values, tumbler if field == "id" else _blank("piece", field, tumbler.size)])
        for field, values in made["piece"].items()
    }
    made["piece"]["count"][pieces:] = 20.0
    into = tumbler[np.arange(mixed.size) // 20]
    put(
        "batch_step", at=np.full(mixed.size, T0 + heats * 60 * MINUTE + MINUTE), from_piece=piece[mixed],
        to_piece=into, count=np.ones(mixed.size),
    )  # fmt: skip
    load = _names("Q", pieces // 500 + 1)
    put("heat_treatment", id=load, started_at=np.full(load.size, T0 + heats * 60 * MINUTE))
    put("heat_treatment_load", heat_treatment=load[np.arange(pieces) // 500], piece=piece)
    return made


def _blank(name: str, field: str, size: int) -> np.ndarray:
    return np.full(size, np.nan) if _numeric(name, field) else np.full(size, None, dtype=object)


def database(whole: Lineage) -> sqlite3.Connection:
    """Return the same links in SQLite, indexed by parent."""
    links, moves = whole.links, whole.moves
    child = np.concatenate([np.repeat(np.arange(len(whole)), np.diff(one.start)) for one in (links, moves)])
    parent = np.concatenate([links.parent, moves.parent])
    held = sqlite3.connect(":memory:")
    held.execute("create table link (parent integer, child integer, primary key (parent, child)) without rowid")
    held.executemany("insert or ignore into link values (?, ?)", zip(parent.tolist(), child.tolist(), strict=True))
    return held


REACH = """
with recursive below(node) as (select node from seed union select child from link join below on parent = node)
select count(*) from below
"""


def best(task: Callable[[], object], rounds: int) -> float:
    """Return the least processor seconds of several rounds."""
    found = []
    for _ in range(rounds):
        begun = time.process_time()
        task()
        found.append(time.process_time() - begun)
    return min(found)


def main() -> None:
    columns = year()
    lineage(year(20))  # compiles, where that has not been done before
    begun = time.process_time()
    whole = lineage(columns)
    building = time.process_time() - begun
    held = database(whole)
    print(f"{whole.pieces:,} pieces, {len(whole):,} nodes, {whole.links.parent.size + whole.moves.parent.size:,} links")
    print(f"built from the columns in {building:.1f} s")
    heats = whole.span("heat")
    one, every = whole.nodes("heat", f"H{HEATS // 2:07d}"), np.arange(heats.start, heats.stop)
    recall(whole, sources(whole, one), level="heat")
    print(f"{'':>22} {'pieces':>9} {'recall s':>9} {'reach s':>9} {'ratio':>6}")
    for title, nodes in (("a heat of mid-year", one), ("the furnace, all year", every)):
        source = sources(whole, nodes)
        answer = recall(whole, source, level="heat")
        ours = best(lambda s=source: recall(whole, s, level="heat"), 3)  # type: ignore[misc]
        held.execute("drop table if exists seed")
        held.execute("create table seed (node integer)")
        held.executemany("insert into seed values (?)", [(int(n),) for n in nodes])
        theirs = best(lambda: held.execute(REACH).fetchone(), 2)
        print(f"{title:>22} {answer.possible:9,} {ours:9.3f} {theirs:9.3f} {theirs / ours:6.1f}")
    last = int(whole.nodes("piece", f"P{HEATS * LADLES * MOULDS * PIECES - 1:07d}")[-1])
    back = best(lambda: ancestors(whole, last), 5)
    print(f"{'one piece, backward':>22} {1:9,} {back:9.4f}")
    parts = (whole, whole.links, whole.moves, whole.loads)
    arrays = [getattr(part, name) for part in parts for name in part.__slots__]
    kept = sum(one.nbytes for one in arrays if isinstance(one, np.ndarray)) / 1e6
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"arrays {kept:.0f} MB; greatest size of the process {most:.0f} MB")


if __name__ == "__main__":
    main()
