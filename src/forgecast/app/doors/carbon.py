"""Doors of carbon: inventory by scope, footprint of a product, CBAM goods with the importer's sheet, factors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field

from forgecast.app.carbon.words import CATEGORIES, item_text
from forgecast.app.doors.door import Call, Door, NoQuestion, Question, Way, Words
from forgecast.app.doors.environment.ledger import RecordedAnswer, recorded
from forgecast.app.doors.reported import FIRST_DAY, LAST_DAY
from forgecast.environment.carbon.cbam_tables import FIRST_YEAR
from forgecast.environment.carbon.factor import Confidence, EmissionFactor
from forgecast.ground.dates import Period, local_day
from forgecast.ground.texts import Text, text
from forgecast.plant.rows import Value
from forgecast.store.server.rights import Right
from forgecast.tasks.carbon_factors import carbon_factors
from forgecast.tasks.carbon_inventory import Inventory, carbon_inventory
from forgecast.tasks.footprint_product import Footprint, footprint_product
from forgecast.tasks.plant_view import PlantView, period_of
from forgecast.tasks.product_amounts import STAGES

if TYPE_CHECKING:
    from forgecast.tasks.cbam_good import CbamAnswer

_KNOWN: dict[Confidence, Text] = {
    "own": text("own"),
    "primary": text("primary"),
    "secondary": text("secondary"),
    "unverified": text("unverified"),
}
SCOPE_TEXTS: dict[int, Text] = {
    1: text("1 · given off by the site"),
    2: text("2 · bought electricity and heat"),
    3: text("3 · bought materials and what is told"),
}
_CN = r"^\d{4,8}$"
_COUNTRY = r"^[A-Z]{2}$"


class YearQuestion(Question):
    """Which calendar year; without it the last twelve whole months on record."""

    year: int | None = Field(default=None, ge=2000, le=2100)


class ScopeTold(BaseModel):
    """A scope; kg CO2e. The total is null where a line is missing; the known part is a lower part then."""

    scope: int
    scope_name: Words
    total_kgCO2e: float | None
    known_kgCO2e: float | None
    low_kgCO2e: float | None
    high_kgCO2e: float | None
    lines: int
    missing: int
    without_uncertainty: int


class ItemTold(BaseModel):
    """What was counted of one item with one factor over all months."""

    scope: int
    category: str
    category_name: Words
    item: str
    item_name: Words
    quantity: float | None
    unit: str
    factor: str | None
    factor_value: float | None
    factor_unit: str | None
    source: Words | None
    confidence: str | None
    confidence_name: Words | None
    emission_kgCO2e: float | None
    why_missing: list[Words]
    months: list[str]
    origins: list[str]


class InventoryAnswer(BaseModel):
    """Greenhouse gases of twelve months."""

    months: list[str]
    region: str
    totals: list[ScopeTold]
    items: list[ItemTold]
    lines: list[dict[str, Any]]
    restated: list[dict[str, Any]]
    notes: list[Words]
    charts: dict[str, Any]


class ProductTold(BaseModel):
    """A product on record."""

    id: str
    name: str
    cn_code: str


class ProductsAnswer(BaseModel):
    """Products that can be asked about."""

    products: list[ProductTold]
    years: list[int]


class ProductQuestion(YearQuestion):
    """Which product, and of which heats."""

    product: str = Field(min_length=1, max_length=100)
    heat: list[str] = Field(default_factory=list, max_length=200)


class FootprintLineTold(BaseModel):
    """One amount with its factor, for a kilogram of good product."""

    stage: str
    stage_name: Words
    item: str
    item_name: Words
    per_kg: float | None
    unit: str
    factor: str | None
    factor_value: float | None
    factor_unit: str | None
    source: Words | None
    kgCO2e_per_kg: float | None
    variance_share: float | None
    why_missing: Words | None


class FootprintAnswer(BaseModel):
    """The footprint of a product, cradle to gate."""

    product: str
    line: str
    heats: list[str]
    months: list[str]
    good_per_poured: float | None
    piece_mass_kg: float | None
    total_kgCO2e_per_kg: float | None
    known_kgCO2e_per_kg: float | None
    low_kgCO2e_per_kg: float | None
    high_kgCO2e_per_kg: float | None
    per_piece_kgCO2e: float | None
    lines: list[FootprintLineTold]
    notes: list[Words]
    charts: dict[str, Any]


class GoodQuestion(Question):
    """A good by its code, by default values."""

    cn_code: str = Field(pattern=_CN)
    country: str = Field(default="CN", pattern=_COUNTRY)
    import_year: int | None = Field(default=None, ge=FIRST_YEAR, le=2100)
    route: str = Field(default="", max_length=2)
    price_EUR_t: float | None = Field(default=None, ge=0.0, le=1e5)


class CbamQuestion(YearQuestion):
    """A product of the plant, by its own records."""

    product: str = Field(min_length=1, max_length=100)
    heat: list[str] = Field(default_factory=list, max_length=200)
    country: str = Field(default="CN", pattern=_COUNTRY)
    import_year: int | None = Field(default=None, ge=FIRST_YEAR, le=2100)
    route: str = Field(default="", max_length=2)
    price_EUR_t: float | None = Field(default=None, ge=0.0, le=1e5)


class OwedTold(BaseModel):
    """What a tonne owes by one basis."""

    basis: str
    basis_name: Words
    embedded_tCO2e_per_t: float
    free_allocation_tCO2e_per_t: float
    net_tCO2e_per_t: float
    cost_EUR_per_t: float | None


class PrecursorTold(BaseModel):
    """A covered material in the good."""

    name: str
    item_name: Words
    cn_code: str
    t_per_t: float
    direct_tCO2e_per_t: float | None
    free_allocation_tCO2e_per_t: float | None
    verified: bool
    origin: Words


class CbamTold(BaseModel):
    """What CBAM asks for a good."""

    cn_code: str
    scope: str
    sector: str
    direct_only: bool | None
    country: str
    year: int
    product: str
    headline: Words
    default_tCO2e_per_t: float | None
    default_without_markup_tCO2e_per_t: float | None
    benchmark_tCO2e_per_t: dict[str, float | None]
    actual_own_tCO2e_per_t: float | None
    actual_precursors_tCO2e_per_t: float | None
    actual_tCO2e_per_t: float | None
    owed: list[OwedTold]
    precursors: list[PrecursorTold]
    notes: list[Words]


class SheetTold(BaseModel):
    """The importer's sheet that was written."""

    files: list[str]
    headline: Words


