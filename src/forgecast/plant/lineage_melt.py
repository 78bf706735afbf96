"""Links of the melt shop: lots into heats, heats into ladles, both into holding furnaces."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.texts import text
from forgecast.plant.holding import held_shares
from forgecast.plant.lineage import Relation
from forgecast.plant.lineage_names import instants, numbered
from forgecast.plant.lineage_weaver import Weaver, candidates, part, previous, remainder, scaled, summed
from forgecast.plant.possible_parents import REACH, possible_parents

IntArray: TypeAlias = NDArray[np.int64]
FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]
Shares: TypeAlias = tuple[FloatArray, FloatArray, FloatArray]


def additions(weaver: Weaver) -> dict[str, FloatArray]:
    """Link what was added in treatments, and return the share that is left for the rest of each heat and ladle."""
    rows = weaver.columns["treatment"]
    lot = weaver.subjects.numbers("lot", rows["lot"])
    mass = np.asarray(rows["mass"], dtype=np.float64)
    left = {}
    for kind in ("heat", "ladle"):
        number = weaver.subjects.numbers(kind, rows[kind])
        if kind == "heat":
            number = np.where(weaver.subjects.numbers("ladle", rows["ladle"]) >= 0, -1, number)
        size = len(weaver.subjects.names[kind])
        there = (number >= 0) & (lot >= 0)
        added = summed(number[there], np.nan_to_num(mass[there]), size)
        whole = weaver.floats(kind, "mass") + added
        pair = number[there] * len(weaver.subjects.names["lot"]) + lot[there]
        unique, index = np.unique(pair, return_inverse=True)
        together = summed(index, mass[there], unique.size)
        into, of = np.divmod(unique, max(len(weaver.subjects.names["lot"]), 1))
        low, best, high = part(together, whole[into])
        unknown = low < best  # an addition is small: where its share is not known it is not guessed to be half
        best = np.where(unknown, 0.0, best)
        weaver.add(
            weaver.node(kind, into),
            weaver.node("lot", of),
            Relation.ADDED,
            share=(low, best, high),
            slot=int(Relation.ADDED) * 2**40 + of,
        )
        left[kind] = 1.0 - summed(into, np.where(unknown, 0.0, best), size)
    return left


def heats(weaver: Weaver, scale: FloatArray) -> None:
    """Link heats to lots, to the heats whose returns they remelt, and to what was left in the furnace."""
    rows, names = weaver.columns["charge_item"], weaver.subjects
    heat, lot = names.numbers("heat", rows["heat"]), names.numbers("lot", rows["lot"])
    returned = names.numbers("heat", rows["from_heat"])
    mass, size = np.asarray(rows["mass"], dtype=np.float64), len(names.names["heat"])
    items = summed(heat, mass, size)
    heel = weaver.floats("heat", "heel_mass")
    charged = weaver.floats("heat", "charge_mass")
    tapped = weaver.floats("heat", "mass") - np.nan_to_num(heel)
    charge = np.where(items > 0.0, items, np.where(np.isfinite(charged), charged, tapped))
    whole = charge + np.nan_to_num(heel)
    late = returned >= heat
    late &= returned >= 0
    if late.any():
        name = str(names.names["heat"][int(heat[late][0])])
        weaver.find(
            "remelted-before-tapped",
            "charge_item",
            name,
            text("{count} charges hold returns of a heat that was not tapped before them", count=int(late.sum())),
            text("correct `from_heat` of these rows, or the tapping times"),
            int(late.sum()),
        )
    for kind, parent, relation in (("lot", lot, Relation.CHARGED), ("heat", returned, Relation.REMELTED)):
        # A line may name its lot and the heat it came from: its mass then counts once, for the nearer parent.
        there = (parent >= 0) & ~late & ((kind == "heat") | (returned < 0))
        many = max(len(names.names[kind]), 1)
        unique, index = np.unique(heat[there] * many + parent[there], return_inverse=True)
        into, of = np.divmod(unique, many)
        share = part(summed(index, mass[there], unique.size), whole[into])
        slot = int(relation) * 2**40 + of
        weaver.add(
            weaver.node("heat", into),
            weaver.node(kind, of),
            relation,
            share=scaled(share, scale[into]),
            slot=slot,
        )
    timed = names.time["heat"] >= 0
    before = previous(weaver.codes("heat", "furnace"), timed)
    here = (heel > 0.0) & (before >= 0)
    child = np.flatnonzero(here)
    weaver.add(
        weaver.node("heat", child),
        weaver.node("heat", before[child]),
        Relation.LEFT_IN_FURNACE,
        share=scaled(part(heel[child], whole[child]), scale[child]),
    )


def heat_windows(weaver: Weaver) -> tuple[IntArray, IntArray, IntArray]:
    """Return the heats with a time, and first and last instant at which each could be tapped into something."""
    time = weaver.subjects.time["heat"]
    furnace = weaver.codes("heat", "furnace")
    end = time + int(weaver.assumptions.longest_tapping * 1e6)
    before = previous(furnace, time >= 0)
    follows = before >= 0
    np.minimum.at(end, before[follows], time[follows])
    index = np.flatnonzero(time >= 0)
    return index, time[index], end[index]


def ladles(weaver: Weaver, scale: FloatArray) -> None:
    """Link ladle fillings to heats, and to the heel of the filling before."""
    names, heat = weaver.subjects, weaver.of("ladle", "heat")
    time = names.time["ladle"]
    heel, mass = weaver.floats("ladle", "heel_mass"), weaver.floats("ladle", "mass")
    there = heel > 0.0
    share = part(np.where(there, heel, 0.0), np.where(there, heel + mass, 1.0))
    before = previous(weaver.codes("ladle", "vessel"), time >= 0)
    child = np.flatnonzero(there & (before >= 0))
    taken = (share[0][child], share[1][child], share[2][child])
    weaver.add(
        weaver.node("ladle", child),
        weaver.node("ladle", before[child]),
        Relation.HEEL,
        share=scaled(taken, scale[child]),
    )
    rest = remainder(share, scale)
    parents, begin, end = heat_windows(weaver)
    _check_ladles(weaver, heat, time)
    untimed = np.flatnonzero((time < 0) & (heat >= 0))
    weaver.add(
        weaver.node("ladle", untimed),
        weaver.node("heat", heat[untimed]),
        Relation.TAPPED,
        share=(rest[0][untimed], rest[1][untimed], rest[2][untimed]),
    )
    number = np.full(len(names.names["heat"]), -1, dtype=np.int64)
    number[parents] = np.arange(parents.size)
    fixed = np.where(heat >= 0, number[heat], -1)
    direct = np.flatnonzero((time >= 0) & (heat >= 0) & (fixed < 0))
    weaver.add(
        weaver.node("ladle", direct),
        weaver.node("heat", heat[direct]),
        Relation.TAPPED,
        share=(rest[0][direct], rest[1][direct], rest[2][direct]),
    )
    children = np.flatnonzero((time >= 0) & ((heat < 0) | (fixed >= 0)))
    one_furnace = np.unique(weaver.codes("heat", "furnace")[parents]).size == 1
    line = np.zeros(children.size, dtype=np.int64) if one_furnace and weaver.assumptions.ordered else None
    found = possible_parents(
        time[children], begin, end, clock=weaver.assumptions.clock, line=line, fixed=fixed[children]
    )
    picked = (rest[0][children], rest[1][children], rest[2][children])
    candidates(
        weaver, "ladle", children, "heat", found, parents, Relation.TAPPED, share=picked, known=fixed[children] >= 0
    )


def _check_ladles(weaver: Weaver, heat: IntArray, time: IntArray) -> None:
    tapped = np.where(heat >= 0, weaver.subjects.time["heat"][heat], -1)
    reach = int(REACH * weaver.assumptions.clock * 1e6)
    early = (tapped >= 0) & (time >= 0) & (time < tapped - reach)
    if early.any():
        weaver.find(
            "filled-before-tapped",
            "ladle",
            str(weaver.subjects.names["ladle"][int(np.flatnonzero(early)[0])]),
            text("{count} ladles were filled before the heat on record for them was tapped", count=int(early.sum())),
            text("correct the heat or one of the two times"),
            int(early.sum()),
        )


def fillings(weaver: Weaver) -> None:
    """Link fillings of holding furnaces to heats or ladles, and to what the furnace held before."""
    names = weaver.subjects
    furnace, time = weaver.codes("holding_fill", "furnace"), names.time["holding_fill"]
    heat, ladle = weaver.of("holding_fill", "heat"), weaver.of("holding_fill", "ladle")
    mass, held = weaver.floats("holding_fill", "mass"), weaver.floats("holding_fill", "held_mass")
    every = np.concatenate([weaver.columns["holding_fill"]["furnace"], weaver.columns["shot"]["furnace"]])
    codes = numbered(every)
    by_row = np.full(furnace.size, -1, dtype=np.int64)
    by_row[names.of_row["holding_fill"]] = codes[: names.of_row["holding_fill"].size]
    shots = weaver.columns["shot"]
    drawn = codes[names.of_row["holding_fill"].size :]
    shot_mass = np.asarray(shots["shot_mass"], dtype=np.float64)
    kept = held_shares(by_row, time, mass, held, drawn, instants(shots["shot_at"]), shot_mass)
    child = np.arange(furnace.size)
    share = (kept.low, kept.share, kept.high)
    weaver.add(
        weaver.node("holding_fill", child),
        weaver.node("holding_fill", kept.before),
        Relation.HELD,
        share=share,
    )
    rest = remainder(share, np.ones(furnace.size))
    by_ladle = np.flatnonzero(ladle >= 0)
    for kind, parent, index in (("ladle", ladle, by_ladle), ("heat", heat, np.flatnonzero((heat >= 0) & (ladle < 0)))):
        weaver.add(
            weaver.node("holding_fill", index),
            weaver.node(kind, parent[index]),
            Relation.FILLED,
            share=(rest[0][index], rest[1][index], rest[2][index]),
        )
    open_ = np.flatnonzero((heat < 0) & (ladle < 0) & (time >= 0))
    parents, begin, end = heat_windows(weaver)
    found = possible_parents(time[open_], begin, end, clock=weaver.assumptions.clock)
    picked = (rest[0][open_], rest[1][open_], rest[2][open_])
    none = np.zeros(open_.size, dtype=np.bool_)
    candidates(weaver, "holding_fill", open_, "heat", found, parents, Relation.FILLED, share=picked, known=none)
