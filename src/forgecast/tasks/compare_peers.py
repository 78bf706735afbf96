"""Compare a plant with its peers: position, ranks under other weights, dominance, frontier, benchmark rule."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, bilingual, text
from forgecast.rules.index.benchmark import BenchmarkAnswer, benchmark_of
from forgecast.rules.index.frontier import frontier, normalised_use
from forgecast.rules.index.peers import LEAST_PEERS, PeerCell, peer_cells, position
from forgecast.rules.index.ranks import dominance, rank_intervals, surely_above
from forgecast.rules.index.scheme import benchmark_rule, shipped_scheme
from forgecast.rules.index.score import FULL
from forgecast.tasks.assess_cluster import ClusterRow
from forgecast.tasks.index_inputs import IndexInputs

#: Draws of the weights, for the ranks.
DRAWS, SEED = 500, 7
GROUPS: dict[str, Text] = {
    "casting": bilingual("foundries", "铸造企业"),
    "forging": bilingual("forge shops", "锻造企业"),
    "mixed": bilingual("plants that cast and forge", "铸锻兼营企业"),
    "unknown": bilingual("plants without production on record", "无产量记录的企业"),
}


@dataclass(frozen=True, slots=True)
class RankRange:
    """Ranks of the plant among itself and its peers, 1 is best: 5 % to 95 % of the weights drawn."""

    best: int
    worst: int


@dataclass(frozen=True, slots=True)
class PeerComparison:
    """Where a plant stands among its peers; no single peer is told.

    Parameters
    ----------
    group : str
        Key of `GROUPS`.
    peers : int
        Plants of the group beside this one.
    below : float or None
        Share of them with a lower index over what is known.
    directions : tuple of (str, float or None)
        The same by direction.
    known_rank : RankRange
        With what is known; a gap counts half.
    sure_rank : RankRange
        Best: this plant's gaps are worth all and those of the others nothing; worst: the other way round.
    dominated_by, dominates : int
        Peers that are no worse (no better) in every direction, a gap counted half: no weights turn that round.
    surely_above, surely_below : int
        Peers whose index is above (below) this one's whatever the gaps are worth.
    quartiles : tuple of PeerCell
        Quartiles of the index by group; a cell of too few is withheld.
    efficiency : float or None
        Energy frontier with variable returns: by which factor the energy could shrink (BCC).
    efficiency_constant : float or None
        The same with constant returns (CCR).
    energy_to_mix : float or None
        Energy over what the product mix leads to expect from the peers' medians.
    why_no_frontier : Text or None
    benchmark : BenchmarkAnswer
    """

    group: str
    peers: int
    below: float | None
    directions: tuple[tuple[str, float | None], ...]
    known_rank: RankRange
    sure_rank: RankRange
    dominated_by: int
    dominates: int
    surely_above: int
    surely_below: int
    quartiles: tuple[PeerCell, ...]
    efficiency: float | None
    efficiency_constant: float | None
    energy_to_mix: float | None
    why_no_frontier: Text | None
    benchmark: BenchmarkAnswer

    def as_json(self) -> dict[str, object]:
        """Return the JSON answer."""
        return {
            "ok": True,
            "group": {"id": self.group, "title": GROUPS[self.group].as_json()},
            "peers": self.peers,
            "least_peers": LEAST_PEERS,
            "below": self.below,
            "directions": dict(self.directions),
            "rank_known": [self.known_rank.best, self.known_rank.worst],
            "rank_sure": [self.sure_rank.best, self.sure_rank.worst],
            "dominated_by": self.dominated_by,
            "dominates": self.dominates,
            "surely_above": self.surely_above,
            "surely_below": self.surely_below,
            "quartiles": [
                {"group": cell.group, "plants": cell.count, "quartiles": list(cell.quantiles)}
                for cell in self.quartiles
            ],
            "frontier": {
                "variable_returns": self.efficiency,
                "constant_returns": self.efficiency_constant,
                "energy_to_mix": self.energy_to_mix,
                "why_missing": None if self.why_no_frontier is None else self.why_no_frontier.as_json(),
            },
            "benchmark": {
                "selected": self.benchmark.selected,
                "failed": [one.title.as_json() for one in self.benchmark.failed],
                "open": [one.title.as_json() for one in self.benchmark.open],
            },
        }


def peer_group(inputs: IndexInputs) -> str:
    """Return the group whose plants are comparable: casting, forging, both, or not known."""
    casts, forges = (bool(inputs.figures.get(name)) for name in ("good_casting", "good_forging"))
    return "mixed" if casts and forges else "casting" if casts else "forging" if forges else "unknown"


def compare_peers(
    own: ClusterRow, others: Iterable[ClusterRow], *, all_groups: bool = False, draws: int = DRAWS, seed: int = SEED
) -> PeerComparison:
    """Compare a plant with the others of its group.

    Parameters
    ----------
    own : ClusterRow
    others : iterable of ClusterRow
        A row with the plant's own id is left out.
    all_groups : bool
        Compare with every plant, whatever it makes.
    draws, seed : int
        Of the random weights.

    Raises
    ------
    ForgecastError
        If there are fewer than five peers: their figures would give them away.
    """
    group = peer_group(own.inputs)
    peers = [row for row in others if row.id != own.id and (all_groups or peer_group(row.inputs) == group)]
    if len(peers) < LEAST_PEERS:
        raise ForgecastError(
            text("only {count} peers ({group}); at least {least} are needed, so that none is given away",
                 count=len(peers), group=GROUPS[group], least=LEAST_PEERS),
            where="--among",
            repair=text("name more plants, or compare with all with --all-groups"),
        )  # fmt: skip
    plants = [own, *peers]
    low, high, known = (_matrix(plants, which) for which in ("low", "high", "middle"))
    mine_best, mine_worst = low.copy(), high.copy()
    mine_best[0], mine_worst[0] = high[0], low[0]
    ones = np.ones(low.shape[1])
    best, worst, middle = (
        rank_intervals(scores, concentration=ones, draws=draws, seed=seed) for scores in (mine_best, mine_worst, known)
    )
    efficiency, constant, to_mix, why = _energy(plants)
    values = [row.score.total.value for row in peers]
    below = None if own.score.total.value is None else position(_floats(values), own.score.total.value)
    better = dominance(known)
    above = surely_above([row.score.total.low for row in plants], [row.score.total.high for row in plants])
    directions = tuple((one.id, _below(own, peers, number)) for number, one in enumerate(shipped_scheme().directions))
    return PeerComparison(
        group=group,
        peers=len(peers),
        below=below,
        directions=directions,
        known_rank=RankRange(int(middle.low[0]), int(middle.high[0])),
        sure_rank=RankRange(int(best.low[0]), int(worst.high[0])),
        dominated_by=int(better[:, 0].sum()),
        dominates=int(better[0].sum()),
        surely_above=int(above[:, 0].sum()),
        surely_below=int(above[0].sum()),
        quartiles=peer_cells([peer_group(row.inputs) for row in peers], _floats(values)),
        efficiency=efficiency,
        efficiency_constant=constant,
        energy_to_mix=to_mix,
        why_no_frontier=why,
        benchmark=benchmark_of(benchmark_rule(), benchmark_facts(own, below)),
    )


def benchmark_facts(row: ClusterRow, below: float | None) -> dict[str, float | None]:
    """Return what the published rule asks of a plant; None where it is not known."""
    lows = [one.interval.low for one in row.score.directions if one.interval is not None]
    broken, open_ = row.inputs.duties_broken, row.inputs.duties_open
    return {
        "lowest_score": row.score.total.low,
        "coverage": row.score.total.coverage,
        "percentile": below,
        # A duty that is not known may be broken.
        "no_duty_broken": None if broken is None else 0.0 if broken else None if open_ else 1.0,
        "lowest_direction": min(lows) if lows else None,
    }


def _matrix(plants: Sequence[ClusterRow], which: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return the scores by plant and direction; a direction that does not apply is open from 0 to all."""

    def cell(row: ClusterRow, number: int) -> float:
        interval = row.score.directions[number].interval
        low, high = (0.0, FULL) if interval is None else (interval.low, interval.high)
        return {"low": low, "high": high, "middle": 0.5 * (low + high)}[which]

    return np.array([[cell(row, n) for n in range(len(row.score.directions))] for row in plants])


