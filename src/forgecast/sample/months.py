"""Month books of the made-up plant: production, materials, wastes, water and meters, all following from its heats."""

from __future__ import annotations

from dataclasses import dataclass

from forgecast.ground.tables import read_table
from forgecast.sample.heats import Melt
from forgecast.sample.plan import SampleYear
from forgecast.sample.table import Cell, Table, master_rows

#: Share of the poured metal that is lost in spatter and slag between furnace and mould.
POURING_LOSS = 0.012
#: Forged mass (good and scrapped) from a tonne of billets; the rest is flash and scale.
FORGING_YIELD = 0.86
#: Shares of the new (not returned) metal of the charge; the first material takes the rest.
CHARGE_SHARES = {
    "IL": (
        ("steel_scrap", 0.0),
        ("pig_iron", 0.27),
        ("iron_scrap", 0.05),
        ("ferrosilicon", 0.021),
        ("ferromanganese", 0.004),
    ),
    "CL": (
        ("pig_iron", 0.0),
        ("steel_scrap", 0.38),
        ("iron_scrap", 0.14),
        ("ferrosilicon", 0.016),
        ("ferromanganese", 0.006),
    ),
}
CHARGE_METALS = ("pig_iron", "steel_scrap", "iron_scrap", "returns", "ferrosilicon", "ferromanganese")
#: Used per tonne of good castings, t (mean, spread).
PER_TONNE = {
    "new_sand": (0.21, 0.01), "bentonite": (0.052, 0.003), "coal_dust": (0.021, 0.001), "resin": (0.0085, 0.0004),
    "hardener": (0.0032, 0.0002), "coating": (0.0041, 0.0003), "nodulariser": (0.0085, 0.0003),
    "inoculant": (0.0062, 0.0003), "carburiser": (0.0078, 0.0004), "limestone": (0.021, 0.001),
}  # fmt: skip
#: Wastes per tonne of good castings, t, with fate, code of the hazardous-waste list and receiver.
WASTES = (
    ("waste_sand", "reclaimed", "", 0.52, ""),
    ("waste_sand", "reused", "", 0.115, "示例建材厂（虚构）"),
    ("waste_sand", "landfilled", "", 0.105, "示例填埋场（虚构）"),
    ("slag", "reused", "", 0.062, "示例建材厂（虚构）"),
    ("dust", "reused", "", 0.034, "示例建材厂（虚构）"),
    ("refractory", "reused", "", 0.008, "示例耐材厂（虚构）"),
    ("scale", "sold", "", 0.0055, "示例钢厂（虚构）"),
    ("spent_oil", "hazardous_transfer", "900-218-08", 0.00031, "示例危废中心（虚构）"),
    ("emulsion", "hazardous_transfer", "900-006-09", 0.00052, "示例危废中心（虚构）"),
    ("activated_carbon", "hazardous_transfer", "900-039-49", 0.00105, "示例危废中心（虚构）"),
    ("contaminated_packaging", "hazardous_transfer", "900-041-49", 0.00024, "示例危废中心（虚构）"),
)
#: Share of its true reading that the induction melting's meter shows in the month that does not balance: one of
#: three phases is not counted.
LOST_PHASE = 2.0 / 3.0
#: What the compressors draw after the leaks were mended, of what they drew before.
MENDED = 0.90


@dataclass(frozen=True, slots=True)
class LineMonth:
    """What a line did in a month, t; energy in kWh."""

    metal: float
    charge: float
    good: float
    scrap: float
    energy: float

    @property
    def returns(self) -> float:
        """Gates, risers and scrapped castings that go back into the charge, t."""
        return round(self.metal * (1.0 - POURING_LOSS) - self.good, 3)


Books = dict[tuple[str, str], LineMonth]


def books(plan: SampleYear, made: list[Melt], pieces: Table) -> Books:
    """Return what each line (IL, CL, FG) did in each month, added up from heats and pieces."""
    line_of = {melt.product: melt.line for melt in made}
    weight = {row["id"]: float(row["mass"]) for row in master_rows("product")}
    sums = {(month, line): [0.0] * 5 for month in plan.months() for line in ("IL", "CL", "FG")}
    for melt in made:
        one = sums[f"{melt.tapped:%Y-%m}", melt.line]
        one[0] += melt.mass / 1000
        one[1] += melt.charge / 1000
        one[4] += melt.energy or 0.0
    columns = pieces.columns
    for product, at, count, result in zip(
        *(columns[name] for name in ("product", "made_at", "count", "result")), strict=True
    ):
        line = line_of.get(str(product), "FG")
        tonnes = int(str(count)) * weight[str(product)] / 1000
        sums[str(at)[:7], line][2 if result == "good" else 3] += tonnes
    for month in plan.months():
        forged = sums[month, "FG"]
        forged[0] = forged[1] = (forged[2] + forged[3]) / FORGING_YIELD
    return {key: LineMonth(*(round(value, 3) for value in values)) for key, values in sums.items()}


