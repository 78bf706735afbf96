"""Segments of the live log: files that only grow, forced to the disk before anybody is answered."""

from __future__ import annotations

import errno
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
from forgecast.store.durable import remove_file, sync_folder
from forgecast.store.file_lock import lock_file
from forgecast.store.live.record import Part, Record, next_whole, whole_records

#: Folder of the log within the plant folder.
LIVE = "telemetry/live"
#: Where a damaged segment is kept.
DAMAGED = "damaged"
#: What a system says when there is no room for more bytes.
NO_ROOM = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
#: Records up to so many bytes are written into room made ahead, and how much room that is.
_SMALL, _ROOM = 1 << 16, 1 << 20
_ZEROS = bytes(1 << 18)
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
    """A new segment that is being written.

    For small records some room is made ahead, filled with zeros: to force bytes into room that a file has already costs
    one write of the disk, while a file that grows has the file system's journal written too, with whatever others have
    under way in it.

    Parameters
    ----------
    path : Path
        Made if it is not there; never one that holds anything.

    Attributes
    ----------
    end : int
        Bytes that are records and on the disk.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.end = 0
        self._room = 0
        try:
            self._file = path.open("xb", buffering=0)
        except FileExistsError:
            self._file = path.open("r+b", buffering=0)
            if self._file.seek(0, 2):
                self._file.close()
                raise

    def write(self, parts: Sequence[Part]) -> None:
        """Append the parts in one call, and force them to the disk."""
        total = sum(len(part) for part in parts)
        if total <= _SMALL and self.end + total > self._room:
            self._make_room()
        done = self._put(parts, self.end)
        while done < total:  # the disk took less than all: asked again, it takes the rest or says why not
            done += self._put([b"".join(parts)[done:]], self.end + done)
        force(self._file)
        self.end += total

    def close(self) -> None:
        """Close the file; room that is left over goes."""
        with suppress(OSError):  # zeros at the end do no harm
            self._file.truncate(self.end)
        self._file.close()

    def _make_room(self) -> None:
        try:
            for place in range(self.end, self.end + _ROOM, len(_ZEROS)):
                if self._put([_ZEROS], place) < len(_ZEROS):
                    return
            os.fsync(self._file.fileno())
            self._room = self.end + _ROOM
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            # The disk is nearly full: a single record may still find its place.
            self._file.truncate(self.end)

    def _put(self, parts: Sequence[Part], place: int) -> int:
        if hasattr(os, "pwritev"):
            return os.pwritev(self._file.fileno(), parts, place)
        self._file.seek(place)
        return self._file.write(b"".join(parts))


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """What is whole of a segment.

    Parameters
    ----------
    path : Path
    records : list of Record
    end : int
        Where the last whole record ends, bytes.
    size : int
        Bytes of the file.
    lost : int
        Bytes between whole records that are in none.
    torn : int
        Bytes behind the last whole record, without the zeros at the end.
    """

    path: Path
    records: list[Record]
    end: int
    size: int
    lost: int
    torn: int

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
    content = path.read_bytes()
    data = memoryview(content)
    records = list(whole_records(data))
    end = records[-1].end if records else 0
    used, lost = len(content.rstrip(b"\0")), 0
    while end < used and (after := next_whole(data, end + 1)) is not None:
        lost += after.begin - end
        records += list(whole_records(data, after.begin))
        end = records[-1].end
    return Segment(path, records, end, len(content), lost, max(0, used - end))


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
    with path.open("r+b", buffering=0) as file:
        content = file.read(found.end)
        file.seek(0)
        while content:
            content = content[file.write(content) :]
        file.truncate(found.end)
        force(file)
    note = {"what": "torn-tail", "file": path.name, "bytes": found.torn} if found.torn else None
    return Segment(path, found.records, found.end, found.end, found.lost, 0), note


def set_aside(segment: Segment) -> None:
    """Take a segment out of the log: a damaged one is kept, another is deleted."""
    if not segment.lost + segment.torn:
        remove_file(segment.path)
        return
    aside = segment.path.parent / DAMAGED
    aside.mkdir(exist_ok=True)
    with suppress(PermissionError):  # held open on Windows: another time
        segment.path.replace(aside / segment.path.name)


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
