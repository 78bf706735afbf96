"""Time series out of a table: one column a tag (wide), one row a reading (long), with stamps or a declared axis."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from forgecast.gateway.axis import RowAxis
from forgecast.gateway.clock import DayOrder, mend_midnight, read_stamps
from forgecast.gateway.defects import FindingLog
from forgecast.gateway.header import folded, split_unit
from forgecast.gateway.mapping import TagMap
from forgecast.gateway.number import read_numbers
from forgecast.gateway.numeric_column import Scale, judged_values, tell_no_value, tell_not_a_number
from forgecast.gateway.repeats import arranged, tell_repeats
from forgecast.gateway.table import Batch, RawTable, as_text
from forgecast.gateway.taking import Taking, header_index, wanted_by_map
from forgecast.gateway.time_column import TimeColumn
from forgecast.ground.dates import DAY_US
from forgecast.ground.errors import ImportRefusedError
from forgecast.ground.finding import Severity
from forgecast.ground.texts import text
from forgecast.signals.reading import DOUBTFUL, GOOD, INVALID, Readings

TIME_NAMES = frozenset(
    ("t", "time", "timestamp", "datetime", "date", "datatime", "时间", "日期", "日期时间", "采集时间", "数据时间",
     "监测时间", "时间戳", "时刻")
)  # fmt: skip
TAG_NAMES = frozenset(("tag", "tagid", "tagname", "测点", "测点编号", "点位", "点位编号", "点号", "标签"))
VALUE_NAMES = frozenset(("value", "val", "值", "数值", "测量值", "监测值"))
FLAG_NAMES = frozenset(("flag", "quality", "标志", "标记", "数据标记", "质量码"))
_FLAGS = {"0": GOOD, "1": DOUBTFUL, "2": INVALID, "good": GOOD, "doubtful": DOUBTFUL, "invalid": INVALID}
#: Quantities that need no unit.
_BARE = frozenset(("operating", "power_factor", "other", ""))


@dataclass(frozen=True, slots=True)
class TagHint:
    """What the plant already knows about a tag: its unit and plausible range."""

    unit: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class _Column:
    index: int
    header: str
    tag: TagMap
    flag: int | None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where in a table its series are.

    Parameters
    ----------
    time : int or None
        Column of the stamps; None with a declared axis.
    wide : tuple
        Columns of values, each with its tag.
    tag, value, flag : int or None
        Columns of the long form.
    words : mapping of str to TagMap
        Tags of the long form by the word they have in the file.
    """

    time: int | None
    wide: tuple[_Column, ...] = ()
    tag: int | None = None
    value: int | None = None
    flag: int | None = None
    words: Mapping[str, TagMap] | None = None


def is_long(headers: tuple[str, ...]) -> bool:
    """Whether headers are those of one row a reading: tag, time, value and perhaps a flag."""
    names = [folded(split_unit(header)[0]) for header in headers if header]
    return (
        all(any(name in wanted for name in names) for wanted in (TAG_NAMES, TIME_NAMES, VALUE_NAMES))
        and len(names) <= 4
    )


def is_wide(headers: tuple[str, ...], known: Mapping[str, TagHint]) -> bool:
    """Whether headers are a time and known tags."""
    names = [header for header in headers if header]
    hits = sum(name in known or split_unit(name)[0] in known for name in names)
    return any(folded(split_unit(name)[0]) in TIME_NAMES for name in names) and hits >= 1 and 2 * hits >= len(names) - 1


