"""Numbers, units, days and hours as a reader sees them, the same in PDF, HTML and terminal."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

from forgecast.ground.dates import zone
from forgecast.ground.texts import Language

#: Shown where there is no value.
ABSENT = "—"
#: Stands between a number and its unit, so that a line never breaks there.
NARROW = "\u00a0"

_DIGITS = 3
_MOST_DECIMALS = 12
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_COMPARISONS = {"<=": "≤", ">=": "≥", "<": "<", ">": ">", "==": "=", "=": "="}
_BARE_UNITS = {"", "1", "dimensionless"}
#: A name in a file (`SO2_mg_m3`) is left as its owner wrote it: no underscore or letter may stand beside a match.
_ALONE, _ENDS = r"(?<![A-Za-z0-9_])", r"(?![A-Za-z0-9_-])"
_EXPONENT = re.compile(rf"{_ALONE}(N?[cdm]?m)([23]){_ENDS}")
_GAS = re.compile(rf"{_ALONE}((?:kg|t)?)(CO|SO|NO|O|N)([23]){_ENDS}")
_DEGREE = re.compile(rf"{_ALONE}degC{_ENDS}|℃")
_MICRO = re.compile(rf"{_ALONE}[uμ](?=g/)")


def shown(value: float | None, against: float | None = None) -> str:
    """Return a number with three significant digits, or as many more as the comparison with a limit needs.

    Parameters
    ----------
    value : float or None
    against : float or None
        A limit: a value that differs from it is never rounded onto it, and never to its other side.

    Returns
    -------
    str
        Thousands set off by commas; a dash where there is no value.
    """
    if value is None or not math.isfinite(value):
        return ABSENT
    exact = Decimal(repr(float(value)))
    decimals = _decimals(value)
    while decimals < _MOST_DECIMALS and not _tells_apart(exact, decimals, against):
        decimals += 1
    if not _tells_apart(exact, decimals, against):
        return _signed(f"{exact:,f}")
    return _signed(f"{_rounded(exact, decimals):,f}")


def shown_limit(value: float) -> str:
    """Return a limit in full, as its source writes it."""
    return _signed(f"{Decimal(repr(float(value))).normalize():,f}")


def shown_with_unit(value: float | None, unit: str, against: float | None = None) -> str:
    """Return a number and its unit; percent stands close, every other unit after an unbreakable blank."""
    return _joined(shown(value, against), unit) if value is not None else ABSENT


def shown_limit_with_unit(value: float | None, unit: str, comparison: str) -> str:
    """Return ``≤ 40 mg/m³``, or a dash where the limit is no number."""
    if value is None:
        return ABSENT
    sign = _COMPARISONS.get(comparison, comparison)
    return f"{sign}{NARROW}{_joined(shown_limit(value), unit)}".strip()


def pretty_unit(unit: str) -> str:
    """Return a unit with raised and lowered digits (``mg/m³``, ``t CO₂``); empty for a bare number."""
    if unit in _BARE_UNITS:
        return ""
    return pretty_text(unit.replace("*", "·"))


def pretty_text(sentence: str) -> str:
    """Return a sentence in which units and gases are set with raised and lowered digits."""
    sentence = _MICRO.sub("µ", _DEGREE.sub("°C", sentence))
    sentence = _EXPONENT.sub(lambda m: m[1] + {"2": "²", "3": "³"}[m[2]], sentence)
    return _GAS.sub(lambda m: f"{m[1] and m[1] + ' '}{m[2]}{chr(0x2080 + int(m[3]))}", sentence)


def count(number: int) -> str:
    """Return a count with its thousands set off."""
    return f"{number:,d}"


def long_day(day: date, language: Language) -> str:
    """Return a day as a sentence says it."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day}{NARROW}{_MONTHS[day.month - 1]}{NARROW}{day.year}"


def month_name(number: int, language: Language) -> str:
    """Return the short name of a month, 1 to 12."""
    return f"{number}月" if language == "zh" else _MONTHS[number - 1]


def local_hour(moment: str, zone_name: str) -> str:
    """Return an ISO 8601 instant as local ``YYYY-MM-DD HH:MM``; what is no instant is returned as it is."""
    try:
        read = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    if len(moment) <= len("YYYY-MM-DD"):
        return moment
    if read.tzinfo is not None:
        place: ZoneInfo = zone(zone_name)
        read = read.astimezone(place)
    return f"{read:%Y-%m-%d %H:%M}"


def _joined(number: str, unit: str) -> str:
    fine = pretty_unit(unit)
    if not fine:
        return number
    return number + fine if fine in ("%", "‰") else f"{number}{NARROW}{fine}"


def _decimals(value: float) -> int:
    if value == 0.0 or (value.is_integer() and abs(value) < 1e15):
        return 0
    return max(0, _DIGITS - 1 - math.floor(math.log10(abs(value))))


def _rounded(exact: Decimal, decimals: int) -> Decimal:
    return exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)


def _tells_apart(exact: Decimal, decimals: int, against: float | None) -> bool:
    if against is None or not math.isfinite(against):
        return True
    limit = Decimal(repr(float(against)))
    return _rounded(exact, decimals).compare(limit) == exact.compare(limit)


def _signed(number: str) -> str:
    return number.replace("-", "−")
