"""What a kilogram of a good product took: bought metal, energy of its heats, of its line and of the plant."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from forgecast.environment.carbon.factor import Category
from forgecast.ground.dates import from_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.tasks.carbon_factors import material_item
from forgecast.tasks.energy_figures import NOT_ENERGY, meter_months
from forgecast.tasks.monthly import month_sums, production_by_month
from forgecast.tasks.plant_view import PlantView, Row

Stage: TypeAlias = Literal["metal", "treatment", "auxiliary", "melting", "line", "plant"]

STAGES: dict[Stage, Text] = {
    "metal": text("metal charged"),
    "treatment": text("treatment of the melt"),
    "auxiliary": text("moulding materials"),
    "melting": text("melting, by its heats"),
    "line": text("other energy of the line"),
    "plant": text("energy of the whole plant"),
}
#: Own returns carry nothing (cut-off): what was bought for them stays with the good castings it was bought for.
_OWN = frozenset(("returns", "reclaimed_sand"))
#: Materials of castings that are no metal; which line used them is in no record.
_MOULDING = ("new_sand", "bentonite", "coal_dust", "resin", "hardener", "coating", "limestone")


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of something a kilogram of good product took.

    Parameters
    ----------
    stage : Stage
    item : str
        Carrier, or material with its lot or supplier.
    category : Category
    per_kg : float
        In `unit` per kg of good product; NaN where it is not known.
    unit : str
    relative_uncertainty : float or None
        Half width of the 95 % interval, of the meter or scale.
    why_missing : Text or None
    """

    stage: Stage
    item: str
    category: Category
    per_kg: float
    unit: str
    relative_uncertainty: float | None = None
    why_missing: Text | None = None


@dataclass(frozen=True, slots=True)
class ProductAmounts:
    """What a kilogram of a product took in a period.

    Parameters
    ----------
    product, line, route : str
    heats : tuple of str
        Heats it rests on; empty for a forging.
    months : tuple of str
        Months whose energy was shared out.
    good_per_poured : float
        Mass yield of the line in these months; NaN where it is not known.
    piece_mass : float
        kg; NaN where it is not known.
    amounts : tuple of Amount
    notes : tuple of Text
    """

    product: str
    line: str
    route: str
    heats: tuple[str, ...]
    months: tuple[str, ...]
    good_per_poured: float
    piece_mass: float
    amounts: tuple[Amount, ...]
    notes: tuple[Text, ...]


def product_amounts(view: PlantView, product: str, *, heats: Sequence[str] = ()) -> ProductAmounts:
    """Return what a kilogram of a product took.

    Parameters
    ----------
    view : PlantView
    product : str
    heats : sequence of str
        Only these heats; empty for all of the product's heats in the period.

    Raises
    ------
    ForgecastError
        If the product is not on record, or no piece of it in the period.

    Notes
    -----
    Metal and treatment by the charge of the heats, melting by the energy of each heat, both over the metal poured and
    the yield of the line in the month; other energy by the submeters of the line over its good mass; what the main
    meters hold beyond all lines over the good mass of the plant. Own returns carry nothing (cut-off).
    """
    row = view.by_id("product").get(product)
    if row is None:
        known = ", ".join(sorted(view.by_id("product")))
        raise ForgecastError(
            text("the product {product} is not on record", product=product),
            where="product",
            repair=text("on record are: {names}", names=known or "–"),
        )
    chosen = _heats_of(view, product, heats)
    pieces = [one for one in view.within("piece", "made_at") if one.text("product") == product]
    months = _months(view, chosen, pieces)
    if not months:
        raise ForgecastError(
            text("no piece or heat of {product} lies in the period", product=product),
            where="product",
            repair=text("take in its pieces with their heats, or ask for another year"),
        )
    line = _line(view, row, chosen)
    good = _month_sum(view, "good_mass_t", months, line)
    poured = _month_sum(view, "metal_mass_t", months, line)
    yields = good / poured
    notes: list[Text] = [text("own returns carry nothing: what was bought for them stays with the castings it became")]
    amounts: list[Amount] = []
    if chosen:
        amounts += _metal(view, chosen, yields, notes)
        amounts += _auxiliary(view, months, notes)
        amounts += _melting(chosen, yields, notes)
    else:
        amounts += _billets(view, months, line, notes)
    melted = _all_heats_energy(view, months, line)
    amounts += _line_energy(view, months, line, good, melted if _told(chosen) else 0.0)
    amounts += _plant_energy(view, months)
    return ProductAmounts(
        product, line, row.text("route"), tuple(one.text("id") for one in chosen), months, yields,
        row.number_of("mass"), tuple(amounts), tuple(notes),
    )  # fmt: skip


