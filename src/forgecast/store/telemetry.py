"""Reads a plant's series: raw readings through narwhals on an engine, hours and single tags as arrays."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from sqlalchemy.engine import Engine

from forgecast.ground.dates import HOUR_US
from forgecast.ground.errors import PlantError
from forgecast.ground.texts import text
from forgecast.signals.reading import Readings
from forgecast.store import sorted_files
from forgecast.store.compaction import Compacted, compact
from forgecast.store.database import reading
from forgecast.store.engines import LOCAL_SPARK, EngineName, frame_of
from forgecast.store.hour_partials import HourlyPartials, StoredPartials, joined, settled
from forgecast.store.manifest import Level, SeriesFile, Span, live_files
from forgecast.store.retention import Means, Reduced, Stretch, closed_stretches, due, let_go, read_means
from forgecast.store.settings import KeepRule
from forgecast.store.sorted_files import AsOf, Gaps, Group
from forgecast.store.windows import WindowPartials, Windows, over_windows


class Telemetry:
    """The series of a plant as they were at each call.

    Parameters
    ----------
    folder : Path
        Plant folder.
    database : Engine
        Where the manifest is.
    """

    def __init__(self, folder: Path, database: Engine) -> None:
        self._folder = folder
        self._database = database

    def files(
        self,
        level: Level,
        tags: Collection[str] | None = None,
        start_us: int | None = None,
        end_us: int | None = None,
    ) -> tuple[SeriesFile, ...]:
        """Return the live files of a level that may hold readings of the tags in the stretch."""
        return _chosen(self._live(), level, tags, start_us, end_us)

    def tags(self) -> tuple[str, ...]:
        """Return the names of all tags that have readings, ascending."""
        return tuple(sorted(self.spans()))

    def spans(self) -> dict[str, Span]:
        """Return by tag: how many readings, the first and the last instant."""
        found: dict[str, Span] = {}
        for file in self.files("raw"):
            for tag, span in file.contents.items():
                old = found.get(tag, Span(0, span.t_lo, span.t_hi))
                found[tag] = Span(old.rows + span.rows, min(old.t_lo, span.t_lo), max(old.t_hi, span.t_hi))
        return dict(sorted(found.items()))

    def scan(
        self,
        tags: Collection[str] | None = None,
        start_us: int | None = None,
        end_us: int | None = None,
        *,
        engine: EngineName = "duckdb",
        master: str = LOCAL_SPARK,
    ) -> nw.LazyFrame[Any]:
        """Return raw readings as a lazy frame; what is asked of it is written once, whatever the engine.

        Parameters
        ----------
        tags : collection of str or None
            None means all.
        start_us, end_us : int or None
            Microseconds UTC, end exclusive; None means open.
        engine : str
            ``duckdb``; ``polars`` or ``spark`` where they are installed.
        master : str
            Spark's master (`forgecast.store.engines.frame_of`).

        Returns
        -------
        narwhals LazyFrame
            Columns ``tag`` (text), ``t`` (INT64 microseconds UTC), ``value`` (double, in the tag's unit) and ``flag``
            (`GOOD`, `DOUBTFUL`, `INVALID`), in no particular order. Keep to INT64 arithmetic for time, and sort
            before whatever needs an order.
        """
        frame = frame_of(self._paths(self.files("raw", tags, start_us, end_us)), engine, master)
        if tags is not None:
            frame = frame.filter(nw.col("tag").is_in(sorted(tags)))
        if start_us is not None:
            frame = frame.filter(nw.col("t") >= start_us)
        if end_us is not None:
            frame = frame.filter(nw.col("t") < end_us)
        return frame

    def series(self, tag: str, start_us: int | None = None, end_us: int | None = None) -> Readings:
        """Return the readings of one tag, ascending in time; none if there are none."""
        return self.several([tag], start_us, end_us)[tag]

    def several(
        self, tags: Collection[str], start_us: int | None = None, end_us: int | None = None
    ) -> dict[str, Readings]:
        """Return the readings of tags, each ascending in time; those of a tag without any are none.

        Each file is read once for all tags, so it is quicker to ask for many than for one after the other.
        """
        files = _chosen(self._live(), "raw", tags, start_us, end_us)
        self._paths(files)
        parts = sorted_files.readings(
            sorted_files.groups(self._folder, files, tags, start_us, end_us), start_us, end_us
        )
        return {tag: _ascending(tag, parts.get(tag, ())) for tag in tags}

    def hourly(
        self,
        tags: Collection[str] | None = None,
        start_us: int | None = None,
        end_us: int | None = None,
        *,
        closing: Collection[str] = (),
    ) -> HourlyPartials:
        """Return the hours of tags without reading the raw files.

        Parameters
        ----------
        tags : collection of str or None
            None means all.
        start_us, end_us : int or None
            Microseconds UTC; every hour that begins in [start, end) is returned whole. None means open.
        closing : collection of str
            Tags whose readings close an interval (`tag.reading` is ``mean`` or ``quantity``): a reading exactly on
            the hour then belongs to the hour before.

        Returns
        -------
        HourlyPartials
        """
        low = -(2**62) if start_us is None else -(-start_us // HOUR_US)
        high = 2**62 if end_us is None else -(-end_us // HOUR_US)
        # An hour more at the end: the edge that closes the last hour is kept there.
        reach = None if end_us is None else (high + 1) * HOUR_US
        live = self._live()
        begins = None if start_us is None else low * HOUR_US
        files = _chosen(live, "hourly", tags, begins, reach)
        kept = _chosen(live, "kept_hourly", tags, begins, reach)
        wanted = sorted({tag for file in (*files, *kept) for tag in file.contents if tags is None or tag in tags})
        number = {tag: index for index, tag in enumerate(wanted)}
        parts = [_partials(path, number, low, high) for path in self._paths(files)]
        if kept:
            # Of a stretch whose readings have gone the kept hours are the whole truth, whatever came later.
            parts = [_open(part, number, closed_stretches(live)) for part in parts]
            parts += [_partials(path, number, low, high) for path in self._paths(kept)]
        found = settled(parts, tuple(wanted), closing)
        keep = (found.hour >= low) & (found.hour < high)
        if keep.all():
            return found
        return HourlyPartials(found.tags, *(getattr(found, field.name)[keep] for field in fields(found)[1:]))

    def by_window(
        self, windows: Windows, tags: Collection[str] | None = None, *, closing: Collection[str] = ()
    ) -> WindowPartials:
        """Return calendar windows (local days, months, shifts) from the hours, without reading the raw files.

        Parameters
        ----------
        windows : Windows
            Beginning and ending on whole hours UTC.
        tags : collection of str or None
            None means all.
        closing : collection of str
            As for `hourly`.
        """
        if len(windows) == 0:
            return over_windows(settled((), (), ()), windows)
        return over_windows(self.hourly(tags, int(windows.start[0]), int(windows.end[-1]), closing=closing), windows)

    def hourly_from_raw(
        self,
        tags: Collection[str] | None = None,
        start_us: int | None = None,
        end_us: int | None = None,
        *,
        closing: Collection[str] = (),
        cores: int = 1,
    ) -> HourlyPartials:
        """Return the hours of readings, worked out anew from the raw files in their order.

        Parameters
        ----------
        tags : collection of str or None
            None means all.
        start_us, end_us : int or None
            Microseconds UTC, end exclusive: exactly the readings in it count. None means open.
        closing : collection of str
            As for `hourly`.
        cores : int
            How many row groups are worked on at a time.

        Returns
        -------
        HourlyPartials
            Equal to `questions.hourly` on every engine (means to the order of summing), and for whole hours to
            `hourly`, which reads the partials and is some hundred times faster.
        """
        found = self._groups(tags, start_us, end_us)
        return sorted_files.hourly(found, start_us, end_us, closing, cores)

    def gaps(
        self,
        longer_than_us: int,
        tags: Collection[str] | None = None,
        start_us: int | None = None,
        end_us: int | None = None,
        *,
        cores: int = 1,
    ) -> Gaps:
        """Return the stretches without any reading that are longer than asked; equal to `questions.gaps`."""
        found = self._groups(tags, start_us, end_us)
        return sorted_files.gaps(found, start_us, end_us, longer_than_us, cores)

    def as_of(self, tags: Sequence[str], t: NDArray[np.int64], *, cores: int = 1) -> AsOf:
        """Return the last good reading at or before each instant; equal to `questions.as_of`.

        Parameters
        ----------
        tags : sequence of str, n
            The tag asked at each instant.
        t : (n,) int64 array
            Microseconds UTC, in any order.
        cores : int
            How many row groups are worked on at a time.
        """
        t = np.asarray(t, dtype=np.int64)
        found = self._groups(set(tags), None, int(t.max()) + 1 if t.size else 0)
        return sorted_files.as_of(found, tags, t, cores)

    def _groups(self, tags: Collection[str] | None, start_us: int | None, end_us: int | None) -> list[Group]:
        files = self.files("raw", tags, start_us, end_us)
        self._paths(files)  # (a missing one is named)
        return sorted_files.groups(self._folder, files, tags, start_us, end_us)

    def reduced(self, tags: Collection[str] | None = None) -> tuple[Reduced, ...]:
        """Return the stretches of which a rule has let the single readings go (`forgecast.store.retention`).

        A question about readings finds none there; `hourly` answers as before, `means` where means were kept.
        """
        live = self._live()
        means = {(file.period, tag) for file in live if file.level == "means" for tag in file.contents}
        return tuple(
            Reduced(tag, file.period, span, (file.period, tag) in means)
            for file in live
            if file.level == "kept_hourly"
            for tag, span in file.contents.items()
            if tags is None or tag in tags
        )

    def means(
        self, tags: Collection[str] | None = None, start_us: int | None = None, end_us: int | None = None
    ) -> Means:
        """Return the means that stayed of stretches whose readings have gone, of windows that begin in [start, end)."""
        low = -(2**63) if start_us is None else start_us
        high = 2**63 - 1 if end_us is None else end_us
        files = [file for file in self._live() if file.level == "means" and file.meets(tags, None, None)]
        return read_means(self._paths(files), tags, low, high)

    def compact(self, *, by: str, progress: Callable[[float], None] = lambda _share: None) -> Compacted:
        """Put the small files of each period together (`forgecast.store.compaction.compact`)."""
        return compact(self._database, self._folder, by=by, progress=progress)

    def due(self, rules: Sequence[KeepRule]) -> tuple[Stretch, ...]:
        """Return which readings the rules let go by now; nothing is changed by asking."""
        return due(self._live(), rules, time.time_ns() // 1_000)

    def let_go(
        self,
        rules: Sequence[KeepRule],
        *,
        by: str,
        closing: Collection[str] = (),
        progress: Callable[[float], None] = lambda _share: None,
    ) -> tuple[Stretch, ...]:
        """Let the readings go that the rules keep no longer (`forgecast.store.retention.let_go`)."""
        return let_go(self._database, self._folder, rules, by=by, closing=closing, progress=progress)

    def _live(self) -> tuple[SeriesFile, ...]:
        with reading(self._database, str(self._folder)) as connection:
            return live_files(connection)

    def _paths(self, files: Iterable[SeriesFile]) -> list[Path]:
        paths = [self._folder / file.path for file in files]
        for path in paths:
            if not path.is_file():
                raise PlantError(
                    text("a file of the time series is missing"),
                    where=str(path),
                    repair=text("put it back from a backup; plant.toml, the records and telemetry/ belong together"),
                )
        return paths


def _ascending(tag: str, parts: Sequence[Sequence[NDArray[Any]]]) -> Readings:
    if not parts:
        return Readings(tag, np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.int8))
    t, value, flag = (np.concatenate(column) for column in zip(*parts, strict=True))
    if (t[1:] >= t[:-1]).all():
        return Readings(tag, t, value, flag)
    order = np.argsort(t, kind="stable")
    return Readings(tag, t[order], value[order], flag[order])


def _chosen(
    live: Iterable[SeriesFile], level: Level, tags: Collection[str] | None, start_us: int | None, end_us: int | None
) -> tuple[SeriesFile, ...]:
    return tuple(file for file in live if file.level == level and file.meets(tags, start_us, end_us))


def _open(
    part: StoredPartials, number: Mapping[str, int], closed: Mapping[str, Sequence[tuple[int, int]]]
) -> StoredPartials:
    """Return partials without those of closed stretches."""
    keep = np.ones(part.tag.size, dtype=bool)
    for tag, stretches in closed.items():
        for low, high in stretches if tag in number else ():
            keep &= (part.tag != number[tag]) | (part.hour < low // HOUR_US) | (part.hour >= high // HOUR_US)
    return StoredPartials(*(getattr(part, field.name)[keep] for field in fields(StoredPartials)))


def _partials(path: Path, number: Mapping[str, int], low: int, high: int) -> StoredPartials:
    with pq.ParquetFile(path, read_dictionary=["tag"]) as file:
        table = file.read(use_threads=False).unify_dictionaries().combine_chunks()
    names = table.column("tag").chunk(0) if table.num_rows else None
    if names is None:
        return joined([])
    numbers = np.array([number.get(name, -1) for name in names.dictionary.to_pylist()], dtype=np.int64)
    tag, hour = numbers[names.indices.to_numpy()], table.column("hour").to_numpy()
    columns = [tag, hour]
    for name in (field.name for field in fields(StoredPartials)[2:]):
        column = table.column(name).to_numpy()
        columns.append(column.astype(np.int64) if column.dtype == np.int32 else column)
    keep = (tag >= 0) & (hour >= low) & (hour <= high)
    return StoredPartials(*columns) if keep.all() else StoredPartials(*(column[keep] for column in columns))
