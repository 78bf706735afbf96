"""Propose what every table of a file means: records ranked, columns and fields assigned together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from forgecast.gateway.clock import DayOrder
from forgecast.gateway.header import folded
from forgecast.gateway.propose.assign import Fit, fits
from forgecast.gateway.propose.decide import decided
from forgecast.gateway.propose.evidence import Candidate
from forgecast.gateway.propose.layout import Heading, Layout, heads_of, layout_of, open_laid_out
from forgecast.gateway.propose.profile import Profile, odd_words, profiled
from forgecast.gateway.propose.proposal import ColumnProposal, Confidence, Role, TableProposal, WideProposal
from forgecast.gateway.shaping import side_by_side
from forgecast.gateway.table import Batch, RawTable, whole
from forgecast.ground.texts import Text, text

#: A record has to score this much, and this much more than the next, for a column of it to be called sure.
_LEAST_RECORD, _LEAD = 1.0, 0.8
_MOST_ROWS = 1_000_000
_GENERIC_TIME = frozenset(("", "时间", "time", "时刻", "clock"))


def propose(path: Path, *, only: str = "") -> tuple[TableProposal, ...]:
    """Propose what the tables of a file mean.

    Parameters
    ----------
    path : Path
        CSV or another delimited text, XLSX or Parquet, packed with gzip or not.
    only : str
        The record that the table is known to hold; the likeliest where empty.

    Returns
    -------
    tuple of TableProposal
        One for each table; its `record` is empty where nothing fits.

    Raises
    ------
    ImportRefusedError
        If the file is absent, damaged, or of a kind that is not read.
    """
    return tuple(_proposed(path, layout_of(head), only) for head in heads_of(path))


def _proposed(path: Path, layout: Layout, only: str) -> TableProposal:
    batch = whole(_beginning(open_laid_out(path, layout)))
    keep = pa.array(batch.rows >= layout.first_row)
    cells = [column.filter(keep) for column in batch.columns]
    headings = layout.headings[: len(cells)]
    profiles = [profiled(heading, cells[heading.index]) for heading in headings]
    joined, parts = _joins(profiles, cells)
    names = (path.name.split(".")[0], layout.sheet, *layout.titles)
    free = [p for p in (*profiles, *(p for p, _ in joined)) if p.heading.index not in parts]
    base = TableProposal(path.name, layout.sheet, layout.header_row, layout.first_row, "", (), ())
    if layout.limits:
        made = _wide(base, layout, free, names)
    else:
        ranked = fits(free, names, only)
        made = (
            _series(base, free, ranked) if not only and _is_series(free, ranked) else _record(base, free, ranked, only)
        )
    made = _with_joins(made, profiles, joined, parts)
    return _with_days(made, free)


def _beginning(table: RawTable) -> RawTable:
    """Return a table that ends after so many rows that more of them would say nothing new."""

    def batches() -> Iterator[tuple[Batch, float]]:
        rows = 0
        for batch, share in table.batches():
            yield batch, share
            rows += int(batch.rows.size)
            if rows >= _MOST_ROWS:
                return

    return replace(table, batches=batches)


def _joins(profiles: list[Profile], cells: list[pa.Array]) -> tuple[list[tuple[Profile, tuple[str, str]]], set[int]]:
    """Return the columns that a date and a time of day make together, and the columns used up by that."""
    made: list[tuple[Profile, tuple[str, str]]] = []
    parts: set[int] = set()
    for profile in profiles:
        if not profile.is_clock:
            continue
        days = [
            p for p in profiles
            if p.dated >= 0.9 and p.with_clock < 0.1 and p.monthly < 0.9 and p.heading.index < profile.heading.index
        ]  # fmt: skip
        if not days:
            continue
        day, clock = days[-1].heading, profile.heading
        name = clock.name
        if folded(name) in _GENERIC_TIME:
            name = day.name
        key = f"{day.key} + {clock.key}"
        heading = Heading(len(profiles) + len(made), key, name, clock.group, None)
        made.append((profiled(heading, side_by_side([cells[day.index], cells[clock.index]])), (day.key, clock.key)))
        parts |= {day.index, clock.index}
    return made, parts


def _record(base: TableProposal, profiles: Sequence[Profile], ranked: Sequence[Fit], only: str) -> TableProposal:
    best = ranked[0]
    ranks = tuple((fit.record, round(fit.score, 3)) for fit in ranked[:4] if fit.score > 0.0)
    if not best.chosen or (not only and best.score < _LEAST_RECORD):
        columns = tuple(_column(profile, Role.NOTHING) for profile in profiles)
        return replace(base, ranked=ranks, columns=columns)
    lead = best.score - (ranked[1].score if len(ranked) > 1 else 0.0)
    certain = bool(only) or lead >= _LEAD
    columns = tuple(_field_column(profile, best, certain=certain) for profile in profiles)
    return replace(base, record=best.record, ranked=ranks, columns=columns, absent=best.absent)


def _field_column(profile: Profile, fit: Fit, *, certain: bool) -> ColumnProposal:
    index = profile.heading.index
    chosen, all_ = fit.chosen.get(index), fit.candidates.get(index, ())
    others = tuple(one for one in all_ if chosen is None or one.field != chosen.field)[:4]
    made = _column(profile, Role.NOTHING if chosen is None else Role.FIELD)
    made = replace(made, others=others)
    if chosen is None:
        return made
    return decided(replace(made, confidence=_confidence(index, chosen, fit, certain=certain)), chosen, fit.record)


def _confidence(index: int, chosen: Candidate, fit: Fit, *, certain: bool) -> Confidence:
    taken = {one.field for place, one in fit.chosen.items() if place != index}
    runner_up = max(
        (one.score for one in fit.candidates[index] if one.field not in taken | {chosen.field}), default=0.0
    )
    rival = max(
        (one.score for place, found in fit.candidates.items() if place != index for one in found
         if one.field == chosen.field),
        default=0.0,
    )  # fmt: skip
    clear = chosen.score - runner_up >= 0.08 and chosen.score - rival >= 0.05
    if certain and clear and chosen.name >= 0.93 and chosen.values >= 0.0:
        return Confidence.SURE
    return Confidence.LIKELY if chosen.score >= 0.62 and chosen.values > -0.5 else Confidence.UNSURE


def _column(profile: Profile, role: Role) -> ColumnProposal:
    return ColumnProposal(
        profile.heading.index, profile.heading.key, profile.samples, role,
        stated_unit=profile.heading.unit, words=profile.words, facts=_facts(profile), stand_ins=profile.stand_ins,
        odd=odd_words(profile.words),
    )  # fmt: skip


def _facts(profile: Profile) -> tuple[Text, ...]:
    found: list[Text] = []
    if profile.filled == 0:
        return (text("the column is empty"),)
    if profile.distinct == 1 and profile.filled > 1:
        found.append(text("every row says {value}", value=profile.samples[0]))
    elif profile.rising and profile.is_whole and profile.distinct == profile.filled:
        found.append(text("the numbers count up"))
    elif profile.distinct == profile.filled and profile.filled > 2:
        found.append(text("every value occurs once"))
    for value, count in profile.stand_ins:
        share = 100.0 * count / profile.filled
        found.append(
            text("{value} ({count} ×, {share} %) lies far from all others: most likely it means no value",
                 value=f"{value:.10g}", count=count, share=f"{share:.2g}" if share < 10 else f"{share:.1f}")
        )  # fmt: skip
    return tuple(found)


def _is_series(profiles: Sequence[Profile], ranked: Sequence[Fit]) -> bool:
    """Whether a table holds readings at one interval that no record explains."""
    best = ranked[0]
    numeric = [p for p in profiles if p.is_number and not p.is_date]
    explained = sum(p.heading.index in best.chosen for p in numeric)
    even = [p for p in profiles if p.is_date and p.regular and p.distinct >= 0.9 * p.filled]
    # Readings are numbers beside a time; a table with many words is a book of something that happened.
    mostly = len(numeric) >= 0.6 * (len(profiles) - 1)
    return bool(even) and bool(numeric) and mostly and (bool(best.absent) or 2 * explained < len(numeric))


def _series(base: TableProposal, profiles: Sequence[Profile], ranked: Sequence[Fit]) -> TableProposal:
    time = next(p.heading.index for p in profiles if p.is_date and p.regular)
    columns = []
    for profile in profiles:
        if profile.heading.index == time:
            certain = Confidence.SURE if profile.with_clock > 0.9 else Confidence.LIKELY
            made = replace(_column(profile, Role.TIME), confidence=certain)
        elif profile.is_number and not profile.is_date:
            unit = profile.heading.unit
            made = replace(_column(profile, Role.TAG), unit=unit, confidence=Confidence.LIKELY)
        else:
            made = _column(profile, Role.NOTHING)
        columns.append(made)
    ranks = (("series", 1.0), *((fit.record, round(fit.score, 3)) for fit in ranked[:3] if fit.score > 0.0))
    return replace(base, record="series", ranked=ranks, columns=tuple(columns))


def _wide(base: TableProposal, layout: Layout, profiles: Sequence[Profile], names: Sequence[str]) -> TableProposal:
    """Return the proposal for a sheet with rows of limits: one row a piece, one column a dimension."""
    rows = {row: _read_row(cells) for row, cells in layout.limits.items()}
    numbered = np.any([~np.isnan(found) for found in rows.values()], axis=0)
    dimensions = [
        p for p in profiles if p.is_number and p.heading.index < numbered.size and numbered[p.heading.index]
        and p.heading.name
    ]  # fmt: skip
    inside = {p.heading.index for p in dimensions}
    rest = [p for p in profiles if p.heading.index not in inside]
    fit = fits(rest, names, "measurement")[0]
    columns = []
    for profile in profiles:
        if profile.heading.index in inside:
            made = replace(_column(profile, Role.DIMENSION), unit=profile.heading.unit, confidence=Confidence.LIKELY)
        else:
            made = _field_column(profile, fit, certain=True)
        columns.append(made)
    absent = (*(name for name in fit.absent if name not in {"characteristic", "value"}), "product")
    if any(c.chosen is not None and c.chosen.field == "product" for c in columns):
        absent = absent[:-1]
    return replace(
        base, record="measurement", ranked=(("measurement", round(fit.score, 3)),), columns=tuple(columns),
        absent=absent, wide=_limits(rows, dimensions),
    )  # fmt: skip


def _read_row(cells: Sequence[str]) -> np.ndarray:
    def number(cell: str) -> float:
        try:
            return float(cell)
        except ValueError:
            return np.nan

    return np.array([number(cell) for cell in cells])


def _limits(rows: Mapping[int, np.ndarray], dimensions: Sequence[Profile]) -> WideProposal:
    """Tell rows of nominal values and limits apart by the values under them; what is not clear stays unread."""
    index = [p.heading.index for p in dimensions]
    middle = np.array([float(np.median(p.numbers)) if p.numbers.size else np.nan for p in dimensions])
    values = {row: cells[index] for row, cells in rows.items()}
    size = np.maximum(np.abs(middle), 1e-9)
    with np.errstate(invalid="ignore"):
        near = {row: bool(np.nanmedian(np.abs(found - middle) / size) < 0.2) for row, found in values.items()}
        level = [row for row, is_near in near.items() if is_near]
        small = [row for row in values if row not in level]
        up = [row for row in small if (np.nan_to_num(values[row]) >= 0.0).all()]
        down = [row for row in small if (np.nan_to_num(values[row]) <= 0.0).all() and row not in up]
        if len(level) == 1 and len(up) == 1 and len(down) <= 1 and len(up) + len(down) == len(small):
            return WideProposal(level[0], down[0] if down else None, up[0], deviation=True)
        if not small and len(level) in {2, 3}:
            order = sorted(level, key=lambda row: float(np.nansum(values[row] / size)))
            if all((np.nan_to_num(values[b] - values[a]) >= 0.0).all() for a, b in pairwise(order)):
                return WideProposal(order[1] if len(order) == 3 else None, order[0], order[-1])
    return WideProposal(unread=tuple(rows))


def _with_joins(
    made: TableProposal,
    profiles: Sequence[Profile],
    joined: Sequence[tuple[Profile, tuple[str, str]]],
    parts: set[int],
) -> TableProposal:
    """Put the halves of dates back in, and say of the joined columns what they are made of."""
    of = {profile.heading.index: keys for profile, keys in joined}
    columns = [
        replace(column, parts=of[column.index], samples=column.samples[:2]) if column.index in of else column
        for column in made.columns
    ]
    columns += [_column(p, Role.PART) for p in profiles if p.heading.index in parts]
    return replace(made, columns=tuple(sorted(columns, key=lambda column: column.index)))


def _with_days(made: TableProposal, profiles: Sequence[Profile]) -> TableProposal:
    """Say which part of the dates is the day, as far as they show it."""
    used = {c.index for c in made.columns if c.chosen is not None or c.role is Role.TIME}
    order = DayOrder()
    for profile in profiles:
        if profile.heading.index in used and profile.dated >= 0.6:
            order |= profile.order
    if not order.stamps or order.first_over_12 == order.second_over_12:
        return replace(made, day_open=bool(order.stamps) and (order.differ or order.first_over_12))
    return replace(made, day_first=order.first_over_12)
