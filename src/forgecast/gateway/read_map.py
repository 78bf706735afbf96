"""Reading a map file (TOML) and refusing it where it is wrong, with the key and the nearest good name."""

from __future__ import annotations

import codecs
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NoReturn

from forgecast.gateway.clock import COUNTS, directives_of
from forgecast.gateway.header import field_names, field_of, nearest
from forgecast.gateway.mapping import (
    AxisMap,
    ColumnMap,
    FileMap,
    ImportMap,
    LongMap,
    SeriesColumn,
    TagMap,
    TimeMap,
    WideMap,
)
from forgecast.ground.dates import DAY_US, HOUR_US, MINUTE_US, SECOND_US, zone
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text
from forgecast.ground.units import scale, spelled
from forgecast.plant.record import Field, Record, record, records
from forgecast.signals.reading import DOUBTFUL, GOOD, INVALID

_FILE_KEYS = (
    "match", "sheet", "record", "header_row", "delimiter", "encoding", "decimal", "columns", "constants", "values",
    "missing", "where", "ignore", "time", "series", "long", "axis", "flags", "first_row", "join", "leave_out", "wide",
)  # fmt: skip
_TIME_KEYS = ("column", "format", "day_first", "zone", "label", "interval", "midnight")
_TAG_KEYS = (
    "tag", "measures", "unit", "name", "stack", "meter", "equipment", "reading", "interval", "low", "high",
    "oxygen_corrected",
)  # fmt: skip
_FLAG_WORDS = {"good": GOOD, "doubtful": DOUBTFUL, "invalid": INVALID}
_SPANS = {"ms": 1000, "s": SECOND_US, "min": MINUTE_US, "h": HOUR_US, "d": DAY_US}


class MapError(ForgecastError):
    """A map file is wrong: which key, what is wrong with it, and what it may be."""

    code = "map"


def read_map(path: Path) -> ImportMap:
    """Read a map file.

    Raises
    ------
    MapError
        If it is absent, is no TOML, or says something that cannot be.
    """
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as broken:
        raise MapError(
            text("the map cannot be read: {why}", why=str(broken.strerror or broken)),
            where=path.name,
            repair=text("give the path of a TOML file"),
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as broken:
        line = re.search(r"line (\d+)", str(broken))
        raise MapError(
            text("the map is no TOML: {why}", why=str(broken)),
            where=f"{path.name}:{line[1]}" if line else path.name,
            repair=text(
                "correct that line; text stands in double quotes, tables begin with [[file]] or [file.columns]"
            ),
        ) from None
    return map_from(content, path.name)


def map_from(content: Mapping[str, object], place: str) -> ImportMap:
    """Check what a map file holds and return it.

    Raises
    ------
    MapError
        As `read_map`.
    """
    top = _Table(content, place)
    top.only(("file", "zone"))
    zone_name = top.word("zone")
    if zone_name:
        _zone(zone_name, top.at("zone"))
    files = content.get("file")
    if not isinstance(files, list) or not files:
        raise MapError(
            text("the map has no entry [[file]]"), where=place, repair=text("begin each entry with a line [[file]]")
        )
    entries = [_file(_Table(entry, f"{place}: file[{i}]"), zone_name) for i, entry in enumerate(files, start=1)]
    return ImportMap(tuple(entries), zone_name)


class _Table:
    """A TOML table that knows its key path and says what is wrong in it."""

    def __init__(self, content: object, place: str) -> None:
        if not isinstance(content, Mapping):
            raise MapError(
                text("a table is wanted here"), where=place, repair=text("write it as [table] or as {{ key = value }}")
            )
        self.content: Mapping[str, object] = content
        self.place = place

    def at(self, key: str) -> str:
        return f"{self.place}.{key}"

    def refuse(self, key: str, what: Text, repair: Text) -> NoReturn:
        raise MapError(what, where=self.at(key), repair=repair)

    def only(self, keys: Iterable[str]) -> None:
        allowed = tuple(keys)
        for key in self.content:
            if key not in allowed:
                close = nearest(key, allowed, 1)
                self.refuse(
                    key,
                    text("the key {key} means nothing here", key=key),
                    _did_you_mean(close, allowed),
                )

    def word(self, key: str, default: str = "") -> str:
        value = self.content.get(key, default)
        if not isinstance(value, str):
            self.refuse(key, text("text is wanted, in double quotes"), text('write {key} = "…"', key=key))
        return value

    def choice(self, key: str, words: Iterable[str], default: str = "") -> str:
        value, allowed = self.word(key, default), tuple(words)
        if value != default and value not in allowed:
            self.refuse(
                key,
                text("{value} is not one of its words", value=value),
                _did_you_mean(nearest(value, allowed, 1), allowed),
            )
        return value

    def number(self, key: str) -> float | None:
        value = self.content.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse(key, text("a number is wanted"), text("write {key} = 1.5, without quotes", key=key))
        return float(value)

    def truth(self, key: str) -> bool | None:
        value = self.content.get(key)
        if value is not None and not isinstance(value, bool):
            self.refuse(key, text("true or false is wanted"), text("write {key} = true, without quotes", key=key))
        return value

    def span(self, key: str) -> int | None:
        """Return a span such as ``15min`` in microseconds."""
        value = self.content.get(key)
        if value is None:
            return None
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|min|h|d)\s*", str(value))
        if match is None or float(match[1]) <= 0:
            self.refuse(
                key,
                text("{value} is no span of time", value=str(value)),
                text('write a number and s, min, h or d: "15min"'),
            )
        return round(float(match[1]) * _SPANS[match[2]])

    def row(self, key: str) -> int | None:
        """Return the number of a row, 1 for the first."""
        value = self.number(key)
        if value is not None and (value < 1 or value != int(value)):
            self.refuse(key, text("a row number is wanted"), text("write {key} = 1 for the first row", key=key))
        return None if value is None else int(value)

    def table(self, key: str) -> _Table:
        return _Table(self.content.get(key, {}), self.at(key))

    def items(self) -> Iterable[tuple[str, object]]:
        return self.content.items()


