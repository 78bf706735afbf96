"""The genealogy against truth counted world by world, against closed forms, and against what must be kept."""

from __future__ import annotations

from itertools import combinations, pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from forgecast.plant.holding import held_shares
from forgecast.plant.kernels import lineage_sweep, monotone
from forgecast.plant.lineage_build import lineage
from forgecast.plant.possible_parents import possible_parents
from forgecast.plant.recall import enough, recall, units
from forgecast.plant.trace import LEAST_OF_LOT, ancestors, beginning, descent, sources
from tests.plant.genealogies import MINUTE, T0, RandomGenealogy, columns

SEEDS = st.integers(0, 2**32 - 1)
#: Rounding over a handful of sums and products.
ROUNDING = 1e-9


@settings(max_examples=300)
@given(seed=SEEDS, least=st.sampled_from([1e-9, 0.01, 0.3, 0.6]))
def test_bounds_hold_the_truth_whatever_depends_on_what_and_whoever_draws(seed, least):
    one = RandomGenealogy(seed)
    truth, fewest, most = one.truth(least)
    found = descent(one.lineage(), sources(one.lineage(), np.array([0])), metal=True, least_share=least)
    low, best, high = found.probability
    assert np.all(low <= truth + ROUNDING)
    assert np.all(truth <= high + ROUNDING)
    assert np.all((low - ROUNDING <= best) & (best <= high + ROUNDING))
    assert np.all((low >= 0.0) & (high <= 1.0 + ROUNDING))
    there = one.total > 0
    assert np.all(found.number[0][there] <= fewest[there])
    assert np.all(found.number[1][there] >= most[there])


@settings(max_examples=200)
@given(seed=SEEDS)
def test_the_best_estimate_is_the_truth_where_choices_are_independent_and_hands_blind(seed):
    one = RandomGenealogy(seed, independent=True, tree=True)
    truth, _, _ = one.truth(LEAST_OF_LOT, blind=True)
    whole = one.lineage()
    found = descent(whole, sources(whole, np.array([0])), metal=True, least_share=LEAST_OF_LOT, blind=True)
    assert found.probability[1] == pytest.approx(truth, abs=ROUNDING)


def test_two_parts_in_doubt_make_a_thing_affected_unless_both_are_of_another():
    one = RandomGenealogy(0)
    one.heats, one.metal, one.births = 2, 5, 6
    # 2 and 3 are of heat 0 or 1, as likely as not; 4 is half of each, and the piece is cast of it.
    one.slots = [(2, 1.0, [0, 1]), (3, 1.0, [0, 1]), (4, 0.5, [2]), (4, 0.5, [3]), (5, 1.0, [4])]
    one.worlds = list(product(*(slot[2] for slot in one.slots)))
    one.weights = np.full(4, 0.25)
    one.own = one.total = one.left = np.array([0, 0, 0, 0, 0, 1])
    one.draws = []
    truth, _, _ = one.truth(0.01)
    found = descent(one.lineage(), sources(one.lineage(), np.array([0])), metal=True)
    assert truth[5] == 0.75
    assert found.probability[:, 5] == pytest.approx([0.5, 0.75, 1.0])


@settings(max_examples=100)
@given(seed=SEEDS)
def test_expected_shares_are_linear_and_the_same_backward_as_forward(seed):
    whole = RandomGenealogy(seed, independent=True).lineage()
    links, moves = whole.links, whole.moves
    child = np.repeat(np.arange(len(whole)), np.diff(links.start))
    matrix = np.zeros((len(whole), len(whole)))
    np.add.at(matrix, (child, links.parent), links.share * links.probability)
    matrix[whole.total > 0] *= (whole.own / np.maximum(whole.total, 1))[whole.total > 0, None]
    into = np.repeat(np.arange(len(whole)), np.diff(moves.start))
    np.add.at(matrix, (into, moves.parent), moves.count / np.maximum(whole.total[into], 1))
    influence = np.linalg.inv(np.eye(len(whole)) - matrix)
    last = len(whole) - 1
    back = {(kin.kind, kin.name): kin for kin in ancestors(whole, last, least_share=LEAST_OF_LOT)}
    for node in range(last):
        forth = descent(whole, sources(whole, np.array([node])), metal=True, least_share=LEAST_OF_LOT)
        assert forth.share[1] == pytest.approx(influence[:, node], abs=ROUNDING)
        kin = back.get((whole.kind(node), whole.name(node)))
        assert (kin.share if kin else 0.0) == pytest.approx(influence[last, node], abs=ROUNDING)
        assert (kin.probability if kin else 0.0) == pytest.approx(forth.probability[1, last], abs=ROUNDING)


