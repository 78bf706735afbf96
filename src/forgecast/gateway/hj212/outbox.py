"""What a data logger has still to send, kept on its own disk until the server has answered."""

from __future__ import annotations

import contextlib
import os
import zlib
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

_MOST_DONE = 4096


class Outbox:
    """Telegrams in the order in which they are to be sent; what is put in survives a crash.

    Parameters
    ----------
    path : Path
        One file: a line for each telegram put in, and one for each that is done.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: OrderedDict[int, bytes] = OrderedDict()
        self._next = 1
        self._done = 0
        good = self._replayed() if path.exists() else 0
        self._file = path.open("r+b" if path.exists() else "w+b")
        self._file.seek(good)
        self._file.truncate()

    @property
    def waiting(self) -> OrderedDict[int, bytes]:
        """Telegrams by number, the oldest first."""
        return self._waiting

    def put(self, telegrams: Iterable[bytes]) -> None:
        """Keep telegrams; when this returns they are on the disk."""
        for telegram in telegrams:
            self._file.write(b"+%d %08x %s\n" % (self._next, zlib.crc32(telegram), telegram.rstrip(b"\r\n")))
            self._waiting[self._next] = telegram
            self._next += 1
        self._file.flush()
        os.fsync(self._file.fileno())

    def done(self, number: int) -> None:
        """Forget a telegram that was answered; should this be lost in a crash, it is sent again."""
        if self._waiting.pop(number, None) is None:
            return
        self._file.write(b"-%d\n" % number)
        self._file.flush()
        self._done += 1
        if self._done >= _MOST_DONE and self._done > len(self._waiting):
            self._rewrite()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _replayed(self) -> int:
        """Take in the file and return how many of its bytes are whole."""
        good = 0
        with self._path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n") or not self._line(line[:-1]):
                    break
                good += len(line)
        return good

    def _line(self, line: bytes) -> bool:
        with contextlib.suppress(ValueError):
            if line.startswith(b"-"):
                self._waiting.pop(int(line[1:]), None)
                return True
            if line.startswith(b"+"):
                number, check, body = line[1:].split(b" ", 2)
                telegram = body + b"\r\n"
                if zlib.crc32(telegram) == int(check, 16):
                    self._waiting[int(number)] = telegram
                    self._next = max(self._next, int(number) + 1)
                    return True
        return False

    def _rewrite(self) -> None:
        self._file.close()
        fresh = self._path.with_name(self._path.name + ".new")
        with fresh.open("wb") as file:
            for number, telegram in self._waiting.items():
                file.write(b"+%d %08x %s\n" % (number, zlib.crc32(telegram), telegram.rstrip(b"\r\n")))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        self._file = self._path.open("r+b")
        self._file.seek(0, os.SEEK_END)
        self._done = 0
