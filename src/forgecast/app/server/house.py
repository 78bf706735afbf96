"""The house: what a server process holds open, which is its home folder, its database and the plants in use."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from forgecast.app.doors.kept_reads import KeptReads
from forgecast.app.server.access_settings import read_access
from forgecast.app.server.refusals import NotThereError
from forgecast.app.server.running_settings import read_running
from forgecast.app.server.visitors import Visitors
from forgecast.store.database import sqlite_url
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.server.database import ServerStore
from forgecast.store.server.presence import Presence
from forgecast.store.server.tables import PLANT

#: Name of the SQLite file in the home folder.
DATABASE = "server.sqlite"
#: A plant that nobody has asked for so long is let go of [s], and of more than so many the one that waited longest.
IDLE_S, MOST_OPEN = 900.0, 64


class House:
    """The open server; use it in a ``with`` block.

    Parameters
    ----------
    home : Path
        Folder of the server: its database (unless it is on PostgreSQL), uploads, jobs and answers.
    database : str
        SQLAlchemy address of the server's database; empty for the SQLite file in the home folder.

    Attributes
    ----------
    home : Path
    store : ServerStore
    access : AccessSettings
        What `server.toml` says of coming in.
    running : RunningSettings
        What it says of the rest.
    visitors : Visitors
    reads : KeptReads
    presence : Presence
        Name of this process, by which others learn that it has ended.
    not_entered : dict
        Answers to requests that named themselves, by account and key, which the database has refused to keep so far.
    """

    def __init__(self, home: Path, database: str = "") -> None:
        self.home = Path(home).absolute()
        self.home.mkdir(parents=True, exist_ok=True)
        self.database = database or sqlite_url(self.home / DATABASE)
        self.access = read_access(self.home)
        self.running = read_running(self.home)
        self.store = ServerStore(self.database)
        self.reads = KeptReads()
        self.visitors = Visitors(self.store, self.access.sessions)
        self.presence = Presence(self.home, "web")
        self.not_entered: dict[tuple[int, str], tuple[int, str]] = {}
        # In the order in which they were asked for last.
        self._open: dict[str, tuple[PlantFolder, float]] = {}
        self._opening = threading.Lock()

    def plant(self, plant_id: str) -> PlantFolder:
        """Return an open plant, which serves several threads at once.

        It stays open while it is asked for. Whoever still works with one that is let go of is not disturbed: its
        database opens a line again where it is asked.

        Raises
        ------
        NotThereError
            If no plant of that name is on this server, or it was closed.
        PlantError
            If its folder cannot be opened.
        """
        with self._opening:
            kept = self._open.pop(plant_id, None)
            found = PlantFolder.open(self.folder_of(plant_id)) if kept is None else kept[0]
            self._open[plant_id] = found, time.monotonic()
            self._let_go()
            return found

    @property
    def open_plants(self) -> int:
        """How many plants are open."""
        return len(self._open)

    def _let_go(self) -> None:
        """Close plants that nobody has asked for in a long time."""
        now = time.monotonic()
        for plant_id in list(self._open):
            plant, asked = self._open[plant_id]
            if now - asked < IDLE_S and len(self._open) <= MOST_OPEN:
                return
            del self._open[plant_id]
            plant.close()

    def folder_of(self, plant_id: str) -> Path:
        """Return the folder of a plant.

        Raises
        ------
        NotThereError
            If no plant of that name is on this server, or it was closed.
        """
        asked = sa.select(PLANT.c.folder).where(PLANT.c.id == plant_id, PLANT.c.closed_us.is_(None))
        with self.store.reading() as connection:
            folder = connection.execute(asked).scalar_one_or_none()
        if folder is None:
            raise NotThereError(plant_id)
        # A folder below home is kept relative, so that home can be moved or restored elsewhere.
        return (self.home / str(folder)).resolve()

    def close(self) -> None:
        """Let go of the database and of all plants."""
        with self._opening:
            for plant, _ in self._open.values():
                plant.close()
            self._open.clear()
        self.presence.close()
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
