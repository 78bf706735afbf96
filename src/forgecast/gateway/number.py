"""Reading numbers as plants write them, and judging them against their plausible range."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

#: What instruments and exports write where there is no value.
SENTINELS = (
    -1.0, -9.0, -99.0, -999.0, -999.9, -9999.0, -99999.0, 99.9, 999.0, 999.9, 9999.0, 9999.9, 99999.0, 999999.0,
    32767.0, -32768.0, 65534.0, 65535.0, 2147483647.0, -2147483648.0, 4294967295.0,
)  # fmt: skip
#: Those that no instrument shows by chance, doubtful even where no plausible range is known.
TELLING = (-999.0, -9999.0, -99999.0, 32767.0, -32768.0, 65534.0, 65535.0, 2147483647.0, -2147483648.0, 4294967295.0)
#: Words that say "no value" (compared after folding of case, width and blanks).
NO_VALUE = frozenset(
    ("-", "--", "---", "—", "——", "–", "/", "\\", "n/a", "#n/a", "na", "nan", "null", "none", "nil", "nd", "?", "*",
     "无", "未检", "未测", "缺", "缺测", "停机", "未检出", "空", "暂无")
)  # fmt: skip
SLIPS = (10.0, 0.1, 100.0, 0.01, 1000.0, 0.001)

_PLAIN = r"^[ \t]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?[ \t]*$"
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """A column read as numbers.

    Parameters
    ----------
    value : (n,) float64 array
        NaN where there is no number.
    no_value : (n,) bool array
        A word that says so stood there.
    wrong : (n,) bool array
        Something stood there that is neither.
    """

    value: NDArray[np.float64]
    no_value: NDArray[np.bool_]
    wrong: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Which numbers are outside their plausible range, and what each looks like.

    Parameters
    ----------
    sentinel, slip, outside, telling : (n,) bool arrays
        No two are true at once; `telling` marks a sentinel where no range is known (kept, doubtful).
    factor : (n,) float64 array
        By what a slipped value would have to be multiplied; 1 elsewhere.
    """

    sentinel: NDArray[np.bool_]
    slip: NDArray[np.bool_]
    outside: NDArray[np.bool_]
    telling: NDArray[np.bool_]
    factor: NDArray[np.float64]


def read_numbers(column: pa.Array, *, decimal: str = ".", percent: bool = False) -> Numbers:
    """Read a column as numbers.

    Parameters
    ----------
    column : (n,) Arrow array
        Text, or numbers as Parquet holds them; nulls are missing.
    decimal : str
        ``.`` or ``,``. With ``.`` a comma is read only where it groups thousands (1,234.5).
    percent : bool
        Whether a percent sign behind the number may be dropped.
    """
    n = len(column)
    none = np.zeros(n, np.bool_)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        value = _floats(column)
        return Numbers(np.where(np.isfinite(value), value, np.nan), none, np.isinf(value))
    if decimal == ".":
        try:
            value = _floats(column)
        except pa.ArrowInvalid:
            pass
        else:
            if bool(np.isfinite(value[_present(column)]).all()):
                return Numbers(value, none, none)
    return _patient(column, decimal=decimal, percent=percent)


def _floats(column: pa.Array) -> NDArray[np.float64]:
    value: NDArray[np.float64] = column.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64, copy=True)
    return value


def _present(column: pa.Array) -> NDArray[np.bool_]:
    present: NDArray[np.bool_] = column.is_valid().to_numpy(zero_copy_only=False)
    return present


def _patient(column: pa.Array, *, decimal: str, percent: bool) -> Numbers:
    """Read plain numbers at once and every other spelling once each."""
    present = _present(column)
    plain = np.zeros(len(column), np.bool_)
    if decimal == ".":
        plain = pc.match_substring_regex(column, _PLAIN).fill_null(False).to_numpy(zero_copy_only=False)  # noqa: FBT003
    value = np.full(len(column), np.nan)
    if plain.any():
        value[plain] = _floats(pc.utf8_trim_whitespace(column.filter(pa.array(plain))))
    rest = np.flatnonzero(present & ~plain)
    no_value, wrong = np.zeros(len(column), np.bool_), ~np.isfinite(value) & plain
    if rest.size:
        coded = column.take(pa.array(rest)).dictionary_encode()
        read = [_number(word, decimal=decimal, percent=percent) for word in coded.dictionary.to_pylist()]
        codes = coded.indices.to_numpy()
        value[rest] = np.array([np.nan if r is None else r for r in read])[codes]
        silent = np.array([is_no_value(word) for word in coded.dictionary.to_pylist()])[codes]
        no_value[rest] = silent
        wrong[rest] = np.array([r is None for r in read])[codes] & ~silent
    value[wrong] = np.nan
    return Numbers(value, no_value, wrong)


