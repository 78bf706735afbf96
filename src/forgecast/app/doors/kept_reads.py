"""Answers of reads that are given again, kept in memory until the plant changes; what they take is bounded."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

#: What one process keeps at most [bytes].
MOST_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class _Kept:
    state: str
    content: bytes
    as_of_us: int


class KeptReads:
    """The answers of a process; several threads may use it at once.

    Parameters
    ----------
    most_bytes : int
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._held = 0
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self._renewed: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    @contextmanager
    def renewing(self, plant_id: str, question: str) -> Iterator[bool]:
        """Tell within a block whether nobody else is working out the answer to a question."""
        key = (plant_id, question)
        with self._lock:
            first = key not in self._renewed
            self._renewed.add(key)
        try:
            yield first
        finally:
            if first:
                with self._lock:
                    self._renewed.discard(key)

    def find(self, plant_id: str, question: str, state: str) -> tuple[bytes, int] | None:
        """Return an answer and its time, if it was given for the plant as it is."""
        with self._lock:
            kept = self._kept.get((plant_id, question))
            if kept is None or kept.state != state:
                return None
            self._kept.move_to_end((plant_id, question))
            return kept.content, kept.as_of_us

    def keep(self, plant_id: str, question: str, state: str, content: bytes, as_of_us: int) -> None:
        """Keep an answer; those not asked for the longest go where there are too many."""
        if len(content) > self._most // 8:
            return
        with self._lock:
            before = self._kept.pop((plant_id, question), None)
            self._held += len(content) - (len(before.content) if before is not None else 0)
            self._kept[plant_id, question] = _Kept(state, content, as_of_us)
            while self._held > self._most:
                self._held -= len(self._kept.popitem(last=False)[1].content)
