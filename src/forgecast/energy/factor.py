"""Factors: dated, sourced numbers that turn energy carriers into coal equivalent and carbon dioxide.

A factor is found by what it is of, where and when; one that is unverified, not yet in force, or absent is an
answer too, and the caller gets the reason instead of a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Literal, TypeAlias

from forgecast.ground.dates import Validity
from forgecast.ground.tables import SourcedTable, read_table
from forgecast.ground.texts import Text, bilingual, text, verbatim

FactorKind: TypeAlias = Literal[
    "coal_equivalent", "net_calorific_value", "carbon_content", "oxidation", "grid_emission"
]
Confidence: TypeAlias = Literal["primary", "secondary", "unverified"]

COUNTRY = "CN"

KIND_TEXTS: dict[FactorKind, Text] = {
    "coal_equivalent": text("coal equivalent"),
    "net_calorific_value": text("net calorific value"),
    "carbon_content": text("carbon content"),
    "oxidation": text("oxidised share of carbon"),
    "grid_emission": text("emission factor of grid electricity"),
}

VARIANT_TEXTS: dict[str, Text] = {
    "average": text("average"),
    "fossil": text("fossil-only"),
    "excluding_market_non_fossil": text("average without market-traded non-fossil"),
}


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor: what it is of, its value and unit, where it stands, when and where it holds, how well known.

    Parameters
    ----------
    kind : FactorKind
    carrier : str
        Energy carrier, named as in the meter records (``natural_gas``).
    value : float
    unit : str
        ``kgce/kWh``, ``MJ/kg``, ``t C/GJ``, ``1``, ``kgCO2/kWh`` …
    title : Text
        The carrier, or the region of a grid factor, in words.
    source : Text
    edition : str
        Of its document, or the day that was issued; empty where it is not known.
    confidence : Confidence
    validity : Validity
        Days on which it may be used; open where its document's dates were not read.
    region : str
        ``CN``, a grid region (``CN-north``) or a province (``CN-GD``).
    variant : str
        ``equivalent`` for coal equivalents; ``average``, ``fossil`` … for grid factors; empty otherwise.
    data_year : int or None
        Year whose electricity a grid factor describes.
    note : Text or None
    """

    kind: FactorKind
    carrier: str
    value: float
    unit: str
    title: Text
    source: Text
    edition: str
    confidence: Confidence
    validity: Validity = field(default_factory=Validity)
    region: str = COUNTRY
    variant: str = ""
    data_year: int | None = None
    note: Text | None = None

    @property
    def usable(self) -> bool:
        """Return whether the number may decide anything: it was read, not remembered."""
        return self.confidence != "unverified"

    def quantity(self) -> Text:
        """Return what the factor is of and its value with unit; a bare share has no unit to tell."""
        value = f"{self.value}" if self.unit == "1" else f"{self.value} {self.unit}"
        return text("{kind}, {title}: {value}", kind=KIND_TEXTS[self.kind], title=self.title, value=verbatim(value))

    def describe(self) -> Text:
        """Return the factor in one sentence with value, unit and source."""
        return text("{factor} ({source})", factor=self.quantity(), source=self.source)


@dataclass(frozen=True, slots=True)
class Conversion:
    """A converted quantity, or why there is none, and the factors it stands on.

    Parameters
    ----------
    value : float or None
    unit : str
        ``tce`` or ``tCO2``.
    factors : tuple of Factor
        The factors used; where the value is missing, those found so far (an unverified one among them).
    why_missing : Text or None
    """

    value: float | None
    unit: str
    factors: tuple[Factor, ...] = ()
    why_missing: Text | None = None


