"""Watches a folder: a file is taken when it is whole, moved when that is done, and never taken twice.

Taking is safe to repeat (the store knows the bytes of a file it has), and a file is moved only after it was taken: a
crash in between takes it once more, finds it known, and moves it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from forgecast.gateway.drop.settings import DropSettings
from forgecast.gateway.feed import FeedState, Tell, finding, now_us
from forgecast.ground.finding import Severity
from forgecast.ground.texts import LANGUAGES, Text, text

TAKEN, REFUSED = "taken", "refused"
#: What programs call files they have not finished.
_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".lock")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file.

    Parameters
    ----------
    accepted : bool
        Whether it is in; else it was refused.
    rows : int
        Rows or readings that are new or changed.
    notes : tuple of Text
        Findings and, for a refused file, why; written beside the file.
    """

    accepted: bool
    rows: int = 0
    notes: tuple[Text, ...] = ()


class Watch:
    """What is known of a folder between two looks.

    Parameters
    ----------
    settings : DropSettings
    clock : callable
        Seconds, ascending.
    """

    def __init__(self, settings: DropSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._clock = settings, clock
        self._seen: dict[Path, tuple[tuple[int, int], float]] = {}

    def whole(self) -> list[Path]:
        """Return the files that are whole, oldest first.

        Raises
        ------
        OSError
            If the folder cannot be read.
        """
        now, found = self._clock(), []
        there: dict[Path, tuple[tuple[int, int], float]] = {}
        for path in self._settings.folder.glob(self._settings.pattern):
            if not self._meant(path):
                continue
            state = state_of(path)
            if state is None:
                continue
            before, since = self._seen.get(path, (state, now))
            there[path] = (state, since if before == state else now)
            if self._settings.mark:
                ready = path.with_name(path.name + self._settings.mark).exists()
            else:
                ready = now - there[path][1] >= self._settings.settle_s
            if ready:
                found.append((state[1], path))
        self._seen = there
        return [path for _, path in sorted(found)]

    def _meant(self, path: Path) -> bool:
        name = path.name
        return not (
            name.startswith((".", "~$"))
            or name.endswith(_UNFINISHED)
            or (self._settings.mark and name.endswith(self._settings.mark))
            or not path.is_file()
        )


def state_of(path: Path) -> tuple[int, int] | None:
    """Return size and time of a file; None where it has gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def put_away(path: Path, folder: str, notes: Sequence[Text], mark: str = "") -> Path:
    """Move a file into a folder beside it, with what is to be said of it in a text file; return where it is.

    Raises
    ------
    OSError
        If it cannot be moved (on Windows: while somebody has it open); then it is where it was.
    """
    target = path.parent / folder
    target.mkdir(exist_ok=True)
    number, place = 2, target / path.name
    while place.exists():
        place = target / f"{path.stem} ({number}){path.suffix}"
        number += 1
    if notes:
        lines = [f"- {note.say(language)}" for language in LANGUAGES for note in notes]
        place.with_name(place.name + ".findings.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    path.replace(place)
    if mark:
        with contextlib.suppress(OSError):
            path.with_name(path.name + mark).unlink()
    return place


async def run_drop(
    settings: DropSettings, take: Callable[[Path], Awaitable[Taken | None]], state: FeedState, tell: Tell,
    stop: asyncio.Event,
) -> None:  # fmt: skip
    """Take what is dropped into a folder until asked to stop.

    Parameters
    ----------
    settings : DropSettings
    take : callable
        Takes a file into the plant; returns None where it could not be tried now and is to be tried again.
    state : FeedState
        Kept up to date; a batch is a file.
    tell : callable
    stop : asyncio.Event
    """
    watch, told = Watch(settings), set[str]()
    pause = min(max(settings.settle_s / 4, 0.05), 2.0)
    while not stop.is_set():
        try:
            settings.folder.mkdir(parents=True, exist_ok=True)
            waiting = watch.whole()
            state.connected = True
        except OSError as error:
            state.connected, waiting = False, []
            _tell_once(settings, tell, told, "folder", error)
        state.waiting = len(waiting)
        for path in waiting:
            if stop.is_set():
                break
            await _take(path, settings, take, state, tell, told)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


async def _take(
    path: Path, settings: DropSettings, take: Callable[[Path], Awaitable[Taken | None]], state: FeedState, tell: Tell,
    told: set[str],
) -> None:  # fmt: skip
    before = state_of(path)
    done = await take(path)
    if done is None or (not done.accepted and state_of(path) != before):
        return  # the plant is busy, or somebody still writes the file: the next look decides
    try:
        await asyncio.to_thread(
            put_away, path, TAKEN if done.accepted else REFUSED, done.notes, settings.mark
        )  # fmt: skip
    except OSError as error:
        _tell_once(settings, tell, told, path.name, error)
        return
    state.batches += 1
    state.rows += done.rows
    state.stored_us = now_us()
    if not done.accepted:
        tell(
            finding(
                "file-refused", Severity.REFUSED, settings.name, path.name, "",
                text("a dropped file was refused; it lies in {folder} with the reasons beside it", folder=REFUSED),
                text("repair it as said there and drop it again"),
            )
        )  # fmt: skip


def _tell_once(settings: DropSettings, tell: Tell, told: set[str], what: str, error: OSError) -> None:
    if what in told:
        return
    told.add(what)
    tell(
        finding(
            "folder-not-usable", Severity.DOUBTFUL, settings.name, what, error.strerror or error,
            text("a dropped file or its folder cannot be used: {why}", why=str(error.strerror or error)),
            text("see whether somebody has the file open, and the rights to the folder; it is tried again"),
        )
    )  # fmt: skip
