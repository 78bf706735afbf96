"""When to melt: furnace runs moved to cheaper hours, to a proven optimum, within what pouring and power allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from forgecast.energy.month import FloatArray
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import text

#: Seconds the optimiser may take before it says how far from the proof it is.
_LIMIT_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Run:
    """One heat to be melted.

    Parameters
    ----------
    name, furnace : str
    slots : int
        How many slots it takes.
    power_kW : float
        Mean power of the furnace in them.
    start : int
        Slot it begins in as planned (or as it was).
    earliest, latest : int
        Slots it may begin in.
    hold_kW : float
        Power to keep its metal hot while it waits in its furnace, ready before it was planned to be.
    """

    name: str
    furnace: str
    slots: int
    power_kW: float
    start: int
    earliest: int
    latest: int
    hold_kW: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Shifted:
    """The best plan, and how good it is proven to be.

    Parameters
    ----------
    starts : tuple of int
        Slot each run begins in.
    cost_before, cost_after : float
        Of melting and waiting (and of carbon, if it has a price).
    bound : float
        No plan costs less than this.
    carbon_before, carbon_after : float or None
        kg, where a signal is given.
    waiting_kWh : float
        Energy of metal that waits.
    peak_before, peak_after : float
        Highest sum of furnace powers and other load in a slot [kW].
    proven : bool
        Whether cost and bound agree.
    """

    starts: tuple[int, ...]
    cost_before: float
    cost_after: float
    bound: float
    carbon_before: float | None
    carbon_after: float | None
    waiting_kWh: float
    peak_before: float
    peak_after: float
    proven: bool


def shift_runs(
    runs: Sequence[Run],
    price: ArrayLike,
    *,
    hours: float = 1.0,
    capacity_kW: float | None = None,
    other_kW: ArrayLike | None = None,
    heel_kW: Mapping[str, float] | None = None,
    carbon: ArrayLike | None = None,
    carbon_price: float = 0.0,
) -> Shifted:
    """Return the cheapest starts of furnace runs.

    Parameters
    ----------
    runs : sequence of Run
    price : (s,) array
        Of a kWh in each slot.
    hours : float
        Length of a slot [h].
    capacity_kW : float or None
        Highest power of furnaces and other load together; None for no limit.
    other_kW : (s,) array or None
        Other load in each slot.
    heel_kW : mapping of str to float or None
        Power each furnace takes to keep its heel hot in a slot in which it does not melt.
    carbon : (s,) array or None
        kg of CO2 of a kWh in each slot.
    carbon_price : float
        Of a kg; 0 only reports the carbon.

    Raises
    ------
    ForgecastError
        If a run does not fit into the slots, a price is missing where one may run, or no plan keeps all limits.

    Notes
    -----
    Integer programme, x_rs = 1 where run r begins in slot s: least Σ x_rs c_rs, each run once, one run a furnace and
    slot, power within capacity; c holds melting and waiting less the heel they spare. Metal that is ready early waits
    in its furnace, which melts nothing else until then. Solved by HiGHS branch and bound (scipy.optimize.milp), whose
    dual bound is the proof. A run keeps its power in every slot of it.
    """
    costs = np.asarray(price, dtype=np.float64)
    slots = costs.size
    signal = None if carbon is None else np.asarray(carbon, dtype=np.float64)
    full = costs if signal is None else costs + carbon_price * signal
    heel = heel_kW or {}
    other = np.zeros(slots) if other_kW is None else np.asarray(other_kW, dtype=np.float64)
    choices = [(r, s) for r, run in enumerate(runs) for s in _starts(run, slots)]
    weights = np.array([_cost(runs[r], s, full, hours, heel) for r, s in choices])
    if not np.isfinite(weights).all() or not np.isfinite(full).all():
        raise ForgecastError(
            text("a slot in which a furnace may run has no price"),
            repair=text("complete the hours of the tariff"),
        )
    picked, least = _solved(runs, choices, weights, slots, capacity_kW, other, heel)
    chosen = [choices[n] for n in np.flatnonzero(picked > 0.5)]
    starts = tuple(s for _, s in sorted(chosen))
    before = tuple(run.start for run in runs)
    idle = sum(power * hours * float(full.sum()) for power in heel.values())
    total = [
        sum(_cost(run, s, full, hours, heel) for run, s in zip(runs, which, strict=True)) + idle
        for which in (before, starts)
    ]
    bound = least + idle
    emitted = [
        None
        if signal is None
        else sum(_cost(run, s, signal, hours, heel) for run, s in zip(runs, which, strict=True))
        + sum(power * hours * float(signal.sum()) for power in heel.values())
        for which in (before, starts)
    ]
    peaks = [float(_load(runs, which, other, heel).max()) for which in (before, starts)]
    waiting = sum(hours * run.hold_kW * max(run.start - s, 0) for run, s in zip(runs, starts, strict=True))
    close = abs(total[1] - bound) <= 1e-6 * max(1.0, abs(total[1]))
    return Shifted(starts, total[0], total[1], bound, emitted[0], emitted[1], waiting, peaks[0], peaks[1], close)


def _starts(run: Run, slots: int) -> range:
    first, last = max(run.earliest, 0), min(run.latest, slots - run.slots)
    if first > last or not 0 <= run.start <= slots - run.slots:
        raise ForgecastError(
            text("{run} does not fit: it takes {slots} slots", run=run.name, slots=run.slots),
            repair=text("choose a longer stretch, or let it move further"),
        )
    return range(first, last + 1)


def _cost(run: Run, start: int, price: FloatArray, hours: float, heel: Mapping[str, float]) -> float:
    """Return what a start costs over a furnace that only keeps its heel hot."""
    melting = (run.power_kW - heel.get(run.furnace, 0.0)) * float(price[start : start + run.slots].sum())
    ready, planned = start + run.slots, run.start + run.slots
    waiting = _wait(run, heel) * float(price[ready:planned].sum()) if ready < planned else 0.0
    return hours * (melting + waiting)


def _wait(run: Run, heel: Mapping[str, float]) -> float:
    """Return what waiting takes over a furnace that only keeps its heel hot."""
    return max(run.hold_kW - heel.get(run.furnace, 0.0), 0.0)


def _load(runs: Sequence[Run], starts: Sequence[int], other: FloatArray, heel: Mapping[str, float]) -> FloatArray:
    load = other + sum(heel.values())
    for run, start in zip(runs, starts, strict=True):
        load[start : start + run.slots] += run.power_kW - heel.get(run.furnace, 0.0)
        ready, planned = start + run.slots, run.start + run.slots
        load[ready : max(planned, ready)] += _wait(run, heel)
    return np.asarray(load)


def _solved(
    runs: Sequence[Run],
    choices: Sequence[tuple[int, int]],
    weights: FloatArray,
    slots: int,
    capacity: float | None,
    other: FloatArray,
    heel: Mapping[str, float],
) -> tuple[FloatArray, float]:
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415  (loads slowly)
    from scipy.sparse import lil_matrix  # noqa: PLC0415

    furnaces = {name: n for n, name in enumerate(dict.fromkeys(run.furnace for run in runs))}
    once = lil_matrix((len(runs), len(choices)))
    busy = lil_matrix((len(furnaces) * slots, len(choices)))
    power = lil_matrix((slots, len(choices)))
    for column, (r, start) in enumerate(choices):
        run = runs[r]
        once[r, column] = 1.0
        ready, planned = start + run.slots, run.start + run.slots
        for slot in range(start, max(ready, planned)):
            busy[furnaces[run.furnace] * slots + slot, column] = 1.0
            melts = slot < ready
            power[slot, column] = run.power_kW - heel.get(run.furnace, 0.0) if melts else _wait(run, heel)
    limits = [LinearConstraint(once.tocsr(), 1.0, 1.0), LinearConstraint(busy.tocsr(), -np.inf, 1.0)]
    if capacity is not None:
        limits.append(LinearConstraint(power.tocsr(), -np.inf, capacity - other - sum(heel.values())))
    result = milp(
        weights,
        constraints=limits,
        integrality=np.ones(len(choices)),
        bounds=Bounds(0.0, 1.0),
        options={"time_limit": _LIMIT_S, "mip_rel_gap": 0.0},
    )
    if result.x is None:
        raise ForgecastError(
            text("no plan keeps all limits: {why}", why=str(result.message)),
            repair=text("allow more power, or let the heats move further"),
        )
    return np.asarray(result.x, dtype=np.float64), float(result.mip_dual_bound)
