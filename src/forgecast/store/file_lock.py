"""Locks on open files: the operating system lets go of them when their owner ends, however it ends."""

from __future__ import annotations

import sys
from typing import BinaryIO

#: Far behind any text of the file: Windows keeps others from reading the bytes that are locked.
_LOCKED_BYTE = 1 << 30

if sys.platform == "win32":
    import msvcrt

    def lock_file(file: BinaryIO) -> bool:
        """Lock an open file, if nobody else holds it."""
        file.seek(_LOCKED_BYTE)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            file.seek(0)
        return True

else:
    import fcntl

    def lock_file(file: BinaryIO) -> bool:
        """Lock an open file, if nobody else holds it."""
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
