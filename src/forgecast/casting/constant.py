"""Constants of the rules: numbers read from the shipped tables, each with its source and how well it is known."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from forgecast.ground.citation import Source
from forgecast.ground.errors import ForgecastError
from forgecast.ground.tables import SourcedTable, read_table
from forgecast.ground.texts import Text, bilingual, text
from forgecast.metal.alloy import Family, family_of


class RuleError(ForgecastError):
    """A rule of thumb cannot be applied: an input is no length, area or mass, or no rule is on record."""

    code = "casting-rule"


@dataclass(frozen=True, slots=True)
class Constant:
    """A number and where it stands.

    Parameters
    ----------
    value : float
    source : Source
    valid : Text or None
        What it was found for, where the table says so.
    """

    value: float
    source: Source
    valid: Text | None = None

    @property
    def usable(self) -> bool:
        """Tell whether the number may decide anything: it was read, not remembered."""
        return self.source.confidence != "unverified"


def constant(table: SourcedTable, row: Mapping[str, str], what: Text, column: str = "value") -> Constant:
    """Return a cell of a table with its source.

    Raises
    ------
    TableError
        If the cell is no number.
    RuleError
        If the cell is empty.
    """
    value = table.number(row, column)
    if value is None:
        raise RuleError(
            text("the table has no value for: {what}", what=what),
            where=f"{table.name}.csv",
            repair=text("enter the number from your own copy of the rule"),
        )
    valid = bilingual(row["valid"], row["valid_zh"]) if row.get("valid") else None
    return Constant(value, source_of(row, what), valid)


def source_of(row: Mapping[str, str], what: Text) -> Source:
    """Return the source of a row."""
    return Source(what, bilingual(row["source"], row["source_zh"]), row["confidence"], row.get("valid", ""))


def find(name: str, what: Text, **cells: str) -> Constant | None:
    """Return the constant of the first row of a table whose cells equal those given, or None."""
    table = read_table(name)
    rows = table.where(**cells)
    return constant(table, rows[0], what) if rows else None


def own(value: float, what: Text) -> Constant:
    """Return a number the user brings; it is taken as read by them."""
    return Constant(value, Source(what, text("entered by the user"), "primary"))


def ruled_family(family: Family) -> tuple[Family, tuple[Text, ...]]:
    """Return the family whose rules are taken for a family of alloys, and a note where it is another one.

    Rules of the trade speak of steel as one family. That the riser sizing rule of carbon steel holds for stainless
    grades too was found by K. D. Carlson, S. Ou, C. Beckermann, SFSA T&O Conference 2003, paper 4.5 (abstract).

    Raises
    ------
    MaterialError
        If there is no such family.
    """
    family_of(family, where="family")
    if family == "stainless":
        return "steel", (text("rules for cast steel are taken for stainless cast steel"),)
    return family, ()


def need_positive(**values: float) -> None:
    """Refuse values that are not finite and above zero.

    Raises
    ------
    RuleError
        Naming the first that is not.
    """
    for name, value in values.items():
        if not (math.isfinite(value) and value > 0.0):
            raise RuleError(
                text("{name} is {value}; it must be a number above zero", name=name, value=value),
                where=name,
                repair=text("check the value and its unit"),
            )


def distinct(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Return sources in their order, each once."""
    return tuple(dict.fromkeys(sources))
