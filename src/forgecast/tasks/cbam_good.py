"""What CBAM asks for a good: by default values, and by the plant's own records where a product of it is named."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from forgecast.environment.carbon.cbam import (
    Basis,
    Embedded,
    Owed,
    Precursor,
    free_allocation,
    owed,
    specific_embedded,
)
from forgecast.environment.carbon.cbam_tables import (
    DefaultValue,
    GoodScope,
    Scope,
    benchmark,
    correction_factor,
    default_value,
    describe,
    free_share,
    scope_of,
    unknown_origin_value,
)
from forgecast.ground.errors import ForgecastError
from forgecast.ground.tables import read_table
from forgecast.ground.texts import Text, text
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.footprint_product import Footprint, footprint_product
from forgecast.tasks.plant_view import Row


@dataclass(frozen=True, slots=True)
class PrecursorLine:
    """A covered material in the good, and where its number comes from.

    Parameters
    ----------
    precursor : Precursor
        Its mass is per tonne of the good.
    cn_code : str
    origin : Text
    """

    precursor: Precursor
    cn_code: str
    origin: Text


@dataclass(frozen=True, slots=True)
class CbamAnswer:
    """What CBAM asks for a good.

    Parameters
    ----------
    scope : GoodScope
    country : str
    year : int
    default : DefaultValue or None
    owed : tuple of Owed
        By default values and, where it is known, by actual data.
    benchmarks : mapping of str to float
        By basis, t CO2e/t.
    actual : Embedded or None
        None where no product was named.
    precursors : tuple of PrecursorLine
    product : str
    notes : tuple of Text
    """

    scope: GoodScope
    country: str
    year: int
    default: DefaultValue | None
    owed: tuple[Owed, ...]
    benchmarks: dict[str, float | None]
    actual: Embedded | None
    precursors: tuple[PrecursorLine, ...]
    product: str
    notes: tuple[Text, ...]

    def of(self, basis: Basis) -> Owed | None:
        """Return what is owed by a basis, None where it is not known."""
        return next((one for one in self.owed if one.basis == basis), None)

    def as_json(self) -> dict[str, object]:
        """Return the JSON answer; what is not known is null."""
        return {
            "cn_code": self.scope.cn_code,
            "scope": self.scope.scope.value,
            "sector": self.scope.sector,
            "direct_only": self.scope.direct_only,
            "country": self.country,
            "year": self.year,
            "product": self.product,
            "default_tCO2e_per_t": None if self.default is None else self.default.marked_up,
            "default_without_markup_tCO2e_per_t": None if self.default is None else self.default.base,
            "benchmark_tCO2e_per_t": dict(self.benchmarks),
            "actual_own_tCO2e_per_t": None if self.actual is None else self.actual.own,
            "actual_precursors_tCO2e_per_t": None if self.actual is None else self.actual.precursors,
            "actual_tCO2e_per_t": None if self.actual is None else self.actual.total,
            "owed": [
                {
                    "basis": one.basis,
                    "embedded_tCO2e_per_t": one.embedded,
                    "free_allocation_tCO2e_per_t": one.free,
                    "net_tCO2e_per_t": one.net,
                    "cost_EUR_per_t": one.cost,
                }
                for one in self.owed
            ],
            "precursors": [
                {
                    "name": one.precursor.name,
                    "cn_code": one.cn_code,
                    "t_per_t": one.precursor.mass_t,
                    "direct_tCO2e_per_t": one.precursor.see,
                    "free_allocation_tCO2e_per_t": one.precursor.sefa,
                    "verified": one.precursor.verified,
                    "origin": one.origin.as_json(),
                }
                for one in self.precursors
            ],
            "notes": [note.as_json() for note in self.notes],
        }


def cbam_good(
    cn_code: str, *, country: str = "CN", year: int, route: str = "", price: float | None = None
) -> CbamAnswer:
    """Return what CBAM asks for a good by default values.

    Parameters
    ----------
    cn_code : str
    country : str
        Country of production, two letters.
    year : int
        Year of import.
    route : str
        Letter of the production route; empty for the one the table gives for the country.
    price : float or None
        EUR per certificate.

    Raises
    ------
    CbamError
        If the code, country, year or route is none.
    """
    scope = scope_of(cn_code)
    notes = [describe(scope)]
    empty = CbamAnswer(scope, country, year, None, (), {}, None, (), "", tuple(notes))
    if scope.scope is not Scope.COVERED:
        return empty
    default = default_value(cn_code, country=country, year=year)
    if default is None:
        notes.append(
            text("the table of default values has no row for CN {code}; give all eight digits", code=scope.cn_code)
        )
        return replace(empty, notes=tuple(notes))
    factor, assumed = _correction(year)
    notes += assumed
    if not default.listed:
        notes.append(text("{country} is not on the list: the value of the other countries holds", country=country))
    mark = benchmark(cn_code, column="default", route=route or default.route, year=year)
    if mark is None:
        notes.append(
            text("there is no benchmark of CN {code} for this route; no free allocation is counted", code=scope.cn_code)
        )
    free = 0.0 if mark is None else free_allocation(free_share(year), factor, mark)
    by_default = owed("default", default.marked_up, free, price=price)
    return replace(empty, default=default, owed=(by_default,), benchmarks={"default": mark}, notes=tuple(notes))


def cbam_product(
    plant: PlantFolder,
    product: str,
    *,
    import_year: int,
    country: str = "CN",
    route: str = "",
    price: float | None = None,
    year: int | None = None,
    heats: Sequence[str] = (),
) -> CbamAnswer:
    """Return what CBAM asks for a product by default values and by the plant's own records.

    Parameters
    ----------
    plant : PlantFolder
    product : str
        Its `cn_code` must be on record.
    import_year : int
        Decides mark-up, benchmark and the share of free allocation.
    country : str
    route : str
        Letter of the production route for the benchmark; empty for the product's own (`cbam_route`).
    price : float or None
        EUR per certificate.
    year : int or None
        Calendar year of the records; None for the last twelve months.
    heats : sequence of str
        Only these heats.

    Raises
    ------
    ForgecastError
        If the product or its CN code is not on record.
    CbamError
        If the code, country, year or route is none.

    Notes
    -----
    Direct emissions: the fuels of the product's line and its share of the plant's. Precursors: the covered materials of
    its charge (`tables/cbam_precursor.csv`) by the supplier's declaration, else by the highest default value, as the
    regulation asks where the country of production is not known. Actual values count only once an accredited verifier
    has confirmed them.
    """
    row = next((one for one in plant.records.read("product") if one["id"] == product), None)
    code = "" if row is None else str(row["cn_code"] or "")
    if row is not None and not code:
        raise ForgecastError(
            text("the CN code of {product} is not on record", product=product),
            where="product.cn_code",
            repair=text(
                "enter it: forgecast plant record PLANT product id={product} cn_code=73261990", product=product
            ),
        )
    footprint = footprint_product(plant, product, heats=heats, year=year)
    answer = cbam_good(code, country=country, year=import_year, route=route, price=price)
    if answer.scope.scope is not Scope.COVERED:
        return replace(answer, product=product)
    declared = [
        Row("embedded_emission", one.values, one.file, one.row) for one in plant.records.read("embedded_emission")
    ]
    letter = route or ("" if row is None else str(row["cbam_route"] or ""))
    factor, _ = _correction(import_year)
    precursors = _precursors(footprint, declared, country, import_year, factor)
    notes = [*answer.notes, *footprint.notes]
    actual = _actual(footprint, precursors)
    if actual.why_missing is not None:
        notes.append(actual.why_missing)
    notes += [
        text(
            "no benchmark is known of the precursor {name}; no free allocation is counted for it",
            name=one.precursor.name,
        )
        for one in precursors
        if one.precursor.sefa is None
    ]
    mark = benchmark(code, column="actual", route=letter, year=import_year)
    total = actual.total
    by_actual: tuple[Owed, ...] = ()
    if total is not None and mark is not None:
        carried = [(one.precursor.mass_t, one.precursor.sefa or 0.0) for one in precursors]
        free = free_allocation(free_share(import_year), factor, mark, carried)
        by_actual = (owed("actual", total, free, price=price),)
    return replace(
        answer,
        owed=answer.owed + by_actual,
        benchmarks={**answer.benchmarks, "actual": mark},
        actual=actual,
        precursors=tuple(precursors),
        product=product,
        notes=(*notes, text("actual values count only once an accredited verifier has confirmed them")),
    )


def _correction(year: int) -> tuple[float, list[Text]]:
    value = correction_factor(year)
    if value is not None:
        return value, []
    return 1.0, [text("the cross-sectoral correction factor of {year} is not published; 1 is assumed", year=year)]


def _actual(footprint: Footprint, precursors: Sequence[PrecursorLine]) -> Embedded:
    """Return the embedded emissions: own direct ones (fuels, not bought energy or material), and the precursors'."""
    fuels = [one for one in footprint.lines if one.amount.category == "fuel"]
    own = math.fsum(one.emission for one in fuels if one.emission is not None)
    missing = [one for one in fuels if one.emission is None]
    if missing:
        why = text("{item} of the line has no emission factor: {why}", item=missing[0].amount.item,
                   why=missing[0].why_missing or "")  # fmt: skip
        return Embedded(own, None, why)
    if any(not math.isfinite(one.precursor.mass_t) for one in precursors):
        return Embedded(own, None, text("how much of a precursor is in the good is not known"))
    return specific_embedded(own, 1.0, [one.precursor for one in precursors])