class FactorsQuestion(Question):
    """As of which day; without it today."""

    day_on: date | None = Field(default=None, ge=FIRST_DAY, le=LAST_DAY)


class FactorTold(BaseModel):
    """An emission factor with its source and dates."""

    id: str
    item: str
    item_name: Words
    category: str
    category_name: Words
    value: float
    unit: str
    basis: str
    region: str
    supplier: str
    relative_uncertainty: float | None
    valid_from_on: str | None
    valid_before_on: str | None
    restates: str
    confidence: str
    confidence_name: Words
    source: Words


class FactorsAnswer(BaseModel):
    """The emission factors a plant's answers rest on."""

    day_on: str
    factors: list[FactorTold]
    own: int


_CATEGORY = Literal["fuel", "electricity", "heat", "material", "process", "transport", "waste", "service",
                    "refrigerant"]  # fmt: skip


class RecordFactorQuestion(Question):
    """A factor of the plant's own, with its source."""

    id: str = Field(min_length=1, max_length=100)
    item: str = Field(min_length=1, max_length=100)
    category: _CATEGORY
    value: float = Field(ge=-1e6, le=1e9)
    unit: str = Field(pattern=r"^kgCO2e/\S.{0,20}$", description="kgCO2e/kWh, kgCO2e/kg, kgCO2e/m3 …")
    basis: Literal["", "location", "market", "residual", "life_cycle", "direct"] = ""
    region: str = Field(default="", max_length=20)
    supplier: str = Field(default="", max_length=100)
    uncertainty_percent: float | None = Field(default=None, ge=0.0, le=1000.0)
    valid_from_on: date | None = Field(default=None, ge=FIRST_DAY, le=LAST_DAY)
    valid_until_on: date | None = Field(default=None, ge=FIRST_DAY, le=LAST_DAY)
    restates: str = Field(default="", max_length=100)
    source: str = Field(min_length=1, max_length=400)