def _heats_of(view: PlantView, product: str, asked: Sequence[str]) -> list[Row]:
    named = {one.text("heat") for one in view.rows("piece") if one.text("product") == product and one.text("heat")}
    named |= {one.text("heat") for one in view.rows("mould") if one.text("product") == product and one.text("heat")}
    if asked:
        strangers = [heat for heat in asked if heat not in named]
        if strangers:
            raise ForgecastError(
                text("no piece of {product} is of heat {heat}", product=product, heat=strangers[0]),
                where="heat",
                repair=text("see `forgecast trace PLANT heat {heat} --forward`", heat=strangers[0]),
            )
        named = set(asked)
    return [one for one in view.within("heat", "tapped_at") if one.text("id") in named]


def _months(view: PlantView, heats: Iterable[Row], pieces: Iterable[Row]) -> tuple[str, ...]:
    at = {_month(view, one.number_of("tapped_at")) for one in heats}
    at = at or {_month(view, one.number_of("made_at")) for one in pieces}
    return tuple(month for month in view.months if month in at)


def _month(view: PlantView, t_us: float) -> str:
    return f"{from_us(int(t_us), view.zone):%Y-%m}"


def _line(view: PlantView, product: Row, heats: Sequence[Row]) -> str:
    machines = view.by_id("equipment")
    lines = {machines[one.text("furnace")].text("line") for one in heats if one.text("furnace") in machines} - {""}
    if not lines:
        route = product.text("route")
        lines = {one.text("line") for one in view.of_months("production") if route and one.text("route") == route}
    if len(lines) != 1:
        raise ForgecastError(
            text(
                "the line that makes {product} is not clear: {lines}",
                product=product.text("id"),
                lines=", ".join(sorted(lines)) or "–",
            ),
            where="product",
            repair=text("ask for heats of one line, or enter the line of each furnace in `equipment`"),
        )
    return lines.pop()


def _month_sum(view: PlantView, field: str, months: Sequence[str], line: str = "") -> float:
    """Return a mass of production over months [kg]; NaN where a month is missing."""
    sums = month_sums(view, view.rows("production"), field, where=lambda row: line in ("", row.text("line")))
    return 1000.0 * _over(view, sums, months)


def _over(view: PlantView, monthly: np.ndarray[tuple[int, ...], np.dtype[np.float64]], months: Sequence[str]) -> float:
    return math.fsum(float(monthly[view.months.index(month)]) for month in months)


def _metal(view: PlantView, heats: Sequence[Row], yields: float, notes: list[Text]) -> list[Amount]:
    names = {one.text("id") for one in heats}
    charged = [one for one in view.rows("charge_item") if one.text("heat") in names]
    without = names - {one.text("heat") for one in charged}
    with_charge = [one for one in heats if one.text("id") not in without]
    if without:
        notes.append(
            text(
                "{count} of {all} heats have no charge on record; the others stand for them",
                count=len(without),
                all=len(names),
            )
        )
    good = yields * math.fsum(one.number_of("mass") for one in with_charge)
    if not charged:
        why = text("no charge of its heats is on record (`charge_item`)")
        return [Amount("metal", "metal", "material", math.nan, "kg", why_missing=why)]
    lots = view.by_id("lot")
    ladles = {one.text("id"): one.text("heat") for one in view.rows("ladle")}
    treated = [
        one
        for one in view.rows("treatment")
        if (one.text("heat") or ladles.get(one.text("ladle"), "")) in names - without and one.text("lot") in lots
    ]
    found = _summed(
        view, "metal", [(one.text("material"), one.text("lot"), one.number_of("mass")) for one in charged], lots, good
    )
    added = [(lots[one.text("lot")].text("material"), one.text("lot"), one.number_of("mass")) for one in treated]
    return found + _summed(view, "treatment", added, lots, good)


def _summed(
    view: PlantView, stage: Stage, parts: Iterable[tuple[str, str, float]], lots: Mapping[str, Row], good: float
) -> list[Amount]:
    declared = {one.text("lot") for one in view.rows("embedded_emission")} - {""}
    sums: dict[str, float] = {}
    for material, lot, mass in parts:
        if material in _OWN:
            continue
        supplier = lots[lot].text("supplier") if lot in lots else ""
        item = material_item(material, supplier, lot if lot in declared else "")
        sums[item] = sums.get(item, 0.0) + mass
    return [Amount(stage, item, "material", mass / good, "kg") for item, mass in sorted(sums.items())]


def _auxiliary(view: PlantView, months: Sequence[str], notes: list[Text]) -> list[Amount]:
    """Return moulding materials over the good castings of all lines: what was used, else what was bought."""
    good = 1000.0 * _over(view, production_by_month(view, "good_mass_t", route="casting"), months)
    on_record = {row.text("material") for row in view.of_months("material")}
    found = []
    for material in (one for one in _MOULDING if one in on_record):
        mass = _material_mass(view, material, "used", months)
        if not math.isfinite(mass):
            mass = _material_mass(view, material, "bought", months)
        why = None if math.isfinite(mass / good) else text("neither use nor purchase is on record for all months")
        found.append(Amount("auxiliary", material, "material", mass / good, "kg", why_missing=why))
    if found:
        notes.append(text("moulding materials of the months over the good castings of all lines"))
    return found