@dataclass(frozen=True, slots=True)
class Factors:
    """A set of factors; a plant's own come first."""

    rows: tuple[Factor, ...]

    def with_own(self, *own: Factor) -> Factors:
        """Return a set in which a plant's own factors go before those given so far."""
        return replace(self, rows=(*own, *self.rows))

    def find(
        self,
        kind: FactorKind,
        carrier: str,
        *,
        on: date,
        region: str = COUNTRY,
        variant: str = "",
        data_year: int | None = None,
    ) -> tuple[Factor | None, Text | None]:
        """Return the first factor that fits, and why it cannot be used where it cannot.

        Parameters
        ----------
        kind, carrier, region, variant, data_year
            As in `Factor`; a `data_year` of None fits any.
        on : date
            Day as of which the figure is made.

        Returns
        -------
        (Factor, None) if usable; (Factor, Text) if found but unverified; (None, Text) if there is none.
        """
        same = [
            factor
            for factor in self.rows
            if (factor.kind, factor.carrier, factor.region, factor.variant) == (kind, carrier, region, variant)
            and data_year in (None, factor.data_year)
        ]
        valid = [factor for factor in same if on in factor.validity]
        if not same:
            return None, text(
                "there is no factor on record: {kind} of {carrier}; enter it with its source",
                kind=KIND_TEXTS[kind],
                carrier=self.title_of(carrier),
            )
        if not valid:
            return None, text(
                "the factor on record does not hold on {day}: {factor}",
                day=on.isoformat(),
                factor=same[0].describe(),
            )
        factor = valid[0]
        if not factor.usable:
            return factor, text(
                "the factor on record was not read in its source and so decides nothing: {factor}; "
                "enter the number from your own copy",
                factor=factor.describe(),
            )
        return factor, None

    def title_of(self, carrier: str) -> Text:
        """Return a carrier in words, or its code where no factor names it."""
        for factor in self.rows:
            if factor.carrier == carrier and factor.kind != "grid_emission":
                return factor.title
        return bilingual("{code}", "{code}", code=carrier)

    def newest_data_year(self, on: date) -> int | None:
        """Return the newest year whose national grid factor was announced by a day, or None."""
        years = [
            factor.data_year
            for factor in self.rows
            if factor.kind == "grid_emission"
            and factor.region == COUNTRY
            and factor.data_year is not None
            and on in factor.validity
        ]
        return max(years, default=None)

    def region_of(self, name: str) -> str | None:
        """Return the code of a region with a grid factor by its Chinese or English name, or None.

        The suffixes 省, 市 and 自治区 may be there or not.
        """
        asked = name.strip().removesuffix("省").removesuffix("市").removesuffix("自治区").casefold()
        for factor in self.rows:
            if factor.kind == "grid_emission" and asked in (
                factor.region.casefold(),
                factor.title.say("en").casefold(),
                factor.title.say("zh").casefold(),
            ):
                return factor.region
        return None


@lru_cache(maxsize=1)
def shipped_factors() -> Factors:
    """Return the factors of the shipped tables.

    Raises
    ------
    TableError
        If a shipped table breaks its rules.
    """
    rows: list[Factor] = []
    table = read_table("energy_coal_equivalent")
    rows.extend(_factor(table, row, "coal_equivalent", row["carrier"], row["basis"]) for row in table)
    table = read_table("fuel_carbon")
    rows.extend(_factor(table, row, _fuel_kind(row["parameter"]), row["carrier"], "") for row in table)
    table = read_table("grid_emission_factor")
    rows.extend(_factor(table, row, "grid_emission", "electricity", row["variant"]) for row in table)
    return Factors(tuple(rows))


def _fuel_kind(parameter: str) -> FactorKind:
    kinds: dict[str, FactorKind] = {
        "net_calorific_value": "net_calorific_value",
        "carbon_content": "carbon_content",
        "oxidation": "oxidation",
    }
    return kinds[parameter]


def _factor(table: SourcedTable, row: Mapping[str, str], kind: FactorKind, carrier: str, variant: str) -> Factor:
    value = table.number(row, "value")
    confidences: dict[str, Confidence] = {"primary": "primary", "secondary": "secondary"}
    return Factor(
        kind=kind,
        carrier=carrier,
        # A row without a number tells that the factor exists; it can decide no more than an unverified one.
        value=float("nan") if value is None else value,
        unit=row["unit"],
        title=bilingual(row["en"], row["zh"]),
        source=bilingual(row["source"], row["source_zh"]),
        edition=row["edition"],
        confidence="unverified" if value is None else confidences.get(row["confidence"], "unverified"),
        validity=Validity(_day(row["valid_from"]), _day(row["valid_until"])),
        region=row["region"],
        variant=variant,
        data_year=int(row["data_year"]) if row.get("data_year") else None,
        note=bilingual(row["note_en"], row["note_zh"]) if row["note_en"] else None,
    )


def _day(cell: str) -> date | None:
    return date.fromisoformat(cell) if cell else None
