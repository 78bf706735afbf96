"""Compaction: the many small files of a day or a month become one, and nothing else changes.

The new file is written and forced to the disk, then one transaction puts it on the manifest and takes the old ones off,
with a link of the audit trail. Before its commit the new file belongs to nobody and the next writer removes it; after
it the old files stay for the grace time, for those who were given their names.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from heapq import merge
from itertools import groupby
from operator import itemgetter
from pathlib import Path, PurePosixPath
from typing import Self

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from forgecast.ground.dates import DAY_US, day_start_us, month_start, next_month
from forgecast.ground.errors import PlantError
from forgecast.ground.texts import text
from forgecast.store.audit import Trail, open_trail
from forgecast.store.database import writing
from forgecast.store.durable import DurableFile, remove_file, sync_folder
from forgecast.store.manifest import SeriesFile, list_files, live_files, retire_files, sweep
from forgecast.store.periods import BY_MONTH
from forgecast.store.series_files import LEVELS, SeriesOutput, listed, retired_with, tag_runs
from forgecast.store.spool import Columns
from forgecast.store.tables import table

#: A file of so many readings is large enough.
LARGE_ROWS = 32_000_000
#: The days of a month are put together once it has been over for so long: late readings have come by then.
SETTLED_US = 7 * DAY_US


@dataclass(frozen=True, slots=True)
class Compacted:
    """What was put together.

    Parameters
    ----------
    periods : tuple of str
        UTC months and days.
    before, after : int
        Raw files that were merged, and that came of them.
    bytes_before, bytes_after : int
        Of these raw files.
    """

    periods: tuple[str, ...] = ()
    before: int = 0
    after: int = 0
    bytes_before: int = 0
    bytes_after: int = 0


def due(
    files: Sequence[SeriesFile], now_us: int, *, large_rows: int = LARGE_ROWS
) -> list[tuple[str, list[SeriesFile]]]:
    """Return, with its period, each set of raw files that is to become one.

    Parameters
    ----------
    files : sequence of SeriesFile
        The live ones.
    now_us : int
        Microseconds UTC; months over for `SETTLED_US` are taken whole, other files by their own period.
    large_rows : int
        No set has more readings, so that nobody who writes waits for long.
    """
    by_period: dict[str, list[SeriesFile]] = defaultdict(list)
    for file in files:
        if file.level == "raw" and file.rows <= large_rows:
            month = file.period[:7]
            over = bounds_us(month)[1] + SETTLED_US <= now_us
            by_period[month if over else file.period].append(file)
    found = []
    for period, some in sorted(by_period.items()):
        sets: list[list[SeriesFile]] = []
        rows = large_rows
        for file in sorted(some, key=lambda file: (file.period, file.path)):
            rows += file.rows
            if rows > large_rows:
                sets.append([])
                rows = file.rows
            sets[-1].append(file)
        found += [(period, one) for one in sets if len(one) > 1]
    return found


def compact(
    database: Engine,
    folder: Path,
    *,
    by: str,
    large_rows: int = LARGE_ROWS,
    progress: Callable[[float], None] = lambda _share: None,
) -> Compacted:
    """Put the small files of each period together, a transaction for each new file.

    Parameters
    ----------
    database : Engine
    folder : Path
        Plant folder.
    by : str
        Who answers for it.
    large_rows : int
        How many readings a new file holds at most.
    progress : callable
        Is told the share done, 0 to 1.

    Raises
    ------
    PlantError
        If another writer holds the plant, or the disk refuses; what was done until then stays done.
    """
    done: list[tuple[str, list[SeriesFile], SeriesFile]] = []
    total = 0
    while True:
        with writing(database, str(folder), by=by, what="compaction") as connection:
            now = time.time_ns() // 1_000
            sweep(connection, folder, now)
            waiting = due(live_files(connection), now, large_rows=large_rows)
            left = sum(len(old) - 1 for _, old in waiting)
            total = max(total, left)
            progress(1.0 - left / max(1, total))
            if not waiting:
                break
            period, old = waiting[0]
            done.append((period, old, _merge(connection, folder, period, old, by, now)))
    before = [file for _, old, _ in done for file in old]
    return Compacted(
        tuple(dict.fromkeys(period for period, *_ in done)),
        len(before),
        len(done),
        sum(file.bytes for file in before),
        sum(new.bytes for *_, new in done),
    )


def _merge(
    connection: Connection, folder: Path, period: str, old: Sequence[SeriesFile], by: str, now: int
) -> SeriesFile:
    open_trail(connection, by)
    trail = Trail(connection, by=by, what=f"compaction: {period}: {len(old)} files")
    place = BY_MONTH.place(period) if is_month(period) else str(PurePosixPath(old[0].path).parent)
    with NewFiles(folder / place, LEVELS, f"joined{trail.link:06d}-{now}") as new:
        output = SeriesOutput(new.files["raw"], new.files["hourly"])
        for tag, columns in merged_runs(folder, old):
            output.add(tag, *columns)
        output.close()
        if output.rows != sum(file.rows for file in old):
            raise PlantError(
                text("the readings of this file are not those that the manifest counts"),
                where=", ".join(file.path for file in old),
                repair=text("run `forgecast plant verify`; put the file back from a backup"),
            )
        new.publish()
        made = [listed(folder, file, level, period, output) for level, file in new.files.items()]  # type: ignore[arg-type]
        list_files(connection, import_of(connection, old), made)
        retire_files(connection, retired_with(old), now)
        trail.seal()
    return made[0]


class NewFiles:
    """Files of one period that are written together; whatever fails in the block, none of them stays.

    Parameters
    ----------
    place : Path
        Their folder.
    levels : sequence of str
        What each is called before the dash.
    stamp : str
        The rest of their names.
    """

    def __init__(self, place: Path, levels: Sequence[str], stamp: str) -> None:
        place.mkdir(parents=True, exist_ok=True)
        self._place = place
        self.files = {level: DurableFile(place / f"{level}-{stamp}.parquet") for level in levels}
        self._published: list[Path] = []

    def publish(self, *, leave_out: Sequence[str] = ()) -> None:
        """Force the files to the disk and give them their names; those left out are dropped."""
        for level, file in self.files.items():
            if level in leave_out:
                file.abandon()
            else:
                file.publish()
                self._published.append(file.path)
        for level in leave_out:
            del self.files[level]
        for folder in (self._place, self._place.parent, self._place.parent.parent):
            sync_folder(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            return
        for file in self.files.values():
            file.abandon()
        for path in self._published:
            remove_file(path)


def merged_runs(folder: Path, files: Sequence[SeriesFile]) -> Iterator[tuple[str, Columns]]:
    """Yield the readings of several raw files tag by tag, ascending in time."""
    runs = merge(*(tag_runs(folder / file.path) for file in files), key=itemgetter(0))
    for tag, entries in groupby(runs, key=itemgetter(0)):
        segments = [segment for _, some in entries for segment in some]
        t, value, flag = (np.concatenate(column) for column in zip(*segments, strict=True))
        if (np.diff(t) <= 0).any():
            order = np.argsort(t, kind="stable")
            t, value, flag = t[order], value[order], flag[order]
        yield tag, (t, value, flag)


def import_of(connection: Connection, files: Sequence[SeriesFile]) -> int:
    """Return the last import that fed any of some files: what is made of them is listed under it."""
    t = table("series_file")
    found = connection.execute(sa.select(sa.func.max(t.c.import_id)).where(t.c.path.in_([f.path for f in files])))
    return int(found.scalar_one())


def is_month(period: str) -> bool:
    """Tell whether a period is a UTC month, not a day."""
    return len(period) == len("2025-01")


def bounds_us(period: str) -> tuple[int, int]:
    """Return the first instant of a UTC month or day, and the first one after it."""
    first = month_start(period) if is_month(period) else date.fromisoformat(period)
    after = next_month(first) if is_month(period) else first + timedelta(days=1)
    return day_start_us(first, "UTC"), day_start_us(after, "UTC")