def production_table(kept: Books) -> Table:
    """Return the record of production."""
    columns: dict[str, list[Cell]] = {
        "month": [month for month, _ in kept],
        "line": [line for _, line in kept],
        "route": ["forging" if line == "FG" else "casting" for _, line in kept],
        "good_mass_t": [done.good for done in kept.values()],
        "metal_mass_t": [done.metal for done in kept.values()],
        "scrap_mass_t": [done.scrap for done in kept.values()],
    }
    return Table("production", columns)


def coke_used(plan: SampleYear, kept: Books) -> dict[str, float]:
    """Return the coke of each month, t: 118 to 130 kg per tonne of iron."""
    draw = plan.rng("coke")
    return {month: round(kept[month, "CL"].metal * draw.uniform(0.118, 0.130), 3) for month in plan.months()}


def material_table(plan: SampleYear, kept: Books, coke: dict[str, float]) -> Table:
    """Return the record of materials: what was charged closes the balance with the heats' charge mass."""
    draw = plan.rng("materials")
    rows: list[tuple[Cell, ...]] = []
    for month in plan.months():
        used = dict.fromkeys(CHARGE_METALS, 0.0)
        for line in ("IL", "CL"):
            done = kept[month, line]
            new = done.charge - done.returns
            (rest, _), *others = CHARGE_SHARES[line]
            parts = {name: round(new * share, 3) for name, share in others}
            for name, mass in parts.items():
                used[name] += mass
            used[rest] += new - sum(parts.values())
            used["returns"] += done.returns
        good = kept[month, "IL"].good + kept[month, "CL"].good
        used["coke"] = coke[month]
        used["billet"] = kept[month, "FG"].metal
        used |= {name: good * draw.normal(mean, spread) for name, (mean, spread) in PER_TONNE.items()}
        for name, mass in used.items():
            rows.append((month, name, "used", round(mass, 3)))
            if name != "returns":
                rows.append((month, name, "bought", round(mass * draw.uniform(0.96, 1.04), 3)))
    return Table(
        "material", {n: [r[at] for r in rows] for at, n in enumerate(("month", "material", "direction", "mass_t"))}
    )


def waste_table(plan: SampleYear, kept: Books) -> Table:
    """Return the record of wastes; in June the fate of the spent refractory is not on record (planted)."""
    draw = plan.rng("wastes")
    rows: list[tuple[Cell, ...]] = []
    for month in plan.months():
        good = kept[month, "IL"].good + kept[month, "CL"].good
        for kind, fate, code, share, receiver in WASTES:
            lost = kind == "refractory" and month.endswith("-06")
            mass = round(good * share * draw.normal(1.0, 0.04), 3)
            rows.append((month, kind, None if lost else fate, code or None, mass, receiver or None))
    names = ("month", "kind", "fate", "hazardous_code", "mass_t", "receiver")
    return Table("waste", {name: [row[at] for row in rows] for at, name in enumerate(names)})


def meter_months(plan: SampleYear, kept: Books, coke: dict[str, float]) -> dict[str, dict[str, float]]:
    """Return what each meter counted in each month, before the planted trouble: main meters are the sum plus a rest."""
    draw = plan.rng("meters")
    read: dict[str, dict[str, float]] = {}
    for month in plan.months():
        melted, cupola, forged = (kept[month, line] for line in ("IL", "CL", "FG"))
        good = melted.good + cupola.good

        def near(value: float) -> float:
            return round(value * draw.normal(1.0, 0.02), 0)

        one = {
            "E-IND": round(melted.energy * 1.045, 0),
            "E-CUP": near(cupola.metal * 88.0),
            "E-SAND": near(good * 118.0),
            "E-FIN": near(good * 92.0),
            "E-FORGE": near(forged.good * 405.0),
            "E-COMP": near(good * 74.0 + forged.good * 35.0),
            "E-AUX": near(41_000.0),
            "G-HT": near(good * 21.0),
            "G-FORGE": near(forged.good * 79.0),
            "G-LADLE": near(good * 6.5),
            "K-CUP": coke[month],
            "D-MAIN": near(good * 1.35),
            "W-COOL": near(900.0 + melted.metal * 0.85),
            "W-SAND": near(good * 0.42),
            "W-OFFICE": near(620.0),
        }
        if month >= plan.leaks_mended:
            one["E-COMP"] = round(one["E-COMP"] * MENDED, 0)
        for main, subs in _children().items():
            one[main] = round(sum(one[sub] for sub in subs) * draw.uniform(1.008, 1.018), 0)
        read[month] = one
    return read


def _children() -> dict[str, list[str]]:
    tree: dict[str, list[str]] = {}
    for row in master_rows("meter"):
        if row["parent"]:
            tree.setdefault(row["parent"], []).append(row["id"])
    return tree


