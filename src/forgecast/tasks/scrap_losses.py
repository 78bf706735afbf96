"""What scrap and rework take: pieces by part, defect or machine, the worth of their metal, and first-pass yield."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from forgecast.ground.texts import Text, text
from forgecast.quality.scrap import FloatArray, wilson_interval
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.watched import Wanted, Watched, calendar_labels, natural
from forgecast.tasks.watched_records import watched_in_plant

_SCRAP, _REWORK, _GOOD = "reject", "rework", "good"


@dataclass(frozen=True, slots=True)
class Loss:
    """What one part, defect or machine takes.

    Parameters
    ----------
    name : str
        Empty where the record does not say.
    scrapped, reworked : int
        Pieces.
    inspected : int or None
        Pieces with a result; None where the group is a trait of bad pieces only (a defect).
    share : float
        Of all scrapped and reworked pieces [1].
    cumulative : float
        With those before it [1].
    worth_CNY : float or None
        Of the metal in the scrapped pieces whose price is on record; None where none is.
    unpriced : int
        Scrapped pieces without a price, which are in no worth.
    """

    name: str
    scrapped: int
    reworked: int
    inspected: int | None
    share: float
    cumulative: float
    worth_CNY: float | None
    unpriced: int

    def as_json(self) -> dict[str, object]:
        """Return the line."""
        return {
            "name": self.name,
            "scrapped": self.scrapped,
            "reworked": self.reworked,
            "inspected": self.inspected,
            "share": self.share,
            "cumulative": self.cumulative,
            "worth_CNY": self.worth_CNY,
            "unpriced": self.unpriced,
        }


@dataclass(frozen=True, slots=True)
class MonthYield:
    """First-pass yield of a month: pieces good at once, of those inspected, with a Wilson interval."""

    month: str
    inspected: int
    good: int
    share: float
    low: float
    high: float

    def as_json(self) -> dict[str, object]:
        """Return the month."""
        return {
            "month": self.month,
            "inspected": self.inspected,
            "good": self.good,
            "share": self.share,
            "low": self.low,
            "high": self.high,
        }


@dataclass(frozen=True, slots=True)
class ScrapLosses:
    """Losses in the order in which they matter, and the yield by month.

    Parameters
    ----------
    by : str
    losses : tuple of Loss
    months : tuple of MonthYield
    inspected, scrapped, reworked : int
    worth_CNY : float or None
        Of the metal in all scrapped pieces that have a price.
    unpriced : int
    notes : tuple of Text
    """

    by: str
    losses: tuple[Loss, ...]
    months: tuple[MonthYield, ...]
    inspected: int
    scrapped: int
    reworked: int
    worth_CNY: float | None
    unpriced: int
    notes: tuple[Text, ...]

    def as_json(self) -> dict[str, object]:
        """Return losses and yield."""
        return {
            "by": self.by,
            "losses": [one.as_json() for one in self.losses],
            "months": [one.as_json() for one in self.months],
            "inspected": self.inspected,
            "scrapped": self.scrapped,
            "reworked": self.reworked,
            "worth_CNY": self.worth_CNY,
            "unpriced": self.unpriced,
            "notes": [note.as_json() for note in self.notes],
        }


def scrap_losses(
    plant: PlantFolder, by: str = "product", *, since: date | None = None, until: date | None = None
) -> ScrapLosses:
    """Return what scrap and rework take, by any label of pieces.

    Parameters
    ----------
    plant : PlantFolder
    by : str
        Label: ``product``, ``defect``, ``furnace``, ``die`` …
    since, until : date or None
        First and last local day.

    Raises
    ------
    ForgecastError
        If pieces have no such label, or none lies in this time.
    """
    labels = tuple(dict.fromkeys((by, "product", "result")))
    watched = watched_in_plant(plant, Wanted(("piece.result",), labels, (), since, until))
    results = _words(watched, "result")
    scrapped = np.where(results == _SCRAP, watched.weights, 0.0)
    reworked = np.where(results == _REWORK, watched.weights, 0.0)
    prices = metal_worth_of_products(plant)
    price = np.array([prices.get(name, np.nan) for name in _words(watched, "product")])
    losses = _by_group(watched, by, scrapped, reworked, price)
    priced = np.isfinite(price)
    notes = [text("worth: the metal in the scrapped pieces at the prices of the charge or the billets on record; "
                  "energy and work are not in it")]  # fmt: skip
    if not priced[scrapped > 0].all():
        notes.append(text("some products have no price on record: give their mass, and a price to the lots of their "
                          "charge"))  # fmt: skip
    return ScrapLosses(
        by, losses, _months(watched, results), round(float(watched.weights[results != ""].sum())),
        round(float(scrapped.sum())), round(float(reworked.sum())), _worth(scrapped, price),
        round(float(scrapped[~priced].sum())), (*watched.notes, *notes),
    )  # fmt: skip


def metal_worth_of_products(plant: PlantFolder) -> dict[str, float]:
    """Return what the metal of one piece of each product costs [CNY]; products without mass or price are left out.

    The price of an alloy is that of the charges of its heats whose bought lots all have one, for what was tapped; of
    forgings that of the billets of the alloy, weighted by their mass.
    """
    price_of_lot = {str(row["id"]): float(str(row["price_per_t"])) / 1000.0
                    for row in plant.records.read("lot") if row["price_per_t"] is not None}  # fmt: skip
    of_alloy = _price_of_billets(plant) | _price_of_melts(plant, price_of_lot)
    found = {}
    for row in plant.records.read("product"):
        price = of_alloy.get(str(row["alloy"]))
        if price is not None and row["mass"] is not None:
            found[str(row["id"])] = price * float(str(row["mass"]))
    return found


def _price_of_melts(plant: PlantFolder, price_of_lot: Mapping[str, float]) -> dict[str, float]:
    """Return by alloy what a kilogram of tapped metal costs; the plant's own returns are worth what the rest costs."""
    charges: dict[str, _Charge] = {}
    for item in plant.records.read("charge_item"):
        price, mass = price_of_lot.get(str(item["lot"])), item["mass"]
        charge = charges.setdefault(str(item["heat"]), _Charge())
        own = price is None and item["material"] == "returns"
        kilograms = float(str(mass)) if mass is not None else np.nan
        charge.whole += kilograms
        if not own:
            # One bought part without a price leaves the whole heat without one.
            charge.cost += kilograms * (np.nan if price is None else price)
            charge.bought += kilograms
    paid: dict[str, float] = {}
    tapped: dict[str, float] = {}
    for row in plant.records.read("heat"):
        one = charges.get(str(row["id"]))
        if one is None or row["mass"] is None or row["alloy"] is None or not np.isfinite(one.cost + one.whole):
            continue
        alloy = str(row["alloy"])
        paid[alloy] = paid.get(alloy, 0.0) + one.cost
        tapped[alloy] = tapped.get(alloy, 0.0) + float(str(row["mass"])) * one.bought / one.whole
    return {alloy: paid[alloy] / tapped[alloy] for alloy in paid if tapped[alloy] > 0.0}