def layout_of(table: RawTable, taking: Taking, known: Mapping[str, TagHint]) -> Layout:
    """Find the columns of a table of series.

    Raises
    ------
    ImportRefusedError
        If a header of the map is absent, the time column cannot be found, or a tag's unit contradicts the plant's.
    """
    entry = taking.map
    time = None if entry is not None and entry.axis is not None else _time_index(table, taking)
    if entry is not None and entry.series:
        wide = []
        for column in entry.series:
            index = header_index(table, column.header, f"{entry.place}.series.columns")
            flag = header_index(table, column.flag, entry.place) if column.flag else None
            wide.append(
                _Column(index, table.header[index], _completed(column.tag, table.header[index], known, table), flag)
            )
        return Layout(time, tuple(column for column in wide if _has_unit(column, taking)))
    if entry is not None and entry.long is not None:
        place = f"{entry.place}.long"
        words = {w: _completed(tag, "", known, table) for w, tag in entry.long.tags.items()}
        return Layout(
            time,
            tag=header_index(table, entry.long.tag, place),
            value=header_index(table, entry.long.value, place),
            flag=header_index(table, entry.long.flag, place) if entry.long.flag else None,
            words=words,
        )
    if is_long(table.header):
        named = {folded(split_unit(header)[0]): i for i, header in enumerate(table.header)}
        tag, value, flag = (
            next((named[n] for n in named if n in w), None) for w in (TAG_NAMES, VALUE_NAMES, FLAG_NAMES)
        )
        return Layout(time, tag=tag, value=value, flag=flag, words={})
    wide = []
    for index, header in enumerate(table.header):
        name = header if header in known else split_unit(header)[0]
        if name in known and index != time:
            wide.append(_Column(index, header, _completed(TagMap(name), header, known, table), None))
        elif header and index != time:
            _tell_unknown(header, taking)
    return Layout(time, tuple(wide))


def _tell_unknown(header: str, taking: Taking) -> None:
    taking.log.add(
        "unknown-column",
        Severity.NOTE,
        text("the plant has no tag of this name; the column was left out"),
        text("declare the tag (record `tag`, or in the map) and import the file again if it is wanted"),
        column=header,
        count=1,
    )


def _time_index(table: RawTable, taking: Taking) -> int:
    if taking.time.column:
        return header_index(table, taking.time.column, "" if taking.map is None else f"{taking.map.place}.time")
    found = [i for i, header in enumerate(table.header) if folded(split_unit(header)[0]) in TIME_NAMES]
    if len(found) == 1:
        return found[0]
    raise ImportRefusedError(
        text("{count} columns look like the time of the readings", count=len(found)),
        where=table.name,
        repair=text(
            'name it in the map: [file.time] with column = "…"; the headers are: {headers}',
            headers=", ".join(h for h in table.header if h)[:400],
        ),
    )


def _completed(tag: TagMap, header: str, known: Mapping[str, TagHint], table: RawTable) -> TagMap:
    """Return what is known about a tag from map, header and plant; they may not contradict each other."""
    hint = known.get(tag.id, TagHint())
    unit = tag.unit or split_unit(header)[1] or hint.unit
    if hint.unit and folded(unit) != folded(hint.unit):
        raise ImportRefusedError(
            text(
                "the tag {tag} is kept in {kept}, and the file or the map says {unit}",
                tag=tag.id,
                kept=hint.unit,
                unit=unit,
            ),
            where=f"{table.name}: {header or tag.id}",
            repair=text("correct the unit, or give the series another tag"),
        )
    low = hint.low if tag.low is None else tag.low
    return replace(tag, unit=unit, low=low, high=hint.high if tag.high is None else tag.high)


def _has_unit(column: _Column, taking: Taking) -> bool:
    if column.tag.unit or column.tag.measures in _BARE:
        return True
    taking.log.add(
        "unit-missing",
        Severity.REFUSED,
        text("nothing says in which unit this column is written"),
        text('write the unit into the header or into the map: unit = "…"'),
        column=column.header,
        count=1,
    )
    return False


