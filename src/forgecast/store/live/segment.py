"""Segments of the live log: files that only grow, forced to the disk before anybody is answered."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from forgecast.ground.errors import PlantError
from forgecast.ground.texts import text
from forgecast.store.durable import sync_folder
from forgecast.store.file_lock import lock_file
from forgecast.store.live.record import Part, Record, next_whole, whole_records

#: Folder of the log within the plant folder.
LIVE = "telemetry/live"
#: Where a damaged segment is kept.
DAMAGED = "damaged"
_SUFFIX = ".tlm"
_LOCK, _ASKED = "lock", "close"
_SEALER, _WRITER = "seal", "write"
#: A sealing process holds a source's lock only while it looks whether the last segment is whole.
_SEALER_LOOKS_S = 30.0


def force(file: BinaryIO) -> None:
    """Force a file's bytes to the disk itself, by the cheapest call of this system that does."""
    if sys.platform == "darwin":
        import fcntl  # noqa: PLC0415  (POSIX only)

        fcntl.fcntl(file.fileno(), fcntl.F_FULLFSYNC)  # there fsync leaves them in the drive's own memory
    elif hasattr(os, "fdatasync"):
        os.fdatasync(file.fileno())
    else:
        os.fsync(file.fileno())


class SegmentFile:
    """A segment that is being written.

    Parameters
    ----------
    path : Path
        Made if it is not there; nothing of it is read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("ab", buffering=0)

    def write(self, parts: Sequence[Part]) -> None:
        """Append the parts in one call, and force them to the disk."""
        total = sum(len(part) for part in parts)
        if hasattr(os, "writev"):
            done = os.writev(self._file.fileno(), parts)
        else:
            done = os.write(self._file.fileno(), b"".join(parts))
        while done < total:  # the disk took less than all: asked again, it takes the rest or says why not
            done += os.write(self._file.fileno(), b"".join(parts)[done:])
        force(self._file)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """What is whole of a segment.

    Parameters
    ----------
    path : Path
    records : list of Record
    whole : int
        Bytes up to the first that belong to no whole record.
    size : int
        Bytes of the file.
    lost : int
        Bytes between whole records that are not whole, or at the end.
    broken_inside : bool
        Whether whole records follow on such bytes.
    """

    path: Path
    records: list[Record]
    whole: int
    size: int
    lost: int
    broken_inside: bool

    @property
    def last(self) -> int:
        """The highest number of a batch; what the name promises before the first one."""
        return max((one.seq for one in self.records if one.note is None), default=first_of(self.path) - 1)


def name_of(first: int) -> str:
    """Return the file name of a segment by the least number it may hold."""
    return f"{first:020d}{_SUFFIX}"


def first_of(path: Path) -> int:
    """Return the least number that a segment may hold."""
    return int(path.name.removesuffix(_SUFFIX))


def segments_of(folder: Path) -> list[Path]:
    """Return the segments of a source's folder, oldest first."""
    return sorted(folder.glob(f"*{_SUFFIX}"))


def read_segment(path: Path) -> Segment:
    """Read a segment and tell what of it is whole; nothing is changed."""
    data = memoryview(path.read_bytes())
    records = list(whole_records(data))
    whole = end = records[-1].end if records else 0
    lost, inside = 0, False
    while end < len(data):
        after = next_whole(data, end + 1)
        lost += (len(data) if after is None else after.begin) - end
        if after is None:
            break
        inside = True
        records += list(whole_records(data, after.begin))
        end = records[-1].end
    return Segment(path, records, whole, len(data), lost, inside)


def mend(path: Path) -> tuple[Segment, dict[str, Any] | None]:
    """Make the last segment of a log fit to be read: a torn end goes, and what stays is on the disk.

    After a call to force a file has failed, the system may hold bytes in its memory that it believes to be written
    and that are not. So all of it is written once more and forced before any of it counts.

    Returns
    -------
    (Segment, dict or None)
        And what was cut off, if anything was.
    """
    found = read_segment(path)
    if found.size == 0:
        return found, None
    keep = found.size if found.broken_inside else found.whole
    with path.open("r+b", buffering=0) as file:
        content = file.read(keep)
        file.seek(0)
        while content:
            content = content[file.write(content) :]
        file.truncate(keep)
        force(file)
    if keep == found.size:
        return found, None
    note = {"what": "torn-tail", "file": path.name, "bytes": found.size - keep}
    return Segment(path, found.records, keep, keep, 0, broken_inside=False), note


def make_folder(folder: Path) -> None:
    """Make a source's folder, and force the names on the way to it."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    for one in (folder.parent, folder.parent.parent):
        sync_folder(one)


class Hold:
    """The lock of the one process that may write a source's log.

    Raises
    ------
    PlantError
        If another process holds it; it is named.
    """

    def __init__(self, folder: Path) -> None:
        make_folder(folder)
        self._file = (folder / _LOCK).open("a+b")
        begun = time.monotonic()
        try:
            while not lock_file(self._file):
                _refuse_held(folder, time.monotonic() - begun)
                time.sleep(0.002)
            _tell(self._file, _WRITER)
        except BaseException:
            self._file.close()
            raise

    def release(self) -> None:
        """Let another process write the log."""
        self._file.seek(0)
        self._file.truncate()
        self._file.close()


@contextmanager
def looked_at(folder: Path) -> Iterator[bool]:
    """Hold a source's lock for a moment if no process writes its log; tell whether it is held."""
    with (folder / _LOCK).open("a+b") as file:
        held = lock_file(file)
        if held:
            _tell(file, _SEALER)
        try:
            yield held
        finally:
            if held:
                file.seek(0)
                file.truncate()


def _tell(file: BinaryIO, to: str) -> None:
    told = {"to": to, "process": f"{os.getpid()} @ {socket.gethostname()}", "since": time.time_ns() // 1_000}
    file.seek(0)
    file.truncate()
    file.write(json.dumps(told, ensure_ascii=False).encode())
    file.flush()


def _holder(folder: Path) -> Mapping[str, Any]:
    with suppress(OSError, ValueError):
        told = json.loads((folder / _LOCK).read_bytes())
        return told if isinstance(told, dict) else {}
    return {}


def _refuse_held(folder: Path, waited_s: float) -> None:
    """Refuse if the holder is a writer; one that only looks is waited for."""
    holder = _holder(folder)
    if holder.get("to") != _WRITER and waited_s < _SEALER_LOOKS_S:
        return
    raise PlantError(
        text(
            "process {process} writes the readings of the source {source} already",
            process=holder.get("process", "?"),
            source=folder.name,
        ),
        where=str(folder),
        repair=text("stop one of the two, or give this one a source name of its own"),
    )


def ask_to_close(folder: Path) -> None:
    """Ask the process that writes a log to close its segment, so that it can be sealed."""
    (folder / _ASKED).touch()


def asked_to_close(folder: Path) -> bool:
    """Whether somebody asked for the segment to be closed, and has not been answered."""
    return (folder / _ASKED).exists()


def closed_as_asked(folder: Path) -> None:
    """Answer whoever asked."""
    (folder / _ASKED).unlink(missing_ok=True)
