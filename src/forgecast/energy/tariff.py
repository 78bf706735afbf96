"""Electricity tariffs: what each interval, each month's demand and its power factor cost, by the plant's clock."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forgecast.energy.month import FloatArray
from forgecast.energy.plant_clock import month_name, plant_clock
from forgecast.ground.dates import month_start, next_month
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text

DemandBasis: TypeAlias = Literal["metered_demand", "contracted_demand", "capacity", "none", ""]
KIND_TEXTS: Final[dict[str, Text]] = {
    "sharp": text("sharp peak"),
    "peak": text("peak"),
    "flat": text("flat"),
    "valley": text("valley"),
    "deep_valley": text("deep valley"),
}
_DAY_MINUTES: Final = 1440
_EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of a day with one price.

    Parameters
    ----------
    kind : str
        ``sharp``, ``peak``, ``flat``, ``valley`` or ``deep_valley``.
    months : frozenset of int
        1 to 12.
    start, end : int
        Minutes of the day by the plant's clock, end exclusive; a stretch over midnight has its end before its start.
    price : float or None
        Of a kWh; None where it is not on record.
    """

    kind: str
    months: frozenset[int]
    start: int
    end: int
    price: float | None

    def holds(self, minute: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which minutes of the day it holds."""
        if self.start < self.end:
            return np.asarray((minute >= self.start) & (minute < self.end))
        return np.asarray((minute >= self.start) | (minute < self.end))


@dataclass(frozen=True, slots=True)
class Tariff:
    """One version of a contract.

    Parameters
    ----------
    name : str
    valid_from : date
    valid_until : date or None
        Last day; None while it holds.
    hours : tuple of Hours
    basis : DemandBasis
    demand_price : float or None
        Of a kW (kVA) and month.
    contracted_kW, capacity_kVA : float or None
    required_power_factor : float or None
    """

    name: str
    valid_from: date
    valid_until: date | None
    hours: tuple[Hours, ...]
    basis: DemandBasis = ""
    demand_price: float | None = None
    contracted_kW: float | None = None
    capacity_kVA: float | None = None
    required_power_factor: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Priced:
    """Price and kind of each interval.

    Parameters
    ----------
    price : (n,) float64 array
        NaN where no hours of the tariff hold.
    kind : tuple of str
        Empty where none hold.
    """

    price: FloatArray
    kind: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MonthBill:
    """What a month costs.

    Parameters
    ----------
    month : str
    energy_kWh : mapping of str to float
        By kind of hours.
    energy_cost : mapping of str to float
    demand_kW : float or None
        Highest mean power of an interval.
    demand_at_us : int or None
        Start of that interval.
    billed_demand : float or None
        What the demand charge is counted on, kW or kVA.
    demand_cost : float or None
    power_factor : float or None
        Of the month's energies.
    factor_cost : float or None
        Adjustment by the table the user gave; None where there is none.
    total : float or None
        None where a part is not known.
    missing_intervals : int
        Due and not there: what they cost is not in the sums.
    unpriced_kWh : float
    reasons : tuple of Text
        Why a part is not known.
    """

    month: str
    energy_kWh: Mapping[str, float]
    energy_cost: Mapping[str, float]
    demand_kW: float | None
    demand_at_us: int | None
    billed_demand: float | None
    demand_cost: float | None
    power_factor: float | None
    factor_cost: float | None
    total: float | None
    missing_intervals: int
    unpriced_kWh: float
    reasons: tuple[Text, ...]


def minute_of_day(written: str, where: str = "") -> int:
    """Return a time of day written HH:MM as minutes; 24:00 is 1440.

    Raises
    ------
    ForgecastError
        If it is written otherwise.
    """
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", written.strip())
    if found is not None:
        minute = 60 * int(found[1]) + int(found[2])
        if minute <= _DAY_MINUTES and int(found[2]) < 60:
            return minute
    raise ForgecastError(
        text("{written} is no time of day", written=written),
        where=where,
        repair=text("write HH:MM, and 24:00 for midnight at the end of a day"),
    )


def months_of(written: str, where: str = "") -> frozenset[int]:
    """Return months written as ``7,8`` or ``1-12``; 11-2 runs over the turn of the year.

    Raises
    ------
    ForgecastError
        If it is written otherwise.
    """
    months: set[int] = set()
    for part in re.split(r"[,，、]", written):
        found = re.fullmatch(r"\s*(\d{1,2})\s*(?:[-–~～]\s*(\d{1,2})\s*)?", part)
        first = int(found[1]) if found else 0
        last = int(found[2]) if found and found[2] else first
        if not 1 <= first <= 12 or not 1 <= last <= 12:
            raise ForgecastError(
                text("{written} names no months", written=written),
                where=where,
                repair=text("write months as 7,8 or 1-12"),
            )
        months.update(range(first, last + 1) if first <= last else (*range(first, 13), *range(1, last + 1)))
    return frozenset(months)


def check_hours(tariff: Tariff) -> None:
    """Refuse a tariff two of whose hours hold at once.

    Raises
    ------
    ForgecastError
    """
    minutes = np.arange(_DAY_MINUTES)
    for month in range(1, 13):
        held = [one for one in tariff.hours if month in one.months]
        counts = np.sum([one.holds(minutes) for one in held], axis=0) if held else np.zeros(_DAY_MINUTES)
        if np.any(counts > 1):
            at = int(np.argmax(counts > 1))
            raise ForgecastError(
                text("two prices hold in month {month} at {clock}", month=month, clock=f"{at // 60:02d}:{at % 60:02d}"),
                where=f"tariff_period {tariff.name}",
                repair=text("correct months, start or end of one of them"),
            )


def priced(times_us: NDArray[np.int64], tariffs: Sequence[Tariff], zone: str) -> Priced:
    """Return the price that holds at each instant.

    Parameters
    ----------
    times_us : (n,) int64 array
        Starts of intervals, microseconds UTC.
    tariffs : sequence of Tariff
        Versions of one contract; the later one wins where two hold on a day.
    zone : str
        Zone of the plant's clock, by which tariffs are written.

    Raises
    ------
    ForgecastError
        As `check_hours`.
    """
    clock = plant_clock(times_us, zone)
    price = np.full(clock.day.size, np.nan)
    kind = np.full(clock.day.size, "", dtype=object)
    for tariff in sorted(tariffs, key=lambda one: one.valid_from):
        check_hours(tariff)
        first = (tariff.valid_from - _EPOCH).days
        last = (tariff.valid_until - _EPOCH).days if tariff.valid_until else np.iinfo(np.int64).max
        within = (clock.day >= first) & (clock.day <= last)
        price[within], kind[within] = np.nan, ""
        for hours in tariff.hours:
            held = within & np.isin(clock.month_of_year, sorted(hours.months)) & hours.holds(clock.minute)
            price[held] = np.nan if hours.price is None else hours.price
            kind[held] = hours.kind
    return Priced(price, tuple(str(one) for one in kind))


def bill(
    times_us: NDArray[np.int64],
    energy_kWh: ArrayLike,
    tariffs: Sequence[Tariff],
    zone: str,
    *,
    interval: float,
    reactive_kvarh: ArrayLike | None = None,
    factor_table: Mapping[float, float] | None = None,
) -> tuple[MonthBill, ...]:
    """Return what each month costs.

    Parameters
    ----------
    times_us : (n,) int64 array
        Starts of the intervals, microseconds UTC, ascending.
    energy_kWh : (n,) array
        NaN where not there; it is never filled in.
    tariffs : sequence of Tariff
        Versions of one contract.
    zone : str
    interval : float
        Length of an interval [s]; the demand is the highest mean over one of them.
    reactive_kvarh : (n,) array or None
        Lagging reactive energy.
    factor_table : mapping of float to float or None
        Adjustment [1] of energy and demand charges by power factor in hundredths, as the contract says; positive is a
        surcharge. Nothing is taken from memory: without a table there is no adjustment but the words "not known".

    Raises
    ------
    ForgecastError
        As `priced`.

    Notes
    -----
    Equations: energy Σ E p; demand max(E · 3600/interval) · p_D, or contracted kW, or transformer kVA; power factor
    Σ P/√((Σ P)² + (Σ Q)²). What a contract charges for a demand above the contracted one is not encoded.
    """
    times, energy = np.asarray(times_us, dtype=np.int64), np.asarray(energy_kWh, dtype=np.float64)
    found = priced(times, tariffs, zone)
    clock = plant_clock(times, zone)
    reactive = None if reactive_kvarh is None else np.asarray(reactive_kvarh, dtype=np.float64)
    kinds = np.array(found.kind, dtype=object)
    bills = []
    for month in np.unique(clock.month):
        part = clock.month == month
        version = _version(tariffs, month_name(int(month)))
        bills.append(
            _month(
                month_name(int(month)),
                _Part(
                    times[part],
                    energy[part],
                    found.price[part],
                    kinds[part],
                    None if reactive is None else reactive[part],
                ),
                version,
                interval,
                factor_table,
            )
        )
    return tuple(bills)


def _version(tariffs: Sequence[Tariff], month: str) -> Tariff | None:
    """Return the version that holds on the last day of a month, which its demand is charged by."""
    last = next_month(month_start(month)) - timedelta(days=1)
    held = [one for one in tariffs if one.valid_from <= last and (one.valid_until is None or one.valid_until >= last)]
    return max(held, key=lambda one: one.valid_from) if held else None


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """The intervals of a month."""

    times: NDArray[np.int64]
    energy: FloatArray
    price: FloatArray
    kinds: NDArray[np.object_]
    reactive: FloatArray | None


def _month(
    month: str, part: _Part, version: Tariff | None, interval: float, factor_table: Mapping[float, float] | None
) -> MonthBill:
    times, energy, price, kinds, reactive = part.times, part.energy, part.price, part.kinds, part.reactive
    there = np.isfinite(energy)
    reasons: list[Text] = []
    missing = int((~there).sum())
    if missing:
        reasons.append(text("{count} intervals of {month} are not there", count=missing, month=month))
    unpriced = float(energy[there & np.isnan(price)].sum())
    if unpriced != 0.0:
        reasons.append(text("no price is on record for {kWh} kWh of {month}", kWh=round(unpriced, 1), month=month))
    use, cost = {}, {}
    for kind in dict.fromkeys(str(one) for one in kinds[there] if one):
        of = there & (kinds == kind)
        use[kind] = float(energy[of].sum())
        if np.isfinite(price[of]).all():
            cost[kind] = float((energy[of] * price[of]).sum())
    peak, at = None, None
    if there.any():
        best = int(np.nanargmax(energy))
        peak, at = float(energy[best]) * 3600.0 / interval, int(times[best])
    billed, demand_cost = _demand(version, peak, month, reasons)
    factor = None
    if reactive is not None:
        both = there & np.isfinite(reactive)
        p, q = float(energy[both].sum()), float(reactive[both].sum())
        factor = p / float(np.hypot(p, q)) if both.any() and np.hypot(p, q) > 0.0 else None
    factor_cost = None
    parts = None if unpriced != 0.0 or missing or demand_cost is None else sum(cost.values()) + demand_cost
    if version is not None and version.required_power_factor is not None:
        factor_cost = _adjusted(factor, parts, factor_table, month, reasons)
        parts = None if parts is None or factor_cost is None else parts + factor_cost
    return MonthBill(
        month, use, cost, peak, at, billed, demand_cost, factor, factor_cost, parts, missing, unpriced, tuple(reasons)
    )


def _demand(
    version: Tariff | None, peak: float | None, month: str, reasons: list[Text]
) -> tuple[float | None, float | None]:
    if version is None:
        reasons.append(text("no tariff holds at the end of {month}", month=month))
        return None, None
    if version.basis == "none":
        return None, 0.0
    bases = {
        "metered_demand": peak,
        "contracted_demand": version.contracted_kW,
        "capacity": version.capacity_kVA,
        "": None,
    }
    billed = bases[version.basis]
    if billed is None or version.demand_price is None:
        reasons.append(text("the basis or price of the demand charge is not on record"))
        return billed, None
    if version.basis == "contracted_demand" and peak is not None and peak > billed:
        reasons.append(
            text(
                "the peak of {month}, {kW} kW, is above the contracted demand; what that costs is not in the bill",
                month=month,
                kW=round(peak),
            )
        )
    return billed, billed * version.demand_price


def _adjusted(
    factor: float | None, parts: float | None, table: Mapping[float, float] | None, month: str, reasons: list[Text]
) -> float | None:
    if factor is None:
        reasons.append(text("the power factor of {month} is not known: no reactive energy", month=month))
        return None
    share = (table or {}).get(round(factor, 2))
    if share is None:
        reasons.append(text("the adjustment for a power factor of {factor} is not given", factor=f"{factor:.2f}"))
        return None
    return None if parts is None else parts * share
