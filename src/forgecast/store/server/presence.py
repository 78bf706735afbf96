"""Who is there: each process of a server holds a locked file, which the system lets go of however the process ends."""

from __future__ import annotations

import os
import secrets
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from forgecast.store.durable import remove_file
from forgecast.store.file_lock import lock_file

_FOLDER = "present"
_YOUNG_S = 5.0


class Presence:
    """A process that is there as long as this is open; use it in a ``with`` block.

    Parameters
    ----------
    home : Path
        Home folder of the server; processes of several machines share it.
    kind : str
        What it is, as in ``worker``.

    Attributes
    ----------
    name : str
        Unlike any other, of this or an earlier process.
    """

    def __init__(self, home: Path, kind: str) -> None:
        folder = home / _FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        self.name = f"{kind}-{os.getpid()}-{secrets.token_hex(6)}"
        self._path = folder / f"{self.name}.lock"
        self._file = self._path.open("xb")
        lock_file(self._file)

    def close(self) -> None:
        """Be gone."""
        if not self._file.closed:
            self._file.close()
            remove_file(self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def is_gone(home: Path, name: str) -> bool:
    """Tell whether the process of a presence has ended, however it ended."""
    path = home / _FOLDER / f"{name}.lock"
    try:
        with path.open("r+b") as file:
            gone = lock_file(file)
    except FileNotFoundError:
        return True
    except PermissionError:
        return False
    if gone:
        with suppress(OSError):
            path.unlink()
    return gone


def alive(home: Path, kind: str) -> int:
    """Return how many processes of a kind are there."""
    there = 0
    for path in (home / _FOLDER).glob(f"{kind}-*.lock"):
        with suppress(OSError):
            # One that is just being made may not hold its lock yet: to try it would take the lock from it.
            there += time.time() - path.stat().st_mtime < _YOUNG_S or not is_gone(home, path.stem)
    return there
