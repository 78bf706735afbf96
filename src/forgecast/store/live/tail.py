"""Reads live readings that are not sealed yet, beside those that are; whoever writes them is never held up."""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlalchemy as sa

from forgecast.signals.reading import Readings
from forgecast.store.database import boundary, reading
from forgecast.store.live.record import RecordColumns, columns_of, next_whole, whole_records
from forgecast.store.live.sealing import LivePlant
from forgecast.store.live.segment import segments_of
from forgecast.store.manifest import live_files
from forgecast.store.spool import Columns
from forgecast.store.tables import table
from forgecast.store.telemetry import Telemetry

_COLUMNS = ("tag", "t", "value", "flag")


@dataclass(frozen=True, slots=True)
class Latest:
    """The last reading of a tag.

    Parameters
    ----------
    tag : str
    t : int
        Microseconds UTC.
    value : float
        In the tag's unit.
    flag : int
        `GOOD`, `DOUBTFUL` or `INVALID`.
    sealed : bool
        Whether it stands in a file of the series already.
    """

    tag: str
    t: int
    value: float
    flag: int
    sealed: bool


@dataclass(slots=True)
class _Read:
    """What was read of a segment so far."""

    source: str
    end: int = 0
    records: list[tuple[int, RecordColumns]] = field(default_factory=list)
    latest: dict[str, tuple[int, float, int]] = field(default_factory=dict)


