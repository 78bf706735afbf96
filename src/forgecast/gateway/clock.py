"""Reading time stamps as plants write them: whole columns at once, never a guess about day and month.

Stamps are sorted by their *shape* (every digit as 0): all stamps of one shape are taken apart together, so a column
of ten million stamps costs a few array operations and not ten million calls.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from forgecast.ground.dates import DAY_US, HOUR_US, MINUTE_US, SECOND_US, local_to_us

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MOST_SHAPES = 400
_MOST_BYTES = 64

_YEAR_FIRST = r"(?P<Y>0000)(?:[-/.]|年)(?P<m>00?)(?:(?:[-/.]|月)(?P<d>00?)日?|月)?"
_YEAR_LAST = r"(?P<a>00?)[-/.](?P<b>00?)[-/.](?P<Y>0000|(?P<short>00))"
_NAMED = r"(?P<d>00?)[-/ .](?P<mon>[A-Za-z]{3})[a-z]*\.?,?[-/ ](?P<Y>0000)"
_COMPACT = r"(?P<Y>0000)(?P<m>00)(?P<d>00)"
_SPAN = r"(?P<H>00?)(?::|时|点)(?P<M>00?)分?(?::?(?P<S>00?)(?:[.,](?P<f>0{1,9}))?秒?)?(?:\s*(?P<ap>[AaPp]\.?[Mm]\.?))?"
_ZONE = r"(?:\s*(?:Z|(?P<sign>[+-])(?P<zh>00)(?::?(?P<zm>00))?))?"
_TAIL = rf"(?:(?:\s+|T|日)?(?P<noon>上午|下午)?\s*{_SPAN}{_ZONE})?"
_COMPACT_TAIL = r"(?:[ T_]?(?P<H>00)(?P<M>00)(?P<S>00)?(?:\.(?P<f>0{1,6}))?Z?)?"
_FORMS = (
    ("ymd", re.compile(_YEAR_FIRST + _TAIL)),
    ("ab", re.compile(_YEAR_LAST + _TAIL)),
    ("named", re.compile(_NAMED + _TAIL)),
    ("compact", re.compile(_COMPACT + _COMPACT_TAIL)),
    ("compact", re.compile(_COMPACT + r"\s+" + _SPAN)),
)
_DIRECTIVES = {
    "Y": "(?P<Y>0000)", "m": "(?P<m>00?)", "d": "(?P<d>00?)", "H": "(?P<H>00?)", "I": "(?P<H>00?)",
    "M": "(?P<M>00?)", "S": "(?P<S>00?)", "f": "(?P<f>0{1,9})", "p": "(?P<ap>[AaPp][Mm])", "y": "(?P<Y>(?P<short>00))",
    "b": "(?P<mon>[A-Za-z]{3})", "z": r"(?P<sign>[+-])(?P<zh>00):?(?P<zm>00)", "%": "%",
}  # fmt: skip
#: Formats of a time column that holds a count instead of a calendar: microseconds for one count, and the origin.
COUNTS = {
    "epoch_s": (SECOND_US, 0),
    "epoch_ms": (1_000, 0),
    "epoch_us": (1, 0),
    "excel_day": (DAY_US, -25_569 * DAY_US),
}


@dataclass(frozen=True, slots=True, eq=False)
class DayOrder:
    """What a column shows about the order of day and month: how many stamps, and whether a part exceeds twelve."""

    stamps: int = 0
    first_over_12: bool = False
    second_over_12: bool = False
    differ: bool = False

    def __or__(self, other: DayOrder) -> DayOrder:
        return DayOrder(
            self.stamps + other.stamps,
            self.first_over_12 or other.first_over_12,
            self.second_over_12 or other.second_over_12,
            self.differ or other.differ,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Stamps:
    """A column of time stamps, read.

    Parameters
    ----------
    local : (n,) int64 array
        Wall-clock microseconds since 1970-01-01T00:00; UTC where `absolute`; 0 where not `valid`.
    valid, absolute, has_clock : (n,) bool arrays
        Whether it could be read; whether it named its zone; whether it carried a time of day.
    order : DayOrder
        Of the stamps that leave open which part is the day.
    styles : Counter
        How many stamps are written each way: ``ymd``, ``ab`` (day and month before the year), ``named``, ``compact``.
    padding : Counter
        How many days and hours below ten are written ``08`` and how many ``8``; keys ``(part, padded)``.
    """

    local: NDArray[np.int64]
    valid: NDArray[np.bool_]
    absolute: NDArray[np.bool_]
    has_clock: NDArray[np.bool_]
    order: DayOrder
    styles: Counter[str]
    padding: Counter[tuple[str, bool]]


def read_stamps(column: pa.Array, *, day_first: bool | None, form: str = "") -> Stamps:
    """Read a column of time stamps written as text.

    Parameters
    ----------
    column : (n,) Arrow string array
        Nulls are missing.
    day_first : bool or None
        Whether 3/4/2025 is the third of April; None leaves such stamps unread and only reports their `order`.
    form : str
        ``strptime`` format; empty where the shapes are to speak for themselves.

    Returns
    -------
    Stamps
        Twenty-four hundred hours (24:00) is the first instant of the next day.
    """
    forms = (("given", _given(form)),) if form else _FORMS
    n = len(column)
    local, absolute, clock = np.zeros(n, np.int64), np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    valid = np.zeros(n, np.bool_)
    order, styles, padding = DayOrder(), Counter[str](), Counter[tuple[str, bool]]()
    for index, shape, digits in _shapes(column):
        style, match = _interpret(shape, forms)
        if match is None:
            continue
        value, good, part = _value(match, digits, day_first=day_first)
        order |= part
        local[index], valid[index] = np.where(good, value, 0), good
        absolute[index] = match.groupdict().get("sign") is not None or shape.endswith("Z")
        clock[index] = match.groupdict().get("H") is not None
        styles[style] += int(index.size)
        padding.update(_padding(match, digits))
    return Stamps(local, valid, absolute, clock, order, styles, padding)


def directives_of(form: str) -> str | None:
    """Return what is wrong with a ``strptime`` format (the part not understood), or None if it can be used."""
    try:
        groups = set(_given(form).groupindex)
    except (KeyError, re.error):
        return form
    return None if {"Y", "d"} <= groups and ("m" in groups or "mon" in groups) else form


def wall_clock_to_us(local: NDArray[np.int64], zone_name: str) -> NDArray[np.int64]:
    """Turn wall-clock microseconds into microseconds UTC, as `dates.local_to_us` but by a table of hours."""
    if local.size == 0:
        return local.copy()
    hours = local // HOUR_US
    low, high = int(hours.min()), int(hours.max())
    if high - low > 500_000:
        return local_to_us(local, zone_name)
    table = np.arange(low, high + 1, dtype=np.int64) * HOUR_US
    offsets = table - local_to_us(table, zone_name)
    moved: NDArray[np.int64] = local - offsets[hours - low]
    return moved


def mend_midnight(local: NDArray[np.int64], previous: int | None) -> NDArray[np.bool_]:
    """Find stamps of 0:00 that close their day but carry its own date instead of the next one.

    Parameters
    ----------
    local : (n,) int64 array
        Wall-clock microseconds of one series in file order.
    previous : int or None
        The stamp before the first, where the file was read in pieces.

    Returns
    -------
    (n,) bool array
        True where a stamp reads 00:00, the one before is later on the same date, and 24:00 would be the next in time
        by two hours at most.
    """
    before = np.empty_like(local)
    if local.size:
        before[1:] = local[:-1]
        before[0] = local[0] if previous is None else previous
    midnight = local % DAY_US == 0
    same_day = before // DAY_US == local // DAY_US
    late: NDArray[np.bool_] = midnight & same_day & (before > local) & (local + DAY_US - before <= 2 * HOUR_US)
    return late


def _shapes(column: pa.Array) -> Iterator[tuple[NDArray[np.int64], str, NDArray[np.uint8]]]:
    """Yield (indices, shape, digits as (m, length) array) for each way of writing met, while there are few."""
    trimmed = pc.utf8_trim_whitespace(column)
    if not bool(pc.all(pc.string_is_ascii(trimmed)).as_py() in (True, None)):
        trimmed = _folded(trimmed)
    data = trimmed.fill_null("").cast(pa.large_string())
    offsets = np.frombuffer(data.buffers()[1], np.int64, len(data) + 1, data.offset * 8)
    body = data.buffers()[2]
    flat = np.frombuffer(body, np.uint8) if body is not None else np.zeros(0, np.uint8)
    lengths = np.diff(offsets)
    met = 0
    for length in np.flatnonzero(np.bincount(np.minimum(lengths, _MOST_BYTES + 1))):
        if length == 0 or length > _MOST_BYTES:
            continue
        index = np.flatnonzero(lengths == length)
        if index.size == lengths.size:
            matrix = flat[offsets[0] : offsets[-1]].reshape(-1, int(length))
        else:
            matrix = flat[offsets[index][:, None] + np.arange(length)]
        while index.size and met < _MOST_SHAPES:
            met += 1
            same, shape = _alike(matrix)
            rest = ~same
            if not rest.any():
                yield index, shape, matrix
                break
            yield index[same], shape, matrix[same]
            index, matrix = index[rest], matrix[rest]


def _alike(matrix: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], str]:
    """Return which rows are written like the first one, and that shape."""
    first = matrix[0]
    is_digit = (first >= 48) & (first <= 57)
    same = np.ones(matrix.shape[0], np.bool_)
    for place, digit in enumerate(is_digit):
        cells = matrix[:, place]
        same &= ((cells - np.uint8(48)) <= 9) if digit else (cells == first[place])
    shape = np.where(is_digit, np.uint8(48), first).tobytes()
    return same, shape.decode("utf-8", "replace")


def _folded(column: pa.Array) -> pa.Array:
    """Fold full-width digits and signs to plain ones, each spelling once."""
    coded = column.dictionary_encode()
    plain = [None if w is None else unicodedata.normalize("NFKC", w).strip() for w in coded.dictionary.to_pylist()]
    return pa.array(plain, pa.string()).take(coded.indices)


def _interpret(shape: str, forms: tuple[tuple[str, re.Pattern[str]], ...]) -> tuple[str, re.Match[str] | None]:
    for style, pattern in forms:
        match = pattern.fullmatch(shape)
        if match is not None:
            return style, match
    return "", None


def _padding(match: re.Match[str], digits: NDArray[np.uint8]) -> Counter[tuple[str, bool]]:
    """Count the days and hours below ten by whether a zero stands before them."""
    found: Counter[tuple[str, bool]] = Counter()
    for part, names in (("day", "ad"), ("hour", "H")):
        for name in names:
            if match.groupdict().get(name) is None:
                continue
            place = len(match.string[: match.start(name)].encode())
            if len(match[name]) == 1:
                found[part, False] += digits.shape[0]
            else:
                found[part, True] += int((digits[:, place] == 48).sum())
    return found


def _value(
    match: re.Match[str], digits: NDArray[np.uint8], *, day_first: bool | None
) -> tuple[NDArray[np.int64], NDArray[np.bool_], DayOrder]:
    """Return wall-clock microseconds (UTC where the stamp says its zone), validity, and the order of the days."""
    named = {name for name, found in match.groupdict().items() if found is not None}
    byte = [0, *np.cumsum([len(c.encode()) for c in match.string]).tolist()]

    def number(name: str, absent: int = 0) -> NDArray[np.int64]:
        if name not in named:
            return np.full(digits.shape[0], absent, np.int64)
        total = np.zeros(digits.shape[0], np.int64)
        for place in range(byte[match.start(name)], byte[match.end(name)]):
            total = total * 10 + (digits[:, place] - np.uint8(48))
        return total

    year = number("Y") + (2000 if "short" in named else 0)
    order = DayOrder()
    if "a" in named:
        one, two = number("a"), number("b")
        order = DayOrder(digits.shape[0], bool((one > 12).any()), bool((two > 12).any()), bool((one != two).any()))
        month, day = (two, one) if day_first else (one, two)
    else:
        month = number("m") if "m" in named else np.full(digits.shape[0], _month(match), np.int64)
        day = number("d", 1)
    hour, minute, second = number("H"), number("M"), number("S")
    good = (hour <= 23) | ((hour == 24) & (minute == 0) & (second == 0))
    noon = (match.groupdict().get("ap") or match.groupdict().get("noon") or "").lower()
    if noon:
        good &= hour <= 12 if noon[0] in "ap" else hour < 24
        hour = np.where(hour == 12, 0 if noon[0] in "a上" else 12, hour + (12 if noon[0] in "p下" else 0) * (hour < 12))
    fraction = number("f") * 10 ** (6 - min(6, len(match["f"]))) if "f" in named else number("f")
    if "f" in named and len(match["f"]) > 6:
        fraction = fraction // 10 ** (len(match["f"]) - 6)
    good &= (minute < 60) & (second < 60) & _is_day(year, month, day)
    if "a" in named and day_first is None:
        good[:] = False
    value = _days(year, month, day) * DAY_US + hour * HOUR_US + minute * MINUTE_US + second * SECOND_US + fraction
    if "sign" in named:
        shift = number("zh") * HOUR_US + number("zm") * MINUTE_US
        value = value - shift if match["sign"] == "+" else value + shift
    return value, good, order


def _month(match: re.Match[str]) -> int:
    word = (match.groupdict().get("mon") or "").lower()
    return _MONTHS.index(word) + 1 if word in _MONTHS else 0


def _is_day(year: NDArray[np.int64], month: NDArray[np.int64], day: NDArray[np.int64]) -> NDArray[np.bool_]:
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    lengths = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    last = lengths[np.clip(month, 0, 12)] + (leap & (month == 2))
    real: NDArray[np.bool_] = (year >= 1900) & (year < 3000) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= last)
    return real


def _days(year: NDArray[np.int64], month: NDArray[np.int64], day: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return days since 1970-01-01 in the Gregorian calendar (March-based year, 400-year eras)."""
    shifted = year - (month <= 2)
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * (month + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1
    days: NDArray[np.int64] = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return days


def _given(form: str) -> re.Pattern[str]:
    """Return the shape that a ``strptime`` format describes."""
    parts, place = [], 0
    while place < len(form):
        if form[place] == "%" and place + 1 < len(form):
            parts.append(_DIRECTIVES[form[place + 1]])
            place += 2
        else:
            parts.append("0" if form[place].isdigit() else re.escape(form[place]))
            place += 1
    return re.compile("".join(parts))
