"""Heats of the made-up plant, and the pieces cast from them or forged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import numpy as np

from forgecast.sample.plan import MONTH_FACTORS, SampleYear
from forgecast.sample.table import Cell, Table, master_rows

#: Mass shares aimed at by grade, percent: (mean, spread) of C, Si, Mn, P, S, Mg, Cu; None where not analysed.
CHEMISTRY: dict[str, tuple[tuple[float, float] | None, ...]] = {
    "QT400-18": ((3.68, 0.03), (2.52, 0.05), (0.14, 0.02), (0.026, 0.003), (0.011, 0.001), (0.043, 0.003), None),
    "QT450-10": (
        (3.62, 0.03),
        (2.62, 0.05),
        (0.24, 0.02),
        (0.031, 0.003),
        (0.012, 0.001),
        (0.043, 0.003),
        (0.15, 0.03),
    ),
    "QT500-7": ((3.60, 0.03), (2.48, 0.05), (0.42, 0.03), (0.033, 0.003), (0.012, 0.001), (0.042, 0.003), (0.42, 0.03)),
    "HT250": ((3.30, 0.03), (1.86, 0.05), (0.78, 0.03), (0.055, 0.006), (0.082, 0.006), None, (0.22, 0.04)),
}
ELEMENTS = ("C", "Si", "Mn", "P", "S", "Mg", "Cu")
#: Share of the tapped metal that ends in castings (good or scrapped); the rest is gates, risers and spatter.
CASTING_YIELD = 0.66
#: From the first of the charge to tapping, of every induction furnace; power is drawn for the last of it.
CHARGING = timedelta(minutes=74)
#: Scrap share on the first and the last day of the year: it drifts.
SCRAP_DRIFT = (0.026, 0.050)
DEFECTS = ("砂眼", "气孔", "缩孔", "球化不良", "冷隔", "夹渣")
FORGING_DEFECTS = ("折叠", "充不满", "错移")
#: Mould, cavity and mark of pieces that were not traced.
_UNTRACED: tuple[Cell, ...] = (None, None, None)


@dataclass(frozen=True, slots=True)
class Melt:
    """A heat as it was made; masses kg, energy kWh, `tapped` plant-local."""

    id: str
    line: str
    furnace: str
    alloy: str
    product: str
    tapped: datetime
    mass: float
    charge: float
    energy: float | None


def melts(plan: SampleYear) -> list[Melt]:
    """Return the year's heats of both lines in order of tapping."""
    draw = plan.rng("melts")
    made: list[Melt] = []
    for day in plan.days:
        if not plan.works(day):
            continue
        factor = MONTH_FACTORS[day.month - 1]
        made += _induction_day(day, factor, draw)
        tapped = _cupola_day(day, factor, draw, cold=plan.runs("cold_cupola", day))
        if day not in plan.warned_days:
            made += tapped
    made = _apart(sorted(made, key=lambda melt: melt.tapped))
    return [
        replace(melt, id=f"{'C' if melt.line == 'CL' else 'I'}{melt.tapped:%y}-{number:05d}")
        for number, melt in enumerate(made, start=1)
    ]


def _apart(made: list[Melt]) -> list[Melt]:
    """Return heats in order, no two of them tapped in one minute: there is one crane."""
    apart: list[Melt] = []
    for melt in made:
        earliest = apart[-1].tapped + timedelta(minutes=1) if apart else melt.tapped
        apart.append(replace(melt, tapped=max(melt.tapped, earliest)))
    return apart