def _number(word: str, *, decimal: str, percent: bool) -> float | None:
    plain = unicodedata.normalize("NFKC", word).replace("\u00a0", " ").strip().replace("−", "-")
    if percent:
        plain = plain.removesuffix("%").strip()
    if decimal == ",":
        plain = plain.replace(".", "").replace(",", ".")
    elif _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    if len(plain) > 60 or not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", plain, re.ASCII):
        return None
    number = float(plain)
    return number if np.isfinite(number) else None


def is_no_value(word: str) -> bool:
    """Whether a cell only says that there is no value; a blank one does."""
    plain = unicodedata.normalize("NFKC", word).strip().casefold()
    return plain == "" or plain in NO_VALUE


def equals_any(value: NDArray[np.float64], listed: Sequence[float]) -> NDArray[np.bool_]:
    """Return where a value is one of those listed."""
    found = np.zeros(value.shape, np.bool_)
    for one in listed:
        found |= value == one
    return found


def judge(
    raw: NDArray[np.float64],
    low: float | None,
    high: float | None,
    *,
    factor: float = 1.0,
    offset: float = 0.0,
    sentinels: bool = True,
) -> Judged:
    """Judge raw numbers against a plausible range in another unit.

    Parameters
    ----------
    raw : (n,) float64 array
        As written; NaN where missing. ``raw * factor + offset`` is in the unit of the range.
    low, high : float or None
        Plausible range, both ends included; None is open.
    sentinels : bool
        Whether well-known stand-ins for "no value" may be recognised.

    Notes
    -----
    A value outside is taken for a decimal slip only if moving the point by one to three places puts it where the
    column's other values are: between their 1st and 99th percentile, widened on each side by half their distance and
    a twentieth of their size (the plausible range itself where there are fewer than 20 others), and if it is not
    merely a little outside.
    """
    none = np.zeros(raw.shape, np.bool_)
    ones = np.ones(raw.shape)
    with np.errstate(over="ignore"):
        value = raw * factor + offset
    if low is None and high is None:
        telling = equals_any(raw, TELLING) if sentinels else none
        return Judged(none, none, np.isinf(value), telling, ones)
    bottom, top = -np.inf if low is None else low, np.inf if high is None else high
    with np.errstate(invalid="ignore"):
        out = (value < bottom) | (value > top)
    if not out.any():
        return Judged(none, none, none, none, ones)
    sentinel = out & equals_any(raw, SENTINELS) if sentinels else none
    slip, found = none.copy(), ones
    rest = np.flatnonzero(out & ~sentinel)
    if rest.size:
        home = _home(value[~out & ~np.isnan(value)], bottom, top)
        margin = 0.1 * (top - bottom) if np.isfinite(top - bottom) else 0.0
        far = (value[rest] < bottom - margin) | (value[rest] > top + margin) if margin else np.ones(rest.size, np.bool_)
        # a small positive value under a positive range is far by ratio though not by difference
        far |= (value[rest] > 0) & (value[rest] < 0.5 * bottom)
        for step in SLIPS:
            with np.errstate(over="ignore"):
                moved = raw[rest] * step * factor + offset
            hit = far & (raw[rest] != 0) & (moved >= home[0]) & (moved <= home[1]) & ~slip[rest]
            slip[rest[hit]], found[rest[hit]] = True, step
    return Judged(sentinel, slip, out & ~sentinel & ~slip, none, found)


def _home(good: NDArray[np.float64], bottom: float, top: float) -> tuple[float, float]:
    """Return the stretch in which a column's values lie."""
    if good.size < 20:
        return bottom, top
    if good.size > 100_000:
        good = good[:: good.size // 100_000]
    first, last = np.percentile(good, [1, 99])
    slack = 0.5 * (last - first) + 0.05 * max(abs(first), abs(last))
    return max(bottom, float(first - slack)), min(top, float(last + slack))
