"""Turns of the writers of one plant: whoever came first writes first, and one that waits in vain learns who holds it.

SQLite lets waiting writers try again and again, and whoever happens to try at the right moment is in; under load some
wait for ever. So a writer draws a ticket first. A ticket is a file that its owner holds locked: the operating system
lets go of the lock when the owner ends, however it ends, and the next one in the line notices.
"""

from __future__ import annotations

import json
import os
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from forgecast.ground.errors import PlantError
from forgecast.ground.texts import text
from forgecast.store.file_lock import lock_file

#: Between two looks at the ticket before: short at first, so that small entries follow each other quickly.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.0005, 0.01
_DOOR = "door"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a plant: the person, what is written, and the process.

    Parameters
    ----------
    by, what : str
    process : str
        Number of the process and name of its machine.
    since : int
        Microseconds UTC.
    """

    by: str
    what: str
    process: str
    since: int


def line_of(database: Path) -> Path:
    """Return the folder in which the writers of an SQLite file stand in line."""
    return database.with_name(f"{database.name}-writers")


@contextmanager
def turn(line: Path, *, by: str, what: str, patience_s: float) -> Iterator[None]:
    """Wait until all who came before have written, and hold the turn while the block runs.

    Parameters
    ----------
    line : Path
        Folder of the tickets; made where it is not there.
    by, what : str
        Person and thing that others are told who wait.
    patience_s : float
        How long one and the same writer may hold the plant before this one gives up: as long as the line moves,
        everybody in it is served in time.

    Raises
    ------
    PlantError
        If one writer held the plant for longer; it is named.
    """
    line.mkdir(exist_ok=True)
    path, file = _draw(line, by=by, what=what, patience_s=patience_s)
    try:
        _wait(line, path, patience_s)
        yield
    finally:
        file.close()
        _remove(path)


def _draw(line: Path, *, by: str, what: str, patience_s: float) -> tuple[Path, BinaryIO]:
    """Make the last ticket of the line, locked before anybody can see it unlocked."""
    with (line / _DOOR).open("ab") as door:
        begun = time.monotonic()
        while not lock_file(door):
            if time.monotonic() - begun > patience_s:
                raise _busy(line, None)
            time.sleep(_FIRST_PAUSE_S)
        last = max((_number(path) for path in _tickets(line)), default=0)
        path = line / f"{last + 1:012d}-{os.getpid()}-{uuid.uuid4().hex[:8]}.ticket"
        file = path.open("xb")
        try:
            lock_file(file)
            holder = {"by": by, "what": what, "process": _process(), "since": time.time_ns() // 1_000}
            file.write(json.dumps(holder, ensure_ascii=False).encode("utf-8"))
            file.flush()
        except BaseException:
            file.close()
            _remove(path)
            raise
        return path, file


def _wait(line: Path, own: Path, patience_s: float) -> None:
    first: Path | None = None
    since, pause = time.monotonic(), _FIRST_PAUSE_S
    while True:
        before = [path for path in _tickets(line) if path.name < own.name]
        if not before:
            return
        if before[0] != first:
            first, since, pause = before[0], time.monotonic(), _FIRST_PAUSE_S
        # Only the ticket just before is asked: when its owner is done, or has died, look who is before that one.
        if _is_left(before[-1]):
            continue
        if time.monotonic() - since > patience_s:
            raise _busy(line, first)
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_S)


def _is_left(path: Path) -> bool:
    """Whether nobody holds a ticket any more; it is taken away then."""
    try:
        with path.open("r+b") as file:
            if not lock_file(file):
                return False
    except FileNotFoundError:
        return True
    _remove(path)
    return True


def _tickets(line: Path) -> list[Path]:
    return sorted(line.glob("*.ticket"))


def _number(path: Path) -> int:
    return int(path.name.partition("-")[0])


def _process() -> str:
    return f"{os.getpid()} @ {socket.gethostname()}"


def holder_of(line: Path) -> Holder | None:
    """Return who is first in the line now, None where nobody is."""
    for path in _tickets(line):
        with suppress(OSError, ValueError):
            return Holder(**json.loads(path.read_bytes()))
    return None


def _busy(line: Path, first: Path | None) -> PlantError:
    holder = None
    with suppress(OSError, ValueError, TypeError):
        holder = holder_of(line) if first is None else Holder(**json.loads(first.read_bytes()))
    return busy(str(line.parent), holder)


def busy(where: str, holder: Holder | None) -> PlantError:
    """Return the error of a writer that waited long enough."""
    repair = text("wait until it has ended and try again; nothing was changed")
    if holder is None:
        return PlantError(text("another import is writing to this plant"), where=where, repair=repair)
    waited = max(0, time.time_ns() // 1_000 - holder.since) // 1_000_000
    return PlantError(
        text(
            "another import is writing to this plant: {by} ({what}, process {process}) since {seconds} s",
            by=holder.by,
            what=holder.what,
            process=holder.process,
            seconds=waited,
        ),
        where=where,
        repair=repair,
    )


def _remove(path: Path) -> None:
    # On Windows a file that somebody is just looking at cannot be removed; the next in the line does it then.
    with suppress(FileNotFoundError, PermissionError):
        path.unlink()
