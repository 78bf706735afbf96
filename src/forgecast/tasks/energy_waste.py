"""Single findings of an energy diagnosis: what is wasted where, how much, how it was found, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, TypeAlias

import numpy as np

from forgecast.energy.idle_loss import (
    Estimate,
    Holding,
    gas_heat_kW,
    holding,
    joined,
    loss_between_heats,
    mean_of_blocks,
    share_within,
)
from forgecast.energy.month import FloatArray
from forgecast.energy.plant_clock import plant_clock
from forgecast.ground.dates import HOUR_US
from forgecast.ground.texts import Text, text
from forgecast.tasks.energy_series import Intervals, machine_intervals, meter_intervals
from forgecast.tasks.plant_view import PlantView, Row

Certainty: TypeAlias = Literal["measured", "estimated", "hint"]
FURNACES: Final = ("induction_furnace", "arc_furnace", "holding_furnace", "refining_furnace")
#: Without machine states a furnace is taken as held between heats no longer apart than this; after more it was off.
LONGEST_WAIT_H: Final = 8.0
#: Without its start a heat is taken to have begun this long before it was tapped, where the hours of work are asked.
UNTOLD_HEAT_H: Final = 3.0
_YEAR_H: Final = 8760.0
_NIGHT_ENDS: Final = 5 * 60
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Waste:
    """A finding of the diagnosis.

    Parameters
    ----------
    kind : str
        ``holding``, ``waiting``, ``off_hours_load``, ``compressed_air``, ``fixed_energy``, ``peak``, ``power_factor``,
        ``unbalanced_meter`` or ``waste_heat``.
    subject : str
        Machine, meter or stack.
    energy : Estimate
        kWh in a year: all that is so used; what part can be saved is for the plant to say.
    money : Estimate
        CNY in a year.
    what, how, to_do : Text
    certainty : Certainty
    """

    kind: str
    subject: str
    energy: Estimate
    money: Estimate
    what: Text
    how: Text
    to_do: Text
    certainty: Certainty


def nothing(why: Text) -> Estimate:
    """Return an estimate that is missing."""
    return Estimate(None, None, None, 0, why)


def scaled(one: Estimate, factor: float) -> Estimate:
    """Return an estimate times a factor above zero."""
    if one.value is None or one.low is None or one.high is None:
        return one
    return Estimate(one.value * factor, one.low * factor, one.high * factor, one.n)


def in_money(energy: Estimate, price: float | None) -> Estimate:
    """Return what energy costs, or that no price is known."""
    if energy.value is None:
        return energy
    if price is None:
        return nothing(text("no price of a kWh: take in the tariff, or give --price"))
    return scaled(energy, price)


def yearly(view: PlantView) -> float:
    """Return how many times the view's period goes into a year."""
    start, end = view.bounds_us
    return _YEAR_H * HOUR_US / (end - start)


def worked(view: PlantView) -> list[tuple[int, int]]:
    """Return when the plant worked: machines running, heats melted, pieces counted; empty where no record says so."""
    found = [
        (int(row.number_of("started_at")), int(row.number_of("ended_at")))
        for row in (*view.rows("machine_state"), *view.rows("machine_output"))
        if row.text("state") in ("", "running") and np.isfinite(row.number_of("ended_at"))
    ]
    for row in view.within("heat", "tapped_at"):
        tapped, begun = row.number_of("tapped_at"), row.number_of("started_at")
        found.append((int(begun if np.isfinite(begun) else tapped - UNTOLD_HEAT_H * HOUR_US), int(tapped)))
    # An hour at both ends belongs to work: machines are started and run out.
    return joined([(first - HOUR_US, end + HOUR_US) for first, end in found])


def heats_of(view: PlantView) -> dict[str, list[Row]]:
    """Return the heats of the period by furnace, in the order they were tapped."""
    found: dict[str, list[Row]] = {}
    for row in sorted(view.within("heat", "tapped_at"), key=lambda one: one.number_of("tapped_at")):
        found.setdefault(row.text("furnace"), []).append(row)
    return found


def _melted(rows: Sequence[Row]) -> list[tuple[int, int]]:
    return [
        (int(row.number_of("started_at")), int(row.number_of("tapped_at")))
        for row in rows
        if np.isfinite(row.number_of("started_at"))
    ]