def _by_hand(time, begin, end, clock, number=None):
    """Return P(parent) of each child by writing out every sequence that never steps back."""
    weight = np.array(
        [[ndtr((t - b) / clock) - ndtr((t - e) / clock) for b, e in zip(begin, end, strict=True)] for t in time]
    )
    found = np.zeros_like(weight)
    for sequence in product(range(len(begin)), repeat=len(time)):
        told = number is None or all(
            (k == m if y == x + 1 else k < m if y <= x or y == 1 else True)
            for (k, m), (x, y) in zip(pairwise(sequence), pairwise(number), strict=True)
        )
        if told and all(a <= b for a, b in pairwise(sequence)):
            w = np.prod([weight[i, k] for i, k in enumerate(sequence)])
            for i, k in enumerate(sequence):
                found[i, k] += w
    return found / found.sum(axis=1, keepdims=True)


@settings(max_examples=100)
@given(seed=SEEDS)
def test_moulds_of_a_line_get_the_probabilities_of_all_sequences_that_keep_the_order(seed):
    rng = np.random.default_rng(seed)
    begin = np.sort(rng.integers(0, 400, 4)) * 1_000_000
    end = begin + rng.integers(60, 400, 4) * 1_000_000
    # All instants lie within four standard uncertainties of every window, beyond which candidates are left out.
    time = np.sort(rng.integers(0, 500, 5)) * 1_000_000
    clock = 200.0
    number = np.array([[np.nan] * 5, [3, 4, 1, np.nan, 1], [np.nan, 2, 3, 5, 2]][int(rng.integers(3))], dtype=float)
    found = possible_parents(time, begin, end, clock=clock, line=np.zeros(5, dtype=np.int64), number=number)
    dense = np.zeros((5, 4))
    dense[np.repeat(np.arange(5), np.diff(found.start)), found.parent] = found.probability
    # Candidates below 1e-6 are not listed.
    assert dense == pytest.approx(_by_hand(time, begin, end, clock * 1e6, number), abs=1e-5)
    assert not found.broken.any()


@settings(max_examples=100)
@given(seed=SEEDS, ordered=st.booleans())
def test_possible_parents_sum_to_one_and_what_is_on_record_is_believed(seed, ordered):
    rng = np.random.default_rng(seed)
    begin = np.sort(rng.integers(0, 10_000, 12)) * 1_000_000
    end = begin + rng.integers(0, 1500, 12) * 1_000_000
    time = rng.integers(0, 12_000, 30) * 1_000_000
    fixed = np.where(rng.random(30) < 0.3, rng.integers(0, 12, 30), -1)
    line = rng.integers(0, 3, 30) if ordered else None
    found = possible_parents(time, begin, end, clock=float(rng.integers(0, 60)), line=line, fixed=fixed)
    many = np.diff(found.start)
    child = np.repeat(np.arange(30), many)
    total = np.bincount(child, found.probability, minlength=30)
    assert total[many > 0] == pytest.approx(1.0, abs=ROUNDING)
    assert np.all((found.probability > 0.0) & (found.probability <= 1.0 + ROUNDING))
    for one in np.flatnonzero(fixed >= 0):
        mine = slice(found.start[one], found.start[one + 1])
        assert found.parent[mine].tolist() == [fixed[one]]


