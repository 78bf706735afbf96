"""Files that are wholly there or not there: written aside, forced to the disk, then given their name."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import BinaryIO


class DurableFile:
    """A file that appears under its name only after every byte of it is on the disk.

    Parameters
    ----------
    path : Path
        The name it shall have. Until `publish` it is called ``_part-<name>`` beside it; names that begin with ``_``
        are invisible to every engine that lists folders.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.part = path.with_name(f"_part-{path.name}")
        self._hash = hashlib.sha256()
        self._file: BinaryIO = self.part.open("wb")
        self.bytes = 0

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Append bytes; they enter the file's SHA-256 on the way."""
        self._hash.update(data)
        self.bytes += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        """Hand what is buffered to the operating system."""
        self._file.flush()

    @property
    def closed(self) -> bool:
        """Whether the file is closed (asked by writers that are handed a file)."""
        return self._file.closed

    @property
    def sha256(self) -> str:
        """SHA-256 of what was written, hexadecimal."""
        return self._hash.hexdigest()

    def publish(self) -> None:
        """Force the bytes to the disk and give the file its name; its folder is forced by `sync_folder`."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        os.replace(self.part, self.path)  # noqa: PTH105  (the one call that is atomic on every system)

    def abandon(self) -> None:
        """Drop the file, whatever state it is in."""
        self._file.close()
        remove_file(self.part)


def sync_folder(folder: Path) -> None:
    """Force a folder's list of names to the disk.

    Windows has no such call: there the file system's own journal orders the renaming.
    """
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_file(path: Path) -> bool:
    """Remove a file if it can be removed; a file that a reader on Windows holds open stays for the next time."""
    try:
        path.unlink(missing_ok=True)
    except PermissionError:
        return False
    return True
