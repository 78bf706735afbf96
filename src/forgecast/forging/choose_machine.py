"""Which machines can make a stroke: force, energy, stroke, rate of strokes and time of contact, with reasons."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forgecast.forging.machine import CrankPress, EnergyMachine, HydraulicPress
from forgecast.forging.stroke import Stroke
from forgecast.ground.texts import Text, text

#: A crank press has no speed at its very end: the last thousandth of the way is left out of the time of contact.
_LAST = 1e-3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A machine of the forge.

    Parameters
    ----------
    name, kind : str
        ``hydraulic``, ``crank``, ``screw`` or ``hammer``.
    machine : HydraulicPress, CrankPress or EnergyMachine
    stroke : float
        Greatest way of the ram, m; NaN where it is not known.
    strokes : float
        Strokes or blows a second at most; NaN where they are not known.
    energy : float
        Energy a stroke of a crank press may take from its flywheel, J; NaN where it is not known or not meant.
    """

    name: str
    kind: str
    machine: HydraulicPress | CrankPress | EnergyMachine
    stroke: float
    strokes: float
    energy: float


@dataclass(frozen=True, slots=True)
class Judged:
    """A machine judged for a stroke.

    Parameters
    ----------
    candidate : Candidate
    fits : bool or None
        None where something needed is not known.
    force_used : float
        Greatest share of the permitted force; NaN for a hammer.
    energy_used : float
        Share of the energy of a stroke, of all blows for a hammer; NaN where none is meant.
    blows : int
    contact : float
        Time under load, s; NaN where the machine does not get there.
    pieces : float
        A second at most; NaN where it is not known.
    reasons : tuple of Text
    """

    candidate: Candidate
    fits: bool | None
    force_used: float
    energy_used: float
    blows: int
    contact: float
    pieces: float
    reasons: tuple[Text, ...]


def choose_machine(candidates: tuple[Candidate, ...], asked: Stroke, *, pieces: float = math.nan) -> tuple[Judged, ...]:
    """Judge machines for a stroke: those that fit first, the fewest blows and then the most used first.

    Parameters
    ----------
    candidates : tuple of Candidate
    asked : Stroke
    pieces : float
        Wanted a second; NaN where it is not asked.
    """
    judged = [_judge(one, asked, pieces) for one in candidates]
    order = {True: 0, None: 1, False: 2}

    def key(one: Judged) -> tuple[int, int, float]:
        used = max((x for x in (one.force_used, one.energy_used) if math.isfinite(x)), default=0.0)
        return order[one.fits], one.blows, -used if one.fits else used

    return tuple(sorted(judged, key=key))


def _judge(one: Candidate, asked: Stroke, pieces: float) -> Judged:
    machine = one.machine
    reasons: list[Text] = []
    verdicts: list[bool | None] = []
    way = float(asked.travel[0])
    too_short = math.isfinite(one.stroke) and one.stroke < way
    if too_short:
        verdicts.append(False)
        reasons.append(text("its stroke of {stroke} mm is shorter than the way of {way} mm under load",
                            stroke=f"{1e3 * one.stroke:.0f}", way=f"{1e3 * way:.0f}"))  # fmt: skip
    force_used = math.nan if too_short else _force_used(machine, asked)
    if math.isfinite(force_used):
        verdicts.append(force_used <= 1.0)
        reasons.append(text("the load takes {share} % of the force it permits", share=f"{100.0 * force_used:.0f}"))
    blows, energy_used = 1, math.nan
    if isinstance(machine, EnergyMachine):
        need = asked.work / machine.useful_energy
        blows = max(math.ceil(need - 1e-9), 1)
        energy_used = need / blows
        verdicts.append(blows == 1 or one.kind == "hammer")
        reasons.append(_of_energy(one.kind, need, blows))
    elif isinstance(machine, CrankPress):
        if math.isfinite(one.energy):
            energy_used = asked.work / one.energy
            verdicts.append(energy_used <= 1.0)
            reasons.append(
                text("the work takes {share} % of the energy of a stroke", share=f"{100.0 * energy_used:.0f}")
            )
        else:
            verdicts.append(None)
            reasons.append(text("the energy its flywheel gives a stroke is not known"))
    rate = one.strokes / blows
    if math.isfinite(pieces):
        verdicts.append(None if math.isnan(rate) else rate >= pieces)
        reasons.append(
            text("its strokes a minute are not known")
            if math.isnan(rate)
            else text("{most} pieces a minute at most, {asked} are wanted", most=f"{60.0 * rate:.1f}",
                      asked=f"{60.0 * pieces:.1f}")
        )  # fmt: skip
    contact = math.nan if too_short or False in verdicts else _contact(machine, asked, blows)
    if math.isfinite(contact):
        reasons.append(text("under load for {time} s", time=f"{contact:.3g}"))
    fits = False if False in verdicts else None if None in verdicts else True
    return Judged(one, fits, force_used, energy_used, blows, contact, rate, tuple(reasons))


def _of_energy(kind: str, need: float, blows: int) -> Text:
    if kind == "hammer":
        return text("{blows} blows, if the metal stays hot between them", blows=blows) if blows > 1 else text(
            "one blow, which takes {share} % of its useful energy", share=f"{100.0 * need:.0f}"
        )  # fmt: skip
    if need > 1.0:
        return text("the work is {times} times its useful energy: the dies do not close", times=f"{need:.2f}")
    return text("the work takes {share} % of its useful energy; the rest loads the frame and must be set lower",
                share=f"{100.0 * need:.0f}")  # fmt: skip


def _force_used(machine: HydraulicPress | CrankPress | EnergyMachine, asked: Stroke) -> float:
    limits = np.array([machine.force_limit(float(x)) for x in asked.travel])
    if not np.all(np.isfinite(limits)):
        return math.nan
    return float(np.max(asked.force / limits))


def _contact(machine: HydraulicPress | CrankPress | EnergyMachine, asked: Stroke, blows: int) -> float:
    """Return the time under load: the way over the speed of each moment, blows with their energies one by one."""
    travel, works = asked.travel, asked.works
    useful = machine.useful_energy if isinstance(machine, EnergyMachine) else math.inf
    middle = 0.5 * (works[1:] + works[:-1])
    spent = middle - np.minimum(np.floor(middle / useful), blows - 1) * useful if math.isfinite(useful) else middle
    ends = np.maximum(0.5 * (travel[1:] + travel[:-1]), _LAST * travel[0])
    speeds = np.array([machine.speed(float(x), float(w)) for x, w in zip(ends, spent, strict=True)])
    steps = travel[:-1] - travel[1:]
    moving = speeds > 0.0
    return float(np.sum(steps[moving] / speeds[moving]))