@pytest.mark.slow  # compiles, where it has not been done before
def test_compiled_and_plain_loops_give_the_same():
    whole = RandomGenealogy(7).lineage()
    links, moves, loads, n = whole.links, whole.moves, whole.loads, len(whole)
    arguments = (
        0,
        (links.start, links.parent, links.slot, links.probability, np.stack([links.low] * 3), links.low >= 0.0),
        (moves.start, moves.parent, moves.count),
        (loads.start, loads.parent, loads.count),
        (whole.own, whole.total, whole.fixed),
        sources(whole, np.array([0])),
        (0.01, False, True),
    )  # fmt: skip
    answers = []
    for loop in (lineage_sweep.sweep, lineage_sweep.sweep.py_func):
        p, s, c = np.zeros((3, n)), np.zeros((3, n)), np.zeros((2, n), dtype=np.int64)
        loop(*arguments, p, s, c)
        answers.append(np.concatenate([p.ravel(), s.ravel(), c.ravel()]))
    assert answers[0] == pytest.approx(answers[1], abs=ROUNDING)
    start, first = np.array([0, 3, 6]), np.array([0, 1])
    weight = np.array([0.2, 0.5, 0.3, 0.1, 0.6, 0.3])
    told = []
    for forward, backward in (
        (monotone.forward, monotone.backward),
        (monotone.forward.py_func, monotone.backward.py_func),
    ):
        alpha, found, broken = np.zeros(6), np.zeros(6), np.zeros(2, dtype=np.bool_)
        for step in (monotone.ANY, monotone.SAME, monotone.NEW):
            steps = np.full(2, step)
            forward(np.zeros(2, dtype=np.int64), first, start, steps, weight, alpha, broken)
            backward(np.zeros(2, dtype=np.int64), first, start, steps, weight, alpha, broken, found)
            told.append(found.copy())
    assert np.array(told[:3]) == pytest.approx(np.array(told[3:]), abs=ROUNDING)


def _furnace(fills: int, mass: float, held: float):
    zero, time = np.zeros(fills, dtype=np.int64), np.arange(fills, dtype=np.int64)
    none = np.empty(0)
    return held_shares(zero, time, np.full(fills, mass), np.full(fills, held), zero[:0], time[:0], none)


def test_little_and_often_washes_out_as_a_stirred_tank_does():
    # 1000 kg held, filled with 500 kg altogether in ever smaller portions: exp(-500/1000) of the old metal is left.
    for fills in (10, 100, 1000):
        kept = _furnace(fills, 500.0 / fills, 1000.0)
        left = np.prod(kept.share)
        # ln(1 + x) = x - x²/2 …: the product is exp(-0.5 + 0.125/fills …), so it is 0.13/fills too high at most.
        assert 0.0 < left / np.exp(-0.5) - 1.0 < 0.13 / fills


def test_a_holding_furnace_gives_shots_the_product_of_what_was_kept():
    heats = [{"id": f"H{i}", "tapped_at": T0 + i * 60 * MINUTE, "furnace": "F"} for i in range(3)]
    fills = [
        {"id": f"f{i}", "furnace": "D", "filled_at": T0 + (i * 60 + 10) * MINUTE, "heat": f"H{i}", "mass": 300.0,
         "held_mass": 0.0 if i == 0 else 700.0}
        for i in range(3)
    ]  # fmt: skip
    shots = [{"id": "s", "shot_at": T0 + 150 * MINUTE, "furnace": "D", "die": "d"}]
    whole = lineage(columns(heat=heats, holding_fill=fills, shot=shots))
    kin = {one.name: one for one in ancestors(whole, int(whole.nodes("shot", "s")[0]))}
    assert kin["H0"].share == pytest.approx(0.7 * 0.7)
    assert kin["H1"].share == pytest.approx(0.7 * 0.3)
    assert kin["H2"].share == pytest.approx(0.3)
    assert {kin[f"H{i}"].probability for i in range(3)} == {1.0}