def holding_losses(view: PlantView, price: float | None) -> list[Waste]:
    """Return what each electric furnace takes to hold, from its power and from what it did when."""
    found = []
    heats = heats_of(view)
    for row in view.rows("equipment"):
        if row.text("kind") not in FURNACES:
            continue
        name = row.text("id")
        series = machine_intervals(view, name)
        melting = joined(_melted(heats.get(name, [])))
        if series is None or not melting:
            waiting = _waiting(name, heats.get(name, []), view, price)
            if waiting is not None:
                found.append(waiting)
            continue
        held, stated = _held(view, name, melting)
        one = holding(series.starts_us, series.power_kW, length_us=series.length_us, melting=melting, held=held)
        energy = scaled(one.power_kW, one.hours * yearly(view)) if one.hours > 0.0 else one.power_kW
        if one.power_kW.value is None and not one.hours:
            continue
        found.append(
            Waste(
                "holding",
                name,
                energy,
                in_money(energy, price),
                _held_words(name, one, one.hours * yearly(view)),
                text(
                    "regression of its power on melting and holding, times of which come from {source}",
                    source=_source(stated=stated),
                ),
                text(
                    "bring heats closer together, keep the lid shut, switch off what waits long; reline worn insulation"
                ),
                "measured" if stated else "estimated",
            )
        )
    return found


def _held_words(furnace: str, one: Holding, hours: float) -> Text:
    if one.power_kW.value is None:
        why = one.power_kW.why_missing or ""
        return text("{furnace} holds {hours} h a year: {why}", furnace=furnace, hours=round(hours), why=why)
    return text(
        "{furnace} holds with {kW} kW, {hours} h a year, {share} % of its energy",
        furnace=furnace,
        kW=round(one.power_kW.value),
        hours=round(hours),
        share=round(100.0 * (one.share or 0.0), 1),
    )


def _source(*, stated: bool) -> Text:
    if stated:
        return text("machine states and heats")
    return text("heats (held up to {hours} h between two of them)", hours=round(LONGEST_WAIT_H))


def _held(view: PlantView, name: str, melting: list[tuple[int, int]]) -> tuple[list[tuple[int, int]], bool]:
    states = [row for row in view.rows("machine_state") if row.text("equipment") == name]
    if states:
        return [
            (int(row.number_of("started_at")), int(row.number_of("ended_at")))
            for row in states
            if row.text("state") == "idle" and np.isfinite(row.number_of("ended_at"))
        ], True
    gaps = [(end, nxt) for (_, end), (nxt, _) in pairwise(melting)]
    return [(end, nxt) for end, nxt in gaps if nxt - end <= LONGEST_WAIT_H * HOUR_US], False


def _waiting(name: str, rows: list[Row], view: PlantView, price: float | None) -> Waste | None:
    """Return what waiting costs the next heat, for a furnace without a power series."""
    told = [row for row in rows if np.isfinite(row.number_of("energy_kWh") + row.number_of("started_at"))]
    if len(told) < 2:
        return None
    pairs = list(pairwise(told))
    gaps = np.array([(b.number_of("started_at") - a.number_of("tapped_at")) / HOUR_US for a, b in pairs])
    energy = np.array([b.number_of("energy_kWh") for _, b in pairs])
    mass = np.array([b.number_of("mass") / 1000.0 for _, b in pairs])
    loss = loss_between_heats(energy, mass, gaps, longest_h=LONGEST_WAIT_H)
    if loss.value is None:
        return None
    waited = float(gaps[(gaps >= 0.0) & (gaps <= LONGEST_WAIT_H)].sum())
    total = scaled(loss, waited * yearly(view))
    return Waste(
        "waiting",
        name,
        total,
        in_money(total, price),
        text(
            "each hour {furnace} waits costs the next heat {kWh} kWh; it waits {hours} h a year",
            furnace=name,
            kWh=round(loss.value, 1),
            hours=round(waited * yearly(view)),
        ),
        text("regression of the heats' electricity on mass and the wait before them, {n} heats", n=loss.n),
        text("bring heats closer together and keep the lid shut while it waits"),
        "measured" if loss.low is not None and loss.low > 0.0 else "hint",
    )


def off_hours(view: PlantView, series: Intervals) -> tuple[FloatArray, bool]:
    """Return which intervals lie outside work, and whether records say so (else the clock does).

    Returns
    -------
    (n,) float64 array, bool
        1 outside work, 0 at work, NaN before the first and after the last begin of work.
    """
    stretches = worked(view)
    if stretches:
        # From the first begin of work to the last one, so that each stretch of work comes with its rest.
        first, last = stretches[0][0], stretches[-1][0]
        share = share_within(series.starts_us, series.length_us, stretches)
        inside = (series.starts_us >= first) & (series.starts_us < last)
        return np.where(inside, (share == 0.0).astype(np.float64), np.nan), True
    clock = plant_clock(series.starts_us, view.zone)
    return np.asarray(((clock.minute < _NIGHT_ENDS) | (clock.weekday >= _SATURDAY)).astype(np.float64)), False


