"""Rows of a record out of a table: columns matched to fields, cells read and judged, rows without a key refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from forgecast.gateway.clock import read_stamps
from forgecast.gateway.columns import match_columns
from forgecast.gateway.defects import FindingLog
from forgecast.gateway.header import Match, folded, nearest, needs_unit
from forgecast.gateway.number import Numbers, is_no_value, read_numbers
from forgecast.gateway.numeric_column import Scale, judged_values, tell_no_value, tell_not_a_number
from forgecast.gateway.repeats import drop_repeated_keys, tell_odd_times
from forgecast.gateway.table import RawTable, as_text, whole
from forgecast.gateway.taking import Taking, wanted_by_map
from forgecast.gateway.time_column import TimeColumn
from forgecast.ground.dates import DAY_US
from forgecast.ground.finding import Severity
from forgecast.ground.texts import text
from forgecast.ground.units import scale
from forgecast.plant.record import Field, Record
from forgecast.plant.rows import RecordRows, Value

_TRUE = frozenset(("true", "yes", "y", "1", "是", "有", "√", "t"))
_FALSE = frozenset(("false", "no", "n", "0", "否", "无", "×", "f"))
_EPOCH = date(1970, 1, 1)


def take_rows(
    table: RawTable, record: Record, taking: Taking, progress: Callable[[float], None] | None = None
) -> RecordRows:
    """Read a table as rows of a record.

    Parameters
    ----------
    table : RawTable
    record : Record
    taking : Taking
    progress : callable or None
        Called with the share of the file that was read.

    Raises
    ------
    ImportRefusedError
        If a required field has no column, a required column no unit, or day and month cannot be told apart.
    """
    matches = match_columns(table, record, taking)
    batch = whole(table, progress)
    table.report(taking.log)
    keep = wanted_rows(table, batch.columns, batch.rows, taking)
    rows = batch.rows[keep]
    chosen = pa.array(keep)
    values: dict[str, list[Value]] = {}
    for match in matches:
        column = batch.columns[match.index].filter(chosen)
        values[match.field.name] = cells_of(column, match, rows, taking)
    if taking.map is not None:
        for name, word in taking.map.constants.items():
            match = Match(-1, name, record.field(name), record.field(name).unit)
            constant = cells_of(
                pa.array([word], pa.string()), match, rows[:1] if rows.size else np.zeros(1, np.int64), taking
            )
            values[name] = constant * int(rows.size)
    taken = RecordRows(record.name, values, rows, table.sheet)
    return finished(taken, record, {m.field.name: m.header for m in matches}, taking)


def finished(rows: RecordRows, record: Record, headers: Mapping[str, str], taking: Taking) -> RecordRows:
    """Refuse rows without what is required, and rows whose key comes twice."""
    keep = np.ones(len(rows), np.bool_)
    for field in record.fields:
        if not (field.required or field.key):
            continue
        absent = np.array([value is None for value in rows.columns[field.name]], np.bool_) & keep
        keep &= ~absent
        taking.log.add(
            "missing-required",
            Severity.REFUSED,
            text("the row is refused: `{field}` is needed and is missing or was refused", field=field.name),
            text("fill the cell and import the file again"),
            column=headers.get(field.name, field.name),
            rows=rows.row_numbers[absent],
        )
    kept = _filtered(rows, keep)
    kept = _filtered(kept, drop_repeated_keys(kept, record, headers, taking.log))
    tell_odd_times(kept, record, headers, taking.log)
    if len(kept) == 0:
        taking.log.add(
            "no-rows",
            Severity.DOUBTFUL,
            text("the table has headers but no row that could be taken"),
            text("look at the other findings; if there are none, the export was empty"),
        )
    return kept


def _filtered(rows: RecordRows, keep: NDArray[np.bool_]) -> RecordRows:
    if keep.all():
        return rows
    index = np.flatnonzero(keep).tolist()
    columns = {name: [column[i] for i in index] for name, column in rows.columns.items()}
    return replace(rows, columns=columns, row_numbers=rows.row_numbers[keep])


def wanted_rows(
    table: RawTable, columns: tuple[pa.Array, ...], rows: NDArray[np.int64], taking: Taking
) -> NDArray[np.bool_]:
    """Return which rows are to be read: not blank, and such as the map asks for."""
    blank = np.ones(rows.size, np.bool_)
    for column in columns:
        blank &= column.is_null().to_numpy(zero_copy_only=False)
    return ~blank & wanted_by_map(table, columns, rows, taking)


def cells_of(column: pa.Array, match: Match, rows: NDArray[np.int64], taking: Taking) -> list[Value]:
    """Read one column as values of its field; what cannot be is a finding and missing."""
    column = _without_declared(column, match, rows, taking)
    kind = match.field.kind
    if match.field.is_number:
        return _numbers(column, match, rows, taking)
    if kind == "integer":
        return _integers(column, match, rows, taking)
    if kind in {"date", "month", "time"}:
        return _times(column, match, rows, taking)
    if kind in {"code", "flag"}:
        return _words(column, match, rows, taking)
    return _texts(column, match, rows, taking)


def _without_declared(column: pa.Array, match: Match, rows: NDArray[np.int64], taking: Taking) -> pa.Array:
    """Blank the words that the map declares to mean "no value"; numbers are dealt with as numbers."""
    words = [word for word in taking.missing(match.header) if isinstance(word, str)]
    if not words or not (pa.types.is_string(column.type) or pa.types.is_dictionary(column.type)):
        return column
    column = column.cast(pa.string())
    silent = pc.is_in(pc.utf8_trim_whitespace(column), pa.array(words, pa.string()))
    at = silent.to_numpy(zero_copy_only=False)
    if at.any():
        taking.log.add(
            "sentinel-value",
            Severity.NOTE,
            text("the map says that {value} stands for a missing value", value=words[0]),
            text("nothing to do; it was taken as missing"),
            column=match.header,
            rows=rows[at],
            value=str(column[int(np.flatnonzero(at)[0])].as_py()),
        )
    return pc.if_else(silent, pa.scalar(None, pa.string()), column)


def _read(column: pa.Array, match: Match, rows: NDArray[np.int64], taking: Taking) -> Numbers:
    if pa.types.is_dictionary(column.type) or pa.types.is_timestamp(column.type):
        column = as_text(column)
    numbers = read_numbers(column, decimal=taking.decimal, percent=match.unit == "%")
    if numbers.no_value.any():
        tell_no_value(taking.log, match.header, rows, column, np.flatnonzero(numbers.no_value))
    if numbers.wrong.any():
        first = str(column[int(np.flatnonzero(numbers.wrong)[0])].as_py())
        comma = re.fullmatch(r"\s*[+-]?\d+,\d+\s*", first) is not None
        tell_not_a_number(taking.log, match.header, rows[numbers.wrong], first, comma=comma)
    return numbers


def _judged(column: pa.Array, match: Match, rows: NDArray[np.int64], taking: Taking) -> NDArray[np.float64]:
    field = match.field
    factor, offset = 1.0, 0.0
    if needs_unit(field) and match.unit is not None and match.unit != field.unit:
        factor, offset = scale(field.kind, match.unit, field.unit)
    declared = tuple(one for one in taking.missing(match.header) if isinstance(one, float))
    how = Scale(field.name, field.low, field.high, field.unit, factor, offset, declared)
    raw = _read(column, match, rows, taking).value
    return judged_values(raw, how, taking.log, column=match.header, rows=rows)[0]


def _numbers(column: pa.Array, match: Match, rows: NDArray[np.int64], taking: Taking) -> list[Value]:
    return _listed(_judged(column, match, rows, taking))


def _listed(value: NDArray[np.float64]) -> list[Value]:
    listed = value.astype(object)
    listed[np.isnan(value)] = None
    cells: list[Value] = listed.tolist()
    return cells


def _integers(column: pa.Array, match: Match, rows: NDArray[np.int64], taking: Taking) -> list[Value]:
    value = _judged(column, match, rows, taking)
    with np.errstate(invalid="ignore"):
        broken = ~np.isnan(value) & ((value != np.rint(value)) | (np.abs(value) > 2**53))
    if broken.any():
        taking.log.add(
            "not-a-number",
            Severity.REFUSED,
            text("a whole number is wanted"),
            text("write a whole number without decimals"),
            column=match.header,
            rows=rows[broken],
            value=f"{value[broken][0]:.10g}",
        )
    return [
        None if x is None else int(x) for x in _listed(np.where(broken, np.nan, value)) if not isinstance(x, str | date)
    ]


def _times(column: pa.Array, match: Match, rows: NDArray[np.int64], taking: Taking) -> list[Value]:
    kind = match.field.kind
    if kind != "time" and pa.types.is_integer(column.type):
        column = as_text(column)
    if kind == "month" and pa.types.is_string(column.type):
        column = pc.replace_substring_regex(column, r"^\s*([0-9]{4})([0-9]{2})\s*$", r"\1-\2")
    reader = TimeColumn(
        match.header,
        taking.time,
        taking.zone,
        taking.log,
        taking.now,
        lambda: read_stamps(column, day_first=None).order,
    )
    clocked = reader.read(column, rows)
    reader.finish()
    # a date may lie ahead (a permit's last day); what has happened or was counted may not
    t, good = (clocked.local, clocked.valid) if kind == "date" else reader.utc(clocked, rows)
    if kind == "time":
        if taking.time.label == "start" and taking.time.interval_us is not None:
            t = t + taking.time.interval_us
        return [int(x) if ok else None for x, ok in zip(t.tolist(), good.tolist(), strict=True)]
    days = (clocked.local // DAY_US).tolist()
    dates = {day: _EPOCH + timedelta(days=day) for day in set((clocked.local[good] // DAY_US).tolist())}
    found = [dates[day] if ok else None for day, ok in zip(days, good.tolist(), strict=True)]
    return list(found) if kind == "date" else [None if day is None else day.isoformat()[:7] for day in found]


def _words(column: pa.Array, match: Match, rows: NDArray[np.int64], taking: Taking) -> list[Value]:
    """Read codes and flags: each spelling once, then by its number."""
    field = match.field
    coded = as_text(column).cast(pa.string()).dictionary_encode()
    spellings: list[str] = coded.dictionary.to_pylist()
    if not spellings:
        return [None] * len(column)
    translate = {} if taking.map is None else taking.map.values.get(field.name, {})
    known = known_words(field)
    read = [_word(spelling, translate, known) for spelling in spellings]
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    for number, (spelling, value) in enumerate(zip(spellings, read, strict=True)):
        if value is None:
            _tell_word(spelling, field, match.header, rows[codes == number], taking.log)
    table = np.array([*read, None], dtype=object)
    listed: list[Value] = table[codes].tolist()
    return listed


def _word(spelling: str, translate: Mapping[str, str], known: Mapping[str, str | bool]) -> str | bool | None:
    plain = spelling.strip()
    word = translate.get(plain, translate.get(plain.removesuffix(".0"), plain))
    return known.get(folded(word) or word)


def known_words(field: Field) -> Mapping[str, str | bool]:
    """Return the words of a code or flag that need no translation, folded, and what each means."""
    return _flag_words() if field.kind == "flag" else _code_words(field)


def _flag_words() -> dict[str, str | bool]:
    return {word: word in _TRUE for word in (*_TRUE, *_FALSE)}


def _code_words(field: Field) -> dict[str, str | bool]:
    known: dict[str, str | bool] = {}
    for choice in field.choices:
        known[folded(re.sub(r"[（(].*", "", choice.zh))] = choice.code
        known[folded(choice.zh)] = choice.code
    for choice in field.choices:
        known[folded(choice.code)] = choice.code
    return known


def _tell_word(spelling: str, field: Field, header: str, rows: NDArray[np.int64], log: FindingLog) -> None:
    if spelling.strip() == "":
        return
    if is_no_value(spelling):
        tell_no_value(log, header, rows, pa.array([spelling] * rows.size, pa.string()), np.arange(rows.size))
        return
    words = [c.code for c in field.choices] if field.kind == "code" else ["true", "false"]
    every = [*words, *(c.zh for c in field.choices)]
    close = nearest(spelling, every, 1)
    log.add(
        "unknown-code",
        Severity.REFUSED,
        text("{value} is not one of the words of `{field}`", value=spelling[:60], field=field.name),
        text("did you mean {good}? Or translate it in the map under `values`", good=close[0])
        if close
        else text("use one of {words}, or translate it in the map under `values`", words=", ".join(words)),
        column=header,
        rows=rows,
        value=spelling,
    )


def _texts(column: pa.Array, match: Match, rows: NDArray[np.int64], taking: Taking) -> list[Value]:
    coded = as_text(column).cast(pa.string()).dictionary_encode()
    spellings: list[str] = coded.dictionary.to_pylist()
    if not spellings:
        return [None] * len(column)
    translate = {} if taking.map is None else taking.map.values.get(match.field.name, {})
    read = [None if is_no_value(word) else translate.get(word.strip(), word.strip()) for word in spellings]
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    silent = np.array([value is None for value in [*read, "x"]])[codes]
    if silent.any():
        tell_no_value(taking.log, match.header, rows, column.cast(pa.string()), np.flatnonzero(silent))
    listed: list[Value] = np.array([*read, None], dtype=object)[codes].tolist()
    return listed