class SeriesReader:
    """Reads the series of one table piece by piece.

    Parameters
    ----------
    table : RawTable
    taking : Taking
    known : mapping of tag to TagHint
        Tags the plant already has.
    """

    def __init__(self, table: RawTable, taking: Taking, known: Mapping[str, TagHint]) -> None:
        self._table, self._taking, self._known = table, taking, known
        self._log = taking.log
        self.layout = layout_of(table, taking, known)
        self._time = None if self.layout.time is None else self._time_column(self.layout.time)
        axis = taking.map.axis if taking.map is not None else None
        self._axis = None if axis is None else RowAxis(axis, table, taking)
        self._last: dict[str, int] = {}
        self._last_local: dict[str, int] = {}
        self._undeclared: set[str] = set()

    def pieces(self) -> Iterator[tuple[list[Readings], float]]:
        """Yield readings, batch by batch, with the share of the file read; at the end the findings are complete."""
        for batch, share in self._table.batches():
            columns, rows = batch.columns, batch.rows
            if self._taking.map is not None and self._taking.map.where:
                keep = wanted_by_map(self._table, columns, rows, self._taking)
                chosen = pa.array(keep)
                columns, rows = tuple(column.filter(chosen) for column in columns), rows[keep]
            piece = Batch(columns, rows)
            yield (self._wide(piece) if self.layout.tag is None else self._long(piece)), share
        self._table.report(self._log)
        if self._time is not None:
            self._time.finish()
        if self._axis is not None:
            self._axis.finish()

    def tags(self) -> tuple[TagMap, ...]:
        """Return the tags that map and headers say something about."""
        declared = [c.tag for c in self.layout.wide] + list((self.layout.words or {}).values())
        return tuple(sorted((tag for tag in declared if tag.measures or tag.unit), key=lambda tag: tag.id))

    def _time_column(self, index: int) -> TimeColumn:
        how = self._taking.time
        kind_of_own_form = folded(self._table.header[index]) == "t" and not how.format

        def survey() -> DayOrder:
            order = DayOrder()
            for batch, _ in self._table.batches():
                order |= read_stamps(as_text(batch.columns[index]), day_first=None).order
            return order

        how = replace(how, format="epoch_us") if kind_of_own_form and self._counts(index) else how
        header = self._table.header[index]
        return TimeColumn(header, how, self._taking.zone, self._log, self._taking.now, survey)

    def _counts(self, index: int) -> bool:
        """Whether our own column ``t`` holds whole numbers: microseconds UTC, as Forgecast writes them itself."""
        for batch, _ in self._table.batches():
            column = batch.columns[index]
            if pa.types.is_integer(column.type):
                return True
            head = column.drop_null().slice(0, 5)
            return (
                pa.types.is_string(head.type)
                and all(re.fullmatch(r"\d{15,17}", c) for c in head.to_pylist())
                and len(head) > 0
            )
        return False

    def _stamps(self, batch: Batch) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
        """Return wall-clock (or UTC) times, which are good, and which are already UTC."""
        if self._axis is not None:
            local = self._axis.read(batch)
            return local, np.ones(local.size, np.bool_), np.ones(local.size, np.bool_)
        assert self._time is not None and self.layout.time is not None  # noqa: S101, PT018  (one of both is always there)
        clocked = self._time.read(batch.columns[self.layout.time], batch.rows)
        return clocked.local, clocked.valid, clocked.absolute

    def _mended(self, name: str, local: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Move stamps of 0:00 that close their own day to its end, for the rows of one series in file order."""
        if local.size == 0 or self._taking.time.midnight != "find" or self._axis is not None:
            return local
        late = mend_midnight(local, self._last_local.get(name))
        if late.any():
            local = np.where(late, local + DAY_US, local)
            self._log.add(
                "midnight-of-same-day",
                Severity.DOUBTFUL,
                text(
                    "0:00 follows the last hours of its own date, so it closes that day; it was moved to the next date"
                ),
                text('nothing to do; midnight = "as written" in the map keeps such stamps as they are'),
                column=self._header(),
                rows=rows[late],
                value=str(np.datetime64(int(local[late][0]) - DAY_US, "us").astype("datetime64[m]")).replace("T", " "),
            )
        self._last_local[name] = int(local[-1])
        return local

    def _header(self) -> str:
        return "" if self.layout.time is None else self._table.header[self.layout.time]

    def _utc(
        self, local: NDArray[np.int64], absolute: NDArray[np.bool_], rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        how = self._taking.time
        reader = self._time or TimeColumn("", how, self._taking.zone, self._log, self._taking.now, DayOrder)
        t, good = reader.utc_of(local, absolute, rows)
        shift = how.interval_us if how.label == "start" and how.interval_us is not None else 0
        return t + shift, good

    def _wide(self, batch: Batch) -> list[Readings]:
        local, valid, absolute = self._stamps(batch)
        at = np.flatnonzero(valid)
        rows, whole = batch.rows[at], at.size == valid.size
        local, absolute = local[at], absolute[at]
        if not absolute.any():
            local = self._mended("", local, rows)
        t, good = self._utc(local, absolute, rows)
        if not good.all():
            at, t, rows, whole = at[good], t[good], rows[good], False
        self._tell_unsorted("", t, rows)
        chosen = None if whole else pa.array(at)
        made = []
        for column in self.layout.wide:
            cells = batch.columns[column.index]
            raw = self._numbers(cells if chosen is None else cells.take(chosen), column.header, rows)
            flag = np.zeros(t.size, np.int8)
            if column.flag is not None:
                flagged = batch.columns[column.flag]
                flag = self._flags(flagged if chosen is None else flagged.take(chosen), column.flag, rows)
            reading = self._reading(column.tag, column.header, t, raw, flag, rows)
            if len(reading):
                made.append(reading)
        return sorted(made, key=lambda reading: reading.tag)

    def _long(self, batch: Batch) -> list[Readings]:
        assert self.layout.tag is not None and self.layout.value is not None  # noqa: S101, PT018  (the long form has both)
        local, valid, absolute = self._stamps(batch)
        words = batch.columns[self.layout.tag]
        coded = words if pa.types.is_dictionary(words.type) else as_text(words).dictionary_encode()
        codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        raw = self._numbers(batch.columns[self.layout.value], self._table.header[self.layout.value], batch.rows)
        flag = np.zeros(raw.size, np.int8)
        if self.layout.flag is not None:
            flag = self._flags(batch.columns[self.layout.flag], self.layout.flag, batch.rows)
        self._tell_untagged(codes, raw, batch.rows)
        keep = np.flatnonzero(valid & (codes >= 0))
        order = keep[np.argsort(codes[keep], kind="stable")] if bool((np.diff(codes[keep]) < 0).any()) else keep
        codes, local, absolute = codes[order], local[order], absolute[order]
        raw, flag, rows = raw[order], flag[order], batch.rows[order]
        names = coded.dictionary.to_pylist()
        edges = np.flatnonzero(np.r_[True, np.diff(codes) != 0]) if codes.size else np.zeros(0, np.int64)
        spans = list(zip(edges.tolist(), [*edges[1:].tolist(), codes.size], strict=True)) if codes.size else []
        if not absolute.any():
            for start, end in spans:
                local[start:end] = self._mended(names[codes[start]], local[start:end], rows[start:end])
        t, good = self._utc(local, absolute, rows)
        made: dict[str, list[Readings]] = {}
        for start, end in spans:
            pick = slice(start, end) if good[start:end].all() else start + np.flatnonzero(good[start:end])
            tag = self._tag_of(names[codes[start]], rows[pick])
            self._tell_unsorted(tag.id, t[pick], rows[pick])
            reading = self._reading(tag, tag.id, t[pick], raw[pick], flag[pick], rows[pick])
            if len(reading):
                made.setdefault(reading.tag, []).append(reading)
        return [joined(tag, parts, self._log) for tag, parts in sorted(made.items())]

    def _tell_untagged(self, codes: NDArray[np.int64], raw: NDArray[np.float64], rows: NDArray[np.int64]) -> None:
        self._log.add(
            "missing-required",
            Severity.REFUSED,
            text("the reading is refused: it names no tag"),
            text("fill the cell and import the file again"),
            column=self._table.header[self.layout.tag or 0],
            rows=rows[(codes < 0) & ~np.isnan(raw)],
        )

    def _tag_of(self, word: str, rows: NDArray[np.int64]) -> TagMap:
        name = word.strip()
        declared = (self.layout.words or {}).get(name)
        if declared is not None:
            return declared
        hint = self._known.get(name)
        if hint is None:
            self._log.add(
                "unknown-tag",
                Severity.DOUBTFUL,
                text(
                    "no record and no map says what this tag measures and in which unit; its readings are kept unused"
                ),
                text("declare it in the record `tag`, or in the map under [file.long.tags]"),
                column=name,
                rows=rows,
                count=int(rows.size),
            )
            return TagMap(name)
        return TagMap(name, unit=hint.unit, low=hint.low, high=hint.high)

    def _numbers(self, column: pa.Array, header: str, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        if pa.types.is_dictionary(column.type) or pa.types.is_timestamp(column.type):
            column = as_text(column)
        words = [w for w in self._taking.missing(header) if isinstance(w, str)]
        if words and pa.types.is_string(column.type):
            silent = pc.is_in(pc.utf8_trim_whitespace(column), pa.array(words, pa.string()))
            tell_no_value(self._log, header, rows, column, np.flatnonzero(silent.to_numpy(zero_copy_only=False)))
            column = pc.if_else(silent, pa.scalar(None, pa.string()), column)
        numbers = read_numbers(column, decimal=self._taking.decimal, percent=True)
        if numbers.no_value.any():
            tell_no_value(self._log, header, rows, column, np.flatnonzero(numbers.no_value))
        if numbers.wrong.any():
            first = str(column[int(np.flatnonzero(numbers.wrong)[0])].as_py())
            comma = re.fullmatch(r"\s*[+-]?\d+,\d+\s*", first) is not None
            tell_not_a_number(self._log, header, rows[numbers.wrong], first, comma=comma)
        return numbers.value

    def _flags(self, column: pa.Array, index: int, rows: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return flags; a word that nobody explained makes its reading doubtful."""
        coded = as_text(column).cast(pa.string()).dictionary_encode()
        said = {} if self._taking.map is None else self._taking.map.flags
        words: list[str] = coded.dictionary.to_pylist()
        meaning = [said.get(w.strip(), _FLAGS.get(folded(w).removesuffix(".0")) if not said else None) for w in words]
        codes = coded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
        for number, (word, flag) in enumerate(zip(words, meaning, strict=True)):
            if flag is None:
                self._log.add(
                    "unknown-code",
                    Severity.DOUBTFUL,
                    text(
                        "nothing says what the flag {word} means; the readings that carry it count as doubtful",
                        word=word[:40],
                    ),
                    text("say it in the map under [file.flags]: good, doubtful or invalid"),
                    column=self._table.header[index],
                    rows=rows[codes == number],
                    value=word,
                )
        table = np.array([*(DOUBTFUL if m is None else m for m in meaning), GOOD], dtype=np.int8)
        flags: NDArray[np.int8] = table[codes]
        return flags

    def _reading(
        self,
        tag: TagMap,
        header: str,
        t: NDArray[np.int64],
        raw: NDArray[np.float64],
        flag: NDArray[np.int8],
        rows: NDArray[np.int64],
    ) -> Readings:
        declared = tuple(one for one in self._taking.missing(header) if isinstance(one, float))
        if self.layout.value is not None:
            value_header = self._table.header[self.layout.value]
            declared += tuple(one for one in self._taking.missing(value_header) if isinstance(one, float))
        how = Scale(tag.id, tag.low, tag.high, tag.unit, missing=declared)
        value, telling = judged_values(raw, how, self._log, column=header, rows=rows)
        if telling.any():
            flag = np.where(telling & (flag == GOOD), np.int8(DOUBTFUL), flag).astype(np.int8)
        there = ~np.isnan(value)
        if not there.all():
            t, value, flag, rows = t[there], value[there], flag[there], rows[there]
        found = arranged(t, value)
        if found is not None:
            tell_repeats(self._log, header, rows, found, value)
            t, value, flag = t[found.keep], value[found.keep], flag[found.keep]
        return Readings(tag.id, t, value, flag)

    def _tell_unsorted(self, name: str, t: NDArray[np.int64], rows: NDArray[np.int64]) -> None:
        if t.size == 0:
            return
        back = np.flatnonzero(t[1:] < t[:-1]) + 1
        if name in self._last and t[0] < self._last[name]:
            back = np.r_[0, back]
        self._last[name] = int(t[-1])
        self._log.add(
            "unsorted-time",
            Severity.NOTE,
            text("the time is earlier than that of the row before; the readings were sorted"),
            text("nothing to do; look at the source's clock if the rows were written as they happened"),
            column=self._header(),
            rows=rows[back],
        )


def joined(tag: str, parts: list[Readings], log: FindingLog) -> Readings:
    """Join readings of one tag into one series, in order, each time once.

    Parameters
    ----------
    tag : str
    parts : list of Readings
    log : FindingLog
        Gets the repeats found across parts.
    """
    if len(parts) == 1:
        return parts[0]
    t = np.concatenate([part.t for part in parts])
    value = np.concatenate([part.value for part in parts])
    flag = np.concatenate([part.flag for part in parts])
    found = arranged(t, value)
    if found is None:
        return Readings(tag, t, value, flag)
    for index, severity, why in (
        (found.same, Severity.NOTE, text("readings were written twice for one time; each was taken once")),
        (found.differ, Severity.REFUSED, text("readings of the same time differ; none of them was taken")),
    ):
        if index.size:
            log.add(
                "duplicate-time",
                severity,
                why,
                text("let the source write each reading once"),
                column=tag,
                count=int(index.size),
                value=f"{value[index[0]]:.10g}",
            )
    return Readings(tag, t[found.keep], value[found.keep], flag[found.keep])