def _precursors(
    footprint: Footprint, declared: Sequence[Row], country: str, year: int, factor: float
) -> list[PrecursorLine]:
    rules = {row["material"]: row for row in read_table("cbam_precursor")}
    found = []
    for one in footprint.lines:
        material, _, whose = one.amount.item.partition(":")
        rule = rules.get(material)
        said = _declaration(declared, material, whose)
        covered = (
            said is not None and bool(said.text("cn_code")) and scope_of(said.text("cn_code")).scope is Scope.COVERED
        )
        by_rule = rule is not None and rule["treated"] == "precursor"
        if one.amount.category != "material" or not (by_rule or covered):
            continue
        code = "" if rule is None else rule["cn_code"]
        found.append(_precursor(one.amount.item, one.amount.per_kg, said, code, country, year, factor))
    return found


def _declaration(declared: Sequence[Row], material: str, whose: str) -> Row | None:
    of_material = [one for one in declared if one.text("material") == material]
    for field in ("lot", "supplier"):
        for one in of_material:
            if whose and one.text(field) == whose:
                return one
    return None


def _precursor(
    name: str, per_t: float, said: Row | None, code: str, country: str, year: int, factor: float
) -> PrecursorLine:
    if said is not None:
        code = said.text("cn_code") or code
        see = said.number_of("direct_t_per_t")
        origin = text("declared: {source} ({place})", source=said.text("source"), place=said.place)
        verified = said.flag("verified") is True
        column: Basis = "actual"
    else:
        see = math.nan if not code else (unknown_origin_value(code, year=year) or math.nan)
        origin = text("no declaration on record: the highest default value of any country holds (Annex IV)")
        verified, column = False, "default"
    mark = None
    if code and scope_of(code).scope is Scope.COVERED:
        given = default_value(code, country=country, year=year)
        mark = benchmark(
            code, column="default" if column == "default" else "actual", route=given.route if given else "", year=year
        )
    sefa = None if mark is None else free_allocation(free_share(year), factor, mark)
    made = Precursor(name, per_t, see if math.isfinite(see) else None, sefa, eu_origin=False, verified=verified)
    return PrecursorLine(made, code, origin)
