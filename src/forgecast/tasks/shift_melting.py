"""What moving the heats of a plant to cheaper hours would have saved, day by day, against a proven bound."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

import numpy as np

from forgecast.energy.melt_shift import Run, Shifted, shift_runs
from forgecast.energy.month import FloatArray
from forgecast.energy.tariff import priced
from forgecast.ground.dates import HOUR_US, day_start_us, from_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.bill_energy import tariff_of
from forgecast.tasks.energy_series import meter_of, view_of
from forgecast.tasks.plant_view import PlantView, Row

#: Days of one call: a plan for a day is proven in seconds, a month in a minute or two.
MOST_DAYS = 31


@dataclass(frozen=True, slots=True, eq=False)
class DayPlan:
    """One day's heats, as they were and as they might have been.

    Parameters
    ----------
    day : str
    runs : tuple of Run
    plan : Shifted
    starts_us : tuple of int
        When each begins in the plan.
    price : (s,) float64 array
    first_us : int
        Start of the first slot.
    """

    day: str
    runs: tuple[Run, ...]
    plan: Shifted
    starts_us: tuple[int, ...]
    price: FloatArray
    first_us: int


@dataclass(frozen=True, slots=True, eq=False)
class ShiftAnswer:
    """What shifting would have saved.

    Parameters
    ----------
    tariff, zone : str
    days : tuple of DayPlan
    left_out : int
        Heats without start, tap or energy, or that overlap on their furnace.
    notes : tuple of Text
    """

    tariff: str
    zone: str
    days: tuple[DayPlan, ...]
    left_out: int
    notes: tuple[Text, ...]

    @property
    def before(self) -> float:
        """Return what melting cost as it was."""
        return sum(one.plan.cost_before for one in self.days)

    @property
    def after(self) -> float:
        """Return what it costs in the plan."""
        return sum(one.plan.cost_after for one in self.days)

    @property
    def bound(self) -> float:
        """Return what no plan undercuts."""
        return sum(one.plan.bound for one in self.days)

    def as_json(self) -> dict[str, object]:
        """Return the answer."""
        return {
            "tariff": self.tariff,
            "currency": "CNY",
            "cost_before": self.before,
            "cost_after": self.after,
            "saved": self.before - self.after,
            "bound": self.bound,
            "proven": all(one.plan.proven for one in self.days),
            "left_out": self.left_out,
            "days": [
                {
                    "day": one.day,
                    "cost_before": one.plan.cost_before,
                    "cost_after": one.plan.cost_after,
                    "waiting_kWh": one.plan.waiting_kWh,
                    "peak_before_kW": one.plan.peak_before,
                    "peak_after_kW": one.plan.peak_after,
                    "carbon_before_kg": one.plan.carbon_before,
                    "carbon_after_kg": one.plan.carbon_after,
                    "heats": [
                        {
                            "heat": run.name,
                            "furnace": run.furnace,
                            "hours": run.slots,
                            "power_kW": run.power_kW,
                            "was": _clock(one.first_us + run.start * HOUR_US, self.zone),
                            "plan": _clock(start, self.zone),
                        }
                        for run, start in zip(one.runs, one.starts_us, strict=True)
                    ],
                }
                for one in self.days
            ],
            "notes": [note.as_json() for note in self.notes],
        }


def shift_melting(
    folder: PlantFolder,
    *,
    since: date,
    until: date | None = None,
    tariff: str = "",
    earlier_h: int = 4,
    later_h: int = 0,
    capacity_kW: float | None = None,
    hold_kW: float = 0.0,
    carbon_tag: str = "",
    carbon_price: float = 0.0,
) -> ShiftAnswer:
    """Return the cheapest hours for the heats of each day.

    Parameters
    ----------
    folder : PlantFolder
    since : date
    until : date or None
        Last day; without, the same one. At most 31 days.
    tariff : str
        Empty for that of the main meter, or the only one.
    earlier_h, later_h : int
        How many hours a heat may begin before or after it did.
    capacity_kW : float or None
        Highest sum of furnace powers; without, the highest of that day: shifting may not make a new peak.
    hold_kW : float
        Power of a furnace that keeps finished metal hot.
    carbon_tag : str
        Tag with kg of CO2 a kWh; empty for none.
    carbon_price : float
        CNY a kg.

    Raises
    ------
    ForgecastError
        If no heat has start, tap and energy, there is no tariff, or no plan keeps all limits.

    Notes
    -----
    Slots of an hour by the plant's clock. A heat's power is its energy over the hours it fills; the price of a slot is
    the mean of its quarter hours.
    """
    last = until or since
    if (last - since).days >= MOST_DAYS:
        raise ForgecastError(
            text("{days} days are too many for one plan", days=(last - since).days + 1),
            where="--until",
            repair=text("choose at most {most} days", most=MOST_DAYS),
        )
    view = view_of(folder, since, last)
    meters = [row for row in view.rows("meter") if row.text("carrier") == "electricity" and not row.text("parent")]
    name, versions = tariff_of(view, meter_of(view, "") if len(meters) == 1 or not tariff else meters[0], tariff)
    days, left_out = [], 0
    for n in range((last - since).days + 1):
        day = since + timedelta(days=n)
        first = day_start_us(day, view.zone)
        # A heat may run over midnight, so the night that follows belongs to the day's plan.
        slots = (day_start_us(day + timedelta(days=1), view.zone) - first) // HOUR_US + 12
        runs, odd = _runs(view, first, int(slots), earlier_h, later_h, hold_kW)
        left_out += odd
        if not runs:
            continue
        quarters = first + np.arange(int(slots) * 4, dtype=np.int64) * (HOUR_US // 4)
        price = priced(quarters, versions, view.zone).price.reshape(-1, 4).mean(axis=1)
        carbon = _carbon(view, carbon_tag, first, int(slots)) if carbon_tag else None
        limit = capacity_kW if capacity_kW is not None else _highest(runs, int(slots))
        plan = shift_runs(runs, price, capacity_kW=limit, carbon=carbon, carbon_price=carbon_price)
        starts = tuple(first + start * HOUR_US for start in plan.starts)
        days.append(DayPlan(day.isoformat(), tuple(runs), plan, starts, price, first))
    if not days:
        raise ForgecastError(
            text("no heat of these days has its start, tap and energy on record"),
            where="heat",
            repair=text("take in heat.started_at, heat.tapped_at and heat.energy_kWh, or choose other days"),
        )
    return ShiftAnswer(name, view.zone, tuple(days), left_out, tuple(_notes(days, left_out)))


def _runs(view: PlantView, first: int, slots: int, earlier: int, later: int, hold: float) -> tuple[list[Run], int]:
    rows = [r for r in view.within("heat", "tapped_at") if _begun_within(r, first)]
    odd = sum(
        1
        for r in view.within("heat", "tapped_at")
        if not np.isfinite(r.number_of("started_at") + r.number_of("energy_kWh"))
        and 0 <= (r.number_of("tapped_at") - first) // HOUR_US < 24
    )
    runs: list[Run] = []
    free: Counter[str] = Counter()
    for row in sorted(rows, key=lambda one: one.number_of("started_at")):
        begun, tapped = row.number_of("started_at"), row.number_of("tapped_at")
        length = max(1, ceil((tapped - begun) / HOUR_US - 0.5))
        # Heats are laid on whole hours one after the other, so that the plan as it was keeps the furnace's order.
        start = max(round((begun - first) / HOUR_US), free[row.text("furnace")])
        if start + length > slots:
            odd += 1
            continue
        free[row.text("furnace")] = start + length
        runs.append(
            Run(
                row.text("id"),
                row.text("furnace"),
                length,
                row.number_of("energy_kWh") / length,
                start,
                max(start - earlier, 0),
                start + later,
                hold,
            )
        )
    return runs, odd


def _begun_within(row: Row, first: int) -> bool:
    begun, energy = row.number_of("started_at"), row.number_of("energy_kWh")
    return bool(np.isfinite(begun + energy)) and 0 <= begun - first < 24 * HOUR_US


def _highest(runs: list[Run], slots: int) -> float:
    load = np.zeros(slots)
    for run in runs:
        load[run.start : run.start + run.slots] += run.power_kW
    return float(load.max())


def _carbon(view: PlantView, tag: str, first: int, slots: int) -> FloatArray:
    series = view.folder.telemetry.series(tag, first, first + slots * HOUR_US + 1)
    at = (series.t - 1 - first) // HOUR_US
    good = (series.flag == 0) & (at >= 0) & (at < slots)
    counts = np.bincount(at[good], minlength=slots)
    if not (counts > 0).all():
        raise ForgecastError(
            text("the tag {tag} does not cover every hour of the plan", tag=tag),
            where="--carbon",
            repair=text("take in the hours that are missing, or leave the signal out"),
        )
    return np.asarray(np.bincount(at[good], weights=series.value[good], minlength=slots) / counts)


def _notes(days: list[DayPlan], left_out: int) -> list[Text]:
    notes = [text("prices only: whether moulds, people and chemistry can follow is for the plant to say")]
    if left_out:
        notes.append(
            text(
                "{count} heats are left out: start, tap or energy is not on record, or they run past the night",
                count=left_out,
            )
        )
    if not all(one.plan.proven for one in days):
        notes.append(text("a plan is not proven to be the cheapest; the bound says how far it can be off"))
    return notes


def _clock(t: int, zone: str) -> str:
    return f"{from_us(t, zone):%Y-%m-%d %H:%M}"
