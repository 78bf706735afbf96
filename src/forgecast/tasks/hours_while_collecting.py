"""Judge a plant's hours while it is collected: stored batches are taken note of, and each minute is looked at."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

from forgecast.ground.errors import ForgecastError
from forgecast.signals.batch import Batch
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.judge_live_hours import LiveHours

_LOOK_S = 60.0


class HoursWhileCollecting:
    """Judges hours in a thread of its own; use it in a ``with`` block, and give it each batch once that is stored.

    Parameters
    ----------
    plant : PlantFolder
    by : str
        Who answers for the ledger entries.

    Attributes
    ----------
    trouble : ForgecastError or None
        Why the last look failed (the plant is busy, say); the next one makes up for it.
    entries : int
        Written into the ledger so far.
    """

    def __init__(self, plant: PlantFolder, *, by: str = "") -> None:
        self.trouble: ForgecastError | None = None
        self.entries = 0
        self._lock = threading.Lock()
        self._ends = threading.Event()
        self._hours = LiveHours(plant, now_us=_now_us(), by=by)
        self._looker = threading.Thread(target=self._look_on, name="hours", daemon=True)

    def take(self, batch: Batch) -> None:
        """Take note of a batch that the store has made durable."""
        with self._lock:
            self._hours.stored(batch)

    def __enter__(self) -> Self:
        self._looker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.set()
        self._looker.join()
        self._look()

    def _look_on(self) -> None:
        while not self._ends.wait(_LOOK_S):
            self._look()

    def _look(self) -> None:
        try:
            with self._lock:
                self.entries += len(self._hours.tick(_now_us()).entered.new)
            self.trouble = None
        except ForgecastError as error:
            self.trouble = error


def _now_us() -> int:
    return time.time_ns() // 1_000
