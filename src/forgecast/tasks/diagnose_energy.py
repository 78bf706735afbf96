"""Diagnose where a plant's energy goes to waste: findings with kWh, money, how they were found, ranked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from forgecast.energy.idle_loss import Estimate
from forgecast.energy.meter_fault import Hypothesis
from forgecast.energy.plant_clock import plant_clock
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.balance_meters import balance_meters
from forgecast.tasks.bill_energy import Cost, bill_energy
from forgecast.tasks.energy_drivers import default_drivers
from forgecast.tasks.energy_series import view_of
from forgecast.tasks.energy_waste import (
    Waste,
    compressed_air,
    holding_losses,
    in_money,
    nothing,
    off_hours_load,
    scaled,
    waste_heat,
)
from forgecast.tasks.fit_energy_baseline import fitted
from forgecast.tasks.plant_view import PlantView, Row

#: Share of the intervals of a month that make its peak.
_PEAK_SHARE = 0.001


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Ranked findings.

    Parameters
    ----------
    since, until : date
    price : float or None
        CNY of a kWh used for money.
    wastes : tuple of Waste
        Largest first; those without a number last.
    not_known : tuple of Text
        What could not be looked at, and the record that would settle it.
    """

    since: date
    until: date
    price: float | None
    wastes: tuple[Waste, ...]
    not_known: tuple[Text, ...]

    def as_json(self) -> dict[str, object]:
        """Return the answer; what is not known is null."""
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "price_CNY_kWh": self.price,
            "findings": [
                {
                    "kind": one.kind,
                    "subject": one.subject,
                    "kWh_a_year": _json(one.energy),
                    "CNY_a_year": _json(one.money),
                    "what": one.what.as_json(),
                    "how": one.how.as_json(),
                    "to_do": one.to_do.as_json(),
                    "certainty": one.certainty,
                }
                for one in self.wastes
            ],
            "not_known": [one.as_json() for one in self.not_known],
        }


def diagnose_energy(
    folder: PlantFolder,
    *,
    since: date | None = None,
    until: date | None = None,
    price: float | None = None,
    down_to_degC: float | None = None,
) -> Diagnosis:
    """Return where energy goes that makes nothing, ranked by money, else by kWh.

    Parameters
    ----------
    folder : PlantFolder
    since, until : date or None
    price : float or None
        CNY of a kWh; without, the mean energy price by the tariff on record.
    down_to_degC : float or None
        Temperature to which waste heat could be taken; without it waste heat is not known.

    Notes
    -----
    Findings overlap (a furnace that holds is part of the load outside work): they do not add up.
    """
    view = view_of(folder, since, until)
    missing: list[Text] = []
    cost = _cost(folder, view, missing)
    used = price if price is not None else None if cost is None else cost.energy_price
    wastes = [*holding_losses(view, used), *compressed_air(view, used), *waste_heat(view, down_to_degC)]
    mains = [r for r in view.rows("meter") if r.text("carrier") == "electricity" and not r.text("parent")]
    for meter in mains:
        wastes += off_hours_load(view, meter, used)
        wastes += _fixed(view, meter, used)
    if cost is not None:
        wastes += _peak(cost) + _power_factor(cost)
    wastes += _unbalanced(folder, view, missing)
    missing += _unseen({one.kind for one in wastes})
    ranked = sorted(wastes, key=lambda one: (-(one.money.value or 0.0), -(one.energy.value or 0.0)))
    return Diagnosis(view.period.start, view.at, used, tuple(ranked), tuple(missing))


def _cost(folder: PlantFolder, view: PlantView, missing: list[Text]) -> Cost | None:
    try:
        return bill_energy(folder, since=view.period.start, until=view.at)
    except ForgecastError as error:
        missing.append(text("cost, peak and power factor: {why} ({repair})", why=error.what, repair=error.repair))
        return None


def _fixed(view: PlantView, meter: Row, price: float | None) -> list[Waste]:
    """Return the part of the monthly energy that does not follow production."""
    try:
        base = fitted(view, meter, default_drivers(view, "month"), "month", "ols")
    except ForgecastError:
        return []
    first = base.model.coefficients[0]
    if not base.worth.adequate or first.value <= 0.0:
        return []
    from scipy.special import stdtrit  # noqa: PLC0415  (loads slowly)

    half = float(stdtrit(max(base.model.n - len(base.model.coefficients), 1), 0.975)) * first.error
    energy = scaled(Estimate(first.value, first.value - half, first.value + half, base.model.n), 12.0)
    return [
        Waste(
            "fixed_energy",
            meter.text("id"),
            energy,
            in_money(energy, price),
            text("{kWh} kWh of a month do not follow production", kWh=round(first.value)),
            text(
                "base of the regression on {drivers}, R² {r2}, {n} months",
                drivers=", ".join(base.drivers),
                r2=round(base.model.r2, 3),
                n=base.model.n,
            ),
            text("it is holding, load outside work and losses together; the other findings say which machines it is"),
            "estimated",
        )
    ]


