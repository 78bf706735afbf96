"""Numbered batches of live readings on their way from an instrument to the store, and who takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from forgecast.ground.errors import ForgecastError
from forgecast.signals.reading import GOOD


class NotStoredError(ForgecastError):
    """A batch that could not be made durable; the source must keep it and give it again."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Readings of several tags from one source, in the order in which they came.

    Parameters
    ----------
    source : str
        The instrument or gateway that numbers the batches: letters, digits, ``.``, ``_`` and ``-``.
    seq : int
        Number of the batch, from 1, ascending without being dense; a number taken before is dropped as a repeat.
    tags : tuple of str
        Names, each once.
    tag : (n,) int32 array
        Index into `tags`.
    t : (n,) int64 array
        Microseconds UTC; any order, repeats allowed (the last one counts).
    value : (n,) float64 array
        In the tag's unit, never NaN.
    flag : (n,) int8 array
        `GOOD`, `DOUBTFUL` or `INVALID`.
    """

    source: str
    seq: int
    tags: tuple[str, ...]
    tag: NDArray[np.int32]
    t: NDArray[np.int64]
    value: NDArray[np.float64]
    flag: NDArray[np.int8]

    def __len__(self) -> int:
        return int(self.t.size)


class Sink(Protocol):
    """Whoever takes batches; what `take` has returned for survives a crash of the process and of the machine."""

    def last(self, source: str) -> int:
        """Return the highest number taken from a source, 0 before the first."""
        ...

    def take(self, batch: Batch) -> bool:
        """Make a batch durable; return False for a repeat (its number was taken before).

        Raises
        ------
        NotStoredError
            If the disk refuses; then nothing of the batch counts, and the source gives it again.
        """
        ...


def batch_of(source: str, seq: int, readings: Sequence[tuple[str, int, float, int]]) -> Batch:
    """Return a batch of single readings.

    Parameters
    ----------
    source : str
    seq : int
    readings : sequence of (tag, t, value, flag)
        Time in microseconds UTC.
    """
    names = {name: None for name, *_ in readings}
    number = {name: index for index, name in enumerate(names)}
    return Batch(
        source,
        seq,
        tuple(names),
        np.array([number[name] for name, *_ in readings], np.int32),
        np.array([t for _, t, *_ in readings], np.int64),
        np.array([value for *_, value, _ in readings], np.float64),
        np.array([flag for *_, flag in readings], np.int8) if readings else np.full(0, GOOD, np.int8),
    )


class Outbox(Sink, Protocol):
    """A sink that keeps its batches until they are known to be stored elsewhere: what a gateway box forwards from."""

    def waiting(self, limit: int, after: int = 0) -> Sequence[tuple[int, Batch]]:
        """Return batches in the order in which they were taken, each with its place.

        Parameters
        ----------
        limit : int
            How many at most.
        after : int
            Place behind which to begin; places ascend.
        """
        ...

    def forget(self, source: str, seq: int) -> int:
        """Let go of a source's batches up to a number, which are stored elsewhere; return how many those were."""
        ...