def off_hours_load(view: PlantView, meter: Row, price: float | None) -> list[Waste]:
    """Return what a meter shows while nobody works."""
    series = meter_intervals(view, meter.text("id"))
    if series is None:
        return []
    off, recorded = off_hours(view, series)
    power = np.where(off > 0.0, series.power_kW, np.nan)
    mean = mean_of_blocks(power, plant_clock(series.starts_us, view.zone).day)
    if mean.value is None:
        return []
    hours = float(np.nanmean(off)) * _YEAR_H
    energy = scaled(mean, hours)
    source = (
        text("hours without a machine running, a heat or a piece on record (work no record names counts as rest)")
        if recorded
        else text("nights (0 to 5 h) and weekends by the clock, since no record says when work is done")
    )
    return [
        Waste(
            "off_hours_load",
            meter.text("id"),
            energy,
            in_money(energy, price),
            text("{kW} kW are drawn outside work, {hours} h a year", kW=round(mean.value), hours=round(hours)),
            text(
                "mean of the interval power in {source}; the interval is that of {days} days",
                source=source,
                days=mean.n,
            ),
            text(
                "walk through at night with a list of machines; switch off fans, pumps, lighting, sand "
                "plant, hydraulics"
            ),
            "estimated" if recorded else "hint",
        )
    ]


def compressed_air(view: PlantView, price: float | None) -> list[Waste]:
    """Return what compressors take while nobody works: leaks, and what has been left open."""
    found = []
    for row in view.rows("equipment"):
        if row.text("kind") != "compressor":
            continue
        series = machine_intervals(view, row.text("id"))
        if series is None:
            continue
        off, recorded = off_hours(view, series)
        days = plant_clock(series.starts_us, view.zone).day
        idle = mean_of_blocks(np.where(off > 0.0, series.power_kW, np.nan), days)
        busy = mean_of_blocks(np.where(off == 0.0, series.power_kW, np.nan), days)
        if idle.value is None or not busy.value:
            continue
        hours = float(np.nanmean(off)) * _YEAR_H
        energy = scaled(idle, hours)
        found.append(
            Waste(
                "compressed_air",
                row.text("id"),
                energy,
                in_money(energy, price),
                text(
                    "{machine} draws {kW} kW outside work, {share} % of what it draws at work",
                    machine=row.text("id"),
                    kW=round(idle.value),
                    share=round(100.0 * idle.value / busy.value),
                ),
                text(
                    "off-shift load: leaks and idling together, so the share is the most that leaks can be at "
                    "that pressure"
                ),
                text(
                    "look for leaks with ultrasound at rest, shut off lines, stop the machine outside work, "
                    "lower the pressure"
                ),
                "estimated" if recorded else "hint",
            )
        )
    return found


def waste_heat(view: PlantView, down_to_degC: float | None) -> list[Waste]:
    """Return the sensible heat that leaves through each stack with a flow and a temperature."""
    found = []
    for row in view.rows("stack"):
        name = row.text("id")
        tags = {tag.text("measures"): tag for tag in view.tags.values() if tag.text("stack") == name}
        flow, heat = tags.get("gas_flow"), tags.get("gas_temperature")
        if flow is None or heat is None:
            continue
        if down_to_degC is None:
            estimate = nothing(text("say down to which temperature the heat can be taken: --down-to 120degC"))
            what = text("waste heat of {stack} is not known", stack=name)
        else:
            flows, temperatures = view.means(flow), view.means(heat)
            if flows is None or temperatures is None:
                continue
            power = gas_heat_kW(flows.means.values, temperatures.means.values, down_to_degC)
            day = (np.arange(power.size) + view.hours[0]) // 24
            mean = mean_of_blocks(power, day)
            estimate = scaled(mean, _YEAR_H)
            what = text(
                "{stack}: {kW} kW of heat on the mean above {degC} °C",
                stack=name,
                kW=round(mean.value or 0.0),
                degC=round(down_to_degC),
            )
        found.append(
            Waste(
                "waste_heat",
                name,
                estimate,
                nothing(text("what the heat is worth depends on the use it finds")),
                what,
                text(
                    "hourly flow times heat capacity of a gas of two atoms (3.5 R) times excess temperature: a "
                    "lower bound"
                ),
                text(
                    "look for a use near by and at the same time: scrap drying, core ovens, hot water, combustion air"
                ),
                "estimated",
            )
        )
    return found
