"""Gather the emission factors a plant may use: those shipped, its suppliers' declarations, and those it has entered."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta
from typing import cast

from forgecast.energy.carrier import electricity_carbon, fuel_carbon
from forgecast.energy.factor import Conversion, Factor, Factors
from forgecast.environment.carbon.factor import Basis, Category, EmissionFactor, EmissionFactors
from forgecast.ground.dates import Validity
from forgecast.ground.texts import Text, bilingual, text
from forgecast.plant.record import record
from forgecast.tasks.energy_figures import grid_region, own_factors
from forgecast.tasks.plant_view import PlantView, Row


def carbon_factors(view: PlantView) -> EmissionFactors:
    """Return the emission factors of a plant as of the day of its view.

    Fuels and grid electricity come from the dated factors of `forgecast.energy` (the plant's own before the shipped
    ones), bought materials from `embedded_emission`, all else from `emission_factor`. A material that nobody has
    declared has no factor: none is guessed.

    Parameters
    ----------
    view : PlantView

    Raises
    ------
    FactorError
        If the plant's own factors contradict one another.
    """
    why_none: dict[str, Text] = {}
    return EmissionFactors([*_energy(view, why_none), *_declared(view), *_entered(view)], why_none)


def material_item(material: str, supplier: str = "", lot: str = "") -> str:
    """Return the name under which a bought material is asked for: with the lot or supplier whose declaration holds."""
    return ":".join(part for part in (material, lot or supplier) if part)


def _energy(view: PlantView, why_none: dict[str, Text]) -> Iterator[EmissionFactor]:
    book = own_factors(view)
    for carrier in (choice.code for choice in record("meter").field("carrier").choices):
        made, unit = _of_a_unit(view, carrier, book)
        if made.value is None:
            if made.why_missing is not None and made.factors:
                why_none[carrier] = made.why_missing
            continue
        yield EmissionFactor(
            id=f"energy/{carrier}",
            item=carrier,
            category="electricity" if carrier == "electricity" else "fuel",
            value=made.value * 1000.0,
            per=unit,
            source=_sources(made.factors),
            confidence="secondary",
            basis="location" if carrier == "electricity" else "direct",
        )


def _of_a_unit(view: PlantView, carrier: str, book: Factors) -> tuple[Conversion, str]:
    """Return the carbon dioxide of one unit of a carrier, and the unit its factor is for."""
    if carrier == "electricity":
        return electricity_carbon(1.0, "kWh", on=view.at, region=grid_region(view), factors=book), "kWh"
    by_volume = fuel_carbon(carrier, 1.0, "m3", on=view.at, factors=book)
    if by_volume.value is not None:
        return by_volume, "m3"
    return fuel_carbon(carrier, 1.0, "kg", on=view.at, factors=book), "kg"


def _sources(factors: tuple[Factor, ...]) -> Text:
    """Return the sources of the numbers a factor is made of, each once."""
    named = list(dict.fromkeys(factor.source for factor in factors))
    joined = named[0]
    for one in named[1:]:
        joined = text("{sources}; {source}", sources=joined, source=one)
    return joined


def _declared(view: PlantView) -> Iterator[EmissionFactor]:
    for row in view.rows("embedded_emission"):
        direct, indirect = row.number_of("direct_t_per_t"), row.number_of("indirect_t_per_t")
        yield EmissionFactor(
            id=f"declared/{row.text('id')}",
            item=material_item(row.text("material"), row.text("supplier"), row.text("lot")),
            category="material",
            # Without a declared indirect part the direct one alone would pass for the whole.
            value=direct + indirect if math.isfinite(indirect) else direct,
            per="kg",
            source=_place(row),
            confidence="own",
            basis="life_cycle" if math.isfinite(indirect) else "direct",
            relative_uncertainty=_share(row),
            validity=_validity(row),
        )


def _entered(view: PlantView) -> Iterator[EmissionFactor]:
    for row in view.rows("emission_factor"):
        yield EmissionFactor(
            id=row.text("id"),
            item=row.text("item"),
            category=cast("Category", row.text("category")),
            value=row.number_of("value"),
            per=row.text("unit").partition("/")[2].strip("()"),
            source=_place(row),
            confidence="own",
            basis=cast("Basis", row.text("basis")),
            region=row.text("region"),
            supplier=row.text("supplier"),
            relative_uncertainty=_share(row),
            validity=_validity(row),
            restates=row.text("restates"),
        )


def _place(row: Row) -> Text:
    return bilingual("{source} ({place})", "{source}（{place}）", source=row.text("source"), place=row.place)


def _share(row: Row) -> float | None:
    percent = row.number_of("uncertainty_percent")
    return percent / 100.0 if math.isfinite(percent) else None


def _validity(row: Row) -> Validity:
    until = row.day("valid_until")
    return Validity(row.day("valid_from"), None if until is None else until + timedelta(days=1))
