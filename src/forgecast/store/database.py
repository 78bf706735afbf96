"""The database that holds the records: SQLite in the plant folder, or PostgreSQL named by a URL."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, unquote

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from forgecast.ground.errors import PlantError
from forgecast.ground.texts import text
from forgecast.store.turn import Holder, busy, line_of, turn

#: How long one writer may hold the plant before those who wait give up and say who holds it.
BUSY_TIMEOUT_S = 30.0
#: First half of PostgreSQL's advisory lock of the one writer ("forg" as a number); the second half is the number of the
#: schema, since one database may hold many plants.
_WRITER_LOCK = 0x666F7267
#: Lines to PostgreSQL that a plant holds while nobody asks it, and at most. A server has many plants.
_IDLE_LINES, _MOST_LINES = 2, 12
_WRITES = "forgecast_writes"
_PATIENCE = "forgecast_patience"


def sqlite_url(path: Path) -> str:
    """Return the URL of an SQLite file."""
    return sa.URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


def engine(url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Engine:
    """Return the engine of a records database.

    SQLite runs in WAL mode with ``synchronous=FULL``: a transaction that was answered is on the disk. A writing
    connection (`writing`) begins with ``BEGIN IMMEDIATE``, so there is one writer at a time and readers never wait.

    Raises
    ------
    PlantError
        If the URL cannot be read, or its driver is not installed.
    """
    try:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(parsed, busy_timeout_s)
        if parsed.get_backend_name() == "postgresql":
            wait = {"options": f"-c lock_timeout={int(busy_timeout_s * 1000)}"}
            given = parsed.query.get("options")
            if isinstance(given, str):
                wait["options"] += f" {given}"
                parsed = parsed.difference_update_query(["options"])
            # Asked before it is used: the server may have been started again since.
            return sa.create_engine(
                parsed,
                connect_args=wait,
                pool_size=_IDLE_LINES,
                max_overflow=_MOST_LINES - _IDLE_LINES,
                pool_pre_ping=True,
            )
    except (sa.exc.ArgumentError, ModuleNotFoundError):
        pass
    raise PlantError(
        text("the records database `{url}` cannot be used here", url=_shown(url)),
        where="plant.toml:store.records",
        repair=text(
            "name an SQLite file of the plant folder, or postgresql+psycopg://user@host/database "
            "with `pip install forgecast[postgres]`"
        ),
    )


def _sqlite(url: sa.URL, busy_timeout_s: float) -> Engine:
    # One engine that waits its turn (`writing`) seldom meets a lock; one that does not, waits as long here.
    options = {_PATIENCE: busy_timeout_s}
    made = sa.create_engine(url, connect_args={"timeout": busy_timeout_s}, execution_options=options)

    @event.listens_for(made, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # Transactions are begun below, not by the driver: it would not put schema changes into one.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(made, "begin")
    def begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return made


@contextmanager
def writing(source: Engine, where: str, *, by: str, what: str) -> Iterator[Connection]:
    """Give the one writer's transaction: committed at the end, rolled back if anything is raised.

    Writers are served in the order in which they come (`forgecast.store.turn`; PostgreSQL's lock is fair by itself).

    Parameters
    ----------
    source : Engine
    where : str
        What to call the plant in an error.
    by, what : str
        Who writes what; others are told who wait in vain.

    Raises
    ------
    PlantError
        If another writer holds the plant for longer than the busy timeout, or the disk refuses.
    """
    if source.dialect.name == "postgresql":
        with boundary(where), source.connect() as connection, connection.begin():
            _lock_server(source, connection, where)
            named = sa.func.set_config("application_name", _told(by, what), True)  # noqa: FBT003
            connection.execute(sa.select(named))
            yield connection
        return
    line = line_of(Path(str(source.url.database)))
    patience = float(source.get_execution_options().get(_PATIENCE, BUSY_TIMEOUT_S))
    with (
        boundary(where),
        turn(line, by=by, what=what, patience_s=patience),
        source.connect().execution_options(**{_WRITES: True}) as connection,
        connection.begin(),
    ):
        yield connection


def _told(by: str, what: str) -> str:
    # PostgreSQL keeps 63 characters of it, and of ASCII only.
    return f"forgecast {quote(by, safe=' ')[:36]}: {quote(what, safe=' ')}"[:63]


def _lock_server(source: Engine, connection: Connection, where: str) -> None:
    try:
        asked = sa.text(
            "SELECT pg_advisory_xact_lock(:high + "
            "coalesce((SELECT oid FROM pg_namespace WHERE nspname = current_schema()), 0)::bigint)"
        )
        connection.execute(asked, {"high": _WRITER_LOCK << 32})
    except sa.exc.OperationalError as error:
        if "lock timeout" not in str(error.orig).lower():
            raise
        with source.connect() as other:
            raise busy(where, _server_holder(other)) from error


def _server_holder(connection: Connection) -> Holder | None:
    asked = sa.text(
        "SELECT a.application_name, a.pid, coalesce(host(a.client_addr), ''), a.xact_start "
        "FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
        "WHERE l.locktype = 'advisory' AND l.granted AND l.classid = :high AND l.objsubid = 1 AND l.objid = "
        "coalesce((SELECT oid FROM pg_namespace WHERE nspname = current_schema()), 0) "
        "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    found = connection.execute(asked, {"high": _WRITER_LOCK}).first()
    if found is None:
        return None
    by, _, what = str(found[0]).removeprefix("forgecast ").partition(": ")
    since = int(found[3].timestamp() * 1_000_000) if found[3] is not None else 0
    return Holder(unquote(by), unquote(what), f"{found[1]} @ {found[2]}", since)


@contextmanager
def reading(source: Engine, where: str) -> Iterator[Connection]:
    """Give a transaction that sees one state of the records throughout."""
    # SQLite in WAL mode gives every transaction one state by itself.
    options = {"isolation_level": "REPEATABLE READ"} if source.dialect.name == "postgresql" else {}
    with boundary(where), source.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def boundary(where: str) -> Iterator[None]:
    """Turn what the disk or the database refuses into a `PlantError` with its repair."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise _database_error(str(error.orig), where) from error
    except sqlite3.Error as error:  # raised while a connection is prepared, before SQLAlchemy wraps it
        raise _database_error(str(error), where) from error
    except OSError as error:
        raise _disk_error(error, where) from error


def _disk_error(error: OSError, where: str) -> PlantError:
    place = str(error.filename) if error.filename else where
    if error.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}:
        return PlantError(
            text("the disk is full; nothing of this file was taken in"),
            where=place,
            repair=text("free some space, or move the plant folder to a larger disk, and import again"),
        )
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return PlantError(
            text("writing is not permitted here; nothing was changed"),
            where=place,
            repair=text("give your account the right to write in the plant folder, or close what holds the file open"),
        )
    return PlantError(
        text("the disk refused: {reason}", reason=error.strerror or str(error)),
        where=place,
        repair=text("check the disk and the network drive the folder is on, and try again; nothing was changed"),
    )


def _database_error(said: str, where: str) -> PlantError:
    lower = said.lower()
    if "database is locked" in lower or "lock timeout" in lower or "database table is locked" in lower:
        return busy(where, None)
    if "full" in lower:
        return _disk_error(OSError(errno.ENOSPC, said), where)
    if "readonly" in lower or "unable to open" in lower or "permission" in lower:
        return _disk_error(PermissionError(errno.EACCES, said), where)
    if "not a database" in lower or "malformed" in lower:
        return PlantError(
            text("the records database is damaged: {reason}", reason=said),
            where=where,
            repair=text("put back a backup of the file; do not delete the files ending in -wal beside it"),
        )
    return PlantError(
        text("the records database refused: {reason}", reason=said.strip().splitlines()[0] if said.strip() else ""),
        where=where,
        repair=text("check that the database server runs, and the store.records entry of plant.toml"),
    )


def _shown(url: str) -> str:
    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except sa.exc.ArgumentError:
        return url
