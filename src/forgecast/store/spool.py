"""A spool: readings of an import, kept by place and tag until all have come, in memory up to a bound, then on disk."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forgecast.store.durable import remove_file

#: Time, value and flag of readings.
Columns: TypeAlias = "tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int8]]"
#: Readings held in memory before they are spilled: 8 M of 17 bytes each are 136 MB.
ROWS_IN_MEMORY = 8_000_000


class Spool:
    """Readings by place (a file that is to be written) and tag, in the order in which they came.

    Parameters
    ----------
    path : Path
        File for what does not stay in memory; made when needed, removed by `close`.
    rows_in_memory : int
        How many readings stay in memory.
    """

    def __init__(self, path: Path, rows_in_memory: int = ROWS_IN_MEMORY) -> None:
        self.path = path
        self.rows = 0
        #: Tags by place.
        self.tags: dict[str, set[str]] = {}
        self._rows_in_memory = rows_in_memory
        self._held = 0
        self._in_memory: dict[tuple[str, str], list[Columns]] = {}
        self._on_disk: dict[tuple[str, str], list[tuple[int, int]]] = {}
        self._file: BinaryIO | None = None

    def add(self, place: str, tag: str, columns: Columns) -> None:
        """Take readings of one tag that go to one place; the arrays are kept as they are."""
        self._in_memory.setdefault((place, tag), []).append(columns)
        self.tags.setdefault(place, set()).add(tag)
        self.rows += int(columns[0].size)
        self._held += int(columns[0].size)
        if self._held > self._rows_in_memory:
            self._spill()

    def take(self, place: str, tag: str) -> list[Columns]:
        """Return the segments of a tag in a place in the order in which they came, and let go of them."""
        key = (place, tag)
        found = [self._read(offset, n) for offset, n in self._on_disk.pop(key, [])]
        return found + self._in_memory.pop(key, [])

    def close(self) -> None:
        """Let go of everything."""
        self._in_memory.clear()
        self._on_disk.clear()
        if self._file is not None:
            self._file.close()
            self._file = None
        remove_file(self.path)

    def _spill(self) -> None:
        if self._file is None:
            self._file = self.path.open("w+b")
        self._file.seek(0, 2)
        for key, segments in self._in_memory.items():
            offset = self._file.tell()
            for column in zip(*segments, strict=True):
                for array in column:
                    self._file.write(array.tobytes())
            self._on_disk.setdefault(key, []).append((offset, sum(segment[0].size for segment in segments)))
        self._in_memory.clear()
        self._held = 0

    def _read(self, offset: int, n: int) -> Columns:
        assert self._file is not None  # noqa: S101  (an offset exists only once the file does)
        self._file.seek(offset)
        t = np.frombuffer(self._file.read(8 * n), np.int64)
        value = np.frombuffer(self._file.read(8 * n), np.float64)
        flag = np.frombuffer(self._file.read(n), np.int8)
        return t, value, flag