def _random_plant(rng: np.random.Generator, recorded: float):
    """Return the rows of a small plant with batches that split, merge and mix."""
    ladles = [
        {"id": f"L{i}", "vessel": f"V{i % 2}", "heat": f"H{i // 2}", "filled_at": T0 + i * 10 * MINUTE, "mass": 900.0,
         "emptied_at": T0 + (i * 10 + 12) * MINUTE, "heel_mass": float(rng.choice([0.0, 45.0, 300.0]))}
        for i in range(6)
    ]  # fmt: skip
    heats = [{"id": f"H{i}", "furnace": "F", "tapped_at": T0 + (i * 20 - 2) * MINUTE, "mass": 2000.0} for i in range(3)]
    moulds = []
    for i in range(10):
        at = float(rng.uniform(1, 60))
        ladle = f"L{min(int(at // 10), 5)}" if rng.random() < recorded else None
        moulds.append({"id": f"M{i}", "product": "P", "line": "1", "poured_at": T0 + at * MINUTE, "ladle": ladle})
    pieces = [{"id": f"a{i}", "product": "P", "mould": f"M{i}", "count": int(rng.integers(1, 6))} for i in range(10)]
    pieces += [{"id": f"b{i}", "product": "P", "count": 1} for i in range(4)]
    steps = [
        {"id": f"{i}", "at": T0 + (100 + i) * MINUTE, "from_piece": str(rng.choice([p["id"] for p in pieces])),
         "to_piece": f"b{int(rng.integers(0, 4))}", "count": int(rng.integers(1, 4))}
        for i in range(12)
    ]  # fmt: skip
    steps = [one for one in steps if one["from_piece"] != one["to_piece"]]
    loads = [{"heat_treatment": "T", "piece": f"b{i}", "count": None if i else 1} for i in range(2)]
    items = [{"shipment": f"S{i}", "piece": f"a{i}", "count": None if i else 1} for i in range(3)]
    return {
        "heat": heats, "ladle": ladles, "mould": moulds, "piece": pieces, "batch_step": steps,
        "heat_treatment": [{"id": "T", "started_at": T0 + 105 * MINUTE}], "heat_treatment_load": loads,
        "shipment": [{"id": f"S{i}", "shipped_at": T0 + (103 + 5 * i) * MINUTE} for i in range(3)],
        "shipment_item": items,
    }  # fmt: skip


@settings(max_examples=100)
@given(seed=SEEDS)
def test_no_piece_is_lost_or_made_in_splits_merges_and_mixes(seed):
    whole = lineage(columns(**_random_plant(np.random.default_rng(seed), 0.5)))
    moves = whole.moves
    into = np.repeat(np.arange(len(whole)), np.diff(moves.start))
    came = np.bincount(into, moves.count, minlength=len(whole))
    went = np.bincount(moves.parent, moves.count, minlength=len(whole))
    assert np.array_equal(whole.total, whole.own + came)
    piece = whole.span("piece")
    assert np.array_equal(whole.total[piece], whole.left[piece] + went[piece])
    assert whole.left.min() >= 0
    assert units(whole)[2].sum() == whole.pieces
    # Parents come before children.
    assert np.all(moves.parent < into)
    child = np.repeat(np.arange(len(whole)), np.diff(whole.links.start))
    assert np.all(whole.links.parent < child)


@settings(max_examples=60)
@given(seed=SEEDS)
def test_one_more_link_on_record_never_widens_the_recall_set(seed):
    rng = np.random.default_rng(seed)
    rows = _random_plant(rng, 0.4)
    before = lineage(columns(**rows))
    open_ = [one for one in rows["mould"] if one["ladle"] is None]
    if not open_:
        return
    mould = open_[int(rng.integers(len(open_)))]
    node = int(before.nodes("mould", str(mould["id"]))[0])
    mine = slice(int(before.links.start[node]), int(before.links.start[node + 1]))
    if mine.start == mine.stop:
        return
    parent = int(before.links.parent[mine][int(rng.integers(mine.stop - mine.start))])
    mould["ladle"] = before.name(parent)
    after = lineage(columns(**rows))
    for heat in ("H0", "H1", "H2"):
        was, is_ = (
            recall(one, beginning(one, "heat", one.nodes("heat", heat)), level="heat") for one in (before, after)
        )
        assert is_.possible <= was.possible
        assert is_.certain >= was.certain


@settings(max_examples=60)
@given(seed=SEEDS, confidence=st.floats(0.5, 1.0))
def test_among_single_pieces_no_smaller_set_is_enough(seed, confidence):
    rng = np.random.default_rng(seed)
    chance = rng.choice([0.001, 0.01, 0.05, 0.3, 1.0], 7) * rng.uniform(0.5, 1.0, 7)
    in_set, reached = enough(chance, np.ones(7, dtype=np.int64), confidence)
    assert chance[~in_set].sum() <= 1.0 - confidence + ROUNDING
    assert reached == pytest.approx(1.0 - chance[~in_set].sum(), abs=ROUNDING)
    smallest = min(
        size for size in range(8) for some in combinations(range(7), size)
        if np.delete(chance, some).sum() <= (1.0 - confidence) * (1.0 + 1e-12)
    )  # fmt: skip
    assert in_set.sum() == smallest
