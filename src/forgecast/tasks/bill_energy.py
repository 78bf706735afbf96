"""What a plant's electricity costs by its tariff, and what made the peak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import cast

import numpy as np

from forgecast.energy.month import FloatArray
from forgecast.energy.tariff import (
    DemandBasis,
    Hours,
    MonthBill,
    Priced,
    Tariff,
    bill,
    minute_of_day,
    months_of,
    priced,
)
from forgecast.ground.dates import from_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.energy_series import Intervals, machine_intervals, meter_intervals, meter_of, view_of
from forgecast.tasks.fit_energy_baseline import known
from forgecast.tasks.plant_view import PlantView, Row


@dataclass(frozen=True, slots=True)
class PeakShare:
    """What a machine drew in the interval of the highest load.

    Parameters
    ----------
    machine : str
    power_kW : float
    usual_kW : float
        Its mean over the stretch.
    heats : tuple of str
        Heats it melted then.
    """

    machine: str
    power_kW: float
    usual_kW: float
    heats: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Cost:
    """What electricity cost.

    Parameters
    ----------
    meter, tariff, zone : str
    intervals : Intervals
    prices : Priced
    bills : tuple of MonthBill
    peak_at_us : int or None
    peak_kW : float or None
    shares : tuple of PeakShare
        Machines with a series of their own, largest first.
    worth_of_peak : float or None
        What the demand charge of the peak's month would fall by for each kW less.
    notes : tuple of Text
    """

    meter: str
    tariff: str
    zone: str
    intervals: Intervals
    prices: Priced
    bills: tuple[MonthBill, ...]
    peak_at_us: int | None
    peak_kW: float | None
    shares: tuple[PeakShare, ...]
    worth_of_peak: float | None
    notes: tuple[Text, ...]

    @property
    def energy_price(self) -> float | None:
        """Return the mean price of a kWh without demand and power factor; None where nothing is priced."""
        energy = sum(sum(one.energy_kWh[kind] for kind in one.energy_cost) for one in self.bills)
        cost = sum(sum(one.energy_cost.values()) for one in self.bills)
        return cost / energy if energy > 0.0 else None

    def as_json(self) -> dict[str, object]:
        """Return the answer; what is not known is null."""
        return {
            "meter": self.meter,
            "tariff": self.tariff,
            "currency": "CNY",
            "energy_price": self.energy_price,
            "months": [
                {
                    **{k: v for k, v in asdict(one).items() if k not in ("reasons", "demand_at_us")},
                    "demand_at": _moment(one.demand_at_us, self.zone),
                    "reasons": [why.as_json() for why in one.reasons],
                }
                for one in self.bills
            ],
            "peak": {
                "at": _moment(self.peak_at_us, self.zone),
                "power_kW": self.peak_kW,
                "price_of_a_kW": self.worth_of_peak,
                "machines": [
                    {
                        "machine": one.machine,
                        "power_kW": known(one.power_kW),
                        "usual_kW": known(one.usual_kW),
                        "heats": list(one.heats),
                    }
                    for one in self.shares
                ],
            },
            "notes": [note.as_json() for note in self.notes],
        }


def bill_energy(
    folder: PlantFolder,
    *,
    meter: str = "",
    tariff: str = "",
    since: date | None = None,
    until: date | None = None,
    factor_table: Mapping[float, float] | None = None,
) -> Cost:
    """Return what a meter's electricity cost month by month, and which machines made the peak.

    Parameters
    ----------
    folder : PlantFolder
    meter : str
        Empty for the only main meter of electricity.
    tariff : str
        Empty for the meter's own, or the only one on record.
    since, until : date or None
    factor_table : mapping of float to float or None
        Adjustment of the bill by power factor, as the contract gives it; none is shipped.

    Raises
    ------
    ForgecastError
        If meter, tariff or interval energy are not on record.
    """
    view = view_of(folder, since, until)
    row = meter_of(view, meter)
    intervals = needed_intervals(view, row)
    name, versions = tariff_of(view, row, tariff)
    reactive = meter_intervals(view, row.text("id"), "reactive_energy_lagging")
    same = reactive is not None and np.array_equal(reactive.starts_us, intervals.starts_us)
    bills = bill(
        intervals.starts_us,
        intervals.energy_kWh,
        versions,
        view.zone,
        interval=intervals.interval,
        reactive_kvarh=reactive.energy_kWh if reactive is not None and same else None,
        factor_table=factor_table,
    )
    prices = priced(intervals.starts_us, versions, view.zone)
    at, peak = _peak(intervals)
    worth = max(
        (one.demand_price for one in versions if one.basis == "metered_demand" and one.demand_price), default=None
    )
    return Cost(
        row.text("id"),
        name,
        view.zone,
        intervals,
        prices,
        bills,
        at,
        peak,
        _shares(view, at),
        worth,
        tuple(_notes(view, intervals, versions)),
    )


def needed_intervals(view: PlantView, row: Row) -> Intervals:
    """Return a meter's interval energy.

    Raises
    ------
    ForgecastError
        If it has no series.
    """
    intervals = meter_intervals(view, row.text("id"))
    if intervals is None or not np.isfinite(intervals.energy_kWh).any():
        raise ForgecastError(
            text("meter {meter} has no interval energy in these days", meter=row.text("id")),
            where="tag",
            repair=text(
                "take in its quarter hours, with a tag that measures energy (or active power) and names the meter"
            ),
        )
    return intervals


def tariff_of(view: PlantView, meter: Row, asked: str) -> tuple[str, tuple[Tariff, ...]]:
    """Return a tariff's name and versions from the records.

    Raises
    ------
    ForgecastError
        If there is none, or several could be meant.
    """
    names = sorted({row.text("id") for row in view.rows("tariff")})
    name = asked or meter.text("tariff") or (names[0] if len(names) == 1 else "")
    if name not in names:
        raise ForgecastError(
            text("no tariff is on record for meter {meter}", meter=meter.text("id")),
            where="tariff",
            repair=text(
                "take in the records tariff and tariff_period, or name one of {names} with --tariff",
                names=", ".join(names) or "–",
            ),
        )
    return name, tuple(_tariff(view, row) for row in view.rows("tariff") if row.text("id") == name)


def _tariff(view: PlantView, row: Row) -> Tariff:
    first = row.day("valid_from")
    assert first is not None  # noqa: S101  (a key)
    hours = [
        Hours(
            one.text("kind"),
            months_of(one.text("months"), one.place),
            minute_of_day(one.text("starts"), one.place),
            minute_of_day(one.text("ends"), one.place),
            known(one.number_of("price_per_kWh")),
        )
        for one in view.rows("tariff_period")
        if one.text("tariff") == row.text("id") and one.day("valid_from") == first
    ]
    return Tariff(
        row.text("id"),
        first,
        row.day("valid_until"),
        tuple(hours),
        cast("DemandBasis", row.text("demand_basis")),
        known(row.number_of("demand_price")),
        known(row.number_of("contracted_demand_kW")),
        known(row.number_of("capacity_kVA")),
        known(row.number_of("required_power_factor")),
    )


def _peak(intervals: Intervals) -> tuple[int | None, float | None]:
    if not np.isfinite(intervals.energy_kWh).any():
        return None, None
    best = int(np.nanargmax(intervals.energy_kWh))
    return int(intervals.starts_us[best]), float(intervals.power_kW[best])


def _shares(view: PlantView, at: int | None) -> tuple[PeakShare, ...]:
    if at is None:
        return ()
    found = []
    for row in view.rows("equipment"):
        name = row.text("id")
        series = machine_intervals(view, name)
        if series is None:
            continue
        power: FloatArray = series.power_kW
        n = int(np.searchsorted(series.starts_us, at, side="right")) - 1
        if n < 0 or not np.isfinite(power[n]):
            continue
        melted = tuple(
            heat.text("id")
            for heat in view.rows("heat")
            if heat.text("furnace") == name and heat.number_of("started_at") <= at < heat.number_of("tapped_at")
        )
        found.append(PeakShare(name, float(power[n]), float(np.nanmean(power)), melted))
    return tuple(sorted(found, key=lambda one: -one.power_kW))


def _notes(view: PlantView, intervals: Intervals, versions: Sequence[Tariff]) -> list[Text]:
    notes = [
        text(
            "the demand is the highest mean of {minutes} minutes, the meter's own interval; a contract may "
            "take another one",
            minutes=round(intervals.interval / 60.0),
        )
    ]
    part = [
        m
        for m in view.months
        if view.month_bounds_us(m)[0] < view.bounds_us[0] or view.month_bounds_us(m)[1] > view.bounds_us[1]
    ]
    if part:
        notes.append(
            text("only a part of {months} lies in these days; its demand is charged whole", months=", ".join(part))
        )
    minutes = intervals.interval / 60.0
    if any(edge % minutes for one in versions for hours in one.hours for edge in (hours.start, hours.end)):
        notes.append(
            text(
                "hours of the tariff begin within an interval of the meter: such an interval has the price of its start"
            )
        )
    if any(one.required_power_factor is not None for one in versions):
        notes.append(
            text("the adjustment for the power factor is billed only by a table you give (--factor 0.89=0.5%)")
        )
    return notes


def _moment(t: int | None, zone: str) -> str | None:
    return None if t is None else from_us(t, zone).isoformat()