def _inventory(call: Call, question: YearQuestion) -> dict[str, Any]:
    found = carbon_inventory(call.plant, year=question.year)
    told: dict[str, Any] = found.as_json()
    for total in told["totals"]:
        total["scope_name"] = SCOPE_TEXTS[total["scope"]].as_json()
    items = _items(found)
    return {**told, "items": items, "charts": _inventory_charts(told, items)}


def _items(found: Inventory) -> list[dict[str, Any]]:
    """Return one entry for each item and factor: its months added up, unknown where a month is."""
    groups: dict[tuple[int, str, str, str, str], list[Any]] = {}
    for line in found.lines:
        one, factor = line.activity, "" if line.factor is None else line.factor.id
        groups.setdefault((one.scope, one.category, one.item, one.unit, factor), []).append(line)
    items = []
    for (scope, category, item, unit, _), lines in groups.items():
        factor = lines[0].factor
        quantities = [line.activity.quantity for line in lines]
        emissions = [line.emission_kg for line in lines]
        whole = all(one == one for one in quantities)  # noqa: PLR0124  (NaN)
        items.append(
            {
                "scope": scope,
                "category": category,
                "category_name": CATEGORIES[category].as_json(),  # type: ignore[index]
                "item": item,
                "item_name": item_text(item).as_json(),
                "quantity": sum(quantities) if whole else None,
                "unit": unit,
                **_factor_told(factor),
                "confidence": None if factor is None else factor.confidence,
                "confidence_name": None if factor is None else _KNOWN[factor.confidence].as_json(),
                "emission_kgCO2e": None if any(one is None for one in emissions) else sum(emissions),
                "why_missing": _once(line.why_missing for line in lines),
                "months": [line.activity.month for line in lines],
                "origins": list(dict.fromkeys(line.activity.origin for line in lines)),
            }
        )
    return items


def _once(reasons: Iterable[Text | None]) -> list[dict[str, Any]]:
    return [why.as_json() for why in dict.fromkeys(reasons) if why is not None]


def _factor_told(factor: EmissionFactor | None) -> dict[str, Any]:
    if factor is None:
        return {"factor": None, "factor_value": None, "factor_unit": None, "source": None}
    return {
        "factor": factor.id,
        "factor_value": factor.value,
        "factor_unit": f"kgCO2e/{factor.per}",
        "source": factor.source.as_json(),
    }


def _inventory_charts(told: Mapping[str, Any], items: list[dict[str, Any]]) -> dict[str, Any]:
    months = told["months"]
    by_scope: dict[int, dict[str, float | None]] = {}
    for line in told["lines"]:
        sums = by_scope.setdefault(line["scope"], dict.fromkeys(months))
        if line["emission_kgCO2e"] is not None and line["month"] in sums:
            sums[line["month"]] = (sums[line["month"]] or 0.0) + line["emission_kgCO2e"] / 1000.0
    series = [
        {"name": SCOPE_TEXTS[scope].as_json(), "unit": "tCO2e", "kind": "bar", "stack": "scopes",
         "values": [sums[month] for month in months]}
        for scope, sums in sorted(by_scope.items())
    ]  # fmt: skip
    known = sorted((one for one in items if one["emission_kgCO2e"]), key=lambda one: -one["emission_kgCO2e"])
    top = known[:12]
    bars = {"name": text("emissions").as_json(), "unit": "tCO2e", "kind": "bar",
            "values": [one["emission_kgCO2e"] / 1000.0 for one in top]}  # fmt: skip
    return {
        "months": {"x": months, "series": series, "limits": [], "marks": []},
        "items": {"x": [one["item_name"] for one in top], "series": [bars], "limits": [], "marks": []},
    }


