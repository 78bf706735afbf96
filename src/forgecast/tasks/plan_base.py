"""Where a plant stands before a plan: its streams, indicators and their baselines, and what is not known."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from forgecast.energy.carrier import coal_equivalent, electricity_carbon, fuel_carbon
from forgecast.energy.factor import FactorKind, Factors
from forgecast.ground.texts import Text, text
from forgecast.planning.problem import Indicator, Stream
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.diagnose_energy import diagnose_energy
from forgecast.tasks.energy_figures import OWN_VARIANTS, carriers_used, grid_region, meter_months, own_factors
from forgecast.tasks.estimate_emissions import estimate_emissions
from forgecast.tasks.monthly import production_by_month, whole
from forgecast.tasks.plant_facts import WASTE_USED, _in_use
from forgecast.tasks.plant_view import PlantView, Row, short

#: Figures that goals may be set on, in the order they are shown.
INDICATORS: Mapping[str, tuple[Text, str]] = {
    "particulate": (text("particulate emitted"), "t"),
    "energy_per_tonne": (text("energy per tonne of good product"), "kgce/t"),
    "forging_energy": (text("energy per tonne of forgings"), "kgce/t"),
    "co2": (text("carbon dioxide of energy"), "tCO2"),
    "water": (text("water per industrial value added"), "m3/10⁴ CNY"),
    "waste_use": (text("use of general solid waste"), "%"),
    "cnc": (text("numerical control of key processes"), "%"),
    "digital": (text("digital tools in design"), "%"),
}
#: Temperature down to which waste heat is looked for, as the library says; the diagnosis needs it.
DOWN_TO_DEGC = 120.0


@dataclass(frozen=True, slots=True)
class MeterStream:
    """What one meter counts in a year, less the meters below it."""

    stream: str
    meter: Row
    carrier: str
    resource: str
    unit: str
    amount: float


@dataclass(frozen=True, slots=True)
class StackState:
    """Particulate of one stack: mass a year [t], tested or measured concentration [mg/m3] and flow [m3/h]."""

    stack: Row
    mass_t: float
    concentration: float
    flow_m3_h: float
    shared_out: bool


@dataclass(slots=True)
class PlanBase:
    """A plant before a plan.

    Parameters
    ----------
    view : PlantView
    streams : dict of str to Stream
    meters : list of MeterStream
    stacks : dict of str to StackState
    indicators : dict of str to Indicator
    unknown : dict of str to Text
        Indicator to why its baseline is not known and which record would settle it.
    heat_kWh : dict of str to float
        Waste heat of a stack in a year.
    air_loss_kWh : float
        Diagnosed loss of compressed air outside work; NaN where not diagnosed.
    electricity_price : float or None
        CNY/kWh by the tariff on record.
    notes : list of Text
    """

    view: PlantView
    streams: dict[str, Stream] = field(default_factory=dict)
    meters: list[MeterStream] = field(default_factory=list)
    stacks: dict[str, StackState] = field(default_factory=dict)
    indicators: dict[str, Indicator] = field(default_factory=dict)
    unknown: dict[str, Text] = field(default_factory=dict)
    heat_kWh: dict[str, float] = field(default_factory=dict)
    air_loss_kWh: float = float("nan")
    electricity_price: float | None = None
    notes: list[Text] = field(default_factory=list)

    def add(self, stream: str, **base: float) -> None:
        """Add a stream."""
        self.streams[stream] = Stream(stream, base)

    def know(self, name: str, weights: Mapping[str, float], constant: float = 0.0) -> None:
        """Add an indicator whose baseline is known."""
        title, unit = INDICATORS[name]
        self.indicators[name] = Indicator(name, title, unit, weights, constant)

    def equipment(self, *kinds: str) -> list[Row]:
        """Return the machines of some kinds that are in use."""
        return [row for row in self.view.rows("equipment") if row.text("kind") in kinds and _in_use(row, self.view)]

    def metal_t(self, line: str) -> float:
        """Return the metal melted or heated on a line in the period, t; NaN where not on record."""
        return sum((row.number_of("metal_mass_t") for row in self._made(line)), 0.0) if self._made(line) else math.nan

    def good_t(self, line: str) -> float:
        """Return the good mass of a line in the period, t; NaN where not on record."""
        return sum((row.number_of("good_mass_t") for row in self._made(line)), 0.0) if self._made(line) else math.nan

    def _made(self, line: str) -> list[Row]:
        return [row for row in self.view.of_months("production") if row.text("line") == line]

    def lines(self, route: str) -> set[str]:
        """Return the lines of a route."""
        return {row.text("line") for row in self.view.of_months("production") if row.text("route") == route}


def plan_base(folder: PlantFolder, view: PlantView) -> PlanBase:
    """Gather the baseline of a plant for the twelve months of a view.

    Parameters
    ----------
    folder : PlantFolder
    view : PlantView
    """
    base = PlanBase(view)
    _energy(base)
    _stacks(folder, base)
    _water(base)
    _waste(base)
    _shares(base)
    diagnosis = diagnose_energy(folder, since=view.period.start, until=view.at, down_to_degC=DOWN_TO_DEGC)
    base.indicators = {name: base.indicators[name] for name in INDICATORS if name in base.indicators}
    base.electricity_price = diagnosis.price
    losses = [one.energy.value for one in diagnosis.wastes if one.kind == "compressed_air"]
    if losses:
        base.air_loss_kWh = sum(value for value in losses if value is not None)
    base.heat_kWh = {
        one.subject: one.energy.value
        for one in diagnosis.wastes
        if one.kind == "waste_heat" and one.energy.value is not None
    }
    return base


def _energy(base: PlanBase) -> None:
    view = base.view
    used = carriers_used(view)
    forging = base.lines("forging") - base.lines("casting")
    why = None if used else text("no meter is on record: records `meter` and `meter_reading`")
    for one in used:
        total = whole(one.monthly)
        if total is None:
            why = text("readings of {carrier} do not cover the year: record `meter_reading`", carrier=one.carrier)
            continue
        _split(base, one.carrier, one.unit, total, {meter.text("id") for meter in one.meters}, forging)
    _energy_indicators(base, why)


def _split(base: PlanBase, carrier: str, unit: str, total: float, mains: set[str], forging: set[str]) -> None:
    """Add a stream for each meter below the main ones, and one for what they leave."""
    view, rest = base.view, total
    below = [m for m in view.rows("meter") if m.text("carrier") == carrier and m.text("parent") in mains]
    for meter in below:
        amount = whole(meter_months(view, meter))
        if amount is None or meter.text("unit") != unit:
            continue
        rest -= amount
        _meter(base, meter, f"meter:{meter.text('id')}", carrier, unit, amount, forging)
    if not below:
        main = next(m for m in view.rows("meter") if m.text("id") in mains)
        _meter(base, main, f"meter:{main.text('id')}", carrier, unit, total, forging)
    elif abs(rest) > 1e-9 * abs(total):
        base.add(f"rest:{carrier}", **{carrier: rest})


def _meter(base: PlanBase, meter: Row, stream: str, carrier: str, unit: str, amount: float, forging: set[str]) -> None:
    resource = f"{carrier}@forging" if meter.text("line") in forging else carrier
    amounts = {resource: amount}
    if carrier not in ("electricity", "water"):
        # A furnace that burns may be converted: then its stream draws electricity.
        amounts[resource.replace(carrier, "electricity")] = 0.0
    base.add(stream, **amounts)
    base.meters.append(MeterStream(stream, meter, carrier, resource, unit, amount))


def _energy_indicators(base: PlanBase, why: Text | None) -> None:
    view = base.view
    factors, region = _planned_factors(base), grid_region(view)
    tce: dict[str, float] = {}
    carbon: dict[str, float] = {}
    whys: dict[str, Text | None] = {"energy": why, "co2": why}
    for one in carriers_used(view):
        equivalent = coal_equivalent(one.carrier, 1.0, one.unit, on=view.at, factors=factors)
        if one.carrier == "electricity":
            burnt = electricity_carbon(1.0, one.unit, on=view.at, region=region, factors=factors)
        else:
            burnt = fuel_carbon(one.carrier, 1.0, one.unit, on=view.at, factors=factors)
        for found, weights, name in ((equivalent, tce, "energy"), (burnt, carbon, "co2")):
            if found.value is None:
                whys[name] = whys[name] or text(
                    "{carrier}: {why}; enter it in record `factor`", carrier=one.carrier, why=found.why_missing
                )
            else:
                weights[one.carrier] = weights[f"{one.carrier}@forging"] = found.value
    good = whole(production_by_month(view, "good_mass_t"))
    if whys["energy"] is None and good:
        base.know("energy_per_tonne", {name: 1000.0 * value / good for name, value in tce.items()})
    else:
        base.unknown["energy_per_tonne"] = whys["energy"] or text("production is not on record for every month")
    forged = whole(production_by_month(view, "good_mass_t", route="forging")) if base.lines("forging") else None
    here = {name: value for name, value in tce.items() if name.endswith("@forging")}
    if forged and whys["energy"] is None and any(one.resource in here for one in base.meters):
        base.know("forging_energy", {name: 1000.0 * value / forged for name, value in here.items()})
    elif base.lines("forging"):
        base.unknown["forging_energy"] = whys["energy"] or text(
            "no meter names a forging line: record `meter`, field `line`"
        )
    if whys["co2"] is None:
        base.know("co2", carbon)
    else:
        base.unknown["co2"] = whys["co2"]


def _planned_factors(base: PlanBase) -> Factors:
    """Return the factors, those not read in their source let in: a plan may stand on them, and says so."""
    factors = own_factors(base.view)
    kinds: tuple[FactorKind, ...] = ("net_calorific_value", "carbon_content", "oxidation", "coal_equivalent")
    for one in carriers_used(base.view):
        for kind in kinds:
            variant = OWN_VARIANTS.get(kind, "")
            found, why = factors.find(kind, one.carrier, on=base.view.at, variant=variant)
            if found is not None and why is not None and found.confidence == "unverified":
                factors = factors.with_own(replace(found, confidence="secondary"))
                base.notes.append(
                    text("carbon dioxide of the plan stands on a number not read in its source: {why}", why=why)
                )
    return factors


def _stacks(folder: PlantFolder, base: PlanBase) -> None:
    """Add the particulate of each stack; where hours are not known, from the mass declared for the year."""
    view = base.view
    emitted = estimate_emissions(folder, view.period)
    masses = {one.stack: one for one in emitted.masses if one.pollutant == "pm"}
    rows = view.by_id("stack")
    known = {name: one.whole.covered / 1000.0 for name, one in masses.items() if one.whole.covered is not None}
    tests: dict[str, list[tuple[float, float]]] = {}
    for test in view.within("stack_test", "sampled_at"):
        if test.text("pollutant") == "pm":
            pair = test.number_of("concentration_mg_m3"), test.number_of("flow_m3_h")
            if all(map(math.isfinite, pair)):
                tests.setdefault(test.text("stack"), []).append(pair)
    rates = {name: float(np.mean([c * q for c, q in pairs])) for name, pairs in tests.items() if name not in known}
    declared = year_value(view, "pm_emission", view.period.start.year)
    rest = math.nan if declared is None else declared - sum(known.values())
    if rates and not rest > 0.0:
        base.unknown["particulate"] = text(
            "the hours of stacks {stacks} are not known, and no mass is declared for the year: records "
            "`machine_state` or `year_figure` (pm_emission)",
            stacks=short(rates),
        )
    elif not known and not rates:
        base.unknown["particulate"] = text("no stack has a test or a series: records `stack`, `stack_test`")
    else:
        base.know("particulate", {"pm": 1.0})
        if rates:
            base.notes.append(
                text(
                    "{mass} t of particulate declared for the year, less the stacks that are measured, are shared out "
                    "over stacks {stacks} by their tested mass flow, as if these ran equally long",
                    mass=round(declared or 0.0, 2),
                    stacks=short(rates, 12),
                )
            )
    total_rate = sum(rates.values())
    for name, row in rows.items():
        share = rates[name] / total_rate * rest if name in rates and rest > 0.0 else math.nan
        mass = known.get(name, share)
        if not math.isfinite(mass):
            continue
        pairs = tests.get(name, [])
        flow = float(np.mean([q for _, q in pairs])) if pairs else _mean(view, name, "gas_flow")
        strength = float(np.mean([c for c, _ in pairs])) if pairs else _mean(view, name, "pm")
        base.add(f"stack:{name}", pm=mass)
        base.stacks[name] = StackState(row, mass, strength, flow, name not in known)


def _mean(view: PlantView, stack: str, measures: str) -> float:
    """Return the mean of a stack's series over its hours with a value above zero; NaN without one."""
    for tag in view.tags.values():
        if tag.text("stack") == stack and tag.text("measures") == measures:
            means = view.means(tag)
            if means is not None:
                values = means.means.values
                values = values[np.isfinite(values) & (values > 0.0)]
                return float(values.mean()) if values.size else math.nan
    return math.nan


