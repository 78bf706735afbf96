"""Values to be watched out of a file with headers: CSV, XLSX or Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from forgecast.gateway.clock import read_stamps
from forgecast.gateway.file import open_tables
from forgecast.gateway.header import folded, split_unit
from forgecast.gateway.mapping import FileMap
from forgecast.gateway.number import TELLING, equals_any, is_no_value, read_numbers
from forgecast.gateway.table import Batch, RawTable, as_text, whole
from forgecast.ground.dates import DAY_US, day_start_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text, verbatim
from forgecast.quality.scrap import IntArray
from forgecast.tasks.watched import CALENDAR, Column, Labels, Wanted, Watched, calendar_labels, kept

#: A file says nothing of a zone: its clock is shown as it is written.
_AS_WRITTEN = "UTC"


def watched_in_file(path: Path, wanted: Wanted) -> Watched:
    """Read values out of a file; rows stand in order of its time where one is named, else as they are.

    Parameters
    ----------
    path : Path
    wanted : Wanted

    Raises
    ------
    ForgecastError
        If a column is not there, a cell is no number, or a time cannot be read.
    """
    calendar = [name for name in wanted.all_labels if name in CALENDAR]
    words = [name for name in wanted.all_labels if name not in CALENDAR]
    table = _table(path, [*wanted.fields, *words, *filter(None, [wanted.time])])
    words += [name for name in calendar if _index(table, name) is not None]
    batch = whole(table)
    columns = tuple(_column(table, batch, name) for name in wanted.fields)
    labels = {name: labels_of(batch.columns[_index(table, name) or 0]) for name in words}
    names = np.array([str(row) for row in batch.rows], dtype=object)
    notes = _doubts(columns)
    times = None
    rows = np.arange(names.size)
    if wanted.time:
        read, good = _times(table, batch, wanted.time)
        rows = np.flatnonzero(good & _inside(read, wanted))
        rows = rows[np.argsort(read[rows], kind="stable")]
        times = read
        labels |= {name: calendar_labels(read, _AS_WRITTEN, name) for name in calendar if name not in labels}
        if not good.all():
            notes = (*notes, text("{n} rows without a time are left out", n=int((~good).sum())))
    elif wanted.since or wanted.until or set(calendar) - set(labels):
        raise ForgecastError(
            text("nothing says which column holds the time"),
            where=path.name,
            repair=text("name the column with --time"),
        )
    watched = Watched(path.name, columns, labels, names, times, _AS_WRITTEN, np.ones(names.size), notes=notes)
    return kept(watched.picked(rows), wanted)


def labels_of(column: pa.Array) -> Labels:
    """Return a column as words, None where it says nothing."""
    said = as_text(column).to_pylist()
    made = np.empty(len(said), dtype=object)
    made[:] = [None if word is None or not word.strip() or is_no_value(word) else word.strip() for word in said]
    return made


def _table(path: Path, names: list[str]) -> RawTable:
    tables = _opened(path, names)
    for table in tables:
        if all(_index(table, name) is not None for name in names):
            return table
    table = tables[0]
    missing = next(name for name in names if _index(table, name) is None)
    raise ForgecastError(
        text("the file has no column {name}", name=missing),
        where=table.name,
        repair=text("use one of: {names}", names=", ".join(header for header in table.header if header)[:600]),
    )


def _index(table: RawTable, name: str) -> int | None:
    """Return the place of a column by its header, with or without its unit."""
    for fits in (lambda h: h.strip() == name.strip(), lambda h: folded(h) == folded(name),
                 lambda h: folded(split_unit(h)[0]) == folded(name)):  # fmt: skip
        found = [at for at, header in enumerate(table.header) if header and fits(header)]
        if len(found) == 1:
            return found[0]
    return None


def _column(table: RawTable, batch: Batch, name: str) -> Column:
    at = _index(table, name)
    assert at is not None  # noqa: S101  (the table was chosen by it)
    got = read_numbers(batch.columns[at])
    bad = np.flatnonzero(got.wrong)
    if bad.size:
        raise ForgecastError(
            text("{word} is no number", word=str(as_text(batch.columns[at])[int(bad[0])].as_py())),
            where=f"{table.name}:{int(batch.rows[bad[0]])}:{table.header[at]}",
            repair=text("write a plain number, or leave the cell empty where nothing was measured"),
        )
    title, unit = split_unit(table.header[at])
    return Column(name, verbatim(title), unit or "", got.value)


def _doubts(columns: tuple[Column, ...]) -> tuple[Text, ...]:
    """Return a note for each column that holds what instruments write where nothing was measured."""
    found = [(column, int(equals_any(column.values, TELLING).sum())) for column in columns]
    return tuple(
        text(
            "{title}: {n} values look like what an instrument writes when it has none (65534 …); import the file into "
            "a plant, which refuses them",
            title=column.title,
            n=n,
        )
        for column, n in found
        if n
    )


def _times(table: RawTable, batch: Batch, name: str) -> tuple[IntArray, NDArray[np.bool_]]:
    at = _index(table, name)
    assert at is not None  # noqa: S101  (the table was chosen by it)
    column = batch.columns[at]
    if pa.types.is_timestamp(column.type):
        micro = column.cast(pa.timestamp("us")).cast(pa.int64())
        good = micro.is_valid().to_numpy(zero_copy_only=False)
        return micro.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64), good
    words = as_text(column)
    stamps = read_stamps(words, day_first=None)
    if stamps.order.stamps:
        first, second = stamps.order.first_over_12, stamps.order.second_over_12
        if first == second and stamps.order.differ:
            raise ForgecastError(
                text("nothing says whether the day or the month comes first"),
                where=f"{table.name}:{table.header[at]}",
                repair=text("write dates as 2025-12-31"),
            )
        stamps = read_stamps(words, day_first=first)
    wrong = np.flatnonzero(~stamps.valid & np.array([w is not None and not is_no_value(w) for w in words.to_pylist()]))
    if wrong.size:
        raise ForgecastError(
            text("{word} is no time", word=str(words[int(wrong[0])].as_py())),
            where=f"{table.name}:{int(batch.rows[wrong[0]])}:{table.header[at]}",
            repair=text("write times as 2025-12-31 23:59:59"),
        )
    return stamps.local, stamps.valid


def _inside(times: IntArray, wanted: Wanted) -> NDArray[np.bool_]:
    inside = np.ones(times.size, dtype=np.bool_)
    if wanted.since is not None:
        inside &= times >= day_start_us(wanted.since, _AS_WRITTEN)
    if wanted.until is not None:
        inside &= times < day_start_us(wanted.until, _AS_WRITTEN) + DAY_US
    return inside


def headers_of(path: Path, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the headers of the first table of a file.

    Parameters
    ----------
    path : Path
    words : tuple of str
        Headers that are looked for; they tell which row holds the headers.

    Raises
    ------
    ForgecastError
        If the file cannot be read.
    """
    return tuple(header for header in _opened(path, words)[0].header if header)


def _opened(path: Path, names: Sequence[str]) -> list[RawTable]:
    """Open a file; the row that holds the names wanted is its header, whatever else stands above."""
    return open_tables(path, FileMap("", "*", ignore=tuple(names)), {})
