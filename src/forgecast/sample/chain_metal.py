"""The traced weeks of the made-up plant, metal side: lots, charge make-up, samples, ladles and their treatment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import numpy as np

from forgecast.sample.heats import CHEMISTRY, Melt, bar_lot
from forgecast.sample.plan import SampleYear
from forgecast.sample.rows import YES, Rows
from forgecast.sample.table import Table

#: Share of a charge by material; the rest to the whole is steel scrap.
_CHARGE = (("pig_iron", 0.25), ("returns", 0.33), ("ferrosilicon", 0.012), ("carburiser", 0.016))
#: What a lot of each bought material holds, percent.
_ANALYSIS: dict[str, dict[str, float]] = {
    "pig_iron": {"C": 4.25, "Si": 1.1, "Mn": 0.12, "P": 0.038, "S": 0.018},
    "steel_scrap": {"C": 0.12, "Si": 0.15, "Mn": 0.42, "P": 0.018, "S": 0.015, "Cu": 0.09, "Cr": 0.06},
    "ferrosilicon": {"Si": 74.6, "Al": 1.2, "C": 0.1},
    "carburiser": {"C": 98.5, "S": 0.04},
    "nodulariser": {"Si": 44.8, "Mg": 6.1, "Ca": 2.1, "La": 0.5},
    "inoculant": {"Si": 73.1, "Ca": 1.0, "Al": 0.9},
}
_SUPPLIERS = (
    ("V-01", "示例生铁（虚构） / Sample pig iron (synthetic)", "metal"),
    ("V-02", "示例废钢（虚构） / Sample scrap (synthetic)", "metal"),
    ("V-03", "示例铁合金（虚构） / Sample ferro-alloys (synthetic)", "addition"),
    ("V-04", "示例棒材（虚构） / Sample bars (synthetic)", "bar"),
    ("V-05", "示例机加工（虚构） / Sample machining (synthetic)", "service"),
)
#: Magnesium of the one heat that was treated badly, percent.
POOR_MAGNESIUM = 0.024


@dataclass(frozen=True, slots=True)
class Filling:
    """A ladle filling: of which heat, when filled (plant-local) and how much, kg."""

    id: str
    melt: Melt
    filled: datetime
    mass: float
    poor: bool


def traced_melts(plan: SampleYear, made: list[Melt]) -> list[Melt]:
    """Return the heats of the induction line in the traced weeks."""
    return [melt for melt in made if melt.line == "IL" and plan.traced.start <= melt.tapped.date() < plan.traced.end]


def fillings(melts: list[Melt]) -> list[Filling]:
    """Return the ladle fillings of heats: two of a large heat, one of a small one; one heat is treated badly."""
    small = [melt for melt in melts if melt.furnace == "IF-3"]
    poor = small[len(small) // 2].id
    made = []
    for melt in melts:
        parts = 1 if melt.furnace == "IF-3" else 2
        for number in range(parts):
            filled = melt.tapped + timedelta(minutes=1 + 14 * number)
            made.append(
                Filling(f"L{melt.id[1:]}-{number + 1}", melt, filled, round(melt.mass / parts, 0), melt.id == poor)
            )
    made.sort(key=lambda ladle: ladle.filled)
    apart: list[Filling] = []
    for ladle in made:  # there is one crane, and one line that is poured from one ladle after the other
        earliest = apart[-1].filled + timedelta(minutes=10) if apart else ladle.filled
        apart.append(replace(ladle, filled=max(ladle.filled, earliest)))
    return apart


def metal_tables(plan: SampleYear, melts: list[Melt], ladles: list[Filling]) -> dict[str, Table]:
    """Return suppliers, lots, charges, samples, temperatures, ladles and treatments of the traced weeks."""
    supplier = Rows("supplier", "id", "name", "kind", "approved_until")
    for name, title, kind in _SUPPLIERS:
        supplier.add(name, title, kind, date(plan.year + 1, 12, 31))
    return {
        "supplier": supplier.table(),
        "lot": _lots(plan),
        "charge_item": _charges(melts),
        "sample": _samples(plan, melts, ladles),
        "melt_temperature": _temperatures(plan, melts),
        "ladle": _ladles(plan, ladles),
        "treatment": _treatments(plan, ladles),
    }


def lot_of(material: str, day: date) -> str:
    """Return the lot a material was taken from on a day: returns are sorted daily, the rest comes weekly."""
    if material == "returns":
        return f"R{day:%y%m%d}"
    monday = day - timedelta(days=day.weekday())
    return f"{material[:2].upper()}{monday:%y%m%d}"


def _lots(plan: SampleYear) -> Table:
    draw = plan.rng("lots")
    elements = ("C", "Si", "Mn", "P", "S", "Cu", "Cr", "Mg", "Al", "Ca", "La")
    fields = ("id", "supplier", "material", "name", "alloy", "received_at", "mass", "certificate", "melt_number")
    rows = Rows("lot", *fields, "generation", "price_per_t", *(f"{element}_percent" for element in elements))
    bought = {
        "pig_iron": ("V-01", "Q12", 60_000.0, 3350.0),
        "steel_scrap": ("V-02", "冲压边角料", 90_000.0, 2780.0),
        "ferrosilicon": ("V-03", "FeSi75", 5_000.0, 6900.0),
        "carburiser": ("V-03", "石墨化增碳剂", 4_000.0, 3900.0),
        "nodulariser": ("V-03", "FeSiMg6RE1", 6_000.0, 11_800.0),
        "inoculant": ("V-03", "FeSi72", 3_000.0, 8600.0),
    }
    day = plan.traced.start
    while day < plan.traced.end:
        if day.weekday() == 0:
            for material, (supplier, name, mass, price) in bought.items():
                at = datetime.combine(day - timedelta(days=3), time(10, int(draw.integers(60))))
                held = [_drawn(_ANALYSIS[material].get(element), draw) for element in elements]
                number = int(draw.integers(1000, 9999))
                melt = f"{day:%y}{number}" if material == "pig_iron" else None
                rows.add(
                    lot_of(material, day), supplier, material, name, None, at, mass, f"MTC-{number}", melt, 0, price,
                    *held,
                )  # fmt: skip
        if plan.works(day):
            sorted_at = datetime.combine(day, time(0, 30))
            mean = {"C": 3.6, "Si": 2.5, "Mn": 0.3, "P": 0.032, "S": 0.012, "Cu": 0.28, "Mg": 0.03}
            held = [_drawn(mean.get(element), draw) for element in elements]
            rows.add(
                lot_of("returns", day), None, "returns", "浇冒口 / gates and risers", None, sorted_at, 9_000.0, None,
                None, 4, None, *held,
            )  # fmt: skip
        day += timedelta(days=1)
    for month in range(1, 13):
        first = date(plan.year, month, 1)
        for product, steel in (("F-301", "40Cr"), ("F-302", "45")):
            at = datetime.combine(first - timedelta(days=2), time(14))
            number = int(draw.integers(1000, 9999))
            rows.add(
                bar_lot(product, first), "V-04", "billet", "⌀60 mm", steel, at, 180_000.0, f"MTC-{number}",
                f"{number}B", 0, 4450.0, *(None for _ in elements),
            )  # fmt: skip
    return rows.table()


def _drawn(mean: float | None, draw: np.random.Generator) -> float | None:
    return None if mean is None else round(mean * float(draw.normal(1.0, 0.02)), 3)


def _charges(melts: list[Melt]) -> Table:
    rows = Rows("charge_item", "heat", "number", "material", "lot", "mass", "added_at")
    for melt in melts:
        masses = {material: round(melt.charge * share, 0) for material, share in _CHARGE}
        masses["steel_scrap"] = melt.charge - sum(masses.values())
        start = melt.tapped - timedelta(minutes=78)
        for number, (material, mass) in enumerate(sorted(masses.items(), key=lambda one: -one[1]), start=1):
            lot = lot_of(material, melt.tapped.date())
            rows.add(melt.id, number, material, lot, mass, start + timedelta(minutes=6 * number))
    return rows.table()


def _samples(plan: SampleYear, melts: list[Melt], ladles: list[Filling]) -> Table:
    draw = plan.rng("samples")
    elements = ("C", "Si", "Mn", "P", "S", "Mg", "Cu")
    fields = ("id", "heat", "ladle", "taken_at", "stage", "instrument", "valid")
    rows = Rows("sample", *fields, *(f"{element}_percent" for element in elements))
    for melt in melts:
        held = _analysis(melt, draw, treated=False, poor=False)
        rows.add(
            f"S{melt.id}", melt.id, None, melt.tapped - timedelta(minutes=9), "final", "OES-1", YES, *held
        )  # fmt: skip
    for ladle in ladles:
        held = _analysis(ladle.melt, draw, treated=True, poor=ladle.poor)
        at = ladle.filled + timedelta(minutes=4, seconds=20)
        rows.add(f"S{ladle.id}", ladle.melt.id, ladle.id, at, "ladle", "OES-1", YES, *held)
    return rows.table(by="taken_at")


def _analysis(melt: Melt, draw: np.random.Generator, *, treated: bool, poor: bool) -> list[float | None]:
    held: list[float | None] = []
    for element, aim in zip(("C", "Si", "Mn", "P", "S", "Mg", "Cu"), CHEMISTRY[melt.alloy], strict=True):
        if aim is None or (element == "Mg" and not treated):
            held.append(None)
            continue
        mean = aim[0]
        if element == "Si" and not treated:
            mean -= 0.75  # the treatment alloy and the inoculant bring the rest
        if element == "Mg" and poor:
            mean = POOR_MAGNESIUM
        held.append(round(float(draw.normal(mean, 0.5 * aim[1])), 3))
    return held


def _temperatures(plan: SampleYear, melts: list[Melt]) -> Table:
    draw = plan.rng("dip temperatures")
    rows = Rows("melt_temperature", "measured_at", "place", "heat", "temperature_degC", "instrument")
    for melt in melts:
        at = melt.tapped - timedelta(minutes=2)
        rows.add(at, melt.furnace, melt.id, round(float(draw.normal(1502.0, 7.0)), 0), "TC-S1")
    return rows.table()


def _ladles(plan: SampleYear, ladles: list[Filling]) -> Table:
    draw = plan.rng("ladles")
    rows = Rows("ladle", "id", "vessel", "heat", "filled_at", "emptied_at", "mass", "temperature_degC")
    for number, ladle in enumerate(ladles):
        emptied = ladle.filled + timedelta(minutes=13)
        temperature = round(float(draw.normal(1462.0, 6.0)), 0)
        rows.add(
            ladle.id, f"LD-{1 + number % 4}", ladle.melt.id, ladle.filled, emptied, ladle.mass, temperature
        )  # fmt: skip
    return rows.table()


def _treatments(plan: SampleYear, ladles: list[Filling]) -> Table:
    draw = plan.rng("treatments")
    rows = Rows("treatment", "id", "ladle", "kind", "started_at", "ended_at", "lot", "mass", "temperature_degC")
    for ladle in ladles:
        day = ladle.filled.date()
        hot = round(float(draw.normal(1470.0, 6.0)), 0)
        for kind, material, share, start, length in (
            ("nodularising", "nodulariser", 0.008 if ladle.poor else 0.0135, 0.0, 1.5),
            ("inoculation", "inoculant", 0.004, 1.5, 1.0),
        ):
            begun = ladle.filled + timedelta(minutes=start)
            rows.add(
                f"T{ladle.id}-{kind[0]}", ladle.id, kind, begun, begun + timedelta(minutes=length),
                lot_of(material, day), round(ladle.mass * share, 1), hot,
            )  # fmt: skip
    return rows.table(by="started_at")