def year_value(view: PlantView, indicator: str, year: int) -> float | None:
    """Return a yearly figure on record; None where there is none."""
    for row in view.rows("year_figure"):
        if row.text("indicator") == indicator and int(row.number_of("year")) == year:
            return row.number_of("value")
    return None


def _water(base: PlanBase) -> None:
    view, year = base.view, base.view.period.start.year
    added, volume = year_value(view, "industrial_value_added", year), year_value(view, "water_volume", year)
    if not added or not volume:
        base.unknown["water"] = text(
            "water volume or value added of {year} is not on record: record `year_figure`", year=year
        )
        return
    base.know("water", {"water": 1.0 / added})
    rest = volume
    mains = {m.text("id") for m in view.rows("meter") if m.text("carrier") == "water" and not m.text("parent")}
    for meter in view.rows("meter"):
        if meter.text("carrier") == "water" and meter.text("parent") in mains and meter.text("unit") == "m3":
            amount = whole(meter_months(view, meter))
            if amount is not None:
                rest -= amount
                _meter(base, meter, f"meter:{meter.text('id')}", "water", "m3", amount, set())
    base.add("rest:water", water=rest)


def _waste(base: PlanBase) -> None:
    view = base.view
    rows = [row for row in view.of_months("waste") if not row.text("hazardous_code")]
    lacking = [month for month in view.months if month not in {row.text("month") for row in rows}]
    if not rows or lacking:
        base.unknown["waste_use"] = text("waste is not on record for every month: record `waste`")
        return
    total = sum(row.number_of("mass_t") for row in rows)
    unused = [row for row in rows if row.text("fate") not in WASTE_USED]
    sand = sum(row.number_of("mass_t") for row in unused if row.text("kind") == "waste_sand")
    other = sum(row.number_of("mass_t") for row in unused if row.text("kind") != "waste_sand")
    base.add("sand", landfilled=sand)
    base.add("waste", unused=other)
    base.know("waste_use", {"landfilled": -100.0 / total, "unused": -100.0 / total}, 100.0)


def _shares(base: PlanBase) -> None:
    view = base.view
    key = [row for row in view.rows("equipment") if row.flag("key_process") and _in_use(row, view)]
    silent = [row.text("id") for row in key if row.flag("numerically_controlled") is None]
    if not key or silent:
        base.unknown["cnc"] = text(
            "which machines of key processes are numerically controlled is not on record: record `equipment`"
        )
    else:
        base.add("machines", cnc=float(sum(row.flag("numerically_controlled") is True for row in key)))
        base.know("cnc", {"cnc": 100.0 / len(key)})
    digital = year_value(view, "digital_rd_share", view.period.start.year)
    if digital is None:
        base.unknown["digital"] = text("record `year_figure`, indicator digital_rd_share of the year is missing")
    else:
        base.add("design", digital=digital)
        base.know("digital", {"digital": 1.0})
