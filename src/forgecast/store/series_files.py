"""Writes readings into Parquet files by UTC month or day, by tag and time, each with its hourly partials."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from heapq import merge
from itertools import groupby
from operator import itemgetter
from pathlib import Path, PurePosixPath

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from forgecast.signals.reading import Readings
from forgecast.store.durable import DurableFile, remove_file, sync_folder
from forgecast.store.hour_partials import StoredPartials, joined, partials_of
from forgecast.store.manifest import Level, SeriesFile, Span
from forgecast.store.periods import BY_MONTH, Layout, PeriodKind, pieces
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
#: From so many files in one period on, the next one that is written there takes the small ones in.
FILES_A_PERIOD = 24
#: The files that are written of each stretch.
LEVELS: tuple[Level, ...] = ("raw", "hourly")


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

    What falls between the first and the last instant that a live file has of the same tag is merged with that file; all
    else goes into a new file of its period, and rewrites nothing.

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
    layout : Layout
        Where new files go.
    """

    def __init__(
        self,
        folder: Path,
        stamp: str,
        live: Sequence[SeriesFile],
        rows_in_memory: int = ROWS_IN_MEMORY,
        *,
        layout: Layout = BY_MONTH,
    ) -> None:
        self.folder = folder
        self.stamp = stamp
        self._layout = layout
        self._live = [file for file in live if file.level == "raw"]
        self._of_month: dict[str, dict[str, list[tuple[Span, SeriesFile]]]] = {}
        #: By month: the files that something which came falls into.
        self._met: dict[str, dict[str, SeriesFile]] = {}
        self._spool = Spool(folder / "telemetry" / f"_{stamp}.spool", rows_in_memory)
        self._written: list[Path] = []
        self._open: list[DurableFile] = []

    def add(self, readings: Readings) -> None:
        """Take some readings of a tag, in ascending time (repeats allowed: the last counts)."""
        # Copied below: a view would keep the whole block of the file it was read from in memory.
        for month, stretch in pieces(readings.t, "month"):
            columns = (readings.t[stretch], readings.value[stretch], readings.flag[stretch])
            within = self._within(month, readings.tag, columns[0])
            if within is None:
                self._keep(_NEW, self._layout.kind, readings.tag, columns)
                continue
            self._keep(_MET, "date", readings.tag, _chosen(columns, within))
            self._keep(_NEW, self._layout.kind, readings.tag, _chosen(columns, ~within))

    def _keep(self, what: str, kind: PeriodKind, tag: str, columns: Columns) -> None:
        for period, stretch in pieces(columns[0], kind):
            t, value, flag = columns
            self._spool.add(what + period, tag, (t[stretch].copy(), value[stretch].copy(), flag[stretch].copy()))

    def _within(self, month: str, tag: str, t: NDArray[np.int64]) -> NDArray[np.bool_] | None:
        """Return which instants fall into files that are there, None if none does."""
        within = None
        for span, file in self._spans(month).get(tag, ()):
            if not span.meets(int(t[0]), int(t[-1])):
                continue
            hit = (t >= span.t_lo) & (t <= span.t_hi)
            if hit.any():
                self._met.setdefault(month, {})[file.path] = file
                within = hit if within is None else within | hit
        return within

    def _spans(self, month: str) -> dict[str, list[tuple[Span, SeriesFile]]]:
        if month not in self._of_month:
            found = self._of_month[month] = {}
            for file in self._live:
                if file.period[:7] == month:
                    for tag, span in file.contents.items():
                        found.setdefault(tag, []).append((span, file))
        return self._of_month[month]

    def seal(self, progress: Callable[[float], None] = lambda _share: None) -> SeriesChange:
        """Write the files and force them to the disk."""
        change = SeriesChange()
        outputs = list(self._outputs())
        for number, output in enumerate(outputs):
            self._write(output, change)
            progress((number + 1) / len(outputs))
        for folder in {path.parent for path in self._written}:
            sync_folder(folder)
            if folder.parent != self.folder / "telemetry":
                sync_folder(folder.parent)
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

    def _outputs(self) -> Iterator[_Output]:
        """Yield the files to be written, by period; what is merged goes where its file is."""
        for month in sorted({place[1:8] for place in self._spool.tags}):
            met = list(self._met.get(month, {}).values())
            days = sorted(place for place in self._spool.tags if place.startswith(_MET + month))
            monthly = [file for file in met if len(file.period) == len(month)]
            if monthly:
                yield _Output(month, PurePosixPath(monthly[0].path).parent, met, days)
            else:
                for day in days:
                    of_day = [file for file in met if file.period == day[1:]]
                    yield _Output(day[1:], PurePosixPath(of_day[0].path).parent, of_day, [day])
        for place in sorted(self._spool.tags):
            if place[0] == _NEW:
                period = place[1:]
                yield _Output(period, PurePosixPath(self._layout.place(period)), self._small(period), [place])

    def _small(self, period: str) -> list[SeriesFile]:
        """Return files that are merged because there are many: all of the period's but the largest.

        So a reading is written again once for each power of `FILES_A_PERIOD` files, however long the period is fed.
        """
        met = {path for of_month in self._met.values() for path in of_month}
        others = [file for file in self._live if file.period == period and file.path not in met]
        if len(others) < FILES_A_PERIOD:
            return []
        return sorted(others, key=lambda file: file.rows)[: FILES_A_PERIOD - 1]

    def _write(self, wanted: _Output, change: SeriesChange) -> None:
        old = [tag_runs(self.folder / file.path) for file in wanted.partners]
        tags = sorted(set().union(*(self._spool.tags[place] for place in wanted.places)))
        come = ((tag, [one for place in wanted.places for one in self._spool.take(place, tag)]) for tag in tags)
        before = (change.new, change.changed)
        place = self.folder / wanted.folder
        place.mkdir(parents=True, exist_ok=True)
        opened = {level: self._opened(place, level) for level in LEVELS}
        output = SeriesOutput(opened["raw"], opened["hourly"])
        for tag, entries in groupby(merge(*old, come, key=itemgetter(0)), key=itemgetter(0)):
            # heapq.merge is stable: what has come stands after what was there, and wins.
            segments = [segment for _, some in entries for segment in some]
            output.add(tag, *_settled(tag, segments, change))
        change.new += output.rows - sum(file.rows for file in wanted.partners)
        output.close()
        if (change.new, change.changed) == before:
            # Everything was there already: the old files stay as they are.
            for file in opened.values():
                file.abandon()
        else:
            for level, file in opened.items():
                self._written.append(file.path)
                file.publish()
                change.files.append(listed(self.folder, file, level, wanted.period, output))
            change.retired += retired_with(wanted.partners)
        self._open.clear()

    def _opened(self, place: Path, level: Level) -> DurableFile:
        number = len(self._written) // len(LEVELS)
        name = f"{level}-{self.stamp}-{number}.parquet" if number else f"{level}-{self.stamp}.parquet"
        file = DurableFile(place / name)
        self._open.append(file)
        return file