def _peak(cost: Cost) -> list[Waste]:
    """Return what the few highest intervals of each month cost, where the demand is metered."""
    if cost.worth_of_peak is None:
        return []
    months = [one for one in cost.bills if one.demand_kW is not None]
    if not months:
        return []
    power = cost.intervals.power_kW
    saved = 0.0
    of_month = plant_clock(cost.intervals.starts_us, cost.zone).month
    for number, one in zip(np.unique(of_month), cost.bills, strict=True):
        if one.demand_kW is None:
            continue
        part = power[of_month == number]
        part = part[np.isfinite(part)]
        saved += (float(part.max()) - float(np.quantile(part, 1.0 - _PEAK_SHARE))) * cost.worth_of_peak
    if saved <= 0.0:
        return []
    yearly_money = saved * 12.0 / len(months)
    top = ", ".join(one.machine for one in cost.shares[:3]) or "–"
    return [
        Waste(
            "peak",
            cost.meter,
            Estimate(0.0, 0.0, 0.0, len(months)),
            Estimate(yearly_money, yearly_money, yearly_money, len(months)),
            text(
                "the highest {share} % of the intervals set the demand charge; the peak was {kW} kW",
                share=100 * _PEAK_SHARE,
                kW=round(cost.peak_kW or 0.0),
            ),
            text(
                "peak of each month less what is exceeded in that share of it, times the price of a kW; at "
                "the peak ran: {top}",
                top=top,
            ),
            text("do not let those start together; interlock or stagger furnaces near the limit"),
            "measured",
        )
    ]


def _power_factor(cost: Cost) -> list[Waste]:
    factors = [one for one in cost.bills if one.power_factor is not None]
    if not factors:
        return []
    worst = min(factors, key=lambda one: one.power_factor or 1.0)
    required = next((one for one in cost.bills if any("power factor" in str(why) for why in one.reasons)), None)
    if required is None and all(one.factor_cost is None for one in cost.bills):
        return []
    money = [one.factor_cost for one in cost.bills if one.factor_cost is not None]
    total = sum(money) * 12.0 / len(money) if money else None
    estimate = (
        nothing(text("give the contract's table: forgecast energy cost --factor 0.89=0.5%"))
        if total is None
        else Estimate(total, total, total, len(money))
    )
    return [
        Waste(
            "power_factor",
            cost.meter,
            Estimate(0.0, 0.0, 0.0, len(factors)),
            estimate,
            text("the power factor falls to {factor} ({month})", factor=f"{worst.power_factor:.3f}", month=worst.month),
            text("active and lagging reactive energy of each month"),
            text("check the capacitors, then which machines idle under no load"),
            "measured",
        )
    ]


def _unbalanced(folder: PlantFolder, view: PlantView, missing: list[Text]) -> list[Waste]:
    try:
        balance = balance_meters(folder, since=view.period.start, until=view.at)
    except ForgecastError as error:
        missing.append(text("balance of meters: {why} ({repair})", why=error.what, repair=error.repair))
        return []
    found = []
    for tree in balance.trees:
        best: dict[tuple[str, str], Hypothesis] = {}
        for one in tree.hypotheses:
            best.setdefault((one.node, one.period), one)
        for one in best.values():
            size = abs(one.rest_before - one.usual_rest)
            energy = (
                Estimate(size, max(size - 1.96 * one.scatter, 0.0), size + 1.96 * one.scatter, 1)
                if tree.unit == "kWh"
                else nothing(text("{size} {unit} of another carrier", size=round(size), unit=tree.unit))
            )
            found.append(
                Waste(
                    "unbalanced_meter",
                    "/".join(one.meters),
                    energy,
                    nothing(text("booked wrongly, not wasted: no money is lost by it but that of wrong decisions")),
                    text("{period}, {node}: {words}", period=one.period, node=one.node, words=one.words),
                    text(
                        "the rest was {before} and would be {after}; in other periods it is {usual}",
                        before=round(one.rest_before),
                        after=round(one.rest_after),
                        usual=round(one.usual_rest),
                    ),
                    text("have the meter, its transformers and its wiring checked, and that month's reading corrected"),
                    "hint",
                )
            )
    return found


def _unseen(kinds: set[str]) -> list[Text]:
    wanted: Sequence[tuple[str, Text]] = (
        ("holding", text("holding of furnaces: needs tags of active power by furnace, and heats with their start")),
        ("off_hours_load", text("load outside work: needs the main meter's quarter hours")),
        ("compressed_air", text("compressed air: needs a tag of active power by compressor")),
        ("waste_heat", text("waste heat: needs gas flow and temperature of a stack")),
    )
    seen = kinds | ({"holding"} if "waiting" in kinds else set())
    return [words for kind, words in wanted if kind not in seen]


def _json(one: Estimate) -> dict[str, object]:
    return {
        "value": one.value,
        "low_95": one.low,
        "high_95": one.high,
        "n": one.n,
        "why_missing": None if one.why_missing is None else one.why_missing.as_json(),
    }
