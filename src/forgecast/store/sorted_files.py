"""Answers from the order of the files: a raw file is sorted by tag and time, so a question is one pass without sorting.

The manifest tells how many readings each tag has in a file; so the tags need not be read, and a row group (the unit of
reading) is cut into *runs*, one for each tag in it. A run lies in memory only while it is looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from forgecast.ground.dates import HOUR_US
from forgecast.ground.errors import PlantError
from forgecast.ground.texts import text
from forgecast.store.hour_partials import HourlyPartials
from forgecast.store.manifest import SeriesFile

_Ints = NDArray[np.int64]
_Floats = NDArray[np.float64]
_Flags = NDArray[np.int8]
_Made = TypeVar("_Made")
_ALWAYS = (-(2**63), 2**63 - 1)


@dataclass(frozen=True, slots=True)
class Run:
    """Where the readings of one tag lie in a row group: positions [low, high), instants within [t_lo, t_hi]."""

    tag: str
    low: int
    high: int
    t_lo: int
    t_hi: int


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A row group of a raw file and the runs wanted of it."""

    path: Path
    metadata: pq.FileMetaData
    number: int
    runs: tuple[Run, ...]

    def columns(self, *names: str) -> list[NDArray[Any]]:
        """Read columns of the group."""
        with pq.ParquetFile(self.path, metadata=self.metadata) as file:
            table = file.read_row_group(self.number, columns=list(names), use_threads=False)
        return [table.column(name).to_numpy() for name in names]


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """Stretches without a reading, by tag and start: the last reading before and the first one after.

    Parameters
    ----------
    tags : tuple of str
        Names, ascending.
    tag : (n,) int64 array
        Index into `tags`.
    start, end : (n,) int64 array
        Microseconds UTC.
    """

    tags: tuple[str, ...]
    tag: _Ints
    start: _Ints
    end: _Ints

    def __len__(self) -> int:
        return int(self.tag.size)


@dataclass(frozen=True, slots=True, eq=False)
class AsOf:
    """The last good reading at or before each instant asked.

    Parameters
    ----------
    at : (n,) int64 array
        Its instant, microseconds UTC; -1 where nothing good came before.
    value : (n,) float64 array
        In the tag's unit; NaN there.
    """

    at: _Ints
    value: _Floats


def groups(
    folder: Path, files: Iterable[SeriesFile], tags: Collection[str] | None, start: int | None, end: int | None
) -> list[Group]:
    """Return the row groups that may hold readings of the tags in the stretch, in the order of their first tag.

    Raises
    ------
    PlantError
        If a file is not sorted as the manifest says.
    """
    low, high = _ALWAYS[0] if start is None else start, _ALWAYS[1] if end is None else end - 1
    found = []
    for file in files:
        path = folder / file.path
        metadata = pq.read_metadata(path)
        for number, runs in enumerate(_cut_up(file, path, metadata)):
            wanted = (run for run in runs if tags is None or run.tag in tags)
            met = tuple(run for run in wanted if run.t_lo <= high and low <= run.t_hi)
            if met:
                found.append(Group(path, metadata, number, met))
    return sorted(found, key=lambda group: (group.runs[0].tag, group.runs[0].t_lo))


def _cut_up(file: SeriesFile, path: Path, metadata: pq.FileMetaData) -> Iterator[list[Run]]:
    """Yield the runs of each row group by what the manifest counts; the file's own statistics must agree."""
    names = sorted(file.contents)
    ends = np.cumsum([file.contents[name].rows for name in names])
    first = 0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        after = first + group.num_rows
        head, tail = int(np.searchsorted(ends, first, "right")), int(np.searchsorted(ends, after, "left"))
        said = group.column(0).statistics
        told = said is not None and said.has_min_max
        if tail == len(names) or (told and (said.min, said.max) != (names[head], names[tail])):
            raise PlantError(
                text("the readings of this file are not those that the manifest counts"),
                where=str(path),
                repair=text("run `forgecast plant verify`; put the file back from a backup"),
            )
        times = group.column(1).statistics
        t_lo, t_hi = (times.min, times.max) if times is not None and times.has_min_max else _ALWAYS
        runs = []
        for index in range(head, tail + 1):
            span = file.contents[names[index]]
            begun, ended = int(ends[index]) - span.rows - first, int(ends[index]) - first
            bounds = (max(span.t_lo, t_lo), min(span.t_hi, t_hi))
            runs.append(Run(names[index], max(begun, 0), min(ended, group.num_rows), *bounds))
        yield runs
        first = after


def worked(groups: Sequence[Group], work: Callable[[Group], _Made], cores: int) -> Iterator[_Made]:
    """Yield what is made of each group, in their order; no more are under way at a time than there are cores."""
    if cores == 1:
        yield from map(work, groups)
        return
    with ThreadPoolExecutor(cores) as pool:
        waiting = iter(groups)
        running = [pool.submit(work, group) for group in islice(waiting, cores)]
        while running:
            made = running.pop(0).result()
            running += [pool.submit(work, group) for group in islice(waiting, 1)]
            yield made


