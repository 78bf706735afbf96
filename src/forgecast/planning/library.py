"""The library of measures: kinds with their cost, life and parameters, each with its source and confidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from forgecast.ground.errors import TableError
from forgecast.ground.tables import SourcedTable, read_table
from forgecast.ground.texts import Text, bilingual, text
from forgecast.planning.problem import Credit

#: What a cost is given for.
COST_BASES: Final[Mapping[str, Text]] = {
    "melting_rate": text("CNY for each t/h of melting rate"),
    "power": text("CNY for each kW of rated power"),
    "gas_flow": text("CNY for each m3/h of gas"),
    "t_year": text("CNY for each tonne a year"),
    "machine": text("CNY for each machine"),
    "plant": text("CNY for the plant"),
}
ESTIMATE: Final = "unverified"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number an effect is computed from.

    Parameters
    ----------
    name : str
    value : float
        In `unit`.
    unit : str
    title, source : Text
    confidence : str
    """

    name: str
    value: float
    unit: str
    title: Text
    source: Text
    confidence: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of measure.

    Parameters
    ----------
    id : str
    title : Text
    cost_basis : str
        A key of `COST_BASES`.
    cost : float
        CNY for one unit of the basis.
    yearly_share : float
        Yearly cost besides energy, as a share of the price [1].
    lifetime : float
        Years.
    delay : int
        Years from payment to the first year it works in.
    investment_kind : str
        As in the record `investment`.
    source : Text
    confidence : str
    parameters : mapping of str to Parameter
    """

    id: str
    title: Text
    cost_basis: str
    cost: float
    yearly_share: float
    lifetime: float
    delay: int
    investment_kind: str
    source: Text
    confidence: str
    parameters: Mapping[str, Parameter]

    @property
    def estimate(self) -> bool:
        """Return whether its cost is an estimate."""
        return self.confidence == ESTIMATE

    def number(self, name: str) -> float:
        """Return a parameter's value."""
        return self.parameters[name].value


@dataclass(frozen=True, slots=True)
class Price:
    """A price of a resource, CNY for a unit."""

    resource: str
    value: float
    unit: str
    title: Text
    source: Text
    confidence: str


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, Kind]:
    """Return the kinds of measures by their id.

    Raises
    ------
    TableError
        If a table is damaged.
    """
    table, parameters = read_table("plan_measure"), read_table("plan_parameter")
    return {row["kind"]: _kind(table, row, parameters) for row in table}


@lru_cache(maxsize=1)
def prices() -> Mapping[str, Price]:
    """Return the prices that stand in where the plant has given none."""
    table = read_table("plan_price")
    return {
        row["resource"]: Price(
            row["resource"],
            _number(table, row, "value"),
            row["unit"],
            bilingual(row["en"], row["zh"]),
            bilingual(row["source"], row["source_zh"]),
            row["confidence"],
        )
        for row in table
    }


def credits_for(investment_kind: str) -> tuple[Credit, ...]:
    """Return the tax credits for a kind of investment, where the machine is in the catalogue and there is tax to pay.

    Whether it is in the catalogue is for the plant to say; a caller counts credits only if asked to.
    """
    table = read_table("plan_credit")
    return tuple(
        Credit(
            _number(table, row, "share"),
            int(row["first"]) if row["first"] else None,
            int(row["last"]) if row["last"] else None,
        )
        for row in table.where(investment_kind=investment_kind)
    )


def _kind(table: SourcedTable, row: Mapping[str, str], parameters: SourcedTable) -> Kind:
    return Kind(
        id=row["kind"],
        title=bilingual(row["en"], row["zh"]),
        cost_basis=row["cost_basis"],
        cost=_number(table, row, "cost"),
        yearly_share=_number(table, row, "yearly_share"),
        lifetime=_number(table, row, "lifetime"),
        delay=int(_number(table, row, "delay")),
        investment_kind=row["investment_kind"],
        source=bilingual(row["source"], row["source_zh"]),
        confidence=row["confidence"],
        parameters={
            one["name"]: Parameter(
                one["name"],
                _number(parameters, one, "value"),
                one["unit"],
                bilingual(one["en"], one["zh"]),
                bilingual(one["source"], one["source_zh"]),
                one["confidence"],
            )
            for one in parameters.where(kind=row["kind"])
        },
    )


def _number(table: SourcedTable, row: Mapping[str, str], column: str) -> float:
    found = table.number(row, column)
    if found is None:
        raise TableError(
            text("`{column}` is empty", column=column),
            where=f"{table.name}.csv",
            repair=text("a measure needs its cost, life and numbers; leave the whole row out if they are not known"),
        )
    return found