def meter_reading_table(plan: SampleYear, read: dict[str, dict[str, float]]) -> Table:
    """Return the record of meter readings; in one month a submeter counts two phases of three (planted)."""
    rows: list[tuple[Cell, ...]] = []
    for row in master_rows("meter"):
        for month, one in read.items():
            lost = row["id"] == "E-IND" and month == plan.unbalanced_month
            rows.append((row["id"], month, round(one[row["id"]] * (LOST_PHASE if lost else 1.0), 3)))
    return Table(
        "meter_reading", {name: [r[at] for r in rows] for at, name in enumerate(("meter", "month", "quantity"))}
    )


def water_table(read: dict[str, dict[str, float]]) -> Table:
    """Return the record of water: the mains as the main meter has them, and what goes round."""
    rows: list[tuple[Cell, ...]] = []
    for month, one in read.items():
        rows.append((month, "mains", one["W-MAIN"]))
        rows.append((month, "recirculated", round(one["W-COOL"] * 31.0, 0)))
    return Table("water", {name: [r[at] for r in rows] for at, name in enumerate(("month", "source", "volume_m3"))})


def _money(year: int, added: float) -> dict[tuple[int, str], float]:
    """Return money of three years, 10^4 CNY, from this year's value added."""
    found: dict[tuple[int, str], float] = {}
    for back, of_now in enumerate((1.0, 0.97, 0.93)):
        revenue = round(added / 0.27 * of_now, 0)
        found |= {
            (year - back, "revenue"): revenue,
            (year - back, "main_business_revenue"): round(revenue * 0.96, 0),
            (year - back, "rd_expense"): round(revenue * 0.041, 0),
            (year - back, "profit"): round(revenue * (0.058 - 0.003 * back), 0),
        }
    now = found[year, "revenue"]
    assets = round(now * 0.92, 0)
    return found | {
        (year, "output_value"): round(now * 1.02, 0),
        (year, "assets"): assets,
        (year, "liabilities"): round(assets * 0.47, 0),
        (year, "input_vat"): round(now * 0.071, 0),
    }


def _people(year: int) -> dict[tuple[int, str], float]:
    """Return what the year's statement says of people."""
    return {
        (year, "employees"): 386.0,
        (year, "rd_staff"): 47.0,
        (year, "training_hours"): 26.0,
        (year, "accidents"): 0.0,
        (year, "injuries"): 0.0,
        (year, "years_in_niche"): 14.0,
    }


def year_figure_table(plan: SampleYear, kept: Books, read: dict[str, dict[str, float]], pm_emission: float) -> Table:
    """Return the record of year figures: this year's follow from the books, earlier ones from a ratio to them."""
    castings = sum(done.good for (_, line), done in kept.items() if line != "FG")
    forgings = sum(done.good for (_, line), done in kept.items() if line == "FG")
    water = sum(one["W-MAIN"] for one in read.values())
    (power,) = (float(row["value"]) for row in read_table("energy_coal_equivalent").where(carrier="electricity"))
    (gas,) = (float(row["value"]) for row in read_table("energy_coal_equivalent").where(carrier="natural_gas"))
    forge = sum(one["E-FORGE"] * power + one["G-FORGE"] * gas for one in read.values()) / forgings
    added = round(castings * 0.36 + forgings * 0.31, 0)
    year = plan.year
    figures: dict[tuple[int, str], float] = {
        (2020, "casting_output"): round(castings * 0.94, 1),
        (2020, "forging_output"): round(forgings * 0.88, 1),
        (2020, "pm_emission"): round(pm_emission / 0.66, 3),
        (2020, "forging_energy"): round(forge / 0.925, 1),
        (2023, "industrial_value_added"): round(added * 0.93, 0),
        (2023, "water_volume"): round(water / 0.845 * 0.93, 0),
        (year - 1, "industrial_value_added"): round(added * 0.97, 0),
        (year - 1, "water_volume"): round(water / 0.92 * 0.97, 0),
        (year - 1, "casting_output"): round(castings * 0.98, 1),
        (year - 1, "forging_output"): round(forgings * 0.97, 1),
        (year, "industrial_value_added"): added,
        (year, "water_volume"): water,
        (year, "pm_emission"): round(pm_emission, 3),
        (year, "forging_energy"): round(forge, 1),
        (year, "digital_rd_share"): 92.0,
        (year, "casting_output"): round(castings, 1),
        (year, "forging_output"): round(forgings, 1),
    }
    figures |= _money(year, added) | _people(year)
    columns: dict[str, list[Cell]] = {
        "year": [one for one, _ in figures],
        "indicator": [name for _, name in figures],
        "value": list(figures.values()),
        "evidence": [f"年度统计报表{one}（虚构） / Annual statement {one} (synthetic)" for one, _ in figures],
    }
    return Table("year_figure", columns)
