"""Energy carriers in coal equivalent and carbon dioxide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import isfinite

from forgecast.energy.factor import (
    COUNTRY,
    VARIANT_TEXTS,
    Conversion,
    Factor,
    FactorKind,
    Factors,
    shipped_factors,
)
from forgecast.ground.errors import UnitError
from forgecast.ground.texts import Text, text
from forgecast.ground.units import convert

#: Mass of carbon dioxide per mass of carbon, as the equations of Chinese reporting guides write it.
CO2_PER_CARBON = 44.0 / 12.0

#: Kind of quantity behind the units a factor is given for.
_KIND_OF_UNIT = {"kWh": "energy", "MJ": "energy", "kg": "mass", "t": "mass", "m3": "volume"}


@dataclass(frozen=True, slots=True)
class Total:
    """A sum of conversions: missing where a part is missing, with what is known told apart.

    Parameters
    ----------
    value : float or None
        The sum, if every part is known.
    known : float
        Sum of the known parts; the total is at least this.
    unit : str
    factors : tuple of Factor
        All factors used, each once.
    why_missing : tuple of Text
        One reason for each missing part.
    """

    value: float | None
    known: float
    unit: str
    factors: tuple[Factor, ...]
    why_missing: tuple[Text, ...] = ()


def coal_equivalent(
    carrier: str,
    quantity: float | None,
    unit: str,
    *,
    on: date,
    basis: str = "equivalent",
    factors: Factors | None = None,
) -> Conversion:
    """Return a quantity of a carrier in tonnes of coal equivalent.

    Parameters
    ----------
    carrier : str
        As in the meter records (``electricity``, ``natural_gas`` …).
    quantity : float or None
        None means not known.
    unit : str
        Its unit (kWh, m3, t, kg, GJ …).
    on : date
        Day as of which the figure is made.
    basis : str
        ``equivalent`` (当量): the energy in the carrier itself. The basis of generation (等价) changes every year
        and has no row.
    factors : Factors or None
        None means the shipped ones.

    Returns
    -------
    Conversion
        In tce.

    Notes
    -----
    Equation: E = FC · k, with k in kgce per unit (GB/T 2589).
    """
    book = factors or shipped_factors()
    found, why = book.find("coal_equivalent", carrier, on=on, variant=basis)
    held = () if found is None else (found,)
    if found is None or why is not None:
        return Conversion(None, "tce", held, why)
    amount, why = _in_unit_of(quantity, unit, found.unit.partition("/")[2], book.title_of(carrier))
    if amount is None:
        return Conversion(None, "tce", held, why)
    return Conversion(amount * found.value / 1000.0, "tce", held)


def fuel_carbon(
    carrier: str, quantity: float | None, unit: str, *, on: date, factors: Factors | None = None
) -> Conversion:
    """Return the carbon dioxide of burning a quantity of fuel, tCO2.

    Parameters
    ----------
    carrier, quantity, unit, on, factors
        As in `coal_equivalent`; gas volumes at the state the calorific value is given for.

    Returns
    -------
    Conversion
        In tCO2.

    Notes
    -----
    Equation: E = FC · NCV · CC · OF · 44/12, the form of the Chinese guides for enterprises.
    """
    book = factors or shipped_factors()
    kinds: tuple[FactorKind, ...] = ("net_calorific_value", "carbon_content", "oxidation")
    found = [book.find(kind, carrier, on=on) for kind in kinds]
    held = tuple(factor for factor, _ in found if factor is not None)
    for _, why in found:
        if why is not None:
            return Conversion(None, "tCO2", held, why)
    calorific, carbon, oxidised = held
    amount, why = _in_unit_of(quantity, unit, calorific.unit.partition("/")[2], book.title_of(carrier))
    if amount is None:
        return Conversion(None, "tCO2", held, why)
    # MJ x t C/GJ = kg C; kg -> t.
    value = amount * calorific.value * carbon.value * oxidised.value * CO2_PER_CARBON / 1000.0
    return Conversion(value, "tCO2", held)


def electricity_carbon(
    quantity: float | None,
    unit: str,
    *,
    on: date,
    region: str = COUNTRY,
    variant: str = "average",
    data_year: int | None = None,
    factors: Factors | None = None,
) -> Conversion:
    """Return the carbon dioxide of electricity drawn from the grid, tCO2.

    Parameters
    ----------
    quantity, unit, on, factors
        As in `coal_equivalent`.
    region : str
        ``CN``, or the code of a grid region or province.
    variant : str
        ``average``, ``fossil`` or ``excluding_market_non_fossil``; the three must not be swapped.
    data_year : int or None
        Year the factor describes; None means the newest one announced by `on`. A region without a value in
        that year is not answered from an older one.

    Returns
    -------
    Conversion
        In tCO2.

    Notes
    -----
    Equation: E = AD · EF (announcements of the Ministry of Ecology and Environment, kgCO2/kWh).
    """
    book = factors or shipped_factors()
    year = book.newest_data_year(on) if data_year is None else data_year
    if year is None:
        return Conversion(
            None, "tCO2", (), text("no emission factor of grid electricity was announced by {day}", day=on.isoformat())
        )
    found, why = book.find("grid_emission", "electricity", on=on, region=region, variant=variant, data_year=year)
    held = () if found is None else (found,)
    if found is None:
        return Conversion(
            None,
            "tCO2",
            (),
            text(
                "there is no {variant} grid factor of {region} for data year {year} on record; "
                "enter it from the announcement, or use the national one",
                variant=VARIANT_TEXTS.get(variant, variant),
                region=region,
                year=year,
            ),
        )
    if why is not None:
        return Conversion(None, "tCO2", held, why)
    amount, why = _in_unit_of(quantity, unit, "kWh", book.title_of("electricity"))
    if amount is None:
        return Conversion(None, "tCO2", held, why)
    return Conversion(amount * found.value / 1000.0, "tCO2", held)


def total(parts: Iterable[Conversion], unit: str) -> Total:
    """Add up conversions of one unit; a missing part makes the sum missing and leaves what is known.

    Parameters
    ----------
    parts : iterable of Conversion
    unit : str
        ``tce`` or ``tCO2``; the unit of every part.
    """
    parts = tuple(parts)
    known = sum(part.value for part in parts if part.value is not None)
    reasons = tuple(
        text("a part is not known") if part.why_missing is None else part.why_missing
        for part in parts
        if part.value is None
    )
    if not parts:
        reasons = (text("no energy carrier is on record"),)
    used = tuple(dict.fromkeys(factor for part in parts if part.value is not None for factor in part.factors))
    return Total(None if reasons else float(known), float(known), unit, used, tuple(dict.fromkeys(reasons)))


def _in_unit_of(
    quantity: float | None, unit: str, wanted: str, carrier: Text
) -> tuple[float, None] | tuple[None, Text]:
    if quantity is None or not isfinite(quantity):
        return None, text("the quantity of {carrier} is not known", carrier=carrier)
    try:
        return convert(float(quantity), _KIND_OF_UNIT[wanted], unit, wanted), None
    except UnitError:
        return None, text(
            "{carrier} is on record in {unit}, and its factor is for {wanted}",
            carrier=carrier,
            unit=unit,
            wanted=wanted,
        )