#: What is merged with a file, by day; and what is new, by period.
_MET, _NEW = "=", "+"


@dataclass(frozen=True, slots=True)
class _Output:
    """A file to be written: of which period, in which folder, out of which files and places of the spool."""

    period: str
    folder: PurePosixPath
    partners: list[SeriesFile]
    places: list[str]


def _chosen(columns: Columns, chosen: NDArray[np.bool_]) -> Columns:
    t, value, flag = columns
    return t[chosen], value[chosen], flag[chosen]


def listed(folder: Path, file: DurableFile, level: Level, period: str, output: SeriesOutput) -> SeriesFile:
    """Return a written file as the manifest lists it."""
    rows = output.rows if level == "raw" else output.hours
    path = file.path.relative_to(folder).as_posix()
    return SeriesFile(path, level, period, dict(output.contents), rows, file.bytes, file.sha256)


def retired_with(files: Sequence[SeriesFile]) -> list[str]:
    """Return the paths of raw files and of the partials that belong to them."""
    return [file.path.replace("/raw-", f"/{level}-") for file in files for level in LEVELS]


class SeriesOutput:
    """A raw file and its hourly partials while they are written, tag after tag."""

    def __init__(self, raw: DurableFile, hourly: DurableFile) -> None:
        self.contents: dict[str, Span] = {}
        self.rows = 0
        self.hours = 0
        # The plain value comes out smallest with a dictionary where an instrument's values repeat, and Parquet
        # falls back to plain pages by itself where they do not.
        self._raw = pq.ParquetWriter(
            raw,
            RAW_SCHEMA,
            compression="zstd",
            compression_level=1,
            use_dictionary=["tag", "value", "flag"],
            column_encoding={"t": "DELTA_BINARY_PACKED"},
            store_schema=False,
        )
        # Hours are few and asked for often: what opens faster is worth more than a quarter of so little.
        self._hourly = pq.ParquetWriter(
            hourly,
            HOURLY_SCHEMA,
            compression="lz4",
            use_dictionary=["tag", "n", "n_good", "edge_flag"],
            column_encoding=dict.fromkeys(("hour", "first_t", "last_t"), "DELTA_BINARY_PACKED"),
            store_schema=False,
        )
        self._held: list[tuple[str, Columns]] = []
        self._held_rows = 0
        # A row group costs a reader some time however small it is, so hours wait until there are many.
        self._held_hours: list[pa.Table] = []

    def add(self, tag: str, t: NDArray[np.int64], value: NDArray[np.float64], flag: NDArray[np.int8]) -> None:
        """Append a tag's readings: ascending in time, each instant once; the tags in ascending order."""
        self.contents[tag] = Span(int(t.size), int(t[0]), int(t[-1]))
        self.rows += int(t.size)
        self._held.append((tag, (t, value, flag)))
        self._held_rows += int(t.size)
        if self._held_rows >= GROUP_ROWS:
            self._flush()

    def close(self) -> None:
        """Write what is held, and the ends of both files."""
        self._flush()
        self._flush_hours()
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
        self._held_hours.append(pa.Table.from_arrays(columns, schema=HOURLY_SCHEMA))
        self.hours += int(partials.hour.size)
        self._held, self._held_rows = [], 0
        if sum(table.num_rows for table in self._held_hours) >= GROUP_ROWS:
            self._flush_hours()

    def _flush_hours(self) -> None:
        if self._held_hours:
            self._hourly.write_table(pa.concat_tables(self._held_hours).unify_dictionaries())
        self._held_hours = []


def _names(names: list[str], numbers: NDArray[np.int64]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(numbers.astype(np.int32)), pa.array(names, pa.string()))


def tag_runs(path: Path) -> Iterator[tuple[str, list[Columns]]]:
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
    if (t[1:] > t[:-1]).all():
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
