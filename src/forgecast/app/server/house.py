"""The house: what a server process holds open, which is its home folder, its database and the plants in use."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from forgecast.app.server.access_settings import read_access
from forgecast.app.server.refusals import NotThereError
from forgecast.app.server.visitors import Visitors
from forgecast.store.database import sqlite_url
from forgecast.store.plant_folder import PlantFolder
from forgecast.store.server.database import ServerStore
from forgecast.store.server.presence import Presence
from forgecast.store.server.tables import PLANT

#: Name of the SQLite file in the home folder.
DATABASE = "server.sqlite"


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
        What `server.toml` says.
    visitors : Visitors
    presence : Presence
        Name of this process, by which others learn that it has ended.
    """

    def __init__(self, home: Path, database: str = "") -> None:
        self.home = Path(home).absolute()
        self.home.mkdir(parents=True, exist_ok=True)
        self.database = database or sqlite_url(self.home / DATABASE)
        self.access = read_access(self.home)
        self.store = ServerStore(self.database)
        self.visitors = Visitors(self.store, self.access.sessions)
        self.presence = Presence(self.home, "web")
        self._open: dict[str, PlantFolder] = {}
        self._opening = threading.Lock()

    def plant(self, plant_id: str) -> PlantFolder:
        """Return an open plant; it stays open, and serves several threads at once.

        Raises
        ------
        NotThereError
            If no plant of that name is on this server, or it was closed.
        PlantError
            If its folder cannot be opened.
        """
        with self._opening:
            found = self._open.get(plant_id)
            if found is None:
                found = self._open[plant_id] = PlantFolder.open(self.folder_of(plant_id))
            return found

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
            for plant in self._open.values():
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
