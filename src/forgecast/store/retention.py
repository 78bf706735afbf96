"""Retention: where a rule of `plant.toml` says so, old readings go, and their hours and means stay, marked as such.

A *stretch* is one UTC month or day of some tags. When it is over for longer than the rule keeps single readings, its
raw readings are taken out; their hourly partials stay as a file of level ``kept_hourly``, and means over some minutes
as one of level ``means``. Neither is ever taken for raw: `Telemetry.scan` and `series` do not see them, and
`Telemetry.reduced` tells for which stretches there are no readings any more. From then on the stretch is closed: what
comes for it later is not counted in its hours (it may have been counted before), and goes when the rules are applied
again. Without a rule everything is kept.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from sqlalchemy.engine import Connection, Engine

from forgecast.ground.dates import DAY_US, MINUTE_US
from forgecast.signals.reading import GOOD
from forgecast.store.audit import Trail, open_trail
from forgecast.store.compaction import NewFiles, bounds_us, import_of, is_month, merged_runs
from forgecast.store.database import writing
from forgecast.store.durable import DurableFile
from forgecast.store.manifest import SeriesFile, Span, list_files, live_files, retire_files, sweep
from forgecast.store.series_files import SeriesOutput, listed, retired_with
from forgecast.store.settings import KeepRule
from forgecast.store.spool import Columns

#: Form of a file of means: one row for each window that has a reading.
MEANS_SCHEMA = pa.schema(
    [
        pa.field("tag", pa.string(), nullable=False),
        pa.field("start", pa.int64(), nullable=False),
        pa.field("minutes", pa.int16(), nullable=False),
        pa.field("n", pa.int32(), nullable=False),
        pa.field("n_good", pa.int32(), nullable=False),
        pa.field("mean", pa.float64()),
        pa.field("min", pa.float64()),
        pa.field("max", pa.float64()),
    ]
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Readings that a rule lets go.

    Parameters
    ----------
    period : str
        UTC month or day.
    rules : mapping of str to KeepRule
        By tag.
    rows : int
        Readings that go.
    late : tuple of str
        Tags among them of which the stretch, or a part of it, was closed before: what came for it afterwards is not
        counted in its hours.
    """

    period: str
    rules: Mapping[str, KeepRule]
    rows: int
    late: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reduced:
    """A stretch of a tag of which there are no single readings any more.

    Parameters
    ----------
    tag, period : str
        Of the UTC month or day `period`.
    span : Span
        How many readings there were, the first and the last instant.
    has_means : bool
        Whether means over some minutes stayed, or the hours only.
    """

    tag: str
    period: str
    span: Span
    has_means: bool


@dataclass(frozen=True, slots=True, eq=False)
class Means:
    """Means that stayed of readings that have gone, by tag and time.

    Parameters
    ----------
    tag : (n,) object array
    start : (n,) int64 array
        Beginning of the window, microseconds UTC.
    minutes : (n,) int64 array
        Its length.
    n, n_good : (n,) int64 array
        Readings in it, and the good ones among them.
    mean, min, max : (n,) float64 array
        Over the good ones, in the tag's unit; NaN where there is none.
    """

    tag: NDArray[np.object_]
    start: NDArray[np.int64]
    minutes: NDArray[np.int64]
    n: NDArray[np.int64]
    n_good: NDArray[np.int64]
    mean: NDArray[np.float64]
    min: NDArray[np.float64]
    max: NDArray[np.float64]


def due(files: Sequence[SeriesFile], rules: Sequence[KeepRule], now_us: int) -> tuple[Stretch, ...]:
    """Return what the rules let go now; nothing is changed by asking.

    A tag's month is let go whole if any of its files holds a month; else it goes day by day.

    Parameters
    ----------
    files : sequence of SeriesFile
        The live ones.
    rules : sequence of KeepRule
        The first one that covers a tag counts.
    now_us : int
        Microseconds UTC.
    """
    closed = closed_stretches(files)
    by_month: dict[tuple[str, str], list[SeriesFile]] = defaultdict(list)
    for file in files:
        if file.level == "raw":
            for tag in file.contents:
                by_month[tag, file.period[:7]].append(file)
    found: dict[str, dict[str, tuple[KeepRule, int]]] = defaultdict(dict)
    for (tag, month), some in sorted(by_month.items()):
        rule = next((rule for rule in rules if rule.covers(tag)), None)
        whole = any(is_month(file.period) for file in some)
        for period in [month] if whole else sorted({file.period for file in some}):
            if rule is not None and bounds_us(period)[1] + rule.raw_days * DAY_US <= now_us:
                rows = sum(file.contents[tag].rows for file in some if whole or file.period == period)
                found[period][tag] = (rule, rows)
    return tuple(
        Stretch(
            period,
            {tag: rule for tag, (rule, _) in tags.items()},
            sum(rows for _, rows in tags.values()),
            tuple(
                tag
                for tag in tags
                if any(low < bounds_us(period)[1] and bounds_us(period)[0] < high for low, high in closed.get(tag, ()))
            ),
        )
        for period, tags in sorted(found.items())
    )


