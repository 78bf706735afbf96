"""The load of a meter by the kinds of hours of its tariff: the mean day, one day in full, and what each kind cost."""

from __future__ import annotations

import math
from datetime import date

import numpy as np

from forgecast.energy.plant_clock import plant_clock
from forgecast.energy.tariff import KIND_TEXTS
from forgecast.ground.dates import local_day
from forgecast.tasks.bill_energy import Cost
from forgecast.tasks.fit_energy_baseline import known

#: Kinds from the dearest to the cheapest.
KINDS = tuple(KIND_TEXTS)
_HOURS = 24


def load_by_tariff(cost: Cost, day: date | None = None) -> dict[str, object]:
    """Return the load by kinds of hours as JSON shows it; what is not known is null.

    Parameters
    ----------
    cost : Cost
    day : date or None
        Day to return in full; None for that of the peak.

    Notes
    -----
    The mean day is the mean energy of each hour of the clock, parted by the kind its intervals had. Intervals without
    a reading count neither above nor below the line.
    """
    clock = plant_clock(cost.intervals.starts_us, cost.zone)
    energy, kinds = cost.intervals.energy_kWh, np.array(cost.prices.kind)
    there = np.isfinite(energy)
    hour = clock.hour.astype(np.int64)
    per_hour = 3600.0 / cost.intervals.interval
    seen = np.bincount(hour[there], minlength=_HOURS)
    mean_day = []
    for kind in (*KINDS, ""):
        mine = there & (kinds == kind)
        if not mine.any():
            continue
        summed = np.bincount(hour[mine], weights=energy[mine], minlength=_HOURS)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = summed * per_hour / seen
        mean_day.append({"kind": kind, "kW": [known(one) for one in mean]})
    chosen = day or (None if cost.peak_at_us is None else local_day(cost.peak_at_us, cost.zone))
    return {
        "kinds": {kind: words.as_json() for kind, words in KIND_TEXTS.items()},
        "mean_day": mean_day,
        "by_kind": _by_kind(cost),
        "day_on": None if chosen is None else chosen.isoformat(),
        "day": [] if chosen is None else _day(cost, clock.day == (chosen - date(1970, 1, 1)).days),
        "week_kW": _week(cost),
        "duration": _duration(cost),
    }


def _by_kind(cost: Cost) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for kind in KINDS:
        used = [one.energy_kWh[kind] for one in cost.bills if kind in one.energy_kWh]
        paid = [one.energy_cost[kind] for one in cost.bills if kind in one.energy_cost]
        if used:
            # A month whose energy has no price leaves the sum open.
            whole = math.fsum(paid) if len(paid) == len(used) else None
            found.append({"kind": kind, "energy_kWh": math.fsum(used), "cost_CNY": whole})
    return found


def _day(cost: Cost, inside: np.typing.NDArray[np.bool_]) -> list[dict[str, object]]:
    power = cost.intervals.power_kW
    return [
        {
            "t_ms": int(cost.intervals.starts_us[n] // 1000),
            "kW": known(power[n]),
            "kind": cost.prices.kind[n],
            "price_CNY_kWh": known(cost.prices.price[n]),
        }
        for n in np.flatnonzero(inside)
    ]


def _week(cost: Cost) -> list[list[float | None]]:
    """Return the mean power of each hour of the week, Monday first."""
    clock = plant_clock(cost.intervals.starts_us, cost.zone)
    power = cost.intervals.power_kW
    there = np.isfinite(power)
    at = clock.weekday[there] * _HOURS + clock.hour[there]
    counts = np.bincount(at, minlength=7 * _HOURS)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(at, weights=power[there], minlength=7 * _HOURS) / counts
    return [[known(one) for one in row] for row in mean.reshape(7, _HOURS)]


def _duration(cost: Cost) -> dict[str, list[float]]:
    """Return the load-duration curve at a hundred points: hours in which at least a power is drawn."""
    power = cost.intervals.power_kW
    power = np.sort(power[np.isfinite(power)])[::-1]
    if not power.size:
        return {"hours": [], "kW": []}
    at = np.unique(np.linspace(0, power.size - 1, 100).round().astype(np.int64))
    hours = (at + 1) * cost.intervals.interval / 3600.0
    return {"hours": [float(one) for one in hours], "kW": [float(one) for one in power[at]]}
