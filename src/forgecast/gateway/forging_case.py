"""The case of a forging in TOML: metal, part, billet, heating, dies, machines, factors of energy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from forgecast.forging.billet_cooling import Air
from forgecast.forging.choose_machine import Candidate
from forgecast.forging.heating import Metal
from forgecast.gateway.case_file import CaseTable, quantity_of, read_case, split_quantity
from forgecast.gateway.flow_stress_file import read_flow_stress
from forgecast.gateway.machine_table import read_machines
from forgecast.ground.texts import text
from forgecast.metal.flow_metals import FlowMetal

_TOP = ("title", "metal", "part", "billet", "heating", "scale", "air", "die", "machines", "production", "energy")
FORMS = ("upsetting", "ring", "plane-strain", "closed-die", "closed-die-long")


@dataclass(frozen=True, slots=True)
class PartAsked:
    """The forging: its volume (m3), or a solid and its unit; exactly one is given."""

    volume: float
    solid: Path | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class BilletAsked:
    """The billet: its diameter (m), flash and clips (m3), the share of it that burns (NaN: not told).

    Parameters
    ----------
    flash_share : bool
        Whether `flash` is a share of the part's volume.
    """

    diameter: float
    flash: float
    flash_share: bool
    clips: float
    scale: float


@dataclass(frozen=True, slots=True)
class HeatingAsked:
    """The heating.

    Parameters
    ----------
    way : str
        ``furnace`` or ``induction``.
    start, target, spread : float
        K.
    furnace : Air or None
    efficiency : float
        NaN where it is not told; a coil needs it.
    """

    way: str
    start: float
    target: float
    spread: float
    furnace: Air | None
    efficiency: float


@dataclass(frozen=True, slots=True)
class DieAsked:
    """The dies: form, friction, speed, and the measures the form needs (m; NaN where it does not)."""

    form: str
    friction: float
    speed: float
    height: float
    outer: float
    bore: float
    length: float
    cavity: float
    flash_thickness: float
    flash_width: float
    flash_rule: str
    flash_temperature: float


@dataclass(frozen=True, slots=True)
class EnergyAsked:
    """Efficiencies and factors of carbon dioxide (kg/J) of heating and forming; NaN where they are not told."""

    forming_efficiency: float
    heating_factor: float
    forming_factor: float


@dataclass(frozen=True, slots=True)
class ForgingCase:
    """A forging as a case asks for it.

    Parameters
    ----------
    path : Path
    title : str
    flow : FlowMetal
    metal : Metal
    part : PartAsked
    billet : BilletAsked
    heating : HeatingAsked or None
    scale : (float, float) or None
        k0 (kg2/(m4 s)) and Q (J/mol) of the metal lost.
    air : Air
    transport : float
        From furnace to die, s.
    die : DieAsked
    machines : tuple of Candidate
    pieces : float
        Wanted a second; NaN where it is not told.
    energy : EnergyAsked
    """

    path: Path
    title: str
    flow: FlowMetal
    metal: Metal
    part: PartAsked
    billet: BilletAsked
    heating: HeatingAsked
    scale: tuple[float, float] | None
    air: Air
    transport: float
    die: DieAsked
    machines: tuple[Candidate, ...]
    pieces: float
    energy: EnergyAsked


def read_forging_case(path: Path) -> ForgingCase:
    """Read the case of a forging.

    Raises
    ------
    CaseError
        If it cannot be read, lacks something, or says something that cannot be; with file, line and key.
    ImportRefusedError
        If the table of machines cannot be read.
    """
    top = read_case(path)
    top.only(*_TOP)
    metal = top.table("metal", '[metal] with flow_stress = "c45"')
    metal.only("flow_stress", "density", "specific_heat", "conductivity")
    machines: tuple[Candidate, ...] = ()
    if top.has("machines"):
        machines = read_machines(path.parent / top.word("machines", 'machines = "machines.csv"'))
    air, transport = _air(top.table("air", '[air] with transport = "6 s"'))
    return ForgingCase(
        path,
        top.word("title") or path.stem,
        read_flow_stress(metal),
        Metal(
            metal.quantity("density", "density", "7500 kg/m3"),
            metal.quantity("specific_heat", "specific_heat", "690 J/(kg K)"),
            metal.quantity("conductivity", "conductivity", "29 W/(m K)"),
        ),
        _part(top.table("part", '[part] with volume = "195 cm3"')),
        _billet(top.table("billet", '[billet] with diameter = "50 mm"')),
        _heating(top.table("heating", '[heating] with way = "furnace"')),
        _scale(top),
        air,
        transport,
        _die(top.table("die", '[die] with form = "upsetting"')),
        machines,
        _pieces(top),
        _energy(top),
    )


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _part(one: CaseTable) -> PartAsked:
    one.only("volume", "solid", "unit")
    if one.has("volume") == one.has("solid"):
        one.refuse("", text("a part has a volume or a solid"), text('write volume = "195 cm3", or solid = "part.step"'))
    volume = _or_nan(one.maybe("volume", "volume", "195 cm3"))
    solid = one.path.parent / one.word("solid", 'solid = "part.step"') if one.has("solid") else None
    return PartAsked(volume, solid, one.word("unit") or None)


def _billet(one: CaseTable) -> BilletAsked:
    one.only("diameter", "flash", "clips", "scale")
    flash, share = 0.0, False
    if one.has("flash"):
        _, unit = split_quantity(one.content["flash"], one.at("flash"), "15 %")
        share = unit in ("%", "1")
        flash = one.quantity("flash", "share" if share else "volume", "15 %")
    return BilletAsked(
        one.quantity("diameter", "length", "50 mm"),
        flash,
        share,
        one.maybe("clips", "volume", "5 cm3") or 0.0,
        _or_nan(one.maybe("scale", "share", "1.5 %")),
    )


def _heating(one: CaseTable) -> HeatingAsked:
    one.only("way", "start", "target", "spread", "furnace", "convection", "emissivity", "efficiency")
    way = one.word("way", 'way = "furnace"')
    if way not in ("furnace", "induction"):
        one.refuse("way", text("{way} is no way of heating here", way=way), text('write "furnace" or "induction"'))
    furnace = None
    if way == "furnace":
        furnace = Air(
            one.quantity("furnace", "temperature", "1280 degC"),
            one.quantity("convection", "heat_transfer", "20 W/(m2 K)"),
            one.quantity("emissivity", "share", "80 %"),
        )
    efficiency = one.maybe("efficiency", "share", "55 %")
    if way == "induction" and efficiency is None:
        one.need("efficiency", 'efficiency = "55 %"')
    return HeatingAsked(
        way,
        one.quantity("start", "temperature", "20 degC"),
        one.quantity("target", "temperature", "1200 degC"),
        one.quantity("spread", "temperature_difference", "30 K"),
        furnace,
        _or_nan(efficiency),
    )


def _scale(top: CaseTable) -> tuple[float, float] | None:
    if not top.has("scale"):
        return None
    one = top.table("scale", "")
    one.only("factor", "activation")
    return (
        one.quantity("factor", "scale_growth", "1 kg2/(m4 s)"),
        one.quantity("activation", "molar_energy", "100 kJ/mol"),
    )


def _air(one: CaseTable) -> tuple[Air, float]:
    one.only("temperature", "convection", "emissivity", "transport")
    return (
        Air(
            one.quantity("temperature", "temperature", "20 degC"),
            one.quantity("convection", "heat_transfer", "10 W/(m2 K)"),
            one.quantity("emissivity", "share", "80 %"),
        ),
        one.quantity("transport", "time_span", "6 s"),
    )


_MEASURES = {
    "upsetting": ("height",),
    "ring": ("height", "outer", "bore"),
    "plane-strain": ("height", "length"),
    "closed-die": ("cavity",),
    "closed-die-long": ("cavity", "length"),
}


def _die(one: CaseTable) -> DieAsked:
    one.only("form", "friction", "speed", "height", "outer", "bore", "length", "cavity", "flash_thickness",
             "flash_width", "flash_rule", "flash_temperature")  # fmt: skip
    form = one.word("form", 'form = "closed-die"')
    if form not in FORMS:
        one.refuse("form", text("{form} is no form of dies", form=form), text("use one of: {names}",
                                                                              names=", ".join(FORMS)))  # fmt: skip
    got = dict.fromkeys(("height", "outer", "bore", "length", "cavity"), math.nan)
    for key in _MEASURES[form]:
        got[key] = one.quantity(key, "length", "20 mm")
    thickness, width = (_or_nan(one.maybe(key, "length", "2 mm")) for key in ("flash_thickness", "flash_width"))
    rule = one.word("flash_rule")
    if form.startswith("closed-die") and (math.isnan(thickness) or math.isnan(width)) and not rule:
        one.refuse(
            "flash_thickness",
            text("nobody has said how thick and wide the flash land is"),
            text('write flash_thickness = "2.2 mm" and flash_width = "9 mm"; or flash_rule = "neuberger-moeckel", '
                 "which is not verified"),
        )  # fmt: skip
    return DieAsked(
        form,
        _friction(one),
        one.quantity("speed", "speed", "300 mm/s"),
        **got,
        flash_thickness=thickness,
        flash_width=width,
        flash_rule=rule,
        flash_temperature=_or_nan(one.maybe("flash_temperature", "temperature", "950 degC")),
    )


def _friction(one: CaseTable) -> float:
    value = one.need("friction", "friction = 0.3")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value <= 1.0:
        one.refuse("friction", text("the friction factor is a number of 0 to 1"), text("write friction = 0.3"))
    return float(value)


def _pieces(top: CaseTable) -> float:
    if not top.has("production"):
        return math.nan
    one = top.table("production", "")
    one.only("pieces")
    return one.quantity("pieces", "strain_rate", "6 1/min")


def _energy(top: CaseTable) -> EnergyAsked:
    if not top.has("energy"):
        return EnergyAsked(math.nan, math.nan, math.nan)
    one = top.table("energy", "")
    one.only("forming_efficiency", "heating_factor", "forming_factor")
    return EnergyAsked(
        _or_nan(one.maybe("forming_efficiency", "share", "40 %")),
        _factor(one, "heating_factor"),
        _factor(one, "forming_factor"),
    )


def _factor(one: CaseTable, key: str) -> float:
    """Return a factor of carbon dioxide, kg/J; NaN where it is absent."""
    if not one.has(key):
        return math.nan
    example = "0.55 kgCO2/kWh"
    number, unit = split_quantity(one.content[key], one.at(key), example)
    bare = unit.replace(" ", "").replace("CO2e", "").replace("CO2", "")
    return quantity_of(f"{number!r} {bare}", "mass_for_energy", one.at(key), example)
