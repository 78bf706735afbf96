"""What speaks for a column feeding a field: its name, its unit, its values; each piece of it in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forgecast.gateway.header import folded, names_its_unit, needs_unit
from forgecast.gateway.propose.labels import label, without_brackets
from forgecast.gateway.propose.profile import Profile
from forgecast.gateway.propose.vocabulary import FieldNames, value_word
from forgecast.gateway.record_rows import known_words
from forgecast.ground.errors import UnitError
from forgecast.ground.texts import Text, text
from forgecast.ground.units import scale
from forgecast.plant.record import Field, record

#: How much the name says, and the values, in a score of 0 to 1.
NAME, VALUES = 0.85, 0.15
#: Below this no field is proposed for a column.
LEAST = 0.4
#: Units plants write each kind of quantity in; candidates where nothing says which.
_USUAL = {
    "temperature": ("°C", "K", "°F"), "temperature_difference": ("K",), "mass": ("kg", "t", "g"),
    "mass_rate": ("kg/h", "t/h"), "length": ("mm", "cm", "m"), "area": ("m2",), "volume": ("m3", "L", "cm3"),
    "volume_rate": ("m3/h",), "speed": ("m/s", "mm/s"), "time_span": ("s", "min", "h"), "frequency": ("Hz", "kHz"),
    "pressure": ("MPa", "bar", "kPa"), "force": ("kN", "N", "tf"), "energy": ("kWh", "MWh", "kJ", "J"),
    "power": ("kW", "MW"), "concentration": ("mg/m3", "g/m3"), "share": ("%", "1"), "money": ("元", "万元"),
    "specific_energy": ("kWh/t",), "leak": ("1",), "voltage": ("V",), "current": ("A",),
}  # fmt: skip
_YES_NO = frozenset(("yes", "no", "y", "n", "true", "false", "是", "否", "有", "无", "√", "×"))
_TIMES = frozenset(label(word).whole for word in ("时间", "日期", "日期时间", "time", "date", "timestamp", "date time"))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A field that a column may feed.

    Parameters
    ----------
    field : str
    score : float
        0 to 1.
    name : float
        How like the header is to the field's names, 0 to 1.
    values : float
        What the values say: -1 against it, 0 nothing, 1 for it.
    unit : str or None
        Unit the column is written in, as header or field tell; None where nobody does, or none is needed.
    units : tuple of str
        Units it may be in where one is needed and nobody tells: those that put the values in the plausible range.
    reasons : tuple of Text
    """

    field: str
    score: float
    name: float
    values: float
    unit: str | None
    units: tuple[str, ...]
    reasons: tuple[Text, ...]

    @property
    def needs_unit(self) -> bool:
        """Whether a unit is needed and nobody tells it."""
        return bool(self.units) and self.unit is None


def candidate(profile: Profile, names: FieldNames) -> Candidate | None:
    """Weigh what speaks for a field; None where its values or unit rule it out, or nothing speaks for it."""
    field = names.field
    heading = profile.heading
    likeness = names.likeness(label(heading.name)) if heading.name else 0.0
    stem = without_brackets(heading.name)
    if stem != heading.name and likeness < 0.9:
        likeness = max(likeness, 0.97 * names.likeness(label(stem)))
    if heading.group and likeness < 0.9:
        likeness = max(likeness, 0.97 * names.likeness(label(f"{heading.group} {heading.name}")))
    reasons: list[Text] = []
    if likeness < 0.75 and field.kind == "time" and field.required and label(heading.name).whole in _TIMES:
        likeness = 0.75
        reasons.append(text("the header only says that it is a time"))
    elif not heading.name and (found := _nameless(profile, names)) is not None:
        likeness = 0.6 if field.kind == "time" else 0.55
        reasons.append(found)
    elif likeness >= 0.93:
        reasons.append(text("the header is a name of this field"))
    elif likeness > 0.0:
        reasons.append(text("the header is like a name of this field"))
    if likeness < 0.3:
        return None
    unit, units = _unit(profile, field)
    if unit is None and heading.unit is not None and not _unitless(field):
        return None
    said = _values(profile, field, names.record, unit, units)
    if said is None:
        return None
    value, why = said
    reasons += why
    if unit is not None and needs_unit(field):
        reasons.append(text("its unit is {unit}", unit=unit))
    score = min(1.0, max(0.0, NAME * likeness + VALUES * value))
    return Candidate(field.name, score, likeness, value, unit, units, tuple(reasons))


def _nameless(profile: Profile, names: FieldNames) -> Text | None:
    """Return why a column without a header may feed a field by its values alone."""
    field = names.field
    if field.kind == "time" and field.required and profile.dated >= 0.9:
        return text("no header, but the values are dates")
    if profile.filled < 5 or profile.unique < 0.999:
        return None
    counts = profile.rising and profile.is_whole
    if field.kind == "integer" and field.name in {"sequence", "number"} and counts:
        return text("no header, but the numbers count up")
    if field.key and field.kind == "text" and not counts and (not profile.is_number or profile.is_whole):
        return text("no header, but every value occurs once, as a key does")
    return None


def _unitless(field: Field) -> bool:
    """Whether a column with a unit may feed a field that has none of its own (a meter's quantity, a locking force)."""
    return field.kind in {"number", "integer"} and not field.unit