def _induction_day(day: date, factor: float, draw: np.random.Generator) -> list[Melt]:
    made = []
    ductile = (("QT450-10", "C-101"), ("QT500-7", "C-102"))
    for furnace, first_min, step_min, usual, size in (
        ("IF-1", 390, 92, 7, 1930.0),
        ("IF-2", 432, 92, 7, 1930.0),
        ("IF-3", 560, 150, 3, 455.0),
    ):
        for number in range(_heats_of(day, usual * factor)):
            alloy, product = (
                ("QT400-18", "C-103") if furnace == "IF-3" else ductile[(day.toordinal() + number // 4) % 2]
            )
            mass = round(size * draw.normal(1.0, 0.012), 0)
            specific = draw.normal(668.0 if furnace == "IF-3" else 592.0, 13.0)
            tapped = _at(day, first_min + number * step_min + int(draw.integers(-5, 6)))
            charge = round(mass * draw.uniform(1.018, 1.034), 0)
            made.append(Melt("", "IL", furnace, alloy, product, tapped, mass, charge, round(mass / 1000 * specific, 1)))
    return made


def _cupola_day(day: date, factor: float, draw: np.random.Generator, *, cold: bool) -> list[Melt]:
    made = []
    size, furnace = (4100.0, "CU-2") if cold else (6900.0, "CU-1")
    alloy, product = (
        ("QT450-10", "C-203") if day.toordinal() % 3 == 0 else ("HT250", "C-201" if day.day % 2 else "C-202")
    )
    for number in range(_heats_of(day, 6 * factor)):
        mass = round(size * draw.normal(1.0, 0.02), 0)
        charge = round(mass * draw.uniform(1.032, 1.052), 0)
        tapped = _at(day, 8 * 60 + 10 + number * 84 + int(draw.integers(-6, 7)))
        made.append(Melt("", "CL", furnace, alloy, product, tapped, mass, charge, None))
    return made


def _heats_of(day: date, mean: float) -> int:
    """Return whole heats of a day whose mean over days is `mean`."""
    return int(mean + day.toordinal() * 0.6180339887 % 1.0)


def _at(day: date, minutes: float) -> datetime:
    return datetime.combine(day, time(0)) + timedelta(minutes=int(minutes))


def heat_table(plan: SampleYear, made: list[Melt]) -> Table:
    """Return the record of heats, troubles not yet planted."""
    draw = plan.rng("chemistry")
    columns: dict[str, list[Cell]] = {
        "id": [melt.id for melt in made],
        "started_at": [melt.tapped - CHARGING if melt.line == "IL" else None for melt in made],
        "tapped_at": [melt.tapped for melt in made],
        "furnace": [melt.furnace for melt in made],
        "alloy": [melt.alloy for melt in made],
        "mass": [melt.mass for melt in made],
        "charge_mass": [melt.charge for melt in made],
        "tap_temperature_degC": [],
        "pour_temperature_degC": [],
        "energy_kWh": [melt.energy for melt in made],
    }
    columns |= {f"{element}_percent": [] for element in ELEMENTS}
    for melt in made:
        tap = draw.normal(1502.0 if melt.line == "IL" else 1468.0, 9.0)
        columns["tap_temperature_degC"].append(round(tap, 0))
        columns["pour_temperature_degC"].append(round(tap - draw.uniform(72.0, 104.0), 0))
        for element, aim in zip(ELEMENTS, CHEMISTRY[melt.alloy], strict=True):
            digits = 3 if element in {"P", "S", "Mg"} else 2
            share = None if aim is None else round(draw.normal(*aim), digits)
            columns[f"{element}_percent"].append(share)
    return Table("heat", columns)


def piece_table(plan: SampleYear, made: list[Melt], traced: Table) -> Table:
    """Return the record of pieces: one row per heat and result, and one per day and result for forgings.

    Parameters
    ----------
    plan : SampleYear
    made : list of Melt
    traced : Table
        Pieces of the traced weeks' induction heats, known mould by mould; they stand in place of those heats' rows.
    """
    draw = plan.rng("pieces")
    weight = {row["id"]: float(row["mass"]) for row in master_rows("product")}
    rows: list[tuple[Cell, ...]] = []
    for melt in made:
        if melt.line == "IL" and plan.traced.start <= melt.tapped.date() < plan.traced.end:
            continue
        cast = int(melt.mass * CASTING_YIELD / weight[melt.product])
        share = scrap_share(plan, melt.tapped.date(), base=0.004 if melt.line == "CL" else -0.003)
        made_at = melt.tapped + timedelta(minutes=int(draw.integers(14, 32)))
        rows += _results(f"B{melt.id}", melt.product, made_at, (melt.id, None), cast, share, defects=DEFECTS, draw=draw)
    for day in plan.days:
        if not plan.works(day):
            continue
        for product, usual in (("F-301", 410), ("F-302", 350)):
            forged = int(usual * MONTH_FACTORS[day.month - 1] * draw.normal(1.0, 0.04))
            name, at = f"F{day:%y%m%d}-{product[-1]}", _at(day, 19 * 60 + 30)
            origin = (None, bar_lot(product, day))
            rows += _results(name, product, at, origin, forged, 0.014, defects=FORGING_DEFECTS, draw=draw)
    names = ("id", "product", "made_at", "heat", "lot", "count", "result", "defect", "mould", "cavity", "marked")
    rows += zip(*(traced.columns.get(name, [None] * len(traced)) for name in names), strict=True)
    rows.sort(key=lambda row: (str(row[2]), str(row[0])))
    return Table("piece", {name: [row[at] for row in rows] for at, name in enumerate(names)})


def bar_lot(product: str, day: date) -> str:
    """Return the lot of bar a forging of a day was cut from: one a month and product."""
    return f"BAR{product[-1]}-{day:%y%m}"


def scrap_share(plan: SampleYear, day: date, *, base: float) -> float:
    """Return the share of castings scrapped on a day; it drifts over the year."""
    first, last = SCRAP_DRIFT
    return first + base + (last - first) * (day - plan.days[0]).days / (len(plan.days) - 1)


def _results(
    name: str,
    product: str,
    made_at: datetime,
    origin: tuple[str | None, str | None],
    count: int,
    scrap_share: float,
    *,
    defects: tuple[str, ...],
    draw: np.random.Generator,
) -> list[tuple[Cell, ...]]:
    rejects = int(draw.binomial(count, scrap_share))
    defect = defects[int(draw.integers(len(defects)))]
    known: tuple[Cell, ...] = (product, made_at, *origin)
    rows: list[tuple[Cell, ...]] = [(f"{name}-1", *known, count - rejects, "good", None, *_UNTRACED)]
    if rejects:
        rows.append((f"{name}-2", *known, rejects, "reject", defect, *_UNTRACED))
    return rows