def closed_stretches(files: Sequence[SeriesFile]) -> dict[str, list[tuple[int, int]]]:
    """Return by tag the stretches, microseconds UTC, end exclusive, of which the readings have gone."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for file in files:
        if file.level == "kept_hourly":
            for tag in file.contents:
                found[tag].append(bounds_us(file.period))
    return dict(found)


def let_go(
    database: Engine,
    folder: Path,
    rules: Sequence[KeepRule],
    *,
    by: str,
    closing: Collection[str] = (),
    progress: Callable[[float], None] = lambda _share: None,
) -> tuple[Stretch, ...]:
    """Apply the rules: one transaction, with its link of the audit trail, for each period.

    Verdicts keep the figures they stand on and are replayed from them; what can no longer be worked out anew from
    single readings is told by `Telemetry.reduced`.

    Parameters
    ----------
    database : Engine
    folder : Path
        Plant folder.
    rules : sequence of KeepRule
    by : str
        Who answers for it.
    closing : collection of str
        Tags whose readings close an interval: a reading on the edge of a window of means belongs to the one before.
    progress : callable
        Is told the share done, 0 to 1.

    Returns
    -------
    tuple of Stretch
        What went.

    Raises
    ------
    PlantError
        If another writer holds the plant, or the disk refuses; the periods done until then stay done.
    """
    done: list[Stretch] = []
    periods: list[str] | None = None
    while periods is None or periods:
        with writing(database, str(folder), by=by, what="retention") as connection:
            now = time.time_ns() // 1_000
            sweep(connection, folder, now)
            files = live_files(connection)
            waiting = {stretch.period: stretch for stretch in due(files, rules, now)}
            periods = list(waiting) if periods is None else periods
            if periods and periods[0] in waiting:
                _reduce(connection, folder, files, waiting[periods[0]], by, closing, now)
                done.append(waiting[periods[0]])
        periods = periods[1:]
        progress(len(done) / max(1, len(done) + len(periods)))
    return tuple(done)


def _reduce(
    connection: Connection,
    folder: Path,
    files: Sequence[SeriesFile],
    stretch: Stretch,
    by: str,
    closing: Collection[str],
    now: int,
) -> None:
    old = [
        file
        for file in files
        if file.level == "raw"
        and file.period.startswith(stretch.period)
        and not stretch.rules.keys().isdisjoint(file.contents)
    ]
    open_trail(connection, by)
    trail = Trail(connection, by=by, what=_told(stretch))
    closed = closed_stretches(files)
    monthly = [file for file in old if file.period == stretch.period]
    place = folder / PurePosixPath((monthly or old)[0].path).parent
    with NewFiles(place, ("raw", "hourly", "gone", "kept_hourly", "means"), f"kept{trail.link:06d}-{now}") as new:
        kept = SeriesOutput(new.files["raw"], new.files["hourly"])
        gone = SeriesOutput(new.files["gone"], new.files["kept_hourly"])
        means = _MeansFile(new.files["means"])
        for tag, columns in merged_runs(folder, old):
            if tag not in stretch.rules:
                kept.add(tag, *columns)
                continue
            fresh = _outside(columns, closed.get(tag, ()))
            if fresh[0].size:
                gone.add(tag, *fresh)
                means.add(tag, fresh, stretch.rules[tag].means_minutes, closes=tag in closing)
        for output in (kept, gone, means):
            output.close()
        leave_out = ["gone"]
        leave_out += [] if kept.rows else ["raw", "hourly"]
        leave_out += [] if gone.rows else ["kept_hourly"]
        leave_out += [] if means.contents else ["means"]
        new.publish(leave_out=leave_out)
        made = []
        for level, file in new.files.items():
            if level == "means":
                path = file.path.relative_to(folder).as_posix()
                made.append(
                    SeriesFile(path, "means", stretch.period, means.contents, means.rows, file.bytes, file.sha256)
                )
            else:
                made.append(listed(folder, file, level, stretch.period, kept if level in {"raw", "hourly"} else gone))  # type: ignore[arg-type]
        list_files(connection, import_of(connection, old), made)
        retire_files(connection, retired_with(old), now)
        trail.seal()


def _outside(columns: Columns, closed: Sequence[tuple[int, int]]) -> Columns:
    """Return the readings that lie in no stretch closed before: in the others they are late."""
    t, value, flag = columns
    fresh = np.ones(t.size, dtype=bool)
    for low, high in closed:
        fresh &= (t < low) | (t >= high)
    return t[fresh], value[fresh], flag[fresh]


def _told(stretch: Stretch) -> str:
    late = f", {len(stretch.late)} of them late" if stretch.late else ""
    return f"retention: {stretch.period}: {stretch.rows} readings of {len(stretch.rules)} tags{late}"


class _MeansFile:
    """A file of means while it is written, tag after tag."""

    def __init__(self, file: DurableFile) -> None:
        self.contents: dict[str, Span] = {}
        self.rows = 0
        self._writer = pq.ParquetWriter(
            file,
            MEANS_SCHEMA,
            compression="zstd",
            compression_level=1,
            store_schema=False,
            use_dictionary=["tag", "minutes"],
        )

    def add(self, tag: str, columns: Columns, minutes: int | None, *, closes: bool) -> None:
        """Append the means of a tag's readings; none if the rule keeps none."""
        if minutes is None:
            return
        made = means_of(columns, minutes, closes=closes)
        self.contents[tag] = Span(int(columns[0].size), int(columns[0][0]), int(columns[0][-1]))
        self.rows += int(made["start"].size)
        made |= {"tag": np.full(made["start"].size, tag, dtype=object), "minutes": np.full(made["start"].size, minutes)}
        arrays = [pa.array(made[field.name], field.type, from_pandas=True) for field in MEANS_SCHEMA]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=MEANS_SCHEMA))

    def close(self) -> None:
        """Write the end of the file."""
        self._writer.close()


