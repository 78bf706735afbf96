"""The case of a forming run in TOML: metal, billet, dies with their profiles, machine, heat."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forgecast.forging.billet_cooling import Air
from forgecast.forging.choose_machine import Candidate
from forgecast.forging.die_heat import DieMetal
from forgecast.forging.heat import Thermal
from forgecast.gateway.case_file import CaseTable, read_case
from forgecast.gateway.flow_stress_file import read_flow_stress
from forgecast.gateway.machine_table import read_machines
from forgecast.gateway.profile import read_profile
from forgecast.ground.texts import text
from forgecast.metal.flow_metals import FlowMetal

FloatArray = NDArray[np.float64]
_TOP = ("title", "metal", "billet", "dies", "machines", "machine", "heat", "run")


@dataclass(frozen=True, slots=True, eq=False)
class PressCase:
    """A forming run as a case asks for it.

    Parameters
    ----------
    path : Path
    title : str
    flow : FlowMetal
    diameter, height : float
        Of the billet; its width where the dies are long, m.
    temperature : float
        Of the billet, K.
    round : bool
        Axisymmetric; else plane strain, one metre long, and half of the section.
    lower, upper : (k, 2) array
        Closed, as drawn, m.
    friction : float
        Friction factor m.
    coulomb : float or None
        Coefficient of Coulomb friction where the pressure limits it too.
    flash_from : float or None
    machine : Candidate
    thermal : Thermal or None
        None: everything keeps its temperature.
    die_metal : DieMetal or None
    die_temperature : float
        K; NaN without heat.
    side : float
        Of triangles, m.
    """

    path: Path
    title: str
    flow: FlowMetal
    diameter: float
    height: float
    temperature: float
    round: bool
    lower: FloatArray
    upper: FloatArray
    friction: float
    coulomb: float | None
    flash_from: float | None
    machine: Candidate
    thermal: Thermal | None
    die_metal: DieMetal | None
    die_temperature: float
    side: float


def read_press_case(path: Path) -> PressCase:
    """Read the case of a forming run.

    Raises
    ------
    CaseError
        If it cannot be read, lacks something, or says something that cannot be; with file, line and key.
    ImportRefusedError
        If a table it names cannot be read.
    """
    top = read_case(path)
    top.only(*_TOP)
    metal = top.table("metal", '[metal] with flow_stress = "c45"')
    metal.only("flow_stress", "density", "specific_heat", "conductivity", "work_to_heat")
    billet = top.table("billet", '[billet] with diameter = "50 mm"')
    billet.only("diameter", "height", "temperature")
    dies = top.table("dies", '[dies] with lower = "lower.csv"')
    dies.only("form", "lower", "upper", "unit", "friction", "coulomb", "flash_from")
    form = dies.word("form", 'form = "round"')
    if form not in ("round", "long"):
        dies.refuse("form", text("{form} is no form of dies", form=form), text('write "round" or "long"'))
    run = top.table("run", '[run] with side = "1.5 mm"')
    run.only("side")
    thermal, die_metal, die_temperature = _heat(top, metal)
    return PressCase(
        path,
        top.word("title") or path.stem,
        read_flow_stress(metal),
        billet.quantity("diameter", "length", "50 mm"),
        billet.quantity("height", "length", "60 mm"),
        billet.quantity("temperature", "temperature", "1180 degC"),
        form == "round",
        _profile(dies, "lower", outwards=True),
        _profile(dies, "upper", outwards=False),
        _number(dies, "friction", "friction = 0.3", 0.0, 1.0),
        _number(dies, "coulomb", "coulomb = 0.1", 0.0, 0.577) if dies.has("coulomb") else None,
        dies.maybe("flash_from", "length", "36 mm"),
        _machine(top),
        thermal,
        die_metal,
        die_temperature,
        run.quantity("side", "length", "1.5 mm"),
    )


def _number(one: CaseTable, key: str, example: str, low: float, high: float) -> float:
    value = one.need(key, example)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        one.refuse(
            key,
            text("a number of {low} to {high} is wanted", low=low, high=high),
            text("write {example}", example=example),
        )
    return float(value)


def _profile(dies: CaseTable, key: str, *, outwards: bool) -> FloatArray:
    """Return a profile with the metal to its left: the lower die drawn outwards, the upper one inwards."""
    name = dies.word(key, f'{key} = "{key}.csv"')
    with dies.placed(key):
        points = read_profile(dies.path.parent / name, dies.word("unit"))
    if points[0, 0] == points[-1, 0]:
        dies.refuse(
            key,
            text("the profile ends at the radius where it begins"),
            text("draw it from the axis to beyond the flash, and do not close it"),
        )
    return points if (points[0, 0] < points[-1, 0]) == outwards else np.ascontiguousarray(points[::-1])


def _machine(top: CaseTable) -> Candidate:
    machines = read_machines(top.path.parent / top.word("machines", 'machines = "machines.csv"'))
    name = top.word("machine", f'machine = "{machines[0].name}"')
    for one in machines:
        if one.name == name:
            return one
    return top.refuse(
        "machine",
        text("there is no machine named {name}", name=name),
        text("use one of: {names}", names=", ".join(one.name for one in machines)),
    )


def _heat(top: CaseTable, metal: CaseTable) -> tuple[Thermal | None, DieMetal | None, float]:
    if not top.has("heat"):
        return None, None, math.nan
    one = top.table("heat", "")
    one.only("air", "convection", "emissivity", "contact", "die_temperature", "die_density", "die_specific_heat",
             "die_conductivity")  # fmt: skip
    air = Air(
        one.quantity("air", "temperature", "20 degC"),
        one.quantity("convection", "heat_transfer", "10 W/(m2 K)"),
        one.quantity("emissivity", "share", "80 %"),
    )
    with metal.placed():
        thermal = Thermal(
            metal.quantity("density", "density", "7500 kg/m3"),
            metal.quantity("specific_heat", "specific_heat", "690 J/(kg K)"),
            metal.quantity("conductivity", "conductivity", "29 W/(m K)"),
            metal.quantity("work_to_heat", "share", "90 %"),
            one.quantity("contact", "heat_transfer", "10000 W/(m2 K)"),
            air,
        )
    die = DieMetal(
        one.quantity("die_density", "density", "7800 kg/m3"),
        one.quantity("die_specific_heat", "specific_heat", "550 J/(kg K)"),
        one.quantity("die_conductivity", "conductivity", "28 W/(m K)"),
    )
    return thermal, die, one.quantity("die_temperature", "temperature", "250 degC")