def _products(call: Call, _question: NoQuestion) -> dict[str, Any]:
    rows = call.plant.records.read("product")
    period, _ = period_of(call.plant, None)
    return {
        "products": [
            {"id": str(row["id"]), "name": str(row["name"] or ""), "cn_code": str(row["cn_code"] or "")} for row in rows
        ],
        "years": sorted({period.start.year, period.end.year - (period.end.month == 1)}, reverse=True),
    }


def _product(call: Call, question: ProductQuestion) -> dict[str, Any]:
    found = footprint_product(call.plant, question.product, heats=question.heat, year=question.year)
    told: dict[str, Any] = found.as_json()
    told["good_per_poured"] = told.pop("yield")
    shares = _shares(found)
    for number, (line, one) in enumerate(zip(told["lines"], found.lines, strict=True)):
        line["stage_name"] = STAGES[one.amount.stage].as_json()
        line["item_name"] = item_text(one.amount.item).as_json()
        line["variance_share"] = shares.get(number)
    return {**told, "charts": _footprint_charts(told, found)}


def _shares(found: Footprint) -> dict[int, float]:
    """Return what each counted line brings to the variance, as a share."""
    if found.spread is None or not found.spread.shares.any():
        return {}
    known = [place for place, one in enumerate(found.lines) if one.emission is not None]
    return {place: max(float(share), 0.0) for place, share in zip(known, found.spread.shares, strict=True)}


def _footprint_charts(told: Mapping[str, Any], found: Footprint) -> dict[str, Any]:
    steps: list[dict[str, Any]] = []
    for stage, words in STAGES.items():
        mine = [one.emission for one in found.lines if one.amount.stage == stage and one.emission is not None]
        if mine:
            steps.append({"name": words.as_json(), "value": sum(mine)})
    whole = text("total") if told["total_kgCO2e_per_kg"] is not None else text("known part")
    steps.append({"name": whole.as_json(), "value": found.known, "total": True})
    return {"stages": {"steps": steps, "unit": "kgCO2e/kg"}}


def _import_year(asked: int | None) -> int:
    return asked or max(datetime.now(tz=UTC).year, FIRST_YEAR)


def _good(_call: Call, question: GoodQuestion) -> dict[str, Any]:
    from forgecast.tasks.cbam_good import cbam_good  # noqa: PLC0415  (reads large tables)

    answer = cbam_good(
        question.cn_code, country=question.country, year=_import_year(question.import_year), route=question.route,
        price=question.price_EUR_t,
    )  # fmt: skip
    return cbam_told(answer)


def _answered(call: Call, question: CbamQuestion) -> CbamAnswer:
    from forgecast.tasks.cbam_good import cbam_product  # noqa: PLC0415  (reads large tables)

    return cbam_product(
        call.plant, question.product, import_year=_import_year(question.import_year), country=question.country,
        route=question.route, price=question.price_EUR_t, year=question.year, heats=question.heat,
    )  # fmt: skip


def _cbam(call: Call, question: CbamQuestion) -> dict[str, Any]:
    return cbam_told(_answered(call, question))


_BASES = {"default": text("default values"), "actual": text("own records")}


def cbam_told(answer: CbamAnswer) -> dict[str, Any]:
    """Return an answer about a good as `CbamTold`."""
    told: dict[str, Any] = answer.as_json()
    for owed in told["owed"]:
        owed["basis_name"] = _BASES[owed["basis"]].as_json()
    for line, one in zip(told["precursors"], answer.precursors, strict=True):
        line["item_name"] = item_text(one.precursor.name).as_json()
    # The first note repeats the headline.
    return {**told, "headline": told["notes"][0], "notes": told["notes"][1:]}


