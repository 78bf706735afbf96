"""The traced weeks of the made-up plant, piece side: moulds, pieces, mixing in the shot blast, annealing, tests."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from forgecast.sample.chain_metal import Filling
from forgecast.sample.heats import CASTING_YIELD, DEFECTS, scrap_share
from forgecast.sample.plan import SampleYear
from forgecast.sample.rows import NO, YES, Rows
from forgecast.sample.table import Table, master_rows

#: Castings in a mould of the moulding line.
CAVITIES = 4
#: Pieces a basket of the shot blast takes.
_BASKET = 280
#: The product whose castings carry their own number and are annealed.
MARKED = "C-103"
#: Bore of the marked product, mm: nominal, lower and upper limit; the tool that was set wrong adds `OFFSET_MM`.
BORE_MM = (60.000, 60.000, 60.046)
OFFSET_MM = 0.014


@dataclass(slots=True)
class Cast:
    """What was cast in the traced weeks, as later steps need it.

    Parameters
    ----------
    marked : list of tuple
        (piece, heat, ladle, poured) of every good marked casting.
    loose : dict of product to list of tuple
        (batch, count, poured) of good castings without marks.
    poor_pieces : list of str
        Castings of the heat that was treated badly.
    """

    marked: list[tuple[str, str, str, datetime]] = field(default_factory=list)
    loose: dict[str, list[tuple[str, int, datetime]]] = field(default_factory=lambda: defaultdict(list))
    poor_pieces: list[str] = field(default_factory=list)


def cast_tables(plan: SampleYear, ladles: list[Filling]) -> tuple[Table, Table, Cast]:
    """Return moulds, pieces as they were inspected, and what was cast.

    On one afternoon nobody wrote down which ladle filled which mould: those moulds have neither ladle nor heat.
    """
    draw = plan.rng("moulds")
    weight = {row["id"]: float(row["mass"]) for row in master_rows("product")}
    mould = Rows(
        "mould", "id", "product", "line", "poured_at", "order_number", "ladle", "heat", "cavities", "poured_mass",
        "pour_time", "pour_temperature_degC",
    )  # fmt: skip
    castings = _Castings(plan)
    for number, ladle in enumerate(ladles):
        product = ladle.melt.product
        held = int(ladle.mass * CASTING_YIELD / weight[product])
        count = -(-held // CAVITIES)
        step = 9.0 / count
        known = (None, None) if _forgotten(plan, ladle.filled) else (ladle.id, ladle.melt.id)
        for order in range(count):
            name = f"M{ladle.id[1:]}-{order + 1:02d}"
            poured = (ladle.filled + timedelta(minutes=3.5 + step * order)).replace(microsecond=0)
            poured = poured.replace(second=poured.second // 2 * 2 + number % 2)  # two ladles never at one instant
            cavities = min(CAVITIES, held - CAVITIES * order)
            mass = round(cavities * weight[product] / CASTING_YIELD, 0)
            cool = round(1418.0 - 3.0 * step * order + float(draw.normal(0.0, 2.0)), 0)
            took = round(float(draw.normal(11.0, 0.8)), 1)
            mould.add(name, product, "ML-1", poured, order + 1, *known, cavities, mass, took, cool)
            castings.add(ladle, name, poured, cavities)
    return mould.table(by="poured_at"), castings.rows.table(), castings.cast


def _forgotten(plan: SampleYear, filled: datetime) -> bool:
    return filled.date() == plan.unrecorded and filled.hour >= 13


class _Castings:
    """Writes down the castings of mould after mould."""

    def __init__(self, plan: SampleYear) -> None:
        self.rows = Rows("piece", "id", "product", "made_at", "heat", "mould", "cavity", "marked", "count", "result",
                         "defect")  # fmt: skip
        self.cast = Cast()
        self._plan, self._draw, self._serial = plan, plan.rng("castings"), 0

    def add(self, ladle: Filling, mould: str, poured: datetime, cavities: int) -> None:
        """Write down what one mould gave."""
        share = scrap_share(self._plan, poured.date(), base=-0.003)
        if ladle.melt.product == MARKED:
            self._marked(ladle, mould, poured, cavities, share)
        else:
            self._loose(ladle, mould, poured, cavities, share)

    def _marked(self, ladle: Filling, mould: str, poured: datetime, cavities: int, share: float) -> None:
        for cavity in "ABCD"[:cavities]:
            self._serial += 1
            name = f"V{self._plan.year % 100}{self._serial:05d}"
            bad = ladle.poor or bool(self._draw.random() < share)
            defect = self._defect(ladle) if bad else None
            self.rows.add(
                name, MARKED, poured, ladle.melt.id, mould, cavity, YES, 1, "reject" if bad else "good", defect
            )
            if ladle.poor:
                self.cast.poor_pieces.append(name)
            elif not bad:
                self.cast.marked.append((name, ladle.melt.id, ladle.id, poured))

    def _loose(self, ladle: Filling, mould: str, poured: datetime, cavities: int, share: float) -> None:
        bad = int(self._draw.binomial(cavities, share))
        batch, product = f"P{mould[1:]}", ladle.melt.product
        if cavities > bad:
            self.rows.add(batch, product, poured, None, mould, None, NO, cavities - bad, "good", None)
            self.cast.loose[product].append((batch, cavities - bad, poured))
        if bad:
            defect = self._defect(ladle)
            self.rows.add(f"{batch}-R", product, poured, None, mould, None, NO, bad, "reject", defect)

    def _defect(self, ladle: Filling) -> str:
        return "球化不良" if ladle.poor else DEFECTS[int(self._draw.integers(len(DEFECTS)))]


@dataclass(frozen=True, slots=True)
class Basket:
    """Pieces of one product that were blasted, and from then on lie, together."""

    id: str
    product: str
    count: int
    at: datetime


def basket_tables(cast: Cast) -> tuple[Table, Table, list[Basket]]:
    """Return baskets as batches without a result of their own, the steps into them, and the baskets."""
    piece = Rows("piece", "id", "product", "made_at", "marked", "count")
    step = Rows("batch_step", "id", "at", "kind", "from_piece", "to_piece", "count")
    made: list[Basket] = []
    for product, batches in sorted(cast.loose.items()):
        days: dict[date, list[tuple[str, int, datetime]]] = defaultdict(list)
        for batch in batches:
            days[batch[2].date()].append(batch)
        for day, poured in sorted(days.items()):
            for number, basket in enumerate(_baskets(poured), start=1):
                name = f"K{product[-1]}-{day:%y%m%d}-{number}"
                at = datetime.combine(day + timedelta(days=1), time(7 + number, 10 * (int(product[-1]) - 1)))
                piece.add(name, product, at, NO, sum(count for _, count, _ in basket))
                for row, (source, count, _) in enumerate(basket, start=1):
                    step.add(f"{name}-{row:03d}", at, "mix", source, name, count)
                made.append(Basket(name, product, sum(count for _, count, _ in basket), at))
    return piece.table(by="made_at"), step.table(by="at"), made


def _baskets(poured: list[tuple[str, int, datetime]]) -> list[list[tuple[str, int, datetime]]]:
    baskets: list[list[tuple[str, int, datetime]]] = [[]]
    held = 0
    for batch in poured:
        if held + batch[1] > _BASKET:
            baskets.append([])
            held = 0
        baskets[-1].append(batch)
        held += batch[1]
    return baskets


@dataclass(frozen=True, slots=True)
class Annealing:
    """An annealing lot: its number, the pieces in it, and when it came out."""

    id: str
    pieces: tuple[str, ...]
    ended: datetime


def annealing_tables(cast: Cast) -> tuple[Table, Table, list[Annealing]]:
    """Return annealing lots of the marked castings, one a day, with what was in them."""
    lot = Rows(
        "heat_treatment", "id", "furnace", "process", "started_at", "ended_at", "set_temperature_degC", "tolerance_K",
        "soak_time", "medium", "chart",
    )  # fmt: skip
    load = Rows("heat_treatment_load", "heat_treatment", "piece", "place")
    days: dict[date, list[str]] = defaultdict(list)
    for piece, _, _, poured in cast.marked:
        days[poured.date()].append(piece)
    made = []
    for day, pieces in sorted(days.items()):
        name = f"HT{day:%y%m%d}"
        start = datetime.combine(day + timedelta(days=1), time(20))
        end = start + timedelta(hours=11)
        lot.add(
            name, "HT-1", "annealing", start, end, 918.0, 15.0, 2 * 3600.0, "furnace", "HT-1.zone1_temperature"
        )  # fmt: skip
        for number, piece in enumerate(pieces):
            load.add(name, piece, f"{1 + number // 12}-{1 + number % 12}")
        made.append(Annealing(name, tuple(pieces), end))
    return lot.table(), load.table(), made


def test_tables(plan: SampleYear, ladles: list[Filling], cast: Cast, annealings: list[Annealing]) -> dict[str, Table]:
    """Return mechanical tests, inspections, characteristics, measurements and measurement uncertainties."""
    characteristic = Rows(
        "characteristic", "product", "name", "unit", "nominal", "lower", "upper", "key_characteristic"
    )
    characteristic.add(MARKED, "bore_diameter", "mm", *BORE_MM, YES)
    uncertainty = Rows("measurement_uncertainty", "quantity", "instrument", "expanded", "coverage_factor", "source")
    for name, expanded in (
        ("C_percent", 0.03), ("Si_percent", 0.04), ("Mn_percent", 0.01), ("P_percent", 0.002), ("S_percent", 0.001),
        ("Mg_percent", 0.002), ("Cu_percent", 0.01), ("Rm_MPa", 6.0), ("Rp02_MPa", 6.0), ("A_percent", 0.8),
        ("hardness_HBW", 4.0), ("bore_diameter", 0.004),
    ):  # fmt: skip
        uncertainty.add(name, "all", expanded, 2.0, "Calibration (synthetic) 校准（虚构）")
    return {
        "characteristic": characteristic.table(),
        "measurement_uncertainty": uncertainty.table(),
        "mechanical_test": _mechanical(plan, ladles, annealings, cast),
        "inspection": _inspections(cast, annealings),
        "measurement": _measurements(plan, cast),
    }


#: Rm, Rp0.2 in MPa, A in %, HBW, nodularity and pearlite in % by grade: means of the made-up tests.
_PROPERTIES = {
    "QT400-18": (428.0, 272.0, 21.5, 152.0, 91.0, 4.0),
    "QT450-10": (486.0, 332.0, 14.2, 178.0, 90.0, 22.0),
    "QT500-7": (561.0, 358.0, 9.6, 203.0, 89.0, 45.0),
}
_SPREAD = (7.0, 5.0, 0.8, 3.0, 1.5, 2.0)
_POOR = (352.0, 262.0, 6.1, 158.0, 58.0, 6.0)


def _mechanical(plan: SampleYear, ladles: list[Filling], annealings: list[Annealing], cast: Cast) -> Table:
    draw = plan.rng("mechanical tests")
    rows = Rows(
        "mechanical_test", "id", "heat", "heat_treatment", "specimen", "tested_at", "laboratory", "standard", "Rm_MPa",
        "Rp02_MPa", "A_percent", "hardness_HBW", "nodularity_percent", "pearlite_percent",
    )  # fmt: skip
    heat_of = {piece: heat for piece, heat, _, _ in cast.marked}
    annealed = {heat_of[piece]: lot for lot in annealings for piece in lot.pieces}
    for ladle in ladles:
        if not ladle.id.endswith("-1"):
            continue
        lot = annealed.get(ladle.melt.id)
        at = (lot.ended if lot else ladle.filled + timedelta(hours=20)) + timedelta(hours=2)
        means = _POOR if ladle.poor else _PROPERTIES[ladle.melt.alloy]
        drawn = [max(float(draw.normal(mean, spread)), 0.0) for mean, spread in zip(means, _SPREAD, strict=True)]
        digits = (0, 0, 1, 0, 0, 0)
        rows.add(
            f"MT{ladle.melt.id}", ladle.melt.id, lot.id if lot else None, "separately_cast", at, "LAB",
            "GB/T 228.1", *(round(value, places) for value, places in zip(drawn, digits, strict=True)),
        )  # fmt: skip
    return rows.table()


def _inspections(cast: Cast, annealings: list[Annealing]) -> Table:
    rows = Rows(
        "inspection", "id", "piece", "heat_treatment", "inspected_at", "kind", "standard", "inspector", "result",
        "count", "count_bad",
    )  # fmt: skip
    del cast
    for lot in annealings:
        rows.add(
            f"UT{lot.id[2:]}", None, lot.id, lot.ended + timedelta(hours=3), "ultrasonic", "GB/T 34904-2017", "Q-2",
            "good", len(lot.pieces), 0,
        )  # fmt: skip
    return rows.table()


def _measurements(plan: SampleYear, cast: Cast) -> Table:
    """Measure the bore of every third marked casting; a tool set wrong moves the last quarter of them."""
    draw = plan.rng("bores")
    rows = Rows("measurement", "piece", "characteristic", "measured_at", "product", "value", "sequence", "gauge")
    measured = cast.marked[::3]
    middle = 0.5 * (BORE_MM[1] + BORE_MM[2])
    for number, (piece, _, _, poured) in enumerate(measured):
        offset = OFFSET_MM if number >= 3 * len(measured) // 4 else 0.0
        value = middle - 0.003 + offset + float(draw.normal(0.0, 0.0035))
        at = datetime.combine(poured.date() + timedelta(days=4), time(8)) + timedelta(minutes=3 * (number % 150))
        rows.add(piece, "bore_diameter", at, MARKED, round(value, 3), number + 1, "CMM-1")
    return rows.table()