def _below(own: ClusterRow, peers: Sequence[ClusterRow], number: int) -> float | None:
    def value(row: ClusterRow) -> float | None:
        interval = row.score.directions[number].interval
        return None if interval is None else interval.value

    mine = value(own)
    return None if mine is None else position(_floats([value(row) for row in peers]), mine)


def _floats(values: Sequence[float | None]) -> list[float]:
    return [math.nan if value is None else value for value in values]


def _energy(plants: Sequence[ClusterRow]) -> tuple[float | None, float | None, float | None, Text | None]:
    """Return energy efficiency (variable, constant returns) and energy over what the mix leads to expect."""
    mixes = [[row.inputs.figures.get(name) or 0.0 for name in ("good_casting", "good_forging")] for row in plants]
    told = [
        n for n, row in enumerate(plants) if math.isfinite(row.energy_tce) and row.energy_tce > 0 and sum(mixes[n]) > 0
    ]
    if 0 not in told:
        return None, None, None, text("energy or output of this plant is not known")
    if len(told) <= LEAST_PEERS:
        return None, None, None, text("energy and output are known of fewer than {least} peers", least=LEAST_PEERS)
    used = np.array([plants[n].energy_tce for n in told])
    mix = np.array([mixes[n] for n in told])
    made = mix[:, mix.sum(axis=0) > 0]
    found = [frontier(used[:, None], made, returns=returns, of=(0,)) for returns in ("variable", "constant")]
    reference = np.full(2, math.nan)
    for kind in range(2):
        # Only plants that make nothing else tell what one class takes; the plant itself is no reference.
        alone = (mix[:, kind] > 0) & (mix[:, 1 - kind] == 0)
        alone[0] = False
        if alone.sum() >= LEAST_PEERS:
            reference[kind] = np.median(used[alone] / mix[alone, kind])
    to_mix = float(normalised_use(used[:1], mix[:1], reference)[0])
    one, two = (float(answer.efficiency[0]) for answer in found)
    return one, two, to_mix if math.isfinite(to_mix) else None, None