@dataclass(slots=True)
class _Charge:
    """What went into a heat: cost and mass of what was bought, and the mass of all [kg]."""

    cost: float = 0.0
    bought: float = 0.0
    whole: float = 0.0


def _price_of_billets(plant: PlantFolder) -> dict[str, float]:
    paid: dict[str, float] = {}
    bought: dict[str, float] = {}
    for row in plant.records.read("lot", material="billet"):
        if row["price_per_t"] is not None and row["mass"] is not None and row["alloy"] is not None:
            alloy, mass = str(row["alloy"]), float(str(row["mass"]))
            paid[alloy] = paid.get(alloy, 0.0) + mass * float(str(row["price_per_t"])) / 1000.0
            bought[alloy] = bought.get(alloy, 0.0) + mass
    return {alloy: paid[alloy] / bought[alloy] for alloy in paid if bought[alloy] > 0.0}


def _words(watched: Watched, label: str) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    return np.array(["" if word is None else str(word) for word in watched.labels[label]], dtype=str)


def _worth(pieces: FloatArray, price: FloatArray) -> float | None:
    some = (pieces > 0.0) & np.isfinite(price)
    return float((pieces[some] * price[some]).sum()) if some.any() else None


def _by_group(
    watched: Watched, by: str, scrapped: FloatArray, reworked: FloatArray, price: FloatArray
) -> tuple[Loss, ...]:
    words = _words(watched, by)
    inspected = np.where(_words(watched, "result") == "", 0.0, watched.weights)
    lost = scrapped + reworked
    total = float(lost.sum())
    rows = []
    for name in sorted(set(words[lost > 0.0].tolist()), key=natural):
        mine = words == name
        rows.append((name, float(lost[mine].sum()), mine))
    rows.sort(key=lambda row: -row[1])
    made, sofar = [], 0.0
    for name, taken, mine in rows:
        sofar += taken
        bad_only = not ((words == name) & (inspected > 0.0) & (lost == 0.0)).any()
        made.append(
            Loss(
                name, round(float(scrapped[mine].sum())), round(float(reworked[mine].sum())),
                None if bad_only else round(float(inspected[mine].sum())), taken / total, sofar / total,
                _worth(scrapped[mine], price[mine]), round(float(scrapped[mine & ~np.isfinite(price)].sum())),
            )
        )  # fmt: skip
    return tuple(made)


def _months(watched: Watched, results: np.ndarray[tuple[int], np.dtype[np.str_]]) -> tuple[MonthYield, ...]:
    if watched.times is None:
        return ()
    months = calendar_labels(watched.times, watched.zone, "month")
    made = []
    for month in sorted(set(months.tolist())):
        mine = (months == month) & (results != "")
        inspected = round(float(watched.weights[mine].sum()))
        good = round(float(watched.weights[mine & (results == _GOOD)].sum()))
        if inspected:
            low, high = wilson_interval(good, inspected)
            made.append(MonthYield(str(month), inspected, good, good / inspected, float(low), float(high)))
    return tuple(made)
