"""Alloys: properties over temperature with their sources, and the medium that a simulation takes from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias, get_args

import numpy as np

from forgecast.ground.citation import Source
from forgecast.ground.tables import read_table
from forgecast.ground.texts import Text, bilingual, text
from forgecast.metal.curve import Curve, degC
from forgecast.metal.enthalpy import enthalpy, merged_knots, mixed, refuse_latent
from forgecast.metal.error import MaterialError
from forgecast.metal.medium import Medium
from forgecast.metal.naming import find_name
from forgecast.metal.property import Properties, gather

Family: TypeAlias = Literal["aluminium", "grey-iron", "ductile-iron", "steel", "stainless", "copper"]
FAMILIES: tuple[Family, ...] = get_args(Family)

FAMILY_TEXTS: Mapping[Family, Text] = {
    "aluminium": text("aluminium alloy"),
    "grey-iron": text("grey cast iron"),
    "ductile-iron": text("ductile cast iron"),
    "steel": text("cast steel"),
    "stainless": text("stainless cast steel"),
    "copper": text("copper alloy"),
}

CURVES = ("density", "conductivity", "specific_heat", "solid_fraction")


@dataclass(frozen=True, slots=True)
class Alloy:
    """A casting alloy with its properties in SI.

    Parameters
    ----------
    name : str
        Name in the table it was read from (``a356``).
    title : Text
    family : Family
    synonyms : tuple of str
        Its names in the standards; those of neighbours that are close but not the same say so in the table.
    properties : Properties

    Raises
    ------
    MaterialError
        If a property that freezing needs is missing, the curves contradict each other, or the specific heat holds
        latent heat.
    """

    name: str
    title: Text
    family: Family
    synonyms: tuple[str, ...]
    properties: Properties

    def __post_init__(self) -> None:
        for curve in CURVES:
            self.properties.curve(curve)
        _check_freezing(self.properties, self.title)
        _check_ends(self.properties, self.title)
        if self.latent_heat > 0.0:
            refuse_latent(self.specific_heat, self.solidus, self.liquidus)

    @property
    def liquidus(self) -> float:
        """Return the liquidus [K]."""
        return self.properties.constant("liquidus")

    @property
    def solidus(self) -> float:
        """Return the solidus [K]."""
        return self.properties.constant("solidus")

    @property
    def latent_heat(self) -> float:
        """Return the latent heat of freezing [J/kg]."""
        return self.properties.constant("latent_heat")

    @property
    def density(self) -> Curve:
        """Return the density over temperature [kg/m3]."""
        return self.properties.curve("density")

    @property
    def conductivity(self) -> Curve:
        """Return the thermal conductivity over temperature [W/(m K)]."""
        return self.properties.curve("conductivity")

    @property
    def specific_heat(self) -> Curve:
        """Return the specific heat over temperature, latent heat not in it [J/(kg K)]."""
        return self.properties.curve("specific_heat")

    @property
    def solid_fraction(self) -> Curve:
        """Return the solid fraction over temperature [1]."""
        return self.properties.curve("solid_fraction")

    @property
    def reference_density(self) -> float:
        """Return the density of the solid at the solidus [kg/m3], which a cell's mass is formed with."""
        return float(self.density.sided(self.solidus, upper=False))

    @property
    def liquid_contraction(self) -> float:
        """Return the volume contraction of the liquid per kelvin [1/K]: its own row, or else of the densities."""
        if (given := self.number("liquid_contraction")) is not None:
            return given
        hot = self.density.high
        at_liquidus, at_end = self.density.sided(np.array([self.liquidus, hot]), upper=True)
        return float((at_liquidus - at_end) / at_liquidus / (hot - self.liquidus))

    @property
    def solidification_contraction(self) -> float:
        """Return the volume contraction on freezing [1]: its own row, or else 1 - rho(liquidus) / rho(solidus).

        For the irons it leaves graphite out; `graphite_expansion` works against it.
        """
        if (given := self.number("solidification_contraction")) is not None:
            return given
        return float(1.0 - self.density.sided(self.liquidus, upper=True) / self.reference_density)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Return where its values come from."""
        return self.properties.sources

    def number(self, name: str) -> float | None:
        """Return one of its constants in SI units by the name of its rows, or None where it is not known.

        ``feeding_stop`` [1], ``eutectic`` [K], ``eutectic_share`` [1], ``viscosity`` [Pa s],
        ``arm_spacing_coefficient`` [m at 1 K/s], ``arm_spacing_exponent`` [1], ``graphite_expansion`` [1],
        ``niyama_threshold`` [K^0.5 s^0.5/m] …
        """
        return self.properties.constants.get(name)

    def medium(self) -> Medium:
        """Return the alloy as heat sees it: enthalpy per volume with latent heat in it once, and conductivity.

        Notes
        -----
        ``H = rho * (integral of cp dT + L * (1 - fs))`` with `reference_density`: the grid does not move, so a cell
        keeps its mass and the change of density is left to the shrinkage model. Within the freezing range specific heat
        and conductivity are those of solid and liquid mixed by the solid fraction (`enthalpy.mixed`).
        """
        low = max(self.properties.curve(name).low for name in CURVES[:3])
        high = min(self.properties.curve(name).high for name in CURVES[:3])
        edges = (self.solidus, self.liquidus)
        knots, heat = enthalpy(
            _within(self.specific_heat, low, high),
            density=self.reference_density,
            fraction=self.solid_fraction,
            latent=self.latent_heat,
            solidus=self.solidus,
            liquidus=self.liquidus,
            also=tuple(merged_knots(self.conductivity, low=low, high=high)),
        )
        upper = np.concatenate([[False], knots[1:] == knots[:-1]]) | ~np.concatenate([knots[1:] == knots[:-1], [False]])
        conductivity, fraction = (
            np.where(
                upper,
                mixed(curve, self.solid_fraction, *edges, knots, upper=True),
                mixed(curve, self.solid_fraction, *edges, knots, upper=False),
            )
            for curve in (self.conductivity, self.solid_fraction)
        )
        return Medium(
            name=self.name,
            title=self.title,
            temperature=knots,
            enthalpy=heat,
            conductivity=conductivity,
            solid_fraction=fraction,
            density=self.reference_density,
            sources=self.sources,
        )


@lru_cache(maxsize=64)
def alloy(name: str) -> Alloy:
    """Return a shipped alloy by any of its names (``A356``, ``ZL101A``, ``en ac-42100`` …).

    Raises
    ------
    MaterialError
        If no shipped alloy has that name; the nearest names are shown.
    """
    code = find_name(name, table="alloy", kind=text("alloy"))
    (index,) = read_table("alloy").where(alloy=code)
    title = bilingual(index["en"], index["zh"])
    table = read_table("alloy_property")
    return Alloy(
        name=code,
        title=title,
        family=family_of(index["family"], where="alloy.csv"),
        synonyms=tuple(row["name"] for row in read_table("alloy_name").where(alloy=code)),
        properties=gather(table, table.where(alloy=code), title),
    )


def alloys() -> tuple[Alloy, ...]:
    """Return all shipped alloys."""
    return tuple(alloy(row["alloy"]) for row in read_table("alloy"))


def family_of(word: str, *, where: str) -> Family:
    """Return a family by its word in a table.

    Raises
    ------
    MaterialError
        If there is no such family.
    """
    if word not in FAMILIES:
        raise MaterialError(
            text("there is no family of alloys `{word}`", word=word or "—"),
            where=where,
            repair=text("use one of {names}", names=", ".join(FAMILIES)),
        )
    return word


def _check_freezing(properties: Properties, title: Text) -> None:
    solidus, liquidus = properties.constant("solidus"), properties.constant("liquidus")
    if solidus >= liquidus:
        raise MaterialError(
            text(
                "{material}: the solidus, {solidus} °C, is not below the liquidus, {liquidus} °C",
                material=title,
                solidus=degC(solidus),
                liquidus=degC(liquidus),
            ),
            where=properties.where,
            repair=text("correct the two; a metal that freezes at one temperature takes a range of 0.1 K"),
        )
    properties.constant("latent_heat")
    fraction = properties.curve("solid_fraction")
    if (np.diff(fraction.value) > 0.0).any():
        at = fraction.temperature[1:][np.diff(fraction.value) > 0.0][0]
        raise MaterialError(
            text(
                "{material}: the solid fraction rises with temperature at {at} °C", material=title, at=degC(float(at))
            ),
            where=properties.where,
            repair=text("correct its rows: 1 at the solidus, falling to 0 at the liquidus"),
        )
    solid = fraction.sided(np.array([fraction.low, solidus]), upper=False)
    liquid = fraction.sided(np.array([liquidus, fraction.high]), upper=True)
    if (solid != 1.0).any() or (liquid != 0.0).any() or fraction.low > solidus or fraction.high < liquidus:
        raise MaterialError(
            text(
                "{material}: the solid fraction must be 1 up to the solidus and 0 from the liquidus on", material=title
            ),
            where=properties.where,
            repair=text(
                "add rows at {solidus} °C with 1 and at {liquidus} °C with 0",
                solidus=degC(solidus),
                liquidus=degC(liquidus),
            ),
        )


def _check_ends(properties: Properties, title: Text) -> None:
    """Refuse curves that do not enclose the freezing range."""
    solidus, liquidus = properties.constant("solidus"), properties.constant("liquidus")
    for name in CURVES:
        curve = properties.curve(name)
        if curve.low > solidus or curve.high < liquidus:
            raise MaterialError(
                text(
                    "{material}: `{property}` covers {low} to {high} °C, not the freezing range {solidus} to "
                    "{liquidus} °C",
                    material=title,
                    property=name,
                    low=degC(curve.low),
                    high=degC(curve.high),
                    solidus=degC(solidus),
                    liquidus=degC(liquidus),
                ),
                where=properties.where,
                repair=text("add its rows there"),
            )


def _within(curve: Curve, low: float, high: float) -> Curve:
    """Return a curve cut to a range that it covers."""
    inside = (curve.temperature > low) & (curve.temperature < high)
    temperature = np.concatenate([[low], curve.temperature[inside], [high]])
    ends = curve.at(np.array([low, high]))
    return Curve(temperature, np.concatenate([ends[:1], curve.value[inside], ends[1:]]), curve.where)
