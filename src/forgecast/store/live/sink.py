"""The store's sink: takes batches of any source, durable before it answers, and seals them beside that."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from forgecast.ground.errors import ForgecastError, PlantError
from forgecast.ground.texts import text
from forgecast.signals.batch import Batch, NotStoredError
from forgecast.store.live.log import ROWS_A_SEGMENT, SourceLog
from forgecast.store.live.sealing import LivePlant, Sealed, seal
from forgecast.store.live.segment import SegmentFile

#: A segment is closed, and sealed, at the latest after this time.
SEAL_AFTER_S = 600.0
_SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
#: How often it is looked whether something is to be closed.
_LOOKS_S = 0.2
#: A seal that failed is tried again after this time.
_AGAIN_S = 10.0


class BatchRefusedError(ForgecastError):
    """A batch that no store could keep; to give it again does not help."""


class Live:
    """All sources of a plant that this process takes readings of; a `Sink`. Use it in a ``with`` block.

    Threads may call it at once: each source is written by one of them at a time, and the file system forces the files
    of several sources together.

    Parameters
    ----------
    plant : LivePlant
    seals : bool
        Whether a thread of this process seals what is due; otherwise another process has to
        (`PlantFolder.seal`).
    seal_rows : int
        Readings after which a seal is due.
    seal_after_s : float
        Time after which a seal is due.
    opened : callable
        Opens a segment to write.

    Attributes
    ----------
    trouble : ForgecastError or None
        Why the last seal failed; the readings are safe in the log, and the seal is tried again.
    """

    def __init__(
        self,
        plant: LivePlant,
        *,
        seals: bool = True,
        seal_rows: int = ROWS_A_SEGMENT,
        seal_after_s: float = SEAL_AFTER_S,
        opened: Callable[[Path], SegmentFile] = SegmentFile,
    ) -> None:
        self.trouble: ForgecastError | None = None
        self._plant, self._seals, self._opened = plant, seals, opened
        self._seal_rows, self._seal_after_s = seal_rows, seal_after_s
        self._logs: dict[str, SourceLog] = {}
        self._opening = threading.Lock()
        self._sealing = threading.Lock()
        self._sealed_rows = 0
        self._sealed_at = time.monotonic()
        self._wake, self._ends = threading.Event(), threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="live readings", daemon=True)
        self._keeper.start()

    def last(self, source: str) -> int:
        """Return the highest number taken from a source, 0 before the first.

        Raises
        ------
        PlantError
            If another process writes the readings of this source.
        """
        return self._log(source).last

    def take(self, batch: Batch) -> bool:
        """Make a batch durable; return False for a repeat.

        Raises
        ------
        NotStoredError
            If the disk refuses; then nothing of the batch counts, and the source gives it again.
        PlantError
            If another process writes the readings of this source.
        BatchRefusedError
            If the batch is malformed, or has readings that are not a number or from before 1970.
        """
        _checked(batch)
        log = self._log(batch.source)
        taken = log.take(batch)
        if log.rows >= self._seal_rows:
            self._wake.set()
        return taken

    def seal(self) -> Sealed:
        """Seal all that was taken so far, now (`forgecast.store.live.sealing.seal`)."""
        with self._sealing:
            return self._seal(ask=True)

    def close(self) -> None:
        """Let go of the logs; what is not sealed yet stays in them."""
        self._ends.set()
        self._wake.set()
        self._keeper.join()
        with self._opening:
            # They stay known: whoever still gives a batch is told that the log is closed.
            for log in self._logs.values():
                log.close()

    def _log(self, source: str) -> SourceLog:
        log = self._logs.get(source)
        if log is not None:
            return log
        if not _SOURCE.fullmatch(source):
            raise BatchRefusedError(
                text("the source is named `{source}`", source=source),
                repair=text("name it with letters, digits, `.`, `_` and `-`; a letter or digit first"),
            )
        with self._opening:
            if source not in self._logs and self._ends.is_set():
                raise NotStoredError(
                    text("the log of {source} is closed", source=source),
                    where=str(self._plant.logs),
                    repair=text("keep the readings, and give them again when the plant takes readings again"),
                )
            if source not in self._logs:
                self._logs[source] = SourceLog(
                    self._plant.logs / source,
                    lambda: self._plant.sealed(source),
                    rows_a_segment=self._seal_rows,
                    opened=self._opened,
                )
            return self._logs[source]

    def _keep(self) -> None:
        again = 0.0
        while not self._ends.is_set():
            self._wake.wait(_LOOKS_S)
            self._wake.clear()
            logs = list(self._logs.values())
            for log in logs:
                log.answer()
            if not self._due(logs) or time.monotonic() < again or self._ends.is_set():
                continue
            with self._sealing:
                self.trouble = self._tried()
                again = 0.0 if self.trouble is None else time.monotonic() + _AGAIN_S

    def _tried(self) -> ForgecastError | None:
        """Seal; return what went wrong. A defect of ours must not end the thread: the disk would fill up unseen."""
        try:
            self._seal(ask=False)
        except ForgecastError as error:
            return error
        except Exception as error:  # noqa: BLE001  (told, and tried again)
            return PlantError(
                text("the readings could not be sealed: {reason}", reason=f"{type(error).__name__}: {error}"),
                where=str(self._plant.logs),
                repair=text("they are safe in the log; report this as a defect of the program"),
            )
        return None

    def _due(self, logs: list[SourceLog]) -> bool:
        if sum(log.taken for log in logs) - self._sealed_rows >= self._seal_rows:
            return True
        return time.monotonic() - self._sealed_at >= self._seal_after_s

    def _seal(self, *, ask: bool) -> Sealed:
        logs = list(self._logs.values())
        taken = sum(log.taken for log in logs)
        for log in logs:
            log.rotate()
        # What another process is to seal counts as sealed once it is closed.
        sealed = seal(self._plant, ask=ask) if self._seals or ask else Sealed()
        self._sealed_rows, self._sealed_at = taken, time.monotonic()
        return sealed

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _checked(batch: Batch) -> None:
    n = batch.t.size
    if batch.seq < 1:
        why = text("its number is {seq}; they begin at 1", seq=batch.seq)
    elif not (batch.tag.size == batch.value.size == batch.flag.size == n):
        why = text("its columns are not of one length")
    elif n and (batch.tag.min() < 0 or batch.tag.max() >= len(batch.tags)):
        why = text("it has readings of a tag without a name")
    elif n and batch.t.min() < 0:
        why = text("it has readings from before 1970")
    elif np.isnan(batch.value).any():
        why = text("it has readings that are not a number")
    else:
        return
    raise BatchRefusedError(
        text("batch {seq} of {source} cannot be stored: {why}", seq=batch.seq, source=batch.source, why=why),
        where=batch.source,
        repair=text("correct the source; a reading that is missing is left out"),
    )
