"""Small genealogies: from rows written out, and random ones whose truth can be counted world by world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import pyarrow as pa

from forgecast.plant.lineage import KINDS, Lineage, Links, Moves, Relation
from forgecast.plant.lineage_names import COLUMNS
from forgecast.plant.record import record

MINUTE = 60_000_000
#: An instant to count from.
T0 = 1_700_000_000_000_000


def columns(**tables: Sequence[Mapping[str, object]]) -> dict[str, dict[str, np.ndarray]]:
    """Return columns as the store gives them, from rows; what a row does not name is missing."""
    made: dict[str, dict[str, np.ndarray]] = {}
    for name, fields in COLUMNS.items():
        kinds = {field: record(name).field(field) for field in fields}
        rows = sorted(tables.get(name, ()), key=lambda row, name=name: [str(row.get(k)) for k in record(name).key])
        made[name] = {}
        for field, described in kinds.items():
            values = [row.get(field) for row in rows]
            if described.is_number or described.kind in ("time", "integer"):
                made[name][field] = np.array([np.nan if v is None else v for v in values], dtype=np.float64)
            else:
                made[name][field] = np.empty(len(values), dtype=object)
                made[name][field][:] = values
    return made


class RandomGenealogy:
    """A random small genealogy with every world it may have come about in.

    Heats are the beginning. Other metal has slots with alternatives; the choices of all slots are drawn from one random
    joint distribution, so they depend on each other in any way, and the links carry its marginals. Batches begin with
    the metal of one origin and are drawn from.
    """

    def __init__(self, seed: int, *, independent: bool = False, tree: bool = False) -> None:
        self.rng = rng = np.random.default_rng(seed)
        heats, metal, births, pools = 2, int(rng.integers(1, 4)), int(rng.integers(1, 4)), int(rng.integers(0, 3))
        self.heats, self.metal, self.births = heats, heats + metal, heats + metal + births
        n = self.births + pools
        self.slots: list[tuple[int, float, list[int]]] = []  # child, share, alternatives
        unused = list(range(heats))
        for node in range(heats, self.births):
            many = 1 if node >= self.metal or tree else int(rng.integers(1, 3))
            shares = rng.dirichlet(np.ones(many)) if many > 1 else [1.0]
            for share in shares:
                before = unused if tree and unused else list(range(min(node, self.metal)))
                take = min(len(before), int(rng.integers(1, 3)))
                chosen = sorted(int(one) for one in rng.choice(before, take, replace=False))
                if tree:
                    unused = [one for one in unused if one not in chosen]
                    unused = unused or [node]
                self.slots.append((node, float(share), chosen))
            if tree and node < self.metal:
                unused = [*[one for one in unused if one != node], node]
        self.worlds = list(product(*(slot[2] for slot in self.slots)))
        if independent:
            each = [rng.dirichlet(np.ones(len(slot[2]))) for slot in self.slots]
            self.weights = np.array(
                [
                    np.prod([each[i][self.slots[i][2].index(one)] for i, one in enumerate(world)])
                    for world in self.worlds
                ]
            )
        else:
            self.weights = rng.dirichlet(np.full(len(self.worlds), 0.3))
        self.own = np.zeros(n, dtype=np.int64)
        self.own[self.metal : self.births] = rng.integers(1, 4, births)
        self.total = self.own.copy()
        self.left = self.own.copy()
        self.draws: list[tuple[int, int, int]] = []  # into, from, pieces
        for node in range(self.births, n):
            for origin in range(self.metal, node):
                most = int(self.left[origin])
                taken = int(rng.integers(0, most + 1)) if most else 0
                if taken:
                    self.draws.append((node, origin, taken))
                    self.left[origin] -= taken
                    self.total[node] += taken
            self.left[node] = self.total[node]

    def lineage(self) -> Lineage:
        """Return the genealogy: heats, then ladles, then batches."""
        n = self.total.size
        rows = []
        for i, (child, share, chosen) in enumerate(self.slots):
            for one in chosen:
                chance = sum(w for world, w in zip(self.worlds, self.weights, strict=True) if world[i] == one)
                rows.append((child, i, one, chance, share))
        child, slot, parent, chance, share = (np.array(column) for column in zip(*rows, strict=True))
        starts = {"heat": self.heats, "ladle": self.metal - self.heats, "piece": n - self.metal}
        sizes = [starts.get(kind, 0) for kind in KINDS]
        names = {
            k: pa.array([f"{k}{i}" for i in range(size)], pa.string()) for k, size in zip(KINDS, sizes, strict=True)
        }
        links = Links(
            np.searchsorted(child, np.arange(n + 1)),
            parent.astype(np.int64),
            slot.astype(np.int64),
            chance.astype(np.float64),
            *(share.astype(np.float64),) * 3,
            np.full(child.size, int(Relation.TAPPED)),
            chance > 1.0 - 1e-12,
        )
        into, origin, count = (np.array([d[i] for d in self.draws], dtype=np.int64) for i in range(3))
        moves = Moves(np.searchsorted(into, np.arange(n + 1)), origin, count, np.full(into.size, int(Relation.MOVED)))
        none = np.empty(0, dtype=np.int64)
        return Lineage(
            names,
            np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            np.full(n, -1),
            np.arange(n - self.metal),
            self.own,
            self.total,
            self.left,
            np.zeros(n, dtype=np.bool_),
            links,
            moves,
            Moves(np.zeros(n + 1, dtype=np.int64), none, none, none),
        )

    def truth(self, least: float, *, blind: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return P(affected) of a thing or piece of each node, and fewest and most affected pieces in any world.

        Affected: holds `least` of heat 0. Pieces are drawn by a hand that may know everything, other in every world; a
        blind one takes the average.
        """
        n = self.total.size
        chance, fewest, most = np.zeros(n), np.full(n, np.iinfo(np.int64).max), np.zeros(n)
        for world, weight in zip(self.worlds, self.weights, strict=True):
            share = np.zeros(n)
            share[0] = 1.0
            for node in range(self.heats, self.births):
                share[node] = sum(
                    s * share[one] for (child, s, _), one in zip(self.slots, world, strict=True) if child == node
                )
            hit = (share >= least).astype(np.float64)
            number = hit * self.own if blind else self._drawn(hit)
            if blind:
                for into, origin, taken in self.draws:
                    number[into] += taken * number[origin] / self.total[origin]
            whole = np.maximum(self.total, 1)
            chance += weight * np.where(self.total > 0, number / whole, hit)
            fewest, most = np.minimum(fewest, number), np.maximum(most, number)
        return chance, fewest, most

    def _drawn(self, hit: np.ndarray) -> np.ndarray:
        lying = [[bool(hit[node])] * int(self.own[node]) for node in range(self.total.size)]
        number = np.array([sum(one) for one in lying], dtype=np.float64)
        for into, origin, taken in self.draws:
            self.rng.shuffle(lying[origin])
            if self.rng.random() < 0.7:  # a hand with a will: all affected first, or last
                lying[origin].sort(reverse=bool(self.rng.random() < 0.5))
            moved = [lying[origin].pop() for _ in range(taken)]
            lying[into] += moved
            number[into] += sum(moved)
        return number
