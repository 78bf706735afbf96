"""How alike two names of a column are, as a person would say: abbreviations, synonyms, either language."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from forgecast.gateway.header import split_unit
from forgecast.ground.errors import UnitError
from forgecast.ground.units import spelled

#: Abbreviations of the shop floor, and words that mean one thing; what they are compared as.
_WORDS = {
    "temp": "temperature", "tmp": "temperature", "temps": "temperature", "wt": "weight", "wgt": "weight",
    "mass": "weight", "no": "id", "nr": "id", "num": "id", "number": "id", "code": "id", "#": "id", "nos": "id",
    "qty": "count", "quantity": "count", "cnt": "count", "spd": "speed", "vel": "speed", "velocity": "speed",
    "press": "pressure", "prs": "pressure", "int": "intensification", "intensified": "intensification",
    "dia": "diameter", "diam": "diameter", "mtl": "metal", "molten": "metal", "melt": "metal", "mold": "die",
    "moulds": "mould", "molds": "mould", "upr": "upper", "up": "upper", "top": "upper", "lwr": "lower", "low": "lower",
    "bottom": "lower", "tapped": "tap", "tapping": "tap", "poured": "pour", "pouring": "pour", "casting": "cast",
    "casted": "cast", "charging": "charge", "charged": "charge", "chg": "charge", "timestamp": "time", "date": "time",
    "datetime": "time", "at": "time", "mach": "machine", "m/c": "machine", "mc": "machine", "furn": "furnace",
    "fce": "furnace", "op": "operator", "insp": "inspection", "std": "standard", "spec": "specification",
    "sec": "second", "cyc": "cycle", "cycletime": "cycle time", "judge": "result", "judgement": "result",
    "passorfail": "pass fail", "tryshot": "trial shot", "sep": "separate", "avg": "mean", "max": "highest",
    "min": "lowest", "kwh": "energy", "seq": "sequence", "lng": "length", "len": "length", "thk": "thickness",
    "mould": "mould", "tensile": "tensile", "pct": "percent", "percentage": "percent", "pt": "part", "ser": "serial",
    "nbr": "id", "cd": "id", "dt": "time", "desc": "description", "wght": "weight", "matl": "material",
    "mat": "material", "rej": "reject", "rejected": "reject", "inspected": "inspection", "rec": "received",
    "recd": "received", "hrs": "time", "pcs": "count",
}  # fmt: skip
_WEAK = frozenset(
    ("id", "of", "the", "a", "in", "on", "time", "value", "name", "type", "kind", "used", "is", "for", "to")
)
_CHINESE = (
    ("编号", "号"), ("号码", "号"), ("序列号", "号"), ("单号", "号"),
    ("日期", "时间"), ("时刻", "时间"), ("重量", "质量"), ("净重", "质量"), ("毛重", "质量"),
    ("铁水", "金属液"), ("铝液", "金属液"), ("钢水", "金属液"), ("温度值", "温度"),
    ("含量", ""), ("（", ""), ("）", ""), ("的", ""), ("类型", "类别"), ("种类", "类别"),
)  # fmt: skip
#: Units as people also write them, where only one thing can be meant; folded.
_LOOSE = {
    "kg": "kg", "kgs": "kg", "kwh": "kWh", "kw.h": "kWh", "kw·h": "kWh", "mwh": "MWh", "kw": "kW", "kvarh": "kvarh",
    "mm": "mm", "cm": "cm", "mpa": "MPa", "n/mm2": "MPa", "kpa": "kPa", "bar": "bar", "mbar": "mbar", "kn": "kN",
    "kj": "kJ", "m3": "m3", "mg/m3": "mg/m3", "°c": "°C", "degc": "°C", "deg.c": "°C", "℃": "°C", "percent": "%",
    "pct": "%", "wt%": "%", "hr": "h", "hrs": "h", "hours": "h", "mins": "min", "minutes": "min", "sec": "s",
    "secs": "s", "seconds": "s", "tonnes": "t", "cny": "CNY", "rmb": "CNY",
}  # fmt: skip
_BRACKETED = re.compile(r"^(?P<name>.+?)\s*[(\[{【〔](?P<unit>[^()\[\]{}【】〔〕]+)[)\]}】〕]$")
#: Behind a name without brackets only such as cannot be a word of it.
_TRAILING = re.compile(
    r"^(?P<name>.+?)[\s_]+(?P<unit>kwh|mwh|kw|kvarh|kg|mm|cm|mpa|kpa|bar|mbar|degc|kn|kj|m3|mg/m3|°c|℃|percent|pct)$",
    re.IGNORECASE,
)
_LEADING = re.compile(r"^(?P<unit>%)\s*(?P<name>[A-Za-z].*)$")
_HAN = re.compile(r"[\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Label:
    """A name of a column made ready to be compared.

    Parameters
    ----------
    whole : str
        Without case, joints, width.
    latin : frozenset of str
        Its words in Latin letters, abbreviations written out.
    han : str
        Its Chinese, with the words that mean the same made one.
    """

    whole: str
    latin: frozenset[str]
    han: str


def named_and_unit(header: str) -> tuple[str, str | None]:
    """Split a header into name and unit, as `split_unit` and also ``%C``, ``power_kWh``, ``Mass kg``."""
    name, unit = split_unit(header)
    if unit is not None:
        return name, unit
    plain = unicodedata.normalize("NFKC", header).strip()
    for pattern in (_BRACKETED, _LEADING, _TRAILING):
        match = pattern.match(plain)
        if match is not None:
            written = match["unit"].replace(" ", "").casefold()
            found = written if written == "%" else _LOOSE.get(written)
            if found is not None:
                return match["name"].strip(), found
    return name, None


def without_brackets(name: str) -> str:
    """Return a name without the remark in brackets behind it."""
    match = _BRACKETED.match(unicodedata.normalize("NFKC", name).strip())
    return name if match is None else match["name"].strip()


def is_unit(cell: str) -> bool:
    """Whether a cell holds a unit and nothing else."""
    plain = unicodedata.normalize("NFKC", cell).strip().strip("()[]")
    if not plain or re.fullmatch(r"[\d.,+-]+", plain) or len(plain) > 12:
        return False
    try:
        spelled(plain)
    except UnitError:
        return False
    return True


@lru_cache(maxsize=8192)
def label(name: str) -> Label:
    """Make a name ready to be compared."""
    plain = unicodedata.normalize("NFKC", name).casefold().replace("'", "")
    whole = re.sub(r"[\s_\-·:：.,#/()\[\]]+", "", plain)
    words: list[str] = []
    for token in re.findall(r"m/c|#|[a-z]+|\d+", re.sub(r"[\u3400-\u9fff]", " ", plain)):
        words += _WORDS.get(token, token).split()
    han = "".join(_HAN.findall(plain)) + ("".join(re.findall(r"\d+", plain)) if _HAN.search(plain) else "")
    for one, other in _CHINESE:
        han = han.replace(one, other)
    return Label(whole, frozenset(_singular(word) for word in words), han)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word


@lru_cache(maxsize=200_000)
def likeness(one: Label, other: Label) -> float:
    """Return how alike two names are, 0 to 1; 1 where they are the same but for case, joints and width."""
    if not one.whole or not other.whole:
        return 0.0
    if one.whole == other.whole:
        return 1.0
    latin, han = _latin(one.latin, other.latin), _han(one.han, other.han)
    best = max(latin, han)
    if one.han and one.latin and best >= 0.9:
        best -= 0.03  # a label in both languages, one of them the very name
    if best < 0.8 and min(len(one.whole), len(other.whole)) >= 5 and abs(len(one.whole) - len(other.whole)) <= 3:
        ratio = difflib.SequenceMatcher(None, one.whole, other.whole, autojunk=False)
        if ratio.real_quick_ratio() > 0.85 and ratio.ratio() > 0.85:
            best = max(best, 0.8)
    return best


def _latin(one: frozenset[str], other: frozenset[str]) -> float:
    if not one or not other:
        return 0.0
    both = _weight(one & other)
    if both == 0.0:
        return 0.0
    if one == other:
        return 0.97
    score = 2.0 * both / (_weight(one) + _weight(other))
    # A shared word that says little (no., time) makes no likeness by itself.
    return 0.95 * score if (one & other) - _WEAK else 0.4 * score


def _weight(words: Iterable[str]) -> float:
    return sum(0.3 if word in _WEAK else 1.0 for word in words)


def _han(one: str, other: str) -> float:
    if not one or not other:
        return 0.0
    if one == other:
        return 0.97
    if len(one) == 1 or len(other) == 1:
        return 0.0
    first, second = _pairs(one), _pairs(other)
    dice = 2.0 * len(first & second) / (len(first) + len(second))
    if one in other or other in one:
        dice = max(dice, 0.55 + 0.35 * min(len(one), len(other)) / max(len(one), len(other)))
    return 0.95 * dice


def _pairs(word: str) -> set[str]:
    return {word[i : i + 2] for i in range(len(word) - 1)}
