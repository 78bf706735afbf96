"""The scheme of the index, read from tables: directions, indicators with their bands, and the rule of benchmarks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias, cast, get_args

from forgecast.ground.errors import TableError
from forgecast.ground.tables import SourcedTable, read_table
from forgecast.ground.texts import Text, bilingual, text

Kind: TypeAlias = Literal["figure", "verdicts", "evidence"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Direction:
    """One direction of development: what it is called, and its share of the index (all shares make 1)."""

    id: str
    title: Text
    weight: float
    source: Text
    confidence: str


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator of a direction.

    Parameters
    ----------
    id, direction : str
    kind : str
        ``figure`` (a number on a band), ``verdicts`` (a rulebook's words), ``evidence`` (what records show, 0 to 1).
    of : str
        Name of the figure, id of the rulebook, or id of the question of evidence.
    weight : float
        Share of its direction (the shares of a direction make 1).
    worst, best : float or None
        Ends of the band of a figure, in `unit`: `worst` and beyond earns nothing, `best` and beyond all of it. Best
        may be the lower of the two.
    unit : str
    title, source : Text
    confidence : str
        Of the band and the weight.
    """

    id: str
    direction: str
    kind: Kind
    of: str
    weight: float
    worst: float | None
    best: float | None
    unit: str
    title: Text
    source: Text
    confidence: str

    def earned(self, value: float) -> float:
        """Return what share of the indicator a figure earns: a straight line between the ends of the band.

        Raises
        ------
        ValueError
            If the indicator has no band or the value is not finite.
        """
        if self.worst is None or self.best is None or not math.isfinite(value):
            message = f"{self.id}: {value} is on no band"
            raise ValueError(message)
        return min(max((value - self.worst) / (self.best - self.worst), 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class Scheme:
    """Directions and indicators of an index, in the order of their tables."""

    directions: tuple[Direction, ...]
    indicators: tuple[Indicator, ...]

    def of(self, direction: str) -> tuple[Indicator, ...]:
        """Return the indicators of a direction."""
        return tuple(one for one in self.indicators if one.direction == direction)


@dataclass(frozen=True, slots=True)
class BenchmarkCondition:
    """One condition of the published rule by which benchmark enterprises are selected."""

    id: str
    least: float
    title: Text
    source: Text
    confidence: str


@lru_cache(maxsize=1)
def shipped_scheme() -> Scheme:
    """Return the index that ships with Forgecast: its weights and bands are a proposal of ours and no law."""
    return scheme_from(read_table("index_direction"), read_table("index_indicator"))


def scheme_from(directions: SourcedTable, indicators: SourcedTable) -> Scheme:
    """Return a scheme from two tables; weights are brought to shares that make 1.

    Raises
    ------
    TableError
        If a weight is not above zero, an indicator names no direction or no kind there is, a figure has no band, or
        a direction has no indicator.
    """
    names = [row["id"] for row in directions]
    raw = [_above_zero(directions, number, "weight") for number in range(len(directions.rows))]
    found_directions = tuple(
        Direction(
            row["id"],
            bilingual(row["en"], row["zh"]),
            weight / sum(raw),
            bilingual(row["source"], row["source_zh"]),
            row["confidence"],
        )
        for row, weight in zip(directions, raw, strict=True)
    )
    sums = dict.fromkeys(names, 0.0)
    for number, row in enumerate(indicators):
        if row["direction"] not in sums or row["kind"] not in KINDS:
            raise _wrong(indicators, number, text("the direction or the kind of {id} is not known", id=row["id"]))
        sums[row["direction"]] += _above_zero(indicators, number, "weight")
    empty = [name for name, total in sums.items() if total == 0.0]
    if empty:
        raise _wrong(directions, names.index(empty[0]), text("{id} has no indicator", id=empty[0]))
    return Scheme(found_directions, tuple(_indicator(indicators, n, sums) for n in range(len(indicators.rows))))


@lru_cache(maxsize=1)
def benchmark_rule() -> tuple[BenchmarkCondition, ...]:
    """Return the published rule: a plant that keeps every condition is a benchmark enterprise."""
    table = read_table("index_benchmark")
    return tuple(
        BenchmarkCondition(
            row["id"],
            _number(table, number, "least"),
            bilingual(row["en"], row["zh"]),
            bilingual(row["source"], row["source_zh"]),
            row["confidence"],
        )
        for number, row in enumerate(table)
    )


def _indicator(table: SourcedTable, number: int, sums: dict[str, float]) -> Indicator:
    row = table.rows[number]
    worst, best = table.number(row, "worst"), table.number(row, "best")
    if row["kind"] == "figure" and (worst is None or best is None or worst == best):
        raise _wrong(table, number, text("{id} is a figure without a band", id=row["id"]))
    return Indicator(
        row["id"],
        row["direction"],
        cast("Kind", row["kind"]),
        row["of"],
        _number(table, number, "weight") / sums[row["direction"]],
        worst,
        best,
        row["unit"],
        bilingual(row["en"], row["zh"]),
        bilingual(row["source"], row["source_zh"]),
        row["confidence"],
    )


def _number(table: SourcedTable, number: int, column: str) -> float:
    value = table.number(table.rows[number], column)
    if value is None:
        raise _wrong(table, number, text("`{column}` is empty", column=column))
    return value


def _above_zero(table: SourcedTable, number: int, column: str) -> float:
    value = _number(table, number, column)
    if value <= 0.0:
        raise _wrong(table, number, text("`{column}` is not above zero", column=column))
    return value


def _wrong(table: SourcedTable, number: int, what: Text) -> TableError:
    return TableError(what, where=f"{table.name}.csv:{number + 2}", repair=text("correct the row of the table"))
