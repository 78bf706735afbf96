"""The outbox: messages that shall reach somebody, kept on the disk until they have."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from forgecast.store.database import boundary
from forgecast.store.durable import DurableFile, remove_file, sync_folder

FOLDER = "outbox"


@dataclass(frozen=True, slots=True)
class Letter:
    """A message in the outbox.

    Parameters
    ----------
    name : str
        Its file; ascending by the moment it was put in.
    content : mapping
        What it says, as JSON.
    put_at : int
        Microseconds UTC.
    attempts : int
        How often it was sent in vain.
    due_at : int
        Before this it is not tried again, microseconds UTC.
    """

    name: str
    content: Mapping[str, object]
    put_at: int
    attempts: int
    due_at: int


class Outbox:
    """The messages of a plant that wait; one process at a time empties it, any may fill it.

    Parameters
    ----------
    plant : Path
        Plant folder.
    """

    def __init__(self, plant: Path) -> None:
        self._folder = plant / FOLDER
        self._count = 0

    def put(self, content: Mapping[str, object], at: int) -> Letter:
        """Keep a message; it is on the disk when this returns.

        Raises
        ------
        PlantError
            If the disk refuses.
        """
        self._count += 1
        name = f"{at:020d}-{time.time_ns() % 1_000_000_000:09d}-{self._count:06d}.json"
        letter = Letter(name, content, at, 0, at)
        self._write(letter)
        return letter

    def waiting(self) -> tuple[Letter, ...]:
        """Return all messages that wait, oldest first; a file that is none is left alone."""
        found = []
        for path in sorted(self._folder.glob("[!_]*.json")) if self._folder.is_dir() else []:
            try:
                said = json.loads(path.read_text(encoding="utf-8"))
                found.append(Letter(path.name, said["content"], said["put_at"], said["attempts"], said["due_at"]))
            except (OSError, ValueError, KeyError, TypeError):
                continue
        return tuple(found)

    def failed(self, letter: Letter, due_at: int) -> Letter:
        """Note that a message could not be sent, and when it is to be tried again."""
        later = replace(letter, attempts=letter.attempts + 1, due_at=due_at)
        self._write(later)
        return later

    def done(self, letter: Letter) -> None:
        """Take a message out."""
        with boundary(str(self._folder)):
            remove_file(self._folder / letter.name)
            sync_folder(self._folder)

    def _write(self, letter: Letter) -> None:
        said = {"content": dict(letter.content), "put_at": letter.put_at, "attempts": letter.attempts,
                "due_at": letter.due_at}  # fmt: skip
        with boundary(str(self._folder)):
            self._folder.mkdir(exist_ok=True)
            file = DurableFile(self._folder / letter.name)
            try:
                file.write(json.dumps(said, ensure_ascii=False).encode("utf-8"))
                file.publish()
            except BaseException:
                file.abandon()
                raise
            sync_folder(self._folder)
