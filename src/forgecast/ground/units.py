"""Units: what each kind of quantity may be written in, and conversion at the doors.

A temperature and a temperature difference are different kinds, so 20 K of superheat never becomes -253 °C.
Pint does the arithmetic of units; this module says which unit fits which kind and reads the spellings that
plants use, Chinese ones included.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.errors import UnitError
from forgecast.ground.texts import Text, bilingual, text

if TYPE_CHECKING:
    import pint

Number = TypeVar("Number", float, NDArray[np.float64])


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of quantity: its name, the unit that fixes its dimension, and whether it is a point on a scale."""

    name: str
    unit: str
    zh: str
    point: bool = False

    @property
    def title(self) -> Text:
        """Return the name of the kind in both languages."""
        return bilingual(self.name.replace("_", " "), self.zh)


#: Every kind of quantity Forgecast knows. A name stands once; the unit is the SI one it is kept in inside.
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("temperature", "kelvin", "温度", point=True),
        Kind("temperature_difference", "kelvin", "温差"),
        Kind("mass", "kilogram", "质量"),
        Kind("mass_rate", "kilogram / second", "质量流量"),
        Kind("length", "meter", "长度"),
        Kind("area", "meter ** 2", "面积"),
        Kind("volume", "meter ** 3", "体积"),
        Kind("volume_rate", "meter ** 3 / second", "体积流量"),
        Kind("speed", "meter / second", "速度"),
        Kind("time_span", "second", "时间间隔"),
        Kind("frequency", "hertz", "频率"),
        Kind("pressure", "pascal", "压力"),
        Kind("force", "newton", "力"),
        Kind("energy", "joule", "能量"),
        Kind("power", "watt", "有功功率"),
        Kind("apparent_power", "voltampere", "视在功率"),
        Kind("reactive_power", "var", "无功功率"),
        Kind("reactive_energy", "var * second", "无功电量"),
        Kind("voltage", "volt", "电压"),
        Kind("current", "ampere", "电流"),
        Kind("concentration", "kilogram / meter ** 3", "质量浓度"),
        Kind("share", "dimensionless", "比率"),
        Kind("number", "dimensionless", "数值"),
        Kind("specific_energy", "joule / kilogram", "单位质量能耗"),
        Kind("density", "kilogram / meter ** 3", "密度"),
        Kind("specific_heat", "joule / kilogram / kelvin", "比热容"),
        Kind("conductivity", "watt / meter / kelvin", "导热系数"),
        Kind("heat_transfer", "watt / meter ** 2 / kelvin", "传热系数"),
        Kind("molar_energy", "joule / mole", "摩尔能量"),
        Kind("strain_rate", "1 / second", "应变速率"),
        Kind("scale_growth", "kilogram ** 2 / meter ** 4 / second", "氧化抛物线速率常数"),
        Kind("mass_for_energy", "kilogram / joule", "单位能量排放量"),
        Kind("money", "CNY", "金额"),
        Kind("leak", "dimensionless", "泄漏体积分数"),
    )
}

