"""Brings a records database to this version's schema, forwards only, in one transaction, with a copy kept before."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from forgecast.ground.errors import PlantError
from forgecast.ground.texts import text
from forgecast.store.audit import open_trail
from forgecast.store.database import reading, writing
from forgecast.store.who import who

#: Where the migrations lie; one file each, in the order of their numbers.
MIGRATIONS = Path(__file__).parent / "migrations"


def newest_version(migrations: Path = MIGRATIONS) -> str:
    """Return the schema version this Forgecast writes (``0001``), from the names of the migration files."""
    return max(known_versions(migrations))


def known_versions(migrations: Path = MIGRATIONS) -> frozenset[str]:
    """Return the versions of all migrations: ``v0001_first_records.py`` is 0001 (a test holds that)."""
    return frozenset(path.stem[1:5] for path in (migrations / "versions").glob("v[0-9][0-9][0-9][0-9]_*.py"))


def version_of(connection: Connection) -> str | None:
    """Return the schema version of a database, None where it has no tables of ours."""
    # Alembic is loaded only where there is something to migrate: it takes longer to load than to ask its one row.
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return None if found is None else str(found)


def bring_up_to_date(source: Engine, where: str, *, migrations: Path = MIGRATIONS, trail: bool = True) -> Path | None:
    """Migrate a database to the newest version, if it is older.

    Parameters
    ----------
    source : Engine
    where : str
        What to call the database in an error.
    migrations : Path
        Folder of the migrations.
    trail : bool
        Whether the database has an audit trail to be opened; that of a plant has.

    Returns
    -------
    Path or None
        The copy of an SQLite file made before it was changed; None where nothing had to be copied.

    Raises
    ------
    PlantError
        If the database was written by a newer version, or cannot be changed.
    """
    with reading(source, where) as connection:
        version = version_of(connection)
    newest = newest_version(migrations)
    if version == newest:
        return None
    if version is not None and version not in known_versions(migrations):
        raise PlantError(
            text(
                "the records are of version {version}; this Forgecast knows up to {newest}",
                version=version,
                newest=newest,
            ),
            where=where,
            repair=text("install a newer Forgecast: `pip install --upgrade forgecast`"),
        )
    copy = None
    if version is not None and source.url.get_backend_name() == "sqlite":
        copy = _copied(Path(str(source.url.database)), version)
    by = who()
    with writing(source, where, by=by, what=f"migration {newest}") as connection:
        _upgrade(connection, migrations)
        if trail:
            open_trail(connection, by)
    return copy


def _upgrade(connection: Connection, migrations: Path) -> None:
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    # Another process may have migrated while this one waited for the lock; upgrading again then does nothing.
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _copied(path: Path, version: str) -> Path:
    copy = path.with_name(f"{path.stem}.before-{version}{path.suffix}")
    part = copy.with_name(f"_part-{copy.name}")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(part)) as new:
        old.backup(new)
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(copy)
    return copy