def _cut(run: Run, t: _Ints, start: int | None, end: int | None) -> slice:
    """Return the part of a run that lies in [start, end)."""
    low, high = run.low, run.high
    if start is not None and run.t_lo < start:
        low += int(np.searchsorted(t[low:high], start))
    if end is not None and run.t_hi >= end:
        high = run.low + int(np.searchsorted(t[run.low : run.high], end))
    return slice(low, max(low, high))


def readings(
    found: Sequence[Group], start: int | None, end: int | None
) -> dict[str, list[tuple[_Ints, _Floats, _Flags]]]:
    """Return the readings in [start, end) by tag: instants, values and flags of each run, in the order of the files."""
    parts: dict[str, list[tuple[_Ints, _Floats, _Flags]]] = defaultdict(list)
    for group in found:
        t, value, flag = group.columns("t", "value", "flag")
        for run in group.runs:
            cut = _cut(run, t, start, end)
            # Copied, for a part would keep its whole group in memory.
            parts[run.tag].append((t[cut].copy(), value[cut].copy(), flag[cut].copy()))
    return parts


def hourly(
    found: Sequence[Group], start: int | None, end: int | None, closing: Collection[str], cores: int
) -> HourlyPartials:
    """Return the hours of the readings in [start, end)."""
    from forgecast.store.kernels.runs import hours_of  # noqa: PLC0415  (numba takes half a second to load)

    names = sorted({run.tag for group in found for run in group.runs})
    number = {name: index for index, name in enumerate(names)}

    def work(group: Group) -> list[HourlyPartials]:
        t, value, flag = group.columns("t", "value", "flag")
        made = []
        for run in group.runs:
            cut = _cut(run, t, start, end)
            if cut.start == cut.stop:
                continue
            closes = int(run.tag in closing)
            size = min(cut.stop - cut.start, int(t[cut.stop - 1] // HOUR_US - t[cut.start] // HOUR_US) + 2)
            hour, n, n_good = (np.empty(size, np.int64) for _ in range(3))
            total, least, most = (np.empty(size) for _ in range(3))
            bounds = np.empty((size, 2), np.int64)
            k = hours_of(t[cut], value[cut], flag[cut], closes, hour, n, n_good, total, least, most, bounds)
            tag = np.full(k, number[run.tag], np.int64)
            first, last = bounds[:k, 0], bounds[:k, 1]
            made.append(
                HourlyPartials((), tag, hour[:k], n[:k], n_good[:k], total[:k], least[:k], most[:k], first, last)
            )
        return made

    parts = [part for made in worked(found, work, cores) for part in made]
    return _added(tuple(names), parts)


def _added(names: tuple[str, ...], parts: Sequence[HourlyPartials]) -> HourlyPartials:
    """Put hours of runs together; one hour of a tag may come from several."""
    ints, floats = np.empty(0, np.int64), np.empty(0)
    if not parts:
        return HourlyPartials(names, ints, ints, ints, ints, floats, floats, floats, ints, ints)
    c = {f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(HourlyPartials)[1:]}
    order = np.lexsort((c["first_t"], c["hour"], c["tag"]))
    c = {name: column[order] for name, column in c.items()}
    starts = np.flatnonzero((np.diff(c["tag"], prepend=-1) != 0) | (np.diff(c["hour"], prepend=-2) != 0))
    ways = {
        "n": np.add,
        "n_good": np.add,
        "sum": np.add,
        "min": np.fmin,
        "max": np.fmax,
        "first_t": np.minimum,
        "last_t": np.maximum,
    }
    merged = {name: way.reduceat(c[name], starts) for name, way in ways.items()}
    kept, index = np.unique(c["tag"], return_inverse=True)
    return HourlyPartials(tuple(names[k] for k in kept), index[starts], c["hour"][starts], **merged)


def gaps(found: Sequence[Group], start: int | None, end: int | None, longer_than_us: int, cores: int) -> Gaps:
    """Return the gaps between readings in [start, end)."""
    stretches: dict[str, list[_Stretch]] = defaultdict(list)
    crowded = _crowded(found)

    def work(group: Group) -> list[tuple[str, _Ints | _Stretch]]:
        (t,) = group.columns("t")
        made: list[tuple[str, _Ints | _Stretch]] = []
        for run in group.runs:
            piece: _Ints = t[_cut(run, t, start, end)]
            if piece.size and run.tag in crowded:
                made.append((run.tag, piece.copy()))
            elif piece.size:
                made.append((run.tag, _stretch(piece, longer_than_us)))
        return made

    # A tag whose files lie in one another is kept until all of it has come: groups come by their first tag.
    waiting: dict[str, list[_Ints]] = defaultdict(list)

    def settle(before: str | None) -> None:
        for tag in [tag for tag in waiting if before is None or tag < before]:
            stretches[tag].append(_stretch(np.sort(np.concatenate(waiting.pop(tag))), longer_than_us))

    for group, made in zip(found, worked(found, work, cores), strict=True):
        settle(group.runs[0].tag)
        for tag, one in made:
            if isinstance(one, _Stretch):
                stretches[tag].append(one)
            else:
                waiting[tag].append(one)
    settle(None)
    names = tuple(sorted(stretches))
    pairs = [_stitched(stretches[name], longer_than_us) for name in names]
    numbers = np.repeat(np.arange(len(names), dtype=np.int64), [len(pair) for pair in pairs])
    every = np.concatenate(pairs) if pairs else np.empty((0, 2), np.int64)
    return Gaps(names, numbers, every[:, 0], every[:, 1])


@dataclass(frozen=True, slots=True, eq=False)
class _Stretch:
    """First and last instant of some readings of a tag, and the gaps among them, (n, 2)."""

    first: int
    last: int
    gaps: _Ints


def _stretch(t: _Ints, longer_than_us: int) -> _Stretch:
    from forgecast.store.kernels.runs import gaps_of  # noqa: PLC0415  (numba takes half a second to load)

    before = np.empty(256, np.int64)
    count = gaps_of(t, longer_than_us, before)
    if count > before.size:
        before = np.empty(count, np.int64)
        gaps_of(t, longer_than_us, before)
    before = before[:count]
    return _Stretch(int(t[0]), int(t[-1]), np.stack([t[before], t[before + 1]], axis=1))


def _stitched(stretches: list[_Stretch], longer_than_us: int) -> _Ints:
    """Return the gaps within and between stretches that do not overlap."""
    stretches.sort(key=lambda stretch: stretch.first)
    between = [(one.last, two.first) for one, two in pairwise(stretches) if two.first - one.last > longer_than_us]
    every = np.concatenate([one.gaps for one in stretches] + [np.array(between, np.int64).reshape(-1, 2)])
    return every[np.argsort(every[:, 0])]


def _crowded(found: Sequence[Group]) -> set[str]:
    """Return the tags of which two files overlap in time."""
    spans: dict[str, dict[Path, tuple[int, int]]] = defaultdict(dict)
    for group in found:
        for run in group.runs:
            low, high = spans[run.tag].get(group.path, (run.t_lo, run.t_hi))
            spans[run.tag][group.path] = (min(low, run.t_lo), max(high, run.t_hi))
    return {
        tag
        for tag, by_file in spans.items()
        if any(two[0] <= one[1] for one, two in pairwise(sorted(by_file.values())))
    }


def as_of(found: Sequence[Group], tags: Sequence[str], t: _Ints, cores: int) -> AsOf:
    """Return the last good reading of a tag at or before each instant.

    Parameters
    ----------
    found : sequence of Group
        All groups of the tags up to the last instant asked.
    tags : sequence of str, n
    t : (n,) int64 array
        Microseconds UTC, in any order.
    cores : int
    """
    from forgecast.store.kernels.runs import last_good  # noqa: PLC0415  (numba takes half a second to load)

    names, number = np.unique(np.asarray(tags, dtype=object), return_inverse=True)
    order = np.lexsort((t, number))
    bounds = np.searchsorted(number[order], np.arange(len(names) + 1))
    of = {str(name): slice(*bounds[index : index + 2]) for index, name in enumerate(names)}
    asked = t[order]
    at, value = np.full(t.size, -1, np.int64), np.full(t.size, np.nan)

    def open_questions(run: Run) -> bool:
        here = of.get(run.tag, slice(0, 0))
        later = np.minimum(asked[here], run.t_hi)
        return bool(((asked[here] >= run.t_lo) & (at[here] < later)).any())

    def work(group: Group) -> list[tuple[Run, list[NDArray[Any]]]]:
        wanted = [run for run in group.runs if open_questions(run)]
        columns = group.columns("t", "value", "flag") if wanted else []
        return [(run, [column[run.low : run.high] for column in columns]) for run in wanted]

    # From the last to the first: what has its answer from a later run need not read the earlier ones.
    backwards = sorted(found, key=lambda group: -max(run.t_lo for run in group.runs))
    for run, columns in (one for made in worked(backwards, work, cores) for one in made):
        here = of[run.tag]
        run_t, run_value, run_flag = columns
        last_good(run_t, run_value, run_flag, asked[here], at[here], value[here])
    found_at, found_value = np.empty_like(at), np.empty_like(value)
    found_at[order], found_value[order] = at, value
    return AsOf(found_at, found_value)