#: Spellings met in plants -> pint's. Looked up after NFKC folding and removal of blanks, case kept.
SPELLINGS: dict[str, str] = {
    "°C": "degC", "℃": "degC", "C": "degC", "degC": "degC", "摄氏度": "degC",
    "°F": "degF", "degF": "degF", "K": "kelvin", "开": "kelvin",
    "t": "metric_ton", "吨": "metric_ton", "公吨": "metric_ton", "万吨": "1e4 metric_ton", "kt": "1e3 metric_ton",
    "kg": "kilogram", "千克": "kilogram", "公斤": "kilogram", "g": "gram", "克": "gram", "mg": "milligram",
    "kWh": "kilowatt_hour", "KWH": "kilowatt_hour", "kwh": "kilowatt_hour", "千瓦时": "kilowatt_hour",
    "MWh": "megawatt_hour", "万千瓦时": "1e4 kilowatt_hour", "万kWh": "1e4 kilowatt_hour",
    "kW": "kilowatt", "KW": "kilowatt", "kw": "kilowatt", "千瓦": "kilowatt", "MW": "megawatt", "W": "watt",
    "VA": "voltampere", "kVA": "kilovoltampere", "KVA": "kilovoltampere", "千伏安": "kilovoltampere",
    "MVA": "megavoltampere", "var": "var", "Mvar": "megavar", "千乏": "kilovar", "MW·h": "megawatt_hour",
    "kvar": "kilovar", "kVar": "kilovar", "kVarh": "kilovar * hour", "kvarh": "kilovar * hour",
    "GJ": "gigajoule", "MJ": "megajoule", "kJ": "kilojoule", "J": "joule",
    "m3": "meter**3", "m³": "meter**3", "立方米": "meter**3", "方": "meter**3", "Nm3": "meter**3", "Nm³": "meter**3",
    "m3/h": "meter**3/hour", "m³/h": "meter**3/hour", "Nm3/h": "meter**3/hour", "Nm³/h": "meter**3/hour",
    "万m3": "1e4 meter**3", "万m³": "1e4 meter**3", "cm3": "centimeter**3", "cm³": "centimeter**3", "L": "liter",
    "mg/m3": "milligram/meter**3", "mg/m³": "milligram/meter**3", "毫克/立方米": "milligram/meter**3",
    "mg/Nm3": "milligram/meter**3", "mg/Nm³": "milligram/meter**3", "g/m3": "gram/meter**3", "g/m³": "gram/meter**3",
    "ug/m3": "microgram/meter**3", "μg/m3": "microgram/meter**3", "µg/m3": "microgram/meter**3",
    "kg/h": "kilogram/hour", "t/h": "metric_ton/hour", "吨/小时": "metric_ton/hour", "kg/s": "kilogram/second",
    "%": "percent", "％": "percent", "百分比": "percent", "ppm": "ppm", "‰": "1e-3", "1": "dimensionless",
    "mm": "millimeter", "毫米": "millimeter", "cm": "centimeter", "m": "meter", "米": "meter",
    "mm/s": "millimeter/second", "m/s": "meter/second", "米/秒": "meter/second",
    "s": "second", "秒": "second", "min": "minute", "分": "minute", "分钟": "minute", "h": "hour", "小时": "hour",
    "d": "day", "天": "day", "Hz": "hertz", "赫兹": "hertz", "kHz": "kilohertz",
    "Pa": "pascal", "kPa": "kilopascal", "MPa": "megapascal", "bar": "bar", "mbar": "millibar",
    "kN": "kilonewton", "MN": "meganewton", "N": "newton", "kgf": "kilogram_force", "tf": "1e3 kilogram_force",
    "V": "volt", "kV": "kilovolt", "A": "ampere", "kA": "kiloampere",
    "元": "CNY", "万元": "1e4 CNY", "CNY": "CNY", "RMB": "CNY", "亿元": "1e8 CNY",
    "umol/mol": "ppm", "μmol/mol": "ppm", "µmol/mol": "ppm",
    "kWh/t": "kilowatt_hour/metric_ton", "m2": "meter**2", "m²": "meter**2",
    "J/(kgK)": "joule/kilogram/kelvin", "J/(kg·K)": "joule/kilogram/kelvin", "kJ/(kgK)": "kilojoule/kilogram/kelvin",
    "kJ/(kg·K)": "kilojoule/kilogram/kelvin", "W/(mK)": "watt/meter/kelvin", "W/(m·K)": "watt/meter/kelvin",
    "W/(m2K)": "watt/meter**2/kelvin", "W/(m2·K)": "watt/meter**2/kelvin", "s-1": "1/second", "s^-1": "1/second",
    "s−1": "1/second", "kg2/(m4s)": "kilogram**2/meter**4/second", "g2/(cm4s)": "gram**2/centimeter**4/second",
}  # fmt: skip


#: Words that mean one thing here and another there; a guess between them would be silent.
AMBIGUOUS = frozenset({"ton", "tons", "Ton", "TON", "mt", "MT", "度", "万度"})


@lru_cache(maxsize=1)
def registry() -> pint.UnitRegistry[float]:
    """Return Forgecast's own unit registry; the application-wide one of pint is left alone."""
    import pint  # noqa: PLC0415  (most calls need no conversion, and pint takes a while to load)

    units: pint.UnitRegistry[float] = pint.UnitRegistry(cache_folder=None)
    units.define("CNY = [money]")
    # To pint a volt-ampere is a watt. Here it and the var have dimensions of their own, so that an apparent power
    # never becomes an active one.
    units.define("var = [reactive_power]")
    units.define("voltampere = [apparent_power]")
    return units


@lru_cache(maxsize=1024)
def _scale(unit: str, target: str) -> tuple[float, float]:
    """Return (factor, offset) of ``target = factor * unit + offset``."""
    if unit == target:
        return 1.0, 0.0
    units = registry()
    count, name = _split(unit)
    wanted_count, wanted_name = _split(target)
    here, there = units.Unit(name), units.Unit(wanted_name)
    at_zero = units.Quantity(0.0, here).to(there).magnitude
    at_one = units.Quantity(1.0, here).to(there).magnitude
    return (at_one - at_zero) * count / wanted_count, at_zero / wanted_count


