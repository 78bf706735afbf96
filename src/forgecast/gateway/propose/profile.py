"""What the values of a column look like: numbers, dates, words; their span, how often they repeat, stand-ins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from forgecast.gateway.clock import DayOrder, read_stamps
from forgecast.gateway.number import SENTINELS, TELLING, is_no_value, read_numbers
from forgecast.gateway.propose.layout import Heading
from forgecast.gateway.table import as_text
from forgecast.ground.dates import DAY_US

#: The years 1990 to 2100: a number of eight digits outside is no date.
_EARLIEST, _LATEST = 7_305 * DAY_US, 47_482 * DAY_US
_CLOCK = r"^\s*[0-2]?[0-9][:：][0-5][0-9]([:：][0-5][0-9](\.[0-9]+)?)?\s*$"
_MONTH = r"^\s*(19|20)[0-9]{2}([-/.年])?(0?[1-9]|1[0-2])月?\s*$"
_MOST_WORDS = 400


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A column as its values show it.

    Parameters
    ----------
    heading : Heading
    filled : int
        Cells that hold a value.
    distinct : int
        Different ones among them.
    words : tuple of str
        The different ones, the commonest first, at most 400.
    samples : tuple of str
        The first three different ones.
    numbers : (n,) float64 array
        Those that are numbers, stand-ins for "no value" left out.
    numeric, dated, clocked, monthly : float
        Share of the cells that are numbers; dates; times of day alone; months [1].
    with_clock : float
        Share of the dates that carry a time of day [1].
    order : DayOrder
    stand_ins : tuple of (float, int)
        Numbers that most likely mean "no value", and how often each stands there.
    rising : bool
        Whether the numbers count up without a step back.
    regular : bool
        Whether the dates follow each other at one interval.
    """

    heading: Heading
    filled: int
    distinct: int
    words: tuple[str, ...]
    samples: tuple[str, ...]
    numbers: NDArray[np.float64]
    numeric: float
    dated: float
    clocked: float
    monthly: float
    with_clock: float
    order: DayOrder
    stand_ins: tuple[tuple[float, int], ...]
    rising: bool
    regular: bool

    @property
    def unique(self) -> float:
        """Return the share of cells that are the only ones of their value [1]; 0 for an empty column."""
        return self.distinct / self.filled if self.filled else 0.0

    @property
    def is_number(self) -> bool:
        """Whether the column holds numbers."""
        return self.numeric >= 0.8

    @property
    def is_whole(self) -> bool:
        """Whether its numbers are whole."""
        return bool(self.numbers.size and (self.numbers == np.rint(self.numbers)).all())

    @property
    def is_date(self) -> bool:
        """Whether the column holds dates and no mere numbers."""
        return self.dated >= 0.9 and not (self.is_number and self.monthly < 0.9 and self.rising is False)

    @property
    def is_clock(self) -> bool:
        """Whether the column holds times of day without a date."""
        return self.clocked >= 0.9


def profiled(heading: Heading, column: pa.Array) -> Profile:
    """Describe a column.

    Parameters
    ----------
    heading : Heading
    column : (n,) Arrow array
        Its cells, nulls where blank.
    """
    text_column = pc.utf8_trim_whitespace(as_text(column).cast(pa.string()))
    text_column = pc.if_else(pc.equal(text_column, ""), pa.scalar(None, pa.string()), text_column).drop_null()
    counted = sorted(
        ((row["values"], row["counts"]) for row in pc.value_counts(text_column).to_pylist()), key=lambda row: -row[1]
    )
    counted = [row for row in counted if not is_no_value(row[0])]
    filled = sum(count for _, count in counted)
    real = text_column.filter(pc.invert(pc.is_in(text_column, pa.array(_silent(text_column), pa.string()))))
    value = read_numbers(real, percent=True).value
    found = ~np.isnan(value)
    stand_ins = _stand_ins(value[found])
    numbers = value[found & ~np.isin(value, [one for one, _ in stand_ins])]
    dated, with_clock, order, regular = _dates(real)
    share = max(filled, 1)
    return Profile(
        heading=heading,
        filled=filled,
        distinct=len(counted),
        words=tuple(word for word, _ in counted[:_MOST_WORDS]),
        samples=tuple(dict.fromkeys(real[:200].to_pylist()))[:3],
        numbers=numbers,
        numeric=float(found.sum()) / share,
        dated=dated / share,
        clocked=_matching(real, _CLOCK) / share,
        monthly=_matching(real, _MONTH) / share,
        with_clock=with_clock,
        order=order,
        stand_ins=stand_ins,
        rising=bool(numbers.size > 2 and (np.diff(numbers) > 0).all()),
        regular=regular,
    )


def _silent(column: pa.Array) -> list[str]:
    return [word for word in pc.unique(column).to_pylist() if word is not None and is_no_value(word)]


def _matching(column: pa.Array, pattern: str) -> int:
    if len(column) == 0:
        return 0
    return int(pc.sum(pc.match_substring_regex(column, pattern).cast(pa.int64())).as_py() or 0)


def _dates(column: pa.Array) -> tuple[int, float, DayOrder, bool]:
    """Return how many cells are dates, the share of them with a time of day, their order, and whether it is even."""
    if len(column) == 0:
        return 0, 0.0, DayOrder(), False
    stamps = read_stamps(column, day_first=None)
    if stamps.order.stamps:
        stamps = read_stamps(column, day_first=not stamps.order.second_over_12)
    good = stamps.valid & (stamps.local > _EARLIEST) & (stamps.local < _LATEST)
    count = int(good.sum())
    steps = np.diff(np.sort(stamps.local[good]))
    usual = float(np.median(steps)) if steps.size else 0.0
    regular = bool(steps.size >= 8 and usual > 0 and np.mean(steps == usual) >= 0.8)
    return count, float(stamps.has_clock[good].mean()) if count else 0.0, stamps.order, regular


def _stand_ins(value: NDArray[np.float64]) -> tuple[tuple[float, int], ...]:
    """Return numbers that stand for "no value": well-known ones that lie far from all others."""
    if value.size < 5:
        return ()
    found = []
    known = [one for one in SENTINELS if (value == one).any()]
    others = value[~np.isin(value, known)]
    if others.size < 3:
        return ()
    low, high = float(others.min()), float(others.max())
    first, last = np.percentile(others, [1, 99])
    span = max(last - first, 0.05 * max(abs(first), abs(last)), 1e-9)
    for one in known:
        below = one < 0 <= low
        far = one > high and one > last + 5.0 * span
        if (below or (far and one > 3.0 * max(abs(high), 1e-9))) and (one in TELLING or below or far):
            found.append((one, int((value == one).sum())))
    return tuple(found)


def odd_words(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the few words without a digit among names that have one: a master or a blank among numbered pieces."""
    odd = tuple(word for word in words if not any(c.isdigit() for c in word))
    return odd if len(words) >= 8 and 0 < len(odd) <= min(3, 0.1 * len(words)) else ()
