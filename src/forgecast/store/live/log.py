"""The log of one source: each batch is on the disk before the source is answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from forgecast.ground.texts import text
from forgecast.signals.batch import Batch, NotStoredError
from forgecast.store.durable import sync_folder
from forgecast.store.live.record import note_of, record_of
from forgecast.store.live.segment import (
    NO_ROOM,
    Hold,
    SegmentFile,
    asked_to_close,
    closed_as_asked,
    first_of,
    force,
    mend,
    name_of,
    segments_of,
    set_aside,
)

#: A segment of so many rows is some 28 MB.
ROWS_A_SEGMENT = 2_000_000


class SourceLog:
    """The log of one source, held by this process until `close`.

    A segment is begun anew each time a log is opened, and after each refusal of the disk: what lies behind is never
    written again, so another process may read and seal it.

    Parameters
    ----------
    folder : Path
        The source's own folder; its name is the source's.
    sealed : callable
        Returns the highest number that is sealed, by the manifest.
    rows_a_segment : int
        From so many rows on a segment is closed, so that sealing it takes bounded memory.
    opened : callable
        Opens a segment to write.
    clock : callable
        Microseconds UTC.

    Raises
    ------
    PlantError
        If another process writes this log.
    NotStoredError
        If the disk refuses.
    """

    def __init__(
        self,
        folder: Path,
        sealed: Callable[[], int],
        *,
        rows_a_segment: int = ROWS_A_SEGMENT,
        opened: Callable[[Path], SegmentFile] = SegmentFile,
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000,
    ) -> None:
        self.folder = folder
        #: Rows taken since the log was opened, and those of the open segment.
        self.taken = 0
        self.rows = 0
        #: When the open segment's first batch came; None while it is empty.
        self.since: float | None = None
        self._opened, self._clock, self._rows_a_segment = opened, clock, rows_a_segment
        self._lock = threading.Lock()
        self._file: SegmentFile | None = None
        self._whole = 0  # bytes of the open segment that are records on the disk
        self._failed: Path | None = None
        self._closed = False
        self._notes: list[dict[str, Any]] = []
        self._refusal: dict[str, Any] | None = None
        try:
            self._hold = Hold(folder)
        except OSError as error:
            raise self._not_stored(error) from error
        try:
            self.last = self._found(sealed)
        except OSError as error:
            self._hold.release()
            raise self._not_stored(error) from error
        except BaseException:
            self._hold.release()
            raise

    def _found(self, sealed: Callable[[], int]) -> int:
        """Return the highest number taken so far, by log and manifest."""
        last = 0
        segments = segments_of(self.folder)
        if segments:
            newest, torn = mend(segments[-1])
            last = newest.last
            if all(one.note is not None for one in newest.records):
                # Its first batch was torn off: the name is needed for the next one.
                self._notes += [dict(one.note) for one in newest.records if one.note is not None]
                set_aside(newest)
            if torn is not None:
                self._notes.append(torn)
        # Asked after the log was read: a segment that a sealing process deletes meanwhile is on the manifest by then.
        return max(last, sealed())

    def take(self, batch: Batch) -> bool:
        """Make a batch durable; False if its number was taken before (`forgecast.signals.batch.Sink`)."""
        with self._lock:
            if self._closed:
                raise NotStoredError(
                    text("the log of {source} is closed", source=self.folder.name),
                    where=str(self.folder),
                    repair=text("keep the readings, and give them again when the plant takes readings again"),
                )
            if batch.seq <= self.last:
                return False
            now = self._clock()
            parts = record_of(batch, now)
            notes = [note_of(note, self.last + 1, now) for note in self._told()]
            self._write([part for record in (*notes, parts) for part in record])
            self._notes, self._refusal = [], None
            self.last = batch.seq
            self.rows += len(batch)
            self.taken += len(batch)
            if self.since is None:
                self.since = time.monotonic()
            if self.rows >= self._rows_a_segment:
                self._rotate()
            return True

    def _told(self) -> list[dict[str, Any]]:
        return self._notes if self._refusal is None else [*self._notes, self._refusal]

    def _write(self, parts: list[Any]) -> None:
        try:
            self._settle()
            if self._file is None:
                self._begin()
            assert self._file is not None  # noqa: S101  (just begun)
            self._file.write(parts)
        except OSError as error:
            refused = self._refusal or {"what": "disk-refused", "times": 0, "since": self._clock()}
            self._refusal = {**refused, "times": refused["times"] + 1, "reason": error.strerror or str(error)}
            self._give_up()
            raise self._not_stored(error) from error
        except BaseException:  # stopped in the middle: nobody knows what the disk holds now
            self._give_up()
            raise
        self._whole = self._file.end

    def _begin(self) -> None:
        file = self._opened(self.folder / name_of(self.last + 1))
        try:
            sync_folder(self.folder)
        except BaseException:
            file.close()
            raise
        self._file, self._whole, self.since, self.rows = file, 0, None, 0

    def _give_up(self) -> None:
        """Leave a segment whose end is in doubt, and try to cut it back at once."""
        if self._file is None:
            return
        self._failed = self._file.path
        with suppress(OSError):
            self._file.close()
        self._file = None
        with suppress(OSError):
            self._settle()

    def _settle(self) -> None:
        """Cut a segment that failed back to its last whole record; until that is done nothing else is written."""
        if self._failed is None:
            return
        path = self._failed
        if self._whole == 0:
            path.unlink(missing_ok=True)
            sync_folder(self.folder)
        else:
            with path.open("r+b", buffering=0) as file:
                file.truncate(self._whole)
                force(file)
        self._failed = None

    def rotate(self) -> bool:
        """Close the open segment if it holds anything, so that it can be sealed; False if the disk refuses."""
        with self._lock:
            return self._rotate()

    def _rotate(self) -> bool:
        try:
            if self._whole and self._file is not None:
                old = self._file
                self._begin()
                old.close()
            elif self._file is None and self._failed is None and self._newest() <= self.last:
                # The newest one passes for open as long as this process holds the log: put an empty one behind it.
                self._begin()
        except OSError:
            return False
        return True

    def _newest(self) -> int:
        """Return the least number that the newest segment may hold; where there is none, the next number."""
        return max((first_of(path) for path in segments_of(self.folder)), default=self.last + 1)

    def answer(self) -> None:
        """Close the segment if another process asked for it."""
        if asked_to_close(self.folder) and self.rotate():
            closed_as_asked(self.folder)

    def close(self) -> None:
        """Let go of the log."""
        with self._lock:
            self._closed = True
            if self._file is not None:
                self._file.close()
                self._file = None
            self._hold.release()

    def _not_stored(self, error: OSError) -> NotStoredError:
        full = error.errno in NO_ROOM
        repair = text("free some space; the source keeps its readings and gives them again")
        other = text("check the disk and its cables; the source keeps its readings and gives them again")
        what = text("the disk is full; the readings of {source} are not stored", source=self.folder.name)
        refused = text(
            "the disk refused ({reason}); the readings of {source} are not stored",
            reason=error.strerror or str(error),
            source=self.folder.name,
        )
        return NotStoredError(what if full else refused, where=str(self.folder), repair=repair if full else other)