def _material_mass(view: PlantView, material: str, direction: str, months: Sequence[str]) -> float:
    """Return the mass of a material moved in months [kg]; NaN where a month is missing."""
    rows = [
        one for one in view.rows("material") if one.text("material") == material and one.text("direction") == direction
    ]
    return 1000.0 * _over(view, month_sums(view, rows, "mass_t"), months)


def _told(heats: Sequence[Row]) -> bool:
    return bool(heats) and all(math.isfinite(one.number_of("energy_kWh")) for one in heats)


def _melting(heats: Sequence[Row], yields: float, notes: list[Text]) -> list[Amount]:
    if not _told(heats):
        notes.append(text("the energy of its heats is not on record; it is within the energy of the line"))
        return []
    energy = math.fsum(one.number_of("energy_kWh") for one in heats)
    poured = math.fsum(one.number_of("mass") for one in heats)
    return [Amount("melting", "electricity", "electricity", energy / (poured * yields), "kWh")]


def _all_heats_energy(view: PlantView, months: Sequence[str], line: str) -> float:
    """Return the energy of all heats of a line in months [kWh]; NaN where one does not tell it."""
    machines = view.by_id("equipment")
    of_line = {name for name, row in machines.items() if row.text("line") == line}
    heats = [one for one in view.within("heat", "tapped_at") if one.text("furnace") in of_line]
    return math.fsum(one.number_of("energy_kWh") for one in heats if _month(view, one.number_of("tapped_at")) in months)


def _billets(view: PlantView, months: Sequence[str], line: str, notes: list[Text]) -> list[Amount]:
    good = _month_sum(view, "good_mass_t", months, line)
    mass = _material_mass(view, "billet", "used", months)
    why = (
        None
        if math.isfinite(mass / good)
        else text("billets used in these months are not on record (`material`, used)")
    )
    notes.append(text("billets by the month's use over the good mass of the line, whatever the product"))
    suppliers = {one.text("supplier") for one in view.rows("lot") if one.text("material") == "billet"}
    item = material_item("billet", suppliers.pop()) if len(suppliers) == 1 else "billet"
    return [Amount("metal", item, "material", mass / good, "kg", why_missing=why)]


def _line_energy(view: PlantView, months: Sequence[str], line: str, good: float, melted: float) -> list[Amount]:
    found = []
    for carrier, meters in _meters(view, lambda row: row.text("line") == line and bool(row.text("parent"))).items():
        quantity, unit, doubt = _read(view, meters, months)
        if carrier == "electricity":
            quantity -= melted
        found.append(_energy("line", carrier, quantity / good, unit, doubt))
    mains = _meters(view, lambda row: row.text("line") == line and not row.text("parent"))
    for carrier, meters in mains.items():
        quantity, unit, doubt = _read(view, meters, months)
        found.append(_energy("line", carrier, quantity / good, unit, doubt))
    return found


def _plant_energy(view: PlantView, months: Sequence[str]) -> list[Amount]:
    """Return what the main meters hold beyond the lines that make something, over the good mass of all."""
    lines = {one.text("line") for one in view.of_months("production")}
    good = _month_sum(view, "good_mass_t", months)
    found = []
    for carrier, meters in _meters(view, lambda row: not row.text("parent") and row.text("line") not in lines).items():
        quantity, unit, doubt = _read(view, meters, months)
        below = _meters(view, lambda row: bool(row.text("parent")) and row.text("line") in lines).get(carrier, [])
        inside, _, _ = _read(view, below, months)
        found.append(_energy("plant", carrier, (quantity - inside) / good, unit, doubt))
    return found


def _energy(stage: Stage, carrier: str, per_kg: float, unit: str, doubt: float | None) -> Amount:
    category: Category = (
        "electricity" if carrier == "electricity" else "heat" if carrier in ("steam", "heat") else "fuel"
    )
    why = None if math.isfinite(per_kg) else text("a meter reading or the production of a month is missing")
    return Amount(stage, carrier, category, per_kg, unit, doubt, why)


def _meters(view: PlantView, where: Callable[[Row], bool]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in view.rows("meter"):
        if row.text("carrier") not in NOT_ENERGY and where(row):
            found.setdefault(row.text("carrier"), []).append(row)
    return found


def _read(view: PlantView, meters: Sequence[Row], months: Sequence[str]) -> tuple[float, str, float | None]:
    """Return what meters show over months together, their unit, and how well they are known."""
    quantities = [_over(view, meter_months(view, one), months) for one in meters]
    percents = [one.number_of("accuracy_percent") for one in meters]
    doubt = max(percents, default=math.nan) / 100.0
    unit = meters[0].text("unit") if meters else ""
    return math.fsum(quantities), unit, doubt if math.isfinite(doubt) else None
