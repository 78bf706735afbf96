"""The server's own database, opened: SQLite in its home folder, or PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy.engine import Connection

from forgecast.store.database import boundary, engine
from forgecast.store.migrate import bring_up_to_date

#: Where the migrations of the server's database lie.
MIGRATIONS = Path(__file__).parent / "migrations"
#: How long a short write waits for another one [s].
BUSY_TIMEOUT_S = 10.0
_WRITES = "forgecast_writes"


class ServerStore:
    """The open database of a server; use it in a ``with`` block.

    Parameters
    ----------
    url : str
        SQLAlchemy address, of SQLite or PostgreSQL.

    Raises
    ------
    PlantError
        If it cannot be opened, or was written by a newer version.
    """

    def __init__(self, url: str) -> None:
        self._engine = engine(url, busy_timeout_s=BUSY_TIMEOUT_S)
        self.where = self._engine.url.render_as_string(hide_password=True)
        try:
            bring_up_to_date(self._engine, self.where, migrations=MIGRATIONS, trail=False)
        except BaseException:
            self._engine.dispose()
            raise

    @property
    def on_postgres(self) -> bool:
        """Tell whether several machines may work on it."""
        return self._engine.dialect.name == "postgresql"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a transaction that only reads."""
        with boundary(self.where), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a short transaction that writes: committed at the end, on the disk then; undone if anything is raised.

        Unlike a plant's, its writers are not put into one line: on PostgreSQL they work side by side.
        """
        connection = self._engine.connect().execution_options(**{_WRITES: True})
        with boundary(self.where), connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