class LiveTail:
    """The end of a plant's series.

    What was read of the log is kept between calls, so a call costs what has come since.

    Parameters
    ----------
    plant : LivePlant
    telemetry : Telemetry
        Of the same plant.
    """

    def __init__(self, plant: LivePlant, telemetry: Telemetry) -> None:
        self._plant, self._telemetry = plant, telemetry
        self._lock = threading.Lock()
        self._read: dict[Path, _Read] = {}
        self._sealed: dict[str, int] = {}
        #: By tag: the last instant that is sealed, and the file it stands in.
        self._ends: dict[str, tuple[int, str]] = {}
        self._state: tuple[int, int] = (-1, -1)
        self._of_files: dict[str, Latest] = {}

    def latest(self, tags: Collection[str] | None = None) -> dict[str, Latest]:
        """Return the last reading of each tag that has one: by time; of two at one time, that which came last.

        Parameters
        ----------
        tags : collection of str or None
            None means all.
        """
        with self._lock:
            self._look()
            found: dict[str, Latest] = {}
            for segment in self._read.values():
                for tag, (t, value, flag) in segment.latest.items():
                    if tag not in found or t >= found[tag].t:
                        found[tag] = Latest(tag, t, value, flag, sealed=False)
            stored = {
                tag: end
                for tag, end in self._ends.items()
                if (tags is None or tag in tags) and (tag not in found or end[0] > found[tag].t)
            }
            self._read_ends({tag: end for tag, end in stored.items() if tag not in self._of_files})
            found |= {tag: self._of_files[tag] for tag in stored}
            return {tag: found[tag] for tag in sorted(found) if tags is None or tag in tags}

    def tail(self, tag: str, start_us: int | None = None) -> Readings:
        """Return the readings of a tag that are not sealed yet, ascending in time.

        Parameters
        ----------
        tag : str
        start_us : int or None
            Microseconds UTC; None means all.
        """
        with self._lock:
            self._look()
            return _settled(tag, self._segments(tag, start_us))

    def series(self, tag: str, start_us: int | None = None) -> Readings:
        """Return the readings of a tag from an instant on, sealed or not, ascending in time."""
        return self.several([tag], start_us)[tag]

    def several(self, tags: Collection[str], start_us: int | None = None) -> dict[str, Readings]:
        """Return the readings of tags from an instant on, sealed or not, each ascending in time."""
        with self._lock:
            self._look()
            come = {tag: self._segments(tag, start_us) for tag in tags}
        # The files are asked for after the log was read: what was sealed meanwhile is seen twice, never not at all.
        stored = self._telemetry.several(tags, start_us)
        return {tag: _settled(tag, [(one.t, one.value, one.flag), *come[tag]]) for tag, one in stored.items()}

    def _segments(self, tag: str, start_us: int | None) -> list[Columns]:
        found = []
        for segment in self._read.values():
            for _, columns in segment.records:
                if tag not in columns.tags:
                    continue
                here = columns.tag == columns.tags.index(tag)
                if start_us is not None:
                    here &= columns.t >= start_us
                found.append((columns.t[here], columns.value[here], columns.flag[here]))
        return found

    def _look(self) -> None:
        """Read what has come since the last look: the log first, then the manifest.

        In this order a segment that is sealed and deleted between the two is on the manifest by the time it is read.
        """
        with boundary(str(self._plant.logs)):
            there: set[Path] = set()
            folders = sorted(self._plant.logs.iterdir()) if self._plant.logs.is_dir() else []
            for folder in folders:
                paths = segments_of(folder)
                there.update(path for path in paths if self._follow(path, newest=path == paths[-1]))
        self._ask_manifest()
        for path, read in list(self._read.items()):
            gone = read.records and read.records[-1][0] <= self._sealed.get(read.source, 0)
            if path not in there or gone:
                self._read[path] = _Read(read.source, read.end)
                if path not in there:
                    del self._read[path]

    def _follow(self, path: Path, *, newest: bool) -> bool:
        read = self._read.setdefault(path, _Read(path.parent.name))
        try:
            size = path.stat().st_size
            if size < read.end:  # cut back after the disk refused
                read = self._read[path] = _Read(read.source)
            if size == read.end:
                return True
            with path.open("rb") as file:
                file.seek(read.end)
                data = memoryview(file.read())
        except FileNotFoundError:
            return False
        begin, come = 0, []
        while True:
            records = list(whole_records(data, begin))
            come += [(record.seq, columns_of(record)) for record in records if record.note is None]
            begin = records[-1].end if records else begin
            # In the newest one a record may be on its way; elsewhere, what is not whole is damaged.
            after = None if newest or begin == len(data) else next_whole(data, begin + 1)
            if after is None:
                break
            begin = after.begin
        read.end += begin
        read.records += come
        _note_latest(read.latest, [columns for _, columns in come])
        return True

    def _ask_manifest(self) -> None:
        files, sources = table("series_file"), table("live_source")
        with reading(self._plant.database, str(self._plant.folder)) as connection:
            sealed = connection.execute(sa.select(sources.c.source, sources.c.sealed))
            self._sealed = {str(source): int(seq) for source, seq in sealed}
            live = sa.select(sa.func.max(files.c.id), sa.func.count()).where(files.c.retired_at.is_(None))
            newest, count = connection.execute(live).one()
            if (newest or 0, count) == self._state:
                return
            self._state, self._ends, self._of_files = (newest or 0, count), {}, {}
            for file in live_files(connection):
                if file.level == "raw":
                    for tag, span in file.contents.items():
                        self._ends[tag] = max((span.t_hi, file.path), self._ends.get(tag, (-1, "")))

    def _read_ends(self, wanted: dict[str, tuple[int, str]]) -> None:
        """Read the last readings of tags, each file once."""
        by_file: dict[str, dict[str, int]] = {}
        for tag, (t, path) in wanted.items():
            by_file.setdefault(path, {})[tag] = t
        for path, ends in by_file.items():
            at_an_end = pc.field("t").isin(sorted(set(ends.values()))) & pc.field("tag").isin(sorted(ends))
            with boundary(str(self._plant.folder / path)):
                table = pq.read_table(self._plant.folder / path, filters=at_an_end, partitioning=None)
            for row in table.to_pylist():
                if row["t"] == ends[row["tag"]]:
                    self._of_files[row["tag"]] = Latest(row["tag"], row["t"], row["value"], row["flag"], sealed=True)


def _note_latest(latest: dict[str, tuple[int, float, int]], come: list[RecordColumns]) -> None:
    by_names: dict[tuple[str, ...], list[RecordColumns]] = {}
    for columns in come:
        by_names.setdefault(columns.tags, []).append(columns)
    for tags, some in by_names.items():
        tag, t, value, flag = (np.concatenate([getattr(one, name) for one in some]) for name in _COLUMNS)
        order = np.argsort(t, kind="stable")
        last = np.full(len(tags), -1)
        last[tag[order]] = order  # of several the last stays: the latest, and of two at one time that which came last
        for number in np.flatnonzero(last >= 0).tolist():
            place = int(last[number])
            if tags[number] not in latest or int(t[place]) >= latest[tags[number]][0]:
                latest[tags[number]] = (int(t[place]), float(value[place]), int(flag[place]))


def _settled(tag: str, segments: list[Columns]) -> Readings:
    if not segments:
        return Readings(tag, np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.int8))
    t, value, flag = (np.concatenate(column) for column in zip(*segments, strict=True))
    order = np.argsort(t, kind="stable")
    last = np.append(np.diff(t[order]) > 0, True)[: t.size]
    order = order[last] if t.size else order
    return Readings(tag, t[order], value[order], flag[order])