def _did_you_mean(close: tuple[str, ...], allowed: tuple[str, ...]) -> Text:
    if close:
        return text("did you mean {good}? It may be: {all}", good=close[0], all=", ".join(allowed))
    return text("use one of: {all}", all=", ".join(allowed))


def _file(entry: _Table, zone_name: str) -> FileMap:
    entry.only(_FILE_KEYS)
    if not entry.word("match"):
        entry.refuse("match", text("the entry does not say which files it is for"), text('write match = "heats*.csv"'))
    kinds = [key for key in ("record", "series", "long") if key in entry.content]
    if len(kinds) != 1:
        entry.refuse(
            "record",
            text("the entry has {count} of record, series and long; it needs exactly one", count=len(kinds)),
            text('write record = "heat", or [file.series] for one column a tag, or [file.long] for one row a reading'),
        )
    kind = _record(entry) if kinds == ["record"] else None
    decimal = entry.choice("decimal", (".", ","), ".")
    return FileMap(
        place=entry.place,
        match=entry.word("match"),
        sheet=entry.word("sheet"),
        record="" if kind is None else kind.name,
        header_row=entry.row("header_row"),
        delimiter=_delimiter(entry),
        encoding=_encoding(entry),
        decimal=decimal,
        columns=() if kind is None else _columns(entry.table("columns"), kind),
        constants={} if kind is None else _constants(entry.table("constants"), kind),
        values={} if kind is None else _values(entry.table("values"), kind),
        missing={key: _missing(entry.table("missing"), key, value) for key, value in entry.table("missing").items()},
        where={key: _wanted(value) for key, value in entry.table("where").items()},
        leave_out={key: _wanted(value) for key, value in entry.table("leave_out").items()},
        first_row=entry.row("first_row"),
        join=_join(entry.table("join")),
        ignore=_words(entry, "ignore"),
        time=_time(entry.table("time"), zone_name, label="instant" if kind is not None else "end"),
        series=_series(entry.table("series")) if kinds == ["series"] else (),
        long=_long(entry.table("long")) if kinds == ["long"] else None,
        axis=_axis(entry.table("axis")) if "axis" in entry.content else None,
        wide=_wide(entry) if "wide" in entry.content else None,
        flags=_flags(entry.table("flags")),
    )


def _record(entry: _Table) -> Record:
    if not entry.word("record"):
        entry.refuse("record", text("the name is empty"), text('write record = "heat", say'))
    return record(entry.choice("record", records()))


def _delimiter(entry: _Table) -> str:
    value = entry.word("delimiter")
    if len(value) > 1 or value in {'"', "\n", "\r"} or not value.isascii():
        entry.refuse("delimiter", text("one plain character is wanted"), text('write delimiter = ";" or "\\t"'))
    return value


def _encoding(entry: _Table) -> str:
    value = entry.word("encoding")
    if value and not _is_encoding(value):
        entry.refuse(
            "encoding", text("the encoding {value} is not known", value=value), text('write "utf-8" or "gb18030"')
        )
    return value


