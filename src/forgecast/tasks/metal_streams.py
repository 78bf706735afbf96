"""The streams of metal of an alloy by month, out of heats, charges, treatments, pieces, lots and monthly records."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from forgecast.gateway.stream_table import OwnStreams
from forgecast.ground.dates import Period, from_us, month_start, next_month
from forgecast.ground.texts import Text, text
from forgecast.melting.metal_balance import STREAMS
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.plant_lots import METALS

F8 = NDArray[np.float64]

#: Treatments that put metal into metal.
_ADDING = frozenset(
    ("nodularising", "inoculation", "late_inoculation", "deoxidation", "grain_refining", "modification", "alloying")
)
#: Steps that move pieces from one batch to another; putting a piece into an assembly moves no casting.
_MOVING = frozenset(("split", "merge", "mix", "sort", "mark"))
_SCRAPPED, _ACCEPTED = frozenset(("scrap", "remelt")), frozenset(("release", "concession"))
#: For every stream, the record that would settle it.
SETTLED_BY: dict[str, Text] = {
    "new_metal": text("`charge_item`: everything charged into each heat, with its mass"),
    "returns_charged": text("`charge_item`: the returns charged into each heat, with their mass"),
    "loss": text("`heat`: slag_mass of every heat"),
    "poured": text("`heat`: mass tapped of every heat"),
    "good": text("`piece`: every piece or batch with its result, and `product`: the mass of a part"),
    "returns": text("`lot`: own returns as they are sorted back (material returns, no supplier), with mass and alloy"),
    "scrap": text("`piece`: rejected pieces too, and `product`: the mass of a part"),
    "stock_change": text("`piece`: pieces not yet inspected too, and `product`: the mass of a part"),
    "yard_change": text("a stock-taking of the returns at the end of each month, as a table with --streams"),
    "sold": text("`material`: returns sold in the month, or a table with --streams"),
}


@dataclass(slots=True, eq=False)
class AlloyStreams:
    """The streams of one alloy.

    Parameters
    ----------
    alloy : str
    months : tuple of str
    masses : dict of str to (n,) float64 array
        [kg]; NaN where not on record.
    """

    alloy: str
    months: tuple[str, ...]
    masses: dict[str, F8] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlantStreams:
    """The streams of a plant by alloy, and what could not be placed."""

    alloys: tuple[AlloyStreams, ...]
    notes: tuple[Text, ...]


class _Books:
    """Sums by alloy and month; one number that is missing makes its sum missing."""

    def __init__(self) -> None:
        self.sums: dict[tuple[str, str, str], float] = {}

    def add(self, alloy: str, month: str, stream: str, mass: float) -> None:
        key = (alloy, month, stream)
        self.sums[key] = self.sums.get(key, 0.0) + mass

    def get(self, alloy: str, month: str, stream: str) -> float:
        return self.sums.get((alloy, month, stream), math.nan)


def metal_streams(plant: PlantFolder, own: OwnStreams | None = None) -> PlantStreams:
    """Return the streams of metal by alloy and month.

    Parameters
    ----------
    plant : PlantFolder
    own : OwnStreams or None
        Masses that no record holds; they go before what records tell.

    Notes
    -----
    *Charged*: `charge_item` of the heats tapped in the month, with what treatments add to them and to their ladles;
    coke, sand and the like are no metal. *Loss*: slag taken off. *Poured*: mass tapped. *Good*, *scrap* and *castings
    in work* (not inspected, or in rework): pieces poured in the month by their result or the last decision on them;
    a batch counts with what no step has moved out of it. *Returns*: own lots of returns of the month. Where no piece
    is on record and the plant melts one alloy, `production` tells good and scrap, and where it melts one alloy
    `material` tells returns sold. A heat left in the furnace over the end of a month is not counted.
    """
    notes: list[Text] = []
    books, zone = _Books(), plant.settings.zone
    heats = _heats(plant, books, zone, notes)
    _charges(plant, books, heats)
    _treatments(plant, books, heats)
    _pieces(plant, books, heats, zone)
    alloys = sorted({alloy for alloy, _ in heats.values() if alloy})
    single = alloys[0] if len(alloys) == 1 else ""
    _returned(plant, books, zone, single, notes)
    if single:
        _monthly(plant, books, single)
    made = []
    for alloy in alloys:
        months = tuple(sorted({month for a, month, _ in books.sums if a == alloy}))
        streams = AlloyStreams(alloy, months)
        for stream in STREAMS:
            told = [own.mass(alloy, month, stream) if own is not None else None for month in months]
            known = [books.get(alloy, m, stream) if t is None else t for m, t in zip(months, told, strict=True)]
            streams.masses[stream] = np.array(known, dtype=np.float64)
        made.append(streams)
    return PlantStreams(tuple(made), tuple(notes))


def _heats(plant: PlantFolder, books: _Books, zone: str, notes: list[Text]) -> dict[str, tuple[str, str]]:
    """Return alloy and month of every heat, and book what was tapped and slagged off."""
    found: dict[str, tuple[str, str]] = {}
    nameless = 0
    for row in plant.records.read("heat"):
        alloy = row["alloy"]
        month = _month(row["tapped_at"], zone)
        nameless += alloy is None
        found[str(row["id"])] = (str(alloy or ""), month)
        if alloy is not None:
            books.add(str(alloy), month, "poured", _number(row["mass"]))
            books.add(str(alloy), month, "loss", _number(row["slag_mass"]))
    if nameless:
        notes.append(
            text(
                "{count} heats have no alloy on record and are in no balance; `heat.alloy` would settle it",
                count=nameless,
            )
        )
    return found


def _charges(plant: PlantFolder, books: _Books, heats: Mapping[str, tuple[str, str]]) -> None:
    columns = plant.records.columns("charge_item", ("heat", "material", "mass"))
    met = set()
    for heat, material, mass in zip(columns["heat"], columns["material"], columns["mass"], strict=True):
        alloy, month = heats.get(str(heat), ("", ""))
        if alloy and str(material) in METALS:
            met.add(str(heat))
            returned = float(mass) if material == "returns" else 0.0
            books.add(alloy, month, "returns_charged", returned)
            books.add(alloy, month, "new_metal", float(mass) - returned)
    for heat, (alloy, month) in heats.items():
        if alloy and heat not in met:
            books.add(alloy, month, "new_metal", math.nan)
            books.add(alloy, month, "returns_charged", math.nan)


def _treatments(plant: PlantFolder, books: _Books, heats: Mapping[str, tuple[str, str]]) -> None:
    ladles = plant.records.columns("ladle", ("id", "heat"))
    of_ladle = {str(i): str(heat) for i, heat in zip(ladles["id"], ladles["heat"], strict=True)}
    for row in plant.records.read("treatment"):
        heat = str(row["heat"]) if row["heat"] is not None else of_ladle.get(str(row["ladle"]), "")
        alloy, month = heats.get(heat, ("", ""))
        if alloy and row["kind"] in _ADDING:
            books.add(alloy, month, "new_metal", _number(row["mass"]))


def _pieces(plant: PlantFolder, books: _Books, heats: Mapping[str, tuple[str, str]], zone: str) -> None:
    products = {str(row["id"]): row for row in plant.records.read("product")}
    moved: dict[str, float] = {}
    for row in plant.records.read("batch_step"):
        if row["kind"] in _MOVING:
            moved[str(row["from_piece"])] = moved.get(str(row["from_piece"]), 0.0) + _number(row["count"])
    decided = _decisions(plant)
    names = ("id", "product", "made_at", "heat", "lot", "mass", "count", "result")
    columns = plant.records.columns("piece", names)
    months = _months(columns["made_at"].astype(np.float64), zone)
    for n, (piece, product, heat, lot, mass, count, result) in enumerate(
        zip(*(columns[name] for name in names if name != "made_at"), strict=True)
    ):
        known = products.get(str(product))
        alloy = known["alloy"] if known is not None else None
        if lot is not None and heat is None:
            continue  # forged from bar: no metal of this shop
        alloy = str(alloy) if alloy is not None else heats.get(str(heat), ("", ""))[0]
        if not alloy:
            continue
        pieces = 1.0 if not math.isfinite(_number(count)) else _number(count)
        left = max(pieces - moved.get(str(piece), 0.0), 0.0)
        part = _number(known["mass"]) if known is not None else math.nan
        whole = _number(mass) * left / pieces if math.isfinite(_number(mass)) else left * part
        fate = _fate(str(result) if result is not None else "", decided.get(str(piece), ""))
        for stream in ("good", "scrap", "stock_change"):
            books.add(alloy, months[n], stream, (whole if stream == fate else 0.0) if left > 0.0 else 0.0)


def _fate(result: str, decision: str) -> str:
    """Return the stream a casting belongs to: the last decision on it goes before what inspection found."""
    if decision in _SCRAPPED:
        return "scrap"
    if decision in _ACCEPTED:
        return "good"
    return {"good": "good", "reject": "scrap"}.get(result, "stock_change")


def _decisions(plant: PlantFolder) -> dict[str, str]:
    columns = plant.records.columns("disposition", ("subject_id", "decided_at", "decision"), subject="piece")
    order = np.argsort(columns["decided_at"], kind="stable")
    return {str(columns["subject_id"][n]): str(columns["decision"][n]) for n in order}


def _returned(plant: PlantFolder, books: _Books, zone: str, single: str, notes: list[Text]) -> None:
    nameless = 0
    for row in plant.records.read("lot", material="returns"):
        if row["supplier"] is not None:
            continue
        alloy = str(row["alloy"] or single)
        nameless += not alloy
        if alloy:
            books.add(alloy, _month(row["received_at"], zone), "returns", _number(row["mass"]))
    if nameless:
        notes.append(
            text(
                "{count} lots of own returns have no alloy and are in no balance; `lot.alloy` would settle it",
                count=nameless,
            )
        )


def _monthly(plant: PlantFolder, books: _Books, alloy: str) -> None:
    """Book what monthly records tell of a plant that melts one alloy, where no piece tells it."""
    pieces = {(month, stream) for a, month, stream in books.sums if a == alloy and stream in ("good", "scrap")}
    for row in plant.records.read("production", route="casting"):
        month = str(row["month"])
        for stream, name in (("good", "good_mass_t"), ("scrap", "scrap_mass_t")):
            if (month, stream) not in pieces:
                books.add(alloy, month, stream, 1000.0 * _number(row[name]))
    for row in plant.records.read("material", material="returns", direction="sold"):
        books.add(alloy, str(row["month"]), "sold", 1000.0 * _number(row["mass_t"]))


def _month(at: object, zone: str) -> str:
    assert isinstance(at, int)  # noqa: S101  (a required field)
    return from_us(at, zone).strftime("%Y-%m")


def _months(times: F8, zone: str) -> list[str]:
    """Return the months of many instants."""
    if not times.size:
        return []
    names, starts = [], []
    month = _month(int(times.min()), zone)
    last = int(times.max())
    while True:
        day: date = month_start(month)
        start, end = Period(day, next_month(day)).bounds_us(zone)
        names.append(month)
        starts.append(start)
        if end > last:
            break
        month = next_month(day).strftime("%Y-%m")
    return [names[at] for at in np.searchsorted(np.array(starts, dtype=np.float64), times, side="right") - 1]


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float | np.number) else math.nan


def lacking(streams: AlloyStreams, needed: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return, for each stream that is not on record in some month, the months."""
    found = {}
    for stream in needed:
        months = tuple(m for m, mass in zip(streams.months, streams.masses[stream], strict=True) if math.isnan(mass))
        if months:
            found[stream] = months
    return found
