"""A column of numbers: read, judged against its plausible range, its defects told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from forgecast.gateway.defects import FindingLog
from forgecast.gateway.number import Judged, equals_any, judge
from forgecast.ground.finding import Severity
from forgecast.ground.texts import text


@dataclass(frozen=True, slots=True)
class Scale:
    """What a column of numbers measures: its plausible range, unit, and how to get from the file's unit to it.

    Parameters
    ----------
    name : str
        Field or tag.
    low, high : float or None
        Plausible range in `unit`.
    unit : str
    factor, offset : float
        ``value = raw * factor + offset``.
    missing : tuple of float
        Numbers that the map declares to mean "no value".
    """

    name: str
    low: float | None = None
    high: float | None = None
    unit: str = ""
    factor: float = 1.0
    offset: float = 0.0
    missing: tuple[float, ...] = ()


def judged_values(
    raw: NDArray[np.float64], scale: Scale, log: FindingLog, *, column: str, rows: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return values in the wanted unit, NaN where missing or refused, and which ones are doubtful but kept.

    Parameters
    ----------
    raw : (n,) float64 array
        As written; NaN where missing.
    scale : Scale
    log : FindingLog
    column : str
        Header for the findings.
    rows : (n,) int64 array
        Row of each value in the file.
    """
    if scale.missing:
        declared = equals_any(raw, scale.missing)
        if declared.any():
            _tell_declared(log, column, rows, raw, declared)
            raw = np.where(declared, np.nan, raw)
    judged = judge(raw, scale.low, scale.high, factor=scale.factor, offset=scale.offset)
    with np.errstate(over="ignore"):
        value = raw * scale.factor + scale.offset
    bad = judged.sentinel | judged.slip | judged.outside
    if bad.any():
        _tell(log, column, rows, raw, value, judged, scale)
        value = np.where(bad, np.nan, value)
    if judged.telling.any():
        log.add(
            "sentinel-value",
            Severity.DOUBTFUL,
            text("such a number usually stands for a value that is missing; no plausible range says otherwise"),
            text("say in the map under `missing` that it means no value, or give the tag its `low` and `high`"),
            column=column,
            rows=rows[judged.telling],
            value=_number(raw[judged.telling][0]),
        )
    return value, judged.telling


def tell_no_value(
    log: FindingLog, column: str, rows: NDArray[np.int64], words: pa.Array, at: NDArray[np.int64]
) -> None:
    """Note words that stand for "no value" (``—``, ``N/A``, ``未检`` …); blank cells need no note."""
    lengths = pc.binary_length(pc.utf8_trim_whitespace(words.take(pa.array(at)))).fill_null(0)
    real = at[lengths.to_numpy(zero_copy_only=False) > 0]
    if real.size:
        log.add(
            "sentinel-value",
            Severity.NOTE,
            text("a word stands where there is no value; it was taken as missing"),
            text("nothing to do; an empty cell says the same"),
            column=column,
            rows=rows[real],
            value=str(words[int(real[0])].as_py()),
        )


def tell_not_a_number(log: FindingLog, column: str, rows: NDArray[np.int64], value: str, *, comma: bool) -> None:
    """Refuse cells that are no numbers."""
    log.add(
        "not-a-number",
        Severity.REFUSED,
        text("this is no number"),
        text('if the comma is the decimal mark, say decimal = "," in the map')
        if comma
        else text("write a plain number; notes and units belong in other columns or in the header"),
        column=column,
        rows=rows,
        value=value,
    )


def _tell_declared(
    log: FindingLog, column: str, rows: NDArray[np.int64], raw: NDArray[np.float64], declared: NDArray[np.bool_]
) -> None:
    for number in np.unique(raw[declared]):
        log.add(
            "sentinel-value",
            Severity.NOTE,
            text("the map says that {value} stands for a missing value", value=_number(number)),
            text("nothing to do; it was taken as missing"),
            column=column,
            rows=rows[declared & (raw == number)],
            value=_number(number),
        )


def _tell(
    log: FindingLog,
    column: str,
    rows: NDArray[np.int64],
    raw: NDArray[np.float64],
    value: NDArray[np.float64],
    judged: Judged,
    scale: Scale,
) -> None:
    low, high = _number(scale.low, "−∞"), _number(scale.high, "∞")
    unit = f" {scale.unit}" if scale.unit else ""
    if judged.sentinel.any():
        log.add(
            "sentinel-value",
            Severity.REFUSED,
            text(
                "`{name}` is {value}, outside {low} to {high}{unit}: such a number stands for a value that is missing",
                name=scale.name, value=_number(raw[judged.sentinel][0]), low=low, high=high, unit=unit,
            ),
            text("say in the map under `missing` that it means no value, or leave the cell empty"),
            column=column,
            rows=rows[judged.sentinel],
            value=_number(raw[judged.sentinel][0]),
        )  # fmt: skip
    if judged.slip.any():
        first = int(np.flatnonzero(judged.slip)[0])
        log.add(
            "decimal-slip",
            Severity.REFUSED,
            text(
                "`{name}` is {value}, not within {low} to {high}{unit}, as {moved} would be: was a decimal point lost?",
                name=scale.name, value=_number(raw[first]), low=low, high=high, unit=unit,
                moved=_number(raw[first] * judged.factor[first]),
            ),
            text("look at the source, correct the value and import the file again"),
            column=column,
            rows=rows[judged.slip],
            value=_number(raw[first]),
        )  # fmt: skip
    if judged.outside.any():
        middle = (0.0 if scale.low is None else scale.low) / 2 + (0.0 if scale.high is None else scale.high) / 2
        at = np.flatnonzero(judged.outside)
        worst = int(at[np.argmax(np.abs(value[at] - middle))])
        log.add(
            "out-of-range",
            Severity.REFUSED,
            text(
                "`{name}` is {value}; plausible is {low} to {high}{unit}",
                name=scale.name, value=_number(raw[worst]), low=low, high=high, unit=unit,
            ),
            text("look at the instrument and at the unit of the column; correct the value and import the file again"),
            column=column,
            rows=rows[judged.outside],
            value=_number(raw[worst]),
        )  # fmt: skip


def _number(value: float | np.float64 | None, none: str = "") -> str:
    return none if value is None else f"{float(value):.10g}"