def _is_encoding(name: str) -> bool:
    try:
        codecs.getincrementaldecoder(name)
        "".encode(name)
    except (LookupError, TypeError, ValueError):
        return False
    return True


def _columns(table: _Table, kind: Record) -> tuple[ColumnMap, ...]:
    found: list[ColumnMap] = []
    for header, target in table.items():
        inner = _Table({"field": target} if isinstance(target, str) else target, table.at(header))
        inner.only(("field", "unit"))
        field = _field(kind, inner.word("field"), inner.place)
        unit = inner.word("unit")
        if unit:
            _unit_of(field, unit, inner.at("unit"))
        if any(column.field == field.name for column in found):
            raise MapError(
                text("two columns feed the field {field}", field=field.name),
                where=inner.place,
                repair=text("keep one of them and put the other into `ignore`"),
            )
        found.append(ColumnMap(header, field.name, unit))
    return tuple(found)


def _field(kind: Record, name: str, place: str) -> Field:
    found = field_of(kind, name)
    if found is None:
        close = nearest(name, field_names(kind), 1)
        raise MapError(
            text("the record {record} has no field {name}", record=kind.name, name=name or "—"),
            where=place,
            repair=_did_you_mean(close, tuple(f.name for f in kind.fields)),
        )
    return found[0]


def _unit_of(field: Field, unit: str, place: str) -> None:
    try:
        if field.is_number and field.unit:
            scale(field.kind, unit, field.unit)
        else:
            spelled(unit)
    except ForgecastError as broken:
        raise MapError(broken.what, where=place, repair=broken.repair) from None


def _constants(table: _Table, kind: Record) -> dict[str, str]:
    return {_field(kind, name, table.at(name)).name: _cell(value) for name, value in table.items()}


def _values(table: _Table, kind: Record) -> dict[str, dict[str, str]]:
    found = {}
    for name, words in table.items():
        field = _field(kind, name, table.at(name))
        inner = _Table(words, table.at(name))
        codes = [choice.code for choice in field.choices]
        translated = {word: _cell(target) for word, target in inner.items()}
        for word, target in translated.items():
            if codes and target not in codes:
                inner.refuse(
                    word,
                    text("{value} is not one of the words of {field}", value=target, field=field.name),
                    _did_you_mean(nearest(target, codes, 1), tuple(codes)),
                )
        found[field.name] = translated
    return found


def _missing(table: _Table, key: str, value: object) -> tuple[str | float, ...]:
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str | int | float) and not isinstance(one, bool) for one in listed):
        table.refuse(key, text("numbers or words are wanted"), text('write a list such as [-1, "无"]'))
    return tuple(one if isinstance(one, str) else float(str(one)) for one in listed)


def _wanted(value: object) -> tuple[str, ...]:
    return tuple(_cell(one) for one in (value if isinstance(value, list) else [value]))


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _words(entry: _Table, key: str) -> tuple[str, ...]:
    value = entry.content.get(key, [])
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        entry.refuse(key, text("a list of texts is wanted"), text('write {key} = ["…", "…"]', key=key))
    return tuple(value)


def _zone(name: str, place: str) -> None:
    try:
        zone(name)
    except ForgecastError as broken:
        raise MapError(broken.what, where=place, repair=broken.repair) from None


def _time(table: _Table, zone_name: str, *, label: str) -> TimeMap:
    table.only(_TIME_KEYS)
    own_zone = table.word("zone", zone_name)
    if own_zone:
        _zone(own_zone, table.at("zone"))
    form = table.word("format")
    if form and form not in COUNTS and directives_of(form) is not None:
        table.refuse(
            "format",
            text("the format {form} is not understood", form=form),
            text('write it like "%d/%m/%Y %H:%M", or one of: {counts}', counts=", ".join(COUNTS)),
        )
    made = TimeMap(
        column=table.word("column"),
        format=form,
        day_first=table.truth("day_first"),
        zone=own_zone,
        label=table.choice("label", ("start", "end", "instant"), label),
        interval_us=table.span("interval"),
        midnight=table.choice("midnight", ("find", "as written"), "find"),
    )
    if made.label == "start" and made.interval_us is None:
        table.refuse(
            "interval",
            text("stamps that name the start of an interval need its length"),
            text('write interval = "1h", or whatever the length is'),
        )
    return made


def _series(table: _Table) -> tuple[SeriesColumn, ...]:
    table.only(("columns",))
    columns = []
    for header, target in table.table("columns").items():
        inner = _Table({"tag": target} if isinstance(target, str) else target, f"{table.at('columns')}.{header}")
        inner.only((*_TAG_KEYS, "flag"))
        columns.append(SeriesColumn(header, _tag(inner), inner.word("flag")))
    if not columns:
        table.refuse(
            "columns",
            text("the series has no columns"),
            text('write [file.series.columns] and "header" = {{ tag = "…" }}'),
        )
    if len({column.tag.id for column in columns}) < len(columns):
        table.refuse("columns", text("two columns feed one tag"), text("give each column a tag of its own"))
    return tuple(columns)


