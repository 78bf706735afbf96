"""The metals whose flow stress is shipped, each with its convention, its validity and its source."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from forgecast.ground.citation import Source
from forgecast.ground.tables import SourcedTable, read_table
from forgecast.ground.texts import Text, bilingual, text
from forgecast.metal.error import MaterialError
from forgecast.metal.flow_stress import (
    ZERO_DEGC,
    FlowTable,
    HenselSpittel,
    MaukGottschling,
    SellarsTegart,
    Validity,
)

_MPA = 1e6
_HENSEL_SPITTEL = ("m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9", "strain_shift", "rate_shift")
_MAUK_GOTTSCHLING = ("m1", "m2", "m3", "m4", "m5", "strain_shift", "rate_shift")


@dataclass(frozen=True, slots=True)
class FlowMetal:
    """A metal with its flow stress.

    Parameters
    ----------
    name : str
        As asked for.
    title : Text
    law : HenselSpittel, MaukGottschling, SellarsTegart or FlowTable
    validity : Validity
        Where the coefficients were measured.
    source : Source
    """

    name: str
    title: Text
    law: HenselSpittel | MaukGottschling | SellarsTegart | FlowTable
    validity: Validity
    source: Source


@lru_cache(maxsize=1)
def flow_metals() -> Mapping[str, FlowMetal]:
    """Return all shipped metals by name."""
    found: dict[str, FlowMetal] = {}
    for table, law in (
        (read_table("flow_stress_hensel_spittel"), _hensel_spittel),
        (read_table("flow_stress_mauk_gottschling"), _mauk_gottschling),
        (read_table("flow_stress_sellars_tegart"), _sellars_tegart),
    ):
        for row in table:
            title = bilingual(row["en"], row["zh"])
            found[row["material"]] = FlowMetal(
                row["material"], title, law(table, row), _validity(table, row), _source(row, title)
            )
    return found


def flow_metal(name: str) -> FlowMetal:
    """Return a shipped metal by its name, case ignored.

    Raises
    ------
    MaterialError
        If there is none of that name; the names are listed.
    """
    found = flow_metals().get(name.casefold())
    if found is None:
        raise MaterialError(
            text("there is no flow stress for {name}", name=name),
            repair=text("use one of: {names}; or give coefficients of your own", names=", ".join(flow_metals())),
        )
    return found


def _number(table: SourcedTable, row: Mapping[str, str], column: str) -> float:
    value = table.number(row, column)
    if value is None:
        raise MaterialError(
            text("`{column}` of {name} is empty", column=column, name=row["material"]),
            where=f"{table.name}.csv:{table.rows.index(row) + 2}",
            repair=text("write the coefficient, 0 where the source leaves the term out"),
        )
    return value


def _hensel_spittel(table: SourcedTable, row: Mapping[str, str]) -> HenselSpittel:
    return HenselSpittel(
        _number(table, row, "A_MPa") * _MPA, **{name: _number(table, row, name) for name in _HENSEL_SPITTEL}
    )


def _mauk_gottschling(table: SourcedTable, row: Mapping[str, str]) -> MaukGottschling:
    return MaukGottschling(
        _number(table, row, "k_MPa") * _MPA, **{name: _number(table, row, name) for name in _MAUK_GOTTSCHLING}
    )


def _sellars_tegart(table: SourcedTable, row: Mapping[str, str]) -> SellarsTegart:
    return SellarsTegart(
        alpha=_number(table, row, "alpha_per_MPa") / _MPA,
        n=_number(table, row, "n"),
        activation=_number(table, row, "Q_J_mol"),
        log_A=_number(table, row, "ln_A"),
    )


def _validity(table: SourcedTable, row: Mapping[str, str]) -> Validity:
    def ends(name: str, unit: str = "", zero: float = 0.0) -> tuple[float, float]:
        low, high = (table.number(row, f"{name}_{end}{unit}") for end in ("low", "high"))
        return (math.nan if low is None else low + zero, math.nan if high is None else high + zero)

    return Validity(ends("strain"), ends("rate"), ends("temperature", "_degC", ZERO_DEGC))


def _source(row: Mapping[str, str], title: Text) -> Source:
    valid = ""
    if row["temperature_low_degC"]:
        valid = (
            f"strain {row['strain_low']}-{row['strain_high']}, rate {row['rate_low']}-{row['rate_high']} 1/s, "
            f"{row['temperature_low_degC']}-{row['temperature_high_degC']} °C"
        )
    what = text("{metal}: flow stress", metal=title)
    return Source(what, bilingual(row["source"], row["source_zh"]), row["confidence"], valid, row["licence"])