def _sheet(call: Call, question: CbamQuestion) -> dict[str, Any]:
    from forgecast.app.carbon.importer_sheet import write_importer_sheet  # noqa: PLC0415  (only workers need it)

    assert call.folder is not None  # noqa: S101  (a RUN always has one)
    call.progress(0.05, text("gathering the records of the product"))
    answer = _answered(call, question)
    call.progress(0.8, text("writing {file}", file="XLSX"))
    name = f"cbam-{re.sub(r'[^A-Za-z0-9_-]', '_', question.product)}.xlsx"
    write_importer_sheet(answer, call.folder / name)
    call.progress(1.0)
    return {"files": [name], "headline": answer.notes[0].as_json()}


def _factors(call: Call, question: FactorsQuestion) -> dict[str, Any]:
    now = int(datetime.now(tz=UTC).timestamp()) * 1_000_000
    at = question.day_on or local_day(now, call.plant.settings.zone)
    found = tuple(carbon_factors(PlantView(call.plant, Period.twelve_months_to(at), at)))
    return {
        "day_on": at.isoformat(),
        "own": sum(one.confidence == "own" for one in found),
        "factors": [
            {
                "id": one.id,
                "item": one.item,
                "item_name": item_text(one.item).as_json(),
                "category": one.category,
                "category_name": CATEGORIES[one.category].as_json(),
                "value": one.value,
                "unit": f"kgCO2e/{one.per}",
                "basis": one.basis,
                "region": one.region,
                "supplier": one.supplier,
                "relative_uncertainty": one.relative_uncertainty,
                "valid_from_on": None if one.validity.start is None else one.validity.start.isoformat(),
                "valid_before_on": None if one.validity.end is None else one.validity.end.isoformat(),
                "restates": one.restates,
                "confidence": one.confidence,
                "confidence_name": _KNOWN[one.confidence].as_json(),
                "source": one.source.as_json(),
            }
            for one in found
        ],
    }


def _record_factor(call: Call, question: RecordFactorQuestion) -> dict[str, Any]:
    row: dict[str, Value] = {
        "id": question.id,
        "item": question.item,
        "category": question.category,
        "value": question.value,
        "unit": question.unit,
        "source": question.source,
    }
    for field in ("basis", "region", "supplier", "restates"):
        if getattr(question, field):
            row[field] = getattr(question, field)
    if question.uncertainty_percent is not None:
        row["uncertainty_percent"] = question.uncertainty_percent
    for field, day in (("valid_from", question.valid_from_on), ("valid_until", question.valid_until_on)):
        if day is not None:
            row[field] = day.isoformat()
    return recorded(call, "emission_factor", [row], (question.id,))


DOORS: tuple[Door[Any], ...] = (
    Door("carbon", "inventory", text("Greenhouse gases by scope: what is counted, with which factor, what is missing."),
         Right.SEE, Way.FIGURE, YearQuestion, InventoryAnswer, _inventory),
    Door("carbon", "products", text("Products whose footprint can be asked for."), Right.SEE, Way.READ, NoQuestion,
         ProductsAnswer, _products, steady=True),
    Door("carbon", "product", text("The footprint of a kilogram and of a piece of a product, with its interval."),
         Right.SEE, Way.FIGURE, ProductQuestion, FootprintAnswer, _product),
    Door("carbon", "good", text("What CBAM asks for a good by default values."), Right.SEE, Way.READ, GoodQuestion,
         CbamTold, _good),
    Door("carbon", "cbam", text("What CBAM asks for a product by the plant's own records."), Right.SEE, Way.FIGURE,
         CbamQuestion, CbamTold, _cbam),
    Door("carbon", "importer-sheet", text("Write the data sheet for the importer of a product (XLSX)."), Right.SEE,
         Way.RUN, CbamQuestion, SheetTold, _sheet),
    Door("carbon", "factors", text("The emission factors answers rest on, with source and dates."), Right.SEE,
         Way.READ, FactorsQuestion, FactorsAnswer, _factors, steady=True),
    Door("carbon", "record-factor", text("Enter an emission factor of the plant's own, with its source."),
         Right.ENVIRONMENT, Way.CHANGE, RecordFactorQuestion, RecordedAnswer, _record_factor),
)  # fmt: skip