def _tag(inner: _Table, default: str = "") -> TagMap:
    kind = record("tag")
    unit, measures = inner.word("unit"), inner.word("measures")
    if not inner.word("tag", default):
        inner.refuse("tag", text("the column names no tag"), text('write tag = "…"'))
    if unit:
        _unit_of(kind.field("unit"), unit, inner.at("unit"))
    if measures:
        inner.choice("measures", (c.code for c in kind.field("measures").choices))
    low, high = inner.number("low"), inner.number("high")
    if low is not None and high is not None and low > high:
        inner.refuse("high", text("high is below low"), text("exchange the two"))
    span = inner.span("interval")
    return TagMap(
        id=inner.word("tag", default),
        measures=measures,
        unit=unit,
        name=inner.word("name"),
        stack=inner.word("stack"),
        meter=inner.word("meter"),
        equipment=inner.word("equipment"),
        reading=inner.choice("reading", (c.code for c in kind.field("reading").choices)),
        interval=None if span is None else span / SECOND_US,
        low=low,
        high=high,
        oxygen_corrected=inner.truth("oxygen_corrected"),
    )


def _long(table: _Table) -> LongMap:
    table.only(("tag", "value", "flag", "tags"))
    for key in ("tag", "value"):
        if not table.word(key):
            table.refuse(
                key, text("the header of the {key} column is wanted", key=key), text('write {key} = "…"', key=key)
            )
    tags = {}
    for word, target in table.table("tags").items():
        inner = _Table({"tag": target} if isinstance(target, str) else target, f"{table.at('tags')}.{word}")
        inner.only(_TAG_KEYS)
        tags[word] = _tag(inner, word)
    return LongMap(table.word("tag"), table.word("value"), table.word("flag"), tags)


def _join(table: _Table) -> dict[str, tuple[str, ...]]:
    joined = {header: _words(table, header) for header in table.content}
    for header, parts in joined.items():
        if len(parts) < 2:
            table.refuse(
                header,
                text("at least two columns are wanted"),
                text('write "{header}" = ["date", "time"]', header=header),
            )
    return joined


def _wide(entry: _Table) -> WideMap:
    table = entry.table("wide")
    table.only(("columns", "nominal", "lower", "upper", "limits", "units"))
    if entry.content.get("record") != "measurement":
        entry.refuse(
            "wide",
            text("columns that are dimensions feed the record `measurement` only"),
            text('write record = "measurement"'),
        )
    columns = _words(table, "columns")
    if not columns:
        table.refuse(
            "columns",
            text("nothing says which columns are dimensions"),
            text('write columns = ["diameter *", "length"]'),
        )
    rows = {key: table.row(key) for key in ("nominal", "lower", "upper")}
    top = entry.row("header_row")
    for key, row in rows.items():
        if row is not None and (top is None or row <= top):
            table.refuse(
                key,
                text("this row stands below the headers, so the map has to say where those are"),
                text("write header_row = 1, say, in the entry, and here a row below it"),
            )
    limits = table.choice("limits", ("deviation", "absolute"), "absolute")
    if limits == "deviation" and rows["nominal"] is None:
        table.refuse(
            "limits",
            text("deviations need the row of the nominal values"),
            text('write nominal = 2, say, or limits = "absolute"'),
        )
    units = {}
    for pattern in table.table("units").content:
        units[pattern] = table.table("units").word(pattern)
        try:
            spelled(units[pattern])
        except ForgecastError as broken:
            raise MapError(broken.what, where=f"{table.at('units')}.{pattern}", repair=broken.repair) from None
    return WideMap(columns, rows["nominal"], rows["lower"], rows["upper"], limits == "deviation", units)


def _axis(table: _Table) -> AxisMap:
    table.only(("start", "step", "restart_by"))
    step = table.span("step")
    if step is None or not table.content.get("start"):
        table.refuse(
            "start", text("a time axis needs start and step"), text('write start = "2025-01-01 00:00" and step = "1h"')
        )
    return AxisMap(_cell(table.content["start"]).replace("T", " "), step, table.word("restart_by"))


def _flags(table: _Table) -> dict[str, int]:
    return {word: _FLAG_WORDS[table.choice(word, _FLAG_WORDS)] for word in table.content}