def _unit(profile: Profile, field: Field) -> tuple[str | None, tuple[str, ...]]:
    """Return the unit a column tells for a field, else those it may be in."""
    if not needs_unit(field):
        return None, ()
    stated = profile.heading.unit
    if stated is not None:
        try:
            scale(field.kind, stated, field.unit)
        except UnitError:
            return None, ()
        return stated, ()
    if names_its_unit(field) and folded(profile.heading.name) == folded(field.name):
        return field.unit, ()
    return None, tuple(one for one in usual_units(field) if _inside(profile, field, one) >= 0.95)


def usual_units(field: Field) -> tuple[str, ...]:
    """Return the units plants write a quantity in, the field's own first."""
    return tuple(dict.fromkeys((field.unit, *_USUAL.get(field.kind, ()))))


def _inside(profile: Profile, field: Field, unit: str | None) -> float:
    """Return the share of the numbers that lie in the field's plausible range [1]."""
    if profile.numbers.size == 0:
        return 1.0
    factor, offset = 1.0, 0.0
    if unit is not None and needs_unit(field):
        factor, offset = scale(field.kind, unit, field.unit)
    with np.errstate(over="ignore"):  # what overflows lies outside of any range
        value = profile.numbers * factor + offset
    low, high = -np.inf if field.low is None else field.low, np.inf if field.high is None else field.high
    return float(((value >= low) & (value <= high)).mean())


def _values(
    profile: Profile, field: Field, of: str, unit: str | None, units: tuple[str, ...]
) -> tuple[float, list[Text]] | None:
    """Return what the values say, -1 to 1, and why; None where they rule the field out."""
    if profile.filled == 0:
        return 0.0, [text("the column is empty")]
    if field.kind in {"date", "month", "time"}:
        return _times(profile, field)
    if profile.is_clock or (profile.dated >= 0.9 and not profile.is_number):
        return None
    if field.is_number or field.kind == "integer":
        return _numbers(profile, field, unit, units)
    if field.kind in {"code", "flag"}:
        return _codes(profile, field)
    return _texts(profile, field, of)


def _times(profile: Profile, field: Field) -> tuple[float, list[Text]] | None:
    if field.kind == "month":
        if profile.monthly >= 0.9:
            return 1.0, [text("the values are months")]
        return (-0.5, [text("the values are days, not months")]) if profile.dated >= 0.9 else None
    if profile.dated < 0.6 or profile.monthly >= 0.9 or profile.is_clock:
        return None
    if profile.dated < 0.9:
        return -0.5, [text("not all values are dates")]
    if field.kind == "time" and profile.with_clock >= 0.9:
        return 1.0, [text("the values are dates with a time of day")]
    return (1.0 if field.kind == "date" else 0.7), [text("the values are dates")]


def _numbers(
    profile: Profile, field: Field, unit: str | None, units: tuple[str, ...]
) -> tuple[float, list[Text]] | None:
    if profile.numeric < 0.5 or (field.kind == "integer" and not profile.is_whole):
        return None
    if profile.numeric < 0.8:
        return -0.5, [text("not all values are numbers")]
    if field.kind == "integer" and profile.distinct == 1 and profile.filled > 5:
        return -0.7, [text("every row says {value}", value=profile.samples[0])]
    low, high = f"{profile.numbers.min():.6g}", f"{profile.numbers.max():.6g}"
    if not needs_unit(field) or unit is not None:
        return _spread(field, _inside(profile, field, unit), low, high)
    if not units:
        return -1.0, [text("in no usual unit do {low} to {high} lie in its plausible range", low=low, high=high)]
    return 0.3, [text("{low} to {high} would be plausible in {units}", low=low, high=high, units=" / ".join(units))]


def _spread(field: Field, inside: float, low: str, high: str) -> tuple[float, list[Text]]:
    """Return what it says that this share of the numbers lies in the plausible range."""
    if inside >= 0.95 and field.low is None and field.high is None:
        return 0.3, [text("the values are numbers")]
    if inside >= 0.95:
        return 1.0, [text("{low} to {high} lie in its plausible range", low=low, high=high)]
    if inside >= 0.5:
        return 0.0, [text("some of {low} to {high} lie outside its plausible range", low=low, high=high)]
    return -1.0, [text("{low} to {high} lie outside its plausible range", low=low, high=high)]


def _codes(profile: Profile, field: Field) -> tuple[float, list[Text]] | None:
    if profile.is_number and not profile.is_whole:
        return None
    if profile.distinct > (2 if field.kind == "flag" else 3 * len(field.choices) + 5):
        return None
    known = known_words(field)
    understood = sum(folded(word) in known or value_word(field, word) is not None for word in profile.words)
    share = understood / len(profile.words)
    shown = ", ".join(profile.words[:4])
    if share >= 0.99:
        return 1.0, [text("its words are understood: {words}", words=shown)]
    if share >= 0.5:
        return 0.6, [text("most of its words are understood: {words}", words=shown)]
    if field.kind == "flag" or understood:
        return 0.0, [text("its words need a translation: {words}", words=shown)]
    return -0.6, [text("none of its words is one of the field's: {words}", words=shown)]


def _texts(profile: Profile, field: Field, of: str) -> tuple[float, list[Text]] | None:
    if profile.is_number and not profile.is_whole:
        return -1.0, [text("the values are measured numbers, not words")]
    if profile.distinct <= 2 and all(folded(word) in _YES_NO for word in profile.words):
        return None
    if field.key and len(record(of).key) == 1:
        if profile.unique >= 0.999:
            return 0.6, [text("every value occurs once, as a key must")]
        return (0.0 if profile.unique >= 0.97 else -1.0), [text("values repeat, which a key must not")]
    if profile.is_number and not (field.refers or field.key or field.required):
        return -0.3, [text("the values are numbers, not words")]
    return 0.2, []