def _split(unit: str) -> tuple[float, str]:
    """Split a leading number off a spelling: ``1e4 metric_ton``; a number that is no count stays where it is."""
    head, _, tail = unit.partition(" ")
    try:
        count = float(head)
    except ValueError:
        return 1.0, unit
    if not math.isfinite(count) or count <= 0:
        return 1.0, unit
    return count, tail or "dimensionless"


@lru_cache(maxsize=1024)
def spelled(unit: str) -> str:
    """Return pint's spelling of a unit as a plant wrote it.

    Raises
    ------
    UnitError
        If nobody knows the unit, or if it means different things to different people.
    """
    folded = unicodedata.normalize("NFKC", unit).replace(" ", "")
    if AMBIGUOUS.intersection(re.findall(r"[^\W\d]+", folded)):
        raise UnitError(
            text("the unit {unit} has more than one meaning", unit=unit),
            repair=text("write t for 1000 kg, and °C or kWh instead of 度"),
        )
    for form in (unit, unit.strip(), folded):
        if form in SPELLINGS:
            return SPELLINGS[form]
    above, _, below = folded.partition("/")
    if above and below and "/" not in below:
        return _quotient(above, below)
    try:
        registry().Unit(_split(unit)[1])
    except Exception:  # noqa: BLE001  (pint's parser leaks tokenizer errors of many kinds on nonsense)
        raise UnitError(
            text("the unit {unit} is not known", unit=unit),
            repair=text("write a unit such as t, kg, kWh, m3, mg/m3, °C or % in the header or in the map"),
        ) from None
    return unit


def _quotient(above: str, below: str) -> str:
    """Return pint's spelling of one unit by another, each as plants write it (``千瓦时/吨``, ``m3/min``)."""
    count, name = _split(spelled(above))
    count_below, name_below = _split(spelled(below))
    return f"{count / count_below!r} ({name})/({name_below})"


#: Factors between units of a kind that are known without asking the registry, which takes a quarter of a second to
#: load (a test asks it about each): most values are in the wanted unit already, and fuels are weighed in tonnes.
_SURE: dict[tuple[str, str, str], float] = {
    ("concentration", "milligram/meter**3", "milligram/meter**3"): 1.0,
    ("energy", "kilowatt_hour", "kilowatt_hour"): 1.0,
    ("energy", "gigajoule", "megajoule"): 1000.0,
    ("mass", "kilogram", "kilogram"): 1.0,
    ("mass", "metric_ton", "kilogram"): 1000.0,
    ("mass", "metric_ton", "metric_ton"): 1.0,
    ("power", "kilowatt", "kilowatt"): 1.0,
    ("share", "percent", "percent"): 1.0,
    ("temperature", "degC", "degC"): 1.0,
    ("volume", "meter**3", "meter**3"): 1.0,
    ("volume_rate", "meter**3/hour", "meter**3/hour"): 1.0,
}


@lru_cache(maxsize=1024)
def scale(kind: str, unit: str, target: str) -> tuple[float, float]:
    """Return (factor, offset) that turn a value of `kind` in `unit` into `target`.

    Parameters
    ----------
    kind : str
        A name of `KINDS`. For a difference of temperatures the offset of a scale is left out.
    unit, target : str
        Units as plants or records write them.

    Raises
    ------
    UnitError
        If a unit is unknown or measures another kind of quantity.
    """
    written, wanted = spelled(unit), spelled(target)
    meaning = KINDS[kind]
    sure = _SURE.get((kind, written, wanted))
    if sure is not None:
        return sure, 0.0
    units = registry()
    for name, shown in ((written, unit), (wanted, target)):
        if not units.Unit(_split(name)[1]).is_compatible_with(units.Unit(meaning.unit)):
            raise UnitError(
                text("{unit} is no unit of {kind}", unit=shown, kind=meaning.title),
                repair=text("use a unit such as {good}", good=target if shown is unit else unit),
            )
    factor, offset = _scale(written, wanted)
    return factor, (offset if meaning.point else 0.0)


def convert(value: Number, kind: str, unit: str, target: str) -> Number:
    """Return a value, or an array of values, of a kind of quantity in another unit.

    Raises
    ------
    UnitError
        As `scale`.
    """
    factor, offset = scale(kind, unit, target)
    return value * factor + offset


def to_si(value: Number, kind: str, unit: str) -> Number:
    """Return a value in the SI unit of its kind."""
    return convert(value, kind, unit, KINDS[kind].unit)
