"""Links of metal and bar, from columns of records: what each heat, ladle, mould, shot and piece is made of."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.texts import text
from forgecast.plant.lineage import KINDS, Assumptions, Relation
from forgecast.plant.lineage_melt import additions, fillings, heat_windows, heats, ladles
from forgecast.plant.lineage_names import Columns, Subjects, instants, numbered
from forgecast.plant.lineage_weaver import Weaver, candidates, previous
from forgecast.plant.possible_parents import REACH, possible_parents

IntArray: TypeAlias = NDArray[np.int64]
FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]
Shares: TypeAlias = tuple[FloatArray, FloatArray, FloatArray]

#: A time no plant reaches.
_NEVER = np.iinfo(np.int64).max // 4


def weave(columns: Columns, subjects: Subjects, assumptions: Assumptions, own: IntArray) -> Weaver:
    """Return the links of everything up to the content with which each batch begins.

    Parameters
    ----------
    columns : mapping of record to columns
        As `forgecast.plant.lineage_names.COLUMNS` names them.
    subjects : Subjects
    assumptions : Assumptions
    own : (b,) int64 array
        Pieces that begin in each batch; one with none needs no origin.

    Notes
    -----
    Pieces stand as the last kind but one, by row; the caller gives them their nodes.
    """
    first, at = {}, 0
    for kind in KINDS:
        first[kind] = at
        at += len(subjects.names[kind])
    weaver = Weaver(columns, subjects, assumptions, first)
    added = additions(weaver)
    heats(weaver, added["heat"])
    ladles(weaver, added["ladle"])
    fillings(weaver)
    _moulds(weaver)
    _shots(weaver)
    _pieces(weaver, own)
    return weaver


def _from_pieces(weaver: Weaver, name: str) -> IntArray:
    """Return what the pieces of each mould have on record where the mould itself has nothing; -1 where none."""
    rows = weaver.columns["piece"]
    mould = weaver.subjects.numbers("mould", rows["mould"])
    value = weaver.subjects.numbers(name, rows[name])
    there = (mould >= 0) & (value >= 0)
    said = np.full(len(weaver.subjects.names["mould"]), -1, dtype=np.int64)
    said[mould[there]] = value[there]
    own = weaver.of("mould", name)
    # Where no mould is on record there is no number to look one up by.
    both = there.copy()
    both[there] = (own[mould[there]] >= 0) & (own[mould[there]] != value[there])
    if both.any():
        weaver.find(
            "contradictory-origin",
            "piece",
            str(weaver.subjects.names["piece"][int(np.flatnonzero(both)[0])]),
            text(
                "{count} pieces name another {field} than the mould they were cast in; the mould's is taken",
                count=int(both.sum()),
                field=name,
            ),
            text("correct the piece or the mould"),
            int(both.sum()),
        )
    return np.where(own >= 0, own, said)


def ladle_windows(weaver: Weaver) -> tuple[IntArray, IntArray, IntArray]:
    """Return the ladles with a time, and first and last instant at which each could be poured from."""
    time = weaver.subjects.time["ladle"]
    emptied = weaver.floats("ladle", "emptied_at")
    end = time + int(weaver.assumptions.longest_in_ladle * 1e6)
    before = previous(weaver.codes("ladle", "vessel"), time >= 0)
    follows = before >= 0
    np.minimum.at(end, before[follows], time[follows])
    end = np.where(np.isfinite(emptied), np.nan_to_num(emptied), end).astype(np.int64)
    index = np.flatnonzero(time >= 0)
    begin = time[index] + int(weaver.assumptions.before_pouring * 1e6)
    return index, begin, np.maximum(end[index], begin)


def _moulds(weaver: Weaver) -> None:
    """Link moulds to ladles, or to heats where no ladle is kept."""
    names, time = weaver.subjects, weaver.subjects.time["mould"]
    ladle, heat = _from_pieces(weaver, "ladle"), _from_pieces(weaver, "heat")
    parents, begin, end = ladle_windows(weaver)
    number = np.full(len(names.names["ladle"]), -1, dtype=np.int64)
    number[parents] = np.arange(parents.size)
    fixed = np.where(ladle >= 0, number[ladle], -1)
    _check_moulds(weaver, time, fixed, begin, end)
    direct = np.flatnonzero((ladle >= 0) & ((fixed < 0) | (time < 0)))
    weaver.add(weaver.node("mould", direct), weaver.node("ladle", ladle[direct]), Relation.POURED)
    of_heat = weaver.of("ladle", "heat")
    children = np.flatnonzero((time >= 0) & ((ladle < 0) | (fixed >= 0)))
    line = weaver.codes("mould", "line")[children] if weaver.assumptions.ordered else None
    found = possible_parents(
        time[children],
        begin,
        end,
        clock=weaver.assumptions.clock,
        line=line,
        fixed=fixed[children],
        number=weaver.floats("mould", "order_number")[children],
        child_group=heat[children],
        parent_group=of_heat[parents],
    )
    has = np.zeros(time.size, dtype=np.bool_)
    has[children] = candidates(
        weaver, "mould", children, "ladle", found, parents, Relation.POURED, known=fixed[children] >= 0
    )
    has[direct] = True
    by_heat = np.flatnonzero(~has & (heat >= 0))
    weaver.add(weaver.node("mould", by_heat), weaver.node("heat", heat[by_heat]), Relation.POURED)
    if parents.size == 0:
        open_ = np.flatnonzero(~has & (heat < 0) & (time >= 0))
        heats, first, last = heat_windows(weaver)
        lines = weaver.codes("mould", "line")[open_] if weaver.assumptions.ordered else None
        several = possible_parents(time[open_], first, last, clock=weaver.assumptions.clock, line=lines)
        none = np.zeros(open_.size, dtype=np.bool_)
        candidates(weaver, "mould", open_, "heat", several, heats, Relation.POURED, known=none)


def _check_moulds(weaver: Weaver, time: IntArray, fixed: IntArray, begin: IntArray, end: IntArray) -> None:
    """Find moulds whose ladle on record was not filled yet, or empty, when they were poured."""
    reach = int(REACH * weaver.assumptions.clock * 1e6)
    known = (fixed >= 0) & (time >= 0)
    at = np.maximum(fixed, 0)
    if begin.size == 0:
        return
    wrong = known & ((time < begin[at] - reach) | (time > end[at] + reach))
    if wrong.any():
        weaver.find(
            "ladle-not-full",
            "mould",
            str(weaver.subjects.names["mould"][int(np.flatnonzero(wrong)[0])]),
            text(
                "{count} moulds were poured when the ladle on record for them was not filled yet or was empty",
                count=int(wrong.sum()),
            ),
            text("correct the ladle or one of the times; until then the record is believed"),
            int(wrong.sum()),
        )


def _shots(weaver: Weaver) -> None:
    """Link shots to the last filling of the furnace they were ladled from; near a filling, to the one before too."""
    names, rows = weaver.subjects, weaver.columns["shot"]
    filled, fills = names.time["holding_fill"], weaver.columns["holding_fill"]["furnace"]
    if filled.size == 0:
        return
    codes = numbered(np.concatenate([fills, rows["furnace"]]))
    furnace = np.full(filled.size, -1, dtype=np.int64)
    furnace[names.of_row["holding_fill"]] = codes[: fills.size]
    asked, shot, time = codes[fills.size :], names.of_row["shot"], instants(rows["shot_at"])
    known = asked >= 0
    several = np.unique(furnace[furnace >= 0])
    for one in several:
        fill = np.flatnonzero((furnace == one) & (filled >= 0))
        # A shot without a furnace may have come from any of them, each as likely as the other.
        index = np.flatnonzero((asked == one) | ~known)
        end = np.append(filled[fill][1:], _NEVER)
        found = possible_parents(time[index], filled[fill], end, clock=weaver.assumptions.clock)
        many = np.diff(found.start)
        of = np.repeat(index, many)
        chance = np.where(known[of], 1.0, 1.0 / several.size) * found.probability
        weaver.add(
            weaver.node("shot", shot[of]),
            weaver.node("holding_fill", fill[found.parent]),
            Relation.LADLED,
            probability=chance,
            recorded=known[of] & (found.probability > 1.0 - 1e-9),
        )


def _pieces(weaver: Weaver, own: IntArray) -> None:
    """Link what begins as a piece or a batch to its mould, shot, ladle, heat or bar, the nearest that is on record."""
    rows = weaver.columns["piece"]
    has = np.zeros(own.size, dtype=np.bool_)
    row_of = weaver.subjects.of_row["piece"]
    for kind, relation in (
        ("mould", Relation.CAST),
        ("shot", Relation.CAST),
        ("ladle", Relation.CAST),
        ("heat", Relation.CAST),
        ("lot", Relation.FORGED),
    ):
        number = np.full(own.size, -1, dtype=np.int64)
        number[row_of] = weaver.subjects.numbers(kind, rows[kind])
        index = np.flatnonzero(~has & (number >= 0))
        weaver.add(weaver.node("piece", index), weaver.node(kind, number[index]), relation)
        has[index] = True
    time = weaver.subjects.time["piece"]
    blown = np.zeros(own.size, dtype=np.bool_)
    struck = weaver.subjects.numbers("piece", weaver.columns["blow"]["piece"])
    blown[struck[struck >= 0]] = True
    open_ = ~has & (own > 0) & (time >= 0)
    names = weaver.subjects.names
    if not len(names["mould"]) and not len(names["shot"]) and not blown.any():
        _from_melt(weaver, np.flatnonzero(open_), time)
        return
    _from_bars(weaver, np.flatnonzero(open_ & blown), time)
    _from_moulds(weaver, np.flatnonzero(open_ & ~blown), time)


def _from_melt(weaver: Weaver, index: IntArray, time: IntArray) -> None:
    """Link pieces of a plant that keeps neither moulds nor shots to its ladles, or to its heats, by time."""
    kind = "ladle" if len(weaver.subjects.names["ladle"]) else "heat"
    parents, begin, end = ladle_windows(weaver) if kind == "ladle" else heat_windows(weaver)
    found = possible_parents(time[index], begin, end, clock=weaver.assumptions.clock)
    none = np.zeros(index.size, dtype=np.bool_)
    candidates(weaver, "piece", index, kind, found, parents, Relation.CAST, known=none)


def _from_bars(weaver: Weaver, index: IntArray, time: IntArray) -> None:
    """Link forged pieces without a lot to the lots of bar in stock, by how many bars each has."""
    received = weaver.subjects.time["lot"]
    material = weaver.subjects.at_rows("lot", weaver.columns["lot"]["material"], np.nan)
    lots = np.flatnonzero((material == "billet") & (received >= 0))
    count = weaver.floats("lot", "count")[lots]
    end = received[lots] + int(weaver.assumptions.longest_in_stock * 1e6)
    weight = np.where(np.isfinite(count), count, np.nanmean(count) if np.isfinite(count).any() else 1.0)
    found = possible_parents(time[index], received[lots], end, clock=weaver.assumptions.clock, weight=weight)
    none = np.zeros(index.size, dtype=np.bool_)
    candidates(weaver, "piece", index, "lot", found, lots, Relation.FORGED, known=none)


def _from_moulds(weaver: Weaver, index: IntArray, time: IntArray) -> None:
    """Link cast pieces without any origin to the moulds of their product, by time."""
    poured = weaver.subjects.time["mould"]
    moulds = np.flatnonzero(poured >= 0)
    products = numbered(np.concatenate([weaver.columns["piece"]["product"], weaver.columns["mould"]["product"]]))
    rows = weaver.columns["piece"]["product"].size
    product = np.full(time.size, -1, dtype=np.int64)
    product[weaver.subjects.of_row["piece"]] = products[:rows]
    of_mould = np.full(poured.size, -1, dtype=np.int64)
    of_mould[weaver.subjects.of_row["mould"]] = products[rows:]
    half = int(max(weaver.assumptions.clock, 1.0) * 1e6)
    begin, end = poured[moulds] - half, poured[moulds] + half
    found = possible_parents(
        time[index],
        begin,
        end,
        clock=weaver.assumptions.clock,
        child_group=product[index],
        parent_group=of_mould[moulds],
    )
    none = np.zeros(index.size, dtype=np.bool_)
    candidates(weaver, "piece", index, "mould", found, moulds, Relation.CAST, known=none)
