"""Signals whose condition is watched: tags or records of a plant, or columns of a file, on one time axis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.dates import DAY_US, day_start_us, from_us
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text, verbatim
from forgecast.plant.record import records
from forgecast.signals.reading import GOOD
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.watched import Column, Labels, Wanted, Watched
from forgecast.tasks.watched_file import watched_in_file
from forgecast.tasks.watched_records import watched_in_plant

#: Grid cells beyond which a table of signals would fill the memory.
_MOST_CELLS = 20_000_000


@dataclass(frozen=True, slots=True)
class SignalsAsked:
    """Which signals to read.

    Parameters
    ----------
    names : tuple of str
        Tags or ``record.field`` of a plant, headers of a file.
    labels : tuple of str
        Columns or fields of words that come along.
    where : tuple of (str, str)
        As in `Wanted`.
    since, until : date or None
        First and last local day.
    time : str
        Column of a file that holds the time.
    every : float or None
        Averages over this span [s]; None takes the values as they are.
    """

    names: tuple[str, ...]
    labels: tuple[str, ...] = ()
    where: tuple[tuple[str, str], ...] = ()
    since: date | None = None
    until: date | None = None
    time: str = ""
    every: float | None = None


def read_signals(source: Path, asked: SignalsAsked) -> Watched:
    """Read signals in order of time; a tag's readings that are not good are left out.

    Parameters
    ----------
    source : Path
        A plant folder, or a CSV, XLSX or Parquet file with headers.
    asked : SignalsAsked

    Returns
    -------
    Watched
        One row an instant; NaN where a signal has no value there.

    Raises
    ------
    ForgecastError
        If the source does not hold what is asked for.
    """
    wanted = Wanted(asked.names, asked.labels, asked.where, asked.since, asked.until, asked.time)
    if not source.is_dir():
        watched = watched_in_file(source, wanted)
    else:
        with PlantFolder.open(source) as folder:
            known = set(folder.telemetry.tags())
            of_records = all(name.partition(".")[0] in records() for name in asked.names)
            if of_records and not set(asked.names) <= known:
                watched = watched_in_plant(folder, wanted)
            else:
                watched = _of_tags(folder, asked, known)
    return watched if asked.every is None else averaged(watched, asked.every)


def averaged(watched: Watched, every: float) -> Watched:
    """Return means over equal spans of local time; a span without a value is NaN.

    Parameters
    ----------
    watched : Watched
    every : float
        [s].

    Raises
    ------
    ForgecastError
        If the rows have no time.
    """
    if watched.times is None:
        raise ForgecastError(
            text("nothing says which column holds the time"), where=watched.source,
            repair=text("name the column with --time"),
        )  # fmt: skip
    if not len(watched):
        return watched
    step = round(every * 1e6)
    shift = _offset_us(int(watched.times[0]), watched.zone)
    cell = (watched.times + shift) // step
    first, last = int(cell.min()), int(cell.max())
    count = last - first + 1
    if count * len(watched.columns) > _MOST_CELLS:
        raise ForgecastError(
            text("averages over {seconds} s make {n} rows", seconds=f"{every:g}", n=count),
            repair=text("choose a longer span (--every) or fewer days"),
        )
    place = cell - first
    columns = []
    for column in watched.columns:
        there = np.isfinite(column.values)
        n = np.bincount(place[there], minlength=count)
        total = np.bincount(place[there], weights=column.values[there], minlength=count)
        mean = np.divide(total, n, out=np.full(count, np.nan), where=n > 0)
        columns.append(Column(column.name, column.title, column.unit, mean))
    begins = np.searchsorted(place, np.arange(count))
    labels = {}
    for name, words in watched.labels.items():
        made = np.full(count, None, dtype=object)
        some = begins < place.size
        made[some] = words[begins[some]]
        made[np.bincount(place, minlength=count) == 0] = None
        labels[name] = made
    times = (np.arange(first, last + 1) * step - shift).astype(np.int64)
    names = np.array([from_us(int(t), watched.zone).strftime("%Y-%m-%d %H:%M") for t in times], dtype=object)
    return Watched(watched.source, tuple(columns), labels, names, times, watched.zone, np.ones(count),
                   synthetic=watched.synthetic, notes=watched.notes)  # fmt: skip


def place_of(watched: Watched, row: int) -> str:
    """Return the local time of a row, else what it is called."""
    return watched.moment(row).removesuffix(":00") or str(watched.names[row])


def per_month(count: float, watched: Watched, rows: NDArray[np.int64]) -> float | None:
    """Return a count of alarms by 30 days of the rows watched; None where they have no time or last less than a day."""
    if watched.times is None or rows.size < 2:
        return None
    days = float(watched.times[rows[-1]] - watched.times[rows[0]]) / DAY_US
    return 30.0 * count / days if days >= 1.0 else None


def _of_tags(folder: PlantFolder, asked: SignalsAsked, known: set[str]) -> Watched:
    missing = [name for name in asked.names if name not in known]
    if missing:
        raise ForgecastError(
            text("the plant has no readings of {names}", names=", ".join(missing)),
            where=str(folder.path),
            repair=text("use one of: {names}", names=", ".join(sorted(known)[:40]) or "—"),
        )
    if asked.where or asked.labels:
        raise ForgecastError(
            text("tags of a plant have no labels"), repair=text("use --where and --regime with records or files")
        )
    zone = folder.settings.zone
    start = None if asked.since is None else day_start_us(asked.since, zone)
    end = None if asked.until is None else day_start_us(asked.until, zone) + DAY_US
    described = {str(row["id"]): row for row in folder.records.read("tag", id=list(asked.names))}
    series = [folder.telemetry.series(name, start, end) for name in asked.names]
    good = [one.flag == GOOD for one in series]
    times = np.unique(np.concatenate([one.t[kept] for one, kept in zip(series, good, strict=True)]))
    columns = []
    for name, one, kept in zip(asked.names, series, good, strict=True):
        values = np.full(times.size, np.nan)
        values[np.searchsorted(times, one.t[kept])] = one.value[kept]
        row = described.get(name)
        title = verbatim(str(row["name"])) if row is not None and row["name"] else verbatim(name)
        columns.append(Column(name, title, str(row["unit"] or "") if row is not None else "", values))
    bad = int(sum(one.t.size - kept.sum() for one, kept in zip(series, good, strict=True)))
    notes: tuple[Text, ...] = (text("{n} readings that are not good are left out", n=bad),) if bad else ()
    names: Labels = np.array([str(n) for n in range(times.size)], dtype=object)
    return Watched(folder.settings.name, tuple(columns), {}, names, times, zone, np.ones(times.size),
                   synthetic=folder.settings.synthetic, notes=notes)  # fmt: skip


def _offset_us(t: int, zone: str) -> int:
    """Return how far the zone's clock is ahead of UTC [µs]."""
    moment = from_us(t, zone).utcoffset()
    return 0 if moment is None else round(moment.total_seconds() * 1e6)


def matrix_of(watched: Watched) -> NDArray[np.float64]:
    """Return all columns side by side, (n, p)."""
    return np.column_stack([column.values for column in watched.columns])
