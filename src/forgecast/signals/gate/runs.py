"""Runs of neighbouring readings that share something, told across batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring readings: first and last instant, how many, and the greatest of a size given with them."""

    start: int
    end: int
    count: int
    size: float


class Runs:
    """Gathers runs of readings that are marked, whatever the batches they come in."""

    def __init__(self) -> None:
        self._open: Run | None = None

    def push(
        self, t: NDArray[np.int64], marked: NDArray[np.bool_], size: NDArray[np.float64] | None = None
    ) -> Iterator[Run]:
        """Take readings in; yield the runs that have ended."""
        for first, last in stretches(marked):
            greatest = float("nan") if size is None else float(size[first : last + 1].max())
            found = Run(int(t[first]), int(t[last]), last - first + 1, greatest)
            if self._open is not None:
                if first == 0:
                    found = _joined(self._open, found)
                else:
                    yield self._open
                self._open = None
            if last + 1 == t.size:
                self._open = found
            else:
                yield found
        if self._open is not None and t.size and not marked[-1]:
            yield self._open
            self._open = None

    def finish(self) -> Iterator[Run]:
        """Yield the run that is still open."""
        if self._open is not None:
            yield self._open
            self._open = None


def _joined(one: Run, other: Run) -> Run:
    return Run(one.start, other.end, one.count + other.count, float(np.fmax(one.size, other.size)))


def stretches(marked: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield first and last index of each stretch of neighbours that are marked."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], marked, [False])).astype(np.int8)))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        yield int(start), int(end) - 1