def means_of(columns: Columns, minutes: int, *, closes: bool) -> dict[str, NDArray[Any]]:
    """Return the windows of a tag's readings: ``start``, ``n``, ``n_good``, ``mean``, ``min``, ``max``."""
    t, value, flag = columns
    length = minutes * MINUTE_US
    window = (t - int(closes)) // length
    starts = np.flatnonzero(np.diff(window, prepend=window[0] - 1))
    good = flag == GOOD
    n_good = np.add.reduceat(good, starts, dtype=np.int64)
    seen = n_good > 0
    total = np.add.reduceat(np.where(good, value, 0.0), starts)
    return {
        "start": window[starts] * length,
        "n": np.diff(np.append(starts, t.size)),
        "n_good": n_good,
        "mean": np.where(seen, total / np.maximum(n_good, 1), np.nan),
        "min": np.where(seen, np.minimum.reduceat(np.where(good, value, np.inf), starts), np.nan),
        "max": np.where(seen, np.maximum.reduceat(np.where(good, value, -np.inf), starts), np.nan),
    }


def read_means(paths: Sequence[Path], tags: Collection[str] | None, low: int, high: int) -> Means:
    """Return the means of files whose windows begin in [low, high), by tag and time."""
    tables = [pq.read_table(path, partitioning=None) for path in paths]
    table = pa.concat_tables([MEANS_SCHEMA.empty_table(), *tables])
    columns = {field.name: table.column(field.name).to_numpy() for field in MEANS_SCHEMA}
    keep = (columns["start"] >= low) & (columns["start"] < high)
    if tags is not None:
        keep &= np.isin(columns["tag"].astype(str), sorted(tags))
    order = np.flatnonzero(keep)
    order = order[np.lexsort((columns["start"][order], columns["tag"][order]))]
    columns = {name: column[order] for name, column in columns.items()}
    # A reading that closes the last window of a period stands in the next one, whose readings may have gone apart.
    tag, start = columns["tag"].astype(str), columns["start"]
    again = (tag[1:] == tag[:-1]) & (start[1:] == start[:-1])
    first = np.flatnonzero(np.append(True, ~again)) if start.size else np.empty(0, np.int64)
    n_good = np.add.reduceat(columns["n_good"], first, dtype=np.int64)
    total = np.add.reduceat(np.where(columns["n_good"] > 0, columns["mean"] * columns["n_good"], 0.0), first)
    return Means(
        columns["tag"][first],
        start[first],
        columns["minutes"][first].astype(np.int64),
        np.add.reduceat(columns["n"], first, dtype=np.int64),
        n_good,
        np.where(n_good > 0, total / np.maximum(n_good, 1), np.nan),
        np.fmin.reduceat(columns["min"], first),
        np.fmax.reduceat(columns["max"], first),
    )
