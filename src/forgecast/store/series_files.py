"""Writes readings into Parquet files by month, sorted by tag and time, each with its hourly partials beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from heapq import merge
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from forgecast.signals.reading import Readings
from forgecast.store.durable import DurableFile, remove_file, sync_folder
from forgecast.store.hour_partials import StoredPartials, joined, partials_of
from forgecast.store.manifest import Level, SeriesFile, Span
from forgecast.store.spool import ROWS_IN_MEMORY, Columns, Spool

_TAG = pa.field("tag", pa.dictionary(pa.int32(), pa.string()), nullable=False)
#: Form of the raw files. In the file the tag is plain text with dictionary pages (`store_schema=False` below), so
#: that every engine reads the same type.
RAW_SCHEMA = pa.schema(
    [
        _TAG,
        pa.field("t", pa.int64(), nullable=False),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("flag", pa.int8(), nullable=False),
    ]
)
#: Form of the hourly files; the columns are those of `StoredPartials`.
HOURLY_SCHEMA = pa.schema(
    [
        _TAG,
        pa.field("hour", pa.int64(), nullable=False),
        pa.field("n", pa.int32(), nullable=False),
        pa.field("n_good", pa.int32(), nullable=False),
        pa.field("sum", pa.float64(), nullable=False),
        pa.field("min", pa.float64(), nullable=False),
        pa.field("max", pa.float64(), nullable=False),
        pa.field("first_t", pa.int64(), nullable=False),
        pa.field("last_t", pa.int64(), nullable=False),
        pa.field("edge_flag", pa.int8(), nullable=False),
        pa.field("edge_value", pa.float64(), nullable=False),
    ]
)
#: Readings of a row group: small enough that one tag's month is read without its neighbours' year.
GROUP_ROWS = 262_144
#: More files than this in one month are merged into one by the next import that touches the month.
FILES_A_MONTH = 24


@dataclass(slots=True)
class SeriesChange:
    """What an import changes in the series.

    Parameters
    ----------
    files : list of SeriesFile
        New files, on the disk under their names.
    retired : list of str
        Paths of the files they replace.
    new, changed, same : int
        Readings that are new, that replace another value at their instant, and that were there already.
    changed_tags : dict of str to (int, int)
        By tag with replaced values: how many, and the first instant.
    """

    files: list[SeriesFile] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    new: int = 0
    changed: int = 0
    same: int = 0
    changed_tags: dict[str, tuple[int, int]] = field(default_factory=dict)


class SeriesWriter:
    """Takes readings in any order and leaves files; nothing it does is seen before the manifest says so.

    Parameters
    ----------
    folder : Path
        Plant folder.
    stamp : str
        Goes into the names of the files; no other import may use it.
    live : sequence of SeriesFile
        The files on the manifest.
    rows_in_memory : int
        How many readings are held before they are spilled to the disk.
    """

    def __init__(
        self, folder: Path, stamp: str, live: Sequence[SeriesFile], rows_in_memory: int = ROWS_IN_MEMORY
    ) -> None:
        self.folder = folder
        self.stamp = stamp
        self._live = live
        self._spool = Spool(folder / "telemetry" / f"_{stamp}.spool", rows_in_memory)
        self._written: list[Path] = []
        self._open: list[DurableFile] = []

    def add(self, readings: Readings) -> None:
        """Take some readings of a tag."""
        self._spool.add(readings)

    def seal(self, progress: Callable[[float], None] = lambda _share: None) -> SeriesChange:
        """Write the files and force them to the disk."""
        change = SeriesChange()
        months = sorted(self._spool.spans)
        for number, month in enumerate(months):
            self._seal_month(month, change)
            progress((number + 1) / len(months))
        for folder in {path.parent for path in self._written}:
            sync_folder(folder)
        if self._written:
            sync_folder(self.folder / "telemetry")
        self._spool.close()
        return change

    def abandon(self) -> None:
        """Remove everything written; what cannot be removed now is swept by the next import."""
        self._spool.close()
        for file in self._open:
            file.abandon()
        for path in self._written:
            remove_file(path)

    def _seal_month(self, month: str, change: SeriesChange) -> None:
        spans = self._spool.spans[month]
        raw = [file for file in self._live if file.level == "raw" and file.period == month]
        partners = [file for file in raw if _overlaps(file, spans)]
        if len(raw) >= FILES_A_MONTH:
            partners = raw
        old = [_runs(self.folder / file.path) for file in partners]
        come = ((tag, self._spool.take(month, tag)) for tag in sorted(spans))
        before = (change.new, change.changed)
        place = self.folder / "telemetry" / f"month={month}"
        place.mkdir(parents=True, exist_ok=True)
        output = _MonthOutput(self._opened(place, "raw"), self._opened(place, "hourly"))
        for tag, entries in groupby(merge(*old, come, key=itemgetter(0)), key=itemgetter(0)):
            # heapq.merge is stable: what has come stands after what was there, and wins.
            segments = [segment for _, some in entries for segment in some]
            output.add(tag, *_settled(tag, segments, change))
        existing = sum(file.rows for file in partners)
        change.new += output.rows - existing
        output.close()
        if (change.new, change.changed) == before:
            # Everything was there already: the old files stay as they are.
            for file in self._open:
                file.abandon()
        else:
            for file, level in zip(self._open, ("raw", "hourly"), strict=True):
                self._written.append(file.path)
                file.publish()
                change.files.append(self._listed(file, level, month, output))  # type: ignore[arg-type]
            replaced = {file.path for file in partners}
            change.retired += [path for one in replaced for path in (one, one.replace("/raw-", "/hourly-"))]
        self._open.clear()

    def _opened(self, place: Path, level: Level) -> DurableFile:
        file = DurableFile(place / f"{level}-{self.stamp}.parquet")
        self._open.append(file)
        return file

    def _listed(self, file: DurableFile, level: Level, month: str, output: _MonthOutput) -> SeriesFile:
        rows = output.rows if level == "raw" else output.hours
        path = file.path.relative_to(self.folder).as_posix()
        return SeriesFile(path, level, month, dict(output.contents), rows, file.bytes, file.sha256)


class _MonthOutput:
    """The two files of a month while they are written, tag after tag."""

    def __init__(self, raw: DurableFile, hourly: DurableFile) -> None:
        self.contents: dict[str, Span] = {}
        self.rows = 0
        self.hours = 0
        # The plain value comes out smallest with a dictionary where an instrument's values repeat, and Parquet
        # falls back to plain pages by itself where they do not.
        form: dict[str, Any] = {"compression": "zstd", "compression_level": 1, "store_schema": False}
        self._raw = pq.ParquetWriter(
            raw,
            RAW_SCHEMA,
            use_dictionary=["tag", "value", "flag"],
            column_encoding={"t": "DELTA_BINARY_PACKED"},
            **form,
        )
        self._hourly = pq.ParquetWriter(
            hourly,
            HOURLY_SCHEMA,
            use_dictionary=["tag", "n", "n_good", "edge_flag"],
            column_encoding=dict.fromkeys(("hour", "first_t", "last_t"), "DELTA_BINARY_PACKED"),
            **form,
        )
        self._held: list[tuple[str, Columns]] = []
        self._held_rows = 0

    def add(self, tag: str, t: NDArray[np.int64], value: NDArray[np.float64], flag: NDArray[np.int8]) -> None:
        self.contents[tag] = Span(int(t.size), int(t[0]), int(t[-1]))
        self.rows += int(t.size)
        self._held.append((tag, (t, value, flag)))
        self._held_rows += int(t.size)
        if self._held_rows >= GROUP_ROWS:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._raw.close()
        self._hourly.close()

    def _flush(self) -> None:
        if not self._held:
            return
        names = [tag for tag, _ in self._held]
        counts = [columns[0].size for _, columns in self._held]
        t, value, flag = (np.concatenate(column) for column in zip(*(c for _, c in self._held), strict=True))
        raw = [_names(names, np.repeat(np.arange(len(names)), counts)), pa.array(t), pa.array(value), pa.array(flag)]
        self._raw.write_table(pa.Table.from_arrays(raw, schema=RAW_SCHEMA), row_group_size=4 * GROUP_ROWS)
        partials = joined([partials_of(number, *columns) for number, (_, columns) in enumerate(self._held)])
        columns = [_names(names, partials.tag)]
        columns += [
            pa.array(getattr(partials, f.name).astype(HOURLY_SCHEMA.field(f.name).type.to_pandas_dtype()))
            for f in fields(StoredPartials)[1:]
        ]
        self._hourly.write_table(pa.Table.from_arrays(columns, schema=HOURLY_SCHEMA))
        self.hours += int(partials.hour.size)
        self._held, self._held_rows = [], 0


def _overlaps(file: SeriesFile, spans: Mapping[str, tuple[int, int]]) -> bool:
    return any(tag in file.contents and file.contents[tag].meets(*span) for tag, span in spans.items())


def _names(names: list[str], numbers: NDArray[np.int64]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(numbers.astype(np.int32)), pa.array(names, pa.string()))


def _runs(path: Path) -> Iterator[tuple[str, list[Columns]]]:
    """Yield the readings of a raw file tag by tag, in the order of the tags, a row group at a time."""
    with pq.ParquetFile(path, read_dictionary=["tag"]) as file:
        for number in range(file.num_row_groups):
            group = file.read_row_group(number).combine_chunks()
            names = group.column("tag").chunk(0)
            index = names.indices.to_numpy()
            columns = [group.column(name).to_numpy() for name in ("t", "value", "flag")]
            starts = np.flatnonzero(np.diff(index, prepend=-1))
            for low, high in zip(starts, np.append(starts[1:], index.size), strict=True):
                t, value, flag = (column[low:high] for column in columns)
                yield names.dictionary[int(index[low])].as_py(), [(t, value, flag)]


def _settled(tag: str, segments: list[Columns], change: SeriesChange) -> Columns:
    """Join the segments of a tag: ascending in time, each instant once, the last that came wins."""
    if len(segments) == 1:
        t, value, flag = segments[0]
    else:
        t, value, flag = (np.concatenate(column) for column in zip(*segments, strict=True))
    step = np.diff(t)
    if (step > 0).all():
        return t, value, flag
    order = np.argsort(t, kind="stable")
    t, value, flag = t[order], value[order], flag[order]
    again = np.flatnonzero(np.diff(t) == 0)
    alike = (value[again] == value[again + 1]) & (flag[again] == flag[again + 1])
    replaced = again[~alike]
    change.same += int(alike.sum())
    change.changed += int(replaced.size)
    if replaced.size:
        count, first = change.changed_tags.get(tag, (0, int(t[replaced[0]])))
        change.changed_tags[tag] = (count + int(replaced.size), min(first, int(t[replaced[0]])))
    keep = np.ones(t.size, dtype=bool)
    keep[again] = False
    return t[keep], value[keep], flag[keep]
